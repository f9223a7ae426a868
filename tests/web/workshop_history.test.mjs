/* The history of administration: who changed what, in words, with before and after, and what proves it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { API, startServer, WORKSPACE } from '../lib/server.mjs';
import { root, until } from '../lib/program.mjs';
import { openBrowser, scrollsSideways } from './browser.mjs';
import { MANAGER, MEMBER, openAs, PEOPLE } from './people.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const hostile = `=HYPERLINK("x")<img src=x onerror=alert(1)>${'w'.repeat(150)}`;
let server;
let browser;
let page;

before(async () => {
  server = await startServer({ users: PEOPLE });
  browser = await openBrowser();
  page = await openAs(browser, server, MANAGER);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const path = `${API}/workspaces/${WORKSPACE}`;
  for (const [method, target, body] of [
    ['PATCH', path, { timezone: 'Europe/Amsterdam' }],
    ['PATCH', path, { name: hostile }],
    ['PUT', `${path}/forms/claim`, { title: 'Claim' }],
    ['PUT', `${path}/forms/claim`, { title: 'Claims' }],
  ]) {
    const made = body.title === 'Claim';
    const answer = await server.send(MANAGER, method, target, body, made ? {} : { headers: { 'if-match': '*' } });
    assert.ok(answer.status < 300, answer.text);
  }
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const events = () => page.locator('.admin-event');

test('newest first, in words, with before and after', async () => {
  await page.goto(`${server.url}/app/#/workshop/history`);
  await events().first().waitFor();
  const texts = (await events().allTextContents()).map((text) => text.replace(/\s+/g, ' '));
  assert.match(texts[0], /^Form claim was changed.*form version ?before 1 → after 2/);
  assert.match(texts[1], /^Form claim was added/);
  assert.match(texts[2], /Workspace EXA-CON-BUS-WOR was changed.*name.*<img src=x/);
  assert.match(texts[3], /time zone ?before .* → after Europe\/Amsterdam/);
  assert.match(texts.join(' '), new RegExp(`Person ${MEMBER} was added`));
  assert.deepEqual(page.noted, []);
});

test('a receipt is that of the event in the chain', async () => {
  await page.goto(`${server.url}/app/#/workshop/history?what=form`);
  await until(async () => (await events().count()) === 2, 'the two events of forms');
  await page.getByRole('button', { name: 'Copy the receipt' }).first().click();
  const receipt = await page.evaluate(() => navigator.clipboard.readText());
  const { items } = (await server.requestAs(MANAGER, 'GET', `${API}/changes?action=admin.form.changed`)).json;
  assert.equal(receipt, `${items[0].domain}:${items[0].seq}:${items[0].hash}`);
});

test('filters are in the address; what is downloaded runs nowhere', async () => {
  await page.goto(`${server.url}/app/#/workshop/history`);
  await page.getByLabel('What', { exact: true }).selectOption('workspace');
  await until(async () => /what=workspace/.test(page.url()) && (await events().count()) === 3, 'three events');
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download as CSV' }).click(),
  ]);
  const lines = readFileSync(await file.path(), 'utf8').trim().split('\r\n');
  assert.equal(lines.length, 4);
  assert.ok(lines.every((line) => !/(^|,)"?[=+@-]/.test(line)), lines.join('\n'));
});

test('axe finds nothing, and 360 px are enough', async () => {
  for (const [theme, width] of [['light', 1280], ['dark', 360]]) {
    const narrow = await openAs(browser, server, MANAGER, { theme, width });
    await narrow.addInitScript(axe);
    await narrow.goto(`${server.url}/app/#/workshop/history`);
    await narrow.locator('.admin-event').first().waitFor();
    const found = await narrow.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    assert.deepEqual(found.violations.map(({ id, nodes }) => `${id} ${nodes[0].html}`), []);
    assert.equal(await scrollsSideways(narrow), false);
    assert.deepEqual(narrow.noted, []);
    await narrow.context().close();
  }
});

test('whatever the server writes into this history has a word in each language', async () => {
  const { transform } = createRequire(path.join(root, 'web/package.json'))('esbuild');
  const strings = readFileSync(path.join(root, 'web/src/strings/workshop-history.ts'), 'utf8');
  const both = strings.replace(/^import.*/m, 'const inLanguage = (...all) => all;');
  const { code } = await transform(both, { loader: 'ts' });
  const { s: languages } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const core = path.join(root, 'src/core');
  // Meetings note their changes in the same way, but not here.
  const source = readdirSync(core).map((name) => readFileSync(path.join(core, name), 'utf8'))
    .filter((text) => /STR\("admin\./.test(text)).join('\n');
  const actions = [...source.matchAll(/"admin\.(\w+)\.(\w+)"/g)].filter(([, thing]) => thing !== 'state');
  const members = [...source.matchAll(/\badmin_change_\w+\(\s*&?\w+,\s*"(\w+)"/g)].map(([, name]) => name);
  assert.ok(actions.length > 20 && members.length > 30, `${actions.length} actions, ${members.length} members`);
  assert.equal(languages.length, 2);
  for (const { things, acts, members: names } of languages) {
    const missing = [
      ...actions.flatMap(([, thing, act]) => [things[thing] ?? `things.${thing}`, acts[act] ?? `acts.${act}`])
        .filter((word) => /^(things|acts)\./.test(word)),
      ...members.filter((name) => (names[name] ?? things[name]) === undefined).map((name) => `members.${name}`),
    ];
    assert.deepEqual([...new Set(missing)], []);
  }
});
