/*
 * `bzctrld form …`, alone and beside a running server: forms as text that goes from one server to
 * another and means the same there.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { forms, least, makeRandom } from '../lib/forms.mjs';
import { makeFile, makeFolder, runBzctrld, runBzctrldOk } from '../lib/program.mjs';
import { API, EXAMPLE, WORKSPACE, addUser, startServer } from '../lib/server.mjs';

const MANAGER = { email: 'manager@example.com', role: 'manager', domain: 'EXA-CON-BUS' };
const FORMS = `${API}/workspaces/${WORKSPACE}/forms`;

let server;
before(async () => {
  server = await startServer({ users: [EXAMPLE, MANAGER] });
});
after(() => server.stop());

const put = (name, document, options) => server.send(MANAGER.email, 'PUT', `${FORMS}/${name}`, document, options);

/** Words of bzctrld on a data folder, with what it reads. */
const formOn = (dir) => (words, input) => runBzctrld(['form', ...words, '--data', dir], { input });
const form = (...words) => formOn(server.dir)(words);
const formReads = (input, ...words) => formOn(server.dir)(words, input);

function done(result, code = 0) {
  assert.equal(result.code, code, result.stderr);
  return result.stdout;
}

const exported = async (name, dir = server.dir) => done(await formOn(dir)(['export', WORKSPACE, name]));

async function otherData(users = [EXAMPLE]) {
  const dir = path.join(makeFolder(), 'data');
  await runBzctrldOk(['workspace', 'add', WORKSPACE, '--data', dir]);
  for (const user of users) await addUser(dir, user);
  return dir;
}

/** What `patch` makes of a text by the lines of a diff. */
function patched(text, diff) {
  const before = text.split('\n').slice(0, -1);
  const made = [];
  let at = 0;
  for (const line of diff.split('\n').slice(2, -1)) {
    const hunk = /^@@ -(\d+),(\d+) \+(\d+),(\d+) @@$/.exec(line);
    if (hunk) {
      const begin = Number(hunk[1]) - (hunk[2] === '0' ? 0 : 1);
      while (at < begin) made.push(before[at++]);
      assert.equal(made.length, Number(hunk[3]) - (hunk[4] === '0' ? 0 : 1), line);
    } else if (line[0] === '+') {
      made.push(line.slice(1));
    } else {
      assert.equal(before[at++], line.slice(1));
      if (line[0] === ' ') made.push(line.slice(1));
    }
  }
  return [...made, ...before.slice(at), ''].join('\n');
}

describe('the text', () => {
  test('is one member a line, in one order, whatever the order and spelling that was sent', async () => {
    const sent = await server.requestAs(MANAGER.email, 'PUT', `${FORMS}/text`, {
      headers: { 'content-type': 'application/json' },
      body: '{"fields":[{"tag":false,"label":{"nl":"T\\u00e9","de":"x"},"name":"orderID"}], ' +
          '"title":"A\\/B","unknownMembers":"keep"}',
    });
    assert.equal(sent.status, 201, sent.text);
    assert.equal(await exported('text'), `{
  "name": "text",
  "title": "A/B",
  "unknownMembers": "keep",
  "fields": [
    {
      "name": "orderID",
      "label": {
        "de": "x",
        "nl": "Té"
      },
      "tag": false
    }
  ]
}
`);
    assert.equal(await exported('default'), '{\n  "name": "default"\n}\n');
  });
  test('hostile words in it come back as they were', async () => {
    for (const [i, title] of ['<b>', '\u202e', '\u0007\n\u2028', '%s%n', '\\u0000', '😀'.repeat(100), '"}'].entries()) {
      const document =
        { title, fields: [{ name: 'a', type: 'choice', options: [title, { value: 'x', label: title }] }] };
      assert.equal((await put(`hostile-${i}`, document)).status, 201);
      const text = await exported(`hostile-${i}`);
      assert.deepEqual(JSON.parse(text), { name: `hostile-${i}`, ...document });
      assert.ok(!/[\u0000-\u0009\u000b-\u001f\u2028]/.test(text));
    }
  });
});

describe('from one server to another', () => {
  for (const beside of [false, true])
    test(`means the same there${beside ? ', imported beside a running server' : ''}`, async (t) => {
      const dir = await otherData();
      const other = formOn(dir);
      let target = beside ? await startServer({ dataDir: dir }) : undefined;
      t.after(() => target.running && target.terminate());
      for (const [name, [document]] of Object.entries(forms)) {
        await put(name, document);
        const text = await exported(name);
        const result =
          await (name < 'm' ? other(['import', WORKSPACE, makeFile(text)]) : other(['import', WORKSPACE, '-'], text));
        done(result);
        assert.equal(result.stderr, `imported ${name} version 1\n`);
        assert.equal(await exported(name, dir), text);
      }
      target ??= await startServer({ dataDir: dir });
      const random = makeRandom(3);
      const values = [null, '', 'x', 'T', 1, 12.345, true, [], ['a'], ['IT'], 'Sea', 'low', 'To do', '2030-01-01',
        'a@b', 'ORDER 1', '24NL000396A1B2C3D4', EXAMPLE.email, 'y'.repeat(300), {}];
      let valid = 0;
      for (const [name, [document, more]] of Object.entries(forms)) {
        const fields = [...document.fields.map((field) => field.name), 'title', 'tags', 'dueDate', 'unknown'];
        for (let i = 0; i < 60; i++) {
          const type = i % 2 ? 'INCIDENT' : 'TASK';
          const body = { ...least(type), ...(typeof more === 'function' ? more(type, Date.now()) : more) };
          for (let n = random(3); n > 0; n--) body[fields[random(fields.length)]] = values[random(values.length)];
          const query = `?form=${name}&dryRun=true`;
          const [here, there] = await Promise.all([server, target].map((one) => one.addTask(body, { query })));
          assert.equal(there.text.replace(target.publicUrl, server.publicUrl), here.text, JSON.stringify(body));
          valid += here.status === 200;
        }
      }
      assert.ok(valid > 100, String(valid));
    });
  test('the same text again makes no version, another one does, and history stays whole', async () => {
    const dir = await otherData();
    const other = formOn(dir);
    const text = JSON.stringify({ name: 'twice', title: 'One', fields: [{ name: 'a', type: 'text' }] });
    assert.equal((await other(['import', WORKSPACE, '-'], text)).stderr, 'imported twice version 1\n');
    assert.equal((await other(['import', WORKSPACE, '-'], text)).stderr, 'unchanged twice version 1\n');
    const otherwise = '\n{ "title": "\\u004fne",\n"fields": [ {"type":"text", "name":"a"} ], "name":"twice"}\n\n';
    assert.equal((await other(['import', WORKSPACE.toLowerCase(), '-'], otherwise)).stderr,
      'unchanged twice version 1\n');
    assert.equal((await other(['import', WORKSPACE, '-'], text.replace('One', 'Two'))).stderr,
      'imported twice version 2\n');
    assert.equal((await other(['import', WORKSPACE, '-'], text)).stderr, 'imported twice version 3\n');
    assert.equal((await other(['import', WORKSPACE, '-'], '{"name":"default","default":true}')).stderr,
      'imported default version 2\n');
    assert.equal(done(await other(['list', WORKSPACE])), 'default\t2\tenabled\tdefault\ntwice\t3\tenabled\t-\n');
    assert.equal(done(await form('list', 'EXA-CON-BUS-WOR')).split('\n')[0], 'default\t1\tenabled\tdefault');
    await runBzctrldOk(['verify', '--data', dir]);
  });
  test('what the target lacks is named, and nothing is changed', async () => {
    const document = {
      name: 'lacking',
      accounts: [EXAMPLE.email, 'nobody@example.com', 'client-0123456789abcdef'],
      fields: [{ name: 'reporter', default: 'gone@example.com' }, { name: 'assignee', default: EXAMPLE.email },
        { name: 'a', type: 'text', pattern: '(' }],
    };
    const refused = await formReads(JSON.stringify(document), 'import', WORKSPACE, '-');
    assert.equal(refused.code, 1);
    for (const line of [/^bzctrld: \/accounts\/1: "nobody@example.com" is neither/m,
      /\/accounts\/2: "client-0123456789abcdef"/, /\/fields\/0\/default: .*"gone@example.com"/,
      /\/fields\/2\/pattern: /])
      assert.match(refused.stderr, line);
    assert.equal(refused.stderr.trim().split('\n').length, 4);
    assert.equal((await form('export', WORKSPACE, 'lacking')).code, 1);
    const nowhere = await formReads('{"name":"a"}', 'import', 'EXA-CON-BUS-NIX', '-');
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.stderr, /no workspace EXA-CON-BUS-NIX/);
  });
});

describe('diff', () => {
  const text = (lines) =>
    JSON.stringify({ name: 'diffed', fields: lines.map((name) => ({ name, type: 'text', label: `${name}!` })) });
  test('says nothing and exits 0 when importing would do nothing', async () => {
    await put('diffed', JSON.parse(text(['a', 'b'])));
    assert.equal(done(await formReads(text(['a', 'b']), 'diff', WORKSPACE, 'diffed', '-')), '');
    assert.equal(done(await formReads(await exported('diffed'), 'diff', WORKSPACE, 'DIFFED', '-')), '');
  });
  test('tells what would change as patch reads it, and exits 1', async () => {
    const random = makeRandom(11);
    let version = 1;
    const names = Array.from({ length: 30 }, (_, i) => `f${i}`);
    for (let round = 0; round < 25; round++) {
      const before = names.filter(() => random(3) > 0);
      const after = names.filter((name) =>
        (round % 5 === 0 ? !before.includes(name) : before.includes(name) !== (random(10) === 0)));
      const stored = await put('diffed', JSON.parse(text(before)), { headers: { 'if-match': `"${version}"` } });
      assert.equal(stored.status, 200, stored.text);
      ({ version } = stored.json);
      const file = makeFile(text(after));
      const changed = before.join() !== after.join();
      const diff = done(await form('diff', WORKSPACE, 'diffed', file), changed ? 1 : 0);
      if (changed) assert.equal(diff.split('\n').slice(0, 2).join('\n'), `--- ${WORKSPACE}/diffed version ${version}\n+++ ${file}`);
      const wanted = patched(await exported('diffed'), diff);
      assert.deepEqual(JSON.parse(wanted), JSON.parse(text(after)));
    }
  });
  test('shows three lines around each change', async () => {
    const fields = ['a', 'b', 'c'].map((name) => ({ name, type: 'text' }));
    await put('shown', { fields });
    const file = makeFile(JSON.stringify({ fields: [fields[0], { ...fields[1], required: true }, fields[2]] }));
    assert.equal(done(await form('diff', WORKSPACE, 'shown', file), 1), `--- ${WORKSPACE}/shown version 1
+++ ${file}
@@ -7,7 +7,8 @@
     },
     {
       "name": "b",
-      "type": "text"
+      "type": "text",
+      "required": true
     },
     {
       "name": "c",
`);
  });
  test('exits 2 in trouble, whatever it is', async () => {
    for (const [words, input, why] of [
      [[WORKSPACE, 'diffed', '/nowhere/at/all'], '', /nowhere/],
      [[WORKSPACE, 'diffed', '-'], '{', /line 1, column 2/],
      [[WORKSPACE, 'diffed', '-'], '[]', /a form must be an object/],
      [[WORKSPACE, 'diffed', '-'], '{"a":"\u0000"}', /NUL/],
      [[WORKSPACE, 'diffed', '-'], `{"a":"${'x'.repeat(300_000)}"}`, /at most 262144 bytes/],
      [[WORKSPACE, 'nothing', '-'], '{}', /no form nothing in EXA-CON-BUS-WOR/],
      [['EXA-NIX', 'diffed', '-'], '{}', /no workspace EXA-NIX/],
    ]) {
      const result = await formReads(input, 'diff', ...words);
      assert.equal(result.code, 2, result.stderr);
      assert.match(result.stderr, why);
      assert.equal(result.stdout, '');
    }
    const missing = path.join(makeFolder(), 'data');
    assert.equal((await runBzctrld(['form', 'diff', WORKSPACE, 'a', '-', '--data', missing], { input: '{}' })).code, 2);
  });
});

test('a wrong command line, and what there is not', async () => {
  for (const [words, input, code, why] of [
    [['export', WORKSPACE], '', 64, /WORKSPACE NAME/],
    [['import', WORKSPACE], '', 64, /WORKSPACE FILE/],
    [['list'], '', 64, /WORKSPACE/],
    [['list', 'EXA-NIX'], '', 1, /no workspace EXA-NIX/],
    [['export', WORKSPACE, 'nothing'], '', 1, /no form nothing/],
    [['import', WORKSPACE, '/nowhere/at/all'], '', 74, /nowhere/],
    [['import', WORKSPACE, '-'], '', 64, /line 1, column 1/],
    [['import', WORKSPACE, '-'], '{"name":"a",}', 64, /line 1, column 13/],
    [['import', WORKSPACE, '-'], '{}', 64, /needs a "name"/],
    [['import', WORKSPACE, '-'], '{"name":"__proto__"}', 64, /needs a "name"/],
    [['import', WORKSPACE, '-'], '{"name":"a","fields":{}}', 1, /\/fields: /],
  ]) {
    const result = await formReads(input, ...words);
    assert.equal(result.code, code, result.stderr);
    assert.match(result.stderr, why);
    assert.equal(result.stdout, '');
  }
  const help = await runBzctrldOk(['form', '--help']);
  for (const noun of ['list', 'export', 'import', 'diff']) assert.ok(help.includes(`bzctrld form ${noun} `), noun);
});
