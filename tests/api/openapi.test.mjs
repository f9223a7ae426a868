/*
 * The document and the server tell the same story: every route stands in api/openapi.yaml and the
 * other way round, and what the server serves as openapi.json is that file. (Every answer of every
 * suite is checked against it as it comes, see lib/openapi.mjs.)
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { openapi, operations } from '../lib/openapi.mjs';
import { runBzctrldOk } from '../lib/program.mjs';
import { API, EXAMPLE, SAMPLE, startServer } from '../lib/server.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

/* "{name}" and a last "*" are one and the same here. */
const plain = (route) => route.replace(/\{[^}]+\}|\*/g, '{}');

test('the document is valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(openapi));
  assert.ok(valid, JSON.stringify(errors, null, 1));
  assert.equal(openapi.openapi.slice(0, 3), '3.1');
});

test('routes and document are the same set', async () => {
  const routes = (await runBzctrldOk(['routes'])).trim().split('\n').map(plain).sort();
  const documented = operations.map((o) => plain(`${o.method} ${o.path}`)).sort();
  assert.deepEqual(routes, documented);
});

test('the server serves the document as JSON, to everybody', async () => {
  const answer = await server.request('GET', `${API}/openapi.json`);
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.json, openapi);
  const again =
    await server.request('GET', `${API}/openapi.json`, { headers: { 'if-none-match': answer.headers.etag } });
  assert.equal(again.status, 304);
  assert.equal((await server.request('GET', `${API}/openapi.json?x=1`)).status, 400);
});

test('every operation has a name of its own, a summary and a tag that is explained', () => {
  const tags = openapi.tags.map((tag) => tag.name);
  const names = operations.map((o) => o.operation.operationId);
  assert.equal(new Set(names).size, names.length);
  for (const { method, path, operation } of operations) {
    assert.ok(operation.summary, `${method} ${path}`);
    assert.ok(operation.tags.every((tag) => tags.includes(tag)), `${method} ${path}`);
  }
});

test('every call that needs a token says so with 401, and every other lets everybody in', async () => {
  for (const { method, path, operation } of operations) {
    if (path === '/app/session') continue; /* the web app's own, see web.test */
    const isPublic = operation.security?.length === 0;
    const answer = await server.request(method,
        path.replace('{file}', '').replace('{key}', 'EXA-CON-BUS-WOR-01').replace(/\{[^}]+\}/g, '1'), {
      headers: method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {},
    });
    if (path.endsWith('/introspect')) continue; /* for clients, and says so with 401 */
    assert.equal(answer.status === 401, !isPublic, `${method} ${path}: ${answer.status}`);
  }
});

test('every call that needs a token can be answered with 429', () => {
  for (const { method, path, operation } of operations)
    if (operation.security?.length !== 0 && path !== '/app/session')
      assert.ok(operation.responses['429'], `${method} ${path}`);
});

test('the examples of requests work as they stand', async () => {
  const { examples } = openapi.paths[`${API}/task/add-task`].post.requestBody.content['application/json'];
  assert.deepEqual(examples.incident.value, SAMPLE);
  for (const { value } of Object.values(examples)) assert.equal((await server.addTask(value)).status, 201);
  const token =
    openapi.paths['/bzctrl-core-api/oauth/token'].post.requestBody.content['application/x-www-form-urlencoded'];
  assert.equal((await server.grant(token.examples.password.value)).status, 200);
  assert.equal((await server.grant(token.examples.client.value)).status, 401, 'there is no such client here');
  assert.equal(token.examples.password.value.username, EXAMPLE.email);
});
