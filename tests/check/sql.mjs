/*
 * SQL stands in src/store (and what SQLite itself needs in src/db, the schema in sql/), is written
 * once for both engines, and is never put together from values:
 *   - no `::` (SQLite silently takes `$1::bigint` for a parameter's name; CAST does it on both)
 *   - no printf conversion and no joined text inside a statement
 */
import { bare, eachMatch, files, finding, finish, read } from './source.mjs';

const statement = /^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|REPLACE|CREATE|DROP|ALTER|PRAGMA|BEGIN|COMMIT|ROLLBACK|VACUUM)\b[\s(]/;
const written = /^\s*(SELECT\s.+\sFROM\b|SELECT\s|INSERT\s+(INTO|OR)\b|UPDATE\s+\w+\s+SET\b|DELETE\s+FROM\b|WITH\s+\w+\s+AS\b|CREATE\s+(UNIQUE\s+)?(TABLE|INDEX|TRIGGER|VIEW)\b|DROP\s|ALTER\s|PRAGMA\s)/;

for (const file of files('sql/*.sql')) {
  const text = read(file).replace(/--[^\n]*/g, '');
  eachMatch(text, /::/g, (_, line) => finding(file, line, '`::` is a cast on one engine only; write CAST(… AS …)'));
}

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
    if (room !== 'store' && room !== 'db') finding(file, line, 'SQL outside src/store');
    if (value.includes('::')) finding(file, line, '`::` is a cast on one engine only; write CAST(… AS …)');
    if (/%[-0-9.*]*(s|d|u|i|l|z|j|h|x|c|" ?PRI)/.test(value)) finding(file, line, 'a value printed into SQL; pass it as $n');
    if (/(printf|buf_add|strcat|BUF_LIT|buf_printf)\s*\([^;]*$/.test(before)) finding(file, line, 'SQL put together at run time; pass values as $n');
    if (room === 'store' && /\?/.test(value)) finding(file, line, '"?" is a parameter on one engine only; write $n');
    if (/^\s*PRI[dux]/.test(after)) finding(file, line, 'a value printed into SQL; pass it as $n');
  });
}
finish();
