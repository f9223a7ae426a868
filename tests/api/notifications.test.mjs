/*
 * Notifications: who is notified of what, and who is not: of one's own actions, of what one may not read, of what
 * one has switched off; and what marks them as read.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { numberStored } from '../lib/database.mjs';
import { until } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const PATH = `${API}/me/notifications`;
const DOMAIN = EXAMPLE.domain;
const ADMIN = { email: 'admin@example.com', admin: true };
const person = (name, role, domain = DOMAIN) => ({ email: `${name}@example.com`, role, domain });
const ANN = person('ann', 'member');
const BOB = person('bob', 'member');
const MANAGER = person('manager', 'manager');
const LEAVER = person('leaver', 'member');
const PAGER = person('pager', 'member');
const QUIET = person('quiet', 'member');
const [ELSEWHERE, OTHER, THIRD] = ['elsewhere', 'other', 'third'].map((name) => person(name, 'member', 'ACME'));
const GONE = person('gone', 'member');

let server;
before(async () => {
  server = await startServer({ workspaces: [WORKSPACE, 'ACME-WOR'],
    users: [EXAMPLE, ADMIN, ANN, BOB, MANAGER, LEAVER, PAGER, QUIET, ELSEWHERE, OTHER, THIRD, GONE] });
});
after(() => server.stop());

const send = (as, method, path, body, headers = {}) => server.send(as.email, method, path, body, { headers });
async function expect(status, answer) {
  const sent = await answer;
  assert.equal(sent.status, status, sent.text);
  return status === 204 ? undefined : sent.json;
}
const list = (as, query = '') => expect(200, server.get(`${PATH}?limit=200${query}`, { as: as.email }));
const of = async (as, key) => (await list(as)).items.filter((item) => item.key === key);
const reasons = async (as, key) => (await of(as, key)).map(({ reason }) => reason).sort();
const read = (as, body) => expect(200, send(as, 'POST', `${PATH}/read`, body));
const settings = (as, body) => expect(200, send(as, 'PATCH', `${PATH}/settings`, body));
const report = (changes = {}, as = EXAMPLE) =>
  server.createAndRead(small({ reporter: as.email, ...changes }), { as: as.email });
const patch = (as, key, body) => expect(200, send(as, 'PATCH', `${API}/tasks/${key}`, body, { 'if-match': '*' }));
const comment = (as, key, text, more = {}) =>
  expect(201, send(as, 'POST', `${API}/tasks/${key}/comments`, { text, ...more }));

/* What was committed before has come once a later event of the same chain has. */
let marked = 0;
async function settle() {
  const { key } = await report({ title: `Mark ${++marked}`, assignee: MANAGER.email });
  await until(async () => (await of(MANAGER, key)).length === 1, 'the follower');
}

describe('who is notified', () => {
  test('the new assignee: by a report, by a change, and when the record is opened again', async () => {
    const { key, title, createdAt } = await report({ assignee: ANN.email });
    await settle();
    const [item] = await of(ANN, key);
    assert.deepEqual({ ...item, id: 0 }, { id: 0, key, title, reason: 'assigned', at: createdAt, by: EXAMPLE.email,
      comment: null, dueDate: null, events: 1, read: false });
    assert.deepEqual((await list(ANN)).people[EXAMPLE.email], { name: null, active: true });

    await patch(EXAMPLE, key, { assignee: BOB.email });
    await settle();
    assert.deepEqual(await reasons(BOB, key), ['assigned']);
    await patch(BOB, key, { status: 'Done' });
    await patch(MANAGER, key, { status: 'To do' });
    await settle();
    assert.deepEqual((await of(BOB, key)).map(({ reason, events, by }) => [reason, events, by]),
      [['assigned', 2, MANAGER.email]]);
    assert.deepEqual(await reasons(EXAMPLE, key), ['status'], 'its reporter hears of both');
  });

  test('whom a comment mentions, once; the assignee, the reporter and those who follow the record', async () => {
    const { key } = await report({ assignee: ANN.email });
    await expect(204, send(PAGER, 'PUT', `${API}/tasks/${key}/followers/me`));
    const { id } = await comment(EXAMPLE, key, `Look, @${BOB.email} and @${PAGER.email}`);
    await settle();
    assert.deepEqual(await reasons(ANN, key), ['assigned', 'commented']);
    assert.deepEqual(await reasons(BOB, key), ['mentioned']);
    assert.deepEqual(await reasons(PAGER, key), ['mentioned'], 'and not of the comment, too');
    assert.deepEqual(await reasons(EXAMPLE, key), [], 'own actions never notify');
    assert.equal((await of(BOB, key))[0].comment, id);
    await comment(BOB, key, 'Seen.', { internal: true });
    await settle();
    assert.deepEqual(await reasons(EXAMPLE, key), ['commented']);
    assert.deepEqual(await reasons(PAGER, key), ['commented', 'mentioned']);
  });

  test('an edited comment notifies only whom it mentions now and did not before', async () => {
    const { key } = await report();
    const { id } = await comment(ANN, key, `@${BOB.email}`);
    await settle();
    await read(BOB, { key });
    await read(EXAMPLE, { key });
    await expect(200, send(ANN, 'PATCH', `${API}/tasks/${key}/comments/${id}`,
      { text: `@${BOB.email} @${PAGER.email}` }, { 'if-match': '*' }));
    await settle();
    assert.deepEqual(await reasons(PAGER, key), ['mentioned']);
    assert.ok((await of(BOB, key)).every((item) => item.read));
    assert.ok((await of(EXAMPLE, key)).every((item) => item.read));
  });

  test('managers and followers who may confirm a closing; without any of them, all who may', async () => {
    const { key } = await report({ assignee: ANN.email });
    await expect(204, send(PAGER, 'PUT', `${API}/tasks/${key}/followers/me`));
    await expect(200, send(ANN, 'POST', `${API}/tasks/${key}/closing`, {}));
    await settle();
    assert.deepEqual(await reasons(MANAGER, key), ['confirm']);
    assert.deepEqual(await reasons(PAGER, key), ['confirm']);
    assert.deepEqual(await reasons(BOB, key), []);
    assert.deepEqual(await reasons(ADMIN, key), [], 'who manages everything is not asked each time');
    const unread = async () => (await list(MANAGER)).unread;
    const asked = await unread();
    await read(PAGER, { key });
    await expect(200, send(ANN, 'DELETE', `${API}/tasks/${key}/closing`));
    assert.equal(await unread(), asked - 1);
    assert.deepEqual([await reasons(MANAGER, key), await reasons(PAGER, key)], [[], ['confirm']],
      'there is nothing to confirm any more, but what was read stays');
    await expect(200, send(ANN, 'POST', `${API}/tasks/${key}/closing`, {}));
    await settle();
    assert.deepEqual(await reasons(MANAGER, key), ['confirm']);
    assert.equal((await of(MANAGER, key))[0].duplicateOf, undefined);

    const [twin, original] = [await report({ assignee: ANN.email }), await report({ assignee: ANN.email })];
    await expect(200, send(ANN, 'POST', `${API}/tasks/${twin.key}/closing`, { duplicateOf: original.key }));
    await settle();
    assert.equal((await of(MANAGER, twin.key)).find(({ reason }) => reason === 'confirm').duplicateOf, original.key);
    await expect(200, send(MANAGER, 'POST', `${API}/tasks/${twin.key}/closing/return`, {}));
    await settle();
    assert.ok((await reasons(ANN, twin.key)).includes('returned'), 'who proposed it');
    assert.ok(!(await reasons(MANAGER, twin.key)).includes('confirm'));

    const there = { domainWorkSpace: 'ACME-WOR', assignee: OTHER.email };
    const other = await report(there, ELSEWHERE);
    await expect(200, send(ELSEWHERE, 'POST', `${API}/tasks/${other.key}/closing`, {}));
    await until(async () => (await of(ADMIN, other.key)).length > 0, 'the follower');
    assert.deepEqual(await reasons(THIRD, other.key), ['confirm']);
    assert.deepEqual(await reasons(ELSEWHERE, other.key), [], 'not who proposed it');
    assert.deepEqual(await reasons(OTHER, other.key), ['assigned'], 'nor its assignee');
  });

  test('who proposed a closing, and the assignee, when it is sent back; not when it is accepted', async () => {
    const { key } = await report({ assignee: BOB.email });
    await expect(200, send(ANN, 'POST', `${API}/tasks/${key}/closing`, {}));
    await expect(200, send(MANAGER, 'POST', `${API}/tasks/${key}/closing/return`, { note: 'Where is the seal?' }));
    await settle();
    assert.deepEqual((await of(ANN, key)).map(({ reason, by }) => [reason, by]), [['returned', MANAGER.email]]);
    assert.deepEqual(await reasons(BOB, key), ['assigned', 'returned']);
    assert.deepEqual(await reasons(EXAMPLE, key), [], 'its reporter need do nothing');

    await read(ANN, { key });
    await expect(200, send(ANN, 'POST', `${API}/tasks/${key}/closing`, {}));
    await expect(200, send(MANAGER, 'POST', `${API}/tasks/${key}/closing/accept`, {}));
    await settle();
    assert.ok((await of(ANN, key)).every((item) => item.read));
  });

  test('nobody of what they do themselves, also of many at once', async () => {
    const keys = [];
    for (let i = 0; i < 3; i++) keys.push((await report({}, ANN)).key);
    const { items } = await expect(200,
      send(BOB, 'POST', `${API}/tasks/bulk`, { keys, patch: { assignee: BOB.email } }));
    assert.ok(items.every(({ status }) => status === 200));
    await settle();
    for (const key of keys) assert.deepEqual(await reasons(BOB, key), []);
  });
});

describe('what is read', () => {
  test('one by its id, all of a record, or all up to one; what is newer stays unread', async () => {
    const a = (await report({ assignee: QUIET.email })).key;
    const b = (await report({ assignee: QUIET.email })).key;
    await settle();
    assert.equal((await list(QUIET)).unread, 2);
    const [{ id }] = await of(QUIET, a);
    assert.deepEqual(await read(QUIET, { ids: [id] }), { unread: 1 });
    assert.deepEqual((await list(QUIET, '&unread=true')).items.map(({ key }) => key), [b]);
    await comment(ANN, a, `@${QUIET.email}`);
    await settle();
    const newest = (await list(QUIET)).items[0].id;
    await comment(ANN, b, `@${QUIET.email}`);
    await settle();
    assert.deepEqual(await read(QUIET, { upTo: newest }), { unread: 1 }, 'the later one stays');
    assert.deepEqual(await read(QUIET, { key: b }), { unread: 0 });
    await patch(ANN, a, { assignee: ANN.email });
    await patch(ANN, a, { assignee: QUIET.email });
    await settle();
    assert.deepEqual((await of(QUIET, a)).filter(({ reason }) => reason === 'assigned').map((n) => [n.read, n.events]),
      [[false, 1]], 'the same again is news');
    assert.deepEqual(await read(ANN, { ids: [id] }), { unread: (await list(ANN)).unread }, "others' ids mean nothing");
    assert.equal((await list(QUIET)).unread, 1);
  });

  test('the list comes page by page', async () => {
    for (let i = 0; i < 5; i++) await report({ assignee: PAGER.email, title: `Page ${i}` });
    await settle();
    const all = (await list(PAGER)).items.map(({ id }) => id);
    const seen = [];
    for (let path = `${PATH}?limit=2`; path; ) {
      const { items, next } = await expect(200, server.get(path, { as: PAGER.email }));
      seen.push(...items.map(({ id }) => id));
      if (next) assert.equal(items.length, 2);
      path = next && `${PATH}?limit=2&cursor=${next}`;
    }
    assert.deepEqual(seen, all);
    assert.ok(all.length >= 5);
  });

  test('what is sent wrongly is refused, with what would be right', async () => {
    for (const body of [{}, { ids: [] }, { ids: ['x'] }, { ids: '1' }, { upTo: 7 }, { key: 3 }, { all: true },
      { ids: ['1'], key: 'A' }])
      assert.ok((await expect(422, send(ANN, 'POST', `${PATH}/read`, body))).errors.length > 0, JSON.stringify(body));
    await expect(404, send(ANN, 'POST', `${PATH}/read`, { key: `${WORKSPACE}-99999` }));
    for (const body of [{ bundle: 'hourly' }, { language: 'fr' }, { reasons: { bored: { app: true } } },
      { reasons: [] }, { reasons: { due: { app: 1 } } }, { reasons: { due: { sms: true } } },
      { reasons: { due: true } },
      { suspended: true }, { mail: false }])
      assert.ok((await expect(422, send(ANN, 'PATCH', `${PATH}/settings`, body))).errors.length > 0,
        JSON.stringify(body));
  });
});

describe('what is set', () => {
  test('only what is sent changes, and a reason without a way notifies nobody', async () => {
    const usual = await expect(200, server.get(`${PATH}/settings`, { as: BOB.email }));
    assert.deepEqual([usual.bundle, usual.language, usual.sendsMail, usual.suspended], ['at once', 'en', false, null]);
    assert.deepEqual(usual.reasons.status, { app: true, mail: false });
    const changed = await settings(BOB, { bundle: 'weekly', reasons: { assigned: { app: false, mail: false } } });
    assert.deepEqual(changed, { ...usual, bundle: 'weekly',
      reasons: { ...usual.reasons, assigned: { app: false, mail: false } } });
    const { key } = await report({ assignee: BOB.email });
    await settle();
    assert.deepEqual(await reasons(BOB, key), []);
    await settings(BOB, { reasons: { assigned: { mail: true } } });
    const next = await report({ assignee: BOB.email });
    await settle();
    assert.deepEqual(await reasons(BOB, next.key), [], 'by mail alone');
    assert.deepEqual(await settings(BOB, { language: 'nl', reasons: { assigned: { app: true } } }),
      { ...usual, bundle: 'weekly', language: 'nl' });
  });

  test('of changes at once none takes back another', async () => {
    const names = Object.keys((await expect(200, server.get(`${PATH}/settings`, { as: ANN.email }))).reasons);
    for (const app of [false, true, false]) {
      await Promise.all(names.map((name) => settings(ANN, { reasons: { [name]: { app } } })));
      const now = await expect(200, server.get(`${PATH}/settings`, { as: ANN.email }));
      assert.deepEqual(names.filter((name) => now.reasons[name].app !== app), []);
    }
    await settings(ANN, { reasons: Object.fromEntries(names.map((name) => [name, { app: true }])) });
  });
});

describe('what may not be read', () => {
  test('access that was taken away hides what was there, and its number; given back, it is there again', async () => {
    const { key } = await report({ assignee: LEAVER.email });
    await settle();
    assert.equal((await list(LEAVER)).unread, 1);
    const roles = (given) => expect(200, send(ADMIN, 'PATCH', `${API}/people/${LEAVER.email}`, { roles: given },
      { 'if-match': '*' }));
    await roles([{ domain: 'ACME', role: 'member' }]);
    const { items, unread } = await list(LEAVER);
    assert.deepEqual([items, unread], [[], 0]);
    await expect(404, send(LEAVER, 'POST', `${PATH}/read`, { key }));
    await patch(EXAMPLE, key, { title: 'Secret' });
    await comment(EXAMPLE, key, 'Secret');
    await settle();
    assert.deepEqual((await list(LEAVER)).items, []);
    assert.equal(numberStored(server.dir,
      "SELECT COUNT(*) FROM notification n JOIN account a ON a.id = n.account_id WHERE a.email LIKE 'leaver%'"), 1,
    'nothing was added');
    await roles([{ domain: DOMAIN, role: 'member' }]);
    assert.deepEqual(await reasons(LEAVER, key), ['assigned']);
  });

  test('a person who is erased leaves no notification and no setting', async () => {
    await report({ assignee: GONE.email });
    await settings(GONE, { bundle: 'weekly' });
    await settle();
    const who = `(SELECT id FROM account WHERE email IN ('${GONE.email}'))`;
    const rows = () => ['notification', 'notification_setting', 'mail', 'mail_address'].map((table) =>
      numberStored(server.dir, `SELECT COUNT(*) FROM ${table} WHERE account_id = ${who}`));
    assert.deepEqual(rows(), [1, 1, 1, 0]);
    const all = () => numberStored(server.dir, 'SELECT (SELECT COUNT(*) FROM notification) +'
      + ' (SELECT COUNT(*) FROM notification_setting) + (SELECT COUNT(*) FROM mail)');
    const before = all();
    assert.equal((await server.send(ADMIN.email, 'POST', `${API}/people/${GONE.email}/erase`, undefined)).status, 202);
    assert.equal(all(), before - 3);
  });
});
