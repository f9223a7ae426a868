/*
 * Changing a record: merge patches, versions, closing and opening again, due dates.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeFolder } from '../lib/program.mjs';
import { recordsOf, urlOf } from '../lib/records.mjs';
import { API, EXAMPLE, SAMPLE, small, startServer } from '../lib/server.mjs';
import { verifyHistory } from '../lib/verify_history.mjs';

const MEMBER = EXAMPLE.email;
const MANAGER = 'manager@example.com';
const OTHER = 'other@example.com';
const VIEWER = 'viewer@example.com';
const FAR = 'EXA-CON-BUS-FAR'; /* a day ahead of UTC for most of the day */

let server, create, read, patch, patched, faults;
before(async () => {
  server = await startServer({
    users: [
      EXAMPLE,
      { email: MANAGER, role: 'manager', domain: 'EXA-CON-BUS' },
      { email: OTHER, role: 'member', domain: 'EXA-CON-BUS' },
      { email: VIEWER, role: 'viewer', domain: 'EXA-CON-BUS' },
      { email: 'alien@example.com', role: 'manager', domain: 'ELSE' },
    ],
    workspaces: ['EXA-CON-BUS-WOR', 'EXA-CON-BUS-TWO', 'ELSE-WHERE'],
  });
  assert.equal(
    (await server.send(MANAGER, 'POST', `${API}/workspaces`, { key: FAR, timezone: 'Pacific/Kiritimati' })).status,
    201);
  ({ create, read, patch, patched, faults } = recordsOf(server));
});
after(() => server.stop());

const history = async (record) => (await server.get(`${urlOf(record)}/events`)).json.items;
const day = (offset, zone = 'UTC') =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(new Date(Date.now() + offset * 86_400_000));

/* What a change alters of itself. */
const OWN = ['version', 'updatedAt'];

function assertOnly(before, now, members) {
  for (const member of Object.keys(before))
    if (![...members, ...OWN].includes(member))
      assert.equal(JSON.stringify(now[member]), JSON.stringify(before[member]), member);
}

describe('a merge patch', () => {
  test('changes the members that are sent, and says so in the history', async () => {
    const record = await create(SAMPLE);
    const answer = await patch(record, { title: 'Another', PRIORITY: 'low' });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers.etag, '"2"');
    assert.match(answer.headers['bzctrl-receipt'], /^EXA-CON-BUS:\d+:/);
    assert.deepEqual(answer.json, await read(record));
    assert.equal(answer.json.title, 'Another');
    assert.equal(answer.json.priority, 'Low');
    assertOnly(record, answer.json, ['title', 'priority']);
    const [event, first] = await history(record);
    assert.equal(event.action, 'task.updated');
    assert.deepEqual(event.changes, { title: [SAMPLE.title, 'Another'], priority: ['High', 'Low'] });
    assert.equal(first.action, 'task.created');
  });

  test('null removes, "" too; what every record needs cannot be removed', async () => {
    const record = await create(SAMPLE);
    const now = await patched(record,
      { LRN: null, financialImpact: '', reminderDate: null, impact: null, category: [], subCategory: null });
    assert.deepEqual(
      [now.LRN, now.financialImpact, now.financialImpactCurrency, now.reminderDate, now.impact, now.category,
        now.subCategory],
      [null, null, null, null, null, [], []]);
    assert.deepEqual(now.tags, ['ORDER 777'], 'the tag of the LRN goes with it');
    assert.deepEqual(
      await faults(now, { title: null, description: ' ', status: null, todoType: null, reporter: null, orderID: null }),
      ['/todoType', '/title', '/description', '/status', '/reporter',
        '/orderID'].map((pointer) => `${pointer} required`));
    assert.equal((await patched(now, { assignee: null })).assignee, now.reporter);
  });

  test('all errors in one answer, by the rules of creating; nothing is written', async () => {
    const record = await create();
    assert.deepEqual(
      await faults(record,
        { title: 'x'.repeat(256), dueDate: '2024-02-30', assignee: 'nobody@example.com', financialImpact: -1,
          status: 'gone', extra: 1 }),
      ['/title too_long', '/financialImpact negative', '/status not_an_option', '/assignee unknown_person',
        '/dueDate not_a_date', '/extra wrong_type']);
    assert.deepEqual(await faults(record, { title: 'a', TITLE: 'b' }), ['/TITLE duplicate_member']);
    assert.deepEqual(await read(record), record);
  });

  test('what the server alone sets is refused', async () => {
    const record = await create();
    for (const member of ['key', 'source', 'version', 'createdAt', 'closedAt', 'open', 'overdue', 'dueMoves', 'awaits',
      'form'])
      assert.deepEqual(await faults(record, { [member]: record[member] ?? 1 }), [`/${member} locked`]);
  });

  test('extra is merged, member by member, in its order and bytes', async () => {
    const record = await create({ vessel: { name: 'A', 'imo': 1.50 }, note: 'x', last: [1] });
    const now = await patched(record, { vessel: { name: 'B', flag: 'NL' }, note: null, more: true });
    assert.equal(JSON.stringify(now.extra), '{"vessel":{"name":"B","imo":1.5,"flag":"NL"},"last":[1],"more":true}');
    const then = await patched(now, { extra: { vessel: { imo: null }, more: null } });
    assert.equal(JSON.stringify(then.extra), '{"vessel":{"name":"B","flag":"NL"},"last":[1]}');
    assertOnly(record, then, ['extra']);
    assert.deepEqual(await faults(then, { more: 1, extra: { more: 2 } }), ['/extra duplicate_member']);
  });

  test('tags follow the members that make them', async () => {
    const record = await create({ orderID: ['A', 'B'], LRN: 'L', tags: ['t', 'A'] });
    assert.deepEqual(record.tags, ['A', 'B', 'L', 't']);
    assert.deepEqual((await patched(record, { orderID: ['B', 'C'] })).tags, ['B', 'C', 'L', 't']);
    const now = await patched(await read(record), { tags: ['u'] });
    assert.deepEqual(now.tags, ['B', 'C', 'L', 'u']);
    assert.deepEqual((await patched(now, { tags: null })).tags, ['B', 'C', 'L']);
  });

  test('a patch that changes nothing is 200, without an event', async () => {
    const record = await create(SAMPLE);
    for (const body of [{}, { title: SAMPLE.title, priority: 'HIGH', dueDate: null }]) {
      const answer = await patch(record, body);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.etag, '"1"');
      assert.equal(answer.headers['bzctrl-receipt'], undefined);
    }
    assert.equal((await history(record)).length, 1);
  });

  test('dryRun judges, and writes nothing', async () => {
    const record = await create();
    const answer = await patch(record, { title: 'Other', titel: 'x' }, { query: '?dryRun=true' });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json.valid, true);
    assert.equal(answer.json.record.title, 'Other');
    assert.match(answer.json.warnings[0].detail, /did you mean title/);
    assert.deepEqual(await read(record), record);
    assert.deepEqual(await faults(record, { title: null }, { query: '?dryRun=true' }), ['/title required']);
  });

  test('application/json too, and nothing else; an unknown parameter is refused', async () => {
    const record = await create();
    assert.equal((await patch(record, { title: 'x' }, { headers: { 'content-type': 'application/json' } })).status,
      200);
    assert.equal((await patch(record, {}, { headers: { 'content-type': 'text/plain' } })).status, 415);
    assert.equal((await patch(record, {}, { query: '?form=default' })).status, 400);
    assert.equal((await patch(record, [], { match: '*' })).status, 400);
  });

  test('the todoType can change; what the other type needs must be there', async () => {
    await server.send(MANAGER, 'PUT', `${API}/workspaces/EXA-CON-BUS-TWO/forms/typed`, {
      fields: [{ name: 'result', required: true }], otherType: 'refuse' });
    const { json } = await server.addTask(small({ domainWorkSpace: 'EXA-CON-BUS-TWO', financialImpact: '1' }),
      { query: '?form=typed' });
    const record = (await server.get(`${API}/tasks/${json.taskLink.split('/').pop()}`)).json;
    assert.deepEqual(await faults(record, { todoType: 'TASK' }), ['/result required', '/financialImpact not_for_task']);
    const now = await patched(record, { todoType: 'TASK', result: 'done', financialImpact: null });
    assert.equal(now.todoType, 'TASK');
  });

  test('a form that has changed makes no fault of values that nobody touches', async () => {
    const forms = `${API}/workspaces/EXA-CON-BUS-TWO/forms/changing`;
    const made = await server.send(MANAGER, 'PUT', forms, { fields: [{ name: 'carrier', type: 'text' }] });
    assert.equal(made.status, 201, made.text);
    const { json } = await server.addTask(small({ domainWorkSpace: 'EXA-CON-BUS-TWO', carrier: 'Old', category: 'X' }),
      { query: '?form=changing' });
    const record = (await server.get(`${API}/tasks/${json.taskLink.split('/').pop()}`)).json;
    const changed = await server.send(MANAGER, 'PUT', forms, {
      fields: [{ name: 'carrier', type: 'choice', options: ['New'], required: true },
        { name: 'category', options: ['Y'], required: true }, { name: 'priority', required: true }],
    }, { headers: { 'if-match': '*' } });
    assert.ok(changed.status < 300, changed.text);
    const now = await patched(record, { title: 'Still changes' });
    assertOnly(record, now, ['title']);
    assert.deepEqual(await faults(now, { carrier: 'Old', category: null, priority: null }),
      ['/priority required', '/category required', '/carrier not_an_option']);
    assert.equal((await patched(now, { carrier: 'new' })).extra.carrier, 'New');
  });

  test('Bzctrl-Origin is kept in the history', async () => {
    const record = await create();
    await patched(record, { title: 'x' }, { headers: { 'bzctrl-origin': 'erp 7' } });
    assert.deepEqual((await history(record))[0].changes.origin, [null, 'erp 7']);
    assert.equal((await patch(record, {}, { match: '*', headers: { 'bzctrl-origin': 'x'.repeat(129) } })).status, 400);
  });

  test('Bzctrl-Origin is kept of every call that writes into a history', async () => {
    const record = await create();
    const url = urlOf(record);
    const by = (name) => ({ headers: { 'bzctrl-origin': name, 'if-match': '*' } });
    const newest = async (at = record) => (await history(at))[0];
    const sent = async (method, target, body, name) => {
      const answer = await server.send(MEMBER, method, target, body, by(name));
      assert.ok(answer.status < 300, `${method} ${target}: ${answer.text}`);
      return answer.status === 204 ? null : answer.json;
    };
    const comment = await sent('POST', `${url}/comments`, { text: 'a' }, 'comment "1"');
    assert.equal((await newest()).origin, 'comment "1"');
    assert.deepEqual((await newest()).changes.origin, [null, 'comment "1"']);
    await sent('PATCH', `${url}/comments/${comment.id}`, { text: 'b' }, 'comment 2');
    assert.equal((await newest()).origin, 'comment 2');
    await sent('DELETE', `${url}/comments/${comment.id}`, undefined, 'comment 3');
    assert.equal((await newest()).origin, 'comment 3');
    const file = await server.requestAs(MEMBER, 'POST', `${url}/attachments?name=a.txt`,
      { body: 'a', headers: { 'bzctrl-origin': 'file 1' } });
    assert.equal((await newest()).origin, 'file 1');
    await sent('DELETE', `${url}/attachments/${file.json.id}`, undefined, 'file 2');
    assert.equal((await newest()).origin, 'file 2');
    await sent('PUT', `${url}/followers/me`, undefined, 'follower');
    assert.equal((await newest()).origin, 'follower');
    const made = [];
    for (const [target, body] of [['add-task', small()], ['add-tasks', [{ task: small() }]]]) {
      await sent('POST', `${API}/task/${target}`, body, target);
      const [{ key }] = (await server.get(`${API}/tasks?limit=1`)).json.items;
      assert.equal((await newest({ key })).origin, target);
      made.push(key);
    }
    const refused = await server.send(MEMBER, 'POST', `${API}/task/add-task`, small(), by('x'.repeat(129)));
    assert.deepEqual([refused.status, /1 to 128 printable/.test(refused.json.detail)], [400, true]);
    const { json: { items } } = await server.get(`${API}/changes?limit=200`);
    assert.ok(items.some((event) => event.key === made[0] && event.origin === 'add-task'));
  });

  test('a call that takes no body takes an empty object', async () => {
    const record = await create();
    const follow = (body, headers = { 'content-type': 'application/json' }) =>
      server.requestAs(MEMBER, 'PUT', `${urlOf(record)}/followers/me`, { body, headers });
    for (const body of ['', '{}', ' { \n} \n']) assert.equal((await follow(body)).status, 204, JSON.stringify(body));
    for (const body of ['{"a":1}', '[]', 'null', '{', '{{}}', '{}{}']) {
      const answer = await follow(body);
      assert.deepEqual([answer.status, answer.json.detail], [400, 'This call takes no body: send none, or {}.'], body);
    }
    assert.equal((await follow(`{${' '.repeat(2000)}}`)).status, 413);
    /* Node.js says nothing of the length of this one by itself. */
    const left = await server.requestAs(MEMBER, 'DELETE', `${urlOf(record)}/followers/me`,
      { body: '{}', headers: { 'content-length': '2' } });
    assert.equal(left.status, 204);
  });

  test('cause, parent and followers', async () => {
    const parent = await create();
    const record = await create();
    const now = await patched(record,
      { cause: 'Rush', parent: parent.key.toLowerCase(), followers: [VIEWER, MEMBER, VIEWER.toUpperCase()] });
    assert.equal(now.cause, 'Rush');
    assert.equal(now.parent, parent.key);
    assert.deepEqual([...now.followers].sort(), [MEMBER, VIEWER].sort());
    assertOnly(record, now, ['cause', 'parent', 'followers']);
    assert.deepEqual(await faults(parent, { parent: record.key }), ['/parent mismatch'], 'no circle');
    assert.deepEqual(await faults(parent, { parent: parent.key }), ['/parent mismatch']);
    assert.deepEqual(await faults(parent, { parent: 'EXA-CON-BUS-WOR-9999', followers: ['alien@example.com'] }),
      ['/followers/0 unknown_person', '/parent unknown_record']);
    const [event] = await history(record);
    assert.deepEqual(event.changes.parent, [null, parent.key]);
    assert.deepEqual(event.changes.followers, [[], now.followers]);
    const last = await patched(now, { parent: null, cause: null, followers: [] });
    assert.deepEqual([last.parent, last.cause, last.followers], [null, null, []]);
  });
});

describe('versions', () => {
  test('If-Match is needed, and a stale one is answered with what is needed to go on', async () => {
    const record = await create();
    assert.equal((await patch(record, { title: 'x' }, { match: null })).status, 428);
    await patched(record, { title: 'x', dueDate: '2031-01-01' });
    const latest = await patched(await read(record), { assignee: OTHER }, { as: MANAGER });
    const answer = await patch(record, { priority: 'Low' });
    assert.equal(answer.status, 412);
    assert.deepEqual(answer.json.current, latest);
    assert.deepEqual(answer.json.changed.sort(), ['assignee', 'dueDate', 'title']);
    assert.equal(answer.json.by, MANAGER);
    assert.equal(answer.json.at, latest.updatedAt);
    assert.equal(answer.headers.etag, '"3"');
    assert.deepEqual((await patch(record, {}, { match: '"2"' })).json.changed, ['assignee']);
    assert.equal((await patched(record, { priority: 'Low' }, { match: answer.headers.etag })).priority, 'Low');
    assert.equal((await patched(record, { priority: 'High' }, { match: '*' })).priority, 'High');
    assert.equal((await patched(record, { priority: 'Medium' }, { match: 'W/"5"' })).priority, 'Medium');
  });

  test('100 clients at one record: each change once, the history whole', async () => {
    const record = await create({ counter: 0 });
    const members = 100;
    await Promise.all(Array.from({ length: members }, async (_, i) => {
      for (;;) {
        const now = await read(record);
        const answer = await patch(now, { counter: now.extra.counter + 1, extra: { [`by${i}`]: true } });
        if (answer.status === 200) return;
        assert.equal(answer.status, 412, answer.text);
      }
    }));
    const now = await read(record);
    assert.equal(now.extra.counter, members);
    assert.equal(now.version, members + 1);
    assert.equal(Object.keys(now.extra).length, members + 1);
    const events = await server.get(`${urlOf(record)}/events?limit=200`);
    const counts = events.json.items.map((event) => (event.changes.extra[1] ?? event.changes.extra[0]).counter);
    assert.deepEqual(counts, Array.from({ length: members + 1 }, (_, i) => members - i));
    await server.command(['verify']);
  });
});

describe('rights', () => {
  test('members and above change, viewers do not, others do not see it', async () => {
    const record = await create();
    assert.equal((await patch(record, {}, { as: VIEWER })).status, 403);
    assert.equal((await patch(record, {}, { as: 'alien@example.com' })).status, 404);
    assert.equal((await patch(record, {}, { as: OTHER })).status, 200);
    assert.equal((await patch({ ...record, key: 'EXA-CON-BUS-WOR-9999' }, {})).status, 404);
  });

  test('a client changes what it has reported itself', async () => {
    const client = await server.addClient(MANAGER, { scopes: ['task:create', 'task:write'] });
    const token = await server.clientToken(client);
    const { json } = await server.addTask(small(), { token });
    const own = { key: json.taskLink.split('/').pop() };
    const send = (record) => server.request('PATCH', urlOf(record), {
      token, headers: { 'content-type': 'application/json', 'if-match': '*' }, body: '{"title":"x"}' });
    assert.equal((await send(own)).status, 200);
    assert.equal((await send(await create())).status, 404);
  });
});

describe('closing and opening again', () => {
  test('Done sets who, when, and a due date if there is none, in the zone of the workspace', async () => {
    for (const [domainWorkSpace, zone] of [['EXA-CON-BUS-WOR', 'UTC'], [FAR, 'Pacific/Kiritimati']]) {
      const record = await create({ domainWorkSpace });
      const days = [day(0, zone)];
      const now = await patched(record, { status: 'DONE' }, { as: OTHER });
      days.push(day(0, zone));
      assert.ok(days.includes(now.dueDate), now.dueDate);
      assert.equal(now.closedBy, OTHER);
      assert.equal(now.closedAt, now.updatedAt);
      assert.equal(now.open, false);
      assert.equal(now.dueMoves, 0);
      const [event] = await history(record);
      assert.equal(event.action, 'task.closed');
      assert.deepEqual(event.changes, { status: ['In Progress', 'Done'], dueDate: [null, now.dueDate] });
    }
    const kept = await create({ dueDate: '2031-01-01' });
    assert.equal((await patched(kept, { status: 'Done' })).dueDate, '2031-01-01');
  });

  test('by managers, or by those who closed it within a day', async () => {
    const closed = await patched(await create(), { status: 'Done' });
    assert.equal((await patch(closed, { status: 'To do' }, { as: OTHER })).status, 403);
    const open = await patched(closed, { status: 'To do' });
    assert.deepEqual([open.open, open.closedAt, open.closedBy], [true, null, null]);
    assert.equal(open.dueDate, closed.dueDate, 'opening again changes no date');
    assert.equal((await history(open))[0].action, 'task.reopened');
    const again = await patched(await patched(open, { status: 'Done' }), { status: 'In Progress' }, { as: MANAGER });
    assert.equal(again.open, true);
    const reported = await create({ status: 'Done' });
    assert.equal((await patch(reported, { status: 'To do' }, { as: OTHER })).status, 403);
    assert.equal((await patched(reported, { status: 'To do' })).closedAt, null);
  });

  test('the most telling action', async () => {
    let record = await create();
    record = await patched(record, { assignee: OTHER, title: 'x' });
    record = await patched(record, { status: 'Expired' });
    record = await patched(record, { status: 'To do', priority: 'Low' });
    record = await patched(record, { status: 'Done', assignee: MEMBER });
    assert.deepEqual((await history(record)).map((event) => event.action),
      ['task.closed', 'task.updated', 'task.expired', 'task.assigned', 'task.created']);
  });
});

describe('due dates', () => {
  test('moves are counted, and the first date is kept', async () => {
    let record = await create();
    record = await patched(record, { dueDate: '2031-01-01' });
    assert.deepEqual([record.dueMoves, record.firstDueDate], [0, '2031-01-01']);
    record = await patched(record, { dueDate: '2031-02-01' });
    record = await patched(record, { dueDate: '2031-03-01' });
    record = await patched(record, { dueDate: null });
    assert.deepEqual([record.dueMoves, record.firstDueDate, record.dueDate], [3, '2031-01-01', null]);
    record = await patched(record, { dueDate: '2031-04-01' });
    assert.deepEqual([record.dueMoves, record.firstDueDate], [3, '2031-01-01']);
  });

  test('one that is overdue is moved only with a reason, which the history keeps', async () => {
    const record = await create({ dueDate: day(-3) });
    assert.equal(record.overdue, true);
    for (const body of [{ dueDate: '2031-01-01' }, { dueDate: null }, { dueDate: '2031-01-01', dueReason: ' ' }])
      assert.deepEqual(await faults(record, body), ['/dueReason required']);
    assert.deepEqual(await faults(record, { dueDate: '2031-01-01', dueReason: 'x'.repeat(1001) }),
      ['/dueReason too_long']);
    const now = await patched(record, { dueDate: '2031-01-01', dueReason: 'The carrier is late' });
    assert.equal(now.overdue, false);
    assert.deepEqual((await history(record))[0].changes,
      { dueDate: [record.dueDate, '2031-01-01'], dueReason: [null, 'The carrier is late'] });
    assert.equal((await patched(await create({ dueDate: day(-3) }), { title: 'x', status: 'Done' })).status, 'Done',
      'other changes need none');
  });
});

/* A form of its own, and a record by it. */
let forms = 0;
async function byForm(document, changes = {}, options = {}) {
  const name = `form-${++forms}`;
  const put = await server.send(MANAGER, 'PUT', `${API}/workspaces/EXA-CON-BUS-TWO/forms/${name}`, document);
  assert.equal(put.status, 201, put.text);
  const answer = await server.addTask(small({ domainWorkSpace: 'EXA-CON-BUS-TWO', todoType: 'TASK', ...changes }),
    { query: `?form=${name}`, ...options });
  assert.equal(answer.status, 201, answer.text);
  return (await server.get(`${API}/tasks/${answer.json.taskLink.split('/').pop()}`)).json;
}
const closing = (record, step, body, as, headers) =>
  server.send(as, 'POST', `${urlOf(record)}/closing${step}`, body, { headers });

describe('what a form asks for closing', () => {
  test('needToClose: members and fields, of the type of the record', async () => {
    const document =
      { needToClose: ['RESULT', 'Cause', 'carrier', 'financialImpact'], fields: [{ name: 'carrier', type: 'text' }] };
    const record = await byForm(document);
    assert.deepEqual(await faults(record, { status: 'Done' }),
      ['/result required', '/cause required', '/carrier required']);
    const now = await patched(record, { status: 'Done', result: 'r', cause: 'c', carrier: 'x' });
    assert.equal(now.status, 'Done');
    const exported = await server.get(`${API}/workspaces/EXA-CON-BUS-TWO/forms/form-${forms}`, { as: MANAGER });
    assert.deepEqual(exported.json.form.needToClose, document.needToClose);
  });

  test('a form that asks for what is not there, or is not well-formed, is refused', async () => {
    const refused = async (document) =>
      (await server.send(MANAGER, 'PUT', `${API}/workspaces/EXA-CON-BUS-TWO/forms/wrong`, document)).json.errors.map(
        ({ pointer, code }) => `${pointer} ${code}`);
    assert.deepEqual(await refused({ needToClose: ['result', 'nothing'] }), ['/needToClose/1 unknown_member']);
    assert.deepEqual(await refused({ confirmClose: 'sometimes' }), ['/confirmClose not_an_option']);
    assert.deepEqual(await refused({ confirmClose: {} }), ['/confirmClose required']);
    assert.deepEqual(await refused({ confirmClose: { financialImpact: 'x', priority: ['Top'], more: 1 } }),
      ['/confirmClose/financialImpact not_a_number', '/confirmClose/priority/0 not_an_option',
        '/confirmClose/more unknown_member']);
  });

  test('a second person: proposed, returned, proposed again, accepted', async () => {
    const record = await byForm({ confirmClose: 'always', needToClose: ['result'] }, { assignee: OTHER });
    const refused = await patch(record, { status: 'Done', result: 'r' });
    assert.equal(refused.status, 409);
    assert.equal(refused.json.code, 'needs_second_person');
    assert.equal((await closing(record, '', {}, MEMBER)).json.errors[0].pointer, '/result');
    assert.equal((await closing(record, '/accept', {}, MANAGER)).status, 409, 'nothing is proposed');

    const proposed =
      await closing(record, '', { result: 'Paid', note: 'See the receipt' }, MEMBER, { 'bzctrl-origin': 'erp' });
    assert.equal(proposed.status, 200, proposed.text);
    assert.deepEqual(proposed.json.awaits, { by: MEMBER, at: proposed.json.updatedAt });
    assert.deepEqual([proposed.json.result, proposed.json.open], ['Paid', true]);
    assert.deepEqual((await history(record))[0].changes,
      { result: [null, 'Paid'], awaits: [null, { by: MEMBER }], note: [null, 'See the receipt'],
        origin: [null, 'erp'] });
    assert.equal((await closing(record, '', {}, MANAGER)).status, 409, 'it is proposed already');
    for (const step of ['/accept', '/return'])
      for (const as of [MEMBER, OTHER])
        assert.equal((await closing(record, step, {}, as)).status, 403, `${as} ${step}`);
    assert.equal((await closing(record, '/accept', {}, MANAGER, { 'if-match': '"1"' })).status, 412);

    const returned = await closing(record, '/return', { note: 'Of another order' }, MANAGER);
    assert.deepEqual([returned.json.awaits, returned.json.open], [null, true]);
    await closing(record, '', {}, MEMBER);
    const accepted = await closing(record, '/accept', { note: 'Checked' }, MANAGER);
    assert.equal(accepted.status, 200, accepted.text);
    assert.deepEqual([accepted.json.status, accepted.json.closedBy, accepted.json.awaits], ['Done', MANAGER, null]);
    assert.equal((await closing(record, '', {}, MEMBER)).status, 409, 'it is closed');
    assert.deepEqual((await history(record)).map((event) => event.action),
      ['task.closed', 'task.updated', 'task.updated', 'task.updated', 'task.created']);
  });

  test('who proposed it withdraws that, also as the assignee', async () => {
    for (const assignee of [OTHER, MEMBER]) {
      const record = await byForm({ confirmClose: 'always' }, { assignee });
      assert.equal((await closing(record, '', {}, MEMBER)).status, 200);
      const withdraw = (as) => server.send(as, 'DELETE', `${urlOf(record)}/closing`);
      assert.equal((await withdraw(MANAGER)).status, 403);
      const withdrawn = await withdraw(MEMBER);
      assert.equal(withdrawn.status, 200, withdrawn.text);
      assert.deepEqual([withdrawn.json.awaits, withdrawn.json.open], [null, true]);
      assert.deepEqual((await history(record))[0].changes,
        { awaits: [{ by: MEMBER }, null] });
      assert.equal((await withdraw(MEMBER)).status, 409, 'nothing is proposed');
    }
  });

  test('from an amount or a priority on; a change in the same call does not get around it', async () => {
    const document = { confirmClose: { financialImpact: '1000', priority: ['High'] } };
    const small_ = await byForm(document, { todoType: 'INCIDENT', financialImpact: '999.99', priority: 'Low' });
    assert.equal((await patch(small_, { status: 'Done' })).status, 200);
    const large = await byForm(document, { todoType: 'INCIDENT', financialImpact: '1000' });
    assert.equal((await patch(large, { status: 'Done', financialImpact: '1' })).status, 409);
    assert.equal((await patch(large, { status: 'Done', financialImpact: null })).status, 409);
    const high = await byForm(document, { priority: 'High' });
    assert.equal((await patch(high, { status: 'Done' })).status, 409);
  });

  test('a client proposes, and does not decide', async () => {
    const client = await server.addClient(MANAGER, { scopes: ['task:create', 'task:read', 'task:write'] });
    const token = await server.clientToken(client);
    const record = await byForm({ confirmClose: 'always' }, {}, { token });
    const send = (step) => server.request('POST', `${urlOf(record)}/closing${step}`,
      { token, headers: { 'content-type': 'application/json' }, body: '{}' });
    const proposed = await send('');
    assert.equal(proposed.status, 200, proposed.text);
    assert.equal(proposed.json.awaits.by, client.clientId);
    assert.equal((await send('/accept')).status, 403);
    assert.equal((await closing(record, '/accept', {}, OTHER)).status, 200);
  });
});

describe('the dedup rule', () => {
  test('lets go of a closed record, and takes it again when it is opened, unless another has its place', async () => {
    const record = await byForm({ dedup: { by: ['orderID'], then: 'answer' } }, { orderID: 'D-1' });
    const again = async () =>
      (await server.addTask(small({ domainWorkSpace: 'EXA-CON-BUS-TWO', todoType: 'TASK', orderID: 'D-1' }),
        { query: `?form=form-${forms}` }));
    assert.equal((await again()).status, 200);
    const open = await patched(await patched(record, { status: 'Done' }), { status: 'To do' });
    assert.equal((await again()).json.taskLink, record.taskLink, 'it is there again');
    const closed = await patched(open, { status: 'Done' });
    const second = await again();
    assert.equal(second.status, 201);
    await patched(closed, { status: 'To do' });
    assert.equal((await again()).json.taskLink, second.json.taskLink, 'the first one in place stays');
    const key = second.json.taskLink.split('/').pop();
    await patched((await server.get(`${API}/tasks/${key}`)).json, { orderID: 'D-2' });
    assert.equal((await again()).status, 201, 'it is compared by what it has now');
  });
});

describe('moving to another workspace', () => {
  test('a new number there; the old key leads to the record for ever', async () => {
    const record = await create({ dueDate: '2031-01-01' });
    const child = await patched(await create(), { parent: record.key });
    const dry = await patch(record, { workspace: FAR }, { query: '?dryRun=true' });
    assert.deepEqual([dry.json.record.key, dry.json.record.workspace], [null, FAR]);
    const answer = await patch(record, { workspace: FAR.toLowerCase(), title: 'Moved' });
    assert.equal(answer.status, 200, answer.text);
    const now = answer.json;
    assert.match(now.key, /^EXA-CON-BUS-FAR-\d+$/);
    assert.equal(now.workspace, FAR);
    assertOnly(record, now, ['key', 'workspace', 'title', 'taskLink']);
    assert.deepEqual((await history(now))[0].changes.key, [record.key, now.key]);
    assert.equal((await read(child)).parent, now.key);

    const redirected = await server.get(urlOf(record));
    assert.equal(redirected.status, 308);
    assert.equal(redirected.headers.location, `${server.url}${urlOf(now)}`);
    const events = await server.get(`${urlOf(record)}/events?limit=1`);
    assert.equal(events.headers.location, `${server.url}${urlOf(now)}/events?limit=1`);
    assert.equal((await patch(record, {}, { match: '*' })).headers.location, `${server.url}${urlOf(now)}`);
    assert.equal((await server.get(urlOf(record), { as: 'alien@example.com' })).status, 404,
      'others learn nothing');
    assert.equal((await patch(record, {}, { as: VIEWER })).status, 403);

    const back = await patched(now, { workspace: 'EXA-CON-BUS-WOR' });
    assert.notEqual(back.key, record.key, 'a number is used once');
    for (const old of [record, now])
      assert.equal((await server.get(urlOf(old))).headers.location, `${server.url}${urlOf(back)}`);
    const next = await create();
    const numberOf = (of) => Number(/\d+$/.exec(of.key)[0]);
    assert.equal(numberOf(next), numberOf(back) + 1);
    assert.equal((await history(back)).length, 3);
  });

  test('by the last part of the key or as a report spells it; only within the domain', async () => {
    const record = await create();
    const to = await patched(record, { workspace: 'FAR' });
    assert.equal(to.workspace, FAR);
    assert.equal((await patched(to, { domainWorkSpace: 'EXA-CON-BUS-WOR' })).workspace, 'EXA-CON-BUS-WOR');
    const other = await create();
    assert.deepEqual(await faults(other, { workspace: 'ELSE-WHERE' }), ['/workspace unknown_workspace']);
    assert.deepEqual(await faults(other, { workspace: 'NOWHERE' }), ['/workspace unknown_workspace']);
    await server.send('alien@example.com', 'POST', `${API}/workspaces`, { key: 'ELSE-MORE' });
    assert.equal((await patched(other, { workspace: 'EXA-CON-BUS-WOR' })).key, other.key, 'where it is already');
  });

  test('lists show each record once, in the order of its creation, wherever it was moved', async () => {
    const made = [];
    for (let i = 0; i < 6; i++)
      made.push(await create({ title: `m${i}`, tags: 'moving', domainWorkSpace: i % 2 ? FAR : 'EXA-CON-BUS-WOR' }));
    await patched(made[0], { workspace: FAR });
    await patched(made[3], { workspace: 'EXA-CON-BUS-WOR' });
    const titles = [];
    for (let cursor = ''; cursor !== undefined;) {
      const { json } = await server.get(`${API}/tasks?tag=moving&limit=2${cursor && `&cursor=${cursor}`}`);
      titles.push(...json.items.map((item) => item.title));
      cursor = json.next;
    }
    assert.deepEqual(titles, ['m5', 'm4', 'm3', 'm2', 'm1', 'm0']);
    const far = (await server.listAll({ workspace: FAR, tag: 'moving' })).map((item) => item.title);
    assert.deepEqual(far, ['m5', 'm1', 'm0']);
  });

  test('the history verifies, also in a backup and by a second verifier', async () => {
    const file = path.join(makeFolder(), 'backup.db');
    const heads = await server.command(['verify']);
    assert.equal(await server.command(['backup', file]), heads);
    assert.equal(`${verifyHistory(file).join('\n')}\n`, heads);
  });
});

describe('following', () => {
  test('everybody may follow what they may read, and no longer', async () => {
    const record = await create();
    const me = (method, as) => server.send(as, method, `${urlOf(record)}/followers/me`);
    for (const as of [VIEWER, MEMBER, VIEWER]) assert.equal((await me('PUT', as)).status, 204);
    assert.equal((await me('PUT', 'alien@example.com')).status, 404);
    assert.deepEqual([...(await read(record)).followers].sort(), [MEMBER, VIEWER].sort());
    assert.equal((await read(record)).version, 3, 'what changes nothing makes no event');
    for (let i = 0; i < 2; i++) assert.equal((await me('DELETE', VIEWER)).status, 204);
    assert.deepEqual((await read(record)).followers, [MEMBER]);
    assert.deepEqual((await history(record))[0].changes.followers.map((list) => list.length), [2, 1]);
  });
});

/* A small generator with a seed, so that a failure can be repeated. */
function random(seed) {
  let state = seed;
  return (n) => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return state % n;
  };
}

test('changing one member leaves all others byte for byte, in random records', async () => {
  const pick = random(20_261_128);
  const texts = ['x', 'Ω "quoted" \\ \n line', '€ '.repeat(20).trim(), 'a'.repeat(200), '\u{1F600}\t|'];
  const text = () => texts[pick(texts.length)];
  const values = {
    title: () => text(), description: text, result: text, cause: text, LRN: text,
    category: () => [text(), `c${pick(9)}`],
    subCategory: () => [`s${pick(9)}`], priority: () => ['High', 'Low', 'Medium'][pick(3)],
    impact: () => ['High', 'Low'][pick(2)],
    financialImpact: () => `${pick(1e6)}.${10 + pick(90)}`, reminderDate: () => day(pick(99)),
    dueDate: () => day(1 + pick(99)),
    orderID: () => [`O${pick(99)}`, `P${pick(99)}`], tags: () => [`t${pick(99)}`],
    vessel: () => ({ name: text(), n: pick(99) / 8 }), free: () => [text(), pick(9), null],
    assignee: () => [MEMBER, OTHER, MANAGER][pick(3)], status: () => ['To do', 'In Progress', 'Expired'][pick(3)],
  };
  const names = Object.keys(values);
  const follows = { orderID: ['tags'], LRN: ['tags'], financialImpact: ['financialImpactCurrency'],
    dueDate: ['dueMoves', 'firstDueDate', 'overdue'], vessel: ['extra'], free: ['extra'] };
  for (let i = 0; i < 30; i++) {
    const sent = Object.fromEntries(names.filter((name) => name !== 'cause' && pick(2) === 0)
      .map((name) => [name, values[name]()]));
    let record = await create(sent);
    for (let k = 0; k < 5; k++) {
      const name = names[pick(names.length)];
      const now = await patched(record, { [name]: values[name]() });
      assertOnly(record, now, [name, ...(follows[name] ?? [])]);
      for (const other of Object.keys(record.extra))
        if (other !== name) assert.equal(JSON.stringify(now.extra[other]), JSON.stringify(record.extra[other]));
      record = now;
    }
  }
});

describe('a record as it was', () => {
  const at = (record, seq, as = MEMBER) => server.get(`${urlOf(record)}?at=${seq}`, { as });
  const essence = ({ overdue, commentCount, ...rest }) => rest;

  test('after each of its events, and between them', async () => {
    const other = await create();
    let record = await create({ dueDate: day(3), note: { deep: [1, 2.5] }, financialImpact: '1.50', tags: ['x'] });
    const states = [record];
    for (const body of [{ dueDate: day(5), cause: 'Late', followers: [MANAGER] }, { parent: other.key, result: 'Half' },
      { financialImpact: null, tags: [], note: null }, { dueDate: day(9), followers: [] }, { status: 'Done' },
      { workspace: 'EXA-CON-BUS-TWO' }])
      states.push(record = await patched(record, body));
    const reopened =
      await server.send(MANAGER, 'PATCH', urlOf(record), { status: 'In Progress' }, { headers: { 'if-match': '*' } });
    assert.equal(reopened.status, 200, reopened.text);
    states.push(record = reopened.json);
    await create(); /* an event of another record */
    const events = (await history(record)).reverse();
    assert.equal(events.length, states.length);
    for (const [i, { seq }] of events.entries()) {
      const answer = await at(record, seq);
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.headers.etag, `"${states[i].version}"`);
      assert.deepEqual(essence(answer.json), essence(states[i]), `event ${seq}`);
    }
    assert.deepEqual(essence((await at(record, events.at(-1).seq + 1)).json), essence(record), 'an event of another');
    const before = await at(record, events[0].seq - 1);
    assert.equal(before.status, 404);
    assert.match(before.json.detail, /had not been created at event \d+ of EXA-CON-BUS/);
    assert.equal((await at(record, 999999)).status, 404);
  });

  test('for those who may see it, and with a number', async () => {
    const record = await create();
    const [{ seq }] = await history(record);
    for (const wrong of ['x', '', '0', '-1', '1.5', '99999999999999999999'])
      assert.equal((await at(record, wrong)).status, 400, wrong);
    assert.equal((await at(record, seq, VIEWER)).status, 200);
    assert.equal((await at(record, seq, 'alien@example.com')).status, 404);
  });
});
