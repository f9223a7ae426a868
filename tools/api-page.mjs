/*
 * The contract as a page that needs no script: api-page.mjs IN.yaml ROUTES.def OUT.html
 *
 * The page has everything that api/openapi.yaml says, and of src/api/routes.def the scope that a call
 * needs and its largest body. It fits the Content-Security-Policy of src/api/file.c, so its style is a
 * file of the web app, web/src/styles/docs.css.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { exampleOf, schemasOf } from './api-schema.mjs';
import { html, joined, line, markdown } from './html.mjs';

const { parse } = createRequire(new URL('../web/package.json', import.meta.url))('yaml');

const [from, table, to] = process.argv.slice(2);
if (to === undefined) {
  console.error('usage: api-page.mjs IN.yaml ROUTES.def OUT.html');
  process.exit(64);
}
const document = parse(readFileSync(from, 'utf8'));
const { resolve, merged, sample } = schemasOf(document);
const HOST = 'http://127.0.0.1:8080';

/* ---- what there is ---- */

const methods = ['get', 'post', 'put', 'patch', 'delete'];
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  methods.filter((method) => item[method]).map((method) => ({
    ...item[method],
    method: method.toUpperCase(),
    path,
    parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map(resolve),
  })));

/* Paths of both files in one spelling: "{name}" and a last "*" are the same. */
const plain = (path) => path.replace(/\{[^}]+\}|\*/g, '{}');
const routes = new Map();
const [, prefix] = /^#define API "(.*)"$/m.exec(readFileSync(table, 'utf8'));
for (const [, method, api, path, who, scope, bytes] of readFileSync(table, 'utf8').matchAll(
  /^ROUTE\("(\w+)",\s*(API )?"([^"]*)",\s*\w+,\s*\w+,\s*(\w+),\s*"([^"]*)",\s*([\d* ]+)\)/gm))
  routes.set(`${method} ${plain((api ? prefix : '') + path)}`, {
    who, scope, bytes: bytes.split('*').reduce((product, factor) => product * Number(factor), 1) });
const routeOf = ({ method, path }) => routes.get(`${method} ${plain(path)}`);

const slug = (name) => name.toLowerCase().replace(/\W+/g, '-');
const nameOf = (reference) => reference.split('/').at(-1);
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
  const types = [schema.type ?? []].flat().map((type) => (type === 'array' ? html`list of ${typeOf(schema.items ?? {})}` : type));
  if (types.length === 0) return schema.enum === undefined ? 'anything' : 'one of';
  return html`${joined(types, ' or ')}`;
}

const formats = {
  date: 'a date, YYYY-MM-DD', 'date-time': 'a time of RFC 3339', email: 'an e-mail address', uri: 'a URL',
  'uri-reference': 'a URL or a path', password: 'secret', uuid: 'a UUID', regex: 'a regular expression',
};

function range(low, high, unit) {
  if (low === undefined && high === undefined) return [];
  const number = (value) => value.toLocaleString('en');
  if (high === undefined) return [`at least ${number(low)}${unit}`];
  if (low === undefined || (low === 0 && unit !== '')) return [`at most ${number(high)}${unit}`];
  return [low === high ? `${number(low)}${unit}` : `${number(low)} to ${number(high)}${unit}`];
}

/** What a value must fulfil beside its type. */
function rules(schema) {
  const list = [
    ...(schema.enum ? [html`one of ${codes(schema.enum)}`] : []),
    ...(schema.format ? [formats[schema.format] ?? schema.format] : []),
    ...range(schema.minLength, schema.maxLength, ' characters'),
    ...range(schema.minItems, schema.maxItems, ' entries'),
    ...range(schema.minimum, schema.maximum, ''),
    ...(schema.uniqueItems ? ['each entry once'] : []),
    ...(schema.pattern ? [html`matches ${code(schema.pattern)}`] : []),
    ...(schema.default === undefined ? [] : [html`by default ${code(schema.default)}`]),
    ...(schema.examples?.length > 0 ? [html`for example ${codes(schema.examples)}`] : []),
  ];
  return list.length > 0 && html`<p class="rules">${joined(list, '; ')}</p>`;
}

const entry = (name, type, required, content) =>
  html`<div><dt><code>${name}</code> <span class="type">${type}</span>${required && html` <span class="required">required</span>`}</dt><dd>${content}</dd></div>`;

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

const describe = (schema, depth) => html`${markdown(schema.description)}${rules(schema)}${schema.$ref === undefined && depth < 8 && members(schema, depth)}`;

function schemaSection([name, schema]) {
  return html`<article id="schema-${name}" class="schema"><h3>${name}</h3>
<p class="rules">${typeOf(schema)}</p>${markdown(merged(schema).description)}${rules(schema)}${members(schema)}</article>\n`;
}

/* ---- an operation ---- */

function whoMayCall(operation) {
  const { scope } = routeOf(operation) ?? {};
  const schemes = (operation.security ?? document.security).map((scheme) => Object.keys(scheme)[0]);
  if (schemes.length === 0) return html`everybody, without a token`;
  if (schemes.every((scheme) => scheme === 'session')) return html`the <a href="#signing-session">web app’s session</a>`;
  if (scope === '*') return html`a person, with a <a href="#signing-token">token</a> of the scope <code>*</code>`;
  if (scope) return html`a <a href="#signing-token">token</a> with the scope <code>${scope}</code> or <code>*</code>`;
  return html`any <a href="#signing-token">token</a>`;
}

function parametersOf({ parameters }) {
  const kinds = { path: 'in the path', query: 'in the query', header: 'a header', cookie: 'a cookie' };
  return parameters.length > 0 && html`<h4>Parameters</h4><dl class="members">${parameters.map((parameter) => {
    const example = exampleOf(parameter);
    const more = example !== undefined && parameter.schema.examples === undefined ? { examples: [example].flat() } : {};
    return entry(parameter.name, html`${typeOf(parameter.schema)}, ${kinds[parameter.in]}`, parameter.required,
      html`${markdown(parameter.description)}${rules({ ...parameter.schema, ...more })}`);
  })}</dl>`;
}

function size(bytes) {
  return bytes >= 1024 * 1024 ? `${bytes / 1024 / 1024} MiB` : `${bytes / 1024} KiB`;
}

function bodyOf(operation) {
  const { required, content = {}, description } = operation.requestBody ?? {};
  const { bytes } = routeOf(operation) ?? {};
  return operation.requestBody && html`<h4>Request body</h4>
<p class="rules">${codes(Object.keys(content))}; ${required ? 'required' : 'optional'}${bytes > 0 && html`; at most ${size(bytes)}`}</p>
${markdown(description)}${differentSchemas(content).map((schema) => html`<p class="rules">${typeOf(schema)}</p>
${markdown(merged(schema).description)}${members(schema)}`)}${Object.entries(content).map(([type, media]) => examples('request', type, media))}`;
}

/* Of several media types that say the same, one. */
function differentSchemas(content) {
  const schemas = Object.values(content).map(({ schema }) => schema).filter(Boolean);
  return schemas.filter((schema, i) => schemas.findIndex((other) => JSON.stringify(other) === JSON.stringify(schema)) === i);
}

/* As people write it: what is short stays on one line. */
function pretty(value, indent = '') {
  const flat = JSON.stringify(value);
  if (value === null || typeof value !== 'object' || (flat.length < 60 && !flat.includes('{')) || flat === '{}') return flat.replace(/","/g, '", "');
  const inner = `${indent}  `;
  if (Array.isArray(value)) return `[\n${value.map((entry) => inner + pretty(entry, inner)).join(',\n')}\n${indent}]`;
  return `{\n${Object.entries(value).map(([name, of]) => `${inner}${JSON.stringify(name)}: ${pretty(of, inner)}`).join(',\n')}\n${indent}}`;
}

const shown = (type, value) => (typeof value === 'string' ? value : /json/.test(type) ? pretty(value) : formBody(value).join('&'));

function examples(status, type, media) {
  const given = media.examples ?? (media.example === undefined ? {} : { example: { value: media.example } });
  const list = Object.values(given);
  if (list.length === 0 && media.schema !== undefined && /^application\/json|merge-patch/.test(type))
    list.push({ value: sample(media.schema, { request: status === 'request' }) });
  return list.map(({ summary, value }) => html`<details><summary>Example${summary && html`: ${summary}`}</summary>
<pre data-status="${status}" data-type="${type}"><code>${shown(type, value)}</code></pre></details>`);
}

function headersOf(headers = {}) {
  return Object.entries(headers).map(([name, header]) => {
    const it = resolve(header);
    return entry(name, 'header', false, html`${markdown(it.description)}${it.schema && it.example === undefined ? rules(it.schema) : rules({ examples: [it.example] })}`);
  });
}

/** What an answer has: its description, headers, body and examples. */
function answer(status, response) {
  const content = Object.entries(response.content ?? {});
  const headers = headersOf(response.headers);
  return html`${markdown(response.description)}${headers.length > 0 && html`<dl class="members">${headers}</dl>`
  }${content.map(([type, media]) => html`<p class="rules"><code>${type}</code>${media.schema && html`: ${typeOf(media.schema)}`}</p>${
    media.schema && media.schema.$ref === undefined && members(media.schema)}${examples(status, type, media)}`)}`;
}

function answersOf({ responses }) {
  const own = Object.entries(responses).filter(([, response]) => response.$ref === undefined);
  const shared = Object.entries(responses).filter(([, response]) => response.$ref !== undefined);
  return html`<h4>Answers</h4>
${own.length > 0 && html`<dl class="answers">${own.map(([status, response]) => html`<div><dt><span class="status">${status}</span></dt><dd>${answer(status, response)}</dd></div>`)}</dl>`}
${shared.length > 0 && html`<ul class="shared">${shared.map(([status, { $ref }]) =>
    html`<li><a href="#answer-${nameOf($ref)}"><span class="status">${status}</span> ${words(nameOf($ref))}</a></li>`)}</ul>`}`;
}

/* ---- a line for the shell ---- */

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const formBody = (value) => Object.entries(value).map(([name, text]) => `${name}=${text}`);

function curl(operation) {
  const { method, path, parameters, requestBody } = operation;
  const valueOf = (parameter) => exampleOf(parameter) ?? sample(parameter.schema, { name: parameter.name });
  const target = path.replace(/\{(\w+)\}/g, (_, name) => (name === 'file' ? '' : encodeURIComponent(valueOf(parameters.find((p) => p.name === name && p.in === 'path'))).replaceAll('%40', '@')));
  const parts = [];
  const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  if (method !== 'GET' && !(method === 'POST' && media)) parts.push(`-X ${method}`);
  parts.push(quotedUrl(HOST + target));
  const schemes = (operation.security ?? document.security).map((scheme) => Object.keys(scheme)[0]);
  if (schemes.includes('token')) parts.push('-H "Authorization: Bearer $TOKEN"');
  else if (schemes.includes('session')) parts.push('-b "bzctrl_session=$SESSION"');
  if (path.startsWith('/app/session')) parts.push("-H 'X-Bzctrl-App: 1'", `-H 'Origin: ${HOST}'`);
  for (const header of parameters.filter((p) => p.in === 'header'))
    if (header.required || exampleOf(header) !== undefined) parts.push(`-H ${quoted(`${header.name}: ${valueOf(header)}`)}`);
    else if (header.name === 'If-Match' && operation.responses['428']) parts.push("-H 'If-Match: *'");
  if (media) {
    const value = exampleOf(media) ?? sample(media.schema, { request: true });
    if (/json/.test(type)) parts.push(`-H 'Content-Type: ${type}'`, `-d ${quoted(pretty(value))}`);
    else parts.push(...formBody(value).map((field) => `--data-urlencode ${quoted(field)}`));
  }
  return `curl ${parts.join(' \\\n  ')}`;
}

const quotedUrl = (url) => (/[^\w:/.@%-]/.test(url) ? quoted(url) : url);

/* ---- the page ---- */

function operationSection(operation) {
  const { operationId, summary, method, path, description } = operation;
  return html`<article id="${operationId}" class="operation"><h3><a href="#${operationId}">${summary}</a></h3>
<p class="call"><span class="method ${method.toLowerCase()}">${method}</span> <code>${pathOf(path)}</code></p>
<p class="who">For ${whoMayCall(operation)}.</p>
${markdown(description)}<pre class="curl"><code>${curl(operation)}</code></pre>
${parametersOf(operation)}${bodyOf(operation)}${answersOf(operation)}</article>\n`;
}

const short = (path) => path.replace(prefix, '');
const ofTag = ({ name }) => operations.filter((operation) => operation.tags[0] === name);

function tagSection(tag) {
  return html`<section aria-labelledby="${slug(tag.name)}"><h2 id="${slug(tag.name)}">${tag.name}</h2>
${markdown(tag.description, 3)}<ul class="overview">${ofTag(tag).map(({ operationId, method, path, summary }) =>
    html`<li><a href="#${operationId}"><span class="method ${method.toLowerCase()}">${method}</span> <code>${pathOf(short(path))}</code></a> <span>${summary}</span></li>`)}</ul>
${ofTag(tag).map(operationSection)}</section>\n`;
}

function signingSection() {
  const flows = Object.values(document.components.securitySchemes.oauth?.flows ?? {});
  const scopes = Object.assign({}, ...flows.map((flow) => flow.scopes));
  return html`<section aria-labelledby="who-may-call"><h2 id="who-may-call">Who may call</h2>
<p>Each call below says which token it needs. The role of the account on the domain counts as well.</p>
<dl class="members">${Object.entries(document.components.securitySchemes).map(([name, { description, scheme, type }]) =>
    html`<div id="signing-${name}"><dt><code>${name}</code> <span class="type">${scheme ?? type}</span></dt><dd>${markdown(description)}</dd></div>`)}</dl>
<h3>Scopes</h3><dl class="members">${Object.entries(scopes).map(([name, text]) =>
    html`<div><dt><code>${name}</code></dt><dd>${line(text)}</dd></div>`)}</dl></section>\n`;
}

function sharedSection() {
  const statuses = (name) => [...new Set(operations.flatMap(({ responses }) =>
    Object.entries(responses).filter(([, { $ref }]) => $ref !== undefined && nameOf($ref) === name).map(([status]) => status)))];
  const shared = Object.entries(document.components.responses).sort(([a], [b]) => (statuses(a)[0] < statuses(b)[0] ? -1 : 1));
  return html`<section aria-labelledby="shared-answers"><h2 id="shared-answers">Errors and other shared answers</h2>
<p>What several calls can answer, explained once. <a href="#schema-FaultCode">FaultCode</a> lists the codes in <code>errors</code>.</p>
${shared.map(([name, response]) => html`<article id="answer-${name}" class="schema"><h3>${
    statuses(name).map((status) => html`<span class="status">${status}</span> `)}${words(name)}</h3>
${answer(statuses(name)[0], { ...response, content: withoutSamples(response.content) })}</article>\n`)}</section>\n`;
}

/* An error whose sentence nobody wrote has no example: a made-up one would mislead. */
function withoutSamples(content = {}) {
  return Object.fromEntries(Object.entries(content).map(([type, media]) => [type, exampleOf(media) === undefined ? { ...media, examples: {} } : media]));
}

const { title, version, summary, description } = document.info;
const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>The API of ${title}</title>
<link rel="icon" href="/app/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/app/docs.css">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<nav aria-label="Contents">
<p><a href="#content">The API of ${title}</a></p>
<ul>
<li><a href="#who-may-call">Who may call</a></li>
${document.tags.map((tag) => html`<li><a href="#${slug(tag.name)}">${tag.name}</a><ul>${ofTag(tag).map(({ operationId, method, summary }) =>
    html`<li><a href="#${operationId}"><span class="method ${method.toLowerCase()}">${method}</span> <span>${summary}</span></a></li>`)}</ul></li>\n`)}
<li><a href="#shared-answers">Errors and other shared answers</a></li>
<li><a href="#schemas">Schemas</a></li>
</ul>
</nav>
<main id="content" tabindex="-1">
<h1>The API of ${title}</h1>
<p class="lead">${summary}</p>
<p class="rules">Version ${version} · <a href="${prefix}/openapi.json">openapi.json</a>, the same for programs · <a href="/app/">the web app</a></p>
${markdown(description, 2)}
${signingSection()}${document.tags.map(tagSection)}${sharedSection()}
<section aria-labelledby="schemas"><h2 id="schemas">Schemas</h2>
${Object.entries(document.components.schemas).map(schemaSection)}</section>
</main>
</body>
</html>
`;
writeFileSync(to, page.text);
