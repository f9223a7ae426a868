/*
 * GET /export/tasks.csv and .xlsx: what a list has, all of it, as files that a spreadsheet opens: dates and
 * numbers are such, identifiers stay as they are, and nothing is a formula. LibreOffice is the spreadsheet.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { crc32, inflateRawSync } from 'node:zlib';
import { findProgram } from '../lib/find.mjs';
import { connect, readAnswers } from '../lib/http.mjs';
import { makeFolder, run, until } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const ADMIN = 'admin@example.com';
const ALIEN = 'alien@example.com';
const LEAVER = 'leaver@example.com';
const users = [EXAMPLE, { email: ADMIN, admin: true }, { email: LEAVER, role: 'viewer', domain: EXAMPLE.domain },
  { email: ALIEN, role: 'viewer', domain: 'ELSE' }];
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const NOT_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
const LONG = 40_000; /* characters: a cell has 32,767 */

/* What spreadsheets take for something else than the text that it is. */
const HOSTILE = ['=1+1', '+1+1', '-1+1', '@SUM(A1)', '\t=1+1', "=cmd|' /C calc'!A0",
  '=HYPERLINK("http://x.example","y")',
  '-5', '-12.50', '007', '1E5', '2024-01-02', 'TRUE', 'a "quoted" b, c; d', 'line\r\nbreak\nanother',
  '<b>&amp;</b>', '_x0041_ _x000D_', '\u0001\u001f control', 'Zoll\u00fcberwachung \u6d77\u5173 \ud83d\udd25',
  '\ufffe\uffff', "'apostrophe", '{=1}', ']]>', '=', '%0A'];

let server;
before(async () => {
  server = await startServer({ users, workspaces: [WORKSPACE, 'ELSE-WHERE'] });
  const add = async (changes) => {
    const { status, text } = await server.addTask(small(changes));
    assert.equal(status, 201, text);
  };
  for (const title of HOSTILE)
    await add({ title, description: title, orderID: ['007', title], lrn: '007', category: title,
      financialImpact: '1234567.89', dueDate: '2024-02-29' });
  await add({ title: 'long', description: '\ud83d\udd25'.repeat(LONG / 2) });
  await add({ title: 'done', status: 'Done', tags: ['a', 'b'], Extra: { n: 1 } });
});
after(() => server.stop());

/** The rows of a CSV text: lists of {text, quoted}. */
function readCsv(text) {
  const rows = [[]];
  const cell = /("((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r\n)/gy;
  for (let m; cell.lastIndex < text.length && (m = cell.exec(text));) {
    rows.at(-1).push({ quoted: m[2] !== undefined, text: m[2]?.replaceAll('""', '"') ?? m[3] });
    if (m[4] === '\r\n') rows.push([]);
  }
  assert.deepEqual(rows.pop(), [], 'all of it can be read');
  return rows;
}

/** The members of a zip, each checked against its CRC. */
function readZip(bytes) {
  const end = bytes.lastIndexOf('PK\u0005\u0006', undefined, 'latin1');
  const members = {};
  for (let at = bytes.readUInt32LE(end + 16), n = bytes.readUInt16LE(end + 10); n > 0; n--) {
    const [size, unpacked, name] = [20, 24, 28].map((offset) =>
      offset === 28 ? bytes.readUInt16LE(at + 28) : bytes.readUInt32LE(at + offset));
    const start = bytes.readUInt32LE(at + 42);
    const data = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28);
    const content = inflateRawSync(bytes.subarray(data, data + size));
    assert.equal(content.length, unpacked);
    if (crc32) assert.equal(crc32(content), bytes.readUInt32LE(at + 16));
    members[bytes.toString('utf8', at + 46, at + 46 + name)] = content.toString();
    at += 46 + name + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return members;
}

const download = (kind, query = '', options) => server.get(`${API}/export/tasks.${kind}${query}`, options);

async function csvRows(query, options) {
  const answer = await download('csv', query, options);
  assert.equal(answer.status, 200, answer.text);
  assert.ok(answer.text.startsWith('\ufeff'));
  const [header, ...rows] = readCsv(answer.text.slice(1));
  return rows.map((row) => Object.fromEntries(row.map((cell, i) => [header[i].text, cell])));
}

/* As it comes out of a CSV: an apostrophe before what would be a formula. */
const harmless = (text) => (/^[=+\-@\t\r]/.test(text) && !/^[+-]\d+(\.\d+)?$/.test(text) ? `'${text}` : text);

describe('CSV', () => {
  test('has what the list has, in its order', async () => {
    for (const [query, sort] of [['', {}], ['?sort=created', { sort: 'created' }],
      ['?category=007', { category: '007' }],
      ['?status=Done&q=done', { status: 'Done', q: 'done' }], ['?q=nothing+of+this', { q: 'nothing of this' }]]) {
      const list = await server.listAll(sort);
      const rows = await csvRows(query);
      assert.deepEqual(rows.map(({ key }) => key.text), list.map(({ key }) => key), query);
      list.forEach((record, i) => {
        const row = rows[i];
        assert.equal(row.title.text, harmless(record.title));
        assert.equal(row.description.text, harmless(record.description));
        assert.equal(row.orderID.text, harmless(record.orderID.join('; ')));
        assert.equal(row.LRN.text, record.LRN ?? '');
        assert.equal(row.financialImpact.text, record.financialImpact ?? '');
        assert.equal(row.dueDate.text, record.dueDate ?? '');
        assert.equal(row.createdAt.text, record.createdAt.slice(0, 19).replace('T', ' '));
        assert.equal(row.closedAt.text, record.closedAt?.slice(0, 19).replace('T', ' ') ?? '');
        assert.equal(row.open.text, String(record.open));
        assert.equal(row.overdue.text, String(record.overdue));
        assert.equal(row.taskLink.text, record.taskLink);
      });
    }
  });
  test('no text is a formula, and numbers stay numbers', async () => {
    for (const row of await csvRows(''))
      for (const [name, { text, quoted }] of Object.entries(row))
        if (quoted) assert.ok(!/^[=+\-@\t\r]/.test(text) || /^[+-]\d+(\.\d+)?$/.test(text), `${name}: ${text}`);
        else assert.match(text, /^(|-?\d+(\.\d\d)?|\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?|true|false)$/, name);
    const [five] = await csvRows('?category=-5');
    assert.equal(five.title.text, '-5');
  });
  test('is named, and is a download', async () => {
    const { headers } = await download('csv');
    assert.match(headers['content-disposition'], /^attachment; filename="tasks-\d{4}-\d\d-\d\d-\d{6}\.csv"$/);
    assert.equal(headers['content-type'], 'text/csv; charset=utf-8');
  });
  test('has only what the caller may see', async () => {
    assert.deepEqual(await csvRows('', { as: ALIEN }), []);
  });
});

test('an unknown filter, and parameters of lists alone, are refused before anything is sent', async () => {
  for (const query of ['?limit=5', '?cursor=x', '?total=true', '?q=staus:x', '?sort=title', '?status=Open'])
    for (const kind of ['csv', 'xlsx']) {
      const answer = await download(kind, query);
      assert.equal(answer.status, 400, query);
      assert.ok(answer.json.detail);
    }
});

test("the web app's cookie suffices in a link of its own pages", async () => {
  const signIn = await server.request('POST', '/app/session', { headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: EXAMPLE.email, password: EXAMPLE.password }) });
  const cookie = signIn.headers['set-cookie'][0].split(';')[0];
  for (const kind of ['csv', 'xlsx'])
    for (const [site, status] of [['same-origin', 200], ['cross-site', 403], ['same-site', 403], ['none', 403]])
      assert.equal((await server.request('GET', `${API}/export/tasks.${kind}`,
        { headers: { cookie, 'sec-fetch-site': site } })).status, status, site);
  assert.equal((await server.request('GET', `${API}/stats?by=status`,
    { headers: { cookie, 'sec-fetch-site': 'same-origin' } })).status, 403);
});

describe('XLSX', () => {
  test('is a whole zip in which no cell is a formula', async () => {
    const answer = await download('xlsx', '?sort=created');
    assert.equal(answer.status, 200);
    assert.equal(answer.mediaType, XLSX);
    assert.match(answer.headers['content-disposition'], /^attachment; filename="tasks-[-\d]+\.xlsx"$/);
    const members = readZip(answer.body);
    assert.deepEqual(Object.keys(members).sort(), ['[Content_Types].xml', '_rels/.rels', 'xl/_rels/workbook.xml.rels',
      'xl/styles.xml', 'xl/workbook.xml', 'xl/worksheets/sheet1.xml', 'xl/worksheets/sheet2.xml']);
    for (const xml of Object.values(members)) {
      assert.ok(!/<f[ >]/.test(xml));
      assert.equal(xml.replace(NOT_XML, ''), xml);
    }
    assert.equal(members['xl/worksheets/sheet1.xml'].match(/<row /g).length, HOSTILE.length + 3);
  });

  test('says each of the filters, also where there are as many as a call can have', async () => {
    const { body } = await download('xlsx', `?${Array(64).fill('status=Done').join('&')}`);
    const about = readZip(body)['xl/worksheets/sheet2.xml'];
    assert.equal(about.split('status: Done').length - 1, 64);
  });

  test('LibreOffice sees dates, numbers and texts, and every text as it was', async (t) => {
    const office = findProgram('soffice', 'libreoffice');
    if (!office) return t.skip('NOT TESTED: LibreOffice is not installed');
    const list = await server.listAll({ sort: 'created' });
    const folder = makeFolder();
    const { body } = await download('xlsx', '?sort=created&status=In+Progress&status=Done');
    writeFileSync(path.join(folder, 'tasks.xlsx'), body);
    await run(office, [`-env:UserInstallation=file://${folder}/profile`, '--headless', '--convert-to', 'fods',
      '--outdir', folder, path.join(folder, 'tasks.xlsx')], { timeout: 240_000 });
    const xml = readFileSync(path.join(folder, 'tasks.fods'), 'utf8');
    assert.ok(!xml.includes('table:formula'));
    const [tasks, about] = xml.split('<table:table ').slice(1);
    const rows = readFods(tasks);
    const header = rows.shift().map(({ text }) => text);
    assert.equal(rows.length, list.length);
    list.forEach((record, i) => {
      const cell = (name) => rows[i][header.indexOf(name)];
      const is = (name, type, value) =>
        assert.deepEqual([cell(name).type, cell(name).value ?? cell(name).text], [type, value], name);
      const text = (name, value) => {
        assert.equal(cell(name)?.text ?? '', value ?? '', name);
        if (value) assert.equal(cell(name).type, 'string', name);
      };
      const lines = (value) => value?.replaceAll('\r\n', '\n').replace(NOT_XML, '');
      text('key', record.key);
      text('LRN', record.LRN);
      text('orderID', lines(record.orderID.join('; ')));
      if (record.title !== 'long') text('description', lines(record.description));
      else assert.match(cell('description').text, /^.{32000,}\u2026$/);
      if (record.financialImpact) is('financialImpact', 'float', String(Number(record.financialImpact)));
      if (record.dueDate) is('dueDate', 'date', record.dueDate);
      assert.equal(cell('createdAt').type, 'date');
      const shown = `${cell('createdAt').value.slice(0, 23)}Z`; /* LibreOffice writes whole seconds, or more digits */
      assert.ok(Math.abs(Date.parse(shown) - Date.parse(record.createdAt)) < 1000, `${shown} ${record.createdAt}`);
      is('open', 'string', String(record.open));
    });
    const lines = readFods(about).map((row) => [row[0].text, row[1].value ?? row[1].text]);
    assert.deepEqual(lines.find(([name]) => name === 'Records'), ['Records', String(list.length)]);
    assert.deepEqual(lines.find(([name]) => name === 'Exported by'), ['Exported by', EXAMPLE.email]);
    assert.deepEqual(lines.filter(([name]) => name === 'Filter').map(([, value]) => value),
      ['sort: created', 'status: In Progress', 'status: Done']);
    assert.match(lines.find(([name]) => name.startsWith('Exported at'))[1], /^\d{4}-\d\d-\d\dT/);
  });
});

/** The rows of a table of a flat OpenDocument file: lists of {type, value, text}. */
function readFods(table) {
  const plain = (xml) => xml.replaceAll(/<text:s(?: text:c="(\d+)")?\/>/g, (_, n) => ' '.repeat(Number(n ?? 1)))
    .replaceAll('<text:tab/>', '\t').replaceAll('<text:line-break/>', '\n').replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&#(\d+);/g, (_, n) => String.fromCodePoint(Number(n)))
    .replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
  return [...table.matchAll(/<table:table-row[^>]*?(?:\/>|>(.*?)<\/table:table-row>)/gs)].map(([, row = '']) =>
    [...row.matchAll(/<table:table-cell([^>]*?)(?:\/>|>(.*?)<\/table:table-cell>)/gs)].flatMap((found) => {
      const [, attributes, inner = ''] = found;
      const of = (name) => new RegExp(`${name}="([^"]*)"`).exec(attributes)?.[1];
      const times = Number(of('table:number-columns-repeated') ?? 1);
      const lines = inner.matchAll(/<text:p[^>]*?(?:\/>|>(.*?)<\/text:p>)/gs);
      const text = [...lines].map(([, p = '']) => plain(p)).join('\n');
      const cell = { type: of('office:value-type'), value: of('office:(?:date-|boolean-)?value'), text };
      return Array(times > 100 ? 1 : times).fill(cell);
    })).filter((row) => row.some(({ type }) => type));
}

describe('an export that is longer than what a connection holds', () => {
  const RECORDS = 600;
  before(async () => {
    const items = Array.from({ length: RECORDS }, (_, i) =>
      ({ task: small({ title: `big ${i}`, description: `${i} `.padEnd(60_000, 'x'), category: 'big' }) }));
    for (let i = 0; i < RECORDS; i += 200) {
      const sent = await server.addTasks(items.slice(i, i + 200));
      assert.ok(sent.json.items.every(({ status }) => status === 201));
    }
  });

  async function begin(as = EXAMPLE.email) {
    const token = await server.token(as);
    const socket = await connect(server.where);
    const chunks = [];
    socket.on('data', (data) => chunks.push(data));
    const head = `Host: a\r\nAuthorization: Bearer ${token}`;
    socket.write(`GET ${API}/export/tasks.csv?category=big HTTP/1.1\r\n${head}\r\n\r\n`);
    await once(socket, 'data');
    socket.pause();
    return { socket, chunks };
  }

  test('waits for a client that reads slowly, and is whole', async () => {
    const { socket, chunks } = await begin();
    /* Others are served in between. */
    assert.equal((await server.get(`${API}/tasks?limit=1`)).status, 200);
    socket.resume();
    const answer = await until(() => readAnswers(Buffer.concat(chunks))[0], 'the whole answer');
    socket.destroy();
    const rows = readCsv(answer.text.slice(1));
    assert.equal(rows.length, RECORDS + 1);
    assert.equal(new Set(rows.map(([key]) => key.text)).size, RECORDS + 1);
  });

  test('ends when its client leaves, and the next one gets it whole', async () => {
    const { socket } = await begin();
    socket.destroy();
    assert.equal((await csvRows('?category=big')).length, RECORDS);
  });

  test('is cut off when its caller loses the right during it', async () => {
    const { socket, chunks } = await begin(LEAVER);
    const { status } = await server.send(ADMIN, 'PATCH', `${API}/people/${LEAVER}`, { roles: [] },
      { headers: { 'if-match': '*', 'content-type': 'application/json' } });
    assert.equal(status, 200);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    await closed;
    assert.deepEqual(readAnswers(Buffer.concat(chunks)), []);
    assert.match(server.log, /answer cut off.*FORBIDDEN/);
  });
});
