// From the cells of a file to reports: which column is which member, and how days and amounts are written.
import { isBoolean, isDay, isNumber, listOf, type Schema } from "./schema";

export type DayStyle = "iso" | "dmy" | "mdy";
export type AmountStyle = "plain" | "comma" | "point";

export interface Mapping {
  /** For each column the member that it fills; empty for none. */
  columns: readonly string[];
  /** The same value in every report. */
  fixed: Readonly<Record<string, string>>;
  days: DayStyle;
  amounts: AmountStyle;
}

export type Members = Readonly<Record<string, Schema>>;

/** How columns are called, in English and Dutch. */
const known: Readonly<Record<string, string>> = {
  todoType: "type todotype soort kind",
  title: "title titel subject onderwerp summary samenvatting",
  description: "description omschrijving beschrijving details toelichting",
  result: "result resultaat uitkomst outcome",
  financialImpact: "financialimpact amount bedrag schade financieleimpact impacteur eur euro costs kosten",
  impact: "impact severity ernst",
  likelihood: "likelihood probability waarschijnlijkheid kans",
  status: "status state",
  priority: "priority prioriteit prio",
  reporter: "reporter melder reportedby gemelddoor",
  assignee: "assignee behandelaar owner eigenaar assignedto toegewezenaan verantwoordelijke",
  category: "category categorie",
  subCategory: "subcategory subcategorie",
  orderID: "orderid order ordernummer ordernumber orderno ordernr zending shipment",
  LRN: "lrn",
  tags: "tags tag labels trefwoorden",
  dueDate: "duedate due deadline vervaldatum uiterstedatum einddatum",
  reminderDate: "reminderdate reminder herinnering herinneringsdatum",
  occurredAt: "occurredat happenedat gebeurdop tijdstip occurred",
};

const bare = (text: string): string =>
  text
    .normalize("NFD")
    .replace(/[^A-Za-z0-9]/g, "")
    .toLowerCase();

/** The member that a column's name means, or none. */
export function guessMember(column: string, members: Members): string {
  const name = bare(column);
  if (name === "") return "";
  const names = Object.keys(members);
  return (
    names.find((member) => bare(member) === name) ??
    names.find((member) => bare(members[member]?.title ?? "") === name) ??
    names.find((member) => known[member]?.split(" ").includes(name)) ??
    ""
  );
}

/** Each member once, by the first column that means it. */
export function guessColumns(header: readonly string[], members: Members): string[] {
  const taken = new Set<string>();
  return header.map((column) => {
    const member = guessMember(column, members);
    if (member === "" || taken.has(member)) return "";
    taken.add(member);
    return member;
  });
}

const two = (digits: string): string => digits.padStart(2, "0");

/** "31-12-2026" as "2026-12-31" where that is how days are written; anything else stays as it is. */
export function readDay(text: string, style: DayStyle): string {
  if (style === "iso") return text;
  const parts = /^\s*(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})\s*$/.exec(text);
  if (parts === null) return text;
  const [, first = "", second = "", year = ""] = parts;
  const [day, month] = style === "dmy" ? [first, second] : [second, first];
  return `${year}-${two(month)}-${two(day)}`;
}

/** "1.234,56" as "1234.56" where that is how amounts are written; anything else stays as it is. */
export function readAmount(text: string, style: AmountStyle): string {
  const [group, point] = style === "comma" ? [".", ","] : [",", "."];
  const stripped = text.trim().replace(/^(€|EUR)\s*/i, "");
  if (style === "plain") return text;
  const shape = new RegExp(`^\\d{1,3}(\\${group}\\d{3})*(\\${point}\\d+)?$|^\\d+(\\${point}\\d+)?$`);
  return shape.test(stripped) ? stripped.replaceAll(group, "").replace(point, ".") : text;
}

/** Undoes what writeCsv() does to a cell that looks like a formula. */
const unguarded = (cell: string): string => (/^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell);

const truths: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  ja: true,
  false: false,
  no: false,
  nee: false,
};

/** The value of a cell as its member takes it. */
export function readCell(cell: string, schema: Schema, { days, amounts }: Mapping): unknown {
  const text = unguarded(cell);
  if (isDay(schema)) return readDay(text, days);
  if (isNumber(schema)) {
    const amount = readAmount(text, amounts);
    const texts = (schema.anyOf ?? [schema]).some(({ type }) => type === "string");
    return texts || !/^\d+(\.\d+)?$/.test(amount.trim()) ? amount : Number(amount);
  }
  if (isBoolean(schema)) return truths[text.trim().toLowerCase()] ?? text;
  return text;
}

/** The report that a row makes. Empty cells are left out. */
export function reportOf(
  row: readonly string[],
  mapping: Mapping,
  members: Members,
  workspace: string,
): Record<string, unknown> {
  const report: Record<string, unknown> = { domainWorkSpace: workspace };
  // What was typed here is written as the API takes it, however the file writes its days and amounts.
  const asTyped: Mapping = { ...mapping, days: "iso", amounts: "plain" };
  for (const [member, value] of Object.entries(mapping.fixed))
    if (value !== "") report[member] = readCell(value, members[member] ?? {}, asTyped);
  for (const [i, member] of mapping.columns.entries()) {
    const cell = row[i] ?? "";
    if (member === "" || cell.trim() === "") continue;
    const schema = members[member] ?? {};
    const value = readCell(cell, schema, mapping);
    const before = report[member];
    // Two columns of order numbers are two order numbers.
    const second = listOf(schema) !== undefined && mapping.columns.indexOf(member) < i && before !== undefined;
    report[member] = second ? [before, value].flat() : value;
  }
  return report;
}

/** The name of a file's row for the server: the same file, workspace and row have the same. */
export async function keyStart(bytes: Uint8Array, workspace: string): Promise<string> {
  const head = new TextEncoder().encode(`${workspace}\n`);
  const all = new Uint8Array(head.length + bytes.length);
  all.set(head);
  all.set(bytes, head.length);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", all));
  return `import-${[...digest.slice(0, 20)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
