/*
 * A test case that is skipped is seen, with its reason, and only those in the list of tests/lib/skips.mjs
 * may be.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { makeFile, makeFolder, root, run } from '../lib/program.mjs';
import { allowedSkip, listed } from '../lib/skips.mjs';

test('the reporter notes each case that is skipped, and a suite that is, with the reason', async () => {
  const file = makeFile(`
    import { describe, test } from 'node:test';
    test('passes', () => {});
    test('has a reason', { skip: 'one' }, () => {});
    test('finds one', (t) => t.skip('two'));
    test('is for later', { todo: 'three' }, () => {});
    test('gives none', { skip: true }, () => {});
    describe('whole', { skip: 'four' }, () => test('inside', () => {}));
  `, 'skipping.test.mjs');
  const report = path.join(makeFolder(), 'report');
  const words = [`--test-reporter=${path.join(root, 'tests/lib/reporter.mjs')}`, '--test-reporter-destination=stdout',
    file];
  const { code, stderr } =
    await run(process.execPath, words, { env: { BZCTRL_REPORT: report, NODE_TEST_CONTEXT: undefined } });
  assert.equal(code, 0, stderr);
  const seen = readFileSync(report, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(seen.map(({ name, outcome, reason }) => [name, outcome, reason]), [
    ['passes', 'passed', undefined],
    ['has a reason', 'skipped', 'one'],
    ['finds one', 'skipped', 'two'],
    ['is for later', 'skipped', 'three'],
    ['gives none', 'skipped', 'true'],
    ['whole', 'skipped', 'four'],
  ]);
});

test('a skip is allowed for its test, its engine and its reason only', () => {
  const strace = { name: 'x', reason: 'NOT TESTED: strace cannot trace here: ptrace: Operation not permitted' };
  assert.equal(allowedSkip('tests/fault/stop.test.mjs (pg)', strace), strace.reason);
  assert.equal(allowedSkip('tests/fault/kill.test.mjs', strace), undefined);
  assert.equal(allowedSkip('tests/fault/stop.test.mjs', { name: 'x', reason: 'NOT TESTED: strace is not installed' }),
    undefined);

  const onlyPostgres = { name: 'a_key_in_a_shared_database_is_kept_as_long', reason: '' };
  assert.equal(allowedSkip('store/store_idempotency', onlyPostgres), 'only on PostgreSQL');
  assert.equal(allowedSkip('store/store_idempotency (pg)', onlyPostgres), undefined);
  assert.equal(allowedSkip('store/store_idempotency', { name: 'another_case', reason: '' }), undefined);
});

test('the list names only tests that there are', () => {
  for (const [file, name] of listed) {
    const source = /^tests\//.test(file) ? `${file}.test.mjs` : `tests/${file.replace('store/store_', 'store/')}.c`;
    assert.ok(existsSync(path.join(root, source)), `there is no ${source}`);
    if (name) assert.ok(readFileSync(path.join(root, source), 'utf8').includes(`static void ${name}(void **state)`), `${source} has no ${name}`);
  }
});
