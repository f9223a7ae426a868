/*
 * One process at a time works on a database file, whatever data folder and spelling of its name the
 * other one comes with; commands reach the process that does.
 */
import assert from 'node:assert/strict';
import { existsSync, linkSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeFolder, patience, runBzctrld, runBzctrldOk } from '../lib/program.mjs';
import { small, startServer } from '../lib/server.mjs';

function assertRefused(result, ...words) {
  assert.equal(result.code, 69, `${result.signal ?? result.code} ${result.stdout}${result.stderr}`);
  assert.equal(result.stdout, '');
  for (const word of words) assert.match(result.stderr, word);
}

const elsewhere = () => path.join(makeFolder(), 'data');

describe('beside a running server', () => {
  let server, pid, backup;
  const names = {};
  before(async () => {
    server = await startServer();
    pid = new RegExp(`\\b${server.pid}\\b`);
    backup = path.join(makeFolder(), 'backup.db');
    await server.command(['backup', backup]);
    const folder = makeFolder();
    symlinkSync(path.join(server.dir, 'bzctrl.db'), path.join(folder, 'file.db'));
    symlinkSync(server.dir, path.join(folder, 'folder'));
    names['its path'] = path.join(server.dir, 'bzctrl.db');
    names['another spelling of its path'] = `${server.dir}/../${path.basename(server.dir)}//bzctrl.db`;
    names['a link to the file'] = path.join(folder, 'file.db');
    names['a link to its folder'] = path.join(folder, 'folder/bzctrl.db');
  });
  after(() => server.stop());

  for (const name of ['its path', 'another spelling of its path', 'a link to the file', 'a link to its folder']) {
    test(`${name}: no second server, and no other opener`, async () => {
      const url = `sqlite:${names[name]}`;
      assertRefused(await runBzctrld(['serve', '--data', elsewhere(), '--database', url, '--listen', '127.0.0.1:0'],
        { timeout: 20_000 * patience }), pid, /bzctrl\.db-lock/);
      assertRefused(await runBzctrld(['migrate', '--from', url, '--to', `sqlite:${elsewhere()}/new.db`]), pid);
      assertRefused(await runBzctrld(['migrate', '--from', `sqlite:${backup}`, '--to', url]), pid);
      assertRefused(await runBzctrld(['restore', backup, '--data', elsewhere(), '--database', url]), pid);
      assertRefused(await runBzctrld(['restore', names[name], '--data', elsewhere()]), pid);
    });

    test(`${name}: a command reaches the server, from another data folder too`, async () => {
      const there = ['--database', `sqlite:${names[name]}`];
      const key = `EXA-CON-BUS-N${Object.keys(names).indexOf(name)}`;
      await runBzctrldOk(['workspace', 'add', key, '--data', elsewhere(), ...there]);
      const report = await server.addTask(small({ domainWorkSpace: key }));
      assert.equal(report.status, 201, 'the server knows at once what the command did');
      assert.equal(await runBzctrldOk(['verify', '--data', elsewhere(), ...there]), await server.command(['verify']));
      await runBzctrldOk(['workspace', 'list', '--data', server.dir, ...there]);
    });
  }

  test('a command for a database that is not this server’s is not answered by it', async () => {
    const other = path.join(elsewhere(), 'bzctrl.db');
    mkdirSync(path.dirname(other));
    assertRefused(await runBzctrld(['workspace', 'list', '--data', server.dir, '--database', `sqlite:${other}`]),
      /--data/);
    assert.ok(!existsSync(other));
  });

  test('a second name of the file is refused, since SQLite keeps a log beside each', async () => {
    const second = path.join(server.dir, 'second.db');
    linkSync(path.join(server.dir, 'bzctrl.db'), second);
    for (const words of [['serve', '--listen', '127.0.0.1:0'], ['workspace', 'list'], ['verify'],
      ['migrate', '--from', `sqlite:${second}`, '--to', `sqlite:${elsewhere()}/x.db`]])
      assertRefused(await runBzctrld([...words, '--data', elsewhere(), '--database', `sqlite:${second}`]),
        /second\.db has 2 names/);
  });
});

test('a command with the folder of a file finds the server that has it open from elsewhere', async () => {
  const dir = makeFolder();
  await runBzctrldOk(['workspace', 'add', 'EXA-CON-BUS-WOR', '--data', dir]);
  const server = await startServer({ dataDir: elsewhere(), args: ['--database', `sqlite:${dir}/bzctrl.db`] });
  await runBzctrldOk(['user', 'add', 'some@example.com', '--admin', '--data', dir], { input: 'a good password\n' });
  const answer =
    await server.grant({ grant_type: 'password', username: 'some@example.com', password: 'a good password' });
  assert.equal(answer.status, 200, answer.text);
  assertRefused(await runBzctrld(['serve', '--data', dir, '--listen', '127.0.0.1:0'], { timeout: 20_000 * patience }),
    new RegExp(`\\b${server.pid}\\b`));

  /* The lock ends with its process, however that ends. */
  await server.kill9();
  assert.match(await runBzctrldOk(['user', 'list', '--data', dir]), /some@example\.com/);
  const next = await startServer({ dataDir: dir });
  await next.terminate();
});

test('a link to a file that is yet to be made is that file', async () => {
  const [links, files] = [makeFolder(), makeFolder()];
  symlinkSync(path.join(files, 'new.db'), path.join(links, 'link.db'));
  const server = await startServer({ dataDir: elsewhere(), args: ['--database', `sqlite:${links}/link.db`] });
  assert.ok(existsSync(path.join(files, 'new.db')));
  assertRefused(
    await runBzctrld(['serve', '--data', elsewhere(), '--database', `sqlite:${files}/new.db`, '--listen',
      '127.0.0.1:0'], { timeout: 20_000 * patience }), new RegExp(`\\b${server.pid}\\b`));
  await server.terminate();
});

test('two files in one folder are two databases', async () => {
  const folder = makeFolder();
  const servers = [];
  for (const name of ['one', 'two'])
    servers.push(await startServer({ dataDir: elsewhere(), args: ['--database', `sqlite:${folder}/${name}.db`] }));
  for (const server of servers) await server.terminate();
});

test('a command that only reads leaves no file where there was none', async () => {
  const folder = makeFolder();
  assertRefused(await runBzctrld(['verify', '--data', folder, '--database', `sqlite:${folder}/none.db`]), /none\.db/);
  assert.deepEqual(readdirSync(folder).filter((name) => name !== 'lock'), []);
});
