/*
 * The systemd unit in doc/operating.md: how much it leaves to the service by systemd's own measure, and
 * whether the server gets by with the system calls that it leaves.
 */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { findProgram } from '../lib/find.mjs';
import { makeFolder, root, run } from '../lib/program.mjs';
import { small, startServer } from '../lib/server.mjs';
import { straceMissing } from '../lib/strace.mjs';

const unit = /```ini\n(\[Service\][\s\S]*?)```/.exec(readFileSync(path.join(root, 'doc/operating.md'), 'utf8'))[1];
const systemd = findProgram('systemd-analyze');
const unable = (await straceMissing()) || (process.getuid() !== 0 && 'NOT TESTED: only root can become somebody else');

describe('the unit of doc/operating.md', { skip: !systemd && 'systemd-analyze is not installed' }, () => {
  test('leaves the service little', async () => {
    const file = path.join(makeFolder(), 'bzctrl.service');
    writeFileSync(file, unit);
    const { code, stdout, stderr } = await run('systemd-analyze', ['security', '--offline=true', '--no-pager', file]);
    assert.equal(code, 0, stderr);
    const [, exposure] = /Overall exposure level for bzctrl\.service: ([\d.]+)/.exec(stdout);
    assert.ok(Number(exposure) <= 2, stdout);
    assert.equal(stderr, '');
  });

  /* The members of a set, and of the sets in it. */
  async function members(set) {
    if (!set.startsWith('@')) return [set];
    const { code, stdout, stderr } = await run('systemd-analyze', ['syscall-filter', '--no-pager', set]);
    assert.equal(code, 0, stderr);
    const words = stdout.split('\n').slice(1).map((line) => line.trim())
      .filter((line) => line && !line.startsWith('#'));
    return (await Promise.all(words.map((word) => (word.startsWith('@') ? members(word) : [word])))).flat();
  }

  test('leaves it the system calls that it makes', { skip: unable }, async () => {
    const left = new Set();
    for (const [, without, sets] of unit.matchAll(/^SystemCallFilter=(~?)(.*)$/gm))
      for (const call of (await Promise.all(sets.split(' ').map(members))).flat()) {
        if (without) left.delete(call);
        else left.add(call);
      }
    assert.ok(left.size > 100);

    /* As a user of its own, since SQLite gives files away where it is root's. */
    const nobody = 65534;
    const folder = makeFolder();
    chmodSync(folder, 0o755);
    const dir = path.join(folder, 'data');
    mkdirSync(dir);
    chownSync(dir, nobody, nobody);
    const trace = path.join(dir, 'trace');
    const server = await startServer(
      { dataDir: dir,
        wrapper: ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', 'strace', '-D', '-f', '-qq',
          '-o', trace] });
    await server.command(['workspace', 'add', 'EXA-CON-BUS-WOR']);
    await server.command(['user', 'add', 'example@example.com', '--domain', 'EXA-CON-BUS', '--role', 'member',
      '--password-file', '-'], { input: 'Ex@mpl3!\n' });
    assert.equal((await server.addTask(small())).status, 201);
    assert.equal((await server.listAll()).length, 1);
    await server.command(['verify']);
    await server.command(['backup', path.join(makeFolder(), 'backup.db')]);
    await server.terminate();

    const made = new Set([...readFileSync(trace, 'utf8').matchAll(/^\d+ +(\w+)\(/gm)].map(([, call]) => call));
    assert.ok(made.has('fdatasync') || made.has('fsync'), [...made].join(' '));
    assert.deepEqual([...made].filter((call) => !left.has(call)), []);
  });
});
