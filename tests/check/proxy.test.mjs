/*
 * The proxy's configuration in doc/operating.md is one that nginx takes as it is printed, and lets
 * through what the documents say may be sent.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { findProgram } from '../lib/find.mjs';
import { inNamespace, namespaceRefused } from '../lib/namespace.mjs';
import { makeFolder, patience, root, run, spawnChild } from '../lib/program.mjs';
import { ADD_TASKS, small, startServer } from '../lib/server.mjs';

const nginx = findProgram('nginx');
const block = /```nginx\n([\s\S]*?)```/.exec(readFileSync(path.join(root, 'doc/operating.md'), 'utf8'))[1];
const certificates = '/etc/ssl/bzctrl';
const HOST = 'bzctrl.example.com';
const MEGABYTE = 1_000_000;

describe('the nginx block of doc/operating.md', { skip: !nginx && 'nginx is not installed' }, () => {
  let keys;
  before(async () => {
    keys = makeFolder();
    const made = await run('openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
      '-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`, '-keyout', `${keys}/privkey.pem`, '-out',
      `${keys}/fullchain.pem`]);
    assert.equal(made.code, 0, made.stderr);
  });

  /* What stands around the block in a system's nginx.conf, with nothing of the system's. */
  function configuration(servers) {
    const folder = makeFolder();
    const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi',
      'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join('\n');
    const user = process.getuid() === 0 ? 'user root;' : '';
    writeFileSync(`${folder}/nginx.conf`,
      `daemon off; ${user} worker_processes 1; pid ${folder}/pid; error_log ${folder}/error;
events {}
http {
access_log off;
${places}
${servers}
}
`);
    return [nginx, '-p', folder, '-e', `${folder}/error`, '-c', `${folder}/nginx.conf`];
  }

  test('nginx -t accepts it as printed', { skip: namespaceRefused('--net') }, async () => {
    const scratch = makeFolder();
    const [command, ...args] = inNamespace([`cp -a /etc ${scratch}/etc`, `mkdir -p ${scratch}${certificates}`,
      `cp ${keys}/*.pem ${scratch}${certificates}`, `mount --bind ${scratch}/etc /etc`], '--net');
    const result = await run(command, [...args, ...configuration(block), '-t']);
    assert.equal(result.code, 0, result.stderr);
    assert.doesNotMatch(result.stderr, /\[warn\]/);
  });

  test('what may be sent to the server comes through it', async (t) => {
    const server = await startServer({ args: ['--public-url', `https://${HOST}`, '--trusted-proxy', '127.0.0.1/32'],
      listen: await freeAddress() });
    t.after(() => server.stop());
    const [plain, tls] = [await freeAddress(), await freeAddress()];
    let servers = block;
    for (const [printed, here] of [['listen 80;', `listen ${plain};`], ['listen 443 ssl;', `listen ${tls} ssl;`],
        ['http://127.0.0.1:8080;', `${server.url};`], [`${certificates}/fullchain.pem`, `${keys}/fullchain.pem`],
        [`${certificates}/privkey.pem`, `${keys}/privkey.pem`]]) {
      assert.equal(servers.split(printed).length, 2, `${printed} stands there once`);
      servers = servers.replace(printed, here);
    }
    const [command, ...args] = configuration(servers);
    const proxy = spawnChild(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    t.after(async () => {
      proxy.kill('SIGQUIT');
      await proxy.exited;
    });
    await listening(tls, proxy);

    const moved = await send(http, plain, 'GET', '/app/?a=b');
    assert.equal(moved.status, 301);
    assert.equal(moved.headers.location, `https://${HOST}/app/?a=b`);

    const ca = readFileSync(`${keys}/fullchain.pem`);
    const headers = { authorization: `Bearer ${await server.token()}`, 'content-type': 'application/json' };
    const items = Array.from({ length: 1000 },
      (_, i) => ({ task: small({ title: `Title ${i}`, description: 'x'.repeat(12_000) }) }));
    const body = JSON.stringify(items);
    assert.ok(body.length > 10 * MEGABYTE && body.length < 16 * 1024 * 1024);
    const answer = await send(https, tls, 'POST', ADD_TASKS, { body, headers, ca });
    assert.equal(answer.status, 200, answer.text.slice(0, 500));
    assert.deepEqual([...new Set(JSON.parse(answer.text).items.map(({ status }) => status))], [201],
      answer.text.slice(0, 1000));
    assert.ok(answer.text.includes(`https://${HOST}/app/`), 'links are the public ones');

    /* What is over the server's own bounds, an attachment's size too, is judged by the server. */
    const large = await send(https, tls, 'POST', ADD_TASKS, { body: 'x'.repeat(25 * 1024 * 1024), headers, ca });
    assert.equal(large.status, 413, large.text);
    assert.equal(large.headers['content-type'], 'application/problem+json');
  });
});

async function freeAddress() {
  const socket = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => socket.once('listening', resolve));
  const { port } = socket.address();
  await new Promise((resolve) => socket.close(resolve));
  return `127.0.0.1:${port}`;
}

async function listening(address, child) {
  const [host, port] = address.split(':');
  let ended = false;
  child.exited.then(() => {
    ended = true;
  });
  for (const deadline = Date.now() + 30_000 * patience; Date.now() < deadline;) {
    assert.ok(!ended, 'nginx ended at its start');
    const reached = await new Promise((resolve) => {
      const socket = net.connect(Number(port), host, () => resolve(true)).once('error', () => resolve(false));
      socket.unref();
      socket.once('connect', () => socket.destroy());
    });
    if (reached) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail('nginx does not listen');
}

function send(client, address, method, target, { body, headers = {}, ca } = {}) {
  const [host, port] = address.split(':');
  return new Promise((resolve, reject) => {
    const request = client.request({
      host, port, method, path: target, ca, servername: ca && HOST, agent: false,
      headers: { host: HOST, ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
    }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (data) => {
        text += data;
      }).on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}
