// An address that leads nowhere.
import type { JSX } from "preact";
import { usePage } from "../page";
import { s as frame } from "../strings/frame";

export function NowherePage(): JSX.Element {
  const s = frame.nowhere;
  const heading = usePage(s.page, "nowhere");
  return (
    <div class="page">
      <div class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {s.heading}
        </h1>
      </div>
      <section class="notice">
        <p>{s.hint}</p>
        <a class="button primary" href="#/">
          {s.toStart}
        </a>
      </section>
    </div>
  );
}
