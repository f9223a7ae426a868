/*
 * System calls of a running program, held or failed by strace, so that a test need not hope to meet
 * the moment that it is about.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { run, spawnChild } from './program.mjs';

/** Why strace cannot be used here; false where it can. */
export async function straceMissing() {
  const probe = await run('strace', ['-e', 'trace=none', 'true']).catch(() => null);
  if (!probe) return 'NOT TESTED: strace is not installed';
  return probe.code === 0 ? false : `NOT TESTED: strace cannot trace here: ${probe.stderr.trim().split('\n')[0]}`;
}

const threadName = (pid, tid) => readFileSync(`/proc/${pid}/task/${tid}/comm`, 'utf8').trim();

/** The ids of a program's threads of a name. */
export function threadIds(pid, name) {
  const tids = readdirSync(`/proc/${pid}/task`);
  const found = tids.filter((tid) => threadName(pid, tid) === name);
  if (found.length === 0)
    throw new Error(`no thread named "${name}" among ${tids.map((tid) => threadName(pid, tid)).join()}`);
  return found;
}

/** Attaches strace to threads; resolves once it is in force. `tracer.log` is what it has said. */
export async function attachStrace(tids, words) {
  const tracer =
    spawnChild('strace', [...tids.flatMap((tid) => ['-p', tid]), ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
  tracer.log = '';
  await new Promise((resolve, reject) => {
    tracer.stderr.on('data', (data) => {
      tracer.log += data;
      tracer.emit('log');
      if (tracer.log.split('attached').length > tids.length) resolve();
    });
    tracer.exited.then(() => reject(new Error(`strace ended: ${tracer.log}`)));
  });
  return tracer;
}

/**
 * Holds the threads of that name at the entrance of the `when`th `call` that one makes from now on, until
 * `release()`. `held` is kept once one is there. Anybody else goes on.
 */
export async function holdCall(pid, thread, call, when = 1) {
  const tracer = await attachStrace(threadIds(pid, thread),
    ['-e', `trace=${call}`, '-e', `inject=${call}:delay_enter=86400s:when=${when}`]);
  /* A call that has returned is a whole line; the one that is held has no end yet. */
  const isHeld = () => tracer.log.split(`${call}(`).length > when && !tracer.log.endsWith('\n');
  const held = new Promise((resolve, reject) => {
    tracer.on('log', () => isHeld() && resolve());
    tracer.exited.then(() => reject(new Error(`strace ended: ${tracer.log.slice(-2000)}`)));
  });
  held.catch(() => {}); // of whoever does not wait for it
  return {
    held,
    async release() {
      tracer.kill('SIGTERM');
      await tracer.exited;
    },
  };
}
