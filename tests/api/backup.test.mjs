/*
 * bzctrld backup, restore and migrate: everything goes over, nothing is written over, and what could
 * not be finished is not there.
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { changeStored, createDatabase, databaseUrl, onPostgres } from '../lib/database.mjs';
import { bzctrld, makeFile, makeFolder, run, runBzctrld, runBzctrldOk } from '../lib/program.mjs';
import { holdCall, straceMissing } from '../lib/strace.mjs';
import { API, EXAMPLE, addUser, small, startServer } from '../lib/server.mjs';
import { verifyHistory } from '../lib/verify_history.mjs';

const MANAGER = { email: 'manager@example.com', password: 'a good password', role: 'manager', domain: 'EXA' };
const keyed = (key) => ({ headers: { 'idempotency-key': `"${key}"` } });

/* A server with records in two workspaces, keys and sign-ins. */
async function startFilled() {
  const server = await startServer({
    workspaces: ['EXA-CON-BUS-WOR', ['EXA-CON-BUS-LAB', '--name', 'Laboratory', '--timezone', 'Europe/Amsterdam']],
    users: [EXAMPLE, MANAGER],
  });
  const answers = [];
  for (let i = 0; i < 40; i++) {
    const body = small({
      title: `Title ${i} €`,
      description: 'long '.repeat(1 + i * i),
      domainWorkSpace: i % 3 ? 'EXA-CON-BUS-WOR' : 'EXA-CON-BUS-LAB',
      tags: [`t${i}`],
      ...(i % 2 ? { financialImpact: i, dueDate: '2027-01-01' } : { todoType: 'TASK', result: 'done' }),
    });
    answers.push({ key: `key ${i}`, body, answer: await server.addTask(body, keyed(`key ${i}`)) });
    assert.equal(answers.at(-1).answer.status, 201, answers.at(-1).answer.text);
  }
  await talk(server, 'EXA-CON-BUS-WOR-01');
  return { server, answers };
}

/* Comments and files of every kind on a record. */
async function talk(server, key) {
  const at = `${API}/tasks/${key}`;
  const say = async (body) =>
    new URL((await server.send(EXAMPLE.email, 'POST', `${at}/comments`, body)).headers.location).pathname;
  const attach = async (name, bytes) =>
    new URL((await server.requestAs(EXAMPLE.email, 'POST', `${at}/attachments?name=${name}`,
      { body: bytes })).headers.location).pathname;
  await say({ text: `Kept @${MANAGER.email}` });
  assert.equal(
    (await server.send(EXAMPLE.email, 'PATCH', await say({ text: 'One', internal: true }), { text: 'Two' },
      { headers: { 'if-match': '*' } })).status, 200);
  await server.send(EXAMPLE.email, 'DELETE', await say({ text: 'Gone' }));
  const bytes = randomBytes(3 * 1024 * 1024 + 5);
  await attach('a', bytes);
  await attach('b', bytes);
  await attach('c', 'short');
  await server.send(EXAMPLE.email, 'DELETE', await attach('d', randomBytes(200_000)));
}

/* All that the API tells of the records; links begin elsewhere on each server. */
async function content(server) {
  const records = await server.listAll({}, { as: EXAMPLE.email });
  const events = [];
  const parts = [];
  for (const { key, commentCount } of records) {
    const at = `${API}/tasks/${key}`;
    events.push((await server.get(`${at}/events`)).json);
    if (commentCount === 0) continue;
    const { items: attachments } = (await server.get(`${at}/attachments`)).json;
    const hashes = [];
    for (const { id } of attachments)
      hashes.push(createHash('sha256').update((await server.get(`${at}/attachments/${id}`)).body).digest('hex'));
    assert.deepEqual(hashes, attachments.map(({ sha256 }) => sha256));
    parts.push((await server.get(`${at}/comments`)).json, attachments);
  }
  return JSON.parse(JSON.stringify({ records, events, parts }).replaceAll(server.url, ''));
}

const heads = (dir, ...args) => runBzctrldOk(['verify', '--data', dir, ...args]);

/* A server on a copy holds the same, gives the same answers to the same keys and knows the tokens
 * of the first; and new records go on with the numbers. */
async function assertSame(dir, original, tokens, answers) {
  const server = await startServer({ dataDir: dir });
  server.tokens = new Map(tokens);
  assert.deepEqual(await content(server), original);
  for (const { key, body, answer } of answers) {
    const again = await server.addTask(body, keyed(key));
    assert.equal(again.headers['idempotent-replayed'], 'true', key);
    assert.equal(again.text, answer.text);
    assert.equal(again.headers['bzctrl-receipt'], answer.headers['bzctrl-receipt']);
  }
  assert.equal(
    (await server.grant({ grant_type: 'password', username: MANAGER.email, password: MANAGER.password })).status, 200);
  assert.equal((await server.createAndRead(small())).key, 'EXA-CON-BUS-WOR-27');
  await server.terminate();
}

function assertRefused(result, code, ...words) {
  assert.equal(result.code, code, `${result.signal} ${result.stderr}`);
  assert.equal(result.stdout, '');
  for (const word of words) assert.match(result.stderr, word);
}

describe('backup and restore', () => {
  test('a backup beside a running server holds everything, and so does what is restored from it', async () => {
    const { server, answers } = await startFilled();
    const original = await content(server);
    const file = path.join(makeFolder(), 'backup.db');
    const printed = await server.command(['backup', file]);
    assert.equal(printed, await heads(server.dir), 'it prints the heads, as verify does');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(path.dirname(file)), ['backup.db'], 'one file');
    assert.equal(`${verifyHistory(file).join('\n')}\n`, printed, 'a second verifier agrees');
    await server.terminate();

    const dir = path.join(makeFolder(), 'new');
    assert.equal(await runBzctrldOk(['restore', file, '--data', dir]), printed);
    await assertSame(dir, original, server.tokens, answers);
    await server.stop();
  });

  test('without a server too; a relative name is the caller’s', async () => {
    const { server } = await startFilled();
    const cwd = makeFolder();
    const beside = await runBzctrld(['backup', 'one.db', '--data', server.dir], { cwd });
    assert.equal(beside.code, 0, beside.stderr);
    await server.terminate();
    const alone = await runBzctrld(['backup', './two.db', '--data', server.dir], { cwd });
    assert.equal(alone.code, 0, alone.stderr);
    assert.equal(alone.stdout, beside.stdout);
    assert.match(alone.stderr, /records +40 of +40 +100 %/);
    assert.deepEqual(readdirSync(cwd).sort(), ['one.db', 'two.db']);
    await server.stop();
  });

  test('it tells how far it is, beside a server too: a line that changes on a terminal, others elsewhere',
      async (t) => {
    const missing = await straceMissing();
    if (missing) return t.skip(missing);
    const server = await startServer();
    await server.terminate();
    const copies = 20_000;
    changeStored(server.dir,
      `INSERT INTO token_family VALUES (1, (SELECT MIN(id) FROM account), NULL, '*', 0, 9000000000000000, 0, NULL, 0,
        NULL, NULL);
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${copies})
      INSERT INTO token SELECT i, 1, CAST('hash ' || i AS ${onPostgres ? 'BYTEA'
        : 'BLOB'}), 1, '*', 0, 9000000000000000, 0, 0, 0 FROM n`);
    await server.start();
    const folder = makeFolder();
    const words = (name) => ['backup', path.join(folder, name), '--data', server.dir];
    const line = /tokens +[1-9]\d* of +200\d\d +\d+ %/;
    /* The copy is held among its tokens until a line has told so, however fast it is. */
    const whileHeld = async (command, args) => {
      const hold = await holdCall(server.pid, 'control', 'pwrite64', 700);
      let told;
      const lineTold = new Promise((resolve) => {
        told = resolve;
      });
      const ended = run(command, args, { seen: (text) => line.test(text) && told() });
      await Promise.race([lineTold, ended]);
      await hold.release();
      return ended;
    };
    const lines = await whileHeld(bzctrld, words('lines.db'));
    assert.equal(lines.code, 0, lines.stderr);
    assert.match(lines.stderr, new RegExp(`^${line.source}$`, 'm'));
    assert.ok(!lines.stderr.includes('\r'));

    const typed = [bzctrld, ...words('terminal.db')].join(' ');
    const terminal = await whileHeld('script', ['-qefc', typed, '/dev/null'])
      .catch((error) => ({ missing: error.message }));
    if (terminal.missing) return t.skip(`NOT TESTED ON A TERMINAL: ${terminal.missing}`);
    assert.equal(terminal.code, 0, terminal.stdout);
    assert.match(terminal.stdout, new RegExp(`${line.source}(\\r(tokens|\\n)|\\n)`));
    assert.deepEqual(readdirSync(folder).sort(), ['lines.db', 'terminal.db']);
    await server.stop();
  });

  test('a file that is there is never written over', async () => {
    const server = await startServer();
    const file = makeFile('mine', 'backup.db');
    for (const stop of [false, true]) {
      if (stop) await server.terminate();
      assertRefused(await runBzctrld(['backup', file, '--data', server.dir]), 1, /exists/);
      assert.equal(readFileSync(file, 'utf8'), 'mine');
      const other = path.join(path.dirname(file), 'other.db');
      writeFileSync(`${other}.tmp`, 'mine');
      assertRefused(await runBzctrld(['backup', other, '--data', server.dir]), 1, /other\.db\.tmp.*another backup/);
      assert.equal(readFileSync(`${other}.tmp`, 'utf8'), 'mine');
      assert.ok(!existsSync(other));
      assertRefused(await runBzctrld(['backup', '/nosuch/folder/file', '--data', server.dir]), 74, /\/nosuch\/folder/);
    }
    await server.stop();
  });

  test('a disk that is full leaves no file', async (t) => {
    const { server } = await startFilled();
    await server.terminate();
    const folder = makeFolder();
    const file = path.join(folder, 'backup.db');
    const whole = path.join(makeFolder(), 'whole.db');
    await runBzctrldOk(['backup', whole, '--data', server.dir]);
    const size = statSync(whole).size;
    for (const limit of [1000, 100_000, size - 4096]) {
      const result = await run('prlimit', [`--fsize=${limit}:unlimited`, bzctrld, 'backup', file, '--data', server.dir])
        .catch((error) => ({ missing: error.message }));
      if (result.missing) return t.skip(`NOT TESTED WITH A FILE SIZE LIMIT: ${result.missing}`);
      assertRefused(result, 74, /disk/);
      assert.deepEqual(readdirSync(folder), []);
    }
    await server.stop();
  });

  test('restore wants an empty place, no server, and a backup', async () => {
    const { server } = await startFilled();
    const before = await content(server);
    const file = path.join(makeFolder(), 'backup.db');
    await server.command(['backup', file]);
    assertRefused(await runBzctrld(['restore', file, '--data', server.dir]), 69, new RegExp(`\\b${server.pid}\\b`));
    await server.terminate();
    assertRefused(await runBzctrld(['restore', file, '--data', server.dir]), 1, /not empty/);
    await server.start();
    assert.deepEqual(await content(server), before);

    const other = makeFolder();
    assertRefused(await runBzctrld(['restore', '/nosuch/file', '--data', other]), 69, /\/nosuch\/file/);
    for (const text of ['', 'no database at all '.repeat(1000)]) {
      const result = await runBzctrld(['restore', makeFile(text), '--data', other]);
      assert.ok([64, 74].includes(result.code), result.stderr);
    }
    const damaged = makeFile('', 'damaged.db');
    const bytes = readFileSync(file);
    bytes.fill(0xff, bytes.length / 2, bytes.length / 2 + 8192);
    writeFileSync(damaged, bytes);
    const result = await runBzctrld(['restore', damaged, '--data', other]);
    assert.notEqual(result.code, 0);
    /* What comes of it is nothing at all, or not taken for a store. */
    const half = await runBzctrld(['verify', '--data', other]);
    assert.ok(half.code !== 0 || /\b0 events of 0 records\b/.test(half.stdout + half.stderr),
      half.stdout + half.stderr);
    await server.stop();
  });

  test('what is not whole gets no name', async () => {
    const { server } = await startFilled();
    await server.terminate();
    changeStored(server.dir, "UPDATE event SET payload = '{}' WHERE previous_seq = 0");
    const folder = makeFolder();
    const result = await runBzctrld(['backup', path.join(folder, 'backup.db'), '--data', server.dir]);
    assert.equal(result.code, 1, result.stderr);
    assert.match(result.stderr, /NOT whole/);
    assert.deepEqual(readdirSync(folder), []);
    await server.stop();
  });
});

describe('migrate', () => {
  /* To the other engine where there is one, and back. */
  test('there and back, everything is the same', async () => {
    const { server, answers } = await startFilled();
    const original = await content(server);
    const first = databaseUrl(server.dir);
    const middle = `sqlite:${makeFolder()}/middle.db`;
    const last = path.join(makeFolder(), 'last');
    if (!onPostgres) mkdirSync(last);
    const inUse = await runBzctrld(['migrate', '--from', first, '--to', middle]);
    assertRefused(inUse, 69, onPostgres ? /a server is using the source/ : new RegExp(`\\b${server.pid}\\b`));
    await server.terminate();

    const there = await runBzctrld(['migrate', '--from', first, '--to', middle]);
    assert.equal(there.code, 0, there.stderr);
    assert.match(there.stderr, /records +40 of +40 +100 %/);
    const back = await runBzctrld(['migrate', '--from', middle, '--to', databaseUrl(last)]);
    assert.equal(back.code, 0, back.stderr);
    assert.equal(there.stdout, await heads(server.dir));
    assert.equal(back.stdout, there.stdout);
    await assertSame(last, original, server.tokens, answers);

    const again = await runBzctrld(['migrate', '--from', first, '--to', databaseUrl(last)]);
    assertRefused(again, 1, /not empty/);
    await server.stop();
  });

  test('a file moves to PostgreSQL with the data folder’s own words', { skip: !onPostgres && 'only on PostgreSQL' },
      async () => {
    const { server } = await startFilled();
    await server.terminate();
    const dir = makeFolder();
    await runBzctrldOk(['migrate', '--from', databaseUrl(server.dir), '--to', 'sqlite:', '--data', dir]);
    assert.ok(existsSync(path.join(dir, 'bzctrl.db')));
    const { url } = createDatabase(process.env.BZCTRL_TEST_POSTGRES);
    const moved = await runBzctrldOk(['migrate', '--from', 'sqlite:', '--to', url, '--data', dir]);
    assert.equal(moved, await heads(server.dir));
    await server.stop();
  });

  test('a wrong command line', async () => {
    const dir = makeFolder();
    await runBzctrldOk(['workspace', 'add', 'EXA-WOR', '--data', dir]);
    assertRefused(await runBzctrld(['migrate', '--to', `sqlite:${dir}/x.db`]), 64, /--from/);
    assertRefused(await runBzctrld(['migrate', '--from', `sqlite:${dir}/x.db`]), 64, /--to/);
    assertRefused(await runBzctrld(['migrate', '--from', `sqlite:${dir}/x.db`, '--to', `sqlite:${dir}/x.db`]), 64,
      /same/);
    assertRefused(await runBzctrld(['migrate', '--from', 'mysql://x', '--to', `sqlite:${dir}/x.db`]), 64,
      /sqlite:.*postgresql:/);
    assertRefused(await runBzctrld(['migrate', '--from', `sqlite:${dir}/nosuch.db`, '--to', `sqlite:${dir}/x.db`]), 69,
      /nosuch\.db/);
    assertRefused(
      await runBzctrld(['migrate', '--from', databaseUrl(dir), '--to', 'postgresql://u:secret-word@127.0.0.1:1/x']), 69,
      /cannot reach the database/);
    const { stderr } =
      await runBzctrld(['migrate', '--from', databaseUrl(dir), '--to', 'postgresql://u:secret-word@127.0.0.1:1/x']);
    assert.ok(!stderr.includes('secret-word'), stderr);
    assert.ok(!existsSync(path.join(dir, 'x.db')));
  });
});

test('a person added after the copy is not in it', async () => {
  const server = await startServer();
  const file = path.join(makeFolder(), 'backup.db');
  await server.command(['backup', file]);
  await addUser(server.dir, { email: 'later@example.com', role: 'viewer', domain: 'EXA-CON-BUS' });
  await server.terminate();
  const dir = path.join(makeFolder(), 'new');
  await runBzctrldOk(['restore', file, '--data', dir]);
  const copy = await startServer({ dataDir: dir });
  const signIn = (username) => copy.grant({ grant_type: 'password', username, password: EXAMPLE.password });
  assert.equal((await signIn(EXAMPLE.email)).status, 200);
  assert.equal((await signIn('later@example.com')).status, 400);
  await copy.terminate();
  await server.stop();
});
