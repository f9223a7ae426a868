// Under what somebody fills in: what is wrong with it, the button that sends it, and the way back.
import type { ComponentChildren, JSX } from "preact";
import type { Saving } from "../../saving";
import { s } from "../../strings/shared";

interface FootProps {
  saving: Saving;
  /** What the button says; nothing to send without it. */
  name?: string | undefined;
  /** Left out in a form, which is sent. */
  send?: () => void;
  cancel?: () => void;
  /** Of what is wrong, for the field that it is about. */
  id?: string;
  /** Nothing can be sent just now. */
  disabled?: boolean;
  /** What else is wrong, or can be done. */
  children?: ComponentChildren;
}

export function Foot({ saving, name, send, cancel, id, disabled = false, children }: FootProps): JSX.Element {
  return (
    <>
      <Fault saving={saving} id={id} />
      <p class="line">
        {name !== undefined && (
          <button
            type={send ? "button" : "submit"}
            class="button primary"
            data-first
            aria-disabled={saving.busy || disabled}
            // What a field says when it is left would move the button from under the mouse. A form may need that.
            onMouseDown={(event) => send && event.preventDefault()}
            onClick={send}
          >
            {name}
          </button>
        )}
        {cancel && (
          <button type="button" class="button quiet" onClick={cancel}>
            {s.cancel}
          </button>
        )}
        {children}
      </p>
    </>
  );
}

export function Fault({ saving, id }: { saving: Saving; id?: string | undefined }): JSX.Element | null {
  const fault = saving.faultBeside([]);
  if (fault === undefined) return null;
  return (
    <p class="fault-text" id={id} role="alert">
      {fault}
    </p>
  );
}
