/*
 * Sub-commands in both ways that they run: alone, and beside a running server.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { makeFolder, runBzctrld, runBzctrldOk } from './program.mjs';
import { WORKSPACE, startServer } from './server.mjs';

/** "name=value" lines as an object. */
export const values = (text) =>
  Object.fromEntries(text.trim().split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)));

/** A data folder with three workspaces. */
export async function makeData() {
  const dir = path.join(makeFolder(), 'data');
  for (const key of [WORKSPACE, 'EXA-CON-BUS-TWO', 'ACME-WOR'])
    await runBzctrldOk(['workspace', 'add', key, '--data', dir]);
  return dir;
}

/** Calls body(command, onServer) for each way of running: `onServer` hands over a server on the same
 * folder, which is started for it where none runs. */
export async function eachWay(t, body) {
  const dir = await makeData();
  const alone = (...words) => runBzctrld([...words, '--data', dir]);
  await t.test('without a server', () => body(alone, async (check) => {
    const server = await startServer({ dataDir: dir });
    await check(server);
    await server.terminate();
  }));
  const server = await startServer({ dataDir: dir });
  await t.test('beside a running server', () => body(alone, (check) => check(server)));
  await server.stop();
}

/** What a command printed that must have succeeded. */
export function assertDone(result) {
  assert.equal(result.code, 0, result.stderr);
  return result.stdout;
}
