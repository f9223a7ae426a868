// The history of a record as its page shows it: one entry for each event, the text of a comment as it
// is now.
import type { Event } from "../../api/record";

export interface CommentText {
  id: string;
  text: string;
  internal: boolean;
  mentions: string[];
}

export interface FileEntry {
  id: string;
  name: string;
  type: string;
  size: number;
  sha256: string;
}

/** What became of a comment after it was written. */
export interface CommentNow {
  /** Null once it is deleted. */
  text: string | null;
  editedAt: string | null;
  deletedAt: string | null;
}

export type Entry =
  | { kind: "comment"; event: Event; comment: CommentText; now: CommentNow }
  | { kind: "created" | "change"; event: Event };

export type Switch = "all" | "comments" | "changes";

function sides<T>(event: Event, member: string): [T | null, T | null] {
  return (event.changes?.[member] as [T | null, T | null] | undefined) ?? [null, null];
}

/** `events` are newest first and without gaps, so whatever became of a comment comes before it. */
export function entriesOf(events: readonly Event[]): Entry[] {
  const later = new Map<string, CommentNow>();
  return events.map((event): Entry => {
    if (event.action === "task.created") return { kind: "created", event };
    if (event.action !== "task.commented" || !event.changes) return { kind: "change", event };
    const [before, after] = sides<CommentText>(event, "comment");
    if (before === null && after !== null) {
      const now = later.get(after.id) ?? { text: after.text, editedAt: null, deletedAt: null };
      return { kind: "comment", event, comment: after, now };
    }
    const id = (after ?? before)?.id;
    if (id !== undefined && !later.has(id)) {
      later.set(id, {
        text: after?.text ?? null,
        editedAt: after ? event.at : null,
        deletedAt: after ? null : event.at,
      });
    }
    return { kind: "change", event };
  });
}

export function isShown(entry: Entry, which: Switch): boolean {
  if (which === "all") return true;
  return which === "comments" ? entry.kind === "comment" : entry.kind !== "comment";
}

/** Two runs of events as one, newest first, each event once. */
export function joinEvents(newer: readonly Event[], older: readonly Event[]): Event[] {
  const name = (event: Event): string => `${event.domain} ${event.seq}`;
  const known = new Set(newer.map(name));
  return [...newer, ...older.filter((event) => !known.has(name(event)))];
}
