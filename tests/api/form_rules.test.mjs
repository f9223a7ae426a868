/*
 * The decision table of forms: each sort of field × what the form says of it × what is sent for it.
 * And hostile texts in every place of a form, and records whose form has changed since.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { compile, least } from '../lib/forms.mjs';
import { runBzctrld } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, startServer } from '../lib/server.mjs';

const MANAGER = 'manager@example.com';
const FORMS = `${API}/workspaces/${WORKSPACE}/forms`;
const people = [EXAMPLE, { email: MANAGER, role: 'manager', domain: 'EXA-CON-BUS' }];

let server;
before(async () => {
  server = await startServer({ users: people });
});
after(() => server.stop());

/* What is judged does not depend on the database. */
const oneIn = process.env.BZCTRL_TEST_POSTGRES ? 4 : 1;
const put = (name, document, options) => server.send(MANAGER, 'PUT', `${FORMS}/${name}`, document, options);
/* The next version of one form, so that a workspace need not hold a thousand. */
const replace = (name, document) => put(name, document, { headers: { 'if-match': '*' } });
const codes = (answer) => answer.json.errors.map(({ pointer, code }) => `${pointer} ${code}`);

/* Of each sort of field: a right value and what the record has then, another, and a wrong one with the
 * code of its fault. A member of the source stands in the record under its own name. */
const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const sorts = [
  /* field, right, kept, other, kept, wrong, code */
  [{ name: 'note', type: 'text' }, 'a', 'a', 'é', 'é', 'x'.repeat(256), 'too_long'],
  [{ name: 'note', type: 'text', maxLength: 2 }, 'ab', 'ab', '😀😀', '😀😀', 'abc', 'too_long'],
  [{ name: 'note', type: 'text', pattern: '^a' }, 'a', 'a', 'ab', 'ab', 'ba', 'pattern'],
  [{ name: 'note', type: 'text', options: ['A', 'B'] }, 'A', 'A', 'b', 'B', 'c', 'not_an_option'],
  [{ name: 'story', type: 'longText' }, 'a\nb', 'a\nb', 'x'.repeat(65_536), 'x'.repeat(65_536), 7, 'wrong_type'],
  [{ name: 'weight', type: 'number' }, 12.5, 12.5, '-0.25', -0.25, '1e3', 'not_a_number'],
  [{ name: 'fee', type: 'money' }, 7, '7.00', '7.5', '7.50', -7, 'negative'],
  [{ name: 'until', type: 'date' }, '2030-01-31', '2030-01-31', '2030-01-31T23:59:59+14:00', '2030-01-31', '2030-02-31',
    'not_a_date'],
  [{ name: 'mode', type: 'choice', options: ['Sea', 'Air'] }, 'Sea', 'Sea', 'AIR', 'Air', 'Rail', 'not_an_option'],
  [{ name: 'marks', type: 'choices', options: ['a', 'b'] }, ['a'], ['a'], 'B', ['b'], ['a', 'c'], 'not_an_option',
    '/1'],
  [{ name: 'mail', type: 'email' }, 'a@b', 'a@b', 'c@d', 'c@d', 'a@', 'not_an_email'],
  [{ name: 'sealed', type: 'boolean' }, true, true, 'NO', false, 'perhaps', 'wrong_type'],
  [{ name: 'ref', type: 'lrn' }, 'X1', 'X1', 'y', 'y', 'a b', 'not_a_reference'],
  [{ name: 'ref', type: 'mrn' }, '24NL000396A1B2C3D4', '24NL000396A1B2C3D4', '24NL000396A1B2C3D4', '24NL000396A1B2C3D4',
    '24NL000396A1B2C3D5', 'not_a_reference'],
  [{ name: 'ref', type: 'customsOffice' }, 'NL000396', 'NL000396', 'DE004851', 'DE004851', 'NL3', 'not_a_reference'],
  [{ name: 'financialImpact' }, 7, '7.00', '7.5', '7.50', 0.001, 'too_precise'],
  [{ name: 'impact' }, 'High', 'High', 'low', 'Low', 'none', 'not_an_option'],
  [{ name: 'likelihood', options: ['High', 'Low'] }, 'High', 'High', 'low', 'Low', 'Medium', 'not_an_option'],
  [{ name: 'priority' }, 'High', 'High', 'low', 'Low', 1, 'wrong_type'],
  [{ name: 'category', maxLength: 3 }, ['abc'], ['abc'], 'a', ['a'], ['abc', 'abcd'], 'too_long', '/1'],
  [{ name: 'subCategory', options: ['IT'] }, 'IT', ['IT'], ['it'], ['IT'], 'x', 'not_an_option'],
  [{ name: 'tags' }, ['t'], ['t'], 'u', ['u'], Array(101).fill('t'), 'too_many'],
  [{ name: 'LRN', check: 'refuse', tag: false }, 'X1', 'X1', 'y', 'y', 'a b', 'not_a_reference'],
  [{ name: 'reminderDate' }, '2020-01-31', '2020-01-31', '0001-01-01', '0001-01-01', 'soon', 'not_a_date'],
  [{ name: 'dueDate' }, '2030-01-31', '2030-01-31', '2031-01-31', '2031-01-31', '+14d', 'not_a_date'],
].map(([field, right, kept, other, otherKept, wrong, code, at = '']) =>
  ({ field, right, kept, other, otherKept, wrong, code, at }));

/* What the form says of the field → what comes of each thing that is sent for it. A text is the code of
 * a fault, "nothing" that the record has none. */
const rules = {
  '': (s) => ({ missing: 'nothing', null: 'nothing', right: [s.kept], other: [s.otherKept], wrong: s.code }),
  'required': (s) => ({ missing: 'required', null: 'required', right: [s.kept], other: [s.otherKept], wrong: s.code }),
  'default': (s) => ({ missing: [s.kept], null: [s.kept], right: [s.kept], other: [s.otherKept], wrong: s.code }),
  'required default': (s) =>
    ({ missing: [s.kept], null: [s.kept], right: [s.kept], other: [s.otherKept], wrong: s.code }),
  'locked default': (s) => ({ missing: [s.kept], null: [s.kept], right: 'locked', other: 'locked', wrong: 'locked' }),
  'hidden': (s) => ({ missing: 'nothing', null: 'nothing', right: [s.kept], other: [s.otherKept], wrong: s.code }),
  'hidden required default': (s) =>
    ({ missing: [s.kept], null: [s.kept], right: [s.kept], other: [s.otherKept], wrong: s.code }),
  'required otherType': () =>
    ({ missing: 'nothing', null: 'nothing', right: 'not_for_incident', other: 'not_for_incident',
      wrong: 'not_for_incident' }),
  'default otherType': () =>
    ({ missing: 'nothing', null: 'nothing', right: 'not_for_incident', other: 'not_for_incident',
      wrong: 'not_for_incident' }),
  'locked default otherType': () =>
    ({ missing: 'nothing', null: 'nothing', right: 'not_for_incident', other: 'not_for_incident',
      wrong: 'not_for_incident' }),
};

describe('the decision table', () => {
  for (const [rule, outcome] of Object.entries(rules))
    test(rule || 'a field of which the form says nothing', async () => {
      const words = rule.split(' ');
      let told = 0;
      for (const sort of sorts) {
        const { field, right } = sort;
        if (words.includes('otherType') && field.type === undefined) continue;
        const name = 'ruled';
        const document = { fields: [{
          ...field,
          ...(words.includes('required') ? { required: true } : {}),
          ...(words.includes('locked') ? { locked: true } : {}),
          ...(words.includes('hidden') ? { hidden: true } : {}),
          ...(words.includes('default') ? { default: right } : {}),
          ...(words.includes('otherType') ? { for: 'TASK' } : {}),
        }] };
        const stored = await replace(name, document);
        assert.ok([200, 201].includes(stored.status), stored.text);
        const sent = { missing: undefined, null: null, right: sort.right, other: sort.other, wrong: sort.wrong };
        for (const [what, expected] of Object.entries(outcome(sort))) {
          const answer = await server.addTask({ ...least('INCIDENT'), [field.name]: sent[what] },
            { query: `?form=${name}&dryRun=true` });
          const place = expected === sort.code ? sort.at : '';
          const where = `${JSON.stringify(document)}, ${what}: ${answer.text.slice(0, 400)}`;
          told++;
          if (typeof expected === 'string' && expected !== 'nothing') {
            assert.equal(answer.status, 422, where);
            assert.deepEqual(codes(answer), [`/${field.name}${place} ${expected}`], where);
            continue;
          }
          assert.equal(answer.status, 200, where);
          const { record } = answer.json;
          const value = field.type ? record.extra[field.name] : record[field.name];
          if (expected !== 'nothing')
            assert.deepEqual(value, field.name === 'tags' ? ['ORDER 1', ...expected[0]] : expected[0], where);
          else if (field.type) assert.ok(!(field.name in record.extra), where);
          else assert.ok(value === null || value.length === 0 || field.name === 'tags', where);
        }
      }
      assert.ok(told >= 5 * 15, String(told));
    });
  test('a default of the day is the day of each report', async () => {
    await put('relative',
      { fields: [{ name: 'until', type: 'date', default: '+2d' }, { name: 'dueDate', default: '+0d', locked: true }] });
    const from = day(0);
    const { record } = (await server.addTask(least('TASK'), { query: '?form=relative&dryRun=true' })).json;
    assert.ok([from, day(0)].includes(record.dueDate));
    assert.equal(Date.parse(record.extra.until) - Date.parse(record.dueDate), 2 * 86_400_000);
  });
});

describe('hostile texts', () => {
  const texts = [
    '\u0001\u0007\u001b[31m', '\u007f\u0085', '\u202e\u2066\u200f', '\u2028\u2029', '<script>alert(1)</script>',
    "'; DROP TABLE form; --", '%s%n%99999d', '../../etc/passwd', '__proto__', 'constructor', 'prototype', '"}],"x":[{"',
    '\\', '\\u0000', '$ref', '#/$defs/nothing', '${x}', '=cmd()', '\ufeff', '\ufffe', '\u{10ffff}',
    'e\u0301'.repeat(50), '😀'.repeat(255), 'x'.repeat(256), 'x'.repeat(1000), 'x'.repeat(1001), 'x'.repeat(70_000),
    '(a+)+$', '^(a|a)*$', '^(([a-z])+.)+[A-Z]([a-z])+$', '(?:(?:a{1,100}){1,100}){1,100}$', '('.repeat(200), '[',
    'a{99999}', '(?<=a*)b', '\\p{L}'.repeat(150),
    ' ', '\t', '',
  ];
  const places = {
    'the name': (text) => ({ name: text }),
    'the title': (text) => ({ title: text }),
    'a title’s language': (text) => ({ title: { [text]: 'x' } }),
    'a title in a language': (text) => ({ title: { en: text, de: 'x' } }),
    'the help': (text) => ({ help: text }),
    'an account': (text) => ({ accounts: [EXAMPLE.email, text] }),
    'the type that it makes': (text) => ({ todoType: text }),
    'a member of the form': (text) => ({ [text]: text }),
    'a field’s name': (text) => ({ fields: [{ name: text, type: 'text' }] }),
    'a field’s type': (text) => ({ fields: [{ name: 'a', type: text }] }),
    'a member of a field': (text) => ({ fields: [{ name: 'a', type: 'text', [text]: true }] }),
    'a label': (text) => ({ fields: [{ name: 'a', type: 'text', label: text, help: { nl: text } }] }),
    'an option': (text) => ({ fields: [{ name: 'a', type: 'choice', options: ['x', text], required: true }] }),
    'an option’s label': (text) =>
      ({ fields: [{ name: 'a', type: 'choice', options: ['x', { value: 'y', label: text }] }] }),
    'a pattern': (text) => ({ fields: [{ name: 'a', type: 'text', pattern: text }] }),
    'a default': (text) => ({ fields: [{ name: 'a', type: 'longText', default: text }] }),
    'an example': (text) => ({ fields: [{ name: 'a', type: 'text', required: true, example: text }] }),
    'a default person': (text) => ({ fields: [{ name: 'assignee', default: text }] }),
    'a default date': (text) => ({ fields: [{ name: 'a', type: 'date', default: text }] }),
    'a greatest length': (text) => ({ fields: [{ name: 'a', type: 'text', maxLength: text }] }),
  };
  for (const [place, document] of Object.entries(places))
    test(`in ${place}: refused with its place, or kept, and then schema, sample and reports work`, async () => {
      for (const text of texts.filter((_, i) => i % oneIn === 0)) {
        const name = 'hostile';
        const sent = document(text);
        const answer = await replace(name, sent);
        const where = `${JSON.stringify(text).slice(0, 60)}: ${answer.text.slice(0, 300)}`;
        if (answer.status === 422) {
          assert.ok(answer.json.errors.length > 0, where);
          assert.ok(answer.body.length < 5000 + 200 * text.length, where);
          continue;
        }
        assert.ok([200, 201].includes(answer.status), where);
        assert.deepEqual((await server.get(`${FORMS}/${name}`)).json.form, sent, where);
        const validate = compile((await server.get(`${FORMS}/${name}/schema`)).json);
        const { body } = (await server.get(`${FORMS}/${name}/sample`)).json;
        assert.ok(validate(body), where);
        assert.equal((await server.addTask(body, { query: `?form=${name}` })).status, 201, where);
        /* Whatever the pattern, a report is judged. */
        const judged =
          await server.addTask({ ...least('TASK'), a: `${'a'.repeat(200)}!` }, { query: `?form=${name}&dryRun=true` });
        assert.ok([200, 422].includes(judged.status), where);
      }
    });
  test('NUL, what is no UTF-8 and half a character are no JSON', async () => {
    for (const bytes of ['{"title":"\\u0000"}', '{"title":"a\0b"}',
        Buffer.from([...Buffer.from('{"title":"'), 0xff, 0xc0, 0x80, ...Buffer.from('"}')]), '{"title":"\\ud800"}',
        '{"title":"x","title":"y"}', `{"title":${'['.repeat(40)}`]) {
      const answer = await server.requestAs(MANAGER, 'PUT', `${FORMS}/bytes`,
        { headers: { 'content-type': 'application/json' }, body: bytes });
      assert.equal(answer.status, 400, answer.text);
      assert.match(answer.json.detail, /line 1, column \d+/);
    }
  });
  test('a pattern that explodes is told after a bounded while', async () => {
    await put('exploding',
      { fields: [{ name: 'a', type: 'text', pattern: '^(a+)+$' }, { name: 'b', type: 'text', pattern: '^(a|aa)+$' }] });
    const answer = await server.addTask({ ...least('TASK'), a: `${'a'.repeat(200)}!`, b: `${'a'.repeat(200)}!` },
      { query: '?form=exploding&dryRun=true' });
    assert.deepEqual(codes(answer), ['/a too_costly', '/b too_costly']);
    for (const { detail } of answer.json.errors) assert.match(detail, /takes too long/);
  });
  test('a pattern that scans the text from each of its places is told, in one field and in six', async () => {
    for (const [i, [pattern, text]] of [
      ['[ab]{0,19000}[bx]', 'a'.repeat(65_536)], ['\\w+\\s*[=:]\\s*\\w+', `${'w'.repeat(19_900)} `.repeat(3)],
      ['\\w+[:=]\\w+', 'w'.repeat(65_536)], ['\\s+$', `${' '.repeat(65_535)}x`],
      ['[ab]{30000}[xy]', 'a'.repeat(65_536)],
      ['(?=[ab]*)[xya][xy]', 'a'.repeat(65_536)],
    ].entries()) {
      const names = ['a', 'b', 'c', 'd', 'e', 'f'];
      const made = await put(`scanning-${i}`, { fields: names.map((name) => ({ name, type: 'longText', pattern })) });
      assert.equal(made.status, 201, made.text);
      for (const sent of [['a'], names]) {
        const body = { ...least('TASK'), ...Object.fromEntries(sent.map((name) => [name, text])) };
        const answer = await server.addTask(body, { query: `?form=scanning-${i}` });
        assert.equal(answer.status, 422, pattern);
        assert.deepEqual(codes(answer), sent.map((name) => `/${name} too_costly`), pattern);
      }
      const honest = { ...least('TASK'), ...Object.fromEntries(names.map((name) => [name, null])) };
      assert.equal((await server.addTask(honest, { query: `?form=scanning-${i}` })).status, 201);
    }
  });
  test('a long text that takes the network thread too long is judged all the same, again and again', async () => {
    const text = 'The quick brown fox and 12 lazy dogs. '.repeat(1_700);
    await put('long', { fields: [{ name: 'a', type: 'longText', pattern: '\\w+\\s*[=:]\\s*\\w+' }] });
    const send = (a, query = '') => server.addTask({ ...least('TASK'), a }, { query: `?form=long${query}` });
    assert.equal((await send(`${text}a = b`)).status, 201);
    assert.equal((await send(`${text}a = b`, '&dryRun=true')).status, 200);
    assert.deepEqual(codes(await send(text)), ['/a pattern']);
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => send(i % 2 ? text : `${text}a = b`)));
    assert.deepEqual(all.map(({ status }) => status), all.map((_, i) => (i % 2 ? 422 : 201)));
  });
  test('the options, defaults and examples of a form have one budget', async () => {
    const options = Array.from({ length: 1000 }, (_, i) => `${'a'.repeat(240)}${i}!`);
    const refused = await put('costly',
      { fields: [{ name: 'a', type: 'choice', pattern: '^(a|aa)+$', options },
        { name: 'b', type: 'text', pattern: '^b', default: 'b' }] });
    assert.equal(refused.status, 422);
    assert.deepEqual(codes(refused), options.map(() => '/fields/0/options too_costly'));
    const taken = await put('honest',
      { fields: [{ name: 'a', type: 'choice', pattern: '^a+\\d+!$', options, default: options[7] }] });
    assert.equal(taken.status, 201, taken.text.slice(0, 1000));
    assert.equal(
      (await server.addTask({ ...least('TASK'), a: options[999].toUpperCase() }, { query: '?form=honest' })).status,
      201);
  });
  test('a pattern that grows when it is compiled is refused with its place', async () => {
    const answer = await put('grown',
      { fields: [{ name: 'a', type: 'text', pattern: '(?:[a-z\\s]{2}){200}' },
        { name: 'b', type: 'text', pattern: '(' }] });
    assert.deepEqual(codes(answer), ['/fields/0/pattern pattern', '/fields/1/pattern pattern']);
    assert.match(answer.json.errors[1].detail, /a \( is not closed/);
    assert.match(answer.json.errors[0].detail, /compiled it has \d+ bytes, and at most 16384/);
  });
  test('the server is as well as before, and its history whole', async () => {
    assert.equal((await server.addTask(least('TASK'))).status, 201);
    assert.equal((await runBzctrld(['verify', '--data', server.dir])).code, 0);
  });
});

describe('when a form has changed', () => {
  test('records of its versions stay as they were, and say which judged them', async () => {
    const first = { fields: [{ name: 'carrier', type: 'text', required: true, tag: true },
      { name: 'mode', type: 'choice', options: ['Sea', 'Air'] }] };
    const versions = [
      first,
      { todoType: 'TASK', unknownMembers: 'refuse', fields: [{ name: 'carrier', type: 'number', required: true }] },
      { fields: [{ name: 'title', maxLength: 3 },
        { name: 'mode', type: 'choice', options: ['Road'], required: true }] },
      { disabled: true },
    ];
    const bodies = [{ carrier: 'Maersk', mode: 'sea', more: [1, { a: null }] }, { carrier: 12 },
      { mode: 'road', title: 'abc', carrier: 'x' }];
    const records = [];
    const schemas = [];
    for (const [i, document] of versions.entries()) {
      const stored = await put('changing', document, { headers: i ? { 'if-match': `"${i}"` } : {} });
      assert.equal(stored.json.version, i + 1, stored.text);
      if (!bodies[i]) continue;
      const record = await server.createAndRead({ ...least('TASK'), ...bodies[i] }, { query: '?form=changing' });
      assert.equal(record.formVersion, i + 1);
      records.push(record);
      schemas.push((await server.get(`${FORMS}/changing/schema`)).text);
    }
    assert.deepEqual(records[0].extra, { carrier: 'Maersk', mode: 'Sea', more: [1, { a: null }] });
    for (const [i, record] of records.entries()) {
      assert.deepEqual((await server.get(`${API}/tasks/${record.key}`)).json, record);
      assert.equal((await server.get(`${API}/tasks/${record.key}/events`)).status, 200);
      assert.deepEqual((await server.get(`${FORMS}/changing?version=${record.formVersion}`)).json.form, versions[i]);
      assert.equal((await server.get(`${FORMS}/changing/schema?version=${record.formVersion}`)).text, schemas[i]);
    }
    const listed = await server.listAll({ tag: 'Maersk' });
    assert.deepEqual(listed, [records[0]]);
  });
});
