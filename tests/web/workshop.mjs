/* What the tests of the Workshop share: a server with an administrator and a manager, and pages of theirs. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { API, EXAMPLE, startServer } from '../lib/server.mjs';
import { openPage } from './browser.mjs';

export const BOSS = { email: 'boss@example.com', admin: true };
export const MANAGER = { email: 'manager@example.com', role: 'manager', domain: 'EXA-CON-BUS' };
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export function startWorkshop(options = {}) {
  return startServer({
    users: [EXAMPLE, MANAGER, BOSS],
    workspaces: [['EXA-CON-BUS-WOR', '--name', 'Work orders'], 'EXA-CON-AIR-CGO'],
    ...options,
  });
}

/** Sends JSON as the administrator; the answer's body. */
export async function asBoss(server, method, path, body, headers) {
  const { status, json, text } = await server.send(BOSS.email, method, API + path, body, { headers });
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
  return json;
}

/** A page of somebody's, at an address of the app. */
export async function openAs(browser, server, { email }, hash, options = {}) {
  const page = await openPage(browser, server, { ...options, as: null });
  const answer = await page.request.post(`${server.url}/app/session`, {
    headers: { origin: server.url, 'x-bzctrl-app': '1' },
    data: { email, password: EXAMPLE.password },
  });
  if (!answer.ok()) throw new Error(`signing in: ${answer.status()} ${await answer.text()}`);
  await page.addInitScript(axe); // past the policy, which stays as it is
  await page.goto(`/app/${hash}`);
  return page;
}

/** What axe-core finds. */
export async function violations(page) {
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return found.violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map((node) => `  ${node.html}\n  ${node.failureSummary}`).join('\n')}`,
  );
}

export const heading = (page, name) => page.getByRole('heading', { level: 1, name });
export const dialog = (page) => page.locator('dialog[open]');
/** The short message at the bottom, and its way back. */
export const toast = (page, text) => page.locator('.toast').getByText(text);
export const undo = (page) => page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
