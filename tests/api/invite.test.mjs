/* A form that invites reporters whom the domain does not know; and what it does not let happen. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { API, EXAMPLE, addUser, small, startServer } from '../lib/server.mjs';

const MANAGER = 'manager@example.com';
const ADMIN = 'admin@example.com';
const FORMS = `${API}/workspaces/EXA-CON-BUS-WOR/forms`;

describe('a form that invites', () => {
  let server;
  before(async () => {
    server = await startServer({
      workspaces: ['EXA-CON-BUS-WOR', 'OTHER-WOR'],
      users: [
        EXAMPLE,
        { email: MANAGER, role: 'manager', domain: 'EXA-CON-BUS' },
        { email: ADMIN, admin: true },
        { email: 'alien@example.com', role: 'member', domain: 'OTHER' },
      ],
    });
    const form = { unknownReporter: { invite: ['Example.com', 'mail.example.org'] } };
    const made = await server.send(MANAGER, 'PUT', `${FORMS}/inviting`, form);
    assert.equal(made.status, 201, made.text);
  });
  after(() => server.stop());

  const seqOf = async (key) => (await server.get(`${API}/tasks/${key}/events`)).json.items[0].seq;
  const report = (members, options = {}) => server.addTask(small(members), { query: '?form=inviting', ...options });
  const person = async (email) => (await server.get(`${API}/people/${email}`, { as: ADMIN })).json;

  test('an unknown reporter becomes a viewer of the domain, and the report is taken', async () => {
    const answer = await report({ reporter: 'New.One@example.com', assignee: 'new.one@EXAMPLE.com' });
    assert.equal(answer.status, 201, answer.text);
    const record = (await server.get(new URL(answer.headers.location).pathname)).json;
    assert.equal(record.reporter, 'new.one@example.com');
    assert.equal(record.assignee, 'new.one@example.com');
    assert.equal(record.source, EXAMPLE.email);
    const { roles, disabled, admin } = await person('new.one@example.com');
    assert.deepEqual({ roles, disabled, admin },
      { roles: [{ domain: 'EXA-CON-BUS', role: 'viewer' }], disabled: false, admin: false });
    const again =
      (await server.get(new URL((await report({ reporter: 'new.one@example.com' })).headers.location).pathname)).json;
    assert.equal((await seqOf(again.key)) - (await seqOf(record.key)), 1, 'known now: a record and nothing else');
    const other = await server.createAndRead(small({ reporter: 'other.one@example.com' }), { query: '?form=inviting' });
    assert.equal((await seqOf(other.key)) - (await seqOf(again.key)), 2, 'the invitation is an event of its own');
    /* Nobody can sign in with it before somebody gives it a password. */
    const token =
      await server.grant({ grant_type: 'password', username: 'new.one@example.com', password: EXAMPLE.password });
    assert.equal(token.json.error, 'invalid_grant');
  });

  test('addresses that differ in the case or form of any letter invite one person', async () => {
    const seen = new Set();
    for (const reporter of ['jürgen@example.com', 'JÜRGEN@example.com', 'ju\u0308rgen@EXAMPLE.com',
        ' Jürgen@example.com ']) {
      const answer = await report({ reporter });
      assert.equal(answer.status, 201, answer.text);
      seen.add((await server.get(new URL(answer.headers.location).pathname)).json.reporter);
    }
    assert.deepEqual([...seen], ['jürgen@example.com']);
    assert.equal((await report({ reporter: 'jür\u200bgen@example.com' })).json.errors[0].code, 'unknown_person');
  });

  test('whoever has an account elsewhere keeps what it has', async () => {
    assert.equal((await report({ reporter: 'alien@example.com' })).status, 201);
    assert.deepEqual((await person('alien@example.com')).roles, [
      { domain: 'EXA-CON-BUS', role: 'viewer' },
      { domain: 'OTHER', role: 'member' },
    ]);
  });

  test('other mail domains, the built-in form and other members: refused as ever', async () => {
    const refused = [
      report({ reporter: 'one@example.net' }),
      report({ reporter: 'one@sub.example.com' }),
      report({ reporter: 'no address' }),
      report({ reporter: 'a@b@example.com' }),
      report({ assignee: 'unknown@example.com' }),
      server.addTask(small({ reporter: 'unknown@example.com' })),
    ];
    for (const answer of await Promise.all(refused)) {
      assert.equal(answer.status, 422, answer.text);
      assert.deepEqual(answer.json.errors.map((error) => error.code), ['unknown_person'], answer.text);
    }
    assert.equal((await server.get(`${API}/people/unknown@example.com`, { as: ADMIN })).status, 404);
  });

  test('who is disabled is not invited back', async () => {
    assert.equal((await report({ reporter: 'gone@example.com' })).status, 201);
    const { headers } = await server.get(`${API}/people/gone@example.com`, { as: ADMIN });
    const changed = await server.send(ADMIN, 'PATCH', `${API}/people/gone@example.com`, { disabled: true },
      { headers: { 'if-match': headers.etag } });
    assert.equal(changed.status, 200, changed.text);
    assert.equal((await report({ reporter: 'gone@example.com' })).json.errors[0].code, 'unknown_person');
  });

  test('a report that is refused, or a dry run, invites nobody', async () => {
    const wrong = await report({ reporter: 'not.yet@example.com', impact: 'Huge' });
    assert.deepEqual(wrong.json.errors.map((error) => error.pointer), ['/impact']);
    const dry = await report({ reporter: 'not.yet@example.com' }, { query: '?form=inviting&dryRun=true' });
    assert.equal(dry.status, 200, dry.text);
    assert.equal(dry.json.valid, true);
    assert.deepEqual([dry.json.record.reporter, dry.json.record.assignee],
      ['not.yet@example.com', 'not.yet@example.com']);
    assert.deepEqual(dry.json.warnings.map((warning) => [warning.pointer, warning.code]),
      [['/reporter', 'unknown_person']]);
    assert.equal((await server.get(`${API}/people/not.yet@example.com`, { as: ADMIN })).status, 404);
  });

  test('who may only read makes nobody an account', async () => {
    await addUser(server.dir, { email: 'viewer@example.com', role: 'viewer', domain: 'EXA-CON-BUS' });
    const answer = await report({ reporter: 'by.viewer@example.com' }, { as: 'viewer@example.com' });
    assert.equal(answer.status, 403, answer.text);
    assert.equal((await server.get(`${API}/people/by.viewer@example.com`, { as: ADMIN })).status, 404);
  });

  test('at once from everywhere: one account, all reports; the same in bulk', async () => {
    const answers = await Promise.all(
      Array.from({ length: 24 },
        (_, i) => report({ reporter: i % 2 ? 'crowd@example.com' : `crowd${i}@mail.example.org` })),
    );
    for (const answer of answers) assert.equal(answer.status, 201, answer.text);
    const items = Array.from({ length: 30 }, (_, i) => ({
      task: small({ reporter: i % 3 ? `bulk${i % 5}@example.com` : 'one@example.net' }),
    }));
    const bulk = await server.addTasks(items, { query: '?form=inviting' });
    assert.equal(bulk.status, 200, bulk.text);
    assert.deepEqual(bulk.json.items.map((item) => item.status), items.map((_, i) => (i % 3 ? 201 : 422)));
    assert.equal((await person('crowd@example.com')).roles.length, 1);
    assert.equal((await person('bulk1@example.com')).roles.length, 1);
  });

  test('what is no list of mail domains is told', async () => {
    const wrong = [
      ['invite', '/unknownReporter', 'not_an_option'],
      [{}, '/unknownReporter', 'wrong_type'],
      [{ invite: [] }, '/unknownReporter/invite', 'wrong_type'],
      [{ invite: ['@example.com'] }, '/unknownReporter/invite/0', 'not_an_email'],
      [{ invite: ['example.com', 'Example.COM'] }, '/unknownReporter/invite/1', 'duplicate_member'],
      [{ invite: ['example.com'], role: 'manager' }, '/unknownReporter', 'wrong_type'],
    ];
    for (const [unknownReporter, pointer, code] of wrong) {
      const answer = await server.send(MANAGER, 'PUT', `${FORMS}/wrong`, { unknownReporter });
      assert.equal(answer.status, 422, answer.text);
      assert.deepEqual(answer.json.errors.map((error) => [error.pointer, error.code]), [[pointer, code]]);
    }
    assert.equal((await server.send(MANAGER, 'PUT', `${FORMS}/refusing`, { unknownReporter: 'refuse' })).status, 201);
  });
});
