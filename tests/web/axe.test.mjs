/* Accessibility of every page, in both themes and on a phone, as far as axe-core can tell. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { openBrowser } from './browser.mjs';
import { keep, openNamed, pages, startWithRecords } from './pages.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
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

describe('axe-core finds nothing', () => {
  for (const [theme, width] of [['light', 1280], ['dark', 1280], ['light', 360]]) {
    for (const name of Object.keys(pages)) {
      test(`${name}, ${theme}, ${width} px`, async () => {
        const page = await open(name, { theme, width, bypassCSP: true });
        await page.addScriptTag({ content: axe });
        const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
        const words = found.violations.map(
          ({ id, help, nodes }) => `${id}: ${help}\n${nodes.map((node) => `  ${node.html}\n  ${node.failureSummary}`).join('\n')}`,
        );
        assert.deepEqual(words, []);
        await keep(page, `${name}-${theme}-${width}`);
        await page.context().close();
      });
    }
  }
});
