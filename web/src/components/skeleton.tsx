// Something is on its way. It is seen only after 150 ms, so that what comes at once does not flicker.
import type { JSX } from "preact";

export function Skeleton({ rows = 6 }: { rows?: number }): JSX.Element {
  return (
    <div class="skeleton" aria-hidden="true">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} />
      ))}
    </div>
  );
}
