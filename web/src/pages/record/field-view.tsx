// A field of a record on its page: read first, changed in its place.
import type { ComponentChildren, JSX, RefObject } from "preact";
import { useContext, useEffect, useId, useRef, useState } from "preact/hooks";
import { DraftNote } from "../../components/draft-note";
import { Icon } from "../../components/icon";
import { None } from "../../components/none";
import { s } from "../../strings/record";
import { Conflict } from "./conflict";
import { OnRecord } from "./context";
import { useEditing, type Editing } from "./editing";
import { fieldValue, sameValue, type Field } from "./fields";
import { FieldInput, picksAtOnce } from "./field-input";
import { Fault, Foot } from "./foot";
import { Shown } from "./value";

/** A click on a value opens it, but not one on a link in it, nor one that ends a selection. */
function opens(event: MouseEvent): boolean {
  // What was clicked in the editor is gone by now, with the editor.
  if (!(event.target instanceof Element) || !event.target.isConnected) return false;
  if (event.target.closest("a, button, summary, input, textarea, select, pre")) return false;
  return event.button === 0 && !getSelection()?.toString();
}

interface FieldParts {
  field: Field;
  value: unknown;
  editable: boolean;
  begin: () => void;
  /** What opens it, and has the focus again when it is closed. */
  button: RefObject<HTMLButtonElement | null>;
  pencil: JSX.Element | false;
  /** In the place of the value while it is changed. */
  editor: JSX.Element | null;
  /** Of the value, which can be clicked to change it. */
  attributes: { class: string | undefined; onClick: (event: MouseEvent) => void };
}

function useField(name: string): FieldParts {
  const { task, fields, may } = useContext(OnRecord);
  const field = fields.get(name)!;
  const editing = useEditing(field);
  const { open, begin } = editing;
  const editable = may.write && !field.locked;
  const button = useRef<HTMLButtonElement>(null);
  const was = useRef(open);
  useEffect(() => {
    if (was.current && !open && (document.activeElement === document.body || document.activeElement === null)) {
      button.current?.focus();
    }
    was.current = open;
  }, [open]);
  const does = s.editField(field.label);
  return {
    field,
    value: fieldValue(task, field),
    editable,
    begin,
    button,
    pencil: editable && !open && (
      <button type="button" class="button tiny edit-here" ref={button} aria-label={does} title={does} onClick={begin}>
        <Icon name="edit" />
      </button>
    ),
    editor: open ? <Editor field={field} editing={editing} /> : null,
    attributes: {
      class: editable && !open ? "editable" : undefined,
      onClick: (event) => opens(event) && begin(),
    },
  };
}

function Editor({ field, editing }: { field: Field; editing: Editing }): JSX.Element {
  const { task } = useContext(OnRecord);
  const [reason, setReason] = useState("");
  const fault = useId();
  const editor = useRef<HTMLDivElement>(null);
  const why = useRef<HTMLInputElement>(null);
  const value = fieldValue(task, field);
  // A due date that was promised does not move in silence.
  const moves = (to: string | undefined): boolean =>
    field.name === "dueDate" && value !== null && !sameValue(value, to);
  const save = (next?: unknown): void => {
    if (editor.current?.querySelector<HTMLInputElement>(".date-field input")?.checkValidity() === false) return;
    const given = reason.trim() !== "";
    if (!given && task.overdue && moves(editing.draft.held()?.text)) return why.current?.focus();
    void editing.save(next, given && moves(editing.text) ? { dueReason: reason } : {});
  };
  if (editing.clash) return <Conflict field={field} editing={editing} />;
  const wrong = editing.saving.faultBeside([]) !== undefined;
  return (
    <div class="stack" ref={editor}>
      <DraftNote draft={editing.draft} discard={editing.discard} />
      <FieldInput
        task={task}
        field={field}
        value={editing.text}
        change={editing.change}
        pick={save}
        submit={() => save()}
        cancel={editing.cancel}
        invalid={wrong}
        describedBy={wrong ? fault : undefined}
      />
      {moves(editing.text) && (
        <label class="field">
          <span>{s.dueReason(task.overdue)}</span>
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
      {editing.overtaken && <p class="note">{s.overtaken}</p>}
      {picksAtOnce(field) ? (
        <Fault saving={editing.saving} id={fault} />
      ) : (
        <Foot saving={editing.saving} name={s.save} send={() => save()} cancel={editing.cancel} id={fault}>
          {field.kind === "long" && <span class="hint keys-hint">{s.editor.keys}</span>}
        </Foot>
      )}
    </div>
  );
}

interface FactFieldProps {
  name: string;
  /** How the value is shown, where that takes more than the value. */
  children?: ComponentChildren;
  tall?: boolean;
}

/** Beside its label, in the column of facts. */
export function FactField({ name, children, tall = false }: FactFieldProps): JSX.Element {
  const { field, value, pencil, editor, attributes } = useField(name);
  const nothing = value === null || (Array.isArray(value) && value.length === 0);
  return (
    <div class={tall || editor ? "fact tall" : "fact"} data-field={name}>
      <dt>{field.label}</dt>
      <dd {...attributes}>
        {editor ?? children ?? (nothing ? <None /> : <Shown field={field} value={value} />)}
        {pencil}
      </dd>
    </div>
  );
}

/** A text with a heading of its own, in the middle of the page. */
export function TextField({ name, empty }: { name: string; empty?: string }): JSX.Element | null {
  const { field, value, editable, begin, button, pencil, editor, attributes } = useField(name);
  if (value === null && !editor) {
    // What is not there takes no room: it is offered in a line.
    if (editable) {
      return (
        <button type="button" class="button quiet small" data-field={name} ref={button} onClick={begin}>
          <Icon name="plus" />
          {field.label}
        </button>
      );
    }
    if (empty === undefined) return null;
  }
  return (
    <section class="card" data-field={name}>
      <div class="line between">
        <h2>{field.label}</h2>
        {pencil}
      </div>
      {editor ?? (
        <div {...attributes}>
          {value === null ? <p class="hint">{empty}</p> : <Shown field={field} value={value} />}
        </div>
      )}
    </section>
  );
}

export function Title({ heading }: { heading: RefObject<HTMLHeadingElement | null> }): JSX.Element {
  const { task } = useContext(OnRecord);
  const { pencil, editor } = useField("title");
  return (
    <div class={editor ? "" : "title"} data-field="title">
      {editor ?? (
        <h1 ref={heading} tabIndex={-1} dir="auto">
          {task.title}
        </h1>
      )}
      {pencil}
    </div>
  );
}
