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
finish();
