/*
 * The frame around all pages: ten tabs with one event stream, a connection that goes and comes back, the language,
 * signing out, the colours of the acceptance environment, and days at the ends of the world.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { until } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';
import { openBrowser, openPage, signIn } from './browser.mjs';

let server;
let browser;
let record;
let made = 0;

before(async () => {
  server = await startServer();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

beforeEach(async () => {
  made += 1;
  record = await server.createAndRead(small({ title: `Seal ${made} broken`, dueDate: '2031-03-31' }));
});

const heading = (page, name) => page.getByRole('heading', { level: 1, name });

async function rename(title) {
  const answer = await server.send(EXAMPLE.email, 'PATCH', `${API}/tasks/${record.key}`, { title },
    { headers: { 'if-match': '*' } });
  assert.equal(answer.status, 200, answer.text);
}

/** Counts the event streams of a context: those that were opened, and those that are open. */
function countStreams(context) {
  const streams = { opened: 0, open: new Set() };
  const isStream = (request) =>
    request.url().includes('/changes?') && request.headers().accept === 'text/event-stream';
  context.on('request', (request) => {
    if (!isStream(request)) return;
    streams.opened += 1;
    streams.open.add(request);
  });
  for (const end of ['requestfinished', 'requestfailed']) context.on(end, (request) => streams.open.delete(request));
  context.on('page', (page) => page.on('close', () => {
    for (const request of streams.open) if (request.frame().page() === page) streams.open.delete(request);
  }));
  return streams;
}

test('ten tabs open at once, all are live, by one event stream; when its tab closes, another reads on', async () => {
  const first = await openPage(browser, server);
  const streams = countStreams(first.context());
  const tabs = [];
  for (let i = 0; i < 10; i += 1) tabs.push(await first.context().newPage());
  await Promise.all(tabs.map((tab) => tab.goto(`/app/#/todo/${record.key}`)));
  await Promise.all(tabs.map((tab) => heading(tab, record.title).waitFor()));
  await until(() => streams.open.size === 1, 'the stream is there');
  await rename(`Seal ${made} mended`);
  await Promise.all(tabs.map((tab) => heading(tab, `Seal ${made} mended`).waitFor()));
  assert.equal(streams.opened, 1);

  const [leader] = streams.open;
  const leading = leader.frame().page();
  await leading.close();
  const rest = tabs.filter((tab) => tab !== leading);
  await until(() => streams.open.size === 1 && streams.opened === 2, 'another tab reads on');
  await rename(record.title);
  await Promise.all(rest.map((tab) => heading(tab, record.title).waitFor()));
  assert.equal(streams.opened, 2);
  await first.context().close();
});

describe('without a connection', () => {
  test('the page says so after half a minute; later it reads again what failed, and what others did', async () => {
    const page = await openPage(browser, server);
    const other = await page.context().newPage();
    for (const one of [page, other]) {
      await one.clock.install();
      await one.goto(`/app/#/todo/${record.key}`);
      await heading(one, record.title).waitFor();
    }
    await page.context().setOffline(true);
    await page.getByRole('link', { name: 'Picture' }).click();
    await page.locator('.failure').first().waitFor();
    const banner = (one) => one.locator('.offline');
    assert.equal(await banner(page).count(), 0, 'a short break is nobody’s business');
    await until(async () => {
      await Promise.all([page, other].map((one) => one.clock.fastForward(10_000)));
      return (await banner(page).count()) + (await banner(other).count()) === 2;
    }, 'both tabs say that there is no connection');
    assert.match(await banner(page).textContent(), /^No connection since/);

    await rename('Renamed by others');
    await page.context().setOffline(false);
    await until(async () => {
      await Promise.all([page, other].map((one) => one.clock.fastForward(5_000)));
      return (await page.locator('.failure').count()) === 0 && (await page.locator('.figure').count()) > 0;
    }, 'the page has read what failed');
    await heading(other, 'Renamed by others').waitFor();
    for (const one of [page, other]) await banner(one).waitFor({ state: 'detached' });
    await rename(record.title);
    await heading(other, record.title).waitFor();
    await page.context().close();
  });

  for (const [where, shown] of [
    [() => `#/todo/${record.key}`, (page) => heading(page, record.title)],
    [() => '#/todo', (page) => page.getByRole('link', { name: record.title })],
    [() => '#/todo?in=EXA-CON-BUS-WOR', (page) => page.getByRole('link', { name: record.title })],
    [() => '#/new', (page) => page.getByRole('button', { name: 'Everything EXA-CON-BUS-WOR' })
      .or(page.getByLabel('Workspace')).first()],
    [() => '#/inbox', (page) => page.locator('.inbox-nothing, .inbox-row').first()],
    [() => '#/meetings', (page) => page.getByText('A short meeting over what is open')],
    [() => '#/review', (page) => page.locator('.page-head .hint')],
    [() => '#/me/sessions', (page) => page.getByText('This browser').first()],
  ])
    test(`${where.toString().slice(6)}: opened then, it is shown when the connection is back`, async () => {
      const page = await openPage(browser, server);
      await page.goto('/app/#/me');
      await heading(page, 'My settings').waitFor();
      await page.goto('/app/#/picture');
      await heading(page, 'Picture').waitFor(); // now the files of all pages are there
      await page.context().setOffline(true);
      await page.evaluate((hash) => {
        location.hash = hash;
      }, where());
      await page.locator('.failure').first().waitFor();
      await page.context().setOffline(false);
      await shown(page).waitFor();
      await page.locator('.failure').waitFor({ state: 'detached' });
      await page.context().close();
    });
});

test('another language is chosen in the menu, loaded alone, and kept; else it is the browser’s', async () => {
  const page = await openPage(browser, server, { locale: 'nl-BE' });
  await page.goto('/app/#/todo');
  await heading(page, 'Incidenten en taken').waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'nl');
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByRole('menuitemradio', { name: 'English' }).click();
  await heading(page, 'Incidents and tasks').waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  assert.deepEqual(asked.filter((url) => /\.nl-/.test(url)), []);
  await page.reload();
  await heading(page, 'Incidents and tasks').waitFor();
  assert.deepEqual(page.noted, []);
  await page.context().close();

  const french = await openPage(browser, server, { locale: 'fr-FR' });
  await french.goto('/app/#/todo');
  await heading(french, 'Incidents and tasks').waitFor();
  await french.context().close();
});

test('signing out leaves nothing in the browser, and ends the other tabs', async () => {
  const page = await openPage(browser, server, { as: null });
  const other = await page.context().newPage();
  await page.goto('/app/#/me/look');
  await signIn(page);
  await page.getByLabel('Theme').selectOption('dark');
  await page.goto(`/app/#/todo?in=EXA-CON-BUS-WOR`);
  await page.getByRole('link', { name: record.title }).click();
  await heading(page, record.title).waitFor();
  await page.getByRole('textbox', { name: 'Write a comment' }).fill('Half written, and nobody else’s business');
  await other.goto(`/app/#/todo/${record.key}`);
  await heading(other, record.title).waitFor();
  const left = (one) => one.evaluate(async () => ({
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: (await globalThis.caches?.keys()) ?? [],
    cookies: document.cookie,
    state: history.state,
    text: document.body.innerText.match(/.*(Seal|nobody else).*/g),
  }));
  await until(async () => (await left(page)).local.length >= 2, 'something is kept');
  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Sign out and delete it' }).click();
  for (const one of [page, other]) {
    await heading(one, 'Sign in').waitFor();
    await until(async () => (await left(one)).local.length === 0, 'nothing is kept');
    const { state, text, ...kept } = await left(one);
    assert.deepEqual(kept, { local: [], session: [], databases: [], caches: [], cookies: '' });
    assert.equal(text, null, `${one === page}`);
    assert.ok(!JSON.stringify(state ?? '').includes('Seal'));
  }
  assert.deepEqual(await page.context().cookies(), []);
  await other.goBack();
  await heading(other, 'Sign in').or(other.locator('body:empty')).first().waitFor({ state: 'attached' });
  assert.equal(await other.getByText(record.title).count(), 0);
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('the acceptance environment looks like no other: in words, in colour on every page, in both themes', async () => {
  const acc = await startServer({ args: ['--environment', 'acc'] });
  const look = async (at, theme, as) => {
    const page = await openPage(browser, at, { theme, ...(as === null && { as }) });
    await page.goto('/app/#/todo');
    await page.locator(as === null ? '#password' : 'table.tasks, .notice').first().waitFor();
    const seen = await page.evaluate(() => {
      const rail = document.querySelector('.rail');
      const { backgroundColor, backgroundImage } = rail ? getComputedStyle(rail) : {};
      return {
        banner: document.querySelector('.environment')?.innerText ?? null,
        rail: /rgb\([^)]+\)/.exec(backgroundImage)?.[0] ?? backgroundColor,
      };
    });
    await page.context().close();
    return seen;
  };
  const channels = (colour) => colour.match(/[\d.]+/g).slice(0, 3).map(Number);
  try {
    for (const theme of ['light', 'dark']) {
      const [real, trial] = [await look(server, theme), await look(acc, theme)];
      assert.equal(real.banner, null);
      assert.match(trial.banner, /Acceptance environment/);
      const [a, b] = [channels(real.rail), channels(trial.rail)];
      const apart = Math.hypot(...a.map((value, i) => value - b[i]));
      assert.ok(apart > 100, `${theme}: the rail is ${real.rail} and ${trial.rail}`);
    }
    assert.match((await look(acc, 'light', null)).banner, /Acceptance environment/, 'before signing in too');
  } finally {
    await acc.stop();
  }
});

for (const timezoneId of ['Pacific/Pago_Pago', 'Pacific/Kiritimati'])
  test(`in ${timezoneId} the same day is shown everywhere`, async () => {
    const page = await openPage(browser, server, { timezoneId });
    const days = {};
    const day = /31 (Mar|March) 2031/;
    for (const [name, hash, where] of [
      ['record', `#/todo/${record.key}`, '.facts'],
      ['list', '#/todo', 'table.tasks tbody'],
      ['board', '#/todo?layout=board', '.board'],
      ['preview', '#/todo', 'table.tasks tbody'],
    ]) {
      await page.goto(`/app/${hash}`);
      await until(async () => day.test(await page.locator(where).first().innerText()), `${name} has the day`);
      days[name] = day.exec(await page.locator(where).first().innerText())[0];
    }
    await page.goto('/app/#/todo?layout=calendar&at=2031-03');
    await page.locator('[data-day="2031-03-31"]').getByText(record.title).waitFor();
    await page.goto(`/app/#/todo/${record.key}`);
    await page.getByRole('button', { name: 'Edit Due date', exact: true }).click();
    assert.match(await page.getByRole('textbox', { name: 'Due date' }).inputValue(), /2031-03-31|31 Mar|31\/03\/2031/);
    await page.keyboard.press('Escape');
    await page.emulateMedia({ media: 'print' });
    assert.match(await page.locator('.facts').first().innerText(), day);
    assert.deepEqual(page.noted, []);
    await page.context().close();
  });
