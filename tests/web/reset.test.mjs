/* The page that a link for a new password leads to. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { EXAMPLE, startServer } from '../lib/server.mjs';
import { focused, openBrowser, openPage } from './browser.mjs';

const NEXT = 'An0ther password';
const OTHER = { ...EXAMPLE, email: 'other@example.com' };
let server;
let browser;
before(async () => {
  server = await startServer({ users: [EXAMPLE, OTHER] });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const makeLink = async (email = EXAMPLE.email) => (await server.command(['user', 'reset-link', email])).trim();
const field = (page) => page.getByLabel('New password');

const setNext = async (page) => {
  await field(page).fill(NEXT);
  await page.getByRole('button', { name: 'Set password' }).click();
};
const isSet = (page) => page.getByRole('heading', { level: 1, name: 'Your new password is set' }).waitFor();

test('a link says whose password it sets, and signs them in with the new one', async () => {
  const page = await openPage(browser, server, { as: null });
  await server.command(['user', 'set', EXAMPLE.email, '--name', 'Exa Mple']);
  await page.goto(await makeLink());
  await field(page).waitFor();
  await page.getByText(`Exa Mple (${EXAMPLE.email})`).waitFor();
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
  await setNext(page);
  await page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
  await page.getByText('Your new password is set').first().waitFor();
  assert.equal((await focused(page)).tag, 'H1');
  assert.doesNotMatch(page.url(), /reset/, 'the way back does not lead to a link that is used up');
  await page.getByRole('button', { name: 'Account: Exa Mple' }).waitFor();
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('where signing in does not work at once, the sign-in page has the address', async () => {
  const page = await openPage(browser, server, { as: null });
  await page.route('**/app/session', (route) => (route.request().method() === 'POST'
    ? route.fulfill({ status: 429, contentType: 'application/problem+json', headers: { 'retry-after': '1' },
      json: { type: 'about:blank', title: 'Too Many Requests', status: 429, detail: 'Wait.' } })
    : route.continue()));
  await page.goto(await makeLink());
  await setNext(page);
  await isSet(page);
  assert.equal((await focused(page)).tag, 'H1');
  await page.unrouteAll();
  await page.getByRole('link', { name: 'Go to sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  assert.equal(await page.getByLabel('E-mail address').inputValue(), EXAMPLE.email);
  assert.equal((await focused(page)).id, 'password');
  await page.keyboard.type(NEXT);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
  await page.context().close();
});

test('one that is no longer valid says at once what to do, and not whose it was', async () => {
  const page = await openPage(browser, server, { as: null });
  const old = await makeLink();
  const next = await makeLink();
  const isVoid = async () => {
    await page.getByRole('heading', { level: 1, name: 'This link is no longer valid' }).waitFor();
    await page.getByText('Ask its sender for a new one.').first().waitFor();
    assert.equal(await page.getByText(EXAMPLE.email).count(), 0);
  };
  await page.goto(old);
  await isVoid();
  await page.goto(next);
  await field(page).fill(NEXT);
  await makeLink();
  await page.keyboard.press('Enter');
  await isVoid();
  await page.context().close();
});

test('one’s own session ends by it and begins again; somebody else’s, in the same browser, stays', async () => {
  const page = await openPage(browser, server, { as: null });
  await page.goto(await makeLink());
  await setNext(page);
  const own = page.getByRole('button', { name: /^Account/ });
  await own.waitFor();
  await page.goto(await makeLink());
  await setNext(page);
  await page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
  await page.goto(await makeLink(OTHER.email));
  await page.getByText(OTHER.email, { exact: true }).waitFor();
  await setNext(page);
  await isSet(page);
  await page.getByText(`In this browser ${EXAMPLE.email} is signed in.`).first().waitFor();
  await page.getByRole('link', { name: 'Go to BzCtrl' }).click();
  await page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
  await own.click();
  await page.getByText(EXAMPLE.email).first().waitFor();
  await page.context().close();
});
