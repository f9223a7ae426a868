// Copies a text, and says that it did.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { announce } from "../announce";
import { s } from "../strings/shared";
import { Icon, type IconName } from "./icon";

/** The clipboard is given only to pages over HTTPS or on this machine; elsewhere the old way does. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    const focused = document.activeElement;
    area.value = text;
    area.className = "unseen";
    document.body.append(area);
    area.select();
    let copied = false;
    try {
      copied = document.execCommand("copy");
    } catch {
      // refused: said below
    }
    area.remove();
    if (focused instanceof HTMLElement) focused.focus();
    return copied;
  }
}

export async function copyAndSay(text: string): Promise<boolean> {
  const copied = await copyText(text);
  announce(copied ? s.copy.done : s.copy.failed);
  return copied;
}

interface CopyButtonProps {
  text: string;
  /** What a screen reader says, where the button shows less. */
  label?: string;
  icon?: IconName;
  class?: string;
  children?: ComponentChildren;
}

export function CopyButton({
  text,
  label,
  icon = "copy",
  class: look = "button quiet",
  children,
}: CopyButtonProps): JSX.Element {
  const [outcome, setOutcome] = useState<"done" | "failed" | null>(null);
  useEffect(() => {
    if (outcome === null) return;
    const timer = setTimeout(() => setOutcome(null), 2000);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async (): Promise<void> => setOutcome((await copyAndSay(text)) ? "done" : "failed");
  return (
    <button type="button" class={look} aria-label={label} title={label} onClick={() => void copy()}>
      <Icon name={outcome === "done" ? "check" : outcome === "failed" ? "close" : icon} />
      {children !== undefined && <span>{outcome === null ? children : s.copy[outcome]}</span>}
    </button>
  );
}
