/*
 * Programs that a machine has somewhere: where they are depends on its release and on what else was
 * installed, so tests look for them.
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/* Debian puts servers where only root's PATH leads, and each version of PostgreSQL in a folder of its own. */
const SERVERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];
const POSTGRES = '/usr/lib/postgresql';

/** The path of the first of these programs that is installed; undefined without one. */
export function findProgram(...names) {
  const folders = [...(process.env.PATH ?? '').split(':').filter(Boolean), ...SERVERS];
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find((file) => existsSync(file));
}

/** The folder of PostgreSQL's programs, of the newest version whose server is installed; undefined without one. */
export function findPostgres() {
  const versions = existsSync(POSTGRES) ? readdirSync(POSTGRES).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = versions.map((version) => path.join(POSTGRES, version, 'bin'));
  const elsewhere = findProgram('postgres');
  if (elsewhere) folders.push(path.dirname(elsewhere));
  return folders.find((folder) => existsSync(path.join(folder, 'postgres')));
}
