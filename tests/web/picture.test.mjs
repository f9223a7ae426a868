/*
 * The picture: each of its numbers is the length of the list that it opens, on random records and for every role;
 * period, scope, tables, paper, what happens in the meantime; hostile names, both themes, a phone, Dutch.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { changeStored } from '../lib/database.mjs';
import { until } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';
import { openBrowser, openPage, scrollsSideways } from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const ADMIN = { email: 'admin@example.com', admin: true };
const VIEWER = { email: 'viewer@example.com', role: 'viewer', domain: 'EXA' };
const MANAGER = { email: 'manager@example.com', role: 'manager', domain: 'EXA-CON-BUS-SUB' };
const NOBODY = { email: 'nobody@example.com', role: 'viewer', domain: 'ACME' };
const HOSTILE = '"><img src=x onerror="window.pwned=1">\u202e';
const workspaces = ['EXA-CON-BUS-WOR', 'EXA-CON-BUS-TWO', 'EXA-CON-BUS-SUB-ONE', 'EXA-CON-BUS-SUB-TWO', 'ACME-WOR'];
const RECORDS = 150;
const DAY = 86_400_000;
const dayOf = (time) => new Date(time).toISOString().slice(0, 10);
const now = Date.now();

/* Numbers that look random and are the same each time. */
let seed = 7;
const pick = (bound) => {
  seed = (seed * 1103515245 + 12345) % 2 ** 31;
  return Math.floor(seed / 65536) % bound;
};
const one = (...values) => values[pick(values.length)];

let server;
let browser;

function randomReport() {
  return small({
    domainWorkSpace: one('EXA-CON-BUS-WOR', 'EXA-CON-BUS-TWO', 'EXA-CON-BUS-SUB-ONE', 'EXA-CON-BUS-SUB-TWO'),
    todoType: one('INCIDENT', 'TASK'), status: one('To do', 'In Progress', 'Done', 'Expired'),
    title: one('Seal broken', 'Zoll', HOSTILE), assignee: one(undefined, EXAMPLE.email, VIEWER.email),
    impact: one(undefined, 'High', 'Medium', 'Low'), likelihood: one(undefined, 'High', 'Low'),
    category: one(undefined, ['Customs'], ['Zollüberwachung', 'IT'], [HOSTILE], ['a&b=c, "d" %', 'a,b'], ['<5']),
    financialImpact: one(undefined, '0.00', '0.01', '99.99', '123577'),
    dueDate: one(undefined, ...[-400, -1, 0, 1, 7, 8, 30].map((days) => dayOf(now + days * DAY))),
  });
}

before(async () => {
  server = await startServer({ users: [EXAMPLE, ADMIN, VIEWER, MANAGER, NOBODY], workspaces });
  browser = await openBrowser();
  const sent = await server.addTasks(Array.from({ length: RECORDS }, () => ({ task: randomReport() })),
    { as: ADMIN.email });
  assert.ok(sent.json.items.every(({ status }) => status === 201), sent.text);
  /* They came on many days, also at the ends of them, and took their time. */
  await server.terminate();
  const ages = [0, 1, 6, 7, 29, 30, 45, 89, 90, 200, 364, 365, 500];
  const midnight = Date.parse(dayOf(now));
  changeStored(server.dir, `UPDATE task SET due_moves = number % 5, created_at = CASE number % ${ages.length}
    ${ages.map((days, i) => `WHEN ${i} THEN ${midnight - days * DAY + (i % 3 === 0 ? 0 : -1)}`).join(' ')} END`);
  changeStored(server.dir, `UPDATE task SET closed_by = source_id, closed_at = created_at + number * 1234567
    WHERE status = 3`);
  await server.command(['index', 'rebuild']);
  await server.start();
  await until(async () => (await server.get(`${API}/stats?by=status`)).status === 200, 'the index');
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function openAs({ email }, options = {}) {
  const page = await openPage(browser, server, { ...options, as: null });
  const { password = EXAMPLE.password } = server.users.get(email) ?? {};
  const answer = await page.request.post(`${server.url}/app/session`, {
    headers: { origin: server.url, 'x-bzctrl-app': '1' }, data: { email, password },
  });
  assert.ok(answer.ok(), email);
  return page;
}

async function show(page, words = '') {
  await page.goto('about:blank');
  await page.goto(`/app/#/picture${words}`);
  await page.locator('.tiles').waitFor();
}

/** The numbers of the page that open a list: what is to be read, and the address. */
const linksOf = (page) =>
  page.locator('.picture-page a[data-total]').evaluateAll((links) => links.map((link) => ({
    total: Number(link.dataset.total),
    href: link.getAttribute('href'),
    text: (link.querySelector('.unseen ~ strong') ?? link).textContent.trim(),
    tile: link.classList.contains('tile'),
    bar: link.classList.contains('flow-bar'),
  })));

/** How many records the list at an address has, as the page of records says it. */
async function lengthOf(page, href) {
  await page.evaluate(() => void (location.hash = '#/nowhere'));
  await page.locator('.notice').waitFor();
  await page.evaluate((to) => void (location.hash = to), href);
  let words = '';
  await until(async () => {
    words = (await page.locator('.records-head .count').textContent({ timeout: 5000 })) ?? '';
    return /\d/.test(words);
  }, `a number of records at ${href}`);
  return Number(words.replace(/\D/g, ''));
}

async function holdAgainstLists(page, checked = new Map()) {
  const links = await linksOf(page);
  assert.ok(links.length > 20, `${links.length} links`);
  for (const { total, href, text, tile, bar } of links) {
    if (!tile && !bar) assert.equal(text.replace(/\D/g, ''), String(total), href);
    if (!checked.has(href)) checked.set(href, await lengthOf(page, href));
    assert.equal(checked.get(href), total, `${text} at ${href}`);
  }
  return checked;
}

describe('every number is the length of the list that it opens', () => {
  const year = `from=${dayOf(now - 370 * DAY)}&to=${dayOf(now)}`;
  const cases = [
    ['a viewer of everything', VIEWER, '', `?${year}`],
    ['a member, in one domain', EXAMPLE, 'EXA-CON-BUS', `?in=EXA-CON-BUS&${year}`],
    ['a member, in one workspace, in the quarter', EXAMPLE, 'EXA-CON-BUS-WOR', '?in=EXA-CON-BUS-WOR'],
    ['a manager of a domain below', MANAGER, '', `?as=tables&${year}`],
  ];
  for (const [what, who, scope, words] of cases)
    test(what, async () => {
      const page = await openAs(who);
      await show(page, words);
      const checked = await holdAgainstLists(page);
      for (const href of checked.keys())
        assert.equal(new URLSearchParams(href.split('?')[1]).get('in') ?? '', scope, href);
      assert.equal(await page.evaluate(() => window.pwned), undefined);
      assert.deepEqual(page.noted, []);
      await page.context().close();
    });
});

describe('the numbers', () => {
  let page;
  before(async () => {
    page = await openAs(EXAMPLE);
  });
  after(() => page?.context().close());

  const tile = (name) => page.locator('.tile').filter({ has: page.getByText(name, { exact: true }) });
  const valueOf = async (name) => (await tile(name).locator('strong').textContent()).trim();

  test('are those that anybody can work out from the records', async () => {
    const from = dayOf(now - 100 * DAY);
    const to = dayOf(now);
    await show(page, `?from=${from}&to=${to}`);
    const all = await server.listAll();
    const open = all.filter((task) => task.open);
    assert.equal(await valueOf('Open'), String(open.length));
    assert.equal(await valueOf('Overdue'), String(open.filter(({ overdue }) => overdue).length));
    const week = dayOf(now + 7 * DAY);
    assert.equal(await valueOf('Due in 7 days'),
      String(open.filter(({ overdue, dueDate }) => dueDate && !overdue && dueDate <= week).length));
    const euros = open.reduce((sum, { financialImpact }) => sum + Number(financialImpact ?? 0), 0);
    assert.equal((await valueOf('Open, in EUR')).replace(/\D/g, ''), String(Math.round(euros)));
    const closed = all.filter(({ closedAt }) => closedAt && closedAt.slice(0, 10) >= from);
    assert.equal(await valueOf('Closed'), String(closed.length));
    const spans = closed.map((task) => (Date.parse(task.closedAt) - Date.parse(task.createdAt)) / DAY)
      .sort((a, b) => a - b);
    const median = (spans[spans.length >> 1] + spans[(spans.length - 1) >> 1]) / 2;
    assert.ok(Math.abs(Number(await valueOf('Days to close')) - median) < 0.051, `${median}`);

    const numbersOf = (name) => page.getByRole('table', { name }).locator('tbody td:nth-child(3)').allTextContents();
    const daysAgo = ({ createdAt }) => (Date.parse(dayOf(now)) - Date.parse(createdAt.slice(0, 10))) / DAY;
    const ends = [0, 7, 30, 90, 365, Infinity];
    const ages = ends.slice(1).map((end, i) =>
      open.filter((task) => daysAgo(task) >= ends[i] && daysAgo(task) < end).length);
    assert.deepEqual(await numbersOf('Age of what is open'), ages.map(String));
    const moved = [1, 2, 3].map((times) => open.filter(({ dueMoves }) => Math.min(dueMoves, 3) === times).length);
    assert.deepEqual(await numbersOf('Moved due dates'), moved.map(String));
  });

  test('of the parts add up to those of the whole, in charts and in tables', async () => {
    const words = `from=${dayOf(now - 90 * DAY)}&to=${dayOf(now)}`;
    const sums = [];
    for (const mode of ['', '&as=tables']) {
      await show(page, `?${words}${mode}`);
      const links = await linksOf(page);
      const sum = (filter) => links.filter(filter).reduce((all, { total }) => all + total, 0);
      const first = dayOf(now - 90 * DAY);
      const flow = ({ href, tile }) => !tile && /closedAfter/.test(href) && !href.includes('source=');
      sums.push(sum(flow));
      assert.equal(sum(flow), Number(await valueOf('Closed')), first);
      assert.equal(sum(({ href }) => href.includes('createdAfter=') && !/open=|source=/.test(href)),
        sum(({ href }) => href.includes('source=')));
    }
    assert.equal(sums[0], sums[1]);
    assert.equal(await page.locator('.flow').count(), 0);
    assert.ok((await page.getByRole('table', { name: /Reported and closed/ }).getByRole('row').count()) > 12);
  });

  test('change with what happens, and nothing jumps', async () => {
    await page.setViewportSize({ width: 1280, height: 500 });
    await show(page);
    const before = Number(await valueOf('Open'));
    await page.evaluate(() => scrollTo(0, 400));
    const at = await page.evaluate(() => scrollY);
    assert.ok(at > 200);
    await server.createAndRead(small({ title: 'Just now' }));
    await until(async () => Number(await valueOf('Open')) === before + 1, 'one more');
    assert.equal(await page.evaluate(() => scrollY), at);
    await page.setViewportSize({ width: 1280, height: 860 });
  });

  test('a period is chosen, is in the address, and is there again after going back', async () => {
    await show(page);
    const choice = page.getByLabel('Period');
    assert.equal(await choice.inputValue(), 'quarter');
    await choice.selectOption('Last month');
    await until(() => page.url().includes('from='), 'the address');
    const { from, to } = Object.fromEntries(new URLSearchParams(page.url().split('?')[1]));
    const today = new Date(now);
    const day = (month, date) => dayOf(Date.UTC(today.getUTCFullYear(), month, date));
    assert.deepEqual([from, to], [day(today.getUTCMonth() - 1, 1), day(today.getUTCMonth(), 0)]);
    await choice.selectOption('custom');
    await page.getByLabel('First day').fill(day(today.getUTCMonth() - 2, 1));
    await page.keyboard.press('Enter');
    await until(() => page.url().includes(`from=${day(today.getUTCMonth() - 2, 1)}`), 'the day');
    await tile('Closed').click();
    await page.locator('.records-page').waitFor();
    await page.goBack();
    await page.getByLabel('First day').waitFor();
    await page.goto('about:blank');
    await page.goto('/app/#/picture?from=nonsense&to=1999-13-77');
    await page.locator('.tiles').waitFor();
    assert.equal(await choice.inputValue(), 'quarter');
  });

  test('by keyboard: t shows tables and back', async () => {
    await show(page);
    await page.keyboard.press('t');
    await page.getByRole('table', { name: /Reported and closed/ }).waitFor();
    assert.match(page.url(), /as=tables/);
    await page.keyboard.press('t');
    await page.locator('.flow').waitFor();
  });

  test('on paper it has two pages at most', async () => {
    for (const mode of ['', '?as=tables']) {
      await show(page, mode);
      const paper = (await page.pdf({ format: 'A4' })).toString('latin1');
      const pages = paper.match(/\/Type\s*\/Page\b/g).length;
      assert.ok(pages <= 2, `${pages} pages`);
    }
  });
});

test('who sees nothing reads why', async () => {
  const page = await openAs(NOBODY);
  await show(page);
  await page.getByRole('heading', { name: 'There is nothing in this picture yet' }).waitFor();
  await page.context().close();
});

test('while the server cannot count, the page says so and tries again', async () => {
  const page = await openAs(EXAMPLE);
  await page.route('**/stats?*', (route) => route.fulfill({ status: 503, json: { title: 'Busy', status: 503 } }));
  await page.goto('/app/#/picture');
  await page.locator('.failure').waitFor();
  await page.unrouteAll();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('.tiles').waitFor();
  await page.context().close();
});

describe('looks well', () => {
  for (const [theme, width] of [['light', 1280], ['dark', 1280], ['light', 360], ['light', 320]])
    test(`${theme}, ${width} px`, async () => {
      const page = await openAs(VIEWER, { theme, width });
      await page.addInitScript(axe);
      for (const words of ['', '?as=tables', '?from=2020-02-03&to=2026-11-20']) {
        await show(page, words);
        const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
        assert.deepEqual(violations.map(({ id, nodes }) => `${id} ${nodes[0].html}`), []);
        assert.equal(await scrollsSideways(page), false, words);
      }
      assert.deepEqual(page.noted, []);
      await page.context().close();
    });
  test('in Dutch', async () => {
    const page = await openAs(VIEWER, { locale: 'nl-NL' });
    await show(page);
    await page.getByRole('heading', { name: 'Cijfers', exact: true }).waitFor();
    const text = await page.locator('main').textContent();
    for (const word of ['Nu open', 'Te laat', 'Gemeld en afgerond, per week', 'Hoe lang al open'])
      assert.ok(text.includes(word), word);
    for (const word of ['Overdue', 'Reported', 'Records', 'Median']) assert.ok(!text.includes(word), word);
    await page.context().close();
  });
});
