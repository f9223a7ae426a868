// A field to type in and what can be chosen below it, walked with the arrows: the palette, the scope
// and every picker are made of it.
import { Fragment, type ComponentChildren, type JSX } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { s } from "../strings/shared";
import { Icon, type IconName } from "./icon";

export interface Choice {
  /** Unlike every other one's. */
  id: string;
  name: ComponentChildren;
  hint?: ComponentChildren;
  icon?: IconName;
  /** Begins a group with this heading. */
  group?: string;
  depth?: number;
  chosen?: boolean;
  keys?: string;
}

interface ChoicesProps {
  label: string;
  placeholder?: string;
  text: string;
  type: (text: string) => void;
  choices: readonly Choice[];
  choose: (choice: Choice) => void;
  /** Said below the field when there is nothing to choose, or in waiting. */
  note?: string;
}

/** Do the letters of what was typed occur in this order? Words that begin so are better. */
export function matches(name: string, typed: string): boolean {
  const text = name.toLowerCase();
  let at = -1;
  return [...typed.toLowerCase().replace(/\s/g, "")].every((letter) => (at = text.indexOf(letter, at + 1)) >= 0);
}

/** Choices or items of a menu under a heading. */
export function grouped<T extends { group?: string }>(group: string, choices: readonly T[]): T[] {
  return choices.map((choice, i) => (i === 0 ? { ...choice, group } : choice));
}

export function Choices({
  label,
  placeholder,
  text,
  type,
  choices,
  choose,
  note = s.nothingFound,
}: ChoicesProps): JSX.Element {
  const id = useId();
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const active = choices[Math.min(at, choices.length - 1)];
  // Before a key can come: an effect after painting would undo the first arrow.
  useLayoutEffect(() => {
    // What is chosen now is where one begins, until something is typed.
    const chosen = text === "" ? choices.findIndex((choice) => choice.chosen) : 0;
    setAt(Math.max(0, chosen));
  }, [text]);
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [active?.id]);

  const pressed = (event: KeyboardEvent): void => {
    const last = choices.length - 1;
    const now = Math.min(at, last);
    const steps: Record<string, number> = {
      ArrowDown: now === last ? 0 : now + 1,
      ArrowUp: now <= 0 ? last : now - 1,
      PageDown: Math.min(last, now + 8),
      PageUp: Math.max(0, now - 8),
    };
    const to = steps[event.key];
    if (to !== undefined) {
      event.preventDefault();
      setAt(to);
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      if (active) choose(active);
    }
  };

  return (
    <div class="choices">
      <input
        type="text"
        role="combobox"
        data-first
        aria-label={label}
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={active && `${id}-${active.id}`}
        placeholder={placeholder ?? label}
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => type(event.currentTarget.value)}
        onKeyDown={pressed}
      />
      <div role="listbox" id={`${id}-list`} aria-label={label} class="choices-list" ref={list}>
        {choices.map((choice, i) => (
          <Fragment key={choice.id}>
            {choice.group !== undefined && (
              <div role="presentation" class="menu-group">
                {choice.group}
              </div>
            )}
            <div
              role="option"
              id={`${id}-${choice.id}`}
              aria-selected={choice === active}
              class={`choice depth-${Math.min(choice.depth ?? 0, 5)}`}
              onPointerMove={() => setAt(i)}
              // The field keeps the focus.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => choose(choice)}
            >
              {choice.icon && <Icon name={choice.icon} />}
              <span class="choice-name">{choice.name}</span>
              {choice.hint !== undefined && <span class="hint cut">{choice.hint}</span>}
              {choice.chosen && <Icon name="check" />}
              {choice.keys !== undefined && <kbd>{choice.keys}</kbd>}
            </div>
          </Fragment>
        ))}
      </div>
      {choices.length === 0 && (
        <p class="hint" role="status">
          {note}
        </p>
      )}
    </div>
  );
}
