/*
 * Forms built by hand in the Workshop, and used over the API: what is built is what judges. Faults at their fields,
 * versions and what differs, two people at the same form, a file, and hostile texts.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { until } from '../lib/program.mjs';
import { API, small, startServer, WORKSPACE } from '../lib/server.mjs';
import { openBrowser, scrollsSideways } from './browser.mjs';
import { MANAGER, MEMBER, openAs, PEOPLE } from './people.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FORMS = `${API}/workspaces/${WORKSPACE}/forms`;
let server;
let browser;
let page;

before(async () => {
  server = await startServer({ users: PEOPLE });
  browser = await openBrowser();
  page = await openAs(browser, server, MANAGER);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const put = async (name, form, ifMatch = '*') => {
  const options = ifMatch === null ? {} : { headers: { 'if-match': ifMatch } };
  const answer = await server.send(MANAGER, 'PUT', `${FORMS}/${name}`, form, options);
  assert.ok([200, 201].includes(answer.status), answer.text);
  return answer.json;
};
const read = async (name) => (await server.requestAs(MANAGER, 'GET', `${FORMS}/${name}`)).json;
const report = (name, changes) => server.addTask(small(changes), { query: `?form=${name}` });

async function open(name, query = '', on = page) {
  await on.goto('about:blank');
  await on.goto(`${server.url}/app/#/workshop/forms/${WORKSPACE}/${name}${query}`);
  await on.getByRole('heading', { level: 1, name }).waitFor();
}

/** What reaches beyond the window. */
const tooWide = (on) =>
  on.evaluate(() => [...document.querySelectorAll('*')]
    .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth)
    .map((one) => `${one.tagName} ${one.className} ${Math.round(one.getBoundingClientRect().right)}`)
    .slice(0, 12));

const sound = (on = page) => on.getByText('The form is sound.').waitFor();

async function save(version, on = page) {
  await on.getByRole('button', { name: 'Save', exact: true }).click();
  await on.locator('.toast').getByText(`Saved as version ${version}.`).waitFor();
}

test('a form is built by hand, judges the next report, and its sample is accepted', async () => {
  const missed = [];
  const note = (answer) => answer.status() === 404 && missed.push(answer.url());
  page.on('response', note);
  await page.goto(`${server.url}/app/#/workshop/forms/${WORKSPACE}`);
  await page.getByRole('button', { name: 'Add form' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Not a name');
  await page.getByRole('button', { name: 'Begin', exact: true }).click();
  await page.locator('.fault-text', { hasText: 'At most 63 lower-case letters' }).waitFor();
  await page.getByLabel('Name', { exact: true }).fill('claim');
  await page.getByRole('button', { name: 'Begin', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'claim' }).waitFor();
  await page.getByText('not saved yet').waitFor();
  page.off('response', note);
  assert.deepEqual(missed, [], 'what is not there yet is not asked for');

  await page.getByRole('combobox', { name: 'Change a built-in field' }).selectOption('LRN');
  await page.getByRole('checkbox', { name: 'Required' }).check();
  await page.getByRole('combobox', { name: 'Change a built-in field' }).selectOption('dueDate');
  await page.getByLabel('Default').fill('+14d');
  await page.getByRole('checkbox', { name: 'Only the form fills it in' }).check();
  await page.getByRole('button', { name: 'Add a field' }).click();
  await page.getByLabel('Name in reports').fill('mode');
  await page.getByLabel('Kind').selectOption('choice');
  await page.getByLabel('Options').fill('Sea\nAIR | By air\n');
  await page.getByRole('checkbox', { name: 'Becomes a tag' }).check();
  await sound();
  await page.locator('[data-preview=mode] option', { hasText: 'By air' }).waitFor({ state: 'attached' });
  await page.locator('[data-preview=LRN]').getByText('*').waitFor();
  await page.locator('[data-preview=dueDate]').getByText('Filled in by the form').waitFor();
  await save(1);
  assert.deepEqual((await read('claim')).form, {
    fields: [
      { name: 'LRN', required: true },
      { name: 'dueDate', default: '+14d', locked: true },
      { name: 'mode', type: 'choice', options: ['Sea', { value: 'AIR', label: 'By air' }], tag: true },
    ],
  });

  const without = await report('claim', { mode: 'Sea' });
  assert.equal(without.status, 422);
  assert.deepEqual(without.json.errors.map(({ pointer }) => pointer), ['/LRN']);
  const right = await report('claim', { LRN: 'L1', mode: 'air' });
  assert.equal(right.status, 201, right.text);
  const record = (await server.get(`${API}/tasks/${right.json.taskLink.split('/').pop()}`)).json;
  assert.equal(record.extra.mode, 'AIR');
  assert.ok(record.tags.includes('AIR') && record.dueDate !== null);

  await page.getByRole('link', { name: 'Use it' }).click();
  const curl = await page.locator('.command', { hasText: 'Send it from a terminal' }).locator('pre').textContent();
  const body = JSON.parse(/-d '(.*)' 'http/s.exec(curl)[1]);
  assert.equal((await server.addTask({ ...body, reporter: MEMBER }, { query: '?form=claim' })).status, 201);
  assert.deepEqual(page.noted, []);
});

test('each fault is named where it is, and the form cannot be saved with it', async () => {
  await put('faulty', { fields: [{ name: 'mode', type: 'choice', options: ['a'] }, { name: 'dueDate' }] }, null);
  await open('faulty');
  await page.getByRole('button', { name: /^mode / }).click();
  await page.getByLabel('Default').fill('nothing');
  await page.getByLabel('Default').locator('..').getByText('default cannot be "nothing"').waitFor();
  assert.equal(await page.getByLabel('Default').getAttribute('aria-invalid'), 'true');
  await page.getByRole('button', { name: /^Due date / }).click();
  await page.getByRole('checkbox', { name: 'Only the form fills it in' }).check();
  await page.getByText('2 things are wrong:').waitFor();
  await page.locator('.builder-field').getByText('A locked field needs a default').waitFor();
  await page.locator('.field-fault').getByText('default cannot be').waitFor();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.locator('.form-save > .fault-text').waitFor();
  assert.equal((await read('faulty')).version, 1);
  await page.getByRole('button', { name: 'Discard changes' }).click();
  await sound();
});

test('fields are moved by keys, dragged and removed with a way back; unsaved changes survive a reload', async () => {
  await put('order', { fields: ['a', 'b', 'c'].map((name) => ({ name, type: 'text' })) }, null);
  await open('order');
  const names = () => page.locator('.field-list .field-open strong').allTextContents();
  await page.locator('.field-open').first().focus();
  await page.keyboard.press('Alt+ArrowDown');
  await until(async () => (await names()).join('') === 'bac', 'the field to move');
  await until(async () => (await page.evaluate(() => document.activeElement.textContent)).startsWith('a'), 'the focus');
  await page.locator('.field-head').nth(2).dragTo(page.locator('.field-list > li').first());
  await until(async () => (await names()).join('') === 'cba', 'the field to be dragged');
  await page.getByRole('button', { name: 'Remove b' }).click();
  assert.equal((await names()).join(''), 'ca');
  await page.getByRole('button', { name: 'Undo' }).click();
  await until(async () => (await names()).join('') === 'cba', 'the field to come back');
  await page.waitForTimeout(400); // until the draft is kept
  await page.reload();
  await page.getByText('You have changes that are not saved.').waitFor();
  assert.equal((await names()).join(''), 'cba');
  await save(2);
  assert.deepEqual((await read('order')).form.fields.map(({ name }) => name), ['c', 'b', 'a']);
});

test('versions: what differs in words, and an older one becomes the newest', async () => {
  const old = { fields: [{ name: 'category', options: ['Customs', 'IT'] }, { name: 'LRN' }] };
  await put('versions', old, null);
  await put('versions', {
    disabled: true, needToClose: ['result'],
    fields: [{ name: 'category', options: ['Customs', 'Seals'] }, { name: 'LRN', required: true },
      { name: 'x', type: 'text', label: 'Gate' }],
  });
  await open('versions', '?tab=versions');
  await page.getByRole('heading', { name: 'What changed from version 1 to 2' }).waitFor();
  const said = await page.locator('.points li').allTextContents();
  for (const words of ['LRN, Required: now yes', 'Gate: new field', 'Category, Options: now also “Seals”',
    'Category, Options: no longer “IT”', 'Not without: now “result”'])
    assert.ok(said.includes(words), `${words} in ${said}`);
  await page.getByRole('button', { name: 'Save the older one as the newest' }).click();
  await page.locator('.toast').getByText('Saved as version 3.').waitFor();
  assert.deepEqual((await read('versions')).form, { ...old, disabled: true });
});

test('what is typed while the form is being saved stays, as a change of what is stored then', async () => {
  await put('since', { title: 'Before', fields: [{ name: 'LRN' }] }, null);
  await open('since');
  await page.locator('summary', { hasText: 'In general' }).click();
  const title = page.getByLabel('Title in English');
  await title.fill('Sent');
  await sound();
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  let asked = false;
  await page.route(`**/forms/since`, async (route) => {
    if (route.request().method() !== 'PUT') return route.continue();
    asked = true;
    await held;
    return route.continue();
  });
  const saved = save(2);
  await until(() => asked, 'it to be sent');
  await title.fill('Typed since');
  release();
  await saved;
  await page.unroute(`**/forms/since`);
  await page.getByText('version 2', { exact: true }).waitFor();
  assert.equal((await read('since')).form.title, 'Sent');
  assert.equal(await title.inputValue(), 'Typed since');
  assert.equal(await page.locator('.conflict-box').count(), 0);
  await sound();
  await save(3);
  assert.equal((await read('since')).form.title, 'Typed since');
  assert.deepEqual(page.noted, []);
});

test('a label keeps its other languages; a number is neither rounded nor taken from other text', async () => {
  const air = { value: 'AIR', label: { en: 'By air', nl: 'Door de lucht' } };
  await put('typed', { fields: [{ name: 'mode', type: 'choice', options: ['Sea', air] },
    { name: 'weight', type: 'number' }] }, null);
  await open('typed');
  await page.locator('.field-open').first().click();
  const options = page.getByLabel('Options');
  await options.fill('Sea\nAIR | By plane');
  await sound();
  await save(2);
  assert.deepEqual((await read('typed')).form.fields[0].options,
    ['Sea', { value: 'AIR', label: { en: 'By plane', nl: 'Door de lucht' } }]);
  await options.focus();
  await page.keyboard.press('Control+End');
  for (let i = 0; i < ' | By plane'.length; i += 1) await page.keyboard.press('Backspace');
  await page.keyboard.type(' | Air');
  await sound();
  await save(3);
  assert.deepEqual((await read('typed')).form.fields[0].options[1].label, { en: 'Air', nl: 'Door de lucht' });
  const longest = page.getByLabel('Longest (characters)');
  assert.equal(await longest.count(), 0);

  await page.locator('.field-open').nth(1).click();
  const preset = page.getByLabel('Default', { exact: true });
  await preset.fill('12345678901234567890');
  await sound();
  await save(4);
  assert.equal((await read('typed')).form.fields[1].default, '12345678901234567890');
  assert.equal(await preset.inputValue(), '12345678901234567890');
  await preset.fill('1.50');
  await sound();
  await page.getByLabel('Kind').selectOption('text');
  await preset.fill('');
  await longest.fill('12');
  await sound();
  await longest.press('End');
  await page.keyboard.type('a');
  await page.locator('.form-save .fault-box').waitFor();
  assert.equal(await longest.inputValue(), '12a');
  await longest.fill('12');
  await sound();
  await save(5);
  assert.equal((await read('typed')).form.fields[1].maxLength, 12);
  assert.deepEqual(page.noted, []);
});

test('Save pressed twice saves once', async () => {
  await put('twice', { fields: [{ name: 'LRN' }] }, null);
  await open('twice');
  await page.locator('summary', { hasText: 'In general' }).click();
  await page.getByLabel('Title in English').fill('Once');
  await sound();
  let sent = 0;
  await page.route('**/forms/twice', (route) => {
    if (route.request().method() === 'PUT') sent += 1;
    return route.continue();
  });
  // Both before anything is drawn again.
  await page.getByRole('button', { name: 'Save', exact: true }).evaluate((one) => {
    one.click();
    one.click();
  });
  await page.locator('.toast').getByText('Saved as version 2.').waitFor();
  await page.getByText('version 2', { exact: true }).waitFor();
  assert.equal(sent, 1);
  await page.unroute('**/forms/twice');
  assert.deepEqual(page.noted, []);
});

describe('two tabs at the same form', () => {
  for (const [button, title] of [['Save mine over it', 'Mine'], ['Take theirs', 'Theirs']])
    test(`both are shown, nothing is lost: ${button}`, async () => {
      const name = title.toLowerCase();
      await put(name, { fields: [{ name: 'LRN' }] }, null);
      await open(name);
      await page.locator('summary', { hasText: 'In general' }).click();
      await page.getByLabel('Title in English').fill('Mine');
      await sound();
      await put(name, { title: 'Theirs', fields: [{ name: 'LRN' }] });
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      const box = page.locator('.conflict-box');
      await box.getByText('Title: now “Theirs”').waitFor();
      await box.getByText('Title: now “Mine”').waitFor();
      assert.equal((await read(name)).form.title, 'Theirs');
      await box.getByRole('button', { name: button }).click();
      await box.waitFor({ state: 'detached' });
      await until(async () => (await read(name)).form.title === title, 'the choice to be stored');
    });
});

test('a file: what is downloaded is read again, anything else is refused in words', async () => {
  await put('file', { title: 'One', fields: [{ name: 'LRN', required: true }] }, null);
  await open('file');
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download as file' }).click(),
  ]);
  const text = readFileSync(await file.path(), 'utf8');
  assert.deepEqual(JSON.parse(text), { name: 'file', title: 'One', fields: [{ name: 'LRN', required: true }] });
  const upload = page.locator('input[type=file]');
  await upload.setInputFiles({ name: 'a.json', mimeType: 'application/json', buffer: Buffer.from('<b>no') });
  await page.locator('.toast').getByText('This file is not a form').waitFor();
  await upload.setInputFiles({
    name: 'a.json', mimeType: 'application/json', buffer: Buffer.from(text.replace('One', 'Two')),
  });
  await sound();
  await save(2);
  assert.equal((await read('file')).form.title, 'Two');
});

test('hostile texts are shown as texts; axe finds nothing; 360 px are enough', async () => {
  const hostile = `<img src=x onerror=alert(1)>'"&${'w'.repeat(600)}`;
  const evil = {
    title: hostile, help: hostile,
    fields: [{ name: 'evil', type: 'choice', label: hostile, help: hostile, options: [hostile.slice(0, 250), '=1+1'] },
      { name: 'reporter', help: 'x' }],
  };
  await put('hostile', evil, null);
  await put('hostile', { title: 'x' });
  for (const [theme, width] of [['light', 1280], ['dark', 360]]) {
    const narrow = await openAs(browser, server, MANAGER, { theme, width });
    await narrow.addInitScript(axe);
    for (const [name, query] of [
      ['hostile', '?tab=versions'], ['claim', ''], ['claim', '?tab=use'], ['hostile2', '?from=hostile'],
    ]) {
      if (name === 'hostile2') await put('hostile', evil);
      await open(name, query, narrow);
      if (query === '?tab=versions') await narrow.getByRole('heading', { level: 2 }).first().waitFor();
      else if (query === '?tab=use') await narrow.locator('.command').first().waitFor();
      else await sound(narrow);
      for (const summary of await narrow.locator('.builder-part summary').all()) await summary.click();
      if (query === '' || query.startsWith('?from')) await narrow.locator('.field-open').first().click();
      const found = await narrow.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
      const faults = found.violations.map(({ id, nodes }) => `${id} ${nodes[0].html}`);
      assert.deepEqual(faults, [], `${name}${query} ${width}`);
      assert.equal(await scrollsSideways(narrow), false, `${name}${query} ${width}: ${await tooWide(narrow)}`);
    }
    assert.deepEqual(narrow.noted.filter((one) => !/404/.test(one)), []);
    await narrow.context().close();
  }
});
