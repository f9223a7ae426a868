// A task against a cause, made out of the newest of its incidents.
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { newKey, type Account, type Task } from "../../api";
import { DateField } from "../../components/date-field";
import { Entry } from "../../components/entry";
import { FormDialog } from "../../components/form-dialog";
import { memberName } from "../../strings/members";
import { s as record } from "../../strings/record";
import { s } from "../../strings/review";
import { toast } from "../../toast";
import { addPart } from "../record/part";

interface MeasureDialogProps {
  incident: Task;
  cause: string;
  account: Account;
  close: () => void;
  done: () => void;
}

export function MeasureDialog({ incident, cause, account, close, done }: MeasureDialogProps): JSX.Element {
  const [title, setTitle] = useState(s.measureTitle(cause || incident.title));
  const [dueDate, setDueDate] = useState<string | null>(null);
  // The same call again after a lost answer makes no second task.
  const once = useMemo(newKey, [title, dueDate]);

  const save = async (): Promise<void> => {
    const { key, category } = incident;
    const report = { title: title.trim(), description: s.measureText(key, cause), reporter: account.email, category };
    const made = await addPart(incident, { ...report, ...(dueDate !== null && { dueDate }) }, once);
    done();
    if (made) toast(record.tasks.made(made));
  };

  return (
    <FormDialog
      heading={s.measureHeading}
      button={record.tasks.create}
      may={title.trim() !== ""}
      send={save}
      close={close}
    >
        <Entry label={record.tasks.title} hint={s.measureHint(incident.key)} first value={title} change={setTitle} />
        <DateField label={memberName("dueDate")} value={dueDate} change={setDueDate} />
    </FormDialog>
  );
}
