// Records in rows; on a narrow screen the style sheet makes a card of each. The roles are written
// out, since a table that is laid out in another way loses them in some browsers.
import type { JSX, RefObject } from "preact";
import type { Task } from "../api";
import { go, recordHref } from "../router";
import { s } from "../strings/list";
import { LevelMark, OverdueMark, StatusBadge, TypeBadge } from "./badge";
import { None } from "./none";
import { Person } from "./person";
import { Day, MomentDay } from "./when";

function Row({ task, opened }: { task: Task; opened: (key: string) => void }): JSX.Element {
  const clicked = (event: MouseEvent): void => {
    // The whole row leads to its record; selecting text in it does not, nor does a link in it.
    if (event.target instanceof Element && event.target.closest("a")) return;
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (getSelection()?.toString()) return;
    opened(task.key);
    go(recordHref(task.key));
  };
  return (
    <tr role="row" class="row" onClick={clicked}>
      <td role="cell" class="cell-key">
        {task.key}
      </td>
      <th role="rowheader" scope="row" class="cell-title">
        <a href={recordHref(task.key)} data-key={task.key} dir="auto" onClick={() => opened(task.key)}>
          {task.title}
        </a>
      </th>
      <td role="cell" class="cell-type">
        <TypeBadge type={task.todoType} />
      </td>
      <td role="cell" class="cell-status">
        <StatusBadge status={task.status} />
      </td>
      <td role="cell" class="cell-priority">
        {task.priority ? <LevelMark level={task.priority} /> : <None />}
      </td>
      <td role="cell" class="cell-assignee">
        <Person email={task.assignee} />
      </td>
      <td role="cell" class={task.dueDate ? "cell-due" : "cell-due cell-empty"}>
        <span class="cell-label">{s.columns.due} </span>
        {task.dueDate ? <Day date={task.dueDate} /> : <None />}
        {task.overdue && <OverdueMark />}
      </td>
      <td role="cell" class="cell-created">
        <span class="cell-label">{s.columns.created} </span>
        <MomentDay at={task.createdAt} />
      </td>
    </tr>
  );
}

interface TaskTableProps {
  tasks: Task[];
  busy: boolean;
  table: RefObject<HTMLTableElement | null>;
  opened: (key: string) => void;
}

export function TaskTable({ tasks, busy, table, opened }: TaskTableProps): JSX.Element {
  const c = s.columns;
  const columns = [c.key, c.title, c.type, c.status, c.priority, c.assignee, c.due, c.created];
  return (
    <table role="table" class="tasks" ref={table} aria-label={s.table} aria-busy={busy}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column} role="columnheader" scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {tasks.map((task) => (
          <Row key={task.key} task={task} opened={opened} />
        ))}
      </tbody>
    </table>
  );
}
