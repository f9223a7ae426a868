// A day: typed in many ways (2026-12-31, +7d, fri, eom), or chosen from the browser's calendar.
import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { parseDay, todayIn } from "../dates";
import { formatDay } from "../format";
import { s } from "../strings/shared";
import { Icon } from "./icon";

interface DateFieldProps {
  label: ComponentChildren;
  value: string | null;
  /** With the day, or null when it was removed. */
  change: (day: string | null) => void;
  /** Whose today "+7d" counts from. */
  timezone?: string;
  /** For a field that opens in place: Escape. */
  cancel?: () => void;
}

export function DateField({ label, value, change, timezone, cancel }: DateFieldProps): JSX.Element {
  const id = useId();
  const [text, setText] = useState(value === null ? "" : formatDay(value));
  const [wrong, setWrong] = useState(false);
  const calendar = useRef<HTMLInputElement>(null);
  // Before a key can come: an effect after painting would undo what is typed first.
  useLayoutEffect(() => setText(value === null ? "" : formatDay(value)), [value]);
  const day =
    text.trim() === "" || (value !== null && text === formatDay(value)) ? value : parseDay(text, todayIn(timezone));
  const take = (): void => {
    if (text.trim() === "") {
      if (value !== null) change(null);
      return;
    }
    setWrong(day === null);
    if (day !== null && day !== value) change(day);
  };
  const understood = day !== null && day !== value && text.trim() !== "" ? formatDay(day) : "";
  return (
    <div class="field date-field">
      <label for={id}>{label}</label>
      <div class="date-inputs">
        <input
          id={id}
          type="text"
          data-first
          autocomplete="off"
          value={text}
          aria-invalid={wrong}
          aria-describedby={`${id}-hint`}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setWrong(false);
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
        {wrong ? s.dateUnknown(text) : understood || s.dateHint}
      </p>
    </div>
  );
}
