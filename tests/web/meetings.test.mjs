/*
 * Stand-ups: one held from beginning to end with two browsers, what survives a reload, who may only look on, and how
 * the pages look.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { until } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';
import { focused, openBrowser, openPage, scrollsSideways } from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = process.env.BZCTRL_SCREENSHOTS;
if (pictures) mkdirSync(pictures, { recursive: true });
const SECOND = { ...EXAMPLE, email: 'second@example.com' };
const ADMIN = { ...EXAMPLE, email: 'admin@example.com', admin: true };
const NAMED = { ...EXAMPLE, email: 'named@example.com' };
const VIEWER = { ...EXAMPLE, email: 'viewer@example.com', role: 'viewer' };
const MANAGER = { ...EXAMPLE, email: 'manager@example.com', role: 'manager' };
const MEETINGS = `${API}/meetings`;
let server;
let browser;

before(async () => {
  server = await startServer({ users: [EXAMPLE, SECOND, VIEWER, MANAGER, ADMIN, NAMED] });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const read = async (target, as = EXAMPLE) => (await server.get(target, { as: as.email })).json;
let made = 0;

/** A workspace of a test's own, with these records. */
async function workspaceWith(records) {
  const key = `EXA-CON-BUS-M${++made}`;
  assert.equal((await server.send(MANAGER.email, 'POST', `${API}/workspaces`, { key })).status, 201);
  const keys = [];
  for (const one of records) keys.push((await server.createAndRead(small({ domainWorkSpace: key, ...one }))).key);
  return { workspace: key, keys };
}

async function series(body) {
  const sent = { name: `Stand-up ${++made}`, everyWeeks: 1, ...body };
  const answer = await server.send(EXAMPLE.email, 'POST', MEETINGS, sent);
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
}
const start = async (meeting, as = EXAMPLE) => {
  const answer = await server.send(as.email, 'POST', `${MEETINGS}/${meeting.id}/sessions`);
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
};
const step = (session, body) =>
  server.send(EXAMPLE.email, 'PATCH', `${MEETINGS}/${session.meeting}/sessions/${session.id}`, body);

async function openAs(account, options) {
  const page = await openPage(browser, server, { ...options, as: null });
  const answer = await page.request.post(`${server.url}/app/session`, {
    headers: { origin: server.url, 'x-bzctrl-app': '1' },
    data: { email: account.email, password: account.password },
  });
  assert.ok(answer.ok(), await answer.text());
  return page;
}
const open = (page, ...parts) => page.goto(`${server.url}/app/#/${['meetings', ...parts].join('/')}`);
const title = (page) => page.locator('.walk-card h2').textContent();
const shows = (page, name) => page.locator('.walk-card h2', { hasText: name }).waitFor();
/** Where something is typed or chosen about a record. */
const panel = (page) => page.locator('.pane, dialog[open]');
/** By keyboard: what is pressed, and what is typed and saved. */
async function type(page, key, text) {
  await page.keyboard.press(key);
  await panel(page).waitFor();
  await page.keyboard.type(text);
  await page.keyboard.press('Control+Enter');
  await panel(page).waitFor({ state: 'detached' });
}
const toast = (page, text) => page.locator('.toast', { hasText: text });
const notesOf = async (session) =>
  (await read(`${MEETINGS}/${session.meeting}/sessions/${session.id}`)).minutes.notes.map(({ text }) => text);
async function change(key, patch, as = EXAMPLE) {
  const answer = await server.send(as.email, 'PATCH', `${API}/tasks/${key}`, patch, { headers: { 'if-match': '*' } });
  assert.equal(answer.status, 200, answer.text);
}

test('nobody has made one: three lines say what it is, and one is made for the domain and held', async () => {
  const page = await openAs(EXAMPLE);
  await open(page);
  await page.getByRole('heading', { name: 'A short meeting over what is open, every week' }).waitFor();
  assert.equal(await page.locator('.empty-lines li').count(), 3);
  await page.getByRole('button', { name: 'Make one for EXA-CON-BUS' }).click();
  const dialog = page.getByRole('dialog', { name: 'New stand-up' });
  await dialog.getByLabel('Name').fill('First one');
  await dialog.getByRole('button', { name: 'Overdue: later' }).click();
  await dialog.getByRole('checkbox', { name: 'Unchanged for 21 days' }).uncheck();
  await dialog.getByRole('button', { name: 'Add a person' }).click();
  await page.getByRole('option', { name: SECOND.email }).click();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Start the stand-up' }).waitFor();
  const [meeting] = (await read(MEETINGS)).items;
  assert.deepEqual([meeting.name, meeting.domain, meeting.weekday, meeting.people, meeting.walk],
    ['First one', 'EXA-CON-BUS', 'Friday', [SECOND.email], ['promised', 'overdue', 'new', 'undated']]);
  await page.getByRole('button', { name: 'Change' }).click();
  await page.getByLabel('Minutes').fill('20');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Every week on Friday, 20 minutes').waitFor();
  /* Somebody archives it: it cannot be started any more. */
  await page.getByRole('button', { name: 'Archive' }).click();
  await page.locator('.badge', { hasText: 'Archived' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Start the stand-up' }).count(), 0);
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('a stand-up over 25 open actions with two browsers, from its start to the next one', async () => {
  const names = Array.from({ length: 25 }, (_, i) => `Action ${String(i + 1).padStart(2, '0')}`);
  const { workspace, keys } = await workspaceWith(names.map((name, i) => ({
    title: name, dueDate: day(i - 30), financialImpact: '1000', assignee: i % 2 ? SECOND.email : EXAMPLE.email })));
  const meeting = await series({ workspaces: [workspace], people: [EXAMPLE.email, SECOND.email, VIEWER.email] });
  const leader = await openAs(EXAMPLE);
  const follower = await openAs(SECOND);
  await open(follower);
  await open(leader);
  await leader.locator('.series', { hasText: meeting.name }).getByRole('button', { name: 'Start' }).click();
  await leader.getByRole('heading', { level: 2, name: /since/ }).waitFor();

  /* The other one sees in the list that it runs, and joins. */
  await follower.locator('.series', { hasText: meeting.name }).getByRole('link', { name: /Join/ }).click();
  await follower.getByRole('button', { name: 'I am here' }).click();
  await leader.getByRole('button', { name: '2 present, 1 absent' }).waitFor();

  /* Each number opens its list. */
  const numbers = await leader.locator('.since-tile').allTextContents();
  assert.deepEqual(numbers, ['0Closed', '25New', '0Date moved', '25Overdue', '0To confirm']);
  await leader.locator('.tile-new').click();
  assert.equal(await leader.locator('.since-rows li').count(), 25);
  await leader.locator('.tile-overdue').click();
  await leader.locator('.since-rows a', { hasText: keys[0] }).waitFor();
  assert.equal(await leader.locator('.since-rows li').count(), 25);

  /* The walk: the oldest first, and the other page follows, by keyboard alone. */
  await leader.keyboard.press('ArrowRight');
  await shows(follower, names[0]);
  assert.match(await follower.locator('.walk-reason').textContent(), /^(29|30) days overdue$/);
  await type(leader, 'd', 'Paid at last');
  await follower.locator('.walk-card .outcome', { hasText: 'Paid at last' }).waitFor();
  assert.match(await follower.locator('.agenda [aria-current]').textContent(), /Done/);

  /* The next one is overdue: a new date needs a reason, and both are in the card of both. */
  await leader.keyboard.press('ArrowRight');
  await shows(follower, names[1]);
  await leader.keyboard.press('t');
  await leader.getByLabel('Date', { exact: true }).and(leader.locator(':focus')).waitFor();
  await leader.keyboard.type('+7d');
  await leader.keyboard.press('Enter');
  await leader.getByLabel('Why does the due date move?').and(leader.locator(':focus')).waitFor(); // it is overdue
  await leader.keyboard.type('The carrier is late');
  await leader.keyboard.press('Enter');
  await follower.locator('.walk-card dl', { hasText: 'moved once' }).waitFor();
  await follower.locator('.outcome', { hasText: 'The carrier is late' }).waitFor();

  /* The follower takes an action of it. */
  await type(follower, 'n', 'Call the carrier');
  await leader.locator('.meeting-note', { hasText: /New task EXA.*Call the carrier/ }).waitFor();
  const all = (await read(`${API}/tasks?workspace=${workspace}&limit=200`)).items;
  const action = all.find((task) => task.title === 'Call the carrier');
  assert.deepEqual([action.parent, action.todoType, action.reporter], [keys[1], 'TASK', SECOND.email]);

  /* Both type at once. One still writes when the other takes the next record: nothing is lost or lands elsewhere. */
  await follower.keyboard.press('c');
  await follower.keyboard.type('Half a not');
  await leader.keyboard.press('c');
  await leader.keyboard.type('From the leader');
  await leader.keyboard.press('Enter');
  await leader.locator('.pane').waitFor({ state: 'detached' });
  await leader.keyboard.press('ArrowRight');
  await shows(leader, names[2]);
  await follower.getByText(/^You are elsewhere/).waitFor();
  await follower.keyboard.type('e');
  await follower.keyboard.press('Enter');
  await shows(follower, names[2]);
  const running = (await read(`${MEETINGS}/${meeting.id}`)).running;
  const now = await read(`${MEETINGS}/${meeting.id}/sessions/${running}`);
  assert.deepEqual(now.minutes.notes.filter(({ key }) => key === keys[1]).map(({ text }) => text).sort(),
    ['From the leader', 'Half a note', `+ ${action.key}: Call the carrier`].sort());

  /* The follower looks elsewhere, reloads there, and comes back. */
  await follower.keyboard.press('ArrowRight');
  await shows(follower, names[3]);
  await follower.reload();
  await shows(follower, names[3]);
  await leader.keyboard.press('ArrowRight');
  await leader.keyboard.press('ArrowRight');
  await shows(leader, names[4]);
  await follower.getByText(`the stand-up is at ${keys[4]}`).waitFor();
  assert.equal(await title(follower), names[3]);
  await follower.keyboard.press('f');
  await shows(follower, names[4]);

  /* Owner, status and parking by keyboard; who leads reloads in the middle and is where everybody is. */
  await leader.keyboard.press('a');
  await leader.getByRole('option', { name: SECOND.email }).waitFor();
  await leader.keyboard.type('second');
  await until(async () => (await leader.getByRole('option').count()) === 1, 'one person');
  await leader.keyboard.press('Enter');
  await until(async () => (await read(`${API}/tasks/${keys[4]}`)).assignee === SECOND.email, 'the owner');
  await panel(leader).waitFor({ state: 'detached' });
  await leader.keyboard.press('s');
  await panel(leader).waitFor();
  await leader.keyboard.type('in pro');
  await leader.keyboard.press('Enter');
  await until(async () => (await read(`${API}/tasks/${keys[4]}`)).status === 'In Progress', 'the status');
  await panel(leader).waitFor({ state: 'detached' });
  await leader.reload();
  await shows(leader, names[4]);
  await type(leader, 'p', 'With Finance');
  await follower.locator('.meeting-note.parked', { hasText: 'With Finance' }).waitFor();

  /* Round by person: both have the same order. */
  await leader.keyboard.press('g');
  await until(async () => (await follower.locator('.agenda h3').count()) === 2, 'the round by person');
  assert.deepEqual(await follower.locator('.agenda-item').allTextContents(),
    await leader.locator('.agenda-item').allTextContents());

  /* All the others in a row, to the end. */
  await leader.keyboard.press('g');
  await leader.keyboard.press('g');
  for (let i = 4; i < 25; i += 1) await leader.keyboard.press('ArrowRight');
  await leader.getByRole('heading', { name: 'Close the stand-up' }).waitFor();
  await follower.getByRole('heading', { name: 'Close the stand-up' }).waitFor();
  await leader.getByRole('button', { name: 'Close and keep the minutes' }).click();
  for (const page of [leader, follower]) {
    await page.locator('.receipt').waitFor();
    await until(() => page.url().endsWith(`#/meetings/${meeting.id}/${running}`), 'the address of the minutes');
  }
  const closed = await read(`${MEETINGS}/${meeting.id}/sessions/${running}`);
  assert.equal(closed.minutes.walk.length, 25);
  assert.equal(await leader.locator('.receipt code').textContent(), closed.receipt);
  const text = await leader.locator('.minutes').innerText();
  for (const part of ['Paid at last', 'The carrier is late', 'Half a note', 'From the leader', 'With Finance',
    'Call the carrier', VIEWER.email, SECOND.email]) assert.ok(text.includes(part), `${part} is in ${text}`);
  const mail = await leader.getByRole('link', { name: /^Mail/ }).getAttribute('href');
  assert.match(mail, /^mailto:.*second%40example\.com.*With%20Finance/);

  /* What was parked opens the next one. */
  await leader.goto(`${server.url}/app/#/meetings/${meeting.id}`);
  await leader.getByRole('heading', { name: 'Parked last time' }).waitFor();
  await leader.getByRole('button', { name: 'Start the stand-up' }).click();
  await leader.locator('.since .since-rows', { hasText: 'With Finance' }).waitFor();
  assert.match(await leader.locator('.tile-closed').textContent(), /^0/);
  await leader.keyboard.press('ArrowRight');
  await shows(leader, names[4]);
  assert.equal(await leader.locator('.walk-reason').textContent(), 'Parked last time');
  await leader.getByRole('button', { name: 'No longer parked' }).click();
  await until(async () => (await leader.locator('.walk-card .parked-mark').count()) === 0, 'it is not parked');
  assert.deepEqual([...leader.noted, ...follower.noted], []);
  await leader.context().close();
  await follower.context().close();
});

describe('in one session', () => {
  let meeting;
  let session;
  let keys;
  const hostile = '<img src=x onerror=alert(1)>\u202e"\'';

  before(async () => {
    const records = [{ title: `Late ${hostile}`, description: hostile, dueDate: day(-4) },
      { title: `${'x'.repeat(200)}`, dueDate: day(-3), financialImpact: '41200' }, { title: 'Not dated' }];
    const found = await workspaceWith(records);
    keys = found.keys;
    meeting = await series({ name: 'Hostile <img src=x onerror=alert(1)>"\'', workspaces: [found.workspace],
      people: [VIEWER.email] });
    session = await start(meeting);
    await step(session, { current: keys[0] });
    await server.send(EXAMPLE.email, 'POST', `${MEETINGS}/${meeting.id}/sessions/${session.id}/notes`,
      { text: hostile, key: keys[0] });
    await server.send(EXAMPLE.email, 'POST', `${API}/tasks/${keys[0]}/comments`, { text: hostile });
  });

  test('a viewer follows, says that they are there, and has no other buttons', async () => {
    const page = await openAs(VIEWER);
    await open(page, meeting.id);
    await page.locator('.walk-card .last-comment').waitFor();
    await page.getByText('You follow along; members of the domain can type.').waitFor();
    assert.equal(await page.locator('.walk-do, .agenda-groups, .meeting-note button').count(), 0);
    for (const key of ['d', 't', 'a', 'c', 'p', 's']) await page.keyboard.press(key);
    assert.equal(await page.locator('.pane').count(), 0);
    await page.getByRole('button', { name: 'I am here' }).click();
    await page.getByRole('button', { name: '2 present', exact: true }).waitFor();
    await step(session, { current: keys[2] });
    await shows(page, 'Not dated');
    await step(session, { stage: 'close' });
    await page.getByRole('heading', { name: 'Close the stand-up' }).waitFor();
    assert.equal(await page.getByRole('button', { name: /^Close and keep/ }).count(), 0);
    await step(session, { current: keys[0] });
    assert.deepEqual(page.noted, []);
    await page.context().close();
  });

  test('what is half written is there again after a reload, and after another record', async () => {
    const page = await openAs(SECOND);
    await open(page, meeting.id);
    await page.locator('.walk-card').waitFor();
    await page.keyboard.press('c');
    await page.keyboard.type('Half written');
    await until(() => page.evaluate(() => JSON.stringify(localStorage).includes('Half written')), 'the draft');
    await page.reload();
    await page.getByRole('button', { name: /Note.*Draft kept/ }).click();
    assert.equal(await page.getByLabel('Note').inputValue(), 'Half written');
    await page.keyboard.press('Escape');
    assert.equal((await focused(page)).tag, 'H2');
    assert.deepEqual(page.noted, []);
    await page.context().close();
  });

  test('of two people who lead at once one does, and the other may take over', async () => {
    const page = await openAs(SECOND);
    await open(page, meeting.id);
    await page.getByRole('button', { name: 'Take the lead' }).click();
    await page.getByText('You lead').waitFor();
    await page.locator('.walk-card').waitFor();
    await page.keyboard.press('ArrowRight');
    await until(async () => (await read(`${MEETINGS}/${meeting.id}/sessions/${session.id}`)).current === keys[1],
      'the step');
    assert.equal((await step(session, { lead: true, current: keys[0] })).status, 200);
    await page.getByText(`${EXAMPLE.email} leads`).waitFor();
    await page.locator('.walk-reason', { hasText: '4 days overdue' }).waitFor();
    await page.context().close();
  });

  const found = async (page) => {
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) =>
      `${html}\n${failureSummary}`).join('\n')}`);
  };
  /** Looks at it with axe-core, and that nothing scrolls sideways. */
  async function look(page, name) {
    if (pictures) await page.screenshot({ path: path.join(pictures, `meetings-${name}.png`), fullPage: true });
    const faults = await found(page);
    if (await scrollsSideways(page)) faults.push('it scrolls sideways');
    assert.deepEqual([...faults, ...page.noted], [], name);
  }
  test('on a phone in Dutch, too: nothing scrolls sideways, and the next record is under the thumb', async () => {
    const page = await openAs(EXAMPLE, { width: 360, height: 740, locale: 'nl-NL' });
    await page.addInitScript(axe);
    await open(page, meeting.id);
    await page.locator('.walk-card .last-comment').waitFor();
    await look(page, 'walk-dutch-360');
    const next = await page.getByRole('button', { name: 'Volgende' }).boundingBox();
    const rail = await page.locator('.rail').boundingBox();
    assert.ok(next.y + next.height <= rail.y && rail.y + rail.height <= 740, JSON.stringify([next, rail]));
    await page.context().close();
  });

  for (const [theme, width, height] of [['light', 1280, 860], ['dark', 1920, 1080], ['light', 360, 780],
    ['dark', 360, 780]]) {
    test(`every state in ${theme} at ${width} px: axe-core finds nothing, nothing scrolls sideways`, async () => {
      const page = await openAs(EXAMPLE, { theme, width, height });
      const tag = `${theme}-${width}`;
      await page.addInitScript(axe);
      await open(page);
      await page.locator('.series-running').first().waitFor();
      await look(page, `list-${tag}`);
      await open(page, meeting.id);
      await page.locator('.walk-card .last-comment').waitFor();
      await look(page, `walk-${tag}`);
      for (const key of ['d', 't', 'a', 's', 'c', 'p', 'n']) {
        await page.keyboard.press(key);
        await panel(page).waitFor();
        await look(page, `pane-${key}-${tag}`);
        await page.keyboard.press('Escape');
        await panel(page).waitFor({ state: 'detached' });
      }
      await page.getByRole('button', { name: 'present' }).click();
      await page.locator('.people-list').waitFor();
      await look(page, `people-${tag}`);
      await page.keyboard.press('Escape');
      await page.locator('.standup-steps button').nth(0).click();
      await page.locator('.tile-new').click();
      await page.locator('.since-rows li').first().waitFor();
      await look(page, `since-${tag}`);
      await page.locator('.standup-steps button').nth(2).click();
      await page.locator('.minutes').waitFor();
      await look(page, `close-${tag}`);
      await step(session, { current: keys[0] });
      await page.context().close();
    });
  }

  test('minutes: immutable, in print without the frame, as a text, with the receipt', async () => {
    const answer = await server.send(EXAMPLE.email, 'POST', `${MEETINGS}/${meeting.id}/sessions/${session.id}/close`);
    assert.equal(answer.status, 200, answer.text);
    const page = await openAs(VIEWER, { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.addInitScript(axe);
    await open(page, meeting.id);
    await page.locator('.past-sessions a').first().click();
    await page.locator('.receipt').waitFor();
    await look(page, 'minutes');
    assert.equal(await page.locator('.minutes button, .minutes input, .minutes textarea').count(), 0);
    await page.getByRole('button', { name: 'Copy as text' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    for (const part of [hostile, keys[0], answer.json.receipt]) assert.ok(text.includes(part), text);
    await page.emulateMedia({ media: 'print' });
    assert.ok(await page.locator('.receipt code').isVisible());
    for (const hidden of ['.rail', '.top', '.minutes-tools', '.crumbs'])
      assert.ok(!(await page.locator(hidden).first().isVisible()), hidden);
    await page.context().close();
  });
});

test('a stand-up that was started by mistake is discarded, and everybody is back at its series', async () => {
  const { workspace, keys: [key] } = await workspaceWith([{ title: 'Untouched', dueDate: day(-1) }]);
  const meeting = await series({ workspaces: [workspace] });
  const session = await start(meeting);
  const leader = await openAs(EXAMPLE);
  const second = await openAs(SECOND);
  const manager = await openAs(MANAGER);
  for (const page of [leader, second, manager]) await open(page, meeting.id);
  await step(session, { current: key });
  const toClose = (page) =>
    page.getByRole('navigation', { name: 'Steps' }).getByRole('button', { name: 'Close' }).click();
  const discard = (page) => page.getByRole('button', { name: 'Discard this stand-up…' });
  await toClose(second);
  await second.getByText('Whoever takes the lead can do that.').waitFor();
  assert.equal(await discard(second).count(), 0, 'members who do not lead cannot');
  await toClose(manager);
  await discard(manager).waitFor();
  await toClose(leader);
  await discard(leader).click();
  await leader.getByRole('button', { name: 'Cancel' }).click();
  assert.ok((await read(`${MEETINGS}/${meeting.id}`)).running);
  await discard(leader).click();
  await leader.getByRole('button', { name: 'Discard it' }).click();
  for (const page of [leader, second, manager]) {
    await page.getByRole('button', { name: 'Start the stand-up' }).waitFor();
    assert.match(page.url(), new RegExp(`#/meetings/${meeting.id}$`));
    assert.deepEqual(page.noted, []);
    await page.context().close();
  }
  assert.equal((await read(`${MEETINGS}/${meeting.id}`)).running, null);
});

test('closing asks what the form needs, and a second person confirms', async () => {
  const { workspace, keys: none } = await workspaceWith([]);
  assert.deepEqual(none, []);
  const put = await server.send(MANAGER.email, 'PUT', `${API}/workspaces/${workspace}/forms/strict`,
    { needToClose: ['result', 'cause'], confirmClose: 'always', default: true }, { headers: { 'if-none-match': '*' } });
  assert.equal(put.status, 201, put.text);
  const { key } = await server.createAndRead(small({ domainWorkSpace: workspace, dueDate: day(-1), title: 'Strict' }));
  const meeting = await series({ workspaces: [workspace] });
  const session = await start(meeting);
  await step(session, { current: key });
  const one = await openAs(EXAMPLE);
  const other = await openAs(SECOND);
  await open(one, meeting.id);
  await open(other, meeting.id);
  await shows(one, 'Strict');
  await one.keyboard.press('d');
  await one.getByText('A second person has to confirm it').waitFor();
  await one.keyboard.type('Checked and paid');
  await one.getByLabel('Cause').fill('A wrong code');
  await one.getByRole('button', { name: 'Propose closing' }).click();
  await other.getByText(`Closing proposed by ${EXAMPLE.email}`).first().waitFor();
  await other.locator('.walk').getByText(`Closing proposed by: ${EXAMPLE.email}`, { exact: true }).waitFor();
  /* Who proposed it is not asked to confirm it, but can take it back, and then propose it again. */
  await one.keyboard.press('d');
  await one.getByRole('button', { name: 'Withdraw the proposal' }).click();
  await until(async () => (await read(`${API}/tasks/${key}`)).awaits === null, 'it is withdrawn');
  assert.equal(await one.getByRole('button', { name: 'Confirm closing' }).count(), 0);
  await server.send(EXAMPLE.email, 'POST', `${API}/tasks/${key}/closing`, {});
  await other.getByText(`Closing proposed by ${EXAMPLE.email}`).first().waitFor();
  await other.keyboard.press('d');
  await other.getByRole('button', { name: 'Confirm closing' }).click();
  await until(async () => (await read(`${API}/tasks/${key}`)).status === 'Done', 'it is closed');
  await one.locator('.walk-card .status-done').waitFor();
  const { result, cause } = await read(`${API}/tasks/${key}`);
  assert.deepEqual([result, cause], ['Checked and paid', 'A wrong code']);
  assert.deepEqual([...one.noted, ...other.noted], []);
  await one.context().close();
  await other.context().close();
});

test('an action that its form asks more of is finished in the full form, below its record', async () => {
  const { workspace, keys } = await workspaceWith([{ title: 'Late', dueDate: day(-3) }]);
  const strict = { name: 'strict', default: true,
    fields: [{ name: 'carrier', type: 'text', label: 'Carrier', required: true }] };
  const made = await server.send(MANAGER.email, 'POST', `${API}/workspaces/${workspace}/forms`, strict);
  assert.equal(made.status, 201, made.text);
  const meeting = await series({ workspaces: [workspace] });
  const session = await start(meeting);
  await step(session, { current: keys[0] });
  const page = await openAs(EXAMPLE);
  await open(page, meeting.id);
  await page.locator('.walk-card').waitFor();
  await page.keyboard.press('n');
  await page.locator('.pane textarea:focus').waitFor();
  await page.keyboard.type('Call the carrier');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('Carrier is required').first().waitFor();
  await page.getByLabel('Carrier').fill('By road');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('heading', { level: 1, name: 'Call the carrier' }).waitFor();
  const [action] = (await read(`${API}/tasks?parent=${keys[0]}`)).items;
  assert.deepEqual([action.title, action.extra.carrier], ['Call the carrier', 'By road']);
  assert.deepEqual(await notesOf(session), [`+ ${action.key}: Call the carrier`]);
  await page.context().close();
});

test('minutes name the records that they count, and people by their names, in the language of who reads', async () => {
  const named = await server.send(ADMIN.email, 'PATCH', `${API}/people/${NAMED.email}`, { name: 'Jan Peeters' },
    { headers: { 'if-match': '*' } });
  assert.equal(named.status, 200, named.text);
  const { workspace, keys } = await workspaceWith([{ title: 'Talked about', dueDate: day(2) },
    ...['Original', 'Copy', 'Settled'].map((title) => ({ title, financialImpact: '500', dueDate: day(60) }))]);
  const meeting = await series({ workspaces: [workspace] });
  const closeNow = async (session) => {
    const answer = await server.send(EXAMPLE.email, 'POST', `${MEETINGS}/${meeting.id}/sessions/${session.id}/close`);
    assert.equal(answer.status, 200, answer.text);
  };
  await closeNow(await start(meeting));
  for (let i = 0; i < 23; i += 1) await server.createAndRead(small({ domainWorkSpace: workspace, title: `More ${i}` }));
  const [talked, original, copy, settled] = keys;
  await server.send(NAMED.email, 'POST', `${API}/tasks/${copy}/related`, { key: original, kind: 'duplicates' });
  await change(settled, { status: 'Done' }, NAMED);
  await change(talked, { dueDate: day(5) }, NAMED);
  const session = await start(meeting);
  await step(session, { current: talked });
  await change(talked, { assignee: NAMED.email });
  const english = await openAs(EXAMPLE);
  await open(english, meeting.id);
  await shows(english, 'Talked about');
  await english.locator('.outcome', { hasText: `${EXAMPLE.email} → Jan Peeters` }).waitFor();
  assert.match(await english.locator('.agenda [aria-current]').textContent(), /Jan Peeters/);
  await type(english, 'n', 'Call the carrier');
  await english.keyboard.press('p');
  await english.locator('.pane').waitFor();
  await english.keyboard.press('Enter');
  await english.locator('.meeting-note', { hasText: 'Talk about it outside.' }).waitFor();
  await closeNow(session);
  await english.locator('.receipt').waitFor();
  const sums = await english.locator('.minutes').innerText();
  assert.match(sums, /Closed 2 \(€500 without duplicates\)/);
  const section = (page, name) => page.getByRole('region', { name, exact: true });
  const closed = await section(english, 'Closed').locator('li').allInnerTexts();
  assert.equal(closed.length, 2);
  for (const [key, words] of [[copy, /Copy\s+Duplicate ·\s+Jan Peeters/], [settled, /Settled\s+Jan Peeters/]])
    assert.match(closed.find((text) => text.includes(key)), words);
  const moved = section(english, 'Date moved');
  assert.match(await moved.locator('li').innerText(), /Talked about\s+\d+ \w+ \d+ → \d+ \w+ \d+ ·\s+Jan Peeters/);
  assert.equal(await moved.locator('.person').getAttribute('title'), NAMED.email);
  await moved.locator(`a[href$="${talked}"]`).waitFor();
  const fresh = section(english, 'New');
  assert.equal(await fresh.locator('li:visible').count(), 20);
  await fresh.getByText('and 3 more').click();
  assert.equal(await fresh.locator('li:visible').count(), 23);
  await english.context().close();

  const dutch = await openAs(EXAMPLE, { locale: 'nl-BE', permissions: ['clipboard-read', 'clipboard-write'] });
  await open(dutch, meeting.id, session.id);
  const agreed = dutch.getByRole('table', { name: 'Afgesproken' });
  const action = agreed.getByRole('row', { name: /EXA\S+ Call the carrier Nieuwe taak \(EXA/ });
  await action.getByRole('link').waitFor();
  await agreed.getByText(`Geparkeerd: Buiten de stand-up bespreken. (${EXAMPLE.email})`).waitFor();
  await dutch.getByRole('button', { name: 'Als tekst kopiëren' }).click();
  await dutch.getByRole('button', { name: 'Gekopieerd' }).waitFor();
  const text = await dutch.evaluate(() => navigator.clipboard.readText());
  assert.match(text, /EXA\S+ Call the carrier\n- Nieuwe taak \(EXA/);
  for (const part of [`${copy} Copy · Dubbel · Jan Peeters`, 'en nog 3']) assert.ok(text.includes(part), text);
  for (const other of ['New task', 'outside', NAMED.email]) assert.ok(!text.includes(other), text);
  assert.deepEqual(dutch.noted, []);
  await dutch.context().close();
});

test('minutes begin with the figures of the meeting and what was agreed, whose it is and until when', async () => {
  const titles = ['To close', 'To move', 'To hand over', 'To note', 'To park', 'Looked at', 'Not reached'];
  const { workspace, keys } = await workspaceWith(titles.map((title, i) => ({
    title, dueDate: day(i - 9), financialImpact: i === 0 ? '1250' : '90', assignee: EXAMPLE.email })));
  const [closed, moved, handed, noted, parked, looked] = keys;
  const meeting = await series({ workspaces: [workspace], minutes: 20, people: [VIEWER.email] });
  const session = await start(meeting);
  const note = (body) =>
    server.send(EXAMPLE.email, 'POST', `${MEETINGS}/${meeting.id}/sessions/${session.id}/notes`, body);
  await step(session, { current: looked });
  const lookedAt = Date.now();
  await change(closed, { status: 'Done', result: 'Paid' });
  await change(moved, { dueDate: day(3), dueReason: 'A holiday' });
  await change(moved, { dueDate: day(9), dueReason: 'The carrier is late' });
  await change(handed, { assignee: SECOND.email });
  await note({ text: 'Ask the insurer', key: noted });
  await note({ text: 'With Finance', key: parked, parked: true });
  await note({ text: 'The next one is on Monday' });
  /* What was taken back is not a decision. */
  for (const status of ['Expired', 'In Progress']) await change(looked, { status });
  await until(() => Date.now() - lookedAt > 1000, 'it to be looked at for a second');
  await step(session, { current: noted });
  const page = await openAs(EXAMPLE, { permissions: ['clipboard-read', 'clipboard-write'] });
  await open(page, meeting.id);
  await shows(page, 'To note');
  await type(page, 'n', 'Call the carrier');
  const listed = (title) => page.locator('.agenda-item', { hasText: title }).locator('.agenda-outcome');
  await until(async () => (await listed('To note').textContent()) === 'New task', 'the new task in the list');
  const [action] = (await read(`${API}/tasks?parent=${noted}`)).items;
  await change(action.key, { assignee: SECOND.email, dueDate: day(5) });

  const shown = (date) => new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric',
    timeZone: 'UTC' }).format(new Date(`${date}T00:00:00Z`)).replace('Sept', 'Sep');
  const expected = [
    [`${closed} To close`, ['Done', 'Result: Paid'], EXAMPLE.email, shown(day(-9))],
    [`${moved} To move`, [`Due date: ${shown(day(-8))} → ${shown(day(9))}`, 'The carrier is late'], EXAMPLE.email,
      shown(day(9))],
    [`${handed} To hand over`, [`Assignee: ${EXAMPLE.email} → ${SECOND.email}`], SECOND.email, shown(day(-7))],
    [`${noted} To note`, ['Ask the insurer', 'New task: Call the carrier'], EXAMPLE.email, shown(day(-6))],
    [`${parked} To park`, ['Parked', 'With Finance'], EXAMPLE.email, shown(day(-5))],
    ['General notes', ['The next one is on Monday'], '', ''],
    [`${action.key} Call the carrier`, ['New task', noted], SECOND.email, shown(day(5))],
  ];
  /** The table, its figures before it, and that it says the same while it is to be closed. */
  const agreed = async () => {
    const rows = page.locator('.minutes table').first().locator('tbody tr');
    const texts = async () =>
      Promise.all((await rows.all()).map((row) => row.locator('th, td').allInnerTexts()));
    await until(async () => (await texts()).at(-1)?.[2]?.includes(SECOND.email), 'whose the new task is');
    const found = await texts();
    assert.equal(found.length, expected.length, JSON.stringify(found));
    for (const [i, [record, decisions, owner, due]] of expected.entries()) {
      const [name, decided, whose, until] = found[i].map((text) => text.replaceAll(/\s+/g, ' ').trim());
      assert.ok(name.startsWith(record), `${name} is ${record}`);
      for (const one of decisions) assert.ok(decided.includes(one), `${one} in ${decided}`);
      assert.deepEqual([whose, until], [owner, due], record);
    }
    const text = await page.locator('.minutes').innerText();
    assert.ok(!text.includes('Part of'), text);
    assert.ok(!text.includes('Also changed'), text);
    const figures = (await page.locator('.minutes .figures-line').first().innerText()).replaceAll(/\s+/g, ' ');
    assert.match(figures, new RegExp('^Records 7 Decided 5 Closed 1 \\(€1,250\\) Date moved 1 Handed over 1 ' +
      'Parked 1 Not talked about 1 New [01] Minutes \\d+ of 20$'));
    /* Before everything else. */
    assert.match(await page.locator('.minutes > *').first().getAttribute('class'), /figures-line/);
    assert.match(await page.locator('.minutes > *').nth(1).innerText(), /^What was agreed/);
  };
  await step(session, { stage: 'close' });
  await agreed();
  const answer = await server.send(EXAMPLE.email, 'POST', `${MEETINGS}/${meeting.id}/sessions/${session.id}/close`);
  assert.equal(answer.status, 200, answer.text);
  await page.locator('.receipt').waitFor();
  await agreed();
  /* What was only looked at is named without a decision; what is said of nothing in particular follows the table. */
  await page.getByRole('table', { name: 'Without a decision' }).getByText('Looked at').waitFor();
  await page.getByText('The next one is on Monday').waitFor();
  await page.getByRole('button', { name: 'Copy as text' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  const places = ['Decided 5', 'What was agreed', `${closed} To close`, '- Done', `${moved} To move`,
    'The next one is on Monday', `${action.key} Call the carrier`,
    `- New task (${noted})\n- ${SECOND.email}\n- ${shown(day(5))}\n`,
    'Without a decision', 'Absent · ', 'Overdue 7'].map((part) => text.indexOf(part));
  assert.ok(places.every((place) => place > 0), text);
  assert.deepEqual(places, [...places].filter((place) => place >= 0).sort((a, b) => a - b), text);
  /* In print it is first, too. */
  await page.emulateMedia({ media: 'print' });
  const top = async (found) => (await found.first().boundingBox()).y;
  assert.ok(await top(page.locator('.minutes table')) < await top(page.getByRole('heading', { name: /since/ })));
  assert.deepEqual(page.noted, []);
  await page.context().close();

  const phone = await openAs(EXAMPLE, { width: 390, height: 844, locale: 'nl-NL' });
  await phone.addInitScript(axe);
  await open(phone, meeting.id, session.id);
  const row = phone.locator('.minutes table tbody tr').first();
  await row.waitFor();
  const boxes = await Promise.all((await row.locator('th, td').all()).map((cell) => cell.boundingBox()));
  for (const i of [1, 2]) assert.ok(boxes[i].y >= boxes[i - 1].y + boxes[i - 1].height, 'one below another');
  assert.equal(await scrollsSideways(phone), false);
  assert.deepEqual([(await phone.evaluate(() => window.axe.run(document))).violations.map(({ id }) => id), phone.noted],
    [[], []]);
  await phone.context().close();
});

test('what cannot be done says why, what is typed after a key stays in its field, notes are undone', async () => {
  const records = [{ title: 'Late', dueDate: day(-3) }, { title: 'Later', dueDate: day(-2) }];
  const { workspace, keys } = await workspaceWith(records);
  const session = await start(await series({ workspaces: [workspace] }));
  const page = await openAs(EXAMPLE);
  await open(page, session.meeting);
  await page.getByRole('heading', { level: 2, name: /since/ }).waitFor();
  for (const key of ['d', 'o']) {
    await page.keyboard.press(key);
    await toast(page, 'Go to a record first.').waitFor();
  }
  await page.keyboard.press('ArrowRight');
  await shows(page, 'Late');
  await page.keyboard.press('f');
  await toast(page, 'You are there already.').waitFor();
  /* What is not a date is said at once, in its field. */
  await page.keyboard.press('t');
  await page.keyboard.type('31/02/2027');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('is not a date. Such as 31 Dec').waitFor();
  await page.getByLabel('Date', { exact: true }).and(page.locator(':focus')).waitFor();
  await page.keyboard.press('Escape');
  await panel(page).waitFor({ state: 'detached' });
  /* Letters of other keys, without a pause. */
  await page.keyboard.type('dtacpsn');
  await page.getByRole('heading', { name: 'Close this record' }).waitFor();
  await page.keyboard.press('Control+Enter');
  await until(async () => (await read(`${API}/tasks/${keys[0]}`)).result === 'tacpsn', 'the result');
  await panel(page).waitFor({ state: 'detached' });
  assert.equal(await page.locator('.walk-reason').count(), 0, 'what is done is not overdue');
  await page.keyboard.press('d');
  await toast(page, 'Done already.').waitFor();
  assert.equal(await panel(page).count(), 0);
  for (const [key, said] of [['c', 'Noted'], ['p', 'Parked']]) {
    await type(page, key, 'gone again');
    await toast(page, said).getByRole('button', { name: 'Undo' }).click();
    await until(async () => (await notesOf(session)).length === 0, 'the note to go');
    await page.locator('.meeting-note').waitFor({ state: 'detached' });
  }
  /* Each button shows its key. */
  for (const [name, key] of [['Done', 'd'], ['Set date', 't'], ['Assign', 'a'], ['Status', 's'], ['Note', 'c'],
    ['Park', 'p'], ['New task', 'n'], ['Open', 'o']])
    await page.locator('.walk-do').getByRole('button', { name, exact: true }).getByText(key, { exact: true }).waitFor();
  await page.locator('.agenda fieldset kbd', { hasText: 'g' }).waitFor();
  assert.deepEqual(page.noted, []);
  await page.context().close();

  const reader = await openAs(VIEWER);
  await open(reader, session.meeting);
  await reader.locator('.walk-card').waitFor();
  await reader.keyboard.press('d');
  await toast(reader, 'You follow along').waitFor();
  await reader.keyboard.press('g');
  await toast(reader, 'Whoever takes the lead can do that.').waitFor();
  await reader.context().close();
});

for (const [width, height] of [[1280, 800], [390, 844]])
  test(`at ${width} × ${height} what can be done is on the screen, in one place for each record`, async () => {
    const { workspace, keys } = await workspaceWith([{ title: 'Short', description: 'x', dueDate: day(-9) },
      { title: 'A long one. '.repeat(20), description: 'Many lines.\n\n'.repeat(60), dueDate: day(-3) }]);
    const session = await start(await series({ workspaces: [workspace] }));
    await step(session, { current: keys[0] });
    const page = await openAs(EXAMPLE, { width, height });
    await open(page, session.meeting);
    await shows(page, 'Short');
    const places = async () => {
      const buttons = await page.locator('.walk-bar .button').all();
      return Promise.all(buttons.map((button) => button.boundingBox()));
    };
    const first = await places();
    const rail = width < 700 ? (await page.locator('.rail').boundingBox()).y : height;
    assert.equal(first.length, 10);
    for (const box of first) assert.ok(box.y > height / 2 && box.y + box.height <= rail, JSON.stringify([box, rail]));
    await page.keyboard.press('ArrowRight');
    await shows(page, 'A long one');
    assert.deepEqual(await places(), first);
    /* No word of the list is broken. */
    await change(keys[1], { status: 'Done' });
    const said = page.locator('.agenda [aria-current] .agenda-outcome', { hasText: 'Done' });
    await said.waitFor();
    assert.equal(await said.evaluate((place) => {
      const range = document.createRange();
      range.selectNodeContents(place);
      return range.getClientRects().length;
    }), 1);
    await page.context().close();
  });

for (const [width, height] of [[1280, 800], [390, 844]])
  test(`at ${width} × ${height} what a decision says covers no button of the stand-up`, async () => {
    const { workspace, keys } = await workspaceWith(
      ['Said', 'Next'].map((title, i) => ({ title, dueDate: day(i - 9) })));
    const session = await start(await series({ workspaces: [workspace] }));
    await step(session, { current: keys[0] });
    const page = await openAs(EXAMPLE, { width, height });
    await open(page, session.meeting);
    await shows(page, 'Said');
    await type(page, 'd', 'Paid');
    const clear = async () => {
      await page.locator('.toast').waitFor();
      const said = await page.locator('.toast').boundingBox();
      const bar = await page.locator('.top').boundingBox(); // what has scrolled under it is not in reach
      const covered = [];
      for (const button of await page.locator('.standup :is(button, a)').all()) {
        const box = await button.boundingBox();
        if (box && box.y + box.height > bar.y + bar.height &&
          said.x < box.x + box.width && box.x < said.x + said.width && said.y < box.y + box.height &&
          box.y < said.y + said.height) covered.push(await button.innerText());
      }
      assert.deepEqual(covered, []);
    };
    await clear();
    await page.keyboard.press('ArrowRight');
    await shows(page, 'Next');
    await type(page, 'p', 'With Finance');
    await clear();
    await page.keyboard.press('c');
    await page.locator('.pane').waitFor();
    await clear();
    await page.context().close();
  });

test('two who change the same at once: the second sees both and decides', async () => {
  const { workspace, keys: [key] } = await workspaceWith([{ title: 'Contested', dueDate: day(3) }]);
  const meeting = await series({ workspaces: [workspace] });
  const session = await start(meeting);
  await step(session, { current: key });
  const page = await openAs(SECOND);
  await open(page, meeting.id);
  await shows(page, 'Contested');
  await page.keyboard.press('t');
  await page.getByLabel('Date', { exact: true }).waitFor();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('+20d');
  /* Another date comes, which this page does not know of when it sends its own. */
  let first = true;
  await page.route(`**/tasks/${key}`, async (route) => {
    if (route.request().method() === 'PATCH' && first) {
      first = false;
      const answer = await server.send(EXAMPLE.email, 'PATCH', `${API}/tasks/${key}`, { dueDate: day(9) },
        { headers: { 'if-match': '*', 'content-type': 'application/merge-patch+json' } });
      assert.equal(answer.status, 200, answer.text);
    }
    await route.continue();
  });
  await page.keyboard.press('Enter');
  await page.getByText('Look at it, then try again.').waitFor();
  assert.equal((await read(`${API}/tasks/${key}`)).dueDate, day(9));
  await panel(page).getByRole('button', { name: 'Set date' }).click();
  await until(async () => (await read(`${API}/tasks/${key}`)).dueDate === day(20), 'the second date');
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

for (const [kind, press, typed, save, theirs, mine] of [
  ['result', 'd', 'Mine', 'Close it', { result: 'Theirs' }, { result: 'Mine', status: 'Done' }],
  ['due date', 't', '+20d', 'Set date', { dueDate: day(9) }, { dueDate: day(20) }],
])
  test(`a ${kind} is not written unseen over one that came while it was typed`, async () => {
    const { workspace, keys: [key] } = await workspaceWith([{ title: 'Typed for long', dueDate: day(3) }]);
    const meeting = await series({ workspaces: [workspace] });
    const session = await start(meeting);
    await step(session, { current: key });
    const page = await openAs(SECOND);
    await open(page, meeting.id);
    await shows(page, 'Typed for long');
    await page.keyboard.press(press);
    await panel(page).locator(':focus').waitFor();
    await page.keyboard.press('Control+a');
    await page.keyboard.type(typed);
    const answer = await server.send(EXAMPLE.email, 'PATCH', `${API}/tasks/${key}`,
      { ...theirs, title: 'And changed' }, { headers: { 'if-match': '*' } });
    assert.equal(answer.status, 200, answer.text);
    await shows(page, 'And changed');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Look at it, then try again.').waitFor();
    const members = (now, of) => Object.fromEntries(Object.keys(of).map((name) => [name, now[name]]));
    assert.deepEqual(members(await read(`${API}/tasks/${key}`), theirs), theirs);
    await panel(page).getByRole('button', { name: save, exact: true }).click();
    await panel(page).waitFor({ state: 'detached' });
    assert.deepEqual(members(await read(`${API}/tasks/${key}`), mine), mine);
    assert.deepEqual(page.noted, []);
    await page.context().close();
  });

test('a session that is read late does not lead back to where it was', async () => {
  const { workspace, keys } = await workspaceWith(['First', 'Second'].map((title) => ({ title, dueDate: day(3) })));
  const session = await start(await series({ workspaces: [workspace] }));
  await step(session, { current: keys[0] });
  const before = await read(`${MEETINGS}/${session.meeting}/sessions/${session.id}`, SECOND);
  const page = await openAs(SECOND);
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  let asked = false;
  let first = true;
  await page.route(`**/sessions/${session.id}`, async (route) => {
    if (!first) return route.continue();
    first = false;
    asked = true;
    await held;
    return route.fulfill({ json: before });
  });
  await open(page, session.meeting, session.id);
  await until(() => asked, 'it to be read');
  /** The walk is what is read last. */
  const walkRead = () => page.waitForResponse((answer) => answer.url().includes(`/sessions/${session.id}/walk`));
  const again = walkRead();
  await step(session, { current: keys[1] });
  await (await again).finished();
  await shows(page, 'Second');
  const late = walkRead();
  release();
  await (await late).finished();
  await page.evaluate(() => new Promise((resolve) => { setTimeout(resolve); })); // and taken
  await shows(page, 'Second');
  assert.match(await title(page), /Second/);
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('a stand-up that does not exist says so, and in Dutch everything is Dutch', async () => {
  const page = await openAs(VIEWER, { locale: 'nl-NL' });
  await open(page, '4711');
  await page.getByRole('heading', { name: 'Deze stand-up bestaat niet, of u mag hem niet zien' }).waitFor();
  await open(page);
  await page.getByRole('heading', { name: 'Stand-ups' }).waitFor();
  await page.getByText('Elke week').first().waitFor();
  assert.deepEqual(page.noted, []);
  await page.context().close();
});
