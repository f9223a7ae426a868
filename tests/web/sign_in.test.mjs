/* Signing in to the web app, and what a session's beginning and end leave as it was. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeFile } from '../lib/program.mjs';
import { EXAMPLE, SAMPLE, small, startServer } from '../lib/server.mjs';
import { focused, openBrowser, openPage, signIn } from './browser.mjs';

let server;
let browser;
let record;

before(async () => {
  server = await startServer();
  browser = await openBrowser();
  record = await server.createAndRead(SAMPLE);
  await server.createAndRead(small({ title: 'Another order' }));
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test('the link of a report survives the sign-in and shows the record', async () => {
  const page = await openPage(browser, server, { as: null });
  await page.goto(record.taskLink);
  await page.getByText(`Sign in to continue to ${record.key}`).waitFor();
  assert.equal(await page.title(), 'Sign in · BzCtrl');
  await signIn(page);
  await page.getByRole('heading', { level: 1, name: SAMPLE.title }).waitFor();
  assert.equal(page.url(), record.taskLink);
  assert.equal(await page.title(), `${record.key} ${SAMPLE.title} · BzCtrl`);
  assert.equal((await focused(page)).tag, 'H1');
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('a browser that asks for no language of ours gets the one of the server, any other gets its own', async () => {
  const dutch = await startServer({ args: ['--language', 'nl'] });
  for (const [at, locale, words] of [
    [dutch, 'fr-FR', 'Aanmelden'], [dutch, 'en-GB', 'Sign in'],
    [server, 'fr-FR', 'Sign in'], [server, 'nl-NL', 'Aanmelden'],
  ]) {
    const page = await openPage(browser, at, { as: null, locale });
    await page.goto('/app/');
    await page.getByRole('button', { name: words, exact: true }).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), words === 'Sign in' ? 'en' : 'nl');
    assert.deepEqual(page.noted, []);
    await page.context().close();
  }
  await dutch.stop();
});

test('nothing that the app asks for before somebody signs in is refused', async () => {
  const page = await openPage(browser, server, { as: null });
  const refused = [];
  page.on('response', (answer) => answer.status() >= 400 && refused.push(`${answer.status()} ${answer.url()}`));
  await page.goto('/app/');
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  await page.waitForLoadState('networkidle');
  assert.deepEqual(refused, []);
  await page.context().close();
});

test('a page comes with its title and its focus, not a moment after', async () => {
  const page = await openPage(browser, server, { as: null });
  // Seen by the page itself, right after what put a new heading there.
  await page.addInitScript(() => {
    window.seen = [];
    new MutationObserver(() => {
      const heading = document.querySelector('h1')?.textContent ?? '';
      if (heading === '' || heading === window.seen.at(-1)?.heading) return;
      const { id, tagName } = document.activeElement;
      window.seen.push({ heading, title: document.title, focus: id || tagName });
    }).observe(document, { childList: true, characterData: true, subtree: true });
  });
  await page.goto('/app/#/todo');
  await signIn(page);
  await page.getByRole('link', { name: SAMPLE.title }).click();
  await page.getByRole('heading', { level: 1, name: SAMPLE.title }).waitFor();
  await page.keyboard.press('u');
  await page.getByRole('heading', { level: 1, name: 'Incidents and tasks' }).waitFor();
  assert.equal((await focused(page)).text, SAMPLE.title);
  await page.goto('/app/#/elsewhere');
  await page.getByRole('heading', { level: 1, name: 'This page does not exist' }).waitFor();
  assert.deepEqual(await page.evaluate(() => window.seen), [
    { heading: 'Sign in to BzCtrl', title: 'Sign in · BzCtrl', focus: 'email' },
    { heading: 'Incidents and tasks', title: 'Incidents and tasks · BzCtrl', focus: 'H1' },
    { heading: SAMPLE.title, title: `${record.key} ${SAMPLE.title} · BzCtrl`, focus: 'H1' },
    { heading: 'Incidents and tasks', title: 'Incidents and tasks · BzCtrl', focus: 'A' },
    { heading: 'This page does not exist', title: 'Not found · BzCtrl', focus: 'H1' },
  ]);
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('a session outlives a reload and ends with signing out', async () => {
  const page = await openPage(browser, server, { as: null });
  await page.goto(record.taskLink);
  await signIn(page);
  await page.getByRole('heading', { level: 1, name: SAMPLE.title }).waitFor();
  await page.reload();
  await page.getByRole('heading', { level: 1, name: SAMPLE.title }).waitFor();
  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  assert.equal(page.url(), record.taskLink);
  await page.context().close();
});

test('a wrong password is said in words that belong to the fields', async () => {
  const page = await openPage(browser, server, { as: null });
  await page.goto('/app/#/todo');
  await signIn(page, { email: EXAMPLE.email, password: 'not the one' });
  const fault = page.getByRole('alert');
  await fault.waitFor();
  assert.match(await fault.textContent(), /Incorrect e-mail address or password/);
  const password = page.getByLabel('Password', { exact: true });
  assert.ok((await password.getAttribute('aria-describedby')).split(' ').includes(await fault.getAttribute('id')));
  assert.equal(await password.getAttribute('aria-invalid'), 'true');
  assert.equal(await page.getByLabel('E-mail address').inputValue(), EXAMPLE.email);
  assert.equal((await focused(page)).id, 'password');
  await signIn(page);
  await page.getByRole('heading', { level: 1, name: 'Incidents and tasks' }).waitFor();
  await page.context().close();
});

test('an empty field is named and takes the focus', async () => {
  const page = await openPage(browser, server, { as: null });
  await page.goto('/app/#/todo');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Enter your e-mail address.').waitFor();
  assert.equal((await focused(page)).id, 'email');
  await page.getByLabel('E-mail address').fill(EXAMPLE.email);
  await page.keyboard.press('Enter');
  await page.getByText('Enter your password.').waitFor();
  assert.equal((await focused(page)).id, 'password');
  await page.context().close();
});

test('password managers know the fields', async () => {
  const page = await openPage(browser, server, { as: null });
  await page.goto('/app/#/todo');
  assert.equal(await page.getByLabel('E-mail address').getAttribute('autocomplete'), 'username');
  const password = page.getByLabel('Password', { exact: true });
  assert.equal(await password.getAttribute('autocomplete'), 'current-password');
  assert.equal(await password.getAttribute('type'), 'password');
  await page.getByLabel('Show password').check();
  assert.equal(await password.getAttribute('type'), 'text');
  await page.context().close();
});

test('a throttled sign-in counts down and then works', async () => {
  const page = await openPage(browser, server, { as: null });
  await page.clock.install(); // time passes as ever, until the test turns the clock on
  await page.route('**/app/session', (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({
        status: 429,
        headers: { 'retry-after': '60', 'content-type': 'application/problem+json' },
        body: JSON.stringify({ title: 'Too Many Requests', status: 429 }),
      })
      : route.continue(),
  );
  await page.goto('/app/#/todo');
  await signIn(page);
  await page.locator('.fault-box', { hasText: /You can try again in \d\d seconds\./ }).waitFor();
  const button = page.getByRole('button', { name: 'Sign in' });
  assert.equal(await button.getAttribute('aria-disabled'), 'true');
  await page.unroute('**/app/session');
  await page.clock.fastForward(60_000);
  await page.locator('button[type=submit][aria-disabled=false]').waitFor();
  assert.equal(await page.getByLabel('Password', { exact: true }).inputValue(), EXAMPLE.password);
  await button.click();
  await page.getByRole('heading', { level: 1, name: 'Incidents and tasks' }).waitFor();
  await page.context().close();
});

test('Caps Lock is pointed out while a password is typed', async () => {
  const page = await openPage(browser, server, { as: null });
  await page.goto('/app/#/todo');
  const press = (on) =>
    page.getByLabel('Password', { exact: true }).evaluate(
      (input, modifierCapsLock) =>
        input.dispatchEvent(new KeyboardEvent('keyup', { key: 'A', bubbles: true, modifierCapsLock })),
      on,
    );
  await press(true);
  await page.getByText('Caps Lock is on.').waitFor();
  await press(false);
  await page.getByText('Caps Lock is on.').waitFor({ state: 'detached' });
  await page.context().close();
});

test('a session that ends in the middle loses neither the place nor what was typed', async () => {
  const page = await openPage(browser, server);
  await page.goto('/app/#/todo?status=In+Progress');
  await page.getByRole('link', { name: SAMPLE.title }).waitFor();
  await page.context().clearCookies();
  await page.getByRole('combobox', { name: 'Filter' }).fill('status:"In Progress" ORDER 777');
  await page.locator('main').getByText('Your session has ended. Sign in again').waitFor();
  assert.equal(await page.getByLabel('E-mail address').inputValue(), EXAMPLE.email);
  assert.equal((await focused(page)).id, 'password');
  await page.getByLabel('Password', { exact: true }).fill(EXAMPLE.password);
  await page.keyboard.press('Enter');
  await page.getByText('1 record', { exact: true }).waitFor();
  await page.getByRole('link', { name: SAMPLE.title }).waitFor();
  const filter = page.getByRole('combobox', { name: 'Filter' });
  assert.equal(await filter.inputValue(), 'status:"In Progress" ORDER 777');
  assert.match(page.url(), /#\/todo\?q=status%3A%22In\+Progress%22\+ORDER\+777$/);
  assert.equal(await page.title(), 'Incidents and tasks · BzCtrl');
  await page.context().close();
});

test('a record that was asked for as the session ended is shown after the next sign-in', async () => {
  const page = await openPage(browser, server);
  await page.goto('/app/#/todo');
  const row = page.getByRole('link', { name: SAMPLE.title });
  await row.waitFor();
  await page.context().clearCookies();
  await row.click();
  await page.locator('main').getByText('Your session has ended. Sign in again').waitFor();
  await page.getByLabel('Password', { exact: true }).fill(EXAMPLE.password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: SAMPLE.title }).waitFor();
  await page.locator('.timeline').waitFor();
  assert.equal(page.url(), record.taskLink);
  await page.context().close();
});

test('who signs in where somebody else’s session has ended sees nothing of theirs', async () => {
  const other = { email: 'other@example.com', password: EXAMPLE.password };
  await server.command(['workspace', 'add', 'ACME-WOR']);
  await server.command(['user', 'add', other.email, '--domain', 'ACME', '--role', 'member', '--password-file',
    makeFile(other.password)]);
  const page = await openPage(browser, server);
  await page.goto('/app/#/todo');
  await page.getByRole('link', { name: SAMPLE.title }).waitFor();
  await page.context().clearCookies();
  await page.getByRole('link', { name: 'Inbox' }).click();
  await page.locator('main').getByText('Your session has ended. Sign in again').waitFor();
  await signIn(page, other);
  await page.getByRole('link', { name: 'Records', exact: true }).click();
  await page.getByText('0 records', { exact: true }).waitFor();
  assert.equal(await page.getByText(SAMPLE.title).count(), 0);
  await page.context().close();
});

test('under another address than its own the sign-in says where to go, with the link', async () => {
  const page = await openPage(browser, server, { as: null });
  const link = record.taskLink.replace('//127.0.0.1:', '//localhost:');
  await page.goto(link);
  const own = page.locator('.note a');
  await own.waitFor();
  assert.equal(await own.getAttribute('href'), record.taskLink);
  await page.context().close();
});

test('over plain HTTP from another machine the sign-in asks for the https address', async () => {
  const page = await openPage(browser, server, { as: null });
  const { port } = new URL(server.url);
  await page.route('**/app/config.json', (route) =>
    route.fulfill({ json: { environment: 'prod', version: '0', publicUrl: `http://plain.test:${port}` } }),
  );
  await page.goto(`http://plain.test:${port}/app/#/todo`);
  await page.locator('.note', { hasText: 'https:// address' }).waitFor();
  await page.goto(`${server.url}/app/#/todo`);
  await page.getByLabel('E-mail address').waitFor();
  assert.equal(await page.getByText('https:// address').count(), 0, 'this machine itself is trusted');
  await page.context().close();
});

test('when the server is away at the start, trying again finds it', async () => {
  const page = await openPage(browser, server);
  await page.route('**/app/session', (route) => route.abort());
  await page.goto('/app/#/todo');
  await page.getByRole('heading', { name: 'The server can’t be reached' }).waitFor();
  await page.unroute('**/app/session');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { level: 1, name: 'Incidents and tasks' }).waitFor();
  await page.context().close();
});

test('signing out asks when a text is not sent or a file is on its way, and loses nothing by itself', async () => {
  const page = await openPage(browser, server);
  const signOut = async () => {
    await page.getByRole('button', { name: /^Account/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
  };
  let release;
  await page.route('**/attachments?name=*', async (route) => {
    await new Promise((resolve) => { release = resolve; });
    await route.continue();
  });
  await page.goto(`/app/#/todo/${record.key}`);
  const comment = page.getByRole('textbox', { name: 'Write a comment' });
  await comment.fill('Half a thought');
  await page.locator('input[type=file]').setInputFiles(
    { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') });
  await page.waitForFunction(() => Object.keys(localStorage).some((name) => name.includes('draft.')));
  await signOut();
  const dialog = page.getByRole('dialog', { name: 'Not everything has been sent' });
  assert.deepEqual(await dialog.getByRole('listitem').allTextContents(),
    [`Text for ${record.key}`, '1 file on its way']);
  assert.equal((await focused(page)).text, 'Stay');
  await page.keyboard.press('Enter');
  assert.equal(await comment.inputValue(), 'Half a thought');
  release();
  await page.getByRole('link', { name: 'a.txt' }).first().waitFor();
  await signOut();
  await dialog.getByRole('listitem').filter({ hasText: record.key }).waitFor();
  assert.equal(await dialog.getByRole('listitem').count(), 1);
  await page.getByRole('button', { name: 'Sign out and delete it' }).click();
  await page.getByRole('heading', { name: 'Sign in to BzCtrl' }).waitFor();
  assert.equal(await page.evaluate(() => localStorage.length), 0);
  assert.deepEqual(page.noted, []);
  await page.context().close();
});
