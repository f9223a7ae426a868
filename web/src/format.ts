// Dates, times and money as the user's locale writes them. The days of a record are calendar days
// without a zone: they are the same day everywhere.
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
const moment = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  // The same record is read in several zones, and on paper.
  timeZoneName: "short",
});
const momentDay = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const precise = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

/** "2024-09-27" as "27 Sept 2024"; anything else is returned unchanged. */
export function formatDay(date: string): string {
  const time = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(time) ? date : day.format(time);
}

/** An RFC 3339 time in the user's zone. */
export function formatMoment(at: string): string {
  const time = Date.parse(at);
  return Number.isNaN(time) ? at : moment.format(time);
}

/** The day in the user's zone on which that time fell. */
export function formatMomentDay(at: string): string {
  const time = Date.parse(at);
  return Number.isNaN(time) ? at : momentDay.format(time);
}

export function formatPrecise(at: string): string {
  const time = Date.parse(at);
  return Number.isNaN(time) ? at : precise.format(time);
}

/** "123577.00" as "€123,577.00". */
export function formatMoney(amount: string, currency: string): string {
  const value = Number(amount);
  if (!Number.isFinite(value)) return `${amount} ${currency}`;
  try {
    return new Intl.NumberFormat(undefined, { style: "currency", currency }).format(value);
  } catch {
    return `${amount} ${currency}`;
  }
}
