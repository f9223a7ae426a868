// Changes of a record on their way to the server: what does not touch somebody else's change goes in
// beside it, what does comes back as a clash.
import { call, Stale, type Task } from "../../api";
import { putRecord, sayUndo, undoOf } from "../../records";
import { sameValue } from "./fields";

/** Somebody else has changed the same member to another value. */
export class Clashed extends Error {
  constructor(
    readonly current: Task,
    readonly by: string | null,
    readonly at: string,
  ) {
    super();
  }
}

function memberOf(task: Task, name: string): unknown {
  const members: Record<string, unknown> = { ...task.extra, ...task };
  return members[name] ?? null;
}

/**
 * `base` has what the changed members were as their editor was opened, in that `version` of the
 * record: the one that is shown may be newer by now, and must not be overwritten unseen. What is not
 * in `base` (a reason) clashes with nothing. With `did`, a toast says what was done and offers to undo it.
 */
export async function saveRecord(
  key: string,
  patch: Record<string, unknown>,
  base: Record<string, unknown>,
  version: number,
  did?: string,
): Promise<Task> {
  let match = version;
  for (;;) {
    try {
      const task = (await call("PATCH", "/tasks/{key}", { path: { key }, body: patch, ifMatch: match })) as Task;
      putRecord(task);
      if (did !== undefined && task.key === key) sayUndo(did, undoOf(task, match));
      return task;
    } catch (error) {
      if (!(error instanceof Stale)) throw error;
      const { current } = error;
      putRecord(current);
      const clashes = Object.keys(base).some((name) => {
        const theirs = memberOf(current, name);
        return !sameValue(theirs, base[name]) && !sameValue(theirs, patch[name]);
      });
      if (clashes) throw new Clashed(current, error.by, error.at);
      match = current.version;
    }
  }
}
