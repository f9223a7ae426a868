// A task against a cause, made out of the newest of its incidents.
import type { JSX } from "preact";
import { useId, useMemo, useState } from "preact/hooks";
import { newKey, type Account, type Task } from "../../api";
import { addRecord } from "../../api/records";
import { DateField } from "../../components/date-field";
import { Dialog } from "../../components/dialog";
import { wordsOf } from "../../components/failure";
import { patchRecord } from "../../records";
import { s } from "../../strings/review";
import { s as shared } from "../../strings/shared";
import { toast } from "../../toast";

interface MeasureDialogProps {
  incident: Task;
  cause: string;
  account: Account;
  close: () => void;
  done: () => void;
}

export function MeasureDialog({ incident, cause, account, close, done }: MeasureDialogProps): JSX.Element {
  const id = useId();
  const [title, setTitle] = useState(s.measureTitle(cause || incident.title));
  const [dueDate, setDueDate] = useState<string | null>(null);
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  // The same call again after a lost answer makes no second task.
  const once = useMemo(newKey, [title, dueDate]);

  const save = async (): Promise<void> => {
    if (busy || title.trim() === "") return;
    setBusy(true);
    setFault("");
    try {
      const key = await addRecord(
        {
          todoType: "TASK",
          domainWorkSpace: incident.workspace,
          title: title.trim(),
          description: s.measureText(incident.key, cause),
          reporter: account.email,
          orderID: incident.orderID,
          category: incident.category,
          ...(dueDate !== null && { dueDate }),
        },
        once,
      );
      await patchRecord(key, { parent: incident.key });
      close();
      done();
      toast(s.measureMade(key));
    } catch (error) {
      setBusy(false);
      setFault(wordsOf(error));
    }
  };

  return (
    <Dialog heading={s.measureHeading} close={close}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <div class="field">
          <label for={id}>{s.measure}</label>
          <input id={id} data-first value={title} onInput={(event) => setTitle(event.currentTarget.value)} />
          <p class="hint">{s.measureHint(incident.key)}</p>
        </div>
        <DateField label={s.measureDue} value={dueDate} change={setDueDate} />
        {fault !== "" && (
          <p class="fault-text" role="alert">
            {fault}
          </p>
        )}
        <div class="line">
          <button type="submit" class="button primary" aria-disabled={busy || title.trim() === ""}>
            {s.measureSave}
          </button>
          <button type="button" class="button" onClick={close}>
            {shared.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
