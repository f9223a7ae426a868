#!/usr/bin/env node
/*
 * A second verifier of the history, written from doc/history.md alone and sharing no code with the
 * program, so that one's mistake is not the other's.
 *
 *   node verify_history.mjs DATABASE [RECEIPT…]
 *
 * DATABASE is the file of a store that no server is using (or a copy), or a PostgreSQL's URL. Exits
 * with 0 and the heads of the chains when the history is whole, with 1 and the first fault when it
 * is not, with 2 when it could not be read.
 */
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { psql } from './database.mjs';

class Broken extends Error {}

const broken = (what) => {
  throw new Broken(what);
};

/* Rows of each of some queries, by one run of the engine's own shell. Whoever selects a number that
 * may exceed 2^53 casts it to text, and bytes are asked for by `$hex(…)`. */
function reader(database) {
  /* sqlite3 prints nothing for no rows, so that a mark must tell where the next answer begins. */
  const mark = '[{"mark":0}]\n';
  const sqlite = (queries) => {
    const script = queries.map((sql) => `${sql.replaceAll('$hex', 'hex')}; SELECT 0 AS mark;`).join('');
    const text = execFileSync('sqlite3', ['-readonly', '-json', database, script], { encoding: 'utf8', maxBuffer: 2 ** 30 });
    return text.split(mark).slice(0, -1).map((rows) => (rows === '' ? [] : JSON.parse(rows)));
  };
  const postgres = (queries) =>
    psql(
      database,
      ...queries.map((sql) => {
        const query = sql.replace(/\$hex\((.*?)\)/g, "encode($1, 'hex')");
        return `SELECT replace(coalesce(json_agg(r), '[]')::text, E'\n', '') FROM (${query}) AS r`;
      }),
    ).trimEnd().split('\n').map((rows) => JSON.parse(rows));
  const read = /^postgresql:/.test(database) ? postgres : sqlite;
  return (...queries) => read(queries);
}

/* ---- doc/history.md, "Hashes" ---- */

const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const number = (value) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
};

const field = (text) => {
  const bytes = Buffer.from(text, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

const genesis = (domain) => sha256(field('bzctrl history 1'), field(domain));
const payloadHash = (salt, payload) => sha256(salt, payload);
const eventHash = (previous, event) =>
  sha256(
    previous,
    number(event.seq),
    number(event.at),
    number(event.actor_id),
    field(event.action),
    field(event.key),
    event.payload_hash,
  );

/* ---- the tables ---- */

const hex = (text) => (text === null ? null : Buffer.from(text, 'hex'));

const PAGE = 5000;

const eventsAfter = (place) =>
  `SELECT CAST(place AS TEXT) AS place, at, CAST(actor_id AS TEXT) AS actor_id,
     CAST(task_id AS TEXT) AS task_id, previous_seq, action, key,
     $hex(payload_hash) AS payload_hash, $hex(hash) AS hash,
     CASE WHEN salt IS NOT NULL THEN $hex(salt) END AS salt, payload
   FROM event WHERE place > ${place} ORDER BY place LIMIT ${PAGE}`;

const tasksAfter = (id) =>
  `SELECT CAST(t.id AS TEXT) AS id, t.number, t.last_seq, w.key AS workspace, d.key AS domain
   FROM task t JOIN workspace w ON w.id = t.workspace_id JOIN domain d ON d.id = w.domain_id
   WHERE t.id > ${id} ORDER BY t.id LIMIT ${PAGE}`;

/* All rows, page by page; the first one is there already. */
function* pages(query, page, column, after) {
  for (;;) {
    yield* page;
    if (page.length < PAGE) return;
    [page] = query(after(page.at(-1)[column]));
  }
}

function decodeEvent(row) {
  const place = BigInt(row.place);
  return {
    ...row,
    ordinal: Number(place >> 40n),
    seq: Number(place & ((1n << 40n) - 1n)),
    payload_hash: hex(row.payload_hash),
    hash: hex(row.hash),
    salt: hex(row.salt),
    payload: row.payload === null ? null : Buffer.from(row.payload, 'utf8'),
  };
}

const recordKey = (workspace, n) => `${workspace}-${String(n).padStart(2, '0')}`;

/* ---- the checks ---- */

/* The next event of a chain, which is as the events before have left it. */
function checkEvent(chain, event, records) {
  const name = `${chain.domain} event ${event.seq} (${event.key})`;
  if (event.seq !== chain.last + 1) broken(`${chain.domain}: event ${chain.last + 1} is missing`);
  if ((event.salt === null) !== (event.payload === null)) broken(`${name}: half erased`);
  if (event.payload !== null) {
    if (event.salt.length !== 16) broken(`${name}: its salt is no salt`);
    if (!payloadHash(event.salt, event.payload).equals(event.payload_hash))
      broken(`${name}: its payload was changed`);
  }
  if (!eventHash(chain.previous, event).equals(event.hash)) broken(`${name}: its hash is wrong`);
  chain.previous = event.hash;
  chain.last = event.seq;
  if (event.task_id === null) return;
  const record = records.get(event.task_id) ?? { key: event.key, domain: chain.domain, last: 0 };
  records.set(event.task_id, record);
  if (record.key !== event.key) {
    /* It was moved to another workspace: the event says so itself, unless what it says was erased. */
    const [from, to] = event.payload === null ? [record.key, event.key] : JSON.parse(event.payload).key ?? [];
    if (from !== record.key || to !== event.key) broken(`${name}: belongs to a record of another key`);
    record.earlier = [...(record.earlier ?? []), record.key];
    record.key = event.key;
  }
  if (record.domain !== chain.domain) broken(`${name}: belongs to a record of another domain`);
  if (event.previous_seq !== record.last) broken(`${name}: is not linked to the one before`);
  if ((event.action === 'task.created') !== (record.last === 0))
    broken(`${name}: a record begins with its creation`);
  record.last = event.seq;
}

function checkHead({ domain, seq, hash, last, previous }) {
  if (seq !== last) broken(`${domain}: ends at ${last}, the head says ${seq}`);
  if (!previous.equals(hex(hash))) broken(`${domain}: the head has another hash`);
}

function checkTasks(tasks, counters, records) {
  const numbers = new Map(); /* of each workspace: those that records have or had */
  const use = (key) => {
    const [, workspace, n] = /^(.*)-(\d+)$/.exec(key);
    if (!numbers.has(workspace)) numbers.set(workspace, new Set());
    if (numbers.get(workspace).has(Number(n))) broken(`${key}: its number was used twice`);
    numbers.get(workspace).add(Number(n));
  };
  for (const task of tasks) {
    const key = recordKey(task.workspace, task.number);
    const record = records.get(task.id) ?? broken(`${key} has no history`);
    if (record.key !== key || record.domain !== task.domain) broken(`${key}: its events say ${record.key}`);
    if (record.last !== task.last_seq) broken(`${key}: its newest event is ${record.last}, not ${task.last_seq}`);
    for (const used of [...(record.earlier ?? []), key]) use(used);
    records.delete(task.id);
  }
  for (const record of records.values()) broken(`${record.key} is gone`);
  for (const [workspace, used] of numbers)
    for (let n = 1; n <= used.size; n++) if (!used.has(n)) broken(`${workspace}: number ${n} is missing`);
  for (const { workspace, number: last } of counters)
    if (last !== (numbers.get(workspace)?.size ?? 0)) broken(`${workspace}: the counter says ${last}`);
}

function checkReceipt(text, hashes) {
  const [, domain, seq, hash] = /^\s*([^:]+):([1-9]\d*):([A-Za-z0-9+/]{43}=)\s*$/.exec(text) ??
    broken(`not a receipt: ${text}`);
  const found = hashes.get(`${domain.toUpperCase()}:${seq}`);
  if (found === undefined) broken(`${text}: there is no such event; the end of the chain was cut off`);
  if (!found.equals(Buffer.from(hash, 'base64'))) broken(`${text}: history was rewritten`);
}

/* Throws a Broken with the first fault; returns the heads. */
export function verifyHistory(database, receipts = []) {
  const query = reader(database);
  const [heads, counters, events, tasks] = query(
    `SELECT c.ordinal, coalesce(d.key, '*') AS domain, c.seq, $hex(c.hash) AS hash
     FROM chain c LEFT JOIN domain d ON d.id = c.domain_id ORDER BY c.ordinal`,
    `SELECT w.key AS workspace, coalesce(c.number, 0) AS number
     FROM workspace w LEFT JOIN counter c ON c.workspace_id = w.id`,
    eventsAfter('-9223372036854775808'),
    tasksAfter('-1'),
  );
  const chains = new Map(heads.map((head) => [head.ordinal, { ...head, last: 0, previous: genesis(head.domain) }]));
  const hashes = new Map();
  const records = new Map();
  for (const row of pages(query, events, 'place', eventsAfter)) {
    const event = decodeEvent(row);
    const chain = chains.get(event.ordinal) ?? broken(`an event of ${event.key} lies in no chain`);
    checkEvent(chain, event, records);
    hashes.set(`${chain.domain}:${event.seq}`, event.hash);
  }
  for (const chain of chains.values()) checkHead(chain);
  checkTasks(pages(query, tasks, 'id', tasksAfter), counters, records);
  for (const receipt of receipts) checkReceipt(receipt, hashes);
  return heads.map(({ domain, seq, hash }) => `${domain}:${seq}:${hex(hash).toString('base64')}`);
}

if (import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  try {
    for (const head of verifyHistory(process.argv[2], process.argv.slice(3))) console.log(head);
  } catch (error) {
    console.log(error.message);
    process.exitCode = error instanceof Broken ? 1 : 2;
  }
}
