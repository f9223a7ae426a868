/*
 * Clients, the accounts of other systems: how they are managed, the client_credentials grant, what
 * their tokens open and when they stop, introspection and revocation (contract "Authentication"; RFC
 * 6749 section 4.4, RFC 7009, RFC 7662).
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { API, EXAMPLE, INTROSPECT_PATH, REVOKE_PATH, TOKEN_PATH, form, small, startServer } from '../lib/server.mjs';

const CLIENTS = `${API}/clients`;
const ADMIN = { email: 'admin@example.com', admin: true };
const MANAGER = { email: 'manager@example.com', role: 'manager', domain: 'EXA-CON' };
const ALIEN = { email: 'alien@example.com', role: 'manager', domain: 'ACME' };
const WOR = 'EXA-CON-BUS-WOR';
const TWO = 'EXA-CON-BUS-TWO';
const ACME = 'ACME-WOR';
const ALL = ['task:create', 'task:read', 'task:write'];

let server;
before(async () => {
  server = await startServer({ workspaces: [WOR, TWO, ACME], users: [EXAMPLE, ADMIN, MANAGER, ALIEN],
    args: ['--trusted-proxy', '127.0.0.1'] });
});
after(() => server.stop());

/* Every attempt comes from another network, since failures are counted by network too. */
let networks = 0;
const elsewhere = (headers = {}) => ({ 'x-forwarded-for': `198.${++networks >> 8}.${networks & 255}.1`, ...headers });

const make = (settings = {}) => server.addClient(MANAGER.email, { scopes: ALL, ...settings });
const at = ({ clientId }, more = '') => `${CLIENTS}/${clientId}${more}`;
const get = (as, target) => server.get(target, { as });
const granted = (parameters, headers) => server.grant(parameters, { headers: elsewhere(headers) });
const grant = (client, more, headers) =>
  granted({ grant_type: 'client_credentials', client_id: client.clientId, client_secret: client.secret, ...more },
    headers);
const basic = (id, secret) => ({ authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` });
const list = (token) => server.request('GET', `${API}/tasks`, { token });
const posted = (path, parameters, headers = {}) =>
  server.request('POST', path, {
    headers: elsewhere({ 'content-type': 'application/x-www-form-urlencoded', ...headers }), body: form(parameters),
  });
const credentials = ({ clientId, secret }) => ({ client_id: clientId, client_secret: secret });
const introspect = (client, token) => posted(INTROSPECT_PATH, { ...credentials(client), token });
const keys = (answer) => answer.json.items.map((item) => item.key);

async function patch(client, changes, as = MANAGER.email) {
  const { headers } = await get(as, at(client));
  return server.send(as, 'PATCH', at(client), changes, { headers: { 'if-match': headers.etag } });
}

function assertError(answer, status, error) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.json.error, error, answer.text);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.equal(answer.headers['www-authenticate'] !== undefined, status === 401, 'a challenge with 401, and only then');
}

const faults = (answer) => answer.json.errors.map(({ pointer, code }) => `${pointer} ${code}`).sort();

describe('managing clients', () => {
  test('a new one: its id, and this once its secret', async () => {
    const answer = await server.send(MANAGER.email, 'POST', CLIENTS, {
      name: '  Customs platform ', domain: 'exa-con-bus', workspaces: ['exa-con-bus-wor', WOR], readAll: [WOR],
      scopes: ['task:read', 'task:create'],
    });
    assert.equal(answer.status, 201, answer.text);
    const { secret, ...client } = answer.json;
    assert.match(secret, /^bzcs_/);
    assert.equal(new URL(answer.headers.location).pathname, at(client));
    assert.equal(answer.headers.etag, '"1"');
    const { clientId, createdAt, ...rest } = client;
    assert.deepEqual(rest, {
      name: 'Customs platform', domain: 'EXA-CON-BUS', workspaces: [WOR], readAll: [WOR],
      scopes: ['task:create', 'task:read'],
      disabled: false, version: 1,
    });
    const read = await get(MANAGER.email, at(client));
    assert.deepEqual(read.json, client);
    assert.ok(!server.log.includes(secret));
    for (const target of [at(client), at(client, '/secrets'), CLIENTS])
      assert.ok(!(await get(MANAGER.email, target)).text.includes(secret));
  });
  test('every fault is reported at once, and nothing is made', async () => {
    const before = (await get(ADMIN.email, `${CLIENTS}?limit=200`)).json.items.length;
    const bad = async (body) => faults(await server.send(ADMIN.email, 'POST', CLIENTS, body));
    assert.deepEqual(await bad({}), ['/domain required', '/name required', '/scopes required']);
    assert.deepEqual(await bad({ name: 1, domain: [], scopes: 'task:read', workspaces: 'x', admin: true }), [
      '/admin unknown_member', '/domain wrong_type', '/name wrong_type', '/scopes wrong_type', '/workspaces wrong_type',
    ]);
    assert.deepEqual(
        await bad({ name: 'x'.repeat(256), domain: 'NONE', scopes: ['task:read', '*', 7], workspaces: [],
            readAll: ['NONE-WOR'] }), [
      '/domain unknown_domain', '/name too_long', '/readAll/0 unknown_workspace', '/scopes/1 not_an_option',
      '/scopes/2 wrong_type',
      '/workspaces required',
    ]);
    assert.deepEqual(await bad({ name: 'a\u0007b', domain: EXAMPLE.domain, scopes: [], workspaces: [WOR, ACME] }), [
      '/name wrong_type', '/workspaces/1 unknown_workspace',
    ]);
    assert.deepEqual(await bad({ name: 'a', domain: EXAMPLE.domain, scopes: [], workspaces: [WOR], readAll: [TWO] }),
      ['/readAll mismatch']);
    for (const [body, status] of [['[]', 400], ['{', 400], ['{"name":"a","name":"b"}', 400]]) {
      const answer =
        await server.requestAs(ADMIN.email, 'POST', CLIENTS, { headers: { 'content-type': 'application/json' }, body });
      assert.equal(answer.status, status, body);
    }
    assert.equal((await get(ADMIN.email, `${CLIENTS}?limit=200`)).json.items.length, before);
  });
  test('managers at or below their domain, admins everywhere; others 403, or as if there were none', async () => {
    const client = await make();
    const alien = await server.addClient(ALIEN.email, { domain: 'ACME', scopes: ALL });
    await server.addClient(ADMIN.email, { domain: 'ACME', scopes: [] });
    const above = { name: 'a', domain: 'EXA', scopes: [] };
    assert.equal((await server.send(MANAGER.email, 'POST', CLIENTS, above)).status, 422,
      'a domain above is one that is not seen');
    assert.deepEqual(faults(await server.send(ALIEN.email, 'POST', CLIENTS, { ...above, domain: EXAMPLE.domain })),
      ['/domain unknown_domain']);
    assert.equal((await server.send(EXAMPLE.email, 'POST', CLIENTS, { ...above, domain: EXAMPLE.domain })).status, 403);
    assert.equal((await get(EXAMPLE.email, CLIENTS)).status, 403);
    for (const more of ['', '/secrets']) {
      assert.equal((await get(EXAMPLE.email, at(client, more))).status, 403);
      assert.equal((await get(ALIEN.email, at(client, more))).status, 404);
      assert.equal((await get(ADMIN.email, at(client, more))).status, 200);
      assert.equal((await get(MANAGER.email, at({ clientId: EXAMPLE.email }, more))).status, 404,
        'a person is not a client');
    }
    const seen = (await get(ALIEN.email, CLIENTS)).json.items;
    assert.ok(seen.some(({ clientId }) => clientId === alien.clientId));
    assert.ok(seen.every(({ domain }) => domain === 'ACME'));
  });
  test('the list has each once, newest first, by pages', async () => {
    const made = [];
    for (let i = 0; i < 5; i++) made.unshift((await make({ name: `client ${i}` })).clientId);
    const found = [];
    let cursor = '';
    do {
      const { json } = await get(MANAGER.email, `${CLIENTS}?limit=2${cursor}`);
      found.push(...json.items.map(({ clientId }) => clientId));
      cursor = json.next && `&cursor=${json.next}`;
    } while (cursor);
    assert.deepEqual(found.slice(0, 5), made);
    assert.equal(new Set(found).size, found.length);
    for (const query of ['limit=0', 'limit=201', 'cursor=x', 'name=x'])
      assert.equal((await get(ADMIN.email, `${CLIENTS}?${query}`)).status, 400);
  });
  test('a change needs the version that was read', async () => {
    const client = await make();
    const change = (headers) => server.send(MANAGER.email, 'PATCH', at(client), { name: 'Other' }, { headers });
    assert.equal((await change({})).status, 428);
    assert.equal((await change({ 'if-match': '"7"' })).status, 412);
    const changed = await change({ 'if-match': 'W/"1"' });
    assert.equal(changed.status, 200);
    assert.equal(changed.headers.etag, '"2"');
    assert.deepEqual(changed.json, { ...(await get(MANAGER.email, at(client))).json, name: 'Other', version: 2 });
    assert.equal((await change({ 'if-match': '"1"' })).status, 412);
    const cached = await server.get(at(client), { as: MANAGER.email, headers: { 'if-none-match': '"2"' } });
    assert.equal(cached.status, 304);
  });
  test('of twenty changes at once to one version, one is made', async () => {
    const client = await make();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) =>
      server.send(MANAGER.email, 'PATCH', at(client), { name: `Name ${i}` }, { headers: { 'if-match': '"1"' } })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(19).fill(412)]);
  });
  test('a change takes what is sent and leaves the rest', async () => {
    const client = await make({ workspaces: [WOR], readAll: [WOR] });
    const settings = async () =>
        (({ name, workspaces, readAll, scopes, disabled }) => ({ name, workspaces, readAll, scopes, disabled }))(
      (await get(MANAGER.email, at(client))).json);
    const expected = await settings();
    for (const change of [{ scopes: ['task:read'] }, { workspaces: null }, { readAll: [TWO] }, { workspaces: [TWO] },
        { disabled: true }, {}]) {
      assert.equal((await patch(client, change)).status, 200);
      Object.assign(expected, change);
      assert.deepEqual(await settings(), expected);
    }
    assert.deepEqual(faults(await patch(client, { domain: 'EXA-CON', secret: 'x', disabled: 'yes', name: '' })), [
      '/disabled wrong_type', '/domain unknown_member', '/name required', '/secret unknown_member',
    ]);
    assert.deepEqual(faults(await patch(client, { workspaces: [WOR] })), ['/readAll mismatch']);
  });
  test('no client manages clients', async () => {
    const client = await make();
    const token = await server.clientToken(client);
    for (const [method, target] of [['GET', CLIENTS], ['POST', CLIENTS], ['GET', at(client)], ['PATCH', at(client)],
      ['GET', at(client, '/secrets')], ['POST', at(client, '/secrets')], ['DELETE', at(client, '/secrets/1')]]) {
      const answer = await server.request(method, target, { token });
      assert.equal(answer.status, 403, `${method} ${target}`);
      assert.match(answer.headers['www-authenticate'], /error="insufficient_scope"/);
    }
  });
  test('nor does a manager with a token for less than all', async () => {
    const { json } = await server.grant({ grant_type: 'password', username: MANAGER.email, password: EXAMPLE.password,
      scope: 'task:read' });
    assert.equal((await server.request('GET', CLIENTS, { token: json.access_token })).status, 403);
  });
});

describe('secrets', () => {
  const secrets = (client) => at(client, '/secrets');
  const add = (client, body) => server.send(MANAGER.email, 'POST', secrets(client), body);
  const revoke = (client, id) => server.send(MANAGER.email, 'DELETE', `${secrets(client)}/${id}`);

  test('a second one takes the place of the first without a break', async () => {
    const client = await make();
    const old = await server.clientToken(client);
    const second = await add(client);
    assert.equal(second.status, 201, second.text);
    const next = { ...client, secret: second.json.secret };
    const fresh = await server.clientToken(next);
    assert.equal((await grant(client)).status, 200, 'the first is still good');

    const { items } = (await get(MANAGER.email, secrets(client))).json;
    assert.deepEqual(items.map(({ id }) => id), [second.json.id, items[1].id]);
    assert.deepEqual(items.map(({ hint }) => hint), [next.secret.slice(0, 9), client.secret.slice(0, 9)]);
    for (const item of items) assert.equal(typeof item.lastUsedAt, 'string');

    assert.equal((await list(old)).status, 200);
    assert.equal((await revoke(client, items[1].id)).status, 204);
    assertError(await grant(client), 401, 'invalid_client');
    assert.equal((await list(old)).status, 401, 'what was got with it has ended too');
    assert.equal((await list(fresh)).status, 200);
    assert.equal((await grant(next)).status, 200);
    assert.equal((await revoke(client, items[1].id)).status, 404);
  });
  test('under load: the old and the new one are good until the old one is revoked, and then never again', async () => {
    const client = await make();
    const next = { ...client, secret: (await add(client)).json.secret };
    const [, { id }] = (await get(MANAGER.email, secrets(client))).json.items;
    let revoked = false;
    const counts = { before: 0, after: 0 };
    const worker = async (which) => {
      for (let i = 0; i < 25; i++) {
        const wasRevoked = revoked;
        const { status } = await grant(which);
        if (which === next) assert.equal(status, 200);
        else if (wasRevoked) assert.ok([401, 429].includes(status), `${status} after it was revoked`);
        counts[wasRevoked ? 'after' : 'before']++;
      }
    };
    const work = Promise.all([client, next, client, next].map(worker));
    await Promise.all([1, 2, 3, 4].map(() => grant(next)));
    assert.equal((await revoke(client, id)).status, 204);
    revoked = true;
    await work;
    assert.ok(counts.after > 0, 'somebody came later');
  });
  test('five are the most', async () => {
    const client = await make();
    for (let i = 0; i < 4; i++) assert.equal((await add(client, {})).status, 201);
    assert.equal((await add(client)).status, 409);
    const [{ id }] = (await get(MANAGER.email, secrets(client))).json.items;
    assert.equal((await revoke(client, id)).status, 204);
    assert.equal((await add(client)).status, 201);
  });
  test('one with an end is good until then, and so is its token', async () => {
    const client = await make();
    let expiresAt, brief, answer;
    for (let life = 2500; ; life *= 2) { // until it is long enough for a machine that is busy
      expiresAt = new Date(Date.now() + life).toISOString();
      const made = await add(client, { expiresAt });
      brief = { ...client, secret: made.json.secret };
      answer = await grant(brief);
      const listed = await list(answer.json.access_token);
      if (Date.now() >= new Date(expiresAt)) {
        await revoke(client, made.json.id);
        continue;
      }
      assert.equal(made.json.expiresAt, expiresAt);
      assert.ok(answer.json.expires_in <= Math.ceil(life / 1000), answer.text);
      assert.equal(listed.status, 200);
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, new Date(expiresAt) - Date.now() + 50));
    assertError(await grant(brief), 401, 'invalid_client');
    assert.equal((await list(answer.json.access_token)).status, 401);
  });
  test('an invalid end is refused', async () => {
    const client = await make();
    for (const [body, fault] of [
      [{ expiresAt: '2020-01-01T00:00:00Z' }, '/expiresAt too_old'],
      [{ expiresAt: 'tomorrow' }, '/expiresAt not_a_time'],
      [{ expiresAt: 7 }, '/expiresAt not_a_time'], [{ name: 'x' }, '/name unknown_member'],
    ]) assert.deepEqual(faults(await add(client, body)), [fault]);
    assert.equal((await revoke(client, 'x')).status, 404);
  });
});

describe('the client_credentials grant', () => {
  test('an access token alone, with the scope it is good for', async () => {
    const client = await make({ scopes: ['task:read', 'task:create'] });
    const answer = await grant(client);
    assert.deepEqual(Object.keys(answer.json), ['access_token', 'token_type', 'expires_in', 'scope', 'jti']);
    assert.equal(answer.json.scope, 'task:create task:read');
    assert.equal(answer.json.expires_in, 3600);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.equal(answer.headers.pragma, 'no-cache');
  });
  test('scope narrows, and never widens', async () => {
    const client = await make({ scopes: ['task:read', 'task:create'] });
    const narrow = await grant(client, { scope: 'task:read' });
    assert.equal(narrow.json.scope, 'task:read');
    assert.equal((await list(narrow.json.access_token)).status, 200);
    assert.equal((await server.addTask(small(), { token: narrow.json.access_token })).status, 403);
    for (const scope of ['task:write', 'task:read task:write', '*', 'everything'])
      assertError(await grant(client, { scope }), 400, 'invalid_scope');
  });
  test('a client without a scope proves itself and gets no token', async () => {
    const client = await make({ scopes: [] });
    assertError(await grant(client), 400, 'unauthorized_client');
    assert.equal((await introspect(client, 'x')).status, 200);
  });
  test('unknown, wrong, disabled and revoked: the same bytes', async () => {
    const client = await make();
    const disabled = await make();
    assert.equal((await patch(disabled, { disabled: true })).status, 200);
    const answers = [
      await grant({ ...client, secret: `${client.secret.slice(0, -1)}x` }), await grant({ ...client, secret: 'x' }),
      await grant({ clientId: 'client-0000000000000000', secret: client.secret }), await grant(disabled),
      await grant({ clientId: EXAMPLE.email, secret: EXAMPLE.password }),
    ];
    const bare = ({ date, ...headers }) => headers;
    for (const answer of answers) {
      assertError(answer, 401, 'invalid_client');
      assert.equal(answer.text, answers[0].text);
      assert.deepEqual(bare(answer.headers), bare(answers[0].headers));
    }
    assert.equal((await patch(disabled, { disabled: false })).status, 200);
    assert.equal((await grant(disabled)).status, 200);
  });
  test('none sent: 401', async () => {
    assertError(await granted({ grant_type: 'client_credentials' }), 401, 'invalid_client');
    const { clientId } = await make();
    assertError(await granted({ grant_type: 'client_credentials', client_id: clientId }), 401, 'invalid_client');
  });
  test('wrong secrets are throttled, and the right one never', async () => {
    const client = await make();
    for (let i = 0; i < 5; i++) assertError(await grant({ ...client, secret: 'wrong' }), 401, 'invalid_client');
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await grant({ ...client, secret: 'wrong' })).status);
    assert.ok(statuses.includes(429), statuses.join());
    assert.equal((await grant(client)).status, 200);
  });
  test('the secret in another case is another one', async () => {
    const client = await make();
    assertError(await grant({ ...client, secret: client.secret.toUpperCase() }), 401, 'invalid_client');
  });
  test('Basic is decoded as RFC 6749 wants it', async () => {
    const client = await make();
    const escaped = (text) => [...text].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('');
    const by = (id, secret) => granted({ grant_type: 'client_credentials' }, basic(id, secret));
    assert.equal((await by(client.clientId, client.secret)).status, 200);
    assert.equal((await by(escaped(client.clientId), escaped(client.secret))).status, 200);
    assert.equal((await by(client.clientId, client.secret.replace('bzcs_', 'bzcs%5F'))).status, 200);
    for (const [id, secret] of [
      [client.clientId, `${client.secret}:`], [client.clientId, `:${client.secret}`],
      [client.clientId, `${client.secret}%3A`],
      [client.clientId, `${client.secret}%zz`], [client.clientId, `${client.secret}%`],
      [client.clientId, `${client.secret}%00`],
      [client.clientId, 'sécret%C3%A9'], [client.clientId, '%ff'], ['client%3A1', client.secret],
      [`${client.clientId}+`, client.secret],
      ['', client.secret], [client.clientId, ''],
    ]) assertError(await by(id, secret), 401, 'invalid_client');
    for (const authorization of ['Basic', 'Basic x', 'Basic !!!!', `Bearer ${client.secret}`, 'Digest username=x'])
      assertError(await granted({ grant_type: 'client_credentials' }, { authorization }), 401, 'invalid_client');
  });
  test('by Basic and in the body at once: invalid_request', async () => {
    const client = await make();
    assertError(await grant(client, {}, basic(client.clientId, client.secret)), 400, 'invalid_request');
    const named = await granted({ grant_type: 'client_credentials', client_id: client.clientId },
      basic(client.clientId, client.secret));
    assert.equal(named.status, 200, 'the id may be named again');
  });
  test('a client beside a password is checked, and its tokens are bound to it', async () => {
    const client = await make({ scopes: [] });
    const person = { grant_type: 'password', username: EXAMPLE.email, password: EXAMPLE.password };
    assertError(await server.grant({ ...person, ...credentials({ ...client, secret: 'wrong' }) }), 401,
      'invalid_client');
    const { json } = await server.grant({ ...person, ...credentials(client) });
    assert.equal((await server.addTask(small(), { token: json.access_token })).status, 201,
      'the token is the person\'s');
    const again = { grant_type: 'refresh_token', refresh_token: json.refresh_token };
    assertError(await server.grant(again), 400, 'invalid_grant');
    assert.equal((await introspect(client, json.access_token)).json.username, EXAMPLE.email);
    assert.deepEqual((await introspect(client, json.refresh_token)).json, { active: false });
    assert.equal((await server.grant({ ...again, ...credentials(client) })).status, 200);
    assert.equal((await patch(client, { disabled: true })).status, 200);
    assert.equal((await list(json.access_token)).status, 401,
      'a disabled client takes the sign-ins made through it along');
  });
  test('a client library: discovery, token, introspection, revocation', async () => {
    const client = await make({ scopes: ['task:read'] });
    const insecure = { [oauth.allowInsecureRequests]: true };
    const issuer = new URL(`${server.url}/bzctrl-core-api`);
    const as = await oauth.processDiscoveryResponse(issuer,
      await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure }));
    const who = { client_id: client.clientId };
    for (const auth of [oauth.ClientSecretBasic(client.secret), oauth.ClientSecretPost(client.secret)]) {
      const answer =
        await oauth.clientCredentialsGrantRequest(as, who, auth, new URLSearchParams({ scope: 'task:read' }), insecure);
      const token = await oauth.processClientCredentialsResponse(as, who, answer);
      const resource = await oauth.protectedResourceRequest(token.access_token, 'GET',
        new URL(`${server.url}${API}/tasks`), undefined, undefined, insecure);
      assert.equal(resource.status, 200);
      const asked = () => oauth.introspectionRequest(as, who, auth, token.access_token, insecure)
        .then((a) => oauth.processIntrospectionResponse(as, who, a));
      assert.equal((await asked()).active, true);
      await oauth.processRevocationResponse(await oauth.revocationRequest(as, who, auth, token.access_token, insecure));
      assert.equal((await asked()).active, false);
    }
  });
});

describe('what a client may do', () => {
  test('it creates in its workspaces only; the source is the client', async () => {
    const client = await make({ workspaces: [WOR], scopes: ['task:create', 'task:read'] });
    const token = await server.clientToken(client);
    const created = await server.addTask(small(), { token });
    assert.equal(created.status, 201, created.text);
    const record = await server.request('GET', new URL(created.headers.location).pathname, { token });
    assert.equal(record.json.source, client.clientId);
    assert.equal(record.json.reporter, EXAMPLE.email);
    const events = await server.request('GET', `${API}/tasks/${record.json.key}/events`, { token });
    assert.equal(events.json.items[0].actor, client.clientId);
    for (const domainWorkSpace of [TWO, ACME, 'EXA-CON-BUS-NONE'])
      assert.deepEqual(faults(await server.addTask(small({ domainWorkSpace }), { token })),
        ['/domainWorkSpace unknown_workspace'], domainWorkSpace);
  });
  test('a limit that is taken away or given counts for the next call', async () => {
    const client = await make({ workspaces: [WOR] });
    const token = await server.clientToken(client);
    assert.equal((await server.addTask(small(), { token })).status, 201);
    assert.equal((await patch(client, { workspaces: [TWO] })).status, 200);
    assert.equal((await server.addTask(small(), { token })).status, 422);
    assert.equal((await server.addTask(small({ domainWorkSpace: TWO }), { token })).status, 201);
    assert.equal((await patch(client, { workspaces: null })).status, 200);
    assert.equal((await server.addTask(small(), { token })).status, 201);
    assert.equal((await server.addTask(small({ domainWorkSpace: ACME }), { token })).status, 422);
  });
  test('it reads its own source only, unless it was given the workspace to read', async () => {
    const [one, two] = [await make({ workspaces: [WOR, TWO] }), await make()];
    const [first, second] = [await server.clientToken(one), await server.clientToken(two)];
    const key = async (token, domainWorkSpace) => {
      const answer = await server.addTask(small({ domainWorkSpace }), { token });
      assert.equal(answer.status, 201, answer.text);
      return new URL(answer.headers.location).pathname.split('/').pop();
    };
    const own = await key(first, WOR);
    const alien = await key(second, WOR);
    const persons = await key(await server.token(EXAMPLE.email), WOR);
    const other = await key(second, TWO);
    const read = (name, more = '') => server.request('GET', `${API}/tasks/${name}${more}`, { token: first });
    const missing = await read(`${WOR}-9999`);
    for (const more of ['', '/events']) {
      assert.equal((await read(own, more)).status, 200);
      for (const name of [alien, persons, other]) {
        const answer = await read(name, more);
        assert.equal(answer.status, 404);
        assert.equal(answer.text, missing.text.replace(`${WOR}-9999`, name), 'as if it did not exist');
      }
    }
    assert.deepEqual(keys(await list(first)), [own]);
    assert.deepEqual(keys(await server.request('GET', `${API}/tasks?source=${two.clientId}`, { token: first })), []);

    assert.equal((await patch(one, { readAll: [WOR] })).status, 200);
    for (const name of [own, alien, persons]) assert.equal((await read(name, '/events')).status, 200);
    assert.equal((await read(other)).status, 404);
    const seen = keys(await server.request('GET', `${API}/tasks?limit=200`, { token: first }));
    for (const name of [own, alien, persons]) assert.ok(seen.includes(name));
    assert.ok(!seen.includes(other));
    assert.deepEqual(keys(await server.request('GET', `${API}/tasks?source=${one.clientId}`, { token: first })), [own]);
  });
  test('each scope opens its routes and no others', async () => {
    for (const scope of ALL) {
      const token = await server.clientToken(await make({ scopes: [scope] }));
      const expected = [
        ['POST', `${API}/task/add-task`, 'task:create', 201], ['GET', `${API}/tasks`, 'task:read', 200],
        ['GET', `${API}/tasks/${WOR}-9999`, 'task:read', 404],
        ['GET', `${API}/tasks/${WOR}-9999/events`, 'task:read', 404],
      ];
      for (const [method, target, needed, status] of expected) {
        const answer = await server.request(method, target, method === 'GET' ? { token } : {
          token, headers: { 'content-type': 'application/json' }, body: JSON.stringify(small()),
        });
        assert.equal(answer.status, needed === scope ? status : 403, `${scope}: ${method} ${target}`);
        if (answer.status === 403)
          assert.match(answer.headers['www-authenticate'],
            new RegExp(`^Bearer .*error="insufficient_scope".*scope="${needed}"`));
      }
    }
  });
  test('a scope that is taken from the client is taken from its tokens', async () => {
    const client = await make();
    const token = await server.clientToken(client);
    assert.equal((await list(token)).status, 200);
    assert.equal((await patch(client, { scopes: ['task:create'] })).status, 200);
    const answer = await list(token);
    assert.equal(answer.status, 403);
    assert.match(answer.headers['www-authenticate'], /insufficient_scope/);
    assert.equal((await server.addTask(small(), { token })).status, 201);
  });
  test('a disabled client\'s tokens are of no use while it is', async () => {
    const client = await make();
    const token = await server.clientToken(client);
    assert.equal((await list(token)).status, 200);
    assert.equal((await patch(client, { disabled: true })).status, 200);
    assert.equal((await list(token)).status, 401);
    assert.equal((await introspect(client, token)).status, 401);
    assert.equal((await patch(client, { disabled: false })).status, 200);
    assert.equal((await list(token)).status, 200);
  });
  test('a client is neither reporter nor assignee', async () => {
    const client = await make();
    const answer = await server.addTask(small({ reporter: client.clientId, assignee: client.clientId }));
    assert.deepEqual(faults(answer), ['/assignee unknown_person', '/reporter unknown_person']);
  });
  test('two clients may use one idempotency key', async () => {
    const headers = { 'idempotency-key': '"the same"' };
    for (let i = 0; i < 2; i++) {
      const token = await server.clientToken(await make());
      const first = await server.addTask(small({ title: `of ${i}` }), { token, headers });
      const again = await server.addTask(small({ title: `of ${i}` }), { token, headers });
      assert.equal(first.status, 201, first.text);
      assert.equal(again.text, first.text);
      assert.equal(again.headers['idempotent-replayed'], 'true');
    }
  });
});

describe('introspection and revocation', () => {
  test('a client learns of its own tokens, and of no other\'s', async () => {
    const [one, two] = [await make({ scopes: ['task:read', 'task:create'] }), await make()];
    const { access_token, jti } = (await grant(one, { scope: 'task:create' })).json;
    const own = await introspect(one, access_token);
    assert.equal(own.headers['cache-control'], 'no-store');
    const { exp, iat, ...rest } = own.json;
    assert.deepEqual(rest, {
      active: true, token_type: 'Bearer', scope: 'task:create', client_id: one.clientId, username: one.clientId,
      sub: one.clientId,
      iss: `${server.url}/bzctrl-core-api`, jti,
    });
    assert.equal(exp - iat, 3600);
    for (const token of [await server.token(), access_token.slice(0, -1), 'x', `${access_token}x`])
      assert.deepEqual((await introspect(one, token)).json, { active: false });
    assert.deepEqual((await introspect(two, access_token)).json, { active: false });
  });
  test('only clients may ask', async () => {
    const client = await make();
    const token = await server.clientToken(client);
    assertError(await posted(INTROSPECT_PATH, { token }), 401, 'invalid_client');
    assertError(await introspect({ ...client, secret: 'wrong' }, token), 401, 'invalid_client');
    assertError(await posted(INTROSPECT_PATH, { token }, { authorization: `Bearer ${token}` }), 401, 'invalid_client');
    assert.equal((await posted(INTROSPECT_PATH, { token }, basic(client.clientId, client.secret))).json.active, true);
    assertError(await posted(INTROSPECT_PATH, credentials(client)), 400, 'invalid_request');
    assertError(await posted(`${INTROSPECT_PATH}?token=${token}`, credentials(client)), 400, 'invalid_request');
  });
  test('a client gives its token back; nobody else can', async () => {
    const [one, two] = [await make(), await make()];
    const token = await server.clientToken(one);
    assert.equal((await list(token)).status, 200);
    assertError(await posted(REVOKE_PATH, { token }), 400, 'unauthorized_client');
    assertError(await posted(REVOKE_PATH, { token, ...credentials(two) }), 400, 'unauthorized_client');
    assertError(await posted(REVOKE_PATH, { token, ...credentials({ ...one, secret: 'x' }) }), 401, 'invalid_client');
    assert.equal((await list(token)).status, 200);
    assert.equal((await posted(REVOKE_PATH, { token, ...credentials(one) })).status, 200);
    assert.equal((await list(token)).status, 401);
    assert.deepEqual((await introspect(one, token)).json, { active: false });
  });
  test('clients, secrets and tokens survive a restart', async () => {
    const client = await make();
    const token = await server.clientToken(client);
    await server.restart();
    assert.equal((await list(token)).status, 200);
    assert.equal((await grant(client)).status, 200);
  });
  test('the metadata names what there is', async () => {
    const { json } = await server.request('GET', '/.well-known/oauth-authorization-server/bzctrl-core-api');
    assert.equal(json.token_endpoint, server.url + TOKEN_PATH);
    assert.equal(json.introspection_endpoint, server.url + INTROSPECT_PATH);
    assert.ok(json.grant_types_supported.includes('client_credentials'));
    assert.deepEqual(json.introspection_endpoint_auth_methods_supported, ['client_secret_basic', 'client_secret_post']);
  });
});
