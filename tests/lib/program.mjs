/*
 * The built programs and temporary folders: where bzctrld is, how to run one of its sub-commands,
 * and folders that are gone when the test's process ends.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { databaseEnvironment } from './database.mjs';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** The build folder is `build`, or what BZCTRL_BUILD names (relative to the project's root). */
export const bzctrld = path.resolve(root, process.env.BZCTRL_BUILD || 'build', 'bzctrld');

/** Data that others published; it lies beside the project and is never part of it. */
export const corpora = path.resolve(root, process.env.BZCTRL_CORPORA || '../shared/corpora');

/** Sanitizers make everything slower: deadlines of tests are multiplied by this. */
export const patience = Number(process.env.BZCTRL_PATIENCE || 1);

const folders = new Set();
const children = new Set();

/* What a test leaves behind is taken away, whatever way its process ends. Only what it started
 * itself is killed, by its own pid. */
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

export function makeFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), 'bzctrl-test-'));
  folders.add(folder);
  return folder;
}

export function removeFolder(folder) {
  folders.delete(folder);
  rmSync(folder, { recursive: true, force: true });
}

/** A file with `content` in a folder of its own; what --password-file and the like want. */
export function makeFile(content, name = 'file') {
  const file = path.join(makeFolder(), name);
  writeFileSync(file, content, { mode: 0o600 });
  return file;
}

/* Settings of the caller's shell must not change what a test means. */
function cleanEnvironment(env) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('BZCTRL_'));
  return { ...Object.fromEntries(kept), ...env };
}

/* A bzctrld with a data folder is told its database, whoever starts it. */
function databaseFor(words) {
  const data = words.indexOf('--data') + 1;
  return words.includes(bzctrld) && data > 0 ? databaseEnvironment(words[data]) : {};
}

/** Starts a program that is killed, at the latest, with this process. */
export function spawnChild(command, args, { env = {}, ...options } = {}) {
  const child =
    spawn(command, args, { ...options, env: cleanEnvironment({ ...databaseFor([command, ...args]), ...env }) });
  children.add(child);
  child.exited = new Promise((resolve) => {
    child.once('error', (error) => {
      children.delete(child);
      resolve({ code: null, signal: null, error });
    });
    child.once('exit', (code, signal) => {
      children.delete(child);
      resolve({ code, signal });
    });
  });
  return child;
}

/** Waits until `condition` holds, and returns what it answered; fails, with `what` was waited for, when that
 * never comes. How long that takes is the machine's affair, so the time is ample. */
export async function until(condition, what) {
  const end = Date.now() + 120_000 * patience;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > end) throw new Error(`never came: ${what instanceof Function ? what() : what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Runs a program to its end: {code, signal, stdout, stderr}. `seen` is told all that it has printed
 * whenever that grows. */
export async function run(command, args,
    { input = '', timeout = 120_000 * patience, seen = () => {}, ...options } = {}) {
  const child = spawnChild(command, args, options);
  const stdout = [];
  const stderr = [];
  const drained = ['stdout', 'stderr'].map(
    (name) => new Promise((resolve) => child[name].once('close', resolve)),
  );
  for (const [name, chunks] of [['stdout', stdout], ['stderr', stderr]])
    child[name].on('data', (data) => {
      chunks.push(data);
      seen(Buffer.concat(chunks).toString());
    });
  child.stdin.on('error', () => {}); /* it may end without reading */
  child.stdin.end(input);
  const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
  const { code, signal, error } = await child.exited;
  clearTimeout(timer);
  if (error) throw error;
  await Promise.all(drained);
  return {
    code,
    signal,
    stdout: Buffer.concat(stdout).toString(),
    stderr: Buffer.concat(stderr).toString(),
  };
}

/** Runs `bzctrld …` to its end. */
export function runBzctrld(args, options) {
  return run(bzctrld, args, options);
}

/** The same, for commands that a test needs to succeed: returns what it printed. */
export async function runBzctrldOk(args, options) {
  const result = await runBzctrld(args, options);
  if (result.code !== 0)
    throw new Error(`bzctrld ${args.join(' ')}: exit ${result.code ?? result.signal}\n${result.stderr}`);
  return result.stdout;
}
