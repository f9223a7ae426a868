/*
 * Chromium for the web app's tests: a fresh profile each, nothing that calls home, and everything
 * noted that a page must not do.
 */
import { chromium } from 'playwright-core';
import { patience } from '../lib/program.mjs';
import { EXAMPLE } from '../lib/server.mjs';

export async function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium-headless-shell',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
      // A page that goes elsewhere keeps its process: a new one takes longer than the app's loading.
      '--renderer-process-limit=1',
      '--host-resolver-rules=MAP plain.test 127.0.0.1', // a name that browsers don't trust without TLS
    ],
  });
}

/**
 * A page in a profile of its own. `page.noted` gathers what went wrong in it: errors of scripts,
 * what the Content-Security-Policy refused, and requests to anybody else.
 *
 * options: theme, width, height, bypassCSP, permissions; as (an account, null for nobody: the
 * source document's by default)
 */
export async function openPage(browser, server, options = {}) {
  const { theme = 'light', width = 1280, height = 860, as = EXAMPLE, ...more } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    locale: 'en-GB',
    timezoneId: 'Europe/Amsterdam',
    reducedMotion: 'reduce',
    baseURL: server.url,
    ...more,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000 * patience);
  page.noted = [];
  page.on('pageerror', (error) => page.noted.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (/content security policy|refused to/i.test(message.text())) page.noted.push(`refused: ${message.text()}`);
  });
  page.on('dialog', (dialog) => {
    page.noted.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== server.url && protocol !== 'data:') page.noted.push(`elsewhere: ${request.url()}`);
  });
  if (as) await signInBehind(page, server, as);
  return page;
}

/** Signs in without the form; the form has tests of its own. */
export async function signInBehind(page, server, account = EXAMPLE) {
  const answer = await page.request.post(`${server.url}/app/session`, {
    headers: { origin: server.url, 'x-bzctrl-app': '1' },
    data: { email: account.email, password: account.password },
  });
  if (!answer.ok()) throw new Error(`signing in: ${answer.status()} ${await answer.text()}`);
}

export async function signIn(page, account = EXAMPLE) {
  await page.getByLabel('E-mail address').fill(account.email);
  await page.getByLabel('Password', { exact: true }).fill(account.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** What the focus is on: the tag's name and what it is called. */
export function focused(page) {
  return page.evaluate(() => {
    const { tagName, id, textContent } = document.activeElement;
    return { tag: tagName, id, text: textContent.trim() };
  });
}

/** True while the page is wider than its window. */
export function scrollsSideways(page) {
  return page.evaluate(() => document.scrollingElement.scrollWidth > document.documentElement.clientWidth);
}

/** The titles of the list's rows. */
export function rowTitles(page) {
  return page.locator('table.tasks tbody tr a').allTextContents();
}
