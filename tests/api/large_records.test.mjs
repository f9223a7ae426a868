/*
 * Records as large as they may be, and many of them: the index is built, the feed is read, and others search.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readAll } from '../lib/changes.mjs';
import { makeFolder, runBzctrldOk, until } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';

const MANAGER = 'manager@example.com';

let server;
before(async () => {
  server = await startServer({ users: [EXAMPLE, { email: MANAGER, role: 'manager', domain: EXAMPLE.domain }] });
});
after(() => server.stop());

const ask = (parameters) => server.get(`${API}/tasks?${new URLSearchParams(parameters)}`);

/** The titles of a list, once the index is there and has come to the newest record. */
async function titles(parameters) {
  for (;;) {
    const answer = await ask({ ...parameters, sort: '-updatedAt' });
    if (answer.status === 200) return answer.json.items.map(({ title }) => title);
    assert.equal(answer.status, 503, answer.text);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('a text of letters that become many is searched as far as there is room, and stops nobody else', async () => {
  const many = '\uFDFA'.repeat(65_536);
  await server.addTask(small({ title: 'many letters', description: many, result: many, status: 'Done' }));
  await server.addTask(small({ title: 'ordinary words' }));
  assert.deepEqual(await titles({ q: 'ordinary' }), ['ordinary words']);
  assert.deepEqual(await titles({ q: 'many letters' }), ['many letters']);
  assert.deepEqual(await titles({ q: 'many صلى' }), ['many letters']);
});

test('what is typed may be as long as it may be', async () => {
  for (const q of [Array(490).fill('1').join(' '), '\uFDFA'.repeat(333), 'x'.repeat(1000), `"${'y '.repeat(490)}"`]) {
    const answer = await ask({ q });
    assert.equal(answer.status, 200, `${q.slice(0, 20)}: ${answer.text}`);
    assert.equal(answer.json.items.length, 0);
  }
});

test('more than memory has room for at once', async () => {
  const more = 'x'.repeat(640_000);
  const reports = Array.from({ length: 450 }, (_, i) => small({ title: `large ${i}`, more }));
  await Promise.all(Array.from({ length: 6 }, async () => {
    for (let report; (report = reports.pop());) assert.equal((await server.addTask(report)).status, 201);
  }));
  assert.deepEqual(await titles({ q: 'large 449' }), ['large 449']);

  /* The feed is read to its end by someone who sees none of these events, and by someone who sees all. */
  assert.deepEqual((await readAll(server, { query: { action: 'task.commented' } })).items, []);
  let [seen, cursor] = [0, ''];
  for (let moved = true; moved;) {
    const query = `action=task.created${cursor && `&cursor=${cursor}`}`;
    const { status, json, text } = await server.get(`${API}/changes?${query}`);
    assert.equal(status, 200, text);
    seen += json.items.length;
    moved = json.next !== cursor;
    cursor = json.next;
  }
  assert.equal(seen, 452);

  const logged = server.log.length;
  await runBzctrldOk(['index', 'rebuild', '--data', server.dir]);
  const ended = /the index of records is built|out of memory/;
  await until(() => ended.test(server.log.slice(logged)), 'the index');
  assert.deepEqual(await titles({ q: 'large 448' }), ['large 448']);
  assert.ok(!/out of memory/.test(server.log), server.log);
});

/* What JSON takes once it is parsed is forty times its bytes where it is dense. */
describe('dense ones', () => {
  const readings = Array(500_000).fill(1);
  const patch = (key, body) =>
    server.send(EXAMPLE.email, 'PATCH', `${API}/tasks/${key}`, body, { headers: { 'if-match': '*' } });
  const keys = [];
  let meeting, session;

  before(async () => {
    const made = await server.send(EXAMPLE.email, 'POST', `${API}/meetings`, { name: 'Dense', domain: EXAMPLE.domain });
    assert.equal(made.status, 201, made.text);
    meeting = `${API}/meetings/${made.json.id}`;
    await sessionOf();
    for (let i = 0; i < 9; i++) {
      const { key } = await server.createAndRead(small({ title: `dense ${i}`, readings }));
      const closed = await patch(key, { status: 'Done', turn: i });
      assert.equal(closed.status, 200, closed.text);
      keys.push(key);
    }
  });

  async function sessionOf() {
    const started = await server.send(EXAMPLE.email, 'POST', `${meeting}/sessions`);
    assert.equal(started.status, 201, started.text);
    session = `${meeting}/sessions/${started.json.id}`;
  }

  test('the minutes of a stand-up have them, and the next one begins with them', async () => {
    const closed = await server.send(EXAMPLE.email, 'POST', `${session}/close`);
    assert.equal(closed.status, 200, closed.text);
    for (const key of keys) assert.equal((await patch(key, { status: 'In Progress', turn: 'open' })).status, 200);
    for (const key of keys) assert.equal((await patch(key, { status: 'Done', turn: 'closed' })).status, 200);
    await sessionOf();
  });

  test('the history verifies, and is copied', async () => {
    const heads = await runBzctrldOk(['verify', '--data', server.dir]);
    assert.match(heads, /^EXA-CON-BUS:\d+:/m);
    assert.equal(await runBzctrldOk(['backup', path.join(makeFolder(), 'backup.db'), '--data', server.dir]), heads);
  });

  test('the rules of a workspace are read', async () => {
    const rules = `${API}/workspaces/EXA-CON-BUS-WOR/rules`;
    const template = { todoType: 'TASK', title: 'x', description: 'd', orderID: 'O', readings: Array(31_000).fill(1) };
    for (let i = 0; i < 60; i++) {
      const answer = await server.send(MANAGER, 'POST', rules,
        { kind: 'recur', name: `dense ${i}`, schedule: { every: 'day', time: '00:00' }, template, active: false });
      assert.equal(answer.status, 201, `${i}: ${answer.text}`);
    }
    assert.equal((await server.get(rules, { as: MANAGER })).json.items.length, 60);
  });
});
