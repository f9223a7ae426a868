/*
 * Which database a test's programs work on. Without more it is SQLite's file in the data folder.
 * With BZCTRL_TEST_POSTGRES, the URL of a database of a PostgreSQL (tests/run.mjs starts one and
 * runs such tests once more with it), each data folder has a database of its own there, which is
 * made when the folder is first named and dropped when the test's process ends.
 */
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findPostgres } from './find.mjs';

/** The folder of PostgreSQL's programs; undefined where it is not installed. */
export const postgresBin = findPostgres();

let maintenance = process.env.BZCTRL_TEST_POSTGRES;

/** True if this run of the test is the one on PostgreSQL. */
export let onPostgres = Boolean(maintenance);

/** For a test that starts a server of its own (lib/postgres.mjs): data folders that are first named
 * from now on have their databases there. */
export function useServer(url) {
  maintenance = url;
  onPostgres = true;
}

/** What psql prints of a few statements, each in a transaction of its own. */
export function psql(url, ...statements) {
  const commands = statements.flatMap((sql) => ['-c', sql]);
  return execFileSync(path.join(postgresBin, 'psql'), ['-XAtq', '-v', 'ON_ERROR_STOP=1', ...commands, url], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 2 ** 30,
    env: { PATH: process.env.PATH, PGOPTIONS: '-c client_min_messages=warning' },
  });
}

/** The URL of the database `name` beside the one of `url`. */
export function beside(url, name) {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}

/** A fresh, empty database on the server of `url`, or a copy of `template`: {name, url}. */
export function createDatabase(url, template = 'template1') {
  const name = `t_${randomBytes(8).toString('hex')}`;
  psql(url, `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`); /* a third faster */
  return { name, url: beside(url, name) };
}

/* ---- one per data folder ---- */

const databases = new Map(); /* path of the folder → {name, url} */
const kept = new Set(); /* names of copies */

function dropAll() {
  const names = [...[...databases.values()].map(({ name }) => name), ...kept];
  try {
    psql(maintenance, ...names.map((name) => `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  } catch {
    // the server is gone, and they with it
  }
}

function databaseOf(dir) {
  const folder = path.resolve(dir);
  /* Now and not earlier, so that it comes after the handler that ends the servers. */
  if (databases.size === 0) process.on('exit', dropAll);
  if (!databases.has(folder)) databases.set(folder, createDatabase(maintenance));
  return databases.get(folder);
}

/** The database of a data folder. */
export function databaseUrl(dir) {
  return onPostgres ? databaseOf(dir).url : `sqlite:${path.resolve(dir)}/bzctrl.db`;
}

/** What tells a program of a data folder which database is its own; on SQLite it finds it itself. */
export function databaseEnvironment(dir) {
  return onPostgres ? { BZCTRL_DATABASE: databaseUrl(dir) } : {};
}

/* ---- behind the program's back, while it does not run ---- */

/** Runs statements that change rows, asking no foreign key; returns how many rows they changed. */
export function changeStored(dir, sql) {
  if (!onPostgres) {
    const script = `PRAGMA foreign_keys = OFF; ${sql}; SELECT total_changes()`;
    return Number(execFileSync('sqlite3', ['-cmd', '.timeout 10000', path.join(dir, 'bzctrl.db'), script],
      { encoding: 'utf8' }));
  }
  const script =
    ['SET session_replication_role = replica', '\\set QUIET off', ...sql.split(';').filter((s) => s.trim())];
  const tags = psql(databaseUrl(dir), ...script).matchAll(/^(?:INSERT 0|UPDATE|DELETE) (\d+)$/gm);
  return [...tags].reduce((sum, [, n]) => sum + Number(n), 0);
}

/** The number that a SELECT answers; also while the program runs. */
export function numberStored(dir, sql) {
  if (onPostgres) return Number(psql(databaseUrl(dir), sql));
  return Number(execFileSync('sqlite3', ['-cmd', '.timeout 10000', '-readonly', path.join(dir, 'bzctrl.db'), sql],
    { encoding: 'utf8' }));
}

/** Lets nobody else write from now on, until the function that it resolves to is called. */
export async function holdWrites(dir) {
  const [program, ...words] = onPostgres
    ? [path.join(postgresBin, 'psql'), '-XAtq', databaseUrl(dir)]
    : ['sqlite3', '-cmd', '.timeout 10000', path.join(dir, 'bzctrl.db')];
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: process.env.PATH } });
  child.stdin.write(onPostgres ? 'BEGIN; LOCK TABLE mail IN EXCLUSIVE MODE;' : 'BEGIN IMMEDIATE;');
  child.stdin.write("SELECT 'held';\n");
  await once(child.stdout, 'data');
  return async () => {
    child.stdin.end();
    await once(child, 'exit');
  };
}

/** Remembers what is stored; the function that it returns puts that back, any number of times. */
export function keepStored(dir) {
  if (!onPostgres) {
    const file = path.join(dir, 'bzctrl.db');
    const whole = readFileSync(file);
    return () => {
      for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
      writeFileSync(file, whole);
    };
  }
  const { name } = databaseOf(dir);
  const copy = createDatabase(maintenance, name).name;
  kept.add(copy);
  return () => psql(maintenance, `DROP DATABASE ${name} WITH (FORCE)`, `CREATE DATABASE ${name} TEMPLATE ${copy}`);
}
