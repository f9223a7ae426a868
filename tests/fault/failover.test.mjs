/*
 * The primary is killed and a synchronous standby promoted, under load. Nothing that was acknowledged
 * is lost or doubled, and the nodes need no restart. BZCTRL_FAILOVER_ROUNDS sets how often (make
 * soak: 100).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { psql } from '../lib/database.mjs';
import { Ledger } from '../lib/load.mjs';
import { startPostgres, startStandby } from '../lib/postgres.mjs';
import { makeFile, makeFolder, patience, runBzctrldOk, until } from '../lib/program.mjs';
import { EXAMPLE, WORKSPACE, startServer } from '../lib/server.mjs';

const ROUNDS = Number(process.env.BZCTRL_FAILOVER_ROUNDS || 5);
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/* Nodes on `url`, which may name several hosts: one database, a folder each. */
async function startNodes(url, count = 1) {
  const folders = Array.from({ length: count }, makeFolder);
  const on = ['--data', folders[0], '--database', url];
  await runBzctrldOk(['workspace', 'add', WORKSPACE, ...on]);
  const { email, domain, role, password } = EXAMPLE;
  await runBzctrldOk(['user', 'add', email, '--domain', domain, '--role', role, '--password-file',
    makeFile(`${password}\n`), ...on]);
  return Promise.all(folders.map((dataDir) => startServer({ dataDir, args: ['--database', url] })));
}

/* A primary and a standby that has all that was committed. */
class Pair {
  async start() {
    this.primary = await startPostgres({ conf: ['wal_keep_size = 256MB'] });
    this.name = this.primary.createDatabase().name;
    await this.join();
  }

  /* Has a standby follow the primary, on the port of the one that is gone if there was one. */
  async join(port) {
    this.standby = await startStandby(this.primary, { port });
    this.primary.reload(["synchronous_standby_names = 'standby'"]);
    const following = () => psql(this.primary.url(), 'SELECT sync_state FROM pg_stat_replication').trim() === 'sync';
    await until(following, () => `a standby that follows\n${this.standby.log}`);
  }

  get url() {
    return `postgresql://bzctrl@127.0.0.1:${this.primary.port},127.0.0.1:${this.standby.port}/${this.name}`;
  }

  /* The primary's machine is gone, the standby takes over. */
  async failOver() {
    const dead = this.primary;
    await dead.kill9();
    /* It must not wait for a standby that it does not have: the copy has its settings. */
    this.standby.configure(["synchronous_standby_names = ''"]);
    await this.standby.promote();
    this.primary = this.standby;
    await dead.destroy();
    return dead.port;
  }

  async stop() {
    await this.standby.destroy();
    await this.primary.destroy();
  }
}

test(`the primary is killed ${ROUNDS} times under load: nothing acknowledged is lost or doubled`, async (t) => {
  const pair = new Pair();
  await pair.start();
  const [node] = await startNodes(pair.url);
  await node.token();
  const ledger = new Ledger(node);
  for (let round = 0; round < ROUNDS; round++) {
    let stop = false;
    const loading = ledger.load({ connections: 16, stop: () => stop });
    await ledger.moreTaken(5 + Math.floor(Math.random() * 50));
    const port = await pair.failOver();
    await ledger.untilServed();
    stop = true;
    await loading;
    await pair.join(port);
    await ledger.untilServed();
    await ledger.settle();
    await ledger.replay(20);
    await ledger.audit();
    await ledger.verify();
  }
  t.diagnostic(`${ledger.entries.size} reports, answers: ${JSON.stringify([...ledger.statuses])}`);
  await node.stop();
  await pair.stop();
});

test('a commit that was cut short on the primary is acknowledged to nobody until it is replicated', async () => {
  const pair = new Pair();
  await pair.start();
  const nodes = await startNodes(pair.url, 2);
  const ledger = new Ledger(nodes[0], nodes);
  await ledger.untilServed();

  const waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
  let entry;
  for (;;) {
    await pair.standby.stop();
    entry = ledger.make();
    let answered = false;
    const first = ledger.send(entry, { node: nodes[0], timeout: 60_000 * patience }).finally(() => (answered = true));
    /* Each wait is ended from outside, that of upkeep too, until it was the report's: from here on what was committed
       is there for all to see, on one machine. */
    while (!answered) {
      psql(pair.primary.url(), `SELECT pg_terminate_backend(pid) FROM (${waiting}) w`);
      await sleep(20);
    }
    assert.notEqual((await first)?.status, 201, 'it is not on the standby');
    if (psql(pair.primary.url(pair.name), `SELECT COUNT(*) FROM task WHERE title = '${entry.key}'`).trim() === '1')
      break;
    /* It was upkeep of the node that waited, and the report was refused: all as it was, and once more. */
    await pair.standby.start();
    await ledger.untilServed();
  }

  /* A client that asks again, on any node, does not hear that it is done. */
  const again = nodes.map((node) => ledger.send(entry, { node, timeout: 60_000 * patience }));
  const answers = await Promise.race([Promise.all(again), sleep(4000).then(() => null)]);
  assert.ok(answers === null || answers.every((answer) => answer?.status !== 201));

  /* The primary dies, and with it the only copy. */
  await pair.primary.kill9();
  await pair.standby.start();
  pair.standby.configure(["synchronous_standby_names = ''"]);
  await pair.standby.promote();
  for (const answer of await Promise.all(again)) assert.notEqual(answer?.status, 201);
  await ledger.untilServed();
  await ledger.settle();
  await ledger.audit();
  await ledger.verify();
  for (const node of nodes) await node.stop();
  await pair.primary.destroy();
  await pair.standby.destroy();
});
