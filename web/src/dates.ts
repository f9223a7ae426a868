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
const monthFirst = dateFormat === "mdy" || (dateFormat === "auto" && locale === "en-US");

/**
 * The day that somebody typed, or null: 2026-12-31, 31/12, +7d, +2w, +1m, fri, tomorrow, eom; also in
 * Dutch (vr, morgen, em).
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
  const [, first = "", second = "", year = today.slice(0, 4)] =
    /^(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d\d))?$/.exec(typed) ?? [];
  const [of, month] = monthFirst ? [second, first] : [first, second];
  const written = `${year.padStart(4, "20")}-${month.padStart(2, "0")}-${of.padStart(2, "0")}`;
  return isDay(written) ? written : null;
}
