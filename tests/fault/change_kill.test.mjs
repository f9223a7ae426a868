/*
 * kill -9 while 8 clients change records, comment on them and attach files: what was acknowledged is in
 * its record and in the history, once; nothing that was sent is there twice; the chain verifies, and the
 * index finds what the records say.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { request } from '../lib/http.mjs';
import { makeFile, patience, until } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';

const ROUNDS = Number(process.env.ROUNDS || 50);
const CLIENTS = 8;

test(`${ROUNDS} times kill -9 while ${CLIENTS} clients follow up records: what was acknowledged is there, once`,
    async (t) => {
  const server = await startServer({ workspaces: ['EXA-CON-BUS-WOR', 'EXA-CON-BUS-TWO'] });
  await server.token();
  const receipts = [];
  let sent = 0;

  /* Two clients share a record. Each change has a number of its own, and adds it to `extra`. */
  const records = [];
  for (let i = 0; i < CLIENTS / 2; i++)
    records.push({ key: (await server.createAndRead(small())).key, acknowledged: new Set(), unknown: new Set(),
      comments: new Set(), attachments: new Set() });

  /* A request about the record; undefined, and its newer key kept, when it was moved. */
  async function send(record, method, path, headers, body) {
    const answer = await request(`${server.url}${API}/tasks/${record.key}${path}`, {
      method,
      headers: { authorization: `Bearer ${await server.token()}`, ...headers },
      body,
      agent: server.agent,
      timeout: 120_000 * patience,
    });
    if (answer.status !== 308) return answer;
    record.key = answer.headers.location.split('/tasks/')[1].split('/')[0];
    return undefined;
  }

  async function change(record, i) {
    const number = sent++;
    const body = { [`c${number}`]: number, title: `Change ${number}`, tags: ['x'.repeat(number % 200)] };
    if (number % 7 === i % 7) body.workspace = number % 2 ? 'EXA-CON-BUS-TWO' : 'EXA-CON-BUS-WOR';
    if (number % 5 === 0) body.status = number % 2 ? 'Done' : 'To do';
    record.unknown.add(number);
    const answer = await send(record, 'PATCH', '',
      { 'content-type': 'application/merge-patch+json', 'if-match': '*' }, JSON.stringify(body));
    record.unknown.delete(number);
    if (answer === undefined) return;
    assert.equal(answer.status, 200, answer.text);
    record.acknowledged.add(number);
    receipts.push(answer.headers['bzctrl-receipt']);
    assert.equal(answer.json.extra[`c${number}`], number);
    record.key = answer.json.key;
  }

  async function comment(record) {
    const text = `Comment ${sent++}`;
    const answer = await send(record, 'POST', '/comments', { 'content-type': 'application/json' },
      JSON.stringify({ text, internal: sent % 2 === 0 }));
    if (answer === undefined) return;
    assert.equal(answer.status, 201, answer.text);
    record.comments.add(text);
    receipts.push(answer.headers['bzctrl-receipt']);
  }

  async function attach(record) {
    const name = `${sent++}.txt`;
    const answer = await send(record, 'POST', `/attachments?name=${name}`, { 'content-type': 'text/plain' },
      name.repeat(1 + (sent % 3) * 10_000));
    if (answer === undefined) return;
    assert.equal(answer.status, 201, answer.text);
    record.attachments.add(name);
    receipts.push(answer.headers['bzctrl-receipt']);
  }

  async function load(record, i, stop) {
    const kinds = [change, change, comment, attach];
    for (let n = i; !stop(); n++)
      await kinds[n % kinds.length](record, i).catch((error) => {
        if (/within \d+ ms/.test(error.message) || error instanceof assert.AssertionError) throw error;
      });
  }

  async function audit(record) {
    let now = await server.get(`${API}/tasks/${record.key}`);
    if (now.status === 308) now = await server.get(new URL(now.headers.location).pathname);
    record.key = now.json.key;
    const kept = new Set(Object.values(now.json.extra));
    for (const number of record.acknowledged)
      assert.ok(kept.has(number), `acknowledged and lost: ${number} of ${record.key}`);
    for (const number of kept)
      assert.ok(record.acknowledged.has(number) || record.unknown.has(number), `${number} was refused, or never sent`);

    /* Comments and attachments: those that were answered are there, none twice, and as many as the record says. */
    const all = async (path) => {
      const items = [];
      for (let cursor = ''; cursor !== undefined;) {
        const { json } =
          await server.get(`${API}/tasks/${record.key}${path}?limit=200${cursor && `&cursor=${cursor}`}`);
        items.push(...json.items);
        cursor = json.next;
      }
      return items;
    };
    for (const [path, member, count, wanted] of [['/comments', 'text', 'commentCount', record.comments],
      ['/attachments', 'name', 'attachmentCount', record.attachments]]) {
      const found = (await all(path)).map((item) => item[member]);
      assert.equal(new Set(found).size, found.length, `twice: ${found}`);
      assert.equal(now.json[count], found.length);
      for (const one of wanted) assert.ok(found.includes(one), `acknowledged and lost: ${one} of ${record.key}`);
    }

    /* The history, from its end: every change once, in an unbroken row of versions. */
    const events = await all('/events');
    assert.equal(events.length, now.json.version, 'an event for each version');
    const added = events.flatMap(({ changes: { extra } }) =>
      (extra ? Object.values(extra[1]).filter((number) => !Object.values(extra[0] ?? {}).includes(number)) : []));
    assert.deepEqual(added.toSorted((a, b) => a - b), [...kept].sort((a, b) => a - b),
      'each change in the history once');
    assert.equal(events.find(({ changes }) => changes.title).changes.title[1], now.json.title);
  }

  const acknowledged = () => records.reduce((sum, { acknowledged: changes, comments, attachments }) =>
    sum + changes.size + comments.size + attachments.size, 0);
  for (let round = 1; round <= ROUNDS; round++) {
    let killed = false;
    const before = acknowledged();
    const loading = Array.from({ length: CLIENTS }, (_, i) => load(records[i >> 1], i, () => killed));
    /* Some changes further on, at a moment that nobody chooses. */
    await Promise.race([until(() => acknowledged() >= before + 8 + Math.floor(Math.random() * 40), 'changes'),
      ...loading]);
    killed = true;
    await server.kill9();
    await Promise.all(loading);
    await server.start();
    for (const record of records) await audit(record);
  }
  await server.command(['verify', '--receipts', makeFile(`${receipts.join('\n')}\n`)], { timeout: 300_000 * patience });

  /* The index, which follows, has what the records have. */
  for (const record of records) {
    const { title, status } = (await server.get(`${API}/tasks/${record.key}`)).json;
    for (const q of [`"${title}"`, ...[...record.comments].slice(-3).map((text) => `"${text}"`)]) {
      const answer = await server.get(`${API}/tasks?${new URLSearchParams({ q: `${q} status:"${status}"` })}`);
      assert.ok(answer.json.items.some(({ key }) => key === record.key), `${q} finds ${record.key}`);
    }
  }
  t.diagnostic(`${acknowledged()} of ${sent} acknowledged over ${ROUNDS} kills`);

  /* The numbers of both workspaces run without gaps, moved records included. */
  for (const workspace of ['EXA-CON-BUS-WOR', 'EXA-CON-BUS-TWO']) {
    let number = 0;
    for (let status = 200; status !== 404; number++)
      ({ status } = await server.get(`${API}/tasks/${workspace}-${number + 1}`));
    const next = await server.createAndRead(small({ domainWorkSpace: workspace }));
    assert.equal(Number(next.key.split('-').pop()), number, `numbers of ${workspace}`);
  }
  await server.stop();
});
