/*
 * doc/limits.md names every bound with its name in the source: the table says what the source says,
 * and a bound that a header or the table of routes has and it does not is a finding. What nobody
 * outside can meet is listed here instead.
 */
import { bare, files, finding, finish, read } from './source.mjs';

const DOCUMENT = 'doc/limits.md';

/* Sizes of the program's own tables and texts, which no input reaches. */
const INTERNAL = new Set([
  'ANSWER_HEADERS_MAX', 'CALL_HEADERS_MAX', 'DATE_MAX', 'FLAGS_MAX', 'JSON_WRITE_DEPTH_MAX', 'OPERANDS_MAX',
  'PATH_PARAMETERS_MAX', 'STATEMENT_PARAMETERS_MAX',
  'STORE_KEY_COLUMNS_MAX', 'TASK_LIST_CURSOR_MAX', 'REDACT_READ_MAX', 'SCALE_LEVELS_MAX', 'REQUEST_RING_TEXT_MAX',
  'HTTP_REQUEST_SPARE_BODY_MAX',
]);

/* ---- what the source says ---- */

const sources = files('src/*.h', 'src/*.c');
const constants = new Map(); /* file → name → expression */
for (const file of sources) {
  const found = new Map();
  for (const [, name, expression] of bare(read(file)).matchAll(/\b([A-Z][A-Z0-9_]*) =\s*([^,}]+)[,}]/g))
    found.set(name, expression.trim());
  for (const [, name, expression] of bare(read(file)).matchAll(/#define ([A-Z][A-Z0-9_]*) +([^\n\\]+)$/gm))
    found.set(name, expression.trim());
  for (const [, name, expression] of bare(read(file)).matchAll(/static const int64_t ([A-Z_]+) = ([^;]+);/g))
    found.set(name, expression.trim());
  constants.set(file, found);
}

function value(file, name) {
  const home = constants.get(file)?.has(name) ? file
    : sources.find((other) => other.endsWith('.h') && constants.get(other).has(name));
  const expression = constants.get(home)?.get(name);
  if (expression === undefined) return NaN;
  const plain = expression.replace(/INT64_C\((\w+)\)/g, '$1')
    .replace(/[A-Z][A-Z0-9_]+/g, (other) => value(home, other));
  return /^[\d\s*+()-]+$/.test(plain) ? Function(`return ${plain}`)() : NaN;
}

const states = new Map();
for (const [, name, milliseconds, rate] of bare(read('src/http/limits.h')).matchAll(/STATE\((\w+), (\d+), (\d+)\)/g))
  if (Number(milliseconds) > 0) states.set(`HTTP_${name}`, [Number(milliseconds), Number(rate)]);

const routes = new Map();
const api = /#define API "([^"]*)"/.exec(read('src/api/routes.def'))[1];
for (const [, method, prefix, path, body] of read('src/api/routes.def')
    .matchAll(/ROUTE(?:_ONCE)?\("(\w+)", (API )?"([^"]*)",[\s\S]*?,\s*([\d* ]+)\)/g)) {
  const size = Function(`return ${body}`)();
  if (size > 0) routes.set(`${method} ${prefix ? api : ''}${path}`, size);
}

/* ---- what the document says ---- */

const UNITS = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, s: 1000, min: 60_000, day: 86_400_000, days: 86_400_000 };

/** "16 KiB" → 16384, "10 s, at 1 KiB a second" → [10000, 1024]. */
function numbers(text) {
  return [...text.matchAll(/([\d,]*\d)(?: (KiB|MiB|GiB|s|min|days?)\b)?/g)].map(([, digits, unit]) =>
    Number(digits.replaceAll(',', '')) * (UNITS[unit] ?? 1));
}

const named = new Set();
read(DOCUMENT).split('\n').forEach((line, i) => {
  const [, name, second, third] = /^\| `([^`]+)` \| ([^|]+) \|(?: ([^|]+) \|)?/.exec(line) ?? [];
  if (!name) return;
  named.add(name);
  let expected;
  if (routes.has(name)) expected = [routes.get(name)];
  else if (states.has(name)) expected = states.get(name).filter((n) => n > 0);
  else {
    const file = `src/${/^`([^`]+)`/.exec(third)?.[1]}`;
    if (!constants.get(file)?.has(name)) {
      finding(DOCUMENT, i + 1, `${file} has no ${name}`);
      return;
    }
    expected = [value(file, name)];
  }
  const found = numbers(second);
  if (found.length !== expected.length || found.some((n, k) => n !== expected[k]))
    finding(DOCUMENT, i + 1, `${name} is ${expected.join(', ')} in the source, and ${found.join(', ')} here`);
});

for (const name of [...routes.keys(), ...states.keys()]) if (!named.has(name))
  finding(DOCUMENT, 1, `${name} is missing`);
for (const file of sources.filter((name) => name.endsWith('.h')))
  for (const name of constants.get(file).keys())
    if (/_MAX$/.test(name) && !INTERNAL.has(name) && !named.has(name))
      finding(file, 1, `${name} is missing in ${DOCUMENT}`);
finish();
