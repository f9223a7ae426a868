/*
 * Erasing a person's data: nothing that is stored names the address any more, history is whole, and
 * an erasure that is interrupted continues.
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { changeStored, numberStored, onPostgres } from '../lib/database.mjs';
import { makeFile, patience } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const ADMIN = { email: 'admin@example.com', admin: true };
let server;
before(async () => {
  server = await startServer({ workspaces: [WORKSPACE, 'ACME-WOR'], users: [EXAMPLE, ADMIN] });
});
after(() => server.stop());

let made = 0;
async function person(role = ['--domain', EXAMPLE.domain, '--role', 'member']) {
  const email = `gone_${++made}%x!@example.com`;
  await server.command(['user', 'add', email, '--name', 'Gone Person', ...role, '--password-file',
    makeFile(EXAMPLE.password)]);
  return email;
}
const at = (email, more = '') => `${API}/people/${encodeURIComponent(email)}${more}`;
const erase = (email, as = ADMIN.email) => server.send(as, 'POST', at(email, '/erase'));
const eventsOf = async (key) => (await server.get(`${API}/tasks/${key}/events`, { as: ADMIN.email })).json.items;
const recordOf = async (key) => (await server.get(`${API}/tasks/${key}`, { as: ADMIN.email })).json;

async function until(what, holds) {
  for (let i = 0; !(await holds()); i++) {
    assert.ok(i < 900 * patience, `not within a minute and a half: ${what}`);
    await sleep(100);
  }
}

/* The body of a stored answer, which is bytes, as text. */
const ANSWERED = onPostgres ? "CONVERT_FROM(body, 'UTF8')" : 'CAST(body AS TEXT)';

/* How many rows of all that is stored have a text; the server must not run. */
function stored(text) {
  const like = (column) => `LOWER(${column}) LIKE '%${text.replaceAll(/[!%_]/g, '!$&')}%' ESCAPE '!'`;
  const places = [['event', 'payload'], ['task', 'title'], ['task', 'description'], ['task', 'extra'], ['task', 'tags'],
    ['task', 'order_id'],
    ['task', 'category'], ['task', "COALESCE(cause, '')"], ['account', 'email'], ['account', "COALESCE(name, '')"],
    ['request', "COALESCE(body, '')"], ['request', "COALESCE(problem, '')"], ['erasure', 'email'],
    ['comment', "COALESCE(text, '')"], ['attachment', 'name'], ['answer', ANSWERED]];
  return Object.fromEntries(places.map(([table, column]) => {
    const key = table === 'erasure' || table === 'event' ? { erasure: 'stage', event: 'at' }[table] : 'id';
    return [`${table} ${column}`,
      changeStored(server.dir, `UPDATE ${table} SET ${key} = ${key} WHERE ${like(column)}`)];
  }).filter(([, n]) => n > 0));
}

test('what changes have said is erased too; who reads an older version is told that anything may differ', async () => {
  const email = await person();
  const record = await server.createAndRead(small());
  const patch = (body, version) =>
    server.send(EXAMPLE.email, 'PATCH', `${API}/tasks/${record.key}`, body, { headers: { 'if-match': version } });
  assert.equal((await patch({ cause: `Asked ${email}.`, dueDate: '2001-01-01' }, '"1"')).status, 200);
  assert.equal((await patch({ dueDate: '2031-01-01', dueReason: `By ${email}` }, '"2"')).status, 200);
  assert.equal((await erase(email)).status, 202);
  await until('the cause is erased', async () => !(await recordOf(record.key)).cause.includes(email));
  const [erased, moved, caused, created] = await eventsOf(record.key);
  assert.equal(erased.action, 'task.erased');
  assert.deepEqual(erased.changes.erased, [null, [moved.seq, caused.seq]]);
  assert.equal(erased.changes.record[1].cause, 'Asked ***.', 'what is left is said again');
  assert.deepEqual([moved.changes, caused.changes], [null, null]);
  assert.equal(created.changes.title[1], record.title);
  const stale = await patch({}, '"1"');
  assert.equal(stale.status, 412);
  for (const member of ['title', 'cause', 'dueDate', 'followers'])
    assert.ok(stale.json.changed.includes(member), member);
  await server.command(['verify']);
});

test('nothing names the person any more, and history is whole', async () => {
  const email = await person();
  const mine = await server.createAndRead(
    small({ title: `Call ${email.toUpperCase()}.`, description: `x${email} <${email}>, ${email}y`,
    reporter: email, orderID: [`A ${email}`, 'B'], note: { by: email } }), { as: ADMIN.email });
  const other = await server.createAndRead(small({ title: 'Other' }));
  const reported = await server.createAndRead(small({ reporter: email, assignee: EXAMPLE.email }),
    { token: await server.signIn(email), as: ADMIN.email });
  await server.addTask(small({ reporter: email, impact: 'none' }));
  const answer = await erase(email);
  assert.equal(answer.status, 202, answer.text);
  const { email: pseudonym } = answer.json;
  assert.match(pseudonym, /^erased-\d+@erased\.invalid$/);

  assert.equal((await server.get(at(email), { as: ADMIN.email })).status, 404);
  const { name, disabled, admin, roles } = (await server.get(at(pseudonym), { as: ADMIN.email })).json;
  assert.deepEqual({ name, disabled, admin, roles }, { name: null, disabled: true, admin: false, roles: [] });
  assert.equal((await server.grant({ grant_type: 'password', username: email, password: EXAMPLE.password })).status,
    400);
  assert.equal((await server.addTask(small({ reporter: email }))).status, 422);

  await until('the events are erased', async () => (await eventsOf(mine.key)).at(-1).changes === null);
  await until('the record is', async () => (await recordOf(mine.key)).title === 'Call ***.');
  const record = await recordOf(mine.key);
  assert.equal(record.reporter, pseudonym);
  assert.equal(record.description, `x${email} <***>, ${email}y`, 'a longer address is another one');
  assert.deepEqual(record.orderID, ['A ***', 'B']);
  assert.deepEqual(record.tags, ['A ***', 'B']);
  assert.deepEqual(record.extra, { note: { by: '***' } });
  assert.deepEqual(await recordOf(other.key), other);
  assert.notEqual((await eventsOf(other.key))[0].changes, null, 'what others did stays');
  await until('all of it', async () => (await eventsOf(reported.key)).at(-1).changes === null);

  assert.match(await server.command(['verify']), /^EXA-CON-BUS:/m);
  const again = await server.send(ADMIN.email, 'POST', `${API}/people`, { email });
  assert.equal(again.status, 201, 'the address is free again');
  await erase(email);
  await until('the last of it', () => numberStored(server.dir, 'SELECT COUNT(*) FROM erasure') === 0);
  await server.terminate();
  const left = stored(email);
  assert.deepEqual(Object.keys(left), ['event payload', 'task description'], 'but for the longer addresses');
  assert.deepEqual(stored('gone person'), {});
  await server.start();
});

test('what was refused a moment before is erased too', async () => {
  const emails = [];
  for (let i = 0; i < 8; i++)
    emails.push(await person());
  /* By what is in it: the number of requests falls when an erasure before it takes its own away. */
  const logged = (what) => numberStored(server.dir, `SELECT COUNT(*) FROM request WHERE body LIKE '%${what}%'`) > 0;
  for (const [i, email] of emails.entries()) {
    /* The log has just been written: what comes now waits in memory for a second. */
    assert.equal((await server.addTask(small({ title: `Refused ${i}.`, impact: 'none' }))).status, 422);
    await until('the log is written', () => logged(`Refused ${i}.`));
    assert.equal((await server.addTask(small({ reporter: email, dueDate: `Ask ${email}` }))).status, 422);
    assert.equal((await erase(email)).status, 202);
  }
  await until('the erasures', () => numberStored(server.dir, 'SELECT COUNT(*) FROM erasure') === 0);
  await server.terminate();
  for (const email of emails)
    assert.deepEqual(stored(email), {});
  await server.start();
});

test('a person is not named in another spelling either', async () => {
  const email = 'jörg.fink@müller.example';
  const spellings = [email, 'JÖRG.Fink@MÜLLER.example', email.normalize('NFD'), email.toUpperCase().normalize('NFD')];
  await server.command(['user', 'add', email, '--domain', EXAMPLE.domain, '--role', 'member', '--password-file',
    makeFile(EXAMPLE.password)]);
  const made = [];
  for (const spelling of spellings)
    made.push(await server.createAndRead(small({ title: `Ask ${spelling}!`, reporter: spelling, note: spelling }),
      { as: ADMIN.email }));
  const other = await server.createAndRead(
    small({ title: 'Ask jorg.fink@müller.example', description: 'Or jörg.link@müller.example.' }));
  assert.equal((await erase(email.normalize('NFD'))).status, 202);
  await until('the last of it', () => numberStored(server.dir, 'SELECT COUNT(*) FROM erasure') === 0);
  for (const { key } of made) {
    assert.equal((await recordOf(key)).title, 'Ask ***!');
    assert.deepEqual((await recordOf(key)).extra, { note: '***' });
    assert.equal((await eventsOf(key)).at(-1).changes, null);
  }
  assert.deepEqual(await recordOf(other.key), other);
  let requests;
  await until('the log of requests is written, and names others', async () => {
    requests = await server.get(`${API}/requests`, { as: EXAMPLE.email });
    return /jorg.fink/.test(requests.text);
  });
  assert.doesNotMatch(requests.text.normalize('NFC').toLowerCase(), /jörg.fink/);
});

test('an address at the start of a line is erased from the history, too', async () => {
  const email = await person();
  const { key } = await server.createAndRead(small({ description: `Called:\n${email}` }));
  await erase(email);
  await until('the record is erased', async () => (await recordOf(key)).description === 'Called:\n***');
  assert.equal((await eventsOf(key)).at(-1).changes, null);
});

test('comments, mentions and the names of attachments', async () => {
  const email = await person();
  const { key } = await server.createAndRead(small());
  const at = `${API}/tasks/${key}`;
  const comment = async (text, more) =>
    (await server.send(EXAMPLE.email, 'POST', `${at}/comments`, { text, ...more })).headers.location;
  const attach = async (name) =>
    (await server.requestAs(EXAMPLE.email, 'POST', `${at}/attachments?name=${encodeURIComponent(name)}`,
      { body: name })).headers.location;
  const change = (url, method, body) =>
    server.send(EXAMPLE.email, method, new URL(url).pathname, body, { headers: { 'if-match': '*' } });
  const mine = await server.request('POST', `${at}/comments`,
    { token: await server.signIn(email), headers: { 'content-type': 'application/json' }, body: '{"text":"Mine"}' });
  assert.equal(mine.status, 201);
  await comment(`First line\n${email.toUpperCase()} @${email}, and ${email}.`);
  await comment('Nothing', { internal: true });
  const edited = await comment(`Before ${email}`);
  assert.equal((await change(edited, 'PATCH', { text: 'After' })).status, 200);
  const deleted = await comment(`Gone ${email}`);
  assert.equal((await change(deleted, 'DELETE')).status, 204);
  for (const name of [`${email}.eml`, `About ${email}, 2.txt`, 'other.txt']) await attach(name);
  await change(await attach(`deleted ${email}`), 'DELETE');

  const { email: pseudonym } = (await erase(email)).json;
  const names = async () => (await server.get(`${at}/attachments`)).json.items.map(({ name }) => name);
  await until('names and comments are erased', async () => (await names()).includes('***.eml'));
  await until('all of it', () => numberStored(server.dir, 'SELECT COUNT(*) FROM erasure') === 0);
  assert.deepEqual(await names(), ['other.txt', 'About ***, 2.txt', '***.eml']);
  const comments = (await server.get(`${at}/comments`)).json.items;
  assert.deepEqual(comments.map(({ text }) => text),
    [null, 'After', 'Nothing', 'First line\n*** @***, and ***.', 'Mine']);
  assert.deepEqual([comments[3].mentions, comments[4].author], [[pseudonym], pseudonym]);
  const kept = (await eventsOf(key)).filter(({ changes }) => changes !== null)
    .map(({ action, changes }) => changes.comment?.[1].text ?? changes.attachment?.[1].name ?? action);
  assert.deepEqual(kept, ['task.erased', 'task.erased', 'other.txt', 'Nothing', 'Mine', 'task.created']);
  assert.match(await server.command(['verify']), /^EXA-CON-BUS:/m);
  await server.terminate();
  assert.deepEqual(stored(email), {});
  await server.start();
});

test('answers to idempotency keys are repeated without the address', async () => {
  const email = await person();
  const { key } = await server.createAndRead(small());
  const token = await server.signIn(email);
  const report = JSON.stringify(small(
    { title: `About ${email.toUpperCase()}`, description: `"${email}"`, orderID: email }));
  const foreign = JSON.stringify(small({ title: 'a@b.c' }));
  const send = (path, as, idempotencyKey, body, type = 'application/json') => server.request('POST', path,
    { token: as, headers: { 'content-type': type, 'idempotency-key': idempotencyKey }, body });
  const calls = [
    async (id) => send(`${API}/task/add-task`, await server.token(), id, report),
    async (id) => send(`${API}/tasks/${key}/comments`, await server.token(), id,
      JSON.stringify({ text: `@${email}!` })),
    async (id) => send(`${API}/tasks/${key}/attachments?name=${email.replace('%', '%25')}.eml`,
      await server.token(), id, 'x', 'text/plain'),
  ];
  const first = [];
  for (const [i, call] of calls.entries()) first.push(await call(`erased-${i}`));
  const own = await send(`${API}/tasks/${key}/comments`, token, 'own', '{"text":"Mine"}');
  for (const { status, text } of [...first, own]) assert.ok([200, 201].includes(status) && text.includes(email), text);
  const other = await send(`${API}/task/add-task`, await server.token(), 'other', foreign);
  const address = new RegExp(email.replaceAll(/[%!.]/g, '\\$&'), 'gi');
  await erase(email);
  await until('all of it', () => numberStored(server.dir, 'SELECT COUNT(*) FROM erasure') === 0);
  for (const [i, call] of calls.entries()) {
    const again = await call(`erased-${i}`);
    assert.equal(again.headers['idempotent-replayed'], 'true');
    assert.deepEqual([again.status, again.headers['bzctrl-receipt']],
      [first[i].status, first[i].headers['bzctrl-receipt']], 'the rest of the answer is as it was');
    assert.equal(again.text, first[i].text.replaceAll(address, '***'));
  }
  assert.equal((await send(`${API}/task/add-task`, await server.token(), 'other', foreign)).text, other.text,
    'an answer that does not name the person stays byte for byte');
  await server.terminate();
  assert.deepEqual(Object.keys(stored(email)).filter((place) => place.startsWith('answer')), []);
  await server.start();
});

test('the index forgets the address without being built again, and answers all the time', async () => {
  const word = `unmistakable${++made}`;
  const email = `${word}@example.com`;
  await server.command(['user', 'add', email, '--domain', EXAMPLE.domain, '--role', 'member', '--password-file',
    makeFile(EXAMPLE.password)]);
  await server.createAndRead(small({ title: `Call ${email}` }));
  for (let i = 0; i < 50; i++) await server.createAndRead(small({ title: `Other ${i}` }));
  const total = async (q) => (await server.get(`${API}/tasks?total=true&q=${q}`)).json.total;
  await until('the index', async () => (await total(word)) === 1);
  const inFiles = () => readdirSync(server.dir).filter((name) => name.startsWith('index.db'))
    .filter((name) => readFileSync(path.join(server.dir, name)).includes(word));
  if (!onPostgres) await until('a file that has the word', () => inFiles().length > 0);
  const builds = () => server.log.split('building the index of records').length;
  const before = builds();
  await erase(email);
  await until('all of it', async () => {
    for (const target of [`${API}/tasks?total=true`, `${API}/stats?by=status`, `${API}/tasks?sort=-updated`])
      assert.equal((await server.get(target)).status, 200, target);
    return numberStored(server.dir, 'SELECT COUNT(*) FROM erasure') === 0;
  });
  assert.equal(await total(word), 0);
  assert.equal(builds(), before);
  await server.terminate();
  assert.deepEqual(onPostgres ? [] : inFiles(), []);
  await server.start();
});

test('a person is not named by escapes of JSON either', async () => {
  const email = 'gone/escaped@example.com';
  const hex = (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const spellings =
    [[...email].map(hex).join(''), email.replace('@', hex), email.replace('/', '\\/'), `\\n${email}`, `\\\\${email}`];
  await server.command(['user', 'add', email, '--domain', EXAMPLE.domain, '--role', 'member', '--password-file',
    makeFile(EXAMPLE.password)]);
  const more = { EMAIL: ['x\n', 'EMAIL'], OTHER: 1 };
  const sent = JSON.stringify(small({ title: 'Escapes', impact: 'High', note: 'EMAIL', more }));
  const made = [];
  for (const spelling of spellings) {
    const body = sent.replaceAll('EMAIL', spelling).replace('OTHER', email.toUpperCase());
    made.push(await server.createAndRead(body, { as: ADMIN.email }));
    assert.equal((await server.addTask(body.replace('"High"', '"none"'))).status, 422);
  }
  const other = await server.createAndRead(small({ title: 'Escapes', note: email.replace('@', '\\u0040') }));
  const logged = async () => (await server.get(`${API}/requests?limit=200`, { as: EXAMPLE.email })).json.items
    .filter(({ body, status }) => body?.includes('"Escapes"') && status === 422);
  await until('the log of requests is written', async () => (await logged()).length === spellings.length);
  assert.equal((await erase(email)).status, 202);
  await until('the last of it', () => numberStored(server.dir, 'SELECT COUNT(*) FROM erasure') === 0);
  for (const [i, { key }] of made.entries()) {
    const start = JSON.parse(`"${spellings[i]}"`).replace(email, '');
    const masked = `${start}***`;
    const { extra } = await recordOf(key);
    assert.deepEqual([extra.note, ...Object.values(extra.more)], [masked, ['x\n', masked], 1], key);
    assert.deepEqual(Object.keys(extra.more).map((name) => name.replace(/ \d$/, '')), [masked, '***'], key);
    assert.equal((await eventsOf(key)).at(-1).changes, null);
  }
  assert.deepEqual(await recordOf(other.key), other, 'an escaped backslash begins no escape');
  assert.deepEqual(await logged(), []);
});

test('only admins, not the last of them, and not twice', async () => {
  const email = await person();
  assert.equal((await erase(email, EXAMPLE.email)).status, 403);
  assert.equal((await erase('nobody@example.com')).status, 404);
  assert.equal((await erase(ADMIN.email)).status, 409);
  const { json } = await erase(email);
  assert.equal((await erase(json.email)).status, 409);
  const taken = await server.send(ADMIN.email, 'POST', `${API}/people`, { email: json.email.replace(/\d/, 'x') });
  assert.equal(taken.status, 422, 'nobody can be called like an erased one');
  const admin = await person(['--admin']);
  assert.equal((await erase(admin)).status, 202);
});

test('the sub-command', async () => {
  const email = await person();
  await assert.rejects(server.command(['user', 'erase', email]), /--for-good/);
  const pseudonym = (await server.command(['user', 'erase', email, '--for-good'])).trim();
  assert.match(pseudonym, /@erased\.invalid$/);
  assert.equal((await server.get(at(email), { as: ADMIN.email })).status, 404);
  await assert.rejects(server.command(['user', 'erase', email, '--for-good']), /no person/);
});

test('one that is interrupted continues', async () => {
  const email = await person();
  const token = await server.signIn(email);
  const bodies = Array.from({ length: 1500 }, (_, i) => small({ reporter: email, title: `Number ${i} of ${email}` }));
  for (let i = 0; i < bodies.length; i += 100)
    for (const { status } of await Promise.all(bodies.slice(i, i + 100).map((body) => server.addTask(body, { token }))))
      assert.equal(status, 201);
  assert.equal((await erase(email)).status, 202);
  await server.kill9();
  await server.start();
  server.tokens.clear();
  const records = async () => server.listAll({ limit: '200' }, { as: ADMIN.email });
  await until('every record is done', async () => (await records()).every(({ title }) => !title.includes(email)));
  await server.kill9();
  const { [`request COALESCE(body, '')`]: logged, ...left } = stored(email);
  assert.ok(Object.keys(left).every((place) => place === 'erasure email'), JSON.stringify({ logged, ...left }));
  await server.start();
  server.tokens.clear();
  assert.match(await server.command(['verify']), /^EXA-CON-BUS:/m);
});
