/*
 * kill -9 while a stand-up is held and closed: every note that was acknowledged is there once, in the session or in its
 * minutes; what is sent again is not doubled; and the history verifies.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { databaseEnvironment } from '../lib/database.mjs';
import { request } from '../lib/http.mjs';
import { patience, runBzctrld } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';

const ROUNDS = Number(process.env.ROUNDS || 4);
const NOTES = 40;

test(`${ROUNDS} times kill -9 in the middle of a stand-up: no note is lost or doubled, and it has one end`,
    async (t) => {
  const server = await startServer();
  const key = (await server.createAndRead(small({ dueDate: '2020-01-01' }))).key;
  const made = await server.send(EXAMPLE.email, 'POST', `${API}/meetings`,
    { name: 'Stand-up', domain: EXAMPLE.domain });
  const meeting = `${API}/meetings/${made.json.id}`;

  /* An answer that does not come is null. */
  const post = async (path, body) => request(`${server.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await server.token()}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
    agent: server.agent,
    timeout: 60_000 * patience,
  }).catch(() => null);

  for (let round = 0; round < ROUNDS; round++) {
    const started = await post(`${meeting}/sessions`);
    assert.equal(started.status, 201, started.text);
    const session = `${meeting}/sessions/${JSON.parse(started.text).id}`;
    const acknowledged = new Set();
    const send = async (i) => {
      const answer = await post(`${session}/notes`, { text: `Round ${round}, note ${i}`, key });
      if (answer?.status === 201 || answer?.status === 200) acknowledged.add(`Round ${round}, note ${i}`);
      if (i === Math.floor(NOTES * (round + 1) / (ROUNDS + 1))) await server.kill9();
    };
    const sending = Array.from({ length: NOTES }, (_, i) => send(i));
    const closing = round % 2 ? post(`${session}/close`) : Promise.resolve(null);
    await Promise.all(sending);
    const closed = await closing;
    await server.start();

    let now = (await server.get(session)).json;
    if (closed?.status === 200) assert.deepEqual(now.minutes, JSON.parse(closed.text).minutes);
    t.diagnostic(`${acknowledged.size} notes acknowledged, ${now.running ? 'running' : 'closed'} after the end`);
    const texts = () => now.minutes.notes.map(({ text }) => text);
    for (const text of acknowledged) assert.ok(texts().includes(text), text);
    if (now.running) {
      for (const text of [...acknowledged]) assert.equal((await post(`${session}/notes`, { text, key })).status, 200);
      now = JSON.parse((await post(`${session}/close`)).text);
    }
    assert.equal(new Set(texts()).size, texts().length);
    assert.equal((await server.get(meeting)).json.running, null);
  }

  const { items } = (await server.get(`${API}/changes?action=meeting.closed&limit=200`)).json;
  assert.equal(items.length, ROUNDS);
  await server.terminate();
  const { code, stderr } = await runBzctrld(['verify', '--data', server.dir], { env: databaseEnvironment(server.dir) });
  assert.equal(code, 0, stderr);
  await server.stop();
});
