// Gives incidents one cause: those of a cause that has no name yet, or of several that are the same.
import type { JSX } from "preact";
import { useId, useLayoutEffect, useMemo, useState } from "preact/hooks";
import { newKey, type Task } from "../../api";
import { bulkAtMost, changeRecords, previewChange, undoChange, type BulkAnswer, type Patch } from "../../api/records";
import { Dialog } from "../../components/dialog";
import { wordsOf } from "../../components/failure";
import { s } from "../../strings/review";
import { s as shared } from "../../strings/shared";
import { toast } from "../../toast";

interface CauseDialogProps {
  incidents: readonly Task[];
  /** What it is called now, where all have the same. */
  first: string;
  /** The causes there are, for choosing. */
  causes: readonly string[];
  close: () => void;
  done: () => void;
}

export function CauseDialog({ incidents, first, causes, close, done }: CauseDialogProps): JSX.Element {
  const id = useId();
  const [cause, setCause] = useState(first);
  const [preview, setPreview] = useState<BulkAnswer | null>(null);
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const keys = useMemo(() => incidents.map(({ key }) => key).slice(0, bulkAtMost), [incidents]);
  const patch = useMemo((): Patch => ({ cause: cause.trim() === "" ? null : cause.trim() }), [cause]);
  const once = useMemo(newKey, [patch]);

  // Before a key can come: Enter must not apply what was seen of another cause.
  useLayoutEffect(() => {
    setPreview(null);
    setFault("");
    let current = true;
    const timer = setTimeout(() => {
      previewChange({ keys }, patch).then(
        (answer) => current && setPreview(answer),
        (error: unknown) => current && setFault(wordsOf(error)),
      );
    }, 250);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [patch]);

  const will = preview?.items.filter((item) => "changed" in item && item.changed.length > 0) ?? [];
  const refused = preview?.items.filter((item) => !("changed" in item)) ?? [];

  const apply = async (): Promise<void> => {
    if (busy || will.length === 0) return;
    setBusy(true);
    try {
      // Only what has been seen: these incidents, in these versions.
      const versions = Object.fromEntries(will.map((item) => [item.key, "version" in item ? item.version : 0]));
      const { items, bulkId } = await changeRecords(Object.keys(versions), versions, patch, once);
      const changed = items.filter(({ status }) => status === 200).length;
      close();
      done();
      toast(s.named(changed, items.length - changed), async () => {
        try {
          await undoChange(bulkId ?? "");
          toast(shared.undone);
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

  return (
    <Dialog heading={s.nameTitle(incidents.length)} close={close}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void apply();
        }}
      >
        <div class="field">
          <label for={`${id}-cause`}>{s.cause}</label>
          <input
            id={`${id}-cause`}
            data-first
            list={`${id}-causes`}
            autocomplete="off"
            value={cause}
            aria-describedby={`${id}-hint`}
            onInput={(event) => setCause(event.currentTarget.value)}
          />
          <datalist id={`${id}-causes`}>
            {causes.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
          <p class="hint" id={`${id}-hint`}>
            {s.nameHint}
          </p>
        </div>
        <div class="review-preview" aria-live="polite">
          {fault !== "" && (
            <p class="fault-text" role="alert">
              {fault}
            </p>
          )}
          {preview === null && fault === "" && <p class="hint">{s.checking}</p>}
          {preview !== null && <p>{s.will(will.length)}</p>}
          {refused.length > 0 && (
            <ul class="review-refused">
              {refused.slice(0, 20).map((item) => (
                <li key={item.key} class="fault-text">
                  {item.key}: {("problem" in item && (item.problem?.detail || item.problem?.title)) || item.status}
                </li>
              ))}
            </ul>
          )}
        </div>
        <div class="dialog-actions">
          <button type="submit" class="button primary" aria-disabled={busy || will.length === 0}>
            {s.apply(will.length)}
          </button>
          <button type="button" class="button" onClick={close}>
            {shared.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
