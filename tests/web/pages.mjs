/*
 * Every page of the app in every state that looks different, and the records that they show. With
 * BZCTRL_SCREENSHOTS=DIR each is also kept as a picture there.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { API, EXAMPLE, SAMPLE, small, startServer } from '../lib/server.mjs';
import { leave, signInBehind } from './browser.mjs';

const pictures = process.env.BZCTRL_SCREENSHOTS;
if (pictures) mkdirSync(pictures, { recursive: true });

const resetLink = async (server) => new URL((await server.command(['user', 'reset-link', EXAMPLE.email])).trim()).hash;

/** `hash` may be made when the page is shown. */
export const pages = {
  'sign-in': { hash: '#/todo/EXA-CON-BUS-WOR-01', as: null, ready: '#password' },
  'sign-in refused': {
    hash: '',
    as: null,
    ready: '#password',
    async then(page) {
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.locator('.fault-box').waitFor();
    },
  },
  'new password': { hash: resetLink, as: null, ready: '#password' },
  'new password refused': {
    hash: resetLink,
    as: null,
    ready: '#password',
    async then(page) {
      await page.getByLabel('New password').fill('short');
      await page.keyboard.press('Enter');
      await page.locator('.fault-box').waitFor();
    },
  },
  'new password by an old link': {
    hash: '#/reset/bzpr_unknown',
    as: null,
    ready: 'h1:text("This link is no longer valid")',
  },
  list: { hash: '#/todo', ready: 'table.tasks[aria-busy=false]' },
  'list with a filter being typed': {
    hash: '#/todo?status=In+Progress&category=&in=EXA-CON-BUS-WOR',
    ready: 'table.tasks[aria-busy=false]',
    async then(page) {
      await page.getByRole('combobox', { name: 'Filter' }).press('End');
      await page.keyboard.type(' prio');
      await page.locator('.offers li').first().waitFor();
    },
  },
  'list with a wrong filter': { hash: '#/todo?q=is:open+staus:todo', ready: '.filter-fault' },
  'list in groups': { hash: '#/todo?group=status', ready: '.group-head' },
  'list with every column': {
    hash: '#/todo?cols=key,title,workspace,reporter,source,category,tags,financialImpact,impact,likelihood,closedAt',
    ready: 'table.tasks[aria-busy=false]',
  },
  'how a list is shown': {
    hash: '#/todo',
    ready: 'table.tasks[aria-busy=false]',
    then: (page) => page.getByRole('button', { name: 'Display' }).click(),
  },
  'saved views': {
    hash: '#/todo',
    ready: 'table.tasks[aria-busy=false]',
    then: (page) => page.getByRole('button', { name: 'Views' }).click(),
  },
  preview: {
    hash: '#/todo',
    ready: 'table.tasks[aria-busy=false]',
    async then(page) {
      await page.keyboard.press('j');
      await page.keyboard.press(' ');
      await page.locator('.peek h2').waitFor();
    },
  },
  'many to change': {
    hash: '#/todo',
    ready: 'table.tasks[aria-busy=false]',
    async then(page) {
      await page.getByLabel(/^Select EXA/).first().check();
      await page.getByRole('button', { name: 'Change…' }).click();
      await page.getByLabel('New value').selectOption('Done');
      await page.locator('.bulk-list').waitFor();
    },
  },
  board: { hash: '#/todo?layout=board', ready: '.board-card' },
  calendar: { hash: '#/todo?layout=calendar&at=2020-01', ready: '.month, .day-list' },
  matrix: { hash: '#/todo?layout=matrix', ready: '.levels td a' },
  'new record': {
    hash: '#/new?workspace=EXA-CON-BUS-WOR&type=INCIDENT&title=Seal&check=true',
    ready: '.new-field .fault-text',
  },
  'no report yet': {
    hash: '#/todo',
    ready: '.notice',
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

const record = { hash: '#/todo/EXA-CON-BUS-WOR-01', ready: '.timeline' };
const edit = (page, label) => page.getByRole('button', { name: `Edit ${label}`, exact: true }).click();
pages['record with a choice'] = {
  ...record,
  async then(page) {
    await edit(page, 'Assignee');
    await page.getByRole('option').first().waitFor();
  },
};
pages['record with a due date'] = {
  ...record,
  async then(page) {
    await edit(page, 'Due date');
    await page.getByRole('textbox', { name: 'Due date' }).fill('2031-12-24');
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: /^Why does the due date move/ }).waitFor();
  },
};
pages['record with a mention'] = {
  ...record,
  async then(page) {
    await page.getByRole('textbox', { name: 'Write a comment' }).focus();
    await page.keyboard.type('Please look, @exa');
    await page.getByRole('option').first().waitFor();
  },
};
pages['record with a conflict'] = {
  ...record,
  first: (page) => page.route('**/tasks/*', async (route) => {
    if (route.request().method() !== 'PATCH') return route.continue();
    const answer = await route.fetch({ method: 'GET', postData: null });
    const current = { ...(await answer.json()), description: 'Theirs\n\nand more', version: 99 };
    return route.fulfill({ status: 412, contentType: 'application/problem+json', json: { type: 'about:blank',
      title: 'Precondition Failed', status: 412, detail: 'Changed.', current, changed: ['description'],
      by: SAMPLE.reporter, at: current.updatedAt } });
  }),
  async then(page) {
    await edit(page, 'Description');
    await page.getByRole('textbox', { name: 'Description', exact: true }).fill('Mine');
    await page.keyboard.press('Control+Enter');
    await page.locator('.conflict').waitFor();
  },
};
pages['record that is being closed'] = {
  ...record,
  hash: '#/todo/EXA-CON-BUS-WOR-02',
  then: (page) => page.getByRole('button', { name: 'Done…' }).click(),
};
pages['record with more to do'] = {
  ...record,
  async then(page) {
    await page.getByRole('button', { name: 'Link a record' }).click();
    await page.getByRole('combobox', { name: 'Other record' }).fill('Done');
    await page.locator('.suggestions [role=option]').first().waitFor();
  },
};
pages['record of the past'] = {
  ...record,
  async then(page) {
    await page.locator('.entry-created .proof summary').click();
    await page.getByRole('link', { name: 'As it was then' }).click();
    await page.getByRole('heading', { level: 1, name: SAMPLE.title }).waitFor();
    await page.locator('.past').waitFor();
  },
};
pages['record before it was'] = { ...record, hash: '#/todo/EXA-CON-BUS-WOR-02?at=1', ready: '.past' };

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
  const target = `${API}/tasks/EXA-CON-BUS-WOR-01`;
  for (const text of ['Claim filed.', `@${EXAMPLE.email} **please** look`]) {
    const answer = await server.send(EXAMPLE.email, 'POST', `${target}/comments`, { text });
    if (answer.status !== 201) throw new Error(answer.text);
  }
  await server.requestAs(EXAMPLE.email, 'POST', `${target}/attachments?name=seal.txt`, { body: 'Broken' });
  await server.createAndRead(small({ title: 'Done', status: 'Done', priority: 'Medium' }));
  await server.createAndRead(small({ title: 'Expired', status: 'Expired', priority: 'Low' }));
  return server;
}

/** Opens one of the pages, with the app loaded again, whatever the page showed before. */
export async function show(page, server, name) {
  const { hash, first, ready, then, as } = pages[name];
  await leave(page);
  await page.context().clearCookies();
  if (as !== null) await signInBehind(page, server);
  await first?.(page);
  await page.goto(`/app/${typeof hash === 'function' ? await hash(server) : hash}`);
  await page.locator(ready).first().waitFor();
  await then?.(page);
}

export async function keep(page, name) {
  if (!pictures) return;
  const whole = (await page.locator('dialog[open]').count()) === 0;
  await page.screenshot({ path: path.join(pictures, `${name.replaceAll(' ', '-')}.png`), fullPage: whole });
}
