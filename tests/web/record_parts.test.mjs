/* What belongs to a record: comments, files, closing, related records, its past, and how it is printed. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { until } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer, WORKSPACE } from '../lib/server.mjs';
import { leave, openBrowser, scrollsSideways, signIn } from './browser.mjs';
import {
  change, create, edit, field, MANAGER, MEMBER, openAs, openRecord, OTHER, pathOf, PEOPLE, readBack, stored,
} from './people.mjs';

const STRANGER = { ...EXAMPLE, email: 'stranger@example.com', domain: 'ACME' };
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

let server;
let browser;
let page;

before(async () => {
  server = await startServer({ workspaces: [WORKSPACE, 'ACME-WOR'], users: [...PEOPLE, STRANGER] });
  browser = await openBrowser();
  page = await openAs(browser, server, MEMBER, { acceptDownloads: true });
});
beforeEach(() => leave(page));
after(async () => {
  await browser?.close();
  await server?.stop();
});

const composer = (where = page) => where.getByRole('textbox', { name: 'Write a comment', exact: true });
const comments = async (record) => (await server.get(`${pathOf(record)}/comments`)).json.items;
const files = async (record) => (await server.get(`${pathOf(record)}/attachments`)).json.items;

async function comment(record, text, as = OTHER) {
  const answer = await server.send(as, 'POST', `${pathOf(record)}/comments`, { text });
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
}

describe('comments', () => {
  test('"@" suggests who may read it, by keyboard; the person is shown by name', async () => {
    await server.send(OTHER, 'PATCH', `${API}/people/${OTHER}`, { name: 'Nobody' }).catch(() => {});
    const record = await create(server);
    await openRecord(page, record);
    await composer().focus();
    await page.keyboard.type('Please look, @oth');
    await page.getByRole('option', { name: OTHER }).waitFor();
    assert.equal(await page.getByRole('option').count(), 1);
    await page.keyboard.press('Enter');
    assert.equal(await composer().inputValue(), `Please look, @${OTHER} `);
    await page.keyboard.type('soon');
    await page.keyboard.press('Control+Enter');
    await page.locator('.comment .mention').waitFor();
    const [{ text, mentions }] = await comments(record);
    assert.deepEqual([text, mentions], [`Please look, @${OTHER} soon`, [OTHER]]);
    assert.equal(await composer().inputValue(), '');
    assert.deepEqual(page.noted, []);
  });

  test('nobody is suggested without a right to read it; such a mention is refused and stays typed', async () => {
    const record = await create(server);
    await openRecord(page, record);
    await composer().focus();
    await page.keyboard.type(`@${STRANGER.email}`);
    await page.keyboard.press('Control+Enter');
    await page.locator('#comment-fault').getByText(/cannot read this record/).waitFor();
    assert.equal(await page.getByRole('option').count(), 0);
    assert.equal(await composer().inputValue(), `@${STRANGER.email}`);
    assert.deepEqual(await comments(record), []);
  });

  test('a comment is sent once, however often it is sent', async () => {
    const record = await create(server);
    await openRecord(page, record);
    let lost = true;
    await page.route('**/comments', async (route) => {
      if (route.request().method() !== 'POST' || !lost) return route.continue();
      lost = false;
      await route.fetch(); // it arrives, and its answer is lost
      return route.abort();
    });
    await composer().fill('Once');
    await page.keyboard.press('Control+Enter');
    await page.locator('#comment-fault').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.locator('.comment').getByText('Once').waitFor();
    assert.equal((await comments(record)).length, 1);
  });

  test('one’s own is edited and deleted, and says so; internal ones are marked', async () => {
    const record = await create(server);
    await comment(record, 'Of somebody else');
    await openRecord(page, record);
    await composer().fill('Frist');
    await page.getByRole('checkbox', { name: /^Internal/ }).check();
    await page.getByRole('button', { name: 'Comment', exact: true }).last().click();
    const mine = page.locator('.comment').filter({ hasText: 'Frist' });
    await mine.getByText('Internal').waitFor();
    assert.equal((await comments(record))[0].internal, true);
    assert.equal(await page.locator('.comment').filter({ hasText: 'Of somebody else' }).getByRole('button').count(), 0);
    await mine.getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('textbox', { name: 'Comment', exact: true }).fill('First');
    await page.keyboard.press('Control+Enter');
    const edited = page.locator('.comment').filter({ hasText: 'First' });
    await edited.getByText('edited').waitFor();
    await page.locator('.timeline').getByText('changed a comment').waitFor();
    await edited.getByRole('button', { name: 'Delete' }).click();
    await edited.getByRole('button', { name: 'Delete for good' }).click();
    await page.locator('.comment').getByText('This comment was deleted.').waitFor();
    assert.equal((await comments(record))[0].text, null);
  });

  test('one that the address names is found, however far back it is', async () => {
    const record = await create(server);
    const { id } = await comment(record, 'Far back');
    for (let i = 0; i < 55; i += 1) await change(server, record, { LRN: `L${i}` });
    await page.goto(`${record.taskLink}/c${id}`);
    const found = page.locator('.comment.marked');
    await found.getByText('Far back').waitFor();
    await page.waitForFunction(() => document.activeElement?.classList.contains('marked'));
    await page.goto(`${record.taskLink}/c4711`);
    await page.getByText('The comment of the link is not in this record.').waitFor();
  });

  test('three switches: all, comments, changes', async () => {
    const record = await create(server);
    await comment(record, 'A word');
    await change(server, record, { priority: 'Low' });
    await openRecord(page, record);
    await page.locator('.comment').waitFor();
    const shown = () => page.locator('.entry').evaluateAll((all) => all.map((one) => one.className));
    assert.deepEqual(await shown(), ['entry entry-change', 'entry entry-comment', 'entry entry-created']);
    await page.getByRole('button', { name: 'Comments 1' }).click();
    assert.deepEqual(await shown(), ['entry entry-comment']);
    await page.getByRole('button', { name: 'Changes', exact: true }).click();
    assert.deepEqual(await shown(), ['entry entry-change', 'entry entry-created']);
    await page.getByRole('button', { name: 'All', exact: true }).click();
    assert.equal((await shown()).length, 3);
  });

  test('another person’s comment comes by itself', async () => {
    const record = await create(server);
    await openRecord(page, record);
    await comment(record, 'News');
    await page.locator('.comment').getByText('News').waitFor();
  });
});

test('after a comment the next key is a shortcut, and the button for one is at the top', async () => {
  const record = await create(server);
  await openRecord(page, record);
  await page.getByRole('button', { name: 'Write a comment' }).click();
  await composer().and(page.locator(':focus')).waitFor();
  await page.keyboard.type('Said so');
  await page.keyboard.press('Control+Enter');
  await page.locator('.comment').getByText('Said so').waitFor();
  await page.keyboard.press('p');
  await page.getByRole('option', { name: 'High' }).waitFor();
  assert.equal(await composer().inputValue(), '');
});

describe('files', () => {
  /** Gives files to the page as dropping or pasting them does. */
  const give = (kind, list) => page.evaluate(({ kind: name, all }) => {
    const data = new DataTransfer();
    for (const { file, type, text } of all)
      data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], file, { type }));
    const event = name === 'paste'
      ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
      : new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true });
    document.body.dispatchEvent(event);
  }, { kind, all: list });
  const file = (name, type = 'text/plain', bytes = Buffer.from('x')) =>
    ({ file: name, type, text: bytes.toString('base64') });

  test('dropped, pasted and chosen ones arrive; a picture is looked at, anything is downloaded', async () => {
    const record = await create(server);
    await openRecord(page, record);
    await give('dragover', [file('a.txt')]);
    await page.locator('.files.over').waitFor();
    await give('drop', [file('one.txt'), file('seal.png', 'image/png', PIXEL)]);
    await page.getByRole('link', { name: 'one.txt' }).waitFor();
    await page.getByRole('link', { name: 'seal.png' }).waitFor();
    await give('paste', [file('image.png', 'image/png', Buffer.concat([PIXEL, Buffer.from('x')]))]);
    await page.getByRole('link', { name: 'pasted.png' }).waitFor();
    await page.locator('input[type=file]')
      .setInputFiles({ name: 'three.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF') });
    await page.getByRole('link', { name: 'three.pdf' }).waitFor();
    assert.deepEqual((await files(record)).map(({ name }) => name).sort(),
      ['one.txt', 'pasted.png', 'seal.png', 'three.pdf']);

    await page.getByRole('button', { name: 'Look at seal.png' }).click();
    const look = page.getByRole('dialog', { name: 'seal.png' });
    await look.getByRole('img', { name: 'seal.png' }).waitFor();
    await page.waitForFunction(() => document.querySelector('dialog.look img').naturalWidth === 1);
    await page.keyboard.press('Escape');
    await look.waitFor({ state: 'detached' });
    const [saved] =
      await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'three.pdf' }).click()]);
    assert.equal(saved.suggestedFilename(), 'three.pdf');
    assert.equal((await readFile(await saved.path())).toString(), '%PDF');
    assert.deepEqual(page.noted, []);
  });

  test('what only calls itself a picture is not shown as one', async () => {
    const record = await create(server);
    await server.requestAs(MEMBER, 'POST', `${pathOf(record)}/attachments?name=not.png`,
      { headers: { 'content-type': 'image/png' }, body: '<script>alert(1)</script>' });
    await openRecord(page, record);
    await page.getByRole('link', { name: 'not.png' }).waitFor();
    await page.getByRole('button', { name: 'Look at not.png' }).waitFor({ state: 'detached' });
    assert.deepEqual(page.noted, []);
  });

  test('a connection that breaks once is tried again by itself; after that there is a button', async () => {
    const record = await create(server);
    await openRecord(page, record);
    let broken = 1;
    const keys = [];
    await page.route('**/attachments?*', async (route) => {
      if (route.request().method() === 'POST') keys.push(route.request().headers()['idempotency-key']);
      if (route.request().method() !== 'POST' || broken === 0) return route.continue();
      broken -= 1;
      return route.abort();
    });
    await give('drop', [file('once.txt')]);
    await page.getByRole('link', { name: 'once.txt' }).waitFor();
    broken = 2;
    await give('drop', [file('twice.txt')]);
    await page.locator('.sending').getByText('The server did not answer.').waitFor();
    await page.locator('.sending').getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('link', { name: 'twice.txt' }).waitFor();
    assert.equal((await files(record)).length, 2);
    assert.deepEqual([keys.length, new Set(keys).size], [5, 2], 'each try of a file has its key');
  });

  test('one that is too large or empty is refused before it is sent', async () => {
    const record = await create(server);
    await openRecord(page, record);
    const sent = [];
    page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()));
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(25 * 1024 * 1024 + 1)], 'large.bin'));
      data.items.add(new File([], 'empty.bin'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    });
    await page.getByRole('alert').getByText('This file is larger than 25 MB.').waitFor();
    await page.getByRole('alert').getByText('This file is empty').waitFor();
    await page.getByRole('button', { name: 'Dismiss large.bin' }).click();
    assert.equal(await page.locator('.sending').count(), 1);
    assert.deepEqual(sent.filter((url) => url.includes('attachments')), []);
  });

  test('it goes to the record that it was meant for, and how far it is can be seen', async () => {
    const [first, second] = [await create(server), await create(server)];
    await openRecord(page, first);
    let release;
    const held = new Promise((resolve) => {
      release = resolve;
    });
    await page.route('**/attachments?*', async (route) => {
      if (route.request().method() === 'POST') await held;
      await route.continue();
    });
    await give('drop', [file('slow.txt')]);
    await page.getByRole('progressbar', { name: 'Sending slow.txt' }).waitFor();
    await page.evaluate((hash) => {
      location.hash = hash;
    }, new URL(second.taskLink).hash);
    await page.locator('.record-key').getByText(second.key).waitFor();
    assert.equal(await page.locator('.sending').count(), 0);
    release();
    await until(async () => (await files(first)).length === 1, 'the file');
    assert.deepEqual(await files(second), []);
  });

  describe('when a session ends', () => {
    const [, somebodyElse] = PEOPLE;
    let own;
    let record;
    beforeEach(async () => {
      record = await create(server);
      own = await openAs(browser, server, MEMBER);
      await openRecord(own, record);
    });
    afterEach(() => own.context().close());
    const attach = (name) => own.locator('input[type=file]')
      .setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(name) });
    const signInAs = async (account) => {
      await own.locator('main').getByText('Your session has ended. Sign in again').waitFor();
      await signIn(own, account);
      await own.evaluate((hash) => {
        location.hash = hash; // without a reload, which would end what is on its way
      }, new URL(record.taskLink).hash);
      await own.locator('.timeline').waitFor();
    };
    const arrived = async () => (await files(record)).map(({ name, author }) => [name, author]);

    test('what waits is sent when the same person signs in again, and never as somebody else’s', async () => {
      await own.context().clearCookies();
      await attach('mine.txt');
      await signInAs(somebodyElse);
      await attach('theirs.txt');
      await own.getByRole('link', { name: 'theirs.txt' }).waitFor();
      assert.deepEqual(await arrived(), [['theirs.txt', OTHER]]);
      assert.equal(await own.locator('.sending').count(), 0);
      await own.context().clearCookies();
      await attach('again.txt');
      await signInAs(somebodyElse);
      await own.getByRole('link', { name: 'again.txt' }).waitFor();
      assert.deepEqual((await arrived()).sort(), [['again.txt', OTHER], ['theirs.txt', OTHER]]);
      assert.deepEqual(own.noted, []);
    });

    test('what is on its way and what is after it end, and hold up nothing of somebody else', async () => {
      let begun = false;
      await own.route('**/attachments?name=slow.txt', () => {
        begun = true; // and gets no answer
      });
      await attach('slow.txt');
      await attach('after.txt');
      await until(() => begun, 'the first to be on its way');
      await own.context().clearCookies();
      await own.getByRole('link', { name: 'Inbox' }).click();
      await signInAs(somebodyElse);
      await attach('theirs.txt');
      await own.getByRole('link', { name: 'theirs.txt' }).waitFor();
      assert.deepEqual(await arrived(), [['theirs.txt', OTHER]]);
      assert.deepEqual(own.noted, []);
    });
  });

  test('its author deletes it within a quarter of an hour', async () => {
    const record = await create(server);
    await openRecord(page, record);
    await give('drop', [file('wrong.txt')]);
    await page.getByRole('button', { name: 'Delete wrong.txt' }).click();
    await page.getByRole('button', { name: 'Delete for good' }).click();
    await page.getByRole('link', { name: 'wrong.txt' }).waitFor({ state: 'detached' });
    assert.deepEqual(await files(record), []);
  });
});

describe('closing', () => {
  let forms = 0;
  async function byForm(document, changes = {}) {
    forms += 1;
    const made = await server.send(MANAGER, 'PUT', `${API}/workspaces/${WORKSPACE}/forms/form-${forms}`, document);
    assert.equal(made.status, 201, made.text);
    const answer = await server.addTask(small(changes), { query: `?form=form-${forms}` });
    assert.equal(answer.status, 201, answer.text);
    return (await server.get(new URL(answer.headers.location, server.url).pathname)).json;
  }

  test('it asks for what the form needs, and for nothing else', async () => {
    const fields = [{ name: 'carrier', type: 'text', label: 'Carrier' }];
    const document = { needToClose: ['result', 'cause', 'carrier'], fields };
    const record = await byForm(document, { todoType: 'TASK', cause: undefined });
    await openRecord(page, record);
    await page.getByRole('button', { name: 'Done…' }).click();
    const panel = page.getByRole('dialog');
    await panel.getByText('The form asks for this:').waitFor();
    await panel.getByRole('button', { name: 'Close it' }).click();
    await panel.getByRole('alert').getByText('Fill in Result first.').waitFor();
    await panel.getByRole('textbox', { name: 'Result' }).fill('Paid');
    await panel.getByRole('textbox', { name: 'Cause' }).fill('Haste');
    await panel.getByRole('textbox', { name: 'Carrier' }).fill('X');
    await panel.getByRole('textbox', { name: 'Carrier' }).press('Enter');
    const now = await stored(server, record, { status: 'Done', result: 'Paid', cause: 'Haste' });
    assert.equal(now.extra.carrier, 'X');
    await panel.waitFor({ state: 'detached' });
    await page.locator('.toast').getByText(`${record.key} is closed`).waitFor();
    assert.notEqual(now.dueDate, null, 'the day on which it was closed');
    await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
    const { status, result, dueDate } = record;
    assert.equal(dueDate, null);
    const again = await stored(server, record, { status, result, dueDate, cause: null });
    assert.equal(again.extra.carrier, undefined);
  });

  test('what a form has come to ask for since is asked for, too', async () => {
    const record = await create(server, { todoType: 'TASK' });
    await openRecord(page, record);
    await page.route('**/tasks/*', (route) => {
      if (route.request().method() !== 'PATCH') return route.continue();
      return route.fulfill({ status: 422, contentType: 'application/problem+json', json: { type: 'about:blank',
        title: 'Unprocessable Content', status: 422, detail: 'One thing.',
        errors: [{ pointer: '/cause', code: 'required', detail: 'cause is required to close this record.' }] } });
    });
    await page.getByRole('button', { name: 'Done…' }).click();
    await page.getByRole('button', { name: 'Close it' }).click();
    await page.getByRole('dialog').getByText('cause is required to close this record.').waitFor();
    await page.getByRole('dialog').getByRole('textbox', { name: 'Cause' }).waitFor();
  });

  test('a part of it that is still open is named, and does not forbid it', async () => {
    const record = await create(server);
    await change(server, await create(server), { parent: record.key });
    await openRecord(page, record);
    await page.getByRole('heading', { name: 'Tasks made from it' }).waitFor();
    await page.getByRole('button', { name: 'Done…' }).click();
    await page.getByText('One record that is part of it is still open.').waitFor();
    await page.getByRole('button', { name: 'Close it' }).click();
    await stored(server, record, { status: 'Done' });
  });

  for (const [changed, typed, kept] of [
    ['the result', 'Mine', { result: 'Theirs', title: 'By a form' }],
    ['something else', '', { title: 'Theirs' }],
  ])
    test(`what somebody else has changed unseen is not proposed, nor replaced: ${changed}`, async () => {
      const record = await byForm({ confirmClose: 'always' }, { todoType: 'TASK', title: 'By a form' });
      const mine = await openAs(browser, server, MEMBER);
      await mine.route('**/changes*', (route) => route.abort());
      await openRecord(mine, record);
      await mine.getByRole('button', { name: 'Done…' }).click();
      await mine.getByRole('textbox', { name: 'Result' }).fill(typed);
      await change(server, record, kept);
      await mine.getByRole('button', { name: 'Propose closing' }).click();
      await mine.getByRole('alert').waitFor();
      await stored(server, record, { ...kept, awaits: null });
      /* Now it has been seen. */
      await mine.getByRole('button', { name: 'Propose closing' }).click();
      await until(async () => (await readBack(server, record)).awaits?.by === MEMBER, 'the proposal');
      await stored(server, record, { ...kept, ...(typed !== '' && { result: typed }) });
      await mine.context().close();
    });

  test('a second person: proposed, returned, proposed again, accepted', async () => {
    const record = await byForm({ confirmClose: 'always' }, { todoType: 'TASK', assignee: OTHER });
    const checker = await openAs(browser, server, MANAGER);
    const assignee = await openAs(browser, server, OTHER);
    for (const one of [page, checker, assignee]) await openRecord(one, record);
    await page.getByRole('button', { name: 'Done…' }).click();
    await page.getByRole('heading', { name: 'Propose to close this record' }).waitFor();
    await page.getByRole('textbox', { name: 'Result' }).fill('Paid');
    await page.getByRole('textbox', { name: /^Note for the second person/ }).fill('See the receipt');
    await page.getByRole('button', { name: 'Propose closing' }).click();
    await stored(server, record, { result: 'Paid', open: true });
    await page.getByText('A second person has to confirm it').waitFor();
    await assignee.getByText('A second person has to confirm it').waitFor();
    for (const one of [page, assignee]) {
      assert.equal(await one.getByRole('button', { name: /^(Confirm closing|Send back…|Done…)$/ }).count(), 0);
    }
    await checker.getByText('Check it, then confirm it or send it back.').waitFor();
    await checker.getByText('See the receipt').waitFor();
    await checker.getByRole('button', { name: 'Send back…' }).click();
    await checker.getByLabel('Note (optional)').fill('Of another order');
    await checker.getByRole('dialog').getByRole('button', { name: 'Send back' }).click();
    await stored(server, record, { awaits: null, open: true });
    await page.getByText('Of another order').waitFor();
    const said = page.locator('.change-what');
    assert.deepEqual((await said.allTextContents()).slice(0, 2),
      ['sent this back: it is not done', 'proposed to close this']);
    await page.getByRole('button', { name: 'Done…' }).click();
    await page.getByRole('button', { name: 'Propose closing' }).click();
    await checker.getByRole('button', { name: 'Confirm closing' }).click();
    await stored(server, record, { status: 'Done', closedBy: MANAGER });
    await page.locator('.record-head').getByText('Done').waitFor();
    for (const one of [checker, assignee]) {
      assert.deepEqual(one.noted, []);
      await one.context().close();
    }
  });
});

describe('what the inbox offers too', () => {
  const original = (title) => create(server, { title, todoType: 'TASK' });
  const duplicateOf = async (on, other) => {
    await on.getByRole('dialog').getByRole('combobox').fill(other.key);
    await on.getByRole('option', { name: other.title }).click();
  };

  test('the keys mean the same: take, assign, close, a duplicate, not an incident', async () => {
    const record = await create(server, { assignee: OTHER, todoType: 'INCIDENT', status: 'To do' });
    await openRecord(page, record);
    await page.keyboard.press('a');
    await stored(server, record, { assignee: MEMBER, status: 'In Progress' });
    await page.getByRole('button', { name: 'Take' }).waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.getByRole('option', { name: OTHER }).waitFor();
    await page.keyboard.press('Escape');
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('f');
    await page.getByRole('dialog', { name: 'Close this record' }).waitFor();
    await page.keyboard.press('Escape');
    // It needs nothing from the person who has given it to himself, so that there is nothing to put off.
    await page.locator('.record-actions').getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Print' }).waitFor();
    assert.equal(await page.getByRole('menuitem', { name: /^Snooze/ }).count(), 0);
    await page.keyboard.press('Escape');
    await page.keyboard.press('x');
    await page.getByLabel('Reason').fill('As agreed');
    await page.keyboard.press('Control+Enter');
    await stored(server, record, { status: 'Done', result: 'As agreed' });
    await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
    await stored(server, record, { open: true, result: record.result });
    await page.getByRole('button', { name: 'Done…' }).waitFor();
    const other = await original('The one that stays');
    await page.keyboard.press('d');
    await duplicateOf(page, other);
    await stored(server, record, { status: 'Done' });
    await page.locator('.toast').getByText(`${record.key} is a duplicate of ${other.key}`).waitFor();
    assert.deepEqual(page.noted, []);
  });

  test('the menu has them by name, with their keys', async () => {
    const record = await create(server, { todoType: 'INCIDENT' });
    await openRecord(page, record);
    await page.locator('.record-actions').getByRole('button', { name: 'More' }).click();
    const item = page.getByRole('menuitem', { name: 'A duplicate of another record' });
    assert.equal(await item.locator('kbd').textContent(), 'd');
    await item.click();
    await page.getByRole('dialog', { name: 'Of which record is it a duplicate?' }).waitFor();
  });

  test('a proposal is withdrawn by the person who made it, and the history says so', async () => {
    await server.send(MANAGER, 'PUT', `${API}/workspaces/${WORKSPACE}/forms/two`, { confirmClose: 'always' });
    const answer = await server.addTask(small({ todoType: 'TASK', assignee: OTHER }), { query: '?form=two' });
    const record = (await server.get(new URL(answer.headers.location, server.url).pathname)).json;
    await openRecord(page, record);
    const other = await original('What was reported first');
    await page.keyboard.press('d');
    await duplicateOf(page, other);
    await page.locator('.toast').getByText(`${record.key}: a second person must confirm that it is closed`).waitFor();
    await stored(server, record, { open: true, result: `Duplicate of ${other.key}` });
    assert.equal((await readBack(server, record)).awaits.by, MEMBER);
    await page.locator('.related-list').getByRole('link', { name: other.title }).waitFor();
    assert.equal(await page.locator('.record-actions .primary').count(), 0, 'who has proposed it waits');
    await page.getByRole('button', { name: 'Withdraw the proposal' }).click();
    await stored(server, record, { awaits: null, open: true });
    await page.getByText('withdrew the proposal to close this').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Withdraw the proposal' }).count(), 0);
    assert.deepEqual(page.noted, []);
  });
});

describe('related records', () => {
  test('linked by hand, by keyboard, and unlinked; the same order by itself', async () => {
    const record = await create(server, { orderID: 'REL-1' });
    const other = await create(server, { orderID: 'REL-2', title: 'The other' });
    const same = await create(server, { orderID: 'REL-1', title: 'Of the same order' });
    await openRecord(page, record);
    const list = page.locator('.related-list');
    await list.getByRole('link', { name: same.title }).waitFor();
    await list.getByText('same order: REL-1').waitFor();
    await page.getByRole('button', { name: 'Link a record' }).click();
    await page.getByRole('combobox', { name: 'Other record' }).pressSequentially(other.key.slice(-8));
    await page.getByRole('combobox', { name: 'Other record' }).fill(other.key);
    await page.getByRole('option', { name: other.title }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await list.getByRole('link', { name: 'The other' }).waitFor();
    await list.getByText('relates to').waitFor();
    await page.getByRole('button', { name: `Remove the link to ${other.key}` }).click();
    await list.getByRole('link', { name: 'The other' }).waitFor({ state: 'detached' });
    assert.equal((await server.get(`${pathOf(other)}/related`)).json.items.length, 0);
  });

  test('a duplicate is closed, after saying so; it is open again with all as it was before', async () => {
    const [record, other] = [await create(server, { orderID: 'DUP-1' }), await create(server, { orderID: 'DUP-2' })];
    await openRecord(page, record);
    await page.keyboard.press('d');
    const says = `${record.key} will be closed as a duplicate; its tags go to the record that you choose.`;
    await page.getByText(says).waitFor();
    await page.getByRole('dialog').getByRole('combobox').fill(other.key);
    await page.getByRole('option', { name: other.key }).click();
    await stored(server, record, { status: 'Done' });
    assert.ok((await readBack(server, other)).tags.includes('DUP-1'));
    await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
    const { status, result, dueDate } = record;
    await stored(server, record, { status, result, dueDate });
    await stored(server, other, { tags: other.tags });
    await page.locator('.toast').getByText(/^Undone: /).waitFor();
    const { items } = (await server.get(`${pathOf(record)}/related`)).json;
    assert.deepEqual(items.filter(({ why }) => why.some(({ kind }) => kind === 'duplicates')), []);
    assert.deepEqual(page.noted, []);
  });

  test('a task is made from it: the same order, below this record', async () => {
    const record = await create(server, { orderID: 'TASK-1' });
    await openRecord(page, record);
    await page.getByRole('button', { name: 'New task from it' }).click();
    await page.keyboard.type('Call the customs office');
    await page.keyboard.press('Enter');
    await page.locator('.tasks-from').getByRole('link', { name: 'Call the customs office' }).waitFor();
    const [task] = (await server.get(`${API}/tasks?parent=${record.key}`)).json.items;
    assert.deepEqual([task.title, task.todoType, task.status, task.orderID, task.reporter],
      ['Call the customs office', 'TASK', 'To do', ['TASK-1'], MEMBER]);
  });

  test('where the form asks a task for more, the full form has what was typed, and makes it a part', async () => {
    const workspace = 'EXA-CON-BUS-PRT';
    assert.equal((await server.send(MANAGER, 'POST', `${API}/workspaces`, { key: workspace })).status, 201);
    const record = await create(server, { domainWorkSpace: workspace, orderID: 'TASK-2' });
    const strict = { name: 'strict', default: true,
      fields: [{ name: 'carrier', type: 'text', label: 'Carrier', required: true }] };
    assert.equal((await server.send(MANAGER, 'POST', `${API}/workspaces/${workspace}/forms`, strict)).status, 201);
    await openRecord(page, record);
    await page.getByRole('button', { name: 'New task from it' }).click();
    await page.keyboard.type('Call the carrier');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Carrier is required').first().waitFor();
    assert.equal(await page.getByLabel('Title').inputValue(), 'Call the carrier');
    await page.reload();
    await page.getByLabel('Carrier').fill('By road');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { level: 1, name: 'Call the carrier' }).waitFor();
    const [task] = (await server.get(`${API}/tasks?parent=${record.key}`)).json.items;
    assert.deepEqual([task.title, task.todoType, task.orderID, task.extra.carrier],
      ['Call the carrier', 'TASK', ['TASK-2'], 'By road']);
    await openRecord(page, record);
    assert.equal(await page.getByLabel('What is to be done?').count(), 0, 'the draft is gone');
  });

  test('a title that is too long is not cut in silence', async () => {
    const record = await create(server);
    await openRecord(page, record);
    await edit(page, 'Title');
    await page.getByRole('textbox', { name: 'Title' }).fill('W'.repeat(256));
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText(/at most 255/).waitFor();
    assert.equal((await page.getByRole('textbox', { name: 'Title' }).inputValue()).length, 256);
  });

  test('followers are added and removed', async () => {
    const record = await create(server);
    await openRecord(page, record);
    await page.getByRole('button', { name: 'Add somebody' }).click();
    await page.getByRole('option', { name: OTHER }).click();
    await stored(server, record, { followers: [OTHER] });
    await page.getByRole('button', { name: `Remove ${OTHER}` }).click();
    await stored(server, record, { followers: [] });
  });
});

describe('its past', () => {
  test('it is shown as it was after an entry, to be read only', async () => {
    const record = await create(server, { priority: 'High' });
    const [{ seq }] = (await server.get(`${pathOf(record)}/events`)).json.items;
    await change(server, record, { priority: 'Low', title: 'Later' });
    await openRecord(page, record);
    await page.locator('.entry-created .proof summary').click();
    await page.getByRole('link', { name: 'As it was then' }).click();
    await page.waitForURL(new RegExp(`\\?at=${seq}$`));
    await page.getByText(`As it was after entry ${seq} of the history.`).waitFor();
    await page.getByRole('heading', { level: 1, name: record.title }).waitFor();
    await field(page, 'priority').getByText('High').waitFor();
    assert.equal(await page.locator('.edit-here, .composer').count(), 0);
    await page.getByRole('link', { name: 'Show it as it is now' }).click();
    await page.getByRole('heading', { level: 1, name: 'Later' }).waitFor();
    await page.goto(`${record.taskLink}?at=1`);
    await page.getByText('It did not exist yet.').waitFor();
  });
});

test('on paper: texts, comments and what the files hash to, and no buttons', async () => {
  const record = await create(server, { description: 'The text' });
  await comment(record, 'The comment');
  const made = await server.requestAs(MEMBER, 'POST', `${pathOf(record)}/attachments?name=a.txt`, { body: 'a' });
  await openRecord(page, record);
  await page.getByRole('link', { name: 'a.txt' }).waitFor();
  await page.emulateMedia({ media: 'print' });
  for (const text of ['The text', 'The comment', made.json.sha256]) {
    assert.ok(await page.getByText(text).first().isVisible(), text);
  }
  assert.equal(await page.locator(':is(button, textarea):visible').count(), 0);
  await page.emulateMedia({ media: null });
  await page.evaluate(() => {
    window.print = () => {
      window.printed = document.querySelectorAll('.entry').length;
    };
  });
  for (let i = 0; i < 60; i += 1) await change(server, record, { LRN: `L${i}` });
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Print' }).click();
  await page.waitForFunction(() => window.printed >= 63, null, {});
});

test('the evidence is downloaded by a link', async () => {
  const record = await create(server);
  await openRecord(page, record);
  await page.getByRole('button', { name: 'More' }).click();
  const link = page.getByRole('menuitem', { name: 'Download the evidence' });
  const [saved] = await Promise.all([page.waitForEvent('download'), link.click()]);
  assert.equal(saved.suggestedFilename(), `${record.key}-evidence.zip`);
});

test('hostile texts stay texts: in comments, names of files, values, history and links', async () => {
  const script = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>';
  const record = await create(server, { title: script, orderID: `${script.slice(0, 60)}1`, category: [script],
    colour: script, description: script });
  const other = await create(server, { title: script, orderID: `${script.slice(0, 60)}1` });
  await comment(record, `${script} [x](javascript:window.pwned=1) @${script}@x.example ${'W'.repeat(300)}`);
  const name = encodeURIComponent('a<b>"c\u202egnp.exe');
  await server.requestAs(MEMBER, 'POST', `${pathOf(record)}/attachments?name=${name}`,
    { body: 'x' });
  await change(server, record,
    { title: `${script}2`, description: `${script}\n\n2`, cause: script, LRN: script.slice(0, 40) });
  const narrow = await openAs(browser, server, MEMBER, { width: 360 });
  await openRecord(narrow, record);
  await narrow.locator('.related-list').getByRole('link', { name: other.title }).waitFor();
  await narrow.locator('.file-words').waitFor();
  await narrow.locator('.comment .prose p').first().waitFor();
  for (const summary of await narrow.locator('main summary').all()) await summary.click();
  assert.equal(await narrow.locator('main :is(script, img, iframe, object)').count(), 0);
  assert.equal(await narrow.locator('main [onerror], main [onclick], main [style]').count(), 0);
  assert.equal(await narrow.evaluate(() => window.pwned), undefined);
  assert.equal(await scrollsSideways(narrow), false);
  await edit(narrow, 'Description');
  await narrow.getByRole('button', { name: 'Preview' }).first().click();
  await narrow.locator('.text-preview .prose').waitFor();
  assert.equal(await narrow.evaluate(() => window.pwned), undefined);
  assert.deepEqual(narrow.noted, []);
  await narrow.context().close();
});
