/*
 * A full disk: reports are answered 503 with Retry-After, reading still works, and when there is space
 * the server accepts reports again (or has stopped and does so after a start). Tried on a small
 * file system when we may mount one, and with a limit on file sizes everywhere.
 */
import assert from 'node:assert/strict';
import { existsSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { Ledger } from '../lib/load.mjs';
import { makeFolder, run } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, addUser, startServer } from '../lib/server.mjs';
import { runBzctrldOk } from '../lib/program.mjs';

const mounts = [];
after(async () => {
  for (const folder of mounts) await run('umount', [folder]);
});

async function mountSmall(size) {
  const folder = makeFolder();
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0700`, 'tmpfs', folder])
    .catch((error) => ({ code: 1, stderr: error.message }));
  if (mounted.code !== 0) return { refused: mounted.stderr.trim() };
  mounts.push(folder);
  return { folder };
}

/* Sends until the disk is full; then reads must work, and no report may be accepted and lost. */
async function fillAndRecover(server, ledger, makeSpace) {
  let full;
  for (let i = 0; i < 4000 && !full; i++) {
    const answers = await Promise.all(Array.from({ length: 8 }, () => ledger.send(ledger.make())));
    full = answers.find((answer) => answer?.status === 503) ?? (answers.includes(null) ? 'gone' : undefined);
  }
  assert.ok(full, 'the disk was never full');
  assert.notEqual(full, 'gone', `the server went away\n${server.log.slice(-2000)}`);
  assert.equal(full.mediaType, 'application/problem+json');
  assert.ok(Number(full.headers['retry-after']) > 0);

  for (let i = 0; i < 3; i++) {
    const answer = await ledger.send(ledger.make());
    assert.ok(answer === null || [201, 503].includes(answer.status));
    if (!server.running) break;
    const read = await server.get(`${API}/tasks?limit=5`, { check: false }).catch(() => null);
    if (read) assert.equal(read.status, 200, 'reading still works');
  }
  await makeSpace();
  if (server.running) {
    const answer = await ledger.send(ledger.make());
    if (answer?.status !== 201) await server.ended();
  }
  if (!server.running) await server.start();
  await ledger.settle();
  await ledger.audit();
  await ledger.verify();
}

test('a small file system', async (t) => {
  const { folder, refused } = await mountSmall('8m');
  if (refused) return t.skip(`NOT TESTED ON A FULL FILE SYSTEM: ${refused}`);
  const dir = path.join(folder, 'data');
  await runBzctrldOk(['workspace', 'add', WORKSPACE, '--data', dir]);
  await addUser(dir, EXAMPLE);
  const server = await startServer({ dataDir: dir });
  await server.token();
  const ledger = new Ledger(server);
  await ledger.send(ledger.make());
  const ballast = path.join(folder, 'ballast');
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - 1024 * 1024)));
  await fillAndRecover(server, ledger, () => rmSync(ballast));
  await server.terminate();
  assert.ok(existsSync(dir));
});

test('a limit on the size of files', async (t) => {
  const server = await startServer();
  await server.token();
  const ledger = new Ledger(server);
  for (let i = 0; i < 20; i++) await ledger.send(ledger.make());
  const limit = (value) => run('prlimit', ['--pid', String(server.pid), `--fsize=${value}`]);
  const largest = Math.max(...['bzctrl.db', 'bzctrl.db-wal'].map((n) => path.join(server.dir, n)).filter(existsSync)
    .map((f) => statSync(f).size));
  const limited = await limit(`${largest + 300_000}:unlimited`).catch((error) => ({ code: 1, stderr: error.message }));
  if (limited.code !== 0) {
    await server.stop();
    return t.skip(`NOT TESTED WITH A FILE SIZE LIMIT: ${limited.stderr}`);
  }
  await fillAndRecover(server, ledger, () => limit('unlimited:unlimited'));
  await server.stop();
});
