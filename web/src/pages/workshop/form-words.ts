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

type Words = Readonly<Record<string, string>>;

const fieldWords: Words = {
  type: s.fieldType,
  label: s.label,
  help: s.help,
  required: s.required,
  locked: s.locked,
  hidden: s.hidden,
  tag: s.tag,
  default: s.default,
  options: s.options,
  example: s.example,
  pattern: s.pattern,
  maxLength: s.maxLength,
  check: s.check,
  for: s.forType,
};

const wholeWords: Words = {
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

const without = (list: readonly string[], others: readonly string[]): string[] =>
  list.filter((one) => !others.includes(one));

/** What is different in the members that have these words. */
function membersThatDiffer<T extends object>(before: T, after: T, words: Words, of = ""): string[] {
  return Object.entries(words).flatMap(([member, word]) => {
    const [a, b] = [before[member as keyof T], after[member as keyof T]];
    const what = of + word;
    if (same(a, b)) return [];
    if (member === "options" && a && b) {
      const [was, is] = [a, b].map((list) => (list as NonNullable<FormField["options"]>).map(optionText));
      const [more, less] = [without(is!, was!), without(was!, is!)];
      const said = [
        ...(more.length > 0 ? [s.diff.more(what, valueText(more))] : []),
        ...(less.length > 0 ? [s.diff.less(what, valueText(less))] : []),
      ];
      if (said.length > 0) return said;
    }
    // A switch that is not there is off.
    return [s.diff.now(what, b !== undefined ? valueText(b) : a === true ? s.no : s.none)];
  });
}

/** Each difference in a sentence; none if both say the same. */
export function differences(before: FormDocument, after: FormDocument): string[] {
  const found = membersThatDiffer(before, after, wholeWords);
  const [was, is] = [before.fields ?? [], after.fields ?? []];
  for (const field of is) {
    const title = fieldTitle(field) || field.name;
    const old = was.find(({ name }) => name === field.name);
    if (old === undefined) found.push(s.diff.added(title));
    const { name, type, label } = field;
    found.push(...membersThatDiffer(old ?? ({ name, type, label } as FormField), field, fieldWords, `${title}, `));
  }
  const [names, now] = [was.map(({ name }) => name), is.map(({ name }) => name)];
  const gone = without(names, now);
  found.push(...gone.map((name) => s.diff.removed(fieldName(name))));
  if (!same(without(names, gone), without(now, without(now, names)))) found.push(s.diff.order);
  return found;
}
