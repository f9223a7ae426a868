// What stands where nothing was given: a dash to see, a word to hear.
import type { JSX } from "preact";
import { strings } from "../strings";

export function None(): JSX.Element {
  return (
    <span class="none">
      <span aria-hidden="true">–</span>
      <span class="unseen">{strings.record.none}</span>
    </span>
  );
}
