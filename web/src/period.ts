// A span of days, and its parts. All days are UTC days, as the filters of the API have them.
import { addDays, parseDay } from "./dates";

export interface Period {
  /** The first day. */
  from: string;
  /** The last day. */
  to: string;
}

export const presets = ["month", "lastMonth", "quarter", "lastQuarter", "year"] as const;
export type Preset = (typeof presets)[number];

const yearsAtMost = 10;

function dayOf(year: number, month: number, day = 1): string {
  return new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);
}

/** So many whole months, from the first day of a month. */
function months(year: number, month: number, count: number): Period {
  return { from: dayOf(year, month), to: dayOf(year, month + count, 0) };
}

export function presetPeriod(preset: Preset, today: string): Period {
  const [year = 0, of = 1] = today.split("-").map(Number);
  const month = of - 1;
  const quarter = month - (month % 3);
  const [first, count] = {
    month: [month, 1],
    lastMonth: [month - 1, 1],
    quarter: [quarter, 3],
    lastQuarter: [quarter - 3, 3],
    year: [0, 12],
  }[preset] as [number, number];
  return months(year, first, count);
}

/** What the address says, put right; this quarter when it says nothing. */
export function readPeriod(query: URLSearchParams, today: string): Period {
  const quarter = presetPeriod("quarter", today);
  const day = (name: string): string | null => parseDay(query.get(name) ?? "", today);
  const [first, last] = [day("from") ?? quarter.from, day("to") ?? quarter.to].sort() as [string, string];
  const [year = 0, month = 1, of = 1] = last.split("-").map(Number);
  const earliest = dayOf(year - yearsAtMost, month - 1, of + 1);
  return { from: first < earliest ? earliest : first, to: last };
}

export function isPreset(period: Period, today: string): Preset | undefined {
  return presets.find((one) => {
    const { from, to } = presetPeriod(one, today);
    return from === period.from && to === period.to;
  });
}

/** "2026-Q4", and back; null for anything else. */
export function quarterOf(day: string): string {
  const [year, month] = day.split("-").map(Number);
  return `${year}-Q${Math.ceil((month ?? 1) / 3)}`;
}

export function readQuarter(text: string): Period | null {
  const [, year, quarter] = /^(\d{4})-Q([1-4])$/i.exec(text) ?? [];
  return year === undefined ? null : months(Number(year), (Number(quarter) - 1) * 3, 3);
}

/** As filters: "created" or "closed" within the period. */
export function within(what: "created" | "closed", { from, to }: Period): Record<string, string> {
  return { [`${what}After`]: from, [`${what}Before`]: addDays(to, 1) };
}

export type Unit = "week" | "month" | "year";

/** The parts of a period until today, the first and the last one as long as they are in it. */
export function partsOf({ from, to }: Period, today: string): { unit: Unit; parts: Period[] } {
  const end = to < today ? to : today < from ? from : today;
  const days = (Date.parse(end) - Date.parse(from)) / 86_400_000 + 1;
  const unit = days <= 100 ? "week" : days <= 800 ? "month" : "year";
  const parts: Period[] = [];
  for (let start = from; start <= end; start = addDays(parts.at(-1)!.to, 1)) {
    const [year = 0, month = 1] = start.split("-").map(Number);
    const sunday = addDays(start, (7 - new Date(start).getUTCDay()) % 7);
    const last = unit === "week" ? sunday : unit === "month" ? dayOf(year, month, 0) : dayOf(year, 12, 0);
    parts.push({ from: start, to: last < end ? last : end });
  }
  return { unit, parts };
}
