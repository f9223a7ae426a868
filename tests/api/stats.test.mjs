/*
 * GET /stats: each number of each cell is that of the list that its href leads to, for every role and on random
 * records with Unicode and empty values.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changeStored } from '../lib/database.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';

const MEMBERS = ['status', 'todoType', 'priority', 'impact', 'likelihood', 'assignee', 'category', 'workspace',
  'domain', 'source', 'month'];
const ADMIN = 'admin@example.com';
const OTHER = 'other@example.com';
const VIEWER = 'viewer@example.com';
const ALIEN = 'alien@example.com';
const LEAVER = 'leaver@example.com';
const users = [EXAMPLE, { email: ADMIN, admin: true }, { email: OTHER, role: 'member', domain: 'EXA-CON-BUS' },
  { email: VIEWER, role: 'viewer', domain: 'EXA' }, { email: ALIEN, role: 'manager', domain: 'ACME' },
  { email: LEAVER, role: 'member', domain: 'EXA-CON-BUS' }];
const workspaces = ['EXA-CON-BUS-WOR', 'EXA-CON-BUS-TWO', 'EXA-CON-BUS-SUB-ONE', 'EXA-TOP', 'ACME-WOR'];
const RECORDS = 160;
const DAY = 86_400_000;

/* Numbers that look random and are the same each time. */
let seed = 11;
const pick = (bound) => {
  seed = (seed * 1103515245 + 12345) % 2 ** 31;
  return Math.floor(seed / 65536) % bound;
};
const one = (...values) => values[pick(values.length)];

let server;
let client; /* a token that reads what its client has reported */

function randomReport() {
  return small({
    domainWorkSpace: one('EXA-CON-BUS-WOR', 'EXA-CON-BUS-TWO', 'EXA-CON-BUS-SUB-ONE'),
    todoType: one('INCIDENT', 'TASK'), status: one('To do', 'In Progress', 'Done', 'Expired'),
    priority: one(undefined, 'High', 'Low'), impact: one(undefined, 'Medium'),
    likelihood: one(undefined, 'Low', 'High'),
    title: one('Seal broken', 'Zoll', 'Brand 🔥'), assignee: one(undefined, OTHER),
    category: one(undefined, ['Zollüberwachung'], ['海关', 'IT'], ['none'], ['a&b=c, "d" %', 'IT'],
      ['🔥', '🔥', 'x+y']),
    financialImpact: one(undefined, '0.01', '99.99', '10000000000000'), tags: one(undefined, ['audit']),
    dueDate: one(undefined, '2024-09-27'),
  });
}

/* All cells of a question, or its answer when that is a refusal. */
async function count(query, options = {}) {
  const answer = await server.get(`${API}/stats?${query}`, options);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const twice = sorted[sorted.length >> 1] + sorted[(sorted.length - 1) >> 1];
  return sorted.length === 0 ? null : Math.floor((twice + DAY / 100) / (DAY / 50)) / 100;
}

/** Holds each number of a cell against its list. */
async function checkCell(cell, options) {
  const { pathname, search } = new URL(cell.href);
  const list = [];
  let cursor = '', total;
  do {
    const page = await server.get(`${pathname}${search}&total=true&limit=200${cursor}`, options);
    assert.equal(page.status, 200, page.text);
    list.push(...page.json.items);
    total = page.json.total;
    cursor = page.json.next ? `&cursor=${page.json.next}` : undefined;
  } while (cursor);
  const what = JSON.stringify(cell);
  assert.equal(list.length, cell.count, what);
  assert.equal(total, cell.count, what);
  const cents = list.reduce((sum, { financialImpact }) => sum + BigInt((financialImpact ?? '0').replace('.', '')), 0n);
  assert.equal(BigInt(cell.financialImpact.replace('.', '')), cents, what);
  assert.equal(cell.dueMoves, list.reduce((sum, { dueMoves }) => sum + dueMoves, 0), what);
  const spans = list.filter(({ closedAt }) => closedAt).map(({ closedAt, createdAt }) =>
    new Date(closedAt) - new Date(createdAt));
  assert.equal(cell.medianDaysToClose, median(spans), what);
}

before(async () => {
  server = await startServer({ users, workspaces });
  const report = await server.addClient(ADMIN, { scopes: ['task:create', 'task:read', 'task:write'] });
  client = await server.clientToken(report);
  const bodies = Array.from({ length: RECORDS }, randomReport);
  const sent = await server.addTasks(bodies.map((task) => ({ task })));
  assert.ok(sent.json.items.every(({ status }) => status === 201), sent.text);
  for (let i = 0; i < 12; i++) assert.equal((await server.addTask(randomReport(), { token: client })).status, 201);
  for (const where of ['ACME-WOR', 'EXA-TOP'])
  {
    const report = small({ domainWorkSpace: where, reporter: where === 'ACME-WOR' ? ALIEN : VIEWER });
    assert.equal((await server.addTask(report, { as: ADMIN })).status, 201);
  }
  /* Some are older, on both sides of the ends of months, and took their time. */
  const times = ['2025-12-31T23:59:59.999Z', '2026-01-01T00:00:00.000Z', '2026-02-28T23:59:59.999Z',
    '2024-02-29T12:00:00Z'];
  await server.terminate();
  changeStored(server.dir, `UPDATE task SET due_moves = number % 3, created_at = CASE number % 5
    ${times.map((time, i) => `WHEN ${i} THEN ${Date.parse(time)}`).join(' ')} ELSE created_at END`);
  changeStored(server.dir, `UPDATE task SET closed_by = source_id, closed_at = created_at + number * 7654321
    WHERE status = 3 AND number % 4 <> 0`);
  await server.command(['index', 'rebuild']);
  await server.start();
  await indexReady();
});
after(() => server.stop());

/** Until the index is built: it is needed for every order but that of creation. */
async function indexReady() {
  for (;;) {
    const answer = await server.get(`${API}/tasks?sort=updated&limit=1`);
    if (answer.status === 200) return;
    assert.equal(answer.status, 503, answer.text);
    assert.ok(answer.headers['retry-after']);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const total = async (query, options) =>
  (await server.get(`${API}/tasks?${query}&total=true&limit=1`, options)).json.total;

describe('each number is that of the list', () => {
  for (const by of MEMBERS)
    test(`by ${by}`, async () => {
      const { cells } = await count(`by=${by}`);
      for (const cell of cells) await checkCell(cell);
      if (by !== 'category')
        assert.equal(cells.reduce((sum, cell) => sum + cell.count, 0), await total(''));
    });
  test('by every pair of members', async () => {
    for (const first of MEMBERS)
      for (const second of MEMBERS) {
        if (first === second) continue;
        const { by, cells } = await count(`by=${first},${second}&todoType=TASK`);
        assert.deepEqual(by, [first, second]);
        for (let i = 0; i < 4 && cells.length > 0; i++) await checkCell(cells[pick(cells.length)]);
      }
  });
  const filters = ['q=seal', 'q=%22seal+broken%22', 'q=-status:todo+is:open', 'tag=audit', 'category=IT', 'category=',
    'category=%E6%B5%B7%E5%85%B3&category=IT', 'status=To+do&status=Done', 'createdAfter=2026-01-01', 'open=false',
    'month=2026-01&month=2025-12', 'createdBefore=2026-01-01T00:00:00Z', 'domain=EXA-CON', 'domainOnly=EXA-CON-BUS',
    'minFinancialImpact=99.99&overdue=true', 'assignee=me', 'q=month:2026-02',
    'alsoCategory=IT&alsoCategory=%E6%B5%B7%E5%85%B3', 'form=default&q=zoll', 'workspace=EXA-CON-BUS-TWO&q=brand',
    'closedAfter=2024-01-01', 'category=IT&alsoCategory=none'];
  for (const filter of filters)
    test(`with the filter ${filter}`, async () => {
      for (const by of ['category', 'status,month', 'domain,assignee']) {
        const { cells } = await count(`by=${by}&${filter}`);
        for (const cell of cells) await checkCell(cell);
        if (by !== 'category')
          assert.equal(cells.reduce((sum, cell) => sum + cell.count, 0), await total(filter), filter);
      }
    });
  test('for every role', async () => {
    const callers = [ADMIN, OTHER, VIEWER, ALIEN].map((as) => ({ as })).concat([{ token: client }]);
    const sums = [];
    for (const options of callers) {
      const { cells } = await count('by=workspace,source', options);
      for (const cell of cells) await checkCell(cell, options);
      sums.push(cells.reduce((sum, cell) => sum + cell.count, 0));
    }
    assert.deepEqual(sums, [RECORDS + 14, RECORDS + 12, RECORDS + 13, 1, 12]);
  });
  test('of records that were just written, changed and moved to another category', async () => {
    const { key } = await server.createAndRead(small({ category: 'Fresh', financialImpact: '5.50' }));
    const cell = async (text) => (await count('by=category')).cells.find(({ category }) => category === text);
    await checkCell(await cell('Fresh'));
    const { status } = await server.send(EXAMPLE.email, 'PATCH', `${API}/tasks/${key}`,
      { category: ['Fresher'], status: 'Done' },
      { headers: { 'content-type': 'application/merge-patch+json', 'if-match': '*' } });
    assert.equal(status, 200);
    assert.equal(await cell('Fresh'), undefined);
    const after = await cell('Fresher');
    assert.equal(after.count, 1);
    assert.equal(after.medianDaysToClose, 0);
    await checkCell(after);
  });
  test('values have the order of their scale, and empty ones come last', async () => {
    const values = async (by) => (await count(`by=${by}`)).cells.map((cell) => cell[by]);
    assert.deepEqual(await values('status'), ['To do', 'In Progress', 'Done', 'Expired']);
    assert.deepEqual(await values('priority'), ['High', 'Low', null]);
    const months = await values('month');
    assert.deepEqual(months, [...months].sort());
    assert.equal((await values('category')).at(-1), null);
  });
});

test('sums of the greatest amounts are exact', async () => {
  const { cells } = await count('by=todoType&workspace=EXA-CON-BUS-TWO&minFinancialImpact=10000000000000');
  assert.ok(cells.length > 0);
  for (const cell of cells) assert.equal(cell.financialImpact, `${BigInt(cell.count) * 10_000_000_000_000n}.00`);
});

test('a role that was taken away takes its counts with it', async () => {
  assert.ok((await count('by=status', { as: LEAVER })).cells.length > 0);
  const { status } = await server.send(ADMIN, 'PATCH', `${API}/people/${LEAVER}`, { roles: [] },
    { headers: { 'if-match': '*', 'content-type': 'application/json' } });
  assert.equal(status, 200);
  assert.deepEqual((await count('by=status', { as: LEAVER })).cells, []);
});

test('what cannot be counted by is refused with what can', async () => {
  for (const [query, wanted] of [['', /by is missing/], ['by=', /one or two of status/],
    ['by=statsu', /did you mean "status"/],
    ['by=status,status', /twice/], ['by=status,month,source', /not more/], ['by=title', /not "title"/],
    ['by=status&month=2026-1', /month must be a month/], ['by=status&sort=created', /Unknown query parameter/],
    ['by=status&q=staus:x', /did you mean/]]) {
    const answer = await server.get(`${API}/stats?${query}`);
    assert.equal(answer.status, 400, query);
    assert.match(answer.json.detail, wanted, query);
  }
  await count('by=status');
});

test('without an index the counts and totals are the same', async () => {
  const queries = [...MEMBERS.map((by) => `by=${by}`), 'by=category,month', 'by=status&q=seal', 'by=source&open=true',
    'by=priority&category=IT', 'by=domain&tag=audit&overdue=true'];
  const ask = async () => {
    const found = [];
    for (const options of [{ as: ADMIN }, { as: ALIEN }, { token: client }])
      for (const query of queries) {
        const answer = options.token ? await server.request('GET', `${API}/stats?${query}`, options)
          : await server.get(`${API}/stats?${query}`, options);
        assert.equal(answer.status, 200, answer.text);
        const filters = query.split('&').slice(1).join('&');
        const list = `${API}/tasks?${filters}${filters && '&'}total=true&limit=1`;
        const page = options.token ? await server.request('GET', list, options) : await server.get(list, options);
        found.push([query, answer.json.cells, page.json.total]);
      }
    return found;
  };
  await indexReady();
  const indexed = await ask();
  await server.terminate();
  const { env } = server.options;
  server.options.env = { ...env, BZCTRL_BENCH_NO_INDEX: '1' };
  await server.command(['index', 'rebuild']);
  await server.start();
  const refused = await server.get(`${API}/tasks?sort=dueDate`);
  assert.equal(refused.status, 503, 'there is no index');
  assert.match(refused.json.detail, /^The index of records is being built\./, 'it says what to wait for');
  assert.deepEqual(await ask(), indexed);
  await server.terminate();
  server.options.env = env;
  await server.start();
});

test('more than 10,000 cells are refused', { timeout: 240_000 }, async () => {
  const own = await startServer();
  const categories = Array.from({ length: 100 }, (_, i) => `c${i}`);
  for (let i = 0; i < 101; i++) {
    const sent = await own.addTasks([{ task: small({ category: categories.map((name) => `${name}-${i}`) }) }]);
    assert.equal(sent.json.items[0].status, 201);
  }
  const wanted = async (query, status) => {
    let answer;
    do answer = await own.get(`${API}/stats?${query}`); while (answer.status === 503);
    assert.equal(answer.status, status, answer.text);
    return answer.json;
  };
  assert.match((await wanted('by=category', 400)).detail, /more than 10000 cells/);
  assert.equal((await wanted('by=category&category=c1-1', 200)).cells.length, 100);
  await own.stop();
});
