/*
 * A backup lands where its caller says, also when the server has folders of its own: under a systemd
 * unit with a private /tmp, or with most folders read-only, other ones lie there.
 */
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { onPostgres } from '../lib/database.mjs';
import { inNamespace, namespaceRefused } from '../lib/namespace.mjs';
import { makeFolder, runBzctrld, runBzctrldOk } from '../lib/program.mjs';
import { small, startServer } from '../lib/server.mjs';
import { verifyHistory } from '../lib/verify_history.mjs';

describe('beside a server in a mount namespace', { skip: namespaceRefused() }, () => {
  const ways = [
    ['that has another folder of that name', (target, other) => [`mount --bind ${other} ${target}`]],
    ['that may not write there',
      (target) => [`mount --bind ${target} ${target}`, `mount -o remount,ro,bind ${target}`]],
  ];
  for (const [name, mounts] of ways)
    test(`${name}: the file is where its caller sees it`, async () => {
      const [target, other] = [makeFolder(), makeFolder()];
      const server = await startServer({ wrapper: inNamespace(mounts(target, other)) });
      const receipts = [];
      for (let i = 0; i < 20; i++)
        receipts.push((await server.addTask(small({ title: `Title ${i}` }))).headers['bzctrl-receipt']);
      const file = path.join(target, 'backup.db');
      const result = await runBzctrld(['backup', file, '--data', server.dir]);
      assert.equal(result.code, 0, result.stderr);
      assert.deepEqual(readdirSync(target), ['backup.db'], result.stderr);
      assert.deepEqual(readdirSync(other), []);
      assert.equal(statSync(file).mode & 0o777, 0o600);
      verifyHistory(file, receipts);
      assert.equal((await server.addTask(small())).status, 201, 'the server keeps working');
      await server.terminate();

      const dir = path.join(makeFolder(), 'new');
      assert.equal(await runBzctrldOk(['restore', file, '--data', dir]), result.stdout);
      await server.stop();
    });
});

test('it is the server’s database that is copied, wherever that lies', async () => {
  const data = path.join(makeFolder(), 'data');
  const server = await startServer({
    dataDir: data,
    ...(onPostgres ? {} : { args: ['--database', `sqlite:${makeFolder()}/elsewhere.db`] }),
  });
  const file = path.join(makeFolder(), 'backup.db');
  /* Without a word of the database: only the server knows it. */
  const printed = await runBzctrldOk(['backup', file, '--data', data], { env: { BZCTRL_DATABASE: '' } });
  assert.equal(printed, await server.command(['verify']));
  await server.terminate();
});
