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
  hint?: string;
  fault?: string | undefined;
  /** Where what is wrong is said elsewhere, at that id. */
  invalid?: boolean;
  describedBy?: string | undefined;
}

export function PasswordField({
  label,
  id = "password",
  autocomplete,
  input,
  value,
  change,
  hint,
  fault,
  invalid = fault !== undefined,
  describedBy = fault && `${id}-fault`,
}: PasswordFieldProps): JSX.Element {
  const [shown, setShown] = useState(false);
  const [caps, setCaps] = useState(false);
  const seeCaps = (event: KeyboardEvent): void => setCaps(event.getModifierState?.("CapsLock") ?? false);
  const describes = [hint && `${id}-hint`, describedBy, caps && `${id}-caps`].filter(Boolean).join(" ");
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
          aria-describedby={describes || undefined}
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
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {fault !== undefined && (
        <p class="fault-box" id={describedBy} role="alert">
          {fault}
        </p>
      )}
    </>
  );
}
