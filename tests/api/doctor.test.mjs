/*
 * `bzctrld doctor`: an installation that is well, and for each check one that is broken so that it says so. The last
 * test compares what was seen to fail with the table of checks.
 */
import assert from 'node:assert/strict';
import { chmodSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync }
  from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { changeStored, keepStored, onPostgres } from '../lib/database.mjs';
import { freePort } from '../lib/http.mjs';
import { inNamespace, namespaceRefused } from '../lib/namespace.mjs';
import { startPostgres } from '../lib/postgres.mjs';
import { bzctrld, makeFile, makeFolder, root, run, runBzctrldOk, until } from '../lib/program.mjs';
import { startServer } from '../lib/server.mjs';
import { straceMissing } from '../lib/strace.mjs';

const checks = [...readFileSync(path.join(root, 'src/daemon/doctor.def'), 'utf8').matchAll(/^CHECK\("([^"]+)"/gm)]
  .map(([, name]) => name);
const failed = new Set();
const notHere = new Set(onPostgres ? [] : ['postgresql']);
const noStrace = await straceMissing();
const HOUR = 3600;

/* The findings on an installation: {code, worst, of(check) → findings, said(check) → its only one as a text}. */
async function doctor(dir, { args = [], env = {}, wrapper = [] } = {}) {
  const words = [...wrapper, bzctrld, 'doctor', '--json', '--data', dir, ...args];
  /* A build that looks for leaks cannot do so under strace. */
  const leaks = wrapper[0] === 'strace' ? { ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:detect_leaks=0` } : {};
  const { code, stdout, stderr } = await run(words[0], words.slice(1), { env: { ...env, ...leaks } });
  assert.ok(stdout, stderr);
  const { worst, checks: findings } = JSON.parse(stdout);
  const of = (check) => findings.filter((one) => one.check === check);
  for (const { check, level, detail, remedy } of findings) {
    assert.ok(checks.includes(check), check);
    assert.ok(['ok', 'warning', 'fault'].includes(level));
    assert.ok(detail.length > 0);
    assert.equal(remedy === null, level === 'ok', `${check}: ${detail}: ${remedy}`);
  }
  assert.equal(code, worst === 'fault' ? 1 : 0);
  const said = (check) => of(check).map((one) => `${one.level}: ${one.detail}`).join('\n');
  return { code, worst, findings, of, said };
}

/* That a check says this, and is then known to be able to. */
async function expect(check, pattern, dir, options) {
  const found = await doctor(dir, options);
  assert.match(found.said(check), pattern, JSON.stringify(found.findings, null, 1));
  assert.doesNotMatch(found.said(check), /^ok/);
  failed.add(check);
  return found;
}

async function installation() {
  const dir = makeFolder();
  await runBzctrldOk(['workspace', 'add', 'EXA-CON-BUS-WOR', '--data', dir]);
  return dir;
}

let dir;
let listen;
before(async () => {
  dir = await installation();
  listen = ['--listen', `127.0.0.1:${await freePort()}`];
});

describe('an installation that is well', () => {
  test('has nothing to say against it while it is stopped, and is left as it is', async () => {
    const own = ['bzctrl.db-wal', 'bzctrl.db-shm']; /* SQLite makes them for every reader */
    const list = () => readdirSync(dir).filter((name) => !own.includes(name)).sort().map((name) =>
      [name, statSync(path.join(dir, name)).mtimeMs, readFileSync(path.join(dir, name), 'latin1')]);
    const earlier = list();
    const found = await doctor(dir, { args: listen });
    for (const { check, level, detail } of found.findings)
      if (!['clock', 'backup', 'postgresql', 'sync', 'space'].includes(check)) assert.equal(level, 'ok', detail);
    assert.match(found.said('server'), /^ok: stopped; 127\.0\.0\.1:\d+ is free$/);
    assert.deepEqual([...new Set(found.findings.map(({ check }) => check))],
      checks.filter((check) => !notHere.has(check)), 'in the order of the table');
    assert.deepEqual(list(), earlier);
  });

  test('nor while it runs, where its server answers', async (t) => {
    const server = await startServer();
    t.after(() => server.stop());
    const words = ['--listen', server.address];
    const found = await until(async () => {
      const now = await doctor(server.dir, { args: words });
      return now.said('index') === 'ok: it lacks 0 events' && now;
    }, 'the index');
    assert.match(found.said('server'), /^ok: http:.*\/readyz answers: queue age: \d+ s/);
    assert.match(found.said('descriptors'), /^ok: the server may have \d+/);
    assert.match(found.said('jobs'), /^ok: \d+ kinds, none late or failing$/);
    const text = await run(bzctrld, ['doctor', '--data', server.dir, ...words]);
    assert.equal(text.code, found.code);
    for (const { check, level } of found.findings) assert.match(text.stdout, new RegExp(`^${level} +${check} `, 'm'));
  });
});

describe('of the machine', () => {
  test('settings that are not valid end the examination', async () => {
    const config = (text) => ['--config', makeFile(text, 'bzctrl.ini')];
    const found = await expect('settings', /^fault: unknown key "colour"/, dir, { args: config('colour = red\n') });
    assert.equal(found.findings.length, 1);
    await expect('settings', /^fault: --rate-limit must be/, dir, { args: ['--rate-limit', 'x'] });
    for (const flag of ['--trusted-proxy', '--metrics-allow', '--webhook-allow'])
      await expect('settings', /^fault: "x" is not an address/, dir, { args: [flag, 'x'] });
    const open = config('rate-limit = 5\n');
    chmodSync(open[1], 0o666);
    await expect('settings', /^fault: anybody on this machine can write/, dir, { args: open });
  });

  test('a data folder that is missing, not one, or open', async () => {
    const found = await expect('data folder', /^fault: .*No such file/, path.join(makeFolder(), 'none'));
    assert.deepEqual([found.of('space'), found.of('sync')], [[], []]);
    await expect('data folder', /^fault: .*is not a folder/, makeFile(''));
    const folder = await installation();
    chmodSync(folder, 0o755);
    await expect('data folder', /^warning: others may look into .* mode 0755/, folder);
    chmodSync(folder, 0o700);
    writeFileSync(path.join(folder, 'demo'), '');
    await expect('data folder', /^warning: .*the folder of a demo/, folder);
  });

  test('too little space, and a disk that is memory', { skip: namespaceRefused() }, async () => {
    const wrapper = inNamespace([`mount -t tmpfs -o size=64m tmpfs ${dir}`]);
    const found = await expect('space', /^fault: 6[34] MiB of 64 MiB/, dir, { wrapper });
    assert.match(found.said('sync'), /^fault: .* is in memory, which is gone/);
    const many = inNamespace([`mount -t tmpfs -o nr_inodes=900 tmpfs ${dir}`]);
    await expect('space', /room for hardly any more files/, dir, { wrapper: many });
  });

  test('a disk that does not sync', { skip: noStrace }, async () => {
    const fail = (call, error) => ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `inject=${call}:error=${error}`];
    await expect('sync', /^fault: what is written to .* does not get to the disk: Input\/output error/, dir,
      { wrapper: fail('fdatasync', 'EIO') });
  });

  test('secrets that cannot be read, or by everybody', async () => {
    const name = (file) => ['--oidc-client-secret-file', file];
    await expect('secrets', /^fault: --oidc-client-secret-file .*No such file/, dir, { args: name('/nowhere/file') });
    const file = makeFile('secret');
    assert.match((await doctor(dir, { args: name(file) })).said('secrets'), /^ok: 1 files/);
    chmodSync(file, 0o644);
    await expect('secrets', /^warning: --oidc-client-secret-file .* can be read by/, dir, { args: name(file) });
    const key = path.join(await installation(), 'secret.key');
    writeFileSync(key, 'key', { mode: 0o604 });
    await expect('secrets', /^warning: the key .*can be read by/, path.dirname(key));
    await expect('secrets', /^warning: --database has a password in it/, dir,
      { args: ['--database', 'postgresql://a:b@127.0.0.1:1/c'] });
  });

  test('addresses that let everybody in', async () => {
    const with_ = (...args) => ({ args });
    const https = ['--public-url', 'https://x.example'];
    await expect('addresses', /^warning: 0\.0\.0\.0:0 is open to other machines/, dir, with_('--listen', '0.0.0.0:0'));
    await expect('addresses', /^warning: the links start with http:\/\/x\.example, without TLS/, dir,
      with_('--public-url', 'http://x.example'));
    await expect('addresses', /^warning: a proxy is in front, and --trusted-proxy/, dir, with_(...https));
    await expect('addresses', /^fault: --trusted-proxy trusts every address/, dir,
      with_(...https, '--trusted-proxy', '0.0.0.0/0'));
    await expect('addresses', /^warning: --metrics-allow lets everybody/, dir, with_('--metrics-allow', '::/0'));
    assert.match((await doctor(dir, with_(...https, '--trusted-proxy', '127.0.0.1'))).said('addresses'), /^ok/);
  });

  test('too few descriptors', async () => {
    const wrapper = (n) => ['prlimit', `--nofile=${n}:${n}`];
    await expect('descriptors', /^fault: a process started here may have 100 files/, dir, { wrapper: wrapper(100) });
    await expect('descriptors', /^warning: .* 1000 files/, dir, { wrapper: wrapper(1000) });
  });

  test('no unit of systemd', async () => {
    const units = makeFolder();
    const env = { SYSTEMD_UNIT_PATH: `/nowhere:${units}` };
    await expect('systemd', /^warning: there is no unit bzctrl\.service/, dir, { env });
    writeFileSync(path.join(units, 'bzctrl.service'), '[Service]\n');
    assert.equal((await doctor(dir, { env })).said('systemd'), `ok: ${units}/bzctrl.service`);
  });

  test('a port that somebody else has, and a server that does not answer there', async (t) => {
    const other = http.createServer((request, response) => response.end('hello'));
    await new Promise((resolve) => other.listen(0, '127.0.0.1', resolve));
    t.after(() => other.close());
    const taken = ['--listen', `127.0.0.1:${other.address().port}`];
    await expect('server', /^fault: cannot listen on .*in use/, dir, { args: taken });

    const server = await startServer({ dataDir: dir });
    t.after(() => server.terminate());
    await expect('server', /^fault: http:.*\/readyz answers with the status 200/, dir, { args: taken });
    const free = ['--listen', `127.0.0.1:${await freePort()}`];
    await expect('server', /^fault: .*(refused|connect)/i, dir, { args: free });
    const silent = net.createServer();
    await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
    t.after(() => silent.close());
    await expect('server', /^fault: .*timed out/, dir, { args: ['--listen', `127.0.0.1:${silent.address().port}`] });
  });
});

describe('of what is stored', () => {
  let restore;
  before(() => {
    restore = keepStored(dir);
  });
  async function broken(sql, check, pattern, options) {
    assert.ok(changeStored(dir, sql) > 0);
    try {
      return await expect(check, pattern, dir, options);
    } finally {
      restore();
    }
  }

  test('a database that is not there, cannot be reached or is damaged', async () => {
    const named = (url) => ({ args: ['--database', url] });
    await expect('database', /^fault: cannot reach the database/, dir, named('postgresql://127.0.0.1:1/x'));
    await expect('database', /^fault: there is no database/, dir, named('sqlite:/nowhere/file.db'));
    if (onPostgres) return;
    const file = path.join(dir, 'bzctrl.db');
    const bytes = readFileSync(file);
    /* The first page of data that is an interior or leaf page of a table gets another number of cells. */
    for (let page = 4096; page < bytes.length; page += 4096) if (bytes[page] === 13) bytes.writeUInt16BE(999, page + 3);
    writeFileSync(file, bytes);
    await expect('database', /^fault: .*(damaged|malformed)/, dir);
    restore();
  });

  test('a schema that is newer, older, or of another program', async () => {
    const newest = '(SELECT MAX(number) FROM schema_migration)';
    await broken(`UPDATE schema_migration SET number = 9999 WHERE number = ${newest}`, 'schema',
      /^fault: the database has schema step 9999/);
    await broken(`DELETE FROM schema_migration WHERE number = ${newest}`, 'schema',
      /^warning: the database is from an older version/);
    await broken('UPDATE chain SET seq = seq + 1 WHERE seq > 0', 'schema',
      /^fault: the history of a domain does not end/);
    assert.match((await doctor(dir)).said('schema'), /^ok: step \d+, the newest; \d+ domains/);
  });

  test('a clock that is earlier than the newest event, or that nothing keeps right', async (t) => {
    await broken(`UPDATE chain SET at = ${Date.now() + HOUR * 1000}`, 'clock',
      /^fault: the newest event is 3\d\d\d s later/);
    if (noStrace) return t.skip(noStrace);
    const clock = (value) => ['strace', '-f', '-qq', '-o', '/dev/null', '-e',
      `inject=adjtimex,clock_adjtime:retval=${value}`];
    await expect('clock', /^warning: nothing keeps this machine's clock right/, dir, { wrapper: clock(5) });
    assert.match((await doctor(dir, { wrapper: clock(0) })).said('clock'), /^ok: kept right by the network/);
  });

  test('an index that the server does not have', async (t) => {
    const server = await startServer({ env: { BZCTRL_BENCH_NO_INDEX: '1' } });
    t.after(() => server.stop());
    const args = ['--listen', server.address];
    await expect('index', /^warning: there is no index of records yet/, server.dir, { args });
  });

  test('jobs that are late, failing or given up', async (t) => {
    const job = (id, due, dead) => `INSERT INTO job (id, kind, subject, due_at, lease_until, attempts, dead, reason)
      VALUES (${id}, 'nobody does this', 0, ${due}, 0, 3, ${dead}, 'no space left')`;
    await broken(job(99001, 1, 1), 'jobs',
      /^warning: 0 jobs of "nobody does this" fail, and 1 were given up: no space left/);
    const server = await startServer();
    t.after(() => server.stop());
    const args = ['--listen', server.address];
    changeStored(server.dir, job(99002, Date.now() - 1200_000, 0));
    await expect('jobs', /^warning: "nobody does this" has been due for 20 minutes, and 1 of/, server.dir, { args });
    changeStored(server.dir, 'UPDATE job SET due_at = due_at - 7200000 WHERE id = 99002');
    await expect('jobs', /^fault: "nobody does this" has been due for 140 minutes/, server.dir, { args });
  });

  test('no backup, and an old one', async () => {
    await expect('backup', /^warning: no backup is known/, dir);
    await runBzctrldOk(['backup', path.join(makeFolder(), 'b.db'), '--data', dir]);
    assert.match((await doctor(dir)).said('backup'), /^ok: the last one was 0 hours ago/);
    const mark = path.join(dir, 'last-backup');
    const ago = (hours) => utimesSync(mark, Date.now() / 1000 - hours * HOUR, Date.now() / 1000 - hours * HOUR);
    ago(30);
    await expect('backup', /^warning: the last one was 30 hours ago/, dir);
    ago(200);
    await expect('backup', /^fault: the last one was 200 hours ago/, dir);
    rmSync(mark);
  });

  test('mail that does not go out', async () => {
    assert.match((await doctor(dir)).said('mail'), /^ok: none is sent/);
    await expect('mail', /^fault: no mail is sent: --mail-url/, dir, { args: ['--mail-to', 'ann@example.com'] });
    const mail = (url) => ['--mail-url', url, '--mail-from', 'bzctrl@example.com', '--mail-tls', 'none'];
    const nobody = mail(`smtp://127.0.0.1:${await freePort()}`);
    assert.match((await doctor(dir, { args: nobody })).said('mail'), /^ok: it goes to smtp:/);
    await expect('mail', /^fault: .*127\.0\.0\.1/, dir, { args: [...nobody, '--mail-to', 'ann@example.com'] });
    await expect('mail', /^fault: "ann" is not an e-mail address/, dir, { args: [...nobody, '--mail-to', 'ann'] });
    const folder = path.join(makeFolder(), 'mail');
    const found = await doctor(dir, { args: [...mail(`maildir:${folder}`), '--mail-to', 'ann@example.com'] });
    assert.match(found.said('mail'), /^ok: maildir:.* has accepted a test mail to ann@example\.com$/);
    assert.equal(readdirSync(path.join(folder, 'new')).length, 1);
  });

  if (onPostgres) test('a PostgreSQL that loses what it was given, or has no room', async (t) => {
    /* That of the tests is fast and not safe. */
    await expect('postgresql', /^fault: fsync or full_page_writes is off/, dir);
    const safe = await startPostgres({ fsync: true, conf: ['max_connections = 20', 'full_page_writes = on'] });
    t.after(() => safe.stop());
    const { url } = safe.createDatabase();
    assert.match((await doctor(dir, { args: ['--database', url] })).said('postgresql'),
      /^ok: version \d+, \d of 20 connections in use, no synchronous standby$/);
    const small = await startPostgres({ fsync: true,
      conf: ['max_connections = 8', 'superuser_reserved_connections = 1', 'synchronous_commit = off',
        'full_page_writes = on', 'max_wal_senders = 0'] });
    t.after(() => small.stop());
    const found = await expect('postgresql', /fault: \d of 8 connections are in use/, dir,
      { args: ['--database', small.createDatabase().url] });
    assert.match(found.said('postgresql'), /warning: synchronous_commit is off/);
    assert.match(found.said('schema'), /^warning: the database is empty/);
  });
});

test('every check of the table has been seen to fail', async () => {
  const unseen = checks.filter((check) => !failed.has(check) && !notHere.has(check));
  if (namespaceRefused()) unseen.splice(unseen.indexOf('space'), 1);
  if (noStrace && unseen.includes('sync')) unseen.splice(unseen.indexOf('sync'), 1);
  assert.deepEqual(unseen, []);
});
