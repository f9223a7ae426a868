/*
 * SQL stands in src/store (and what SQLite itself needs in src/db, the schema in sql/, and the
 * outbox of the client library, which is SQLite's alone, in src/lib), is written
 * once for both engines, and is never put together from values:
 *   - no word that one engine does not know, or that means something else there (the table below)
 *   - no printf conversion and no joined text inside a statement
 *   - each step of the schema is in the list of src/db/meson.build
 */
import { bare, eachMatch, files, finding, finish, read } from './source.mjs';

const statement =
  /^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|REPLACE|CREATE|DROP|ALTER|PRAGMA|BEGIN|COMMIT|ROLLBACK|VACUUM)\b[\s(]/;
const written =
  /^\s*(SELECT\s.+\sFROM\b|SELECT\s|INSERT\s+(INTO|OR)\b|UPDATE\s+\w+\s+SET\b|DELETE\s+FROM\b|WITH\s+\w+\s+AS\b|CREATE\s+(UNIQUE\s+)?(TABLE|INDEX|TRIGGER|VIEW)\b|DROP\s|ALTER\s|PRAGMA\s)/;

const apart = [
  [/::/, '`::` is a cast on one engine only (SQLite takes `$1::bigint` for a parameter); write CAST(… AS …)'],
  [/\bFOR\s+(NO\s+KEY\s+)?(UPDATE|SHARE)\b|\bSKIP\s+LOCKED\b/i,
    'SQLite has no locks on rows; what must not change is locked by writing to it'],
  [/\b(now|datetime|strftime|julianday|unixepoch)\s*\(|\bCURRENT_(TIMESTAMP|DATE|TIME)\b/i,
    'the time is op->now; pass it as $n'],
  [/\bAUTOINCREMENT\b|\b(BIG)?SERIAL\b|\bGENERATED\b/i, 'identifiers come from base/id.h'],
  [/\b(rowid|oid|ctid)\b/i, 'the place of a row has another name, or none, on the other engine'],
  [/(?<!\bCAST\s*\(\s*)\b(SUM|AVG)\s*\(/i,
    'PostgreSQL answers with NUMERIC, which is no integer; write CAST(SUM(…) AS BIGINT)'],
  [/\b(LIKE|ILIKE|GLOB)\b/i, 'one engine minds capitals, the other does not'],
  [/\b(IFNULL|IIF|INSTR|HEX|ZEROBLOB|PRINTF|GROUP_CONCAT|STRING_AGG|GREATEST|LEAST)\s*\(|\bINSERT\s+OR\b|\bREPLACE\s+INTO\b/i, 'known on one engine only'],
];

function checkBoth(file, line, text) {
  for (const [pattern, why] of apart) if (pattern.test(text)) finding(file, line, why);
}

/* A step that is not in the list would never run. */
const steps = read('src/db/meson.build');
for (const file of files('sql/*.sql'))
  if (!steps.includes(`/${file}'`)) finding(file, 1, 'is not in the list of src/db/meson.build');

for (const file of files('sql/*.sql'))
  read(file).replace(/--[^\n]*/g, '').split('\n').forEach((text, i) => {
    if (!/\.(sqlite|pg)\.sql$/.test(file)) checkBoth(file, i + 1, text);
  });

/* Literals of C with their joined neighbours, as the compiler sees them. */
function literals(text, found) {
  eachMatch(text, /(?:"(?:[^"\\\n]|\\.)*"\s*)+/g, (match, line) => {
    const value = [...match[0].matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((m) => m[1]).join('');
    found(value.replaceAll('\\n', '\n'), line, text.slice(0, match.index), text.slice(match.index + match[0].length));
  });
}

for (const file of files('src/*.c', 'src/*.h', 'src/*.def')) {
  const room = file.split('/')[1];
  literals(bare(read(file), { literals: true }), (value, line, before, after) => {
    if (!statement.test(value) || !written.test(value)) return;
    if (room !== 'store' && room !== 'db' && !file.startsWith('src/lib/outbox'))
      finding(file, line, 'SQL outside src/store');
    /* What the engines word differently is in files of their own. */
    if (room === 'store' && !/_(sqlite|pg)\.c$/.test(file)) checkBoth(file, line, value);
    if (/%[-0-9.*]*(s|d|u|i|l|z|j|h|x|c|" ?PRI)/.test(value))
      finding(file, line, 'a value printed into SQL; pass it as $n');
    if (/(printf|buf_add|strcat|BUF_LIT|buf_printf)\s*\([^;]*$/.test(before))
      finding(file, line, 'SQL put together at run time; pass values as $n');
    if (room === 'store' && /\?/.test(value)) finding(file, line, '"?" is a parameter on one engine only; write $n');
    if (/^\s*PRI[dux]/.test(after)) finding(file, line, 'a value printed into SQL; pass it as $n');
  });
}
finish();
