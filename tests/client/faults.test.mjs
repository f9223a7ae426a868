/*
 * Each system call that a report needs fails once: the command exits with the right code and not by a
 * signal, and the same report, sent again, is stored exactly once. (Allocations: library.test.mjs.)
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Client } from '../lib/client.mjs';
import { makeFile, run } from '../lib/program.mjs';
import { startServer } from '../lib/server.mjs';
import { straceMissing } from '../lib/strace.mjs';

const LANES = 4;
const CODES = [0, 64, 65, 66, 69, 70, 74, 75, 77, 78];

const skip = await straceMissing();

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

/* Whether each of these was stored once, and nothing else. */
async function assertOnce(prefix, titles) {
  const stored = (await server.listAll()).map((record) => record.title).filter((title) => title.startsWith(prefix));
  assert.deepEqual(stored.sort(), [...titles].sort());
}

/* Reports it again, without a fault. */
async function assertTaken(client, title, what) {
  const again = await client.report(title, ['--key', title]);
  assert.ok([0, 75].includes(again.code), `${what}: ${again.stderr}`);
  const sent = await client.run(['outbox', 'run']);
  assert.equal(sent.code, 0, `${what}: ${sent.stderr}`);
}

test('each system call fails once', { skip }, async (t) => {
    const calls = {
      openat: ['EIO', 'EMFILE'], pwrite64: ['EIO', 'ENOSPC'], fdatasync: ['EIO'], fsync: ['EIO'], ftruncate: ['EIO'],
      write: ['ENOSPC'], flock: ['ENOLCK'], rename: ['EIO'], socket: ['EMFILE'], connect: ['ECONNREFUSED'],
      sendto: ['ECONNRESET'],
      recvfrom: ['ECONNRESET'], fcntl: ['EINTR'], mkdir: ['EACCES'],
    };
    const cases = Object.entries(calls).flatMap(([call, errors]) =>
      errors.flatMap((error) => (call === 'openat' ? [8, 12, 16, 20] : [1, 2, 4, 7])
        .map((when) => ({ call, error, when }))),
    );
    const titles = [];
    let injected = 0;
    const lane = async () => {
      const client = new Client(server.url);
      for (let one = cases.shift(); one; one = cases.shift()) {
        const { call, error, when } = one;
        const title = `call-${call}-${error}-${when}`;
        const log = makeFile('');
        const result = await client.report(title, ['--key', title], {
          wrapper: ['strace', '-f', '-qq', '-o', log, '-e', `inject=${call}:error=${error}:when=${when}`],
          env: { ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:detect_leaks=0` },
        });
        assert.ok(CODES.includes(result.code) || result.code === 127,
          `${title}: ${result.code ?? result.signal}\n${result.stderr}`);
        const { stdout } = await run('grep', ['-c', 'INJECTED', log]);
        injected += Number(stdout);
        titles.push(title);
        await assertTaken(client, title, title);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    await assertOnce('call-', titles);
    t.diagnostic(`${injected} of ${titles.length} were met`);
    assert.ok(injected > titles.length / 3, `only ${injected} of ${titles.length} were met`);
  });

/* Runs a batch whose `when`th call fails; whether it came to that, and what the command said. */
async function batchFails(content, call, error, when, only = (_) => []) {
  const client = new Client(server.url);
  const file = makeFile(content, 'rows.csv');
  const log = makeFile('');
  const result = await client.run(['report', '--batch', file, '--encoding', 'WINDOWS-1252', '--dry-run'], {
    wrapper: ['strace', '-qq', '-o', log, ...only(file), '-e', `inject=${call}:error=${error}:when=${when}`],
    env: { ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:detect_leaks=0` },
  });
  return { file, injected: /INJECTED/.test(readFileSync(log, 'utf8')), ...result };
}

test('a file of which a part cannot be read or copied is refused with the reason', { skip }, async () => {
  const rows = Array.from({ length: 8 }, (_, i) => `INCIDENT,${i},${'\u00fc'.repeat(30_000)},O 1,High`);
  const content = Buffer.from(['todoType,title,description,orderID,impact', ...rows].join('\n'), 'latin1');
  let when = 1;
  for (; ; when++) {
    const read = await batchFails(content, 'read', 'EIO', when, (file) => ['-P', file]);
    if (!read.injected) break;
    assert.deepEqual([read.code, read.stderr],
      [66, `bzctrl: ${read.file} cannot be read: Input/output error\n`], `read ${when}`);
  }
  assert.ok(when > 4, `${when} reads`);
  for (when = 1; when <= 4; when++) {
    const write = await batchFails(content, 'write', 'ENOSPC', when);
    assert.deepEqual([write.code, write.stderr],
      [74, 'bzctrl: a temporary file cannot be written: No space left on device\n'], `write ${when}`);
  }
});
