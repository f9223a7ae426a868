/*
 * --rate-limit: how many requests an account may make. Far from the limit's own minute: what is
 * tried takes a few moments at most, in which a bucket gets no more than one request back.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { makeFile, runBzctrld, runBzctrldOk, until } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';

const OTHER = { ...EXAMPLE, email: 'other@example.com' };
const LIST = `${API}/tasks`;

/* "default";r=5;t=10 → {r: 5, t: 10} */
const parameters = (header) =>
  Object.fromEntries([...header.matchAll(/;([a-z])=(\d+)/g)].map(([, name, value]) => [name, Number(value)]));

describe('six a minute', () => {
  let server;
  before(async () => {
    server = await startServer({ users: [EXAMPLE, OTHER], args: ['--rate-limit', '6'] });
  });
  after(() => server.stop());

  test('so many are answered, with what is left; then 429, and when to come again', async () => {
    for (let i = 0; i < 6; i++) {
      const answer = await server.get(LIST);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers['ratelimit-policy'], '"default";q=6;w=60');
      const { r, t } = parameters(answer.headers.ratelimit);
      assert.equal(r, 5 - i);
      assert.ok(t <= 10 * (i + 1) && t > 10 * i - 5, `t=${t} after ${i + 1}`);
    }
    for (const answer of [await server.get(LIST), await server.addTask(small({ title: 'limited' })),
        await server.get(`${LIST}/NO-1`)]) {
      assert.equal(answer.status, 429);
      assert.equal(parameters(answer.headers.ratelimit).r, 0);
      const wait = Number(answer.headers['retry-after']);
      assert.ok(wait >= 1 && wait <= 10, `Retry-After: ${wait}`);
      assert.match(answer.json.detail, new RegExp(`6 requests a minute.* ${wait} seconds`));
    }
  });

  test('another account has a limit of its own, and who is not known has none', async () => {
    assert.equal((await server.get(LIST, { as: OTHER.email })).status, 200);
    for (let i = 0; i < 10; i++) {
      const answer = await server.request('GET', LIST, { token: 'nonsense' });
      assert.equal(answer.status, 401);
      assert.equal(answer.headers.ratelimit, undefined);
    }
    assert.equal((await server.request('GET', '/healthz')).headers.ratelimit, undefined);
    assert.equal(
      (await server.grant({ grant_type: 'password', username: OTHER.email, password: OTHER.password })).status, 200);
  });

  test('add-tasks counts as many as it has items, and owes what is more', async () => {
    const items = (n, title) => Array.from({ length: n }, () => ({ task: small({ title }) }));
    const as = OTHER.email;
    const first = await server.addTasks(items(2, 'counted'), { as });
    assert.equal(first.status, 200);
    assert.equal(parameters(first.headers.ratelimit).r, 3, 'one before, and two');
    const beyond = await server.addTasks(items(30, 'counted'), { as });
    assert.equal(beyond.status, 200);
    assert.equal(parameters(beyond.headers.ratelimit).r, 0);
    const refused = await server.addTasks(items(1, 'refused'), { as });
    assert.equal(refused.status, 429);
    const wait = Number(refused.headers['retry-after']);
    assert.ok(wait > 250 && wait <= 280, `27 are owed, 10 seconds each: Retry-After: ${wait}`);
  });
});

test('what was used comes back steadily', async () => {
  const server = await startServer({ args: ['--rate-limit', '60'] });
  await server.token();
  const answers = [];
  do answers.push(await server.get(LIST)); while (answers.at(-1).status === 200 && answers.length < 200);
  assert.equal(answers.at(-1).status, 429);
  assert.ok(answers.length > 60);
  assert.equal(answers.at(-1).headers['retry-after'], '1');
  await until(async () => (await server.get(LIST)).status === 200, 'a request that is let through again');
  await server.stop();
});

test('without the setting there is no limit, and no header', async () => {
  const server = await startServer();
  for (let i = 0; i < 100; i++) {
    const answer = await server.get(LIST);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.ratelimit, undefined);
    assert.equal(answer.headers['ratelimit-policy'], undefined);
  }
  await server.stop();
});

test('the setting: flag, environment, file; what is none is refused', async () => {
  const file = makeFile('rate-limit = 30\n');
  const printed = async (args, env) => /^rate-limit = (.*)$/m.exec(await runBzctrldOk(['config', ...args], { env }))[1];
  assert.equal(await printed([]), '0');
  assert.equal(await printed(['--config', file]), '30');
  assert.equal(await printed(['--config', file], { BZCTRL_RATE_LIMIT: '40' }), '40');
  assert.equal(await printed(['--config', file, '--rate-limit', '50'], { BZCTRL_RATE_LIMIT: '40' }), '50');
  for (const bad of ['-1', 'x', '1.5', '1000001', ' 5']) {
    const { code, stderr } = await runBzctrld(['config', '--rate-limit', bad]);
    assert.notEqual(code, 0, bad);
    assert.match(stderr, /--rate-limit must be a number/);
  }
});
