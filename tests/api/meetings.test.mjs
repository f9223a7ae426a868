/*
 * Stand-ups: a series, its sessions, and that what a session counts, goes through and puts into its minutes is exactly
 * what the history says.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { changeStored, databaseEnvironment, keepStored, numberStored } from '../lib/database.mjs';
import { runBzctrld, until } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const MEETINGS = `${API}/meetings`;
const ADMIN = { email: 'admin@example.com', admin: true };
const MANAGER = { email: 'manager@example.com', role: 'manager', domain: EXAMPLE.domain };
const VIEWER = { email: 'viewer@example.com', role: 'viewer', domain: EXAMPLE.domain };
const ALIEN = { email: 'alien@example.com', role: 'manager', domain: 'ACME' };
const LEAVER = { email: 'leaver@example.com', role: 'member', domain: EXAMPLE.domain };
const SECOND = `${EXAMPLE.domain}-TWO`;
const CLOSED_MARK = /^sha256:[A-Za-z0-9+/]{43}=$/;

let server;
before(async () => {
  server = await startServer({ workspaces: [WORKSPACE, SECOND, 'EXA-CON-BUS-SUB-WOR', 'ACME-WOR'],
    users: [EXAMPLE, ADMIN, MANAGER, VIEWER, ALIEN, LEAVER] });
});
after(() => server.stop());

const send = (as, method, path, body, headers = {}) => server.send(as.email, method, path, body, { headers });
const get = (as, path) => server.get(path, { as: as.email });
const faults = (answer) => answer.json.errors.map(({ pointer, code }) => `${pointer} ${code}`).sort();
const change = async (key, patch, as = EXAMPLE) => {
  const answer = await send(as, 'PATCH', `${API}/tasks/${key}`, patch,
    { 'if-match': '*', 'content-type': 'application/merge-patch+json' });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};
const record = async (more = {}) => (await server.createAndRead(small(more))).key;
/** Many of them, in one call: their keys. */
async function records(n, more) {
  const answer = await server.addTasks(Array.from({ length: n }, () => ({ task: small(more) })));
  return answer.json.items.map(({ task }) => task.taskLink.split('/').at(-1));
}
const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

let made = 0;
async function series(body = {}, as = EXAMPLE) {
  const answer = await send(as, 'POST', MEETINGS, { name: `Stand-up ${++made}`, domain: EXAMPLE.domain, ...body });
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
}
const at = ({ id }) => `${MEETINGS}/${id}`;
const sessionAt = (session) => `${MEETINGS}/${session.meeting}/sessions/${session.id}`;
async function start(meeting, as = EXAMPLE) {
  const answer = await send(as, 'POST', `${at(meeting)}/sessions`);
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
}
async function close(session, as = EXAMPLE) {
  const answer = await send(as, 'POST', `${sessionAt(session)}/close`);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}
const step = (session, body, as = EXAMPLE) => send(as, 'PATCH', sessionAt(session), body);
const note = (session, body, as = EXAMPLE) => send(as, 'POST', `${sessionAt(session)}/notes`, body);
const keys = (list) => list.items.map(({ key }) => key).sort();

/* A workspace of one's own, so that a test counts only what it has made. */
async function freshWorkspace(domain = EXAMPLE.domain) {
  const key = `${domain}-W${++made}`;
  const answer = await send(MANAGER, 'POST', `${API}/workspaces`, { key });
  assert.equal(answer.status, 201, answer.text);
  return key;
}

describe('a series', () => {
  test('comes back as it was made, is changed with If-Match, and is listed', async () => {
    const answer = await send(EXAMPLE, 'POST', MEETINGS, { name: ' Terminal stand-up ', domain: 'exa-con-bus',
      workspaces: [WORKSPACE, SECOND, WORKSPACE], everyWeeks: 2, weekday: 'Friday', minutes: 20,
      people: [VIEWER.email, 'MANAGER@example.com'], walk: ['new', 'overdue'], groupBy: 'person' });
    assert.equal(answer.status, 201, answer.text);
    const meeting = answer.json;
    assert.equal(new URL(answer.headers.location).pathname, at(meeting));
    const { id, createdAt, updatedAt, people, workspaces, ...rest } = meeting;
    assert.deepEqual(rest, { name: 'Terminal stand-up', domain: EXAMPLE.domain, everyWeeks: 2, weekday: 'Friday',
      minutes: 20, walk: ['new', 'overdue'], groupBy: 'person', running: null, lastAt: null, archived: false,
      mayHold: true, version: 1 });
    assert.deepEqual([...people].sort(), [MANAGER.email, VIEWER.email]);
    assert.deepEqual([...workspaces].sort(), [SECOND, WORKSPACE]);
    assert.equal(createdAt, updatedAt);

    assert.equal((await send(EXAMPLE, 'PATCH', at(meeting), { minutes: 10 })).status, 428);
    const changed = await send(EXAMPLE, 'PATCH', at(meeting), { minutes: 10, weekday: null, people: [] },
      { 'if-match': '"1"' });
    assert.equal(changed.status, 200, changed.text);
    assert.deepEqual([changed.json.minutes, changed.json.weekday, changed.json.people, changed.json.version],
      [10, null, [], 2]);
    assert.equal((await send(EXAMPLE, 'PATCH', at(meeting), { minutes: 11 }, { 'if-match': '"1"' })).status, 412);
    assert.deepEqual((await get(VIEWER, at(meeting))).json, { ...changed.json, mayHold: false });
    const { items } = (await get(VIEWER, `${MEETINGS}?domain=EXA-CON-BUS&limit=200`)).json;
    assert.ok(items.some((one) => one.id === id));
  });

  test('without a domain belongs to the lowest one above its workspaces', async () => {
    const both = await send(MANAGER, 'POST', MEETINGS,
      { name: 'Both', workspaces: [WORKSPACE, 'EXA-CON-BUS-SUB-WOR'] });
    assert.deepEqual([both.json.domain, both.json.walk], [EXAMPLE.domain,
      ['overdue', 'promised', 'new', 'undated', 'untouched']]);
    const one = await send(MANAGER, 'POST', MEETINGS, { name: 'One', workspaces: ['EXA-CON-BUS-SUB-WOR'] });
    assert.equal(one.json.domain, 'EXA-CON-BUS-SUB');
  });

  test('with faults is refused, and all of them are named', async () => {
    const answer = await send(EXAMPLE, 'POST', MEETINGS, { domain: EXAMPLE.domain,
      workspaces: ['ACME-WOR', 'X'.repeat(300)], everyWeeks: -1, weekday: 'Freitag', minutes: 241,
      people: [ALIEN.email, 'nobody@example.com'],
      walk: ['overdue', 'overdue', 'late'], groupBy: 'x', color: 'red' });
    assert.equal(answer.status, 422);
    assert.deepEqual(faults(answer), ['/color unknown_member', '/everyWeeks negative', '/groupBy not_an_option',
      '/minutes too_large', '/name required', '/people/0 unknown_person', '/people/1 unknown_person',
      '/walk/1 duplicate_member', '/walk/2 not_an_option', '/weekday not_an_option', '/workspaces/0 unknown_workspace',
      '/workspaces/1 unknown_workspace']);
    for (const [body, fault] of [[{ name: 'x' }, '/domain required'], [{ name: 'x', domain: 'ACME' },
      '/domain unknown_domain'], [{ name: 'x', workspaces: ['ACME-WOR'] }, '/workspaces unknown_workspace'],
      [{ name: 'x', domain: EXAMPLE.domain, minutes: 1.5 }, '/minutes wrong_type'],
      [{ name: 'x', domain: EXAMPLE.domain, people: Array(101).fill(VIEWER.email) }, '/people too_many'],
      [{ name: 'x', domain: EXAMPLE.domain, workspaces: Array(51).fill(WORKSPACE) }, '/workspaces too_many']]) {
      const one = await send(EXAMPLE, 'POST', MEETINGS, body);
      assert.deepEqual([one.status, faults(one)], [422, [fault]]);
    }
  });

  test('is archived, not deleted: it cannot be started, and its minutes stay', async () => {
    const meeting = await series();
    const session = await start(meeting);
    assert.equal((await send(EXAMPLE, 'DELETE', at(meeting))).status, 409);
    await close(session);
    assert.equal((await send(EXAMPLE, 'DELETE', at(meeting))).status, 204);
    assert.equal((await send(EXAMPLE, 'DELETE', at(meeting))).status, 204);
    assert.equal((await send(EXAMPLE, 'POST', `${at(meeting)}/sessions`)).status, 409);
    assert.equal((await send(EXAMPLE, 'PATCH', at(meeting), { minutes: 9 }, { 'if-match': '*' })).status, 409);
    assert.equal((await get(EXAMPLE, sessionAt(session))).json.running, false);
    const listed = async (more) => (await get(EXAMPLE, `${MEETINGS}?limit=200${more}`)).json.items
      .some(({ id }) => id === meeting.id);
    assert.deepEqual([await listed(''), await listed('&archived=true')], [false, true]);
  });
});

describe('rights', () => {
  test('a viewer follows and comes in, and cannot hold it; an alien sees nothing', async () => {
    const meeting = await series();
    const session = await start(meeting);
    const added = (await note(session, { text: 'A note' })).json.minutes.notes[0];
    assert.equal((await get(VIEWER, sessionAt(session))).status, 200);
    assert.equal((await get(VIEWER, `${sessionAt(session)}/walk`)).status, 200);
    const joined = await send(VIEWER, 'POST', `${sessionAt(session)}/people`);
    assert.deepEqual(joined.json.minutes.present.map(({ email }) => email), [EXAMPLE.email, VIEWER.email]);
    const forbidden = [['POST', `${at(meeting)}/sessions`], ['PATCH', sessionAt(session), { stage: 'walk' }],
      ['POST', `${sessionAt(session)}/notes`, { text: 'x' }], ['POST', `${sessionAt(session)}/close`],
      ['PATCH', `${sessionAt(session)}/notes/${added.id}`, { parked: true }],
      ['DELETE', `${sessionAt(session)}/notes/${added.id}`],
      ['POST', `${sessionAt(session)}/people`, { email: MANAGER.email }],
      ['PATCH', at(meeting), { minutes: 3 }], ['DELETE', at(meeting)]];
    for (const [method, path, body] of forbidden) {
      assert.equal((await send(VIEWER, method, path, body, { 'if-match': '*' })).status, 403, `${method} ${path}`);
      assert.equal((await send(ALIEN, method, path, body, { 'if-match': '*' })).status, 404, `${method} ${path}`);
    }
    assert.equal((await get(ALIEN, sessionAt(session))).status, 404);
    assert.ok(!(await get(ALIEN, `${MEETINGS}?limit=200`)).json.items.some(({ id }) => id === meeting.id));
    const events = (await get(ALIEN, `${API}/changes?action=meeting.*`)).json.items;
    assert.deepEqual(events, []);
    await close(session);
  });

  test('a role taken away: the stand-up and its minutes are gone, and so are its events', async () => {
    const meeting = await series();
    const session = await start(meeting, LEAVER);
    const events = async () => (await get(LEAVER, `${API}/changes?action=meeting.*&limit=200`)).json.items.length;
    assert.ok(await events() > 0);
    await send(ADMIN, 'PATCH', `${API}/people/${LEAVER.email}`, { roles: [] }, { 'if-match': '*' });
    assert.equal((await get(LEAVER, sessionAt(session))).status, 404);
    assert.equal((await step(session, { stage: 'walk' }, LEAVER)).status, 404);
    assert.equal(await events(), 0);
    /* It is not stuck: somebody else takes over. */
    assert.equal((await step(session, { lead: true, stage: 'walk' })).json.leader, EXAMPLE.email);
    await close(session);
    await send(ADMIN, 'PATCH', `${API}/people/${LEAVER.email}`,
      { roles: [{ domain: EXAMPLE.domain, role: 'member' }] }, { 'if-match': '*' });
  });

  test('a guest who lost the role can be marked as gone, and cannot come in', async () => {
    const session = await start(await series());
    const people = `${sessionAt(session)}/people`;
    const roles = async (list) => assert.equal(
      (await send(ADMIN, 'PATCH', `${API}/people/${LEAVER.email}`, { roles: list }, { 'if-match': '*' })).status, 200);
    assert.equal((await send(LEAVER, 'POST', people)).status, 200);
    await roles([]);
    const gone = await send(EXAMPLE, 'POST', people, { email: LEAVER.email, present: false });
    assert.equal(gone.status, 200, gone.text);
    assert.deepEqual(gone.json.minutes.present.map(({ email }) => email), [EXAMPLE.email]);
    for (const [email, present] of [[LEAVER.email, true], [LEAVER.email, false], [ALIEN.email, false]])
      assert.deepEqual(faults(await send(EXAMPLE, 'POST', people, { email, present })), ['/email unknown_person'],
        'nothing is said of who has an account');
    await close(session);
    await roles([{ domain: EXAMPLE.domain, role: 'member' }]);
  });

  test('a session of another series is not found under this one', async () => {
    const [one, other] = [await series(), await series()];
    const session = await start(one);
    assert.equal((await get(EXAMPLE, `${at(other)}/sessions/${session.id}`)).status, 404);
    for (const id of ['0', 'x', '99999999999999999999', '-1'])
      assert.equal((await get(EXAMPLE, `${at(one)}/sessions/${id}`)).status, 404);
    await close(session);
  });
});

describe('starting', () => {
  test('of two people who start at once one starts, and the other learns which one runs', async () => {
    const meeting = await series();
    const answers = await Promise.all([EXAMPLE, MANAGER, EXAMPLE, MANAGER, EXAMPLE, MANAGER]
      .map((as) => send(as, 'POST', `${at(meeting)}/sessions`)));
    const [first, ...others] = answers.sort((a, b) => a.status - b.status);
    assert.equal(first.status, 201, first.text);
    for (const { status, json } of others) assert.deepEqual([status, json.running], [409, first.json.id]);
    assert.equal((await get(EXAMPLE, at(meeting))).json.running, first.json.id);
    const minutes = await close(first.json);
    assert.equal(minutes.running, false);
    assert.equal((await get(EXAMPLE, at(meeting))).json.running, null);
  });

  test('goes through each record once, for the first reason that fits, in the order of the series', async () => {
    const workspace = await freshWorkspace();
    const inside = { domain: EXAMPLE.domain, workspaces: [workspace] };
    const meeting = await series(inside);
    const late = await record({ domainWorkSpace: workspace, dueDate: day(-3) });
    const later = await record({ domainWorkSpace: workspace, dueDate: day(-9) });
    const promised = await record({ domainWorkSpace: workspace, dueDate: day(5) });
    const fresh = await record({ domainWorkSpace: workspace, dueDate: day(40) });
    await record({ domainWorkSpace: workspace, status: 'Done' });
    await record({ domainWorkSpace: SECOND, dueDate: day(-3) });
    const session = await start(meeting);
    assert.deepEqual(session.minutes.walk.map(({ key, reason }) => [key, reason]),
      [[later, 'overdue'], [late, 'overdue'], [promised, 'promised'], [fresh, 'new']]);
    const { items, people } = (await get(EXAMPLE, `${sessionAt(session)}/walk`)).json;
    assert.deepEqual(items.map(({ reason, task }) => [task.key, reason]),
      session.minutes.walk.map(({ key, reason }) => [key, reason]));
    assert.ok(people[EXAMPLE.email]);
    await close(session);
    const undated = await record({ domainWorkSpace: workspace });
    const reordered = await series({ ...inside, walk: ['undated', 'overdue'] });
    const other = await start(reordered);
    assert.deepEqual(other.minutes.walk.map(({ key, reason }) => [key, reason]),
      [[undated, 'undated'], [later, 'overdue'], [late, 'overdue']]);
    await close(other);
  });

  test('200 records at most are gone through, and it says that there are more', async () => {
    const workspace = await freshWorkspace();
    for (let i = 0; i < 205; i += 41)
      await Promise.all(Array.from({ length: 41 }, () => record({ domainWorkSpace: workspace, dueDate: day(-2) })));
    const session = await start(await series({ workspaces: [workspace] }));
    const { walk, more, since } = session.minutes;
    assert.deepEqual([walk.length, more, since.overdue.count, since.new.count, since.new.items.length],
      [200, true, 205, 205, 200]);
    assert.equal(new Set(walk.map(({ key }) => key)).size, 200);
    await close(session);
  });

  test('however long their texts are, all are gone through', async () => {
    const workspace = await freshWorkspace();
    await records(45, { domainWorkSpace: workspace, dueDate: day(-2), description: 'x'.repeat(65_536) });
    const session = await start(await series({ workspaces: [workspace] }));
    const { walk, more, since } = session.minutes;
    assert.deepEqual([walk.length, more, since.overdue.count], [45, false, 45]);
    await close(session);
  });
});

describe('since last time', () => {
  test('of two domains together more are counted than named', async () => {
    const workspaces = [await freshWorkspace(), await freshWorkspace('EXA-CON-BUS-SUB')];
    for (const [i, n] of [150, 100].entries()) await records(n, { domainWorkSpace: workspaces[i] });
    const session = await start(await series({ workspaces }));
    assert.deepEqual([session.minutes.since.new.count, session.minutes.since.new.items.length], [250, 200]);
    await close(session);
  });

  test('every number is the length of its list, and nothing is counted twice or missed', async () => {
    const workspace = await freshWorkspace();
    const make = (more) => record({ domainWorkSpace: workspace, ...more });
    const meeting = await series({ workspaces: [workspace] });
    const closed = await make({ financialImpact: '1000.10', dueDate: day(3) });
    const moved = await make({ dueDate: day(-2) });
    const reopened = await make({});
    const back = await make({ dueDate: day(4) });
    const undated = await make({});

    const first = await start(meeting);
    assert.equal(first.minutes.since.first, true);
    assert.deepEqual(keys(first.minutes.since.new), [closed, moved, reopened, back, undated].sort());
    assert.deepEqual([first.minutes.since.overdue.count, first.minutes.since.overdue.change], [1, null]);
    /* While it runs: in its minutes, not in the next session's numbers. */
    const during = await make({});
    await change(moved, { dueDate: day(8), dueReason: 'The terminal was closed' });
    const minutes = (await close(first)).minutes;
    assert.equal(minutes.changes.created, 1);
    assert.deepEqual(
      minutes.changes.items.map(({ key, actor, action, changes }) => [key, actor, action, changes.dueDate]),
      [[moved, EXAMPLE.email, 'task.updated', [day(-2), day(8)]]]);
    assert.deepEqual(minutes.changes.items[0].changes.dueReason, [null, 'The terminal was closed']);

    /* Between the two sessions. */
    const between = await make({ dueDate: day(-1) });
    await change(closed, { status: 'Done' });
    await change(reopened, { status: 'Done' });
    await change(reopened, { status: 'To do' });
    await change(moved, { dueDate: day(9) });
    await change(moved, { dueDate: day(12) });
    await change(during, { title: 'Another title' });
    /* Both are as they were. */
    for (const dueDate of [day(11), day(4)]) await change(back, { dueDate });
    for (const dueDate of [day(11), null]) await change(undated, { dueDate });
    const second = await start(meeting);
    const { since } = second.minutes;
    assert.equal(since.first, false);
    assert.deepEqual([since.closed.count, keys(since.closed), since.closed.financialImpact], [1, [closed], '1000.10']);
    assert.deepEqual([since.new.count, keys(since.new)], [1, [between]]);
    assert.deepEqual([since.moved.count, since.moved.items.map(({ key, from, to }) => [key, from, to])],
      [1, [[moved, day(8), day(12)]]]);
    assert.deepEqual(since.overdue, { count: 1, change: 0 });
    assert.deepEqual(second.minutes.positions.map(({ domain, from }) => [domain, from]),
      minutes.positions.map(({ domain, end }) => [domain, end]));
    const last = await close(second);
    assert.equal(last.minutes.changes.items.length, 0);
    /* Nothing has happened. */
    const third = await start(meeting);
    for (const name of ['closed', 'new', 'moved']) assert.equal(third.minutes.since[name].count, 0, name);
    await close(third);
  });

  test('a duplicate that was closed is counted and named, and its amount is that of the other record', async () => {
    const workspace = await freshWorkspace();
    const make = (more) => record({ domainWorkSpace: workspace, ...more });
    const meeting = await series({ workspaces: [workspace] });
    const original = await make({ financialImpact: '1000.00' });
    const copy = await make({ financialImpact: '1000.00', dueDate: day(3) });
    const other = await make({ financialImpact: '7.25', dueDate: day(4) });
    await close(await start(meeting));
    await change(copy, { dueDate: day(9) }, MANAGER);
    const linked = await send(EXAMPLE, 'POST', `${API}/tasks/${copy}/related`, { key: original, kind: 'duplicates' });
    assert.equal(linked.status, 201, linked.text);
    const confirmed = await make({ financialImpact: '500.00' });
    const closing = (as, step, body) => send(as, 'POST', `${API}/tasks/${confirmed}/closing${step}`, body);
    assert.equal((await closing(EXAMPLE, '', { duplicateOf: original })).status, 200);
    assert.equal((await closing(MANAGER, '/accept', {})).status, 200);
    await change(other, { status: 'Done' }, MANAGER);
    const session = await start(meeting);
    const { closed, moved } = session.minutes.since;
    assert.deepEqual([closed.count, closed.financialImpact], [3, '7.25']);
    const named = closed.items.map(({ key, duplicate, by }) => [key, duplicate, by]).sort();
    assert.deepEqual(named, [[copy, true, EXAMPLE.email], [confirmed, true, MANAGER.email],
      [other, false, MANAGER.email]].sort());
    assert.deepEqual(moved.items.map(({ key, by }) => [key, by]), [[copy, MANAGER.email]]);
    assert.ok(session.people[MANAGER.email], 'who closed and moved them is named');
    /* Whose a record was, and whose it became. */
    await change(original, { assignee: VIEWER.email });
    const minutes = await close(session);
    assert.deepEqual(minutes.minutes.since, session.minutes.since);
    assert.ok(minutes.people[MANAGER.email] && minutes.people[VIEWER.email]);
    /* The last amount is that of the record that went on. */
    await change(original, { status: 'Done' });
    const last = await start(meeting);
    assert.equal(last.minutes.since.closed.financialImpact, '1000.00');
    await close(last);
  });

  test('the events of all its positions together are all events, each once', async () => {
    const meeting = await series();
    for (let round = 0; round < 3; round++) {
      const session = await start(meeting);
      await Promise.all([record(), record(), close(session), record()]);
    }
    const { items } = (await get(EXAMPLE, `${at(meeting)}/sessions`)).json;
    assert.deepEqual(items.map(({ number }) => number), [3, 2, 1]);
    const sessions = await Promise.all(items.map(async (one) => (await get(EXAMPLE, sessionAt(one))).json));
    const positions = sessions.reverse().map(({ minutes }) =>
      minutes.positions.find(({ domain }) => domain === EXAMPLE.domain));
    for (const [i, { from, start: begin, end }] of positions.entries()) {
      assert.ok(from <= begin && begin <= end);
      if (i > 0) assert.equal(from, positions[i - 1].end);
    }
  });

  test('records that await a second person are counted', async () => {
    const workspace = await freshWorkspace();
    const form = await send(MANAGER, 'PUT', `${API}/workspaces/${workspace}/forms/default`, { confirmClose: 'always' },
      { 'if-match': '*' });
    assert.equal(form.status, 201, form.text);
    const key = await record({ domainWorkSpace: workspace });
    await record({ domainWorkSpace: workspace });
    const proposed = await send(EXAMPLE, 'POST', `${API}/tasks/${key}/closing`, {});
    assert.equal(proposed.status, 200, proposed.text);
    const session = await start(await series({ workspaces: [workspace] }));
    assert.deepEqual([session.minutes.since.awaiting.count, keys(session.minutes.since.awaiting)], [1, [key]]);
    await close(session);
  });
});

describe('while it runs', () => {
  test("everybody's page follows: each step is an event, within a second, and the one who leads leads", async () => {
    const key = await record({ dueDate: day(-1) });
    const meeting = await series({ people: [EXAMPLE.email, VIEWER.email, MANAGER.email] });
    const session = await start(meeting);
    assert.deepEqual([session.leader, session.stage, session.current], [EXAMPLE.email, 'since', null]);
    const cursor = (await get(VIEWER, `${API}/changes?cursor=now`)).json.next;
    const listening = get(VIEWER, `${API}/changes?action=meeting.*&wait=20&cursor=${encodeURIComponent(cursor)}`);
    const stepped = await step(session, { current: key });
    assert.deepEqual([stepped.status, stepped.json.stage, stepped.json.current], [200, 'walk', key]);
    const [event] = (await listening).json.items;
    assert.deepEqual([event.action, event.changes.current, event.changes.stage, event.changes.session],
      ['meeting.stepped', [null, key], ['since', 'walk'], [session.id, session.id]]);

    assert.equal((await step(session, { current: null }, MANAGER)).status, 409);
    const taken = await step(session, { lead: true, groupBy: 'person' }, MANAGER);
    assert.deepEqual([taken.json.leader, taken.json.groupBy, taken.json.current], [MANAGER.email, 'person', key]);
    assert.equal((await step(session, { stage: 'close' })).status, 409);
    /* The same again makes no event. */
    const { version } = (await step(session, { groupBy: 'person', current: key }, MANAGER)).json;
    assert.equal(version, taken.json.version);
    assert.deepEqual(taken.json.minutes.absent.sort(), [MANAGER.email, VIEWER.email].sort());
    const shown = await send(MANAGER, 'POST', `${sessionAt(session)}/people`, { email: VIEWER.email });
    assert.deepEqual(shown.json.minutes.absent, [MANAGER.email]);
    const gone = await send(VIEWER, 'POST', `${sessionAt(session)}/people`, { present: false });
    assert.deepEqual(gone.json.minutes.absent.sort(), [MANAGER.email, VIEWER.email].sort());
    await close(session, MANAGER);
  });

  test('a record that is not among those to go through is added, one of elsewhere is not', async () => {
    const workspace = await freshWorkspace();
    const inside = await record({ domainWorkSpace: workspace, dueDate: day(50) });
    const outside = await record();
    const session = await start(await series({ workspaces: [workspace], walk: ['overdue'] }));
    assert.deepEqual(session.minutes.walk, []);
    const added = await step(session, { current: inside });
    assert.deepEqual(added.json.minutes.walk.map(({ key, reason }) => [key, reason]), [[inside, 'added']]);
    for (const key of [outside, `${workspace}-99`, 'nothing', 'ACME-WOR-01'])
      assert.deepEqual(faults(await step(session, { current: key })), ['/current unknown_record']);
    assert.deepEqual(faults(await step(session, { stage: 'x', groupBy: 'y', z: 1 })),
      ['/groupBy not_an_option', '/stage not_an_option', '/z unknown_member']);
    await close(session);
  });

  test('where no more records fit, it still goes from one to the next', async () => {
    const workspace = await freshWorkspace();
    const late = await records(200, { domainWorkSpace: workspace, dueDate: day(-2) });
    const added = await records(101, { domainWorkSpace: workspace, dueDate: day(50) });
    const session = await start(await series({ workspaces: [workspace], walk: ['overdue'] }));
    for (const [i, key] of added.entries())
      assert.equal((await step(session, { current: key })).status, i < 100 ? 200 : 409, key);
    for (const key of [late[0], added[0], late[199]]) {
      const moved = await step(session, { current: key });
      assert.deepEqual([moved.status, moved.json.current], [200, key], moved.text);
    }
    await close(session);
  });

  test('a note sent twice is there once; its author rewrites it, everybody parks it', async () => {
    const key = await record();
    const session = await start(await series());
    const twice = await Promise.all([1, 2, 3].map(() => note(session, { text: 'Ask the broker', key })));
    assert.deepEqual(twice.map(({ status }) => status).sort(), [200, 200, 201]);
    assert.equal((await note(session, { text: 'Ask the broker', key }, MANAGER)).status, 201);
    const { notes } = (await note(session, { text: 'About nothing' })).json.minutes;
    assert.deepEqual(notes.map((one) => [one.text, one.key, one.author, one.parked]),
      [['Ask the broker', key, EXAMPLE.email, false], ['Ask the broker', key, MANAGER.email, false],
        ['About nothing', null, EXAMPLE.email, false]]);
    const own = `${sessionAt(session)}/notes/${notes[0].id}`;
    assert.equal((await send(MANAGER, 'PATCH', own, { text: 'Mine' })).status, 403);
    const parked = await send(MANAGER, 'PATCH', own, { parked: true });
    assert.deepEqual([parked.json.minutes.notes[0].parked, parked.json.minutes.notes[0].editedAt], [true, null]);
    const rewritten = await send(EXAMPLE, 'PATCH', own, { text: 'Ask the broker today' });
    assert.equal(rewritten.json.minutes.notes[0].text, 'Ask the broker today');
    assert.ok(rewritten.json.minutes.notes[0].editedAt);
    assert.equal((await send(EXAMPLE, 'DELETE', own)).json.minutes.notes.length, 2);
    assert.equal((await send(EXAMPLE, 'DELETE', own)).status, 404);
    for (const [body, fault] of [[{}, '/text required'], [{ text: ' \u200b ' }, '/text required'],
      [{ text: 'x'.repeat(2001) }, '/text too_long'],
      [{ text: 'x', key: 'EXA-CON-BUS-WOR-9999' }, '/key unknown_record']])
      assert.deepEqual(faults(await note(session, body)), [fault]);
    await close(session);
  });

  test('hostile texts come back as they were sent, in minutes too', async () => {
    const texts = ['<img src=x onerror=alert(1)>', '"},"more":true,"x":{"', '\u202egnp.exe', '😀'.repeat(2000),
      '=cmd|calc', "'; DROP TABLE meeting; --", 'line\nbreak\u0001'];
    const session = await start(await series({ name: '"<script>' }));
    for (const text of texts) assert.equal((await note(session, { text })).status, 201);
    const { minutes } = await close(session);
    assert.deepEqual(minutes.notes.map(({ text }) => text), texts);
    assert.equal(minutes.name, '"<script>');
  });

  test('200 notes are possible', async () => {
    const session = await start(await series());
    for (let i = 0; i < 200; i++) assert.equal((await note(session, { text: `Note ${i}` })).status, 201);
    assert.equal((await note(session, { text: 'One more' })).status, 409);
    assert.equal((await note(session, { text: 'Note 7' })).status, 200);
    await close(session);
  });
});

describe('closing', () => {
  test('makes minutes that the receipt and the event prove, and that nobody changes any more', async () => {
    const meeting = await series({ people: [VIEWER.email] });
    const key = await record({ dueDate: day(-1) });
    const session = await start(meeting);
    await step(session, { current: key });
    await change(key, { status: 'Done', result: 'Paid' });
    await note(session, { text: 'Paid at last', key });
    await note(session, { text: 'Talk to the insurer', key, parked: true });
    const answer = await send(MANAGER, 'POST', `${sessionAt(session)}/close`);
    assert.equal(answer.status, 200, answer.text);
    const closed = answer.json;
    assert.deepEqual([closed.running, closed.closedBy, closed.current], [false, MANAGER.email, null]);
    assert.deepEqual([closed.minutes.absent, closed.minutes.present.map(({ email }) => email)],
      [[VIEWER.email], [EXAMPLE.email]]);
    const { items } = closed.minutes.changes;
    assert.deepEqual(items.map(({ key: of, action, changes }) => [of, action, changes.status, changes.result]),
      [[key, 'task.closed', ['In Progress', 'Done'], [null, 'Paid']]]);
    assert.ok(closed.minutes.walk.some(({ key: of, seconds }) => of === key && seconds >= 0));

    const [domain, seq, hash] = answer.headers['bzctrl-receipt'].split(':');
    assert.equal(answer.headers['bzctrl-receipt'], closed.receipt);
    const events = (await get(EXAMPLE, `${API}/changes?action=meeting.closed&limit=200`)).json.items;
    const event = events.find((one) => String(one.seq) === seq && one.domain === domain);
    assert.equal(event.hash, hash);
    /* The event has the hash of the minutes, byte for byte. */
    const raw = answer.text.slice(answer.text.indexOf('"minutes":') + 10, answer.text.lastIndexOf(',"people":'));
    assert.match(event.changes.minutes[1], CLOSED_MARK);
    assert.equal(`sha256:${createHash('sha256').update(raw).digest('base64')}`, event.changes.minutes[1]);

    const again = await send(EXAMPLE, 'POST', `${sessionAt(session)}/close`);
    assert.deepEqual([again.status, again.json], [200, closed]);
    for (const refused of [await step(session, { stage: 'walk' }), await note(session, { text: 'Late' }),
      await send(VIEWER, 'POST', `${sessionAt(session)}/people`), await get(EXAMPLE, `${sessionAt(session)}/walk`)])
      assert.equal(refused.status, 409);
    assert.deepEqual((await get(VIEWER, sessionAt(session))).json, closed);
    assert.deepEqual(Object.keys(closed.people).sort(), [EXAMPLE.email, MANAGER.email, VIEWER.email]);

    /* What was parked opens the next one, until somebody unparks it. */
    const next = await start(meeting);
    assert.deepEqual(next.minutes.walk[0].reason, 'parked');
    assert.deepEqual(next.minutes.notes.map(({ text, parked }) => [text, parked]), [['Talk to the insurer', true]]);
    await send(EXAMPLE, 'PATCH', `${sessionAt(next)}/notes/${next.minutes.notes[0].id}`, { parked: false });
    await close(next);
    const third = await start(meeting);
    assert.deepEqual(third.minutes.notes, []);
    await close(third);
  });

  test('minutes say of each record decided on whose it is, until when, and its amount', async () => {
    const workspace = await freshWorkspace();
    const make = (more) => record({ domainWorkSpace: workspace, ...more });
    const meeting = await series({ workspaces: [workspace], minutes: 20 });
    const closed = await make({ financialImpact: '1000.10', dueDate: day(-1) });
    const moved = await make({ dueDate: day(2) });
    const noted = await make({});
    const copy = await make({ financialImpact: '7.00', dueDate: day(4) });
    await make({ title: 'Nothing was said of it' });
    const session = await start(meeting);
    assert.equal(session.minutes.plannedMinutes, 20);
    assert.equal(session.minutes.changes, null);
    await change(closed, { status: 'Done' });
    await change(moved, { dueDate: day(9) });
    await change(moved, { assignee: VIEWER.email });
    await note(session, { text: 'Wait for the carrier', key: noted });
    await note(session, { text: 'Once more', key: noted });
    await note(session, { text: 'About nothing in particular' });
    await send(EXAMPLE, 'POST', `${API}/tasks/${copy}/related`, { key: closed, kind: 'duplicates' });
    /* A task that came out of it, as the app makes one. */
    const part = await make({ todoType: 'TASK', assignee: MANAGER.email, dueDate: day(5) });
    await change(part, { parent: moved });
    const { minutes, people } = await close(session);
    assert.equal(minutes.plannedMinutes, 20);
    assert.deepEqual([...minutes.changes.records].sort((a, b) => a.key.localeCompare(b.key)), [
      { key: closed, assignee: EXAMPLE.email, dueDate: day(-1), financialImpact: '1000.10', duplicate: false },
      { key: moved, assignee: VIEWER.email, dueDate: day(9), financialImpact: null, duplicate: false },
      { key: noted, assignee: EXAMPLE.email, dueDate: null, financialImpact: null, duplicate: false },
      { key: copy, assignee: EXAMPLE.email, dueDate: day(4), financialImpact: '7.00', duplicate: true },
      { key: part, assignee: MANAGER.email, dueDate: day(5), financialImpact: null, duplicate: false },
    ].sort((a, b) => a.key.localeCompare(b.key)));
    assert.ok(people[MANAGER.email], 'whose the new task is, is named');
    /* What happens afterwards is not in it. */
    await change(moved, { dueDate: day(30) });
    assert.deepEqual((await get(EXAMPLE, sessionAt(session))).json.minutes, minutes);
  });

  test('people who close at once, with notes coming in, make one set of minutes with every note in it', async () => {
    const session = await start(await series());
    const notes = Array.from({ length: 8 },
      (_, i) => note(session, { text: `At the same time ${i}` }, i % 2 ? EXAMPLE : MANAGER));
    const closings = [EXAMPLE, MANAGER, EXAMPLE].map((as) => send(as, 'POST', `${sessionAt(session)}/close`));
    const written = (await Promise.all(notes)).filter(({ status }) => status === 201).length;
    const answers = await Promise.all(closings);
    for (const { status, json } of answers) {
      assert.equal(status, 200);
      assert.deepEqual(json.minutes, answers[0].json.minutes);
    }
    assert.equal(answers[0].json.minutes.notes.length, written);
    const events = (await get(ADMIN, `${API}/changes?action=meeting.closed&limit=200`)).json.items;
    assert.equal(events.filter(({ changes }) => changes.session[0] === session.id).length, 1);
  });

  test('what is acknowledged survives kill -9, and a session that ran still runs', async () => {
    const meeting = await series();
    const session = await start(meeting);
    await note(session, { text: 'Before the end' });
    await server.kill9();
    await server.start();
    const found = (await get(EXAMPLE, sessionAt(session))).json;
    assert.deepEqual([found.running, found.minutes.notes.map(({ text }) => text)], [true, ['Before the end']]);
    const { minutes } = await close(session);
    await server.kill9();
    await server.start();
    assert.deepEqual((await get(EXAMPLE, sessionAt(session))).json.minutes, minutes);
  });
});

describe('discarding', () => {
  const discard = (session, as = EXAMPLE) => send(as, 'DELETE', sessionAt(session));

  test('the one who leads or a manager takes it away; the next begins as if it had not been', async () => {
    const workspace = await freshWorkspace();
    const meeting = await series({ workspaces: [workspace] });
    const first = await start(meeting);
    await note(first, { text: 'Waits', parked: true });
    await close(first);
    const key = await record({ domainWorkSpace: workspace });
    const second = await start(meeting);
    assert.deepEqual([second.number, keys(second.minutes.since.new)], [2, [key]]);
    await note(second, { text: 'Waits too', parked: true });
    await note(second, { text: 'Is gone' });
    await step(second, { current: key });
    await change(key, { priority: 'High' });

    assert.equal((await discard(second, ALIEN)).status, 404);
    assert.equal((await discard(second, VIEWER)).status, 403);
    const other = await discard(second, LEAVER);
    assert.deepEqual([other.status, other.json.detail],
      [403, 'A stand-up can be discarded by the one who leads and by a manager.']);
    assert.equal((await discard(second)).status, 204);
    assert.equal((await discard(second)).status, 404);
    assert.equal((await get(EXAMPLE, sessionAt(second))).status, 404);
    assert.equal((await note(second, { text: 'Late' })).status, 404);
    const now = (await get(EXAMPLE, at(meeting))).json;
    assert.deepEqual([now.running, now.lastAt], [null, first.startedAt]);

    const third = await start(meeting);
    assert.deepEqual([third.number, keys(third.minutes.since.new)], [2, [key]]);
    assert.deepEqual(third.minutes.positions.map(({ from }) => from), second.minutes.positions.map(({ from }) => from));
    assert.deepEqual(third.minutes.notes.map(({ text }) => text).sort(), ['Waits', 'Waits too']);
    assert.equal((await get(EXAMPLE, `${API}/tasks/${key}`)).json.priority, 'High', 'what was changed stays');
    assert.equal((await discard(third, MANAGER)).status, 204);
    const last = (await get(EXAMPLE, `${API}/changes?action=meeting.discarded&limit=200`)).json.items.at(-1);
    assert.deepEqual([last.actor, last.changes.session], [MANAGER.email, [third.id, third.id]]);
  });

  test('the first one leaves nothing, and a closed one stays', async () => {
    const meeting = await series();
    const first = await start(meeting);
    await note(first, { text: 'Parked', parked: true });
    assert.equal((await discard(first)).status, 204);
    assert.equal((await get(EXAMPLE, at(meeting))).json.lastAt, null);
    const again = await start(meeting);
    assert.deepEqual([again.number, again.minutes.notes], [1, []]);
    await close(again);
    assert.equal((await discard(again)).status, 409);
    await server.command(['verify']); // it fails unless the history is whole
  });
});

test('an erasure takes the address out of notes and minutes, and the rest still verifies', async () => {
  const address = 'forgotten@example.com';
  await server.command(['user', 'add', address, '--domain', EXAMPLE.domain, '--role', 'member']);
  const meeting = await series({ name: `With ${address}`, people: [address, EXAMPLE.email] });
  const session = await start(meeting);
  await note(session, { text: `Ask ${address} today` });
  await note(session, { text: `Also ask ${address.toUpperCase()}`, parked: true });
  await send(EXAMPLE, 'POST', `${sessionAt(session)}/people`, { email: address });
  await close(session);
  await send(ADMIN, 'POST', `${API}/people/${address}/erase`);
  await until(() => numberStored(server.dir, 'SELECT COUNT(*) FROM erasure') === 0, 'the erasure');
  /* The index is built again. */
  await until(async () => (await get(EXAMPLE, `${API}/tasks?sort=updated&limit=1`)).status === 200, 'the index');
  const next = await start(meeting);
  for (const { text } of [await get(EXAMPLE, sessionAt(session)), await get(EXAMPLE, at(meeting)),
    await get(EXAMPLE, sessionAt(next)), await get(ADMIN, `${API}/changes?action=meeting.*&limit=200`)])
    assert.ok(!text.toLowerCase().includes(address), text);
  assert.equal((await get(EXAMPLE, sessionAt(session))).json.minutes.notes[0].text, 'Ask *** today');
  await close(next);
});

test('minutes that were changed in the database are found by verify', async () => {
  await server.terminate();
  const verify = () => runBzctrld(['verify', '--data', server.dir], { env: databaseEnvironment(server.dir) });
  const whole = await verify();
  assert.equal(whole.code, 0, whole.stderr);
  const putBack = keepStored(server.dir);
  for (const sql of [`UPDATE meeting_session SET minutes = replace(minutes, 'Paid at last', 'Never paid')
      WHERE minutes LIKE '%Paid at last%'`, 'UPDATE meeting_session SET seq = seq - 1 WHERE seq IS NOT NULL',
    'UPDATE meeting_range SET end_seq = end_seq + 1 WHERE end_seq IS NOT NULL',
    "UPDATE meeting SET name = 'Another' WHERE name = 'Terminal stand-up'"]) {
    assert.ok(changeStored(server.dir, sql) > 0, sql);
    const { code, stderr } = await verify();
    putBack();
    assert.equal(code, 1, sql);
    assert.match(stderr, /meeting(Session)? .* is .* in the tables, but .* by its history/);
  }
  await server.start();
});

test('a record that nobody has touched for three weeks is gone through', async () => {
  const workspace = await freshWorkspace();
  const [old, fresh] = [await record({ domainWorkSpace: workspace, dueDate: day(90) }),
    await record({ domainWorkSpace: workspace, dueDate: day(90) })];
  const meeting = await series({ workspaces: [workspace], walk: ['untouched'] });
  const first = await start(meeting);
  assert.deepEqual(first.minutes.walk, []);
  await close(first);
  await server.terminate();
  changeStored(server.dir, `UPDATE task SET updated_at = updated_at - ${22 * 86_400_000} WHERE number = 1
    AND workspace_id = (SELECT id FROM workspace WHERE key = '${workspace}')`);
  const { code, stderr } = await runBzctrld(['index', 'rebuild', '--data', server.dir],
    { env: databaseEnvironment(server.dir) });
  assert.equal(code, 0, stderr);
  await server.start();
  /* Another order than newest first needs the index. */
  await until(async () => (await get(EXAMPLE, `${API}/tasks?sort=updated&limit=1`)).status === 200, 'the index');
  const session = await start(meeting);
  assert.deepEqual(session.minutes.walk.map(({ key, reason }) => [key, reason]), [[old, 'untouched']]);
  assert.notEqual(old, fresh);
  await close(session);
});
