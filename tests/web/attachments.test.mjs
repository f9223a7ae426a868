/*
 * Attachments in a browser: whatever a file is, the browser saves it or shows it as an image, and
 * nothing in it runs, when a link of the app leads to it, when a page opens it, or shows it inside.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { patience } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';
import { openBrowser, openPage } from './browser.mjs';

/* Each says so if it runs: it asks for an address that nothing else asks for. */
const ALARM = `${API}/alarm`;
const script = `fetch('${ALARM}');document.title='ran'`;
const html = `<!doctype html><title>quiet</title><body onload="${script}"><script>${script}</script>
  <img src=x onerror="${script}">`;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="${script}"><script>${script}</script></svg>`;
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const FILES = {
  'page.html': ['text/html', html],
  'page.xhtml': ['application/xhtml+xml',
    `<html xmlns="http://www.w3.org/1999/xhtml"><script>${script}</script></html>`],
  'image.svg': ['image/svg+xml', svg],
  'page.xml': ['text/xml', svg],
  'file.pdf': ['application/pdf',
    '%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj'],
  'code.js': ['text/javascript', script],
  'text.txt': ['text/plain', html],
  'page.png': ['image/png', html],
  'polyglot.gif': ['image/gif', `GIF89a/*${html}*/=0;${script}`],
  'pixel.png': ['image/png', pixel],
  'none': ['', html],
};

let server;
let browser;
let page;
const links = {};
const asked = [];
before(async () => {
  server = await startServer();
  const { key } = await server.createAndRead(small());
  for (const [name, [type, bytes]] of Object.entries(FILES)) {
    const answer = await server.requestAs(EXAMPLE.email, 'POST', `${API}/tasks/${key}/attachments?name=${name}`,
      { headers: type ? { 'content-type': type } : {}, body: bytes });
    assert.equal(answer.status, 201, answer.text);
    links[name] = new URL(answer.headers.location).pathname;
  }
  browser = await openBrowser();
  page = await openPage(browser, server, { acceptDownloads: true });
  page.context().on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto('/app/#/todo');
  await page.locator('table.tasks').waitFor();
});
after(async () => {
  await browser?.close();
  await server.stop();
});

const shown = new Set(['polyglot.gif', 'pixel.png']);

for (const name of Object.keys(FILES))
  test(`${name}: a link of the app ${shown.has(name) ? 'shows' : 'saves'} it, and nothing runs`, async () => {
    /* A link in a tab of its own, as a person would open it. */
    const opened = page.context().waitForEvent('page');
    const saved = new Promise((resolve, reject) => {
      page.context()
        .once('page', (tab) => tab.waitForEvent('download', { timeout: 60_000 * patience }).then(resolve, reject));
    });
    saved.catch(() => {}); /* of what is shown nothing is */
    await page.evaluate((href) => {
      const link = Object.assign(document.createElement('a'), { href, target: '_blank', rel: 'opener' });
      document.body.append(link);
      link.click();
      link.remove();
    }, links[name]);
    const tab = await opened;
    if (shown.has(name)) {
      await tab.waitForLoadState();
      assert.ok(tab.url().endsWith(links[name]));
      assert.notEqual(await tab.title(), 'ran');
    } else {
      assert.equal((await saved).suggestedFilename(), name);
    }
    if (!tab.isClosed()) await tab.close();
    assert.ok(!asked.includes(ALARM), 'a script ran');
  });

test('nor inside a page: as a script, a style, a frame, an object', async () => {
  const ran = await page.evaluate(async ({ urls, limit }) => {
    const ends = [];
    for (const url of urls)
      for (const [tag, attribute] of [['script', 'src'], ['iframe', 'src'], ['object', 'data'], ['embed', 'src'],
          ['img', 'src']]) {
        const element = document.createElement(tag);
        ends.push(new Promise((resolve) => {
          element.onload = element.onerror = resolve;
          setTimeout(resolve, limit);
        }));
        element[attribute] = url;
        document.body.append(element);
      }
    await Promise.all(ends);
    return document.title === 'ran';
  }, { urls: Object.values(links), limit: 2000 * patience });
  assert.ok(!ran);
  assert.ok(!asked.includes(ALARM), 'a script ran');
});
