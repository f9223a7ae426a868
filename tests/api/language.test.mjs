/* The language of the server: of mails to people who have chosen none, and of the page that a browser gets. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readMaildir } from '../lib/mail.mjs';
import { makeFolder, runBzctrld, runBzctrldOk, until } from '../lib/program.mjs';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';

const PATH = `${API}/me/notifications/settings`;
const FROM = 'bzctrl@mail.example';
const person = (name) => ({ email: `${name}@example.com`, role: 'member', domain: EXAMPLE.domain });
const [NEW, QUIET, DUTCH, ENGLISH] = ['new', 'quiet', 'dutch', 'english'].map(person);

const folder = path.join(makeFolder(), 'mail');
let server;
before(async () => {
  server = await startServer({ users: [EXAMPLE, NEW, QUIET, DUTCH, ENGLISH], args: ['--language', 'nl',
    '--mail-url', `maildir:${folder}`, '--mail-from', FROM, '--mail-gather-seconds', '1'] });
});
after(() => server.stop());

async function settings(as, body) {
  const answer = await server.send(as.email, 'PATCH', PATH, body);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

/** The next mail to somebody who is given a record, and the page at the end of it. */
async function mailOf({ email }) {
  await server.createAndRead(small({ assignee: email }));
  const mail = await until(() => readMaildir(folder).find(({ to }) => to[0][1] === email), `mail to ${email}`);
  const end = new URL(mail.head['list-unsubscribe'].slice(1, -1));
  return [mail.text, (await server.request('GET', end.pathname)).text];
}

describe('a server whose language is Dutch', () => {
  test('writes Dutch to people who have chosen none, whatever else they have set', async () => {
    assert.equal((await server.get(PATH, { as: NEW.email })).json.language, 'nl');
    assert.equal((await settings(QUIET, { reasons: { status: { mail: true } } })).language, 'nl');
    for (const who of [NEW, QUIET]) {
      const [text, page] = await mailOf(who);
      assert.match(text, /wees het aan u toe/);
      assert.match(page, /<html lang="nl">/);
    }
  });

  test('writes English to those who have chosen that; a choice outlives the language of the server', async () => {
    assert.equal((await settings(ENGLISH, { language: 'en' })).language, 'en');
    assert.equal((await settings(DUTCH, { language: 'nl' })).language, 'nl');
    const [text, page] = await mailOf(ENGLISH);
    assert.match(text, /assigned it to you/);
    assert.match(page, /<html lang="en">/);
    server.options.args = server.options.args.map((word) => (word === 'nl' ? 'en' : word));
    await server.restart();
    const languageOf = async ({ email }) => (await server.get(PATH, { as: email })).json.language;
    assert.deepEqual(await Promise.all([NEW, QUIET, DUTCH, ENGLISH].map(languageOf)), ['en', 'en', 'nl', 'en']);
    server.options.args = server.options.args.map((word) => (word === 'en' ? 'nl' : word));
    await server.restart();
  });

  test('gives browsers a page in Dutch, which names the same files', async () => {
    const page = await server.request('GET', '/app/');
    assert.match(page.text, /<html lang="nl">/);
    const english = await server.request('GET', '/app/index.html');
    assert.equal(page.text, english.text.replace('<html lang="en">', '<html lang="nl">'));
    assert.notEqual(page.headers.etag, english.headers.etag);
  });

  test('tests its mail in Dutch', async () => {
    const dir = path.join(makeFolder(), 'there');
    await runBzctrldOk(['mail', 'test', 'ops@example.com', '--language', 'nl', '--mail-url', `maildir:${dir}`,
      '--mail-from', FROM]);
    assert.equal(readMaildir(dir)[0].head.subject, 'Testmail');
  });
});

test('any other language is refused', async () => {
  const { code, stderr } = await runBzctrld(['config', '--language', 'fr']);
  assert.equal(code, 64);
  assert.match(stderr, /--language must be en or nl, not "fr"/);
});
