/*
 * Words that have no place in what is committed: notes to do something later (do it, or leave it
 * out), and paths of the machine that somebody worked on.
 */
import { files, finding, finish, read } from './source.mjs';

const refused = [
  { pattern: /\b(TODO|FIXME|XXX)\b/, text: 'a note to do something later' },
  { pattern: /(^|[\s"'(=:])\/(work|home\/(?!you\b|USER)[a-z]+|root|Users)\//, text: "a path of somebody's machine" },
];

/* Names, not notes. */
const taken = [/\bTODO_(TYPE|TYPES|INCIDENT|TASK)/g, /["'`\\]TODO["'`\\]/g, /\bTODO(,| and) INPROGRESS\b/g];

for (const file of files('.')) {
  if (file === 'tests/check/words.mjs') continue;
  if (/(^|\/)(package-lock\.json|LICENSE)$|\.(png|svg|ico|woff2)$|^tests\/(fuzz\/corpus|corpora)\//.test(file)) continue;
  const text = read(file);
  if (text.includes('\0')) continue;
  text.split('\n').forEach((line, i) => {
    const left = taken.reduce((rest, name) => rest.replace(name, ''), line);
    for (const { pattern, text: why } of refused) if (pattern.test(left)) finding(file, i + 1, why);
  });
}
finish();
