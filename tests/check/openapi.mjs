/*
 * Is api/openapi.yaml a valid OpenAPI 3.1 document, and one that can be read? Every operation has an
 * operationId, a summary and a description of its answers; every $ref leads somewhere; every
 * example of a schema fits it; no component is left over.
 */
import { createRequire } from 'node:module';
import { finding, finish, read, root } from './source.mjs';

const require = createRequire(`${root}/tests/package.json`);
const { Validator } = await import(require.resolve('@seriousme/openapi-schema-validator'));
const { default: Ajv } = await import(require.resolve('ajv/dist/2020.js'));
const { default: addFormats } = await import(require.resolve('ajv-formats'));
const { parse } = require('yaml');

const file = 'api/openapi.yaml';
const text = read(file);
const document = parse(text);
const at = (needle) => text.slice(0, Math.max(0, text.indexOf(needle))).split('\n').length;

const verdict = await new Validator().validate(structuredClone(document));
if (!verdict.valid)
  for (const error of [verdict.errors].flat())
    finding(file, 1, typeof error === 'string' ? error : `${error.instancePath}: ${error.message}`);

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace'];
const ids = new Set();
for (const [path, item] of Object.entries(document.paths))
  for (const method of methods.filter((m) => item[m])) {
    const { operationId, summary, responses = {} } = item[method];
    const name = `${method.toUpperCase()} ${path}`;
    if (!operationId) finding(file, at(`${path}:`), `${name} has no operationId`);
    else if (ids.has(operationId)) finding(file, at(operationId), `operationId ${operationId} stands twice`);
    ids.add(operationId);
    if (!summary) finding(file, at(`${path}:`), `${name} has no summary`);
    if (Object.keys(responses).length === 0) finding(file, at(`${path}:`), `${name} lists no answers`);
  }

const references = new Set();
(function walk(node) {
  if (node === null || typeof node !== 'object') return;
  if (typeof node.$ref === 'string') references.add(node.$ref);
  Object.values(node).forEach(walk);
})(document);
for (const reference of references) {
  const found = reference.slice(2).split('/')
    .reduce((node, key) => node?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], document);
  if (!reference.startsWith('#/') || found === undefined) finding(file, at(reference), `${reference} leads nowhere`);
}
for (const [kind, components] of Object.entries(document.components ?? {}))
  for (const name of Object.keys(components))
    if (kind !== 'securitySchemes' && !references.has(`#/components/${kind}/${name}`))
      finding(file, at(`    ${name}:`), `components/${kind}/${name} is used nowhere`);

/* Examples of request and answer bodies are what integrators copy. */
const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false });
addFormats(ajv);
ajv.addSchema(document, 'openapi.yaml');
(function walk(node, where) {
  if (node === null || typeof node !== 'object') return;
  for (const [type, media] of Object.entries(node.content ?? {})) {
    if (!/json$/.test(type) || !media?.schema) continue;
    const examples =
      { ...media.examples, ...(media.example === undefined ? {} : { example: { value: media.example } }) };
    const pointer = [...where, 'content', type,
      'schema'].map((s) => encodeURIComponent(s.replaceAll('~', '~0').replaceAll('/', '~1')));
    const check = ajv.getSchema(`openapi.yaml#/${pointer.join('/')}`);
    for (const [name, { value }] of Object.entries(examples))
      if (value !== undefined && typeof value !== 'string' && !check(value))
        finding(file, 1,
          `/${where.join('/')}: example "${name}" does not fit its schema: ${ajv.errorsText(check.errors)}`);
  }
  for (const [key, value] of Object.entries(node)) walk(value, [...where, key]);
})(document, []);
finish();
