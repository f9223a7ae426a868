// A rule as the form holds it, and as the API takes it: what is typed stays as it is until the server has judged it.
import { Problem } from "../../api";
import type { Rule, RuleBody, RuleKind, Schedule } from "../../api/rules";
import { s } from "../../strings/workshop-rules";

/** The members of records that the form asks for by name; other conditions are a query of their own. */
export const conditions = ["todoType", "priority", "category", "source", "minFinancialImpact"] as const;
export type Condition = (typeof conditions)[number];

/** The members of a template that have fields. */
export const templateTexts = ["title", "description", "orderID", "assignee"] as const;

const hasField = (name: string): boolean => ["todoType", "priority", "dueDate", ...templateTexts].includes(name);

export interface Draft {
  kind: RuleKind;
  name: string;
  where: Partial<Record<Condition, string>>;
  /** Other conditions, as the API writes them. */
  more: string;
  people: string[];
  /** Working days around the due date: "5, 1". */
  before: string;
  on: boolean;
  after: string;
  days: string;
  notify: string[];
  backlog: boolean;
  schedule: Omit<Schedule, "interval" | "day"> & { interval: number | string; day: number | string };
  /** The members with fields. */
  template: Record<string, unknown>;
  /** The other members of the template, as JSON. */
  others: string;
  /** So many days after its date a record that recurs is due. */
  due: string;
  missed: NonNullable<Rule["missed"]>;
}

/** A whole number; anything else as it was typed, so that the server says what is wrong with it. */
const numberOf = (text: string | number): number =>
  /^-?\d+$/.test(String(text).trim()) ? Number(text) : (text as number);
const numbersOf = (text: string, sign: 1 | -1): number[] =>
  text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map((one) => (/^\d+$/.test(one) ? sign * Number(one) || 0 : (one as unknown as number)));

/** The conditions with fields of their own, and the rest. */
export function splitFilter(filter: string): [Draft["where"], string] {
  const all = new URLSearchParams(filter);
  const where: Draft["where"] = {};
  for (const name of conditions) {
    const [value, ...others] = all.getAll(name);
    const several = others.length > 0 || (/^(todoType|priority)$/.test(name) && value?.includes(","));
    if (value === undefined || several) continue;
    where[name] = value;
    all.delete(name);
  }
  return [where, all.toString()];
}

export function draftOf(kind: RuleKind, rule?: Rule): Draft {
  const [where, more] = splitFilter(rule?.filter ?? "");
  const steps = rule?.steps ?? [-1];
  const members = Object.entries<unknown>(rule?.template ?? { todoType: "TASK" });
  const template: Draft["template"] = Object.fromEntries(members.filter(([name]) => hasField(name)));
  const others = members.filter(([name]) => !hasField(name));
  const due = /^\+(\d+)d$/.exec(String(template["dueDate"] ?? ""))?.[1] ?? "";
  return {
    kind,
    name: rule?.name ?? "",
    where,
    more,
    people: rule?.people ?? [],
    before: steps.flatMap((step) => (step < 0 ? [-step] : [])).join(", "),
    on: steps.includes(0),
    after: steps.filter((step) => step > 0).join(", "),
    days: String(rule?.days ?? 1),
    notify: rule?.notify ?? [kind === "escalate" ? "managers" : "assignee"],
    backlog: rule?.backlog ?? false,
    schedule: { every: "month", interval: 1, day: 1, time: "08:00", ...rule?.schedule },
    template,
    others: others.length > 0 ? JSON.stringify(Object.fromEntries(others), null, 1) : "",
    due,
    missed: rule?.missed ?? "one",
  };
}

function scheduleOf({ every, interval, weekdays, month, day, time, from, until }: Draft["schedule"]): Schedule {
  return {
    every,
    interval: numberOf(interval),
    ...(every === "week" && weekdays !== undefined && weekdays.length > 0 && { weekdays }),
    ...(every === "year" && { month: month ?? 1 }),
    ...((every === "month" || every === "year") && { day: numberOf(day) }),
    ...(time !== undefined && { time }),
    ...(from !== undefined && from !== "" && { from }),
    until: until || null,
  };
}

/** The members that were typed as JSON; null where that is not a JSON object. */
export function membersOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text.trim() || "{}");
    return typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}

function templateOf({ template, others, due }: Draft): Record<string, unknown> {
  const members = membersOf(others);
  if (members === null) throw new Problem(422, "", `${s.other}: ${s.otherFault}`, 0, []);
  const { dueDate, ...rest } = template;
  const relative = due.trim() !== "" ? `+${due.trim()}d` : undefined;
  const kept = typeof dueDate === "string" && !/^\+\d+d$/.test(dueDate) ? dueDate : undefined;
  const filled = Object.entries(rest).filter(([, value]) => value !== "");
  return { ...members, ...Object.fromEntries(filled), dueDate: relative ?? kept };
}

export function bodyOf(draft: Draft): RuleBody {
  const { kind, name, where, more, people, days, notify, backlog, missed } = draft;
  const filter = new URLSearchParams(more);
  for (const [member, value] of Object.entries(where)) if (value.trim() !== "") filter.set(member, value.trim());
  const head = { kind, name, ...(kind !== "recur" && { filter: filter.toString() }) };
  switch (kind) {
    case "assign":
      return { ...head, people };
    case "remind": {
      const steps = [...numbersOf(draft.before, -1), ...(draft.on ? [0] : []), ...numbersOf(draft.after, 1)];
      return { ...head, steps, notify, backlog };
    }
    case "expire":
      return { ...head, days: numberOf(days), backlog };
    case "escalate":
      return { ...head, days: numberOf(days), notify, backlog };
    case "recur":
      return { ...head, schedule: scheduleOf(draft.schedule), template: templateOf(draft), missed };
  }
}
