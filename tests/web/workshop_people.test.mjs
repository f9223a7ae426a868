/* People and roles in the Workshop: who sees it, adding, roles, links, leaving, erasing. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../lib/program.mjs';
import { API, EXAMPLE, small } from '../lib/server.mjs';
import { openBrowser, openPage, scrollsSideways } from './browser.mjs';
import { BOSS, MANAGER, asBoss, dialog, heading, openAs, startWorkshop, toast, undo } from './workshop.mjs';

let server;
let browser;
before(async () => {
  server = await startWorkshop();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const person = (email) => asBoss(server, 'GET', `/people/${email}`);
const open = (as, email) => openAs(browser, server, as, `#/workshop/people/${email}`);
const add = (email, more = {}) =>
  asBoss(server, 'POST', '/people', { email, roles: [{ domain: 'EXA-CON-BUS', role: 'member' }], ...more });

test('a member has no Workshop, neither in the rail nor by its address', async () => {
  const page = await openAs(browser, server, EXAMPLE, '#/workshop/people');
  await heading(page, 'This page does not exist').waitFor();
  assert.equal(await page.getByRole('link', { name: 'Workshop' }).count(), 0);
  await page.context().close();
});

test('a manager sees the people and domains that are theirs, and no health', async () => {
  await add('air@example.com', { roles: [{ domain: 'EXA-CON-AIR', role: 'member' }] });
  const page = await openAs(browser, server, MANAGER, '#/workshop');
  await heading(page, 'Workshop').waitFor();
  assert.equal(await page.getByRole('link', { name: /^Health/ }).count(), 0);
  await page.getByRole('link', { name: /^People and roles/ }).click();
  await page.getByRole('link', { name: /example@example.com/ }).waitFor();
  assert.equal(await page.getByText('air@example.com').count(), 0);
  assert.equal(await page.getByText('boss@example.com').count(), 0);
  await page.getByRole('button', { name: 'Add person' }).click();
  assert.deepEqual(await dialog(page).getByLabel('Domain').locator('option').allTextContents(), ['EXA-CON-BUS']);
  assert.equal(await dialog(page).getByText('Administrator').count(), 0);
  await page.goto('/app/#/workshop/health');
  await heading(page, 'This page does not exist').waitFor();
  await page.goto('/app/#/workshop/people/air@example.com');
  await page.getByRole('heading', { name: 'Not found' }).waitFor();
  await page.context().close();
});

test('a person is added by key, with a link that is shown once and leads in', async () => {
  const page = await openAs(browser, server, MANAGER, '#/workshop/people');
  await page.getByRole('link', { name: /example@example.com/ }).waitFor();
  await page.keyboard.press('a');
  await page.keyboard.type('nobody');
  await page.keyboard.press('Enter');
  await dialog(page).getByRole('alert').waitFor();
  await dialog(page).getByLabel('E-mail address').fill('New@Example.com');
  await dialog(page).getByLabel('Name').fill('Nina New');
  await page.keyboard.press('Enter');
  await dialog(page).getByRole('heading', { name: 'Link by which Nina New sets a password' }).waitFor();
  const link = await dialog(page).locator('.once-text').textContent();
  assert.match(link, /\/app\/#\/reset\/bzpr_/);
  await page.getByRole('button', { name: 'I have copied it' }).click();
  await page.getByRole('link', { name: /Nina New/ }).click();
  await heading(page, 'Nina New').waitFor();
  assert.equal((await page.content()).includes('bzpr_'), false);

  const other = await openPage(browser, server, { as: null });
  await other.goto(link);
  await other.getByLabel('New password').fill('An0ther password');
  await other.keyboard.press('Enter');
  await other.getByRole('button', { name: /^Account/ }).waitFor(); /* it signs in, too */
  await other.context().close();
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('roles are changed, added and removed at once, each with a way back', async () => {
  await add('roles@example.com');
  const page = await open(BOSS, 'roles@example.com');
  const roles = async () => (await person('roles@example.com')).roles.map(({ domain, role }) => `${domain} ${role}`);
  await page.getByLabel('Role on EXA-CON-BUS', { exact: true }).selectOption('manager');
  await toast(page, 'Roles of').waitFor();
  assert.deepEqual(await roles(), ['EXA-CON-BUS manager']);
  await undo(page);
  await toast(page, /^Undone: /).waitFor();
  assert.deepEqual(await roles(), ['EXA-CON-BUS member']);
  assert.equal(await page.getByLabel('Role on EXA-CON-BUS', { exact: true }).inputValue(), 'member');
  await page.getByLabel('Domain', { exact: true }).selectOption('EXA-CON-AIR');
  await page.getByLabel('Role', { exact: true }).selectOption('viewer');
  await page.getByRole('button', { name: 'Add role' }).click();
  await page.getByLabel('Role on EXA-CON-AIR', { exact: true }).waitFor();
  assert.deepEqual((await roles()).sort(), ['EXA-CON-AIR viewer', 'EXA-CON-BUS member']);
  await page.getByRole('button', { name: 'Remove the role on EXA-CON-BUS' }).click();
  await page.getByLabel('Role on EXA-CON-BUS', { exact: true }).waitFor({ state: 'detached' });
  assert.deepEqual(await roles(), ['EXA-CON-AIR viewer']);
  await page.getByLabel('Administrator').click();
  await toast(page, 'Rights of').waitFor();
  assert.equal((await person('roles@example.com')).admin, true);
  await page.context().close();
});

test('the last administrator stays one, and the page says why', async () => {
  const page = await open(BOSS, BOSS.email);
  await asBoss(server, 'PATCH', '/people/roles@example.com', { admin: false }, { 'if-match': '*' });
  await page.getByLabel('Administrator').click();
  await page.locator('.toast').waitFor();
  assert.equal(await page.getByLabel('Administrator').isChecked(), true);
  assert.equal((await person(BOSS.email)).admin, true);
  await page.context().close();
});

test('what somebody else has just changed is not overwritten', async () => {
  await add('stale@example.com');
  const page = await open(BOSS, 'stale@example.com');
  await heading(page, 'stale@example.com').waitFor();
  await asBoss(server, 'PATCH', '/people/stale@example.com', { name: 'From elsewhere' }, { 'if-match': '*' });
  await page.getByLabel('Name').fill('Mine');
  await page.keyboard.press('Enter');
  await toast(page, 'Somebody else has just changed this').waitFor();
  await heading(page, 'From elsewhere').waitFor();
  await page.context().close();
});

test('a name that is typed stays when somebody else changes the person; a link is made once', async () => {
  await add('typed@example.com', { name: 'Before' });
  const page = await open(BOSS, 'typed@example.com');
  const name = page.getByLabel('Name');
  await name.fill('Mine');
  await asBoss(server, 'PATCH', '/people/typed@example.com', { passwordGrant: true }, { 'if-match': '*' });
  await page.getByLabel('Role on EXA-CON-BUS', { exact: true }).selectOption('viewer');
  await toast(page, 'Somebody else has just changed this').waitFor();
  await until(() => page.getByLabel('May get tokens').isChecked(), 'the page to show theirs');
  assert.equal(await name.inputValue(), 'Mine');
  await name.press('Enter');
  await heading(page, 'Mine').waitFor();
  await undo(page);
  await heading(page, 'Before').waitFor();
  assert.equal(await name.inputValue(), 'Before');

  const made = [];
  page.on('response', (answer) => /password-reset$/.test(answer.url()) && made.push(answer.status()));
  await page.getByRole('button', { name: 'Make a link' }).evaluate((one) => {
    one.click();
    one.click();
  });
  await page.locator('.once-text').waitFor();
  await page.evaluate(() => fetch('./config.json').then((answer) => answer.text()));
  assert.equal(made.length, 1);
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('25 open records of who leaves are handed over, back again, and over; then the account is closed', async () => {
  await add('leaver@example.com', { name: 'Lea Leaver' });
  await add('heir@example.com', { name: 'Hugo Heir' });
  const items = Array.from({ length: 25 }, (_, i) =>
    ({ task: small({ title: `Open ${i}`, assignee: 'leaver@example.com' }) }));
  const sent = await server.addTasks(items, { as: EXAMPLE.email });
  assert.ok(sent.json.items.every(({ status }) => status === 201), sent.text);
  await server.createAndRead(small({ title: 'Closed', status: 'Done', assignee: 'leaver@example.com' }));
  const count = async (email, more = '') =>
    (await server.get(`${API}/tasks?assignee=${email}&total=true${more}`)).json.total;

  const page = await open(MANAGER, 'leaver@example.com');
  const hand = async () => {
    await page.getByRole('button', { name: 'Hand to…' }).click();
    await page.getByRole('option', { name: /Hugo Heir/ }).waitFor();
    // Neither who leaves nor who only reads takes records over.
    assert.equal(await page.getByRole('option', { name: /Lea Leaver/ }).count(), 0);
    await page.keyboard.type('hugo');
    await page.keyboard.press('Enter');
    await page.getByText('25 records handed to Hugo Heir.').first().waitFor();
    await page.getByText('No open records are assigned to them.').waitFor();
  };
  await page.getByText('25 open records are assigned to them.').waitFor();
  await hand();
  assert.deepEqual([await count('heir@example.com'), await count('leaver@example.com', '&open=true')], [25, 0]);
  await page.locator('.good').getByRole('button', { name: 'Undo' }).click();
  await page.getByText('25 records are assigned as before again.').first().waitFor();
  await page.getByText('25 open records are assigned to them.').waitFor();
  assert.deepEqual([await count('heir@example.com'), await count('leaver@example.com')], [0, 26]);
  await hand();
  // What is closed keeps its assignee.
  assert.equal(await count('leaver@example.com'), 1);

  await page.getByRole('button', { name: 'Deactivate the account' }).click();
  await toast(page, 'Lea Leaver is deactivated').waitFor();
  await page.getByText('Deactivated', { exact: true }).waitFor();
  assert.equal((await person('leaver@example.com')).disabled, true);
  await undo(page);
  await page.getByRole('button', { name: 'Deactivate the account' }).waitFor();
  assert.equal((await person('leaver@example.com')).disabled, false);
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('a hand-over that is cut off in the middle says what came about, and can be undone', async () => {
  await add('cut@example.com');
  await add('next@example.com');
  const items = Array.from({ length: 201 }, (_, i) =>
    ({ task: small({ title: `Many ${i}`, assignee: 'cut@example.com' }) }));
  const sent = await server.addTasks(items, { as: EXAMPLE.email });
  assert.ok(sent.json.items.every(({ status }) => status === 201));
  const page = await open(BOSS, 'cut@example.com');
  await page.getByText('201 open records').waitFor();
  let calls = 0;
  await page.route('**/api/v1/tasks/bulk', (route) => {
    calls += 1;
    return calls > 1 ? route.fulfill({ status: 500, json: { title: 'No', status: 500, detail: 'Out of luck.' } })
      : route.continue();
  });
  await page.getByRole('button', { name: 'Hand to…' }).click();
  await page.getByRole('option', { name: /next@example.com/ }).click();
  await page.getByText('200 records handed to next@example.com.').first().waitFor();
  await page.getByText('1 open record is assigned to them.').waitFor();
  await page.locator('.good').getByRole('button', { name: 'Undo' }).click();
  await page.getByText('201 open records').waitFor();
  await page.context().close();
});

test('a slip of the connection changes nothing twice', async () => {
  const page = await open(BOSS, 'cut@example.com');
  await page.getByText('201 open records').waitFor();
  const keys = new Set();
  let calls = 0;
  await page.route('**/api/v1/tasks/bulk', async (route) => {
    keys.add(route.request().headers()['idempotency-key']);
    calls += 1;
    if (calls > 1) return route.continue();
    await route.fetch(); // it arrived, but its answer does not
    return route.abort();
  });
  await page.getByRole('button', { name: 'Hand to…' }).click();
  await page.getByRole('option', { name: /next@example.com/ }).click();
  await page.getByText('201 records handed to next@example.com.').first().waitFor();
  assert.deepEqual([calls, keys.size], [3, 2]);
  await page.context().close();
});

test('erasing says what happens and wants the address; only admins have it', async () => {
  await add('gone@example.com', { name: 'Greta Gone' });
  const manager = await open(MANAGER, 'gone@example.com');
  await manager.getByRole('button', { name: 'Deactivate the account' }).waitFor();
  assert.equal(await manager.getByRole('button', { name: /^Erase/ }).count(), 0);
  await manager.context().close();

  const page = await open(BOSS, 'gone@example.com');
  await page.getByRole('button', { name: 'Erase personal data…' }).click();
  await dialog(page).getByText('This cannot be undone.').waitFor();
  await page.keyboard.type('somebody@example.com');
  await page.keyboard.press('Enter');
  await dialog(page).getByText('That is not the address.').waitFor();
  assert.equal((await person('gone@example.com')).name, 'Greta Gone');
  await dialog(page).getByRole('textbox').fill('GONE@example.com');
  await page.keyboard.press('Enter');
  await page.getByText(/^Erased\. In the history/).waitFor();
  const { status } = await server.get(`${API}/people/gone@example.com`, { as: BOSS.email });
  assert.equal(status, 404);
  await page.context().close();
});

test('names that would be markup are text, here and in the list, also at 360 px', async () => {
  const name = `<img src=x onerror=alert(1)> ${'long'.repeat(40)}`;
  await add('hostile@example.com', { name });
  const page = await openAs(browser, server, BOSS, '#/workshop/people', { width: 360, height: 740 });
  await page.getByLabel('Find by name, address or domain').fill('onerror');
  await page.getByText('1 person').waitFor();
  assert.equal(await scrollsSideways(page), false);
  await page.getByRole('link', { name: /hostile@example.com/ }).click();
  await heading(page, /onerror/).waitFor();
  await page.getByText('No open records').waitFor();
  assert.equal(await scrollsSideways(page), false);
  assert.equal(await page.locator('img').count(), 0);
  assert.deepEqual(page.noted, []);
  await page.context().close();
});
