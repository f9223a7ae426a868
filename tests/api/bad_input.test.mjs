/*
 * Bad HTTP on the real server: every broken framing is answered 400 and the connection closed, what
 * must work works, and after each the next request on a fresh connection is served. (The parser has
 * its own unit tests over many more requests; here it is shown that nothing of it is bypassed.)
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changeStored } from '../lib/database.mjs';
import { connect, readAnswers } from '../lib/http.mjs';
import { patience, until } from '../lib/program.mjs';
import { ADD_TASK, API, small, startServer } from '../lib/server.mjs';

let server;
let token;
before(async () => {
  server = await startServer();
  token = await server.token();
});
after(() => server.stop());

const BODY = JSON.stringify(small());

/* A request to add-task with these header lines instead of the usual framing. */
function post(lines, body = BODY, version = 'HTTP/1.1') {
  return `POST ${ADD_TASK} ${version}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}

const chunked = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
const length = `Content-Length: ${BODY.length}`;
const HEALTH = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';

async function count() {
  return (await server.listAll()).length;
}

async function assertServes() {
  const { answers } = await server.exchange(HEALTH, { answers: 1 });
  assert.equal(answers[0]?.status, 200);
}

/* How many reports a request of the right form makes: exactly one. */
describe('what must work', () => {
  const right = {
    'a length': () => post(['Host: x', length]),
    'chunks': () => post(['Host: x', 'Transfer-Encoding: chunked'], chunked),
    'chunks with capitals in the coding and the sizes': () =>
      post(['Host: x', 'transfer-encoding: CHUNKED'],
        `${BODY.length.toString(16).toUpperCase()}\r\n${BODY}\r\n0\r\n\r\n`),
    'chunks of one byte': () =>
      post(['Host: x', 'Transfer-Encoding: chunked'], `${[...BODY].map((c) => `1\r\n${c}\r\n`).join('')}0\r\n\r\n`),
    'HTTP/1.0': () => post(['Host: x', length], BODY, 'HTTP/1.0'),
    'an empty line before it': () => `\r\n${post(['Host: x', length])}`,
    'an absolute target': () => post(['Host: x', length]).replace(`POST ${ADD_TASK}`, `POST http://x${ADD_TASK}`),
  };
  for (const [name, make] of Object.entries(right))
    test(name, async () => {
      const before = await count();
      const { answers } = await server.exchange(make(), { answers: 1 });
      assert.equal(answers[0]?.status, 201, answers[0]?.text);
      assert.equal(await count(), before + 1);
    });

  test('pipelining: ten at once are answered in their order', async () => {
    const requests = Array.from({ length: 10 }, (_, i) => {
      const body = JSON.stringify(small({ title: `pipelined ${i}` }));
      return i % 3 === 2 ? HEALTH : post(['Host: x', `Content-Length: ${body.length}`], body);
    });
    const { answers } = await server.exchange(requests.join(''), { answers: 10 });
    assert.deepEqual(answers.map((a) => a.status), [201, 201, 200, 201, 201, 200, 201, 201, 200, 201]);
    answers.forEach((a, i) => i % 3 === 2 || assert.equal(a.json.title, `pipelined ${i}`));
  });
  test('split at every byte of the head, and then some of the body', async () => {
    const request = post(['Host: x', length]);
    const head = request.indexOf('\r\n\r\n') + 4;
    const pieces = [...request.slice(0, head + 20), request.slice(head + 20)];
    const { answers } = await server.exchange(pieces, { answers: 1, pause: 0.1 });
    assert.equal(answers[0]?.status, 201);
  });
  test('Expect: 100-continue, and the body only then', async () => {
    const socket = await connect(server.where);
    const received = [];
    socket.on('data', (data) => received.push(data));
    const answers = async (n) => {
      await until(() => readAnswers(Buffer.concat(received)).length >= n, `${n} answers`);
      return readAnswers(Buffer.concat(received));
    };
    socket.write(post(['Host: x', length, 'Expect: 100-continue'], ''));
    assert.deepEqual((await answers(1)).map((a) => a.status), [100]);
    socket.write(BODY);
    assert.deepEqual((await answers(2)).map((a) => a.status), [100, 201]);
    socket.destroy();
  });
  test('a client that closes its side after the request still gets the answer', async () => {
    const socket = await connect(server.where);
    const received = [];
    socket.on('data', (data) => received.push(data));
    socket.end(post(['Host: x', length]));
    await new Promise((resolve) => socket.once('close', resolve));
    assert.equal(readAnswers(Buffer.concat(received))[0]?.status, 201);
  });
  test('a client that goes away right after the request harms nobody', async () => {
    for (let i = 0; i < 50; i++) {
      const socket = await connect(server.where);
      socket.write(post(['Host: x', length]));
      socket.resetAndDestroy?.() ?? socket.destroy();
    }
    await assertServes();
    /* Some of their reports were taken; the tests that follow count. */
    for (let before = -1, now = await count(); now !== before; ) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      [before, now] = [now, await count()];
    }
  });
});

describe('broken framing: 400, closed, and nothing is created', () => {
  const broken = {
    'Transfer-Encoding with Content-Length': () => post(['Host: x', length, 'Transfer-Encoding: chunked'], chunked),
    'Content-Length with Transfer-Encoding': () => post(['Host: x', 'Transfer-Encoding: chunked', length], chunked),
    'a repeated Content-Length': () => post(['Host: x', length, length]),
    'two lengths that differ': () => post(['Host: x', length, 'Content-Length: 1']),
    'a listed Content-Length': () => post(['Host: x', `Content-Length: ${BODY.length}, ${BODY.length}`]),
    'a signed Content-Length': () => post(['Host: x', `Content-Length: +${BODY.length}`]),
    'a negative Content-Length': () => post(['Host: x', 'Content-Length: -1']),
    'a hexadecimal Content-Length': () => post(['Host: x', `Content-Length: 0x${BODY.length.toString(16)}`]),
    'an empty Content-Length': () => post(['Host: x', 'Content-Length:']),
    'a blank before the colon': () => post(['Host: x', `Content-Length : ${BODY.length}`]),
    'a blank before a colon elsewhere': () => post(['Host: x', 'X-A : b', length]),
    'an empty header name': () => post(['Host: x', ': b', length]),
    'a line without a colon': () => post(['Host: x', 'X-A', length]),
    'a blank in a header name': () => post(['Host: x', 'X A: b', length]),
    'a blank before the first header': () => post([' X-A: b', 'Host: x', length]),
    'a bare LF in the head': () => post(['Host: x', `X-A: b\n${length}`]),
    'a head that ends with bare LFs': () => post(['Host: x', length]).replace('\r\n\r\n', '\n\n'),
    'a bare CR in a value': () => post(['Host: x', 'X-A: b\rc', length]),
    'a NUL in a value': () => post(['Host: x', 'X-A: b\0c', length]),
    'a control character in a name': () => post(['Host: x', '\x01X-A: b', length]),
    'a folded header': () => post(['Host: x', 'X-A: b', ' c', length]),
    'a folded Content-Length': () => post(['Host: x', 'Content-Length:', ` ${BODY.length}`]),
    'a chunk extension': () => post(['Host: x', 'Transfer-Encoding: chunked'], chunked.replace('\r\n', ';a=b\r\n')),
    'a trailer': () =>
      post(['Host: x', 'Transfer-Encoding: chunked'], `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\nX-A: b\r\n\r\n`),
    'a chunk size that is no number': () =>
      post(['Host: x', 'Transfer-Encoding: chunked'], `xyz\r\n${BODY}\r\n0\r\n\r\n`),
    'a chunk size with a sign': () => post(['Host: x', 'Transfer-Encoding: chunked'], `+${chunked}`),
    'a chunk size with 0x': () => post(['Host: x', 'Transfer-Encoding: chunked'], `0x${chunked}`),
    'a chunk size of 17 digits': () => post(['Host: x', 'Transfer-Encoding: chunked'], `1${'0'.repeat(16)}\r\n${BODY}`),
    'a chunk that ends with LF only': () =>
      post(['Host: x', 'Transfer-Encoding: chunked'], chunked.replace(`${BODY}\r\n`, `${BODY}\n`)),
    'a chunk that is longer than it says': () =>
      post(['Host: x', 'Transfer-Encoding: chunked'], `2\r\n${BODY}\r\n0\r\n\r\n`),
    'a missing Host': () => post([length]),
    'a repeated Host': () => post(['Host: x', 'Host: x', length]),
    'a repeated Transfer-Encoding': () =>
      post(['Host: x', 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], chunked),
    'HTTP/1.0 with chunks': () => post(['Host: x', 'Transfer-Encoding: chunked'], chunked, 'HTTP/1.0'),
    'no version': () => `GET /healthz\r\nHost: x\r\n\r\n`,
    'two blanks in the request line': () => 'GET  /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
    'a tab in the request line': () => 'GET\t/healthz HTTP/1.1\r\nHost: x\r\n\r\n',
    'a version in small letters': () => 'GET /healthz http/1.1\r\nHost: x\r\n\r\n',
    'a target without a slash': () => 'GET healthz HTTP/1.1\r\nHost: x\r\n\r\n',
    'TLS to the plain port': () => Buffer.from('16030100a5010000a10303', 'hex'),
    'noise': () => Buffer.from(Array.from({ length: 500 }, (_, i) => (i * 73) % 256)),
  };
  const otherStatuses = {
    'another transfer coding': [() => post(['Host: x', 'Transfer-Encoding: gzip, chunked'], chunked), [400, 501]],
    'chunked twice': [() => post(['Host: x', 'Transfer-Encoding: chunked, chunked'], chunked), [400, 501]],
    'identity': [() => post(['Host: x', 'Transfer-Encoding: identity'], BODY), [400, 501]],
    'HTTP/2.0': [() => 'GET /healthz HTTP/2.0\r\nHost: x\r\n\r\n', [400, 505]],
    'a preface of HTTP/2': [() => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400, 505]],
    'another expectation': [() => post(['Host: x', length, 'Expect: the-unexpected']), [400, 417]],
  };
  const all = [
    ...Object.entries(broken).map(([name, make]) => [name, make, [400]]),
    ...Object.entries(otherStatuses).map(([name, [make, statuses]]) => [name, make, statuses]),
  ];
  for (const [name, make, statuses] of all)
    test(name, async () => {
      const before = await count();
      /* A second request behind it must never be run: that would be request smuggling. */
      const request = make();
      const pieces = typeof request === 'string' ? request + post(['Host: x', length]) : request;
      const { answers, closed, bytes } = await server.exchange(pieces, { timeout: 15_000 * patience });
      assert.equal(answers.length, 1, bytes.toString('latin1').slice(0, 2000));
      assert.ok(statuses.includes(answers[0].status), `${answers[0].status} ${answers[0].text}`);
      assert.ok(closed, 'the connection is closed');
      assert.equal(answers[0].headers.connection?.toLowerCase(), 'close');
      assert.equal(answers[0].json.status, answers[0].status);
      assert.equal(await count(), before);
      await assertServes();
    });
});

test('every fault is told, however many there are', async () => {
  const many = Array(100).fill(1.5);
  const answer = await server.addTask(small({ tags: many, category: many, subCategory: many, orderID: many }));
  assert.equal(answer.status, 422);
  assert.equal(answer.json.errors.length, 400);
  assert.match(answer.json.detail, /^400 things/);
});

test('a low limit of open files is raised as far as it may be', async () => {
  const low = await startServer({ wrapper: ['prlimit', '--nofile=128:4096'] });
  const sockets = await Promise.all(Array.from({ length: 300 }, () => connect(low.where)));
  assert.equal((await low.addTask(small())).status, 201);
  assert.equal(sockets.filter((socket) => socket.destroyed).length, 0);
  for (const socket of sockets) socket.destroy();
  await low.stop();
});

describe('limits', () => {
  test('a head over 16 KiB: 431', async () => {
    const { answers, closed } =
      await server.exchange(`GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(17_000)}\r\n\r\n`);
    assert.equal(answers[0].status, 431);
    assert.ok(closed);
    await assertServes();
  });
  test('a head that never ends: 431 as soon as it is too long', async () => {
    const { answers, closed } =
      await server.exchange(`GET /healthz HTTP/1.1\r\nHost: x\r\n${'X-A: b\r\n'.repeat(3000)}`);
    assert.equal(answers[0].status, 431);
    assert.ok(closed);
  });
  test('a target over the limit: 431', async () => {
    const { answers } = await server.exchange(`GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`);
    assert.equal(answers[0].status, 431);
  });
  test('a body over the limit: 413 before it has come, and the answer arrives', async () => {
    const socket = await connect(server.where);
    const received = [];
    socket.on('data', (data) => received.push(data));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(post(['Host: x', `Content-Length: ${50 * 1024 * 1024}`], ''));
    for (let i = 0; i < 64 && !socket.destroyed; i++) {
      socket.write(Buffer.alloc(64 * 1024, 'x'));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    socket.end();
    await closed;
    assert.equal(readAnswers(Buffer.concat(received))[0]?.status, 413);
    await assertServes();
  });
  test('a chunked body that never ends: 413 as soon as it is too long', async () => {
    const piece = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    const { answers } =
      await server.exchange([post(['Host: x', 'Transfer-Encoding: chunked'], ''), ...Array(40).fill(piece)]);
    assert.equal(answers[0]?.status, 413);
    await assertServes();
  });
  test('a body where none is taken', async () => {
    for (const size of [1, 100_000]) {
      const { answers } = await server.exchange(
        `GET ${API}/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`,
      );
      assert.ok([400, 413].includes(answers[0]?.status));
      assert.equal(answers.length, 1);
    }
  });

  /* These take their deadlines' time, so they wait side by side. */
  test('whoever is too slow is ended by a deadline: head, body, and a body that stops', async () => {
    const drip = async (start, byte) => {
      const socket = await connect(server.where);
      const received = [];
      const started = Date.now();
      socket.on('data', (data) => received.push(data));
      socket.write(start);
      const timer = byte && setInterval(() => socket.write(byte), 1000);
      timer?.unref?.();
      await new Promise((resolve) => {
        socket.once('close', resolve);
        setTimeout(resolve, 120_000 * patience).unref();
      });
      clearInterval(timer);
      const seconds = (Date.now() - started) / 1000;
      assert.ok(socket.destroyed, 'the connection was closed');
      return { seconds, status: readAnswers(Buffer.concat(received))[0]?.status };
    };
    const [head, body, stopped, chunk, idle] = await Promise.all([
      drip('GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ', 'a'),
      drip(post(['Host: x', 'Content-Length: 100000'], '{'), 'a'),
      drip(post(['Host: x', 'Content-Length: 100000'], '{"title":'), null),
      drip(post(['Host: x', 'Transfer-Encoding: chunked'], ''), '1\r\na\r\n'),
      drip('', null),
    ]);
    for (const [name, { seconds, status }] of Object.entries({ head, body, stopped, chunk })) {
      assert.equal(status, 408, name);
      assert.ok(seconds < 60 * patience, `${name}: ${seconds} s`);
    }
    assert.ok(idle.seconds < 60 * patience);
    await assertServes();
  });
});

describe('what was sent and is not UTF-8, or is cut where it is quoted, does not break the answer', () => {
  const isUtf8 = (body) => new TextDecoder('utf-8', { fatal: true }).decode(body);
  test('a path of raw bytes', async () => {
    const { answers } = await server.exchange(
      Buffer.from('GET /\xff\xc3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 'latin1'), { answers: 1 });
    assert.equal(answers[0].status, 404);
    JSON.parse(isUtf8(answers[0].body));
  });
  for (const query of ['status=', 'dueBefore=', 'assignee=x&limit=', ''])
    for (const start of ['', 'a', 'aa'])
      test(`a long value behind "${query}${start}"`, async () => {
        const long = encodeURIComponent('\u6f22'.repeat(300));
        const target = `${API}/tasks?${query}${start}${long}`;
        const { answers } = await server.exchange(
          `GET ${target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`, { answers: 1 });
        assert.equal(answers[0].status, 400);
        JSON.parse(isUtf8(answers[0].body));
      });
});

test('what is the server’s own fault is never told to be the request’s', async () => {
  const own = await startServer();
  await own.addTask(small());
  changeStored(own.dir, 'ALTER TABLE counter RENAME TO elsewhere');
  const headers = { 'idempotency-key': '"again"' };
  for (let i = 0; i < 2; i++) {
    const answer = await own.addTask(small(), { headers });
    assert.equal(answer.status, 500, answer.text);
    assert.ok(!answer.text.includes('counter'), answer.text);
  }
  changeStored(own.dir, 'ALTER TABLE elsewhere RENAME TO counter');
  assert.equal((await own.addTask(small(), { headers })).status, 201);
  await own.stop();
});
test('a NUL in a text that is looked up finds nothing, and is no fault of the server', async () => {
  for (const query of ['workspace=EXA%00', 'assignee=a%00%40example.com', 'cursor=%00', 'status=%00']) {
    const answer = await server.get(`${API}/tasks?${query}`, { check: false });
    assert.ok(answer.status < 500, `${query}: ${answer.text}`);
  }
  for (const form of [
    { grant_type: 'password', username: 'a\0b', password: 'x' },
    { grant_type: 'password', username: 'example@example.com', password: 'a\0b' },
    { grant_type: 'refresh_token', refresh_token: 'a\0b' },
    { grant_type: 'refresh_token', refresh_token: 'x', client_id: 'a\0b' },
  ]) {
    const answer = await server.grant(form, { check: false });
    assert.ok(answer.status < 500, `${JSON.stringify(form)}: ${answer.text}`);
  }
});
