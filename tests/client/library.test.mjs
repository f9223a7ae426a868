/*
 * The library as programs use it: from two threads, after fork(), without memory, from C++; and
 * installed below DESTDIR and found there through pkg-config.
 */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client, shim } from '../lib/client.mjs';
import { inNamespace, namespaceRefused } from '../lib/namespace.mjs';
import { bzctrld, makeFile, makeFolder, patience, root, run } from '../lib/program.mjs';
import { startServer } from '../lib/server.mjs';

const build = path.dirname(bzctrld);
const library = path.join(build, 'tests/client/library');

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const titles = async (start) => (await server.listAll()).map((record) => record.title)
  .filter((title) => title.startsWith(start)).reverse();

async function runOk(command, args, options) {
  const result = await run(command, args, options);
  assert.equal(result.code, 0,
    `${command} ${args.join(' ')}: ${result.code ?? result.signal}\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

async function runLibrary(mode, options = {}, outbox = undefined) {
  const client = new Client(server.url);
  return runOk(library, [mode, server.url, client.secret, outbox ?? path.join(client.home, 'outbox')], options);
}

test('an event comes until it is done with', async () => {
  await runLibrary('watch');
});

test('two threads with a client each share an outbox', async () => {
  await runLibrary('threads');
  for (const name of ['a', 'b'])
    assert.deepEqual(await titles(`thread-${name}`),
      Array.from({ length: 20 }, (_, i) => `thread-${name}-${String(i).padStart(3, '0')}`));
});

test('a client from before fork() is refused in the child, and keeps working in the parent', async () => {
  await runLibrary('fork');
  assert.deepEqual(await titles('fork-'), ['fork-before', 'fork-child', 'fork-parent']);
});

describe('each allocation fails once: a clean error, nothing is lost and nothing leaks',
    { skip: /asan|tsan/.test(build) && 'NOT TESTED: a build with sanitizers has an allocator of its own' }, () => {
  /* Without the allocator's caches, which it counts as used; in memory, as nothing here is about disks. */
  const memory = existsSync('/dev/shm') ? '/dev/shm' : makeFolder();
  const walk = async (mode, stride) => {
    const outbox = path.join(memory, `bzctrl-test-${process.pid}-${mode}`);
    const env = { STRIDE: String(stride), GLIBC_TUNABLES: 'glibc.malloc.tcache_count=0', LD_PRELOAD: shim('fail_alloc'),
      BZCTRL_FAIL_ALLOC: makeFile(Buffer.alloc(16)) };
    const out = await runLibrary(mode, { env, timeout: 300_000 * patience }, outbox);
    for (const name of ['', '-lock', '-journal']) rmSync(outbox + name, { force: true });
    const [count, queued, leaks] = out.split(' ').map(Number);
    assert.ok(count > 200, `${count} allocations`);
    assert.ok(queued > 2, `after the outbox only ${queued} failed`);
    assert.equal(leaks, 0);
    return count;
  };

  test('of a report that stays in the outbox', async () => {
    await walk('later', 1);
  });

  test('of a report that is sent', async () => {
    await walk('memory', Number(process.env.STRIDE ?? 61));
    const stored = await titles('memory-0');
    assert.ok(stored.length > 10);
    assert.deepEqual(stored, [...new Set(stored)].sort(), 'once, and in order');
  });
});

describe('installed', () => {
  const place = makeFolder();
  let env;
  before(async () => {
    await runOk('meson', ['install', '-C', build, '--no-rebuild', '--quiet'], { env: { DESTDIR: place }, cwd: root });
    const { stdout } = await run('find', [place, '-name', 'bzctrl.pc']);
    const folder = path.dirname(stdout.trim());
    env = { PKG_CONFIG_PATH: folder, PKG_CONFIG_SYSROOT_DIR: place, LD_LIBRARY_PATH: path.dirname(folder) };
  });

  test('its public files and symbols are there, and nothing internal', async () => {
    const folder = path.dirname(env.PKG_CONFIG_PATH);
    for (const name of ['libbzctrl.so', 'libbzctrl.so.0', 'libbzctrl.a'])
      assert.ok(existsSync(path.join(folder, name)), `${folder}/${name}`);
    for (const name of ['bin/bzctrl', 'include/bzctrl.h', 'share/man/man1/bzctrl.1', 'share/man/man3/bzctrl.3',
      'share/bash-completion/completions/bzctrl', 'share/zsh/site-functions/_bzctrl'])
      assert.ok(existsSync(path.join(place, 'usr/local', name)), name);
    assert.deepEqual(readdirSync(path.join(place, 'usr/local/include')), ['bzctrl.h']);
    const symbols = (await runOk('nm', ['-D', '--defined-only', path.join(folder, 'libbzctrl.so')])).trim().split('\n')
      .map((line) => line.split(' ').pop());
    for (const symbol of symbols) assert.match(symbol, /^(bzctrl_\w+@@BZCTRL_0|BZCTRL_0)$/);
    const declared = [...readFileSync(path.join(root, 'include/bzctrl.h'), 'utf8')
      .matchAll(/^[a-z][\w *]*?\b(bzctrl_\w+)\(/gm)].map(([, name]) => name);
    assert.deepEqual(symbols.filter((s) => s.startsWith('bzctrl_')).map((s) => s.split('@')[0]).sort(),
      [...new Set(declared)].filter((n) => !n.startsWith('bzctrl_on_')).sort());
    const globals = (await runOk('nm', ['-g', '--defined-only', path.join(folder, 'libbzctrl.a')])).split('\n')
      .filter((line) => / [A-Z] /.test(line));
    for (const line of globals) assert.match(line, / bzctrl_\w+$/);
    const soname = await runOk('readelf', ['-d', path.join(folder, 'libbzctrl.so')]);
    assert.match(soname, /SONAME.*\[libbzctrl\.so\.0\]/);
  });

  /* The environment of a program started by a service manager or cron: no LD_LIBRARY_PATH, and nothing else. */
  const clean = (program, ...args) => runOk('env', ['-i', program, ...args]);
  const sanitized = /asan|tsan/.test(build) && 'NOT TESTED: a build with sanitizers has a library that needs them';

  test('the programs start where they are installed, and look for nothing in the build folder', async () => {
    for (const name of ['bzctrl', 'bzctrld']) {
      const program = path.join(place, 'usr/local/bin', name);
      assert.match(await clean(program, '--help'), new RegExp(`^(Usage: )?${name}\\b`));
      assert.doesNotMatch(await runOk('readelf', ['-d', program]), /RPATH|RUNPATH|libbzctrl/);
    }
    assert.doesNotMatch(await runOk('readelf', ['-d', path.join(path.dirname(env.PKG_CONFIG_PATH), 'libbzctrl.so')]),
      /RPATH|RUNPATH/);
  });

  const compile = (flags) =>
    `cc -std=c99 doc/examples/batch_job.c -o "$out" $(${flags}pkg-config --cflags --libs bzctrl)`;

  test('after an installation to /usr/local a program with the library starts at once',
      { skip: sanitized || namespaceRefused() }, async () => {
    /* The real places, which are this test's own: an empty /usr/local, a copy of /etc. */
    const scratch = makeFolder();
    const [command, ...args] = inNamespace([
      'mount -t tmpfs none /usr/local', `cp -a /etc ${scratch}/etc`, `mount --bind ${scratch}/etc /etc`,
      'if [ -d /var/cache/ldconfig ]; then mount -t tmpfs none /var/cache/ldconfig; fi',
    ]);
    const script =
      ['unset DESTDIR PKG_CONFIG_PATH LD_LIBRARY_PATH', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', `out=${scratch}/program`,
      `meson install -C ${build} --no-rebuild --quiet`, compile(''), 'env -i /usr/local/bin/bzctrl --help',
      'env -i "$out" || echo "exit $?"'];
    const result = await run(command, [...args, 'sh', '-ec', script.join('\n')], { cwd: root });
    assert.equal(result.code, 0, result.stdout + result.stderr);
    assert.match(result.stdout, /^Usage: bzctrl COMMAND/m);
    assert.match(result.stdout, /^exit 64$/m, result.stderr);
  });

  test('a program with the library of another prefix finds it there', { skip: sanitized }, async () => {
    const [prefix, configured] = [makeFolder(), makeFolder()];
    cpSync(path.join(place, 'usr/local'), prefix, { recursive: true, verbatimSymlinks: true });
    await runOk('meson', ['setup', '--prefix', prefix, configured], { cwd: root, timeout: 300_000 * patience });
    const folder = path.join(prefix, path.relative(path.join(place, 'usr/local'), env.PKG_CONFIG_PATH));
    cpSync(path.join(configured, 'meson-private/bzctrl.pc'), path.join(folder, 'bzctrl.pc'));
    const out = path.join(configured, 'program');
    await runOk('sh', ['-ec', `out=${out}\n${compile(`PKG_CONFIG_PATH=${folder} `)}`], { cwd: root });
    const result = await run('env', ['-i', out]);
    assert.equal(result.code, 64, result.stderr);
  });

  const programs = [
    ['C++', 'g++', ['-std=c++17', 'tests/client/program.cc'], []],
    ['C', 'cc', ['-std=c99', '-pedantic', 'doc/examples/batch_job.c'], []],
    ['C with the archive', 'cc', ['-std=c99', '-pedantic', 'doc/examples/batch_job.c'],
      ['-lcurl', '-lsqlite3', '-lsodium', '-lcrypto']],
  ];
  for (const [name, compiler, sources, more] of programs)
    test(`a program in ${name} compiles without a warning, links and reports`, { skip: sanitized }, async () => {
      const program = path.join(makeFolder(), 'program');
      const flags = (await runOk('pkg-config', ['--cflags', '--libs', 'bzctrl'], { env })).trim().split(/\s+/);
      const words = more.length > 0 ? [...flags.map((flag) => (flag === '-lbzctrl' ? '-l:libbzctrl.a' : flag)), ...more]
        : flags;
      await runOk(compiler, ['-Wall', '-Wextra', '-Werror', '-Wstrict-aliasing', ...sources, '-o', program, ...words],
        { cwd: root });
      const client = new Client(server.url);
      const input = makeFile('first\nsecond\n', name.replace(/\W/g, '-'));
      const out = await runOk(program, name === 'C++' ? [client.config] : [client.config, input],
        { env: { ...client.env, LD_LIBRARY_PATH: env.LD_LIBRARY_PATH } });
      assert.match(out, /\/app\/#\/todo\/EXA-CON-BUS-WOR-\d+/);
    });
});
