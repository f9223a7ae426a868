// Rules: what happens by itself in a workspace, and the days that they count.
import { call } from "../api";
import type { components } from "../generated/schema";

type Schemas = components["schemas"];

export type Rule = Schemas["Rule"];
export type RuleKind = Rule["kind"];
export type RuleBody = Schemas["RuleRequest"];
export type Past = Schemas["RulePast"];
export type Schedule = Schemas["RuleSchedule"];
export type Workdays = Schemas["Workdays"];
export type Weekday = Schemas["Weekday"];

export const kinds: readonly RuleKind[] = ["assign", "remind", "expire", "escalate", "recur"];
export const weekdays: readonly Weekday[] = [
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
  "Sunday",
];

const of = ({ workspace, id }: Rule) => ({ path: { key: workspace, id } });

export const listRules = async (key: string): Promise<Rule[]> =>
  (await call("GET", "/workspaces/{key}/rules", { path: { key } })).items;

export const readRule = (key: string, id: string) => call("GET", "/workspaces/{key}/rules/{id}", { path: { key, id } });

export const addRule = async (key: string, body: RuleBody): Promise<Rule> =>
  (await call("POST", "/workspaces/{key}/rules", { path: { key }, body })) as Rule;

/** Its kind stays. */
export const changeRule = async (rule: Rule, { kind: _, ...body }: Partial<RuleBody>): Promise<Rule> =>
  (await call("PATCH", "/workspaces/{key}/rules/{id}", { ...of(rule), ifMatch: rule.version, body })) as Rule;

export const removeRule = (rule: Rule) => call("DELETE", "/workspaces/{key}/rules/{id}", of(rule));

/** What it would have done in the last 30 days; nothing is stored. */
export const tryRule = async (key: string, body: RuleBody): Promise<Past> =>
  (await call("POST", "/workspaces/{key}/rules", { path: { key }, query: { dryRun: true }, body })) as Past;

export const readWorkdays = (key: string) => call("GET", "/workspaces/{key}/workdays", { path: { key } });

export const changeWorkdays = (now: Workdays, body: Schemas["WorkdaysPatch"]) =>
  call("PATCH", "/workspaces/{key}/workdays", { path: { key: now.workspace }, ifMatch: now.version, body });
