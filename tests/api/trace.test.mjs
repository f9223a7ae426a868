/* A caller's trace (W3C Trace Context) is in the log of requests and in the server's own log. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { changeStored } from '../lib/database.mjs';
import { until } from '../lib/program.mjs';
import { API, small, startServer } from '../lib/server.mjs';

const ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const VALID = `00-${ID}-${SPAN}-01`;

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

let count = 0;

/* What the log of requests has of a report that is sent with these headers. */
async function logged(headers) {
  const mark = `trace-${++count}-`;
  const answer = await server.addTask(small({ title: mark }), { headers });
  assert.equal(answer.status, 201, answer.text);
  assert.equal(answer.headers.traceparent, undefined, 'the recommendation has no header for answers');
  const entry = await until(async () => (await server.get(`${API}/requests`)).json.items
    .find(({ body }) => body?.includes(mark)), 'the entry');
  return entry.traceId;
}

test('a valid traceparent is kept with the request', async () => {
  assert.equal(await logged({ traceparent: VALID }), ID);
  assert.equal(await logged({ TraceParent: ` ${VALID} `, tracestate: 'vendor=1' }), ID, 'blanks are the framing\'s');
  assert.equal(await logged({ traceparent: `01-${ID}-${SPAN}-00-later` }), ID, 'a later version');
});

test('one that is not valid counts as none, and so do two', async () => {
  for (const traceparent of [`00-${ID.toUpperCase()}-${SPAN}-01`, `00-${'0'.repeat(32)}-${SPAN}-01`,
    `ff-${ID}-${SPAN}-01`, `${VALID}-more`, 'x', '', [VALID, VALID]])
    assert.equal(await logged({ traceparent }), null, JSON.stringify(traceparent));
  assert.equal(await logged({}), null);
});

test('the server\'s line about a request that fails has it', async () => {
  const { key } = await server.createAndRead(small());
  changeStored(server.dir, 'UPDATE task SET follower_count = follower_count + 3');
  const failed = (line) => line.includes('msg="request failed"') && line.includes(key);
  assert.equal((await server.get(`${API}/tasks/${key}`, { headers: { traceparent: VALID } })).status, 500);
  const line = await until(() => server.log.split('\n').find(failed), 'the line');
  assert.match(line, new RegExp(` trace_id=${ID} span_id=${SPAN}$`));
  assert.equal((await server.get(`${API}/tasks/${key}`)).status, 500);
  const second = await until(() => server.log.split('\n').filter(failed)[1], 'the second line');
  assert.doesNotMatch(second, /trace_id/);
});
