/*
 * Texts that would be markup, code, formulas or too wide, in everything that people can name, on every page: they are
 * shown as texts, nothing runs, and nothing is wider than a phone.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';
import { openBrowser, openPage, scrollsSideways } from './browser.mjs';

const BOSS = { email: 'boss@example.com', password: EXAMPLE.password, admin: true };
const NAUGHTY = [
  `<img src=x onerror=alert(1)><svg onload=alert(2)>'"&&amp;`,
  '</textarea></script><script>alert(3)</script>',
  '[link](javascript:alert(4)) ![x](javascript:alert(5)) <a href="javascript:alert(6)">x</a>',
  '\u202eright to left\u202c e\u0301\u0301\u0301\u0301\u0301 \u{1f468}\u200d\u{1f469}\u200d\u{1f467} \ufeff\u00ad',
  '=HYPERLINK("http://example.com","x") {{constructor.constructor("alert(7)")()}} ${alert(8)} __proto__',
  'W'.repeat(90),
];
const LONG = NAUGHTY.join(' ');
/* Names are short. */
const NAME = `<img src=x onerror=alert(9)>${'W'.repeat(60)}`;
let server;
let browser;
let pages;

async function send(method, target, body, headers = {}) {
  const answer = await server.send(BOSS.email, method, `${API}${target}`, body, { headers });
  assert.ok(answer.status < 300, `${method} ${target}: ${answer.text}`);
  return answer.json;
}

before(async () => {
  server = await startServer({ users: [EXAMPLE, BOSS] });
  for (const email of [EXAMPLE.email, BOSS.email])
    await send('PATCH', `/people/${email}`, { name: NAME }, { 'if-match': '*' });
  await send('PATCH', '/workspaces/EXA-CON-BUS-WOR', { name: NAME }, { 'if-match': '*' });
  const record = await server.createAndRead(small({
    title: LONG.slice(0, 250), description: `${NAUGHTY.join('\n\n')}\n\n\`${LONG}\`\n\n    ${LONG}`,
    category: [NAME], tag: [NAME],
    orderID: ['W'.repeat(100)], dueDate: '2020-01-31', assignee: BOSS.email, financialImpact: '123577',
    [NAME.slice(0, 60)]: LONG,
  }), { as: BOSS.email });
  await server.createAndRead(small({ todoType: 'TASK', title: NAUGHTY[1], assignee: BOSS.email }), { as: BOSS.email });
  await send('POST', `/tasks/${record.key}/comments`, { text: `${LONG} @${EXAMPLE.email}` });
  const attachments = `${API}/tasks/${record.key}/attachments`;
  await server.requestAs(BOSS.email, 'POST', `${attachments}?name=${encodeURIComponent(NAME)}.txt`, { body: LONG });
  const view = await send('POST', '/views',
    { name: NAME, domain: null, query: 'q=is:open', layout: 'list', columns: ['title'], sort: null });
  const meeting = await send('POST', '/meetings', { name: NAME, domain: 'EXA-CON-BUS', everyWeeks: 1 });
  const session = await send('POST', `/meetings/${meeting.id}/sessions`);
  const client = await send('POST', '/clients',
    { name: NAME, domain: 'EXA-CON-BUS', scopes: ['task:create'], workspaces: ['EXA-CON-BUS-WOR'] });
  await send('PUT', '/workspaces/EXA-CON-BUS-WOR/forms/hostile',
    { title: NAME, fields: [{ name: 'evil', type: 'text', label: NAME, help: LONG }] });
  pages = [
    ['#/inbox', '.inbox-row'], [`#/inbox?key=${record.key}`, '.timeline'], ['#/todo', 'table.tasks tbody a'],
    ['#/todo?group=category', '.group-head'],
    ['#/todo?cols=key,title,workspace,reporter,assignee,source,category,tags', 'table.tasks tbody a'],
    [`#/todo?view=${view.id}`, 'table.tasks tbody a'], ['#/todo?layout=board', '.board-card'],
    ['#/todo?layout=calendar&at=2020-01', '.month, .day-list'], ['#/todo?layout=matrix', '.levels, .notice'],
    [`#/todo?q=${encodeURIComponent(NAUGHTY[0])}`, '.filter-fault, .notice, table.tasks tbody a'],
    [`#/todo/${record.key}`, '.timeline'], [`#/todo/${record.key}?at=1`, '.past, .notice'],
    [`#/todo/${encodeURIComponent(NAUGHTY[0])}`, '.notice'],
    [`#/new?workspace=EXA-CON-BUS-WOR&type=INCIDENT&title=${encodeURIComponent(LONG)}`, '.new-field'],
    ['#/meetings', 'h2, .series'], [`#/meetings/${meeting.id}`, 'h1, h2'],
    [`#/meetings/${meeting.id}/${session.id}`, 'h1, h2'],
    ['#/picture', '.figure'], ['#/picture?as=tables', 'table'], ['#/review', '.review-page .page-head .hint'],
    ['#/workshop', 'h1'], ['#/workshop/workspaces', 'h1'], ['#/workshop/people', '.admin-rows'],
    [`#/workshop/people/${EXAMPLE.email}`, 'h1'], ['#/workshop/forms', 'h1'],
    ['#/workshop/forms/EXA-CON-BUS-WOR/hostile', 'h1'], ['#/workshop/clients', '.admin-rows'],
    [`#/workshop/clients/${client.clientId}`, 'h1'], ['#/workshop/requests', 'h1'], ['#/workshop/imports', 'h1'],
    ['#/workshop/history', 'h1'], ['#/workshop/health', 'h1'], ['#/workshop/single-sign-on', 'h1'],
    ['#/me', 'h1'], ['#/me/look', 'h1'], ['#/me/sessions', 'h1'],
    [`#/${encodeURIComponent(NAUGHTY[0])}`, '.notice'],
    [`#/todo?in=${encodeURIComponent(NAUGHTY[0])}`, '.notice, .failure, table'],
  ];
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** The widest thing that sticks out, for the message. */
const tooWide = (page) => page.evaluate(() =>
  [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1
    && getComputedStyle(one).position !== 'fixed').map((one) => `${one.tagName}.${one.className}`).slice(-3).join(' '));

/** Notes what the page has asked for and not got yet, but for the stream of changes, which never ends. */
function awaited(page) {
  const asked = new Set();
  page.on('request', (request) => !/\/changes\b/.test(request.url()) && asked.add(request));
  for (const over of ['requestfinished', 'requestfailed']) page.on(over, (request) => asked.delete(request));
  return asked;
}

/** All that it has asked for has come and is shown, and that made it ask for nothing more. */
const settled = (page, asked) => until(async () => {
  await page.evaluate(() => new Promise((done) => {
    requestAnimationFrame(() => requestAnimationFrame(done));
  }));
  return asked.size === 0;
}, () => `what the page asked for: ${[...asked].map((request) => request.url()).join(' ')}`);

for (const [theme, width] of [['light', 360], ['dark', 1280]])
  test(`${width} px: every page shows them as they are`, async () => {
    const page = await openPage(browser, server, { theme, width, as: null });
    const answer = await page.request.post(`${server.url}/app/session`, {
      headers: { origin: server.url, 'x-bzctrl-app': '1' },
      data: { email: BOSS.email, password: BOSS.password },
    });
    assert.ok(answer.ok());
    const faults = [];
    const asked = awaited(page);
    for (const [hash, ready] of pages) {
      await page.goto('about:blank');
      asked.clear(); // what the page before did not wait for
      await page.goto(`/app/${hash}`);
      await page.locator(ready).first().waitFor().catch(() => faults.push(`${hash}: no ${ready}`));
      await settled(page, asked);
      if (await scrollsSideways(page)) faults.push(`${hash}: it scrolls sideways: ${await tooWide(page)}`);
      const made = await page.evaluate(() =>
        document.querySelectorAll('img[src="x"], svg[onload], #app script, a[href^="javascript:" i]').length);
      if (made > 0) faults.push(`${hash}: ${made} elements came from a text`);
      faults.push(...page.noted.splice(0).map((one) => `${hash}: ${one}`));
    }
    assert.deepEqual(faults, []);
    await page.context().close();
  });
