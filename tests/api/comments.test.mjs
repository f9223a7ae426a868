/*
 * Comments: who may write, read, change and delete them, whom they mention, what clients do not see,
 * and that the history has each.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { shim } from '../lib/client.mjs';
import { listen } from '../lib/changes.mjs';
import { changeStored, databaseUrl } from '../lib/database.mjs';
import { runBzctrld } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';
import { verifyHistory } from '../lib/verify_history.mjs';

const OTHER = { email: 'other@example.com', role: 'member', domain: 'EXA-CON-BUS' };
const MANAGER = { email: 'manager@example.com', role: 'manager', domain: 'EXA' };
const VIEWER = { email: 'viewer@example.com', role: 'viewer', domain: 'EXA-CON-BUS' };
const READER = { ...VIEWER, email: 'reader@example.com' };
const FAR = 'EXA-CON-BUS-FAR';
const STRANGER = { email: 'stranger@example.com', role: 'manager', domain: 'ACME' };

let server;
let record;
let client; /* its token */
before(async () => {
  server = await startServer(
    { workspaces: [WORKSPACE, FAR, 'ACME-WOR'], users: [EXAMPLE, OTHER, MANAGER, VIEWER, READER, STRANGER] });
  client = await server.clientToken(await server.addClient(MANAGER.email, { scopes: ['task:create', 'task:read'] }));
});
after(() => server.stop());

const fresh = async (options) => `${API}/tasks/${(await server.createAndRead(small(), options)).key}`;
const write = (at, body, { as = EXAMPLE.email, ...options } = {}) =>
  server.send(as, 'POST', `${at}/comments`, body, options);
const pathOf = (answer) => new URL(answer.headers.location).pathname;
const list = async (at, options) => (await server.get(`${at}/comments`, options)).json.items;
const events = async (at, options) => (await server.get(`${at}/events`, options)).json.items;
const countOf = async (at, options) => (await server.get(at, options)).json.commentCount;
const change = (path, body, { as = EXAMPLE.email, match = '*' } = {}) =>
  server.send(as, 'PATCH', path, body, { headers: match ? { 'if-match': match } : {} });
const remove = (path, as = EXAMPLE.email) => server.send(as, 'DELETE', path);

async function written(at, body, options) {
  const answer = await write(at, body, options);
  assert.equal(answer.status, 201, answer.text);
  return answer;
}

test('a comment is stored as it was written, and the history has it', async () => {
  const at = await fresh();
  const before = (await server.get(at)).json;
  const text = '  **Bold** <script>alert(1)</script>\r\n\n\ttab “quotes” 🦊  ';
  const answer = await written(at, { text });
  const comment = answer.json;
  assert.deepEqual(Object.keys(comment), ['id', 'text', 'author', 'createdAt', 'editedAt', 'internal', 'mentions']);
  assert.deepEqual(comment, { ...comment, text, author: EXAMPLE.email, editedAt: null, internal: false, mentions: [] });
  const read = await server.get(pathOf(answer));
  assert.deepEqual(read.json, comment);
  assert.equal(read.headers.etag, answer.headers.etag);
  assert.equal((await server.get(pathOf(answer), { headers: { 'if-none-match': read.headers.etag } })).status, 304);
  assert.deepEqual(await list(at), [comment]);

  const now = (await server.get(at)).json;
  assert.equal(now.commentCount, 1);
  assert.equal(now.version, before.version + 1);
  assert.equal(now.updatedAt, comment.createdAt);
  const [event] = await events(at);
  assert.equal(event.action, 'task.commented');
  assert.equal(answer.headers['bzctrl-receipt'], `EXA-CON-BUS:${event.seq}:${event.hash}`);
  assert.deepEqual(event.changes, { comment: [null, { id: comment.id, internal: false, text, mentions: [] }] });
});

test('what is wrong with it is said, all of it', async () => {
  const at = await fresh();
  const faults = async (body) => {
    const answer = await write(at, body);
    assert.equal(answer.status, 422, answer.text);
    return answer.json.errors.map(({ pointer, code }) => [pointer, code]);
  };
  assert.deepEqual(await faults({}), [['/text', 'required']]);
  assert.deepEqual(await faults({ text: ' \u200b\n' }), [['/text', 'required']]);
  assert.deepEqual(await faults({ text: 5, internal: 'yes', author: 'x' }),
    [['/text', 'wrong_type'], ['/internal', 'wrong_type'], ['/author', 'unknown_member']]);
  assert.deepEqual(await faults({ text: 'x'.repeat(65_537) }), [['/text', 'too_long']]);
  assert.equal((await written(at, { text: '€'.repeat(65_536) })).json.text.length, 65_536);
  assert.equal((await write(at, [])).status, 400);
  assert.equal((await server.send(EXAMPLE.email, 'POST', `${at}/comments?x=1`, { text: 'x' })).status, 400);
  assert.equal((await server.requestAs(EXAMPLE.email, 'POST', `${at}/comments`, { body: '{"text":"x"}' })).status, 415);
  assert.equal((await write(`${API}/tasks/EXA-CON-BUS-WOR-9999`, { text: 'x' })).status, 404);
  assert.equal((await server.get(`${at}/comments/1`)).status, 404);
  assert.equal((await server.get(`${at}/comments/x`)).status, 404);
});

test('people are mentioned by their address after an "@"', async () => {
  const at = await fresh();
  const mentions = async (text) => (await written(at, { text })).json.mentions;
  assert.deepEqual(await mentions(`@${OTHER.email}, @${VIEWER.email.toUpperCase()}. (@${OTHER.email})`),
  [OTHER.email, VIEWER.email]);
  assert.deepEqual(await mentions(`**@${OTHER.email}** _@${VIEWER.email}_ “@${MANAGER.email}”`),
    [OTHER.email, VIEWER.email, MANAGER.email]);
  assert.deepEqual(await mentions(`x@${OTHER.email} ${OTHER.email} @nobody@example.com @ @@ @a@ user@host @other`), []);
  const refused = await write(at, { text: `@${STRANGER.email} and @${OTHER.email}` });
  assert.equal(refused.status, 422);
  assert.deepEqual(refused.json.errors.map(({ pointer, code }) => [pointer, code]), [['/text', 'unknown_person']]);
  assert.match(refused.json.errors[0].detail, /stranger@example\.com, and that person cannot read this record/);
});

test('its author changes it, and each text is in the history', async () => {
  const at = await fresh();
  const made = await written(at, { text: 'One' });
  const path = pathOf(made);
  assert.equal((await change(path, { text: 'Two' }, { match: '' })).status, 428);
  assert.equal((await change(path, { text: 'Two' }, { match: '"9"' })).status, 412);
  assert.equal((await change(path, { text: '' })).status, 422);
  assert.equal((await change(path, { text: 'Two', internal: true })).status, 422);
  assert.equal((await change(path, { text: 'Two' }, { as: OTHER.email })).status, 403);
  assert.equal((await change(path, { text: 'Two' }, { as: MANAGER.email })).status, 403);
  const changed = await change(path, { text: `Two @${OTHER.email}` }, { match: made.headers.etag });
  assert.equal(changed.status, 200, changed.text);
  assert.deepEqual(changed.json,
    { ...made.json, text: `Two @${OTHER.email}`, editedAt: changed.json.editedAt, mentions: [OTHER.email] });
  assert.notEqual(changed.json.editedAt, null);
  assert.deepEqual((await server.get(path)).json, changed.json);
  assert.equal((await change(path, { text: 'Three' }, { match: made.headers.etag })).status, 412);
  const [event] = await events(at);
  assert.equal(changed.headers['bzctrl-receipt'], `EXA-CON-BUS:${event.seq}:${event.hash}`);
  assert.deepEqual(event.changes.comment.map(({ text }) => text), ['One', `Two @${OTHER.email}`]);
  const same = await change(path, { text: `Two @${OTHER.email}` });
  assert.equal(same.status, 200);
  assert.equal(same.headers['bzctrl-receipt'], undefined);
  assert.equal((await events(at))[0].seq, event.seq);
});

test('a deleted comment is a tombstone', async () => {
  const at = await fresh();
  const [mine, another] =
    [pathOf(await written(at, { text: 'Mine' })), pathOf(await written(at, { text: 'Other', internal: true }))];
  assert.equal(await countOf(at), 2);
  assert.equal((await remove(mine, OTHER.email)).status, 403);
  const gone = await remove(mine);
  assert.equal(gone.status, 204, gone.text);
  assert.equal((await remove(another, MANAGER.email)).status, 204, 'a manager deletes what others wrote');
  assert.equal(await countOf(at), 0);
  for (const comment of await list(at)) {
    assert.equal(comment.text, null);
    assert.ok(comment.deletedAt >= comment.createdAt);
  }
  const [last, , first] = await events(at);
  assert.equal(last.actor, MANAGER.email);
  assert.deepEqual([first.changes.comment[0]?.text ?? first.changes.comment[1].text, last.changes.comment[1]],
    ['Other', null]);
  assert.equal((await remove(mine)).status, 204);
  assert.equal((await events(at))[0].seq, last.seq, 'nothing more is written');
  assert.equal((await change(mine, { text: 'Back' })).status, 409);
});

test('after a quarter of an hour only a manager can delete it, and nobody change it', async () => {
  const at = await fresh();
  const path = pathOf(await written(at, { text: 'Old' }));
  server.options.env = { LD_PRELOAD: shim('shift_clock'), BZCTRL_SHIFT_CLOCK: '905' };
  await server.restart();
  assert.equal((await change(path, { text: 'New' })).status, 403);
  assert.equal((await remove(path)).status, 403);
  assert.equal((await remove(path, MANAGER.email)).status, 204);
  server.options.env = {};
  await server.restart();
});

describe('internal comments', () => {
  let at;
  before(async () => {
    at = await fresh({ token: client, as: MANAGER.email });
    await written(at, { text: 'Open' });
    await written(at, { text: 'Secret', internal: true });
    await server.request('POST', `${at}/comments`,
      { token: client, headers: { 'content-type': 'application/json' }, body: '{"text":"From the system"}' });
  });
  const asClient = (path) => server.request('GET', path, { token: client });

  test('are seen by people', async () => {
    assert.deepEqual((await list(at)).map(({ text, internal }) => [text, internal]),
      [['From the system', false], ['Secret', true], ['Open', false]]);
    assert.equal(await countOf(at), 3);
    assert.equal((await events(at)).length, 4);
  });
  test('and by no client: not in lists, counts, events', async () => {
    const answers = await Promise.all(['', '/comments', '/events'].map((more) => asClient(at + more)));
    for (const { text } of answers) assert.ok(!text.includes('Secret'), text);
    const [record, comments, history] = answers.map(({ json }) => json);
    assert.equal(record.commentCount, 2);
    assert.deepEqual(comments.items.map(({ text }) => text), ['From the system', 'Open']);
    assert.deepEqual(history.items.map(({ action }) => action), ['task.commented', 'task.commented', 'task.created']);
    assert.equal((await asClient(`${API}/tasks`)).json.items.find(({ key }) => at.endsWith(key)).commentCount, 2);
    const secret = (await list(at)).find(({ text }) => text === 'Secret');
    assert.equal((await asClient(`${at}/comments/${secret.id}`)).status, 404);
  });
  test('nor in the change feed, where people have them', async () => {
    const feed = async (options) => {
      const { items } = (await options.get(`${API}/changes?limit=200`)).json;
      return items.filter(({ key, action }) => at.endsWith(key) && action === 'task.commented')
        .map(({ version, changes }) => [version, changes.comment[1].text]);
    };
    assert.deepEqual(await feed({ get: asClient }), [[2, 'Open'], [4, 'From the system']]);
    assert.deepEqual(await feed(server), [[2, 'Open'], [3, 'Secret'], [4, 'From the system']]);
    const from = await fresh({ token: client, as: MANAGER.email });
    const stream = await listen(server, { query: '?cursor=now', token: client });
    await written(from, { text: 'Live secret', internal: true });
    await written(from, { text: 'Live' });
    await stream.has(1);
    assert.deepEqual(stream.events.map(({ changes }) => changes.comment[1].text), ['Live']);
    stream.close();
  });
  test('nor by searching for their words', async () => {
    const find = async (q, ask = asClient) => {
      for (;;) {
        const answer = await ask(`${API}/tasks?${new URLSearchParams({ q, total: 'true' })}`);
        if (answer.status === 200) return [answer.json.total, answer.json.items.length];
        assert.equal(answer.status, 503, answer.text); /* the index is being built */
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const from = await fresh({ token: client, as: MANAGER.email });
    await written(from, { text: 'Zebra crossing and **Giraffe**' });
    await written(from, { text: 'Okapi at the fence', internal: true });
    const people = (path) => server.get(path);
    for (const q of ['giraffe', '"zebra crossing"', 'zebra giraffe']) assert.deepEqual(await find(q), [1, 1], q);
    for (const q of ['okapi', '"okapi at"', 'zebra okapi']) {
      assert.deepEqual(await find(q), [0, 0], q);
      assert.deepEqual(await find(q, people), [1, 1], q);
    }
  });
  test('nor their edits and tombstones', async () => {
    const path = `${at}/comments/${(await list(at)).find(({ internal }) => internal).id}`;
    assert.equal((await change(path, { text: 'Secret still' })).status, 200);
    assert.equal((await remove(path)).status, 204);
    assert.equal((await asClient(`${at}/comments`)).json.items.length, 2);
    assert.equal((await asClient(`${at}/events`)).json.items.length, 3);
    assert.equal((await events(at)).length, 6);
  });
  test('fill no page: what comes after them is on it', async () => {
    const from = await fresh({ token: client, as: MANAGER.email });
    for (let i = 0; i < 12; i++) await written(from, { text: `${i}`, internal: i % 4 !== 0 });
    const seen = [];
    let cursor;
    do {
      const { items, next } = (await asClient(`${from}/events?limit=2${cursor ? `&cursor=${cursor}` : ''}`)).json;
      if (next) assert.equal(items.length, 2);
      seen.push(...items.map(({ changes }) => changes.comment?.[1].text ?? 'created'));
      cursor = next;
    } while (cursor);
    assert.deepEqual(seen, ['8', '4', '0', 'created']);
  });
  test('a client writes none', async () => {
    const answer = await server.request('POST', `${at}/comments`,
      { token: client, headers: { 'content-type': 'application/json' }, body: '{"text":"x","internal":true}' });
    assert.equal(answer.status, 422);
    assert.deepEqual(answer.json.errors.map(({ pointer, code }) => [pointer, code]), [['/internal', 'locked']]);
  });
});

test('a client comments on what it has sent, and on nothing else', async () => {
  const send = (at) => server.request('POST', `${at}/comments`,
    { token: client, headers: { 'content-type': 'application/json' }, body: '{"text":"x"}' });
  assert.equal((await send(await fresh())).status, 404);
  assert.equal((await send(await fresh({ token: client, as: MANAGER.email }))).status, 201);
  const reading = await server.clientToken(
    await server.addClient(MANAGER.email, { scopes: ['task:create', 'task:read'], readAll: [WORKSPACE] }));
  const at = await fresh();
  assert.equal((await server.request('GET', `${at}/comments`, { token: reading })).status, 200);
  assert.equal(
    (await server.request('POST', `${at}/comments`,
      { token: reading, headers: { 'content-type': 'application/json' }, body: '{"text":"x"}' })).status, 403);
});

test('a list of long comments comes in pages, whole', async () => {
  const at = await fresh();
  const texts = Array.from({ length: 45 }, (_, i) => `${i} ${'"\\\n'.repeat(i % 3 ? 10 : 20_000)}`);
  for (const text of texts) await written(at, { text });
  const seen = [];
  let cursor;
  do {
    const page = await server.get(`${at}/comments?limit=20${cursor ? `&cursor=${cursor}` : ''}`);
    assert.equal(page.status, 200);
    assert.ok(page.json.items.length === 20 || !page.json.next);
    seen.push(...page.json.items.map(({ text }) => text));
    cursor = page.json.next;
  } while (cursor);
  assert.deepEqual(seen, texts.toReversed());
  assert.equal((await server.get(`${at}/comments?limit=200`)).json.items.length, 45);
  assert.equal((await server.get(`${at}/comments?cursor=x`)).status, 400);
});

describe('Idempotency-Key', () => {
  const keyed = (at, key, body, options) => write(at, body, { headers: { 'idempotency-key': `"${key}"` }, ...options });
  const essence = ({ status, headers, text }) =>
    [status, headers.location, headers.etag, headers['bzctrl-receipt'], headers['content-type'], text];

  test('a comment that is sent again, also many times at once, is there once', async () => {
    const at = await fresh();
    const answers = await Promise.all(Array.from({ length: 30 }, () => keyed(at, 'once', { text: 'Once' })));
    for (const answer of answers) assert.deepEqual(essence(answer), essence(answers[0]));
    assert.equal(answers[0].status, 201, answers[0].text);
    assert.equal(answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true').length, 29);
    assert.equal((await list(at)).length, 1);
    assert.equal((await change(pathOf(answers[0]), { text: 'Changed' })).status, 200);
    await server.restart();
    const late = await keyed(at.replace(WORKSPACE, WORKSPACE.toLowerCase()), 'once', { text: 'Once' });
    assert.deepEqual(essence(late), essence(answers[0]), 'byte for byte, whatever became of the comment');
  });
  test('is of one record, one account and one body', async () => {
    const [at, other] = [await fresh(), await fresh()];
    const first = await keyed(at, 'mine', { text: 'A' });
    assert.equal((await keyed(at, 'mine', { text: 'B' })).status, 422);
    assert.notEqual((await keyed(other, 'mine', { text: 'A' })).json.id, first.json.id);
    assert.notEqual((await keyed(at, 'mine', { text: 'A' }, { as: OTHER.email })).json.id, first.json.id);
    assert.equal((await keyed(at, 'b"ad', { text: 'A' })).status, 400);
  });
  test('a refusal binds none; what was accepted is answered again even if it would be refused today', async () => {
    const at = await fresh();
    assert.equal((await keyed(at, 'later', { text: '' })).status, 422);
    const first = await keyed(at, 'later', { text: `@${VIEWER.email}` });
    assert.equal(first.status, 201);
    const roles = (list) => server.send(MANAGER.email, 'PATCH', `${API}/people/${VIEWER.email}`, { roles: list },
      { headers: { 'if-match': '*' } });
    assert.equal((await roles([])).status, 200);
    assert.equal((await keyed(at, 'new', { text: `@${VIEWER.email}` })).status, 422);
    assert.deepEqual(essence(await keyed(at, 'later', { text: `@${VIEWER.email}` })), essence(first));
    assert.equal((await server.get(pathOf(first))).json.mentions[0], VIEWER.email, 'what was mentioned stays');
  });
});

test('many write at once: each is there once, and the history is whole', async () => {
  const at = await fresh();
  const answers = await Promise.all(Array.from({ length: 60 },
    (_, i) => write(at, { text: `${i}`, internal: i % 3 === 0 }, { as: [EXAMPLE, OTHER, MANAGER][i % 3].email })));
  for (const { status, text } of answers) assert.equal(status, 201, text);
  await Promise.all(answers.filter((_, i) => i % 3 === 1).map((answer) => remove(pathOf(answer), OTHER.email)));
  assert.equal(await countOf(at), 40);
  assert.equal((await list(`${at}`, {})).length, 50);
  assert.equal((await events(at)).length, 50);
  const verdict = await runBzctrld(['verify', '--data', server.dir]);
  assert.equal(verdict.code, 0, verdict.stderr);
});

test('a moved record takes its comments and attachments along; the old key leads to them', async () => {
  const at = await fresh();
  const comment = await written(at, { text: 'Before the move' });
  const moved = await change(at, { workspace: FAR });
  assert.equal(moved.status, 200, moved.text);
  const now = `${API}/tasks/${moved.json.key}`;
  assert.equal(moved.json.commentCount, 1);
  assert.deepEqual(await list(now), [comment.json]);
  for (const answer of [
    await server.get(`${at}/comments?limit=1`), await write(at, { text: 'x' }), await server.get(pathOf(comment)),
    await change(pathOf(comment), { text: 'x' }), await remove(pathOf(comment)), await server.get(`${at}/attachments`),
    await server.requestAs(EXAMPLE.email, 'POST', `${at}/attachments?name=a.txt`, { body: 'a' })]) {
    assert.equal(answer.status, 308, answer.text);
    assert.match(answer.headers.location, new RegExp(`^${server.url}${now}/(comments|attachments)`));
  }
  assert.equal((await write(at, { text: 'x' }, { as: STRANGER.email })).status, 404,
    'strangers learn nothing');
  assert.equal((await write(at, { text: 'x' }, { as: READER.email })).status, 403);
  assert.equal((await write(now, { text: 'After it' })).status, 201);
  assert.equal((await server.requestAs(EXAMPLE.email, 'POST', `${now}/attachments?name=a.txt`, { body: 'a' })).status,
    201);
  assert.equal((await remove(pathOf(comment).replace(at, now))).status, 204);
  assert.match(await server.command(['verify']), /^EXA-CON-BUS:/m);
});

test('a stale change learns that only a comment has come, and keeps the counts', async () => {
  const at = await fresh();
  await written(at, { text: 'One' });
  await written(at, { text: 'Two', internal: true });
  const stale = await change(at, { title: 'x' }, { match: '"1"' });
  assert.equal(stale.status, 412);
  assert.deepEqual([stale.json.changed, stale.json.by, stale.json.current.commentCount], [[], null, 2]);
  const answer = await change(at, { title: 'x' }, { match: stale.headers.etag });
  assert.deepEqual([answer.status, answer.json.commentCount, answer.json.attachmentCount], [200, 2, 0]);
  await written(at, { text: 'Three' });
  const { json } = await change(at, { title: 'y' }, { match: '"3"' });
  assert.deepEqual([json.changed, json.by], [['title'], EXAMPLE.email]);
});

test('verify finds each change that was not made by the program', async () => {
  const at = await fresh();
  const [kept, edited, deleted] = [
    await written(at, { text: `Kept @${OTHER.email}` }), await written(at, { text: 'First' }),
    await written(at, { text: 'Gone', internal: true })];
  assert.equal((await change(pathOf(edited), { text: 'Second' })).status, 200);
  assert.equal((await remove(pathOf(deleted))).status, 204);
  await server.terminate();
  const verify = () => runBzctrld(['verify', '--data', server.dir]);
  const second = () => verifyHistory(databaseUrl(server.dir).replace(/^sqlite:/, ''));
  assert.equal((await verify()).code, 0);
  assert.ok(second().length > 0);
  const id = ({ json }) => json.id;
  for (const [column, of, value] of [
    ['text', kept, "'Kept'"], ['text', kept, 'NULL'], ['text', edited, "'First'"], ['text', deleted, "'Gone'"],
    ['internal', kept, '1'], ['mentions', kept, `'[]'`], ['author_id', edited, 'author_id + 1'],
    ['created_at', edited, 'created_at - 1'],
    ['edited_at', edited, 'edited_at - 1'], ['edited_at', edited, 'NULL'], ['deleted_at', deleted, 'NULL'],
    ['last_seq', edited, 'seq'],
    ['task_id', kept, '(SELECT MIN(id) FROM task)'], ['id', kept, 'id - 100000000'], ['seq', kept, 'seq - 1']]) {
    const was = `SET ${column} = ${value}`;
    const undo = changeStoredTo(column, id(of), value);
    const verdict = await verify();
    assert.equal(verdict.code, 1, `${was}: ${verdict.stderr}`);
    assert.throws(second, undefined, `the second verifier: ${was}`);
    undo();
  }
  changeStored(server.dir, 'UPDATE task SET comment_count = comment_count + 1 WHERE id = (SELECT MAX(id) FROM task)');
  assert.match((await verify()).stderr, /its counts are not those/);
  changeStored(server.dir, 'UPDATE task SET comment_count = comment_count - 1 WHERE id = (SELECT MAX(id) FROM task)');
  assert.equal((await verify()).code, 0);
  await server.start();
});

/* Changes a column of a comment; the function that it returns puts back what was there. */
function changeStoredTo(column, id, value) {
  changeStored(server.dir,
    `CREATE TABLE was AS SELECT * FROM comment; UPDATE comment SET ${column} = ${value} WHERE id = ${id}`);
  return () => changeStored(server.dir, 'DELETE FROM comment; INSERT INTO comment SELECT * FROM was; DROP TABLE was');
}
