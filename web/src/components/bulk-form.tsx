// A dialog that changes many records at once: what would become of each, then exactly that, with a way back.
import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useMemo, useState } from "preact/hooks";
import { newKey } from "../api";
import { proposeClosing, withdrawClosing } from "../api/record";
import {
  changeRecords,
  previewChange,
  undoChange,
  type BulkAnswer,
  type Chosen,
  type Patch,
  type Verdict,
} from "../api/records";
import { s } from "../strings/records";
import { toast } from "../toast";
import { faultWords, wordsOf } from "./failure";
import { FormDialog } from "./form-dialog";

const none: BulkAnswer = { items: [] };

/** Its closing takes a second person, to whom it is proposed. */
const isProposed = (item: Verdict): boolean =>
  "problem" in item && (item.problem as { code?: string }).code === "needs_second_person";

/** How many were changed, and how many not. */
function counts({ items }: BulkAnswer): [changed: number, failed: number] {
  const changed = items.filter(({ status }) => status === 200).length;
  return [changed, items.length - changed];
}

interface BulkFormProps {
  heading: string;
  chosen: Chosen;
  /** What changes; null until it is known. */
  patch: Patch | null;
  close: () => void;
  /** After each change. */
  done: () => void;
  /** Says what was done. */
  said: (changed: number, failed: number) => string;
  children: ComponentChildren;
}

export function BulkForm({ heading, chosen, patch, close, done, said, children }: BulkFormProps): JSX.Element {
  const [preview, setPreview] = useState<readonly Verdict[] | null>(null);
  const [fault, setFault] = useState("");
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

  const refused = preview?.filter((item) => !("changed" in item || isProposed(item))) ?? [];
  const will = preview?.filter((item) => ("changed" in item ? item.changed.length > 0 : isProposed(item))) ?? [];
  const same = preview?.filter((item) => "changed" in item && item.changed.length === 0) ?? [];
  const apply = async (): Promise<void> => {
    if (patch === null) return;
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
    done();
    toast(said(changed, failed), async () => {
      try {
        const [back, kept] = counts(answer.bulkId ? await undoChange(answer.bulkId) : none);
        for (const { key } of proposed) await withdrawClosing(key);
        toast(s.bulkUndone(back + proposed.length, kept));
      } catch (error) {
        toast(wordsOf(error));
      }
      done();
    });
  };

  return (
    <FormDialog
      heading={heading}
      look="wide"
      button={s.bulkTitle(will.length)}
      may={will.length > 0}
      send={apply}
      close={close}
    >
      {children}
      <div class="bulk-preview" aria-live="polite">
        {patch === null && <p class="hint">{s.bulkNone}</p>}
        {patch !== null && preview === null && fault === "" && <p class="hint">{s.bulkChecking}</p>}
        {fault !== "" && (
          <p class="fault-text" role="alert">
            {fault}
          </p>
        )}
        {preview !== null && (
          <>
            <p>
              <strong>{s.bulkWill(will.length)}</strong>
              {same.length > 0 && <span> · {s.bulkSame(same.length)}</span>}
              {refused.length > 0 && <span class="fault-text"> · {s.bulkRefused(refused.length)}</span>}
            </p>
            <ul class="bulk-list" tabIndex={0} aria-label={s.bulkVerdicts}>
              {[...refused, ...will, ...same].map((item) => (
                <Line key={item.key} item={item} />
              ))}
            </ul>
          </>
        )}
      </div>
    </FormDialog>
  );
}

function Line({ item }: { item: Verdict }): JSX.Element {
  const verdict = isProposed(item)
    ? s.bulkVerdict.proposed
    : "changed" in item && (item.changed.length > 0 ? s.bulkVerdict.will : s.bulkVerdict.same);
  if (verdict)
    return (
      <li>
        <span class="key">{item.key}</span> {verdict}
      </li>
    );
  const problem = "problem" in item ? item.problem : undefined;
  return (
    <li class="fault-text">
      <span class="key">{item.key}</span>{" "}
      {faultWords(problem !== undefined && "errors" in problem ? problem.errors : []) ||
        (problem?.detail ?? problem?.title ?? item.status)}
    </li>
  );
}
