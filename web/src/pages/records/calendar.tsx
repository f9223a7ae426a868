// The calendar of due dates and reminders: a month, or its days one below the other. Both are calendar
// days without a zone, so every browser shows them on the same day.
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useActions, walk } from "../../actions";
import { call, callAll, type Account, type Task } from "../../api";
import { Entry } from "../../components/entry";
import { Failure } from "../../components/failure";
import { FormDialog } from "../../components/form-dialog";
import { Icon } from "../../components/icon";
import { Skeleton } from "../../components/skeleton";
import { addDays, todayIn } from "../../dates";
import { formatDay } from "../../format";
import { locale } from "../../language";
import { putPeople } from "../../people";
import { patchRecord, prefetchRecord, putRecords, recordOf, useRecords } from "../../records";
import { mayWrite } from "../../rights";
import { recordHref } from "../../router";
import { memberName } from "../../strings/members";
import { s } from "../../strings/records";
import { s as shared, statusName } from "../../strings/shared";
import { toast } from "../../toast";
import { refusal } from "./refusal";
import { useDrag } from "./drag";
import { useLatest } from "./latest";
import { rememberPlace, takePlace } from "./lists";
import { askAlso, type Query } from "./query";

const atMost = 1000;
/** A day of the month shows so many; the others unfold. */
const perDay = 4;

interface Entry {
  day: string;
  kind: "due" | "reminder";
  task: Task;
}

interface Loaded {
  tasks: Task[];
  whole: boolean;
}

async function load(filter: string, from: string, to: string): Promise<Loaded> {
  const ask = async (member: string): Promise<Loaded> => {
    const query = askAlso(new URLSearchParams(filter), `${member}:>=${from}`, `${member}:<=${to}`);
    query.set("limit", "200");
    query.set("sort", "dueDate");
    let more = false;
    const tasks = await callAll(async (cursor) => {
      if (cursor !== undefined) query.set("cursor", cursor);
      const page = await call("GET", "/tasks", { query });
      putPeople(page.people);
      more = page.next !== undefined;
      return page as { items: Task[]; next?: string };
    }, atMost);
    return { tasks, whole: !more };
  };
  const [due, reminders] = await Promise.all([ask("due"), ask("reminder")]);
  const all = new Map([...due.tasks, ...reminders.tasks].map((task) => [task.key, task]));
  putRecords([...all.values()]);
  return { tasks: [...all.values()], whole: due.whole && reminders.whole };
}

const weekday = new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" });
const dayName = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
const monthName = new Intl.DateTimeFormat(locale, { month: "long", year: "numeric", timeZone: "UTC" });
const time = (day: string): number => Date.parse(`${day}T00:00:00Z`);

function addMonths(month: string, by: number): string {
  const [year = 0, of = 1] = month.split("-").map(Number);
  return new Date(Date.UTC(year, of - 1 + by, 1)).toISOString().slice(0, 7);
}

/** The weeks that the month lies in, from Monday, or from Sunday where people do that. */
function daysOf(month: string): string[] {
  const first = `${month}-01`;
  const offset = (new Date(time(first)).getUTCDay() + (locale === "en-US" ? 0 : 6)) % 7;
  const start = addDays(first, -offset);
  const end = addDays(`${addMonths(month, 1)}-01`, -1);
  const weeks = Math.ceil(((time(end) - time(start)) / 86_400_000 + 1) / 7);
  return Array.from({ length: weeks * 7 }, (_, i) => addDays(start, i));
}

const narrow = matchMedia("(width < 46rem)");

interface CalendarProps {
  account: Account;
  query: Query;
  filter: string;
  change: (to: Partial<Query>) => void;
  news: number;
}

export function Calendar({ account, query, filter, change, news }: CalendarProps): JSX.Element {
  const today = todayIn();
  const month = query.at === "" ? today.slice(0, 7) : query.at;
  const [agenda, setAgenda] = useState(narrow.matches);
  const days = daysOf(month);
  const [loaded, error, retry] = useLatest(`${filter} ${month}`, news, () =>
    load(filter, days[0] ?? "", days.at(-1) ?? ""),
  );
  const [reason, setReason] = useState<{ task: Task; day: string } | null>(null);
  const [unfolded, setUnfolded] = useState("");
  const place = useRef<HTMLDivElement>(null);
  /** The entry that takes the focus once it is on its day. */
  const wanted = useRef({ key: "", day: "" });
  const name = `calendar ${month} ${filter}`;

  useRecords((loaded?.tasks ?? []).map(({ key }) => key));
  const entries: Entry[] = (loaded?.tasks ?? [])
    .map((task) => recordOf(task.key) ?? task)
    .flatMap((task) => [
      ...(task.dueDate ? [{ day: task.dueDate, kind: "due" as const, task }] : []),
      ...(task.reminderDate ? [{ day: task.reminderDate, kind: "reminder" as const, task }] : []),
    ])
    .sort(
      (a, b) =>
        a.day.localeCompare(b.day) || a.kind.localeCompare(b.kind) || Number(b.task.overdue) - Number(a.task.overdue),
    );
  const on = (day: string): Entry[] => entries.filter((entry) => entry.day === day);

  useLayoutEffect(() => {
    if (loaded === null) return;
    const back = takePlace(name);
    // Weeks that are over are not what one comes for.
    if (back === null) return place.current?.querySelector(".today")?.scrollIntoView({ block: "nearest" });
    scrollTo(0, back.top);
    wanted.current = { key: back.key, day: "" };
  }, [loaded !== null]);
  useLayoutEffect(() => {
    const { key, day } = wanted.current;
    const within = day === "" ? "" : `[data-due="${day}"]`;
    const link =
      key === "" ? null : place.current?.querySelector<HTMLElement>(`a[data-key="${CSS.escape(key)}"]${within}`);
    if (!link) return;
    wanted.current = { key: "", day: "" };
    link.focus();
  });

  const may = (task: Task): boolean => mayWrite(account, task.workspace);
  const send = async (task: Task, day: string, why?: string): Promise<void> => {
    wanted.current = { key: task.key, day };
    try {
      const outcome = await patchRecord(
        task.key,
        { dueDate: day, ...(why !== undefined && { dueReason: why }) },
        s.dueMoved(task.key, formatDay(day)),
      );
      if (outcome.state === "done") return;
      wanted.current = { key: task.key, day: "" };
      toast(s.dueMoved(task.key, formatDay(outcome.conflict.current.dueDate ?? "")));
    } catch (failure) {
      wanted.current = { key: task.key, day: "" };
      toast(refusal(task.key, failure));
    }
  };
  const move = (key: string, day: string): void => {
    const task = entries.find((entry) => entry.task.key === key)?.task;
    if (!task || !may(task) || task.dueDate === day) return;
    // The server keeps why a promise that is over was renewed.
    if (task.overdue) setReason({ task, day });
    else void send(task, day);
  };
  const dragged = useDrag(place, "[data-card]", "[data-day]", (card, cell) =>
    move(card.dataset["card"] ?? "", cell.dataset["day"] ?? ""),
  );
  const pressed = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    const link = document.activeElement;
    if (!event.shiftKey || by === undefined || !(link instanceof HTMLElement) || link.dataset["due"] === undefined)
      return;
    event.preventDefault();
    move(link.dataset["key"] ?? "", addDays(link.dataset["due"], by));
  };
  const step = (by: number): boolean => walk(place.current, "a[data-key]", by);
  useActions(s.layouts.calendar, [
    { does: s.keys.down, keys: ["j"], keyOnly: true, act: () => step(1) },
    { does: s.keys.up, keys: ["k"], keyOnly: true, act: () => step(-1) },
  ]);
  const opened = (key: string): void => {
    const days = [...entries].sort((a, b) => a.day.localeCompare(b.day));
    rememberPlace(name, { top: scrollY, key }, [...new Set(days.map(({ task }) => task.key))]);
  };
  const chip = (entry: Entry): JSX.Element => (
    <Chip
      key={`${entry.kind} ${entry.task.key}`}
      entry={entry}
      may={may(entry.task)}
      opened={opened}
      dragged={dragged}
    />
  );
  const goTo = (to: string): void => change({ at: to === today.slice(0, 7) ? "" : to });
  const inMonth = entries.filter(({ day }) => day.startsWith(month));

  return (
    <div class="stack" onKeyDown={pressed}>
      <div class="line calendar-head">
        <h2 aria-live="polite">{monthName.format(time(`${month}-01`))}</h2>
        <div class="line">
          <button
            type="button"
            class="button icon-only"
            aria-label={s.previous}
            title={s.previous}
            onClick={() => goTo(addMonths(month, -1))}
          >
            <Icon name="left" />
          </button>
          <button type="button" class="button" onClick={() => goTo(today.slice(0, 7))}>
            {s.today}
          </button>
          <button
            type="button"
            class="button icon-only"
            aria-label={s.next}
            title={s.next}
            onClick={() => goTo(addMonths(month, 1))}
          >
            <Icon name="right" />
          </button>
          <div class="segments" role="group" aria-label={s.layout}>
            <button type="button" aria-pressed={!agenda} onClick={() => setAgenda(false)}>
              {s.month}
            </button>
            <button type="button" aria-pressed={agenda} onClick={() => setAgenda(true)}>
              {s.agenda}
            </button>
          </div>
        </div>
        <p class="hint line">
          <span class="legend due">{memberName("dueDate")}</span>{" "}
          <span class="legend reminder">{memberName("reminderDate")}</span>
          {entries.some(({ task }) => may(task)) && <span class="wide-only"> {s.calendarHint}</span>}
        </p>
      </div>
      {error !== null && <Failure error={error} retry={retry} />}
      {loaded !== null && !loaded.whole && <p class="note">{s.calendarMany(atMost)}</p>}
      {loaded === null && error === null && <Skeleton />}
      <div ref={place}>
        {loaded !== null && agenda && (
          <div class="stack day-list">
            {inMonth.length === 0 && <p class="hint">{s.calendarEmpty}</p>}
            {[...new Set(inMonth.map(({ day }) => day))].map((day) => (
              <section key={day} data-day={day} class={day === today ? "today" : ""}>
                <h3>
                  <time dateTime={day}>{dayName.format(time(day))}</time>
                </h3>
                <ul>{on(day).map(chip)}</ul>
              </section>
            ))}
          </div>
        )}
        {loaded !== null && !agenda && (
          <table class="month" aria-label={monthName.format(time(`${month}-01`))}>
            <thead>
              <tr>
                {days.slice(0, 7).map((day) => (
                  <th key={day} scope="col">
                    {weekday.format(time(day))}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {Array.from({ length: days.length / 7 }, (_, week) => (
                <tr key={week}>
                  {days.slice(week * 7, week * 7 + 7).map((day) => {
                    const own = on(day);
                    const shown = unfolded === day ? own : own.slice(0, own.length > perDay ? perDay - 1 : perDay);
                    const look = [!day.startsWith(month) && "other", day === today && "today"]
                      .filter(Boolean)
                      .join(" ");
                    return (
                      <td key={day} data-day={day} class={look} aria-current={day === today ? "date" : undefined}>
                        <time dateTime={day} aria-label={dayName.format(time(day))}>
                          {Number(day.slice(8))}
                        </time>
                        {shown.length > 0 && <ul>{shown.map(chip)}</ul>}
                        {shown.length < own.length && (
                          <button type="button" class="button quiet day-more" onClick={() => setUnfolded(day)}>
                            {s.dayMore(own.length - shown.length)}
                          </button>
                        )}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      {reason && (
        <ReasonDialog
          close={() => setReason(null)}
          task={reason.task}
          day={reason.day}
          send={(why) => {
            setReason(null);
            void send(reason.task, reason.day, why);
          }}
        />
      )}
    </div>
  );
}

function Chip({
  entry,
  may,
  opened,
  dragged,
}: {
  entry: Entry;
  may: boolean;
  opened: (key: string) => void;
  dragged: string;
}): JSX.Element {
  const { task, kind } = entry;
  const late = kind === "due" && task.overdue;
  const look = ["date-chip", kind, late && "late", !task.open && "closed", dragged === task.key && "dragged"]
    .filter(Boolean)
    .join(" ");
  return (
    <li
      class={look}
      {...(may && kind === "due" && { "data-card": task.key })}
      onPointerEnter={() => prefetchRecord(task.key)}
    >
      <a
        href={recordHref(task.key)}
        data-key={task.key}
        {...(kind === "due" && { "data-due": entry.day })}
        draggable={false}
        title={`${task.key} · ${statusName(task.status)} · ${task.title}`}
        onClick={() => opened(task.key)}
      >
        <Icon name={kind === "due" ? (late ? "clock" : "flag") : "bell"} />
        <span class="unseen">{late ? shared.overdue : memberName(kind === "due" ? "dueDate" : "reminderDate")}: </span>
        <bdi class="cut">{task.title}</bdi>
      </a>
    </li>
  );
}

function ReasonDialog(props: { task: Task; day: string; close: () => void; send: (why: string) => void }): JSX.Element {
  const [why, setWhy] = useState("");
  return (
    <FormDialog
      heading={s.whyMoved}
      close={props.close}
      button={s.move}
      may={why.trim() !== ""}
      send={() => props.send(why.trim())}
    >
      <p>
        <bdi>{props.task.title}</bdi>: {formatDay(props.task.dueDate ?? "")} → {formatDay(props.day)}
      </p>
      <Entry label={shared.reason} first maxLength={1000} value={why} change={setWhy} hint={s.whyMovedHint} />
    </FormDialog>
  );
}
