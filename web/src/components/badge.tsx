// A status, type or level as a word with a shape, so that the meaning never depends on colour alone.
import type { JSX } from "preact";
import type { Level, Status, TodoType } from "../api";
import { levelName, s, statusName, typeName } from "../strings/shared";
import { Icon, type IconName } from "./icon";

const statusLooks: Record<Status, [IconName, string]> = {
  "To do": ["todo", "badge status-todo"],
  "In Progress": ["progress", "badge status-progress"],
  Done: ["done", "badge status-done"],
  Expired: ["expired", "badge status-expired"],
};

const levelLooks: Record<Level, [IconName, string]> = {
  High: ["high", "level level-high"],
  Medium: ["medium", "level level-medium"],
  Low: ["low", "level level-low"],
};

export function StatusBadge({ status }: { status: Status }): JSX.Element {
  const [icon, look] = statusLooks[status] ?? ["todo", "badge"];
  return (
    <span class={look}>
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
  const [icon, look] = levelLooks[level] ?? ["low", "level"];
  return (
    <span class={look}>
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
