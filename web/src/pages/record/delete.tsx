// Deletes something, once that has been confirmed.
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { Saving } from "../../saving";
import { s } from "../../strings/record";

interface DeleteProps {
  saving: Saving;
  act: () => Promise<void>;
  label?: string;
  look?: string;
  children: ComponentChildren;
}

export function Delete({ saving, act, label, look = "button quiet small", children }: DeleteProps): JSX.Element {
  const [asking, setAsking] = useState(false);
  const keep = (): void => setAsking(false);
  if (!asking)
    return (
      <button type="button" class={look} aria-label={label} title={label} onClick={() => setAsking(true)}>
        {children}
      </button>
    );
  return (
    <span class="line">
      <button type="button" class="button quiet small danger" onClick={() => void saving.save(act).then(keep)}>
        {s.files.reallyDelete}
      </button>
      <button type="button" class="button quiet small" onClick={keep}>
        {s.keep}
      </button>
    </span>
  );
}
