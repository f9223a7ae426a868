// The list that somebody came from: where in it the record is, and what is beside it.
import { lastList } from "../../records";
import { href } from "../../router";
import { scope } from "../../scope";

export interface Neighbours {
  /** From 1. */
  at: number;
  of: number;
  previous: string | undefined;
  next: string | undefined;
}

export function neighbours(key: string): Neighbours | null {
  const keys = lastList()?.keys ?? [];
  const at = keys.indexOf(key);
  return at < 0 ? null : { at: at + 1, of: keys.length, previous: keys[at - 1], next: keys[at + 1] };
}

export function lastListHref(): string {
  return lastList()?.href ?? href(["todo"], scope.get() === "" ? {} : { in: scope.get() });
}
