// What is done with a record of the inbox, and how each of it is taken back.
import { Problem, refused, Stale, type Status, type Task } from "../../api";
import { answerInbox, type Reason } from "../../api/inbox";
import {
  acceptClosing,
  linkRecord,
  proposeClosing,
  returnClosing,
  unlinkRecord,
  withdrawClosing,
} from "../../api/record";
import { formatDay, formatNear } from "../../format";
import { refreshInbox } from "../../inbox";
import { nameOf } from "../../people";
import { loadRecord, patchRecord, putRecord, recordOf, sayUndo, undoOf, type Changes, type Undo } from "../../records";
import { s } from "../../strings/inbox";
import { s as record } from "../../strings/record";
import { s as shared, statusName } from "../../strings/shared";
import type { Row } from "./list";

/** What was done, in words, and how it is undone. */
export interface Deed {
  said: string;
  undo: Undo;
}

/** Does it, and says which record it was; what has gone meanwhile is said in words of this page. */
export async function tried(key: string, work: () => Promise<Deed>): Promise<Deed> {
  try {
    const { said, undo } = await work();
    return { said: `${said} · ${recordOf(key)?.title}`, undo };
  } catch (error) {
    throw error instanceof Problem && error.status === 404 ? refused(record.notFound(key)) : error;
  }
}

/** Says what was done, with the way back; `back`: what else comes back then. */
export function say({ said, undo }: Deed, back?: () => void): void {
  const whole = async (): Promise<void> => {
    await undo?.();
    back?.();
  };
  sayUndo(said, undo && whole, refreshInbox);
  refreshInbox();
}

/** Members, and fields of the form. */
type Values = Record<string, unknown>;
type Closing = Values & { duplicateOf?: string | undefined };

export function valueOf(task: Task, name: string): unknown {
  return (name in task ? (task as Values)[name] : task.extra[name]) ?? null;
}

/** The version that something was begun from; after a clash that was said, the one that is seen then. */
export type Since = { current: number };

async function patch(key: string, changes: Values, since?: Since): Promise<{ record: Task; undo: Undo }> {
  const outcome = await patchRecord(key, changes as Changes, undefined, since?.current);
  if (outcome.state === "done") return outcome;
  if (since) since.current = outcome.conflict.current.version;
  throw refused(s.conflict(key));
}

const change = async (task: Task, changes: Values, said: string, since?: Since): Promise<Deed> => ({
  said,
  undo: (await patch(task.key, changes, since)).undo,
});

export const take = (task: Task, me: string): Promise<Deed> =>
  change(task, { assignee: me, status: "In Progress" }, s.did.taken(task.key));

export const assign = (task: Task, assignee: string): Promise<Deed> =>
  change(task, { assignee }, s.did.assigned(task.key, nameOf(assignee)));

export const setDate = (task: Task, dueDate: string | null, dueReason: string, since: Since): Promise<Deed> =>
  change(
    task,
    { dueDate, ...(dueReason.trim() !== "" && { dueReason }) },
    s.did.dated(task.key, dueDate === null ? shared.none : formatDay(dueDate)),
    since,
  );

export const setStatus = (task: Task, status: Status): Promise<Deed> =>
  change(task, { status }, s.did.status(task.key, statusName(status)));

export const isFor = ({ reasons }: Row, why: Reason): boolean => reasons.some(({ reason }) => reason === why);

/** One after the other. */
const all =
  (...undos: Undo[]): Undo =>
  async () => {
    for (const undo of undos) await undo?.();
  };

const decided = (said: string, after: Task, more?: Undo): Deed => {
  putRecord(after);
  return { said, undo: all(undoOf(after, 0), more) };
};

/** A closed record is in an inbox only for a mention, which this answers. */
async function answerMention(row: Row, deed: Deed): Promise<Deed> {
  const { key } = row;
  if (!isFor(row, "mentioned")) return deed;
  await answerInbox(key, { done: true }).catch(() => {});
  return { ...deed, undo: all(deed.undo, () => answerInbox(key, { done: false })) };
}

/** What is typed for closing it, if anything is. */
async function fill(key: string, changes: Values, since: Since): Promise<Undo> {
  if (Object.keys(changes).length === 0) return undefined;
  const { record, undo } = await patch(key, changes, since);
  since.current = record.version;
  return undo;
}

/** Proposes to close it, as it is seen here, with what is typed. */
async function propose({ key }: Task, { duplicateOf, ...changes }: Closing, since: Since, note: string): Promise<Deed> {
  const filled = await fill(key, changes, since);
  try {
    const after = await proposeClosing(key, { duplicateOf: duplicateOf ?? null, note }, since.current);
    return decided(s.did.proposed(key), after, filled);
  } catch (error) {
    if (!(error instanceof Stale)) throw error;
    putRecord(error.current);
    since.current = error.current.version;
    throw refused(s.conflict(key));
  }
}

/** Does it, and what is left where a second person must confirm that the record is closed. */
async function orPropose(work: () => Promise<Deed>, proposes: () => Promise<Deed>): Promise<Deed> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "needs_second_person") throw error;
    return proposes();
  }
}

/** Closes it, or proposes that; `second`: that it takes a second person is known already. */
export function close(task: Task, row: Row, closing: Closing, since: Since, second = false, note = ""): Promise<Deed> {
  const proposes = (): Promise<Deed> => propose(task, closing, since, note);
  if (second) return proposes();
  return orPropose(
    async () =>
      answerMention(
        row,
        closing.duplicateOf
          ? await linkDuplicate(task, closing, since)
          : await change(task, { ...closing, status: "Done" }, s.did.closed(task.key), since),
      ),
    proposes,
  );
}

/** Does what gives another record its tags, too; what it returns takes these back. */
async function giveTags<T>(of: string | undefined, work: () => Promise<T>): Promise<[T, Undo]> {
  const before = of ? await loadRecord(of) : undefined;
  return [await work(), before && undoOf(await loadRecord(before.key), before.version)];
}

/** Closes it as a duplicate, which gives the other one its tags; what it returns takes back all of that. */
async function linkDuplicate(
  { key, version }: Task,
  { duplicateOf, ...changes }: Closing,
  since: Since,
): Promise<Deed> {
  const of = duplicateOf!;
  const filled = await fill(key, changes, since);
  const [, tags] = await giveTags(of, () => linkRecord(key, of, "duplicates"));
  const closed = undoOf(await loadRecord(key), version);
  return { said: s.did.duplicate(key, of), undo: all(() => unlinkRecord(key, of, "duplicates"), closed, tags, filled) };
}

export const accept = async ({ key, awaits }: Task): Promise<Deed> =>
  decided(s.did.closed(key), ...(await giveTags(awaits?.duplicateOf, () => acceptClosing(key))));

export const sendBack = async ({ key }: Task, note: string): Promise<Deed> =>
  decided(s.did.sentBack(key), await returnClosing(key, note));

export const withdraw = async ({ key }: Task): Promise<Deed> =>
  decided(s.did.sentBack(key), await withdrawClosing(key));

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
