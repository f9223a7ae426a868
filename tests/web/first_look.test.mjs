/*
 * What is kept for a person wherever they sign in: the first look around, offered until somebody accepts or refuses it,
 * and the views that they have pinned in the rail.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { until } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';
import { focused, openBrowser, openPage, scrollsSideways, signIn } from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const person = (name, role = 'member') => ({ ...EXAMPLE, email: `${name}@example.com`, role });
const NEW = person('new');
const BUSY = person('busy');
const BOSS = person('boss', 'manager');
let server;
let browser;

before(async () => {
  server = await startServer({ users: [EXAMPLE, NEW, BUSY, BOSS] });
  browser = await openBrowser();
  await server.createAndRead(small({ title: 'Overdue', dueDate: '2020-01-01' }));
  await server.createAndRead(small({ title: 'Other' }));
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function openAs(account, options) {
  const page = await openPage(browser, server, { ...options, as: null });
  await page.addInitScript(axe);
  await page.goto('/app/');
  await signIn(page, account);
  await page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
  return page;
}
const kept = async ({ email }) => (await server.get(`${API}/me/preferences`, { as: email })).json;
const offer = (page) => page.getByText('New here? A look around takes a minute.');
const dialog = (page) => page.locator('.first-look');

test('a new person is offered a look around; by keyboard alone it leads from place to place, once', async () => {
  const page = await openAs(NEW);
  await offer(page).waitFor();
  await page.getByRole('button', { name: 'Show me around' }).focus();
  await page.keyboard.press('Enter');
  const titles = ['What needs you', 'Every incident and task', 'The weekly stand-up', 'Where you are', 'Jump anywhere',
    'Made yours'];
  for (const [i, title] of titles.entries()) {
    await page.getByRole('heading', { name: title }).waitFor();
    assert.equal((await focused(page)).text, i === titles.length - 1 ? 'Done' : 'Next');
    assert.equal(await page.locator('.looked-at').count(), 1);
    const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    assert.deepEqual(found.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
    if (i === 1) {
      await page.keyboard.press('ArrowLeft');
      await page.getByRole('heading', { name: titles[0] }).waitFor();
      await page.keyboard.press('ArrowRight');
      await page.getByRole('heading', { name: title }).waitFor();
    }
    await page.keyboard.press('Enter');
  }
  await dialog(page).waitFor({ state: 'detached' });
  assert.equal(await page.locator('.looked-at').count(), 0);
  assert.equal(await offer(page).count(), 0);
  await until(async () => (await kept(NEW)).seen.includes('first look'), 'it is remembered');
  assert.deepEqual(page.noted, []);
  await page.context().close();

  /* In another browser it is not offered again; the help has it. */
  const other = await openAs(NEW);
  await other.locator('.inbox-nothing, .inbox-row').first().waitFor();
  assert.equal(await offer(other).count(), 0);
  await other.keyboard.press('?');
  await other.getByRole('button', { name: 'Show me around' }).click();
  await other.getByRole('heading', { name: titles[0] }).waitFor();
  await other.keyboard.press('Escape');
  await dialog(other).waitFor({ state: 'detached' });
  await other.context().close();
});

test('who does not want it is not asked again; on a phone it fits, and a manager sees one more place', async () => {
  const busy = await openAs(BUSY);
  await busy.getByRole('button', { name: 'No, thanks' }).click();
  await until(async () => (await kept(BUSY)).seen.includes('first look'), 'it is remembered');
  await busy.reload();
  await busy.locator('.inbox-nothing, .inbox-row').first().waitFor();
  assert.equal(await offer(busy).count(), 0);
  await busy.context().close();

  const phone = await openAs(BOSS, { width: 360, height: 640 });
  await phone.getByRole('button', { name: 'Show me around' }).click();
  for (let n = 1; n <= 7; n += 1) {
    await phone.getByText(`${n} of 7`).waitFor();
    const box = await dialog(phone).boundingBox();
    assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= 360 && box.y + box.height <= 640, JSON.stringify(box));
    assert.equal(await scrollsSideways(phone), false);
    await phone.keyboard.press('ArrowRight');
  }
  await dialog(phone).waitFor({ state: 'detached' });
  assert.deepEqual(phone.noted, []);
  await phone.context().close();
});

test('a pinned view is under the records, in every browser of its person alone, until it is unpinned', async () => {
  const view = (await server.send(BOSS.email, 'POST', `${API}/views`,
    { name: 'Late ones <b>', query: 'overdue=true', domain: EXAMPLE.domain })).json;
  const page = await openAs(EXAMPLE);
  const pins = (of) => of.getByRole('list', { name: 'Pinned views' }).getByRole('link');
  await page.goto(`/app/#/todo?view=${view.id}`);
  await page.getByRole('button', { name: `Views: ${view.name}` }).click();
  await page.getByRole('menuitem', { name: 'Pin it at the left' }).click();
  await pins(page).waitFor();
  assert.deepEqual(await pins(page).allTextContents(), [view.name]);
  await until(async () => (await kept(EXAMPLE)).pins.length === 1, 'it is kept');
  await page.context().close();

  const again = await openAs(EXAMPLE);
  await pins(again).click();
  await again.locator('.pins [aria-current=page]').waitFor();
  await again.locator('.tasks[aria-busy=false]').getByRole('link', { name: 'Overdue' }).waitFor();
  assert.equal(await again.getByRole('link', { name: 'Other', exact: true }).count(), 0);
  const boss = await openAs(BOSS);
  await boss.locator('.inbox-nothing, .inbox-row').first().waitFor();
  assert.equal(await pins(boss).count(), 0);
  await boss.context().close();
  await again.getByRole('button', { name: `Views: ${view.name}` }).click();
  await again.getByRole('menuitem', { name: 'Unpin it' }).click();
  await pins(again).waitFor({ state: 'detached' });
  await until(async () => (await kept(EXAMPLE)).pins.length === 0, 'it is kept');
  assert.deepEqual(again.noted, []);
  await again.context().close();
});
