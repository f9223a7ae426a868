/*
 * Requests to every route as bytes on sockets of their own, for tests that leave in the middle of
 * them, or end the server meanwhile. Calls are made by somebody who may make them, so that each gets
 * as far as its handler.
 */
import { PEOPLE, CALLERS, TABLE, fields, freshPerson, json, requestOf, tokens } from './routes.mjs';
import { API, EXAMPLE, small } from './server.mjs';

/* What the table asks for with nothing to work on, with something: {send, status}. */
const deeper = (server) => {
  const session = async () => {
    const answer =
      await server.request('POST', '/app/session', json({ email: EXAMPLE.email, password: EXAMPLE.password }));
    return { headers: { cookie: answer.headers['set-cookie'][0].split(';')[0] } };
  };
  const resetLink = async () => {
    const { path } = await freshPerson();
    const made = await server.send(PEOPLE.admin.email, 'POST', path.replace(/erase$/, 'password-reset'));
    return json({ token: made.json.link.split('/').at(-1), password: 'another long one' });
  };
  const client = async () => {
    const { clientId, secret } = await server.addClient(PEOPLE.admin.email, { scopes: ['task:read'] });
    return fields({ client_id: clientId, client_secret: secret, token: tokens.viewer });
  };
  const records = Array.from({ length: 40 }, (_, i) => ({ task: small({ title: `Record ${i}` }) }));
  return {
    'POST /bzctrl-core-api/oauth/revoke': { status: 200,
      send: async () => fields({ token: await server.signIn(EXAMPLE.email) }) },
    'POST /bzctrl-core-api/oauth/introspect': { status: 200, send: client },
    [`POST ${API}/task/add-tasks`]: { status: 200, caller: 'member', send: json(records) },
    'POST /app/password-reset': { status: 204, send: resetLink },
    'GET /app/session': { status: 200, send: session },
    'DELETE /app/session': { status: 204, send: session },
  };
};

/* Whoever is let in furthest. */
function callerOf({ statuses }) {
  const reach = (status) => (status < 400 ? 0 : status === 401 || status === 403 ? 2 : 1);
  const best = Math.min(...statuses.map(reach));
  const at = statuses.findIndex((status) => reach(status) === best);
  return { caller: CALLERS[at], status: statuses[at] };
}

/** A request to a route that has not been made before: {route, head, body, status}, the last of them what it gets. */
export async function prepare(server, route) {
  const { send = TABLE[route].send, ...expected } = { ...callerOf(TABLE[route]), ...deeper(server)[route] };
  const { method, path, headers, body = '' } = await requestOf(route, send);
  const { caller, status } = { caller: 'none', ...expected };
  const lines = {
    host: server.address,
    ...(tokens[caller] ? { authorization: `Bearer ${tokens[caller]}` } : {}),
    ...(body === '' && method !== 'POST' ? {} : { 'content-length': Buffer.byteLength(body) }),
    ...headers,
  };
  const head = `${method} ${path} HTTP/1.1\r\n${Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  return { route, head, body, status };
}
