// Making pages: HTML in which every text is escaped, and Markdown.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// The parser is pinned by the lock file of the web app, which is built before.
const require = createRequire(new URL('../web/package.json', import.meta.url));
const { fromMarkdown } = await import(pathToFileURL(require.resolve('mdast-util-from-markdown')));

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

class Html {
  constructor(text) {
    this.text = text;
  }
}

function textOf(value) {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(textOf).join('');
  if (value === undefined || value === null || value === false) return '';
  return String(value).replace(/[&<>"]/g, (c) => escapes[c]);
}

/** A piece of a page. What is put into it is escaped unless it is such a piece itself. */
export function html(strings, ...values) {
  return new Html(strings.map((part, i) => part + textOf(values[i])).join(''));
}

/** The pieces with `separator` between them. */
export const joined = (pieces, separator) => pieces.map((piece, i) => (i === 0 ? piece : html`${separator}${piece}`));

/** A Markdown text; its headings begin at <h`level`>. HTML in it is shown as text. */
export function markdown(text, level = 4) {
  return text === undefined ? undefined : blocks(fromMarkdown(text), level);
}

/** The same, with an id at each heading. */
export function article(text, level) {
  return fromMarkdown(text).children.map((node) =>
    (node.type === 'heading' ? heading(node, level, html` id="${slug(textIn(node))}"`) : block(node, level)));
}

/** The headings of a Markdown text, of one depth. */
export function headings(text, depth) {
  return fromMarkdown(text).children.filter((node) => node.type === 'heading' && node.depth === depth).map(textIn);
}

/** A text as an id. */
export const slug = (text) => text.toLowerCase().replace(/\W+/g, '-').replace(/^-|-$/g, '');

const textIn = (node) => node.value ?? (node.children ?? []).map(textIn).join('');

function heading(node, level, id) {
  const tag = new Html(`h${Math.min(6, level + node.depth - 2)}`);
  return html`<${tag}${id}>${blocks(node, level)}</${tag}>`;
}

/** Markdown of a single paragraph, without the <p>. */
export function line(text) {
  if (text === undefined) return undefined;
  const { children } = fromMarkdown(text);
  return children.length === 1 && children[0].type === 'paragraph' ? blocks(children[0], 6) : markdown(text, 6);
}

function blocks(node, level) {
  return node.children.map((child) => block(child, level));
}

function block(node, level) {
  const inside = () => blocks(node, level);
  switch (node.type) {
    case 'paragraph':
      if (/^\|.*\|$/m.test(textIn(node))) throw new Error('Tables are not shown; write a list instead');
      return html`<p>${inside()}</p>`;
    case 'heading': return heading(node, level);
    case 'list': return node.ordered ? html`<ol>${inside()}</ol>` : html`<ul>${inside()}</ul>`;
    case 'listItem':
      return html`<li>${node.children.map((child) =>
        (child.type === 'paragraph' ? blocks(child, level) : block(child, level)))}</li>`;
    case 'blockquote': return html`<blockquote>${inside()}</blockquote>`;
    case 'code': return html`<pre><code>${node.value}</code></pre>`;
    case 'inlineCode': return html`<code>${node.value}</code>`;
    case 'emphasis': return html`<em>${inside()}</em>`;
    case 'strong': return html`<strong>${inside()}</strong>`;
    case 'link': return html`<a href="${node.url}">${inside()}</a>`;
    case 'break': return html`<br>`;
    case 'text':
    case 'html': return html`${node.value}`;
    default: throw new Error(`Markdown of the kind "${node.type}" is not shown yet; add it to tools/html.mjs`);
  }
}
