// What a record can hold: each field with what it takes to show and to change it. The form of the
// record adds its own fields and narrows the others.
import type { Level, Status, Task, TodoType } from "../../api";
import type { FormDocument } from "../../api/record";
import { labelText } from "../../labels";
import { memberName } from "../../strings/members";
import { levelName, statusName, typeName } from "../../strings/shared";

export type FieldKind =
  | "text"
  | "long"
  | "choice"
  | "choices"
  | "list"
  | "day"
  | "moment"
  | "money"
  | "number"
  | "flag"
  | "person"
  | "workspace"
  | "record";

export interface Option {
  value: string;
  label: string;
}

export interface Field {
  name: string;
  kind: FieldKind;
  label: string;
  help: string;
  options: Option[];
  /** It cannot be emptied. */
  required: boolean;
  /** Only the form sets it. */
  locked: boolean;
  /** Nobody fills it in by hand. */
  hidden: boolean;
  /** The form adds it; its value is in the record's `extra`. */
  extra: boolean;
}

const levels = ["High", "Medium", "Low"];
const always = ["title", "description", "reporter", "assignee", "status", "todoType", "workspace"];

const builtIn: Record<string, [kind: FieldKind, options?: string[]]> = {
  title: ["text"],
  description: ["long"],
  result: ["long"],
  cause: ["long"],
  todoType: ["choice", ["INCIDENT", "TASK"]],
  status: ["choice", ["To do", "In Progress", "Done", "Expired"]],
  priority: ["choice", levels],
  impact: ["choice", levels],
  likelihood: ["choice", levels],
  assignee: ["person"],
  reporter: ["person"],
  dueDate: ["day"],
  reminderDate: ["day"],
  occurredAt: ["moment"],
  financialImpact: ["money"],
  category: ["list"],
  subCategory: ["list"],
  orderID: ["list"],
  LRN: ["text"],
  tags: ["list"],
  parent: ["record"],
  workspace: ["workspace"],
};

const addedKinds: Record<string, FieldKind> = {
  longText: "long",
  number: "number",
  money: "money",
  date: "day",
  choice: "choice",
  choices: "choices",
  boolean: "flag",
};

function optionLabel(name: string, value: string): string {
  if (name === "status") return statusName(value as Status);
  if (name === "todoType") return typeName(value as TodoType);
  return levelName(value as Level);
}

export function fieldsOf(task: Task, form: FormDocument | null): Map<string, Field> {
  const fields = new Map<string, Field>();
  for (const [name, [kind, options]] of Object.entries(builtIn)) {
    fields.set(name, {
      name,
      kind,
      label: memberName(name),
      help: "",
      options: (options ?? []).map((value) => ({ value, label: optionLabel(name, value) })),
      required: always.includes(name),
      locked: false,
      hidden: false,
      extra: false,
    });
  }
  for (const own of form?.fields ?? []) {
    const known =
      fields.get(own.name) ?? [...fields.values()].find((one) => one.name.toLowerCase() === own.name.toLowerCase());
    const options = own.options?.map((option) =>
      typeof option === "string"
        ? { value: option, label: option }
        : { value: option.value, label: labelText(option.label) ?? option.value },
    );
    if (known) {
      known.label = labelText(own.label) ?? known.label;
      known.help = labelText(own.help) ?? "";
      known.required ||= own.required === true;
      // A report alone is held to these two; work goes on from there.
      known.locked = own.locked === true && !["status", "assignee"].includes(known.name);
      if (options && known.name !== "status") {
        known.options = options;
        known.kind = known.kind === "list" ? "choices" : known.kind === "text" ? "choice" : known.kind;
      }
    } else if (own.for === undefined || own.for === task.todoType) {
      fields.set(own.name, {
        name: own.name,
        kind: addedKinds[own.type ?? ""] ?? "text",
        label: labelText(own.label) ?? own.name,
        help: labelText(own.help) ?? "",
        options: options ?? [],
        required: own.required === true,
        locked: own.locked === true,
        hidden: own.hidden === true,
        extra: true,
      });
    }
  }
  return fields;
}

/** The value that the record has, or null. */
export function fieldValue(task: Task, field: Field): unknown {
  const holder: Record<string, unknown> = field.extra ? task.extra : { ...task };
  return holder[field.name] ?? null;
}

/** The same as one text, as people edit it: lists have a line for each. */
export function draftOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(String).join("\n");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** And back, as a change of the record takes it: null removes the value. */
export function valueOf(field: Field, draft: string): unknown {
  if (field.kind === "list" || field.kind === "choices") {
    const items = draft
      .split("\n")
      .map((one) => one.trim())
      .filter((one) => one !== "");
    return items.length === 0 ? null : items;
  }
  if (field.kind === "long") return draft.trim() === "" ? null : draft;
  const text = draft.trim();
  if (text === "") return null;
  if (field.kind === "flag") return text === "true";
  if (field.kind === "money") return plainAmount(text);
  if (field.kind === "number") return text.replace(/^(-?\d+),(\d+)$/, "$1.$2");
  return text;
}

/** As people type amounts: "€ 1.234,50", "1,234.50" and "1234.5" are all the same to read. */
export function plainAmount(text: string): string {
  const bare = text.replace(/[€\s'\u00a0\u202f]|EUR/g, "");
  const parts = /^(\d[\d.,]*?)(?:[.,](\d{1,2}))?$/.exec(bare);
  if (!parts) return text;
  const whole = parts[1]!;
  // "1,23,4" is no amount in any way of writing: the server says so.
  if (/[.,]/.test(whole) && !/^\d{1,3}([.,]\d{3})+$/.test(whole)) return text;
  return whole.replace(/[.,]/g, "") + (parts[2] === undefined ? "" : `.${parts[2]}`);
}

export function sameValue(a: unknown, b: unknown): boolean {
  return draftOf(a) === draftOf(b);
}
