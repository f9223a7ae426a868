/* The page that a link for a new password leads to. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { EXAMPLE, startServer } from '../lib/server.mjs';
import { focused, openBrowser, openPage, signIn } from './browser.mjs';

const NEXT = 'An0ther password';
let server;
let browser;
before(async () => {
  server = await startServer();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const makeLink = async () => (await server.command(['user', 'reset-link', EXAMPLE.email])).trim();
const field = (page) => page.getByLabel('New password');

test('a link leads to a new password, and to signing in with it', async () => {
  const page = await openPage(browser, server, { as: null });
  await page.goto(await makeLink());
  await field(page).waitFor();
  assert.equal(await page.title(), 'New password · BzCtrl');
  assert.equal((await focused(page)).id, 'password');
  assert.equal(await field(page).getAttribute('autocomplete'), 'new-password');
  await page.keyboard.press('Enter');
  await page.getByText('Enter a new password.').waitFor();
  for (const [weak, words] of [['short', /at least 8/], ['password', /too common/],
      [EXAMPLE.email, /e-mail address\. Choose another/]]) {
    await field(page).fill(weak);
    await page.keyboard.press('Enter');
    const fault = page.getByRole('alert').filter({ hasText: words });
    await fault.waitFor();
    assert.ok((await field(page).getAttribute('aria-describedby')).split(' ').includes(await fault.getAttribute('id')));
    assert.equal(await field(page).getAttribute('aria-invalid'), 'true');
    assert.equal((await focused(page)).id, 'password');
  }
  await field(page).fill(NEXT);
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByRole('heading', { level: 1, name: 'Your new password is set' }).waitFor();
  assert.equal((await focused(page)).tag, 'H1');
  await page.getByRole('link', { name: 'Go to sign in' }).click();
  await signIn(page, { email: EXAMPLE.email, password: NEXT });
  await page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('one that is no longer valid says what to do', async () => {
  const page = await openPage(browser, server, { as: null });
  const old = await makeLink();
  await makeLink();
  await page.goto(old);
  await field(page).fill(NEXT);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'This link is no longer valid' }).waitFor();
  await page.getByText('Ask the person who sent it for a new one.').first().waitFor();
  await page.context().close();
});

test('it works whoever is signed in, and ends the own session', async () => {
  const server2 = await startServer();
  try {
    const page = await openPage(browser, server2);
    await page.goto((await server2.command(['user', 'reset-link', EXAMPLE.email])).trim());
    await field(page).fill(NEXT);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Go to sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await page.context().close();
  } finally {
    await server2.stop();
  }
});
