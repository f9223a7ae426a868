/*
 * Records from a CSV file: how it is read, what the server says of each row, and that the same file twice makes
 * nothing twice, whatever broke in between.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { build } from '../../web/node_modules/esbuild/lib/main.js';
import { root } from '../lib/program.mjs';
import { startServer } from '../lib/server.mjs';
import { openBrowser, scrollsSideways } from './browser.mjs';
import { MANAGER, openAs, PEOPLE } from './people.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let server;
let browser;
let page;

before(async () => {
  server = await startServer({ users: PEOPLE });
  browser = await openBrowser();
  page = await openAs(browser, server, MANAGER);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A module of the app, as it is built for it. */
async function load(name) {
  const file = path.join(root, 'web/src/pages/workshop', name);
  const { outputFiles } = await build({ entryPoints: [file], bundle: true, format: 'esm', write: false });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}

describe('the parser', async () => {
  const { parseCsv, writeCsv, guessDelimiter, decode } = await load('csv.ts');
  const cases = [
    ['a,b\r\nc,d\r\n', [['a', 'b'], ['c', 'd']]],
    ['a,b\nc,', [['a', 'b'], ['c', '']]],
    ['a\r\rb', [['a'], ['b']]],
    [',\n', [['', '']]],
    ['"a ""q"", b","c\nd"\n', [['a "q", b', 'c\nd']]],
    ['"a"x,b', [['ax', 'b']]],
    ['a "b" c,"', [['a "b" c', '']]],
    ['"never closed\nb', [['never closed\nb']]],
    ['', []],
  ];
  for (const [text, rows] of cases)
    test(JSON.stringify(text), () => assert.deepEqual(parseCsv(text, ','), rows));

  test('what is written is read again, and no cell of it is a formula', () => {
    const rows = [['a', 'b "q"', 'c,d;e'], ['x\ny', '', '\u00e9']];
    assert.deepEqual(parseCsv(writeCsv(rows).slice(1), ','), rows);
    for (const cell of ['=1+1', '+1', '-1', '@x', '\tx']) assert.ok(writeCsv([[cell]]).includes(`'${cell}`), cell);
  });

  test('delimiter and encoding are seen', () => {
    assert.equal(guessDelimiter('a;b;c\n"1,2";3;4\n'), ';');
    assert.equal(guessDelimiter('a\tb\n1\t2,5\n'), '\t');
    assert.equal(guessDelimiter('a,b\n1;2,3\n'), ',');
    assert.deepEqual(decode(Buffer.from('caf\u00e9', 'utf8')), { text: 'caf\u00e9', encoding: 'utf-8' });
    const french = Buffer.from('caf\u00e9', 'latin1');
    assert.deepEqual(decode(french), { text: 'caf\u00e9', encoding: 'windows-1252' });
  });
});

describe('days, amounts and names of columns', async () => {
  const { readDay, readAmount, guessColumns } = await load('import-map.ts');
  const days = [
    ['31-12-2026', 'dmy', '2026-12-31'], ['1/2/2026', 'dmy', '2026-02-01'], ['1/2/2026', 'mdy', '2026-01-02'],
    ['1-2-2026', 'iso', '1-2-2026'], ['2026-12-31', 'dmy', '2026-12-31'], ['31-12-26', 'dmy', '31-12-26'],
  ];
  for (const [text, style, day] of days) test(`${text} ${style}`, () => assert.equal(readDay(text, style), day));
  const amounts = [
    ['1.234,56', 'comma', '1234.56'], ['1234,5', 'comma', '1234.5'], ['\u20ac 1.234', 'comma', '1234'],
    ['1.23', 'comma', '1.23'], ['1,234.56', 'point', '1234.56'], ['1.234,56', 'plain', '1.234,56'], ['x', 'comma', 'x'],
  ];
  for (const [text, style, amount] of amounts)
    test(`${text} ${style}`, () => assert.equal(readAmount(text, style), amount));
  test('English and Dutch names', () => {
    const members = { title: {}, description: {}, orderID: {}, dueDate: {}, LRN: {}, gate: { title: 'Which gate' } };
    assert.deepEqual(
      guessColumns(['Titel', 'OMSCHRIJVING', 'Order ID', 'deadline', 'lrn', 'Which gate?', 'Title', 'x'], members),
      ['title', 'description', 'orderID', 'dueDate', 'LRN', 'gate', '', ''],
    );
  });
});

async function open(name, text, on = page) {
  await on.goto('about:blank');
  await on.goto(`${server.url}/app/#/workshop/imports`);
  const buffer = typeof text === 'string' ? Buffer.from(text) : text;
  await on.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer });
  await on.locator('.import-rows .good-text, .import-rows .fault-text').first().waitFor();
}
const records = () => server.listAll({}, { as: MANAGER });
const said = (words) => page.getByRole('status').getByText(words).waitFor({ timeout: 60_000 });

test('a Dutch file of Windows-1252: read, previewed, and stored as it was chosen', async () => {
  const text = 'Titel;Omschrijving;Ordernummer;Bedrag;Vervaldatum\r\n' +
    'Caf\u00e9 \x80;"=1+1 <b>""q""</b>";A1;1.234,56;31-12-2030\r\n';
  await open('een.csv', Buffer.from(text, 'latin1'));
  assert.equal(await page.getByLabel('Written in').inputValue(), 'windows-1252');
  assert.equal(await page.getByLabel('Separated by').inputValue(), ';');
  // Not guessed silently.
  await page.locator('.import-rows .fault-text').getByText('Potential financial').waitFor();
  await page.getByLabel('Days are written').selectOption('dmy');
  await page.getByLabel('Amounts are written').selectOption('comma');
  await page.getByText('is read as 2030-12-31').waitFor();
  await page.getByText('is read as 1234.56').waitFor();
  await page.locator('.import-rows .good-text').getByText('right').waitFor();
  await page.getByRole('button', { name: 'Import 1 rows' }).click();
  await said('1 made, 0 were there already, 0 refused');
  const [record] = await records();
  assert.deepEqual(
    [record.title, record.description, record.orderID, record.financialImpact, record.dueDate, record.reporter],
    ['Caf\u00e9 \u20ac', '=1+1 <b>"q"</b>', ['A1'], '1234.56', '2030-12-31', MANAGER],
  );
  assert.deepEqual(page.noted, []);
});

test('1,200 rows with faults; the same file twice makes nothing twice; refused rows come as a file', async () => {
  const lines = Array.from({ length: 1200 }, (_, i) => `Row ${i},${i % 100 === 7 ? '' : 'text'},O${i}`);
  const text = `title,description,orderID\n${lines.join('\n')}\n`;
  const earlier = (await records()).length;
  await open('many.csv', text);
  await page.getByRole('button', { name: 'Check all rows' }).click();
  await said('1,188 right, 12 refused');
  assert.equal((await records()).length, earlier);
  await page.getByRole('button', { name: 'Import 1,200 rows' }).click();
  await said('1,188 made, 0 were there already, 12 refused');
  assert.equal((await records()).length, earlier + 1188);

  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download the refused rows as CSV' }).click(),
  ]);
  const refused = readFileSync(await file.path(), 'utf8').trim().split('\r\n');
  assert.equal(refused.length, 13);
  assert.equal(refused[1], 'Row 7,,O7,9,Description is required.');

  await open('many.csv', text);
  await page.getByRole('button', { name: 'Import 1,200 rows' }).click();
  await said('0 made, 1,188 were there already, 12 refused');
  assert.equal((await records()).length, earlier + 1188);
});

test('the connection breaks after the server stored: going on, and a reload, make nothing twice', async () => {
  const text = `title,description,orderID\n${Array.from({ length: 450 }, (_, i) => `B${i},x,B${i}`).join('\n')}\n`;
  const earlier = (await records()).length;
  await open('broken.csv', text);
  let calls = 0;
  await page.route('**/task/add-tasks?*dryRun=false', async (route) => {
    calls += 1;
    if (calls === 1) return route.continue();
    await route.fetch(); // stored, but the answer is lost
    return route.abort();
  });
  await page.getByRole('button', { name: 'Import 450 rows' }).click();
  await page.getByText('The connection broke.').waitFor({ timeout: 60_000 });
  assert.equal((await records()).length, earlier + 400);
  await page.unroute('**/task/add-tasks?*dryRun=false');

  await page.goto('about:blank');
  await page.goto(`${server.url}/app/#/workshop/imports`);
  await page.getByText('The import of broken.csv was interrupted after 200 rows.').waitFor();
  await open('broken.csv', text);
  await page.getByRole('button', { name: 'Import 450 rows' }).click();
  await said('50 made, 400 were there already, 0 refused');
  assert.equal((await records()).length, earlier + 450);
});

test('hostile texts, axe, and 360 px', async () => {
  const hostile = `=cmd|' /C calc'!A0<img src=x onerror=alert(1)>${'w'.repeat(300)}`;
  const text = `title,description,"${hostile}"\n"${hostile}","${hostile}","${hostile}"\n`;
  for (const [theme, width] of [['light', 1280], ['dark', 360]]) {
    const narrow = await openAs(browser, server, MANAGER, { theme, width });
    await narrow.addInitScript(axe);
    await open(`${hostile.replace(/[/]/g, '')}.csv`, text, narrow);
    const found = await narrow.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    assert.deepEqual(found.violations.map(({ id, nodes }) => `${id} ${nodes[0].html}`), []);
    assert.equal(await scrollsSideways(narrow), false);
    assert.deepEqual(narrow.noted, []);
    await narrow.context().close();
  }
});

test('pasted rows are read like a file, and a file without rows says so', async () => {
  await page.goto('about:blank');
  await page.goto(`${server.url}/app/#/workshop/imports`);
  await page.getByLabel('Or paste its rows here').fill('title\tdescription\tOrder\nPasted\tx\tP1');
  await page.getByRole('button', { name: 'Use what is pasted' }).click();
  await page.locator('.import-rows').getByText('Pasted').waitFor();
  assert.equal(await page.getByLabel('Separated by').inputValue(), '\t');
  await page.getByRole('button', { name: 'Another file' }).click();
  const empty = { name: 'e.csv', mimeType: 'text/csv', buffer: Buffer.from('a\n') };
  await page.locator('input[type=file]').setInputFiles(empty);
  await page.getByRole('heading', { name: 'There are no rows in it.' }).waitFor();
});
