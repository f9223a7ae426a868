/*
 * A real PostgreSQL, of the newest version that is installed, in a temporary folder, for the tests of the second
 * engine: started, stopped, killed and promoted at will, on a free port of the loopback, and gone
 * with the test's process. Its superuser is `bzctrl`, and nobody needs a password.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync,
  writeFileSync } from 'node:fs';
import path from 'node:path';
import { createDatabase, postgresBin } from './database.mjs';
import { freePort } from './http.mjs';
import { makeFolder, patience, removeFolder, run, spawnChild } from './program.mjs';

/** False where the package is missing. */
export const postgresInstalled = postgresBin !== undefined;

const USER = 'bzctrl';
const PATIENCE = 60_000 * patience;

/* PostgreSQL refuses to run as root: then it is the package's own user, or nobody. */
function owner() {
  if (process.getuid() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'));
  const user = ['postgres', 'nobody'].map((name) => users.find((u) => u[0] === name)).find(Boolean);
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/* Not of one that is dead and was only not waited for yet. */
const alive = (pid) => existsSync(`/proc/${pid}/exe`);

class Postgres {
  constructor() {
    this.folder = makeFolder();
    this.data = path.join(this.folder, 'data');
    this.logFile = path.join(this.folder, 'log');
    this.owner = owner();
    mkdirSync(this.data, { mode: 0o700 });
    writeFileSync(this.logFile, '');
    if (this.owner.uid) for (const place of [this.folder, this.data, this.logFile])
      chownSync(place, this.owner.uid, this.owner.gid);
  }

  get log() {
    return readFileSync(this.logFile, 'utf8').slice(-20_000);
  }

  /** The URL of a database; without a name of the one that is always there. */
  url(database = 'postgres') {
    return `postgresql://${USER}@127.0.0.1:${this.port}/${database}`;
  }

  /** A fresh database: {name, url}. */
  createDatabase() {
    return createDatabase(this.url());
  }

  /* One of PostgreSQL's programs, run to its end. */
  async tool(name, args) {
    const { code, signal, stderr } =
      await run(path.join(postgresBin, name), args, { ...this.owner, cwd: this.folder, timeout: PATIENCE });
    if (code !== 0) throw new Error(`${name}: exit ${code ?? signal}\n${stderr}${this.log}`);
  }

  /* Later lines go over earlier ones. */
  configure(lines) {
    appendFileSync(path.join(this.data, 'postgresql.conf'), `${lines.join('\n')}\n`);
  }

  async listen(port) {
    this.port = port ?? (await freePort());
    this.configure(
      ["listen_addresses = '127.0.0.1'", `port = ${this.port}`, `unix_socket_directories = '${this.folder}'`]);
  }

  /** Starts it, the first time or again, and waits until it takes connections. */
  async start() {
    const log = openSync(this.logFile, 'a');
    this.child = spawnChild(path.join(postgresBin, 'postgres'), ['-D', this.data], {
      ...this.owner,
      cwd: this.folder,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.child.unref();
    let ended = false;
    this.child.exited.then(() => {
      ended = true;
    });
    const until = Date.now() + PATIENCE;
    while (!this.isReady()) {
      if (ended || Date.now() > until) throw new Error(`PostgreSQL does not start\n${this.log}`);
      await sleep(20);
    }
  }

  /* The last line of its pid file tells, as it does pg_ctl. */
  isReady() {
    try {
      const lines = readFileSync(path.join(this.data, 'postmaster.pid'), 'utf8').split('\n');
      return Number(lines[0]) === this.child.pid && /^(ready|standby)/.test(lines[7] ?? '');
    } catch {
      return false;
    }
  }

  /** Adds lines to its settings and has it read them. */
  reload(lines) {
    this.configure(lines);
    this.child.kill('SIGHUP');
  }

  /** The fast shutdown: connections are closed, transactions undone, all that is committed kept. */
  async stop() {
    this.child.kill('SIGINT');
    await this.ended();
  }

  async ended() {
    this.child.ref();
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`PostgreSQL does not end\n${this.log}`)), PATIENCE);
    });
    await Promise.race([this.child.exited, late]);
    clearTimeout(timer);
  }

  /** Kills all its processes at once, as a machine that fails does. Each is a session of its own, so
   * no process group holds them all. */
  async kill9() {
    const { pid } = this.child;
    this.child.kill('SIGSTOP'); /* so that it starts no further one */
    const own = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' }).trim().split(/\s+/)
      .map(Number);
    this.child.kill('SIGKILL');
    for (const one of own.filter(alive)) process.kill(one, 'SIGKILL');
    await this.ended();
    while (own.some(alive)) await sleep(5);
  }

  /** Makes a standby the primary. */
  async promote() {
    await this.tool('pg_ctl', ['promote', '-w', '-D', this.data]);
  }

  /** Stops it, if it runs, and removes its folder. */
  async destroy() {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.stop();
    removeFolder(this.folder);
  }
}

/**
 * A new, empty server. options:
 *   fsync  true: commits are on the disk, as they are in earnest; false, for speed, by default
 *   conf   further lines of postgresql.conf
 */
export async function startPostgres({ fsync = false, conf = [] } = {}) {
  const server = new Postgres();
  await server.tool('initdb',
    ['-D', server.data, '-U', USER, '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync']);
  server.configure(['max_connections = 200', `fsync = ${fsync ? 'on' : 'off'}`, ...conf]);
  await server.listen();
  await server.start();
  return server;
}

/** A copy of `primary` that follows it by streaming; `name` is what synchronous_standby_names knows
 * it by, `port` where it listens (a free one by default). */
export async function startStandby(primary, { name = 'standby', port, conf = [] } = {}) {
  const server = new Postgres();
  await server.tool('pg_basebackup',
    ['-d', primary.url(), '-D', server.data, '-X', 'stream', '-c', 'fast', '--no-sync']);
  writeFileSync(path.join(server.data, 'standby.signal'), '');
  server.configure([
    `primary_conninfo = 'host=127.0.0.1 port=${primary.port} user=${USER} application_name=${name}'`,
    ...conf,
  ]);
  await server.listen(port);
  await server.start();
  return server;
}
