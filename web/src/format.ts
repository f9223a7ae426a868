// Dates, times and money in the language of the interface, days as each person wants them. The days
// of a record are calendar days without a zone: they are the same day everywhere.
import { dateFormat } from "./dates";
import { locale } from "./language";

const auto = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
const long = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" });
const localDay = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short" });
const clock = new Intl.DateTimeFormat(locale, {
  hour: "2-digit",
  minute: "2-digit",
  // The same record is read in several zones, and on paper.
  timeZoneName: "short",
});
const hour = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const precise = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const count = new Intl.NumberFormat(locale);

/** "2024-09-27" as "27 Sept 2024", or as the person chose; anything else is returned unchanged. */
export function formatDay(date: string): string {
  const time = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(time)) return date;
  const [year, month, day] = date.split("-");
  switch (dateFormat) {
    case "iso":
      return date;
    case "dmy":
      return `${day}/${month}/${year}`;
    case "mdy":
      return `${month}/${day}/${year}`;
    case "long":
      return long.format(time);
    case "auto":
      return auto.format(time);
  }
}

/** The day in the user's zone on which that time fell. */
export function formatMomentDay(at: string): string {
  const time = Date.parse(at);
  return Number.isNaN(time) ? at : formatDay(localDay.format(time));
}

/** An RFC 3339 time in the user's zone. */
export function formatMoment(at: string): string {
  const time = Date.parse(at);
  return Number.isNaN(time) ? at : `${formatMomentDay(at)}, ${clock.format(time)}`;
}

export function formatPrecise(at: string): string {
  const time = Date.parse(at);
  return Number.isNaN(time) ? at : precise.format(time);
}

const daysBetween = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);

/** "3 days ago", "in 2 hours": a time or a day that is near; days are those of the calendar, in the user's zone. */
export function formatAgo(at: string): string {
  const time = Date.parse(at);
  if (Number.isNaN(time)) return at;
  const isDay = at.length === 10;
  const days = daysBetween(localDay.format(Date.now()), isDay ? at : localDay.format(time));
  const hours = (time - Date.now()) / 3_600_000;
  const steps: [fits: boolean, value: number, unit: Intl.RelativeTimeFormatUnit][] = [
    [Math.abs(days) > 365, days / 365.25, "year"],
    [Math.abs(days) > 30, days / 30.44, "month"],
    [isDay || Math.abs(hours) >= 24, days, "day"],
    [Math.abs(hours) >= 1, hours, "hour"],
    [true, hours * 60, "minute"],
  ];
  const [, value, unit] = steps.find(([fits]) => fits)!;
  return relative.format(Math.trunc(value), unit);
}

/** "tomorrow", "in 3 days", "2 days ago": a day as seen from another one. */
export function formatDaysFrom(date: string, today: string): string {
  return relative.format(daysBetween(today, date), "day");
}

const weekdayTime = new Intl.DateTimeFormat(locale, {
  weekday: "short",
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});

/** "Mon 30 Nov, 08:00", in the user's zone: for what is near. */
export function formatNear(at: string | number): string {
  return weekdayTime.format(new Date(at));
}

export function formatCount(value: number): string {
  return count.format(value);
}

/** "1 record", "2 records". */
export function counted(value: number, one: string, more: string): string {
  return `${formatCount(value)} ${value === 1 ? one : more}`;
}

/** What was typed with commas between, as a list. */
export function readList(text: string): string[] {
  return text
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);
}

/** "10:42", in the user's zone. */
export function formatTime(at: string | number): string {
  return hour.format(new Date(at));
}

/** "123577.00" as "€123,577.00". */
export function formatMoney(amount: string, currency = "EUR"): string {
  const value = Number(amount);
  if (!Number.isFinite(value)) return `${amount} ${currency}`;
  try {
    return new Intl.NumberFormat(locale, { style: "currency", currency }).format(value);
  } catch {
    return `${amount} ${currency}`;
  }
}

/** The same without cents, for numbers in a picture. */
export function formatMoneyRound(amount: string | number): string {
  return new Intl.NumberFormat(locale, { style: "currency", currency: "EUR", maximumFractionDigits: 0 }).format(
    Number(amount),
  );
}
