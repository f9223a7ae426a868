// The parser at work, off the page: a text that was made to be slow can't freeze it.
import { parseMarkdown } from "./parse";
import type { Answer, Node, Question } from "./tree";

addEventListener("message", (event: MessageEvent<Question>) => {
  const { id, text } = event.data;
  let nodes: Node[] | null = null;
  try {
    nodes = parseMarkdown(text);
  } catch {
    // Too deep for the stack: the page shows the text as it is.
  }
  const answer: Answer = { id, nodes };
  postMessage(answer);
});
