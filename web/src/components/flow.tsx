// What came in against what was closed, part by part of a period.
import type { JSX } from "preact";
import { formatCount } from "../format";
import { s } from "../strings/picture";
import { NumberLink, type BarNumber } from "./bars";

export interface FlowPart {
  id: string;
  /** "2 Nov" under the bars, and all of it for reading. */
  short: string;
  name: string;
  reported: number;
  closed: number;
  reportedHref: string;
  closedHref: string;
}

const height = 100;

interface FlowProps {
  title: string;
  parts: readonly FlowPart[];
  /** The numbers as a table. */
  table: boolean;
}

export function Flow({ title, parts, table }: FlowProps): JSX.Element {
  const most = Math.max(...parts.flatMap(({ reported, closed }) => [reported, closed]), 1);
  // No more labels than there is room for on a phone.
  const step = Math.ceil(parts.length / 7);
  const numberOf = (total: number, href: string): BarNumber =>
    total === 0 ? { text: "0" } : { text: formatCount(total), href, total };
  const bar = (part: FlowPart, look: "reported" | "closed"): JSX.Element => {
    const total = part[look];
    const tall = (total / most) * height;
    const drawing = (
      <>
        <span class="flow-number" aria-hidden="true">
          {total > 0 && formatCount(total)}
        </span>
        <svg viewBox={`0 0 10 ${height}`} preserveAspectRatio="none" aria-hidden="true">
          <rect class={`flow-${look}`} y={height - tall} width="10" height={tall} />
        </svg>
      </>
    );
    const words = s.flowBar[look](part.name, formatCount(total));
    return total === 0 ? (
      <span class="flow-bar">{drawing}</span>
    ) : (
      <a class="flow-bar" href={part[`${look}Href`]} aria-label={words} title={words} data-total={total}>
        {drawing}
      </a>
    );
  };
  return (
    <section class="card figure wide">
      <h3>{title}</h3>
      {table ? (
        <table class="bars" aria-label={title}>
          <thead>
            <tr>
              <th scope="col">{s.period}</th>
              <th scope="col">{s.reported}</th>
              <th scope="col">{s.closed}</th>
            </tr>
          </thead>
          <tbody>
            {parts.map((part) => (
              <tr key={part.id}>
                <th scope="row">{part.name}</th>
                <td>
                  <NumberLink {...numberOf(part.reported, part.reportedHref)} />
                </td>
                <td>
                  <NumberLink {...numberOf(part.closed, part.closedHref)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <>
          <p class="line hint">
            <span class="flow-key" /> {s.reported}
            <span class="flow-key closed" /> {s.closed}
          </p>
          <ol class={parts.length > 16 ? "flow many" : "flow"} aria-label={title}>
            {parts.map((part, i) => (
              <li key={part.id}>
                <div class="flow-bars">
                  {bar(part, "reported")}
                  {bar(part, "closed")}
                </div>
                <span class="flow-label" aria-hidden="true">
                  {i % step === 0 && part.short}
                </span>
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  );
}
