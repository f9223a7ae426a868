// Shown where there is no value: a dash to see, a word for screen readers.
import type { JSX } from "preact";
import { s } from "../strings/shared";

export function None(): JSX.Element {
  return (
    <span class="none">
      <span aria-hidden="true">–</span>
      <span class="unseen">{s.none}</span>
    </span>
  );
}
