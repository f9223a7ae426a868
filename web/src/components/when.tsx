// Times and days: in the user's locale for people, and as they came for machines.
import type { JSX } from "preact";
import { formatDay, formatMoment, formatMomentDay, formatPrecise } from "../format";

export function Moment({ at }: { at: string }): JSX.Element {
  return (
    <time dateTime={at} title={formatPrecise(at)}>
      {formatMoment(at)}
    </time>
  );
}

/** Only the day of it, where there is little room. */
export function MomentDay({ at }: { at: string }): JSX.Element {
  return (
    <time dateTime={at} title={formatPrecise(at)}>
      {formatMomentDay(at)}
    </time>
  );
}

export function Day({ date }: { date: string }): JSX.Element {
  return <time dateTime={date}>{formatDay(date)}</time>;
}
