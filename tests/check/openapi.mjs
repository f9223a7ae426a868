/*
 * Is api/openapi.yaml a valid OpenAPI 3.1 document, and one that can be read? Every operation has an
 * operationId, a summary, a description and answers; every tag and parameter is described; every body has
 * an example, and the example fits; every $ref leads somewhere; no component is left over.
 */
import { createRequire } from 'node:module';
import { schemasOf } from '../../tools/api-schema.mjs';
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
const { resolve, sample } = schemasOf(document);
const ids = new Set();
const tags = new Set(document.tags.map(({ name }) => name));
for (const { name, description } of document.tags)
  if (!description) finding(file, at(`name: ${name}`), `the tag "${name}" has no description`);
for (const [path, item] of Object.entries(document.paths))
  for (const method of methods.filter((m) => item[m])) {
    const { operationId, summary, description, responses = {}, parameters = [] } = item[method];
    const name = `${method.toUpperCase()} ${path}`;
    if (!operationId) finding(file, at(`${path}:`), `${name} has no operationId`);
    else if (ids.has(operationId)) finding(file, at(operationId), `operationId ${operationId} stands twice`);
    ids.add(operationId);
    if (!summary) finding(file, at(`${path}:`), `${name} has no summary`);
    if (!description) finding(file, at(`${path}:`), `${name} has no description`);
    if (!tags.has(item[method].tags?.[0])) finding(file, at(`${path}:`), `${name} has no tag of the list at the top`);
    for (const parameter of [...item.parameters ?? [], ...parameters].map(resolve))
      if (!parameter.description) finding(file, at(`${path}:`), `${name}: ${parameter.name} has no description`);
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

/* Examples of request and answer bodies are what integrators copy. JSON may have none if one can be made of the
 * examples of its members, as for the page of the API; files and pages have none. */
const readable = /^text\/(?!html|css|javascript)|ndjson$|urlencoded$/;
const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false });
addFormats(ajv);
ajv.addSchema(document, 'openapi.yaml');
(function walk(node, where) {
  if (node === null || typeof node !== 'object') return;
  for (const [type, media] of Object.entries(node.content ?? {})) {
    const examples =
      { ...media.examples, ...(media.example === undefined ? {} : { example: { value: media.example } }) };
    const given = Object.keys(examples).length > 0;
    if (readable.test(type) && !given) finding(file, 1, `/${where.join('/')}: ${type} has no example`);
    if (!/[/+]json$/.test(type) || !media?.schema) continue;
    if (!given && type !== 'application/problem+json')
      examples.made = { value: sample(media.schema, { request: where.includes('requestBody') }) };
    const pointer = [...where, 'content', type,
      'schema'].map((s) => encodeURIComponent(s.replaceAll('~', '~0').replaceAll('/', '~1')));
    const check = ajv.getSchema(`openapi.yaml#/${pointer.join('/')}`);
    for (const [name, { value }] of Object.entries(examples))
      if (value !== undefined && typeof value !== 'string' && !check(value))
        finding(file, 1,
          `/${where.join('/')}: ${name === 'made'
            ? `no example, and what is made of its members' examples does not fit`
            : `example "${name}" does not fit its schema`}: ${ajv.errorsText(check.errors)}`);
  }
  for (const [key, value] of Object.entries(node)) walk(value, [...where, key]);
})(document, []);
finish();
