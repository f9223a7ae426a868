// What somebody has typed and not sent: kept in this browser for each account, record and field,
// until it is sent or discarded. It survives a reload and a session that ends; signing out removes it.
import { useCallback, useLayoutEffect, useRef, useState } from "preact/hooks";
import { session } from "./session";
import { recall, remember, remembered } from "./storage";

export interface Draft {
  text: string;
  /** When it was last typed in, as RFC 3339; empty when nothing is kept. */
  at: string;
}

const pause = 300;
const keptFor = 30 * 86_400_000;
const nothing: Draft = { text: "", at: "" };

function nameOf(record: string, field: string): string | null {
  const now = session.get();
  const account = now.state === "signed-in" || now.state === "expired" ? now.account.email : null;
  return account === null ? null : `draft.${account}.${record}.${field}`;
}

function read(name: string | null): Draft {
  try {
    const draft = JSON.parse((name !== null && recall(name)) || "null") as Draft | null;
    return typeof draft?.text === "string" ? draft : nothing;
  } catch {
    return nothing;
  }
}

export function recallDraft(record: string, field: string): Draft {
  return read(nameOf(record, field));
}

/**
 * The text of a field with its draft: what it holds now (the draft, or else `first`), how to change it,
 * and how to forget it once it is sent. `at` says since when there is a draft, for "draft of 10:42".
 */
export function useDraft(
  record: string,
  field: string,
  first = "",
): { text: string; at: string; change: (text: string) => void; discard: () => void } {
  const name = nameOf(record, field);
  const [draft, setDraft] = useState(() => read(name));
  const waiting = useRef<{ text: string; timer: number } | null>(null);

  const write = useCallback((): void => {
    if (waiting.current === null || name === null || session.get().state === "signed-out") return;
    clearTimeout(waiting.current.timer);
    const { text } = waiting.current;
    waiting.current = null;
    const kept = { text, at: new Date().toISOString() };
    remember(name, text === "" ? null : JSON.stringify(kept));
    setDraft((shown) => ({ ...shown, at: text === "" ? "" : kept.at }));
  }, [name]);

  // Before a key can come: what is typed next belongs to the new name.
  useLayoutEffect(() => {
    // What the page itself has put in already stays.
    if (waiting.current === null) setDraft(read(name));
    addEventListener("pagehide", write);
    return () => {
      write();
      removeEventListener("pagehide", write);
    };
  }, [name]);

  return {
    text: draft.at === "" && draft.text === "" && waiting.current === null ? first : draft.text,
    at: draft.at,
    change: (text) => {
      clearTimeout(waiting.current?.timer);
      waiting.current = { text, timer: setTimeout(write, pause) };
      setDraft((shown) => ({ ...shown, text }));
    },
    discard: () => {
      clearTimeout(waiting.current?.timer);
      waiting.current = null;
      if (name !== null) remember(name, null);
      setDraft(nothing);
    },
  };
}

/** Once at the start: drafts that nobody came back to. */
export function dropOldDrafts(): void {
  for (const name of remembered("draft.")) {
    if (Date.now() - Date.parse(read(name).at || "1970-01-01") > keptFor) remember(name, null);
  }
}
