// Gives incidents one cause: those of a cause that has no name yet, or of several that are the same.
import type { JSX } from "preact";
import { useId, useMemo, useState } from "preact/hooks";
import type { Task } from "../../api";
import { bulkAtMost, type Patch } from "../../api/records";
import { useBulk } from "../../bulk";
import { Dialog } from "../../components/dialog";
import { memberName } from "../../strings/members";
import { s } from "../../strings/review";
import { s as shared } from "../../strings/shared";

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
  const keys = useMemo(() => incidents.map(({ key }) => key).slice(0, bulkAtMost), [incidents]);
  const patch = useMemo((): Patch => ({ cause: cause.trim() === "" ? null : cause.trim() }), [cause]);
  const { preview, will, refused, fault, busy, apply } = useBulk({ keys }, patch, close, done, s.named);

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
          <label for={`${id}-cause`}>{memberName("cause")}</label>
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
        <div class="stack" aria-live="polite">
          {fault !== "" && (
            <p class="fault-text" role="alert">
              {fault}
            </p>
          )}
          {preview === null && fault === "" && <p class="hint">{s.checking}</p>}
          {preview !== null && <p>{s.will(will.length)}</p>}
          {refused.length > 0 && (
            <ul>
              {refused.slice(0, 20).map((item) => (
                <li key={item.key} class="fault-text">
                  {item.key}: {("problem" in item && (item.problem?.detail || item.problem?.title)) || item.status}
                </li>
              ))}
            </ul>
          )}
        </div>
        <div class="line">
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
