/* Receivers of webhooks that answer badly, late, endlessly or not at all; addresses that must not be reached. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { shim } from '../lib/client.mjs';
import { readMaildir } from '../lib/mail.mjs';
import { makeFile, makeFolder, until } from '../lib/program.mjs';
import { ALLOW, startReceiver } from '../lib/receiver.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const HOOKS = `${API}/webhooks`;
const ADMIN = 'admin@example.com';
const MANAGER = 'manager@example.com';
const MINUTE = 60;
const MAILS = makeFolder();
const ARGS = [...ALLOW, '--mail-url', `maildir:${MAILS}`, '--mail-from', 'bzctrl@mail.example',
  '--mail-gather-seconds', '1'];

let server;

before(async () => {
  server = await startServer({ workspaces: [WORKSPACE], args: ARGS,
    users: [EXAMPLE, { email: ADMIN, admin: true }, { email: MANAGER, role: 'manager', domain: EXAMPLE.domain }] });
});
after(() => server.stop());

const send = (method, path, body, headers = {}) => server.send(ADMIN, method, path, body, { headers });
const read = async (hook) => (await send('GET', `${HOOKS}/${hook.id}`)).json;
const deliveriesOf = async (hook) => (await send('GET', `${HOOKS}/${hook.id}/deliveries`)).json.items;
const newest = async (hook) => (await deliveriesOf(hook))[0];
const report = async () => (await server.createAndRead(small())).key;
/** Seconds from the last attempt to the next. */
const wait = ({ sentAt, milliseconds, nextAttemptAt }) =>
  (Date.parse(nextAttemptAt) - Date.parse(sentAt) - milliseconds) / 1000;

async function addHook(t, url) {
  const answer = await send('POST', HOOKS, { url, workspace: WORKSPACE });
  assert.equal(answer.status, 201, answer.text);
  t.after(() => send('DELETE', `${HOOKS}/${answer.json.id}`));
  return answer.json;
}

async function subscribe(t, answer) {
  const own = await startReceiver();
  const hook = await addHook(t, own.url);
  own.secrets = [hook.secret];
  if (answer) own.answer = answer;
  t.after(() => own.stop());
  return { hook, own };
}

/** The delivery of the report that was made, once it has been tried. */
async function tried(hook, attempts = 1) {
  await until(async () => (await newest(hook))?.attempts >= attempts, `${attempts} attempts`);
  return newest(hook);
}

/** The server's clock goes ahead. */
async function shift(seconds) {
  server.options.env = { LD_PRELOAD: shim('shift_clock'), BZCTRL_SHIFT_CLOCK: String(seconds) };
  server.tokens.clear();
  await server.restart();
}

describe('what a receiver answers', () => {
  for (const [status, headers] of [[500, {}], [404, {}], [301, { location: 'https://example.com/' }], [302, {}]])
    test(`${status} is a failure, tried again after 5 s with the same id and another time`, async (t) => {
      const { hook, own } = await subscribe(t, ({ index }, response) =>
        (index === 0 ? response.writeHead(status, headers).end('not now') : response.writeHead(200).end()));
      await report();
      await own.expect(1);
      const delivery = await tried(hook);
      assert.deepEqual([delivery.state, delivery.status, delivery.answer], ['waiting', status, 'not now']);
      assert.match(delivery.error, new RegExp(String(status)));
      assert.ok(wait(delivery) >= 5 && wait(delivery) <= 6.1, String(wait(delivery)));
      assert.notEqual((await read(hook)).failingSince, null);
      const [first, second] = await own.expect(2);
      assert.deepEqual([second.id, second.raw], [first.id, first.raw]);
      assert.ok(second.at >= first.at + 5, 'the time of the attempt');
      await until(async () => (await newest(hook)).state === 'delivered', 'it is delivered');
      assert.deepEqual([(await read(hook)).failingSince, (await newest(hook)).attempts], [null, 2]);
    });

  test('410 stops it; nothing is lost, and a manager can let it go on', async (t) => {
    const { hook, own } =
      await subscribe(t, ({ index }, response) => response.writeHead(index === 0 ? 410 : 200).end());
    await report();
    await own.expect(1);
    await until(async () => (await read(hook)).paused, 'it is paused');
    assert.equal((await read(hook)).pausedFor, 'gone');
    assert.equal((await tried(hook)).state, 'failed');
    const key = await report();
    const { items } = (await server.get(`${API}/changes?action=admin.webhook.paused`, { as: ADMIN })).json;
    assert.deepEqual(items.at(-1).changes.pause, [null, 'gone']);
    await send('PATCH', `${HOOKS}/${hook.id}`, { paused: false }, { 'if-match': '*' });
    assert.equal((await own.expect(2))[1].body.data.key, key);
    await server.command(['verify']);
  });

  test('429 with Retry-After: nothing more until then', async (t) => {
    const { hook } = await subscribe(t, (_, response) => response.writeHead(429, { 'retry-after': '120' }).end());
    await report();
    const delivery = await tried(hook);
    assert.ok(wait(delivery) >= 2 * MINUTE, String(wait(delivery)));
    await report();
    assert.equal((await deliveriesOf(hook)).filter(({ attempts }) => attempts > 0).length, 1);
  });

  test('garbage, an endless head, and a connection that is cut are failures', async (t) => {
    for (const answer of [
      (socket) => socket.end('what?\r\n\r\n'),
      (socket) => socket.end(),
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        const timer = setInterval(() => socket.write(`x-more: ${'x'.repeat(1000)}\r\n`), 1);
        socket.on('close', () => clearInterval(timer));
      },
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort'),
    ]) {
      const raw = createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => answer(socket));
      });
      await new Promise((resolve) => { raw.listen(0, '127.0.0.1', resolve); });
      const hook = await addHook(t, `http://127.0.0.1:${raw.address().port}/`);
      await report();
      const delivery = await tried(hook);
      assert.deepEqual([delivery.state, delivery.status], ['waiting', null], delivery.error);
      assert.match(delivery.error, /^No answer: ./);
      await send('DELETE', `${HOOKS}/${hook.id}`);
      raw.close();
    }
  });

  test('an answer without an end counts by its status, and is not read to the end', async (t) => {
    const { hook, own } = await subscribe(t, (_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'.repeat(65_536)), 1);
      response.on('close', () => clearInterval(timer));
    });
    await report();
    await own.expect(1);
    await until(async () => (await newest(hook)).state === 'delivered', 'it is delivered');
    assert.equal((await newest(hook)).answer.length, 1024);
  });

  test('one that hangs, or accepts nothing, holds up nobody else', async (t) => {
    const hanging = await subscribe(t, () => {});
    const refusing = await addHook(t, 'http://127.0.0.1:1/');
    const { own } = await subscribe(t, (_, response) => response.writeHead(204).end());
    for (let i = 1; i <= 5; i++) {
      await report();
      await own.expect(i);
    }
    assert.equal(hanging.own.deliveries.length, 1, 'one attempt at a time');
    assert.equal((await tried(refusing)).status, null);
    const late = await tried(hanging.hook); /* 15 s later */
    assert.deepEqual([late.state, late.status], ['waiting', null]);
  });
});

describe('over time', () => {
  test('the waits grow; after its third attempt others go on; after ten it is given up', async (t) => {
    const { hook, own } = await subscribe(t, ({ body }, response) =>
      response.writeHead(body.data.title === 'Bad' ? 500 : 200).end());
    assert.equal((await server.addTask(small({ title: 'Bad' }))).status, 201);
    const first = await tried(hook);
    await report();
    const waits = [5, 5 * MINUTE, 30 * MINUTE, 120 * MINUTE, 300 * MINUTE, 600 * MINUTE, 840 * MINUTE, 1200 * MINUTE,
      1440 * MINUTE];
    const bad = async (attempts) => {
      const path = `${HOOKS}/${hook.id}/deliveries/${first.id}`;
      await until(async () => (await send('GET', path)).json.attempts === attempts, `attempt ${attempts}`);
      return (await send('GET', path)).json;
    };
    let ahead = 0;
    for (const [i, seconds] of waits.entries()) {
      const delivery = await bad(i + 1);
      assert.ok(wait(delivery) >= seconds && wait(delivery) <= seconds * 1.2 + 1, `${i}: ${wait(delivery)}`);
      if (i < 2) assert.ok(own.deliveries.every(({ body }) => body.data.title === 'Bad'), 'the next waits');
      ahead += Math.ceil(seconds * 1.2) + 1;
      await shift(ahead);
      if (i >= 2) await until(() => own.deliveries.some(({ body }) => body.data.title !== 'Bad'), 'the next is sent');
    }
    const last = await bad(10);
    assert.deepEqual([last.state, last.nextAttemptAt], ['failed', null]);
    assert.equal(new Set(own.deliveries.filter(({ body }) => body.data.title === 'Bad').map(({ id }) => id)).size, 1);
    assert.deepEqual(own.faults.filter(({ message }) => !/timestamp/.test(message)), []);
    own.faults = []; /* times that are ahead */
    await shift(0);
  });
});

describe('paused after five days', () => {
  test('with a word a day before, and then; resumed, all of it comes', async (t) => {
    let status = 500;
    const { hook, own } = await subscribe(t, (_, response) => response.writeHead(status).end());
    const DAY = 86_400;
    const key = await report();
    await tried(hook);
    /* The one who answers for it, and those who manage the domain: in the app, and by mail. */
    const notified = (reason, words) => until(async () => {
      for (const as of [ADMIN, MANAGER]) {
        const { items } = (await server.get(`${API}/me/notifications`, { as })).json;
        if (!items.some((one) => one.reason === reason && one.key === key && one.by === null)) return false;
        if (!readMaildir(MAILS).some(({ to, text }) => to[0][1] === as && text.includes(key) && words.test(text)))
          return false;
      }
      return true;
    }, `both to hear of ${reason}`);
    const told = async () =>
      (await server.get(`${API}/changes?action=admin.webhook.*&limit=200`, { as: ADMIN })).json.items;
    const actions = async () => (await told())
      .filter(({ changes }) => changes.webhook[0] === hook.id).map(({ action }) => action);
    await shift(4 * DAY + MINUTE);
    await until(async () => (await actions()).includes('admin.webhook.failing'), 'the warning');
    assert.equal((await read(hook)).paused, false);
    await notified('webhookFailing', /nothing for four days, including this record; it will be paused tomorrow/);
    await shift(5 * DAY + 10 * MINUTE);
    await until(async () => (await actions()).includes('admin.webhook.paused'), 'the pause');
    assert.deepEqual([(await read(hook)).pausedFor, (await actions()).filter((a) => a.endsWith('failing')).length],
      ['failing', 1]);
    await notified('webhookPaused', /A webhook is paused, and does not deliver this/);
    const toExample = (await server.get(`${API}/me/notifications`)).json.items;
    assert.ok(!toExample.some(({ reason }) => reason.startsWith('webhook')), 'nobody else');
    await report();
    status = 200;
    const before = own.deliveries.length;
    await send('PATCH', `${HOOKS}/${hook.id}`, { paused: false }, { 'if-match': '*' });
    await until(() => own.deliveries.length >= before + 1, 'what waited');
    own.faults = []; /* times that are ahead */
    await server.command(['verify']);
    await shift(0);
  });
});

describe('paused before it has delivered anything', () => {
  for (const place of [{ workspace: WORKSPACE }, { domain: EXAMPLE.domain }])
    test(`by the answer to a test: people hear of it by the newest record of the ${Object.keys(place)}`, async (t) => {
      const key = await report();
      const own = await startReceiver();
      t.after(() => own.stop());
      own.answer = (_, response) => response.writeHead(410).end();
      const { json: hook } = await send('POST', HOOKS, { url: own.url, ...place });
      own.secrets = [hook.secret];
      t.after(() => send('DELETE', `${HOOKS}/${hook.id}`));
      assert.equal((await send('POST', `${HOOKS}/${hook.id}/test`)).status, 202);
      await until(async () => (await read(hook)).pausedFor === 'gone', 'it is paused');
      for (const as of [ADMIN, MANAGER])
        await until(async () => (await server.get(`${API}/me/notifications`, { as })).json.items
          .some((one) => one.reason === 'webhookPaused' && one.key === key), `${as} hears of it`);
    });
});

describe('what is sent', () => {
  test('changes of a record that says megabytes arrive, and hold up nothing', async (t) => {
    const { hook, own } = await subscribe(t);
    const key = await report();
    const patch = async (changes) => {
      const answer = await send('PATCH', `${API}/tasks/${key}`, changes, { 'if-match': '*' });
      assert.equal(answer.status, 200, answer.text.slice(0, 500));
    };
    for (const member of ['description', 'cause']) await patch({ [member]: '\u{1F600}'.repeat(65_536) });
    const blob = (character) => character.repeat(330_000);
    await patch({ blob: blob('€') });
    await patch({ blob: blob('₭') });
    const after = await report();
    await until(async () => (await newest(hook))?.key === after, 'the report after it');
    const deliveries = await own.expect(6);
    assert.deepEqual([deliveries[4].body.previous.blob ?? deliveries[4].body.previous.extra.blob],
      [blob('€')]);
    assert.equal(deliveries[5].body.data.key, after);
  });
});

describe('where it must not go', () => {
  test('names and forms of private addresses, whatever they resolve to', async (t) => {
    const own = await startReceiver();
    t.after(() => own.stop());
    const port = new URL(own.url).port;
    server.options.args = ['--webhook-allow', '192.0.2.0/24'];
    await server.restart();
    for (const url of [`http://localhost:${port}/`, `https://localhost:${port}/`]) {
      const hook = await addHook(t, url);
      await report();
      assert.match((await tried(hook)).error, /private address|without TLS/, url);
      await send('DELETE', `${HOOKS}/${hook.id}`);
    }
    assert.equal(own.deliveries.length, 0);
    server.options.args = ARGS;
    await server.restart();
  });

  test('a name that leads to another address at its second look-up', async (t) => {
    const names = makeFile('127.0.0.2\n');
    const own = await startReceiver('127.0.0.2');
    const trap = await startReceiver('127.0.0.1', new URL(own.url).port);
    t.after(() => Promise.all([own.stop(), trap.stop()]));
    server.options.args = ['--webhook-allow', '127.0.0.2/32'];
    server.options.env = { LD_PRELOAD: shim('names'), BZCTRL_NAMES: names };
    await server.restart();
    const hook = await addHook(t, own.url.replace('127.0.0.2', 'receiver.test'));
    await report();
    await own.expect(1);
    await until(async () => (await newest(hook)).state === 'delivered', 'it is delivered');
    writeFileSync(names, '127.0.0.1\n');
    await server.restart();
    const key = await report();
    await until(async () => (await newest(hook)).key === key, 'the second delivery');
    assert.match((await tried(hook)).error, /without TLS only addresses are called/);
    assert.equal(trap.deliveries.length, 0);
    server.options.args = ARGS;
    server.options.env = {};
    await server.restart();
  });

  test('a name whose look-up hangs holds up nobody else, and no stop', async (t) => {
    server.options.env = { LD_PRELOAD: shim('names') };
    await server.restart();
    const { own } = await subscribe(t);
    const hook = await addHook(t, 'https://hanging.test/');
    await report();
    assert.match((await tried(hook)).error, /^No answer/);
    await report();
    await own.expect(2);
    server.options.env = {};
    await server.restart();
  });

  test('no proxy of the environment is used, and no redirect is followed', async (t) => {
    const proxy = await startReceiver();
    t.after(() => proxy.stop());
    server.options.env = { http_proxy: proxy.url, https_proxy: proxy.url, all_proxy: proxy.url, ALL_PROXY: proxy.url };
    await server.restart();
    const { own } = await subscribe(t, (_, response) => response.writeHead(307, { location: proxy.url }).end());
    await report();
    await own.expect(1);
    assert.equal(proxy.deliveries.length, 0);
    server.options.env = {};
    await server.restart();
  });

  test('an acc server calls nobody who is not on its list', async (t) => {
    server.options.args = [...ALLOW, '--environment', 'acc', '--acc-allow', 'example.com'];
    await server.restart();
    const { hook, own } = await subscribe(t, (_, response) => response.writeHead(200).end());
    await report();
    await until(async () => (await newest(hook))?.nextAttemptAt, 'it is put off');
    server.options.args = [...ALLOW, '--environment', 'acc', '--acc-allow', 'example.com, 127.0.0.1'];
    await server.restart();
    await own.expect(1);
    server.options.args = ARGS;
    await server.restart();
  });
});

describe('a crash', () => {
  test('kill -9 during a delivery: it comes again with the same id, and nothing is lost', async (t) => {
    let hangs = true;
    const { own } = await subscribe(t, (_, response) => hangs || response.writeHead(200).end());
    const keys = [];
    for (let i = 0; i < 3; i++) keys.push((await server.createAndRead(small())).key);
    await own.expect(1);
    await server.kill9();
    hangs = false;
    await server.start();
    await until(() => own.deliveries.length >= 4, 'all of them');
    const [first, ...rest] = own.deliveries;
    assert.deepEqual(rest.map(({ body }) => body.data.key), keys);
    assert.deepEqual([rest[0].id, rest[0].raw], [first.id, first.raw]);
  });

  test('at any moment: each event comes, in order, and what comes twice has the same id', async (t) => {
    const { own } = await subscribe(t, (_, response) => response.writeHead(200).end());
    const keys = [];
    for (let round = 0; round < 8; round++) {
      const items = Array.from({ length: 5 }, () => ({ task: small() }));
      const { json } = await server.addTasks(items);
      keys.push(...json.items.map(({ task }) => task.taskLink.split('/').at(-1)));
      await new Promise((resolve) => { setTimeout(resolve, round * 15); });
      await server.kill9();
      await server.start();
    }
    await until(() => new Set(own.deliveries.map(({ id }) => id)).size >= keys.length, 'all of them');
    const seen = new Map();
    for (const { id, body } of own.deliveries) if (!seen.has(id)) seen.set(id, body.data.key);
    assert.deepEqual([...seen.values()], keys);
  });
});
