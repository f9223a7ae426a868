/*
 * The part of the second verifier that is about administration: what the tables hold of each object against the
 * newest event that says it. Written from doc/history.md, "What the tables hold".
 */
import { createHash } from 'node:crypto';

const id = (column) => ({ sql: `CAST(${column} AS TEXT)` });
const plain = (column) => ({ sql: column });
const digest = (column) => ({ sql: column, digest: () => true });
const bytes = (column) =>
  ({ sql: `CASE WHEN ${column} IS NOT NULL THEN $hex(${column}) END`, hex: true, digest: () => true });
const name = (column) => ({ sql: column, digest: (value) => value.includes('@') });

/* kind → table, the columns that find an object, its members, and the lists of further rows. */
const KINDS = {
  domain: { table: 'domain', key: ['id'], members: { key: plain('key'), createdAt: plain('created_at') } },
  workspace: { table: 'workspace', key: ['id'], members: { domain: id('domain_id'), key: plain('key'),
    name: name('name'), timezone: plain('zone'), createdAt: plain('created_at'), version: plain('version') } },
  account: { table: 'account', key: ['id'], members: { type: plain('kind'), email: plain('email'), name: name('name'),
    password: digest('password_hash'), passwordBy: id('password_by'), passwordGrant: plain('password_grant'),
    admin: plain('admin'), disabled: plain('disabled'), createdAt: plain('created_at'), version: plain('version') } },
  link: { table: 'password_reset', key: ['account_id'], mayGo: true, members: { link: bytes('hash'),
    madeBy: id('made_by'), createdAt: plain('created_at'), expiresAt: plain('expires_at') } },
  form: { table: 'form', key: ['id'], members: { workspace: id('workspace_id'), name: name('name'),
    version: plain('version'), isDefault: plain('is_default'), disabled: plain('disabled') } },
  formVersion: { table: 'form_version', key: ['form_id', 'version'], members: { at: plain('at'),
    account: id('account_id'), document: digest('document') } },
  groupRule: { table: 'group_rule', key: ['id'], members: { group: name('name'), domain: id('domain_id'),
    role: plain('role'), createdAt: plain('created_at'), endedAt: plain('ended_at') } },
};

/* Of an account: list → table and members, in the order of the first. */
const LISTS = {
  roles: { table: 'account_grant', order: 'domain_id', members: { domain: id('domain_id'), role: plain('role') } },
  client: { table: 'client', order: 'domain_id', members: { domain: id('domain_id'), scopes: plain('scope'),
    version: plain('version') } },
  workspaces: { table: 'client_workspace', order: 'workspace_id', members: { workspace: id('workspace_id') } },
  readAll: { table: 'client_reading', order: 'workspace_id', members: { workspace: id('workspace_id') } },
  secrets: { table: 'client_secret', order: 'id', members: { id: id('id'), secret: bytes('hash'), hint: plain('hint'),
    createdAt: plain('created_at'), expiresAt: plain('expires_at') } },
  groupRules: { table: 'group_member', order: 'rule_id', members: { rule: id('rule_id') } },
  identities: { table: 'identity', order: 'id', members: { issuer: plain('issuer'), subject: digest('subject'),
    createdAt: plain('created_at') } },
};

const select = ({ table, members, key = ['account_id'], order = key.join(', ') }) =>
  `SELECT ${[...key.map((column) => `CAST(${column} AS TEXT) AS key_${column}`),
    ...Object.entries(members).map(([as, { sql }]) => `${sql} AS "${as}"`)].join(', ')}
   FROM ${table} ORDER BY ${order}`;

function value(member, cell) {
  if (cell === null || !member.digest?.(cell)) return cell;
  const hash = createHash('sha256').update(member.hex ? Buffer.from(cell, 'hex') : Buffer.from(cell, 'utf8'));
  return `sha256:${hash.digest('base64')}`;
}

const object = (members, row) =>
  Object.fromEntries(Object.entries(members).map(([as, member]) => [as, value(member, row[as])]));

/* The same members with the same values, in any order. */
const canonical = (state) => JSON.stringify(state, (_, v) =>
  (v && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort()) : v));

/** Takes note of an event of the chain of no domain. */
export function noteState(states, event, broken) {
  const found = event.action === 'admin.state.found';
  if (!found && event.action !== 'admin.state') return;
  states.since ??= event.at;
  if (event.payload !== null) {
    const [, state] = JSON.parse(event.payload).state;
    const key = [state.kind, state.id, ...(state.kind === 'formVersion' ? [state.version] : [])].join(' ');
    const was = states.objects.get(key);
    if (found && (was ? canonical(was) !== canonical(state) : states.said))
      broken(`event ${event.seq} of *: ${key} was found, but that is news`);
    states.objects.set(key, state);
  }
  states.said ||= !found;
}

/** Compares the tables with what was noted. */
export function checkStates(states, query, broken) {
  const kinds = Object.entries(KINDS);
  const lists = Object.entries(LISTS);
  const [[{ n: due }], ...answers] = query('SELECT COUNT(*) AS n FROM state_due',
    ...[...kinds, ...lists].map(([, rows]) => select(rows)));
  const more = new Map();
  lists.forEach(([as, { members }], i) => {
    for (const row of answers[kinds.length + i]) {
      const account = more.get(row.key_account_id) ?? {};
      (account[as] ??= []).push(object(members, row));
      more.set(row.key_account_id, account);
    }
  });
  const seen = new Set();
  kinds.forEach(([kind, { key: columns, members }], i) => {
    for (const row of answers[i]) {
      const ids = columns.map((column) => row[`key_${column}`]);
      const key = [kind, ...ids].join(' ');
      const state = { kind, id: ids[0], ...(kind === 'formVersion' ? { version: Number(ids[1]) } : {}),
        ...object(members, row), ...(kind === 'account' ? more.get(ids[0]) : {}) };
      if (kind === 'account') more.delete(ids[0]);
      if (due > 0 && !states.said && !states.objects.has(key)) continue;
      const was = states.objects.get(key) ?? broken(`${key}: no event says who made it`);
      if (canonical(was) !== canonical(state)) broken(`${key}: ${canonical(state)} was ${canonical(was)}`);
      seen.add(key);
    }
  });
  for (const account of more.keys()) broken(`something belongs to account ${account}, which is gone`);
  for (const [key, { kind }] of states.objects) if (!seen.has(key) && !KINDS[kind].mayGo) broken(`${key} is gone`);
}
