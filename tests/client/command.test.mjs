/* The command `bzctrl` against a real server: what it prints, what it keeps, how it exits. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client, bzctrl, shim } from '../lib/client.mjs';
import { makeFile, makeFolder, root, run, spawnChild, until } from '../lib/program.mjs';
import { API, EXAMPLE, SAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const titles = async (start) => (await server.listAll()).map((record) => record.title)
  .filter((title) => title.startsWith(start)).reverse();

async function ok(client, args, options) {
  const result = await client.run(args, options);
  assert.equal(result.code, 0, `${args.join(' ')}: ${result.code ?? result.signal}\n${result.stderr}`);
  return result.stdout;
}

describe('login', () => {
  test('saves a profile beside others, and a secret from standard input in a file that only its owner can read',
      async () => {
    const client = new Client(server.url);
    const login = ['login', '--profile', 'acc', '--url', `${server.url}/`, '--username', EXAMPLE.email, '--workspace',
      WORKSPACE];
    await ok(client, [...login, '--password-file', '-'], { input: `${EXAMPLE.password}\n` });
    const config = readFileSync(client.config, 'utf8');
    assert.match(config, /^profile = prod\n\n\[prod\]\nurl = /);
    const secret = /\[acc\]\n(?:.*\n)*secret-file = (.*)\n/.exec(config)[1];
    assert.equal(readFileSync(secret, 'utf8'), `${EXAMPLE.password}\n`);
    assert.equal(statSync(secret).mode & 0o777, 0o600);
    const wrong = await client.run([...login, '--password-file', '-'], { input: 'mistyped one\n' });
    assert.equal(wrong.code, 77);
    assert.equal(readFileSync(secret, 'utf8'), `${EXAMPLE.password}\n`, 'the good one stays');
    assert.equal(existsSync(`${secret}.new`), false);
    assert.match(
      await ok(client,
        ['report', '--profile', 'acc', '--todo-type', 'TASK', '--title', 'acc', '--description', 'd', '--order-id', '1',
          '--reporter', EXAMPLE.email]), /WOR-\d+\n$/);
  });

  test('a wrong password, no server, no terminal: nothing is saved', async () => {
    const client = new Client(server.url);
    const before = readFileSync(client.config, 'utf8');
    const login = (url, file) =>
      client.run(['login', '--url', url, '--username', EXAMPLE.email, ...(file ? ['--password-file', file] : [])]);
    assert.equal((await login(server.url, makeFile('wrong password\n'))).code, 77);
    assert.equal((await login('http://127.0.0.1:1', client.secret)).code, 69);
    assert.equal((await login(server.url)).code, 64);
    const endpoint = await login(`${server.url}/bzctrl-core-api/oauth/token`, client.secret);
    assert.equal(endpoint.code, 69);
    assert.match(endpoint.stderr, /404.*the URL is that of the server alone/);
    assert.equal(readFileSync(client.config, 'utf8'), before);
  });

  test('as a client; the token is kept, and renewed when it is no longer valid', async () => {
    const manager = { email: 'boss@example.com', role: 'manager', domain: 'EXA' };
    await server.command(['user', 'add', manager.email, '--domain', 'EXA', '--role', 'manager', '--password-file',
      makeFile(`${EXAMPLE.password}\n`)]);
    const made = await server.addClient(manager.email, { domain: EXAMPLE.domain, scopes: ['task:create', 'task:read'] });
    const client = new Client(server.url, { username: undefined, 'client-id': made.clientId });
    writeFileSync(client.secret, made.secret);
    await ok(client, Client.report('machine 1'));
    const file = path.join(client.home, '.local/state/bzctrl/prod.token');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const token = JSON.parse(readFileSync(file, 'utf8'));
    await ok(client, Client.report('machine 2'));
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), token);
    writeFileSync(file, JSON.stringify({ ...token, access_token: `bzat_${'x'.repeat(40)}` }));
    await ok(client, Client.report('machine 3'));
    assert.match(await ok(client, ['list', '--mine']), /machine 3\n.*machine 2\n.*machine 1\n$/);
    assert.equal((await client.run(['show', 'EXA-CON-BUS-WOR-9999'])).code, 66);
  });
});

describe('report', () => {
  test('JSON from a file and from standard input; a report with the same key is stored once', async () => {
    const client = new Client(server.url);
    const body = JSON.stringify({ ...SAMPLE, title: 'json' });
    const link = await ok(client, ['report', '--json', '-', '--key', 'json-1'], { input: body });
    assert.equal(await ok(client, ['report', '--json', makeFile(body), '--key', 'json-1']), link);
    assert.deepEqual(await titles('json'), ['json']);
    const other = await client.run(['report', '--json', '-', '--key', 'json-1'], { input: JSON.stringify(SAMPLE) });
    assert.equal(other.code, 65);
    assert.match(other.stderr, /used before/);
    const bad = await client.run(['report', '--json', '-'], { input: '{"title":"x",}' });
    assert.equal(bad.code, 65);
    assert.match(bad.stderr, /line 1, column 14/);
  });

  test('the version', async () => {
    const client = new Client(server.url);
    for (const word of ['version', '--version']) assert.match(await ok(client, [word]), /^bzctrl \d+\.\d+\.\d+\n$/);
  });

  test('the result as JSON, and the amount with the label of the source document', async () => {
    const client = new Client(server.url);
    const outcome =
      JSON.parse(await ok(client, Client.report('amount', ['--financial-impact', '12.5', '--output', 'json'])));
    assert.equal(outcome.outcome, 'acknowledged');
    assert.match(await ok(client, ['show', outcome.record]),
      /^Potential financial impact of the incident \(EUR\): 12\.50$/m);
    assert.equal(JSON.parse(await ok(client, ['show', outcome.record, '--json'])).financialImpact, '12.50');
    assert.match((await client.run(['report', '--help'])).stdout, /Potential financial impact of the incident \(EUR\)/);
    await ok(client, ['receipt', 'verify', outcome.record, outcome.receipt]);
    const [domain, seq] = outcome.receipt.split(':');
    const forged = await client.run(
      ['receipt', 'verify', outcome.record, `${domain}:${seq}:${Buffer.alloc(32).toString('base64')}`]);
    assert.equal(forged.code, 1);
    assert.match(forged.stderr, /rewritten/);
  });

  test('a dry run stores and queues nothing', async () => {
    const client = new Client(server.url);
    const dry = await client.run(Client.report('dry', ['--dry-run', '--member', 'impakt=High']));
    assert.equal(dry.code, 0);
    assert.match(dry.stderr, /impakt/);
    assert.equal((await client.run(Client.report('dry', ['--dry-run', '--impact', 'x']))).code, 65);
    assert.equal(await ok(client, ['outbox', 'list']), '');
    assert.deepEqual(await titles('dry'), []);
  });

  test('a wrong command line exits with 64 and changes nothing; nothing is asked without a terminal', async () => {
    const client = new Client(server.url);
    const cases = [[], ['nothing'], ['report'], ['report', '--ask'], ['report', '--titel', 'x'], ['report', '--title'],
      ['report', '--title', 'x', '--json', '-'],
      ['outbox', 'edit'], ['outbox', 'drop', 'x'], ['receipt', 'verify'], ['list', '--limit', '0'], ['show'],
      ['show', 'a', 'b'], ['login', '--url', 'x']];
    for (const words of cases) {
      const result = await client.run(words);
      assert.equal(result.code, 64, `${words.join(' ')}: ${result.code} ${result.stderr}`);
      assert.equal(result.stdout, '');
    }
    for (const noun of ['report', 'outbox run', 'login', 'receipt verify'])
      assert.match(await ok(client, [...noun.split(' '), '--help']), new RegExp(`^Usage: bzctrl ${noun}`));
    const every = [...(await ok(client, ['outbox', '--help'])).matchAll(/^Usage: bzctrl outbox (\w+)/gm)];
    assert.deepEqual(every.map(([, word]) => word), ['list', 'run', 'retry', 'edit', 'drop', 'move']);
  });

  /** Runs `bzctrl report --ask …` on a terminal; null without script(1) to create one. */
  const ask = (client, flags, answers) =>
    run('script', ['-qec', `${bzctrl} report --ask ${flags}`, '/dev/null'],
        { env: client.env, cwd: client.home, input: `${answers.join('\n')}\n` }).catch((error) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });

  test('--ask on a terminal, without a server', async () => {
    const client = new Client('http://127.0.0.1:1');
    const answers =
      ['INCIDENT', '', 'offline', 'A description', 'O 1', '', '12.50', 'High', '', '', '', '', '', '', ''];
    const result = await ask(client, '', answers);
    if (result === null) return;
    assert.match(result.stdout, /ask for the form's own fields: /);
    assert.match(result.stdout, /Potential financial impact of the incident \(EUR\): /);
    assert.match(await ok(client, ['outbox', 'list']), /offline/, result.stdout);
  });

  test('--ask on a terminal asks for the fields of the default form', async () => {
    const client = new Client(server.url);
    const answers = ['neither', 'incident', '', 'asked', 'A description', '12.50', 'high', '', '', '', '', '', 'O 1',
      'O 2', '', '', ''];
    const result = await ask(client, '', answers);
    if (result === null) return;
    assert.match(result.stdout, /Potential financial impact of the incident \(EUR\): /);
    assert.doesNotMatch(result.stdout, /Result: |Status/, 'those are of tasks, or seldom of use');
    const [record] = (await server.listAll()).filter(({ title }) => title === 'asked');
    assert.ok(record, result.stdout);
    assert.deepEqual([record.financialImpact, record.impact, record.orderID], ['12.50', 'High', ['O 1', 'O 2']]);
  });

  test('--ask on a terminal asks for the fields of a form by their type, and again for those at fault', async () => {
    const client = new Client(server.url);
    const fields = [
      { name: 'orderID', required: false },
      { name: 'dueDate', default: '+14d', locked: true },
      { name: 'mode', type: 'choice', required: true, label: { en: 'Mode of transport' }, help: { en: 'How it came.' },
        options: ['Sea', { value: 'Road', label: { en: 'By road' } }] },
      { name: 'weight', type: 'number' },
      { name: 'sealed', type: 'boolean' },
      { name: 'seal', type: 'text', required: true, pattern: '[A-Z]{2}[0-9]+' },
    ];
    await server.command(['user', 'add', 'chief@example.com', '--domain', 'EXA', '--role', 'manager', '--password-file',
      makeFile(`${EXAMPLE.password}\n`)]);
    const made = await server.send('chief@example.com', 'PUT', `${API}/workspaces/${WORKSPACE}/forms/asking`,
      { todoType: 'INCIDENT', fields });
    assert.equal(made.status, 201, made.text);
    const answers = ['by form', 'A description', ...Array(9).fill(''), 'Space', 'by ROAD', 'heavy', '12.5', 'perhaps',
      'yes', '', 'wrong', 'AB12'];
    const result = await ask(client, `--form asking --key by-form`, answers);
    if (result === null) return;
    assert.match(result.stdout, /How it came\.\r?\nMode of transport \(Sea, Road = By road\): /);
    assert.doesNotMatch(result.stdout, /Due date|Result|Workspace|Type/);
    const [record] = (await server.listAll()).filter(({ title }) => title === 'by form');
    assert.ok(record, result.stdout);
    const { mode, weight, sealed, seal } = { ...record, ...record.extra };
    assert.deepEqual({ mode, weight, sealed, seal }, { mode: 'Road', weight: 12.5, sealed: true, seal: 'AB12' });
    assert.equal(await ok(client, ['outbox', 'list', '--dead']), '', 'a corrected report was never refused');
    const none = await ask(client, '--form nothere', answers);
    assert.equal(none.code, 65);
    assert.match(none.stdout, /There is no form "nothere"/);
  });
});

describe('the outbox', () => {
  test('refuses a report when it is full, with an error, and does not have it', async () => {
    const client = new Client(server.url, { 'outbox-size': 1 });
    const long = 'x'.repeat(60_000);
    let result;
    for (let i = 0; i < 40; i++) {
      result = await client.run(['report', '--json', '-', '--later'],
        { input: JSON.stringify(small({ title: `full ${i}`, description: long })) });
      if (result.code !== 75) break;
    }
    assert.equal(result.code, 74);
    assert.match(result.stderr, /outbox-size/);
    const waiting = (await ok(client, ['outbox', 'list'])).trim().split('\n').length;
    await ok(client, ['outbox', 'run']);
    assert.equal((await titles('full ')).length, waiting);
  });

  test('a report that has waited too long is not sent, but kept for somebody to decide', async () => {
    const client = new Client(server.url);
    const old = { LD_PRELOAD: shim('shift_clock'), BZCTRL_SHIFT_CLOCK: String(-29 * 86_400) };
    assert.equal((await client.run(Client.report('too old', ['--later']), { env: old })).code, 75);
    assert.equal((await client.run(['outbox', 'run'])).code, 65);
    assert.match(await ok(client, ['outbox', 'list']), /^1 refused too old\n {4}This report has waited for too long/);
    assert.deepEqual(await titles('too old'), []);
    await ok(client, ['outbox', 'retry', '1']);
    await ok(client, ['outbox', 'run']);
    assert.deepEqual(await titles('too old'), ['too old']);
    assert.equal((await client.run(['outbox', 'drop', '1'])).code, 66);
  });

  test('is not sent to another account or server', async () => {
    const client = new Client(server.url);
    assert.equal((await client.run(Client.report('mine', ['--later']))).code, 75);
    const other = await client.run(['outbox', 'run', '--set', 'username=other@example.com']);
    assert.equal(other.code, 78);
    assert.match(other.stderr, /another account or server/);
    await ok(client, ['outbox', 'drop', '1']);
    assert.equal(await ok(client, ['outbox', 'list']), '');
  });

  test('many processes at once: each report once', async () => {
    const client = new Client(server.url, { wait: 20 });
    await Promise.all(Array.from({ length: 8 }, (_, i) => ok(client, Client.report(`many ${i}`))));
    assert.equal((await titles('many ')).length, 8);
  });

  test('--follow sends new reports and ends with SIGTERM', async () => {
    const client = new Client(server.url);
    const child =
      spawnChild(bzctrl, ['outbox', 'run', '--follow'], { env: client.env, stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (data) => {
      out += data;
    });
    assert.equal((await client.run(Client.report('follow', ['--later']))).code, 75);
    await until(() => out !== '', 'the report that was sent');
    assert.match(out, /WOR-\d+\n$/);
    child.kill('SIGTERM');
    assert.equal((await child.exited).code, 0);
  });
});

describe('a batch', () => {
  const ROWS = 3000;
  test('that is killed continues where it stopped, and each row is stored once, in order', async () => {
    const client = new Client(server.url, { wait: 20 });
    const lines =
      Array.from({ length: ROWS }, (_, i) => JSON.stringify(small({ title: `batch ${String(i).padStart(5, '0')}` })));
    const file = path.join(makeFolder(), 'rows.ndjson');
    writeFileSync(file, `${lines.join('\n')}\n`);
    let kills = 0;
    for (let pause = 30; ; pause *= 1.6) {
      const child = spawnChild(bzctrl, ['report', '--batch', file], { env: client.env, stdio: 'ignore' });
      const timer = setTimeout(() => child.kill('SIGKILL'), pause);
      const { code } = await child.exited;
      clearTimeout(timer);
      if (code === 0) break;
      assert.equal(code, null, 'it ends by the kill only');
      kills++;
    }
    assert.ok(kills > 0);
    assert.deepEqual(await titles('batch '), lines.map((line) => JSON.parse(line).title));
    const results = readFileSync(`${file}.result.csv`, 'utf8').trim().split('\n').slice(1);
    assert.deepEqual(results.map((row) => Number(row.split(',')[0])).sort((a, b) => a - b), lines.map((_, i) => i + 1));
    assert.ok(results.every((row) => /^\d+,acknowledged,"http/.test(row)));
    const again = await ok(client, ['report', '--batch', file, '--output', 'json']);
    assert.deepEqual(JSON.parse(again), { rows: ROWS, acknowledged: ROWS, refused: 0, waiting: 0 });
    assert.equal((await titles('batch ')).length, ROWS);
  });

  test('shows which rows are refused, and accepts the others', async () => {
    const client = new Client(server.url);
    const file = makeFile([JSON.stringify(small({ title: 'mixed 1' })), '{"title":', '', '[]',
      JSON.stringify(small({ title: '', x: '=1+1' })), JSON.stringify(small({ title: 'mixed 2' }))].join('\n'),
        'mixed.ndjson');
    const result = await client.run(['report', '--batch', file]);
    assert.equal(result.code, 65);
    assert.equal(result.stdout, '5 rows, 2 acknowledged, 3 refused, 0 waiting\n');
    assert.match(result.stderr, /line 2: .*not well-formed/);
    const results = readFileSync(`${file}.result.csv`, 'utf8');
    assert.match(results, /^5,refused,"","","\/title required: /m);
    assert.deepEqual(await titles('mixed'), ['mixed 1', 'mixed 2']);
  });

  test('of CSV: semicolons, quotes, columns with the same name; open quotes and missing files', async () => {
    const client = new Client(server.url);
    const good = makeFile(
      '\ufefftodoType;title;description;orderID;orderID;tags\r\nTASK;csv 1;"a; ""b""\r\nc";O 1;O 2;\r\nTASK;csv ' +
          '2;d;O 3;;T\r\n', 'good.csv');
    await ok(client, ['report', '--batch', good]);
    const records = (await server.listAll()).filter((record) => record.title.startsWith('csv'));
    assert.deepEqual(records.map((r) => [r.title, r.description, r.orderID, r.tags]),
      [['csv 2', 'd', ['O 3'], ['O 3', 'T']], ['csv 1', 'a; "b"\r\nc', ['O 1', 'O 2'], ['O 1', 'O 2']]]);
    assert.equal((await client.run(['report', '--batch', makeFile('title\n"open\n', 'bad.csv')])).code, 65);
    assert.equal((await client.run(['report', '--batch', path.join(client.home, 'none.csv')])).code, 66);
  });
});

test('a settings file that begins with a byte order mark is read, and written without', async () => {
  const client = new Client(server.url);
  const text = readFileSync(client.config, 'utf8');
  for (const kept of [text, text.slice(text.indexOf('[prod]'))]) {
    writeFileSync(client.config, `\uFEFF${kept}`);
    const { code, stderr } = await client.run(['list', '--profile', 'prod', '--limit', '1']);
    assert.equal(code, 0, stderr);
  }
  const { code,
    stderr } = await client.run(['login', '--profile', 'other', '--url', server.url, '--username', EXAMPLE.email,
      '--password-file', client.secret]);
  assert.equal(code, 0, stderr);
  assert.match(readFileSync(client.config, 'utf8'), /^\[prod\]/);
});

test('a form: its schema, and a sample that can be reported unchanged', async () => {
  const client = new Client(server.url);
  assert.equal(JSON.parse(await ok(client, ['form', 'show', 'default'])).name, 'default');
  assert.match(JSON.parse(await ok(client, ['form', 'show', 'default', '--schema'])).$schema, /2020-12/);
  const sample = await ok(client, ['form', 'sample']);
  const outcome = JSON.parse(await ok(client, ['report', '--json', '-', '--output', 'json'], { input: sample }));
  assert.equal(JSON.parse(await ok(client, ['show', outcome.record, '--json'])).title, JSON.parse(sample).title);
});

test('doctor says what is wrong', async () => {
  const client = new Client(server.url);
  assert.match(await ok(client, ['doctor']),
    /^ok {3}settings\nok {3}connection\nok {3}outbox\nok {3}reports: 0 waiting, 0 refused\nok {3}sign-in\nok {3}reading\n$/);
  assert.equal((await client.run(['doctor', '--set', 'url=http://127.0.0.1:1'])).code, 69);
  assert.equal((await client.run(['doctor', '--profile', 'none'])).code, 78);
  assert.equal((await client.run(['doctor', '--set', 'url=http://192.0.2.1:1', '--set', 'timeout=1'])).code, 78);
  await client.report('', []);
  const refused = await client.run(['doctor']);
  assert.match(refused.stdout, /^FAIL reports: 0 waiting, 1 refused$/m);
  assert.equal(refused.code, 65);
});

test('the completion works in bash, and the man pages name every command and exit code', async () => {
  const script = await ok(new Client(server.url), ['completion', 'bash']);
  const complete = async (...words) => {
    const { stdout } = await run('bash',
      ['-c', `${script}\nCOMP_WORDS=(${words.map((word) => `'${word}'`)
        .join(' ')}); COMP_CWORD=${words.length - 1}; _bzctrl; printf '%s\\n' "\${COMPREPLY[@]}"`]);
    return stdout.trim().split('\n');
  };
  assert.deepEqual(await complete('bzctrl', 'rep'), ['report']);
  assert.deepEqual(await complete('bzctrl', 'outbox', 'r'), ['run', 'retry']);
  assert.deepEqual(await complete('bzctrl', 'evidence', ''), ['verify']);
  assert.deepEqual(await complete('bzctrl', 'report', '--fin'), ['--financial-impact']);
  const page = readFileSync(path.join(root, 'doc/man/bzctrl.1.scd'), 'utf8');
  const { stdout: help } = await run(bzctrl, ['--help']);
  for (const [, name] of help.matchAll(/^ {2}([a-z]+(?: [a-z]+)?) /gm)) for (const word of name.split(' '))
    assert.match(page, new RegExp(`\\*(${word}|\\w+ ${word}|bzctrl ${word}.*)\\*`), name);
  for (const [, code] of /Exit codes:([\s\S]*)/.exec(help)[1].matchAll(/\b(\d+) [a-z]/g))
    assert.match(page, new RegExp(`\\*${code}\\*`));
});

describe('a record that was moved', () => {
  test('is shown by the key that it had, and its receipts hold', async () => {
    const client = new Client(server.url);
    await server.command(['workspace', 'add', 'EXA-CON-BUS-MOVED']);
    const outcome = JSON.parse(await ok(client, Client.report('moves', ['--output', 'json'])));
    const patch = (key) => server.send(EXAMPLE.email, 'PATCH', `${API}/tasks/${outcome.record}`, { workspace: key },
      { headers: { 'if-match': '*' } });
    let moved;
    await until(async () => (moved = await patch('EXA-CON-BUS-MOVED')).status === 200, 'the workspace');
    assert.equal(JSON.parse(await ok(client, ['show', outcome.record, '--json'])).key, moved.json.key);
    assert.match(await ok(client, ['show', outcome.record.toLowerCase()]), /moves/);
    assert.match(await ok(client, ['open', outcome.record], { env: { BROWSER: 'true' } }),
      new RegExp(`${moved.json.key}\n$`));
    await ok(client, ['receipt', 'verify', outcome.record, outcome.receipt]);
  });
});
