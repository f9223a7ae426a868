/* The calendar feed of a person, read by two parsers; and the picture with a record's status. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import ICAL from 'ical.js';
import nodeIcal from 'node-ical';
import { shim } from '../lib/client.mjs';
import { numberStored } from '../lib/database.mjs';
import { until } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const ADMIN = 'admin@example.com';
const READER = 'reader@example.com';
const FAR = 'ACME-WOR';

let server;
before(async () => {
  server = await startServer({ workspaces: [WORKSPACE, [FAR, '--timezone', 'Pacific/Apia']],
    users: [EXAMPLE, { email: ADMIN, admin: true }, { email: READER, role: 'member', domain: EXAMPLE.domain }] });
});
after(() => server.stop());

const ANY = { 'if-match': '*' };
const send = (as, method, path, body, headers = ANY) => server.send(as, method, path, body, { headers });
const pathOf = (url) => url.slice(server.publicUrl.length);

async function subscribe(as = READER) {
  const made = await send(as, 'POST', `${API}/me/calendar`);
  assert.equal(made.status, 201, made.text);
  return pathOf(made.json.url);
}

/** What both parsers read: UID → {day, summary, url}. */
async function read(path) {
  const answer = await server.request('GET', path);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers['content-type'], 'text/calendar; charset=utf-8');
  for (const line of answer.text.split('\r\n')) assert.ok(Buffer.byteLength(line) <= 75 && !line.includes('\n'), line);
  const component = new ICAL.Component(ICAL.parse(answer.text));
  const events = Object.fromEntries(component.getAllSubcomponents('vevent').map((one) => {
    const event = new ICAL.Event(one);
    assert.ok(event.startDate.isDate);
    return [event.uid,
      { day: event.startDate.toString(), summary: event.summary, url: one.getFirstPropertyValue('url') }];
  }));
  const others = Object.values(nodeIcal.sync.parseICS(answer.text)).filter(({ type }) => type === 'VEVENT');
  assert.deepEqual(Object.fromEntries(others.map(({ uid, start, summary, url, datetype }) => {
    assert.equal(datetype, 'date');
    const day = [start.getFullYear(), start.getMonth() + 1, start.getDate()].map((n) => String(n).padStart(2, '0'));
    return [uid, { day: day.join('-'), summary, url: url?.val ?? url }];
  })), events, 'the two agree');
  return events;
}
const summaries = async (path) => Object.values(await read(path)).map(({ summary }) => summary).sort();

describe('the calendar feed', () => {
  test('has the due and reminder dates of what is assigned to the person, or followed', async () => {
    const path = await subscribe();
    const mine = await server.createAndRead(small({ title: 'Mine; with, signs\\ and\nlines', assignee: READER,
      dueDate: '2031-02-28', reminderDate: '2031-02-01' }));
    const followed =
      await server.createAndRead(small({ title: `Führung ${'ä€😀'.repeat(40)}`, dueDate: '2032-02-29' }));
    await server.requestAs(READER, 'PUT', `${API}/tasks/${followed.key}/followers/me`);
    await server.createAndRead(small({ title: 'Of somebody else', dueDate: '2031-01-01' }));
    await server.createAndRead(small({ title: 'Without a day', assignee: READER }));
    const events = Object.values(await read(path));
    assert.deepEqual(events.map(({ day, summary }) => `${day} ${summary}`).sort(), [
      `2031-02-01 Reminder: ${mine.title} (${mine.key})`, `2031-02-28 Due: ${mine.title} (${mine.key})`,
      `2032-02-29 Due: ${followed.title} (${followed.key})`]);
    assert.ok(events.every(({ url }) => [mine, followed].some(({ taskLink }) => taskLink === url)));
  });

  test('a day is a day in every zone; the UID stays when the day moves; what is closed goes', async () => {
    const path = await subscribe(EXAMPLE.email);
    const { key } =
      await server.createAndRead(small({ title: 'Moves', assignee: EXAMPLE.email, dueDate: '2031-03-30' }));
    const [[uid, { day }]] = Object.entries(await read(path)).filter(([, { summary }]) => summary.includes(key));
    assert.equal(day, '2031-03-30');
    await send(EXAMPLE.email, 'PATCH', `${API}/tasks/${key}`, { dueDate: '2031-10-26' });
    assert.equal((await read(path))[uid].day, '2031-10-26');
    await send(EXAMPLE.email, 'PATCH', `${API}/tasks/${key}`, { status: 'Done' });
    assert.equal((await read(path))[uid], undefined);
  });

  test('has all of them, however long their texts', async () => {
    const path = await subscribe();
    const before = Object.keys(await read(path)).length;
    const task = small({ assignee: READER, dueDate: '2032-03-01', description: '\u6f22'.repeat(65_536) });
    for (let i = 0; i < 2; i++)
      assert.equal((await server.addTasks(Array.from({ length: 65 }, () => ({ task })))).status, 200);
    assert.equal(Object.keys(await read(path)).length, before + 130);
  });

  test('the same is not sent twice', async () => {
    const path = await subscribe();
    const { headers: { etag } } = await server.request('GET', path);
    const again = await server.request('GET', path, { headers: { 'if-none-match': etag } });
    assert.deepEqual([again.status, again.text, again.headers.etag], [304, '', etag]);
    await server.createAndRead(small({ assignee: READER, dueDate: '2031-05-05' }));
    assert.equal((await server.request('GET', path, { headers: { 'if-none-match': etag } })).status, 200);
  });

  test('its address is shown once, can be made again and revoked, and says nothing when it is wrong', async () => {
    const first = await subscribe();
    const { json: shown } = await server.get(`${API}/me/calendar`, { as: READER });
    assert.deepEqual(Object.keys(shown), ['active', 'createdAt']);
    const second = await subscribe();
    const gone = await server.request('GET', first);
    assert.equal(gone.status, 404);
    assert.equal((await send(READER, 'DELETE', `${API}/me/calendar`)).status, 204);
    assert.equal((await send(READER, 'DELETE', `${API}/me/calendar`)).status, 204);
    for (const path of [second, '/calendar/x.ics', '/calendar/.ics', '/calendar/x', `${second}x`,
      second.replace(/.....ics$/, 'AAAA.ics')]) {
      const answer = await server.request('GET', path);
      assert.deepEqual([answer.status, answer.json.detail], [404, gone.json.detail], path);
    }
    const { items } = (await server.get(`${API}/changes?action=admin.calendar.*&limit=200`, { as: ADMIN })).json;
    assert.deepEqual(items.filter(({ changes }) => changes.person[0] === READER).slice(-3).map(({ action }) => action),
      ['admin.calendar.created', 'admin.calendar.created', 'admin.calendar.revoked']);
    await server.command(['verify']);
  });

  test('access is judged at each read: a role that is taken away, an account that is disabled', async () => {
    const path = await subscribe();
    await server.createAndRead(small({ title: 'zebra', assignee: READER, dueDate: '2031-01-01' }));
    assert.ok((await summaries(path)).some((summary) => summary.includes('zebra')));
    await send(ADMIN, 'PATCH', `${API}/people/${READER}`, { roles: [{ domain: 'ACME', role: 'viewer' }] });
    assert.deepEqual(await summaries(path), []);
    await send(ADMIN, 'PATCH', `${API}/people/${READER}`, { disabled: true });
    assert.equal((await server.request('GET', path)).status, 404);
    await send(ADMIN, 'PATCH', `${API}/people/${READER}`,
      { disabled: false, roles: [{ domain: EXAMPLE.domain, role: 'member' }] });
    assert.ok((await summaries(path)).some((summary) => summary.includes('zebra')));
    await send(ADMIN, 'POST', `${API}/people/${READER}/erase`);
    assert.equal((await server.request('GET', path)).status, 404);
    await until(() => numberStored(server.dir, 'SELECT COUNT(*) FROM erasure') === 0, 'the erasure');
    await server.command(['verify']);
  });
});

describe('the picture with a status', () => {
  const address = async (key, { as = EXAMPLE.email, query = '' } = {}) => {
    const answer = await server.get(`${API}/tasks/${key}/badge${query}`, { as });
    assert.equal(answer.status, 200, answer.text);
    return { ...answer.json, path: pathOf(answer.json.url) };
  };

  test('shows key and status as it is now, without a token', async () => {
    const { key, title } = await server.createAndRead(small({ title: 'zebra' }));
    const { path } = await address(key);
    for (const status of ['In Progress', 'Done']) {
      if (status === 'Done') await send(EXAMPLE.email, 'PATCH', `${API}/tasks/${key}`, { status });
      const { text, headers } = await server.request('GET', path);
      assert.equal(headers['content-type'], 'image/svg+xml');
      assert.equal(headers['cross-origin-resource-policy'], 'cross-origin');
      assert.ok(text.includes(`<title>${key}: ${status}</title>`) && !text.includes(title), text);
    }
  });

  test('only for its record, unaltered, until it expires, while its maker may read the record', async () => {
    const users = `${API}/people`;
    await send(ADMIN, 'POST', users, { email: 'maker@example.com', roles: [{ domain: 'ACME', role: 'member' }] });
    const one = await server.createAndRead(small());
    const other = await server.createAndRead(small());
    const { path, expiresAt } = await address(one.key, { query: '?days=2' });
    assert.ok(Math.abs(Date.parse(expiresAt) - Date.now() - 2 * 86_400_000) < 3_600_000);
    for (const wrong of [path.replace(one.key, other.key), path.replace(/\.\d+\./, '.99999999999.'),
      path.replace('.svg', '.png'), path.replace(/.{4}\.svg$/, 'AAAA.svg'), '/badge/x.svg', `${path}.svg`])
      assert.equal((await server.request('GET', wrong)).status, 404, wrong);
    for (const days of ['0', '367', 'x'])
      assert.equal((await server.get(`${API}/tasks/${one.key}/badge?days=${days}`)).status, 400);
    await send(ADMIN, 'PATCH', `${users}/${EXAMPLE.email}`, { roles: [{ domain: 'ACME', role: 'member' }] });
    assert.equal((await server.request('GET', path)).status, 404);
    await send(ADMIN, 'PATCH', `${users}/${EXAMPLE.email}`, { roles: [{ domain: EXAMPLE.domain, role: 'member' }] });
    assert.equal((await server.request('GET', path)).status, 200);
    server.options.env = { LD_PRELOAD: shim('shift_clock'), BZCTRL_SHIFT_CLOCK: String(2 * 86_400 + 60) };
    await server.restart();
    assert.equal((await server.request('GET', path)).status, 404);
  });
});
