/*
 * Reading: lists with filters and cursors, one record, its history; and who may see and do what.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { API, EXAMPLE, SAMPLE, addUser, small, startServer } from '../lib/server.mjs';

/* One account for each row of the role table, on the domain itself and above it. */
const people = [
  EXAMPLE,
  { email: 'viewer@example.com', role: 'viewer', domain: 'EXA-CON-BUS' },
  { email: 'manager@example.com', role: 'manager', domain: 'EXA-CON-BUS' },
  { email: 'above.viewer@example.com', role: 'viewer', domain: 'EXA' },
  { email: 'above.member@example.com', role: 'member', domain: 'EXA' },
  { email: 'beside@example.com', role: 'member', domain: 'EXA-CON-BAR' },
  { email: 'below@example.com', role: 'member', domain: 'EXA-CON-BUS-SUB' },
  { email: 'prefix@example.com', role: 'member', domain: 'EXA-CON-BU' },
  { email: 'alien@example.com', role: 'manager', domain: 'ELSE' },
  { email: 'admin@example.com', admin: true },
];
const workspaces =
  ['EXA-CON-BUS-WOR', 'EXA-CON-BUS-TWO', 'EXA-CON-BAR-WOR', 'EXA-CON-BUS-SUB-WOR', 'EXA-CON-BU-S', 'ELSE-WHERE'];
const ADMIN = 'admin@example.com';

let server;
before(async () => {
  server = await startServer({ users: people, workspaces });
});
after(() => server.stop());

/* The reporter is somebody whom every domain below EXA knows. */
function create(changes, as) {
  return server.createAndRead(small({ reporter: 'above.member@example.com', ...changes }), as && { as });
}

async function keys(query, as = EXAMPLE.email) {
  return (await server.listAll(query, { as })).map((item) => item.key);
}

describe('GET /tasks/{key}', () => {
  test('in any case, with and without leading zeros; always shown in capitals', async () => {
    const record = await server.createAndRead(SAMPLE);
    const number = Number(/\d+$/.exec(record.key)[0]);
    for (const key of [record.key, record.key.toLowerCase(), `Exa-Con-Bus-Wor-${number}`,
        `EXA-CON-BUS-WOR-000${number}`]) {
      const answer = await server.get(`${API}/tasks/${key}`);
      assert.equal(answer.status, 200, key);
      assert.deepEqual(answer.json, record);
    }
  });
  test('ETag: 304 while nothing has changed; a weakened one counts', async () => {
    const { key } = await create({});
    const path = `${API}/tasks/${key}`;
    const { etag } = (await server.get(path)).headers;
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*'])
      assert.equal((await server.get(path, { headers: { 'if-none-match': known } })).status, 304, known);
    assert.equal((await server.get(path, { headers: { 'if-none-match': '"other"' } })).status, 200);
  });
  test('HEAD is GET without the body', async () => {
    const { key } = await create({});
    const [get, head] =
      [await server.get(`${API}/tasks/${key}`), await server.requestAs(EXAMPLE.email, 'HEAD', `${API}/tasks/${key}`)];
    assert.equal(head.status, 200);
    assert.equal(head.body.length, 0);
    assert.equal(head.headers['content-length'], String(get.body.length));
    assert.equal(head.headers.etag, get.headers.etag);
  });
  test('what does not exist, and what is no key: 404', async () => {
    for (const key of ['EXA-CON-BUS-WOR-99999', 'EXA-CON-BUS-WOR-0', 'EXA-CON-BUS-WOR-00', 'EXA-CON-BUS-WOR',
      'NO-WHERE-01', '01', 'x', '%20', 'EXA-CON-BUS-WOR--1', 'EXA-CON-BUS-WOR-99999999999999999999',
      'EXA-CON-BUS-WOR-1%00', 'EXA-CON-BUS-WOR-1x'])
      assert.ok([404, 400].includes((await server.get(`${API}/tasks/${key}`)).status), key);
    assert.equal((await server.get(`${API}/tasks/EXA-CON-BUS-WOR-99999`)).status, 404);
  });
  test('an unknown query parameter: 400', async () => {
    const { key } = await create({});
    assert.equal((await server.get(`${API}/tasks/${key}?fields=title`)).status, 400);
  });
  test('never from a cache', async () => {
    const { key } = await create({});
    assert.match((await server.get(`${API}/tasks/${key}`)).headers['cache-control'], /no-store|no-cache|private/);
  });
});

describe('GET /tasks/{key}/events', () => {
  test('the creation, with every member that was set, and the hash of the receipt', async () => {
    const created = await server.addTask(SAMPLE);
    const path = new URL(created.headers.location, server.url).pathname;
    const record = (await server.get(path)).json;
    const { items, next } = (await server.get(`${path}/events`)).json;
    assert.equal(next, undefined);
    assert.equal(items.length, 1);
    const [event] = items;
    assert.deepEqual(Object.keys(event),
      ['domain', 'seq', 'at', 'actor', 'action', 'key', 'changes', 'version', 'origin', 'hash']);
    assert.equal(`${event.domain}:${event.seq}:${event.hash}`, created.headers['bzctrl-receipt']);
    assert.equal(event.domain, 'EXA-CON-BUS');
    assert.equal(event.actor, EXAMPLE.email);
    assert.equal(event.action, 'task.created');
    assert.equal(event.key, record.key);
    assert.equal(event.at, record.createdAt);
    assert.deepEqual(event.changes.status, [null, 'In Progress']);
    for (const member of ['todoType', 'title', 'description', 'financialImpact', 'impact', 'reporter', 'tags', 'LRN',
      'reminderDate'])
      assert.deepEqual(event.changes[member], [null, record[member]], member);
  });
  test('seq is free of gaps in the domain, over its workspaces', async () => {
    const seqs = [];
    for (const domainWorkSpace of ['EXA-CON-BUS-WOR', 'EXA-CON-BUS-TWO', 'EXA-CON-BUS-WOR'])
      seqs.push(Number((await server.addTask(small({ domainWorkSpace }))).headers['bzctrl-receipt'].split(':')[1]));
    assert.deepEqual(seqs, [seqs[0], seqs[0] + 1, seqs[0] + 2]);
  });
  test('limit, cursor and unknown parameters', async () => {
    const { key } = await create({});
    assert.equal((await server.get(`${API}/tasks/${key}/events?limit=1`)).json.items.length, 1);
    for (const query of ['limit=0', 'limit=201', 'limit=x', 'cursor=nonsense', 'foo=1'])
      assert.equal((await server.get(`${API}/tasks/${key}/events?${query}`)).status, 400, query);
  });
});

describe('GET /tasks', () => {
  const made = {};
  before(async () => {
    const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
    made.a = await create({ domainWorkSpace: 'EXA-CON-BAR-WOR', title: 'a', priority: 'High', tags: ['x', 'y'],
      category: 'Customs', dueDate: day(-3) }, ADMIN);
    made.b = await create({ domainWorkSpace: 'EXA-CON-BAR-WOR', title: 'b', todoType: 'TASK', priority: 'Low',
      status: 'To do', tags: 'y', dueDate: day(5) }, ADMIN);
    made.c = await create({ domainWorkSpace: 'EXA-CON-BAR-WOR', title: 'c', status: 'Expired',
      category: ['IT', 'Customs'], assignee: 'beside@example.com', dueDate: day(-9) }, ADMIN);
    made.d = await create({ domainWorkSpace: 'EXA-CON-BAR-WOR', title: 'd', status: 'Done',
      reporter: 'beside@example.com' }, 'beside@example.com');
  });

  /* Each query, and which of the four records it lists, newest first. */
  const cases = [
    ['', 'dcba'],
    ['todoType=TASK', 'b'], ['todoType=incident', 'dca'],
    ['status=Done', 'd'], ['status=to_do', 'b'], ['status=To do&status=In Progress', 'ba'],
    ['priority=High', 'a'], ['priority=high&priority=LOW', 'ba'],
    ['assignee=beside@example.com', 'dc'], ['assignee=BESIDE@Example.com', 'dc'],
    ['reporter=beside@example.com', 'd'], ['source=admin@example.com', 'cba'], ['source=beside@example.com', 'd'],
    ['tag=x', 'a'], ['tag=y', 'ba'], ['tag=ORDER 1', 'dcba'], ['tag=nothing', ''],
    ['category=Customs', 'ca'], ['category=IT', 'c'], ['category=customs', ''],
    ['overdue=true', null], ['dueBefore=2000-01-01', ''],
    ['createdBefore=2000-01-01', ''], ['createdAfter=2000-01-01', 'dcba'], ['createdAfter=2100-01-01T00:00:00Z', ''],
    ['todoType=INCIDENT&category=Customs&priority=High', 'a'],
    ['assignee=nobody@example.com', ''],
  ];
  for (const [query, expected] of cases)
    if (expected !== null)
      test(`?${query || 'no filter'} lists ${expected || 'nothing'}`, async () => {
        const parameters = new URLSearchParams(`workspace=EXA-CON-BAR-WOR&${query}`);
        const answer = await server.get(`${API}/tasks?${parameters}`, { as: ADMIN });
        assert.equal(answer.status, 200, answer.text);
        assert.equal(answer.json.items.map((item) => item.title).join(''), expected);
      });
  test('overdue, dueBefore and dueAfter', async () => {
    const list = async (query) =>
      (await server.get(`${API}/tasks?workspace=EXA-CON-BAR-WOR&${query}`, { as: ADMIN })).json.items.map((i) =>
        i.title).join('');
    const today = new Date().toISOString().slice(0, 10);
    assert.match(await list('overdue=true'), /^c?a$/);
    assert.equal(await list(`dueBefore=${made.a.dueDate}`), 'c');
    assert.equal(await list(`dueAfter=${today}`), 'b');
    assert.equal(await list(`dueAfter=${made.c.dueDate}&dueBefore=${today}`), 'a');
  });
  test('each record says itself whether it is open and overdue, as the filter does', async () => {
    const items = await server.listAll({ workspace: 'EXA-CON-BAR-WOR' }, { as: ADMIN });
    const said = (member) => items.filter((item) => item[member]).map((item) => item.title).join('');
    assert.equal(said('open'), 'cba', 'an expired one is open');
    assert.equal(said('overdue'), 'ca', 'and can be overdue');
  });
  test('what was reported as Done was closed when it was created, by its source', async () => {
    const { json: record } = await server.get(`${API}/tasks/${made.d.key}`, { as: ADMIN });
    assert.equal(record.closedAt, record.createdAt);
    assert.equal(record.closedBy, 'beside@example.com');
    assert.equal(record.firstDueDate, record.dueDate);
    assert.equal(made.a.closedAt, null);
    assert.equal(made.a.closedBy, null);
    assert.equal(made.a.firstDueDate, made.a.dueDate);
  });
  test('overdue is judged in the zone of the workspace', async () => {
    /* Kiritimati is a day ahead of Samoa for nearly all of a day: of these days one differs there. */
    const dueDates =
      [-2, -1, 0, 1, 2].map((offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10));
    const overdue = {};
    for (const workspace of ['EXA-CON-BAR-EAS', 'EXA-CON-BAR-PAG']) {
      const timezone = workspace.endsWith('EAS') ? 'Pacific/Kiritimati' : 'Pacific/Pago_Pago';
      assert.equal((await server.send(ADMIN, 'POST', `${API}/workspaces`, { key: workspace, timezone })).status, 201);
      const records = [];
      for (const dueDate of dueDates) records.push(await create({ domainWorkSpace: workspace, dueDate }, ADMIN));
      overdue[workspace] = records.filter((record) => record.overdue).length;
      assert.equal((await server.listAll({ workspace, overdue: 'true' }, { as: ADMIN })).length, overdue[workspace]);
    }
    assert.ok(overdue['EXA-CON-BAR-EAS'] > overdue['EXA-CON-BAR-PAG'], JSON.stringify(overdue));
  });
  test('workspace and domain, in any case; a domain lists what is below', async () => {
    const sub = await create({ domainWorkSpace: 'EXA-CON-BUS-SUB-WOR' }, ADMIN);
    assert.deepEqual(await keys({ workspace: 'exa-con-bus-sub-wor' }, ADMIN), [sub.key]);
    for (const domain of ['EXA-CON-BUS-SUB', 'exa-con-bus', 'EXA'])
      assert.ok((await keys({ domain }, ADMIN)).includes(sub.key), domain);
    assert.ok(!(await keys({ domain: 'EXA-CON-BAR' }, ADMIN)).includes(sub.key));
    assert.ok(!(await keys({ domain: 'EXA-CON-BU' }, ADMIN)).includes(sub.key), 'a prefix is no domain above');
  });
  test('a workspace or domain that is unknown or alien lists nothing, or is refused, alike', async () => {
    for (const name of ['workspace', 'domain']) {
      const unknown = await server.get(`${API}/tasks?${name}=NONE-WHERE`);
      const alien = await server.get(`${API}/tasks?${name}=ELSE-WHERE`);
      assert.equal(alien.status, unknown.status);
      assert.equal(alien.text.replaceAll('ELSE', 'NONE'), unknown.text);
    }
  });
  test('whole records, as GET /tasks/{key} shows them', async () => {
    const page = await server.get(`${API}/tasks?workspace=EXA-CON-BAR-WOR&tag=x`, { as: ADMIN });
    assert.deepEqual(page.json.items, [made.a]);
  });
  test('bad parameters: 400', async () => {
    for (const query of [
      'foo=1', 'limit=0', 'limit=201', 'limit=-1', 'limit=ten', 'limit=1&limit=2', 'cursor=nonsense', 'cursor=',
      'status=gone',
      'todoType=x', 'priority=x', 'dueBefore=2024-02-30', 'dueAfter=x', 'createdAfter=yesterday', 'overdue=maybe',
      'tag=%ff',
    ])
      assert.ok([400, 200].includes((await server.get(`${API}/tasks?${query}`)).status), query);
    for (const query of ['foo=1', 'limit=0', 'limit=201', 'cursor=nonsense', 'status=gone', 'dueBefore=2024-02-30',
      'tag=%ff', 'overdue=maybe'])
      assert.equal((await server.get(`${API}/tasks?${query}`)).status, 400, query);
  });

  test('pages: every record once, newest first, whatever is created meanwhile', async () => {
    const wanted = [];
    for (let i = 0; i < 25; i++)
      wanted.unshift((await create({ domainWorkSpace: 'EXA-CON-BU-S', title: `page ${i}` }, ADMIN)).key);
    const found = [];
    let cursor;
    do {
      const answer = await server.get(
        `${API}/tasks?workspace=EXA-CON-BU-S&limit=7${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
        { as: ADMIN });
      assert.ok(answer.json.items.length <= 7);
      found.push(...answer.json.items.map((item) => item.key));
      cursor = answer.json.next;
      await create({ domainWorkSpace: 'EXA-CON-BU-S', title: 'meanwhile' }, ADMIN);
    } while (cursor !== undefined);
    assert.deepEqual(found, wanted);
  });
  test('the default is 50 to a page, the most is 200', async () => {
    await Promise.all(
      Array.from({ length: 210 },
        (_, i) => server.addTask(small({ domainWorkSpace: 'ELSE-WHERE', reporter: 'alien@example.com', title: `m${i}` }), { as: 'alien@example.com' })));
    const first = await server.get(`${API}/tasks`, { as: 'alien@example.com' });
    assert.equal(first.json.items.length, 50);
    assert.ok(first.json.next);
    assert.equal((await server.get(`${API}/tasks?limit=200`, { as: 'alien@example.com' })).json.items.length, 200);
    assert.equal((await server.listAll({ limit: '64' }, { as: 'alien@example.com' })).length, 210);
  });
  test('a cursor does not open what its user may not see', async () => {
    const { next } = (await server.get(`${API}/tasks?limit=1`, { as: ADMIN })).json;
    const answer =
      await server.get(`${API}/tasks?limit=200&cursor=${encodeURIComponent(next)}`, { as: 'beside@example.com' });
    if (answer.status === 200)
      for (const item of answer.json.items) assert.match(item.key, /^EXA-CON-BAR-/);
    else assert.equal(answer.status, 400);
  });
});

describe('records as large as they may be', () => {
  const LARGE = 32;
  const tags = Array.from({ length: 100 }, (_, i) => `${i}`.padEnd(255, '\u6f22'));
  before(async () => {
    await server.command(['workspace', 'add', 'EXA-CON-BIG-WOR']);
    for (let i = 0; i < LARGE; i++) {
      const report = { domainWorkSpace: 'EXA-CON-BIG-WOR', description: '\u6f22'.repeat(65_536), orderID: tags,
        tags: tags.map((tag) => `t${tag.slice(1)}`) };
      assert.equal(
        (await server.addTask(small({ reporter: 'above.member@example.com', ...report }), { as: ADMIN })).status, 201);
    }
  });
  test('a page is full, however long its texts', async () => {
    const get = async (query) => {
      const answer = await server.get(`${API}/tasks?workspace=EXA-CON-BIG-WOR&total=true&${query}`, { as: ADMIN });
      assert.equal(answer.status, 200, answer.text.slice(0, 300));
      assert.equal(answer.json.total, LARGE, query);
      return answer.json;
    };
    const whole = await get('limit=200');
    const numbers = whole.items.map(({ key }) => Number(key.split('-').at(-1)));
    assert.deepEqual(numbers, Array.from({ length: LARGE }, (_, i) => LARGE - i));
    assert.equal(whole.next, undefined);
    assert.deepEqual(Object.keys(whole.people).sort(), ['above.member@example.com', ADMIN]);
    const tag = encodeURIComponent(tags[0]);
    for (const query of ['limit=31', 'limit=31&sort=updated', `limit=31&sort=-dueDate&tag=${tag}`]) {
      const first = await get(query);
      const rest = await get(`${query}&cursor=${encodeURIComponent(first.next)}`);
      assert.deepEqual([first.items.length, rest.items.length, rest.next], [31, LARGE - 31, undefined], query);
    }
    for (const sort of ['createdAt', '-createdAt'])
      assert.equal((await keys({ workspace: 'EXA-CON-BIG-WOR', sort }, ADMIN)).length, LARGE);
  });
  test('a filter on tags finds them all', async () => {
    assert.equal((await keys({ workspace: 'EXA-CON-BIG-WOR', tag: tags[99] }, ADMIN)).length, LARGE);
  });
});

describe('the role table', () => {
  /* May read, may create; on EXA-CON-BUS-WOR. */
  const table = {
    'example@example.com': [true, true],
    'viewer@example.com': [true, false],
    'manager@example.com': [true, true],
    'above.viewer@example.com': [true, false],
    'above.member@example.com': [true, true],
    'beside@example.com': [false, false],
    'below@example.com': [false, false],
    'prefix@example.com': [false, false],
    'alien@example.com': [false, false],
    'admin@example.com': [true, true],
  };
  for (const [as, [read, write]] of Object.entries(table))
    test(`${as} ${read ? 'reads' : 'sees nothing'}${write ? ' and creates' : ''}`, async () => {
      const { key } = await create({}, ADMIN);
      const record = await server.get(`${API}/tasks/${key}`, { as });
      const events = await server.get(`${API}/tasks/${key}/events`, { as });
      assert.equal(record.status, read ? 200 : 404);
      assert.equal(events.status, read ? 200 : 404);
      assert.equal((await keys({ workspace: 'EXA-CON-BUS-WOR' }, as).catch(() => [])).includes(key), read);

      const answer = await server.addTask(small(), { as });
      if (write) assert.equal(answer.status, 201, answer.text);
      else if (read) assert.equal(answer.status, 403, answer.text);
      else {
        assert.equal(answer.status, 422, answer.text);
        assert.equal(answer.json.errors[0].code, 'unknown_workspace');
      }
    });
  test('an alien record answers like a missing one, byte for byte', async () => {
    const { key } = await create({}, ADMIN);
    const missing = await server.get(`${API}/tasks/EXA-CON-BUS-WOR-77777`, { as: 'alien@example.com' });
    const alien = await server.get(`${API}/tasks/${key}`, { as: 'alien@example.com' });
    assert.equal(alien.text.replaceAll(key, '#'), missing.text.replaceAll('EXA-CON-BUS-WOR-77777', '#'));
  });
  test('being named as assignee grants nothing', async () => {
    await addUser(server.dir, { email: 'named@example.com', role: 'viewer', domain: 'EXA-CON-BUS-SUB' });
    const answer = await server.addTask(small({ assignee: 'named@example.com' }));
    assert.equal(answer.status, 422, 'whom the domain does not know cannot be named at all');
    assert.equal(answer.json.errors[0].pointer, '/assignee');
  });
  test('a role that is given while the server runs counts at once', async () => {
    await addUser(server.dir, { email: 'late@example.com', role: 'viewer', domain: 'ELSE' });
    const { key } = await create({}, ADMIN);
    assert.equal((await server.get(`${API}/tasks/${key}`, { as: 'late@example.com' })).status, 404);
    /* as it is: a new one would end the sign-in */
    await addUser(server.dir, { email: 'late@example.com', role: 'member', domain: 'EXA', password: '' });
    assert.equal((await server.get(`${API}/tasks/${key}`, { as: 'late@example.com' })).status, 200);
    assert.equal((await server.addTask(small(), { as: 'late@example.com' })).status, 201);
  });
});
