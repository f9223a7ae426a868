// Changes of a record on their way to the server: what does not touch somebody else's change goes in
// beside it, what does comes back as a clash.
import { call, Stale, type Task } from "../../api";
import { putRecord } from "../../records";
import { s as shared } from "../../strings/shared";
import { toast } from "../../toast";
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
 * in `base` (a reason) clashes with nothing.
 */
export async function saveRecord(
  key: string,
  patch: Record<string, unknown>,
  base: Record<string, unknown>,
  version: number,
): Promise<Task> {
  let match = version;
  for (;;) {
    try {
      const task = (await call("PATCH", "/tasks/{key}", { path: { key }, body: patch, ifMatch: match })) as Task;
      putRecord(task);
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

/** Says what was done, and offers to give the members back what they were, as long as nobody else has changed one. */
export function sayUndo(said: string, now: Task, before: Record<string, unknown>): void {
  const names = Object.keys(before).filter((name) => !sameValue(before[name], memberOf(now, name)));
  const of = (value: (name: string) => unknown): Record<string, unknown> =>
    Object.fromEntries(names.map((name) => [name, value(name)]));
  const back = of((name) => before[name]);
  toast(said, async () => {
    try {
      await saveRecord(now.key, back, of((name) => memberOf(now, name)), now.version);
      toast(shared.undone);
    } catch {
      toast(shared.notUndone);
    }
  });
}
