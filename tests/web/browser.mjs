/*
 * Chromium for the web app's tests: a fresh profile each, nothing that calls home, and everything
 * noted that a page must not do.
 */
import { chromium } from 'playwright-core';
import { findProgram } from '../lib/find.mjs';
import { patience } from '../lib/program.mjs';
import { EXAMPLE } from '../lib/server.mjs';

/** A free port can be one that browsers block (https://fetch.spec.whatwg.org/#port-blocking); from 1,024 on. */
const BLOCKED_PORTS = [
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

export async function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || findProgram('chromium-headless-shell', 'chromium'),
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
      // A page that goes elsewhere keeps its process: a new one takes longer than the app's loading.
      '--renderer-process-limit=1',
      '--host-resolver-rules=MAP plain.test 127.0.0.1', // a name that browsers don't trust without TLS
      `--explicitly-allowed-ports=${BLOCKED_PORTS}`,
    ],
  });
}

/**
 * A page in a profile of its own. `page.noted` gathers what went wrong in it: errors of scripts,
 * what the Content-Security-Policy refused, and requests to anybody else.
 *
 * options: theme, width, height, permissions; as (null for nobody: the source document's account by
 * default)
 */
export async function openPage(browser, server, options = {}) {
  const { theme = 'light', width = 1280, height = 860, as, ...more } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    locale: 'en-GB',
    timezoneId: 'UTC', /* as the tests' workspaces, so that it is the same day in both at any hour */
    reducedMotion: 'reduce',
    baseURL: server.url,
    ...more,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000 * patience);
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
  if (as !== null) await signInBehind(page, server);
  return page;
}

/** Leaves the app and what was made of it, so that the next test loads it anew; the profile stays. */
export async function leave(page) {
  await page.goto('about:blank');
  await page.unrouteAll();
  page.noted.length = 0;
}

/* The cookies of one sign-in for each server: hashing a password takes its time. */
const sessions = new WeakMap();

/** Signs in without the form; the form has tests of its own. */
export async function signInBehind(page, server) {
  if (!sessions.has(server)) {
    const answer = await page.request.post(`${server.url}/app/session`, {
      headers: { origin: server.url, 'x-bzctrl-app': '1' },
      data: { email: EXAMPLE.email, password: EXAMPLE.password },
    });
    if (!answer.ok()) throw new Error(`signing in: ${answer.status()} ${await answer.text()}`);
    sessions.set(server, await page.context().cookies());
  }
  await page.context().addCookies(sessions.get(server));
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
