// A dialog over the page, open as long as it is rendered. Escape, the cross and a click beside it close it.
import type { ComponentChildren, JSX } from "preact";
import { useContext, useId, useLayoutEffect, useRef } from "preact/hooks";
import { PageActive } from "../page";
import { s } from "../strings/shared";
import { Icon } from "./icon";

interface DialogProps {
  heading: string;
  close: () => void;
  look?: string | undefined;
  /** Only its buttons close it: what it shows is shown once. */
  firm?: boolean;
  children: ComponentChildren;
}

export function Dialog({ heading, close, look = "", firm = false, children }: DialogProps): JSX.Element {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const before = useRef<Element | null>(null);
  const open = useRef(false);
  const active = useContext(PageActive);
  useLayoutEffect(() => {
    // Nobody could sign in again below a modal dialog: it waits with its page.
    if (!active) return;
    before.current ??= document.activeElement;
    open.current = true;
    dialog.current?.showModal();
    // Children had their turn before it was open, when nothing in it could have the focus.
    dialog.current?.querySelector<HTMLElement>("[data-first]")?.focus();
    // The element goes away with its focus, which returns to where it was.
    return () => {
      open.current = false;
      dialog.current?.close();
      if (before.current instanceof HTMLElement) before.current.focus();
    };
  }, [active]);
  return (
    <dialog
      ref={dialog}
      class={`dialog ${look}`}
      aria-labelledby={id}
      onCancel={(event) => {
        // A file field in it can be cancelled too. Hidden by the browser, the dialog would still be there for keys.
        if (event.target !== dialog.current) return;
        event.preventDefault();
        if (!firm) close();
      }}
      // The browser says it later; by then a key may have opened the next one.
      onClose={() => open.current && (firm ? dialog.current?.showModal() : close())}
      onClick={(event) => event.target === dialog.current && !firm && close()}
    >
      <div class="stack dialog-inside">
        <div class="between">
          <h2 id={id}>{heading}</h2>
          <button type="button" class="button icon-only" aria-label={s.close} title={s.close} onClick={close}>
            <Icon name="close" />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
