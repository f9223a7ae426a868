// One thing and its switches and choices: how one is changed, why it could not be, and the way back.
import { useState } from "preact/hooks";
import { failureWords } from "../../components/failure";
import { useKept, useResource, type Resource } from "../../resource";
import { useSaving } from "../../saving";
import { s as shared } from "../../strings/shared";
import { toast } from "../../toast";

/** Says why. */
export function sayRefused(error: unknown): void {
  toast(failureWords(error)[1]);
}

/** Says what was done, and offers to take it back; `then` also where that is refused. */
export function sayUndo(
  said: string,
  undo: () => Promise<unknown>,
  then?: () => void,
  undone: string = shared.undone(said),
): void {
  toast(said, async () => {
    try {
      await undo();
      toast(undone);
    } catch (error) {
      sayRefused(error);
    }
    then?.();
  });
}

/** Does what a button says, or says why not. A second press while the first is on its way does nothing. */
export function useDeed(): (deed: () => Promise<unknown>) => void {
  const saving = useSaving();
  return (deed) => void saving.save(async () => void (await deed().catch(sayRefused)));
}

interface One<T, Changes> {
  /** As its last change answered, or as it was read; null before. */
  one: T | null;
  read: Resource<T>;
  again: () => void;
  /** `back` is what takes the changes back; true when it was changed. */
  change: (changes: Changes, said: string, back: Changes) => Promise<boolean>;
}

/** One thing that is changed member by member, each at once. */
export function useOne<T extends { version: number }, Changes>(
  name: string,
  load: () => Promise<T>,
  send: (of: T, changes: Changes) => Promise<T>,
): One<T, Changes> {
  const [read, again] = useResource(name, load);
  const [changed, setChanged] = useState<T | null>(null);
  const kept = useKept(read);
  // What a change answered is newer than what was read before it.
  const one = changed !== null && changed.version >= (kept?.version ?? 0) ? changed : kept;
  const change = async (changes: Changes, said: string, back: Changes): Promise<boolean> => {
    try {
      const now = await send(one!, changes);
      setChanged(now);
      sayUndo(said, async () => setChanged(await send(now, back)), again);
      return true;
    } catch (error) {
      sayRefused(error);
      again();
      return false;
    }
  };
  return { one, read, again, change };
}
