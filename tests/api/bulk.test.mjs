/*
 * add-tasks: many reports in one call, each with its own verdict, and none of them stored twice.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { caughtUp, connect, readAnswers } from '../lib/http.mjs';
import { until } from '../lib/program.mjs';
import { ADD_TASKS, API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const MANAGER = { email: 'manager@example.com', role: 'manager', domain: 'EXA' };
const VIEWER = { email: 'viewer@example.com', role: 'viewer', domain: EXAMPLE.domain };
const OTHER = { ...EXAMPLE, email: 'other@example.com' };
const NDJSON = { 'content-type': 'application/x-ndjson' };

let server;
before(async () => {
  server = await startServer({
    workspaces: [WORKSPACE, 'EXA-OTH-WOR', 'EXA-THI-WOR'],
    users: [EXAMPLE, OTHER, MANAGER, VIEWER, { ...EXAMPLE, email: 'wide@example.com', domain: 'EXA' }],
  });
  await server.token();
});
after(() => server.stop());

const item = (changes = {}, key) => ({ ...(key ? { idempotencyKey: key } : {}), task: small(changes) });
const lines = (items) => items.map((i) => JSON.stringify(i)).join('\n');

async function taken(items, options) {
  const answer = await server.addTasks(items, options);
  assert.equal(answer.status, 200, answer.text);
  return answer.json.items;
}
const statuses = (items) => items.map((i) => i.status);
const titles = async (start) => (await server.listAll({}, { as: MANAGER.email })).map((t) => t.title)
  .filter((t) => t.startsWith(start));

describe('what is taken', () => {
  test('verdicts come in the order of the items; a refused one does not hinder the others', async () => {
    const answers = await taken([
      item({ title: 'order 0' }), item({ title: '' }), item({ title: 'order 2', orderID: ['A', 'B'] }),
      item({ financialImpact: 'x', status: 'y' }), item({ title: 'order 4' }),
    ]);
    assert.deepEqual(statuses(answers), [201, 422, 201, 422, 201]);
    assert.deepEqual(Object.keys(answers[2].task), ['title', 'taskType', 'description', 'taskLink', 'tags']);
    assert.deepEqual(answers[2].task.tags, ['A', 'B']);
    assert.deepEqual((await titles('order ')).reverse(), ['order 0', 'order 2', 'order 4']);
    const numbers = [0, 2, 4].map((i) => Number(/-(\d+)$/.exec(answers[i].task.taskLink)[1]));
    assert.deepEqual(numbers, [numbers[0], numbers[0] + 1, numbers[0] + 2], 'a refused one burns no number');
  });

  test('a refused item has the very problem that add-task answers with', async () => {
    const reports = [small({ title: '', impact: 'Severe' }), small({ domainWorkSpace: 'NO-WHERE' }),
      { ...small(), TITLE: 'twice' }, []];
    const answers = await taken(reports.map((task) => ({ task })));
    for (const [i, report] of reports.entries()) {
      const alone = await server.addTask(report);
      assert.equal(answers[i].status, alone.status);
      if (alone.status === 422) assert.deepEqual(answers[i].problem, alone.json);
    }
    assert.equal(answers[3].status, 400);
  });

  test('1,000 items are taken, 1,001 refused', async () => {
    const items = Array.from({ length: 1000 }, (_, i) => item({ title: `many ${i}` }, `many-${i}`));
    const first = await taken(items);
    assert.ok(first.every((i) => i.status === 201 && !i.replayed));
    assert.deepEqual((await titles('many ')).reverse(), items.map((i) => i.task.title));
    const again = await taken(items);
    assert.deepEqual(again.map(({ replayed, ...rest }) => rest), first);
    assert.ok(again.every((i) => i.replayed === true));
    assert.equal((await titles('many ')).length, 1000);

    const more = await server.addTasks([...items, item({ title: 'many more' })]);
    assert.equal(more.status, 422);
    assert.match(more.json.detail, /1000/);
    assert.equal((await titles('many ')).length, 1000);
  });

  test('an empty list is answered with one', async () => {
    assert.deepEqual(await taken('[]'), []);
    assert.deepEqual(await taken(' [ ] \n'), []);
    assert.deepEqual(await taken('', { headers: NDJSON }), []);
    assert.deepEqual(await taken('\n \r\n', { headers: NDJSON }), []);
  });

  test('workspaces of several domains in one call', async () => {
    const places = [WORKSPACE, 'EXA-OTH-WOR', 'EXA-THI-WOR', 'EXA-OTH-WOR', WORKSPACE, 'ACME-WOR'];
    const answers = await taken(
      places.map((domainWorkSpace, i) => item({ domainWorkSpace, title: `places ${i}`, reporter: MANAGER.email })),
      { as: 'manager@example.com' },
    );
    assert.deepEqual(statuses(answers), [201, 201, 201, 201, 201, 422]);
    for (const i of [0, 1, 2, 3, 4])
      assert.ok(answers[i].task.taskLink.includes(`/${places[i]}-`), answers[i].task.taskLink);
  });

  test('receipts are those of the history', async () => {
    const [one] = await taken([item({ title: 'receipt' })]);
    const key = one.task.taskLink.split('/').pop();
    const { items } = (await server.get(`${API}/tasks/${key}/events`)).json;
    const [domain, seq, hash] = one.receipt.split(':');
    assert.deepEqual([domain, Number(seq)], [items[0].domain, items[0].seq]);
    assert.equal(hash, items[0].hash);
  });

  test('form and dryRun count for all items', async () => {
    const path = `${API}/workspaces/${WORKSPACE}/forms/bulk`;
    const put = await server.send(MANAGER.email, 'PUT', path, {
      todoType: 'TASK', fields: [{ name: 'priority', default: 'High', locked: true }],
    });
    assert.equal(put.status, 201, put.text);
    const report = small({ title: 'by form', todoType: undefined });
    const dry = await taken([{ task: report }, { task: { ...report, priority: 'Low' } },
      { task: { ...report, impakt: 'x' } }], { query: '?form=bulk&dryRun=true' });
    assert.deepEqual(statuses(dry), [200, 422, 200]);
    assert.equal(dry[0].record.priority, 'High');
    assert.equal(dry[0].record.key, null);
    assert.equal(dry[2].warnings.length, 1);
    assert.deepEqual(await titles('by form'), [], 'a dry run stores nothing');
    const real = await taken(
      [{ task: report }, { task: small({ title: 'by form', todoType: undefined, domainWorkSpace: 'EXA-OTH-WOR' }) }],
      { query: '?form=bulk', as: 'wide@example.com' });
    assert.deepEqual(statuses(real), [201, 404]);
    assert.equal(real[0].task.taskType, 'TASK');
    assert.equal((await server.addTasks([], { query: '?from=x' })).status, 400);
  });
});

describe('patterns', () => {
  const path = (name) => `${API}/workspaces/${WORKSPACE}/forms/${name}`;

  test('the items of a call have one budget for patterns; what comes after it is told so', async () => {
    const put = await server.send(MANAGER.email, 'PUT', path('exploding'),
      { fields: [{ name: 'a', type: 'text', pattern: '^(a|aa)+$' }] });
    assert.equal(put.status, 201, put.text);
    const items =
      Array.from({ length: 1000 }, (_, i) => item({ title: `costly ${i}`, a: i % 2 ? 'aaa' : `${'a'.repeat(150)}!` }));
    const answers = await taken(items, { query: '?form=exploding' });
    const end = answers.findIndex(({ status }, i) => i % 2 && status === 422);
    assert.ok(end > 10 && end < 100, `the budget ends at item ${end}`);
    for (const [i, { status, problem }] of answers.entries()) {
      assert.equal(status, i % 2 && i < end ? 201 : 422, `item ${i}`);
      if (status === 422)
        assert.deepEqual(problem.errors.map(({ pointer, code }) => [pointer, code]), [['/a', 'too_costly']]);
    }
    assert.deepEqual(statuses(await taken([items[999]], { query: '?form=exploding' })), [201],
      'the next call has its own');
  });

  test('what takes the lane several turns is judged to its end, in order', async () => {
    const put = await server.send(MANAGER.email, 'PUT', path('turns'),
      { fields: [{ name: 'a', type: 'longText', pattern: '\\w+[:=]\\w+' }] });
    assert.equal(put.status, 201, put.text);
    const text = 'The quick brown fox and 12 lazy dogs. '.repeat(800);
    const answers = await taken(
      Array.from({ length: 60 }, (_, i) => item({ title: `turns ${i}`, a: i % 3 ? `${text}a=b` : text }, `turns-${i}`)),
      { query: '?form=turns' },
    );
    assert.deepEqual(statuses(answers), answers.map((_, i) => (i % 3 ? 201 : 422)));
    assert.ok(answers.every(({ problem }) => !problem || problem.errors[0].code === 'pattern'));
    assert.equal((await titles('turns ')).length, 40);
  });
});

describe('keys', () => {
  test('add-task and add-tasks know each other’s keys', async () => {
    const raw = JSON.stringify(small({ title: 'either way' }));
    const alone = await server.addTask(raw, { headers: { 'idempotency-key': '"either-1"' } });
    const [bulk] = await taken(`[{"task": ${raw} ,"idempotencyKey":"either-1"}]`);
    assert.deepEqual([bulk.status, bulk.replayed], [201, true]);
    assert.deepEqual(bulk.task, alone.json);
    assert.equal(bulk.receipt, alone.headers['bzctrl-receipt']);

    const [first] = await taken(`{"idempotencyKey":"either-2","task":${raw}}`, { headers: NDJSON });
    const later = await server.addTask(raw, { headers: { 'idempotency-key': 'either-2' } });
    assert.equal(later.status, 201);
    assert.equal(later.headers['idempotent-replayed'], 'true');
    assert.deepEqual(later.json, first.task);
    assert.equal((await titles('either way')).length, 2);
  });

  test('the same key with another task is refused, and so is it within one call', async () => {
    const answers = await taken([
      item({ title: 'twice' }, 'twice'), item({ title: 'twice' }, 'twice'), item({ title: 'twice, other' }, 'twice'),
    ]);
    assert.deepEqual(statuses(answers), [201, 201, 422]);
    assert.deepEqual(answers.map((i) => i.replayed), [undefined, true, undefined]);
    assert.deepEqual(answers[1].task, answers[0].task);
    assert.equal(answers[2].problem.errors, undefined);
    assert.equal((await titles('twice')).length, 1);
  });

  test('parallel calls with the same keys: one record each', async () => {
    const items = Array.from({ length: 40 }, (_, i) => item({ title: `parallel ${i}` }, `parallel-${i}`));
    const calls = await Promise.all(Array.from({ length: 12 }, () => taken(items)));
    for (const call of calls) assert.deepEqual(call.map((i) => i.task), calls[0].map((i) => i.task));
    assert.equal((await titles('parallel ')).length, 40);
    for (let i = 0; i < 40; i++) assert.equal(calls.filter((call) => !call[i].replayed).length, 1);
  });

  test('a refused item binds no key, and what was accepted is answered again though it would be refused', async () => {
    assert.deepEqual(statuses(await taken([item({ title: '' }, 'mended')])), [422]);
    assert.deepEqual(statuses(await taken([item({ title: 'mended' }, 'mended')])), [201]);
    let tooOld, late, first;
    for (let margin = 3000; first?.status !== 201; margin *= 2) { // until it comes in time on a machine that is busy
      assert.ok(margin < 100_000, JSON.stringify(first));
      tooOld = Date.now() + margin;
      const occurredAt = new Date(tooOld - 30 * 86_400_000).toISOString();
      late = [item({ title: 'late', occurredAt }, 'late'), item({ title: 'late', occurredAt }, 'later')];
      [first] = await taken(late.slice(0, 1));
    }
    await new Promise((resolve) => setTimeout(resolve, tooOld + 100 - Date.now()));
    const again = await taken(late);
    assert.deepEqual(statuses(again), [201, 422]);
    assert.equal(again[0].replayed, true);
  });

  test('keys are of the account, and a bad one is the item’s own fault', async () => {
    const [one] = await taken([item({ title: 'mine' }, 'shared')]);
    const [two] = await taken([item({ title: 'yours' }, 'shared')], { as: OTHER.email });
    assert.deepEqual([one.status, two.status], [201, 201]);
    const bad = ['', 'k'.repeat(256), 'é', 'a\nb', 5, ['a'],
      {}].map((idempotencyKey) => ({ idempotencyKey, task: small({ title: 'bad key' }) }));
    assert.deepEqual(statuses(await taken([...bad, { idempotencyKey: null, task: small({ title: 'no key' }) }])),
      [...bad.map(() => 400), 201]);
    assert.deepEqual(statuses(await taken([item({}, 'k'.repeat(255)), item({}, ' " \\ ')])), [201, 201]);
    assert.deepEqual(await titles('bad key'), []);
  });

  test('the header is refused: there is a key per item', async () => {
    const answer = await server.addTasks([item({ title: 'header' })], { headers: { 'idempotency-key': '"all"' } });
    assert.equal(answer.status, 400);
    assert.deepEqual(await titles('header'), []);
  });

  test('restart: keys of items are kept', async () => {
    const items = [item({ title: 'restart' }, 'restart')];
    const [first] = await taken(items);
    await server.restart();
    const [again] = await taken(items);
    assert.deepEqual(again, { ...first, replayed: true });
  });
});

describe('the body', () => {
  test('items that are none have a 400 of their own', async () => {
    const answers =
      await taken('[1, "text", null, [], {}, {"task":null}, {"task":[]}, {"task":{},"x":1}, true, -1.5e3]');
    assert.deepEqual(statuses(answers), Array(10).fill(400));
    for (const { problem } of answers) assert.ok(problem.detail.length > 10);
    assert.match(answers[7].problem.detail, /"x"/);
  });

  test('a fault in a list refuses the call, tells line and column, and stores nothing', async () => {
    const good = JSON.stringify(item({ title: 'list fault' }));
    const cases = [
      [`[${good},\n  {"task":{"title":"x",,}}]`, /line 2, column 24/],
      [`[${good}\n ,é]`, /line 2, column 3/],
      [`[${good}\n${good}]`, /line 2, column 1: expected a comma/],
      [`[${good},]`, /expected an item/],
      [`[${good}`, /expected a comma or ']' after the item, found the end/],
      [`[${good},`, /expected an item, found the end/],
      [`[${good}] x`, /nothing more/],
      [`[${good},{"task":{"title":"open`, /line 1/],
      [`[${good},{"task":{"a":1,"a":2}}]`, /second time/],
      [`[${good},${'['.repeat(40)}${']'.repeat(40)}]`, /32 levels/],
      [`[${good},12`, /found the end/],
      [`[${good},{"task":{]}]`, /line 1/],
      [good, /'\['/],
      ['', /'\['/],
      ['\ufeff[]', /byte order mark/],
    ];
    for (const [body, detail] of cases) {
      const answer = await server.addTasks(body);
      assert.equal(answer.status, 400, `${body.slice(-60)}: ${answer.text}`);
      assert.match(answer.json.detail, detail, body.slice(-60));
    }
    assert.deepEqual(await titles('list fault'), []);
  });

  test('NDJSON: CRLF, empty lines, blanks, no line end at the end; a bad line is its own 400', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((t) => JSON.stringify(item({ title: `lines ${t}` })));
    const answers = await taken(`${a}\r\n\r\n \t${b} \n{"task":\n[\n\n${c}`, { headers: NDJSON });
    assert.deepEqual(statuses(answers), [201, 201, 400, 400, 201]);
    assert.match(answers[2].problem.detail, /line 4, column 9/);
    assert.match(answers[3].problem.detail, /line 5, column 2/);
    assert.deepEqual((await titles('lines ')).reverse(), ['lines a', 'lines b', 'lines c']);
    const [place] = await taken(`\n  {"task":{"x":é}}`, { headers: NDJSON });
    assert.match(place.problem.detail, /line 2, column 16/);
    assert.deepEqual(statuses(await taken(`${a}\n`, { headers: NDJSON })), [201]);
    assert.deepEqual(statuses(await taken(Buffer.from([0xff, 10, 0, 10]), { headers: NDJSON })), [400, 400]);
  });

  test('bytes in tiny pieces, chunked, cut anywhere', async () => {
    const text = JSON.stringify([item({ title: 'pieces é \\u00e9 "] }' }), item({ title: '\\' }), item({ title: 'pieces [{' })]);
    const bytes = Buffer.from(text);
    const head = `POST ${ADD_TASKS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${await server.token()}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const chunks =
      [...bytes].map((byte) => Buffer.concat([Buffer.from('1\r\n'), Buffer.from([byte]), Buffer.from('\r\n')]));
    const pieces = [head,
      ...Array.from({ length: Math.ceil(chunks.length / 7) }, (_, i) => Buffer.concat(chunks.slice(7 * i, 7 * i + 7))),
      '0\r\n\r\n'];
    const { answers: [answer] } = await server.exchange(pieces, { answers: 1, pause: 1 });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(statuses(answer.json.items), [201, 201, 201]);
    assert.equal((await titles('pieces ')).length, 2);
  });

  test('an item of more than 1 MiB has a 413 of its own; 16 MiB and one byte is the call’s', async () => {
    const long = item({ title: 'long', x: 'x'.repeat(1024 * 1024 + 1024) });
    for (const [body, headers] of [[JSON.stringify([item({ title: 'beside' }), long, item({ title: 'beside' })]), {}],
      [lines([item({ title: 'beside' }), long, item({ title: 'beside' })]), NDJSON]])
      assert.deepEqual(statuses(await taken(body, { headers })), [201, 413, 201]);
    const blanks = ' '.repeat(16 * 1024 * 1024 - 2);
    assert.deepEqual(await taken(`[${blanks}]`), []);
    assert.equal((await server.addTasks(`[${blanks} ]`)).status, 413);
    const full = Array.from({ length: 230 }, (_, i) => item({ title: `full ${i}`, description: 'd'.repeat(65_536) }, `full-${i}`));
    assert.ok((await taken(full)).every((i) => i.status === 201));
    assert.deepEqual(
      statuses(await taken([item({ description: 'd'.repeat(65_537) }), item({ title: 't'.repeat(256) })])), [422, 422]);
  });

  test('who may not is refused before the body is read', async () => {
    const read = await server.clientToken(await server.addClient(MANAGER.email, { domain: 'EXA', scopes: ['task:read'] }));
    for (const [token, status] of [['nonsense', 401], [read, 403]]) {
      const head = `POST ${ADD_TASKS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n`;
      const { answers } = await server.exchange([head], { answers: 1 });
      assert.deepEqual(answers.map((answer) => answer.status), [status]);
    }
    assert.equal((await server.addTasks('[]', { headers: { 'content-type': 'text/plain' } })).status, 415);
    assert.equal((await server.addTasks('[]', { headers: { 'content-encoding': 'gzip' } })).status, 415);
    assert.deepEqual(statuses(await taken([item({ reporter: VIEWER.email })], { as: VIEWER.email })), [403]);
  });

  test('a client that goes in the middle leaves nothing, and a truncated body stores nothing', async () => {
    const body = JSON.stringify([item({ title: 'truncated' }), item({ title: 'truncated' })]);
    const head = `POST ${ADD_TASKS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${await server.token()}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    for (let i = 0; i < 20; i++) {
      const connection = await connect(server.where);
      connection.write(head + body.slice(0, -1));
      if (i % 2) await caughtUp(server.where.port); // it is read, or has just been sent
      connection.destroy();
    }
    const socket = await connect(server.where);
    socket.end(head + body.slice(0, -1));
    const chunks = [];
    for await (const chunk of socket) chunks.push(chunk);
    assert.deepEqual(readAnswers(Buffer.concat(chunks)).map((answer) => answer.status), [400]);
    assert.deepEqual(await titles('truncated'), []);
  });
});

test('GET /requests shows the call, and what was refused in it', async () => {
  await taken([item({ title: 'logged' }), item({ title: '', password: 'hidden' }), item({ impact: 'x' })],
    { as: OTHER.email });
  const found = await until(async () => {
    const { items } = (await server.get(`${API}/requests`, { as: OTHER.email })).json;
    return items.find((r) => r.path === ADD_TASKS && r.problem !== null);
  }, 'the call in the log');
  assert.equal(found.status, 200);
  assert.equal(found.workspace, WORKSPACE);
  assert.match(found.problem.detail, /2 of 3 items were refused; the first is items\[1\]/);
  assert.equal(found.problem.errors[0].pointer, '/title');
  assert.ok(found.body.includes('"logged"'));
  assert.ok(!found.body.includes('hidden'));
});

test('people who gain and lose a role while calls run: every verdict is one of the two', async () => {
  const stop = { now: false };
  const changes = (async () => {
    for (let i = 0; !stop.now; i++)
      await server.command(['user', 'add', `new-${i}@example.com`, '--domain', 'EXA', '--role', 'viewer',
        '--password-file', '/dev/null']).catch(() => {});
  })();
  for (let i = 0; i < 15; i++)
    assert.ok((await taken(Array.from({ length: 50 }, () => item({ title: 'meanwhile' }))))
      .every((one) => one.status === 201));
  stop.now = true;
  await changes;
  assert.equal((await titles('meanwhile')).length, 750);
});

test('kill -9 under load: what was acknowledged is there, and what is sent again is there once', async () => {
  const before = (await titles('killed ')).length;
  const acknowledged = new Map();
  const sent = [];
  for (let round = 0; round < 4; round++) {
    let running = true;
    const known = acknowledged.size;
    const clients = Array.from({ length: 6 }, async (_, client) => {
      for (let n = 0; running; n++) {
        const items = Array.from({ length: 100 },
          (_, i) => item({ title: `killed ${round} ${client} ${n} ${i}` }, `killed-${round}-${client}-${n}-${i}`));
        sent.push(items);
        const answer = await server.addTasks(items, { check: false }).catch(() => null);
        if (answer?.status === 200) for (const [i, one] of answer.json.items.entries())
          acknowledged.set(items[i].idempotencyKey, one.task);
        else running = false;
      }
    });
    await until(() => acknowledged.size > known + 100 * round, 'calls that are acknowledged');
    await server.kill9();
    running = false;
    await Promise.all(clients);
    await server.start();
  }
  for (const items of sent)
    for (const [i, one] of (await taken(items)).entries()) {
      const was = acknowledged.get(items[i].idempotencyKey);
      if (was) assert.deepEqual([one.task, one.replayed], [was, true]);
    }
  assert.ok(acknowledged.size > 0);
  assert.equal((await titles('killed ')).length - before, 100 * sent.length);
  await server.command(['verify']);
});

test('the examples of the document work, and the history is whole', async () => {
  const { openapi } = await import('../lib/openapi.mjs');
  const { two } = openapi.paths[ADD_TASKS].post.requestBody.content['application/json'].examples;
  assert.deepEqual(statuses(await taken(two.value)), [201, 201]);
  await server.command(['verify']);
});
