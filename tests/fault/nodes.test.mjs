/*
 * Several nodes on one database: numbers without gaps, one record per key, a chain that is whole, and
 * nothing of it changes when a node is killed, loses its number, or is restarted while a proxy is before it.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { CHANGES, listen, readAll } from '../lib/changes.mjs';
import { databaseUrl, psql } from '../lib/database.mjs';
import { findProgram } from '../lib/find.mjs';
import { freePort, makeAgent, request } from '../lib/http.mjs';
import { Ledger } from '../lib/load.mjs';
import { makeFile, makeFolder, patience, spawnChild, until } from '../lib/program.mjs';
import { ADD_TASK, API, EXAMPLE, REVOKE_PATH, form, small, startServer } from '../lib/server.mjs';

const SECONDS = Number(process.env.BZCTRL_NODES_SECONDS || 5);
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/* Nodes with a folder each and one database. */
async function startNodes(count, options = {}) {
  const first = await startServer(options);
  const env = { BZCTRL_DATABASE: databaseUrl(first.dir) };
  const nodes = [first];
  while (nodes.length < count) nodes.push(await startServer({ dataDir: makeFolder(), env }));
  await first.token();
  for (const node of nodes) node.tokens = first.tokens;
  return nodes;
}

async function stopNodes(nodes) {
  for (const node of nodes.toReversed()) await node.stop();
}

test('each node has a number of its own, and a new one takes what an old one gave back', async () => {
  const nodes = await startNodes(3);
  const url = databaseUrl(nodes[0].dir);
  const held = () => psql(url, 'SELECT id FROM node WHERE lease_until > 0 ORDER BY id').trim().split('\n');
  assert.deepEqual(held(), ['0', '1', '2']);
  await nodes[1].terminate();
  assert.deepEqual(held(), ['0', '2']);
  await nodes[1].start();
  assert.deepEqual(held(), ['0', '1', '2']);
  await stopNodes(nodes);
});

test('keys sent to two nodes at once: one record and one answer each', async () => {
  const nodes = await startNodes(2);
  const ledger = new Ledger(nodes[0], nodes);
  for (let round = 0; round < 10; round++) {
    const entries = Array.from({ length: 10 }, () => ledger.make());
    await Promise.all(
      entries.flatMap((entry) =>
        nodes.flatMap((node) => Array.from({ length: 5 }, () => ledger.send(entry, { node })))));
  }
  assert.deepEqual([...ledger.statuses.keys()], [201]);
  await ledger.audit();
  await ledger.verify();
  await stopNodes(nodes);
});

test('people on two nodes who start a stand-up at once hold one, and each follows the other', async () => {
  const nodes = await startNodes(2);
  const post = (node, at, body) => node.send(EXAMPLE.email, 'POST', `${API}/meetings${at}`, body);
  const { id } = (await post(nodes[0], '', { name: 'Stand-up', domain: EXAMPLE.domain })).json;
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all([0, 1, 0, 1].map((i) => post(nodes[i], `/${id}/sessions`)));
    const [first, ...others] = answers.sort((a, b) => a.status - b.status);
    assert.deepEqual(others.map(({ status, json }) => [status, json.running]), Array(3).fill([409, first.json.id]));
    const at = `/${id}/sessions/${first.json.id}`;
    const { next } = (await nodes[1].get(`${CHANGES}?cursor=now`)).json;
    const listening = nodes[1].get(`${CHANGES}?cursor=${next}&action=meeting.stepped&wait=55`);
    await nodes[0].send(EXAMPLE.email, 'PATCH', `${API}/meetings${at}`, { stage: 'close' });
    assert.deepEqual((await listening).json.items.map(({ changes }) => changes.stage), [['since', 'close']]);
    const notes = nodes.flatMap((node, n) => [1, 2, 3].map((i) => post(node, `${at}/notes`, { text: `${n} ${i}` })));
    const closings = nodes.map((node) => post(node, `${at}/close`));
    const written = (await Promise.all(notes)).filter(({ status }) => status === 201).length;
    const [one, other] = await Promise.all(closings);
    assert.deepEqual([one.status, one.json], [200, other.json]);
    assert.equal(one.json.minutes.notes.length, written);
  }
  await stopNodes(nodes);
});

test('a stream of one node has what the other was sent, and resumes at the other', async () => {
  const nodes = await startNodes(2);
  const made = [];
  const got = [];
  const send = async (node, title) => made.push((await node.addTask(small({ title }))).json.taskLink.split('/').pop());
  let lastEventId = (await nodes[0].get(`${CHANGES}?cursor=now`)).json.next;
  const page = nodes[1].get(`${CHANGES}?cursor=${lastEventId}&wait=55`);
  for (let round = 0; round < 4; round++) {
    const [here, there] = round % 2 ? nodes.toReversed() : nodes;
    const stream = await listen(here, { lastEventId });
    for (let i = 0; i < 3; i++) await send(i % 2 ? here : there, `${round} ${i}`);
    await stream.has(made.length - got.length);
    stream.close();
    got.push(...stream.events.map(({ key }) => key));
    lastEventId = stream.id;
    await send(there, `${round}, between`);
  }
  got.push(...(await readAll(nodes[0], { cursor: lastEventId })).items.map(({ key }) => key));
  assert.deepEqual(got, made);
  assert.equal((await page).json.items[0].key, made[0]);
  await stopNodes(nodes);
});

test('the feed of one node has the first report in a workspace that the other has just made', async () => {
  const nodes = await startNodes(2, { users: [{ ...EXAMPLE, role: 'manager' }] });
  const [here, there] = nodes;
  const made = [];
  const got = [];
  let { next: cursor } = (await there.get(`${CHANGES}?cursor=now`)).json;
  for (let i = 1; i <= 10; i++) {
    const key = `${EXAMPLE.domain}-NEW${i}`;
    const workspace = await here.send(EXAMPLE.email, 'POST', `${API}/workspaces`, { key, name: `New ${i}` });
    assert.equal(workspace.status, 201, workspace.text);
    const report = await here.addTask(small({ domainWorkSpace: key }));
    assert.equal(report.status, 201, report.text);
    made.push(report.json.taskLink.split('/').pop());
    const page = await readAll(there, { cursor, query: { action: 'task.created' } });
    got.push(...page.items.map((item) => item.key));
    cursor = page.next;
  }
  got.push(...(await readAll(there, { cursor, query: { action: 'task.created' } })).items.map(({ key }) => key));
  assert.deepEqual(got, made);
  await stopNodes(nodes);
});

test('what one node was sent is in the log that every node shows', async () => {
  const nodes = await startNodes(3);
  for (const [i, node] of nodes.entries()) await node.addTask(small({ title: `node ${i}`, impact: 'Severe' }));
  for (const node of nodes) {
    let items;
    await until(async () => {
      ({ items } = (await node.get(`${API}/requests?status=422`)).json);
      return items.length >= nodes.length;
    }, 'a log with a request of each node');
    assert.deepEqual(items.map((item) => JSON.parse(item.body).title).sort(), ['node 0', 'node 1', 'node 2']);
  }
  await stopNodes(nodes);
});

test('kill -9 of one of two nodes under load: each report is there once', async (t) => {
  const nodes = await startNodes(2);
  const ledger = new Ledger(nodes[0], nodes);
  for (let round = 0; round < 5; round++) {
    let stop = false;
    const loading = ledger.load({ connections: 16, stop: () => stop });
    await ledger.moreTaken(5 + Math.floor(Math.random() * 50));
    const victim = nodes[round % 2];
    await victim.kill9();
    await ledger.moreTaken(5); /* by the other one */
    stop = true;
    await loading;
    const before = ledger.acknowledged.length;
    await victim.start();
    await ledger.settle();
    await ledger.replay(20);
    await ledger.audit();
    assert.ok(before > 0);
  }
  await ledger.verify();
  t.diagnostic(`${ledger.entries.size} reports, answers: ${JSON.stringify([...ledger.statuses])}`);
  await stopNodes(nodes);
});

test('a form’s dedup rule holds over nodes: one record, and every occurrence in its history', async () => {
  const manager = { email: 'manager@example.com', role: 'manager', domain: EXAMPLE.domain };
  const nodes = await startNodes(2, { users: [EXAMPLE, manager] });
  await nodes[0].token(manager.email);
  for (const then of ['answer', 'occurrence', 'refuse']) {
    const dedup = { by: ['title'], then };
    const put = await nodes[0].send(manager.email, 'PUT', `${API}/workspaces/EXA-CON-BUS-WOR/forms/${then}`, { dedup });
    assert.equal(put.status, 201, put.text);
  }
  /* Until the other node has heard of the forms. */
  const query = '?form=refuse&dryRun=true';
  await until(async () => (await nodes[1].addTask(small(), { query })).status === 200,
    'a node that has heard of the forms');
  for (let round = 0; round < 20; round++) {
    for (const [then, second] of [['answer', 200], ['occurrence', 200], ['refuse', 409]]) {
      const report = small({ title: `${then} ${round}` });
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, i) => nodes[i % 2].addTask(report, { query: `?form=${then}` })));
      assert.deepEqual(answers.map((a) => a.status).sort((a, b) => a - b),
        [...Array(15).fill(second), 201].sort((a, b) => a - b));
      if (then !== 'occurrence') continue;
      const key = answers.find((a) => a.status === 201).json.taskLink.split('/').pop();
      assert.equal((await nodes[1].get(`${API}/tasks/${key}/events?limit=200`)).json.items.length, 16);
      assert.equal((await nodes[1].get(`${API}/tasks/${key}`)).json.version, 16);
    }
  }
  await nodes[0].command(['verify']);
  await stopNodes(nodes);
});

test('bulk calls with the same keys to two nodes, into many domains: one record and one answer each', async () => {
  const workspaces = Array.from({ length: 5 }, (_, i) => `D${i}-W`);
  const nodes =
    await startNodes(2, { workspaces, users: [{ ...EXAMPLE, role: undefined, domain: undefined, admin: true }] });
  for (let round = 0; round < 5; round++) {
    const items = Array.from({ length: 300 }, (_, i) => ({
      idempotencyKey: `bulk ${round} ${i}`,
      task: small({ domainWorkSpace: workspaces[(i * 7 + round) % 5], title: `bulk ${round} ${i}` }),
    }));
    const calls = await Promise.all(Array.from({ length: 8 }, (_, i) => nodes[i % 2].addTasks(items)));
    for (const call of calls) assert.equal(call.status, 200, call.text.slice(0, 300));
    const found = calls.map((call) => call.json.items.map((item) => item.task));
    for (const tasks of found) assert.deepEqual(tasks, found[0]);
    for (let i = 0; i < items.length; i++)
      assert.equal(calls.filter((call) => !call.json.items[i].replayed).length, 1);
  }
  assert.equal((await nodes[0].listAll()).length, 1500);
  await nodes[0].command(['verify']);
  await stopNodes(nodes);
});

test('two nodes write to many domains in opposite order: nobody waits for ever', async (t) => {
  const workspaces = Array.from({ length: 20 }, (_, i) => `D${i}-W`);
  const nodes =
    await startNodes(2, { workspaces, users: [{ ...EXAMPLE, role: undefined, domain: undefined, admin: true }] });
  const token = await nodes[0].token();
  const until = Date.now() + SECONDS * 1000;
  const counts = new Map();
  let sent = 0;
  const client = async (node, order) => {
    while (Date.now() < until)
      await Promise.all(
        order.map(async (domainWorkSpace) => {
          const answer = await request(node.url + ADD_TASK, {
            method: 'POST',
            headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json',
              'idempotency-key': `"${sent++}"` },
            body: JSON.stringify(small({ domainWorkSpace })),
            agent: node.agent,
            timeout: 30_000 * patience,
          });
          assert.equal(answer.status, 201, answer.text);
          counts.set(domainWorkSpace, (counts.get(domainWorkSpace) ?? 0) + 1);
        }),
      );
  };
  const orders = [workspaces, workspaces.toReversed()];
  await Promise.all([0, 1, 0, 1].map((i) => client(nodes[i], orders[i])));
  for (const workspace of workspaces) {
    const { items } = (await nodes[0].get(`${API}/tasks?workspace=${workspace}&limit=1`)).json;
    assert.equal(items[0].key, `${workspace}-${String(counts.get(workspace)).padStart(2, '0')}`);
  }
  await nodes[0].command(['verify']);
  t.diagnostic(`${sent} reports to ${workspaces.length} domains`);
  await stopNodes(nodes);
});

test('a token that is revoked on one node is refused by all within 5 seconds', async () => {
  const nodes = await startNodes(2);
  const grant =
    (await nodes[0].grant({ grant_type: 'password', username: EXAMPLE.email, password: EXAMPLE.password })).json;
  const ask = (node) => node.request('GET', `${API}/tasks?limit=1`, { token: grant.access_token });
  for (const node of nodes) assert.equal((await ask(node)).status, 200);
  const revoked = await nodes[0].request('POST', REVOKE_PATH, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form({ token: grant.access_token }),
  });
  assert.equal(revoked.status, 200);
  assert.equal((await ask(nodes[0])).status, 401);
  await sleep(5000);
  assert.equal((await ask(nodes[1])).status, 401);
  await stopNodes(nodes);
});

test('a client secret that is revoked on one node, and what was got with it, is refused by all within 5 seconds',
    async () => {
  const manager = { ...EXAMPLE, email: 'manager@example.com', role: 'manager' };
  const nodes = await startNodes(2, { users: [EXAMPLE, manager] });
  const client = await nodes[0].addClient(manager.email, { scopes: ['task:read'] });
  const grant = (node) =>
    node.grant({ grant_type: 'client_credentials', client_id: client.clientId, client_secret: client.secret });
  await until(async () => (await grant(nodes[1])).status === 200, 'a node that has heard of the client');
  const token = await nodes[1].clientToken(client);
  const ask = (node) => node.request('GET', `${API}/tasks?limit=1`, { token });
  for (const node of nodes) assert.equal((await ask(node)).status, 200);
  const secrets = `${API}/clients/${client.clientId}/secrets`;
  const [{ id }] = (await nodes[0].get(secrets, { as: manager.email })).json.items;
  assert.equal((await nodes[0].send(manager.email, 'DELETE', `${secrets}/${id}`)).status, 204);
  assert.equal((await ask(nodes[0])).status, 401);
  await sleep(5000);
  for (const node of nodes) {
    assert.equal((await ask(node)).status, 401);
    assert.equal((await grant(node)).status, 401);
  }
  await stopNodes(nodes);
});

test('a person that is disabled on one node, or has a new password, is refused by all within 5 seconds', async () => {
  const manager = { ...EXAMPLE, email: 'manager@example.com', role: 'manager' };
  const other = { ...EXAMPLE, email: 'other@example.com' };
  const nodes = await startNodes(2, { users: [EXAMPLE, manager, other] });
  const signIn = (node, email) => node.grant({ grant_type: 'password', username: email, password: EXAMPLE.password });
  const tokens = {};
  for (const { email } of [EXAMPLE, other]) tokens[email] = (await signIn(nodes[1], email)).json.access_token;
  const ask = (node, email) => node.request('GET', `${API}/tasks?limit=1`, { token: tokens[email] });
  for (const node of nodes) for (const email of Object.keys(tokens)) assert.equal((await ask(node, email)).status, 200);
  const disabled = await nodes[0].send(manager.email, 'PATCH', `${API}/people/${EXAMPLE.email}`, { disabled: true },
    { headers: { 'if-match': '*' } });
  assert.equal(disabled.status, 200, disabled.text);
  await nodes[0].command(['user', 'password', other.email, '--password-file', makeFile('An0ther password')]);
  for (const email of Object.keys(tokens)) assert.equal((await ask(nodes[0], email)).status, 401);
  await sleep(5000);
  for (const node of nodes)
    for (const email of Object.keys(tokens)) {
      assert.equal((await ask(node, email)).status, 401);
      assert.equal((await signIn(node, email)).status, 400);
    }
  await stopNodes(nodes);
});

test('the last two admins, each unmade on another node at once: one stays', async () => {
  const admins = ['one@example.com', 'two@example.com'];
  const nodes = await startNodes(2, { users: [EXAMPLE, ...admins.map((email) => ({ email, admin: true }))] });
  for (const email of admins) await nodes[0].token(email);
  const unmade = (node, as, email) =>
    node.send(as, 'PATCH', `${API}/people/${email}`, { admin: false }, { headers: { 'if-match': '*' } });
  const answers = await Promise.all([unmade(nodes[0], admins[0], admins[1]), unmade(nodes[1], admins[1], admins[0])]);
  const statuses = answers.map(({ status }) => status).sort();
  assert.equal(statuses[0], 200, answers.map(({ text }) => text).join('\n'));
  assert.ok([403, 404, 409].includes(statuses[1]), String(statuses));
  await nodes[1].terminate();
  const left = (await nodes[0].command(['user', 'list'])).match(/\tadmin\t/g);
  assert.equal(left.length, 1);
  await stopNodes([nodes[0]]);
});

test('changes of people that two nodes make at once are all made', async () => {
  const admin = { email: 'admin@example.com', admin: true };
  const nodes = await startNodes(2, { users: [EXAMPLE, admin] });
  const token = await nodes[0].signIn(admin.email);
  const answers =
    await Promise.all(Array.from({ length: 60 }, (_, i) => nodes[i % 2].send(admin.email, 'POST', `${API}/people`,
    { email: `crowd${i}@example.com`, roles: [{ domain: EXAMPLE.domain, role: 'member' }] }, { token })));
  assert.deepEqual(answers.map(({ status }) => status), Array(60).fill(201),
    answers.find(({ status }) => status !== 201)?.text);
  await stopNodes(nodes);
});

test('people and workspaces that one node adds, the others know', async () => {
  const nodes = await startNodes(2);
  await nodes[0].command(['workspace', 'add', 'EXA-CON-BUS-NEW']);
  await until(async () => (await nodes[1].addTask(small({ domainWorkSpace: 'EXA-CON-BUS-NEW' }))).status === 201,
    'a node that has heard of the workspace');
  await stopNodes(nodes);
});

test('a node that lost its number commits nothing with it, and continues with another', async () => {
  const [node] = await startNodes(1);
  const ledger = new Ledger(node);
  const url = databaseUrl(node.dir);
  for (let i = 0; i < 3; i++) {
    await ledger.untilServed();
    psql(url, "UPDATE node SET owner = '\\x00', lease_until = 9e15 WHERE lease_until > 0");
  }
  await ledger.untilServed();
  await ledger.settle();
  await ledger.audit();
  await ledger.verify();
  await node.stop();
});

/* Which nodes made the identifiers of the records: bits 12 to 21 (src/base/id.h). */
const makers = (url) => psql(url, 'SELECT DISTINCT (id >> 12) & 1023 FROM task').trim().split('\n').map(Number).sort();

test('a node that is stopped past its lease under load holds nobody up, and continues with another number',
    async (t) => {
  const [node] = await startNodes(1);
  const url = databaseUrl(node.dir);
  const ledger = new Ledger(node);
  await ledger.untilServed();
  let stop = false;
  const loading = ledger.load({ connections: 16, stop: () => stop });
  await ledger.moreTaken(20);
  node.child.kill('SIGSTOP');
  stop = true;
  /* Once PostgreSQL has done what it was sent: what the server would do by itself half a minute later; and the
   * end of the lease, later still. */
  const own = `datname = current_database() AND application_name = 'bzctrld'`;
  const active =
    `SELECT COUNT(*) FROM pg_stat_activity WHERE ${own} AND state = 'active' AND wait_event_type IS DISTINCT FROM ` +
        `'Lock'`;
  await until(() => psql(url, active).trim() === '0', 'connections that rest');
  psql(url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ` +
      `${own} AND state LIKE 'idle in transaction%'`);
  psql(url, "SET lock_timeout = '5s'", 'UPDATE node SET lease_until = 1');
  const other = await startServer({ dataDir: makeFolder(), env: { BZCTRL_DATABASE: url } });
  other.tokens = node.tokens;
  const beside = new Ledger(other);
  await beside.untilServed();
  assert.equal(psql(url, 'SELECT id FROM node').trim(), '0', 'it took the number');
  node.child.kill('SIGCONT');
  await loading;
  for (let i = 0; i < 20; i++) await Promise.all([ledger.send(ledger.make()), beside.send(beside.make())]);
  await ledger.settle();
  await ledger.replay(20);
  const ids = psql(url, 'SELECT id FROM node WHERE lease_until > 1 ORDER BY id').trim().split('\n');
  assert.deepEqual(ids, ['0', '1']);
  assert.deepEqual(makers(url), [0, 1]);
  assert.equal(psql(url, 'SELECT COUNT(*) - COUNT(DISTINCT id) FROM task').trim(), '0');
  await ledger.verify();
  t.diagnostic(`answers: ${JSON.stringify([...ledger.statuses])}`);
  await stopNodes([node, other]);
});

const haproxy = findProgram('haproxy');

/* What the proxy holds of the nodes: "UP", or otherwise. */
async function proxyStates(file) {
  const socket = net.connect(file);
  socket.end('show stat\n');
  const chunks = [];
  for await (const chunk of socket) chunks.push(chunk);
  const [names, ...rows] = Buffer.concat(chunks).toString().trim().split('\n').map((line) => line.split(','));
  return rows.filter(([backend, server]) => backend === 'nodes' && server !== 'BACKEND')
    .map((row) => row[names.indexOf('status')]);
}

test('nodes restarted one after the other, with a proxy before them: no client notices',
    { skip: !haproxy && 'haproxy is not installed' }, async (t) => {
  const nodes = await startNodes(2);
  const port = await freePort();
  const file = path.join(makeFolder(), 'haproxy.cfg');
  writeFileSync(file, `
global
  maxconn 200
  stats socket ${file}.sock
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  retries 3
  retry-on conn-failure empty-response 503
  option redispatch 1
  option httpchk GET /readyz
frontend front
  bind 127.0.0.1:${port}
  default_backend nodes
backend nodes
  balance roundrobin
${nodes.map((node, i) => `  server n${i} ${node.address} check inter 200ms fall 1 rise 1`).join('\n')}
`);
  const proxy = spawnChild(haproxy, ['-db', '-f', file], { stdio: 'ignore' });
  t.after(() => proxy.kill('SIGKILL'));
  const front = { url: `http://127.0.0.1:${port}`, agent: makeAgent(), running: true };
  const ledger = new Ledger(nodes[0], [front]);
  await ledger.untilServed();
  ledger.statuses.clear();
  let stop = false;
  const loading = ledger.load({ connections: 8, stop: () => stop });
  for (const node of nodes) {
    await ledger.moreTaken(20);
    await node.restart();
    await until(async () => (await proxyStates(`${file}.sock`)).every((state) => state === 'UP'),
      'a proxy that sends to both');
    await ledger.moreTaken(20);
  }
  stop = true;
  await loading;
  t.diagnostic(`${ledger.entries.size} reports, answers: ${JSON.stringify([...ledger.statuses])}`);
  assert.deepEqual([...ledger.statuses.keys()], [201]);
  assert.equal(ledger.open.size, 0);
  await ledger.audit();
  await ledger.verify();
  front.agent.destroy();
  await stopNodes(nodes);
});

test('parents set by two nodes at once make no circle', async () => {
  /* Reports of another domain come first in the nodes' transactions, so they take the domain of the
   * parents only when they write there. */
  const one = { email: 'one@example.com', role: 'member', domain: 'AAA' };
  const nodes = await startNodes(2, { workspaces: ['AAA-ONE', 'EXA-CON-BUS-WOR'], users: [one, EXAMPLE] });
  const url = (record) => `${API}/tasks/${record.key}`;
  const under = (node, record, parent) =>
    node.send(EXAMPLE.email, 'PATCH', url(record), { parent: parent.key }, { headers: { 'if-match': '*' } });
  const report = (node) => node.addTask(small({ domainWorkSpace: 'AAA-ONE', reporter: one.email }), { as: one.email });
  for (let round = 0; round < 20; round++) {
    const pairs = await Promise.all(
      Array.from({ length: 6 }, () => Promise.all([0, 1].map(() => nodes[0].createAndRead(small())))));
    const [answers] = await Promise.all([
      Promise.all(pairs.map(([a, b], i) => Promise.all([under(nodes[i % 2], a, b), under(nodes[1 - (i % 2)], b, a)]))),
      ...nodes.flatMap((node) => Array.from({ length: 6 }, () => report(node))),
    ]);
    for (const [i, pair] of answers.entries()) {
      assert.deepEqual(pair.map(({ status }) => status).sort(), [200, 422], pair.map(({ text }) => text).join('\n'));
      const now = await Promise.all(pairs[i].map(async (record) => (await nodes[0].get(url(record))).json.parent));
      assert.equal(now.filter((parent) => parent === null).length, 1);
    }
  }
  await nodes[0].command(['verify']);
  await stopNodes(nodes);
});
