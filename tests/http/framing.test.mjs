/*
 * Framing, as a client sees it (RFC 9112): what is one request and what is not, on real sockets.
 * tests/unit/http_parse.c has the same rules in finer grain, cut at every byte.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connect, exchange, readAnswers, request } from '../lib/http.mjs';
import { openClient, startEcho } from './echo.mjs';

const HEAD = 'POST /x HTTP/1.1\r\nHost: a\r\n';
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
const BEHIND = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';

/* name → the bytes of a request that must not be understood */
const broken = {
  'Transfer-Encoding with Content-Length': `${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
  'Content-Length with Transfer-Encoding': `${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'a repeated Content-Length': `${HEAD}Content-Length: 0\r\nContent-Length: 0\r\n\r\n`,
  'a listed Content-Length': `${HEAD}Content-Length: 0, 0\r\n\r\n`,
  'a signed Content-Length': `${HEAD}Content-Length: +0\r\n\r\n`,
  'a Content-Length in hex': `${HEAD}Content-Length: 0x0\r\n\r\n`,
  'an empty Content-Length': `${HEAD}Content-Length:\r\n\r\n`,
  'a blank before a colon': `${HEAD}X : y\r\n\r\n`,
  'a tab before a colon': `${HEAD}X\t: y\r\n\r\n`,
  'an empty header name': `${HEAD}: b\r\n\r\n`,
  'a header without a colon': `${HEAD}X\r\n\r\n`,
  'a bare LF after the request line': 'POST /x HTTP/1.1\nHost: a\r\n\r\n',
  'a bare LF after a header': `${HEAD}X: y\n\r\n`,
  'a bare LF as the empty line': `${HEAD}X: y\r\n\n`,
  'bare LF everywhere': 'POST /x HTTP/1.1\nHost: a\n\n',
  'a bare CR in a header': `${HEAD}X: y\rZ: z\r\n\r\n`,
  'bare CR everywhere': 'POST /x HTTP/1.1\rHost: a\r\r',
  'NUL in a header value': `${HEAD}X: y\0\r\n\r\n`,
  'NUL in a header name': `${HEAD}X\0: y\r\n\r\n`,
  'NUL in the target': 'POST /\0 HTTP/1.1\r\nHost: a\r\n\r\n',
  'a control byte in a header value': `${HEAD}X: \x1b\r\n\r\n`,
  'a folded header': `${HEAD}X: y\r\n z\r\n\r\n`,
  'a header folded with a tab': `${HEAD}X: y\r\n\tz\r\n\r\n`,
  'a blank line that is not empty': `${HEAD}X: y\r\n \r\n\r\n`,
  'a chunk extension': `${CHUNKED}1;a=b\r\nx\r\n0\r\n\r\n`,
  'a chunk extension without a name': `${CHUNKED}1;\r\nx\r\n0\r\n\r\n`,
  'a chunk extension on the last chunk': `${CHUNKED}1\r\nx\r\n0;a\r\n\r\n`,
  'a blank after a chunk size': `${CHUNKED}1 \r\nx\r\n0\r\n\r\n`,
  'a chunk size with 0x': `${CHUNKED}0x1\r\nx\r\n0\r\n\r\n`,
  'a signed chunk size': `${CHUNKED}+1\r\nx\r\n0\r\n\r\n`,
  'a chunk size of 17 digits': `${CHUNKED}00000000000000001\r\nx\r\n0\r\n\r\n`,
  'a chunk that is longer than its size': `${CHUNKED}1\r\nxy\r\n0\r\n\r\n`,
  'a bare LF after a chunk size': `${CHUNKED}1\nx\r\n0\r\n\r\n`,
  'a bare LF after a chunk': `${CHUNKED}1\r\nx\n0\r\n\r\n`,
  'a trailer': `${CHUNKED}1\r\nx\r\n0\r\nX: y\r\n\r\n`,
  'Transfer-Encoding gzip, chunked': `${HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  'Transfer-Encoding identity': `${HEAD}Transfer-Encoding: identity\r\n\r\n`,
  'Transfer-Encoding xchunked': `${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  'a repeated Transfer-Encoding': `${HEAD}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'Transfer-Encoding in HTTP/1.0': 'POST /x HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: ' +
      'chunked\r\n\r\n0\r\n\r\n',
  'a missing Host': 'GET /x HTTP/1.1\r\n\r\n',
  'a repeated Host': `${HEAD}Host: a\r\n\r\n`,
  'an empty Host': 'GET /x HTTP/1.1\r\nHost:\r\n\r\n',
  'a Host with a path': 'GET /x HTTP/1.1\r\nHost: a/b\r\n\r\n',
  'two blanks in the request line': 'GET  /x HTTP/1.1\r\nHost: a\r\n\r\n',
  'a blank after the version': 'GET /x HTTP/1.1 \r\nHost: a\r\n\r\n',
  'a request line without a version': 'GET /x\r\nHost: a\r\n\r\n',
  'a target that is not a path': 'GET x HTTP/1.1\r\nHost: a\r\n\r\n',
  'a method with forbidden bytes': 'GE(T /x HTTP/1.1\r\nHost: a\r\n\r\n',
};

const refusedOtherwise = {
  'HTTP/2.0': [505, 'GET /x HTTP/2.0\r\nHost: a\r\n\r\n'],
  'HTTP/0.9': [505, 'GET /x HTTP/0.9\r\nHost: a\r\n\r\n'],
  'another expectation': [417, `${HEAD}Expect: 200-ok\r\n\r\n`],
  'a head over 16 KiB': [431, `${HEAD}X: ${'x'.repeat(16 * 1024)}\r\n\r\n`],
  '101 headers': [431, `${HEAD}${'X: y\r\n'.repeat(100)}\r\n`],
  'a target over 16 KiB': [431, `GET /${'x'.repeat(16 * 1024)} HTTP/1.1\r\nHost: a\r\n\r\n`],
  'a chunk that passes the limit': [413,
    'POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n'],
  'a body where none is accepted': [400, 'POST /nobody HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx'],
};

describe('framing', () => {
  let echo;
  before(async () => {
    echo = await startEcho();
  });
  after(() => echo.stop());

  async function refused(bytes, status) {
    for (const pieces of [[bytes + BEHIND], [...bytes].concat(BEHIND)]) {
      const { answers, closed } = await exchange(echo.where, pieces);
      assert.deepEqual(answers.map((answer) => answer.status), [status]);
      assert.equal(answers[0].headers.connection, 'close');
      assert.ok(closed, 'the connection is closed');
    }
    assert.deepEqual(echo.answered(200), [], 'what comes after it is not run');
  }

  for (const [name, bytes] of Object.entries(broken))
    it(`refuses ${name} with 400, and closes`, () => refused(bytes, 400));
  for (const [name, [status, bytes]] of Object.entries(refusedOtherwise))
    it(`refuses ${name} with ${status}, and closes`, () => refused(bytes, status));
});

describe('requests', () => {
  let echo;
  before(async () => {
    echo = await startEcho();
  });
  after(() => echo.stop());

  it('are answered in their order when pipelined, the slow before the quick', async () => {
    const paths = Array.from({ length: 40 }, (_, i) => (i % 10 === 0 ? `/later?${i}` : `/p${i}`));
    const bytes = paths.map((path, i) =>
      i % 3 === 0
        ? `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
        : `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n${String(i).padStart(2)}`,
    ).join('');
    for (const pieces of [[bytes], [...bytes], bytes.match(/[^]{1,700}/g)]) {
      const { answers } = await exchange(echo.where, pieces, { answers: paths.length });
      assert.deepEqual(answers.map((answer) => answer.json.target), paths);
    }
  });

  it('that are sent far ahead wait in the kernel, not in memory', async () => {
    const count = 30_000;
    const client = await connect(echo.where);
    const mark = 'HTTP/1.1 200 OK';
    let received = 0;
    let text = '';
    const all = new Promise((resolve) => {
      client.on('data', (data) => {
        text += data.toString('latin1');
        received += text.split(mark).length - 1;
        text = text.slice(Math.max(text.lastIndexOf(mark) + 1, text.length - mark.length));
        if (received >= count) resolve();
      });
    });
    client.write('GET /later?300 HTTP/1.1\r\nHost: a\r\n\r\n');
    const before = echo.memory;
    client.write('GET /nobody HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(count - 1));
    await echo.line('answered 200');
    assert.ok(echo.memory - before < 2048, `${echo.memory - before} KiB more`);
    await all;
    client.destroy();
  });

  it('come in chunks of any cut', async () => {
    const bytes = `${CHUNKED}5\r\nhello\r\n1\r\n \r\n00a\r\nbig\r\nworld\r\n0\r\n\r\n`;
    for (const pieces of [[bytes], [...bytes]]) {
      const { answers } = await exchange(echo.where, pieces, { answers: 1 });
      assert.equal(answers[0].json.body, 'hello big\r\nworld');
    }
  });

  it('carry bodies of many megabytes', async () => {
    const body = Buffer.alloc(20 * 1024 * 1024, 'x');
    const url = `http://${echo.address}/x`;
    for (const headers of [{ 'content-length': body.length }, { 'transfer-encoding': 'chunked' }]) {
      const answer = await request(url, { method: 'POST', headers, body });
      assert.equal(answer.json.body, body.toString());
    }
  });

  it('may have one empty line before them', async () => {
    const { answers } =
      await exchange(echo.where, `\r\n${HEAD}Content-Length: 1\r\n\r\nx\r\n${BEHIND}`, { answers: 2 });
    assert.deepEqual(answers.map((answer) => answer.json.path), ['/x', '/smuggled']);
  });

  it('in absolute form are served by their path', async () => {
    const { answers } = await exchange(echo.where, 'GET http://b:1?q HTTP/1.1\r\nHost: a\r\n\r\n', { answers: 1 });
    assert.equal(answers[0].json.path, '/');
    assert.equal(answers[0].json.query, 'q');
    assert.equal(answers[0].json.target, 'http://b:1?q');
  });

  it('of HTTP/1.0 are closed after the answer, unless they ask otherwise', async () => {
    const close = await exchange(echo.where, 'GET /1 HTTP/1.0\r\n\r\n');
    assert.equal(close.answers[0].headers.connection, 'close');
    assert.ok(close.closed);
    const keep = await exchange(echo.where, 'GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n');
    assert.deepEqual(keep.answers.map((answer) => answer.headers.connection), ['keep-alive', 'close']);
    assert.ok(keep.closed);
  });

  it('that ask for it are the last of their connection', async () => {
    const { answers, closed } =
      await exchange(echo.where, `GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n${BEHIND}`);
    assert.deepEqual(answers.map((answer) => answer.json.path), ['/1']);
    assert.equal(answers[0].headers.connection, 'close');
    assert.ok(closed);
  });

  it('whose answer closes are the last, too', async () => {
    const { answers, closed } = await exchange(echo.where, `GET /close HTTP/1.1\r\nHost: a\r\n\r\n${BEHIND}`);
    assert.deepEqual(answers.map((answer) => answer.json.path), ['/close']);
    assert.ok(closed);
  });

  it('by HEAD get the head that GET would get', async () => {
    const client = await openClient(echo.where);
    await client.send('HEAD /big?1000 HTTP/1.1\r\nHost: a\r\n\r\nGET /big?10 HTTP/1.1\r\nHost: a\r\n\r\n');
    const text = await client.expect(/\r\n\r\n[^]*\r\n\r\n.{10}/);
    const [head, next] = text.split(/(?=HTTP\/1\.1)/);
    assert.match(head, /Content-Length: 1000\r\n(.*\r\n)*\r\n$/);
    assert.match(next, /Content-Length: 10\r\n(.*\r\n)*\r\nabcdefghij$/);
    client.socket.destroy();
  });

  it('that expect it are asked to continue', async () => {
    const client = await openClient(echo.where);
    await client.send(`${HEAD}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`);
    assert.equal(await client.expect(/\r\n\r\n/), 'HTTP/1.1 100 Continue\r\n\r\n');
    await client.send('hello');
    await client.expect(/"body":"hello"/);
    client.socket.destroy();
  });

  it('that expect it and send their body at once get one answer', async () => {
    const { answers } = await exchange(echo.where,
      `${HEAD}Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello${BEHIND}`, { answers: 2 });
    assert.deepEqual(answers.map((answer) => answer.status), [200, 200]);
  });

  it('that expect it with too long a body are refused without "continue"', async () => {
    const { answers, closed } = await exchange(echo.where,
      'POST /small HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n');
    assert.deepEqual(answers.map((answer) => answer.status), [413]);
    assert.ok(closed);
  });

  it('have headers of 100 lines and 16 KiB', async () => {
    const headers = Array.from({ length: 99 }, (_, i) => `X${i}: ${'y'.repeat(150)}\r\n`).join('');
    const filled = `GET / HTTP/1.1\r\nHost: a\r\n${headers}\r\n`;
    assert.ok(filled.length <= 16 * 1024);
    const bytes = filled.replace('y\r\n', `y${'y'.repeat(16 * 1024 - filled.length)}\r\n`);
    const { answers } = await exchange(echo.where, bytes, { answers: 1 });
    assert.equal(answers[0].json.headers.length, 100);
  });

  it('cannot make an answer carry a header of their own', async () => {
    const { answers } = await exchange(echo.where, 'GET /split HTTP/1.1\r\nHost: a\r\n\r\n', { answers: 1 });
    assert.equal(answers[0].headers['x-text'], 'one  X-Forged: two');
    assert.ok(!('x-forged' in answers[0].headers));
  });

  it('are answered with a date and without the name of a program', async () => {
    const { answers } = await exchange(echo.where, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', { answers: 1 });
    assert.ok(Math.abs(new Date(answers[0].headers.date) - Date.now()) < 5000);
    assert.ok(!('server' in answers[0].headers));
  });
});

describe('an early 413', () => {
  let echo;
  before(async () => {
    echo = await startEcho();
  });
  after(() => echo.stop());

  /* A client that reads nothing before it has sent all of its body. */
  async function sendAllThenRead(head, body) {
    const socket = await connect({ ...echo.where, allowHalfOpen: true });
    socket.pause();
    socket.write(head);
    await new Promise((resolve) => {
      socket.write(body, resolve);
    });
    const chunks = [];
    socket.on('data', (data) => chunks.push(data));
    socket.resume();
    await new Promise((resolve) => {
      socket.on('end', resolve);
      socket.on('close', resolve);
    });
    socket.destroy();
    return readAnswers(Buffer.concat(chunks));
  }

  const body = Buffer.alloc(16 * 1024 * 1024, 'x');

  it('can be read by a client that is still sending, with a length', async () => {
    const answers =
      await sendAllThenRead(`POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`, body);
    assert.deepEqual(answers.map((answer) => answer.status), [413]);
  });

  it('can be read by a client that is still sending, in chunks', async () => {
    const answers = await sendAllThenRead(
      `POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`, body);
    assert.deepEqual(answers.map((answer) => answer.status), [413]);
  });

  it('comes before the body does', async () => {
    const client = await openClient(echo.where);
    await client.send('POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n');
    await client.expect(/^HTTP\/1\.1 413 /);
    client.socket.destroy();
  });

  it('takes a body that just fits', async () => {
    const { answers } = await exchange(echo.where,
      `POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n${'x'.repeat(1000)}`, { answers: 1 });
    assert.equal(answers[0].status, 200);
  });
});
