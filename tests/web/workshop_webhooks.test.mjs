/* Webhooks in the Workshop: added with a secret shown once, tested, paused, resumed, resent, removed. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ALLOW, startReceiver } from '../lib/receiver.mjs';
import { until } from '../lib/program.mjs';
import { API, small } from '../lib/server.mjs';
import { openBrowser, scrollsSideways } from './browser.mjs';
import { MANAGER, asBoss, dialog, heading, openAs, startWorkshop, toast, violations } from './workshop.mjs';

let server;
let browser;
let receiver;
before(async () => {
  receiver = await startReceiver();
  server = await startWorkshop({ args: ALLOW });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await receiver?.stop();
});

const button = (page, name) => page.getByRole('button', { name, exact: true });

test('a webhook is added, and its deliveries are seen, sent again, paused and resumed', async () => {
  const page = await openAs(browser, server, MANAGER, '#/workshop/webhooks');
  await page.getByText('No webhook yet').waitFor();
  await page.keyboard.press('a');
  await page.keyboard.type('ftp://nowhere');
  await button(dialog(page), 'Add webhook').click();
  await dialog(page).getByText('url must be an https address').waitFor();
  await dialog(page).getByLabel('Address').fill(receiver.url);
  await dialog(page).getByLabel('Records of').selectOption('EXA-CON-BUS-WOR');
  await dialog(page).getByLabel('Reopened').click();
  await button(dialog(page), 'Add webhook').click();
  const secret = await dialog(page).locator('.once-text').textContent();
  receiver.secrets = [secret];
  await page.getByRole('button', { name: 'I have copied it' }).click();
  await heading(page, receiver.url).waitFor();
  assert.equal((await page.content()).includes(secret), false);
  const [hook] = (await asBoss(server, 'GET', '/webhooks')).items;
  assert.deepEqual([hook.workspace, hook.events.length], ['EXA-CON-BUS-WOR', 7]);

  await button(page, 'Send a test').click();
  await receiver.expect(1);
  const { key } = await server.createAndRead(small({ title: '<i>Seal</i>' }));
  await receiver.expect(2);
  const row = page.getByRole('list', { name: 'Deliveries' }).getByRole('listitem').filter({ hasText: key });
  await page.reload();
  await button(page, 'Refresh').click();
  await row.getByText('Delivered').waitFor();
  await row.getByRole('button', { name: 'Show' }).click();
  await row.getByText('"title":"<i>Seal</i>"').waitFor();
  assert.deepEqual(await violations(page), []);
  assert.equal(await scrollsSideways(page), false);
  await row.getByRole('button', { name: 'Send again' }).click();
  assert.equal((await receiver.expect(3))[2].id, receiver.deliveries[1].id);

  await button(page, 'Pause').click();
  await toast(page, 'The webhook is paused').waitFor();
  await page.getByText('Paused', { exact: true }).waitFor();
  await server.createAndRead(small());
  await button(page, 'Resume').click();
  await receiver.expect(4);

  await button(page, 'Make a new secret').click();
  const next = await page.locator('.once .once-text').textContent();
  receiver.secrets = [secret, next];
  await server.createAndRead(small());
  await receiver.expect(5);
  await page.getByRole('button', { name: 'I have copied it' }).click();
  await button(page, 'Remove').click();
  await button(dialog(page), 'Remove').click();
  await page.getByText('No webhook yet').waitFor();
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('a button pressed twice acts once; another secret is asked about while the old one signs', async () => {
  const { id, secret } = await asBoss(server, 'POST', '/webhooks', { url: receiver.url, domain: 'EXA-CON-BUS' });
  receiver.secrets = [secret];
  const page = await openAs(browser, server, MANAGER, `#/workshop/webhooks/${id}`);
  await heading(page, receiver.url).waitFor();
  const sent = [];
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  await page.route('**/webhooks/**', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    sent.push(route.request().url().split('/').at(-1));
    await held;
    return route.continue();
  });
  await button(page, 'Send the last 24 hours again').dblclick();
  await button(page, 'Make a new secret').dblclick();
  await until(() => sent.includes('secret'), 'both to be sent');
  await page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve)); }));
  assert.deepEqual(sent.sort(), ['resend', 'secret']);
  release();
  const shown = page.locator('.once .once-text');
  const first = await shown.textContent();

  /* Known or not to the page: the old secret still signs. */
  await page.getByText('The old secret signs until').waitFor();
  await page.getByRole('button', { name: 'I have copied it' }).click();
  await button(page, 'Make a new secret').click();
  await dialog(page).getByText('The present secret and the one before both end at once').waitFor();
  assert.deepEqual(await violations(page), []);
  await button(dialog(page), 'Cancel').click();
  await dialog(page).waitFor({ state: 'detached' });
  assert.equal(sent.length, 2);
  await button(page, 'Make a new secret').click();
  await button(dialog(page), 'Make a new secret').click();
  const second = await shown.textContent();
  assert.notEqual(second, first);
  assert.equal(sent.length, 3);
  assert.equal((await asBoss(server, 'GET', `/webhooks/${id}`)).oldSecretUntil, null);
  await server.send(MANAGER.email, 'DELETE', `${API}/webhooks/${id}`);
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('a webhook that is being added is waited for, and has one event at least', async () => {
  const page = await openAs(browser, server, MANAGER, '#/workshop/webhooks');
  await page.getByText('No webhook yet').waitFor();
  await page.keyboard.press('a');
  await dialog(page).getByLabel('Address').fill(receiver.url);
  const checks = dialog(page).getByRole('group', { name: 'Events' }).getByRole('checkbox');
  for (let i = 0; i < 8; i += 1) await checks.nth(i).click();
  assert.deepEqual(await checks.evaluateAll((all) => all.map((one) => one.checked)),
    [...Array(7).fill(false), true]);
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  let sent = 0;
  await page.route('**/webhooks', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    sent += 1;
    await held;
    return route.continue();
  });
  await button(dialog(page), 'Add webhook').click();
  await until(() => sent > 0, 'it to be sent');
  await button(dialog(page), 'Close').click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
  release();
  await dialog(page).locator('.once-text').waitFor();
  await page.getByRole('button', { name: 'I have copied it' }).click();
  await heading(page, receiver.url).waitFor();
  const all = (await asBoss(server, 'GET', '/webhooks')).items;
  assert.deepEqual(all.map((one) => one.events), [['task.attached']]);
  await server.send(MANAGER.email, 'DELETE', `${API}/webhooks/${all[0].id}`);
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('in Dutch, on a phone', async () => {
  const page = await openAs(browser, server, MANAGER, '#/workshop/webhooks',
    { locale: 'nl-NL', viewport: { width: 360, height: 740 } });
  await page.getByText('Nog geen webhook').waitFor();
  assert.equal(await scrollsSideways(page), false);
  assert.deepEqual(await violations(page), []);
  await page.context().close();
});
