/*
 * The part of the second verifier that follows a record through its events, oldest first, and compares what
 * comes of it with the row: written from doc/history.md, "A record from its events".
 */

/* Absent, null, [] and {} are the same: nothing. */
const nothing = (value) => value === null || value === undefined ||
  (typeof value === 'object' && Object.keys(value).length === 0);
const text = (value) => (nothing(value) ? 'null' : JSON.stringify(value));

const TEXTS = ['title', 'description', 'result', 'cause'];
const LISTS = { category: 'category', sub_category: 'subCategory', order_id: 'orderID', tags: 'tags' };
const LEVELS = [null, 'High', 'Medium', 'Low'];
const TYPES = [null, 'INCIDENT', 'TASK'];
const STATUSES = [null, 'To do', 'In Progress', 'Done', 'Expired'];

const time = (ms) => (ms === null || ms === undefined ? null : new Date(ms).toISOString());
const day = (days) => (days === null ? null : new Date(days * 86_400_000).toISOString().slice(0, 10));
const euros = (cents) => (cents === null ? null : `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`);

/* Members whose names are in no payload but that of a snapshot. */
const FOLLOWS = ['closedAt', 'closedBy', 'firstDueDate', 'assignedAt', 'assignedBy', 'dueMoves', 'version'];
const NOTES = new Set(['dueReason', 'note', 'origin', 'key', 'occurrence', 'comment', 'attachment', 'link', 'erased',
  'record', 'workspace', 'financialImpactCurrency', 'notice', 'rule', 'ruleName', 'undoes']);
/* They draw attention to a record, and leave it as it is. */
const NOTICES = new Set(['task.reminded', 'task.escalated']);

/** Adds an event; record.state is a member → its value, record.lost what an erased payload hides. */
export function foldEvent(record, event) {
  const state = (record.state ??= new Map());
  record.lost ??= new Set();
  record.version = (record.version ?? 0) + 1;
  if (!NOTICES.has(event.action)) record.updatedAt = event.at;
  record.createdAt ??= event.at;
  if (event.action === 'task.closed') record.closed = { closedAt: time(event.at), closedBy: event.actor_id };
  if (event.action === 'task.reopened') {
    record.closed = undefined;
    record.assigned = { assignedAt: time(event.at), actor: event.actor_id };
  }
  if (event.payload === null) {
    record.lost.add('*'); /* it may have said anything */
    for (const name of state.keys()) record.lost.add(name);
    return;
  }
  const payload = JSON.parse(event.payload);
  if (payload.record) {
    const whole = payload.record[1];
    state.clear();
    record.lost.clear();
    for (const [name, value] of Object.entries(whole)) if (!FOLLOWS.includes(name)) state.set(name, value);
    if (whole.awaits === null) state.delete('awaits');
    record.version = whole.version;
    record.moves = whole.dueMoves;
    record.assigned = { assignedAt: whole.assignedAt, assignedBy: whole.assignedBy };
    record.firstDue = whole.dueMoves > 0 ? whole.firstDueDate : undefined;
    return;
  }
  for (const [name, [was, is]] of Object.entries(payload)) {
    if (NOTES.has(name)) continue;
    if (name === 'dueDate' && event.action !== 'task.created' && was !== null) {
      record.moves = (record.moves ?? 0) + 1;
      record.firstDue ??= was;
    }
    if (name === 'assignee' && event.action !== 'task.created')
      record.assigned = { assignedAt: time(event.at), actor: event.actor_id };
    state.set(name, name === 'awaits' && is ? { by: is.by, at: time(event.at) } : is);
    record.lost.delete(name);
  }
  /* An undo says what the record has it as if its change had not been made. */
  if (!payload.undoes) return;
  const { dueMoves, firstDueDate, assignedAt, assignedBy } = payload.undoes[1];
  record.moves = dueMoves;
  record.firstDue = firstDueDate ?? undefined;
  record.assigned = { assignedAt, assignedBy };
}

/* The columns of a row, as rows of the query below have them. */
export const taskColumns = `t.version, t.created_at, t.updated_at, t.type, t.status, t.impact, t.likelihood, t.priority,
  t.financial_impact, t.due_date, t.reminder_date, t.occurred_at, t.category, t.tags, t.sub_category, t.order_id, t.lrn,
  t.form, t.form_version, t.title, t.extra, t.result, t.description, t.closed_at, t.first_due_date, t.due_moves,
  t.proposed_at, t.follower_count, t.cause, CAST(t.reporter_id AS TEXT) AS reporter_id,
  CAST(t.assignee_id AS TEXT) AS assignee_id, CAST(t.source_id AS TEXT) AS source_id,
  CAST(t.closed_by AS TEXT) AS closed_by, t.assigned_at, CAST(t.assigned_by AS TEXT) AS assigned_by,
  CAST(t.proposed_by AS TEXT) AS proposed_by,
  CAST(t.parent_id AS TEXT) AS parent_id`;

/** What of a record differs from its row: [member, the row's, history's]; undefined when nothing does. */
export function differs(row, record, { emails, followers, keysOf }) {
  const email = (id) => (id === null || id === '0' ? null : (emails.get(id) ?? `account ${id}`));
  const is = {
    todoType: TYPES[row.type] ?? row.type,
    status: STATUSES[row.status] ?? row.status,
    financialImpact: euros(row.financial_impact),
    assignee: email(row.assignee_id),
    reporter: email(row.reporter_id),
    source: email(row.source_id),
    LRN: row.lrn,
    dueDate: day(row.due_date),
    reminderDate: day(row.reminder_date),
    occurredAt: time(row.occurred_at),
    extra: JSON.parse(row.extra),
    form: row.form,
    formVersion: row.form_version,
    followers: followers.get(row.id) ?? [],
    awaits: row.proposed_by === null && row.proposed_at === null ? null
      : { by: email(row.proposed_by), at: time(row.proposed_at) },
  };
  for (const name of ['impact', 'likelihood', 'priority'])
    is[name] = row[name] in LEVELS ? LEVELS[row[name]] : row[name];
  for (const name of TEXTS) is[name] = row[name];
  for (const [column, name] of Object.entries(LISTS)) is[name] = JSON.parse(row[column]);
  const hidden = (name) => record.lost.has(name) || (record.lost.has('*') && !record.state.has(name));
  for (const name of Object.keys(is)) {
    const was = record.state.get(name);
    if (!hidden(name) && text(was) !== text(is[name])) return [name, is[name], was];
  }
  const parent = record.state.get('parent') ?? null;
  if (!hidden('parent') && (parent === null ? row.parent_id !== null : !keysOf(row.parent_id).includes(parent)))
    return ['parent', row.parent_id, parent];
  if (row.follower_count !== is.followers.length) return ['followers', row.follower_count, is.followers.length];
  const rest = [
    ['createdAt', row.created_at, record.createdAt],
    ['updatedAt', row.updated_at, record.updatedAt],
    ['closedAt', time(row.closed_at), record.closed?.closedAt ?? null],
    ['closedBy', row.closed_by, record.closed?.closedBy ?? null],
  ];
  if (!record.lost.has('*'))
    rest.push(['assignedAt', time(row.assigned_at), record.assigned?.assignedAt ?? null],
      ['assignedBy', email(row.assigned_by), record.assigned?.assignedBy ?? email(record.assigned?.actor ?? null)],
      ['version', row.version, record.version], ['dueMoves', row.due_moves, record.moves ?? 0],
      ['firstDueDate', day(row.first_due_date), record.firstDue ?? null]);
  return rest.find(([, now, then]) => now !== then);
}
