/*
 * What the intake notices when many reminders are due at once, and what one costs:
 *
 *   node bench/reminders.mjs [--records 100000] [--connections 64] [--seconds 10]
 *
 * Records are reported with a reminder for tomorrow, and the clock of the server is set to tomorrow: first while
 * reports come in, then, with as many others, while nothing else happens. Times are compared with those of reports
 * that come in before.
 */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeClock } from '../tests/lib/clock.mjs';
import { numberStored } from '../tests/lib/database.mjs';
import { metricsOf } from '../tests/lib/metrics.mjs';
import { run, until } from '../tests/lib/program.mjs';
import { ADD_TASK, API, EXAMPLE, WORKSPACE, small, startServer } from '../tests/lib/server.mjs';

const { values } = parseArgs({ options: {
  records: { type: 'string', default: '100000' },
  connections: { type: 'string', default: '64' },
  seconds: { type: 'string', default: '10' },
} });
const records = Number(values.records);
const DAY = 86_400;
const ADMIN = 'admin@example.com';
const script = path.join(path.dirname(fileURLToPath(import.meta.url)), 'create.lua');

const clock = makeClock();
let shifted = 0;
const day = (days) => new Date(Date.now() + (shifted + days * DAY) * 1000).toISOString().slice(0, 10);
const server = await startServer({ users: [EXAMPLE, { email: ADMIN, admin: true }], env: clock.env });

async function expect(status, answer) {
  if (answer.status !== status) throw new Error(answer.text);
  return answer.json;
}
/* Every day counts, and no hour of the day is too early. */
await expect(200, await server.send(ADMIN, 'PATCH', `${API}/workspaces/${WORKSPACE}/workdays`,
  { weekdays: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'], remindAt: '00:00' },
  { headers: { 'if-match': '"0"' } }));

/* Milliseconds that the thread has run so far. */
function used(thread) {
  for (const id of readdirSync(`/proc/${server.pid}/task`))
    if (readFileSync(`/proc/${server.pid}/task/${id}/comm`, 'utf8').trim() === thread)
      return Number(readFileSync(`/proc/${server.pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  throw new Error(`there is no thread ${thread}`);
}
const memory = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) / 1024;
const reminded = () => numberStored(server.dir, "SELECT count(*) FROM event WHERE action = 'task.reminded'");
const settled = () =>
  until(async () => (await metricsOf(server)).value('bzctrl_follower_lag_events') === 0, 'the followers');

/** Reports for a while: how many, their p99 in milliseconds, and what the write lane took for each, in microseconds. */
async function intake() {
  const token = await server.token(EXAMPLE.email);
  const before = used('bzctrl-write');
  const { stdout } = await run('wrk', ['-t', '1', '-c', values.connections, '-d', `${values.seconds}s`, '-s', script,
    server.url + ADD_TASK], { env: { ...process.env, TOKEN: token } });
  const found = JSON.parse(stdout.split('\n').find((line) => line.startsWith('{')));
  if (found.refused > 0) throw new Error(stdout);
  return { n: found.requests, p99: found.p99 / 1000, each: 1000 * (used('bzctrl-write') - before) / found.requests };
}

async function withReminders() {
  const reminderDate = day(1);
  for (let i = 0; i < records; i += 1000) {
    const items = Array.from({ length: Math.min(1000, records - i) }, () => ({ task: small({ reminderDate }) }));
    await expect(200, await server.addTasks(items));
  }
  await settled();
}
function tomorrow() {
  shifted += DAY;
  clock.set(shifted);
  server.tokens.clear();
}

await withReminders();
const quiet = await intake();
await settled();
tomorrow();
const busy = await intake();
const during = await reminded();
await until(async () => (await reminded()) >= records, 'all reminders');
console.log(`${records} reminders are due while reports come in by ${values.connections} connections: ` +
  `p99 ${quiet.p99.toFixed(1)} → ${busy.p99.toFixed(1)} ms (${(busy.p99 / quiet.p99).toFixed(2)} times), ` +
  `${Math.round(quiet.n / values.seconds)} → ${Math.round(busy.n / values.seconds)} reports a second; ` +
  `${during} were sent meanwhile; at most ${memory().toFixed(0)} MB`);

await settled();
await withReminders();
const before = [used('bzctrl-write'), await reminded()];
const started = performance.now();
tomorrow();
await until(async () => (await reminded()) >= 2 * records, 'all reminders');
const seconds = (performance.now() - started) / 1000;
const each = 1000 * (used('bzctrl-write') - before[0]) / ((await reminded()) - before[1]);
console.log(`${records} reminders while nothing else happens: ${seconds.toFixed(1)} s; the write lane takes ` +
  `${each.toFixed(1)} µs for each, ${quiet.each.toFixed(1)} for a report`);
if ((await reminded()) !== 2 * records) throw new Error(`${await reminded()} reminders of ${2 * records} records`);
await server.stop();
