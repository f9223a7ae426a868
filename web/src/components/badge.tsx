// A status, type or level as a word with a shape, so that the meaning never depends on colour alone.
import type { JSX } from "preact";
import type { Level, Status, TodoType } from "../api";
import { levelName, s, statusName, typeName } from "../strings/shared";
import { Icon } from "./icon";

export const statusIcons = { "To do": "todo", "In Progress": "progress", Done: "done", Expired: "expired" } as const;
const levelIcons = { High: "high", Medium: "medium", Low: "low" } as const;

export function StatusBadge({ status }: { status: Status }): JSX.Element {
  const icon = statusIcons[status] ?? "todo";
  return (
    <span class={`badge status-${icon}`}>
      <Icon name={icon} />
      {statusName(status)}
    </span>
  );
}

export function TypeBadge({ type }: { type: TodoType }): JSX.Element {
  return (
    <span class={type === "TASK" ? "kind kind-task" : "kind kind-incident"}>
      <Icon name={type === "TASK" ? "task" : "incident"} />
      {typeName(type)}
    </span>
  );
}

export function LevelMark({ level }: { level: Level }): JSX.Element {
  const icon = levelIcons[level] ?? "low";
  return (
    <span class={`level level-${icon}`}>
      <Icon name={icon} />
      {levelName(level)}
    </span>
  );
}

export function OverdueMark(): JSX.Element {
  return (
    <span class="badge overdue">
      <Icon name="clock" />
      {s.overdue}
    </span>
  );
}
