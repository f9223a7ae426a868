// A day: typed in many ways (31 Dec, 2026-12-31, +7d, fri, eom), or chosen from the browser's calendar.
import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { parseDay, todayIn } from "../dates";
import { formatAgo, formatDay } from "../format";
import { s } from "../strings/shared";
import { Icon } from "./icon";

interface DateFieldProps {
  label: ComponentChildren;
  value: string | null;
  /** With the day, or null when it was removed. */
  change: (day: string | null) => void;
  /** Whose today "+7d" counts from. */
  timezone?: string;
  /** With each day that is understood while it is typed, not only when the field is left. */
  live?: boolean;
  /** For a field that opens in place: Escape. */
  cancel?: () => void;
}

export function DateField({ label, value, change, timezone, live = false, cancel }: DateFieldProps): JSX.Element {
  const id = useId();
  const written = value === null ? "" : formatDay(value);
  const [text, setText] = useState(written);
  const [wrong, setWrong] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const calendar = useRef<HTMLInputElement>(null);
  const dayOf = (typed: string): string | null =>
    typed.trim() === "" || typed === written ? value : parseDay(typed, todayIn(timezone));
  const day = dayOf(text);
  // Before a key can come: an effect after painting would undo what is typed first.
  useLayoutEffect(() => {
    if (text.trim() === "" ? value !== null : day !== value) setText(written);
  }, [value]);
  // No form is sent with what is not a date.
  useLayoutEffect(() => {
    input.current?.setCustomValidity(day === null && text.trim() !== "" ? s.dateUnknown(text) : "");
  });
  const take = (): void => {
    if (text.trim() === "") {
      if (value !== null) change(null);
      return;
    }
    setWrong(day === null);
    if (day !== null && day !== value) change(day);
  };
  const understood = day !== null && text.trim() !== "" && `${formatDay(day)}, ${formatAgo(day)}`;
  return (
    <div class="field date-field">
      <label for={id}>{label}</label>
      <div class="date-inputs">
        <input
          ref={input}
          id={id}
          type="text"
          data-first
          autocomplete="off"
          value={text}
          aria-invalid={wrong}
          aria-describedby={`${id}-hint`}
          // What is there gives way to what is typed, but not what is still to be corrected.
          onFocus={(event) => text === written && event.currentTarget.select()}
          onInput={(event) => {
            const typed = event.currentTarget.value;
            const next = typed.trim() === "" ? null : dayOf(typed);
            setText(typed);
            setWrong(false);
            if (live && next !== value && (next !== null || typed.trim() === "")) change(next);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter") {
              event.preventDefault();
              take();
            } else if (event.key === "Escape" && cancel) {
              event.stopPropagation();
              cancel();
            }
          }}
          onBlur={take}
          onInvalid={(event) => {
            // Said below, where it stays.
            event.preventDefault();
            event.currentTarget.focus();
            setWrong(true);
          }}
        />
        <button
          type="button"
          class="button icon-only"
          aria-label={s.pickDate}
          title={s.pickDate}
          onClick={() => calendar.current?.showPicker()}
        >
          <Icon name="calendar" />
        </button>
        <input
          ref={calendar}
          type="date"
          class="date-native"
          tabIndex={-1}
          aria-hidden="true"
          value={value ?? ""}
          onChange={(event) => change(event.currentTarget.value || null)}
        />
      </div>
      <p class={wrong ? "hint fault-text" : "hint"} id={`${id}-hint`} role={wrong ? "alert" : undefined}>
        {wrong ? `${s.dateUnknown(text)} ${s.dateHint}` : understood || s.dateHint}
      </p>
    </div>
  );
}
