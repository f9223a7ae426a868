// Numbers with a bar for each: a table in any case, so that it reads well aloud and on paper.
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { formatCount } from "../format";
import { s } from "../strings/picture";

export interface BarNumber {
  text: string;
  /** The list that it counts; left out where there is nothing to list. */
  href?: string;
  total?: number;
}

export interface BarRow {
  id: string;
  name: ComponentChildren;
  /** How long the bar is, and the part of it that is marked. */
  size: number;
  marked?: number;
  numbers: readonly BarNumber[];
}

interface BarsProps {
  title: string;
  hint?: string;
  /** The heads of the columns: of the names, then of the numbers. */
  heads: readonly [string, ...string[]];
  rows: readonly BarRow[];
  /** All rows and no bars. */
  table: boolean;
}

const shownFirst = 8;

export function NumberLink({ text, href, total }: BarNumber): JSX.Element {
  return href === undefined ? (
    <span class="none">{text}</span>
  ) : (
    <a href={href} data-total={total}>
      {text}
    </a>
  );
}

export function Bars({ title, hint, heads, rows, table }: BarsProps): JSX.Element {
  const [all, setAll] = useState(false);
  const most = Math.max(...rows.map(({ size }) => size), 0);
  const part = (size: number): number => (most === 0 ? 0 : Math.max(size > 0 ? 1 : 0, (size / most) * 100));
  const shown = all || table ? rows : rows.slice(0, shownFirst);
  return (
    <section class="card figure">
      <h3>{title}</h3>
      {hint !== undefined && <p class="hint">{hint}</p>}
      {rows.length === 0 ? (
        <p class="none">{s.nothing}</p>
      ) : (
        <table class="bars" aria-label={title}>
          <thead>
            <tr>
              <th scope="col">{heads[0]}</th>
              {!table && <td class="bar-cell" />}
              {heads.slice(1).map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.id}>
                <th scope="row">{row.name}</th>
                {!table && (
                  <td class="bar-cell">
                    <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                      <rect class="bar-all" width={part(row.size)} height="10" />
                      {row.marked !== undefined && (
                        <rect class="bar-marked" width={row.marked === 0 ? 0 : part(row.marked)} height="10" />
                      )}
                    </svg>
                  </td>
                )}
                {row.numbers.map((number, i) => (
                  <td key={i}>
                    <NumberLink {...number} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {!table && rows.length > shownFirst && (
        <button type="button" class="button quiet" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? s.fewer : s.all(formatCount(rows.length))}
        </button>
      )}
    </section>
  );
}
