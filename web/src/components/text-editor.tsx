// A text in Markdown while it is written: it grows with its lines, "@" suggests people, and a preview
// shows how it will look.
import type { JSX, RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { findPeople, type Person } from "../people";
import { s } from "../strings/record";
import { Markdown } from "./markdown";
import { Suggestions, useSuggestions } from "./suggestions";

interface TextEditorProps {
  label: string;
  value: string;
  change: (value: string) => void;
  /** Ctrl Enter. */
  submit: () => void;
  /** Escape. */
  cancel?: () => void;
  /** Whose people an "@" suggests; without it, nobody. */
  workspace?: string;
  area?: RefObject<HTMLTextAreaElement | null>;
  placeholder?: string;
  focused?: boolean;
  invalid?: boolean;
  describedBy?: string;
  lines?: number;
}

/** What follows the "@" before the caret, or null. */
export function mentionBefore(text: string, caret: number): string | null {
  return /(?:^|[\s([{"“„'‘*_,;:>])@([^\s@]{0,60}(?:@[^\s@]{0,60})?)$/u.exec(text.slice(0, caret))?.[1] ?? null;
}

export function TextEditor(props: TextEditorProps): JSX.Element {
  const {
    label,
    value,
    change,
    submit,
    cancel,
    workspace,
    placeholder,
    invalid = false,
    describedBy,
    lines = 4,
  } = props;
  const own = useRef<HTMLTextAreaElement>(null);
  const area = props.area ?? own;
  const [caret, setCaret] = useState(-1);
  const [preview, setPreview] = useState(false);
  const query = workspace === undefined || caret < 0 || preview ? null : mentionBefore(value, caret);

  const mention = (person: Person): void => {
    const start = caret - (query?.length ?? 0);
    const name = `${person.email} `;
    change(value.slice(0, start) + name + value.slice(caret).replace(/^ /, ""));
    setCaret(-1);
    const after = start + name.length;
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(after, after);
    });
  };
  const find = async (words: string): Promise<Person[]> =>
    (await findPeople(workspace!, words.replace(/@/g, " "))).slice(0, 6);
  const people = useSuggestions<Person>(query, find, mention);

  useLayoutEffect(() => {
    if (!props.focused) return;
    const end = area.current?.value.length ?? 0;
    area.current?.focus();
    area.current?.setSelectionRange(end, end);
  }, []);
  // Browsers that size a text by its content need none of this; the others get it from its lines.
  const rows = Math.min(30, Math.max(lines, value.split("\n").length + 1));
  const pressed = (event: KeyboardEvent): void => {
    if (people.key(event)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape" && cancel) {
      event.preventDefault();
      event.stopPropagation();
      cancel();
    }
  };

  return (
    <div class="text-editor">
      {/* Above the text, so that Tab leads on from it to what sends it. */}
      <button
        type="button"
        class="button quiet small text-mode"
        aria-pressed={preview}
        onClick={() => setPreview(!preview)}
      >
        {preview ? s.editor.write : s.editor.preview}
      </button>
      {preview ? (
        <div class="text-preview">
          {value.trim() === "" ? <p class="hint">{s.editor.empty}</p> : <Markdown text={value} />}
        </div>
      ) : (
        <textarea
          ref={area}
          data-first={props.focused}
          rows={rows}
          aria-label={label}
          aria-invalid={invalid || undefined}
          aria-describedby={describedBy}
          placeholder={placeholder}
          value={value}
          {...(workspace === undefined ? {} : people.attributes)}
          dir="auto"
          onInput={(event) => {
            change(event.currentTarget.value);
            setCaret(event.currentTarget.selectionStart);
          }}
          onKeyDown={pressed}
          onBlur={() => setCaret(-1)}
        />
      )}
      <Suggestions from={people} label={s.editor.people}>
        {(person) => (
          <>
            <strong>{person.name ?? person.email}</strong>{" "}
            {person.name !== null && <span class="hint">{person.email}</span>}
          </>
        )}
      </Suggestions>
    </div>
  );
}
