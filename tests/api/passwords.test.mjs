/*
 * The own password and sessions, and links for a new password (contract "Authentication"): what ends
 * what, and who may make a link for whom.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changeStored } from '../lib/database.mjs';
import { makeFile, patience, until } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, startServer } from '../lib/server.mjs';

const ADMIN = { email: 'admin@example.com', admin: true };
const MANAGER = { email: 'manager@example.com', role: 'manager', domain: 'EXA-CON' };
const ALIEN = { email: 'alien@example.com', role: 'manager', domain: 'ACME' };
const ME = `${API}/people/me`;
const NEXT = 'An0ther password ✓';

let server;
before(async () => {
  server = await startServer({ workspaces: [WORKSPACE, 'ACME-WOR'], users: [EXAMPLE, ADMIN, MANAGER, ALIEN],
    args: ['--trusted-proxy', '127.0.0.1'] });
});
after(() => server.stop());

let made = 0;
const elsewhere = () => ({ 'x-forwarded-for': `198.51.${++made >> 8}.${made & 255}` });
const asJson = (body) =>
  ({ headers: { 'content-type': 'application/json', ...elsewhere() }, body: JSON.stringify(body) });

/* Somebody new; the password is EXAMPLE's. */
async function person(roles = [['EXA-CON-BUS', 'member']]) {
  const email = `person${++made}@example.com`;
  for (const [domain, role] of roles)
    await server.command(['user', 'add', email, '--domain', domain, '--role', role, '--password-file',
      makeFile(EXAMPLE.password)]);
  return email;
}

const signIn = (email, password = EXAMPLE.password) =>
  server.grant({ grant_type: 'password', username: email, password }, { headers: elsewhere() });
async function tokensOf(email, password) {
  const answer = await signIn(email, password);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}
async function cookieOf(email, password = EXAMPLE.password) {
  const answer = await server.request('POST', '/app/session', asJson({ email, password }));
  assert.equal(answer.status, 200, answer.text);
  return answer.headers['set-cookie'][0].split(';')[0];
}
const works = async (token) => (await server.request('GET', `${API}/tasks`, { token })).status === 200;
const refreshes = async (token) =>
  (await server.grant({ grant_type: 'refresh_token', refresh_token: token })).status === 200;
const sessionLives = async (cookie) =>
  (await server.request('GET', '/app/session', { headers: { cookie } })).status === 200;
const change = (token, body) => server.request('POST', `${ME}/password`, { token, ...asJson(body) });
const faults = (answer) => answer.json.errors.map(({ pointer, code }) => `${pointer} ${code}`).sort();

const makeLink = (as, email) =>
  server.send(as.email, 'POST', `${API}/people/${encodeURIComponent(email)}/password-reset`);
async function tokenFor(as, email) {
  const answer = await makeLink(as, email);
  assert.equal(answer.status, 201, answer.text);
  return answer.json.link.split('/').at(-1);
}
const take = (token, password = NEXT, headers = {}) => {
  const { headers: usual, body } = asJson({ token, password });
  return server.request('POST', '/app/password-reset', { headers: { ...usual, ...headers }, body });
};
const whose = (token, headers = {}) => {
  const { headers: usual, body } = asJson({ token });
  return server.request('POST', '/app/password-reset/person', { headers: { ...usual, ...headers }, body });
};
const patch = (as, email, changes) =>
  server.send(as.email, 'PATCH', `${API}/people/${encodeURIComponent(email)}`, changes,
    { headers: { 'if-match': '*' } });

describe('the own password', () => {
  test('a change ends all else that one is signed in with', async () => {
    const email = await person();
    const [own, other, cookie] = [await tokensOf(email), await tokensOf(email), await cookieOf(email)];
    const answer = await change(own.access_token, { current: EXAMPLE.password, new: NEXT });
    assert.equal(answer.status, 204, answer.text);
    assert.equal(await works(own.access_token), true, 'what one asks with goes on');
    assert.equal(await works(other.access_token), false);
    assert.equal(await refreshes(other.refresh_token), false);
    assert.equal(await sessionLives(cookie), false);
    assert.equal(await refreshes(own.refresh_token), true);
    assert.equal((await signIn(email)).status, 400);
    assert.equal((await signIn(email, NEXT)).status, 200);
  });
  test('from the web app', async () => {
    const email = await person();
    const cookie = await cookieOf(email);
    const other = await cookieOf(email);
    const { headers, body } = asJson({ current: EXAMPLE.password, new: NEXT });
    const ours = { 'x-bzctrl-app': '1', origin: server.publicUrl };
    assert.equal((await server.request('POST', `${ME}/password`, { headers: { ...headers, cookie }, body })).status,
      403, 'no other site can');
    assert.equal(
      (await server.request('POST', `${ME}/password`, { headers: { ...headers, ...ours, cookie }, body })).status, 204);
    assert.equal(await sessionLives(cookie), true);
    assert.equal(await sessionLives(other), false);
  });
  test('what a new one must be', async () => {
    const email = await person();
    const { access_token: token } = await tokensOf(email);
    assert.deepEqual(faults(await change(token, {})), ['/current required', '/new required']);
    assert.deepEqual(faults(await change(token, { current: 1, new: [], old: 'x' })),
      ['/current wrong_type', '/new wrong_type', '/old unknown_member']);
    for (const weak of ['1234567', 'password', email, email.toUpperCase(), 'x'.repeat(1025), EXAMPLE.password])
      assert.deepEqual(faults(await change(token, { current: EXAMPLE.password, new: weak })), ['/new weak_password'],
        weak.slice(0, 20));
    assert.deepEqual(faults(await change(token, { current: 'not the one', new: NEXT })), ['/current wrong_password']);
    assert.equal((await change(token, { current: EXAMPLE.password, new: 'x'.repeat(1024) })).status, 204);
    assert.equal((await signIn(email, 'x'.repeat(1024))).status, 200);
    assert.equal((await signIn(email, 'x'.repeat(1023))).status, 400);
    assert.ok(!server.log.includes(NEXT));
  });
  test('guessing the current one is slowed like a sign-in', async () => {
    const email = await person();
    const { access_token: token } = await tokensOf(email);
    const statuses = [];
    for (let i = 0; i < 8; i++) statuses.push((await change(token, { current: `guess ${i}`, new: NEXT })).status);
    assert.deepEqual(statuses.slice(0, 5), Array(5).fill(422));
    assert.ok(statuses.includes(429), statuses.join());
  });
  test('of many changes at once one wins, and no sign-in of before lives', async () => {
    const email = await person();
    const all = [];
    for (let i = 0; i < 4; i++) all.push(await tokensOf(email));
    const answers = await Promise.all(
      all.map(({ access_token: token }, i) => change(token, { current: EXAMPLE.password, new: `${NEXT} ${i}` })));
    const winners = answers.flatMap(({ status }, i) => (status === 204 ? [i] : []));
    assert.equal(winners.length, 1, answers.map(({ status }) => status).join());
    for (const [i, { access_token: token }] of all.entries()) assert.equal(await works(token), i === winners[0]);
    assert.equal((await signIn(email, `${NEXT} ${winners[0]}`)).status, 200);
  });
});

describe('own sessions', () => {
  test('are listed, newest first, and end one by one', async () => {
    const email = await person();
    const first = await tokensOf(email);
    const cookie = await cookieOf(email);
    const last = await tokensOf(email);
    const list = async (token, query = '') => (await server.request('GET', `${ME}/sessions${query}`, { token })).json;
    const { items } = await list(last.access_token);
    assert.deepEqual(items.map(({ kind, current }) => [kind, current]),
      [['token', true], ['app', false], ['token', false]]);
    const end = (id, token = last.access_token) => server.request('DELETE', `${ME}/sessions/${id}`, { token });
    assert.equal(await works(first.access_token), true);
    assert.equal((await end(items[2].id)).status, 204);
    assert.equal(await works(first.access_token), false, 'at once');
    assert.equal(await refreshes(first.refresh_token), false);
    assert.equal((await end(items[2].id)).status, 404);
    assert.equal((await end('x')).status, 404);
    assert.equal((await end(items[1].id)).status, 204);
    assert.equal(await sessionLives(cookie), false);
    const stranger = await tokensOf(await person());
    assert.equal((await end(items[0].id, stranger.access_token)).status, 404);
    assert.equal(await works(last.access_token), true);
    assert.deepEqual((await list(last.access_token)).items.map(({ id }) => id), [items[0].id]);
    assert.equal((await end(items[0].id)).status, 204);
    assert.equal(await works(last.access_token), false);
  });
  test('say from where they were begun, with what, and when they were last used', async () => {
    const email = await person();
    const begun = Date.now();
    const { headers, body } = asJson({ email, password: EXAMPLE.password });
    const agent = `Browser/1 ${'x'.repeat(300)}`;
    const answer = await server.request('POST', '/app/session', {
      headers: { ...headers, 'user-agent': agent, 'x-forwarded-for': '198.51.100.7' }, body });
    const cookie = answer.headers['set-cookie'][0].split(';')[0];
    const { access_token: token } = await tokensOf(email);
    const list = async () => (await server.request('GET', `${ME}/sessions`, { token })).json.items;
    const [own, app] = await list();
    assert.equal(app.userAgent, agent.slice(0, 256));
    assert.equal(app.address, '198.51.100.7');
    for (const { lastUsedAt, createdAt } of [own, app]) {
      assert.equal(lastUsedAt, createdAt);
      assert.ok(Math.abs(Date.parse(lastUsedAt) - begun) < 120_000 * patience);
    }
    /* As if it had been begun an hour ago, and a use of now extended it. */
    const hour = 3_600_000;
    changeStored(server.dir, `UPDATE token SET created_at = created_at - ${hour}, expires_at = expires_at - ${hour}
      WHERE kind = 3 AND family_id = ${app.id}`);
    await until(async () => {
      await sessionLives(cookie);
      return Date.parse((await list())[1].lastUsedAt) >= begun;
    }, 'the use to be noted');
  });
  test('of a name that is not plain ASCII the rest is shown, and null where there was none', async () => {
    const email = await person();
    const { headers, body } = asJson({ email, password: EXAMPLE.password });
    const send = async (agent) => {
      const all = { Host: 'x', ...headers, ...agent, 'Content-Length': Buffer.byteLength(body) };
      const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('');
      const { answers } = await server.exchange(
        Buffer.from(`POST /app/session HTTP/1.1\r\n${head}\r\n${body}`, 'latin1'), { answers: 1 });
      assert.equal(answers[0].status, 200);
    };
    await send({ 'User-Agent': 'B\u00e9\u00ff' });
    await send({});
    const { access_token: token } = await tokensOf(email);
    const { items } = (await server.request('GET', `${ME}/sessions`, { token })).json;
    assert.deepEqual(items.slice(1).map(({ userAgent }) => userAgent), [null, 'B??']);
  });
  test('all others end at once, and a link for a new password with them', async () => {
    const email = await person();
    const [own, other, cookie] = [await tokensOf(email), await tokensOf(email), await cookieOf(email)];
    const link = await tokenFor(ADMIN, email);
    const answer = await server.request('DELETE', `${ME}/sessions`, { token: own.access_token });
    assert.equal(answer.status, 204);
    assert.deepEqual([await works(own.access_token), await works(other.access_token), await sessionLives(cookie)],
      [true, false, false]);
    assert.equal(await refreshes(other.refresh_token), false);
    assert.equal((await take(link)).status, 404);
    const { items } = (await server.request('GET', `${ME}/sessions`, { token: own.access_token })).json;
    assert.deepEqual(items.map(({ current }) => current), [true]);
    assert.equal(await refreshes(own.refresh_token), true);
    assert.equal((await signIn(email)).status, 200, 'the password stays');
  });
  test('by pages', async () => {
    const email = await person();
    let token;
    for (let i = 0; i < 5; i++) token = (await tokensOf(email)).access_token;
    const found = [];
    let cursor = '';
    do {
      const { json } = await server.request('GET', `${ME}/sessions?limit=2${cursor}`, { token });
      found.push(...json.items.map(({ id }) => id));
      cursor = json.next && `&cursor=${json.next}`;
    } while (cursor);
    assert.equal(new Set(found).size, 5);
  });
});

describe('a link for a new password', () => {
  test('is good once, and ends what was signed in', async () => {
    const email = await person();
    const tokens = await tokensOf(email);
    assert.equal(await works(tokens.access_token), true);
    const answer = await makeLink(ADMIN, email);
    assert.equal(answer.status, 201, answer.text);
    assert.ok(answer.json.link.startsWith(`${server.publicUrl}/app/#/reset/bzpr_`), answer.json.link);
    const day = Date.parse(answer.json.expiresAt) - Date.now();
    assert.ok(day > 23 * 3600e3 && day <= 24 * 3600e3);
    assert.equal(await works(tokens.access_token), true, 'a link alone ends nothing');
    const token = answer.json.link.split('/').at(-1);
    assert.equal((await take(token)).status, 204);
    assert.equal(await works(tokens.access_token), false);
    assert.equal(await refreshes(tokens.refresh_token), false);
    assert.equal((await signIn(email)).status, 400);
    assert.equal((await signIn(email, NEXT)).status, 200);
    assert.equal((await take(token, `${NEXT} 2`)).status, 404);
    assert.equal((await signIn(email, NEXT)).status, 200);
    assert.ok(!server.log.includes(token) && !server.log.includes(NEXT));
  });
  test('says whose it is as long as it is valid, and is not used by that', async () => {
    const email = await person();
    const token = await tokenFor(ADMIN, email);
    for (const times of [1, 2]) {
      const answer = await whose(token);
      assert.deepEqual([answer.status, answer.json], [200, { email, name: null }], `${times}`);
    }
    await patch(ADMIN, email, { name: 'Some One' });
    assert.deepEqual((await whose(token)).json, { email, name: 'Some One' });
    assert.equal((await whose(token, { origin: 'https://elsewhere.example' })).status, 403);
    assert.deepEqual(faults(await server.request('POST', '/app/password-reset/person', asJson({}))),
      ['/token required']);
    await patch(ADMIN, email, { disabled: true });
    const disabled = await whose(token);
    await patch(ADMIN, email, { disabled: false });
    const next = await tokenFor(ADMIN, email);
    const replaced = await whose(token);
    assert.equal((await take(next)).status, 204);
    const answers = [disabled, replaced, await whose(token), await whose(next), await whose('bzpr_unknown'),
      await whose('x'), await take('x')];
    assert.deepEqual(answers.map(({ status }) => status), answers.map(() => 404));
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
    assert.ok(!server.log.includes(token));
  });
  test('one that is good no more has one answer', async () => {
    const email = await person();
    const [replaced, disabled] = [await tokenFor(ADMIN, email), await tokenFor(ADMIN, email)];
    await patch(ADMIN, email, { disabled: true });
    const again = await take(disabled);
    await patch(ADMIN, email, { disabled: false });
    const used = await tokenFor(ADMIN, email);
    await take(used);
    const answers =
      [again, await take(replaced), await take(disabled), await take(used), await take('bzpr_unknown'), await take('x'),
      await take(`${used.slice(0, -1)}${used.endsWith('A') ? 'B' : 'A'}`)];
    assert.deepEqual(answers.map(({ status }) => status), answers.map(() => 404));
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
    assert.match(answers[0].json.detail, /Ask for a new one/);
  });
  test('of many uses at once one counts', async () => {
    const token = await tokenFor(ADMIN, await person());
    const answers = await Promise.all(Array.from({ length: 6 }, (_, i) => take(token, `${NEXT} ${i}`)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [204, ...Array(5).fill(404)]);
  });
  test('a password that breaks a rule leaves it good', async () => {
    const email = await person();
    const token = await tokenFor(ADMIN, email);
    for (const weak of ['short', 'password', email])
      assert.deepEqual(faults(await take(token, weak)), ['/password weak_password'], weak);
    assert.deepEqual(faults(await server.request('POST', '/app/password-reset', asJson({}))),
      ['/password required', '/token required']);
    assert.equal((await take(token, NEXT, { 'sec-fetch-site': 'cross-site' })).status, 403);
    assert.equal((await take(token, NEXT, { origin: 'https://elsewhere.example' })).status, 403);
    assert.equal((await take(token)).status, 204);
  });
  test('an own new password voids it', async () => {
    const email = await person();
    const token = await tokenFor(ADMIN, email);
    assert.equal((await change((await tokensOf(email)).access_token, { current: EXAMPLE.password, new: NEXT })).status,
      204);
    assert.equal((await take(token, `${NEXT} 2`)).status, 404);
  });
  test('who may make one for whom', async () => {
    const within = await person();
    const beyond = await person([['EXA-CON-BUS', 'member'], ['ACME', 'viewer']]);
    const above = await person([['EXA', 'viewer'], ['EXA-CON-BUS', 'viewer']]);
    for (const [as, email, status] of [[ADMIN, within, 201], [MANAGER, within, 201], [ALIEN, within, 404],
      [EXAMPLE, within, 403],
      [MANAGER, beyond, 403], [ALIEN, beyond, 403], [MANAGER, above, 403], [MANAGER, ADMIN.email, 404],
      [EXAMPLE, EXAMPLE.email, 403],
      [MANAGER, MANAGER.email, 403], [ADMIN, ADMIN.email, 403], [ADMIN, 'nobody@example.com', 404]])
      assert.equal((await makeLink(as, email)).status, status, `${as.email} for ${email}`);
    const admin = await person();
    await patch(ADMIN, admin, { admin: true });
    assert.equal((await makeLink(MANAGER, admin)).status, 403);
    await patch(ADMIN, within, { disabled: true });
    assert.equal((await makeLink(MANAGER, within)).status, 409);
  });
  test('is void once its maker may not make it any more', async () => {
    const grown = await person();
    const promoted = await tokenFor(MANAGER, grown);
    await patch(ADMIN, grown, { admin: true });
    assert.equal((await take(promoted)).status, 404, 'nobody becomes an admin by an old link');
    await patch(ADMIN, grown,
      { admin: false, roles: [{ domain: 'EXA-CON-BUS', role: 'member' }, { domain: 'ACME', role: 'viewer' }] });
    assert.equal((await take(promoted)).status, 404);
    const maker = await person([['EXA-CON', 'manager']]);
    const tokens = [];
    for (let i = 0; i < 2; i++) tokens.push(await tokenFor({ email: maker }, await person()));
    await patch(ADMIN, maker, { roles: [{ domain: 'EXA-CON', role: 'viewer' }] });
    assert.equal((await take(tokens[0])).status, 404);
    await patch(ADMIN, maker, { roles: [{ domain: 'EXA-CON', role: 'manager' }] });
    await patch(ADMIN, maker, { disabled: true });
    assert.equal((await take(tokens[1])).status, 404);
  });
});
