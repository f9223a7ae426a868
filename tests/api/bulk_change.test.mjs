/*
 * Changing many records in one call: the preview, a verdict on each record, versions, what a filter
 * selects, the same call again, and undoing it.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { shim } from '../lib/client.mjs';
import { numberStored } from '../lib/database.mjs';
import { makeFolder, until } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';
import { verifyHistory } from '../lib/verify_history.mjs';

const MEMBER = EXAMPLE.email;
const MANAGER = 'manager@example.com';
const OTHER = 'other@example.com';
const VIEWER = 'viewer@example.com';
const ALIEN = 'alien@example.com';
const ADMIN = 'admin@example.com';
const TWO = 'EXA-CON-BUS-TWO';
const FORMED = 'EXA-CON-BUS-FORMED';
const MANY = 'EXA-CON-BUS-MANY';
const NEAR = 'EXA-CON-NEAR'; /* of the domain above, where the members have no role */
const BULK = `${API}/tasks/bulk`;

let server;
before(async () => {
  server = await startServer({
    users: [
      EXAMPLE,
      { email: MANAGER, role: 'manager', domain: 'EXA' },
      { email: OTHER, role: 'member', domain: EXAMPLE.domain },
      { email: VIEWER, role: 'viewer', domain: EXAMPLE.domain },
      { email: ALIEN, role: 'manager', domain: 'ELSE' },
      { email: ADMIN, admin: true },
    ],
    workspaces: [WORKSPACE, TWO, FORMED, MANY, NEAR, 'ELSE-WHERE'],
  });
});
after(() => server.stop());

const url = (key) => `${API}/tasks/${key}`;
const create = (changes = {}, as = MEMBER) => server.createAndRead(small(changes), { as });
const createAll = async (n, changes = {}) => {
  const records = [];
  for (let i = 0; i < n; i++) records.push(await create({ title: `Title ${i}`, ...changes }));
  return records;
};
const keysOf = (records) => records.map(({ key }) => key);
const read = async (key, as = MANAGER) => (await server.get(url(key), { as })).json;
const history = async (key) => (await server.get(`${url(key)}/events`, { as: MANAGER })).json.items;

const bulk = (body, { as = MEMBER, query = '', headers = {}, ...options } = {}) =>
  server.send(as, 'POST', BULK + query, body, { headers, ...options });
const preview = (body, options) => bulk(body, { ...options, query: '?dryRun=true' });
const undo = (bulkId, as = MEMBER) => server.send(as, 'POST', `${API}/bulk/${bulkId}/undo`);

async function done(body, options) {
  const answer = await bulk(body, options);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}
async function undone(bulkId, as) {
  const answer = await undo(bulkId, as);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.bulkId, bulkId);
  return answer.json.items;
}
const statuses = (items) => items.map(({ status }) => status);
async function faults(body, options) {
  const answer = await bulk(body, options);
  assert.equal(answer.status, 422, answer.text);
  return answer.json.errors.map(({ pointer, code }) => `${pointer} ${code}`);
}
async function patch(key, body, as = MANAGER) {
  const answer = await server.send(as, 'PATCH', url(key), body, { headers: { 'if-match': '*' } });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

/* What an undo leaves as it is: the record has been changed twice, and its due date moved. */
function restored(record) {
  const { version, updatedAt, dueMoves, firstDueDate, ...rest } = record;
  return rest;
}

describe('a bulk change', () => {
  test('does what its preview says, and the history says which bulk change it was', async () => {
    const records = [...await createAll(3), await create({ priority: 'High' }), await create({ status: 'Done' })];
    const body = { keys: [...keysOf(records), `${WORKSPACE}-9999`],
      patch: { priority: 'High', status: 'Done', result: 'All of them' } };
    const first = await preview(body);
    assert.equal(first.status, 200, first.text);
    assert.equal(first.json.bulkId, undefined);
    assert.deepEqual(first.json.items.map(({ version }) => version), [1, 1, 1, 1, 1, undefined]);
    for (const record of records)
      assert.deepEqual(await read(record.key), record, 'a preview changes nothing');

    const { bulkId, items } = await done(body, { headers: { 'bzctrl-origin': 'desk' } });
    const common = (list) => list.map(({ version, receipt, ...rest }) => rest);
    assert.deepEqual(common(items), common(first.json.items));
    assert.deepEqual(items[0].changed, ['result', 'status', 'priority', 'dueDate']);
    assert.deepEqual(items[5].status, 404);
    for (const [i, record] of records.entries()) {
      const now = await read(record.key);
      assert.equal(items[i].version, now.version);
      assert.deepEqual([now.priority, now.status, now.result, now.closedBy], ['High', 'Done', 'All of them', MEMBER]);
      const [event] = await history(record.key);
      assert.deepEqual([event.changes.bulkId, event.origin], [[null, bulkId], 'desk']);
      assert.match(items[i].receipt, new RegExp(`^${EXAMPLE.domain}:${event.seq}:`));
      assert.deepEqual(Object.keys(event.changes).filter((name) => name !== 'bulkId' && name !== 'origin'),
        items[i].changed);
    }
    const again = await done(body);
    assert.ok(again.items.slice(0, 5).every(({ changed, receipt }) => changed.length === 0 && receipt === undefined));
  });

  test('a refused record has the very problem that PATCH answers with, and hinders no other', async () => {
    const [mine, second] = await createAll(2);
    const parent = await create();
    await patch(mine.key, { parent: parent.key });
    const closed = await create({ status: 'Done' }, OTHER);
    const hidden = await create({ domainWorkSpace: 'ELSE-WHERE', reporter: ALIEN }, ALIEN);
    const patches = { parent: mine.key, status: 'To do', assignee: 'nobody@example.com', nonsense: 1 };
    for (const [name, value] of Object.entries(patches)) {
      const keys = [parent.key, closed.key, hidden.key, 'no key', mine.key, second.key];
      const { items } = await done({ keys, patch: { [name]: value } });
      for (const [i, key] of keys.entries()) {
        const alone = await server.send(MEMBER, 'PATCH', url(encodeURIComponent(key)), { [name]: value },
          { headers: { 'if-match': '*' } });
        assert.equal(items[i].status, alone.status, `${name} of ${key}: ${alone.text}`);
        if (alone.status !== 200) assert.deepEqual(items[i].problem, alone.json);
      }
    }
    const { items } = await done({ keys: [mine.key], patch: { priority: 'Low' } }, { as: VIEWER });
    assert.deepEqual([items[0].status, items[0].problem.status], [403, 403]);
  });

  test('each form judges its own records: what closing needs, and a second person', async () => {
    const rules = { name: 'strict', needToClose: ['priority'], confirmClose: { financialImpact: '1000' } };
    const made = await server.send(MANAGER, 'POST', `${API}/workspaces/${FORMED}/forms`, rules);
    assert.equal(made.status, 201, made.text);
    const strict = (changes) => server.createAndRead(small({ domainWorkSpace: FORMED, ...changes }),
      { query: '?form=strict' });
    const keys = keysOf([await create(), await strict({}), await strict({ financialImpact: '5000', priority: 'Low' })]);
    const { items } = await done({ keys, patch: { status: 'Done' } });
    assert.deepEqual(statuses(items), [200, 422, 409]);
    assert.deepEqual(items[1].problem.errors.map(({ pointer }) => pointer), ['/priority']);
    assert.equal(items[2].problem.code, 'needs_second_person');
  });

  test('a record with another version is left, and the verdict says what has changed', async () => {
    const records = await createAll(3);
    await patch(records[1].key, { title: 'Meanwhile' });
    const versions = Object.fromEntries(records.map(({ key, version }) => [key.toLowerCase(), version]));
    const body = { keys: keysOf(records), versions, patch: { priority: 'Low' } };
    for (const answer of [await preview(body), await bulk(body)]) {
      const { status, problem } = answer.json.items[1];
      assert.deepEqual([status, problem.version, problem.changed, problem.by], [412, 2, ['title'], MANAGER]);
      assert.deepEqual(statuses(answer.json.items), [200, 412, 200]);
    }
    assert.equal((await read(records[1].key)).priority, null);
  });

  test('moves records; a moved one is found by its old key, and changed once', async () => {
    const records = await createAll(3);
    const { bulkId, items } = await done({ keys: keysOf(records), patch: { workspace: TWO, priority: 'High' } });
    for (const [i, { movedTo, key, status }] of items.entries()) {
      assert.deepEqual([status, key], [200, records[i].key]);
      assert.match(movedTo, new RegExp(`^${TWO}-`));
      assert.equal((await read(movedTo)).priority, 'High');
    }
    const twice = await done({ keys: [items[0].key, items[0].movedTo], patch: { priority: 'Low' } });
    assert.deepEqual(statuses(twice.items), [200, 409]);
    assert.equal(twice.items[0].movedTo, items[0].movedTo);
    assert.deepEqual(twice.items[0].changed, ['priority']);

    const back = await undone(bulkId);
    assert.deepEqual(statuses(back), [412, 200, 200]);
    for (const { key, movedTo } of back.slice(1)) {
      const now = await read(movedTo);
      assert.deepEqual([now.workspace, now.priority, key !== movedTo], [WORKSPACE, null, true]);
    }
  });

  test('a key is named once, in any spelling', async () => {
    const { key } = await create();
    const number = Number(key.split('-').pop());
    const { items } = await done({ keys: [` ${key.toLowerCase()}`, `${WORKSPACE}-000${number}`, key],
      patch: { priority: 'Low' } });
    assert.deepEqual(items.map((item) => item.key), [key]);
  });

  test('a client changes only what it has reported', async () => {
    const client = await server.addClient(MANAGER, { scopes: ['task:create', 'task:write'] });
    const token = await server.clientToken(client);
    const created = await server.addTask(small(), { token });
    const own = created.headers.location.split('/').pop();
    const foreign = await create();
    const answer = await server.request('POST', BULK, { token, headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ keys: [own, foreign.key], patch: { priority: 'Low' } }) });
    assert.deepEqual(statuses(answer.json.items), [200, 404]);
    const back = await server.request('POST', `${API}/bulk/${answer.json.bulkId}/undo`, { token });
    assert.deepEqual(back.json.items.map(({ key, status }) => [key, status]), [[own, 200]]);
  });

  test('bad input is refused as a whole, and says why', async () => {
    const { key } = await create();
    assert.deepEqual(await faults({}), ['/patch required', '/keys required']);
    assert.deepEqual(await faults({ keys: [key], filter: 'open=true', patch: { title: 'x' } }), ['/keys required']);
    assert.deepEqual(await faults({ keys: key, patch: [], more: 1 }),
      ['/keys wrong_type', '/patch wrong_type', '/more unknown_member']);
    assert.deepEqual(await faults({ keys: [key, 7], patch: { title: 'x' } }), ['/keys/1 wrong_type']);
    assert.deepEqual(await faults({ keys: [key], patch: {} }), ['/patch required']);
    for (const filter of ['', ' ', '&', '&&', 'q=', 'q=%20', 'q=%22%22', 'sort=created', '&sort=-updated&q=',
      'open=true&open=false'])
      for (const query of ['', '?dryRun=true'])
        assert.deepEqual(await faults({ filter, patch: { title: 'x' } }, { query }), ['/filter required'], filter);
    assert.deepEqual(
      await faults({ keys: [key], patch: { title: 'x' }, versions: { [key]: 1.5, [`${WORKSPACE}-9999`]: 1 } }),
      ['/versions wrong_type', '/versions mismatch']);
    const limit = await bulk({ filter: 'open=true&limit=5', patch: { title: 'x' } });
    assert.deepEqual([limit.status, /limit/.test(limit.json.detail)], [400, true]);
    const query = await bulk({ filter: 'q=statis:todo', patch: { title: 'x' } });
    assert.deepEqual([query.status, /status/.test(query.json.detail)], [400, true]);
    assert.equal((await bulk([])).status, 400);
    assert.equal((await bulk({ keys: [], patch: { title: 'x' } })).json.items.length, 0);
    assert.equal((await read(key)).version, 1);
  });
});

describe('a filter', () => {
  test('selects what GET /tasks shows, and nothing else', async () => {
    const records = await createAll(5, { tags: ['bulk-filter'] });
    await patch(records[4].key, { status: 'Done' });
    const others = await createAll(2);
    const filter = 'tag=bulk-filter&open=true&sort=-dueDate';
    const body = { filter, patch: { priority: 'Medium' } };
    const first = await preview(body);
    const { items } = await done(body);
    assert.deepEqual(items.map(({ key }) => key).sort(), keysOf(records.slice(0, 4)).sort());
    assert.deepEqual(first.json.items.map(({ key }) => key), items.map(({ key }) => key));
    for (const { key } of [records[4], ...others]) assert.equal((await read(key)).priority, null);
    assert.deepEqual((await done({ filter: 'tag=no-such-tag', patch: { priority: 'Low' } })).items, []);
  });

  test('of 1,000 records changes all, while reports go on; of 1,001 none, and says how many there are', async () => {
    const report = (i) => ({ task: small({ domainWorkSpace: MANY, title: `Many ${i}` }) });
    const made = await server.addTasks(Array.from({ length: 1000 }, (_, i) => report(i)));
    assert.ok(made.json.items.every(({ status }) => status === 201));
    const filter = `workspace=${MANY}`;

    /* The pieces of a bulk change leave room for others: some report lies between two of its events. */
    let over = false;
    const between = (async () => {
      const seqs = [];
      while (!over) {
        const { headers } = await server.addTask(small({ title: 'Between' }));
        seqs.push(Number(headers['bzctrl-receipt'].split(':')[1]));
      }
      return seqs;
    })();
    const { items } = await done({ filter, patch: { priority: 'High' } }, { timeout: 300_000 });
    over = true;
    const seqs = items.map(({ receipt }) => Number(receipt.split(':')[1])).sort((a, b) => a - b);
    assert.equal(new Set(items.map(({ key }) => key)).size, 1000);
    assert.ok((await between).some((seq) => seq > seqs[0] && seq < seqs.at(-1)));
    assert.equal((await server.listAll({ workspace: MANY, priority: 'High' })).length, 1000);

    await create({ domainWorkSpace: MANY });
    for (const send of [bulk, preview]) {
      const answer = await send({ filter, patch: { priority: 'Low' } });
      assert.equal(answer.status, 422);
      assert.deepEqual(answer.json.errors.map(({ pointer, code }) => `${pointer} ${code}`), ['/filter too_many']);
      assert.match(answer.json.errors[0].detail, /1001/);
    }
    assert.deepEqual(await faults({ keys: Array.from({ length: 1001 }, (_, i) => `${MANY}-${i + 1}`),
      patch: { priority: 'Low' } }), ['/keys too_many']);
    assert.equal((await server.listAll({ workspace: MANY, priority: 'Low' })).length, 0);
  });
});

test('many bulk changes at once hold up nobody else', async () => {
  const { key } = await create();
  const keys = Array.from({ length: 1000 }, (_, i) => `${MANY}-${i + 1}`);
  let over = 0;
  const previews = Array.from({ length: 48 }, async () => {
    const answer = await preview({ keys, patch: { priority: 'Low' } }, { timeout: 300_000 });
    assert.equal(answer.json.items.length, 1000, answer.text.slice(0, 500));
    over++;
  });
  await until(() => over > 0, 'the first of them');
  await patch(key, { priority: 'Low' });
  assert.ok(over < previews.length / 2, `${over} were over before the PATCH was answered`);
  await Promise.all(previews);
});

describe('the same call again', () => {
  const again = { 'idempotency-key': '"bulk-1"' };

  test('gets the same answer and changes nothing twice', async () => {
    const records = await createAll(3);
    const body = { keys: [...keysOf(records), `${WORKSPACE}-9999`], patch: { priority: 'High' } };
    assert.equal((await preview(body, { headers: again })).status, 200, 'a preview uses no key up');
    const first = await bulk(body, { headers: again });
    await patch(records[0].key, { priority: 'Low' });
    const second = await bulk(body, { headers: again });
    assert.equal(second.text, first.text);
    assert.equal(first.headers['idempotent-replayed'], undefined);
    assert.equal(second.headers['idempotent-replayed'], 'true');
    assert.equal((await read(records[0].key)).priority, 'Low');
    const other = await bulk({ ...body, patch: { priority: 'Low' } }, { headers: again });
    assert.equal(other.status, 422);
    const foreign = await bulk(body, { headers: again, as: OTHER });
    assert.notEqual(foreign.json.bulkId, first.json.bulkId, 'a key is of its account');
  });

  test('with a filter, changes what it selected the first time', async () => {
    const [first] = await createAll(1, { tags: ['bulk-again'] });
    const body = { filter: 'tag=bulk-again&q=priority:none', patch: { priority: 'High' } };
    const headers = { 'idempotency-key': 'bulk-2' };
    const before = await bulk(body, { headers });
    assert.equal(before.status, 200, before.text);
    assert.deepEqual(before.json.items.map(({ key }) => key), [first.key]);
    await createAll(1, { tags: ['bulk-again'] });
    assert.equal((await bulk(body, { headers })).text, before.text);
  });

  test('many at once change each record once', async () => {
    const records = await createAll(20);
    const body = { keys: keysOf(records), patch: { extra: { many: 1 } } };
    const headers = { 'idempotency-key': 'bulk-3' };
    const answers = await Promise.all(Array.from({ length: 6 }, () => bulk(body, { headers })));
    assert.deepEqual(new Set(answers.map(({ text }) => text)).size, 1, answers.map(({ text }) => text).join('\n'));
    for (const { key } of records) assert.equal((await history(key)).length, 2);
  });
});

describe('an undo', () => {
  test('restores all members of what nobody has changed since', async () => {
    const parent = await create();
    const full = { tags: ['a', 'b'], LRN: 'L1', orderID: ['O1', 'O2'], category: ['Customs'], priority: 'Low',
      dueDate: '2031-01-01', vessel: { name: 'A', flag: 'NL' }, note: 'x', financialImpact: '12.50' };
    const records = [await create(full), await create(), await create(), await create({ status: 'Expired' })];
    await patch(records[0].key, { parent: parent.key, followers: [VIEWER], cause: 'Rain' });
    const before = [];
    for (const { key } of records) before.push(await read(key));
    const { bulkId, items } = await done({ keys: keysOf(records), patch: {
      status: 'Done', title: 'New', tags: ['c'], LRN: null, orderID: 'O3', category: ['Other'], priority: 'High',
      dueDate: '2032-01-01', vessel: { flag: null, name: 'B', imo: 1 }, more: [1], note: null, financialImpact: null,
      parent: null, followers: [OTHER], cause: null, assignee: OTHER, reminderDate: '2031-02-02', todoType: 'TASK' } });
    assert.deepEqual(statuses(items), [200, 200, 200, 200]);
    await patch(records[1].key, { title: 'Meanwhile' });
    const meanwhile = await read(records[1].key);

    const back = await undone(bulkId);
    assert.deepEqual(statuses(back), [200, 412, 200, 200], JSON.stringify(back));
    assert.deepEqual([back[1].problem.changed, back[1].problem.by], [['title'], MANAGER]);
    assert.deepEqual(await read(records[1].key), meanwhile);
    for (const i of [0, 2, 3]) {
      const now = await read(records[i].key);
      assert.deepEqual(restored(now), restored(before[i]));
      assert.equal(now.version, back[i].version);
      const [event] = await history(records[i].key);
      assert.deepEqual([event.action, event.changes.bulkUndo], ['task.reopened', [null, bulkId]]);
      const notes = /^(undoes|bulkUndo|dueReason|financial.*Currency)$/;
      assert.deepEqual(Object.keys(event.changes).filter((name) => !notes.test(name)), back[i].changed);
    }

    /* What is undone is undone. */
    const twice = await undone(bulkId);
    assert.deepEqual(statuses(twice), [200, 412, 200, 200]);
    assert.ok(twice.every(({ changed, status }) => status === 412 || changed.length === 0));
    for (const i of [0, 2, 3]) assert.equal((await read(records[i].key)).version, back[i].version);
  });

  test('made many times at once has the same outcome for each caller', async () => {
    const records = await createAll(40);
    const { bulkId } = await done({ keys: keysOf(records), patch: { priority: 'High', tags: ['x'] } });
    await patch(records[7].key, { title: 'Meanwhile' });
    const answers = await Promise.all(Array.from({ length: 8 }, () => undone(bulkId)));
    for (const items of answers)
      assert.deepEqual(items.filter(({ status }) => status !== 200).map(({ key, status }) => [key, status]),
        [[records[7].key, 412]]);
    for (const { key } of records.filter((_, i) => i !== 7)) {
      assert.equal((await read(key)).priority, null);
      assert.equal((await history(key)).length, 3, 'it is undone once');
    }
  });

  test('is for the person who made the change, and for managers of all that it changed', async () => {
    const near = await create({ domainWorkSpace: NEAR, reporter: MANAGER }, MANAGER);
    const here = await create();
    const { bulkId } = await done({ keys: [near.key, here.key], patch: { priority: 'Low' } }, { as: MANAGER });
    for (const as of [MEMBER, VIEWER, ALIEN]) assert.equal((await undo(bulkId, as)).status, 404, as);
    const own = await done({ keys: [here.key, `${WORKSPACE}-9999`], patch: { priority: 'High' } });
    assert.equal((await undo(own.bulkId, OTHER)).status, 404);
    assert.deepEqual(statuses(await undone(own.bulkId, MANAGER)), [200]);
    assert.equal((await read(here.key)).priority, 'Low');
    assert.deepEqual(statuses(await undone(bulkId, ADMIN)), [200, 412]);
    for (const id of ['1', '0', 'x', '99999999999999999999', '-1'])
      assert.equal((await undo(id)).status, 404, id);
  });

  test('closes no circle of parents, which each record alone would not', async () => {
    const [a, b, c, d, top] = await createAll(5);
    await patch(a.key, { parent: b.key });
    await patch(c.key, { parent: d.key });
    const { bulkId } = await done({ keys: [a.key, c.key], patch: { parent: top.key } });
    /* Since then the two that were above have come under the others: b under c, and d under a. */
    await patch(b.key, { parent: c.key });
    await patch(d.key, { parent: a.key });
    assert.deepEqual(statuses(await undone(bulkId)), [200, 422]);
    const parents = [];
    for (const { key } of [a, b, c, d]) parents.push((await read(key)).parent);
    assert.deepEqual(parents, [b.key, c.key, top.key, a.key]);
  });

  test('does not mind comments', async () => {
    const { key } = await create();
    const { bulkId } = await done({ keys: [key], patch: { priority: 'High' } });
    assert.equal((await server.send(OTHER, 'POST', `${url(key)}/comments`, { text: 'Why?' })).status, 201);
    const [verdict] = await undone(bulkId);
    assert.deepEqual([verdict.status, verdict.version, (await read(key)).priority], [200, 4, null]);
  });

  test('closes again what the bulk change has opened, if the form lets it', async () => {
    const record = await create({ domainWorkSpace: FORMED, status: 'Done', result: 'x' });
    const { bulkId } = await done({ keys: [record.key], patch: { status: 'To do' } }, { as: MANAGER });
    const [verdict] = await undone(bulkId, MANAGER);
    assert.equal(verdict.status, 200);
    assert.deepEqual(verdict.changed, ['status']);
  });
});

test('the history verifies, also in a backup and by a second verifier', async () => {
  const file = path.join(makeFolder(), 'backup.db');
  const heads = await server.command(['verify']);
  assert.equal(await server.command(['backup', file]), heads);
  assert.equal(`${verifyHistory(file).join('\n')}\n`, heads);
});

test('an undo comes within a day, and what is kept for it goes after that', async () => {
  const own = await startServer();
  try {
    const keys = [(await own.createAndRead(small())).key, (await own.createAndRead(small())).key];
    const change = async (priority, headers) => {
      const answer = await own.send(MEMBER, 'POST', BULK, { keys, patch: { priority } }, { headers });
      assert.equal(answer.status, 200, answer.text);
      return answer;
    };
    const late = await change('High');
    const kept = await change('Low', { 'idempotency-key': 'kept' });
    own.tokens.clear();
    own.options.env = { LD_PRELOAD: shim('shift_clock'), BZCTRL_SHIFT_CLOCK: String(86_400 + 60) };
    await own.restart();
    const answer = await own.send(MEMBER, 'POST', `${API}/bulk/${late.json.bulkId}/undo`);
    assert.equal(answer.status, 404);
    assert.match(answer.json.detail, /within a day/);
    await until(() => numberStored(own.dir, 'SELECT COUNT(*) FROM bulk_change') === 1, 'the job');
    assert.equal(numberStored(own.dir, 'SELECT COUNT(*) FROM bulk_verdict'), 2);
    const repeated = await change('Low', { 'idempotency-key': 'kept' });
    assert.equal(repeated.text, kept.text);
  } finally {
    await own.stop();
  }
});

test('an erased person is in no verdict', async () => {
  const email = 'gone@example.com';
  const { key } = await create({ title: `Call ${email}` });
  const body = { keys: [key], patch: { assignee: email } };
  const headers = { 'idempotency-key': 'bulk-erased' };
  const first = await bulk(body, { headers });
  assert.match(first.json.items[0].problem.errors[0].detail, /gone@example\.com/);
  const { bulkId } = await done({ keys: [key], patch: { title: 'Other' } });
  const made = await server.send(ADMIN, 'POST', `${API}/people`, { email, roles: [] });
  assert.equal(made.status, 201, made.text);
  assert.equal((await server.send(ADMIN, 'POST', `${API}/people/${email}/erase`)).status, 202);
  await until(async () => !(await bulk(body, { headers })).text.includes(email), 'the verdict is erased');
  assert.deepEqual((await bulk(body, { headers })).json.items, [{ key, status: 422 }]);
  const [verdict] = await undone(bulkId);
  assert.deepEqual([verdict.status, /erased/.test(verdict.problem.detail)], [409, true]);
});
