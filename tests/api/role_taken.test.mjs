/*
 * What remains of a domain's records for a person whose role there was taken away, and of the records of
 * others for a client that may no longer read them all: nothing, in any place, and no sign that there is
 * something. Each place is looked at before, too, when it does show them.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { listen, readAll } from '../lib/changes.mjs';
import { unzip } from '../lib/evidence.mjs';
import { until } from '../lib/program.mjs';
import { ALLOW, startReceiver } from '../lib/receiver.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const TASKS = `${API}/tasks`;
const ADMIN = 'admin@example.com';
const LEAVER = 'leaver@example.com';
const KEEPER = 'keeper@example.com'; /* a manager, who has made a webhook */
const FAR = 'ACME-WOR';
const MISSING = `${WORKSPACE}-999`; /* a record that does not exist */
const SECRET = 'zebra';             /* is in all that others have written */
const MEMBERS = ['status', 'todoType', 'priority', 'assignee', 'workspace', 'domain', 'source', 'month'];

let server;
let client;
let hidden; /* {key, id, seq, comment, attachment}: a record of EXAMPLE's, that of its links, and its parts */
let linked;
let receiver;
let hook;
const readers = []; /* {name, token, kept: the key of a record that stays, take()} */

const ANY = { 'if-match': '*' };
const call = (token, method, path, body, headers = {}) => server.request(method, path, { token,
  headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
  body: body === undefined ? undefined : JSON.stringify(body) });
const get = (reader, path, headers) => call(reader.token, 'GET', path, undefined, headers);
const expect = (answer, ...statuses) => {
  assert.ok(statuses.includes(answer.status), `${answer.status}, not ${statuses}: ${answer.text}`);
  return answer;
};
const example = async (method, path, body) => call(await server.token(), method, path, body);
const report = (changes, token) => server.createAndRead(small(changes), token ? { token } : {});
const pathOf = (answer) => new URL(expect(answer, 201).headers.location).pathname;

before(async () => {
  receiver = await startReceiver();
  server = await startServer({ workspaces: [WORKSPACE, FAR], args: ALLOW,
    users: [EXAMPLE, { email: ADMIN, admin: true }, { email: LEAVER, role: 'member', domain: EXAMPLE.domain },
      { email: KEEPER, role: 'manager', domain: EXAMPLE.domain }] });
  await setRoles(LEAVER, 'member', EXAMPLE.domain, 'ACME');
  await setRoles(KEEPER, 'manager', EXAMPLE.domain, 'ACME');
  hook = expect(await server.send(KEEPER, 'POST', `${API}/webhooks`,
    { url: receiver.url, domain: EXAMPLE.domain }), 201).json;
  receiver.secrets = [hook.secret];
  client = await server.addClient(ADMIN,
    { scopes: ['task:create', 'task:read', 'task:write'], readAll: [WORKSPACE] });
  const person = { name: 'a person', token: await server.token(LEAVER), person: true,
    take: () => setRoles(LEAVER, 'member', 'ACME') };
  const system = { name: 'a client', token: await server.clientToken(client), take: setReadAll };
  const order = { orderID: 'ORDER SHARED', lrn: '4711' };
  person.kept = (await report({ ...order, domainWorkSpace: FAR, reporter: LEAVER }, person.token)).key;
  system.kept = (await report({ ...order, title: 'Sent' }, system.token)).key;
  readers.push(person, system);

  const { key } = await report({ ...order, title: SECRET, assignee: LEAVER, dueDate: '2024-01-01' });
  linked = (await report({ ...order, title: `${SECRET} other` })).key;
  hidden = { key };
  const one = `${TASKS}/${key}`;
  hidden.comment = pathOf(await example('POST', `${one}/comments`, { text: `${SECRET} @${LEAVER}` }));
  await example('POST', `${one}/comments`, { text: `${SECRET} within @${LEAVER}`, internal: true });
  hidden.attachment = pathOf(await server.requestAs(EXAMPLE.email, 'POST',
    `${one}/attachments?name=${SECRET}.txt`, { body: SECRET, headers: { 'content-type': 'text/plain' } }));
  expect(await example('POST', `${one}/related`, { key: linked, kind: 'relates' }), 201);
  expect(await call(person.token, 'PUT', `${one}/followers/me`), 204);
  hidden.seq = (await server.get(`${one}/events`)).json.items.at(-1).seq;
  person.bulk = expect(await call(person.token, 'POST', `${TASKS}/bulk`,
    { keys: [key, linked], patch: { priority: 'LOW' } }), 200).json;
  assert.deepEqual(person.bulk.items.map(({ status }) => status), [200, 200]);
  person.view = pathOf(await call(person.token, 'POST', `${API}/views`,
    { name: 'Own', query: `workspace=${WORKSPACE}` }));
  for (const reader of readers)
    reader.badge = new URL(expect(await get(reader, `${one}/badge`), 200).json.url).pathname;
  person.calendar = new URL(expect(await call(person.token, 'POST', `${API}/me/calendar`), 201).json.url).pathname;
  person.shared = pathOf(await server.send(ADMIN, 'POST', `${API}/views`,
    { name: SECRET, domain: EXAMPLE.domain, query: 'status=ToDo' }));
});
after(async () => {
  await server.stop();
  await receiver.stop();
});

async function setRoles(email, role, ...domains) {
  const roles = domains.map((domain) => ({ domain, role }));
  expect(await server.send(ADMIN, 'PATCH', `${API}/people/${email}`, { roles }, { headers: ANY }), 200);
}

async function setReadAll() {
  const path = `${API}/clients/${client.clientId}`;
  const { headers } = await server.get(path, { as: ADMIN });
  expect(await server.send(ADMIN, 'PATCH', path, { readAll: [] }, { headers: { 'if-match': headers.etag } }), 200);
}

/* ---- the places ---- */

/* Of one record: what its path continues with. */
const ofRecord = () => ['', `?at=${hidden.seq}`, '/events', '/comments', '/attachments', '/evidence', '/related',
  ...[hidden.comment, hidden.attachment].map((path) => path.slice(path.indexOf(hidden.key) + hidden.key.length))];

const lists = (reader) => [
  `${TASKS}?total=true`, `${TASKS}?total=true&q=${SECRET}`, `${TASKS}?total=true&orderID=ORDER%20SHARED`,
  `${TASKS}?total=true&sort=-updatedAt`, `${TASKS}/${reader.kept}/related`, `${API}/changes?limit=200`,
  `${API}/export/tasks.csv`, `${API}/export/tasks.csv?q=${SECRET}`, `${API}/export/tasks.xlsx`,
  ...(reader.person ? [`${API}/me/inbox?total=true`, `${API}/me/notifications`, `${API}/views`] : []),
];

/* The text of an answer; of a zip, that of its members. */
function textOf({ headers, text, body }) {
  if (!/zip|sheet/.test(headers['content-type'] ?? '')) return text;
  if (headers['content-type'] === 'application/zip') return unzip(body).map(({ bytes }) => String(bytes)).join('\n');
  let found = '';
  for (let at = body.indexOf('PK\x01\x02'); at >= 0; at = body.indexOf('PK\x01\x02', at + 4)) {
    const from = body.readUInt32LE(at + 42);
    const start = from + 30 + body.readUInt16LE(from + 26) + body.readUInt16LE(from + 28);
    const bytes = body.subarray(start, start + body.readUInt32LE(at + 20));
    found += body.readUInt16LE(at + 10) === 8 ? inflateRawSync(bytes) : bytes;
  }
  return found;
}

const isSecret = (text) => new RegExp(`${SECRET}|(${hidden.key}|${linked})(?!\\d)`).test(text);
const quiet = (answer, what) => assert.ok(!isSecret(textOf(answer)), `${what}: ${textOf(answer)}`);

/* Every number is that of the list, and the sum of those of one member that of all records. */
async function checkNumbers(reader) {
  const all = expect(await get(reader, `${TASKS}?total=true&limit=200`), 200).json;
  assert.equal(all.total, all.items.length);
  for (const by of MEMBERS) {
    const { cells } = expect(await get(reader, `${API}/stats?by=${by}`), 200).json;
    assert.equal(cells.reduce((sum, { count }) => sum + count, 0), all.total, by);
    for (const { count, href } of cells) {
      const { pathname, search } = new URL(href);
      const { total, items } = expect(await get(reader, `${pathname}${search || '?'}&total=true&limit=200`), 200).json;
      assert.deepEqual([total, items.length], [count, count], href);
    }
  }
  return all;
}

/* ---- before ---- */

const etags = new Map(); /* of a reader's path */
const streams = new Map();
const cursors = new Map();
const waits = new Map();

test('with the right, every place shows the records', async () => {
  await until(async () => (await get(readers[0], `${TASKS}?sort=updated`)).status === 200, 'the index');
  for (const reader of readers) {
    await until(async () => (await get(reader, `${TASKS}?q=${SECRET}`)).json?.items.length === 2, 'the index');
    for (const path of ofRecord()) {
      const answer = expect(await get(reader, `${TASKS}/${hidden.key}${path}`), 200);
      assert.ok(isSecret(textOf(answer)), path);
      etags.set(`${reader.name} ${path}`, answer.headers.etag);
      if (reader.person) continue;
      assert.ok(!textOf(answer).includes('within'), `a client does not see internal comments: ${path}`);
    }
    /* Notifications come after what they are of. */
    if (reader.person)
      await until(async () => isSecret(textOf(await get(reader, `${API}/me/notifications`))), 'the notification');
    for (const path of lists(reader)) {
      const answer = expect(await get(reader, path), 200);
      assert.ok(isSecret(textOf(answer)), path);
      if (!reader.person) assert.ok(!textOf(answer).includes('within'), path);
    }
    await checkNumbers(reader);
    assert.ok(isSecret(expect(await server.request('GET', reader.badge), 200).text), 'the picture');
    cursors.set(reader, (await readAll(server, { token: reader.token, query: { limit: '1' } })).next);
    cursors.set(`${reader.name} old`, (await get(reader, `${API}/changes?limit=1`)).json.next);
  }
  const calendar = expect(await server.request('GET', readers[0].calendar), 200);
  assert.ok(isSecret(calendar.text), calendar.text);
  etags.set('the calendar', calendar.headers.etag);
  const { deliveries } = receiver;
  await until(() => deliveries.some(({ raw }) => isSecret(raw)), 'a delivery');
  const path = `${API}/webhooks/${hook.id}/deliveries`;
  const ended = ({ state }) => state === 'delivered';
  await until(async () => (await server.get(path, { as: KEEPER })).json.items.every(ended), 'all deliveries');
});

test('the rights are taken away, while pages wait and streams are open', async () => {
  for (const reader of readers) {
    streams.set(reader, await listen(server, { token: reader.token, query: '?cursor=now' }));
    waits.set(reader, get(reader, `${API}/changes?cursor=${cursors.get(reader)}&wait=55&action=task.created`));
    await reader.take();
  }
  await setRoles(KEEPER, 'manager', 'ACME');
});

/* ---- after ---- */

describe('without the right', () => {
  test('a record is as if it did not exist, whatever is asked of it', async () => {
    for (const reader of readers)
      for (const path of ofRecord()) {
        const ask = async (method, key, headers) => {
          const { status, text } = await call(reader.token, method, `${TASKS}/${key}${path}`, undefined, headers);
          return { status, text: text.replaceAll(key, 'KEY') };
        };
        const etag = etags.get(`${reader.name} ${path}`);
        for (const headers of [{}, { 'if-none-match': '*' }, { range: 'bytes=0-1' },
          ...(etag ? [{ 'if-none-match': etag }, { 'if-range': etag, range: 'bytes=0-1' }] : [])])
          for (const method of ['GET', 'HEAD']) {
            const answer = await ask(method, hidden.key, headers);
            assert.equal(answer.status, 404, `${reader.name} ${method} ${path} ${JSON.stringify(headers)}`);
            assert.deepEqual(answer, await ask(method, MISSING, headers));
          }
      }
  });

  test('no list, export or count has it, and each number is that of the list', async () => {
    for (const reader of readers) {
      for (const path of lists(reader)) {
        const answer = expect(await get(reader, path), 200);
        quiet(answer, `${reader.name} ${path}`);
        const { items, people } = /json/.test(answer.headers['content-type']) ? answer.json : {};
        for (const email of Object.keys(people ?? {}))
          assert.ok(JSON.stringify(items).includes(email), `${path} names ${email}, who is in no record`);
        if (path.includes('total')) assert.equal(answer.json.total, answer.json.items.length, path);
      }
      const { items } = await checkNumbers(reader);
      assert.deepEqual(items.map(({ key }) => key), [reader.kept]);
      assert.equal((await get(reader, `${TASKS}?q=${SECRET}&total=true`)).json.total, 0);
      assert.deepEqual((await get(reader, `${TASKS}/${reader.kept}/related`)).json.items, []);
    }
    assert.equal((await get(readers[0], `${API}/me/inbox?total=true`)).json.total, 0);
  });

  test('the picture is gone, as one that there never was', async () => {
    for (const reader of readers) {
      const [gone, none] = await Promise.all([reader.badge, reader.badge.replace(/.{4}\.svg$/, 'AAAA.svg')]
        .map((path) => server.request('GET', path)));
      assert.equal(gone.status, 404, reader.name);
      assert.equal(gone.text, none.text);
      const { status, text } = await get(reader, `${TASKS}/${hidden.key}/badge`);
      const missing = await get(reader, `${TASKS}/${MISSING}/badge`);
      assert.deepEqual([status, text.replaceAll(hidden.key, MISSING)], [404, missing.text]);
    }
  });

  test('the calendar has nothing of it, whatever its program has of before', async () => {
    for (const headers of [{}, { 'if-none-match': etags.get('the calendar') }]) {
      const answer = expect(await server.request('GET', readers[0].calendar, { headers }), 200);
      quiet(answer, 'the calendar');
    }
  });

  test('a webhook sends nothing more, and does not show what it has sent', async () => {
    const path = `${API}/webhooks/${hook.id}`;
    await until(async () => (await server.get(path, { as: ADMIN })).json.pausedFor === 'owner', 'it is paused');
    const sent = receiver.deliveries.length;
    const { key } = await report({ title: SECRET });
    const [{ id }] = (await server.get(`${path}/deliveries`, { as: ADMIN })).json.items;
    assert.deepEqual((await server.get(`${API}/webhooks`, { as: KEEPER })).json.items, []);
    for (const [method, more, body] of [['GET', ''], ['GET', '/deliveries'], ['GET', `/deliveries/${id}`],
      ['POST', `/deliveries/${id}/resend`], ['POST', '/resend', { since: '2024-01-01T00:00:00Z' }], ['POST', '/test'],
      ['PATCH', '', { paused: false }], ['POST', '/secret']]) {
      const ask = async (of) => {
        const { status, text } = await server.send(KEEPER, method, `${API}/webhooks/${of}${more}`, body,
          { headers: ANY });
        return { status, text: text.replaceAll(of, 'ID') };
      };
      const answer = await ask(hook.id);
      assert.equal(answer.status, 404, `${method} ${more}: ${answer.text}`);
      assert.deepEqual(answer, await ask('999'), `${method} ${more}`);
    }
    assert.ok(!receiver.deliveries.some(({ raw }) => raw.includes(`"${key}"`)));
    assert.equal(receiver.deliveries.length, sent);
  });

  test('a parameter that names it finds what one finds that names nothing', async () => {
    for (const reader of readers)
      for (const path of [`${TASKS}?parent=KEY`, `${TASKS}?q=parent:KEY`, `${TASKS}?q=KEY`]) {
        const [there, none] = await Promise.all([hidden.key, MISSING].map(async (key) => {
          const { status, text } = await get(reader, path.replace('KEY', key));
          return { status, text: text.replaceAll(key, 'KEY') };
        }));
        assert.deepEqual(there, none, `${reader.name} ${path}`);
      }
  });

  test('it cannot be changed, and no refusal says that it exists', async () => {
    for (const reader of readers) {
      const writes = [
        ['PATCH', '', { title: 'T' }, ANY], ['PATCH', '', { title: 'T' }, { 'if-match': '"1"' }],
        ['PATCH', '', { title: 'T' }], ['POST', '/closing', {}], ['POST', '/comments', { text: 'T' }],
        ['POST', '/related', { key: linked, kind: 'relates' }],
        ['POST', '/related', { key: reader.kept, kind: 'relates' }], ['DELETE', `/related/${linked}`],
        ['DELETE', '/attachments/1'], ['DELETE', '/comments/1'], ['PATCH', '/comments/1', { text: 'T' }, ANY],
        ['POST', '/attachments?name=a', 'text'],
        ['PATCH', ofRecord().find((path) => path.startsWith('/comments/')), { text: 'T' }, ANY],
        ['DELETE', ofRecord().find((path) => path.startsWith('/comments/'))],
        ['DELETE', ofRecord().find((path) => path.startsWith('/attachments/'))],
        ...(reader.person ? [['PUT', '/followers/me'], ['DELETE', '/followers/me'], ['POST', '/closing/accept', {}],
          ['POST', '/closing/return', {}]] : []),
      ];
      for (const [method, path, body, headers] of writes) {
        const ask = async (key) => {
          const { status, text } = await call(reader.token, method, `${TASKS}/${key}${path}`, body, headers);
          return { status, text: text.replaceAll(key, 'KEY') };
        };
        const answer = await ask(hidden.key);
        assert.equal(answer.status, 404, `${reader.name} ${method} ${path} ${answer.text}`);
        assert.deepEqual(answer, await ask(MISSING), `${method} ${path}`);
      }
    }
    const done = async (key) => {
      const { status, text } = await call(readers[0].token, 'POST', `${API}/me/inbox/${key}`, { done: true });
      return { status, text: text.replaceAll(key, 'KEY') };
    };
    assert.equal((await done(hidden.key)).status, 404);
    assert.deepEqual(await done(hidden.key), await done(MISSING));
  });

  test('another record cannot be related to it', async () => {
    for (const reader of readers)
      for (const [method, path, body] of [['POST', '/related', (key) => ({ key, kind: 'relates' })],
        ['PATCH', '', (key) => ({ parent: key })], ['DELETE', (key) => `/related/${key}`, () => undefined]]) {
        const ask = async (key) => {
          const more = typeof path === 'string' ? path : path(key);
          const { status, text } = await call(reader.token, method, `${TASKS}/${reader.kept}${more}`, body(key),
            method === 'PATCH' ? ANY : {});
          return { status, text: text.replaceAll(key, 'KEY') };
        };
        const answer = await ask(hidden.key);
        assert.ok([404, 422].includes(answer.status), answer.text);
        assert.deepEqual(answer, await ask(MISSING), `${reader.name} ${method}`);
      }
  });

  test('a bulk change does not reach it, and its own bulk change is not undone', async () => {
    const bare = (answer) => expect(answer, 200).json.items.map(({ status, version, movedTo, problem }) =>
      [status, version, movedTo, Object.keys(problem).sort().join()]);
    const missing = [404, undefined, undefined, 'detail,status,title,type'];
    for (const reader of readers)
      for (const query of ['', '?dryRun=true']) {
        const bulk = (body) => call(reader.token, 'POST', `${TASKS}/bulk${query}`,
          { patch: { priority: 'HIGH' }, ...body });
        assert.deepEqual(bare(await bulk({ keys: [hidden.key, MISSING], versions: { [hidden.key]: 1 } })),
          [missing, missing]);
        assert.deepEqual(bare(await bulk({ filter: `q=${SECRET}` })), []);
      }
    assert.deepEqual(bare(await call(readers[0].token, 'POST', `${API}/bulk/${readers[0].bulk.bulkId}/undo`)),
      [missing, missing]);
    assert.equal((await server.get(`${TASKS}/${hidden.key}`)).json.priority, 'Low');
    expect(await call(readers[1].token, 'POST', `${API}/bulk/${readers[0].bulk.bulkId}/undo`), 404);
  });

  test('the shared view is gone, and one’s own one finds nothing and says why', async () => {
    const [reader] = readers;
    for (const method of ['GET', 'HEAD', 'DELETE']) expect(await call(reader.token, method, reader.shared), 404);
    const view = expect(await get(reader, reader.view), 200).json;
    assert.match(view.problem, /workspace/);
    const found = await get(reader, `${TASKS}?${view.query}`);
    const none = await get(reader, `${TASKS}?${view.query.replace(WORKSPACE, 'NONE-WOR')}`);
    assert.equal(found.status, none.status);
    assert.equal(found.text.replaceAll(WORKSPACE, 'NONE-WOR'), none.text);
  });

  test('who has gone is not offered, mentioned or assigned', async () => {
    const [reader] = readers;
    expect(await get(reader, `${API}/people?workspace=${WORKSPACE}`), 404);
    const { items } = expect(await server.get(`${API}/people?workspace=${WORKSPACE}`), 200).json;
    assert.ok(!items.some(({ email }) => email === LEAVER));
    const written = await example('POST', `${TASKS}/${hidden.key}/comments`, { text: `Again @${LEAVER}` });
    expect(written, 422);
    const patched = await server.send(EXAMPLE.email, 'PATCH', `${TASKS}/${linked}`, { assignee: LEAVER },
      { headers: ANY });
    expect(patched, 422);
    assert.equal((await get(reader, `${API}/me/inbox?total=true`)).json.total, 0);
  });

  test('the change feed has what stays, from an old cursor, in a page that waited and in an open stream', async () => {
    await report({ title: SECRET });
    const sent = { title: 'Sent', orderID: 'ORDER 2' };
    const later = [
      await report({ ...sent, domainWorkSpace: FAR, reporter: LEAVER }, readers[0].token),
      await report(sent, readers[1].token),
    ];
    for (const [i, reader] of readers.entries()) {
      const page = expect(await waits.get(reader), 200);
      quiet(page, `${reader.name} waited`);
      assert.deepEqual(page.json.items.map(({ key }) => key), [later[i].key]);
      const stream = streams.get(reader);
      await stream.has(1);
      assert.deepEqual(stream.events.map(({ key }) => key).filter((key) => key === later[i].key), [later[i].key]);
      assert.ok(!isSecret(stream.text), stream.text);
      stream.close();
      const { items } = await readAll(server, { token: reader.token, cursor: cursors.get(`${reader.name} old`) });
      assert.ok(!isSecret(JSON.stringify(items)), JSON.stringify(items));
      assert.ok(items.some(({ key }) => key === later[i].key));
    }
  });
});
