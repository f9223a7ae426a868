// Fields of a form that is sent as a whole: each has its label, what helps, and what is wrong with it.
import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useId, useRef } from "preact/hooks";
import type { Saving } from "../saving";

interface EntryProps {
  label: string;
  value: string;
  change: (value: string) => void;
  hint?: ComponentChildren;
  fault?: string | undefined;
  type?: "text" | "email" | "date" | "search";
  required?: boolean;
  autocomplete?: "off" | "email" | "username" | "name";
  /** Letters of a key, an address or a name of a program. */
  code?: boolean;
  /** The form was opened to fill in this first. */
  first?: boolean;
  placeholder?: string;
}

export function Entry({
  label,
  value,
  change,
  hint,
  fault,
  type = "text",
  required = false,
  autocomplete = "off",
  code = false,
  first = false,
  placeholder,
}: EntryProps): JSX.Element {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (first) input.current?.focus();
  }, []);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        ref={input}
        {...({ type } as { type: "text" })}
        value={value}
        required={required}
        data-first={first || undefined}
        autocomplete={autocomplete}
        placeholder={placeholder}
        {...(code && { autocapitalize: "none", spellcheck: false })}
        aria-invalid={fault !== undefined}
        aria-describedby={
          [fault !== undefined && `${id}-fault`, hint !== undefined && `${id}-hint`].filter(Boolean).join(" ") ||
          undefined
        }
        onInput={(event) => change(event.currentTarget.value)}
      />
      {fault !== undefined && (
        <p class="hint fault-text" id={`${id}-fault`} role="alert">
          {fault}
        </p>
      )}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface SelectProps {
  label: string;
  /** The label is only for screen readers. */
  bare?: boolean;
  value: string;
  change: (value: string) => void;
  options: readonly (readonly [value: string, name: string])[];
  hint?: ComponentChildren;
  fault?: string | undefined;
  disabled?: boolean;
}

export function Select({
  label,
  bare = false,
  value,
  change,
  options,
  hint,
  fault,
  disabled = false,
}: SelectProps): JSX.Element {
  const id = useId();
  const select = useRef<HTMLSelectElement>(null);
  return (
    <div class="field">
      <label for={id} class={bare ? "unseen" : undefined}>
        {label}
      </label>
      <select
        id={id}
        ref={select}
        value={value}
        disabled={disabled}
        aria-invalid={fault !== undefined}
        aria-describedby={fault !== undefined ? `${id}-fault` : undefined}
        onChange={(event) => {
          change(event.currentTarget.value);
          // What is shown is what is so, also when the change is refused.
          if (select.current) select.current.value = value;
        }}
      >
        {options.map(([option, name]) => (
          <option key={option} value={option}>
            {name}
          </option>
        ))}
      </select>
      {fault !== undefined && (
        <p class="hint fault-text" id={`${id}-fault`} role="alert">
          {fault}
        </p>
      )}
      {hint !== undefined && <p class="hint">{hint}</p>}
    </div>
  );
}

const zones: readonly string[] = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];

/** The time zone of this browser, where the server's would be a guess. */
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

export function ZoneSelect(props: Omit<SelectProps, "options">): JSX.Element {
  // One that the browser does not list, such as an older name, stays.
  const all = zones.includes(props.value) ? zones : [props.value, ...zones];
  return <Select {...props} options={all.map((zone) => [zone, zone.replaceAll("_", " ")] as const)} />;
}

interface CheckProps {
  label: string;
  checked: boolean;
  change: (checked: boolean) => void;
  hint?: ComponentChildren;
  disabled?: boolean;
}

export function Check({ label, checked, change, hint, disabled = false }: CheckProps): JSX.Element {
  const id = useId();
  return (
    <div class="check">
      <label class="switch">
        <input
          type="checkbox"
          checked={checked}
          disabled={disabled}
          aria-describedby={hint !== undefined ? id : undefined}
          onChange={(event) => {
            const now = event.currentTarget.checked;
            event.currentTarget.checked = checked; // until it is so
            change(now);
          }}
        />
        <span>{label}</span>
      </label>
      {hint !== undefined && (
        <p class="hint" id={id}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** What is wrong with the whole, and the button that sends it. */
export function Send({
  saving,
  fields,
  children,
  look = "button primary",
}: {
  saving: Saving;
  /** The members whose faults their fields show. */
  fields: readonly string[];
  children: ComponentChildren;
  look?: string;
}): JSX.Element {
  const fault = saving.faultBeside(fields);
  return (
    <>
      {fault !== undefined && (
        <p class="fault-box" role="alert">
          {fault}
        </p>
      )}
      <button type="submit" class={look} aria-disabled={saving.busy}>
        {children}
      </button>
    </>
  );
}
