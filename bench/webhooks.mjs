/*
 * How soon receivers of webhooks hear of a record when some of them hang:
 *
 *   node bench/webhooks.mjs [--receivers 1000] [--hanging 100] [--events 10] [--pause 2000]
 *
 * Each receiver has its own webhook; those that hang take a request and never answer. Times are from the moment at
 * which the report was sent to the arrival of its event.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { until } from '../tests/lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../tests/lib/server.mjs';

const { values } = parseArgs({ options: {
  receivers: { type: 'string', default: '1000' },
  hanging: { type: 'string', default: '100' },
  events: { type: 'string', default: '10' },
  pause: { type: 'string', default: '2000' },
} });
const [receivers, hanging, events, pause] =
  [values.receivers, values.hanging, values.events, values.pause].map(Number);
const ADMIN = 'admin@example.com';
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const percentile = (sorted, p) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))];

const sentAt = new Map(); /* title → when */
const waits = [];
const worst = []; /* per event */
let arrived = 0;
const http = createServer(async (request, response) => {
  const number = Number(request.url.slice(1));
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  if (number < hanging) return;
  waits.push(performance.now() - sentAt.get(JSON.parse(Buffer.concat(chunks)).data.title));
  arrived++;
  response.writeHead(204).end();
});
http.keepAliveTimeout = 60_000;
await new Promise((resolve) => { http.listen(0, '127.0.0.1', 4096, resolve); });
const { port } = http.address();

const server = await startServer({ users: [EXAMPLE, { email: ADMIN, admin: true }],
  args: ['--webhook-allow', '127.0.0.0/8'] });
for (let i = 0; i < receivers; i++) {
  const { status, text } = await server.send(ADMIN, 'POST', `${API}/webhooks`,
    { url: `http://127.0.0.1:${port}/${i}`, workspace: WORKSPACE }, { check: false });
  if (status !== 201) throw new Error(text);
}
/* Milliseconds of the thread bzctrl-hooks so far. */
const used = async () => {
  for (const task of readdirSync(`/proc/${server.pid}/task`)) {
    const stat = readFileSync(`/proc/${server.pid}/task/${task}/stat`, 'utf8');
    if (stat.includes('(bzctrl-hooks)')) {
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) * 10;
    }
  }
  return 0;
};
const before = await used();
const answering = receivers - hanging;
for (let i = 0; i < events; i++) {
  const title = `Event ${i}`;
  sentAt.set(title, performance.now());
  await server.addTask(small({ title }));
  await until(() => arrived >= answering * (i + 1), `event ${i} at all who answer`);
  worst.push(Math.round(Math.max(...waits.slice(-answering))));
  await sleep(pause);
}
waits.sort((a, b) => a - b);
const [half, most, last] = [0.5, 0.99, 1].map((p) => Math.round(percentile(waits, p)));
console.log(`${receivers} receivers, ${hanging} of them hang, ${events} events: ${waits.length} deliveries`);
console.log(`from the report to the arrival: p50 ${half} ms, p99 ${most} ms, longest ${last} ms`);
console.log(`the longest of each event: ${worst.join(', ')} ms`);
console.log(`processor time of the one who delivers: ${((await used() - before) / waits.length).toFixed(2)} ms for each delivery`);
http.closeAllConnections();
http.close();
await server.stop();
process.exit(0);
