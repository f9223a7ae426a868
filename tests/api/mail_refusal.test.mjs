/*
 * What a mail server's refusals mean: for the address, for the mail, or for ourselves. Each ends, none holds up the
 * mail of others, and the operator sees them at GET /mail.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changeStored, numberStored } from '../lib/database.mjs';
import { refuse, startSmtp } from '../lib/mail.mjs';
import { metricsOf } from '../lib/metrics.mjs';
import { until } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';

const ADMIN = { email: 'admin@example.com', admin: true };
const OTHER = { email: 'other@example.com', role: 'member', domain: EXAMPLE.domain };

/* [code, text, at RCPT TO, of the content] → S: the address is suspended, G: the mail is given up, A: again. */
const REFUSALS = [
  [550, '5.1.1 No such user', 'S', 'S'],
  [550, '5.1.8 Bad domain of the sender', 'A', 'G'],
  [550, '5.2.1 Mailbox disabled', 'S', 'S'],
  [552, '5.2.2 Mailbox full', 'A', 'A'],
  [552, '5.3.4 Too large', 'G', 'G'],
  [554, '5.6.0 Not wanted', 'G', 'G'],
  [550, '5.7.1 Not allowed', 'A', 'G'],
  [554, '5.4.6 Loop', 'A', 'G'],
  [550, 'Unknown', 'S', 'G'],
  [552, 'Full', 'A', 'A'],
  [554, 'Failed', 'A', 'G'],
  [451, '4.7.1 Greylisted', 'A', 'A'],
  [421, '4.3.2 Closing', 'A', 'A'],
];
const people = REFUSALS.flatMap(([code, text, ...ends], i) => ['recipient', 'content'].map((step, at) => (
  { email: `${step}${i}@example.com`, role: 'member', domain: EXAMPLE.domain, step, code, text, ends: ends[at] })));

let smtp;
let server;
before(async () => {
  smtp = await startSmtp({ hideSTARTTLS: true });
  server = await startServer({ users: [EXAMPLE, ADMIN, OTHER, ...people], args: ['--mail-url',
    `smtp://127.0.0.1:${smtp.port}`, '--mail-from', 'bzctrl@mail.example', '--mail-tls', 'none',
    '--mail-gather-seconds', '1', '--mail-rate', '60000'] });
  const refusal = (step, email) => {
    const person = people.find((one) => one.email === email && one.step === step);
    return person && refuse(person.code, person.text);
  };
  smtp.recipient = (email) => refusal('recipient', email);
  smtp.content = ({ to }) => refusal('content', to[0]);
});
after(async () => {
  await server.stop();
  await smtp.stop();
});

const admin = async (path) => {
  const { status, json, text } = await server.get(`${API}${path}`, { as: ADMIN.email });
  assert.equal(status, 200, text);
  return json;
};
const addresses = async () => (await admin('/mail/addresses?limit=200')).items;
const address = async ({ email }) => (await addresses()).find((one) => one.email === email);
const failing = async ({ email }) => (await admin('/mail')).failing.find((one) => one.email === email);
const assign = ({ email }) => server.createAndRead(small({ assignee: email }));
const received = ({ email }) => smtp.mails.filter(({ to }) => to[0] === email).length;

/* All that fails has done so for a week, and is due. */
let startedAt;
async function aWeekLater(more = 'SELECT 1') {
  await server.terminate();
  changeStored(server.dir, 'UPDATE mail SET failing_since = failing_since - 600000000, due_at = 0;'
    + ` UPDATE job SET due_at = 0 WHERE kind = 'mail'; ${more}`);
  startedAt = Date.now();
  await server.start();
}

describe('a refusal', () => {
  test('is about the address, about the mail, or about something that may pass; and nobody waits for it', async () => {
    for (const person of people) await assign(person);
    await assign(OTHER);
    await until(() => received(OTHER) === 1, 'the mail to somebody else');
    const end = async (person) => {
      const found = await address(person);
      if (found) return found.suspendedAt ? 'S' : 'G';
      return (await failing(person)) ? 'A' : '?';
    };
    for (const person of people) {
      const what = `${person.code} ${person.text} at ${person.step}`;
      await until(async () => (await end(person)) !== '?', what);
      assert.equal(await end(person), person.ends, what);
      const { reason } = (await address(person)) ?? (await failing(person));
      assert.ok(reason.startsWith(`${person.code} ${person.text}`), reason);
    }
    assert.equal(numberStored(server.dir, "SELECT COUNT(*) FROM job WHERE kind = 'mail' AND reason IS NOT NULL"), 0);
    const { waiting, late, lateSince } = await admin('/mail');
    const again = people.filter(({ ends }) => ends === 'A').length;
    assert.deepEqual([waiting, late], [again, again]);
    assert.ok(Date.parse(lateSince) <= Date.now());
  });

  test('is in the log, without the address', () => {
    assert.match(server.log, /a mail was not accepted.*550 5\.7\.1 Not allowed.*it is tried again/);
    assert.match(server.log, /a mail was not accepted.*550 5\.1\.1 No such user.*the address is suspended/);
    assert.doesNotMatch(server.log, /recipient\d+@|content\d+@/);
  });

  test('that stays ends the mail after days; whom it refuses while others get theirs is suspended', async () => {
    const before = people.filter(({ ends }) => ends === 'A');
    await aWeekLater();
    await until(async () => (await admin('/mail')).waiting === 0, 'the end of all mail');
    for (const person of before) {
      const { suspendedAt, givenUpAt } = await address(person);
      const refused = person.step === 'recipient' && person.code >= 500 && !/full/i.test(person.text);
      assert.deepEqual([suspendedAt !== null, givenUpAt !== null], [refused, !refused], person.email);
    }
    const given = (await metricsOf(server)).value('bzctrl_mails_total', { outcome: 'given_up' });
    assert.equal(given, (await addresses()).filter(({ givenUpAt }) => Date.parse(givenUpAt) > startedAt).length);
  });

  test('of everybody ends the mail as well, and suspends nobody', async () => {
    smtp.recipient = () => refuse(550, '5.7.1 Relay access denied');
    await assign(OTHER);
    await until(() => failing(OTHER), 'the refusal');
    await aWeekLater('UPDATE mail_address SET sent_at = NULL');
    await until(async () => (await admin('/mail')).waiting === 0, 'the end of the mail');
    const { suspendedAt, givenUpAt, reason } = await address(OTHER);
    assert.deepEqual([suspendedAt, reason], [null, '550 5.7.1 Relay access denied']);
    assert.ok(givenUpAt);
    smtp.recipient = () => {};
    await assign(OTHER);
    await until(() => received(OTHER) === 2, 'the next one');
    await until(async () => !(await address(OTHER)), 'that it is forgotten');
  });
});

describe('an address', () => {
  test('that is suspended gets mail again once an admin says so', async () => {
    const person = people.find(({ ends }) => ends === 'S');
    await assign(person);
    const lift = ({ email }, as = ADMIN) =>
      server.send(as.email, 'DELETE', `${API}/mail/addresses/${email}/suspension`);
    assert.equal((await lift(person, OTHER)).status, 403);
    assert.equal((await lift({ email: 'nobody@example.com' })).status, 404);
    assert.equal((await lift(person)).status, 204);
    assert.equal(await address(person), undefined);
    assert.equal(received(person), 0);
    await assign(person);
    await until(() => received(person) === 1, 'the mail');
    assert.equal((await lift(person)).status, 204);
    /* The history says it, once. */
    const { items } = await admin('/changes?action=admin.mail.*&limit=200');
    assert.deepEqual(items.map(({ action, key, actor, changes }) => [action, key, actor, changes]),
      [['admin.mail.resumed', EXAMPLE.domain, ADMIN.email,
        { suspended: [true, false], person: [person.email, person.email] }]]);
    await server.command(['verify']);
  });

  test('is on one page of the list', async () => {
    const all = (await addresses()).map(({ email }) => email);
    const paged = [];
    for (let cursor = ''; cursor !== undefined;) {
      const { items, next } = await admin(`/mail/addresses?limit=5${cursor && `&cursor=${cursor}`}`);
      paged.push(...items.map(({ email }) => email));
      assert.ok(next === undefined || items.length === 5);
      cursor = next;
    }
    assert.deepEqual(paged, all);
  });
});
