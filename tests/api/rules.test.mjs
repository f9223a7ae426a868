/*
 * Rules of a workspace, reminders and records that recur, with a clock that the test moves while the server runs.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { readAll } from '../lib/changes.mjs';
import { makeClock } from '../lib/clock.mjs';
import { changeStored, numberStored } from '../lib/database.mjs';
import { makeFolder, until } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';
import { verifyHistory } from '../lib/verify_history.mjs';

const ADMIN = { email: 'admin@example.com', admin: true };
const MANAGER = { email: 'manager@example.com', role: 'manager', domain: EXAMPLE.domain };
const SECOND = { email: 'second@example.com', role: 'member', domain: EXAMPLE.domain };
const RULES = `${API}/workspaces/${WORKSPACE}/rules`;
const WORKDAYS = `${API}/workspaces/${WORKSPACE}/workdays`;
const DAY = 86_400;

/* The clock of the server: this machine's, and so many seconds. */
const clock = makeClock();
let shifted = 0;
function setClock(seconds) {
  clock.set(seconds);
  shifted = seconds;
}
const now = () => new Date(Date.now() + shifted * 1000);
/** So many days from the server's today, UTC. */
const day = (days) => new Date(now().getTime() + days * DAY * 1000).toISOString().slice(0, 10);

let server;
before(async () => {
  setClock(0);
  server = await startServer({ users: [EXAMPLE, ADMIN, MANAGER, SECOND], env: clock.env });
  /* Every day counts, so that no test depends on the day on which it runs. */
  const answer = await send('PATCH', WORKDAYS, {
    weekdays: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'], remindAt: '08:00',
  }, { 'if-match': '"0"' });
  assert.equal(answer.status, 200, answer.text);
});
after(() => server.stop());

const send = (method, target, body, headers = {}, as = MANAGER) =>
  server.send(as.email, method, target, body, { headers });
/** Days later; tokens end within the hour. */
function pass(days) {
  setClock(shifted + days * DAY);
  server.tokens.clear();
}
const record = (more) => server.createAndRead(small(more));
const read = async (key) => (await server.get(`${API}/tasks/${key}`)).json;
const events = async (key, action) => {
  const { json } = await server.get(`${API}/tasks/${key}/events`);
  return json.items.filter((event) => action === undefined || event.action === action);
};
const faults = (answer) => answer.json.errors.map(({ pointer, code }) => `${pointer} ${code}`).sort();
async function rule(body) {
  const answer = await send('POST', RULES, { name: 'A rule', active: true, ...body });
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
}
const drop = async ({ id }) => assert.equal((await send('DELETE', `${RULES}/${id}`)).status, 204);
/** What a person was notified of about a record by rules, once that has come. */
async function notified(as, key) {
  const of = async () => (await server.get(`${API}/me/notifications?limit=200`, { as: as.email })).json.items
    .filter((item) => item.key === key && ['due', 'overdue', 'escalated'].includes(item.reason))
    .map(({ reason, dueDate }) => `${reason} ${dueDate}`).sort();
  await until(async () => (await of()).length > 0, 'the notification');
  return of();
}
/** Until the server has done what was due, which it says of a record that was made last. */
async function settled() {
  const due = () => numberStored(server.dir,
    `SELECT (SELECT COUNT(*) FROM record_timer WHERE due_at <= ${now().getTime()})
      + (SELECT COUNT(*) FROM rule_sweep) + (SELECT COUNT(*) FROM rule_next WHERE due_at <= ${now().getTime()})`);
  await until(() => due() === 0, 'the rules');
}

test('a rule is made, read, changed by its version and deleted, and each change is an event', async () => {
  const made = await send('POST', RULES,
    { kind: 'remind', name: ' Before ', steps: [1, -5, -5], filter: 'priority=High' });
  assert.equal(made.status, 201, made.text);
  const at = `${RULES}/${made.json.id}`;
  assert.equal(new URL(made.headers.location, server.url).pathname, at);
  const { name, steps, notify, active, activeSince, filter, problem, changedBy, version } = made.json;
  assert.deepEqual({ name, steps, notify, active, activeSince, filter, problem, changedBy, version },
    { name: 'Before', steps: [-5, 1], notify: ['assignee'], active: false, activeSince: null, filter: 'priority=High',
      problem: null, changedBy: MANAGER.email, version: 1 });
  assert.deepEqual((await server.get(at)).json, made.json);
  assert.deepEqual((await server.get(RULES)).json.items, [made.json]);
  assert.equal((await send('PATCH', at, { active: true })).status, 428);
  const changed = await send('PATCH', at, { active: true, steps: [0] }, { 'if-match': '"1"' });
  assert.equal(changed.status, 200, changed.text);
  assert.deepEqual([changed.json.active, changed.json.steps, changed.json.version], [true, [0], 2]);
  assert.equal((await send('PATCH', at, { active: false }, { 'if-match': '"1"' })).status, 412);
  assert.equal((await send('DELETE', at, undefined, { 'if-match': '"1"' })).status, 412);
  assert.equal((await send('DELETE', at)).status, 204);
  assert.equal((await server.get(at)).status, 404);
  const { items } = await readAll(server, { as: ADMIN.email, query: { action: 'admin.rule.*' } });
  assert.deepEqual(items.map(({ action, key }) => [action, key]),
    ['created', 'changed', 'deleted'].map((what) => [`admin.rule.${what}`, WORKSPACE]));
  assert.deepEqual(items[1].changes.active, [false, true]);
});

test('what is wrong with a rule is said all at once', async () => {
  const refused = async (body, ...wanted) => {
    const answer = await send('POST', RULES, body);
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual(faults(answer), wanted.sort(), answer.text);
    return answer;
  };
  await refused({}, '/kind required', '/name required');
  await refused({ kind: 'nag', name: 'x', colour: 1 }, '/kind not_an_option', '/colour unknown_member');
  await refused({ kind: 'remind', name: 'x' }, '/steps required');
  await refused({ kind: 'remind', name: 'x', steps: [0, 1.5, '2', 400], notify: ['nobody@example.com'] },
    '/steps/1 not_a_number', '/steps/2 not_a_number', '/steps/3 not_a_number', '/notify/0 unknown_person');
  await refused({ kind: 'remind', name: 'x', steps: [1], people: [], days: 1 },
    '/people unknown_member', '/days unknown_member');
  await refused({ kind: 'assign', name: 'x', people: ['nobody@example.com', EXAMPLE.email] },
    '/people/0 unknown_person');
  await refused({ kind: 'expire', name: 'x', days: -1 }, '/days negative');
  await refused({ kind: 'escalate', name: 'x' }, '/days required');
  for (const filter of ['q=customs', 'assignee=me', `workspace=${WORKSPACE}`, 'sort=created', 'limit=3', 'prority=High',
    'parent=A-1', 'q=due:<today', 'q=created:>-7d', 'q=due:31/12'])
    await refused({ kind: 'expire', name: 'x', filter }, '/filter not_a_query');
  await refused({ kind: 'recur', name: 'x' }, '/schedule required', '/template required');
  await refused({ kind: 'recur', name: 'x', template: {}, schedule: { every: 'hour', time: '25:00', hm: 1 } },
    '/schedule not_an_option', '/schedule not_a_time', '/schedule unknown_member', '/template/todoType required',
    '/template/title required', '/template/description required', '/template/orderID required');
  await refused({ kind: 'recur', name: 'x', schedule: { every: 'day' }, template: { todoType: 'TASK', title: 'x' } },
    '/template/description required', '/template/orderID required');
  await refused({ kind: 'remind', steps: [0, 400], days: 1 }, '/name required', '/steps/1 not_a_number',
    '/days unknown_member');
  await refused({ kind: 'assign', steps: [1], filter: 'prority=High' }, '/name required', '/people required',
    '/steps unknown_member', '/filter not_a_query');
  await refused({ kind: 'recur', missed: 'some', template: { todoType: 'TASK', title: 'x' } }, '/name required',
    '/schedule required', '/missed not_an_option', '/template/description required', '/template/orderID required');
  const nobody = await send('PATCH', WORKDAYS, { weekdays: [], holidays: ['2026-02-30'], remindAt: '8' },
    { 'if-match': '*' });
  assert.deepEqual(faults(nobody), ['/holidays/0 not_a_date', '/remindAt not_a_time', '/weekdays not_an_option']);
});

test('a reminder comes once, late if the server was down, and changes nothing but the history', async () => {
  const { key, updatedAt } = await record({ reminderDate: day(2) });
  const past = await record({ reminderDate: day(-1) });
  pass(1);
  await settled();
  assert.deepEqual(await events(key, 'task.reminded'), []);
  await server.kill9();
  pass(3);
  await server.start();
  await settled();
  const [reminded, ...more] = await events(key, 'task.reminded');
  assert.deepEqual(more, []);
  const [before, notice] = reminded.changes.notice;
  assert.equal(before, null);
  assert.deepEqual({ ...notice, dueAt: notice.dueAt.slice(11) },
    { rule: null, ruleName: null, step: null, date: day(-2), dueAt: '08:00:00.000Z', for: [EXAMPLE.email] });
  assert.ok(reminded.at > notice.dueAt, 'it says when it was due');
  const after = await read(key);
  assert.deepEqual([after.updatedAt, after.version], [updatedAt, 2]);
  assert.deepEqual(await notified(EXAMPLE, key), ['due null']);
  pass(1);
  await settled();
  assert.equal((await events(key, 'task.reminded')).length, 1);
  assert.deepEqual(await events(past.key, 'task.reminded'), [], 'one that was over at creation is never sent');
});

test('a ladder, an escalation and an expiry follow the due date of each record', async () => {
  const ladder = await rule({ kind: 'remind', filter: 'priority=High', steps: [-1, 1],
    notify: ['assignee', 'reporter', SECOND.email] });
  const escalation = await rule({ kind: 'escalate', filter: 'minFinancialImpact=1000', days: 2 });
  const expiry = await rule({ kind: 'expire', name: 'Too late', days: 3 });
  const high = await record({ priority: 'High', financialImpact: '5000', dueDate: day(2) });
  const low = await record({ priority: 'Low', financialImpact: '5', dueDate: day(2) });
  /* The clock moves only when the rules have looked at both. */
  await until(() => numberStored(server.dir, `SELECT COUNT(*) FROM record_timer r JOIN task t ON t.id = r.task_id
    WHERE t.number IN (${[high, low].map(({ key }) => Number(key.split('-').at(-1)))})`) === 2, 'the timers');
  const seen = [];
  for (let i = 0; i < 7; i++) {
    await settled();
    seen.push((await events(high.key)).length);
    pass(1);
  }
  await settled();
  const steps = (await events(high.key, 'task.reminded')).map(({ changes }) => changes.notice[1].step);
  assert.deepEqual(steps, [1, -1]);
  assert.deepEqual((await events(high.key, 'task.reminded'))[0].changes.notice[1].for, [EXAMPLE.email, SECOND.email]);
  const [escalated] = await events(high.key, 'task.escalated');
  assert.deepEqual(escalated.changes.notice[1].for, [MANAGER.email]);
  assert.deepEqual(await notified(MANAGER, high.key), [`escalated ${high.dueDate}`]);
  assert.deepEqual(await notified(SECOND, high.key), [`due ${high.dueDate}`, `overdue ${high.dueDate}`]);
  assert.equal((await read(high.key)).status, 'Expired');
  const [expired] = await events(high.key, 'task.expired');
  assert.deepEqual([expired.actor, expired.changes.rule, expired.changes.ruleName],
    [null, [null, expiry.id], [null, 'Too late']]);
  assert.deepEqual((await events(low.key)).map(({ action }) => action), ['task.expired', 'task.created']);
  for (const each of [ladder, escalation, expiry]) await drop(each);
});

test('a new record that nobody was chosen for goes to the people of the first rule that matches, in turn', async () => {
  const customs = await rule({ kind: 'assign', name: 'Customs', filter: 'category=Customs',
    people: [SECOND.email, MANAGER.email] });
  const rest = await rule({ kind: 'assign', name: 'Rest', people: [ADMIN.email] });
  const reported = [];
  for (const category of ['Customs', 'Other', 'Customs', 'Customs'])
    reported.push((await record({ category })).key);
  const chosen = await record({ category: 'Customs', assignee: MANAGER.email });
  const wanted = [SECOND.email, ADMIN.email, MANAGER.email, SECOND.email];
  await until(async () => {
    const assignees = [];
    for (const key of reported) assignees.push((await read(key)).assignee);
    return assignees.join() === wanted.join();
  }, 'the assignees');
  const [assigned] = await events(reported[0], 'task.assigned');
  assert.deepEqual([assigned.actor, assigned.changes.ruleName], [null, [null, 'Customs']]);
  assert.equal((await read(chosen.key)).assignee, MANAGER.email);
  for (const each of [customs, rest]) await drop(each);
});

test('a form that judged a record outlives the rules that looked at it, however many', async () => {
  const form = await send('POST', `${API}/workspaces/${WORKSPACE}/forms`, { name: 'gate', fields: [] });
  assert.equal(form.status, 201, form.text);
  const gate = await rule({ kind: 'assign', name: 'Gate', filter: 'category=Gate', people: [SECOND.email] });
  /* Of one step: some that no rule concerns, and then some that one does. */
  for (let i = 0; i < 5; i++) {
    const reports = ['None', 'None', 'Gate', 'Gate'].map((category) => ({ task: small({ category }) }));
    const { status, json } = await server.addTasks(reports, { query: '?form=gate' });
    assert.equal(status, 200);
    const { taskLink } = json.items.at(-1).task;
    await until(async () => (await read(taskLink.split('/').at(-1))).assignee === SECOND.email, 'the rule');
    await settled();
  }
  assert.equal((await server.addTask(small(), { query: '?form=gate' })).status, 201);
  await drop(gate);
});

const template =
  { todoType: 'TASK', title: 'Check the locks', description: 'All of them', orderID: 'LOCKS', dueDate: '+3d' };

test('a record recurs on its dates, and a date that was missed is made up for as the rule says', async () => {
  const schedule = { every: 'day', time: '00:00' };
  const one = await rule({ kind: 'recur', name: 'One', schedule, template });
  const all =
    await rule({ kind: 'recur', name: 'All', schedule, template: { ...template, title: 'Each' }, missed: 'all' });
  assert.deepEqual([one.missed, one.problem], ['one', null]);
  await server.kill9();
  pass(4);
  await server.start();
  await settled();
  const made = await server.listAll({ orderID: 'LOCKS' });
  assert.equal(made.filter(({ title }) => title === 'Each').length, 4);
  const [last, ...others] = made.filter(({ title }) => title === template.title);
  assert.deepEqual(others, []);
  assert.deepEqual([last.dueDate, last.reporter, last.status], [day(3), MANAGER.email, 'In Progress']);
  const [created] = await events(last.key, 'task.created');
  assert.deepEqual(created.changes.ruleName, [null, 'One']);
  pass(1);
  await settled();
  assert.equal((await server.listAll({ orderID: 'LOCKS' })).length, 7);
  for (const each of [one, all]) await drop(each);
  pass(1);
  await settled();
  assert.equal((await server.listAll({ orderID: 'LOCKS' })).length, 7);
});

test('a dry run says what a rule would have done in the last 30 days, and stores nothing', async () => {
  const made = [];
  for (const dueDate of [day(5), day(6), day(400)]) made.push(await record({ category: 'Dry', dueDate }));
  pass(7);
  const body = { kind: 'remind', name: 'Dry', filter: 'category=Dry', steps: [-1, 0] };
  const answer = await send('POST', `${RULES}?dryRun=true`, body);
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual([answer.json.count, answer.json.records, answer.json.people, answer.json.more], [4, 2, 1, false]);
  assert.deepEqual([...new Set(answer.json.items.map(({ key }) => key))].sort(), [made[0].key, made[1].key].sort());
  assert.deepEqual(answer.json.items[0].people, [EXAMPLE.email]);
  assert.deepEqual((await server.get(RULES)).json.items, []);
  const count = async (more) => {
    const { status, json, text } =
      await send('POST', `${RULES}?dryRun=true`, { name: 'Dry', filter: 'category=Dry', ...more });
    assert.equal(status, 200, text);
    return json.count;
  };
  assert.equal(await count({ kind: 'expire', days: 0 }), 2);
  assert.equal(await count({ kind: 'escalate', days: 1 }), 2 - (now().getUTCHours() < 8 ? 1 : 0));
  assert.equal(await count({ kind: 'assign', people: [SECOND.email] }), 3);
  const recurs = { kind: 'recur', filter: undefined, template, schedule: { every: 'day', time: '00:00' } };
  assert.equal(await count(recurs), 30);
});

test('of dry runs at once all but one are refused, and then there is room again', async () => {
  const many = await server.addTasks(Array.from({ length: 500 }, () => small({ category: 'Many' })));
  assert.equal(many.status, 200, many.text);
  const dry = () => send('POST', `${RULES}?dryRun=true`, { kind: 'assign', name: 'Dry', people: [SECOND.email] });
  const [refused] = await until(async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, dry));
    assert.ok(answers.some(({ status }) => status === 200), 'one is answered');
    const others = answers.filter(({ status }) => status !== 200);
    return others.length > 0 && others;
  }, 'dry runs at once');
  assert.deepEqual([refused.status, refused.headers['retry-after']], [429, '1'], refused.text);
  assert.match(refused.json.detail, /dry run/);
  assert.equal((await dry()).status, 200);
});

test('an erased person is in no rule, and what named them does nothing', async () => {
  const email = 'gone@example.com';
  const roles = [{ domain: EXAMPLE.domain, role: 'member' }];
  const made = await send('POST', `${API}/people`, { email, roles }, {}, ADMIN);
  assert.equal(made.status, 201, made.text);
  const named = await rule({ kind: 'assign', name: `For ${email}`, people: [email], filter: `reporter=${email}` });
  assert.equal((await send('POST', `${API}/people/${email}/erase`, undefined, {}, ADMIN)).status, 202);
  await until(() => numberStored(server.dir, 'SELECT COUNT(*) FROM erasure') === 0, 'the erasure');
  const after = (await server.get(`${RULES}/${named.id}`)).json;
  assert.ok(!JSON.stringify(after).includes(email), JSON.stringify(after));
  assert.equal(typeof after.problem, 'string');
  await drop(named);
});

test('working days are read and changed by their version', async () => {
  const { json, headers } = await server.get(WORKDAYS);
  assert.equal(json.version, 1);
  const holidays = ['2026-12-25', '2026-01-01', '2026-12-25'];
  const answer = await send('PATCH', WORKDAYS, { holidays }, { 'if-match': headers.etag });
  assert.deepEqual(answer.json.holidays, ['2026-01-01', '2026-12-25']);
  assert.equal(answer.json.remindAt, '08:00');
  assert.equal((await send('PATCH', WORKDAYS, { remindAt: '07:00' }, { 'if-match': headers.etag })).status, 412);
});

test('the history verifies, also in a backup and by a second verifier', async () => {
  const file = path.join(makeFolder(), 'backup.db');
  const heads = await server.command(['verify']);
  assert.equal(await server.command(['backup', file]), heads);
  assert.equal(`${verifyHistory(file).join('\n')}\n`, heads);
});

test('a form that cannot be read, for example after an upgrade, is a problem of the rule', async () => {
  const own = await startServer({ users: [EXAMPLE, ADMIN, MANAGER] });
  const form = await own.send(ADMIN.email, 'PUT', `${API}/workspaces/${WORKSPACE}/forms/default`,
    { default: true, fields: [] });
  assert.equal(form.status, 201, form.text);
  const made = await own.send(MANAGER.email, 'POST', RULES,
    { kind: 'recur', name: 'Locks', schedule: { every: 'day', time: '00:00' }, template });
  assert.equal(made.status, 201, made.text);
  await own.kill9();
  assert.equal(changeStored(own.dir, "UPDATE form_version SET document = '{'"), 1);
  await own.start();
  const { status, text, json } = await own.get(RULES);
  assert.equal(status, 200, text);
  assert.match(json.items[0].problem, /^version 2 of the form default cannot be read: line 1/);
  await own.stop();
});
