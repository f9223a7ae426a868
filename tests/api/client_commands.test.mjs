/*
 * `bzctrld client …`, alone and beside a running server.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { assertDone, eachWay, makeData, values } from '../lib/commands.mjs';
import { databaseEnvironment } from '../lib/database.mjs';
import { makeFolder, runBzctrld, runBzctrldOk } from '../lib/program.mjs';
import { API, WORKSPACE, small } from '../lib/server.mjs';

const NOUNS = ['add', 'list', 'show', 'disable', 'enable', 'secret add', 'secret list', 'secret revoke'];

const grant = (server, { client_id, client_secret }) =>
  server.grant({ grant_type: 'client_credentials', client_id, client_secret });
const usable = async (server, client) => (await grant(server, client)).status === 200;

describe('bzctrld client', () => {
  test('--help for each, and for all of them', async () => {
    const all = assertDone(await runBzctrld(['client', '--help']));
    for (const noun of NOUNS) {
      const own = assertDone(await runBzctrld(['client', ...noun.split(' '), '--help']));
      assert.ok(own.startsWith(`Usage: bzctrld client ${noun} `), own);
      assert.ok(all.includes(own), noun);
      assert.ok(assertDone(await runBzctrld(['--help'])).includes(`client ${noun}`));
    }
    const secrets = assertDone(await runBzctrld(['client', 'secret', '-h']));
    assert.equal(secrets.match(/^Usage: bzctrld client secret/gm).length, 3);
  });

  test('add prints the id and the secret, this once; the client works at once', async (t) => {
    await eachWay(t, async (command, onServer) => {
      const result = await command('client', 'add', 'Customs', '--domain', 'exa-con-bus', '--workspace', WORKSPACE,
        '--workspace=EXA-CON-BUS-TWO', '--read-all', WORKSPACE, '--scope', 'task:create', '--scope', 'task:read');
      assert.match(assertDone(result), /^client_id=client-[0-9a-f]{16}\nclient_secret=bzcs_[\w-]{49}\n$/);
      const client = values(result.stdout);
      await onServer(async (server) => {
        const { json } = await grant(server, client);
        assert.equal(json.scope, 'task:create task:read');
        assert.equal(
          (await server.addTask(small({ reporter: 'nobody@example.com' }), { token: json.access_token })).status, 422);
      });
      const shown = assertDone(await command('client', 'show', client.client_id));
      assert.ok(!shown.includes(client.client_secret));
      assert.match(shown, new RegExp([
        `^client_id=${client.client_id}`, 'name=Customs', 'domain=EXA-CON-BUS', `workspace=${WORKSPACE}`,
        'workspace=EXA-CON-BUS-TWO',
        `read_all=${WORKSPACE}`, 'scope=task:create task:read', 'disabled=false', 'created_at=\\d{4}-.*Z\n$',
      ].join('\n')));
      const listed = assertDone(await command('client', 'list'));
      assert.match(listed,
        new RegExp(`^${client.client_id}\tEXA-CON-BUS\tenabled\ttask:create task:read\tCustoms$`, 'm'));
    });
  });

  test('--secret-file: the secret goes there, for its owner alone, and nowhere else', async (t) => {
    await eachWay(t, async (command, onServer) => {
      const file = path.join(makeFolder(), 'secret');
      const result = await command('client', 'add', 'Customs', '--domain', 'EXA-CON-BUS', '--scope', 'task:read',
        '--secret-file', file);
      assert.match(assertDone(result), /^client_id=client-[0-9a-f]{16}\n$/);
      assert.equal(statSync(file).mode & 0o777, 0o600);
      const secret = readFileSync(file, 'utf8');
      assert.match(secret, /^bzcs_[\w-]{49}\n$/);
      assert.ok(!result.stderr.includes(secret.trim()));
      const client = { ...values(result.stdout), client_secret: secret.trim() };
      await onServer(async (server) => assert.ok(await usable(server, client)));

      const next = path.join(makeFolder(), 'next');
      const added = assertDone(await command('client', 'secret', 'add', client.client_id, '--secret-file', next));
      assert.match(added, /^secret_id=\d+\n$/);
      await onServer(async (server) =>
        assert.ok(await usable(server, { ...client, client_secret: readFileSync(next, 'utf8').trim() })));

      /* One that is there is not touched, and no client is made for it. */
      const before = assertDone(await command('client', 'list'));
      writeFileSync(file, 'mine');
      const again = await command('client', 'add', 'Customs', '--domain', 'EXA-CON-BUS', '--scope', 'task:read',
        '--secret-file', file);
      assert.equal(again.code, 74, again.stderr);
      assert.equal(readFileSync(file, 'utf8'), 'mine');
      const none = path.join(makeFolder(), 'none');
      assert.equal(
        (await command('client', 'add', 'Customs', '--domain', 'NOWHERE', '--scope', 'task:read', '--secret-file',
          none)).code, 64);
      assert.ok(!existsSync(none), 'a client that was refused leaves no file');
      assert.equal(assertDone(await command('client', 'list')), before);
    });
  });

  test('disable and enable', async (t) => {
    await eachWay(t, async (command, onServer) => {
      const client =
        values(assertDone(await command('client', 'add', 'Customs', '--domain', 'EXA', '--scope', 'task:read')));
      let token;
      await onServer(async (server) => {
        token = (await grant(server, client)).json.access_token;
        assert.equal((await server.request('GET', `${API}/tasks`, { token })).status, 200);
      });
      for (const [word, ok] of [['disable', false], ['enable', true]]) {
        assertDone(await command('client', word, client.client_id));
        assert.match(assertDone(await command('client', 'show', client.client_id)),
          new RegExp(`^disabled=${!ok}$`, 'm'));
        await onServer(async (server) => {
          assert.equal(await usable(server, client), ok);
          assert.equal((await server.request('GET', `${API}/tasks`, { token })).status, ok ? 200 : 401);
        });
      }
    });
  });

  test('secrets take turns', async (t) => {
    await eachWay(t, async (command, onServer) => {
      const old = values(assertDone(await command('client', 'add', 'Customs', '--domain', 'EXA', '--scope', 'task:read')));
      const added = values(
        assertDone(await command('client', 'secret', 'add', old.client_id, '--expires-at', '2099-01-01T00:00:00Z')));
      const next = { ...old, client_secret: added.client_secret };
      let token;
      await onServer(async (server) => {
        token = (await grant(server, old)).json.access_token;
        assert.equal((await server.request('GET', `${API}/tasks`, { token })).status, 200);
        assert.ok(await usable(server, next));
      });
      const lines = assertDone(await command('client', 'secret', 'list', old.client_id)).trim().split('\n');
      assert.equal(lines.length, 2);
      assert.match(lines[0],
        new RegExp(`^${added.secret_id}\t${added.client_secret.slice(0, 9)}\tcreated=.*Z\texpires=2099-01-01T00:00:00.000Z\tused=.*Z$`));
      assert.match(lines[1], /\texpires=never\tused=.*Z$/);
      assert.ok(!lines.join().includes(next.client_secret));
      assertDone(await command('client', 'secret', 'revoke', old.client_id, lines[1].split('\t')[0]));
      await onServer(async (server) => {
        assert.equal((await grant(server, old)).status, 401);
        assert.equal((await server.request('GET', `${API}/tasks`, { token })).status, 401);
        assert.ok(await usable(server, next));
      });
      for (let i = 0; i < 4; i++) assertDone(await command('client', 'secret', 'add', old.client_id));
      const sixth = await command('client', 'secret', 'add', old.client_id);
      assert.equal(sixth.code, 1);
      assert.match(sixth.stderr, /5 secrets/);
    });
  });

  test('a wrong command line, and what there is not', async () => {
    const dir = await makeData();
    const add = ['client', 'add', 'Customs'];
    const wrong = [
      [['client', 'add'], 64, /NAME/],
      [add, 64, /domain is required/],
      [add, 64, /scopes is required/],
      [[...add, '--domain', 'EXA'], 64, /scopes is required/],
      [[...add, '--domain', 'NOWHERE', '--scope', 'x', '--workspace', 'ACME-WOR'], 64, /NOWHERE/],
      [[...add, '--domain', 'EXA', '--scope', 'all'], 64, /"all"/],
      [[...add, '--domain', 'EXA', '--scope', 'task:read', '--workspace', 'ACME-WOR'], 64, /ACME-WOR/],
      [[...add, '--domain', 'EXA', '--domain', 'ACME', '--scope', 'task:read'], 64, /--domain is given twice/],
      [['client', 'show', 'nobody'], 1, /no client nobody/],
      [['client', 'disable', 'nobody'], 1, /no client nobody/],
      [['client', 'secret', 'list', 'nobody'], 1, /no client nobody/],
      [['client', 'secret', 'add', 'nobody', '--expires-at', '2020-01-01T00:00:00Z'], 64, /--expires-at/],
      [['client', 'secret', 'revoke', 'nobody', 'x'], 64, /number/],
      [['client', 'secret', 'revoke', 'nobody', '1'], 1, /no client nobody/],
      [['client', 'secret', 'revoke', 'nobody'], 64, /SECRET-ID/],
      [['client', 'secret'], 64, /client/],
    ];
    for (const [words, code, pattern] of wrong) {
      const result = await runBzctrld([...words, '--data', dir], { env: databaseEnvironment(dir) });
      assert.equal(result.code, code, `${words.join(' ')}: ${result.stderr}`);
      assert.equal(result.stdout, '');
      assert.match(result.stderr, pattern);
    }
    assert.equal(await runBzctrldOk(['client', 'list', '--data', dir]), '');
  });
});
