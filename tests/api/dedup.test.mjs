/*
 * A form's dedup rule: what happens to a second report of a record that is still open.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeFolder, runBzctrldOk, until } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const MANAGER = { email: 'manager@example.com', role: 'manager', domain: 'EXA' };
const OTHER = { ...EXAMPLE, email: 'other@example.com' };
const RACERS = 16;

let server;
before(async () => {
  server = await startServer({ workspaces: [WORKSPACE, 'EXA-CON-BUS-TWO'], users: [EXAMPLE, OTHER, MANAGER] });
  for (const user of [EXAMPLE, OTHER, MANAGER]) await server.token(user.email);
});
after(() => server.stop());

async function putForm(name, document, workspace = WORKSPACE) {
  const answer = await server.send(MANAGER.email, 'PUT', `${API}/workspaces/${workspace}/forms/${name}`, document);
  assert.equal(answer.status, 201, answer.text);
}

const dedup = (then, more = {}) => ({ dedup: { by: ['orderID', 'LRN', 'title'], then, ...more } });
const report = (form, changes = {}, options = {}) =>
  server.addTask(small(changes), { query: `?form=${form}`, ...options });
const keyOf = (answer) => answer.json.taskLink.split('/').pop();
const record = async (key) => (await server.get(`${API}/tasks/${key}`, { as: MANAGER.email })).json;
const events = async (key) =>
  (await server.get(`${API}/tasks/${key}/events?limit=200`, { as: MANAGER.email })).json.items;
const count = async (title) => (await server.listAll({}, { as: MANAGER.email }))
  .filter((t) => t.title === title).length;

describe('the three ways', () => {
  before(async () => {
    for (const then of ['answer', 'occurrence', 'refuse']) await putForm(then, dedup(then));
  });

  test('answer: the first one’s members, 200, no new number, no trace', async () => {
    const first = await report('answer', { title: 'a', description: 'the first' });
    const second = await report('answer', { title: 'a', description: 'the second' });
    assert.deepEqual([first.status, second.status], [201, 200]);
    assert.equal(second.text, first.text);
    assert.equal(second.headers.location, first.headers.location);
    assert.equal(second.headers.etag, '"1"');
    assert.equal(second.headers['bzctrl-receipt'], undefined);
    assert.equal((await events(keyOf(first))).length, 1);
    assert.equal((await record(keyOf(first))).version, 1);
    const next = await report('answer', { title: 'a, another' });
    assert.equal(Number(/\d+$/.exec(keyOf(next))[0]), Number(/\d+$/.exec(keyOf(first))[0]) + 1);
  });

  test('occurrence: an event in the first one’s history, version and ETag rise, the receipt is of that', async () => {
    const first = await report('occurrence', { title: 'o', description: 'the first' });
    const key = keyOf(first);
    for (let version = 2; version <= 4; version++) {
      const again = await report('occurrence', { title: 'o', description: `report ${version}`, impact: 'High' });
      assert.equal(again.status, 200, again.text);
      assert.equal(again.text, first.text);
      assert.equal(again.headers.etag, `"${version}"`);
      const [newest] = await events(key);
      assert.equal(newest.action, 'task.occurred');
      assert.equal(again.headers['bzctrl-receipt'], `${newest.domain}:${newest.seq}:${newest.hash}`);
      const [nothing, reported] = newest.changes.occurrence;
      assert.equal(nothing, null);
      assert.deepEqual([reported.description, reported.impact, reported.title], [`report ${version}`, 'High', 'o']);
    }
    const now = await record(key);
    assert.deepEqual([now.version, now.description], [4, 'the first']);
    assert.deepEqual((await events(key)).map((e) => e.action),
      ['task.occurred', 'task.occurred', 'task.occurred', 'task.created']);
  });

  test('refuse: 409 that names the first one', async () => {
    const first = await report('refuse', { title: 'r' });
    const second = await report('refuse', { title: 'r' });
    assert.equal(second.status, 409);
    assert.ok(second.json.detail.includes(keyOf(first)) && second.json.detail.includes(first.json.taskLink),
      second.json.detail);
    assert.equal(await count('r'), 1);
  });

  test('what is compared: all values of the rule, and no others', async () => {
    const base = { title: 'compared', orderID: ['A', 'B'], LRN: 'L' };
    const first = await report('answer', base);
    const same = [{ description: 'x' }, { priority: 'High' }, { tags: ['t'] }];
    for (const more of same)
      assert.equal((await report('answer', { ...base, ...more })).headers.location, first.headers.location);
    const others =
      [{ title: 'Compared' }, { orderID: ['A'] }, { orderID: ['B', 'A'] }, { LRN: undefined }, { LRN: 'M' }];
    for (const more of others)
      assert.equal((await report('answer', { ...base, ...more })).status, 201, JSON.stringify(more));
    assert.equal((await report('answer', { ...base, LRN: null })).status, 200, 'absent equals absent');
  });

  test('another form, another workspace: another record', async () => {
    await putForm('answer', dedup('answer'), 'EXA-CON-BUS-TWO');
    for (const [form, domainWorkSpace] of [['answer', WORKSPACE], ['occurrence', WORKSPACE],
      ['answer', 'EXA-CON-BUS-TWO'], ['default', WORKSPACE], ['default', WORKSPACE]])
      assert.equal((await report(form, { title: 'elsewhere', domainWorkSpace })).status, 201,
        `${form} ${domainWorkSpace}`);
  });

  test('what is Done or Expired is no longer there for a second report, and repeats nothing', async () => {
    for (const status of ['Done', 'Expired']) {
      for (let i = 0; i < 2; i++)
        assert.equal((await report('refuse', { title: `closed ${status}`, status })).status, 201);
      assert.equal((await report('refuse', { title: `closed ${status}` })).status, 201, 'the open one is the first');
      assert.equal((await report('refuse', { title: `closed ${status}`, status })).status, 201,
        'a closed one is a record of its own');
      assert.equal((await report('refuse', { title: `closed ${status}` })).status, 409);
    }
  });

  test('a dry run, and a report that is refused, occupy nothing', async () => {
    const dry = await report('refuse', { title: 'dry' }, { query: '?form=refuse&dryRun=true' });
    assert.equal(dry.status, 200);
    assert.equal((await report('refuse', { title: 'dry', impact: 'x' })).status, 422);
    assert.equal((await report('refuse', { title: 'dry' })).status, 201);
  });
});

describe('with keys', () => {
  test('a repetition of a repetition gets its answer again, and adds nothing', async () => {
    const headers = (key) => ({ headers: { 'idempotency-key': key } });
    const first = await report('occurrence', { title: 'keys' }, headers('keys-1'));
    const second = await report('occurrence', { title: 'keys' }, headers('keys-2'));
    assert.deepEqual([first.status, second.status], [201, 200]);
    for (const [key, answer] of [['keys-1', first], ['keys-2', second]]) {
      const again = await report('occurrence', { title: 'keys' }, headers(key));
      assert.equal(again.headers['idempotent-replayed'], 'true');
      assert.deepEqual([again.status, again.text, again.headers.etag, again.headers['bzctrl-receipt']],
        [answer.status, answer.text, answer.headers.etag, answer.headers['bzctrl-receipt']]);
    }
    assert.equal((await events(keyOf(first))).length, 2);
    assert.equal((await report('occurrence', { title: 'keys', LRN: 'x' }, headers('keys-2'))).status, 422);
    const refused = { title: 'keys, refused' };
    assert.equal((await report('refuse', refused, headers('keys-3'))).status, 201);
    assert.equal((await report('refuse', refused, headers('keys-4'))).status, 409);
    assert.equal((await report('refuse', { ...refused, LRN: 'mended' }, headers('keys-4'))).status, 201,
      'a 409 binds no key');
  });
});

describe('sources', () => {
  before(async () => {
    for (const then of ['answer', 'refuse']) await putForm(`all-${then}`, dedup(then, { acrossSources: true }));
  });

  test('two accounts report the same: two records, unless the form says otherwise', async () => {
    const one = await report('answer', { title: 'sources' });
    const two = await report('answer', { title: 'sources' }, { as: OTHER.email });
    assert.deepEqual([one.status, two.status], [201, 201]);
    const across = await report('all-answer', { title: 'across', description: 'mine' });
    const again = await report('all-answer', { title: 'across', description: 'theirs' }, { as: OTHER.email });
    assert.equal(again.status, 200);
    assert.equal(again.text, across.text, 'both read in this workspace');
  });

  test('who may not read the first one learns nothing of what is in it', async () => {
    const client = await server.clientToken(await server.addClient(MANAGER.email, { scopes: ['task:create'] }));
    const first = await report('all-answer', { title: 'alien', description: 'not for others', tags: ['inner'] });
    const answer = await report('all-answer', { title: 'alien', description: 'as sent' }, { token: client });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json, { ...first.json, description: 'as sent', tags: ['ORDER 1'] });
    await report('all-refuse', { title: 'alien' });
    const refused = await report('all-refuse', { title: 'alien' }, { token: client });
    assert.equal(refused.status, 409);
    assert.ok(!refused.json.detail.includes(WORKSPACE), refused.json.detail);
    assert.equal((await report('answer', { title: 'own' }, { token: client })).status, 201);
    const own = await report('answer', { title: 'own', description: 'again' }, { token: client });
    assert.deepEqual([own.status, own.json.description], [200, 'Description'], 'its own first one');
  });
});

describe('at once', () => {
  for (const [then, second] of [['answer', 200], ['occurrence', 200], ['refuse', 409]])
    test(`${then}: ${RACERS} at a time, exactly one is created`, async () => {
      for (let round = 0; round < 8; round++) {
        const title = `race ${then} ${round}`;
        const answers =
          await Promise.all(Array.from({ length: RACERS }, (_, i) => report(then, { title, description: `${i}` })));
        const statuses = answers.map((a) => a.status).sort((a, b) => a - b);
        assert.deepEqual(statuses, [...Array(RACERS - 1).fill(second), 201].sort((a, b) => a - b));
        const winner = answers.find((a) => a.status === 201);
        for (const answer of answers) if (answer.status === 200) assert.equal(answer.text, winner.text);
        assert.equal(await count(title), 1);
        if (then === 'occurrence') {
          const history = await events(keyOf(winner));
          assert.equal(history.length, RACERS);
          assert.equal((await record(keyOf(winner))).version, RACERS);
          const receipts = new Set(answers.map((a) => a.headers['bzctrl-receipt']));
          assert.equal(receipts.size, RACERS, 'each has a receipt of its own');
        }
      }
    });

  test('in one call of add-tasks', async () => {
    const items = Array.from({ length: 6 }, (_, i) => ({ task: small({ title: 'bulk', description: `${i}` }) }));
    const verdicts = async (form) => (await server.addTasks(items, { query: `?form=${form}` })).json.items;
    for (const [form, rest] of [['answer', 200], ['occurrence', 200], ['refuse', 409]]) {
      const answers = await verdicts(form);
      assert.deepEqual(answers.map((i) => i.status), [201, rest, rest, rest, rest, rest]);
      for (const answer of answers) {
        if (rest === 200) assert.deepEqual(answer.task, answers[0].task);
        else if (answer.status === 409) assert.ok(answer.problem.detail.includes(WORKSPACE));
      }
      assert.equal(answers[1].receipt !== undefined, form === 'occurrence');
    }
  });
});

describe('the rule', () => {
  test('of fields that the form adds', async () => {
    await putForm('custom', {
      fields: [{ name: 'gate', type: 'number' }, { name: 'seal', type: 'text' }], unknownMembers: 'keep',
      dedup: { by: ['GATE', 'seal', 'reporter'], then: 'answer' },
    });
    const one = await report('custom', { title: '1', gate: 7, seal: 'x', deep: JSON.parse('['.repeat(31) + ']'.repeat(31)) });
    assert.equal(one.status, 201, one.text);
    assert.equal((await report('custom', { title: '2', gate: 7.0, SEAL: 'x' })).status, 200);
    assert.equal((await report('custom', { title: '3', gate: 8, seal: 'x' })).status, 201);
    await putForm('only', { dedup: { by: ['LRN'], then: 'refuse' } });
    for (let i = 0; i < 2; i++)
      assert.equal((await report('only', { title: 'without' })).status, 201, 'without the value nothing is compared');
    assert.equal((await report('only', { LRN: 'a' })).status, 201);
    assert.equal((await report('only', { LRN: 'a' })).status, 409);
  });

  test('that contradicts itself is refused, with a pointer to each slip', async () => {
    const cases = [
      ['x', ['/dedup wrong_type']],
      [{}, ['/dedup/by required', '/dedup/then required']],
      [{ by: [], then: 'merge', more: 1 },
        ['/dedup/by wrong_type', '/dedup/then not_an_option', '/dedup/more unknown_member']],
      [{ by: ['title', 'TITLE'], then: 'answer' }, ['/dedup/by/1 duplicate_member']],
      [{ by: ['title', 'gate', 'status', 'workspace'], then: 'answer' },
        ['/dedup/by/1 unknown_member', '/dedup/by/2 unknown_member', '/dedup/by/3 unknown_member']],
      [{ by: ['title'], then: 'answer', acrossSources: 'yes' }, ['/dedup/acrossSources wrong_type']],
      [{ by: Array.from({ length: 21 }, (_, i) => `f${i}`), then: 'answer' }, ['/dedup/by too_many']],
    ];
    for (const [rule, expected] of cases) {
      const answer =
        await server.send(MANAGER.email, 'PUT', `${API}/workspaces/${WORKSPACE}/forms/wrong`, { dedup: rule });
      assert.equal(answer.status, 422, answer.text);
      assert.deepEqual(answer.json.errors.map((e) => `${e.pointer} ${e.code}`).sort(), expected.sort());
    }
  });
});

test('a backup that is restored knows what is open', async () => {
  const first = await report('refuse', { title: 'kept' });
  const file = path.join(makeFolder(), 'backup');
  await server.command(['backup', file]);
  const dir = makeFolder();
  await runBzctrldOk(['restore', file, '--data', dir]);
  const other = await startServer({ dataDir: dir });
  const again = await other.addTask(small({ title: 'kept' }), { query: '?form=refuse' });
  assert.equal(again.status, 409);
  assert.ok(again.json.detail.includes(keyOf(first)));
  await other.stop();
});

test('after a restart, and after kill -9 in the middle: one record each, and a history that is whole', async () => {
  const sent = new Set();
  for (let round = 0; round < 4; round++) {
    let answered = 0;
    let running = true;
    const clients = Array.from({ length: RACERS }, async (_, i) => {
      for (let n = 0; running; n++) {
        const title = `crash ${round} ${n % 20}`;
        sent.add(title);
        await report(i % 2 ? 'answer' : 'occurrence', { title }, { check: false }).then(
          () => answered++,
          () => {
            running = false;
          },
        );
      }
    });
    await until(() => answered > 20 * (round + 1), 'some reports that are answered');
    await server.kill9();
    running = false;
    await Promise.all(clients);
    await server.start();
    await server.command(['verify']);
  }
  const records = await server.listAll({}, { as: MANAGER.email });
  for (const title of sent)
    for (const form of ['answer', 'occurrence'])
      assert.ok(records.filter((t) => t.title === title && t.form === form).length <= 1, `${form}: ${title}`);
  const crashed = records.filter((t) => t.title.startsWith('crash '));
  assert.ok(crashed.length > 10);
  for (const { title, form, key, version } of crashed.slice(0, 30)) {
    const again = await report(form, { title });
    assert.equal(again.status, 200, `${title} is open, and known to be`);
    assert.equal(keyOf(again), key);
    if (form === 'occurrence') assert.equal((await events(key)).length, version + 1, 'each occurrence is an event');
  }
});
