/*
 * bzctrld's sub-commands, alone and beside a running server.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { describe, test } from 'node:test';
import { changeStored, databaseEnvironment, databaseUrl, keepStored, numberStored, onPostgres,
  psql } from '../lib/database.mjs';
import { bzctrld, makeFile, makeFolder, patience, run, runBzctrld, runBzctrldOk, spawnChild,
  until } from '../lib/program.mjs';
import { API, EXAMPLE, SAMPLE, WORKSPACE, addUser, small, startServer } from '../lib/server.mjs';

const PASSWORD_FILE = () => makeFile('a good password\n');

/* The command says no: its exit code, nothing on stdout, and a sentence that holds these words. */
function assertRefused(result, code, ...words) {
  assert.equal(result.code, code, result.stderr);
  assert.equal(result.stdout, '');
  assert.ok(result.stderr.length > 20 && result.stderr.endsWith('\n'), result.stderr);
  for (const word of words) assert.match(result.stderr, word);
}

async function canSignIn(server, email, password) {
  return (await server.grant({ grant_type: 'password', username: email, password })).status === 200;
}

/* A folder with the workspace, filled by the commands alone. */
async function makeData() {
  const dir = path.join(makeFolder(), 'data');
  await runBzctrldOk(['workspace', 'add', WORKSPACE, '--data', dir]);
  return dir;
}

/* The statements that take the newest step of the schema back. */
function undoNewestStep() {
  const sql = new URL('../../sql/', import.meta.url);
  const onEngine = (name) => !name.includes(onPostgres ? '.sqlite.' : '.pg.');
  const newest = readdirSync(sql).filter((name) => /^\d{4}_/.test(name) && onEngine(name)).sort().at(-1);
  const all = readFileSync(new URL(newest, sql), 'utf8').replace(/--.*/g, '').split(';').map((text) => text.trim())
    .filter(Boolean);
  /* A table that was built again may stay as it is: the step builds it once more. */
  const rebuilt = all.flatMap((text) => /^ALTER TABLE (\w+)_new RENAME TO \1$/.exec(text)?.[1] ?? []);
  const rebuilds = (text) => rebuilt.some((name) => new RegExp(`^(\\w+ ){2}(${name}_new\\b|${name}$)`).test(text));
  const statements = all.filter((text) => !rebuilds(text));
  const undo = [
    [/^CREATE TABLE (\w+)/, 'DROP TABLE $1'],
    [/^CREATE (?:UNIQUE )?INDEX (\w+)/, 'DROP INDEX $1'],
    [/^ALTER TABLE (\w+) ADD COLUMN (\w+)/, 'ALTER TABLE $1 DROP COLUMN $2'],
    [/^UPDATE (\w+) SET (\w+) = \2 \+ 1 WHERE \2 >= (\d+)/, 'UPDATE $1 SET $2 = $2 - 1 WHERE $2 > $3'],
    [/^UPDATE (\w+) SET (\w+) = (-?\d+) WHERE \2 = (-?\d+)$/, 'UPDATE $1 SET $2 = $4 WHERE $2 = $3'],
    [/^UPDATE (\w+) SET (\w+) = \2 \| (\d+) WHERE \2 <> 0$/, 'UPDATE $1 SET $2 = $2 & ~$3 WHERE $2 <> 0'],
    [/^INSERT INTO (\w+) \((\w+),[^()]*\) VALUES\s+\((\d+),[^()]*\)$/, 'DELETE FROM $1 WHERE $2 = $3'],
  ];
  const undone = statements.reverse().map((text) => {
    const known = undo.find(([shape]) => shape.test(text));
    assert.ok(known, `how is this undone? ${text}`);
    return text.match(known[0])[0].replace(...known);
  });
  return [...undone, `DELETE FROM schema_migration WHERE number = ${Number.parseInt(newest, 10)}`];
}

describe('help', () => {
  test('--help names every command and setting, on stdout', async () => {
    const { code, stdout, stderr } = await runBzctrld(['--help']);
    assert.equal(code, 0);
    assert.equal(stderr, '');
    for (const word of ['serve', 'demo', 'user add', 'workspace add', 'verify', 'backup', 'restore', 'migrate',
      'config', 'version', '--data', '--listen', '--public-url', 'BZCTRL_'])
      assert.ok(stdout.includes(word), word);
  });
  test('every command has --help', async () => {
    for (const words of [['serve'], ['demo'], ['user', 'add'], ['workspace', 'add'], ['verify'], ['backup'],
        ['restore'], ['migrate'], ['config'], ['version']]) {
      const { code, stdout } = await runBzctrld([...words, '--help']);
      assert.equal(code, 0, words.join(' '));
      assert.ok(stdout.includes(`bzctrld ${words.join(' ')}`), stdout);
    }
  });
  test('a noun has --help too: its commands', async () => {
    for (const noun of ['user', 'workspace'])
      for (const flag of ['--help', '-h']) {
        const { code, stdout, stderr } = await runBzctrld([noun, flag]);
        assert.deepEqual([code, stderr], [0, '']);
        assert.match(stdout, new RegExp(`Usage: bzctrld ${noun} add`));
      }
  });
  test('version', async () => {
    for (const word of ['version', '--version'])
      assert.match(await runBzctrldOk([word]), /^bzctrld \d+\.\d+\.\d+\n$/);
  });
});

describe('a wrong command line: exit 64 and a sentence that helps', () => {
  const wrong = [
    [[], /serve/],
    [['nosuch'], /nosuch/],
    [['user'], /user/],
    [['serve', '--nosuch'], /--nosuch/],
    [['serve', '--listen'], /--listen/],
    [['serve', 'operand'], /operand/],
    [['serve', '--listen', 'nonsense', '--data', '%data'], /nonsense/],
    [['serve', '--listen', '127.0.0.1:99999', '--data', '%data'], /99999/],
    [['user', 'add', '--data', '%data'], /EMAIL/i],
    [['user', 'add', 'a@example.com', '--data', '%data'], /--domain|--admin/],
    [['user', 'add', 'a@example.com', '--domain', 'EXA-CON-BUS', '--data', '%data'], /--role/],
    [['user', 'add', 'a@example.com', '--domain', 'EXA-CON-BUS', '--role', 'king', '--data', '%data'],
      /viewer.*member.*manager/],
    [['user', 'add', 'a@example.com', '--domain', 'exa con', '--role', 'viewer', '--data', '%data'], /exa con/i],
    [['user', 'add', 'no address', '--admin', '--data', '%data'], /no address|e-mail/i],
    [['workspace', 'add', '--data', '%data'], /DOMAIN|workspace/i],
    [['workspace', 'add', 'ONESEGMENT', '--data', '%data'], /ONESEGMENT/],
    [['workspace', 'add', 'EXA-C*N', '--data', '%data'], /EXA-C\*N/],
    [['workspace', 'add', 'EXA-WITHAVERYLONGSEGMENT', '--data', '%data'], /EXA-WITHAVERYLONGSEGMENT/],
    [['workspace', 'add', 'EXA-NEW', '--timezone', 'Moon/Crater', '--data', '%data'], /Moon\/Crater/],
    [['verify', '--receipt', 'nonsense', '--data', '%data'], /nonsense/],
  ];
  for (const [words, pattern] of wrong)
    test(`bzctrld ${words.join(' ')}`, async () => {
      const dir = await makeData();
      const input = words[0] === 'user' ? 'a good password\n' : '';
      assertRefused(await runBzctrld(words.map((w) => (w === '%data' ? dir : w)), { input }), 64, pattern);
    });
});

describe('user add', () => {
  test('the password from a file, and from standard input', async () => {
    const dir = await makeData();
    const role = ['--domain', 'EXA-CON-BUS', '--role', 'member', '--data', dir];
    await runBzctrldOk(['user', 'add', 'File@Example.com', ...role, '--password-file', PASSWORD_FILE()]);
    await runBzctrldOk(['user', 'add', 'stdin@example.com', ...role, '--password-file', '-'],
      { input: 'from standard input\n' });
    await runBzctrldOk(['user', 'add', 'pipe@example.com', ...role], { input: 'from a pipe\n' });
    const server = await startServer({ dataDir: dir });
    assert.ok(await canSignIn(server, 'file@example.com', 'a good password'));
    assert.ok(await canSignIn(server, 'stdin@example.com', 'from standard input'));
    assert.ok(await canSignIn(server, 'pipe@example.com', 'from a pipe'));
    await server.stop();
  });
  test('never from the command line', async () => {
    const dir = await makeData();
    const result =
      await runBzctrld(['user', 'add', 'a@example.com', '--admin', '--password', 'secret words', '--data', dir]);
    assertRefused(result, 64, /--password/);
    assert.ok(!result.stderr.includes('secret words'));
  });
  test('at a terminal it asks, without showing what is typed', async (t) => {
    if ((await run('sh', ['-c', 'command -v script'])).code !== 0) return t.skip('script(1) is not there');
    const dir = await makeData();
    const command = `${bzctrld} user add tty@example.com --admin --data ${dir}`;
    const child = spawnChild('script', ['-qec', command, '/dev/null'], { env: databaseEnvironment(dir) });
    let stdout = '';
    child.stdout.on('data', (data) => (stdout += data));
    for (const prompts of [1, 2]) {
      await until(() => (stdout.match(/(Password .*|Repeat): /g) ?? []).length >= prompts || child.exitCode !== null,
        () => `prompt ${prompts}: ${stdout}`);
      child.stdin.write('typed password\n');
    }
    const { code } = await child.exited;
    assert.equal(code, 0, stdout);
    assert.match(stdout, /password/i);
    assert.ok(!stdout.includes('typed password'), stdout);
    const server = await startServer({ dataDir: dir });
    assert.ok(await canSignIn(server, 'tty@example.com', 'typed password'));
    await server.stop();
  });
  test('a password file that is not there: exit 74', async () => {
    const result = await runBzctrld(['user', 'add', 'a@example.com', '--admin', '--password-file', '/nosuch/file',
      '--data', await makeData()]);
    assertRefused(result, 74, /\/nosuch\/file/);
  });
  test('weak passwords are refused', async () => {
    const dir = await makeData();
    for (const password of ['short', 'password', '12345678', 'x'.repeat(1025), 'bad\xff']) {
      const result = await runBzctrld(['user', 'add', 'a@example.com', '--admin', '--data', dir],
        { input: Buffer.from(`${password}\n`, 'latin1') });
      assertRefused(result, 64, /password/i);
    }
  });
  test('a domain that does not exist is no typing slip to be swallowed', async () => {
    const dir = await makeData();
    const result = await runBzctrld(['user', 'add', 'a@example.com', '--domain', 'EXA-CON-BSU', '--role', 'viewer',
      '--data', dir], { input: 'a good password\n' });
    assert.notEqual(result.code, 0);
    assert.match(result.stderr, /EXA-CON-BSU/);
  });
  test('nothing of the password is left in the folder or the output', async () => {
    const dir = await makeData();
    const { stdout, stderr } =
      await runBzctrld(['user', 'add', 'a@example.com', '--admin', '--data', dir], { input: 'very secret words\n' });
    assert.ok(!`${stdout}${stderr}`.includes('very secret'));
    for (const file of readdirSync(dir).filter((name) => statSync(path.join(dir, name)).isFile()))
      assert.ok(!readFileSync(path.join(dir, file)).includes('very secret'), file);
  });
});

describe('beside a running server and without one', () => {
  test('workspace add and user add count at once in the running server', async () => {
    const server = await startServer();
    assert.equal((await server.addTask(small({ domainWorkSpace: 'EXA-CON-BUS-NEW' }))).status, 422);
    await server.command(['workspace', 'add', 'exa-con-bus-new', '--name', 'New one']);
    assert.equal((await server.createAndRead(small({ domainWorkSpace: 'EXA-CON-BUS-NEW' }))).key, 'EXA-CON-BUS-NEW-01');
    await addUser(server.dir, { email: 'new@example.com', role: 'viewer', domain: 'EXA-CON-BUS' });
    assert.ok(await canSignIn(server, 'new@example.com', EXAMPLE.password));
    await server.restart();
    assert.equal((await server.createAndRead(small({ domainWorkSpace: 'EXA-CON-BUS-NEW' }))).key, 'EXA-CON-BUS-NEW-02');
    await server.stop();
  });
  test('a fault is told in the same words, with the same exit code', async () => {
    const server = await startServer();
    const words = [
      ['workspace', 'add', WORKSPACE], ['workspace', 'add', 'ONESEGMENT'],
      ['workspace', 'add', 'EXA-NEW', '--timezone', 'Moon/Crater'],
      ['user', 'add', 'a@example.com', '--domain', 'NO-SUCH', '--role', 'viewer', '--password-file', PASSWORD_FILE()],
    ];
    const beside = [];
    for (const w of words) beside.push(await runBzctrld([...w, '--data', server.dir]));
    await server.terminate();
    for (const [i, w] of words.entries()) {
      const alone = await runBzctrld([...w, '--data', server.dir]);
      assert.deepEqual([alone.code, alone.stderr], [beside[i].code, beside[i].stderr]);
      assert.notEqual(alone.code, 0);
    }
    await server.stop();
  });
  test('the folder, the database, the socket and the key are for nobody else', async () => {
    const server = await startServer();
    assert.equal(statSync(path.join(server.dir, 'control.sock')).mode & 0o077, 0);
    for (const name of readdirSync(server.dir)) {
      const { mode } = statSync(path.join(server.dir, name));
      assert.equal(mode & 0o007, 0, `${name} ${mode.toString(8)}`);
    }
    await server.stop();
  });
  test('a peer of another user id is refused on the control socket', async (t) => {
    if (process.getuid() !== 0) return t.skip('NOT TESTED: only root can become somebody else');
    const server = await startServer();
    /* Even if the modes let somebody near. */
    for (let dir = server.dir; dir !== '/tmp' && dir !== '/'; dir = path.dirname(dir)) chmodSync(dir, 0o755);
    chmodSync(path.join(server.dir, 'control.sock'), 0o666);
    const curl = (...uid) =>
      run(uid[0] ?? 'curl',
        [...uid.slice(1), '-sS', '-o', '/dev/null', '-w', '%{http_code}', '--unix-socket',
          path.join(server.dir, 'control.sock'), '-X', 'POST', '--data-binary', 'version', 'http://localhost/'].flat());
    const other = await curl('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'curl');
    assert.ok(other.stdout === '403' || other.code !== 0, `${other.stdout} ${other.stderr}`);
    assert.equal((await server.request('GET', '/healthz')).status, 200);
    await server.stop();
  });
  test('the control socket knows nothing of the API, and the API nothing of the control route', async () => {
    const server = await startServer();
    const viaSocket = await run('curl',
      ['-sS', '-o', '/dev/null', '-w', '%{http_code}', '--unix-socket', path.join(server.dir, 'control.sock'),
        `http://localhost${API}/openapi.json`]);
    assert.notEqual(viaSocket.stdout, '200');
    for (const route of ['/', '/command', '/control', '/run'])
      assert.notEqual((await server.request('POST', route, { body: 'version\0', check: false })).status, 200, route);
    await server.stop();
  });
  test('a server that is older than the command is named as such', async () => {
    const server = await startServer();
    const socket = path.join(server.dir, 'control.sock');
    rmSync(socket);
    let answer;
    const older = http.createServer((request, response) => {
      request.resume().once('end', () => response.writeHead(answer[0]).end(answer[1]));
    });
    await new Promise((resolve) => older.listen(socket, resolve));
    const fields = (...texts) => texts.map((text) => `${text}\0`).join('');
    const unknown = 'bzctrld: unknown flag --timezone\n';
    const ask = () => runBzctrld(['workspace', 'add', 'EXA-NEW', '--timezone', 'UTC', '--data', server.dir]);
    for (answer of [[200, 'something else'], [200, fields(64, '', unknown, '')], [404, 'only GET /other exists']]) {
      const result = await ask();
      assertRefused(result, 69, /the running server is older than this command .*: restart the server/);
      assert.equal(result.stderr.startsWith(unknown), answer[1].includes(unknown));
    }
    answer = [200, fields(64, '', unknown, '', '0.0.9')];
    assertRefused(await ask(), 69, /unknown flag/,
      /the running server is bzctrld 0\.0\.9, and this command is bzctrld \d.*: restart the server/);
    answer = [200, fields(0, 'done', '', '', '0.0.9')];
    assert.equal((await ask()).stdout, 'done');
    older.close();
    await server.stop();
  });
  test('a second serve on the same folder says who holds it', async () => {
    const server = await startServer();
    const second = await runBzctrld(['serve', '--data', server.dir, '--listen', '127.0.0.1:0']);
    assertRefused(second, 69, new RegExp(`\\b${server.pid}\\b`));
    assert.equal((await server.addTask(SAMPLE)).status, 201, 'the first is not harmed');
    await server.stop();
  });
  test('an address that is taken', async () => {
    const server = await startServer();
    const second = await runBzctrld(['serve', '--data', await makeData(), '--listen', server.address]);
    assert.notEqual(second.code, 0);
    assert.match(second.stderr, new RegExp(server.address));
    await server.stop();
  });
  test('a folder that cannot be used', async () => {
    const file = makeFile('no folder');
    const result = await runBzctrld(['serve', '--data', path.join(file, 'data'), '--listen', '127.0.0.1:0']);
    assert.notEqual(result.code, 0);
    assert.ok(result.stderr.includes(file), result.stderr);
  });
  test('a database that is none', async (t) => {
    if (onPostgres) return t.skip('only on SQLite');
    const dir = await makeData();
    for (const name of readdirSync(dir).filter((n) => n.endsWith('.db')))
      writeFileSync(path.join(dir, name), 'this is no database at all'.repeat(100));
    const result = await runBzctrld(['serve', '--data', dir, '--listen', '127.0.0.1:0']);
    assert.notEqual(result.code, 0);
    assert.equal(result.signal, null);
    assert.ok(result.stderr.length > 20);
  });
});

describe('verify', () => {
  test('0 and the heads when the history is whole; receipts hold, beside a server and without', async () => {
    const server = await startServer();
    const receipts = [];
    for (let i = 0; i < 5; i++)
      receipts.push((await server.addTask(small({ title: `v${i}` }))).headers['bzctrl-receipt']);
    const [first, last] = [receipts[0], receipts.at(-1)];
    const head = async (...words) => (await runBzctrldOk(['verify', ...words, '--data', server.dir])).trim().split('\n')
      .at(-1);
    const check = async () => {
      assert.equal(await head(), last, 'the head is the newest receipt');
      assert.equal(await head('--receipt', first), last);
      const file = makeFile(`${receipts.join('\n')}\n`);
      assert.equal(await head('--receipts', file), last);

      /* To a running server, what comes after a NUL would be words of the command. */
      const words = ['user', 'set', EXAMPLE.email, '--admin', 'yes', ...Array(60).fill('-h')];
      const several = makeFile([first, ...words].join('\0'));
      const other = await runBzctrld(['verify', '--receipts', several, '--data', server.dir]);
      assert.equal(other.code, 64, other.stdout);
      assert.match(other.stderr, /NUL byte/);
      assert.match(await runBzctrldOk(['user', 'show', EXAMPLE.email, '--data', server.dir]), /admin=no/);

      const [domain, seq, hash] = first.split(':');
      const forged = `${domain}:${seq}:${hash.startsWith('A') ? 'B' : 'A'}${hash.slice(1)}`;
      for (const wrong of [forged, `${domain}:99:${hash}`, `OTHER:1:${hash}`]) {
        const result = await runBzctrld(['verify', '--receipt', wrong, '--data', server.dir]);
        assert.equal(result.code, 1, wrong);
        assert.match(result.stderr, /NOT whole/);
      }
    };
    await check();
    await server.terminate();
    await check();
    await server.stop();
  });
  test('a history that is not there is not whole, and none is made', async (t) => {
    if (onPostgres) return t.skip('only on SQLite');
    const dir = path.join(makeFolder(), 'nowhere');
    assertRefused(await runBzctrld(['verify', '--data', dir]), 69, /nowhere/);
    assert.ok(!existsSync(dir));
    mkdirSync(dir);
    assertRefused(await runBzctrld(['verify', '--data', dir]), 69, /nowhere/);
    assert.ok(!existsSync(path.join(dir, 'bzctrl.db')));
  });
  test('neither verify nor backup nor migrate makes a store of an empty database', async () => {
    const dir = makeFolder();
    const url = databaseUrl(dir);
    const file = path.join(dir, 'bzctrl.db');
    if (!onPostgres) writeFileSync(file, '');
    const target = path.join(makeFolder(), 'target.db');
    assertRefused(await runBzctrld(['verify', '--data', dir]), 69, /no bzctrl store/);
    assertRefused(await runBzctrld(['backup', target, '--data', dir]), 69, /no bzctrl store/);
    assertRefused(await runBzctrld(['migrate', '--from', url, '--to', `sqlite:${target}`]), 64, /no bzctrl store/);
    assert.deepEqual(readdirSync(path.dirname(target)), []);
    if (onPostgres)
      assert.equal(psql(url, "SELECT COUNT(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace").trim(), '0');
    else assert.equal(statSync(file).size, 0);
  });
  test('what is of an older version is neither verified nor backed up, and not brought up to date', async () => {
    const server = await startServer();
    await server.terminate();
    const undone = undoNewestStep();
    changeStored(server.dir, undone.join('; '));
    const target = path.join(makeFolder(), 'target.db');
    for (const words of [['verify'], ['backup', target]])
      for (let i = 0; i < 2; i++)
        assertRefused(await runBzctrld([...words, '--data', server.dir]), 64, /older version/);
    assert.ok(!existsSync(target));
    await server.start();
    assert.equal((await runBzctrld(['verify', '--data', server.dir])).code, 0);
    await server.stop();
  });
  test('1 and the first bad entry, for each kind of change to what is stored', async (t) => {
    if (!onPostgres && (await run('sh', ['-c', 'command -v sqlite3'])).code !== 0)
      return t.skip('sqlite3(1) is not there');
    const server = await startServer();
    for (let i = 0; i < 5; i++) await server.addTask(small({ title: `v${i}` }));
    await server.terminate();
    const verify = () => runBzctrld(['verify', '--data', server.dir]);
    assert.equal((await verify()).code, 0);
    const putBack = keepStored(server.dir);
    /* The rows of the records' events, in their order; see sql/0002_task.sql. */
    const before = numberStored(server.dir, "SELECT MIN(place) - 1 FROM event WHERE action = 'task.created'");
    const at = (n) => `place = ${before + n}`;
    const changes = {
      'a payload': `UPDATE event SET payload = replace(payload, 'v2', 'w2') WHERE ${at(3)}`,
      'a time': `UPDATE event SET at = at + 1 WHERE ${at(3)}`,
      'who did it': `UPDATE event SET actor_id = actor_id + 1 WHERE ${at(3)}`,
      'what was done': `UPDATE event SET action = 'task.changed' WHERE ${at(3)}`,
      'a hash': `UPDATE event SET hash = (SELECT hash FROM event WHERE ${at(2)}) WHERE ${at(3)}`,
      'an event is gone': `DELETE FROM event WHERE ${at(3)}`,
      'the last event is gone': `DELETE FROM event WHERE ${at(5)}`,
      'two events change places': `UPDATE event SET place = 1 WHERE ${at(3)}; UPDATE event SET ${at(3)} WHERE ${at(
        4)}; UPDATE event SET ${at(4)} WHERE place = 1`,
      'a record is gone': `DELETE FROM task WHERE number = 3`,
      'a number is another': `UPDATE task SET number = 33 WHERE number = 3`,
    };
    for (const [name, sql] of Object.entries(changes)) {
      assert.ok(changeStored(server.dir, sql) > 0, name);
      const result = await verify();
      assert.equal(result.code, 1, `${name} is not found: ${result.stderr}`);
      assert.match(result.stderr, /EXA-CON-BUS/, name);
      putBack();
    }
    changeStored(server.dir, `UPDATE event SET payload = NULL, salt = NULL WHERE ${at(3)}`);
    const result = await verify();
    assert.equal(result.code, 1, result.stderr);
    assert.match(result.stderr, /its content is gone, but no event says that it was erased/);
    await server.stop();
  });
});

describe('config', () => {
  test('shows what is in force, in the order flag, environment, file; secrets redacted', async () => {
    const dir = makeFolder();
    const ini = makeFile('listen = 127.0.0.1:1111\npublic-url = https://file.example\nenvironment = ' +
        'acc\n', 'bzctrl.ini');
    const shown = await runBzctrldOk(['config', '--config', ini, '--listen', '127.0.0.1:3333', '--data', dir], {
      env: { BZCTRL_LISTEN: '127.0.0.1:2222', BZCTRL_PUBLIC_URL: 'https://environment.example' },
    });
    assert.match(shown, /^listen *= *127\.0\.0\.1:3333$/m);
    assert.match(shown, /^public-url *= *https:\/\/environment\.example$/m);
    assert.match(shown, /^environment *= *acc$/m);
    assert.ok(shown.includes(dir));
  });
  test('a password in a URL is not shown', async () => {
    for (const password of ['hunter2hunter', 'hunter2@hunter2', 'hunter2/hunter2', 'hunter2:hunter2']) {
      const shown = await runBzctrldOk(['config', '--public-url', `https://user:${password}@bzctrl.example`]);
      assert.ok(!shown.includes('hunter2'), shown);
      assert.ok(shown.includes('bzctrl.example'));
    }
  });
  test('a public URL that would break links or answers: exit 64', async () => {
    for (const url of ['http://', 'https:///app', 'https://bzctrl.example/"', 'https://bzctrl example',
      'https://bzctrl.example\r\nx: y', 'https://bzctrl.example/?x=1', 'https://bzctrl.example/#x',
      'https://bücher.example'])
      assertRefused(await runBzctrld(['config', '--public-url', url]), 64, /--public-url/);
  });
  test('an engine that is not there is refused without showing the password', async () => {
    const result = await runBzctrld(['config', '--database', 'mysql://user:hunter2hunter@db.example/bzctrl']);
    assertRefused(result, 64, /--database/);
    assert.ok(!result.stderr.includes('hunter2'));
    const shown = await runBzctrldOk(['config', '--database', 'postgresql://user:hunter2hunter@db.example/bzctrl']);
    assert.match(shown, /^database = postgresql:.*db\.example/m);
    assert.ok(!shown.includes('hunter2'));
    for (const [url, wanted] of [
      ['postgresql://db.example/b?password=hunter2&user=u', 'postgresql://db.example/b?password=***&user=u'],
      ['postgresql://h:5432/b?user=u&sslpassword=hunter2', 'postgresql://h:5432/b?user=u&sslpassword=***'],
      ['postgresql:///b?host=/run&pass%77ord=hunter2@x', 'postgresql:///b?host=/run&pass%77ord=***'],
    ]) {
      const { stdout } = await runBzctrld(['config', '--database', url]);
      assert.ok(stdout.includes(`database = ${wanted}\n`), stdout);
    }
  });
  test('a value from a file: the _FILE suffix', async () => {
    const shown =
      await runBzctrldOk(['config'], { env: { BZCTRL_PUBLIC_URL_FILE: makeFile('https://secret-file.example\n') } });
    assert.match(shown, /https:\/\/secret-file\.example/);
  });
  test('an unknown key of the file, and an unreadable file: exit 64', async () => {
    assertRefused(await runBzctrld(['config', '--config', makeFile('lisen = 127.0.0.1:1\n')]), 64, /lisen/);
    assertRefused(await runBzctrld(['config', '--config', '/nosuch/bzctrl.ini']), 64, /\/nosuch\/bzctrl\.ini/);
  });
});

describe('demo', { skip: onPostgres && 'only on SQLite' }, () => {
  test('the account of the source signs in, the first report is number 01, and serve refuses the folder', async () => {
    const dir = path.join(makeFolder(), 'demo');
    const server = await startServer({ demo: true, dataDir: dir });
    const created = await server.addTask(SAMPLE);
    assert.equal(created.status, 201, created.text);
    assert.equal(created.json.taskLink, `${server.url}/app/#/todo/EXA-CON-BUS-WOR-01`);
    assert.equal((await server.request('GET', '/app/config.json')).json.environment, 'demo');
    // Some months of follow-up in a second workspace.
    const all = await server.listAll();
    const has = (what) => all.filter(what).length;
    assert.ok(all.length > 150, `${all.length} records`);
    for (const [what, count] of Object.entries({
      open: has((task) => task.open), closed: has((task) => task.status === 'Done' && task.closedBy && task.result),
      expired: has((task) => task.status === 'Expired'), overdue: has((task) => task.overdue),
      moved: has((task) => task.dueMoves > 0), commented: has((task) => task.commentCount > 0),
      attached: has((task) => task.attachmentCount > 0), measures: has((task) => task.parent !== null),
    }))
      assert.ok(count > 2, `${what}: ${count}`);
    // A stand-up of the last weeks, each session with its minutes.
    const [meeting] = (await server.get('/bzctrl-core-api/api/v1/meetings')).json.items;
    const { items: sessions } = (await server.get(`/bzctrl-core-api/api/v1/meetings/${meeting.id}/sessions`)).json;
    assert.equal(meeting.name, 'Declarations');
    assert.ok(sessions.length >= 7 && sessions.every(({ running, receipt }) => !running && receipt !== null));
    const kept = await Promise.all(sessions.map(async ({ id }) =>
      (await server.get(`/bzctrl-core-api/api/v1/meetings/${meeting.id}/sessions/${id}`)).json.minutes));
    assert.ok(kept.some(({ notes }) => notes.some(({ parked }) => parked)));
    assert.ok(kept.every(({ notes, present }) => notes.length > 0 && present.length > 1));
    // A colleague with the same password, to try what takes two people.
    assert.equal((await server.get('/bzctrl-core-api/api/v1/me/inbox', { as: 'warehouse@example.com' })).status, 200);
    await runBzctrldOk(['verify', '--data', dir]);
    await server.terminate();
    assertRefused(await runBzctrld(['serve', '--data', dir, '--listen', '127.0.0.1:0']), 64, /demo/);
  });
  test('only on the loopback', async () => {
    const result = await runBzctrld(['demo', '--data', path.join(makeFolder(), 'demo'), '--listen', '0.0.0.0:0']);
    assertRefused(result, 64, /loopback|127\.0\.0\.1/);
  });
  test('not on a socket that is handed over, which may be open to all', async () => {
    const listener = net.createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const child = spawnChild(
      'sh', ['-c', 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', 'sh', bzctrld, 'demo', '--data',
        path.join(makeFolder(), 'demo'), '--listen', '127.0.0.1:0'],
      { stdio: ['ignore', 'ignore', 'ignore', listener._handle.fd] },
    );
    listener.close();
    const timer = setTimeout(() => child.kill('SIGKILL'), 120_000 * patience);
    assert.deepEqual(await child.exited, { code: 64, signal: null });
    clearTimeout(timer);
  });
  test('not on a database that is somewhere else', async () => {
    const database = `sqlite:${path.join(await makeData(), 'bzctrl.db')}`;
    const result = await runBzctrld(['demo', '--database', database, '--listen', '127.0.0.1:0']);
    assertRefused(result, 64, /--database/);
  });
  test('not on a folder that holds something', async () => {
    const dir = await makeData();
    const result = await runBzctrld(['demo', '--data', dir, '--listen', '127.0.0.1:0']);
    assert.notEqual(result.code, 0);
    assert.equal(result.signal, null);
    assert.ok(result.stderr.includes(dir), result.stderr);
  });
});

describe('where it listens', () => {
  test('a unix socket; a stale one is replaced, a living one is not', async () => {
    const folder = makeFolder();
    mkdirSync(path.join(folder, 's'));
    const socket = path.join(folder, 's', 'http.sock');
    const options = { dataDir: await makeData(), listen: `unix:${socket}` };
    const server = await startServer(options);
    const curl = () =>
      run('curl', ['-sS', '-o', '/dev/null', '-w', '%{http_code}', '--unix-socket', socket, 'http://localhost/healthz']);
    assert.equal((await curl()).stdout, '200');
    const second = await runBzctrld(['serve', '--data', await makeData(), '--listen', `unix:${socket}`]);
    assert.notEqual(second.code, 0);
    assert.equal((await curl()).stdout, '200');
    await server.kill9();
    assert.ok(existsSync(socket));
    await server.start();
    assert.equal((await curl()).stdout, '200');
    await server.terminate();
  });
  test('IPv6', async (t) => {
    let server;
    try {
      server = await startServer({ listen: '[::1]:0' });
    } catch (error) {
      if (/EADDRNOTAVAIL|EAFNOSUPPORT|address/i.test(error.message))
        return t.skip('NOT TESTED: this machine has no IPv6');
      throw error;
    }
    assert.match(server.url, /^http:\/\/\[::1\]:\d+$/);
    assert.equal((await server.addTask(SAMPLE)).status, 201);
    await server.stop();
  });
  test('a socket that the service manager hands over', async () => {
    const listener = net.createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address();
    const dataDir = await makeData();
    const starting = startServer({
      dataDir,
      /* sd_listen_fds(3): the first is descriptor 3, and it is meant for this process. */
      wrapper: ['sh', '-c', 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', 'sh'],
      descriptors: [listener._handle.fd],
    });
    listener.close(); /* it was spawned with a copy; two who accept would share the connections */
    const server = await starting;
    assert.equal(server.url, `http://127.0.0.1:${port}`);
    assert.equal((await server.request('GET', '/healthz')).status, 200);
    await server.terminate();
  });
});
