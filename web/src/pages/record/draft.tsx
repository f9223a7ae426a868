// A text that somebody has begun: kept in this browser until it is saved or discarded.
import type { JSX } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { formatMoment, formatTime } from "../../format";
import { recall, remember, remembered } from "../../storage";
import { s } from "../../strings/record";
import { OnRecord } from "./context";

export interface Draft {
  text: string;
  /** When it was last written, if that was before this page was opened. */
  from: string | null;
  /** What is kept of it, with the value that it began with. */
  held: () => StoredDraft | null;
  begin: (base: string, version: number) => void;
  change: (text: string) => void;
  /** It is now compared with another value. */
  rebase: (base: string, version: number) => void;
  forget: () => void;
}

interface StoredDraft {
  text: string;
  /** What was there when it was begun, and in which version of the record. */
  base: string;
  version: number;
  /** When it was last typed in. */
  at: string;
}

/** The name is that of drafts.ts, so that signing out removes it, and so does its age. */
export function draftName(account: string, key: string, field: string): string {
  return `draft.${account}.${key}.${field}`;
}

/** What is typed and not written yet, of the fields that are shown. */
const unwritten = new Set<() => void>();

/** The record has another key since it was moved. */
export function moveDrafts(account: string, from: string, to: string): void {
  for (const write of unwritten) write();
  const start = draftName(account, from, "");
  for (const name of remembered(start)) {
    remember(draftName(account, to, name.slice(start.length)), recall(name));
    remember(name, null);
  }
}

function read(name: string): StoredDraft | null {
  try {
    const draft = JSON.parse(recall(name) ?? "null") as Partial<StoredDraft> | null;
    if (typeof draft?.text !== "string" || typeof draft.at !== "string") return null;
    return { text: draft.text, base: draft.base ?? "", version: draft.version ?? 0, at: draft.at };
  } catch {
    return null;
  }
}

/** A draft is written when typing pauses. */
const pause = 300;

export function useDraft(field: string): Draft {
  const { task, account } = useContext(OnRecord);
  const [name] = useState(draftName(account.email, task.key, field));
  const first = useRef<StoredDraft | null | undefined>(undefined);
  if (first.current === undefined) first.current = read(name);
  const [text, setText] = useState(first.current?.text ?? "");
  const [from, setFrom] = useState(first.current?.at ?? null);
  const now = useRef<StoredDraft | null>(first.current);
  const timer = useRef<number | undefined>(undefined);

  const flush = (): void => {
    if (timer.current === undefined) return;
    clearTimeout(timer.current);
    timer.current = undefined;
    const held = now.current;
    // What is as it was is no draft.
    remember(name, held === null || held.text === held.base ? null : JSON.stringify(held));
  };
  const put = (held: StoredDraft): void => {
    now.current = held;
    clearTimeout(timer.current);
    timer.current = setTimeout(flush, pause);
  };
  useEffect(() => {
    addEventListener("pagehide", flush);
    unwritten.add(flush);
    return () => {
      removeEventListener("pagehide", flush);
      unwritten.delete(flush);
      flush();
    };
  }, []);

  return {
    text,
    from,
    held: () => now.current,
    begin: (base, version) => {
      now.current = { text: base, base, version, at: new Date().toISOString() };
      setText(base);
      setFrom(null);
    },
    change: (next) => {
      put({ base: "", version: 0, ...now.current, text: next, at: new Date().toISOString() });
      setText(next);
    },
    rebase: (base, version) =>
      put({ ...now.current, text: now.current?.text ?? "", base, version, at: new Date().toISOString() }),
    forget: () => {
      clearTimeout(timer.current);
      timer.current = undefined;
      now.current = null;
      remember(name, null);
      setText("");
      setFrom(null);
    },
  };
}

/** "10:42" today, and the day with it before that. */
function formatSince(at: string): string {
  return new Date(at).toDateString() === new Date().toDateString() ? formatTime(at) : formatMoment(at);
}

/** Says that a text is from before, and offers to discard it. */
export function DraftNote({
  draft,
  discard = draft.forget,
}: {
  draft: Draft;
  discard?: () => void;
}): JSX.Element | null {
  if (draft.from === null) return null;
  return (
    <p class="draft-note">
      {s.draft.of(formatSince(draft.from))}{" "}
      <button type="button" class="link" onClick={discard}>
        {s.draft.discard}
      </button>
    </p>
  );
}
