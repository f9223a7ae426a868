/*
 * What people expect of the frame and the lists: that the scope names what is shown, that days, orders and amounts are
 * read as they are written, that other words find a place, and that nothing shown once is lost by a slip.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { small, WORKSPACE } from '../lib/server.mjs';
import { leave, openBrowser, openPage } from './browser.mjs';
import { MANAGER, asBoss, dialog, openAs, startWorkshop } from './workshop.mjs';

let server;
let browser;
let page;

before(async () => {
  server = await startWorkshop();
  browser = await openBrowser();
  page = await openAs(browser, server, MANAGER, '');
});
after(async () => {
  await browser?.close();
  await server?.stop();
});
beforeEach(() => leave(page));

const go = async (hash) => {
  await page.goto(`/app/${hash}`);
};
const scope = (name) => page.getByRole('button', { name, exact: true });

describe('the scope', () => {
  test('names what the page shows, however one has come to it', async () => {
    const view = await asBoss(server, 'POST', '/views',
      { name: 'Buses', domain: 'EXA-CON-BUS', query: 'domain=EXA-CON-BUS', layout: 'list', columns: [] });
    await go(`#/todo?in=${WORKSPACE}`);
    await scope(`Scope: ${WORKSPACE}`).waitFor();
    await go('#/todo?q=is:open');
    await scope('Scope: Everything').waitFor();
    await go(`#/todo?view=${view.id}`);
    await scope('Scope: EXA-CON-BUS').waitFor();
    await go(`#/picture?in=${WORKSPACE}`);
    await scope(`Scope: ${WORKSPACE}`).waitFor();
    await go('#/review');
    await scope('Scope: Everything').waitFor();
  });

  test('names a place only where the page is of one', async () => {
    await go(`#/todo?in=${WORKSPACE}`);
    await scope(`Scope: ${WORKSPACE}`).waitFor();
    await go('#/workshop/forms');
    await scope('Scope: Choose what to see').waitFor();
    await page.getByRole('link', { name: 'Records', exact: true }).click();
    await scope(`Scope: ${WORKSPACE}`).waitFor();
  });

  test('that does not exist says so', async () => {
    await go('#/todo?in=NO-WHERE');
    await scope('Scope: NO-WHERE: not found').waitFor();
  });
});

describe('the filter', () => {
  test('takes days as people write them, and orders after #', async () => {
    await server.createAndRead(small({ title: 'By the year', dueDate: '2030-12-31', orderID: ['ORDER 9100'] }));
    await server.createAndRead(small({ title: 'Another day', dueDate: '2030-12-30', orderID: ['ORDER 9101'] }));
    await go('#/todo');
    const filter = page.getByRole('combobox', { name: 'Filter' });
    for (const typed of ['due:31/12/2030', 'due:12/31/2030', 'due:31-12-2030', 'einddatum:31/12/2030',
      'due:>=31/12/2030', '#ORDER 9100']) {
      await filter.fill(typed);
      await page.keyboard.press('Enter');
      await page.getByText('1 record', { exact: true }).waitFor();
      await page.getByRole('link', { name: 'By the year' }).waitFor();
      await filter.fill('');
      await page.keyboard.press('Enter');
      await page.getByRole('link', { name: 'Another day' }).waitFor();
    }
    await filter.fill('due:<=tomorrow');
    await page.keyboard.press('Enter');
    await page.waitForURL(/due%3A%3C%3Dtomorrow$/);
  });

  test('reads the month first for those who write it so', async () => {
    await server.createAndRead(small({ title: 'The third of April', dueDate: '2031-04-03' }));
    await go('#/todo');
    await page.evaluate(() => localStorage.setItem('bzctrl.dates', 'mdy'));
    await page.reload();
    await page.getByRole('combobox', { name: 'Filter' }).fill('due:4/3/2031');
    await page.keyboard.press('Enter');
    await page.waitForURL(/due%3A3%2F4%2F2031$/);
    await page.getByRole('link', { name: 'The third of April' }).waitFor();
    await page.evaluate(() => localStorage.removeItem('bzctrl.dates'));
    await page.reload();
  });
});

test('other words find places and themes in the palette', async () => {
  await go('#/todo');
  for (const [typed, found] of [['people', 'Workshop'], ['minutes', 'Stand-ups'], ['dark', 'Theme: Dark']]) {
    await page.getByRole('button', { name: 'Search or jump to' }).click();
    await page.keyboard.type(typed);
    await page.getByRole('option', { name: found, exact: true }).waitFor();
    await page.keyboard.press('Escape');
  }
});

test('lists of amounts and of what was closed have the columns that say so', async () => {
  await server.createAndRead(small({ title: 'Dear', financialImpact: '125000.00' }));
  await server.createAndRead(small({ title: 'Over', status: 'Done' }));
  await go('#/picture');
  await page.locator('.tile').filter({ hasText: 'Open, in EUR' }).click();
  await page.locator('.tasks').getByRole('columnheader', { name: 'EUR' }).waitFor();
  await page.goBack();
  await page.locator('.tile').filter({ hasText: /^Closed/ }).click();
  await page.locator('.tasks').getByRole('columnheader', { name: 'Closed' }).waitFor();
});

test('a secret that is shown once stays until a button closes it', async () => {
  await go('#/workshop/clients');
  await page.getByRole('button', { name: 'Add client' }).click();
  await dialog(page).getByLabel('Name').fill('Gate');
  await dialog(page).getByRole('button', { name: 'Add client' }).click();
  const secret = dialog(page).locator('.once-text');
  await secret.waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.mouse.click(2, 400);
  await secret.waitFor();
  await page.getByRole('button', { name: 'I have copied it' }).click();
  await secret.waitFor({ state: 'detached' });
});

test('a rule for what recurs names who does it and how urgent it is', async () => {
  await go(`#/workshop/rules/${WORKSPACE}/new?kind=recur`);
  await page.getByLabel('Priority').selectOption('High');
  await page.getByLabel('Assignee').waitFor();
});

test('a dialog below which a session ends is there after the sign-in, and says what to do', async () => {
  const own = await openPage(browser, server);
  await own.goto('/app/#/todo?q=is:open');
  await own.getByRole('button', { name: 'Views' }).click();
  await own.getByRole('menuitem', { name: 'Save as a view…' }).click();
  await own.getByLabel('Name of the view').fill('Mine');
  await own.context().clearCookies();
  await own.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await own.locator('#sign-in-lead').getByText('Your session has ended. Sign in again').waitFor();
  await own.getByLabel('Password', { exact: true }).fill('Ex@mpl3!');
  await own.keyboard.press('Enter');
  await own.getByRole('dialog').getByText('Your session has ended. Sign in, then try again.').waitFor();
  assert.equal(await own.getByLabel('Name of the view').inputValue(), 'Mine');
  await own.context().close();
});

test('a fault is said in Dutch, by the name of the field', async () => {
  const own = await openPage(browser, server, { locale: 'nl-NL' });
  await own.goto(`/app/#/new?workspace=${WORKSPACE}`);
  await own.getByLabel('Titel').fill('Zegel');
  await own.getByRole('button', { name: 'Aanmaken' }).click();
  await own.getByRole('button', { name: 'Omschrijving ontbreekt.' }).waitFor();
  await own.context().close();
});
