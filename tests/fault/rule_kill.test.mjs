/*
 * kill -9 while reminders are sent and records are made by rules: each comes once, none is lost, and the history
 * verifies.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeClock } from '../lib/clock.mjs';
import { numberStored } from '../lib/database.mjs';
import { until } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const ROUNDS = Number(process.env.ROUNDS || 3);
const RECORDS = 1500;
const MANAGER = { email: 'manager@example.com', role: 'manager', domain: EXAMPLE.domain };
const DAY = 86_400;

test(`${ROUNDS} times kill -9 while ${RECORDS} reminders are due: each comes once`, async (t) => {
  const { env, set: setClock } = makeClock();
  const server = await startServer({ users: [EXAMPLE, MANAGER], env });
  const count = (action) =>
    numberStored(server.dir, `SELECT COUNT(*) FROM event WHERE action = 'task.${action}'`);

  /* Reminders of the day after tomorrow, and as many records that expire then. */
  const date = new Date(Date.now() + 2 * DAY * 1000).toISOString().slice(0, 10);
  const rules = `${API}/workspaces/${WORKSPACE}/rules`;
  const rule = async (body) => {
    const answer = await server.send(MANAGER.email, 'POST', rules, { name: 'Rule', active: true, ...body });
    assert.equal(answer.status, 201, answer.text);
  };
  await rule({ kind: 'expire', filter: 'todoType=INCIDENT' });
  for (let i = 0; i < 20; i++)
    await rule({ kind: 'recur', schedule: { every: 'day', time: '12:00' }, missed: 'one',
      template: { todoType: 'TASK', title: 'Recurs', description: 'Each day', orderID: `R${i}` } });
  for (let made = 0; made < RECORDS; made += 500) {
    const items = Array.from({ length: 500 }, () => ({ task: small({ reminderDate: date, dueDate: date }) }));
    assert.equal((await server.addTasks(items)).status, 200);
  }
  await until(() => numberStored(server.dir, 'SELECT COUNT(*) FROM record_timer') === RECORDS, 'the timers');

  await server.terminate();
  setClock(10 * DAY);
  let rounds = 0;
  for (; rounds < ROUNDS; rounds++) {
    const before = count('reminded');
    await server.start();
    await until(() => count('reminded') > before || count('expired') === RECORDS, 'some of them');
    await server.kill9();
    t.diagnostic(`${count('reminded')} reminded, ${count('expired')} expired`);
  }
  await server.start();
  await until(() => count('reminded') === RECORDS && count('expired') === RECORDS &&
    numberStored(server.dir, 'SELECT COUNT(*) FROM rule_occurrence') === 20, 'all of them');
  await server.restart();
  assert.deepEqual([count('reminded'), count('expired')], [RECORDS, RECORDS]);
  assert.equal(numberStored(server.dir, `SELECT COUNT(*) FROM task WHERE title = 'Recurs'`), 20);
  await server.command(['verify']);
  await server.stop();
});
