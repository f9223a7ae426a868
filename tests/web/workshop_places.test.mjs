/* Domains and workspaces in the Workshop. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../lib/program.mjs';
import { openBrowser } from './browser.mjs';
import { BOSS, MANAGER, asBoss, dialog, openAs, startWorkshop, toast, undo } from './workshop.mjs';

let server;
let browser;
before(async () => {
  server = await startWorkshop();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const places = '#/workshop/workspaces';
const tree = (page) => page.getByRole('list', { name: 'Domains and workspaces' });
const keys = (page) => tree(page).locator('code').allTextContents();

test('the tree shows every domain and workspace that one manages, and no others', async () => {
  const page = await openAs(browser, server, BOSS, places);
  await tree(page).waitFor();
  assert.deepEqual(await keys(page),
    ['EXA', 'EXA-CON', 'EXA-CON-AIR', 'EXA-CON-AIR-CGO', 'EXA-CON-BUS', 'EXA-CON-BUS-WOR']);
  await page.context().close();
  const own = await openAs(browser, server, MANAGER, places);
  await tree(own).waitFor();
  assert.deepEqual(await keys(own), ['EXA-CON-BUS', 'EXA-CON-BUS-WOR']);
  assert.equal(await own.getByRole('button', { name: 'Add domain' }).count(), 0);
  await own.context().close();
});

test('a workspace is added below a domain, in the time zone of the browser, and is in the scope at once', async () => {
  const page = await openAs(browser, server, MANAGER, places, { timezoneId: 'Europe/Amsterdam' });
  await page.getByRole('button', { name: 'Add to EXA-CON-BUS' }).click();
  await page.getByRole('menuitem', { name: 'Add workspace here' }).click();
  await page.keyboard.type('no good');
  await page.keyboard.press('Enter');
  await dialog(page).getByRole('alert').waitFor();
  await dialog(page).getByLabel('Short name').fill('tml');
  await dialog(page).getByText('The key will be EXA-CON-BUS-TML.').waitFor();
  await dialog(page).getByLabel('Name', { exact: true }).fill('Terminal <b>Ma</b>asvlakte');
  await page.keyboard.press('Enter');
  await tree(page).getByText('Terminal <b>Ma</b>asvlakte').waitFor();
  const { name, timezone } = await asBoss(server, 'GET', '/workspaces/EXA-CON-BUS-TML');
  assert.deepEqual([name, timezone], ['Terminal <b>Ma</b>asvlakte', 'Europe/Amsterdam']);
  await page.getByRole('button', { name: 'Scope' }).click();
  await page.getByRole('option', { name: /Terminal/ }).waitFor();
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('a domain is added at the root, and one below it', async () => {
  const page = await openAs(browser, server, BOSS, places);
  await page.getByRole('button', { name: 'Add domain' }).click();
  await page.keyboard.type('ant');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Add to ANT' }).click();
  await page.getByRole('menuitem', { name: 'Add domain below' }).click();
  await page.keyboard.type('har');
  await page.keyboard.press('Enter');
  await tree(page).getByText('ANT-HAR').waitFor();
  assert.equal((await asBoss(server, 'GET', '/domains/ANT-HAR')).key, 'ANT-HAR');
  await page.context().close();
});

test('a workspace is renamed and given another time zone, and back', async () => {
  const page = await openAs(browser, server, BOSS, places);
  const stored = async () => {
    const { name, timezone } = await asBoss(server, 'GET', '/workspaces/EXA-CON-BUS-WOR');
    return [name, timezone];
  };
  const before = await stored();
  await page.getByRole('button', { name: 'Change EXA-CON-BUS-WOR' }).click();
  await dialog(page).getByLabel('Name', { exact: true }).fill('Orders');
  await dialog(page).getByLabel('Time zone').selectOption('Asia/Tokyo');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await tree(page).getByText('Orders', { exact: true }).waitFor();
  assert.deepEqual(await stored(), ['Orders', 'Asia/Tokyo']);
  await undo(page);
  await toast(page, /^Undone: /).waitFor();
  assert.deepEqual(await stored(), before);
  await page.context().close();
});

test('what somebody else changes while the dialog is open stays, and so does what is typed', async () => {
  const page = await openAs(browser, server, BOSS, places);
  await page.getByRole('button', { name: 'Change EXA-CON-AIR-CGO' }).click();
  const name = dialog(page).getByLabel('Name', { exact: true });
  const save = dialog(page).getByRole('button', { name: 'Save' });
  await name.fill('Typed');
  await asBoss(server, 'PATCH', '/workspaces/EXA-CON-AIR-CGO', { timezone: 'Asia/Tokyo' }, { 'if-match': '*' });
  await save.click();
  await dialog(page).getByRole('alert').waitFor();
  const zone = dialog(page).getByLabel('Time zone');
  await until(async () => (await zone.inputValue()) === 'Asia/Tokyo', 'the dialog to show theirs');
  assert.equal(await name.inputValue(), 'Typed');
  await save.click();
  await dialog(page).waitFor({ state: 'detached' });
  const now = await asBoss(server, 'GET', '/workspaces/EXA-CON-AIR-CGO');
  assert.deepEqual([now.name, now.timezone], ['Typed', 'Asia/Tokyo']);
  await page.context().close();
});

test('the default form is another, and back to the built-in one', async () => {
  await asBoss(server, 'POST', '/workspaces/EXA-CON-BUS-WOR/forms', { name: 'strict', unknownMembers: 'refuse' });
  const standard = async () =>
    (await asBoss(server, 'GET', '/workspaces/EXA-CON-BUS-WOR/forms')).items.find((one) => one.default)?.name;
  const page = await openAs(browser, server, BOSS, places);
  const choose = async (name) => {
    await page.getByRole('button', { name: 'Change EXA-CON-BUS-WOR' }).click();
    await dialog(page).getByLabel('Default form').selectOption(name);
    await toast(page, 'EXA-CON-BUS-WOR changed').waitFor();
    await page.keyboard.press('Escape');
  };
  await choose('strict');
  assert.equal(await standard(), 'strict');
  /* The undo arrives when the dialog is open again. */
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  await page.route('**/workspaces/**', async (route) => {
    if (route.request().method() !== 'GET') await held;
    return route.continue();
  });
  const chosen = (name) =>
    page.waitForFunction((to) => document.querySelectorAll('dialog select')[1]?.value === to, name);
  await undo(page);
  await page.getByRole('button', { name: 'Change EXA-CON-BUS-WOR' }).click();
  await chosen('strict');
  release();
  await chosen('default');
  assert.notEqual(await standard(), 'strict');
  await page.context().close();
});
