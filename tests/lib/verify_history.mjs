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
import { differs, foldEvent, taskColumns } from './verify_fold.mjs';
import { checkStates, noteState } from './verify_state.mjs';
import { LINKS, LinkFold } from './verify_links.mjs';

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
    const text = execFileSync('sqlite3', ['-readonly', '-json', database, script],
      { encoding: 'utf8', maxBuffer: 2 ** 30 });
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
  `SELECT CAST(t.id AS TEXT) AS id, t.number, t.last_seq, t.comment_count, t.internal_count, t.attachment_count,
     w.key AS workspace, d.key AS domain, ${taskColumns}
   FROM task t JOIN workspace w ON w.id = t.workspace_id JOIN domain d ON d.id = w.domain_id
   WHERE t.id > ${id} ORDER BY t.id LIMIT ${PAGE}`;

const hasHistory = (table) => `CAST(p.id AS TEXT) AS id, CAST(p.task_id AS TEXT) AS task_id, p.seq, p.last_seq,
     CAST(p.author_id AS TEXT) AS author_id, p.created_at, p.deleted_at FROM ${table} p`;

const commentsAfter = (id) =>
  `SELECT p.internal, p.text, p.mentions, p.edited_at, ${hasHistory(
    'comment')} WHERE p.id > ${id} ORDER BY p.id LIMIT 500`;

const attachmentsAfter = (id) =>
  `SELECT p.name, p.type, p.size, $hex(p.sha256) AS sha256, CAST(p.content_id AS TEXT) AS content_id, ${hasHistory(
    'attachment')}
   WHERE p.id > ${id} ORDER BY p.id LIMIT 500`;

const chunksOf = (content) =>
  `SELECT n, $hex(bytes) AS bytes FROM content_chunk WHERE content_id = ${content} ORDER BY n`;

/* All rows, page by page; the first one is there already. */
function* pages(query, page, column, after, size = PAGE) {
  for (;;) {
    yield* page;
    if (page.length < size) return;
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
  noteErased(chain, event);
  if (event.task_id === null) {
    if (event.previous_seq !== 0) broken(`${name}: has no record, and is linked to another`);
    return;
  }
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
  if (PARTS[event.action]) (record.parts ??= new Map()).set(event.seq, event);
  if (event.previous_seq !== record.last) broken(`${name}: is not linked to the one before`);
  if ((event.action === 'task.created') !== (record.last === 0))
    broken(`${name}: a record begins with its creation`);
  record.last = event.seq;
  foldEvent(record, event);
}

/* ---- doc/history.md, "Erasing" ---- */

/* The payloads that are gone, and those that events say are. */
function noteErased(chain, event) {
  if (event.payload === null) chain.gone.push(event);
  else if (['task.erased', 'admin.erased'].includes(event.action))
    for (const seq of JSON.parse(event.payload).erased[1]) chain.said.add(seq);
}

function checkErased(chains, since) {
  for (const { domain, gone, said } of chains)
    for (const { seq, at } of gone)
      if (!said.has(seq) && !(at < since)) broken(`${domain}: event ${seq} is erased, and no event says so`);
}

/* ---- doc/history.md, "A record from its events" ---- */

function checkRecords(tasks, records, query, emails) {
  const [rows, aliases] = query(
    `SELECT CAST(task_id AS TEXT) AS task_id, CAST(account_id AS TEXT) AS account_id
     FROM task_follower ORDER BY account_id`,
    `SELECT CAST(a.task_id AS TEXT) AS task_id, w.key, a.number
     FROM task_alias a JOIN workspace w ON w.id = a.workspace_id`);
  const followers = new Map();
  for (const { task_id, account_id } of rows)
    followers.set(task_id, [...(followers.get(task_id) ?? []), emails.get(account_id)]);
  const keys = new Map(tasks.map(({ id, workspace, number: n }) => [id, [recordKey(workspace, n)]]));
  for (const { task_id, key, number: n } of aliases) keys.get(task_id)?.push(recordKey(key, n));
  const keysOf = (id) => keys.get(id) ?? [];
  for (const task of tasks) {
    const [name, is, was] = differs(task, records.get(task.id), { emails, followers, keysOf }) ?? [];
    if (name) broken(`${keysOf(task.id)[0]}: ${name} is ${JSON.stringify(is)}, but was ${JSON.stringify(was)}`);
  }
  for (const [id, [key, ...earlier]] of keys)
    if (String(earlier.sort()) !== String([...(records.get(id).earlier ?? [])].sort()))
      broken(`${key}: its earlier keys`);
  if (aliases.some(({ task_id }) => !keys.has(task_id))) broken('an earlier key leads to no record');
  for (const task of followers.keys()) if (!keys.has(task)) broken(`somebody follows ${task}, which is gone`);
}

/* ---- doc/history.md, "Comments and attachments" ---- */

/* The member of the payloads of each such event. */
const PARTS = { 'task.commented': 'comment', 'task.attached': 'attachment' };

/* What its first and its newest event say, against what is stored; returns what there should be, or null when the
 * newest is erased. */
function checkPart(kind, row, changedAt, records) {
  const name = `${kind} ${row.id}`;
  const { parts = new Map() } = records.get(row.task_id) ?? broken(`${name}: its record is gone`);
  const [first, last] =
    [row.seq, row.last_seq].map((seq) => parts.get(seq) ?? broken(`${name}: event ${seq} is none of its record's`));
  if (first.actor_id !== row.author_id || first.at !== row.created_at) broken(`${name}: author or time`);
  const expected = row.deleted_at ?? changedAt;
  if (row.seq === row.last_seq ? expected !== null : last.at !== expected)
    broken(`${name}: the time of its newest event`);
  for (const event of parts.values()) {
    if (event.payload === null || PARTS[event.action] !== kind) continue;
    const [before, after] = JSON.parse(event.payload)[kind] ?? broken(`${name}: another payload`);
    if ((after ?? before).id !== row.id) continue;
    if (event.seq < row.seq || event.seq > row.last_seq) broken(`${name}: an event of it is newer or older`);
    event.found = true;
  }
  if (first.payload !== null && !first.found) broken(`${name}: its first event is of another`);
  if (last.payload === null) return null;
  const [before, after] = JSON.parse(last.payload)[kind];
  if (row.deleted_at === null ? after?.id !== row.id : after !== null || before.id !== row.id)
    broken(`${name}: its newest event`);
  return after;
}

function checkComment(row, records, accounts) {
  if ((row.deleted_at === null) === (row.text === null)) broken(`comment ${row.id}: text and deletion`);
  const after = checkPart('comment', row, row.edited_at, records);
  const mentioned = JSON.parse(row.mentions).map((id) => accounts.get(id));
  const same = (email, i) => email === after.mentions[i] || email.endsWith('@erased.invalid');
  if (!after) return;
  const mentions = after.mentions.length === mentioned.length && mentioned.every(same);
  if (after.text !== row.text || after.internal !== (row.internal === 1) || !mentions)
    broken(`comment ${row.id}: is not what its event says`);
}

function checkAttachment(row, records, query) {
  if ((row.deleted_at === null) === (row.content_id === null)) broken(`attachment ${row.id}: bytes and deletion`);
  const after = checkPart('attachment', row, null, records);
  const { id, name, type, size, sha256: hash } = { ...row, sha256: row.sha256.toLowerCase() };
  if (after && JSON.stringify(after) !== JSON.stringify({ id, name, type, size, sha256: hash }))
    broken(`attachment ${id}: is not what its event says`);
  if (row.deleted_at !== null) return;
  const [chunks] = query(chunksOf(row.content_id));
  if (chunks.some(({ n }, i) => n !== i)) broken(`attachment ${id}: a chunk is missing`);
  const bytes = chunks.map((one) => hex(one.bytes));
  if (sha256(...bytes).toString('hex') !== hash || Buffer.concat(bytes).length !== size)
    broken(`attachment ${id}: its bytes were changed`);
}

/* The parts of all records, and how many each has. */
function checkParts(query, records, accounts, tasks) {
  const counts = new Map();
  const note = (row, which) => {
    if (row.deleted_at !== null) return;
    const key = `${row.task_id} ${which}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  for (const row of pages(query, query(commentsAfter(-1))[0], 'id', commentsAfter, 500)) {
    checkComment(row, records, accounts);
    note(row, row.internal ? 'internal_count' : 'comment_count');
  }
  for (const row of pages(query, query(attachmentsAfter(-1))[0], 'id', attachmentsAfter, 500)) {
    checkAttachment(row, records, query);
    note(row, 'attachment_count');
  }
  for (const { key, parts } of records.values())
    for (const event of parts?.values() ?? [])
      if (event.payload !== null && !event.found) broken(`${key}: what event ${event.seq} is about is gone`);
  for (const task of tasks)
    for (const which of ['comment_count', 'internal_count', 'attachment_count'])
      if (task[which] !== (counts.get(`${task.id} ${which}`) ?? 0))
        broken(`${recordKey(task.workspace, task.number)}: ${which}`);
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
    record.stored = true;
  }
  for (const record of records.values()) if (!record.stored) broken(`${record.key} is gone`);
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
  const [heads, counters, emails, events, tasks] = query(
    `SELECT c.ordinal, coalesce(d.key, '*') AS domain, c.seq, $hex(c.hash) AS hash
     FROM chain c LEFT JOIN domain d ON d.id = c.domain_id ORDER BY c.ordinal`,
    `SELECT w.key AS workspace, coalesce(c.number, 0) AS number
     FROM workspace w LEFT JOIN counter c ON c.workspace_id = w.id`,
    'SELECT CAST(id AS TEXT) AS id, email FROM account',
    eventsAfter('-9223372036854775808'),
    tasksAfter('-1'),
  );
  const chains = new Map(heads.map((head) =>
    [head.ordinal, { ...head, last: 0, previous: genesis(head.domain), gone: [], said: new Set() }]));
  const hashes = new Map();
  const records = new Map();
  const states = { objects: new Map() };
  const links = new LinkFold();
  for (const row of pages(query, events, 'place', eventsAfter)) {
    const event = decodeEvent(row);
    const chain = chains.get(event.ordinal) ?? broken(`an event of ${event.key} lies in no chain`);
    checkEvent(chain, event, records);
    if (chain.domain === '*') noteState(states, event, broken);
    hashes.set(`${chain.domain}:${event.seq}`, event.hash);
    links.add(event);
  }
  links.check(query(LINKS)[0], broken);
  for (const chain of chains.values()) checkHead(chain);
  const all = [...pages(query, tasks, 'id', tasksAfter)];
  checkTasks(all, counters, records);
  const accounts = new Map(emails.map(({ id, email }) => [id, email]));
  checkParts(query, records, accounts, all);
  checkErased(chains.values(), states.since);
  checkRecords(all, records, query, accounts);
  checkStates(states, query, broken);
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
