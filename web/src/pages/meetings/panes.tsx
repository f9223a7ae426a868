// What is typed about a record while it is on the screen. A pane belongs to its record: whatever the
// others do meanwhile, it stays open, keeps its text, and saves to that record.
import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { newKey, Problem, refused, statuses, type Account, type Task } from "../../api";
import { addNote, type SessionId } from "../../api/meetings";
import { acceptClosing, proposeClosing, returnClosing, withdrawClosing } from "../../api/record";
import { DateField } from "../../components/date-field";
import { PersonChoices, PersonPicker } from "../../components/picker";
import { useDraft } from "../../drafts";
import { nameOf } from "../../people";
import { patchRecord, putRecord, recordOf, type Changes } from "../../records";
import { useSaving, type Saving } from "../../saving";
import { s } from "../../strings/meetings";
import { memberName } from "../../strings/members";
import { s as record } from "../../strings/record";
import { s as shared, statusName } from "../../strings/shared";
import { toast } from "../../toast";
import { Foot } from "../record/foot";
import { addPart } from "../record/part";
import type { Followed } from "./follow";
import { awaitsOf } from "./words";

export const paneKinds = ["done", "date", "owner", "status", "note", "park", "action"] as const;
export type PaneKind = (typeof paneKinds)[number];

export interface Editing {
  kind: PaneKind;
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
  /** What the button says; without it, a choice is all there is to do. */
  save?: string;
  submit: () => void;
  hint?: string;
  children: ComponentChildren;
  more?: ComponentChildren;
}

function Frame({ saving, close, save, submit, hint, children, more }: FrameProps): JSX.Element {
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
        {more}
        {hint !== undefined && <span class="hint">{hint}</span>}
      </Foot>
    </form>
  );
}

interface TextFieldProps {
  label: string;
  text: string;
  change: (text: string) => void;
  rows?: number;
  max?: number;
  required?: boolean;
}

function TextField({ label, text, change, rows = 2, max, required = false }: TextFieldProps): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        rows={rows}
        maxLength={max}
        required={required}
        dir="auto"
        value={text}
        onInput={(event) => change(event.currentTarget.value)}
      />
    </div>
  );
}

/**
 * Changes the record, from the version that the pane was opened with if it took its time; a conflict leaves the pane
 * open, with both to be seen.
 */
async function change(task: Task, changes: Changes, did: string, since?: { current: number }): Promise<void> {
  const outcome = await patchRecord(task.key, changes, did, since?.current);
  if (outcome.state === "done") return;
  const { by, current } = outcome.conflict;
  if (since) since.current = current.version;
  throw refused(s.pane.conflict(by === null ? record.somebody : nameOf(by)));
}

const changed = (member: string): string => record.changedField(memberName(member));

function DonePane({ task, account, close }: PaneProps): JSX.Element {
  const result = useDraft(task.key, "meeting.result", task.result ?? "");
  const since = useRef(task.version);
  const [more, setMore] = useState<Record<string, string>>({});
  const [second, setSecond] = useState(false);
  const saving = useSaving();
  if (task.awaits !== null) {
    const decide = (how: typeof acceptClosing, said: string) => (): void =>
      void saving.save(async () => {
        putRecord(await how(task.key));
        toast(said);
        close();
      });
    // Who proposed it can only take that back.
    const mine = task.awaits.by === account.email;
    const withdraw = decide(withdrawClosing, shared.undone);
    return (
      <Frame
        saving={saving}
        close={close}
        save={mine ? record.actions.withdraw : record.actions.accept}
        submit={mine ? withdraw : decide(acceptClosing, record.closing.closed)}
        more={
          !mine && (
            <button type="button" class="button" onClick={decide(returnClosing, record.closing.returned)}>
              {record.closing.returnIt}
            </button>
          )
        }
      >
        <p>{awaitsOf(task)}</p>
        {task.result && <p class="clamp">{task.result}</p>}
      </Frame>
    );
  }
  const submit = async (): Promise<void> => {
    const text = result.text.trim();
    const changes: Changes = { ...(text !== (task.result ?? "") && { result: text || null }), ...more };
    try {
      if (second) {
        if (Object.keys(changes).length > 0) await change(task, changes, record.closing.proposed, since);
        putRecord(await proposeClosing(task.key, {}, recordOf(task.key)?.version));
        toast(record.closing.proposed);
      } else {
        await change(task, { ...changes, status: "Done" }, s.do.done, since);
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      // What the form needs, and this pane does not have yet.
      const needed = error.faults.map(({ pointer }) => pointer.split("/")[1] ?? "");
      setMore((now) => ({
        ...Object.fromEntries(
          needed.filter((name) => !["", "status", "result"].includes(name)).map((name) => [name, ""]),
        ),
        ...now,
      }));
      if (error.code !== "needs_second_person") throw error;
      setSecond(true);
      throw refused(record.closing.second);
    }
    result.discard();
    close();
  };
  return (
    <Frame
      saving={saving}
      close={close}
      save={second ? record.closing.propose : s.do.done}
      submit={() => void saving.save(submit)}
      hint={s.pane.lines}
    >
      <TextField label={s.pane.result} text={result.text} change={result.change} rows={3} />
      {Object.entries(more).map(([member, text]) => (
        <TextField
          key={member}
          rows={1}
          label={`${memberName(member)} (${s.pane.needed})`}
          text={text}
          change={(typed) => setMore((now) => ({ ...now, [member]: typed }))}
        />
      ))}
    </Frame>
  );
}

function DatePane({ task, close }: PaneProps): JSX.Element {
  const [day, setDay] = useState(task.dueDate);
  const since = useRef(task.version);
  const reason = useDraft(task.key, "meeting.reason");
  const saving = useSaving();
  const submit = async (): Promise<void> => {
    const why = reason.text.trim();
    if (day === task.dueDate) return;
    await change(task, { dueDate: day, ...(why !== "" && { dueReason: why }) }, changed("dueDate"), since);
    reason.discard();
    close();
  };
  return (
    <Frame saving={saving} close={close} save={record.save} submit={() => void saving.save(submit)}>
      <div class="field-row">
        <DateField label={s.does.date} value={day} change={setDay} />
        <TextField
          label={record.dueReason(task.overdue)}
          text={reason.text}
          change={reason.change}
          max={1000}
          required={task.overdue}
        />
      </div>
    </Frame>
  );
}

/** What is chosen is all there is to do. */
function usePicking(task: Task, close: () => void): [Saving, (changes: Changes, member: keyof Task) => void] {
  const saving = useSaving();
  return [
    saving,
    (changes, member) =>
      void saving.save(async () => {
        if (changes[member] !== task[member]) await change(task, changes, changed(member));
        close();
      }),
  ];
}

function OwnerPane({ task, close }: PaneProps): JSX.Element {
  const [saving, pick] = usePicking(task, close);
  return (
    <Frame saving={saving} close={close} submit={() => {}}>
      <PersonChoices
        label={memberName("assignee")}
        workspace={task.workspace}
        chosen={task.assignee}
        choose={(assignee) => pick({ assignee }, "assignee")}
      />
    </Frame>
  );
}

function StatusPane({ task, close }: PaneProps): JSX.Element {
  const [saving, pick] = usePicking(task, close);
  return (
    <Frame saving={saving} close={close} submit={() => {}}>
      <fieldset class="line">
        <legend>{memberName("status")}</legend>
        {statuses.map((status, i) => (
          <button
            key={status}
            type="button"
            class="button"
            aria-pressed={status === task.status}
            {...(i === 0 && { "data-first": true })}
            onClick={() => pick({ status }, "status")}
          >
            {statusName(status)}
          </button>
        ))}
      </fieldset>
    </Frame>
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
    const text = note.text.trim() || (parked ? s.pane.parkText : "");
    if (text === "" || !(await act(() => addNote(path, { text, key: about, parked })))) return;
    note.discard();
    toast(parked ? s.parked : s.noted);
    close();
  };
  return (
    <Frame
      saving={saving}
      close={close}
      save={parked ? s.do.park : s.pane.addNote}
      submit={() => void saving.save(submit)}
      hint={parked ? s.pane.parkHint : s.pane.lines}
    >
      <TextField label={parked ? s.does.park : s.do.note} text={note.text} change={note.change} max={2000} />
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
    const key = await addPart(task, { ...report, priority: priority ?? "Medium", ...(dueDate && { dueDate }) }, once);
    title.discard();
    if (key === null) return;
    toast(record.tasks.made(key));
    // So that everybody sees it here, and the minutes have it.
    await act(() => addNote(path, { text: `${s.do.action} ${key}: ${text}`.slice(0, 2000), key: task.key }));
    close();
  };
  return (
    <Frame saving={saving} close={close} save={record.tasks.create} submit={() => void saving.save(submit)}>
      <TextField label={record.tasks.title} text={title.text} change={title.change} rows={1} />
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

export function Pane({ editing, ...props }: PaneProps & { editing: Editing }): JSX.Element {
  const key = `${editing.kind} ${editing.key}`;
  switch (editing.kind) {
    case "done":
      return <DonePane key={key} {...props} />;
    case "date":
      return <DatePane key={key} {...props} />;
    case "owner":
      return <OwnerPane key={key} {...props} />;
    case "status":
      return <StatusPane key={key} {...props} />;
    case "note":
    case "park":
      return <NotePane key={key} {...props} about={props.task.key} parked={editing.kind === "park"} />;
    case "action":
      return <ActionPane key={key} {...props} />;
  }
}
