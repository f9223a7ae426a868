/*
 * Administration in the history: each change of domains, workspaces, people, roles, clients, secrets,
 * links for a password and forms, by the API or by a command, is one event in the chain of each
 * domain that it concerns; and who may read it.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CHANGES, readAll } from '../lib/changes.mjs';
import { databaseUrl, onPostgres } from '../lib/database.mjs';
import { makeFile } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, addUser, startServer } from '../lib/server.mjs';
import { verifyHistory } from '../lib/verify_history.mjs';

const DOMAIN = EXAMPLE.domain;
const ROOT = { email: 'root@example.com', admin: true };
const MANAGER = { email: 'manager@example.com', role: 'manager', domain: DOMAIN };
const ALIEN = { email: 'alien@example.com', role: 'manager', domain: 'ACME' };
const ANY = { 'if-match': '*' };

let server;
before(async () => {
  server = await startServer({ workspaces: [WORKSPACE, 'ACME-WOR'], users: [EXAMPLE, ROOT, MANAGER, ALIEN] });
});
after(() => server.stop());

const cursorNow = async (as) => (await server.get(`${CHANGES}?cursor=now`, { as })).json.next;

/* What an admin finds that `act` has added, as [domain, actor, action, key, changes]. */
async function added(act) {
  const cursor = await cursorNow(ROOT.email);
  const result = await act();
  const { items } = await readAll(server, { as: ROOT.email, cursor, query: { action: 'admin.*' } });
  return { result,
    events: items.filter(({ action }) => action !== 'admin.state')
      .map(({ domain, actor, action, key, changes }) => [domain, actor, action, key, changes]) };
}

async function ok(promise) {
  const answer = await promise;
  assert.ok(answer.status < 300, answer.text);
  return answer;
}
const as = (who) => (method, path, body, headers = {}) =>
  ok(server.send(who, method, `${API}${path}`, body, { headers }));
const root = as(ROOT.email);
const command = (...args) => server.command(args);

describe('by the API', () => {
  test('a domain and a workspace', async () => {
    assert.deepEqual((await added(() => root('POST', '/domains', { key: 'EXA-NEW' }))).events, [
      ['EXA-NEW', ROOT.email, 'admin.domain.created', 'EXA-NEW', { domain: [null, 'EXA-NEW'] }]]);
    assert.deepEqual((await added(() => root('POST', '/workspaces', { key: 'EXA-NEW-WOR', name: 'New' }))).events, [
      ['EXA-NEW', ROOT.email, 'admin.workspace.created', 'EXA-NEW-WOR',
        { name: [null, 'New'], timezone: [null, 'UTC'] }]]);
    assert.deepEqual((await added(() => root('PATCH', '/workspaces/EXA-NEW-WOR', { name: 'Newer' }, ANY))).events, [
      ['EXA-NEW', ROOT.email, 'admin.workspace.changed', 'EXA-NEW-WOR', { name: ['New', 'Newer'] }]]);
  });

  test('a person: in each domain of their roles, or in none', async () => {
    const email = 'jan@example.com';
    assert.deepEqual((await added(() => root('POST', '/people', { email, roles: [] }))).events, [
      ['*', ROOT.email, 'admin.person.created', '*', { person: [null, email] }]]);
    const roles = [{ domain: DOMAIN, role: 'member' }, { domain: 'ACME', role: 'viewer' }];
    const { events } = await added(() => root('PATCH', `/people/${email}`, { roles }, ANY));
    assert.deepEqual(events.sort(), [
      ['ACME', ROOT.email, 'admin.person.changed', 'ACME', { role: [null, 'viewer'], person: [email, email] }],
      [DOMAIN, ROOT.email, 'admin.person.changed', DOMAIN, { role: [null, 'member'], person: [email, email] }]]);
    assert.deepEqual(
        (await added(() => root('PATCH', `/people/${email}`, { admin: true, roles: [] }, ANY))).events.sort(), [
      ['*', ROOT.email, 'admin.person.changed', '*', { admin: [false, true], person: [email, email] }],
      ['ACME', ROOT.email, 'admin.person.changed', 'ACME',
        { admin: [false, true], role: ['viewer', null], person: [email, email] }],
      [DOMAIN, ROOT.email, 'admin.person.changed', DOMAIN,
        { admin: [false, true], role: ['member', null], person: [email, email] }]]);
    assert.deepEqual((await added(() => root('PATCH', `/people/${email}`, { admin: true }, ANY))).events, [],
      'nothing has changed');
  });

  test('a client and its secrets, never the secret itself', async () => {
    const { result, events } = await added(() =>
      root('POST', '/clients', { name: 'Desk', domain: DOMAIN, scopes: ['task:create'], workspaces: [WORKSPACE] }));
    const { clientId, secret } = result.json;
    assert.deepEqual(events, [[DOMAIN, ROOT.email, 'admin.client.created', DOMAIN, {
      name: [null, 'Desk'], domain: [null, DOMAIN], scopes: [null, 'task:create'], workspaces: [null, [WORKSPACE]],
      readAll: [null, []], client: [null, clientId] }]]);
    const changed = await added(() =>
      root('PATCH', `/clients/${clientId}`, { disabled: true, scopes: ['task:create', 'task:read'] }, ANY));
    assert.deepEqual(changed.events, [[DOMAIN, ROOT.email, 'admin.client.changed', DOMAIN, {
      scopes: ['task:create', 'task:create task:read'], disabled: [false, true], client: [clientId, clientId] }]]);
    const more = await added(() => root('POST', `/clients/${clientId}/secrets`, {}));
    const hint = more.result.json.secret.slice(0, 9);
    assert.deepEqual(more.events,
      [[DOMAIN, ROOT.email, 'admin.secret.created', DOMAIN, { secret: [null, hint], client: [clientId, clientId] }]]);
    const less = await added(() => root('DELETE', `/clients/${clientId}/secrets/${more.result.json.id}`));
    assert.deepEqual(less.events,
      [[DOMAIN, ROOT.email, 'admin.secret.revoked', DOMAIN, { secret: [hint, null], client: [clientId, clientId] }]]);
    const all = JSON.stringify((await readAll(server, { as: ROOT.email })).items);
    for (const text of [secret, more.result.json.secret]) assert.ok(!all.includes(text));
  });

  test('a link for a password, its use, and a changed password, never the password itself', async () => {
    const email = 'piet@example.com';
    await root('POST', '/people', { email, roles: [{ domain: DOMAIN, role: 'viewer' }] });
    const made = await added(() => as(MANAGER.email)('POST', `/people/${email}/password-reset`));
    assert.deepEqual(made.events,
      [[DOMAIN, MANAGER.email, 'admin.link.created', DOMAIN, { link: [null, 'made'], person: [email, email] }]]);
    const token = made.result.json.link.split('/').pop();
    const password = 'a first long password';
    const headers = { 'content-type': 'application/json' };
    const used = await added(() =>
      ok(server.request('POST', '/app/password-reset', { headers, body: JSON.stringify({ token, password }) })));
    assert.deepEqual(used.events, [
      [DOMAIN, email, 'admin.link.used', DOMAIN,
        { password: [null, 'set'], link: ['made', null], person: [email, email] }]]);
    server.users.set(email, { email, password });
    const next = 'another long password';
    const changed =
      await added(() => ok(server.send(email, 'POST', `${API}/people/me/password`, { current: password, new: next })));
    assert.deepEqual(changed.events,
      [[DOMAIN, email, 'admin.password.changed', DOMAIN, { password: [null, 'set'], person: [email, email] }]]);
    const all = JSON.stringify((await readAll(server, { as: ROOT.email })).items);
    for (const text of [token, password, next]) assert.ok(!all.includes(text));
  });

  test('a form', async () => {
    const put = (title) => root('PUT', `/workspaces/${WORKSPACE}/forms/short`, { title });
    assert.deepEqual((await added(() => put('Short'))).events, [
      [DOMAIN, ROOT.email, 'admin.form.created', WORKSPACE, { form: [null, 'short'], formVersion: [null, 1] }]]);
    const headers = ANY;
    assert.deepEqual(
        (await added(() => root('PUT', `/workspaces/${WORKSPACE}/forms/short`, { title: 'Shorter' }, headers))).events,
        [
      [DOMAIN, ROOT.email, 'admin.form.changed', WORKSPACE, { form: ['short', 'short'], formVersion: [1, 2] }]]);
  });
});

describe('by the operator, whose events have no actor', () => {
  test('each command that changes something', async () => {
    const email = 'kees@example.com';
    const password = makeFile(`${EXAMPLE.password}\n`);
    const expect = async (act, ...expected) => {
      const { result, events } = await added(act);
      /* What an erasure does, it does when it comes to it. */
      assert.deepEqual(events.filter(([, , action]) => action !== 'admin.erased')
        .map(([domain, actor, action]) => [domain, actor, action]).sort(),
        expected.map(([domain, action]) => [domain, null, action]));
      return result;
    };
    await expect(() => command('domain', 'add', 'OPS'), ['OPS', 'admin.domain.created']);
    await expect(() => command('workspace', 'add', 'OPS-TWO-WOR'), ['OPS-TWO', 'admin.domain.created'],
      ['OPS-TWO', 'admin.workspace.created']);
    await expect(() => command('workspace', 'set', 'OPS-TWO-WOR', '--name', 'Two'),
      ['OPS-TWO', 'admin.workspace.changed']);
    await expect(() => command('user', 'add', email, '--domain', 'OPS', '--role', 'member', '--password-file',
      password), ['OPS', 'admin.person.created']);
    await expect(() => command('user', 'disable', email), ['OPS', 'admin.person.changed']);
    await expect(() => command('user', 'enable', email), ['OPS', 'admin.person.changed']);
    await expect(() => command('user', 'reset-link', email), ['OPS', 'admin.link.created']);
    const out = await expect(() => command('client', 'add', 'Ops', '--domain', 'OPS', '--scope', 'task:create'),
      ['OPS', 'admin.client.created']);
    const clientId = /client_id=(\S+)/.exec(out.stdout ?? out)[1];
    const secret = await expect(() => command('client', 'secret', 'add', clientId), ['OPS', 'admin.secret.created']);
    const secretId = /secret_id=(\S+)/.exec(secret.stdout ?? secret)[1];
    await expect(() => command('client', 'secret', 'revoke', clientId, secretId), ['OPS', 'admin.secret.revoked']);
    await expect(() => command('client', 'disable', clientId), ['OPS', 'admin.client.changed']);
    await expect(() => command('form', 'import', 'OPS-TWO-WOR', makeFile('{"name":"ops"}')),
      ['OPS-TWO', 'admin.form.created']);
    await expect(() => command('user', 'erase', email, '--for-good'), ['OPS', 'admin.person.erased']);
  });
});

describe('who reads it', () => {
  const actions = async (who) => (await readAll(server, { as: who, query: { action: 'admin.*' } })).items;

  test('admins all of it, managers that of their domains, others none', async () => {
    const all = await actions(ROOT.email);
    assert.deepEqual([...new Set(all.map(({ domain }) => domain))].sort(),
      ['*', 'ACME', 'EXA', DOMAIN, 'EXA-CON', 'EXA-NEW', 'OPS', 'OPS-TWO'].sort());
    assert.ok((await actions(MANAGER.email)).every(({ domain }) => domain === DOMAIN));
    assert.ok((await actions(MANAGER.email)).length > 0);
    assert.ok((await actions(ALIEN.email)).every(({ domain }) => domain === 'ACME'));
    assert.deepEqual(await actions(EXAMPLE.email), []);
    const client =
      await server.clientToken(await server.addClient(ROOT.email, { scopes: ['task:read'], readAll: [WORKSPACE] }));
    assert.deepEqual((await readAll(server, { token: client, query: { action: 'admin.*' } })).items, []);
    assert.ok(all.every(({ action }) => action.startsWith('admin.')));
  });

  test('an erased person is in none of it', async () => {
    const email = 'gone@example.com';
    await addUser(server.dir, { email, role: 'member', domain: DOMAIN });
    await root('PATCH', `/people/${email}`, { name: 'Gone' }, ANY);
    assert.ok(JSON.stringify(await actions(ROOT.email)).includes(email));
    await root('POST', `/people/${email}/erase`);
    const { until } = await import('../lib/program.mjs');
    await until(async () => !JSON.stringify(await actions(ROOT.email)).includes(email), 'the erasure');
  });
});

test('the history still verifies, by both verifiers', async () => {
  await server.command(['verify']);
  await server.terminate();
  verifyHistory(onPostgres ? databaseUrl(server.dir) : `${server.dir}/bzctrl.db`);
  await server.start();
});

describe('bzctrld events', () => {
  const lines = async (...flags) => (await command('events', ...flags)).trim().split('\n').filter(Boolean);
  const administration = async () => (await readAll(server, { as: ROOT.email, query: { action: 'admin.*' } })).items;
  const bySeq = (a, b) => (a.domain < b.domain ? -1 : a.domain > b.domain ? 1 : a.seq - b.seq);

  test('as JSON lines: what an admin reads, beside a server and without one', async () => {
    const all = (await administration()).sort(bySeq);
    const printed = async () => (await lines('--action', 'admin.*')).map((line) => JSON.parse(line)).sort(bySeq);
    assert.deepEqual(await printed(), all);
    await server.terminate();
    assert.deepEqual(await printed(), all);
    await server.start();
  });

  test('of one domain and those below it, from a time on', async () => {
    const all = await administration();
    const ops = (await lines('--domain', 'ops')).map((line) => JSON.parse(line));
    assert.deepEqual(ops.sort(bySeq), all.filter(({ domain }) => domain.startsWith('OPS')).sort(bySeq));
    const { at } = ops[Math.floor(ops.length / 2)];
    const since = (await lines('--domain', 'OPS', '--since', at)).map((line) => JSON.parse(line));
    assert.deepEqual(since.sort(bySeq), ops.filter((event) => event.at >= at));
    assert.deepEqual(await lines('--since', '2999-01-01'), []);
  });

  test('as CSV, in which nothing is a formula', async () => {
    await root('POST', '/people', { email: '=1+1@example.com', roles: [{ domain: DOMAIN, role: 'viewer' }] });
    const [head, ...rows] = await lines('--csv', '--domain', DOMAIN);
    assert.match(head, /^"domain","seq","at","actor","action","key","changes","version","hash"\r?$/);
    assert.equal(rows.length, (await lines('--domain', DOMAIN)).length);
    for (const row of rows) assert.doesNotMatch(row, /(^|,)"[=+@-]/);
  });

  test('wrong flags', async () => {
    for (const flags of [['--since', 'yesterday'], ['--domain', 'no key'], ['--no-such-flag']])
      await assert.rejects(command('events', ...flags), /exit 64/);
  });
});
