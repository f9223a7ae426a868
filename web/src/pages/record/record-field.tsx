// A field for another record: its key, or words that find it.
import type { JSX, RefObject } from "preact";
import { useState } from "preact/hooks";
import type { Task } from "../../api";
import { findRecords } from "../../api/record";
import { Suggestions, useSuggestions } from "../../components/suggestions";
import { s } from "../../strings/record";

interface RecordFieldProps {
  task: Task;
  label: string;
  value: string;
  change: (text: string) => void;
  input: RefObject<HTMLInputElement | null>;
  invalid?: boolean | undefined;
  describedBy?: string | undefined;
  /** A key that is not for the suggestions. */
  pressed?: (event: KeyboardEvent) => void;
}

export function RecordField(props: RecordFieldProps): JSX.Element {
  const { task, label, value, change, input, invalid, describedBy, pressed } = props;
  const [chosen, setChosen] = useState(value);
  const words = value.trim();
  const found = useSuggestions<Task>(
    words.length < 2 || value === chosen ? null : words,
    async (text) => (await findRecords({ q: text, limit: 6 })).filter(({ key }) => key !== task.key),
    ({ key }) => {
      setChosen(key);
      change(key);
    },
  );
  return (
    <div class="suggesting">
      <input
        ref={input}
        role="combobox"
        aria-label={label}
        aria-expanded={found.items.length > 0}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy}
        autocomplete="off"
        spellcheck={false}
        placeholder={s.related.otherHint}
        value={value}
        {...found.attributes}
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => found.key(event) || pressed?.(event)}
      />
      <Suggestions from={found} label={label}>
        {({ key, title }) => (
          <>
            <code>{key}</code> <bdi>{title}</bdi>
          </>
        )}
      </Suggestions>
    </div>
  );
}
