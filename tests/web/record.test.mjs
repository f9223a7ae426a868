/* The page behind a report's link: the whole record, its history, and what it makes of bad input. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { patience } from '../lib/program.mjs';
import { EXAMPLE, SAMPLE, small, startServer } from '../lib/server.mjs';
import { focused, leave, openBrowser, openPage, scrollsSideways } from './browser.mjs';
import { openAs } from './people.mjs';

const OTHER = 'other@example.com';
const READER = { ...EXAMPLE, email: 'reader@example.com', role: 'viewer' };
let server;
let browser;
let page; // for all tests that leave nothing behind in its profile

before(async () => {
  server = await startServer({ users: [EXAMPLE, { ...EXAMPLE, email: OTHER }, READER] });
  browser = await openBrowser();
  page = await openPage(browser, server, { permissions: ['clipboard-read', 'clipboard-write'] });
});
beforeEach(() => leave(page));
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function openRecord(record, where = page) {
  await where.goto(record.taskLink);
  await where.locator('.timeline').waitFor();
}

/** Label → what stands beside it. */
function facts(page) {
  return page.locator('.fact').evaluateAll((all) =>
    Object.fromEntries(all.map((one) => [one.querySelector('dt').textContent, one.querySelector('dd').textContent])),
  );
}

test('the whole record of the source document is shown, with its labels', async () => {
  const occurredAt = new Date(Date.now() - 3_600_000).toISOString();
  const record = await server.createAndRead({
    ...SAMPLE, occurredAt, dueDate: '2020-01-31', tags: ['Rotterdam'], vesselName: 'MSC Example',
    deep: { a: [1, null] },
  });
  await openRecord(record);
  const shown = await facts(page);
  assert.equal(shown['Potential financial impact of the incident (EUR)'], '€123,577.00');
  assert.equal(shown.Impact, 'High');
  assert.equal(shown.Likelihood, 'Medium');
  assert.equal(shown.Priority, 'High');
  assert.equal(shown.Status, 'In Progress');
  assert.equal(shown.Assignee, EXAMPLE.email);
  assert.equal(shown.Reporter, EXAMPLE.email);
  assert.equal(shown.Source, EXAMPLE.email);
  assert.equal(shown.Category, 'Customs');
  assert.equal(shown['Sub-category'], 'IT');
  assert.equal(shown['Order'], 'ORDER 777');
  assert.equal(shown.LRN, '725462');
  assert.match(shown['Due date'], /31 Jan 2020.*Overdue/);
  assert.match(shown.Reminder, /27 Sept? 2024/);
  assert.equal(shown.Workspace, 'EXA-CON-BUS-WOR');
  assert.equal(shown.Form, 'default, version 1');
  assert.equal(shown.Version, '1');
  assert.equal(shown.vesselName, 'MSC Example');
  assert.deepEqual(JSON.parse(shown.deep), { a: [1, null] });
  assert.deepEqual(await page.locator('.tags .tag').allTextContents(), record.tags);
  assert.equal(await page.locator('.prose').first().textContent(), SAMPLE.description);
  const times = await page.locator('.record-side time').evaluateAll((all) => all.map((time) => time.dateTime));
  for (const time of [record.dueDate, record.reminderDate, record.occurredAt, record.createdAt]) {
    assert.ok(times.includes(time), time);
  }
  assert.deepEqual(page.noted, []);
});

test('what was not given is shown as not given', async () => {
  await openRecord(await server.createAndRead(small()));
  const shown = await facts(page);
  assert.match(shown['Potential financial impact of the incident (EUR)'], /None/);
  assert.match(shown.LRN, /None/);
  assert.match(shown['Due date'], /None/);
  assert.equal(await page.locator('.overdue').count(), 0);
});

test('a task shows its result, and nothing that only incidents have', async () => {
  const record = await server.createAndRead(small({ todoType: 'TASK', result: 'Called **them**' }));
  await openRecord(record);
  await page.getByRole('heading', { name: 'Result' }).waitFor();
  await page.locator('strong', { hasText: 'them' }).waitFor();
  assert.equal((await facts(page))['Potential financial impact of the incident (EUR)'], undefined);
});

test('what belongs to the other type is shown where it was sent', async () => {
  await openRecord(await server.createAndRead(small({ todoType: 'TASK', impact: 'High', financialImpact: 5 })));
  const shown = await facts(page);
  assert.deepEqual([shown.Impact, shown['Potential financial impact of the incident (EUR)']], ['High', '€5.00']);
  await openRecord(await server.createAndRead(small({ result: 'Paid **half**' })));
  await page.getByRole('heading', { name: 'Result' }).waitFor();
  await page.locator('strong', { hasText: 'half' }).waitFor();
});

test('the history says who did what, and carries the proof', async () => {
  const answer = await server.addTask(SAMPLE);
  const record = (await server.get(new URL(answer.headers.location, server.url).pathname)).json;
  const events = (await server.get(`/bzctrl-core-api/api/v1/tasks/${record.key}/events`)).json.items;
  await openRecord(record);
  const entry = page.locator('.timeline li').last();
  assert.match(await entry.textContent(), /^example@example\.com reported this/);
  assert.equal(await entry.locator('time').first().getAttribute('datetime'), events.at(-1).at);
  assert.match(await entry.textContent(), new RegExp(`Entry ${events.at(-1).seq} of EXA-CON-BUS`));
  await entry.locator('.proof summary').click();
  await entry.getByRole('button', { name: /^Copy the receipt/ }).click();
  await page.getByRole('status').filter({ hasText: 'Copied' }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), answer.headers['bzctrl-receipt']);
  assert.equal(await entry.locator('code').getAttribute('title'), events.at(-1).hash);
  await entry.getByText(/values set/).click();
  assert.match(await entry.locator('dl').textContent(),
    /^TypeIncident.*Potential financial impact of the incident \(EUR\)€123,577\.00/);
});

test('what was done to the record is said in words: assigned, closed, proposed for closing, reopened', async () => {
  const record = await server.createAndRead(SAMPLE);
  const target = `/bzctrl-core-api/api/v1/tasks/${record.key}`;
  for (const change of [{ assignee: OTHER }, { status: 'Done' }, { status: 'To do' }, { cause: 'Haste' }]) {
    const headers = { 'if-match': '*' };
    const { status, text } = await server.send(EXAMPLE.email, 'PATCH', target, change, { headers });
    assert.equal(status, 200, text);
  }
  assert.equal((await server.send(EXAMPLE.email, 'POST', `${target}/closing`, {})).status, 200);
  const commented = await server.send(EXAMPLE.email, 'POST', `${target}/comments`, { text: 'Looking into it' });
  const attached = await server.requestAs(EXAMPLE.email, 'POST', `${target}/attachments?name=seal.txt`, {
    headers: { 'content-type': 'text/plain' }, body: 'Broken' });
  for (const { status, headers, text } of [commented, attached]) {
    assert.equal(status, 201, text);
    const { pathname } = new URL(headers.location, server.url);
    assert.equal((await server.send(EXAMPLE.email, 'DELETE', pathname)).status, 204);
  }
  await openRecord(record);
  const entries = await page.locator('.timeline li').evaluateAll((items) => items.map((item) => {
    const what = item.querySelector('.change-what, .gone');
    return [what.textContent, item.querySelector('dl')?.textContent];
  }));
  assert.deepEqual(entries.map(([what]) => what), [
    'deleted a file', 'deleted a comment', 'attached a file', 'This comment was deleted.', 'proposed to close this',
    'made a change', 'reopened this', 'closed this', 'assigned this', 'reported this',
  ]);
  assert.match(entries[1][1], /^Comment.*Looking into it/);
  assert.equal(entries[2][1], 'Fileseal.txt (6 bytes)');
  assert.equal(entries[4][1], undefined, 'its sentence says it');
  assert.equal(entries[5][1], 'CauseHaste');
});

test('a change shows each member before and after; older entries are fetched; an erased one says so', async () => {
  const record = await server.createAndRead(SAMPLE);
  const event = {
    domain: 'EXA-CON-BUS', at: record.createdAt, actor: EXAMPLE.email, key: record.key, hash: 'a'.repeat(43),
  };
  const long = 'One line of many\n'.repeat(60);
  await page.route('**/events*', (route) =>
    route.fulfill({
      json: route.request().url().includes('cursor=')
        ? { items: [{ ...event, seq: 1, action: 'task.created', changes: null }] }
        : {
          items: [{
            ...event, seq: 2, action: 'task.changed',
            changes: { status: ['To do', 'Done'], dueDate: [null, '2026-02-03'], description: [long, 'Short now'] },
          }],
          next: 'older',
        },
    }),
  );
  await page.goto(record.taskLink);
  const changes = page.locator('.changes').first();
  await changes.waitFor();
  assert.match(await changes.textContent(), /Status.*To do.*Done.*Due date.*3 Feb 2026/);
  assert.equal(await changes.locator('del').first().textContent(), 'To do');
  const [before, after] =
    await Promise.all([changes.locator('del').last(), changes.locator('ins').last()].map((text) => text.boundingBox()));
  assert.ok(before.height < 300, 'a long text keeps to its own place');
  assert.ok(before.y + before.height <= after.y && after.y < before.y + 400, 'and what it became is in sight below it');
  await page.getByRole('button', { name: 'Show older' }).click();
  await page.getByText(/This was erased/).waitFor();
  await page.getByRole('button', { name: 'Show older' }).waitFor({ state: 'detached' });
});

test('older entries that were asked for as the session ended come after the next sign-in', async () => {
  const record = await server.createAndRead(SAMPLE);
  const page = await openPage(browser, server);
  const event = { domain: 'EXA-CON-BUS', at: record.createdAt, actor: EXAMPLE.email, key: record.key,
    hash: 'a'.repeat(43), changes: null };
  let ended = false;
  await page.route('**/events*', (route) => {
    if (!route.request().url().includes('cursor='))
      return route.fulfill({ json: { items: [{ ...event, seq: 2, action: 'task.changed' }], next: 'older' } });
    if (ended) return route.fulfill({ json: { items: [{ ...event, seq: 1, action: 'task.created' }] } });
    ended = true;
    return route.fulfill({ status: 401, json: {} });
  });
  await page.goto(record.taskLink);
  await page.getByRole('button', { name: 'Show older' }).click();
  await page.locator('main').getByText('Your session has ended. Sign in again').waitFor();
  await page.getByLabel('Password', { exact: true }).fill(EXAMPLE.password);
  await page.keyboard.press('Enter');
  await page.getByText('reported this').waitFor();
  assert.equal(await page.locator('.failure').count(), 0);
  await page.context().close();
});

test('the link is copied as the API gave it', async () => {
  const record = await server.createAndRead(SAMPLE);
  await openRecord(record);
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), record.taskLink);
});

test('any spelling of a key finds its record, and the address is set right', async () => {
  const record = await server.createAndRead(SAMPLE);
  await page.goto(`/app/#/todo/${record.key.toLowerCase().replace(/-0*(\d+)$/, '-000$1')}`);
  await page.getByRole('heading', { level: 1, name: SAMPLE.title }).waitFor();
  await page.waitForURL(record.taskLink);
});

test('a tag and a workspace lead to the list of what shares them', async () => {
  const record = await server.createAndRead({ ...SAMPLE, tags: ['only & here?'] });
  await openRecord(record);
  await page.getByRole('link', { name: 'only & here?' }).click();
  await page.getByText('1 record', { exact: true }).waitFor();
  assert.equal(await page.getByRole('combobox', { name: 'Filter' }).inputValue(), 'tag:"only & here?"');
  await page.goBack();
  await page.locator('.facts').getByRole('link', { name: record.workspace }).click();
  await page.waitForURL(/#\/todo\?in=EXA-CON-BUS-WOR$/);
  await page.getByRole('button', { name: `Scope: ${record.workspace}` }).click();
  await page.getByRole('option', { name: 'Everything' }).click();
  await page.waitForURL(/#\/todo$/);
});

test('Markdown becomes elements', async () => {
  const description =
    '# One\n\n- a\n- *b*\n\n> quoted\n\n```\ncode\n```\n\nhttps://example.com/x. [case](https://example.com/y)';
  await openRecord(await server.createAndRead(small({ description })));
  const prose = page.locator('.prose');
  for (const selector of ['h3', 'ul li em', 'blockquote p', 'pre code']) {
    await prose.locator(selector).waitFor();
  }
  const links = await prose.locator('a').evaluateAll((all) => all.map((a) => [a.href, a.rel, a.referrerPolicy]));
  assert.deepEqual(links.map(([href]) => href), ['https://example.com/x', 'https://example.com/y']);
  for (const [, rel] of links) assert.equal(rel, 'noopener noreferrer');
});

test('a line stays a line, as systems write them', async () => {
  await openRecord(await server.createAndRead(small({ description: 'Operator: J.\nShift: night\n\n- one\n  two' })));
  await page.locator('.prose li').waitFor();
  assert.equal(await page.locator('.prose > p').innerText(), 'Operator: J.\nShift: night');
  assert.equal(await page.locator('.prose li').innerText(), 'one\ntwo');
});

test('times name their zone, days have none', async () => {
  const record = await server.createAndRead(small({ dueDate: '2026-02-03' }));
  await openRecord(record);
  const shown = await facts(page);
  assert.match(shown.Created, /\d\d:\d\d UTC$/);
  assert.match(shown['Due date'], /^3 Feb 2026/);
  assert.match(await page.locator('.timeline time').first().textContent(), /\d\d:\d\d UTC$/);
});

test('a hostile record stays text', async () => {
  const script = '<script>window.pwned=1</script>';
  const long = 'W'.repeat(240);
  const description = [
    script, '<img src=x onerror="window.pwned=1">', 'inline <b onclick="window.pwned=1">bold</b>',
    '[one](javascript:window.pwned=1)', '[two](JaVaScRiPt:window.pwned=1)', '[three](data:text/html,x)',
    '[four][r]', '![picture](https://elsewhere.invalid/p.png)', '<javascript:window.pwned=1>',
    '[five](vbscript:x)', '[six](//elsewhere.invalid/)', '&lt;script&gt;', long, '[r]: javascript:window.pwned=1',
  ].join('\n\n');
  const record = await server.createAndRead(small({
    title: `${script}${'W'.repeat(200)}`,
    description,
    orderID: [`<i>${'t'.repeat(90)}`],
    category: ['<b>c</b>'],
    ['<u>name</u>']: `${script}${long}`,
    ['__proto__x']: { constructor: script },
  }));
  // A click on a text opens it for those who may change it, and this is about what the text itself does.
  const page = await openAs(browser, server, READER.email, { width: 320 });
  await openRecord(record, page);
  const prose = page.locator('.prose').first();
  await prose.locator('p').first().waitFor();
  const text = await prose.textContent();
  assert.ok(text.includes(script) && text.includes('<b onclick="window.pwned=1">bold</b>'));
  const hrefs = await prose.locator('a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
  assert.deepEqual(hrefs, ['https://elsewhere.invalid/p.png'], 'a picture is a link; nothing else leads anywhere');
  assert.equal(await page.locator('main :is(script, img, b, i, u, iframe, object)').count(), 0);
  assert.equal(await page.locator('main [onclick], main [onerror], main [style]').count(), 0);
  for (const link of await prose.getByText(/^(one|two|three|four|five|six)$/).all()) await link.click();
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  assert.equal(await scrollsSideways(page), false);
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

for (const [name, unit, formatted] of [['emphasis', '*a_ ', false], ['nesting', '> ', true]]) {
  test(`a text made to be slow (${name}) freezes nothing and is shown all the same`, async () => {
    const description = unit.repeat(65_536 / unit.length).trimEnd();
    const record = await server.createAndRead(small({ description }));
    const started = Date.now();
    await page.goto(record.taskLink);
    await page.getByRole('heading', { level: 1 }).filter({ hasText: record.title }).waitFor();
    const beat = Date.now();
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
    assert.ok(Date.now() - beat < 10_000 * patience, 'the page answers meanwhile');
    await page.locator('.prose:not([aria-busy=true])').waitFor();
    assert.ok(Date.now() - started < 60_000 * patience);
    if (!formatted) {
      await page.getByText('This text is shown unformatted').waitFor();
      assert.equal(await page.locator('.prose').textContent(), description);
    }
  });
}

test('a parser that is long on its way over the network is waited for', async () => {
  const record = await server.createAndRead(small({ todoType: 'TASK', description: '**one**', result: '**two**' }));
  await page.route('**/app/markdown-*.js', async (route) => {
    await setTimeout(2_500); // longer than any text may take to parse
    await route.continue();
  });
  await page.goto(record.taskLink);
  await page.locator('.prose', { hasText: '**one**' }).waitFor();
  await page.locator('strong', { hasText: 'one' }).waitFor();
  await page.locator('strong', { hasText: 'two' }).waitFor();
  assert.deepEqual(page.noted, []);
});

test('a text that takes too long does not take the others with it', async () => {
  const description = '*a_ '.repeat(16_384).trimEnd();
  const record = await server.createAndRead(small({ todoType: 'TASK', description, result: '**two**' }));
  await page.goto(record.taskLink);
  await page.getByText('This text is shown unformatted').waitFor();
  await page.locator('strong', { hasText: 'two' }).waitFor();
});

test('deep nesting within reason is shown, and beyond it its text', async () => {
  await openRecord(await server.createAndRead(small({ description: `${'> '.repeat(200)}innermost` })));
  await page.locator('.prose blockquote blockquote').first().waitFor();
  assert.match(await page.locator('.prose').textContent(), /innermost/);
});

test('an unknown record is said not to exist or not to be seen', async () => {
  await page.goto('/app/#/todo/EXA-CON-BUS-WOR-999999');
  await page.getByRole('heading', { level: 1, name: 'EXA-CON-BUS-WOR-999999 does not exist, or you may not see it' })
    .waitFor();
  assert.equal(await page.title(), 'Not found · BzCtrl');
  await page.getByRole('link', { name: 'Back to the list', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Incidents and tasks' }).waitFor();
  assert.equal((await focused(page)).tag, 'H1');
});

for (const address of ['#/todo/not-a-key', '#/todo/%00', '#/todo/..%2f..%2foauth', '#/todo/%3Cscript%3E']) {
  test(`the address ${address} is no record, and says so`, async () => {
    await page.goto(`/app/${address}`);
    await page.getByRole('heading', { level: 1, name: /does not exist/ }).waitFor();
    assert.deepEqual(page.noted, []);
  });
}

for (const address of ['#/elsewhere', '#/todo/a/b', '#/todo/%E0%A4%A']) {
  test(`the address ${address} leads nowhere, and says so`, async () => {
    await page.goto(`/app/${address}`);
    await page.getByRole('heading', { level: 1, name: 'This page does not exist' }).waitFor();
  });
}

test('when the server gives no answer a record says so, and trying again shows it', async () => {
  const record = await server.createAndRead(SAMPLE);
  const page = await openPage(browser, server);
  await page.goto('/app/#/todo?status=Expired');
  await page.getByRole('heading', { name: 'Nothing matches these filters' }).waitFor();
  await page.route(`**/tasks/${record.key}`, (route) => route.abort());
  await page.evaluate((hash) => {
    location.hash = hash;
  }, new URL(record.taskLink).hash);
  await page.getByRole('heading', { name: 'The server can’t be reached' }).waitFor();
  await page.unrouteAll();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { level: 1, name: SAMPLE.title }).waitFor();
  await page.locator('.timeline').waitFor();
  await page.context().close();
});
