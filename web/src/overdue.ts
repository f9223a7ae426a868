import type { Task } from "./api";
import { today } from "./format";

/** Its day has passed, and it is not done. */
export function isOverdue(task: Task): boolean {
  return task.dueDate !== null && task.dueDate < today() && task.status !== "Done";
}
