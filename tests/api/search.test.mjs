/*
 * Searching: q and the filters of GET /tasks over HTTP, orders, totals, the people of a page, and
 * the life of the index: missing, damaged, of another version, rebuilt, and after a kill.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { changeStored, databaseUrl, onPostgres, psql } from '../lib/database.mjs';
import { runBzctrldOk } from '../lib/program.mjs';
import { API, EXAMPLE, addUser, small, startServer } from '../lib/server.mjs';

const ADMIN = 'admin@example.com';
const OTHER = 'other@example.com';
const users = [EXAMPLE, { email: ADMIN, admin: true }, { email: OTHER, role: 'member', domain: 'EXA-CON-BUS' },
  { email: 'alien@example.com', role: 'viewer', domain: 'ELSE' }];
const workspaces = ['EXA-CON-BUS-WOR', 'EXA-CON-BUS-TWO', 'ELSE-WHERE'];
const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

let server;
before(async () => {
  server = await startServer({ users, workspaces });
});
after(() => server.stop());

const ask = (parameters, as = EXAMPLE.email) => server.get(`${API}/tasks?${new URLSearchParams(parameters)}`, { as });

/** The index is built soon after the start; until then totals are refused. */
async function indexed(as = EXAMPLE.email) {
  for (;;) {
    const answer = await ask({ total: 'true', limit: '1' }, as);
    if (answer.status === 200) return answer.json.total;
    assert.equal(answer.status, 503, answer.text);
    assert.ok(answer.headers['retry-after']);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function titles(parameters, as) {
  const answer = await ask(parameters, as);
  assert.equal(answer.status, 200, answer.text);
  return answer.json.items.map((item) => item.title).join(' ');
}

describe('GET /tasks with q', () => {
  before(async () => {
    await indexed();
    const make = (changes) =>
      server.createAndRead(small({ domainWorkSpace: 'EXA-CON-BUS-TWO', orderID: 'X', ...changes }));
    await make({ title: 'a', description: 'The seal is broken: Zollüberwachung', orderID: ['ORDER 777', 'A/12-3.b'],
      category: 'IT', dueDate: day(-3), financialImpact: '10000' });
    await make({ title: 'b', description: 'Seal and broken AND (NEAR) "quoted" * 🔥', orderID: 'ORDER 7', lrn: '725462',
      category: 'Customs', priority: 'High', financialImpact: '99.50' });
    await make({ title: 'c', description: 'order 777 in words only', todoType: 'TASK', status: 'Expired',
      dueDate: day(9), reminderDate: day(7), priority: 'Low', tags: ['MSKU-1234565'] });
    await make({ title: 'd', description: 'x', status: 'Done', assignee: OTHER, orderID: 'col:on' });
  });
  const cases = [
    ['seal', 'b a'], ['SEAL broken', 'b a'], ['"seal is broken"', 'a'], ['"broken seal"', ''], ['zolluberwachung', 'a'],
    ['ORDER 777', 'a c'], ['order 7', 'b a'], ['ORDER', 'c b a'], ['"order 777"', 'c'], ['A/12-3.b', 'a'],
    ['a/12', 'a'], ['725462', 'b'], ['7254', 'b'],
    ['msku-1234565', 'c'], ['MSKU', 'c'], ['EXA-CON-BUS-TWO-01', 'a'], ['exa-con-bus-two-2', 'b'],
    ['EXA-CON-BUS-TWO', 'd c b a'],
    ['🔥', 'b'], ['NEAR', 'b'], ['(near)', 'b'], ['* AND', 'b'], ['"', null], ["' OR 1=1 --", ''], ['"col:on"', ''],
    ['status:todo,expired', 'c'], ['-category:IT', 'd c b'], [`due:<${day(0)}`, 'a'], ['due:none', 'b'],
    [`reminder:>=${day(7)} reminder:<=${day(7)}`, 'c'], [`reminder:<${day(7)}`, ''], ['reminder:none', 'd b a'],
    [`-reminder:>${day(8)} due:>${day(0)}`, 'c'], ['remindr:none', null],
    ['eur:>=10000', 'a'], ['eur:<100', 'b'],
    ['is:open', 'c b a'], ['is:closed', 'd'], ['is:overdue', 'a'], ['is:mine', 'c b a'], ['-is:mine', 'd'],
    ['seal -category:IT', 'b'],
    ['moved:>0', ''], ['moved:0', 'd c b a'], ['priority:high,low is:open', 'c b'], ['assignee:other@example.com', 'd'],
    ['order:"ORDER 7"', 'b'],
    ['', 'd c b a'], ['staus:todo', null], ['due:<someday', null],
  ];
  for (const [q, expected] of cases)
    test(`q=${q} lists ${expected === null ? 'nothing but a fault' : expected || 'nothing'}`, async () => {
      const answer = await ask({ workspace: 'EXA-CON-BUS-TWO', q });
      if (expected === null) {
        assert.equal(answer.status, 400, answer.text);
        assert.match(answer.json.detail, /^q, character \d+: /);
        return;
      }
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.json.items.map((item) => item.title).join(' '), expected);
      const counted = await ask({ workspace: 'EXA-CON-BUS-TWO', q, total: 'true', limit: '1' });
      assert.equal(counted.json.total, answer.json.items.length);
    });
  test('each filter as a parameter; twice means either', async () => {
    for (const [parameters, expected] of [
      [[['orderID', 'ORDER 777']], 'a'], [[['LRN', '725462']], 'b'],
      [[['priority', 'high'], ['priority', 'low']], 'c b'],
      [[['open', 'true']], 'c b a'], [[['open', 'false']], 'd'], [[['overdue', 'true']], 'a'],
      [[['overdue', 'false']], 'd c b'],
      [[['minFinancialImpact', '99.5']], 'b a'], [[['minFinancialImpact', '99.51']], 'a'],
      [[['assignee', 'me']], 'c b a'],
      [[['closedAfter', day(-1)]], 'd'], [[['closedBefore', day(-1)]], ''], [[['updatedAfter', day(-1)]], 'd c b a'],
      [[['updatedAfter', day(1)]], ''],
      [[['dueBefore', day(-10)], ['dueBefore', day(0)]], 'a'], [[['follower', 'me']], ''],
      [[['parent', 'EXA-CON-BUS-TWO-01']], ''],
      [[['form', 'default']], 'd c b a'], [[['form', 'other']], ''], [[['subCategory', 'IT']], ''],
      [[['impact', 'none']], 'd c b a'],
    ])
      assert.equal(await titles([['workspace', 'EXA-CON-BUS-TWO'], ...parameters]), expected,
        JSON.stringify(parameters));
  });
  test('each order, empty values last, in pages of one', async () => {
    for (const [sort, expected] of [['created', 'abcd'], ['-created', 'dcba'], ['createdAt', 'abcd'],
      ['dueDate', 'adcb'], ['-dueDate', 'cdab'],
      ['priority', 'cbda'], ['-priority', 'bcda'], ['financialImpact', 'badc'], ['-financialImpact', 'abdc'],
      ['updated', 'abcd'], ['-updated', 'dcba']]) {
      let shown = '', cursor;
      do {
        const { json } = await ask({ workspace: 'EXA-CON-BUS-TWO', sort, limit: '1', ...(cursor && { cursor }) });
        assert.equal(json.items.length, 1, sort);
        shown += json.items[0].title;
        cursor = json.next;
      } while (cursor);
      assert.equal(shown, expected, sort);
    }
    assert.equal((await ask({ sort: 'title' })).status, 400);
    const { json } = await ask({ sort: 'created', limit: '1' });
    assert.equal((await ask({ sort: '-dueDate', cursor: json.next })).status, 400, 'a cursor of another order');
  });
  test('people: everybody whom a record names, with a name and whether the account is active', async () => {
    const { json } = await ask({ workspace: 'EXA-CON-BUS-TWO' });
    assert.deepEqual(Object.keys(json.people).sort(), [EXAMPLE.email, OTHER]);
    assert.deepEqual(json.people[OTHER], { name: null, active: true });
    assert.deepEqual((await ask({ q: 'nothing at all' })).json.people, {});
  });
  test('what others may not see is neither found nor counted', async () => {
    assert.equal(await titles({ q: 'seal' }, 'alien@example.com'), '');
    assert.equal((await ask({ total: 'true' }, 'alien@example.com')).json.total, 0);
    assert.equal(await titles({ q: 'EXA-CON-BUS-TWO-01' }, 'alien@example.com'), '');
    assert.equal(await titles({ parent: 'EXA-CON-BUS-TWO-01' }, 'alien@example.com'), '');
  });
  test('a record is found by the next request', async () => {
    for (let i = 0; i < 30; i++) {
      const { key } = await server.createAndRead(small({ title: `fresh${i}`, orderID: `FRESH ${i}` }));
      for (const parameters of [{ q: `fresh${i}` }, { q: `FRESH ${i}` }, { q: key },
        { orderID: `FRESH ${i}`, sort: 'dueDate' }])
        assert.equal((await ask({ ...parameters, limit: '1' })).json.items[0]?.key, key, JSON.stringify(parameters));
      assert.equal((await ask({ orderID: `FRESH ${i}`, total: 'true' })).json.total, 1);
    }
  });
});

describe('the index of records', () => {
  const count = 60;
  let own;
  before(async () => {
    own = await startServer({ users, workspaces });
    for (let i = 0; i < count; i++)
      await own.addTask(small({ title: `record ${i}`, priority: i % 2 ? 'High' : 'Low' }));
  });
  after(() => own.stop());

  /** Lists are right at once, and after a while so are totals and orders. */
  async function assertWhole(records = count) {
    const list = async (query) => own.get(`${API}/tasks?${query}`);
    assert.equal((await list('limit=200')).json.items.length, Math.min(records, 200));
    for (;;) {
      const answer = await list('total=true&sort=-priority&q=record');
      if (answer.status === 503) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.json.total, records);
      return;
    }
  }
  const file = () => path.join(own.dir, 'index.db');

  test('is built while the server runs', () => assertWhole());
  test('is built again by `bzctrld index rebuild`, beside the server and alone', async () => {
    await runBzctrldOk(['index', 'rebuild', '--data', own.dir]);
    await assertWhole();
    await own.terminate();
    await runBzctrldOk(['index', 'rebuild', '--data', own.dir]);
    if (!onPostgres) assert.ok(!existsSync(file()));
    await own.start();
    await assertWhole();
  });
  test('of another version is built again', async () => {
    await own.terminate();
    const sql = 'UPDATE index_state SET version = version + 1';
    if (onPostgres) changeStored(own.dir, sql);
    else execFileSync('sqlite3', [file(), sql]);
    await own.start();
    await assertWhole();
  });
  test('that is missing, damaged or no database is built again', { skip: onPostgres && 'it is in the database' },
      async () => {
    for (const harm of [
      () => rmSync(file()),
      () => writeFileSync(file(), 'not a database'),
      () => {
        const bytes = readFileSync(file());
        bytes.fill(0x55, 4096 * 2);
        writeFileSync(file(), bytes);
      },
    ]) {
      await own.terminate();
      harm();
      await own.start();
      await assertWhole();
    }
  });
  test('that cannot be read, in the database of the store, is 503 and no error of the server',
      { skip: !onPostgres && 'it is a file of its own' }, async () => {
    const calls = ['tasks?q=record', 'tasks?q=record&sort=-priority&total=true', 'stats?by=status&q=record',
      'me/inbox'];
    changeStored(own.dir, 'ALTER TABLE task_index RENAME TO task_index_gone');
    changeStored(own.dir, 'ALTER TABLE task_figure RENAME TO task_figure_gone');
    try {
      for (const call of calls) {
        const answer = await own.get(`${API}/${call}`);
        assert.equal(answer.status, 503, `${call}: ${answer.text}`);
        assert.match(answer.json.detail, /^The index of records cannot be read\./);
      }
    } finally {
      changeStored(own.dir, 'ALTER TABLE task_index_gone RENAME TO task_index');
      changeStored(own.dir, 'ALTER TABLE task_figure_gone RENAME TO task_figure');
    }
    await assertWhole();
  });
  test('that belongs to another store is built again', { skip: onPostgres && 'it is in the database' }, async () => {
    const other = await startServer({ users, workspaces });
    try {
      for (let i = 0; i < 5; i++) await other.addTask(small({ title: `record of another ${i}` }));
      while ((await other.get(`${API}/tasks?total=true`)).status === 503)
        await new Promise((resolve) => setTimeout(resolve, 20));
      await other.terminate();
      await own.terminate();
      for (const end of ['-wal', '-shm']) rmSync(file() + end, { force: true });
      writeFileSync(file(), readFileSync(path.join(other.dir, 'index.db')));
      await own.start();
      await assertWhole();
    } finally {
      await other.stop();
    }
  });
  test('follows changes: what a record was is no longer found, neither before nor after they are in it', async () => {
    const made = await own.createAndRead(small({ title: 'record unchanged', priority: 'Low', orderID: 'BEFORE 1' }));
    await assertWhole(count + 1);
    const path = `${API}/tasks/${made.key}`;
    for (const [i, patch] of [{ title: 'record altered', priority: 'High' }, { status: 'Done', result: 'mended' },
        { orderID: ['AFTER 2'] }].entries()) {
      const answer = await own.send(ADMIN, 'PATCH', path, patch,
        { headers: { 'content-type': 'application/merge-patch+json', 'if-match': '*' } });
      assert.equal(answer.status, 200, answer.text);
      for (let again = 0; again < 3; again++) {
        const found = async (query) => (await own.get(`${API}/tasks?${query}&total=true`)).json.total;
        assert.equal(await found('q=unchanged'), 0);
        assert.equal(await found('q=altered'), 1);
        assert.equal(await found('q=altered&priority=Low'), 0);
        assert.equal(await found('q=altered%20is:closed%20mended'), i > 0 ? 1 : 0);
        assert.equal(await found(`q=altered&closedAfter=${day(-1)}`), i > 0 ? 1 : 0);
        assert.equal(await found('orderID=BEFORE%201'), i > 1 ? 0 : 1);
        assert.equal(await found('q=AFTER%202'), i > 1 ? 1 : 0);
        await assertWhole(count + 1);
        await new Promise((resolve) => setTimeout(resolve, 60 * again));
      }
    }
  });
  test('keeps nothing of a person who is erased', async () => {
    await addUser(own.dir, { email: 'eraseme@example.com', role: 'member', domain: 'EXA-CON-BUS' });
    await own.addTask(small({ title: 'record of a call', description: 'eraseme@example.com called' }));
    const has = () =>
      (onPostgres ? psql(databaseUrl(own.dir), `SELECT COUNT(*) FROM task_index WHERE terms @@ ` +
          `'eraseme'::tsquery`).trim() !== '0'
      : ['', '-wal'].some((end) => existsSync(file() + end) && readFileSync(file() + end).includes('eraseme')));
    while (!has()) await new Promise((resolve) => setTimeout(resolve, 20));
    await runBzctrldOk(['user', 'erase', 'eraseme@example.com', '--for-good', '--data', own.dir]);
    while (has()) await new Promise((resolve) => setTimeout(resolve, 20));
    await assertWhole(count + 2);
  });
  test('agrees with the records after the server was killed at any moment', async () => {
    let records;
    for (let round = 0; round < 5; round++) {
      const sent = Array.from({ length: 40 }, (_, i) =>
        own.addTask(small({ title: `record ${round}-${i}` })).catch(() => {}));
      await Promise.race([sent[5 + round * 7]]);
      await own.kill9();
      await Promise.all(sent);
      await own.start();
      records = (await own.listAll('')).length;
      await assertWhole(records);
    }
  });
});

test('few hits among many records come in each order, page by page', async () => {
  const own = await startServer({ users, workspaces });
  const marked = [0, 1, 2, 2500, 4995, 4996];
  const all = Array.from({ length: 5000 }, (_, i) =>
    ({ task: small({ title: marked.includes(i) ? `needle ${i}` : `straw ${i}` }) }));
  for (let i = 0; i < all.length; i += 1000)
    assert.equal((await own.addTasks(all.slice(i, i + 1000))).status, 200);
  const page = (query) => own.get(`${API}/tasks?${query}`, { as: EXAMPLE.email });
  while ((await page('q=needle&total=true&limit=1')).json.total !== marked.length)
    await new Promise((resolve) => setTimeout(resolve, 20));
  const found = async (query) => {
    const titles = [];
    for (let cursor = ''; cursor !== null;) {
      const { status, text, json } = await page(`${query}&limit=2${cursor}`);
      assert.equal(status, 200, text);
      titles.push(...json.items.map(({ title }) => Number(title.split(' ')[1])));
      cursor = json.next ? `&cursor=${json.next}` : null;
    }
    return titles;
  };
  assert.deepEqual(await found('q=needle'), [...marked].reverse());
  assert.deepEqual(await found('q=needle&sort=created'), marked);
  assert.deepEqual(await found('q=nothing'), []);
  await own.stop();
});
