/*
 * Pictures of the desk's main pages, for the README and doc/desk.md: those of a demo, on a desktop and a
 * phone, light and dark.
 *
 *   node tools/screenshots.mjs [--build DIR] [--out DIR] [--png] [PAGE…]
 *
 * PAGE picks some; --out is doc/pictures by default. With --png they are lossless, to be looked at closely.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    build: { type: 'string', default: 'build' },
    out: { type: 'string', default: 'doc/pictures' },
    png: { type: 'boolean', default: false },
  },
});
process.env.BZCTRL_BUILD ??= path.resolve(options.build);
const { API, EXAMPLE, startServer } = await import('../tests/lib/server.mjs');
const { openBrowser, openPage } = await import('../tests/web/browser.mjs');

const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 780 } };
const quality = 72; // of WebP: letters stay sharp

/* ---- what the demo has to show ---- */

let server;
const ask = async (method, target, body) => {
  const { status, json, text } = await server.send(EXAMPLE.email, method, `${API}${target}`, body);
  if (status >= 300) throw new Error(`${method} ${target}: ${status} ${text}`);
  return json;
};

/** An open record that much has happened to. */
async function richRecord() {
  const { items } = await ask('GET', '/tasks?open=true&todoType=INCIDENT&q=has:attachment+moved:%3E0&limit=200');
  return items.sort((a, b) => b.commentCount - a.commentCount)[0].key;
}

const standup = async () => (await ask('GET', '/meetings')).items[0].id;

/** The newest minutes. */
async function minutes() {
  const id = await standup();
  const { items } = await ask('GET', `/meetings/${id}/sessions?limit=2`);
  return `meetings/${id}/${items.find(({ running }) => !running).id}`;
}

/** A session in the middle of its walk. */
async function walk() {
  const id = await standup();
  const { running } = await ask('GET', `/meetings/${id}`);
  const session = running ?? (await ask('POST', `/meetings/${id}/sessions`)).id;
  const { items } = await ask('GET', `/meetings/${id}/sessions/${session}/walk`);
  const third = items[2].task.key;
  await ask('PATCH', `/meetings/${id}/sessions/${session}`, { current: third });
  return `meetings/${id}`;
}

/* name → its address, what it has when it is ready, and what to do then. */
const pages = {
  'sign-in': { at: '', ready: '#password', as: null },
  'first-look': {
    at: 'inbox',
    ready: '.inbox-row',
    async then(page) {
      await page.keyboard.press('?');
      await page.getByRole('button', { name: 'Show me around' }).click();
      await page.keyboard.press('ArrowRight');
    },
  },
  inbox: {
    at: 'inbox',
    ready: '.inbox-row',
    async then(page, size) {
      if (size === 'desktop') {
        await page.keyboard.press('j');
        await page.locator('.timeline').waitFor();
      }
    },
  },
  records: { at: 'todo', ready: 'table.tasks[aria-busy=false]' },
  board: { at: 'todo?layout=board', ready: '.board-card' },
  calendar: { at: 'todo?layout=calendar', ready: '.month, .day-list' },
  matrix: { at: 'todo?layout=matrix', ready: '.levels td a' },
  record: { at: async () => `todo/${await richRecord()}`, ready: '.timeline' },
  'stand-up': { at: walk, ready: '.standup' },
  minutes: { at: minutes, ready: '.minutes' },
  picture: { at: 'picture', ready: 'main svg' },
  review: { at: 'review', ready: 'main h2' },
  forms: { at: 'workshop/forms/EXA-CON-BUS-DEC/damage', ready: '.form-work' },
};

/* ---- taking them ---- */

/* All that was asked for has been drawn: nothing waits, and nothing has changed for a while. */
async function settle(page) {
  await page.waitForFunction(() => document.querySelector('.skeleton, [aria-busy=true]') === null);
  await page.evaluate(() => new Promise((resolve) => {
    const done = () => { observer.disconnect(); resolve(); };
    let timer = setTimeout(done, 300);
    const observer = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(done, 300); });
    observer.observe(document.querySelector('main'), { subtree: true, childList: true });
  }));
}

async function keep(page, name) {
  await page.evaluate(() => document.fonts.ready);
  const session = await page.context().newCDPSession(page);
  const how = options.png ? { format: 'png' } : { format: 'webp', quality };
  const { data } = await session.send('Page.captureScreenshot', how);
  await session.detach();
  const bytes = Buffer.from(data, 'base64');
  writeFileSync(path.join(options.out, `${name}.${options.png ? 'png' : 'webp'}`), bytes);
  return bytes.length;
}

const unknown = wanted.filter((name) => !(name in pages));
if (unknown.length > 0) {
  console.error(`There is no page ${unknown.join(', ')}; there are ${Object.keys(pages).join(', ')}.`);
  process.exit(64);
}
const chosen = wanted.length > 0 ? wanted : Object.keys(pages);
mkdirSync(options.out, { recursive: true });
server = await startServer({ demo: true });
const browser = await openBrowser();
let total = 0;
try {
  // Nobody is new here, but for the picture of that.
  await ask('PATCH', '/me/preferences', { seen: ['first look'] });
  const hashes = {};
  for (const name of chosen) {
    const { at } = pages[name];
    hashes[name] = `#/${typeof at === 'string' ? at : await at()}`;
  }
  for (const [size, box] of Object.entries(sizes)) {
    for (const theme of ['light', 'dark']) {
      for (const name of chosen) {
        const { ready, then, as } = pages[name];
        const page = await openPage(browser, server, { ...box, theme, as });
        page.setDefaultTimeout(20_000);
        await page.goto(`/app/${hashes[name]}`);
        await page.locator(ready).first().waitFor();
        await then?.(page, size);
        await settle(page);
        if (page.noted.length > 0) throw new Error(`${name}: ${page.noted.join('\n')}`);
        total += await keep(page, `${name}-${size}-${theme}`);
        await page.context().close();
      }
    }
  }
} finally {
  await browser.close();
  await server.stop();
}
console.log(`${chosen.length * 4} pictures in ${options.out}, ${Math.round(total / 1000)} kB`);
