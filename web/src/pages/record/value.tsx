// A value of a record, as people read it.
import type { JSX } from "preact";
import { LevelMark, OverdueMark, StatusBadge, TypeBadge } from "../../components/badge";
import { Markdown } from "../../components/markdown";
import { None } from "../../components/none";
import { Person } from "../../components/person";
import { Tags } from "../../components/tags";
import { Day, Moment } from "../../components/when";
import { formatMoney } from "../../format";
import { recordHref } from "../../router";
import { s } from "../../strings/record";
import type { Level, Status, Task, TodoType } from "../../api";
import type { Field } from "./fields";

function optionLabel(field: Field, value: string): string {
  return field.options.find((option) => option.value === value)?.label ?? value;
}

export function Shown({ field, value }: { field: Field; value: unknown }): JSX.Element {
  if (Array.isArray(value)) {
    if (field.name === "tags") return <Tags tags={value as string[]} />;
    return <span dir="auto">{value.map((one) => optionLabel(field, String(one))).join(", ")}</span>;
  }
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  switch (field.kind) {
    case "long":
      return <Markdown text={text} />;
    case "day":
      return <Day date={text} />;
    case "moment":
      return <Moment at={text} />;
    case "money":
      return <strong>{formatMoney(text, "EUR")}</strong>;
    case "person":
      return <Person email={text} />;
    case "record":
      return <a href={recordHref(text)}>{text}</a>;
    case "flag":
      return <>{text === "true" ? s.yes : s.no}</>;
    case "choice":
      if (field.name === "status") return <StatusBadge status={text as Status} />;
      if (field.name === "todoType") return <TypeBadge type={text as TodoType} />;
      if (["priority", "impact", "likelihood"].includes(field.name)) return <LevelMark level={text as Level} />;
      return <bdi>{optionLabel(field, text)}</bdi>;
    default:
      return <bdi>{text}</bdi>;
  }
}

/** Who did it; an account that is no longer known is somebody. */
export function By({ email }: { email: string | null }): JSX.Element {
  return email === null ? <>{s.somebody}</> : <Person email={email} />;
}

export function Due({ task }: { task: Task }): JSX.Element {
  const { dueDate, overdue, dueMoves, firstDueDate } = task;
  return (
    <>
      {dueDate === null ? <None /> : <Day date={dueDate} />} {overdue && <OverdueMark />}
      {firstDueDate !== null && dueMoves > 0 && (
        <span class="hint moved">
          {s.moved(dueMoves)} <Day date={firstDueDate} />
        </span>
      )}
    </>
  );
}
