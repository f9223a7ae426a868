/*
 * What connections do to the server and to each other: deadlines, limits, clients that vanish, the
 * end of the server, and the sockets that it listens on. Deadlines are scaled down by the option of
 * the echo server; src/http/limits.h has them all.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect, exchange, makeAgent, readAnswers, request } from '../lib/http.mjs';
import { makeFolder, patience, until } from '../lib/program.mjs';
import { openClient, sleep, startEcho } from './echo.mjs';

const GET = 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n';

/* Starts to count milliseconds; the function that it returns waits for a promise and says how many. It is
 * called before what sets the server's own clock going, so that it never counts less than the server. */
function stopwatch() {
  const started = performance.now();
  return async (promise) => {
    await promise;
    return performance.now() - started;
  };
}

/* Sends one byte at a time until the server closes. */
async function drip(client, text, pause) {
  for (const byte of text) {
    if (client.closed || client.socket.destroyed) return;
    await client.send(byte);
    await sleep(pause);
  }
}

/* Percent of the real deadlines: short enough to wait for, long enough for a busy machine. */
const scale = 10 * patience;

describe('deadlines, at a tenth of their time', { concurrency: true }, () => {
  let echo;
  let patientEcho; // for what has to keep up a rate, which a busy machine may interrupt for a while
  before(async () => {
    [echo, patientEcho] =
      await Promise.all([scale, 4 * scale].map((percent) => startEcho({ args: ['--scale', percent] })));
  });
  after(() => Promise.all([echo.stop(), patientEcho.stop()]));

  /* The deadline in limits.h is `limit` ms, and here a part of it: nothing may end before that, and all
   * ends before the whole of it, however busy the machine is. */
  function near(ms, limit) {
    const due = (limit * scale) / 100;
    assert.ok(ms > due * 0.8, `${ms} ms is before ${due} ms`);
    assert.ok(ms < limit * patience, `${ms} ms is long after ${due} ms`);
  }

  it('end a connection that says nothing, without a word', async () => {
    const time = stopwatch();
    const client = await openClient(echo.where);
    near(await time(client.end), 10_000);
    assert.equal(client.text, '');
  });

  it('end a head that comes byte by byte, with 408', async () => {
    const time = stopwatch();
    const client = await openClient(echo.where);
    await drip(client, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(1000)}`, 50);
    near(await time(client.end), 10_000);
    assert.match(client.text, /^HTTP\/1\.1 408 /);
  });

  it('end a body that comes byte by byte, with 408', async () => {
    const time = stopwatch();
    const client = await openClient(echo.where);
    await client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n');
    await drip(client, 'x'.repeat(1000), 50);
    near(await time(client.end), 10_000);
    assert.match(client.text, /^HTTP\/1\.1 408 /);
  });

  it('end a chunked body that comes byte by byte, with 408', async () => {
    const time = stopwatch();
    const client = await openClient(echo.where);
    await client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    await drip(client, '1\r\nx\r\n'.repeat(100), 50);
    near(await time(client.end), 10_000);
    assert.match(client.text, /^HTTP\/1\.1 408 /);
  });

  it('leave a body alone that comes at the rate asked for', async () => {
    const client = await openClient(patientEcho.where);
    const pieces = 60;
    await client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${pieces * 1000}\r\n\r\n`);
    for (let i = 0; i < pieces; i++) { // for longer than a deadline of 4 s
      await client.send('x'.repeat(1000));
      await sleep(100 * patience);
    }
    await client.expect(/^HTTP\/1\.1 200 /);
    client.socket.destroy();
  });

  it('close none on which a request has come that the server is only too busy to see', async () => {
    const busy = await startEcho({ args: ['--scale', 1] });
    const client = await openClient(busy.where);
    await client.send(GET);
    await client.expect(/\}\n$/);
    busy.child.kill('SIGSTOP');
    await client.send(GET);
    await sleep(2 * 750); /* twice a hundredth of the deadline */
    busy.child.kill('SIGCONT');
    await client.expect(/\}\n[^]*\}\n$/);
    client.socket.destroy();
    await busy.stop();
  });

  it('close a connection that is kept for nothing, without a word', async () => {
    const client = await openClient(echo.where);
    const time = stopwatch();
    await client.send(GET);
    await client.expect(/\}\n$/);
    const { length } = client.text;
    near(await time(client.end), 75_000);
    assert.equal(client.text.length, length);
  });

  it('close, without a word, a connection that sends an empty line after its request', async () => {
    const client = await openClient(echo.where);
    const time = stopwatch();
    await client.send(`${GET}\r\n`);
    await client.expect(/\}\n$/);
    const { length } = client.text;
    near(await time(client.end), 10_000);
    assert.equal(client.text.length, length);
  });

  it('do not count while the owner works on an answer', async () => {
    const { answers } = await exchange(echo.where, `GET /later?${8000 * patience} HTTP/1.1\r\nHost: a\r\n\r\n`,
      { answers: 1, timeout: 20_000 * patience });
    assert.equal(answers[0].status, 200);
  });

  it('end an answer that nobody reads', async () => {
    /* Over a socket file, in which the kernel keeps little; how much of TCP's it keeps is up to the kernel. */
    const alone = await startEcho({ address: `unix:${path.join(makeFolder(), 'socket')}`, args: ['--scale', scale] });
    const before = alone.descriptors;
    const socket = await connect(alone.where);
    socket.pause();
    socket.write('GET /big?100000000 HTTP/1.1\r\nHost: a\r\n\r\n');
    await alone.line('answered 200 100000000');
    await until(() => alone.descriptors === before, 'a connection that is closed');
    let received = 0;
    socket.on('data', (data) => {
      received += data.length;
    });
    socket.resume();
    await once(socket, 'close');
    assert.ok(received < 10_000_000, `${received} bytes came`);
    await alone.stop();
  });

  it('leave an answer alone that is read slowly, but not too slowly', async () => {
    const socket = await connect(patientEcho.where);
    const size = 12_000_000;
    let received = 0;
    socket.write(`GET /big?${size} HTTP/1.1\r\nHost: a\r\n\r\n`);
    for (let i = 0; i < 12; i++) { // for longer than a deadline of 8 s
      socket.pause();
      await sleep(750 * patience);
      socket.resume();
      const [data] = await once(socket, 'data');
      received += data.length;
    }
    while (received < size) received += (await once(socket, 'data'))[0].length;
    socket.destroy();
  });

  it('end a client that keeps sending after a refusal', async () => {
    const client = await openClient({ ...echo.where, allowHalfOpen: true });
    const time = stopwatch();
    await client.send('POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n');
    await client.expect(/^HTTP\/1\.1 413 /);
    await drip(client, 'x'.repeat(1000), 20);
    near(await time(client.end), 5_000);
  });
});

describe('clients', () => {
  let echo;
  before(async () => {
    echo = await startEcho();
  });
  after(() => echo.stop());

  it('that end their side get their answers still', async () => {
    for (const bytes of [GET, 'GET /later?200 HTTP/1.1\r\nHost: a\r\n\r\n',
        `GET /later?100 HTTP/1.1\r\nHost: a\r\n\r\n${GET}`]) {
      const socket = await connect({ ...echo.where, allowHalfOpen: true });
      const chunks = [];
      socket.on('data', (data) => chunks.push(data));
      socket.end(bytes);
      await once(socket, 'end');
      const answers = readAnswers(Buffer.concat(chunks));
      assert.deepEqual(answers.map((answer) => answer.status), bytes.match(/GET/g).map(() => 200));
    }
  });

  it('that end their side in the middle of a request are refused', async () => {
    for (const bytes of ['GET / HTT', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell']) {
      const socket = await connect({ ...echo.where, allowHalfOpen: true });
      const chunks = [];
      socket.on('data', (data) => chunks.push(data));
      socket.end(bytes);
      await once(socket, 'end');
      assert.deepEqual(readAnswers(Buffer.concat(chunks)).map((answer) => answer.status), [400]);
    }
  });

  it('that vanish while they are answered harm nobody', async () => {
    const answered = () => echo.answered(200).filter((found) => found === '/later').length;
    let gone = answered();
    for (const reset of [true, false]) {
      const sockets = await Promise.all(Array.from({ length: 50 }, () => connect(echo.where)));
      for (const socket of sockets) socket.write('GET /later?100 HTTP/1.1\r\nHost: a\r\n\r\n');
      await echo.caughtUp();
      for (const socket of sockets) {
        if (reset) socket.resetAndDestroy();
        else socket.destroy();
      }
      gone += sockets.length;
      await until(() => answered() >= gone, () => `${gone} answers, whether or not anybody reads them: ${answered()}`);
      const { answers } = await exchange(echo.where, GET, { answers: 1 });
      assert.equal(answers[0].status, 200);
    }
  });

  it('that vanish in the middle of a body, or of an answer, harm nobody', async () => {
    for (const bytes of ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nxxx',
        'GET /big?50000000 HTTP/1.1\r\nHost: a\r\n\r\n']) {
      const sockets = await Promise.all(Array.from({ length: 5 }, () => connect(echo.where)));
      for (const socket of sockets) {
        socket.pause();
        socket.write(bytes);
      }
      if (bytes.startsWith('POST')) await echo.caughtUp();
      else await Promise.all(
        sockets.map((socket) => until(() => socket.readableLength > 0, 'the beginning of an answer')));
      for (const socket of sockets) socket.resetAndDestroy();
    }
    const { answers } = await exchange(echo.where, GET, { answers: 1 });
    assert.equal(answers[0].status, 200);
  });

  it('say where they come from', async () => {
    const { answers } = await exchange(echo.where, GET, { answers: 1 });
    assert.equal(answers[0].json.peer, '127.0.0.1');
    assert.equal(answers[0].json.control, false);
  });
});

describe('many connections', () => {
  const files = Number(/^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))[1]);
  const skip = files < 4000 ? `NOT TESTED: only ${files} files may be open` : false;

  it('idle by the thousand cost little, and honest clients are served beside them', { skip }, async () => {
    const echo = await startEcho({ args: ['--scale', 1000] }); // so that no deadline comes before the end
    const agent = makeAgent({ keepAlive: false });
    const url = `http://${echo.address}/honest`;
    await request(url, { agent });
    const before = echo.memory;
    const idle = [];
    for (let i = 0; i < 2000; i += 100)
      idle.push(...(await Promise.all(Array.from({ length: 100 }, () => connect(echo.where)))));
    let closed = 0;
    for (const [i, socket] of idle.entries()) {
      socket.on('close', () => closed++);
      socket.resume();
      if (i % 4 === 1) socket.write(GET); // kept alive
      if (i % 4 === 2) socket.write('GET / HTTP/1.1\r\nHost'); // half a head
      if (i % 4 === 3) socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nx'); // half a body
    }
    let served = 0;
    await Promise.all(Array.from({ length: 20 }, async () => {
      for (let i = 0; i < 25; i++) {
        const answer = await request(url, { agent, method: 'POST', body: 'x'.repeat(500) });
        assert.equal(answer.status, 200);
        served++;
      }
    }));
    assert.equal(served, 500);
    assert.equal(closed, 0);
    const cost = echo.memory - before;
    if (patience === 1) assert.ok(cost < 20 * 1024, `${cost} KiB for 2,000 connections`);
    for (const socket of idle) socket.destroy();
    assert.equal((await echo.stop()).code, 0);
  });

  it('that do not read their answers hold a bounded memory', async () => {
    const echo = await startEcho();
    const sockets = await Promise.all(Array.from({ length: 150 }, () => connect(echo.where)));
    for (const socket of sockets) {
      socket.pause();
      socket.write('GET /big?6000000 HTTP/1.1\r\nHost: a\r\n\r\n');
    }
    await until(() => echo.answered(200).length >= 150, '150 answers');
    if (patience === 1) assert.ok(echo.memory < 100 * 1024, `${echo.memory} KiB`);
    const answer = await request(`http://${echo.address}/big?6000000`);
    assert.equal(answer.body.length, 6_000_000);
    for (const socket of sockets) socket.destroy();
    assert.equal((await echo.stop()).code, 0);
  });

  it('take nothing for answers whose bytes are there for good', async () => {
    const echo = await startEcho();
    const sockets = await Promise.all(Array.from({ length: 100 }, () => connect(echo.where)));
    for (const socket of sockets) {
      socket.pause();
      socket.write('GET /static HTTP/1.1\r\nHost: a\r\n\r\n');
    }
    await until(() => echo.answered(200).length >= 100, '100 answers');
    if (patience === 1) assert.ok(echo.memory < 16 * 1024, `${echo.memory} KiB`);
    for (const socket of sockets) socket.resume();
    const sizes = await Promise.all(sockets.slice(0, 10).map(async (socket) => {
      let size = 0;
      while (size < 8 * 1024 * 1024) size += (await once(socket, 'data'))[0].length;
      return size;
    }));
    assert.ok(sizes.every((size) => size < 8 * 1024 * 1024 + 500));
    for (const socket of sockets) socket.destroy();
    assert.equal((await echo.stop()).code, 0);
  });

  it('beyond the limit take the place of the one that was idle longest', async () => {
    const echo = await startEcho({ files: 40 }); // room for 20
    const clients = [];
    for (let i = 0; i < 20; i++) {
      clients.push(await openClient(echo.where));
      await clients[i].send(GET);
      await clients[i].expect(/\}\n$/);
    }
    await clients[0].send(GET); // so that the second is idle longest
    await clients[0].expect(/\}\n[^]*\}\n$/);
    const late = await openClient(echo.where);
    await late.send(GET);
    await late.expect(/^HTTP\/1\.1 200 /);
    await clients[1].end;
    for (const client of clients.filter((one) => one !== clients[1])) { // they are open, since they are answered
      const { length } = client.text;
      await client.send(GET);
      await client.expect(new RegExp(`^[^]{${length}}[^]*\\}\\n$`));
    }
    assert.deepEqual(clients.map((client) => client.closed), clients.map((_, i) => i === 1));
    for (const client of [...clients, late]) client.socket.destroy();
    assert.equal((await echo.stop()).code, 0);
  });

  it('beyond the limit are turned away when all others are at work', async () => {
    const echo = await startEcho({ files: 40 });
    const clients = await Promise.all(Array.from({ length: 20 }, () => openClient(echo.where)));
    for (const client of clients) await client.send('GET / HTTP/1.1\r\nHost: a\r\n');
    await echo.caughtUp();
    const late = await openClient(echo.where);
    await late.end;
    assert.match(late.text, /^HTTP\/1\.1 503 .*\r\nRetry-After: 1\r\n/);
    for (const client of clients) {
      await client.send('\r\n');
      await client.expect(/^HTTP\/1\.1 200 /);
      client.socket.destroy();
    }
    await echo.letGo();
    const { answers } = await exchange(echo.where, GET, { answers: 1 });
    assert.equal(answers[0].status, 200);
    await echo.stop();
  });

  it('without a descriptor left are closed, without spinning, and later ones are served', async () => {
    const echo = await startEcho({ files: 100, args: ['--waste', 70] }); // the limit says 50
    const clients = await Promise.all(Array.from({ length: 40 }, () => openClient(echo.where)));
    await echo.caughtUp();
    await until(() => clients.some((client) => client.closed), 'a connection that is closed for want of a descriptor');
    const closed = clients.filter((client) => client.closed);
    assert.ok(closed.length > 0 && closed.length < 40, `${closed.length} closed`);
    const before = echo.processorTime;
    await sleep(500);
    assert.ok(echo.processorTime - before < 100, 'the server rests');
    for (const client of clients) client.socket.destroy();
    await echo.letGo();
    const { answers } = await exchange(echo.where, GET, { answers: 1 });
    assert.equal(answers[0].status, 200);
    assert.equal((await echo.stop()).code, 0);
  });
});

describe('draining', () => {
  it('finishes what is under way, and closes the idle', async () => {
    const echo = await startEcho();
    const [working, idle, silent, sending] = await Promise.all([1, 2, 3, 4].map(() => openClient(echo.where)));
    await idle.send(GET);
    await idle.expect(/\}\n$/);
    await working.send(`GET /later?2000 HTTP/1.1\r\nHost: a\r\n\r\n`);
    await sending.send('POST /sent HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe');
    await echo.caughtUp();
    const exited = echo.stop();
    await Promise.all([idle.end, silent.end]);
    assert.ok(!working.closed && !sending.closed);
    await assert.rejects(connect(echo.where), { code: 'ECONNREFUSED' });
    await sending.send('llo');
    assert.match(await sending.expect(/\}\n$/), /^HTTP\/1\.1 200 [^]*\r\nConnection: close\r\n[^]*"body":"hello"/);
    assert.match(await working.expect(/\}\n$/), /^HTTP\/1\.1 200 [^]*\r\nConnection: close\r\n/);
    assert.equal((await exited).code, 0);
  });

  it('takes a request that had arrived', async () => {
    const echo = await startEcho();
    const clients = await Promise.all(Array.from({ length: 20 }, () => openClient(echo.where)));
    await echo.caughtUp();
    echo.child.kill('SIGSTOP');
    for (const client of clients) await client.send(GET);
    echo.child.kill('SIGTERM');
    echo.child.kill('SIGCONT');
    for (const client of clients) await client.expect(/^HTTP\/1\.1 200 /);
    assert.equal((await echo.child.exited).code, 0);
  });

  it('waits for the answer even when its client has gone', async () => {
    const echo = await startEcho();
    const client = await openClient(echo.where);
    await client.send('GET /later?2000 HTTP/1.1\r\nHost: a\r\n\r\n');
    await echo.caughtUp();
    client.socket.resetAndDestroy();
    await until(() => echo.sockets('peer').length === 0, 'a client that has gone');
    assert.equal((await echo.stop()).code, 0);
    assert.deepEqual(echo.lines.slice(1), ['draining', 'answered 200 0 /later', 'drained']);
  });

  it('gives up after its time', async () => {
    const echo = await startEcho({ args: ['--drain', 300] });
    const client = await openClient(echo.where);
    await client.send('GET / HTTP/1.1\r\n');
    await echo.caughtUp();
    const ms = await stopwatch()(echo.stop());
    assert.ok(ms >= 250 && ms < 10_000 * patience, `${ms} ms`); // its head would have 10 s
    await client.end;
  });

  it('ends at once when there is nobody', async () => {
    const echo = await startEcho({ args: ['--drain', 600_000] });
    assert.ok((await stopwatch()(echo.stop())) < 300_000);
  });
});

describe('listening', () => {
  const fails = (address, pattern) => assert.rejects(startEcho({ address }), (error) => {
    assert.match(error.message, pattern);
    return true;
  });

  it('on a port that was free, and on IPv6', async () => {
    const echo = await startEcho({ address: '[::1]:0' });
    assert.match(echo.address, /^\[::1\]:[1-9][0-9]*$/);
    const { answers } = await exchange(echo.where, GET, { answers: 1 });
    assert.equal(answers[0].json.peer, '::1');
    await fails(echo.address, /CONFLICT.*in use/);
    await echo.stop();
  });

  it('on a socket file, which is gone at the end', async () => {
    const file = path.join(makeFolder(), 'socket');
    const echo = await startEcho({ address: `unix:${file}` });
    assert.equal(echo.address, `unix:${file}`);
    assert.equal(statSync(file).mode & 0o777, 0o660);
    const { answers } = await exchange(echo.where, GET, { answers: 1 });
    assert.deepEqual([answers[0].json.control, answers[0].json.peer], [false, '']);
    await fails(`unix:${file}`, /CONFLICT.*another program/);
    await exchange(echo.where, GET, { answers: 1 }); // which is not harmed by the attempt
    await echo.stop();
    assert.ok(!existsSync(file));
  });

  it('on a control socket, that only its owner may open and that knows who calls', async () => {
    const file = path.join(makeFolder(), 'control.sock');
    const echo = await startEcho({ address: `unix:${file}`, args: ['--control'] });
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const { answers } = await exchange(echo.where, GET, { answers: 1 });
    assert.deepEqual([answers[0].json.control, answers[0].json.uid], [true, process.getuid()]);
    await echo.stop();
  });

  it('on a socket file that a dead server left', async () => {
    const file = path.join(makeFolder(), 'socket');
    const dead = await startEcho({ address: `unix:${file}` });
    dead.child.kill('SIGKILL');
    await dead.child.exited;
    assert.ok(existsSync(file));
    const echo = await startEcho({ address: `unix:${file}` });
    const { answers } = await exchange(echo.where, GET, { answers: 1 });
    assert.equal(answers[0].status, 200);
    await echo.stop();
  });

  it('never in the place of a file that is not a socket', async () => {
    const file = path.join(makeFolder(), 'precious');
    writeFileSync(file, 'kept');
    await fails(`unix:${file}`, /CONFLICT.*not a socket/);
    assert.equal(readFileSync(file, 'utf8'), 'kept');
  });

  it('on a descriptor that is handed over', async () => {
    const server = net.createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    const echo = await startEcho({ address: 'fd:3', stdio: [server._handle.fd] });
    server.close();
    assert.equal(echo.address, `127.0.0.1:${port}`);
    const { answers } = await exchange(echo.where, GET, { answers: 1 });
    assert.equal(answers[0].status, 200);
    await echo.stop();
  });

  it('not on a descriptor that does not listen', async () => {
    const fd = openSync('/dev/null');
    await assert.rejects(startEcho({ address: 'fd:3', stdio: [fd] }), /INVALID.*descriptor 3/);
    await fails('fd:9', /INVALID.*descriptor 9/);
    closeSync(fd);
  });

  for (const address of ['', '8080', '127.0.0.1', '127.0.0.1:', '127.0.0.1:x', '127.0.0.1:65536', '[::1]', '::1:80',
    ':80', 'unix:', 'fd:x', `unix:/${'x'.repeat(108)}`])
    it(`not on "${address.slice(0, 20)}"`, () => fails(address, /SYNTAX/));
});
