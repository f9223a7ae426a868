/*
 * Related records: links that people make, parent and children, and what has the same order or LRN.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { changeStored, databaseUrl } from '../lib/database.mjs';
import { makeFolder, runBzctrld } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';
import { verifyHistory } from '../lib/verify_history.mjs';

const MEMBER = EXAMPLE.email;
const MANAGER = 'manager@example.com';
const VIEWER = 'viewer@example.com';
const ALIEN = 'alien@example.com';
const BOTH = 'both@example.com'; /* reads two domains */
const ADMIN = 'admin@example.com';

let server;
before(async () => {
  server = await startServer({
    users: [
      EXAMPLE,
      { email: MANAGER, role: 'manager', domain: 'EXA-CON-BUS' },
      { email: VIEWER, role: 'viewer', domain: 'EXA-CON-BUS' },
      { email: ALIEN, role: 'manager', domain: 'ELSE' },
      { email: BOTH, role: 'member', domain: 'EXA-CON-BUS' },
      { email: ADMIN, admin: true },
    ],
    workspaces: ['EXA-CON-BUS-WOR', 'EXA-CON-BUS-TWO', 'ELSE-WHERE'],
  });
  await rolesOf(BOTH, ['EXA-CON-BUS', 'ELSE']);
});
after(() => server.stop());

async function rolesOf(email, domains) {
  const answer = await server.send(ADMIN, 'PATCH', `${API}/people/${email}`,
    { roles: domains.map((domain) => ({ domain, role: 'member' })) }, { headers: { 'if-match': '*' } });
  assert.equal(answer.status, 200, answer.text);
}

/* ---- records and links ---- */

let orders = 0;
/** A record with an order of its own, so that it is related to nothing. */
const create = (changes = {}, options) =>
  server.createAndRead(small({ orderID: `R-${++orders}`, ...changes }), options);
const url = (record) => `${API}/tasks/${record.key ?? record}`;
const read = async (record, as = MEMBER) => (await server.get(url(record), { as })).json;
const history = async (record) => (await server.get(`${url(record)}/events`)).json.items;

const link = (record, other, kind, { as = MEMBER, ...options } = {}) =>
  server.send(as, 'POST', `${url(record)}/related`, { key: other.key ?? other, kind }, options);
const unlink = (record, other, kind, { as = MEMBER, ...options } = {}) =>
  server.send(as, 'DELETE', `${url(record)}/related/${other.key}${kind ? `?kind=${kind}` : ''}`, undefined, options);

async function linked(record, other, kind, options) {
  const answer = await link(record, other, kind, options);
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
}

async function patched(record, body, as = MEMBER) {
  const answer = await server.send(as, 'PATCH', url(record), body, { headers: { 'if-match': '*' } });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

/** The faults of a refused link, as "/key mismatch". */
async function faults(record, other, kind, options) {
  const answer = await link(record, other, kind, options);
  assert.equal(answer.status, 422, answer.text);
  return answer.json.errors.map(({ pointer, code }) => `${pointer} ${code}`);
}

/** All pages: {key: "kind value, kind"} in their order. */
async function related(record, { as = MEMBER, limit = 200, token } = {}) {
  const found = {};
  for (let cursor = ''; cursor !== undefined;) {
    const target = `${url(record)}/related?limit=${limit}${cursor && `&cursor=${cursor}`}`;
    const page = token ? await server.request('GET', target, { token }) : await server.get(target, { as });
    assert.equal(page.status, 200, page.text);
    assert.ok(page.json.items.length === limit || page.json.next === undefined, 'a page is full unless it is the last');
    for (const { record: { key }, why } of page.json.items) {
      assert.equal(found[key], undefined, `${key} comes once`);
      found[key] = why.map(({ kind, value }) => (value ? `${kind} ${value}` : kind)).join(', ');
    }
    cursor = page.json.next;
  }
  return found;
}

/* ---- reading ---- */

describe('what is related', () => {
  test('the same order or LRN, parent, children and links, each record once with all its reasons', async () => {
    const record = await create({ orderID: ['S-1', 'S-2'], LRN: 'L-1' });
    const order = await create({ orderID: ['S-2', 'S-1', 'S-3'], domainWorkSpace: 'EXA-CON-BUS-TWO' });
    const lrn = await create({ LRN: 'L-1' });
    const child = await patched(await create({ orderID: 'S-1', LRN: 'L-1' }), { parent: record.key });
    const parent = await create();
    await patched(record, { parent: parent.key });
    const other = await create({ LRN: 'l-1', orderID: 's-1' });
    const both = await create({ LRN: 'L-1' });
    await linked(record, both, 'relates');
    await linked(record, both, 'causedBy');
    assert.deepEqual(Object.entries(await related(record)), [
      [both.key, 'relates, causedBy, sameLRN L-1'],
      [parent.key, 'parent'],
      [child.key, 'child, sameOrder S-1, sameLRN L-1'],
      [order.key, 'sameOrder S-1, sameOrder S-2'],
      [lrn.key, 'sameLRN L-1'],
    ]);
    assert.deepEqual(await related(child), {
      [record.key]: 'parent, sameOrder S-1, sameLRN L-1',
      [order.key]: 'sameOrder S-1',
      [both.key]: 'sameLRN L-1',
      [lrn.key]: 'sameLRN L-1',
    });
    assert.deepEqual(await related(other), {}, 'identifiers are compared as they are');

    const { json } = await server.get(`${url(record)}/related?limit=1`);
    assert.deepEqual(json.items[0].record, {
      key: both.key, todoType: 'INCIDENT', title: 'Title', status: both.status, open: true, overdue: false,
      assignee: both.assignee, dueDate: null });
    for (const limit of [1, 2, 3, 4, 5])
      assert.deepEqual(Object.entries(await related(record, { limit })), Object.entries(await related(record)));
  });

  test('hundreds of children and of records with the same order, in full pages', async () => {
    const parent = await create({ orderID: 'MANY' });
    const items = Array.from({ length: 230 }, (_, i) => ({ task: small({ orderID: i % 2 ? 'MANY' : 'FEW' }) }));
    const verdicts = (await server.addTasks(items)).json.items.map(({ task }) => task.taskLink.split('/').pop());
    for (let i = 0; i < 230; i += 10)
      await Promise.all(verdicts.slice(i, i + 5).map((key) => patched(key, { parent: parent.key })));
    const children = new Set(verdicts.filter((_, i) => i % 10 < 5));
    const same = new Set(verdicts.filter((key, i) => i % 2 && !children.has(key)));
    for (const limit of [7, 50, 115, 200]) {
      const keys = Object.entries(await related(parent, { limit }));
      assert.deepEqual(keys.map(([key]) => key), [...[...children].reverse(), ...[...same].reverse()], `${limit}`);
      for (const [key, why] of keys)
        assert.equal(why, [children.has(key) && 'child', verdicts.indexOf(key) % 2 && 'sameOrder MANY']
          .filter(Boolean).join(', '));
    }
  });

  test('only what the caller may read; nothing once the role is gone', async () => {
    const record = await create({ orderID: 'SHARED' });
    const far = await create({ orderID: 'SHARED', domainWorkSpace: 'ELSE-WHERE', reporter: ALIEN }, { as: ALIEN });
    assert.deepEqual(await related(record), {});
    assert.deepEqual(await related(far, { as: ALIEN }), {});
    assert.deepEqual(await related(record, { as: BOTH }), { [far.key]: 'sameOrder SHARED' });
    await rolesOf(BOTH, ['EXA-CON-BUS']);
    assert.deepEqual(await related(record, { as: BOTH }), {});
    assert.equal((await server.get(`${url(far)}/related`, { as: BOTH })).status, 404);
    await rolesOf(BOTH, ['ELSE']);
    assert.equal((await server.get(`${url(record)}/related`, { as: BOTH })).status, 404);
    await rolesOf(BOTH, ['EXA-CON-BUS', 'ELSE']);

    /* A client reads what it has sent itself. */
    const token = await server.clientToken(
      await server.addClient(MANAGER, { scopes: ['task:create', 'task:read', 'task:write'] }));
    const own = await create({ orderID: 'SHARED' }, { token });
    const more = await create({ orderID: 'SHARED' }, { token });
    await linked(own, record, 'relates');
    await linked(own, more, 'causedBy');
    assert.deepEqual(await related(own, { token }), { [more.key]: 'causedBy, sameOrder SHARED' });
    assert.deepEqual(Object.keys(await related(own)), [more.key, record.key]);
  });

  test('a cursor that is not ours, a limit that cannot be one, a record that is not there', async () => {
    const record = await create();
    for (const query of ['cursor=x', 'cursor=', 'cursor=o', 'cursor=o0', 'cursor=l-1', 'cursor=o12x', 'limit=0',
      'limit=201', 'sort=created'])
      assert.equal((await server.get(`${url(record)}/related?${query}`)).status, 400, query);
    assert.equal((await server.get(`${API}/tasks/EXA-CON-BUS-WOR-9999/related`)).status, 404);
    assert.equal((await server.get(`${API}/tasks/NOTHING/related`)).status, 404);
  });
});

/* ---- links ---- */

describe('a link', () => {
  test('is there for both, with an event in both histories; removing it is, too', async () => {
    const [record, other] = [await create(), await create()];
    const answer = await link(record, other, 'CAUSEDBY', { headers: { 'bzctrl-origin': 'erp' } });
    assert.equal(answer.status, 201, answer.text);
    assert.equal(answer.headers.etag, '"2"');
    assert.match(answer.headers['bzctrl-receipt'], /^EXA-CON-BUS:\d+:/);
    assert.deepEqual([answer.json.record.key, answer.json.why], [other.key, [{ kind: 'causedBy' }]]);
    assert.deepEqual(await related(record), { [other.key]: 'causedBy' });
    assert.deepEqual(await related(other), { [record.key]: 'causes' });
    for (const [mine, kind, key] of [[record, 'causedBy', other.key], [other, 'causes', record.key]]) {
      const [event] = await history(mine);
      assert.deepEqual([event.action, event.actor, event.version], ['task.linked', MEMBER, 2]);
      assert.deepEqual(event.changes, { link: [null, { kind, key }], origin: [null, 'erp'] });
      assert.equal((await read(mine)).version, 2);
    }

    const removed = await unlink(other, record);
    assert.equal(removed.status, 204, removed.text);
    assert.equal(removed.headers.etag, '"3"');
    assert.deepEqual([await related(record), await related(other)], [{}, {}]);
    const [event] = await history(record);
    assert.deepEqual([event.action, event.changes],
      ['task.unlinked', { link: [{ kind: 'causedBy', key: other.key }, null] }]);
    assert.equal((await unlink(other, record)).status, 404, 'it is not there any more');
    await linked(record, other, 'causedBy');
    assert.deepEqual(await related(other), { [record.key]: 'causes' });
  });

  test('twice is once', async () => {
    const [record, other] = [await create(), await create()];
    await linked(record, other, 'relates');
    for (const [from, to] of [[record, other], [other, record]]) {
      const answer = await link(from, to, 'relates');
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.headers['bzctrl-receipt'], undefined);
      assert.deepEqual([answer.json.record.key, answer.json.why], [to.key, [{ kind: 'relates' }]]);
    }
    assert.equal((await history(record)).length, 2);
    const answers = await Promise.all(Array.from({ length: 8 }, () => link(record, other, 'causes')));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 200, 200, 201]);
    assert.deepEqual(await related(record), { [other.key]: 'relates, causes' });
    assert.equal((await unlink(record, other)).status, 400, 'which of the two?');
    assert.equal((await unlink(record, other, 'relates')).status, 204);
    assert.deepEqual(await related(record), { [other.key]: 'causes' });
  });

  test('to itself, to another domain, to what is not there, or the other way round, is refused', async () => {
    const [record, other] = [await create(), await create()];
    const far = await create({ domainWorkSpace: 'ELSE-WHERE', reporter: ALIEN }, { as: ALIEN });
    assert.deepEqual(await faults(record, record, 'relates'), ['/key mismatch']);
    assert.deepEqual(await faults(record, record.key.toLowerCase(), 'duplicates'), ['/key mismatch']);
    assert.deepEqual(await faults(record, far, 'relates'), ['/key unknown_record']);
    assert.deepEqual(await faults(record, far, 'relates', { as: BOTH }), ['/key mismatch']);
    assert.deepEqual(await faults(record, 'EXA-CON-BUS-WOR-9999', 'relates'), ['/key unknown_record']);
    assert.deepEqual(await faults(record, 'x', 'relates'), ['/key unknown_record']);
    assert.deepEqual(await faults(record, other, 'likes'), ['/kind not_an_option']);
    assert.deepEqual(await faults(record, other, 'duplicatedBy'), ['/kind not_an_option']);
    await linked(record, other, 'causes');
    assert.deepEqual(await faults(record, other, 'causedBy'), ['/kind mismatch']);
    const send = (body) => server.send(MEMBER, 'POST', `${url(record)}/related`, body);
    assert.deepEqual((await send({})).json.errors.map(({ pointer }) => pointer), ['/key', '/kind']);
    assert.deepEqual((await send({ key: 1, kind: 'relates', more: 1 })).json.errors.map(({ pointer }) => pointer),
      ['/key', '/more']);
    assert.equal((await send([])).status, 400);
    assert.equal((await unlink(record, other, 'likes')).status, 400);
    assert.equal((await unlink(record, { key: 'nothing' })).status, 404);
    assert.equal((await unlink(record, far)).status, 404);
    assert.equal((await history(record)).length, 2);
  });

  test('is made by those who may change the one record and read the other', async () => {
    const [record, other] = [await create(), await create()];
    assert.equal((await link(record, other, 'relates', { as: VIEWER })).status, 403);
    assert.equal((await link(record, other, 'relates', { as: ALIEN })).status, 404);
    const client = await server.addClient(MANAGER, { scopes: ['task:create', 'task:read', 'task:write'] });
    const token = await server.clientToken(client);
    const own = await create({}, { token });
    assert.deepEqual(await faults(own, other, 'relates', { token }), ['/key unknown_record']);
    assert.equal((await link(other, own, 'relates', { token })).status, 404);
    const reader = await server.addClient(ADMIN,
      { scopes: ['task:create', 'task:read', 'task:write'], readAll: ['EXA-CON-BUS-WOR'] });
    const reading = await server.clientToken(reader);
    const mine = await create({}, { token: reading });
    await linked(mine, other, 'relates', { token: reading });
    assert.equal((await link(mine, record, 'duplicates', { token: reading })).status, 403,
      'a duplicate changes the other record');
    assert.equal((await unlink(other, mine, 'relates', { as: VIEWER })).status, 403);
    assert.equal((await unlink(other, mine, 'relates')).status, 204);
  });

  test('If-Match is looked at if it is there', async () => {
    const [record, other] = [await create(), await create()];
    await linked(record, other, 'relates');
    assert.equal((await link(record, other, 'causes', { headers: { 'if-match': '"1"' } })).status, 412);
    assert.equal((await unlink(record, other, 'relates', { headers: { 'if-match': '"1"' } })).status, 412);
    assert.equal((await unlink(record, other, 'relates', { headers: { 'if-match': '"2"' } })).status, 204);
  });

  test('survives that a record moves', async () => {
    const [record, other] = [await create(), await create()];
    await linked(record, other, 'relates');
    const moved = await patched(other, { workspace: 'EXA-CON-BUS-TWO' });
    assert.deepEqual(await related(record), { [moved.key]: 'relates' });
    assert.deepEqual(await related(moved), { [record.key]: 'relates' });
    const redirected = await server.get(`${url(other)}/related?limit=5`);
    assert.equal(redirected.headers.location, `${server.url}${url(moved)}/related?limit=5`);
    assert.equal((await link(other, record, 'relates')).status, 308);
    assert.equal((await link(record, other, 'relates')).status, 200, 'its old key is its own');
    assert.equal((await unlink(record, other)).status, 204);
    assert.deepEqual(await related(moved), {});
    assert.deepEqual((await history(record))[0].changes, { link: [{ kind: 'relates', key: moved.key }, null] });
  });
});

/* ---- duplicates ---- */

let forms = 0;
/** A record of a form of its own. */
async function byForm(document, changes = {}) {
  const name = `form-${++forms}`;
  const put = await server.send(MANAGER, 'PUT', `${API}/workspaces/EXA-CON-BUS-TWO/forms/${name}`, document);
  assert.equal(put.status, 201, put.text);
  const answer = await server.addTask(
    small({ domainWorkSpace: 'EXA-CON-BUS-TWO', todoType: 'TASK', orderID: `R-${++orders}`, ...changes }),
    { query: `?form=${name}` });
  assert.equal(answer.status, 201, answer.text);
  return { ...(await read(answer.json.taskLink.split('/').pop())), formName: name };
}

describe('a duplicate', () => {
  test('keeps its result as it is where there is no room for the sentence', async () => {
    const original = await create();
    for (const [length, fits] of [[65_536, false], [65_536 - 2 - `Duplicate of ${original.key}`.length, true]]) {
      const result = 'ü'.repeat(length);
      const record = await patched(await create(), { result });
      await linked(record, original, 'duplicates');
      const now = await read(record);
      assert.deepEqual([now.status, now.result.length], ['Done', 65_536], 'as much as a result may have');
      assert.equal(now.result === result, !fits);
      await patched(now, { result: now.result, cause: 'Again' });
    }
  });

  test('is closed with a result that names the other, which gets its tags, in one transaction', async () => {
    const record = await create({ orderID: 'D-1', LRN: 'D-L', tags: ['a', 'b'] });
    const other = await create({ orderID: 'D-2', tags: ['b', 'c'] });
    const answer = await link(record, other, 'duplicates');
    assert.equal(answer.status, 201, answer.text);
    const [now, then] = [await read(record), await read(other)];
    assert.deepEqual([now.status, now.open, now.closedBy, now.result, now.version],
      ['Done', false, MEMBER, `Duplicate of ${other.key}`, 2]);
    assert.deepEqual(now.tags, record.tags);
    assert.deepEqual([then.tags, then.status, then.version], [['D-2', 'b', 'c', 'D-1', 'D-L', 'a'], other.status, 2]);
    const [closed] = await history(record);
    assert.equal(closed.action, 'task.closed');
    assert.deepEqual(closed.changes, {
      result: [null, now.result], status: [record.status, 'Done'], dueDate: [null, now.dueDate],
      link: [null, { kind: 'duplicates', key: other.key }] });
    const [linkedTo] = await history(other);
    assert.equal(linkedTo.action, 'task.linked');
    assert.deepEqual(linkedTo.changes,
      { tags: [other.tags, then.tags], link: [null, { kind: 'duplicatedBy', key: record.key }] });
    assert.equal(linkedTo.seq, closed.seq + 1);
    assert.deepEqual(await related(other), { [record.key]: 'duplicatedBy' });

    /* Its own tags follow its members, those of the duplicate stay. */
    assert.deepEqual((await patched(other, { orderID: 'D-3' })).tags, ['D-3', 'b', 'c', 'D-1', 'D-L', 'a']);

    assert.equal((await link(record, other, 'duplicates')).status, 200);
    assert.equal((await unlink(other, record, 'duplicatedBy')).status, 204);
    assert.equal((await read(record)).status, 'Done', 'it stays closed');
    assert.deepEqual((await read(other)).tags.slice(-2), ['D-L', 'a']);
  });

  test('keeps its result, and stays as it is when it is closed already; opened again, it is closed again', async () => {
    const original = await create();
    const record = await create({ todoType: 'TASK', result: 'Called them' });
    await linked(record, original, 'duplicates');
    assert.equal((await read(record)).result, `Called them\n\nDuplicate of ${original.key}`);
    const closed = await patched(await create(), { status: 'Done', result: 'Paid' });
    await linked(closed, original, 'duplicates');
    const now = await read(closed);
    assert.deepEqual([now.result, now.closedAt], ['Paid', closed.closedAt]);
    assert.equal((await history(closed))[0].action, 'task.linked');
    await patched(closed, { status: 'To do' });
    const again = await link(closed, original, 'duplicates');
    assert.equal(again.status, 200, again.text);
    assert.equal((await read(closed)).status, 'Done');
    const [event] = await history(closed);
    assert.deepEqual([event.action, event.changes.link], ['task.closed', undefined]);
    await patched(record, { status: 'To do' });
    assert.equal((await link(record, original, 'duplicates')).status, 200);
    assert.equal((await read(record)).result, `Called them\n\nDuplicate of ${original.key}`, 'said once');
  });

  test('of itself, over any steps, or of a second record, it is not', async () => {
    const [a, b, c] = [await create(), await create(), await create()];
    await linked(a, b, 'duplicates');
    assert.deepEqual(await faults(b, a, 'duplicates'), ['/key mismatch']);
    await linked(b, c, 'duplicates');
    assert.deepEqual(await faults(c, a, 'duplicates'), ['/key mismatch']);
    assert.equal((await link(a, c, 'duplicates')).status, 409);
    assert.equal((await read(c)).open, true, 'a refusal changes nothing');

    const pairs = await Promise.all(Array.from({ length: 6 }, async () => [await create(), await create()]));
    for (const [x, y] of pairs) {
      const answers = await Promise.all([link(x, y, 'duplicates'), link(y, x, 'duplicates')]);
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 422], 'one of two at the same time');
    }
    /* Links that have no record in common close a circle together. */
    for (let i = 0; i < 6; i++) {
      const [p, q, r, s] = await Promise.all(Array.from({ length: 4 }, () => create()));
      await Promise.all([linked(p, q, 'duplicates'), linked(r, s, 'duplicates')]);
      const both = await Promise.all([link(q, r, 'duplicates'), link(s, p, 'duplicates')]);
      assert.deepEqual(both.map(({ status }) => status).sort(), [201, 422]);
    }
    const ring = await Promise.all(Array.from({ length: 3 }, () => create()));
    const answers = await Promise.all(ring.map((from, i) => link(from, ring[(i + 1) % 3], 'duplicates')));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 201, 422]);
  });

  test('a long row of them ends', async () => {
    let next = await create();
    for (let i = 0; i < 20; i++) {
      const record = await create();
      await linked(record, next, 'duplicates');
      next = record;
    }
    assert.deepEqual(await faults(await create(), next, 'duplicates'), ['/key mismatch']);
  });

  test('needs what the form needs for closing, and a second person', async () => {
    const original = await create();
    const record = await byForm({ needToClose: ['result', 'cause'] });
    assert.deepEqual(await faults(record, original, 'duplicates'), ['/cause required']);
    assert.deepEqual(await related(record), {});
    await patched(record, { cause: 'Sent twice' });
    await linked(record, original, 'duplicates');

    const guarded = await byForm({ confirmClose: 'always' });
    const refused = await link(guarded, original, 'duplicates');
    assert.deepEqual([refused.status, refused.json.code], [409, 'needs_second_person']);
    assert.deepEqual((await read(original)).version, 2);
    assert.equal((await server.send(MEMBER, 'POST', `${url(guarded)}/closing`, {})).status, 200);
    assert.equal((await link(guarded, original, 'duplicates')).status, 409);
    assert.equal((await server.send(MANAGER, 'POST', `${url(guarded)}/closing/accept`, {})).status, 200);
    await linked(guarded, original, 'duplicates');
  });

  test('the dedup rule compares the other one by its new tags, and lets go of the duplicate', async () => {
    const original = await byForm({ dedup: { by: ['tags'], then: 'answer' } }, { orderID: 'DD-1', tags: [] });
    const report = (changes) => server.addTask(
      small({ domainWorkSpace: 'EXA-CON-BUS-TWO', todoType: 'TASK', ...changes }),
      { query: `?form=${original.formName}` });
    assert.equal((await report({ orderID: 'DD-1' })).status, 200);
    const duplicate = await read((await report({ orderID: 'DD-2' })).json.taskLink.split('/').pop());
    await linked(duplicate, original, 'duplicates');
    assert.equal((await report({ orderID: 'DD-2' })).status, 201, 'the duplicate is closed');
    assert.equal((await report({ orderID: 'DD-1', tags: ['DD-2'] })).json.taskLink, original.taskLink);
  });

  test('linked and closed at the same time by others: both are done, one after the other', async () => {
    for (let i = 0; i < 6; i++) {
      const [record, other] = [await create({ tags: ['t'] }), await create()];
      const [answer, closing] = await Promise.all([
        link(record, other, 'duplicates'),
        server.send(MANAGER, 'PATCH', url(record), { status: 'Done', result: 'Done' },
          { headers: { 'if-match': '*' } }),
        patched(other, { title: 'Changed' }, MANAGER),
      ]);
      assert.deepEqual([answer.status, closing.status], [201, 200]);
      const [now, then] = [await read(record), await read(other)];
      assert.equal(now.status, 'Done');
      assert.equal(then.title, 'Changed');
      assert.ok(then.tags.includes('t'));
      assert.deepEqual(await related(record), { [other.key]: 'duplicates' });
    }
  });
});

/* ---- duplicates that a second person confirms ---- */

describe('a duplicate that a second person confirms', () => {
  const guarded = (changes) => byForm({ confirmClose: 'always' }, changes);
  const closing = (record, step, body, as = MEMBER, options = {}) =>
    server.send(as, 'POST', `${url(record)}/closing${step}`, body, options);
  const withdraw = (record) => server.send(MEMBER, 'DELETE', `${url(record)}/closing`);
  const undo = (record, version, as = MEMBER) => server.send(as, 'POST', `${url(record)}/undo`, { version });

  async function proposed(record, original, body = {}) {
    const answer = await closing(record, '', { duplicateOf: original.key, ...body });
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  }

  async function done(answer) {
    const { status, text, json } = await answer;
    assert.equal(status, 200, text);
    return json;
  }

  test('is linked when that is proposed; closing it and its tags are one step', async () => {
    const original = await create({ tags: ['b'] });
    const record = await guarded({ tags: ['a', 'b'] });
    const answer = await proposed(record, original, { note: 'See the order' });
    assert.deepEqual(answer.awaits, { by: MEMBER, at: answer.updatedAt, duplicateOf: original.key });
    assert.deepEqual([answer.result, answer.open], [`Duplicate of ${original.key}`, true]);
    const [event] = await history(record);
    assert.deepEqual([event.action, event.changes], ['task.linked', {
      result: [null, answer.result], awaits: [null, { by: MEMBER }], note: [null, 'See the order'],
      link: [null, { kind: 'duplicates', key: original.key }] }]);
    assert.deepEqual(await related(original), { [record.key]: 'duplicatedBy' });
    assert.deepEqual((await read(original)).tags, original.tags, 'it has no tags of it yet');
    for (const target of [url(record), `${API}/tasks?q=${record.key}`, `${API}/me/inbox?reason=confirm`]) {
      const { json } = await server.get(target, { as: MANAGER });
      const all = json.items?.map((item) => item.task ?? item) ?? [json];
      const task = all.find(({ key }) => key === record.key);
      assert.equal(task.awaits.duplicateOf, original.key, target);
    }

    const closed = await done(closing(record, '/accept', {}, MANAGER));
    assert.deepEqual([closed.status, closed.closedBy, closed.awaits], ['Done', MANAGER, null]);
    const [here, there] = [await history(record), await history(original)];
    assert.deepEqual([here[0].action, there[0].action], ['task.closed', 'task.updated']);
    assert.equal(here[0].changes.link, undefined);
    assert.equal(there[0].seq, here[0].seq + 1);
    assert.deepEqual((await read(original)).tags, [...original.tags, ...record.tags.filter((tag) => tag !== 'b')]);
    assert.deepEqual(await related(record), { [original.key]: 'duplicates' });
  });

  test('without tags of its own changes the original no more when it is accepted', async () => {
    const original = await create({ orderID: 'SAME-1', tags: [] });
    const record = await guarded({ orderID: 'SAME-1', tags: [] });
    await proposed(record, original);
    const { version } = await read(original);
    await done(closing(record, '/accept', {}, MANAGER));
    assert.equal((await read(original)).version, version);
  });

  test('is not one any more when it is returned or withdrawn', async () => {
    for (const end of [(record) => closing(record, '/return', { note: 'Another order' }, MANAGER), withdraw]) {
      const [original, record] = [await create(), await guarded({ tags: ['gone'] })];
      await proposed(record, original);
      const back = await done(end(record));
      assert.deepEqual([back.awaits, back.open], [null, true]);
      assert.deepEqual([await related(record), await related(original)], [{}, {}]);
      const [event] = await history(record);
      assert.deepEqual([event.action, event.changes.awaits, event.changes.link],
        ['task.unlinked', [{ by: MEMBER }, null], [{ kind: 'duplicates', key: original.key }, null]]);
      assert.deepEqual((await read(original)).tags, original.tags);
      assert.equal((await proposed(record, original)).awaits.duplicateOf, original.key, 'again');
    }
  });

  test('is judged as a link is', async () => {
    const [original, record, third] = [await create(), await guarded(), await guarded()];
    const refused = async (of, body) => {
      const answer = await closing(of, '', body);
      return answer.json.errors?.map(({ pointer, code }) => `${pointer} ${code}`) ?? answer.status;
    };
    assert.deepEqual(await refused(record, { duplicateOf: record.key }), ['/duplicateOf mismatch']);
    assert.deepEqual(await refused(record, { duplicateOf: 'EXA-CON-BUS-WOR-9999' }), ['/duplicateOf unknown_record']);
    assert.deepEqual(await refused(record, { duplicateOf: 1 }), ['/duplicateOf wrong_type']);
    const client = await server.addClient(ADMIN,
      { scopes: ['task:create', 'task:read', 'task:write'], readAll: ['EXA-CON-BUS-WOR'] });
    const token = await server.clientToken(client);
    const own = await create({}, { token });
    assert.equal((await closing(own, '', { duplicateOf: original.key }, MEMBER, { token })).status, 403);
    await proposed(record, original);
    const long = { duplicateOf: record.key, result: 'x'.repeat(70_000) };
    assert.deepEqual(await refused(third, long), ['/result too_long']);
    assert.deepEqual(await faults(original, record, 'duplicates'), ['/key mismatch'],
      'the original cannot become a duplicate of this one');
    assert.deepEqual(await refused(original, { duplicateOf: record.key }), ['/duplicateOf mismatch']);
    await done(withdraw(record));
    await linked(record, third, 'relates');
    assert.equal((await closing(record, '', { duplicateOf: null })).json.awaits.duplicateOf, undefined);
    const needs = await byForm({ confirmClose: 'always', needToClose: ['result', 'cause'] });
    assert.deepEqual(await refused(needs, { duplicateOf: original.key }), ['/cause required']);
    assert.deepEqual(await related(needs), {});
  });

  test('two propose each other, two confirm at once, the original changes at the same time', async () => {
    for (let i = 0; i < 4; i++) {
      const pair = [await guarded(), await guarded()];
      const answers = await Promise.all(pair.map((one, k) => closing(one, '', { duplicateOf: pair[1 - k].key })));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 422], 'one of the two');

      const [original, record] = [await create(), await guarded({ tags: ['t'] })];
      await proposed(record, original);
      const both = await Promise.all([
        closing(record, '/accept', {}, MANAGER), closing(record, '/accept', {}, BOTH),
        patched(original, { title: 'Changed' }, MANAGER)]);
      assert.deepEqual(both.slice(0, 2).map(({ status }) => status).sort(), [200, 409]);
      const now = await read(original);
      assert.deepEqual([now.title, now.tags.filter((tag) => tag === 't')], ['Changed', ['t']]);
      assert.equal((await history(record)).length, 3);
    }
  });

  test('follows an original that moves, is closed, or is a duplicate itself by then', async () => {
    const [original, record, first] = [await create(), await guarded({ tags: ['t'] }), await create()];
    await proposed(record, original);
    const moved = await patched(original, { workspace: 'EXA-CON-BUS-TWO' });
    assert.equal((await read(record)).awaits.duplicateOf, moved.key);
    await linked(moved, first, 'duplicates');
    await done(closing(record, '/accept', {}, MANAGER));
    assert.deepEqual(await related(record), { [moved.key]: 'duplicates' });
    assert.ok((await read(moved)).tags.includes('t'));
  });

  test('is accepted only by those who may change the original then; anybody who may decide returns it', async () => {
    const [original, record] = [await create(), await guarded()];
    await proposed(record, original);
    await patched(original, { workspace: 'EXA-CON-BUS-TWO' });
    assert.equal((await closing(record, '/accept', {}, VIEWER)).status, 403);
    assert.equal((await closing(record, '/accept', {}, MEMBER)).status, 403, 'who proposed it');
    assert.equal((await read(record)).open, true);
    await done(closing(record, '/return', {}, MANAGER));
  });

  test('whose link is removed is proposed for closing like any other', async () => {
    const [original, record] = [await create(), await guarded({ tags: ['t'] })];
    await proposed(record, original);
    assert.equal((await unlink(record, original, 'duplicates')).status, 204);
    assert.equal((await read(record)).awaits.duplicateOf, undefined);
    await done(closing(record, '/accept', {}, MANAGER));
    assert.deepEqual([(await read(original)).tags, await related(record)], [original.tags, {}]);
  });

  test('an undo takes back each step whole, with its link', async () => {
    const [original, record] = [await create(), await guarded({ tags: ['t'] })];
    const first = await proposed(record, original);
    const back = await done(undo(record, first.version));
    assert.deepEqual([back.awaits, back.result, await related(record)], [null, null, {}]);
    assert.deepEqual(await related(original), {});
    const again = await done(undo(record, back.version));
    assert.equal(again.awaits.duplicateOf, original.key);
    assert.deepEqual(await related(original), { [record.key]: 'duplicatedBy' });

    const returned = await done(closing(record, '/return', {}, MANAGER));
    const restored = await done(undo(record, returned.version, MANAGER));
    assert.deepEqual([restored.awaits.by, restored.awaits.duplicateOf], [MEMBER, original.key]);
    const closed = await done(closing(record, '/accept', {}, MANAGER));
    const { version } = await read(original);
    const open = await done(undo(record, closed.version, MANAGER));
    assert.deepEqual([open.open, open.awaits.duplicateOf], [true, original.key]);
    assert.deepEqual((await done(undo(original, version, MANAGER))).tags, original.tags);

    const end = await done(withdraw(record));
    await linked(original, record, 'duplicates');
    const answer = await undo(record, end.version);
    assert.deepEqual([answer.status, answer.json.errors[0].code], [422, 'mismatch'], 'it would be a circle');
  });

  test('undoing a link that was removed by itself is not possible', async () => {
    const [record, other] = [await create(), await create()];
    await linked(record, other, 'relates');
    await unlink(record, other);
    const answer = await undo(record, (await read(record)).version);
    assert.equal(answer.status, 409, answer.text);
  });
});

/* ---- the history ---- */

test('verify finds each change of a link that was not made by the program', async () => {
  const [record, other, third] = [await create(), await create(), await create()];
  const ids = [record, other, third].map(({ key }) => `(SELECT id FROM task WHERE number = ${/\d+$/.exec(key)[0]} AND
    workspace_id = (SELECT id FROM workspace WHERE key = '${record.workspace}'))`);
  await linked(record, other, 'causes');
  await linked(record, third, 'duplicates');
  await linked(record, other, 'relates');
  assert.equal((await unlink(record, other, 'relates')).status, 204);
  await server.terminate();
  const verify = () => runBzctrld(['verify', '--data', server.dir]);
  const second = () => verifyHistory(databaseUrl(server.dir).replace(/^sqlite:/, ''));
  assert.equal((await verify()).code, 0);
  assert.ok(second().length > 0);
  const of = (kind) => `task_id = ${ids[0]} AND kind = ${kind}`;
  const now = `${of(5)} AND ended_seq IS NULL`; /* causes */
  const ended = of(1);
  for (const change of [
    `UPDATE task_link SET kind = 1 WHERE ${now}`, `UPDATE task_link SET other_id = ${ids[2]} WHERE ${now}`,
    `UPDATE task_link SET seq = seq - 1 WHERE ${now}`, `UPDATE task_link SET ended_seq = seq WHERE ${now}`,
    `UPDATE task_link SET ended_seq = NULL WHERE ${ended}`, `DELETE FROM task_link WHERE ${now}`,
    `DELETE FROM task_link WHERE ${ended}`, `DELETE FROM task_link WHERE ${of(2)}`,
    `DELETE FROM task_link WHERE task_id = ${ids[2]}`, `UPDATE task_link SET kind = 9 WHERE ${now}`,
    `INSERT INTO task_link (task_id, seq, other_id, kind) VALUES (${ids[1]}, 1, ${ids[2]}, 1)`,
  ]) {
    changeStored(server.dir, `CREATE TABLE was AS SELECT * FROM task_link; ${change}`);
    const verdict = await verify();
    assert.equal(verdict.code, 1, `${change}: ${verdict.stderr}`);
    assert.throws(second, undefined, `the second verifier: ${change}`);
    changeStored(server.dir, 'DELETE FROM task_link; INSERT INTO task_link SELECT * FROM was; DROP TABLE was');
  }
  assert.equal((await verify()).code, 0);
  await server.start();
});

test('the history verifies, also in a backup and by a second verifier', async () => {
  const file = path.join(makeFolder(), 'backup.db');
  const heads = await server.command(['verify']);
  assert.equal(await server.command(['backup', file]), heads);
  assert.equal(`${verifyHistory(file).join('\n')}\n`, heads);
});
