// Markdown (CommonMark) to a tree of ours. Raw HTML stays what it is: text.
import type { Definition, Nodes } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import type { Node } from "./tree";

/** Deeper than people write; anything nested deeper is shown as text. */
const depthMax = 24;

const flowParents: Nodes["type"][] = ["root", "blockquote", "listItem"];

class Reader {
  private readonly definitions = new Map<string, Definition>();

  constructor(private readonly source: string) {}

  read(): Node[] {
    const root = fromMarkdown(this.source);
    this.define(root, 0);
    return this.children(root, 0);
  }

  private define(node: Nodes, depth: number): void {
    if (node.type === "definition" && !this.definitions.has(node.identifier)) {
      this.definitions.set(node.identifier, node);
    }
    if ("children" in node && depth <= depthMax) {
      for (const child of node.children) this.define(child, depth + 1);
    }
  }

  private children(node: Nodes, depth: number): Node[] {
    if (!("children" in node)) return [];
    if (depth > depthMax) return [{ type: "text", value: this.sourceOf(node) }];
    const flow = flowParents.includes(node.type);
    return node.children.flatMap((child: Nodes) => this.node(child, flow, depth + 1));
  }

  private sourceOf(node: Nodes): string {
    return this.source.slice(node.position?.start.offset ?? 0, node.position?.end.offset ?? 0);
  }

  /** `flow` is true for blocks, false for words within one. */
  private node(node: Nodes, flow: boolean, depth: number): Node[] {
    const children = (): Node[] => this.children(node, depth);
    switch (node.type) {
      case "text":
        return [{ type: "text", value: node.value }];
      case "html": {
        const text: Node = { type: "text", value: node.value };
        return flow ? [{ type: "paragraph", children: [text] }] : [text];
      }
      case "inlineCode":
        return [{ type: "code", value: node.value }];
      case "code":
        return [{ type: "codeBlock", value: node.value }];
      case "break":
        return [{ type: "break" }];
      case "thematicBreak":
        return [{ type: "rule" }];
      case "definition":
        return [];
      case "paragraph":
      case "emphasis":
      case "strong":
        return [{ type: node.type, children: children() }];
      case "blockquote":
        return [{ type: "quote", children: children() }];
      case "listItem":
        return [{ type: "item", children: children() }];
      case "heading":
        return [{ type: "heading", depth: node.depth, children: children() }];
      case "list":
        return [{ type: "list", ordered: node.ordered ?? false, start: node.start ?? 1, children: children() }];
      case "link":
        return [{ type: "link", url: node.url, children: children() }];
      case "image":
        return [{ type: "image", url: node.url, alt: node.alt ?? "" }];
      case "linkReference": {
        const definition = this.definitions.get(node.identifier);
        if (!definition) return [{ type: "text", value: this.sourceOf(node) }];
        return [{ type: "link", url: definition.url, children: children() }];
      }
      case "imageReference": {
        const definition = this.definitions.get(node.identifier);
        if (!definition) return [{ type: "text", value: this.sourceOf(node) }];
        return [{ type: "image", url: definition.url, alt: node.alt ?? "" }];
      }
      default:
        return [{ type: "text", value: this.sourceOf(node) }];
    }
  }
}

export function parseMarkdown(source: string): Node[] {
  return new Reader(source).read();
}
