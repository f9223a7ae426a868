/*
 * Several people on one record: what they change at once is merged or both is shown, what somebody is
 * writing stays as it is, and drafts survive.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../lib/program.mjs';
import { startServer, WORKSPACE } from '../lib/server.mjs';
import { openBrowser, signIn } from './browser.mjs';
import {
  change, create, edit, field, MANAGER, MEMBER, openAs, openRecord, OTHER, PEOPLE, readBack, stored, VIEWER,
} from './people.mjs';

let server;
let browser;

before(async () => {
  server = await startServer({ workspaces: [WORKSPACE], users: PEOPLE });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A page of each that does not hear of what the other does. */
async function two(record) {
  const pages = await Promise.all([MEMBER, OTHER].map((email) => openAs(browser, server, email)));
  for (const page of pages) {
    await page.route('**/changes*', (route) => route.abort());
    await openRecord(page, record);
  }
  return pages;
}

async function end(...pages) {
  for (const page of pages) {
    assert.deepEqual(page.noted, []);
    await page.context().close();
  }
}

const area = (page, label) => page.getByRole('textbox', { name: label, exact: true });

describe('two people change one record at once', () => {
  test('different fields: both are there', async () => {
    const record = await create(server);
    const [mine, theirs] = await two(record);
    await edit(mine, 'Description');
    await area(mine, 'Description').fill('Mine');
    await edit(theirs, 'LRN');
    await area(theirs, 'LRN').fill('L-1');
    await theirs.keyboard.press('Enter');
    await stored(server, record, { LRN: 'L-1' });
    await mine.keyboard.press('Control+Enter');
    await stored(server, record, { description: 'Mine', LRN: 'L-1' });
    await field(mine, 'LRN').getByText('L-1').waitFor();
    assert.equal(await mine.locator('.conflict').count(), 0);
    await end(mine, theirs);
  });

  for (const [choice, expected] of [['Keep mine', 'One\nMine\nThree'], ['Take theirs', 'One\nTheirs\nThree']])
    test(`the same text: both are shown with what was there, and nothing is lost: ${choice}`, async () => {
      const record = await create(server, { description: 'One\nTwo\nThree' });
      const [mine, theirs] = await two(record);
      await edit(mine, 'Description');
      await area(mine, 'Description').fill('One\nMine\nThree');
      await change(server, record, { description: 'One\nTheirs\nThree' });
      await mine.keyboard.press('Control+Enter');
      const conflict = mine.locator('.conflict');
      await conflict.waitFor();
      await conflict.getByText(OTHER).waitFor();
      const sides = await conflict.locator('.sides > div').evaluateAll((all) =>
        all.map((side) => [...side.querySelectorAll('dd p')].map((line) => `${line.className}|${line.textContent}`)));
      const both = (text) => ['|One', 'removed|Removed: Two', `added|Added: ${text}`, '|Three'];
      assert.deepEqual(sides, [both('Mine'), both('Theirs'), ['|One', '|Two', '|Three']]);
      assert.equal((await readBack(server, record)).description, 'One\nTheirs\nThree', 'nothing is overwritten');
      await conflict.getByRole('button', { name: choice }).click();
      await conflict.waitFor({ state: 'detached' });
      await stored(server, record, { description: expected });
      await field(mine, 'description').getByText(expected.split('\n')[1]).waitFor();
      await end(mine, theirs);
    });

  test('the same text: mine is edited on, and then saved over what was seen', async () => {
    const record = await create(server, { description: 'One' });
    const [mine, theirs] = await two(record);
    await edit(mine, 'Description');
    await area(mine, 'Description').fill('Mine');
    await change(server, record, { description: 'Theirs' });
    await mine.keyboard.press('Control+Enter');
    await mine.getByRole('button', { name: 'Edit mine' }).click();
    assert.equal(await area(mine, 'Description').inputValue(), 'Mine');
    await area(mine, 'Description').fill('Mine and theirs');
    await mine.keyboard.press('Control+Enter');
    await stored(server, record, { description: 'Mine and theirs' });
    await end(mine, theirs);
  });

  test('the same choice: both are shown', async () => {
    const record = await create(server, { priority: 'High' });
    const [mine, theirs] = await two(record);
    await change(server, record, { priority: 'Low' });
    await edit(mine, 'Priority');
    await mine.getByRole('option', { name: 'Medium' }).click();
    const conflict = mine.locator('.conflict');
    await conflict.waitFor();
    assert.match(await conflict.textContent(), /YoursMedium.*TheirsOther|YoursMedium.*Low.*BeforeHigh/);
    await conflict.getByRole('button', { name: 'Keep mine' }).click();
    await stored(server, record, { priority: 'Medium' });
    await end(mine, theirs);
  });

  test('followers: who is added and who is removed by both', async () => {
    const record = await create(server);
    await change(server, record, { followers: [VIEWER] });
    const [mine, theirs] = await two(record);
    const follow = (...all) => until(async () =>
      (await readBack(server, record)).followers.sort().join() === all.sort().join(), `${all} to follow it`);
    await change(server, record, { followers: [VIEWER, MANAGER] });
    await mine.getByRole('button', { name: 'Add somebody' }).click();
    await mine.getByRole('option', { name: OTHER }).click();
    await follow(VIEWER, MANAGER, OTHER);
    await theirs.getByRole('button', { name: `Remove ${VIEWER}` }).click();
    await follow(MANAGER, OTHER);
    await end(mine, theirs);
  });

  test('the same change by both is not a conflict', async () => {
    const record = await create(server, { priority: 'High' });
    const [mine, theirs] = await two(record);
    await change(server, record, { priority: 'Low' });
    await edit(mine, 'Priority');
    await mine.getByRole('option', { name: 'Low' }).click();
    await field(mine, 'priority').getByText('Low').waitFor();
    await mine.locator('.timeline').getByText('High').first().waitFor();
    assert.equal(await mine.locator('.conflict').count(), 0);
    await end(mine, theirs);
  });

  test('an editor that is open when the news comes is not overwritten, and does not overwrite', async () => {
    const record = await create(server, { description: 'One' });
    const mine = await openAs(browser, server, MEMBER);
    await openRecord(mine, record);
    await edit(mine, 'Description');
    await area(mine, 'Description').fill('Mine');
    await change(server, record, { description: 'Theirs' });
    await mine.getByText('Somebody has changed this field since you opened it.').waitFor();
    assert.equal(await area(mine, 'Description').inputValue(), 'Mine');
    await mine.keyboard.press('Control+Enter');
    await mine.locator('.conflict').waitFor();
    assert.equal((await readBack(server, record)).description, 'Theirs');
    await end(mine);
  });
});

test('a result that is typed to close a record does not replace unseen one that came in that time', async () => {
  const record = await create(server, { todoType: 'TASK' });
  const mine = await openAs(browser, server, MEMBER);
  await openRecord(mine, record);
  await mine.getByRole('button', { name: 'Done…' }).click();
  const panel = mine.getByRole('dialog');
  await panel.getByRole('textbox', { name: 'Result' }).fill('Mine');
  await change(server, record, { result: 'Theirs', title: 'And changed' });
  await mine.getByRole('heading', { level: 1, name: 'And changed' }).waitFor();
  await panel.getByRole('button', { name: 'Close it' }).click();
  await panel.getByRole('alert').waitFor();
  await stored(server, record, { result: 'Theirs', status: record.status });
  await panel.getByRole('button', { name: 'Close it' }).click();
  await stored(server, record, { result: 'Mine', status: 'Done' });
  await end(mine);
});

test('a half-written comment stays as it is while somebody changes every other field', async () => {
  const record = await create(server, { todoType: 'TASK' });
  const mine = await openAs(browser, server, MEMBER);
  await openRecord(mine, record);
  const comment = area(mine, 'Write a comment');
  await comment.fill('Half a thou');
  await edit(mine, 'Cause').catch(() => {});
  await comment.focus();
  const everything = {
    title: 'New title', description: 'New description', result: 'New result', cause: 'New cause', status: 'To do',
    priority: 'Low', assignee: OTHER, reporter: OTHER, category: ['New'], subCategory: ['Newer'], orderID: ['N 1'],
    LRN: 'N2', tags: ['n3'], dueDate: '2032-01-01', reminderDate: '2031-12-01', followers: [OTHER], vessel: 'N4',
  };
  for (const [name, value] of Object.entries(everything)) await change(server, record, { [name]: value });
  await mine.getByRole('heading', { level: 1, name: 'New title' }).waitFor();
  await field(mine, 'reminderDate').getByText('1 Dec 2031').waitFor();
  await mine.getByText('N4').first().waitFor();
  assert.equal(await comment.inputValue(), 'Half a thou');
  assert.ok(await comment.evaluate((one) => document.activeElement === one), 'the focus stays as well');
  await mine.keyboard.type('ght');
  await mine.keyboard.press('Control+Enter');
  await mine.locator('.comment').getByText('Half a thought').waitFor();
  await end(mine);
});

test('a save that takes long saves to its own record, whatever is opened in between', async () => {
  const [first, second] = [await create(server), await create(server)];
  const mine = await openAs(browser, server, MEMBER);
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  await mine.route(`**/tasks/${first.key}`, async (route) => {
    if (route.request().method() === 'PATCH') await held;
    await route.continue();
  });
  await openRecord(mine, first);
  await edit(mine, 'Description');
  await area(mine, 'Description').fill('For the first');
  await mine.keyboard.press('Control+Enter');
  await mine.evaluate((hash) => {
    location.hash = hash;
  }, new URL(second.taskLink).hash);
  await mine.locator('.record-key').getByText(second.key).waitFor();
  await edit(mine, 'Description');
  await area(mine, 'Description').fill('For the second');
  release();
  await stored(server, first, { description: 'For the first' });
  assert.equal(await area(mine, 'Description').inputValue(), 'For the second');
  await mine.keyboard.press('Control+Enter');
  await stored(server, second, { description: 'For the second' });
  assert.equal((await readBack(server, first)).description, 'For the first');
  await end(mine);
});

describe('drafts', () => {
  /** The draft of a field is in the browser's storage. */
  const kept = (page, text) => page.waitForFunction((words) =>
    Object.values({ ...localStorage }).some((one) => one.includes(words)), text);

  test('survive a reload, and say since when', async () => {
    const record = await create(server);
    const mine = await openAs(browser, server, MEMBER);
    await openRecord(mine, record);
    await edit(mine, 'Description');
    await area(mine, 'Description').fill('Half a description');
    await area(mine, 'Write a comment').fill('Half a comment');
    await kept(mine, 'Half a comment');
    await mine.reload();
    await mine.locator('.timeline').waitFor();
    assert.equal(await area(mine, 'Description').inputValue(), 'Half a description');
    assert.equal(await area(mine, 'Write a comment').inputValue(), 'Half a comment');
    assert.equal(await mine.getByText(/^Draft of \d\d:\d\d/).count(), 2);
    await field(mine, 'description').getByRole('button', { name: 'Discard' }).click();
    await area(mine, 'Description').waitFor({ state: 'detached' });
    await mine.reload();
    await mine.locator('.timeline').waitFor();
    assert.equal(await area(mine, 'Description').count(), 0);
    assert.equal(await area(mine, 'Write a comment').inputValue(), 'Half a comment');
    await end(mine);
  });

  test('survive a session that ends, and are each person’s own', async () => {
    const record = await create(server);
    const mine = await openAs(browser, server, MEMBER);
    await openRecord(mine, record);
    await area(mine, 'Write a comment').fill('Mine alone');
    await kept(mine, 'Mine alone');
    await mine.context().clearCookies();
    await mine.reload();
    await signIn(mine, PEOPLE[1]);
    await mine.locator('.timeline').waitFor();
    assert.equal(await area(mine, 'Write a comment').inputValue(), '', 'another person has other drafts');
    await mine.context().clearCookies();
    await mine.reload();
    await signIn(mine, PEOPLE[0]);
    await mine.locator('.timeline').waitFor();
    assert.equal(await area(mine, 'Write a comment').inputValue(), 'Mine alone');
    await end(mine);
  });

  describe('in several tabs', () => {
    const comment = (page) => area(page, 'Write a comment');
    const typed = (page) => comment(page).inputValue();
    async function again(page) {
      await page.reload();
      await page.locator('.timeline').waitFor();
    }
    /** Another tab of the same browser. */
    async function beside(mine, record) {
      const tab = await mine.context().newPage();
      await openRecord(tab, record);
      return tab;
    }

    test('each keeps its own text, and sending one leaves the other', async () => {
      const record = await create(server);
      const mine = await openAs(browser, server, MEMBER);
      await openRecord(mine, record);
      const tab = await beside(mine, record);
      await comment(mine).fill('In the first tab');
      await kept(mine, 'In the first tab');
      await comment(tab).fill('In the second tab');
      await kept(tab, 'In the second tab');
      for (const [page, text] of [[mine, 'In the first tab'], [tab, 'In the second tab']]) {
        await again(page);
        assert.equal(await typed(page), text);
      }
      await tab.getByRole('button', { name: 'Comment', exact: true }).click();
      await tab.locator('.comment').getByText('In the second tab').waitFor();
      await again(tab);
      assert.equal(await typed(mine), 'In the first tab');
      await again(mine);
      assert.equal(await typed(mine), 'In the first tab');
      await end(mine);
    });

    test('a text continues in another tab when its own is gone, and a tab that is there keeps it', async () => {
      const record = await create(server);
      const mine = await openAs(browser, server, MEMBER);
      await openRecord(mine, record);
      await comment(mine).fill('Begun');
      await kept(mine, 'Begun');
      const tab = await beside(mine, record);
      assert.equal(await typed(tab), 'Begun');
      await comment(tab).fill('Begun, and something else');
      await kept(tab, 'Begun, and something else');
      await again(mine);
      assert.equal(await typed(mine), 'Begun');
      await tab.close();
      await mine.getByRole('button', { name: 'Discard' }).click();
      await again(mine);
      assert.equal(await typed(mine), 'Begun, and something else');
      await end(mine);
    });

    test('a copy of a tab has a text of its own', async () => {
      const record = await create(server);
      const mine = await openAs(browser, server, MEMBER);
      await openRecord(mine, record);
      await again(mine);
      await comment(mine).fill('In the first tab');
      await kept(mine, 'In the first tab');
      // It begins with what the session of its first page holds, as a copy does.
      const [copy] = await Promise.all([mine.waitForEvent('popup'), mine.evaluate(() => void open(location.href))]);
      await copy.locator('.timeline').waitFor();
      await comment(copy).fill('In its copy');
      await kept(copy, 'In its copy');
      await again(mine);
      assert.equal(await typed(mine), 'In the first tab');
      await end(mine);
    });
  });

  test('Escape closes a long text and keeps what was typed', async () => {
    const record = await create(server);
    const mine = await openAs(browser, server, MEMBER);
    await openRecord(mine, record);
    await edit(mine, 'Description');
    await area(mine, 'Description').fill('Begun');
    await mine.keyboard.press('Escape');
    await area(mine, 'Description').waitFor({ state: 'detached' });
    await edit(mine, 'Description');
    assert.equal(await area(mine, 'Description').inputValue(), 'Begun');
    await end(mine);
  });

  test('are compared with what was there when they were begun', async () => {
    const record = await create(server, { description: 'One' });
    const mine = await openAs(browser, server, MEMBER);
    await openRecord(mine, record);
    await edit(mine, 'Description');
    await area(mine, 'Description').fill('Mine');
    await kept(mine, 'Mine');
    await mine.goto('about:blank');
    await change(server, record, { description: 'Theirs' });
    await openRecord(mine, record);
    assert.equal(await area(mine, 'Description').inputValue(), 'Mine');
    await area(mine, 'Description').press('Control+Enter');
    await mine.locator('.conflict').waitFor();
    assert.equal((await readBack(server, record)).description, 'Theirs');
    await end(mine);
  });
});

test('without a network a change stays typed, and can be sent again', async () => {
  const record = await create(server);
  const mine = await openAs(browser, server, MEMBER);
  await openRecord(mine, record);
  await edit(mine, 'Description');
  await area(mine, 'Description').fill('In the tunnel');
  await mine.context().setOffline(true);
  await mine.keyboard.press('Control+Enter');
  await field(mine, 'description').getByRole('alert').getByText('The server did not answer.').waitFor();
  assert.equal(await area(mine, 'Description').inputValue(), 'In the tunnel');
  await mine.context().setOffline(false);
  await mine.keyboard.press('Control+Enter');
  await stored(server, record, { description: 'In the tunnel' });
  await end(mine);
});
