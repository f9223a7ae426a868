/*
 * bzctrl watch: events printed or given to a command, a place that is kept durably, and nothing lost
 * whatever happens to the watcher, the command or the server.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readAll } from '../lib/changes.mjs';
import { Client, bzctrl } from '../lib/client.mjs';
import { spawnChild, until } from '../lib/program.mjs';
import { EXAMPLE, small, startServer } from '../lib/server.mjs';

const ROOT = { email: 'root@example.com', admin: true };

let server;
before(async () => {
  server = await startServer({ users: [EXAMPLE, ROOT] });
});
after(() => server.stop());

const report = async (title) => (await server.addTask(small({ title }))).json.taskLink.split('/').pop();
const lines = (text) => text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
const once = (client, ...more) => client.run(['watch', '--once', ...more]);

/* A watcher that runs on; `out` is what it has printed. */
function start(client, ...words) {
  const child =
    spawnChild(bzctrl, ['watch', ...words], { env: client.env, cwd: client.home, stdio: ['ignore', 'pipe', 'pipe'] });
  const watcher = { child, out: '', err: '', exited: child.exited };
  child.stdout.on('data', (data) => {
    watcher.out += data;
  });
  child.stderr.on('data', (data) => {
    watcher.err += data;
  });
  watcher.end = async (signal = 'SIGTERM') => {
    child.kill(signal);
    return child.exited;
  };
  return watcher;
}

const placeOf = (client, name = 'default') => `${client.outbox}-watch-${name}`;

describe('printing', () => {
  test('begins with the next event, and continues from there', async () => {
    const client = new Client(server.url);
    await report('before the first watch');
    const first = await once(client);
    assert.deepEqual([first.code, first.stdout], [0, ''], first.stderr);
    const made = [await report('one'), await report('two')];
    const { stdout } = await once(client);
    assert.deepEqual(lines(stdout).map(({ key }) => key), made);
    assert.equal((await once(client)).stdout, '');
    assert.ok(existsSync(placeOf(client)));
  });

  test('all of history, as the feed has it', async () => {
    for (let i = 0; i < 60; i++) await report(`many ${i}`);
    const client = new Client(server.url);
    const { stdout } = await once(client, '--from-start');
    assert.deepEqual(lines(stdout), (await readAll(server)).items);
  });

  test('filters, each with a place of its own', async () => {
    const client = new Client(server.url, { username: ROOT.email });
    assert.equal((await once(client, '--name', 'admin', '--action', 'admin.*', '--from-start')).code, 0);
    const key = await report('no administration');
    await server.send(ROOT.email, 'POST', '/bzctrl-core-api/api/v1/domains', { key: `W${process.pid}` });
    const { stdout } = await once(client, '--name', 'admin', '--action', 'admin.*');
    assert.deepEqual(lines(stdout).map(({ action }) => action).toSorted(), ['admin.domain.created', 'admin.state']);
    assert.ok(!stdout.includes(key));
    const other = await once(client, '--name', 'admin', '--action', 'task.*');
    assert.equal(other.code, 78, 'a name has always the same filters');
    assert.match(other.stderr, /other filters/);
    assert.equal((await once(client, '--name', '../x')).code, 65);
  });

  test('follows, over a restart of the server, until SIGTERM', async () => {
    const client = new Client(server.url);
    await once(client);
    const watcher = start(client);
    const made = [await report('live')];
    await until(() => lines(watcher.out).length === 1, 'the first event');
    await server.restart();
    made.push(await report('after the restart'));
    await until(() => lines(watcher.out).length === 2, () => `the second event\n${watcher.err}`);
    assert.deepEqual(lines(watcher.out).map(({ key }) => key), made);
    assert.deepEqual(await watcher.end(), { code: 0, signal: null });
    assert.equal((await once(client)).stdout, '');
  });

  test('one process at a time', async () => {
    const client = new Client(server.url);
    await once(client);
    const watcher = start(client);
    const key = await report('to see that it runs');
    await until(() => watcher.out.includes(key), 'the event');
    await until(async () => (await once(client)).code === 69, 'the second one being refused');
    await watcher.end();
  });

  test('a place that is damaged is said to be', async () => {
    const client = new Client(server.url);
    await once(client);
    writeFileSync(placeOf(client), 'no place');
    const { code, stderr } = await once(client);
    assert.equal(code, 74);
    assert.match(stderr, /damaged/);
  });
});

describe('--exec', () => {
  test('gets the event; one that fails comes again, and only that', async () => {
    const client = new Client(server.url);
    const log = path.join(client.home, 'log');
    const gate = path.join(client.home, 'gate');
    const command =
      `read -r line; echo "$BZCTRL_EVENT $line" >> ${log}; case "$line" in *fails*) test -e ${gate};; esac`;
    await once(client);
    const made = [await report('works'), await report('fails'), await report('works too')];
    const failed = await once(client, '--exec', command);
    assert.equal(failed.code, 75, failed.stderr);
    assert.match(failed.stderr, /failed for event EXA-CON-BUS:\d+ with exit code 1/);
    writeFileSync(gate, '');
    assert.equal((await once(client, '--exec', command)).code, 0);
    const seen = readFileSync(log, 'utf8').trim().split('\n')
      .map((line) => [line.split(' ')[0], JSON.parse(line.slice(line.indexOf('{')))]);
    assert.deepEqual(seen.map(([, { key }]) => key), [made[0], made[1], made[1], made[2]]);
    for (const [id, { domain, seq }] of seen) assert.equal(id, `${domain}:${seq}`);
  });

  test('continues from the start of history after a failure in the first page of it', async () => {
    const client = new Client(server.url);
    const seen = [];
    const ids = async (...words) => {
      const result = await once(client, ...words);
      seen.push(...lines(result.stdout.replaceAll('}{', '}\n{')).map(({ domain, seq }) => `${domain}:${seq}`));
      return result.code;
    };
    const gate = path.join(client.home, 'gate');
    const never = `test -e ${gate} && cat && echo || { touch ${gate}; cat; exit 1; }`;
    assert.equal(await ids('--from-start', '--exec', never), 75);
    rmSync(gate);
    const twice = `if test -e ${gate}2; then exit 1; fi; touch ${gate}2; cat; echo`;
    assert.equal(await ids('--from-start', '--exec', twice), 75);
    assert.equal(JSON.parse(readFileSync(placeOf(client), 'utf8')).cursor, null);
    rmSync(`${gate}2`);
    /* It knows that it is in the first page, also where nobody says so again. */
    assert.equal(await ids(), 0);
    assert.deepEqual(seen.slice(1), (await readAll(server)).items.map(({ domain, seq }) => `${domain}:${seq}`));
  });

  test('a command that does not read its event', async () => {
    const client = new Client(server.url);
    await once(client);
    await server.addTask(small({ title: 'long', description: 'x'.repeat(65_000) }));
    await report('short');
    const { code, stderr } = await once(client, '--exec', 'true');
    assert.deepEqual([code, stderr], [0, '']);
  });

  test('kill -9 at any moment: each event is done at least once, in order, and no more than one twice a kill',
      async () => {
    const client = new Client(server.url);
    const log = path.join(client.home, 'log');
    writeFileSync(log, '');
    await once(client);
    const made = [];
    for (let i = 0; i < 30; i++) made.push(await report(`killed ${i}`));
    const done = () => readFileSync(log, 'utf8').trim().split('\n').filter(Boolean);
    const command = `sed 's/.*"key":"\\([^"]*\\)".*/\\1/' >> ${log}`;
    let kills = 0;
    const different = () => new Set(done()).size;
    while (different() < made.length) {
      const enough = Math.min(different() + 4, made.length);
      const watcher = start(client, '--exec', command);
      await until(() => different() >= enough, () => `more events\n${watcher.err}`);
      await watcher.end('SIGKILL');
      kills++;
    }
    await once(client, '--exec', command);
    const keys = done();
    assert.deepEqual([...new Set(keys)], made);
    assert.ok(keys.length <= made.length + kills, `${keys.length} for ${made.length}, ${kills} kills`);
    for (let i = 1; i < keys.length; i++) assert.ok(made.indexOf(keys[i]) - made.indexOf(keys[i - 1]) <= 1, 'in order');
  });
});
