// A password: hidden unless asked for, with a word when Caps Lock is on.
import type { JSX, RefObject } from "preact";
import { useState } from "preact/hooks";
import { s } from "../strings/sign-in";

interface PasswordFieldProps {
  label: string;
  /** Where a page has two of them. */
  id?: string;
  autocomplete: "current-password" | "new-password";
  input: RefObject<HTMLInputElement | null>;
  value: string;
  change: (value: string) => void;
  invalid: boolean;
  /** Ids of what says more about it. */
  describedBy: (string | false)[];
}

export function PasswordField({
  label,
  id = "password",
  autocomplete,
  input,
  value,
  change,
  invalid,
  describedBy,
}: PasswordFieldProps): JSX.Element {
  const [shown, setShown] = useState(false);
  const [caps, setCaps] = useState(false);
  const seeCaps = (event: KeyboardEvent): void => setCaps(event.getModifierState?.("CapsLock") ?? false);
  return (
    <>
      <div class="field">
        <label for={id}>{label}</label>
        <input
          id={id}
          name={id}
          ref={input}
          {...(shown ? { type: "text" as const } : { type: "password" as const })}
          autocomplete={autocomplete}
          autocapitalize="none"
          spellcheck={false}
          required
          value={value}
          aria-invalid={invalid}
          aria-describedby={[...describedBy, caps && `${id}-caps`].filter(Boolean).join(" ") || undefined}
          onInput={(event) => change(event.currentTarget.value)}
          onKeyDown={seeCaps}
          onKeyUp={seeCaps}
          onBlur={() => setCaps(false)}
        />
        {caps && (
          <p class="hint caps" id={`${id}-caps`} role="status">
            {s.capsLock}
          </p>
        )}
      </div>
      <label class="switch">
        <input type="checkbox" checked={shown} onChange={(event) => setShown(event.currentTarget.checked)} />
        <span>{s.showPassword}</span>
      </label>
    </>
  );
}
