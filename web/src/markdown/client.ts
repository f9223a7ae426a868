// Asks the parser, one text after the other, and gives up on a text in time.
import type { Answer, Node } from "./tree";

/** A long report takes some 100 ms; texts that were made for it take minutes. */
const patience = 1500;

interface Asked {
  text: string;
  give: (nodes: Node[] | null) => void;
}

/** The first is at work as soon as the parser is there. */
const asked: Asked[] = [];
let worker: Worker | null = null;
let ready = false;
let timer: number | undefined;

function answer(nodes: Node[] | null): void {
  clearTimeout(timer);
  asked.shift()?.give(nodes);
}

function stop(): void {
  worker?.terminate();
  worker = null;
  ready = false;
}

/** Time counts from here, and not while the parser itself is still on its way. */
function next(): void {
  const first = asked[0];
  if (first === undefined) return;
  if (worker === null) return start();
  if (!ready) return;
  worker.postMessage(first.text);
  timer = setTimeout(() => {
    stop();
    answer(null);
    next();
  }, patience);
}

function start(): void {
  const failed = (): void => {
    stop();
    while (asked.length > 0) answer(null);
  };
  try {
    worker = new Worker(new URL(`./${WORKER_FILE}`, document.baseURI));
  } catch {
    return failed();
  }
  const mine = worker;
  mine.addEventListener("message", (event: MessageEvent<Answer>) => {
    if (mine !== worker) return;
    if (event.data === "ready") ready = true;
    else answer(event.data);
    next();
  });
  mine.addEventListener("error", () => {
    if (mine === worker) failed();
  });
}

/** Null when the text is not to be had as a tree: show it as it is. */
export function readMarkdown(text: string): Promise<Node[] | null> {
  return new Promise((resolve) => {
    asked.push({ text, give: resolve });
    if (asked.length === 1) next();
  });
}
