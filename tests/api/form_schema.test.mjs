/*
 * A form's JSON Schema says the same as the judge. For several forms each field is given every kind of
 * value, right and wrong, and each body goes to a dry run and to ajv: their verdicts must agree, but
 * for what doc/forms.md says that no schema can tell.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { compile, defaults, each, forms, least, makeRandom, right } from '../lib/forms.mjs';
import { API, EXAMPLE, WORKSPACE, startServer } from '../lib/server.mjs';

const MANAGER = 'manager@example.com';
const FORMS = `${API}/workspaces/${WORKSPACE}/forms`;
const people = [EXAMPLE, { email: MANAGER, role: 'manager', domain: 'EXA-CON-BUS' }];

let server;
before(async () => {
  server = await startServer({ users: people });
});
after(() => server.stop());

const put = (name, document) => server.send(MANAGER, 'PUT', `${FORMS}/${name}`, document);

async function schemaOf(name, query = '') {
  const answer = await server.get(`${FORMS}/${name}/schema${query}`);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.mediaType, 'application/schema+json');
  return answer.json;
}

/* ---- values ---- */

const now = Date.now();
const day = 86_400_000;
const iso = (time) => new Date(time).toISOString();
const values = [
  null, '', ' ', '\t\r\n ', '\u00a0', '\u2003', 'x', 'T', 'ab', 'ORDER 1', 'ORDER 12', 'ORDER 1234', 'l', 'a b',
  'T x\ny', 'É', '😀', '\u202eabc', '\u0007', '\u2028', '__proto__',
  'x'.repeat(255), 'x'.repeat(256), '😀'.repeat(255), '😀'.repeat(256), ' '.repeat(300), 'y'.repeat(65_536),
  'y'.repeat(65_537),
  0, -0, 1, -1, 12.5, 12.34, 0.07, 1e3, 1e-7, 9_999_999_999_999.99, 10_000_000_000_000, 10_000_000_000_001, 12.345,
  123577,
  '0', '-0', '1', '-1', '012', '1.', '.5', '12.5', '12.34', '12.345', '1e3', '+1', ' 1', '10000000000000',
  '10000000000000.00', '10000000000000.01', '10000000000001', `0${'0'.repeat(30)}1`,
  '9'.repeat(40), '9'.repeat(41), '1,5', 'Infinity',
  true, false, 'true', 'no', 'YES ', 'maybe',
  '2024-02-29', '2023-02-29', '2024-09-31', '2024-13-01', '2024-9-1', '0000-01-01', '0001-01-01', '9999-12-31', '+14d',
  '27-09-2024', ' 2024-09-27',
  iso(now), iso(now - 29 * day), iso(now - 31 * day), iso(now + 60_000), iso(now + day), '2024-09-27T08:30:00Z',
  '2024-09-27t08:30:00.123456+01:00', '2024-09-27T08:30:00', '2024-09-27 08:30:00Z',
  '2024-09-27T24:00:00Z', '2024-09-27T08:30Z', '2024-09-27T08:30:00+0100', '2024-02-30T08:30:00Z',
  '2016-12-31T23:59:60Z', '2024-09-27T08:30:60Z', '2024-09-27T08:30:00-24:00', '2024-09-27T08:30:00.Z',
  'INCIDENT', 'TASK', 'High', 'Medium', 'Low', 'To do', 'In Progress', 'Done', 'Expired', 'Sea', 'Air', 'Road',
  'Customs', 'IT', 'a', 'b b', 'Ä', 'c',
  EXAMPLE.email, 'nobody@example.com', 'a@b', 'a@b@c', '@b', 'a@', 'a b@c', 'a,b@c', 'a[b@c', 'é@b',
  `${'a'.repeat(250)}@b.c`, `${'a'.repeat(251)}@b.c`, 'a@example.com',
  '24NL000396A1B2C3D4', '24NL000396A1B2C3D5', '24nl000396a1b2c3d4', '24NL000396A1B2C3D44', 'NL000396', 'NL00039',
  'nl000396', 'a'.repeat(22), 'a'.repeat(23),
  WORKSPACE, 'EXA-CON-BUS', 'WOR', 'ELSE-WHERE',
  '\u200b', '\ufeff \u00a0', '\u3164', '\u{e0041}', '\u200b\u0301', 'ORDER 1   ', ' High', 'Done ', `${EXAMPLE.email} `,
  ' 12.5 ', 'a\u200b@b', 'a\u202e@b', '24NL000396A1B2C3D4 ', 9007199254740992, 9007199254740994,
  {}, { a: 1 }, [], [null], [''], [' ', null], ['a'], ['a', 'Ä'], ['IT', 'Customs'], ['IT', null], ['a', ' '], ['x'],
  ['ORDER 1', 'ORDER 2'], ['ORDER 1', 'x'], [1], [7, 'ORDER 1'], [1.5], [null, 12], [' a '], ['\u200b'], [true],
  [['a']], [{}],
  ['x'.repeat(255)], ['x'.repeat(256)], Array(100).fill('a'), Array(101).fill('a'), Array(100).fill(null),
  Array(101).fill(null), [...Array(99).fill(''), 'a'],
];

/* ---- verdicts ---- */

/* What no schema can say (doc/forms.md): the judge alone refuses. By code, for which values. */
const beyond = {
  unknown_person: () => true,
  too_old: () => true,
  in_the_future: () => true,
  too_precise: (value) => typeof value === 'number',
  not_a_reference: (value) => /^\d\d[A-Z]{2}[0-9A-Z]{13}\d$/.test(value), /* the check digit */
  not_an_email: (value) => /[^\x00-\x7f]/.test(value) && Buffer.from(value).length > 254,
};

async function verdict(name, body) {
  const answer = await server.addTask(body, { query: `?form=${name}&dryRun=true`, check: false });
  if (answer.status === 200) return [];
  assert.equal(answer.status, 422, `${answer.text}\n${JSON.stringify(body).slice(0, 500)}`);
  return answer.json.errors;
}

const at = (body, pointer) => pointer.slice(1).split('/').reduce((value, step) => value?.[step], body);

/* A schema has the spelling of records. The server takes blanks around all that is no free text, and
 * words of options in any case; so what it takes is held against the schema as it is kept. */
const free = ['title', 'description', 'result', 'note', 'story', 'constructor', 'unknown', '__proto__'];
const blanks = /^[\s\u200b\u2060\ufeff]+|[\s\u200b\u2060\ufeff]+$/gu;
const keptText = (name, value) =>
  (typeof value !== 'string' ? value : name === 'sealed' ? value.replace(blanks, '').toLowerCase()
    : value.replace(blanks, ''));
function kept(body) {
  return Object.entries(body).reduce((all, [name, value]) => withMember(all, name,
    free.includes(name) ? value : Array.isArray(value) ? value.map((one) => keptText(name, one))
      : keptText(name, value)), {});
}

/** Holds one body against both; true when it is valid. */
async function agree(name, validate, body) {
  const faults = await verdict(name, body);
  const accepted = validate(kept(body));
  const told = faults.filter(({ code, pointer }) => !beyond[code]?.(at(body, pointer)));
  const what = () =>
    `${name}: ${JSON.stringify(body)
      .slice(0, 600)}\n${JSON.stringify(faults)}\n${JSON.stringify(validate.errors?.slice(0, 5))}`;
  assert.ok(accepted ? told.length === 0 : faults.length > 0,
    `the schema says ${accepted ? 'yes' : 'no'}, the judge ${faults.length ? 'no' : 'yes'}\n${what()}`);
  return accepted;
}

async function inParallel(items, work, lanes = 8) {
  let next = 0;
  await Promise.all(Array.from({ length: lanes }, async () => {
    while (next < items.length) await work(items[next++]);
  }));
}

/* A member may be called __proto__. */
function withMember(body, name, value) {
  return Object.defineProperty({ ...body }, name, { value, enumerable: true, configurable: true, writable: true });
}

/* All of them take a while; the verdicts do not depend on the database. */
const oneIn = process.env.BZCTRL_TEST_POSTGRES ? 20 : 3;

describe('the schema and the judge agree', () => {
  let total = 0;
  for (const [name, [document, more]] of [['default', [null, {}]], ...Object.entries(forms)])
    test(`on every value of every field: ${name}`, async () => {
      if (document) {
        const made = await put(name, document);
        assert.equal(made.status, 201, made.text);
      }
      const schema = await schemaOf(name);
      const validate = compile(schema);
      const random = makeRandom(7);
      const types = document?.todoType ? [undefined, document.todoType] : ['INCIDENT', 'TASK'];
      const bases = types.map((type) => ({ ...least(type), ...(typeof more === 'function' ? more(type, now) : more) }));
      for (const base of bases) {
        assert.deepEqual(await verdict(name, base), []);
        assert.ok(await agree(name, validate, base));
      }
      const fields = [...Object.keys(schema.properties), 'unknown', '__proto__'];
      const bodies = [];
      for (const base of bases)
        for (const field of fields) {
          const { [field]: left, ...without } = base;
          bodies.push(without);
          for (const value of values) if (random(oneIn) === 0) bodies.push(withMember(base, field, value));
        }
      /* Several fields at once. */
      for (let i = 0; i < 1200 / oneIn; i++) {
        let body = bases[random(2)];
        for (let n = 2 + random(3); n > 0; n--)
          body = withMember(body, fields[random(fields.length)], values[random(values.length)]);
        bodies.push(body);
      }
      let accepted = 0;
      await inParallel(bodies, async (body) => {
        if (await agree(name, validate, body)) accepted++;
      });
      assert.ok(accepted > bodies.length / 20 && accepted < bodies.length * 0.95, `${accepted} of ${bodies.length}`);
      total += bodies.length;
    });
  test('on thousands of reports', () => assert.ok(total > 60_000 / oneIn, String(total)));

  test('on where a report goes', async () => {
    const validate = compile(await schemaOf('default'));
    const { domainWorkSpace, ...rest } = least('TASK');
    const places = [undefined, null, '', WORKSPACE, 'EXA-CON-BUS', 'WOR', 'EXA', 7];
    for (const a of places)
      for (const b of places)
        for (const c of places)
          await agree('default', validate, { ...rest, domainWorkSpace: a, domain: b, workspace: c });
  });

  test('on patterns, as JavaScript reads them', async () => {
    const pieces = [
      'a', 'b', 'é', '😀', ' ', '.', '.', '^', '$', '|', '*', '+', '?', '{2}', '{1,2}', '{1,}', '{,2}', '(', ')', '(?:',
      '(?=', '(?!', '(?<=', '(?<n>', '[', '[^', ']', '-', '\\-', '\\.', '\\/',
      '\\s', '\\S', '\\w', '\\W', '\\d', '\\D', '\\b', '\\B', '\\u00e9', '\\u{1F600}', '\\x41', '\\p{L}', '\\P{Lu}',
      '\\p{Greek}', '\\v', '\\t', '\\n', '\\1', '\\cA', '\\0', '\\h', '\\Q', '{', '}', '/',
      '[a-z]', '[\\s]', '[\\S]', '[^\\s]', '[^\\S]', '[\\w-]', '[\\b]', '[.]', '[^]', '[]', '[[a]', '[^a]', '(a|b)',
      '(?:ab)+', '[\\p{L}\\d]', '[a\\]]', '\u2028',
    ];
    const texts = [
      'a', 'b', 'ab', 'aab', 'aaaa', 'A', 'é', 'aé', '😀', '😀a', 'a ', ' b', 'a\u00a0', '\u00a0.', '-\u2028', 'a\nb',
      'a\r\nb', 'a\n', '.\u000b', '\u0008_', '1\u0085', '\ufeff.', '\u180e.', '1', 'a1_', '-', '.', '/', '[', ']',
      '{2}', 'zZ', 'α', '\u0001/',
    ];
    const random = makeRandom(20);
    let taken = 0;
    let refused = 0;
    let matched = 0;
    for (let round = 0; round < 12; round++) {
      const patterns = Array.from({ length: 100 },
        () => Array.from({ length: 1 + random(5) }, () => pieces[random(pieces.length)]).join(''));
      const document = (of) => ({ fields: of.map((pattern, i) => ({ name: `f${i}`, type: 'text', pattern })) });
      const first = await put(`patterns-${round}`, document(patterns));
      const bad = new Set(first.status === 422
        ? first.json.errors.map(({ pointer }) => Number(/^\/fields\/(\d+)\/pattern$/.exec(pointer)[1])) : []);
      const good = [];
      for (const [i, pattern] of patterns.entries()) {
        if (bad.has(i)) refused++;
        else good.push({ pattern, expression: new RegExp(pattern, 'u') }); /* throws where JavaScript takes it not */
      }
      taken += good.length;
      if (bad.size > 0)
        assert.equal((await put(`patterns-${round}`, document(good.map(({ pattern }) => pattern)))).status, 201);
      for (const text of texts) {
        const body = { ...least('TASK'), ...Object.fromEntries(good.map((_, i) => [`f${i}`, text])) };
        const faults =
          new Set((await verdict(`patterns-${round}`, body)).map(({ pointer }) => Number(pointer.slice(2))));
        for (const [i, { pattern, expression }] of good.entries()) {
          assert.equal(!faults.has(i), expression.test(text), `${JSON.stringify(text)} against ${pattern}`);
          if (!faults.has(i)) matched++;
        }
      }
    }
    assert.ok(taken > 200 && refused > 200 && matched > 1000, `${taken} taken, ${refused} refused, ${matched} matched`);
  });
});

describe('GET …/schema', () => {
  test('answers 304 to who has it, until the form changes', async () => {
    const made = await put('changing', { fields: [{ name: 'a', type: 'text' }] });
    const path = `${FORMS}/changing/schema`;
    const first = await server.get(path);
    const { etag } = first.headers;
    assert.match(etag, /^"[0-9a-f]+"$/);
    assert.equal((await server.get(path, { headers: { 'if-none-match': etag } })).status, 304);
    await server.send(MANAGER, 'PUT', `${FORMS}/changing`, { fields: [{ name: 'b', type: 'text' }] },
      { headers: { 'if-match': made.headers.etag } });
    const second = await server.get(path, { headers: { 'if-none-match': etag } });
    assert.equal(second.status, 200);
    assert.notEqual(second.headers.etag, etag);
    assert.ok('b' in second.json.properties && !('a' in second.json.properties));
    assert.equal(second.json.$id, `${server.publicUrl}${path}?version=2`);
    const old = await server.get(`${path}?version=1`);
    assert.equal(old.text, first.text);
    assert.equal(old.headers.etag, etag);
    assert.equal((await server.get(`${path}?version=3`)).status, 404);
    assert.equal((await server.get(`${FORMS}/nowhere/schema`)).status, 404);
  });
  test('has the form’s words, in the language that is asked for', async () => {
    const label = { en: 'Carrier', de: 'Frachtführer', 'pt-BR': 'Transportador' };
    await put('words', {
      title: { en: 'Claim', de: 'Anspruch' },
      help: 'For all',
      fields: [
        { name: 'carrier', type: 'text', label, help: { de: 'Wer fährt' }, example: 'Maersk' },
        { name: 'mode', type: 'choice', options: [{ value: 'Sea', label: { de: 'See' } }, 'Air'], default: 'AIR' },
        { name: 'title', label: 'What' },
        { name: 'dueDate', default: '+14d' },
        { name: 'priority', default: 'low', locked: true },
      ],
    });
    const english = await schemaOf('words');
    assert.equal(english.title, 'Claim');
    assert.equal(english.description, 'For all');
    assert.equal(english.properties.carrier.title, 'Carrier');
    assert.equal(english.properties.carrier.description, 'Wer fährt'); /* there is no other */
    assert.deepEqual(english.properties.carrier.examples, ['Maersk']);
    assert.equal(english.properties.title.title, 'What');
    assert.equal(english.properties.financialImpact.title, 'Potential financial impact of the incident (EUR)');
    assert.equal(english.properties.mode.default, 'Air');
    assert.ok(!('default' in english.properties.dueDate));
    assert.ok(english.properties.priority.readOnly && !('default' in english.properties.priority));
    const german = await schemaOf('words', '?language=de-AT');
    assert.equal(german.title, 'Anspruch');
    assert.equal(german.properties.carrier.title, 'Frachtführer');
    assert.deepEqual(german.properties.mode.anyOf[0].oneOf, [{ const: 'Sea', title: 'See' }, { const: 'Air' }]);
    assert.equal((await schemaOf('words', '?language=pt')).properties.carrier.title, 'Transportador');
    assert.equal((await server.get(`${FORMS}/words/schema?language=e`)).status, 400);
  });
  test('what it gives as default or example fits it', async () => {
    const fields = each(({ name }) => ({ default: defaults[name], example: right[name] }));
    await put('given', { fields });
    const schema = await schemaOf('given');
    const validate = compile(schema);
    for (const { name } of fields) {
      const { default: value, examples } = schema.properties[name];
      for (const given of [value, ...examples])
        assert.ok(validate({ ...least('TASK'), [name]: given }), `${name}: ${JSON.stringify(given)}`);
    }
  });
});
