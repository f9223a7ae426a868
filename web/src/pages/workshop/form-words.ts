// What a form says, in words: the names of its fields, and what differs between two versions.
import type { FormDocument, FormField } from "../../api/forms";
import { labelText } from "../../labels";
import { fieldName } from "../../strings/members";
import { s } from "../../strings/workshop-forms";

export type Kind = keyof typeof s.kinds;

/** The members of a report that a form can restrict, and what kind of value each has. */
export const memberKinds: Readonly<Partial<Record<string, Kind>>> = {
  title: "text",
  description: "longText",
  result: "longText",
  financialImpact: "money",
  impact: "choice",
  likelihood: "choice",
  status: "choice",
  priority: "choice",
  reporter: "email",
  assignee: "email",
  category: "texts",
  subCategory: "texts",
  orderID: "texts",
  LRN: "lrn",
  tags: "texts",
  dueDate: "date",
  reminderDate: "date",
  occurredAt: "time",
};

export const isMember = (name: string): boolean => memberKinds[name] !== undefined;

export const kindOf = (field: FormField): Kind => memberKinds[field.name] ?? field.type ?? "text";

export const fieldTitle = (field: FormField): string => labelText(field.label) || fieldName(field.name);

const optionText = (option: NonNullable<FormField["options"]>[number]): string =>
  typeof option === "string" ? option : option.value;

/** A value of a form, short. */
export function valueText(value: unknown): string {
  if (value === true) return s.yes;
  if (value === false) return s.no;
  if (Array.isArray(value)) return value.map(valueText).join(", ");
  if (typeof value === "string") return `“${value}”`;
  return JSON.stringify(value);
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const fieldWords: Readonly<Record<string, string>> = {
  type: s.fieldType,
  label: s.label,
  help: s.help,
  default: s.default,
  options: s.options,
  example: s.example,
  pattern: s.pattern,
  maxLength: s.maxLength,
  check: s.check,
  for: s.forType,
};

function fieldDifference(before: FormField, after: FormField): string[] {
  const name = fieldTitle(after) || after.name;
  const found: string[] = [];
  const members = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const member of members as Set<keyof FormField>) {
    const [a, b] = [before[member], after[member]];
    if (same(a, b) || member === "name") continue;
    const on = s.diff.on[member];
    if (on !== undefined) {
      found.push(b === true ? on(name) : (s.diff.off[member]?.(name) ?? ""));
    } else if (member === "options" && before.options && after.options) {
      const [was, is] = [before.options.map(optionText), after.options.map(optionText)];
      const list = (texts: string[]): string => texts.map((text) => `“${text}”`).join(", ");
      const more = is.filter((text) => !was.includes(text));
      const gone = was.filter((text) => !is.includes(text));
      if (more.length > 0) found.push(s.diff.optionsAdded(name, list(more)));
      if (gone.length > 0) found.push(s.diff.optionsRemoved(name, list(gone)));
      if (more.length + gone.length === 0) found.push(s.diff.set(name, s.options, is.join(", ")));
    } else {
      const what = fieldWords[member] ?? member;
      found.push(b === undefined ? s.diff.unset(name, what) : s.diff.set(name, what, valueText(b)));
    }
  }
  return found;
}

const wholeWords: Readonly<Record<string, string>> = {
  title: s.title,
  help: s.help,
  default: s.asDefault,
  disabled: s.disabled,
  todoType: s.type,
  accounts: s.accounts,
  unknownMembers: s.unknown,
  otherType: s.other,
  unknownReporter: s.invite,
  dedup: s.dedup,
  needToClose: s.needToClose,
  confirmClose: s.confirm,
};

/** Each difference in a sentence; none if both say the same. */
export function differences(before: FormDocument, after: FormDocument): string[] {
  const found: string[] = [];
  for (const member of Object.keys(wholeWords) as (keyof FormDocument)[]) {
    const [a, b] = [before[member], after[member]];
    if (same(a, b)) continue;
    const what = wholeWords[member] ?? member;
    found.push(b === undefined ? s.diff.wholeUnset(what) : s.diff.whole(what, valueText(b)));
  }
  const [was, is] = [before.fields ?? [], after.fields ?? []];
  for (const field of is) {
    const old = was.find(({ name }) => name === field.name);
    if (old === undefined) {
      found.push(s.diff.added(fieldTitle(field)));
      found.push(...fieldDifference({ name: field.name, type: field.type, label: field.label } as FormField, field));
    } else found.push(...fieldDifference(old, field));
  }
  for (const { name } of was)
    if (!is.some((field) => field.name === name)) found.push(s.diff.removed(fieldName(name)));
  const common = (list: readonly FormField[], of: readonly FormField[]): string[] =>
    list.map(({ name }) => name).filter((name) => of.some((field) => field.name === name));
  if (!same(common(was, is), common(is, was))) found.push(s.diff.order);
  return found;
}
