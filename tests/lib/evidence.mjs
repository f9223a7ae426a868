/*
 * A second check of evidence files, written from doc/evidence.md alone and sharing no code with the
 * program; and what tests need to change such files as somebody else would.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

/* ---- the container, by its directory, as unzip reads it ---- */

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let i = 0; i < 8; i++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** The members of a zip: [{name, bytes, from}] in the order of its directory. */
export function unzip(file) {
  const end = file.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  assert.ok(end >= 0, 'the file has an end record');
  const members = [];
  let at = file.readUInt32LE(end + 16);
  for (let left = file.readUInt16LE(end + 10); left > 0; left--) {
    assert.equal(file.readUInt32LE(at), 0x02014b50);
    assert.equal(file.readUInt16LE(at + 10), 0, 'members are stored');
    const size = file.readUInt32LE(at + 24);
    const nameSize = file.readUInt16LE(at + 28);
    const local = file.readUInt32LE(at + 42);
    const name = file.toString('utf8', at + 46, at + 46 + nameSize);
    const from = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
    const bytes = file.subarray(from, from + size);
    assert.equal(crc32(bytes), file.readUInt32LE(at + 16), `the check sum of ${name}`);
    members.push({ name, bytes, from });
    at += 46 + nameSize + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
  }
  return members;
}

const number = (value, size) => {
  const bytes = Buffer.alloc(size);
  if (size === 2) bytes.writeUInt16LE(value);
  else bytes.writeUInt32LE(value);
  return bytes;
};

/** Packs members as the server does; `facts` changes what a member's heads say. */
export function zip(members, { facts = () => ({}) } = {}) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const member of members) {
    const name = Buffer.from(member.name);
    const bytes = Buffer.from(member.bytes);
    const f = { flags: 0x0800, method: 0, crc: crc32(bytes), size: bytes.length, packed: bytes.length,
      ...facts(member) };
    const common = Buffer.concat([number(f.flags, 2), number(f.method, 2), number(0, 2), number(0x21, 2),
      number(f.crc, 4),
      number(f.packed, 4), number(f.size, 4), number(name.length, 2), number(0, 2)]);
    const head = Buffer.concat([number(0x04034b50, 4), number(10, 2), common, name]);
    directory.push(Buffer.concat([number(0x02014b50, 4), number(0x030a, 2), number(10, 2), common, number(0, 2),
      number(0, 2),
      number(0, 2), number((0o100644 << 16) >>> 0, 4), number(offset, 4), name]));
    parts.push(head, bytes);
    offset += head.length + bytes.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.concat([number(0x06054b50, 4), number(0, 4), number(members.length & 0xffff, 2),
    number(members.length & 0xffff, 2), number(listed.length, 4), number(offset, 4), number(0, 2)]);
  return Buffer.concat([...parts, listed, end]);
}

/* ---- the history ---- */

const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const u64 = (value) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
};

const field = (text) => {
  const bytes = Buffer.from(text);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(bytes.length);
  return Buffer.concat([size, bytes]);
};

export const linesOf = (members, folder) =>
  members.filter(({ name }) => name.startsWith(folder))
    .flatMap(({ bytes }) => bytes.toString().split('\n').slice(0, -1)).map((line) => JSON.parse(line));

/* The members of a record: those that events set, and those that follow from others, or from the clock. */
const SET = ['todoType', 'workspace', 'title', 'description', 'result', 'financialImpact', 'financialImpactCurrency',
  'impact', 'likelihood', 'status', 'priority', 'assignee', 'reporter', 'source', 'category', 'subCategory', 'orderID',
  'LRN', 'tags', 'dueDate', 'reminderDate', 'occurredAt', 'extra', 'form', 'formVersion', 'parent', 'cause',
  'followers', 'awaits'];
export const DERIVED = ['key', 'commentCount', 'attachmentCount', 'taskLink', 'createdAt', 'updatedAt', 'version',
  'open', 'overdue', 'closedAt', 'closedBy', 'firstDueDate', 'dueMoves'];

/* A member's value as it is compared: null, an empty list or object, and one that is left out, are one. */
export function plain(name, value) {
  if (name === 'awaits') return value?.by ?? null;
  return value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)
    ? null
    : value;
}

const COMMENT = ['id', 'text', 'author', 'createdAt', 'editedAt', 'internal', 'mentions', 'deletedAt'];

/* Of what is not known no value is believed. */
function onlyHas(what, object, names) {
  for (const [name, value] of Object.entries(object))
    assert.ok(names.includes(name) || plain(name, value) === null, `${what} has ${name}`);
}

/* What an event at that time leaves of a comment. */
function commentChange(commented, at, [was, is]) {
  const { id } = was ?? is;
  if (!was) commented.set(id, { ...is, createdAt: at, editedAt: null });
  else if (is) commented.set(id, { ...commented.get(id), ...is, editedAt: at });
  else commented.set(id, { ...commented.get(id), text: null, mentions: [], deletedAt: at });
}

/* The record is what its own events have left; of what an erased event may have set nothing is known. */
function checkRecord(record, own) {
  const erased = (value) => JSON.stringify(value).includes('@erased.invalid');
  const left = new Map(SET.map((name) => [name, null]));
  for (const { seq, action, payload } of own) {
    if (action === 'task.occurred') continue;
    if (payload === null && !['task.commented', 'task.attached'].includes(action)) left.clear();
    for (const [name, change] of Object.entries(JSON.parse(payload) ?? {})) {
      if (!SET.includes(name)) continue;
      const [was, is] = change.map((value) => plain(name, value));
      if (left.has(name) && name !== 'parent' && !erased(was))
        assert.deepEqual(was, left.get(name), `event ${seq} says that ${name} was something else`);
      left.set(name, is);
    }
  }
  onlyHas('the record', record, [...SET, ...DERIVED]);
  for (const name of DERIVED) assert.ok(name in record, `${name} is missing`);
  for (const [name, value] of left) {
    const found = plain(name, record[name]);
    assert.ok(name in record || value === null, `${name} is missing`);
    if (!erased(found) && (name !== 'parent' || found === null))
      assert.deepEqual(found, value, `${name} is not what the events say`);
  }
}

/**
 * Checks the hashes of an evidence file, and that its record, attachments and comments are what its
 * events say; throws at the first fault. Returns what is in it.
 */
export function checkEvidence(file) {
  const members = unzip(file);
  const text = (name) => members.find((member) => member.name === name).bytes.toString();
  const head = JSON.parse(text('evidence.json'));
  const record = JSON.parse(text('record.json'));
  assert.equal(head.format, 'bzctrl evidence 1');
  let before = Buffer.from(head.before, 'base64');
  let seq = head.first - 1;
  const events = linesOf(members, 'history/');
  if (head.first === 1) assert.ok(before.equals(sha256(field('bzctrl history 1'), field(head.domain))));
  const attached = new Map();
  const commented = new Map();
  for (const event of events) {
    assert.equal(event.seq, ++seq);
    const hash = Buffer.from(event.hash, 'base64');
    if (event.action !== undefined) {
      const payloadHash = Buffer.from(event.payloadHash, 'base64');
      assert.ok(hash.equals(sha256(before, u64(event.seq), u64(event.at), u64(event.actor), field(event.action),
        field(event.key), payloadHash)), `the hash of event ${seq}`);
      if (typeof event.payload === 'string') {
        assert.ok(payloadHash.equals(sha256(Buffer.from(event.salt, 'base64'), event.payload)),
          `the payload of ${seq}`);
        const changes = JSON.parse(event.payload);
        if (changes.attachment) {
          const [was, is] = changes.attachment;
          if (is) attached.set(is.id, is);
          else attached.delete(was.id);
        }
        if (changes.comment) commentChange(commented, new Date(event.at).toISOString(), changes.comment);
      }
    }
    before = hash;
  }
  assert.equal(seq, head.newest);
  assert.equal(before.toString('base64'), head.hash);
  const own = events.filter((event) => 'payload' in event);
  checkRecord(record, own);
  assert.equal(head.key, record.key);

  const erased = events.filter(({ payload }) => payload === null);
  const commentsErased = events.some(({ commentErased }) => commentErased) ||
    erased.some(({ action }) => action === 'task.commented');
  const files = members.filter(({ name }) => name.startsWith('attachments/'));
  if (!erased.some(({ action }) => action === 'task.attached')) {
    assert.equal(files.length, attached.size);
    for (const { name, bytes } of files) {
      const [, id, ...rest] = name.split('/');
      const { sha256: digest, ...said } = attached.get(id);
      assert.equal(rest.join('/'), said.name);
      assert.equal(bytes.length, said.size);
      assert.equal(sha256(bytes).toString('hex'), digest);
    }
  }
  const comments = linesOf(members, 'comments/');
  for (const one of comments) {
    assert.ok('author' in one, `the author of comment ${one.id} is missing`);
    onlyHas(`comment ${one.id}`, one, COMMENT);
  }
  const sorted = (list) => list.sort((a, b) => (a.id < b.id ? -1 : 1));
  if (!commentsErased)
    assert.deepEqual(
      sorted(comments.map(({ id, text: said = null, createdAt, editedAt = null, internal, mentions = [], deletedAt }) =>
        ({ id, text: said, createdAt, editedAt, internal, mentions, ...(deletedAt && { deletedAt }) }))),
      sorted([...commented.values()]), 'a comment is not what the events say');
  return { members, head, record, events, comments, files, own };
}
