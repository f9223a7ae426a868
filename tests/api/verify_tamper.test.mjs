/*
 * Whatever is changed in the database past the program is found by `bzctrld verify`, and by the
 * second verifier: what readers see is what the history says. And what verify says names the place, and
 * both values.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { changeStored, databaseEnvironment, databaseUrl, keepStored, numberStored, onPostgres, psql,
  } from '../lib/database.mjs';
import { makeFile, runBzctrld, until } from '../lib/program.mjs';
import { providerArguments, startProvider, Visitor } from '../lib/provider.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';
import { verifyHistory } from '../lib/verify_history.mjs';

const ROOT = { email: 'root@example.com', admin: true };
const MANAGER = { email: 'manager@example.com', role: 'manager', domain: EXAMPLE.domain };
const SEED = Number(process.env.BZCTRL_SEED ?? 1);
const ANY = { 'if-match': '*' };

let provider;
let server;
let putBack;
const send = async (as, method, at, body, headers = {}) => {
  const answer = await server.send(as, method, `${API}${at}`, body, { headers });
  assert.ok(answer.status < 300, answer.text);
  return answer.status === 204 ? undefined : answer.json;
};
const change = (key, body) =>
  send(EXAMPLE.email, 'PATCH', `/tasks/${key}`, body, { ...ANY, 'content-type': 'application/merge-patch+json' });

/* A little of everything that has rows. */
async function fill() {
  const made = [];
  const occurredAt = new Date(Date.now() - 3_600_000).toISOString();
  for (const more of [{ financialImpact: '123.45', impact: 'High', tags: ['a'], extraField: { deep: [1, 'x'] } },
    { todoType: 'TASK', priority: 'Low', dueDate: '2099-01-31', lrn: '77', occurredAt },
    { category: ['Customs'], subCategory: ['IT'], reminderDate: '2099-01-01' }, { title: 'A fourth one' }])
    made.push(await server.createAndRead(small(more)));
  const [first, second, third, fourth] = made.map(({ key }) => key);
  await change(first, { dueDate: '2098-01-01', cause: 'The order came in late', followers: [MANAGER.email] });
  await change(first, { dueDate: '2098-02-01', parent: third });
  await change(second, { status: 'Done', result: 'Paid' });
  await change(third, { status: 'Done' });
  await send(MANAGER.email, 'PATCH', `/tasks/${third}`, { status: 'In progress', assignee: MANAGER.email },
    { ...ANY, 'content-type': 'application/merge-patch+json' });
  await send(EXAMPLE.email, 'POST', `/tasks/${first}/comments`, { text: 'A comment' });
  const moved = await change(fourth, { workspace: 'EXA-CON-BUS-TWO' });
  await send(MANAGER.email, 'PUT', `/workspaces/${WORKSPACE}/forms/rules`,
    { fields: [{ name: 'weight', type: 'number' }], default: true }, { 'if-none-match': '*' });
  await send(MANAGER.email, 'PUT', `/workspaces/${WORKSPACE}/forms/rules`, { title: 'Claims' }, ANY);
  await server.addClient(MANAGER.email, { scopes: ['task:read'], readAll: [WORKSPACE] });
  await send(MANAGER.email, 'POST', '/people', { email: 'linked@example.com',
    roles: [{ domain: EXAMPLE.domain, role: 'viewer' }] });
  const { id: meeting } = await send(MANAGER.email, 'POST', '/meetings', { name: 'Stand-up', domain: EXAMPLE.domain,
    workspaces: [WORKSPACE], people: [EXAMPLE.email] });
  const { id: session } = await send(MANAGER.email, 'POST', `/meetings/${meeting}/sessions`);
  await send(MANAGER.email, 'POST', `/meetings/${meeting}/sessions/${session}/notes`, { text: 'A note' });
  await send(MANAGER.email, 'POST', `/meetings/${meeting}/sessions/${session}/close`);
  await server.command(['user', 'reset-link', 'linked@example.com']);
  await send(MANAGER.email, 'POST', '/webhooks', { url: 'https://example.invalid/', workspace: WORKSPACE });
  await send(MANAGER.email, 'POST', '/me/calendar');
  const rule = await send(ROOT.email, 'POST', '/single-sign-on/rules',
    { group: 'passing', domain: EXAMPLE.domain, role: 'member' });
  await send(ROOT.email, 'POST', '/single-sign-on/rules', { group: 'all', domain: EXAMPLE.domain, role: 'viewer' });
  provider.person = { sub: 'linked', email: 'linked@example.com', email_verified: true, groups: ['all', 'passing'] };
  assert.equal((await new Visitor(server).signIn()).status, 200);
  await send(ROOT.email, 'DELETE', `/single-sign-on/rules/${rule.id}`);
  await server.command(['user', 'add', 'gone@example.com', '--domain', EXAMPLE.domain, '--role', 'member']);
  await server.createAndRead(small({ title: 'Ask gone@example.com', reporter: 'gone@example.com' }));
  await send(ROOT.email, 'POST', '/people/gone@example.com/erase');
  await until(() => numberStored(server.dir, 'SELECT COUNT(*) FROM erasure') === 0, 'the erasure');
  return { first, second, third, fourth: moved.key };
}

let keys;
before(async () => {
  const workspaces = [WORKSPACE, 'EXA-CON-BUS-TWO', 'ACME-WOR'];
  provider = await startProvider();
  server = await startServer({ workspaces, users: [EXAMPLE, ROOT, MANAGER],
    args: providerArguments(provider, makeFile('secret')) });
  keys = await fill();
  await server.terminate();
  await provider.stop();
  putBack = keepStored(server.dir);
});
after(() => server.stop());

const verify = () => runBzctrld(['verify', '--data', server.dir], { env: databaseEnvironment(server.dir) });

/* What the second verifier finds; undefined when it finds nothing. */
function second() {
  try {
    verifyHistory(onPostgres ? databaseUrl(server.dir) : path.join(server.dir, 'bzctrl.db'));
    return undefined;
  } catch (error) {
    if (error instanceof TypeError) throw error; /* a mistake of its own */
    return error.message;
  }
}

/* What verify says of a store that was changed; it is put back. */
async function verdict(sql) {
  assert.ok(changeStored(server.dir, sql) > 0, `changes nothing: ${sql}`);
  const { code, stderr } = await verify();
  const other = second();
  putBack();
  return { code, stderr, other };
}

async function found(sql, ...patterns) {
  const { code, stderr, other } = await verdict(sql);
  assert.equal(code, 1, `not found: ${sql}\n${stderr}`);
  for (const pattern of patterns) assert.match(stderr, pattern);
  assert.ok(other, `not found by the second verifier: ${sql}`);
}

test('untouched it is whole', async () => {
  const { code, stderr } = await verify();
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^whole: /m);
  assert.equal(second(), undefined);
});

describe('tampering', () => {
  const first = `workspace_id = (SELECT id FROM workspace WHERE key = '${WORKSPACE}') AND number = 1`;
  test('with an amount', () => found(`UPDATE task SET financial_impact = 99900 WHERE ${first}`,
    /record EXA-CON-BUS-WOR-01: financialImpact is "999.00" in the table, but "123.45" by its history/));
  test('with a status', () => found(`UPDATE task SET status = 1 WHERE status = 3`,
    /EXA-CON-BUS-WOR-02: status is "To do" in the table, but "Done" by its history/));
  test('with a text', () => found(`UPDATE task SET title = 'Harmless' WHERE ${first}`,
    /title is "Harmless" in the table, but "Title" by its history/));
  test('with a reporter', () => found(
    `UPDATE task SET reporter_id = (SELECT id FROM account WHERE email = '${MANAGER.email}') WHERE ${first}`,
    /reporter is "manager@example.com" in the table, but "example@example.com" by its history/));
  test('with the time of a report', () => found(`UPDATE task SET created_at = created_at - 86400000 WHERE ${first}`,
    /created_at is/));
  test('with a follower', () => found(`UPDATE task_follower SET account_id =
    (SELECT id FROM account WHERE email = '${EXAMPLE.email}')`, /EXA-CON-BUS-WOR-01: its followers/));
  test('with two addresses that change places', () => found(
    `UPDATE account SET email = 'x' WHERE email = '${EXAMPLE.email}';
     UPDATE account SET email = '${EXAMPLE.email}' WHERE email = '${MANAGER.email}';
     UPDATE account SET email = '${MANAGER.email}' WHERE email = 'x'`, /example@example\.com|manager@example\.com/));
  test('by erasing all that was said', () => found('UPDATE event SET payload = NULL, salt = NULL',
    /its content is gone, but no event says that it was erased/));
  test('by erasing what one event said', () => found(
    `UPDATE event SET payload = NULL, salt = NULL WHERE key = '${WORKSPACE}-01' AND action = 'task.created'`,
    /event \d+: its content is gone/));
  test('with the rules of a form', () => found(
    `UPDATE form_version SET document = replace(document, 'Claims', 'Others')`,
    /formVersion \d+: document is "sha256:.*" in the tables, but "sha256:.*" by its history/));
  test('with a role', () => found(`UPDATE account_grant SET role = 3 WHERE role = 2`, /roles is/));
  test('with a new role', () => found(`INSERT INTO account_grant (account_id, domain_id, role)
    SELECT a.id, d.id, 3 FROM account a, domain d WHERE a.email = '${EXAMPLE.email}' AND d.key = 'ACME'`, /roles is/));
  test('with a role by a group', () => found('UPDATE group_rule SET role = 3 WHERE role = 1',
    /groupRule \d+: role is 3 in the tables, but 1 by its history/));
  test('with a group that nobody was in', () => found(`INSERT INTO group_member (account_id, rule_id)
    SELECT a.id, r.id FROM account a, group_rule r WHERE a.email = '${EXAMPLE.email}' AND r.name = 'all'`,
    /account example@example\.com: groupRules is/));
  test('with an account that is given to somebody else', () => found("UPDATE identity SET subject = 'another'",
    /account linked@example\.com: identities is/));
  test('with an admin', () => found(`UPDATE account SET admin = 1 WHERE email = '${EXAMPLE.email}'`,
    /account example@example\.com: admin is 1 in the tables, but 0 by its history \(event \d+ of \*\)/));
  test('with a password', () => found(
    `UPDATE account SET password_hash = (SELECT password_hash FROM account WHERE email = '${MANAGER.email}')
     WHERE email = '${EXAMPLE.email}'`, /account example@example\.com: password is/));
  test("with a workspace's name", () => found(`UPDATE workspace SET name = 'Other' WHERE key = '${WORKSPACE}'`,
    /workspace EXA-CON-BUS-WOR: name is "Other" in the tables/));
  test("with a client's secret", () => found(`UPDATE client_secret SET hint = 'bzcs_xxxx'`, /secrets is/));
  test('with a link for a password', () => found('UPDATE password_reset SET expires_at = expires_at + 1',
    /link .*expiresAt is/));
  test('with an account that is made to look erased', () => found(
    `UPDATE account SET email = 'erased-1@erased.invalid', name = NULL WHERE email = '${MANAGER.email}'`, /history/));
  test('with an account that nobody has made', () => found(
    `INSERT INTO account (id, kind, email, password_grant, admin, disabled, created_at)
     SELECT MAX(id) + 1, 1, 'new@example.com', 1, 1, 0, 0 FROM account`, /no event says that anybody made it/));
  test('with the minutes of a stand-up', () => found(
    "UPDATE meeting_session SET minutes = replace(minutes, 'A note', 'No')",
    /meetingSession \d+: minutes is "sha256:.*" in the tables, but "sha256:.*" by its history/));
  test('with the people of a stand-up', () => found('DELETE FROM meeting_person', /meeting Stand-up: people is/));
  test('with a comment', () => found("UPDATE comment SET text = 'Other'", /comment/));
});

/* ---- any column ---- */

/* What carries no meaning, and why. A column or a whole table. */
const MEANINGLESS = new Map(Object.entries({
  'account.sign_in': 'ends sign-ins',
  'account.changed': 'a mark for the cache of the directory',
  'form.changed': 'a mark for the cache of the directory',
  'client_secret.used_at': 'when it was last used, to the hour: no event',
  directory_version: 'for the cache of the directory',
  schema_migration: 'checked when the store is opened',
  node: 'leases of processes',
  job: 'work to do',
  webhook_control: 'a lease, and a mark',
  webhook_position: 'how far a webhook is in the history',
  webhook_delivery: 'what was sent, for 30 days; the records have the events',
  'webhook.succeeded_at': 'how deliveries go: no event',
  'webhook.failing_since': 'how deliveries go: no event',
  'webhook.warned': 'how deliveries go; the warning is an event',
  follow_lease: 'leases of processes',
  unfinished_copy: 'a mark',
  state_due: 'a mark',
  index_state: 'the index is made of the rest',
  index_position: 'the index is made of the rest',
  task_index: 'the index is made of the rest',
  token: 'sign-ins are not history',
  token_family: 'sign-ins are not history',
  provider_session: 'sign-ins are not history',
  sign_in_test: 'what an admin has tried',
  'identity.id': 'found by the account',
  request: 'a log of the last weeks that promises nothing',
  answer: 'repeats an answer for those who lost it, without addresses that were erased; the record is what counts',
  answer_generation: 'an index of the answers',
  answer_bucket: 'an index of the answers',
  task_dedup: 'derived from open records',
  feed_key: 'seals cursors',
  erasure: 'work to do',
  bulk_change: 'a call, for its repetition and its undo; the records have the events',
  bulk_verdict: 'as for bulk_change',
  saved_view: 'how somebody looks at records; shared ones have events',
  meeting_item: 'of a stand-up that runs; once it is closed, its minutes are compared',
  meeting_guest: 'as for meeting_item',
  meeting_note: 'as for meeting_item; what is parked goes into the next minutes',
  preference: 'what the app keeps for a person, for that person alone',
  inbox_mark: 'what a person has put away, for that person alone',
  notification: 'what somebody has heard of, for that person alone; the records have the events',
  notification_position: 'how far notifications are in the history',
  notification_setting: 'what somebody wants to hear of, and how, for that person alone',
  mail: 'work to do',
  mail_address: 'how mail to a person goes: no event',
  mention: 'derived from comments, whose mentions are compared',
  task_figure: 'the index is made of the rest',
  record_timer: 'when a record is looked at next',
  rule_firing: 'what is not to be done again; the events say what was done',
  rule_lease: 'leases of processes',
  rule_next: 'work to do',
  rule_occurrence: 'as for rule_firing',
  rule_position: 'work to do',
  rule_sweep: 'work to do',
  rule_turn: 'work to do',
  'event.version': 'for readers; no hash covers it',
  'chain.at': 'that of its newest event, for the next',
  'comment.version': 'for If-Match; no event says it',
  'content.drop_at': 'work to do',
}));

function columns() {
  if (onPostgres)
    return psql(databaseUrl(server.dir), `SELECT table_name || ' ' || column_name || ' ' || data_type
      FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`)
      .trim().split('\n').map((line) => line.split(' '));
  const sql = `SELECT m.name, p.name, p.type FROM sqlite_schema m, pragma_table_info(m.name) p
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, p.cid`;
  return execFileSync('sqlite3', ['-readonly', '-separator', ' ', path.join(server.dir, 'bzctrl.db'), sql],
    { encoding: 'utf8' }).trim().split('\n').map((line) => line.split(' '));
}

/* Another value of the same type, in words of both engines. */
function other(column, type) {
  if (/^(BLOB|bytea)/i.test(type))
    return onPostgres ? `COALESCE(${column} || '\\x00'::bytea, '\\x00'::bytea)`
      : `CAST(COALESCE(${column}, x'') || x'01' AS BLOB)`;
  if (/^(TEXT|text)/i.test(type)) return `COALESCE(${column} || 'x', 'x')`;
  return `CASE WHEN ${column} IS NULL OR ${column} = 0 THEN 1 WHEN ${column} = 1 THEN 0 ELSE ${column} + 1 END`;
}

test('with any column of any table, but for what carries no meaning', async () => {
  let random = SEED;
  const next = (n) => {
    random = (random * 48271) % 2147483647;
    return random % n;
  };
  const missed = [];
  let tried = 0;
  for (const [table, column, type] of columns()) {
    if (MEANINGLESS.has(table) || MEANINGLESS.has(`${table}.${column}`)) continue;
    /* A database of PostgreSQL is slow to put back: a sixth of them, others with another seed. */
    if (onPostgres && next(6) !== 0) continue;
    const n = numberStored(server.dir, `SELECT COUNT(*) FROM ${table}`);
    if (n === 0) continue;
    const row = onPostgres ? 'ctid' : 'rowid';
    const which = `${row} = (SELECT ${row} FROM ${table} ORDER BY ${row} LIMIT 1 OFFSET ${next(n)})`;
    const sql = `UPDATE ${table} SET ${column} = ${other(column, type)} WHERE ${which}`;
    let answer;
    try {
      answer = await verdict(sql);
    } catch (error) {
      if (/constraint|violates/i.test(String(error.stderr ?? error.message))) continue; // the schema refuses it
      throw error;
    }
    tried++;
    /* 69 and 74: the store cannot even be opened. */
    if (![1, 69, 74].includes(answer.code)) missed.push(`${sql}: exit ${answer.code} ${answer.stderr}`);
    else if (!answer.other) missed.push(`${sql}: the second verifier`);
  }
  assert.deepEqual(missed, [], `seed ${SEED}`);
  assert.ok(tried > (onPostgres ? 5 : 60), String(tried));
});
