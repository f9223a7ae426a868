/*
 * A server of one's own for each suite: a fresh folder with a workspace and accounts, started on a
 * free port of the loopback, stopped by its pid. Every answer that comes through `request` is
 * checked against api/openapi.yaml.
 */
import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { exchange, freePort, makeAgent, request } from './http.mjs';
import { checkAnswer } from './openapi.mjs';
import { bzctrld, makeFile, makeFolder, patience, removeFolder, runBzctrldOk, spawnChild } from './program.mjs';

export const API = '/bzctrl-core-api/api/v1';
export const TOKEN_PATH = '/bzctrl-core-api/oauth/token';
export const REVOKE_PATH = '/bzctrl-core-api/oauth/revoke';
export const INTROSPECT_PATH = '/bzctrl-core-api/oauth/introspect';
export const ADD_TASK = `${API}/task/add-task`;
export const ADD_TASKS = `${API}/task/add-tasks`;

/** The source document's account, workspace and sample (with its one slip mended). */
export const EXAMPLE = { email: 'example@example.com', password: 'Ex@mpl3!', role: 'member', domain: 'EXA-CON-BUS' };
export const WORKSPACE = 'EXA-CON-BUS-WOR';
export const SAMPLE = Object.freeze({
  todoType: 'INCIDENT',
  domainWorkSpace: 'EXA-CON-BUS-WOR',
  title: 'Potential Customs claim',
  description: 'Operation started without proper approvals',
  financialImpact: '123577',
  impact: 'HIGH',
  likelihood: 'MEDIUM',
  status: 'IN PROGRESS',
  priority: 'HIGH',
  assignee: 'Example@example.com',
  reporter: 'Example@example.com',
  category: ['Customs'],
  subCategory: ['IT'],
  lrn: '725462',
  orderID: ['ORDER 777'],
  reminderDate: '2024-09-27',
});

/** The least an incident needs. */
export const SMALL = Object.freeze({
  todoType: 'INCIDENT',
  domainWorkSpace: WORKSPACE,
  title: 'Title',
  description: 'Description',
  reporter: EXAMPLE.email,
  orderID: 'ORDER 1',
});

/** SMALL with changes; a member that is set to undefined is left out. */
export function small(changes = {}) {
  return { ...SMALL, ...changes };
}

export function form(parameters) {
  return new URLSearchParams(parameters).toString();
}

export async function addUser(dir, { email, password = EXAMPLE.password, role, domain, admin }) {
  const rights = admin ? ['--admin'] : ['--domain', domain, '--role', role];
  await runBzctrldOk(['user', 'add', email, ...rights, '--password-file', makeFile(`${password}\n`), '--data', dir]);
}

/**
 * options:
 *   workspaces, users  what the folder holds; the source document's by default
 *   dataDir            an existing folder, taken as it is
 *   demo               run `bzctrld demo` instead
 *   listen, args, env  of `bzctrld serve`
 *   wrapper            words before bzctrld's own ("strace", "-D", …); it must keep the pid
 *   descriptors        file descriptors that it gets as 3, 4, …
 */
export async function startServer(options = {}) {
  const server = new Server(options);
  if (!options.dataDir && !options.demo) {
    for (const workspace of options.workspaces ?? [WORKSPACE]) {
      const [key, ...more] = [workspace].flat();
      await runBzctrldOk(['workspace', 'add', key, ...more, '--data', server.dir]);
    }
    for (const user of options.users ?? [EXAMPLE]) await addUser(server.dir, user);
  }
  await server.start();
  return server;
}

class Server {
  constructor(options) {
    this.options = options;
    this.dir = options.dataDir ?? makeFolder();
    this.users = new Map((options.users ?? [EXAMPLE]).map((user) => [user.email, user]));
    this.tokens = new Map();
    this.log = '';
  }

  async start() {
    const { demo = false, listen = '127.0.0.1:0', args = [], env = {}, wrapper = [], descriptors = [] } = this.options;
    const anyPort = listen === '127.0.0.1:0' && descriptors.length === 0;
    this.address ??= anyPort ? `127.0.0.1:${await freePort()}` : listen;
    const words = [
      ...wrapper, bzctrld, demo ? 'demo' : 'serve', '--data', this.dir, '--listen', this.address, ...args,
    ];
    this.agent = makeAgent();
    this.child = spawnChild(words[0], words.slice(1), { env, stdio: ['ignore', 'pipe', 'pipe', ...descriptors] });
    this.child.stderr.on('data', (data) => {
      this.log += data;
    });
    this.pid = this.child.pid;
    this.endExpected = false;
    this.child.exited.then(({ code, signal }) => {
      if (!this.endExpected)
        process.stderr.write(`the server ended by itself: ${signal ?? code}\n${this.log.slice(-20_000)}\n`);
    });
    const lines = createInterface({ input: this.child.stdout });
    const started = process.hrtime.bigint();
    this.publicUrl = await Promise.race([
      new Promise((resolve) => {
        lines.on('line', (line) => {
          const ready = /^ready (\S+)/.exec(line);
          if (ready) resolve(ready[1]);
        });
      }),
      this.child.exited.then(({ code, signal, error }) => {
        throw new Error(`the server ended at its start: ${error ?? code ?? signal}\n${this.log}`);
      }),
      new Promise((_, reject) => {
        const timer = setTimeout(() => reject(new Error(`no "ready" line\n${this.log}`)), 120_000 * patience);
        timer.unref();
      }),
    ]);
    this.startMilliseconds = Number(process.hrtime.bigint() - started) / 1e6;
    if (!listen.startsWith('unix:')) {
      /* The line tells the public URL; unless one was set, that is where the server listens. */
      this.url = listen.endsWith(':0') ? this.publicUrl : `http://${listen}`;
      const { hostname, port, host } = new URL(this.url);
      this.where = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) };
      this.address = host; /* a restart listens where it did before */
    }
    /* A test that forgets to stop its server must not hang; the exit handler kills it then. */
    this.child.unref();
    this.child.stdout.unref();
    this.child.stderr.unref();
  }

  get running() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Waits for the process to end by itself. */
  async ended(milliseconds = 120_000 * patience) {
    this.child.ref();
    this.endExpected = true;
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the server does not end\n${this.log}`)), milliseconds);
    });
    const outcome = await Promise.race([this.child.exited, late]).finally(() => {
      clearTimeout(timer);
      this.child.unref(); /* one that does not end must not keep the test from ending */
    });
    this.agent.destroy();
    return outcome;
  }

  /** SIGTERM; the server must end with exit code 0. */
  async terminate() {
    this.endExpected = true;
    this.child.kill('SIGTERM');
    const { code, signal } = await this.ended();
    assert.equal(signal ?? code, 0, `the server's end after SIGTERM\n${this.log}`);
  }

  /** terminate(), and the folder is removed. */
  async stop() {
    if (this.running) await this.terminate();
    if (!this.options.dataDir) removeFolder(this.dir);
  }

  async kill9() {
    this.endExpected = true;
    this.child.kill('SIGKILL');
    await this.ended();
  }

  /** Ends the server, unless it has ended, and starts it on the same folder and port. */
  async restart() {
    if (this.running) await this.terminate();
    await this.start();
  }

  /** One request; the answer is checked against the document unless `check` is false. */
  async request(method, target, { token, headers = {}, body, check = true, timeout = 60_000 * patience } = {}) {
    const answer = await request(this.url + target, {
      method,
      headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
      body,
      agent: this.agent,
      timeout,
    });
    if (check) checkAnswer(method, target, answer);
    return answer;
  }

  /** The same as an account; `as` is its e-mail address. */
  async requestAs(as, method, target, options = {}) {
    return this.request(method, target, { token: await this.token(as), ...options });
  }

  async get(target, options = {}) {
    return this.requestAs(options.as ?? EXAMPLE.email, 'GET', target, options);
  }

  /** The answer of the token endpoint to a form. */
  async grant(parameters, options = {}) {
    return this.request('POST', TOKEN_PATH, {
      ...options,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...options.headers },
      body: typeof parameters === 'string' ? parameters : form(parameters),
    });
  }

  /** An access token of an account, fetched once. */
  async token(email = EXAMPLE.email) {
    if (!this.tokens.has(email)) this.tokens.set(email, this.signIn(email)); /* one for all who ask at once */
    return this.tokens.get(email).catch((error) => {
      this.tokens.delete(email);
      throw error;
    });
  }

  async signIn(email) {
    const password = this.users.get(email)?.password ?? EXAMPLE.password;
    const answer = await this.grant({ grant_type: 'password', username: email, password });
    assert.equal(answer.status, 200, answer.text);
    return answer.json.access_token;
  }

  /** Sends JSON as an account; other headers beside. */
  async send(as, method, target, body, { headers = {}, ...options } = {}) {
    return this.requestAs(as, method, target, {
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      ...options,
    });
  }

  /** Makes a client as an account that may; returns the answer's body. */
  async addClient(as, settings) {
    const answer =
      await this.send(as, 'POST', `${API}/clients`, { name: 'Client', domain: EXAMPLE.domain, ...settings });
    assert.equal(answer.status, 201, answer.text);
    return answer.json;
  }

  /** An access token of a client. */
  async clientToken({ clientId, secret }, more = {}) {
    const answer =
      await this.grant({ grant_type: 'client_credentials', client_id: clientId, client_secret: secret, ...more });
    assert.equal(answer.status, 200, answer.text);
    return answer.json.access_token;
  }

  /** Posts a report: an object, or text or bytes as they are. */
  async addTask(body, { as, token, query = '', headers = {}, ...options } = {}) {
    const raw = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    return this.request('POST', ADD_TASK + query, {
      token: token ?? (await this.token(as)),
      headers: { 'content-type': 'application/json', ...headers },
      body: raw,
      ...options,
    });
  }

  /** Posts a list of items as JSON, or a text or bytes as they are. */
  async addTasks(items, { as, token, query = '', headers = {}, ...options } = {}) {
    const raw = typeof items === 'string' || Buffer.isBuffer(items) ? items : JSON.stringify(items);
    return this.request('POST', ADD_TASKS + query, {
      token: token ?? (await this.token(as)),
      headers: { 'content-type': 'application/json', ...headers },
      body: raw,
      ...options,
    });
  }

  /** Posts a report that must be taken, and reads the whole record back. */
  async createAndRead(body, options) {
    const created = await this.addTask(body, options);
    assert.equal(created.status, 201, created.text);
    const record = await this.get(new URL(created.headers.location, this.url).pathname, options);
    assert.equal(record.status, 200, record.text);
    return record.json;
  }

  /** Every record that an account sees, newest first. */
  async listAll(query = {}, options = {}) {
    const items = [];
    let cursor;
    do {
      const parameters = new URLSearchParams({ limit: '200', ...query, ...(cursor ? { cursor } : {}) });
      const page = await this.get(`${API}/tasks?${parameters}`, options);
      assert.equal(page.status, 200, page.text);
      items.push(...page.json.items);
      cursor = page.json.next;
    } while (cursor !== undefined);
    return items;
  }

  /** Writes bytes to a connection of their own; see lib/http.mjs. */
  exchange(pieces, options) {
    return exchange(this.where, pieces, options);
  }

  /** Runs a sub-command beside this server. */
  command(args, options) {
    return runBzctrldOk([...args, '--data', this.dir], options);
  }
}
