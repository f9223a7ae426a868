/*
 * Domains and workspaces: who sees and makes them, and what they may be called.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const DOMAINS = `${API}/domains`;
const WORKSPACES = `${API}/workspaces`;
const ADMIN = { email: 'admin@example.com', admin: true };
const MANAGER = { email: 'manager@example.com', role: 'manager', domain: 'EXA-CON' };
const ALIEN = { email: 'alien@example.com', role: 'manager', domain: 'ACME' };

let server;
before(async () => {
  server = await startServer({ workspaces: [WORKSPACE, 'ACME-WOR'], users: [EXAMPLE, ADMIN, MANAGER, ALIEN] });
});
after(() => server.stop());

const post = (as, path, body) => server.send(as.email, 'POST', path, body);
const get = (as, path) => server.get(path, { as: as.email });
const faults = (answer) => answer.json.errors.map(({ pointer, code }) => `${pointer} ${code}`).sort();
const keys = (answer) => answer.json.items.map(({ key }) => key).sort();

describe('domains', () => {
  test('below a domain by its managers, at the root by admins', async () => {
    const made = await post(MANAGER, DOMAINS, { key: 'exa-con-new-sub' });
    assert.equal(made.status, 201, made.text);
    assert.equal(made.json.key, 'EXA-CON-NEW-SUB');
    assert.equal(new URL(made.headers.location).pathname, `${DOMAINS}/EXA-CON-NEW-SUB`);
    assert.deepEqual((await get(MANAGER, `${DOMAINS}/exa-con-new-sub`)).json, made.json);
    assert.equal((await get(MANAGER, `${DOMAINS}/EXA-CON-NEW`)).status, 200, 'the one above is made with it');
    for (const key of ['ROOT', 'EXA-SIDE', 'ACME-SUB', 'EXA', 'ACME']) {
      const answer = await post(MANAGER, DOMAINS, { key });
      assert.equal(answer.status, 403, `${key}: ${answer.text}`);
    }
    assert.equal((await post(ADMIN, DOMAINS, { key: 'ROOT' })).status, 201);
    assert.equal((await post(ADMIN, DOMAINS, { key: 'root' })).status, 409);
    assert.equal((await post(MANAGER, DOMAINS, { key: 'EXA-CON-BUS' })).status, 409);
  });
  test('what is not seen is not there', async () => {
    assert.deepEqual(keys(await get(ALIEN, DOMAINS)), ['ACME']);
    assert.deepEqual(keys(await get(EXAMPLE, DOMAINS)), ['EXA-CON-BUS']);
    assert.equal((await get(ALIEN, `${DOMAINS}/EXA`)).status, 404);
    assert.equal((await get(EXAMPLE, `${DOMAINS}/EXA-CON`)).status, 404, 'a domain above is not seen');
    assert.ok(keys(await get(ADMIN, DOMAINS)).includes('EXA'));
  });
  test('what is no key is told', async () => {
    assert.deepEqual(faults(await post(ADMIN, DOMAINS, {})), ['/key required']);
    assert.deepEqual(faults(await post(ADMIN, DOMAINS, { key: 7, name: 'x' })),
      ['/key wrong_type', '/name unknown_member']);
    for (const key of ['A--B', '-A', 'A-', 'A_B', 'É', 'A'.repeat(17), Array(20).fill('A'.repeat(16)).join('-'),
      'A\u0000'])
      assert.notEqual((await post(ADMIN, DOMAINS, { key })).status, 201, key);
    assert.deepEqual(faults(await post(ADMIN, DOMAINS, { key: 'A B' })), ['/key pattern']);
  });
  test('by pages', async () => {
    for (let i = 0; i < 5; i++) await post(ADMIN, DOMAINS, { key: `PAGE-D${i}` });
    const found = [];
    let cursor = '';
    do {
      const { json } = await get(ADMIN, `${DOMAINS}?limit=2${cursor}`);
      found.push(...json.items.map(({ key }) => key));
      cursor = json.next && `&cursor=${json.next}`;
    } while (cursor);
    assert.deepEqual(found.slice(0, 5), ['PAGE-D4', 'PAGE-D3', 'PAGE-D2', 'PAGE-D1', 'PAGE-D0']);
    assert.equal(new Set(found).size, found.length);
  });
});

describe('workspaces', () => {
  test('a new one takes reports at once', async () => {
    const made = await post(MANAGER, WORKSPACES, { key: 'exa-con-bus-new', name: '  Nieuw ✓ ', timezone: 'Europe/Amsterdam' });
    assert.equal(made.status, 201, made.text);
    const { createdAt, ...rest } = made.json;
    assert.deepEqual(rest,
      { key: 'EXA-CON-BUS-NEW', domain: 'EXA-CON-BUS', name: 'Nieuw ✓', timezone: 'Europe/Amsterdam', version: 1 });
    assert.equal(made.headers.etag, '"1"');
    assert.equal(new URL(made.headers.location).pathname, `${WORKSPACES}/EXA-CON-BUS-NEW`);
    assert.deepEqual((await get(EXAMPLE, `${WORKSPACES}/EXA-CON-BUS-NEW`)).json, made.json);
    const record = await server.createAndRead(small({ domainWorkSpace: 'EXA-CON-BUS-NEW' }));
    assert.equal(record.key, 'EXA-CON-BUS-NEW-01');
    const plain = await post(MANAGER, WORKSPACES, { key: 'EXA-CON-PLAIN' });
    assert.equal(plain.json.name, 'EXA-CON-PLAIN');
    assert.equal(plain.json.timezone, 'UTC');
  });
  test('managers of the domain alone', async () => {
    for (const [as, key, status] of [[EXAMPLE, 'EXA-CON-BUS-X', 403], [ALIEN, 'EXA-CON-BUS-X', 422],
      [MANAGER, 'EXA-X', 422],
      [ALIEN, 'EXA-CON-BUS-WOR', 422], [MANAGER, 'EXA-CON-NONE-X', 422], [MANAGER, WORKSPACE, 409],
      [ADMIN, 'NONE-X', 422]]) {
      const answer = await post(as, WORKSPACES, { key });
      assert.equal(answer.status, status, `${as.email} ${key}: ${answer.text}`);
    }
    assert.equal((await get(ALIEN, `${WORKSPACES}/${WORKSPACE}`)).status, 404);
    assert.deepEqual(keys(await get(ALIEN, WORKSPACES)), ['ACME-WOR']);
    const client = await server.addClient(ADMIN.email, { scopes: ['task:create'], workspaces: [WORKSPACE] });
    const token = await server.clientToken(client);
    assert.deepEqual(keys(await server.request('GET', WORKSPACES, { token })), [WORKSPACE]);
    assert.deepEqual(keys(await server.request('GET', DOMAINS, { token })), ['EXA-CON-BUS']);
    const wide = await server.clientToken(
      await server.addClient(ADMIN.email, { domain: 'EXA-CON', scopes: ['task:read'], workspaces: [WORKSPACE] }));
    assert.deepEqual(keys(await server.request('GET', DOMAINS, { token: wide })), ['EXA-CON', 'EXA-CON-BUS']);
  });
  test('all that is wrong is told at once', async () => {
    assert.deepEqual(
        faults(await post(ADMIN, WORKSPACES, { key: 'ALONE', name: '', timezone: 'Middle-Earth/Shire', id: 1 })), [
      '/id unknown_member', '/key pattern', '/name required', '/timezone not_an_option']);
    for (const timezone of ['/etc/passwd', '../UTC', 'ABC5', '', 'Europe/Amsterdam '])
      assert.deepEqual(faults(await post(ADMIN, WORKSPACES, { key: 'EXA-Z', timezone })).slice(-1),
        ['/timezone not_an_option'], timezone);
    for (const name of ['a\u0007', '\u001b[31m', 'a\u009b31m', '\u202egnp', 'a\nb', 'x'.repeat(256)])
      assert.equal((await post(ADMIN, WORKSPACES, { key: 'EXA-Z', name })).status, 422, JSON.stringify(name));
  });
  test('a change needs the version that was read, and of many at once one is made', async () => {
    const path = `${WORKSPACES}/EXA-CON-BUS-CHANGE`;
    await post(MANAGER, WORKSPACES, { key: 'EXA-CON-BUS-CHANGE' });
    const change = (body, headers) => server.send(MANAGER.email, 'PATCH', path, body, { headers });
    assert.equal((await change({ name: 'a' }, {})).status, 428);
    assert.equal((await change({ name: 'a' }, { 'if-match': '"9"' })).status, 412);
    const done = await change({ timezone: 'Asia/Tokyo' }, { 'if-match': 'W/"1"' });
    assert.equal(done.status, 200, done.text);
    assert.equal(done.headers.etag, '"2"');
    assert.deepEqual((await get(MANAGER, path)).json, done.json);
    assert.equal(done.json.name, 'EXA-CON-BUS-CHANGE');
    assert.equal(done.json.timezone, 'Asia/Tokyo');
    assert.deepEqual(faults(await change({ key: 'EXA-OTHER' }, { 'if-match': '"2"' })), ['/key unknown_member']);
    const answers =
      await Promise.all(Array.from({ length: 12 }, (_, i) => change({ name: `N${i}` }, { 'if-match': '"2"' })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(11).fill(412)]);
    assert.equal((await server.get(path, { as: MANAGER.email, headers: { 'if-none-match': '"3"' } })).status, 304);
    assert.equal(
      (await server.send(EXAMPLE.email, 'PATCH', path, { name: 'x' }, { headers: { 'if-match': '*' } })).status, 403);
  });
  test('two of one key at once: one is made', async () => {
    const answers =
      await Promise.all(Array.from({ length: 8 }, () => post(MANAGER, WORKSPACES, { key: 'EXA-CON-BUS-RACE' })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(7).fill(409)]);
  });
});

test('history has what was made and changed over the API, and is whole', async () => {
  const heads = await server.command(['verify']);
  assert.match(heads, /^EXA-CON-BUS:/m);
  assert.match(heads, /^ROOT:1:/m);
});
