/*
 * The evidence of a record: one zip that proves the record by its history, checked without a server by
 * `bzctrl evidence verify` and by a second program; and every way to change such a file, which both
 * must find.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { bzctrl } from '../lib/client.mjs';
import { DERIVED, checkEvidence, linesOf, plain, unzip, zip } from '../lib/evidence.mjs';
import { makeFolder, run, until } from '../lib/program.mjs';
import { API, EXAMPLE, SAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const MANAGER = { email: 'manager@example.com', role: 'manager', domain: 'EXA' };
const VIEWER = { email: 'viewer@example.com', role: 'viewer', domain: EXAMPLE.domain };
const ADMIN = { email: 'admin@example.com', admin: true };
const GONE = { email: 'gone@example.com', role: 'member', domain: EXAMPLE.domain };
const SECOND = 'EXA-CON-BUS-SEC';
const NAMES = ['Invoice 7.pdf', '../../etc/passwd', 'C:\\temp\\con.txt', 'größe – “x” 🦊.txt', '.htaccess', '-rf',
  'a'.repeat(300),
  'x\u202egpj.exe', 'evidence.json'];

let server;
let folder;
let client; /* a client that may read the workspace, and its token */
let record; /* with all that there can be */
let whole; /* its evidence, for the manager */
before(async () => {
  folder = makeFolder();
  server = await startServer({ workspaces: [WORKSPACE, SECOND], users: [EXAMPLE, MANAGER, VIEWER, ADMIN, GONE] });
  client = await server.clientToken(await server.addClient(MANAGER.email, { scopes: ['task:create', 'task:read'],
    readAll: [WORKSPACE] }));
  record = await longRecord();
  whole = await evidence(record.key);
});
after(() => server.stop());

/* ---- what tests do ---- */

const at = (key) => `${API}/tasks/${key}`;
const patch = async (key, body) => {
  const answer = await server.send(EXAMPLE.email, 'PATCH', at(key), body, { headers: { 'if-match': '*' } });
  assert.equal(answer.status, 200, answer.text);
  return answer;
};
const comment = async (key, body, as = EXAMPLE.email) => {
  const answer = await server.send(as, 'POST', `${at(key)}/comments`, body);
  assert.equal(answer.status, 201, answer.text);
  return new URL(answer.headers.location).pathname;
};
const attach = async (key, name, bytes) => {
  const answer = await server.requestAs(EXAMPLE.email, 'POST',
    `${at(key)}/attachments?name=${encodeURIComponent(name)}`,
    { headers: { 'content-type': 'application/octet-stream' }, body: bytes });
  assert.ok([200, 201].includes(answer.status), answer.text);
  return new URL(answer.headers.location).pathname;
};

async function longRecord() {
  await server.createAndRead(small());
  const { key } = await server.createAndRead(small({ title: 'The “long” <b>one</b>', dueDate: '2020-01-01',
    foo: { a: [1, 2.50, 'x'] } }));
  for (let i = 0; i < 20; i++) {
    if (i % 3 === 0) await server.createAndRead(small({ title: `Another ${i}` }));
    await patch(key, { cause: `Cause ${i}`, priority: i % 2 ? 'High' : null, tags: [`t${i}`] });
  }
  const first = await comment(key, { text: 'First.\n\n@manager@example.com knows.' });
  const gone = await comment(key, { text: 'Never mind.' });
  await comment(key, { text: 'For people alone.', internal: true });
  assert.equal((await server.send(EXAMPLE.email, 'PATCH', first, { text: 'First, edited.' },
    { headers: { 'if-match': '*' } })).status, 200);
  assert.equal((await server.send(EXAMPLE.email, 'DELETE', gone)).status, 204);
  for (const [i, name] of NAMES.entries()) await attach(key, name, randomBytes(1 + i * 20_000));
  const dropped = await attach(key, 'dropped', 'to be deleted');
  assert.equal((await server.send(EXAMPLE.email, 'DELETE', dropped)).status, 204);
  await server.send(MANAGER.email, 'PUT', `${at(key)}/followers/me`);
  await patch(key, { dueDate: '2035-05-05', dueReason: 'Later.' });
  await patch(key, { dueDate: null });
  await patch(key, { dueDate: '2036-06-06' });
  await patch(key, { status: 'Done', result: 'It is done.' });
  await patch(key, { status: 'In Progress' });
  await patch(key, { status: 'Done' });
  await server.createAndRead(small({ title: 'After it' }));
  return (await server.get(at(key))).json;
}

async function evidence(key, { as = MANAGER.email, ...options } = {}) {
  const answer = await server.get(`${at(key)}/evidence`, { as, ...options });
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

let written = 0;
async function verify(file, more = [], wrapper = []) {
  const name = path.join(folder, `${++written}.zip`);
  writeFileSync(name, file);
  const words = [...wrapper, bzctrl, 'evidence', 'verify', name, ...more];
  const { code, stdout, stderr } = await run(words[0], words.slice(1));
  return { code, stdout, stderr };
}

async function isWhole(file, more) {
  const { code, stdout, stderr } = await verify(file, ['--json', ...(more ?? [])]);
  assert.equal(code, 0, stderr);
  const said = JSON.parse(stdout);
  assert.equal(said.whole, true);
  return said;
}

async function isBroken(file, said, what) {
  const { code, stderr } = await verify(file);
  assert.equal(code, 1, `${what ?? said}: ${stderr}`);
  assert.match(stderr, /^bzctrl: \S+ does not hold: \S/);
  assert.match(stderr, said ?? /./, what);
}

/* The same numbers each time. */
function seeded(seed) {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

/* Its allocator keeps what was freed, and its map of memory needs room of its own. */
const sanitized = /asan|tsan/.test(bzctrl) && 'NOT TESTED: a build with sanitizers takes more memory';
const changed = (file, name, change) =>
  zip(unzip(file).map((member) => (member.name === name ? { name,
    bytes: change(member.bytes.toString()) } : member)));
const changedLine = (file, folderName, line, change) => {
  let n = -1;
  return zip(unzip(file).map((member) => (!member.name.startsWith(folderName) ? member : {
    name: member.name,
    bytes: member.bytes.toString().split('\n').flatMap((text) => {
      if (text === '' || ++n !== line) return [text];
      const after = change(JSON.parse(text));
      return after === undefined ? [] : [JSON.stringify(after)];
    }).join('\n'),
  })));
};

/* Members of the record taken out of a file, and of its page, which is made of it. */
const withoutMembers = (file, names) => zip(unzip(file).map(({ name: member, bytes }) => {
  const text = bytes.toString();
  if (member === 'record.json')
    return { name: member, bytes: JSON.stringify(JSON.parse(text, function (name, value) {
      return 'todoType' in this && names.includes(name) ? undefined : value;
    })) };
  if (member !== 'record.html') return { name: member, bytes };
  const less = names.reduce((page, name) => page.replace(new RegExp(`<tr><th>${name}</th><td>[^]*?</td></tr>\n`), ''),
    text);
  return { name: member, bytes: names.includes('key') ? less.replace(/<(title|h1)>[^<]*/g, '<$1>') : less };
}));

/* ---- what is in it ---- */

test('the file has the record, its history, comments and attachments; two programs find it whole', async () => {
  const { members, record: said, comments, files, own, head } = checkEvidence(whole);
  assert.deepEqual(members.slice(0, 4).map(({ name }) => name), ['evidence.json', 'README.txt', 'record.json',
    'record.html']);
  assert.deepEqual(said, record);
  const events = (await server.get(`${at(record.key)}/events?limit=200`)).json.items.reverse();
  assert.deepEqual(own.map(({ seq, action, hash }) => ({ seq, action, hash })), events.map(({ seq, action, hash }) =>
    ({ seq, action, hash })));
  assert.deepEqual(own.map(({ payload }) => JSON.parse(payload)), events.map(({ changes }) => changes));
  assert.deepEqual(comments, (await server.get(`${at(record.key)}/comments`)).json.items);
  const listed = (await server.get(`${at(record.key)}/attachments`)).json.items;
  assert.deepEqual(files.map(({ name }) => name), listed.map(({ id, name }) => `attachments/${id}/${name}`));
  const text = (name) => members.find((member) => member.name === name).bytes.toString();
  assert.ok(text('README.txt').includes(`${EXAMPLE.domain}:${head.newest}:${head.hash}`));
  assert.ok(text('record.html').includes('The “long” &lt;b&gt;one&lt;/b&gt;'));
  assert.doesNotMatch(text('record.html'), /<script|src=|href=/);

  const verdict = await isWhole(whole);
  assert.equal(verdict.key, record.key);
  assert.equal(verdict.events, own.length);
  assert.equal(verdict.comments, 2);
  assert.equal(verdict.attachments, NAMES.length);
  assert.equal(verdict.withheld, 0);
  assert.deepEqual(verdict.unproven, ['taskLink', 'overdue']);
  const { stdout } = await verify(whole);
  assert.match(stdout, new RegExp(`^${record.key}: whole`));
  assert.match(stdout, /Not proven:\n {2}that the server had this history/);
});

test('the container is a zip that other programs read', async () => {
  const name = path.join(folder, 'other.zip');
  writeFileSync(name, whole);
  const { code, stdout } = await run('python3', ['-c',
    'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(len(z.namelist()), z.testzip())', name]);
  assert.equal(code, 0);
  assert.equal(stdout.trim(), `${unzip(whole).length} None`);
});

test('a record without anything else, the first of its chain, and one that has moved', async () => {
  const { key } = await server.createAndRead(small());
  const plain = checkEvidence(await evidence(key));
  assert.equal(plain.own.length, 1);
  assert.equal((await isWhole(await evidence(key))).events, 1);
  await patch(key, { workspace: SECOND });
  const moved = (await server.listAll({ workspace: SECOND })).at(0);
  const answer = await server.get(`${at(key)}/evidence`, { as: MANAGER.email });
  assert.equal(answer.status, 308);
  const file = await evidence(moved.key);
  assert.equal(checkEvidence(file).own.length, 2);
  assert.equal((await isWhole(file)).key, moved.key);
});

test('a second person, a parent and an occurrence are proven too', async () => {
  const parent = await server.createAndRead(small());
  const { key } = await server.createAndRead(small({ status: 'Done' }));
  await isWhole(await evidence(key));
  await patch(key, { status: 'To do', parent: parent.key });
  await server.send(EXAMPLE.email, 'POST', `${at(key)}/closing`, { result: 'Done so.', note: 'Please look.' });
  await isWhole(await evidence(key));
  await patch(key, { parent: null });
  await isWhole(await evidence(key));
});

test('links, changes of many and their undo are in the history, and the record is still proven', async () => {
  const [one, other] = [await server.createAndRead(small()), await server.createAndRead(small())];
  const post = async (path, body) => {
    const answer = await server.send(EXAMPLE.email, 'POST', `${API}${path}`, body);
    assert.ok(answer.status < 300, answer.text);
    return answer.json;
  };
  await post(`/tasks/${one.key}/related`, { key: other.key, kind: 'relates' });
  const { bulkId } = await post('/tasks/bulk', { keys: [one.key], patch: { priority: 'Low', title: 'Many' } });
  await isWhole(await evidence(one.key));
  await post(`/bulk/${bulkId}/undo`);
  await post(`/tasks/${one.key}/related`, { key: other.key, kind: 'duplicates' });
  await isWhole(await evidence(one.key));
  await isWhole(await evidence(other.key));

  /* A due date that was moved, moved back by an undo, and moved once more. */
  await patch(one.key, { status: 'To do', dueDate: '2031-01-01' });
  await patch(one.key, { dueDate: '2031-02-01' });
  const { version, dueMoves } = (await server.get(at(one.key))).json;
  const back = await post(`/tasks/${one.key}/undo`, { version });
  assert.deepEqual([back.dueDate, back.dueMoves], ['2031-01-01', dueMoves - 1]);
  await isWhole(await evidence(one.key));
  await patch(one.key, { dueDate: null });
  await isWhole(await evidence(one.key));
});

/* ---- rights ---- */

test('a client gets no internal comments and no events of others, and the file says so', async () => {
  const answer = await server.request('GET', `${at(record.key)}/evidence`, { token: client });
  assert.equal(answer.status, 200, answer.text);
  assert.ok(!answer.body.includes('For people alone.'));
  const { comments, head, events } = checkEvidence(answer.body);
  assert.equal(head.withheld, true);
  assert.ok(!comments.some(({ internal }) => internal));
  assert.ok(events.some(({ action }) => action === undefined), 'of some events there are only the hashes');
  const { stdout, code } = await verify(answer.body);
  assert.equal(code, 0);
  assert.match(stdout, /events that are withheld/);
  assert.match(stdout, /was made for a client/);
});

test('a viewer gets the record whole; what only managers see of the chain is a hash', async () => {
  await server.send(MANAGER.email, 'POST', `${API}/people`, { email: 'new@example.com',
    roles: [{ domain: EXAMPLE.domain, role: 'viewer' }] });
  const file = await evidence(record.key, { as: VIEWER.email });
  const { events, comments } = checkEvidence(file);
  assert.ok(!events.some(({ action }) => action?.startsWith('admin.')));
  assert.ok(comments.some(({ internal }) => internal));
  assert.ok((await isWhole(file)).withheld > 0);
  assert.equal((await isWhole(await evidence(record.key))).withheld, 0, 'the manager sees them');
});

test('a caller who cannot read the record gets 404, and no parameter is known', async () => {
  const other = await server.clientToken(await server.addClient(MANAGER.email, { scopes: ['task:read'] }));
  assert.equal((await server.request('GET', `${at(record.key)}/evidence`, { token: other })).status, 404);
  assert.equal((await server.get(`${at(record.key)}/evidence?x=1`)).status, 400);
  assert.equal((await server.get(`${at(`${WORKSPACE}-99999`)}/evidence`)).status, 404);
});

test('in a link the web app’s cookie suffices; ETag and Content-Disposition', async () => {
  const session = await server.request('POST', '/app/session', {
    headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email: EXAMPLE.email,
      password: EXAMPLE.password }) });
  const cookie = session.headers['set-cookie'][0].split(';')[0];
  const ask = (headers) => server.request('GET', `${at(record.key)}/evidence`, { headers: { cookie, ...headers } });
  const answer = await ask({ 'sec-fetch-site': 'same-origin' });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'application/zip');
  assert.equal(answer.headers['content-disposition'], `attachment; filename="${record.key}-evidence.zip"`);
  for (const site of ['cross-site', 'same-site', 'none'])
    assert.equal((await ask({ 'sec-fetch-site': site })).status, 403);
  const again = await ask({ 'sec-fetch-site': 'same-origin', 'if-none-match': answer.headers.etag });
  assert.equal(again.status, 304);
  await server.createAndRead(small());
  assert.equal((await ask({ 'sec-fetch-site': 'same-origin', 'if-none-match': answer.headers.etag })).status, 200);
});

/* ---- receipts ---- */

test('a receipt of the history is confirmed, a wrong one is not, and another one says nothing', async () => {
  const answer = await patch(record.key, { cause: 'For a receipt' });
  const receipt = answer.headers['bzctrl-receipt'];
  const file = await evidence(record.key);
  assert.equal((await isWhole(file, ['--receipt', receipt])).receipts, 1);
  const list = path.join(folder, 'receipts');
  const first = await server.addTask(small());
  writeFileSync(list, `${receipt}\n\n${receipt}\n`);
  assert.equal((await isWhole(file, ['--receipt', list])).receipts, 2);
  assert.match((await verify(file, ['--receipt', receipt])).stdout,
    /had this history when it gave 1 of the receipts/);

  const [domain, seq, hash] = receipt.split(':');
  const wrong = await verify(file, ['--receipt', `${domain}:${Number(seq) - 1}:${hash}`]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /not the history that the server had/);
  const later = await verify(file, ['--receipt', first.headers['bzctrl-receipt']]);
  assert.equal(later.code, 65);
  assert.match(later.stderr, /says nothing about this file/);
  assert.equal((await verify(file, ['--receipt', 'nonsense'])).code, 66);
});

/* ---- erasing ---- */

test('what was erased is shown as erased, and the rest is still proven', async () => {
  const { key } = await server.createAndRead(small({ title: `Ask ${GONE.email}` }));
  await patch(key, { cause: 'A cause that stays' });
  await comment(key, { text: `Write to ${GONE.email}.` });
  await attach(key, `${GONE.email}.txt`, 'bytes');
  await patch(key, { assignee: GONE.email });
  await patch(key, { priority: 'High' });
  await isWhole(await evidence(key));
  assert.equal((await server.send(ADMIN.email, 'POST', `${API}/people/${GONE.email}/erase`)).status, 202);
  await until(async () => !(await evidence(key)).includes(GONE.email), 'the address to go');
  const file = await evidence(key);
  const { own } = checkEvidence(file);
  const erased = own.filter(({ payload }) => payload === null);
  assert.equal(erased.length, 4);
  const verdict = await isWhole(file);
  assert.equal(verdict.erased, 4);
  assert.equal(verdict.unsure, 2);
  assert.ok(verdict.unproven.includes('title'));
  assert.ok(!verdict.unproven.includes('priority'));
  assert.match((await verify(file)).stdout, /what 4 events said: it was erased/);
  const shown = await server.request('GET', `${at(key)}/evidence`, { token: client });
  assert.equal(checkEvidence(shown.body).events.filter(({ commentErased }) => commentErased).length, 1);
  assert.equal((await isWhole(shown.body)).unsure, 2);
  await isBroken(changed(file, 'record.json', (text) => text.replace('"priority":"High"', '"priority":"Low"')),
    /does not show/);
  await isBroken(withoutMembers(file, ['priority']), /priority is missing/);
  assert.ok((await isWhole(withoutMembers(file, ['title']))).unproven.includes('title'), 'nobody knows what it was');
});

/* ---- every change is found ---- */

test('any byte of the file that is different, missing or added is found', async () => {
  const random = seeded(7);
  const member = unzip(whole);
  const places = [0, 4, 8, 26, whole.length - 1, whole.length - 4, whole.length - 20];
  for (const { from, bytes } of member) if (bytes.length > 0) places.push(from + random(bytes.length), from - 1);
  for (let i = 0; i < 40; i++) places.push(random(whole.length));
  for (const place of places) {
    const file = Buffer.from(whole);
    file[place] ^= 1 << random(8);
    await isBroken(file, undefined, `byte ${place}`);
  }
  for (const size of [0, 1, 29, 100, random(whole.length), whole.length - 22, whole.length - 1])
    await isBroken(whole.subarray(0, size), undefined, `${size} bytes`);
  await isBroken(Buffer.concat([whole, Buffer.from([0])]), /something comes after it/);
  await isBroken(Buffer.concat([Buffer.from([0]), whole]), /does not begin as a zip/);
});

describe('what a forger changes, with check sums that are right', () => {
  const broken = (name, change, said) => test(name, async () => isBroken(await change(), said, name));
  const replace = (member, from, to) => () => changed(whole, member, (text) => {
    assert.ok(text.includes(from), from);
    return text.replace(from, to);
  });
  const without = (which) => () => zip(unzip(whole).filter(({ name }) => !which(name)));
  const line = (n, change) => () => changedLine(whole, 'history/', n, change);

  test('packed again as it was, it is whole', () => isWhole(zip(unzip(whole))));
  broken('the title in the record', () => bothChanged('"title":"The', '"title":"Not the', 'The “long”',
    'Not the “long”'),
    /title is not what the events say/);
  broken('the status in the record', () => bothChanged('"status":"Done"', '"status":"To do"', '<td>Done<',
    '<td>To do<'),
    /status is not what the events say/);
  broken('the time of closing', () => bothChanged(`"closedAt":"20`, `"closedAt":"10`, /(closedAt<\/th><td>)20/,
    '$110'),
    /closedAt/);
  for (const [member, from, to] of [['version', memberOf('version'), '77'], ['dueMoves', () => '2', '1'],
    ['firstDueDate', () => '"2020-01-01"', '"2035-05-05"'],
    ['closedBy', () => `"${EXAMPLE.email}"`, `"${VIEWER.email}"`], ['closedBy', () => `"${EXAMPLE.email}"`, 'null']])
    broken(`${member}, which follows from the events: ${to}`, () =>
      bothChanged(`"${member}":${from()}`, `"${member}":${to}`, new RegExp(`(${member}</th><td>)[^<]*`),
        `$1${to === 'null' ? '' : to.replaceAll('"', '')}`),
    new RegExp(`${member} is not what the events say`));
  broken('a member that no record has', () => bothChanged('{"key"', '{"x":1,"key"', '<tr>',
    '<tr><th>x</th><td>1</td></tr>\n<tr>'),
    /x is not/);
  broken('the key', () => bothChanged(`{"key":"${record.key}"`, '{"key":"EXA-CON-BUS-WOR-01"',
    /(?<!todo\/)EXA-CON-BUS-WOR-02/g, 'EXA-CON-BUS-WOR-01'),
    /key is not/);
  broken('the page alone', replace('record.html', 'It is done.', 'It is not done.'),
    /record\.html: it does not show/);
  broken('README.txt', replace('README.txt', 'How to check it', 'No need to check it'), /README\.txt/);
  broken('the newest event in evidence.json', replace('evidence.json', '"newest":', '"newest":1'), /README\.txt/);
  broken('a comment’s text', replace('comments/000001.ndjson', 'First, edited.', 'First, forged.'),
    /comment \d+ is not what the events say/);
  broken('a comment made internal', replace('comments/000001.ndjson', '"internal":false', '"internal":true'),
    /comment \d+ is not what/);
  broken('a comment’s time', replace('comments/000001.ndjson', '"createdAt":"20', '"createdAt":"10'),
    /comment \d+ is not what/);
  broken('a deleted comment with a text', replace('comments/000001.ndjson', '"text":null', '"text":"forged"'),
    /has a text nevertheless/);
  broken('a comment left out', () => changedLine(whole, 'comments/', 0, () => undefined), /comment/);
  broken('a comment twice', () => changed(whole, 'comments/000001.ndjson', (text) => text + text), /there twice/);
  broken('all comments left out', without((name) => name.startsWith('comments/')), /comment/);
  broken('an attachment left out', without((name) => name.endsWith('/-rf')), /attachment/);
  broken('an attachment renamed', () => zip(unzip(whole).map(({ name, bytes }) => ({ name: name.replace('/-rf',
    '/-rg'), bytes }))),
    /attachment \d+ is not what the events say/);
  broken('an attachment with other bytes', () => changed(whole, unzip(whole).find(({ name }) =>
    name.endsWith('/-rf')).name, () => 'other'),
    /attachment \d+ is not what the events say/);
  broken('one that nobody has attached', () => zip(unzip(whole).flatMap((member) =>
    (member.name.endsWith('/-rf') ? [member, { name: 'attachments/77/x', bytes: 'x' }] : [member]))),
      /attachment 77 is in no event/);
  broken('what an event says', line(3, (event) => ({ ...event, payload: event.payload.replace('Cause', 'Pause') })),
    /what it says was changed/);
  broken('its salt', line(3, (event) => ({ ...event, salt: Buffer.alloc(16).toString('base64') })),
    /what it says was changed/);
  broken('its time', line(3, (event) => ({ ...event, at: event.at + 1 })), /its hash is not/);
  broken('its actor', line(3, (event) => ({ ...event, actor: '1' })), /its hash is not/);
  broken('its hash', line(3, (event) => ({ ...event, hash: Buffer.alloc(32).toString('base64') })),
    /its hash is not/);
  broken('an event left out', line(3, () => undefined), /follows event/);
  broken('what it says left out', line(3, ({ salt, payload, ...event }) => event), /what it says is left out/);
  broken('another member', line(3, (event) => ({ ...event, x: 1 })), /a member is missing/);
  broken('the last event left out', () => changedLine(whole, 'history/', linesOf(unzip(whole),
    'history/').length - 1, () => undefined),
    /it ends with event/);
  broken('the history left out', without((name) => name.startsWith('history/')), /history/);
  broken('erased by somebody, and changed', line(3, (event) => ({ ...event, payload: null, salt: null,
    payloadHash: Buffer.alloc(32).toString('base64') })),
    /its hash is not/);

  function memberOf(member) {
    return () => String(record[member]);
  }
  function bothChanged(json, other, html, shown) {
    const file = changed(whole, 'record.json', (text) => text.replace(json, other));
    return changed(file, 'record.html', (text) => text.replace(html, shown));
  }
});

/* Between them the two records have a value in every member. */
async function fullRecords() {
  const parent = await server.createAndRead(small());
  const keys = [];
  for (const title of ['Closed', 'Proposed to be closed']) {
    const { key } = await server.createAndRead({ ...SAMPLE, title, dueDate: '2035-05-05', tags: ['tag'],
      occurredAt: new Date(Date.now() - 86_400_000).toISOString(), foo: { a: ['x'] } });
    await patch(key, { cause: 'The cause', parent: parent.key, result: 'The result', dueDate: '2036-06-06' });
    await server.send(MANAGER.email, 'PUT', `${at(key)}/followers/me`);
    keys.push(key);
  }
  await patch(keys[0], { status: 'Done' });
  const proposed = await server.send(EXAMPLE.email, 'POST', `${at(keys[1])}/closing`, { note: 'Please look.' });
  assert.equal(proposed.status, 200, proposed.text);
  return keys;
}

test('a member that is left out of the record is missing, whichever it is; an empty one says nothing', async () => {
  const valued = new Set();
  const names = new Set();
  for (const key of await fullRecords()) {
    const file = await evidence(key);
    const { record: said } = checkEvidence(file);
    await isWhole(withoutMembers(file, []));
    for (const name of Object.keys(said)) {
      const less = withoutMembers(file, [name]);
      names.add(name);
      if (plain(name, said[name]) !== null) valued.add(name);
      else if (!DERIVED.includes(name)) {
        checkEvidence(less);
        await isWhole(less);
        continue;
      }
      assert.throws(() => checkEvidence(less), { message: `${name} is missing` });
      await isBroken(less, new RegExp(`against the history: ${name} is missing`), `without ${name}`);
    }
    await isBroken(withoutMembers(file, ['status', 'open', 'closedAt', 'closedBy']), /is missing/,
      'without all that says whether it is closed');
  }
  assert.deepEqual([...names].filter((name) => !valued.has(name)), [], 'members without a value in both records');
});

test('a member that is left out of a comment, or that no comment has, is found', async () => {
  for (const [line, said] of linesOf(unzip(whole), 'comments/').entries()) {
    for (const name of Object.keys(said).filter((name) => plain(name, said[name]) !== null)) {
      const less = changedLine(whole, 'comments/', line, ({ [name]: left, ...rest }) => rest);
      assert.throws(() => checkEvidence(less), `comment ${line} without ${name}`);
      await isBroken(less, /comment/, `comment ${line} without ${name}`);
    }
    const more = changedLine(whole, 'comments/', line, (comment) => ({ ...comment, approvedBy: EXAMPLE.email }));
    assert.throws(() => checkEvidence(more), new RegExp(`comment ${said.id} has approvedBy`));
    await isBroken(more, new RegExp(`comment ${said.id} has approvedBy, which no comment has`));
  }
});

/* ---- hostile files ---- */

describe('hostile files are refused with a sentence', () => {
  const head = () => unzip(whole).slice(0, 4);
  const refused = (name, file, said) => test(name, async () => isBroken(await file(), said, name));
  for (const name of ['../../../etc/passwd', '/etc/passwd', 'attachments/1/../../x', 'attachments/1/',
    'attachments/1/..', 'attachments/x/y',
    'attachments/01/y', 'attachments/1/a\\b', 'attachments/1/a\nb', 'attachments/99999999999999999999/x', 'x',
      'history/2.ndjson', 'comments/000002.ndjson'])
    refused(`a member ${JSON.stringify(name)}`, () => zip([...head(), { name, bytes: 'x' }]),
      /no such member|no attachment can have that name/);
  refused('a name twice', () => zip([...head(), head()[2]]), /no such member/);
  refused('a compressed member', () => zip(unzip(whole), { facts: ({ name }) =>
    (name === 'record.json' ? { method: 8 } : {}) }),
    /record\.json: it is compressed/);
  refused('an encrypted member', () => zip(unzip(whole), { facts: () => ({ flags: 0x0801 }) }),
    /evidence\.json: it is compressed, encrypted/);
  refused('a bomb: a size that is not there', () => zip(unzip(whole), { facts: ({ name }) =>
    (name === 'record.html' ? { size: 0xfffffff0, packed: 0xfffffff0 } : {}) }),
    /record\.html: it has 4294967280 bytes/);
  refused('an attachment without an end', () => zip([...head(), { name: 'attachments/1/x', bytes: 'x' }],
    { facts: ({ name }) => (name === 'attachments/1/x' ? { size: 0xfffffff0, packed: 0xfffffff0 } : {}) }),
    /attachments\/1\/x: the file ends in the middle of it/);
  refused('a wrong check sum', () => zip(unzip(whole), { facts: ({ name }) =>
    (name === 'README.txt' ? { crc: 1 } : {}) }),
    /README\.txt: its bytes are not/);
  refused('an empty zip', () => zip([]), /does not begin as a zip/);
  refused('a line of 60 MB', () => zip([...head(), { name: 'comments/000001.ndjson', bytes: Buffer.alloc(60_000_000,
    'x') }]),
    /a line has more than/);
  refused('lists in lists', () => zip([...head(), { name: 'comments/000001.ndjson',
    bytes: `${'['.repeat(100_000)}\n` }]),
    /not a JSON object/);
  refused('not JSON', () => changed(whole, 'record.json', () => 'null'), /record\.json: it is not a JSON object/);

  test('a hundred thousand members cost no memory', { skip: sanitized }, async () => {
    const members = [...head()];
    for (let i = 1; i <= 100_000; i++) members.push({ name: `comments/${String(i).padStart(6, '0')}.ndjson`,
      bytes: '' });
    const { code, stderr } = await verify(zip(members), [], ['bash', '-c', 'ulimit -v 262144; exec "$0" "$@"']);
    assert.equal(code, 1, stderr);
  });
});

/* ---- size ---- */

/* An answer whose client stops reading at its beginning. */
async function begun(key) {
  const headers = { authorization: `Bearer ${await server.token(MANAGER.email)}` };
  const call = get(`${server.url}${at(key)}/evidence`, { headers, agent: false });
  const [answer] = await once(call, 'response');
  call.on('error', () => {}); /* what breaks off later is the answer's to say */
  assert.equal(answer.statusCode, 200);
  answer.pause();
  return answer;
}

async function rest(answer) {
  const pieces = [];
  for await (const piece of answer) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('attachments of many megabytes', () => {
  const bytes = randomBytes(25 * 1024 * 1024);
  let key;
  before(async () => {
    ({ key } = await server.createAndRead(small()));
    await attach(key, 'large', bytes);
  });

  test('go out and are checked in little memory', { skip: sanitized }, async () => {
    const memory = () => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${server.pid}/status`,
      'utf8'))[1]) / 1024;
    const start = memory();
    const answers = await Promise.all(Array.from({ length: 8 }, () => begun(key)));
    const file = await rest(answers[0]);
    assert.ok(memory() - start < 100, `${memory() - start} MiB for eight answers of 25 MiB`);
    answers.forEach((answer) => answer.destroy());
    assert.ok(unzip(file).find(({ name }) => name.endsWith('/large')).bytes.equals(bytes));
    const { code, stderr } = await verify(file, [], ['bash', '-c', 'ulimit -v 131072; exec "$0" "$@"']);
    assert.equal(code, 0, stderr);
  });

  test('a record that changes while its file is made: the answer is cut off, and the next one is whole', async () => {
    const answer = await begun(key);
    await patch(key, { cause: 'Changed while it was read' });
    await assert.rejects(rest(answer), { code: 'ECONNRESET' });
    assert.match(server.log, /the record was changed while its evidence was made/);
    await isWhole(await evidence(key));
  });

  test('other records may change', async () => {
    const answer = await begun(key);
    const other = await server.createAndRead(small());
    const file = await rest(answer);
    await isWhole(file);
    assert.ok(!checkEvidence(file).events.some((event) => event.key === other.key), 'the chain ends where it was');
  });
});
