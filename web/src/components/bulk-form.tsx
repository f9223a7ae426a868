// A dialog that changes many records at once: what would become of each, then exactly that, with a way back.
import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useMemo, useState } from "preact/hooks";
import { newKey } from "../api";
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

  const refused = preview?.filter((item) => !("changed" in item)) ?? [];
  const will = preview?.filter((item) => "changed" in item && item.changed.length > 0) ?? [];
  const same = preview?.filter((item) => "changed" in item && item.changed.length === 0) ?? [];
  const apply = async (): Promise<void> => {
    if (patch === null) return;
    // Nothing but what has been seen: those records, in those versions.
    const versions = Object.fromEntries(will.map((item) => [item.key, "version" in item ? item.version : 0]));
    const answer = await changeRecords(versions, patch, once);
    done();
    toast(said(...counts(answer)), async () => {
      try {
        toast(s.bulkUndone(...counts(await undoChange(answer.bulkId ?? ""))));
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
  if ("changed" in item)
    return (
      <li>
        <span class="key">{item.key}</span> {item.changed.length > 0 ? s.bulkVerdict.will : s.bulkVerdict.same}
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
