/*
 * Idempotency-Key of the calls that make something other than a report: a caller who gets no answer sends again, and
 * there is one of it.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { changeStored, numberStored, onPostgres } from '../lib/database.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const ADMIN = { email: 'admin@example.com', admin: true };

let server;
before(async () => {
  server = await startServer({ users: [EXAMPLE, ADMIN] });
  await server.token(ADMIN.email);
});
after(() => server.stop());

let keys = 0;
const newKey = () => `"once ${++keys}"`;
const post = (path, body, key = newKey()) =>
  server.send(ADMIN.email, 'POST', `${API}${path}`, body, { headers: { 'idempotency-key': key } });
/* What a replay must repeat byte for byte. */
const essence = ({ status, headers, text }) =>
  [status, headers.location, headers.etag, headers['content-type'], text];
const count = async (path) => (await server.get(`${API}${path}`, { as: ADMIN.email })).json.items.length;

const RULE = { kind: 'expire', name: 'Late' };
/* Where something is made, what, and the table that it is in. */
const MADE = [
  [`/workspaces/${WORKSPACE}/rules`, RULE, 'rule'],
  ['/domains', { key: 'ONC' }, 'domain'],
  ['/workspaces', { key: `${EXAMPLE.domain}-ONC` }, 'workspace'],
  ['/people', { email: 'once@example.com', name: 'Once' }, 'account'],
  [`/workspaces/${WORKSPACE}/forms`, { name: 'once' }, 'form'],
  ['/views', { name: 'Once' }, 'saved_view'],
  ['/meetings', { name: 'Once', domain: EXAMPLE.domain, workspaces: [WORKSPACE] }, 'meeting'],
  ['/single-sign-on/rules', { group: 'once', domain: EXAMPLE.domain, role: 'viewer' }, 'group_rule'],
];

for (const [path, body, table] of MADE)
  test(`${path}: the second send gets the first answer`, async () => {
    const stored = () => numberStored(server.dir, `SELECT COUNT(*) FROM ${table}`);
    const [before, key] = [stored(), newKey()];
    const first = await post(path, body, key);
    assert.equal(first.status, 201, first.text);
    assert.equal(first.headers['idempotent-replayed'], undefined);
    const second = await post(path, body, key);
    assert.deepEqual(essence(second), essence(first));
    assert.equal(second.headers['idempotent-replayed'], 'true');
    assert.equal(stored(), before + 1);
    const other = await post(path, { ...body, more: 1 }, key);
    assert.equal(other.status, 422, other.text);
    assert.match(other.json.detail, /idempotency key was used before/);
  });

for (const [path, body, table] of [
  ['/clients', { name: 'Once', domain: EXAMPLE.domain, scopes: ['task:read'] }, 'client_secret'],
  ['/webhooks', { domain: EXAMPLE.domain, url: 'https://example.invalid/' }, 'webhook'],
])
  test(`${path}: an answer with a secret is given once, and nothing is made twice`, async () => {
    const stored = () => numberStored(server.dir, `SELECT COUNT(*) FROM ${table}`);
    const [before, key] = [stored(), newKey()];
    const first = await post(path, body, key);
    assert.equal(first.status, 201, first.text);
    assert.ok(first.json.secret);
    const second = await post(path, body, key);
    assert.equal(second.status, 409, second.text);
    assert.ok(!second.text.includes(first.json.secret));
    assert.equal(stored(), before + 1);
    const text = onPostgres ? "encode(body, 'escape')" : 'CAST(body AS TEXT)';
    assert.equal(numberStored(server.dir, `SELECT COUNT(*) FROM answer
      WHERE ${text} LIKE '%${first.json.secret}%'`), 0);
  });

test('two records are related once', async () => {
  const [one, two] = [await server.createAndRead(small()), await server.createAndRead(small())];
  const key = newKey();
  const body = { key: two.key, kind: 'relates' };
  const answers = [];
  for (let i = 0; i < 2; i++) answers.push(await post(`/tasks/${one.key}/related`, body, key));
  assert.deepEqual(essence(answers[1]), essence(answers[0]));
  assert.ok(answers[0].status < 300, answers[0].text);
});

test('twenty sends at once make one rule', async () => {
  const path = `/workspaces/${WORKSPACE}/rules`;
  const [before, key] = [await count(path), newKey()];
  const answers = await Promise.all(Array.from({ length: 20 }, () => post(path, RULE, key)));
  const made = answers.filter(({ status }) => status === 201);
  assert.ok(made.length >= 1);
  assert.equal(new Set(made.map(({ text }) => text)).size, 1);
  for (const { status } of answers) assert.ok(status === 201 || status === 409, String(status));
  assert.equal((await post(path, RULE, key)).text, made[0].text);
  assert.equal(await count(path), before + 1);
});

test('what is refused binds no key, nor does a dry run', async () => {
  const path = `/workspaces/${WORKSPACE}/rules`;
  const [before, key] = [await count(path), newKey()];
  assert.equal((await post(path, { ...RULE, kind: 'unknown' }, key)).status, 422);
  assert.equal((await post(`${path}?dryRun=true`, RULE, key)).status, 200);
  assert.equal((await post(path, RULE, key)).status, 201);
  assert.equal(await count(path), before + 1);
  assert.equal((await post(path, RULE, 'a b')).status, 400);
});

test('a key outlasts a crash, also one whose answer was not kept', async () => {
  const path = `/workspaces/${WORKSPACE}/rules`;
  const [before, key] = [await count(path), newKey()];
  const first = await post(path, RULE, key);
  await server.kill9();
  await server.start();
  assert.deepEqual(essence(await post(path, RULE, key)), essence(first));
  changeStored(server.dir, `UPDATE answer SET status = 0, headers = '' WHERE id = (SELECT MAX(id) FROM answer)`);
  const again = await post(path, RULE, key);
  assert.equal(again.status, 409, again.text);
  assert.match(again.json.detail, /was carried out before/);
  assert.equal(await count(path), before + 1);
});
