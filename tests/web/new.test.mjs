/* The full form of a new record: made from the form of its workspace, with each fault at its field. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { until } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, startServer } from '../lib/server.mjs';
import { leave, openBrowser, openPage, scrollsSideways } from './browser.mjs';

const MANAGER = { email: 'manager@example.com', role: 'manager', domain: 'EXA' };
const VIEWER = { email: 'viewer@example.com', role: 'viewer', domain: 'EXA' };
const FORMED = 'EXA-CON-BUS-FORMED';
const FORM = {
  name: 'claim', title: 'Claim', default: true, todoType: 'INCIDENT', unknownMembers: 'refuse',
  fields: [
    { name: 'orderID', required: false, label: { en: 'Shipment', nl: 'Zending' } },
    { name: 'MRN', type: 'mrn', label: { en: 'Movement reference', nl: 'MRN-nummer' }, required: true, tag: true },
    { name: 'mode', type: 'choice', options: [{ value: 'Sea', label: 'By sea' }, { value: 'Air', label: 'By air' }] },
    { name: 'seals', type: 'choices', options: ['Broken', 'Missing', 'Wrong'] },
    { name: 'weight', type: 'number' },
    { name: 'sealed', type: 'boolean' },
    { name: 'secret', type: 'text', default: 'x', hidden: true },
    { name: 'priority', default: 'Low', locked: true },
  ],
};
let browser;
let server;
let page;

before(async () => {
  browser = await openBrowser();
  server = await startServer({ users: [EXAMPLE, MANAGER, VIEWER], workspaces: [WORKSPACE, FORMED] });
  const made = await server.send(MANAGER.email, 'POST', `${API}/workspaces/${FORMED}/forms`, FORM);
  assert.equal(made.status, 201, made.text);
  page = await openPage(browser, server);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});
beforeEach(() => leave(page));

const faultOf = (name) => page.locator(`.new-field:has(#new-${name}) .fault-text, #new-${name} .fault-text`);

test('a record is made by hand with the built-in form; faults are at their fields and in a list above', async () => {
  await page.goto(`/app/#/new?workspace=${WORKSPACE}`);
  await page.getByLabel('Title').fill('Seal broken');
  await page.getByRole('button', { name: 'Create' }).click();
  await faultOf('description').filter({ hasText: 'Description is required.' }).waitFor();
  await faultOf('orderID').filter({ hasText: 'Order is required.' }).waitFor();
  assert.equal(await page.getByLabel('Description').getAttribute('aria-invalid'), 'true');
  await page.getByRole('button', { name: 'Order is required.' }).click();
  assert.equal(await page.locator('#new-orderID input:focus').count(), 1);
  await page.keyboard.type('ORDER 1, ORDER 2');
  assert.equal(await faultOf('orderID').count(), 0, 'what is being corrected is no longer said to be wrong');
  await page.getByLabel('Description').fill('All of *bay 4*');
  await page.getByLabel('Potential financial impact').fill('12,5,0');
  await page.getByLabel('Due date').fill('someday');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByText('“someday” is not a date.').waitFor();
  assert.equal((await server.listAll()).length, 0, 'it is not made without its date');
  await page.getByLabel('Due date').fill('+7d');
  await page.getByLabel('Priority').selectOption('High');
  await page.getByRole('button', { name: 'Create' }).click();
  await faultOf('financialImpact').waitFor();
  await page.getByLabel('Potential financial impact').fill('12.500,50');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('heading', { level: 1, name: 'Seal broken' }).waitFor();
  const [record] = await server.listAll();
  const { title, orderID, financialImpact, priority, reporter, todoType } = record;
  assert.deepEqual([title, orderID, financialImpact, priority, reporter, todoType],
    ['Seal broken', ['ORDER 1', 'ORDER 2'], '12500.50', 'High', EXAMPLE.email, 'INCIDENT']);
  assert.match(record.dueDate, /^\d{4}-\d\d-\d\d$/);
  assert.deepEqual(page.noted, []);
});

test('fields of the other type are not shown', async () => {
  await page.goto(`/app/#/new?workspace=${WORKSPACE}&type=TASK`);
  await page.getByLabel('Result').waitFor();
  assert.equal(await page.getByLabel('Potential financial impact').count(), 0);
  await page.getByRole('radio', { name: 'Incident' }).check();
  await page.getByLabel('Potential financial impact').waitFor();
  assert.equal(await page.getByLabel('Result').count(), 0);
});

test('a form of one’s own: its fields with their words and options; none that is hidden or locked', async () => {
  const documents = [];
  page.on('request', (request) => /\/forms\/[^/?]+$/.test(request.url()) && documents.push(request.url()));
  await page.goto(`/app/#/new?workspace=${FORMED}`);
  await page.getByLabel('Movement reference').waitFor();
  assert.equal(documents.length, 1, 'only the form that is shown is read');
  await page.getByLabel('Shipment').waitFor(); // a built-in field with words of its own
  assert.deepEqual(await page.getByLabel('Form').locator('option').allTextContents(), ['Standard form', 'Claim']);
  for (const name of ['Priority', 'secret', 'Type'])
    assert.equal(await page.getByLabel(name, { exact: true }).count(), 0, name);
  await page.getByLabel('Title').fill('By form');
  await page.getByLabel('Description').fill('x');
  await page.getByLabel('Movement reference').fill('24NL0000000000000');
  await page.getByLabel('mode').selectOption('By sea');
  await page.getByRole('checkbox', { name: 'Broken' }).check();
  await page.getByRole('checkbox', { name: 'Wrong' }).check();
  await page.getByLabel('weight').fill('12.5');
  await page.getByLabel('sealed').selectOption('No');
  await page.getByRole('button', { name: 'Create' }).click();
  await faultOf('MRN').waitFor();
  await page.getByLabel('Movement reference').fill('24NL000396A1B2C3D4');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('heading', { level: 1, name: 'By form' }).waitFor();
  const [record] = await server.listAll();
  const { form, priority, extra } = record;
  assert.deepEqual([form, priority, extra.mode, extra.seals, extra.weight, extra.sealed],
    ['claim', 'Low', 'Sea', ['Broken', 'Wrong'], 12.5, false]);
});

test('what is changed after a try is another report, and not refused as the one before', async () => {
  await page.goto(`/app/#/new?workspace=${WORKSPACE}`);
  await page.getByLabel('Title').fill('Sent without an answer');
  await page.getByLabel('Description').fill('x');
  await page.getByLabel('Order').fill('ORDER-1');
  const keys = [];
  await page.route('**/task/add-task*', async (route) => {
    keys.push(route.request().headers()['idempotency-key']);
    if (keys.length > 2) return route.continue();
    await route.fetch();
    await route.abort();
  });
  const send = page.getByRole('button', { name: 'Create' });
  for (const times of [1, 2]) {
    await send.click();
    await until(() => keys.length === times, 'a try');
    await page.getByRole('alert').getByText('The server did not answer.').waitFor();
    await send.waitFor();
  }
  assert.equal(keys[0], keys[1], 'the same again is the same report');
  await page.getByLabel('Title').fill('Changed since');
  await send.click();
  await page.getByRole('heading', { level: 1, name: 'Changed since' }).waitFor();
  await page.unroute('**/task/add-task*');
  assert.notEqual(keys[1], keys[2]);
  const titles = (await server.listAll({ q: 'order:ORDER-1' })).map(({ title }) => title);
  assert.deepEqual(titles.sort(), ['Changed since', 'Sent without an answer']);
  page.noted.length = 0; // the lost answers
});

test('what was typed survives a reload, and goes once it is sent or given up', async () => {
  await page.goto(`/app/#/new?workspace=${WORKSPACE}`);
  await page.getByLabel('Title').fill('Half');
  await page.getByLabel('Description').fill('<b>written</b>');
  await until(() => page.evaluate(() => Object.values(localStorage).some((text) => text.includes('written'))), 'kept');
  await page.reload();
  await page.getByText(/^Draft of /).waitFor();
  assert.deepEqual([await page.getByLabel('Title').inputValue(), await page.getByLabel('Description').inputValue()],
    ['Half', '<b>written</b>']);
  await page.getByRole('button', { name: 'Discard' }).click();
  assert.equal(await page.getByLabel('Title').inputValue(), '');
  assert.equal(await page.getByText(/^Draft of /).count(), 0);
  assert.equal(await page.locator('[id^=new-] :focus').count(), 1);
  await page.reload();
  await page.getByLabel('Title').waitFor();
  assert.equal(await page.getByLabel('Title').inputValue(), '');
});

test('what comes with the address is a record of its own, with a way back to the draft that it replaces', async () => {
  const [title, description] = [page.getByLabel('Title'), page.getByLabel('Description')];
  const shown = async () => [await title.inputValue(), await description.inputValue()];
  await page.goto(`/app/#/new?workspace=${WORKSPACE}`);
  await title.fill('Half');
  await description.fill('Written before');
  await until(() => page.evaluate(() => Object.values(localStorage).some((text) => text.includes('before'))), 'kept');
  await leave(page);
  await page.goto(`/app/#/new?workspace=${WORKSPACE}&title=Another`);
  await page.locator('.toast').getByText('This replaces what you had typed here before.').waitFor();
  assert.deepEqual(await shown(), ['Another', '']);
  assert.equal(await page.getByText(/^Draft of /).count(), 0);
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
  await until(async () => (await title.inputValue()) === 'Half', 'the draft to be back');
  assert.deepEqual(await shown(), ['Half', 'Written before']);
});

test('what came with the address does not undo what is typed at once', async () => {
  const page = await openPage(browser, server);
  // A key that comes as soon as there is a field for it: before the page has been painted.
  await page.addInitScript(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      const title = document.querySelector('input#new-title, #new-title input');
      title.value = 'Typed at once';
      title.dispatchEvent(new Event('input', { bubbles: true }));
    };
    new MutationObserver((changes, observer) => {
      if (document.querySelector('#new-title') === null) return;
      observer.disconnect();
      port2.postMessage(null);
    }).observe(document, { subtree: true, childList: true });
  });
  await page.goto(`/app/#/new?workspace=${WORKSPACE}&description=Given`);
  await until(async () => (await page.getByLabel('Description').inputValue()) === 'Given', 'what was given');
  assert.equal(await page.getByLabel('Title').inputValue(), 'Typed at once');
  await page.context().close();
});

test('complete on a phone, and in Dutch', async () => {
  const page = await openPage(browser, server, { width: 360, locale: 'nl-NL' });
  await page.goto(`/app/#/new?workspace=${FORMED}`);
  await page.getByLabel('MRN-nummer').waitFor();
  await page.getByLabel('Omschrijving').waitFor();
  assert.equal(await scrollsSideways(page), false);
  await page.context().close();
});

test('a viewer reads that it takes a role', async () => {
  const page = await openPage(browser, server, { as: null });
  await page.goto('/app/#/new');
  await page.getByLabel('E-mail address').fill(VIEWER.email);
  await page.getByLabel('Password', { exact: true }).fill(EXAMPLE.password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /You may not create records/ }).waitFor();
  await page.context().close();
});
