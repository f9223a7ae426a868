/*
 * Words that have no place in what is committed: notes to do something later (do it, or leave it
 * out), paths of the machine that somebody worked on, and odd English.
 *
 * Messages that users read must be free of odd English. Comments and documents still have some;
 * words.json has a ceiling for each group, which only falls:
 *
 *   node tests/check/words.mjs --list     shows each place that counts
 *   node tests/check/words.mjs --lower    writes lower counts into words.json
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { files, finding, finish, read, root } from './source.mjs';

const refused = [
  { pattern: /\b(TODO|FIXME|XXX)\b/, text: 'a note to do something later' },
  { pattern: /(^|[\s"'(=:])\/(work|home\/(?!you\b|USER)[a-z]+|root|Users)\//, text: "a path of somebody's machine" },
];

/* Names, not notes. */
const taken = [/\bTODO_(TYPE|TYPES|INCIDENT|TASK)/g, /["'`\\]TODO["'`\\]/g, /\bTODO(,| and) INPROGRESS\b/g];

for (const file of files('.')) {
  if (file === 'tests/check/words.mjs') continue;
  if (/(^|\/)(package-lock\.json|LICENSE)$|\.(png|svg|ico|woff2)$|^tests\/(fuzz\/corpus|corpora)\//.test(file))
    continue;
  const text = read(file);
  if (text.includes('\0')) continue;
  text.split('\n').forEach((line, i) => {
    const left = taken.reduce((rest, name) => rest.replace(name, ''), line);
    for (const { pattern, text: why } of refused) if (pattern.test(left)) finding(file, i + 1, why);
  });
}

/* ---- odd English ---- */

/* Word order and words of other languages, each with what to write instead. */
const odd = [
  [/\banew\b/, 'again'],
  [/\bbehind\b/, 'after'],
  [/(?<!\bthere )\b(is|are|be) none\b(?! of\b)/i, 'is not one'],
  [/(?<!\bthere )\b(is|are|be) no (?!longer\b|more than\b|such\b|space\b|memory\b|room\b|need\b|way\b)/i, 'is not a'],
  [/\b(names|knows) (none|no|nobody)\b/, 'unknown'],
  [/\b(is|are|be) none of\b/, 'is not one of'],
  [/\bstands?\b(?! for\b|-up)/, 'is, appears'],
  [/\b(tells?|told)\b/, 'says, reports'],
  [/\bmend(s|ed|ing)?\b/, 'fix, correct'],
  [/\bmay all\b/, 'may do anything'],
  [/\bthe own\b/, 'its own'],
  [/\bleave away\b/, 'remove, omit'],
  [/\bnought\b/, 'zero'],
  [/\bgood (no more|for|once|until)\b/, 'valid'],
  [/\b(is|are|be|not) taken\b(?! (from|as|off|out|by|away|up|over)\b)/, 'accepted'],
  [/\bheld against\b/, 'compared with'],
  [/\bgoes on\b/, 'continues'],
  [/\blest\b/, 'so that not'],
  [/\bso long as\b/, 'while'],
  [/\bmeanwhile\b/, 'in the meantime, while'],
  [/, else\b(?! if\b)/, 'otherwise'],
  [/\ba further\b/, 'another'],
  [/\blikewise\b/, 'in the same way, too'],
  [/\baffair\b/, 'matter'],
  [/\bone more of the same\b/, 'a duplicate'],
  [/\bwhoever\b/, 'anybody who, the person who'],
  [/\b(for|by|to|from|with) who\b/, 'for the person who'],
  [/(^|[.;:] )[Ww]hat is (no|not|none)\b/, 'a noun'],
  [/\bwho may not\b/, 'a caller who may not'],
];

function oddities(text) {
  return odd.flatMap(([pattern, better]) => {
    const match = pattern.exec(text);
    return match ? [`"${match[0].trim()}" (${better})`] : [];
  });
}

const lineOf = (text, at) => text.slice(0, at).split('\n').length;

/** Comments and literals of C or TypeScript as [line, text]; adjacent literals of C are one. */
function parts(text, wanted) {
  const found = [];
  const token =
    /\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g;
  for (const { 0: part, index } of text.matchAll(token)) {
    const comment = part.startsWith('/');
    if (comment !== (wanted === 'comments')) continue;
    const plain = comment ? part.replace(/^\/[*/]|\*\/$/g, '').replace(/\n\s*\* ?/g, '\n') : part.replace(/"\s*"/g, '');
    found.push([lineOf(text, index), plain.replace(/\s+/g, ' ')]);
  }
  return found;
}

/* A literal without a blank between two words is a name, not a sentence. */
for (const file of files('src/*.c', 'src/*.def', 'web/src/strings.ts'))
  for (const [line, text] of parts(read(file), 'literals'))
    if (/[a-z] [a-z]/i.test(text))
      for (const what of oddities(text)) finding(file, line, `odd English in a message: ${what}`);

/* Texts of tests: names of cases (of C, the functions that are cases), messages, comments. */
const testFiles = files('tests/*.c', 'tests/*.h', 'tests/*.mjs').filter((file) => file !== 'tests/check/words.mjs');
function testTexts(file) {
  const text = read(file);
  const cases = [...text.matchAll(/^static void (\w+)\(void \*\*state\)/gm)].map((match) =>
    [lineOf(text, match.index), match[1].replaceAll('_', ' ')]);
  const sentences = parts(text, 'literals').filter(([, literal]) => /[a-z] [a-z]/i.test(literal));
  return [...cases, ...sentences, ...parts(text, 'comments')].map((part) => [file, ...part]);
}

const groups = {
  tests: testFiles.flatMap(testTexts),
  comments: files('src/*.c', 'src/*.h', 'src/*.def')
    .flatMap((file) => parts(read(file), 'comments').map((part) => [file, ...part])),
  documents: files('doc/*.md', 'README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md').flatMap((file) =>
    read(file).split('\n').map((text, i) => [file, i + 1, text])),
};
const CEILINGS = 'tests/check/words.json';
const ceilings = JSON.parse(read(CEILINGS));
for (const [group, texts] of Object.entries(groups)) {
  const found = texts.flatMap(([file, line, text]) => oddities(text).map((what) => `${file}:${line}: ${what}`));
  if (process.argv.includes('--list')) for (const text of found) console.log(text);
  if (process.argv.includes('--lower')) ceilings[group] = Math.min(ceilings[group], found.length);
  const ceiling = ceilings[group];
  if (found.length > ceiling)
    finding(CEILINGS, 1,
      `odd English in ${group}: ${found.length} places, at most ${ceiling} allowed; node tests/check/words.mjs --list shows them`);
  if (found.length < ceiling)
    finding(CEILINGS, 1,
      `odd English in ${group}: only ${found.length} places left of ${ceiling}; lower the ceiling with node tests/check/words.mjs --lower`);
}
if (process.argv.includes('--lower'))
  writeFileSync(path.join(root, CEILINGS), `${JSON.stringify(ceilings, null, 2)}\n`);
finish();
