/*
 * A name means one thing. Over all of src: a tag (struct, enum, union) is defined once; a function
 * that other files may call has a name that no other function has, private ones included; a constant
 * of a header has a name of its own; and a macro takes the same parameters wherever it is defined.
 * What is private to a source file may share its name with what is private to another, except tags,
 * which a reader searches for.
 */
import { bare, eachMatch, files, finding, finish, read } from './source.mjs';

/* Each program has one. */
const allowed = new Set(['main']);

const places = { tag: new Map(), function: new Map(), private: new Map(), constant: new Map(), macro: new Map() };

function note(kind, name, file, line, extra) {
  const list = places[kind].get(name) ?? [];
  places[kind].set(name, [...list, { file, line, extra }]);
}

for (const file of files('src/*.c', 'src/*.h')) {
  const text = bare(read(file));
  eachMatch(text, /\b(?:struct|enum|union)\s+(\w+)\s*\{/g, ([, name], line) => note('tag', name, file, line));
  eachMatch(text, /^[ \t]*#[ \t]*define[ \t]+(\w+)(?:\(([^)]*)\))?/gm, ([, name, parameters], line) =>
    note('macro', name, file, line, parameters?.split(',').length ?? 0));
  eachMatch(text, /\benum(?:\s+\w+)?\s*\{([^}]*)\}/g, ([whole, body], line) => {
    for (const { 1: name } of body.matchAll(/(?:^|,)\s*([A-Z]\w*)/g)) note('constant', name, file, line, whole);
  });
  /* A definition begins its line with a type, and its body begins a line. */
  if (file.endsWith('.c'))
    eachMatch(text,
      /^(static )?(?:const |inline |enum |struct |unsigned )*[a-z]\w*[ *]+(?:[A-Z_]+\([^)]*\) )?(\w+)\([^;{}]*\)\n\{/gm,
      ([, own, name], line) =>
      note(own ? 'private' : 'function', name, file, line));
}

/* A table is known by the macro of its lines. */
const tables = new Map();
for (const file of files('src/*.def')) {
  const text = bare(read(file));
  for (const [, macro] of text.matchAll(/^([A-Z_]+)\(/gm))
    tables.set(macro, new Set([...(tables.get(macro) ?? []), file]));
}
for (const [macro, of] of tables) if (of.size > 1)
  finding([...of].join(' and '), 1, `lines of both tables are ${macro}()`);

/* The client's table of members is its own, in the order in which it asks. It misses none of the server's. */
const members = (file, pattern) => [...bare(read(file), { literals: true }).matchAll(pattern)].map(([, name]) => name)
  .sort();
const flags = members('src/cli/member.def', /^REPORT_MEMBER\("([^"]*)"/gm);
const judged = members('src/model/member.def', /^MEMBER\(\w+, "([^"]*)"/gm);
const whole = judged.filter((name) => !['domain', 'workspace'].includes(name)); /* domainWorkSpace says both */
if (flags.length === 0 || flags.join() !== whole.join())
  finding('src/cli/member.def', 1,
    `has the members ${flags.join(', ')}, and src/model/member.def has ${whole.join(', ')}`);

function twice(kind, list, text) {
  for (const { file, line } of list.slice(1))
    finding(file, line, `${kind} ${text}: it is also in ${list[0].file}:${list[0].line}`);
}

for (const [name, list] of places.tag) if (list.length > 1) twice('the tag', list, name);
for (const [name, list] of places.function) {
  const all = [...list, ...(places.private.get(name) ?? [])];
  if (all.length > 1 && !allowed.has(name)) twice('the function', all, `${name}()`);
}
for (const [name, list] of places.constant)
  if (list.length > 1 && list.some(({ file }) => file.endsWith('.h'))) twice('the constant', list, name);
for (const [name, list] of places.macro)
  if (new Set(list.map(({ extra }) => extra)).size > 1) twice('the macro', list, `${name} with other parameters`);
finish();
