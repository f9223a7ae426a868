// What went wrong, as one text for the place where it did.
import { Problem, Unreachable } from "../../api";
import { s } from "../../strings/failure";

export function wordsOf(error: unknown): string {
  if (error instanceof Unreachable) return s.unreachable;
  if (!(error instanceof Problem)) return s.unexpected;
  if (error.faults.length > 0) return error.faults.map((fault) => fault.detail).join(" ");
  if ((error.status === 503 || error.status === 429) && error.detail === "") return s.busy;
  return error.detail || error.title || s.status(error.status);
}
