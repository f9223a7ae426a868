/* The list: its columns, its filters in the address, loading on, and walking it by keyboard. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { EXAMPLE, SAMPLE, small, startServer } from '../lib/server.mjs';
import { focused, leave, openBrowser, openPage, rowTitles, signIn } from './browser.mjs';

const other = { email: 'other@example.com', password: 'Another-pw-1', role: 'member', domain: 'EXA-CON-BUS' };
let browser;

before(async () => {
  browser = await openBrowser();
});
after(async () => browser?.close());

describe('with a few records', () => {
  let server;
  let page; // for all tests that leave nothing behind in its profile

  before(async () => {
    server = await startServer({ users: [EXAMPLE, other] });
    await server.createAndRead(SAMPLE);
    await server.createAndRead(small({ title: 'Late', dueDate: '2020-02-29', priority: 'Low', status: 'To do' }));
    await server.createAndRead(small({ title: 'Errand', todoType: 'TASK', assignee: other.email, status: 'Done' }));
    page = await openPage(browser, server);
  });
  beforeEach(() => leave(page));
  after(async () => {
    await page?.context().close();
    await server?.stop();
  });

  test('every column is there, newest first, overdue marked', async () => {
    await page.goto('/app/');
    await page.getByRole('link', { name: 'Errand' }).waitFor();
    assert.deepEqual(await page.getByRole('columnheader').allTextContents(), [
      'Key', 'Title', 'Type', 'Status', 'Priority', 'Assignee', 'Due', 'Created',
    ]);
    assert.deepEqual(await rowTitles(page), ['Errand', 'Late', SAMPLE.title]);
    const late = page.getByRole('row').filter({ hasText: 'Late' });
    assert.match(await late.textContent(), /EXA-CON-BUS-WOR-02.*Incident.*To do.*Low.*example@example\.com.*Overdue/);
    assert.equal(await late.locator('time').first().getAttribute('datetime'), '2020-02-29');
    assert.equal(await page.locator('.overdue').count(), 1);
    assert.equal(await page.title(), 'Incidents and tasks · BzCtrl');
    assert.deepEqual(page.noted, []);
  });

  const filters = [
    ['Task', ['Errand'], 'todoType=TASK'],
    ['To do', ['Late'], 'status=To+do'],
    ['High', [SAMPLE.title], 'priority=High'],
    ['Overdue', ['Late'], 'overdue=true'],
    ['Assigned to me', ['Late', SAMPLE.title], 'mine=true'],
  ];
  for (const [label, titles, query] of filters) {
    test(`the filter "${label}" narrows the list and is a link to share`, async () => {
      await page.goto('/app/#/todo');
      await page.getByRole('link', { name: 'Errand' }).waitFor();
      await page.getByLabel(label, { exact: true }).check();
      await page.getByText(new RegExp(`^${titles.length} records?$`)).waitFor();
      assert.deepEqual(await rowTitles(page), titles);
      assert.ok(page.url().endsWith(`#/todo?${query}`), page.url());

      const shared = await openPage(browser, server);
      await shared.goto(page.url());
      await shared.getByRole('link', { name: titles[0] }).waitFor();
      assert.deepEqual(await rowTitles(shared), titles);
      assert.ok(await shared.getByLabel(label, { exact: true }).isChecked());
      await shared.context().close();
    });
  }

  test('two of a kind mean either; the tag is typed; clearing shows all again', async () => {
    await page.goto('/app/');
    await page.getByLabel('To do', { exact: true }).check();
    await page.getByLabel('Done', { exact: true }).check();
    await page.getByText('2 records', { exact: true }).waitFor();
    assert.deepEqual(await rowTitles(page), ['Errand', 'Late']);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByText('3 records', { exact: true }).waitFor();
    await page.getByRole('searchbox').fill('725462');
    await page.getByText('1 record', { exact: true }).waitFor();
    assert.deepEqual(await rowTitles(page), [SAMPLE.title]);
  });

  test('clearing the filters also takes back a tag that was only just typed', async () => {
    await page.goto('/app/#/todo?status=To+do');
    await page.getByText('1 record', { exact: true }).waitFor();
    /* In the page, so that no slow machine lets the typing's pause go by in between. */
    await page.evaluate(async () => {
      const field = document.getElementById('filter-tag');
      field.value = 'nobody has this';
      field.dispatchEvent(new Event('input', { bubbles: true }));
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      document.querySelector('.filters-panel > button.quiet').click();
    });
    await page.getByText('3 records', { exact: true }).waitFor();
    assert.equal(await page.getByRole('searchbox').inputValue(), '');
    await setTimeout(600); // longer than typing waits
    assert.match(page.url(), /#\/todo$/);
  });

  test('a list where nothing matches says so and offers the way back', async () => {
    await page.goto('/app/#/todo?tag=nobody+has+this');
    await page.getByRole('heading', { name: 'Nothing matches these filters' }).waitFor();
    await page.locator('main section').getByRole('button', { name: 'Clear filters' }).click();
    await page.getByRole('link', { name: 'Errand' }).waitFor();
    assert.equal(await page.getByRole('searchbox').inputValue(), '');
  });

  test('a click anywhere in a row opens its record', async () => {
    await page.goto('/app/');
    await page.getByRole('row').filter({ hasText: 'Late' }).getByText('Low').click();
    await page.getByRole('heading', { level: 1, name: 'Late' }).waitFor();
  });

  test('the keyboard alone signs in, walks the list, opens a record and comes back', async () => {
    const page = await openPage(browser, server, { as: null });
    const press = (key) => page.keyboard.press(key);
    await page.goto('/app/#/todo');
    await page.getByLabel('E-mail address').waitFor();
    assert.equal((await focused(page)).id, 'email');
    await page.keyboard.type(EXAMPLE.email);
    await press('Tab');
    await page.keyboard.type(EXAMPLE.password);
    await press('Enter');
    await page.getByRole('link', { name: 'Errand' }).waitFor();
    assert.equal((await focused(page)).tag, 'H1');

    for (const [key, title] of [['j', 'Errand'], ['j', 'Late'], ['ArrowDown', SAMPLE.title], ['j', SAMPLE.title],
        ['ArrowUp', 'Late'], ['k', 'Errand']]) {
      await press(key);
      assert.equal((await focused(page)).text, title, key);
    }
    await press('j');
    await press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Late' }).waitFor();
    assert.equal((await focused(page)).tag, 'H1');
    await press('u');
    await page.getByRole('link', { name: 'Late' }).waitFor();
    assert.equal((await focused(page)).text, 'Late', 'the focus is where it was');

    await press('f');
    assert.equal((await focused(page)).id, 'filter-tag');
    await page.keyboard.type('j?/');
    assert.equal(await page.getByRole('searchbox').inputValue(), 'j?/', 'letters typed into a field stay letters');
    await page.getByRole('searchbox').fill('');
    await press('Tab');
    await press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    assert.deepEqual(page.noted, []);
    await page.context().close();
  });

  test('on a narrow screen "f" unfolds the filters, and what is typed next goes into the field', async () => {
    const page = await openPage(browser, server, { width: 360 });
    await page.goto('/app/');
    await page.getByRole('link', { name: 'Errand' }).waitFor();
    assert.equal(await page.getByRole('searchbox').isVisible(), false);
    await page.keyboard.press('f');
    await page.keyboard.type('x1');
    assert.equal(await page.getByRole('searchbox').inputValue(), 'x1');
    assert.equal((await focused(page)).id, 'filter-tag');
    await page.context().close();
  });

  test('the skip link leads past the header and leaves the address alone', async () => {
    await page.goto('/app/#/todo?status=Done');
    await page.getByRole('link', { name: 'Errand' }).waitFor();
    await page.keyboard.press('Tab');
    assert.equal((await focused(page)).text, 'Skip to the content');
    await page.keyboard.press('Enter');
    assert.equal((await focused(page)).tag, 'MAIN');
    assert.match(page.url(), /#\/todo\?status=Done$/);
  });

  test('single-letter shortcuts can be switched off, and stay off', async () => {
    const page = await openPage(browser, server);
    await page.goto('/app/');
    await page.getByRole('link', { name: 'Errand' }).waitFor();
    await page.keyboard.press('?');
    await page.getByLabel('Use single-letter shortcuts').uncheck();
    await page.keyboard.press('Escape');
    await page.reload();
    await page.getByRole('link', { name: 'Errand' }).waitFor();
    await page.keyboard.press('j');
    assert.notEqual((await focused(page)).tag, 'A');
    await page.keyboard.press('ArrowDown');
    assert.equal((await focused(page)).text, 'Errand', 'arrows are no letters');
    await page.context().close();
  });

  test('without a network the list says so, keeps what it has, and tries again', async () => {
    const page = await openPage(browser, server);
    await page.goto('/app/');
    await page.getByRole('link', { name: 'Errand' }).waitFor();
    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('heading', { name: 'The server can’t be reached' }).waitFor();
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('link', { name: 'Errand' }).waitFor();
    await page.getByRole('heading', { name: 'The server can’t be reached' }).waitFor({ state: 'detached' });
    await page.context().close();
  });

  test('empty pages are loaded past by themselves, but not without end', async () => {
    const record = (await server.listAll())[0];
    let asked = 0;
    let fullAt = 4;
    await page.route('**/api/v1/tasks?*', (route) => {
      asked += 1;
      const answer = asked === fullAt ? { items: [record], people: {} } : { items: [], people: {}, next: `c${asked}` };
      return route.fulfill({ json: answer });
    });
    await page.goto('/app/');
    await page.getByRole('link', { name: record.title }).waitFor();
    assert.equal(asked, 4);

    asked = 0;
    fullAt = 11;
    await page.getByRole('button', { name: 'Refresh' }).click();
    const on = page.getByRole('button', { name: 'Continue searching' });
    await on.waitFor();
    assert.equal(asked, 8, 'then the person decides');
    await on.click();
    await page.getByRole('link', { name: record.title }).waitFor();
    assert.equal(asked, 11);
  });
});

test('"Load more" goes on to the last record, each once and in order', async () => {
  const server = await startServer();
  try {
    for (let i = 1; i <= 120; i += 1) await server.addTask(small({ title: `Number ${i}` }));
    const page = await openPage(browser, server);
    await page.goto('/app/');
    await page.getByRole('link', { name: 'Number 120' }).waitFor();
    const more = page.getByRole('button', { name: 'Load more' });
    const before = (await rowTitles(page)).length;
    assert.ok(before < 120, 'not all at once');
    for (let step = 0; step < 10 && (await more.isVisible()); step += 1) {
      const shown = (await rowTitles(page)).length;
      await more.click();
      await page.waitForFunction((n) => document.querySelectorAll('table.tasks tbody tr').length > n, shown);
      await page.locator('table.tasks[aria-busy=false]').waitFor();
    }
    assert.deepEqual(await rowTitles(page), Array.from({ length: 120 }, (_, i) => `Number ${120 - i}`));
    await page.context().close();
  } finally {
    await server.stop();
  }
});

test('an empty list shows how to post the first report, and what it shows works in a shell', async () => {
  const server = await startServer();
  try {
    const page = await openPage(browser, server);
    await page.goto('/app/');
    await page.getByRole('heading', { name: 'Nothing has been reported yet' }).waitFor();
    const [forToken, forReport] = await page.locator('main pre').allTextContents();
    const shell = async (script, input) => {
      const running = promisify(execFile)('bash', ['-c', script]);
      running.child.stdin.end(input);
      return JSON.parse((await running).stdout);
    };
    const { access_token: token } = await shell(forToken, `${EXAMPLE.password}\n`);
    const answer = await shell(forReport.replace('bzat_…', token), '');
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('link', { name: answer.title }).waitFor();
    await page.context().close();
  } finally {
    await server.stop();
  }
});

test('somebody without a role is told so, and by whom it can be mended', async () => {
  const server = await startServer();
  try {
    const page = await openPage(browser, server, { as: null });
    await page.route('**/app/session', async (route) => {
      const answer = await route.fetch();
      if (!answer.ok()) return route.fulfill({ response: answer });
      return route.fulfill({ response: answer, json: { ...(await answer.json()), roles: [] } });
    });
    await page.goto('/app/');
    await signIn(page);
    await page.getByRole('heading', { name: 'You don’t have a role yet' }).waitFor();
    await page.context().close();
  } finally {
    await server.stop();
  }
});
