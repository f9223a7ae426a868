/*
 * Several people with a browser each, and the records that they share: what the tests of a record's page
 * have in common.
 */
import assert from 'node:assert/strict';
import { until } from '../lib/program.mjs';
import { API, EXAMPLE, small } from '../lib/server.mjs';
import { openPage } from './browser.mjs';

export const MEMBER = EXAMPLE.email;
export const OTHER = 'other@example.com';
export const MANAGER = 'manager@example.com';
export const VIEWER = 'viewer@example.com';
export const PEOPLE = [
  EXAMPLE,
  { ...EXAMPLE, email: OTHER },
  { ...EXAMPLE, email: MANAGER, role: 'manager' },
  { ...EXAMPLE, email: VIEWER, role: 'viewer' },
];

/** A page in a profile of its own, where that person is signed in. */
export async function openAs(browser, server, email, options = {}) {
  const page = await openPage(browser, server, { ...options, as: null });
  const answer = await page.request.post(`${server.url}/app/session`, {
    headers: { origin: server.url, 'x-bzctrl-app': '1' },
    data: { email, password: EXAMPLE.password },
  });
  assert.ok(answer.ok(), await answer.text());
  return page;
}

export const create = (server, changes = {}) => server.createAndRead(small(changes));

export const pathOf = (record) => `${API}/tasks/${record.key}`;

/** Changes a record over the API, whatever its version. */
export async function change(server, record, changes, as = OTHER) {
  const answer = await server.send(as, 'PATCH', pathOf(record), changes, { headers: { 'if-match': '*' } });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

export async function readBack(server, record) {
  const answer = await server.get(pathOf(record));
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

export async function openRecord(page, record) {
  await page.goto(record.taskLink);
  await page.locator('.timeline').waitFor();
}

/** The place of a field on the page. */
export const field = (page, name) => page.locator(`[data-field="${name}"]`);

/** Opens the editor of a field with its button. */
export async function edit(page, label) {
  await page.getByRole('button', { name: `Edit ${label}`, exact: true }).click();
}

/** Waits until the record at the server is as it should be. */
export async function stored(server, record, expected) {
  const names = Object.keys(expected);
  const held = (now) => Object.fromEntries(names.map((name) => [name, now[name]]));
  const right = async () => {
    const now = await readBack(server, record);
    return JSON.stringify(held(now)) === JSON.stringify(expected) && now;
  };
  const found = await until(right, `${record.key} to be ${JSON.stringify(expected)}`).catch(() => null);
  if (!found) assert.deepEqual(held(await readBack(server, record)), expected);
  return found;
}
