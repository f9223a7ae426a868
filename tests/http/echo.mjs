/*
 * Starts tests/http/echo_server, the small server that shows what the HTTP library understood.
 */
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { root, spawnChild, until } from '../lib/program.mjs';
import { caughtUp, connect, socketsOf } from '../lib/http.mjs';

export const echoServer = path.resolve(root, process.env.BZCTRL_BUILD || 'build', 'tests/http/echo_server');

export class Echo {
  lines = [];

  constructor(child) {
    this.child = child;
    const output = createInterface({ input: child.stdout });
    this.outputEnded = once(output, 'close');
    output.on('line', (line) => {
      this.lines.push(line);
      child.emit('line', line);
    });
  }

  /** Waits for a line of its output that starts so. */
  async line(start) {
    for (;;) {
      const found = this.lines.find((line) => line.startsWith(start));
      if (found) return found;
      await once(this.child, 'line');
    }
  }

  /** The paths that were answered with this status, in order. */
  answered(status) {
    return this.lines
      .map((line) => /^answered (\d+) \d+ ?(.*)$/.exec(line))
      .filter((found) => found && Number(found[1]) === status)
      .map((found) => found[2]);
  }

  sockets(side) {
    return socketsOf(this.where.port, side);
  }

  /** Waits until it has accepted every connection and read every byte that it was sent over TCP. */
  async caughtUp() {
    await caughtUp(this.where.port);
  }

  /** Waits until it has closed every connection that its peer has closed. */
  async letGo() {
    await until(() => this.sockets('local').every(({ state }) => state !== '08'),
      'a server that has closed what its peers have');
  }

  /** How many files and sockets it has open. */
  get descriptors() {
    return readdirSync(`/proc/${this.child.pid}/fd`).length;
  }

  /** Resident memory in KiB. */
  get memory() {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)[1]);
  }

  /** Processor time used so far, in milliseconds (the kernel counts in hundredths). */
  get processorTime() {
    const stat = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  /** Drains and ends it; answers how it exited. */
  async stop() {
    this.child.kill('SIGTERM');
    return this.child.exited;
  }
}

/**
 * `args` are the server's options; `files` limits its descriptors; `stdio` hands some over.
 * Its address is in `where`, as net.connect() wants it, and in `address` as the server prints it.
 */
export async function startEcho({ address = '127.0.0.1:0', args = [], files, stdio = [] } = {}) {
  const command = [echoServer, address, ...args.map(String)];
  const child = files
    ? spawnChild('/bin/sh', ['-c', `ulimit -n ${files}; exec "$@"`, 'sh', ...command],
      { stdio: ['ignore', 'pipe', 'inherit'] })
    : spawnChild(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'inherit', ...stdio] });
  const echo = new Echo(child);
  const listening = await Promise.race([echo.line('listening '), child.exited.then(() => null)]);
  if (!listening) {
    await echo.outputEnded;
    throw new Error(`echo_server ${address}: ${echo.lines.join(' ') || 'no output; is it built?'}`);
  }
  echo.address = listening.slice('listening '.length);
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(echo.address) ?? [];
  echo.where = port ? { host, port: Number(port) } : { path: echo.address.slice('unix:'.length) };
  return echo;
}

/** A connection of which all that came can be waited for. */
export class Client {
  bytes = Buffer.alloc(0);
  closed = false;

  constructor(socket) {
    this.socket = socket;
    socket.on('data', (data) => {
      this.bytes = Buffer.concat([this.bytes, data]);
      socket.emit('more');
    });
    this.end = new Promise((resolve) => {
      socket.on('close', () => {
        this.closed = true;
        socket.emit('more');
        resolve();
      });
    });
  }

  send(text) {
    return new Promise((resolve) => {
      this.socket.write(Buffer.from(text, 'latin1'), () => resolve());
    });
  }

  /** Waits until the text that came matches, and returns it; fails when the connection ends before. */
  async expect(pattern) {
    for (;;) {
      if (pattern.test(this.text)) return this.text;
      if (this.closed) throw new Error(`closed before ${pattern}: ${JSON.stringify(this.text)}`);
      await new Promise((resolve) => {
        this.socket.once('more', resolve);
      });
    }
  }

  get text() {
    return this.bytes.toString('latin1');
  }
}

export async function openClient(where) {
  return new Client(await connect(where));
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
