// The list at the left: a row for each record, with why it is there.
import type { JSX } from "preact";
import type { Task } from "../../api";
import { Icon } from "../../components/icon";
import { Day } from "../../components/when";
import { formatAgo, formatNear, formatPrecise } from "../../format";
import { peopleKnown } from "../../people";
import { prefetchRecord, recordOf, useRecords } from "../../records";
import { useStore } from "../../store";
import { s } from "../../strings/inbox";
import { statusName, typeName } from "../../strings/shared";
import type { Row } from "./list";
import { reasonWords } from "./reasons";

interface RowsProps {
  rows: readonly Row[];
  chosen: string | null;
  /** Whose inbox it is. */
  me: string;
  hrefOf: (key: string) => string;
  /** `byKey`: it is to be opened, not only looked at. */
  choose: (key: string, byKey: boolean) => void;
  /** What people call a workspace. */
  nameOf: (workspace: string) => string;
}

function Why({ row, task, me }: { row: Row; task: Task; me: string }): JSX.Element {
  if (row.gone) return <span class="why">{!task.open ? s.closed : task.assignee === me ? s.mine : s.settled}</span>;
  return (
    <>
      {row.snooze !== null && <span class="why why-later">{s.until(formatNear(row.snooze))}</span>}
      {reasonWords({ reasons: row.reasons, task }).map(({ text, urgent }) => (
        <span key={text} class={urgent ? "why why-urgent" : "why"} dir="auto">
          {text}
        </span>
      ))}
    </>
  );
}

function RowItem({ row, task, chosen, me, hrefOf, choose, nameOf }: { row: Row; task: Task } & RowsProps): JSX.Element {
  // The newest reason, a day or a time: not before there was the record.
  const since = [task.createdAt, ...row.reasons.map((why) => why.since)].sort().at(-1)!;
  return (
    <li class={row.gone ? `inbox-row gone${task.open ? "" : " closed"}` : "inbox-row"}>
      <a
        href={hrefOf(row.key)}
        data-key={row.key}
        aria-current={row.key === chosen ? "true" : undefined}
        onPointerEnter={() => prefetchRecord(row.key)}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
          event.preventDefault();
          choose(row.key, event.detail === 0);
        }}
      >
        <span class="between hint row-why">
          <span class="line">
            <Why row={row} task={task} me={me} />
          </span>
          <time class="row-age" dateTime={since} title={s.reported(formatPrecise(task.createdAt))}>
            {formatAgo(since)}
          </time>
        </span>
        <span class="clamp row-title" dir="auto">
          {task.title}
        </span>
        <span class="line hint">
          <span class={task.todoType === "TASK" ? "kind kind-task" : "kind kind-incident"}>
            <Icon name={task.todoType === "TASK" ? "task" : "incident"} />
            <span class="unseen">{typeName(task.todoType)}</span>
          </span>
          <bdi class="cut row-workspace" title={task.workspace}>
            {nameOf(task.workspace)}
          </bdi>
          {task.status !== "To do" && <span>{statusName(task.status)}</span>}
          {task.dueDate !== null && (
            <span>
              {s.dueOn} <Day date={task.dueDate} />
            </span>
          )}
        </span>
      </a>
    </li>
  );
}

export function Rows(props: RowsProps): JSX.Element {
  const { rows } = props;
  useRecords(rows.map(({ key }) => key));
  useStore(peopleKnown);
  return (
    <ul aria-label={s.list}>
      {rows.map((row) => {
        const task = recordOf(row.key);
        return task && <RowItem key={row.key} row={row} task={task} {...props} />;
      })}
    </ul>
  );
}
