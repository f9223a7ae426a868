// What a rule does, in a sentence.
import { weekdays, type Past, type Rule, type RuleBody, type Schedule, type Weekday } from "../../api/rules";
import { counted } from "../../format";
import { locale } from "../../language";
import { nameOf } from "../../people";
import { memberName } from "../../strings/members";
import { s } from "../../strings/workshop-rules";
import { s as shared } from "../../strings/shared";
import { conditions, type Condition } from "./rule-draft";

const lists = new Intl.ListFormat(locale, { type: "conjunction" });
const dayName = new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" });
const monthName = new Intl.DateTimeFormat(locale, { month: "long", timeZone: "UTC" });

export const listed = (all: readonly (string | number)[]): string => lists.format(all.map(String));

/** The first of January 2024 was a Monday. */
export const weekdayName = (day: Weekday): string => dayName.format(Date.UTC(2024, 0, 1 + weekdays.indexOf(day)));
export const monthOf = (month: number): string => monthName.format(Date.UTC(2024, month - 1, 1));

export const toldName = (one: string): string => s.told[one] ?? nameOf(one);

function valueOf(name: string, value: string): string {
  const words: Record<string, string> = { ...shared.types, ...shared.levels };
  return name === "todoType" || name === "priority" ? (words[value] ?? value) : value;
}

export const conditionName = (name: Condition): string =>
  name === "minFinancialImpact" ? s.fromEuros : memberName(name);

/** "priority High and category Customs"; empty if it is about all records. */
function whereOf(filter: string): string {
  const all = [...new URLSearchParams(filter)];
  return listed(
    all.map(([name, value]) => {
      const known = conditions.includes(name as Condition);
      return `${known ? conditionName(name as Condition).toLowerCase() : name} ${valueOf(name, value)}`;
    }),
  );
}

function whenOf({ every, interval = 1, weekdays: days = [], month = 1, day = 1, time = "08:00" }: Schedule): string {
  const rhythm = s.every[every](interval);
  const dates = { day: "", week: listed(days.map(weekdayName)), month: s.onDay(day), year: `${day} ${monthOf(month)}` };
  const on = dates[every];
  return s.at(on === "" ? rhythm : s.on(rhythm, on), time);
}

function stepsOf(steps: readonly number[]): string {
  const before = steps.filter((step) => step < 0).map((step) => -step);
  const after = steps.filter((step) => step > 0);
  return listed([
    ...(before.length > 0 ? [s.before(listed(before), before.length === 1 && before[0] === 1)] : []),
    ...(steps.includes(0) ? [s.onIt] : []),
    ...(after.length > 0 ? [s.after(listed(after), after.length === 1 && after[0] === 1)] : []),
  ]);
}

export function sentenceOf(rule: Rule | RuleBody): string {
  const { kind, filter = "", people = [], steps = [], days = 0, notify = [], schedule, template } = rule;
  const does = {
    assign: () => s.assigns(listed(people.map(nameOf)), people.length > 1),
    remind: () => s.reminds(listed(notify.map(toldName)), stepsOf(steps)),
    expire: () => s.expires(days),
    escalate: () => s.reminds(listed(notify.map(toldName)), stepsOf([days])),
    recur: () => s.recurs(String(template?.["title"] ?? ""), schedule === undefined ? "" : whenOf(schedule)),
  }[kind]();
  const where = whereOf(filter);
  return where === "" ? `${does}.` : `${does}. ${s.only(where)}`;
}

export function pastWords({ count, records, people }: Past): string {
  if (count === 0) return s.past.nothing;
  const on = [
    ...(records > 0 ? [counted(records, ...s.past.records)] : []),
    ...(people > 0 ? [counted(people, ...s.past.people)] : []),
  ];
  return `${s.past.times(count)}${on.length > 0 ? `: ${listed(on)}` : ""}.`;
}
