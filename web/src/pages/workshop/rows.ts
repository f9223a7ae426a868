// Moving the focus from row to row by key.
import type { RefObject } from "preact";
import type { Action } from "../../actions";
import { s } from "../../strings/workshop";

function move(list: HTMLElement | null, by: number): boolean {
  const links = [...(list?.querySelectorAll<HTMLElement>(":scope > li > a") ?? [])];
  const at = links.indexOf(document.activeElement as HTMLElement);
  const to = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1);
  links[to]?.focus();
  return links.length > 0;
}

export const moveFocus = (list: RefObject<HTMLElement | null>): Action[] => [
  { does: s.moveDown, keys: ["j"], act: () => move(list.current, 1), keyOnly: true },
  { does: s.moveUp, keys: ["k"], act: () => move(list.current, -1), keyOnly: true },
];
