/*
 * A reporter of node:test for tests/run.mjs: one JSON line per single test case into the file that
 * BZCTRL_REPORT names. Suites and tests that only hold other tests are no cases of their own,
 * unless they fail by themselves.
 */
import { appendFileSync } from 'node:fs';
import { inspect } from 'node:util';

const file = process.env.BZCTRL_REPORT;

function describe(error) {
  const cause = error?.cause ?? error;
  return cause instanceof Error ? cause.stack : inspect(cause);
}

export default async function* report(events) {
  const path = []; // names of the tests under way, outermost first
  const held = []; // per depth: how many cases have ended inside the test that is under way
  for await (const { type, data } of events) {
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
    if (holder && (type === 'test:pass' || error?.failureType === 'subtestsFailed')) continue;
    const outcome = skipped ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed';
    const name = [...path.slice(0, data.nesting), data.name].join(' > ');
    appendFileSync(file, `${JSON.stringify({ name, outcome, error: outcome === 'failed' ? describe(error) : undefined })}\n`);
    yield outcome === 'failed' ? `not ok ${name}\n` : '';
  }
}
