/* What admins see of the server itself: its settings, and how it and its store are. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changeStored, onPostgres } from '../lib/database.mjs';
import { makeFile, runBzctrldOk, until } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';

const ADMIN = { email: 'admin@example.com', admin: true };
const PROXIES = '127.0.0.1,10.0.0.0/8';

let server;
before(async () => {
  server = await startServer({
    users: [EXAMPLE, ADMIN],
    args: ['--config', makeFile('environment = acc\nrate-limit = 7\n', 'bzctrl.ini'), '--trusted-proxy', PROXIES],
    env: { BZCTRL_RATE_LIMIT: '90000' },
  });
});
after(() => server.stop());

const settings = async () => (await server.get(`${API}/settings`, { as: ADMIN.email })).json.items;
const health = async () => {
  const { status, json, text } = await server.get(`${API}/health`, { as: ADMIN.email });
  assert.equal(status, 200, text);
  return json;
};

describe('settings', () => {
  test('are what `bzctrld config` prints, in its order, each with its origin', async () => {
    const items = await settings();
    const names = (await runBzctrldOk(['config'])).trim().split('\n').map((line) => line.split(' =')[0]);
    assert.deepEqual(items.map(({ name }) => name), names);
    const origin = Object.fromEntries(items.map((item) => [item.name, [item.value, item.origin]]));
    assert.deepEqual(origin['rate-limit'], ['90000', 'environment'], 'which goes before the file');
    assert.deepEqual(origin.environment, ['acc', 'file']);
    assert.deepEqual(origin['trusted-proxy'], [PROXIES, 'flag']);
    assert.deepEqual(origin['public-url'], ['', 'default']);
    assert.deepEqual(origin.data, [server.dir, 'flag']);
    for (const { help } of items) assert.ok(help.length > 0);
  });
  test('have no password in them', async () => {
    const items = await settings();
    assert.ok(items.every(({ value }) => !/:\/\/[^@/]+:(?!\*\*\*@)[^@/]+@/.test(value)));
  });
  test('and health are for admins', async () => {
    for (const what of ['settings', 'health']) {
      assert.equal((await server.get(`${API}/${what}`)).status, 403);
      assert.equal((await server.request('GET', `${API}/${what}`)).status, 401);
      assert.equal((await server.get(`${API}/${what}?x=1`, { as: ADMIN.email })).status, 400);
    }
  });
});

describe('health', () => {
  test('says which database it is, how large, and which servers work with it', async () => {
    const { database, nodes, environment, startedAt, at } = await health();
    assert.match(database.engine, onPostgres ? /^PostgreSQL \d+/ : /^SQLite 3\.\d+/);
    assert.ok(database.size > 100_000);
    assert.ok(database.schema >= 34);
    assert.equal(nodes.length, onPostgres ? 1 : 0);
    assert.equal(environment, 'acc');
    assert.ok(Date.parse(startedAt) <= Date.parse(at));
  });
  test('counts what is written', async () => {
    const { writes: before } = await health();
    await server.addTask(small());
    const { writes } = await health();
    assert.ok(writes.changes > before.changes && writes.transactions > before.transactions);
  });
  test('says how far the index is', async () => {
    const { index } = await until(async () => {
      const now = await health();
      return now.index.ready && now.index.behind === 0 ? now : undefined;
    }, 'the index to be there');
    assert.deepEqual(index, { ready: true, behind: 0 });
  });
  test('says of each kind of job when it is due, and why one fails', async () => {
    const { jobs } = await health();
    const kinds = jobs.map(({ kind }) => kind);
    for (const kind of ['token expiry', 'key expiry', 'request expiry']) assert.ok(kinds.includes(kind), kind);
    for (const { count, failing, givenUp, reason } of jobs)
      assert.deepEqual([count, failing, givenUp, reason], [1, 0, 0, null]);
    changeStored(server.dir, `UPDATE job SET reason = 'no space left', due_at = ${Date.now() + 3_600_000}
      WHERE kind = 'key expiry'`);
    const job = (await health()).jobs.find(({ kind }) => kind === 'key expiry');
    assert.deepEqual([job.failing, job.reason], [1, 'no space left']);
  });
  test('counts the jobs of a kind up to a bound, however many there are', async () => {
    const later = Date.now() + 86_400_000;
    const add = (id, n, values) => changeStored(server.dir, `INSERT INTO job
      (id, kind, subject, due_at, lease_until, attempts, dead, reason) WITH RECURSIVE one (i) AS
      (SELECT 1 UNION ALL SELECT i + 1 FROM one WHERE i < ${n}) SELECT ${id} + i, 'made up', i, ${values} FROM one`);
    add(100_000, 1500, `${later}, 0, 1, 0, 'waits'`);
    add(200_000, 7, `${later}, ${later}, 1, 0, NULL`);
    add(300_000, 1200, `${later}, 0, 1, 1, 'gave up'`);
    const job = (await health()).jobs.find(({ kind }) => kind === 'made up');
    assert.deepEqual(job, { kind: 'made up', count: 1000, nextAt: new Date(later).toISOString(), running: 7,
      failing: 1000, givenUp: 1000, reason: 'waits' });
    changeStored(server.dir, `DELETE FROM job WHERE kind = 'made up'`);
  });
});
