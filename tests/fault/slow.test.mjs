/*
 * 2,000 slow connections (slow heads, slow bodies, slow readers, and plainly idle ones) beside honest
 * clients: nobody honest is refused, and they hardly notice.
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { connect, makeAgent, request } from '../lib/http.mjs';
import { patience, spawnChild, until } from '../lib/program.mjs';
import { ADD_TASK, API, small, startServer } from '../lib/server.mjs';

const SLOW = Number(process.env.BZCTRL_SLOW_CONNECTIONS || 2000);
const HONEST = 8;
const MILLISECONDS = 3000;
const STARVED = 0.5;

let server;
let token;
let normal;
before(async () => {
  server = await startServer();
  token = await server.token();
  await honest(1000);
  normal = await honest(MILLISECONDS);
});
after(() => server.stop());

/* How long the threads of the server and of this test have waited for a processor so far, in milliseconds
 * (the second number of schedstat, proc(5)). */
function queued() {
  const threads = [server.pid, process.pid].flatMap((pid) =>
    readdirSync(`/proc/${pid}/task`).map((id) => `/proc/${pid}/task/${id}/schedstat`));
  return threads.reduce((sum, file) => {
    try {
      return sum + Number(readFileSync(file, 'utf8').split(' ')[1]) / 1e6;
    } catch {
      return sum; /* the thread has ended */
    }
  }, 0);
}

/* Honest clients for a while: how long each of their requests took, in milliseconds; and how much of the time was
 * spent waiting for a processor. */
async function honest(milliseconds) {
  const times = [];
  const [began, waited] = [performance.now(), queued()];
  const agent = makeAgent();
  const end = Date.now() + milliseconds;
  const client = async () => {
    while (Date.now() < end) {
      const started = process.hrtime.bigint();
      const answer = await request(server.url + ADD_TASK, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(small()),
        agent,
        timeout: 120_000 * patience,
      });
      assert.equal(answer.status, 201, answer.text);
      times.push(Number(process.hrtime.bigint() - started) / 1e6);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  await Promise.all(Array.from({ length: HONEST }, client));
  /* And some that come on connections of their own. */
  for (let i = 0; i < 20; i++) assert.equal((await request(`${server.url}/healthz`)).status, 200);
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(share * (times.length - 1))];
  const starved = (queued() - waited) / (performance.now() - began);
  return { count: times.length, p50: at(0.5), p99: at(0.99), starved };
}

/* How many bytes wait in the kernel for the peer of each connection of the server that has some, the most last
 * (the second column of queues in proc_net_tcp(5)). */
function sendQueues() {
  const here = `0100007F:${server.where.port.toString(16).toUpperCase().padStart(4, '0')}`;
  const sockets = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').map((line) => line.trim().split(/\s+/));
  return sockets.filter(([, local]) => local === here).map(([, , , , queues]) => parseInt(queues.split(':')[0], 16))
    .filter((bytes) => bytes > 0).sort((a, b) => a - b);
}

const descriptors = () => readdirSync(`/proc/${server.pid}/fd`).length;
const credentials = () => `Authorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
const modes = {
  idle: { start: () => '', drip: null },
  'slow heads': { start: (i) => `GET /healthz HTTP/1.1\r\nHost: x\r\nX-${i}: `, drip: 'a' },
  'slow bodies': { start: () => `POST ${ADD_TASK} HTTP/1.1\r\nHost: x\r\n${credentials()}Content-Length: 4096\r\n\r\n{`,
    drip: ' ' },
};

/* The goal is twice the normal p99; a shared machine is given some room beyond it. What is wrong, or ''. */
function harm(t, slowed) {
  const memory = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) / 1024;
  t.diagnostic(
    `p50 ${normal.p50.toFixed(1)} → ${slowed.p50.toFixed(1)} ms, p99 ${normal.p99.toFixed(1)} → ${slowed.p99.toFixed(
      1)} ms, ` +
      `${slowed.count} requests, ${memory.toFixed(0)} MB`,
  );
  /* Where other programs have the processors, times say nothing about the slow ones. */
  if (slowed.starved > STARVED) {
    t.diagnostic(`times are not compared: ${slowed.starved.toFixed(1)} of the time went into waiting for a processor`);
    return '';
  }
  if (slowed.count < 10 * HONEST) return `only ${slowed.count} requests were answered while the slow ones were held`;
  if (slowed.p99 >= Math.max(2 * normal.p99, normal.p99 + 60 * patience)) return `p99 ${normal.p99} → ${slowed.p99} ms`;
  if (slowed.p50 >= Math.max(2 * normal.p50, normal.p50 + 15 * patience)) return `p50 ${normal.p50} → ${slowed.p50} ms`;
  return '';
}

/* What else the machine has to do may come between the two that are compared: both are then measured again. */
async function assertUnharmed(t, measure) {
  const faults = [];
  for (let tries = 0; tries < 5; tries++) {
    const fault = harm(t, await measure());
    if (!fault) return;
    faults.push(fault);
    normal = await honest(MILLISECONDS);
  }
  assert.fail(`each time: ${faults.join('; ')}`);
}

for (const [name, { start, drip }] of Object.entries(modes))
  test(`${SLOW} ${name} beside honest clients: nobody is refused`, (t) => assertUnharmed(t, async () => {
    const sockets = new Array(SLOW);
    let over = false;
    /* The server lets go of who is slow for too long: they come again. */
    const begin = async (i) => {
      const socket = sockets[i] = await connect(server.where);
      socket.resume();
      if (start(i)) socket.write(start(i));
      socket.once('close', () => over || begin(i));
    };
    for (let i = 0; i < SLOW; i += 100)
      await Promise.all(Array.from({ length: Math.min(100, SLOW - i) }, (_, k) => begin(i + k)));
    let next = 0;
    const timer = drip && setInterval(() => {
      for (let i = 0; i < 200; i++) {
        const socket = sockets[next++ % sockets.length];
        if (!socket.destroyed) socket.write(drip);
      }
    }, 500);
    timer?.unref();
    const held = () => until(() => descriptors() > SLOW * 0.9, () => `slow ones: ${descriptors()}`);
    await held();
    const slowed = await honest(MILLISECONDS);
    await held();
    over = true;
    clearInterval(timer);
    for (const socket of sockets) socket.destroy();
    return slowed;
  }));

/* Readers whose receive window is as small as the kernel allows, which Python can set and node cannot: each asks for a
 * large answer three times at once and takes 32 bytes of it a second. The server lets go of those who are slow for too
 * long, and of some when it keeps too much for them (HTTP_UNSENT_MAX): they come again. */
const READERS = `
import resource, socket, sys, time
port, path, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
def begin():
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    reader.connect(('127.0.0.1', port))
    reader.sendall(f'GET {path} HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'.encode() * 3)
    reader.setblocking(False)
    return reader
def is_over(reader):
    try:
        return reader.recv(32) == b''
    except BlockingIOError:
        return False
    except OSError:
        return True
readers = [begin() for _ in range(count)]
while True:
    time.sleep(1)
    for place, reader in enumerate(readers):
        if is_over(reader):
            reader.close()
            readers[place] = begin()
`;
test(`${SLOW} slow readers beside honest clients: nobody is refused`, (t) => assertUnharmed(t, async () => {
  const words = ['-c', READERS, String(server.where.port), `${API}/openapi.json`, String(SLOW)];
  const readers = spawnChild('python3', words, { stdio: ['ignore', 'ignore', 'inherit'] });
  const held = async () => {
    await until(() => descriptors() > SLOW / 2 || readers.exitCode !== null, () => `slow readers: ${descriptors()}`);
    assert.equal(readers.exitCode, null);
  };
  await held();
  const slowed = await honest(MILLISECONDS);
  await held();
  /* What makes them cheap: the kernel was not given whole answers to cut into tiny segments. */
  const queued = sendQueues();
  assert.ok(queued.length > SLOW / 4 && queued.at(-1) <= 64 * 1024, `${queued.length} answers wait: ${queued.at(-1)}`);
  readers.kill('SIGKILL');
  await readers.exited;
  await until(() => descriptors() <= 100, () => `slow ones that have gone: ${descriptors()}`);
  return slowed;
}));

test('afterwards the server holds no more than before', async (t) => {
  await until(() => descriptors() <= 100, () => `100 descriptors at most: ${descriptors()}`);
  t.diagnostic(`${descriptors()} descriptors`);
  assert.ok(descriptors() <= 100);
  assert.equal((await request(`${server.url}/readyz`)).status, 200);
});
