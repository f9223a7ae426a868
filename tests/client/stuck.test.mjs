/*
 * Waiting reports get through, whatever is between the outbox and the server: proxies with limits,
 * filters that block one report, pages from elsewhere, a server with a new name. A report that fails
 * alone does not hold up the others and costs only a few calls.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client, bzctrl, shim } from '../lib/client.mjs';
import { html, startGateway } from '../lib/gateway.mjs';
import { makeFolder, run, spawnChild, until } from '../lib/program.mjs';
import { small, startServer } from '../lib/server.mjs';

let server;
const gateways = [];
before(async () => {
  server = await startServer();
});
after(async () => {
  gateways.forEach((gateway) => gateway.stop());
  await server.stop();
});

async function start(judge, settings) {
  const gateway = await startGateway(server.url, judge);
  gateways.push(gateway);
  return { gateway, client: new Client(gateway.url, settings) };
}

async function exits(code, client, args, options) {
  const result = await client.run(args, options);
  assert.equal(result.code, code,
    `${args.join(' ')}: ${result.code ?? result.signal}\n${result.stdout.slice(-500)}${result.stderr}`);
  return result;
}

/** Puts reports with the tag `start` into the outbox; sends nothing. */
async function put(client, start, reports) {
  const file = path.join(makeFolder(), 'reports.ndjson');
  writeFileSync(file, reports.map((report) => `${JSON.stringify(small({ orderID: start, ...report }))}\n`).join(''));
  await exits(75, client, ['report', '--batch', file, '--later']);
}

const report = (client, start, title) => client.report(title, ['--order-id', start]);

/** The titles of the records with the tag, in the order in which they were stored. */
async function stored(start) {
  const records = await server.listAll({ tag: start });
  return records.sort((a, b) => Number(/\d+$/.exec(a.key)[0]) - Number(/\d+$/.exec(b.key)[0]))
    .map(({ title }) => title);
}

const numbered = (start, n, more = {}) =>
  Array.from({ length: n }, (_, i) => ({ title: `${start} ${String(i).padStart(4, '0')}`, ...more }));
const titles = (reports) => reports.map(({ title }) => title);
const isReport = (path) => path.startsWith('/task/');

describe('a proxy with a limit for bodies', { concurrency: 4 }, () => {
  const KIB = 1024;
  const large = (start, n) => numbered(start, n, { description: 'x'.repeat(2000) });

  test('413: the call is halved, and the next run remembers it', async () => {
    const { gateway, client } = await start(({ body }) => (body.length > 200 * KIB ? html(413) : undefined));
    const reports = large('bound', 600);
    await put(client, 'bound', reports);
    await exits(0, client, ['outbox', 'run']);
    assert.deepEqual(await stored('bound'), titles(reports));
    const calls = gateway.reports();
    assert.ok(calls.filter(({ verdict }) => verdict === 413).length <= 4, JSON.stringify(calls));
    assert.ok(calls.length <= 24, `${calls.length} calls`);
    const later = large('bound later', 300);
    await put(client, 'bound later', later);
    await exits(0, client, ['outbox', 'run']);
    assert.deepEqual(gateway.reports().filter(({ verdict }) => verdict !== 'pass'), []);
    assert.deepEqual(await stored('bound later'), titles(later));
  });

  test('the size grows again after a while', async () => {
    let bound = 200 * KIB;
    const { gateway, client } = await start(({ body }) => (body.length > bound ? html(413) : undefined));
    await put(client, 'grows', large('grows', 300));
    await exits(0, client, ['outbox', 'run']);
    const largest = Math.max(...gateway.reports().filter(({ verdict }) => verdict === 'pass').map(({ size }) => size));
    bound = Infinity;
    const hour = { LD_PRELOAD: shim('shift_clock'), BZCTRL_SHIFT_CLOCK: '7200' };
    for (const start of ['grows a', 'grows b']) await put(client, start, large(start, 300));
    await exits(0, client, ['outbox', 'run'], { env: hour });
    assert.ok(Math.max(...gateway.reports().map(({ size }) => size)) > 1.5 * largest);
  });

  test('a report that is too large by itself is listed, and the others are sent', async () => {
    let bound = 100 * KIB;
    const { client } = await start(({ body }) => (body.length > bound ? html(413) : undefined));
    const reports = [{ title: 'whale', orderID: 'whale', description: 'x'.repeat(60_000), note: 'y'.repeat(60_000) },
      ...numbered('minnow', 20)];
    await put(client, 'minnow', reports);
    const result = await exits(75, client, ['outbox', 'run']);
    assert.match(result.stderr, /413/);
    assert.deepEqual(await stored('minnow'), titles(reports.slice(1)));
    assert.match((await exits(0, client, ['outbox', 'list'])).stdout,
      /^1 waiting whale\n {4}Tried alone once: .* answered 413 /);
    bound = Infinity;
    await exits(0, client, ['outbox', 'run']);
    assert.deepEqual(await stored('whale'), ['whale']);
  });

  test('a connection that is cut at each large body: calls shrink from run to run', async () => {
    const { client } = await start(({ body }) => (body.length > 50 * KIB ? 'cut' : undefined));
    const reports = large('cut', 300);
    await put(client, 'cut', reports);
    let runs = 1;
    while ((await client.run(['outbox', 'run'])).code !== 0) assert.ok(++runs < 6, 'it gets smaller');
    assert.ok(runs > 1);
    assert.deepEqual(await stored('cut'), titles(reports));
  });
});

describe('a filter that blocks one report', { concurrency: 4 }, () => {
  const answers = {
    '403 in HTML': html(403),
    '400 in HTML': html(400),
    '406 without a type': { status: 406, body: 'no' },
    '403 in JSON of its own': { status: 403, type: 'application/json', body: '{"message":"Forbidden"}' },
    '200 with a page': html(200, 'The requested URL was rejected'),
    '200 with a JSON of its own': { status: 200, type: 'application/json', body: '{"blocked":true}' },
    'a redirect to a page': { ...html(302), headers: { location: '/blocked.html' } },
  };
  for (const [name, answer] of Object.entries(answers))
    test(`${name}: the others are sent in order, and it waits with the reason`, async () => {
      let blocks = true;
      const { gateway, client } = await start(({ body }) => (blocks && body.includes('<script') ? answer : undefined));
      const start_ = `filter ${name}`;
      const reports = numbered(start_, 60);
      reports[23].description = '<script>';
      await put(client, start_, reports);
      const result = await exits(75, client, ['outbox', 'run']);
      assert.match(result.stderr, /some reports do not get through/);
      const others = titles(reports.toSpliced(23, 1));
      assert.deepEqual(await stored(start_), others);
      const calls = gateway.reports();
      assert.ok(calls.length <= 24, `${calls.length} calls`);
      assert.match((await exits(0, client, ['outbox', 'list'])).stdout,
        /^24 waiting .* 0023\n {4}Tried alone once: .* tried again at 2/);
      /* New reports are not held up. */
      assert.match((await report(client, start_, `${start_} new`)).stdout, /WOR-\d+\n$/);
      assert.equal(gateway.reports().length, 1, 'its time has not come yet');
      blocks = false;
      await exits(0, client, ['outbox', 'run']);
      assert.deepEqual(await stored(start_), [...others, `${start_} new`, reports[23].title]);
      assert.equal((await exits(0, client, ['outbox', 'list'])).stdout, '');
    });

  for (const [name, answer] of [['a page', html(404)],
    ['the server', { status: 404, type: 'application/problem+json', body: '{"status":404}' }]])
    test(`bulk calls are refused by ${name}: each report is sent alone`, async () => {
      const { gateway, client } = await start(({ path }) => (path.startsWith('/task/add-tasks') ? answer : undefined));
      const reports = numbered(`alone ${name}`, 30);
      await put(client, `alone ${name}`, reports);
      await exits(0, client, ['outbox', 'run']);
      assert.deepEqual(await stored(`alone ${name}`), titles(reports));
      assert.ok(gateway.reports().length <= 70);
    });

  test('many of them in a row: each run ends soon, and all others get through', async () => {
    let blocks = true;
    const { gateway, client } = await start(({ body }) => (blocks && body.includes('<script') ? html(403) : undefined));
    const reports = numbered('several', 200);
    for (let i = 0; i < 200; i++) if (i < 7 || i % 20 === 0) reports[i].description = '<script>';
    await put(client, 'several', reports);
    const good = titles(reports.filter(({ description }) => !description));
    let runs = 0;
    while ((await stored('several')).length < good.length) {
      assert.ok(runs++ < 6, 'it continues');
      await exits(75, client, ['outbox', 'run']);
    }
    assert.deepEqual(await stored('several'), good);
    gateway.reports();
    await exits(75, client, ['outbox', 'run']);
    assert.ok(gateway.reports().length <= 3);
    blocks = false;
    await exits(0, client, ['outbox', 'run']);
    assert.equal((await stored('several')).length, 200);
  });

  test('a row of a batch: the rest of the file is sent', async () => {
    const { client } = await start(({ body }) => (body.includes('<script') ? html(403) : undefined));
    const reports = numbered('rows', 2500);
    reports[3].description = '<script>';
    const file = path.join(makeFolder(), 'rows.ndjson');
    writeFileSync(file, reports.map((report) => `${JSON.stringify(small(report))}\n`).join(''));
    const { stdout } = await exits(75, client, ['report', '--batch', file]);
    assert.equal(stdout, '2500 rows, 2499 acknowledged, 0 refused, 1 waiting\n');
  });

  test('a clock that was ahead does not keep it waiting', async () => {
    let blocks = true;
    const { client } = await start(({ body }) => (blocks && body.includes('<script') ? html(403) : undefined));
    await put(client, 'ahead', [{ title: 'ahead blocked', description: '<script>' }, { title: 'ahead good' }]);
    await exits(75, client, ['outbox', 'run'],
      { env: { LD_PRELOAD: shim('shift_clock'), BZCTRL_SHIFT_CLOCK: String(365 * 86_400) } });
    assert.deepEqual(await stored('ahead'), ['ahead good']);
    blocks = false;
    assert.equal((await report(client, 'ahead', 'ahead new')).code, 0);
    assert.deepEqual(await stored('ahead'), ['ahead good', 'ahead new', 'ahead blocked']);
  });

  test('blocked questions do not hold up reports', async () => {
    const { client } = await start(({ path }) => (path.startsWith('/requests') ? html(403) : undefined));
    await put(client, 'unasked', numbered('unasked', 5));
    await exits(0, client, ['outbox', 'run']);
    assert.equal((await stored('unasked')).length, 5);
    const old = { LD_PRELOAD: shim('shift_clock'), BZCTRL_SHIFT_CLOCK: String(-29 * 86_400) };
    assert.equal((await client.run(Client.report('too old', ['--later']), { env: old })).code, 75);
    await put(client, 'unasked', [{ title: 'after an old one' }]);
    await exits(65, client, ['outbox', 'run']);
    assert.equal((await stored('unasked')).at(-1), 'after an old one');
  });
});

describe('somebody else answers all reports', { concurrency: 4 }, () => {
  const answers = { 'a page of a proxy': html(404), 'a portal': html(200, 'Sign in'),
    'a portal elsewhere': { ...html(302), headers: { location: 'http://portal.example.com/' } } };
  for (const [name, answer] of Object.entries(answers))
    for (const all of [true, false])
      test(`${name}${all ? '' : ', but only reports'}: few calls, no report is blamed, and order stays`, async () => {
        let closed = true;
        const { gateway, client } = await start(({ path }) => (closed && (all || isReport(path)) ? answer : undefined));
        const start_ = `${name} ${all}`;
        const reports = numbered(start_, 400);
        await put(client, start_, reports);
        await exits(75, client, ['outbox', 'run']);
        assert.ok(gateway.seen.length <= 18, `${gateway.seen.length} calls`);
        gateway.seen.length = 0;
        await exits(75, client, ['outbox', 'run']);
        assert.ok(gateway.seen.length <= 5, `${gateway.seen.length} calls`);
        closed = false;
        await exits(0, client, ['outbox', 'run']);
        assert.deepEqual(await stored(start_), titles(reports));
      });
});

test('a portal, and then a filter for the first report: the rest keeps its order', async () => {
  let answer = html(200, 'Sign in');
  const { gateway, client } = await start(({ path, body }) =>
    (isReport(path) && (gateway.open ? body.includes('<script') : true) ? answer : undefined));
  const reports = [{ title: 'then 0', description: '<script>' }, ...numbered('then', 30)];
  await put(client, 'then', reports);
  await exits(75, client, ['outbox', 'run']);
  gateway.open = true;
  answer = html(403);
  await exits(75, client, ['outbox', 'run']);
  assert.deepEqual(await stored('then'), titles(reports.slice(1)));
});

describe('5xx', { concurrency: 4 }, () => {
  test('for one report each time: after some runs the others are sent', async () => {
    let broken = true;
    const { gateway, client } =
      await start(({ body }) => (broken && body.includes('poison') ? html(502) : undefined), { wait: 1 });
    const reports =
      [{ title: 'one 0' }, { title: 'one 1', description: 'poison' }, { title: 'one 2' }, { title: 'one 3' }];
    await put(client, 'one', reports);
    let runs = 0;
    while ((await stored('one')).length < 3) {
      assert.ok(runs++ < 10, 'it continues');
      await exits(75, client, ['outbox', 'run']);
    }
    assert.ok(runs > 3, 'but not at once');
    assert.deepEqual(await stored('one'), ['one 0', 'one 2', 'one 3']);
    gateway.reports();
    assert.equal((await report(client, 'one', 'one new')).code, 0);
    assert.equal(gateway.reports().length, 1);
    broken = false;
    await exits(0, client, ['outbox', 'run']);
    assert.deepEqual(await stored('one'), ['one 0', 'one 2', 'one 3', 'one new', 'one 1']);
  });

  test('for all reports: the order stays, however long it takes', async () => {
    let broken = true;
    const { client } = await start(({ path }) => (broken && isReport(path) ? html(503) : undefined), { wait: 1 });
    const reports = numbered('down', 12);
    await put(client, 'down', reports);
    for (let i = 0; i < 11; i++) await exits(75, client, ['outbox', 'run']);
    broken = false;
    await exits(0, client, ['outbox', 'run']);
    assert.deepEqual(await stored('down'), titles(reports));
  });
});

describe('the server', () => {
  test('has a new name: the outbox can be listed, and a command sends the waiting reports there', async () => {
    const client = new Client(server.url);
    await put(client, 'moves', [{ title: 'moves 1' }, { title: 'moves 2' }]);
    client.settings.url = server.url.replace('127.0.0.1', 'localhost');
    client.write();
    assert.match((await exits(0, client, ['outbox', 'list'])).stdout, /moves 1\n.*moves 2\n/);
    await exits(0, client, ['outbox', 'drop', '1']);
    assert.equal((await report(client, 'moves', 'moves not yet')).code, 78);
    const { stderr } = await exits(78, client, ['outbox', 'run']);
    assert.match((await client.run(['doctor'])).stdout, /FAIL outbox: .*another account or server/);
    const { url, username, workspace, reporter } = client.settings;
    const login = ['login', '--url', url, '--username', username, '--password-file', client.secret, '--workspace',
      workspace, '--reporter', reporter];
    assert.match((await exits(0, client, login)).stderr, /outbox move --from/);
    const other = await exits(78, client, ['outbox', 'move', '--from', 'https://elsewhere.example.com']);
    assert.match(other.stderr, /has reports for http:\/\/127/);
    await exits(64, client, ['outbox', 'move']);
    /* The advice is a command that works. */
    const command = /`bzctrl (outbox move[^`]*)`/.exec(stderr)[1].split(' ');
    assert.match((await exits(0, client, command)).stderr, /stored twice/);
    await exits(0, client, ['outbox', 'run']);
    assert.deepEqual(await stored('moves'), ['moves 2']);
    assert.equal((await report(client, 'moves', 'moves on')).code, 0);
    await exits(0, client, ['receipt', 'verify', '--all']);
  });

  test('needs another secret: all reports wait, and are sent once the settings have it', async () => {
    const client = new Client(server.url);
    const good = client.secret;
    client.settings['secret-file'] = path.join(client.home, 'old');
    writeFileSync(client.settings['secret-file'], 'revoked\n', { mode: 0o600 });
    client.write();
    assert.equal((await report(client, 'secret', 'secret')).code, 75);
    await exits(77, client, ['outbox', 'run']);
    client.settings['secret-file'] = good;
    client.write();
    await exits(0, client, ['outbox', 'run']);
    assert.deepEqual(await stored('secret'), ['secret']);
  });
});

describe('the space in the outbox', () => {
  test('is not used up by receipts', async () => {
    const client = new Client(server.url, { 'outbox-size': 1 });
    for (let i = 0; i < 6; i++) {
      const file = path.join(makeFolder(), 'many.ndjson');
      writeFileSync(file, numbered(`receipts ${i}`, 1000, { orderID: 'receipts' })
        .map((report) => `${JSON.stringify(small(report))}\n`).join(''));
      await exits(0, client, ['report', '--batch', file]);
    }
    assert.equal((await stored('receipts')).length, 6000);
  });

  test('is free again after all refused reports are dropped', async () => {
    const client = new Client(server.url);
    await put(client, 'refused', numbered('refused', 5, { todoType: 'NOTHING' }));
    await exits(65, client, ['outbox', 'run']);
    await put(client, 'refused', [{ title: 'still waits' }]);
    for (const words of [[], ['1', '--all']]) await exits(64, client, ['outbox', 'drop', ...words]);
    await exits(0, client, ['outbox', 'drop', '--all']);
    assert.equal((await exits(0, client, ['outbox', 'list'])).stdout, '6 waiting still waits\n');
  });
});

test('an outbox of the previous version keeps working', async (t) => {
  if ((await run('sh', ['-c', 'command -v sqlite3'])).code !== 0) return t.skip('sqlite3(1) is not there');
  const client = new Client(server.url);
  await put(client, 'version', [{ title: 'version' }]);
  const old = ['DROP INDEX entry_apart', ...['tries', 'apart_until'].map((name) => `ALTER TABLE entry DROP COLUMN ${name}`),
    ...['bytes', 'cap', 'cap_until'].map((name) => `ALTER TABLE pause DROP COLUMN ${name}`), 'PRAGMA user_version = 1'];
  execFileSync('sqlite3', ['-bail', client.outbox, old.join(';')]);
  await exits(0, client, ['outbox', 'run']);
  assert.deepEqual(await stored('version'), ['version']);
});

test('who reads the list of what waits, and stops reading, holds up nobody who reports', async () => {
  const client = new Client(server.url);
  await put(client, 'LISTED', numbered('listed', 150, { description: 'x'.repeat(8000) }));
  const lister = spawnChild(bzctrl, ['outbox', 'list', '--json'],
    { env: client.env, cwd: client.home, stdio: ['ignore', 'pipe', 'inherit'] });
  await once(lister.stdout, 'readable'); /* a pipe takes no more than 64 KiB */
  await exits(75, client, ['report', '--later', '--todo-type', 'TASK', '--title', 'beside it', '--description', 'd',
    '--order-id', 'LISTED']);
  lister.stdout.resume();
  assert.deepEqual(await lister.exited, { code: 0, signal: null });
});

test('a correction by hand that is not valid is kept', async () => {
  const client = new Client(server.url);
  const text = '{"todoType": "TASK", "title": "no comma" "description": "d"}\n';
  const file = path.join(makeFolder(), 'report.json');
  writeFileSync(file, text);
  await client.report('', []);
  const { code, stdout } = await run('script', ['-qec', `${bzctrl} outbox edit 1`, '/dev/null'],
    { env: { ...client.env, EDITOR: `cp ${file}` }, cwd: client.home });
  assert.equal(code, 65, stdout);
  const [, kept] = /Your text is kept in (\/tmp\/bzctrl-\w+);/.exec(stdout) ?? assert.fail(stdout);
  assert.equal(readFileSync(kept, 'utf8'), text);
  rmSync(kept);
});

/** Holds the sender's lock of an outbox, as a process does that sends; answers what lets go of it. */
async function sending(client) {
  const holder = spawnChild('flock', [`${client.outbox}-lock`, 'sh', '-c', 'echo held; read -r line']);
  await once(holder.stdout, 'data');
  return async () => {
    holder.stdin.end();
    await holder.exited;
  };
}

/** Does a process have a file open, and sleep? Then it waits until the file is not locked any more. */
function waits(child, file) {
  const folder = `/proc/${child.pid}/fd`;
  const open = (fd) => {
    try {
      return readlinkSync(path.join(folder, fd));
    } catch {
      return ''; // closed since
    }
  };
  return readdirSync(folder).some((fd) => open(fd) === file) &&
    readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].startsWith('S');
}

describe('two processes with one outbox', () => {
  test('that have different settings: what one reports while the other waits to send is not sent there', async () => {
    const { gateway, client } = await start(undefined, { wait: 60 });
    await exits(0, client, ['outbox', 'run']); // there is an outbox now, which is this one's
    const other = new Client(server.url, { outbox: client.outbox });
    const release = await sending(client);
    const child = spawnChild(bzctrl, ['outbox', 'run'], { env: client.env, cwd: client.home });
    await until(() => waits(child, `${client.outbox}-lock`), 'the wait for the lock');
    await put(other, 'theirs', [{ title: 'theirs' }]);
    await release();
    assert.equal((await child.exited).code, 78);
    assert.deepEqual(gateway.reports(), []);
    await exits(0, other, ['outbox', 'run']);
    assert.deepEqual(await stored('theirs'), ['theirs']);
  });

  test('that have different settings: a report is not added to those of the other', async (t) => {
    if ((await run('sh', ['-c', 'command -v sqlite3'])).code !== 0) return t.skip('sqlite3(1) is not there');
    const client = new Client(server.url);
    await exits(0, client, ['outbox', 'run']); // it is this one's
    const other = spawnChild('sqlite3', ['-bail', client.outbox]);
    other.stdin.write("BEGIN IMMEDIATE; SELECT 'begun';\n");
    await once(other.stdout, 'data');
    const child = spawnChild(bzctrl, Client.report('mine', ['--later']), { env: client.env, cwd: client.home });
    await until(() => waits(child, client.outbox), 'the wait for the transaction');
    other.stdin.end("UPDATE account SET name = 'http://elsewhere.example.com somebody';"
      + ' INSERT INTO entry (key, sum, form, json, timed, created_at)'
      + " VALUES ('theirs', x'00', '', '{}', 0, 1); COMMIT;\n");
    assert.equal((await other.exited).code, 0);
    assert.equal((await child.exited).code, 78);
    assert.equal((await exits(0, client, ['outbox', 'list'])).stdout.includes('mine'), false);
  });

  test('of which one sends: the other drops nothing that may be on its way', async () => {
    const client = new Client(server.url, { wait: 1 });
    await put(client, 'dropped', [{ title: 'dropped' }]);
    const release = await sending(client);
    await exits(69, client, ['outbox', 'drop', '1']);
    assert.match((await exits(0, client, ['outbox', 'list'])).stdout, /dropped\n/);
    await release();
    await exits(0, client, ['outbox', 'drop', '1']);
    assert.equal((await exits(0, client, ['outbox', 'list'])).stdout.includes('dropped'), false);
  });
});
