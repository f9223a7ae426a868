// Markdown (CommonMark) to a tree of ours, from micromark's tokens. Raw HTML stays what it is: text.
import { decodeNamedCharacterReference } from "decode-named-character-reference";
import { parse, postprocess, preprocess } from "micromark";
import { decodeNumericCharacterReference } from "micromark-util-decode-numeric-character-reference";
import { normalizeIdentifier } from "micromark-util-normalize-identifier";
import type { Token, TokenType } from "micromark-util-types";
import type { Node } from "./tree";

/** Deeper than people write; anything nested deeper is shown as text. */
const depthMax = 24;

/** A node of the tree while it is read; or, with a type of its own, what collects words and is left out of the tree. */
interface Open {
  type: Node["type"] | "root" | "label" | "string";
  children?: Node[];
  value?: string;
  url?: string;
  alt?: string;
  depth?: number;
  ordered?: boolean;
  start?: number;
}

type Handlers = Partial<Record<TokenType, (token: Token) => void>>;

/** In these the end of a line does not belong to the text. */
const silent: readonly Open["type"][] = ["root", "quote", "list", "item", "link"];

/** The words in nodes. */
const wordsIn = (nodes: readonly Open[]): string =>
  nodes.map(({ value, alt, children }) => value ?? alt ?? wordsIn(children ?? [])).join("");

export function parseMarkdown(source: string): Node[] {
  const root: Node[] = [];
  const stack: Open[] = [{ type: "root", children: root }];
  const top = (): Open => stack[stack.length - 1] as Open;
  const above = (): Open => stack[stack.length - 2] as Open;
  /** Where the open items begin. */
  const items: number[] = [];
  /** The addresses that the text defines, and what has one of them: the definition may come later. */
  const addresses = new Map<string, string>();
  const references: [node: Open, name: string][] = [];
  /** What was named last. */
  let name = "";
  /** Is the last link one by that name? */
  let named = false;
  let skipLineEnding = false;
  /** Of the number of a character; 0 when it has a name. */
  let base = 0;
  let typed: (token: Token) => string;

  const push = (node: Open): void => void stack.push(node);
  const open = (node: Open): void => {
    top().children?.push(node as Node);
    push(node);
  };
  const close = (start: number, end: number): void => {
    const node = stack.pop() as Open;
    if (node.children && stack.length > depthMax) node.children = [{ type: "text", value: source.slice(start, end) }];
  };
  const closeToken = ({ start, end }: Token): void => close(start.offset, end.offset);
  const say = (text: string): void => {
    const node = top();
    const last: Open | undefined = node.children?.[node.children.length - 1];
    if (node.value !== undefined) node.value += text;
    else if (last?.type === "text") last.value += text;
    else node.children?.push({ type: "text", value: text });
  };
  const sayToken = (token: Token): void => say(typed(token));
  const opens = (node: Open) => (): void => open({ ...node, ...(node.children && { children: [] }) });
  const openString = (): void => push({ type: "string", value: "" });
  const closeString = (): string => stack.pop()?.value ?? "";
  const nameIt = (token: Token): void => {
    name = normalizeIdentifier(typed(token));
    named = true;
  };
  const closeNamed = (token: Token): void => {
    closeString();
    nameIt(token);
  };
  const closeLink = (token: Token): void => {
    if (named) references.push([top(), name]);
    closeToken(token);
  };
  const closeItem = (end: number): void => {
    if (top().type === "item") close(items.pop() ?? 0, end);
  };
  const closeList = (token: Token): void => {
    closeItem(token.end.offset);
    closeToken(token);
  };
  const closeCode = (token: Token): void => {
    const node = top();
    node.value = node.value?.replace(token.type === "codeFenced" ? /^\r?\n|^\r|\r?\n$|\r$/g : /\r?\n$|\r$/, "");
    closeToken(token);
  };
  const closeBreak = (): void => {
    stack.pop();
    skipLineEnding = true;
  };

  const enter: Handlers = {
    paragraph: opens({ type: "paragraph", children: [] }),
    blockQuote: opens({ type: "quote", children: [] }),
    emphasis: opens({ type: "emphasis", children: [] }),
    strong: opens({ type: "strong", children: [] }),
    atxHeading: opens({ type: "heading", depth: 0, children: [] }),
    setextHeading: opens({ type: "heading", depth: 0, children: [] }),
    thematicBreak: opens({ type: "rule" }),
    listOrdered: opens({ type: "list", ordered: true, start: 1, children: [] }),
    listUnordered: opens({ type: "list", ordered: false, start: 1, children: [] }),
    listItemPrefix({ start }) {
      closeItem(start.offset);
      items.push(start.offset);
      open({ type: "item", children: [] });
    },
    listItemValue(token) {
      const list = above();
      if (list.children?.length === 1) list.start = Number.parseInt(typed(token), 10);
    },
    codeFenced: opens({ type: "codeBlock", value: "" }),
    codeIndented: opens({ type: "codeBlock", value: "" }),
    codeFencedFenceInfo: openString,
    codeFencedFenceMeta: openString,
    codeText: opens({ type: "code", value: "" }),
    hardBreakEscape: opens({ type: "break" }),
    hardBreakTrailing: opens({ type: "break" }),
    autolink: opens({ type: "link", url: "", children: [] }),
    link: opens({ type: "link", url: "", children: [] }),
    image: opens({ type: "image", url: "", alt: "" }),
    label: () => push({ type: "label", children: [] }),
    referenceString: openString,
    resourceDestinationString: openString,
    resourceTitleString: openString,
    definitionLabelString: openString,
    definitionDestinationString: openString,
    definitionTitleString: openString,
    characterReferenceMarkerNumeric: () => void (base = 10),
    characterReferenceMarkerHexadecimal: () => void (base = 16),
  };

  const exit: Handlers = {
    paragraph: closeToken,
    blockQuote: closeToken,
    emphasis: closeToken,
    strong: closeToken,
    atxHeadingSequence(token) {
      top().depth ||= typed(token).length;
    },
    atxHeading: closeToken,
    setextHeadingText: () => void (skipLineEnding = true),
    setextHeadingLineSequence(token) {
      top().depth = typed(token).startsWith("=") ? 1 : 2;
    },
    setextHeading: closeToken,
    thematicBreak: closeToken,
    listOrdered: closeList,
    listUnordered: closeList,
    codeFenced: closeCode,
    codeIndented: closeCode,
    codeFencedFenceInfo: closeString,
    codeFencedFenceMeta: closeString,
    codeText: closeToken,
    codeFlowValue: sayToken,
    codeTextData: sayToken,
    data: sayToken,
    characterEscapeValue: sayToken,
    characterReferenceValue(token) {
      const text = typed(token);
      say(base ? decodeNumericCharacterReference(text, base) : decodeNamedCharacterReference(text) || "");
      base = 0;
    },
    hardBreakEscape: closeBreak,
    hardBreakTrailing: closeBreak,
    lineEnding(token) {
      if (!skipLineEnding && !silent.includes(top().type)) sayToken(token);
      skipLineEnding = false;
    },
    autolinkProtocol(token) {
      sayToken(token);
      top().url = typed(token);
    },
    autolinkEmail(token) {
      sayToken(token);
      top().url = `mailto:${typed(token)}`;
    },
    autolink: closeToken,
    labelText: nameIt,
    label() {
      const { children = [] } = stack.pop() as Open;
      if (top().type === "image") top().alt = wordsIn(children);
      else top().children = children;
    },
    referenceString: closeNamed,
    resourceDestinationString() {
      const url = closeString();
      top().url = url;
    },
    resourceTitleString: closeString,
    resource: () => void (named = false),
    link: closeLink,
    image: closeLink,
    definitionLabelString: closeNamed,
    definitionDestinationString() {
      const url = closeString();
      if (!addresses.has(name)) addresses.set(name, url);
    },
    definitionTitleString: closeString,
  };

  for (const [kind, token, context] of postprocess(parse().document().write(preprocess()(source, undefined, true)))) {
    typed = (token) => context.sliceSerialize(token);
    (kind === "enter" ? enter : exit)[token.type]?.(token);
  }
  for (const [node, address] of references) node.url = addresses.get(address) ?? "";
  return root;
}
