/*
 * ApiForms: who may make and change them, their versions, and reports that are judged by them.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';
import { runBzctrld } from '../lib/program.mjs';

const MANAGER = 'manager@example.com';
const ABOVE = 'above@example.com';
const VIEWER = 'viewer@example.com';
const ALIEN = 'alien@example.com';
const ADMIN = 'admin@example.com';
const people = [
  EXAMPLE,
  { email: MANAGER, role: 'manager', domain: 'EXA-CON-BUS' },
  { email: ABOVE, role: 'manager', domain: 'EXA' },
  { email: VIEWER, role: 'viewer', domain: 'EXA-CON-BUS' },
  { email: ALIEN, role: 'manager', domain: 'ELSE' },
  { email: ADMIN, admin: true },
];

let server;
before(async () => {
  server = await startServer({ users: people, workspaces: [WORKSPACE, 'EXA-CON-BUS-TWO', 'ELSE-WHERE'] });
});
after(() => server.stop());

const FORMS = `${API}/workspaces/${WORKSPACE}/forms`;
let made = 0;

const json = (method, target, document, { as = MANAGER, headers = {} } = {}) =>
  server.requestAs(as, method, target, {
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof document === 'string' ? document : JSON.stringify(document),
  });

/** A new form of its own; its path. */
async function make(document = {}, options) {
  const name = `form-${++made}`;
  const answer = await json('POST', FORMS, { name, ...document }, options);
  assert.equal(answer.status, 201, answer.text);
  return { name, path: `${FORMS}/${name}`, answer };
}

const report = (name, changes = {}, options) => server.addTask(small(changes), { query: `?form=${name}`, ...options });
const pointers = (answer) => answer.json.errors.map(({ pointer, code }) => `${pointer} ${code}`);

describe('making and changing', () => {
  test('a form is made, read, changed under If-Match, and each version stays', async () => {
    const { name, path, answer } = await make({ title: { en: 'Claim' } });
    assert.equal(answer.headers.etag, '"1"');
    assert.ok(answer.headers.location.endsWith(path));
    assert.deepEqual(answer.json.form, { name, title: { en: 'Claim' } });
    assert.equal(answer.json.changedBy, MANAGER);
    const changed = await json('PUT', path, { title: 'Claims' }, { headers: { 'if-match': 'W/"1"' } });
    assert.equal(changed.status, 200, changed.text);
    assert.equal(changed.json.version, 2);
    assert.deepEqual((await server.get(path)).json.form, { title: 'Claims' });
    const first = await server.get(`${path}?version=1`);
    assert.deepEqual(first.json.form, { name, title: { en: 'Claim' } });
    assert.equal((await server.get(`${path}?version=3`)).status, 404);
    const versions = await server.get(`${path}/versions`);
    assert.deepEqual(versions.json.items.map(({ version }) => version), [2, 1]);
    const page = await server.get(`${path}/versions?limit=1`);
    assert.equal(page.json.next, '2');
    const last = await server.get(`${path}/versions?limit=1&cursor=2`);
    assert.deepEqual(last.json.items.map(({ version }) => version), [1]);
    assert.equal(last.json.next, undefined);
    assert.equal((await server.get(path, { headers: { 'if-none-match': '"2"' } })).status, 304);
  });
  test('a change needs If-Match: 428 without, 412 when somebody was faster', async () => {
    const { path } = await make();
    assert.equal((await json('PUT', path, {})).status, 428);
    assert.equal((await json('PUT', path, {}, { headers: { 'if-match': '"7"' } })).status, 412);
    assert.equal((await json('PUT', path, {}, { headers: { 'if-match': 'nonsense' } })).status, 412);
    assert.equal((await json('PUT', path, {}, { headers: { 'if-none-match': '*' } })).status, 412);
    assert.equal((await json('PUT', path, {}, { headers: { 'if-match': '*' } })).json.version, 2);
    const both = await Promise.all(
      [0, 1, 2, 3].map((i) => json('PUT', path, { title: `t${i}` }, { headers: { 'if-match': '"2"' } })));
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412, 412, 412]);
  });
  test('PUT makes a form that is not there; POST does not replace one', async () => {
    const made = await json('PUT', `${FORMS}/by-put`, {});
    assert.equal(made.status, 201, made.text);
    assert.equal((await json('POST', FORMS, { name: 'by-put' })).status, 409);
    assert.equal((await json('PUT', `${FORMS}/By-Put`, { title: 'x' }, { headers: { 'if-match': '"1"' } })).json.name,
      'by-put');
  });
  test('a dry run shows what a form would ask for, and stores nothing', async () => {
    const { name, path } = await make({ title: 'Before' });
    const document = { title: 'After', fields: [{ name: 'weight', type: 'number', required: true }] };
    const changed = await json('PUT', `${path}?dryRun=true`, document);
    assert.equal(changed.status, 200, changed.text);
    assert.deepEqual([changed.json.valid, changed.json.form], [true, document]);
    assert.ok(changed.json.schema.required.includes('weight'));
    assert.equal(typeof changed.json.sample.weight, 'number');
    assert.equal((await server.get(path)).json.version, 1);
    const fresh = await json('POST', `${FORMS}?dryRun=true`, { name: 'not-yet', title: 'New' });
    assert.deepEqual([fresh.status, fresh.json.valid], [200, true]);
    assert.equal((await server.get(`${FORMS}/not-yet`)).status, 404);
    assert.equal((await json('POST', `${FORMS}?dryRun=true`, { name })).status, 409);
    /* What is shown is what comes, once it is stored. */
    assert.equal((await json('PUT', path, document, { headers: { 'if-match': '*' } })).status, 200);
    const { json: { $id, ...schema } } = await server.get(`${path}/schema`);
    const { $id: shown, ...preview } = changed.json.schema;
    assert.deepEqual(preview, schema);
    assert.ok($id.startsWith(shown));
    assert.equal((await report(name, changed.json.sample)).status, 201);
  });
  test('a dry run names all that is wrong, and is for managers too', async () => {
    const { path } = await make();
    const document = { title: 1, fields: [{ name: 'x y', type: 'colour' }], nothing: 1 };
    const bad = await json('PUT', `${path}?dryRun=true`, document);
    assert.equal(bad.status, 422);
    assert.deepEqual(pointers(await json('PUT', path, document, { headers: { 'if-match': '*' } })), pointers(bad));
    assert.ok(bad.json.errors.length >= 3, bad.text);
    assert.equal((await json('PUT', `${path}?dryRun=true`, {}, { as: VIEWER })).status, 403);
    assert.equal((await json('PUT', `${path}?dryRun=true`, {}, { as: ALIEN })).status, 404);
    assert.equal((await json('PUT', `${path}?dryRun=yes`, {})).status, 400);
    const off = await json('PUT', `${path}?dryRun=true`, { disabled: true });
    assert.equal(off.status, 200);
  });
  test('names: in the document and the path alike, and well-formed', async () => {
    assert.deepEqual(pointers(await json('POST', FORMS, {})), ['/name required']);
    for (const name of ['A', 'a b', '-a', 'ä', 'a'.repeat(64)])
      assert.deepEqual(pointers(await json('POST', FORMS, { name })), ['/name wrong_type'], name);
    assert.deepEqual(pointers(await json('PUT', `${FORMS}/one`, { name: 'other' })), ['/name mismatch']);
  });
  test('all faults of a document in one answer; nothing is stored', async () => {
    const answer = await json('PUT', `${FORMS}/faulty`, {
      titel: 1,
      fields: [{ name: 'a', type: 'text', pattern: '(' }, { name: 'b', type: 'choice' },
        { name: 'c', type: 'date', default: 'soon' }],
    });
    assert.equal(answer.status, 422);
    assert.deepEqual(pointers(answer),
      ['/titel unknown_member', '/fields/0/pattern pattern', '/fields/1/options required',
        '/fields/2/default not_a_date']);
    assert.equal((await server.get(`${FORMS}/faulty`)).status, 404);
  });
  test('what is no JSON, and what is too large', async () => {
    const broken = await json('POST', FORMS, '{"name":"x",}');
    assert.equal(broken.status, 400);
    assert.match(broken.json.detail, /line 1, column 13/);
    assert.equal((await json('POST', FORMS, '[]')).status, 400);
    assert.equal((await json('POST', FORMS, { name: 'big', title: 'x'.repeat(300_000) })).status, 413);
    assert.equal((await server.requestAs(MANAGER, 'POST', FORMS, { body: '{}' })).status, 415);
  });
  test('a hostile text in every place is refused or comes back as it was', async () => {
    for (const text of ['<script>alert(1)</script>', "'; DROP TABLE form; --", '\u202e\u0007', '%s%n', '😀'.repeat(50),
        '\\u0000'.slice(1)]) {
      const fields = [{ name: 'a', type: 'choice', label: text, help: { en: text }, options: [text, 'b'] }];
      const { name, path } = await make({ title: text, fields });
      assert.deepEqual((await server.get(path)).json.form, { name, title: text, fields });
      assert.equal((await report(name, { a: text })).status, 201, text);
    }
  });
});

describe('who may', () => {
  test('managers of the domain or above change forms; others see or do not', async () => {
    for (const as of [MANAGER, ABOVE, ADMIN]) await make({}, { as });
    for (const as of [EXAMPLE.email, VIEWER]) {
      assert.equal((await json('POST', FORMS, { name: 'no' }, { as })).status, 403);
      assert.equal((await json('PUT', `${FORMS}/no`, {}, { as })).status, 403);
      assert.equal((await server.get(FORMS, { as })).status, 200);
      assert.equal((await server.get(`${FORMS}/default`, { as })).status, 200);
    }
    for (const [method, target] of [['GET', FORMS], ['POST', FORMS], ['GET', `${FORMS}/default`],
        ['PUT', `${FORMS}/no`], ['GET', `${FORMS}/default/versions`]]) {
      const answer = method === 'GET' ? await server.get(target, { as: ALIEN })
        : await json(method, target, { name: 'no' }, { as: ALIEN });
      assert.equal(answer.status, 404, `${method} ${target}`);
    }
    assert.equal((await server.get(`${API}/workspaces/NO-SUCH/forms`)).status, 404);
  });
  test('a form may be for some accounts only', async () => {
    const { name } = await make({ accounts: [MANAGER.toUpperCase()] });
    assert.equal((await report(name, {}, { as: MANAGER })).status, 201);
    const refused = await report(name);
    assert.equal(refused.status, 403);
    assert.match(refused.json.detail, /for other accounts/);
  });
});

describe('the list', () => {
  const titles = async (forms, query = '') => {
    const answer = await server.get(`${forms}${query}`, { as: ADMIN });
    assert.equal(answer.status, 200, answer.text);
    return Object.fromEntries(answer.json.items.map(({ name, title }) => [name, title]));
  };
  test('says the title of each form’s newest version, in the language that is asked for', async () => {
    const { name: both } = await make({ title: { nl: 'Schade', en: 'Damage' } });
    const { name: one, path } = await make({ title: 'Claims' });
    const { name: none } = await make();
    for (const [query, title] of [['', 'Damage'], ['?language=nl', 'Schade'], ['?language=fr', 'Damage']]) {
      const all = await titles(FORMS, query);
      assert.deepEqual([all[both], all[one], all[none], all.default], [title, 'Claims', null, null], query);
    }
    assert.equal((await json('PUT', path, { title: 'Losses' }, { headers: { 'if-match': '"1"' } })).status, 200);
    assert.equal((await titles(FORMS))[one], 'Losses');
    assert.equal((await server.get(`${FORMS}?language=n!`)).status, 400);
  });
  test('says no title where a workspace has more than 100 forms', async () => {
    const forms = `${API}/workspaces/ELSE-WHERE/forms`;
    const add = async (name) =>
      assert.equal((await json('POST', forms, { name, title: `The ${name}` }, { as: ADMIN })).status, 201);
    for (let i = 0; i < 100; i++) await add(`form-${i}`);
    assert.equal((await titles(forms))['form-99'], 'The form-99');
    await add('one-more');
    assert.deepEqual(new Set(Object.values(await titles(forms))), new Set([null]));
  });
});

describe('the built-in form', () => {
  test('is listed and read until a form of its name replaces it, as version 2', async () => {
    const forms = `${API}/workspaces/EXA-CON-BUS-TWO/forms`;
    assert.deepEqual((await server.get(forms)).json.items,
      [{ name: 'default', title: null, version: 1, default: true, disabled: false }]);
    assert.deepEqual((await server.get(`${forms}/default`)).json.form, {});
    assert.deepEqual((await server.get(`${forms}/default/versions`)).json.items, []);
    const own = await json('PUT', `${forms}/default`, { default: true, fields: [{ name: 'priority', required: true }] });
    assert.equal(own.status, 201, own.text);
    assert.equal(own.json.version, 2);
    assert.deepEqual((await server.get(`${forms}/default?version=1`)).json.form, {});
    assert.deepEqual((await server.get(forms)).json.items,
      [{ name: 'default', title: null, version: 2, default: true, disabled: false }]);
    assert.deepEqual(pointers(await server.addTask(small({ domainWorkSpace: 'EXA-CON-BUS-TWO' }))),
      ['/priority required']);
  });
});

describe('reports', () => {
  test('are judged by the form that they name, and remember its version', async () => {
    const { name, path } = await make({
      todoType: 'INCIDENT',
      unknownMembers: 'refuse',
      fields: [
        { name: 'category', options: ['Customs', 'IT'], default: ['Customs'] },
        { name: 'dueDate', default: '+14d', locked: true },
        { name: 'MRN', type: 'mrn', required: true, tag: true },
        { name: 'weight', type: 'number' },
      ],
    });
    const sent = { todoType: undefined, mrn: '24NL000396A1B2C3D4', weight: '12.5' };
    const created = await report(name, sent);
    assert.equal(created.status, 201, created.text);
    assert.deepEqual(created.json.tags, ['ORDER 1', '24NL000396A1B2C3D4']);
    const record = (await server.get(new URL(created.headers.location).pathname)).json;
    assert.deepEqual(record.extra, { MRN: '24NL000396A1B2C3D4', weight: 12.5 });
    assert.deepEqual(record.category, ['Customs']);
    assert.equal(record.form, name);
    assert.equal(record.formVersion, 1);
    const days = (Date.parse(record.dueDate) - Date.parse(record.createdAt.slice(0, 10))) / 86_400_000;
    assert.equal(days, 14);
    assert.deepEqual(pointers(await report(name, { category: 'Law', dueDate: '2030-01-01', wieght: 1 })).sort(), [
      '/MRN required', '/category not_an_option', '/dueDate locked', '/wieght unknown_member',
    ]);
    /* A change of the form is in force at once, and harms no record. */
    await json('PUT', path, { fields: [{ name: 'vessel', type: 'text', required: true }] },
      { headers: { 'if-match': '"1"' } });
    assert.deepEqual(pointers(await report(name, { ...sent, todoType: 'INCIDENT' })), ['/vessel required']);
    assert.deepEqual((await server.get(new URL(created.headers.location).pathname)).json, record);
    const later = await server.createAndRead(small({ vessel: 'Ever Given' }), { query: `?form=${name}` });
    assert.equal(later.formVersion, 2);
  });
  test('without a name are judged by the workspace’s default form', async () => {
    const { path } = await make(
      { default: true, fields: [{ name: 'lane', type: 'choice', options: ['red', 'green'], default: 'green' }] });
    assert.deepEqual((await server.createAndRead(small())).extra, { lane: 'green' });
    assert.deepEqual((await server.createAndRead(small(), { query: '?form=default' })).extra, {});
    /* Another one takes its place; there is never more than one. */
    const other = await make({ default: true });
    const { items } = (await server.get(FORMS)).json;
    assert.deepEqual(items.filter((form) => form.default).map(({ name }) => name), [other.name]);
    assert.deepEqual((await server.createAndRead(small())).extra, {});
    await json('PUT', other.path, { default: false }, { headers: { 'if-match': '"1"' } });
    assert.equal((await server.createAndRead(small())).form, 'default');
    /* The one before knows that it is the default no more, and does not become it again by a change. */
    const { version, form } = (await server.get(path)).json;
    assert.deepEqual([version, form.default], [2, undefined]);
    const put = async (body, etag) => (await json('PUT', path, body, { headers: { 'if-match': etag } })).status;
    assert.equal(await put({ ...form, default: true }, '"1"'), 412);
    assert.equal(await put({ ...form, title: 'Lanes' }, '"2"'), 200);
    assert.equal((await server.createAndRead(small())).form, 'default');
  });
  test('by a form that is not there, or disabled, are answered 404', async () => {
    assert.equal((await report('nowhere')).status, 404);
    const { name, path } = await make();
    assert.equal((await report(name)).status, 201);
    await json('PUT', path, { disabled: true }, { headers: { 'if-match': '"1"' } });
    const refused = await report(name);
    assert.equal(refused.status, 404);
    assert.match(refused.json.detail, /disabled/);
  });
  test('sent again with their key get the first answer, though the form has changed since', async () => {
    const { name, path } = await make();
    const headers = { 'idempotency-key': `"forms-${name}"` };
    const first = await report(name, {}, { headers });
    assert.equal(first.status, 201);
    await json('PUT', path, { disabled: true }, { headers: { 'if-match': '"1"' } });
    const again = await report(name, {}, { headers });
    assert.equal(again.status, 201);
    assert.equal(again.text, first.text);
    assert.equal(again.headers['idempotent-replayed'], 'true');
  });
  test('a dry run tells what the form makes of them, and warns of references', async () => {
    const { name } = await make({ fields: [{ name: 'MRN', type: 'mrn', check: 'warn' }] });
    const answer = await server.addTask(small({ MRN: 'x', priorty: 1 }), { query: `?form=${name}&dryRun=true` });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(answer.json.record.extra, { MRN: 'x', priorty: 1 });
    assert.deepEqual(answer.json.warnings.map(({ pointer, code }) => `${pointer} ${code}`),
      ['/MRN not_a_reference', '/priorty unknown_member']);
  });
  test('while a form changes under them are judged by one version or the next', async () => {
    const { name, path } = await make({ fields: [{ name: 'n', type: 'number', default: 1 }] });
    let etag = '"1"';
    const changing = (async () => {
      for (let i = 2; i <= 12; i++) {
        const answer = await json('PUT', path, { fields: [{ name: 'n', type: 'number', default: i }] },
          { headers: { 'if-match': etag } });
        assert.equal(answer.status, 200, answer.text);
        etag = answer.headers.etag;
      }
    })();
    const records =
      await Promise.all(Array.from({ length: 60 }, () => server.createAndRead(small(), { query: `?form=${name}` })));
    await changing;
    for (const { formVersion, extra } of records) assert.equal(extra.n, formVersion);
  });
});

test('each change is an event of the domain’s history, which stays whole', async () => {
  const verified = await runBzctrld(['verify', '--data', server.dir]);
  assert.equal(verified.code, 0, verified.stderr);
});
