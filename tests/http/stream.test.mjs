/*
 * Answers in pieces: how they are framed, what a slow client, a lost one and a stopping server do to
 * them, and that nothing is made ahead of a client that does not read.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect, exchange, readAnswers, request } from '../lib/http.mjs';
import { makeFolder, patience, run, until } from '../lib/program.mjs';
import { openClient, sleep, startEcho } from './echo.mjs';

const PIECE = 64 * 1024;
const get = (target, { version = '1.1', method = 'GET', more = '' } = {}) =>
  `${method} ${target} HTTP/${version}\r\nHost: a\r\n${more}\r\n`;

/* What the server sends as N bytes. */
function letters(n) {
  return Buffer.alloc(n, 'abcdefghijklmnopqrstuvwxyz');
}

const count = (echo, line) => echo.lines.filter((found) => found === line).length;
const made = (echo) => echo.lines.reduce((most, line) => Math.max(most, Number(/^made (\d+)/.exec(line)?.[1] ?? 0)), 0);

/* A socket file: the kernel keeps little in it, and never learns to keep more. */
const startLocal = (...args) => startEcho({ address: `unix:${path.join(makeFolder(), 'socket')}`, args });

describe('an answer in pieces', () => {
  let echo;
  before(async () => {
    echo = await startEcho();
  });
  after(() => echo.stop());

  for (const way of ['stream', 'lane'])
    for (const size of [0, 1, PIECE, PIECE + 1, 20 * PIECE - 1])
      it(`/${way}: ${size} bytes are chunked, and ${way === 'lane' ? 'made elsewhere' : 'made on the spot'}`,
          async () => {
        const { answers: [answer] } = await exchange(echo.where, get(`/${way}?${size}`), { answers: 1 });
        assert.equal(answer.headers['transfer-encoding'], 'chunked');
        assert.equal(answer.headers['content-length'], undefined);
        assert.ok(answer.body.equals(letters(size)));
      });

  it('has a Content-Length where that is known', async () => {
    const size = 5 * PIECE + 7;
    for (const version of ['1.1', '1.0']) {
      const { answers: [answer] } = await exchange(echo.where, get(`/length?${size}`, { version }), { answers: 1 });
      assert.equal(answer.headers['transfer-encoding'], undefined);
      assert.equal(Number(answer.headers['content-length']), size);
      assert.ok(answer.body.equals(letters(size)));
    }
  });

  it('ends with the connection for HTTP/1.0, even for a client that would keep it', async () => {
    for (const more of ['', 'Connection: keep-alive\r\n']) {
      const { bytes, closed } = await exchange(echo.where, get('/stream?300000', { version: '1.0', more }));
      assert.ok(closed);
      const end = bytes.indexOf('\r\n\r\n') + 4;
      const head = bytes.subarray(0, end).toString();
      assert.match(head, /\r\nConnection: close\r\n/);
      assert.doesNotMatch(head, /Transfer-Encoding|Content-Length/);
      assert.ok(bytes.subarray(end).equals(letters(300_000)));
    }
  });

  it('keeps a connection to HTTP/1.0 that knows the length', async () => {
    const bytes = get('/length?100000', { version: '1.0', more: 'Connection: keep-alive\r\n' });
    const { answers } = await exchange(echo.where, [bytes, bytes], { answers: 2 });
    assert.deepEqual(answers.map((answer) => answer.body.length), [100_000, 100_000]);
  });

  it('is only a head for HEAD', async () => {
    for (const [target, header] of [['/stream?300000', /\r\nTransfer-Encoding: chunked\r\n/],
        ['/length?300000', /\r\nContent-Length: 300000\r\n/]]) {
      const client = await openClient(echo.where);
      await client.send(get(target, { method: 'HEAD' }) + get('/x', { more: 'Connection: close\r\n' }));
      await client.end;
      const [first, second] = client.text.split(/(?=HTTP\/1\.1 200)/);
      assert.match(first, header);
      assert.match(first, /\r\n\r\n$/);
      assert.match(second, /"target":"\/x"/);
    }
  });

  it('is followed by what was sent after its request', async () => {
    const targets = ['/stream?300000', '/x', '/lane?1', '/lane?200000', '/length?0', '/y'];
    const { answers } =
      await exchange(echo.where, targets.map((target) => get(target)).join(''), { answers: targets.length });
    assert.deepEqual(answers.map((answer) => answer.body.length > 300 ? answer.body.length : answer.text.slice(0, 1)),
      [300_000, '{', 'a', 200_000, '', '{']);
  });

  it('reaches a client that has ended its side', async () => {
    const socket = await connect({ ...echo.where, allowHalfOpen: true });
    const chunks = [];
    socket.on('data', (data) => chunks.push(data));
    socket.end(get('/lane?1000000'));
    await once(socket, 'end');
    assert.match(Buffer.concat(chunks).subarray(-7).toString(), /\r\n0\r\n\r\n$/);
  });

  for (const target of ['/broken?300000', '/short?300000'])
    it(`${target}: is seen to be not whole when it breaks off`, async () => {
      for (const version of ['--http1.1', '--http1.0']) {
        const before = count(echo, 'ended cut');
        const { code, stdout, stderr } =
          await run('curl', ['--silent', '--show-error', version, `http://${echo.address}${target}`]);
        assert.equal(code, 56, stderr);
        assert.match(stderr, /reset/);
        assert.ok(stdout.length > 0 && stdout.length <= 300_000);
        await until(() => count(echo, 'ended cut') === before + 1, 'the end of the answer');
      }
      await assert.rejects(request(`http://${echo.address}${target}`), { code: 'ECONNRESET' });
      assert.equal((await request(`http://${echo.address}/x`)).status, 200);
    });

  it('continues where it was for a client that pauses', async () => {
    const local = await startLocal();
    const size = 100 * PIECE;
    const socket = await connect(local.where);
    socket.write(get(`/stream?${size}`, { more: 'Connection: close\r\n' }));
    const chunks = [];
    socket.on('data', (data) => chunks.push(data));
    await once(socket, 'data');
    socket.pause();
    await exchange(local.where, get('/stream?1000000', { more: 'Connection: close\r\n' }));
    await local.line('ended whole');
    assert.ok(made(local) < size / 2, `${made(local)} bytes were made for a client that does not read`);
    socket.resume();
    await once(socket, 'close');
    assert.ok(readAnswers(Buffer.concat(chunks))[0].body.equals(letters(size)));
    assert.equal((await local.stop()).code, 0);
    await local.outputEnded;
    assert.equal(count(local, 'ended whole'), 2);
  });
});

describe('a client', () => {
  it('that reads a byte now and then loses its answer', async () => {
    const echo = await startLocal('--scale', 10 * patience);
    const byte = { buffer: Buffer.alloc(1), callback: () => false };
    const socket = net.connect({ ...echo.where, onread: byte });
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(get('/stream?100000000'));
    while (count(echo, 'ended cut') === 0) {
      socket.resume();
      await sleep(20);
    }
    assert.ok(made(echo) < 10_000_000, `${made(echo)} bytes were made`);
    socket.destroy();
    assert.equal((await echo.stop()).code, 0);
  });

  it('that leaves ends its answer, once', async () => {
    const echo = await startEcho();
    let gone = 0;
    for (const way of ['stream', 'lane'])
      for (const leave of [(socket) => socket.destroy(), (socket) => socket.resetAndDestroy()]) {
        const sockets = await Promise.all(Array.from({ length: 20 }, () => connect(echo.where)));
        for (const socket of sockets) socket.write(get(`/${way}?1000000000`));
        await Promise.all(sockets.map((socket) => once(socket, 'data')));
        for (const socket of sockets) leave(socket);
        gone += sockets.length;
        await until(() => count(echo, 'ended cut') >= gone,
          () => `the end of ${gone} answers: ${count(echo, 'ended cut')}`);
      }
    assert.equal((await request(`http://${echo.address}/x`)).status, 200);
    assert.equal((await echo.stop()).code, 0);
    await echo.outputEnded;
    assert.equal(count(echo, 'ended cut'), gone);
    assert.equal(count(echo, 'ended whole'), 0);
  });

  it('that leaves while a piece is made waits for that piece', async () => {
    const echo = await startEcho();
    const client = await openClient(echo.where);
    await client.send(get(`/held?${3 * PIECE}`));
    await echo.line('holding');
    client.socket.resetAndDestroy();
    await until(() => echo.sockets('peer').length === 0, 'a client that has gone');
    await exchange(echo.where, get('/release'), { answers: 1 });
    await echo.line('ended');
    assert.deepEqual(echo.lines.filter((line) => /^(made|ended)/.test(line)), [`made ${2 * PIECE}`, 'ended cut']);
    assert.equal((await echo.stop()).code, 0);
  });

  it('is one of 200 that do not read, which hold a piece each and no more', async () => {
    const echo = await startLocal('--scale', 1000);
    await exchange(echo.where, get('/stream?1000000'), { answers: 1 });
    const before = echo.memory;
    const sockets = await Promise.all(Array.from({ length: 200 }, () => connect(echo.where)));
    for (const [i, socket] of sockets.entries()) {
      socket.pause();
      socket.write(get(`${i % 2 ? '/stream' : '/lane'}?100000000`));
    }
    /* The kernel has taken what it takes of each when no more is made while a long answer goes by. */
    let last;
    let others = 1;
    do {
      last = echo.lines.length;
      others++;
      await exchange(echo.where, get('/stream?10000000'), { answers: 1 });
    } while (made(echo) > 10_000_000 || echo.lines.length - last > Math.ceil(10_000_000 / PIECE) + 10);
    const cost = echo.memory - before;
    if (patience === 1)
      assert.ok(cost * 1024 < sockets.length * 2 * PIECE, `${cost} KiB for ${sockets.length} clients`);
    for (const socket of sockets) socket.destroy();
    const ended = () => count(echo, 'ended cut') + count(echo, 'ended whole');
    await until(() => ended() >= sockets.length + others, 'the end of all');
    assert.equal((await echo.stop()).code, 0);
    await echo.outputEnded;
    assert.equal(ended(), sockets.length + others);
  });
});

describe('pieces that clients do not take', () => {
  it('are bounded together: who is slowest loses its answer', async () => {
    const echo = await startLocal('--scale', 1000);
    const fit = (64 * 1024 * 1024) / PIECE; // HTTP_UNSENT_MAX
    const sockets = [];
    for (let i = 0; i < fit + 200; i += 100)
      sockets.push(...(await Promise.all(Array.from({ length: 100 }, () => connect(echo.where)))));
    for (const socket of sockets) {
      socket.pause();
      socket.write(get('/stream?100000000'));
    }
    await until(() => count(echo, 'ended cut') >= sockets.length - fit,
      () => `those beyond ${fit} to lose their answers: ${count(echo, 'ended cut')}`);
    const { answers: [answer] } =
      await exchange(echo.where, get('/stream?10000000'), { answers: 1, timeout: 60_000 * patience });
    assert.ok(answer.body.equals(letters(10_000_000)));
    assert.ok(count(echo, 'ended cut') < sockets.length / 2, 'most keep theirs');
    for (const socket of sockets) socket.destroy();
    assert.equal((await echo.stop()).code, 0);
  });
});

describe('a server that stops', () => {
  it('sends to the end what is under way, and then closes', async () => {
    const echo = await startEcho({ args: ['--drain', 600_000, '--scale', 10_000] });
    const [client, other] = await Promise.all([1, 2].map(() => openClient(echo.where)));
    await client.send(get(`/held?${2 * PIECE}`));
    await echo.line('holding');
    await other.send('GET /release HTTP/1.1\r\n');
    await echo.caughtUp();
    const exited = echo.stop();
    await echo.line('draining');
    await other.send('Host: a\r\n\r\n');
    await client.end;
    assert.ok(readAnswers(client.bytes)[0].body.equals(letters(2 * PIECE)));
    assert.equal((await exited).code, 0);
    await echo.outputEnded;
    assert.deepEqual(echo.lines.filter((line) => /^(ended|drained)/.test(line)), ['ended whole', 'drained']);
  });

  it('cuts off, at the end of its time, what is still under way', async () => {
    const echo = await startEcho({ args: ['--drain', 300] });
    const clients = await Promise.all(Array.from({ length: 10 }, () => connect(echo.where)));
    for (const socket of clients) {
      socket.pause();
      socket.write(get('/stream?1000000000'));
    }
    const reading = await openClient(echo.where);
    await reading.send(get('/lane?1000000'));
    await reading.expect(/0\r\n\r\n$/);
    assert.equal((await echo.stop()).code, 0);
    await echo.outputEnded;
    assert.equal(count(echo, 'ended whole'), 1);
    assert.equal(count(echo, 'ended cut'), clients.length);
    assert.ok(echo.lines.indexOf('drained') > echo.lines.lastIndexOf('ended cut'));
    for (const socket of clients) socket.destroy();
  });
});
