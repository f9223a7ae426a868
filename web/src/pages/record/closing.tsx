// Closing a record: what its form asks for, and the second person where it wants one.
import type { JSX } from "preact";
import { useContext, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { announce } from "../../announce";
import { Problem, Stale, type Task } from "../../api";
import { proposeClosing, returnClosing, type FormDocument } from "../../api/record";
import { TextEditor } from "../../components/text-editor";
import { putRecord, sayUndo, undoOf } from "../../records";
import { useSaving } from "../../saving";
import { s as failure } from "../../strings/failure";
import { s } from "../../strings/record";
import { toast } from "../../toast";
import { OnRecord } from "./context";
import { DraftNote, useDraft } from "./draft";
import { FieldInput } from "./field-input";
import { draftOf, fieldValue, sameValue, valueOf, type Field } from "./fields";
import { Foot, problemOf } from "./foot";
import { Clashed, saveRecord } from "./save";

/** Does the form want a second person for this record? The server decides; this only asks early. */
export function wantsSecond(form: FormDocument | null, task: Task): boolean {
  const confirm = form?.confirmClose;
  if (confirm === undefined) return false;
  if (confirm === "always") return true;
  const from = confirm.financialImpact;
  if (from !== undefined && task.financialImpact !== null && Number(task.financialImpact) >= Number(from)) return true;
  return task.priority !== null && task.priority !== undefined && (confirm.priority ?? []).includes(task.priority);
}

export function ClosingPanel({ openChildren, close }: { openChildren: number; close: () => void }): JSX.Element {
  const { task, form, fields } = useContext(OnRecord);
  const draft = useDraft("closing");
  /** The record that the typing began from, or the one that is seen after a clash. */
  const [begun, setBegun] = useState(task);
  const [asked, setAsked] = useState<string[]>([]);
  const [second, setSecond] = useState(wantsSecond(form, task));
  const [note, setNote] = useState("");
  const saving = useSaving();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    setSecond((now) => now || wantsSecond(form, task));
  }, [form]);
  // Before a key can come: it is for the field, and no shortcut.
  useLayoutEffect(() => {
    heading.current?.scrollIntoView({ block: "nearest" });
    // Who sees nothing to fill in is at the button.
    const first = heading.current?.parentElement?.querySelector<HTMLElement>(
      "textarea, input, select, .button.primary",
    );
    first?.focus();
  }, []);

  let typed: Record<string, string> = {};
  try {
    typed = JSON.parse(draft.text || "{}") as Record<string, string>;
  } catch {
    // Begun again.
  }
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

  const submit = async (): Promise<void> => {
    const empty = missing.find((field) => textOf(field).trim() === "");
    if (empty) throw problemOf(s.closing.lacks(empty.label));
    const changed = shown.filter((field) => !sameValue(valueOf(field, textOf(field)), fieldValue(task, field)));
    const patch = Object.fromEntries(changed.map((field) => [field.name, valueOf(field, textOf(field))]));
    const base = Object.fromEntries(changed.map((field) => [field.name, fieldValue(begun, field)]));
    try {
      if (second) {
        // What is proposed is the record as it is seen here, with what is typed.
        const { key, version } = changed.length > 0 ? await saveRecord(task.key, patch, base, begun.version) : task;
        const now = await proposeClosing(key, note.trim() === "" ? {} : { note }, version);
        putRecord(now);
        sayUndo(s.closing.proposed, undoOf(now, version));
      } else {
        const { status } = task;
        const change = { ...patch, status: "Done" };
        await saveRecord(task.key, change, { ...base, status }, begun.version, s.closing.closed);
      }
      draft.forget();
      close();
    } catch (error) {
      if (error instanceof Clashed || error instanceof Stale) {
        putRecord(error.current);
        setBegun(error.current);
        throw problemOf(failure.changed);
      }
      if (!(error instanceof Problem)) throw error;
      setAsked(error.faults.map(({ pointer }) => pointer.replace(/^\//, "")));
      if (error.code !== "needs_second_person") throw error;
      // What it takes is then said above.
      setSecond(true);
      announce(s.closing.second);
    }
  };
  const send = (): void => void saving.save(submit);

  return (
    <section class="card stack closing">
      <h2 ref={heading}>{s.closing.heading(second)}</h2>
      <DraftNote draft={draft} />
      {openChildren > 0 && <p class="note">{s.closing.openChildren(openChildren)}</p>}
      {missing.length > 0 && <p>{s.closing.needs}</p>}
      {second && <p>{s.closing.second}</p>}
      {shown.map((field) => (
        <div key={field.name}>
          <p class="field-name" aria-hidden="true">
            {field.label}
            {missing.includes(field) && " *"}
          </p>
          <FieldInput
            field={field}
            value={textOf(field)}
            change={(text) => put(field, text)}
            pick={(value) => put(field, draftOf(value))}
            submit={send}
            cancel={close}
            inForm
          />
        </div>
      ))}
      {second && (
        <label class="field">
          <span>{s.closing.note}</span>
          <input value={note} maxLength={1000} onInput={(event) => setNote(event.currentTarget.value)} />
        </label>
      )}
      <Foot
        saving={saving}
        name={second ? s.closing.propose : s.closing.close}
        send={send}
        cancel={() => {
          draft.forget();
          close();
        }}
      >
        <span class="hint keys-hint">{s.editor.keys}</span>
      </Foot>
    </section>
  );
}

/** Members of the other type are not needed. */
function isFor({ name }: Field, { todoType }: Task): boolean {
  return todoType === "INCIDENT" || !["financialImpact", "impact", "likelihood"].includes(name);
}

export function ReturnPanel({ close }: { close: () => void }): JSX.Element {
  const { task } = useContext(OnRecord);
  const draft = useDraft("return");
  const saving = useSaving();
  const send = (): void =>
    void saving.save(async () => {
      putRecord(await returnClosing(task.key, draft.text));
      draft.forget();
      toast(s.closing.returned);
      close();
    });
  return (
    <section class="card stack closing">
      <TextEditor
        label={s.closing.returnNote}
        placeholder={s.closing.returnNote}
        value={draft.text}
        change={draft.change}
        submit={send}
        cancel={close}
        focused
        lines={2}
      />
      <Foot saving={saving} name={s.closing.returnIt} send={send} cancel={close} />
    </section>
  );
}
