// What is typed about a record while it is on the screen; what is changed in it has the dialogs of the inbox. A pane
// belongs to its record: whatever the others do meanwhile, it stays open, keeps its text, and saves to that record.
import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { newKey, type Account, type Task } from "../../api";
import { addNote, dropNote, noteAction, type SessionId } from "../../api/meetings";
import { DateField } from "../../components/date-field";
import { Entry } from "../../components/entry";
import { FormDialog } from "../../components/form-dialog";
import { PersonPicker } from "../../components/picker";
import { useDraft } from "../../drafts";
import { nameOf } from "../../people";
import { sayUndo } from "../../records";
import { useSaving, type Saving } from "../../saving";
import { s } from "../../strings/meetings";
import { memberName } from "../../strings/members";
import { s as record } from "../../strings/record";
import { toast } from "../../toast";
import type { Asking, AskProps } from "../inbox/dialogs";
import * as handle from "../inbox/handle";
import { Foot } from "../record/foot";
import { addPart } from "../record/part";
import type { Followed } from "./follow";
import { awaitsOf, parkedNote } from "./words";

export const paneKinds = ["done", "date", "assign", "status", "note", "park", "action"] as const;
export type PaneKind = (typeof paneKinds)[number];

export interface Editing {
  kind: PaneKind | Asking;
  key: string;
}

interface PaneProps {
  task: Task;
  path: SessionId;
  account: Account;
  act: Followed["act"];
  /** It is saved, or given up. */
  close: () => void;
}

interface FrameProps {
  saving: Saving;
  close: () => void;
  save: string;
  submit: () => void;
  hint?: string;
  children: ComponentChildren;
}

function Frame({ saving, close, save, submit, hint, children }: FrameProps): JSX.Element {
  const form = useRef<HTMLFormElement>(null);
  useLayoutEffect(() => {
    form.current?.querySelector<HTMLElement>("[data-first], textarea, input, button")?.focus();
    form.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const latest = useRef(submit);
  latest.current = submit;
  return (
    <form
      ref={form}
      class="stack pane"
      onSubmit={(event) => {
        event.preventDefault();
        latest.current();
      }}
      onKeyDown={(event) => {
        // No letter is a key of the page here, wherever the focus is.
        if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) event.stopPropagation();
        if (event.key === "Escape" && !event.defaultPrevented) {
          event.preventDefault();
          close();
        }
        const target = event.target as HTMLElement;
        const saves = target.tagName === "TEXTAREA" ? !event.shiftKey : target.closest(".date-field input[type=text]");
        if (event.key === "Enter" && saves && !event.isComposing) {
          event.preventDefault();
          // A date that was typed is taken first; what is not a date says so.
          setTimeout(() => form.current?.reportValidity() && latest.current());
        }
      }}
    >
      {children}
      <Foot saving={saving} name={save} cancel={close}>
        {hint !== undefined && <span class="hint">{hint}</span>}
      </Foot>
    </form>
  );
}

/** Closing is proposed: who did that can take it back, the others confirm it or send it back. */
export function DecideDialog({ task, mine, act, then, close }: AskProps & { mine: boolean }): JSX.Element {
  return (
    <FormDialog
      heading={awaitsOf(task)}
      button={mine ? record.actions.withdraw : record.actions.accept}
      send={() => act(true, () => (mine ? handle.withdraw(task) : handle.accept(task)))}
      close={close}
    >
      {task.result && <p class="clamp">{task.result}</p>}
      {!mine && (
        <button type="button" class="button" onClick={() => then("sendBack")}>
          {record.closing.returnIt}
        </button>
      )}
    </FormDialog>
  );
}

interface NotePaneProps extends Pick<PaneProps, "path" | "act" | "close"> {
  /** The key of a record, or null: about nothing in particular. */
  about: string | null;
  parked?: boolean;
}

export function NotePane({ about, path, act, close, parked = false }: NotePaneProps): JSX.Element {
  const note = useDraft(about ?? path.session, parked ? "meeting.park" : "meeting.note");
  const saving = useSaving();
  const submit = async (): Promise<void> => {
    const text = note.text.trim() || (parked ? parkedNote : "");
    if (text === "") return;
    const session = await act(() => addNote(path, { text, key: about, parked }));
    if (session === null) return;
    note.discard();
    const added = session.minutes.notes.filter((one) => one.text === text && one.key === about).at(-1);
    sayUndo(parked ? s.parked : s.noted, added && (async () => void (await dropNote(path, added.id))));
    close();
  };
  return (
    <Frame
      saving={saving}
      close={close}
      save={parked ? s.do.park : s.do.note}
      submit={() => void saving.save(submit)}
      hint={parked ? s.pane.parkHint : s.pane.lines}
    >
      <Entry
        label={parked ? s.pane.parkText : s.do.note}
        rows={2}
        maxLength={2000}
        value={note.text}
        change={note.change}
      />
    </Frame>
  );
}

function ActionPane({ task, path, account, act, close }: PaneProps): JSX.Element {
  const title = useDraft(task.key, "meeting.action");
  const [assignee, setAssignee] = useState(task.assignee);
  const [dueDate, setDueDate] = useState<string | null>(null);
  // What was changed since is another action.
  const once = useMemo(newKey, [title.text, assignee, dueDate]);
  const saving = useSaving();
  const submit = async (): Promise<void> => {
    const text = title.text.trim();
    if (text === "") return;
    const { priority, category, subCategory } = task;
    const report = { title: text, description: text, assignee, reporter: account.email, category, subCategory };
    const whole = { ...report, priority: priority ?? "Medium", ...(dueDate && { dueDate }) };
    // Where its form asks for more, the full form notes it.
    const key = await addPart(task, whole, once, { session: `${path.id}/${path.session}` });
    title.discard();
    if (key === null) return;
    toast(record.tasks.made(key));
    // So that everybody sees it here, and the minutes have it.
    await act(() => noteAction(path, task.key, key, text));
    close();
  };
  return (
    <Frame saving={saving} close={close} save={record.tasks.create} submit={() => void saving.save(submit)}>
      <Entry label={record.tasks.title} rows={1} required value={title.text} change={title.change} />
      <div class="field-row">
        <div class="field">
          <span class="field-name">{memberName("assignee")}</span>
          <PersonPicker
            label={memberName("assignee")}
            look="button"
            button={nameOf(assignee)}
            workspace={task.workspace}
            chosen={assignee}
            choose={setAssignee}
          />
        </div>
        <DateField label={memberName("dueDate")} value={dueDate} change={setDueDate} />
      </div>
    </Frame>
  );
}

export function Pane({ kind, ...props }: PaneProps & { kind: Editing["kind"] }): JSX.Element {
  if (kind === "action") return <ActionPane {...props} />;
  return <NotePane {...props} about={props.task.key} parked={kind === "park"} />;
}
