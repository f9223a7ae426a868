/* Single sign-on in the Workshop: its settings, the rules of groups, and a test that changes nothing. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeFile, until } from '../lib/program.mjs';
import { providerArguments, startProvider, Visitor } from '../lib/provider.mjs';
import { EXAMPLE, small } from '../lib/server.mjs';
import { numberStored } from '../lib/database.mjs';
import { openBrowser, scrollsSideways } from './browser.mjs';
import { BOSS, MANAGER, asBoss, dialog, heading, openAs, startWorkshop, toast, undo, violations } from './workshop.mjs';

let provider;
let server;
let browser;
before(async () => {
  provider = await startProvider();
  server = await startWorkshop({ args: providerArguments(provider, makeFile('a secret\n')) });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await provider?.stop();
});

const place = '#/workshop/single-sign-on';
const rules = async () => (await asBoss(server, 'GET', '/single-sign-on/rules')).items
  .map(({ group, domain, role }) => [group, domain, role]);
const listed = (page) => page.getByRole('list', { name: 'Rules', exact: true });

test('it says how single sign-on is set, to administrators alone', async () => {
  const page = await openAs(browser, server, BOSS, place);
  await page.getByText(provider.issuer, { exact: true }).waitFor();
  await page.getByText(`${server.url}/app/sso/callback`).waitFor();
  await page.getByText('There are no rules yet').waitFor();
  assert.doesNotMatch(await page.locator('main').textContent(), /a secret/);
  await page.context().close();
  const other = await openAs(browser, server, MANAGER, '#/workshop');
  await heading(other, 'Workshop').waitFor();
  assert.equal(await other.getByRole('link', { name: /Single sign-on/ }).count(), 0);
  await other.context().close();
});

test('a rule is added, judged by the server, removed and brought back', async () => {
  const page = await openAs(browser, server, BOSS, place);
  await page.getByRole('heading', { level: 2, name: 'Rules', exact: true }).waitFor();
  await page.keyboard.press('a');
  await dialog(page).getByLabel('Group').waitFor();
  await page.keyboard.press('Enter');
  await dialog(page).getByRole('alert').waitFor(); /* a group is required */
  assert.deepEqual(await rules(), []);
  await dialog(page).getByLabel('Group').fill('customs <b>&');
  await dialog(page).getByLabel('Domain').selectOption('EXA-CON-BUS');
  await dialog(page).getByLabel('Role').selectOption('manager');
  await page.keyboard.press('Enter');
  await listed(page).getByText('customs <b>&').waitFor();
  await listed(page).getByText('Manager on EXA-CON-BUS').waitFor();
  assert.deepEqual(await rules(), [['customs <b>&', 'EXA-CON-BUS', 'manager']]);

  await page.getByRole('button', { name: 'Remove the rule for customs <b>& on EXA-CON-BUS' }).click();
  await toast(page, 'is removed').waitFor();
  await until(async () => (await rules()).length === 0, 'the rule is gone');
  await undo(page);
  await listed(page).getByText('customs <b>&').waitFor();
  assert.deepEqual(await rules(), [['customs <b>&', 'EXA-CON-BUS', 'manager']]);
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('a test shows which groups arrive and which roles would follow, and changes nothing', async () => {
  const accounts = () => numberStored(server.dir, 'SELECT COUNT(*) FROM account');
  const before = accounts();
  provider.person = { sub: 'a', email: 'new@example.com', email_verified: true, name: 'New',
    groups: ['customs <b>&', 'others'] };
  const page = await openAs(browser, server, BOSS, place);
  await page.getByRole('button', { name: 'Sign in as yourself and see which groups arrive' }).click();
  await page.getByText('You would get in.').waitFor();
  assert.equal(new URL(page.url()).hash, place);
  assert.deepEqual(await page.getByRole('list', { name: 'Groups that arrived' }).getByRole('listitem')
    .allTextContents(), ['customs <b>&', 'others']);
  assert.deepEqual(await page.getByRole('list', { name: 'Roles that follow' }).getByRole('listitem')
    .allTextContents(), ['Manager on EXA-CON-BUS (by a group)']);
  const session = await page.evaluate(async () => (await fetch('/app/session')).json());
  assert.equal(session.email, BOSS.email, 'they stay who they are');
  assert.equal(accounts(), before);

  provider.person = { ...provider.person, groups: [] };
  await page.getByRole('button', { name: /^Sign in as yourself/ }).click();
  await page.getByText('You would not get in: none of your groups gives a role here.').waitFor();
  await page.getByText('None. Set up the provider so that it sends them.').waitFor();
  await page.context().close();
});

test('roles that groups give are shown where people are looked after, to be read only, and count', async () => {
  await asBoss(server, 'POST', '/single-sign-on/rules', { group: 'brokers', domain: 'EXA-CON-AIR', role: 'member' });
  provider.person = { sub: 'b', email: 'broker@example.com', email_verified: true, name: 'Bea Broker',
    groups: ['brokers'] };
  assert.equal((await new Visitor(server).signIn()).status, 200);
  await server.createAndRead(small({ assignee: EXAMPLE.email }));

  const page = await openAs(browser, server, BOSS, '#/workshop/people');
  const row = page.getByRole('link', { name: /Bea Broker/ });
  await row.getByText('Member · EXA-CON-AIR (by a group)').waitFor();
  await page.getByLabel('Find by name, address or domain').fill('exa-con-air');
  await page.getByText('1 person').waitFor();
  await row.click();
  await heading(page, 'Bea Broker').waitFor();
  await page.getByText('Member (by a group)').waitFor();
  assert.equal(await page.getByText('No role', { exact: true }).count(), 0);
  assert.equal(await page.getByLabel(/^Role on /).count(), 0);
  assert.deepEqual(await violations(page), []);
  await page.goto(`/app/#/workshop/people/${EXAMPLE.email}`);
  await page.getByRole('button', { name: 'Hand to…' }).click();
  await page.getByRole('option', { name: /Bea Broker/ }).waitFor();
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('removing a rule that gives people a role is asked about, and its undo says when they get it back', async () => {
  const page = await openAs(browser, server, BOSS, place);
  const remove = page.getByRole('button', { name: 'Remove the rule for brokers on EXA-CON-AIR' });
  await remove.click();
  await dialog(page).getByText('When you remove a rule, they lose the role at once.').waitFor();
  assert.deepEqual(await violations(page), []);
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  assert.equal((await rules()).length, 2);
  await remove.click();
  await dialog(page).getByRole('button', { name: 'Remove', exact: true }).click();
  await toast(page, 'is removed').waitFor();
  await undo(page);
  await toast(page, 'A group gives its people a role from their next sign-in on.').waitFor();
  assert.equal((await rules()).length, 2);
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

for (const [theme, width] of [['light', 1280], ['dark', 360]])
  test(`${theme}, ${width} px: the page is in order`, async () => {
    const page = await openAs(browser, server, BOSS, place, { theme, width });
    await listed(page).waitFor();
    await page.getByText('What your last test found').waitFor();
    assert.deepEqual(await violations(page), []);
    assert.equal(await scrollsSideways(page), false);
    if (process.env.BZCTRL_PICTURES)
      await page.screenshot({ path: `${process.env.BZCTRL_PICTURES}/sso-${theme}.png`, fullPage: true });
    await page.context().close();
  });
