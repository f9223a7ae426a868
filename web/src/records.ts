// The records that pages show, kept once for all of them: a change appears everywhere at once, by whom
// ever it was made. In memory only, since machines are shared; the last 200, and those that are shown.
import { useEffect, useRef, useState } from "preact/hooks";
import { call, readTask, Stale, Unreachable, type Task, type TaskPatch } from "./api";
import { onChanges } from "./live";
import { tryLater } from "./resource";
import { s } from "./strings/shared";
import { toast } from "./toast";

/** Members of a record with the values that they are to have; null removes one. */
export type Changes = { [M in keyof Task]?: Task[M] | null } & { dueReason?: string };

interface Entry {
  /** As the server has it. */
  task: Task;
  /** What was changed here and is on its way, oldest first. */
  pending: Changes[];
}

const most = 200;
const entries = new Map<string, Entry>();
const watchers = new Map<string, Set<() => void>>();

function shown({ task, pending }: Entry): Task {
  if (pending.length === 0) return task;
  const now = Object.assign({}, task, ...pending) as Task;
  return { ...now, overdue: now.overdue && now.status !== "Done" };
}

function notify(key: string): void {
  for (const seen of [...(watchers.get(key) ?? [])]) seen();
}

/** Keeps a record as the server gave it; an older version than the one at hand is dropped. */
export function putRecord(task: Task): void {
  const entry = entries.get(task.key);
  if (entry !== undefined && entry.task.version > task.version) return;
  entries.delete(task.key);
  entries.set(task.key, { task, pending: entry?.pending ?? [] });
  for (const key of entries.keys()) {
    if (entries.size <= most) break;
    if (!watchers.has(key) && entries.get(key)?.pending.length === 0) entries.delete(key);
  }
  notify(task.key);
}

export function putRecords(tasks: readonly Task[]): void {
  for (const task of tasks) putRecord(task);
}

/** The record as it is shown now, with what is on its way; undefined when it is not at hand. */
export function recordOf(key: string): Task | undefined {
  const entry = entries.get(key);
  return entry && shown(entry);
}

/** Reads it again and keeps it. */
export async function loadRecord(key: string): Promise<Task> {
  const task = await readTask(key);
  putRecord(task);
  return recordOf(task.key) ?? task;
}

/** Before somebody opens it (the pointer is on its row): opening then needs no round trip. */
export function prefetchRecord(key: string): void {
  if (!entries.has(key)) loadRecord(key).catch(() => {});
}

export function watchRecord(key: string, seen: () => void): () => void {
  const all = watchers.get(key) ?? new Set();
  watchers.set(key, all.add(seen));
  return () => {
    all.delete(seen);
    if (all.size === 0) watchers.delete(key);
  };
}

export function forgetRecords(): void {
  entries.clear();
  cameFrom = null;
}

// ---- for components ----

export interface Held {
  /** As at hand, at once; then as the server has it. */
  record: Task | undefined;
  error: unknown;
  reload: () => void;
}

/** A record by its key, current as long as it is shown. */
export function useRecord(key: string): Held {
  const [, redraw] = useState(0);
  const [error, setError] = useState<unknown>(null);
  // An older spelling of the key leads to the one that the record has.
  const [actual, setActual] = useState(key.toUpperCase());
  const wanted = useRef<string | null>(key);
  const load = (): void => {
    setError(null);
    loadRecord(key).then(
      (task) => setActual(task.key),
      (failed: unknown) => {
        if (!tryLater(failed, () => wanted.current === key && load())) setError(failed);
      },
    );
  };
  useEffect(() => {
    setActual(key.toUpperCase());
    wanted.current = key;
    load();
    return () => {
      wanted.current = null;
    };
  }, [key]);
  useEffect(() => watchRecord(actual, () => redraw((n) => n + 1)), [actual]);
  return { record: recordOf(actual), error, reload: load };
}

/** Redraws when any of these records changes; a list gets its rows with recordOf(). */
export function useRecords(keys: readonly string[]): void {
  const [, redraw] = useState(0);
  useEffect(() => {
    const stops = keys.map((key) => watchRecord(key, () => redraw((n) => n + 1)));
    return () => stops.forEach((stop) => stop());
  }, [keys.join(" ")]);
}

// ---- the list that somebody came from ----

export interface CameFrom {
  /** Its records, in order. */
  keys: readonly string[];
  href: string;
}

let cameFrom: CameFrom | null = null;

/** A record is about to be opened from the list that this address shows. */
export function comeFrom(keys: readonly string[]): void {
  cameFrom = { keys, href: location.hash };
}

export function lastList(): CameFrom | null {
  return cameFrom;
}

// ---- changing ----

/** Somebody else changed the same member meanwhile: nothing of this change was stored. */
export interface Conflict {
  current: Task;
  mine: Changes;
  /** Of what was to be changed, what they changed too. */
  members: string[];
  by: string | null;
  at: string;
}

/** Takes back what was done; undefined where nothing has changed. */
export type Undo = (() => Promise<unknown>) | undefined;

export type Outcome = { state: "done"; record: Task; undo: Undo } | { state: "conflict"; conflict: Conflict };

const turns = new Map<string, Promise<unknown>>();

/**
 * Changes a record: shown at once, then sent with the version that it was made from: `since`, where it took its time
 * (a text), or else the newest. What others have changed in between is merged when it is about other members; the same
 * member is a conflict, and the caller shows both. When the server refuses (Problem), it looks as it did before. With
 * `did`, a toast says what was done and offers to undo it.
 */
export async function patchRecord(key: string, changes: Changes, did?: string, since?: number): Promise<Outcome> {
  const entry = entries.get(key);
  if (!entry) await loadRecord(key);
  const now = entries.get(key);
  now?.pending.push(changes);
  notify(key);
  // One after the other, each from the version that the one before has made.
  const turn = (turns.get(key) ?? Promise.resolve()).then(() => send(key, changes, since));
  const settled = turn.catch(() => {});
  turns.set(key, settled);
  try {
    const outcome = await turn;
    if (did !== undefined && outcome.state === "done") sayUndo(did, outcome.undo);
    return outcome;
  } finally {
    if (turns.get(key) === settled) turns.delete(key);
    const pending = entries.get(key)?.pending;
    if (pending?.includes(changes)) pending.splice(pending.indexOf(changes), 1);
    notify(key);
  }
}

async function send(key: string, changes: Changes, version = entries.get(key)?.task.version ?? 0): Promise<Outcome> {
  for (let round = 0; ; round += 1) {
    try {
      const task = (await call("PATCH", "/tasks/{key}", {
        path: { key },
        body: changes as TaskPatch,
        ifMatch: version,
      })) as Task;
      putRecord(task);
      return { state: "done", record: task, undo: undoOf(task, version) };
    } catch (error) {
      if (!(error instanceof Stale) || round >= 5) throw error;
      putRecord(error.current);
      const members = error.changed.filter((member) => member in changes && !same(error.current, changes, member));
      if (members.length > 0) {
        const { current, by, at } = error;
        return { state: "conflict", conflict: { current, mine: changes, members, by, at } };
      }
      version = error.current.version;
    }
  }
}

function same(task: Task, changes: Changes, member: string): boolean {
  const name = member as keyof Task;
  return JSON.stringify(task[name]) === JSON.stringify(changes[name]);
}

/** Of the change that has made this version of the record, from the version `since`. */
export const undoOf = ({ key, version }: Pick<Task, "key" | "version">, since: number): Undo =>
  version > since
    ? async () => putRecord(await call("POST", "/tasks/{key}/undo", { path: { key }, body: { version } }))
    : undefined;

/** Takes back what was said, and says whether that worked; `then` follows on that. */
export async function takeBack(said: string, undo: Undo, then?: () => void): Promise<void> {
  toast(
    await (undo?.() ?? Promise.resolve()).then(
      () => s.undone(said),
      () => s.notUndone,
    ),
  );
  then?.();
}

/** Says what was done, and offers to undo it. */
export function sayUndo(said: string, undo: Undo, then?: () => void): void {
  toast(said, undo && (() => takeBack(said, undo, then)));
}

// ---- what others change ----

const stale = new Set<string>();
let reading = false;

function again(key: string): void {
  outdated(key);
  void refresh();
}

/** Reads what is shown again, a few at a time; what is not shown is dropped, and read when it is. */
async function refresh(): Promise<void> {
  if (reading) return;
  reading = true;
  while (stale.size > 0) {
    const some = [...stale].slice(0, 4);
    for (const key of some) stale.delete(key);
    const read = await Promise.allSettled(some.map(loadRecord));
    // The connection may come back a moment later than it was said.
    for (const [i, one] of read.entries())
      if (one.status === "rejected" && one.reason instanceof Unreachable) setTimeout(again, 5000, some[i]);
  }
  reading = false;
}

function outdated(key: string): void {
  if (!entries.has(key)) return;
  if (watchers.has(key)) stale.add(key);
  else entries.delete(key);
}

onChanges(
  (events) => {
    for (const { key, version, action } of events) {
      const entry = entries.get(key);
      // Comments and files are counted in a record without making a version of it.
      const counted = action === "task.commented" || action === "task.attached";
      if (entry !== undefined && (counted || version === null || version > entry.task.version)) outdated(key);
    }
    void refresh();
  },
  () => {
    for (const key of [...entries.keys()]) outdated(key);
    void refresh();
  },
);
