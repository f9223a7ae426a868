/*
 * An HTTP client that hides nothing: answers come back as the bytes they were, and `exchange`
 * writes whatever bytes a test wants to a socket.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { until } from './program.mjs';

/**
 * One request: {status, headers, body (bytes), text, json}. `headers` may hold lists for headers
 * that stand twice. Rejects when no whole answer comes.
 */
export function request(url, { method = 'GET', headers = {}, body, agent, timeout = 60_000 } = {}) {
  return new Promise((resolve, reject) => {
    const outgoing = http.request(url, { method, headers, agent });
    const timer = setTimeout(() => {
      outgoing.destroy(new Error(`no answer to ${method} ${url} within ${timeout} ms`));
    }, timeout);
    const fail = (error) => {
      clearTimeout(timer);
      reject(error);
    };
    outgoing.on('error', fail);
    outgoing.on('response', (incoming) => {
      const chunks = [];
      incoming.on('data', (data) => chunks.push(data));
      incoming.on('error', fail);
      incoming.on('end', () => {
        clearTimeout(timer);
        resolve(new Answer(incoming.statusCode, incoming.headers, Buffer.concat(chunks)));
      });
    });
    outgoing.end(body);
  });
}

export class Answer {
  constructor(status, headers, body) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }

  get text() {
    return this.body.toString();
  }

  get json() {
    return JSON.parse(this.text);
  }

  get mediaType() {
    return (this.headers['content-type'] ?? '').split(';')[0].trim();
  }
}

export function makeAgent(options = {}) {
  return new http.Agent({ keepAlive: true, maxSockets: Infinity, ...options });
}

/** A connected socket to `{host, port}` or `{path}`. */
export function connect(where) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(where);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.on('error', () => {});
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}

/**
 * Writes `pieces` (text or bytes, one write each) to a new connection and reads until the server
 * closes it, or until `answers` whole answers are there, or until `timeout` is over. Returns
 * {answers, closed, bytes}.
 */
export async function exchange(where, pieces, { answers = Infinity, timeout = 60_000, pause = 0 } = {}) {
  const socket = await connect(where);
  const chunks = [];
  let done;
  const finished = new Promise((resolve) => {
    done = resolve;
  });
  const timer = setTimeout(() => done('timeout'), timeout);
  socket.on('data', (data) => {
    chunks.push(data);
    if (answers !== Infinity && readAnswers(Buffer.concat(chunks)).length >= answers) done('answers');
  });
  socket.on('close', () => done('closed'));
  for (const piece of [pieces].flat()) {
    if (socket.destroyed) break;
    socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
  }
  const why = await finished;
  clearTimeout(timer);
  socket.destroy();
  const bytes = Buffer.concat(chunks);
  return { answers: readAnswers(bytes), closed: why === 'closed', bytes };
}

/** The whole answers in `bytes`, in order; interim ones (100) too. */
export function readAnswers(bytes) {
  const answers = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n\r\n', at);
    if (end < 0) return answers;
    const [statusLine, ...lines] = bytes.subarray(at, end).toString('latin1').split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1]);
    if (!status) throw new Error(`not an answer: ${JSON.stringify(statusLine)}`);
    const headers = {};
    for (const line of lines) {
      const colon = line.indexOf(':');
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    if (headers['transfer-encoding'] === 'chunked') {
      const chunked = readChunks(bytes, end + 4);
      if (!chunked) return answers;
      answers.push(new Answer(status, headers, chunked.body));
      at = chunked.end;
      continue;
    }
    const length = status < 200 || status === 204 || status === 304 ? 0 : Number(headers['content-length'] ?? 0);
    if (bytes.length < end + 4 + length) return answers;
    answers.push(new Answer(status, headers, bytes.subarray(end + 4, end + 4 + length)));
    at = end + 4 + length;
  }
}

/** The chunked body that begins at `at`, and where it ends; null while it is not whole. */
export function readChunks(bytes, at) {
  const chunks = [];
  for (;;) {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return null;
    const line = bytes.subarray(at, end).toString('latin1');
    if (!/^[0-9a-f]+$/.test(line)) throw new Error(`not the size of a chunk: ${JSON.stringify(line)}`);
    const size = parseInt(line, 16);
    at = end + 2;
    if (bytes.length < at + size + 2) return null;
    if (bytes.subarray(at + size, at + size + 2).toString('latin1') !== '\r\n')
      throw new Error('a chunk that does not end');
    chunks.push(bytes.subarray(at, at + size));
    at += size + 2;
    if (size === 0) return { body: Buffer.concat(chunks), end: at };
  }
}

/** What the kernel holds of the TCP sockets of a port, on the side that listens there (`local`) or on its peers':
 * {state, unsent, unread}. */
export function socketsOf(port, side) {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const lines = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1)
    .map((line) => line.trim().split(/\s+/));
  return lines.filter((fields) => fields[side === 'local' ? 1 : 2].endsWith(`:${hex}`)).map(([, , , state, queues]) => {
    const [unsent, unread] = queues.split(':').map((bytes) => parseInt(bytes, 16));
    return { state, unsent, unread };
  });
}

/** Waits until who listens on that port has accepted every connection and read every byte that it was sent. */
export async function caughtUp(port) {
  await until(() => socketsOf(port, 'local').every(({ unread }) => unread === 0) &&
    socketsOf(port, 'peer').every(({ unsent }) => unsent === 0),
    'a server that has read all it was sent');
}

/** A port of the loopback that is free, for those who listen there again after a restart. It is below those that
 * the kernel gives to connections and to port 0, so that nobody takes it meanwhile but who asks for it. */
export async function freePort() {
  const [first] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split('\t').map(Number);
  for (;;) {
    const listener = net.createServer().listen(10_000 + Math.floor(Math.random() * (first - 10_000)), '127.0.0.1');
    const { port } = await once(listener, 'listening').then(() => listener.address(), () => ({}));
    listener.close();
    if (port) return port;
  }
}
