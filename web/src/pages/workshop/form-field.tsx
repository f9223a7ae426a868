// One field of a form: what reports may have in it.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { FormField } from "../../api/forms";
import { Check, Entry, Select } from "../../components/entry";
import { labelText } from "../../labels";
import { language } from "../../language";
import { fieldName } from "../../strings/members";
import { s } from "../../strings/workshop-forms";
import { LabelEntries, listOrNone, withMember } from "./form-builder";
import { isMember, kindOf, type Kind } from "./form-words";
import { LinesArea } from "./parts";

export function FieldMarks({ field }: { field: FormField }): JSX.Element {
  const marks = [
    s.kinds[kindOf(field)],
    field.required && s.required,
    field.locked && s.locked,
    field.hidden && s.hidden,
    field.tag && s.tag,
  ].filter((one) => typeof one === "string");
  return (
    <span class="hint">
      <code>{field.name}</code> {marks.join(" · ")}
    </span>
  );
}

type Option = NonNullable<FormField["options"]>[number];

const optionLine = (option: Option): string => {
  if (typeof option === "string") return option;
  const label = labelText(option.label);
  return label === undefined ? option.value : `${option.value} | ${label}`;
};

/** The option of a line; the labels that its value has in other languages stay. */
function optionOf(line: string, before: readonly Option[]): Option {
  const old = before.find((one) => optionLine(one) === line);
  if (old !== undefined) return old;
  const [value = "", text] = line.split(/\s*\|\s*(.*)/s);
  if (!text) return value;
  const same = before.find((one) => typeof one === "object" && one.value === value);
  const label = typeof same === "object" ? same.label : undefined;
  return { value, label: typeof label === "object" ? { ...label, [language]: text } : text };
}

const lists: readonly Kind[] = ["choices", "texts"];
const withOptions: readonly Kind[] = ["text", "longText", "choice", "choices", "texts", "lrn", "email"];
const withPattern: readonly Kind[] = ["text", "longText", "texts", "lrn", "mrn", "customsOffice", "email"];
const withCheck: readonly Kind[] = ["lrn", "mrn", "customsOffice"];

/** What was typed as a JSON value; one that is not a number, or would be rounded, stays a text: the server says so. */
function valueOf(text: string, kind: Kind): unknown {
  if (text === "") return undefined;
  const exact = Number.isFinite(Number(text)) && text.replace(/\D/g, "").length <= 15;
  return kind === "number" && exact ? Number(text) : text;
}

/** A default, an example or a bound. */
function ValueEntry({
  label,
  kind,
  value,
  change,
  fault,
}: {
  label: string;
  kind: Kind;
  value: unknown;
  change: (value: unknown) => void;
  fault: string | undefined;
}): JSX.Element {
  const [typed, setTyped] = useState<string | null>(null);
  if (lists.includes(kind)) {
    const lines = value === undefined ? [] : Array.isArray(value) ? value.map(String) : [String(value)];
    return (
      <LinesArea
        label={label}
        lines={lines}
        change={(next) => change(listOrNone(next))}
        fault={fault}
        rows={2}
      />
    );
  }
  if (kind === "boolean") {
    return (
      <Select
        label={label}
        value={value === undefined ? "" : String(value)}
        change={(to) => change(to === "" ? undefined : to === "true")}
        options={[["", s.none], ["true", s.yes], ["false", s.no]]}
        fault={fault}
      />
    );
  }
  return (
    <Entry
      label={label}
      value={typed !== null && valueOf(typed, kind) === value ? typed : value === undefined ? "" : String(value)}
      change={(text) => {
        setTyped(text);
        change(valueOf(text, kind));
      }}
      {...(kind === "date" && { hint: s.dateHint })}
      fault={fault}
    />
  );
}

interface FieldEditorProps {
  field: FormField;
  change: (field: FormField) => void;
  fault: (member: string) => string | undefined;
}

export function FieldEditor({ field, change, fault }: FieldEditorProps): JSX.Element {
  const kind = kindOf(field);
  const member = isMember(field.name);
  const set = <K extends keyof FormField>(name: K, value: FormField[K] | undefined): void =>
    change(withMember(field, name, value));
  const tags = ["orderID", "LRN"].includes(field.name);
  // As they were when the field was opened: a label that is deleted and typed anew keeps its other languages.
  const [first] = useState(field.options ?? []);
  return (
    <div class="stack builder-field">
      {!member && (
        <div class="field-row">
          <Entry
            label={s.fieldName}
            value={field.name}
            change={(name) => change({ ...field, name: name.trim() })}
            hint={s.fieldNameHint}
            fault={fault("name")}
            code
            first
          />
          <Select
            label={s.fieldType}
            value={field.type ?? "text"}
            change={(to) => {
              // A kind that has no options or pattern cannot keep them.
              const type = to as NonNullable<FormField["type"]>;
              const { options, pattern, maxLength, check, ...rest } = field;
              change({
                ...rest,
                type,
                ...(withOptions.includes(type) && options && { options }),
                ...(withPattern.includes(type) && pattern !== undefined && { pattern }),
                ...(withPattern.includes(type) && maxLength !== undefined && { maxLength }),
                ...(withCheck.includes(type) && check && { check }),
              });
            }}
            options={(
              [
                "text", "longText", "number", "money", "date", "choice", "choices", "email", "boolean", "lrn", "mrn",
                "customsOffice",
              ] as const
            ).map((one) => [one, s.kinds[one]])}
            fault={fault("type")}
          />
        </div>
      )}
      <LabelEntries
        what={member ? `${s.label} (${fieldName(field.name)})` : s.label}
        label={field.label}
        change={(to) => set("label", to)}
        fault={fault("label")}
      />
      <LabelEntries what={s.help} label={field.help} change={(to) => set("help", to)} fault={fault("help")} />
      <div class="field-row">
        <Check label={s.required} checked={field.required === true} change={(to) => set("required", to || undefined)} />
        <Check label={s.locked} checked={field.locked === true} change={(to) => set("locked", to || undefined)} />
        <Check label={s.hidden} checked={field.hidden === true} change={(to) => set("hidden", to || undefined)} />
        <Check
          label={s.tag}
          checked={field.tag ?? tags}
          change={(to) => set("tag", to === tags ? undefined : to)}
        />
      </div>
      {(["required", "locked", "hidden", "tag"] as const).map(
        (name) => fault(name) !== undefined && <p key={name} class="hint fault-text">{fault(name)}</p>,
      )}
      {withOptions.includes(kind) && (
        <LinesArea
          label={s.options}
          lines={(field.options ?? []).map(optionLine)}
          change={(lines) =>
            set("options", listOrNone(lines.map((line) => optionOf(line, [...(field.options ?? []), ...first]))))
          }
          hint={s.optionsHint}
          fault={fault("options")}
          rows={4}
        />
      )}
      <div class="field-row">
        <ValueEntry
          label={s.default}
          kind={kind}
          value={field.default}
          change={(to) => set("default", to as FormField["default"])}
          fault={fault("default")}
        />
        <ValueEntry
          label={s.example}
          kind={kind}
          value={field.example}
          change={(to) => set("example", to as FormField["example"])}
          fault={fault("example")}
        />
      </div>
      {withPattern.includes(kind) && (
        <div class="field-row">
          <Entry
            label={s.pattern}
            value={field.pattern ?? ""}
            change={(to) => set("pattern", to || undefined)}
            hint={s.patternHint}
            fault={fault("pattern")}
            code
          />
          <ValueEntry
            label={s.maxLength}
            kind="number"
            value={field.maxLength}
            change={(to) => set("maxLength", to as FormField["maxLength"])}
            fault={fault("maxLength")}
          />
        </div>
      )}
      {(withCheck.includes(kind) || !member) && (
        <div class="field-row">
          {withCheck.includes(kind) && (
            <Select
              label={s.check}
              value={field.check ?? ""}
              change={(to) => set("check", (to || undefined) as FormField["check"])}
              options={[["", s.checkDefault], ["refuse", s.checkRefuse], ["warn", s.checkWarn], ["off", s.checkOff]]}
              fault={fault("check")}
            />
          )}
          {!member && (
            <Select
              label={s.forType}
              value={field.for ?? ""}
              change={(to) => set("for", (to || undefined) as FormField["for"])}
              options={[["", s.both], ["INCIDENT", s.incidents], ["TASK", s.tasks]]}
              fault={fault("for")}
            />
          )}
        </div>
      )}
    </div>
  );
}
