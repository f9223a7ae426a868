/*
 * Rules with two servers on one database whose clocks differ by 90 seconds: whichever does it, and whichever is
 * killed, each reminder, each expiry and each record that recurs comes once.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { makeClock } from '../lib/clock.mjs';
import { databaseUrl, numberStored } from '../lib/database.mjs';
import { makeFolder, until } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const MANAGER = { email: 'manager@example.com', role: 'manager', domain: EXAMPLE.domain };
const RECORDS = 300;
const RECURRING = 10;
const DAYS = 4;
const APART = 90;
const DAY = 86_400;

test(`two servers, ${APART} s apart, for ${DAYS} days: everything comes once`, async (t) => {
  const { env, set: setClock } = makeClock();
  const first = await startServer({ users: [EXAMPLE, MANAGER], env });
  const dataDir = makeFolder();
  fs.copyFileSync(path.join(first.dir, 'secret.key'), path.join(dataDir, 'secret.key'));
  const second = await startServer({ dataDir,
    env: { ...env, BZCTRL_SHIFT_CLOCK: String(APART), BZCTRL_DATABASE: databaseUrl(first.dir) } });
  const stored = (sql) => numberStored(first.dir, sql);
  const events = (action) => stored(`SELECT COUNT(*) FROM event WHERE action = 'task.${action}'`);
  const occurrences = () => stored('SELECT COUNT(*) FROM rule_occurrence');

  /* All of it is due at midnight, UTC, at 90 s to and at 90 s past which the two disagree. */
  const midnight = (Math.floor(Date.now() / 1000 / DAY) + 2) * DAY;
  const date = new Date(midnight * 1000).toISOString().slice(0, 10);
  const before = new Date((midnight - DAY) * 1000).toISOString().slice(0, 10);
  const send = async (method, to, body) => {
    const answer = await first.send(MANAGER.email, method, to, body, { headers: { 'if-match': '*' } });
    assert.ok(answer.status < 300, answer.text);
  };
  const rule = (body) =>
    send('POST', `${API}/workspaces/${WORKSPACE}/rules`, { name: 'Rule', active: true, ...body });
  await send('PATCH', `${API}/workspaces/${WORKSPACE}/workdays`, { remindAt: '00:00', holidays: [],
    weekdays: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] });
  await rule({ kind: 'remind', steps: [0], notify: ['assignee'] });
  await rule({ kind: 'expire', days: 1 });
  for (let i = 0; i < RECURRING; i++)
    await rule({ kind: 'recur', schedule: { every: 'day', time: '00:00' }, missed: 'all',
      template: { todoType: 'TASK', title: 'Recurs', description: 'Each day', orderID: `R${i}` } });
  const items = Array.from({ length: RECORDS }, () => ({ task: small({ reminderDate: date, dueDate: before }) }));
  assert.equal((await first.addTasks(items)).status, 200);
  await until(() => stored('SELECT COUNT(*) FROM record_timer') === RECORDS, 'the timers');

  /* A day is done once it is midnight for both. In between either is killed, and comes back. */
  for (let day = 0; day < DAYS; day++) {
    const [killed, other] = day % 2 === 0 ? [second, first] : [first, second];
    const shift = midnight + (day - 1) * DAY - Date.now() / 1000;
    setClock(shift - APART / 2);
    await until(() => stored('SELECT lease_until FROM rule_lease') >= (midnight + (day - 1) * DAY - APART / 2) * 1000,
      'one of them has looked while they disagree');
    await killed.kill9();
    setClock(shift + APART);
    await until(() => occurrences() === RECURRING * (day + 1), `the records of day ${day + 1}`);
    await killed.start();
    await other.restart();
    t.diagnostic(`day ${day + 1}: ${events('reminded')} reminded, ${events('expired')} expired, ` +
      `${occurrences()} made`);
  }
  await until(() => events('expired') === RECORDS, 'all have expired');
  await Promise.all([first, second].map((server) => server.restart()));
  assert.equal(events('reminded'), 2 * RECORDS, 'of the due date, and of the reminder date');
  assert.equal(events('expired'), RECORDS);
  assert.equal(stored('SELECT COUNT(*) FROM rule_firing'),
    stored('SELECT COUNT(*) FROM (SELECT DISTINCT task_id, rule_id, date, step FROM rule_firing) f'));
  assert.equal(stored(`SELECT COUNT(*) FROM task WHERE title = 'Recurs'`), RECURRING * DAYS);
  assert.equal(stored('SELECT COUNT(DISTINCT task_id) FROM rule_occurrence'), RECURRING * DAYS);
  await second.stop();
  await first.command(['verify']);
  await first.stop();
});
