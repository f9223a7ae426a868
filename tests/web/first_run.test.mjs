/* From an empty store to the first record: the link that the server prints, a client, and its command. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { until } from '../lib/program.mjs';
import { startServer } from '../lib/server.mjs';
import { openBrowser, openPage, scrollsSideways, signIn } from './browser.mjs';
import { dialog, heading } from './workshop.mjs';

const FIRST = { email: 'first@example.com', password: 'a good long one' };
let server;
let browser;
before(async () => {
  server = await startServer({ users: [], workspaces: [] });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const link = () => [...server.log.matchAll(/(#\/first-run\/bzfr_\S+)/g)].at(-1)?.[1];

test('the sign-in page says where the link is', async () => {
  const page = await openPage(browser, server, { as: null });
  await page.goto('/app/');
  await page.getByText('the server printed a link for the first administrator').waitFor();
  await page.context().close();
});

test('the link makes the administrator and the workspace; then a client posts the first record by curl', async () => {
  await until(link, 'the link');
  const page = await openPage(browser, server, { as: null, width: 360, height: 740 });
  await page.goto(`/app/${link()}`);
  await heading(page, 'Set up BzCtrl').waitFor();
  await page.getByLabel('E-mail address').waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('Enter your e-mail address.').waitFor();
  await page.keyboard.type(FIRST.email);
  await page.getByLabel('Password', { exact: true }).fill('short');
  await page.getByLabel('Key').fill('ONE');
  await page.keyboard.press('Enter');
  // Everything that is wrong at once, each at its field, and the first has the focus.
  await page.getByRole('alert').nth(1).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'password');
  assert.equal(await page.getByLabel('Key').getAttribute('aria-invalid'), 'true');
  assert.equal(await scrollsSideways(page), false);
  await page.getByLabel('Password', { exact: true }).fill(FIRST.password);
  await page.getByLabel('Name', { exact: true }).fill('Anna First');
  await page.getByLabel('Key').fill('exa-con-bus-wor');
  await page.keyboard.press('Enter');
  await heading(page, 'You are the administrator').waitFor();

  await page.getByRole('link', { name: /^Clients and secrets/ }).click();
  await page.getByRole('button', { name: 'Add client' }).click();
  await dialog(page).getByLabel('Name').fill('First system');
  await dialog(page).getByRole('button', { name: 'Add client' }).click();
  const command = await dialog(page).locator('.command code').textContent();
  const { stdout } = await promisify(execFile)('sh', ['-c', command]);
  assert.match(stdout, /EXA-CON-BUS-WOR-01/);
  await page.goto('/app/#/todo');
  await page.getByRole('link', { name: 'First report' }).waitFor();
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('the link is void then, and says how to get in', async () => {
  const page = await openPage(browser, server, { as: null });
  await page.goto(`/app/${link()}`);
  await page.getByLabel('E-mail address').fill('second@example.com');
  await page.getByLabel('Password', { exact: true }).fill('another long one');
  await page.keyboard.press('Enter');
  await heading(page, 'This link is no longer valid').waitFor();
  await page.getByText('start the server again').waitFor();
  await page.getByRole('link', { name: 'Go to sign in' }).click();
  await heading(page, 'Sign in to BzCtrl').waitFor();
  assert.equal(await page.getByText('the server printed a link').count(), 0);
  await signIn(page, FIRST);
  await page.getByRole('link', { name: 'Workshop' }).waitFor();
  await page.context().close();
});
