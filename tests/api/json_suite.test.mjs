/*
 * JSONTestSuite (318 files, nst/JSONTestSuite) through the endpoint: what must be refused is
 * refused with 400, what must be parsed is parsed (that it is no report is then 422) or refused
 * for a stated reason, nothing is answered 5xx, and the server lives on.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { corpora } from '../lib/program.mjs';
import { small, startServer } from '../lib/server.mjs';

const folder = path.join(corpora, 'JSONTestSuite/test_parsing');
const missing = existsSync(folder) ? false : `NOT TESTED: there is no ${folder} (BZCTRL_CORPORA names its folder)`;
const files = missing ? [] : readdirSync(folder).filter((name) => name.endsWith('.json')).sort();

/* Well-formed JSON that the contract refuses all the same, and why. */
const refusedByContract = {
  'y_object_duplicated_key.json': 'a member twice',
  'y_object_duplicated_key_and_value.json': 'a member twice',
  'y_object_escaped_null_in_key.json': 'NUL',
  'y_string_null_escape.json': 'NUL',
  'y_string_accepted_surrogate_pair.json': null,
};

let server;
before(async () => {
  if (!missing) server = await startServer();
});
after(() => server?.stop());

function read(name) {
  return readFileSync(path.join(folder, name));
}

/* The file's content as one member of a report that is right otherwise. */
function asMember(content) {
  const body = JSON.stringify(small({ 'the member': 0 }));
  const [head, tail] = body.split('"the member":0');
  return Buffer.concat([Buffer.from(`${head}"the member":`), content, Buffer.from(tail)]);
}

test('the suite is there', { skip: missing }, () => assert.ok(files.length > 300));

test('n_: every file that is no JSON is answered 400 with line and column', { skip: missing }, async () => {
  for (const name of files.filter((f) => f.startsWith('n_'))) {
    const answer = await server.addTask(read(name));
    assert.equal(answer.status, 400, `${name}: ${answer.text}`);
    assert.ok(answer.json.detail, name);
  }
});

test('y_: every file that is JSON is parsed: an object then lacks members (422), the rest says that it is no object',
    { skip: missing }, async () => {
  for (const name of files.filter((f) => f.startsWith('y_'))) {
    const answer = await server.addTask(read(name));
    const object = read(name).toString().trimStart().startsWith('{');
    if (refusedByContract[name] && object) {
      assert.equal(answer.status, 400, `${name}: ${answer.text}`);
      assert.match(answer.json.detail, /second time|U\+0000/, name);
    } else if (object) {
      assert.equal(answer.status, 422, `${name}: ${answer.text}`);
      assert.ok(answer.json.errors.length > 0, name);
    } else {
      assert.ok([400, 422].includes(answer.status), `${name}: ${answer.text}`);
      assert.match(JSON.stringify(answer.json), /object|U\+0000/, `${name}: ${answer.text}`);
    }
  }
});

test('y_: every file is taken as a member that no rule knows, and comes back with the same meaning', { skip: missing },
    async () => {
  for (const name of files.filter((f) => f.startsWith('y_'))) {
    const answer = await server.addTask(asMember(read(name)));
    if (refusedByContract[name]) {
      assert.equal(answer.status, 400, `${name}: ${answer.text}`);
      continue;
    }
    assert.equal(answer.status, 201, `${name}: ${answer.text}`);
    const record = await server.get(new URL(answer.headers.location, server.url).pathname);
    assert.deepEqual(record.json.extra['the member'], JSON.parse(read(name)), name);
  }
});

test('i_: what parsers may decide is decided, alone and as a member, and never 5xx', { skip: missing }, async () => {
  for (const name of files.filter((f) => f.startsWith('i_')))
    for (const body of [read(name), asMember(read(name))]) {
      const answer = await server.addTask(body);
      assert.ok([201, 400, 422].includes(answer.status), `${name}: ${answer.text}`);
    }
});

test('naughty strings come back as they were sent', { skip: missing }, async () => {
  const naughty = JSON.parse(readFileSync(path.join(corpora, 'naughty-strings.json')));
  const extra = Object.fromEntries(naughty.map((text, i) => [`member ${i}`, text]));
  assert.deepEqual((await server.createAndRead(small(extra))).extra, extra);
  for (const text of naughty.filter((t) => t !== '').slice(0, 200)) {
    const answer = await server.addTask(small({ title: text, tags: [text] }));
    assert.ok([201, 422].includes(answer.status), `${JSON.stringify(text)}: ${answer.text}`);
    if (answer.status === 201) assert.equal(answer.json.title, text);
  }
});

test('afterwards the server does its work as before', { skip: missing }, async () => {
  assert.equal((await server.addTask(small())).status, 201);
  assert.ok(server.running);
});
