/*
 * Load with a ledger: many connections post reports, each under a random idempotency key, and the
 * ledger notes what was acknowledged and what is not known. After whatever happened to the server,
 * `settle` sends every key again and `audit` holds what is stored against the ledger: nothing
 * acknowledged is lost, nothing is there twice, numbers run without a gap, every receipt holds.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { request } from './http.mjs';
import { makeFile, patience, runBzctrldOk, until } from './program.mjs';
import { ADD_TASK, small } from './server.mjs';

/* What one run of verify takes. */
const RECEIPTS_MAX = 100_000;

export class Ledger {
  /** `server` is asked what is stored; reports go to any of `nodes` that runs. */
  constructor(server, nodes = [server]) {
    this.server = server;
    this.nodes = nodes;
    /** key → {body, answer}; the answer is null while it is not known. */
    this.entries = new Map();
    this.byTitle = new Map();
    this.open = new Set();
    this.audited = 0; /* the greatest number that was looked at */
    this.statuses = new Map();
    this.taken = 0; /* how many entries were acknowledged, and how many sends were not answered with 201 */
    this.turnedAway = 0;
  }

  /** A new entry: a key and a body that no other has. */
  make() {
    const key = randomUUID();
    const length = Math.floor(Math.random() ** 4 * 8000);
    const report = small({
      title: key,
      description: `d${'x'.repeat(length)}`,
      financialImpact: Math.floor(Math.random() * 1e9) / 100,
      tags: [key.slice(0, 4), key.slice(4, 8)],
    });
    const entry = { key, report, body: JSON.stringify(report), answer: null };
    this.entries.set(key, entry);
    this.open.add(entry);
    return entry;
  }

  /** Sends an entry once. Returns the answer, or null when none came. */
  async send(entry, { timeout = 120_000 * patience, node = this.anyNode() } = {}) {
    const { server } = this;
    let answer;
    try {
      answer = await request(node.url + ADD_TASK, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await server.token()}`,
          'content-type': 'application/json',
          'idempotency-key': `"${entry.key}"`,
        },
        body: entry.body,
        agent: node.agent,
        timeout,
      });
    } catch (error) {
      if (/within \d+ ms/.test(error.message)) throw error; /* a server that hangs is a fault */
      this.turnedAway++;
      return null;
    }
    this.statuses.set(answer.status, (this.statuses.get(answer.status) ?? 0) + 1);
    if (answer.status === 201) this.acknowledge(entry, answer);
    else {
      assert.ok([503, 429].includes(answer.status), `${answer.status}: ${answer.text}`);
      this.turnedAway++;
    }
    return answer;
  }

  anyNode() {
    const running = this.nodes.filter((node) => node.running);
    return running.length > 0 ? running[Math.floor(Math.random() * running.length)] : this.server;
  }

  /** Sends new entries until every node that runs has accepted one: what was away is back. */
  async untilServed(milliseconds = 120_000 * patience) {
    const end = Date.now() + milliseconds;
    for (const node of this.nodes.filter(({ running }) => running)) {
      for (;;) {
        const answer = await this.send(this.make(), { node });
        if (answer?.status === 201) break;
        assert.ok(Date.now() < end, `it does not serve again: ${answer?.text}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  acknowledge(entry, answer) {
    const now = {
      text: answer.text,
      location: answer.headers.location,
      etag: answer.headers.etag,
      receipt: answer.headers['bzctrl-receipt'],
    };
    if (entry.answer) assert.deepEqual(now, entry.answer, 'a repeated key gets the very same answer');
    if (!entry.answer) this.taken++;
    entry.answer = now;
    this.open.delete(entry);
  }

  get acknowledged() {
    return [...this.entries.values()].filter((entry) => entry.answer);
  }

  /**
   * Posts from `connections` at once until `stop()` is true; one in five is an older key again, as
   * a client does that got no answer. Who got none, or a no, pauses.
   */
  async load({ connections, stop }) {
    const one = async () => {
      while (!stop()) {
        const again = this.entries.size > 0 && Math.random() < 0.2;
        const entry = again ? this.random() : this.make();
        if ((await this.send(entry))?.status !== 201) await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    await Promise.all(Array.from({ length: connections }, one));
  }

  /** Waits, under load, until so many more entries were acknowledged. */
  async moreTaken(count) {
    const goal = this.taken + count;
    await until(() => this.taken >= goal, () => `${goal - this.taken} more acknowledged reports`);
  }

  /** Waits, under load, until a send is refused or gets no answer. */
  async oneTurnedAway() {
    const before = this.turnedAway;
    await until(() => this.turnedAway > before, 'a report that is turned away');
  }

  random() {
    if (this.open.size > 0 && Math.random() < 0.5) return this.open.values().next().value;
    this.keys ??= [];
    if (this.keys.length < this.entries.size) this.keys = [...this.entries.keys()];
    return this.entries.get(this.keys[Math.floor(Math.random() * this.keys.length)]);
  }

  /** Asks until the answer is not 503: after an outage each of a server's connections to its database may pause
   * for some seconds before it tries again. */
  served(ask) {
    let answer;
    return until(
      async () => {
        answer = await ask();
        return answer?.status === 503 ? null : { answer };
      },
      () => `an answer; the last was ${answer?.text}`,
    ).then((found) => found.answer);
  }

  /** Sends every key again whose outcome is not known; afterwards all are acknowledged. */
  async settle() {
    const open = [...this.open];
    for (let i = 0; i < open.length; i += 32)
      await Promise.all(
        open.slice(i, i + 32).map(async (entry) => {
          const answer = await this.served(() => this.send(entry));
          assert.equal(answer?.status, 201, `an entry that was left open: ${answer?.text}`);
        }),
      );
    assert.equal(this.open.size, 0);
  }

  /** Some of the acknowledged keys once more: the same answers, marked as replays. */
  async replay(count) {
    const entries = this.acknowledged.slice(-count);
    const answers = await Promise.all(entries.map((entry) => this.served(() => this.send(entry))));
    for (const answer of answers) assert.equal(answer?.headers['idempotent-replayed'], 'true');
  }

  /**
   * Reads what is stored beyond the last audit and holds it against the ledger. To be called when
   * all entries are settled; `exactly` is false when stored records may be unknown to the ledger.
   */
  async audit() {
    const { server } = this;
    const numbers = [];
    let cursor;
    for (;;) {
      const query = `?limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
      const list = `/bzctrl-core-api/api/v1/tasks${query}`;
      const { status, json, text } = await this.served(() => server.get(list, { check: false }));
      assert.equal(status, 200, text);
      const { items, next } = json;
      for (const item of items) {
        const number = Number(/-(\d+)$/.exec(item.key)[1]);
        if (number <= this.audited) continue;
        numbers.push(number);
        const entry = this.entries.get(item.title);
        assert.ok(entry, `${item.key} was never sent`);
        assert.ok(!this.byTitle.has(item.title), `${item.title} is stored twice`);
        this.byTitle.set(item.title, item.key);
        assert.equal(item.description, entry.report.description);
        assert.equal(item.financialImpact, entry.report.financialImpact.toFixed(2));
        assert.ok(entry.answer.location.endsWith(`/${item.key}`),
          `${item.key} was answered as ${entry.answer.location}`);
      }
      cursor = next;
      if (cursor === undefined ||
        (numbers.length > 0 && Math.min(...items.map((i) => Number(/-(\d+)$/.exec(i.key)[1]))) <= this.audited +
          1)) break;
    }
    numbers.sort((a, b) => a - b);
    const expected = Array.from({ length: numbers.length }, (_, i) => this.audited + i + 1);
    assert.deepEqual(numbers, expected, 'numbers run without a gap');
    this.audited += numbers.length;
    assert.equal(this.byTitle.size, this.entries.size, 'as many records as keys');
    for (const entry of this.entries.values())
      assert.ok(this.byTitle.has(entry.key), `acknowledged and lost: ${entry.key}`);
  }

  /** `bzctrld verify` passes, with every receipt that was ever given. */
  async verify() {
    const receipts = this.acknowledged.map((entry) => entry.answer.receipt);
    for (let i = 0; i === 0 || i < receipts.length; i += RECEIPTS_MAX) {
      const file = makeFile(`${receipts.slice(i, i + RECEIPTS_MAX).join('\n')}\n`);
      await runBzctrldOk(['verify', '--receipts', file, '--data', this.server.dir], { timeout: 300_000 * patience });
    }
  }
}
