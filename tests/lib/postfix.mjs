/*
 * Debian's postfix on a port of its own, with all that it has in one folder: it demands STARTTLS, takes mail for
 * example.com, and puts it into a maildir. The system's own postfix is left alone.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findProgram } from './find.mjs';
import { freePort } from './http.mjs';
import { readMaildir } from './mail.mjs';
import { makeFolder, spawnChild, until } from './program.mjs';

const postfix = findProgram('postfix');

/** Why it cannot run here; false where it can. */
export function postfixMissing() {
  if (!postfix) return 'NOT TESTED: postfix is not installed';
  return process.getuid() === 0 ? false : 'NOT TESTED: postfix starts only as root';
}

const NOBODY = 65534;
const SERVICES = `
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`;

/** {port, mails(), log(), stop()}. The certificate is that of lib/mail.mjs. */
export async function startPostfix(certificate) {
  const folder = makeFolder();
  const at = (name) => path.join(folder, name);
  const port = await freePort();
  for (const name of ['conf', 'queue', 'data', 'mail']) mkdirSync(at(name));
  chmodSync(folder, 0o755); /* its parts run as several users */
  chownSync(at('mail'), NOBODY, NOBODY);
  writeFileSync(at('conf/master.cf'), `127.0.0.1:${port} inet n - n - - smtpd${SERVICES}`);
  writeFileSync(at('conf/main.cf'), Object.entries({
    compatibility_level: '3.6',
    queue_directory: at('queue'),
    data_directory: at('data'),
    maillog_file: at('log'),
    maillog_file_prefixes: folder,
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    myhostname: 'mail.example',
    mydestination: '',
    mynetworks: '',
    alias_maps: '',
    local_recipient_maps: '',
    virtual_mailbox_domains: 'example.com',
    virtual_mailbox_base: at('mail'),
    virtual_mailbox_maps: 'static:in/',
    virtual_uid_maps: `static:${NOBODY}`,
    virtual_gid_maps: `static:${NOBODY}`,
    smtpd_tls_security_level: 'encrypt',
    smtpd_tls_cert_file: certificate.cert,
    smtpd_tls_key_file: certificate.key,
    smtpd_tls_received_header: 'yes',
    smtpd_relay_restrictions: 'reject_unauth_destination',
  }).map(([name, value]) => `${name} = ${value}\n`).join(''));
  const setting = (name) =>
    execFileSync(findProgram('postconf'), ['-c', at('conf'), '-h', name], { encoding: 'utf8' }).trim();
  execFileSync('chown', [setting('mail_owner'), at('data')]);
  execFileSync(postfix, ['-c', at('conf'), 'check'], { stdio: 'pipe' });
  const master = spawnChild(path.join(setting('daemon_directory'), 'master'), ['-s', '-c', at('conf')],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { MAIL_CONFIG: at('conf') } });
  let said = '';
  master.stderr.on('data', (data) => (said += data));
  const log = () => {
    try {
      return said + readFileSync(at('log'), 'utf8');
    } catch {
      return said; /* nothing is in it yet */
    }
  };
  await until(() => /daemon started/.test(log()) || (master.exitCode !== null && said), 'postfix');
  if (master.exitCode !== null) throw new Error(`postfix: ${log()}`);
  return {
    port,
    log,
    mails: () => readMaildir(at('mail/in')),
    async stop() {
      master.kill('SIGTERM');
      await master.exited;
    },
  };
}
