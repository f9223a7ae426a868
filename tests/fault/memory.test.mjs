/*
 * Each allocation on the way of a request fails, once or from there on: no answer is 2xx that is not
 * what it would have been, the server lives on, and when there is memory again everything works.
 */
import assert from 'node:assert/strict';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Ledger } from '../lib/load.mjs';
import { bzctrld, makeFile, patience } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';

const shim = path.join(path.dirname(bzctrld), 'tests/fault/fail_alloc.so');
const MOST = 1000; /* more than any of these requests makes */

/* A server with the shim, and the way to say which allocation fails. */
async function start(options = {}) {
  const plan = makeFile(Buffer.alloc(16));
  const server = await startServer({ ...options, env: { LD_PRELOAD: shim, BZCTRL_FAIL_ALLOC: plan } });
  const fd = openSync(plan, 'r+');
  const arm = (nth, forGood = false) => {
    writeSync(fd, new BigInt64Array([BigInt(nth), BigInt(forGood)]), 0, 16, 0);
  };
  /* False when fewer allocations were made than the one that was to fail. */
  const met = () => {
    const now = new BigInt64Array(2);
    readSync(fd, now, 0, 16, 0);
    return now[0] <= 0n || (now[1] !== 0n && now[0] === 1n);
  };
  await server.token();
  return { server, arm, met, end: () => closeSync(fd) };
}

/* Whether the server is well again after a failure: it took a report, and reads. */
async function assertWell(server, ledger, what) {
  assert.ok(server.running, `${what}: the server has ended\n${server.log.slice(-2000)}`);
  const entry = ledger.make();
  let answer = await ledger.send(entry);
  assert.equal(answer?.status, 201, `${what}: ${answer?.text}`);
  answer = await server.get(`${API}/tasks?limit=1`);
  assert.equal(answer.status, 200, `${what}: ${answer.text}`);
}

describe('an allocation fails', () => {
  for (const forGood of [false, true])
    test(`on the way of a report, ${forGood ? 'and all after it' : 'once'}`, async (t) => {
      const { server, arm, met, end } = await start();
      const ledger = new Ledger(server);
      await ledger.send(ledger.make());
      for (let nth = 1, failed = true; failed && nth <= MOST; nth++) {
        server.agent.destroy(); /* a connection of its own, so that the same happens each time */
        arm(nth, forGood);
        await ledger.send(ledger.make(), { timeout: 20_000 * patience });
        failed = met();
        arm(0);
        await assertWell(server, ledger, `allocation ${nth}`);
      }
      await ledger.settle();
      await ledger.audit();
      await ledger.verify();
      t.diagnostic(`answers: ${JSON.stringify([...ledger.statuses])}`);
      assert.ok((ledger.statuses.get(503) ?? 0) > 5, 'some were refused');
      await server.stop();
      end();
    });

  test('on the way of a change of the directory: it is made, or it is not, and what there is in memory is what is ' +
      'stored', async () => {
    const admin = { email: 'admin@example.com', admin: true };
    const { server, arm, met, end } = await start({ users: [EXAMPLE, admin] });
    const ledger = new Ledger(server);
    const path = `${API}/people/${EXAMPLE.email}`;
    const headers = { 'if-match': '*' };
    await server.token(admin.email);
    let name = null;
    let refused = 0;
    for (let nth = 1, failed = true; failed && nth <= MOST; nth++) {
      server.agent.destroy();
      const next = `Name ${nth}`;
      arm(nth, nth % 2 === 0);
      const answer = await server.send(admin.email, 'PATCH', path,
        { name: next, roles: [{ domain: EXAMPLE.domain, role: 'member' }] },
        { headers, check: false, timeout: 20_000 * patience }).catch(() => null);
      failed = met();
      arm(0);
      await assertWell(server, ledger, `allocation ${nth}`);
      const now = (await server.get(path, { as: admin.email })).json;
      if (answer?.status === 200) name = next;
      else refused++;
      if (answer?.status !== 200 && now.name === next) name = next; /* done, and the answer was lost */
      assert.equal(now.name, name, `allocation ${nth}`);
      assert.deepEqual(now.roles, [{ domain: EXAMPLE.domain, role: 'member' }]);
    }
    assert.ok(refused > 5, 'some were refused');
    await server.restart();
    assert.equal((await server.get(path, { as: admin.email })).json.name, name);
    await server.stop();
    end();
  });
  test('on the way of other requests: what they answer is right or no 2xx', async () => {
    const { server, arm, met, end } = await start();
    const ledger = new Ledger(server);
    for (let i = 0; i < 3; i++) await ledger.send(ledger.make());
    const tag = ledger.acknowledged[0].report.tags[0];
    const authorization = `Bearer ${await server.token()}`;
    const dry = JSON.stringify(small({ tag: 'unknown' }));
    const bulk = JSON.stringify([{ idempotencyKey: 'bulk', task: small() }]);
    const requests = [
      ['GET', `${API}/tasks?tag=${tag}&limit=2`],
      ['GET', `${API}/tasks?workspace=EXA-CON-BUS-NONE`],
      ['GET', `${API}/tasks?assignee=nobody@example.com`],
      ['GET', `${API}/tasks/EXA-CON-BUS-WOR-01`],
      ['GET', `${API}/tasks/EXA-CON-BUS-WOR-01/events`],
      ['GET', '/.well-known/oauth-authorization-server/bzctrl-core-api'],
      ['GET', '/app/config.json'],
      ['GET', '/readyz'],
      ['POST', `${API}/task/add-task?dryRun=true`, dry],
      ['POST', `${API}/task/add-tasks?dryRun=true`, `[{"task":${dry}},{"task":[]},{"task":${dry}}]`],
      ['POST', `${API}/task/add-tasks`, bulk],
    ];
    assert.equal((await server.addTasks(bulk)).status, 200); /* from now on a repetition, and always the same */
    const session = JSON.stringify({ email: EXAMPLE.email, password: EXAMPLE.password });
    for (const [method, target, body] of [...requests, ['POST', '/app/session', session]]) {
      const send = () =>
        server.request(method, target,
          { headers: { ...(target.startsWith('/app') ? {} : { authorization }),
            ...(body ? { 'content-type': 'application/json' } : {}) }, body, check: false,
              timeout: 20_000 * patience });
      const right = await send();
      assert.equal(right.status, 200, right.text);
      for (let nth = 1, failed = true; failed && nth <= MOST; nth++) {
        server.agent.destroy();
        arm(nth, nth % 2 === 0);
        const answer = await send().catch((error) => {
          assert.doesNotMatch(error.message, /within \d+ ms/);
          return null;
        });
        failed = met();
        arm(0);
        assert.ok(server.running, `${target}, allocation ${nth}\n${server.log.slice(-2000)}`);
        if (answer === null || answer.status >= 500 || answer.status === 429) continue;
        assert.equal(answer.status, 200, `${target}, allocation ${nth}: ${answer.text}`);
        const lasting = ({ text }) => text.replace(/^queue age: .*/m, ''); /* which the time changes */
        assert.equal(lasting(answer), lasting(right), `${target}, allocation ${nth}`);
      }
      await assertWell(server, ledger, target);
    }
    await server.stop();
    end();
  });
  test('wherever the memory of a request ends: what it answers is right or no refusal', async () => {
    const { server, arm, end } = await start();
    const ledger = new Ledger(server);
    await ledger.send(ledger.make());
    const targets = [`${API}/tasks/EXA-CON-BUS-WOR-01`, `${API}/tasks?workspace=EXA-CON-BUS-WOR`,
      `${API}/workspaces/EXA-CON-BUS-WOR`];
    for (const target of targets) {
      /* On one connection, so that the first allocation is mostly a further piece for the request; the longer the
       * head, the earlier it needs that. */
      const send = (size) =>
        server.get(target, { headers: { 'x-pad': 'x'.repeat(size) }, check: false, timeout: 20_000 * patience });
      const right = await send(8192);
      assert.equal(right.status, 200, right.text);
      for (let size = 0; size < 8192; size += 16) {
        arm(1);
        const answer = await send(size).catch(() => null);
        arm(0);
        if (answer === null || answer.status >= 500) continue;
        assert.equal(answer.status, 200, `${target}, ${size}: ${answer.text}`);
        assert.equal(answer.text, right.text, `${target}, ${size}`);
      }
      await assertWell(server, ledger, target);
    }
    await server.stop();
    end();
  });
});
