/*
 * Saved views: whose they are, what their queries may say, and that what has become of them is said.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { numberStored } from '../lib/database.mjs';
import { makeFile, until } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const VIEWS = `${API}/views`;
const ADMIN = { email: 'admin@example.com', admin: true };
const MANAGER = { email: 'manager@example.com', role: 'manager', domain: 'EXA-CON' };
const VIEWER = { email: 'viewer@example.com', role: 'viewer', domain: EXAMPLE.domain };
const ALIEN = { email: 'alien@example.com', role: 'manager', domain: 'ACME' };
const LEAVER = { email: 'leaver+x@example.com', role: 'member', domain: EXAMPLE.domain };

let server;
before(async () => {
  server = await startServer({ workspaces: [WORKSPACE, 'ACME-WOR'],
    users: [EXAMPLE, ADMIN, MANAGER, VIEWER, ALIEN, LEAVER] });
});
after(() => server.stop());

const post = (as, body) => server.send(as.email, 'POST', VIEWS, body);
const at = (view) => `${VIEWS}/${view.id}`;
const get = (as, path) => server.get(path, { as: as.email });
const patch = (as, view, body, match = '*') =>
  server.send(as.email, 'PATCH', at(view), body, { headers: match === null ? {} : { 'if-match': match } });
const remove = (as, view, headers = {}) => server.send(as.email, 'DELETE', at(view), undefined, { headers });
const faults = (answer) => answer.json.errors.map(({ pointer, code }) => `${pointer} ${code}`).sort();

async function made(as, body) {
  const answer = await post(as, body);
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
}

async function names(as) {
  const { items } = (await get(as, `${VIEWS}?limit=200`)).json;
  return items.map(({ name }) => name);
}

const eventsSince = async (cursor) =>
  (await get(ADMIN, `${API}/changes?action=admin.*&cursor=${cursor}`)).json.items
    .filter(({ action }) => action.startsWith('admin.view'));
const cursorNow = async () => (await get(ADMIN, `${API}/changes?cursor=now`)).json.next;

describe("one's own views", () => {
  test('all of a view comes back as it was saved, and nobody else sees it', async () => {
    const answer = await post(EXAMPLE, { name: ' My overdue ', query: 'overdue=true&assignee=me&q=seal%20"broken up"',
      layout: 'board', columns: ['title', 'dueDate'], sort: '-dueDate' });
    assert.equal(answer.status, 201, answer.text);
    const view = answer.json;
    assert.equal(new URL(answer.headers.location).pathname, at(view));
    assert.equal(answer.headers.etag, '"1"');
    const { id, createdAt, updatedAt, ...rest } = view;
    assert.deepEqual(rest, { name: 'My overdue', domain: null,
      query: 'overdue=true&assignee=me&q=seal%20%22broken%20up%22',
      layout: 'board', columns: ['title', 'dueDate'], sort: '-dueDate', problem: null, version: 1 });
    assert.equal(createdAt, updatedAt);
    assert.deepEqual((await get(EXAMPLE, at(view))).json, view);
    assert.ok((await names(EXAMPLE)).includes('My overdue'));
    for (const other of [ADMIN, MANAGER, ALIEN]) {
      assert.equal((await get(other, at(view))).status, 404);
      assert.equal((await patch(other, view, { name: 'x' })).status, 404);
      assert.equal((await remove(other, view)).status, 404);
      assert.ok(!(await names(other)).includes('My overdue'));
    }
  });

  test('a saved query is that of a list: what it selects is what its parameters select', async () => {
    const record = await server.createAndRead(small({ title: 'Zebra & co: 50% + more', tags: ['A/B=C&D'] }));
    const view = await made(EXAMPLE, { name: 'Odd', query: new URLSearchParams(
      { tag: 'A/B=C&D', q: 'zebra 50% + more', domain: EXAMPLE.domain }).toString() });
    const { items } = (await get(EXAMPLE, `${API}/tasks?${view.query}`)).json;
    assert.deepEqual(items.map(({ key }) => key), [record.key]);
    const again = (await patch(EXAMPLE, view, { query: view.query })).json;
    assert.equal(again.query, view.query);
  });

  test('only a name is required', async () => {
    const { query, layout, columns, sort } = await made(EXAMPLE, { name: 'All' });
    assert.deepEqual({ query, layout, columns, sort }, { query: '', layout: 'table', columns: [], sort: null });
  });

  test('a change needs If-Match, changes what was sent and nothing else', async () => {
    const view = await made(VIEWER, { name: 'First', query: 'open=true', sort: 'priority', columns: ['title'] });
    assert.equal((await patch(VIEWER, view, { name: 'x' }, null)).status, 428);
    const changed = await patch(VIEWER, view, { name: 'Second', sort: null }, '"1"');
    assert.equal(changed.status, 200, changed.text);
    assert.equal(changed.headers.etag, '"2"');
    assert.deepEqual(changed.json,
      { ...view, name: 'Second', sort: null, version: 2, updatedAt: changed.json.updatedAt });
    assert.equal((await patch(VIEWER, view, { name: 'Third' }, '"1"')).status, 412);
    assert.deepEqual(faults(await patch(VIEWER, view, { domain: EXAMPLE.domain, id: '1' })),
      ['/domain unknown_member', '/id unknown_member']);
    assert.equal((await remove(VIEWER, view, { 'if-match': '"1"' })).status, 412);
    assert.equal((await remove(VIEWER, view, { 'if-match': '"2"' })).status, 204);
    assert.equal((await get(VIEWER, at(view))).status, 404);
    assert.equal((await remove(VIEWER, view)).status, 404);
  });

  test('by pages, the newest first', async () => {
    for (let i = 0; i < 5; i++) {
      await made(ALIEN, { name: `Page ${i}` });
      await made(EXAMPLE, { name: `Between ${i}` }); /* is not seen, and takes no place on a page */
    }
    const found = [];
    let cursor = '';
    do {
      const { json } = await get(ALIEN, `${VIEWS}?limit=2${cursor}`);
      if (json.next) assert.equal(json.items.length, 2, 'a page is full unless it is the last');
      found.push(...json.items.map(({ name }) => name));
      cursor = json.next && `&cursor=${json.next}`;
    } while (cursor);
    assert.deepEqual(found, ['Page 4', 'Page 3', 'Page 2', 'Page 1', 'Page 0']);
  });
});

describe('shared views', () => {
  test('managers of the domain share; everybody with a role there sees, and nobody else', async () => {
    const cursor = await cursorNow();
    const view = await made(MANAGER, { name: 'Terminal', domain: 'exa-con-bus', query: 'open=true' });
    assert.equal(view.domain, 'EXA-CON-BUS');
    for (const reader of [EXAMPLE, VIEWER, ADMIN]) {
      assert.deepEqual((await get(reader, at(view))).json, view);
      assert.ok((await names(reader)).includes('Terminal'));
    }
    assert.equal((await get(ALIEN, at(view))).status, 404);
    assert.ok(!(await names(ALIEN)).includes('Terminal'));
    for (const reader of [EXAMPLE, VIEWER]) {
      assert.equal((await patch(reader, view, { name: 'x' })).status, 403);
      assert.equal((await remove(reader, view)).status, 403);
      assert.equal((await post(reader, { name: 'x', domain: 'EXA-CON-BUS' })).status, 403);
    }
    assert.equal((await patch(ADMIN, view, { name: 'Terminal 2', query: 'open=true&tag=A' })).status, 200);
    assert.equal((await remove(MANAGER, view)).status, 204);
    assert.deepEqual((await eventsSince(cursor)).map(({ domain, actor, action, changes }) =>
      [domain, actor, action, changes]), [
      ['EXA-CON-BUS', MANAGER.email, 'admin.view.created', { view: [null, view.id], name: [null, 'Terminal'],
        query: [null, ['open=true']], layout: [null, 'table'] }],
      ['EXA-CON-BUS', ADMIN.email, 'admin.view.changed', { view: [view.id, view.id], name: ['Terminal', 'Terminal 2'],
        query: [['open=true'], ['open=true', 'tag=A']] }],
      ['EXA-CON-BUS', MANAGER.email, 'admin.view.removed', { view: [view.id, null], name: ['Terminal 2', null],
        query: [['open=true', 'tag=A'], null], layout: ['table', null] }],
    ]);
  });

  test('a domain that the caller does not see does not exist; one above is not theirs', async () => {
    for (const domain of ['ACME', 'NONE', 'EXA', '', 'A'.repeat(300)])
      assert.deepEqual(faults(await post(MANAGER, { name: 'x', domain })), ['/domain unknown_domain'], domain);
    assert.equal((await post(VIEWER, { name: 'x', domain: null })).json.domain, null);
  });

  test("one's own views are nobody's history", async () => {
    const cursor = await cursorNow();
    const view = await made(MANAGER, { name: 'Quiet' });
    await patch(MANAGER, view, { name: 'Still quiet' });
    await remove(MANAGER, view);
    assert.deepEqual(await eventsSince(cursor), []);
  });

  test('with the role goes the view', async () => {
    const view = await made(MANAGER, { name: 'Passing', domain: EXAMPLE.domain });
    const person = { email: 'passing@example.com' };
    await server.command(['user', 'add', person.email, '--domain', EXAMPLE.domain, '--role', 'viewer',
      '--password-file', makeFile(EXAMPLE.password)]);
    assert.equal((await get(person, at(view))).status, 200);
    const changed = await server.send(ADMIN.email, 'PATCH', `${API}/people/${person.email}`,
      { roles: [{ domain: 'ACME', role: 'viewer' }] }, { headers: { 'if-match': '*' } });
    assert.equal(changed.status, 200, changed.text);
    assert.equal((await get(person, at(view))).status, 404);
    assert.ok(!(await names(person)).includes('Passing'));
  });
});

describe('what a view may hold', () => {
  test('the query has the faults that a list has, in its words', async () => {
    for (const query of ['status=todo&staus=done', 'q=staus:todo', 'q=one staus:todo', 'q="one', 'dueBefore=yesterday',
      'status=%ff', 'q=a&q=b', 'nothing=x', 'open=perhaps', 'q=due:soon', `q=${'x'.repeat(1001)}`]) {
      const list = await get(EXAMPLE, `${API}/tasks?${query.replaceAll(' ', '%20').replaceAll('"', '%22')}`);
      assert.equal(list.status, 400, query);
      const answer = await post(EXAMPLE, { name: 'x', query });
      assert.deepEqual(faults(answer), ['/query not_a_query'], query);
      assert.equal(answer.json.errors[0].detail, list.json.detail);
    }
    const { detail } = (await post(EXAMPLE, { name: 'x', query: 'q=one staus:todo' })).json.errors[0];
    assert.match(detail, /character 5.*did you mean "status"/);
    assert.match((await post(EXAMPLE, { name: 'x', query: 'staus=todo' })).json.errors[0].detail,
      /"staus"; did you mean "status"/);
  });

  test('what belongs to one page is not stored', async () => {
    for (const [query, word] of [['sort=created', 'sort'], ['limit=5', 'limit'], ['cursor=x', 'cursor'],
      ['total=true', 'total']]) {
      const answer = await post(EXAMPLE, { name: 'x', query });
      assert.deepEqual(faults(answer), ['/query not_a_query']);
      assert.ok(answer.json.errors[0].detail.includes(word), answer.text);
    }
  });

  test('all faults at once', async () => {
    assert.deepEqual(faults(await post(EXAMPLE, {})), ['/name required']);
    const wrong = { name: 7, query: 7, layout: 7, columns: 'x', sort: 7, domain: 7, x: 1 };
    assert.deepEqual(faults(await post(EXAMPLE, wrong)),
      ['/columns wrong_type', '/domain wrong_type', '/layout wrong_type', '/name wrong_type', '/query wrong_type',
        '/sort wrong_type', '/x unknown_member']);
    assert.deepEqual(faults(await post(EXAMPLE, { name: 'x'.repeat(256), query: 'x=y', layout: 'a b', sort: 'title',
      columns: ['', 'x'.repeat(101)], domain: 'NONE' })),
      ['/columns/0 required', '/columns/1 too_long', '/domain unknown_domain', '/layout pattern', '/name too_long',
        '/query not_a_query', '/sort not_a_query']);
    const query = Array(60).fill(`tag=${'x'.repeat(70)}`).join('&');
    assert.deepEqual(faults(await post(EXAMPLE, { name: 'x', query, columns: Array(51).fill('x') })),
      ['/columns too_many', '/query too_long']);
    for (const body of ['[]', '{', '{"name":"x","name":"y"}'])
      assert.equal((await server.requestAs(EXAMPLE.email, 'POST', VIEWS,
        { headers: { 'content-type': 'application/json' }, body })).status, 400, body);
  });

  test('so many views and no more', async () => {
    const person = { email: 'many@example.com' };
    await server.command(['user', 'add', person.email, '--domain', EXAMPLE.domain, '--role', 'viewer',
      '--password-file', makeFile(EXAMPLE.password)]);
    for (let i = 0; i < 200; i += 20)
      await Promise.all(Array.from({ length: 20 }, (_, k) => made(person, { name: `View ${i + k}` })));
    assert.equal((await post(person, { name: 'x' })).status, 409);
    const [{ id }] = (await get(person, VIEWS)).json.items;
    await remove(person, { id });
    assert.equal((await post(person, { name: 'x' })).status, 201);
  });
});

describe('what becomes of a view', () => {
  test('a filter that names nothing is saved, listed, and said', async () => {
    const view = await made(MANAGER, { name: 'Gone', domain: EXAMPLE.domain, query: 'workspace=EXA-CON-BUS-OLD' });
    assert.match(view.problem, /workspace=EXA-CON-BUS-OLD/);
    const other = await made(MANAGER, { name: 'Near', domain: EXAMPLE.domain,
      query: 'q=-assignee:nobody@example.com' });
    assert.match(other.problem, /nobody@example.com/);
    /* It exists now. */
    assert.equal((await server.send(ADMIN.email, 'POST', `${API}/workspaces`, { key: 'EXA-CON-BUS-OLD' })).status, 201);
    assert.equal((await get(EXAMPLE, at(view))).json.problem, null);
  });

  test('what one reader may not see is a problem of that reader alone', async () => {
    const view = await made(ADMIN, { name: 'Both', domain: EXAMPLE.domain, query: 'domain=ACME' });
    assert.equal(view.problem, null);
    assert.match((await get(VIEWER, at(view))).json.problem, /domain=ACME/);
  });

  test("a person's own views go with the person, and nobody's query keeps the address", async () => {
    const own = await made(LEAVER, { name: 'Mine' });
    const shared = await made(MANAGER, { name: `For ${LEAVER.email}`, domain: EXAMPLE.domain,
      query: `assignee=${encodeURIComponent(LEAVER.email)}&q=reporter:${encodeURIComponent(LEAVER.email)}` });
    const others = await made(EXAMPLE,
      { name: 'Their', query: `source=${encodeURIComponent(LEAVER.email.toUpperCase())}` });
    assert.equal(shared.problem, null);
    const erased = await server.send(ADMIN.email, 'POST',
      `${API}/people/${encodeURIComponent(LEAVER.email)}/erase`, undefined);
    assert.equal(erased.status, 202, erased.text);
    await until(async () => (await get(EXAMPLE, at(others))).json.query === 'source=%2A%2A%2A', 'the address is gone');
    const left = (await get(MANAGER, at(shared))).json;
    assert.deepEqual([left.name, left.query], ['For ***', 'assignee=%2A%2A%2A&q=reporter:%2A%2A%2A']);
    assert.match(left.problem, /assignee=\*\*\*/);
    await until(() => numberStored(server.dir, `SELECT COUNT(*) FROM saved_view WHERE id = ${own.id}`) === 0,
      'the view is gone');
    await server.command(['verify']);
  });
});

describe('preferences', () => {
  const PREFERENCES = `${API}/me/preferences`;
  const set = (as, body) => server.send(as.email, 'PATCH', PREFERENCES, body);

  test('are one\'s own; a list that is sent takes the place of the other', async () => {
    assert.deepEqual((await get(VIEWER, PREFERENCES)).json, { pins: [], seen: [] });
    const view = await made(MANAGER, { name: 'Pinned', domain: EXAMPLE.domain });
    assert.deepEqual((await set(VIEWER, { pins: [view.id] })).json, { pins: [view.id], seen: [] });
    assert.deepEqual((await set(VIEWER, { seen: ['first look', 'é'] })).json,
      { pins: [view.id], seen: ['first look', 'é'] });
    assert.deepEqual((await get(VIEWER, PREFERENCES)).json, { pins: [view.id], seen: ['first look', 'é'] });
    assert.deepEqual((await get(MANAGER, PREFERENCES)).json, { pins: [], seen: [] });
    assert.deepEqual((await set(VIEWER, { pins: [] })).json.pins, []);
    await server.kill9();
    await server.start();
    assert.deepEqual((await get(VIEWER, PREFERENCES)).json, { pins: [], seen: ['first look', 'é'] });
  });

  test('with faults are refused, and all of them are named', async () => {
    const answer = await set(VIEWER, { pins: ['', 'x'.repeat(33), 7], seen: Array(21).fill('a'), more: 1 });
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual(faults(answer),
      ['/more unknown_member', '/pins/0 required', '/pins/1 too_long', '/pins/2 wrong_type', '/seen too_many']);
    assert.deepEqual((await get(VIEWER, PREFERENCES)).json.pins, []);
  });

  test('go with an erasure', async () => {
    const gone = 'gone@example.com';
    await server.command(['user', 'add', gone, '--domain', EXAMPLE.domain, '--role', 'member', '--password-file',
      makeFile(`${EXAMPLE.password}\n`)]);
    assert.equal((await set({ email: gone }, { seen: ['a mark'] })).status, 200);
    const kept = () => numberStored(server.dir, "SELECT COUNT(*) FROM preference WHERE seen LIKE '%a mark%'");
    assert.equal(await kept(), 1);
    assert.equal((await server.send(ADMIN.email, 'POST', `${API}/people/${gone}/erase`)).status, 202);
    assert.equal(await kept(), 0);
  });
});
