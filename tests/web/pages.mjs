/*
 * Every page of the app in every state that looks different, and the records that they show. With
 * BZCTRL_SCREENSHOTS=DIR each is also kept as a picture there.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { SAMPLE, small, startServer } from '../lib/server.mjs';
import { leave, signInBehind } from './browser.mjs';

const pictures = process.env.BZCTRL_SCREENSHOTS;
if (pictures) mkdirSync(pictures, { recursive: true });

export const pages = {
  'sign-in': { hash: '#/todo/EXA-CON-BUS-WOR-01', as: null, ready: '#password' },
  'sign-in refused': {
    hash: '',
    as: null,
    ready: '#password',
    async then(page) {
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.locator('.fault').waitFor();
    },
  },
  'new password': { hash: '#/reset/bzpr_unknown', as: null, ready: '#password' },
  'new password refused': {
    hash: '#/reset/bzpr_unknown',
    as: null,
    ready: '#password',
    async then(page) {
      await page.getByLabel('New password').fill('short');
      await page.keyboard.press('Enter');
      await page.locator('.fault').waitFor();
    },
  },
  'new password by an old link': {
    hash: '#/reset/bzpr_unknown',
    as: null,
    ready: '#password',
    async then(page) {
      await page.getByLabel('New password').fill('a long enough one');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'This link is no longer valid' }).waitFor();
    },
  },
  list: { hash: '#/todo', ready: 'table.tasks[aria-busy=false]' },
  'list with filters': {
    hash: '#/todo?status=In+Progress&tag=ORDER+777&in=EXA-CON-BUS-WOR',
    ready: 'table.tasks[aria-busy=false]',
    async then(page) {
      const unfold = page.locator('.filters-toggle');
      if (await unfold.isVisible()) await unfold.click();
    },
  },
  'no report yet': {
    hash: '#/todo',
    ready: '.command',
    first: (page) => page.route('**/api/v1/tasks?*', (route) => route.fulfill({ json: { items: [], people: {} } })),
  },
  'server away': {
    hash: '#/todo',
    ready: '.failure',
    first: (page) => page.route('**/api/v1/tasks?*', (route) => route.abort()),
  },
  'session ended': {
    hash: '#/todo/EXA-CON-BUS-WOR-01',
    ready: '.sign-in',
    first: (page) => page.route('**/api/v1/tasks/*', (route) => route.fulfill({ status: 401, json: {} })),
  },
  'nothing found': { hash: '#/todo?tag=none', ready: '.notice' },
  record: {
    hash: '#/todo/EXA-CON-BUS-WOR-01',
    ready: '.timeline',
    then: (page) => page.locator('summary').first().click(),
  },
  'task with long words': { hash: '#/todo/EXA-CON-BUS-WOR-02', ready: '.timeline' },
  'unknown record': { hash: '#/todo/EXA-CON-BUS-WOR-4711', ready: '.notice' },
  nowhere: { hash: '#/nowhere', ready: '.notice' },
  help: {
    hash: '#/todo',
    ready: 'table.tasks[aria-busy=false]',
    then: (page) => page.keyboard.press('?'),
  },
};

pages.scope = {
  hash: '#/todo?in=EXA-CON-BUS-WOR',
  ready: 'table.tasks[aria-busy=false]',
  async then(page) {
    await page.getByRole('button', { name: 'Scope' }).click();
    await page.getByRole('option', { name: 'EXA-CON-BUS-WOR' }).waitFor();
  },
};
pages.account = {
  hash: '#/todo',
  ready: 'table.tasks[aria-busy=false]',
  then: (page) => page.getByRole('button', { name: /^Account/ }).click(),
};
pages.palette = {
  hash: '#/todo',
  ready: 'table.tasks[aria-busy=false]',
  async then(page) {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('customs');
    await page.getByRole('option', { name: SAMPLE.title }).waitFor();
  },
};

export async function startWithRecords() {
  const server = await startServer({ args: ['--environment', 'acc'] });
  await server.createAndRead({ ...SAMPLE, dueDate: '2020-01-31', vesselName: 'MSC Example', deep: { a: 1 } });
  await server.createAndRead(small({
    todoType: 'TASK', title: `Long ${'word'.repeat(50)}`,
    description: `\`${'code'.repeat(50)}\`\n\n    ${'pre '.repeat(80)}`,
    orderID: ['T'.repeat(100)], ['k'.repeat(100)]: 'v'.repeat(300),
  }));
  await server.createAndRead(small({ title: 'Done', status: 'Done', priority: 'Medium' }));
  await server.createAndRead(small({ title: 'Expired', status: 'Expired', priority: 'Low' }));
  return server;
}

/** Opens one of the pages, with the app loaded anew, whatever the page showed before. */
export async function show(page, server, name) {
  const { hash, first, ready, then, as } = pages[name];
  await leave(page);
  await page.context().clearCookies();
  if (as !== null) await signInBehind(page, server);
  await first?.(page);
  await page.goto(`/app/${hash}`);
  await page.locator(ready).first().waitFor();
  await then?.(page);
}

export async function keep(page, name) {
  if (!pictures) return;
  const whole = (await page.locator('dialog[open]').count()) === 0;
  await page.screenshot({ path: path.join(pictures, `${name.replaceAll(' ', '-')}.png`), fullPage: whole });
}
