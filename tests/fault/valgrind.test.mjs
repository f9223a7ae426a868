/*
 * The server under valgrind: every route, taken and refused, then a clean stop. No access out of
 * bounds, no decision on what was never set, nothing that is allocated and forgotten. It sees what
 * sanitizers see, in the very build that is shipped, and inside the libraries too.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/* All is some twenty times slower there, hashing a password above all. The deadlines are read when
 * the modules are loaded. */
process.env.BZCTRL_PATIENCE = String(10 * Number(process.env.BZCTRL_PATIENCE || 1));
const { bzctrld, run } = await import('../lib/program.mjs');
const { ADD_TASK, API, EXAMPLE, REVOKE_PATH, SAMPLE, TOKEN_PATH, small, startServer } =
  await import('../lib/server.mjs');

const VALGRIND = [
  'valgrind', '-q', '--error-exitcode=99', '--leak-check=full', '--show-leak-kinds=definite',
  '--errors-for-leak-kinds=definite',
];

async function missing() {
  if (/__[at]san_init/.test(readFileSync(bzctrld, 'latin1')))
    return 'NOT TESTED: a build with sanitizers does not run under valgrind';
  const probe = await run('valgrind', ['-q', 'true']).catch(() => ({ code: 1 }));
  return probe.code === 0 ? false : 'valgrind is not installed, or cannot run here';
}

async function tokens(server) {
  const { email: username, password } = EXAMPLE;
  const granted = await server.grant({ grant_type: 'password', username, password });
  assert.equal(granted.status, 200, granted.text);
  const refreshed = await server.grant({ grant_type: 'refresh_token', refresh_token: granted.json.refresh_token });
  assert.equal(refreshed.status, 200, refreshed.text);
  assert.equal((await server.grant({ grant_type: 'password', username, password: 'another one' })).status, 400);
  assert.equal((await server.grant({ grant_type: 'password', username: 'nobody@example.com', password })).status, 400);
  assert.equal((await server.grant('grant_type=%')).status, 400);
  const revoked = await server.request('POST', REVOKE_PATH, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `token=${refreshed.json.refresh_token}`,
  });
  assert.equal(revoked.status, 200, revoked.text);
}

async function creates(server) {
  const status = async (expected, body, options) => {
    const answer = await server.addTask(body, options);
    assert.equal(answer.status, expected, answer.text);
    return answer;
  };
  const key = (name) => ({ headers: { 'idempotency-key': `"${name}"` } });
  await status(201, SAMPLE);
  await Promise.all(Array.from({ length: 8 }, (_, i) => status(201, small({ title: `${i}` }))));
  const first = await status(201, small(), key('one'));
  assert.equal((await status(201, small(), key('one'))).text, first.text);
  await status(422, small({ title: 'another' }), key('one'));
  await status(422,
    small({ title: undefined, impact: 'HUGE', financialImpact: '1e9', reminderDate: '2024-02-31', unknown: 1 }));
  await status(422, small({ title: '' }), key('two'));
  await status(200, small(), { query: '?dryRun=true' });
  await status(400, '{"title": "half');
  await status(400, '{"title": 1, "title": 2}');
  await status(413, Buffer.alloc(1024 * 1024 + 1, 0x20));
  assert.equal((await server.request('POST', ADD_TASK, { body: '{}' })).status, 401);
}

async function reads(server) {
  const status = async (expected, path) => {
    const answer = await server.get(path, { check: false });
    assert.equal(answer.status, expected, `${path}: ${answer.text}`);
    return answer;
  };
  const { next } = (await status(200, `${API}/tasks?limit=3`)).json;
  await status(200, `${API}/tasks?limit=3&cursor=${encodeURIComponent(next)}`);
  await status(200, `${API}/tasks?workspace=EXA-CON-BUS-WOR&assignee=${EXAMPLE.email}&createdAfter=2020-01-01`);
  await status(400, `${API}/tasks?limit=many`);
  await status(200, `${API}/tasks/EXA-CON-BUS-WOR-01`);
  await status(404, `${API}/tasks/EXA-CON-BUS-WOR-999`);
  await status(200, `${API}/tasks/EXA-CON-BUS-WOR-01/events`);
  for (const path of ['/.well-known/oauth-authorization-server/bzctrl-core-api', `${API}/openapi.json`,
    '/app/config.json', '/app/', '/healthz', '/readyz'])
    await status(200, path);
  for (const path of ['/', '/app']) assert.match(String((await server.get(path, { check: false })).status), /^30/);
  await status(404, '/nowhere');
  await status(405, ADD_TASK);
}

async function session(server) {
  const headers = { origin: server.url, 'x-bzctrl-app': '1', 'content-type': 'application/json' };
  const signIn = (password) =>
    server.request('POST', '/app/session', { headers, body: JSON.stringify({ email: EXAMPLE.email, password }) });
  assert.equal((await signIn('another one')).status, 401);
  const signedIn = await signIn(EXAMPLE.password);
  assert.equal(signedIn.status, 200, signedIn.text);
  const [cookie] = [signedIn.headers['set-cookie']].flat()[0].split(';');
  for (const [method, path] of [['GET', '/app/session'], ['GET', `${API}/tasks`], ['DELETE', '/app/session']])
    assert.ok((await server.request(method, path, { headers: { ...headers, cookie } })).status < 300, path);
}

async function framing(server) {
  for (const bytes of [
    'GET / HTTP/1.1\r\n\r\n',
    'GET /healthz HTTP/1.1\nHost: x\n\n',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    `POST ${ADD_TASK} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZ\r\n`,
    `GET /${'x'.repeat(100_000)} HTTP/1.1\r\n\r\n`,
  ]) {
    const { answers } = await server.exchange(bytes, { timeout: 100_000 });
    assert.match(String(answers[0]?.status), /^4/, bytes.slice(0, 80));
  }
  const pipelined = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(3);
  assert.equal((await server.exchange(pipelined, { answers: 3, timeout: 100_000 })).answers.length, 3);
  /* One that goes away in the middle. */
  await server.exchange(`POST ${ADD_TASK} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{`, { timeout: 1 });
}

test('every route, and a clean stop, under valgrind', { skip: await missing() }, async () => {
  const server = await startServer({ wrapper: VALGRIND });
  await tokens(server);
  await creates(server);
  await reads(server);
  await session(server);
  await framing(server);
  await server.command(['workspace', 'add', 'EXA-CON-BUS-LAB']);
  await server.stop();
});
