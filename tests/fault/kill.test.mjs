/*
 * kill -9 at random moments under load: nothing acknowledged is lost, nothing doubled, numbers
 * without gaps, the chain verifies and every receipt holds. ROUNDS sets how often (make soak: 2,000).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onPostgres } from '../lib/database.mjs';
import { Ledger } from '../lib/load.mjs';
import { startServer } from '../lib/server.mjs';

/* The kills meet the same server on either engine; PostgreSQL itself is killed in postgres.test.mjs. */
const ROUNDS = Number(process.env.ROUNDS || (onPostgres ? 15 : 50));
const CONNECTIONS = 16;
const VERIFY_EVERY = Math.max(1, Math.floor(ROUNDS / 50));

test(`${ROUNDS} times kill -9 under load: what was acknowledged is there, once`, async (t) => {
  const server = await startServer();
  await server.token();
  const ledger = new Ledger(server);
  for (let round = 1; round <= ROUNDS; round++) {
    let killed = false;
    const loading = ledger.load({ connections: CONNECTIONS, stop: () => killed });
    await ledger.moreTaken(5 + Math.floor(Math.random() * 50));
    killed = true;
    await server.kill9();
    await loading;
    await server.start();
    /* Whoever got no answer sends again; then the stored and the sent must be the same set. */
    await ledger.settle();
    await ledger.replay(20);
    await ledger.audit();
    if (round % VERIFY_EVERY === 0) await ledger.verify();
  }
  await ledger.verify();
  assert.ok(ledger.entries.size > ROUNDS * 5, `only ${ledger.entries.size} reports were sent`);
  t.diagnostic(`${ledger.entries.size} reports over ${ROUNDS} kills`);
  await server.stop();
});
