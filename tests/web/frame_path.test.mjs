/*
 * Two servers on one host, each under a path of nginx: signing in, links, what is live, and that a browser keeps
 * apart what it has of the two.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { findProgram } from '../lib/find.mjs';
import { freePort } from '../lib/http.mjs';
import { makeFolder, spawnChild, until } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';
import { openBrowser, openPage, signIn } from './browser.mjs';

const nginx = findProgram('nginx');
const PATHS = ['/bz', '/bz/acc'];
let servers;
let records;
let proxy;
let host;
let browser;

async function startProxy(port) {
  const folder = makeFolder();
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const locations = PATHS.map((under, i) => `
location ${under}/ {
    proxy_pass ${servers[i].url}/;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
}`);
  writeFileSync(`${folder}/nginx.conf`, `daemon off; ${process.getuid() === 0 ? 'user root;' : ''} worker_processes 1;
pid ${folder}/pid; error_log ${folder}/error;
events {}
http {
access_log off;
${places.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
server {
listen 127.0.0.1:${port};
${locations.join('\n')}
}
}
`);
  proxy = spawnChild(nginx, ['-p', folder, '-e', `${folder}/error`, '-c', `${folder}/nginx.conf`],
    { stdio: ['ignore', 'ignore', 'inherit'] });
  await until(() => fetch(`${host}/bz/healthz`).then(({ ok }) => ok, () => false), 'nginx listens');
}

describe('under two paths of one host', { skip: !nginx && 'nginx is not installed' }, () => {
  before(async () => {
    const port = await freePort();
    host = `http://127.0.0.1:${port}`;
    servers = await Promise.all(PATHS.map(async (under) => startServer({
      args: ['--public-url', host + under, '--trusted-proxy', '127.0.0.1/32'],
      listen: `127.0.0.1:${await freePort()}`,
    })));
    records = await Promise.all(servers.map(async (server, i) => {
      assert.equal((await server.addTask(small({ title: `Of server ${i}` }))).status, 201);
      return (await server.listAll())[0];
    }));
    await startProxy(port);
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    proxy?.kill('SIGQUIT');
    await proxy?.exited;
    for (const server of servers ?? []) await server.stop();
  });

  const heading = (page, name) => page.getByRole('heading', { level: 1, name });
  const fresh = () => openPage(browser, { url: host }, { as: null });

  for (const [i, under] of PATHS.entries())
    test(`${under}: a link is opened by signing in, everything comes from there, and it is live`, async () => {
      const page = await fresh();
      const foreign = [];
      page.on('request', (request) => {
        const { pathname } = new URL(request.url());
        if (!pathname.startsWith(`${under}/`) || (i === 0 && pathname.startsWith('/bz/acc/'))) foreign.push(pathname);
      });
      page.on('response', (response) => {
        if (response.status() >= 400 && response.status() !== 401) foreign.push(response.url());
      });
      assert.equal(records[i].taskLink, `${host}${under}/app/#/todo/${records[i].key}`);
      await page.goto(records[i].taskLink);
      await signIn(page);
      await heading(page, `Of server ${i}`).waitFor();
      const title = `Of server ${i}, renamed`;
      const answer = await servers[i].send(EXAMPLE.email, 'PATCH', `${API}/tasks/${records[i].key}`, { title },
        { headers: { 'if-match': '*' } });
      assert.equal(answer.status, 200, answer.text);
      await heading(page, title).waitFor();
      await page.goto(`${host}${under}/t/${records[i].key}`);
      await heading(page, title).waitFor();
      await page.goto(`${host}${under}/app/#/workshop`);
      await page.goto(`${host}${under}/app/#/picture`);
      await heading(page, 'Picture').waitFor();
      assert.deepEqual(foreign, []);
      assert.deepEqual(page.noted, []);
      await page.context().close();
    });

  test('signing in and out on one leaves the other as it is', async () => {
    const page = await fresh();
    const other = await page.context().newPage();
    const tabs = [page, other];
    for (const [i, under] of PATHS.entries()) {
      await tabs[i].goto(`${host}${under}/app/#/me/look`);
      await signIn(tabs[i]);
      await tabs[i].getByLabel('Theme').selectOption(i === 0 ? 'dark' : 'light');
    }
    const names = (await page.context().cookies()).map(({ name }) => name);
    assert.equal(new Set(names).size, 2, names.join());
    for (const one of tabs) await one.reload();
    const theme = (one) => one.evaluate(() => document.documentElement.dataset.theme ?? null);
    const themes = () => Promise.all(tabs.map(theme));
    assert.deepEqual(await themes(), ['dark', 'light']);
    await page.getByRole('button', { name: /^Account/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await heading(page, 'Sign in').waitFor();
    assert.equal((await page.context().cookies()).length, 1);
    for (const one of tabs) await one.reload();
    await heading(page, 'Sign in').waitFor();
    await other.getByLabel('Theme').waitFor();
    assert.deepEqual(await themes(), [null, 'light']);
    assert.equal((await other.evaluate(() => Object.keys(localStorage))).length, 1);
    await page.context().close();
  });
});
