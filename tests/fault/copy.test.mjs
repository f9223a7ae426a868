/*
 * Copies in bad circumstances: a backup while the server is under full load, and a move that is
 * killed in the middle and gone on with.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { databaseUrl, onPostgres } from '../lib/database.mjs';
import { Ledger } from '../lib/load.mjs';
import { bzctrld, makeFile, makeFolder, patience, runBzctrld, runBzctrldOk, spawnChild } from '../lib/program.mjs';
import { startServer } from '../lib/server.mjs';
import { verifyHistory } from '../lib/verify_history.mjs';

const receiptsOf = (entries) => entries.map((entry) => entry.answer.receipt);

async function loaded(reports) {
  const server = await startServer();
  await server.token();
  const ledger = new Ledger(server);
  const state = { stop: false };
  const loading = ledger.load({ connections: 16, stop: () => state.stop });
  await ledger.moreTaken(reports);
  return {
    server,
    ledger,
    end: async () => {
      state.stop = true;
      await loading;
    },
  };
}

test('a backup under full load holds all that was acknowledged before it began', async (t) => {
  const { server, ledger, end } = await loaded(300);
  const folder = makeFolder();
  const backups = [];
  for (const name of ['one.db', 'two.db', 'three.db']) {
    const before = ledger.acknowledged;
    const sent = ledger.entries.size;
    await server.command(['backup', path.join(folder, name)], { timeout: 120_000 * patience });
    backups.push({ name, receipts: receiptsOf(before), during: ledger.entries.size - sent });
  }
  await end();
  assert.deepEqual(readdirSync(folder).sort(), backups.map(({ name }) => name).sort());
  for (const { name, receipts } of backups) verifyHistory(path.join(folder, name), receipts);
  assert.ok(backups.some(({ during }) => during > 0), 'no record came during a backup');
  t.diagnostic(backups.map(({ receipts, during }) => `${receipts.length} records, ${during} more during the backup`)
    .join('; '));
  await ledger.settle();
  await ledger.verify();
  await server.terminate();

  /* What is restored takes up the work: the keys of what it holds are answered again, and those that
   * came later are new to it. */
  const dir = path.join(makeFolder(), 'new');
  const { name, receipts } = backups.at(-1);
  await runBzctrldOk(['restore', path.join(folder, name), '--data', dir]);
  await runBzctrldOk(['verify', '--receipts', makeFile(receipts.join('\n')), '--data', dir],
    { timeout: 120_000 * patience });
  const copy = await startServer({ dataDir: dir });
  copy.tokens = server.tokens;
  const held = new Set(receipts);
  const known = ledger.acknowledged.filter((entry) => held.has(entry.answer.receipt));
  ledger.server = copy;
  for (let i = 0; i < known.length; i += 50) {
    const answer = await ledger.send(known[i]);
    assert.equal(answer.headers['idempotent-replayed'], 'true');
  }
  await copy.terminate();
  await server.stop();
});

/* Starts a migrate and kills it after so many milliseconds from its first word. */
async function killed(words, milliseconds) {
  const child = spawnChild(bzctrld, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  child.stderr.on('data', (data) => {
    told += data;
  });
  await new Promise((resolve) => {
    child.stderr.once('data', resolve);
    child.stderr.once('close', resolve);
  });
  const started = performance.now();
  const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
  const { signal } = await child.exited;
  clearTimeout(timer);
  return { inTheMiddle: signal === 'SIGKILL' && /chains/.test(told), told, milliseconds: performance.now() - started };
}

test('a move that is killed in the middle is gone on with', async (t) => {
  const { server, ledger, end } = await loaded(600);
  await end();
  await ledger.settle();
  await server.terminate();
  const heads = await runBzctrldOk(['verify', '--data', server.dir], { timeout: 120_000 * patience });
  const receipts = makeFile(receiptsOf(ledger.acknowledged).join('\n'));

  /* How long it takes from its first word to its end, on this machine. */
  const whole = await killed(['migrate', '--from', databaseUrl(server.dir), '--to', `sqlite:${makeFolder()}/bzctrl.db`],
    600_000 * patience);
  let middles = 0;
  for (let round = 0; round < 8; round++) {
    /* On PostgreSQL to another database of it, and to a file. */
    const dir = makeFolder();
    const to = onPostgres && round % 2 === 0 ? databaseUrl(dir) : `sqlite:${dir}/bzctrl.db`;
    const words = ['migrate', '--from', databaseUrl(server.dir), '--to', to];
    for (let kills = 0; kills < 3; kills++) {
      const { inTheMiddle, told } = await killed(words, Math.random() * whole.milliseconds);
      if (!inTheMiddle) continue;
      middles++;
      if (/verifying/.test(told)) continue; /* it may be through */
      const opened = await runBzctrld(['verify', '--database', to, '--data', dir]);
      assert.ok(opened.code === 69 && /unfinished/.test(opened.stderr), `${opened.code} ${opened.stderr}`);
    }
    const ended = await runBzctrld(words, { timeout: 120_000 * patience });
    assert.ok(ended.code === 0 || (ended.code === 1 && /not empty/.test(ended.stderr)), ended.stderr);
    const moved = ['verify', '--database', to, '--data', dir, '--receipts', receipts];
    assert.equal(await runBzctrldOk(moved, { timeout: 120_000 * patience }), heads);
  }
  assert.ok(middles > 0, 'no kill fell into the middle');
  t.diagnostic(`${ledger.entries.size} records, killed in the middle ${middles} times`);
  await server.stop();
});
