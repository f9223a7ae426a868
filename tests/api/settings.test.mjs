/*
 * Where the server's settings come from, and what happens when the file that has them cannot be read.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inNamespace, namespaceRefused } from '../lib/namespace.mjs';
import { bzctrld, makeFile, makeFolder, run, runBzctrld } from '../lib/program.mjs';

/* Without --config the file is /etc/bzctrl/bzctrl.ini, so that needs an /etc of its own. */
const refused = namespaceRefused();

describe('the settings file that nobody named', { skip: refused }, () => {
  const configWith = async (lines, ...words) => {
    const [command, ...args] = inNamespace(['mount -t tmpfs none /etc', ...lines]);
    return run(command, [...args, ...words, bzctrld, 'config']);
  };
  const file = '/etc/bzctrl/bzctrl.ini';

  test('one that is not there is none', async () => {
    for (const lines of [[], ['mkdir /etc/bzctrl'], ['touch /etc/bzctrl']]) {
      const result = await configWith(lines);
      assert.equal(result.code, 0, result.stderr);
      assert.match(result.stdout, /^rate-limit = 0$/m);
    }
  });

  test('one that is there counts', async () => {
    const result = await configWith(['mkdir /etc/bzctrl', `echo rate-limit = 600 > ${file}`]);
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stdout, /^rate-limit = 600$/m);
  });

  const unreadable = [
    ['a file that others own', [`echo rate-limit = 600 > ${file}`, `chmod 0600 ${file}`], /Permission denied/,
      ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']],
    ['a folder that others own', [`echo rate-limit = 600 > ${file}`, 'chmod 0700 /etc/bzctrl'], /Permission denied/,
      ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']],
    ['a link to itself', [`ln -s bzctrl.ini ${file}`], /symbolic links/, []],
    ['a folder in its place', [`mkdir ${file}`], /directory/, []],
  ];
  for (const [name, lines, reason, words] of unreadable)
    test(`${name} is not taken for none`, async () => {
      const result = await configWith(['mkdir /etc/bzctrl', ...lines], ...words);
      assert.equal(result.code, 64, result.stdout + result.stderr);
      assert.equal(result.stdout, '');
      assert.match(result.stderr, reason);
      for (const word of [file, '--config']) assert.ok(result.stderr.includes(word), result.stderr);
    });
});

test('a file that was named must be there, and says where it is wrong', async () => {
  const missing = await runBzctrld(['config', '--config', '/nosuch/bzctrl.ini']);
  assert.equal(missing.code, 64, missing.stderr);
  assert.match(missing.stderr, /\/nosuch\/bzctrl\.ini/);
  const folder = makeFolder();
  const notFile = await runBzctrld(['config'], { env: { BZCTRL_CONFIG: folder } });
  assert.equal(notFile.code, 64, notFile.stdout + notFile.stderr);
  assert.ok(notFile.stderr.includes(folder), notFile.stderr);
  const wrong = makeFile('rate-limit = 600\nnonsense\n', 'bzctrl.ini');
  const line = await runBzctrld(['config', '--config', wrong]);
  assert.equal(line.code, 64, line.stderr);
  assert.match(line.stderr, /line 2/);
  assert.ok(line.stderr.includes(wrong), line.stderr);
});
