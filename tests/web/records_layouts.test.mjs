/*
 * The other layouts of the records page: the board by mouse and by keyboard alone, the calendar and its days in every
 * zone, and the matrix whose numbers are the lengths of their lists.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { until } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';
import { focused, leave, openBrowser, openPage, rowTitles, signIn } from './browser.mjs';

const OTHER = { email: 'other@example.com', role: 'member', domain: 'EXA-CON-BUS' };
const MANAGER = { email: 'manager@example.com', role: 'manager', domain: 'EXA' };
const VIEWER = { ...EXAMPLE, email: 'viewer@example.com', role: 'viewer' };
const FORMED = 'EXA-CON-BUS-FORMED';
const HOSTILE = '</a><script>window.pwned = 1</script>\u202e&amp;';
let browser;
let server;
let page;

before(async () => {
  browser = await openBrowser();
  server = await startServer({ users: [EXAMPLE, OTHER, MANAGER, VIEWER], workspaces: [WORKSPACE, FORMED] });
  page = await openPage(browser, server);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});
beforeEach(() => leave(page));

const read = async (key) => (await server.get(`${API}/tasks/${key}`)).json;
const patch = (key, body) =>
  server.send(OTHER.email, 'PATCH', `${API}/tasks/${key}`, body, { headers: { 'if-match': '*' } });
const column = (status) => page.getByRole('region', { name: status, exact: true });
const card = (title) => page.locator('.board-card').filter({ hasText: title });
const titlesIn = (status) => column(status).locator('.board-card > a').allTextContents();
const countIn = (status) => column(status).locator('.count').textContent();
const drag = async (from, to) => {
  const start = await from.boundingBox();
  const end = await to.boundingBox();
  await page.mouse.move(start.x + 40, start.y + start.height - 8);
  await page.mouse.down();
  await page.mouse.move(start.x + 60, start.y + start.height - 4, { steps: 3 });
  await page.mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 5 });
  await page.mouse.up();
};

test('who may only read is offered no change: not on the board, nor in the calendar, nor of many at once', async () => {
  const record = await server.createAndRead(small({ title: 'To be read', tags: 'read', status: 'To do',
    dueDate: '2031-03-14' }));
  const reader = await openPage(browser, server, { as: null });
  await reader.goto('/app/');
  await signIn(reader, VIEWER);
  await reader.getByRole('link', { name: 'Inbox' }).first().waitFor();
  const sent = [];
  reader.on('request', (request) => {
    if (request.method() === 'PATCH') sent.push(request.url());
  });
  const show = async (layout, more = '') => {
    await reader.goto(`/app/#/todo?layout=${layout}&q=tag:read${more}`);
    const link = reader.locator(`.records-page a[data-key="${record.key}"]`);
    await link.waitFor();
    await link.focus();
  };
  await show('board');
  await reader.keyboard.press('Shift+ArrowRight');
  await reader.keyboard.press('s');
  assert.equal(await reader.locator('.board-card button, :popover-open').count(), 0);
  assert.equal(await reader.getByText('Drag a card').count(), 0);
  await show('calendar', '&at=2031-03');
  await reader.keyboard.press('Shift+ArrowRight');
  assert.equal(await reader.locator('[data-card]').count(), 0);
  assert.equal(await reader.getByText('Drag a due date').count(), 0);
  await show('list');
  await reader.keyboard.press('x');
  assert.equal(await reader.getByRole('checkbox').count(), 0);
  assert.equal(await reader.locator('.selection-bar').count(), 0);
  assert.deepEqual(sent, []);
  assert.deepEqual(reader.noted, []);
  await reader.context().close();
});

describe('the board', () => {
  const records = {};
  before(async () => {
    const make = async (title, changes) => {
      records[title] = await server.createAndRead(small({ title, tags: 'board', ...changes }));
    };
    await make('Late', { status: 'To do', dueDate: '2020-01-01' });
    await make('Soon', { status: 'To do', dueDate: '2031-01-01' });
    await make('Some time', { status: 'To do', priority: 'Low' });
    await make('Urgent', { status: 'To do', priority: 'High' });
    await make(HOSTILE, { status: 'In Progress' });
    await make('Gone by', { status: 'Expired' });
    await make('Finished', { status: 'Done' });
    const strict = { name: 'strict', needToClose: ['cause'], default: true };
    assert.equal((await server.send(MANAGER.email, 'POST', `${API}/workspaces/${FORMED}/forms`, strict)).status, 201);
    await make('Strict', { status: 'In Progress', domainWorkSpace: FORMED });
  });
  const open = async () => {
    await page.goto('/app/#/todo?layout=board&q=tag:board');
    await card('Late').waitFor();
  };

  test('has a column for each status, each ordered by rule, with the count of all', async () => {
    await open();
    assert.deepEqual(await titlesIn('To do'), ['Late', 'Soon', 'Urgent', 'Some time']);
    assert.deepEqual((await titlesIn('In Progress')).sort(), [HOSTILE, 'Strict'].sort());
    assert.deepEqual(await titlesIn('Expired'), ['Gone by']);
    assert.deepEqual(await titlesIn('Done'), ['Finished']);
    for (const [status, n] of [['To do', '4'], ['In Progress', '2'], ['Expired', '1'], ['Done', '1']])
      await until(async () => (await countIn(status)) === n, `${status} ${n}`);
    assert.equal(await page.evaluate(() => window.pwned), undefined);
    assert.deepEqual(page.noted, []);
  });

  test('a card that is dragged to another column has its status, and can be put back', async () => {
    await open();
    await drag(card('Soon'), column('In Progress'));
    await column('In Progress').locator('.board-card').filter({ hasText: 'Soon' }).waitFor();
    await page.getByText(`${records.Soon.key} is now In Progress`).first().waitFor();
    assert.equal((await read(records.Soon.key)).status, 'In Progress');
    assert.match(new URL(page.url()).hash, /layout=board/, 'the end of a drag opens nothing');
    await until(async () => (await countIn('In Progress')) === '3', 'the count follows');
    await page.keyboard.press('Control+z');
    await column('To do').locator('.board-card').filter({ hasText: 'Soon' }).waitFor();
    await until(async () => (await read(records.Soon.key)).status === 'To do', 'undone');
  });

  test('a drag that ends nowhere, or with Escape, changes nothing', async () => {
    await open();
    await drag(card('Soon'), page.locator('.records-head'));
    const start = await card('Soon').boundingBox();
    await page.mouse.move(start.x + 40, start.y + 10);
    await page.mouse.down();
    await page.mouse.move(start.x + 400, start.y + 10, { steps: 4 });
    await page.locator('.drag-picture').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.drag-picture').waitFor({ state: 'detached' });
    await page.mouse.up();
    assert.deepEqual(await titlesIn('To do'), ['Late', 'Soon', 'Urgent', 'Some time']);
    assert.equal((await read(records.Soon.key)).status, 'To do');
  });

  describe('by touch', () => {
    let phone;
    let touch;
    before(async () => {
      phone = await openPage(browser, server, { width: 390, height: 800, hasTouch: true, isMobile: true });
      const session = await phone.context().newCDPSession(phone);
      touch = (type, x, y) => session.send('Input.dispatchTouchEvent',
        { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y }] });
      await phone.goto('/app/#/todo?layout=board&q=tag:board');
    });
    after(() => phone?.context().close());
    const middle = async (title) => {
      const box = await phone.locator('.board-card').filter({ hasText: title }).boundingBox();
      return [box.x + box.width / 2, box.y + box.height - 12];
    };

    test('a finger that rests on a card takes it along, over the edge to the next column', async () => {
      const [x, y] = await middle('Soon');
      await touch('touchStart', x, y);
      await phone.locator('.drag-picture').waitFor();
      const left = () => phone.locator('.board').evaluate((board) => board.scrollLeft);
      for (let to = x; to < 380; to += 20) await touch('touchMove', to, y);
      await touch('touchMove', 380, y);
      await until(async () => (await left()) > 100, 'the board goes along');
      await touch('touchMove', 200, y);
      await phone.locator('[data-status="In Progress"].drop-here').waitFor();
      await touch('touchEnd');
      await until(async () => (await read(records.Soon.key)).status === 'In Progress', 'moved');
      assert.match(new URL(phone.url()).hash, /layout=board/, 'it opens nothing');
      await patch(records.Soon.key, { status: 'To do' });
      assert.deepEqual(phone.noted, []);
    });

    test('a finger that moves at once scrolls', async () => {
      await phone.locator('.board').evaluate((board) => board.scrollTo(0, 0));
      await phone.locator('[data-status="To do"] .board-card').filter({ hasText: 'Soon' }).waitFor();
      const [x, y] = await middle('Soon');
      const before = await phone.evaluate(() => scrollY);
      await touch('touchStart', x, y);
      for (let by = 20; by <= 200; by += 20) await touch('touchMove', x, y - by);
      assert.equal(await phone.locator('.drag-picture').count(), 0);
      await touch('touchEnd');
      await until(async () => (await phone.evaluate(() => scrollY)) > before, 'scrolled');
      assert.equal((await read(records.Soon.key)).status, 'To do');
    });
  });

  test('what the form does not allow goes back, and the reason is said', async () => {
    await open();
    await drag(card('Strict'), column('Done'));
    await page.getByText(`${records.Strict.key} needs more before it can be closed`).first().waitFor();
    await column('In Progress').locator('.board-card').filter({ hasText: 'Strict' }).waitFor();
    assert.equal((await read(records.Strict.key)).status, 'In Progress');
  });

  test('by keyboard alone: walk the cards, move one by arrows and by menu, open it, come back', async () => {
    await open();
    const press = (key) => page.keyboard.press(key);
    await press('j');
    assert.equal((await focused(page)).text, 'Late');
    await press('j');
    await press('j');
    assert.equal((await focused(page)).text, 'Urgent');
    await press('Shift+ArrowRight');
    await until(async () => (await read(records.Urgent.key)).status === 'In Progress', 'moved');
    await column('In Progress').locator('.board-card').filter({ hasText: 'Urgent' }).waitFor();
    await until(async () => (await focused(page)).text === 'Urgent', 'the focus goes along');
    await press('s');
    await page.getByRole('menuitem', { name: 'Expired' }).waitFor();
    await press('ArrowDown');
    assert.equal((await focused(page)).text, 'Expired');
    await press('Enter');
    await column('Expired').locator('.board-card').filter({ hasText: 'Urgent' }).waitFor();
    await until(async () => (await read(records.Urgent.key)).status === 'Expired', 'moved by menu');
    await until(async () => (await focused(page)).text === 'Urgent', 'the focus goes along');
    await press('ArrowLeft');
    await press('ArrowLeft');
    assert.ok((await titlesIn('To do')).includes((await focused(page)).text));
    await press('ArrowRight');
    await press('Enter');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await until(() => page.evaluate(() => document.querySelector('.board') === null), 'opened');
    await page.goBack();
    await card('Late').waitFor();
    await until(async () => (await focused(page)).tag === 'A', 'the focus is back on the card');
    await patch(records.Urgent.key, { status: 'To do' });
  });

  test('others’ changes move cards', async () => {
    await open();
    await until(async () => {
      // The stream begins some time after the page.
      await patch(records['Gone by'].key, { priority: 'High' });
      await patch(records['Gone by'].key, { priority: 'Low' });
      return card('Gone by').getByText('Low').isVisible();
    }, 'the stream');
    await patch(records['Gone by'].key, { status: 'To do' });
    await column('To do').locator('.board-card').filter({ hasText: 'Gone by' }).waitFor();
    await patch(records['Gone by'].key, { status: 'Expired' });
    await column('Expired').locator('.board-card').filter({ hasText: 'Gone by' }).waitFor();
  });

  test('closed ones are at most 50, and that is said', async () => {
    await server.addTasks(Array.from({ length: 60 }, (_, i) =>
      ({ task: small({ title: `Closed ${i}`, status: 'Done', tags: 'closed' }) })));
    await page.goto('/app/#/todo?layout=board&q=tag:closed');
    await column('Done').getByText('50 of 60 shown').waitFor();
    assert.equal((await titlesIn('Done')).length, 50);
    await column('Done').getByRole('link', { name: 'All as a list' }).click();
    await page.locator('.count').filter({ hasText: '60 records' }).waitFor();
  });
});

describe('the calendar', () => {
  const records = {};
  before(async () => {
    const make = async (title, changes) => {
      records[title] = await server.createAndRead(small({ title, tags: 'calendar', ...changes }));
    };
    await make('Bonded', { dueDate: '2031-03-14', reminderDate: '2031-03-12' });
    await make('First', { dueDate: '2031-03-01' });
    await make('Last', { dueDate: '2031-03-31' });
    await make('Past', { dueDate: '2020-03-10' });
    await make('Elsewhere', { dueDate: '2031-05-05' });
    await make('Done', { dueDate: '2031-03-20', status: 'Done' });
    await patch(records.Done.key, { dueDate: '2031-03-20' });
  });
  const cell = (day) => page.locator(`[data-day="${day}"]`);
  const chips = async (day) => (await cell(day).locator('.date-chip bdi').allTextContents());
  const open = async (month, on = page) => {
    await on.goto(`/app/#/todo?layout=calendar&q=tag:calendar&at=${month}`);
    await on.locator('.date-chip').first().waitFor();
  };

  test('shows due dates and reminders on their days, in different shapes', async () => {
    await open('2031-03');
    assert.deepEqual(await chips('2031-03-14'), ['Bonded']);
    assert.deepEqual(await chips('2031-03-12'), ['Bonded']);
    assert.equal(await cell('2031-03-14').locator('.date-chip.due').count(), 1);
    assert.equal(await cell('2031-03-12').locator('.date-chip.reminder').count(), 1);
    const shape = (day) => cell(day).locator('.date-chip a').evaluate((link) => getComputedStyle(link).borderRadius);
    assert.notEqual(await shape('2031-03-14'), await shape('2031-03-12'));
    assert.deepEqual([await chips('2031-03-01'), await chips('2031-03-31')], [['First'], ['Last']]);
    assert.equal(await page.getByText('Elsewhere').count(), 0);
    await page.getByRole('button', { name: 'Next month' }).click();
    await page.getByRole('heading', { name: 'April 2031' }).waitFor();
    await page.getByRole('button', { name: 'Next month' }).click();
    await cell('2031-05-05').getByText('Elsewhere').waitFor();
    assert.match(new URL(page.url()).hash, /at=2031-05/);
    await page.goto('/app/#/todo?layout=calendar&q=tag:calendar&at=2031-03');
    await cell('2031-03-14').getByText('Bonded').waitFor();
    await page.getByRole('button', { name: 'Agenda' }).click();
    const days = await page.locator('.day-list section').evaluateAll((all) => all.map((one) => one.dataset.day));
    assert.deepEqual(days, [...days].sort());
    assert.ok(days.includes('2031-03-12') && !days.includes('2031-03-13'));
  });

  test('a due date moves by mouse and by key, and back', async () => {
    await open('2031-03');
    await drag(cell('2031-03-14').locator('.date-chip'), cell('2031-03-18'));
    await cell('2031-03-18').getByText('Bonded').waitFor();
    await until(async () => (await read(records.Bonded.key)).dueDate === '2031-03-18', 'moved');
    await cell('2031-03-18').locator('a').focus();
    await page.keyboard.press('Shift+ArrowLeft');
    await cell('2031-03-17').getByText('Bonded').waitFor();
    await until(async () => (await read(records.Bonded.key)).dueDate === '2031-03-17', 'moved by key');
    await until(async () => (await focused(page)).tag === 'A', 'the focus goes along');
    await page.keyboard.press('Shift+ArrowDown');
    await cell('2031-03-24').getByText('Bonded').waitFor();
    await until(async () => (await read(records.Bonded.key)).dueDate === '2031-03-24', 'a week on');
    await page.getByText(`${records.Bonded.key} is now due 24 Mar 2031`).first().waitFor();
    await page.keyboard.press('Control+z');
    await cell('2031-03-17').getByText('Bonded').waitFor();
    await patch(records.Bonded.key, { dueDate: '2031-03-14' });
  });

  test('an overdue date is moved with a reason', async () => {
    await open('2020-03');
    await cell('2020-03-10').locator('.date-chip.late a').focus();
    await page.keyboard.press('Shift+ArrowRight');
    const dialog = page.getByRole('dialog', { name: 'Why does this overdue date move?' });
    await dialog.getByLabel('Reason').fill('The carrier is late');
    await page.keyboard.press('Enter');
    await cell('2020-03-11').getByText('Past').waitFor();
    await until(async () => (await read(records.Past.key)).dueDate === '2020-03-11', 'moved');
    const [event] = (await server.get(`${API}/tasks/${records.Past.key}/events`)).json.items;
    assert.deepEqual(event.changes.dueReason, [null, 'The carrier is late']);
  });

  for (const timezoneId of ['Pacific/Pago_Pago', 'Pacific/Kiritimati'])
    test(`in ${timezoneId} a day is the same in list, board and calendar`, async () => {
      const there = await openPage(browser, server, { timezoneId });
      await open('2031-03', there);
      assert.equal(await there.locator('[data-day="2031-03-01"]').getByText('First').count(), 1);
      assert.equal(await there.locator('[data-day="2031-03-31"]').getByText('Last').count(), 1);
      const shown = {};
      for (const layout of ['list', 'board']) {
        await there.goto(`/app/#/todo?layout=${layout}&q=tag:calendar+due:2031-03-31`);
        await there.getByRole('link', { name: 'Last' }).waitFor();
        shown[layout] = await there.locator('.row time, .board-card time').allTextContents();
      }
      assert.deepEqual(shown, { list: ['31 Mar 2031'], board: ['31 Mar 2031'] });
      await there.context().close();
    });
});

describe('the matrix', () => {
  test('every number is the length of the list that it opens', async () => {
    const levels = ['High', 'Medium', 'Low', undefined];
    const tasks = [];
    for (const [i, impact] of levels.entries())
      for (const [j, likelihood] of levels.entries())
        for (let n = 0; n < (i + 2 * j) % 4; n += 1)
          tasks.push({ task: small({
            title: `${i} ${j}`, impact, likelihood, financialImpact: '100.50', tags: 'matrix',
          }) });
    await server.addTasks(tasks);
    await page.goto('/app/#/todo?layout=matrix&q=tag:matrix');
    await page.locator('.levels td a').first().waitFor();
    const cells = await page.locator('.levels td a').evaluateAll((links) =>
      links.map((link) => ({ href: link.getAttribute('href'), count: Number(link.querySelector('strong').textContent),
        name: link.querySelector('.unseen').textContent })));
    const all = cells.find(({ name }) => name.startsWith('Impact Total, Likelihood Total'));
    assert.equal(all.count, tasks.length);
    assert.ok(cells.length > 12, String(cells.length));
    for (const { href, count, name } of cells) {
      await page.goto(`/app/${href}`);
      await page.locator('.count').filter({ hasText: new RegExp(`^${count} records?$`) }).waitFor();
      const titles = await rowTitles(page);
      assert.equal(titles.length, count, name);
      const [, impact, likelihood] = /^Impact (.+), Likelihood (.+):/.exec(name);
      const at = (word) => (word === 'None' ? 3 : levels.indexOf(word));
      if (impact !== 'Total') assert.ok(titles.every((title) => title.startsWith(`${at(impact)} `)), name);
      if (likelihood !== 'Total') assert.ok(titles.every((title) => title.endsWith(` ${at(likelihood)}`)), name);
    }
  });
});
