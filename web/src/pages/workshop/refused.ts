// A switch or a choice that could not be changed, and the way back from one that was.
import { Problem } from "../../api";
import { failureWords } from "../../components/failure";
import { useSaving } from "../../saving";
import { s as shared } from "../../strings/shared";
import { s } from "../../strings/workshop";
import { toast } from "../../toast";

/** Says why. */
export function sayRefused(error: unknown): void {
  const stale = error instanceof Problem && error.status === 412;
  toast(stale ? s.changedMeanwhile : failureWords(error)[1]);
}

/** Says what was done, and offers to take it back; `then` also where that is refused. */
export function sayUndo(
  said: string,
  undo: () => Promise<unknown>,
  then?: () => void,
  undone: string = shared.undone,
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
export function useDeed(): (deed: () => Promise<void>) => void {
  const saving = useSaving();
  return (deed) => void saving.save(() => deed().catch(sayRefused));
}
