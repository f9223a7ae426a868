/*
 * Somebody leaves: their open records are counted and handed over, and nothing of theirs (records, proposals, views)
 * keeps the others from their work.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { numberStored } from '../lib/database.mjs';
import { until } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, addUser, small, startServer } from '../lib/server.mjs';

const NEXT = 'next@example.com';
const MANAGER = 'manager@example.com';
const ADMIN = 'admin@example.com';
const TWICE = 'EXA-CON-BUS-TWICE'; /* where a second person confirms that a record is closed */

let server;
let made = 0;
before(async () => {
  server = await startServer({
    workspaces: [WORKSPACE, TWICE],
    users: [EXAMPLE, { email: NEXT, role: 'member', domain: 'EXA-CON-BUS' },
      { email: MANAGER, role: 'manager', domain: 'EXA-CON-BUS' }, { email: ADMIN, admin: true }],
  });
  const form = { name: 'twice', confirmClose: 'always', default: true };
  assert.equal((await server.send(MANAGER, 'POST', `${API}/workspaces/${TWICE}/forms`, form)).status, 201);
});
after(() => server.stop());

const patchPerson = async (email, changes) => {
  const { status, text } = await server.send(ADMIN, 'PATCH', `${API}/people/${email}`, changes,
    { headers: { 'if-match': '*' } });
  assert.equal(status, 200, text);
};
const WAYS = {
  'is disabled': (email) => patchPerson(email, { disabled: true }),
  'loses the role': (email) => patchPerson(email, { roles: [] }),
  'is erased': async (email) => {
    assert.equal((await server.send(ADMIN, 'POST', `${API}/people/${email}/erase`)).status, 202);
  },
};

/** Somebody new, with records that they report and are to do. */
async function jan(records = 2, more = {}) {
  const email = `jan${++made}@example.com`;
  await addUser(server.dir, { email, role: 'member', domain: 'EXA-CON-BUS' });
  const keys = [];
  for (let i = 0; i < records; i++)
    keys.push((await server.createAndRead(small({ reporter: email, assignee: email, ...more }), { as: email })).key);
  return { email, keys };
}
const patch = (key, changes, as = MANAGER) => server.send(as, 'PATCH', `${API}/tasks/${key}`, changes,
  { headers: { 'if-match': '*' } });
const read = async (key) => (await server.get(`${API}/tasks/${key}`)).json;
const open = async (email) =>
  (await server.get(`${API}/tasks?assignee=${encodeURIComponent(email)}&open=true&total=true&limit=1`)).json;

for (const [way, leave] of Object.entries(WAYS))
  describe(`somebody ${way}`, () => {
    let left;
    before(async () => {
      left = await jan(3, { todoType: 'TASK', dueDate: '2020-01-02' });
      await patch(left.keys[0], { followers: [left.email] });
      await leave(left.email);
      left.email = (await read(left.keys[0])).assignee;
    });

    test('each other member of their records can be changed, and they stay the assignee', async () => {
      const changes = [{ title: 'Other' }, { description: 'Other' }, { priority: 'High' }, { tags: ['other'] },
        { dueDate: '2099-01-01', dueReason: 'The carrier waits' }, { reminderDate: '2098-12-01' }, { category: ['IT'] },
        { cause: 'Handed over late' }, { status: 'To do' }, { result: 'Half of it' }, { followers: [NEXT] },
        { parent: left.keys[1] }];
      for (const change of changes) {
        const { status, text, json } = await patch(left.keys[0], change, EXAMPLE.email);
        assert.equal(status, 200, `${JSON.stringify(change)}: ${text}`);
        assert.deepEqual([json.assignee, json.reporter], [left.email, left.email]);
      }
    });
    test('a form that sends all members back as they are changes what differs', async () => {
      const { assignee, reporter } = await read(left.keys[1]);
      const { status, json, text } = await patch(left.keys[1], { assignee, reporter, title: 'With all members' });
      assert.equal(status, 200, text);
      assert.deepEqual([json.assignee, json.title], [left.email, 'With all members']);
    });
    test('nothing new is assigned to them', async () => {
      const { key } = await server.createAndRead(small());
      const { status, json } = await patch(key, { assignee: left.email });
      assert.equal(status, 422);
      assert.equal(json.errors[0].pointer, '/assignee');
    });
    test('their records are counted, and handed over at once, the closed ones excepted', async () => {
      assert.equal((await patch(left.keys[2], { status: 'Done', result: 'All of it' })).status, 200);
      const before = await open(left.email);
      assert.equal(before.total, 2);
      if (way === 'is disabled') assert.equal(before.people[left.email].active, false);
      const filter = `assignee=${encodeURIComponent(left.email)}&open=true`;
      const body = { filter, patch: { assignee: NEXT } };
      const dry = await server.send(MANAGER, 'POST', `${API}/tasks/bulk?dryRun=true`, body);
      assert.deepEqual(dry.json.items.map(({ status }) => status), [200, 200]);
      const { json } = await server.send(MANAGER, 'POST', `${API}/tasks/bulk`, body);
      assert.deepEqual(json.items.map(({ status }) => status), [200, 200]);
      assert.equal((await open(left.email)).total, 0);
      assert.deepEqual([(await read(left.keys[0])).assignee, (await read(left.keys[2])).assignee], [NEXT, left.email]);
      const inbox = (await server.get(`${API}/me/inbox`, { as: NEXT })).json;
      assert.ok(inbox.items.some(({ task: { key } }) => key === left.keys[0]));
    });
    test('the closed one opens again, and still is theirs', async () => {
      const { status, text, json } = await patch(left.keys[2], { status: 'In Progress' });
      assert.equal(status, 200, text);
      assert.equal(json.assignee, left.email);
    });
    test('what they have proposed to close is decided by others, and can be proposed again', async () => {
      const { email, keys: [key, other] } = await jan(2, { domainWorkSpace: TWICE });
      for (const each of [key, other]) {
        const { status } = await server.send(email, 'POST', `${API}/tasks/${each}/closing`, { result: 'Paid' });
        assert.equal(status, 200);
      }
      await leave(email);
      const accepted = await server.send(MANAGER, 'POST', `${API}/tasks/${key}/closing/accept`, {});
      assert.equal(accepted.status, 200, accepted.text);
      const returned = await server.send(MANAGER, 'POST', `${API}/tasks/${other}/closing/return`, { note: 'Not yet' });
      assert.equal(returned.status, 200, returned.text);
      assert.equal((await patch(other, { assignee: NEXT })).status, 200);
    });
    test('a view that they have shared stays, and is the managers’ to change', async () => {
      const { email } = await jan(0);
      await patchPerson(email, { roles: [{ domain: 'EXA-CON-BUS', role: 'manager' }] });
      const shared = await server.send(email, 'POST', `${API}/views`,
        { name: `Theirs ${made}`, query: 'q=is:open', domain: 'EXA-CON-BUS' });
      assert.equal(shared.status, 201, shared.text);
      await leave(email);
      await until(() => numberStored(server.dir, 'SELECT COUNT(*) FROM erasure') === 0, 'the erasure');
      const shown = await server.get(`${API}/views`, { as: NEXT });
      assert.ok(shown.json.items.some(({ id }) => id === shared.json.id));
      const changed = await server.send(MANAGER, 'PATCH', `${API}/views/${shared.json.id}`, { name: 'Ours' },
        { headers: { 'if-match': '*' } });
      assert.equal(changed.status, 200, changed.text);
      assert.equal((await server.send(MANAGER, 'DELETE', `${API}/views/${shared.json.id}`)).status, 204);
    });
  });

test('more than a call may change are handed over in pieces, by the keys of each page', async () => {
  const { email } = await jan(0);
  const tasks = Array.from({ length: 1005 },
    (_, i) => ({ task: small({ title: `One of many ${i}`, assignee: email }) }));
  for (const part of [tasks.slice(0, 1000), tasks.slice(1000)])
    assert.equal((await server.send(EXAMPLE.email, 'POST', `${API}/task/add-tasks`, part)).status, 200);
  await patchPerson(email, { disabled: true });
  await until(async () => (await open(email)).total === 1005, 'all to be counted');
  const all = await server.send(MANAGER, 'POST', `${API}/tasks/bulk`,
    { filter: `assignee=${email}&open=true`, patch: { assignee: NEXT } });
  assert.deepEqual([all.status, all.json.errors[0].code], [422, 'too_many']);
  for (;;) {
    const { items } = (await server.get(`${API}/tasks?assignee=${email}&open=true&limit=200`)).json;
    if (items.length === 0) break;
    const { json } = await server.send(MANAGER, 'POST', `${API}/tasks/bulk`,
      { keys: items.map(({ key }) => key), patch: { assignee: NEXT } });
    assert.ok(json.items.every(({ status }) => status === 200));
  }
  assert.equal((await open(email)).total, 0);
});
