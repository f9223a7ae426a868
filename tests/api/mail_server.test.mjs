/*
 * A mail server that accepts, slowly or not, refuses for now or for good, dies in the middle, or is another one
 * than it says: each mail arrives once, or at most twice with the same Message-ID; and the operator learns why not.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { changeStored, numberStored } from '../lib/database.mjs';
import { makeCertificate, parseMail, refuse, startSmtp } from '../lib/mail.mjs';
import { makeFile, runBzctrld, until } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';

const FROM = 'bzctrl@mail.example';
const PATH = `${API}/me/notifications`;
const person = (name) => ({ email: `${name}@example.com`, role: 'member', domain: EXAMPLE.domain });
const PEOPLE = ['ann', 'bob', 'cid', 'dee', 'eve', 'fay', 'gus'].map(person);
const [ANN, BOB, CID, DEE, EVE, FAY, GUS] = PEOPLE;

let right;
let wrong;
before(async () => {
  right = await makeCertificate();
  wrong = await makeCertificate('DNS:elsewhere.example');
});

const argumentsFor = (url, ...more) => ['--mail-url', url, '--mail-from', FROM, '--mail-gather-seconds', '1', ...more];
const of = (smtp, { email }) =>
  smtp.mails.filter(({ to }) => to[0] === email).map((mail) => ({ ...mail, ...parseMail(mail.raw) }));

describe('delivery', () => {
  let smtp;
  let server;
  before(async () => {
    smtp = await startSmtp({ certificate: right });
    server = await startServer({ users: [EXAMPLE, ...PEOPLE],
      args: argumentsFor(`smtp://127.0.0.1:${smtp.port}`, '--mail-ca-file', right.cert) });
  });
  after(async () => {
    await server.stop();
    await smtp.stop();
  });
  const assign = (to) => server.createAndRead(small({ assignee: to.email }));
  const waiting = (who) => numberStored(server.dir, 'SELECT COUNT(*) FROM mail m JOIN account a'
    + ` ON a.id = m.account_id WHERE a.email = '${who.email}'`);
  const attempts = (who) => numberStored(server.dir, 'SELECT COALESCE(MAX(m.attempts), 0) FROM mail m JOIN account a'
    + ` ON a.id = m.account_id WHERE a.email = '${who.email}'`);
  const idle = (who) => until(() => waiting(who) === 0, 'the end of the mail');

  test('a mail arrives once, over STARTTLS, from the sender to one person', async () => {
    await assign(ANN);
    const [mail] = await until(() => of(smtp, ANN).length > 0 && of(smtp, ANN), 'the mail');
    await idle(ANN);
    assert.deepEqual([mail.secure, mail.from[0], mail.to], [true, ['BzCtrl', FROM], [['', ANN.email]]]);
    assert.equal(of(smtp, ANN).length, 1);
  });

  test('an address that is refused for good is suspended, visibly, until its owner says that it works', async () => {
    smtp.recipient = (to) => to === BOB.email && refuse(550, '5.1.1 No such user <here>');
    await assign(BOB);
    const suspended = async () =>
      (await server.get(`${PATH}/settings`, { as: BOB.email })).json.suspended;
    const { reason } = await until(suspended, 'the suspension');
    assert.match(reason, /^550 5\.1\.1 No such user <here>/);
    await idle(BOB);
    smtp.recipient = () => {};
    const { key } = await assign(BOB);
    await until(async () => (await server.get(PATH, { as: BOB.email })).json.items.some((n) => n.key === key), 'it');
    assert.deepEqual([waiting(BOB), of(smtp, BOB).length], [0, 0], 'nothing is sent to it');
    const { json } = await server.send(BOB.email, 'PATCH', `${PATH}/settings`, { suspended: null });
    assert.equal(json.suspended, null);
    await assign(BOB);
    await until(() => of(smtp, BOB).length === 1, 'mail again');
  });

  test('one that is refused for now is tried again', async () => {
    let times = 0;
    smtp.recipient = (to) => to === CID.email && ++times < 3 && refuse(451, '4.7.1 Greylisted');
    await assign(CID);
    await until(() => of(smtp, CID).length === 1, 'the mail');
    await idle(CID);
    assert.equal(times, 3);
    assert.equal((await server.get(`${PATH}/settings`, { as: CID.email })).json.suspended, null);
    smtp.recipient = () => {};
  });

  test('a mail whose content is refused for good is given up, and its address is not suspended', async () => {
    smtp.content = ({ to }) => to[0] === DEE.email && refuse(554, '5.6.0 Not wanted');
    await assign(DEE);
    await until(() => of(smtp, DEE).length > 0, 'the attempt');
    await idle(DEE);
    smtp.content = () => {};
    assert.equal((await server.get(`${PATH}/settings`, { as: DEE.email })).json.suspended, null);
    await assign(DEE);
    await until(() => of(smtp, DEE).length === 2, 'the next one');
    assert.notEqual(of(smtp, DEE)[0].head['message-id'], of(smtp, DEE)[1].head['message-id']);
  });

  test('a server that dies once it has the mail gets it again, with the same Message-ID', async () => {
    smtp.dies = true;
    await assign(EVE);
    await until(() => attempts(EVE) > 0 && of(smtp, EVE).length > 0, 'the first attempt');
    smtp.dies = false;
    await idle(EVE);
    const ids = of(smtp, EVE).map(({ head }) => head['message-id']);
    assert.ok(ids.length >= 2, 'it was sent again');
    assert.equal(new Set(ids).size, 1);
  });

  test('a server that accepts slowly holds up no call, and gets the mail once', async () => {
    let free;
    smtp.content = () => new Promise((resolve) => (free = resolve));
    await assign(FAY);
    await until(() => free, 'the mail on its way');
    const { key } = await assign(GUS);
    await until(async () => (await server.get(PATH, { as: GUS.email })).json.items.some((n) => n.key === key), 'news');
    smtp.content = () => {};
    free();
    await idle(FAY);
    await idle(GUS);
    assert.deepEqual([of(smtp, FAY).length, of(smtp, GUS).length], [1, 1]);
  });

  test('kill -9 while a mail is on its way: it is sent once more, with the same Message-ID, and no news is lost',
    async () => {
      let free;
      const before = of(smtp, ANN).length;
      smtp.content = () => new Promise((resolve) => (free = resolve));
      const first = await assign(ANN);
      await until(() => free, 'the mail on its way');
      const second = await assign(ANN);
      await until(async () => (await server.get(PATH, { as: ANN.email })).json.items.some((n) => n.key === second.key),
        'news');
      await server.kill9();
      free();
      smtp.content = () => {};
      /* The leases end after a while; the clock is not turned on for that. */
      assert.ok(changeStored(server.dir, 'UPDATE mail SET lease_until = 1 WHERE lease_until > 0') === 1);
      changeStored(server.dir, "UPDATE job SET lease_until = 0, due_at = 0 WHERE kind = 'mail'");
      await server.start();
      await until(() => of(smtp, ANN).length >= before + 3 && waiting(ANN) === 0, 'both mails');
      const mails = of(smtp, ANN).slice(before);
      const [lost, again, next] = mails;
      assert.equal(again.head['message-id'], lost.head['message-id']);
      assert.equal(again.text, lost.text);
      assert.notEqual(next.head['message-id'], lost.head['message-id']);
      assert.ok(lost.text.includes(first.key) && !lost.text.includes(second.key));
      assert.ok(next.text.includes(second.key) && !next.text.includes(first.key));
      assert.equal(mails.length, 3);
    });

  test('a server that is away loses nothing', async () => {
    const { port } = smtp;
    await smtp.stop();
    await assign(CID);
    await until(() => numberStored(server.dir, "SELECT COUNT(*) FROM job WHERE kind = 'mail' AND reason IS NOT NULL"),
      'the failure');
    assert.equal(attempts(CID), 0, 'it does not count as an attempt');
    smtp = await startSmtp({ certificate: right, port });
    await until(() => of(smtp, CID).length === 1, 'the mail');
  });
});

describe('what the operator learns', () => {
  const mailTest = (args) => runBzctrld(['mail', 'test', 'ops@example.com', ...args]);
  const fails = async (pattern, args) => {
    const { code, stdout, stderr } = await mailTest(args);
    assert.notEqual(code, 0, stdout);
    assert.match(stderr, pattern);
  };
  const secret = makeFile('s3cret\n');

  test('how far a test mail got', async () => {
    const smtp = await startSmtp({ certificate: right });
    const url = `smtp://127.0.0.1:${smtp.port}`;
    const trusting = argumentsFor(url, '--mail-ca-file', right.cert);
    assert.equal((await mailTest(trusting)).code, 0);
    assert.equal(parseMail(smtp.mails[0].raw).head.subject, 'Test mail');
    await fails(/could not be encrypted: .*certificate/i, argumentsFor(url));
    smtp.sender = () => refuse(553, 'Not your address');
    await fails(/the sender \(--mail-from\) was refused: 553 Not your address/, trusting);
    smtp.sender = () => {};
    smtp.recipient = () => refuse(550, 'Unknown');
    await fails(/the recipient was refused: 550 Unknown/, trusting);
    smtp.recipient = () => {};
    smtp.content = () => refuse(554, 'Too dull');
    await fails(/the mail itself was not accepted: 554 Too dull/, trusting);
    const [{ port }] = [smtp];
    await smtp.stop();
    await fails(/the connection failed: /, argumentsFor(`smtp://127.0.0.1:${port}`));
    assert.equal(smtp.mails.length, 2);
  });

  test('a certificate for another name, or none at all: nothing is sent', async () => {
    const other = await startSmtp({ certificate: wrong });
    await fails(/could not be encrypted: .*(certificate|subject)/i,
      argumentsFor(`smtp://127.0.0.1:${other.port}`, '--mail-ca-file', wrong.cert));
    const plain = await startSmtp({ hideSTARTTLS: true });
    await fails(/could not be encrypted/, argumentsFor(`smtp://127.0.0.1:${plain.port}`));
    assert.deepEqual([other.mails, plain.mails], [[], []]);
    assert.equal((await mailTest(argumentsFor(`smtp://127.0.0.1:${plain.port}`, '--mail-tls', 'none'))).code, 0);
    assert.equal(plain.mails[0].secure, false);
    await other.stop();
    await plain.stop();
  });

  for (const method of ['plain', 'login', 'xoauth2'])
    test(`it signs in with ${method}, over TLS from the first byte, by a secret in a file`, async () => {
      const seen = [];
      const smtp = await startSmtp({ certificate: right, secure: true, authMethods: [method.toUpperCase()],
        authOptional: false,
        onAuth: ({ method: by, username, password, accessToken }, session, callback) => {
          seen.push([by, username, password ?? accessToken]);
          if ((password ?? accessToken) !== 's3cret') return callback(refuse(535, '5.7.8 Wrong'));
          callback(null, { user: username });
        } });
      const args = argumentsFor(`smtps://127.0.0.1:${smtp.port}`, '--mail-ca-file', right.cert, '--mail-auth', method,
        '--mail-user', 'robot@mail.example');
      const done = await mailTest([...args, '--mail-password-file', secret]);
      assert.equal(done.code, 0, done.stderr);
      assert.deepEqual(seen[0], [method.toUpperCase(), 'robot@mail.example', 's3cret']);
      assert.deepEqual([smtp.mails[0].auth, smtp.mails[0].secure], ['robot@mail.example', true]);
      const bad = await mailTest([...args, '--mail-password-file', makeFile('wrong')]);
      assert.match(bad.stderr, /the sign-in \(--mail-user, --mail-password-file\) failed/);
      assert.ok(!bad.stderr.includes('d3Jvbmc') && !bad.stderr.includes('wrong'), 'the secret is not shown');
      await fails(/cannot be read/, [...args, '--mail-password-file', path.join(secret, 'none')]);
      assert.equal(smtp.mails.length, 1);
      await smtp.stop();
    });
});
