/*
 * Programs in a mount namespace of their own: what is mounted there is seen by nobody else, as under
 * a systemd unit with a private /tmp. It takes a right that not every machine gives.
 */
import { spawnSync } from 'node:child_process';

const quoted = (word) => `'${String(word).replaceAll("'", "'\\''")}'`;

/** Why no namespace can be made here; absent when one can. `more`: further kinds ("--net"). */
export function namespaceRefused(...more) {
  const { status, error, stderr } = spawnSync('unshare', ['--mount', ...more, 'true'], { encoding: 'utf8' });
  return status === 0 ? undefined : `NOT TESTED IN A MOUNT NAMESPACE: ${error?.message ?? stderr.trim()}`;
}

/** The words that run `words` in a mount namespace, after the lines of shell `mounts`; the process
 * keeps its id. */
export function inNamespace(mounts, words, ...more) {
  return ['unshare', '--mount', ...more, 'sh', '-ec', [...mounts, `exec ${words.map(quoted).join(' ')}`].join('\n')];
}
