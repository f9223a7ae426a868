// The parser at work, off the page: a text that was made to be slow can't freeze it.
import { parseMarkdown } from "./parse";
import type { Answer, Node } from "./tree";

function say(answer: Answer): void {
  postMessage(answer);
}

addEventListener("message", (event: MessageEvent<string>) => {
  let nodes: Node[] | null = null;
  try {
    nodes = parseMarkdown(event.data);
  } catch {
    // Too deep for the stack: the page shows the text as it is.
  }
  say(nodes);
});

say("ready");
