/*
 * The requests console: what was wrong in words, a command that runs as it is printed, and judging again after
 * the form was changed.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { until } from '../lib/program.mjs';
import { API, small, startServer, WORKSPACE } from '../lib/server.mjs';
import { openBrowser, scrollsSideways } from './browser.mjs';
import { MANAGER, MEMBER, openAs, PEOPLE } from './people.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FORM = `${API}/workspaces/${WORKSPACE}/forms/gate`;
const hostile = `It's $(touch /tmp/never) \`x\` <img src=x onerror=alert(1)> "q" \\ ${'w'.repeat(150)}`;
let server;
let browser;
let page;

before(async () => {
  server = await startServer({ users: PEOPLE });
  browser = await openBrowser();
  page = await openAs(browser, server, MANAGER);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const made = await server.send(MANAGER, 'PUT', FORM, { fields: [{ name: 'LRN', required: true }] });
  assert.equal(made.status, 201, made.text);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const show = async (query) => {
  await page.goto('about:blank');
  await page.goto(`${server.url}/app/#/workshop/requests?${new URLSearchParams(query)}`);
  await page.locator('.tool-filter').waitFor();
};
const rows = () => page.locator('.request-row');

test('a refused report appears by itself, its faults in words; judged again after a change of the form', async () => {
  await show({ account: MEMBER });
  await page.getByText('No requests here').waitFor();
  const answer = await server.addTask(small({ title: hostile }), {
    query: '?form=gate', headers: { 'idempotency-key': '"it\'s-key-1"' },
  });
  assert.equal(answer.status, 422);
  await rows().getByText('LRN is required.').waitFor();
  await rows().first().click();
  await page.getByRole('heading', { name: 'What was wrong' }).waitFor();
  await page.getByRole('button', { name: /^Judge again/ }).click();
  await page.locator('.verdict').getByText('It would still be refused, by gate version 1:').waitFor();
  const changed = await server.send(MANAGER, 'PUT', FORM, {}, { headers: { 'if-match': '*' } });
  assert.equal(changed.status, 200, changed.text);
  await page.getByRole('button', { name: /^Judge again/ }).click();
  await page.locator('.verdict').getByText('It would be accepted now, by gate version 2.').waitFor();
  assert.deepEqual(page.noted, []);
});

test('the command runs as it is printed, whatever the report has in it', async () => {
  await show({ account: MEMBER, status: 'refused' });
  await rows().first().click();
  await page.getByRole('button', { name: 'Copy as curl' }).click();
  const curl = await page.evaluate(() => navigator.clipboard.readText());
  await page.getByText('As a command').click();
  assert.equal(await page.locator('.curl-line').textContent(), curl);
  const TOKEN = await server.token(MEMBER);
  const printed = execFileSync('sh', ['-c', `${curl} -s`], { env: { ...process.env, TOKEN }, encoding: 'utf8' });
  const key = JSON.parse(printed).taskLink.split('/').pop();
  assert.equal((await server.get(`${API}/tasks/${key}`)).json.title, hostile);
  await page.getByLabel('Answer').selectOption('accepted');
  await rows().getByText(`made ${key}`).waitFor();
});

test('filters are in the address; of a part of a body it says why nothing can be done with it', async () => {
  await server.addTask(small({ description: 'x'.repeat(6000), title: 'Large' }));
  await show({});
  await page.getByLabel('Sent by').selectOption({ value: MEMBER });
  await until(() => page.url().includes('account='), 'the address to say whose');
  await page.getByLabel('Answer').selectOption('accepted');
  await page.getByLabel('Workspace').selectOption(WORKSPACE);
  await until(async () => (await rows().count()) >= 2, 'both to be there');
  await rows().first().click();
  await page.getByText('The log has only a part of it').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Copy as curl' }).count(), 0);
});

test('axe finds nothing, and 360 px are enough', async () => {
  for (const [theme, width] of [['light', 1280], ['dark', 360]]) {
    const narrow = await openAs(browser, server, MANAGER, { theme, width });
    await narrow.addInitScript(axe);
    await narrow.goto(`${server.url}/app/#/workshop/requests?account=${MEMBER}`);
    await narrow.locator('.request-row').first().waitFor();
    for (const row of await narrow.locator('.request-row').all()) await row.click();
    const found = await narrow.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    assert.deepEqual(found.violations.map(({ id, nodes }) => `${id} ${nodes[0].html}`), []);
    assert.equal(await scrollsSideways(narrow), false);
    assert.deepEqual(narrow.noted, []);
    await narrow.context().close();
  }
});
