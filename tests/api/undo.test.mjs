/*
 * POST /tasks/{key}/undo: reverses one's own change, as if it had not been made.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { makeFolder, until } from '../lib/program.mjs';
import path from 'node:path';
import { recordsOf, urlOf } from '../lib/records.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';
import { verifyHistory } from '../lib/verify_history.mjs';

const MEMBER = EXAMPLE.email;
const MANAGER = 'manager@example.com';
const OTHER = 'other@example.com';
const VIEWER = 'viewer@example.com';
const TWO = 'EXA-CON-BUS-TWO';
const ADMIN = 'admin@example.com';

let server, create, read, patched;
before(async () => {
  server = await startServer({
    users: [
      EXAMPLE,
      { email: MANAGER, role: 'manager', domain: 'EXA-CON-BUS' },
      { email: OTHER, role: 'member', domain: 'EXA-CON-BUS' },
      { email: VIEWER, role: 'viewer', domain: 'EXA-CON-BUS' },
      { email: ADMIN, admin: true },
    ],
    workspaces: ['EXA-CON-BUS-WOR', TWO],
  });
  ({ create, read, patched } = recordsOf(server));
});
after(() => server.stop());

const undo = (record, version, as = MEMBER) =>
  server.send(as, 'POST', `${urlOf(record)}/undo`, { version });
async function undone(record, as = MEMBER) {
  const answer = await undo(record, record.version, as);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}
const history = async (record) => (await server.get(`${urlOf(record)}/events`)).json.items;

/* All but what every change alters. */
const rest = ({ version, updatedAt, ...record }) => record;

const reasonsOf = async (record, as) =>
  (await server.get(`${API}/me/inbox`, { as })).json.items.find(({ task }) => task.key === record.key)?.reasons
    .map(({ reason }) => reason);
const listOf = async (record, as) =>
  (await server.get(`${API}/me/notifications`, { as })).json.items.filter(({ key }) => key === record.key);
const toldOf = async (record, as) => (await listOf(record, as)).map(({ reason }) => reason);

describe('an undo', () => {
  test('restores the members, and the due date has not been moved', async () => {
    const first = await create({ dueDate: '2031-01-01', tags: ['a'], vessel: { name: 'A' } });
    const moved = await patched(first, { dueDate: '2031-02-01', tags: ['b'], vessel: { name: 'B', imo: 1 } });
    assert.deepEqual([moved.dueMoves, moved.firstDueDate], [1, '2031-01-01']);
    const back = await undone(moved);
    assert.deepEqual(rest(back), rest(first));
    assert.deepEqual(back, await read(first));
    const [event] = await history(first);
    assert.deepEqual([event.action, event.changes.dueDate, event.changes.undoes[1].dueMoves],
      ['task.updated', ['2031-02-01', '2031-01-01'], 0]);
    assert.equal(event.changes.undoes[1].seq, (await history(first))[1].seq);
  });

  test('of a later move keeps what was moved before', async () => {
    const first = await create({ dueDate: '2031-01-01' });
    const once = await patched(first, { dueDate: '2031-02-01' });
    const twice = await patched(once, { dueDate: null });
    assert.deepEqual(rest(await undone(twice)), rest(once));
    const again = await patched(await read(first), { dueDate: '2031-05-01' });
    assert.deepEqual([again.dueMoves, again.firstDueDate], [2, '2031-01-01']);
  });

  test('of a closing leaves neither result nor due date, and it is still whose it was', async () => {
    const taken = await patched(await create(), { assignee: MEMBER, status: 'In Progress' });
    const closed = await patched(taken, { status: 'Done', result: 'Paid' });
    assert.notEqual(closed.dueDate, null);
    const back = await undone(closed);
    assert.deepEqual(rest(back), rest(taken));
    assert.equal((await history(taken))[0].action, 'task.reopened');
  });

  test('of an expiry by hand opens it again', async () => {
    const record = await create({ status: 'To do' });
    assert.deepEqual(rest(await undone(await patched(record, { status: 'Expired' }))), rest(record));
  });

  test('of taking a report that names its taker makes it new again', async () => {
    const client = await server.addClient(ADMIN, { scopes: ['task:create', 'task:read'] });
    const record = await server.createAndRead(small({ reporter: MANAGER }), { token: await server.clientToken(client),
      as: ADMIN });
    const taken = await patched(record, { assignee: MANAGER }, { as: MANAGER });
    assert.deepEqual([taken.version, await reasonsOf(record, MANAGER)], [record.version + 1, undefined]);
    assert.deepEqual(rest(await undone(taken, MANAGER)), rest(record));
    assert.deepEqual(await reasonsOf(record, MANAGER), ['assigned', 'new']);
  });

  test('of an assignment makes it new again, and nobody reads that it was theirs', async () => {
    const client = await server.addClient(ADMIN, { scopes: ['task:create', 'task:read'] });
    const record = await server.createAndRead(small({ assignee: null }), { token: await server.clientToken(client),
      as: ADMIN });
    assert.deepEqual(await reasonsOf(record, MANAGER), ['new']);
    const given = await patched(record, { assignee: OTHER }, { as: MANAGER });
    assert.deepEqual(await reasonsOf(record, MANAGER), undefined);
    await until(async () => (await toldOf(record, OTHER)).includes('assigned'), 'they hear of it');
    const before = await listOf(record, record.assignee);
    await undone(given, MANAGER);
    await until(async () => !(await toldOf(record, OTHER)).includes('assigned'), 'it is withdrawn');
    assert.deepEqual([await reasonsOf(record, MANAGER), await reasonsOf(record, OTHER)], [['new'], undefined]);
    assert.deepEqual(await listOf(record, record.assignee), before, 'whose it was knows of it');
  });

  test('of a change that touches nothing else goes beside the changes of others', async () => {
    const titled = await patched(await create(), { title: 'Mine' });
    const others = await patched(titled, { priority: 'High' }, { as: MANAGER });
    await server.send(MANAGER, 'POST', `${urlOf(titled)}/comments`, { text: 'Seen' });
    const answer = await undo(titled, titled.version);
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual([answer.json.title, answer.json.priority], ['Title', others.priority]);
  });

  test('leaves what was changed again since, and says by whom', async () => {
    const titled = await patched(await create(), { title: 'Mine' });
    await patched(titled, { title: 'Theirs' }, { as: MANAGER });
    const answer = await undo(titled, titled.version);
    assert.equal(answer.status, 412, answer.text);
    assert.deepEqual([answer.json.changed, answer.json.by, answer.json.current.title], [['title'], MANAGER, 'Theirs']);
  });

  test('sent again changes nothing more', async () => {
    const titled = await patched(await create(), { title: 'Mine' });
    const answers = await Promise.all([1, 2, 3].map(() => undo(titled, titled.version)));
    assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200], answers.map(({ text }) => text).join());
    const later = await undo(titled, titled.version);
    assert.deepEqual([later.status, later.json.version], [200, titled.version + 1]);
    assert.equal((await history(titled)).length, 3);
  });

  test('can be undone itself', async () => {
    const first = await create({ dueDate: '2031-01-01' });
    const moved = await patched(first, { dueDate: '2031-02-01' });
    const back = await undone(moved);
    assert.deepEqual(rest(await undone(back)), rest(moved));
  });

  test('of a proposal to close withdraws it', async () => {
    const record = await create();
    const proposed = await server.send(MEMBER, 'POST', `${urlOf(record)}/closing`, { result: 'Paid' });
    assert.equal(proposed.status, 200, proposed.text);
    assert.deepEqual(rest(await undone(proposed.json)), rest(record));
  });

  test('of a confirmation asks for it again', async () => {
    const record = await create();
    await server.send(MEMBER, 'POST', `${urlOf(record)}/closing`, {});
    const closed = await server.send(MANAGER, 'POST', `${urlOf(record)}/closing/accept`, {});
    assert.equal(closed.status, 200, closed.text);
    const back = await undone(closed.json, MANAGER);
    assert.deepEqual([back.status, back.awaits?.by, back.dueDate], [record.status, MEMBER, null]);
  });

  test('of a duplicate restores both records', async () => {
    const [one, other] = [await create({ tags: ['a'] }), await create({ tags: ['b'] })];
    const link = await server.send(MEMBER, 'POST', `${urlOf(one)}/related`, { key: other.key, kind: 'duplicates' });
    assert.equal(link.status, 201, link.text);
    assert.deepEqual(rest(await undone(await read(one))), rest(one));
    assert.deepEqual(rest(await undone(await read(other))), rest(other));
  });

  test('of a move brings it back under another number', async () => {
    const record = await create();
    const moved = await patched(record, { domainWorkSpace: TWO });
    const back = await undone(moved);
    assert.equal(back.domainWorkSpace, record.domainWorkSpace);
    assert.notEqual(back.key, record.key);
  });
});

describe('refused is', () => {
  test('what somebody else did', async () => {
    const titled = await patched(await create(), { title: 'Mine' });
    for (const as of [MANAGER, OTHER, VIEWER]) assert.equal((await undo(titled, titled.version, as)).status, 403, as);
  });

  test('what does not change members, and a version that is not there', async () => {
    const record = await create();
    const comment = await server.send(MEMBER, 'POST', `${urlOf(record)}/comments`, { text: 'Seen' });
    assert.equal(comment.status, 201, comment.text);
    for (const version of [1, 2, 3, 0, -1]) {
      const answer = await undo(record, version);
      assert.equal(answer.status, 409, `${version}: ${answer.text}`);
    }
  });

  test('a body without a version', async () => {
    const record = await create();
    const wrong = [[{}, 'required'], [{ version: '2' }, 'wrong_type'], [{ version: 2, x: 1 }, 'unknown_member']];
    for (const [body, code] of wrong) {
      const answer = await server.send(MEMBER, 'POST', `${urlOf(record)}/undo`, body);
      assert.equal(answer.status, 422, answer.text);
      assert.equal(answer.json.errors[0].code, code);
    }
  });
});

test('the history proves what an undo has left', async () => {
  const record = await create({ dueDate: '2031-01-01' });
  const moved = await patched(record, { dueDate: '2031-02-01', assignee: OTHER });
  const back = await undone(moved);
  await patched(await patched(back, { dueDate: '2031-03-01' }), { assignee: MEMBER });
  const seq = (await history(record)).find(({ changes }) => changes.undoes)?.seq;
  const then = (await server.get(`${urlOf(record)}?at=${seq}`)).json;
  assert.deepEqual([then.dueMoves, then.firstDueDate, then.dueDate], [0, '2031-01-01', '2031-01-01']);
  const file = path.join(makeFolder(), 'backup.db');
  const heads = await server.command(['verify']);
  assert.equal(await server.command(['backup', file]), heads);
  assert.equal(`${verifyHistory(file).join('\n')}\n`, heads);
});
