/* Webhooks with two nodes on one database: one of them delivers, and another one takes over. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { databaseUrl, psql } from '../lib/database.mjs';
import { makeFolder, until } from '../lib/program.mjs';
import { ALLOW, startReceiver } from '../lib/receiver.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const ADMIN = { email: 'admin@example.com', admin: true };

test('each event comes once and in order, whichever node has it; the other one takes over', async () => {
  const receiver = await startReceiver();
  const first = await startServer({ users: [EXAMPLE, ADMIN], args: ALLOW });
  const folder = makeFolder();
  writeFileSync(path.join(folder, 'secret.key'), readFileSync(path.join(first.dir, 'secret.key')));
  const second = await startServer({ dataDir: folder, args: ALLOW, env: { BZCTRL_DATABASE: databaseUrl(first.dir) } });
  second.users = first.users;
  const made = await first.send(ADMIN.email, 'POST', `${API}/webhooks`, { url: receiver.url, workspace: WORKSPACE });
  assert.equal(made.status, 201, made.text);
  receiver.secrets = [made.json.secret];
  const keys = [];
  for (let i = 0; i < 20; i++) keys.push((await [first, second][i % 2].createAndRead(small())).key);
  const sent = await receiver.expect(20);
  assert.deepEqual(sent.map(({ body }) => body.data.key), keys);
  await second.createAndRead(small());
  assert.equal((await receiver.expect(21)).length, 21);
  assert.equal(new Set(receiver.deliveries.map(({ id }) => id)).size, 21);

  /* Whichever delivers: one after the other is killed, and comes back. */
  for (const [killed, other] of [[first, second], [second, first]]) {
    const before = receiver.deliveries.length;
    await killed.kill9();
    await other.createAndRead(small());
    await until(() => receiver.deliveries.length > before, 'the event');
    await killed.start();
  }
  assert.deepEqual(receiver.faults, []);
  await second.stop();
  await first.stop();
  await receiver.stop();
});

test('a node with another secret key leaves webhooks to one that can open their secrets', async () => {
  const receiver = await startReceiver();
  const first = await startServer({ users: [EXAMPLE, ADMIN], args: ALLOW });
  const url = databaseUrl(first.dir);
  const owner = () => psql(url, "SELECT encode(owner, 'hex') FROM webhook_control");
  const made = await first.send(ADMIN.email, 'POST', `${API}/webhooks`, { url: receiver.url, workspace: WORKSPACE });
  assert.equal(made.status, 201, made.text);
  receiver.secrets = [made.json.secret];
  await first.terminate();
  const before = owner();
  const foreign = await startServer({ dataDir: makeFolder(), args: ALLOW, env: { BZCTRL_DATABASE: url } });
  await until(() => owner() !== before, 'the other node had the lease');
  await first.start();
  await first.createAndRead(small());
  await receiver.expect(1);
  await foreign.stop();
  await first.stop();
  await receiver.stop();
});
