/*
 * `make bench`: how near does the server come to what this machine can do? Absolute numbers of one
 * machine say little, so every goal is a ratio of two things measured in the same minute, each the
 * median of three. bench/README.md says what is compared with what, and why.
 *
 *   node bench/run.mjs [--build DIR] [--full] [--quick] [--postgres] [--forms]
 *
 * Progress goes to standard error, the result to standard output, and as JSON to BUILD/bench.json.
 * --full stores 5 million records instead of one; --quick is for trying out changes of this file.
 * --forms measures what forms, many people and tokens cost, and nothing else, in a minute.
 * --postgres does it on a PostgreSQL that is started for it, with its commits on the disk, and
 * measures two nodes on one database too, also while one of them is killed.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findProgram } from '../tests/lib/find.mjs';

const { values: options } = parseArgs({
  options: {
    build: { type: 'string', default: 'build' },
    full: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    postgres: { type: 'boolean', default: false },
    forms: { type: 'boolean', default: false },
  },
});
// The suites' helpers ask the environment which build they are to use.
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
process.env.BZCTRL_BUILD = path.resolve(root, options.build);
const { makeFolder, removeFolder, run, runBzctrldOk, spawnChild } = await import('../tests/lib/program.mjs');
const { ADD_TASK, EXAMPLE, SAMPLE, WORKSPACE, addUser, startServer } = await import('../tests/lib/server.mjs');
const { changeStored, databaseUrl, useServer } = await import('../tests/lib/database.mjs');
const { startPostgres } = await import('../tests/lib/postgres.mjs');

const ROUNDS = options.quick ? 1 : 3;
const SECONDS = options.quick ? 1 : 3;
const CONNECTIONS = options.postgres ? [1, 64, 256] : [1, 64, 256, 1000];
const SMALL = 10_000;
const STORED = options.quick ? [30_000] : options.full ? [100_000, 1_000_000, 5_000_000] : [100_000, 1_000_000];
const started = performance.now();

function say(text) {
  console.error(`${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${text}`);
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** The median of each member over several results. */
function medians(results) {
  return Object.fromEntries(Object.keys(results[0]).map((name) => [name, median(results.map((r) => r[name]))]));
}

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/* ---- what a process used, from /proc ---- */

const TICK = 10_000; // microseconds in a clock tick of /proc/PID/stat, on every Linux of today

function used(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
  const io = readFileSync(`/proc/${pid}/io`, 'utf8');
  return {
    cpu: (Number(fields[11]) + Number(fields[12])) * TICK,
    written: Number(/^write_bytes: (\d+)/m.exec(io)[1]),
  };
}

function resident(pid) {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

/* ---- the load ---- */

function startWrk(url, script, { connections, seconds, env, stdio }) {
  return spawnChild('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '30s', '-s', path.join(root, 'bench', script), url], { env: { BENCH: path.join(root, 'bench'), ...env }, stdio });
}

/** wrk with a script: {rate, p50, p99} in requests per second and milliseconds. An answer that the
 * script does not want ends the run; unless `ok` is false, then what it counted is returned too. */
async function wrk(url, script, { connections, seconds = SECONDS, env = {}, ok = true }) {
  const child = startWrk(url, script, { connections, seconds, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (data) => { output += data; });
  child.stderr.on('data', (data) => { output += data; });
  const drained = new Promise((resolve) => child.once('close', resolve));
  const { code, error } = await child.exited;
  if (error || code !== 0) throw new Error(`wrk: ${error ?? code}\n${output}`);
  await drained;
  const line = /^\{.*\}$/m.exec(output);
  const { requests, microseconds, p50, p99, ...counted } = JSON.parse(line[0]);
  const example = output.slice(line.index + line[0].length).trim();
  if (ok && (counted.refused > 0 || counted.broken > 0 || requests === 0))
    throw new Error(`${counted.refused} of ${requests} requests were refused, ${counted.broken} broken: ${example}`);
  const result = { requests, rate: (requests / microseconds) * 1e6, p50: p50 / 1000, p99: p99 / 1000 };
  return ok ? result : { ...result, ...counted, example };
}

/** The server under load: wrk's numbers, and what a create cost. */
async function load(server, connections, { seconds = SECONDS, query = '', members = '' } = {}) {
  const token = await server.token();
  const before = used(server.pid);
  let peak = 0;
  const watch = setInterval(() => { peak = Math.max(peak, resident(server.pid)); }, 100);
  const result = await wrk(server.url + ADD_TASK + query, 'create.lua', { connections, seconds, env: { TOKEN: token, MEMBERS: members } });
  clearInterval(watch);
  const after = used(server.pid);
  return {
    ...result,
    cpu: (after.cpu - before.cpu) / result.requests,
    bytes: (after.written - before.written) / result.requests,
    peak,
  };
}

/** How many changes the write lane put into a transaction, by its own count in the log at exit. */
async function batchSize(server) {
  for (let i = 0; i < 100; i++) {
    const found = /msg="write lane" batches=(\d+) changes=(\d+)/.exec(server.log);
    if (found !== null) return Number(found[2]) / Number(found[1]);
    await sleep(20); // the process has ended, but its last lines may not have been read
  }
  throw new Error(`the server does not tell its batches\n${server.log}`);
}

/** A fresh server under load: the batch size that it reached too. */
async function loadFresh(connections) {
  const server = await startServer();
  const result = await load(server, connections);
  await server.terminate();
  removeFolder(server.dir);
  return { ...result, batch: await batchSize(server) };
}

/* ---- what the server is compared with ---- */

function program(name) {
  return path.resolve(root, options.build, 'bench', name);
}

async function json(command, args) {
  const { code, stdout, stderr } = await run(command, args, { timeout: 600_000 });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${code}\n${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

/** The same rows through the same schema and statements, without HTTP. */
async function bare(batch) {
  const folder = makeFolder();
  const result = await json(program('bare'), ['--data', folder, '--database', databaseUrl(folder), '--batch', String(Math.max(1, Math.round(batch))), '--seconds', String(SECONDS)]);
  removeFolder(folder);
  return { rate: result.rows_per_second, p50: result.p50_us / 1000, p99: result.p99_us / 1000 };
}

/** On PostgreSQL also without our own way to it: plain libpq, on a schema that bzctrld made. */
async function bareLibpq(batch) {
  const folder = makeFolder();
  await runBzctrldOk(['workspace', 'add', WORKSPACE, '--data', folder]);
  await addUser(folder, EXAMPLE);
  const result = await json(program('bare_libpq'), [databaseUrl(folder), String(Math.max(1, Math.round(batch))), String(SECONDS)]);
  removeFolder(folder);
  return { rate: result.rows_per_second, p50: result.p50_us / 1000, p99: result.p99_us / 1000 };
}

/* The limit that the goals are about. */
const limit = options.postgres ? bareLibpq : bare;
const BARE = options.postgres ? 'bare libpq' : 'bare';

/** The same bytes, appended to a file with one fdatasync per batch. */
async function rawAppend(batch, bytes) {
  const folder = makeFolder();
  const result = await json(program('raw_append'), ['--file', path.join(folder, 'log'), '--batch', String(Math.max(1, Math.round(batch))), '--bytes', String(bytes), '--seconds', String(SECONDS)]);
  removeFolder(folder);
  return { rate: result.rows_per_second };
}

/** nginx that answers the same request with a constant of the same size, and does nothing else. */
async function startNginx() {
  const folder = makeFolder();
  const socketless = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((n) => `${n}_temp_path ${folder}/${n};`).join(' ');
  const answer = '{"title":"Potential Customs claim","taskType":"INCIDENT","description":"Operation started without proper approvals","taskLink":"http://127.0.0.1:8080/app/#/todo/EXA-CON-BUS-WOR-100000","tags":["ORDER 123456","725462"]}';
  const port = 20_000 + (process.pid % 20_000);
  writeFileSync(`${folder}/nginx.conf`, `
    daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error;
    events { worker_connections 4096; }
    http { access_log off; ${socketless} keepalive_requests 1000000000;
      server { listen 127.0.0.1:${port}; location / { default_type application/json; return 201 '${answer}'; } } }`);
  const child = spawnChild(findProgram('nginx') ?? 'nginx', ['-p', folder, '-e', `${folder}/error`, '-c', `${folder}/nginx.conf`], { stdio: 'ignore' });
  await sleep(500);
  return { url: `http://127.0.0.1:${port}/x`, child };
}

/* ---- the parts ---- */

/* A goal is met when `value` is at least (or at most) what it says. */
const goals = [];
function goal(what, value, { atLeast, atMost, unit = '' }) {
  const met = Number.isFinite(value) && (atLeast !== undefined ? value >= atLeast : value <= atMost);
  goals.push({ what, value, goal: atLeast !== undefined ? `≥ ${atLeast}${unit}` : `≤ ${atMost}${unit}`, unit, met });
}

async function measureStart() {
  say('start on an empty folder, memory when idle');
  const results = [];
  for (let i = 0; i < ROUNDS; i++) {
    const server = await startServer({ workspaces: [], users: [] });
    await sleep(500);
    results.push({ ready: server.startMilliseconds, idle: resident(server.pid) });
    await server.stop();
  }
  return medians(results);
}

/* Each round measures all, so that a slow minute of the machine harms both sides of a ratio. */
async function measureCreates() {
  const creates = new Map(CONNECTIONS.map((c) => [c, []]));
  const bares = new Map(CONNECTIONS.map((c) => [c, []]));
  const bare64 = [];
  const own = []; // through src/db, where that is not the limit itself
  const append = [];
  const constant = [];
  const nginx = await startNginx();
  for (let round = 1; round <= ROUNDS; round++) {
    for (const connections of CONNECTIONS) {
      const result = await loadFresh(connections);
      creates.get(connections).push(result);
      say(`round ${round}: ${connections} connections, ${result.rate.toFixed(0)} creates/s, batches of ${result.batch.toFixed(1)}`);
      bares.get(connections).push(await limit(result.batch));
    }
    bare64.push(await limit(64));
    const { batch } = creates.get(256).at(-1);
    if (options.postgres) own.push(await bare(batch));
    append.push(await rawAppend(batch, 500));
    constant.push(await wrk(nginx.url, 'create.lua', { connections: 256, env: { TOKEN: 'x'.repeat(54) } }));
  }
  nginx.child.kill('SIGTERM');
  const all = (map) => new Map([...map].map(([c, results]) => [c, medians(results)]));
  return { creates: all(creates), bares: all(bares), bare64: medians(bare64), own: options.postgres ? medians(own) : null, append: medians(append), constant: medians(constant) };
}

/** add-tasks: 1,000 reports in a call, each under a key, from as many clients as `clients` says. */
async function measureBulk() {
  const calls = options.quick ? 8 : 60;
  const items = 1000;
  const make = () => Array.from({ length: items }, (_, i) => ({ idempotencyKey: randomUUID(), task: { ...SAMPLE, orderID: [`ORDER ${i}`] } }));
  const results = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const server = await startServer();
    const bodies = Array.from({ length: calls }, () => JSON.stringify(make()));
    await server.token();
    const before = used(server.pid);
    const from = performance.now();
    await Promise.all(Array.from({ length: 4 }, async () => {
      while (bodies.length > 0) {
        const answer = await server.addTasks(bodies.pop(), { check: false });
        if (answer.status !== 200 || answer.json.items.some((item) => item.status !== 201)) throw new Error(answer.text.slice(0, 300));
      }
    }));
    const rate = (calls * items * 1000) / (performance.now() - from);
    results.push({ rate, cpu: (used(server.pid).cpu - before.cpu) / (calls * items) });
    say(`round ${round}: in bulk, ${number(rate)} creates/s`);
    await server.stop();
  }
  return medians(results);
}

async function startTwo() {
  const first = await startServer();
  const second = await startServer({ dataDir: makeFolder(), env: { BZCTRL_DATABASE: databaseUrl(first.dir) } });
  second.tokens = first.tokens;
  await first.token();
  return [first, second];
}

/** Two nodes on one database, with half of the load each, beside one with all of it. */
async function measureNodes() {
  const results = [];
  for (let round = 0; round < ROUNDS; round++) {
    const one = await startServer();
    const alone = await load(one, 256);
    await one.stop();
    const [first, second] = await startTwo();
    const both = await Promise.all([first, second].map((node) => load(node, 128)));
    results.push({ one: alone.rate, two: both[0].rate + both[1].rate });
    say(`round ${round + 1}: one node ${number(results.at(-1).one)} creates/s, two ${number(results.at(-1).two)}`);
    await second.stop();
    await first.stop();
  }
  return medians(results);
}

/** What create.lua's slots of 100 ms tell of those from `from` to before `to`: the rate of 201, and
 * the longest wait for one in milliseconds. */
function between(slots, from, to) {
  const inside = slots.filter(([slot]) => slot >= from && slot < to);
  const last = Math.max(from - 1, ...inside.map(([slot]) => slot));
  return {
    rate: (10 * inside.reduce((sum, [, count]) => sum + count, 0)) / (to - from),
    wait: Math.max(100 * (to - 1 - last), ...inside.map(([, , wait]) => wait)),
  };
}

/** Two nodes under load, one of which is killed in the middle: what clients of the other one see. */
async function measureKill() {
  const seconds = 2 * SECONDS + 2;
  const rounds = [];
  let example = '';
  for (let round = 0; round < ROUNDS; round++) {
    const [first, second] = await startTwo();
    const env = { TOKEN: await first.token() };
    const doomed = startWrk(second.url + ADD_TASK, 'create.lua', { connections: 128, seconds, env, stdio: 'ignore' });
    const watched = wrk(first.url + ADD_TASK, 'create.lua', { connections: 128, seconds, env, ok: false });
    await sleep(seconds * 500);
    const killed = Math.floor(Date.now() / 100);
    await second.kill9();
    doomed.kill('SIGKILL'); // it would only try to connect, again and again
    const { requests, refused, unavailable, broken, slots, ...result } = await watched;
    const start = Math.min(...slots.map(([slot]) => slot));
    const before = between(slots, start + 5, killed); // the first half second is for settling
    const after = between(slots, killed, start + 10 * seconds - 1);
    rounds.push({ created: requests - refused, unavailable, other: refused - unavailable + broken, before, after });
    example ||= result.example;
    say(`round ${round + 1}: the other node ${number(before.rate)} creates/s before, ${number(after.rate)} after, longest wait ${number(after.wait)} ms`);
    await first.stop();
  }
  const sum = (name) => rounds.reduce((total, r) => total + r[name], 0);
  const rates = (phase) => rounds.map((r) => r[phase].rate);
  const wait = (phase) => Math.max(...rounds.map((r) => r[phase].wait));
  return {
    created: sum('created'), unavailable: sum('unavailable'), other: sum('other'), example,
    before: median(rates('before')), after: median(rates('after')), least: Math.min(...rates('after')),
    waitBefore: wait('before'), waitAfter: wait('after'),
  };
}

/** The same read by four connections. */
async function read(server, kind) {
  const env = { TOKEN: await server.token(), READ: kind, COUNT: String(server.stored) };
  return wrk(`${server.url}/`, 'read.lua', { connections: 4, env });
}

/** Brings a server's folder to `count` records by the bare loop's big transactions. */
async function fill(server, count) {
  say(`filling a store to ${number(count)} records`);
  await server.terminate();
  await json(program('bare'), ['--data', server.dir, '--database', databaseUrl(server.dir), '--rows', '1', '--prefill', String(count - server.stored - 1)]);
  server.stored = count;
  await server.start();
}

async function startEmpty() {
  return Object.assign(await startServer(), { stored: 0 });
}

/* A server that fills up, beside a fresh one for its rate and a small one for its reads. */
async function measureStored() {
  const steps = [];
  const small = await startEmpty();
  await fill(small, SMALL);
  const full = await startEmpty();
  for (const count of STORED) {
    await fill(full, count);
    const step = { stored: count, ready: full.startMilliseconds };
    const results = [];
    for (let round = 0; round < ROUNDS; round++) {
      const fresh = await loadFresh(256);
      const reads = {
        smallRecord: (await read(small, 'record')).p99, record: (await read(full, 'record')).p99,
        smallList: (await read(small, 'list')).p99, list: (await read(full, 'list')).p99,
      };
      const result = await load(full, 256);
      full.stored += result.requests;
      results.push({ freshRate: fresh.rate, rate: result.rate, p99: result.p99, bytes: result.bytes, ...reads });
      say(`${number(full.stored)} records: ${number(result.rate)} creates/s, fresh ${number(fresh.rate)}`);
    }
    steps.push({ ...step, ...medians(results) });
  }
  await small.stop();
  await full.stop();
  return steps;
}

/** Forty fields of all types, and a value for each. */
function fortyFields() {
  const types = [
    [{ type: 'text', maxLength: 40 }, 'Ever Given'], [{ type: 'text', pattern: '^[A-Z]{4}[0-9]{7}$' }, 'MSCU6639871'],
    [{ type: 'choice', options: ['Sea', 'Air', 'Road', 'Rail'] }, 'road'], [{ type: 'choices', options: ['Red', 'Orange', 'Green'] }, ['red', 'Green']],
    [{ type: 'number' }, 1234.5], [{ type: 'money' }, '99.95'], [{ type: 'date' }, '2026-11-30'], [{ type: 'boolean' }, true],
    [{ type: 'email' }, 'someone@example.com'], [{ type: 'mrn' }, '24NL000396A1B2C3D4'],
  ];
  const fields = Array.from({ length: 40 }, (_, i) => ({ name: `field${i + 1}`, label: { en: `Field ${i + 1}`, nl: `Veld ${i + 1}` }, ...types[i % types.length][0] }));
  const members = fields.map(({ name }, i) => `,"${name}":${JSON.stringify(types[i % types.length][1])}`).join('');
  return { fields, members };
}

/** The same reports by the built-in form and by one with 40 fields, which are sent or not. The
 * built-in form keeps as they came what the other one reads. */
/* What an organisation of ten thousand people has, written behind the server's back. */
const MANY = 10_000;
const MANY_ROWS = `
  INSERT INTO workspace (id, domain_id, key, name, zone, created_at)
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)
    SELECT i, (SELECT MIN(id) FROM domain), '${EXAMPLE.domain}-MANY' || i, 'Many', 'UTC', 0 FROM n;
  INSERT INTO account (id, kind, email, name, password_grant, admin, disabled, created_at)
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MANY})
    SELECT i, 1, 'person' || i || '@example.com', 'Person ' || i, 1, 0, 0, 0 FROM n;
  INSERT INTO account_grant (account_id, domain_id, role)
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MANY})
    SELECT i, (SELECT MIN(id) FROM domain), 2 FROM n;
  INSERT INTO form (id, workspace_id, name, version, is_default, disabled)
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MANY})
    SELECT i, 1 + i % 10, 'form-' || i, 1, 0, 0 FROM n;
  INSERT INTO form_version (form_id, version, at, account_id, document)
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MANY})
    SELECT i, 1, 0, NULL, '{}' FROM n`;

/** Start and creates with many people and forms, beside the same with few. */
async function measureDirectory() {
  const many = await startServer();
  const few = await startServer();
  await many.terminate();
  changeStored(many.dir, MANY_ROWS);
  const results = [];
  for (let round = 1; round <= ROUNDS; round++) {
    if (many.running) await many.terminate();
    await many.start();
    const ready = many.startMilliseconds;
    const [withMany, withFew] = [await load(many, 256), await load(few, 256)];
    results.push({ ready, many: withMany.rate, few: withFew.rate });
    say(`round ${round}: ${number(MANY)} people and forms: ready in ${number(ready)} ms, ${number(withMany.rate)} creates/s, with few ${number(withFew.rate)}`);
  }
  await many.stop();
  await few.stop();
  return medians(results);
}

/** A client's tokens, and creates beside them. */
async function measureTokens() {
  const manager = { email: 'manager@example.com', role: 'manager', domain: EXAMPLE.domain };
  const server = await startServer({ users: [EXAMPLE, manager] });
  const { clientId, secret } = await server.addClient(manager.email, { scopes: ['task:create'] });
  const FORM = String(new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: secret }));
  const results = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const tokens = await wrk(`${server.url}/bzctrl-core-api/oauth/token`, 'token.lua', { connections: 256, env: { FORM } });
    const creates = await load(server, 256);
    results.push({ tokens: tokens.rate, creates: creates.rate });
    say(`round ${round}: ${number(tokens.rate)} tokens/s of a client, ${number(creates.rate)} creates/s`);
  }
  await server.stop();
  return medians(results);
}

async function measureForms() {
  const manager = { email: 'manager@example.com', role: 'manager', domain: EXAMPLE.domain };
  const server = await startServer({ users: [EXAMPLE, manager] });
  const { fields, members } = fortyFields();
  const made = await server.send(manager.email, 'PUT', `/bzctrl-core-api/api/v1/workspaces/${WORKSPACE}/forms/forty`, { fields });
  if (made.status !== 201) throw new Error(made.text);
  const results = [];
  await load(server, 256);
  for (let round = 1; round <= ROUNDS; round++) {
    const [builtIn, forty, builtInFilled, fortyFilled] = [
      await load(server, 256), await load(server, 256, { query: '?form=forty' }),
      await load(server, 256, { members }), await load(server, 256, { query: '?form=forty', members }),
    ];
    results.push({
      builtIn: builtIn.rate, forty: forty.rate, builtInFilled: builtInFilled.rate, fortyFilled: fortyFilled.rate,
      builtInCpu: builtIn.cpu, fortyCpu: forty.cpu, builtInFilledCpu: builtInFilled.cpu, fortyFilledCpu: fortyFilled.cpu,
    });
    say(`round ${round}: built-in form ${number(builtIn.rate)} creates/s, 40 fields ${number(forty.rate)}; all sent: ${number(builtInFilled.rate)}, ${number(fortyFilled.rate)}`);
  }
  await server.stop();
  return medians(results);
}

/* ---- the table ---- */

function number(value, digits = 0) {
  if (!Number.isFinite(value)) return '–';
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function table(head, rows) {
  const all = [head, ...rows.map((row) => row.map(String))];
  const width = head.map((_, i) => Math.max(...all.map((row) => row[i].length)));
  const line = (row) => `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(width[i]) : cell.padStart(width[i]))).join(' | ')} |`;
  const rule = `|${width.map((w, i) => (i === 0 ? '-'.repeat(w + 2) : `${'-'.repeat(w + 1)}:`)).join('|')}|`;
  console.log([line(all[0]), rule, ...all.slice(1).map(line), ''].join('\n'));
}

function printForms() {
  table(
    ['forms, 256 connections', 'creates/s, built-in', '40 fields', 'ratio', 'processor µs, built-in', '40 fields'],
    [
      ['the report of the README', number(forms.builtIn), number(forms.forty), number(forms.forty / forms.builtIn, 2), number(forms.builtInCpu, 1), number(forms.fortyCpu, 1)],
      ['with a value for each field', number(forms.builtInFilled), number(forms.fortyFilled), number(forms.fortyFilled / forms.builtInFilled, 2), number(forms.builtInFilledCpu, 1), number(forms.fortyFilledCpu, 1)],
    ],
  );
}

function printGoals() {
  table(
    ['goal', 'measured', 'goal', 'verdict'],
    goals.map((g) => [g.what, `${number(g.value, g.unit === '' ? 2 : 0)}${g.unit}`, g.goal, g.met ? 'met' : 'missed']),
  );
}

const folder = makeFolder();
if (statfsSync(folder).type === 0x01021994)
  say(`${path.dirname(folder)} is in memory, so nothing here tells about a disk; set TMPDIR to a folder on one`);

const postgres = options.postgres ? await startPostgres({ fsync: true, conf: ['max_wal_size = 4GB'] }) : null;
if (postgres) useServer(postgres.url());

const forms = await measureForms();
goal('creates/s by a form of 40 fields : by the built-in one', forms.forty / forms.builtIn, { atLeast: 0.9 });
goal('the same, each report with a value for each of them', forms.fortyFilled / forms.builtInFilled, { atLeast: 0.9 });
const directory = await measureDirectory();
goal(`ready after its start with ${number(MANY)} people and forms`, directory.ready, { atMost: 300, unit: ' ms' });
goal(`creates/s with ${number(MANY)} people and forms : with few`, directory.many / directory.few, { atLeast: 0.9 });
const tokens = await measureTokens();
goal("a client's tokens/s : creates/s", tokens.tokens / tokens.creates, { atLeast: 0.5 });
if (options.forms) {
  printForms();
  printGoals();
  if (postgres) await postgres.destroy();
  process.exit();
}

const start = await measureStart();
const { creates, bares, bare64, own, append, constant } = await measureCreates();
const bulk = await measureBulk();
const nodes = postgres ? await measureNodes() : null;
const kill = postgres ? await measureKill() : null;
const steps = await measureStored();

const at256 = creates.get(256);
goal(`creates/s at 256 connections : ${BARE} at the same batch size`, at256.rate / bares.get(256).rate, { atLeast: postgres ? 0.7 : 0.8 });
if (nodes) goal('creates/s of two nodes on one database : of one', nodes.two / nodes.one, { atLeast: 0.9 });
if (kill) goal('answers of a node, while the other is killed, but 201 and 503 with Retry-After', kill.least > 0 ? kill.other : NaN, { atMost: 0 });
goal(`p99 at 64 connections : p99 of a transaction of 64 rows of ${BARE}`, creates.get(64).p99 / bare64.p99, { atMost: 1.5 });
const million = steps.find((step) => step.stored >= 1_000_000) ?? steps.at(-1);
goal(`creates/s with ${number(million.stored)} records : with none`, million.rate / million.freshRate, { atLeast: postgres ? 0.8 : 0.7 });
goal(`p99 of GET /tasks/{key} with ${number(million.stored)} records : with ${number(SMALL)}`, million.record / million.smallRecord, { atMost: 1.5 });
goal(`p99 of the first page of GET /tasks with ${number(million.stored)} records : with ${number(SMALL)}`, million.list / million.smallList, { atMost: 1.5 });
goal('creates per processor second in bulk : one by one at 256 connections', at256.cpu / bulk.cpu, { atLeast: 3 });
goal('ready after its start on an empty folder', start.ready, { atMost: 150, unit: ' ms' });
goal('resident when idle', start.idle, { atMost: 25, unit: ' MB' });
const most = CONNECTIONS.at(-1);
goal(`resident with ${number(most)} connections posting`, creates.get(most).peak, { atMost: 128, unit: ' MB' });

console.log(`\n${cpus().length} processors (${cpus()[0].model}), medians of ${ROUNDS}, ${SECONDS} s each\n`);
table(
  ['creates over HTTP', 'creates/s', `${BARE}, same batch`, 'ratio', 'batch', 'p50 ms', 'p99 ms', 'processor µs', 'bytes written', 'MB resident'],
  CONNECTIONS.map((c) => {
    const r = creates.get(c);
    return [`${number(c)} connection${c === 1 ? '' : 's'}`, number(r.rate), number(bares.get(c).rate), number(r.rate / bares.get(c).rate, 2), number(r.batch, 1),
      number(r.p50, 2), number(r.p99, 2), number(r.cpu, 0), number(r.bytes), number(r.peak)];
  }),
);
table(
  ['1,000 creates in a call, 4 clients', 'creates/s', 'processor µs', ...CONNECTIONS.map((c) => `one by one at ${number(c)} : this`)],
  [['add-tasks', number(bulk.rate), number(bulk.cpu, 1), ...CONNECTIONS.map((c) => number(creates.get(c).cpu / bulk.cpu, 2))]],
);
table(
  ['for reference', 'a second', 'server at 256 : this'],
  [
    ['nginx, a constant answer, 256 connections', number(constant.rate), number(at256.rate / constant.rate, 2)],
    [`append of the same bytes + fdatasync, batches of ${number(at256.batch, 1)}`, number(append.rate), number(at256.rate / append.rate, 2)],
    [`${BARE} transactions of 64 rows`, number(bare64.rate), number(at256.rate / bare64.rate, 2)],
    ...(own ? [[`bare through src/db, batches of ${number(at256.batch, 1)}`, number(own.rate), number(at256.rate / own.rate, 2)]] : []),
  ],
);
table(
  ['records stored', 'creates/s', 'with none', 'ratio', 'p99 ms', 'bytes written', 'GET one, p99 ms', `: with ${number(SMALL)}`, 'GET list, p99 ms', `: with ${number(SMALL)}`, 'ready ms'],
  steps.map((s) => [number(s.stored), number(s.rate), number(s.freshRate), number(s.rate / s.freshRate, 2), number(s.p99, 2), number(s.bytes),
    number(s.record, 2), number(s.record / s.smallRecord, 2), number(s.list, 2), number(s.list / s.smallList, 2), number(s.ready)]),
);
if (kill)
  table(
    ['two nodes, one is killed with -9', '201', '503 with Retry-After', 'anything else', 'creates/s before', 'after', 'longest without a 201 before, ms', 'after'],
    [['the other one answers', number(kill.created), number(kill.unavailable), number(kill.other), number(kill.before), number(kill.after), number(kill.waitBefore), number(kill.waitAfter)]],
  );
if (kill?.other > 0) console.log(`The first of anything else: ${kill.example || 'a broken connection'}\n`);
printForms();
printGoals();
if (postgres) await postgres.destroy();
mkdirSync(path.resolve(root, options.build), { recursive: true });
writeFileSync(path.resolve(root, options.build, postgres ? 'bench-postgres.json' : 'bench.json'), JSON.stringify({ forms, directory, tokens, start, nodes, kill, bulk, creates: [...creates], bares: [...bares], bare64, own, append, constant, steps, goals }, null, 1));
say('done');
