/*
 * All lanes at once for some seconds: reports with and without keys, replays, reads, lists, sign-ins
 * and sub-commands. Short in the plain build; it is here for ThreadSanitizer, under which a data race
 * ends the server with an exit code of its own.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import { patience } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer, WORKSPACE } from '../lib/server.mjs';

const SECONDS = 4 * Math.min(patience, 4);

test('a server under mixed load answers everything, stops cleanly and has a whole history', async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const answers = new Map();
  let created = 0;

  const note = (what, answer, ...expected) => {
    assert.ok(expected.includes(answer.status), `${what}: ${answer.status} ${answer.text.slice(0, 500)}`);
    answers.set(what, (answers.get(what) ?? 0) + 1);
    return answer;
  };
  const work = {
    async report() {
      note('report', await server.addTask(small({ title: randomUUID() })), 201);
      created++;
    },
    async replay() {
      const headers = { 'idempotency-key': randomUUID() };
      const both = await Promise.all([1, 2].map(() => server.addTask(small(), { headers })));
      created++;
      for (const answer of both) note('replay', answer, 201);
      assert.equal(both[0].text, both[1].text);
    },
    async refusal() {
      note('refusal', await server.addTask(small({ impact: 'huge' })), 422);
    },
    async record() {
      if (created > 0) note('record', await server.get(`${API}/tasks/${WORKSPACE}-01`), 200);
      note('events', await server.get(`${API}/tasks/${WORKSPACE}-99999999`), 404);
    },
    async list() {
      note('list', await server.get(`${API}/tasks?limit=5`), 200);
    },
    async token() {
      const granted = note('token',
        await server.grant({ grant_type: 'password', username: EXAMPLE.email, password: EXAMPLE.password }), 200, 429);
      if (granted.status !== 200) return;
      const { refresh_token } = granted.json;
      note('refresh', await server.grant({ grant_type: 'refresh_token', refresh_token }), 200);
    },
    async command() {
      await server.command(['workspace', 'add', `EXA-CON-BUS-W${answers.get('command') ?? 0}`]);
      answers.set('command', (answers.get('command') ?? 0) + 1);
      await new Promise((resolve) => setTimeout(resolve, 300));
    },
  };
  await server.token();
  const end = Date.now() + SECONDS * 1000;
  const kinds = [...Array(12).fill('report'), ...Array(3).fill('replay'), 'refusal', 'record', 'list', 'list', 'token',
    'command'];
  await Promise.all(kinds.map(async (kind) => {
    do await work[kind](); while (Date.now() < end || answers.get(kind) === undefined);
  }));
  for (const kind of Object.keys(work)) assert.ok(answers.get(kind) > 0, `${kind} was never done: ${[...answers]}`);

  await server.command(['verify']);
  await server.terminate();
  assert.doesNotMatch(server.log, /Sanitizer/);
});
