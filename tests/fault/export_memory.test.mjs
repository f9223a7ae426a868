/*
 * Exports of 100 thousand records: the server's memory does not grow with their number, neither while a client
 * reads, nor while one waits, nor after one has left.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';

const RECORDS = 100_000;
const CALL = 1000;
const BOUND = 64; /* MiB */

let server;
let token;
before(async () => {
  server = await startServer();
  for (let i = 0; i < RECORDS; i += CALL) {
    const items = Array.from({ length: CALL }, (_, k) => ({ task: small({
      title: `Seal ${i + k}`, description: `${i + k} was found open at the gate. `.repeat(8),
      orderID: [`ORDER ${i + k}`], financialImpact: `${i + k}.50`, dueDate: '2026-11-23',
      category: ['Customs', 'IT'] }) }));
    const { json } = await server.addTasks(items, { check: false });
    assert.ok(json.items.every(({ status }) => status === 201));
  }
  token = await server.token(EXAMPLE.email);
}, { timeout: 560_000 });
after(() => server.stop());

const status = (name) =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) / 1024;

/** The processor's time that the server has used, in seconds: on a busy machine it says more than a clock. */
const worked = () => {
  const fields = readFileSync(`/proc/${server.pid}/stat`, 'utf8').replace(/^.*\)/, '').trim().split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
};

/** The answer to an export, of which nothing is kept: how many bytes it has and what its end is. */
async function read(kind, { query = '', slowly = false, leaveAfter = Infinity } = {}) {
  const outgoing = http.get(`${server.url}${API}/export/tasks.${kind}${query}`,
    { headers: { authorization: `Bearer ${token}` } });
  const [incoming] = await once(outgoing, 'response');
  assert.equal(incoming.statusCode, 200);
  let bytes = 0, lines = 0, end = Buffer.alloc(0), returned = false;
  for await (const chunk of incoming) {
    bytes += chunk.length;
    lines += returned && chunk[0] === 0x0a; /* a line end that two chunks share */
    for (let at = chunk.indexOf('\r\n'); at >= 0; at = chunk.indexOf('\r\n', at + 2)) lines++;
    returned = chunk.at(-1) === 0x0d;
    end = chunk.subarray(-22);
    if (bytes > leaveAfter) break; /* which destroys the connection */
    if (slowly) await new Promise((resolve) => setImmediate(resolve));
  }
  return { bytes, lines, end, whole: incoming.complete };
}

for (const [what, kind, options] of [
  ['CSV', 'csv', {}],
  ['XLSX', 'xlsx', {}],
  ['XLSX in another order', 'xlsx', { query: '?sort=-financialImpact' }],
  ['CSV for a client that stops in between', 'csv', { slowly: true }],
  ['CSV for a client that leaves', 'csv', { leaveAfter: 1_000_000 }],
  ['XLSX for a client that leaves', 'xlsx', { leaveAfter: 100_000 }],
])
  test(`${what}: less than ${BOUND} MiB`, { timeout: 280_000 }, async (t) => {
    writeFileSync(`/proc/${server.pid}/clear_refs`, '5'); /* the greatest size is that of now */
    const before = status('VmRSS');
    const begun = performance.now(), work = worked();
    const { bytes, lines, whole } = await read(kind, options);
    const grown = status('VmHWM') - before;
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    t.diagnostic(`${(bytes / 2 ** 20).toFixed(1)} MiB in ${seconds} s, of which the server worked ` +
      `${(worked() - work).toFixed(1)} s; memory grew by ${grown.toFixed(1)} MiB`);
    assert.ok(grown < BOUND, `${grown} MiB`);
    assert.equal(whole, options.leaveAfter === undefined);
    if (whole && kind === 'csv') assert.equal(lines, RECORDS + 1);
  });
