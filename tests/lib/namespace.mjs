/*
 * Programs in a mount namespace of their own: what is mounted there is seen by nobody else, as under
 * a systemd unit with a private /tmp. It takes a right that not every machine gives.
 */
import { spawnSync } from 'node:child_process';

/** Why no namespace can be made here; absent when one can. `more`: further kinds ("--net"). */
export function namespaceRefused(...more) {
  const { status, error, stderr } = spawnSync('unshare', ['--mount', ...more, 'true'], { encoding: 'utf8' });
  return status === 0 ? undefined : `NOT TESTED IN A MOUNT NAMESPACE: ${error?.message ?? stderr.trim()}`;
}

/** The words that go before a program's own, so that it runs in a mount namespace after the lines of
 * shell `mounts`; it keeps the process id. */
export function inNamespace(mounts, ...more) {
  return ['unshare', '--mount', ...more, 'sh', '-ec', [...mounts, 'exec "$@"'].join('\n'), 'sh'];
}
