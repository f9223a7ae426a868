/*
 * Idempotency-Key: whoever gets no answer sends again, and nothing is reported twice.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeFile } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';

const OTHER = { ...EXAMPLE, email: 'other@example.com' };
const KEYS = Number(process.env.BZCTRL_IDEMPOTENCY_KEYS || 200);
const SENDS = Number(process.env.BZCTRL_IDEMPOTENCY_SENDS || 20);

let server;
before(async () => {
  server = await startServer({ users: [EXAMPLE, OTHER] });
  await server.token(); /* once, and not by each of the many that send at once */
});
after(() => server.stop());

function send(key, changes = {}, options = {}) {
  return server.addTask(small(changes), { ...options, headers: { 'idempotency-key': key, ...options.headers } });
}

/* What a replay must repeat byte for byte. */
function essence({ status, headers, text }) {
  return [status, headers.location, headers.etag, headers['bzctrl-receipt'], headers['content-type'], text];
}

async function titles() {
  return (await server.listAll()).map((item) => item.title);
}

test(`${KEYS} keys, each sent ${SENDS} times at once: one record and one answer each`, async () => {
  const receipts = new Set();
  const perRound = 20;
  for (let first = 0; first < KEYS; first += perRound) {
    const keys = Array.from({ length: Math.min(perRound, KEYS - first) }, (_, i) => `parallel ${first + i}`);
    const sends = keys.flatMap((key) => Array(SENDS).fill(key));
    const answers = await Promise.all(sends.map((key) => send(`"${key}"`, { title: key })));
    for (const key of keys) {
      const own = answers.filter((_, i) => sends[i] === key);
      assert.deepEqual(own.map((a) => a.status), Array(SENDS).fill(201));
      for (const answer of own) assert.deepEqual(essence(answer), essence(own[0]));
      const replayed = own.filter((a) => a.headers['idempotent-replayed'] === 'true');
      assert.equal(replayed.length, SENDS - 1, 'all but one say that they are replays');
      receipts.add(own[0].headers['bzctrl-receipt']);
    }
  }
  assert.equal(receipts.size, KEYS);
  const stored = (await titles()).filter((title) => title.startsWith('parallel '));
  assert.equal(stored.length, KEYS);
  assert.equal(new Set(stored).size, KEYS);
});

test('a second send gets the first answer; the other body is refused', async () => {
  const first = await send('"again"', { title: 'again' });
  const second = await send('"again"', { title: 'again' });
  assert.deepEqual(essence(second), essence(first));
  assert.equal(first.headers['idempotent-replayed'], undefined);
  assert.equal(second.headers['idempotent-replayed'], 'true');

  const other = await send('"again"', { title: 'another' });
  assert.equal(other.status, 422);
  assert.equal(other.json.errors, undefined);
  assert.match(other.json.detail, /key/i);
  assert.deepEqual((await titles()).filter((t) => t === 'another'), []);
  assert.deepEqual(essence(await send('"again"', { title: 'again' })), essence(first), 'the key still works');
});

test('the refusal of another body names the record that the key made, to the account that made it', async () => {
  const first = await send('"named"', { title: 'named' });
  const key = first.headers.location.split('/').at(-1);
  const said = `This Idempotency-Key was used before with another body or query, and made ` +
      `${key}. To send that report again, send the same bytes; for another report, use a new key.`;
  const other = await send('"named"', { title: 'named', sentAt: '2026-11-28T10:00:05Z' });
  assert.deepEqual([other.status, other.json.detail], [422, said]);
  const bulk = await server.addTasks([{ idempotencyKey: 'named', task: small({ title: 'named by bulk' }) }]);
  assert.deepEqual([bulk.json.items[0].status, bulk.json.items[0].problem.detail], [422, said]);
  assert.equal((await send('"named"', { title: 'of another account' }, { as: OTHER.email })).status, 201);
});

test('a key that was answered with somebody else’s record does not name that', async () => {
  const chief = 'chief@example.com';
  await server.command(['user', 'add', chief, '--domain', 'EXA-CON-BUS', '--role', 'manager', '--password-file',
    makeFile(`${EXAMPLE.password}\n`)]);
  const made = await server.send(chief, 'PUT', `${API}/workspaces/EXA-CON-BUS-WOR/forms/once`,
    { dedup: { by: ['title'], then: 'answer', acrossSources: true } });
  assert.equal(made.status, 201, made.text);
  const once = (key, changes, as) => send(key, { title: 'once', ...changes }, { as, query: '?form=once' });
  assert.equal((await once('"o-1"', {}, OTHER.email)).status, 201);
  assert.equal((await once('"o-2"', {})).status, 200);
  const refused = await once('"o-2"', { sentAt: 'later' });
  assert.equal(refused.status, 422);
  assert.equal(refused.json.detail,
    'This Idempotency-Key was used before with another body or query. To send that report again, send the same ' +
        'bytes; for another report, use a new key.');
});

test('another body is another SHA-256 of raw body and query', async () => {
  const raw = JSON.stringify(small({ title: 'raw' }));
  const headers = { 'idempotency-key': '"raw"' };
  assert.equal((await server.addTask(raw, { headers })).status, 201);
  assert.equal((await server.addTask(`${raw} `, { headers })).status, 422);
  assert.equal((await server.addTask(raw, { headers, query: '?form=default' })).status, 422);
  assert.equal((await server.addTask(raw, { headers })).headers['idempotent-replayed'], 'true');
});

test('parallel sends of one key with two bodies: one record, and one body is refused', async () => {
  for (let round = 0; round < 10; round++) {
    const titlesSent = Array.from({ length: 10 }, (_, i) => `clash ${round} ${i % 2}`);
    const answers = await Promise.all(titlesSent.map((title) => send(`"clash ${round}"`, { title })));
    const winner = titlesSent[answers.findIndex((a) => a.status === 201)];
    answers.forEach((answer, i) => assert.equal(answer.status, titlesSent[i] === winner ? 201 : 422));
    assert.equal((await titles()).filter((t) => t.startsWith(`clash ${round} `)).length, 1);
  }
});

test('a refused request binds no key', async () => {
  assert.equal((await send('"mended"', { title: '' })).status, 422);
  assert.equal((await send('"mended"', { domainWorkSpace: 'NO-WHERE' })).status, 422);
  const mended = await send('"mended"', { title: 'mended' });
  assert.equal(mended.status, 201);
  assert.equal(mended.headers['idempotent-replayed'], undefined);
});

test('what was accepted is answered again, also when it would be refused by now', async () => {
  let tooOld, occurredAt, first;
  for (let margin = 3000; first?.status !== 201; margin *= 2) { // until it comes in time on a machine that is busy
    assert.ok(margin < 100_000, first?.text);
    tooOld = Date.now() + margin;
    occurredAt = new Date(tooOld - 30 * 86_400_000).toISOString();
    first = await send('"late"', { title: 'late', occurredAt });
  }
  await new Promise((resolve) => setTimeout(resolve, tooOld + 100 - Date.now()));
  assert.equal((await send('"later"', { title: 'late', occurredAt })).status, 422, 'it is too old now');
  const again = await send('"late"', { title: 'late', occurredAt });
  assert.deepEqual(essence(again), essence(first));
  assert.equal(again.headers['idempotent-replayed'], 'true');
});

test('two accounts may use the same key', async () => {
  const one = await send('"shared"', { title: 'one' });
  const two = await send('"shared"', { title: 'two' }, { as: OTHER.email });
  assert.equal(one.status, 201);
  assert.equal(two.status, 201);
  assert.notEqual(one.headers.location, two.headers.location);
});

test('a quoted string and a bare token are the same key', async () => {
  const first = await send('"8e03978e-40d5"', { title: 'quoted' });
  const second = await send('8e03978e-40d5', { title: 'quoted' });
  assert.deepEqual(essence(second), essence(first));
  assert.equal(second.headers['idempotent-replayed'], 'true');
});

test('keys of 1 and of 255 characters, with blanks and escapes', async () => {
  for (const key of ['"k"', `"${'q'.repeat(255)}"`, 'b'.repeat(255), '"with blanks, and = signs"', '"\\"\\\\"']) {
    const first = await send(key, { title: key.slice(0, 50) });
    assert.equal(first.status, 201, `${key}: ${first.text}`);
    assert.deepEqual(essence(await send(key, { title: key.slice(0, 50) })), essence(first));
  }
});

test('what is no key: 400, and nothing is created', async () => {
  const before = (await titles()).length;
  for (const key of ['', '""', `"${'k'.repeat(256)}"`, 'k'.repeat(256), '"open', 'open"', '"a"b', '"a";x=1 2',
    'two words', '"\\x"', 'a,b', '"\u00e9"'])
    assert.equal((await send(key, { title: 'bad key' })).status, 400, JSON.stringify(key));
  const twice = await send(['"a"', '"b"'], { title: 'bad key' });
  assert.equal(twice.status, 400);
  assert.equal((await titles()).length, before);
});

test('an answer is repeated after a restart, byte for byte', async () => {
  const first = await send('"restart"', { title: 'restart \u00e9 \ud83d\ude00' });
  const port = server.url;
  await server.restart();
  assert.equal(server.url, port);
  const second = await send('"restart"', { title: 'restart \u00e9 \ud83d\ude00' });
  assert.deepEqual(essence(second), essence(first));
  assert.equal(second.headers['idempotent-replayed'], 'true');
  assert.equal((await send('"restart"', { title: 'other' })).status, 422);
});

test('a replay shows the answer of then, and reading shows the record', async () => {
  const first = await send('"read"', { title: 'read' });
  const again = await send('"read"', { title: 'read' });
  const record = await server.get(new URL(again.headers.location, server.url).pathname);
  assert.equal(record.json.title, 'read');
  assert.equal(record.headers.etag, first.headers.etag);
  assert.ok(record.json.key.startsWith('EXA-CON-BUS-WOR-'));
  assert.ok(new URL(again.headers.location, server.url).pathname.startsWith(`${API}/tasks/`));
});
