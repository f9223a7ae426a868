// Gives incidents one cause: those of a cause that has no name yet, or of several that are the same.
import type { JSX } from "preact";
import { useId, useMemo, useState } from "preact/hooks";
import type { Task } from "../../api";
import { bulkAtMost, type Patch } from "../../api/records";
import { BulkForm } from "../../components/bulk-form";
import { memberName } from "../../strings/members";
import { s } from "../../strings/review";

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
  return (
    <BulkForm
      heading={s.nameTitle(incidents.length)}
      chosen={{ keys }}
      patch={patch}
      close={close}
      done={done}
      said={s.named}
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
    </BulkForm>
  );
}
