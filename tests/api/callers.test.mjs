/*
 * What callers send that were written for the product of the source document: each spelling is taken,
 * stored in the one spelling of records, and shown.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { makeFile, runBzctrld } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const MANAGER = 'manager@example.com';
const FORMS = `${API}/workspaces/${WORKSPACE}/forms`;

let server;
before(async () => {
  server = await startServer({ users: [EXAMPLE, { email: MANAGER, role: 'manager', domain: 'EXA-CON-BUS' }] });
});
after(() => server.stop());

async function refused(body, options) {
  const answer = await server.addTask(body, options);
  assert.equal(answer.status, 422, answer.text);
  return answer.json.errors;
}

test('the three spellings of a status in the developers’ list', async () => {
  for (const [sent, kept] of [['TODO', 'To do'], ['INPROGRESS', 'In Progress'], ['DONE', 'Done'],
    ['InProgress', 'In Progress'], ['ToDo', 'To do'], ['in_progress', 'In Progress']])
    assert.equal((await server.createAndRead(small({ status: sent }))).status, kept);
});

test('each spelling of the place', async () => {
  for (const place of [
    { domainWorkSpace: 'EXA-CON-BUS-WOR' },
    { domainWorkSpace: undefined, domain: 'EXA-CON-BUS-WOR', workspace: 'WOR' },
    { domainWorkSpace: undefined, domain: 'EXA-CON-BUS', workspace: 'WOR' },
    { domainWorkSpace: undefined, domain: 'exa-con-bus-wor ', workspace: 'wor   ' },
  ])
    assert.equal((await server.createAndRead(small(place))).workspace, WORKSPACE);
});

test('orders as one text or a list, LRN in small or capital letters', async () => {
  for (const [sent, tags] of [
    [{ orderID: 'ORDER 777', lrn: '725462' }, ['ORDER 777', '725462']],
    [{ orderID: ['ORDER 777'], LRN: '725462' }, ['ORDER 777', '725462']],
    [{ orderID: ['A', 'B'], lrn: '' }, ['A', 'B']],
    [{ orderID: '1893348   ', LRN: ' 725462\u00a0' }, ['1893348', '725462']],
    [{ orderID: 777, lrn: 725462, tags: [1, ' x '] }, ['777', '725462', '1', 'x']],
    [{ orderID: [777, 'B', 9007199254740992] }, ['777', 'B', '9007199254740992']],
  ]) {
    const record = await server.createAndRead(small(sent));
    assert.deepEqual(record.tags, tags);
    assert.ok(record.orderID.every((one) => typeof one === 'string'));
  }
});

test('a number that may have lost digits is to be put in quotes', async () => {
  for (const number of ['1.5', '1e3', '-7', '9007199254740993']) {
    const body = JSON.stringify(small()).replace('"ORDER 1"', `[${number}]`);
    const [fault, ...more] = await refused(body);
    assert.deepEqual([fault.pointer, fault.code, more], ['/orderID/0', 'wrong_type', []]);
    assert.match(fault.detail, /Put it in quotes/);
  }
});

test('blanks around options, amounts, dates and addresses', async () => {
  const record = await server.createAndRead(small({
    todoType: 'INCIDENT ', impact: 'HIGH ', status: 'To do ', financialImpact: '  1250.50',
    reporter: ' Example@example.com ', dueDate: '2026-12-24 ', reminderDate: '\t2026-12-23',
    priority: '   ', assignee: '\u200b',
  }));
  const { impact, status, financialImpact, reporter, dueDate, reminderDate, priority, assignee } = record;
  assert.deepEqual(
    { impact, status, financialImpact, reporter, dueDate, reminderDate, priority, assignee },
    { impact: 'High', status: 'To do', financialImpact: '1250.50', reporter: EXAMPLE.email, dueDate: '2026-12-24',
      reminderDate: '2026-12-23', priority: null, assignee: EXAMPLE.email },
  );
  assert.equal((await server.createAndRead(small({ financialImpact: ' ' }))).financialImpact, null);
});

test('a text in which nothing can be seen is absent', async () => {
  for (const text of ['\u200b', '\u00a0', '\ufeff', ' \u2060\u202e ', '\u3164']) {
    const faults = await refused(small({ title: text, description: text, orderID: [text] }));
    assert.deepEqual(faults.map(({ pointer, code }) => [pointer, code]),
      [['/title', 'required'], ['/description', 'required'], ['/orderID', 'required']]);
  }
});

test('times as many programs write them', async () => {
  for (const text of ['2026-12-24T10:00:00+0100', '2026-12-24 10:00:00+01:00', '2026-12-24 10:00:00Z'])
    assert.equal((await server.createAndRead(small({ dueDate: text }))).dueDate, '2026-12-24');
});

describe('members of the other type', () => {
  const task = { todoType: 'TASK', financialImpact: '123577', impact: 'HIGH', likelihood: 'MEDIUM', result: 'Sent' };

  test('are kept, shown, and told by a dry run', async () => {
    const record = await server.createAndRead(small(task));
    assert.deepEqual(
      [record.todoType, record.financialImpact, record.financialImpactCurrency, record.impact, record.likelihood,
        record.result],
      ['TASK', '123577.00', 'EUR', 'High', 'Medium', 'Sent'],
    );
    assert.equal((await server.createAndRead(small({ result: 'Paid' }))).result, 'Paid');
    const { json } = await server.addTask(small(task), { query: '?dryRun=true' });
    assert.deepEqual(json.warnings.map(({ pointer, code }) => [pointer, code]),
      [['/financialImpact', 'not_for_task'], ['/impact', 'not_for_task'], ['/likelihood', 'not_for_task']]);
    assert.deepEqual((await server.addTask(small({ result: 'Paid' }), { query: '?dryRun=true' })).json.warnings, [
      { pointer: '/result', code: 'not_for_incident', detail: 'result is for tasks only; it is kept and shown.' },
    ]);
  });

  test('are a fault where the form says so, in this version of it alone', async () => {
    for (const [i, otherType] of ['refuse', 'accept'].entries()) {
      const stored = await server.send(MANAGER, 'PUT', `${FORMS}/strict`, { otherType },
        { headers: i ? { 'if-match': '"1"' } : {} });
      assert.equal(stored.json.version, i + 1, stored.text);
      assert.equal(stored.json.form.otherType, otherType);
      const answer = await server.addTask(small({ result: 'Paid' }), { query: '?form=strict' });
      assert.equal(answer.status, otherType === 'refuse' ? 422 : 201, answer.text);
      if (otherType === 'refuse')
        assert.deepEqual(answer.json.errors,
          [{ pointer: '/result', code: 'not_for_incident',
            detail: 'result is for tasks only; leave it out of an incident.' }]);
    }
    const old = await server.get(`${FORMS}/strict?version=1`, { as: MANAGER });
    assert.equal(old.json.form.otherType, 'refuse', old.text);
    const wrong = await server.send(MANAGER, 'PUT', `${FORMS}/wrong`, { otherType: 'keep' });
    assert.deepEqual(wrong.json.errors.map(({ pointer, code, allowed }) => [pointer, code, allowed]),
      [['/otherType', 'not_an_option', ['accept', 'refuse']]]);
  });

  test('a form as a file has the word', async () => {
    const file = await makeFile('{"name":"filed","fields":[],"otherType":"refuse","title":"T"}');
    const made = await runBzctrld(['form', 'import', WORKSPACE, file, '--data', server.dir]);
    assert.equal(made.code, 0, made.stderr);
    const out = await runBzctrld(['form', 'export', WORKSPACE, 'filed', '--data', server.dir]);
    assert.equal(out.stdout, '{\n  "name": "filed",\n  "title": "T",\n  "otherType": "refuse",\n  "fields": []\n}\n');
    assert.equal((await refused(small({ todoType: 'TASK', impact: 'Low' }), { query: '?form=filed' }))[0].code,
      'not_for_task');
  });
});

describe('a member that is missing', () => {
  const wrong = async (body, options) =>
    Object.fromEntries((await refused(body, options)).map(({ pointer, detail }) => [pointer, detail]));

  test('may have been sent under a name that looks like it', async () => {
    for (const [name, meant] of [['order_id', 'orderID'], ['Order ID', 'orderID'], ['tittle', 'title'],
        ['domain_work_space', 'domainWorkSpace'], ['todo-type', 'todoType']]) {
      const member = Object.keys(small()).find((one) => one === meant);
      const { [member]: value, ...rest } = small();
      assert.deepEqual(Object.values(await wrong({ ...rest, [name]: value }))
        .map((detail) => detail.includes(`You sent "${name}"; did you mean ${meant}?`)), [true]);
    }
    const { '/orderID': detail } = await wrong(small({ orderID: undefined, consignee: 'x' }));
    assert.equal(detail, 'orderID is required.');
  });
  test('is a member of the form, too, and none that the form has itself', async () => {
    const made = await server.send(MANAGER, 'PUT', `${FORMS}/near`,
      { fields: [{ name: 'carrier', type: 'text', required: true }, { name: 'carriers', type: 'text' }] });
    assert.equal(made.status, 201, made.text);
    assert.match((await wrong(small({ carier: 'x' }), { query: '?form=near' }))['/carrier'], /did you mean carrier/);
    assert.equal((await wrong(small({ carriers: 'x' }), { query: '?form=near' }))['/carrier'], 'carrier is required.');
  });
  test('is looked for among a great many names no longer than among some', async () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`order${i}`, 1]));
    const faults = await refused({ ...small({ orderID: undefined }), ...many });
    assert.deepEqual(faults.map(({ pointer }) => pointer), ['/orderID']);
  });
  test('may be inside an object', async () => {
    for (const name of ['task', 'data', 'a"b']) {
      const details = await wrong({ [name]: small() });
      assert.deepEqual(Object.keys(details).sort(),
        ['/description', '/domainWorkSpace', '/orderID', '/reporter', '/title', '/todoType']);
      for (const detail of Object.values(details)) assert.ok(detail.includes(`It was found inside "${name}"`), detail);
    }
  });
});

test('an item of add-tasks that is no item says where the report belongs', async () => {
  const said = async (item) => (await server.addTasks([item])).json.items[0].problem;
  for (const [item, expected] of [[small(), /put it under "task"/],
      [{ data: small() }, /found inside "data": put it under "task"/],
      [{ item: 5 }, /Unknown member "item" of an item/]]) {
    const problem = await said(item);
    assert.equal(problem.status, 400);
    assert.match(problem.detail, expected);
  }
  assert.match((await said({ task: { data: small() } })).errors[0].detail, /found inside "data"/);
});
