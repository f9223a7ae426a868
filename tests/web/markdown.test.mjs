/* What the app reads in Markdown: the tree of a text, as the worker makes it. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { root } from '../lib/program.mjs';

let parseMarkdown;
before(async () => {
  const web = path.join(root, 'web');
  const { build } = createRequire(path.join(web, 'package.json'))('esbuild');
  const { outputFiles } = await build({
    absWorkingDir: web,
    entryPoints: ['src/markdown/parse.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['worker'],
    tsconfigRaw: {},
  });
  const code = Buffer.from(outputFiles[0].contents).toString('base64');
  ({ parseMarkdown } = await import(`data:text/javascript;base64,${code}`));
});

/** A tree in one line: paragraph(text, strong(more)). */
function brief(node) {
  const { type, value, url, alt, depth, ordered, start, children } = node;
  const about = [depth, ordered && start, url, alt].filter((one) => one !== undefined && one !== false).join(' ');
  const inside = children ? children.map(brief).join(', ') : JSON.stringify(value ?? '');
  const name = about === '' ? type : `${type} ${about}`;
  if (type === 'text') return inside;
  return children || value !== undefined ? `${name}(${inside})` : name;
}

const samples = {
  'one\ntwo  \nthree\\\nfour': 'paragraph("one\\ntwo", break, "three", break, "four")',
  '*a* **b** `c  d` \\* &copy; &#65; &#x42;':
    'paragraph(emphasis("a"), " ", strong("b"), " ", code("c  d"), " * © A B")',
  '## Two ##\n\nOne\nmore\n===': 'heading 2("Two"), heading 1("One\\nmore")',
  '> a\n> - b\n>\n> c': 'quote(paragraph("a"), list(item(paragraph("b"))), paragraph("c"))',
  '7. a\n\n   b\n8. c\n   - d\n   - e\n\nf':
    'list 7(item(paragraph("a"), paragraph("b")), item(paragraph("c"), list(item(paragraph("d")), '
    + 'item(paragraph("e"))))), paragraph("f")',
  '``` js x\na\n\nb\n```\n\n    c\n    d\n': 'codeBlock("a\\n\\nb"), codeBlock("c\\nd")',
  '[a *b*](/u&amp;v "t") [c][x] [x][] [x] [y]\n\n[X]: <w> "t"\n[x]: second':
    'paragraph(link /u&v("a ", emphasis("b")), " ", link w("c"), " ", link w("x"), " ", link w("x"), " [y]")',
  '![a `b` ![c](d)](e) <http://f.example> <g@h.example>':
    'paragraph(image e a b c, " ", link http://f.example("http://f.example"), " ", '
    + 'link mailto:g@h.example("g@h.example"))',
  '[![a](b)][x]\n\n[x]: c': 'paragraph(link c(image b a))',
  'a\n***\n': 'paragraph("a"), rule',
};

describe('a text is read as', () => {
  for (const [text, tree] of Object.entries(samples))
    test(JSON.stringify(text), () => assert.equal(parseMarkdown(text).map(brief).join(', '), tree));

  test('nothing deeper than 24 levels: the rest is text', () => {
    let [node] = parseMarkdown(`${'> '.repeat(40)}*deep*`);
    let depth = 1;
    for (; node.children; depth++) [node] = node.children;
    assert.equal(depth, 26);
    assert.equal(node.value, `${'> '.repeat(16)}*deep*`.slice(0, node.value.length));
    assert.match(node.value, /\*deep\*$/);
  });
});
