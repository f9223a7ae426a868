/*
 * A mail server as others run it, postfix, which demands STARTTLS: with the right certificate mail arrives; with one
 * for another name, or of an authority that we do not know, nothing goes to it, and the operator learns why.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { makeCertificate } from '../lib/mail.mjs';
import { postfixMissing, startPostfix } from '../lib/postfix.mjs';
import { runBzctrld, until } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';

const ANN = { email: 'ann@example.com', role: 'member', domain: EXAMPLE.domain };
const ADMIN = { email: 'admin@example.com', admin: true };

describe('postfix', { skip: postfixMissing() }, () => {
  let postfix;
  let certificate;
  before(async () => {
    certificate = await makeCertificate();
    postfix = await startPostfix(certificate);
  });
  after(() => postfix?.stop());

  const settings = (host, ...more) => ['--mail-url', `smtp://${host}:${postfix.port}`, '--mail-from',
    'bzctrl@mail.example', ...more];
  async function doctor(dir, args) {
    const { stdout, stderr } = await runBzctrld(['doctor', '--data', dir, ...args, '--mail-to', ANN.email]);
    return stdout + stderr;
  }
  async function withServer(args, run) {
    const server = await startServer({ users: [EXAMPLE, ANN, ADMIN], args: [...args, '--mail-gather-seconds', '1'] });
    try {
      await run(server);
    } finally {
      await server.stop();
    }
  }

  test('with the right certificate it gets the mail, encrypted', async () => {
    const args = settings('127.0.0.1', '--mail-ca-file', certificate.cert);
    await withServer(args, async (server) => {
      const { key } = await server.createAndRead(small({ title: 'Zegel gebroken 漢字', assignee: ANN.email }));
      const [mail] = await until(() => postfix.mails().length > 0 && postfix.mails(), 'the mail');
      assert.deepEqual([mail.to, mail.head.subject], [[['', ANN.email]], `[${key}] Zegel gebroken 漢字`]);
      assert.match(mail.head.received, /using TLSv1\.[23]/);
      assert.match(await doctor(server.dir, args), /has accepted a test mail to ann@example\.com/);
      await until(() => postfix.mails().length === 2, 'the test mail');
    });
  });

  for (const [name, host, trusts, error] of [
    ['is for another name', 'localhost', true, /could not be encrypted: .*(subject|name|certificate)/i],
    ['is of an unknown authority', '127.0.0.1', false, /could not be encrypted: .*certificate/i],
  ])
    test(`with a certificate that ${name} it gets nothing, and log, doctor and GET /health say why`, async () => {
      const earlier = postfix.log().length;
      const args = settings(host, ...(trusts ? ['--mail-ca-file', certificate.cert] : []));
      await withServer(args, async (server) => {
        await server.createAndRead(small({ assignee: ANN.email }));
        await until(() => error.test(server.log), 'the error in the log');
        assert.match(await doctor(server.dir, args), error);
        const { json } = await server.get(`${API}/health`, { as: ADMIN.email });
        assert.match(json.jobs.find(({ kind }) => kind === 'mail').reason, error);
        const { json: mail } = await server.get(`${API}/mail`, { as: ADMIN.email });
        assert.deepEqual([mail.waiting, mail.late, mail.failing.length], [1, 1, 1]);
      });
      const heard = postfix.log().slice(earlier);
      assert.match(heard, /disconnect from .* starttls=/);
      assert.doesNotMatch(heard, / (mail|rcpt|data|auth)=|client=/);
    });

  test('without encryption it refuses the sender, and we say so', async () => {
    const { stderr } = await runBzctrld(['mail', 'test', ANN.email, ...settings('127.0.0.1', '--mail-tls', 'none')]);
    assert.match(stderr, /the sender \(--mail-from\) was refused: 530 5\.7\.0 Must issue a STARTTLS command first/);
  });
});
