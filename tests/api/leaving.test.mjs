/*
 * Clients that leave in the middle of a call, at each moment of it and on each route: the next call
 * works, and the server ends well, which under a sanitizer also means without a leak. And the other
 * way round: a server that stops while calls are under way.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { onPostgres } from '../lib/database.mjs';
import { caughtUp, connect, readAnswers } from '../lib/http.mjs';
import { prepare } from '../lib/leaving.mjs';
import { until } from '../lib/program.mjs';
import { TABLE, startRoutes } from '../lib/routes.mjs';
import { API, small } from '../lib/server.mjs';
import { holdCall, straceMissing } from '../lib/strace.mjs';

const ROUTES = Object.keys(TABLE);

/* A lane's threads, and what each of them calls for its work: a sync of the file or a read of it, or a message to
 * PostgreSQL. */
const LANES = {
  write: { thread: 'bzctrl-write', work: onPostgres ? 'sendto' : 'fdatasync' },
  read: { thread: 'bzctrl-read', work: onPostgres ? 'sendto' : 'pread64' },
};

let server;
before(async () => {
  ({ server } = await startRoutes());
});
after(() => server.stop());

const half = (text) => text.slice(0, text.length / 2);
const read = () => caughtUp(server.where.port);

/* What has been sent when the client leaves, and what it waits for before. */
const MOMENTS = {
  'within the head': { bytes: ({ head }) => half(head), wait: read },
  'after the head': { bytes: ({ head }) => head, wait: read },
  'within the body': { bytes: ({ head, body }) => head + half(body), wait: read },
  'at once': { bytes: ({ head, body }) => head + body, wait: async () => {} },
  'once all is read': { bytes: ({ head, body }) => head + body, wait: read },
  'with the first byte of the answer': { bytes: ({ head, body }) => head + body, wait: (answered) => answered },
};

const WAYS = {
  close: (socket) => socket.destroy(),
  reset: (socket) => socket.resetAndDestroy(),
};

async function leave(request, { bytes, wait }, way) {
  const socket = await connect(server.where);
  const answered = new Promise((resolve) => socket.once('data', resolve).once('close', resolve));
  socket.write(bytes(request));
  await wait(answered);
  way(socket);
}

/* A call on a connection of its own; its answer. */
async function call({ route, head, body }) {
  const { answers } = await server.exchange(head + body, { answers: 1 });
  assert.equal(answers.length, 1, `${route} is not answered`);
  return answers[0];
}

/* Wrong passwords, of which there are some here, are answered only so often. */
const expected = ({ route, status }) => (route.endsWith('/me/password') ? [status, 429] : [status]);

for (const route of ROUTES)
  test(`leaving ${route}`, async () => {
    const left = [];
    for (const moment of Object.values(MOMENTS))
      for (const way of Object.values(WAYS))
        left.push(prepare(server, route).then((request) => leave(request, moment, way)));
    await Promise.all(left);
    const request = await prepare(server, route);
    const answer = await call(request);
    assert.ok(expected(request).includes(answer.status), `${answer.status} ${answer.text}`);
  });

/* Sends requests, each on a socket of its own. `meanwhile` is done once the server has read them all, and the lane is
 * held. Returns what came on each socket. */
async function withLaneHeld({ thread, work }, requests, meanwhile) {
  const hold = await holdCall(server.pid, thread, work);
  const calls = await Promise.all(requests.map(async ({ route, head, body }) => {
    const socket = await connect(server.where);
    const chunks = [];
    socket.on('data', (data) => chunks.push(data));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(head + body);
    return { route, socket, chunks, closed };
  }));
  await hold.held;
  await read();
  await meanwhile(calls).finally(() => hold.release());
  return calls;
}

/* Counts are refused while the index is being built, which an erasure in the background can make it. */
const countsLater = (route, answer) =>
  [`GET ${API}/stats`, `POST ${API}/meetings/{id}/sessions`].includes(route) && answer?.status === 503 &&
  Number(answer.headers['retry-after']) > 0;

/* A request to each route, and a server that has no token in memory yet, and no page of the file. */
async function prepareAll() {
  const requests = await Promise.all(ROUTES.map((route) => prepare(server, route)));
  await server.restart();
  return requests;
}

for (const [name, lane] of Object.entries(LANES))
  test(`leaving while the ${name} lane is held: the next call works`, async (t) => {
    const missing = await straceMissing();
    if (missing) return t.skip(missing);
    await withLaneHeld(lane, await prepareAll(),
      async (calls) => calls.forEach(({ socket }, i) => Object.values(WAYS)[i % 2](socket)));
    assert.equal((await server.createAndRead(small())).title, small().title);
  });

test('leaving while answers are sent: they back up, and go with the connection', async () => {
  for (const way of Object.values(WAYS)) {
    const request = await prepare(server, `GET ${API}/openapi.json`);
    const socket = await connect(server.where);
    socket.pause();
    socket.write(request.head.repeat(100));
    await until(() => socket.readableLength > 0 || socket.bytesRead > 0, 'the beginning of an answer');
    way(socket);
    assert.equal((await call(request)).status, 200);
  }
});

/* ---- others who wait ---- */

test('while nothing can be written, however many wait for it, all that only reads is answered', async (t) => {
  const missing = await straceMissing();
  if (missing) return t.skip(missing);
  const writes = ROUTES.filter((route) => !route.startsWith('GET '));
  const waits = [...writes, ...Array(64).fill(`DELETE ${API}/people/me/sessions/{id}`)];
  const waiting = await Promise.all(waits.map((route) => prepare(server, route)));
  const reading =
    await Promise.all(ROUTES.filter((route) => route.startsWith('GET ')).map((route) => prepare(server, route)));
  const calls = await withLaneHeld(LANES.write, waiting, async () => {
    for (const request of reading) {
      const answer = await call(request);
      assert.ok(answer.status === request.status || countsLater(request.route, answer),
        `${request.route}: ${answer.status}`);
    }
  });
  for (const { socket } of calls) socket.destroy();
});

/* ---- a server that stops ---- */

test('stopping with a call of each route under way: whole answers, or none', async () => {
  for (let round = 0; round < 3; round++) {
    const requests = await Promise.all(ROUTES.map((route) => prepare(server, route)));
    const sockets = await Promise.all(requests.map(() => connect(server.where)));
    const seen = sockets.map((socket) => {
      const chunks = [];
      socket.on('data', (data) => chunks.push(data));
      return { chunks, closed: new Promise((resolve) => socket.once('close', resolve)) };
    });
    const first = new Promise((resolve) => sockets.forEach((socket) => socket.once('data', resolve)));
    sockets.forEach((socket, i) => socket.write(requests[i].head + requests[i].body));
    await [async () => {}, read, () => first][round]();
    await server.terminate();
    await Promise.all(seen.map(({ closed }) => closed));
    for (const [i, { chunks }] of seen.entries()) {
      const bytes = Buffer.concat(chunks);
      assert.ok(bytes.length === 0 || readAnswers(bytes).length === 1, `${requests[i].route}: ${bytes}`);
    }
    await server.start();
  }
});

for (const [name, lane] of Object.entries(LANES))
  test(`stopping while the ${name} lane is held: all that was read is answered`, async (t) => {
    const missing = await straceMissing();
    if (missing) return t.skip(missing);
    const calls = await withLaneHeld(lane, await prepareAll(), async () => {
      server.endExpected = true;
      server.child.kill('SIGTERM');
    });
    assert.equal((await server.ended()).code, 0);
    await Promise.all(calls.map(({ closed }) => closed));
    for (const { route, chunks } of calls) {
      const [answer] = readAnswers(Buffer.concat(chunks));
      const later = (route === 'GET /readyz' && answer?.status === 503) || countsLater(route, answer);
      assert.ok(later || answer?.status < 500, `${route}: ${Buffer.concat(chunks)}`);
    }
    await server.start();
  });
