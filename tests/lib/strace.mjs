/*
 * System calls of a running program, held or failed by strace, so that a test need not hope to meet
 * the moment that it is about.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { patience, run, spawnChild } from './program.mjs';

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

/* Resolves once `holds()` is true of what strace has said, now or later; fails, with what it has said, when that
 * never comes. */
function heard(tracer, holds, what) {
  return new Promise((resolve, reject) => {
    const look = () => holds() && resolve();
    const fail = (why) => reject(new Error(`${why}: ${what}; strace has said: ${tracer.log.slice(-2000)}`));
    tracer.on('log', look);
    tracer.exited.then(() => fail('strace ended before'));
    setTimeout(fail, 120_000 * patience, 'never came').unref();
    look();
  });
}

/** Attaches strace to threads; resolves once it is in force. `tracer.log` is what it has said. */
export async function attachStrace(tids, words) {
  const tracer =
    spawnChild('strace', [...tids.flatMap((tid) => ['-p', tid]), ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
  tracer.log = '';
  tracer.stderr.on('data', (data) => {
    tracer.log += data;
    tracer.emit('log');
  });
  await heard(tracer, () => tracer.log.split('attached').length > tids.length, 'strace in force');
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
  const held = heard(tracer, isHeld, `${call} number ${when} of the thread ${thread}`);
  held.catch(() => {}); // of whoever does not wait for it
  return {
    held,
    async release() {
      tracer.kill('SIGTERM');
      await tracer.exited;
    },
  };
}
