/*
 * The loop that `make bench` compares the server with sets up the write lane by itself, so it has to learn
 * of each new part of the lane. Here it writes some rows, and what it wrote is whole.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { bzctrld, makeFolder, run, runBzctrldOk } from '../lib/program.mjs';

test('the bare loop writes rows whose history is whole', async () => {
  const dir = makeFolder();
  const { code, stdout, stderr } = await run(path.join(path.dirname(bzctrld), 'bench/bare'),
    ['--data', dir, '--database', `sqlite:${path.join(dir, 'bzctrl.db')}`, '--batch', '8', '--rows', '96']);
  assert.equal(code, 0, stderr);
  assert.ok(JSON.parse(stdout).stored === 96, stdout);
  await runBzctrldOk(['verify', '--data', dir]);
});
