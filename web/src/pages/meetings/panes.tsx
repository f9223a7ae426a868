// What is typed about a record while it is on the screen. A pane belongs to its record: whatever the
// others do meanwhile, it stays open, keeps its text, and saves to that record.
import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { newKey, Problem, statuses, type Account, type Fault, type Task } from "../../api";
import { addAction, addNote, type SessionId } from "../../api/meetings";
import { acceptClosing, proposeClosing, returnClosing } from "../../api/record";
import { DateField } from "../../components/date-field";
import { failureWords } from "../../components/failure";
import { PersonChoices, PersonPicker } from "../../components/picker";
import { useDraft } from "../../drafts";
import { nameOf } from "../../people";
import { patchRecord, putRecord, type Changes } from "../../records";
import { s } from "../../strings/meetings";
import { memberName } from "../../strings/members";
import { s as shared, statusName } from "../../strings/shared";
import { toast } from "../../toast";
import type { Followed } from "./follow";

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

interface Sending {
  busy: boolean;
  error: string;
  faults: readonly Fault[];
  secondPerson: boolean;
  /** Sends, and closes the pane when that has worked. */
  send: (what: () => Promise<boolean | void>) => void;
}

function useSending(close: () => void): Sending {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<{ error: string; faults: readonly Fault[]; secondPerson: boolean } | null>(
    null,
  );
  const send = (what: () => Promise<boolean | void>): void => {
    if (busy) return;
    setBusy(true);
    what()
      .then(
        (stay) => {
          setProblem(null);
          if (stay !== false) close();
        },
        (error: unknown) =>
          setProblem({
            error: failureWords(error)[1],
            faults: error instanceof Problem ? error.faults : [],
            secondPerson: error instanceof Problem && error.code === "needs_second_person",
          }),
      )
      .finally(() => setBusy(false));
  };
  return { busy, error: problem?.error ?? "", faults: problem?.faults ?? [], secondPerson: false, ...problem, send };
}

interface FrameProps {
  sending: Sending;
  close: () => void;
  save?: string;
  submit: () => void;
  /** What the server said, where the pane has no better words. */
  hint?: string;
  children: ComponentChildren;
  more?: ComponentChildren;
}

function Frame({ sending, close, save, submit, hint, children, more }: FrameProps): JSX.Element {
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
          setTimeout(() => form.current?.checkValidity() && latest.current());
        }
      }}
    >
      {children}
      {sending.error !== "" && (
        <div class="fault-text" role="alert">
          <p>{sending.secondPerson ? s.pane.secondPerson : sending.error}</p>
          {sending.faults.map((fault) => (
            <p key={`${fault.pointer} ${fault.code}`}>{fault.detail}</p>
          ))}
        </div>
      )}
      <div class="line">
        {save !== undefined && (
          <button type="submit" class="button primary" aria-disabled={sending.busy}>
            {save}
          </button>
        )}
        {more}
        <button type="button" class="button quiet" onClick={close}>
          {shared.cancel}
        </button>
        {hint !== undefined && <span class="hint">{hint}</span>}
      </div>
    </form>
  );
}

function TextField({
  label,
  text,
  change,
  rows = 3,
  max,
}: {
  label: string;
  text: string;
  change: (text: string) => void;
  rows?: number;
  max?: number;
}): JSX.Element {
  return (
    <label class="field">
      <span class="field-name">{label}</span>
      <textarea
        rows={rows}
        maxLength={max}
        dir="auto"
        value={text}
        onInput={(event) => change(event.currentTarget.value)}
      />
    </label>
  );
}

/**
 * Changes the record, from the version that the pane was opened with if it took its time; a conflict leaves the pane
 * open, with both to be seen.
 */
async function change(task: Task, changes: Changes, did: string, since?: { current: number }): Promise<boolean> {
  const outcome = await patchRecord(task.key, changes, did, since?.current);
  if (outcome.state === "done") return true;
  const { by, current } = outcome.conflict;
  if (since) since.current = current.version;
  throw new Problem(409, "", s.pane.conflict(by === null ? shared.none : nameOf(by)), 0, []);
}

function DonePane({ task, close }: PaneProps): JSX.Element {
  const result = useDraft(task.key, "meeting.result", task.result ?? "");
  const since = useRef(task.version);
  const [more, setMore] = useState<Record<string, string>>({});
  const sending = useSending(close);
  // What the form needs, and this pane does not have yet.
  const named = sending.faults.map(({ pointer }) => pointer.split("/")[1] ?? "");
  const needed = [...new Set([...Object.keys(more), ...named])].filter(
    (member) => !["", "status", "result"].includes(member),
  );
  const changes = (): Changes => ({
    ...(result.text.trim() !== (task.result ?? "") && { result: result.text.trim() || null }),
    ...more,
  });
  if (task.awaits !== null) {
    const decide = (how: typeof acceptClosing, said: string) => (): void =>
      sending.send(async () => {
        putRecord(await how(task.key));
        toast(said);
      });
    return (
      <Frame
        sending={sending}
        close={close}
        save={s.pane.accept}
        submit={decide(acceptClosing, s.said.accepted)}
        more={
          <button type="button" class="button" onClick={decide(returnClosing, s.said.returned)}>
            {s.pane.giveBack}
          </button>
        }
      >
        <p>{s.awaits(nameOf(task.awaits.by ?? ""))}</p>
        {task.result && <p class="clamp">{task.result}</p>}
      </Frame>
    );
  }
  const submit = (): void =>
    sending.send(async () => {
      await change(task, { ...changes(), status: "Done" }, s.said.done, since);
      result.discard();
    });
  const propose = (): void =>
    sending.send(async () => {
      if (Object.keys(more).length > 0) await change(task, more, s.said.done, since);
      putRecord(await proposeClosing(task.key, { result: result.text.trim() }));
      result.discard();
      toast(s.said.proposed);
    });
  return (
    <Frame
      sending={sending}
      close={close}
      save={sending.secondPerson ? s.pane.propose : s.pane.saveDone}
      submit={sending.secondPerson ? propose : submit}
      hint={s.pane.lines}
    >
      <TextField label={s.pane.result} text={result.text} change={result.change} />
      {needed.map((member) => (
        <TextField
          key={member}
          rows={1}
          label={`${memberName(member)} (${s.pane.needed})`}
          text={more[member] ?? ""}
          change={(text) => setMore((now) => ({ ...now, [member]: text }))}
        />
      ))}
    </Frame>
  );
}

function DatePane({ task, close }: PaneProps): JSX.Element {
  const [day, setDay] = useState(task.dueDate);
  const since = useRef(task.version);
  const [missing, setMissing] = useState(false);
  const reason = useDraft(task.key, "meeting.reason");
  const form = useRef<HTMLDivElement>(null);
  const sending = useSending(close);
  const submit = (): void => {
    const why = reason.text.trim();
    if (task.overdue && why === "") {
      setMissing(true);
      form.current?.querySelector("textarea")?.focus();
      return;
    }
    if (day === task.dueDate) return;
    sending.send(async () => {
      await change(task, { dueDate: day, ...(why !== "" && { dueReason: why }) }, s.said.date, since);
      reason.discard();
    });
  };
  return (
    <Frame sending={sending} close={close} save={s.pane.save} submit={submit}>
      <div ref={form} class="field-row">
        <DateField label={s.pane.dueDate} value={day} change={setDay} />
        <TextField label={s.pane.reason} text={reason.text} change={reason.change} rows={2} max={1000} />
      </div>
      {missing && reason.text.trim() === "" && (
        <p class="fault-text" role="alert">
          {s.pane.reasonNeeded}
        </p>
      )}
    </Frame>
  );
}

function OwnerPane({ task, close }: PaneProps): JSX.Element {
  const sending = useSending(close);
  return (
    <Frame sending={sending} close={close} submit={() => {}}>
      <PersonChoices
        label={s.pane.owner}
        workspace={task.workspace}
        chosen={task.assignee}
        choose={(assignee) =>
          assignee === task.assignee ? close() : sending.send(() => change(task, { assignee }, s.said.owner))
        }
      />
    </Frame>
  );
}

function StatusPane({ task, close }: PaneProps): JSX.Element {
  const sending = useSending(close);
  return (
    <Frame sending={sending} close={close} submit={() => {}}>
      <fieldset class="line">
        <legend>{s.pane.status}</legend>
        {statuses.map((status, i) => (
          <button
            key={status}
            type="button"
            class="button"
            aria-pressed={status === task.status}
            {...(i === 0 && { "data-first": true })}
            onClick={() => sending.send(() => change(task, { status }, s.said.status))}
          >
            {statusName(status)}
          </button>
        ))}
      </fieldset>
    </Frame>
  );
}

/** About nothing in particular. */
export function GeneralNote(props: Pick<PaneProps, "path" | "act" | "close">): JSX.Element {
  return <NotePane {...props} about={null} parked={false} />;
}

function NotePane({
  about,
  path,
  act,
  close,
  parked,
}: Pick<PaneProps, "path" | "act" | "close"> & { about: string | null; parked: boolean }): JSX.Element {
  const note = useDraft(about ?? path.session, parked ? "meeting.park" : "meeting.note");
  const sending = useSending(close);
  const submit = (): void => {
    const text = note.text.trim() || (parked ? s.pane.parkText : "");
    if (text === "") return;
    sending.send(async () => {
      if (!(await act(() => addNote(path, { text, key: about, parked })))) return false;
      note.discard();
      toast(parked ? s.said.parked : s.said.noted);
      return true;
    });
  };
  return (
    <Frame
      sending={sending}
      close={close}
      save={parked ? s.pane.parkSave : s.pane.addNote}
      submit={submit}
      hint={parked ? s.pane.parkHint : s.pane.lines}
    >
      <TextField label={parked ? s.pane.park : s.pane.note} text={note.text} change={note.change} rows={2} max={2000} />
    </Frame>
  );
}

function ActionPane({ task, path, account, act, close }: PaneProps): JSX.Element {
  const title = useDraft(task.key, "meeting.action");
  const [assignee, setAssignee] = useState(task.assignee);
  const [dueDate, setDueDate] = useState<string | null>(null);
  // What was changed since is another action.
  const name = useMemo(newKey, [title.text, assignee, dueDate]);
  const sending = useSending(close);
  const submit = (): void => {
    const text = title.text.trim();
    if (text === "") return;
    sending.send(async () => {
      const key = await addAction(task, { title: text, assignee, dueDate }, account.email, name);
      title.discard();
      toast(s.said.action(key));
      // So that everybody sees it here, and the minutes have it.
      await act(() => addNote(path, { text: s.actionNote(key, text).slice(0, 2000), key: task.key }));
    });
  };
  return (
    <Frame sending={sending} close={close} save={s.pane.actionSave} submit={submit}>
      <TextField label={s.pane.action} text={title.text} change={title.change} rows={1} max={255} />
      <div class="field-row">
        <div class="field">
          <span class="field-name">{s.pane.actionOwner}</span>
          <PersonPicker
            label={s.pane.actionOwner}
            look="button"
            button={nameOf(assignee)}
            workspace={task.workspace}
            chosen={assignee}
            choose={setAssignee}
          />
        </div>
        <DateField label={s.pane.actionDue} value={dueDate} change={setDueDate} />
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
