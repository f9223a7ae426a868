/*
 * The page of the API: it has every operation and every schema of api/openapi.yaml, its links lead
 * somewhere, its examples fit, its lines for the shell work, and it needs no script. With
 * BZCTRL_SCREENSHOTS=DIR it is also kept as a picture there.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { exampleFaults, openapi, operations } from '../lib/openapi.mjs';
import { makeFolder, spawnChild, until } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';
import { openBrowser, openPage, scrollsSideways } from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = process.env.BZCTRL_SCREENSHOTS;
if (pictures) mkdirSync(pictures, { recursive: true });
const folder = makeFolder();
let server;
let browser;

before(async () => {
  server = await startServer({ users: [EXAMPLE, { email: 'admin@example.com', admin: true }] });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function open(options = {}) {
  const page = await openPage(browser, server, { as: null, ...options });
  page.on('console', (message) => page.noted.push(`console: ${message.text()}`));
  if (options.javaScriptEnabled !== false) await page.addInitScript(axe); // past the policy, which stays as it is
  await page.goto(`${API}/docs`);
  return page;
}

for (const [theme, width, height] of [['light', 1280, 860], ['dark', 360, 860], ['light', 320, 640]])
  test(`${theme}, ${width} px: axe-core finds nothing, nothing scrolls sideways or breaks the policy`, async () => {
    const page = await open({ theme, width, height });
    for (const at of pictures ? ['content', 'addTask', 'answer-Faults', 'schema-FormDocument'] : []) {
      await page.goto(`${API}/docs#${at}`);
      await page.screenshot({ path: path.join(pictures, `docs-${at}-${theme}-${width}.png`) });
    }
    await page.evaluate(() => document.querySelectorAll('details').forEach((details) => { details.open = true; }));
    const faults = (await scrollsSideways(page)) ? ['it scrolls sideways'] : [];
    faults.push(...await violations(page));
    assert.deepEqual([...faults, ...page.noted], []);
    await page.context().close();
  });

/* What axe-core looks at takes its time: of each section it gets the first articles. They are all made
 * by the same code. */
async function violations(page) {
  const found = await page.evaluate(() => {
    const many = [...document.querySelectorAll('section > article:nth-of-type(n + 4)')];
    for (const article of many) article.remove();
    return window.axe.run(document, { resultTypes: ['violations'] });
  });
  return found.violations.map(({ id, help, nodes }) =>
    `${id}: ${help}\n${nodes.map(({ html }) => `  ${html}`).join('\n')}`);
}

test('without script it lists every operation and schema, and each link in it leads somewhere', async () => {
  const page = await open({ javaScriptEnabled: false });
  const { text } = await server.request('GET', `${API}/docs`);
  assert.doesNotMatch(text, /<script|\sstyle=|\son\w+=|javascript:/);
  const shown = await page.locator('article.operation').evaluateAll((articles) => articles.map((article) => ({
    id: article.id,
    call: article.querySelector('.call').textContent,
    summary: article.querySelector('h3').textContent,
    answers: [...article.querySelectorAll('.answers > div > dt, .shared .status')]
      .map((status) => status.textContent).sort(),
  })));
  const wanted = operations.map(({ method, path: of, operation }) => ({
    id: operation.operationId, call: `${method} ${of}`, summary: operation.summary,
    answers: Object.keys(operation.responses).sort() }));
  const byId = (list) => list.sort((a, b) => (a.id < b.id ? -1 : 1));
  assert.deepEqual(byId(shown), byId(wanted));
  const ids = await page.locator('[id]').evaluateAll((nodes) => nodes.map((node) => node.id));
  assert.equal(new Set(ids).size, ids.length, 'an id is used twice');
  for (const name of Object.keys(openapi.components.schemas)) assert.ok(ids.includes(`schema-${name}`), name);
  const links = await page.locator('a').evaluateAll((nodes) =>
    [...new Set(nodes.map((node) => node.getAttribute('href')))]);
  for (const link of links)
    if (link.startsWith('#')) assert.ok(ids.includes(link.slice(1)), link);
    else {
      const { pathname } = new URL(link, `${server.url}${API}/docs`);
      assert.equal((await server.request('GET', pathname)).status, 200, link);
    }
  for (const { operation } of operations) assert.ok(links.includes(`#${operation.operationId}`));
  await page.context().close();
});

test('it can be read with the keyboard alone: the first stop skips the contents', async () => {
  const page = await open();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'content');
  await page.context().close();
});

test('every example fits its schema', async () => {
  const page = await open();
  const examples = await page.locator('article pre[data-type]').evaluateAll((nodes) =>
    nodes.map((node) => ({ id: node.closest('article').id, ...node.dataset, text: node.textContent })));
  assert.ok(examples.length > 50);
  await page.context().close();
  const faults = examples.filter(({ type }) => /[/+]json$/.test(type)).flatMap(({ id, status, type, text }) =>
    exampleFaults(id, status, type, JSON.parse(text)));
  assert.deepEqual(faults, [], 'give the schema an example in api/openapi.yaml, from which the page takes it');
});

/* What the page cannot know: a client's secret, and the caller's own password. */
const refused = { introspectToken: '401', changePassword: '422' };

/** Runs a line for the shell: {status, body}. A stream is read until it has an event; while a line waits for
 * events, there are some. */
async function call(line, env) {
  const stream = / -N\b/.test(line);
  const words = stream ? 'exec curl -i ' : "exec curl -sS -w '\\n%{http_code}' ";
  const child = spawnChild('sh', ['-c', line.replace(/^curl /, words)], {
    cwd: folder, env: { BZCTRL: server.url, ...env } });
  let text = '';
  let errors = '';
  child.stdout.on('data', (data) => { text += data; });
  child.stderr.on('data', (data) => { errors += data; });
  const drained = new Promise((resolve) => child.stdout.once('close', resolve));
  if (stream) {
    await until(() => /^data: /m.test(text) || child.exitCode !== null, () => `an event of ${line}\n${text}${errors}`);
    child.kill();
  }
  if (/\bwait=[1-9]/.test(line))
    await until(async () => child.exitCode !== null || (await server.addTask(small()), false), `the answer to ${line}`);
  const { code } = await child.exited;
  await drained;
  if (stream) return { status: /^HTTP\S+ (\d+)/.exec(text)?.[1], body: text };
  assert.equal(code, 0, `${line}\n${errors}`);
  const [, body, status] = /^([\s\S]*)\n(\d+)$/.exec(text);
  return { status, body: body || errors };
}

test('the first steps work one after the other, for a client and for a person', async () => {
  const [address, client, person, ...steps] =
    [...openapi.info.description.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, line]) => line.trim());
  assert.equal(address, 'BZCTRL=http://127.0.0.1:8080');
  assert.ok(steps.length > 5);
  const scopes = ['task:create', 'task:read', 'task:write'];
  const { clientId, secret } = await server.addClient('admin@example.com', { scopes });
  for (const signIn of [client, person]) {
    const env = { CLIENT_ID: clientId, CLIENT_SECRET: secret };
    for (const line of [signIn, ...steps]) {
      const { status, body } = await call(line, env);
      assert.match(String(status), /^2/, `${line}\nis answered ${status}\n${body}`);
      env.TOKEN ??= JSON.parse(body).access_token;
      env.KEY ??= /"taskLink":"[^"]*\/([^/"]+)"/.exec(body)?.[1];
    }
    assert.ok(env.KEY);
  }
});

test('every line for the shell works on a server that has what it names', async () => {
  const page = await open();
  const lines = await page.locator('article.operation .curl').evaluateAll((nodes) =>
    nodes.map((node) => ({ id: node.closest('article').id, line: node.textContent })));
  await page.context().close();
  const called = new Set(lines.map(({ id }) => id));
  for (const { operation } of operations) assert.ok(called.has(operation.operationId), operation.operationId);
  writeFileSync(path.join(folder, 'FILE'), 'The content of a file.\n');
  const env = { TOKEN: await server.token('admin@example.com'), SESSION: await session() };
  const last = (id) => ['changePerson', 'erasePerson'].indexOf(id); /* nobody can sign in as that person afterwards */
  for (const { id, line } of lines.sort((a, b) => last(a.id) - last(b.id))) {
    const { status, body } = await call(line, env);
    const { operation } = operations.find((o) => o.operation.operationId === id);
    assert.ok(operation.responses[status], `${id}: ${status} is not listed`);
    /* 404 and 409: there is no such client or session, or all has been done already. */
    const right = refused[id] ? status === refused[id] : /^2|^30[28]$|^40[49]$/.test(status);
    assert.ok(right, `${line}\nis answered ${status}\n${body}`);
  }
});

async function session() {
  const { headers } = await server.request('POST', '/app/session', {
    headers: { 'content-type': 'application/json', origin: server.url, 'x-bzctrl-app': '1' },
    body: JSON.stringify({ email: EXAMPLE.email, password: EXAMPLE.password }),
  });
  return /bzctrl_session=([^;]+)/.exec(headers['set-cookie'])[1];
}
