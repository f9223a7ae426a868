/*
 * The contract as a page that needs no script: api-page.mjs IN.yaml ROUTES.def OUT.html
 *
 * The page has everything that api/openapi.yaml says, and of src/api/routes.def the scope that a call
 * needs and its largest body. It fits the Content-Security-Policy of src/api/file.c, so its style is a
 * file of the web app, web/src/styles/docs.css.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { shellLines } from './api-curl.mjs';
import { examplesOf, formBody, pretty, schemasOf } from './api-schema.mjs';
import { article, headings, html, joined, line, markdown, slug } from './html.mjs';

const { parse } = createRequire(new URL('../web/package.json', import.meta.url))('yaml');

const [from, table, to] = process.argv.slice(2);
if (to === undefined) {
  console.error('usage: api-page.mjs IN.yaml ROUTES.def OUT.html');
  process.exit(64);
}
const document = parse(readFileSync(from, 'utf8'));
const { resolve, merged, sample } = schemasOf(document);
const nameOf = (reference) => reference.split('/').at(-1);

/* ---- what there is ---- */

const methods = ['get', 'post', 'put', 'patch', 'delete'];
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  methods.filter((method) => item[method]).map((method) => ({
    ...item[method],
    method: method.toUpperCase(),
    path,
    parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map((parameter) => ({
      ...resolve(parameter), shared: parameter.$ref && nameOf(parameter.$ref) })),
    requestBody: resolve(item[method].requestBody),
    security: item[method].security ?? document.security,
  })));
const ofTag = ({ name }) => operations.filter(({ tags }) => tags[0] === name);
const operationOf = (id) => operations.find(({ operationId }) => operationId === id);

/* Paths of both files in one spelling: "{name}" and a last "*" are the same. */
const plain = (path) => path.replace(/\{[^}]+\}|\*/g, '{}');
const routes = new Map();
const [, prefix] = /^#define API "(.*)"$/m.exec(readFileSync(table, 'utf8'));
for (const [, method, api, path, who, scope, bytes] of readFileSync(table, 'utf8').matchAll(
  /^ROUTE(?:_ONCE)?\("(\w+)",\s*(API )?"([^"]*)",\s*\w+,\s*\w+,\s*(\w+),\s*"([^"]*)",\s*([\d* ]+)\)/gm))
  routes.set(`${method} ${plain((api ? prefix : '') + path)}`, {
    who, scope, bytes: bytes.split('*').reduce((product, factor) => product * Number(factor), 1) });
const routeOf = ({ method, path }) => routes.get(`${method} ${plain(path)}`);

/* "TooLarge" as words. */
const words = (name) => name.replace(/(?<=[a-z])[A-Z]/g, (c) => ` ${c.toLowerCase()}`);
/* Where a long path may be broken. */
const pathOf = (path) => path.split(/(?<=\/)/).map((part) => html`${part}<wbr>`);
const code = (value) => html`<code>${typeof value === 'string' ? value : JSON.stringify(value)}</code>`;
const codes = (values) => joined(values.map(code), ', ');

/* ---- schemas ---- */

/** What a value is, in a few words, with links to the schemas that have a name. */
function typeOf(schema) {
  if (schema.$ref !== undefined) return html`<a href="#schema-${nameOf(schema.$ref)}">${nameOf(schema.$ref)}</a>`;
  if (schema.const !== undefined) return code(schema.const);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined && schema.properties === undefined) return html`${joined(choices.map(typeOf), ' or ')}`;
  const plural = ({ type }) => (/^(string|integer|number|boolean|object)$/.test(type) ? `${type}s` : undefined);
  const types = [schema.type ?? []].flat().map((type) =>
    (type === 'array' ? html`list of ${plural(schema.items ?? {}) ?? typeOf(schema.items ?? {})}` : type));
  if (types.length === 0 && schema.enum === undefined) return 'anything';
  if (types.length === 0) types.push(...new Set(schema.enum.map((value) => (value === null ? 'null' : typeof value))));
  return html`${joined(types, ' or ')}`;
}

const formats = {
  date: 'a date, YYYY-MM-DD', 'date-time': 'a time of RFC 3339', email: 'an e-mail address', uri: 'a URL',
  'uri-reference': 'a URL or a path', password: 'secret', uuid: 'a UUID', regex: 'a regular expression',
};

/* As few as `low`, as many as `high`: of what there is one or many. */
function range(low, high, one = '', many = '') {
  if (low === undefined && high === undefined) return [];
  const number = (value) => value.toLocaleString('en');
  const counted = (value) => `${number(value)}${value === 1 ? one : many}`;
  if (high === undefined) return [`at least ${counted(low)}`];
  if (low === undefined || (low === 0 && many !== '')) return [`at most ${counted(high)}`];
  return [low === high ? counted(low) : `${number(low)} to ${counted(high)}`];
}

/** What a value must fulfil beside its type. */
function rules(schema) {
  const list = rulesOf(schema);
  return list.length > 0 && html`<p class="rules">${joined(list, '; ')}</p>`;
}

function rulesOf(schema) {
  const each = schema.items && schema.items.$ref === undefined ? rulesOf(schema.items) : [];
  return [
    ...(schema.deprecated ? ['deprecated'] : []),
    ...(schema.enum ? [html`one of ${codes(schema.enum)}`] : []),
    ...(schema.format ? [formats[schema.format] ?? schema.format] : []),
    ...range(schema.minLength, schema.maxLength, ' character', ' characters'),
    ...range(schema.minItems, schema.maxItems, ' entry', ' entries'),
    ...range(schema.minimum, schema.maximum),
    ...(schema.uniqueItems ? ['each entry once'] : []),
    ...(schema.pattern ? [html`matches ${code(schema.pattern)}`] : []),
    ...(schema.default === undefined ? [] : [html`by default ${code(schema.default)}`]),
    ...(schema.examples?.length > 0 ? [html`for example ${codes(schema.examples)}`] : []),
    ...(each.length > 0 ? [html`each ${joined(each, ', ')}`] : []),
  ];
}

function entry(name, type, required, content, id, kind) {
  const must = required && html` <span class="required">required</span>`;
  return html`<div${id && html` id="${id}"`}${kind && html` class="${kind}"`}><dt
><code>${name}</code> <span class="type">${type}</span>${must}</dt><dd>${content}</dd></div>`;
}

/** The members of an object, or of each kind of object that it can be. */
function members(schema, depth = 0) {
  const it = schema.$ref !== undefined && depth > 0 ? {} : merged(schema);
  const names = Object.keys(it.properties ?? {});
  const closed = it.additionalProperties === false || it.unevaluatedProperties === false;
  const choices = (it.oneOf ?? it.anyOf ?? []).filter((choice) => choice.properties !== undefined || depth === 0);
  const values = typeof it.additionalProperties === 'object' ? it.additionalProperties : undefined;
  return html`${names.length > 0 && html`<dl class="members">${names.map((name) => {
    const member = it.properties[name];
    return entry(name, typeOf(member), it.required.includes(name), describe(member, depth + 1));
  })}</dl>`}${values && html`<p class="rules">any names, each with ${typeOf(values)}</p>${describe(values, depth + 1)}`
  }${closed && names.length > 0 && html`<p class="rules">no other members</p>`
  }${it.items && members(it.items, depth + 1)
  }${names.length === 0 && choices.length > 0 && html`<ul class="choices">${choices.map((choice) =>
    html`<li><span class="type">${choice.title ?? typeOf(choice)}</span>${describe(choice, depth + 1)}</li>`)}</ul>`}`;
}

function describe(schema, depth) {
  const inside = schema.$ref === undefined && depth < 8 && members(schema, depth);
  return html`${markdown(schema.description)}${rules(schema)}${inside}`;
}

function schemaSection([name, schema]) {
  return html`<article id="schema-${name}" class="schema"><h3>${name}</h3>
<p class="rules">${typeOf(schema)}</p>${markdown(merged(schema).description)}${rules(schema)}${
    members(schema)}</article>\n`;
}

/* ---- an operation ---- */

function whoMayCall(operation) {
  const { scope } = routeOf(operation) ?? {};
  const schemes = operation.security.map((scheme) => Object.keys(scheme)[0]);
  const token = html`<a href="#signing-token">token</a>`;
  if (schemes.length === 0) return html`everybody, without a token`;
  if (schemes.every((scheme) => scheme === 'session'))
    return html`the <a href="#signing-session">web app’s session</a>`;
  if (scope === '*') return html`a person, with a ${token} of the scope <code>*</code>`;
  if (scope) return html`a ${token} with the scope <code>${scope}</code> or <code>*</code>`;
  return html`any ${token}`;
}

/* Where a parameter that several operations have is described: in the first of them on the page. */
const describedIn = new Map();
for (const operation of document.tags.flatMap(ofTag))
  for (const { shared } of operation.parameters)
    if (shared && !describedIn.has(shared)) describedIn.set(shared, operation);

function parametersOf(operation) {
  const { parameters } = operation;
  return parameters.length > 0 && html`<h4>Parameters</h4><dl class="members">${
    parameters.map((parameter) => parameterOf(operation, parameter))}</dl>`;
}

const places = { path: 'in the path', query: 'in the query', header: 'a header', cookie: 'a cookie' };

function parameterOf(operation, parameter) {
  const { name, shared, required, description, deprecated } = parameter;
  const schema = parameter.schema ?? Object.values(parameter.content)[0].schema;
  const type = html`${typeOf(schema)}, ${places[parameter.in]}`;
  const first = describedIn.get(shared) ?? operation;
  if (first !== operation)
    return entry(name, type, required,
      html`as for <a href="#parameter-${shared}">${first.summary}</a>`, undefined, 'again');
  const [example] = examplesOf(parameter);
  const limits = { ...schema, deprecated: deprecated || schema.deprecated };
  if (example && schema.examples === undefined) limits.examples = [example.value].flat();
  return entry(name, type, required, html`${markdown(description)}${rules(limits)}`, shared && `parameter-${shared}`);
}

function size(bytes) {
  return bytes >= 1024 * 1024 ? `${bytes / 1024 / 1024} MiB` : `${bytes / 1024} KiB`;
}

function bodyOf(operation) {
  if (operation.requestBody === undefined) return undefined;
  const { required, content, description } = operation.requestBody;
  const { bytes } = routeOf(operation) ?? {};
  const most = bytes > 0 && html`; at most ${size(bytes)}`;
  return html`<h4>Request body</h4>
<p class="rules">${codes(Object.keys(content))}; ${required ? 'required' : 'optional'}${most}</p>
${markdown(description)}${differentSchemas(content).filter(Boolean).map((schema) =>
  html`<p class="rules">${typeOf(schema)}</p>
${markdown(merged(schema).description)}${members(schema)}`)}${
    Object.entries(content).map(([type, media]) => examples('request', type, media))}`;
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/* Of several media types that say the same, one. */
function differentSchemas(content) {
  const schemas = Object.values(content).map(({ schema }) => schema);
  return schemas.filter((schema, i) => schemas.findIndex((other) => same(schema, other)) === i);
}

function shown(type, value) {
  if (typeof value === 'string') return value;
  return /json/.test(type) ? pretty(value) : formBody(value).join('&');
}

function examples(status, type, media, make = true) {
  const list = examplesOf(media);
  if (list.length === 0 && make && media.schema !== undefined && /^application\/json|merge-patch/.test(type))
    list.push({ value: sample(media.schema, { request: status === 'request' }) });
  return list.map(({ summary, value }) => html`<details><summary>Example${summary && html`: ${summary}`}</summary>
<pre data-status="${status}" data-type="${type}"><code>${shown(type, value)}</code></pre></details>`);
}

function headersOf(headers = {}) {
  return Object.entries(headers).map(([name, header]) => {
    const { description, schema, example } = resolve(header);
    const limits = schema && example === undefined ? schema : { examples: [example] };
    return entry(name, 'header', false, html`${markdown(description)}${rules(limits)}`);
  });
}

/** What an answer has: its description, headers, body, examples, and what can be called with it. With `make`,
 * an example that nobody wrote is made; of an error it would mislead. */
function answer(status, { description, headers, content = {}, links = {} }, make = true) {
  const fields = headersOf(headers);
  return html`${markdown(description)}${fields.length > 0 && html`<dl class="members">${fields}</dl>`
  }${differentSchemas(content).map((schema) => {
    const media = Object.entries(content).filter(([, of]) => same(of.schema, schema));
    return html`<p class="rules">${codes(media.map(([type]) => type))}${schema && html`: ${typeOf(schema)}`}</p>${
      schema && schema.$ref === undefined && members(schema)}${
      media.map(([type, of]) => examples(status, type, of, make))}`;
  })}${Object.values(links).map(resolve).map((link) =>
    html`<p class="rules">Goes on with <a href="#${link.operationId}">${operationOf(link.operationId).summary}</a>${
      link.description && html`: ${line(link.description)}`}</p>`)}`;
}

function answersOf({ responses }) {
  const own = Object.entries(responses).filter(([, response]) => response.$ref === undefined);
  const shared = Object.entries(responses).filter(([, response]) => response.$ref !== undefined);
  const number = (status) => html`<span class="status">${status}</span>`;
  return html`<h4>Answers</h4>
${own.length > 0 && html`<dl class="answers">${own.map(([status, response]) =>
    html`<div><dt>${number(status)}</dt><dd>${answer(status, response)}</dd></div>`)}</dl>`}
${shared.length > 0 && html`<ul class="shared">${shared.map(([status, { $ref }]) =>
    html`<li><a href="#answer-${nameOf($ref)}">${number(status)} ${words(nameOf($ref))}</a></li>`)}</ul>`}`;
}

/* ---- the page ---- */

const methodOf = (method) => html`<span class="method ${method.toLowerCase()}">${method}</span>`;

function operationSection(operation) {
  const { operationId, summary, method, path, description, deprecated, externalDocs } = operation;
  const lines = shellLines(operation, sample).map(({ label, source }) =>
    html`${label && html`<p class="rules">${label}</p>`}<pre class="curl"><code>${source}</code></pre>\n`);
  return html`<article id="${operationId}" class="operation"><h3><a href="#${operationId}">${summary}</a></h3>
<p class="call">${methodOf(method)} <code>${pathOf(path)}</code></p>
<p class="who">For ${whoMayCall(operation)}.</p>
${deprecated && html`<p class="deprecated">Deprecated: use another call.</p>`}${markdown(description)}${
    externalDocs && html`<p><a href="${externalDocs.url}">${externalDocs.description ?? externalDocs.url}</a></p>`}${
    lines}${parametersOf(operation)}${bodyOf(operation)}${answersOf(operation)}</article>\n`;
}

const short = (path) => path.replace(prefix, '');

function tagSection(tag) {
  return html`<section aria-labelledby="${slug(tag.name)}"><h2 id="${slug(tag.name)}">${tag.name}</h2>
${markdown(tag.description, 3)}<ul class="overview">${ofTag(tag).map(({ operationId, method, path, summary }) =>
    html`<li><a href="#${operationId}">${methodOf(method)} <code>${pathOf(short(path))}</code></a> <span>${
      summary}</span></li>`)}</ul>
${ofTag(tag).map(operationSection)}</section>\n`;
}

function signingSection() {
  const flows = Object.values(document.components.securitySchemes.oauth?.flows ?? {});
  const scopes = Object.assign({}, ...flows.map((flow) => flow.scopes));
  return html`<section aria-labelledby="who-may-call"><h2 id="who-may-call">Who may call</h2>
<p>Each call below says which token it needs. The role of the account on the domain counts as well.</p>
<dl class="members">${Object.entries(document.components.securitySchemes).map(([name, { description, scheme, type }]) =>
    entry(name, scheme ?? type, false, markdown(description), `signing-${name}`))}</dl>
<h3>Scopes</h3><dl class="members">${Object.entries(scopes).map(([name, text]) =>
    html`<div><dt><code>${name}</code></dt><dd>${line(text)}</dd></div>`)}</dl></section>\n`;
}

function sharedSection() {
  const statuses = (name) => [...new Set(operations.flatMap(({ responses }) => Object.entries(responses)
    .filter(([, { $ref }]) => $ref !== undefined && nameOf($ref) === name).map(([status]) => status)))];
  const shared = Object.entries(document.components.responses)
    .sort(([a], [b]) => (statuses(a)[0] < statuses(b)[0] ? -1 : 1));
  return html`<section aria-labelledby="shared-answers"><h2 id="shared-answers">Errors and other shared answers</h2>
<p>What several calls can answer, explained once. <a href="#schema-FaultCode">FaultCode</a> lists the codes in
<code>errors</code>.</p>
${shared.map(([name, response]) => html`<article id="answer-${name}" class="schema"><h3>${
    statuses(name).map((status) => html`<span class="status">${status}</span> `)}${words(name)}</h3>
${answer(statuses(name)[0], response, false)}</article>\n`)}</section>\n`;
}

function contents(name, description) {
  return html`<nav aria-label="Contents" id="contents">
<p><a href="#content">The API of ${name}</a></p>
<ul>
${headings(description, 2).map((text) => html`<li><a href="#${slug(text)}">${text}</a></li>\n`)}
<li><a href="#who-may-call">Who may call</a></li>
${document.tags.map((tag) => html`<li><a href="#${slug(tag.name)}">${tag.name}</a><ul>${
    ofTag(tag).map(({ operationId, method, summary }) =>
      html`<li><a href="#${operationId}">${methodOf(method)} <span>${summary}</span></a></li>`)}</ul></li>\n`)}
<li><a href="#shared-answers">Errors and other shared answers</a></li>
<li><a href="#schemas">Schemas</a></li>
</ul>
</nav>`;
}

const { title, version, summary, description } = document.info;
const name = title.replace(/\.$/, '');
const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>The API of ${name}</title>
<link rel="icon" href="../../../app/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="../../../app/docs.css">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
${contents(name, description)}
<main id="content" tabindex="-1">
<h1>The API of ${name}</h1>
<p class="lead">${summary}</p>
<p class="rules">Version ${version} · <a href="openapi.json">openapi.json</a>, the same for programs ·
<a href="../../../app/">the web app</a></p>
${article(description, 2)}
${signingSection()}${document.tags.map(tagSection)}${sharedSection()}
<section aria-labelledby="schemas"><h2 id="schemas">Schemas</h2>
${Object.entries(document.components.schemas).map(schemaSection)}</section>
<p><a class="to-contents" href="#contents">Contents</a></p>
</main>
</body>
</html>
`;
writeFileSync(to, page.text);
