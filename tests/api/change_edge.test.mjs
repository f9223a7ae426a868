/*
 * Changing a record at the edges of the rules: names that collide, places that disagree, deep
 * values, forms that lock, people who leave.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { recordsOf, urlOf } from '../lib/records.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';

const MEMBER = EXAMPLE.email;
const MANAGER = 'manager@example.com';
const OTHER = 'other@example.com';
const LEAVER = 'leaver@example.com';

let server, create, read, patch, patched, faults;
before(async () => {
  server = await startServer({
    users: [
      EXAMPLE,
      { email: MANAGER, role: 'manager', domain: 'EXA-CON-BUS' },
      { email: OTHER, role: 'member', domain: 'EXA-CON-BUS' },
      { email: LEAVER, role: 'viewer', domain: 'EXA-CON-BUS' },
    ],
    workspaces: ['EXA-CON-BUS-WOR', 'EXA-CON-BUS-TWO', 'EXA-CON-BUS-FAR'],
  });
  ({ create, read, patch, patched, faults } = recordsOf(server, { match: () => '*' }));
});
after(async () => {
  await server.command(['verify']);
  await server.stop();
});

let forms = 0;
async function byForm(document, changes = {}) {
  const name = `edge-${++forms}`;
  const put = await server.send(MANAGER, 'PUT', `${API}/workspaces/EXA-CON-BUS-TWO/forms/${name}`, document);
  assert.equal(put.status, 201, put.text);
  const answer =
    await server.addTask(small({ domainWorkSpace: 'EXA-CON-BUS-TWO', ...changes }), { query: `?form=${name}` });
  assert.equal(answer.status, 201, answer.text);
  return (await server.get(`${API}/tasks/${answer.json.taskLink.split('/').pop()}`)).json;
}

describe('members by their names', () => {
  test('what a report sent under a name of the follow-up is changed inside extra, and only there', async () => {
    const sent = { source: 'SAP', key: 'K-1', version: '2.0', cause: 'of theirs', parent: 7, followers: ['x'],
      extra: { a: 1 } };
    const record = await create(sent);
    assert.deepEqual(record.extra, sent);
    const now = await patched(record,
      { extra: { source: 'ERP', key: null, version: 3, cause: 'still theirs', parent: null, followers: [],
        extra: { b: 2 } } });
    assert.deepEqual(now.extra,
      { source: 'ERP', version: 3, cause: 'still theirs', followers: [], extra: { a: 1, b: 2 } });
    assert.deepEqual([now.key, now.source, now.cause, now.parent, now.followers],
      [record.key, record.source, null, null, []]);
  });

  test('in any case, and in one spelling only', async () => {
    const record = await create({ vessel: 1 });
    assert.deepEqual((await patched(record, { EXTRA: { vessel: 2 } })).extra, { vessel: 2 });
    const twice = [
      [{ cause: 'a', CAUSE: 'b' }, '/CAUSE'], [{ parent: null, Parent: null }, '/Parent'],
      [{ followers: [], FOLLOWERS: [OTHER] }, '/FOLLOWERS'],
      [{ dueReason: 'a', duereason: 'b' }, '/duereason'], [{ extra: { a: 1 }, EXTRA: { a: 1 } }, '/EXTRA'],
      [{ extra: { a: 1 }, Extra: 1 }, '/Extra'],
    ];
    for (const [body, pointer] of twice)
      assert.deepEqual(await faults(record, body), [`${pointer} duplicate_member`], JSON.stringify(body));
    assert.equal((await patched(record, { CAUSE: 'c' })).cause, 'c');
  });

  test('"" removes, as null does', async () => {
    const record = await patched(await create(), { parent: (await create()).key, cause: 'x' });
    const now = await patched(record, { parent: '', cause: ' ' });
    assert.deepEqual([now.parent, now.cause], [null, null]);
    assert.deepEqual(await faults(now, { workspace: '' }), ['/workspace required']);
    assert.deepEqual(await faults(now, { domainWorkSpace: null }), ['/domainWorkSpace required']);
  });
});

describe('the workspace', () => {
  test('two spellings at once must agree', async () => {
    const record = await create();
    const to = async (body) => (await patched(record, body, { query: '?dryRun=true' })).record.workspace;
    assert.equal(await to({ domainWorkSpace: 'EXA-CON-BUS-TWO', workspace: 'TWO' }), 'EXA-CON-BUS-TWO');
    assert.equal(await to({ domainWorkSpace: 'EXA-CON-BUS-TWO', workspace: 'exa-con-bus-two' }), 'EXA-CON-BUS-TWO');
    assert.equal(await to({ domainWorkSpace: 'EXA-CON-BUS-TWO', domain: 'EXA-CON-BUS', workspace: 'TWO' }),
      'EXA-CON-BUS-TWO');
    assert.equal(await to({ domain: 'EXA-CON-BUS', workspace: 'TWO' }), 'EXA-CON-BUS-TWO');
    assert.equal(await to({ domain: 'EXA-CON-BUS', workspace: 'EXA-CON-BUS-TWO' }), 'EXA-CON-BUS-TWO');
    for (const body of [{ workspace: 'FAR' }, { workspace: 'EXA-CON-BUS-FAR' }, { domain: 'ELSE' },
      { domain: 'EXA-CON-BUS', workspace: 'FAR' }])
      assert.deepEqual(await faults(record, { domainWorkSpace: 'EXA-CON-BUS-TWO', ...body }),
        ['/domainWorkSpace mismatch'], JSON.stringify(body));
    assert.deepEqual(await faults(record, { domain: 'ELSE', workspace: 'EXA-CON-BUS-TWO' }), ['/workspace mismatch']);
    assert.deepEqual(await faults(record, { domain: 'EXA-CON-BUS' }), ['/workspace required']);
  });
});

test('values as deep as a report may send them: a stale change is answered like any other', async () => {
  const deep = (levels) => (levels === 0 ? 1 : { a: deep(levels - 1) });
  const record = await create({ x: deep(31) });
  await patched(record, { x: 1 });
  await patched(record, { title: 'Other' });
  const answer = await patch(record, {}, { match: '"1"' });
  assert.equal(answer.status, 412, answer.text);
  assert.deepEqual(answer.json.changed, ['title', 'extra']);
});

describe('forms', () => {
  test('what a form fixes of status and assignee is how reports arrive; changes go on from there', async () => {
    const record = await byForm({ fields: [
      { name: 'status', default: 'To do', locked: true }, { name: 'assignee', default: OTHER, locked: true },
      { name: 'priority', default: 'Low', locked: true }] });
    assert.deepEqual([record.status, record.assignee, record.priority], ['To do', OTHER, 'Low']);
    assert.deepEqual(await faults(record, { status: 'Done', assignee: MEMBER, priority: 'High' }),
      ['/priority locked']);
    const now = await patched(record, { status: 'Done', assignee: MEMBER });
    assert.deepEqual([now.status, now.assignee], ['Done', MEMBER]);
    const optional = await byForm({ fields: [{ name: 'status', options: ['To do', 'In Progress'] }] });
    assert.equal((await patched(optional, { status: 'Done' })).status, 'Done');
  });

  test('what a form needs to close a record cannot be removed from a closed one', async () => {
    const record = await byForm({ needToClose: ['result', 'cause', 'carrier'],
      fields: [{ name: 'carrier', type: 'text' }] }, { todoType: 'TASK', result: 'r', carrier: 'c' });
    const closed = await patched(record, { status: 'Done', cause: 'c' });
    assert.deepEqual(await faults(closed, { result: null, cause: '', carrier: null }),
      ['/result required', '/cause required', '/carrier required']);
    assert.equal((await patched(closed, { result: 'other' })).result, 'other');
    const open = await patched(closed, { status: 'To do', result: null });
    assert.equal(open.result, null);
    const arrived = await byForm({ needToClose: ['result'] }, { todoType: 'TASK', status: 'Done' });
    assert.equal((await patched(arrived, { title: 'Still changes' })).title, 'Still changes', 'it never had one');
  });
});

test('followers who may no longer read it stay until they are removed; nobody else like them is added', async () => {
  const record = await patched(await create(), { followers: [LEAVER, OTHER] });
  const other = await create();
  const answer =
    await server.send(MANAGER, 'PATCH', `${API}/people/${LEAVER}`, { roles: [] }, { headers: { 'if-match': '*' } });
  assert.equal(answer.status, 200, answer.text);
  const { followers } = await read(record);
  assert.deepEqual((await patched(record, { followers: [...followers, MANAGER] })).followers.length, 3);
  assert.deepEqual(await faults(other, { followers: [LEAVER] }), ['/followers/0 unknown_person']);
  assert.deepEqual((await patched(record, { followers: [OTHER] })).followers, [OTHER]);
  assert.deepEqual(await faults(record, { followers: [LEAVER] }), ['/followers/0 unknown_person']);
});

describe('a second person', () => {
  test('a client cannot accept what somebody else has proposed', async () => {
    const client = await server.addClient(MANAGER, { scopes: ['task:create', 'task:read', 'task:write'] });
    const token = await server.clientToken(client);
    const record = await create({}, { token });
    const step = (name, headers = {}) => server.request('POST', `${urlOf(record)}/closing${name}`,
      { token, headers: { 'content-type': 'application/json', ...headers }, body: '{}' });
    assert.equal((await server.send(MEMBER, 'POST', `${urlOf(record)}/closing`, {})).status, 200);
    for (const name of ['/accept', '/return']) assert.equal((await step(name)).status, 403);
  });

  test('a proposal moves with its record; every call of the old key is redirected', async () => {
    const record = await create({ assignee: OTHER });
    await server.send(MEMBER, 'POST', `${urlOf(record)}/closing`, {});
    const moved = await patched(record, { workspace: 'FAR' });
    assert.equal(moved.awaits.by, MEMBER);
    const calls = [['GET', ''], ['GET', '/events?limit=3'], ['PATCH', ''], ['POST', '/closing'],
      ['POST', '/closing/accept'], ['POST', '/closing/return'], ['PUT', '/followers/me'], ['DELETE', '/followers/me']];
    for (const [method, rest] of calls) {
      const body = ['PATCH', 'POST'].includes(method) ? {} : undefined;
      const answer =
        await server.send(MANAGER, method, `${urlOf(record)}${rest}`, body, { headers: { 'if-match': '*' } });
      assert.equal(answer.status, 308, `${method} ${rest}: ${answer.text}`);
      assert.equal(answer.headers.location, `${server.url}${urlOf(moved)}${rest}`);
    }
    assert.equal((await server.send(MANAGER, 'POST', `${urlOf(moved)}/closing/accept`, {})).json.status, 'Done');
  });
});

test('a moved record takes part in the dedup rule of its new workspace from its next change on', async () => {
  const document = { dedup: { by: ['orderID'], then: 'answer' } };
  for (const workspace of ['EXA-CON-BUS-TWO', 'EXA-CON-BUS-FAR'])
    assert.equal((await server.send(MANAGER, 'PUT', `${API}/workspaces/${workspace}/forms/repeats`, document)).status,
      201);
  const report = (workspace) =>
    server.addTask(small({ domainWorkSpace: workspace, orderID: 'R-1' }), { query: '?form=repeats' });
  const key = (await report('EXA-CON-BUS-TWO')).json.taskLink.split('/').pop();
  const moved = await patched({ key }, { workspace: 'FAR' });
  assert.equal((await report('EXA-CON-BUS-TWO')).status, 201, 'it no longer counts where it was');
  await patched(moved, { title: 'Changed' });
  const answer = await report('EXA-CON-BUS-FAR');
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.taskLink, moved.taskLink);
});

test('a record that has become overdue is sent again, although nobody has changed it', async () => {
  const zone = (timezone) =>
    server.send(MANAGER, 'PATCH', `${API}/workspaces/EXA-CON-BUS-FAR`, { timezone }, { headers: { 'if-match': '*' } });
  assert.equal((await zone('Pacific/Niue')).status, 200);
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Pacific/Niue' }).format(new Date());
  const record = await create({ domainWorkSpace: 'EXA-CON-BUS-FAR', dueDate: today });
  assert.equal(record.overdue, false);
  const again = () => server.requestAs(MEMBER, 'GET', urlOf(record), { headers: { 'if-none-match': '"1"' } });
  assert.equal((await again()).status, 304);
  assert.equal((await zone('Pacific/Kiritimati')).status, 200); /* a day later there */
  const answer = await again();
  assert.equal(answer.status, 200);
  assert.deepEqual([answer.json.overdue, answer.headers.etag], [true, '"1"']);
});
