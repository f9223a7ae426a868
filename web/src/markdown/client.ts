// Asks the parser, and gives up on it in time.
import type { Answer, Node, Question } from "./tree";

/** A long report takes some 100 ms; texts that were made for it take minutes. */
const patience = 1500;

let worker: Worker | null = null;
let lastId = 0;
const waiting = new Map<number, (nodes: Node[] | null) => void>();

function stop(): void {
  worker?.terminate();
  worker = null;
  const given = [...waiting.values()];
  waiting.clear();
  for (const give of given) give(null);
}

function start(): Worker {
  const made = new Worker("/app/markdown.js");
  made.addEventListener("message", (event: MessageEvent<Answer>) => {
    const give = waiting.get(event.data.id);
    waiting.delete(event.data.id);
    give?.(event.data.nodes);
  });
  made.addEventListener("error", () => {
    if (made === worker) stop();
  });
  return made;
}

/** Null when the text is not to be had as a tree: show it as it is. */
export function readMarkdown(text: string): Promise<Node[] | null> {
  return new Promise((resolve) => {
    try {
      worker ??= start();
    } catch {
      resolve(null);
      return;
    }
    lastId += 1;
    const question: Question = { id: lastId, text };
    const timer = setTimeout(stop, patience);
    waiting.set(question.id, (nodes) => {
      clearTimeout(timer);
      resolve(nodes);
    });
    worker.postMessage(question);
  });
}
