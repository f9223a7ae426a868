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
import { MANAGER, MEMBER, openAs, OTHER, PEOPLE } from './people.mjs';

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
  assert.equal(await page.locator('.request-detail details pre').textContent(), curl);
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

/** Sends so many requests as that account. The log is written later, and holds 256 in the meantime. */
async function sendMany(count, as) {
  const newest = `${API}/requests?limit=1&account=${as}`;
  for (let at = 0; at < count; at += 100) {
    const some = Array.from({ length: Math.min(100, count - at) }, () => small({ status: 'Lost' }));
    const last = small({ status: 'Lost', title: `Last ${at} of ${count}` });
    await Promise.all(some.slice(1).map((body) => server.addTask(body, { as })));
    await server.addTask(last, { as });
    await until(async () => (await server.requestAs(MANAGER, 'GET', newest)).json.items[0]?.body.includes(last.title),
      'them to be in the log');
  }
}

test('more than a page at once is all there, once; too much starts the list again, which has an end', async () => {
  await sendMany(10, OTHER);
  await show({ account: OTHER });
  await until(async () => (await rows().count()) === 10, 'the first to be there');
  let held = true;
  await page.route('**/requests?**', async (route) => {
    await until(() => !held, 'the page to be let go on');
    return route.continue();
  });
  const meanwhile = async (count) => {
    held = true;
    await sendMany(count, OTHER);
    held = false;
  };
  await meanwhile(120);
  await until(async () => (await rows().count()) === 130, 'all that came to be there');
  assert.equal(await page.getByRole('button', { name: 'Older ones' }).count(), 0);

  await meanwhile(300);
  await until(async () => (await rows().count()) === 50, 'the list to start again');
  const older = page.getByRole('button', { name: 'Older ones' });
  await older.click();
  await until(async () => (await rows().count()) === 100, 'older ones to be there');
  // Switched off and on, it continues with what follows the rows that are there.
  await page.getByLabel('Live').click();
  await page.getByLabel('Live').click();
  await older.click();
  await until(async () => (await rows().count()) === 150, 'what follows those');

  await sendMany(600, OTHER);
  await page.unroute('**/requests?**');
  await show({ account: OTHER });
  await rows().nth(49).waitFor();
  while ((await older.count()) > 0) {
    const shown = await rows().count();
    await older.click();
    await until(async () => (await rows().count()) > shown, `more than ${shown} to be there`);
  }
  await page.getByText('Only the newest 1000 are shown.').waitFor();
  await server.addTask(small({ title: 'One more' }), { as: OTHER });
  await rows().first().filter({ hasText: '201' }).waitFor();
  assert.equal(await rows().count(), 1000);
  assert.equal(await older.count(), 0);
  assert.deepEqual(page.noted, []);
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
