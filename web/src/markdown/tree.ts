// A text after parsing, as far as this app shows Markdown. Links still carry whatever address was
// written: whether it is followed is decided where it is shown (components/markdown.tsx).
export type Node =
  | { type: "text"; value: string }
  | { type: "code"; value: string }
  | { type: "codeBlock"; value: string }
  | { type: "break" }
  | { type: "rule" }
  | { type: "image"; url: string; alt: string }
  | { type: "link"; url: string; children: Node[] }
  | { type: "heading"; depth: number; children: Node[] }
  | { type: "list"; ordered: boolean; start: number; children: Node[] }
  | { type: "paragraph" | "quote" | "item" | "emphasis" | "strong"; children: Node[] };

/** What the parser says: once that it is there, then to each text its tree, or null if it has none. */
export type Answer = "ready" | Node[] | null;
