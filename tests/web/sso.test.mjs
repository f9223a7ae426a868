/*
 * Single sign-on in a browser, with a provider that others have written (npm oidc-provider), on another site than
 * the app: the button, the way there and back, groups that change, signing out, and what the page says when it fails.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { Provider } from 'oidc-provider';
import { changeStored } from '../lib/database.mjs';
import { freePort } from '../lib/http.mjs';
import { makeFile, until } from '../lib/program.mjs';
import { API, EXAMPLE, SAMPLE, startServer } from '../lib/server.mjs';
import { openBrowser, openPage, scrollsSideways, signIn } from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const ADMIN = { email: 'admin@example.com', admin: true };
const people = new Map();
let browser;
let listening;
let record;
let server;
let strict;

before(async () => {
  const [providerPort, port, strictPort] = [await freePort(), await freePort(), await freePort()];
  const issuer = `http://localhost:${providerPort}`; /* not the host of the app */
  const clients = [port, strictPort].map((at, i) => ({ client_id: `bzctrl-${i}`, client_secret: 'a long secret',
    redirect_uris: [`http://127.0.0.1:${at}/app/sso/callback`], grant_types: ['authorization_code', 'refresh_token'],
    post_logout_redirect_uris: [`http://127.0.0.1:${at}/app/`] }));
  const provider = new Provider(issuer, {
    clients,
    cookies: { keys: ['tests'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
    findAccount: (_, id) => people.has(id) && { accountId: id, claims: () => ({ sub: id, ...people.get(id) }) },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    pkce: { required: () => true },
  });
  listening = provider.listen(providerPort, '127.0.0.1');
  const settings = (i) => ['--oidc-issuer', issuer, '--oidc-client-id', `bzctrl-${i}`, '--oidc-client-secret-file',
    makeFile('a long secret\n'), '--sign-in-help', 'The service desk is at extension 100.'];
  server = await startServer({ users: [EXAMPLE, ADMIN], listen: `127.0.0.1:${port}`, args: settings(0) });
  strict = await startServer({ users: [ADMIN], listen: `127.0.0.1:${strictPort}`,
    args: [...settings(1), '--local-passwords', 'off', '--sign-in-label', 'Sign in with Example'] });
  for (const role of ['viewer', 'manager'])
    assert.equal((await server.send(ADMIN.email, 'POST', `${API}/single-sign-on/rules`,
      { group: `${role}s`, domain: EXAMPLE.domain, role })).status, 201);
  record = await server.createAndRead(SAMPLE);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await strict?.stop();
  listening?.close();
  listening?.closeAllConnections();
});

/* The provider's own pages: who it is, and that the app may know it. */
async function signInThere(page, id) {
  await page.locator('input[name=login]').fill(id);
  await page.locator('input[name=password]').fill('any');
  await page.locator('button[type=submit]').click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

const person = (email, groups) => ({ email, email_verified: true, name: 'Sam Example', groups });

test('the button leads to the provider and back to the record; groups that change there change roles here',
  async () => {
    people.set('sam', person('sam@example.com', ['viewers', 'managers']));
    const page = await openPage(browser, server, { as: null });
    await page.goto(record.taskLink);
    await page.getByRole('link', { name: 'Continue with single sign-on' }).click();
    await signInThere(page, 'sam');
    await page.getByRole('heading', { level: 1, name: SAMPLE.title }).waitFor();
    assert.equal(page.url(), record.taskLink);
    await page.reload();
    await page.getByRole('heading', { level: 1, name: SAMPLE.title }).waitFor();
    const session = () => page.evaluate(async () => (await fetch('/app/session')).json());
    assert.deepEqual((await session()).roles.map(({ domain, role }) => [domain, role]),
      [[EXAMPLE.domain, 'manager']]);
    assert.deepEqual((await page.context().cookies(server.url)).map(({ name, sameSite, httpOnly }) =>
      [name, sameSite, httpOnly]), [['bzctrl_session', 'Strict', true]]);

    people.set('sam', person('sam@example.com', ['viewers']));
    changeStored(server.dir, 'UPDATE provider_session SET due_at = 0; UPDATE job SET due_at = 0 WHERE id = 33');
    await until(async () => (await session()).roles[0].role === 'viewer', 'the role has gone with the group');

    /* Their account at the provider is gone. */
    people.delete('sam');
    changeStored(server.dir, 'UPDATE provider_session SET due_at = 0; UPDATE job SET due_at = 0 WHERE id = 33');
    await until(async () => (await session()).status === 401, 'the session has ended');
    await page.context().close();
  });

test('signing out ends both sessions', async () => {
  people.set('kim', person('kim@example.com', ['viewers']));
  const page = await openPage(browser, server, { as: null });
  await page.goto('/app/');
  await page.getByRole('link', { name: 'Continue with single sign-on' }).click();
  await signInThere(page, 'kim');
  await page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: /yes, sign me out/i }).click();
  await page.waitForURL(`${server.url}/app/`);
  await page.getByRole('link', { name: 'Continue with single sign-on' }).click();
  await page.locator('input[name=login]').waitFor(); /* it asks again who it is */
  await page.context().close();
});

test('a person without a role sees whom to ask, and can try again', async () => {
  people.set('lee', person('lee@example.com', []));
  const page = await openPage(browser, server, { as: null });
  await page.goto(record.taskLink);
  await page.getByRole('link', { name: 'Continue with single sign-on' }).click();
  await signInThere(page, 'lee');
  const said = page.getByRole('alert');
  await said.waitFor();
  assert.match(await said.textContent(), /nobody has given you a role here yet.*The service desk is at extension 100/);
  assert.equal(page.url(), record.taskLink, 'it is said once, at the address of the record');
  assert.equal((await page.context().cookies(server.url)).length, 0);
  await page.getByRole('link', { name: 'Continue with single sign-on' }).click();
  await page.goto(record.taskLink);
  await signIn(page); /* with a password, which is still there */
  await page.getByRole('heading', { level: 1, name: SAMPLE.title }).waitFor();
  await page.context().close();
});

for (const [theme, width] of [['light', 1280], ['dark', 360]])
  test(`${theme}, ${width} px: with and without passwords the page is in order`, async () => {
    for (const which of [server, strict]) {
      const page = await openPage(browser, which, { as: null, theme, width });
      await page.addInitScript(axe);
      await page.goto('/app/?sign-in=refused#/todo');
      await page.getByRole('alert').waitFor();
      await page.getByRole('link', { name: which === strict ? 'Sign in with Example' : /single sign-on/ }).waitFor();
      assert.equal(await page.getByLabel('Password', { exact: true }).isVisible(), which === server);
      const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
      assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes[0].html]), []);
      assert.equal(await scrollsSideways(page), false);
      if (process.env.BZCTRL_PICTURES)
        await page.screenshot({ path: `${process.env.BZCTRL_PICTURES}/${theme}-${which === strict}.png` });
      if (which === strict) {
        await page.getByRole('button', { name: 'Sign in with a password' }).click();
        await signIn(page, { email: ADMIN.email, password: EXAMPLE.password });
        await page.getByRole('heading', { level: 1, name: 'Incidents and tasks' }).waitFor();
      }
      assert.deepEqual(page.noted, []);
      await page.context().close();
    }
  });
