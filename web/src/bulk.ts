// One change of many records: what would become of each, then exactly that, with a way back.
import { useLayoutEffect, useMemo, useState } from "preact/hooks";
import { newKey } from "./api";
import {
  changeRecords,
  previewChange,
  undoChange,
  type BulkAnswer,
  type Chosen,
  type Patch,
  type Verdict,
} from "./api/records";
import { proposeClosing, returnClosing } from "./api/record";
import { wordsOf } from "./components/failure";
import { s } from "./strings/records";
import { toast } from "./toast";

export interface Bulk {
  /** Null while it is not known. */
  preview: readonly Verdict[] | null;
  will: readonly Verdict[];
  refused: readonly Verdict[];
  fault: string;
  busy: boolean;
  apply: () => Promise<void>;
}

const none: BulkAnswer = { items: [] };

/** Its closing takes a second person, to whom it is proposed. */
export const isProposed = (item: Verdict): boolean =>
  "problem" in item && (item.problem as { code?: string }).code === "needs_second_person";

/** How many were changed, and how many not. */
function counts({ items }: BulkAnswer): [changed: number, failed: number] {
  const changed = items.filter(({ status }) => status === 200).length;
  return [changed, items.length - changed];
}

/** `done` after each change, `close` once it is applied; `said` says what was done. */
export function useBulk(
  chosen: Chosen,
  patch: Patch | null,
  close: () => void,
  done: () => void,
  said: (changed: number, failed: number) => string,
): Bulk {
  const [preview, setPreview] = useState<readonly Verdict[] | null>(null);
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const once = useMemo(newKey, [patch]);

  // Before a key can come: Enter must not apply what was seen of another change.
  useLayoutEffect(() => {
    setPreview(null);
    setFault("");
    if (patch === null) return;
    let current = true;
    const timer = setTimeout(() => {
      previewChange(chosen, patch).then(
        ({ items }) => current && setPreview(items),
        (error: unknown) => current && setFault(wordsOf(error)),
      );
    }, 250);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [patch]);

  const will = preview?.filter((item) => ("changed" in item ? item.changed.length > 0 : isProposed(item))) ?? [];
  const refused = preview?.filter((item) => !("changed" in item || isProposed(item))) ?? [];
  const apply = async (): Promise<void> => {
    if (busy || patch === null || will.length === 0) return;
    setBusy(true);
    try {
      // Nothing but what has been seen: those records, in those versions.
      const changes = will.filter((item) => !isProposed(item));
      const versions = Object.fromEntries(changes.map((item) => [item.key, "version" in item ? item.version : 0]));
      const answer = changes.length > 0 ? await changeRecords(versions, patch, once) : none;
      let [changed, failed] = counts(answer);
      const proposed = will.filter(isProposed);
      for (const { key } of proposed)
        await proposeClosing(key, {}).then(
          () => (changed += 1),
          () => (failed += 1),
        );
      close();
      done();
      toast(said(changed, failed), async () => {
        try {
          const [back, kept] = counts(answer.bulkId ? await undoChange(answer.bulkId) : none);
          for (const { key } of proposed) await returnClosing(key);
          toast(s.bulkUndone(back + proposed.length, kept));
        } catch (error) {
          toast(wordsOf(error));
        }
        done();
      });
    } catch (error) {
      setBusy(false);
      setFault(wordsOf(error));
    }
  };
  return { preview, will, refused, fault, busy, apply };
}
