/*
 * The contract, api/openapi.yaml, and the check of an answer against it: the status must be one
 * that the document lists for the call, the headers that it demands must be there, and the body
 * must fit its schema. Every answer that a suite gets through lib/server.mjs passes here.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { root } from './program.mjs';

export const openapi = parse(readFileSync(path.join(root, 'api/openapi.yaml'), 'utf8'));

/* strictSchema is off for the document's own words only ("example" and the like). */
const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false });
addFormats(ajv);
ajv.addSchema(openapi, 'openapi.yaml');

const methods = new Set(['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace']);

/** Every operation of the document: {method, path, operation, pattern}. */
export const operations = Object.entries(openapi.paths).flatMap(([template, item]) =>
  Object.entries(item)
    .filter(([method]) => methods.has(method))
    .map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: template,
      operation,
      pattern: new RegExp(`^${template.replace(/[.]/g, '\\.').replace(/\{[^}]+\}/g, '[^/]*')}$`),
    })),
);

/** Calls and statuses that were seen by this process, as "POST /path 201". */
export const seen = new Set();

function pointer(...segments) {
  return `openapi.yaml#/${segments.map((s) => s.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`;
}

/* What $ref stands for, one level deep. */
function resolve(node, ...where) {
  if (node?.$ref === undefined) return { node, where };
  const segments = node.$ref.slice(2).split('/');
  return { node: segments.reduce((value, name) => value[name], openapi), where: segments };
}

/* ajv compiles what a pointer leads to anew each time. */
const checks = new Map();

function validate(value, where, what) {
  const name = pointer(...where);
  if (!checks.has(name)) checks.set(name, ajv.getSchema(name));
  const check = checks.get(name);
  if (check(value)) return;
  const errors = ajv.errorsText(check.errors.slice(0, 5));
  assert.fail(`${what}: ${errors}\n${JSON.stringify(value, null, 1).slice(0, 1000)}`);
}

/* Answers that are possible on every call, as info.description says: a path or method that is not
 * known, and requests that are no good HTTP. */
const general = new Set([400, 404, 405, 408, 411, 413, 414, 417, 431, 501, 505]);

export function checkProblem(answer, what) {
  assert.equal(answer.mediaType, 'application/problem+json', what);
  validate(answer.json, ['components', 'schemas', 'Problem'], what);
  assert.equal(answer.json.status, answer.status, `${what}: "status" is the answer's own`);
}

/** Throws unless the document allows `answer` to `method path`. */
export function checkAnswer(method, target, answer) {
  const [pathname] = target.split('?');
  const what = `${method} ${pathname} answered ${answer.status}`;
  const name = method === 'HEAD' ? 'GET' : method;
  const fits = operations.filter((o) => o.method === name && o.pattern.test(pathname));
  const found = fits.find((o) => o.path === pathname) ?? fits[0];
  if (!found) {
    assert.ok(general.has(answer.status), `${what}: the document does not know this call`);
    if (method !== 'HEAD') checkProblem(answer, what);
    return;
  }
  seen.add(`${found.method} ${found.path} ${answer.status}`);
  const listed = found.operation.responses[answer.status];
  if (!listed) {
    assert.ok(general.has(answer.status), `${what}: the document does not list that status`);
    if (method !== 'HEAD') checkProblem(answer, what);
    return;
  }
  const { node: response, where } = resolve(
    listed, 'paths', found.path, found.method.toLowerCase(), 'responses', String(answer.status),
  );
  for (const [header, reference] of Object.entries(response.headers ?? {})) {
    const { node, where: at } = resolve(reference, ...where, 'headers', header);
    const value = answer.headers[header.toLowerCase()];
    if (value === undefined) assert.ok(!node.required, `${what} without ${header}`);
    else validate([value].flat().join(', '), [...at, 'schema'], `${what}, header ${header}`);
  }
  if (method === 'HEAD') return;
  if (!response.content) {
    assert.equal(answer.body.length, 0, `${what}: no body is listed`);
    return;
  }
  assert.ok(response.content[answer.mediaType], `${what}: the document does not list ${answer.mediaType}`);
  if (response.content[answer.mediaType].schema && /json$/.test(answer.mediaType)) {
    validate(answer.json, [...where, 'content', answer.mediaType, 'schema'], what);
    if (answer.mediaType === 'application/problem+json') checkProblem(answer, what);
  }
}

/** What is wrong with an example of an operation (by its operationId) or of a shared answer ("answer-Faults"). */
export function exampleFaults(id, status, type, value) {
  const found = operations.find(({ operation }) => operation.operationId === id);
  const at = found ? ['paths', found.path, found.method.toLowerCase()]
    : ['components', 'responses', id.replace('answer-', '')];
  const body = !found ? [] : status === 'request' ? ['requestBody'] : ['responses', status];
  const check = ajv.getSchema(pointer(...at, ...body, 'content', type, 'schema'));
  return check(value) ? [] : [`${id} ${status}: ${ajv.errorsText(check.errors)}`];
}
