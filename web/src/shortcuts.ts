// Keys that do something on a page. Letters can be switched off (WCAG 2.1.4), arrows and Enter
// are not letters.
import { useLayoutEffect, useRef } from "preact/hooks";
import { recall, remember } from "./storage";
import { createStore } from "./store";

/** What a key does; false when it does nothing just now, and the browser may have it. */
export type Shortcuts = Record<string, () => boolean | void>;

export const lettersEnabled = createStore(recall("letters") !== "off");

export function enableLetters(enabled: boolean): void {
  lettersEnabled.set(enabled);
  remember("letters", enabled ? null : "off");
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button"].includes(target.type);
  return target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName);
}

export function useShortcuts(shortcuts: Shortcuts, active = true): void {
  const current = useRef(shortcuts);
  current.current = shortcuts;
  useLayoutEffect(() => {
    if (!active) return;
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (typing(event.target) || document.querySelector("dialog[open]")) return;
      if (event.key.length === 1 && !lettersEnabled.get()) return;
      const act = current.current[event.key];
      if (act && act() !== false) event.preventDefault();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [active]);
}
