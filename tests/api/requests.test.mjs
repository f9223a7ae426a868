/*
 * GET /requests: what an account sent lately and the verdict on each, for itself and for those who
 * manage where it was sent; without secrets, bounded, and never in the way of a report.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openapi } from '../lib/openapi.mjs';
import { patience } from '../lib/program.mjs';
import { ADD_TASK, API, EXAMPLE, SAMPLE, WORKSPACE, addUser, small, startServer } from '../lib/server.mjs';

const MEMBER = EXAMPLE.email;
const [OTHER, VIEWER, MANAGER, ABOVE, BESIDE, ALIEN, ADMIN] =
  ['other', 'viewer', 'manager', 'above', 'beside', 'alien', 'admin'].map((name) => `${name}@example.com`);
const ELSEWHERE = 'ELSE-WHERE';

let server;
before(async () => {
  server = await startServer({
    workspaces: [WORKSPACE, 'EXA-CON-BAR-WOR', ELSEWHERE],
    users: [
      EXAMPLE,
      { email: OTHER, role: 'member', domain: 'EXA' },
      { email: VIEWER, role: 'viewer', domain: 'EXA-CON-BUS' },
      { email: MANAGER, role: 'manager', domain: 'EXA-CON-BUS' },
      { email: ABOVE, role: 'manager', domain: 'EXA' },
      { email: BESIDE, role: 'manager', domain: 'EXA-CON-BAR' },
      { email: ALIEN, role: 'manager', domain: 'ELSE' },
      { email: ADMIN, admin: true },
    ],
  });
});
after(() => server.stop());

async function page(query = {}, as = MEMBER) {
  const answer = await server.get(`${API}/requests?${new URLSearchParams(query)}`, { as });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

/* The log is written about once a second: waits until `found` is satisfied with a page's items. */
async function eventually(found, query = {}, as = MEMBER) {
  const until = Date.now() + 120_000 * patience;
  for (;;) {
    const { items } = await page(query, as);
    const result = found(items);
    if (result) return result;
    assert.ok(Date.now() < until, `not in the log: ${JSON.stringify(items.slice(0, 3), null, 1)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

let marks = 0;

/* Sends a body and waits for its entry, which is the one that has a mark in it. */
async function logged(changes, { as = MEMBER, ...options } = {}) {
  const mark = `mark-${++marks}-`;
  const body = typeof changes === 'function' ? changes(mark) : small({ title: mark, ...changes });
  const answer = await server.addTask(body, { as, ...options });
  const item = await eventually((items) => items.find((i) => i.body?.includes(mark)), {}, as);
  assert.equal(item.status, answer.status);
  return { answer, item, mark };
}

test('what was sent where a role is lost is shown no more, to nobody who has the account', async () => {
  const email = 'leaver@example.com';
  for (const domain of ['EXA-CON-BUS', 'ELSE']) await addUser(server.dir, { email, role: 'member', domain });
  const [{ mark: lost }, { mark: kept }] =
    [await logged({ reporter: email }, { as: email }),
      await logged({ reporter: email, domainWorkSpace: ELSEWHERE }, { as: email })];
  const roles = (...domains) => server.send(ADMIN, 'PATCH', `${API}/people/${email}`,
    { roles: domains.map((domain) => ({ domain, role: 'member' })) }, { headers: { 'if-match': '*' } });
  const shows = async (mark, query) => (await page(query, email)).items.some(({ body }) => body?.includes(mark));
  assert.equal((await roles('ELSE')).status, 200);
  for (const query of [{}, { account: email }, { workspace: WORKSPACE }]) assert.equal(await shows(lost, query), false);
  assert.equal(await shows(kept), true);
  assert.equal((await roles('ELSE', 'EXA-CON-BUS')).status, 200);
  for (const query of [{}, { workspace: WORKSPACE }])
    assert.equal(await shows(lost, query), true, 'with the role it comes back');
});

describe('what is logged', () => {
  test('an accepted report, with the record that it became', async () => {
    const sent = Date.now();
    const { answer, item } = await logged({}, { headers: { 'idempotency-key': '"gate-4711"' } });
    assert.equal(answer.status, 201);
    assert.deepEqual(
      { ...item, id: 0, at: 0, durationMs: 0, body: JSON.parse(item.body) },
      {
        id: 0, at: 0, account: MEMBER, method: 'POST', path: ADD_TASK, askedForm: null, form: 'default',
        workspace: WORKSPACE, status: 201,
        dryRun: false, replayed: false, idempotencyKey: 'gate-4711', traceId: null, durationMs: 0,
        key: answer.headers.location.split('/').pop(), problem: null,
        body: small({ title: JSON.parse(item.body).title }), bodyWhole: true,
      },
    );
    assert.ok(Math.abs(Date.parse(item.at) - sent) < 120_000 * patience);
    assert.ok(item.durationMs < 120_000 * patience);
  });
  test('a refused one, with all its errors as they were answered', async () => {
    const { answer, item } = await logged({ impact: 'Severe', status: 'Waiting', financialImpact: '1.250,50' });
    assert.equal(answer.status, 422);
    assert.equal(answer.json.errors.length, 3);
    assert.deepEqual(item.problem, { detail: answer.json.detail, errors: answer.json.errors });
    assert.equal(item.workspace, WORKSPACE);
    assert.equal(item.key, null);
  });
  test('what is no JSON, with line and column', async () => {
    const { answer, item } = await logged((mark) => `{"title":"${mark}", tags"]}`);
    assert.equal(answer.status, 400);
    assert.deepEqual(item.problem, { detail: answer.json.detail });
    assert.match(item.body, /^\{"title":"mark-\d+-", tags"\]\}$/);
    assert.equal(item.workspace, null);
    assert.equal(item.form, null);
  });
  test('a dry run, good or bad', async () => {
    const good = await logged({}, { query: '?dryRun=true', headers: { 'idempotency-key': 'dry' } });
    assert.equal(good.answer.status, 200);
    assert.equal(good.item.dryRun, true);
    assert.equal(good.item.key, null);
    assert.equal(good.item.idempotencyKey, null);
    assert.equal(good.item.problem, null);
    const bad = await logged({ impact: 'Severe' }, { query: '?dryRun=true' });
    assert.equal(bad.item.status, 422);
    assert.equal(bad.item.dryRun, true);
    assert.equal((await logged({})).item.dryRun, false);
  });
  test('a replay, and another report under the same key', async () => {
    const key = { 'idempotency-key': 'again' };
    const body = JSON.stringify(small({ title: 'once' }));
    const first = await server.addTask(body, { headers: key });
    const second = await server.addTask(body, { headers: key });
    const third = await server.addTask(small({ title: 'another' }), { headers: key });
    assert.deepEqual([first, second, third].map((a) => a.status), [201, 201, 422]);
    const mine = await eventually((items) => {
      const some = items.filter((i) => i.idempotencyKey === 'again');
      return some.length === 3 && some;
    });
    assert.deepEqual(mine.map((i) => [i.status, i.replayed]), [[422, false], [201, true], [201, false]]);
    assert.equal(mine[1].key, mine[2].key);
    assert.match(mine[1].key, /^EXA-CON-BUS-WOR-\d+$/);
    assert.match(mine[0].problem.detail, /used before/);
  });
  test('what was refused before it was read: query, media type, key, form, role, scope', async () => {
    const cases = [
      [{ query: '?dryrun=true' }, 400, /Unknown query parameter/],
      [{ query: '?form=none' }, 404, /no form "none"/],
      [{ headers: { 'content-type': 'text/plain' } }, 415, /Content-Type/],
      [{ headers: { 'content-encoding': 'gzip' } }, 415, /Content-Encoding/],
      [{ headers: { 'idempotency-key': 'a,b' } }, 400, /Idempotency-Key/],
    ];
    await Promise.all(cases.map(async ([options, status, detail]) => {
      const { item, mark } = await logged({}, options);
      assert.equal(item.status, status);
      assert.equal(item.form, null, 'none has judged it');
      assert.match(item.problem.detail, detail);
      assert.equal(JSON.parse(item.body).title, mark, 'it is known to be JSON all the same');
    }));
    const { item } = await logged({}, { as: VIEWER });
    assert.equal(item.status, 403);
    assert.equal(item.workspace, WORKSPACE, 'a viewer knows the workspace');
    const { access_token: token } = (
      await server.grant({ grant_type: 'password', username: OTHER, password: EXAMPLE.password,
        scope: 'task:read' })).json;
    const narrow = await server.addTask(small({ title: 'too narrow' }), { token });
    assert.equal(narrow.status, 403);
    const entry = await eventually((items) => items.find((i) => i.body.includes('too narrow')), {}, OTHER);
    assert.equal(entry.status, 403);
    assert.ok(entry.problem.detail.length > 0);
  });
  test('nothing that was not authenticated, and no other call', async () => {
    const { item } = await logged({});
    await server.addTask(small({ title: 'nobody' }), { token: 'bzat_x' });
    await server.request('POST', ADD_TASK, { headers: { 'content-type': 'application/json' }, body: '{}' });
    await server.get(`${API}/tasks`);
    await server.get(`${API}/nowhere`, { check: false });
    const { mark } = await logged({});
    const { items } = await page();
    assert.ok(items[0].body.includes(mark));
    assert.equal(items[1].id, item.id);
  });
});

describe('what is kept of a body', () => {
  test('no secret, however it is spelled or nested, and no header', async () => {
    const hidden = 'hunter2';
    const { item, mark } = await logged({
      password: hidden, 'Api-Key': [hidden], meta: { clientSecret: { a: hidden }, accessToken: hidden, name: 'shown' },
      AUTHORIZATION: `Bearer ${hidden}`,
    }, { headers: { 'x-api-key': hidden, cookie: `a=${hidden}` } });
    assert.equal(item.status, 201);
    assert.deepEqual(JSON.parse(item.body), {
      ...small({ title: mark }), password: '***', 'Api-Key': '***',
      meta: { clientSecret: '***', accessToken: '***', name: 'shown' }, AUTHORIZATION: '***',
    });
    const broken = await logged((m) => `{"title":"${m}","password":"${hidden}", tags"]}`);
    assert.match(broken.item.body, /"password\*\*\*$/);
    const form = await logged((m) => `title=${m}&password=${hidden}`,
      { headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    assert.equal(form.item.status, 415);
    assert.match(form.item.body, /^title=mark-\d+-&password\*\*\*$/);
    const all = JSON.stringify(await page({ limit: 200 }));
    assert.ok(!all.includes(hidden));
    assert.ok(!all.includes(await server.token(MEMBER)));
  });
  test('of 1 MiB the beginning, in whole characters', async () => {
    const { item } = await logged({ extra: '\u{1F600}'.repeat(200_000) });
    assert.equal(item.status, 201);
    const bytes = Buffer.byteLength(item.body);
    assert.ok(bytes > 4080 && bytes <= 4096, String(bytes));
    assert.match(item.body, /\u{1F600}…$/u);
    const text = await logged((mark) => `${mark}${'x'.repeat(1024 * 1024 - 100)}`);
    assert.equal(text.item.status, 400);
    assert.ok(Buffer.byteLength(text.item.body) <= 1024);
  });
  test('of bytes that are no UTF-8, and of NUL, a replacement character', async () => {
    const { item } = await logged((mark) =>
      Buffer.concat([Buffer.from(`{"title":"${mark}`), Buffer.from([0xff, 0, 0xc3, 0x28, 0xed, 0xa0, 0x80]),
        Buffer.from('"}')]));
    assert.equal(item.status, 400);
    assert.match(item.body, /^\{"title":"mark-\d+-\ufffd\ufffd\ufffd\(\ufffd+"\}$/);
    const escaped = await logged((mark) => `{"title":"${mark}\\u0000"}`);
    assert.equal(escaped.item.status, 400);
    const utf16 = Buffer.from('\ufeff{"password":"hunter2"}', 'utf16le');
    await server.addTask(utf16, { headers: { 'idempotency-key': 'utf16' } });
    const sent = await eventually((items) => items.find((i) => i.idempotencyKey === 'utf16'));
    assert.doesNotMatch(sent.body, /h\ufffdu\ufffdn/);
  });
  test('nothing of none', async () => {
    await server.addTask('', { headers: { 'idempotency-key': 'empty' } });
    const item = await eventually((items) => items.find((i) => i.idempotencyKey === 'empty'));
    assert.equal(item.status, 400);
    assert.equal(item.body, null);
  });
  test('of very many errors the first ones, whole', async () => {
    const { answer, item } = await logged({ category: Array.from({ length: 100 }, (_, i) => i) });
    assert.equal(answer.status, 422);
    const { errors } = item.problem;
    assert.ok(errors.length >= 10 && errors.length < answer.json.errors.length, String(errors.length));
    assert.deepEqual(errors, answer.json.errors.slice(0, errors.length));
    assert.ok(Buffer.byteLength(JSON.stringify(item.problem)) <= 4096);
  });
});

describe('who sees what', () => {
  let here, beside, nowhere;
  before(async () => {
    const places = [WORKSPACE, 'EXA-CON-BAR-WOR', ELSEWHERE];
    [here, beside, nowhere] =
      await Promise.all(places.map((domainWorkSpace) => logged({ reporter: OTHER, domainWorkSpace }, { as: OTHER })));
  });
  const ids = async (query, as) => (await page({ limit: 200, ...query }, as)).items.map((i) => i.id);
  const sees = async (query, as) => {
    const seen = await ids(query, as);
    return [here, beside, nowhere].map(({ item }) => seen.includes(item.id));
  };

  test('everybody their own, and no others\'', async () => {
    assert.deepEqual(await sees({}, OTHER), [true, true, true]);
    assert.deepEqual(await sees({ account: OTHER.toUpperCase() }, OTHER), [true, true, true]);
    for (const as of [MEMBER, VIEWER, MANAGER, ADMIN]) {
      assert.deepEqual(await sees({}, as), [false, false, false], as);
      for (const item of (await page({}, as)).items) assert.equal(item.account, as);
    }
  });
  test('a manager what was sent to workspaces at or below the domain, an admin all', async () => {
    assert.deepEqual(await sees({ account: OTHER }, MANAGER), [true, false, false]);
    assert.deepEqual(await sees({ account: OTHER }, BESIDE), [false, true, false]);
    assert.deepEqual(await sees({ account: OTHER }, ABOVE), [true, true, false]);
    assert.deepEqual(await sees({ account: OTHER }, ADMIN), [true, true, true]);
    for (const as of [MEMBER, VIEWER, ALIEN]) assert.deepEqual(await ids({ account: OTHER }, as), [], as);
  });
  test('an alien workspace looks like none, and its managers do not hear of the attempt', async () => {
    assert.equal(nowhere.item.status, 422);
    assert.equal(nowhere.item.workspace, null);
    assert.equal(nowhere.item.problem.errors[0].code, 'unknown_workspace');
    assert.deepEqual(await ids({ account: OTHER, workspace: ELSEWHERE }, ALIEN), []);
    assert.deepEqual(await ids({ workspace: ELSEWHERE }, OTHER), []);
  });
  test('an account that does not exist looks like one that may not be seen', async () => {
    for (const as of [MEMBER, ADMIN])
      assert.deepEqual(await page({ account: 'nobody@example.com' }, as), { items: [] });
    assert.deepEqual(await page({ account: '' }), { items: [] });
  });
  test('the workspace narrows what may be seen, and never widens it', async () => {
    assert.deepEqual(await sees({ workspace: WORKSPACE.toLowerCase() }, OTHER), [true, false, false]);
    assert.deepEqual(await sees({ account: OTHER, workspace: WORKSPACE }, MANAGER), [true, false, false]);
    assert.deepEqual(await sees({ account: OTHER, workspace: 'EXA-CON-BAR-WOR' }, MANAGER), [false, false, false]);
    assert.deepEqual(await sees({ account: OTHER, workspace: 'EXA-CON-BAR-WOR' }, ADMIN), [false, true, false]);
    for (const workspace of ['NO-WHERE', '-', '']) assert.deepEqual(await ids({ workspace }, OTHER), [], workspace);
  });
  test('a token that was granted less shows its own account\'s only', async () => {
    const { access_token: token } = (
      await server.grant({ grant_type: 'password', username: ADMIN, password: EXAMPLE.password,
        scope: 'task:create' })).json;
    const get = async (query) => (await server.request('GET', `${API}/requests${query}`, { token })).json.items;
    assert.deepEqual(await get(`?account=${OTHER}`), []);
    const sent = await server.addTask(small({ title: 'narrow admin' }), { token });
    assert.equal(sent.status, 201);
    await eventually((items) => items.find((i) => i.body.includes('narrow admin')), {}, ADMIN);
    assert.ok((await get('')).some((i) => i.body.includes('narrow admin')));
  });
});

describe('the list', () => {
  test('filters by the verdict', async () => {
    const [good, bad, worse] =
      await Promise.all([logged({}), logged({ impact: 'Severe' }), logged((mark) => `${mark}{`)]);
    const shows = async (status) => {
      const seen = (await page({ status, limit: 200 })).items.map((i) => i.id);
      return [good, bad, worse].map(({ item }) => seen.includes(item.id));
    };
    assert.deepEqual(await shows('accepted'), [true, false, false]);
    assert.deepEqual(await shows('refused'), [false, true, true]);
    assert.deepEqual(await shows('422'), [false, true, false]);
    assert.deepEqual(await shows('201'), [true, false, false]);
    assert.deepEqual(await shows('503'), [false, false, false]);
  });
  test('shows each once, newest first, page by page', async () => {
    const sent = await Promise.all(Array.from({ length: 60 },
      (_, i) => server.addTask(small({ title: `paged ${i}`, reporter: OTHER }), { as: ABOVE })));
    assert.ok(sent.every((a) => a.status === 201));
    await eventually((items) => items.length === 60, { limit: 200 }, ABOVE);
    const seen = [];
    let cursor;
    do {
      const { items, next } = await page({ limit: 7, ...(cursor ? { cursor } : {}) }, ABOVE);
      assert.equal(items.length, next === undefined ? 60 % 7 : 7);
      seen.push(...items.map((i) => BigInt(i.id)));
      cursor = next;
    } while (cursor !== undefined);
    assert.equal(seen.length, 60);
    for (let i = 1; i < seen.length; i++) assert.ok(seen[i] < seen[i - 1]);
    assert.equal((await page({}, ABOVE)).items.length, 50, 'unless something else is asked for');
    const exact = await page({ limit: 60 }, ABOVE);
    assert.equal(exact.items.length, 60);
    assert.equal(exact.next, undefined);
  });
  test('400 for what it does not know', async () => {
    for (const query of ['limit=0', 'limit=201', 'limit=x', 'cursor=x', 'cursor=0', 'cursor=-1',
      'cursor=99999999999999999999', 'status=good', 'status=99', 'status=600', 'status=', 'q=x',
      'status=422&status=400', 'account=%ff'])
      assert.equal((await server.get(`${API}/requests?${query}`)).status, 400, query);
    assert.equal((await server.get(`${API}/requests?limit=200`)).status, 200);
  });
  test('401 without a token', async () => {
    assert.equal((await server.request('GET', `${API}/requests`)).status, 401);
  });
});

describe('judging again', () => {
  const judge = (id, as = MEMBER) => server.send(as, 'POST', `${API}/requests/${id}/judge`);
  const putForm = (name, document) => server.send(MANAGER, 'PUT', `${API}/workspaces/${WORKSPACE}/forms/${name}`,
    document, { headers: { 'if-match': '*' } });
  const makeForm = (document) => server.send(MANAGER, 'POST', `${API}/workspaces/${WORKSPACE}/forms`, document);
  const count = async () => (await server.get(`${API}/tasks?total=true&limit=1`)).json.total;

  test('a refused report is judged by the form as it is today, and nothing is stored', async () => {
    await makeForm({ name: 'strict', fields: [{ name: 'weight', type: 'number', required: true }] });
    const { answer, item } = await logged({}, { query: '?form=strict' });
    assert.deepEqual([answer.status, item.askedForm, item.bodyWhole], [422, 'strict', true]);
    const before = await count();
    const same = await judge(item.id);
    assert.equal(same.status, 200, same.text);
    assert.deepEqual([same.json.valid, same.json.status, same.json.form, same.json.formVersion],
      [false, 422, 'strict', 1]);
    assert.deepEqual(same.json.problem.errors, answer.json.errors);
    await putForm('strict', {});
    const { json } = await judge(item.id);
    assert.deepEqual([json.valid, json.status, json.form, json.formVersion], [true, 200, 'strict', 2]);
    assert.deepEqual([json.record.title, json.record.source], [JSON.parse(item.body).title, MEMBER]);
    assert.equal(await count(), before);
  });
  test('as its sender’s, also when a manager asks', async () => {
    await makeForm({ name: 'for-one', accounts: [MEMBER] });
    const { item } = await logged({}, { query: '?form=for-one' });
    for (const as of [MEMBER, MANAGER, ABOVE, ADMIN]) {
      const { json } = await judge(item.id, as);
      assert.deepEqual([json.valid, json.record?.source], [true, MEMBER], as);
    }
  });
  test('of a sender who has lost the role: refused', async () => {
    const email = 'demoted@example.com';
    await addUser(server.dir, { email, role: 'member', domain: 'EXA-CON-BUS' });
    const { item } = await logged({ reporter: email }, { as: email });
    const setRole = (changes) => server.send(ADMIN, 'PATCH', `${API}/people/${email}`, changes,
      { headers: { 'if-match': '*' } });
    await setRole({ roles: [{ domain: 'EXA-CON-BUS', role: 'viewer' }] });
    for (const as of [MANAGER, email]) assert.equal((await judge(item.id, as)).json.status, 403);
    await setRole({ disabled: true });
    assert.equal((await judge(item.id, MANAGER)).json.valid, false);
  });
  test('404 for whom the list does not show it', async () => {
    const { item } = await logged({});
    for (const as of [OTHER, VIEWER, BESIDE, ALIEN]) assert.equal((await judge(item.id, as)).status, 404, as);
    for (const id of ['1', '0', 'x', '99999999999999999999'])
      assert.equal((await judge(id, ADMIN)).status, 404, id);
    const { access_token: token } = (await server.grant({ grant_type: 'password', username: ADMIN,
      password: EXAMPLE.password, scope: 'task:read' })).json;
    assert.equal((await server.request('POST', `${API}/requests/${item.id}/judge`, { token })).status, 404);
  });
  test('409 where the log has only a part, or several reports', async () => {
    const parts = [{ description: 'long '.repeat(2000) }, { extra: { apiKey: 'hidden' } },
      (mark) => `{"title":"${mark}",}`];
    for (const part of parts) {
      const { item } = await logged(part);
      assert.equal(item.bodyWhole, false);
      assert.equal((await judge(item.id)).status, 409);
    }
    const mark = `several-${Date.now()}`;
    await server.send(MEMBER, 'POST', `${API}/task/add-tasks`, [{ task: small({ title: mark }) }]);
    const item = await eventually((items) => items.find((i) => i.body?.includes(mark)));
    assert.equal((await judge(item.id)).status, 409);
  });
  test('what is not an object gets the 400 that it got', async () => {
    const { answer, item } = await logged((mark) => JSON.stringify([mark]));
    assert.equal(answer.status, 400);
    const { json } = await judge(item.id);
    assert.deepEqual([json.status, json.problem.detail], [400, answer.json.detail]);
  });
  test('only the name of a form is kept of the query', async () => {
    const { item } = await logged({}, { query: `?form=${encodeURIComponent('A secret@example.com')}` });
    assert.deepEqual([item.status, item.askedForm], [404, null]);
  });
});

test('the document describes every member', () => {
  const { required, properties } = openapi.components.schemas.Request;
  assert.deepEqual(required, Object.keys(properties));
});

test('a burst of 5,000 is acknowledged whole, the newest of it is logged, and others are not pushed out', async () => {
  const before = (await page({ limit: 1 }, MANAGER)).items[0]?.id;
  let next = 0;
  const statuses = new Map();
  const send = async () => {
    while (next < 5000) {
      const answer = await server.addTask(small({ title: `burst ${next++}` }), { check: false });
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    }
  };
  const quiet = (async () => {
    for (let i = 0; i < 5; i++) await server.addTask(small({ title: `quiet ${i}` }), { as: MANAGER });
  })();
  await Promise.all([...Array.from({ length: 64 }, send), quiet]);
  assert.deepEqual([...statuses], [[201, 5000]]);
  await server.addTask(small({ title: 'the last' }));
  await eventually((items) => items[0].body.includes('the last'));
  const logged = await eventually((items) => {
    const mine = items.filter((i) => i.body.includes('quiet'));
    return mine.length === 5 && mine;
  }, {}, MANAGER);
  assert.ok(logged.every((i) => i.id !== before));
  const { items } = await page({ limit: 200 });
  assert.ok(items.filter((i) => i.body.includes('burst')).length > 100);
});

test('what waits at the end is written before the server stops', async () => {
  const own = await startServer();
  await own.addTask(SAMPLE);
  await own.addTask(small({ impact: 'Severe' }));
  await own.restart();
  const { items } = (await own.get(`${API}/requests`)).json;
  assert.deepEqual(items.map((i) => i.status), [422, 201]);
  await own.stop();
});
