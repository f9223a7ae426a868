/*
 * The token endpoint, revocation, metadata, and the Authorization header on every other call:
 * contract "Authentication", RFC 6749, 6750, 7009 and 8414.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { buffer as collect } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { onPostgres } from '../lib/database.mjs';
import { caughtUp, connect, readAnswers } from '../lib/http.mjs';
import { makeFile, until } from '../lib/program.mjs';
import { ADD_TASK, API, EXAMPLE, INTROSPECT_PATH, REVOKE_PATH, TOKEN_PATH, addUser, form, small,
  startServer } from '../lib/server.mjs';
import { holdCall, straceMissing } from '../lib/strace.mjs';

const PASSWORD = { grant_type: 'password', username: EXAMPLE.email, password: EXAMPLE.password };

/* What the write lane calls late in a change: a sync of the file, or a message to PostgreSQL. */
const WRITE = onPostgres ? ['sendto', 4] : ['fdatasync'];

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

/* Failures are counted per account, so a test that fails on purpose has an account of its own. */
let accounts = 0;
async function makeAccount(changes = {}) {
  const user = { ...EXAMPLE, email: `person${++accounts}@example.com`, ...changes };
  await addUser(server.dir, user);
  return user;
}

function signIn({ email, password = EXAMPLE.password }) {
  return server.grant({ grant_type: 'password', username: email, password });
}

function refresh(refresh_token, more = {}) {
  return server.grant({ grant_type: 'refresh_token', refresh_token, ...more });
}

function revoke(token, more = {}) {
  return server.request('POST', REVOKE_PATH, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form({ token, ...more }),
  });
}

function use(token) {
  return server.request('GET', `${API}/tasks`, { token });
}

function assertError(answer, status, error) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.json.error, error, answer.text);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.match(answer.json.error_description, /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/, 'the characters that RFC 6749 allows');
}

describe('the password grant', () => {
  test('exactly the six members of the contract, never cached', async () => {
    const answer = await server.grant(PASSWORD);
    assert.equal(answer.status, 200);
    assert.deepEqual(Object.keys(answer.json),
      ['access_token', 'refresh_token', 'token_type', 'expires_in', 'scope', 'jti']);
    assert.match(answer.json.access_token, /^bzat_[A-Za-z0-9_-]{43,}$/);
    assert.match(answer.json.refresh_token, /^bzrt_[A-Za-z0-9_-]{43,}$/);
    assert.equal(answer.json.expires_in, 3600);
    assert.equal(answer.json.scope, '*');
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.equal(answer.headers.pragma, 'no-cache');
    assert.equal(answer.mediaType, 'application/json');
    assert.ok(!answer.json.access_token.includes(answer.json.jti), 'the name of a token does not give it away');
  });
  test('the address in any case', async () => {
    assert.equal((await server.grant({ ...PASSWORD, username: 'EXAMPLE@Example.Com' })).status, 200);
  });
  test('every token is another', async () => {
    const [one, two] = [await server.grant(PASSWORD), await server.grant(PASSWORD)];
    for (const member of ['access_token', 'refresh_token', 'jti']) assert.notEqual(one.json[member], two.json[member]);
  });
  test('a charset beside the content type', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' };
    assert.equal((await server.grant(PASSWORD, { headers })).status, 200);
  });
  test('passwords with every kind of character', async () => {
    for (const password of ['p&=+%; "\\\u00e9\ud83d\ude00 pass', 'x'.repeat(1024), ' leading and trailing ']) {
      const user = await makeAccount({ password });
      assert.equal((await signIn(user)).status, 200, password.slice(0, 30));
      assert.equal((await signIn({ ...user, password: password.slice(0, -1) })).status, 400, 'nothing is cut off');
    }
  });
  test('scope=* is granted; a scope that there is not is invalid_scope', async () => {
    assert.equal((await server.grant({ ...PASSWORD, scope: '*' })).status, 200);
    assertError(await server.grant({ ...PASSWORD, scope: 'everything' }), 400, 'invalid_scope');
  });
  test('a narrower scope is granted, shown and enforced', async () => {
    const { status, json } = await server.grant({ ...PASSWORD, scope: 'task:read' });
    assert.equal(status, 200);
    assert.equal(json.scope, 'task:read');
    assert.equal((await use(json.access_token)).status, 200);
    const refused = await server.addTask(small(), { token: json.access_token });
    assert.equal(refused.status, 403);
    assert.match(refused.headers['www-authenticate'], /^Bearer .*error="insufficient_scope"/);
    assert.match(refused.headers['www-authenticate'], /scope="task:create"/);
    const wider = await refresh(json.refresh_token, { scope: '*' });
    assertError(wider, 400, 'invalid_scope');
  });
});

describe('errors of the token endpoint', () => {
  test('a wrong password and an unknown account: 400 invalid_grant, the same bytes', async () => {
    const user = await makeAccount();
    const wrong = await signIn({ ...user, password: 'wrong password' });
    const unknown = await signIn({ email: 'nobody@example.com', password: 'wrong password' });
    assertError(wrong, 400, 'invalid_grant');
    assert.equal(unknown.text, wrong.text);
    const bare = ({ date, ...headers }) => headers;
    assert.deepEqual(bare(unknown.headers), bare(wrong.headers));
  });
  /* In the time of its threads, which others on the machine do not prolong. */
  test('an unknown account takes the time of a wrong password', async () => {
    const ran = () => readdirSync(`/proc/${server.pid}/task`).map((thread) =>
      Number(readFileSync(`/proc/${server.pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6)
      .reduce((sum, ms) => sum + ms, 0);
    const times = { wrong: [], unknown: [] };
    const timed = async (list, user) => {
      const before = ran();
      await signIn({ ...user, password: 'wrong password' });
      list.push(ran() - before);
    };
    for (let i = 0; i < 9; i++) {
      await timed(times.wrong, await makeAccount());
      await timed(times.unknown, { email: `nobody${i}@example.com` });
    }
    const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
    const [wrong, unknown] = [median(times.wrong), median(times.unknown)];
    assert.ok(wrong / unknown < 2 && unknown / wrong < 2, `wrong ${wrong} ms, unknown ${unknown} ms`);
  });

  const malformed = {
    'no body': '',
    'no grant_type': { username: 'a@example.com', password: 'x' },
    'no username': { grant_type: 'password', password: 'x' },
    'an empty username': { grant_type: 'password', username: '', password: 'x' },
    'no password': { grant_type: 'password', username: 'a@example.com' },
    'no refresh_token': { grant_type: 'refresh_token' },
    'a repeated parameter': 'grant_type=password&username=a%40example.com&password=x&password=x',
    'a repeated parameter, spelt two ways': 'grant_type=password&username=a%40example.com&password=x&p%61ssword=y',
    'a repeated grant_type': 'grant_type=password&grant_type=password&username=a&password=b',
    'bad percent-encoding': 'grant_type=password&username=%zz&password=x',
    'invalid UTF-8': 'grant_type=password&username=%ff&password=x',
    'a NUL': 'grant_type=password&username=a%00b&password=x',
    'JSON under the name of a form': '{"grant_type":"password"}',
  };
  for (const [name, parameters] of Object.entries(malformed))
    test(`${name}: invalid_request`, async () => assertError(await server.grant(parameters), 400, 'invalid_request'));

  for (const type of ['application/json', 'text/plain', 'multipart/form-data'])
    test(`${type}: invalid_request`, async () =>
      assertError(await server.grant(PASSWORD, { headers: { 'content-type': type } }), 400, 'invalid_request'));

  for (const query of [form(PASSWORD), 'password=x', 'grant_type=password', 'client_secret=x', 'foo=bar'])
    test(`?${query.slice(0, 30)} in the URL: invalid_request`, async () => {
      const answer = await server.request('POST', `${TOKEN_PATH}?${query}`, {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: form(PASSWORD),
      });
      assertError(answer, 400, 'invalid_request');
    });

  test('an unknown grant: unsupported_grant_type', async () => {
    for (const grant_type of ['authorization_code', 'implicit', 'PASSWORD', 'urn:example:other'])
      assertError(await server.grant({ ...PASSWORD, grant_type }), 400, 'unsupported_grant_type');
  });
  test('unknown parameters are ignored, as RFC 6749 wants it', async () => {
    assert.equal((await server.grant({ ...PASSWORD, resource: 'x' })).status, 200);
  });
  test('parameters without a value count as not sent', async () => {
    assert.equal((await server.grant({ ...PASSWORD, client_id: '', client_secret: '', scope: '' })).status, 200);
  });

  test('client credentials that are wrong: 401 invalid_client with a challenge', async () => {
    const basic = (text) => ({ headers: { authorization: `Basic ${Buffer.from(text).toString('base64')}` } });
    for (const answer of [
      await server.grant(PASSWORD, basic('client:secret')),
      await server.grant(PASSWORD, basic('client:')),
      await server.grant({ ...PASSWORD, client_id: 'client', client_secret: 'secret' }),
    ]) {
      assertError(answer, 401, 'invalid_client');
    }
    assert.match((await server.grant(PASSWORD, basic('client:secret'))).headers['www-authenticate'], /^Basic realm="/);
  });
  test('two ways of client authentication at once: invalid_request', async () => {
    const answer = await server.grant(
      { ...PASSWORD, client_id: 'client', client_secret: 'secret' },
      { headers: { authorization: `Basic ${Buffer.from('client:secret').toString('base64')}` } },
    );
    assertError(answer, 400, 'invalid_request');
  });
  test('no answer repeats what was sent', async () => {
    const secret = 'sEcReT-words';
    for (const parameters of [
      { grant_type: secret }, { ...PASSWORD, scope: secret },
      { grant_type: 'password', username: secret, password: secret },
      { grant_type: 'refresh_token', refresh_token: secret },
      `grant_type=password&password=${secret}&password=${secret}`,
    ]) {
      const answer = await server.grant(parameters);
      assert.ok(answer.status >= 400);
      assert.ok(!answer.text.includes(secret), answer.text);
    }
    assert.ok(!server.log.includes(secret) && !server.log.includes(EXAMPLE.password), 'nor does the log');
  });
});

describe('throttling', () => {
  test('five failures are free of delay; then 429 with Retry-After, for the right password too', async () => {
    const user = await makeAccount();
    for (let i = 0; i < 5; i++)
      assertError(await signIn({ ...user, password: 'wrong password' }), 400, 'invalid_grant');
    const sixth = await signIn({ ...user, password: 'wrong password' });
    const right = await signIn(user);
    const throttled = sixth.status === 429 ? sixth : right;
    assertError(throttled, 429, 'invalid_grant');
    assert.ok(Number(throttled.headers['retry-after']) >= 1);

    /* It delays and does not lock: those who wait get in. */
    await new Promise((resolve) => setTimeout(resolve, Number(right.headers['retry-after'] ?? 1) * 1000 + 200));
    assert.equal((await signIn(user)).status, 200);
  });
  test('an address whose plus was not encoded says so, and does not count as a failed attempt', async () => {
    const plus = 'plus+gate@example.com';
    await server.command(['user', 'add', plus, '--domain', 'EXA-CON-BUS', '--role', 'member', '--password-file',
      makeFile(`${EXAMPLE.password}\n`)]);
    for (let i = 0; i < 8; i++) {
      const answer = await server.request('POST', TOKEN_PATH, {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `grant_type=password&username=${plus}&password=${encodeURIComponent(EXAMPLE.password)}`,
      });
      assertError(answer, 400, 'invalid_request');
      assert.match(answer.json.error_description, /%2B/);
    }
    for (const username of [plus, ` ${plus.toUpperCase()}\t`])
      assert.equal((await server.grant({ grant_type: 'password', username, password: EXAMPLE.password })).status, 200);
  });
  test('an account that does not exist is throttled alike', async () => {
    const user = { email: 'ghost@example.com', password: 'wrong password' };
    const statuses = [];
    for (let i = 0; i < 8; i++) statuses.push((await signIn(user)).status);
    assert.deepEqual(statuses.slice(0, 5), [400, 400, 400, 400, 400]);
    assert.ok(statuses.includes(429), statuses.join());
  });
  test('failures of one account do not delay another', async () => {
    assert.equal((await signIn(EXAMPLE)).status, 200);
  });
  test('twenty right passwords at once all get in', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => signIn(EXAMPLE)));
    assert.deepEqual(answers.map((a) => a.status), Array(20).fill(200));
  });
  test('while hundreds wait for their passwords to be hashed, all else is answered', async (t) => {
    const missing = await straceMissing();
    if (missing) return t.skip(missing);
    const { json: { access_token, refresh_token } } = await signIn(EXAMPLE);
    const hold = await holdCall(server.pid, 'bzctrl-hash', 'mmap');
    const waiting = Array.from({ length: 200 }, () => signIn(EXAMPLE));
    try {
      await hold.held;
      await caughtUp(server.where.port);
      assert.equal((await server.addTask(small(), { token: access_token })).status, 201);
      const { json: renewed } = await server.grant({ grant_type: 'refresh_token', refresh_token });
      assert.equal((await revoke(renewed.refresh_token)).status, 200);
      assert.equal((await use(renewed.access_token)).status, 401);
    } finally {
      await hold.release();
    }
    for (const { status } of await Promise.all(waiting)) assert.equal(status, 200);
  });
  test('parallel guesses are counted before they are hashed', async () => {
    const user = await makeAccount();
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => signIn({ ...user, password: randomBytes(9).toString('hex') })),
    );
    const judged = answers.filter((a) => a.status === 400).length;
    assert.ok(judged <= 7, `${judged} of 30 guesses were judged`);
  });
});

describe('behind a proxy', () => {
  /* Sixty wrong passwords, each of another account, since that is counted by itself. */
  async function guess(forwarded) {
    const proxied = await startServer({ args: ['--trusted-proxy', '127.0.0.1,192.0.2.0/24'] });
    let refused = 0;
    for (let i = 0; i < 60; i += 4)
      await Promise.all([0, 1, 2, 3].map(async (k) => {
        const answer = await proxied.grant(
          { grant_type: 'password', username: `${i + k}@example.com`, password: 'wrong password' },
          { headers: { 'x-forwarded-for': forwarded(i + k) } },
        );
        refused += answer.status === 429;
      }));
    await proxied.stop();
    return refused;
  }
  test('the address that the proxy names is counted, and not the proxy', async () => {
    assert.equal(await guess((i) => `198.51.${i}.1, 192.0.2.1`), 0);
    assert.ok((await guess(() => '198.51.100.1, 192.0.2.1')) > 0);
  });
  test('what a client forges in front of it counts for nothing, in the same header or in one of its own', async () => {
    assert.ok((await guess((i) => `203.0.${i}.1, 198.51.100.1`)) > 0);
    assert.ok((await guess((i) => [`203.0.${i}.1`, '198.51.100.1'])) > 0);
  });
});

describe('the refresh grant', () => {
  test('a new pair; both access tokens work', async () => {
    const first = (await signIn(EXAMPLE)).json;
    const second = await refresh(first.refresh_token);
    assert.equal(second.status, 200);
    assert.deepEqual(Object.keys(second.json),
      ['access_token', 'refresh_token', 'token_type', 'expires_in', 'scope', 'jti']);
    assert.notEqual(second.json.refresh_token, first.refresh_token);
    assert.equal((await use(second.json.access_token)).status, 200);
  });
  test('a lost answer harms nobody: the old token gets another successor while the first is unused', async () => {
    const { refresh_token } = (await signIn(EXAMPLE)).json;
    const lost = (await refresh(refresh_token)).json;
    const found = await refresh(refresh_token);
    assert.equal(found.status, 200);
    assertError(await refresh(lost.refresh_token), 400, 'invalid_grant');
  });
  test('re-use after its successor was used ends the whole family', async () => {
    const first = (await signIn(EXAMPLE)).json;
    const second = (await refresh(first.refresh_token)).json;
    const third = (await refresh(second.refresh_token)).json;
    assert.equal((await use(third.access_token)).status, 200);
    assertError(await refresh(first.refresh_token), 400, 'invalid_grant');
    assertError(await refresh(third.refresh_token), 400, 'invalid_grant');
    for (const { access_token } of [first, second, third]) assert.equal((await use(access_token)).status, 401);
  });
  test('twenty at once with one token: nobody gets two living families', async () => {
    const { refresh_token } = (await signIn(EXAMPLE)).json;
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refresh_token)));
    const successors = answers.filter((a) => a.status === 200).map((a) => a.json.refresh_token);
    assert.ok(successors.length >= 1);
    let living = 0;
    for (const token of successors) living += (await refresh(token)).status === 200;
    assert.ok(living <= 1, `${living} successors live`);
  });
  test('something that is not a refresh token: invalid_grant', async () => {
    const { access_token, refresh_token } = (await signIn(EXAMPLE)).json;
    for (const token of [access_token, 'bzrt_', 'x', `${refresh_token}x`, refresh_token.replace('bzrt_', 'bzat_')])
      assertError(await refresh(token), 400, 'invalid_grant');
    assert.equal((await refresh(refresh_token)).status, 200, 'none of that has harmed the real one');
  });
  test('tokens survive a restart', async () => {
    const { access_token, refresh_token } = (await signIn(EXAMPLE)).json;
    await server.restart();
    assert.equal((await use(access_token)).status, 200);
    assert.equal((await refresh(refresh_token)).status, 200);
  });
});

describe('revocation', () => {
  test('an access token alone', async () => {
    const { access_token, refresh_token } = (await signIn(EXAMPLE)).json;
    assert.equal((await use(access_token)).status, 200);
    assert.equal((await revoke(access_token)).status, 200);
    assert.equal((await use(access_token)).status, 401);
    assert.equal((await refresh(refresh_token)).status, 200);
  });
  test('a refresh token with all that came from it, at once', async () => {
    const first = (await signIn(EXAMPLE)).json;
    const second = (await refresh(first.refresh_token)).json;
    assert.equal((await use(first.access_token)).status, 200);
    assert.equal((await revoke(second.refresh_token, { token_type_hint: 'refresh_token' })).status, 200);
    for (const { access_token } of [first, second]) assert.equal((await use(access_token)).status, 401);
    assertError(await refresh(second.refresh_token), 400, 'invalid_grant');
  });
  test('a wrong hint does not hinder', async () => {
    const { access_token } = (await signIn(EXAMPLE)).json;
    assert.equal((await revoke(access_token, { token_type_hint: 'refresh_token' })).status, 200);
    assert.equal((await use(access_token)).status, 401);
  });
  test('an unknown token, and one that is revoked already: 200', async () => {
    const { access_token } = (await signIn(EXAMPLE)).json;
    for (const token of ['unknown', 'bzat_unknown', access_token, access_token])
      assert.equal((await revoke(token)).status, 200);
  });
  test('no token: invalid_request', async () => {
    const answer = await server.request('POST', REVOKE_PATH, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '',
    });
    assertError(answer, 400, 'invalid_request');
  });
});

describe('the metadata document', () => {
  test('says what is there, under the public URL', async () => {
    const answer = await server.request('GET', '/.well-known/oauth-authorization-server/bzctrl-core-api');
    assert.equal(answer.status, 200);
    assert.equal(answer.json.issuer, `${server.url}/bzctrl-core-api`);
    assert.equal(answer.json.token_endpoint, server.url + TOKEN_PATH);
    assert.equal(answer.json.revocation_endpoint, server.url + REVOKE_PATH);
    assert.deepEqual([...answer.json.grant_types_supported].sort(),
      ['client_credentials', 'password', 'refresh_token']);
    assert.equal(answer.json.introspection_endpoint, server.url + INTROSPECT_PATH);
  });
});

describe('the Authorization header', () => {
  test('none: 401 and a challenge without an error code', async () => {
    const answer = await use(undefined);
    assert.equal(answer.status, 401);
    assert.match(answer.headers['www-authenticate'], /^Bearer/);
    assert.doesNotMatch(answer.headers['www-authenticate'], /error/);
  });
  test('of an account that is disabled while its report is under way: 401 with a challenge, too', async (t) => {
    const missing = await straceMissing();
    if (missing) return t.skip(missing);
    const boss = 'boss@example.com';
    await addUser(server.dir, { email: boss, admin: true });
    await server.token(boss);
    let late;
    /* What is held can be another write, such as that of the log; the report then counts as sent before the change. */
    await until(async () => {
      const user = await makeAccount();
      const { json: { access_token: token } } = await signIn(user);
      assert.equal((await use(token)).status, 200);
      const hold = await holdCall(server.pid, 'bzctrl-write', ...WRITE);
      const disabled =
        server.send(boss, 'PATCH', `${API}/people/${user.email}`, { disabled: true }, { headers: { 'if-match': '*' } });
      await hold.held;
      const socket = await connect(server.where);
      const report = collect(socket);
      const body = JSON.stringify(small());
      socket.write(`POST ${ADD_TASK} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      await caughtUp(server.where.port);
      await hold.release();
      assert.equal((await disabled).status, 200);
      [late] = readAnswers(await report);
      return late.status !== 201;
    }, 'a report that was judged before the change and written after it');
    assert.deepEqual([late.status, late.json.detail, late.headers['www-authenticate']],
      [401, 'Your account has been disabled.', 'Bearer realm="bzctrl", error="invalid_token"']);
  });
  test('the scheme in any case', async () => {
    const token = await server.token();
    for (const scheme of ['bearer', 'BEARER'])
      assert.equal(
        (await server.request('GET', `${API}/tasks`, { headers: { authorization: `${scheme} ${token}` } })).status,
        200);
  });
  test('something that is not a token: 401 invalid_token', async () => {
    const { access_token, refresh_token } = (await signIn(EXAMPLE)).json;
    const flipped = access_token.slice(0, 20) + (access_token[20] === 'A' ? 'B' : 'A') + access_token.slice(21);
    for (const token of ['x', 'bzat_', refresh_token, flipped, `${access_token}x`, access_token.slice(0, -1),
        access_token.toUpperCase()]) {
      const answer = await use(token);
      assert.equal(answer.status, 401, token);
      assert.match(answer.headers['www-authenticate'], /^Bearer .*error="invalid_token"/);
      assert.ok(!answer.text.includes(access_token));
    }
  });
  test('a header that cannot be read: 400 or 401, never in', async () => {
    const token = await server.token();
    for (const authorization of ['Bearer', 'Bearer ', `Bearer  ${token}`, `Bearer ${token} x`, token, `Basic ${token}`,
        `Bearer ${token},Bearer ${token}`]) {
      const answer = await server.request('GET', `${API}/tasks`, { headers: { authorization } });
      assert.ok([400, 401].includes(answer.status), `${authorization}: ${answer.status}`);
      assert.match(answer.headers['www-authenticate'] ?? 'Bearer', /^Bearer/);
    }
  });
  test('two headers: never in', async () => {
    const token = await server.token();
    const answer =
      await server.request('GET', `${API}/tasks`, { headers: { authorization: [`Bearer ${token}`, 'Bearer x'] } });
    assert.ok([400, 401].includes(answer.status));
  });
  test('a token in the URL or the body is not looked at', async () => {
    const token = await server.token();
    const inUrl = await server.request('GET', `${API}/tasks?access_token=${token}`);
    assert.equal(inUrl.status, 401);
    const inBody = await server.request('POST', `${API}/task/add-task`, {
      headers: { 'content-type': 'application/json' }, body: JSON.stringify({ access_token: token }),
    });
    assert.equal(inBody.status, 401);
  });
  test('a new password ends nothing that lives, but the old one is of no use', async () => {
    const user = await makeAccount();
    assert.equal((await signIn(user)).status, 200);
    await addUser(server.dir, { ...user, password: 'a new password' });
    assert.equal((await signIn({ ...user, password: 'a new password' })).status, 200);
    assertError(await signIn(user), 400, 'invalid_grant');
  });
});
