/*
 * Who may what: every route that the server has, as every kind of caller, against one table. A route
 * without a line in the table fails, so that nobody forgets to decide who may call it.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CALLERS, TABLE, requestOf, routes, startRoutes, tokens } from '../lib/routes.mjs';

let server;
let record; /* in the workspace of EXAMPLE.domain, sent by its member */
before(async () => {
  ({ server, record } = await startRoutes());
});
after(() => server.stop());

test('the table has a line for every route, and no line for none', async () => {
  assert.deepEqual(await routes(), Object.keys(TABLE).sort());
});

for (const [route, { statuses }] of Object.entries(TABLE))
  test(route, async () => {
    assert.equal(statuses.length, CALLERS.length);
    const found = {};
    for (const caller of CALLERS) {
      const { method, path, ...request } = await requestOf(route);
      const answer = await server.request(method, path, { token: tokens[caller], ...request });
      found[caller] = answer.status;
      if (answer.status === 401 || answer.status === 403)
        assert.ok(!answer.text.includes(record), 'a refusal tells nothing');
    }
    assert.deepEqual(found, Object.fromEntries(CALLERS.map((caller, i) => [caller, statuses[i]])));
  });
