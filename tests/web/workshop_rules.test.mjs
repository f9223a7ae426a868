/* Rules in the Workshop: made by hand, tried, switched on, and at work; working days; for readers; on a phone. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, small } from '../lib/server.mjs';
import { openBrowser, scrollsSideways } from './browser.mjs';
import { keep } from './pages.mjs';
import { MANAGER, asBoss, dialog, heading, openAs, startWorkshop, toast, undo, violations } from './workshop.mjs';

const RULES = `/workspaces/${WORKSPACE}/rules`;
const list = `#/workshop/rules/${WORKSPACE}`;
const NAME = '<img src=x onerror=alert(1)>';
const TITLE = `${NAME} \u202egnp.exe`;
const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

let server;
let browser;
before(async () => {
  server = await startWorkshop();
  browser = await openBrowser();
  await asBoss(server, 'PATCH', `/workspaces/${WORKSPACE}/workdays`,
    { weekdays: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] }, { 'if-match': '*' });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const button = (page, name) => page.getByRole('button', { name, exact: true });
const rows = (page) => page.getByRole('list', { name: 'Rules' }).getByRole('listitem');
const stored = async () => (await asBoss(server, 'GET', RULES)).items;
async function clear() {
  for (const { id } of await stored()) await server.send(MANAGER.email, 'DELETE', `${API}${RULES}/${id}`);
}

/** The text that explains a control. */
const describedBy = (control) =>
  control.evaluate((one) => document.getElementById(one.getAttribute('aria-describedby')).textContent);

test('a rule is made by hand, says what it would have done, is switched on, and acts', async () => {
  const past = await server.createAndRead(small({ title: TITLE, priority: 'High' }));
  await server.createAndRead(small({ priority: 'Low' }));
  const page = await openAs(browser, server, MANAGER, list);
  await page.getByText('No rule yet').waitFor();
  await page.keyboard.press('a');
  await heading(page, 'Add rule').waitFor();
  await page.getByLabel('Kind').selectOption('assign');
  const switchOn = button(page, 'Switch on');
  assert.deepEqual([await switchOn.getAttribute('aria-disabled'), await describedBy(switchOn)],
    ['true', 'First see what it would have done; then you can switch it on. “Save” keeps it off.']);
  await switchOn.click({ force: true });
  assert.deepEqual(await stored(), []);
  await button(page, 'Save').click();
  await page.getByRole('alert').filter({ hasText: 'name is required' }).waitFor();
  await page.getByLabel('Name', { exact: true }).fill(NAME);
  await button(page, 'Save').click();
  await page.getByRole('alert').filter({ hasText: 'people' }).waitFor();
  await page.getByLabel('Other conditions').fill('q=customs');
  await button(page, 'Add person').click();
  await page.getByRole('option', { name: /manager@example/ }).click();
  await button(page, 'What would it have done?').click();
  await page.getByRole('alert').filter({ hasText: 'must not have words' }).waitFor();
  await page.getByLabel('Other conditions').fill('');
  await page.getByLabel('Priority').selectOption('High');
  await button(page, 'What would it have done?').click();
  await page.getByText('It would have acted 1 time: 1 record and 1 person.').waitFor();
  assert.equal(await switchOn.getAttribute('aria-disabled'), 'false');
  const example = page.getByRole('list', { name: 'Examples' }).getByRole('link');
  assert.equal(await example.getAttribute('href'), `#/todo/${past.key}`);
  assert.equal(await example.textContent(), `${past.key} ${TITLE}`);
  assert.deepEqual(await violations(page), []);
  await keep(page, 'new-rule-1280');
  assert.deepEqual(await stored(), []);
  await button(page, 'Save').click();
  await heading(page, NAME).waitFor();
  await page.getByText('It would have acted 1 time: 1 record and 1 person.').waitFor();
  assert.deepEqual((await stored()).map(({ active, filter, people }) => [active, filter, people]),
    [[false, 'priority=High', [MANAGER.email]]]);

  await button(page, 'Switch on').click();
  await toast(page, /is on$/).waitFor();
  await button(page, 'Switch off').waitFor();
  const { key } = await server.createAndRead(small({ priority: 'High' }));
  await until(async () => (await asBoss(server, 'GET', `/tasks/${key}`)).assignee === MANAGER.email, 'the rule');

  await button(page, 'Switch off').click();
  await toast(page, /is off$/).waitFor();
  assert.equal((await stored())[0].active, false);
  await undo(page);
  await toast(page, /^Undone: /).waitFor();
  assert.equal((await stored())[0].active, true);
  await page.getByLabel('Name', { exact: true }).fill('Customs');
  await button(page, 'Save').click();
  await heading(page, 'Customs').waitFor();
  await undo(page);
  await heading(page, NAME).waitFor();
  await button(page, 'Delete').click();
  await page.getByText('No rule yet').waitFor();
  await undo(page);
  await toast(page, /is back$/).waitFor();
  assert.deepEqual((await stored()).map(({ active, filter }) => [active, filter]), [[true, 'priority=High']]);
  assert.deepEqual(page.noted, []);
  await page.context().close();
  await clear();
});

test('each kind is made by its fields and said in a sentence', async () => {
  const page = await openAs(browser, server, MANAGER, list);
  const make = async (kind, name, fill) => {
    await page.goto(`/app/${list}/new`);
    await page.getByLabel('Kind').selectOption(kind);
    await page.getByLabel('Name', { exact: true }).fill(name);
    await fill();
    await button(page, 'Save').click();
    await heading(page, name).waitFor();
    await page.goto(`/app/${list}`);
    return rows(page).filter({ hasText: name }).textContent();
  };
  assert.match(await make('remind', 'Ladder', async () => {
    await page.getByLabel('Working days before the due date').fill('5, 1');
    await page.getByLabel('On the due date').click();
    await page.getByLabel('the followers').click();
  }), /Reminds the assignee and the followers 5 and 1 working days before and on the due date\./);
  assert.match(await make('expire', 'End', () => page.getByLabel('Working days after').fill('0')),
    /Sets records to Expired at the midnight after the due date\./);
  assert.match(await make('escalate', 'Up', async () => {
    await page.getByLabel('Working days after').fill('3');
    await page.getByLabel('Category').fill('Customs & <b>');
  }), /Reminds the managers of the domain 3 working days after the due date\. Only .* category Customs & <b>\./);
  assert.match(await make('recur', 'Month end', async () => {
    await button(page, 'Save').click();
    await page.getByRole('alert').filter({ hasText: /title/ }).first().waitFor();
    await page.getByLabel('Title').fill('Reconcile');
    await page.getByLabel('Description').fill('All deposits');
    await page.getByLabel('Order').fill('MONTH-END');
    await page.getByLabel('Day of the month').fill('31');
    await page.getByLabel('Due so many days later').fill('5');
    await page.getByLabel('Other members').fill('{"priority":"Low"');
    await page.getByText('This is not a JSON object.').waitFor();
    await page.getByLabel('Other members').fill('{"priority":"Low"}');
  }), /Makes “Reconcile” every month on day 31 at 08:00\./);
  const recur = (await stored()).find(({ kind }) => kind === 'recur');
  assert.deepEqual(recur.template, { todoType: 'TASK', title: 'Reconcile', description: 'All deposits',
    orderID: 'MONTH-END', priority: 'Low', dueDate: '+5d' });
  await page.reload();
  await rows(page).nth(3).waitFor();
  assert.deepEqual(await violations(page), []);
  await keep(page, 'rules-1280');
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('working days, the hour and holidays are changed, and back', async () => {
  const page = await openAs(browser, server, MANAGER, list);
  await page.getByText('No holidays to come.').waitFor();
  await button(page, 'Change working days').click();
  await dialog(page).getByLabel('Holidays').fill('2026-02-30');
  await dialog(page).getByLabel('Reminders come at').fill('25:00');
  await button(dialog(page), 'Save').click();
  await dialog(page).locator('.fault-text').nth(1).waitFor();
  await dialog(page).getByLabel('Holidays').fill(`${day(40)}\n${day(20)}`);
  await dialog(page).getByLabel('Reminders come at').fill('09:30');
  await dialog(page).getByLabel('Sunday').click();
  assert.deepEqual(await violations(page), []);
  await button(dialog(page), 'Save').click();
  await page.getByText(/Friday and Saturday\. Reminders come at 09:30/).waitFor();
  const now = () => asBoss(server, 'GET', `/workspaces/${WORKSPACE}/workdays`);
  assert.deepEqual((await now()).holidays, [day(20), day(40)]);
  await undo(page);
  await toast(page, /^Undone: /).waitFor();
  const { holidays, remindAt, weekdays } = await now();
  assert.deepEqual([holidays, remindAt, weekdays.length], [[], '08:00', 7]);
  await page.context().close();
});

test('what somebody else changes in a rule that is open stays, and so does what is typed', async () => {
  const { id } = await asBoss(server, 'POST', RULES, { kind: 'expire', name: 'First', filter: '', days: 3 });
  const theirs = (changes) => asBoss(server, 'PATCH', `${RULES}/${id}`, changes, { 'if-match': '*' });
  const page = await openAs(browser, server, MANAGER, `${list}/${id}`);
  const name = page.getByLabel('Name', { exact: true });
  await name.fill('Typed');
  await theirs({ days: 9 });
  await button(page, 'Save').click();
  await page.locator('form').getByRole('alert').waitFor();
  const days = page.getByLabel('Working days after');
  await until(async () => (await days.inputValue()) === '9', 'the form to show theirs');
  assert.equal(await name.inputValue(), 'Typed');
  await button(page, 'Save').click();
  await heading(page, 'Typed').waitFor();
  const now = (await stored()).find((rule) => rule.id === id);
  assert.deepEqual([now.name, now.days], ['Typed', 9]);

  await theirs({ active: true });
  await page.reload();
  await button(page, 'Switch off').waitFor();
  await theirs({ name: 'Theirs' });
  await button(page, 'Switch off').click();
  await toast(page, 'Somebody else has just changed this').waitFor();
  await heading(page, 'Theirs').waitFor();
  await button(page, 'Switch off').click();
  await toast(page, /is off$/).waitFor();
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('what is typed while a new rule is made stays, and what it would have done is about what is there', async () => {
  await server.createAndRead(small({ priority: 'High' }));
  const page = await openAs(browser, server, MANAGER, `${list}/new`);
  const name = page.getByLabel('Name', { exact: true });
  const priority = page.getByLabel('Priority');
  await page.getByLabel('Kind').selectOption('assign');
  await name.fill('Made');
  await button(page, 'Add person').click();
  await page.getByRole('option', { name: /manager@example/ }).click();
  let release;
  const asked = [];
  await page.route('**/rules*', async (route) => {
    if (route.request().method() !== 'POST' || asked.length === 2) return route.continue();
    asked.push(route.request().url());
    await new Promise((resolve) => {
      release = resolve;
    });
    return route.continue();
  });
  const answered = page.waitForResponse(/rules\?dryRun=true/);
  await button(page, 'What would it have done?').click();
  await until(() => asked.length === 1, 'it to be asked');
  await priority.selectOption('Low');
  release();
  await (await answered).finished();
  const save = button(page, 'Save');
  await until(async () => (await save.getAttribute('aria-disabled')) === 'false', 'the answer to be read');
  assert.equal(await page.getByText(/^It would have/).count(), 0);
  assert.equal(await button(page, 'Switch on').getAttribute('aria-disabled'), 'true');

  await button(page, 'Save').click();
  await until(() => asked.length === 2, 'it to be sent');
  await priority.selectOption('Medium');
  release();
  await heading(page, 'Made').waitFor();
  assert.equal(await priority.inputValue(), 'Medium');
  const now = async () => (await stored()).find((rule) => rule.name === 'Made');
  assert.equal((await now()).filter, 'priority=Low');
  await button(page, 'Save').click();
  await until(async () => (await now()).filter === 'priority=Medium', 'it to be saved');
  await server.send(MANAGER.email, 'DELETE', `${API}${RULES}/${(await now()).id}`);
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('what is typed while a rule is being saved stays', async () => {
  const { id } = await asBoss(server, 'POST', RULES, { kind: 'recur', name: 'First', schedule: { every: 'week' },
    template: { todoType: 'TASK', title: 'T', description: 'D', orderID: ['O'], source: 'one' } });
  const page = await openAs(browser, server, MANAGER, `${list}/${id}`);
  const name = page.getByLabel('Name', { exact: true });
  const others = page.getByLabel('Other members');
  await name.fill('Sent');
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  let asked = false;
  await page.route(`**/rules/${id}`, async (route) => {
    asked = true;
    await held;
    return route.continue();
  });
  await button(page, 'Save').click();
  await until(() => asked, 'it to be sent');
  await others.fill('{ "source": "two" }');
  await page.getByLabel('Title', { exact: true }).fill('Typed since');
  await page.keyboard.type('!');
  release();
  await heading(page, 'Sent').waitFor();
  await page.keyboard.type('!');
  assert.equal(await page.getByLabel('Title', { exact: true }).inputValue(), 'Typed since!!');
  assert.equal(await others.inputValue(), '{ "source": "two" }');
  await button(page, 'Save').click();
  const now = async () => (await stored()).find((rule) => rule.id === id);
  await until(async () => (await now()).template.title === 'Typed since!!', 'it to be saved');
  assert.deepEqual([(await now()).name, (await now()).template.source], ['Sent', 'two']);
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('other members that are not JSON are neither saved nor tried, and stay to be corrected', async () => {
  const { id } = await asBoss(server, 'POST', RULES, { kind: 'recur', name: 'Members', schedule: { every: 'week' },
    template: { todoType: 'TASK', title: 'T', description: 'D', orderID: ['O'], source: 'one' } });
  const page = await openAs(browser, server, MANAGER, `${list}/${id}`);
  await page.getByText('It would have acted').waitFor();
  const sent = [];
  page.on('request', (request) => request.method() !== 'GET' && request.url().includes('/rules') && sent.push(request));
  const others = page.getByLabel('Other members');
  await others.fill('{"source": "two"');
  for (const name of ['Save', 'What would it have done?']) {
    await button(page, name).click();
    await page.locator('form').getByRole('alert').filter({ hasText: 'Other members: This is not a JSON object.' })
      .waitFor();
  }
  assert.equal(await others.getAttribute('aria-invalid'), 'true');
  assert.equal(await others.inputValue(), '{"source": "two"');
  assert.deepEqual(sent, []);
  await others.fill('{"source": "two"}');
  await button(page, 'Save').click();
  await toast(page, 'Members is saved').waitFor();
  const now = (await stored()).find((rule) => rule.id === id);
  assert.deepEqual([now.template.source, now.template.title], ['two', 'T']);
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('what somebody else changes in working days that are open stays, and so does what is typed', async () => {
  const page = await openAs(browser, server, MANAGER, list);
  await button(page, 'Change working days').click();
  const remindAt = dialog(page).getByLabel('Reminders come at');
  const save = button(dialog(page), 'Save');
  await remindAt.fill('10:15');
  const workdays = `/workspaces/${WORKSPACE}/workdays`;
  await asBoss(server, 'PATCH', workdays, { holidays: [day(30)] }, { 'if-match': '*' });
  await save.click();
  await dialog(page).getByRole('alert').waitFor();
  const holidays = dialog(page).getByLabel('Holidays');
  await until(async () => (await holidays.inputValue()) === day(30), 'the dialog to show theirs');
  assert.equal(await remindAt.inputValue(), '10:15');
  await save.click();
  await dialog(page).waitFor({ state: 'detached' });
  const now = await asBoss(server, 'GET', workdays);
  assert.deepEqual([now.remindAt, now.holidays], ['10:15', [day(30)]]);
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('a reader sees them and changes nothing, in Dutch, on a phone', async () => {
  const { id } = (await stored()).find(({ kind }) => kind === 'escalate');
  const page = await openAs(browser, server, EXAMPLE, '#/me/notifications', { locale: 'nl-NL', width: 360 });
  await page.getByRole('link', { name: 'Regels die mensen herinneren' }).click();
  await heading(page, 'Regels').waitFor();
  await page.getByText('Herinnert de managers van het domein 3 werkdagen na de einddatum.').waitFor();
  assert.equal(await button(page, 'Regel toevoegen').count(), 0);
  assert.equal(await button(page, 'Werkdagen wijzigen').count(), 0);
  assert.deepEqual(await violations(page), []);
  assert.equal(await scrollsSideways(page), false);
  await keep(page, 'rules-nl-360');
  await page.goto(`/app/${list}/${id}`);
  await page.getByText('Managers van het domein wijzigen de regels.').waitFor();
  assert.equal(await page.locator('form').count(), 0);
  await page.goto('/app/#/workshop/people');
  await heading(page, 'Deze pagina bestaat niet').waitFor();
  assert.deepEqual(page.noted, []);
  await page.context().close();

  const manager = await openAs(browser, server, MANAGER, `${list}/${id}`, { locale: 'nl-NL', width: 360 });
  await manager.getByText('Hij zou niets hebben gedaan.').waitFor();
  assert.deepEqual(await violations(manager), []);
  assert.equal(await scrollsSideways(manager), false);
  await keep(manager, 'rule-nl-360');
  await manager.goto(`/app/${list}/new`);
  for (const kind of ['recur', 'remind', 'assign']) {
    await manager.getByLabel('Soort', { exact: true }).first().selectOption(kind);
    assert.equal(await scrollsSideways(manager), false, kind);
    await keep(manager, `new-rule-${kind}-nl-360`);
  }
  await manager.context().close();
});
