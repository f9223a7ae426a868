// Fields of a form that is sent as a whole: each has its label, what helps, and what is wrong with it.
import type { ComponentChildren, JSX, RefObject } from "preact";
import { useLayoutEffect, useId, useRef } from "preact/hooks";
import type { Saving } from "../saving";

interface FieldProps {
  label: ComponentChildren;
  /** The label is only for screen readers. */
  bare?: boolean;
  hint?: ComponentChildren;
  fault?: string | undefined;
}

/** What a control has: its name, and what is said about it. */
interface Told {
  id: string;
  "aria-invalid": boolean;
  "aria-describedby": string | undefined;
}

/** A control with its label above, what is wrong and what helps below. */
function Field({
  label,
  bare,
  hint,
  fault,
  children,
}: FieldProps & { children: (told: Told) => JSX.Element }): JSX.Element {
  const id = useId();
  const told = [fault !== undefined && `${id}-fault`, hint !== undefined && `${id}-hint`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id} class={bare ? "unseen" : undefined}>
        {label}
      </label>
      {children({ id, "aria-invalid": fault !== undefined, "aria-describedby": told || undefined })}
      <Notes id={id} hint={hint} fault={fault} />
    </div>
  );
}

/** What is wrong, and what helps. */
export function Notes({ id, hint, fault }: Pick<FieldProps, "hint" | "fault"> & { id: string }): JSX.Element {
  return (
    <>
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
    </>
  );
}

export interface EntryProps extends FieldProps {
  value: string;
  change: (value: string) => void;
  type?: "text" | "email" | "date" | "search" | "datetime-local";
  /** A text of so many lines. */
  rows?: number | undefined;
  maxLength?: number | undefined;
  required?: boolean;
  "aria-required"?: boolean;
  autocomplete?: "off" | "email" | "username" | "name";
  inputMode?: "decimal" | undefined;
  /** Letters of a key, an address or a name of a program. */
  code?: boolean;
  /** The form was opened to fill in this first. */
  first?: boolean;
  placeholder?: string;
  field?: RefObject<(HTMLInputElement & HTMLTextAreaElement) | null>;
}

export function Entry({
  label,
  bare,
  hint,
  fault,
  change,
  type = "text",
  rows,
  autocomplete = "off",
  code = false,
  first = false,
  field,
  ...more
}: EntryProps): JSX.Element {
  const own = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const input = field ?? own;
  useLayoutEffect(() => {
    if (first) input.current?.focus();
  }, []);
  const common = {
    ...more,
    ref: input,
    "data-first": first || undefined,
    ...(code && ({ autocapitalize: "none", spellcheck: false } as const)),
    onInput: (event: { currentTarget: { value: string } }): void => change(event.currentTarget.value),
  };
  return (
    <Field {...{ label, bare, hint, fault }}>
      {(told) =>
        rows === undefined ? (
          <input
            {...told}
            {...common}
            {...({ type } as { type: "text" })}
            autocomplete={autocomplete}
          />
        ) : (
          <textarea {...told} {...common} rows={rows} />
        )
      }
    </Field>
  );
}

interface SelectProps extends FieldProps {
  value: string;
  change: (value: string) => void;
  options: readonly (readonly [value: string, name: string])[];
  disabled?: boolean;
  "aria-required"?: boolean;
  first?: boolean;
}

export function Select({
  value,
  change,
  options,
  disabled,
  first,
  "aria-required": required,
  ...field
}: SelectProps): JSX.Element {
  const select = useRef<HTMLSelectElement>(null);
  return (
    <Field {...field}>
      {(told) => (
        <select
          {...told}
          ref={select}
          value={value}
          disabled={disabled}
          aria-required={required}
          data-first={first}
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
      )}
    </Field>
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
  may = true,
}: {
  saving: Saving;
  /** The members whose faults their fields show. */
  fields: readonly string[];
  children: ComponentChildren;
  look?: string;
  /** Can it be sent as it is? */
  may?: boolean;
}): JSX.Element {
  const fault = saving.faultBeside(fields);
  return (
    <>
      {fault !== undefined && (
        <p class="fault-box" role="alert">
          {fault}
        </p>
      )}
      <button type="submit" class={look} aria-disabled={saving.busy || !may}>
        {children}
      </button>
    </>
  );
}
