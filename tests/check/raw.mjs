/*
 * Texts are built in struct buf, which knows its bound. The C functions that copy bytes to where
 * they may not fit are refused outside src/base; each exception has its reason here.
 */
import { bare, eachMatch, files, finding, finish, read } from './source.mjs';

const never = /\b(strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|stpcpy|alloca|strtok)\s*\(/g;
const bounded = /\b(memcpy|memmove)\s*\(/g;

/* file → how often, and why it is no text: structs, hashes, keys of a fixed size */
const allowed = new Map(Object.entries(JSON.parse(read('tests/check/raw.json'))));

for (const file of files('src/*.c', 'src/*.h')) {
  const text = bare(read(file));
  eachMatch(text, never, ([, name], line) => finding(file, line, `${name}() has no bound; use struct buf`));
  if (file.startsWith('src/base/')) continue;
  const found = [];
  eachMatch(text, bounded, ([, name], line) => found.push({ name, line }));
  const { count = 0 } = allowed.get(file) ?? {};
  if (found.length > count)
    for (const { name, line } of found)
      finding(file, line,
        `${name}(): use an assignment or struct buf, or give the reason in tests/check/raw.json ` +
            `(${count} allowed here)`);
  if (found.length < count)
    finding('tests/check/raw.json', 1, `${file} has only ${found.length} left: lower its count`);
  allowed.delete(file);
}
for (const file of allowed.keys()) finding('tests/check/raw.json', 1, `${file} is not there`);
finish();
