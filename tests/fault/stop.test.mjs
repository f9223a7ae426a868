/*
 * SIGTERM under load: what was taken is answered, the exit code is 0, and what is stored is exactly
 * what was acknowledged.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFileSync, readdirSync } from 'node:fs';
import { connect } from '../lib/http.mjs';
import { Ledger } from '../lib/load.mjs';
import { patience, run, runBzctrld, spawnChild } from '../lib/program.mjs';
import { ADD_TASK, API, small, startServer } from '../lib/server.mjs';

const ROUNDS = Number(process.env.BZCTRL_STOP_ROUNDS || 8);

test('stopping under load: all that is stored was acknowledged, all acknowledged is stored', async () => {
  const server = await startServer();
  await server.token();
  const ledger = new Ledger(server);
  for (let round = 0; round < ROUNDS; round++) {
    let stopping = false;
    const loading = ledger.load({ connections: 64, stop: () => stopping });
    await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 200));
    stopping = true;
    await server.terminate();
    await loading;
    await server.start();
    /* Nothing is stored that was not answered: an entry without an answer was never taken. */
    const stored = await server.listAll({ createdAfter: '2000-01-01' }, { check: false });
    const titles = new Set(stored.map((item) => item.title));
    for (const entry of ledger.open) assert.ok(!titles.has(entry.key), 'stored, but the client was left without an answer');
    await ledger.settle();
    await ledger.audit();
  }
  await ledger.verify();
  await server.stop();
});

test('while it stops: /readyz says so or nobody listens, and a request under way is finished', async () => {
  const server = await startServer();
  const token = await server.token();
  const body = JSON.stringify(small({ title: 'half sent' }));
  const socket = await connect(server.where);
  const received = [];
  socket.on('data', (data) => received.push(data));
  socket.write(
    `POST ${ADD_TASK} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body.slice(0, 20)}`,
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  server.child.kill('SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 200));
  const ready = await server.request('GET', '/readyz', { check: false }).catch(() => null);
  assert.ok(ready === null || ready.status === 503);
  socket.write(body.slice(20));
  const { code } = await server.ended();
  assert.equal(code, 0);
  const answer = Buffer.concat(received).toString();
  assert.match(answer, /^HTTP\/1\.1 201 /);
  assert.match(answer, /\r\nConnection: close\r\n/i);
  await server.start();
  assert.equal((await server.get(`${API}/tasks`)).json.items[0].title, 'half sent');
  await server.stop();
});

test('idle connections do not delay the stop, and a client that never finishes does so for a bounded time only', async () => {
  const server = await startServer();
  const idle = await Promise.all(Array.from({ length: 50 }, () => connect(server.where)));
  const started = Date.now();
  await server.terminate();
  assert.ok(Date.now() - started < 3000 * patience);
  for (const socket of idle) socket.destroy();

  await server.start();
  const stuck = await connect(server.where);
  stuck.write('GET /healthz HTTP/1.1\r\nHost:');
  await new Promise((resolve) => setTimeout(resolve, 100));
  await server.terminate();
  assert.ok(Date.now() - started < 50_000 * patience);
  await server.stop();
});

test('SIGTERM twice, and SIGINT, are a clean end too', async () => {
  const server = await startServer();
  server.child.kill('SIGTERM');
  await server.terminate();
  await server.start();
  server.child.kill('SIGINT');
  assert.equal((await server.ended()).code, 0);
  await server.stop();
});

/* Makes one call of a thread of the server take its time; null where strace cannot. */
async function delay(server, thread, call, seconds) {
  const probe = await run('strace', ['-e', 'trace=none', 'true']).catch(() => ({ code: 1 }));
  if (probe.code !== 0) return null;
  const tids = readdirSync(`/proc/${server.pid}/task`).filter((tid) => readFileSync(`/proc/${server.pid}/task/${tid}/comm`, 'utf8').trim() === thread);
  const tracer = spawnChild('strace', [...tids.flatMap((tid) => ['-p', tid]), '-e', `trace=${call}`, '-e', `inject=${call}:delay_enter=${seconds}s:when=1`], { stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise((resolve) => {
    tracer.stderr.on('data', (data) => /attached/.test(data) && resolve());
  });
  return tracer;
}

test('a command that has begun when the server stops gets its answer', async (t) => {
  const server = await startServer();
  const tracer = await delay(server, 'bzctrl-write', 'fdatasync', 2);
  if (!tracer) return t.skip('NOT TESTED: strace cannot trace here');
  const command = runBzctrld(['workspace', 'add', 'EXA-CON-BUS-LATE', '--data', server.dir]);
  await new Promise((resolve) => setTimeout(resolve, 700 * patience));
  await server.terminate();
  const { code, stderr } = await command;
  assert.equal(code, 0, stderr);
  tracer.kill('SIGINT');
  await tracer.exited;
  await server.stop();
});

/* Takes longer than a stop waits: `make soak`. */
test('a request that a stop has given up waiting for is finished all the same', { skip: !process.env.BZCTRL_SOAK && 'only in make soak' }, async (t) => {
  const server = await startServer();
  const token = await server.token();
  await server.restart(); /* whose readers have no page in memory yet */
  const tracer = await delay(server, 'bzctrl-read', 'pread64', 33);
  if (!tracer) return t.skip('NOT TESTED: strace cannot trace here');
  const answer = server.addTask(small(), { token });
  await new Promise((resolve) => setTimeout(resolve, 500 * patience));
  server.endExpected = true;
  server.child.kill('SIGTERM');
  assert.equal((await answer).status, 201);
  assert.equal((await server.ended(60_000 * patience)).code, 0);
  await tracer.exited;
  await server.stop();
});
