/*
 * Single sign-on: who gets in, with which roles, and how long; and what a provider that lies, is slow or is away
 * can do. tests/api/sso_provider.test.mjs does it with a provider that others have written.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { changeStored, numberStored, onPostgres } from '../lib/database.mjs';
import { makeFile, runBzctrld, runBzctrldOk, until } from '../lib/program.mjs';
import { makeKey, outcome, providerArguments, signToken, startProvider, Visitor } from '../lib/provider.mjs';
import { API, EXAMPLE, WORKSPACE, startServer } from '../lib/server.mjs';

const ADMIN = { email: 'admin@example.com', admin: true };
const MANAGER = { email: 'manager@example.com', role: 'manager', domain: 'EXA-CON' };
const SECRET = 'a secret: with/odd&characters%';
const RULES = `${API}/single-sign-on/rules`;

let provider;
let server;
let rules;
before(async () => {
  provider = await startProvider();
  server = await startServer({
    workspaces: [WORKSPACE, 'ACME-WOR'],
    users: [EXAMPLE, ADMIN, MANAGER],
    args: providerArguments(provider, makeFile(`${SECRET}\n`), ['--sign-in-label', 'Sign in with Example',
      '--sign-in-help', 'Ask the service desk.']),
  });
  rules = {
    members: await makeRule('members', EXAMPLE.domain, 'member'),
    managers: await makeRule('managers', EXAMPLE.domain, 'manager'),
    acme: await makeRule('acme', 'ACME', 'viewer'),
  };
});
after(async () => {
  await server?.stop();
  await provider?.stop();
});
beforeEach(() => provider.reset());

async function makeRule(group, domain, role) {
  const answer = await server.send(ADMIN.email, 'POST', RULES, { group, domain, role });
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
}

let made = 0;
/** Somebody whom nobody has seen yet; they sign in next. */
function newcomer(changes = {}) {
  const id = ++made;
  provider.person = { sub: `subject-${id}`, email: `new${id}@example.com`, email_verified: true, name: `New ${id}`,
    groups: ['members'], ...changes };
  return provider.person;
}

async function signedIn(person = provider.person) {
  provider.person = person;
  const visitor = new Visitor(server);
  const answer = await visitor.signIn();
  assert.equal(answer.status, 200, answer.text);
  return visitor;
}

const personOf = async (email) => {
  const { status, json } = await server.get(`${API}/people/${email}`, { as: ADMIN.email });
  return status === 404 ? null : json;
};
const accounts = () => numberStored(server.dir, 'SELECT COUNT(*) FROM account');
const role = (domain, name) => ({ domain, role: name });

/** Makes all sessions due for their confirmation, and waits until each has had it. */
async function confirmAll() {
  const rounds = () => numberStored(server.dir, "SELECT COALESCE(SUM(attempts), 0) FROM job WHERE id = 33");
  changeStored(server.dir, 'UPDATE provider_session SET due_at = 0');
  changeStored(server.dir, 'UPDATE job SET due_at = 0 WHERE id = 33');
  await until(() => numberStored(server.dir, 'SELECT COUNT(*) FROM provider_session WHERE due_at = 0') === 0,
    'the sessions are confirmed');
  await until(() => numberStored(server.dir, 'SELECT COUNT(*) FROM job WHERE id = 33 AND lease_until = 0') === 1,
    'the job has ended');
  return rounds();
}

describe('signing in', () => {
  test('a new person has all roles of their groups at the first sign-in, and comes where they wanted to', async () => {
    const person = newcomer({ groups: ['members', 'acme', 'unknown'] });
    const visitor = new Visitor(server);
    const answer = await visitor.signIn('/todo/EXA-CON-BUS-WOR-03?x=1&y=%20z');
    assert.equal(answer.status, 200, answer.text);
    const [, url] = /<meta http-equiv="refresh" content="0;url=([^"]*)">/.exec(answer.text);
    assert.equal(url.replaceAll('&amp;', '&'), `${server.url}/app/#/todo/EXA-CON-BUS-WOR-03?x=1&y=%20z`);
    assert.doesNotMatch(answer.text, /<script|style/i);
    assert.match(answer.headers['content-security-policy'], /default-src 'none'/);
    assert.equal(answer.headers['referrer-policy'], 'no-referrer');
    assert.equal(answer.headers['cache-control'], 'no-store');
    const [session, gone] = answer.headers['set-cookie'];
    assert.match(session, /^bzctrl_session=bzst_.*; HttpOnly; .*SameSite=Strict/);
    assert.match(gone, /^bzctrl_sso=;.*Max-Age=0/);

    const { may, ...json } = (await visitor.session()).json;
    assert.deepEqual(may, []);
    json.roles.forEach((held) => delete held.may);
    assert.deepEqual({ ...json, roles: json.roles.sort((a, b) => a.domain.localeCompare(b.domain)) }, {
      email: person.email, name: person.name, admin: false, singleSignOn: true,
      roles: [role('ACME', 'viewer'), role(EXAMPLE.domain, 'member')] });
    const { roles, groupRoles } = await personOf(person.email);
    assert.deepEqual(roles, []);
    assert.equal(groupRoles.length, 2);
  });

  test('what goes to the provider: PKCE, a state and a nonce, and the secret in the header alone', async () => {
    newcomer();
    const start = await new Visitor(server).get('/app/sso/start');
    const asked = new URL(start.headers.location).searchParams;
    assert.equal(asked.get('response_type'), 'code');
    assert.equal(asked.get('code_challenge_method'), 'S256');
    assert.equal(asked.get('client_id'), 'bzctrl');
    assert.equal(asked.get('redirect_uri'), `${server.url}/app/sso/callback`);
    assert.equal(asked.get('scope'), 'openid email profile');
    for (const name of ['state', 'nonce', 'code_challenge']) assert.match(asked.get(name), /^[\w-]{43}$/);
    assert.equal(new Set(['state', 'nonce', 'code_challenge'].map((name) => asked.get(name))).size, 3);
    assert.match(start.headers['set-cookie'][0], /; HttpOnly; Max-Age=600; SameSite=Lax/);

    await signedIn();
    const { headers, body } = provider.requests.findLast(({ path }) => path === '/token');
    const [user, password] = Buffer.from(headers.authorization.split(' ')[1], 'base64').toString().split(':');
    assert.deepEqual([user, decodeURIComponent(password)], ['bzctrl', SECRET]);
    assert.match(new URLSearchParams(body).get('code_verifier'), /^[\w-]{43}$/);
    assert.equal(new URLSearchParams(body).get('client_secret'), null);
  });

  test('a provider that wants the secret in the body gets it there', async () => {
    const own = await startProvider();
    own.twist.description = { token_endpoint_auth_methods_supported: ['client_secret_post'] };
    const other = await startServer({ users: [ADMIN],
      args: providerArguments(own, makeFile(`${SECRET}\n`)) });
    try {
      own.person = { sub: 'a', email: ADMIN.email, email_verified: true };
      assert.equal((await new Visitor(other).signIn()).status, 200);
      const { headers, body } = own.requests.findLast(({ path }) => path === '/token');
      assert.equal(headers.authorization, undefined);
      assert.equal(new URLSearchParams(body).get('client_secret'), SECRET);
    } finally {
      await other.stop();
      await own.stop();
    }
  });

  test('no role, no account; and nobody becomes an admin by a group', async () => {
    const before = accounts();
    newcomer({ groups: [] });
    assert.equal(await new Visitor(server).refused(), 'no-role');
    newcomer({ groups: ['admin', 'admins', 'administrators'] });
    assert.equal(await new Visitor(server).refused(), 'no-role');
    newcomer({ groups: undefined });
    assert.equal(await new Visitor(server).refused(), 'no-role');
    assert.equal(accounts(), before);
    for (const wrong of ['admin', 'none', ''])
      assert.equal((await server.send(ADMIN.email, 'POST', RULES,
        { group: 'x', domain: EXAMPLE.domain, role: wrong })).status, 422);
    assert.equal((await server.request('GET', '/app/config.json')).json.singleSignOn.help, 'Ask the service desk.');
  });

  test('a first sign-in needs an address that the provider has verified', async () => {
    for (const changes of [{ email_verified: undefined }, { email_verified: false }, { email_verified: 'true' },
      { email_verified: 1 }, { email: undefined }, { email: 'no address' }, { email: ['a@example.com'] }]) {
      const before = accounts();
      newcomer({ preferred_username: EXAMPLE.email, upn: EXAMPLE.email, ...changes });
      assert.equal(await new Visitor(server).refused(), 'unverified', JSON.stringify(changes));
      assert.equal(accounts(), before);
    }
    assert.deepEqual((await personOf(EXAMPLE.email)).groupRoles, []);
  });

  test('groups, name and address may come from the userinfo endpoint, if it speaks of the same person', async () => {
    const { sub, ...rest } = newcomer({ groups: ['acme'] });
    provider.person = { sub };
    provider.twist.userinfo = { sub: 'somebody else', ...rest };
    assert.equal(await new Visitor(server).refused(), 'refused');
    provider.twist.userinfo = { sub, ...rest };
    const visitor = await signedIn({ sub });
    assert.deepEqual((await visitor.session()).json.roles.map(({ may, ...held }) => held), [role('ACME', 'viewer')]);
  });

  test('signing out ends the session here, and leads to the provider', async () => {
    newcomer();
    const visitor = await signedIn();
    const out = await server.request('DELETE', '/app/session',
      { headers: { cookie: `bzctrl_session=${visitor.cookies.get('bzctrl_session')}`, origin: server.url } });
    assert.equal(out.status, 204);
    assert.equal((await visitor.session()).status, 401);
    const there = new URL((await visitor.get('/app/sso/sign-out')).headers.location);
    assert.equal(there.origin + there.pathname, `${provider.issuer}/end`);
    assert.equal(there.searchParams.get('client_id'), 'bzctrl');
    assert.equal(there.searchParams.get('post_logout_redirect_uri'), `${server.url}/app/`);
  });
});

describe('whose account it is', () => {
  test('an account made by hand is bound at the first sign-in, keeps its roles, and its subject stays', async () => {
    const person = newcomer({ groups: ['acme'] });
    await server.send(ADMIN.email, 'POST', `${API}/people`,
      { email: person.email, name: 'By hand', roles: [role(EXAMPLE.domain, 'viewer')] });
    await signedIn({ ...person, email: person.email.toUpperCase() });
    const bound = await personOf(person.email);
    assert.equal(bound.name, 'By hand');
    assert.deepEqual(bound.roles, [role(EXAMPLE.domain, 'viewer')]);
    assert.deepEqual(bound.groupRoles, [role('ACME', 'viewer')]);

    /* The address changes at the provider; the account is the same, also when nobody has verified it. */
    const renamed = { ...person, email: 'other-name@example.com', email_verified: false };
    assert.equal((await (await signedIn(renamed)).session()).json.email, person.email);
    assert.equal(await personOf('other-name@example.com'), null);

    /* Somebody else gets the address there: the account stays whose it is. */
    provider.person = { ...person, sub: 'another subject' };
    assert.equal(await new Visitor(server).refused(), 'taken');
  });

  test('a disabled account stays outside, and one that is erased is forgotten', async () => {
    const person = newcomer();
    const visitor = await signedIn();
    const patch = (body) => server.send(ADMIN.email, 'PATCH', `${API}/people/${person.email}`, body,
      { headers: { 'if-match': '*' } });
    await patch({ disabled: true });
    assert.equal((await visitor.session()).status, 401);
    assert.equal(await new Visitor(server).refused(), 'disabled');
    assert.equal((await server.send(ADMIN.email, 'POST', `${API}/people/${person.email}/erase`)).status, 202);
    assert.equal(numberStored(server.dir, `SELECT COUNT(*) FROM identity WHERE subject = '${person.sub}'`), 0);

    /* Somebody new has the address once nothing is left to be erased, which would take it from them too. */
    const left = () => numberStored(server.dir, 'SELECT COUNT(*) FROM erasure');
    await until(() => left() === 0, 'the account is erased');
    changeStored(server.dir, `UPDATE job SET due_at = 9000000000000 WHERE kind = 'person erasure';
      INSERT INTO erasure (account_id, email, stage, after)
      SELECT MAX(id), '${person.email}', 0, 0 FROM account WHERE email LIKE 'erased-%'`);
    const before = accounts();
    assert.equal(await new Visitor(server).refused(), 'erasing');
    assert.equal(accounts(), before);
    changeStored(server.dir, "UPDATE job SET due_at = 0 WHERE kind = 'person erasure'");
    await until(() => left() === 0, 'nothing is left to be erased');
    await signedIn();
    assert.deepEqual((await personOf(person.email)).groupRoles, [role(EXAMPLE.domain, 'member')]);
  });

  test('who knows the password of an account gains nothing by the groups of its owner', async () => {
    const person = newcomer({ groups: ['acme'] });
    await server.send(MANAGER.email, 'POST', `${API}/people`,
      { email: person.email, roles: [role(EXAMPLE.domain, 'viewer')] });
    const link = await server.send(MANAGER.email, 'POST', `${API}/people/${person.email}/password-reset`);
    const token = link.json.link.split('/').at(-1);
    const password = 'known to the manager';
    assert.equal((await server.request('POST', '/app/password-reset',
      { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token, password }) })).status, 204);
    const grant = () => server.grant({ grant_type: 'password', username: person.email, password });
    assert.equal((await grant()).status, 200);
    await signedIn();
    assert.equal((await grant()).status, 400);
  });
});

describe('roles by groups', () => {
  test('a group that is taken away takes its role at the next sign-in; what was given by hand stays', async () => {
    const person = newcomer({ groups: ['members', 'managers', 'acme'] });
    await signedIn();
    assert.deepEqual((await personOf(person.email)).groupRoles.find(({ domain }) => domain === EXAMPLE.domain),
      role(EXAMPLE.domain, 'manager'));
    const patched = await server.send(ADMIN.email, 'PATCH', `${API}/people/${person.email}`,
      { roles: [role(EXAMPLE.domain, 'viewer')] }, { headers: { 'if-match': '*' } });
    assert.equal(patched.status, 200, patched.text);
    assert.equal(patched.json.groupRoles.length, 2);

    const visitor = await signedIn({ ...person, groups: ['acme'] });
    const now = await personOf(person.email);
    assert.deepEqual(now.roles, [role(EXAMPLE.domain, 'viewer')]);
    assert.deepEqual(now.groupRoles, [role('ACME', 'viewer')]);
    assert.equal((await visitor.session()).json.roles.length, 2);

    await server.send(ADMIN.email, 'PATCH', `${API}/people/${person.email}`, { roles: [] },
      { headers: { 'if-match': '*' } });
    assert.deepEqual((await personOf(person.email)).groupRoles, [role('ACME', 'viewer')]);
  });

  test('a rule that is removed takes its roles at once, and one that is made gives them at the next sign-in',
    async () => {
      const person = newcomer({ groups: ['passing'] });
      assert.equal(await new Visitor(server).refused(), 'no-role');
      const rule = await makeRule('passing', EXAMPLE.domain, 'viewer');
      const visitor = await signedIn();
      const listed = (await server.get(RULES, { as: ADMIN.email })).json.items.find(({ id }) => id === rule.id);
      assert.deepEqual(listed, { ...rule, people: 1 });
      assert.equal((await visitor.call('GET', '/tasks')).status, 200);
      const read = () => server.get(`${API}/people/${person.email}`, { as: ADMIN.email });
      const before = await read();
      assert.deepEqual(before.json.groupRoles, [role(EXAMPLE.domain, 'viewer')]);
      assert.equal((await server.send(ADMIN.email, 'DELETE', `${RULES}/${rule.id}`)).status, 204);
      const now = await read();
      assert.deepEqual(now.json.groupRoles, []);
      assert.notEqual(now.headers.etag, before.headers.etag, 'a change of the old version would be refused');
      await runBzctrldOk(['verify', '--data', server.dir]);
      assert.deepEqual((await personOf(person.email)).groupRoles, []);
      assert.deepEqual((await visitor.session()).json.roles, []);
      assert.equal((await server.send(ADMIN.email, 'DELETE', `${RULES}/${rule.id}`)).status, 404);
    });

  test('rules are for admins, are judged, and are in the history', async () => {
    for (const as of [EXAMPLE, MANAGER])
      for (const [method, path, body] of [['GET', RULES], ['POST', RULES, {}], ['DELETE', `${RULES}/1`],
        ['GET', `${API}/single-sign-on`], ['POST', `${API}/single-sign-on/test`, {}]])
        assert.equal((await server.send(as.email, method, path, body)).status, 403, `${method} ${path}`);
    const bad = await server.send(ADMIN.email, 'POST', RULES, { group: ' ', domain: 'NOWHERE', role: 'admin' });
    assert.deepEqual(bad.json.errors.map(({ pointer, code }) => `${pointer} ${code}`).sort(),
      ['/domain unknown_domain', '/group required', '/role not_an_option']);
    assert.equal((await server.send(ADMIN.email, 'POST', RULES,
      { group: 'members', domain: EXAMPLE.domain, role: 'viewer' })).status, 409);
    const { items } = (await server.get(`${API}/changes?action=admin.*&limit=200`, { as: ADMIN.email })).json;
    const event = items.find(({ action, changes }) =>
      action === 'admin.groupRule.created' && changes.group[1] === 'acme');
    assert.equal(event.domain, 'ACME');
    assert.equal(event.actor, ADMIN.email);
    const { changes, actor } = items.find(({ action, changes: c }) =>
      action === 'admin.person.created' && c.signsInAt);
    assert.equal(changes.signsInAt[1], provider.issuer);
    assert.equal(actor, changes.person[1]);
    assert.ok(changes.groupRole[1]);
  });
});

describe('what is shown of the settings', () => {
  test('the file with the secret is named, and what is in it is shown nowhere', async () => {
    const { json, text } = await server.get(`${API}/settings`, { as: ADMIN.email });
    const setting = (name) => json.items.find((item) => item.name === name).value;
    assert.match(setting('oidc-client-secret-file'), /^\//);
    assert.equal(setting('oidc-issuer'), provider.issuer);
    for (const shown of [text, (await server.get(`${API}/single-sign-on`, { as: ADMIN.email })).text,
      (await server.request('GET', '/app/config.json')).text, server.log])
      assert.ok(!shown.includes(SECRET));
  });

  test('a password in the address of the provider is refused', async () => {
    const { code, stdout } = await runBzctrld(['config', '--oidc-issuer', 'https://user:hunter2@login.example.com',
      '--oidc-client-id', 'a', '--oidc-client-secret-file', '/a']);
    assert.equal(code, 64);
    assert.equal(stdout, '');
  });
});

describe('confirming a session again', () => {
  test('roles change with the groups, and the token for the next time is kept', async () => {
    const person = newcomer({ groups: ['members', 'acme'] });
    const visitor = await signedIn();
    provider.person = { ...person, groups: ['acme'] };
    await confirmAll();
    assert.deepEqual((await visitor.session()).json.roles.map(({ may, ...held }) => held), [role('ACME', 'viewer')]);
    provider.person = { ...person, groups: ['acme', 'managers'] };
    await confirmAll(); /* with the second refresh token: the first is used up */
    assert.equal((await visitor.session()).json.roles.length, 2);
  });

  test('a token that comes before something else fails is kept: the one before it is used up', async () => {
    const { groups, ...person } = newcomer({ groups: ['acme'] });
    const visitor = await signedIn();
    /* Now the groups come from the userinfo endpoint alone, which fails once. */
    provider.person = person;
    provider.twist.answers = { '/userinfo': (response) => void response.writeHead(503).end('{}') };
    const logged = server.log.length;
    await confirmAll();
    await until(() => /could not be confirmed/.test(server.log.slice(logged)), 'the log says so');
    provider.twist = { userinfo: { sub: person.sub, groups } };
    await confirmAll();
    assert.equal((await visitor.session()).status, 200);
  });

  test('a token that comes before the store fails is kept too', { skip: onPostgres && 'its trigger is SQLite\'s' },
    async () => {
      const person = newcomer({ groups: ['acme'] });
      const visitor = await signedIn();
      const stored = () =>
        numberStored(server.dir, "SELECT COUNT(*) FROM event WHERE action = 'admin.person.changed'");
      changeStored(server.dir,
        "CREATE TRIGGER no_room BEFORE INSERT ON group_member BEGIN SELECT RAISE(ABORT, 'no room'); END");
      provider.person = { ...person, groups: ['acme', 'managers'] };
      const before = stored();
      try {
        await confirmAll();
      } finally {
        changeStored(server.dir, 'DROP TRIGGER no_room');
      }
      assert.equal(stored(), before);
      await confirmAll();
      assert.equal((await visitor.session()).json.roles.length, 2);
    });

  test('who is disabled at the provider loses the session', async () => {
    const { sub } = newcomer();
    const visitor = await signedIn();
    await confirmAll();
    assert.equal((await visitor.session()).status, 200);
    provider.disabled.add(sub);
    await confirmAll();
    await until(async () => (await visitor.session()).status === 401, 'the session has ended');
  });

  test('without a refresh token the session ends when it is due', async () => {
    newcomer();
    provider.twist.refresh = false;
    const visitor = await signedIn();
    assert.equal((await visitor.session()).status, 200);
    await confirmAll();
    await until(async () => (await visitor.session()).status === 401, 'the session has ended');
  });

  test('while the provider is away sessions go on for a day, and nobody can sign in', async () => {
    newcomer();
    const visitor = await signedIn();
    await provider.away(async () => {
      await confirmAll();
      assert.equal((await visitor.session()).status, 200);
      await until(() => /could not be confirmed/.test(server.log), 'the log says so');
      changeStored(server.dir, 'UPDATE provider_session SET checked_at = checked_at - 86400000');
      await confirmAll();
      await until(async () => (await visitor.session()).status === 401, 'the session has ended');
    });
  });

  test('an answer about somebody else confirms nothing', async () => {
    newcomer();
    const visitor = await signedIn();
    provider.twist.claims = (claims) => ({ ...claims, sub: 'subject-1' });
    await confirmAll();
    await until(() => /is about somebody else/.test(server.log), 'the log says so');
    assert.equal((await visitor.session()).status, 200); /* for a day, as if it were away */
  });
});

test('what somebody types as an address does not hold up the sign-ins of a network', async () => {
  newcomer();
  const visitor = new Visitor(server);
  const body = JSON.stringify({ email: `answers ${visitor.address}`, password: 'x' });
  const back = await visitor.fetchAnswer();
  const statuses = [];
  for (let i = 0; i < 12; i++)
    statuses.push((await server.request('POST', '/app/session', { headers: { 'content-type': 'application/json' },
      body })).status);
  assert.deepEqual([...new Set(statuses)], [401, 429]);
  assert.equal((await visitor.get(back)).status, 200);
});

test('who waits for a provider that says nothing does not ask it once more', async () => {
  const path = '/.well-known/openid-configuration';
  await server.restart(); /* and knows nothing of it */
  provider.twist.answers = { [path]: () => {} };
  const before = provider.asked(path);
  const starts = await Promise.all([1, 2, 3].map(() => new Visitor(server).get('/app/sso/start')));
  assert.deepEqual(starts.map(outcome), Array(3).fill('unavailable'));
  assert.equal(provider.asked(path) - before, 1);
  provider.reset();
  await server.restart(); /* which asks at once, not after a while */
});

describe('a stop does not wait for a provider that says nothing', () => {
  /* Its answer would be waited for until a time-out, which the log would name. */
  const brokenOff = /this server is stopping/;
  async function stopWhile(path, begin) {
    provider.twist.answers = { [path]: () => {} };
    const [asked, logged] = [provider.asked(path), server.log.length];
    const begun = begin();
    await until(() => provider.asked(path) > asked, 'the question');
    await server.terminate();
    assert.match(server.log.slice(logged), brokenOff);
    provider.reset();
    const answer = await begun;
    await server.start();
    return answer;
  }

  test('while somebody signs in, who is asked to try again', async () => {
    newcomer();
    const visitor = new Visitor(server);
    const back = await visitor.fetchAnswer();
    assert.equal(outcome(await stopWhile('/token', () => visitor.get(back))), 'unavailable');
  });

  test('while a session is confirmed, which stays, also if its last confirmation is long ago', async () => {
    newcomer();
    const visitor = await signedIn();
    await stopWhile('/token', () => changeStored(server.dir,
      'UPDATE provider_session SET due_at = 0, checked_at = checked_at - 86400000 WHERE family_id ='
      + ' (SELECT MAX(family_id) FROM provider_session); UPDATE job SET due_at = 0 WHERE id = 33'));
    assert.equal((await visitor.session()).status, 200);
  });
});

describe('a provider that lies', () => {
  const now = () => Math.floor(Date.now() / 1000);
  const stranger = makeKey('first');
  const lies = {
    'a wrong nonce': { claims: (c) => ({ ...c, nonce: 'another' }) },
    'no nonce': { claims: (c) => ({ ...c, nonce: undefined }) },
    'no signature': { header: { alg: 'none' } },
    'no signature, in capitals': { token: (text) => text.replace(/^[^.]+/, Buffer.from('{"alg":"NONE"}')
      .toString('base64url')) },
    'the public key as a secret': { header: { alg: 'HS256' } },
    'an expired token': { claims: (c) => ({ ...c, iat: now() - 900, exp: now() - 120 }) },
    'a token without an end': { claims: (c) => ({ ...c, exp: undefined }) },
    'an end that is a text': { claims: (c) => ({ ...c, exp: `${now() + 300}` }) },
    'a token of tomorrow': { claims: (c) => ({ ...c, iat: now() + 86400, exp: now() + 90000 }) },
    'a token that is not valid yet': { claims: (c) => ({ ...c, nbf: now() + 3600 }) },
    'a foreign audience': { claims: (c) => ({ ...c, aud: 'another' }) },
    'an audience of several, for another party': { claims: (c) => ({ ...c, aud: ['bzctrl', 'other'], azp: 'other' }) },
    'an audience of several, for nobody': { claims: (c) => ({ ...c, aud: ['bzctrl', 'other'] }) },
    'another party': { claims: (c) => ({ ...c, azp: 'other' }) },
    'a wrong issuer': { claims: (c) => ({ ...c, iss: 'https://login.example.com' }) },
    'no subject': { claims: (c) => ({ ...c, sub: undefined }) },
    'a subject that is too long': { claims: (c) => ({ ...c, sub: 'x'.repeat(256) }) },
    'an unknown key': { key: makeKey('unknown') },
    'a key of the same name': { key: stranger },
    'a changed payload': { token: (text) => text.replace(/\.[^.]+\./,
      `.${Buffer.from(JSON.stringify({ sub: 'admin' })).toString('base64url')}.`) },
    'critical headers': { header: { crit: ['exp'], exp: 1 } },
    'a claim twice': { token: () => signToken(provider.keys[0], {}).replace(/\.[^.]+\./,
      `.${Buffer.from('{"sub":"a","sub":"b"}').toString('base64url')}.`) },
    'two parts': { token: (text) => text.split('.').slice(0, 2).join('.') },
    'four parts': { token: (text) => `${text}.x` },
    'no token': { token: () => '' },
    'a token that is a number': { token: () => 17 },
    'garbage': { token: () => 'ü.\u0000.\ud800' },
    'a huge token': { token: (text) => text + 'A'.repeat(100_000) },
    'an answer of another issuer': { callback: (p) => ({ ...p, iss: 'https://login.example.com' }) },
    'an answer without an issuer': { callback: ({ iss, ...p }) => p },
    'a code that nobody has given': { callback: (p) => ({ ...p, code: 'made up' }) },
    'another error': { callback: ({ state }) => ({ state, error: 'server_error' }) },
  };
  for (const [name, twist] of Object.entries(lies))
    test(`${name} lets nobody in`, async () => {
      const before = accounts();
      newcomer();
      provider.twist = twist;
      const visitor = new Visitor(server);
      assert.equal(await visitor.refused(), 'refused');
      assert.equal(visitor.cookies.size, 0);
      assert.equal(accounts(), before);
    });

  const answers = {
    'an answer that is too large': (response, [status, body]) => response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ ...body, padding: 'x'.repeat(200_000) })),
    'a redirect': (response) => response.writeHead(302, { location: `${provider.issuer}/jwks` }).end(),
    'an error of its own': (response) => response.writeHead(500).end('{}'),
    'garbage': (response) => response.writeHead(200).end('<html>\u0000'),
    'half an answer': (response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('{');
      response.destroy();
    },
  };
  for (const [name, answer] of Object.entries(answers))
    test(`${name} lets nobody in, and does no harm`, async () => {
      newcomer();
      provider.twist.answers = { '/token': answer };
      assert.match(await new Visitor(server).refused(), /^(refused|unavailable)$/);
      provider.twist = {};
      await signedIn();
    });

  test('a provider that takes its time holds up nobody else', async () => {
    newcomer();
    let release;
    const held = new Promise((resolve) => (release = resolve));
    provider.twist.answers = { '/token': (response, [status, body]) =>
      void held.then(() => response.writeHead(status).end(JSON.stringify(body))) };
    const slow = new Visitor(server).signIn();
    await until(() => provider.asked('/token') > 0, 'the provider is asked');
    assert.equal((await server.get(`${API}/tasks`)).status, 200);
    assert.equal((await server.addTask({ todoType: 'TASK', domainWorkSpace: WORKSPACE, title: 'T', description: 'D',
      reporter: EXAMPLE.email, orderID: '1' })).status, 201);
    release();
    assert.equal((await slow).status, 200);
  });

  test('all algorithms that prove something are accepted: RSA, RSA-PSS and elliptic curves', async () => {
    const [rsa] = provider.keys;
    const ec = makeKey('curve', 'ec');
    provider.keys = [rsa, ec];
    try {
      for (const [key, alg] of [[rsa, 'RS512'], [rsa, 'PS256'], [ec, 'ES256']]) {
        newcomer();
        provider.twist = { key, header: { alg } };
        if (key === ec)
          await until(async () => (await new Visitor(server).signIn()).status === 200, 'the new key is known', 60_000);
        else
          await signedIn();
      }
      newcomer();
      provider.twist = { key: ec, header: { alg: 'ES256', kid: 'first' } };
      assert.equal(await new Visitor(server).refused(), 'refused');
    } finally {
      provider.keys = [rsa];
    }
  });
});

describe('what comes back must be what this browser has asked for', () => {
  test('an answer without the cookie, with that of another browser, or with another state is refused', async () => {
    newcomer();
    const victim = new Visitor(server);
    const attacker = new Visitor(server);
    const answer = await attacker.fetchAnswer();
    assert.equal(outcome(await victim.get(answer)), 'expired');
    await victim.fetchAnswer();
    assert.equal(outcome(await victim.get(answer)), 'expired');
    for (const changed of [answer.replace(/state=[^&]+/, 'state='), answer.replace(/state=[^&]+&?/, ''),
      `${answer}&state=x`])
      assert.equal(outcome(await new Visitor(server).get(changed)), 'expired');
    assert.equal(provider.asked('/token'), 0);
  });

  test('an answer is used once', async () => {
    newcomer();
    const visitor = new Visitor(server);
    const answer = await visitor.fetchAnswer();
    const cookies = new Map(visitor.cookies);
    assert.equal((await visitor.get(answer)).status, 200);
    assert.equal(outcome(await visitor.get(answer)), 'expired');
    const again = new Visitor(server);
    again.cookies = cookies; /* a cookie that was kept does not help: the code is used up */
    assert.equal(outcome(await again.get(answer)), 'refused');
  });

  test('who makes up codes soon waits, and asks the provider no more; others sign in', async () => {
    newcomer();
    const visitor = new Visitor(server);
    const said = [];
    for (let i = 0; i < 10; i++)
      said.push(outcome(await visitor.get((await visitor.fetchAnswer()).replace(/code=[^&]+/, 'code=made-up'))));
    assert.deepEqual(new Set(said), new Set(['refused', 'throttled']));
    assert.ok(provider.asked('/token') < 10);
    const logged = server.log.length;
    assert.equal(outcome(await visitor.get(await visitor.fetchAnswer())), 'throttled');
    assert.match(server.log.slice(logged), /too many wrong answers have come from/);
    await signedIn();
  });

  test('who cancels at the provider comes back to the sign-in page', async () => {
    newcomer();
    provider.twist.callback = ({ state }) => ({ state, error: 'access_denied', error_description: '<b>no</b>' });
    const answer = await new Visitor(server).signIn('/todo/X');
    assert.equal(outcome(answer), 'cancelled');
    assert.equal(answer.headers.location, `${server.url}/app/?sign-in=cancelled#/todo/X`);
  });

  test('no address leads anywhere but into the app', async () => {
    for (const to of ['//evil.example.com', 'https://evil.example.com', 'javascript:alert(1)', '/"><script>',
      '/\r\nSet-Cookie: a=b', '\\\\evil', '/;url=https://evil.example.com', `/${'x'.repeat(2000)}`, '']) {
      newcomer();
      const answer = await new Visitor(server).signIn(to);
      assert.equal(answer.status, 200);
      const urls = [...answer.text.matchAll(/(?:url=|href=")([^"]*)"/g)].map(([, url]) => url);
      assert.equal(urls.length, 2);
      for (const url of urls) {
        assert.ok(url.startsWith(`${server.url}/app/#/`), url);
        assert.doesNotMatch(url, /[<>"';\s]/);
      }
    }
  });
});

describe("an admin's test", () => {
  test('it shows claims, groups and the roles that would follow, and changes nothing', async () => {
    const person = newcomer({ groups: ['members', 'elsewhere'], custom: { a: [1] } });
    const before = accounts();
    const start = await server.send(ADMIN.email, 'POST', `${API}/single-sign-on/test`, { to: '/workshop' });
    assert.equal(start.status, 201, start.text);
    assert.equal((await server.get(`${API}/single-sign-on/test`, { as: ADMIN.email })).status, 404);
    const visitor = new Visitor(server);
    visitor.keep(start);
    const back = await visitor.get(await visitor.follow(start.json.url));
    assert.equal(outcome(back), 'tested');
    assert.match(back.headers.location, /#\/workshop$/);
    assert.equal(visitor.cookies.size, 0);
    const { json } = await server.get(`${API}/single-sign-on/test`, { as: ADMIN.email });
    const { claims, ...rest } = json;
    assert.deepEqual(claims.custom, { a: [1] });
    assert.deepEqual(rest, { outcome: 'right', account: person.email, newAccount: true, issuer: provider.issuer,
      subject: person.sub, email: person.email, emailVerified: true, name: person.name, refreshToken: true,
      groups: ['members', 'elsewhere'], roles: [{ ...role(EXAMPLE.domain, 'member'), origin: 'group' }],
      userinfo: null });
    assert.equal(accounts(), before);
    assert.equal(numberStored(server.dir, `SELECT COUNT(*) FROM identity WHERE subject = '${person.sub}'`), 0);
  });

  test('a test that no admin has begun is kept for nobody', async () => {
    newcomer();
    const visitor = new Visitor(server);
    const answer = await visitor.fetchAnswer();
    visitor.cookies.set('bzctrl_sso', visitor.cookies.get('bzctrl_sso').replace('.s.', '.t.'));
    assert.equal(outcome(await visitor.get(answer)), 'expired');
  });
});

test('a server without a provider says so', async () => {
  const plain = await startServer({ users: [ADMIN] });
  try {
    for (const path of ['start', 'callback', 'sign-out'])
      assert.equal((await plain.request('GET', `/app/sso/${path}`)).status, 404);
    const config = (await plain.request('GET', '/app/config.json')).json;
    assert.deepEqual([config.passwords, config.singleSignOn], [true, null]);
    assert.equal((await plain.get(`${API}/single-sign-on`, { as: ADMIN.email })).json.issuer, null);
    assert.equal((await plain.send(ADMIN.email, 'POST', `${API}/single-sign-on/test`, {})).status, 409);
  } finally {
    await plain.stop();
  }
});

test('--local-passwords off: a password lets in an admin who has it from the operator, and nobody else', async () => {
  const strict = await startServer({ users: [EXAMPLE, ADMIN],
    args: providerArguments(provider, makeFile(`${SECRET}\n`), ['--local-passwords', 'off']) });
  try {
    const grant = (username) =>
      strict.grant({ grant_type: 'password', username, password: EXAMPLE.password });
    const open = (email) => strict.request('POST', '/app/session', {
      headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email, password: EXAMPLE.password }) });
    assert.equal((await grant(EXAMPLE.email)).status, 400);
    assert.equal((await open(EXAMPLE.email)).status, 401);
    assert.equal((await grant(ADMIN.email)).status, 200);
    assert.equal((await open(ADMIN.email)).status, 200);
    assert.equal((await strict.send(ADMIN.email, 'POST', `${API}/people/${EXAMPLE.email}/password-reset`)).status, 409);
    assert.equal((await strict.request('GET', '/app/config.json')).json.passwords, false);
    provider.person = { sub: 'example', email: EXAMPLE.email, email_verified: true };
    assert.equal((await new Visitor(strict).signIn()).status, 200);
  } finally {
    await strict.stop();
  }
});
