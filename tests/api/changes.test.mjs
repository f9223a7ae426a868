/*
 * The change feed: who sees what, that cursors miss nothing and repeat nothing, pages that wait, and
 * streams.
 */
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { CHANGES, listen, readAll } from '../lib/changes.mjs';
import { until } from '../lib/program.mjs';
import { API, EXAMPLE, addUser, small, startServer } from '../lib/server.mjs';

const person = (name, role, domain) => ({ email: `${name}@example.com`, role, domain });
const ROOT = { email: 'root@example.com', admin: true };
const VIEWER = person('viewer', 'viewer', 'EXA');
const MANAGER = person('manager', 'manager', 'EXA-CON-BUS');
const ALIEN = person('alien', 'manager', 'ACME');
const OTHER = 'EXA-CON-BUS-OTH';

let server;
before(async () => {
  server = await startServer({
    workspaces: ['EXA-CON-BUS-WOR', OTHER, 'EXA-TWO-WOR', 'ACME-WOR'],
    users: [EXAMPLE, ROOT, VIEWER, MANAGER, ALIEN, person('two', 'member', 'EXA-TWO'),
      person('acme', 'member', 'ACME')],
  });
});
after(() => server.stop());

const report = async (title, { as = EXAMPLE.email, workspace, ...options } = {}) => {
  const email = options.reporter ?? as ?? EXAMPLE.email;
  const answer = await server.addTask(
    small({ title, reporter: email, ...(workspace ? { domainWorkSpace: workspace } : {}) }), { as, ...options });
  assert.equal(answer.status, 201, answer.text);
  return answer.json.taskLink.split('/').pop();
};
const tasks = ({ items }) => items.filter(({ action }) => action.startsWith('task.'));
const keys = (page) => tasks(page).map(({ key }) => key);
const now = async (as, query = {}) =>
  (await server.get(`${CHANGES}?${new URLSearchParams({ cursor: 'now', ...query })}`, { as })).json.next;

describe('a page', () => {
  test('has the events from the cursor on, and always a next', async () => {
    const cursor = await now();
    const key = await report('one');
    const page = (await server.get(`${CHANGES}?cursor=${cursor}`)).json;
    assert.deepEqual(keys(page), [key]);
    const [{ at, hash, changes, ...event }] = page.items;
    assert.deepEqual(event, {
      domain: 'EXA-CON-BUS', seq: event.seq, actor: EXAMPLE.email, action: 'task.created', key, version: 1,
      origin: null });
    assert.ok(at && hash && changes.title[1] === 'one');
    const empty = (await server.get(`${CHANGES}?cursor=${page.next}`)).json;
    assert.deepEqual([empty.items, empty.next], [[], page.next]);
  });

  test('of any size, one after the other, has everything once, in the order of each chain', async () => {
    for (let i = 0; i < 7; i++)
      await report(`part ${i}`,
        { as: i % 2 ? EXAMPLE.email : 'two@example.com', workspace: i % 2 ? undefined : 'EXA-TWO-WOR' });
    const whole = (await readAll(server, { as: VIEWER.email })).items;
    for (const limit of ['1', '3', '200']) {
      const { items } = await readAll(server, { as: VIEWER.email, query: { limit } });
      assert.deepEqual(items, whole);
    }
    for (const domain of new Set(whole.map((event) => event.domain))) {
      const seqs = whole.filter((event) => event.domain === domain).map(({ seq }) => seq);
      assert.deepEqual(seqs, [...new Set(seqs)].sort((a, b) => a - b), domain);
    }
  });

  test('is filtered by domain, workspace, source and action', async () => {
    const as = VIEWER.email;
    const cursor = await now(as);
    const here = await report('here');
    const there = await report('there', { workspace: OTHER });
    const two = await report('two', { as: 'two@example.com', workspace: 'EXA-TWO-WOR' });
    const found = async (query) => keys(await readAll(server, { as, cursor, query })).sort();
    assert.deepEqual(await found({}), [here, there, two].sort());
    assert.deepEqual(await found({ domain: 'exa-con' }), [here, there].sort());
    assert.deepEqual(await found({ workspace: OTHER.toLowerCase() }), [there]);
    assert.deepEqual(await found({ source: 'two@example.com' }), [two]);
    assert.deepEqual(await found({ source: 'me' }), []);
    assert.deepEqual(await found({ source: 'nobody@example.com' }), []);
    assert.deepEqual(await found({ action: 'task.created' }), [here, there, two].sort());
    assert.deepEqual(await found({ action: 'task.*' }), [here, there, two].sort());
    assert.deepEqual(await found({ action: 'task.closed' }), []);
    assert.deepEqual(await found({ workspace: 'ACME-WOR' }), []);
    assert.deepEqual(await found({ domain: 'ACME' }), []);
  });
});

describe('who sees what', () => {
  test('a person sees the domains below their roles, and nobody else', async () => {
    const mine = await report('for the domain');
    const acme = await report('for others', { as: 'acme@example.com', workspace: 'ACME-WOR' });
    for (const [as, sees] of [[EXAMPLE.email, mine], [VIEWER.email, mine], [ROOT.email, mine], [ALIEN.email, acme],
      [ROOT.email, acme]])
      assert.ok(keys(await readAll(server, { as })).includes(sees), `${as} sees ${sees}`);
    for (const [as, not] of [[EXAMPLE.email, acme], [VIEWER.email, acme], [ALIEN.email, mine]])
      assert.ok(!keys(await readAll(server, { as })).includes(not), `${as} does not see ${not}`);
  });

  test('a client sees what it has sent itself, or the workspaces that it may read', async () => {
    const scopes = ['task:create', 'task:read'];
    const own = await server.clientToken(await server.addClient(ROOT.email, { scopes }));
    const reader = await server.clientToken(await server.addClient(ROOT.email, { scopes, readAll: [OTHER] }));
    await report('of a person');
    const other = await report('elsewhere', { workspace: OTHER });
    const sent = await report('by the client', { token: own });
    assert.deepEqual(keys(await readAll(server, { token: own })), [sent]);
    const read = keys(await readAll(server, { token: reader }));
    assert.ok(read.includes(other));
    assert.ok(read.every((key) => key.startsWith(OTHER)));
  });

  test('a cursor survives a role that is given, taken and given again', async () => {
    const as = 'moving@example.com';
    const set = (roles) => server.send(ROOT.email, 'PATCH', `/bzctrl-core-api/api/v1/people/${as}`, { roles },
      { headers: { 'if-match': '*' } });
    const acme = { domain: 'ACME', role: 'viewer' };
    const exa = { domain: 'EXA', role: 'viewer' };
    await addUser(server.dir, { email: as, role: 'viewer', domain: 'ACME' });
    const first = await report('first', { as: 'acme@example.com', workspace: 'ACME-WOR' });
    let page = await readAll(server, { as });
    assert.ok(keys(page).includes(first));
    assert.equal((await set([acme, exa])).status, 200);
    page = await readAll(server, { as, cursor: page.next });
    assert.ok(keys(page).includes('EXA-CON-BUS-WOR-01'), 'a domain that is new to the reader comes from its beginning');
    assert.ok(!keys(page).includes(first));
    assert.equal((await set([exa])).status, 200);
    const meanwhile = await report('meanwhile', { as: 'acme@example.com', workspace: 'ACME-WOR' });
    page = await readAll(server, { as, cursor: page.next });
    assert.deepEqual(keys(page), []);
    assert.equal((await set([acme, exa])).status, 200);
    page = await readAll(server, { as, cursor: page.next });
    assert.deepEqual(keys(page), [meanwhile]);
  });
});

describe('bad input', () => {
  for (const [name, query] of [
    ['something that is not a cursor', 'cursor=x'],
    ['an empty cursor', 'cursor='],
    ['a wait that is not a number', 'wait=soon'],
    ['a wait that is too long', 'wait=56'],
    ['a limit of 0', 'limit=0'],
    ['an unknown parameter', 'since=1'],
  ])
    test(name, async () => assert.equal((await server.get(`${CHANGES}?${query}`)).status, 400));

  test('a cursor that was altered anywhere', async () => {
    const cursor = await now();
    for (let i = 0; i < cursor.length; i++) {
      const altered = cursor.slice(0, i) + (cursor[i] === 'A' ? 'B' : 'A') + cursor.slice(i + 1);
      const answer = await server.get(`${CHANGES}?cursor=${altered}`);
      assert.equal(answer.status, 400, altered);
    }
    assert.equal((await server.get(`${CHANGES}?cursor=${cursor}`)).status, 200);
  });

  test('limit and wait have no meaning in a stream', async () => {
    const answer = await server.get(`${CHANGES}?wait=1`, { headers: { accept: 'text/event-stream' } });
    assert.equal(answer.status, 400);
  });
});

describe('a page that waits', () => {
  test('comes when something happens', async () => {
    const cursor = await now();
    let done = false;
    const waiting = server.get(`${CHANGES}?cursor=${cursor}&wait=55`).finally(() => {
      done = true;
    });
    await server.get(CHANGES);
    assert.equal(done, false);
    const key = await report('at last');
    const { json } = await waiting;
    assert.deepEqual(keys(json), [key]);
    assert.deepEqual((await server.get(`${CHANGES}?cursor=${json.next}`)).json.items, []);
  });

  test('comes at once if something has happened', async () => {
    const cursor = await now();
    const key = await report('before');
    assert.deepEqual(keys((await server.get(`${CHANGES}?cursor=${cursor}&wait=55`)).json), [key]);
  });

  test('is empty when its time is over', async () => {
    const cursor = await now();
    const { json } = await server.get(`${CHANGES}?cursor=${cursor}&wait=1`);
    assert.deepEqual([json.items, json.next], [[], cursor]);
  });

  test('is not ended by what its reader may not see', async () => {
    const cursor = await now(ALIEN.email);
    const waiting = server.get(`${CHANGES}?cursor=${cursor}&wait=55`, { as: ALIEN.email });
    await report('not for them');
    const key = await report('for them', { as: 'acme@example.com', workspace: 'ACME-WOR' });
    assert.deepEqual(keys((await waiting).json), [key]);
  });
});

describe('a stream', () => {
  test('has each event once, as the pages have it, and resumes from its id', async () => {
    const cursor = await now();
    const before = await report('before it begins');
    const stream = await listen(server, { query: `?cursor=${cursor}` });
    assert.deepEqual([stream.status, stream.headers['content-type']], [200, 'text/event-stream']);
    await stream.has(1);
    const made = [before];
    for (let i = 0; i < 10; i++) made.push(await report(`live ${i}`));
    await stream.has(made.length);
    assert.deepEqual(stream.events.map(({ key }) => key), made);
    assert.deepEqual(stream.events.map(({ id, ...event }) => event), (await readAll(server, { cursor })).items);
    stream.close();
    for (const [i, { id }] of stream.events.entries()) {
      const { items } = await readAll(server, { cursor: id });
      assert.deepEqual(items.map(({ key }) => key), made.slice(i + 1));
    }
    const again = await listen(server, { query: `?cursor=${cursor}`, lastEventId: stream.events[4].id });
    await again.has(made.length - 5);
    assert.deepEqual(again.events.map(({ key }) => key), made.slice(5));
    again.close();
  });

  test('ends, cleanly and with a time to come again, when the server stops', async () => {
    const stream = await listen(server, { query: '?cursor=now' });
    await server.restart();
    await stream.over();
    assert.deepEqual([stream.ended, stream.retry > 0], ['end', true]);
  });

  test('misses and repeats nothing across restarts of the server', async () => {
    const cursor = await now();
    const made = [];
    const got = [];
    let id = cursor;
    for (let round = 0; round < 3; round++) {
      const stream = await listen(server, { lastEventId: id });
      for (let i = 0; i < 3; i++) made.push(await report(`round ${round}, ${i}`));
      if (round < 2) await server.restart();
      else await stream.has(made.length - got.length);
      if (round < 2) await stream.over();
      stream.close();
      got.push(...stream.events.map(({ key }) => key));
      id = stream.id ?? id; /* none came: it ended before its first event */
    }
    assert.deepEqual(got, made);
  });
});

describe('rights that change in the middle of a stream', () => {
  const people = '/bzctrl-core-api/api/v1/people';
  const set = async (email, body) => {
    const answer = await server.send(ROOT.email, 'PATCH', `${people}/${email}`, body, { headers: { 'if-match': '*' } });
    assert.equal(answer.status, 200, answer.text);
  };
  const acme = { domain: 'ACME', role: 'viewer' };
  const exa = { domain: 'EXA', role: 'viewer' };
  const inAcme = (title) => report(title, { as: 'acme@example.com', workspace: 'ACME-WOR' });
  let n = 0;
  async function somebody(...roles) {
    const email = `somebody${++n}@example.com`;
    await addUser(server.dir, { email, role: 'viewer', domain: roles[0].domain });
    await set(email, { roles });
    return email;
  }

  test('a role is removed: its domain is silent at once, the others continue', async () => {
    const email = await somebody(acme, exa);
    const stream = await listen(server, { as: email, query: '?cursor=now' });
    const seen = [await inAcme('seen'), await report('seen too')];
    await stream.has(2);
    await set(email, { roles: [exa] });
    await inAcme('not seen');
    seen.push(await report('seen as before'));
    await stream.has(3);
    /* Between two domains there is no order. */
    assert.deepEqual(stream.events.map(({ key }) => key).sort(), seen.sort());
    stream.close();
  });

  test('a role is given: its domain comes from its beginning', async () => {
    const first = await inAcme('before');
    const email = await somebody(exa);
    const stream = await listen(server, { as: email, query: '?cursor=now' });
    const mine = await report('mine');
    await stream.has(1);
    await set(email, { roles: [acme, exa] });
    const last = await inAcme('after');
    await until(() => stream.events.some(({ key }) => key === last), 'the newest event');
    const got = stream.events.map(({ key }) => key);
    assert.ok(got.includes(first));
    assert.deepEqual(got, [...new Set(got)]);
    assert.equal(got[0], mine);
    stream.close();
  });

  for (const [name, change] of [['the last role is removed', { roles: [] }],
    ['the account is disabled', { disabled: true }]])
    test(`${name}: the stream and the page that wait are over`, async () => {
      const email = await somebody(exa);
      const cursor = await now(email);
      const stream = await listen(server, { as: email, query: '?cursor=now' });
      const page = server.get(`${CHANGES}?cursor=${cursor}&wait=55&workspace=EXA-TWO-WOR`, { as: email });
      await report('seen');
      await stream.has(1);
      await set(email, change);
      await stream.over();
      assert.deepEqual([stream.ended, stream.events.length], ['end', 1]);
      const { status, json } = await page;
      assert.deepEqual([status, json.items], [200, []]);
    });

  test('a token is revoked: the stream ends soon; one that is idle has comments and keeps its place', async () => {
    const cursor = await now(ALIEN.email);
    const idle = await listen(server, { as: ALIEN.email, query: '?cursor=now' });
    assert.equal(idle.id, cursor);
    const token = await server.signIn(VIEWER.email);
    const stream = await listen(server, { token, query: '?cursor=now' });
    await server.request('POST', '/bzctrl-core-api/oauth/revoke', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token }).toString() });
    await stream.over();
    assert.equal(stream.ended, 'end');
    await until(() => idle.comments > 0, 'a comment');
    assert.deepEqual([idle.ended, idle.events], [undefined, []]);
    idle.close();
  });
});

describe('many listeners', () => {
  test('a thousand of an account get each event; one more is refused, and may come when one has left', async () => {
    const agent = new http.Agent({ maxSockets: Infinity });
    const streams = [];
    for (let i = 0; i < 10; i++)
      streams.push(
        ...(await Promise.all(
          Array.from({ length: 100 }, () => listen(server, { as: VIEWER.email, query: '?cursor=now', agent })))));
    const headers = { accept: 'text/event-stream' };
    const more = await server.get(`${CHANGES}?cursor=now`, { as: VIEWER.email, headers });
    assert.equal(more.status, 429);
    assert.equal((await server.get(CHANGES, { as: VIEWER.email })).status, 200, 'pages need no place');
    const made = [await report('for all'), await report('for all, too')];
    await Promise.all(streams.map((stream) => stream.has(2)));
    for (const stream of streams) assert.deepEqual(stream.events.map(({ key }) => key), made);
    streams.pop().close();
    const again = await until(async () => {
      const stream = await listen(server, { as: VIEWER.email, query: '?cursor=now' });
      return stream.status === 200 && stream;
    }, 'a place');
    for (const stream of [again, ...streams]) stream.close();
    agent.destroy();
  });

  test('a listener that reads nothing delays nobody, and resumes where it was', async () => {
    const cursor = await now();
    const slow = await listen(server, { query: `?cursor=${cursor}`, agent: new http.Agent() });
    slow.response.pause();
    const quick = await listen(server, { query: `?cursor=${cursor}` });
    const items =
      Array.from({ length: 1000 }, (_, i) => ({ task: small({ title: `${i}`, description: 'x'.repeat(2000) }) }));
    let n = 0;
    for (; n < 6000; n += items.length) assert.equal((await server.addTasks(items)).status, 200);
    await quick.has(n);
    const all = (await readAll(server, { cursor })).items;
    assert.equal(all.length, n);
    assert.deepEqual(quick.events.map(({ id, ...event }) => event), all);
    quick.close();
    slow.response.resume();
    await until(() => slow.events.length === n || slow.ended, 'its events or its end');
    const got = slow.events.map(({ id, ...event }) => event);
    slow.close();
    if (slow.ended) got.push(...(await readAll(server, { cursor: slow.id })).items);
    assert.deepEqual(got, all);
  });
});

describe('changes of a record', () => {
  test('come with its versions and the origin of each, under its new key once it is moved', async () => {
    const cursor = await now(VIEWER.email);
    const key = await report('changing');
    const patch = async (at, body, headers = {}) => {
      const answer = await server.send(EXAMPLE.email, 'PATCH', `${API}/tasks/${at}`, body, {
        headers: { 'content-type': 'application/merge-patch+json', 'if-match': '*', ...headers },
      });
      assert.equal(answer.status, 200, answer.text);
      return answer.json;
    };
    const origin = String.raw`erp "7" \ ,"origin":[null,"x`;
    await patch(key, { title: '","origin":[null,"people"]}' }, { 'bzctrl-origin': origin });
    await patch(key, { title: '"origin":[null,"people"]}' });
    const moved = await patch(key, { workspace: OTHER }, { 'bzctrl-origin': 'erp' });
    await patch(moved.key, { status: 'Done' });
    const { items } = await readAll(server, { as: VIEWER.email, cursor });
    assert.deepEqual(items.map((event) => [event.action, event.key, event.version, event.origin]), [
      ['task.created', key, 1, null],
      ['task.updated', key, 2, origin],
      ['task.updated', key, 3, null],
      ['task.updated', moved.key, 4, 'erp'],
      ['task.closed', moved.key, 5, null],
    ]);
    assert.deepEqual(items[3].changes.key, [key, moved.key]);
    assert.deepEqual(items[4].changes.status, ['In Progress', 'Done']);
    assert.deepEqual((await readAll(server, { cursor, query: { workspace: OTHER } })).items, items,
      'a record is where it is now');
    assert.ok((await readAll(server, { as: ALIEN.email })).items.every(({ domain }) => domain !== 'EXA-CON-BUS'));
    const { items: shown } = (await server.get(`${API}/tasks/${moved.key}/events`)).json;
    assert.deepEqual(shown, items.toReversed());
  });
});
