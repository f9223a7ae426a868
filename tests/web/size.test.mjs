/*
 * What the app weighs on the wire, compressed as browsers get it: first load, that is the page with its style and
 * scripts before anything is shown, and everything that one browser can come to load. And that it keeps what has a
 * hash in its name.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { brotliDecompressSync } from 'node:zlib';
import { root } from '../lib/program.mjs';
import { startServer } from '../lib/server.mjs';
import { openBrowser, openPage, signInBehind } from './browser.mjs';

const KILOBYTE = 1000;
/*
 * What repeats costs nearly nothing: without any type="button", of which there are 190, it would be as large. So
 * merging what is alike helps readers more than the size; what costs is names, texts and shapes of code that occur
 * once. Names that no browser needs are gone: words are put where they are said (web/build.mjs), children of elements
 * are arguments, and the tree of Markdown is made once. One script for the desk and the Workshop would be 3 kB less,
 * but then who has no Workshop would load its 40 kB. Brotli moves by 60 to 160 bytes with any change.
 */
const EVERYTHING = 160;
const LANGUAGES = ['en', 'nl'];
let server;
let browser;

before(async () => {
  server = await startServer();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A file as a browser gets it over TLS. */
const get = (name) =>
  server.request('GET', `/app/${name}`, { headers: { 'accept-encoding': 'gzip, deflate, br, zstd' }, check: false });

async function read(name) {
  const { status, headers, body } = await get(name);
  assert.deepEqual([status, headers['content-encoding']], [200, 'br'], name);
  return { bytes: body.length, text: brotliDecompressSync(body).toString() };
}

/** What a browser of this language asks for before anything is shown: what the page names, and its first script. */
async function firstFiles(language) {
  const named = ({ text }, pattern) => [...text.matchAll(pattern)].map(([, name]) => name);
  const files = named(await read(''), /(?:src|href)="\.\/([^"]+\.(?:js|css))"/g);
  const first = files.find((name) => name.startsWith('first-'));
  return ['', ...files, ...named(await read(first), new RegExp(`"([^"]+\\.${language}-\\w+\\.js)"`, 'g'))];
}

/** Every file that those name, and that these name: all that the browser can come to load. */
async function everything(language) {
  const all = new Map();
  const other = new RegExp(`\\.(?!${language}-)[a-z]{2}-`);
  const visit = async (name) => {
    if (all.has(name)) return;
    all.set(name, 0);
    const { bytes, text } = await read(name);
    all.set(name, bytes);
    for (const [found] of text.matchAll(/[\w.-]+-[A-Z0-9]{8}\.(js|css)|\bicon\.svg/g))
      if (!other.test(found)) await visit(found);
  };
  await visit('');
  return all;
}

const sum = (sizes) => [...sizes].reduce((total, bytes) => total + bytes, 0);

for (const language of LANGUAGES) {
  describe(language, () => {
    test('the first load is at most 60 kB', async (t) => {
      const names = await firstFiles(language);
      assert.ok(names.some((name) => name.startsWith(`app.${language}-`)), names.join());
      const bytes = sum((await Promise.all(names.map(read))).map((file) => file.bytes));
      t.diagnostic(`${bytes} bytes: ${names.join(' ')}`);
      assert.ok(bytes <= 60 * KILOBYTE, `${bytes} bytes`);
    });

    test(`everything is at most ${EVERYTHING} kB`, async (t) => {
      const all = await everything(language);
      const bytes = sum(all.values());
      t.diagnostic(`${bytes} bytes: ${[...all].map(([name, size]) => `${name} ${size}`).join(', ')}`);
      assert.ok(bytes <= EVERYTHING * KILOBYTE, `${bytes} bytes`);
    });
  });
}

test('every file of the app is one that some browser can come to load', async () => {
  const found = new Set();
  for (const language of LANGUAGES)
    for (const name of (await everything(language)).keys()) found.add(name);
  const dist = readdirSync(path.join(root, 'web/dist'));
  const others = ['docs.css', 'docs.html', 'index.html', 'index.nl.html', 'licences.txt', 'openapi.json'];
  assert.deepEqual(dist.filter((name) => !found.has(name)), others);
});

test('what has a hash in its name is kept for ever, the page is asked for each time', async () => {
  const named = [...(await everything('en')).keys()].filter((name) => name !== '' && name !== 'icon.svg');
  assert.ok(named.length >= 5, named.join());
  for (const name of named) {
    assert.match(name, /-[A-Z0-9]{8}\.(js|css)$/);
    assert.equal((await get(name)).headers['cache-control'], 'public, max-age=31536000, immutable');
  }
  for (const name of ['', 'icon.svg', 'docs.css']) assert.equal((await get(name)).headers['cache-control'], 'no-cache');
});

test('a browser gets Brotli, one language, and nothing more before somebody signs in', async () => {
  const page = await openPage(browser, server, { locale: 'nl-BE', as: null });
  const answers = [];
  page.on('response', (response) => /\.(js|css)$/.test(response.url()) && answers.push(response));
  await page.goto('/app/');
  await page.locator('#password').waitFor();
  const names = answers.map((answer) => answer.url().split('/').at(-1)).filter((name) => !name.startsWith('desk.'));
  assert.deepEqual(names.sort(), (await firstFiles('nl')).slice(1).sort());
  await signInBehind(page, server);
  await page.goto('/app/#/inbox');
  await page.reload();
  await page.locator('.inbox-nothing, .inbox-row').first().waitFor();
  for (const answer of answers) {
    assert.doesNotMatch(answer.url(), /\.en-/);
    assert.equal((await answer.allHeaders())['content-encoding'], 'br');
  }
  assert.deepEqual(page.noted, []);
});
