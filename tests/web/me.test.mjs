/* One's own things: sign-ins, password, look. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { EXAMPLE } from '../lib/server.mjs';
import { openBrowser, openPage, scrollsSideways, signIn } from './browser.mjs';
import { BOSS, MANAGER, heading, openAs, startWorkshop, toast, violations } from './workshop.mjs';

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

test('the account menu leads to the settings, each section at its address', async () => {
  const page = await openAs(browser, server, EXAMPLE, '#/todo');
  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await heading(page, 'My settings').waitFor();
  await page.getByRole('link', { name: /^Sign-ins/ }).click();
  await heading(page, 'Sign-ins').waitFor();
  assert.match(page.url(), /#\/me\/sessions$/);
  await page.goto('/app/#/me/nothing');
  await heading(page, 'This page does not exist').waitFor();
  await page.context().close();
});

test('one sign-in is ended, then all others; this browser stays', async () => {
  const page = await openAs(browser, server, EXAMPLE, '#/me/sessions');
  const other = await openAs(browser, server, EXAMPLE, '#/todo');
  const third = await openAs(browser, server, EXAMPLE, '#/todo');
  const rows = page.getByRole('list', { name: 'Sign-ins' }).getByRole('listitem');
  const signedIn = async (one) => (await one.request.get(`${server.url}/app/session`)).status();
  await page.reload();
  await rows.nth(2).waitFor();
  const count = await rows.count();
  assert.match(await rows.first().textContent(), /This browser/);
  // The newest of the others comes first.
  await rows.nth(1).getByRole('button', { name: /^Sign out/ }).click();
  await toast(page, 'Signed out there').waitFor();
  await page.waitForFunction((most) => document.querySelectorAll('.sign-ins li').length < most, count);
  assert.deepEqual([await signedIn(third), await signedIn(other)], [401, 200]);
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await page.getByText('You are signed in only here.').waitFor();
  assert.deepEqual([await signedIn(other), await signedIn(page)], [401, 200]);
  for (const one of [page, other, third]) await one.context().close();
});

test('a password is changed by its owner, who knows the one before', async () => {
  const next = 'An0ther password';
  const page = await openAs(browser, server, MANAGER, '#/me/password');
  const current = page.getByLabel('Current password');
  const fresh = page.getByLabel('New password');
  const change = page.getByRole('button', { name: 'Change password' });
  await change.click();
  await page.getByText('Enter your current password.').waitFor();
  await current.fill('wrong');
  await fresh.fill(next);
  await change.click();
  await page.locator('#current-password-fault').waitFor();
  await current.fill(EXAMPLE.password);
  await fresh.fill('short');
  await change.click();
  await page.locator('#new-password-fault').waitFor();
  await fresh.fill(next);
  await change.click();
  await toast(page, 'Your password is changed.').waitFor();
  assert.deepEqual([await current.inputValue(), await fresh.inputValue()], ['', '']);
  assert.equal((await page.request.get(`${server.url}/app/session`)).status(), 200);
  await page.context().close();
  const other = await openPage(browser, server, { as: null });
  await other.goto('/app/');
  await signIn(other, { email: MANAGER.email, password: next });
  await other.getByRole('button', { name: /^Account/ }).waitFor();
  await other.context().close();
});

test('theme, language, letters and the first page are chosen here, and stay until signing out', async () => {
  const page = await openAs(browser, server, BOSS, '#/me/look');
  await page.getByLabel('Theme').selectOption('dark');
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  await page.getByLabel('Dates').selectOption('iso');
  await page.getByLabel('The app begins with').selectOption('workshop');
  await page.getByLabel('Single-letter shortcuts').click();
  await page.goto('/app/#/');
  await heading(page, 'Workshop').waitFor();
  assert.match(page.url(), /#\/workshop$/);
  await page.goto('/app/#/workshop/people');
  await page.getByRole('link', { name: /boss@example.com/ }).waitFor();
  await page.keyboard.press('a');
  assert.equal(await page.locator('dialog[open]').count(), 0);
  await page.goto('/app/#/me/look');
  await page.getByLabel('Language').selectOption('nl');
  await heading(page, 'Weergave en toetsen').waitFor();
  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByRole('menuitem', { name: 'Afmelden' }).click();
  await page.locator('#password').waitFor();
  assert.equal(await page.evaluate(() => localStorage.length), 0);
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('an address of one\'s calendar is made once by two presses', async () => {
  const page = await openAs(browser, server, EXAMPLE, '#/me/calendar');
  const made = [];
  page.on('response', (answer) => answer.request().method() === 'POST' && made.push(answer.url()));
  const button = page.getByRole('button', { name: 'Make an address', exact: true });
  await button.evaluate((one) => {
    one.click();
    one.click();
  });
  await page.locator('.once-text').waitFor();
  await page.getByText('You have an address since').waitFor();
  assert.equal(made.length, 1, made.join());
  await page.getByRole('button', { name: 'Revoke', exact: true }).click();
  await page.locator('dialog[open]').getByRole('button', { name: 'Revoke', exact: true }).click();
  await page.getByText('You have no address yet.').waitFor();
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('the address of one\'s calendar is made, shown once, read by a program and revoked', async () => {
  const page = await openAs(browser, server, EXAMPLE, '#/me/calendar', { width: 360 });
  const button = (name) => page.getByRole('button', { name, exact: true });
  const text = () => page.locator('.once-text').textContent();
  const feed = async (address) => (await fetch(`${server.url}${new URL(address).pathname}`)).status;
  await page.getByText('You have no address yet.').waitFor();
  await button('Make an address').click();
  const first = await text();
  assert.match(first, /\/calendar\/bzca_[\w-]+\.ics$/);
  assert.equal(await feed(first), 200);
  assert.deepEqual(await violations(page), []);
  assert.equal(await scrollsSideways(page), false);
  await page.reload();
  await page.getByText('It is not shown again.').waitFor();
  assert.equal((await page.content()).includes('bzca_'), false);
  await button('Make a new address').click();
  const second = await text();
  assert.deepEqual([await feed(first), await feed(second)], [404, 200]);
  await button('I have copied it').click();
  await button('Revoke').click();
  await page.locator('dialog[open]').getByRole('button', { name: 'Revoke', exact: true }).click();
  await toast(page, 'The address is revoked').waitFor();
  await page.getByText('You have no address yet.').waitFor();
  assert.equal(await feed(second), 404);
  assert.deepEqual(page.noted, []);
  await page.context().close();
});
