/*
 * Nobody gets into a domain by knowing the password of an account that somebody else gives a role
 * there (model/right.h, right_vouched()).
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changeStored } from '../lib/database.mjs';
import { makeFile, runBzctrld } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';

const DOMAINS = ['EXA', 'EXA-CON', 'EXA-CON-BUS', 'ACME'];
const ADMIN = { email: 'admin@example.com', admin: true };
const manager = (domain) => `manager.${domain.toLowerCase()}@example.com`;
const KNOWN = 'kn0wn to the maker';
const NEXT = 'An0ther password ✓';

let server;
before(async () => {
  server = await startServer({
    workspaces: DOMAINS.map((domain) => `${domain}-WS`),
    users: [EXAMPLE, ADMIN, ...DOMAINS.map((domain) => ({ email: manager(domain), role: 'manager', domain }))],
    args: ['--trusted-proxy', '127.0.0.1'],
  });
});
after(() => server.stop());

let made = 0;
const role = (domain, name = 'manager') => ({ domain, role: name });
const at = (email, more = '') => `${API}/people/${encodeURIComponent(email)}${more}`;
const post = (as, body) => server.send(as, 'POST', `${API}/people`, body);
const patch = (as, email, changes) => server.send(as, 'PATCH', at(email), changes, { headers: { 'if-match': '*' } });
const get = async (as, email) => (await server.get(at(email), { as })).json;
const elsewhere = () => ({ 'x-forwarded-for': `198.51.${++made >> 8}.${made & 255}` });
const asJson = (body) =>
  ({ headers: { 'content-type': 'application/json', ...elsewhere() }, body: JSON.stringify(body) });

const makeLink = (as, email) => server.send(as, 'POST', at(email, '/password-reset'));
const take = (link, password) =>
  server.request('POST', '/app/password-reset', asJson({ token: link.split('/').at(-1), password }));
const signIn = (email, password) =>
  server.grant({ grant_type: 'password', username: email, password }, { headers: elsewhere() });

async function linkBy(as, email) {
  const answer = await makeLink(as, email);
  assert.equal(answer.status, 201, answer.text);
  return answer.json.link;
}

async function tokenOf(email, password) {
  const answer = await signIn(email, password);
  assert.equal(answer.status, 200, answer.text);
  return answer.json.access_token;
}

/** The workspaces that a token shows; none for one that is good no more. */
async function seen(token) {
  const answer = await server.request('GET', `${API}/workspaces`, { token });
  return answer.status === 401 ? [] : answer.json.items.map(({ key }) => key);
}

/** Somebody whom `maker` made, with a role on `domain` and the password that `how` names:
 * {email, password, token, link}, whichever there are. */
async function make(maker, domain, how) {
  const email = `person${++made}@example.com`;
  assert.equal((await post(maker, { email, roles: [role(domain, 'member')] })).status, 201);
  const link = await linkBy(maker, email);
  if (how === 'none') return { email, link };
  assert.equal((await take(link, KNOWN)).status, 204);
  let token = await tokenOf(email, KNOWN);
  if (how === 'maker') return { email, password: KNOWN, token };
  /* The person's own: but it may be the maker who changes it, signed in as the person. */
  const own = `${KNOWN} by self`;
  const changed =
    await server.request('POST', `${API}/people/me/password`, { token, ...asJson({ current: KNOWN, new: own }) });
  assert.equal(changed.status, 204, changed.text);
  token = await tokenOf(email, own);
  return { email, password: own, token };
}

/** As the giver's app does it: somebody whom the giver sees is changed, anybody else is added. */
async function give(giver, email, domain, name = 'manager') {
  const found = await server.get(at(email), { as: giver });
  if (found.status !== 200) return post(giver, { email, name: 'Somebody Else', roles: [role(domain, name)] });
  const roles = found.json.roles.filter((held) => held.domain !== domain);
  return patch(giver, email, { roles: [...roles, role(domain, name)] });
}

/** All that the maker could have kept leads to nothing. */
async function assertOut({ email, password, token, link }) {
  if (token) assert.deepEqual(await seen(token), [], 'the sign-in has ended');
  if (password) assert.equal((await signIn(email, password)).status, 400, 'the password is gone');
  if (link) assert.equal((await take(link, NEXT)).status, 404, 'the link is void');
}

/** The giver makes a link, and the person has the role. */
async function assertLetIn(giver, email, domain) {
  assert.equal((await take(await linkBy(giver, email), NEXT)).status, 204);
  assert.ok((await seen(await tokenOf(email, NEXT))).includes(`${domain}-WS`));
}

const covers = (above, domain) => domain === above || domain.startsWith(`${above}-`);

describe('a role that another gives', () => {
  const givers = [...DOMAINS.map((domain) => [manager(domain), domain]), [ADMIN.email, 'EXA'], [ADMIN.email, 'ACME']];
  for (const maker of DOMAINS)
    for (const [giver, domain] of givers)
      for (const how of ['maker', 'self', 'none'])
        test(`made in ${maker}, password ${how}, ${domain} given by ${giver}`, async () => {
          const person = await make(manager(maker), maker, how);
          const answer = await give(giver, person.email, domain);
          const managed = covers(maker, domain);
          const vouched = how === 'none' || managed;
          const over = giver === ADMIN.email || covers(domain, maker);
          if (!vouched && !over) {
            /* Neither may the giver end what the person is signed in with elsewhere. */
            assert.equal(answer.status, 409, answer.text);
            assert.match(answer.json.detail, /admin/);
            const own = DOMAINS.filter((each) => covers(maker, each)).map((each) => `${each}-WS`);
            assert.deepEqual(new Set(await seen(person.token)), new Set(own));
            assert.equal((await makeLink(giver, person.email)).status, 404);
            return;
          }
          assert.equal(answer.status, 200, answer.text);
          assert.equal(answer.json.passwordCleared, vouched ? undefined : true);
          assert.equal((await get(ADMIN.email, person.email)).passwordCleared, undefined,
            'that is of the change alone');
          if (managed) {
            /* The maker could give it as well. */
            const token = person.token ??
              ((await take(person.link, NEXT)).status === 204 && (await tokenOf(person.email, NEXT)));
            assert.ok((await seen(token)).includes(`${domain}-WS`));
            return;
          }
          await assertOut(person);
          if (over) await assertLetIn(giver, person.email, domain);
          else assert.equal((await makeLink(giver, person.email)).status, 403,
            'roles elsewhere are not the giver\'s to reach');
        });
});

describe('variants', () => {
  const [MALLORY, BOSS] = [manager('ACME'), manager('EXA')];

  test('an account that was made before is named as one, and keeps its name', async () => {
    const email = `person${++made}@example.com`;
    await post(MALLORY, { email, name: 'First', roles: [role('ACME', 'viewer')] });
    const answer = await post(BOSS, { email, name: 'Second', roles: [role('EXA', 'viewer')] });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual([answer.json.existed, answer.json.name], [true, 'First']);
    assert.equal((await get(BOSS, email)).existed, undefined);
  });

  test('an admin lets in whom a manager may not, and the person gets a new password', async () => {
    const person = await make(MALLORY, 'ACME', 'maker');
    assert.equal((await post(BOSS, { email: person.email, roles: [role('EXA')] })).status, 409);
    const answer = await patch(ADMIN.email, person.email, { roles: [role('ACME', 'member'), role('EXA')] });
    assert.equal(answer.json.passwordCleared, true, answer.text);
    await assertOut(person);
    for (const giver of [MALLORY, BOSS]) assert.equal((await makeLink(giver, person.email)).status, 403);
    await assertLetIn(ADMIN.email, person.email, 'EXA');
    /* The admin's link vouches everywhere. */
    const more = await post(manager('EXA-CON'), { email: person.email, roles: [role('EXA-CON')] });
    assert.equal(more.status, 200, more.text);
    assert.equal(more.json.passwordCleared, undefined);
  });

  test('to make an admin of somebody', async () => {
    const person = await make(BOSS, 'EXA', 'maker');
    const answer = await patch(ADMIN.email, person.email, { admin: true });
    assert.equal(answer.json.passwordCleared, true, answer.text);
    await assertOut(person);
    assert.equal((await patch(ADMIN.email, person.email, { admin: false })).status, 200);
  });

  test('a form invites nobody whose password others know', async () => {
    const form = { unknownReporter: { invite: ['example.com'] } };
    const put = await server.send(BOSS, 'PUT', `${API}/workspaces/EXA-WS/forms/inviting`, form);
    assert.equal(put.status, 201, put.text);
    const report = (reporter, dryRun = '') =>
      server.addTask(small({ domainWorkSpace: 'EXA-WS', reporter }), { as: BOSS, query: `?form=inviting${dryRun}` });
    for (const how of ['maker', 'self']) {
      const person = await make(MALLORY, 'ACME', how);
      for (const answer of [await report(person.email), await report(person.email, '&dryRun=true')]) {
        assert.equal(answer.status, 422, answer.text);
        assert.deepEqual(answer.json.errors.map(({ pointer, code }) => [pointer, code]),
          [['/reporter', 'unknown_person']]);
        assert.match(answer.json.errors[0].detail, /admin/);
      }
      const bulk = await server.addTasks([{ task: small({ domainWorkSpace: 'EXA-WS', reporter: person.email }) }],
        { as: BOSS, query: '?form=inviting' });
      assert.deepEqual(bulk.json.items.map(({ status }) => status), [422]);
      assert.deepEqual(await seen(person.token), ['ACME-WS']);
      assert.deepEqual((await get(ADMIN.email, person.email)).roles, [role('ACME', 'member')]);
    }
    /* One that nobody has a password for is; the link that was out is void. */
    const person = await make(MALLORY, 'ACME', 'none');
    assert.equal((await report(person.email)).status, 201);
    await assertOut(person);
    /* One below the form's domain is let in above by people alone. */
    const below = await make(manager('EXA-CON'), 'EXA-CON', 'self');
    assert.equal((await report(below.email)).status, 422);
  });

  test('an account without a role is nobody\'s but the admins\'', async () => {
    const form = { unknownReporter: { invite: ['example.com'] } };
    await server.send(MALLORY, 'PUT', `${API}/workspaces/ACME-WS/forms/inviting`, form);
    for (const how of ['maker', 'none']) {
      const person = await make(BOSS, 'EXA', how);
      if (how === 'maker')
        assert.equal(
          (await server.addTask(small({ domainWorkSpace: 'EXA-WS', reporter: BOSS }), { token: person.token })).status,
          201);
      assert.equal((await patch(BOSS, person.email, { roles: [] })).status, 200);
      assert.equal((await post(MALLORY, { email: person.email, roles: [role('ACME')] })).status, 409);
      assert.equal((await makeLink(MALLORY, person.email)).status, 404);
      const invited = await server.addTask(small({ domainWorkSpace: 'ACME-WS', reporter: person.email }),
        { as: MALLORY, query: '?form=inviting' });
      assert.equal(invited.status, 422, invited.text);
      if (person.link) assert.equal((await take(person.link, NEXT)).status, 404);
      const back = await post(BOSS, { email: person.email, roles: [role('EXA', 'viewer')] });
      assert.equal(back.status, how === 'maker' ? 200 : 409, 'whoever could set its password gains nothing by it');
      assert.equal((await patch(ADMIN.email, person.email, { roles: [role('ACME', 'viewer')] })).status, 200);
      await assertOut(person);
    }
  });

  test('nor by somebody whose account was theirs when it made the link', async () => {
    /* `maker` knows the password of `first`, and so of whom `first` has made a link for. */
    const maker = manager('EXA-CON-BUS');
    const first = await make(maker, 'EXA-CON-BUS', 'maker');
    assert.equal((await patch(maker, first.email, { roles: [role('EXA-CON-BUS')] })).status, 200);
    const email = `person${++made}@example.com`;
    const asFirst = (method, target, body) =>
      server.request(method, target, { token: first.token, ...(body && asJson(body)) });
    assert.equal((await asFirst('POST', `${API}/people`, { email, roles: [role('EXA-CON-BUS', 'viewer')] })).status,
      201);
    const { link } = (await asFirst('POST', at(email, '/password-reset'))).json;
    assert.equal((await take(link, KNOWN)).status, 204);
    const second = { email, password: KNOWN, token: await tokenOf(email, KNOWN) };
    const left = await asFirst('POST', `${API}/people`, { email: `left.${email}`, roles: [role('EXA-CON-BUS', 'viewer')] });
    assert.equal(left.status, 201, left.text);
    const { link: pending } = (await asFirst('POST', at(`left.${email}`, '/password-reset'))).json;
    /* `first`, with a password of its own, is given EXA; then `second` is, whom `first` vouches for no more. */
    assert.equal((await give(BOSS, first.email, 'EXA')).json.passwordCleared, true);
    await assertLetIn(BOSS, first.email, 'EXA');
    assert.equal((await take(pending, NEXT)).status, 404);
    assert.equal((await give(BOSS, email, 'EXA', 'viewer')).json.passwordCleared, true);
    await assertOut(second);
  });

  test('what is held already, or is less, is no gain', async () => {
    const person = await make(BOSS, 'EXA', 'self');
    assert.equal(
      (await patch(BOSS, person.email,
        { roles: [role('EXA', 'member'), role('EXA-CON', 'viewer')] })).json.passwordCleared, undefined);
    assert.equal((await patch(BOSS, person.email, { roles: [role('EXA', 'viewer')], name: 'x' })).json.passwordCleared,
      undefined);
    assert.ok((await seen(person.token)).includes('EXA-WS'));
  });

  test('a maker that is no manager there any more vouches for nothing', async () => {
    const email = `person${++made}@example.com`;
    await server.command(['user', 'add', email, '--domain', 'EXA', '--role', 'manager', '--password-file',
      makeFile(KNOWN)]);
    server.users.set(email, { email, password: KNOWN });
    const person = await make(email, 'EXA', 'maker');
    assert.equal((await patch(ADMIN.email, email, { roles: [] })).status, 200);
    assert.equal((await patch(BOSS, person.email, { disabled: true })).status, 200);
    const enabled = await patch(BOSS, person.email, { disabled: false });
    assert.equal(enabled.json.passwordCleared, true, 'to enable gives the roles back');
    await assertOut(person);
    await assertLetIn(BOSS, person.email, 'EXA');
  });

  test('a link that was out then does not come back when the role is taken again', async () => {
    const person = await make(MALLORY, 'ACME', 'none');
    assert.equal((await post(BOSS, { email: person.email, roles: [role('EXA')] })).status, 200);
    assert.equal((await patch(BOSS, person.email, { roles: [] })).status, 200);
    await assertOut(person);
    assert.equal((await take(await linkBy(MALLORY, person.email), NEXT)).status, 204, 'a new one is good');
  });

  test('a password that is set while the role is given', async () => {
    for (let round = 0; round < 5; round++) {
      const person = await make(MALLORY, 'ACME', 'none');
      const [used] =
        await Promise.all([take(person.link, KNOWN), post(BOSS, { email: person.email, roles: [role('EXA')] })]);
      const token = used.status === 204 ? (await signIn(person.email, KNOWN)).json.access_token : undefined;
      assert.ok(!token || !(await seen(token)).includes('EXA-WS'));
    }
  });
});

describe('the operator, and a store of before', () => {
  const MALLORY = manager('ACME');
  const command = (...words) => runBzctrld([...words, '--data', server.dir]);

  test('the operator gives the role: the password is cleared, unless a new one comes with it', async () => {
    for (const words of [['set'], ['add', '--password-file', '/dev/null']]) {
      const person = await make(MALLORY, 'ACME', 'maker');
      const result =
        await command('user', words[0], person.email, '--domain', 'EXA', '--role', 'viewer', ...words.slice(1));
      assert.equal(result.code, 0, result.stderr);
      assert.match(result.stderr, /password was removed/);
      await assertOut(person);
      const link = (await command('user', 'reset-link', person.email)).stdout.trim();
      assert.equal((await take(link, NEXT)).status, 204);
      const again = await command('user', 'set', person.email, '--domain', 'EXA-CON', '--role', 'manager');
      assert.doesNotMatch(again.stderr, /removed/, 'the operator vouches everywhere');
      assert.ok((await seen(await tokenOf(person.email, NEXT))).includes('EXA-WS'));
    }
    /* The operator may choose what the maker chose, but no sign-in of the maker's stays. */
    for (const password of [KNOWN, NEXT]) {
      const person = await make(MALLORY, 'ACME', 'maker');
      const result = await command('user', 'add', person.email, '--domain', 'EXA', '--role', 'viewer',
        '--password-file', makeFile(password));
      assert.equal(result.code, 0, result.stderr);
      assert.doesNotMatch(result.stderr, /removed/);
      assert.deepEqual(await seen(person.token), []);
      assert.ok((await seen(await tokenOf(person.email, password))).includes('EXA-WS'));
    }
  });

  test('a password that is older than the question is good for what the person holds', async () => {
    const boss = manager('EXA');
    const [within, beyond] = [await make(boss, 'EXA-CON', 'maker'), await make(boss, 'EXA-CON', 'self')];
    await server.terminate();
    assert.equal(changeStored(server.dir,
      `UPDATE account SET password_by = NULL WHERE email IN ('${within.email}', '${beyond.email}')`), 2);
    await server.restart();
    assert.ok((await seen(within.token)).includes('EXA-CON-WS'), 'it works as before');
    assert.equal((await give(boss, within.email, 'EXA-CON-BUS')).json.passwordCleared, undefined);
    assert.ok((await seen(within.token)).includes('EXA-CON-BUS-WS'));
    assert.equal((await post(MALLORY, { email: beyond.email, roles: [role('ACME')] })).status, 409);
    assert.equal((await give(boss, beyond.email, 'EXA', 'viewer')).json.passwordCleared, true);
    await assertOut(beyond);
    await assertLetIn(boss, beyond.email, 'EXA');
    assert.equal((await give(boss, beyond.email, 'EXA', 'member')).json.passwordCleared, undefined);
  });

  test('history says that a password was cleared, and is whole', async () => {
    const person = await make(manager('EXA-CON'), 'EXA-CON', 'maker');
    await give(manager('EXA'), person.email, 'EXA');
    assert.match(await server.command(['verify']), /^EXA:/m);
    await server.terminate();
    const told = `payload LIKE '%"password":[null,"cleared"]%' AND payload LIKE '%${person.email}%'`;
    assert.equal(changeStored(server.dir, `UPDATE event SET at = at WHERE ${told}`), 2, 'both domains have it');
    await server.restart();
  });
});
