/* Webhooks: who may have one, what is sent, its signature, and what is kept of it. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { changeStored, numberStored } from '../lib/database.mjs';
import { makeFile, makeFolder, runBzctrld, runBzctrldOk, until } from '../lib/program.mjs';
import { ALLOW, startReceiver } from '../lib/receiver.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const HOOKS = `${API}/webhooks`;
const ADMIN = 'admin@example.com';
const MANAGER = 'manager@example.com';
const OTHER = 'other@example.com';
const FAR = 'EXA-CON-BUS-SUB-WOR'; /* below the domain */

let server;
let receiver;

before(async () => {
  receiver = await startReceiver();
  server = await startServer({ workspaces: [WORKSPACE, FAR, 'ACME-WOR'], args: ALLOW,
    users: [EXAMPLE, { email: ADMIN, admin: true }, { email: MANAGER, role: 'manager', domain: EXAMPLE.domain },
      { email: OTHER, role: 'manager', domain: EXAMPLE.domain }] });
});
after(async () => {
  await server.stop();
  await receiver.stop();
});

const send = (method, path, body, { as = MANAGER, headers = {} } = {}) =>
  server.send(as, method, path, body, { headers });
const patch = (hook, body, as = MANAGER) =>
  send('PATCH', `${HOOKS}/${hook.id}`, body, { as, headers: { 'if-match': '*' } });
const read = async (hook) => (await send('GET', `${HOOKS}/${hook.id}`)).json;
const delivered = (hook) =>
  until(async () => (await deliveriesOf(hook)).every(({ state }) => state === 'delivered'), 'all is delivered');
const deliveriesOf = async (hook) => (await send('GET', `${HOOKS}/${hook.id}/deliveries`)).json.items;
const faults = ({ json, text }) =>
  (json.errors ?? assert.fail(text)).map(({ pointer, code }) => `${pointer} ${code}`).sort();

/** A webhook with a receiver of its own; both are gone after the test. */
async function subscribe(t, settings = { workspace: WORKSPACE }) {
  const own = await startReceiver();
  const answer = await send('POST', HOOKS, { url: own.url, ...settings });
  assert.equal(answer.status, 201, answer.text);
  own.secrets = [answer.json.secret];
  t.after(async () => {
    await send('DELETE', `${HOOKS}/${answer.json.id}`);
    await own.stop();
  });
  return { hook: answer.json, own };
}

const report = (changes) => server.createAndRead(small(changes));
const change = async (key, body) => {
  const answer =
    await server.send(EXAMPLE.email, 'PATCH', `${API}/tasks/${key}`, body, { headers: { 'if-match': '*' } });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};

describe('what is sent', () => {
  test('one create is one delivery: the record, signed, with an id and a time', async (t) => {
    const { own } = await subscribe(t);
    const record = await report({ title: 'Sent' });
    const [{ body, id, at }] = await own.expect(1);
    assert.deepEqual(Object.keys(body), ['type', 'timestamp', 'data', 'previous', 'seq']);
    assert.equal(body.type, 'task.created');
    assert.equal(body.timestamp, record.createdAt);
    assert.deepEqual(body.data, record);
    assert.deepEqual(body.previous, {});
    const events = (await server.get(`${API}/tasks/${record.key}/events`)).json.items;
    assert.equal(body.seq, events[0].seq);
    assert.match(id, /^msg_\d+$/);
    assert.ok(Number.isInteger(at));
  });

  test('each kind of event, in order, with what was before it', async (t) => {
    const { own } = await subscribe(t);
    const { key } = await report({ assignee: EXAMPLE.email });
    await change(key, { priority: 'Low' });
    await change(key, { assignee: MANAGER });
    await server.send(EXAMPLE.email, 'POST', `${API}/tasks/${key}/comments`, { text: 'Seen.' });
    await server.requestAs(EXAMPLE.email, 'POST', `${API}/tasks/${key}/attachments?name=a.txt`, { body: 'text' });
    await change(key, { status: 'Done' });
    await change(key, { status: 'To do' });
    await change(key, { status: 'Expired' });
    const all = await own.expect(8);
    assert.deepEqual(all.map(({ body }) => body.type),
      ['created', 'updated', 'assigned', 'commented', 'attached', 'closed', 'reopened', 'expired']
        .map((name) => `task.${name}`));
    assert.deepEqual(all.map(({ body }) => body.data.version), [1, 2, 3, 4, 5, 6, 7, 8], 'each as it was then');
    assert.deepEqual(all.map(({ body }) => body.seq), [...all.map(({ body }) => body.seq)].sort((a, b) => a - b));
    assert.deepEqual([1, 2, 5].map((i) => all[i].body.previous),
      [{ priority: null }, { assignee: EXAMPLE.email }, { status: 'In Progress', dueDate: null }]);
    assert.equal(all[3].body.comment.text, 'Seen.');
    assert.equal(all[4].body.attachment.name, 'a.txt');
    assert.equal(new Set(all.map(({ id }) => id)).size, 8);
  });

  test('before it are members of the record alone, whatever changed it', async (t) => {
    const forms = `${API}/workspaces/${WORKSPACE}/forms`;
    const form = await send('PUT', `${forms}/previous`,
      { dedup: { by: ['title'], then: 'occurrence' }, confirmClose: 'always' });
    assert.equal(form.status, 201, form.text);
    const rules = `${API}/workspaces/${WORKSPACE}/rules`;
    const rule = await send('POST', rules,
      { kind: 'assign', name: 'To the manager', active: true, people: [MANAGER], filter: 'priority=High' });
    assert.equal(rule.status, 201, rule.text);
    t.after(() => send('DELETE', `${rules}/${rule.json.id}`));
    const { own } = await subscribe(t);
    const add = () => server.addTask(small({ title: 'Previous', priority: 'High' }), { query: '?form=previous' });
    const key = (await add()).json.taskLink.split('/').at(-1);
    await own.expect(2);
    assert.equal((await add()).status, 200);
    const bulk = await send('POST', `${API}/tasks/bulk`, { keys: [key], patch: { priority: 'Low' } });
    assert.equal(bulk.status, 200, bulk.text);
    assert.equal((await send('POST', `${API}/bulk/${bulk.json.bulkId}/undo`)).status, 200);
    await change(key, { dueDate: '2099-01-31', dueReason: 'The office is closed' });
    const proposed = await send('POST', `${API}/tasks/${key}/closing`, { note: 'See the receipt' });
    assert.equal(proposed.status, 200, proposed.text);
    assert.deepEqual((await own.expect(7)).map(({ body }) => [body.type.split('.')[1], body.previous]), [
      ['created', {}], ['assigned', { assignee: EXAMPLE.email }], ['updated', {}], ['updated', { priority: 'High' }],
      ['updated', { priority: 'Low' }], ['updated', { dueDate: null }], ['updated', { awaits: null }]]);
  });

  test('only the events that were asked for, of the workspace alone', async (t) => {
    const { hook, own } = await subscribe(t, { workspace: WORKSPACE, events: ['task.closed'] });
    assert.deepEqual(hook.events, ['task.closed']);
    await report({ domainWorkSpace: FAR, status: 'Done' });
    const { key } = await report();
    await change(key, { status: 'Done' });
    const [{ body }] = await own.expect(1);
    assert.deepEqual([body.type, body.data.key], ['task.closed', key]);
  });

  test('of a domain and all below it, and of no other', async (t) => {
    const { own } = await subscribe(t, { domain: EXAMPLE.domain });
    const keys = [];
    for (const domainWorkSpace of [FAR, WORKSPACE]) keys.push((await report({ domainWorkSpace })).key);
    assert.deepEqual((await own.expect(2)).map(({ body }) => body.data.key).sort(), keys.sort());
  });

  test('of a domain that is added below it later', async (t) => {
    const { own } = await subscribe(t, { domain: EXAMPLE.domain });
    const later = 'EXA-CON-BUS-LATER-WOR';
    for (const [what, key] of [['domains', 'EXA-CON-BUS-LATER'], ['workspaces', later]]) {
      const added = await send('POST', `${API}/${what}`, { key }, { as: ADMIN });
      assert.equal(added.status, 201, added.text);
    }
    const { key } = await report({ domainWorkSpace: later });
    assert.equal((await own.expect(1))[0].body.data.key, key);
  });

  test('no internal comment, and the origin of a change', async (t) => {
    const { own } = await subscribe(t);
    const { key } = await report();
    await server.send(EXAMPLE.email, 'POST', `${API}/tasks/${key}/comments`, { text: 'hidden', internal: true });
    await server.send(EXAMPLE.email, 'PATCH', `${API}/tasks/${key}`, { title: 'New' },
      { headers: { 'if-match': '*', 'bzctrl-origin': 'mirror' } });
    const [, second] = await own.expect(2);
    assert.deepEqual([second.body.type, second.body.origin], ['task.updated', 'mirror']);
    assert.ok(own.deliveries.every(({ raw }) => !raw.includes('hidden')));
  });

  test('the secret is shown once; rotated, two are valid for a time', async (t) => {
    const { hook, own } = await subscribe(t);
    const [first] = own.secrets;
    assert.match(first, /^whsec_[A-Za-z0-9+/]{43}=$/);
    assert.equal((await read(hook)).secret, undefined);
    const rotated = await send('POST', `${HOOKS}/${hook.id}/secret`, { keepOldHours: 1 });
    assert.equal(rotated.status, 200, rotated.text);
    assert.notEqual(rotated.json.secret, first);
    own.secrets = [first, rotated.json.secret];
    await report();
    await own.expect(1);
    /* Which of the two the receiver has is not known. */
    for (const body of [{}, { keepOldHours: 1 }]) {
      const refused = await send('POST', `${HOOKS}/${hook.id}/secret`, body);
      assert.equal(refused.status, 409, refused.text);
      assert.match(refused.json.detail, /still signs.*keepOldHours: 0/);
    }
    await report();
    await own.expect(2);
    const last = await send('POST', `${HOOKS}/${hook.id}/secret`, { keepOldHours: 0 });
    own.secrets = [last.json.secret];
    await report();
    const [, , { headers }] = await own.expect(3);
    assert.equal(headers['webhook-signature'].split(' ').length, 1);
  });
});

describe('deliveries', () => {
  test('are kept with what was sent and what came back, newest first, by pages', async (t) => {
    const { hook, own } = await subscribe(t);
    own.answer = (_, response) => response.writeHead(200).end(`${'ä'.repeat(600)}\0`);
    for (let i = 0; i < 3; i++) await report();
    await own.expect(3);
    await delivered(hook);
    const page = await send('GET', `${HOOKS}/${hook.id}/deliveries?limit=2`);
    const rest = await send('GET', `${HOOKS}/${hook.id}/deliveries?limit=2&cursor=${page.json.next}`);
    assert.deepEqual([page.json.items.length, rest.json.items.length, rest.json.next], [2, 1, undefined]);
    const items = [...page.json.items, ...rest.json.items].reverse();
    assert.deepEqual(items.map(({ messageId }) => messageId), own.deliveries.map(({ id }) => id));
    const one = await send('GET', `${HOOKS}/${hook.id}/deliveries/${items[0].id}`);
    assert.equal(one.json.request, own.deliveries[0].raw);
    assert.equal(one.json.answer, 'ä'.repeat(512));
    assert.deepEqual([one.json.status, one.json.attempts, one.json.error], [200, 1, null]);
    assert.equal((await send('GET', `${HOOKS}/${hook.id}/deliveries/1`)).status, 404);
  });

  test('one, or all since a time, are sent again with the same id', async (t) => {
    const { hook, own } = await subscribe(t);
    for (let i = 1; i <= 3; i++) {
      await report();
      await own.expect(i);
    }
    const sent = [...own.deliveries];
    await delivered(hook);
    const items = (await deliveriesOf(hook)).reverse();
    const again = await send('POST', `${HOOKS}/${hook.id}/deliveries/${items[1].id}/resend`);
    assert.deepEqual([again.status, again.json.deliveries], [202, 1]);
    const [fourth] = (await own.expect(4)).slice(3);
    assert.deepEqual([fourth.id, fourth.raw], [sent[1].id, sent[1].raw]);
    await delivered(hook);
    const all = await send('POST', `${HOOKS}/${hook.id}/resend`, { since: items[1].createdAt });
    assert.equal(all.json.deliveries, 2);
    assert.deepEqual((await own.expect(6)).slice(4).map(({ id }) => id), [sent[1].id, sent[2].id]);
    assert.deepEqual(faults(await send('POST', `${HOOKS}/${hook.id}/resend`, {})), ['/since required']);
  });

  test('one that is asked for while its second attempt is under way is sent again after it', async (t) => {
    const { hook, own } = await subscribe(t);
    let held;
    own.answer = ({ index }, response) => {
      if (index === 1) held = response;
      else response.writeHead(index === 0 ? 500 : 204).end();
    };
    await report();
    await own.expect(2);
    const [{ id }] = await deliveriesOf(hook);
    assert.equal((await send('POST', `${HOOKS}/${hook.id}/deliveries/${id}/resend`)).status, 202);
    /* What is made after it goes out once that has been seen. */
    const other = await subscribe(t);
    assert.equal((await send('POST', `${HOOKS}/${other.hook.id}/test`)).status, 202);
    await other.own.expect(1);
    held.writeHead(204).end();
    const [, second, third] = await own.expect(3);
    assert.deepEqual([third.id, third.raw], [second.id, second.raw]);
    await delivered(hook);
  });

  test('a webhook takes ten tests a minute, and 100 of them are kept', async (t) => {
    const { hook, own } = await subscribe(t);
    const ask = () => send('POST', `${HOOKS}/${hook.id}/test`);
    for (let i = 0; i < 10; i++) assert.equal((await ask()).status, 202);
    const refused = await ask();
    assert.equal(refused.status, 429, refused.text);
    assert.match(refused.json.detail, /10 times a minute/);
    const wait = Number(refused.headers['retry-after']);
    assert.ok(wait > 1 && wait <= 60, `in ${wait} seconds`);
    await own.expect(10);
    await delivered(hook);

    /* As if they had been made a day ago, with many more before them. */
    const day = 86_400_000n << 22n;
    changeStored(server.dir, `UPDATE webhook_delivery SET id = id - ${day} WHERE webhook_id = ${hook.id};`);
    changeStored(server.dir, `INSERT INTO webhook_delivery (id, webhook_id, ordinal, seq, type, state, attempts, due_at)
      WITH RECURSIVE one (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM one WHERE i < 300)
      SELECT ${BigInt(hook.id) - day} - i, ${hook.id}, 0, 0, 'webhook.test', 1, 1, 0 FROM one`);
    assert.equal((await ask()).status, 202);
    assert.equal(numberStored(server.dir, `SELECT COUNT(*) FROM webhook_delivery WHERE webhook_id = ${hook.id}`), 100);
  });

  test('tests that wait count, however old they are', async (t) => {
    const { hook, own } = await subscribe(t);
    own.answer = () => {}; /* it never answers */
    const made = [];
    for (let i = 0; i < 10; i++) made.push((await send('POST', `${HOOKS}/${hook.id}/test`)).json.id);
    await own.expect(1);
    changeStored(server.dir, `UPDATE webhook_delivery SET id = id - ${3_600_000n << 22n}
      WHERE webhook_id = ${hook.id} AND id > ${made[1]}`);
    assert.equal((await send('POST', `${HOOKS}/${hook.id}/test`)).status, 429);
  });

  test('a test goes out at once, also while the webhook is paused', async (t) => {
    const { hook, own } = await subscribe(t);
    await patch(hook, { paused: true });
    const made = await send('POST', `${HOOKS}/${hook.id}/test`);
    assert.equal(made.status, 202, made.text);
    const [{ body, id }] = await own.expect(1);
    assert.equal(body.type, 'webhook.test');
    assert.equal(id, made.json.messageId);
  });
});

describe('how many', () => {
  test('a domain and all below it have 1,000 at most, and leave others theirs', async () => {
    const post = (domain) => send('POST', HOOKS, { url: receiver.url, domain }, { as: ADMIN });
    const below = (await post('EXA-CON-BUS-SUB')).json.id;
    const have = numberStored(server.dir, `SELECT COUNT(*) FROM webhook WHERE pause <> 5`);
    changeStored(server.dir, `INSERT INTO webhook (id, domain_id, owner_id, url, events, secret, secret_at, pause,
      version, created_at, updated_at, warned) WITH RECURSIVE one (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM one
      WHERE i < ${1000 - have}) SELECT i, domain_id, owner_id, url, events, secret, secret_at, 1, 1, 0, 0, 0
      FROM webhook, one WHERE id = ${below}`);
    const refused = await post(EXAMPLE.domain);
    assert.equal(refused.status, 409, refused.text);
    assert.match(refused.json.detail, /EXA and the domains below it have 1000 webhooks/);
    const other = await post('ACME');
    assert.equal(other.status, 201, other.text);
    for (const id of [below, other.json.id])
      assert.equal((await send('DELETE', `${HOOKS}/${id}`, undefined, { as: ADMIN })).status, 204);
    changeStored(server.dir, 'DELETE FROM webhook WHERE id < 5000');
  });
});

describe('paused', () => {
  test('it sends nothing and loses nothing: resumed, it continues where it stopped', async (t) => {
    const { hook, own } = await subscribe(t);
    const first = await report();
    await own.expect(1);
    const paused = await patch(hook, { paused: true });
    assert.deepEqual([paused.json.paused, paused.json.pausedFor], [true, 'paused']);
    const keys = [];
    for (let i = 0; i < 40; i++) keys.push((await server.addTask(small())).json.taskLink.split('/').at(-1));
    await server.restart();
    assert.equal(own.deliveries.length, 1);
    await patch(hook, { paused: false });
    const all = await own.expect(41);
    assert.deepEqual(all.map(({ body }) => body.data.key), [first.key, ...keys]);
  });

  test('by a manager who loses the domain: nothing more is sent until another one takes it over', async (t) => {
    const { hook, own } = await subscribe(t);
    await report();
    await own.expect(1);
    const roles = (role) => send('PATCH', `${API}/people/${MANAGER}`, { roles: [{ domain: EXAMPLE.domain, role }] },
      { as: ADMIN, headers: { 'if-match': '*' } });
    assert.equal((await roles('member')).status, 200);
    const { key } = await report({ title: 'zebra' });
    const seen = async () => (await send('GET', `${HOOKS}/${hook.id}`, undefined, { as: OTHER })).json;
    await until(async () => (await seen()).paused, 'it is paused');
    assert.deepEqual([(await seen()).pausedFor, (await seen()).owner], ['owner', MANAGER]);
    assert.equal((await send('GET', `${HOOKS}/${hook.id}`)).status, 403);
    assert.equal((await send('GET', HOOKS)).status, 403);
    assert.equal(own.deliveries.length, 1);
    assert.equal((await patch(hook, { paused: false }, OTHER)).json.owner, OTHER);
    assert.equal((await own.expect(2))[1].body.data.key, key);
    assert.equal((await roles('manager')).status, 200);
  });
});

describe('who and what', () => {
  test('managers of the domain alone; others see nothing of it', async (t) => {
    const { hook } = await subscribe(t);
    for (const as of [EXAMPLE.email]) {
      assert.equal((await send('GET', HOOKS, undefined, { as })).status, 403);
      assert.equal((await send('POST', HOOKS, { url: receiver.url, workspace: WORKSPACE }, { as })).status, 403);
    }
    assert.deepEqual((await send('GET', HOOKS, undefined, { as: OTHER })).json.items.map(({ id }) => id), [hook.id]);
    const alien = await send('POST', HOOKS, { url: receiver.url, workspace: 'ACME-WOR' });
    assert.deepEqual(faults(alien), ['/workspace unknown_workspace']);
  });

  test('bad input gets all faults', async () => {
    assert.deepEqual(faults(await send('POST', HOOKS, {})), ['/url required', '/workspace required']);
    assert.deepEqual(faults(await send('POST', HOOKS,
      { url: 'ftp://x', workspace: WORKSPACE, domain: EXAMPLE.domain, events: ['task.gone'], more: 1 })),
    ['/events/0 not_an_option', '/more unknown_member', '/url pattern', '/workspace required']);
    for (const url of ['https://a@example.com/', 'https://example.com/#x', 'https:///x', 'https://exa mple.com/',
      'http://example.com:80\r\nx: y/', `https://example.com/${'x'.repeat(2000)}`, 'https://10.0.0.1/',
      'https://[::1]/',
      'https://2852039166/', 'https://0xa9.0xfe.0xa9.0xfe/', 'https://[::ffff:10.1.1.1]/', 'https://[64:ff9b::a00:1]/',
      'http://8.8.8.8/', 'https://0251.0376.0251.0376/', 'https://10.1/', 'https://0/'])
      assert.deepEqual(faults(await send('POST', HOOKS, { url, workspace: WORKSPACE })), ['/url ' +
        (url.length > 2000 ? 'too_long' : 'pattern')], url);
  });

  test('a change needs If-Match', async (t) => {
    const { hook } = await subscribe(t);
    assert.equal((await send('PATCH', `${HOOKS}/${hook.id}`, {})).status, 428);
    assert.equal((await send('PATCH', `${HOOKS}/${hook.id}`, {}, { headers: { 'if-match': '"7"' } })).status, 412);
    const changed = await send('PATCH', `${HOOKS}/${hook.id}`, { events: ['task.closed'] },
      { headers: { 'if-match': '"1"' } });
    assert.deepEqual([changed.json.events, changed.headers.etag], [['task.closed'], '"2"']);
  });

  test('removed, it is gone; the history says what was done, without the secret and the path', async () => {
    const own = await startReceiver();
    const made = await send('POST', HOOKS, { url: `${own.url}/PATH`, workspace: WORKSPACE });
    await patch(made.json, { paused: true });
    assert.equal((await send('DELETE', `${HOOKS}/${made.json.id}`)).status, 204);
    assert.equal((await send('GET', `${HOOKS}/${made.json.id}`)).status, 404);
    assert.equal((await send('DELETE', `${HOOKS}/${made.json.id}`)).status, 404);
    const { items } = (await server.get(`${API}/changes?action=admin.webhook.*&limit=200`, { as: ADMIN })).json;
    const mine = items.filter(({ changes }) => changes.webhook.includes(made.json.id));
    assert.deepEqual(mine.map(({ action }) => action),
      ['admin.webhook.created', 'admin.webhook.changed', 'admin.webhook.removed']);
    const text = JSON.stringify(items);
    assert.ok(!text.includes('PATH') && !text.includes('whsec_'), text);
    await own.stop();
    await server.command(['verify']);
  });
});

describe('secrets and persons', () => {
  test('an erasure blanks what was sent of a person, and what waits goes without them', async (t) => {
    const email = 'Gone.Person@example.com';
    await send('POST', `${API}/people`, { email, roles: [{ domain: EXAMPLE.domain, role: 'member' }] }, { as: ADMIN });
    const { hook, own } = await subscribe(t);
    await report({ title: `Ask ${email}` });
    await own.expect(1);
    await delivered(hook);
    own.answer = (_, response) => response.writeHead(500).end(`no, ${email}`);
    await report({ title: `Tell ${email} of it` });
    await own.expect(2);
    await until(async () => (await deliveriesOf(hook))[0].attempts === 1, 'an attempt');
    await patch(hook, { paused: true });
    await send('POST', `${API}/people/${email}/erase`, undefined, { as: ADMIN });
    await until(() => numberStored(server.dir, 'SELECT COUNT(*) FROM erasure') === 0, 'the erasure');
    const [waits, done] = await Promise.all((await deliveriesOf(hook)).map(async ({ id }) =>
      (await send('GET', `${HOOKS}/${hook.id}/deliveries/${id}`)).json));
    assert.deepEqual([done.request, done.answer], [null, null]);
    assert.equal(JSON.parse(waits.request).data.title, 'Tell *** of it');
    assert.deepEqual([waits.answer, waits.error], [null, null]);
    assert.equal((await send('POST', `${HOOKS}/${hook.id}/deliveries/${done.id}/resend`)).status, 404);
    await server.command(['verify']);
  });

  test('with another secret key a webhook waits and says so; a new secret lets it continue', async (t) => {
    const { hook, own } = await subscribe(t);
    const key = path.join(server.dir, 'secret.key');
    const kept = readFileSync(key);
    assert.match(kept.toString(), /^[A-Za-z0-9+/]{43}=\n$/);
    assert.equal(statSync(key).mode & 0o077, 0);
    await server.terminate();
    rmSync(key);
    await server.start();
    const { key: record } = await report();
    const { problem } = await read(hook);
    assert.match(problem, /another secret key/);
    assert.equal((await deliveriesOf(hook)).length, 0);
    const { json: { secret } } = await send('POST', `${HOOKS}/${hook.id}/secret`);
    own.secrets = [secret];
    assert.equal((await own.expect(1))[0].body.data.key, record);
    assert.equal((await read(hook)).problem, null);
  });

  test('a backup has webhooks, their places and deliveries, and calendars', async (t) => {
    const { hook, own } = await subscribe(t);
    await report();
    await own.expect(1);
    await delivered(hook);
    await send('POST', `${API}/me/calendar`);
    const folder = makeFolder();
    await server.command(['backup', path.join(folder, 'backup')]);
    await runBzctrldOk(['restore', path.join(folder, 'backup'), '--data', path.join(folder, 'again')]);
    await runBzctrldOk(['verify', '--data', path.join(folder, 'again')]);
    const count = (table) => numberStored(path.join(folder, 'again'), `SELECT COUNT(*) FROM ${table}`);
    for (const table of ['webhook', 'webhook_position', 'webhook_delivery', 'calendar_link'])
      assert.ok(count(table) > 0 && count(table) === numberStored(server.dir, `SELECT COUNT(*) FROM ${table}`), table);
  });

  test('a key that is named must be there, and be one', async () => {
    for (const [file, error] of [['/nowhere/secret.key', /nowhere/], [makeFile('short\n'), /32 bytes in base64/]]) {
      const { code, stderr } = await runBzctrld(['serve', '--data', makeFolder(), '--listen', '127.0.0.1:0',
        '--secret-key-file', file]);
      assert.notEqual(code, 0);
      assert.match(stderr, error);
    }
  });
});
