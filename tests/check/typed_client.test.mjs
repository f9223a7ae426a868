/*
 * Clients with types: what openapi-typescript makes of api/openapi.yaml compiles, in TypeScript's strict
 * mode, together with a program that uses it (typed_client.ts), and the program works. A call that the
 * contract does not allow does not compile.
 */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { makeFolder, root, run } from '../lib/program.mjs';
import { EXAMPLE, startServer } from '../lib/server.mjs';

const folder = makeFolder();
const tool = (name) => path.join(root, 'tests/node_modules/.bin', name);

async function compile(files) {
  const options = ['--strict', '--exactOptionalPropertyTypes', '--target', 'es2022', '--module', 'preserve',
    '--lib', 'es2022,dom,dom.iterable', '--pretty', 'false'];
  return run(tool('tsc'), [...options, ...files], { cwd: folder });
}

before(async () => {
  symlinkSync(path.join(root, 'tests/node_modules'), path.join(folder, 'node_modules'));
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  copyFileSync(path.join(root, 'tests/check/typed_client.ts'), path.join(folder, 'program.ts'));
  /* A member with a default is one that a request can leave out. */
  const { code, stderr } = await run(tool('openapi-typescript'), [
    path.join(root, 'api/openapi.yaml'), '--default-non-nullable=false', '-o', path.join(folder, 'contract.ts')]);
  assert.equal(code, 0, stderr);
});

test('a program with the generated types compiles, and works on a server', async (t) => {
  const { code, stdout, stderr } = await compile(['program.ts']);
  assert.equal(code, 0, stdout + stderr);
  const server = await startServer();
  t.after(() => server.stop());
  const printed = await run(process.execPath,
    [path.join(folder, 'program.js'), server.url, EXAMPLE.email, EXAMPLE.password]);
  assert.equal(printed.code, 0, printed.stderr);
  assert.deepEqual(JSON.parse(printed.stdout),
    { key: 'EXA-CON-BUS-WOR-01', status: 'Done', result: 'Filed', version: 2 });
});

test('the types know the contract: a wrong path, member or grant does not compile', async () => {
  const program = readFileSync(path.join(folder, 'program.ts'), 'utf8');
  const wrongs = [['/task/add-task', '/task/add-tusk'], ["todoType: 'TASK',", 'todoType: 1,'],
    ["'password', username", "'passwort', username"]];
  const files = wrongs.map((_, i) => `wrong-${i}.ts`);
  for (const [i, [right, wrong]] of wrongs.entries()) {
    assert.ok(program.includes(right), right);
    writeFileSync(path.join(folder, files[i]), program.replace(right, wrong));
  }
  const { stdout } = await compile(files);
  for (const [i, file] of files.entries())
    assert.match(stdout, new RegExp(`^${file}\\(`, 'm'), `${wrongs[i][1]} compiles`);
});
