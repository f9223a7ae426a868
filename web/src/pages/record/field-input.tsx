// What a field is changed with, by its kind.
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Task } from "../../api";
import { readTimezone } from "../../api/record";
import { Choices, matches } from "../../components/choices";
import { DateField } from "../../components/date-field";
import { PersonChoices } from "../../components/picker";
import { TextEditor } from "../../components/text-editor";
import { parseDay, todayIn } from "../../dates";
import { formatDay } from "../../format";
import { loadScopes } from "../../scope";
import { s } from "../../strings/record";
import { s as shared } from "../../strings/shared";
import { useLatest } from "../records/latest";
import { valueOf, type Field, type Option } from "./fields";
import { RecordField } from "./record-field";

interface FieldInputProps {
  task: Task;
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
}

/** Choosing is all there is to do: no button saves it. */
export function picksAtOnce(field: Field): boolean {
  return ["choice", "flag", "person", "workspace"].includes(field.kind);
}

const none = "none";

const optionsOf = ({ kind, options }: Field): readonly Option[] =>
  kind === "flag"
    ? [
        { value: "true", label: s.yes },
        { value: "false", label: s.no },
      ]
    : options;

/** The workspaces of the same domain: a record moves to one of these. */
async function workspacesBeside(workspace: string): Promise<Option[]> {
  const domainOf = (key: string): string => key.replace(/-[^-]*$/, "");
  return (await loadScopes())
    .filter(({ key, kind }) => kind === "workspace" && domainOf(key) === domainOf(workspace))
    .map(({ key, name }) => ({ value: key, label: name === key ? key : `${key} ${name}` }));
}

function Picked({ task: { workspace }, field, value, pick, cancel }: FieldInputProps): JSX.Element {
  const [text, setText] = useState("");
  const moves = field.kind === "workspace";
  const [options, setOptions] = useState(optionsOf(field));
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => place.current?.querySelector("input")?.focus(), []);
  useEffect(() => {
    if (moves) workspacesBeside(workspace).then(setOptions, () => {});
  }, []);
  // An id names an element too, and so has no blanks.
  const idOf = (i: number): string => `option-${i}`;
  const choices = [
    ...(field.required ? [] : [{ id: none, name: shared.none, chosen: value === "" }]),
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
          choose={({ id }) => pick(valueOf(field, options.find((_, i) => idOf(i) === id)?.value ?? ""))}
        />
      )}
    </div>
  );
}

function RecordInput({ submit, cancel, ...props }: FieldInputProps): JSX.Element {
  const { task, field, value, change, describedBy, invalid } = props;
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => input.current?.focus(), []);
  return (
    <RecordField
      task={task}
      label={field.label}
      value={value}
      change={change}
      input={input}
      invalid={invalid}
      describedBy={describedBy}
      pressed={({ key, isComposing }) => {
        if (key === "Enter" && !isComposing) submit();
        if (key === "Escape") cancel();
      }}
    />
  );
}

function DayInput({ task: { workspace }, field, value, change, submit, cancel }: FieldInputProps): JSX.Element {
  // "+7d" counts from the workspace's today, wherever the browser is.
  const [timezone] = useLatest(workspace, 0, () => readTimezone(workspace));
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
        {...(timezone !== null && { timezone })}
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
  const { task, field, value, change, submit, cancel, invalid = false, describedBy, inForm = false } = props;
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
  const input = (): JSX.Element => {
    switch (field.kind) {
      case "day":
        return <DayInput {...props} />;
      case "list":
        return (
          <>
            <textarea
              {...common}
              rows={Math.max(3, value.split("\n").length + 1)}
              value={value}
              dir="auto"
              onInput={(event) => change(event.currentTarget.value)}
            />
            <p class="hint">{s.linesHint}</p>
          </>
        );
      case "choices": {
        const chosen = value.split("\n").filter(Boolean);
        // What is no option any more comes first, and stays.
        const all = [...new Set([...chosen, ...field.options.map((option) => option.value)])];
        return (
          <div class="checks" role="group" aria-label={field.label} aria-describedby={describedBy}>
            {field.options.map((option) => (
              <label key={option.value} class="switch">
                <input
                  type="checkbox"
                  checked={chosen.includes(option.value)}
                  onKeyDown={keys}
                  onChange={(event) => {
                    const on = event.currentTarget.checked;
                    change(all.filter((one) => (one === option.value ? on : chosen.includes(one))).join("\n"));
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
          <input
            {...common}
            type="datetime-local"
            value={localMoment(value)}
            onChange={(event) => {
              const time = Date.parse(event.currentTarget.value);
              change(Number.isNaN(time) ? "" : new Date(time).toISOString());
            }}
          />
        );
      default:
        return (
          <input
            {...common}
            type="text"
            inputMode={field.kind === "money" || field.kind === "number" ? "decimal" : undefined}
            autocomplete="off"
            dir="auto"
            value={value}
            onInput={(event) => change(event.currentTarget.value)}
          />
        );
    }
  };
  if (field.kind === "record") return <RecordInput {...props} />;
  if (field.kind === "long")
    return (
      <TextEditor
        label={field.label}
        value={value}
        change={change}
        submit={submit}
        cancel={cancel}
        workspace={task.workspace}
        focused={!inForm}
        invalid={invalid}
        describedBy={describedBy}
      />
    );
  if (picksAtOnce(field)) {
    if (!inForm) return <Picked {...props} />;
    return (
      <select {...common} value={value} onChange={(event) => change(event.currentTarget.value)}>
        <option value="" />
        {optionsOf(field).map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    );
  }
  return <div ref={place}>{input()}</div>;
}
