// A form in a dialog, which is sent once at a time. It stays open until that has worked, so nothing typed is lost.
import type { ComponentChildren, JSX } from "preact";
import { useSaving } from "../saving";
import { s } from "../strings/shared";
import { Dialog } from "./dialog";

interface FormDialogProps {
  heading: string;
  look?: string;
  /** What the button says that sends it. */
  button: ComponentChildren;
  /** Can it be sent as it is? */
  may?: boolean;
  /** What it throws is said above the buttons; after it the dialog closes. */
  send: () => void | Promise<void>;
  close: () => void;
  children: ComponentChildren;
}

export function FormDialog({ heading, look, button, may = true, send, close, children }: FormDialogProps): JSX.Element {
  const { busy, save, faultBeside } = useSaving();
  const fault = faultBeside([]);
  return (
    <Dialog heading={heading} close={close} look={look}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (may) void save(async () => send()).then((sent) => sent && close());
        }}
        onKeyDown={(event) => {
          const { currentTarget: form, target, key, ctrlKey, metaKey } = event;
          const field = target as HTMLElement;
          const sends = field.tagName === "TEXTAREA" ? ctrlKey || metaKey : field.closest(".date-inputs input");
          // A date is taken first.
          if (key === "Enter" && sends) setTimeout(() => form.requestSubmit());
        }}
      >
        {children}
        {fault !== undefined && (
          <p class="fault-text" role="alert">
            {fault}
          </p>
        )}
        <div class="line">
          <button type="submit" class="button primary" aria-disabled={busy || !may}>
            {button}
          </button>
          <button type="button" class="button" onClick={close}>
            {s.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
