/*
 * Records as large as they may be, and many of them: the index is built, the feed is read, and others search.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readAll } from '../lib/changes.mjs';
import { runBzctrldOk, until } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';

let server;
before(async () => {
  server = await startServer();
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
