/* The recipes of doc/integrating.md, "The loop back": each hears that a record was closed. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../lib/client.mjs';
import { freePort, request } from '../lib/http.mjs';
import { makeFolder, root, spawnChild, until } from '../lib/program.mjs';
import { ALLOW } from '../lib/receiver.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const MANAGER = { email: 'manager@example.com', role: 'manager', domain: EXAMPLE.domain };
const example = (name) => path.join(root, 'doc/examples', name);

let server;
before(async () => {
  server = await startServer({ users: [EXAMPLE, MANAGER], args: ALLOW });
});
after(() => server.stop());

const close = async (key) => {
  const answer = await server.send(EXAMPLE.email, 'PATCH', `${API}/tasks/${key}`, { status: 'Done' },
    { headers: { 'if-match': '*' } });
  assert.equal(answer.status, 200, answer.text);
};
const text = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

test('receiver.mjs: a webhook, verified, and nothing twice', async () => {
  const file = path.join(makeFolder(), 'closed.txt');
  const port = await freePort();
  const made = await server.send(MANAGER.email, 'POST', `${API}/webhooks`,
    { url: `http://127.0.0.1:${port}/`, workspace: WORKSPACE });
  const child = spawnChild(process.execPath, [example('receiver.mjs'), String(port), file],
    { env: { WEBHOOK_SECRET: made.json.secret }, stdio: ['ignore', 'pipe', 'inherit'] });
  const { key } = await server.createAndRead(small());
  await close(key);
  await until(() => text(file) === `${key} Done\n`, 'the line');
  const resent = await server.send(MANAGER.email, 'POST', `${API}/webhooks/${made.json.id}/resend`,
    { since: '2020-01-01T00:00:00Z' });
  assert.equal(resent.json.deliveries, 2);
  const at = `${API}/webhooks/${made.json.id}/deliveries`;
  const deliveries = async () => (await server.get(at, { as: MANAGER.email })).json.items;
  await until(async () => (await deliveries()).every(({ state }) => state === 'delivered'), 'both again');
  assert.equal(text(file), `${key} Done\n`);
  const forged = await request(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}', headers: { 'webhook-id': 'x',
    'webhook-timestamp': String(Math.floor(Date.now() / 1000)), 'webhook-signature': 'v1,AAAA' } });
  assert.equal(forged.status, 400);
  await server.send(MANAGER.email, 'DELETE', `${API}/webhooks/${made.json.id}`);
  child.kill();
});

test('mark_closed.sh: bzctrl watch --exec', async () => {
  const file = path.join(makeFolder(), 'closed.txt');
  const client = new Client(server.url);
  const watch = () => client.run(['watch', '--once', '--source', 'me', '--action', 'task.closed', '--exec',
    `${example('mark_closed.sh')} ${file}`]);
  assert.equal((await watch()).code, 0);
  const { key } = await server.createAndRead(small());
  await close(key);
  for (let i = 0; i < 2; i++) {
    const { code, stderr } = await watch();
    assert.equal(code, 0, stderr);
    assert.equal(text(file), `${key} Done\n`);
  }
});

/* ---- PL/SQL ---- */

/** The value of an expression of literals, names and ||. */
function evaluate(expression, names) {
  return expression.split(/\|\|(?=(?:[^']*'[^']*')*[^']*$)/).map((part) => {
    const literal = /^\s*'((?:[^']|'')*)'\s*$/.exec(part);
    return literal ? literal[1].replaceAll("''", "'") : names[part.trim()] ?? assert.fail(`unknown: ${part}`);
  }).join('');
}

/** The requests of the procedure, as functions of its variables. */
function requestsOf(sql) {
  const headers = /set_request_headers\(\s*p_name_01 => '([^']+)', p_value_01 => ([^;]*)\);\s*/;
  const call = /l_answer := apex_web_service\.make_rest_request\(([^;]*)\);/;
  const calls = [...sql.matchAll(new RegExp(headers.source + call.source, 'g'))];
  return calls.map(([, name, value, rest]) => (names) => {
    const member = (of) => new RegExp(`${of}\\s*=> (.*?),?\\s*(?=\\bp_|$)`, 's').exec(rest)?.[1];
    return { method: evaluate(member('p_http_method'), names), url: evaluate(member('p_url'), names),
      headers: { [name]: evaluate(value, names) }, body: member('p_body') && evaluate(member('p_body'), names) };
  });
}

test('poll_changes.sql: its requests, byte for byte', async () => {
  const sql = readFileSync(example('poll_changes.sql'), 'utf8');
  const { clientId, secret } = await server.addClient(MANAGER.email,
    { workspaces: [WORKSPACE], scopes: ['task:create', 'task:read'] });
  const token = await server.clientToken({ clientId, secret });
  const names = { c_url: server.url, c_client: clientId, c_secret: secret, l_cursor: 'now' };
  const [askToken, askChanges] = requestsOf(sql);
  const status = new Map(); /* the table claim */
  async function poll() {
    const send = async (made) => {
      const { method, url, headers, body } = made(names);
      const answer = await request(url, { method, headers, body });
      assert.equal(answer.status, 200, answer.text);
      return answer.json;
    };
    names.l_token = (await send(askToken)).access_token;
    const { items, next } = await send(askChanges);
    for (const { key, changes } of items)
      if (changes.status?.[1] && status.has(key)) status.set(key, changes.status[1]);
    names.l_cursor = next;
    return items.length;
  }
  assert.equal(await poll(), 0);
  const created = await server.addTask(small(), { token });
  const key = created.json.taskLink.split('/').at(-1);
  await server.addTask(small()); /* of another source */
  status.set(key, 'In Progress');
  await close(key);
  assert.equal(await poll(), 2);
  assert.deepEqual([...status], [[key, 'Done']]);
  assert.equal(await poll(), 0);
});
