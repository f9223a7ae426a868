/* A header that does not fit on a few screens is two. A source file that is one machine may have 1,000
 * lines: split over files, each reader would have to put it together again (CONTRIBUTING.md). */
import { files, finding, finish, read } from './source.mjs';

const limits = [
  { pattern: 'src/*.h', lines: 120 },
  { pattern: 'include/*.h', lines: 400 },
  { pattern: 'src/*.c', lines: 1000 },
  { pattern: 'tests/*.c', lines: 800 },
];

for (const { pattern, lines } of limits)
  for (const file of files(pattern)) {
    const count = read(file).split('\n').length - 1;
    if (count > lines) finding(file, count, `more than ${lines} lines; split it by noun`);
  }

/* Lines of the tests, the web app and the tools end where a window does. Those that were longer may stay until
 * somebody touches them: LONG only falls. (C is wrapped by clang-format.) */
const WIDTH = 120;
const LONG = 31;
const long = files('tests/*.mjs', 'tools/*', 'web/src/*.ts', 'web/src/*.tsx', 'web/src/*.css').flatMap((file) =>
  read(file).split('\n').flatMap((line, i) => (line.length > WIDTH ? [[file, i + 1]] : [])));
if (long.length > LONG)
  for (const [file, line] of long)
    finding(file, line, `a line of more than ${WIDTH} columns (${long.length}; ${LONG} are allowed)`);
if (long.length < LONG)
  finding('tests/check/size.mjs', 1, `only ${long.length} lines of more than ${WIDTH} columns are left; lower LONG`);
finish();
