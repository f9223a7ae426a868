/*
 * Every route of the server with a request that it takes, and the status that each kind of caller
 * gets: a route without a line here fails the tests that use it.
 */
import assert from 'node:assert/strict';
import { runBzctrldOk, until } from './program.mjs';
import { API, EXAMPLE, WORKSPACE, form, small, startServer } from './server.mjs';

const person = (name, role, domain) =>
  ({ email: `${name}@example.com`, ...(role === 'admin' ? { admin: true } : { role, domain }) });
export const PEOPLE = {
  viewer: person('viewer', 'viewer', 'EXA'),
  member: person('member', 'member', EXAMPLE.domain),
  manager: person('manager', 'manager', EXAMPLE.domain),
  admin: person('admin', 'admin'),
  alien: person('alien', 'manager', 'ACME'), /* of another domain than what is asked for */
};
const CLIENTS = {
  create: { scopes: ['task:create'] },
  read: { scopes: ['task:read'] },
  write: { scopes: ['task:write'] },
  other: { scopes: ['task:create', 'task:read', 'task:write'], domain: 'ACME' },
};

/* The statuses of a line are in this order: nobody, five people, four clients. */
export const CALLERS = ['none', ...Object.keys(PEOPLE), ...Object.keys(CLIENTS)];

let server;
let record; /* in the workspace of EXAMPLE.domain, sent by its member */
export const tokens = {};

/** Starts the server that the requests of the table are for. */
export async function startRoutes() {
  server = await startServer(
    { workspaces: ['EXA-CON-BUS-WOR', 'ACME-WOR'], users: [EXAMPLE, ...Object.values(PEOPLE)] });
  for (const [name, { email }] of Object.entries(PEOPLE)) tokens[name] = await server.token(email);
  for (const [name, settings] of Object.entries(CLIENTS))
    tokens[name] = await server.clientToken(await server.addClient(PEOPLE.admin.email, settings));
  record = (await server.createAndRead(small(), { as: PEOPLE.member.email })).key;
  return { server, record };
}

/** The routes that the server says it has. */
export const routes = async () => (await runBzctrldOk(['routes'])).trim().split('\n').sort();

/** One request to a route, by its line: {method, path, headers, body}. */
export async function requestOf(route, send = TABLE[route].send) {
  const [method, template] = route.split(' ');
  return { method, path: template, headers: {}, ...(typeof send === 'function' ? await send() : send) };
}

/* ---- what is sent ---- */

export const json = (body, headers = {}) =>
  ({ headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
export const fields = (parameters) =>
  ({ headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form(parameters) });
const password = { username: EXAMPLE.email, password: EXAMPLE.password };
const oneRecord = (more = '') => () => ({ path: `${API}/tasks/${record}${more}` });

/* A record of the member's, proposed for closing when that is to be decided. */
async function freshClosing(more = '') {
  const { key } = await server.createAndRead(small(), { as: PEOPLE.member.email });
  const path = `${API}/tasks/${key}/closing`;
  if (more) await server.send(PEOPLE.member.email, 'POST', path, {});
  return { path: path + more, ...json({}) };
}

async function freshProposal() {
  const { key } = await server.createAndRead(small(), { as: PEOPLE.member.email });
  const path = `${API}/tasks/${key}/closing`;
  await server.send(PEOPLE.member.email, 'POST', path, {});
  return { path };
}

/* A change that the member has made. */
async function freshChange() {
  const { key } = await server.createAndRead(small(), { as: PEOPLE.member.email });
  const path = `${API}/tasks/${key}`;
  await server.send(PEOPLE.member.email, 'PATCH', path, { title: 'Changed' }, { headers: { 'if-match': '*' } });
  return { path: `${path}/undo`, ...json({ version: 2 }) };
}

/* A rule that nobody has touched yet. */
async function freshWorkspaceRule(request = {}) {
  const path = `${API}/workspaces/${WORKSPACE}/rules`;
  const { json: { id } } =
    await server.send(PEOPLE.manager.email, 'POST', path, { kind: 'expire', name: `Rule ${++made}` });
  const gone = { path: `${path}/${id}`, ...request };
  rules.push(gone.path);
  for (const old of rules.splice(0, rules.length - 20)) await server.send(PEOPLE.manager.email, 'DELETE', old);
  return gone;
}
const rules = []; /* a workspace has room for a hundred */

const ofWorkspace = (more, request = () => ({})) =>
  () => ({ path: `${API}/workspaces/${WORKSPACE}${more}`, ...request() });

/* A bulk change by the member. */
async function freshBulk() {
  const { key } = await server.createAndRead(small(), { as: PEOPLE.member.email });
  const { json: { bulkId } } = await server.send(PEOPLE.member.email, 'POST', `${API}/tasks/bulk`,
    { keys: [key], patch: { title: `Title ${++made}` } });
  return { path: `${API}/bulk/${bulkId}/undo` };
}

/* A client of EXAMPLE.domain that nobody has touched yet. */
async function freshClient(more = '', request = {}) {
  const { clientId } = await server.addClient(PEOPLE.admin.email, { scopes: [] });
  return { path: `${API}/clients/${clientId}${more}`, ...request };
}

async function freshSecret() {
  const { path } = await freshClient('/secrets');
  const { items } = (await server.get(path, { as: PEOPLE.admin.email })).json;
  return { path: `${path}/${items[0].id}` };
}

/* A link between the record and another one of the member's; and what makes it. */
async function linkToMake() {
  const { key } = await server.createAndRead(small(), { as: PEOPLE.member.email });
  return { ...oneRecord('/related')(), ...json({ key, kind: 'relates' }) };
}

async function freshLink() {
  const { path, body } = await linkToMake();
  await server.send(PEOPLE.member.email, 'POST', path, JSON.parse(body));
  return { path: `${path}/${JSON.parse(body).key}` };
}

/* A comment, or an attachment, of the member who has sent the record. */
const freshComment = (request = {}) => freshPart(json({ text: 'Seen.' }), '/comments', request);
const freshAttachment = () => freshPart({ body: `Seen ${++made} times.` }, `/attachments?name=${made}`, {});
async function freshPart(sent, folder, request) {
  const { status, headers, text } = await server.requestAs(PEOPLE.member.email, 'POST',
    `${API}/tasks/${record}${folder}`, sent);
  assert.equal(status, 201, text);
  return { path: new URL(headers.location).pathname, ...request };
}

const onePerson = (more = '') => ({ path: `${API}/people/${EXAMPLE.email}${more}` });
export async function freshPerson() {
  const { headers } = await server.send(PEOPLE.admin.email, 'POST', `${API}/people`, {
    email: `fresh${++made}@example.com`, roles: [{ domain: EXAMPLE.domain, role: 'member' }] });
  return { path: `${new URL(headers.location).pathname}/erase` };
}
async function freshRule() {
  const { json: rule } = await server.send(PEOPLE.admin.email, 'POST', `${API}/single-sign-on/rules`,
    { group: `group ${++made}`, domain: EXAMPLE.domain, role: 'viewer' });
  return { path: `${API}/single-sign-on/rules/${rule.id}` };
}
/* Shared with EXAMPLE.domain. */
async function freshView() {
  const { json: view } = await server.send(PEOPLE.admin.email, 'POST', `${API}/views`,
    { name: `View ${++made}`, domain: EXAMPLE.domain });
  return { path: `${API}/views/${view.id}` };
}
/* Of EXAMPLE.domain, whose deliveries reach nobody. */
async function freshWebhook(more = '', request = {}) {
  const { json: hook } = await server.send(PEOPLE.admin.email, 'POST', `${API}/webhooks`,
    { url: 'https://example.invalid/', domain: EXAMPLE.domain });
  return { path: `${API}/webhooks/${hook.id}${more}`, ...request };
}
async function freshDelivery(more = '') {
  const { path } = await freshWebhook();
  const { json: { id } } = await server.send(PEOPLE.admin.email, 'POST', `${path}/test`);
  return { path: `${path}/deliveries/${id}${more}` };
}
let view;
const oneView = async (more = {}) => ({ ...await (view ??= freshView()), ...more });
/* A stand-up of EXAMPLE.domain, and a session of one. A domain can have 100, so all but the newest are archived, also
 * those that POST /meetings has made. */
async function archiveMeetings() {
  const { json: { items } } = await server.send(PEOPLE.member.email, 'GET', `${API}/meetings`);
  items.sort((x, y) => Number(BigInt(x.id) - BigInt(y.id)));
  for (const { id, running } of items.slice(0, -40)) {
    if (running) await server.send(PEOPLE.member.email, 'POST', `${API}/meetings/${id}/sessions/${running}/close`);
    await server.send(PEOPLE.member.email, 'DELETE', `${API}/meetings/${id}`);
  }
}
async function freshMeeting(more = '', request = {}) {
  if (++made % 10 === 0) await archiveMeetings();
  const { json: { id } } = await server.send(PEOPLE.member.email, 'POST', `${API}/meetings`,
    { name: `Stand-up ${made}`, domain: EXAMPLE.domain, workspaces: [WORKSPACE] });
  return { path: `${API}/meetings/${id}${more}`, ...request };
}
async function freshSession(more = '', request = {}) {
  const { path } = await freshMeeting('/sessions');
  /* It counts records, which waits for the index, and an erasure in the background has it built again. */
  const { json: { id } } = await until(async () => {
    const answer = await server.send(PEOPLE.member.email, 'POST', path);
    return answer.status !== 503 && answer;
  }, 'a session of a stand-up');
  return { path: `${path}/${id}${more}`, ...request };
}
async function freshNote(request = {}) {
  const { path } = await freshSession('/notes');
  const { json: { minutes } } = await server.send(PEOPLE.member.email, 'POST', path, { text: 'A note' });
  return { path: `${path}/${minutes.notes[0].id}`, ...request };
}
const oneWorkspace = () => ({ path: `${API}/workspaces/${WORKSPACE}` });

let made = 0;
const forms = (more = '') => () => ({ path: `${API}/workspaces/${WORKSPACE}/forms${more}` });

/* ---- the table ---- */

const everybody = (status, send = {}) => ({ statuses: CALLERS.map(() => status), send });
/*                              none view memb mana admi alie crea read writ othe */
const line = (send, ...statuses) => ({ send, statuses });
export const TABLE = {
  /* Whoever sends a Bearer token there tries to authenticate as a client, and is none. */
  'POST /bzctrl-core-api/oauth/token': line(
    fields({ grant_type: 'password', ...password }), 200, 401, 401, 401, 401, 401, 401, 401, 401, 401),
  'POST /bzctrl-core-api/oauth/revoke': line(fields({ token: 'unknown' }), 200, 401, 401, 401, 401, 401, 401, 401, 401,
    401),
  'POST /bzctrl-core-api/oauth/introspect': everybody(401, fields({ token: 'unknown' })),
  'GET /.well-known/oauth-authorization-server/bzctrl-core-api': everybody(200),
  [`POST ${API}/task/add-task`]: line(json(small()), 401, 403, 201, 201, 201, 422, 201, 403, 403, 422),
  /* Who may report somewhere gets a verdict on each item: a viewer's 403 is the item's. */
  [`POST ${API}/task/add-tasks`]: line(json([{ task: small() }]), 401, 200, 200, 200, 200, 200, 200, 403, 403, 200),
  [`GET ${API}/tasks`]: line({}, 401, 200, 200, 200, 200, 200, 403, 200, 403, 200),
  [`GET ${API}/tasks/{key}`]: line(oneRecord(), 401, 200, 200, 200, 200, 404, 403, 404, 403, 404),
  [`PATCH ${API}/tasks/{key}`]: line(
    () => ({ ...oneRecord()(), ...json({ title: `Title ${++made}` }, { 'if-match': '*' }) }), 401, 403, 200, 200, 200,
    404, 403, 403, 404, 404),
  /* Whoever may change something somewhere gets a verdict on each record. */
  [`POST ${API}/tasks/bulk`]: line(
    () => json({ keys: [record], patch: { title: `Title ${++made}` } }), 401, 200, 200, 200, 200, 200, 403, 403, 200,
    200),
  [`POST ${API}/bulk/{id}/undo`]: line(() => freshBulk(), 401, 404, 200, 200, 200, 404, 403, 403, 404, 404),
  [`POST ${API}/tasks/{key}/closing`]: line(() => freshClosing(), 401, 403, 200, 200, 200, 404, 403, 403, 404, 404),
  [`DELETE ${API}/tasks/{key}/closing`]: line(() => freshProposal(), 401, 403, 200, 403, 403, 404, 403, 403, 404, 404),
  [`POST ${API}/tasks/{key}/undo`]: line(() => freshChange(), 401, 403, 200, 403, 403, 404, 403, 403, 404, 404),
  [`POST ${API}/tasks/{key}/closing/accept`]: line(() => freshClosing('/accept'), 401, 403, 403, 200, 200, 404, 403,
    403, 403, 403),
  [`POST ${API}/tasks/{key}/closing/return`]: line(() => freshClosing('/return'), 401, 403, 403, 200, 200, 404, 403,
    403, 403, 403),
  [`PUT ${API}/tasks/{key}/followers/me`]: line(oneRecord('/followers/me'), 401, 204, 204, 204, 204, 404, 403, 403, 403,
    403),
  [`DELETE ${API}/tasks/{key}/followers/me`]: line(oneRecord('/followers/me'), 401, 204, 204, 204, 204, 404, 403, 403,
    403, 403),
  [`GET ${API}/tasks/{key}/events`]: line(oneRecord('/events'), 401, 200, 200, 200, 200, 404, 403, 404, 403, 404),
  [`GET ${API}/stats`]: line({ path: `${API}/stats?by=status` }, 401, 200, 200, 200, 200, 200, 403, 200, 403,
    200),
  [`GET ${API}/export/tasks.csv`]: line({}, 401, 200, 200, 200, 200, 200, 403, 200, 403, 200),
  [`GET ${API}/export/tasks.xlsx`]: line({}, 401, 200, 200, 200, 200, 200, 403, 200, 403, 200),
  [`GET ${API}/tasks/{key}/related`]: line(oneRecord('/related'), 401, 200, 200, 200, 200, 404, 403, 404, 403, 404),
  [`POST ${API}/tasks/{key}/related`]: line(linkToMake, 401, 403, 201, 201, 201, 404, 403, 403, 404, 404),
  [`DELETE ${API}/tasks/{key}/related/{other}`]: line(freshLink, 401, 403, 204, 204, 204, 404, 403, 403, 404, 404),
  [`GET ${API}/tasks/{key}/evidence`]: line(oneRecord('/evidence'), 401, 200, 200, 200, 200, 404, 403, 404, 403, 404),
  [`GET ${API}/changes`]: line({}, 401, 200, 200, 200, 200, 200, 403, 200, 403, 200),
  [`GET ${API}/webhooks`]: line({}, 401, 403, 403, 200, 200, 200, 403, 403, 403, 403),
  [`POST ${API}/webhooks`]: line(
    json({ url: 'https://example.invalid/', domain: EXAMPLE.domain }),
    401, 403, 403, 201, 201, 422, 403, 403, 403, 403),
  [`GET ${API}/webhooks/{id}`]: line(() => freshWebhook(), 401, 403, 403, 200, 200, 404, 403, 403, 403, 403),
  [`PATCH ${API}/webhooks/{id}`]: line(
    () => freshWebhook('', json({ paused: true }, { 'if-match': '*' })),
    401, 403, 403, 200, 200, 404, 403, 403, 403, 403),
  [`DELETE ${API}/webhooks/{id}`]: line(() => freshWebhook(), 401, 403, 403, 204, 204, 404, 403, 403, 403, 403),
  [`POST ${API}/webhooks/{id}/secret`]: line(
    () => freshWebhook('/secret'), 401, 403, 403, 200, 200, 404, 403, 403, 403, 403),
  [`POST ${API}/webhooks/{id}/test`]: line(
    () => freshWebhook('/test'), 401, 403, 403, 202, 202, 404, 403, 403, 403, 403),
  [`POST ${API}/webhooks/{id}/resend`]: line(
    () => freshWebhook('/resend', json({ since: '2026-01-01T00:00:00Z' })), 401, 403, 403, 202, 202, 404, 403, 403, 403,
    403),
  [`GET ${API}/webhooks/{id}/deliveries`]: line(
    () => freshWebhook('/deliveries'), 401, 403, 403, 200, 200, 404, 403, 403, 403, 403),
  [`GET ${API}/webhooks/{id}/deliveries/{delivery}`]: line(
    () => freshDelivery(), 401, 403, 403, 200, 200, 404, 403, 403, 403, 403),
  [`POST ${API}/webhooks/{id}/deliveries/{delivery}/resend`]: line(
    () => freshDelivery('/resend'), 401, 403, 403, 202, 202, 404, 403, 403, 403, 403),
  [`GET ${API}/workspaces/{key}/rules`]: line(
    ofWorkspace('/rules'), 401, 200, 200, 200, 200, 404, 403, 403, 403, 403),
  [`POST ${API}/workspaces/{key}/rules`]: line(
    ofWorkspace('/rules', () => json({ kind: 'expire', name: `Rule ${++made}` })),
    401, 403, 403, 201, 201, 404, 403, 403, 403, 403),
  [`GET ${API}/workspaces/{key}/rules/{id}`]: line(
    () => freshWorkspaceRule(), 401, 200, 200, 200, 200, 404, 403, 403, 403, 403),
  [`PATCH ${API}/workspaces/{key}/rules/{id}`]: line(
    () => freshWorkspaceRule(json({ days: 3 }, { 'if-match': '*' })), 401, 403, 403, 200, 200, 404, 403, 403, 403, 403),
  [`DELETE ${API}/workspaces/{key}/rules/{id}`]: line(
    () => freshWorkspaceRule(), 401, 403, 403, 204, 204, 404, 403, 403, 403, 403),
  [`GET ${API}/workspaces/{key}/workdays`]: line(
    ofWorkspace('/workdays'), 401, 200, 200, 200, 200, 404, 403, 403, 403, 403),
  [`PATCH ${API}/workspaces/{key}/workdays`]: line(
    ofWorkspace('/workdays', () => json({ remindAt: '09:00' }, { 'if-match': '*' })),
    401, 403, 403, 200, 200, 404, 403, 403, 403, 403),
  [`GET ${API}/meetings`]: line({}, 401, 200, 200, 200, 200, 200, 403, 403, 403, 403),
  [`POST ${API}/meetings`]: line(
    () => json({ name: 'Stand-up', workspaces: [WORKSPACE], domain: EXAMPLE.domain }),
    401, 403, 201, 201, 201, 422, 403, 403, 403, 403),
  [`GET ${API}/meetings/{id}`]: line(() => freshMeeting(), 401, 200, 200, 200, 200, 404, 403, 403, 403, 403),
  [`PATCH ${API}/meetings/{id}`]: line(
    () => freshMeeting('', json({ minutes: 20 }, { 'if-match': '*' })), 401, 403, 200, 200, 200, 404, 403, 403,
    403, 403),
  [`DELETE ${API}/meetings/{id}`]: line(() => freshMeeting(), 401, 403, 204, 204, 204, 404, 403, 403, 403, 403),
  [`GET ${API}/meetings/{id}/sessions`]: line(
    () => freshMeeting('/sessions'), 401, 200, 200, 200, 200, 404, 403, 403, 403, 403),
  [`POST ${API}/meetings/{id}/sessions`]: line(
    () => freshMeeting('/sessions'), 401, 403, 201, 201, 201, 404, 403, 403, 403, 403),
  [`GET ${API}/meetings/{id}/sessions/{session}`]: line(
    () => freshSession(), 401, 200, 200, 200, 200, 404, 403, 403, 403, 403),
  [`PATCH ${API}/meetings/{id}/sessions/{session}`]: line(
    () => freshSession('', json({ stage: 'walk', lead: true })), 401, 403, 200, 200, 200, 404, 403, 403, 403, 403),
  [`DELETE ${API}/meetings/{id}/sessions/{session}`]: line(
    () => freshSession(), 401, 403, 204, 204, 204, 404, 403, 403, 403, 403),
  [`GET ${API}/meetings/{id}/sessions/{session}/walk`]: line(
    () => freshSession('/walk'), 401, 200, 200, 200, 200, 404, 403, 403, 403, 403),
  [`POST ${API}/meetings/{id}/sessions/{session}/people`]: line(
    () => freshSession('/people'), 401, 200, 200, 200, 200, 404, 403, 403, 403, 403),
  [`POST ${API}/meetings/{id}/sessions/{session}/notes`]: line(
    () => freshSession('/notes', json({ text: 'A note' })), 401, 403, 201, 201, 201, 404, 403, 403, 403, 403),
  [`PATCH ${API}/meetings/{id}/sessions/{session}/notes/{note}`]: line(
    () => freshNote(json({ parked: true })), 401, 403, 200, 200, 200, 404, 403, 403, 403, 403),
  [`DELETE ${API}/meetings/{id}/sessions/{session}/notes/{note}`]: line(
    () => freshNote(), 401, 403, 200, 403, 403, 404, 403, 403, 403, 403),
  [`POST ${API}/meetings/{id}/sessions/{session}/close`]: line(
    () => freshSession('/close'), 401, 403, 200, 200, 200, 404, 403, 403, 403, 403),
  [`GET ${API}/views`]: line({}, 401, 200, 200, 200, 200, 200, 403, 403, 403, 403),
  [`POST ${API}/views`]: line(json({ name: 'Mine' }), 401, 201, 201, 201, 201, 201, 403, 403, 403, 403),
  [`GET ${API}/views/{id}`]: line(() => oneView(), 401, 200, 200, 200, 200, 404, 403, 403, 403, 403),
  [`PATCH ${API}/views/{id}`]: line(
    () => oneView(json({ name: `View ${++made}` }, { 'if-match': '*' })), 401, 403, 403, 200, 200, 404, 403, 403, 403,
    403),
  [`DELETE ${API}/views/{id}`]: line(freshView, 401, 403, 403, 204, 204, 404, 403, 403, 403, 403),
  [`GET ${API}/tasks/{key}/comments`]: line(oneRecord('/comments'), 401, 200, 200, 200, 200, 404, 403, 404, 403, 404),
  [`POST ${API}/tasks/{key}/comments`]: line(
    () => ({ ...oneRecord('/comments')(), ...json({ text: 'Seen.' }) }), 401, 403, 201, 201, 201, 404, 404, 403, 403,
    404),
  [`GET ${API}/tasks/{key}/comments/{id}`]: line(() => freshComment(), 401, 200, 200, 200, 200, 404, 403, 404, 403,
    404),
  [`PATCH ${API}/tasks/{key}/comments/{id}`]: line(
    () => freshComment(json({ text: 'Other' }, { 'if-match': '*' })), 401, 403, 200, 403, 403, 404, 404, 403, 403, 404),
  [`DELETE ${API}/tasks/{key}/comments/{id}`]: line(() => freshComment(), 401, 403, 204, 204, 204, 404, 404, 403, 403,
    404),
  [`GET ${API}/tasks/{key}/attachments`]: line(oneRecord('/attachments'), 401, 200, 200, 200, 200, 404, 403, 404, 403,
    404),
  [`POST ${API}/tasks/{key}/attachments`]: line(
    () => ({ ...oneRecord(`/attachments?name=${++made}`)(), headers: { 'content-type': 'text/plain' }, body: 'Seen.' }),
    401, 403, 201, 201, 201, 404, 404, 403, 403, 404),
  [`GET ${API}/tasks/{key}/attachments/{id}`]: line(freshAttachment, 401, 200, 200, 200, 200, 404, 403, 404, 403, 404),
  [`DELETE ${API}/tasks/{key}/attachments/{id}`]: line(freshAttachment, 401, 403, 204, 204, 204, 404, 404, 403, 403,
    404),
  [`GET ${API}/me/calendar`]: line({}, 401, 200, 200, 200, 200, 200, 403, 403, 403, 403),
  [`POST ${API}/me/calendar`]: line({}, 401, 201, 201, 201, 201, 201, 403, 403, 403, 403),
  [`DELETE ${API}/me/calendar`]: line({}, 401, 204, 204, 204, 204, 204, 403, 403, 403, 403),
  'GET /calendar/{file}': everybody(404, { path: '/calendar/unknown.ics' }),
  'GET /badge/{file}': everybody(404, { path: '/badge/unknown.svg' }),
  [`GET ${API}/tasks/{key}/badge`]: line(oneRecord('/badge'), 401, 200, 200, 200, 200, 404, 403, 404, 403, 404),
  [`GET ${API}/me/preferences`]: line({}, 401, 200, 200, 200, 200, 200, 403, 403, 403, 403),
  [`PATCH ${API}/me/preferences`]: line(
    () => json({ seen: ['first look'] }), 401, 200, 200, 200, 200, 200, 403, 403, 403, 403),
  [`GET ${API}/me/inbox`]: line({}, 401, 200, 200, 200, 200, 200, 403, 403, 403, 403),
  [`POST ${API}/me/inbox/{key}`]: line(
    () => ({ path: `${API}/me/inbox/${record}`, ...json({ done: false }) }), 401, 200, 200, 200, 200, 404, 403, 403,
    403, 403),
  [`GET ${API}/me/notifications`]: line({}, 401, 200, 200, 200, 200, 200, 403, 403, 403, 403),
  [`POST ${API}/me/notifications/read`]: line(
    () => json({ key: record }), 401, 200, 200, 200, 200, 404, 403, 403, 403, 403),
  [`GET ${API}/me/notifications/settings`]: line({}, 401, 200, 200, 200, 200, 200, 403, 403, 403, 403),
  [`PATCH ${API}/me/notifications/settings`]: line(
    () => json({ bundle: 'daily' }), 401, 200, 200, 200, 200, 200, 403, 403, 403, 403),
  [`GET ${API}/requests`]: line({}, 401, 200, 200, 200, 200, 200, 200, 200, 200, 200),
  [`POST ${API}/requests/{id}/judge`]: line(
    { path: `${API}/requests/1/judge` }, 401, 404, 404, 404, 404, 404, 404, 404, 404, 404),
  [`GET ${API}/domains`]: line({}, 401, 200, 200, 200, 200, 200, 200, 200, 200, 200),
  [`POST ${API}/domains`]: line(
    () => json({ key: `EXA-CON-BUS-D${++made}` }), 401, 403, 403, 201, 201, 403, 403, 403, 403, 403),
  [`GET ${API}/domains/{key}`]: line({ path: `${API}/domains/${EXAMPLE.domain}` }, 401, 200, 200, 200, 200, 404, 200,
    200, 200, 404),
  [`GET ${API}/workspaces`]: line({}, 401, 200, 200, 200, 200, 200, 200, 200, 200, 200),
  [`POST ${API}/workspaces`]: line(
    () => json({ key: `EXA-CON-BUS-W${++made}` }), 401, 403, 403, 201, 201, 422, 403, 403, 403, 403),
  [`GET ${API}/workspaces/{key}`]: line(oneWorkspace, 401, 200, 200, 200, 200, 404, 200, 200, 200, 404),
  [`PATCH ${API}/workspaces/{key}`]: line(
    () => ({ ...oneWorkspace(), ...json({ name: 'Other' }, { 'if-match': '*' }) }), 401, 403, 403, 200, 200, 404, 403,
    403, 403, 403),
  [`GET ${API}/people`]: line({}, 401, 403, 403, 200, 200, 200, 403, 403, 403, 403),
  [`POST ${API}/people`]: line(
    () => json({ email: `new${++made}@example.com`, roles: [{ domain: EXAMPLE.domain, role: 'member' }] }),
    401, 403, 403, 201, 201, 422, 403, 403, 403, 403),
  [`GET ${API}/people/{email}`]: line(onePerson(), 401, 403, 403, 200, 200, 404, 403, 403, 403, 403),
  [`PATCH ${API}/people/{email}`]: line(
    () => ({ ...onePerson(), ...json({ name: 'Other' }, { 'if-match': '*' }) }), 401, 403, 403, 200, 200, 404, 403, 403,
    403, 403),
  [`POST ${API}/people/me/password`]: line(
    json({ current: 'not the one', new: 'another long one' }), 401, 422, 422, 422, 422, 422, 403, 403, 403, 403),
  [`GET ${API}/people/me/sessions`]: line({}, 401, 200, 200, 200, 200, 200, 403, 403, 403, 403),
  [`DELETE ${API}/people/me/sessions`]: line({}, 401, 204, 204, 204, 204, 204, 403, 403, 403, 403),
  [`DELETE ${API}/people/me/sessions/{id}`]: line(
    { path: `${API}/people/me/sessions/1` }, 401, 404, 404, 404, 404, 404, 403, 403, 403, 403),
  [`POST ${API}/people/{email}/erase`]: line(freshPerson, 401, 403, 403, 403, 202, 404, 403, 403, 403, 403),
  [`POST ${API}/people/{email}/password-reset`]: line(onePerson('/password-reset'), 401, 403, 403, 201, 201, 404, 403,
    403, 403, 403),
  [`GET ${API}/workspaces/{key}/forms`]: line(forms(), 401, 200, 200, 200, 200, 404, 403, 200, 403, 404),
  [`POST ${API}/workspaces/{key}/forms`]: line(
    () => ({ ...forms()(), ...json({ name: `form-${++made}` }) }), 401, 403, 403, 201, 201, 404, 403, 403, 403, 403),
  [`GET ${API}/workspaces/{key}/forms/{name}`]: line(forms('/default'), 401, 200, 200, 200, 200, 404, 403, 200, 403,
    404),
  [`PUT ${API}/workspaces/{key}/forms/{name}`]: line(
    () => ({ ...forms(`/form-${++made}`)(), ...json({}) }), 401, 403, 403, 201, 201, 404, 403, 403, 403, 403),
  [`GET ${API}/workspaces/{key}/forms/{name}/schema`]: line(
    forms('/default/schema'), 401, 200, 200, 200, 200, 404, 403, 200, 403, 404),
  [`GET ${API}/workspaces/{key}/forms/{name}/sample`]: line(
    forms('/default/sample'), 401, 200, 200, 200, 200, 404, 403, 200, 403, 404),
  [`GET ${API}/workspaces/{key}/forms/{name}/versions`]: line(
    forms('/default/versions'), 401, 200, 200, 200, 200, 404, 403, 200, 403, 404),
  [`GET ${API}/clients`]: line({}, 401, 403, 403, 200, 200, 200, 403, 403, 403, 403),
  [`POST ${API}/clients`]: line(
    json({ name: 'New', domain: EXAMPLE.domain, scopes: [] }), 401, 403, 403, 201, 201, 422, 403, 403, 403, 403),
  [`GET ${API}/clients/{clientId}`]: line(() => freshClient(), 401, 403, 403, 200, 200, 404, 403, 403, 403, 403),
  [`PATCH ${API}/clients/{clientId}`]: line(
    () => freshClient('', json({ name: 'Other' }, { 'if-match': '"1"' })), 401, 403, 403, 200, 200, 404, 403, 403, 403,
    403),
  [`GET ${API}/clients/{clientId}/secrets`]: line(() => freshClient('/secrets'), 401, 403, 403, 200, 200, 404, 403, 403,
    403, 403),
  [`POST ${API}/clients/{clientId}/secrets`]: line(() => freshClient('/secrets'), 401, 403, 403, 201, 201, 404, 403,
    403, 403, 403),
  [`DELETE ${API}/clients/{clientId}/secrets/{id}`]: line(freshSecret, 401, 403, 403, 204, 204, 404, 403, 403, 403,
    403),
  [`GET ${API}/single-sign-on`]: line({}, 401, 403, 403, 403, 200, 403, 403, 403, 403, 403),
  [`GET ${API}/single-sign-on/rules`]: line({}, 401, 403, 403, 403, 200, 403, 403, 403, 403, 403),
  [`POST ${API}/single-sign-on/rules`]: line(
    () => json({ group: `group ${++made}`, domain: EXAMPLE.domain, role: 'viewer' }), 401, 403, 403, 403, 201, 403, 403,
    403, 403, 403),
  [`DELETE ${API}/single-sign-on/rules/{id}`]: line(freshRule, 401, 403, 403, 403, 204, 403, 403, 403, 403, 403),
  [`GET ${API}/single-sign-on/test`]: line({}, 401, 403, 403, 403, 404, 403, 403, 403, 403, 403),
  [`POST ${API}/single-sign-on/test`]: line(json({}), 401, 403, 403, 403, 409, 403, 403, 403, 403, 403),
  [`GET ${API}/settings`]: line({}, 401, 403, 403, 403, 200, 403, 403, 403, 403, 403),
  [`GET ${API}/health`]: line({}, 401, 403, 403, 403, 200, 403, 403, 403, 403, 403),
  [`GET ${API}/mail`]: line({}, 401, 403, 403, 403, 200, 403, 403, 403, 403, 403),
  [`GET ${API}/mail/addresses`]: line({}, 401, 403, 403, 403, 200, 403, 403, 403, 403, 403),
  [`DELETE ${API}/mail/addresses/{email}/suspension`]: line(
    { path: `${API}/mail/addresses/${EXAMPLE.email}/suspension` }, 401, 403, 403, 403, 204, 403, 403, 403, 403, 403),
  [`GET ${API}/openapi.json`]: everybody(200),
  [`GET ${API}/docs`]: everybody(200),
  'GET /docs': everybody(308),
  'POST /app/session': everybody(200, json({ email: EXAMPLE.email, password: EXAMPLE.password })),
  'GET /app/session': everybody(204), /* a token is not a session */
  'DELETE /app/session': everybody(204),
  'GET /app/sso/start': everybody(404), /* it has no provider */
  'GET /app/sso/callback': everybody(404),
  'GET /app/sso/sign-out': everybody(404),
  'POST /app/password-reset': everybody(404, json({ token: 'unknown', password: 'another long one' })),
  'POST /app/password-reset/person': everybody(404, json({ token: 'unknown' })),
  'POST /app/first-run': everybody(
    404, json({ token: 'unknown', email: 'first@example.com', password: 'another long one' })),
  'GET /app/config.json': everybody(200),
  'GET /app/*': everybody(200, { path: '/app/' }),
  'GET /': everybody(308),
  'GET /app': everybody(308),
  'GET /t/{key}': everybody(302, { path: `/t/${WORKSPACE}-01` }),
  'GET /mail/unsubscribe/{token}': everybody(404, { path: '/mail/unsubscribe/unknown' }),
  'POST /mail/unsubscribe/{token}': everybody(404, { path: '/mail/unsubscribe/unknown' }),
  'GET /healthz': everybody(200),
  'GET /readyz': everybody(200),
  'GET /metrics': everybody(200),
};
