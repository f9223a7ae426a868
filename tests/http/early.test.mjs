/*
 * Requests whose owner is asked before the body is read, and takes it in pieces; and the bound of
 * all bodies together.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connect, exchange } from '../lib/http.mjs';
import { until } from '../lib/program.mjs';
import { openClient, startEcho } from './echo.mjs';

const GET = 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n';
const post = (path, body, more = '') =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;
const chunked = (path, pieces) =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${pieces.map((p) => `${p.length.toString(
    16)}\r\n${p}\r\n`).join('')}0\r\n\r\n`;

describe('a body in pieces', () => {
  let echo;
  before(async () => {
    echo = await startEcho({ args: ['--scale', 1000] }); // large bodies take their time on a busy machine
  });
  after(() => echo.stop());

  for (const path of ['/early', '/early?30'])
    it(`${path}: whole, chunked, empty, byte by byte, and what comes after it`, async () => {
      const requests = [post(path, 'hello'), chunked(path, ['a', 'bcd', 'e']), post(path, ''), GET,
        post(path, 'x'.repeat(200_000)), GET];
      const expected = ['hello', 'abcde', '', '', 'x'.repeat(200_000), ''];
      const all = await exchange(echo.where, requests.join(''), { answers: 6 });
      assert.deepEqual(all.answers.map((a) => a.json.body), expected);
      const slowly = await exchange(echo.where, [...requests.slice(0, 4).join('')], { answers: 4, pause: 1 });
      assert.deepEqual(slowly.answers.map((a) => a.json.body), expected.slice(0, 4));
    });

  it('is asked for with 100 Continue only when it is wanted', async () => {
    const client = await openClient(echo.where);
    await client.send('POST /early?50 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n');
    await client.expect(/100 Continue\r\n\r\n/);
    await client.send('ok');
    await client.expect(/"body":"ok"/);
    const { answers, closed } = await exchange(echo.where,
      'POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n');
    assert.deepEqual(answers.map((a) => a.status), [403]);
    assert.ok(closed);
  });

  it('that is not read closes the connection after the answer; one that is empty does not', async () => {
    const unread = await exchange(echo.where, post('/refused', 'x'.repeat(100_000)) + GET);
    assert.deepEqual(unread.answers.map((a) => a.status), [403]);
    assert.ok(unread.closed);
    const empty = await exchange(echo.where, post('/refused', '') + GET, { answers: 2 });
    assert.deepEqual(empty.answers.map((a) => a.status), [403, 200]);
    const stopped =
      await exchange(echo.where, [chunked('/early', ['one', '!two']).slice(0, -5), 'more'], { pause: 20 });
    assert.deepEqual(stopped.answers.map((a) => a.json.body), ['one']);
    assert.ok(stopped.closed);
  });

  it('that cannot be read is refused, and its owner hears of it once', async () => {
    const gone = () => echo.lines.filter((line) => line.startsWith('gone')).length;
    const before = gone();
    const bad = await exchange(echo.where, 'POST /early HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ' +
        'chunked\r\n\r\n3\r\nabcX');
    assert.deepEqual(bad.answers.map((a) => a.status), [400]);
    const long = await exchange(echo.where, `POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n`);
    assert.deepEqual(long.answers.map((a) => a.status), [413]);
    await echo.line('gone after 3');
    assert.equal(gone(), before + 1, 'one that is refused by its length was nobody’s yet');
  });

  it('whose client vanishes is gone, whether it was asked for or not', async () => {
    const gone = () => echo.lines.filter((line) => line.startsWith('gone')).length;
    const before = gone();
    const sockets = await Promise.all(Array.from({ length: 40 }, () => connect(echo.where)));
    for (const [i, socket] of sockets.entries())
      socket.write(post(i % 2 ? '/early' : '/early?200', 'x'.repeat(1000)).slice(0, -1));
    await echo.caughtUp();
    for (const socket of sockets) socket.resetAndDestroy();
    await until(() => gone() >= before + 40, () => `40 that are gone: ${gone() - before}`);
    assert.equal(gone(), before + 40);
  });

  it('more than is good of all bodies together: the newest is refused with 503, small ones are not', async () => {
    const size = 20 * 1024 * 1024;
    const big = () => `POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`;
    const part = Buffer.alloc(size - 1, 'x');
    const clients = [];
    for (let i = 0; i < 6; i++) {
      const client = await openClient(echo.where);
      await client.send(big());
      await new Promise((resolve) => client.socket.write(part, resolve));
      clients.push(client);
    }
    await echo.caughtUp();
    const one = await openClient(echo.where);
    await one.send(big());
    one.socket.write(part);
    await one.expect(/^HTTP\/1.1 503 /);
    const { answers } = await exchange(echo.where, post('/early', 'y'.repeat(60_000)), { answers: 1 });
    assert.equal(answers[0].status, 200);
    await clients[0].send('z');
    await until(() => clients[0].bytes.subarray(-100).includes('z"'), 'the whole of the first');
    for (const client of clients) client.socket.destroy();
    await echo.letGo();
    const again = await exchange(echo.where, [big(), part, 'z'], { answers: 1, timeout: 30_000 });
    assert.equal(again.answers[0].status, 200, 'what has gone counts no more');
  });
});

it('a drain waits for a body that is under way', async () => {
  const echo = await startEcho();
  const client = await openClient(echo.where);
  await client.send('POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel');
  await echo.caughtUp();
  const stopped = echo.stop();
  await echo.line('draining');
  await client.send('lo');
  await client.expect(/"body":"hello"/);
  assert.equal((await stopped).code, 0);
});
