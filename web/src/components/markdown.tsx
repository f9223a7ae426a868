// A text in Markdown, shown as elements that are made here one by one. No HTML is ever parsed, no
// picture is loaded, and a link leads only to the web or to a mailbox.
import { Fragment, type ComponentChildren, type JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { readMarkdown } from "../markdown/client";
import type { Node } from "../markdown/tree";
import { nameOf, peopleKnown, personOf } from "../people";
import { useStore } from "../store";
import { s } from "../strings/record";

const schemes = ["http:", "https:", "mailto:"];

/** The address as the browser would follow it, or null if we do not follow it. */
export function safeUrl(url: string): string | null {
  try {
    const parsed = new URL(url);
    return schemes.includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

export function SafeLink({ url, children }: { url: string; children: ComponentChildren }): JSX.Element {
  const href = safeUrl(url);
  if (href === null) return <>{children}</>;
  return (
    <a href={href} rel="noopener noreferrer" target="_blank">
      {children}
    </a>
  );
}

/** Somebody whom a text names by "@" and the address, if that is known. */
function Mention({ text }: { text: string }): JSX.Element {
  useStore(peopleKnown);
  const email = text.slice(1).toLowerCase();
  if (!personOf(email)) return <>{text}</>;
  return (
    <span class="mention" title={email}>
      @<bdi>{nameOf(email)}</bdi>
    </span>
  );
}

/** Bare addresses in a text become links; the point or bracket that ends a sentence is not theirs. */
export function LinkedText({ text }: { text: string }): JSX.Element {
  const parts = text.split(/(https?:\/\/[^\s<>"'`]+|@[^\s@<>"'`]+@[^\s@<>"'`,;:!?()[\]{}]+)/i);
  return (
    <>
      {parts.map((part, i) => {
        if (i % 2 === 0) return part;
        let end = part.length;
        while (end > 0 && ".,;:!?)]}*_".includes(part.charAt(end - 1))) end -= 1;
        const url = part.slice(0, end);
        return (
          <Fragment key={i}>
            {url.startsWith("@") ? <Mention text={url} /> : <SafeLink url={url}>{url}</SafeLink>}
            {part.slice(end)}
          </Fragment>
        );
      })}
    </>
  );
}

// The page's own headings end at the second level.
const headings = ["h3", "h3", "h4", "h5", "h6", "h6", "h6"] as const;

function show(nodes: Node[], inLink: boolean): JSX.Element[] {
  return nodes.map((node, i) => <Fragment key={i}>{showOne(node, inLink)}</Fragment>);
}

function showOne(node: Node, inLink: boolean): ComponentChildren {
  switch (node.type) {
    case "text":
      return inLink ? node.value : <LinkedText text={node.value} />;
    case "code":
      return <code>{node.value}</code>;
    case "codeBlock":
      return (
        <pre tabIndex={0}>
          <code>{node.value}</code>
        </pre>
      );
    case "break":
      return <br />;
    case "rule":
      return <hr />;
    case "image": {
      const name = node.alt === "" ? node.url : node.alt;
      return inLink ? name : <SafeLink url={node.url}>{name}</SafeLink>;
    }
    case "link":
      return inLink ? show(node.children, true) : <SafeLink url={node.url}>{show(node.children, true)}</SafeLink>;
    case "heading": {
      const Heading = headings[node.depth] ?? "h6";
      return <Heading>{show(node.children, inLink)}</Heading>;
    }
    case "list":
      return node.ordered ? (
        <ol start={node.start}>{show(node.children, inLink)}</ol>
      ) : (
        <ul>{show(node.children, inLink)}</ul>
      );
    case "item":
      return <li>{show(node.children, inLink)}</li>;
    case "paragraph":
      return <p>{show(node.children, inLink)}</p>;
    case "quote":
      return <blockquote>{show(node.children, inLink)}</blockquote>;
    case "emphasis":
      return <em>{show(node.children, inLink)}</em>;
    case "strong":
      return <strong>{show(node.children, inLink)}</strong>;
  }
}

export function Markdown({ text }: { text: string }): JSX.Element {
  const [parsed, setParsed] = useState<{ text: string; nodes: Node[] | null } | null>(null);
  useEffect(() => {
    let wanted = true;
    void readMarkdown(text).then((nodes) => {
      if (wanted) setParsed({ text, nodes });
    });
    return () => {
      wanted = false;
    };
  }, [text]);
  const done = parsed !== null && parsed.text === text;
  if (done && parsed.nodes !== null) {
    return (
      <div class="prose" dir="auto">
        {show(parsed.nodes, false)}
      </div>
    );
  }
  return (
    <>
      <div class="prose plain" dir="auto" aria-busy={!done}>
        {text}
      </div>
      {done && <p class="hint">{s.plain}</p>}
    </>
  );
}
