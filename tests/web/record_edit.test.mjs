/* A record's page: each field changed in its place, by those who may, and nothing else with it. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { API, startServer, WORKSPACE } from '../lib/server.mjs';
import { focused, leave, openBrowser } from './browser.mjs';
import {
  change, create, edit, field, MANAGER, MEMBER, openAs, openRecord, OTHER, pathOf, PEOPLE, readBack, stored, VIEWER,
} from './people.mjs';

let server;
let browser;
let page;

before(async () => {
  server = await startServer({ workspaces: [WORKSPACE, 'EXA-CON-BUS-TWO'], users: PEOPLE });
  browser = await openBrowser();
  page = await openAs(browser, server, MEMBER, { permissions: ['clipboard-read', 'clipboard-write'] });
});
beforeEach(() => leave(page));
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Chooses in the list that a field opens. */
async function choose(name) {
  await page.getByRole('option', { name, exact: true }).click();
}

async function type(label, text, key = 'Enter') {
  await page.getByRole('textbox', { name: label, exact: true }).fill(text);
  await page.keyboard.press(key);
}

/* label, the member, how it is changed, what is stored then */
const edits = [
  ['Title', 'title', () => type('Title', 'Another title'), 'Another title'],
  ['Status', 'status', () => choose('To do'), 'To do'],
  ['Priority', 'priority', () => choose('Low'), 'Low'],
  ['Impact', 'impact', () => choose('High'), 'High'],
  ['Likelihood', 'likelihood', () => choose('Medium'), 'Medium'],
  ['Assignee', 'assignee', () => choose(OTHER), OTHER],
  ['Reporter', 'reporter', () => choose(OTHER), OTHER],
  ['Due date', 'dueDate', () => type('Due date', '2031-02-28'), '2031-02-28'],
  ['Reminder', 'reminderDate', () => type('Reminder', '2031-02-01'), '2031-02-01'],
  ['Potential financial impact of the incident (EUR)', 'financialImpact',
    () => type('Potential financial impact of the incident (EUR)', '€ 1.234,50'), '1234.50'],
  ['Category', 'category', () => type('Category', 'Customs\nIT', 'Control+Enter'), ['Customs', 'IT']],
  ['Sub-category', 'subCategory', () => type('Sub-category', 'Seal', 'Control+Enter'), ['Seal']],
  ['Order', 'orderID', () => type('Order', 'A-1\nB, 2', 'Control+Enter'), ['A-1', 'B, 2']],
  ['LRN', 'LRN', () => type('LRN', 'L1'), 'L1'],
  ['Tags', 'tags', () => type('Tags', 'one\ntwo', 'Control+Enter'), ['ORDER 1', 'one', 'two']],
  ['Description', 'description', () => type('Description', 'Now **this**', 'Control+Enter'), 'Now **this**'],
  ['Type', 'todoType', () => choose('Task'), 'TASK'],
];

describe('each field is changed in its place, and nothing else changes with it', () => {
  for (const [label, member, act, value] of edits)
    test(label, async () => {
      const record = await create(server);
      await openRecord(page, record);
      await edit(page, label);
      await act();
      const now = await stored(server, record, { [member]: value });
      assert.equal(now.version, 2);
      // Tags come from the orders and the LRN, and the server keeps these two beside the values.
      const follows = ['version', 'updatedAt', 'tags', 'firstDueDate', 'financialImpactCurrency', member];
      const others = (one) => Object.fromEntries(Object.entries(one).filter(([name]) => !follows.includes(name)));
      assert.deepEqual(others(now), others(record));
      await page.getByRole('button', { name: `Edit ${label}`, exact: true }).waitFor();
      assert.deepEqual(page.noted, []);
    });

  for (const [label, member] of [['Result', 'result'], ['Cause', 'cause']])
    test(`${label}, which is not there yet`, async () => {
      const record = await create(server, { todoType: 'TASK' });
      await openRecord(page, record);
      await page.getByRole('button', { name: label, exact: true }).click();
      await type(label, 'Called them', 'Control+Enter');
      await stored(server, record, { [member]: 'Called them' });
      await field(page, member).getByText('Called them').waitFor();
    });
});

test('a click on a value opens it; a link in it is followed, and text can be selected', async () => {
  const record = await create(server, { description: 'See https://example.com/x and more words' });
  await openRecord(page, record);
  await field(page, 'priority').locator('dd').click();
  await page.getByRole('combobox', { name: 'Priority' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('combobox', { name: 'Priority' }).waitFor({ state: 'detached' });
  await field(page, 'tags').getByRole('link').first().click();
  await page.waitForURL(/#\/todo\?/);
  await page.goBack();
  await page.locator('.timeline').waitFor();
  const { x, y, height } = await page.locator('.prose p').first().boundingBox();
  await page.mouse.move(x + 5, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + 150, y + height / 2);
  await page.mouse.up();
  assert.notEqual(await page.evaluate(() => getSelection().toString()), '');
  assert.equal(await page.getByRole('textbox', { name: 'Description' }).count(), 0);
});

test('Tab leads from a text to what saves it; its preview is before it', async () => {
  const record = await create(server, { description: 'Before' });
  await openRecord(page, record);
  await edit(page, 'Description');
  await page.getByRole('textbox', { name: 'Description', exact: true }).fill('After');
  await page.keyboard.press('Shift+Tab');
  assert.equal((await focused(page)).text, 'Preview');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  assert.equal((await focused(page)).text, 'Save');
  await page.keyboard.press('Enter');
  await stored(server, record, { description: 'After' });
});

test('what is chosen is shown at once, said, and taken back with Ctrl Z', async () => {
  const record = await create(server, { priority: 'High' });
  await openRecord(page, record);
  await edit(page, 'Priority');
  await choose('Low');
  await field(page, 'priority').getByText('Low').waitFor();
  await page.locator('.toast').getByText('Priority changed.').waitFor();
  await stored(server, record, { priority: 'Low' });
  const free = await page.evaluate(() => document.body.dispatchEvent(
    new KeyboardEvent('keydown', { key: 'Z', ctrlKey: true, shiftKey: true, bubbles: true, cancelable: true })));
  assert.ok(free, 'Ctrl Shift Z does not undo');
  await page.keyboard.press('Control+z');
  await stored(server, record, { priority: 'High' });
  await field(page, 'priority').getByText('High').waitFor();
});

test('an undo leaves what somebody else has changed since, though this page has heard of it', async () => {
  const record = await create(server, { priority: 'High' });
  await openRecord(page, record);
  await edit(page, 'Priority');
  await choose('Low');
  await page.locator('.toast').getByText('Priority changed.').hover(); // so that it stays
  await stored(server, record, { priority: 'Low' });
  await change(server, record, { priority: 'Medium' });
  await field(page, 'priority').getByText('Medium').waitFor();
  await page.keyboard.press('Control+z');
  await page.locator('.toast').getByText('That could not be undone.').waitFor();
  await stored(server, record, { priority: 'Medium' });
});

test('the history has an undo for each change of one\'s own, and none for one that was undone', async () => {
  const record = await create(server, { priority: 'High', dueDate: '2031-01-31' });
  await change(server, record, { impact: 'Low' });
  await change(server, record, { dueDate: '2031-02-28' }, MEMBER);
  await change(server, record, { priority: 'Low' }, MEMBER);
  await openRecord(page, record);
  const undos = page.locator('.timeline .entry').getByRole('button', { name: 'Undo' });
  await page.locator('.timeline .entry').nth(3).waitFor();
  assert.equal(await undos.count(), 2, 'not for somebody else\'s, nor for the report');
  await page.locator('.timeline .entry', { hasText: 'Due date' }).getByRole('button', { name: 'Undo' }).click();
  await page.locator('.toast').getByText(/^Undone: /).waitFor();
  await stored(server, record, { dueDate: '2031-01-31', dueMoves: 0, priority: 'Low' });
  await page.locator('.timeline .entry', { hasText: 'Undone' }).waitFor();
  assert.equal(await undos.count(), 2, 'of the priority, and of the undo');
});

test('a value is removed, where it need not be there', async () => {
  const record = await create(server, { priority: 'High', dueDate: '2031-01-31', LRN: 'x' });
  await openRecord(page, record);
  await edit(page, 'Priority');
  await choose('None');
  await stored(server, record, { priority: null });
  await edit(page, 'LRN');
  await type('LRN', '');
  await stored(server, record, { LRN: null });
  await edit(page, 'Status');
  await page.getByRole('option', { name: 'Done', exact: true }).waitFor();
  assert.equal(await page.getByRole('option', { name: 'None', exact: true }).count(), 0);
});

test('what the server refuses stays in its place, with the reason', async () => {
  const record = await create(server);
  await openRecord(page, record);
  await edit(page, 'Potential financial impact of the incident (EUR)');
  await type('Potential financial impact of the incident (EUR)', 'a lot');
  await field(page, 'financialImpact').getByRole('alert').waitFor();
  assert.equal(
    await page.getByRole('textbox', { name: 'Potential financial impact of the incident (EUR)' }).inputValue(),
    'a lot');
  assert.equal((await readBack(server, record)).version, 1);
  await edit(page, 'Due date');
  await type('Due date', 'someday');
  await page.getByText('“someday” is not a date.').waitFor();
});

test('a date is typed as the page writes it, and saved by mouse; another text stays to be corrected', async () => {
  const record = await create(server);
  await openRecord(page, record);
  const save = page.getByRole('button', { name: 'Save', exact: true });
  const due = page.getByRole('textbox', { name: 'Due date', exact: true });
  const day = new Date(Date.now() + 30 * 86_400_000);
  const typed = day.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

  await edit(page, 'Due date');
  await due.pressSequentially(`${typed} x`);
  await save.click();
  await page.getByText(`“${typed} x” is not a date.`).waitFor();
  assert.equal(await due.inputValue(), `${typed} x`);
  await due.press('Backspace');
  await page.getByText(`${typed} ${day.getUTCFullYear()}`).waitFor();
  await save.click();
  await due.waitFor({ state: 'detached' });
  await stored(server, record, { dueDate: day.toISOString().slice(0, 10), dueMoves: 0 });

  /* The field for the reason is there before the mouse is on its way to the button. */
  await edit(page, 'Due date');
  await due.pressSequentially('24 Dec 2031');
  await save.click();
  await due.waitFor({ state: 'detached' });
  await stored(server, record, { dueDate: '2031-12-24', dueMoves: 1 });
});

test('a day without its year is the nearest one', async () => {
  const record = await create(server);
  await openRecord(page, record);
  await edit(page, 'Due date');
  const due = page.getByRole('textbox', { name: 'Due date', exact: true });
  for (const days of [-150, -20, 20, 150]) {
    const day = new Date(Date.now() + days * 86_400_000);
    const [year, month, of] = day.toISOString().slice(0, 10).split('-').map(Number);
    const name = ['jan', 'feb', 'mrt', 'apr', 'mei', 'juni', 'july', 'Aug', 'sept', 'okt', 'nov', 'dec'][month - 1];
    for (const typed of [`${of}/${month}`, `${of} ${name}`, `${name} ${of}`]) {
      await due.fill(typed);
      await page.locator('.date-field .hint', { hasText: new RegExp(`^${of} \\w+ ${year}, `) }).waitFor();
    }
  }
});

test('by keyboard alone: each key opens its field, and the focus comes back', async () => {
  const record = await create(server, { todoType: 'TASK', status: 'To do' });
  await openRecord(page, record);
  await page.keyboard.press('s');
  await page.keyboard.type('progr');
  await page.keyboard.press('Enter');
  await stored(server, record, { status: 'In Progress' });
  await page.getByRole('button', { name: 'Edit Status' }).waitFor();
  assert.equal((await page.evaluate(() => document.activeElement.getAttribute('aria-label'))), 'Edit Status');
  await page.keyboard.press('p');
  await page.getByRole('option', { name: 'High' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await stored(server, record, { priority: 'High' });
  await page.getByRole('button', { name: 'Edit Priority' }).and(page.locator(':focus')).waitFor();
  await page.keyboard.press('g');
  await page.getByRole('option', { name: OTHER }).waitFor();
  await page.keyboard.type('other');
  await page.getByRole('option', { name: MANAGER }).waitFor({ state: 'detached' });
  await page.keyboard.press('Enter');
  await stored(server, record, { assignee: OTHER });
  await page.getByRole('button', { name: 'Edit Assignee' }).and(page.locator(':focus')).waitFor();
  await page.keyboard.press('t');
  await page.getByRole('textbox', { name: 'Due date' }).waitFor();
  await page.keyboard.type('2031-12-24');
  await page.keyboard.press('Enter');
  await stored(server, record, { dueDate: '2031-12-24' });
  await page.getByRole('button', { name: 'Edit Due date' }).waitFor();
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('e');
  assert.deepEqual((await focused(page)).tag, 'TEXTAREA');
  await page.keyboard.type(' and more');
  await page.keyboard.press('Control+Enter');
  await stored(server, record, { description: 'Description and more' });
  await page.locator('textarea:focus').waitFor({ state: 'detached' });
  await page.keyboard.press('m');
  await page.getByRole('textbox', { name: 'Write a comment' }).and(page.locator(':focus')).waitFor();
  await page.keyboard.type('Said so');
  await page.keyboard.press('Control+Enter');
  await page.locator('.comment').getByText('Said so').waitFor();
  // "e" on the button of a field opens that field.
  await page.getByRole('button', { name: 'Edit LRN' }).focus();
  await page.keyboard.press('e');
  await page.getByRole('textbox', { name: 'LRN' }).waitFor();
  assert.deepEqual(page.noted, []);
});

test('one point copies the key, two key and title, three the link', async () => {
  const record = await create(server);
  const page = await openAs(browser, server, MEMBER);
  await openRecord(page, record);
  await page.evaluate(() => {
    window.copied = [];
    navigator.clipboard.writeText = async (text) => void window.copied.push(text);
  });
  const ladder = [record.key, `${record.key} ${record.title}`, record.taskLink];
  await page.clock.setFixedTime('2031-01-01T12:00:00Z'); // however slow the machine is
  await page.keyboard.type('...');
  await page.waitForFunction(() => window.copied.length === 3);
  await page.clock.setFixedTime('2031-01-01T12:00:01Z');
  await page.keyboard.type('..');
  await page.waitForFunction(() => window.copied.length === 5);
  assert.deepEqual(await page.evaluate(() => window.copied), [...ladder, ...ladder.slice(0, 2)]);
  await page.context().close();
});

test('"]" and "[" lead through the list that one came from', async () => {
  const tag = `walk-${Date.now()}`;
  const records = [];
  for (const title of ['Third', 'Second', 'First']) records.unshift(await create(server, { title, tags: tag }));
  await page.goto(`/app/#/todo?tag=${tag}`);
  await page.getByRole('link', { name: 'First' }).click();
  await page.getByText('1 of 3').waitFor();
  const heading = (name) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
  await heading('First');
  await page.keyboard.press('[');
  await page.keyboard.press(']');
  await heading('Second');
  await page.keyboard.press(']');
  await heading('Third');
  await page.keyboard.press('[');
  await heading('Second');
  await page.getByRole('link', { name: 'Next record' }).click();
  await heading('Third');
  await page.getByText('3 of 3').waitFor();
});

test('a viewer is offered nothing that would be refused', async () => {
  const record = await create(server, { todoType: 'TASK', result: 'R' });
  await server.send(MEMBER, 'POST', `${pathOf(record)}/comments`, { text: 'Seen' });
  await server.requestAs(MEMBER, 'POST', `${pathOf(record)}/attachments?name=a.txt`, { body: 'a' });
  const page = await openAs(browser, server, VIEWER);
  await openRecord(page, record);
  await page.locator('.comment').waitFor();
  await page.getByRole('link', { name: 'a.txt' }).waitFor();
  assert.equal(await page.locator('.edit-here, .editable, textarea, .composer, input[type=file]').count(), 0);
  const buttons = await page.locator('main button:visible').evaluateAll((all) =>
    all.map((one) => one.getAttribute('aria-label') ?? one.textContent.trim()));
  assert.deepEqual(buttons, ['Copy link', 'Follow', 'More', 'All', 'Comments 1', 'Changes']);
  for (const key of ['e', 'a', 'd', 'g', 's', 't', 'p', 'm', 'x', 'z']) await page.keyboard.press(key);
  await field(page, 'priority').locator('dd').click();
  assert.equal(await page.locator(':is(main, dialog) :is(textarea, [role=combobox])').count(), 0);
  await page.getByRole('button', { name: 'Follow' }).click();
  await page.getByRole('button', { name: 'Following' }).waitFor();
  assert.deepEqual((await readBack(server, record)).followers, [VIEWER]);
  await page.getByRole('button', { name: 'More' }).click();
  assert.deepEqual((await page.getByRole('menuitem').allTextContents()).map((text) => text.trim()),
    ['Print', 'Download the evidence']);
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('the likely next steps: take, which starts it, or start; done; then reopen', async () => {
  const record = await create(server, { todoType: 'TASK', status: 'To do', assignee: OTHER });
  await openRecord(page, record);
  const offered = () => page.locator('.record-actions > .button:not(.quiet)').allTextContents();
  assert.deepEqual((await offered()).filter((text) => text.trim() !== ''), ['Take', 'Start', 'Done…']);
  await page.getByRole('button', { name: 'Take' }).click();
  await stored(server, record, { assignee: MEMBER, status: 'In Progress' });
  await change(server, record, { status: 'To do' });
  await page.getByRole('button', { name: 'Start' }).click();
  await stored(server, record, { status: 'In Progress' });
  await page.getByRole('button', { name: 'Done…' }).click();
  await page.getByRole('textbox', { name: 'Result' }).fill('All well');
  await page.getByRole('button', { name: 'Close it' }).click();
  await stored(server, record, { status: 'Done', result: 'All well', closedBy: MEMBER });
  await page.getByRole('button', { name: 'Reopen' }).click();
  await stored(server, record, { status: 'In Progress', closedAt: null });
  await page.getByRole('button', { name: 'Done…' }).waitFor();
});

test('opening it again is not offered without the right to it', async () => {
  const record = await create(server, { status: 'Done' });
  await change(server, record, { status: 'To do' }, MANAGER);
  await change(server, record, { status: 'Done' }, MANAGER);
  await openRecord(page, record);
  assert.equal(await page.getByRole('button', { name: 'Reopen' }).count(), 0);
});

test('a due date moves with its reason; when it is overdue there must be one', async () => {
  const record = await create(server, { dueDate: '2024-01-31' });
  await openRecord(page, record);
  await edit(page, 'Due date');
  await type('Due date', '2031-03-01');
  const reason = page.getByRole('textbox', { name: /^Why does the due date move/ });
  await page.waitForFunction((one) => document.activeElement === one, await reason.elementHandle());
  assert.equal((await readBack(server, record)).dueDate, '2024-01-31', 'nothing is sent without it');
  await page.keyboard.type('The office answers later');
  await page.keyboard.press('Enter');
  await stored(server, record, { dueDate: '2031-03-01', dueMoves: 1, firstDueDate: '2024-01-31' });
  await field(page, 'dueDate').getByText(/moved once, first 31 Jan 2024/).waitFor();
  await page.locator('.timeline').getByText('The office answers later').waitFor();
});

test('it moves to another workspace: the address and a draft go with it', async () => {
  const record = await create(server);
  await openRecord(page, record);
  await page.getByRole('textbox', { name: 'Write a comment' }).fill('Half a thought');
  await edit(page, 'Workspace');
  await choose(/EXA-CON-BUS-TWO/);
  await page.waitForURL(/EXA-CON-BUS-TWO-01$/);
  await page.locator('.timeline').getByText('EXA-CON-BUS-TWO-01').first().waitFor();
  assert.equal(await page.getByRole('textbox', { name: 'Write a comment' }).inputValue(), 'Half a thought');
  await page.goto(record.taskLink);
  await page.waitForURL(/EXA-CON-BUS-TWO-01$/);
});

test('fields that the form adds and narrows are changed like any other', async () => {
  const form = {
    fields: [
      { name: 'category', options: ['Customs', 'IT'] },
      { name: 'mode', type: 'choice', options: ['Sea', { value: 'Air', label: { en: 'By air', nl: 'Per lucht' } }] },
      { name: 'weight', type: 'number', label: 'Gross weight (kg)' },
      { name: 'sealed', type: 'boolean' },
      { name: 'office', type: 'text', locked: true, default: 'NL000396' },
    ],
  };
  const made = await server.send(MANAGER, 'PUT', `${API}/workspaces/${WORKSPACE}/forms/own`, form);
  assert.equal(made.status, 201, made.text);
  const answer = await server.addTask({ todoType: 'INCIDENT', domainWorkSpace: WORKSPACE, title: 'By a form',
    description: 'd', reporter: MEMBER, orderID: '1', mode: 'Sea', colour: 'red' }, { query: '?form=own' });
  assert.equal(answer.status, 201, answer.text);
  const record = (await server.get(new URL(answer.headers.location, server.url).pathname)).json;
  await openRecord(page, record);
  await edit(page, 'mode');
  await choose('By air');
  await edit(page, 'Gross weight (kg)');
  await type('Gross weight (kg)', '12,5');
  await edit(page, 'sealed');
  await choose('Yes');
  await edit(page, 'Category');
  await page.getByRole('checkbox', { name: 'IT' }).check();
  await field(page, 'category').getByRole('button', { name: 'Save' }).click();
  const now = await stored(server, record, { category: ['IT'] });
  const { mode, weight, sealed, colour } = now.extra;
  assert.deepEqual([mode, Number(weight), sealed, colour], ['Air', 12.5, true, 'red']);
  assert.equal(await page.getByRole('button', { name: 'Edit office' }).count(), 0, 'only the form sets it');
  await page.getByText('Sent by the reporting system and kept unchanged.').waitFor();
});

test('an assignee who has left is shown as such, and stays until somebody else is chosen', async () => {
  const gone = 'gone@example.com';
  const answer = await server.send(MANAGER, 'POST', `${API}/people`, { email: gone, name: 'Gone Person',
    roles: [{ domain: 'EXA-CON-BUS', role: 'member' }] });
  assert.equal(answer.status, 201, answer.text);
  const record = await create(server, { assignee: gone });
  const off = await server.send(MANAGER, 'PATCH', `${API}/people/${gone}`, { disabled: true },
    { headers: { 'if-match': '*' } });
  assert.equal(off.status, 200, off.text);
  await openRecord(page, record);
  await field(page, 'assignee').getByText('Gone Person (left)').waitFor();
  await edit(page, 'Priority');
  await choose('Low');
  await stored(server, record, { priority: 'Low', assignee: gone });
});

for (const zone of ['Pacific/Pago_Pago', 'Pacific/Kiritimati'])
  test(`a day is the same day in ${zone}, read and written`, async () => {
    const record = await create(server, { dueDate: '2032-02-29' });
    const page = await openAs(browser, server, MEMBER, { timezoneId: zone });
    await openRecord(page, record);
    await field(page, 'dueDate').getByText('29 Feb 2032').waitFor();
    await edit(page, 'Reminder');
    await page.getByRole('textbox', { name: 'Reminder' }).fill('2032-02-28');
    await page.keyboard.press('Enter');
    await stored(server, record, { dueDate: '2032-02-29', reminderDate: '2032-02-28' });
    await field(page, 'reminderDate').getByText('28 Feb 2032').waitFor();
    await page.context().close();
  });
