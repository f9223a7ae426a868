/*
 * Runs every test and ends with one line, "N passed, N failed", that counts single test cases of
 * all suites together.
 *
 *   node tests/run.mjs [--build DIR] [--jobs N] [--limit SECONDS] [PART…]
 *
 * PART picks: a suite (unit, store, http, api, client, fault, web) or anything in a test's name;
 * with "!" before it, it leaves out.
 * What works on a database runs on both engines; the run on PostgreSQL has "(pg)" behind its name.
 * --build names the build folder (default build), --limit how long a single file may take; a single
 * case may take half of it.
 *
 * Programs of the build speak TAP (cmocka); files of node:test report through lib/reporter.mjs.
 * One more than there are processors run at once, as most of them wait for something now and then;
 * what measures runs alone, at the end.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { postgresInstalled, startPostgres } from './lib/postgres.mjs';
import { allowedSkip } from './lib/skips.mjs';

const tests = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(tests);
const nodeSuites = ['http', 'api', 'client', 'fault', 'web', 'check'];

/* It measures, and so needs the machine for itself. */
const alone = /^tests\/fault\/slow/;

/* Which engines a test runs on; the first line that fits holds. What is in none asks no database, or
 * is of SQLite's files: fault/disk_full and fault/syscalls fill and break them. Of the web app, which sees
 * no difference that the API's tests would not, the main paths. */
const engines = [
  [/^(unit\/db_postgres$|tests\/fault\/postgres)/, ['pg']],
  [/^unit\/db_(engine|migrate)$/, ['sqlite', 'pg']],
  [/^store\//, ['sqlite', 'pg']],
  [/^tests\/fault\/(nodes|failover)/, ['pg']],
  [/^tests\/(api\/|fault\/(backup|change|copy|kill|mail|meeting|rule|stop)|check\/load)/, ['sqlite', 'pg']],
  [/^tests\/web\/(sign_in|inbox|records|record_conflict)\./, ['sqlite', 'pg']],
  [/^/, ['sqlite']],
];

const { values: options, positionals: parts } = parseArgs({
  allowPositionals: true,
  options: {
    build: { type: 'string', default: 'build' },
    jobs: { type: 'string', default: String(Math.min(availableParallelism() + 1, 4)) },
    limit: { type: 'string' },
  },
});
const patience = Number(process.env.BZCTRL_PATIENCE || 1);
const limit = Number(options.limit ?? 600 * patience) * 1000;
/* What a case leaves open does not keep its file from ending, where node can do that. */
const forceExit = spawnSync(process.execPath, ['--test-force-exit', '--eval', '0']).status === 0 ? ['--test-force-exit']
  : [];
const scratch = mkdtempSync(path.join(tmpdir(), 'bzctrl-run-'));
const running = new Set();
let reports = 0;

/* ---- what there is to run ---- */

function builtPrograms() {
  const result = spawnSync('meson', ['introspect', '--tests', options.build], { cwd: root });
  if (result.status !== 0)
    throw new Error(`meson knows no build in ${options.build}\n${result.stdout}${result.stderr}`);
  return JSON.parse(result.stdout).map((test) => ({
    name: `${test.suite[0].replace(/^.*:/, '')}/${test.name}`,
    command: test.cmd,
    env: test.env,
    cwd: test.workdir ?? path.resolve(root, options.build), // as `meson test` does
    read: readTap,
  }));
}

function nodeFiles(folder) {
  let names = [];
  try {
    names = readdirSync(path.join(tests, folder));
  } catch {
    return []; // this part of the project has no such suite
  }
  return names.filter((name) => name.endsWith('.test.mjs')).sort().map((name) => ({
    name: `tests/${folder}/${name}`,
    command: [
      process.execPath, ...forceExit,
      `--test-reporter=${path.join(tests, 'lib/reporter.mjs')}`, '--test-reporter-destination=stdout',
      path.join(tests, folder, name),
    ],
    env: { BZCTRL_BUILD: path.resolve(root, options.build), BZCTRL_CASE_LIMIT: String(limit / 2) },
    cwd: root,
    read: (_, report) => readReport(report),
  }));
}

function onEngines(test) {
  const [, names] = engines.find(([pattern]) => pattern.test(test.name));
  return names.map((engine) => (engine === 'pg' ? { ...test, name: `${test.name} (pg)`, engine } : test));
}

/* One PostgreSQL for all, started when the first test needs it. */
let postgres;
async function databaseEnvironment(test) {
  if (test.engine !== 'pg') return {};
  postgres ??= startPostgres();
  return { BZCTRL_TEST_POSTGRES: (await postgres).url() };
}

/* ---- what came out ---- */

/* cmocka writes "not ok 3 # SKIP name" for a test that skips itself, newer ones "ok 3 # SKIP name". */
function readTap(output) {
  const lines = [...output.matchAll(/^(not )?ok \d+(?: -)? ?(# SKIP ?)?(.*)$/gm)];
  const cases = lines.map(([, not, skip, name]) => ({ not, skip, name }));
  const ran = cases.filter(({ skip }) => !skip);
  return {
    passed: ran.filter(({ not }) => !not).length,
    skipped: cases.filter(({ skip }) => skip).map(({ name }) => ({ name, reason: '' })),
    failed: ran.filter(({ not }) => not).map(({ name }) => ({ name })),
  };
}

function readReport(file) {
  const cases = { passed: 0, skipped: [], failed: [] };
  let lines = [];
  try {
    lines = readFileSync(file, 'utf8').trim().split('\n');
  } catch {
    return cases; // it ended before its first case
  }
  for (const line of lines.filter(Boolean)) {
    const { name, outcome, reason, error } = JSON.parse(line);
    if (outcome === 'failed') cases.failed.push({ name, error });
    else if (outcome === 'skipped') cases.skipped.push({ name, reason });
    else cases.passed++;
  }
  return cases;
}

/* ---- running ---- */

async function run(test) {
  const database = await databaseEnvironment(test);
  const report = path.join(scratch, `report-${reports++}`);
  return new Promise((resolve) => {
    const started = performance.now();
    const [command, ...args] = test.command;
    // A group of its own, so that a test that hangs is ended together with the servers it started.
    const child = spawn(command, args, {
      cwd: test.cwd,
      env: { ...process.env, ...test.env, ...database, BZCTRL_REPORT: report },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    running.add(child);
    const output = [];
    child.stdout.on('data', (data) => output.push(data));
    child.stderr.on('data', (data) => output.push(data));
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      end(child, 'SIGKILL');
    }, limit);
    let code = 1;
    child.on('error', (error) => output.push(Buffer.from(`${error}\n`)));
    child.on('exit', (status, signal) => {
      code = status ?? signal;
    });
    child.on('close', () => {
      clearTimeout(timer);
      running.delete(child);
      const text = Buffer.concat(output).toString();
      const { passed, skipped, failed } = test.read(text, report);
      const cases = { passed, skipped: [], failed };
      for (const { name, reason } of skipped) {
        const why = allowedSkip(test.name, { name, reason });
        if (why) cases.skipped.push({ name, reason: why });
        else failed.push({ name,
          error: `it is skipped, and tests/lib/skips.mjs does not allow that: ${reason || 'no reason given'}` });
      }
      if (late) cases.failed.push({ name: `does not end within ${limit / 1000} s` });
      else if (code !== 0 && failed.length === 0) cases.failed.push({ name: `ended with ${code}` });
      else if (passed + skipped.length + failed.length === 0) cases.failed.push({ name: 'has no test cases' });
      resolve({ ...cases, text, seconds: (performance.now() - started) / 1000 });
    });
  });
}

function end(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // it has ended by itself
  }
}

function print(test, result) {
  const bad = result.failed.length;
  const counts = [`${result.passed} passed`];
  if (result.skipped.length > 0) counts.push(`${result.skipped.length} SKIPPED`);
  if (bad > 0) counts.push(`${bad} failed`);
  console.log(`${bad > 0 ? 'FAIL' : 'ok  '} ${test.name.padEnd(44)} ${result.seconds.toFixed(1).padStart(6)} s  ${counts.join(', ')}`);
  if (bad === 0) return;
  for (const { name, error } of result.failed) {
    console.log(`     ${name}`);
    if (error) console.log(error.replace(/^/gm, '       '));
  }
  const lines = result.text.trimEnd().split('\n');
  if (lines.length > 200) lines.splice(0, lines.length - 200, '[… the last 200 lines:]');
  console.log(lines.join('\n').replace(/^/gm, '     | '));
}

/* Once more at the end, where they are looked for: above it they lie among all that passed. */
function printFailures(failures) {
  for (const { test, name, error = '' } of failures) {
    console.log(`FAIL ${test}: ${name}`);
    const lines = error.split('\n').filter((line) => line.trim() !== '').slice(0, 6);
    if (lines.length > 0) console.log(lines.join('\n').replace(/^/gm, '       '));
  }
}

/* What was not tested, and why, where nobody overlooks it: one line for each reason that a test gave. */
function printSkips(skips) {
  const counts = new Map();
  for (const { test, reason } of skips) {
    const line = `${test}: ${reason}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  for (const [line, count] of counts) console.log(`SKIPPED ${String(count).padStart(2)} of ${line}`);
}

async function runAll(queue, jobs, total) {
  const next = async () => {
    for (let test = queue.shift(); test !== undefined; test = queue.shift()) {
      const result = await run(test);
      print(test, result);
      total.passed += result.passed;
      total.skipped.push(...result.skipped.map((skip) => ({ test: test.name, ...skip })));
      total.failed.push(...result.failed.map((failure) => ({ test: test.name, ...failure })));
    }
  };
  await Promise.all(Array.from({ length: jobs }, next));
}

process.on('exit', () => {
  for (const child of running) end(child, 'SIGKILL');
  rmSync(scratch, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

const all = [...builtPrograms(), ...nodeSuites.flatMap(nodeFiles)];
const wanted = parts.filter((part) => !part.startsWith('!'));
const unwanted = parts.filter((part) => part.startsWith('!')).map((part) => part.slice(1));
const named = (test, part) => `/${test.name}`.includes(part);
const picked = (test) =>
  (wanted.length === 0 || wanted.some((part) => named(test, part))) && !unwanted.some((part) => named(test, part));
const picks = all.flatMap(onEngines).filter(picked);
const queue = picks.filter((test) => test.engine !== 'pg' || postgresInstalled);
const left = picks.length - queue.length;
const total = { passed: 0, skipped: [], failed: [] };
if (left > 0)
  total.failed.push({ test: `${left} tests (pg)`,
    name: 'PostgreSQL is not installed: tools/need.sh test, or leave them out with "!(pg)"' });
await runAll(queue.filter((test) => !alone.test(test.name)), Number(options.jobs), total);
await runAll(queue.filter((test) => alone.test(test.name)), 1, total);
if (postgres) await (await postgres).destroy();
printSkips(total.skipped);
printFailures(total.failed);
if (total.skipped.length > 0) console.log(`${total.skipped.length} skipped, as tests/lib/skips.mjs allows`);
console.log(`${total.passed} passed, ${total.failed.length} failed`);
process.exitCode = total.failed.length > 0 || total.passed === 0 ? 1 : 0;
