// Days that people type, and how each wants to see them. A day is a calendar day without a zone,
// "2026-12-31", from end to end.
import { locale } from "./language";
import { recall, remember } from "./storage";

export const dateFormats = ["auto", "iso", "dmy", "mdy", "long"] as const;
export type DateFormat = (typeof dateFormats)[number];

export const dateFormat: DateFormat = dateFormats.find((one) => one === recall("dates")) ?? "auto";

export function chooseDateFormat(chosen: DateFormat): void {
  remember("dates", chosen === "auto" ? null : chosen);
  location.reload();
}

const day = 86_400_000;

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** The day that it is now in a time zone; in the browser's without one. */
export function todayIn(timezone?: string): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: timezone, dateStyle: "short" }).format();
}

/** So many days after a day. */
export function addDays(date: string, days: number): string {
  return dayOf(Date.parse(date) + days * day);
}

function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) && dayOf(Date.parse(text)) === text;
}

function addMonths(date: string, months: number): string {
  const [year = 0, month = 0, of = 0] = date.split("-").map(Number);
  // The 31st becomes the last day of a shorter month.
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return dayOf(Date.UTC(year, month - 1 + months, Math.min(of, last)));
}

// Sunday first, each in both languages.
const weekdays = (
  "sunday zondag monday maandag tuesday dinsdag wednesday woensdag " +
  "thursday donderdag friday vrijdag saturday zaterdag"
).split(" ");
export const monthFirst = dateFormat === "mdy" || (dateFormat === "auto" && locale === "en-US");

// Each as both languages begin it.
const months = "jan feb mar,maa,mrt apr may,mei jun jul aug sep oct,okt nov dec".split(" ");

/** The day of a month, in the year that has it nearest to today. */
function nearest(month: number, of: string, today: string): string | null {
  const year = Number(today.slice(0, 4));
  const away = (date: string): number => Math.abs(Date.parse(date) - Date.parse(today));
  const days = [year - 1, year, year + 1].map((one) => written(one, month, of)).filter(isDay);
  return days.sort((a, b) => away(a) - away(b))[0] ?? null;
}

function written(year: number | string, month: number | string, of: string): string {
  return `${String(year).padStart(4, "20")}-${String(month).padStart(2, "0")}-${of.padStart(2, "0")}`;
}

/**
 * The day that somebody typed, or null: 2026-12-31, 31/12 (or 12/31), 31 Dec, Dec 31 2026, +7d, +2w, +1m, fri,
 * tomorrow, eom; also in Dutch (31 dec, vr, morgen, em).
 */
export function parseDay(text: string, today: string): string | null {
  const typed = text.trim().toLowerCase();
  if (isDay(typed)) return typed;
  if (["today", "vandaag"].includes(typed)) return today;
  if (["tomorrow", "morgen"].includes(typed)) return addDays(today, 1);
  if (["eom", "em"].includes(typed)) return addDays(addMonths(`${today.slice(0, 8)}01`, 1), -1);
  const [, sign, count, unit] = /^([+-])(\d{1,3})([dwm]?)$/.exec(typed) ?? [];
  if (count !== undefined) {
    const by = Number(`${sign}${count}`);
    return unit === "m" ? addMonths(today, by) : addDays(today, unit === "w" ? by * 7 : by);
  }
  const weekday = typed.length < 2 ? -1 : weekdays.findIndex((name) => name.startsWith(typed));
  if (weekday >= 0) return addDays(today, (((weekday >> 1) - new Date(today).getUTCDay() + 6) % 7) + 1);
  const [, before, name = "", after, named] =
    /^(?:(\d{1,2})\.? ?)?([a-z]{3,9})\.?(?: ?(\d{1,2})(?!\d))?,?(?: ?(\d{4}))?$/.exec(typed) ?? [];
  const month = name === "" ? 0 : months.findIndex((one) => one.includes(name.slice(0, 3))) + 1;
  const [, first = "", second = "", numbered] =
    /^(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d\d))?$/.exec(typed) ?? [];
  const [day, of, year] =
    month > 0
      ? [before ?? after ?? "", month, named ?? (before && after)]
      : (monthFirst ? Number(first) <= 12 : Number(second) > 12)
        ? [second, Number(first), numbered]
        : [first, Number(second), numbered];
  if (year === undefined) return nearest(of, day, today);
  const exact = written(year, of, day);
  return isDay(exact) ? exact : null;
}
