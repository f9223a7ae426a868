// No such stand-up, or none that one may see.
import type { JSX } from "preact";
import { usePage } from "../../page";
import { href } from "../../router";
import { s } from "../../strings/meetings";

export function Missing(): JSX.Element {
  const heading = usePage(s.missing, "meeting missing");
  return (
    <div class="page">
      <h1 ref={heading} tabIndex={-1}>
        {s.missing}
      </h1>
      <section class="notice">
        <p>{s.missingHint}</p>
        <a class="button primary" href={href(["meetings"])}>
          {s.back}
        </a>
      </section>
    </div>
  );
}
