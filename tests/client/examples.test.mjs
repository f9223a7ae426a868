/* The examples in doc/examples do what they say, even if the network loses answers. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from '../lib/client.mjs';
import { bzctrld, makeFile, makeFolder, root, run, spawnChild, until } from '../lib/program.mjs';
import { startProxy } from '../lib/proxy.mjs';
import { EXAMPLE, SAMPLE, WORKSPACE, startServer } from '../lib/server.mjs';

const MANAGER = { email: 'manager@example.com', role: 'manager', domain: 'EXA' };
const build = path.dirname(bzctrld);
const example = (name) => path.join(root, 'doc/examples', name);
const built = (name) => path.join(build, 'tests/client', `example_${name}`);

let server;
let account;
before(async () => {
  server = await startServer({ users: [EXAMPLE, MANAGER] });
  account = await server.addClient(MANAGER.email,
    { domain: EXAMPLE.domain, workspaces: [WORKSPACE], scopes: ['task:create', 'task:read'] });
});
after(() => server.stop());

const titles = async (start) => (await server.listAll()).map((record) => record.title)
  .filter((title) => title.startsWith(start));

describe('without the library', { concurrency: 3 }, () => {
  const programs = [['sh', 'report.sh'], ['python3', 'report.py'], [process.execPath, 'report.mjs']];
  for (const [command, name] of programs) {
    const env = (url) => ({ BZCTRL_URL: url, CLIENT_ID: account.clientId, CLIENT_SECRET: account.secret });

    test(`${name} reports once even if the first answer is lost, and prints the link`, async () => {
      let requests = 0;
      const proxy = await startProxy(server.where, () => (++requests === 2 ? 'after' : 'pass'));
      const file = makeFile(JSON.stringify({ ...SAMPLE, title: name }));
      const result = await run(command, [example(name), file, `key-${name}`], { env: env(proxy.url) });
      assert.equal(result.code, 0, result.stderr);
      assert.match(result.stdout, /^http:\S+\/app\/#\/todo\/EXA-CON-BUS-WOR-\d+\n$/);
      assert.ok(requests > 2);
      assert.deepEqual(await titles(name), [name]);
      proxy.stop();
    });

    test(`${name} prints the faults of a refused report`, async () => {
      const file = makeFile(JSON.stringify({ ...SAMPLE, impact: 'x' }));
      const result = await run(command, [example(name), file, `bad-${name}`], { env: env(server.url) });
      assert.equal(result.code, 65, result.stderr);
      assert.match(result.stderr, /"pointer":"\/impact"/);
      assert.equal(result.stdout, '');
    });
  }
});

describe('with the library', () => {
  test('quick_call returns without a network; the daemon sends it', async () => {
    const client = new Client(server.url);
    const quick = await run(built('quick_call'), [client.config, 'quick'], { env: client.env });
    assert.equal(quick.code, 0, quick.stderr);
    assert.deepEqual(await titles('quick'), []);
    const daemon =
      spawnChild(built('daemon'), [client.config], { env: client.env, stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    daemon.stdout.on('data', (data) => {
      out += data;
    });
    await until(() => out.includes('\n'), 'a line of the daemon');
    assert.match(out, new RegExp(`^${quick.stdout.trim()} http\\S+/app/#/todo/`));
    daemon.kill('SIGTERM');
    assert.equal((await daemon.exited).code, 0);
    assert.deepEqual(await titles('quick'), ['quick']);
  });

  test('batch_job reports each line once, however often it runs', async () => {
    const client = new Client(server.url);
    const file = makeFile('job one\njob two\n');
    const first = await run(built('batch_job'), [client.config, file], { env: client.env });
    assert.equal(first.code, 0, first.stderr);
    assert.equal(first.stdout.trim().split('\n').length, 2);
    assert.equal((await run(built('batch_job'), [client.config, file], { env: client.env })).code, 0);
    assert.deepEqual((await titles('job')).sort(), ['job one', 'job two']);
  });
});

test('the drop folder: files go to done with their results, even if the server is down for a while', async () => {
  const client = new Client(server.url);
  const folder = makeFolder();
  const env = { ...client.env, PATH: `${build}:${process.env.PATH}` };
  const drop = () => run('sh', [example('drop_folder.sh'), folder], { env });
  const csv = (title) =>
    `todoType,title,description,orderID,orderID,financialImpact\nINCIDENT,${title} 1,"two\nlines, ""quoted""",O 1,O 2,12.50\nINCIDENT,${title} 2,D,O 1,,x\n`;
  writeFileSync(path.join(folder, 'a.csv'), csv('drop a'));
  assert.equal((await drop()).code, 0);
  assert.deepEqual(readdirSync(path.join(folder, 'done')).sort(),
    ['a.csv', 'a.csv.result', 'a.csv.result.refused.csv']);
  const result = readFileSync(path.join(folder, 'done/a.csv.result'), 'utf8').split('\n');
  assert.match(result[1], /^2,acknowledged,"http/);
  assert.match(result[2], /^4,refused,"","",.*not_a_number/);
  assert.match(readFileSync(path.join(folder, 'done/a.csv.result.refused.csv'), 'utf8'),
    /^"todoType",.*\n"INCIDENT","drop a 2",.*\n$/);
  const [record] = (await server.listAll()).filter((one) => one.title === 'drop a 1');
  assert.deepEqual([record.description, record.orderID, record.financialImpact],
    ['two\nlines, "quoted"', ['O 1', 'O 2'], '12.50']);

  writeFileSync(path.join(folder, '-open.csv'), csv('drop open').replace('D,O', '"D,O'));
  assert.equal((await drop()).code, 0);
  assert.ok(existsSync(path.join(folder, 'failed/-open.csv')), 'of which nothing could be read');
  assert.deepEqual(await titles('drop open'), []);

  await server.terminate();
  writeFileSync(path.join(folder, 'b.csv'), csv('drop b'));
  assert.equal((await drop()).code, 0);
  assert.ok(existsSync(path.join(folder, 'done/b.csv')));
  await server.start();
  assert.equal((await drop()).code, 0);
  assert.deepEqual(await titles('drop b'), ['drop b 1']);
});
