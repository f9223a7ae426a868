// A form's JSON Schema as the fields of a page: what each is called, and how it is filled in.
import type { Schema } from "../api/records";
import { readList } from "../format";
import { language } from "../language";
import { s as members } from "../strings/members";
import { plainAmount } from "./record/fields";

export type Control =
  | { kind: "text" | "long" | "list" | "date" | "time" | "money" | "number" | "person" | "boolean" }
  | { kind: "choice" | "choices"; options: { value: string; label: string }[] };

export interface Field {
  name: string;
  label: string;
  help: string;
  required: boolean;
  control: Control;
  preset: string;
}

/** What somebody has filled in: of lists, the values with commas between them. */
export type Values = Readonly<Record<string, string>>;

/** What a form's document says of a field and its schema does not. */
export interface Known {
  name: string;
  label?: unknown;
  help?: unknown;
  hidden?: boolean;
}

/** Where the record goes is chosen above the fields. */
const elsewhere = ["todoType", "domainWorkSpace", "domain", "workspace"];

function optionsOf(schema: Schema): { value: string; label: string }[] | null {
  if (schema.enum !== undefined) return schema.enum.map((one) => ({ value: String(one), label: String(one) }));
  if (schema.oneOf?.every((one) => one.const !== undefined) === true)
    return schema.oneOf.map((one) => ({ value: one.const ?? "", label: one.title ?? one.const ?? "" }));
  return null;
}

function controlOf(name: string, schema: Schema): Control {
  const ways = (schema.anyOf ?? [schema]).filter((way) => way.$ref === undefined);
  const [first = {}] = ways;
  if (name === "reporter" || name === "assignee") return { kind: "person" };
  const array = ways.find((way) => way.type === "array");
  if (array) {
    const options = (array.items?.anyOf ?? []).map(optionsOf).find((one) => one !== null);
    return options ? { kind: "choices", options } : { kind: "list" };
  }
  if (first.enum?.includes(true)) return { kind: "boolean" };
  const options = optionsOf(first);
  if (options) return { kind: "choice", options };
  if (first.format === "date") return { kind: "date" };
  if (first.format === "date-time") return { kind: "time" };
  if (ways.some((way) => way.type === "number" && way.maximum !== undefined)) return { kind: "money" };
  if (first.type === "number") return { kind: "number" };
  return (first.maxLength ?? 0) > 255 ? { kind: "long" } : { kind: "text" };
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join(", ") : value === undefined || value === null ? "" : String(value);
}

/** The fields of a report of that type, in the order of the form; title and description first. */
export function fieldsOf(schema: Schema, known: readonly Known[], type: string): Field[] {
  const rules = schema.allOf?.find((rule) => rule.if?.properties?.["todoType"]?.const === type)?.then;
  const required = new Set([...(schema.required ?? []), ...(rules?.required ?? [])]);
  const place = (name: string): number => {
    if (name === "title") return -2;
    if (name === "description") return -1;
    const at = known.findIndex((field) => field.name === name);
    return at < 0 ? known.length : at;
  };
  return Object.entries(schema.properties ?? {})
    .filter(([name, own]) => {
      const rule = rules?.properties?.[name];
      const refused = rule?.deprecated === true || rule?.$ref !== undefined;
      const hidden = known.some((field) => field.name === name && field.hidden === true);
      return !elsewhere.includes(name) && own.readOnly !== true && own.deprecated !== true && !refused && !hidden;
    })
    .map(([name, own], i) => {
      const said = known.find((field) => field.name === name);
      // The built-in form's words are English; the app has its own for the same fields.
      const label = said?.label === undefined ? (members.fields[name] ?? own.title ?? name) : (own.title ?? name);
      const control = controlOf(name, own);
      // Of a person the built-in form says how a program names one.
      const helped = said?.help !== undefined || (language === "en" && control.kind !== "person");
      const help = helped ? (own.description ?? "") : "";
      return {
        at: place(name) * 1000 + i,
        name,
        label,
        help,
        required: required.has(name),
        control,
        preset: textOf(own.default),
      };
    })
    .sort((a, b) => Number(b.required) - Number(a.required) || a.at - b.at);
}

/** What is sent: nothing for what was left empty. */
export function reportOf(fields: readonly Field[], values: Values): Record<string, unknown> {
  const report: Record<string, unknown> = {};
  for (const { name, control, preset } of fields) {
    const text = values[name] ?? preset;
    if (text.trim() === "") continue;
    if (control.kind === "list" || control.kind === "choices")
      report[name] = readList(text);
    else if (control.kind === "time")
      report[name] = Number.isNaN(Date.parse(text)) ? text : new Date(text).toISOString();
    else if (control.kind === "money") report[name] = plainAmount(text);
    else if (control.kind === "number") report[name] = /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
    else report[name] = text;
  }
  return report;
}
