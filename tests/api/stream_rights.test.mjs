/*
 * An answer in pieces lasts as long as its reader likes. It ends, and is seen to be cut off, when the reader
 * loses the right to the record while it is being sent; and only then.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { connect, readAnswers } from '../lib/http.mjs';
import { makeFile } from '../lib/program.mjs';
import { API, EXAMPLE, REVOKE_PATH, WORKSPACE, form, small, startServer } from '../lib/server.mjs';

const ADMIN = 'admin@example.com';
const OTHER = 'EXA-CON-BUS-TWO';
const COMMENTS = 100; /* of 256 KiB: more than the sockets between two processes hold */
const ANY = { 'if-match': '*' };

let server;
before(async () => {
  server = await startServer({ workspaces: [WORKSPACE, OTHER], users: [EXAMPLE, { email: ADMIN, admin: true }] });
});
after(() => server.stop());

async function expect(status, answer) {
  assert.equal((await answer).status, status, (await answer).text);
  return answer;
}

/* A record with much of everything. */
async function longRecord() {
  const { key } = await server.createAndRead(small());
  const path = `${API}/tasks/${key}`;
  const text = '\u{1f6a2}'.repeat(65_536);
  for (let i = 0; i < COMMENTS; i++)
    await expect(201, server.send(EXAMPLE.email, 'POST', `${path}/comments`, { text }));
  const file = await server.requestAs(EXAMPLE.email, 'POST', `${path}/attachments?name=a`,
    { body: Buffer.alloc(25 * 1024 * 1024), headers: { 'content-type': 'application/octet-stream' } });
  await expect(201, file);
  const own = new URL(file.headers.location).pathname.slice(path.length);
  return { path, key, parts: ['/comments?limit=200', '/events?limit=200', own, '/evidence'] };
}

/* Begins to read an answer, and stops after its first bytes. */
async function begin(path, token) {
  const socket = await connect(server.where);
  const chunks = [];
  socket.on('data', (data) => chunks.push(data));
  socket.on('error', () => {});
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`);
  await once(socket, 'data');
  socket.pause();
  return {
    /* Reads on; whether the answer came whole. */
    async whole() {
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.resume();
      await closed;
      const all = Buffer.concat(chunks);
      assert.match(all.subarray(0, 20).toString(), /^HTTP\/1.1 200 /);
      return readAnswers(all).length === 1;
    },
  };
}

let made = 0;
async function reader() {
  const email = `reader${++made}@example.com`;
  await server.command(['user', 'add', email, '--domain', EXAMPLE.domain, '--role', 'viewer', '--password-file',
    makeFile(EXAMPLE.password)]);
  return { email, token: await server.token(email) };
}
const change = (email, body) =>
  expect(200, server.send(ADMIN, 'PATCH', `${API}/people/${email}`, body, { headers: ANY }));

const losses = {
  'the role is taken away': ({ email }) => change(email, { roles: [] }),
  'the person is disabled': ({ email }) => change(email, { disabled: true }),
  'the token is revoked': ({ token }) => expect(200, server.request('POST', REVOKE_PATH,
    { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form({ token }) })),
};

describe('an answer that has begun', () => {
  let record;
  before(async () => {
    record = await longRecord();
  });

  for (const [name, lose] of Object.entries(losses))
    test(`ends when ${name}`, async () => {
      const who = await reader();
      const answers = await Promise.all(record.parts.map((part) => begin(record.path + part, who.token)));
      await lose(who);
      for (const [i, answer] of answers.entries()) assert.equal(await answer.whole(), false, record.parts[i]);
    });

  test('continues when others lose their rights, and their own roles change but for this record', async () => {
    const [who, other] = [await reader(), await reader()];
    const answers = await Promise.all(record.parts.map((part) => begin(record.path + part, who.token)));
    await change(other.email, { roles: [] });
    await change(who.email, { roles: [{ domain: EXAMPLE.domain, role: 'member' }] });
    for (const [i, answer] of answers.entries()) assert.equal(await answer.whole(), true, record.parts[i]);
  });

  test('ends when the record is moved to where the reader may not look', async () => {
    const client = await server.addClient(ADMIN,
      { domain: EXAMPLE.domain, scopes: ['task:read'], workspaces: [WORKSPACE], readAll: [WORKSPACE] });
    const token = await server.clientToken(client);
    const answers = await Promise.all(record.parts.map((part) => begin(record.path + part, token)));
    await expect(200, server.send(EXAMPLE.email, 'PATCH', record.path, { workspace: OTHER }, { headers: ANY }));
    for (const [i, answer] of answers.entries()) assert.equal(await answer.whole(), false, record.parts[i]);
  });
});

test('an export, or a long page of a list, ends when the reader loses a right', async () => {
  const description = 'x'.repeat(65_536);
  await expect(200, server.addTasks(Array.from({ length: 200 }, () => ({ task: small({ description }) }))));
  await expect(200, server.addTasks(Array.from({ length: 200 }, () => ({ task: small({ description }) }))));
  for (const path of ['/export/tasks.csv', '/export/tasks.xlsx', '/tasks?limit=200'])
    for (const [name, lose] of Object.entries(losses)) {
      const who = await reader();
      const answer = await begin(API + path, who.token);
      await lose(who);
      assert.equal(await answer.whole(), false, `${path}: ${name}`);
    }
});
