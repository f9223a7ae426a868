// Closing a record: what its form asks for, and the second person where it wants one.
import type { JSX } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { Problem, refused, type Task } from "../../api";
import { listRelated, readForm, type FormDocument } from "../../api/record";
import { Dialog } from "../../components/dialog";
import { DraftNote } from "../../components/draft-note";
import { useDraft } from "../../drafts";
import { useSaving } from "../../saving";
import { s as inbox } from "../../strings/inbox";
import { s } from "../../strings/record";
import type { AskProps } from "../inbox/dialogs";
import { close as closeRecord } from "../inbox/handle";
import { useLatest } from "../records/latest";
import { FieldInput } from "./field-input";
import { draftOf, fieldsOf, fieldValue, sameValue, valueOf, type Field } from "./fields";
import { Foot } from "./foot";
import { isPart } from "./related";

/** Does the form want a second person for this record? The server decides; this only asks early. */
function wantsSecond(form: FormDocument | null, task: Task): boolean {
  const confirm = form?.confirmClose;
  if (confirm === undefined) return false;
  if (confirm === "always") return true;
  const from = confirm.financialImpact;
  if (from !== undefined && task.financialImpact !== null && Number(task.financialImpact) >= Number(from)) return true;
  return task.priority !== null && task.priority !== undefined && (confirm.priority ?? []).includes(task.priority);
}

/** Members of the other type are not needed. */
function isFor({ name }: Field, { todoType }: Task): boolean {
  return todoType === "INCIDENT" || !["financialImpact", "impact", "likelihood"].includes(name);
}

export function FinishDialog({ task, row, act, close }: AskProps): JSX.Element {
  const draft = useDraft(task.key, "closing");
  const since = useRef(task.version);
  const [form] = useLatest(`${task.workspace} ${task.form}`, 0, () => readForm(task.workspace, task.form));
  const [related] = useLatest(task.key, 0, () => listRelated(task.key));
  const [asked, setAsked] = useState<string[]>([]);
  const note = useDraft(task.key, "closing.note");
  const saving = useSaving();
  const places = useRef<HTMLDivElement>(null);
  const fields = useMemo(() => fieldsOf(task, form), [task.todoType, form]);
  const second = wantsSecond(form, task);

  let typed: Record<string, string> = {};
  try {
    typed = JSON.parse(draft.text || "{}") as Record<string, string>;
  } catch {
    // Begun again.
  }
  const { duplicateOf } = typed;
  const find = (name: string): Field | undefined =>
    fields.get(name) ?? [...fields.values()].find((field) => field.name.toLowerCase() === name.toLowerCase());
  const needed = [...(form?.needToClose ?? []), ...asked]
    .map(find)
    .filter((field): field is Field => field !== undefined && isFor(field, task));
  const missing = needed.filter((field) => draftOf(fieldValue(task, field)) === "");
  // The result is asked of an incident too, unless its form refuses one.
  const asksResult = task.todoType === "TASK" || form?.otherType !== "refuse";
  const shown = [...new Set([...(asksResult ? [fields.get("result")!] : []), ...missing])];
  const textOf = (field: Field): string => typed[field.name] ?? draftOf(fieldValue(task, field));
  const put = (field: Field, text: string): void => draft.change(JSON.stringify({ ...typed, [field.name]: text }));
  const parts = related?.items.filter((one) => one.record.open && isPart(one)).length ?? 0;

  const submit = async (): Promise<void> => {
    const empty = missing.find((field) => textOf(field).trim() === "");
    if (empty) {
      const place = places.current?.children[shown.indexOf(empty)];
      place?.querySelector<HTMLElement>("input, textarea, select")?.focus();
      throw refused(s.closing.lacks(empty.label));
    }
    const changed = shown.filter((field) => !sameValue(valueOf(field, textOf(field)), fieldValue(task, field)));
    const patch = Object.fromEntries(changed.map((field) => [field.name, valueOf(field, textOf(field))]));
    try {
      await act(true, () => closeRecord(task, row, { ...patch, duplicateOf }, since, second, note.text));
    } catch (error) {
      if (error instanceof Problem) setAsked(error.faults.map(({ pointer }) => pointer.replace(/^\//, "")));
      throw error;
    }
    draft.discard();
    note.discard();
  };
  const send = (): void => void saving.save(submit).then((sent) => sent && close());

  return (
    <Dialog heading={s.closing.heading(second)} close={close} look="wide">
      <p class="hint" dir="auto">
        {task.key} {task.title}
      </p>
      <DraftNote draft={draft} />
      {duplicateOf && <p>{inbox.duplicateText(task.key, duplicateOf)}</p>}
      {parts > 0 && <p class="note">{s.closing.openChildren(parts)}</p>}
      {second && <p>{s.closing.waitsForOther}</p>}
      {missing.length > 0 && <p>{s.closing.needs}</p>}
      <div class="stack" ref={places}>
        {shown.map((field, i) => (
          <div key={field.name}>
            <p class="field-name" aria-hidden="true">
              {field.label}
              {missing.includes(field) && " *"}
            </p>
            <FieldInput
              task={task}
              field={field}
              value={textOf(field)}
              change={(text) => put(field, text)}
              pick={(value) => put(field, draftOf(value))}
              submit={send}
              cancel={close}
              inForm={i > 0 || field.kind !== "long"}
            />
          </div>
        ))}
      </div>
      {second && (
        <label class="field">
          <span>{s.closing.note}</span>
          <input value={note.text} maxLength={1000} onInput={(event) => note.change(event.currentTarget.value)} />
        </label>
      )}
      <Foot saving={saving} name={second ? s.closing.propose : s.closing.close} send={send} cancel={close}>
        <span class="hint keys-hint">{s.editor.keys}</span>
      </Foot>
    </Dialog>
  );
}
