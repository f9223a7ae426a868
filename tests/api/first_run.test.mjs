/*
 * The first run: while a store has nobody, a server prints a link that makes the first administrator, once; and
 * any person at all ends that for ever.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { numberStored, changeStored, databaseUrl, onPostgres } from '../lib/database.mjs';
import { until } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, addUser, small, startServer } from '../lib/server.mjs';

const FIRST = { email: 'First@Example.com', name: 'Anna First', password: 'a good long one' };
const EMPTY = { users: [], workspaces: [] };
const LINK = /\/app\/#\/first-run\/(bzfr_\S+)/g;

/** The tokens of the links that a server has printed, the newest last. */
const printed = (server) => [...server.log.matchAll(LINK)].map(([, token]) => token);
const newest = (server) => printed(server).at(-1);

const take = (server, body, headers = { origin: server.url }) =>
  server.request('POST', '/app/first-run',
    { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
const cookieOf = ({ headers }) => [headers['set-cookie']].flat()[0].split(';')[0];
const firstRun = async (server) => (await server.request('GET', '/app/config.json')).json.firstRun;
const people = (server) => numberStored(server.dir, 'SELECT COUNT(*) FROM account');

describe('a server without anybody', () => {
  let server;
  before(async () => {
    server = await startServer(EMPTY);
  });
  after(() => server.stop());

  test('prints a link, and the web app knows it', async () => {
    await until(() => newest(server), 'the link');
    assert.match(server.log, /Nobody can sign in yet\. Open this link within 24 hours/);
    assert.ok(server.log.includes(`${server.publicUrl}/app/#/first-run/`));
    assert.equal(await firstRun(server), true);
  });
  test('keeps only a hash of it', async () => {
    const held = numberStored(server.dir, 'SELECT LENGTH(hash) FROM first_run');
    assert.equal(held, 32);
  });
  test('prints a new one at the next start, which replaces the old', async () => {
    const old = newest(server);
    await server.restart();
    await until(() => newest(server) !== old, 'another link');
    assert.equal((await take(server, { ...FIRST, token: old })).status, 404);
    assert.equal(people(server), 0);
  });
  test('says nothing without the link, whatever else is wrong', async () => {
    const real = newest(server);
    const answers = [];
    const slip = real.replace(/.$/, (c) => (c === 'A' ? 'B' : 'A'));
    for (const token of ['', 'x', `${real}x`, slip, `bzpr_${real.slice(5)}`])
      answers.push(await take(server, { token, email: 'no', password: '' }));
    answers.push(await take(server, {}));
    for (const answer of answers) assert.equal(answer.status, 404, answer.text);
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
  });
  test('names all that is wrong at once, and the link stays good', async () => {
    const { status, json } = await take(server, { token: newest(server), email: 'nobody', password: 'short',
      admin: false, workspace: { key: 'ONE', timezone: 'Nowhere/City' } });
    assert.equal(status, 422);
    assert.deepEqual(json.errors.map(({ pointer }) => pointer).sort(),
      ['/admin', '/email', '/password', '/workspace/key', '/workspace/timezone']);
    const weak = await take(server, { ...FIRST, token: newest(server), password: FIRST.email });
    assert.deepEqual(weak.json.errors.map(({ pointer, code }) => [pointer, code]), [['/password', 'weak_password']]);
    assert.equal(people(server), 0);
  });
  test('refuses another site', async () => {
    const origin = 'https://evil.example';
    assert.equal((await take(server, { ...FIRST, token: newest(server) }, { origin })).status, 403);
  });
  test('makes of many at once one administrator, who is signed in, with the workspace', async () => {
    const token = newest(server);
    const workspace = { key: 'acme-nl-ams', name: 'Amsterdam', timezone: 'Europe/Amsterdam' };
    const answers = await Promise.all(Array.from({ length: 6 }, (_, i) =>
      take(server, { ...FIRST, email: i === 0 ? FIRST.email : `other${i}@example.com`, token, workspace })));
    const [winner, ...more] = answers.filter(({ status }) => status === 200);
    assert.ok(winner, answers.map(({ text }) => text).join('\n'));
    assert.equal(more.length, 0);
    for (const answer of answers) assert.ok(answer === winner || answer.status === 404, answer.text);
    assert.equal(people(server), 1);

    const { email, admin, may, name } = winner.json;
    assert.deepEqual([admin, name], [true, FIRST.name]);
    assert.deepEqual(may, ['see', 'read', 'create', 'comment', 'write', 'manage']);
    const headers = { cookie: cookieOf(winner), origin: server.url, 'x-bzctrl-app': '1' };
    const { json } = await server.request('GET', `${API}/workspaces`, { headers });
    assert.deepEqual(json.items.map(({ key, domain, name: called, timezone }) => [key, domain, called, timezone]),
      [['ACME-NL-AMS', 'ACME-NL', 'Amsterdam', 'Europe/Amsterdam']]);
    server.users.set(email, { password: FIRST.password });
    const made = await server.addTask(small({ domainWorkSpace: 'ACME-NL-AMS', reporter: email }), { as: email });
    assert.equal(made.status, 201, 'they can report there at once');
    assert.equal(await firstRun(server), false);
    assert.equal((await take(server, { ...FIRST, token })).status, 404, 'for ever');
  });
  test('prints none any more, and its history is whole', async () => {
    const before = printed(server).length;
    await server.restart();
    assert.equal(printed(server).length, before);
    await server.terminate();
    await server.command(['verify']);
    await server.start();
  });
});

test('without a workspace, the administrator alone is made', async () => {
  const server = await startServer(EMPTY);
  await until(() => newest(server), 'the link');
  const { status, json } = await take(server, { token: newest(server), email: FIRST.email, password: FIRST.password });
  assert.deepEqual([status, json.email, json.roles], [200, 'first@example.com', []]);
  await server.stop();
});

test('a workspace that is there already: 409, and the link stays good', async () => {
  const server = await startServer({ users: [] });
  await until(() => newest(server), 'the link');
  const token = newest(server);
  assert.equal((await take(server, { ...FIRST, token, workspace: { key: WORKSPACE } })).status, 409);
  assert.equal((await take(server, { ...FIRST, token })).status, 200);
  await server.stop();
});

test('somebody who is made otherwise voids the link', async () => {
  const server = await startServer({ users: [] });
  await until(() => newest(server), 'the link');
  await addUser(server.dir, EXAMPLE);
  assert.equal((await take(server, { ...FIRST, token: newest(server) })).status, 404);
  assert.equal(await firstRun(server), false);
  await server.stop();
});

test('a link is void after a day', async () => {
  const server = await startServer(EMPTY);
  await until(() => newest(server), 'the link');
  changeStored(server.dir, `UPDATE first_run SET expires_at = ${Date.now() - 1}`);
  assert.equal((await take(server, { ...FIRST, token: newest(server) })).status, 404);
  await server.stop();
});

if (onPostgres) test('of two nodes the newest link is good, on either',
  async () => {
    const one = await startServer(EMPTY);
    await until(() => newest(one), 'the link');
    const two = await startServer({ ...EMPTY, args: ['--database', databaseUrl(one.dir)] });
    await until(() => newest(two), 'its link');
    assert.equal((await take(one, { ...FIRST, token: newest(one) })).status, 404);
    assert.equal((await take(one, { ...FIRST, token: newest(two) })).status, 200);
    assert.equal((await take(two, { ...FIRST, token: newest(two) })).status, 404);
    await two.stop();
    await one.stop();
  });

if (!onPostgres) test('a demo has somebody, so it prints no link', async () => {
  const server = await startServer({ demo: true });
  assert.equal(await firstRun(server), false);
  assert.deepEqual(printed(server), []);
  await server.stop();
});
