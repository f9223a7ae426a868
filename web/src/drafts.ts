// What somebody has typed and not sent: kept in this browser for each account, record, field and tab, until it is sent
// or discarded. It survives a reload, a crash and a session that ends; signing out removes it.
//
// Each of two tabs with the same field keeps its own text. A tab that has none begins with the newest of the others,
// whose tab may be gone, and makes it its own by typing; a tab that is still there keeps what it has.
import { useLayoutEffect, useMemo, useState } from "preact/hooks";
import { newKey } from "./api";
import { session } from "./session";
import { prefix, recall, remember, remembered } from "./storage";

export interface Held {
  text: string;
  /** What was there when it was begun, and in which version of the record. */
  base: string;
  version: number;
  /** When it was last typed in, as RFC 3339. */
  at: string;
}

export interface Draft {
  text: string;
  /** When it was last typed in, if that was before this page was opened. */
  from: string | null;
  /** What is kept of it. */
  held: () => Held | null;
  change: (text: string) => void;
  /** It begins from this value, or is now compared with it. */
  rebase: (base: string, version: number) => void;
  /** It is sent, or nobody wants it. */
  discard: () => void;
}

const pause = 300;
const keptFor = 30 * 86_400_000;

/** This tab. A copy of a tab gets what its session holds: so that holds the name only while the page is away. */
const tab = ((): string => {
  const name = `${prefix}tab`;
  try {
    const own = sessionStorage.getItem(name) ?? newKey();
    const forget = (): void => sessionStorage.removeItem(name);
    forget();
    addEventListener("pageshow", forget);
    addEventListener("pagehide", () => sessionStorage.setItem(name, own));
    return own;
  } catch {
    return newKey();
  }
})();

function nameOf(record: string, field: string): string | null {
  const now = session.get();
  return now.state === "signed-in" || now.state === "expired" ? `draft.${now.account.email}.${record}.${field}` : null;
}

function parse(text: string | null): Held | null {
  try {
    const held = JSON.parse(text ?? "null") as Held | null;
    return typeof held?.text === "string" ? held : null;
  } catch {
    return null;
  }
}

const unwritten = new Set<() => void>();
/** Writes what is not written yet. */
export const writeAll = (): void => unwritten.forEach((write) => write());
addEventListener("pagehide", writeAll);

/** The newest text of a field, but this tab's own before all others. */
function find(name: string | null, own: string): { slot: string; text: string | null; held: Held } | undefined {
  return (name === null ? [] : remembered(name))
    .filter((slot) => slot === name || slot.startsWith(`${name}~`))
    .flatMap((slot) => {
      const text = recall(slot);
      const held = parse(text);
      return held ? [{ slot, text, held }] : [];
    })
    .sort((a, b) => (a.slot === own ? -1 : b.slot === own ? 1 : b.held.at.localeCompare(a.held.at)))[0];
}

function keep(name: string | null, first: string, redraw: (state: object) => void) {
  const own = `${name}~${tab}`;
  let found = find(name, own);
  let held = found?.held ?? null;
  let from = held?.at ?? null;
  let timer: number | undefined;

  const write = (): void => {
    clearTimeout(timer);
    unwritten.delete(write);
    if (name === null || session.get().state === "signed-out") return;
    // Where it was found it goes, unless more was typed there since.
    if (found && recall(found.slot) === found.text) remember(found.slot, null);
    found = undefined;
    // What is as it was is no draft.
    remember(own, held === null || held.text === held.base ? null : JSON.stringify(held));
  };
  const put = (change: Partial<Held>): void => {
    held = { text: first, base: first, version: 0, ...held, ...change, at: new Date().toISOString() };
    clearTimeout(timer);
    timer = setTimeout(write, pause);
    unwritten.add(write);
    redraw({});
  };
  const elsewhere = ({ key, newValue }: StorageEvent): void => {
    if (key === prefix + own && newValue === null) write();
  };
  return {
    now: () => ({ text: held?.text, from }),
    held: () => held,
    change: (text: string) => put({ text }),
    rebase: (base: string, version: number) => put({ text: held?.text ?? base, base, version }),
    discard: () => {
      held = from = null;
      write();
      redraw({});
    },
    attend: () => {
      addEventListener("storage", elsewhere);
      return () => {
        removeEventListener("storage", elsewhere);
        if (unwritten.has(write)) write();
      };
    },
  };
}

/** The text of a field with its draft: what it holds now is the draft, or else `first`. */
export function useDraft(record: string, field: string, first = ""): Draft {
  const name = nameOf(record, field);
  const [, redraw] = useState({});
  const { now, attend, ...draft } = useMemo(() => keep(name, first, redraw), [name]);
  useLayoutEffect(attend, [name]);
  const { text = first, from } = now();
  return { ...draft, text, from };
}

export const hasDraft = (record: string, field: string): boolean => find(nameOf(record, field), "") !== undefined;

/** The record has another key since it was moved. */
export function moveDrafts(from: string, to: string): void {
  writeAll();
  const start = nameOf(from, "") ?? "";
  for (const name of remembered(start)) {
    remember(nameOf(to, name.slice(start.length))!, recall(name));
    remember(name, null);
  }
}

/** Once at the start: drafts that nobody came back to. */
export function dropOldDrafts(): void {
  for (const name of remembered("draft.")) {
    if (Date.now() - Date.parse(parse(recall(name))?.at || "1970-01-01") > keptFor) remember(name, null);
  }
}
