/* Clients and secrets in the Workshop: shown once, several, revoked. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../lib/program.mjs';
import { small } from '../lib/server.mjs';
import { openBrowser, scrollsSideways } from './browser.mjs';
import { BOSS, MANAGER, asBoss, dialog, heading, openAs, startWorkshop, toast, undo } from './workshop.mjs';

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

const clients = '#/workshop/clients';
const client = (id) => asBoss(server, 'GET', `/clients/${id}`);
const tokenOf = (clientId, secret) =>
  server.grant({ grant_type: 'client_credentials', client_id: clientId, client_secret: secret });
const make = (name) =>
  asBoss(server, 'POST', '/clients', { name, domain: 'EXA-CON-BUS', scopes: ['task:create', 'task:read'] });

test('a client is added with scopes and workspaces; its secret is shown once, and works', async () => {
  const page = await openAs(browser, server, MANAGER, clients, { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.getByText('No system is connected yet').waitFor();
  await page.keyboard.press('a');
  await page.keyboard.type('Customs <i>platform</i>');
  assert.deepEqual(await dialog(page).getByLabel('Domain').locator('option').allTextContents(), ['EXA-CON-BUS']);
  await dialog(page).getByLabel('Read', { exact: true }).click();
  await dialog(page).getByLabel('Only in these:').click();
  await dialog(page).getByRole('button', { name: 'Add client' }).click();
  await page.getByRole('button', { name: 'Copy the secret' }).click();
  const secret = await dialog(page).locator('.once-text').textContent();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secret);
  await page.getByRole('button', { name: 'I have copied it' }).click();
  await heading(page, 'Customs <i>platform</i>').waitFor();
  await page.getByText(`${secret.slice(0, 9)}…`).waitFor();
  assert.equal((await page.content()).includes(secret), false);
  assert.equal(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage })).then((text) =>
    text.includes(secret)), false);

  const clientId = page.url().split('/').at(-1);
  const stored = await client(clientId);
  assert.deepEqual([stored.scopes, stored.workspaces], [['task:create'], ['EXA-CON-BUS-WOR']]);
  const token = await tokenOf(clientId, secret);
  assert.equal(token.status, 200);
  const sent = await server.addTask(small(), { token: token.json.access_token });
  assert.equal(sent.status, 201, sent.text);
  await page.reload();
  await page.getByText(/^Last used: (?!Never)/).waitFor();
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('a second secret is made, and the first revoked by a step that names it', async () => {
  const { clientId, secret } = await make('Terminal');
  const page = await openAs(browser, server, BOSS, `${clients}/${clientId}`);
  await page.getByLabel('Valid until').fill('2020-01-31');
  await page.getByRole('button', { name: 'Make another secret' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Valid until').fill('2035-01-31');
  await page.getByRole('button', { name: 'Make another secret' }).click();
  const second = await page.locator('.once-text').textContent();
  await page.getByRole('button', { name: 'I have copied it' }).click();
  await page.getByText(/Expires 31 Jan 2035/).waitFor();
  assert.equal((await tokenOf(clientId, second)).status, 200);
  assert.equal((await tokenOf(clientId, secret)).status, 200);

  const hint = secret.slice(0, 9);
  await page.getByRole('button', { name: `Revoke the secret ${hint}…` }).click();
  await dialog(page).getByRole('heading', { name: `Revoke the secret ${hint}…` }).waitFor();
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  assert.equal((await tokenOf(clientId, secret)).status, 200);
  await page.getByRole('button', { name: `Revoke the secret ${hint}…` }).click();
  await dialog(page).getByRole('button', { name: 'Revoke', exact: true }).click();
  await toast(page, `Secret ${hint}… revoked`).waitFor();
  assert.equal((await tokenOf(clientId, secret)).status, 401);
  assert.equal((await tokenOf(clientId, second)).status, 200);
  await page.context().close();
});

test('what a client may do and where is changed at once, with a way back; it can be disabled', async () => {
  const { clientId, secret } = await make('Switches');
  const page = await openAs(browser, server, BOSS, `${clients}/${clientId}`);
  await page.getByLabel('Change', { exact: true }).click();
  await toast(page, 'Switches changed').waitFor();
  assert.deepEqual((await client(clientId)).scopes.sort(), ['task:create', 'task:read', 'task:write']);
  await undo(page);
  await toast(page, /^Undone: /).waitFor();
  assert.deepEqual((await client(clientId)).scopes.sort(), ['task:create', 'task:read']);
  await page.getByLabel('Name').fill('Other name');
  await page.keyboard.press('Enter');
  await heading(page, 'Other name').waitFor();
  await page.getByRole('button', { name: 'Disable the client' }).click();
  await page.getByText('Disabled', { exact: true }).waitFor();
  assert.equal((await tokenOf(clientId, secret)).status, 401);
  await page.getByRole('button', { name: 'Enable the client' }).click();
  await page.getByRole('button', { name: 'Disable the client' }).waitFor();
  assert.equal((await tokenOf(clientId, secret)).status, 200);
  await page.context().close();
});

test('a name that is typed stays when somebody else changes the client', async () => {
  const { clientId } = await make('Before');
  const page = await openAs(browser, server, MANAGER, `${clients}/${clientId}`);
  const name = page.getByLabel('Name');
  await name.fill('Mine');
  await asBoss(server, 'PATCH', `/clients/${clientId}`, { scopes: ['task:read'] }, { 'if-match': '*' });
  await page.getByLabel('Change', { exact: true }).click();
  await toast(page, 'Somebody else has just changed this').waitFor();
  await until(async () => !(await page.getByLabel('Report', { exact: true }).isChecked()), 'the page to show theirs');
  assert.equal(await name.inputValue(), 'Mine');
  await name.press('Enter');
  await heading(page, 'Mine').waitFor();
  assert.deepEqual((await client(clientId)).scopes, ['task:read']);
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('a client of another domain is not found, and neither is one that never was', async () => {
  const { clientId } = await asBoss(server, 'POST', '/clients', { name: 'Air', domain: 'EXA-CON-AIR', scopes: [] });
  for (const id of [clientId, 'client-0']) {
    const page = await openAs(browser, server, MANAGER, `${clients}/${id}`);
    await page.getByRole('heading', { name: 'Not found' }).waitFor();
    await page.context().close();
  }
});

test('health and settings are shown to an administrator, each setting with its origin', async () => {
  const page = await openAs(browser, server, BOSS, '#/workshop/health', { width: 360, height: 740 });
  await page.getByText('All is well.').waitFor();
  const { items } = await asBoss(server, 'GET', '/settings');
  const rows = page.getByRole('list', { name: 'Settings' }).getByRole('listitem');
  assert.equal(await rows.count(), items.length);
  await rows.filter({ hasText: 'listen' }).filter({ hasText: 'Command line' }).waitFor();
  await page.getByLabel('Find a setting').fill('rate');
  await page.waitForFunction((all) => document.querySelectorAll('[aria-label=Settings] li').length < all, items.length);
  assert.equal(await scrollsSideways(page), false);
  await page.context().close();
});
