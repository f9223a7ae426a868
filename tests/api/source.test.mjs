/*
 * The two requests of the source document, as they are printed there, answered as the contract
 * says; through fetch, curl and two OAuth clients that others wrote.
 */
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { after, before, test } from 'node:test';
import * as oauth from 'oauth4webapi';
import simpleOauth2 from 'simple-oauth2';
import { run } from '../lib/program.mjs';
import { ADD_TASK, EXAMPLE, REVOKE_PATH, SAMPLE, TOKEN_PATH, startServer } from '../lib/server.mjs';

globalThis.crypto ??= webcrypto; /* Node 18 does not have it as a global */

/* Letter by letter as the source prints it: the slip is in "lrn". */
const SAMPLE_AS_PRINTED = `{
"todoType":"INCIDENT",
"domainWorkSpace":"EXA-CON-BUS-WOR",
"title":"Potential Customs claim",
"description":"Operation started without proper approvals",
"financialImpact":"123577",
"impact":"HIGH",
"likelihood":"MEDIUM",
"status":"IN PROGRESS",
"priority":"HIGH",
"assignee":"Example@example.com",
"reporter":"Example@example.com",
"category":["Customs"],
"subCategory":["IT"],
"lrn":"725462",tags"
"orderID":["ORDER 777"],
"reminderDate":"2024-09-27"
}`;
const SAMPLE_MENDED = SAMPLE_AS_PRINTED.replace(',tags"', ',');

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

test('both requests through fetch: a token, then a record with its link', async () => {
  const signedIn = await fetch(server.url + TOKEN_PATH, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'password', username: 'example@example.com', password: 'Ex@mpl3!' }),
  });
  assert.equal(signedIn.status, 200);
  const token = await signedIn.json();
  assert.deepEqual(Object.keys(token), [
    'access_token', 'refresh_token', 'token_type', 'expires_in', 'scope', 'jti',
  ]);
  assert.equal(token.token_type, 'Bearer');
  assert.equal(token.expires_in, 3600);
  assert.equal(token.scope, '*');

  const created = await fetch(server.url + ADD_TASK, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token.access_token}` },
    body: SAMPLE_MENDED,
  });
  assert.equal(created.status, 201);
  assert.equal(
    await created.text(),
    `{"title":"Potential Customs claim","taskType":"INCIDENT",` +
      `"description":"Operation started without proper approvals",` +
      `"taskLink":"${server.url}/app/#/todo/EXA-CON-BUS-WOR-01","tags":["ORDER 777","725462"]}`,
  );
});

test('both requests through curl', async () => {
  const signedIn = await run('curl', [
    '-sS', '--fail-with-body',
    '-d', 'grant_type=password', '-d', 'username=example@example.com',
    '--data-urlencode', 'password=Ex@mpl3!', server.url + TOKEN_PATH,
  ]);
  assert.equal(signedIn.code, 0, signedIn.stdout + signedIn.stderr);
  const created = await run(
    'curl',
    [
      '-sS', '--fail-with-body', '-i', '-H', 'Content-Type: application/json',
      '-H', `Authorization: Bearer ${JSON.parse(signedIn.stdout).access_token}`,
      '--data-binary', '@-', server.url + ADD_TASK,
    ],
    { input: SAMPLE_MENDED },
  );
  assert.equal(created.code, 0, created.stdout + created.stderr);
  assert.match(created.stdout, /^HTTP\/1\.1 201 Created\r\n/);
  assert.match(created.stdout, /"tags":\["ORDER 777","725462"\]\}$/);
});

test('a body of more than 1 MiB through curl, which asks first with Expect: 100-continue', async () => {
  const headers = ['-H', 'Content-Type: application/json', '-H', `Authorization: Bearer ${await server.token()}`];
  const fits = await run(
    'curl',
    ['-sS', '-i', ...headers, '-H', 'Expect: 100-continue', '--data-binary', '@-', server.url + ADD_TASK],
    { input: JSON.stringify({ ...SAMPLE, description: 'x'.repeat(60_000) }) },
  );
  assert.match(fits.stdout, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 Created/);
  const tooLarge = await run(
    'curl',
    ['-sS', '-i', ...headers, '-H', 'Expect: 100-continue', '--data-binary', '@-', server.url + ADD_TASK],
    { input: 'x'.repeat(2 * 1024 * 1024) },
  );
  assert.match(tooLarge.stdout, /^HTTP\/1\.1 413 /);
});

test('the sample as the source prints it: 400 with the line and column of its slip', async () => {
  const answer = await server.addTask(SAMPLE_AS_PRINTED);
  assert.equal(answer.status, 400, answer.text);
  assert.match(answer.json.detail, /line 15\b/);
  assert.match(answer.json.detail, /column 16\b/);
});

test('oauth4webapi: discovery, password, refresh, revocation', async () => {
  const insecure = { [oauth.allowInsecureRequests]: true };
  const issuer = new URL(`${server.url}/bzctrl-core-api`);
  const as = await oauth.processDiscoveryResponse(
    issuer,
    await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure }),
  );
  /* The source knows no client: nothing is sent for one. */
  const client = { client_id: 'unused' };
  const noClient = () => {};

  const granted = await oauth.processGenericTokenEndpointResponse(
    as, client,
    await oauth.genericTokenEndpointRequest(
      as, client, noClient, 'password',
      { username: EXAMPLE.email, password: EXAMPLE.password }, insecure,
    ),
  );
  assert.equal(granted.expires_in, 3600);

  const refreshed = await oauth.processRefreshTokenResponse(
    as, client, await oauth.refreshTokenGrantRequest(as, client, noClient, granted.refresh_token, insecure),
  );
  assert.notEqual(refreshed.access_token, granted.access_token);

  const created = await oauth.protectedResourceRequest(
    refreshed.access_token, 'POST', new URL(server.url + ADD_TASK),
    new Headers({ 'content-type': 'application/json' }), JSON.stringify(SAMPLE), insecure,
  );
  assert.equal(created.status, 201);

  await oauth.processRevocationResponse(
    await oauth.revocationRequest(as, client, noClient, refreshed.refresh_token, insecure),
  );
  await assert.rejects(
    async () =>
      oauth.processRefreshTokenResponse(
        as, client, await oauth.refreshTokenGrantRequest(as, client, noClient, refreshed.refresh_token, insecure),
      ),
    (error) => error.error === 'invalid_grant' && error.status === 400,
  );
  /* Revoking the refresh token has ended its access token too; the library reads the challenge. */
  await assert.rejects(
    oauth.protectedResourceRequest(
      refreshed.access_token, 'GET', new URL(`${server.url}/bzctrl-core-api/api/v1/tasks`), undefined, undefined,
      insecure,
    ),
    (error) => error.cause[0].scheme === 'bearer' && error.cause[0].parameters.error === 'invalid_token',
  );
});

test('simple-oauth2: password, refresh, revocation', async () => {
  /* It always sends a client; an empty one counts as none (RFC 6749, section 3.1). */
  const grant = new simpleOauth2.ResourceOwnerPassword({
    client: { id: '', secret: '' },
    auth: { tokenHost: server.url, tokenPath: TOKEN_PATH, revokePath: REVOKE_PATH },
    options: { authorizationMethod: 'body' },
  });
  const token = await grant.getToken({ username: EXAMPLE.email, password: EXAMPLE.password });
  assert.equal(token.expired(), false);
  const refreshed = await token.refresh();
  const created = await server.addTask(SAMPLE, { token: refreshed.token.access_token });
  assert.equal(created.status, 201);
  await refreshed.revokeAll();
  const refused = await server.addTask(SAMPLE, { token: refreshed.token.access_token });
  assert.equal(refused.status, 401);
});
