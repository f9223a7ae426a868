// Closing a record: what its form asks for, and the second person where it wants one.
import type { JSX } from "preact";
import { useContext, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Problem, type Task } from "../../api";
import { proposeClosing, returnClosing, type FormDocument } from "../../api/record";
import { wordsOf } from "../../components/failure";
import { TextEditor } from "../../components/text-editor";
import { putRecord } from "../../records";
import { s } from "../../strings/record";
import { s as shared } from "../../strings/shared";
import { toast } from "../../toast";
import { OnRecord } from "./context";
import { DraftNote, useDraft } from "./draft";
import { FieldInput } from "./field-input";
import { draftOf, fieldValue, sameValue, valueOf, type Field } from "./fields";
import { Clashed, saveRecord, sayUndo } from "./save";

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
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
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
  const missing = needed.filter((field) => {
    const value = fieldValue(task, field);
    return draftOf(value) === "";
  });
  // The result is asked of an incident too, unless its form refuses one.
  const asksResult = task.todoType === "TASK" || form?.otherType !== "refuse";
  const shown = [...new Set([...(asksResult ? [fields.get("result")!] : []), ...missing])];
  const textOf = (field: Field): string => typed[field.name] ?? draftOf(fieldValue(task, field));
  const put = (field: Field, text: string): void => draft.change(JSON.stringify({ ...typed, [field.name]: text }));

  const submit = async (): Promise<void> => {
    if (busy) return;
    const changed = shown.filter((field) => !sameValue(valueOf(field, textOf(field)), fieldValue(task, field)));
    const empty = missing.find((field) => textOf(field).trim() === "");
    if (empty) {
      setFault(s.closing.lacks(empty.label));
      return;
    }
    const patch = Object.fromEntries(changed.map((field) => [field.name, valueOf(field, textOf(field))]));
    const base = Object.fromEntries(changed.map((field) => [field.name, fieldValue(begun, field)]));
    setBusy(true);
    setFault("");
    try {
      if (second) {
        const { result, ...others } = patch as { result?: string | null };
        if (Object.keys(others).length > 0) await saveRecord(task.key, others, base, begun.version);
        const body = { ...(result !== undefined && { result }), ...(note.trim() !== "" && { note }) };
        putRecord(await proposeClosing(task.key, body));
        toast(s.closing.proposed);
      } else {
        const now = await saveRecord(
          task.key,
          { ...patch, status: "Done" },
          { ...base, status: task.status },
          begun.version,
        );
        sayUndo(s.closing.closed, now, "status", task.status);
      }
      draft.forget();
      close();
    } catch (error) {
      if (error instanceof Problem && error.code === "needs_second_person") {
        setSecond(true);
        setFault(s.closing.second);
      } else if (error instanceof Clashed) {
        setBegun(error.current);
        setFault(s.closing.clashed);
      } else {
        if (error instanceof Problem) setAsked(error.faults.map(({ pointer }) => pointer.replace(/^\//, "")));
        setFault(wordsOf(error));
      }
    } finally {
      setBusy(false);
    }
  };
  const cancel = (): void => {
    draft.forget();
    close();
  };

  return (
    <section class="card stack closing">
      <h2 ref={heading}>{second ? s.closing.proposeHeading : s.closing.heading}</h2>
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
          {field.kind === "long" ? (
            <TextEditor
              label={field.label}
              value={textOf(field)}
              change={(text) => put(field, text)}
              submit={() => void submit()}
              cancel={close}
              workspace={task.workspace}
              lines={3}
            />
          ) : (
            <FieldInput
              field={field}
              value={textOf(field)}
              change={(text) => put(field, text)}
              pick={(value) => put(field, draftOf(value))}
              submit={() => void submit()}
              cancel={close}
              workspace={task.workspace}
              inForm
            />
          )}
        </div>
      ))}
      {second && (
        <label class="field">
          <span>{s.closing.note}</span>
          <input value={note} maxLength={1000} onInput={(event) => setNote(event.currentTarget.value)} />
        </label>
      )}
      {fault !== "" && (
        <p class="fault-text" role="alert">
          {fault}
        </p>
      )}
      <p class="line">
        <button type="button" class="button primary" aria-disabled={busy} onClick={() => void submit()}>
          {second ? s.closing.propose : s.closing.close}
        </button>
        <button type="button" class="button quiet" onClick={cancel}>
          {shared.cancel}
        </button>
        <span class="hint keys-hint">{s.comment.keys}</span>
      </p>
    </section>
  );
}

/** Members of the other type are not needed. */
function isFor(field: Field, task: Task): boolean {
  if (field.name === "result") return true;
  if (["financialImpact", "impact", "likelihood"].includes(field.name)) return task.todoType === "INCIDENT";
  return true;
}

export function ReturnPanel({ close }: { close: () => void }): JSX.Element {
  const { task } = useContext(OnRecord);
  const draft = useDraft("return");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setFault("");
    try {
      putRecord(await returnClosing(task.key, draft.text));
      draft.forget();
      toast(s.closing.returned);
      close();
    } catch (error) {
      setFault(wordsOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section class="card stack closing">
      <TextEditor
        label={s.closing.returnNote}
        placeholder={s.closing.returnNote}
        value={draft.text}
        change={draft.change}
        submit={() => void submit()}
        cancel={close}
        focused
        lines={2}
      />
      {fault !== "" && (
        <p class="fault-text" role="alert">
          {fault}
        </p>
      )}
      <p class="line">
        <button type="button" class="button primary" aria-disabled={busy} onClick={() => void submit()}>
          {s.closing.returnIt}
        </button>
        <button type="button" class="button quiet" onClick={close}>
          {shared.cancel}
        </button>
      </p>
    </section>
  );
}
