/*
 * What the checks of the sources share: the files of the project (also those that are not committed
 * yet), their text without comments and literals, and how a finding is printed.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Paths of all files that match one of the patterns (git's own), relative to the root. */
export function files(...patterns) {
  const arguments_ = ['ls-files', '-z', '-co', '--exclude-standard', '--deduplicate', '--', ...patterns];
  const listed = execFileSync('git', arguments_, { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean);
  return listed.filter((file) => read(file) !== undefined).sort();
}

/** Text of a file; undefined if it is listed but removed. */
export function read(file) {
  try {
    return readFileSync(path.join(root, file), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'EISDIR') return undefined;
    throw error;
  }
}

/** C without comments and, unless `literals`, with empty strings; lines keep their numbers. */
export function bare(text, { literals = false } = {}) {
  const blank = (part) => part.replace(/[^\n]/g, '');
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, (part) => {
    if (part.startsWith('/')) return blank(part);
    if (literals) return part;
    return part[0] + part[0];
  });
}

const findings = [];

export function finding(file, line, text) {
  findings.push(`${file}:${line}: ${text}`);
}

/** Calls `found(match, lineNumber)` for each match of a global pattern. */
export function eachMatch(text, pattern, found) {
  for (const match of text.matchAll(pattern)) found(match, text.slice(0, match.index).split('\n').length);
}

/** Prints what was found; the exit code says whether that was anything. */
export function finish() {
  for (const text of findings) console.log(text);
  process.exitCode = findings.length > 0 ? 1 : 0;
}
