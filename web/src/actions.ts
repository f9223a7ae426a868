// What can be done on the page that is shown: each action has its words, may have keys, and is found
// in the help of the keyboard (?) and in the palette. Letters can be switched off (WCAG 2.1.4);
// arrows and Enter are not letters.
import { useContext, useLayoutEffect, useRef } from "preact/hooks";
import { PageActive } from "./page";
import { recall, remember } from "./storage";
import { createStore } from "./store";
import { s } from "./strings/shared";
import { toast } from "./toast";

export interface Action {
  /** In words: "Copy the link of the record". */
  does: string;
  /** Any of them: a letter, "ArrowDown", "Enter", or with "Ctrl+" before it. */
  keys?: readonly string[];
  /** False when it does nothing just now, and the browser may have the key. */
  act: () => boolean | void;
  /** What only makes sense by key (moving in a list) is not in the palette. */
  keyOnly?: boolean;
}

export interface ActionGroup {
  name: string;
  actions: readonly Action[];
}

export const lettersEnabled = createStore(recall("letters") !== "off");

export function enableLetters(enabled: boolean): void {
  lettersEnabled.set(enabled);
  remember("letters", enabled ? null : "off");
}

/** In the order in which they came; the newest has the first say, but for those that always have it. */
const groups: { current: ActionGroup; first: boolean }[] = [];

function inTurn(): ActionGroup[] {
  return [...groups.filter(({ first }) => first), ...groups.filter(({ first }) => !first).reverse()].map(
    ({ current }) => current,
  );
}

/** Those of the frame first, then the page's; without those whose keys do something else just now. */
export function currentActions(): ActionGroup[] {
  const taken = new Set<string>();
  return inTurn()
    .map(({ name, actions }) => {
      const free = actions.filter(({ keys }) => keys?.every((key) => !taken.has(key)) ?? true);
      for (const key of actions.flatMap(({ keys }) => keys ?? [])) taken.add(key);
      return { name, actions: free };
    })
    .filter(({ actions }) => actions.length > 0)
    .reverse();
}

/**
 * Offers the actions while the component is there and its page is shown. `name` heads them in the help;
 * `first`: whatever else comes later has its keys only if these do not want them.
 */
export function useActions(name: string, actions: readonly Action[], first = false): void {
  const active = useContext(PageActive);
  const group = useRef<ActionGroup>({ name, actions });
  group.current = { name, actions };
  useLayoutEffect(() => {
    if (!active) return;
    const entry = {
      get current() {
        return group.current;
      },
      first,
    };
    groups.push(entry);
    return () => void groups.splice(groups.indexOf(entry), 1);
  }, [active]);
}

/** Moves the focus along links; false where there are none. */
export function walk(place: Element | null, selector: string, by: number): boolean {
  const links = [...(place?.querySelectorAll<HTMLElement>(selector) ?? [])];
  const at = links.indexOf(document.activeElement as HTMLElement);
  const to = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1);
  links[to]?.focus();
  return links.length > 0;
}

/** Is this a place where people type? */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button"].includes(target.type);
  return target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName);
}

/** After a letter that does nothing the next ones do nothing either until so many milliseconds without any. */
const pause = 700;
let typingUntil = 0;

document.addEventListener("keydown", (event) => {
  const ctrl = event.ctrlKey || event.metaKey;
  // With Shift too it is the browser's, and Ctrl Shift Z the opposite of an undo.
  if (event.defaultPrevented || event.isComposing || event.altKey || (ctrl && event.shiftKey)) return;
  const key = `${ctrl ? "Ctrl+" : ""}${ctrl ? event.key.toLowerCase() : event.key}`;
  if (document.querySelector("dialog[open], [popover]:popover-open")) return;
  if (isTyping(event.target) && key !== "Ctrl+k") return;
  if (key.length === 1 && !lettersEnabled.get()) return;
  const typing = key.length === 1 && Date.now() < typingUntil;
  const action = inTurn()
    .flatMap(({ actions }) => actions)
    .find(({ keys }) => keys?.includes(key));
  // A key that is held only moves about.
  if (event.repeat && !action?.keyOnly) return;
  if (!typing && action && action.act() !== false) return event.preventDefault();
  if (!/^[a-z\d]$/i.test(key)) return;
  // Who types a word for a field that is not there must not do something else with each of its letters.
  if (!typing) toast(s.noKey(key));
  typingUntil = Date.now() + pause;
});
