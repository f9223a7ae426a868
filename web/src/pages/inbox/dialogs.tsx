// What an action asks for before it is done. A dialog stays open until the server has taken it, so what
// was typed is not lost.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Problem, statuses, type Status, type Task } from "../../api";
import { listRelated, readForm, type FormDocument } from "../../api/record";
import { Choices, grouped, type Choice } from "../../components/choices";
import { DateField } from "../../components/date-field";
import { Dialog } from "../../components/dialog";
import { PersonChoices } from "../../components/picker";
import { addDays, todayIn } from "../../dates";
import { useDraft } from "../../drafts";
import { formatNear } from "../../format";
import { labelText } from "../../labels";
import { useSearch } from "../../search";
import { s } from "../../strings/inbox";
import { memberName } from "../../strings/members";
import { s as shared, statusName } from "../../strings/shared";
import { problemWords, type Deed } from "./handle";

export interface AskProps {
  task: Task;
  close: () => void;
  /** Does it; what is thrown is shown in the dialog. */
  act: (work: () => Promise<Deed>) => Promise<void>;
}

/** Sends once at a time, and says what went wrong. */
function useSending({ task, act, close }: AskProps): {
  send: (work: () => Promise<Deed>) => void;
  busy: boolean;
  fault: string;
  setFault: (fault: string) => void;
  error: unknown;
} {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [fault, setFault] = useState("");
  const send = (work: () => Promise<Deed>): void => {
    if (busy) return;
    setBusy(true);
    setFault("");
    act(work).then(close, (failed: unknown) => {
      setBusy(false);
      setError(failed);
      setFault(problemWords(failed, task.key));
    });
  };
  return { send, busy, fault, setFault, error };
}

interface AskDialogProps {
  heading: string;
  task: Task;
  close: () => void;
  fault?: string;
  /** Something is only to be chosen: where fingers choose, no keyboard comes up. */
  choosing?: boolean;
  children: ComponentChildren;
}

function AskDialog({ heading, task, close, fault = "", choosing = false, children }: AskDialogProps): JSX.Element {
  const inside = useRef<HTMLDivElement>(null);
  // Before a key can come: it is for the field.
  useLayoutEffect(() => {
    if (choosing && matchMedia("(pointer: coarse)").matches) return;
    inside.current?.querySelector<HTMLElement>("[data-first], textarea, input, select")?.focus();
  }, []);
  return (
    <Dialog heading={heading} close={close}>
      <p class="hint" dir="auto">
        {s.forRecord(task.key, task.title)}
      </p>
      <div class="stack" ref={inside}>
        {children}
      </div>
      {fault !== "" && (
        <p class="fault-text" role="alert">
          {fault}
        </p>
      )}
    </Dialog>
  );
}

function Buttons({ busy, name, close }: { busy: boolean; name: string; close: () => void }): JSX.Element {
  return (
    <p class="line">
      <button type="submit" class="button primary" aria-disabled={busy}>
        {name}
      </button>
      <button type="button" class="button quiet" onClick={close}>
        {shared.cancel}
      </button>
    </p>
  );
}

interface TextFieldProps {
  label: string;
  text: string;
  change: (text: string) => void;
  submit: () => void;
}

/** Several lines; Ctrl Enter sends. */
function TextField({ label, text, change, submit }: TextFieldProps): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        rows={3}
        value={text}
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          submit();
        }}
      />
    </div>
  );
}

interface ReasonProps extends AskProps {
  heading: string;
  label: string;
  text?: string;
  /** It may not be left out. */
  needed?: boolean;
  button: string;
  /** Of the draft. */
  field: string;
  work: (reason: string) => Promise<Deed>;
}

/** One text: why a record is not an incident, or what is missing. */
export function ReasonDialog(props: ReasonProps): JSX.Element {
  const { heading, label, text, needed = false, button, field, work, task, close } = props;
  const draft = useDraft(task.key, field);
  const { send, busy, fault, setFault } = useSending(props);
  const submit = (): void => {
    if (needed && draft.text.trim() === "") return setFault(s.needed(label));
    send(async () => {
      const deed = await work(draft.text.trim());
      draft.discard();
      return deed;
    });
  };
  return (
    <AskDialog heading={heading} task={task} close={close} fault={fault}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextField label={label} text={draft.text} change={draft.change} submit={submit} />
        {text !== undefined && <p class="hint">{text}</p>}
        <Buttons busy={busy} name={button} close={close} />
      </form>
    </AskDialog>
  );
}

function choiceOf(task: Pick<Task, "key" | "title" | "status" | "todoType">): Choice {
  return {
    id: task.key,
    name: <bdi>{task.title}</bdi>,
    hint: `${task.key} · ${statusName(task.status)}`,
    icon: task.todoType === "TASK" ? "task" : "incident",
  };
}

export function DuplicateDialog(props: AskProps & { work: (other: string) => Promise<Deed> }): JSX.Element {
  const { task, close, work } = props;
  const { send, fault } = useSending(props);
  const [text, setText] = useState("");
  const [related, setRelated] = useState<Choice[]>([]);
  const { found, searching } = useSearch(text);

  useEffect(() => {
    listRelated(task.key).then(
      ({ items }) => setRelated(items.map(({ record: one }) => choiceOf(one))),
      () => {}, // there is the search
    );
  }, []);

  const short = text.trim().length < 2;
  const others = found.filter(({ key }) => key !== task.key).map(choiceOf);
  const choices = short ? grouped(s.duplicateRelated, related) : grouped(s.duplicateFound, others);
  const note = short ? s.duplicateNone : searching ? s.duplicateSearching : shared.nothingFound;
  return (
    <AskDialog heading={s.duplicateHeading} task={task} close={close} fault={fault}>
      <Choices
        label={s.duplicateHeading}
        placeholder={s.duplicateSearch}
        text={text}
        type={setText}
        choices={choices}
        choose={({ id }) => send(() => work(id))}
        note={note}
      />
      <p class="hint">{s.duplicateText}</p>
    </AskDialog>
  );
}

interface DayFieldProps {
  label: string;
  value: string | null;
  change: (day: string | null) => void;
  /** The day was typed and ended with Enter. */
  enter: (day: string | null) => void;
}

function DayField({ label, value, change, enter }: DayFieldProps): JSX.Element {
  const entering = useRef(false);
  return (
    <div onKeyDownCapture={(event) => (entering.current = event.key === "Enter")}>
      <DateField
        label={label}
        value={value}
        change={(day) => {
          change(day);
          if (entering.current) enter(day);
          entering.current = false;
        }}
      />
    </div>
  );
}

interface DateProps extends AskProps {
  work: (day: string | null, reason: string) => Promise<Deed>;
}

export function DateDialog(props: DateProps): JSX.Element {
  const { task, close, work } = props;
  const { send, busy, fault, setFault } = useSending(props);
  const [day, setDay] = useState(task.dueDate);
  const draft = useDraft(task.key, "dueReason");
  const reason = useRef<HTMLInputElement>(null);
  const id = useId();
  const submit = (chosen: string | null): void => {
    if (chosen === task.dueDate) return;
    if (task.overdue && draft.text.trim() === "") {
      reason.current?.focus();
      return setFault(s.dateReasonNeeded);
    }
    send(async () => {
      const deed = await work(chosen, task.overdue ? draft.text : "");
      draft.discard();
      return deed;
    });
  };
  return (
    <AskDialog heading={s.dateHeading} task={task} close={close} fault={fault}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          submit(day);
        }}
      >
        <DayField
          label={shared.date}
          value={day}
          change={setDay}
          enter={(chosen) => (task.overdue ? reason.current?.focus() : submit(chosen))}
        />
        {task.overdue && (
          <div class="field">
            <label for={id}>{s.dateReason}</label>
            <input
              id={id}
              ref={reason}
              value={draft.text}
              autocomplete="off"
              onInput={(event) => draft.change(event.currentTarget.value)}
            />
          </div>
        )}
        <Buttons busy={busy} name={s.setDate} close={close} />
      </form>
    </AskDialog>
  );
}

export function AssignDialog(props: AskProps & { work: (email: string) => Promise<Deed> }): JSX.Element {
  const { task, close, work } = props;
  const { send, fault } = useSending(props);
  return (
    <AskDialog heading={s.assignHeading} task={task} close={close} fault={fault} choosing>
      <PersonChoices
        label={s.assignHeading}
        placeholder={s.narrow}
        workspace={task.workspace}
        chosen={task.assignee}
        choose={(email) => (email === task.assignee ? close() : send(() => work(email)))}
      />
    </AskDialog>
  );
}

interface StatusProps {
  task: Task;
  close: () => void;
  choose: (status: Status) => void;
}

export function StatusDialog({ task, close, choose }: StatusProps): JSX.Element {
  const [text, setText] = useState("");
  const choices: Choice[] = [...statuses]
    .sort((a, b) => Number(b === "Done") - Number(a === "Done"))
    .map((status) => ({
      id: status,
      name: status === "Done" ? s.finish : statusName(status),
      icon: ({ "To do": "todo", "In Progress": "progress", Done: "done", Expired: "expired" } as const)[status],
      ...(status === task.status && { hint: s.now }),
    }));
  return (
    <AskDialog heading={s.statusHeading} task={task} close={close} choosing>
      <Choices
        label={s.statusHeading}
        placeholder={s.narrow}
        text={text}
        type={setText}
        choices={choices.filter(({ name }) => String(name).toLowerCase().includes(text.trim().toLowerCase()))}
        choose={({ id }) => choose(id as Status)}
      />
    </AskDialog>
  );
}

/** A member that the form wants before a record may be closed. */
interface Needed {
  name: string;
  label: string;
  options: string[];
  list: boolean;
}

const lists = ["category", "subCategory", "orderID", "tags"];
const ofIncidents = ["financialImpact", "impact", "likelihood"];
const levels = ["High", "Medium", "Low"];

function isEmpty(task: Task, name: string): boolean {
  const value = name in task ? task[name as keyof Task] : task.extra[name];
  return value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

function neededBy(form: FormDocument | null, task: Task, asked: readonly string[]): Needed[] {
  return [...new Set([...(form?.needToClose ?? []), ...asked])]
    .filter((name) => name !== "result" && isEmpty(task, name))
    .filter((name) => task.todoType === "INCIDENT" || !ofIncidents.includes(name))
    .map((name) => {
      const own = form?.fields?.find((field) => field.name.toLowerCase() === name.toLowerCase());
      const options = own?.options?.map((option) => (typeof option === "string" ? option : option.value));
      return {
        name,
        label: labelText(own?.label) ?? memberName(name),
        options: options ?? (["priority", "impact", "likelihood"].includes(name) ? levels : []),
        list: lists.includes(name) || own?.type === "choices",
      };
    });
}

interface FinishProps extends AskProps {
  work: (changes: Record<string, unknown>) => Promise<Deed>;
}

export function FinishDialog(props: FinishProps): JSX.Element {
  const { task, close, work } = props;
  const { send, busy, fault, setFault, error } = useSending(props);
  const draft = useDraft(task.key, "result", task.result ?? "");
  const [form, setForm] = useState<FormDocument | null>(null);
  const [values, setValues] = useState<Record<string, string>>({});
  const id = useId();
  useEffect(() => void readForm(task.workspace, task.form).then(setForm, () => {}), []);

  const asked = error instanceof Problem ? error.faults.map(({ pointer }) => pointer.slice(1).split("/")[0]!) : [];
  const needed = neededBy(form, task, asked);
  const resultNeeded = [...(form?.needToClose ?? []), ...asked].includes("result");
  const submit = (): void => {
    if (resultNeeded && draft.text.trim() === "") return setFault(s.needed(s.result));
    const empty = needed.find(({ name }) => (values[name] ?? "").trim() === "");
    if (empty) return setFault(s.needed(empty.label));
    const changes: Record<string, unknown> = {};
    if (draft.text.trim() !== (task.result ?? "")) changes.result = draft.text.trim() || null;
    for (const { name, list } of needed) {
      const typed = (values[name] ?? "").trim();
      changes[name] = list ? typed.split(",").map((one) => one.trim()).filter(Boolean) : typed;
    }
    send(async () => {
      const deed = await work(changes);
      draft.discard();
      return deed;
    });
  };
  return (
    <AskDialog heading={s.finishHeading} task={task} close={close} fault={fault}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextField label={s.result} text={draft.text} change={draft.change} submit={submit} />
        {needed.map(({ name, label, options, list }) => {
          const put = (text: string): void => setValues((now) => ({ ...now, [name]: text }));
          return (
            <div class="field" key={name}>
              <label for={`${id}-${name}`}>{label}</label>
              {options.length > 0 && !list ? (
                <select
                  id={`${id}-${name}`}
                  value={values[name] ?? ""}
                  onChange={(event) => put(event.currentTarget.value)}
                >
                  <option value="" />
                  {options.map((option) => (
                    <option key={option} value={option}>
                      {levels.includes(option) ? (shared.levels as Record<string, string>)[option] : option}
                    </option>
                  ))}
                </select>
              ) : (
                <input
                  id={`${id}-${name}`}
                  value={values[name] ?? ""}
                  autocomplete="off"
                  onInput={(event) => put(event.currentTarget.value)}
                />
              )}
              {list && <p class="hint">{s.lists}</p>}
            </div>
          );
        })}
        <Buttons busy={busy} name={s.finishIt} close={close} />
      </form>
    </AskDialog>
  );
}

const hour = 3_600_000;
const morning = 8;

/** That day at eight in the morning, here. */
function morningOf(day: string): Date {
  const [year = 0, month = 1, of = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, of, morning);
}

function presets(now: Date): [name: string, until: Date][] {
  const today = todayIn();
  const later = new Date(Math.ceil((now.getTime() + 3 * hour) / hour) * hour);
  const toMonday = (8 - new Date(today).getUTCDay()) % 7 || 7;
  const all: [string, Date][] = [
    [s.laterToday, later],
    [s.tomorrow, morningOf(addDays(today, 1))],
    [s.monday, morningOf(addDays(today, toMonday))],
    [s.week, morningOf(addDays(today, 7))],
  ];
  // In the evening there is no later today; on a Sunday Monday is tomorrow, and on a Monday in a week.
  return all.filter(
    ([name, until]) =>
      (name !== s.laterToday || until.getDate() === now.getDate()) &&
      (name !== s.monday || (toMonday > 1 && toMonday < 7)),
  );
}

interface SnoozeProps extends AskProps {
  /** It is put off already: it can come back. */
  snoozed: boolean;
  work: (until: string) => Promise<Deed>;
  actWake: AskProps["act"];
  wake: () => Promise<Deed>;
}

export function SnoozeDialog(props: SnoozeProps): JSX.Element {
  const { task, close, snoozed, work, actWake, wake } = props;
  const { send, busy, fault, setFault } = useSending(props);
  const waking = useSending({ task, close, act: actWake });
  const [text, setText] = useState("");
  const [picking, setPicking] = useState(false);
  const [day, setDay] = useState<string | null>(null);
  const [times] = useState(() => presets(new Date()));
  const pick = (chosen: string | null): void => {
    setDay(chosen);
    if (chosen === null || morningOf(chosen).getTime() <= Date.now()) return setFault(s.past);
    send(() => work(morningOf(chosen).toISOString()));
  };
  if (picking) {
    return (
      <AskDialog key="day" heading={s.snoozeHeading} task={task} close={close} fault={fault}>
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            pick(day);
          }}
        >
          <DayField label={s.snoozeDay} value={day} change={setDay} enter={pick} />
          <Buttons busy={busy} name={s.snoozeIt} close={close} />
        </form>
      </AskDialog>
    );
  }
  const choices: Choice[] = [
    ...(snoozed ? [{ id: "wake", name: s.wake, icon: "inbox" as const }] : []),
    ...times.map(([name, until]) => ({
      id: until.toISOString(),
      name,
      hint: formatNear(until.getTime()),
      icon: "clock" as const,
    })),
    { id: "pick", name: s.pick, icon: "calendar" as const },
  ];
  return (
    <AskDialog
      key="presets"
      heading={s.snoozeHeading}
      task={task}
      close={close}
      fault={fault || waking.fault}
      choosing
    >
      <Choices
        label={s.snoozeHeading}
        placeholder={s.narrow}
        text={text}
        type={setText}
        choices={choices.filter(({ name }) => String(name).toLowerCase().includes(text.trim().toLowerCase()))}
        choose={({ id }) => {
          if (id === "pick") setPicking(true);
          else if (id === "wake") waking.send(wake);
          else send(() => work(id));
        }}
      />
    </AskDialog>
  );
}
