/*
 * How the app looks everywhere: every page in both themes, on a phone and on the narrowest screen,
 * for people and for what axe-core can tell; paper, and the Content-Security-Policy.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { patience } from '../lib/program.mjs';
import { SAMPLE } from '../lib/server.mjs';
import { openBrowser, openPage, scrollsSideways } from './browser.mjs';
import { keep, pages, show, startWithRecords } from './pages.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let server;
let browser;

before(async () => {
  server = await startWithRecords();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function open(name, options) {
  const page = await openPage(browser, server, { ...options, as: null });
  await show(page, server, name);
  return page;
}

/** What axe-core finds on a page that has it. */
async function violations(page) {
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return found.violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map((node) => `  ${node.html}\n  ${node.failureSummary}`).join('\n')}`,
  );
}

const screens = [['light', 1280, 860], ['dark', 1280, 860], ['light', 360, 860], ['light', 320, 640]];
describe('axe-core finds nothing, nothing scrolls sideways, breaks the policy or comes from elsewhere', () => {
  for (const [theme, width, height] of screens) {
    describe(`${theme}, ${width} px`, () => {
      let page; // one for all: opening one takes longer than all that is looked at on it

      before(async () => {
        page = await openPage(browser, server, { theme, width, height });
        await page.addInitScript(axe); // past the policy, which stays as it is
      });
      after(() => page?.context().close());

      for (const name of Object.keys(pages)) {
        test(name, async () => {
          await show(page, server, name);
          await keep(page, `${name}-${theme}-${width}`);
          const faults = await violations(page);
          if (await scrollsSideways(page)) faults.push('it scrolls sideways');
          assert.deepEqual([...faults, ...page.noted], []);
        });
      }
    });
  }
});

test('a page that broke the policy would be noticed', async () => {
  const page = await open('list');
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.pwned = 1';
    document.body.append(script);
  });
  // The browser reports it when it comes to it, perhaps after the call above has answered.
  for (let i = 0; i < 1000 * patience && page.noted.length === 0; i += 1) await setTimeout(50);
  assert.equal(page.noted.length, 1);
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  await page.context().close();
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
  const choose = async (name) => {
    await page.getByRole('button', { name: /^Account/ }).click();
    await page.getByRole('menuitemradio', { name, exact: true }).click();
  };
  await choose('Dark');
  assert.ok((await lightness(page)) < 128);
  await page.reload();
  await page.locator('table.tasks').waitFor();
  assert.ok((await lightness(page)) < 128);
  await choose('As the system');
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
