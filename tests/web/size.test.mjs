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
import { openBrowser, openPage } from './browser.mjs';

const KILOBYTE = 1000;
const LANGUAGES = { en: 'en-GB', nl: 'nl-NL' };
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

/** What a browser of this language asks for before anything is shown. */
async function firstFiles(locale) {
  const page = await openPage(browser, server, { locale, as: null });
  const asked = new Set();
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (/^\/app\/([^/]*\.(js|css))?$/.test(pathname)) asked.add(pathname.slice('/app/'.length));
  });
  await page.goto('/app/#/me'); // signing in, where nothing more is loaded in advance until the page is there
  await page.locator('#password').waitFor();
  const first = await page.evaluate(() => performance.getEntriesByType('paint')[0].startTime);
  const late = await page.evaluate(
    (shown) => performance.getEntriesByType('resource').filter(({ startTime }) => startTime > shown).map(({ name }) => name),
    first,
  );
  await page.context().close();
  return [...asked].filter((name) => !late.some((url) => url.endsWith(`/${name}`)));
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
    for (const [found] of text.matchAll(/[\w.-]+-[A-Z0-9]{8}\.(js|css)|\bicon\.svg/g)) if (!other.test(found)) await visit(found);
  };
  await visit('');
  return all;
}

const sum = (sizes) => [...sizes].reduce((total, bytes) => total + bytes, 0);

for (const [language, locale] of Object.entries(LANGUAGES)) {
  describe(language, () => {
    test('the first load is at most 60 kB', async (t) => {
      const names = await firstFiles(locale);
      assert.ok(names.some((name) => name.startsWith(`app.${language}-`)), names.join());
      const bytes = sum((await Promise.all(names.map(read))).map((file) => file.bytes));
      t.diagnostic(`${bytes} bytes: ${names.join(' ')}`);
      assert.ok(bytes <= 60 * KILOBYTE, `${bytes} bytes`);
    });

    test('everything', async (t) => {
      const all = await everything(language);
      t.diagnostic(`${sum(all.values())} bytes: ${[...all].map(([name, bytes]) => `${name} ${bytes}`).join(', ')}`);
    });
  });
}

test('every file of the app is one that some browser can come to load', async () => {
  const found = new Set();
  for (const language of Object.keys(LANGUAGES)) for (const name of (await everything(language)).keys()) found.add(name);
  const dist = readdirSync(path.join(root, 'web/dist'));
  assert.deepEqual(dist.filter((name) => !found.has(name)), ['docs.css', 'docs.html', 'index.html', 'licences.txt', 'openapi.json']);
});
