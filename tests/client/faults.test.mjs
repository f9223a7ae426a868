/*
 * Each allocation and each system call on the way of a report fails once: the command ends with a
 * code that tells, by no signal, and the same report given again is stored exactly once.
 */
import assert from 'node:assert/strict';
import { openSync, closeSync, readSync, writeSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { Client, shim } from '../lib/client.mjs';
import { makeFile, run } from '../lib/program.mjs';
import { startServer } from '../lib/server.mjs';

const LANES = 4;
const MOST = 3000; /* more allocations than a report makes */
const CODES = [0, 64, 65, 66, 69, 70, 74, 75, 77, 78];

const probe = await run('strace', ['-e', 'trace=none', 'true']).catch(() => ({ code: 1 }));
const skip = probe.code === 0 ? false : 'SYSTEM CALLS ARE NOT TESTED: strace cannot trace here';

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

/* Gives it again, without a fault. */
async function assertTaken(client, title, what) {
  const again = await client.report(title, ['--key', title]);
  assert.ok([0, 75].includes(again.code), `${what}: ${again.stderr}`);
  const sent = await client.run(['outbox', 'run']);
  assert.equal(sent.code, 0, `${what}: ${sent.stderr}`);
}

describe('once', () => {
  test('each allocation fails', async (t) => {
    const codes = new Map();
    const titles = [];
    let next = 1;
    let end = MOST;
    const lane = async (number) => {
      const client = new Client(server.url);
      const plan = makeFile(Buffer.alloc(16));
      const fd = openSync(plan, 'r+');
      while (next < end) {
        const nth = next++;
        const title = `alloc ${number} ${nth}`.replaceAll(' ', '-');
        writeSync(fd, new BigInt64Array([BigInt(nth), 0n]), 0, 16, 0);
        const result = await client.report(title, ['--key', title], { env: { LD_PRELOAD: shim('fail_alloc'), BZCTRL_FAIL_ALLOC: plan } });
        const left = new BigInt64Array(1);
        readSync(fd, left, 0, 8, 0);
        assert.ok(CODES.includes(result.code), `allocation ${nth}: ${result.code ?? result.signal}\n${result.stderr}`);
        codes.set(result.code, (codes.get(result.code) ?? 0) + 1);
        titles.push(title);
        await assertTaken(client, title, `allocation ${nth}`);
        if (left[0] > 0n) end = Math.min(end, nth); /* it makes no more than these */
      }
      closeSync(fd);
    };
    await Promise.all(Array.from({ length: LANES }, (_, i) => lane(i)));
    assert.ok(end < MOST);
    await assertOnce('alloc-', titles);
    assert.ok((codes.get(70) ?? 0) > 10, `some failed: ${JSON.stringify([...codes])}`);
    t.diagnostic(`${end} allocations; exit codes ${JSON.stringify([...codes])}`);
  });

  test('each system call fails', { skip }, async (t) => {
    const calls = {
      openat: ['EIO', 'EMFILE'], pwrite64: ['EIO', 'ENOSPC'], fdatasync: ['EIO'], fsync: ['EIO'], ftruncate: ['EIO'],
      write: ['ENOSPC'], flock: ['ENOLCK'], rename: ['EIO'], socket: ['EMFILE'], connect: ['ECONNREFUSED'], sendto: ['ECONNRESET'],
      recvfrom: ['ECONNRESET'], fcntl: ['EINTR'], mkdir: ['EACCES'],
    };
    const cases = Object.entries(calls).flatMap(([call, errors]) =>
      errors.flatMap((error) => (call === 'openat' ? [8, 12, 16, 20] : [1, 2, 4, 7]).map((when) => ({ call, error, when }))),
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
        assert.ok(CODES.includes(result.code) || result.code === 127, `${title}: ${result.code ?? result.signal}\n${result.stderr}`);
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
});
