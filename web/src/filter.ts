// What a list shows. A filter lives in the address, so that a link to a list can be shared, and is
// sent to the server as the same words.
import { levels, statuses, todoTypes, type Level, type Status, type TodoType } from "./api";
import { href } from "./router";

export interface Filter {
  status: Status[];
  todoType: TodoType[];
  priority: Level[];
  overdue: boolean;
  /** Assigned to the signed-in person. */
  mine: boolean;
  tag: string;
  /** The scope: the key of a domain or workspace, or empty for everything. */
  in: string;
}

const pageSize = 50;

function known<T extends string>(all: readonly T[], given: string[]): T[] {
  return all.filter((one) => given.some((other) => other.toLowerCase() === one.toLowerCase()));
}

export function readFilter(query: URLSearchParams): Filter {
  return {
    status: known(statuses, query.getAll("status")),
    todoType: known(todoTypes, query.getAll("todoType")),
    priority: known(levels, query.getAll("priority")),
    overdue: query.get("overdue") === "true",
    mine: query.get("mine") === "true",
    tag: query.get("tag") ?? "",
    in: (query.get("in") ?? query.get("workspace") ?? query.get("domain") ?? "").trim().toUpperCase(),
  };
}

/** The same filter always gives the same words. */
export function writeFilter(filter: Filter): URLSearchParams {
  const query = new URLSearchParams();
  for (const one of filter.todoType) query.append("todoType", one);
  for (const one of filter.status) query.append("status", one);
  for (const one of filter.priority) query.append("priority", one);
  if (filter.overdue) query.set("overdue", "true");
  if (filter.mine) query.set("mine", "true");
  if (filter.tag !== "") query.set("tag", filter.tag);
  if (filter.in !== "") query.set("in", filter.in);
  return query;
}

/** As the server is asked, but for the scope: whether that is a workspace is known a moment later. */
export function askFilter(filter: Filter, email: string): URLSearchParams {
  const query = writeFilter(filter);
  query.delete("mine");
  if (filter.mine) query.set("assignee", email);
  query.set("limit", String(pageSize));
  return query;
}

/** How many of its parts narrow the list. */
export function countFilter(filter: Filter): number {
  return (
    filter.status.length +
    filter.todoType.length +
    filter.priority.length +
    [filter.overdue, filter.mine, filter.tag].filter(Boolean).length
  );
}

export function listHref(filter?: Filter): string {
  return href(["todo"], filter ? writeFilter(filter) : {});
}

export const emptyFilter: Filter = readFilter(new URLSearchParams());
