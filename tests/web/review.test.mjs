/*
 * The review of causes: incidents by category, cause and source; causes merged and the way back; measures and what
 * came after them; lessons; who may only read; hostile names, both themes, a phone, paper, Dutch.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { until } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';
import { leave, openBrowser, openPage, scrollsSideways } from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const VIEWER = { email: 'viewer@example.com', role: 'viewer', domain: 'EXA' };
const MANAGER = { email: 'manager@example.com', role: 'manager', domain: 'EXA' };
const HOSTILE = '"><img src=x onerror="window.pwned=1">\u202e';
let server;
let browser;
let page;
const records = {};

const read = async (key) => (await server.get(`${API}/tasks/${key}`)).json;
async function patch(key, body) {
  const answer =
    await server.send(EXAMPLE.email, 'PATCH', `${API}/tasks/${key}`, body, { headers: { 'if-match': '*' } });
  assert.equal(answer.status, 200, answer.text);
}
async function make(name, { cause, parent, ...changes } = {}) {
  records[name] = await server.createAndRead(small({ title: name, ...changes }));
  if (cause !== undefined || parent !== undefined) await patch(records[name].key, { cause, parent });
  await setTimeout(3); /* so that before and after differ */
}

before(async () => {
  server = await startServer({ users: [EXAMPLE, VIEWER, MANAGER], workspaces: [WORKSPACE, 'EXA-CON-BUS-TWO'] });
  browser = await openBrowser();
  page = await openPage(browser, server);
  const customs = { category: ['Customs'], financialImpact: '1000' };
  await make('First seal', { ...customs, cause: 'Seal kit empty' });
  await make('Second seal', { ...customs, cause: 'seal kits are empty', domainWorkSpace: 'EXA-CON-BUS-TWO' });
  await make('Third seal', { ...customs, category: ['Customs', 'Transport'], cause: 'Seal kit empty' });
  await make('No cause yet', { ...customs });
  await make('No category', { cause: HOSTILE, title: HOSTILE, financialImpact: '5' });
  await make('Measure done', { todoType: 'TASK', parent: records['First seal'].key });
  await make('Measure open', { todoType: 'TASK', assignee: VIEWER.email });
  await make('Not a measure', { todoType: 'TASK' });
  const link = await server.send(EXAMPLE.email, 'POST', `${API}/tasks/${records['First seal'].key}/related`,
    { key: records['Measure open'].key, kind: 'causes' });
  assert.equal(link.status, 201, link.text);
  await patch(records['Measure done'].key, { status: 'Done' });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});
beforeEach(() => leave(page));

async function show(words = '', on = page) {
  await on.goto('about:blank');
  await on.goto(`/app/#/review${words}`);
  await on.locator('.review-page .card, .notice').first().waitFor();
}
const category = (name, on = page) =>
  on.locator('.review-page .card').filter({ has: on.getByRole('heading', { level: 2, name: new RegExp(`^${name}`) }) });
const cause = (name, within = category('Customs')) =>
  within.locator('.review-cause').filter({ has: page.getByRole('heading', { level: 3, name, exact: true }) });

async function openAs({ email }, options = {}) {
  const own = await openPage(browser, server, { ...options, as: null });
  const answer = await own.request.post(`${server.url}/app/session`, {
    headers: { origin: server.url, 'x-bzctrl-app': '1' }, data: { email, password: EXAMPLE.password },
  });
  assert.ok(answer.ok());
  return own;
}

describe('what keeps coming back', () => {
  test('incidents are in their category, by cause and by source; each number opens its list', async () => {
    await show();
    assert.match(await page.getByRole('heading', { level: 1 }).textContent(), /\d{4}-Q[1-4]$/);
    const sum = await page.locator('.review-page > p:not(.note)').textContent();
    assert.match(sum, /^5 incidents · €4,005 · 1 without a cause$/);
    const names = await page.locator('.review-page .card > h2 bdi').allTextContents();
    assert.deepEqual(names, ['Customs', 'Transport', 'Without a category']);
    const causes = await category('Customs').locator('.review-cause h3').allTextContents();
    assert.deepEqual(causes, ['Seal kit empty', 'seal kits are empty', 'Cause not named yet']);
    assert.deepEqual((await cause('Seal kit empty').locator('li a').allTextContents()).filter((t) => /seal/.test(t)),
      ['Third seal', 'First seal']);
    for (const link of await page.locator('.review-page a[data-total]').all()) {
      const [href, total] = [await link.getAttribute('href'), await link.getAttribute('data-total')];
      const list = await page.context().newPage();
      await list.goto(`/app/${href}`);
      const count = list.locator('.records-head .count');
      await until(async () => /\d/.test(await count.textContent()), href);
      assert.equal((await count.textContent()).replace(/\D/g, ''), total, href);
      await list.close();
    }
    assert.equal(await page.evaluate(() => window.pwned), undefined);
    assert.deepEqual(page.noted, []);
  });

  test('measures are those made out of an incident and those linked with it, with their status', async () => {
    await show();
    const measures = cause('Seal kit empty').getByRole('list', { name: 'Measures' });
    assert.deepEqual((await measures.locator('li > a').allTextContents()).sort(), ['Measure done', 'Measure open']);
    assert.ok(!(await page.locator('main').textContent()).includes('Not a measure'));
    const done = measures.locator('li').filter({ hasText: 'Measure done' });
    assert.match(await done.textContent(), /Done.*No incident of this cause since/);
    assert.doesNotMatch(await measures.locator('li').filter({ hasText: 'Measure open' }).textContent(), /since/);
    assert.match(await cause('seal kits are empty').textContent(), /No measure has been taken yet/);
  });

  test('an incident of the same cause after the measure was done is said, and one of the category too', async () => {
    await show();
    const done = cause('Seal kit empty').locator('.review-measures li').filter({ hasText: 'Measure done' });
    await make('Other trouble', { category: ['Customs'], cause: 'Something else' });
    await until(async () => /1 incident in the category since/.test(await done.textContent()), 'by itself');
    assert.match(await done.textContent(), /No incident of this cause since/);
    await make('Fourth seal', { category: ['Customs'], cause: 'Seal kit empty' });
    await until(async () => /Came again: 1 incident of this cause since/.test(await done.textContent()), 'again');
    assert.ok((await done.textContent()).includes(records['Fourth seal'].key));
    const link = done.getByRole('link', { name: 'in the category since' });
    const total = await link.getAttribute('data-total');
    await link.click();
    const count = page.locator('.records-head .count');
    await until(async () => /\d/.test(await count.textContent()), 'the list');
    assert.equal((await count.textContent()).replace(/\D/g, ''), total);
  });

  test('a quarter before has none of them, and says how to go on', async () => {
    await show('?q=2019-Q2');
    await page.getByRole('heading', { name: 'Review of causes 2019-Q2' }).waitFor();
    await page.getByRole('heading', { name: 'No incidents in this period' }).waitFor();
    await page.keyboard.press('[');
    await page.getByRole('heading', { name: 'Review of causes 2019-Q1' }).waitFor();
    await page.keyboard.press(']');
    await page.getByRole('heading', { name: 'Review of causes 2019-Q2' }).waitFor();
  });

  test('of a scope are only its own', async () => {
    await show('?in=EXA-CON-BUS-TWO');
    assert.match(await page.locator('.review-page > p:not(.note)').textContent(), /^1 incident/);
    const coming = page.waitForEvent('download');
    await page.getByRole('link', { name: 'CSV' }).click();
    const csv = readFileSync(await (await coming).path(), 'utf8');
    assert.ok(csv.includes('Second seal') && !csv.includes('First seal'));
  });
});

describe('causes', () => {
  test('are merged for many incidents, after a look at what would change, and taken apart again', async () => {
    const { key } = records['Fourth seal'];
    const { cause: was } = await read(key);
    await show();
    await cause('Seal kit empty').getByRole('checkbox').check();
    await cause('seal kits are empty').getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Name or merge…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/^1 will change/).waitFor();
    await dialog.getByLabel('Cause').fill('No seals in stock');
    const apply = dialog.getByRole('button', { name: /^Change \d/ });
    await dialog.getByText(/^4 will change/).waitFor();
    assert.equal((await read(records['First seal'].key)).cause, 'Seal kit empty');
    await apply.click();
    await cause('No seals in stock').waitFor();
    for (const name of ['First seal', 'Second seal', 'Third seal', 'Fourth seal'])
      assert.equal((await read(records[name].key)).cause, 'No seals in stock', name);
    assert.equal((await read(records['No cause yet'].key)).cause, null);
    assert.equal(await page.locator('.selection-bar').count(), 0);
    await page.locator('.toast').getByRole('button', { name: 'Undo' }).hover(); // so that it stays
    await patch(key, { cause: 'Theirs' });
    await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
    await page.locator('.toast').getByText('3 changes undone; 1 changed since and stay').waitFor();
    assert.equal((await read(key)).cause, 'Theirs');
    await patch(key, { cause: was });
    await cause('seal kits are empty').waitFor();
    assert.equal((await read(records['Second seal'].key)).cause, 'seal kits are empty');
    assert.equal((await read(records['First seal'].key)).cause, 'Seal kit empty');
    assert.deepEqual(page.noted, []);
  });

  test('one that has no name gets it by keyboard', async () => {
    await show();
    await cause('Cause not named yet').getByRole('button', { name: /^Follow up/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Name the cause…' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByLabel('Cause').fill('Nobody looked');
    await page.getByText('1 will change').waitFor();
    await page.keyboard.press('Enter');
    await cause('Nobody looked').waitFor();
    assert.equal((await read(records['No cause yet'].key)).cause, 'Nobody looked');
  });

  test('a refusal is shown before anything is changed', async () => {
    await show();
    const errors = [{ detail: 'The cause is too long.', pointer: '/cause' }];
    await page.route('**/tasks/bulk?dryRun=true', (route) =>
      route.fulfill({ status: 422, json: { title: 'No', status: 422, detail: '', errors } }));
    await cause('Nobody looked').getByRole('button', { name: /^Follow up/ }).click();
    await page.getByRole('menuitem', { name: 'Rename or merge…' }).click();
    await page.getByRole('alert').getByText('The cause is too long.').waitFor();
    assert.equal(await page.getByRole('button', { name: /^Change 0/ }).getAttribute('aria-disabled'), 'true');
    await page.keyboard.press('Escape');
  });
});

describe('a lesson', () => {
  const open = async () => {
    await cause('Seal kit empty').getByRole('button', { name: /^Follow up/ }).click();
    await page.getByRole('menuitem', { name: 'Write the lesson…' }).click();
  };
  test('is kept with the result of an incident, after what is there, and is shown', async () => {
    await patch(records['Third seal'].key, { result: 'Sealed again.' });
    await show();
    await open();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Keep it with').selectOption(records['Third seal'].key);
    await dialog.getByLabel('Lesson', { exact: true }).fill('Count the seals on Fridays.');
    await setTimeout(600);
    await page.keyboard.press('Escape');
    await open();
    await dialog.getByLabel('Keep it with').selectOption(records['Third seal'].key);
    assert.equal(await dialog.getByLabel('Lesson', { exact: true }).inputValue(), 'Count the seals on Fridays.');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await cause('Seal kit empty').getByText('Count the seals on Fridays.').waitFor();
    assert.equal((await read(records['Third seal'].key)).result, 'Sealed again.\n\nCount the seals on Fridays.');
  });
  test('also after what somebody else has just written, which this page has not heard of', async () => {
    const { key } = records['First seal'];
    await page.route('**/changes*', (route) => route.abort());
    await show();
    await open();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Keep it with').selectOption(key);
    await dialog.getByLabel('Lesson', { exact: true }).fill('Mine.');
    await patch(key, { result: 'Theirs.' });
    let first = true;
    await page.route(`**/tasks/${key}`, async (route) => {
      if (route.request().method() === 'PATCH' && first) {
        first = false;
        await patch(key, { result: 'Theirs, and more.' });
      }
      await route.continue();
    });
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal((await read(key)).result, 'Theirs, and more.\n\nMine.');
  });
  test('or as a comment, once, however often it is sent', async () => {
    await show();
    let lost = true;
    await page.route('**/comments', async (route) => {
      if (route.request().method() !== 'POST' || !lost) return route.continue();
      lost = false;
      await route.fetch(); // it arrives, and its answer is lost
      return route.abort();
    });
    await open();
    await page.getByLabel('a comment').check();
    await page.getByLabel('Lesson', { exact: true }).fill(`See ${HOSTILE}`);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/Lesson added to /).first().waitFor();
    const { json } = await server.get(`${API}/tasks/${records['Fourth seal'].key}/comments`);
    assert.deepEqual(json.items.map(({ text }) => text), [`See ${HOSTILE}`]);
  });
});

test('a new measure is a task that is part of the newest incident of the cause', async () => {
  await show();
  await cause('Seal kit empty').getByRole('button', { name: /^Follow up/ }).click();
  await page.getByRole('menuitem', { name: 'New measure…' }).click();
  const dialog = page.getByRole('dialog');
  assert.equal(await dialog.getByLabel('What is to be done?').inputValue(), 'Prevent: Seal kit empty');
  await dialog.getByLabel('What is to be done?').fill('Order seals monthly');
  await dialog.getByLabel('Due').fill('2031-01-31');
  await dialog.getByRole('button', { name: 'Make the task' }).click();
  await cause('Seal kit empty').locator('.review-measures').getByText('Order seals monthly').waitFor();
  const task = (await server.listAll()).find(({ title }) => title === 'Order seals monthly');
  assert.deepEqual([task.parent, task.todoType, task.dueDate],
    [records['Fourth seal'].key, 'TASK', '2031-01-31']);
});

test('a viewer reads it and is offered nothing to change', async () => {
  const own = await openAs(VIEWER);
  await show('', own);
  assert.equal(await own.locator('.review-cause').first().isVisible(), true);
  assert.equal(await own.locator('main input, .review-cause .head-actions').count(), 0);
  await own.context().close();
});

describe('looks well', () => {
  for (const [theme, width] of [['light', 1280], ['dark', 1280], ['light', 360], ['light', 320]])
    test(`${theme}, ${width} px`, async () => {
      const own = await openAs(EXAMPLE, { theme, width });
      await own.addInitScript(axe);
      await show('', own);
      const faults = async () =>
        (await own.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }))).violations
          .map(({ id, nodes }) => `${id} ${nodes[0].html}`);
      assert.deepEqual(await faults(), []);
      assert.equal(await scrollsSideways(own), false);
      await own.getByRole('checkbox').first().check();
      await own.getByRole('button', { name: 'Name or merge…' }).click();
      await own.getByRole('dialog').waitFor();
      assert.deepEqual(await faults(), []);
      assert.deepEqual(own.noted, []);
      await own.context().close();
    });
  test('on paper everything is unfolded, and no button is left', async () => {
    await show();
    await page.evaluate(() => document.querySelectorAll('details').forEach((one) => (one.open = false)));
    await page.emulateMedia({ media: 'print' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    assert.equal(await page.getByText('First seal').first().isVisible(), true);
    assert.equal(await page.locator('main button:visible, main input:visible').count(), 0);
    await page.emulateMedia({ media: null });
  });
  test('in Dutch', async () => {
    const own = await openAs(EXAMPLE, { locale: 'nl-NL' });
    await show('', own);
    const text = await own.locator('main').textContent();
    for (const word of ['Analyse van oorzaken', 'incidenten', 'Zonder categorie', 'Opvolgen'])
      assert.ok(text.includes(word), word);
    for (const word of ['Follow up', 'since', 'Without', ' incidents']) assert.ok(!text.includes(word), word);
    await own.context().close();
  });
});
