// The place of an incident between impact and likelihood, at a glance.
import type { JSX } from "preact";
import { levels, type Level } from "../api";
import { s } from "../strings/record";

const weight: Record<Level, number> = { Low: 1, Medium: 2, High: 3 };

/** From 1 (both low) to 5 (both high). */
function heat(impact: Level, likelihood: Level): number {
  return weight[impact] + weight[likelihood] - 1;
}

export function RiskMatrix({ impact, likelihood }: { impact: Level; likelihood: Level }): JSX.Element {
  const columns = [...levels].reverse();
  return (
    <div class="matrix" role="img" aria-label={s.matrix(impact, likelihood)}>
      <div class="matrix-cells" aria-hidden="true">
        {levels.map((row) =>
          columns.map((column) => (
            <span
              key={`${row} ${column}`}
              class={`cell heat-${heat(row, column)}${row === impact && column === likelihood ? " here" : ""}`}
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
