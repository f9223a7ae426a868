// What an action asks for before it is done. A dialog stays open until the server has taken it, so what
// was typed is not lost.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { refused, statuses, type Status, type Task } from "../../api";
import { listRelated } from "../../api/record";
import { statusIcons } from "../../components/badge";
import { Choices, grouped, type Choice } from "../../components/choices";
import { DateField } from "../../components/date-field";
import { Dialog } from "../../components/dialog";
import { Entry } from "../../components/entry";
import { FormDialog } from "../../components/form-dialog";
import { ChoiceList, PersonChoices } from "../../components/picker";
import { addDays, todayIn } from "../../dates";
import { useDraft } from "../../drafts";
import { formatNear } from "../../format";
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

/** Why it is not an incident. */
function NoIncidentDialog(props: AskProps): JSX.Element {
  const { task, row, act } = props;
  const draft = useDraft(task.key, "noIncident");
  const since = useRef(task.version);
  const send = async (): Promise<void> => {
    const result = draft.text.trim();
    if (result === "") throw refused(record.closing.lacks(shared.reason));
    await act(true, () => handle.close(task, row, { result }, since));
    draft.discard();
  };
  return (
    <Filling heading={s.noIncidentHeading} of={props} button={s.closeIt} send={send}>
      <Entry label={shared.reason} rows={3} first value={draft.text} change={draft.change} hint={s.noIncidentText} />
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

function choiceOf(task: Pick<Task, "key" | "title" | "status" | "todoType">): Choice {
  return {
    id: task.key,
    name: <bdi>{task.title}</bdi>,
    hint: `${task.key} · ${statusName(task.status)}`,
    icon: task.todoType === "TASK" ? "task" : "incident",
  };
}

function DuplicateDialog(props: AskProps): JSX.Element {
  const { task, row } = props;
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
  return (
    <Choosing heading={s.duplicateHeading} of={props}>
      {(choose) => (
        <>
          <Choices
            label={s.duplicateHeading}
            placeholder={s.duplicateSearch}
            text={text}
            type={setText}
            choices={short ? grouped(s.duplicateRelated, related) : grouped(s.duplicateFound, others)}
            choose={({ id }) => choose(true, () => handle.closeAsDuplicate(task, row, id))}
            note={short ? s.duplicateSearch : searching ? shared.searching : shared.nothingFound}
          />
          <p class="hint">{s.duplicateText}</p>
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
      throw refused(s.dateReasonNeeded);
    }
    await act(false, () => handle.setDate(task, day, reason, since));
    draft.discard();
  };
  return (
    <Filling heading={s.dateHeading} of={props} button={s.actions.date} send={send}>
      <DateField label={shared.date} value={day} change={setDay} />
      {task.overdue && <Entry label={s.dateReason} field={why} value={draft.text} change={draft.change} />}
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
            if (email === task.assignee) return close();
            choose(!handle.isMention(row), () => handle.assign(task, email));
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
      name: status === "Done" ? s.finish : statusName(status),
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

function SnoozeDialog(props: AskProps): JSX.Element {
  const { row, snoozed, act } = props;
  const [picking, setPicking] = useState(false);
  const [day, setDay] = useState<string | null>(null);
  const [times] = useState(() => presets(new Date()));
  const putOff = (until: Date) => (): Promise<handle.Deed> => handle.putOff(row, until.toISOString());
  const send = async (): Promise<void> => {
    const until = morningOf(day ?? "");
    if (!(until.getTime() > Date.now())) throw refused(s.past);
    await act(!snoozed, putOff(until));
  };
  if (picking)
    return (
      <Filling heading={s.snoozeHeading} of={props} button={s.actions.snooze} send={send}>
        <DateField label={shared.date} value={day} change={setDay} />
      </Filling>
    );
  const choices: Choice[] = [
    ...(snoozed ? [{ id: "wake", name: s.wake, icon: "inbox" as const }] : []),
    ...times.map(([name, until], i) => ({
      id: String(i),
      name,
      hint: formatNear(until.getTime()),
      icon: "clock" as const,
    })),
    { id: "pick", name: s.pick, icon: "calendar" },
  ];
  return (
    <Choosing heading={s.snoozeHeading} of={props}>
      {(choose) => (
        <ChoiceList
          label={s.snoozeHeading}
          placeholder={s.narrow}
          choices={choices}
          choose={(id) => {
            if (id === "pick") setPicking(true);
            else if (id === "wake") choose(true, () => handle.wake(row));
            else choose(!snoozed, putOff(times[Number(id)]![1]));
          }}
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
