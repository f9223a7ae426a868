/* How the app looks everywhere: both themes, the narrowest screen, paper, the Content-Security-Policy. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { patience } from '../lib/program.mjs';
import { SAMPLE } from '../lib/server.mjs';
import { openBrowser, scrollsSideways } from './browser.mjs';
import { keep, openNamed, pages, startWithRecords } from './pages.mjs';

let server;
let browser;
const open = (name, options) => openNamed(browser, server, name, options);

before(async () => {
  server = await startWithRecords();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

describe('fits into 320 px without scrolling sideways, within the policy, fetching nothing from elsewhere', () => {
  for (const name of Object.keys(pages)) {
    test(name, async () => {
      const page = await open(name, { width: 320, height: 640 });
      assert.equal(await scrollsSideways(page), false);
      assert.deepEqual(page.noted, []);
      await keep(page, `${name}-320`);
      await page.context().close();
    });
  }

  test('a page that broke the policy would be noticed', async () => {
    const page = await open('list');
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.pwned = 1';
      document.body.append(script);
    });
    // The browser reports it when it comes to it, perhaps after the call above has answered.
    for (let i = 0; i < 100 * patience && page.noted.length === 0; i += 1) await setTimeout(50);
    assert.equal(page.noted.length, 1);
    assert.equal(await page.evaluate(() => window.pwned), undefined);
    await page.context().close();
  });
});

/** How light the page's ground is, 0 to 255, by what is on the screen. */
async function lightness(page) {
  return page.evaluate(async () => {
    const context = new OffscreenCanvas(1, 1).getContext('2d');
    context.fillStyle = getComputedStyle(document.documentElement).backgroundColor;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
    return (r + g + b) / 3;
  });
}

test('light and dark follow the system', async () => {
  for (const [theme, light] of [['light', true], ['dark', false]]) {
    const page = await open('list', { theme });
    assert.equal((await lightness(page)) > 128, light, theme);
    await page.context().close();
  }
});

test('a theme that was chosen stays, also after a reload', async () => {
  const page = await open('list', { theme: 'light' });
  await page.getByRole('button', { name: 'Theme: as the system' }).click();
  await page.getByRole('button', { name: 'Theme: light' }).click();
  assert.ok((await lightness(page)) < 128);
  await page.reload();
  await page.getByRole('button', { name: 'Theme: dark' }).waitFor();
  assert.ok((await lightness(page)) < 128);
  await page.getByRole('button', { name: 'Theme: dark' }).click();
  assert.ok((await lightness(page)) > 128);
  await page.context().close();
});

test('an acceptance environment says so on every page', async () => {
  for (const name of ['sign-in', 'list', 'record']) {
    const page = await open(name);
    await page.getByRole('complementary', { name: 'Environment' }).getByText(/^Acceptance environment/).waitFor();
    await page.context().close();
  }
});

test('on paper there is the record and no buttons', async () => {
  const page = await open('record');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('button:visible').count(), 0);
  assert.ok(await page.getByRole('heading', { level: 1, name: SAMPLE.title }).isVisible());
  await page.context().close();
});
