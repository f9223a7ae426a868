/*
 * What the documents tell a reader to type works, and prints what they say: every ```sh block behind
 * <!-- run --> is run against a demo server, all blocks of a document in one shell, and what stands
 * behind <!-- prints --> must come out (… stands for anything, white space does not count). And what
 * they list is complete: the settings, the links.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { bzctrld, makeFolder, root, run } from '../lib/program.mjs';
import { EXAMPLE, startServer } from '../lib/server.mjs';

const documents = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'bench/README.md'],
  ...readdirSync(path.join(root, 'doc')).filter((name) => name.endsWith('.md')).map((name) => `doc/${name}`),
].filter((file) => statSync(path.join(root, file), { throwIfNoEntry: false }));
const text = (file) => readFileSync(path.join(root, file), 'utf8');

const block = /<!-- run -->\n```sh\n([\s\S]*?)```\n(?:<!-- prints -->\n```\w*\n([\s\S]*?)```)?/g;

function blocks(file) {
  return [...text(file).matchAll(block)].map(([, script, prints]) => ({ script, prints }));
}

/* "…" stands for any text. */
function fits(expected, actual) {
  const squeeze = (s) => s.replace(/\s+/g, '');
  const escape = (s) => s.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${squeeze(expected).split('…').map(escape).join('[\\s\\S]*')}$`).test(squeeze(actual));
}

for (const file of documents.filter((name) => blocks(name).length > 0)) {
  test(`what ${file} tells a reader to type works`, async (t) => {
    const server = await startServer({ demo: true });
    t.after(() => server.stop());
    const folder = makeFolder();
    for (const name of ['doc', 'api']) symlinkSync(path.join(root, name), path.join(folder, name));
    symlinkSync(server.dir, path.join(folder, 'demo'));
    const here = (s) => s.replaceAll('http://127.0.0.1:8080', server.url);

    const steps = blocks(file);
    const script = steps.map(({ script }, i) => `${here(script)}\nprintf '\\n@@@ %s\\n' ${i}\n`).join('');
    const result = await run('sh', ['-eu', '-c', script], {
      cwd: folder,
      env: { PATH: `${path.dirname(bzctrld)}:${process.env.PATH}`, HOME: folder, XDG_CONFIG_HOME: '',
        XDG_STATE_HOME: '', TOKEN: await server.token(EXAMPLE.email) },
    });
    const printed = result.stdout.split(/\n@@@ \d+\n/);
    assert.equal(result.code, 0,
      `block ${printed.length} of ${steps.length} failed\n${result.stderr}\n${result.stdout}`);
    for (const [i, { script, prints }] of steps.entries())
      if (prints !== undefined)
        assert.ok(fits(here(prints), printed[i]),
          `${script}\nprints\n${printed[i]}\nand not, as ${file} says,\n${here(prints)}`);
  });
}

test('the demo sends the requests of README.md, and the second one twice for one record', async () => {
  const { code, stdout, stderr } = await run('sh', [path.join(root, 'tools/demo.sh'), '--once'], {
    env: { PATH: process.env.PATH, HOME: makeFolder(), BZCTRLD: bzctrld },
  });
  assert.equal(code, 0, stderr);
  const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(stdout);
  const words = (s) => s.replaceAll(url, 'http://127.0.0.1:8080').replace(/\s+/g, ' ');
  const [token, report] = blocks('README.md').slice(0, 2)
    .map(({ script }) => /curl -s (http[\s\S]*?)(?: -w '\\n'\n|\n$)/.exec(script)[1]);
  for (const request of [token, report])
    assert.ok(words(stdout).includes(words(request)), `${request}\nis not what the demo prints:\n${stdout}`);
  assert.equal(new Set(stdout.match(/^Location: .*$/gim)).size, 1, stdout);
  assert.equal(stdout.match(/^Idempotent-Replayed: true$/gim).length, 1, stdout);
  if (url.endsWith(':8080')) assert.doesNotMatch(stdout, /is taken/);
  else assert.match(stdout, new RegExp(`Port 8080 is taken\\. The demo listens at ${url}: use this address`));
});

test('README.md lists the settings of src/admin/settings.def', () => {
  const [, listed] = /<!-- settings -->\n([\s\S]*?)<!-- \/settings -->/.exec(text('README.md'));
  const rows = [...listed.matchAll(/^\| `--([\w-]+) [^`]*` \|\s*(?:`([^`]*)`)?\s*\|/gm)].map(([, flag, value]) =>
    ({ flag, value: value ?? '' }));
  const table = [...text('src/admin/settings.def').matchAll(/^CONFIG\(\s*\w+,\s*"([^"]*)",\s*"([^"]*)"/gm)];
  assert.ok(table.length > 0);
  assert.deepEqual(rows, table.map(([, flag, value]) => ({ flag, value })));
});

test('links between the documents lead somewhere', () => {
  for (const file of documents)
    for (const [, to] of text(file).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g))
      assert.ok(statSync(path.join(root, path.dirname(file), to), { throwIfNoEntry: false }), `${file} links to ${to}`);
});

test('files and functions that the documents name exist', () => {
  const sources = readSources(path.join(root, 'src'));
  for (const file of documents.filter((name) => name !== 'CHANGELOG.md'))
    for (const [, name] of text(file).replace(/```[\s\S]*?```/g, '').matchAll(/`([\w./-]+(?:\(\))?)`/g)) {
      /* Called somewhere: an indented line. A definition alone would keep a false sentence alive. */
      if (/^[a-z]\w*_\w+\(\)$/.test(name))
        assert.match(sources, new RegExp(`^[ \\t#].*\\b${name.slice(0, -2)}\\(`, 'm'),
          `${file} names ${name}, which nothing calls`);
      if (/^(src|tests|api|web|sql|doc|bench|tools|include|base|json|model|db|store|core|http|form|lib|tool|admin|daemon|jobs|cli)\/[\w./-]+\.\w+$/.test(name)) {
        const there = [name, `src/${name}`,
          name.replace(/\/$/, '')].some((n) => statSync(path.join(root, n), { throwIfNoEntry: false }));
        assert.ok(there, `${file} names ${name}`);
      }
    }
});

test('the functions on the way of a request are in the files that ARCHITECTURE.md names', () => {
  let file;
  let steps = 0;
  for (const [, named, name] of text('ARCHITECTURE.md').matchAll(/^ {4}(?:([a-z]+\/\w+\.c)|) +(\w+)\(\)/gm)) {
    file = named ?? file;
    steps++;
    assert.match(text(`src/${file}`), new RegExp(`^\\w.*\\b${name}\\(`, 'm'), `${file} has no ${name}()`);
  }
  assert.ok(steps > 20);
});

test('code that the documents quote is the code of the source', () => {
  const squeeze = (s) => s.replace(/\s+/g, ' ').trim();
  let quotes = 0;
  for (const file of documents)
    for (const [, source, code] of text(file).matchAll(/<!-- from (\S+) -->\n```\w*\n([\s\S]*?)```/g)) {
      quotes++;
      assert.ok(squeeze(text(source)).includes(squeeze(code)),
        `${file} quotes ${source}, which does not have:\n${code}`);
    }
  assert.ok(quotes > 0);
});

function readSources(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => (entry.isDirectory() ? readSources(path.join(folder, entry.name))
      : readFileSync(path.join(folder, entry.name), 'utf8')))
    .join('\n');
}
