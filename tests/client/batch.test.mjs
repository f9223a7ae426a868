/* `bzctrl report --batch` against a real server: which files are accepted, what a row's key is, what is printed. */
import assert from 'node:assert/strict';
import { existsSync, lstatSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client, bzctrl } from '../lib/client.mjs';
import { makeFile, makeFolder, run } from '../lib/program.mjs';
import { small, startServer } from '../lib/server.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const records = async (start) => (await server.listAll()).filter((record) => record.title.startsWith(start)).reverse();
const titles = async (start) => (await records(start)).map((record) => record.title);
const HEADS = 'todoType,title,description,orderID,impact';
const csv = (...rows) => `${[HEADS, ...rows].join('\r\n')}\r\n`;
const row = (title, impact = 'High') => `INCIDENT,${title},D,O 1,${impact}`;
const results = (file) => readFileSync(`${file}.result.csv`, 'utf8').trim().split('\n').slice(1);

/** Writes the text to a file with that name and reports it. */
async function batch(client, content, name = 'rows.csv', more = []) {
  const file = makeFile(content, name);
  return { file, ...(await client.run(['report', '--batch', file, ...more])) };
}

const waiting = async (client) => (await client.run(['outbox', 'list', '--json'])).stdout;

describe('a dry run', () => {
  for (const [kind, name, content] of [
    ['CSV', 'dry.csv', csv(row('dry 1'), row('dry 2', 'Hihg'), row('dry 3', 'Hihg'), row(''))],
    ['NDJSON', 'dry.ndjson',
      ['dry 1', 'dry 2', 'dry 3',
        ''].map((title, i) => JSON.stringify(small({ title, impact: i % 3 ? 'Hihg' : 'High' }))).join('\n')],
  ])
    test(`of ${kind} checks each row, counts the faults, and stores and queues nothing`, async () => {
      const client = new Client(server.url);
      const judged = await batch(client, content, name, ['--dry-run']);
      assert.equal(judged.code, 65, judged.stderr);
      assert.equal(judged.stdout, '4 rows, 1 valid, 3 refused\n');
      assert.match(judged.stderr, /2 rows, first line [23]: \/impact \w+: /);
      assert.match(judged.stderr, /line [45]: \/title required: /);
      const rows = results(judged.file);
      assert.match(rows[0], /^[12],valid,"","",""$/);
      assert.match(rows[1], /^[23],refused,"","","\/impact \w+: .*\(High, Medium, Low\)"$/);
      assert.deepEqual(await titles('dry'), []);
      assert.equal(await waiting(client), '');
      assert.equal(existsSync(`${judged.file}.refused.csv`), false);
      const good = await batch(client, csv(row('dry 1')), 'good.csv', ['--dry-run', '--output', 'json']);
      assert.deepEqual([good.code, JSON.parse(good.stdout)], [0, { rows: 1, valid: 1, refused: 0, waiting: 0 }]);
    });

  test('without a server says so', async () => {
    const client = new Client('http://127.0.0.1:1');
    assert.equal((await batch(client, csv(row('dry')), 'dry.csv', ['--dry-run'])).code, 69);
    assert.equal(await waiting(client), '');
  });
});

describe('text', () => {
  const WORDS = 'Stück beschädigt';
  const latin = Buffer.from(csv(row(`latin ${WORDS}`)), 'latin1');

  test('that is not UTF-8 is refused with its position, and accepted if its encoding is named', async () => {
    const client = new Client(server.url);
    const refused = await batch(client, latin);
    assert.equal(refused.code, 65);
    assert.match(refused.stderr, /line 2, column 18: the byte 0xFC is not UTF-8.*iconv/);
    assert.equal(existsSync(`${refused.file}.result.csv`), false);
    assert.deepEqual(await titles('latin'), []);
    assert.equal((await batch(client, latin, 'rows.csv', ['--encoding', 'no-such'])).code, 64);
    assert.equal((await batch(client, latin, 'rows.csv', ['--encoding', 'WINDOWS-1252'])).code, 0);
    assert.deepEqual(await titles('latin'), [`latin ${WORDS}`]);
  });

  test('in NDJSON, in --json, in flags, in settings and in corrections too', async () => {
    const client = new Client(server.url);
    const report = Buffer.from(JSON.stringify(small({ title: `bytes ${WORDS}` })), 'latin1');
    assert.equal((await batch(client, report, 'rows.ndjson')).code, 65);
    const json = await client.run(['report', '--json', makeFile(report)]);
    assert.deepEqual([json.code, /0xFC is not UTF-8/.test(json.stderr)], [65, true]);
    assert.equal((await client.run(['report', '--json', makeFile(report), '--encoding', 'ISO-8859-1'])).code, 0);
    assert.deepEqual(await titles('bytes'), [`bytes ${WORDS}`]);

    const shell = (line) => run('bash', ['-c', line, bzctrl], { env: client.env });
    const flags = '--todo-type INCIDENT --description D --order-id 1';
    const flag = await shell(`exec "$0" report ${flags} --title $'bytes \\xfc'`);
    assert.deepEqual([flag.code, /--title is not UTF-8: byte 7 is 0xFC/.test(flag.stderr)], [64, true]);
    const setting = await shell(`exec "$0" report ${flags} --title bytes --set reporter=$'\\xfc@example.com'`);
    assert.deepEqual([setting.code, /reporter is not UTF-8/.test(setting.stderr)], [78, true]);
    await client.report('', []);
    assert.equal((await client.run(['outbox', 'edit', '1', '--file', makeFile(report)])).code, 65);
    assert.deepEqual(await titles('bytes'), [`bytes ${WORDS}`]);
  });

  test('in UTF-16 with a byte order mark is converted; without one, or as a spreadsheet, it is refused as a whole',
      async () => {
    const client = new Client(server.url);
    const wide = (title) => Buffer.from(`\ufeff${csv(row(title)).replaceAll(',', '\t')}`, 'utf16le');
    assert.equal((await batch(client, wide(`wide ${WORDS} 🚚`))).code, 0);
    assert.equal((await batch(client, wide('wide big').swap16())).code, 0);
    assert.equal(
      (await batch(client, Buffer.from(`\ufeff${JSON.stringify(small({ title: 'wide json' }))}`, 'utf16le'),
        'a.ndjson')).code, 0);
    assert.deepEqual(await titles('wide'), [`wide ${WORDS} 🚚`, 'wide big', 'wide json']);
    for (const [content, word] of [
      [wide('wide').subarray(2), /zero byte.*--encoding UTF-16LE/],
      [Buffer.concat([wide('wide half'), Buffer.from('x')]), /is not valid UTF-16/],
      ['PK\x03\x04xlsx', /spreadsheet/],
    ]) {
      const refused = await batch(client, content);
      assert.deepEqual([refused.code, refused.stderr.trim().split('\n').length], [65, 1]);
      assert.match(refused.stderr, word);
    }
  });
});

describe('a file', () => {
  const taken = [
    ['lone CR', 'rows.csv', csv(row('shape 1'), row('shape 2')).replaceAll('\r\n', '\r')],
    ['rows of separators', 'rows.csv', csv(row('shape 1'), ',,,,', row('shape 2'), ' ,,,,', ',,,,')],
    ['a line that names the separator', 'rows.csv',
      `sep=;\r\n${csv(row('shape 1'), row('shape 2')).replaceAll(',', ';')}`],
    ['another separator', 'rows.csv', `\ufeffsep=|\n${csv(row('shape 1'), row('shape 2')).replaceAll(',', '|')}`],
    ['no end .csv', 'rows.txt', csv(row('shape 1'), row('shape 2'))],
    ['no end .ndjson', 'rows',
      `${JSON.stringify(small({ title: 'shape 1' }))}\n${JSON.stringify(small({ title: 'shape 2' }))}`],
    ['a mark before NDJSON', 'rows.ndjson',
      `\ufeff${JSON.stringify(small({ title: 'shape 1' }))}\n${JSON.stringify(small({ title: 'shape 2' }))}`],
    ['blanks around names', 'rows.csv',
      csv(row('shape 1'), row('shape 2')).replace('title', ' title ').replace('orderID', ' orderID')],
    ['names as people write them', 'rows.csv',
      csv(row('shape 1'), row('shape 2')).replace('todoType', 'Todo Type').replace('orderID', 'ORDER_ID')],
    ['blanks after a quote', 'rows.csv', csv(row('"shape 1" '), row('"shape 2"'))],
    ['cells more than names, with nothing in them', 'rows.csv', csv(`${row('shape 1')},,`, row('shape 2'))],
  ];
  for (const [what, name, content] of taken)
    test(`with ${what} is read`, async () => {
      const before = (await titles('shape')).length;
      const result = await batch(new Client(server.url), content.replaceAll('shape', `shape ${before}`), name);
      assert.equal(result.code, 0, result.stderr);
      assert.match(result.stdout, /^2 rows, 2 acknowledged/);
      assert.deepEqual((await titles('shape')).slice(before), [`shape ${before} 1`, `shape ${before} 2`]);
    });

  test('can come through a pipe or from standard input', async () => {
    const client = new Client(server.url);
    const piped = await run('bash',
      ['-c', `exec "$0" report --batch <(cat '${makeFile(csv(row('pipe 1')))}') --results r.csv`, bzctrl],
      { env: client.env, cwd: client.home });
    assert.equal(piped.code, 0, piped.stderr);
    assert.equal(
      (await client.run(['report', '--batch', '-', '--results', 'r.csv'],
        { input: JSON.stringify(small({ title: 'pipe 2' })) })).code, 0);
    assert.equal((await client.run(['report', '--batch', '-'], { input: '' })).code, 64, 'where would the results go?');
    assert.equal((await client.run(['report', '--batch', '-', '--results', 'r.csv'], { input: '' })).code, 65);
    assert.deepEqual(await titles('pipe'), ['pipe 1', 'pipe 2']);
  });

  test('with a fault further down is refused before any row is sent', async () => {
    const client = new Client(server.url);
    const rows = Array.from({ length: 1500 }, (_, i) => row(`broken ${i}`));
    for (const [at, bad, word] of [
      [1400, row('"broken of 2 inch'), /line 1402: a quote is opened but never closed[^]*nothing in .* was reported/],
      [1400, `${row('"broken of 2 inch')}\r\n${row('a "b')}`, /line 1403: there is text after a closing quote/],
      [3, `${row('x')}${',y'.repeat(260)}`, /line 5: the row has more than 256 columns/],
    ]) {
      const refused = await batch(client, csv(...rows.slice(0, at), bad, ...rows.slice(at + 1)));
      assert.equal(refused.code, 65);
      assert.match(refused.stderr, word);
    }
    assert.deepEqual(await titles('broken'), []);
    const list = await batch(client, JSON.stringify([small()]), 'list.json');
    assert.deepEqual([list.code, /jq/.test(list.stderr)], [65, true]);
  });

  test('does not lose a value in a column without a name', async () => {
    const refused = await batch(new Client(server.url),
      `todoType,title,description,orderID,\nINCIDENT,nameless 1,D,O,keys are with the guard\nINCIDENT,nameless ` +
          `2,D,O,\nINCIDENT,nameless 3,D,O,,more\n`);
    assert.equal(refused.code, 65);
    assert.match(refused.stderr, /line 2: column 5 has a value but no name/);
    assert.match(refused.stderr, /line 4: the row has more columns than the first row has names/);
    assert.deepEqual(await titles('nameless'), ['nameless 2']);
  });

  test('may have as many columns as documented', async () => {
    const names = Array.from({ length: 252 }, (_, i) => `c${i}`);
    const result = await batch(new Client(server.url),
      `todoType,title,description,orderID,${names}\nINCIDENT,columns,D,O,${names.map((_, i) => i)}\n`);
    assert.ok(result.code === 0 || /member/.test(result.stderr), result.stderr);
  });
});

describe('what a row leaves out', () => {
  test('comes from the settings, in CSV, NDJSON and --json; a blank counts as absent', async () => {
    const client = new Client(server.url);
    const bare = (title, more = {}) =>
      JSON.stringify({ todoType: 'INCIDENT', title, description: 'D', orderID: 'O', ...more });
    assert.equal(
      (await batch(client,
        'todoType,title,description,orderID,reporter\nINCIDENT,default 1,D,O,\nINCIDENT,default 2,D,O, \n')).code, 0);
    assert.equal(
      (await batch(client, `${bare('default 3')}\n${bare('default 4', { reporter: null, domainWorkSpace: ' ' })}`,
        'rows.ndjson')).code, 0);
    assert.equal((await client.run(['report', '--json', '-'], { input: `\ufeff${bare('default 5')}` })).code, 0);
    assert.equal((await client.run(['report', '--json', '-', '--dry-run'], { input: bare('default 6') })).code, 0);
    const halves = await batch(client, bare('default 7', { domain: 'EXA-CON-BUS', workspace: 'WOR' }), 'rows.ndjson',
      ['--set', 'workspace=EXA-CON-BUS-NYC']);
    assert.equal(halves.code, 0, halves.stderr);
    assert.deepEqual(await titles('default'), ['1', '2', '3', '4', '5', '7'].map((n) => `default ${n}`));
  });

  test('comes from flags, and the time of the import is not the time of the event', async () => {
    const client = new Client(server.url);
    const result = await batch(client, 'title,description,orderID,priority\nflag 1,D,O 1,\nflag 2,D,O 2,Low\n',
      'rows.csv', ['--todo-type', 'TASK', '--priority', 'High', '--member', 'origin=archive']);
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual((await records('flag')).map((r) => [r.todoType, r.priority, r.extra.origin, r.occurredAt]),
      [['TASK', 'High', 'archive', null], ['TASK', 'Low', 'archive', null]]);
  });
});

describe('a file that is reported again', () => {
  test('reports nothing twice once corrected, and leaves no earlier refused rows in the outbox', async () => {
    const client = new Client(server.url);
    const first = await batch(client, csv(row('again 1'), row('again 2', 'Hihg'), row('again 3')));
    assert.equal(first.code, 65);
    assert.match(first.stderr, /1 refused; .*rows\.csv\.result\.csv says why, and .*rows\.csv\.refused\.csv has/);
    assert.equal(await waiting(client), '');
    writeFileSync(first.file, csv(row('again 0'), row('again 1'), row('again 2')));
    const again = await client.run(['report', '--batch', first.file]);
    assert.deepEqual([again.code, again.stdout], [0, '3 rows, 3 acknowledged, 0 refused, 0 waiting\n']);
    assert.match(again.stderr, /^bzctrl: 1 acknowledged before this run/);
    assert.deepEqual(await titles('again'), ['again 1', 'again 3', 'again 0', 'again 2']);
    assert.match(results(first.file).find((line) => line.startsWith('3,')), /^3,acknowledged,"http/);
  });

  test('as the file of its refused rows, has only the names and those rows', async () => {
    const client = new Client(server.url);
    for (const [name, content] of [
      ['rest.csv', csv(row('"rest ""1"""'), row('"rest, ""2"""', 'Hihg'))],
      ['rest.ndjson',
        [small({ title: 'rest json 1' }),
          small({ title: 'rest json 2', impact: 'Hihg' })].map((one) => JSON.stringify(one)).join('\n')],
    ]) {
      const first = await batch(client, content, name);
      const refused = `${first.file}.refused.${name.split('.')[1]}`;
      const rows = readFileSync(refused, 'utf8');
      assert.equal(rows.trim().split('\n').length, name.endsWith('.csv') ? 2 : 1);
      writeFileSync(refused, rows.replace('Hihg', 'Low'));
      assert.equal((await client.run(['report', '--batch', refused])).code, 0);
    }
    assert.deepEqual(await titles('rest'), ['rest "1"', 'rest, "2"', 'rest json 1', 'rest json 2']);
  });

  test('has equal rows as often as before, on this machine and on another', async () => {
    const [one, two] = [new Client(server.url), new Client(server.url)];
    const file = makeFile(csv(row('equal'), row('equal'), row('equal else')), 'rows.csv');
    for (const client of [one, one, two]) assert.equal((await client.run(['report', '--batch', file])).code, 0);
    assert.deepEqual((await titles('equal')).sort(), ['equal', 'equal', 'equal else']);
    writeFileSync(file, csv(row('equal'), row('equal'), row('equal')));
    assert.equal((await two.run(['report', '--batch', file])).code, 0);
    assert.equal((await titles('equal')).length, 4);
  });

  test('after its rows have waited, reports their results', async () => {
    const client = new Client(server.url);
    const later = await batch(client, csv(row('later 1'), row('later 2', 'Hihg')), 'rows.csv', ['--later']);
    assert.deepEqual([later.code, later.stdout], [75, '2 rows, 0 acknowledged, 0 refused, 2 waiting\n']);
    assert.equal((await client.run(['outbox', 'run'])).code, 65);
    const again = await client.run(['report', '--batch', later.file]);
    assert.deepEqual([again.code, again.stdout], [65, '2 rows, 1 acknowledged, 1 refused, 0 waiting\n']);
    assert.equal(await waiting(client), '');
    assert.deepEqual(await titles('later'), ['later 1']);
  });

  test('with a key column is identified by it, whatever else is corrected', async () => {
    const client = new Client(server.url);
    const rows = (...list) => `id,${HEADS}\n${list.join('\n')}\n`;
    const keyed = (content, name = 'rows.csv') => batch(client, content, name, ['--key-column', 'id']);
    assert.equal((await keyed(rows(`K-1,${row('keyed 1')}`, `K-2,${row('keyed 2', 'Hihg')}`))).code, 65);
    assert.equal((await keyed(rows(`K-1,${row('keyed 1')}`, `K-2,${row('keyed 2')}`))).code, 0);
    const changed = await keyed(rows(`K-1,${row('keyed changed')}`, `K-3,${row('keyed 3')}`, `K-3,${row('keyed 4')}`,
      `,${row('keyed 5')}`, `a b,${row('keyed 6')}`));
    assert.equal(changed.code, 65);
    for (const word of [/line 2: the key K-1 was used before/, /line 4: line 3 has the same key, "K-3"/,
      /line 5: the key column "id" is empty/, /line 6: a key must be 1 to 255/])
      assert.match(changed.stderr, word);
    assert.equal(
      (await keyed(
        `${JSON.stringify(small({ id: 'K-9', title: 'keyed 9' }))}\n${JSON.stringify(
          small({ id: 10, title: 'keyed 10' }))}`, 'rows.ndjson')).code, 0);
    assert.deepEqual(await titles('keyed'), ['keyed 1', 'keyed 2', 'keyed 3', 'keyed 9', 'keyed 10']);
    assert.equal((await batch(client, csv(row('keyed')), 'rows.csv', ['--key-column', 'none'])).code, 65);
    assert.equal((await client.run(Client.report('keyed 9', ['--key', 'K-9']))).code, 65,
      'the key is the one of the row, as it is written there');
  });
});

test('the same report under the same key from a second machine is one report', async () => {
  const [one, two] = [new Client(server.url), new Client(server.url)];
  const first = await one.report('one key', ['--key', 'wms-4711']);
  const second = await two.report('one key', ['--key', 'wms-4711']);
  assert.equal(second.code, 0, second.stderr);
  assert.equal(second.stdout, first.stdout);
  assert.equal((await two.report('timed by the client')).code, 0);
  assert.deepEqual((await records('one key')).map((r) => r.occurredAt), [null]);
  assert.notEqual((await records('timed'))[0].occurredAt, null);
});

test('results are readable only by their owner, follow no link, and never replace the file', async () => {
  const client = new Client(server.url);
  const folder = makeFolder();
  const file = path.join(folder, 'rows.csv');
  const other = makeFile('precious', 'other');
  writeFileSync(file, csv(row('safe 1'), row('safe 2', 'Hihg')));
  symlinkSync(other, `${file}.result.csv`);
  symlinkSync(other, `${file}.refused.csv`);
  assert.equal((await client.run(['report', '--batch', file])).code, 65);
  for (const word of ['result', 'refused']) {
    assert.equal(lstatSync(`${file}.${word}.csv`).isFile(), true);
    assert.equal(statSync(`${file}.${word}.csv`).mode & 0o777, 0o600);
  }
  assert.equal(readFileSync(other, 'utf8'), 'precious');
  assert.equal((await client.run(['report', '--batch', file, '--results', file])).code, 64);
  assert.equal((await client.run(['report', '--batch', file, '--results', '/dev/null'])).code, 65);
  assert.equal((await client.run(['report', '--batch', file, '--results', path.join(folder, 'none/r.csv')])).code, 74);
  assert.deepEqual(readdirSync(folder).filter((name) => /\.\w{6}$/.test(name)), [], 'nothing half-written is left');
});

test('flags without effect are refused', async () => {
  const client = new Client(server.url);
  const file = makeFile(csv(row('refused flag')), 'rows.csv');
  for (const words of [
    ['--batch', file, '--key', 'mine'], ['--batch', file, '--ask'], ['--batch', file, '--json', file],
    ['--batch', file, '--dry-run', '--later'],
    ['--title', 'refused flag', '--dry-run', '--key', 'k'], ['--title', 'refused flag', '--dry-run', '--later'],
    ['--title', 'refused flag', '--results', 'r'],
    ['--title', 'refused flag', '--key-column', 'id'], ['--title', 'refused flag', '--encoding', 'UTF-16'],
    ['--json', file, '--title', 'refused flag'],
  ]) {
    const { code, stderr } = await client.run(['report', ...words]);
    assert.deepEqual([code, stderr.trim().split('\n').length], [64, 1], words.join(' '));
  }
  for (const words of [['list', '--json', '--output', 'text'], ['doctor', '--json'],
    ['open', 'A-1', '--output', 'json'],
    ['login', '--url', 'http://a', '--username', 'a@b.c', '--secret-file', file, '--password-file', file]])
    assert.equal((await client.run(words)).code, 64, words.join(' '));
  assert.deepEqual(await titles('refused flag'), []);
});

test('text from others cannot look like a line of ours', async () => {
  const client = new Client(server.url);
  const title = 'shown\nEXA-CON-BUS-WOR-999 Done \u001b[2J\u202e';
  assert.equal(
    (await client.run(['report', '--json', '-'],
      { input: JSON.stringify(small({ title, description: 'a\nstatus: Done' })) })).code, 0);
  const { stdout } = await client.run(['list', '--limit', '1']);
  assert.match(stdout, /^\S+ +In Progress +- +shown\\nEXA-CON-BUS-WOR-999 Done \\u001B\[2J\\u202E\n$/);
  assert.match((await client.run(['show', stdout.split(' ')[0]])).stdout, /^description: a\n {4}status: Done$/m);
  await client.run(['report', '--json', '-', '--later'], { input: JSON.stringify(small({ title })) });
  assert.match((await client.run(['outbox', 'list'])).stdout, /^\d+ waiting shown\\n.*\n$/);
});

test('outbox drop --all deletes refused reports and no waiting ones', async () => {
  const client = new Client(server.url);
  for (const _ of [1, 2]) assert.equal((await client.report('')).code, 65);
  assert.equal((await client.report('still waits', ['--later'])).code, 75);
  for (const words of [[], ['1', '--all']]) assert.equal((await client.run(['outbox', 'drop', ...words])).code, 64);
  assert.equal((await client.run(['outbox', 'drop', '--all'])).code, 0);
  assert.match((await client.run(['outbox', 'list'])).stdout, /^\d+ waiting still waits\n$/);
});
