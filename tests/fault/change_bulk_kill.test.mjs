/*
 * kill -9 in the middle of a bulk change and of its undo: the same call, sent again, does the rest. Every
 * record is changed once, and its verdict is that of its change.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { request } from '../lib/http.mjs';
import { patience, until } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const ROUNDS = Number(process.env.ROUNDS || 2);
const RECORDS = 1000;

test(`${ROUNDS} times kill -9 in the middle of a bulk change: sent again, it has changed each record once`,
    async (t) => {
  const server = await startServer();
  const made = await server.addTasks(Array.from({ length: RECORDS }, (_, i) => ({ task: small({ title: `T ${i}` }) })));
  const keys = made.json.items.map(({ task }) => task.taskLink.split('/').pop());
  const events = async (key) => (await server.get(`${API}/tasks/${key}/events`)).json.items;
  const version = async (key) => (await server.get(`${API}/tasks/${key}`)).json.version;

  /* An answer that does not come is null. */
  const post = async (path, body, headers = {}) => request(`${server.url}${API}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await server.token()}`, 'content-type': 'application/json', ...headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
    agent: server.agent,
    timeout: 120_000 * patience,
  }).catch(() => null);

  /* Sends, kills the server once the record that comes first is changed, and sends again. */
  async function interrupted(send, first, before) {
    const sending = send();
    await until(async () => (await version(first)) > before, 'the first change');
    await server.kill9();
    await sending;
    await server.start();
    const changed = await Promise.all(keys.map(version));
    t.diagnostic(`${changed.filter((now) => now > before).length} of ${RECORDS} were changed before the end`);
    const answer = await send();
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  }

  for (let round = 0, before = 1; round < ROUNDS; round++, before += 2) {
    const body = round % 2 ? { keys, patch: { priority: 'High' } }
      : { filter: `workspace=${WORKSPACE}&q=priority:none`, patch: { priority: 'High', status: 'To do' } };
    const headers = { 'idempotency-key': `round-${round}` };
    const first = round % 2 ? keys[0] : keys.at(-1); /* a filter has the newest first */
    const { bulkId, items } = await interrupted(() => post('/tasks/bulk', body, headers), first, before);
    assert.equal(new Set(items.map(({ key }) => key)).size, RECORDS);
    await Promise.all(items.map(async (item) => {
      assert.deepEqual([item.status, item.version], [200, before + 1], JSON.stringify(item));
      const [newest] = await events(item.key);
      assert.deepEqual([newest.version, newest.changes.bulkId], [before + 1, [null, bulkId]]);
      assert.ok(item.receipt.startsWith(`${EXAMPLE.domain}:${newest.seq}:`));
    }));

    const back = await interrupted(() => post(`/bulk/${bulkId}/undo`), first, before + 1);
    assert.ok(back.items.every(({ status }) => status === 200));
    await Promise.all(keys.map(async (key) => {
      const [newest] = await events(key);
      assert.deepEqual([newest.version, newest.changes.bulkUndo], [before + 2, [null, bulkId]]);
    }));
  }
  await server.command(['verify']);
  await server.stop();
});
