/*
 * ApiForms of all sorts, reports by them, and the check of a report by a form's JSON Schema: what the
 * tests of forms' schemas and samples share.
 */
import assert from 'node:assert/strict';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { EXAMPLE, WORKSPACE } from './server.mjs';

/* The check by a schema; strictTypes would have "type" said again in every branch. */
export function compile(schema) {
  const ajv = new Ajv({ strict: true, strictTypes: false, ownProperties: true });
  addFormats(ajv);
  assert.ok(ajv.validateSchema(schema), ajv.errorsText(ajv.errors));
  return ajv.compile(schema);
}

/** A generator that gives the same numbers each time (mulberry32). */
export function makeRandom(seed) {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

/** A field of each type, each with what `more` says. */
export const each = (more) => [
  { name: 'note', type: 'text' },
  { name: 'story', type: 'longText' },
  { name: 'weight', type: 'number' },
  { name: 'fee', type: 'money' },
  { name: 'day', type: 'date' },
  { name: 'mode', type: 'choice', options: ['Sea', 'Air', { value: 'Road', label: { en: 'By road', de: 'Straße' } }] },
  { name: 'marks', type: 'choices', options: ['a', 'b b', 'Ä'] },
  { name: 'contact', type: 'email' },
  { name: 'sealed', type: 'boolean' },
  { name: 'LRN2', type: 'lrn' },
  { name: 'MRN', type: 'mrn' },
  { name: 'office', type: 'customsOffice' },
].map((field) => ({ ...field, ...more(field) }));

export const defaults = {
  note: 'n', story: 's', weight: '-1.50', fee: 7, day: '2030-02-28', mode: 'sea', marks: ['Ä', 'A'], contact: 'a@b',
  sealed: 'Yes',
  LRN2: 'x1', MRN: '24NL000396A1B2C3D4', office: 'NL000396',
};
const members = ['result', 'financialImpact', 'impact', 'likelihood', 'priority', 'category', 'subCategory', 'LRN',
  'tags', 'dueDate', 'reminderDate', 'occurredAt'];
export const right = { ...defaults, mode: 'Sea', marks: ['Ä', 'a'], sealed: true };

export const forms = {
  /* name: the document, and what its reports need beside the least */
  'own-fields': [{ fields: each(() => ({})) }, {}],
  'all-required': [{ fields: each(() => ({ required: true })), unknownMembers: 'refuse' }, right],
  'all-defaulted': [{ fields: each(({ name }) => ({ required: true, default: defaults[name] })) }, {}],
  'all-locked': [{ fields: each(({ name }) => ({ locked: true, default: defaults[name] })) }, {}],
  'for-one': [{ fields: each(({ name }) => ({ for: name < 'm' ? 'TASK' : 'INCIDENT', required: name.length % 2 === 0 })) }, (type) =>
    Object.fromEntries(Object.entries(right).filter(([name]) => (name < 'm') === (type === 'TASK')))],
  'only-tasks': [
    { todoType: 'TASK',
      fields: [...each(({ name }) => ({ for: name < 'm' ? 'TASK' : 'INCIDENT' })),
        { name: 'result', required: true }] }, { result: 'r' }],
  'only-incidents': [
    { todoType: 'INCIDENT', unknownMembers: 'refuse',
      fields: [{ name: 'impact', required: true, options: ['low', 'HIGH'] },
        { name: 'status', options: ['to_do'], default: 'TO-DO' }, { name: 'orderID', required: false, tag: false }] },
          { impact: 'High' }],
  'members-required': [
      { fields: members.map((name) => ({ name, required: true, ...(name === 'LRN' ? { check: 'refuse' } : {}) })) },
      (type, now) => ({
    priority: 'Low', category: 'c', subCategory: ['s'], LRN: 'l', tags: 't', dueDate: '2030-01-01',
    reminderDate: '2030-01-01', occurredAt: new Date(now).toISOString(),
    ...(type === 'TASK' ? { result: 'r' } : { financialImpact: 1, impact: 'High', likelihood: 'Low' }),
  })],
  'one-type-each': [
    { otherType: 'refuse', fields: [{ name: 'impact', required: true }, { name: 'result', default: 'none yet' }] },
    (type) => (type === 'TASK' ? {} : { impact: 'High' })],
  'other-type-kept': [
    { otherType: 'accept',
      fields: [{ name: 'impact', required: true }, { name: 'result', default: 'none yet' },
        { name: 'financialImpact', locked: true, default: 5 }] },
          (type) => (type === 'TASK' ? {} : { impact: 'High' })],
  narrowed: [{
    fields: [
      { name: 'title', maxLength: 5, pattern: '^[A-Z]' },
      { name: 'description', default: 'none given' },
      { name: 'status', options: ['Done', 'to do'], required: true, default: 'done' },
      { name: 'reporter', default: EXAMPLE.email },
      { name: 'assignee', locked: true },
      { name: 'category', options: ['Customs', 'IT'], required: true },
      { name: 'orderID', pattern: '^ORDER \\d+$', maxLength: 9 },
      { name: 'LRN', check: 'warn', pattern: 'a|b' },
      { name: 'tags', maxLength: 3 },
      { name: 'constructor', type: 'text', required: true, pattern: '\\S' },
      { name: 'toString', type: 'lrn', pattern: '^[^x]*$', required: true },
      { name: 'hasOwnProperty', type: 'choices', options: ['a'], required: true },
      { name: 'mail', type: 'email', pattern: '@example[.]com$', maxLength: 20 },
      { name: 'bidi', type: 'choice', options: ['\u202eabc', '\u0007', '\u2028', '__proto__', '😀'],
        label: '\u202e"\\' },
    ],
  }, { title: 'T', category: 'IT', orderID: 'ORDER 1', constructor: 'c', toString: 'l', hasOwnProperty: ['a'] }],
};

/** The least that a report needs. */
export const least = (type) => ({
  ...(type ? { todoType: type } : {}), domainWorkSpace: WORKSPACE, title: 'Title', description: 'd',
  reporter: EXAMPLE.email, orderID: 'ORDER 1',
});
