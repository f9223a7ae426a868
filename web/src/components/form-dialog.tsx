// A form in a dialog, which is sent once at a time. It stays open until that has worked, so nothing typed is lost.
import type { ComponentChildren, JSX } from "preact";
import { useSaving, type Saving } from "../saving";
import { s } from "../strings/shared";
import { Dialog } from "./dialog";
import { Send } from "./entry";

interface FormDialogProps {
  heading: string;
  look?: string;
  /** What the button says that sends it. */
  button?: ComponentChildren;
  danger?: boolean;
  /** Can it be sent as it is? */
  may?: boolean;
  /** Where the form's fields show their faults themselves: its saving, and the members that they are. */
  saving?: Saving;
  fields?: readonly string[];
  /** What it throws is said above the buttons. */
  send: () => void | Promise<void>;
  /** Once that is done: the dialog closes, if nothing else is named. */
  sent?: () => void;
  close: () => void;
  children: ComponentChildren;
}

export function FormDialog({
  heading,
  look,
  button = s.save,
  danger = false,
  may = true,
  saving,
  fields = [],
  send,
  close,
  sent = close,
  children,
}: FormDialogProps): JSX.Element {
  const own = useSaving();
  const all = saving ?? own;
  return (
    <Dialog heading={heading} close={close} look={look}>
      <form
        class="stack"
        noValidate={saving !== undefined}
        onSubmit={(event) => {
          event.preventDefault();
          if (may) void all.save(async () => send()).then((done) => done && sent());
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
        <div class="line">
          <Send saving={all} fields={fields} may={may} look={danger ? "button danger" : "button primary"}>
            {button}
          </Send>
          <button type="button" class="button" onClick={close}>
            {s.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
