/*
 * A form's sample works now: the body is taken, the line runs in a shell, and the form's schema
 * accepts it.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { compile, each, forms } from '../lib/forms.mjs';
import { run } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, startServer } from '../lib/server.mjs';

const MANAGER = 'manager@example.com';
const VIEWER = 'viewer@example.com';
const ADMIN = 'admin@example.com';
const FORMS = `${API}/workspaces/${WORKSPACE}/forms`;
const people = [
  EXAMPLE,
  { email: MANAGER, role: 'manager', domain: 'EXA-CON-BUS' },
  { email: VIEWER, role: 'viewer', domain: 'EXA-CON-BUS' },
  { email: ADMIN, admin: true },
];

let server;
before(async () => {
  server = await startServer({ users: people });
});
after(() => server.stop());

const put = (name, document, options) => server.send(MANAGER, 'PUT', `${FORMS}/${name}`, document, options);

async function sampleOf(name, as = EXAMPLE.email) {
  const answer = await server.get(`${FORMS}/${name}/sample`, { as });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

/** Sends the body, runs the line, holds the body against the schema. Returns the body. */
async function works(name, as = EXAMPLE.email) {
  const { body, curl } = await sampleOf(name, as);
  const sent = await server.addTask(body, { as, query: `?form=${name}` });
  assert.equal(sent.status, 201, `${name}: ${sent.text}\n${JSON.stringify(body)}`);
  const ran = await run('sh', ['-c', curl], { env: { TOKEN: await server.token(as) } });
  assert.equal(ran.code, 0, ran.stderr);
  const answer = JSON.parse(ran.stdout);
  assert.ok(answer.taskLink?.startsWith(`${server.publicUrl}/app/#/todo/${WORKSPACE}-`), ran.stdout);
  const validate = compile((await server.get(`${FORMS}/${name}/schema`)).json);
  assert.ok(validate(body), JSON.stringify([body, validate.errors]));
  return body;
}

const more = {
  'patterns': { fields: [
    { name: 'title', pattern: '^[A-Z]{2}-\\d+$', example: 'AB-12' },
    { name: 'orderID', pattern: '^ORDER \\d+$' },
    { name: 'code', type: 'text', required: true, pattern: '^[a-z]{3}$', example: 'xyz' },
    { name: 'mail', type: 'email', required: true, pattern: '@example[.]com$' },
    { name: 'left', type: 'text', pattern: '^never the same$' },
  ] },
  'shell-words': { title: `It's "$TOKEN" \`id\` $(id) \\ \n\u2028 ; & | 😀 \u202e`, fields: [
    { name: 'a', type: 'choice', options: ["'; exit 7 #", 'b'] },
    { name: 'b', type: 'text', required: true, example: "a'b''c" },
    { name: 'c', type: 'longText', default: '%s%n\\u0041\r\n' },
  ] },
  'relative': { fields: [{ name: 'dueDate', default: '+3d' },
    { name: 'day', type: 'date', required: true, example: '+400d' }, { name: 'occurredAt', required: true }] },
  'hidden': { fields: [{ name: 'a', type: 'text', hidden: true },
    { name: 'b', type: 'text', required: true, hidden: true, default: 'x' }] },
  'many': { fields: Array.from({ length: 100 },
    (_, i) => ({ name: `f${i}`, type: 'text', required: true, example: '😀'.repeat(255) })) },
  'defaults': { fields: [{ name: 'description', default: 'd' }, { name: 'reporter', default: VIEWER, locked: true },
    { name: 'orderID', required: false }] },
};

describe('the sample works', () => {
  for (const [name, document] of [['default'], ...Object.entries(forms).map(([key, [form]]) => [key, form]),
    ...Object.entries(more)])
    test(name, async () => {
      if (document) {
        const made = await put(name, document);
        assert.equal(made.status, 201, made.text);
      }
      const body = await works(name);
      if (name !== 'defaults') assert.equal(body.reporter, EXAMPLE.email);
    });
  test('whoever asks: a client gets somebody whom the domain knows as the reporter', async () => {
    const client = await server.addClient(ADMIN, { scopes: ['task:create', 'task:read'] });
    const token = await server.clientToken(client);
    const { body } = (await server.request('GET', `${FORMS}/default/sample`, { token })).json;
    assert.ok(people.some(({ email }) => email === body.reporter));
    assert.equal((await server.addTask(body, { token })).status, 201);
    assert.equal((await works('default', ADMIN)).reporter, ADMIN);
    assert.equal((await sampleOf('default', VIEWER)).body.reporter, VIEWER);
  });
  test('each time, where the form knows reports again by what the sample fills in', async () => {
    await put('dedup',
      { dedup: { by: ['orderID', 'LRN', 'code'], then: 'refuse' }, fields: [{ name: 'code', type: 'text' }] });
    /* within a millisecond, some */
    const bodies = (await Promise.all(Array.from({ length: 20 }, () => sampleOf('dedup')))).map(({ body }) => body);
    for (const body of bodies)
      assert.equal((await server.addTask(body, { query: '?form=dedup' })).status, 201, JSON.stringify(bodies));
    assert.equal((await server.addTask(bodies[0], { query: '?form=dedup' })).status, 409);
  });
  test('a long one has what it must have, and leaves out the rest', async () => {
    const fields = Array.from({ length: 100 }, (_, i) => ({ name: `f${i}`, type: 'text', example: '😀'.repeat(255) }));
    await put('long', { fields });
    const body = await works('long');
    const filled = fields.filter(({ name }) => name in body).length;
    assert.ok(filled > 5 && filled < 50, String(filled));
  });
});

describe('where there is none', () => {
  const pointers = (answer) => answer.json.errors.map(({ pointer, code }) => `${pointer} ${code}`);
  test('a form with a required pattern has to give an example, and is told so', async () => {
    const refused = await put('no-example',
      { fields: each(({ name }) => (name === 'note' ? { required: true, pattern: '^never the same$' } : {})) });
    assert.deepEqual(pointers(refused), ['/fields/0/example required']);
    assert.match(refused.json.errors[0].detail, /example is required/);
    const wrong = await put('no-example',
      { fields: [{ name: 'note', type: 'text', required: true, pattern: '^never the same$', example: 'other' }] });
    assert.deepEqual(pointers(wrong), ['/fields/0/example pattern']);
  });
  test('a time can be no default', async () => {
    const refused = await put('time', { fields: [{ name: 'occurredAt', default: new Date().toISOString() }] });
    assert.deepEqual(pointers(refused), ['/fields/0/default mismatch']);
  });
  test('a disabled form, and one that nobody may be the reporter of, say why', async () => {
    const made = await put('gone', {});
    await put('gone', { disabled: true }, { headers: { 'if-match': made.headers.etag } });
    const disabled = await server.get(`${FORMS}/gone/sample`);
    assert.equal(disabled.status, 409);
    assert.match(disabled.json.detail, /disabled/);
    assert.equal((await server.get(`${FORMS}/nowhere/sample`)).status, 404);
    const empty = await startServer({ users: [] });
    const printed = await empty.command(['client', 'add', 'Gate', '--domain', 'EXA-CON-BUS', '--scope', 'task:read']);
    const [, clientId, secret] = /^client_id=(.*)\nclient_secret=(.*)$/m.exec(printed);
    const lonely =
      await empty.request('GET', `${FORMS}/default/sample`, { token: await empty.clientToken({ clientId, secret }) });
    assert.equal(lonely.status, 409);
    assert.match(lonely.json.detail, /reporter is required/);
    await empty.stop();
  });
});
