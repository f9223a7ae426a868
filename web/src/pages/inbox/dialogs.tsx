// What an action asks for before it is done. A dialog stays open until the server has taken it, so what
// was typed is not lost.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem, refused, statuses, type Status, type Task } from "../../api";
import { findRecords } from "../../api/record";
import { statusIcons } from "../../components/badge";
import { Choices, grouped, matches, type Choice } from "../../components/choices";
import { DateField } from "../../components/date-field";
import { Dialog } from "../../components/dialog";
import { Entry } from "../../components/entry";
import { FormDialog } from "../../components/form-dialog";
import { ChoiceList, PersonChoices } from "../../components/picker";
import { addDays, parseDay, todayIn } from "../../dates";
import { useDraft, writeAll } from "../../drafts";
import { formatAgo, formatDay, formatNear } from "../../format";
import { useSaving } from "../../saving";
import { useSearch } from "../../search";
import { s } from "../../strings/inbox";
import { s as record } from "../../strings/record";
import { s as shared, statusName } from "../../strings/shared";
import { FinishDialog } from "../record/closing";
import * as handle from "./handle";
import type { Row } from "./list";

export interface AskProps {
  task: Task;
  row: Row;
  /** It is put off already: it can come back. */
  snoozed: boolean;
  close: () => void;
  /** Opens another dialog in the place of this one. */
  then: (asking: Asking) => void;
  /** Does it, and throws what went wrong; `goes`: the record leaves the list. */
  act: (goes: boolean, work: () => Promise<handle.Deed>) => Promise<void>;
  /** The same, at once. */
  now: (goes: boolean, work: () => Promise<handle.Deed>) => void;
}

const About = ({ task }: { task: Task }): JSX.Element => (
  <p class="hint" dir="auto">
    {task.key} {task.title}
  </p>
);

interface ChoosingProps {
  heading: string;
  of: AskProps;
  children: (choose: (goes: boolean, work: () => Promise<handle.Deed>) => void) => ComponentChildren;
}

/** What is chosen is done. */
function Choosing({ heading, of: { task, close, act }, children }: ChoosingProps): JSX.Element {
  const { save, faultBeside } = useSaving();
  const fault = faultBeside([]);
  return (
    <Dialog heading={heading} close={close}>
      <About task={task} />
      {children((goes, work) => void save(() => act(goes, work)).then((done) => done && close()))}
      {fault !== undefined && (
        <p class="fault-text" role="alert">
          {fault}
        </p>
      )}
    </Dialog>
  );
}

interface FillingProps {
  heading: string;
  of: AskProps;
  button: string;
  send: () => Promise<void>;
  children: ComponentChildren;
}

function Filling({ of: { task, close }, children, ...form }: FillingProps): JSX.Element {
  return (
    <FormDialog {...form} close={close}>
      <About task={task} />
      {children}
    </FormDialog>
  );
}

/** Closes it so. Where its form asks for more, that is asked for then, with the result filled in. */
function useClosing({ task, then }: AskProps): <T>(typed: object, work: () => Promise<T>) => Promise<T> {
  const draft = useDraft(task.key, "closing");
  return async (typed, work) => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Problem && error.faults.length > 0) {
        draft.change(JSON.stringify(typed));
        writeAll();
        then("finish");
      }
      throw error;
    }
  };
}

/** Why it is not an incident. */
function NoIncidentDialog(props: AskProps): JSX.Element {
  const { task, row, act } = props;
  const draft = useDraft(task.key, "noIncident");
  const closing = useClosing(props);
  const since = useRef(task.version);
  const why = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const send = async (): Promise<void> => {
    const result = draft.text.trim();
    if (result === "") {
      why.current?.focus();
      throw refused(record.closing.lacks(shared.reason));
    }
    await closing({ result }, () => act(true, () => handle.close(task, row, { result }, since)));
    draft.discard();
  };
  return (
    <Filling heading={s.noIncidentHeading} of={props} button={record.closing.close} send={send}>
      <Entry
        label={shared.reason}
        rows={3}
        first
        field={why}
        value={draft.text}
        change={draft.change}
        hint={s.noIncidentText}
      />
    </Filling>
  );
}

/** What is missing. */
function SendBackDialog(props: AskProps): JSX.Element {
  const { task, act } = props;
  const draft = useDraft(task.key, "sendBack");
  const send = async (): Promise<void> => {
    await act(true, () => handle.sendBack(task, draft.text.trim()));
    draft.discard();
  };
  return (
    <Filling heading={s.sendBackHeading} of={props} button={s.actions.sendBack} send={send}>
      <Entry label={s.sendBackNote} rows={3} first value={draft.text} change={draft.change} />
    </Filling>
  );
}

/** With all that tells it from others of the same title. */
function choiceOf({ key, title, status, orderID, LRN, createdAt, todoType }: Task): Choice {
  return {
    id: key,
    name: (
      <>
        <bdi>{title}</bdi>
        <br />
        <span class="hint" dir="auto">
          {[key, statusName(status), orderID, LRN, s.reported(formatAgo(createdAt))].filter(Boolean).join(" · ")}
        </span>
      </>
    ),
    icon: todoType === "TASK" ? "task" : "incident",
  };
}

function DuplicateDialog(props: AskProps): JSX.Element {
  const { task, row } = props;
  const closing = useClosing(props);
  const [text, setText] = useState("");
  const [related, setRelated] = useState<Task[]>([]);
  const { found, searching } = useSearch(text, 50);

  useEffect(() => {
    for (const name of ["orderID", "LRN"] as const)
      if (task[name]?.length)
        findRecords({ [name]: task[name], sort: "created", limit: 50 }).then(
          (items) => setRelated((last) => [...last, ...items].sort((a, b) => +b.open - +a.open)),
          () => {},
        );
  }, []);

  const short = text.trim().length < 2;
  const first = related.filter(({ key, title, orderID, LRN }) => matches([key, title, orderID, LRN].join(), text));
  const all = new Map([...first, ...found].map((one) => [one.key, one]));
  all.delete(task.key);
  const choices = [...all.values()].map(choiceOf);
  return (
    <Choosing heading={s.duplicateHeading} of={props}>
      {(choose) => (
        <>
          <Choices
            label={s.duplicateHeading}
            placeholder={s.duplicateSearch}
            text={text}
            type={setText}
            choices={first.length > 0 ? grouped(s.duplicateRelated, choices) : choices}
            choose={({ id }) =>
              choose(true, () =>
                closing(
                  { duplicateOf: id, result: [task.result, `Duplicate of ${id}`].filter(Boolean).join("\n\n") },
                  () => handle.close(task, row, { duplicateOf: id }, { current: task.version }),
                ),
              )
            }
            note={short ? "" : searching ? shared.searching : shared.nothingFound}
          />
          <p class="hint">{s.duplicateText(task.key)}</p>
        </>
      )}
    </Choosing>
  );
}

function DateDialog(props: AskProps): JSX.Element {
  const { task, act } = props;
  const [day, setDay] = useState(task.dueDate);
  const draft = useDraft(task.key, "dueReason");
  const why = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const since = useRef(task.version);
  const send = async (): Promise<void> => {
    if (day === task.dueDate) return;
    const reason = task.overdue ? draft.text.trim() : "";
    if (task.overdue && reason === "") {
      why.current?.focus();
      throw refused(record.closing.lacks(shared.reason));
    }
    await act(false, () => handle.setDate(task, day, reason, since));
    draft.discard();
  };
  return (
    <Filling heading={s.dateHeading} of={props} button={day === null ? s.noDate : s.actions.date} send={send}>
      <DateField label={shared.date} value={day} change={setDay} live />
      {task.overdue && <Entry label={record.dueReason(true)} field={why} value={draft.text} change={draft.change} />}
    </Filling>
  );
}

function AssignDialog(props: AskProps): JSX.Element {
  const { task, row, close } = props;
  return (
    <Choosing heading={s.assignHeading} of={props}>
      {(choose) => (
        <PersonChoices
          label={s.assignHeading}
          placeholder={s.narrow}
          workspace={task.workspace}
          chosen={task.assignee}
          choose={(email) => {
            // What a system reported to somebody is new until a person says that it is theirs.
            if (email === task.assignee && !handle.isFor(row, "new")) return close();
            choose(!handle.isFor(row, "mentioned"), () => handle.assign(task, email));
          }}
        />
      )}
    </Choosing>
  );
}

function StatusDialog(props: AskProps): JSX.Element {
  const { task, close, now, then } = props;
  const choices = [...statuses]
    .sort((a, b) => Number(b === "Done") - Number(a === "Done"))
    .map((status): Choice => ({
      id: status,
      name: status === "Done" ? s.actions.finish : statusName(status),
      icon: statusIcons[status],
      ...(status === task.status && { hint: s.now }),
    }));
  const choose = (status: string): void => {
    if (status === "Done") return then("finish");
    close();
    if (status !== task.status) now(false, () => handle.setStatus(task, status as Status));
  };
  return (
    <Choosing heading={s.statusHeading} of={props}>
      {() => <ChoiceList label={s.statusHeading} placeholder={s.narrow} choices={choices} choose={choose} />}
    </Choosing>
  );
}

const hour = 3_600_000;

/** That day at eight in the morning, here. */
const morningOf = (day: string): Date => new Date(`${day}T08:00`);

function presets(): [name: string, until: Date][] {
  const today = todayIn();
  const later = new Date(Math.ceil(Date.now() / hour + 3) * hour);
  const all: [string, Date][] = [
    [s.laterToday, later],
    [s.tomorrow, morningOf(addDays(today, 1))],
    [s.week, morningOf(addDays(today, 7))],
  ];
  // In the evening there is no later today.
  return later.getDate() === new Date().getDate() ? all : all.slice(1);
}

function SnoozeDialog(props: AskProps): JSX.Element {
  const { row, snoozed } = props;
  const [text, setText] = useState("");
  const [times] = useState(presets);
  const typed = parseDay(text, todayIn());
  const ahead = (until: Date): number => (until.getTime() - Date.now()) / (24 * hour);
  const offered = typed
    ? [[formatDay(typed), morningOf(typed)] as const].filter(([, until]) => ahead(until) > 0 && ahead(until) <= 366)
    : times.filter(([name]) => matches(name, text));
  const choices: Choice[] = offered.map(([name, until]) => ({
    id: until.toISOString(),
    name,
    hint: formatNear(until.getTime()),
    icon: "clock",
  }));
  if (snoozed && text === "") choices.unshift({ id: "", name: s.wake, icon: "inbox" });
  return (
    <Choosing heading={s.snoozeHeading} of={props}>
      {(choose) => (
        <Choices
          label={s.snoozeHeading}
          placeholder={shared.dateHint}
          text={text}
          type={setText}
          choices={choices}
          choose={({ id }) =>
            id === "" ? choose(true, () => handle.wake(row)) : choose(!snoozed, () => handle.putOff(row, id))
          }
          note={typed ? s.past : `${shared.dateUnknown(text)} ${shared.dateHint}`}
        />
      )}
    </Choosing>
  );
}

export const dialogs = {
  assign: AssignDialog,
  date: DateDialog,
  status: StatusDialog,
  finish: FinishDialog,
  duplicate: DuplicateDialog,
  noIncident: NoIncidentDialog,
  sendBack: SendBackDialog,
  snooze: SnoozeDialog,
} satisfies Record<string, (props: AskProps) => JSX.Element>;

export type Asking = keyof typeof dialogs;
