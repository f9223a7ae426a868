/*
 * A server that ends while a mail is on its way, by SIGTERM or by kill -9, at each step of the dialogue: no mail is
 * lost, and none arrives more than once more, which then has the same Message-ID.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changeStored, holdWrites, numberStored } from '../lib/database.mjs';
import { holdSmtp, parseMail, startSmtp } from '../lib/mail.mjs';
import { metricsOf } from '../lib/metrics.mjs';
import { patience, until } from '../lib/program.mjs';
import { EXAMPLE, small, startServer } from '../lib/server.mjs';

const ANN = { email: 'ann@example.com', role: 'member', domain: EXAMPLE.domain };

let smtp;
let server;
before(async () => {
  smtp = await startSmtp({ hideSTARTTLS: true });
  server = await startServer({ users: [EXAMPLE, ANN], args: ['--mail-url', `smtp://127.0.0.1:${smtp.port}`,
    '--mail-from', 'bzctrl@mail.example', '--mail-tls', 'none', '--mail-gather-seconds', '1'] });
});
after(async () => {
  await server.stop();
  await smtp.stop();
});

const waiting = () => numberStored(server.dir, 'SELECT COUNT(*) FROM mail');
const assign = () => server.createAndRead(small({ assignee: ANN.email }));

/* What has come since, once nothing waits any more: the record's mail, at most twice. */
async function arrived(from, { key }) {
  await until(() => smtp.mails.length > from && waiting() === 0, 'the mail');
  const mails = smtp.mails.slice(from).map(({ raw }) => parseMail(raw));
  assert.ok(mails.length <= 2, `${mails.length} mails`);
  assert.equal(new Set(mails.map(({ head }) => head['message-id'])).size, 1);
  for (const mail of mails) assert.ok(mail.text.includes(key));
  return mails.length;
}

describe('a stop does not wait for a mail server that says nothing', () => {
  for (const [step, times] of [['greeting', 1], ['sender', 1], ['recipient', 1], ['content', 2]])
    test(`at the step ${step}; the mail is sent after the restart`, async () => {
      const from = smtp.mails.length;
      const hold = holdSmtp(smtp, step);
      const record = await assign();
      await until(() => hold.reached, 'the step');
      const started = Date.now();
      await server.terminate();
      /* For an answer it would wait a whole minute. */
      assert.ok(Date.now() - started < 20_000 * patience, `${Date.now() - started} ms`);
      hold.free();
      await server.start();
      assert.equal(await arrived(from, record), times);
    });
});

describe('kill -9', () => {
  /* Leases end after a while; the clock is not turned on for that. */
  async function killed(release = () => {}) {
    await server.kill9();
    await release();
    assert.equal(changeStored(server.dir, 'UPDATE mail SET lease_until = 1 WHERE lease_until > 0'), 1);
    changeStored(server.dir, "UPDATE job SET lease_until = 0, due_at = 0 WHERE kind = 'mail'");
  }

  for (const [step, where, times] of [
    ['greeting', 'before MAIL FROM', 1],
    ['sender', 'between MAIL FROM and its answer', 1],
    ['recipient', 'between RCPT TO and its answer', 1],
    ['content', 'between the final dot and its answer', 2],
  ])
    test(`${where}: it arrives ${times === 1 ? 'once' : 'twice, as the same mail'}`, async () => {
      const from = smtp.mails.length;
      const hold = holdSmtp(smtp, step);
      const record = await assign();
      await until(() => hold.reached, 'the step');
      await killed();
      hold.free();
      await server.start();
      assert.equal(await arrived(from, record), times);
    });

  test('between the answer to the final dot and the commit: it arrives twice, as the same mail', async () => {
    const from = smtp.mails.length;
    const hold = holdSmtp(smtp, 'content');
    const record = await assign();
    await until(() => hold.reached, 'the step');
    const sent = async () => (await metricsOf(server)).value('bzctrl_mails_total', { outcome: 'sent' }) ?? 0;
    const before = await sent();
    const release = await holdWrites(server.dir);
    hold.free();
    await until(async () => (await sent()) > before, 'the answer to be read');
    assert.equal(waiting(), 1, 'it cannot be stored');
    await killed(release);
    await server.start();
    assert.equal(await arrived(from, record), 2);
  });
});
