// What others change, as it happens. All tabs of a browser share one stream of the change feed: a lock
// elects the tab that reads it, and that one hands on what it reads. (Over HTTP/1.1 a browser has six
// connections for all its tabs.) A tab that nobody looks at for long takes no part until somebody does.
import { useContext, useEffect, useRef } from "preact/hooks";
import { address, call, onUnreachable, Problem, request, type TaskEvent } from "./api";
import { PageActive } from "./page";
import { session } from "./session";
import { prefix } from "./storage";
import { createStore } from "./store";

/** Since when there is no connection, as a time; null while there is one, or nobody is signed in. */
export const lostSince = createStore<number | null>(null);

interface Listener {
  changed: (events: TaskEvent[]) => void;
  missed: () => void;
}
const listeners = new Set<Listener>();

type Message =
  | { kind: "events"; cursor: string; events: TaskEvent[] }
  /** More happened than is worth to be handed on, or reading may have failed meanwhile: read everything again. */
  | { kind: "missed"; cursor: string }
  | { kind: "state"; cursor: string | null; lostSince: number | null }
  /** A new tab asks for the cursor. */
  | { kind: "hello" }
  /** A request got no answer: is there a connection? */
  | { kind: "doubt" };

const most = 500;
const hiddenFor = 5 * 60_000;
const silentFor = 45_000;
const pollEvery = 20_000;

const channel = new BroadcastChannel(`${prefix}live`);
let cursor: string | null = null;
/** The newest entry of each domain that was handed on: a new leader may begin a little earlier. */
const seen = new Map<string, number>();

function take(message: Message): void {
  switch (message.kind) {
    case "hello":
      if (leading) channel.postMessage({ kind: "state", cursor, lostSince: lostSince.get() });
      return;
    case "doubt":
      return doubt();
    case "state":
      cursor = message.cursor ?? cursor;
      if (message.lostSince !== lostSince.get()) lostSince.set(message.lostSince);
      return;
    case "missed":
      cursor = message.cursor;
      for (const { missed } of [...listeners]) missed();
      return;
    case "events": {
      cursor = message.cursor;
      const fresh = message.events.filter(({ domain, seq }) => seq > (seen.get(domain) ?? 0));
      for (const { domain, seq } of fresh) seen.set(domain, seq);
      if (fresh.length > 0) for (const { changed } of [...listeners]) changed(fresh);
    }
  }
}

function say(message: Message): void {
  take(message);
  channel.postMessage(message);
}

channel.onmessage = (event: MessageEvent<Message>) => take(event.data);

// ---- reading, in the tab that leads ----

let leading = false;
/** While the stream is read: ends that. */
let reading: AbortController | null = null;
const doubted = new Error("Is there a connection?");
/** Then an answer must come soon. */
const doubtFor = 5000;

/** A stream can be dead for long before it is known; whoever leads finds out at once. */
function doubt(): void {
  reading?.abort(doubted);
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      removeEventListener("online", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    addEventListener("online", done);
    signal.addEventListener("abort", done);
  });
}

/**
 * Reads on from the cursor to the end of what has happened; a first time, only finds where that is. `back`: there
 * was no connection, so what pages have read meanwhile may have failed.
 */
async function catchUp(signal: AbortSignal, back: boolean): Promise<void> {
  const first = cursor === null;
  const events: TaskEvent[] = [];
  for (;;) {
    const page = await call("GET", "/changes", { query: { cursor: cursor ?? "now", limit: 200 }, signal });
    cursor = page.next;
    events.push(...page.items);
    if (first || page.items.length === 0) break;
    if (events.length <= most) continue;
    const { next } = await call("GET", "/changes", { query: { cursor: "now" }, signal });
    say({ kind: "state", cursor: next, lostSince: null });
    return say({ kind: "missed", cursor: next });
  }
  say({ kind: "state", cursor, lostSince: null });
  if (back) say({ kind: "missed", cursor });
  else if (events.length > 0) say({ kind: "events", cursor, events });
}

/** Server-Sent Events, handed on as they come; ends when the stream does, or says nothing for long. */
async function readStream(signal: AbortSignal): Promise<void> {
  const url = address("/changes");
  url.search = new URLSearchParams({ cursor: cursor ?? "now" }).toString();
  const mine = new AbortController();
  reading = mine;
  const stop = AbortSignal.any([signal, mine.signal]);
  const response = await request("GET", url, {
    headers: { Accept: "text/event-stream" },
    signal: stop,
    milliseconds: 0,
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const timer = setTimeout(() => mine.abort(), silentFor);
    const { done, value } = await reader.read().finally(() => clearTimeout(timer));
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop() ?? "";
    const events: TaskEvent[] = [];
    for (const block of blocks) {
      for (const line of block.split("\n")) {
        if (line.startsWith("id:")) cursor = line.slice(3).trim();
        else if (line.startsWith("data:")) events.push(JSON.parse(line.slice(5)) as TaskEvent);
      }
    }
    if (events.length > 0) say({ kind: "events", cursor: cursor ?? "", events });
  }
}

async function lead(signal: AbortSignal): Promise<void> {
  leading = true;
  let failures = 0;
  let within: AbortSignal[] = [];
  while (!signal.aborted) {
    let wait = 500;
    try {
      await catchUp(AbortSignal.any([signal, ...within]), failures > 0 || lostSince.get() !== null);
      failures = 0;
      within = [];
      // Without locks every tab reads for itself, and so holds no connection.
      if (navigator.locks) await readStream(signal);
      else wait = pollEvery;
    } catch (error) {
      reading = null;
      if (signal.aborted) break;
      if (error instanceof Problem && error.status === 401) break; // the next sign-in begins again
      if (error === doubted) {
        within = [AbortSignal.timeout(doubtFor)];
        continue;
      }
      within = [];
      failures += 1;
      wait = Math.min(30_000, 1000 * 2 ** (failures - 1)) * (0.75 + Math.random() / 2);
      if (error instanceof Problem) wait = Math.max(wait, error.retryAfter * 1000);
      else if (failures > 1 && lostSince.get() === null) say({ kind: "state", cursor, lostSince: Date.now() });
    }
    if (!signal.aborted) await sleep(wait, signal);
  }
  leading = false;
}

// ---- taking part ----

let part: AbortController | null = null;

function join(): void {
  if (part !== null) return;
  const mine = new AbortController();
  part = mine;
  channel.postMessage({ kind: "hello" } satisfies Message);
  if (!navigator.locks) return void lead(mine.signal);
  navigator.locks
    .request(`${prefix}live`, { signal: mine.signal }, () => lead(mine.signal))
    .catch(() => {
      // It left before its turn came.
    });
}

function leave(): void {
  part?.abort();
  part = null;
}

let hiddenTimer: number | undefined;

function decide(): void {
  clearTimeout(hiddenTimer);
  if (session.get().state !== "signed-in") {
    leave();
    if (lostSince.get() !== null) lostSince.set(null);
    if (session.get().state === "signed-out") {
      cursor = null;
      seen.clear();
    }
  } else if (document.visibilityState === "visible") {
    join();
  } else {
    hiddenTimer = setTimeout(leave, hiddenFor);
  }
}

/** Once, at the start of the app. */
export function startLive(): void {
  session.watch(decide);
  onUnreachable(() => {
    doubt();
    channel.postMessage({ kind: "doubt" } satisfies Message);
  });
  addEventListener("offline", doubt);
  document.addEventListener("visibilitychange", decide);
  addEventListener("pagehide", leave);
  addEventListener("pageshow", decide);
  decide();
}

/** Calls `changed` with what happened, and `missed` when that was too much: then read everything again. */
export function onChanges(changed: (events: TaskEvent[]) => void, missed: () => void): () => void {
  const listener = { changed, missed };
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Once, when everything is to be read again: after a time without a connection. */
export function whenBack(happen: () => void): void {
  const stop = onChanges(
    () => {},
    () => {
      stop();
      happen();
    },
  );
}

/** The same while the component is there and its page is shown. */
export function useChanges(changed: (events: TaskEvent[]) => void, missed: () => void): void {
  const active = useContext(PageActive);
  const current = useRef({ changed, missed });
  current.current = { changed, missed };
  useEffect(() => {
    if (!active) return;
    return onChanges(
      (events) => current.current.changed(events),
      () => current.current.missed(),
    );
  }, [active]);
}
