// One short message at the bottom of the page, often with a way to undo what it says.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useActions } from "./actions";
import { announce } from "./announce";
import { createStore, useStore } from "./store";
import { s } from "./strings/shared";
import { s as frame } from "./strings/frame";

interface Toast {
  text: string;
  undo: (() => void | Promise<void>) | undefined;
}

const current = createStore<Toast | null>(null);
const shownFor = 8000;
/** Of what was said, the last 20, the newest at the end. */
const undos: (() => void | Promise<void>)[] = [];

/**
 * Says it; with `undo` a button and Ctrl Z take it back, and Ctrl Z again what was said before it. A new message
 * replaces the last.
 */
export function toast(text: string, undo?: () => void | Promise<void>): void {
  if (undo) undos.splice(0, undos.push(undo) - 20);
  current.set({ text, undo });
  announce(text);
}

export function clearToast(): void {
  undos.length = 0;
  current.set(null);
}

export function Toasts(): JSX.Element | null {
  const shown = useStore(current);
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (shown === null || held) return;
    const timer = setTimeout(() => current.set(null), shownFor);
    return () => clearTimeout(timer);
  }, [shown, held]);
  const undo = (): void => {
    const last = undos.pop();
    if (!last) return toast(s.nothingUndone);
    current.set(null);
    void last();
  };
  useActions(frame.help.everywhere, [{ does: frame.help.undo, keys: ["Ctrl+z"], act: undo, keyOnly: true }]);
  if (shown === null) return null;
  return (
    <div
      class="toast"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocusIn={() => setHeld(true)}
      onFocusOut={() => setHeld(false)}
    >
      <span class="clamp">{shown.text}</span>
      {shown.undo && (
        <button type="button" class="button quiet" onClick={undo}>
          {s.undo}
        </button>
      )}
    </div>
  );
}
