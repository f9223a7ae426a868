/*
 * `bzctrld user …`, `bzctrld workspace …` and `bzctrld domain …`, alone and beside a running server.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertDone, eachWay, makeData, values } from '../lib/commands.mjs';
import { databaseEnvironment } from '../lib/database.mjs';
import { makeFile, runBzctrld } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, small } from '../lib/server.mjs';

const COMMANDS =
  ['user add', 'user list', 'user show', 'user set', 'user disable', 'user enable', 'user password', 'user reset-link',
  'workspace add', 'workspace list', 'workspace set', 'domain add', 'domain list'];
const NEXT = 'An0ther password';

let made = 0;
async function addPerson(command, ...rights) {
  const email = `person${++made}@example.com`;
  assertDone(await command('user', 'add', email, ...rights, '--password-file', makeFile(`${EXAMPLE.password}\n`)));
  return email;
}
const member = (command) => addPerson(command, '--domain', EXAMPLE.domain, '--role', 'member');
const signIn = (server, email, password = EXAMPLE.password) =>
  server.grant({ grant_type: 'password', username: email, password });
const works = async (server, token) => (await server.request('GET', `${API}/tasks`, { token })).status === 200;

describe('bzctrld user, workspace, domain', () => {
  test('--help for each', async () => {
    for (const name of COMMANDS) {
      const own = assertDone(await runBzctrld([...name.split(' '), '--help']));
      assert.ok(own.startsWith(`Usage: bzctrld ${name} `), own);
      assert.ok(assertDone(await runBzctrld(['--help'])).includes(name));
    }
  });
  test('set, show and list', async (t) => {
    await eachWay(t, async (command, onServer) => {
      const email = await member(command);
      assertDone(await command('user', 'set', email.toUpperCase(), '--name', 'Ünïcode "Name"', '--domain', 'acme',
        '--role', 'viewer'));
      assertDone(await command('user', 'set', email, '--password-grant', 'no'));
      const shown = assertDone(await command('user', 'show', email));
      assert.match(shown,
        new RegExp([`^email=${email}`, 'name=Ünïcode "Name"', 'admin=no', 'disabled=no', 'password_grant=no',
        'role=EXA-CON-BUS member', 'role=ACME viewer', 'created_at=\\d{4}-.*Z\n$'].join('\n')));
      assert.match(assertDone(await command('user', 'list')),
        new RegExp(`^${email}\tenabled\tEXA-CON-BUS:member ACME:viewer\tÜnïcode "Name"$`, 'm'));
      await onServer(async (server) => assert.equal((await signIn(server, email)).status, 400));
      for (const domain of ['EXA-CON', 'NOWHERE']) {
        const none = await command('user', 'set', email, '--domain', domain, '--role', 'none');
        assert.equal(none.code, 1, none.stdout);
        assert.match(none.stderr, new RegExp(`no role on ${domain} was given by hand`));
      }
      assertDone(await command('user', 'set', email, '--password-grant', 'yes', '--domain', 'ACME', '--role', 'none',
        '--name', '', '--admin', 'yes'));
      assert.match(assertDone(await command('user', 'list')),
        new RegExp(`^${email}\tenabled\tadmin EXA-CON-BUS:member\t$`, 'm'));
      await onServer(async (server) => assert.equal((await signIn(server, email)).status, 200));
    });
  });
  test('disable, enable: what was signed in has ended', async (t) => {
    await eachWay(t, async (command, onServer) => {
      const email = await member(command);
      let token;
      await onServer(async (server) => {
        token = (await signIn(server, email)).json.access_token;
        assert.ok(await works(server, token));
      });
      assertDone(await command('user', 'disable', email));
      assert.match(assertDone(await command('user', 'show', email)), /^disabled=yes$/m);
      await onServer(async (server) => {
        assert.equal(await works(server, token), false);
        assert.equal((await signIn(server, email)).status, 400);
      });
      assertDone(await command('user', 'enable', email));
      await onServer(async (server) => {
        assert.equal(await works(server, token), false);
        assert.equal((await signIn(server, email)).status, 200);
      });
    });
  });
  test('password, reset-link', async (t) => {
    await eachWay(t, async (command, onServer) => {
      const email = await member(command);
      let token;
      await onServer(async (server) => {
        token = (await signIn(server, email)).json.access_token;
      });
      assertDone(await command('user', 'password', email, '--password-file', makeFile(`${NEXT}\n`)));
      await onServer(async (server) => {
        assert.equal(await works(server, token), false);
        assert.equal((await signIn(server, email)).status, 400);
        assert.equal((await signIn(server, email, NEXT)).status, 200);
      });
      const link = assertDone(await command('user', 'reset-link', email)).trim();
      assert.match(link, /^http:\/\/[\w.:]+\/app\/#\/reset\/bzpr_[\w-]{49}$/);
      await onServer(async (server) => {
        const take = () =>
          server.request('POST', '/app/password-reset', { headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ token: link.split('/').at(-1), password: `${NEXT} 2` }) });
        assert.equal((await take()).status, 204);
        assert.equal((await take()).status, 404);
        assert.equal((await signIn(server, email, `${NEXT} 2`)).status, 200);
      });
    });
  });
  test('add again: the same password ends nothing, another one does', async (t) => {
    await eachWay(t, async (command, onServer) => {
      const email = await member(command);
      let token;
      await onServer(async (server) => {
        token = (await signIn(server, email)).json.access_token;
      });
      const again = (password) =>
        command('user', 'add', email, '--domain', 'EXA', '--role', 'viewer', '--password-file', makeFile(password));
      assertDone(await again(EXAMPLE.password));
      await onServer(async (server) => assert.equal(await works(server, token), true));
      assertDone(await again(NEXT));
      await onServer(async (server) => {
        assert.equal(await works(server, token), false);
        assert.equal((await signIn(server, email, NEXT)).status, 200);
      });
    });
  });
  test('the links of a running server are its own', async (t) => {
    await eachWay(t, async (command, onServer) => {
      const email = await member(command);
      await onServer(async (server) => {
        const link = (await server.command(['user', 'reset-link', email])).trim();
        assert.ok(link.startsWith(`${server.publicUrl}/app/#/reset/`), link);
      });
    });
  });
  test('domains and workspaces', async (t) => {
    await eachWay(t, async (command, onServer) => {
      const domain = `NEW${++made}`;
      assertDone(await command('domain', 'add', `${domain.toLowerCase()}-sub`));
      const domains = assertDone(await command('domain', 'list')).trim().split('\n');
      assert.ok(domains.includes(domain) && domains.includes(`${domain}-SUB`));
      assertDone(await command('workspace', 'add', `${domain}-SUB-WS`));
      assertDone(await command('workspace', 'set', `${domain}-SUB-WS`, '--name', 'Other', '--timezone', 'Asia/Tokyo'));
      assert.match(assertDone(await command('workspace', 'list')),
        new RegExp(`^${domain}-SUB-WS\tAsia/Tokyo\tOther$`, 'm'));
      const email = await addPerson(command, '--domain', domain, '--role', 'member');
      await onServer(async (server) => {
        const { json } = await signIn(server, email);
        const answer = await server.addTask(small({ domainWorkSpace: `${domain}-SUB-WS`, reporter: email }),
          { token: json.access_token });
        assert.equal(answer.status, 201, answer.text);
      });
    });
  });
  test('a wrong command line, and what there is not', async () => {
    const dir = await makeData();
    const run = (...words) => runBzctrld([...words, '--data', dir], { env: databaseEnvironment(dir) });
    const admin = await addPerson(run, '--admin');
    const wrong = [
      [['user', 'show', 'nobody@example.com'], 1, /no person nobody@example.com/],
      [['user', 'set', admin], 64, /nothing to change/],
      [['user', 'set', admin, '--admin', 'maybe'], 64, /yes or no/],
      [['user', 'set', admin, '--role', 'member'], 64, /none together/],
      [['user', 'set', admin, '--domain', 'EXA', '--role', 'admin'], 64, /viewer, member or manager/],
      [['user', 'set', admin, '--domain', 'NOWHERE', '--role', 'member'], 64, /NOWHERE/],
      [['user', 'set', admin, '--name', 'a\u0007'], 64, /control characters/],
      [['user', 'set', admin, '--admin', 'no'], 1, /last enabled admin/],
      [['user', 'disable', admin], 1, /last enabled admin/],
      [['user', 'disable', 'nobody@example.com'], 1, /no person/],
      [['user', 'password', admin, '--password-file', makeFile('short')], 64, /at least 8/],
      [['user', 'password', admin, '--password-file', makeFile(admin)], 64, /is the same as the e-mail address/],
      [['user', 'password', admin, '--password-file', makeFile('')], 64, /no password/],
      [['user', 'reset-link', 'nobody@example.com'], 1, /no person/],
      [['workspace', 'set', WORKSPACE], 64, /--name or --timezone/],
      [['workspace', 'set', WORKSPACE, '--timezone', 'Mars/X'], 64, /Mars\/X/],
      [['workspace', 'set', 'EXA-NONE', '--name', 'x'], 1, /no workspace EXA-NONE/],
      [['domain', 'add', 'EXA'], 1, /already/],
      [['domain', 'add', 'A B'], 64, /not a valid key/],
    ];
    for (const [words, code, pattern] of wrong) {
      const result = await run(...words);
      assert.equal(result.code, code, `${words.join(' ')}: ${result.stderr}`);
      assert.equal(result.stdout, '');
      assert.match(result.stderr, pattern);
    }
    assert.equal(values(assertDone(await run('user', 'show', admin))).admin, 'yes');
  });
});
