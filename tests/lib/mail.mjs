/*
 * A mail server of our own (npm smtp-server), which can fail in every way that a test asks for; and mails taken
 * apart by Python's email package, which knows nothing of how they were made.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { SMTPServer } from 'smtp-server';
import { makeFolder, run } from './program.mjs';

const PARSE = `
import sys, json, email, email.policy
raw = sys.stdin.buffer.read()
mail = email.message_from_bytes(raw, policy=email.policy.default)
part = lambda kind: next((p.get_content().replace('\\r\\n', '\\n') for p in mail.walk()
  if p.get_content_type() == kind), None)
print(json.dumps({'names': [name for name, value in mail.items()], 'head': {k.lower(): str(v) for k, v in mail.items()},
  'from': [[a.display_name, a.addr_spec] for a in mail['from'].addresses],
  'to': [[a.display_name, a.addr_spec] for a in mail['to'].addresses],
  'text': part('text/plain'), 'html': part('text/html'),
  'defects': [str(d) for p in mail.walk() for d in p.defects]}))
`;

/** {names, head, from, to, text, html, defects, raw}. */
export function parseMail(raw) {
  const parsed = JSON.parse(execFileSync('python3', ['-c', PARSE], { input: raw, encoding: 'utf8' }));
  return { ...parsed, raw: raw.toString() };
}

/** The mails in a folder, in any order. */
export function readMaildir(folder) {
  let names = [];
  try {
    names = readdirSync(path.join(folder, 'new'));
  } catch {
    /* nothing has come yet */
  }
  return names.map((name) => parseMail(readFileSync(path.join(folder, 'new', name))));
}

/** A certificate for 127.0.0.1, and its key: {cert, key} as files. */
export async function makeCertificate(name = 'IP:127.0.0.1') {
  const folder = makeFolder();
  const [cert, key] = ['cert', 'key'].map((file) => path.join(folder, file));
  const made = await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=mail',
    '-addext', `subjectAltName=${name}`, '-keyout', key, '-out', cert]);
  if (made.code !== 0) throw new Error(made.stderr);
  return { cert, key };
}

/**
 * Options are those of smtp-server; `certificate` as above. What it does is in its members, which a test changes:
 *   greeting, sender, recipient, content   (text) → an Error with responseCode to refuse, or nothing; or a
 *                                promise of it: until then the server says nothing
 *   dies                         closes the connection once it has a mail, and answers nothing
 * It has `mails` ({from, to, raw, auth}) and `port`.
 */
export async function startSmtp({ certificate, port = 0, ...options } = {}) {
  const smtp = { mails: [], greeting: () => {}, sender: () => {}, recipient: () => {}, content: () => {}, dies: false,
    connections: 0 };
  const later = (answer, callback) => void Promise.resolve(answer).then((refusal) => callback(refusal ?? null));
  const server = new SMTPServer({
    ...(certificate ? { cert: readFileSync(certificate.cert), key: readFileSync(certificate.key) } : {}),
    authOptional: true,
    disableReverseLookup: true,
    onConnect: (session, callback) => {
      smtp.connections++;
      later(smtp.greeting(), callback);
    },
    onMailFrom: (address, session, callback) => later(smtp.sender(address.address), callback),
    onRcptTo: (address, session, callback) => later(smtp.recipient(address.address), callback),
    onData: (stream, session, callback) => {
      const chunks = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', () => {
        const mail = { from: session.envelope.mailFrom.address, to: session.envelope.rcptTo.map((to) => to.address),
          raw: Buffer.concat(chunks), auth: session.user, secure: session.secure };
        smtp.mails.push(mail);
        if (smtp.dies) return void [...server.connections].forEach((one) => one._socket.destroy());
        later(smtp.content(mail), callback);
      });
    },
    ...options,
  });
  server.on('error', () => {}); /* a client that leaves in the middle */
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  smtp.port = server.server.address().port;
  smtp.stop = () => new Promise((resolve) => server.close(resolve));
  return smtp;
}

/** Has the server say nothing at a step (a member of startSmtp's) from now on: {reached, free}. */
export function holdSmtp(smtp, step) {
  const hold = { reached: false };
  const freed = new Promise((resolve) => {
    hold.free = () => {
      smtp[step] = () => {};
      resolve();
    };
  });
  smtp[step] = () => {
    hold.reached = true;
    return freed;
  };
  return hold;
}

/** A refusal, as smtp-server wants it. */
export const refuse = (responseCode, message) => Object.assign(new Error(message), { responseCode });
