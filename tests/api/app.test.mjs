/*
 * What is served beside the API: the web app's files, health and readiness, paths and methods that
 * are unknown, and the sign-in of the web app with its CSRF checks.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { onPostgres } from '../lib/database.mjs';
import { caughtUp, freePort } from '../lib/http.mjs';
import { checkProblem } from '../lib/openapi.mjs';
import { API, EXAMPLE, addUser, small, startServer } from '../lib/server.mjs';
import { holdCall, straceMissing } from '../lib/strace.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

/* The files that the page names. */
async function pageFiles() {
  const { text } = await server.request('GET', '/app/');
  return [...text.matchAll(/(?:src|href)="([^"#]+)"/g)].map((m) => new URL(m[1], `${server.url}/app/`).pathname);
}

describe('the web app', () => {
  test('each file comes compressed to a client that accepts that, with an ETag of its own', async () => {
    for (const file of [...await pageFiles(), `${API}/openapi.json`, `${API}/docs`]) {
      const get = (headers) => server.request('GET', file, { headers, check: false });
      const plain = await get({});
      for (const refusal of ['gzip;q=0', 'br;q=0, gzip; q=0.000', 'deflate', '', 'brotli'])
        assert.equal((await get({ 'accept-encoding': refusal })).headers['content-encoding'], undefined, refusal);
      const wishes = { gzip: 'gzip', 'gzip, deflate': 'gzip', 'br;q=0, GZIP ; q=0.8': 'gzip',
        'gzip, deflate, br, zstd': 'br', 'gzip;q=0, BR;q=0.1': 'br', br: 'br' };
      for (const [wish, coding] of Object.entries(wishes)) {
        const packed = await get({ 'accept-encoding': wish });
        assert.equal(packed.headers['content-encoding'], coding, `${file}, ${wish}`);
        assert.deepEqual((coding === 'br' ? brotliDecompressSync : gunzipSync)(packed.body), plain.body);
        assert.ok(packed.body.length < plain.body.length);
        assert.equal(packed.mediaType, plain.mediaType);
        assert.notEqual(packed.headers.etag, plain.headers.etag);
        const again = await get({ 'accept-encoding': wish, 'if-none-match': packed.headers.etag });
        assert.deepEqual([again.status, again.headers.etag], [304, packed.headers.etag]);
      }
      assert.equal(plain.headers.vary, 'Accept-Encoding');
    }
  });

  test('the page and every file that it names are there, each with its type', async () => {
    const page = await server.request('GET', '/app/');
    assert.equal(page.status, 200);
    assert.equal(page.mediaType, 'text/html');
    const files = await pageFiles();
    assert.ok(files.some((f) => f.endsWith('.js')) && files.some((f) => f.endsWith('.css')), files.join());
    for (const file of files) {
      const answer = await server.request('GET', file);
      assert.equal(answer.status, 200, file);
      assert.ok(answer.body.length > 0);
      if (file.endsWith('.js')) assert.equal(answer.mediaType, 'text/javascript');
      if (file.endsWith('.css')) assert.equal(answer.mediaType, 'text/css');
    }
  });
  test('ETag: 304 for what the browser has, and the same after a restart', async () => {
    const { etag } = (await server.request('GET', '/app/')).headers;
    assert.equal((await server.request('GET', '/app/', { headers: { 'if-none-match': etag } })).status, 304);
    assert.equal((await server.request('GET', '/app/', { headers: { 'if-none-match': '"old"' } })).status, 200);
    await server.restart();
    assert.equal((await server.request('GET', '/app/')).headers.etag, etag);
  });
  test('a strict Content-Security-Policy without inline script, and no page may frame it', async () => {
    const { headers, text } = await server.request('GET', '/app/');
    const policy = Object.fromEntries(
      headers['content-security-policy'].split(';').map((d) => d.trim().split(/ (.*)/s)).map(([k, v]) => [k, v]),
    );
    assert.equal(policy['default-src'], "'none'");
    assert.equal(policy['script-src'], "'self'");
    assert.equal(policy['frame-ancestors'], "'none'");
    assert.equal(policy['base-uri'], "'none'");
    assert.ok(!headers['content-security-policy'].includes('unsafe'));
    assert.doesNotMatch(text, /<script(?![^>]*\bsrc=)[^>]*>|\son\w+=|style="/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
    assert.equal(headers['strict-transport-security'], undefined, 'only on https');
  });
  test('/ and /app lead to it', async () => {
    for (const path of ['/', '/app']) {
      const answer = await server.request('GET', path);
      assert.equal(answer.status, 308);
      assert.equal(answer.headers.location, '/app/');
    }
  });
  test('a record\'s link whose # was encoded on its way leads to the record', async () => {
    const places = { '/app/%23/todo/EXA-CON-BUS-WOR-01': '/app/#/todo/EXA-CON-BUS-WOR-01',
      '/app/%23/a%0D%0Ab%22%2F..%2F%C3%BC%20c': '/app/#/a%0D%0Ab%22/../%C3%BC%20c', '/app/%23/': '/app/#/' };
    for (const [path, location] of Object.entries(places)) {
      const { answers } = await server.exchange(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`, { answers: 1 });
      assert.deepEqual([answers[0].status, answers[0].headers.location], [308, location], path);
    }
    assert.equal((await server.request('GET', '/app/%23todo', { check: false })).status, 404);
  });
  test('/t/KEY leads to a record, whether or not there is one, by the public address', async () => {
    const lead = async (key, at = server) => {
      const { answers } = await at.exchange(`GET /t/${key} HTTP/1.1\r\nHost: x\r\n\r\n`, { answers: 1 });
      return [answers[0].status, answers[0].headers.location];
    };
    assert.deepEqual(await lead('exa-con-bus-wor-3'), [302, `${server.url}/app/#/todo/EXA-CON-BUS-WOR-03`]);
    assert.deepEqual(await lead('NO-WHERE-9999'), [302, `${server.url}/app/#/todo/NO-WHERE-9999`]);
    for (const key of ['', 'x', 'EXA', 'EXA-0', 'EXA-CON-BUS-WOR-x', '%22%3E%3Cscript%3E-1', 'A-1%0D%0AX:1', 'A-B-1/c2',
      `${'A-'.repeat(200)}1`])
      assert.equal((await lead(key))[0], 404, key);
    assert.equal((await lead('A-B-1?x=1'))[0], 400);
    const below = await startServer({ listen: `127.0.0.1:${await freePort()}`, users: [], workspaces: [],
      args: ['--public-url', 'https://intra.example/control'] });
    assert.deepEqual(await lead('A-B-1', below), [302, 'https://intra.example/control/app/#/todo/A-B-01']);
    await below.stop();
  });
  test('no way out of it', async () => {
    for (const path of ['/app/../etc/passwd', '/app/..%2f..%2fetc%2fpasswd', '/app/%2e%2e/', '/app//', '/app/nosuch.js',
        '/app/openapi.json', '/app/docs.html', '/app/index.html%00']) {
      /* Over a socket: a client would tidy the path up. */
      const { answers } = await server.exchange(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`, { answers: 1 });
      assert.ok([400, 404].includes(answers[0]?.status), path);
    }
  });
  test('config.json says where one is', async () => {
    const { json } = await server.request('GET', '/app/config.json');
    assert.equal(json.environment, 'prod');
    assert.equal(json.publicUrl, server.url);
    assert.equal(json.firstRun, false);
  });
});

describe('health, and what is unknown', () => {
  test('/healthz and /readyz', async () => {
    assert.equal((await server.request('GET', '/healthz')).status, 200);
    assert.equal((await server.request('GET', '/readyz')).status, 200);
  });
  test('unknown paths: 404 as a problem', async () => {
    for (const path of ['/nosuch', `${API}/nosuch`, `${API}/tasks/A-B-1/nosuch`, '//healthz', '/healthz/', '/HEALTHZ',
        '/app/session/x', `${API}/tasks/`]) {
      const answer = await server.request('GET', path, { check: false });
      assert.equal(answer.status, 404, path);
      checkProblem(answer, path);
    }
  });
  test('unknown methods: 405 with Allow, and what it lists works', async () => {
    const wrong = { '/healthz': 'POST', [`${API}/tasks`]: 'DELETE', [`${API}/task/add-task`]: 'GET',
      '/app/session': 'PUT', '/bzctrl-core-api/oauth/token': 'GET' };
    for (const [path, method] of Object.entries(wrong)) {
      const answer = await server.request(method, path, { check: false });
      assert.equal(answer.status, 405, path);
      checkProblem(answer, path);
      const allowed = answer.headers.allow.split(', ');
      assert.ok(allowed.length > 0 && !allowed.includes(method));
      assert.equal(new Set(allowed).size, allowed.length, answer.headers.allow);
      for (const other of allowed)
        assert.notEqual((await server.request(other, path, { check: false })).status, 405, `${other} ${path}`);
    }
  });
  test('methods that nobody knows', async () => {
    for (const method of ['TRACE', 'OPTIONS', 'PURGE', 'M-SEARCH'])
      assert.ok([405, 501].includes((await server.request(method, '/healthz', { check: false })).status), method);
  });
  test('every answer is nosniff', async () => {
    for (const path of ['/app/', '/healthz', '/nosuch', `${API}/tasks`])
      assert.equal((await server.request('GET', path, { check: false })).headers['x-content-type-options'], 'nosniff',
        path);
  });
  test('no answer names the software\'s version or what it is made of', async () => {
    const { headers } = await server.request('GET', '/healthz');
    assert.equal(headers['x-powered-by'], undefined);
    assert.doesNotMatch(headers.server ?? '', /\d/);
  });
});

describe('the session of the web app', () => {
  const app = () => ({ origin: server.url, 'x-bzctrl-app': '1' });

  function signIn({ email = EXAMPLE.email, password = EXAMPLE.password } = {}, headers = app()) {
    return server.request('POST', '/app/session', {
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ email, password }),
    });
  }
  const cookieOf = (answer) => [answer.headers['set-cookie']].flat()[0];
  const pair = (answer) => cookieOf(answer).split(';')[0];

  test('sign in, read and create with the cookie, sign out', async () => {
    const signedIn = await signIn();
    assert.ok([200, 201].includes(signedIn.status), signedIn.text);
    assert.match(cookieOf(signedIn), /; *HttpOnly/i);
    assert.match(cookieOf(signedIn), /; *SameSite=Strict/i);
    assert.match(cookieOf(signedIn), /; *Path=\//i);
    assert.doesNotMatch(signedIn.text, /bzst_/, 'the secret is in the cookie only');
    const cookie = pair(signedIn);
    const session = await server.request('GET', '/app/session', { headers: { ...app(), cookie } });
    assert.equal(session.json.email, EXAMPLE.email);

    const list = await server.request('GET', `${API}/tasks`, { headers: { ...app(), cookie } });
    assert.equal(list.status, 200);
    const created = await server.request('POST', `${API}/task/add-task`, {
      headers: { ...app(), cookie, 'content-type': 'application/json' }, body: JSON.stringify(small()),
    });
    assert.equal(created.status, 201);

    const signedOut = await server.request('DELETE', '/app/session', { headers: { ...app(), cookie } });
    assert.equal(signedOut.status, 204);
    assert.equal((await server.request('GET', `${API}/tasks`, { headers: { ...app(), cookie } })).status, 401);
  });

  test('an import: many reports in one call, first as a dry run, by the cookie, from its own pages alone', async () => {
    const cookie = pair(await signIn());
    const send = (query, headers) => server.request('POST', `${API}/task/add-tasks${query}`, {
      headers: { cookie, 'content-type': 'application/json', ...headers },
      body: JSON.stringify([
        { idempotencyKey: 'row-1', task: small({ title: 'Row 1' }) },
        { idempotencyKey: 'row-2', task: small({ title: 'Row 2', impact: 'Severe' }) }]),
    });
    const total = async () => (await server.request('GET', `${API}/tasks?total=true&q="Row 1"`,
      { headers: { ...app(), cookie } })).json.total;
    const trial = await send('?dryRun=true', app());
    assert.deepEqual(trial.json.items.map(({ status, valid }) => [status, valid]), [[200, true], [422, undefined]]);
    assert.equal(trial.json.items[1].problem.errors[0].pointer, '/impact');
    assert.equal(await total(), 0);
    for (const headers of [{}, { 'x-bzctrl-app': '1' }, { origin: 'https://evil.example', 'x-bzctrl-app': '1' },
      { 'sec-fetch-site': 'same-origin', 'x-bzctrl-app': '1' }])
      assert.equal((await send('', headers)).status, 403, JSON.stringify(headers));
    for (let times = 0; times < 2; times++)
      assert.deepEqual((await send('', app())).json.items.map(({ status, replayed }) => [status, replayed ?? false]),
        [[201, times === 1], [422, false]]);
    assert.equal(await total(), 1);
  });
  test('says what its person may do, and where', async () => {
    const read = ['see', 'read'];
    const write = [...read, 'create', 'comment', 'write'];
    const manage = [...write, 'manage'];
    for (const [role, may] of Object.entries({ viewer: read, member: write, manager: manage })) {
      const email = `${role}-rights@example.com`;
      await addUser(server.dir, { email, role, domain: 'EXA-CON-BUS' });
      const { json } = await signIn({ email });
      assert.deepEqual([json.may, json.roles], [[], [{ domain: 'EXA-CON-BUS', role, may }]]);
    }
    await addUser(server.dir, { email: 'admin-rights@example.com', admin: true });
    const { json } = await signIn({ email: 'admin-rights@example.com' });
    assert.deepEqual([json.may, json.roles], [manage, []]);
  });
  test('the cookie counts only from the app\'s own pages', async () => {
    const cookie = pair(await signIn());
    const read = async (headers) =>
      (await server.request('GET', `${API}/tasks`, { headers: { cookie, ...headers } })).status;
    const write = async (headers) =>
      (await server.request('POST', `${API}/task/add-task`, {
        headers: { cookie, 'content-type': 'application/json', ...headers }, body: JSON.stringify(small()),
      })).status;
    assert.equal(await read({ 'sec-fetch-site': 'same-origin', 'x-bzctrl-app': '1' }), 200);
    assert.equal(await write({ ...app() }), 201);
    const foreign = [
      {}, { 'x-bzctrl-app': '1' }, { origin: server.url }, { origin: 'https://evil.example', 'x-bzctrl-app': '1' },
      { origin: 'null', 'x-bzctrl-app': '1' }, { 'sec-fetch-site': 'cross-site', 'x-bzctrl-app': '1' },
      { 'sec-fetch-site': 'same-site', 'x-bzctrl-app': '1' },
      { origin: `${server.url}.evil.example`, 'x-bzctrl-app': '1' },
    ];
    for (const headers of foreign) {
      assert.ok([401, 403].includes(await read(headers)), `read ${JSON.stringify(headers)}`);
      assert.ok([401, 403].includes(await write(headers)), `write ${JSON.stringify(headers)}`);
    }
    assert.ok([401, 403].includes(await write({ 'sec-fetch-site': 'same-origin', 'x-bzctrl-app': '1' })),
      'a write needs Origin');
  });

  test('signing in from a foreign page is refused', async () => {
    const foreign = [{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }];
    for (const headers of foreign)
      assert.equal((await signIn({}, headers)).status, 403, JSON.stringify(headers));
  });

  test('wrong and unknown: the same bytes; failures count for the token endpoint too', async () => {
    const user = { ...EXAMPLE, email: 'app@example.com' };
    await addUser(server.dir, user);
    const wrong = await signIn({ email: user.email, password: 'wrong password' });
    const unknown = await signIn({ email: 'nobody@example.com', password: 'wrong password' });
    assert.equal(wrong.status, 401);
    assert.equal(unknown.text, wrong.text);
    for (let i = 0; i < 5; i++) await signIn({ email: user.email, password: 'wrong password' });
    const throttled = await server.grant({ grant_type: 'password', username: user.email, password: 'wrong password' });
    assert.equal(throttled.status, 429);
  });

  test('a body that is not right', async () => {
    const post = (body, type = 'application/json') =>
      server.request('POST', '/app/session', { headers: { 'content-type': type, ...app() }, body });
    for (const body of ['', '[]', '{}', '{"email":"a@example.com"}', '{"email":1,"password":2}',
      '{"email":"a","email":"b","password":"c"}'])
      assert.ok([400, 422].includes((await post(body)).status), body);
    assert.equal((await post('email=a&password=b', 'application/x-www-form-urlencoded')).status, 415);
  });

  test('who is disabled while a change of theirs waits gets the answer for a cookie', async (t) => {
    const missing = await straceMissing();
    if (missing) return t.skip(missing);
    const [email, boss] = ['waiting@example.com', 'boss@example.com'];
    await addUser(server.dir, { email, role: 'manager', domain: 'EXA-CON-BUS' });
    await addUser(server.dir, { email: boss, admin: true });
    const headers = { ...app(), cookie: pair(await signIn({ email })), 'content-type': 'application/json' };
    await server.token(boss);
    const hold = await holdCall(server.pid, 'bzctrl-write', onPostgres ? 'sendto' : 'fdatasync');
    const disabled =
      server.send(boss, 'PATCH', `${API}/people/${email}`, { disabled: true }, { headers: { 'if-match': '*' } });
    await hold.held;
    /* Both changes take turns on the directory lane. */
    const changed =
      server.request('POST', `${API}/workspaces`, { headers, body: JSON.stringify({ key: 'EXA-CON-BUS-LATE' }) });
    await caughtUp(server.where.port);
    assert.equal((await server.request('GET', '/app/session', { headers })).status, 200);
    await hold.release();
    assert.equal((await disabled).status, 200);
    const { status, json, headers: { 'www-authenticate': challenge } } = await changed;
    assert.deepEqual([status, json.detail, challenge],
      [401, 'The session has ended; sign in again.', 'Bearer realm="bzctrl"']);
  });

  test('behind https the cookie is __Host- and Secure, and HSTS is sent', async () => {
    const secure =
      await startServer({ listen: `127.0.0.1:${await freePort()}`, args: ['--public-url', 'https://bzctrl.example'] });
    const answer = await secure.request('POST', '/app/session', {
      headers: { 'content-type': 'application/json', origin: 'https://bzctrl.example', 'x-bzctrl-app': '1' },
      body: JSON.stringify({ email: EXAMPLE.email, password: EXAMPLE.password }),
    });
    assert.match(cookieOf(answer), /^__Host-[^=]+=bzst_[^;]+;/);
    assert.match(cookieOf(answer), /; *Secure/i);
    assert.match((await secure.request('GET', '/app/')).headers['strict-transport-security'], /^max-age=\d+/);
    const created = await secure.addTask(small());
    assert.equal(created.json.taskLink, 'https://bzctrl.example/app/#/todo/EXA-CON-BUS-WOR-01');
    await secure.stop();
  });
});
