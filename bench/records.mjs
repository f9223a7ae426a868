/*
 * Many records for the benchmarks, written into the tables by SQL: 40 % of them open, in 50 workspaces, of 200 people.
 * It is imported after BZCTRL_BUILD is set.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { changeStored } from '../tests/lib/database.mjs';
import { makeFolder, runBzctrldOk } from '../tests/lib/program.mjs';
import { EXAMPLE, addUser } from '../tests/lib/server.mjs';

export const DAY = 86_400_000;
export const SPAN = 3 * 365 * DAY;
const PEOPLE = 200;
const WORKSPACES = 50;
const FIRST = Date.now() - SPAN;

export const words = ('seal broken container customs declaration transit guarantee late missing document weight differs quay crane reefer ' +
  'temperature alarm truck driver gate refused inspection scan veterinary certificate invoice value origin tariff code wrong broker ' +
  'terminal yard stack vessel delay release order number unknown importer exporter inland depot barge rail wagon damage leak').split(' ');

/** SQL that both engines know; n runs from 1. Multiplying by primes makes numbers that look random. */
function recordsSql(RECORDS) {
  const at = `(${FIRST} + n * ${Math.floor(SPAN / RECORDS)})`;
  const word = (prime) => `(SELECT t FROM words WHERE i = n * ${prime} % ${words.length})`;
  const phrase = (prime) => `(SELECT p FROM words WHERE i = n * ${prime} % ${words.length})`;
  const ten = (i) => Array.from({ length: 10 }, (_, k) => words[(i * 5 + k * (3 + (i % 7))) % words.length]).join(' ');
  const order = `'ORDER ' || (100000 + n * 7919 % 300000)`;
  const open = '(n * 7 % 10 < 4)';
  const lrn = `(1000000 + n * 104729 % 9000000)`;
  const lrnText = `CAST(${lrn} AS TEXT)`;
  const categories = ['Customs', 'IT', 'Safety', 'Documents', 'Damage', 'Delay', 'Theft', 'Other'];
  return `
    WITH RECURSIVE words (i, t, p) AS (VALUES ${words.map((w, i) => `(${i}, '${w}', '${ten(i)}')`).join(', ')}),
    numbers (n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < ${RECORDS})
    INSERT INTO task (id, workspace_id, number, version, last_seq, created_at, updated_at, type, status, impact, likelihood,
      priority, reporter_id, assignee_id, source_id, financial_impact, due_date, category, tags, sub_category, order_id, lrn,
      form, form_version, title, extra, description, closed_at, closed_by)
    SELECT (${at} - 1577836800000) << 22, 100 + n % ${WORKSPACES}, (n - 1) / ${WORKSPACES} + 1, 1, 1, ${at},
      CASE WHEN ${open} THEN ${at} ELSE ${at} + n * 31 % (20 * ${DAY}) END,
      1 + n % 2, CASE WHEN ${open} THEN CASE WHEN n % 5 = 0 THEN 1 WHEN n % 7 = 0 THEN 4 ELSE 2 END ELSE 3 END,
      n % 4, n * 3 % 4, n * 7 % 11 % 4, 1001 + n * 31 % ${PEOPLE}, 1001 + n * 37 % ${PEOPLE}, 1001 + n * 41 % ${PEOPLE},
      CASE WHEN n % 5 = 0 THEN NULL ELSE n * 7907 % 1000003 * (1 + n % 97) END,
      CASE WHEN n % 6 = 0 THEN NULL ELSE ${at} / ${DAY} + 7 + n * 13 % 60 END,
      CASE ${categories.map((c, i) => `WHEN n * 11 % 8 = ${i} THEN '["${c}"]'`).join(' ')} END,
      '["' || ${order} || '","' || ${lrnText} || '"' || CASE WHEN n % 1000 = 7 THEN ',"audit 2026"' ELSE '' END || ']',
      '[]', '["' || ${order} || '"]', ${lrnText}, 'default', 1,
      ${word(7)} || ' ' || ${word(13)} || ' ' || ${word(29)} || ' ' || n,
      '{}', ${[3, 5, 11].map(phrase).join(" || ' ' || ")},
      CASE WHEN ${open} THEN NULL ELSE ${at} + n * 31 % (20 * ${DAY}) END, CASE WHEN ${open} THEN NULL ELSE 1001 END
    FROM numbers`;
}

/** A folder with so many; `data`: there, unless it has been made before. */
export async function makeStore(RECORDS, say, data) {
  const dir = data ?? makeFolder();
  if (existsSync(path.join(dir, 'bzctrl.db'))) return dir; /* of an earlier run */
  await runBzctrldOk(['workspace', 'add', 'EXA-CON-BUS-WOR', '--data', dir]);
  await addUser(dir, { ...EXAMPLE, admin: true });
  const rows = (n, row) => Array.from({ length: n }, (_, i) => row(i)).join(', ');
  changeStored(dir, `INSERT INTO domain (id, key, created_at) VALUES (90, 'BIG', 0), (91, 'BIG-A', 0), (92, 'BIG-B', 0)`);
  changeStored(dir, `INSERT INTO workspace (id, domain_id, key, name, zone, created_at) VALUES ${rows(WORKSPACES, (i) =>
    `(${100 + i}, ${i < WORKSPACES / 2 ? 91 : 92}, 'BIG-${i < WORKSPACES / 2 ? 'A' : 'B'}-W${i}', 'W${i}', 'Europe/Amsterdam', 0)`)}`);
  changeStored(dir, `INSERT INTO account (id, kind, email, password_grant, admin, disabled, created_at) VALUES ${rows(PEOPLE, (i) =>
    `(${1001 + i}, 1, 'person${i}@example.com', 1, 0, 0, 0)`)}`);
  changeStored(dir, `UPDATE account SET changed = (SELECT version + 1 FROM directory_version)`);
  changeStored(dir, `UPDATE directory_version SET places = version + 1, version = version + 1`);
  changeStored(dir, `INSERT INTO counter (workspace_id, number) VALUES ${rows(WORKSPACES, (i) => `(${100 + i}, ${Math.ceil(RECORDS / WORKSPACES)})`)}`);
  say(`writing ${RECORDS} records`);
  changeStored(dir, recordsSql(RECORDS));
  return dir;
}
