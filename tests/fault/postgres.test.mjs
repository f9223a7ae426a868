/*
 * The database server fails, and bzctrld stays: PostgreSQL is killed under load and comes back, is
 * stopped for a while, and a commit waits in vain for the standby that must have it. Nothing
 * acknowledged is lost, nothing is there twice, and nobody waits for longer than was promised.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { after, test } from 'node:test';
import { databaseUrl, postgresBin, psql, useServer } from '../lib/database.mjs';
import { Ledger } from '../lib/load.mjs';
import { metricsOf } from '../lib/metrics.mjs';
import { startPostgres } from '../lib/postgres.mjs';
import { bzctrld, makeFolder, patience, runBzctrld, spawnChild, until } from '../lib/program.mjs';
import { startServer } from '../lib/server.mjs';

const ROUNDS = Number(process.env.BZCTRL_POSTGRES_ROUNDS || 5);
const AWAY_SECONDS = Number(process.env.BZCTRL_AWAY_SECONDS || 20);
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const postgres = await startPostgres({ fsync: true });
useServer(postgres.url());
after(() => postgres.destroy());

test('PostgreSQL is killed under load: what was acknowledged is there, once', async (t) => {
  const server = await startServer();
  await server.token();
  const ledger = new Ledger(server);
  for (let round = 0; round < ROUNDS; round++) {
    let done = false;
    const loading = ledger.load({ connections: 8, stop: () => done });
    await ledger.moreTaken(5 + Math.floor(Math.random() * 50));
    await postgres.kill9();
    await ledger.oneTurnedAway();
    await postgres.start();
    await ledger.moreTaken(1 + Math.floor(Math.random() * 20));
    done = true;
    await loading;
    await ledger.untilServed();
    await ledger.settle();
    await ledger.replay(20);
    await ledger.audit();
  }
  await ledger.verify();
  t.diagnostic(`${ledger.entries.size} reports over ${ROUNDS} kills; answers ${[...ledger.statuses]}`);
  await server.stop();
});

test(`PostgreSQL is away for ${AWAY_SECONDS} s: all is refused at once, and taken when it is back`, async (t) => {
  const server = await startServer();
  const ledger = new Ledger(server);
  await ledger.untilServed();
  let done = false;
  const loading = ledger.load({ connections: 8, stop: () => done });
  await ledger.moreTaken(10);
  await postgres.stop();
  const end = Date.now() + AWAY_SECONDS * 1000;
  await ledger.oneTurnedAway();
  const times = [];
  for (let asked = 0; Date.now() < end || asked === 0; asked++) {
    const started = performance.now();
    const answer = await ledger.send(ledger.make());
    times.push(performance.now() - started);
    assert.equal(answer?.status, 503);
    assert.ok(Number(answer.headers['retry-after']) > 0, 'it says when to try again');
    await sleep(200);
  }
  /* Not each of them: the machine may be busy with something else now and then. */
  const usual = times.sort((a, b) => a - b)[times.length >> 1];
  assert.ok(usual < 2500 * patience, `after ${times} ms`);
  assert.equal((await server.request('GET', '/healthz')).status, 200);
  assert.ok((await metricsOf(server)).value('bzctrl_database_errors_total', { error: 'connect' }) > 0);
  await postgres.start();
  await ledger.untilServed();
  done = true;
  await loading;
  await ledger.settle();
  await ledger.audit();
  await ledger.verify();
  t.diagnostic(`refused within ${usual.toFixed(0)} ms; answers: ${JSON.stringify([...ledger.statuses])}`);
  await server.stop();
});

/* Waits until PostgreSQL has a commit wait for its standby, which it does some time after it was asked to. */
async function commitsWait() {
  const waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
  await until(async () => {
    const commit = spawnChild(path.join(postgresBin, 'psql'),
      ['-Xq', '-c', 'CREATE TABLE probe (); DROP TABLE probe', postgres.url()], { stdio: 'ignore' });
    while (commit.exitCode === null && psql(postgres.url(), waiting).trim() === '') await sleep(20);
    const waits = commit.exitCode === null;
    if (waits) psql(postgres.url(), `SELECT pg_terminate_backend(pid) FROM (${waiting}) w`);
    await commit.exited;
    return waits;
  }, 'a commit that waits for its standby');
}

test('a commit that its standby does not get is refused in time, seen by nobody, and taken in the end', async (t) => {
  t.after(() => postgres.reload(["synchronous_standby_names = ''"])); /* or whatever comes next waits for ever */
  const server = await startServer();
  const ledger = new Ledger(server);
  await ledger.untilServed();
  postgres.reload(["synchronous_standby_names = 'missing'"]);
  await commitsWait();
  const started = performance.now();
  const answer = await ledger.send(ledger.make(), { timeout: 120_000 * patience });
  const seconds = (performance.now() - started) / 1000;
  assert.equal(answer?.status, 503);
  assert.ok(seconds > 10 && seconds < 120 * patience, `after ${seconds} s`);
  /* Longer than any limit of the server's own, which would give up on the standby. */
  await sleep(10_000);
  assert.equal((await server.listAll()).length, 1);
  postgres.reload(["synchronous_standby_names = ''"]);
  await ledger.untilServed();
  await ledger.settle();
  await ledger.audit();
  await ledger.verify();
  await server.stop();
});

/* Resolves when what a child writes to standard error matches. */
async function says(child, pattern) {
  let said = '';
  await new Promise((resolve, reject) => {
    child.stderr.on('data', (data) => {
      said += data;
      if (pattern.test(said)) resolve();
    });
    child.exited.then(({ code, signal }) => reject(new Error(`it ended (${signal ?? code}) and said: ${said}`)));
  });
  return said;
}

test('a start that waits for another node’s upgrade says so, continues after it, and ends by SIGTERM', async () => {
  const dir = makeFolder();
  const url = databaseUrl(dir);
  const holding = 'BEGIN; SELECT pg_advisory_xact_lock(7236838); SELECT pg_sleep(600)';
  const holder = spawnChild(path.join(postgresBin, 'psql'), ['-Xq', '-c', holding, url], { stdio: 'ignore' });
  const locked = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted";
  await until(() => psql(url, locked).trim() !== '', 'a process that holds the lock');
  const pid = psql(url, locked).trim();
  const words = [['serve', '--data', dir, '--listen', '127.0.0.1:0'],
    ['workspace', 'add', 'EXA-WOR', '--data', makeFolder(), '--database', url]];
  const started = words.map((args) => spawnChild(bzctrld, args, { stdio: ['ignore', 'ignore', 'pipe'] }));
  await Promise.all(
    started.map((child) => says(child, new RegExp(`waiting: process ${pid} .*is updating the schema`))));
  started[0].kill('SIGTERM');
  assert.equal((await started[0].exited).signal, 'SIGTERM');
  assert.equal(started[1].exitCode, null, 'longer than a lock on a row is waited for, if need be');
  psql(url, `SELECT pg_terminate_backend(${pid})`);
  assert.equal((await started[1].exited).code, 0);
  await holder.exited;
});

/* A way to PostgreSQL that can fall silent: `silent` is null, 'at once' (connections are accepted, and
 * that is all) or 'once ready' (they are signed in, and nothing that comes then is passed on). */
async function startWay(t) {
  const way = { silent: null, sockets: new Set() };
  const server = createServer((client) => {
    const silent = way.silent;
    const behind = connect(postgres.port, '127.0.0.1');
    let ready = false;
    for (const socket of [client, behind]) {
      way.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => (way.sockets.delete(socket), client.destroy(), behind.destroy()));
    }
    client.on('data', (data) => {
      if (silent === null || (silent === 'once ready' && !ready)) behind.write(data);
    });
    behind.on('data', (data) => {
      if (data.includes('Z\0\0\0\x05I')) ready = true; /* ReadyForQuery */
      client.write(data);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  way.cut = () => way.sockets.forEach((socket) => socket.destroy());
  t.after(() => (server.close(), way.cut()));
  way.url = (url) => url.replace(`:${postgres.port}/`, `:${server.address().port}/`);
  return way;
}

test('a database that falls silent while a connection is made holds up neither a start nor a reconnect', async (t) => {
  const first = await startServer();
  const url = databaseUrl(first.dir);
  await first.terminate();
  const way = await startWay(t);
  const server = await startServer({ dataDir: first.dir, env: { BZCTRL_DATABASE: way.url(url) } });
  const ledger = new Ledger(server);
  await ledger.untilServed();
  for (way.silent of ['at once', 'once ready']) {
    way.cut();
    const start =
      runBzctrld(['verify', '--data', makeFolder(), '--database', way.url(url)], { timeout: 20_000 * patience });
    const [answer, { code, stderr }] =
      await Promise.all([ledger.send(ledger.make(), { timeout: 20_000 * patience }), start]);
    assert.equal(answer?.status, 503, way.silent);
    assert.equal(code, 69, `${way.silent}: ${stderr}`);
    assert.match(stderr, /the database does not answer|cannot reach the database/);
  }
  way.silent = null;
  way.cut();
  await ledger.untilServed();
  await ledger.settle();
  await ledger.audit();
  await server.stop();
});
