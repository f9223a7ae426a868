// What a field is changed with, by its kind.
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Task } from "../../api";
import { findRecords, readTimezone } from "../../api/record";
import { Choices, matches, type Choice } from "../../components/choices";
import { DateField } from "../../components/date-field";
import { PersonChoices } from "../../components/picker";
import { Suggestions, useSuggestions } from "../../components/suggestions";
import { TextEditor } from "../../components/text-editor";
import { parseDay, todayIn } from "../../dates";
import { formatDay } from "../../format";
import { loadScopes } from "../../scope";
import { s } from "../../strings/record";
import { s as shared } from "../../strings/shared";
import { valueOf, type Field } from "./fields";
import { useLoaded } from "./load";

interface FieldInputProps {
  field: Field;
  /** As a text; lists have a line for each. */
  value: string;
  change: (text: string) => void;
  /** It was chosen, and nothing is left to do. */
  pick: (value: unknown) => void;
  /** Enter. */
  submit: () => void;
  cancel: () => void;
  invalid?: boolean;
  describedBy?: string | undefined;
  /** One of several in a form, which takes the values together and sets the focus. */
  inForm?: boolean;
  /** Of the record, whose people and workspaces there are to choose from. */
  workspace: string;
}

/** Choosing is all there is to do: no button saves it. */
export function picksAtOnce(field: Field): boolean {
  return ["choice", "flag", "person", "workspace"].includes(field.kind);
}

const none = "none";

function Picked({ field, value, pick, cancel, workspace }: FieldInputProps): JSX.Element {
  const [text, setText] = useState("");
  const [found, setFound] = useState<readonly Choice[] | null>(null);
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => place.current?.querySelector("input")?.focus(), []);
  useEffect(() => {
    if (field.kind !== "workspace") return;
    const domain = workspace.replace(/-[^-]*$/, "");
    loadScopes().then(
      (nodes) =>
        setFound(
          nodes
            .filter(({ key, kind }) => kind === "workspace" && key.replace(/-[^-]*$/, "") === domain)
            .filter(({ key, name }) => matches(`${key} ${name}`, text))
            .map(({ key, name }) => ({
              id: key,
              name: key,
              chosen: key === value,
              ...(name !== key && { hint: name }),
            })),
        ),
      () => setFound([]),
    );
  }, [text]);
  const options =
    field.kind === "flag"
      ? [
          { value: "true", label: s.yes },
          { value: "false", label: s.no },
        ]
      : field.options;
  // An id names an element too, and so has no blanks.
  const idOf = (i: number): string => `option-${i}`;
  const choices: readonly Choice[] =
    found ??
    [
      ...(field.required || field.kind === "workspace"
        ? []
        : [{ id: none, name: shared.none, chosen: value === "" }]),
      ...options.map((option, i) => ({ id: idOf(i), name: option.label, chosen: option.value === value })),
    ].filter(({ name }) => matches(name, text));
  return (
    <div
      ref={place}
      class="stack picked"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        cancel();
      }}
    >
      {field.kind === "person" ? (
        <PersonChoices
          label={field.label}
          workspace={workspace}
          chosen={value}
          choose={(email) => pick(valueOf(field, email))}
        />
      ) : (
        <Choices
          label={field.label}
          text={text}
          type={setText}
          choices={choices}
          choose={({ id }) =>
            pick(id === none ? null : valueOf(field, options.find((_, i) => idOf(i) === id)?.value ?? id))
          }
        />
      )}
    </div>
  );
}

function RecordInput({ field, value, change, submit, cancel, describedBy, invalid }: FieldInputProps): JSX.Element {
  const [chosen, setChosen] = useState(value);
  const take = (record: Task): void => {
    setChosen(record.key);
    change(record.key);
  };
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => input.current?.focus(), []);
  const found = useSuggestions<Task>(
    value.trim().length < 2 || value === chosen ? null : value.trim(),
    findRecords,
    take,
  );
  return (
    <div class="suggesting">
      <input
        ref={input}
        role="combobox"
        aria-label={field.label}
        aria-expanded={found.items.length > 0}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy}
        autocomplete="off"
        spellcheck={false}
        placeholder={s.related.otherHint}
        value={value}
        {...found.attributes}
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (found.key(event)) return;
          if (event.key === "Enter" && !event.isComposing) submit();
          if (event.key === "Escape") cancel();
        }}
      />
      <Suggestions from={found} label={s.related.search}>
        {(record) => (
          <>
            <code>{record.key}</code> <bdi>{record.title}</bdi>
          </>
        )}
      </Suggestions>
    </div>
  );
}

function DayInput({ field, value, change, submit, cancel, workspace }: FieldInputProps): JSX.Element {
  // "+7d" counts from the workspace's today, wherever the browser is.
  const [zone] = useLoaded(workspace, null, () => readTimezone(workspace));
  const day = value === "" ? null : value;
  return (
    <div
      onKeyDown={(event) => {
        if (event.key !== "Enter" || event.isComposing || !(event.target instanceof HTMLInputElement)) return;
        // The field has taken what was typed, unless it is no date; then it says so.
        const typed = event.target.value.trim();
        if (typed === "" || typed === (day && formatDay(day)) || parseDay(typed, todayIn()) !== null)
          setTimeout(submit);
      }}
    >
      <DateField
        label={field.label}
        value={day}
        change={(next) => change(next ?? "")}
        cancel={cancel}
        live
        {...(zone.value !== null && { timezone: zone.value })}
      />
    </div>
  );
}

/** A time of the browser's zone, as its own input has it, and back. */
function localMoment(at: string): string {
  const time = Date.parse(at);
  if (Number.isNaN(time)) return "";
  const date = new Date(time);
  return new Date(time - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function FieldInput(props: FieldInputProps): JSX.Element {
  const { field, value, change, submit, cancel, invalid = false, describedBy, inForm = false } = props;
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (!inForm) place.current?.querySelector<HTMLElement>("input, textarea")?.focus();
  }, []);
  const keys = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      cancel();
    } else if (
      event.key === "Enter" &&
      (!(event.target instanceof HTMLTextAreaElement) || event.ctrlKey || event.metaKey)
    ) {
      event.preventDefault();
      submit();
    }
  };
  const common = {
    "aria-label": field.label,
    "aria-invalid": invalid || undefined,
    "aria-describedby": describedBy,
    onKeyDown: keys,
  };
  if (picksAtOnce(field)) {
    if (!inForm) return <Picked {...props} />;
    return (
      <select {...common} value={value} onChange={(event) => change(event.currentTarget.value)}>
        <option value="" />
        {(field.kind === "flag"
          ? [
              { value: "true", label: s.yes },
              { value: "false", label: s.no },
            ]
          : field.options
        ).map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    );
  }
  switch (field.kind) {
    case "day":
      return (
        <div ref={place}>
          <DayInput {...props} />
        </div>
      );
    case "record":
      return <RecordInput {...props} />;
    case "long":
      return (
        <TextEditor
          label={field.label}
          value={value}
          change={change}
          submit={submit}
          cancel={cancel}
          focused={!inForm}
          invalid={invalid}
        />
      );
    case "list":
      return (
        <div ref={place}>
          <textarea
            {...common}
            rows={Math.max(3, value.split("\n").length + 1)}
            value={value}
            dir="auto"
            onInput={(event) => change(event.currentTarget.value)}
          />
          <p class="hint">{s.linesHint}</p>
        </div>
      );
    case "choices": {
      const chosen = value.split("\n").filter((one) => one !== "");
      return (
        <div ref={place} class="checks options" role="group" aria-label={field.label} aria-describedby={describedBy}>
          {field.options.map((option) => (
            <label key={option.value} class="switch">
              <input
                type="checkbox"
                checked={chosen.includes(option.value)}
                onKeyDown={keys}
                onChange={(event) => {
                  const on = event.currentTarget.checked;
                  const next = field.options
                    .map((one) => one.value)
                    .filter((one) => (one === option.value ? on : chosen.includes(one)));
                  change(
                    [...chosen.filter((one) => !field.options.some((known) => known.value === one)), ...next].join(
                      "\n",
                    ),
                  );
                }}
              />
              <span>{option.label}</span>
            </label>
          ))}
        </div>
      );
    }
    case "moment":
      return (
        <div ref={place}>
          <input
            {...common}
            type="datetime-local"
            value={localMoment(value)}
            onChange={(event) => {
              const time = Date.parse(event.currentTarget.value);
              change(Number.isNaN(time) ? "" : new Date(time).toISOString());
            }}
          />
        </div>
      );
    default:
      return (
        <div ref={place}>
          <input
            {...common}
            type="text"
            inputMode={field.kind === "money" || field.kind === "number" ? "decimal" : undefined}
            autocomplete="off"
            dir="auto"
            value={value}
            onInput={(event) => change(event.currentTarget.value)}
          />
        </div>
      );
  }
}
