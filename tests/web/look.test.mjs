/*
 * How the app looks and reads everywhere: accessibility by axe-core, both themes, the narrowest
 * screen, the Content-Security-Policy. With BZCTRL_SCREENSHOTS=DIR every page is also kept as a
 * picture there.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { patience } from '../lib/program.mjs';
import { SAMPLE, small, startServer } from '../lib/server.mjs';
import { openBrowser, openPage, scrollsSideways } from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = process.env.BZCTRL_SCREENSHOTS;
let server;
let browser;

const pages = {
  'sign-in': { hash: '#/todo/EXA-CON-BUS-WOR-01', as: null, ready: '#password' },
  'sign-in refused': {
    hash: '',
    as: null,
    ready: '#password',
    async then(page) {
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.locator('.fault').waitFor();
    },
  },
  list: { hash: '#/todo', ready: 'table.tasks[aria-busy=false]' },
  'list with filters': {
    hash: '#/todo?status=In+Progress&tag=ORDER+777&workspace=EXA-CON-BUS-WOR',
    ready: 'table.tasks[aria-busy=false]',
    async then(page) {
      const unfold = page.locator('.filters-toggle');
      if (await unfold.isVisible()) await unfold.click();
    },
  },
  'no report yet': {
    hash: '#/todo',
    ready: '.command',
    first: (page) => page.route('**/api/v1/tasks?*', (route) => route.fulfill({ json: { items: [] } })),
  },
  'server away': {
    hash: '#/todo',
    ready: '.failure',
    first: (page) => page.route('**/api/v1/tasks?*', (route) => route.abort()),
  },
  'session ended': {
    hash: '#/todo/EXA-CON-BUS-WOR-01',
    ready: '.sign-in',
    first: (page) => page.route('**/api/v1/tasks/*', (route) => route.fulfill({ status: 401, json: {} })),
  },
  'nothing found': { hash: '#/todo?tag=none', ready: '.notice' },
  record: {
    hash: '#/todo/EXA-CON-BUS-WOR-01',
    ready: '.timeline',
    then: (page) => page.locator('summary').first().click(),
  },
  'task with long words': { hash: '#/todo/EXA-CON-BUS-WOR-02', ready: '.timeline' },
  'unknown record': { hash: '#/todo/EXA-CON-BUS-WOR-4711', ready: '.notice' },
  nowhere: { hash: '#/nowhere', ready: '.notice' },
  help: {
    hash: '#/todo',
    ready: 'table.tasks[aria-busy=false]',
    then: (page) => page.getByRole('button', { name: 'Keyboard help' }).click(),
  },
};

async function open(name, options = {}) {
  const { hash, first, ready, then, as } = pages[name];
  const page = await openPage(browser, server, as === null ? { ...options, as } : options);
  await first?.(page);
  await page.goto(`/app/${hash}`);
  await page.locator(ready).first().waitFor();
  await then?.(page);
  return page;
}

async function keep(page, name) {
  if (!pictures) return;
  const whole = (await page.locator('dialog[open]').count()) === 0;
  await page.screenshot({ path: path.join(pictures, `${name.replaceAll(' ', '-')}.png`), fullPage: whole });
}

before(async () => {
  server = await startServer({ args: ['--environment', 'acc'] });
  browser = await openBrowser();
  await server.createAndRead({ ...SAMPLE, dueDate: '2020-01-31', vesselName: 'MSC Example', deep: { a: 1 } });
  await server.createAndRead(small({
    todoType: 'TASK', title: `Long ${'word'.repeat(50)}`, description: `\`${'code'.repeat(50)}\`\n\n    ${'pre '.repeat(80)}`,
    orderID: ['T'.repeat(100)], ['k'.repeat(100)]: 'v'.repeat(300),
  }));
  await server.createAndRead(small({ title: 'Done', status: 'Done', priority: 'Medium' }));
  await server.createAndRead(small({ title: 'Expired', status: 'Expired', priority: 'Low' }));
  if (pictures) mkdirSync(pictures, { recursive: true });
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
