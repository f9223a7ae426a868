// What happened to a record, newest first: who, when, what was before and what after, and its
// place in the chain of its domain.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { announce } from "../announce";
import { listEvents, Problem, type Page, type Status, type TaskEvent, type TodoType } from "../api";
import { formatDay, formatMoment, formatMoney } from "../format";
import { useResource, whenSignedIn } from "../resource";
import { s } from "../strings/history";
import { s as record } from "../strings/record";
import { s as shared, statusName, typeName } from "../strings/shared";
import { CopyButton } from "./copy-button";
import { Failure } from "./failure";
import { Moment } from "./when";

function sentence(event: TaskEvent, type: TodoType): string {
  const action = s.parts[event.action]?.[whatHappened(event)] ?? s.actions[event.action];
  return action === undefined ? s.other(event.action) : s.did(action, type);
}

/** To the comment or file that an event is about. */
function whatHappened(event: TaskEvent): "added" | "changed" | "removed" {
  const [before, after] = Object.values(event.changes ?? {})[0] ?? [null, null];
  if (before === null) return "added";
  return after === null ? "removed" : "changed";
}

const days = ["dueDate", "firstDueDate", "reminderDate"];
const moments = ["occurredAt", "createdAt", "updatedAt", "closedAt"];

function valueText(member: string, value: unknown): string {
  if (value === null || value === undefined || value === "") return "";
  if (typeof value === "string") {
    if (days.includes(member)) return formatDay(value);
    if (moments.includes(member)) return formatMoment(value);
    if (member === "financialImpact") return formatMoney(value, "EUR");
    if (member === "todoType") return typeName(value as TodoType);
    if (member === "status") return statusName(value as Status);
    return value;
  }
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.join(", ");
  if (member === "awaits") return String((value as { by: string | null }).by ?? s.somebody);
  if (member === "comment") return (value as { text?: string }).text ?? "";
  if (member === "attachment") return (value as { name?: string }).name ?? "";
  if (typeof value === "object" && Object.keys(value).length === 0) return "";
  return JSON.stringify(value, null, 2);
}

/** Too long to read as one line with what it became. */
function isLong(text: string): boolean {
  return text.length > 120 || text.includes("\n");
}

function Value({ text }: { text: string }): JSX.Element {
  return text === "" ? <span class="none">{s.nothing}</span> : <bdi>{text}</bdi>;
}

function Changes({ event }: { event: TaskEvent }): JSX.Element | null {
  if (event.changes === null || event.changes === undefined) {
    return <p class="hint">{s.erased}</p>;
  }
  const rows = Object.entries(event.changes)
    .filter((change): change is [string, [unknown, unknown]] => Array.isArray(change[1]))
    .map(([member, [before, after]]) => ({
      member,
      before: valueText(member, before),
      after: valueText(member, after),
    }))
    .filter((row) => row.before !== row.after)
    .map((row) => ({ ...row, long: isLong(row.before) || isLong(row.after) }));
  if (rows.length === 0) return null;
  const created = event.action === "task.created";
  const list = (
    <dl class="changes">
      {rows.map(({ member, before, after, long }) => (
        <div key={member}>
          <dt>{record.labels[member] ?? member}</dt>
          <dd class={long ? "long" : undefined}>
            {before !== "" && (
              <>
                <span class={long ? "hint" : "unseen"}>
                  {s.before}
                  {!long && " "}
                </span>
                <del tabIndex={long ? 0 : undefined}>
                  <Value text={before} />
                </del>
                {!long && <span aria-hidden="true"> → </span>}
                <span class={long ? "hint" : "unseen"}>
                  {!long && " "}
                  {s.after}
                  {!long && " "}
                </span>
              </>
            )}
            <ins tabIndex={long ? 0 : undefined}>
              <Value text={after} />
            </ins>
          </dd>
        </div>
      ))}
    </dl>
  );
  if (!created) return list;
  return (
    <details>
      <summary>{s.values(rows.length)}</summary>
      {list}
    </details>
  );
}

function Entry({ event, type }: { event: TaskEvent; type: TodoType }): JSX.Element {
  // As the reporting system got it, and as `bzctrld verify --receipt` takes it.
  const receipt = `${event.domain}:${event.seq}:${event.hash}`;
  return (
    <li class={event.action === "task.created" ? "entry entry-created" : "entry"}>
      <p class="entry-what">
        <strong>
          <bdi>{event.actor ?? s.somebody}</bdi>
        </strong>{" "}
        {sentence(event, type)}
      </p>
      <p class="entry-meta">
        <Moment at={event.at} />
        <span class="proof">
          <span>{s.proof(event.domain, event.seq)}</span>
          <span>
            {s.hash} <code title={event.hash}>{event.hash.slice(0, 10)}…</code>
            <CopyButton text={receipt} label={s.copyReceipt(event.seq)} class="button tiny" />
          </span>
        </span>
      </p>
      <Changes event={event} />
    </li>
  );
}

export function History({ taskKey, type }: { taskKey: string; type: TodoType }): JSX.Element {
  const [first, reload] = useResource(taskKey, () => listEvents(taskKey));
  const [older, setOlder] = useState<Page<TaskEvent>>({ items: [] });
  const [failed, setFailed] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    setOlder(
      first.state === "ready" && first.value.next !== undefined ? { items: [], next: first.value.next } : { items: [] },
    );
    setFailed(null);
  }, [first]);

  const more = async (): Promise<void> => {
    setBusy(true);
    setFailed(null);
    try {
      const page = await listEvents(taskKey, older.next);
      setOlder({ ...page, items: [...older.items, ...page.items] });
      announce(s.older);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) whenSignedIn(() => void more());
      else setFailed(error);
    } finally {
      setBusy(false);
    }
  };

  if (first.state === "loading") return <p class="hint">{shared.loading}</p>;
  if (first.state === "failed") return <Failure error={first.error} retry={reload} />;
  const events = [...first.value.items, ...older.items];
  if (events.length === 0) return <p class="hint">{s.empty}</p>;
  return (
    <>
      <ol class="timeline">
        {events.map((event) => (
          <Entry key={event.seq} event={event} type={type} />
        ))}
      </ol>
      {failed !== null && <Failure error={failed} retry={() => void more()} />}
      {older.next !== undefined && failed === null && (
        <button type="button" class="button" aria-disabled={busy} onClick={() => void (busy || more())}>
          {s.older}
        </button>
      )}
    </>
  );
}
