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

export interface Question {
  id: number;
  text: string;
}

export interface Answer {
  id: number;
  /** Null when the text could not be parsed. */
  nodes: Node[] | null;
}
