/*
 * Answers that the API sends in pieces: the history of a record whose events are long, and the files
 * that are too big for one piece.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { changeStored } from '../lib/database.mjs';
import { connect, readAnswers } from '../lib/http.mjs';
import { patience, run, until } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const MANAGER = { email: 'manager@example.com', role: 'manager', domain: 'EXA' };
const MANY = 40; // events of nearly 1 MiB each: more than a whole answer may have
const LONG = 'x'.repeat(1000 * 1024);

let server;
let target; // the events of the record that has many
before(async () => {
  server = await startServer({ users: [EXAMPLE, MANAGER] });
  target = await makeHistory(server, MANY);
});
after(() => server.stop());

/* A record that was reported so many times, with a lot beside the members that the form knows. */
async function makeHistory(on, n) {
  for (const user of [EXAMPLE, MANAGER]) await on.token(user.email);
  const rule = { dedup: { by: ['title'], then: 'occurrence' } };
  const form = await on.send(MANAGER.email, 'PUT', `${API}/workspaces/${WORKSPACE}/forms/often`, rule);
  assert.equal(form.status, 201, form.text);
  let answer;
  for (let i = 0; i < n; i++) {
    answer = await on.addTask(small({ title: 'often', extra: { number: i, long: LONG } }), { query: '?form=often' });
    assert.equal(answer.status, i === 0 ? 201 : 200, answer.text);
  }
  return `${API}/tasks/${answer.json.taskLink.split('/').pop()}/events`;
}

const memory = (on) => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${on.pid}/status`, 'utf8'))[1]) * 1024;

/* Asks for the events and reads the first bytes of the answer, no more. */
async function begin(on, path, more = '') {
  const token = await on.token(EXAMPLE.email);
  const socket = await connect(on.where);
  const chunks = [];
  socket.on('data', (data) => chunks.push(data));
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n${more}\r\n`);
  await once(socket, 'data');
  socket.pause();
  return { socket, answers: () => readAnswers(Buffer.concat(chunks)) };
}

describe('a history that is longer than an answer may be', () => {
  test('comes whole, as it does page by page', async () => {
    const whole = await server.get(`${target}?limit=200`);
    assert.equal(whole.status, 200);
    assert.equal(whole.headers['transfer-encoding'], 'chunked');
    assert.ok(whole.body.length > MANY * LONG.length);
    assert.equal(whole.json.next, undefined);
    const pages = [];
    for (let cursor = ''; cursor !== undefined;) {
      const { items, next } = (await server.get(`${target}?limit=7${cursor && `&cursor=${cursor}`}`)).json;
      pages.push(...items);
      cursor = next;
    }
    assert.equal(pages.length, MANY);
    assert.deepEqual(whole.json.items, pages);
  });

  test('ends, with a next, where the limit says', async () => {
    const { items, next } = (await server.get(`${target}?limit=${MANY - 1}`)).json;
    assert.deepEqual([items.length, next], [MANY - 1, String(items.at(-1).seq)]);
    const last = await server.get(`${target}?limit=200&cursor=${next}`);
    assert.deepEqual([last.json.items.length, last.json.next], [1, undefined]);
  });

  test('has a length when it is short', async () => {
    const { json: { taskLink } } = await server.addTask(small());
    const answer = await server.get(`${API}/tasks/${taskLink.split('/').pop()}/events`);
    assert.equal(answer.headers['transfer-encoding'], undefined);
    assert.equal(Number(answer.headers['content-length']), answer.body.length);
  });

  test('is refused as any other call before it begins', async () => {
    for (const [path, status] of [[`${target}?cursor=999`, 400], [`${target}?limit=0`, 400],
      [target.replace(/\d+\/events/, '99/events'), 404]])
      assert.equal((await server.get(path)).status, status);
  });

  test('waits for a client that pauses, and the next request on its connection for both', async () => {
    const { socket, answers } = await begin(server, `${target}?limit=200`);
    socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await server.get(`${target}?limit=2`);
    assert.equal(answers().length, 0);
    socket.resume();
    await once(socket, 'close');
    assert.deepEqual(answers().map(({ status }) => status), [200, 200]);
    assert.equal(answers()[0].json.items.length, MANY);
  });

  test('costs, for clients that do not read, an event each and no more', async () => {
    const clients = 20;
    await server.get(`${target}?limit=200`);
    const least = memory(server);
    const all = await Promise.all(Array.from({ length: clients }, () => begin(server, `${target}?limit=200`)));
    if (patience === 1) {
      const bound = clients * 2 * 1024 * 1024;
      await until(() => memory(server) - least < bound,
        () => `${clients} clients to hold less than ${bound} bytes: ${memory(server) - least}`);
    }
    for (const { socket } of all) socket.destroy();
    assert.equal((await server.get(`${target}?limit=1`)).status, 200);
  });

  test('is cut off when it cannot go on, and that is seen and logged', async () => {
    const own = await startServer({ users: [EXAMPLE, MANAGER] });
    const events = await makeHistory(own, 20);
    const { socket, answers } = await begin(own, `${events}?limit=200`);
    assert.ok(changeStored(own.dir, 'DELETE FROM event WHERE previous_seq > 0') > 0);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    await closed;
    assert.equal(answers().length, 0);
    await until(() => own.log.includes('answer cut off'), 'a line in the log');
    assert.equal((await own.get('/healthz')).status, 200);
    await own.stop();
  });
});

test('a server that stops sends to the end what has begun, unless the client leaves', async () => {
  const own = await startServer({ users: [EXAMPLE, MANAGER] });
  const events = await makeHistory(own, 20);
  const [stays, leaves] = await Promise.all([begin(own, `${events}?limit=200`), begin(own, `${events}?limit=200`)]);
  const stopped = own.terminate();
  await until(() => own.log.includes('stopping'), 'a server that stops');
  leaves.socket.destroy();
  stays.socket.resume();
  await once(stays.socket, 'close');
  assert.equal(stays.answers()[0].json.items.length, 20);
  await stopped;
  await own.stop();
});

describe('files', () => {
  const style = async () => /href="(\.\/app-\w+\.css)"/.exec((await server.request('GET', '/app/')).text)[1];
  for (const name of ['style', `${API}/openapi.json`, `${API}/docs`])
    test(`${name} comes whole, with its length, to HTTP/1.0 and for HEAD too`, async () => {
      const file = name === 'style' ? `/app/${await style()}` : name;
      const whole = await server.request('GET', file, { check: false });
      assert.equal(whole.headers['transfer-encoding'], undefined);
      assert.equal(Number(whole.headers['content-length']), whole.body.length);
      const old = await run('curl', ['--silent', '--show-error', '--http1.0', server.url + file]);
      assert.equal(old.code, 0, old.stderr);
      assert.equal(old.stdout, whole.text);
      const head = await run('curl', ['--silent', '--show-error', '--head', server.url + file]);
      assert.match(head.stdout, new RegExp(`\r\nContent-Length: ${whole.body.length}\r\n`, 'i'));
    });
});
