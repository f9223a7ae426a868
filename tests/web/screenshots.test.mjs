/* The pictures of the README and doc/desk.md can be made again, and none that they show is missing. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { bzctrld, makeFolder, root, run } from '../lib/program.mjs';

test('make screenshots takes a page on desktop and phone, light and dark', async () => {
  const out = makeFolder();
  const { code, stdout, stderr } = await run(process.execPath,
    [path.join(root, 'tools/screenshots.mjs'), '--build', path.dirname(bzctrld), '--out', out, 'records'],
    { cwd: root });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^4 pictures/);
  const names = ['desktop-dark', 'desktop-light', 'phone-dark', 'phone-light'].map((one) => `records-${one}.webp`);
  assert.deepEqual(readdirSync(out).sort(), names);
  for (const name of names) {
    const bytes = readFileSync(path.join(out, name));
    assert.equal(bytes.toString('latin1', 8, 12), 'WEBP', name);
    assert.ok(bytes.length > 8000, `${name} has something on it`);
  }
});

test('the pictures that the pages show are there, and all of them stay small', () => {
  for (const page of ['README.md', 'doc/desk.md']) {
    const shown = [...readFileSync(path.join(root, page), 'utf8').matchAll(/src(?:set)?="([^"]+\.webp)"/g)];
    assert.ok(shown.length > 0, page);
    for (const [, name] of shown) assert.ok(existsSync(path.join(root, path.dirname(page), name)), `${page}: ${name}`);
  }
  const folder = path.join(root, 'doc/pictures');
  const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);
  assert.ok(bytes < 2_500_000, `${bytes} bytes`);
});
