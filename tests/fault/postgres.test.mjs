/*
 * The database server fails, and bzctrld stays: PostgreSQL is killed under load and comes back, is
 * stopped for a while, and a commit waits in vain for the standby that must have it. Nothing
 * acknowledged is lost, nothing is there twice, and nobody waits for longer than was promised.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { useServer } from '../lib/database.mjs';
import { Ledger } from '../lib/load.mjs';
import { startPostgres } from '../lib/postgres.mjs';
import { patience } from '../lib/program.mjs';
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
    await sleep(100 + Math.random() * 400);
    await postgres.kill9();
    await sleep(Math.random() * 500);
    await postgres.start();
    await sleep(Math.random() * 500);
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
  await sleep(300);
  await postgres.stop();
  const until = Date.now() + AWAY_SECONDS * 1000;
  await sleep(1000);
  let slowest = 0;
  for (let asked = 0; Date.now() < until || asked === 0; asked++) {
    const started = performance.now();
    const answer = await ledger.send(ledger.make());
    slowest = Math.max(slowest, performance.now() - started);
    assert.equal(answer?.status, 503);
    assert.ok(Number(answer.headers['retry-after']) > 0, 'it says when to try again');
    await sleep(200);
  }
  assert.ok(slowest < 2500 * patience, `after ${slowest} ms`);
  assert.equal((await server.request('GET', '/healthz')).status, 200);
  await postgres.start();
  await ledger.untilServed();
  done = true;
  await loading;
  await ledger.settle();
  await ledger.audit();
  await ledger.verify();
  t.diagnostic(`refused within ${slowest.toFixed(0)} ms; answers: ${JSON.stringify([...ledger.statuses])}`);
  await server.stop();
});

test('a commit that its standby does not get is refused in time, seen by nobody, and taken in the end', async () => {
  const server = await startServer();
  const ledger = new Ledger(server);
  await ledger.untilServed();
  postgres.reload(["synchronous_standby_names = 'missing'"]);
  await sleep(500);
  const started = performance.now();
  const answer = await ledger.send(ledger.make());
  const seconds = (performance.now() - started) / 1000;
  assert.equal(answer?.status, 503);
  assert.ok(seconds > 10 && seconds < 20 * patience, `after ${seconds} s`);
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
