/*
 * `make bench-desk`: what people wait for in the web app, in Chromium, against many records.
 *
 *   node bench/desk.mjs [--build DIR] [--records N] [--rounds N] [--no-scroll] [--data DIR]
 *
 * Each figure is read in the page itself, from the event that asks for something to the frame that shows it. Progress
 * goes to standard error, the table to standard output.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    build: { type: 'string', default: 'build' },
    records: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '15' },
    'no-scroll': { type: 'boolean', default: false },
    data: { type: 'string' },
  },
});
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
process.env.BZCTRL_BUILD = path.resolve(root, options.build);
const { API, EXAMPLE, startServer } = await import('../tests/lib/server.mjs');
const { openBrowser, openPage } = await import('../tests/web/browser.mjs');
const { makeStore } = await import('./records.mjs');

const RECORDS = Number(options.records);
const ROUNDS = Number(options.rounds);
const started = performance.now();
const say = (text) => console.error(`${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${text}`);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const results = [];

/** The median counts; the slowest is shown beside it. */
function note(name, times, goal) {
  const sorted = [...times].sort((a, b) => a - b);
  const [median, worst] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  if (median === undefined) throw new Error(`${name}: nothing was measured`);
  results.push({ name, median, worst, goal });
  say(`${name}: ${median.toFixed(0)} ms, at worst ${worst.toFixed(0)}${median > goal ? `  MISSED, goal ${goal}` : ''}`);
}

/** In the page: from the next event of this kind until `shown`, an expression, holds in a frame. */
const watch = (page, event, shown) => page.evaluateHandle(`({ done: new Promise((resolve) => {
  addEventListener(${JSON.stringify(event)}, (asked) => {
    const look = () => ((${shown}) ? resolve(performance.now() - asked.timeStamp) : requestAnimationFrame(look));
    requestAnimationFrame(look);
  }, { capture: true, once: true });
}) })`);
const measured = (handle) => handle.evaluate(({ done }) => done);
const ROW = '.tasks[aria-busy=false] .row a[data-key]';
const LIST = `document.querySelector('${ROW}')`;

/* ---- what is measured ---- */

/* The list is there, and no long task is under way. */
async function interactive(browser, server) {
  for (const [name, visits] of [['with an empty cache', 1], ['once more', 2]]) {
    const times = [];
    for (let i = 0; i < Math.min(ROUNDS, 7); i += 1) {
      const page = await openPage(browser, server);
      const session = await page.context().newCDPSession(page);
      await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
      await page.addInitScript(`window.shown = new Promise((resolve) => {
        const look = () => ((${LIST}) ? setTimeout(() => resolve(performance.now())) : requestAnimationFrame(look));
        look();
      });`);
      for (let visit = 1; visit <= visits; visit += 1) {
        await page.goto('about:blank');
        await page.goto('/app/#/todo');
        const time = await page.evaluate(() => window.shown);
        if (visit === visits) times.push(time);
      }
      await page.context().close();
    }
    note(`interactive, ${name}, processor at a quarter`, times, 1000);
  }
}

async function opening(page) {
  const times = [];
  for (let i = 0; i < ROUNDS; i += 1) {
    await page.goto('/app/#/todo');
    await page.locator(ROW).first().waitFor();
    const link = page.locator('.tasks .row a[data-key]').nth(1 + (i % 8));
    const title = JSON.stringify(await link.textContent());
    const handle = await watch(page, 'pointerdown',
      `document.querySelector('main h1')?.textContent === ${title} && document.querySelector('.timeline, .stream, .facts')`);
    await link.click();
    times.push(await measured(handle));
  }
  note('a record is opened from the list', times, 100);
}

async function filtering(page) {
  const filters = ['is:open', 'is:overdue', 'status:todo', 'priority:High is:open', 'category:Customs', 'type:task',
    'moved:0 is:open', 'assignee:person3@example.com', 'due:none', 'eur:>=1000000'];
  const times = [];
  await page.goto('/app/#/todo');
  await page.locator(ROW).first().waitFor();
  for (let i = 0; i < ROUNDS; i += 1) {
    const line = page.getByRole('combobox', { name: 'Filter' });
    const before = JSON.stringify(await page.evaluate(() => location.hash));
    const handle = await watch(page, 'keydown',
      `location.hash !== ${before} && ${LIST} && !document.querySelector('.tasks[aria-busy=true]')`);
    await line.fill(filters[i % filters.length]);
    await line.press('Enter'); // before the pause after which it happens by itself
    times.push(await Promise.race([measured(handle), pause(5000).then(() => NaN)]));
  }
  note('the filter is changed', times.filter((time) => !Number.isNaN(time)), 150);
}

/* From each key to the frame that shows it; and the longest that nothing else could happen. */
async function typing(page) {
  await page.goto('/app/#/todo');
  await page.locator(ROW).first().waitFor();
  const line = page.getByRole('combobox', { name: 'Filter' });
  await line.click();
  await page.evaluate(() => {
    window.keys = [];
    window.long = [0];
    addEventListener('keydown', ({ timeStamp }) => {
      requestAnimationFrame(() => setTimeout(() => window.keys.push(performance.now() - timeStamp)));
    }, true);
    new PerformanceObserver((list) => window.long.push(...list.getEntries().map(({ duration }) => duration)))
      .observe({ entryTypes: ['longtask'] });
  });
  await line.pressSequentially('status:todo assignee:person12 category:Customs seal broken', { delay: 40 });
  await pause(500);
  note('a key in the filter line is shown', await page.evaluate(() => window.keys), 50);
  note('the longest task while typing', [await page.evaluate(() => Math.max(...window.long))], 50);
}

/* All rows are loaded first, as far as the list goes; then frames are counted while the wheel turns. */
async function scrolling(page) {
  await page.goto('/app/#/todo');
  await page.locator(ROW).first().waitFor();
  const rows = () => page.evaluate(() => Math.round(document.scrollingElement.scrollHeight / 44));
  for (let last = 0, same = 0; same < 100 && last < Math.min(RECORDS, 100_000); ) {
    await page.evaluate(() => scrollTo(0, 1e9));
    await pause(20);
    const now = await rows();
    same = now === last ? same + 1 : 0;
    last = now;
  }
  say(`${await rows()} rows are loaded`);
  await page.evaluate(() => {
    window.frames_ = [];
    let last = performance.now();
    const frame = (now) => {
      window.frames_.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  await page.mouse.move(640, 500);
  for (let i = 0; i < 300; i += 1) {
    await page.mouse.wheel(0, i % 100 < 50 ? -600 : 600);
    await pause(10);
  }
  const frames = (await page.evaluate(() => window.frames_)).sort((a, b) => a - b);
  note('a frame while scrolling', frames, 17);
  note('… of a hundred the slowest', [frames[Math.floor(frames.length * 0.99)]], 50);
}

/* ---- all of it ---- */

const dir = await makeStore(RECORDS, say, options.data);
const server = await startServer({ dataDir: dir, users: [EXAMPLE] });
const indexed = async () =>
  (await server.get(`${API}/tasks?total=true&limit=1&sort=updated`)).json.total === RECORDS;
while (!(await indexed())) await pause(500);
say('the index is there');
const browser = await openBrowser();
try {
  await interactive(browser, server);
  const page = await openPage(browser, server);
  await opening(page);
  await filtering(page);
  await typing(page);
  if (!options['no-scroll']) await scrolling(page);
  if (page.noted.length > 0) throw new Error(page.noted.join('\n'));
} finally {
  await browser.close();
  await server.stop();
}
console.log(`| ${RECORDS.toLocaleString('en')} records | median | at worst | goal |\n|---|---:|---:|---:|`);
for (const { name, median, worst, goal } of results)
  console.log(`| ${name} | ${median <= goal ? median.toFixed(0) : `**${median.toFixed(0)}**`} | ${worst.toFixed(0)} | ${goal} |`);
