/*
 * What several nodes on one database do to each other, before anybody owns so many machines: a
 * simulation of the write lanes (src/core/batch.c) and of the one row that they lock per domain.
 *
 *   node bench/simulate.mjs [--domains 1000] [--clients 2000] [--seconds 20]
 *
 * Each node takes all reports that wait for it as one batch (1,024 at most), sorts them by domain,
 * locks the domains in that order, each until the batch has committed, and then answers; what came
 * while it waited for the first lock joins the batch, unless its domain comes before. A client sends
 * its next report when it has its answer. A report's domain is drawn so that the k-th is asked for in
 * proportion to 1/k ("skewed") or all alike; its node is any, or always the same for a domain ("by
 * domain", as a proxy does that hashes it).
 *
 * Times are what bench-postgres measures here, in milliseconds; the database itself is taken to have
 * a processor for each node, which is what the simulation is to find the other limits of.
 */
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    domains: { type: 'string', default: '1000' },
    clients: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
  },
});
const DOMAINS = Number(values.domains);
const CLIENTS = Number(values.clients);
const END = Number(values.seconds) * 1000;

const BATCH_MAX = 1024;
const BEGIN = 0.2; // the lease, the keys of the whole batch
const LOCK = 0.2; // of a domain: head and counter, two round trips
const ROW = 0.05; // record, event, answer
const COMMIT = 1.5; // a sync here and on the standby

/* mulberry32: small, and the same everywhere. */
function makeRandom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/* Draws domains; `skew` 0: all alike, 1: in proportion to 1/k. */
function makeDraw(random, skew) {
  const sums = [];
  let sum = 0;
  for (let k = 1; k <= DOMAINS; k++) sums.push((sum += 1 / k ** skew));
  return () => {
    const wanted = random() * sum;
    let low = 0;
    let high = DOMAINS - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/* Events in the order of their time: a binary heap. */
class Agenda {
  heap = [];
  now = 0;

  at(time, run) {
    const { heap } = this;
    let i = heap.push({ time, run }) - 1;
    for (let up = (i - 1) >> 1; i > 0 && heap[up].time > heap[i].time; i = up, up = (i - 1) >> 1) [heap[i], heap[up]] = [heap[up], heap[i]];
  }

  next() {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length > 0) {
      heap[0] = last;
      for (let i = 0; ;) {
        const left = 2 * i + 1;
        const least = [i, left, left + 1].filter((k) => k < heap.length).reduce((a, b) => (heap[b].time < heap[a].time ? b : a));
        if (least === i) break;
        [heap[i], heap[least]] = [heap[least], heap[i]];
        i = least;
      }
    }
    this.now = first.time;
    first.run();
  }
}

function simulate({ nodes, skew, byDomain, batchMax = BATCH_MAX }) {
  const random = makeRandom(Number(values.seed));
  const draw = makeDraw(random, skew);
  const agenda = new Agenda();
  const locks = Array.from({ length: DOMAINS }, () => ({ held: false, waiting: [] }));
  const lanes = Array.from({ length: nodes }, () => ({ queue: [], busy: false }));
  const latencies = [];
  let batches = 0;
  let lockWait = 0;

  const send = () => {
    const domain = draw();
    const lane = lanes[byDomain ? domain % nodes : Math.floor(random() * nodes)];
    lane.queue.push({ domain, since: agenda.now });
    if (!lane.busy) work(lane);
  };

  function work(lane) {
    lane.busy = true;
    const batch = lane.queue.splice(0, batchMax).sort((a, b) => a.domain - b.domain);
    const lock = (domain, go) => {
      const since = agenda.now;
      const taken = () => {
        locks[domain].held = true;
        lockWait += agenda.now - since;
        go();
      };
      if (locks[domain].held) locks[domain].waiting.push(taken);
      else taken();
    };
    const apply = () => {
      const counts = new Map();
      for (const { domain } of batch) counts.set(domain, (counts.get(domain) ?? 0) + 1);
      const domains = [...counts.keys()];
      const step = (i) => {
        if (i === domains.length) return agenda.at(agenda.now + COMMIT, () => done(lane, batch, domains));
        const write = () => agenda.at(agenda.now + LOCK + ROW * counts.get(domains[i]), () => step(i + 1));
        if (i === 0) write();
        else lock(domains[i], write);
      };
      step(0);
    };
    const join = () => {
      const joins = ({ domain }) => domain >= batch[0].domain;
      const joined = lane.queue.filter(joins).slice(0, batchMax - batch.length);
      lane.queue = lane.queue.filter((report) => !joined.includes(report));
      batch.push(...joined);
      batch.sort((a, b) => a.domain - b.domain);
      apply();
    };
    agenda.at(agenda.now + BEGIN, () => lock(batch[0].domain, join));
  }

  function done(lane, batch, domains) {
    batches++;
    for (const domain of domains) {
      const lock = locks[domain];
      lock.held = false;
      lock.waiting.shift()?.();
    }
    for (const { since } of batch) {
      if (agenda.now > END / 5) latencies.push(agenda.now - since); // the first part is for settling
      send();
    }
    lane.busy = false;
    if (lane.queue.length > 0 && !lane.busy) work(lane);
  }

  for (let i = 0; i < CLIENTS; i++) agenda.at(random(), send);
  while (agenda.now < END) agenda.next();
  latencies.sort((a, b) => a - b);
  const all = latencies.length;
  return {
    rate: all / ((END * 0.8) / 1000),
    batch: (all / 0.8) / batches,
    p50: latencies[all >> 1],
    p99: latencies[Math.floor(all * 0.99)],
    waiting: lockWait / (END * nodes),
  };
}

console.log(`${DOMAINS} domains, ${CLIENTS} clients, ${values.seconds} s\n`);
console.log('| domains | reports go to | nodes | reports/s | batch | p50 ms | p99 ms | of its time a lane waits for locks |');
console.log('|---|---|--:|--:|--:|--:|--:|--:|');
for (const skew of [0, 1])
  for (const byDomain of [false, true])
    for (const nodes of [1, 2, 5, 10]) {
      const r = simulate({ nodes, skew, byDomain });
      console.log(`| ${skew === 0 ? 'all alike' : 'skewed'} | ${byDomain ? 'the node of their domain' : 'any node'} | ${nodes} | ${r.rate.toFixed(0)} | ${r.batch.toFixed(1)} | ${r.p50.toFixed(1)} | ${r.p99.toFixed(1)} | ${(100 * r.waiting).toFixed(0)} % |`);
    }
const single = simulate({ nodes: 10, skew: 1, byDomain: false, batchMax: 1 });
console.log(`| skewed | any node, one report a transaction | 10 | ${single.rate.toFixed(0)} | 1.0 | ${single.p50.toFixed(1)} | ${single.p99.toFixed(1)} | ${(100 * single.waiting).toFixed(0)} % |`);
