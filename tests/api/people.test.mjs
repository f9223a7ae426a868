/*
 * People and their roles: who looks after whom, and that nobody gets further by it than allowed
 * (contract "Authentication", the role table).
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const PEOPLE = `${API}/people`;
const person = (name, role, domain) => ({ email: `${name}@example.com`, role, domain });
const ADMIN = { email: 'admin@example.com', admin: true };
const SECOND = { email: 'second@example.com', admin: true };
const ABOVE = person('above', 'manager', 'EXA');
const MANAGER = person('manager', 'manager', 'EXA-CON');
const PEER = person('peer', 'manager', 'EXA-CON');
const ALIEN = person('alien', 'manager', 'ACME');

let server;
before(async () => {
  server = await startServer({ workspaces: [WORKSPACE, 'ACME-WOR'],
    users: [EXAMPLE, ADMIN, SECOND, ABOVE, MANAGER, PEER, ALIEN], args: ['--trusted-proxy', '127.0.0.1'] });
});
after(() => server.stop());

let made = 0;
const role = (domain, name = 'member') => ({ domain, role: name });
const at = (email, more = '') => `${PEOPLE}/${encodeURIComponent(email)}${more}`;
const get = (as, path) => server.get(path, { as: as.email });
const post = (as, body, path = PEOPLE) => server.send(as.email, 'POST', path, body);
const faults = (answer) => answer.json.errors.map(({ pointer, code }) => `${pointer} ${code}`).sort();

/* Changes somebody by the version that is there now. */
const patch = (as, email, changes) =>
  server.send(as.email, 'PATCH', at(email), changes, { headers: { 'if-match': '*' } });

/* A new person of these roles; the password is EXAMPLE's. */
async function make(roles = [role('EXA-CON-BUS')], more = {}) {
  const email = `person${++made}@example.com`;
  const answer = await post(ADMIN, { email, roles, ...more });
  assert.equal(answer.status, 201, answer.text);
  return email;
}

/* The same, with a password, by the operator. */
async function makeWithPassword(name, domain) {
  const email = `person${++made}@example.com`;
  const { makeFile } = await import('../lib/program.mjs');
  const rights = name === 'admin' ? ['--admin'] : ['--domain', domain, '--role', name];
  await server.command(['user', 'add', email, ...rights, '--password-file', makeFile(EXAMPLE.password)]);
  return email;
}

const rolesOf = async (as, email) => (await get(as, at(email))).json.roles;

describe('looking after people', () => {
  test('a new one', async () => {
    const answer = await post(MANAGER,
      { email: ' New.One@Example.COM ', name: '  Ñew <b>"One"</b> ', roles: [role('exa-con-bus', 'manager')] });
    assert.equal(answer.status, 201, answer.text);
    const { createdAt, ...rest } = answer.json;
    assert.deepEqual(rest,
      { email: 'new.one@example.com', name: 'Ñew <b>"One"</b>', admin: false, disabled: false, passwordGrant: true,
      roles: [role('EXA-CON-BUS', 'manager')], groupRoles: [], version: 1 });
    assert.equal(new URL(answer.headers.location).pathname, `${PEOPLE}/new.one@example.com`);
    assert.deepEqual((await get(MANAGER, at('NEW.one@example.com'))).json, answer.json);
    assert.equal((await post(MANAGER, { email: 'new.one@example.com', roles: [role('EXA-CON')] })).status, 409);
    const token = await server.token();
    const report = await server.addTask(small({ reporter: 'new.one@example.com' }), { token });
    assert.equal(report.status, 201, 'it can be named at once');
  });
  test('all that is wrong is told at once', async () => {
    assert.deepEqual(faults(await post(MANAGER, {})), ['/email required', '/roles required']);
    assert.deepEqual(
        faults(await post(ADMIN,
            { email: 'x', name: 7, roles: {}, admin: 'yes', disabled: null, passwordGrant: 1, id: 3 })), [
      '/admin wrong_type', '/disabled wrong_type', '/email not_an_email', '/id unknown_member', '/name wrong_type',
      '/passwordGrant wrong_type', '/roles wrong_type',
    ]);
    assert.deepEqual(
        faults(await post(ADMIN, { email: 'a@example.com', roles: [7, {}, { ...role('EXA'), scope: 1 }] })), [
      '/roles/0 wrong_type', '/roles/1/domain required', '/roles/1/role required', '/roles/2/scope unknown_member',
    ]);
    assert.deepEqual(faults(await post(ADMIN, { email: 'a@example.com',
      roles: [role('NONE', 'owner'), role('EXA', 'admin'), role('ACME'), role('acme', 'viewer')] })), [
      '/roles/0/domain unknown_domain', '/roles/0/role not_an_option', '/roles/1/role not_an_option',
      '/roles/3/domain mismatch',
    ]);
    for (const name of ['a\u0007b', '\u001b[31mred', 'a\u009b1m', 'a\nb', '\u202eevil', 'x'.repeat(256), ' '])
      assert.equal((await post(ADMIN, { email: 'a@example.com', name })).status, 422, JSON.stringify(name));
    for (const email of ['', 'a', '@b', 'a@b@c', 'a b@c', 'a@b\r\nBcc: c@d', '<a@b>', `${'a'.repeat(251)}@b.c`,
      'a\u0000@b'])
      assert.notEqual((await post(ADMIN, { email })).status, 201, email);
  });
  test('one address is one person in any case and any Unicode form, everywhere', async () => {
    const email = 'jürgen.groß@example.com';
    const spellings =
      [email, 'JÜRGEN.GROSS@example.com', 'Jürgen.Groß@EXAMPLE.com'.normalize('NFD'), ' jürgen.groß@example.com\u00a0'];
    const folded = 'jürgen.gross@example.com';
    const added = await post(ADMIN, { email: spellings[3], roles: [role('EXA-CON-BUS')] });
    assert.equal(added.status, 201, added.text);
    assert.equal(added.json.email, folded);
    const { makeFile } = await import('../lib/program.mjs');
    await server.command(['user', 'add', spellings[1], '--domain', 'EXA-CON-BUS', '--role', 'member', '--password-file',
      makeFile(EXAMPLE.password)]);
    for (const spelling of spellings) {
      assert.equal((await post(ADMIN, { email: spelling, roles: [] })).status, 409, spelling);
      assert.equal(
        (await server.grant({ grant_type: 'password', username: spelling, password: EXAMPLE.password })).status, 200,
        spelling);
      assert.equal((await server.createAndRead(small({ reporter: spelling }))).reporter, folded);
      assert.equal((await get(ADMIN, at(spelling.trim()))).json.email, folded);
      const { json } = await server.get(`${API}/tasks?${new URLSearchParams({ reporter: spelling.trim() })}`);
      assert.ok(json.items.length > 0, spelling);
    }
  });
  test('an address with something that nobody sees is refused', async () => {
    for (const hidden of ['\u200b', '\u202e', '\u2066', '\u00ad', '\u0007', '\u00a0', '\ufeff', '\u{e0041}']) {
      const answer = await post(ADMIN, { email: `man${hidden}ager@example.com`, roles: [] });
      assert.deepEqual([answer.status, ...faults(answer)], [422, '/email not_an_email']);
    }
    /* Erased accounts' domain in letters that only fold to it. */
    assert.deepEqual(faults(await post(ADMIN, { email: 'erased-5@era\u017fed.invalid', roles: [] })),
      ['/email not_an_email']);
  });
  test('names that would break a page come back as they were sent', async () => {
    for (const name of ['<script>alert(1)</script>', '"\'`&%s%n', '=1+1', 'Robert\'); DROP TABLE account;--',
      '🙂 😀 𝕏', 'ﷺ‏'])
      assert.equal((await get(ADMIN, at(await make(undefined, { name })))).json.name, name);
  });
  test('who is seen by whom', async () => {
    const both = await make([role('EXA-CON-BUS'), role('ACME', 'viewer')]);
    const none = await make([]);
    assert.deepEqual(new Set((await rolesOf(ADMIN, both)).map(({ domain }) => domain)),
      new Set(['EXA-CON-BUS', 'ACME']));
    assert.deepEqual(await rolesOf(MANAGER, both), [role('EXA-CON-BUS')], 'roles elsewhere are not told');
    assert.deepEqual(await rolesOf(ALIEN, both), [role('ACME', 'viewer')]);
    for (const [as, email, status] of [[ALIEN, EXAMPLE.email, 404], [MANAGER, none, 404], [ADMIN, none, 200],
      [MANAGER, ABOVE.email, 404],
      [MANAGER, ADMIN.email, 404], [EXAMPLE, MANAGER.email, 403], [EXAMPLE, EXAMPLE.email, 200],
      [MANAGER, 'nobody@example.com', 404]])
      assert.equal((await get(as, at(email))).status, status, `${as.email} reads ${email}`);
    const seen = (await get(ALIEN, `${PEOPLE}?limit=200`)).json.items;
    assert.ok(seen.every(({ roles }) => roles.every(({ domain }) => domain === 'ACME')));
    assert.ok(!seen.some(({ email }) => email === EXAMPLE.email));
    const client = await server.addClient(ADMIN.email, { scopes: [] });
    assert.equal((await get(ADMIN, at(client.clientId))).status, 404, 'a client is no person');
    assert.ok(!(await get(ADMIN, `${PEOPLE}?limit=200`)).json.items.some(({ email }) => email === client.clientId));
  });
  test('a manager of more domains reads more of a person whose version is the same', async () => {
    const manager = { email: await makeWithPassword('manager', 'EXA-CON') };
    const email = await make([role('EXA-CON-BUS'), role('ACME', 'viewer')]);
    const { headers, json } = await get(manager, at(email));
    assert.deepEqual(json.roles, [role('EXA-CON-BUS')]);
    const more = await patch(ADMIN, manager.email, { roles: [role('EXA-CON', 'manager'), role('ACME', 'manager')] });
    assert.equal(more.status, 200, more.text);
    const again = await server.get(at(email), { as: manager.email, headers: { 'if-none-match': headers.etag } });
    assert.equal(again.status, 200);
    assert.equal(again.headers.etag, headers.etag);
    assert.deepEqual(new Set(again.json.roles.map(({ domain }) => domain)), new Set(['EXA-CON-BUS', 'ACME']));
  });
  test('the list, by pages', async () => {
    const fresh = [];
    for (let i = 0; i < 5; i++) fresh.unshift(await make());
    const found = [];
    let cursor = '';
    do {
      const { json } = await get(MANAGER, `${PEOPLE}?limit=2${cursor}`);
      found.push(...json.items.map(({ email }) => email));
      cursor = json.next && `&cursor=${json.next}`;
    } while (cursor);
    assert.deepEqual(found.slice(0, 5), fresh);
    assert.equal(new Set(found).size, found.length);
  });
  test('a change needs the version that was read, and of many at once one is made', async () => {
    const email = await make();
    const change = (headers, changes = { name: 'Other' }) =>
      server.send(MANAGER.email, 'PATCH', at(email), changes, { headers });
    assert.equal((await change({})).status, 428);
    assert.equal((await change({ 'if-match': '"7"' })).status, 412);
    const answers =
      await Promise.all(Array.from({ length: 12 }, (_, i) => change({ 'if-match': '"1"' }, { name: `Name ${i}` })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(11).fill(412)]);
    const [winner] = answers.filter(({ status }) => status === 200);
    assert.equal(winner.headers.etag, '"2"');
    assert.deepEqual((await get(MANAGER, at(email))).json, winner.json);
    const role2 = await change({ 'if-match': '"2"' }, { roles: [role('EXA-CON', 'viewer')] });
    assert.equal(role2.json.version, 3);
  });
  test('of two people with one address at once, one is made', async () => {
    const email = `person${++made}@example.com`;
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(ADMIN, { email })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(7).fill(409)]);
  });
  test('of sixty changes at once that do not exclude each other, all are made', async () => {
    const emails = await Promise.all(Array.from({ length: 15 }, () => make()));
    const clients = [];
    for (let i = 0; i < 15; i++)
      clients.push(await server.addClient(ADMIN.email, { name: `Client ${i}`, scopes: ['task:read'] }));
    const form = `${API}/workspaces/${WORKSPACE}/forms`;
    const answers = await Promise.all(Array.from({ length: 15 }, (_, i) => [
      patch(MANAGER, emails[i], { name: `Name ${i}` }),
      post(ADMIN, { email: `crowd${i}@example.com`, roles: [role('EXA-CON-BUS')] }),
      post(ADMIN, {}, `${API}/clients/${clients[i].clientId}/secrets`),
      post(ADMIN, { name: `crowd-${i}`, fields: [] }, form),
    ]).flat());
    assert.deepEqual(answers.filter(({ status }) => ![200, 201].includes(status))
      .map(({ status, text }) => `${status} ${text}`), []);
    for (const [i, email] of emails.entries()) assert.equal((await get(ADMIN, at(email))).json.name, `Name ${i}`);
  });
  test('a change takes what is sent and leaves the rest', async () => {
    const email = await make([role('EXA-CON-BUS'), role('ACME')]);
    const state = async () =>
        (({ name, admin, disabled, passwordGrant, roles }) => ({ name, admin, disabled, passwordGrant, roles }))(
      (await get(ADMIN, at(email))).json);
    const expected = await state();
    for (const change of [{ name: 'A' }, { name: null }, { roles: [role('ACME', 'manager')] }, { disabled: true },
      { passwordGrant: false },
      { admin: true }, { disabled: false }, { admin: false }, { roles: [] }, {}]) {
      const answer = await patch(ADMIN, email, change);
      assert.equal(answer.status, 200, answer.text);
      Object.assign(expected, change);
      assert.deepEqual(await state(), expected);
    }
    assert.deepEqual(faults(await patch(ADMIN, email, { email: 'other@example.com' })), ['/email unknown_member']);
  });
});

describe('no way further up', () => {
  test('a manager gives no role elsewhere, and takes none', async () => {
    const email = await make([role('EXA-CON-BUS'), role('ACME')]);
    for (const [roles, status] of [[[role('EXA', 'viewer')], 422], [[role('ACME', 'manager')], 422]])
      assert.equal((await patch(MANAGER, email, { roles })).status, status);
    assert.equal((await patch(MANAGER, email, { roles: [role('EXA-CON', 'manager')] })).status, 200);
    assert.deepEqual(await rolesOf(ALIEN, email), [role('ACME')], 'what another looks after stays');
    assert.equal((await patch(MANAGER, email, { roles: [] })).status, 200);
    assert.deepEqual(await rolesOf(ADMIN, email), [role('ACME')]);
    assert.equal((await get(MANAGER, at(email))).status, 404, 'it is none of the manager\'s any more');
  });
  test('a viewer there is no manager there', async () => {
    const email = await make([role('EXA-CON', 'manager'), role('ACME', 'viewer')]);
    await patch(ADMIN, email, { name: 'Half' });
    const half = await makeWithPassword('manager', 'EXA-CON');
    await patch(ADMIN, half, { roles: [role('EXA-CON', 'manager'), role('ACME', 'viewer')] });
    const other = await make([role('EXA-CON-BUS')]);
    assert.equal((await patch({ email: half }, other, { roles: [role('ACME', 'viewer')] })).status, 403);
    assert.equal(
      (await patch({ email: half }, half, { roles: [role('ACME', 'manager'), role('EXA-CON', 'manager')] })).status,
      403);
    assert.equal((await patch({ email: half }, half, { roles: [role('EXA-CON', 'viewer')] })).status, 200,
      'downwards it can');
    assert.equal((await patch({ email: half }, half, { roles: [role('EXA-CON', 'manager')] })).status, 403,
      'and not back up');
  });
  test('nothing about admins, and none is made', async () => {
    const email = await make();
    assert.equal((await patch(MANAGER, email, { admin: true })).status, 403);
    assert.equal((await post(MANAGER, { email: 'x@example.com', admin: true, roles: [role('EXA-CON')] })).status, 403);
    assert.equal((await patch(MANAGER, MANAGER.email, { admin: true })).status, 403);
    await patch(ADMIN, email, { admin: true });
    for (const change of [{ disabled: true }, { name: 'x' }, { passwordGrant: false }, { roles: [] }, { admin: false }])
      assert.equal((await patch(MANAGER, email, change)).status, 403, JSON.stringify(change));
    assert.equal((await post(MANAGER, { email: ADMIN.email, roles: [role('EXA-CON')] })).status, 409);
    assert.deepEqual((await get(ADMIN, at(email))).json.roles, [role('EXA-CON-BUS')]);
  });
  test('who holds a role beyond the manager\'s is not disabled or renamed by it', async () => {
    for (const roles of [[role('EXA-CON-BUS'), role('ACME', 'viewer')],
        [role('EXA-CON-BUS', 'viewer'), role('EXA', 'viewer')]]) {
      const email = await make(roles);
      for (const change of [{ disabled: true }, { name: 'x' }, { passwordGrant: false }])
        assert.equal((await patch(MANAGER, email, change)).status, 403, JSON.stringify(change));
      assert.equal((await patch(ADMIN, email, { disabled: true })).status, 200);
      assert.equal((await patch(MANAGER, email, { disabled: false })).status, 403, 'nor enabled again');
    }
    const within = await make([role('EXA-CON-BUS'), role('EXA-CON', 'manager')]);
    assert.equal((await patch(MANAGER, within, { disabled: true })).status, 200);
    assert.equal((await patch(MANAGER, within, { disabled: false })).status, 200);
  });
  test('whoever is in another domain already is let in, and stays who it is', async () => {
    const email = await make([role('ACME')], { name: 'Real Name' });
    const answer = await post(MANAGER,
      { email, name: 'Stolen', disabled: true, passwordGrant: false, roles: [role('EXA-CON-BUS')] });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(answer.json.roles, [role('EXA-CON-BUS')]);
    const { name, disabled, passwordGrant, roles } = (await get(ADMIN, at(email))).json;
    assert.deepEqual({ name, disabled, passwordGrant, n: roles.length },
      { name: 'Real Name', disabled: false, passwordGrant: true, n: 2 });
  });
  test('a manager that has lost the role changes nothing any more, whatever is under way', async () => {
    const manager = { email: await makeWithPassword('manager', 'EXA-CON') };
    const target = await make();
    await server.token(manager.email);
    const [lost, ...answers] = await Promise.all([
      patch(ADMIN, manager.email, { roles: [role('EXA-CON', 'viewer')] }),
      ...Array.from({ length: 20 }, (_, i) => patch(manager, target, { name: `Name ${i}` })),
    ]);
    assert.equal(lost.status, 200, lost.text);
    for (const { status } of answers) assert.ok([200, 403, 412].includes(status), String(status));
    const { version } = (await get(ADMIN, at(target))).json;
    assert.equal((await patch(manager, target, { name: 'Later' })).status, 403);
    assert.equal((await get(ADMIN, at(target))).json.version, version);
  });
  test('the last admin stays one', async () => {
    const lone = await startServer({ users: [EXAMPLE, ADMIN] });
    try {
      const change = (email, body) =>
        lone.send(ADMIN.email, 'PATCH', at(email), body, { headers: { 'if-match': '*' } });
      for (const body of [{ disabled: true }, { admin: false }]) {
        const answer = await change(ADMIN.email, body);
        assert.equal(answer.status, 409, answer.text);
        assert.match(answer.json.detail, /last enabled admin/);
      }
      assert.equal((await change(EXAMPLE.email, { admin: true, disabled: true })).status, 200,
        'one that is disabled is none');
      assert.equal((await change(ADMIN.email, { disabled: true })).status, 409);
      assert.equal((await change(EXAMPLE.email, { disabled: false })).status, 200);
      const both = await Promise.all([
        change(ADMIN.email, { admin: false }),
        change(EXAMPLE.email, { admin: false }),
      ]);
      assert.equal(both.filter(({ status }) => status === 200).length, 1, both.map(({ text }) => text).join());
    } finally {
      await lone.stop();
    }
  });
});

describe('the end of access', () => {
  const signIn = (email) => server.grant({ grant_type: 'password', username: email, password: EXAMPLE.password },
    { headers: { 'x-forwarded-for': `198.51.100.${++made}` } });
  test('a disabled person is out at once, for good, and its name stays', async () => {
    const email = await makeWithPassword('member', EXAMPLE.domain);
    const { json: tokens } = await signIn(email);
    const record =
      await server.createAndRead(small({ reporter: email }), { token: tokens.access_token, as: ADMIN.email });
    const tasks = () => server.request('GET', `${API}/tasks`, { token: tokens.access_token });
    assert.equal((await tasks()).status, 200);
    assert.equal((await patch(MANAGER, email, { disabled: true })).status, 200);
    assert.equal((await tasks()).status, 401);
    assert.equal((await signIn(email)).status, 400);
    const refresh = () => server.grant({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token });
    assert.equal((await refresh()).status, 400);
    assert.equal((await server.get(`${API}/tasks/${record.key}`, { as: ADMIN.email })).json.reporter, email);
    assert.equal((await server.addTask(small({ reporter: email }))).status, 422, 'it is named no more');
    assert.equal((await patch(MANAGER, email, { disabled: false })).status, 200);
    assert.equal((await tasks()).status, 401, 'what it was signed in with has ended');
    assert.equal((await refresh()).status, 400);
    assert.equal((await signIn(email)).status, 200);
  });
  test('a session of the web app too', async () => {
    const email = await makeWithPassword('member', EXAMPLE.domain);
    const opened = await server.request('POST', '/app/session', { headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: EXAMPLE.password }) });
    const cookie = opened.headers['set-cookie'][0].split(';')[0];
    const session = () => server.request('GET', '/app/session', { headers: { cookie } });
    assert.equal((await session()).status, 200);
    await patch(MANAGER, email, { disabled: true });
    assert.equal((await session()).status, 401);
  });
  test('the password grant can be switched off alone', async () => {
    const email = await makeWithPassword('member', EXAMPLE.domain);
    await patch(MANAGER, email, { passwordGrant: false });
    assert.equal((await signIn(email)).status, 400);
    const opened = await server.request('POST', '/app/session', { headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: EXAMPLE.password }) });
    assert.equal(opened.status, 200);
  });
  test('a role that is lost while a report is under way: the report is refused, or came before', async () => {
    const email = await makeWithPassword('member', EXAMPLE.domain);
    const token = await server.token(email);
    for (let round = 0; round < 5; round++) {
      await patch(MANAGER, email, { roles: [role('EXA-CON-BUS', 'member')] });
      const [, ...answers] = await Promise.all([
        patch(MANAGER, email, { roles: [role('EXA-CON-BUS', 'viewer')] }),
        ...Array.from({ length: 30 }, () => server.addTask(small({ title: `Round ${round}` }), { token })),
      ]);
      for (const { status, text } of answers) assert.ok(status === 201 || status === 403, text);
      const accepted = answers.filter(({ status }) => status === 201).length;
      assert.equal((await server.addTask(small(), { token })).status, 403);
      const records = await server.listAll({ source: email, limit: '200' }, { as: ADMIN.email });
      assert.equal(records.filter(({ title }) => title === `Round ${round}`).length, accepted);
    }
  });
});

test('history has it, and is whole', async () => {
  const heads = await server.command(['verify']);
  assert.match(heads, /^EXA-CON-BUS:/m);
});
