/*
 * Attachments: bytes come back as they were, whole and in ranges; hostile names and types do no harm;
 * uploads and downloads are bounded in memory; and what was broken off leaves no bytes.
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { shim } from '../lib/client.mjs';
import { changeStored, databaseUrl, keepStored, numberStored } from '../lib/database.mjs';
import { connect, readAnswers } from '../lib/http.mjs';
import { patience, run, runBzctrld, until } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';
import { verifyHistory } from '../lib/verify_history.mjs';

const OTHER = { email: 'other@example.com', role: 'member', domain: 'EXA-CON-BUS' };
const MANAGER = { email: 'manager@example.com', role: 'manager', domain: 'EXA' };
const VIEWER = { email: 'viewer@example.com', role: 'viewer', domain: 'EXA-CON-BUS' };
const MIB = 1024 * 1024;
const MAX = 25 * MIB;
const CHUNK = 64 * 1024;

let server;
before(async () => {
  server = await startServer({ users: [EXAMPLE, OTHER, MANAGER, VIEWER] });
  for (const { email } of [EXAMPLE, OTHER, MANAGER]) await server.token(email);
});
after(() => server.stop());

const sha256 = (bytes, encoding = 'hex') => createHash('sha256').update(bytes).digest(encoding);
const fresh = async (options) => `${API}/tasks/${(await server.createAndRead(small(), options)).key}`;
const attach =
  (at, name, bytes, { type = 'application/octet-stream', as = EXAMPLE.email, headers = {}, ...options } = {}) =>
  server.requestAs(as, 'POST', `${at}/attachments?name=${encodeURIComponent(name)}`,
    { headers: { 'content-type': type, ...headers }, body: bytes, ...options });
const pathOf = (answer) => new URL(answer.headers.location).pathname;
const list = async (at) => (await server.get(`${at}/attachments`)).json.items;
const count = (sql) => numberStored(server.dir, sql);
const memory = () => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) * 1024;
const verify = () => runBzctrld(['verify', '--data', server.dir]);

async function attached(at, name, bytes, options) {
  const answer = await attach(at, name, bytes, options);
  assert.equal(answer.status, 201, answer.text);
  return answer;
}

/* The job that drops bytes runs once a minute, and at once after a start when it is due. */
async function dropped(dir = server.dir) {
  await server.terminate();
  changeStored(dir, "UPDATE job SET due_at = 0 WHERE kind = 'attachment expiry'");
  await server.start();
  await until(() => count('SELECT COUNT(*) FROM content WHERE drop_at IS NOT NULL') === 0, 'the bytes to go');
}

/* ---- bytes ---- */

test('a file comes back as it was, and the history has its name, size and hash', async () => {
  const at = await fresh();
  const bytes = randomBytes(3 * CHUNK + 17);
  const answer = await attached(at, 'Invoice 7.pdf', bytes, { type: 'application/PDF; x=y' });
  const attachment = answer.json;
  assert.deepEqual(Object.keys(attachment), ['id', 'name', 'type', 'size', 'sha256', 'author', 'createdAt']);
  assert.deepEqual(attachment,
    { ...attachment, name: 'Invoice 7.pdf', type: 'application/pdf', size: bytes.length, sha256: sha256(bytes),
      author: EXAMPLE.email });
  const { status, headers, body } = await server.get(pathOf(answer));
  assert.equal(status, 200);
  assert.ok(body.equals(bytes));
  assert.equal(headers.etag, `"${sha256(bytes)}"`);
  assert.equal(headers.etag, answer.headers.etag);
  assert.equal(headers['content-digest'], `sha-256=:${sha256(bytes, 'base64')}:`);
  assert.equal(headers['content-length'], String(bytes.length));
  assert.deepEqual(await list(at), [attachment]);
  const record = (await server.get(at)).json;
  assert.deepEqual([record.attachmentCount, record.version, record.updatedAt], [1, 2, attachment.createdAt]);
  const [event] = (await server.get(`${at}/events`)).json.items;
  assert.equal(event.action, 'task.attached');
  assert.equal(answer.headers['bzctrl-receipt'], `EXA-CON-BUS:${event.seq}:${event.hash}`);
  const { id, name, type, size, sha256: hash } = attachment;
  assert.deepEqual(event.changes, { attachment: [null, { id, name, type, size, sha256: hash }] });
});

for (const size of [1, CHUNK - 1, CHUNK, CHUNK + 1, 16 * CHUNK, 16 * CHUNK + 1, MAX])
  test(`${size} bytes`, async () => {
    const at = await fresh();
    const bytes = randomBytes(size);
    const answer = await attached(at, 'file', bytes);
    assert.equal(answer.json.size, size);
    assert.equal(sha256((await server.get(pathOf(answer))).body), sha256(bytes));
  });

test('none at all, more than 25 MiB, no name, compressed ones: refused, and nothing is stored', async () => {
  const at = await fresh();
  const before = count('SELECT COUNT(*) FROM content');
  assert.equal((await attach(at, 'x', '')).status, 400);
  assert.equal((await attach(at, 'x', Buffer.alloc(MAX + 1))).status, 413);
  const chunked = await run('bash',
    ['-c', `head -c ${MAX +
      1} /dev/zero | curl --silent -T - -X POST -H 'Authorization: Bearer ` +
          `${await server.token()}' '${server.url}${at}/attachments?name=x'`]);
  assert.match(chunked.stdout, /"status":413/);
  for (const [more, headers, status] of [['', {}, 400], ['?name=a&name=b', {}, 400], ['?name=%00', {}, 400],
    ['?name=%ff', {}, 400], ['?name=x&y=1', {}, 400], ['?name=x', { 'content-encoding': 'gzip' }, 415]])
    assert.equal(
      (await server.requestAs(EXAMPLE.email, 'POST', `${at}/attachments${more}`, { headers, body: 'x' })).status,
      status, more);
  assert.equal(count('SELECT COUNT(*) FROM content'), before);
  assert.deepEqual(await list(at), []);
});

test('Content-Digest is checked', async () => {
  const at = await fresh();
  const bytes = Buffer.from('what was meant');
  let n = 0;
  const digest = (value) => attach(at, `${n++}`, bytes, { headers: { 'content-digest': value } });
  const good = `sha-256=:${sha256(bytes, 'base64')}:`;
  const sha512 = `sha-512=:${createHash('sha512').update(bytes).digest('base64')}:`;
  for (const value of [good, sha512, `${good}, ${sha512}`, `md5=:xx:, ${good}`])
    assert.equal((await digest(value)).status, 201, value);
  const before = (await list(at)).length;
  for (const [value, said] of [
    [`sha-256=:${sha256('other', 'base64')}:`, /was changed on its way/],
    [`${good}, ${sha512.replace(/:./, ':/')}`, /was changed on its way/],
    ['sha-256=:xx:', /must be/], ['sha-256=xx', /must be/], ['md5=:xx:', /can be checked/], ['', /can be checked/],
    ['x', /can be checked/]]) {
    const answer = await digest(value);
    assert.equal(answer.status, 400, `${value}: ${answer.text}`);
    assert.match(answer.json.detail, said);
  }
  assert.equal((await list(at)).length, before);
});

describe('ranges', () => {
  const bytes = randomBytes(2 * CHUNK + 100);
  let path;
  let etag;
  before(async () => {
    const answer = await attached(await fresh(), 'range', bytes);
    [path, etag] = [pathOf(answer), answer.headers.etag];
  });
  const get = (headers) => server.get(path, { headers });
  for (const [range, from, end] of [
    ['bytes=0-0', 0, 1], ['bytes=5-9', 5, 10], [`bytes=${CHUNK - 2}-${CHUNK + 1}`, CHUNK - 2, CHUNK + 2],
    [`bytes=${CHUNK}-`, CHUNK, bytes.length],
    ['bytes=-7', bytes.length - 7, bytes.length], ['bytes=-999999999', 0, bytes.length],
    [`bytes=100-999999999999`, 100, bytes.length], ['BYTES=1-2', 1, 3]])
    test(range, async () => {
      const answer = await get({ range });
      assert.ok(answer.body.equals(bytes.subarray(from, end)));
      if (end - from === bytes.length) return;
      assert.equal(answer.status, 206);
      assert.equal(answer.headers['content-range'], `bytes ${from}-${end - 1}/${bytes.length}`);
      assert.equal(answer.headers['repr-digest'], `sha-256=:${sha256(bytes, 'base64')}:`);
      assert.equal(answer.headers['content-digest'], undefined);
    });
  for (const range of [`bytes=${bytes.length}-`, 'bytes=-0', 'bytes=999999999999-'])
    test(`${range}: 416`, async () => {
      const answer = await get({ range });
      assert.equal(answer.status, 416);
      assert.equal(answer.headers['content-range'], `bytes */${bytes.length}`);
    });
  for (const range of ['bytes=9-5', 'bytes=a-b', 'bytes=-', 'items=0-1', 'bytes=0-1,4-5',
    'bytes=0-99999999999999999999999', 'bytes=', 'x'])
    test(`${range}: all of it`, async () => {
      const answer = await get({ range });
      assert.equal(answer.status, 200);
      assert.ok(answer.body.equals(bytes));
    });
  test('If-Range, If-None-Match and HEAD', async () => {
    assert.equal((await get({ range: 'bytes=0-0', 'if-range': etag })).status, 206);
    assert.equal((await get({ range: 'bytes=0-0', 'if-range': '"other"' })).status, 200);
    assert.equal((await get({ range: 'bytes=0-0', 'if-range': `W/${etag}` })).status, 200);
    assert.equal((await get({ 'if-none-match': etag })).status, 304);
    const head = await server.requestAs(EXAMPLE.email, 'HEAD', path);
    assert.deepEqual([head.status, head.headers['content-length'], head.body.length], [200, String(bytes.length), 0]);
  });
});

/* ---- names and types ---- */

test('a name is made safe to show and to save', async () => {
  const at = await fresh();
  const long = 'é'.repeat(200);
  for (const [sent, kept] of [
    ['../../etc/passwd', 'passwd'], ['..\\..\\boot.ini', 'boot.ini'], ['C:\\a\\b:c.txt', 'b_c.txt'], ['/', 'file'],
    ['..', 'file'], ['', 'file'],
    ['.bashrc', 'bashrc'], [' a . ', 'a'], ['con', '_con'], ['NUL.txt', '_NUL.txt'], ['Com1', '_Com1'], ['com', 'com'],
    ['console', 'console'],
    ['a\u202egnp.exe', 'agnp.exe'], ['a\u200f\u2066b', 'ab'], ['a\r\nSet-Cookie: x=y', 'aSet-Cookie_ x=y'],
    ['a\u0001\u007f\u0085b', 'ab'],
    ['Screenshot 3.00\u202fPM.png', 'Screenshot 3.00 PM.png'], ['日本語 🦊.txt', '日本語 🦊.txt'],
    ['a"b<c>d|e?f*g', 'a_b_c_d_e_f_g'],
    ['x'.repeat(300), 'x'.repeat(255)], [`${'x'.repeat(300)}.pdf`, `${'x'.repeat(251)}.pdf`],
    [`${long}.tar`, `${'é'.repeat(125)}.tar`], [`a.${'b'.repeat(300)}`, `a.${'b'.repeat(253)}`],
  ]) {
    const answer = await attached(at, sent, `of ${sent}`);
    assert.equal(answer.json.name, kept, JSON.stringify(sent));
    assert.ok(Buffer.byteLength(answer.json.name) <= 255);
    const { headers } = await server.get(pathOf(answer));
    const [, encoded] = /^attachment; filename\*=UTF-8''([A-Za-z0-9%._~-]+)$/.exec(headers['content-disposition']);
    assert.equal(decodeURIComponent(encoded), kept);
  }
});

test('only images whose bytes are images are shown in place', async () => {
  const at = await fresh();
  const png = Buffer.from('89504e470d0a1a0a0000000d', 'hex');
  const html = '<script>alert(1)</script>';
  let n = 0;
  for (const [type, bytes, shown] of [
    ['image/png', png, 'image/png'], ['IMAGE/JPEG', Buffer.from('ffd8ffe0', 'hex'), 'image/jpeg'],
    ['image/gif', 'GIF89a...', 'image/gif'],
    ['image/webp', 'RIFF\0\0\0\0WEBPVP8 ', 'image/webp'], ['image/png', html, null], ['image/gif', png, null],
    ['image/webp', 'RIFF', null],
    ['image/svg+xml', `<svg xmlns="http://www.w3.org/2000/svg">${html}</svg>`, null], ['text/html', html, null],
    ['text/html; charset=utf-7', '+ADw-script+AD4-', null],
    ['application/pdf', '%PDF-1.7', null], ['application/xhtml+xml', html, null],
    ['text/xml', '<?xml-stylesheet?>', null], ['text/javascript', 'alert(1)', null],
    ['application/x-shockwave-flash', 'FWS', null], ['multipart/x-mixed-replace; boundary=x', html, null],
    ['text/plain', png, null], ['', 'x', null], ['nonsense', 'x', null], ['a/b\tc', 'x', null],
  ]) {
    const answer = await attached(at, `${n++}.html`, bytes, { type });
    const { headers } = await server.get(pathOf(answer));
    assert.equal(headers['content-type'], shown ?? 'application/octet-stream', type);
    assert.match(headers['content-disposition'], shown ? /^inline; / : /^attachment; /);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['content-security-policy'], 'sandbox');
    assert.equal(headers['cache-control'], 'no-store');
  }
  assert.deepEqual(new Set((await list(at)).map(({ type }) => type)).has('application/octet-stream'), true);
});

/* ---- rights ---- */

test('a client attaches to what it has sent', async () => {
  const token =
    await server.clientToken(await server.addClient(MANAGER.email, { scopes: ['task:create', 'task:read'] }));
  const send = (at) => server.request('POST', `${at}/attachments?name=x`, { token, body: 'x' });
  const own = await fresh({ token, as: MANAGER.email });
  const made = await send(own);
  assert.equal(made.status, 201);
  assert.equal((await server.request('GET', pathOf(made), { token })).text, 'x');
  const other = await fresh();
  assert.equal((await send(other)).status, 404);
  const theirs = await attached(other, 'theirs', 'x');
  assert.equal((await server.request('GET', pathOf(theirs), { token })).status, 404);
  assert.equal((await server.get(`${own}/attachments/${theirs.json.id}`)).status, 404, 'of another record');
});

test('in a link the web app’s cookie suffices, to those bytes alone', async () => {
  const at = await fresh();
  const path = pathOf(await attached(at, 'x', 'x'));
  const session = await server.request('POST', '/app/session',
    { headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: EXAMPLE.email, password: EXAMPLE.password }) });
  const cookie = session.headers['set-cookie'][0].split(';')[0];
  const get = (target, headers) => server.request('GET', target, { headers: { cookie, ...headers } });
  assert.equal((await get(path, { 'sec-fetch-site': 'same-origin' })).text, 'x');
  for (const site of ['cross-site', 'same-site', 'none'])
    assert.equal((await get(path, { 'sec-fetch-site': site })).status, 403, site);
  assert.equal((await get(path, {})).status, 403);
  for (const other of ['', '/attachments', '/comments', '/events'])
    assert.equal((await get(at + other, { 'sec-fetch-site': 'same-origin' })).status, 403, other);
  const removal = await server.request('DELETE', path, { headers: { cookie, 'sec-fetch-site': 'same-origin' } });
  assert.equal(removal.status, 403);
});

test('a caller who is not signed in is refused before the body is read', async () => {
  const at = await fresh();
  for (const [token, status] of [['', 401], ['bzat_nonsense', 401]]) {
    const head = `POST ${at}/attachments?name=x HTTP/1.1\r\nHost: a\r\nContent-Length: ${MAX}\r\n${token &&
      `Authorization: Bearer ${token}\r\n`}\r\n`;
    const { answers, closed } = await server.exchange([head]);
    assert.deepEqual([answers[0].status, closed], [status, true]);
  }
});

/* ---- the same bytes, deleting ---- */

test('the same bytes twice in a record are kept once', async () => {
  const [at, other] = [await fresh(), await fresh()];
  const bytes = randomBytes(CHUNK * 3);
  const stored = () => count(`SELECT COUNT(*) FROM content WHERE size = ${bytes.length}`);
  const first = await attached(at, 'a', bytes);
  const again = await attach(at, 'a', bytes, { as: OTHER.email });
  assert.deepEqual([again.status, again.json], [200, first.json], 'under the same name it is the same');
  const second = await attached(at, 'b', bytes);
  assert.equal(stored(), 1);
  await attached(other, 'a', bytes);
  assert.equal(stored(), 2);
  assert.equal((await server.send(EXAMPLE.email, 'DELETE', pathOf(first))).status, 204);
  await dropped();
  assert.ok((await server.get(pathOf(second))).body.equals(bytes), 'what another name needs stays');
  assert.equal((await server.send(EXAMPLE.email, 'DELETE', pathOf(second))).status, 204);
  await dropped();
  assert.equal(stored(), 1);
  const third = await attached(at, 'a', bytes);
  assert.ok((await server.get(pathOf(third))).body.equals(bytes));
});

test('has:attachment finds the records that have one', async () => {
  const [one, none] = [await fresh(), await fresh()];
  const found = async (q) => {
    const { json } = await server.get(`${API}/tasks?${new URLSearchParams({ q, limit: '200' })}`);
    return [one, none].map((at) => json.items.some(({ key }) => at.endsWith(`/${key}`)));
  };
  const file = pathOf(await attached(one, 'a.txt', 'a'));
  assert.deepEqual(await found('has:attachment'), [true, false]);
  assert.deepEqual(await found('-has:Attachment'), [false, true]);
  await server.send(EXAMPLE.email, 'DELETE', file);
  assert.deepEqual(await found('has:attachment'), [false, false]);
  const refused = await server.get(`${API}/tasks?q=has:comments`);
  assert.deepEqual([refused.status, refused.json.detail],
    [400, 'q, character 1: has must be attachment, not "comments".']);
});

test('a deleted attachment: its bytes go, its events stay', async () => {
  const at = await fresh();
  const bytes = randomBytes(40 * CHUNK);
  const [mine, late] = [await attached(at, 'mine', bytes), await attached(at, 'late', 'late')];
  const path = pathOf(mine);
  assert.equal((await server.send(OTHER.email, 'DELETE', path)).status, 403);
  const gone = await server.send(EXAMPLE.email, 'DELETE', path);
  assert.equal(gone.status, 204);
  assert.match(gone.headers['bzctrl-receipt'], /^EXA-CON-BUS:/);
  assert.equal((await server.get(path)).status, 404);
  assert.deepEqual((await list(at)).map(({ name }) => name), ['late']);
  assert.equal((await server.get(at)).json.attachmentCount, 1);
  const [event, ...before] = (await server.get(`${at}/events`)).json.items;
  assert.deepEqual(event.changes.attachment, [before.at(-2).changes.attachment[1], null]);
  assert.equal((await server.send(EXAMPLE.email, 'DELETE', path)).status, 204);
  assert.equal((await server.get(`${at}/events`)).json.items[0].seq, event.seq);
  await dropped();
  assert.equal(count(`SELECT COUNT(*) FROM content WHERE size = ${bytes.length}`), 0);

  server.options.env = { LD_PRELOAD: shim('shift_clock'), BZCTRL_SHIFT_CLOCK: '905' };
  await server.restart();
  assert.equal((await server.send(EXAMPLE.email, 'DELETE', pathOf(late))).status, 403);
  assert.equal((await server.send(MANAGER.email, 'DELETE', pathOf(late))).status, 204);
  server.options.env = {};
  await server.restart();
});

test('Idempotency-Key: sent again, also many times at once, a file is there once', async () => {
  const at = await fresh();
  const bytes = randomBytes(2 * CHUNK);
  const send = (body = bytes, name = 'once') => attach(at, name, body, { headers: { 'idempotency-key': '"once"' } });
  const essence = ({ status, headers, text }) =>
    [status, headers.location, headers.etag, headers['bzctrl-receipt'], text];
  const answers = await Promise.all(Array.from({ length: 12 }, () => send()));
  for (const answer of answers) assert.deepEqual(essence(answer), essence(answers[0]));
  assert.equal(answers[0].status, 201);
  assert.equal(answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true').length, 11);
  assert.equal((await list(at)).length, 1);
  assert.equal((await send(Buffer.from('other'))).status, 422);
  assert.equal((await send(bytes, 'other')).status, 422);
  assert.equal((await server.send(EXAMPLE.email, 'DELETE', pathOf(answers[0]))).status, 204);
  assert.deepEqual(essence(await send()), essence(answers[0]), 'byte for byte, whatever became of it');
});

/* ---- who leaves, and how much at once ---- */

/* Sends the head of an upload, and some of its bytes once the server has made room for it; more of them follow, so that
 * it is not too slow for the server. */
async function begin(at, size, bytes, { as = EXAMPLE.email, name = 'part' } = {}) {
  const socket = await connect(server.where);
  const chunks = [];
  socket.on('data', (data) => chunks.push(data));
  socket.write(
    `POST ${at}/attachments?name=${name} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${await server.token(
      as)}\r\nContent-Length: ${size}\r\nExpect: 100-continue\r\n\r\n`);
  await Promise.race([once(socket, 'data'), once(socket, 'close')]);
  socket.write(bytes);
  const more = setInterval(() => socket.write(Buffer.alloc(4096)), 500);
  socket.once('close', () => clearInterval(more));
  return { socket, answers: () => readAnswers(Buffer.concat(chunks)), closed: once(socket, 'close') };
}

test('a client that leaves in the middle of an upload leaves no bytes', async () => {
  const at = await fresh();
  const before = count('SELECT COUNT(*) FROM content');
  for (const way of ['destroy', 'resetAndDestroy', 'end']) {
    const { socket, closed } = await begin(at, MAX, randomBytes(3 * MIB));
    socket[way]();
    await closed;
  }
  await until(async () => (await attach(at, 'whole', randomBytes(MAX))).status !== 503, 'room for uploads');
  assert.deepEqual((await list(at)).map(({ name }) => name), ['whole']);
  assert.equal(count('SELECT COUNT(*) FROM content'), before + 1);
});

test('uploads are bounded, of one account and of all; beyond that the answer is 503, and others go on', async () => {
  const at = await fresh();
  const waiting = [await begin(at, MAX, 'x'), await begin(at, MAX, 'x')];
  const third = await begin(at, MAX, 'x');
  await third.closed;
  const refused = third.answers().at(-1);
  assert.equal(refused.status, 503);
  assert.ok(Number(refused.headers['retry-after']) > 0);
  for (const as of [OTHER.email, OTHER.email]) waiting.push(await begin(at, MAX, 'x', { as }));
  const full = await begin(at, MAX, 'x', { as: MANAGER.email });
  await full.closed;
  assert.equal(full.answers().at(-1).status, 503);
  assert.equal((await server.addTask(small({ description: 'x'.repeat(60_000) }))).status, 201);
  assert.equal((await server.addTask(small({ extra: 'x'.repeat(900_000) }))).status, 201);
  for (const { socket, closed } of waiting) {
    socket.destroy();
    await closed;
  }
  await until(async () => (await attach(at, 'after', randomBytes(MAX), { as: MANAGER.email })).status === 201,
    'room for uploads');
});

test('a client that leaves in the middle of a download harms nobody', async () => {
  const path = pathOf(await attached(await fresh(), 'big', randomBytes(MAX)));
  const token = await server.token();
  for (let i = 0; i < 10; i++) {
    const socket = await connect(server.where);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    await once(socket, 'data');
    socket[i % 2 ? 'destroy' : 'resetAndDestroy']();
  }
  assert.equal((await server.get(path)).body.length, MAX);
});

test('200 downloads at once hold a piece each', async () => {
  const bytes = randomBytes(MAX);
  const path = pathOf(await attached(await fresh(), 'big', bytes));
  const token = await server.token();
  await server.get(path);
  const least = memory();
  const sockets = await Promise.all(Array.from({ length: 200 }, async () => {
    const socket = await connect(server.where);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`);
    await once(socket, 'data');
    socket.pause();
    return socket;
  }));
  /* All bytes of all of them would be 5 GB. */
  if (patience === 1)
    await until(() => memory() - least < 64 * MIB,
      () => `200 downloads to hold less than 64 MiB: ${(memory() - least) / MIB}`);
  const one = createHash('sha256');
  sockets.slice(1).forEach((socket) => socket.destroy());
  const chunks = [];
  sockets[0].on('data', (data) => chunks.push(data));
  sockets[0].resume();
  await once(sockets[0], 'close');
  one.update(Buffer.concat(chunks).subarray(-1000));
  assert.equal(one.digest('hex'), sha256(bytes.subarray(-1000)));
});

test('kill -9 during uploads: what was answered is there and whole, what was not leaves no bytes', async () => {
  const at = await fresh();
  const files = new Map();
  for (let round = 0; round < 4; round++) {
    const sends = Array.from({ length: 6 }, async (_, i) => {
      const bytes = randomBytes(MIB + round * 100 + i);
      const name = `${round}-${i}`;
      const answer = await attach(at, name, bytes, { as: [EXAMPLE, OTHER, MANAGER][i % 3].email, check: false })
        .catch(() => null);
      if (answer?.status === 201) files.set(name, sha256(bytes));
      return answer;
    });
    if (round < 3)
      await Promise.race([...sends,
        until(() => count('SELECT COUNT(*) FROM content WHERE drop_at IS NOT NULL') > round, 'an upload under way')]);
    else await Promise.all(sends);
    await server.kill9();
    await Promise.all(sends);
    await server.start();
  }
  const stored = new Map((await list(at)).map((one) => [one.name, one]));
  for (const [name, hash] of files)
    assert.equal(sha256((await server.get(`${at}/attachments/${stored.get(name).id}`)).body), hash, name);
  assert.equal((await server.get(at)).json.attachmentCount, stored.size);
  assert.equal((await verify()).code, 0);
  await server.terminate();
  changeStored(server.dir, 'UPDATE content SET drop_at = 1 WHERE drop_at IS NOT NULL');
  await server.start();
  await dropped();
  assert.equal(count('SELECT COUNT(*) FROM content'),
    count('SELECT COUNT(DISTINCT content_id) FROM attachment WHERE content_id IS NOT NULL'));
  assert.equal(count('SELECT COUNT(*) FROM content_chunk WHERE content_id NOT IN (SELECT id FROM content)'), 0);
});

test('verify finds each change that was not made by the program', async () => {
  const shared = server;
  server = await startServer({ users: [EXAMPLE] }); /* one with little to read */
  const at = await fresh();
  const made = await attached(at, 'kept.png',
    Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(CHUNK)]), { type: 'image/png' });
  const deleted = await attached(at, 'deleted', 'deleted');
  assert.equal((await server.send(EXAMPLE.email, 'DELETE', pathOf(deleted))).status, 204);
  await server.terminate();
  assert.equal((await verify()).code, 0);
  const second = () => verifyHistory(databaseUrl(server.dir).replace(/^sqlite:/, ''));
  assert.ok(second().length > 0);
  const restore = keepStored(server.dir);
  const { id } = made.json;
  const content = `(SELECT content_id FROM attachment WHERE id = ${id})`;
  for (const sql of [
    ...['name = \'other\'', 'type = \'text/html\'', 'size = size - 1', 'image = 0', 'author_id = author_id + 1',
      'created_at = created_at + 1', 'deleted_at = created_at',
      'content_id = NULL', 'last_seq = last_seq - 1', 'id = id - 100000000',
      'sha256 = (SELECT sha256 FROM attachment WHERE size = 7 LIMIT 1)'].map((set) =>
        `UPDATE attachment SET ${set} WHERE id = ${id}`),
    `UPDATE attachment SET deleted_at = NULL WHERE id = ${deleted.json.id}`,
    `DELETE FROM attachment WHERE id = ${id}`,
    `DELETE FROM content_chunk WHERE n = 1 AND content_id = ${content}`,
    `UPDATE content_chunk SET bytes = (SELECT bytes FROM content_chunk WHERE n = 1 AND content_id = ` +
        `${content}) WHERE n = 0 AND content_id = ${content}`,
    `UPDATE task SET attachment_count = 7 WHERE attachment_count = 1`,
  ]) {
    assert.ok(changeStored(server.dir, sql) > 0, sql);
    const verdict = await verify();
    assert.equal(verdict.code, 1, `${sql}: ${verdict.stderr}`);
    if (!sql.includes('image')) assert.throws(second, undefined, `the second verifier: ${sql}`);
    restore();
  }
  assert.equal((await verify()).code, 0);
  await server.stop();
  server = shared;
});
