/*
 * The list of records: its query in the address and in the words of the filter line, totals, order, groups and
 * columns, news from others, saved views, changes of many, export, quick entry, and the way back to it.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { until } from '../lib/program.mjs';
import { API, EXAMPLE, SAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';
import { focused, leave, openBrowser, openPage, rowTitles, scrollsSideways, signIn } from './browser.mjs';

const OTHER = { email: 'other@example.com', password: 'Another-pw-1', role: 'member', domain: 'EXA-CON-BUS' };
const MANAGER = { email: 'manager@example.com', role: 'manager', domain: 'EXA' };
const TWO = 'EXA-CON-BUS-TWO';
const HOSTILE = '<img src=x onerror=alert(1)>"\u202e{{7*7}}';
let browser;

before(async () => {
  browser = await openBrowser();
});
after(async () => browser?.close());

const filterOf = (page) => page.getByRole('combobox', { name: 'Filter', exact: true });
const count = (page, text) => page.locator('.count').filter({ hasText: new RegExp(`^${text}$`) }).waitFor();
const row = (page, title) => page.getByRole('row').filter({ hasText: title });
const press = async (page, ...keys) => {
  for (const key of keys) await page.keyboard.press(key);
};
const address = (page) => new URL(page.url()).hash;
async function open(page, hash, title) {
  await page.goto(`/app/${hash || '#/todo'}`);
  await page.getByRole('link', { name: title }).waitFor();
}

describe('with a few records', () => {
  let server;
  let page; // for all tests that leave its profile as it was

  before(async () => {
    server = await startServer({ users: [EXAMPLE, OTHER, MANAGER], workspaces: [WORKSPACE, TWO] });
    await server.createAndRead(SAMPLE);
    await server.createAndRead(small({ title: 'Late', dueDate: '2020-02-29', priority: 'Low', status: 'To do' }));
    await server.createAndRead(small({ title: 'Errand', todoType: 'TASK', assignee: OTHER.email, status: 'Done' }));
    await server.createAndRead(small({ title: HOSTILE, domainWorkSpace: TWO, dueDate: '2031-02-28', tags: ['a,b'] }));
    page = await openPage(browser, server);
  });
  beforeEach(() => leave(page));
  after(async () => {
    await page?.context().close();
    await server?.stop();
  });

  test('the usual columns, newest first, overdue marked, the exact total, and titles as they are', async () => {
    await open(page, '', 'Errand');
    assert.deepEqual((await page.getByRole('columnheader').allTextContents()).slice(1), [
      'Key', 'Title', 'Type', 'Status', 'Priority', 'Assignee', 'Due',
    ]);
    assert.deepEqual(await rowTitles(page), [HOSTILE, 'Errand', 'Late', SAMPLE.title]);
    assert.match(await row(page, 'Late').textContent(), /EXA-CON-BUS-WOR-02.*Incident.*To do.*Low.*Overdue/);
    assert.equal(await row(page, 'Late').locator('time').first().getAttribute('datetime'), '2020-02-29');
    assert.equal(await page.locator('.late-day').count(), 1);
    await count(page, '4 records');
    assert.equal(await page.locator('table.tasks').getAttribute('aria-rowcount'), '5');
    assert.equal(await page.title(), 'Incidents and tasks · BzCtrl');
    assert.deepEqual(page.noted, []);
  });

  const filters = [
    ['type:task', ['Errand']],
    ['status:todo,done', ['Errand', 'Late']],
    ['priority:high', [SAMPLE.title]],
    ['is:overdue', ['Late']],
    ['is:mine -is:overdue', [HOSTILE, SAMPLE.title]],
    ['approvals', [SAMPLE.title]],
    ['725462', [SAMPLE.title]],
    ['tag:"a,b"', [HOSTILE]],
  ];
  for (const [words, titles] of filters) {
    test(`the words ${words} narrow the list and are a link to share`, async () => {
      await open(page, '#/todo', 'Errand');
      await filterOf(page).fill(words);
      await press(page, 'Enter');
      await count(page, `${titles.length} records?`);
      assert.deepEqual(await rowTitles(page), titles);
      const shared = await openPage(browser, server);
      await open(shared, address(page), titles[0]);
      assert.deepEqual(await rowTitles(shared), titles);
      assert.equal(await filterOf(shared).inputValue(), words);
      await shared.context().close();
    });
  }

  test('addresses in the words of the API are shown in those of the filter line', async () => {
    const said = {
      'status=To+do&status=Done': 'status:"To do",Done',
      'overdue=true&priority=Low': 'is:overdue priority:Low',
      'mine=true': 'is:mine',
      'dueBefore=2031-01-01&open=true': 'due:<2031-01-01 is:open',
      'createdAfter=2020-01-01&tag=a%2Cb': 'created:>=2020-01-01 tag:"a,b"',
      'assignee=other%40example.com&q=errand': 'assignee:other@example.com errand',
    };
    for (const [query, words] of Object.entries(said)) {
      await leave(page);
      await page.goto(`/app/#/todo?${query}`);
      await page.locator('table.tasks[aria-busy=false]').waitFor();
      assert.equal(await filterOf(page).inputValue(), words);
      const asked = new URLSearchParams(query);
      if (asked.delete('mine') ?? query === 'mine=true') asked.set('assignee', 'me');
      const { items } = (await server.get(`${API}/tasks?${asked}`)).json;
      assert.deepEqual(await rowTitles(page), items.map(({ title }) => title), query);
    }
  });

  test('what has no words is a chip that can be removed', async () => {
    await open(page, '#/todo?category=', 'Errand');
    assert.deepEqual(await rowTitles(page), [HOSTILE, 'Errand', 'Late']);
    await page.getByRole('button', { name: 'Remove the filter category' }).click();
    await count(page, '4 records');
  });

  test('what is typed offers names of filters, then their values, and people by name', async () => {
    await server.send(MANAGER.email, 'PATCH', `${API}/people/${OTHER.email}`, { name: 'Änne Other' },
      { headers: { 'if-match': '*' } });
    await open(page, '#/todo?in=EXA-CON-BUS', 'Errand');
    await filterOf(page).click();
    await page.keyboard.type('ass');
    const offered = async () =>
      (await page.locator('.offers li').allTextContents()).map((text) => text.slice(0, 9)).join();
    await until(async () => (await offered()) === 'assignee:', 'the name of the filter');
    assert.equal(await filterOf(page).getAttribute('aria-expanded'), 'true');
    await press(page, 'ArrowDown', 'Enter');
    assert.equal(await filterOf(page).inputValue(), 'assignee:');
    await page.keyboard.type('ann');
    await until(async () => (await offered()) === 'Änne Othe', 'the person');
    await press(page, 'ArrowDown', 'Tab');
    await count(page, '1 record');
    assert.deepEqual(await rowTitles(page), ['Errand']);
    assert.equal(await filterOf(page).inputValue(), 'assignee:other@example.com ');
    await page.keyboard.type('status:to');
    await page.getByRole('option', { name: 'To do' }).click();
    await page.getByRole('heading', { name: 'Nothing matches these filters' }).waitFor();
    assert.equal(await filterOf(page).inputValue(), 'assignee:other@example.com status:"To do" ');
    await press(page, 'Escape', 'Escape');
    assert.notEqual((await focused(page)).tag, 'INPUT');
    await filterOf(page).fill('over'); // what a state is called, without its "is:"
    await page.getByRole('option', { name: /^is:overdue/ }).waitFor();
    await press(page, 'Escape', 'Escape');
  });

  test('categories and workspaces are offered as they are', async () => {
    await open(page, '#/todo', 'Errand');
    await filterOf(page).fill('category:c');
    await page.getByRole('option', { name: /^Customs/ }).click();
    await count(page, '1 record');
    assert.deepEqual(await rowTitles(page), [SAMPLE.title]);
    await filterOf(page).fill('workspace:tw');
    await page.getByRole('option', { name: TWO }).click();
    await page.getByRole('link', { name: HOSTILE }).waitFor();
    assert.deepEqual(await rowTitles(page), [HOSTILE]);
  });

  test('a wrong word is shown where it is, with what it might have been', async () => {
    await open(page, '#/todo', 'Errand');
    await filterOf(page).fill('errand staus:done');
    await press(page, 'Enter');
    await page.getByRole('alert').filter({ hasText: 'There is no filter "staus"; did you mean "status"?' }).waitFor();
    assert.equal(await page.locator('.filter-place mark').textContent(), 'staus:done');
    assert.equal(await filterOf(page).getAttribute('aria-invalid'), 'true');
    await page.getByRole('button', { name: 'Use “status”' }).click();
    await count(page, '1 record');
    assert.deepEqual(await rowTitles(page), ['Errand']);
    assert.equal(await filterOf(page).inputValue(), 'errand status:done');
  });

  test('a filter by due date is in the order of these dates, until another order is chosen', async () => {
    await page.goto('/app/#/todo?q=due:%3C2040-01-01');
    await page.getByRole('link', { name: HOSTILE }).waitFor();
    const ends = async () => [(await rowTitles(page))[0], (await rowTitles(page)).at(-1)];
    assert.deepEqual(await ends(), ['Late', HOSTILE]);
    assert.equal(await page.getByRole('columnheader', { name: 'Due' }).getAttribute('aria-sort'), 'ascending');
    await page.getByRole('button', { name: 'Display' }).click();
    assert.equal(await page.getByLabel('Sort by').locator('option:checked').textContent(), 'Due');
    await page.getByLabel('Sort by').selectOption('Created');
    await page.getByRole('button', { name: 'Ascending' }).click();
    await until(async () => (await ends())[0] === HOSTILE, 'the newest first');
    assert.equal(address(page), '#/todo?q=due%3A%3C2040-01-01&sort=-created');
  });

  test('“All records” is chosen only while nothing narrows the list', async () => {
    for (const [hash, checks] of [['#/todo', 1], ['#/todo?q=is:open', 0]]) {
      await page.goto(`/app/${hash}`);
      await page.getByRole('link', { name: 'Late' }).waitFor();
      await page.getByRole('button', { name: 'Views' }).click();
      const item = page.getByRole('menuitem', { name: 'All records' });
      assert.equal(await item.locator('.menu-check svg').count(), checks, hash);
      await press(page, 'Escape');
    }
  });

  test('Enter takes the one person whose name begins so, and the beginning of several', async () => {
    await server.send(MANAGER.email, 'PATCH', `${API}/people/${OTHER.email}`, { name: 'Änne Other' },
      { headers: { 'if-match': '*' } });
    await open(page, '#/todo?in=EXA-CON-BUS', 'Errand');
    await filterOf(page).fill('assignee:anne');
    await page.getByRole('option', { name: /^Änne Other/ }).waitFor();
    await press(page, 'Enter');
    await count(page, '1 record');
    assert.equal(await filterOf(page).inputValue(), 'assignee:other@example.com ');
    await page.goto('/app/#/todo?q=assignee:ann');
    await count(page, '1 record');
    assert.deepEqual(await rowTitles(page), ['Errand']);
  });

  test('where a search finds nothing, what was meant is offered', async () => {
    await open(page, '#/todo', 'Errand');
    await filterOf(page).fill('overdue late');
    await press(page, 'Enter');
    await page.getByRole('button', { name: 'Use “is:overdue late”' }).click();
    await count(page, '1 record');
    assert.deepEqual(await rowTitles(page), ['Late']);
    assert.equal(await filterOf(page).inputValue(), 'is:overdue late');
    await filterOf(page).fill('erra');
    await press(page, 'Enter');
    await page.getByRole('button', { name: 'Use “erra*”' }).click();
    await page.getByRole('link', { name: 'Errand' }).waitFor();
  });

  test('in every layout, and in the palette, what was meant is offered where nothing is found', async () => {
    for (const layout of ['list', 'board', 'calendar', 'matrix', 'list&group=status']) {
      await page.goto(`/app/#/todo?layout=${layout}&q=overdue+late`);
      await page.getByRole('heading', { name: 'Nothing matches these filters' }).waitFor();
      await page.getByRole('button', { name: 'Use “is:overdue late”' }).click();
      await count(page, '1 record');
      assert.equal(new URLSearchParams(address(page).slice(address(page).indexOf('?'))).get('q'), 'is:overdue late');
      await page.getByRole('heading', { name: 'Nothing matches these filters' }).waitFor({ state: 'detached' });
    }
    await press(page, 'Control+k');
    await page.keyboard.type('overdue late');
    await page.getByRole('option', { name: 'is:overdue late' }).click();
    await count(page, '1 record');
    assert.deepEqual(await rowTitles(page), ['Late']);
  });

  test('where it may be a person or a word, both are offered', async () => {
    const rename = (name) => server.send(MANAGER.email, 'PATCH', `${API}/people/${OTHER.email}`, { name },
      { headers: { 'if-match': '*' } });
    await rename('Errol Other');
    await page.goto('/app/#/todo?q=done+err');
    await page.getByRole('button', { name: 'Use “status:done assignee:err”' }).waitFor();
    await page.getByRole('button', { name: 'Use “status:done err*”' }).click();
    await page.getByRole('link', { name: 'Errand' }).waitFor();
    await rename('Änne Other');
  });

  test('the name of a filter that is chosen offers its values at once', async () => {
    await open(page, '#/todo', 'Errand');
    for (const choose of [(option) => option.click(), () => press(page, 'ArrowDown', 'Enter')]) {
      await filterOf(page).fill('assig');
      await choose(page.getByRole('option', { name: /^assignee:/ }));
      await page.getByRole('option', { name: /^me/ }).waitFor();
      assert.equal(await filterOf(page).inputValue(), 'assignee:');
      assert.equal((await focused(page)).tag, 'INPUT');
    }
    await page.getByRole('option', { name: /^me/ }).click();
    await until(async () => (await filterOf(page).inputValue()) === 'assignee:me ', 'the value');
    await filterOf(page).fill('assignee:c');
    await page.getByRole('listbox').waitFor({ state: 'hidden' });
  });

  test('days and amounts are found as they are typed, and stay so in the address', async () => {
    await open(page, '#/todo', 'Errand');
    for (const [q, titles] of [['due:29/2/2020', ['Late']], ['due:<today is:open', ['Late']], ['eur:>1.000.000', []]]) {
      await filterOf(page).fill(q);
      await press(page, 'Enter');
      await count(page, titles.length === 1 ? '1 record' : '0 records');
      assert.deepEqual(await rowTitles(page), titles);
      assert.equal(await filterOf(page).inputValue(), q);
    }
  });

  test('in Dutch filters have the names of the columns, and so have their values', async () => {
    const dutch = await openPage(browser, server, { locale: 'nl-BE' });
    await open(dutch, '#/todo', 'Errand');
    assert.deepEqual((await dutch.getByRole('columnheader').allTextContents()).slice(1), [
      'Nummer', 'Titel', 'Soort', 'Status', 'Prioriteit', 'Behandelaar', 'Einddatum',
    ]);
    const offers = async (typed) => {
      await filterOf(dutch).fill('');
      await filterOf(dutch).fill(typed);
      await dutch.getByRole('option').first().waitFor();
      return dutch.locator('.offer-label').allTextContents();
    };
    for (const [typed, first, titles] of [['soo', 'soort:'], ['soort:t', 'Taak', ['Errand']],
      ['assig', 'behandelaar:'], ['behandelaar:u', 'uzelf'], ['status:te', 'Te doen'], ['status:in', 'In behandeling'],
      ['priority:l', 'Laag', ['Late']], ['prioriteit:g', 'geen'], ['te laa', 'is:"te laat"'],
      
      ['is:te', 'te laat', ['Late']],
      ['bijl', 'met:bijlage'], ['einddatum:', '<vandaag', ['Late']], ['gemeld:d', 'deze maand'],
      ['onderd', 'onderdeel:']])
      await (async () => {
        await until(async () => (await offers(typed))[0] === first, `${typed}: ${await offers(typed)}`);
        if (!titles) return;
        await press(dutch, 'ArrowDown', 'Enter');
        await count(dutch, '1 item');
        assert.deepEqual(await rowTitles(dutch), titles, typed);
      })();
    assert.deepEqual(dutch.noted, []);
    await dutch.context().close();
  });

  test('in Dutch a fault is said in Dutch, and Dutch names are offered and understood', async () => {
    const dutch = await openPage(browser, server, { locale: 'nl-BE' });
    await dutch.goto('/app/#/todo?q=errand+statu:klaar');
    await dutch.getByRole('alert').filter({ hasText: 'Er is geen filter "statu"; bedoelt u "status"?' }).waitFor();
    assert.equal(await dutch.locator('.filter-place mark').textContent(), 'statu:klaar');
    await dutch.getByRole('button', { name: 'Gebruik “status”' }).click();
    await dutch.getByRole('alert').filter({ hasText: 'Status moet Te doen, In behandeling, Afgerond of' }).waitFor();
    const field = dutch.getByRole('combobox', { name: 'Filter', exact: true });
    await field.fill('behandel');
    await dutch.getByRole('option', { name: /^behandelaar:/ }).waitFor();
    await field.fill('is:te laat');
    await press(dutch, 'Enter');
    await dutch.getByRole('link', { name: 'Late' }).waitFor();
    assert.deepEqual(await rowTitles(dutch), ['Late']);
    assert.equal(await dutch.getByRole('columnheader', { name: 'Einddatum' }).getAttribute('aria-sort'), 'ascending');
    assert.deepEqual(dutch.noted, []);
    await dutch.context().close();
  });

  test('a list where nothing matches says so and offers the way back', async () => {
    await page.goto('/app/#/todo?tag=nobody+has+this');
    await page.getByRole('heading', { name: 'Nothing matches these filters' }).waitFor();
    await page.locator('main section').getByRole('button', { name: 'Clear the filter' }).click();
    await page.getByRole('link', { name: 'Errand' }).waitFor();
    assert.equal(await filterOf(page).inputValue(), '');
  });

  test('order, groups and columns are chosen on the page and live in the address', async () => {
    await open(page, '#/todo', 'Errand');
    await page.getByRole('button', { name: 'Due', exact: true }).click();
    await until(async () => (await rowTitles(page))[0] === 'Late', 'the order');
    assert.deepEqual(await rowTitles(page), ['Late', 'Errand', HOSTILE, SAMPLE.title]);
    assert.equal(await page.getByRole('columnheader', { name: 'Due' }).getAttribute('aria-sort'), 'ascending');
    await page.getByRole('button', { name: 'Due', exact: true }).click();
    await until(async () => (await rowTitles(page))[0] === HOSTILE, 'the other order');
    assert.equal(address(page), '#/todo?sort=-dueDate');

    await page.getByRole('button', { name: 'Display' }).click();
    await page.getByLabel('Group by').selectOption('Assignee');
    await page.getByLabel('Workspace', { exact: true }).check();
    await press(page, 'Escape');
    await page.getByRole('button', { name: /^example@example.com 3/ }).waitFor();
    await page.getByRole('columnheader', { name: 'Workspace' }).waitFor();
    await until(async () => (await rowTitles(page)).join() === [HOSTILE, 'Late', SAMPLE.title, 'Errand'].join(),
      'the groups');
    await page.getByRole('button', { name: /^example@example.com 3/ }).click();
    await until(async () => (await rowTitles(page)).length === 1);
    assert.deepEqual(await rowTitles(page), ['Errand']);

    const shared = await openPage(browser, server);
    await open(shared, address(page), 'Errand');
    await shared.getByRole('columnheader', { name: 'Workspace' }).waitFor();
    assert.equal((await rowTitles(shared)).length, 4);
    await shared.context().close();
  });

  test('the count of each group is the length of its list', async () => {
    for (const group of ['status', 'priority', 'todoType', 'assignee', 'workspace', 'category', 'impact']) {
      await leave(page);
      await page.goto(`/app/#/todo?group=${group}`);
      await page.locator('.group-head').first().waitFor();
      await until(async () => (await page.locator('tbody tr.row').count()) >= 4);
      const shown = await page.locator('tbody tr').evaluateAll((rows) =>
        rows.map((one) => one.querySelector('.count')?.textContent ?? one.className));
      let left = 0;
      for (const one of shown) {
        if (/^\d+$/.test(one)) {
          assert.equal(left, 0, `${group}: ${shown}`);
          left = Number(one);
        } else {
          left -= 1;
        }
      }
      assert.equal(left, 0, `${group}: ${shown}`);
    }
  });

  test('a click anywhere in a row opens its record', async () => {
    await open(page, '', 'Late');
    await row(page, 'Late').getByText('Low').click();
    await page.getByRole('heading', { level: 1, name: 'Late' }).waitFor();
  });

  test('the keyboard alone signs in, walks the list, looks, opens a record and comes back', async () => {
    const page = await openPage(browser, server, { as: null });
    await page.goto('/app/#/todo');
    await page.getByLabel('E-mail address').waitFor();
    await page.keyboard.type(EXAMPLE.email);
    await press(page, 'Tab');
    await page.keyboard.type(EXAMPLE.password);
    await press(page, 'Enter');
    await page.getByRole('link', { name: 'Errand' }).waitFor();
    assert.equal((await focused(page)).tag, 'H1');
    for (const [key, title] of [['j', HOSTILE], ['j', 'Errand'], ['ArrowDown', 'Late'], ['j', SAMPLE.title],
      ['j', SAMPLE.title], ['ArrowUp', 'Late'], ['k', 'Errand']]) {
      await press(page, key);
      assert.equal((await focused(page)).text, title, key);
    }
    await press(page, ' ');
    await page.getByRole('complementary', { name: 'Preview' }).getByRole('heading', { name: 'Errand' }).waitFor();
    await press(page, 'j');
    await page.getByRole('complementary', { name: 'Preview' }).getByRole('heading', { name: 'Late' }).waitFor();
    await press(page, ' ');
    await page.getByRole('complementary').waitFor({ state: 'detached' });
    await press(page, 'Enter');
    await page.getByRole('heading', { level: 1, name: 'Late' }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name: 'Late' }).waitFor();
    assert.equal((await focused(page)).text, 'Late', 'the focus is where it was');
    await press(page, 'f');
    await page.keyboard.type('j?x');
    assert.equal(await filterOf(page).inputValue(), 'j?x', 'letters typed into a field stay letters');
    assert.deepEqual(page.noted, []);
    await page.context().close();
  });

  test('single-letter shortcuts can be switched off, and stay off', async () => {
    const page = await openPage(browser, server);
    await open(page, '', 'Errand');
    await press(page, '?');
    await page.getByLabel('Use single-letter shortcuts').uncheck();
    await press(page, 'Escape');
    await page.reload();
    await page.getByRole('link', { name: 'Errand' }).waitFor();
    await press(page, 'j');
    assert.notEqual((await focused(page)).tag, 'A');
    await press(page, 'ArrowDown');
    assert.equal((await focused(page)).text, HOSTILE, 'arrows are not letters');
    await page.context().close();
  });

  test('without a network the list says so, keeps what is typed, and tries again', async () => {
    const page = await openPage(browser, server);
    await open(page, '', 'Errand');
    await page.context().setOffline(true);
    await filterOf(page).fill('errand');
    await press(page, 'Enter');
    await page.getByRole('heading', { name: 'The server can’t be reached' }).waitFor();
    assert.equal(await filterOf(page).inputValue(), 'errand');
    /* Without one it says so again; with one the list comes by itself. */
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'The server can’t be reached' }).waitFor();
    await page.context().setOffline(false);
    await count(page, '1 record');
    await page.getByRole('heading', { name: 'The server can’t be reached' }).waitFor({ state: 'detached' });
    await page.context().close();
  });

  test('while the index is built the list is there without a total', async () => {
    await page.route('**/api/v1/tasks?*total=true*', (route) => route.fulfill({ status: 503, json: { status: 503 } }));
    await open(page, '', 'Errand');
    await count(page, '4 records'); // known since all of them are loaded
  });

  test('empty pages are loaded past by themselves, but not without end', async () => {
    const record = (await server.listAll({ q: 'errand' }))[0];
    let asked = 0;
    let fullAt = 4;
    await page.route('**/api/v1/tasks?*', (route) => {
      asked += 1;
      const answer = asked === fullAt ? { items: [record] } : { items: [], next: `c${asked}` };
      return route.fulfill({ json: { people: {}, ...answer } });
    });
    await page.goto('/app/#/todo');
    await page.getByRole('link', { name: record.title }).waitFor();
    assert.equal(asked, 4);
  });

  test('both exports have exactly what the list has', async () => {
    await open(page, '#/todo?q=is:open&sort=dueDate&in=EXA-CON-BUS-WOR', 'Late');
    const titles = await rowTitles(page);
    assert.deepEqual(titles, ['Late', SAMPLE.title]);
    await page.getByRole('button', { name: 'Export' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'), page.getByRole('menuitem', { name: 'CSV' }).click(),
    ]);
    const chunks = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    const lines = Buffer.concat(chunks).toString().trim().split('\r\n').slice(1);
    assert.deepEqual(lines.map((line) => line.split('","')[3]), titles);
    await page.getByRole('button', { name: 'Export' }).click();
    const link = await page.getByRole('menuitem', { name: 'Excel' }).getAttribute('href');
    assert.equal(new URL(link).search, '?workspace=EXA-CON-BUS-WOR&q=is%3Aopen&sort=dueDate');
    assert.match(new URL(link).pathname, /\/export\/tasks\.xlsx$/);
  });

  for (const width of [360, 320])
    test(`on ${width} px a record is a card with what matters, and nothing scrolls sideways`, async () => {
      const page = await openPage(browser, server, { width });
      await open(page, '', 'Errand');
      const card = row(page, 'Late');
      for (const text of ['EXA-CON-BUS-WOR-02', 'To do', 'Low'])
        assert.ok(await card.getByText(text).isVisible(), text);
      assert.ok(await card.locator('time').isVisible());
      const box = await card.boundingBox();
      for (const cell of await card.locator('td:visible, th:visible').all()) {
        const { y, height } = await cell.boundingBox();
        assert.ok(y >= box.y && y + height <= box.y + box.height + 1, await cell.textContent());
      }
      for (const query of ['', '?layout=board', '?layout=calendar', '?layout=matrix', '?group=status']) {
        await page.goto(`/app/#/todo${query}`);
        await page.locator('.tasks, .board, .day-list, .levels').first().waitFor();
        assert.equal(await scrollsSideways(page), false, query);
      }
      await page.context().close();
    });
});

describe('news from others', () => {
  let server;
  let page;
  before(async () => {
    server = await startServer({ users: [EXAMPLE, OTHER], workspaces: [WORKSPACE, TWO] });
    for (const title of ['One', 'Two', 'Three']) await server.createAndRead(small({ title, status: 'To do' }));
    page = await openPage(browser, server);
  });
  beforeEach(() => leave(page));
  after(async () => {
    await page?.context().close();
    await server?.stop();
  });
  const patch = (key, body) =>
    server.send(OTHER.email, 'PATCH', `${API}/tasks/${key}`, body, { headers: { 'if-match': '*' } });

  test('rows change where they are, new ones wait until a button is pressed, and the total follows', async () => {
    await open(page, '#/todo?q=status:todo', 'Two');
    await count(page, '3 records');
    const [, two] = (await server.listAll({ q: 'Two' })).concat(await server.listAll({ q: 'Two' }));
    await until(async () => {
      // The stream begins some time after the page.
      await patch(two.key, { priority: 'High' });
      await patch(two.key, { priority: 'Low' });
      return row(page, 'Two').getByText('Low').isVisible();
    });
    await patch(two.key, { title: 'Two and a half' });
    await row(page, 'Two and a half').waitFor();
    for (const title of ['Four', 'Five']) await server.addTask(small({ title, status: 'To do' }), { as: OTHER.email });
    await server.addTask(small({ title: 'Does not match', status: 'Expired' }), { as: OTHER.email });
    await page.getByRole('button', { name: '2 new' }).waitFor();
    await count(page, '5 records');
    assert.deepEqual(await rowTitles(page), ['Three', 'Two and a half', 'One'], 'nothing has moved');
    await page.getByRole('button', { name: '2 new' }).click();
    await row(page, 'Five').waitFor();
    assert.deepEqual(await rowTitles(page), ['Five', 'Four', 'Three', 'Two and a half', 'One']);
    await page.getByRole('button', { name: '2 new' }).waitFor({ state: 'detached' });

    await patch(two.key, { status: 'In Progress' });
    await page.locator('tr.row.gone').filter({ hasText: 'Two and a half' }).waitFor();
    await count(page, '4 records');
  });

  test('a list that one comes back to has what others have done since', async () => {
    const known = await server.createAndRead(small({ title: 'As it was', tags: ['left'] }));
    await page.goto('/app/#/todo?q=tag:left');
    await row(page, 'As it was').waitFor();
    await page.evaluate(() => void (location.hash = '#/meetings'));
    await page.getByRole('heading', { name: 'Stand-ups' }).waitFor();
    await patch(known.key, { title: 'Changed since' });
    await server.createAndRead(small({ title: 'Made since', tags: ['left'] }));
    await page.goBack();
    await row(page, 'Made since').waitFor();
    assert.deepEqual(await rowTitles(page), ['Made since', 'Changed since']);
    await count(page, '2 records');
  });

  const layouts = { 'on the board': 'layout=board', 'in groups': 'group=status' };
  for (const [where, query] of Object.entries(layouts))
    test(`new ones wait until a button is pressed, also ${where}`, async () => {
      const moved = await server.createAndRead(small({ title: `Moves ${where}`, status: 'To do' }));
      await page.goto(`/app/#/todo?${query}`);
      const titled = (title) => page.getByRole('link', { name: title, exact: true });
      await titled(moved.title).waitFor();
      await until(async () => {
        // The stream begins some time after the page.
        await patch(moved.key, { title: `Moves ${where}!` });
        return titled(`Moves ${where}!`).isVisible();
      });
      await patch(moved.key, { status: 'In Progress' });
      await server.addTask(small({ title: `New ${where}`, status: 'To do' }), { as: OTHER.email });
      await page.getByRole('button', { name: '1 new' }).click();
      await titled(`New ${where}`).waitFor();
      await page.getByRole('button', { name: '1 new' }).waitFor({ state: 'detached' });
    });

  test('a record is added in one line, with a whole domain in sight', async () => {
    const titles = (await server.listAll()).length;
    await open(page, '#/todo?in=EXA-CON-BUS', 'One');
    const line = page.getByRole('textbox', { name: 'New record' });
    await line.fill('Seal broken at gate 4');
    await press(page, 'Enter');
    await page.getByRole('alert').filter({ hasText: 'Name the workspace with @' }).waitFor();
    await line.fill('Seal broken at gate 4 @EXA-CON-BUS-W #"ORDER 9"');
    await page.getByLabel('Type', { exact: true }).selectOption('Task');
    await press(page, 'Enter');
    await row(page, 'Seal broken at gate 4').waitFor();
    const [record] = await server.listAll();
    assert.deepEqual([record.title, record.todoType, record.workspace, record.orderID, record.reporter],
      ['Seal broken at gate 4', 'TASK', WORKSPACE, ['ORDER 9'], EXAMPLE.email]);
    assert.equal(await line.inputValue(), '');
    assert.equal((await server.listAll()).length, titles + 1);
  });

  test('a line makes one record, however often it is sent', async () => {
    await open(page, '#/todo?in=EXA-CON-BUS', 'One');
    let lost = true;
    await page.route('**/task/add-task', async (route) => {
      if (!lost) return route.continue();
      lost = false;
      await route.fetch(); // it arrives, and its answer is lost
      return route.abort();
    });
    const line = page.getByRole('textbox', { name: 'New record' });
    await line.fill(`Only once @${WORKSPACE} #ONCE`);
    await line.press('Enter');
    await page.getByRole('alert').waitFor();
    await line.press('Enter');
    await until(async () => (await line.inputValue()) === '', 'the line to be empty');
    assert.equal((await server.listAll()).filter(({ title }) => title === 'Only once').length, 1);
  });

  test('where the form needs more, the full form opens with what was typed and says what is missing', async () => {
    await open(page, '#/todo', 'One');
    await page.getByRole('textbox', { name: 'New record' }).fill('No order @TWO');
    await page.getByLabel('Type', { exact: true }).selectOption('Incident');
    await page.getByRole('textbox', { name: 'New record' }).press('Enter');
    await page.getByRole('heading', { name: 'New record' }).waitFor();
    await page.locator('.new-field .fault-text').filter({ hasText: 'Order is required.' }).waitFor();
    assert.equal(await page.getByLabel('Title').inputValue(), 'No order');
    assert.equal(await page.getByLabel('Workspace').inputValue(), TWO);
    assert.equal(await page.getByRole('radio', { name: 'Incident' }).isChecked(), true);
    assert.equal(await page.getByText('orderID').count(), 0, 'in the words of the page');
  });
});

describe('saved views', () => {
  let server;
  before(async () => {
    server = await startServer({ users: [EXAMPLE, OTHER, MANAGER] });
    await server.createAndRead(SAMPLE);
    await server.createAndRead(small({ title: 'Late', dueDate: '2020-02-29', status: 'To do' }));
  });
  after(() => server?.stop());

  async function as(account) {
    const page = await openPage(browser, server, { as: null });
    await page.goto('/app/#/todo');
    await signIn(page, { password: EXAMPLE.password, ...account });
    await page.getByRole('link', { name: 'Late' }).waitFor();
    return page;
  }
  async function saveAs(page, name, domain) {
    await page.getByRole('button', { name: /^Views/ }).click();
    await page.getByRole('menuitem', { name: 'Save as a view…' }).click();
    await page.getByLabel('Name of the view').fill(name);
    if (domain) await page.getByLabel('For').selectOption(domain);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: `Views: ${name}` }).waitFor();
  }

  test('a view of one’s own keeps all that is chosen; a difference is seen and not saved', async () => {
    const page = await as(EXAMPLE);
    await page.goto('/app/#/todo?q=is:overdue&sort=dueDate&cols=title,workspace&group=priority');
    await page.locator('.group-head').first().waitFor();
    await saveAs(page, 'My late ones');
    assert.match(address(page), /^#\/todo\?view=\d+$/);
    const [view] = (await server.get(`${API}/views`)).json.items;
    assert.deepEqual([view.name, view.domain, view.query, view.layout, view.columns, view.sort],
      ['My late ones', null, 'q=is:overdue', 'list', ['title', 'workspace', 'group:priority'], 'dueDate']);

    await filterOf(page).fill('is:overdue is:mine');
    await press(page, 'Enter');
    await page.getByText('Changed, not saved').waitFor();
    assert.equal(address(page), `#/todo?view=${view.id}&q=is%3Aoverdue+is%3Amine`);
    assert.equal((await server.get(`${API}/views/${view.id}`)).json.version, 1, 'nothing is saved by itself');
    await page.getByRole('link', { name: 'Reset' }).click();
    await page.getByText('Changed, not saved').waitFor({ state: 'detached' });
    await until(async () => (await filterOf(page).inputValue()) === 'is:overdue', 'the filter of the view');

    await filterOf(page).fill('');
    await press(page, 'Enter');
    await page.getByText('Changed, not saved').waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Changed, not saved').waitFor({ state: 'detached' });
    assert.equal((await server.get(`${API}/views/${view.id}`)).json.query, '');

    await page.getByRole('button', { name: /^Views/ }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByText('is deleted').first().waitFor();
    assert.deepEqual((await server.get(`${API}/views`)).json.items, []);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Views: My late ones' }).waitFor();
    await page.context().close();
  });

  test('a shared view is seen by others, who can only save a difference for themselves', async () => {
    const manager = await as(MANAGER);
    await manager.goto('/app/#/todo?q=status:todo&layout=board&in=EXA-CON-BUS');
    await manager.locator('.board-card').first().waitFor();
    await saveAs(manager, 'Terminal', 'EXA-CON-BUS');
    const link = address(manager);
    const page = await as(OTHER);
    await page.getByRole('button', { name: /^Views/ }).click();
    await page.getByText('Shared with EXA-CON-BUS').waitFor();
    await page.getByRole('menuitem', { name: 'Terminal' }).click();
    await page.locator('.board-card').first().waitFor();
    assert.equal(address(page), link);
    await filterOf(page).fill('status:todo is:mine');
    await press(page, 'Enter');
    await page.getByText('Changed, not saved').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Save', exact: true }).count(), 0);
    await page.getByRole('button', { name: 'Save as mine…' }).click();
    await page.getByLabel('Name of the view').fill('Mine of them');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: 'Views: Mine of them' }).waitFor();
    const own = (await server.get(`${API}/views`, { as: OTHER.email })).json.items;
    assert.deepEqual(own.map(({ name, domain }) => [name, domain]).sort(),
      [['Mine of them', null], ['Terminal', 'EXA-CON-BUS']]);
    assert.equal((await server.get(`${API}/views`, { as: MANAGER.email })).json.items.length, 1);
    await page.context().close();
    await manager.context().close();
  });

  test('an address with a view that is gone says so and shows all records', async () => {
    const page = await as(EXAMPLE);
    await page.goto('/app/#/todo?view=4711');
    await page.getByText('This view no longer exists').waitFor();
    await count(page, '2 records');
    await page.context().close();
  });
});

describe('many at once', () => {
  let server;
  let page;
  before(async () => {
    server = await startServer({ users: [EXAMPLE, OTHER] });
    const items = Array.from({ length: 230 }, (_, i) =>
      ({ task: small({ title: `Number ${i + 1}`, status: 'To do', tags: i % 2 ? ['odd'] : [] }) }));
    await server.addTasks(items);
    page = await openPage(browser, server);
  });
  beforeEach(() => leave(page));
  after(async () => {
    await page?.context().close();
    await server?.stop();
  });

  test('only the rows near the screen are in the document, and scrolling loads on to the last', async () => {
    await open(page, '', 'Number 230');
    await count(page, '230 records');
    assert.ok((await rowTitles(page)).length < 60);
    assert.equal(await page.locator('table.tasks').getAttribute('aria-rowcount'), '231');
    await page.getByRole('button', { name: /^Load more/ }).waitFor();
    const seen = new Set();
    await until(async () => {
      for (const title of await rowTitles(page)) seen.add(title);
      await page.mouse.wheel(0, 600);
      return seen.has('Number 1');
    });
    assert.equal(seen.size, 230);
    const last = row(page, /Number 1$|Number 1\D/).last();
    assert.equal(await last.getAttribute('aria-rowindex'), '231');
    assert.ok((await rowTitles(page)).length < 60);
    assert.equal(await page.getByRole('button', { name: /^Load more/ }).count(), 0);
  });

  test('back from a record far down, the list is where it was and has the focus there', async () => {
    await open(page, '', 'Number 230');
    /* At the last row that is loaded the key waits for more. */
    await until(async () => {
      await press(page, 'j');
      return (await focused(page)).text === 'Number 111';
    }, 'the row far down');
    const y = () => page.evaluate(() => document.activeElement.getBoundingClientRect().y);
    const before = await y();
    assert.ok((await page.evaluate(() => scrollY)) > 2000);
    await press(page, 'Enter');
    await page.getByRole('heading', { level: 1, name: 'Number 111' }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name: 'Number 111', exact: true }).waitFor();
    await until(async () => (await focused(page)).text === 'Number 111');
    await until(async () => Math.abs((await y()) - before) < 2, 'the place on the screen');
    await press(page, 'j');
    assert.equal((await focused(page)).text, 'Number 110');
  });

  test('x and shift select; the preview says what becomes of each; what is done can be undone', async () => {
    const closed = (await server.listAll({ q: '"Number 227"' }))[0];
    await server.send(OTHER.email, 'PATCH', `${API}/tasks/${closed.key}`, { status: 'Done' },
      { headers: { 'if-match': '*' } });
    await open(page, '', 'Number 230');
    await press(page, 'j', 'x', 'j', 'j', 'j', 'X');
    await page.getByRole('region', { name: '4 selected' }).waitFor();
    await page.getByRole('button', { name: 'Change…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change 4 records' });
    await dialog.getByLabel('New value').selectOption('To do');
    await dialog.getByText('3 are like that already').waitFor();
    await dialog.getByText('1 can’t be changed').waitFor(); // only who closed it, and managers, open it again
    assert.equal(await dialog.getByRole('button', { name: 'Change 0 records' }).getAttribute('aria-disabled'), 'true');
    await dialog.getByLabel('What to change').selectOption('Priority');
    await dialog.getByLabel('New value').selectOption('High');
    await dialog.getByText('4 will change').waitFor();
    assert.equal((await server.listAll({ priority: 'High' })).length, 0, 'a preview changes nothing');
    await dialog.getByRole('button', { name: 'Change 4 records' }).click();
    await page.getByText('4 records changed').first().waitFor();
    assert.equal((await server.listAll({ priority: 'High' })).length, 4);
    await row(page, 'Number 229').getByText('High').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('4 changes undone').first().waitFor();
    assert.equal((await server.listAll({ priority: 'High' })).length, 0);
    await row(page, 'Number 229').getByText('High').waitFor({ state: 'detached' });
    await press(page, 'Escape');
    await page.getByRole('region', { name: /selected/ }).waitFor({ state: 'detached' });
  });

  test('all that match, however many are loaded', async () => {
    await open(page, '#/todo?q=tag:odd', 'Number 230');
    await page.getByLabel('Select EXA-CON-BUS-WOR-230').check();
    await page.getByRole('button', { name: 'Select all 115 that match' }).click();
    await page.getByRole('button', { name: 'Change…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change 115 records' });
    await dialog.getByLabel('What to change').selectOption('Due');
    await dialog.getByLabel('New value').fill('2031-05-06');
    await press(page, 'Tab');
    await dialog.getByText('115 will change').waitFor();
    await dialog.getByRole('button', { name: 'Change 115 records' }).click();
    await page.getByText('115 records changed').first().waitFor();
    const due = await server.listAll({ q: 'due:2031-05-06' });
    assert.equal(due.length, 115);
    assert.ok(due.every(({ tags }) => tags.includes('odd')));
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('115 changes undone').first().waitFor();
    assert.equal((await server.listAll({ q: 'due:none' })).length, 230 - 1); // one was closed, and so became due
  });
});

test('of many that are Done, those that take a second person are proposed, and that is withdrawn again', async () => {
  const server = await startServer({ users: [EXAMPLE, MANAGER], workspaces: [TWO] });
  try {
    const form = { name: 'two', confirmClose: { priority: ['High'] } };
    const made = await server.send(MANAGER.email, 'POST', `${API}/workspaces/${TWO}/forms`, form);
    assert.equal(made.status, 201, made.text);
    const keys = [];
    for (const priority of ['High', 'Low']) {
      const report = small({ title: `Of many ${priority}`, domainWorkSpace: TWO, priority, status: 'To do' });
      const answer = await server.addTask(report, { query: '?form=two' });
      keys.push(answer.json.taskLink.split('/').at(-1));
    }
    const read = async (key) => (await server.get(`${API}/tasks/${key}`, { as: EXAMPLE.email })).json;
    const own = await openPage(browser, server);
    await open(own, '#/todo?q="Of many"', 'Of many High');
    for (const key of keys) await own.getByLabel(`Select ${key}`).check();
    await own.getByRole('button', { name: 'Change…' }).click();
    const dialog = own.getByRole('dialog');
    await dialog.getByLabel('New value').selectOption('Done');
    await dialog.getByText('2 will change', { exact: true }).waitFor();
    await dialog.getByText(`${keys[0]} Is proposed to a second person`).waitFor();
    await dialog.getByRole('button', { name: 'Change 2 records' }).click();
    await own.getByText('2 records changed').first().waitFor();
    const [high, low] = [await read(keys[0]), await read(keys[1])];
    assert.deepEqual([high.awaits.by, high.open, low.status], [EXAMPLE.email, true, 'Done']);
    await own.getByRole('button', { name: 'Undo' }).click();
    await own.getByText('2 changes undone').first().waitFor();
    for (const key of keys) {
      const { awaits, status } = await read(key);
      assert.deepEqual([awaits, status], [null, 'To do']);
    }
    assert.deepEqual(own.noted, []);
    await own.context().close();
  } finally {
    await server.stop();
  }
});

test('an empty list says what comes next', async () => {
  const server = await startServer();
  try {
    const page = await openPage(browser, server);
    await page.goto('/app/#/todo');
    await page.getByRole('heading', { name: 'Nothing has been reported yet' }).waitFor();
    await page.getByRole('textbox', { name: 'New record' }).fill('The first #1');
    await press(page, 'Enter');
    await page.getByRole('link', { name: 'The first' }).waitFor();
    await page.context().close();
  } finally {
    await server.stop();
  }
});

test('somebody without a role learns that, and who can help', async () => {
  const server = await startServer();
  try {
    const page = await openPage(browser, server, { as: null });
    await page.route('**/app/session', async (route) => {
      const answer = await route.fetch();
      if (answer.status() !== 200) return route.fulfill({ response: answer });
      return route.fulfill({ response: answer, json: { ...(await answer.json()), roles: [] } });
    });
    await page.goto('/app/#/todo');
    await signIn(page);
    await page.getByRole('heading', { name: 'You don’t have a role yet' }).waitFor();
    await page.context().close();
  } finally {
    await server.stop();
  }
});
