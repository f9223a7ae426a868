/*
 * What reporting costs on the client's side: node bench/client.mjs [--build DIR] [--rows N]. A table of
 * the figures and their goals; some seconds.
 */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({ options: { build: { type: 'string', default: 'build' }, rows: { type: 'string', default: '100000' } } });
process.env.BZCTRL_BUILD = path.resolve(options.build);
const { Client, bzctrl } = await import('../tests/lib/client.mjs');
const { makeFile } = await import('../tests/lib/program.mjs');
const { ADD_TASK, ADD_TASKS, SAMPLE, startServer } = await import('../tests/lib/server.mjs');

const ROUNDS = 3;
const RUNS = 40;
const ROWS = Number(options.rows);
const PIECE = 1000;
const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

const server = await startServer();
const client = new Client(server.url, { wait: 60 });
const token = await server.token();
const report = makeFile(JSON.stringify(SAMPLE), 'report.json');
await client.run(['report', '--json', report]); /* signs in */

/* Runs a shell's loop: {wall, processor} in milliseconds a run. */
function loop(command) {
  const { stderr } = spawnSync('bash', ['-c', `TIMEFORMAT='%R %U %S'; time (for i in $(seq ${RUNS}); do ${command} >/dev/null 2>&1; done)`], { env: { ...process.env, ...client.env } });
  const [wall, user, system] = stderr.toString().trim().split(' ').map(Number);
  return { wall: (wall * 1000) / RUNS, processor: ((user + system) * 1000) / RUNS };
}

/* The server's own rate in bulk, from four connections. */
async function bulkRate(round) {
  const bodies = Array.from({ length: ROWS / PIECE / 4 }, (_, c) =>
    JSON.stringify(Array.from({ length: PIECE }, (_, i) => ({ idempotencyKey: `bench-${round}-${c}-${i}`, task: SAMPLE }))));
  const rows = bodies.length * PIECE;
  const started = performance.now();
  await Promise.all(Array.from({ length: 4 }, async () => {
    for (let body = bodies.pop(); body; body = bodies.pop())
      await server.request('POST', ADD_TASKS, { token, headers: { 'content-type': 'application/json' }, body, check: false });
  }));
  return rows / (performance.now() - started) * 1000;
}

function batch(round) {
  const rows = Array.from({ length: ROWS }, (_, i) => JSON.stringify({ ...SAMPLE, title: `${round} ${i}` }));
  const file = makeFile(`${rows.join('\n')}\n`, 'rows.ndjson');
  const started = performance.now();
  const { status, stderr } = spawnSync('python3', ['-c', `import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)`, bzctrl, 'report', '--batch', file], { env: { ...process.env, ...client.env } });
  if (status !== 0) throw new Error(stderr.toString());
  return { rate: ROWS / (performance.now() - started) * 1000, memory: Number(stderr.toString().trim()) / 1024 };
}

const rounds = [];
for (let round = 0; round < ROUNDS; round++) {
  const curl = `curl -s -H 'Authorization: Bearer ${token}' -H 'Content-Type: application/json' -d @${report} ${server.url}${ADD_TASK}`;
  const later = loop(`${bzctrl} report --json ${report} --later`);
  await client.run(['outbox', 'run']);
  const sent = loop(`${bzctrl} report --json ${report}`);
  const bare = loop(curl);
  const bulk = await bulkRate(round);
  const own = batch(round);
  rounds.push({ later: later.processor, ratio: sent.wall / bare.wall, batch: own.rate / bulk, memory: own.memory });
}
await server.stop();
const stripped = makeFile('', 'libbzctrl.so');
spawnSync('strip', ['-o', stripped, path.join(process.env.BZCTRL_BUILD, 'src/lib/libbzctrl.so')]);
const { size } = statSync(stripped);

const of = (name) => median(rounds.map((round) => round[name]));
const rows = [
  ['report, durable in the outbox: processor time', of('later'), 'ms', 15],
  ['report, acknowledged : the same by curl', of('ratio'), '', 3],
  [`a batch of ${ROWS} : the server's rate in bulk`, of('batch'), '', 0.5],
  ['memory of the batch', of('memory'), 'MB', 32],
  ['libbzctrl.so, stripped', size / 1000, 'kB', 150],
];
console.log('| | measured | goal |\n|---|---:|---:|');
for (const [what, value, unit, goal] of rows) console.log(`| ${what} | ${value.toFixed(2)} ${unit} | ${goal === 0.5 ? '≥' : '<'} ${goal} ${unit} |`);
