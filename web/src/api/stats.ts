// Counts of records, and of lists.
import { call } from "../api";
import { putPeople } from "../people";
import type { components } from "../generated/schema";

export type Stats = components["schemas"]["Stats"];
export type Cell = Stats["cells"][number];
/** Filters of GET /tasks. */
export type Filter = Readonly<Record<string, string | readonly string[]>>;

function queryOf(filter: Filter): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries(filter))
    for (const value of [values].flat()) query.append(name, value);
  return query;
}

export async function countBy(by: string, filter: Filter): Promise<Stats> {
  const query = queryOf(filter);
  query.set("by", by);
  const stats = await call("GET", "/stats", { query });
  putPeople(stats.people);
  return stats;
}

/** How many records there are in a list. */
export async function totalOf(filter: Filter): Promise<number> {
  const query = queryOf(filter);
  query.set("limit", "1");
  query.set("total", "true");
  return (await call("GET", "/tasks", { query })).total ?? 0;
}

/** The sum over cells, to the cent. */
export function sumEur(cells: readonly Cell[]): string {
  const cents = cells.reduce((sum, { financialImpact }) => sum + BigInt(financialImpact.replace(".", "")), 0n);
  const digits = String(cents).padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

export const sumCount = (cells: readonly Cell[]): number => cells.reduce((sum, { count }) => sum + count, 0);
