/*
 * The inbox: what is in it and why, that an answer holds until something new happens, and that nobody
 * finds there what they may not read.
 */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { after, before, describe, test } from 'node:test';
import { changeStored, numberStored } from '../lib/database.mjs';
import { makeFile, until } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const INBOX = `${API}/me/inbox`;
const DOMAIN = EXAMPLE.domain;
const ADMIN = { email: 'admin@example.com', admin: true };
const person = (name, role, domain = DOMAIN) => ({ email: `${name}@example.com`, role, domain });
const ANN = person('ann', 'member');
const BOB = person('bob', 'member');
const MANAGER = person('manager', 'manager');
const VIEWER = person('viewer', 'viewer');
const PAGER = person('pager', 'member');
const EAST = 'Pacific/Kiritimati'; /* 25 hours before the west: its day is always a later one */
const WEST = 'Pacific/Pago_Pago';
const FAR = 'EXA-CON-BUS-FAR';

let server;
before(async () => {
  server = await startServer({ workspaces: ['EXA-CON-BUS-WOR', [FAR, '--timezone', WEST], 'ACME-WOR'],
    users: [EXAMPLE, ADMIN, ANN, BOB, MANAGER, VIEWER, PAGER] });
});
after(() => server.stop());

const inbox = async (as, query = '') => {
  const answer = await server.get(`${INBOX}?limit=200&total=true${query}`, { as: as.email });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.total, answer.json.items.length, 'the number is that of the list');
  return answer.json;
};
const reasonsOf = async (as, key) => {
  const row = (await inbox(as)).items.find(({ task }) => task.key === key);
  return row?.reasons.map(({ reason }) => reason);
};
const expectIn = async (as, key, ...reasons) => assert.deepEqual(await reasonsOf(as, key), reasons);
const expectOut = async (as, key) => assert.equal(await reasonsOf(as, key), undefined);
const post = (as, key, body, headers = {}) => server.send(as.email, 'POST', `${INBOX}/${key}`, body, { headers });
async function answer(as, key, body) {
  const { status, text } = await post(as, key, body);
  assert.equal(status, 200, text);
}
async function patch(as, key, body) {
  const changed = await server.send(as.email, 'PATCH', `${API}/tasks/${key}`, body, { headers: { 'if-match': '*' } });
  assert.equal(changed.status, 200, changed.text);
  return changed.json;
}
/* Reported by its reporter, who is also its assignee unless `changes` say otherwise. */
const report = (changes = {}, as = EXAMPLE) =>
  server.createAndRead(small({ reporter: as.email, ...changes }), { as: as.email });
const assigned = (to, changes = {}) => report({ assignee: to.email, ...changes });
const days = (n, from = Date.now()) => new Date(from + n * 86_400_000).toISOString().slice(0, 10);
const dayIn = (timeZone) => new Intl.DateTimeFormat('en-CA', { timeZone }).format(new Date());
const faults = ({ json }) => json.errors.map(({ pointer, code }) => `${pointer} ${code}`).sort();

describe('why a record is there', () => {
  test('somebody else assigned it: when it was reported, or later', async () => {
    const { key, createdAt } = await assigned(ANN);
    const row = (await inbox(ANN)).items.find(({ task }) => task.key === key);
    assert.deepEqual(row.reasons, [{ reason: 'assigned', since: createdAt, by: EXAMPLE.email }]);
    assert.deepEqual(row.task, (await server.get(`${API}/tasks/${key}`, { as: ANN.email })).json);
    const { updatedAt } = await patch(BOB, key, { assignee: EXAMPLE.email });
    await expectOut(ANN, key);
    const given = (await inbox(EXAMPLE)).items.find(({ task }) => task.key === key);
    assert.deepEqual(given.reasons, [{ reason: 'assigned', since: updatedAt, by: BOB.email }]);
    assert.deepEqual((await inbox(EXAMPLE)).people[BOB.email], { name: null, active: true });
  });

  test('a rule assigned it, also to whoever had reported it for somebody else', async () => {
    const rules = `${API}/workspaces/${WORKSPACE}/rules`;
    const { status, json: rule, text } = await server.send(MANAGER.email, 'POST', rules,
      { kind: 'assign', name: 'To Ann', active: true, people: [ANN.email], filter: `reporter=${BOB.email}` });
    assert.equal(status, 201, text);
    const { key } = await report({ reporter: BOB.email }, ANN);
    const given = await until(async () => (await inbox(ANN)).items.find(({ task }) => task.key === key), 'the rule');
    assert.deepEqual(given.reasons, [{ reason: 'assigned', since: given.task.updatedAt, by: null }]);
    assert.equal((await server.send(MANAGER.email, 'DELETE', `${rules}/${rule.id}`)).status, 204);
  });

  test('what people do themselves is not news to them', async () => {
    const { key } = await report();
    await expectOut(EXAMPLE, key);
    const other = await report({ assignee: BOB.email });
    await patch(ANN, other.key, { assignee: ANN.email });
    await expectOut(ANN, other.key);
    await expectOut(BOB, other.key);
  });

  test('a closed record needs nobody; opened again by another, it does', async () => {
    const { key } = await assigned(ANN, { dueDate: days(90) });
    await answer(ANN, key, { done: true });
    await patch(ANN, key, { status: 'Done' });
    await expectOut(ANN, key);
    await patch(MANAGER, key, { status: 'In Progress' });
    await expectIn(ANN, key, 'assigned');
    await patch(ANN, key, { status: 'Done' });
    await patch(ANN, key, { status: 'To do' });
    await expectOut(ANN, key);
  });

  test('its due date is near, or over, in the time zone of its workspace', async () => {
    const today = dayIn(WEST);
    const make = (dueDate) => report({ domainWorkSpace: FAR, dueDate });
    const at = (n) => days(n, Date.parse(today));
    const [over, now, near, far, none] = [await make(at(-1)), await make(today), await make(at(3)), await make(at(4)),
      await make(undefined)];
    await expectIn(EXAMPLE, over.key, 'overdue');
    await expectIn(EXAMPLE, now.key, 'due');
    await expectIn(EXAMPLE, near.key, 'due');
    await expectOut(EXAMPLE, far.key);
    await expectOut(EXAMPLE, none.key);
    const { items } = await inbox(EXAMPLE);
    const sinceOf = (key) => items.find(({ task }) => task.key === key).reasons[0].since;
    assert.equal(sinceOf(over.key), today);
    assert.equal(sinceOf(near.key), today);
    for (const { task } of items) assert.equal(task.overdue, task.dueDate !== null && task.key === over.key, task.key);
    await expectOut(ANN, over.key);
  });

  test('it awaits a second person: those who may confirm, and neither the proposer nor the assignee', async () => {
    const { key } = await assigned(ANN);
    const closing = (as, more = '') => server.send(as.email, 'POST', `${API}/tasks/${key}/closing${more}`, {});
    const proposed = await closing(EXAMPLE);
    assert.equal(proposed.status, 200, proposed.text);
    await expectIn(BOB, key, 'confirm');
    await expectIn(MANAGER, key, 'confirm');
    for (const other of [EXAMPLE, VIEWER]) await expectOut(other, key);
    await expectIn(ANN, key, 'assigned');
    const row = (await inbox(BOB)).items.find(({ task }) => task.key === key);
    assert.deepEqual(row.reasons, [{ reason: 'confirm', since: row.task.awaits.at, by: EXAMPLE.email }]);
    await answer(BOB, key, { done: true });
    await expectOut(BOB, key);
    assert.equal((await closing(MANAGER, '/return')).status, 200);
    await expectOut(MANAGER, key);
    assert.equal((await closing(EXAMPLE)).status, 200);
    await expectIn(BOB, key, 'confirm');
    assert.equal((await closing(BOB, '/accept')).status, 200);
    for (const other of [EXAMPLE, ANN, BOB, MANAGER]) await expectOut(other, key);
  });

  test('a system sent it and nobody has taken it: those who manage the workspace', async () => {
    const client = await server.addClient(ADMIN.email, { scopes: ['task:create', 'task:read'] });
    const token = await server.clientToken(client);
    const { key } = await server.createAndRead(small(), { token, as: ADMIN.email });
    await expectIn(MANAGER, key, 'new');
    for (const other of [ANN, VIEWER]) await expectOut(other, key);
    await expectIn(EXAMPLE, key, 'assigned');
    /* These are not an answer to it: a change of its members, a comment, a file. */
    await patch(ANN, key, { title: 'Looked at' });
    const say = await server.request('POST', `${API}/tasks/${key}/comments`,
      { token, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ text: 'From the system.' }) });
    assert.equal(say.status, 201, say.text);
    const file = await server.request('POST', `${API}/tasks/${key}/attachments?name=a`,
      { token, headers: { 'content-type': 'text/plain' }, body: 'a' });
    assert.equal(file.status, 201, file.text);
    await expectIn(MANAGER, key, 'new');
    await answer(MANAGER, key, { done: true });
    await expectOut(MANAGER, key);
    await answer(MANAGER, key, { done: false });
    await expectIn(MANAGER, key, 'new');
    await patch(ANN, key, { assignee: ANN.email });
    await expectOut(MANAGER, key);
    await patch(ANN, key, { assignee: EXAMPLE.email });
    await expectOut(MANAGER, key);
    /* The report has named somebody. A person may leave it at that, once; a system that sends it again says nothing. */
    const writer = await server.clientToken(await server.addClient(ADMIN.email,
      { scopes: ['task:create', 'task:read', 'task:write'] }));
    const named = await server.createAndRead(small({ reporter: MANAGER.email }), { token: writer, as: ADMIN.email });
    const theirs = { assignee: MANAGER.email };
    const again = await server.request('PATCH', `${API}/tasks/${named.key}`, { token: writer,
      body: JSON.stringify(theirs), headers: { 'content-type': 'application/json', 'if-match': '*' } });
    assert.equal(again.json.version, named.version, again.text);
    const seen = await patch(MANAGER, named.key, { title: 'Seen' });
    await expectIn(MANAGER, named.key, 'assigned', 'new');
    const taken = await patch(MANAGER, named.key, theirs);
    assert.equal(taken.version, seen.version + 1);
    await expectOut(MANAGER, named.key);
    assert.equal((await patch(MANAGER, named.key, theirs)).version, taken.version);
    const { items: [event] } = await server.get(`${API}/tasks/${named.key}/events`, { as: ADMIN.email })
      .then(({ json }) => json);
    assert.deepEqual([event.action, event.changes], ['task.assigned', { assignee: [MANAGER.email, MANAGER.email] }]);
    const left = await server.createAndRead(small(), { token, as: ADMIN.email });
    await patch(MANAGER, left.key, { assignee: left.assignee });
    await expectOut(MANAGER, left.key);
    assert.deepEqual((await inbox(EXAMPLE)).items.find(({ task }) => task.key === left.key).reasons.map(({ by }) => by),
      [MANAGER.email]);
    const closed = await server.createAndRead(small(), { token, as: ADMIN.email });
    await expectIn(MANAGER, closed.key, 'new');
    await patch(ANN, closed.key, { status: 'Done' });
    await expectOut(MANAGER, closed.key);
    const given = await server.createAndRead(small({ assignee: ANN.email }), { token, as: ADMIN.email });
    await expectOut(MANAGER, given.key);
    await expectIn(ANN, given.key, 'assigned');
    const byPerson = await report({ reporter: EXAMPLE.email }, BOB);
    await expectOut(MANAGER, byPerson.key);
  });

  test('somebody else mentioned them in a comment, also on a closed record', async () => {
    const { key } = await report();
    const comments = `${API}/tasks/${key}/comments`;
    const say = async (as, text) => {
      const said = await server.send(as.email, 'POST', comments, { text });
      assert.equal(said.status, 201, said.text);
      return said.json;
    };
    const first = await say(EXAMPLE, `@${ANN.email} and @${BOB.email}, look. Not @${EXAMPLE.email}.`);
    const row = (await inbox(ANN)).items.find(({ task }) => task.key === key);
    assert.deepEqual(row.reasons, [{ reason: 'mentioned', since: first.createdAt, by: EXAMPLE.email }]);
    await expectIn(BOB, key, 'mentioned');
    await expectOut(EXAMPLE, key);
    await patch(EXAMPLE, key, { status: 'Done' });
    await expectIn(ANN, key, 'mentioned');
    await answer(ANN, key, { done: true });
    await expectOut(ANN, key);
    await expectIn(BOB, key, 'mentioned');
    await say(BOB, 'Nobody is mentioned here.');
    await expectOut(ANN, key);
    await answer(ANN, key, { done: false });
    await expectIn(ANN, key, 'mentioned');
    await answer(ANN, key, { done: true });
    const second = await say(BOB, `@${ANN.email}, again.`);
    await expectIn(ANN, key, 'mentioned');
    await answer(ANN, key, { snooze: new Date(Date.now() + 3_600_000).toISOString() });
    await expectOut(ANN, key);
    const third = await say(BOB, `@${ANN.email}, and again.`);
    await expectIn(ANN, key, 'mentioned');
    const only = (await inbox(ANN, '&reason=mentioned')).items.map(({ task }) => task.key);
    assert.ok(only.includes(key));
    for (const { id } of [second, third])
      assert.equal((await server.send(BOB.email, 'DELETE', `${comments}/${id}`, undefined)).status, 204);
    await expectOut(ANN, key);
  });

  test('several reasons are one row; each alone can be asked for', async () => {
    const { key } = await assigned(BOB, { dueDate: days(-5) });
    await expectIn(BOB, key, 'assigned', 'overdue');
    const only = async (...names) =>
      (await inbox(BOB, names.map((name) => `&reason=${name}`).join(''))).items.map(({ task }) => task.key);
    assert.ok((await only('overdue')).includes(key));
    assert.ok(!(await only('confirm', 'new', 'due')).includes(key));
    assert.ok((await only('confirm', 'assigned')).includes(key));
    assert.equal((await server.get(`${INBOX}?reason=late`, { as: BOB.email })).status, 400);
  });
});

describe('an answer', () => {
  test('holds through changes that are not news, and not through those that are', async () => {
    const { key } = await assigned(ANN);
    await answer(ANN, key, { done: true });
    await expectOut(ANN, key);
    await answer(ANN, key, { done: true });
    await patch(BOB, key, { title: 'Other', priority: 'High' });
    await patch(BOB, key, { assignee: ANN.email });
    await expectOut(ANN, key);
    await patch(BOB, key, { assignee: BOB.email });
    await patch(EXAMPLE, key, { assignee: ANN.email });
    await expectIn(ANN, key, 'assigned');
    await answer(ANN, key, { done: true });
    await patch(BOB, key, { dueDate: days(2) });
    await expectIn(ANN, key, 'assigned', 'due');
    await answer(ANN, key, { done: true });
    await patch(BOB, key, { dueDate: days(30) });
    await expectOut(ANN, key);
    await patch(BOB, key, { dueDate: days(1) });
    await expectIn(ANN, key, 'assigned', 'due');
  });

  test('to what was due does not hold once it is overdue', async () => {
    const zone = async (timezone) => {
      const changed = await server.send(MANAGER.email, 'PATCH', `${API}/workspaces/${FAR}`, { timezone },
        { headers: { 'if-match': '*' } });
      assert.equal(changed.status, 200, changed.text);
    };
    const { key } = await report({ domainWorkSpace: FAR, dueDate: dayIn(WEST) }, BOB);
    await expectIn(BOB, key, 'due');
    await answer(BOB, key, { done: true });
    await expectOut(BOB, key);
    await zone(EAST);
    await expectIn(BOB, key, 'overdue');
    await answer(BOB, key, { done: true });
    await expectOut(BOB, key);
    await zone(WEST);
  });

  test('can be withdrawn', async () => {
    const { key } = await assigned(ANN);
    await answer(ANN, key, { done: true });
    await answer(ANN, key, { done: false });
    await expectIn(ANN, key, 'assigned');
    await answer(ANN, key, { done: false });
  });

  test('withdrawn of what was put off, brings back no mention that was answered before', async () => {
    const { key } = await report();
    const text = `@${ANN.email} please look`;
    const said = await server.send(EXAMPLE.email, 'POST', `${API}/tasks/${key}/comments`, { text });
    assert.equal(said.status, 201, said.text);
    await expectIn(ANN, key, 'mentioned');
    await answer(ANN, key, { done: true });
    await patch(BOB, key, { assignee: ANN.email });
    await expectIn(ANN, key, 'assigned');
    await answer(ANN, key, { snooze: new Date(Date.now() + 3_600_000).toISOString() });
    await answer(ANN, key, { done: false });
    await expectIn(ANN, key, 'assigned');
  });

  test('puts off until a time, or until something new happens; nobody else sees it', async () => {
    const { key } = await assigned(ANN, { dueDate: days(-1) });
    const hour = new Date(Date.now() + 3_600_000).toISOString();
    assert.deepEqual((await post(ANN, key, { snooze: hour })).json, { done: false, snooze: hour });
    await expectOut(ANN, key);
    const { items } = (await server.get(`${API}/tasks?overdue=true&assignee=${ANN.email}`, { as: BOB.email })).json;
    assert.ok(items.some((task) => task.key === key), 'it is overdue to everybody');
    await patch(BOB, key, { dueDate: days(-2), dueReason: 'Earlier' });
    await expectIn(ANN, key, 'assigned', 'overdue');
    await answer(ANN, key, { snooze: new Date(Date.now() + 1000).toISOString() });
    await until(() => reasonsOf(ANN, key), 'the end of the time');
    await answer(ANN, key, { snooze: hour });
    await answer(ANN, key, { done: false });
    await expectIn(ANN, key, 'assigned', 'overdue');
  });

  test('what is put off is a list of its own, in the order of its return', async () => {
    const rows = async (as, query = '') => (await inbox(as, `&snoozed=true${query}`)).items;
    const keysOf = async (as, query) => (await rows(as, query)).map(({ task }) => task.key);
    const hour = (n) => new Date(Date.now() + n * 3_600_000).toISOString();
    const SLEEPER = { email: 'sleeper@example.com' };
    await server.command(['user', 'add', SLEEPER.email, '--domain', DOMAIN, '--role', 'member', '--password-file',
      makeFile(EXAMPLE.password)]);
    const [late, soon, done, back, said] = [await assigned(SLEEPER), await assigned(SLEEPER, { dueDate: days(-1) }),
      await assigned(SLEEPER), await assigned(SLEEPER), await report()];
    const text = `@${SLEEPER.email}, look`;
    assert.equal((await server.send(BOB.email, 'POST', `${API}/tasks/${said.key}/comments`, { text })).status, 201);
    const until = hour(1);
    await answer(SLEEPER, late.key, { snooze: hour(3) });
    await answer(SLEEPER, soon.key, { snooze: until });
    await answer(SLEEPER, said.key, { snooze: hour(2) });
    await answer(SLEEPER, done.key, { done: true });
    await answer(SLEEPER, back.key, { snooze: hour(4) });
    await answer(SLEEPER, back.key, { done: false });
    assert.deepEqual(await keysOf(SLEEPER), [soon.key, said.key, late.key]);
    const [first] = await rows(SLEEPER);
    assert.equal(first.snooze, until);
    assert.deepEqual(first.reasons.map(({ reason }) => reason), ['assigned', 'overdue']);
    assert.deepEqual(await keysOf(SLEEPER, '&reason=overdue'), [soon.key]);
    assert.deepEqual((await inbox(SLEEPER)).items.map(({ task, snooze }) => [task.key, snooze]), [[back.key, null]]);
    assert.deepEqual(await rows(ANN), []);

    const paged = [];
    for (let cursor = ''; cursor !== undefined;) {
      const { json } = await server.get(`${INBOX}?snoozed=true&limit=1&total=true${cursor}`, { as: SLEEPER.email });
      assert.equal(json.total, 3);
      paged.push(...json.items.map(({ task }) => task.key));
      cursor = json.next && `&cursor=${json.next}`;
    }
    assert.deepEqual(paged, [soon.key, said.key, late.key]);
    assert.equal((await server.get(`${INBOX}?snoozed=true&cursor=x`, { as: SLEEPER.email })).status, 400);
    assert.equal((await server.get(`${INBOX}?snoozed=perhaps`, { as: SLEEPER.email })).status, 400);

    await patch(BOB, late.key, { assignee: BOB.email });
    await patch(BOB, soon.key, { dueDate: days(1), dueReason: 'New' });
    assert.deepEqual(await keysOf(SLEEPER), [said.key], 'what is news is in the inbox again');
    await patch(MANAGER, said.key, { status: 'Done' });
    await answer(SLEEPER, said.key, { done: true });
    assert.deepEqual(await keysOf(SLEEPER), []);
  });

  test('to a version that is no longer the newest is refused if it names one', async () => {
    const { key } = await assigned(ANN);
    await patch(BOB, key, { title: 'Newer' });
    assert.equal((await post(ANN, key, { done: true }, { 'if-match': '"1"' })).status, 412);
    await expectIn(ANN, key, 'assigned');
    assert.equal((await post(ANN, key, { done: true }, { 'if-match': '"2"' })).status, 200);
  });

  test('what is wrong with it is said', async () => {
    const { key } = await assigned(ANN);
    const expect = async (body, ...expected) => assert.deepEqual(faults(await post(ANN, key, body)), expected);
    await expect({}, ' required');
    await expect({ done: true, snooze: new Date(Date.now() + 60_000).toISOString() }, ' required');
    await expect({ done: 'yes', x: 1 }, '/done wrong_type', '/x unknown_member');
    await expect({ snooze: 'tomorrow' }, '/snooze not_a_time');
    await expect({ snooze: null }, '/snooze not_a_time');
    await expect({ snooze: '2020-01-01T00:00:00Z' }, '/snooze too_old');
    await expect({ snooze: '2999-01-01T00:00:00Z' }, '/snooze in_the_future');
    assert.equal((await post(BOB, key, { done: true })).status, 409, 'it is in no inbox of theirs');
    assert.equal((await post(ANN, 'EXA-CON-BUS-WOR-99999', { done: true })).status, 404);
    assert.equal((await post(ANN, 'nothing', { done: true })).status, 404);
  });
});

describe('whose it is', () => {
  test('with the role goes the record, from the list and the number', async () => {
    const passing = { email: 'passing@example.com' };
    await server.command(['user', 'add', passing.email, '--domain', DOMAIN, '--role', 'member', '--password-file',
      makeFile(EXAMPLE.password)]);
    const { key } = await assigned(passing);
    await expectIn(passing, key, 'assigned');
    const changed = await server.send(ADMIN.email, 'PATCH', `${API}/people/${passing.email}`,
      { roles: [{ domain: 'ACME', role: 'member' }] }, { headers: { 'if-match': '*' } });
    assert.equal(changed.status, 200, changed.text);
    assert.deepEqual(await inbox(passing), { items: [], people: {}, total: 0 });
    assert.equal((await post(passing, key, { done: true })).status, 404);
  });

  test('a client has none', async () => {
    const client = await server.addClient(ADMIN.email, { scopes: ['task:read', 'task:write'] });
    const token = await server.clientToken(client);
    for (const [method, path, body] of [['GET', INBOX], ['POST', `${INBOX}/EXA-CON-BUS-WOR-01`, '{"done":true}']]) {
      const answered = await server.request(method, path,
        { token, body, headers: body ? { 'content-type': 'application/json' } : {} });
      assert.equal(answered.status, 403);
    }
  });

  test('by pages, the last change first, each record once', async () => {
    const keys = [];
    for (let i = 0; i < 7; i++) keys.push((await assigned(PAGER)).key);
    await patch(ANN, keys[2], { title: 'Newest' });
    await answer(PAGER, keys[4], { done: true });
    const expected = [keys[2], ...keys.filter((_, i) => i !== 2 && i !== 4).reverse()];
    const found = [];
    let cursor = '';
    do {
      const { json } = await server.get(`${INBOX}?limit=2&total=true${cursor}`, { as: PAGER.email });
      assert.equal(json.total, expected.length);
      if (json.next) assert.equal(json.items.length, 2);
      found.push(...json.items.map(({ task }) => task.key));
      cursor = json.next && `&cursor=${json.next}`;
    } while (cursor);
    assert.deepEqual(found, expected);
  });

  test('the index and what is newer than it give the same', async () => {
    const rows = async () => (await inbox(PAGER)).items.map(({ task, reasons }) => [task.key, reasons]);
    const sorted = (list) => [...list].sort(([one], [other]) => (one < other ? -1 : 1));
    const before = await rows();
    for (const again of [() => server.restart(), () => server.command(['index', 'rebuild'])]) {
      await again();
      /* While the index is built, the rows and their number are the same; then their order is, too. */
      await until(async () => {
        const now = await rows();
        assert.deepEqual(sorted(now), sorted(before));
        return isDeepStrictEqual(now, before);
      }, 'the order of the index');
    }
  });

  test('what a person has answered goes with the person, and with the record that is closed', async () => {
    const leaver = { email: 'leaver@example.com' };
    await server.command(['user', 'add', leaver.email, '--domain', DOMAIN, '--role', 'member', '--password-file',
      makeFile(EXAMPLE.password)]);
    const [first, second] = [await assigned(leaver), await assigned(leaver)];
    await answer(leaver, first.key, { done: true });
    await answer(leaver, second.key, { done: true });
    const marks = () => numberStored(server.dir, 'SELECT COUNT(*) FROM inbox_mark');
    const all = marks();
    await patch(ANN, first.key, { status: 'Done' });
    assert.equal(marks(), all - 1);
    const erased = await server.send(ADMIN.email, 'POST', `${API}/people/${leaver.email}/erase`, undefined);
    assert.equal(erased.status, 202, erased.text);
    assert.equal(marks(), all - 2);
    await server.command(['verify']);
  });

  test('so many answers and no more', async () => {
    const { key } = await assigned(PAGER);
    await server.terminate();
    const ten = Array.from({ length: 10 }, (_, i) => `SELECT ${i} AS d`).join(' UNION ALL ');
    changeStored(server.dir, `INSERT INTO inbox_mark (account_id, task_id, assigned_at, reasons)
      SELECT a.id, 1 + w.d + 10 * x.d + 100 * y.d + 1000 * z.d, 0, 0 FROM account a, (${ten}) w, (${ten}) x, (${ten}) y,
      (${ten}) z WHERE a.email = '${PAGER.email}'`);
    await server.start();
    assert.equal((await post(PAGER, key, { done: true })).status, 409);
    await answer(PAGER, key, { done: false });
    const { items } = (await server.get(`${INBOX}?limit=200`, { as: PAGER.email })).json;
    assert.ok(items.some(({ task }) => task.key === key));
  });
});
