// What is done with a record of the inbox, and how each of it is taken back.
import { Problem, refused, Stale, type Status, type Task } from "../../api";
import { answerInbox } from "../../api/inbox";
import { acceptClosing, linkRecord, proposeClosing, returnClosing, unlinkRecord } from "../../api/record";
import { formatDay, formatNear } from "../../format";
import { refreshInbox } from "../../inbox";
import { nameOf } from "../../people";
import { loadRecord, patchRecord, putRecord, recordOf, type Changes } from "../../records";
import { s } from "../../strings/inbox";
import { s as shared, statusName } from "../../strings/shared";
import { toast } from "../../toast";
import type { Row } from "./list";

/** What was done, in words, and how it is undone. */
export interface Deed {
  said: string;
  undo?: () => Promise<string | void>;
}

/** Does it; what has gone meanwhile is said in words of this page. */
export async function tried(key: string, work: () => Promise<Deed>): Promise<Deed> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Problem && error.status === 404 ? refused(s.lost(key)) : error;
  }
}

/** Says what was done, with the way back; `back`: what else comes back then. */
export function say({ said, undo }: Deed, back?: () => void): void {
  toast(
    said,
    undo &&
      (async () => {
        try {
          const more = await undo();
          back?.();
          toast(more ?? shared.undone);
        } catch {
          toast(shared.notUndone);
        }
        refreshInbox();
      }),
  );
  refreshInbox();
}

/** Members, and fields of the form. */
type Values = Record<string, unknown>;

export function valueOf(task: Task, name: string): unknown {
  return (name in task ? (task as Values)[name] : task.extra[name]) ?? null;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The version that something was begun from; after a clash that was said, the one that is seen then. */
export type Since = { current: number };

async function patch(key: string, changes: Values, since?: Since): Promise<Task> {
  const outcome = await patchRecord(key, changes as Changes, undefined, since?.current);
  if (outcome.state === "done") return outcome.record;
  if (since) since.current = outcome.conflict.current.version;
  throw refused(s.conflict(key));
}

/** Gives the members back what they were before, unless somebody has changed one since. */
async function putBack(before: Task, after: Task, names: Iterable<string>): Promise<void> {
  const now = await loadRecord(after.key);
  const back: Values = {};
  // Closing gives a record a due date that has none.
  for (const name of new Set([...names, "dueDate"])) {
    if (same(valueOf(before, name), valueOf(after, name))) continue;
    if (!same(valueOf(now, name), valueOf(after, name))) throw refused(s.conflict(after.key));
    back[name] = valueOf(before, name);
  }
  if ("dueDate" in back && now.overdue) back.dueReason = shared.undo;
  if (Object.keys(back).length > 0) await patch(after.key, back, { current: now.version });
}

async function change(task: Task, changes: Values, said: string, since?: Since): Promise<Deed> {
  const after = await patch(task.key, changes, since);
  return { said, undo: () => putBack(task, after, Object.keys(changes)) };
}

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

/** A closed record is in an inbox only for a mention, which this answers. */
async function answerMention(row: Row, deed: Deed): Promise<Deed> {
  const { key } = row;
  if (!isMention(row)) return deed;
  await answerInbox(key, { done: true }).catch(() => {});
  return {
    ...deed,
    undo: async () => {
      await deed.undo?.();
      await answerInbox(key, { done: false });
    },
  };
}

/** Proposes to close it, as it is seen here, with what is typed. */
async function propose({ key }: Task, changes: Values, since: Since, note: string): Promise<Deed> {
  if (Object.keys(changes).length > 0) since.current = (await patch(key, changes, since)).version;
  try {
    putRecord(await proposeClosing(key, note.trim() === "" ? {} : { note }, since.current));
  } catch (error) {
    if (!(error instanceof Stale)) throw error;
    putRecord(error.current);
    since.current = error.current.version;
    throw refused(s.conflict(key));
  }
  return { said: s.did.proposed(key), undo: async () => (await sendBack({ key })).said };
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
export function close(task: Task, row: Row, changes: Values, since: Since, second = false, note = ""): Promise<Deed> {
  const proposes = (): Promise<Deed> => propose(task, changes, since, note);
  if (second) return proposes();
  return orPropose(
    async () => answerMention(row, await change(task, { ...changes, status: "Done" }, s.did.closed(task.key), since)),
    proposes,
  );
}

/** Closes it as a duplicate, which gives the other one its tags; what it returns takes back all of that. */
async function linkDuplicate(task: Task, of: string): Promise<() => Promise<void>> {
  const { key } = task;
  const { key: other, tags: before } = await loadRecord(of);
  await linkRecord(key, other, "duplicates");
  const after = await loadRecord(key);
  const gained = (await loadRecord(other)).tags.filter((tag) => !before.includes(tag));
  return async () => {
    await unlinkRecord(key, other, "duplicates");
    await putBack(task, after, ["status", "result"]);
    const { tags, version } = await loadRecord(other);
    const others = tags.filter((tag) => !gained.includes(tag));
    if (gained.length > 0) await patch(other, { tags: others }, { current: version });
  };
}

export function closeAsDuplicate(task: Task, row: Row, other: string): Promise<Deed> {
  const { key, result, version } = task;
  const said = s.did.duplicate(key, other);
  return orPropose(
    async () => answerMention(row, { said, undo: await linkDuplicate(task, other) }),
    async () => {
      const words = [result, said].filter(Boolean).join("\n\n");
      const deed = await propose(task, { result: words }, { current: version }, "");
      // The second person sees it beside the record; once that is closed, it can be linked as a duplicate.
      await linkRecord(key, other, "relates");
      return deed;
    },
  );
}

export async function accept(task: Task): Promise<Deed> {
  const after = await acceptClosing(task.key);
  putRecord(after);
  return {
    said: s.did.closed(task.key),
    undo: async () => {
      await putBack(task, after, ["status"]);
      return s.reopened;
    },
  };
}

export async function sendBack({ key }: Pick<Task, "key">, note = ""): Promise<Deed> {
  putRecord(await returnClosing(key, note));
  return { said: s.did.sentBack(key) };
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
    return { said: s.did.done(row.key) };
  }
  return { said: s.did.done(row.key), undo: () => unanswer(row) };
}
