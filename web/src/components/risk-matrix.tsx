// The place of an incident between impact and likelihood, at a glance.
import type { JSX } from "preact";
import { levels, type Level } from "../api";
import { s } from "../strings/record";

/** From 0 (both low) to 4 (both high), as a class. */
export const weightOf = (impact: Level, likelihood: Level): string =>
  `weight-${4 - levels.indexOf(impact) - levels.indexOf(likelihood)}`;

export function RiskMatrix({ impact, likelihood }: { impact: Level; likelihood: Level }): JSX.Element {
  const columns = [...levels].reverse();
  return (
    <div class="matrix" role="img" aria-label={s.matrix(impact, likelihood)}>
      <div class="matrix-cells" aria-hidden="true">
        {levels.map((row) =>
          columns.map((column) => (
            <span
              key={`${row} ${column}`}
              class={`cell ${weightOf(row, column)}${row === impact && column === likelihood ? " here" : ""}`}
            />
          )),
        )}
      </div>
      <span class="matrix-side" aria-hidden="true">
        {s.matrixImpact} →
      </span>
      <span class="matrix-foot" aria-hidden="true">
        {s.matrixLikelihood} →
      </span>
    </div>
  );
}
