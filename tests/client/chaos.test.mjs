/*
 * Whatever happens to the network, the client, the server, the disk and the clock: each report is
 * stored exactly once, and the reports of one outbox in the order in which they were made. Several
 * clients run at once, each with its own proxy; ROUNDS= sets the number of reports.
 */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import test from 'node:test';
import { Client, bzctrl, shim } from '../lib/client.mjs';
import { patience, spawnChild } from '../lib/program.mjs';
import { TROUBLES, startProxy } from '../lib/proxy.mjs';
import { EXAMPLE, WORKSPACE, startServer } from '../lib/server.mjs';

const ROUNDS = Number(process.env.ROUNDS || 200);
const LANES = 4;
const YEAR = 365 * 86_400;

const pick = (list) => list[Math.floor(Math.random() * list.length)];
const chance = (percent) => Math.random() * 100 < percent;
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/* No file may grow beyond some blocks of 512 bytes: enough for the outbox, or not even for its journal. */
function fullDisk(client) {
  const size = Math.ceil((statSync(client.outbox, { throwIfNoEntry: false })?.size ?? 0) / 512);
  return ['sh', '-c', `trap '' XFSZ; ulimit -f ${pick([1, 4, 16, 24, size, size + 8])}; exec "$@"`, '-'];
}

/* Runs it and kills it at some point. */
async function killed(client, args, env) {
  const child = spawnChild(bzctrl, args, { env: { ...client.env, ...env }, stdio: 'ignore' });
  await sleep(Math.random() * 25 * patience);
  child.kill('SIGKILL');
  const { code } = await child.exited;
  return { code, stderr: '' };
}

class Lane {
  constructor(number, server) {
    this.workspace = number % 2 === 0 ? WORKSPACE : 'EXA-CON-BUS-OTH';
    this.number = number;
    this.server = server;
    this.made = [];
    this.seen = new Map();
    this.trouble = 0;
  }

  async start() {
    this.proxy = await startProxy(this.server.where, () => (chance(this.trouble) ? pick(TROUBLES) : 'pass'));
    this.client = new Client(this.proxy.url, { workspace: this.workspace, timeout: 2 });
  }

  note(what) {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }

  /* One report, made with one key until it is known to be in the outbox. */
  async round(i) {
    const title = `${this.number}-${String(i).padStart(5, '0')}`;
    const clock = chance(15) ? { LD_PRELOAD: shim('shift_clock'), BZCTRL_SHIFT_CLOCK: String(pick([-3600, YEAR])) }
      : {};
    const args = Client.report(title, ['--key', `key-${title}`, ...(chance(20) ? ['--later'] : [])]);
    this.trouble = pick([0, 30, 60]);
    this.made.push(title);
    for (let tries = 0; ; tries++) {
      const how = tries < 3 ? pick(['run', 'run', 'run', 'kill', 'full']) : 'run';
      const result =
        how === 'kill' ? await killed(this.client, args, clock)
          : await this.client.run(args, { env: clock, wrapper: how === 'full' ? fullDisk(this.client) : [] });
      this.note(`${how} ${result.code}`);
      if (result.code === 0 || result.code === 75) break;
      assert.ok(how !== 'run', `${how}: exit ${result.code}\n${result.stderr}`);
      if (how === 'full')
        assert.ok([74, 69].includes(result.code), `a full disk: exit ${result.code}\n${result.stderr}`);
    }
    if (chance(5)) await killed(this.client, ['outbox', 'run'], {});
  }

  /* All reports that still wait. */
  async drain() {
    this.trouble = 0;
    const result = await this.client.run(['outbox', 'run']);
    assert.equal(result.code, 0, result.stderr);
    const left = await this.client.run(['outbox', 'list']);
    assert.equal(left.stdout, '', 'nothing waits, and nothing was refused');
    const held = await this.client.run(['receipt', 'verify', '--all']);
    assert.equal(held.code, 0, held.stderr);
    assert.equal(held.stdout.trim().split('\n').length, this.made.length, 'a receipt of each');
    this.proxy.stop();
  }
}

test(`${ROUNDS} reports through broken networks, kills, full disks and wrong clocks: each exactly once, in order`,
    async (t) => {
  const server = await startServer({ workspaces: [WORKSPACE, 'EXA-CON-BUS-OTH'] });
  t.after(() => server.stop());
  const lanes = Array.from({ length: LANES }, (_, i) => new Lane(i, server));
  for (const lane of lanes) await lane.start();
  let left = LANES;
  let kills = 0;
  const killer = (async () => {
    while (left > 0) {
      await sleep(300 + Math.random() * 1500);
      if (left === 0) break;
      await server.kill9();
      kills++;
      await sleep(Math.random() * 200);
      await server.start();
    }
  })();
  await Promise.all(
    lanes.map(async (lane) => {
      try {
        for (let i = 0; i < ROUNDS / LANES; i++) await lane.round(i);
      } finally {
        left--;
      }
    }),
  );
  await killer;
  for (const lane of lanes) await lane.drain();

  server.tokens.clear();
  const stored = (await server.listAll({}, { as: EXAMPLE.email })).reverse();
  for (const lane of lanes) {
    const titles = stored
      .filter((record) => record.title.startsWith(`${lane.number}-`))
      .sort((a, b) => Number(/\d+$/.exec(a.key)[0]) - Number(/\d+$/.exec(b.key)[0]))
      .map((record) => record.title);
    assert.deepEqual(titles, lane.made);
  }
  const total = new Map();
  for (const lane of lanes) for (const [what, n] of lane.seen) total.set(what, (total.get(what) ?? 0) + n);
  t.diagnostic(`${kills} kills of the server; ${[...total].map(([what, n]) => `${what}: ${n}`).join(', ')}`);
  assert.ok(kills > 0 && (total.get('kill null') ?? 0) > 0 && (total.get('run 75') ?? 0) > 0 &&
    (total.get('full 74') ?? 0) > 0, 'there was trouble');
});
