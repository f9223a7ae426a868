/*
 * The inbox: what needs somebody is there with the reason in words, and every answer to it works by the
 * keyboard alone and has a way back.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { patience, until } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer, WORKSPACE } from '../lib/server.mjs';
import { focused, leave, openBrowser, openPage, scrollsSideways } from './browser.mjs';
import { keep } from './pages.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const DOMAIN = EXAMPLE.domain;
const TWO = 'EXA-CON-BUS-TWO';
const OTHER = EXAMPLE.email;
const ADMIN = { email: 'admin@example.com', admin: true };
const person = (name, role = 'manager') => ({ email: `${name}@example.com`, role, domain: DOMAIN });
/* One for each test that counts, since the inbox of each has all that came before. */
const [ME, TEN, COUNTS, LIVE, LEAVER, NARROW] = ['me', 'ten', 'counts', 'live', 'leaver', 'narrow'].map((name) =>
  person(name).email);
const VIEWER = 'viewer@example.com';
const NOBODY = 'nobody@example.com';

let server;
let browser;
let client;
const pages = new Map();

before(async () => {
  server = await startServer({
    workspaces: [[WORKSPACE, '--name', 'Gate'], TWO, 'ACME-WOR'],
    users: [EXAMPLE, ADMIN, person('me'), person('ten'), person('counts'), person('live'), person('leaver'),
      person('narrow'), person('viewer', 'viewer'), { email: NOBODY, role: 'member', domain: 'ACME' }],
  });
  const scopes = ['task:create', 'task:read'];
  const made = await server.addClient(ADMIN.email, { name: 'Declaration system', scopes });
  client = await server.clientToken(made);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** The inbox of somebody, loaded again. */
async function openInbox(as, query = '', options = {}) {
  const { fresh = false, ...more } = options;
  let it = fresh ? undefined : pages.get(as);
  if (!it) {
    it = await openPage(browser, server, { ...more, as: null });
    if (!fresh) pages.set(as, it);
    const answer = await it.request.post(`${server.url}/app/session`, {
      headers: { origin: server.url, 'x-bzctrl-app': '1' },
      data: { email: as, password: EXAMPLE.password },
    });
    assert.ok(answer.ok(), await answer.text());
  } else {
    await leave(it);
  }
  await it.goto(`/app/#/inbox${query}`);
  await it.locator('.inbox-row, .inbox-nothing').first().waitFor();
  return it;
}

const report = (title, changes = {}, token = undefined) =>
  server.createAndRead(small({ title, ...changes }), token ? { token, as: ADMIN.email } : {});
const assignedTo = (who, title, changes = {}) => report(title, { assignee: who, ...changes });
const fromSystem = (title, changes = {}) => report(title, changes, client);
const pathOf = ({ key }) => `${API}/tasks/${key}`;
async function change(record, changes, as = OTHER) {
  const answer = await server.send(as, 'PATCH', pathOf(record), changes, { headers: { 'if-match': '*' } });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}
async function say(record, text) {
  const answer = await server.send(OTHER, 'POST', `${pathOf(record)}/comments`, { text });
  assert.equal(answer.status, 201, answer.text);
}
const readBack = async ({ key }) => (await server.get(`${API}/tasks/${key}`, { as: ADMIN.email })).json;
/** Waits until the record at the server is so. */
async function stored(record, expected) {
  const held = (now) => Object.fromEntries(Object.keys(expected).map((name) => [name, now[name]]));
  const right = async () => JSON.stringify(held(await readBack(record))) === JSON.stringify(expected);
  await until(right, JSON.stringify(expected)).catch(async () =>
    assert.deepEqual(held(await readBack(record)), expected));
}
const inbox = async (as, query = '') =>
  (await server.get(`${API}/me/inbox?limit=200&total=true${query}`, { as })).json;
const inInbox = async (as, { key }, query = '') => (await inbox(as, query)).items.some(({ task }) => task.key === key);
const day = (n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);

const row = (of, record) => of.locator(`.inbox-row a[data-key="${record.key}"]`);
const titles = (of) => of.locator('.inbox-row .row-title').allTextContents();
const reasons = (of, record) => row(of, record).locator('.why').allTextContents();
/** Chooses a row by clicking it. */
async function choose(of, record) {
  await row(of, record).click();
  await of.locator(`.inbox-row a[data-key="${record.key}"][aria-current]`).waitFor();
}
const toastSays = (of, text) => of.locator('.toast').getByText(text).waitFor();
async function takeBack(of) {
  await of.locator('dialog[open]').waitFor({ state: 'detached' });
  await of.keyboard.press('Control+z');
}
const gone = (of, record) => row(of, record).waitFor({ state: 'detached' });
const count = (of, box) => of.locator(`.tab-count[data-box=${box}]`).textContent();

describe('by the keyboard alone', () => {
  test('ten reports of systems are handled in a row', async () => {
    const original = await report('The original', { tags: ['first'], assignee: TEN });
    const reports = [];
    for (let i = 1; i <= 10; i += 1) reports.push(await fromSystem(`Report ${i}`, { tags: [`tag ${i}`] }));
    reports.reverse(); // the newest is at the top
    const it = await openInbox(TEN, '?tab=new');
    assert.deepEqual((await titles(it)).slice(0, 10), reports.map(({ title }) => title));
    const { keyboard } = it;
    const next = async (i) => {
      await gone(it, reports[i]);
      if (i < 9) await it.locator(`.inbox-row a[data-key="${reports[i + 1].key}"][aria-current]`).waitFor();
    };
    const asked = () => it.locator('dialog[open] :focus').waitFor();
    await keyboard.press('j');
    await keyboard.press('k');

    await keyboard.press('a');
    await next(0);
    await stored(reports[0], { assignee: TEN, status: 'In Progress' });

    await keyboard.press('d');
    await asked();
    await keyboard.type(original.key);
    await it.getByRole('option', { name: 'The original' }).waitFor();
    await keyboard.press('Enter');
    await next(1);
    await stored(reports[1], { status: 'Done', result: `Duplicate of ${original.key}` });
    assert.deepEqual((await readBack(original)).tags.slice().sort(), ['first', 'tag 9', ...original.tags].sort()
      .filter((tag, i, all) => all.indexOf(tag) === i));

    await keyboard.press('x');
    await asked();
    await keyboard.type('A test of the scanner');
    await keyboard.press('Control+Enter');
    await next(2);
    await stored(reports[2], { status: 'Done', result: 'A test of the scanner' });

    await keyboard.press('t');
    await asked();
    await keyboard.type('+7d');
    await keyboard.press('Enter');
    await stored(reports[3], { dueDate: day(7) });
    await toastSays(it, /: due date /);
    await keyboard.press('e'); // dated, and still nobody's: it is new until somebody takes it or puts it away
    await next(3);

    await keyboard.press('s');
    await asked();
    await keyboard.press('Enter');
    await it.getByRole('heading', { name: 'Close this record' }).waitFor();
    await asked();
    await keyboard.type('Seal replaced');
    await keyboard.press('Control+Enter');
    await next(4);
    await stored(reports[4], { status: 'Done', result: 'Seal replaced' });

    await keyboard.press('s');
    await asked();
    await keyboard.type('to do');
    await keyboard.press('Enter');
    await stored(reports[5], { status: 'To do' });
    await toastSays(it, /: To do · Report 5$/);
    await keyboard.press('a');
    await next(5);
    await stored(reports[5], { assignee: TEN, status: 'In Progress' });

    for (const [i, words] of [[6, 'tomorrow'], [7, 'week']]) {
      await keyboard.press('z');
      await asked();
      await keyboard.type(words);
      await keyboard.press('Enter');
      await next(i);
      assert.ok(await inInbox(TEN, reports[i], '&snoozed=true'), words);
    }
    for (const i of [8, 9]) {
      await keyboard.press('e');
      await next(i);
      await until(async () => !(await inInbox(TEN, reports[i])), 'it to be done');
    }

    const done = it.locator('.inbox-nothing');
    await done.getByRole('heading', { name: /^All done\s*as of \d\d:\d\d$/ }).waitFor();
    await done.getByText(/^The next snoozed record returns/).waitFor();
    await until(async () => (await count(it, 'new')) === '0' && (await count(it, 'snoozed')) === '2', 'the counts');
    assert.deepEqual(it.noted, []);
  });

  test('j, k and the arrows move, Enter opens, Escape comes back, a number is a tab, ? lists the keys', async () => {
    const first = await assignedTo(ME, 'Move one');
    const second = await assignedTo(ME, 'Move two');
    const it = await openInbox(ME);
    const chosen = (record) => it.locator(`[data-key="${record.key}"][aria-current]:focus`).waitFor();
    await row(it, second).focus();
    await it.keyboard.press('j');
    await chosen(first);
    await it.keyboard.press('ArrowUp');
    await chosen(second);
    await it.locator('.inbox-record h1', { hasText: 'Move two' }).waitFor();
    await it.keyboard.press('Enter');
    assert.deepEqual(await focused(it), { tag: 'H1', id: '', text: 'Move two' });
    assert.match(it.url(), new RegExp(`tab=me&key=${second.key}$`));
    await it.keyboard.press('Escape');
    await chosen(second);
    await it.keyboard.press('2');
    await it.waitForURL(/tab=new$/);
    await it.keyboard.press('1');
    await it.waitForURL(/tab=me$/);
    await it.locator('.inbox-record h1').waitFor();
    await it.keyboard.press('?');
    const help = it.getByRole('dialog', { name: 'Keyboard' });
    for (const does of ['Snooze it until a day', 'Next record', 'Put it away until something new happens'])
      await help.getByText(does, { exact: true }).first().waitFor();
    assert.equal(await help.locator('kbd', { hasText: /^e$/ }).count(), 1, 'a key does one thing');
  });

  test('a key that is held and a button that is pressed twice act on the one record that was seen', async () => {
    const all = [];
    for (let i = 0; i < 4; i++) all.push(await assignedTo(TEN, `Only one of ${i}`));
    const it = await openInbox(TEN);
    const answers = [];
    it.on('request', (one) => one.method() === 'POST' && one.url().includes('/me/inbox/') && answers.push(one.url()));
    await choose(it, all[3]);
    for (let i = 0; i < 3; i++) await it.keyboard.down('e');
    await it.keyboard.up('e');
    await gone(it, all[3]);
    await it.getByRole('toolbar').getByRole('button', { name: 'Put away' }).dblclick();
    await it.locator('.toast').waitFor();
    await until(() => answers.length >= 2, 'both answers');
    await row(it, all[0]).waitFor();
    assert.equal(new Set(answers).size, 2);
    assert.equal(answers.length, 2);
    for (const record of all) await server.send(TEN, 'POST', `${API}/me/inbox/${record.key}`, { done: true });
    assert.deepEqual(it.noted, []);
  });

  test('a word that is typed for a dialog goes into it, or nowhere', async () => {
    const record = await assignedTo(ME, 'Typed about');
    const it = await openInbox(ME, '', { fresh: true });
    await choose(it, record);
    await it.keyboard.press('d');
    await it.keyboard.type('DEC-215');
    assert.equal(await it.locator('dialog[open] :focus').inputValue(), 'DEC-215');
    await it.keyboard.press('Escape');

    await say(record, `@${ME} it is over`);
    await change(record, { status: 'Done' });
    await it.getByRole('toolbar').getByRole('button', { name: 'Take' }).waitFor({ state: 'detached' });
    await it.clock.setFixedTime(Date.now()); // however slow the machine is
    await it.keyboard.press('d');
    await it.keyboard.type('ec-215'); // of which e puts it away
    await toastSays(it, '“d” does nothing here now.');
    await row(it, record).and(it.locator('[aria-current]')).waitFor();
    assert.match(it.url(), /tab=me/);
    await it.clock.setFixedTime(Date.now() + 5000 + 60_000 * patience);
    await it.keyboard.press('e');
    await gone(it, record);
    await it.context().close();
  });

  test('every button has its key, and what can be done is there once', async () => {
    const record = await assignedTo(ME, 'Once each', { status: 'To do' });
    const it = await openInbox(ME);
    await choose(it, record);
    await it.locator('.record-actions').waitFor();
    for (const name of [/^Take/, /^Done…/])
      assert.equal(await it.getByRole('button', { name }).count(), 1, String(name));
    const keys = await it.getByRole('toolbar').locator('.button:not(.bar-more)').evaluateAll((all) =>
      all.map((one) => one.querySelector('kbd')?.textContent));
    assert.deepEqual(keys, ['a', 'f', 'g', 'z', 'e']);
    await it.keyboard.press('f');
    await it.keyboard.type('At once');
    await it.getByRole('dialog', { name: 'Close this record' }).waitFor();
    assert.equal(await it.locator('dialog[open] :focus').inputValue(), 'At once');
    await it.keyboard.press('Control+Enter');
    await gone(it, record);
    await stored(record, { status: 'Done', result: 'At once' });
  });

  test('a report of a system that named somebody is new until somebody takes it, also that person', async () => {
    const cases = {
      async take(it) {
        await it.keyboard.press('a');
        return { assignee: ME, status: 'In Progress' };
      },
      async assign(it) {
        await it.keyboard.press('g');
        await it.getByRole('option', { name: ME }).click();
        return { assignee: ME };
      },
    };
    for (const [name, act] of Object.entries(cases)) {
      const record = await fromSystem(`Named for ${name}`, { reporter: ME, assignee: ME, status: 'In Progress' });
      const it = await openInbox(ME, '?tab=new');
      await choose(it, record);
      const sent = it.waitForRequest((one) => one.method() === 'PATCH' && one.url().endsWith(record.key));
      const expected = await act(it);
      assert.deepEqual((await sent).postDataJSON(), expected);
      await toastSays(it, `${record.key} is`);
      await gone(it, record);
      assert.equal(await inInbox(ME, record), false);
    }
  });

  test('switched off, letters do nothing, and the buttons do all', async () => {
    const record = await assignedTo(ME, 'Letters');
    const it = await openInbox(ME);
    await it.evaluate(() => localStorage.setItem('bzctrl.letters', 'off'));
    await it.reload();
    await choose(it, record);
    await it.keyboard.press('e');
    await it.getByRole('toolbar').getByRole('button', { name: 'Put away' }).click();
    await toastSays(it, `${record.key} is put away · Letters`);
    await it.evaluate(() => localStorage.removeItem('bzctrl.letters'));
  });
});

describe('there is a way back from each answer', () => {
  const cases = {
    async take(it) {
      await it.keyboard.press('a');
      return { assignee: ME, status: 'In Progress' };
    },
    async duplicate(it, record, original) {
      await it.keyboard.press('d');
      await it.getByRole('combobox').fill(original.key);
      await it.getByRole('option', { name: original.title }).click();
      return { status: 'Done', result: `Duplicate of ${original.key}` };
    },
    async 'not an incident'(it) {
      await it.keyboard.press('x');
      await it.getByLabel('Reason').fill('No');
      await it.getByRole('button', { name: 'Close it', exact: true }).click();
      return { status: 'Done', result: 'No' };
    },
    async 'a date of an overdue record, with a reason'(it) {
      await it.keyboard.press('t');
      await it.getByLabel('Date', { exact: true }).and(it.locator(':focus')).waitFor();
      await it.keyboard.type('2099-01-31'); // in place of the old one
      await it.keyboard.press('Enter');
      await it.keyboard.press('Enter');
      await it.getByRole('alert').getByText('Fill in Reason first.').waitFor();
      await it.keyboard.type('The carrier is late');
      await it.keyboard.press('Enter');
      return { dueDate: '2099-01-31', dueMoves: 1 };
    },
    async finish(it) {
      await it.keyboard.press('s');
      await it.getByRole('option', { name: 'Done…' }).click();
      await it.getByLabel('Result').fill('All is well');
      await it.getByRole('button', { name: 'Close it', exact: true }).click();
      return { status: 'Done', result: 'All is well' };
    },
    async assign(it) {
      await it.keyboard.press('g');
      await it.getByRole('option', { name: OTHER }).click();
      return { assignee: OTHER, status: 'To do' };
    },
    async status(it) {
      await it.keyboard.press('s');
      await it.getByRole('option', { name: 'Expired' }).click();
      return { status: 'Expired' };
    },
  };
  for (const [name, act] of Object.entries(cases))
    test(name, async () => {
      const original = await report(`Original of ${name}`);
      const record = await assignedTo(ME, `Undo ${name}`,
        { dueDate: day(-3), status: 'To do', assignee: name === 'take' ? OTHER : ME, tags: ['mine'] });
      // Taken records come from somebody else: a mention brings them here.
      if (name === 'take') await say(record, `@${ME} look`);
      const it = await openInbox(ME);
      await choose(it, record);
      const expected = await act(it, record, original);
      await stored(record, expected);
      if (expected.status === 'Done' || name === 'assign') await gone(it, record);
      await it.locator('.toast').getByRole('button', { name: 'Undo' }).waitFor();
      await takeBack(it);
      const { assignee, status, result, dueDate, dueMoves } = record;
      await stored(record, { assignee, status, result, dueDate, dueMoves });
      await toastSays(it, new RegExp(`^Undone: ${record.key}`));
      await it.locator(`.inbox-row a[data-key="${record.key}"]`).waitFor();
      assert.deepEqual((await readBack(original)).tags, original.tags);
      const { items } = (await server.get(`${pathOf(record)}/related`, { as: ME })).json;
      assert.ok(items.every(({ why }) => why.every(({ kind }) => kind !== 'duplicates')));
      assert.ok(await inInbox(ME, record));
      assert.deepEqual(it.noted, []);
    });

  test('the date dialog reads a day back as it is typed, and says when it is to have none', async () => {
    const record = await assignedTo(ME, 'No day', { dueDate: '2099-01-31' });
    const it = await openInbox(ME);
    await choose(it, record);
    await it.keyboard.press('t');
    const field = it.getByLabel('Date', { exact: true });
    await field.fill('-2d');
    await it.getByText(/, 2 days ago$/).waitFor();
    await field.fill('');
    await it.getByRole('button', { name: 'No due date', exact: true }).click();
    await stored(record, { dueDate: null });
    await toastSays(it, `${record.key}: due date None · No day`);
    assert.deepEqual(it.noted, []);
  });

  test('snoozed until a typed day; a text that is not a day, or a past one, is refused', async () => {
    const record = await assignedTo(ME, 'Until a day');
    const it = await openInbox(ME);
    await choose(it, record);
    await it.keyboard.press('z');
    const field = it.getByRole('dialog').getByPlaceholder('Such as 31 Dec, fri, +7d or eom (end of month).');
    await field.fill('not a day');
    await it.getByText('“not a day” is not a date. Such as').waitFor();
    for (const day of ['-3d', '+14m']) {
      await field.fill(day);
      await it.getByText('Choose a day after today, within a year.').waitFor();
      assert.equal(await it.getByRole('option').count(), 0, day);
    }
    await field.fill('+3d');
    await it.keyboard.press('Enter');
    await gone(it, record);
    await until(() => inInbox(ME, record, '&snoozed=true'), 'it to be snoozed');
    const { snooze } = (await inbox(ME, '&snoozed=true')).items.find(({ task }) => task.key === record.key);
    const date = await it.evaluate(() => new Date(Date.now() + 3 * 86_400_000).toDateString());
    assert.equal(await it.evaluate((at) => new Date(at).toDateString(), snooze), date);
    await takeBack(it);
    await row(it, record).waitFor();
  });

  test('snooze and done, also of what is snoozed', async () => {
    const record = await assignedTo(ME, 'Undo snooze and done');
    let it = await openInbox(ME);
    for (const act of [
      async () => {
        await it.keyboard.press('z');
        await it.getByRole('option', { name: 'In a week' }).click();
      },
      () => it.keyboard.press('e'),
    ]) {
      await choose(it, record);
      await act();
      await gone(it, record);
      await until(async () => !(await inInbox(ME, record)), 'the answer');
      await it.locator('.toast').getByRole('button', { name: 'Undo' }).click();
      await row(it, record).waitFor();
      await until(() => inInbox(ME, record), 'the answer to go');
    }
    const week = new Date(Date.now() + 7 * 86_400_000).toISOString();
    await server.send(ME, 'POST', `${API}/me/inbox/${record.key}`, { snooze: week });
    it = await openInbox(ME, '?tab=snoozed');
    await choose(it, record);
    assert.match((await reasons(it, record))[0], /^Until /);
    await it.keyboard.press('z');
    await it.getByRole('option', { name: 'Back to the inbox now' }).click();
    await gone(it, record);
    await until(() => inInbox(ME, record), 'it to be back');
    await takeBack(it);
    await until(() => inInbox(ME, record, '&snoozed=true'), 'it to be snoozed again');
    const { snooze } = (await inbox(ME, '&snoozed=true')).items.find(({ task }) => task.key === record.key);
    assert.equal(snooze, week);
  });

  test('a report of a system that was taken and given back stays in the list', async () => {
    const record = await fromSystem('Taken and given back');
    const it = await openInbox(ME, '?tab=new');
    await choose(it, record);
    await it.keyboard.press('a');
    await gone(it, record);
    await stored(record, { assignee: ME });
    await it.locator('.toast').getByRole('button', { name: 'Undo' }).click();
    await stored(record, { assignee: record.assignee, status: record.status });
    await row(it, record).waitFor();
  });

  test('of two answers, the last first, by Ctrl Z twice, also when the message is gone', async () => {
    const records = [await assignedTo(ME, 'First of two'), await assignedTo(ME, 'Second of two')];
    const it = await openInbox(ME);
    for (const record of records) {
      await choose(it, record);
      await it.keyboard.press('e');
      await gone(it, record);
      await until(async () => !(await inInbox(ME, record)), 'the answer');
    }
    await it.locator('.toast').waitFor({ state: 'detached' });
    await it.keyboard.press('Control+z');
    await row(it, records[1]).waitFor();
    assert.equal(await row(it, records[0]).count(), 0);
    await it.keyboard.press('Control+z');
    await row(it, records[0]).waitFor();
    for (const record of records) await until(() => inInbox(ME, record), 'the answer to go');
    await it.keyboard.press('Control+z');
    await toastSays(it, 'Nothing left to undo.');
  });

  test('closed by the button of the record, it leaves, and the next one comes', async () => {
    const records = [await assignedTo(ME, 'Closed by its button'), await assignedTo(ME, 'The next one')];
    const it = await openInbox(ME);
    await choose(it, records[0]);
    await it.locator('.record-page h1', { hasText: 'Closed by its button' }).waitFor();
    await it.getByRole('button', { name: 'Done…' }).click();
    await it.getByRole('dialog').getByRole('button', { name: 'Close it', exact: true }).click();
    await gone(it, records[0]);
    await stored(records[0], { status: 'Done' });
    await it.locator('.inbox-row a[aria-current]').waitFor();
    await takeBack(it);
    await row(it, records[0]).waitFor();
    await stored(records[0], { status: records[0].status });
  });

  test('not over what somebody has changed since', async () => {
    const record = await assignedTo(ME, 'Changed since', { status: 'To do' });
    const it = await openInbox(ME);
    await choose(it, record);
    await it.keyboard.press('a');
    await stored(record, { status: 'In Progress' });
    await it.locator('.toast').getByRole('button', { name: 'Undo' }).waitFor();
    await change(record, { status: 'Expired' });
    await takeBack(it);
    await toastSays(it, /^That could not be undone/);
    await stored(record, { status: 'Expired' });
  });
});

describe('what is typed for a while does not replace unseen what came in that time', () => {
  const cases = {
    async finish(it) {
      await it.keyboard.press('s');
      await it.getByRole('option', { name: 'Done…' }).click();
      await it.getByLabel('Result').fill('Mine');
      return it.getByRole('button', { name: 'Close it', exact: true });
    },
    async 'not an incident'(it) {
      await it.keyboard.press('x');
      await it.getByLabel('Reason').fill('Mine');
      return it.getByRole('button', { name: 'Close it', exact: true });
    },
  };
  for (const [name, type] of Object.entries(cases))
    test(name, async () => {
      const record = await assignedTo(ME, `Typed for long: ${name}`);
      const it = await openInbox(ME);
      await choose(it, record);
      const send = await type(it);
      await change(record, { result: 'Theirs', title: `And changed: ${name}` });
      await it.getByRole('dialog').getByText(`And changed: ${name}`).waitFor();
      await send.click();
      await it.getByRole('alert').getByText(`Somebody has just changed ${record.key}.`).waitFor();
      await stored(record, { result: 'Theirs', status: record.status });
      await send.click();
      await stored(record, { result: 'Mine', status: 'Done' });
      await it.locator('.toast').getByRole('button', { name: 'Undo' }).waitFor();
      await takeBack(it);
      await stored(record, { result: 'Theirs', status: record.status });
      assert.deepEqual(it.noted, []);
    });
});

/** The dialog for the original of a record that its reader is mentioned in. */
async function askDuplicate(record) {
  await say(record, `@${ME} look`);
  const it = await openInbox(ME);
  await choose(it, record);
  await it.keyboard.press('d');
  const dialog = it.getByRole('dialog');
  return { it, dialog, options: dialog.getByRole('option') };
}

test('the possible originals of a duplicate can be distinguished', async () => {
  const title = 'Alike';
  const orders = { orderID: 'ALIKE-1', assignee: ME };
  const [first, second] = [await report(title, orders), await report(title, { ...orders, status: 'In Progress' })];
  const record = await report(title, orders);
  const { it, dialog, options } = await askDuplicate(record);
  for (const words of ['', title]) {
    await dialog.getByRole('combobox').fill(words);
    await until(async () => (await options.count()) === 2, `the other two for “${words}”`);
    for (const { key, status } of [first, second]) {
      const option = options.filter({ hasText: key });
      assert.match(await option.textContent(), new RegExp(`^Alike${key} · ${status} · ALIKE-1 · Reported `));
      assert.ok(await option.evaluate((one) =>
        [...one.querySelectorAll('*')].every(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth + 1)));
    }
  }
  await dialog.getByText(
    `${record.key} will be closed as a duplicate; its tags go to the record that you choose.`).waitFor();
  await dialog.getByRole('combobox').fill('');
  assert.equal(await dialog.getByText('A key, an order or words of the original').count(), 0, 'only the placeholder');
  await it.keyboard.press('Escape');
});

test('the oldest open record of the same order comes first, and all are there, also while one types', async () => {
  const orderID = 'AGAIN-13';
  const made = [];
  for (let i = 0; i < 14; i++) made.push(await report(i === 4 ? 'The seal' : `Crate ${i}`, { orderID }));
  const [closed, oldest, ...later] = made;
  const record = later.pop();
  await change(closed, { status: 'Done', result: 'Paid' }, ME);
  const other = await report('The seal, AGAIN', { orderID: 'OTHER-13' });
  const { it, dialog, options } = await askDuplicate(record);
  const keys = async () =>
    (await options.allTextContents()).map((text) =>
      made.concat(other).find(({ key }) => text.includes(`${key} · `))?.key);
  await until(async () => (await options.count()) === 13, 'all of the order');
  assert.deepEqual(await keys(), [oldest, ...later, closed].map(({ key }) => key));
  await dialog.getByRole('combobox').fill('seal again');
  await until(async () => (await keys()).includes(other.key), 'what is found');
  assert.deepEqual(await keys(), [made[4].key, other.key]);
  await dialog.getByRole('combobox').fill('again');
  await until(async () => (await keys()).includes(other.key), 'what is found');
  assert.deepEqual((await keys()).slice(0, 14), [oldest, ...later, closed, other].map(({ key }) => key));
  await it.keyboard.press('Escape');
});

test('whom Enter assigns fits what is typed, also before the answer to that has come', async () => {
  const record = await assignedTo(ME, 'To be assigned');
  const it = await openInbox(ME);
  const sent = [];
  it.on('request', (request) => request.method() === 'PATCH' && sent.push(request.url()));
  await choose(it, record);
  await it.keyboard.press('g');
  await it.getByRole('option').first().waitFor();
  await it.route('**/people?*', () => {}); // so that none comes
  await it.keyboard.type('nobody of this name');
  await it.keyboard.press('Enter');
  await it.unroute('**/people?*');
  await it.locator('dialog[open] input').fill(OTHER);
  await it.getByRole('option', { name: OTHER }).click();
  await stored(record, { assignee: OTHER });
  assert.equal(sent.length, 1);
  assert.deepEqual(it.noted, []);
});

/** How the two are linked, if they are. */
async function kindOf(record, other) {
  const { items } = (await server.get(`${pathOf(record)}/related`, { as: ME })).json;
  const why = items.find(({ record: { key } }) => key === other.key)?.why ?? [];
  return why.map(({ kind }) => kind).find((kind) => kind.startsWith('duplicate'));
}

describe('what the form asks for', () => {
  async function byForm(document, changes) {
    const name = `form-${Object.keys(document).join('-').toLowerCase()}`;
    await server.send(ADMIN.email, 'PUT', `${API}/workspaces/${TWO}/forms/${name}`, document);
    const answer = await server.addTask(
      small({ domainWorkSpace: TWO, assignee: ME, ...changes }), { query: `?form=${name}` });
    assert.equal(answer.status, 201, answer.text);
    return (await server.get(`${API}/tasks/${answer.json.taskLink.split('/').pop()}`)).json;
  }

  test('is asked when a record is finished', async () => {
    const record = await byForm(
      { needToClose: ['result', 'cause', 'priority', 'category', 'carrier'],
        fields: [{ name: 'carrier', type: 'text' }] },
      { title: 'Needs much' });
    const it = await openInbox(ME);
    await choose(it, record);
    await it.keyboard.press('s');
    await it.keyboard.press('Enter');
    await it.getByRole('dialog').getByLabel('carrier').waitFor();
    await it.getByRole('button', { name: 'Close it', exact: true }).click();
    await it.getByRole('alert').getByText('Fill in Result first.').waitFor();
    await it.getByRole('dialog').getByLabel('Result').fill('Done so');
    await it.getByRole('button', { name: 'Close it', exact: true }).click();
    await it.getByRole('alert').getByText('Fill in Cause first.').waitFor();
    await it.getByRole('dialog').getByLabel('Cause').and(it.locator(':focus')).waitFor();
    await it.getByRole('dialog').getByLabel('Cause').fill('After hours');
    await it.getByRole('dialog').getByLabel('Priority').selectOption('High');
    await it.getByRole('dialog').getByLabel('Category').fill('Customs\nTransport');
    await it.getByRole('dialog').getByLabel('carrier').fill('By road');
    await it.keyboard.press('Enter');
    await gone(it, record);
    await stored(record, { status: 'Done', result: 'Done so', cause: 'After hours', priority: 'High',
      category: ['Customs', 'Transport'], extra: { carrier: 'By road' } });
    await takeBack(it);
    await stored(record, { status: record.status, result: null, cause: null, priority: null, category: [], extra: {} });
  });

  test('is asked as well when it is a duplicate, or not an incident', async () => {
    const original = await report('The first of the two');
    const asks = { needToClose: ['result', 'cause'] };
    for (const [key, answer, result] of [
      ['x', (it) => it.getByLabel('Reason').fill('An exercise'), () => 'An exercise'],
      ['d', (it) => it.getByRole('combobox').fill(original.key),
        () => `Duplicate of ${original.key}`],
    ]) {
      const record = await byForm(asks, { title: `Asks a cause, by ${key}`, todoType: 'INCIDENT', tags: ['drilled'] });
      const it = await openInbox(ME);
      await choose(it, record);
      await it.keyboard.press(key);
      await answer(it);
      if (key === 'd') await it.getByRole('option', { name: original.title }).click();
      else await it.getByRole('button', { name: 'Close it', exact: true }).click();
      assert.equal(await it.getByRole('dialog').getByLabel('Result').inputValue(), result(record));
      const says = it.getByRole('dialog').getByText(
        `${record.key} will be closed as a duplicate; its tags go to ${original.key}.`);
      assert.equal(await says.count(), key === 'd' ? 1 : 0);
      await it.getByRole('dialog').getByLabel('Cause').fill('A drill');
      await it.getByRole('button', { name: 'Close it', exact: true }).click();
      await gone(it, record);
      await stored(record, { status: 'Done', result: result(record), cause: 'A drill' });
      if (key === 'x') continue;
      assert.equal(await kindOf(record, original), 'duplicates');
      assert.ok((await readBack(original)).tags.includes('drilled'));
      await takeBack(it);
      await toastSays(it, /^Undone: /);
      await stored(record, { status: record.status, result: null, cause: null });
      assert.equal(await kindOf(record, original), undefined);
      assert.deepEqual((await readBack(original)).tags, original.tags);
    }
  });

  test('a second person: proposed, accepted, sent back', async () => {
    const first = await byForm({ confirmClose: 'always' }, { title: 'Needs another', assignee: OTHER });
    await say(first, `@${ME} please close`);
    const mine = await openInbox(ME);
    await choose(mine, first);
    await mine.keyboard.press('s');
    await mine.keyboard.press('Enter');
    await mine.getByLabel('Result').fill('Paid');
    await mine.getByRole('button', { name: 'Propose closing', exact: true }).click();
    await toastSays(mine, `${first.key}: a second person must confirm that it is closed`);
    assert.equal((await readBack(first)).awaits.by, ME);

    const [twin, other] = [await byForm({ confirmClose: 'always' }, { title: 'Reported twice' }), await report('Once')];
    await openInbox(ME);
    await choose(mine, twin);
    await mine.keyboard.press('d');
    await mine.getByRole('combobox').fill(other.key);
    await mine.getByRole('option', { name: other.title }).click();
    await toastSays(mine, `${twin.key}: a second person must confirm that it is closed`);
    const { awaits, result } = await readBack(twin);
    assert.deepEqual([awaits.by, awaits.duplicateOf, result], [ME, other.key, `Duplicate of ${other.key}`]);
    assert.equal(await kindOf(twin, other), 'duplicates');
    await takeBack(mine);
    await stored(twin, { awaits: null, result: null });
    assert.equal(await kindOf(twin, other), undefined);

    const record = await byForm({ confirmClose: 'always' }, { title: 'Needs two', assignee: OTHER });
    const propose = () => server.send(OTHER, 'POST', `${pathOf(record)}/closing`, { result: 'Paid again' });
    assert.equal((await propose()).status, 200);
    let it = await openInbox(ME, '?tab=checks');
    await choose(it, record);
    assert.deepEqual((await reasons(it, record)).slice(0, 1), [`${OTHER} proposes to close it`]);
    await it.keyboard.press('x');
    await it.getByLabel('Note (optional)').fill('The receipt is missing');
    await it.getByRole('dialog').getByRole('button', { name: 'Send back' }).click();
    await gone(it, record);
    await stored(record, { awaits: null, open: true });
    const { items } = (await server.get(`${pathOf(record)}/events?limit=1`, { as: ME })).json;
    assert.deepEqual(items[0].changes.note, [null, 'The receipt is missing']);

    assert.equal((await propose()).status, 200);
    it = await openInbox(ME, '?tab=checks');
    await choose(it, record);
    await it.keyboard.press('a');
    await gone(it, record);
    await stored(record, { status: 'Done', closedBy: ME });
    await it.locator('.toast').getByRole('button', { name: 'Undo' }).click();
    await toastSays(it, new RegExp(`^Undone: ${record.key}`));
    await stored(record, { open: true, status: record.status });
    assert.equal((await readBack(record)).awaits.by, OTHER, 'it is to be confirmed again');
  });

  test('who confirms a duplicate reads of which record, which gets its tags then', async () => {
    const [original, record] = [await report('The first of them'),
      await byForm({ confirmClose: 'always' }, { title: 'Comes twice', assignee: OTHER, tags: ['second'] })];
    const proposed = await server.send(OTHER, 'POST', `${pathOf(record)}/closing`, { duplicateOf: original.key });
    assert.equal(proposed.status, 200, proposed.text);
    const it = await openInbox(ME, '?tab=checks');
    await choose(it, record);
    const says = `${record.key} is a duplicate of ${original.key} · The first of them`;
    await it.locator('.note').getByText(says).waitFor();
    await it.keyboard.press('a');
    await gone(it, record);
    await stored(record, { status: 'Done', closedBy: ME });
    assert.equal(await kindOf(record, original), 'duplicates');
    assert.ok((await readBack(original)).tags.includes('second'));
    await it.locator('.toast').getByRole('button', { name: 'Undo' }).click();
    await toastSays(it, /^Undone: /);
    await stored(record, { open: true });
    assert.equal((await readBack(record)).awaits.duplicateOf, original.key);
    assert.deepEqual((await readBack(original)).tags, original.tags);
  });
});

describe('a row says', () => {
  test('since when it needs somebody, by days of the calendar', async () => {
    const late = await report('Since it was due', { dueDate: day(-3) });
    await change(late, { assignee: ME }, ME); // which is not a reason
    const given = await assignedTo(ME, 'Given two days ago');
    const context = { timezoneId: 'Asia/Tokyo', fresh: true };
    const it = await openInbox(ME, '', context);
    const age = (of) => row(it, of).locator('.row-age').textContent();
    assert.match(await age(late), /minutes? ago|^this minute$/, 'not before it was reported');
    await it.clock.setFixedTime(Date.now() + 10 * 86_400_000);
    await it.reload();
    await row(it, late).waitFor();
    assert.match(await age(late), /^(9|10|11) days ago$/);
    // The second morning after it there: two days of the calendar, and less than 48 hours.
    const there = 9 * 3_600_000;
    const midnight = Math.floor((Date.parse(given.createdAt) + there) / 86_400_000) * 86_400_000 - there;
    await it.clock.setFixedTime(midnight + 2 * 86_400_000 + 1000);
    await it.reload();
    await row(it, given).waitFor();
    assert.equal(await age(given), '2 days ago');
    await it.context().close();
  });

  test('that it is overdue, also where it is for another reason', async () => {
    const record = await fromSystem('New and overdue', { dueDate: day(-3) });
    const it = await openInbox(ME, '?tab=new');
    await row(it, record).waitFor();
    assert.match((await reasons(it, record)).join(', '), /^[234] days overdue, New from /);
  });
});

test('every count is that of its list, and the rail has all of them', async () => {
  const [over, named] = [await assignedTo(COUNTS, 'Late', { dueDate: day(-2) }), await report('Named')];
  await say(named, `@${COUNTS} and nobody else`);
  await assignedTo(COUNTS, 'Soon', { dueDate: day(1) });
  await fromSystem('From a system');
  const late = await assignedTo(COUNTS, 'Put off');
  await server.send(COUNTS, 'POST', `${API}/me/inbox/${late.key}`,
    { snooze: new Date(Date.now() + 9e7).toISOString() });
  const two = await report('To be confirmed');
  assert.equal((await server.send(OTHER, 'POST', `${pathOf(two)}/closing`, {})).status, 200);
  for (const box of ['me', 'new', 'checks', 'snoozed']) {
    const it = await openInbox(COUNTS, `?tab=${box}`);
    await it.locator('.inbox-row').first().waitFor();
    const rows = (await titles(it)).length;
    assert.ok(rows > 0);
    await until(async () => (await count(it, box)) === String(rows), `${box}: ${rows}`);
    const all = (await inbox(COUNTS)).total;
    await until(async () => (await it.locator('a .rail-count').textContent()) === String(all), `the rail: ${all}`);
  }
  const it = await openInbox(COUNTS);
  assert.deepEqual(await reasons(it, over), ['2 days overdue', `Assigned by ${OTHER}`]);
  assert.deepEqual(await reasons(it, named), [`Mentioned by ${OTHER}`]);
  await it.getByLabel('Only mentions').check();
  await it.waitForURL(/tab=mentions$/);
  await until(async () => (await titles(it)).join() === 'Named', 'only the mention');
  const fresh = await openInbox(COUNTS, '?tab=new');
  assert.match((await fresh.locator('.inbox-row .why').allTextContents()).join(), /New from Declaration system/);
  assert.equal(await fresh.locator('.row-workspace').first().textContent(), 'Gate');
});

describe('live', () => {
  test('rows change where they are; what is new waits until it is asked for; what is settled is said so', async () => {
    const first = await assignedTo(LIVE, 'Seen');
    const it = await openInbox(LIVE);
    await row(it, first).waitFor();
    const arrived = await assignedTo(LIVE, 'Arrived');
    const pill = it.getByRole('button', { name: '1 new' });
    await pill.waitFor();
    assert.deepEqual(await titles(it), ['Seen']);
    await change(first, { title: 'Seen, and changed' });
    await row(it, first).getByText('Seen, and changed').waitFor();
    for (const width of [1280, 390]) {
      await it.setViewportSize({ width, height: 800 });
      if (width < 1000) await it.goto('/app/#/inbox');
      const [above, below] = [await pill.boundingBox(), await row(it, first).boundingBox()];
      assert.ok(above.y + above.height <= below.y, `it covers nothing, ${width} px`);
    }
    await it.setViewportSize({ width: 1280, height: 800 });
    await it.keyboard.press('r');
    await row(it, arrived).waitFor();
    assert.deepEqual(await titles(it), ['Arrived', 'Seen, and changed']);
    assert.equal(await pill.count(), 0);
    await until(async () => (await count(it, 'me')) === '2', 'the count');

    await choose(it, arrived);
    await change(arrived, { status: 'Done' });
    await until(async () => (await reasons(it, arrived)).join() === 'Closed', 'what is chosen to stay, and say so');
    await it.keyboard.press('j');
    await gone(it, arrived);
    assert.deepEqual(it.noted, []);
  });

  test('what was put off returns by itself', async () => {
    const record = await assignedTo(LIVE, 'Returns');
    await server.send(LIVE, 'POST', `${API}/me/inbox/${record.key}`,
      { snooze: new Date(Date.now() + 4000 * patience).toISOString() });
    const it = await openInbox(LIVE);
    assert.equal(await row(it, record).count(), 0);
    await it.getByRole('button', { name: '1 new' }).click();
    await row(it, record).waitFor();
    await until(async () => (await count(it, 'snoozed')) === '0', 'the count');
  });

  test('what the server refuses comes back', async () => {
    const record = await assignedTo(LIVE, 'Refused');
    const it = await openInbox(LIVE);
    await choose(it, record);
    await it.route('**/me/inbox/*', (route) => route.abort());
    await it.keyboard.press('e');
    await toastSays(it, 'The server did not answer.');
    await row(it, record).waitFor();
  });
});

describe('whose it is', () => {
  test('a role that is taken away takes the rows along', async () => {
    const record = await assignedTo(LEAVER, 'No longer yours');
    const it = await openInbox(LEAVER);
    await choose(it, record);
    const taken = await server.send(ADMIN.email, 'PATCH', `${API}/people/${LEAVER}`,
      { roles: [{ domain: 'ACME', role: 'member' }] }, { headers: { 'if-match': '*' } });
    assert.equal(taken.status, 200, taken.text);
    await it.keyboard.press('e');
    await toastSays(it, `${record.key} does not exist, or you may not see it`);
    await it.goto('about:blank');
    await it.goto('/app/#/inbox');
    await it.getByRole('heading', { name: /^All done/ }).waitFor();
    assert.equal(await it.getByText('No longer yours').count(), 0);
  });

  test('the start is the inbox; for those without a role it is the records', async () => {
    const it = await openInbox(ME);
    await it.goto('about:blank');
    await it.goto('/app/');
    await it.getByRole('heading', { name: 'Inbox', level: 1 }).waitFor();
    const none = await server.send(ADMIN.email, 'PATCH', `${API}/people/${NOBODY}`, { roles: [] },
      { headers: { 'if-match': '*' } });
    assert.equal(none.status, 200, none.text);
    const other = await openPage(browser, server, { as: null });
    const answer = await other.request.post(`${server.url}/app/session`, {
      headers: { origin: server.url, 'x-bzctrl-app': '1' }, data: { email: NOBODY, password: EXAMPLE.password } });
    assert.ok(answer.ok());
    await other.goto('/app/');
    await other.waitForURL(/#\/todo/);
    assert.equal(await other.getByRole('link', { name: 'Inbox' }).count(), 0);
    await other.context().close();
  });

  test('who may only read answers, and changes nothing', async () => {
    const record = await report('Only to be read');
    await say(record, `@${VIEWER} for your information`);
    const { version } = await readBack(record);
    const it = await openInbox(VIEWER);
    await choose(it, record);
    assert.deepEqual(await it.getByRole('toolbar').getByRole('button').allTextContents(), ['Snoozez', 'Put awaye']);
    for (const key of ['a', 'd', 'x', 't', 's']) await it.keyboard.press(key);
    assert.equal(await it.locator('dialog[open]').count(), 0);
    await it.getByRole('toolbar').getByRole('button', { name: 'Put away' }).click();
    await gone(it, record);
    assert.equal((await readBack(record)).version, version);
  });
});

test('on a phone: the list, then the record, and back to the place in the list', async () => {
  const records = [];
  for (let i = 0; i < 12; i += 1) records.push(await assignedTo(NARROW, `Narrow ${i}`, { dueDate: day(-i - 1) }));
  const it = await openInbox(NARROW, '', { width: 360, height: 640, fresh: true, hasTouch: true });
  assert.equal(await it.locator('.inbox-record').count(), 0);
  await row(it, records[2]).scrollIntoViewIfNeeded();
  const scrolled = await it.evaluate(() => scrollY);
  assert.ok(scrolled > 0);
  await row(it, records[2]).tap();
  await it.locator('.inbox-record h1', { hasText: 'Narrow 2' }).waitFor();
  assert.ok(await it.locator('.inbox-list').isHidden());
  assert.equal(await scrollsSideways(it), false);
  await it.goBack();
  await row(it, records[2]).waitFor();
  await until(async () => Math.abs((await it.evaluate(() => scrollY)) - scrolled) < 50, 'the place in the list');
  await row(it, records[2]).tap();
  await it.getByRole('toolbar').getByRole('button', { name: 'Put away' }).tap();
  await it.locator('.inbox-record h1', { hasText: 'Narrow 1' }).waitFor();
  await it.locator('.gist', { hasText: `${NARROW}Due date` }).waitFor(); // the facts are further down
  await it.getByRole('toolbar').getByRole('button', { name: 'More' }).tap();
  const { x, width } = await it.getByRole('menu').boundingBox();
  assert.ok(x >= 0 && x + width <= 360, `the menu is from ${x} to ${x + width}`);
  await it.getByRole('menuitem', { name: /^Change the due date/ }).tap();
  await it.getByLabel('Date', { exact: true }).waitFor();
  assert.equal(await scrollsSideways(it), false);
  await it.context().close();
});

test('hostile texts are shown as they are', async () => {
  const record = await assignedTo(ME, '<img src=x onerror=alert(1)>\u202eevil');
  const long = await assignedTo(ME, 'W'.repeat(255));
  for (const width of [1280, 360]) {
    const it = await openInbox(ME, '', { fresh: true, width });
    assert.equal(await row(it, record).locator('.row-title').textContent(), '<img src=x onerror=alert(1)>\u202eevil');
    assert.equal(await it.locator('.inbox-row img').count(), 0);
    assert.equal(await row(it, long).count(), 1);
    assert.equal(await scrollsSideways(it), false, `${width} px`);
    await row(it, long).click();
    await it.getByRole('toolbar').getByRole('button', { name: 'Snooze' }).click();
    await it.getByRole('dialog').waitFor();
    assert.equal(await scrollsSideways(it), false, `${width} px, with a dialog`);
    assert.deepEqual(it.noted, []);
    await it.context().close();
  }
});

test('in Dutch', async () => {
  const record = await assignedTo(ME, 'Verzegeling', { dueDate: day(-1) });
  const it = await openInbox(ME, '', { fresh: true, locale: 'nl-NL' });
  await it.getByRole('heading', { name: 'Postvak', level: 1 }).waitFor();
  assert.deepEqual(await reasons(it, record), ['1 dag te laat', `Toegewezen door ${OTHER}`]);
  await choose(it, record);
  await it.keyboard.press('z');
  await it.getByRole('option', { name: /^Over een week/ }).click();
  await toastSays(it, new RegExp(`^${record.key} komt terug op `));
  await it.context().close();
});

describe('axe-core finds nothing', () => {
  let records;
  before(async () => {
    records = [await assignedTo(ME, 'To look at', { dueDate: day(-9) }), await fromSystem('From a system to look at')];
  });
  for (const [theme, width] of [['light', 1280], ['dark', 1280], ['light', 360], ['dark', 360]])
    test(`${theme}, ${width} px`, async () => {
      const it = await openInbox(ME, '', { fresh: true, theme, width });
      const clean = async (name) => {
        await keep(it, `inbox-${name}-${theme}-${width}`);
        await it.evaluate(axe);
        const { violations } = await it.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
        assert.deepEqual(violations.map(({ id, nodes }) => `${name}: ${id} ${nodes.map(({ html }) => html)}`), []);
        assert.equal(await scrollsSideways(it), false, name);
      };
      await clean('list');
      await row(it, records[0]).click();
      await it.locator('.inbox-record .timeline').waitFor();
      await clean('record');
      const dialogs = { z: 'snooze', t: 'date', d: 'duplicate', x: 'reason', s: 'status' };
      for (const [key, name] of Object.entries(dialogs)) {
        await it.keyboard.press(key);
        await it.getByRole('dialog').waitFor();
        await clean(name);
        await it.keyboard.press('Escape');
        await it.getByRole('dialog').waitFor({ state: 'detached' });
      }
      await it.goto('/app/#/inbox?tab=new');
      await row(it, records[1]).waitFor();
      await clean('new');
      await it.goto('/app/#/inbox?tab=mentions');
      await it.locator('.inbox-nothing, .inbox-row').first().waitFor();
      await clean('mentions');
      await it.context().close();
    });
});
