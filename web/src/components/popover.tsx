// A button that opens a panel beside it: the browser's own popover, so that Escape and a click elsewhere
// close it. What is in it is only there while it is open.
import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";

interface PopoverProps {
  /** What is on the button. */
  button: ComponentChildren;
  /** What a screen reader says, where the button shows less. */
  label?: string;
  look?: string;
  title?: string;
  /** "menu", "dialog" or "listbox". */
  kind: "menu" | "dialog" | "listbox";
  /** Of the panel. */
  panel?: string;
  children: (close: () => void) => ComponentChildren;
}

/** As wide as a panel gets, in pixels. */
const widest = 384;

/** Below the button or above it, and at its left or right edge: where there is more room, and all of it. */
function place(panel: HTMLElement, button: HTMLElement): void {
  const box = button.getBoundingClientRect();
  const width = document.documentElement.clientWidth;
  const below = box.bottom < innerHeight * 0.6;
  const most = width - widest - 8;
  const left = box.left + box.width / 2 < width / 2;
  Object.assign(panel.style, {
    top: below ? `${box.bottom + 4}px` : "auto",
    bottom: below ? "auto" : `${innerHeight - box.top + 4}px`,
    left: left ? `${Math.max(8, Math.min(box.left, most))}px` : "auto",
    right: left ? "auto" : `${Math.max(8, Math.min(width - box.right, most))}px`,
    maxHeight: `${(below ? innerHeight - box.bottom : box.top) - 16}px`,
  });
}

export function Popover({
  button,
  label,
  look = "button",
  title,
  kind,
  panel: panelLook = "",
  children,
}: PopoverProps): JSX.Element {
  const id = useId();
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const close = (): void => panel.current?.hidePopover();
  // Inside, the first that can be used has the focus: as soon as it is there, and as soon as it is shown,
  // whichever comes last.
  const focus = (): void =>
    panel.current?.querySelector<HTMLElement>("[data-first], input, button, a, [tabindex]")?.focus();
  useLayoutEffect(() => {
    if (open) focus();
  }, [open]);
  return (
    <>
      <button
        type="button"
        class={look}
        ref={opener}
        popovertarget={id}
        aria-haspopup={kind}
        aria-expanded={open}
        aria-label={label}
        title={title ?? label}
      >
        {button}
      </button>
      <div
        id={id}
        ref={panel}
        popover="auto"
        class={`popover ${panelLook}`}
        onBeforeToggle={(event) => {
          const opens = (event as unknown as ToggleEvent).newState === "open";
          if (opens && panel.current && opener.current) place(panel.current, opener.current);
          if (!opens && panel.current?.contains(document.activeElement)) opener.current?.focus();
          setOpen(opens);
        }}
        onToggle={(event) => {
          const shown = (event as unknown as ToggleEvent).newState === "open";
          if (shown && !panel.current?.contains(document.activeElement)) focus();
        }}
      >
        {open && children(close)}
      </div>
    </>
  );
}
