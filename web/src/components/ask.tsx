// A question before what cannot be taken back. What is safe has the focus.
import type { ComponentChildren, JSX } from "preact";
import { s } from "../strings/shared";
import { Dialog } from "./dialog";

interface AskProps {
  heading: string;
  /** What the button says that does it, and the one that does not. */
  yes: string;
  no?: string;
  act: () => void;
  close: () => void;
  children: ComponentChildren;
}

export function Ask({ heading, yes, no = s.cancel, act, close, children }: AskProps): JSX.Element {
  return (
    <Dialog heading={heading} close={close}>
      {children}
      <div class="line">
        <button
          type="button"
          class="button danger"
          onClick={() => {
            close();
            act();
          }}
        >
          {yes}
        </button>
        <button type="button" class="button" data-first onClick={close}>
          {no}
        </button>
      </div>
    </Dialog>
  );
}
