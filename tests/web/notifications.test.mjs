/* The bell: what others do appears as it happens, leads to its record and is read there; and its settings. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../lib/program.mjs';
import { API, EXAMPLE, small } from '../lib/server.mjs';
import { openBrowser } from './browser.mjs';
import { MANAGER, heading, openAs, startWorkshop } from './workshop.mjs';

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

const report = (title) =>
  server.createAndRead(small({ title, reporter: MANAGER.email, assignee: EXAMPLE.email }), { as: MANAGER.email });
const settings = async () =>
  (await server.get(`${API}/me/notifications/settings`, { as: EXAMPLE.email })).json;

test('the bell counts what others do, live; opening a record reads what it says of it', async () => {
  const page = await openAs(browser, server, EXAMPLE, '#/todo');
  await page.getByRole('button', { name: 'Notifications', exact: true }).waitFor();
  const first = await report('<b>First</b>');
  await page.getByRole('button', { name: 'Notifications: 1 unread' }).waitFor();
  const second = await report('Second');
  await page.getByRole('button', { name: 'Notifications: 2 unread' }).click();
  const rows = page.getByRole('list', { name: 'Notifications' }).getByRole('listitem');
  await rows.nth(1).waitFor();
  assert.match(await rows.nth(1).textContent(), /Unread: <b>First<\/b>Assigned by .*EXA-CON-BUS-WOR-0?\d/);
  await rows.nth(0).getByRole('link').click();
  await heading(page, 'Second').waitFor();
  assert.ok(page.url().endsWith(`#/todo/${second.key}`));
  await page.getByRole('button', { name: 'Notifications: 1 unread' }).waitFor();
  await page.goto(`/app/#/todo/${first.key}`);
  await page.reload(); /* as from a mail */
  await until(async () => (await server.get(`${API}/me/notifications`, { as: EXAMPLE.email })).json.unread === 0,
    'the record is read');
  await page.getByRole('button', { name: 'Notifications', exact: true }).waitFor();
  await page.context().close();
});

test('all are marked as read at once', async () => {
  await report('Third');
  await report('Fourth');
  const page = await openAs(browser, server, EXAMPLE, '#/todo');
  await page.getByRole('button', { name: 'Notifications: 2 unread' }).click();
  await page.getByRole('button', { name: 'Mark all as read' }).click();
  await page.getByRole('button', { name: 'Notifications', exact: true }).waitFor();
  await page.locator('.bell-panel:has(li):not(:has(.unread))').waitFor();
  await page.context().close();
});

test('the reasons and the ways are set in a table', async () => {
  const page = await openAs(browser, server, EXAMPLE, '#/me');
  await page.getByRole('link', { name: /^Notifications/ }).click();
  await heading(page, 'Notifications').waitFor();
  const box = page.getByRole('checkbox', { name: 'I am mentioned: By mail' });
  assert.equal(await box.isChecked(), true);
  await box.click();
  await page.getByLabel('Send mail').selectOption('daily');
  await page.waitForFunction(() => document.querySelector('select').value === 'daily');
  const now = await settings();
  assert.deepEqual([now.reasons.mentioned, now.bundle], [{ app: true, mail: false }, 'daily']);
  assert.equal(await box.isChecked(), false);
  await page.getByText('This server is not set up to send mail.').waitFor();
  await page.context().close();
});
