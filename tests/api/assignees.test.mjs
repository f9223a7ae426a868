/*
 * GET /people?workspace=…: who can be chosen in a workspace, for everybody who reads it.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const ADMIN = 'admin@example.com';
const VIEWER = 'viewer@example.com';
const ALIEN = 'alien@example.com';

let server;
before(async () => {
  server = await startServer({
    users: [
      EXAMPLE,
      { email: ADMIN, admin: true },
      { email: VIEWER, role: 'viewer', domain: 'EXA' },
      { email: ALIEN, role: 'manager', domain: 'ELSE' },
    ],
    workspaces: [WORKSPACE, 'ELSE-WHERE', 'EXA-CON-OTH-WOR'],
  });
  for (const [email, name, domain, role] of [
    ['anna.mueller@example.com', 'Anna Müller', 'EXA-CON-BUS', 'member'],
    ['jan@customs.example', 'Jan-Peter Åkesson', 'EXA-CON', 'manager'],
    ['jo@example.com', 'MÜLLER, Jörg', 'EXA-CON-BUS', 'viewer'],
    ['elsewhere@example.com', 'Anna Elsewhere', 'ELSE', 'member'],
    ['other@example.com', 'Anna Other', 'EXA-CON-OTH', 'member'],
    ['ma.li@example.com', '李 小龙', 'EXA-CON-BUS', 'member'],
  ]) {
    const answer = await server.send(ADMIN, 'POST', `${API}/people`, { email, name, roles: [{ domain, role }] });
    assert.equal(answer.status, 201, answer.text);
  }
});
after(() => server.stop());

const people = (query, as = VIEWER, workspace = WORKSPACE) =>
  server.get(`${API}/people?workspace=${workspace}&${new URLSearchParams(query)}`, { as });

async function found(query, as, workspace) {
  const answer = await people(query, as, workspace);
  assert.equal(answer.status, 200, answer.text);
  return answer.json.items.map(({ email }) => email.split('@')[0]);
}

async function change(email, body) {
  const answer = await server.send(ADMIN, 'PATCH', `${API}/people/${email}`, body, { headers: { 'if-match': '*' } });
  assert.equal(answer.status, 200, answer.text);
}

describe('who can be chosen', () => {
  test('those who have a role there, by address, with no more than name and role', async () => {
    const { json } = await people({});
    assert.deepEqual(json, { items: [
      { email: ADMIN, name: null, active: true, role: 'admin' },
      { email: 'anna.mueller@example.com', name: 'Anna Müller', active: true, role: 'member' },
      { email: EXAMPLE.email, name: null, active: true, role: 'member' },
      { email: 'jan@customs.example', name: 'Jan-Peter Åkesson', active: true, role: 'manager' },
      { email: 'jo@example.com', name: 'MÜLLER, Jörg', active: true, role: 'viewer' },
      { email: 'ma.li@example.com', name: '李 小龙', active: true, role: 'member' },
      { email: VIEWER, name: null, active: true, role: 'viewer' },
    ] });
    for (const email of json.items.map((item) => item.email))
      await server.createAndRead(small({ assignee: email }));
  });

  test('by the beginning of a word of the name, or of the address without its domain', async () => {
    for (const [q, names] of [
      ['anna', ['anna.mueller']], ['ANN', ['anna.mueller']], ['nna', []], ['mull', ['anna.mueller', 'jo']],
      ['Müll', ['anna.mueller', 'jo']], ['Mu\u0308ll', ['anna.mueller', 'jo']], ['muel', ['anna.mueller']],
      ['mull ann', ['anna.mueller']], ['mull jo', ['jo']], ['peter', ['jan']], ['jan-p', ['jan']], ['ake', ['jan']],
      ['jan@customs.example', ['jan']], ['customs', []], ['小', ['ma.li']], ['  ', 7], ['', 7],
      ['example', ['example']], ['anna.m', ['anna.mueller']], ['elsewhere', []],
      ['%', 400], ['---', 400], ['x'.repeat(256), 400],
    ]) {
      if (names === 400) assert.equal((await people({ q })).status, 400, q);
      else if (typeof names === 'number') assert.equal((await found({ q })).length, names, q);
      else assert.deepEqual(await found({ q }), names, q);
    }
  });

  test('in pages', async () => {
    const whole = await found({});
    for (const limit of [1, 2, 3, 6, 7]) {
      const names = [];
      for (let cursor; ;) {
        const { json } = await people({ limit, ...(cursor ? { cursor } : {}) });
        names.push(...json.items.map(({ email }) => email.split('@')[0]));
        cursor = json.next;
        if (cursor === undefined) break;
        assert.equal(json.items.length, limit);
      }
      assert.deepEqual(names, whole, `${limit}`);
    }
    for (const query of [{ cursor: 'x' }, { cursor: '1' }, { limit: '0' }, { inactive: 'maybe' }, { name: 'x' }])
      assert.equal((await people(query)).status, 400, JSON.stringify(query));
  });

  test('for those who read the workspace, and nobody else', async () => {
    assert.deepEqual(await found({ q: 'anna' }, ALIEN, 'ELSE-WHERE'), ['elsewhere']);
    assert.deepEqual(await found({ q: 'anna' }, VIEWER, 'EXA-CON-OTH-WOR'), ['other']);
    assert.equal((await people({}, ALIEN)).status, 404);
    assert.equal((await people({}, EXAMPLE.email, 'EXA-CON-OTH-WOR')).status, 404);
    assert.equal((await people({}, EXAMPLE.email, 'NOT-THERE')).status, 404);
    assert.equal((await people({}, EXAMPLE.email, '')).status, 404);
    const client = await server.addClient(ADMIN, { scopes: ['task:create', 'task:read', 'task:write'] });
    const token = await server.clientToken(client);
    assert.equal((await server.request('GET', `${API}/people?workspace=${WORKSPACE}`, { token })).status, 403);
    assert.equal((await server.get(`${API}/people?q=anna`, { as: ADMIN })).status, 400);
    assert.equal((await server.get(`${API}/people`, { as: VIEWER })).status, 403, 'administration is for managers');
  });

  test('no longer once the role is gone; who has left comes only if asked for', async () => {
    const record = await server.createAndRead(small({ assignee: 'jo@example.com' }));
    await change('jo@example.com', { disabled: true });
    assert.deepEqual(await found({ q: 'jo' }), []);
    assert.deepEqual((await people({ q: 'jo', inactive: true })).json.items,
      [{ email: 'jo@example.com', name: 'MÜLLER, Jörg', active: false, role: 'viewer' }]);
    const kept = await server.send(EXAMPLE.email, 'PATCH', `${API}/tasks/${record.key}`, { title: 'Other' },
      { headers: { 'if-match': '*' } });
    assert.deepEqual([kept.status, kept.json.assignee], [200, 'jo@example.com'], 'another change keeps them');

    await change('anna.mueller@example.com', { roles: [{ domain: 'ELSE', role: 'member' }] });
    assert.deepEqual(await found({ q: 'mueller', inactive: true }), []);
    await change(VIEWER, { roles: [{ domain: 'ELSE', role: 'member' }] });
    assert.equal((await people({})).status, 404);
    assert.deepEqual(await found({ q: 'mueller' }, VIEWER, 'ELSE-WHERE'), ['anna.mueller']);
  });
});
