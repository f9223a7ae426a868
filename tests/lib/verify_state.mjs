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
  meeting: { table: 'meeting', key: ['id'], members: { domain: id('domain_id'), name: name('name'),
    everyWeeks: plain('weeks'), weekday: plain('weekday'), minutes: plain('minutes'), walk: plain('walk'),
    groupBy: plain('grouped'), archivedAt: plain('archived_at'), version: plain('version'),
    createdAt: plain('created_at'), updatedAt: plain('updated_at') } },
  /* Once it is closed. */
  meetingSession: { table: 'meeting_session', where: 'closed_at IS NOT NULL', key: ['id'], members: {
    meeting: id('meeting_id'), number: plain('number'), version: plain('version'), startedAt: plain('started_at'),
    startedBy: id('started_by'), leader: id('leader_id'), stage: plain('stage'), groupBy: plain('grouped'),
    current: id('task_id'), currentSince: plain('task_at'), overdue: plain('overdue'), since: digest('since'),
    more: plain('more'), closedAt: plain('closed_at'), closedBy: id('closed_by'), event: plain('seq'),
    minutes: digest('minutes') } },
  groupRule: { table: 'group_rule', key: ['id'], members: { group: name('name'), domain: id('domain_id'),
    role: plain('role'), createdAt: plain('created_at'), endedAt: plain('ended_at') } },
  webhook: { table: 'webhook', key: ['id'], members: { domain: id('domain_id'), workspace: id('workspace_id'),
    owner: id('owner_id'), url: digest('url'), events: plain('events'), secret: bytes('secret'),
    secretAt: plain('secret_at'), oldSecret: bytes('old_secret'), oldSecretUntil: plain('old_secret_until'),
    pausedAt: plain('paused_at'), pause: plain('pause'), version: plain('version'), createdAt: plain('created_at'),
    updatedAt: plain('updated_at') } },
  rule: { table: 'rule', key: ['id'], members: { workspace: id('workspace_id'), type: plain('kind'),
    position: plain('place'), name: name('name'), activeAt: plain('active_at'), document: digest('document'),
    author: id('author_id'), version: plain('version'), createdAt: plain('created_at'), updatedAt: plain('updated_at'),
    endedAt: plain('ended_at') } },
  workdays: { table: 'workdays', key: ['workspace_id'], members: { weekdays: plain('weekdays'),
    remindAt: plain('remind_at'), holidays: plain('holidays'), version: plain('version') } },
};

/* Of an account, or of the object of another kind: list → table and members, in the order of the first. */
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
  calendar: { table: 'calendar_link', order: 'account_id', members: { secret: bytes('hash'),
    createdAt: plain('created_at') } },
};

const MEETING_LISTS = [
  ['meeting', 'workspaces', { table: 'meeting_workspace', key: ['meeting_id'], order: 'workspace_id',
    members: { workspace: id('workspace_id') } }],
  ['meeting', 'people', { table: 'meeting_person', key: ['meeting_id'], order: 'account_id',
    members: { person: id('account_id') } }],
  ['meetingSession', 'positions', { table: 'meeting_range', key: ['session_id'], order: 'domain_id',
    where: 'session_id IN (SELECT id FROM meeting_session WHERE closed_at IS NOT NULL)',
    members: { domain: id('domain_id'), from: plain('from_seq'), start: plain('start_seq'), end: plain('end_seq') } }],
];
/* Kind, name and rows of each list. */
const ALL_LISTS = [...Object.entries(LISTS).map(([as, rows]) => ['account', as, rows]), ...MEETING_LISTS];

const select = ({ table, members, where = '1 = 1', key = ['account_id'], order = key.join(', ') }) =>
  `SELECT ${[...key.map((column) => `CAST(${column} AS TEXT) AS key_${column}`),
    ...Object.entries(members).map(([as, { sql }]) => `${sql} AS "${as}"`)].join(', ')}
   FROM ${table} WHERE ${where} ORDER BY ${order}`;

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
  const [[{ n: due }], ...answers] = query('SELECT COUNT(*) AS n FROM state_due',
    ...[...kinds.map(([, rows]) => rows), ...ALL_LISTS.map(([, , rows]) => rows)].map(select));
  const more = new Map(); /* "kind id" → its lists */
  ALL_LISTS.forEach(([kind, as, { members, key: [column] = ['account_id'] }], i) => {
    for (const row of answers[kinds.length + i]) {
      const owner = `${kind} ${row[`key_${column}`]}`;
      if (!more.has(owner)) more.set(owner, {});
      (more.get(owner)[as] ??= []).push(object(members, row));
    }
  });
  const seen = new Set();
  kinds.forEach(([kind, { key: columns, members }], i) => {
    for (const row of answers[i]) {
      const ids = columns.map((column) => row[`key_${column}`]);
      const key = [kind, ...ids].join(' ');
      const state = { kind, id: ids[0], ...(kind === 'formVersion' ? { version: Number(ids[1]) } : {}),
        ...object(members, row), ...more.get(key) };
      more.delete(key);
      if (due > 0 && !states.said && !states.objects.has(key)) continue;
      const was = states.objects.get(key) ?? broken(`${key}: no event says who made it`);
      if (canonical(was) !== canonical(state)) broken(`${key}: ${canonical(state)} was ${canonical(was)}`);
      seen.add(key);
    }
  });
  for (const owner of more.keys()) broken(`something belongs to ${owner}, which is gone`);
  for (const [key, { kind }] of states.objects) if (!seen.has(key) && !KINDS[kind].mayGo) broken(`${key} is gone`);
}
