// What is done with a record of the inbox, and how each of it is taken back.
import { Problem, refused, type Status, type Task } from "../../api";
import { answerInbox } from "../../api/inbox";
import { acceptClosing, linkRecord, proposeClosing, returnClosing, unlinkRecord } from "../../api/record";
import { formatDay, formatNear } from "../../format";
import { nameOf } from "../../people";
import { loadRecord, patchRecord, putRecord, recordOf, undoOf, type Changes, type Undo } from "../../records";
import { s } from "../../strings/inbox";
import { statusName } from "../../strings/shared";
import type { Row } from "./list";

/** What was done, in words, and how it is undone. */
export interface Deed {
  said: string;
  undo: Undo;
}

/** Does it; what has gone meanwhile is said in words of this page. */
export async function tried(key: string, work: () => Promise<Deed>): Promise<Deed> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Problem && error.status === 404 ? refused(s.lost(key)) : error;
  }
}

/** Members, and fields of the form. */
type Values = Record<string, unknown>;

export function valueOf(task: Task, name: string): unknown {
  return (name in task ? (task as Values)[name] : task.extra[name]) ?? null;
}

/** The version that something was begun from; after a clash that was said, the one that is seen then. */
export type Since = { current: number };

async function patch(key: string, changes: Values, since?: Since): Promise<Undo> {
  const outcome = await patchRecord(key, changes as Changes, undefined, since?.current);
  if (outcome.state === "done") return outcome.undo;
  if (since) since.current = outcome.conflict.current.version;
  throw refused(s.conflict(key));
}

const change = async (task: Task, changes: Values, said: string, since?: Since): Promise<Deed> => ({
  said,
  undo: await patch(task.key, changes, since),
});

export const take = (task: Task, me: string): Promise<Deed> =>
  change(task, { assignee: me, status: "In Progress" }, s.did.taken(task.key));

export const assign = (task: Task, assignee: string): Promise<Deed> =>
  change(task, { assignee }, s.did.assigned(task.key, nameOf(assignee)));

export const setDate = (task: Task, dueDate: string | null, dueReason: string, since: Since): Promise<Deed> =>
  change(
    task,
    { dueDate, ...(dueReason.trim() !== "" && { dueReason }) },
    dueDate === null ? s.did.undated(task.key) : s.did.dated(task.key, formatDay(dueDate)),
    since,
  );

export const setStatus = (task: Task, status: Status): Promise<Deed> =>
  change(task, { status }, s.did.status(task.key, statusName(status)));

export const isMention = ({ reasons }: Row): boolean => reasons.some(({ reason }) => reason === "mentioned");

const both =
  (first: Undo, then: Undo): Undo =>
  async () => {
    await first?.();
    await then?.();
  };

/** A closed record is in an inbox only for a mention, which this answers. */
async function answerMention(row: Row, deed: Deed): Promise<Deed> {
  const { key } = row;
  if (!isMention(row)) return deed;
  await answerInbox(key, { done: true }).catch(() => {});
  return { ...deed, undo: both(deed.undo, () => answerInbox(key, { done: false })) };
}

/** Closes it, or proposes that where a second person must confirm. */
export async function close(task: Task, row: Row, changes: Values, since: Since): Promise<Deed> {
  const { key } = task;
  try {
    return await answerMention(row, await change(task, { ...changes, status: "Done" }, s.did.closed(key), since));
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "needs_second_person") throw error;
  }
  const { result, ...others } = changes;
  const undo = Object.keys(others).length > 0 ? await patch(key, others, since) : undefined;
  const after = await proposeClosing(key, typeof result === "string" ? { result } : {});
  putRecord(after);
  return { said: s.did.proposed(key), undo: both(undoOf(after, 0), undo) };
}

/** Closes it as a duplicate, which gives the other one its tags; what it returns takes back all of that. */
export async function linkDuplicate(task: Task, of: string): Promise<Undo> {
  const { key } = task;
  const other = await loadRecord(of);
  await linkRecord(key, other.key, "duplicates");
  const undo = both(undoOf(await loadRecord(key), task.version), undoOf(await loadRecord(other.key), other.version));
  return both(() => unlinkRecord(key, other.key, "duplicates"), undo);
}

export async function closeAsDuplicate(task: Task, row: Row, other: string): Promise<Deed> {
  const undo = await linkDuplicate(task, other);
  return answerMention(row, { said: s.did.duplicate(task.key, other), undo });
}

export async function accept(task: Task): Promise<Deed> {
  const after = await acceptClosing(task.key);
  putRecord(after);
  return { said: s.did.closed(task.key), undo: undoOf(after, 0) };
}

export async function sendBack(task: Task, note: string): Promise<Deed> {
  const after = await returnClosing(task.key, note);
  putRecord(after);
  return { said: s.did.sentBack(task.key), undo: undoOf(after, 0) };
}

/** How the row was answered before, which undoing restores. */
async function unanswer({ key, snooze }: Row): Promise<void> {
  const later = snooze !== null && Date.parse(snooze) > Date.now();
  await answerInbox(key, later ? { snooze } : { done: false });
}

export async function putOff(row: Row, until: string): Promise<Deed> {
  await answerInbox(row.key, { snooze: until });
  return { said: s.did.snoozed(row.key, formatNear(until)), undo: () => unanswer(row) };
}

export async function wake(row: Row): Promise<Deed> {
  await answerInbox(row.key, { done: false });
  return { said: s.did.woken(row.key), undo: () => unanswer(row) };
}

export async function putAway(row: Row): Promise<Deed> {
  try {
    await answerInbox(row.key, { done: true });
  } catch (error) {
    // It needs nothing any more: somebody else was there.
    if (!(error instanceof Problem) || error.status !== 409 || recordOf(row.key) === undefined) throw error;
    return { said: s.did.done(row.key), undo: undefined };
  }
  return { said: s.did.done(row.key), undo: () => unanswer(row) };
}
