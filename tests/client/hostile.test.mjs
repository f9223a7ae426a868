/*
 * Broken or foreign servers: whatever they answer, the report stays safe in the outbox, secrets go only
 * to the host in the settings, and memory and time are bounded.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { Client, bzctrl } from '../lib/client.mjs';
import { makeFolder, run } from '../lib/program.mjs';

const servers = [];
after(() => servers.forEach((server) => server.close()));

async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  servers.push(server);
  return server.address().port;
}

const TOKEN = JSON.stringify({ access_token: 'bzat_x', token_type: 'Bearer', expires_in: 3600, scope: '*' });

/* A server that signs everybody in and answers reports as instructed. */
async function pretend(answer) {
  const seen = [];
  const server = http.createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      seen.push(request);
      if (request.url.endsWith('/oauth/token'))
        response.writeHead(200, { 'content-type': 'application/json' }).end(TOKEN);
      else answer(response, request);
    });
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, seen };
}

const json = { 'content-type': 'application/json' };

async function assertSafe(client, result) {
  assert.equal(result.code, 75, `${result.code ?? result.signal}\n${result.stderr}`);
  assert.equal(result.stdout, '');
  assert.match(result.stderr, /saved in the outbox/);
  assert.match((await client.run(['outbox', 'list'])).stdout, /^\d+ waiting T$/m);
}

describe('an answer to a report that is', { concurrency: 6 }, () => {
  const answers = {
    'half a JSON': (response) => response.writeHead(201, json).end('{"title":"T","taskLink":"http'),
    'no JSON': (response) => response.writeHead(201, json).end('\0\xff<html>'),
    'of another type': (response) => response.writeHead(201, { 'content-type': 'text/html' })
      .end('{"taskLink":"http://x/1"}'),
    'without a link': (response) => response.writeHead(201, json).end('{"title":"T"}'),
    'of another shape': (response) => response.writeHead(201, json).end('[[[1]]]'),
    'nested deeply': (response) => response.writeHead(201, json).end('['.repeat(100_000)),
    'a page of a proxy': (response) => response.writeHead(404, { 'content-type': 'text/html' })
      .end('<h1>not here</h1>'),
    'cut short': (response) => response.writeHead(201, { ...json, 'content-length': 1000 }).end('{'),
    'empty': (response) => response.writeHead(204).end(),
    'an error': (response) => response.writeHead(500, json).end('{}'),
    'a 401 each time': (response) => response.writeHead(401, json).end('{}'),
    'a header without end': (response) =>
      response.writeHead(201, Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`x-${i}`, 'y'.repeat(1000)])))
        .end('{}'),
    'a wait for ever': (response) => response.writeHead(429, { ...json, 'retry-after': '3600' }).end('{}'),
    'silence': () => {},
  };
  for (const [name, answer] of Object.entries(answers))
    test(`${name}: the report stays`, async () => {
      const { url, seen } = await pretend(answer);
      const client = new Client(url, { timeout: 1 });
      await assertSafe(client, await client.report('T'));
      if (name === 'a 401 each time') {
        assert.equal(seen.filter((request) => request.url.endsWith('/oauth/token')).length, 2,
          'it signs in again once');
        assert.equal(seen.length, 4);
      }
    });

  test('endless: it is cut off within bounded memory', async () => {
    const block = Buffer.alloc(1024 * 1024, ' ');
    const { url } = await pretend((response) => {
      response.writeHead(201, json);
      const more = () => {
        while (!response.destroyed && response.write(block));
      };
      response.on('drain', more);
      response.on('error', () => {});
      more();
    });
    const client = new Client(url, { timeout: 100, wait: 100 });
    const started = performance.now();
    const result = await client.report('T', [],
      { wrapper: /asan|tsan/.test(bzctrl) ? [] : ['sh', '-c', 'ulimit -v 600000; exec "$@"', '-'] });
    await assertSafe(client, result);
    assert.match(result.stderr, /is too large/);
    assert.ok(performance.now() - started < 90_000);
  });

  test('bytes that are not HTTP', async () => {
    const port = await listen(net.createServer((socket) => {
      socket.on('error', () => {});
      socket.end('SSH-2.0-OpenSSH\r\n');
    }));
    const client = new Client(`http://127.0.0.1:${port}`);
    await assertSafe(client, await client.report('T'));
  });

  test('a redirect: it is not followed, and no secret is sent there', async () => {
    const elsewhere = await pretend((response) => response.writeHead(201, json).end('{"taskLink":"http://x/1"}'));
    for (const status of [301, 302, 307, 308]) {
      const { url } = await pretend((response) =>
        response.writeHead(status, { ...json, location: `${elsewhere.url}/take` }).end('{}'));
      const client = new Client(url);
      const result = await client.report('T');
      await assertSafe(client, result);
      assert.match(result.stderr, /with a redirect/);
    }
    assert.equal(elsewhere.seen.length, 0);
  });

  test('a refusal: the faults are printed, and the report can be corrected', async () => {
    const problem = { status: 422, detail: 'One thing is wrong.',
      errors: [{ pointer: '/title', code: 'x', detail: 'It is "no" good.', allowed: ['a', 'b'] }] };
    let good = false;
    const { url } = await pretend((response) =>
      good
        ? response.writeHead(201, json).end('{"taskLink":"http://x/app/#/todo/A-01"}')
        : response.writeHead(422, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem)));
    const client = new Client(url);
    const result = await client.report('T');
    assert.equal(result.code, 65, result.stderr);
    assert.match(result.stderr, /\/title: It is "no" good\. \(a, b\)/);
    const { stdout } = await client.run(['outbox', 'list', '--json']);
    const entry = JSON.parse(stdout);
    assert.deepEqual(entry.problem, problem);
    good = true;
    const edit = await client.run(['outbox', 'edit', String(entry.id), '--file', '-'],
      { input: JSON.stringify({ ...entry.report, title: 'U' }) });
    assert.equal(edit.code, 0, edit.stderr);
    const sent = await client.run(['outbox', 'run']);
    assert.deepEqual([sent.code, sent.stdout], [0, 'http://x/app/#/todo/A-01\n'], sent.stderr);
  });
});

describe('again', { concurrency: true }, () => {
  const statuses = { 408: true, 425: true, 429: true, 500: true, 502: true, 503: true, 504: true, 400: false,
    403: false, 404: false, 409: false, 413: false, 415: false, 422: false };
  for (const [status, again] of Object.entries(statuses))
    test(`${status} is ${again ? 'tried' : 'never tried'} again`, async () => {
      let reports = 0;
      const { url } = await pretend((response) =>
        ++reports === 1
          ? response.writeHead(Number(status), { 'content-type': 'application/problem+json' }).end('{"detail":"no"}')
          : response.writeHead(201, json).end('{"taskLink":"http://x/app/#/todo/A-01"}'));
      const client = new Client(url, { wait: 60 });
      const result = await client.report('T');
      assert.equal(result.code, again ? 0 : 65, result.stderr);
      assert.equal(reports, again ? 2 : 1);
    });

  test('no sooner than Retry-After says, with the same key and bytes', async () => {
    const times = [];
    const sent = [];
    const server = http.createServer((request, response) => {
      let body = '';
      request.on('data', (data) => {
        body += data;
      });
      request.on('end', () => {
        if (request.url.endsWith('/oauth/token')) return response.writeHead(200, json).end(TOKEN);
        times.push(performance.now());
        sent.push(`${request.headers['idempotency-key']} ${body}`);
        return times.length === 1
          ? response.writeHead(503, { ...json, 'retry-after': '2' }).end('{}')
          : response.writeHead(201, json).end('{"taskLink":"http://x/app/#/todo/A-01"}');
      });
    });
    const client = new Client(`http://127.0.0.1:${await listen(server)}`, { wait: 60 });
    assert.equal((await client.report('T')).code, 0);
    assert.ok(times[1] - times[0] >= 1990);
    assert.equal(sent[0], sent[1]);
    assert.match(sent[0], /^"[0-9a-f]{32}" \{"occurredAt":"/);
  });
});

test('the parts of a request are escaped in the path and the query', async () => {
  const { url, seen } = await pretend((response) => response.writeHead(200, json).end('{"items":[],"body":{}}'));
  const client = new Client(url);
  const calls = [
    [['form', 'show'], '/workspaces/EXA-CON-BUS-WOR/forms'],
    [['form', 'show', 'a b', '--schema'], '/workspaces/EXA-CON-BUS-WOR/forms/a%20b/schema'],
    [['form', 'sample', '--workspace', 'A/..'], '/workspaces/A%2F../forms/default/sample'],
    [['show', 'A-01?x'], '/tasks/A-01%3Fx'],
    [['list', '--tag', 'ORDER 1&', '--filter', 'status=Done', '--mine', '--limit', '7'],
      '/tasks?tag=ORDER%201%26&status=Done&source=example%40example.com&limit=7'],
    [['report', '--json', '-', '--form', 'a&b', '--dry-run'], '/task/add-task?dryRun=true&form=a%26b'],
  ];
  for (const [words, target] of calls) {
    const result = await client.run(words, { input: '{}' });
    assert.equal(result.code, 0, result.stderr);
    assert.equal(seen.at(-1).url, `/bzctrl-core-api/api/v1${target}`);
    assert.equal(seen.at(-1).headers.authorization, 'Bearer bzat_x');
  }
});

describe('the sign-in', () => {
  test('refused: exit code 77, and the report stays', async () => {
    const port = await listen(http.createServer((request, response) => {
      request.resume();
      response.writeHead(400, json).end('{"error":"invalid_grant","error_description":"no"}');
    }));
    const client = new Client(`http://127.0.0.1:${port}`);
    await assertSafe(client, await client.report('T'));
    assert.equal((await client.run(['show', 'A-01'])).code, 77);
  });

  test('an expiring token is refreshed; when the refresh token has expired, it signs in again', async () => {
    const grants = [];
    let good = 'bzat_0';
    const port = await listen(http.createServer((request, response) => {
      let body = '';
      request.on('data', (data) => {
        body += data;
      });
      request.on('end', () => {
        if (!request.url.endsWith('/oauth/token'))
          return response.writeHead(request.headers.authorization === `Bearer ${good}` ? 200 : 401, json)
            .end('{"items":[]}');
        const grant = new URLSearchParams(body);
        grants.push(grant.get('grant_type'));
        if (grant.get('refresh_token') === 'bzrt_ended')
          return response.writeHead(400, json).end('{"error":"invalid_grant"}');
        good = `bzat_${grants.length}`;
        return response.writeHead(200, json)
          .end(JSON.stringify({ access_token: good, refresh_token: 'bzrt_good', expires_in: 3600 }));
      });
    }));
    const client = new Client(`http://127.0.0.1:${port}`);
    const file = path.join(client.home, '.local/state/bzctrl/prod.token');
    const list = async (change) => {
      if (change) writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...change }));
      grants.length = 0;
      const result = await client.run(['list']);
      assert.equal(result.code, 0, result.stderr);
      return grants.join();
    };
    assert.equal(await list(), 'password');
    assert.equal(await list(), '', 'the token is remembered');
    assert.equal(await list({ expires_at: 1 }), 'refresh_token');
    assert.equal(await list({ access_token: 'bzat_revoked' }), 'refresh_token');
    assert.equal(await list({ expires_at: 1, refresh_token: 'bzrt_ended' }), 'refresh_token,password');
    assert.equal(await list({ account: 'somebody else' }), 'password');
  });

  test('a secret that others can read is not used', async () => {
    const { url, seen } = await pretend((response) => response.writeHead(201, json).end('{}'));
    const client = new Client(url);
    await run('chmod', ['640', client.secret]);
    const result = await client.run(['list']);
    assert.equal(result.code, 78);
    assert.match(result.stderr, /chmod 600/);
    assert.equal(seen.length, 0);
  });
});

test('a wrong certificate: nothing is sent; with the right authority it works', async () => {
  const folder = makeFolder();
  const made = await run('openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1', '-addext',
      'subjectAltName=IP:127.0.0.1', '-keyout', path.join(folder, 'key'), '-out', path.join(folder, 'cert')]);
  assert.equal(made.code, 0, made.stderr);
  let requests = 0;
  const server = https.createServer({ key: readFileSync(path.join(folder, 'key')),
      cert: readFileSync(path.join(folder, 'cert')) }, (request, response) => {
    requests++;
    request.resume();
    response.writeHead(request.url.endsWith('token') ? 200 : 201, json)
      .end(request.url.endsWith('token') ? TOKEN : '{"taskLink":"http://x/app/#/todo/A-01"}');
  });
  server.on('tlsClientError', () => {});
  const port = await listen(server);
  const client = new Client(`https://127.0.0.1:${port}`);
  const result = await client.report('T');
  await assertSafe(client, result);
  assert.match(result.stderr, /certificate/i);
  assert.equal(requests, 0);
  client.settings['ca-file'] = path.join(folder, 'cert');
  client.write();
  assert.equal((await client.run(['outbox', 'run'])).code, 0);
  assert.equal(requests, 2);
});
