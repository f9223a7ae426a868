// What a column shows of a record.
import type { JSX } from "preact";
import type { Level, Task } from "../../api";
import { LevelMark, StatusBadge, TypeBadge } from "../../components/badge";
import { Icon } from "../../components/icon";
import { None } from "../../components/none";
import { Person } from "../../components/person";
import { Day, MomentDay } from "../../components/when";
import { formatMoney } from "../../format";
import { s as shared } from "../../strings/shared";
import type { Column } from "./query";

/** The due date, and whether it is over: in words, too. */
export function DueDay({ task }: { task: Task }): JSX.Element {
  if (!task.overdue) return <Day date={task.dueDate ?? ""} />;
  return (
    <span class="late-day" title={shared.overdue}>
      <Icon name="clock" />
      <span class="unseen">{shared.overdue}: </span>
      <Day date={task.dueDate ?? ""} />
    </span>
  );
}

const level = (value: Level | null): JSX.Element => (value ? <LevelMark level={value} /> : <None />);
const moment = (at: string | null): JSX.Element => (at ? <MomentDay at={at} /> : <None />);
const texts = (all: string[]): JSX.Element =>
  all.length === 0 ? (
    <None />
  ) : (
    <span class="cut" title={all.join(", ")} dir="auto">
      {all.join(", ")}
    </span>
  );

export function cellOf(task: Task, column: Column): JSX.Element {
  switch (column) {
    case "todoType":
      return <TypeBadge type={task.todoType} />;
    case "status":
      return <StatusBadge status={task.status} />;
    case "priority":
    case "impact":
    case "likelihood":
      return level(task[column]);
    case "assignee":
    case "reporter":
    case "source":
      return <Person email={task[column]} />;
    case "dueDate":
      if (!task.dueDate) return <None />;
      return <DueDay task={task} />;
    case "reminderDate":
      return task.reminderDate ? <Day date={task.reminderDate} /> : <None />;
    case "createdAt":
    case "updatedAt":
    case "closedAt":
      return moment(task[column]);
    case "category":
    case "tags":
      return texts(task[column]);
    case "financialImpact":
      return task.financialImpact ? (
        <span>{formatMoney(task.financialImpact, task.financialImpactCurrency ?? "EUR")}</span>
      ) : (
        <None />
      );
    case "commentCount":
      return <span>{task.commentCount}</span>;
    default:
      return <span class="cut">{String(task[column])}</span>;
  }
}
