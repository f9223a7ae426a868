/* GET /metrics: what is counted is what happened, and who may read it; and the age of the queue in /readyz. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { listen } from '../lib/changes.mjs';
import { changeStored, onPostgres } from '../lib/database.mjs';
import { request } from '../lib/http.mjs';
import { metricsOf, table } from '../lib/metrics.mjs';
import { makeFolder, run, until } from '../lib/program.mjs';
import { ADD_TASK, API, EXAMPLE, small, startServer } from '../lib/server.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

/* What a metric has grown by while `work` was done. */
async function growth(work, of = server) {
  const earlier = await metricsOf(of);
  await work();
  const later = await metricsOf(of);
  return (name, labels) => (later.value(name, labels) ?? 0) - (earlier.value(name, labels) ?? 0);
}

describe('the page', () => {
  test('has every metric of the table, with its kind and its help', async () => {
    const page = await until(async () => {
      const now = await metricsOf(server);
      return now.value('bzctrl_last_sample_timestamp_seconds') > 0 && now.value('bzctrl_follower_lag_events') === 0 &&
        now;
    }, 'the first look at the store');
    for (const { name, kind } of table) {
      if (name === 'bzctrl_database_wal_size_bytes' && onPostgres) continue;
      assert.equal(page.families.get(name)?.type, kind, name);
      assert.ok(page.families.get(name).help.endsWith('.'), name);
    }
    assert.ok(page.value('bzctrl_database_size_bytes') > 100_000);
    assert.ok(page.value('bzctrl_data_disk_free_bytes') <= page.value('bzctrl_data_disk_size_bytes'));
    assert.ok(page.value('process_resident_memory_bytes') > 1_000_000);
    assert.ok(page.value('process_open_fds') > 5 && page.value('process_open_fds') <= page.value('process_max_fds'));
    assert.ok(Math.abs(page.value('process_start_time_seconds') - Date.now() / 1000) < 3600);
    const [{ labels }] = page.families.get('bzctrl_build_info').series;
    assert.match(labels.database, onPostgres ? /^PostgreSQL \d+/ : /^SQLite 3/);
    assert.equal(page.value('bzctrl_last_backup_timestamp_seconds'), 0);
  });

  test('is in the text format, in which buckets add up to the count', async () => {
    const answer = await server.request('GET', '/metrics');
    assert.equal(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    const page = await metricsOf(server);
    for (const { name, series } of [...page.families.values()].filter(({ type }) => type === 'histogram'))
      for (const { labels, value } of series.filter((one) => one.series === `${name}_count`)) {
        const buckets = series.filter((one) => one.series === `${name}_bucket` &&
          Object.entries(labels).every(([label, text]) => one.labels[label] === text)).map((one) => one.value);
        assert.deepEqual(buckets, buckets.toSorted((a, b) => a - b));
        assert.equal(buckets.at(-1), value);
      }
  });

  test('is small, and stays so whatever callers send', async () => {
    const earlier = (await metricsOf(server)).text.split('\n').length;
    for (let i = 0; i < 30; i++) await server.request('GET', `/nothing-${i}`, { check: false });
    await server.addTask(small({ todoType: 'NEITHER' }));
    await server.request('BREW', '/metrics', { check: false });
    assert.equal((await metricsOf(server)).text.split('\n').length, earlier);
    assert.ok(earlier < 800);
  });

  test('has no address, domain or key in it', async () => {
    await server.addTask(small());
    assert.doesNotMatch((await metricsOf(server)).text, /EXA|@|127\.0\.0/);
  });

  test('takes no parameter, and HEAD', async () => {
    assert.equal((await server.request('GET', '/metrics?x=1')).status, 400);
    assert.equal((await server.request('HEAD', '/metrics', { check: false })).status, 200);
  });
});

describe('reports', () => {
  const REPORTS = 'bzctrl_reports_total';
  test('of add-task are counted once each, by what became of them', async () => {
    const token = await server.token();
    const grown = await growth(async () => {
      for (let i = 0; i < 3; i++) assert.equal((await server.addTask(small())).status, 201);
      const headers = { 'idempotency-key': '"metrics-1"' };
      for (const status of [201, 201, 201]) assert.equal((await server.addTask(small(), { headers })).status, status);
      assert.equal((await server.addTask(small(), { query: '?dryRun=true' })).status, 200);
      assert.equal((await server.addTask(small({ title: undefined }))).status, 422);
      assert.equal((await server.addTask('{')).status, 400);
      assert.equal((await server.addTask(small({ title: 'other' }), { headers })).status, 422);
      assert.equal((await server.addTask(small(), { query: '?form=none' })).status, 404);
      assert.equal((await server.addTask(small(), { token: 'nonsense' })).status, 401);
      assert.equal((await server.addTask(small(), { headers: { 'content-type': 'text/plain' } })).status, 415);
      const big = { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: Buffer.alloc(1024 * 1024 + 1, 32) };
      assert.equal((await request(server.url + ADD_TASK, big).catch(() => ({ status: 413 }))).status, 413);
    });
    const via = { via: 'add-task' };
    assert.deepEqual(['created', 'replayed', 'duplicate', 'dry_run', 'refused'].map((outcome) =>
      grown(REPORTS, { ...via, outcome })), [4, 2, 0, 1, 7]);
    assert.deepEqual(Object.fromEntries(['malformed', 'unauthenticated', 'forbidden', 'not_found', 'conflict',
      'too_large', 'media_type', 'invalid', 'throttled', 'unavailable', 'other'].map((reason) =>
      [reason, grown('bzctrl_report_refusals_total', { ...via, reason })])),
    { malformed: 1, unauthenticated: 1, forbidden: 0, not_found: 1, conflict: 0, too_large: 1, media_type: 1,
      invalid: 2, throttled: 0, unavailable: 0, other: 0 });
    assert.equal(grown(REPORTS, { via: 'add-tasks' }), 0);
  });

  test('of add-tasks too', async () => {
    const grown = await growth(async () => {
      const items = [{ task: small() }, { idempotencyKey: 'm-2', task: small() }, { task: small({ title: '' }) }];
      assert.equal((await server.addTasks(items)).status, 200);
      assert.equal((await server.addTasks([items[1]])).status, 200);
      assert.equal((await server.addTasks(items, { query: '?dryRun=true' })).status, 200);
    });
    assert.deepEqual(['created', 'replayed', 'dry_run', 'refused'].map((outcome) =>
      grown(REPORTS, { via: 'add-tasks', outcome })), [2, 1, 2, 2]);
    assert.equal(grown('bzctrl_report_refusals_total', { via: 'add-tasks', reason: 'invalid' }), 2);
  });

  test('are as many as a load has acknowledged: answers 201 are the counter', async () => {
    let created = 0;
    let replayed = 0;
    const grown = await growth(() => Promise.all(Array.from({ length: 40 }, async (_, lane) => {
      for (let i = 0; i < 12; i++) {
        const headers = i % 3 === 0 ? { 'idempotency-key': `load-${lane % 20}-${i}` } : {};
        const title = headers['idempotency-key'] ?? `${lane} ${i}`;
        const answer = await server.addTask(small({ title }), { headers });
        assert.equal(answer.status, 201, answer.text);
        if (answer.headers['idempotent-replayed']) replayed++;
        else created++;
      }
    })));
    assert.equal(created + replayed, 480);
    assert.equal(replayed, 80);
    assert.equal(grown(REPORTS, { outcome: 'created' }), created);
    assert.equal(grown(REPORTS, { outcome: 'replayed' }), replayed);
    assert.equal(grown('bzctrl_http_responses_total', { route: 'intake', code: '201' }), 480);
    assert.equal(grown('bzctrl_http_request_duration_seconds_count', { route: 'intake' }), 480);
    assert.ok(grown('bzctrl_batch_changes_sum') >= created);
    assert.ok(grown('bzctrl_batch_changes_count') <= grown('bzctrl_batch_changes_sum'));
    assert.ok(grown('bzctrl_batch_commit_duration_seconds_sum') > 0);
    assert.ok(grown('bzctrl_lane_wait_duration_seconds_count', { lane: 'write' }) >= 480);
    await until(async () => (await metricsOf(server)).value('bzctrl_lane_waiting_jobs', { lane: 'write' }) === 0,
      'an empty lane');
  });
});

describe('everything else', () => {
  test('answers are counted by class of route and by status, refusals of the framing too', async () => {
    const grown = await growth(async () => {
      await server.get(`${API}/tasks`);
      await server.get(`${API}/tasks/NO-1`);
      await server.request('GET', '/nothing', { check: false });
      await server.request('GET', '/healthz');
      await server.request('GET', '/app/', { check: false });
      await server.exchange('GET / HTTP/1.1\r\n\r\n');
    });
    const answers = (route, code) => grown('bzctrl_http_responses_total', { route, code });
    assert.deepEqual([answers('read', '200'), answers('read', '404'), answers('unknown', '404'), answers('app', '200')],
      [1, 1, 1, 1]);
    assert.equal(answers('unknown', '400'), 1);
    assert.ok(answers('probe', '200') >= 2);
  });

  test('sign-ins by their way and outcome', async () => {
    const client = await (async () => {
      await server.command(['user', 'add', 'admin@example.com', '--admin', '--password-file', '-'],
        { input: EXAMPLE.password });
      return server.addClient('admin@example.com', { scopes: ['task:create'] });
    })();
    const grown = await growth(async () => {
      await server.signIn(EXAMPLE.email);
      const wrong = { grant_type: 'password', username: EXAMPLE.email, password: 'wrong' };
      assert.equal((await server.grant(wrong)).status, 400);
      await server.clientToken(client);
      await server.grant({ grant_type: 'client_credentials', client_id: client.clientId, client_secret: 'wrong' });
    });
    const sign = (way, outcome) => grown('bzctrl_sign_ins_total', { way, outcome });
    assert.deepEqual([sign('password_grant', 'right'), sign('password_grant', 'wrong'), sign('client', 'right'),
      sign('client', 'wrong'), sign('app', 'right')], [1, 1, 1, 1, 0]);
  });

  test('listeners and connections, for as long as they are there', async () => {
    const listeners = async () => (await metricsOf(server)).value('bzctrl_event_listeners');
    assert.equal(await listeners(), 0);
    const stream = await listen(server, { query: '?cursor=now' });
    await until(async () => (await listeners()) === 1, 'the listener');
    assert.ok((await metricsOf(server)).value('bzctrl_http_connections') >= 2);
    stream.request.destroy();
    await until(async () => (await listeners()) === 0, 'its end');
  });

  test('what the rate limit refuses', async (t) => {
    const limited = await startServer({ args: ['--rate-limit', '3'] });
    t.after(() => limited.stop());
    let refused = 0;
    const grown = await growth(async () => {
      for (let i = 0; i < 8; i++) refused += (await limited.get(`${API}/tasks`)).status === 429;
    }, limited);
    assert.ok(refused >= 4);
    assert.equal(grown('bzctrl_rate_limited_requests_total'), refused);
    assert.equal(grown('bzctrl_http_responses_total', { route: 'read', code: '429' }), refused);
  });

  test('the last backup, by the command, or by touching its file', async () => {
    const begun = Date.now() / 1000;
    await server.command(['backup', path.join(makeFolder(), 'backup.db')]);
    const at = await until(async () =>
      (await metricsOf(server)).value('bzctrl_last_backup_timestamp_seconds') || undefined, 'the backup');
    assert.ok(at >= Math.floor(begun) - 1 && at < begun + 3600, `${at} after ${begun}`);
  });
});

describe('the queue', () => {
  test('its age is in /readyz and in the metrics, and does not make the server unready', async () => {
    assert.match((await server.request('GET', '/readyz')).text, /^ready\nqueue age: 0 s\n$/);
    changeStored(server.dir, `INSERT INTO job (id, kind, subject, due_at, lease_until, attempts, dead)
      VALUES (990001, 'nobody does this', 0, ${Date.now() - 3_600_000}, 0, 0, 0)`);
    changeStored(server.dir, `INSERT INTO job (id, kind, subject, due_at, lease_until, attempts, dead)
      VALUES (990002, 'nobody does this', 0, 1, 0, 3, 1)`);
    const kind = { kind: 'nobody does this' };
    const page = await until(async () => {
      const now = await metricsOf(server);
      return now.value('bzctrl_job_queue_age_seconds', kind) !== undefined && now;
    }, 'the next look');
    assert.ok(page.value('bzctrl_job_queue_age_seconds', kind) >= 3600);
    assert.equal(page.value('bzctrl_job_queue_due_jobs', kind), 1);
    assert.equal(page.value('bzctrl_job_queue_given_up_jobs', kind), 1);
    const ready = await server.request('GET', '/readyz');
    assert.equal(ready.status, 200);
    const [, seconds] = /^ready\nqueue age: (\d+) s \(nobody does this\)\n$/.exec(ready.text) ??
      assert.fail(ready.text);
    assert.ok(Number(seconds) >= 3600);
    changeStored(server.dir, 'DELETE FROM job WHERE id > 990000');
  });
});

describe('who may read it', () => {
  const status = async (of, headers = {}) => (await of.request('GET', '/metrics', { headers })).status;

  test('by itself only this machine, and nobody whom an unknown proxy speaks for', async () => {
    assert.equal(await status(server), 200);
    for (const name of ['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'Via'])
      assert.equal(await status(server, { [name]: '127.0.0.1' }), 403, name);
    const { json } = await server.request('GET', '/metrics', { headers: { 'X-Forwarded-For': '192.0.2.7' } });
    assert.match(json.detail, /proxy that is not in --trusted-proxy/);
  });

  test('with --metrics-allow those in it, by the address that a trusted proxy gives', async (t) => {
    const open = await startServer({
      args: ['--metrics-allow', '10.1.0.0/16,2001:db8::7', '--trusted-proxy', '127.0.0.1'],
    });
    t.after(() => open.stop());
    assert.equal(await status(open, { 'X-Forwarded-For': '10.1.2.3' }), 200);
    assert.equal(await status(open, { 'X-Forwarded-For': '10.1.2.3, 127.0.0.1' }), 200);
    assert.equal(await status(open, { 'X-Forwarded-For': '2001:db8::7' }), 200);
    assert.equal(await status(open, { 'X-Forwarded-For': '10.2.2.3' }), 403);
    assert.equal(await status(open, { 'X-Forwarded-For': '10.1.2.3, 10.2.2.3' }), 403, 'who speaks last counts');
    assert.equal(await status(open, { Via: '1.1 proxy' }), 403);
    assert.equal(await status(open), 403);
    assert.match((await open.request('GET', '/metrics')).json.detail, /^127\.0\.0\.1 is not in --metrics-allow\.$/);
  });

  test('a client on this machine, through its own trusted proxy, may', async (t) => {
    const local = await startServer({ args: ['--trusted-proxy', '127.0.0.1'] });
    t.after(() => local.stop());
    assert.equal(await status(local, { 'X-Forwarded-For': '127.0.0.1' }), 200);
    assert.equal(await status(local, { 'X-Forwarded-For': '192.0.2.1' }), 403);
    assert.equal(await status(local, { 'X-Real-IP': '127.0.0.1' }), 403, 'which is not what a proxy is asked for');
    assert.equal(await status(local), 200);
  });

  test('a client without an address may not', async (t) => {
    const socket = path.join(makeFolder(), 's');
    const local = await startServer({ listen: `unix:${socket}` });
    t.after(() => local.stop());
    const { stdout } = await run('curl', ['-sS', '-w', '%{http_code}', '--unix-socket', socket,
      'http://localhost/metrics']);
    assert.match(stdout, /A client without an address is not in --metrics-allow.*403$/);
  });

  test('a setting that is not a list of addresses stops the start', async () => {
    await assert.rejects(startServer({ args: ['--metrics-allow', 'everybody'] }), /everybody.*is not an address/);
  });
});

