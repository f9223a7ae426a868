/*
 * A reporter of node:test for tests/run.mjs: one JSON line per single test case into the file that
 * BZCTRL_REPORT names. Suites and tests that only hold other tests are no cases of their own,
 * unless they fail by themselves.
 *
 * A case that waits for something that never comes must not hang: when none has ended for
 * BZCTRL_CASE_LIMIT milliseconds, those that are under way have failed, and the process ends, which
 * also ends what it has started (lib/program.mjs).
 */
import { appendFileSync } from 'node:fs';
import { inspect } from 'node:util';

const file = process.env.BZCTRL_REPORT;
const limit = Number(process.env.BZCTRL_CASE_LIMIT);

const note = (line) => appendFileSync(file, `${JSON.stringify(line)}\n`);

function describe(error) {
  const cause = error?.cause ?? error;
  return cause instanceof Error ? cause.stack : inspect(cause);
}

const running = []; // names of all that has begun and not ended, and how deep each lies
let watch;

function follow(type, { name, nesting }) {
  if (type === 'test:dequeue') {
    running.push({ name, nesting });
  } else if (type === 'test:complete') {
    const at = running.findLastIndex((one) => one.name === name && one.nesting === nesting);
    running.splice(at, at < 0 ? 0 : 1);
  } else {
    return;
  }
  clearTimeout(watch);
  watch = setTimeout(() => {
    note({ name: running.map((one) => one.name).join(' > '), outcome: 'failed',
      error: `does not end: nothing has for ${limit / 1000} s` });
    process.exit(1);
  }, limit);
  watch.unref(); // what has ended needs no watching
}

export default async function* report(events) {
  const path = []; // names of the tests under way, outermost first
  const held = []; // per depth: how many cases have ended inside the test that is under way
  for await (const { type, data } of events) {
    if (limit > 0) follow(type, data);
    if (type === 'test:start') {
      path.length = data.nesting;
      path.push(data.name);
      continue;
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const inside = held[data.nesting + 1] ?? 0;
    held[data.nesting + 1] = 0;
    held[data.nesting] = (held[data.nesting] ?? 0) + 1;
    const holder = inside > 0 || data.details?.type === 'suite';
    const error = data.details?.error;
    const skipped = data.skip !== undefined || data.todo !== undefined;
    /* A suite that is skipped has no cases: it is the one. */
    if (holder && !(skipped && inside === 0) && (type === 'test:pass' || error?.failureType === 'subtestsFailed'))
      continue;
    const outcome = skipped ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed';
    const name = [...path.slice(0, data.nesting), data.name].join(' > ');
    const reason = skipped ? String(data.skip ?? data.todo) : undefined;
    note({ name, outcome, reason, error: outcome === 'failed' ? describe(error) : undefined });
    yield outcome === 'failed' ? `not ok ${name}\n` : '';
  }
}
