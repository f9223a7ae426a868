// A field of a record on its page: read first, changed in its place.
import type { ComponentChildren, JSX } from "preact";
import { useContext, useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon } from "../../components/icon";
import { None } from "../../components/none";
import { TextEditor } from "../../components/text-editor";
import { s } from "../../strings/record";
import { s as shared } from "../../strings/shared";
import { upload } from "../../upload";
import { Conflict } from "./conflict";
import { OnRecord } from "./context";
import { DraftNote } from "./draft";
import { useEditing, type Editing } from "./editing";
import { fieldValue, sameValue, type Field } from "./fields";
import { FieldInput, picksAtOnce } from "./field-input";
import { Shown } from "./value";

/** A click on a value opens it, but not one on a link in it, nor one that ends a selection. */
function opens(event: MouseEvent): boolean {
  // What was clicked in the editor is gone by now, with the editor.
  if (!(event.target instanceof Element) || !event.target.isConnected) return false;
  if (event.target.closest("a, button, summary, input, textarea, select, pre")) return false;
  return event.button === 0 && !getSelection()?.toString();
}

interface FieldViewProps {
  name: string;
  /** How the value is shown, where that takes more than the value. */
  children?: ComponentChildren;
}

function useField(name: string): { field: Field; editing: Editing; editable: boolean } {
  const { fields, may } = useContext(OnRecord);
  const field = fields.get(name)!;
  return { field, editing: useEditing(field), editable: may.write && !field.locked };
}

/** The focus goes back to where it was opened. */
function useReturn(open: boolean): { button: { current: HTMLButtonElement | null } } {
  const button = useRef<HTMLButtonElement>(null);
  const was = useRef(open);
  useEffect(() => {
    if (was.current && !open && (document.activeElement === document.body || document.activeElement === null)) {
      button.current?.focus();
    }
    was.current = open;
  }, [open]);
  return { button };
}

function EditButton({
  field,
  begin,
  button,
}: {
  field: Field;
  begin: () => void;
  button: { current: HTMLButtonElement | null };
}): JSX.Element {
  return (
    <button
      type="button"
      class="button tiny edit-here"
      ref={button}
      aria-label={s.editField(field.label)}
      title={s.editField(field.label)}
      onClick={begin}
    >
      <Icon name="edit" />
    </button>
  );
}

function Faults({ editing, id }: { editing: Editing; id: string }): JSX.Element | null {
  if (editing.fault === "") return null;
  return (
    <p class="fault-text" id={id} role="alert">
      {editing.fault}
    </p>
  );
}

function Clash({ field, editing }: { field: Field; editing: Editing }): JSX.Element {
  return (
    <Conflict
      field={field}
      clash={editing.clash!}
      mine={editing.mine}
      keep={editing.keep}
      take={editing.take}
      edit={editing.edit}
    />
  );
}

/** What stands under an open editor. */
function Foot({ editing, save, keys = false }: { editing: Editing; save: () => void; keys?: boolean }): JSX.Element {
  return (
    <>
      {editing.overtaken && <p class="note">{s.overtaken}</p>}
      <p class="line">
        <button
          type="button"
          class="button primary small"
          aria-disabled={editing.saving}
          // What the field says when it is left would move the button from under the mouse.
          onMouseDown={(event) => event.preventDefault()}
          onClick={save}
        >
          {editing.saving ? s.saving : s.save}
        </button>
        <button type="button" class="button quiet small" onClick={editing.cancel}>
          {shared.cancel}
        </button>
        {keys && <span class="hint keys-hint">{s.editor.keys}</span>}
      </p>
    </>
  );
}

/** Beside its label, in the column of facts. */
export function FactField({ name, children, tall = false }: FieldViewProps & { tall?: boolean }): JSX.Element {
  const { task } = useContext(OnRecord);
  const { field, editing, editable } = useField(name);
  const { button } = useReturn(editing.open);
  const value = fieldValue(task, field);
  const [reason, setReason] = useState("");
  const fault = useId();
  const nothing = value === null || (Array.isArray(value) && value.length === 0);
  const editor = useRef<HTMLDivElement>(null);
  const why = useRef<HTMLInputElement>(null);
  // A due date that was promised does not move in silence.
  const moves = name === "dueDate" && value !== null && !sameValue(value, editing.text);
  const save = (next?: unknown): void => {
    if (editor.current?.querySelector<HTMLInputElement>(".date-field input")?.checkValidity() === false) return;
    const moving = name === "dueDate" && value !== null && !sameValue(value, editing.draft.held()?.text);
    if (moving && task.overdue && reason.trim() === "") {
      why.current?.focus();
      return;
    }
    const more = moves && reason.trim() !== "" ? { dueReason: reason } : {};
    void editing.save(next, more).then(() => setReason(""));
  };
  return (
    <div class={tall || editing.open ? "fact tall" : "fact"} data-field={name}>
      <dt>{field.label}</dt>
      <dd
        class={editable && !editing.open ? "editable" : undefined}
        onClick={(event) => opens(event) && editing.begin()}
      >
        {editing.clash ? (
          <Clash field={field} editing={editing} />
        ) : editing.open ? (
          <div class="stack" ref={editor}>
            <DraftNote draft={editing.draft} discard={editing.cancel} />
            <FieldInput
              field={field}
              value={editing.text}
              change={editing.change}
              pick={(next) => save(next)}
              submit={() => save()}
              cancel={editing.cancel}
              invalid={editing.fault !== ""}
              describedBy={editing.fault === "" ? undefined : fault}
              workspace={task.workspace}
            />
            {moves && (
              <label class="field">
                <span>{task.overdue ? s.dueReason : s.dueReasonOptional}</span>
                <input
                  ref={why}
                  value={reason}
                  maxLength={1000}
                  required={task.overdue}
                  onInput={(event) => setReason(event.currentTarget.value)}
                  onKeyDown={(event) => {
                    if (event.key === "Enter" && !event.isComposing) save();
                    if (event.key === "Escape") editing.cancel();
                  }}
                />
              </label>
            )}
            {field.help !== "" && <p class="hint">{field.help}</p>}
            <Faults editing={editing} id={fault} />
            {!picksAtOnce(field) && <Foot editing={editing} save={() => save()} />}
          </div>
        ) : (
          <>
            {children ?? (nothing ? <None /> : <Shown field={field} value={value} />)}
            {editable && <EditButton field={field} begin={editing.begin} button={button} />}
          </>
        )}
      </dd>
    </div>
  );
}

/** A text with a heading of its own, in the middle of the page. */
export function TextField({ name, empty }: { name: string; empty?: string }): JSX.Element | null {
  const { task } = useContext(OnRecord);
  const { field, editing, editable } = useField(name);
  const { button } = useReturn(editing.open);
  const value = fieldValue(task, field);
  const fault = useId();
  if (value === null && !editing.open) {
    // What is not there takes no room: it is offered in a line.
    if (editable) {
      return (
        <button
          type="button"
          class="button quiet small"
          data-field={name}
          ref={button}
          onClick={editing.begin}
        >
          <Icon name="plus" />
          {field.label}
        </button>
      );
    }
    if (empty === undefined) return null;
  }
  const save = (): void => void editing.save();
  return (
    <section class="card" data-field={name}>
      <div class="line between">
        <h2>{field.label}</h2>
        {editable && !editing.open && <EditButton field={field} begin={editing.begin} button={button} />}
      </div>
      {editing.clash ? (
        <Clash field={field} editing={editing} />
      ) : editing.open ? (
        <div class="stack">
          <DraftNote
            draft={editing.draft}
            discard={() => {
              editing.draft.forget();
              editing.cancel();
            }}
          />
          <TextEditor
            label={field.label}
            value={editing.text}
            change={editing.change}
            submit={save}
            cancel={editing.cancel}
            workspace={task.workspace}
            focused
            invalid={editing.fault !== ""}
            describedBy={editing.fault === "" ? undefined : fault}
            files={(files) => upload(task.key, files)}
          />
          <Faults editing={editing} id={fault} />
          <Foot editing={editing} save={save} keys />
        </div>
      ) : (
        <div class={editable ? "editable" : undefined} onClick={(event) => opens(event) && editing.begin()}>
          {value === null ? <p class="hint">{empty}</p> : <Shown field={field} value={value} />}
        </div>
      )}
    </section>
  );
}
