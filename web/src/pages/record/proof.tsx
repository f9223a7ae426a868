// The place of an event in the chain of its domain, on demand: its receipt, and the record as it was then.
import type { JSX } from "preact";
import type { Event } from "../../api/record";
import { CopyButton } from "../../components/copy-button";
import { recordHref } from "../../router";
import { s } from "../../strings/record";

export function Proof({ event }: { event: Event }): JSX.Element {
  // As the reporting system got it, and as `bzctrld verify --receipt` takes it.
  const receipt = `${event.domain}:${event.seq}:${event.hash}`;
  return (
    <details class="proof">
      <summary aria-label={s.proof.label(event.seq)} title={s.proof.label(event.seq)}>
        #{event.seq}
      </summary>
      <p class="hint line">
        <span>{s.proof.entry(event.domain, event.seq)}</span>
        <span>
          {s.proof.hash} <code title={event.hash}>{event.hash.slice(0, 10)}…</code>
          <CopyButton text={receipt} label={s.proof.copy} class="button tiny" />
        </span>
        <a href={`${recordHref(event.key)}?at=${event.seq}`}>{s.proof.then}</a>
      </p>
    </details>
  );
}
