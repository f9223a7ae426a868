/*
 * Mail that goes into a folder: what it says and to whom, that it is written only when it is sent, and how its
 * reader ends it.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { numberStored } from '../lib/database.mjs';
import { readMaildir } from '../lib/mail.mjs';
import { makeFile, makeFolder, runBzctrld, until } from '../lib/program.mjs';
import { API, ADD_TASKS, EXAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const FROM = 'bzctrl@mail.example';
const PATH = `${API}/me/notifications`;
const ADMIN = { email: 'admin@example.com', admin: true };
const person = (name) => ({ email: `${name}@example.com`, role: 'member', domain: EXAMPLE.domain });
const [ANN, BOB, DEE, EVE, FAY, GUS, HAL, IVY] = ['ann', 'bob', 'dee', 'eve', 'fay', 'gus', 'hal', 'ivy'].map(person);

const folder = path.join(makeFolder(), 'mail');
let server;
before(async () => {
  server = await startServer({ users: [EXAMPLE, ADMIN, ANN, BOB, DEE, EVE, FAY, GUS, HAL, IVY],
    args: ['--mail-url', `maildir:${folder}`, '--mail-from', FROM, '--mail-gather-seconds', '1'] });
});
after(() => server.stop());

async function expect(status, answer) {
  const sent = await answer;
  assert.equal(sent.status, status, sent.text);
  return status === 204 || sent.text === '' ? undefined : sent.json;
}
const send = (as, method, to, body, headers = {}) => server.send(as.email, method, to, body, { headers });
const settings = (as, body) => expect(200, send(as, 'PATCH', `${PATH}/settings`, body));
const report = (changes = {}, as = EXAMPLE) =>
  server.createAndRead(small({ reporter: as.email, ...changes }), { as: as.email });
const comment = (as, key, text) => expect(201, send(as, 'POST', `${API}/tasks/${key}/comments`, { text }));
const mailsTo = ({ email }) => readMaildir(folder).filter(({ to }) => to[0][1] === email);
const mailTo = (who, n = 1) => until(() => mailsTo(who).length >= n && mailsTo(who).at(-1), `mail to ${who.email}`);
/* An URL is never divided. */
const longLines = ({ raw }) =>
  raw.split('\r\n').filter((line) => line.length > 78 && !line.startsWith('List-Unsubscribe: '));
/* Nothing waits to be sent any more. */
const idle = (who) => until(() => numberStored(server.dir, 'SELECT COUNT(*) FROM mail m JOIN account a ON'
  + ` a.id = m.account_id WHERE a.email = '${who.email}'`) === 0, 'the end of what was to be sent');
/* The notification of that record is there. */
async function told(as, key) {
  await until(async () => (await expect(200, server.get(PATH, { as: as.email }))).items.some((n) => n.key === key),
    'the notification');
}

describe('what a mail says', () => {
  test('a mail about one record is in its thread, says who did what, and is not answered by programs', async () => {
    const { key } = await report({ title: 'Seal broken', assignee: ANN.email, dueDate: '2099-12-31' });
    await comment(EXAMPLE, key, 'The container\nwas open. <script>alert(1)</script>\n.\n\n-- \nend ');
    const mail = await mailTo(ANN);
    assert.deepEqual(mail.defects, []);
    assert.deepEqual([mail.from, mail.to], [[['BzCtrl', FROM]], [['', ANN.email]]]);
    assert.equal(mail.head.subject, `[${key}] Seal broken`);
    assert.equal(mail.head['auto-submitted'], 'auto-generated');
    assert.equal(mail.head.references, `<record.${key}@mail.example>`);
    assert.equal(mail.head['in-reply-to'], mail.head.references);
    assert.match(mail.head['message-id'], /^<mail\.\d+@mail\.example>$/);
    assert.equal(mail.head['list-unsubscribe-post'], 'List-Unsubscribe=One-Click');
    for (const name of ['From', 'To', 'Subject', 'Date', 'Message-ID'])
      assert.equal(mail.names.filter((one) => one === name).length, 1, name);
    assert.ok(mail.text.includes(['example@example.com commented, due 2099-12-31', '> The container',
      '> was open. <script>alert(1)</script>', '> .', '> ', '> -- ', '> end '].join('\n  ')), mail.text);
    assert.match(mail.text, /example@example\.com assigned it to you, due 2099-12-31\n/);
    assert.ok(mail.text.includes(`${server.url}/t/${key}\n`));
    assert.ok(mail.html.includes(`<a href="${server.url}/t/${key}"><b>Seal broken</b></a>`));
    assert.ok(mail.html.includes('&lt;script&gt;') && !mail.html.includes('<script'));
    assert.deepEqual(longLines(mail), []);
    assert.ok(!/[^\r]\n/.test(mail.raw), 'lines end with CR LF');
    await idle(ANN);
    assert.equal(mailsTo(ANN).length, 1);
  });

  test('nothing in a title or a name becomes a header, or passes for another address', async () => {
    const title = 'x\r\nBcc: all@example.com\u2028\u202Emoc.elpmaxe@\u200B =?UTF-8?Q?y?= ünï 漢字 '
      + 'long '.repeat(30);
    await expect(200, send(ADMIN, 'PATCH', `${API}/people/${EXAMPLE.email}`,
      { name: 'Ann (ann@example.com)' }, { 'if-match': '*' }));
    const { key } = await report({ title, assignee: BOB.email });
    const mail = await mailTo(BOB);
    assert.deepEqual(mail.defects, []);
    assert.ok(!('bcc' in mail.head));
    const shown = title.replace(/[\r\n\u2028]+/g, ' ').replace(/[\u202E\u200B]/g, '').replace(/ +/g, ' ').trim();
    assert.equal(mail.head.subject, `[${key}] ${shown}`);
    assert.match(mail.text, /Ann \(ann@example\.com\) \(example@example\.com\) assigned/);
    assert.deepEqual(longLines(mail), []);
    assert.match(mail.raw, /^[ -~\r\n]*$/);
    await expect(200, send(ADMIN, 'PATCH', `${API}/people/${EXAMPLE.email}`, { name: null }, { 'if-match': '*' }));
  });

  test('it is in the language of its reader', async () => {
    await settings(DEE, { language: 'nl' });
    const { key } = await report({ title: 'Zegel', assignee: DEE.email });
    const other = await report({ title: 'Tweede', assignee: DEE.email, dueDate: '2099-12-31' });
    const mail = await mailTo(DEE);
    assert.equal(mail.head.subject, '2 meldingen');
    assert.ok(!('references' in mail.head), 'it is about two records');
    assert.match(mail.text, /wees het aan u toe\n/);
    assert.match(mail.text, /wees het aan u toe, uiterlijk 2099-12-31\n/);
    assert.ok(mail.text.includes(key) && mail.text.includes(other.key));
  });

  test('of a proposal to close a duplicate, which record it is a duplicate of', async () => {
    const [twin, original] = [await report({ title: 'Reported twice' }), await report({ title: 'Once' })];
    await expect(204, send(IVY, 'PUT', `${API}/tasks/${twin.key}/followers/me`));
    await expect(200, send(EXAMPLE, 'POST', `${API}/tasks/${twin.key}/closing`, { duplicateOf: original.key }));
    const mail = await mailTo(IVY);
    const said = `proposes to close it; you can confirm that (as a duplicate of ${original.key})`;
    for (const text of [mail.text, mail.html]) assert.ok(text.includes(said), text);
  });
});

describe('what is not mailed', () => {
  test('what was read before, what may no longer be read, own actions; and nothing to a disabled person', async () => {
    await settings(EVE, { bundle: '4 hours' });
    await settings(FAY, { bundle: '4 hours' });
    await settings(GUS, { bundle: '4 hours' });
    const { key } = await report({ title: 'Secret', assignee: EVE.email });
    await comment(EXAMPLE, key, `@${FAY.email} @${GUS.email}`);
    await told(GUS, key);
    await expect(200, send(GUS, 'POST', `${PATH}/read`, { key }));
    await expect(200, send(ADMIN, 'PATCH', `${API}/people/${EVE.email}`, { roles: [] }, { 'if-match': '*' }));
    await settings(EVE, { bundle: 'at once' });
    await settings(GUS, { bundle: 'at once' });
    await settings(FAY, { bundle: 'at once' });
    await expect(200, send(ADMIN, 'PATCH', `${API}/people/${FAY.email}`, { disabled: true }, { 'if-match': '*' }));
    for (const who of [EVE, GUS, FAY]) {
      await idle(who);
      assert.deepEqual(mailsTo(who), [], who.email);
    }
    assert.deepEqual(mailsTo(EXAMPLE), [], 'own actions');
  });

  test('10,000 events for one person are one mail, which lists 50 and says how many more there are', async () => {
    await settings(HAL, { bundle: '4 hours' });
    const task = small({ assignee: HAL.email });
    for (let i = 0; i < 10; i++) {
      const body = JSON.stringify(Array.from({ length: 1000 }, () => ({ task })));
      const { json } = await server.requestAs(EXAMPLE.email, 'POST', ADD_TASKS,
        { headers: { 'content-type': 'application/json' }, body });
      assert.ok(json.items.every(({ status }) => status === 201));
    }
    await until(async () => (await expect(200, server.get(PATH, { as: HAL.email }))).unread === 10_000, 'all');
    await settings(HAL, { bundle: 'at once' });
    const mail = await mailTo(HAL);
    assert.equal(mail.head.subject, '10000 notifications');
    assert.equal(mail.text.match(/assigned it to you/g).length, 50);
    assert.ok(mail.text.includes(`and 9950 more: ${server.url}/app/`));
    await idle(HAL);
    assert.equal(mailsTo(HAL).length, 1);
  });
});

describe('how it ends', () => {
  test('one click ends it without a sign-in; looking at the link changes nothing', async () => {
    const url = (await mailTo(ANN)).head['list-unsubscribe'].slice(1, -1);
    assert.ok((await mailTo(ANN)).text.includes(url));
    const { pathname } = new URL(url);
    const page = await server.request('GET', pathname);
    assert.equal(page.status, 200);
    assert.match(page.headers['content-security-policy'], /default-src 'none'/);
    assert.match(page.text, /stop sending mail about notifications to ann@example\.com\?/);
    const reasons = async () =>
      Object.values((await expect(200, server.get(`${PATH}/settings`, { as: ANN.email }))).reasons);
    assert.ok((await reasons()).some(({ mail }) => mail));
    const done = await server.request('POST', pathname, { body: 'List-Unsubscribe=One-Click',
      headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    assert.equal(done.status, 200);
    assert.match(done.text, /Nothing is mailed to ann@example\.com any more/);
    assert.ok((await reasons()).every(({ app, mail }) => app && !mail));
    const { key } = await report({ assignee: ANN.email });
    await told(ANN, key);
    await idle(ANN);
    assert.equal(mailsTo(ANN).length, 1);
    const forged = pathname.replace(/.(.)$/, (tail) => (tail[0] === 'A' ? 'B' : 'A') + tail[1]);
    for (const wrong of [forged, '/mail/unsubscribe/x', '/mail/unsubscribe/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'])
      for (const method of ['GET', 'POST']) assert.equal((await server.request(method, wrong)).status, 404, wrong);
  });
});

describe('bzctrld mail test', () => {
  const mailTest = (args, to = 'ops@example.com') => runBzctrld(['mail', 'test', to, ...args]);
  const maildir = (dir) => ['--mail-url', `maildir:${dir}`, '--mail-from', FROM];

  test('sends a mail, and says so', async () => {
    const dir = path.join(makeFolder(), 'there');
    const { code, stdout, stderr } = await mailTest(maildir(dir));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /accepted a test mail to ops@example\.com/);
    assert.equal(readMaildir(dir)[0].head.subject, 'Test mail');
  });

  test('says what is wrong', async () => {
    const wrong = async (pattern, args, to) => {
      const { code, stderr } = await mailTest(args, to);
      assert.notEqual(code, 0);
      assert.match(stderr, pattern);
    };
    const full = maildir(makeFolder());
    await wrong(/--mail-url says where to/, []);
    await wrong(/is not an e-mail address/, full, 'ops');
    await wrong(/the folder cannot be written/, maildir(`${makeFile('')}/under`));
    await wrong(/only to the domains of --acc-allow/, [...full, '--environment', 'acc']);
    await wrong(/only to the domains of --acc-allow/, [...full, '--environment', 'acc', '--acc-allow', 'ample.com']);
    await wrong(/--mail-url needs --mail-from/, ['--mail-url', 'smtp://localhost']);
    await wrong(/--mail-url must be smtp:/, ['--mail-url', 'http://localhost', '--mail-from', FROM]);
    await wrong(/--mail-url must be smtp:/, ['--mail-url', 'smtp://a/b', '--mail-from', FROM]);
    await wrong(/need each other/, ['--mail-url', 'smtp://a', '--mail-from', FROM, '--mail-user', 'x']);
    await wrong(/--mail-auth must be/, ['--mail-auth', 'md5']);
    await wrong(/--mail-tls must be/, ['--mail-tls', 'maybe']);
    await wrong(/--mail-rate must be/, ['--mail-rate', '0']);
    await wrong(/--mail-gather-seconds must be/, ['--mail-gather-seconds', '-1']);
    const { code } = await mailTest([...full, '--environment', 'acc', '--acc-allow', 'other.example, Example.com']);
    assert.equal(code, 0);
  });
});
