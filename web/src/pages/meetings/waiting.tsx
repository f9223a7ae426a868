// In the place of a stand-up that is not here yet, cannot be read, or does not exist for who asks.
import type { JSX } from "preact";
import { Problem } from "../../api";
import { Failure } from "../../components/failure";
import { Skeleton } from "../../components/skeleton";
import { usePage } from "../../page";
import { href } from "../../router";
import { s } from "../../strings/meetings";
import { s as record } from "../../strings/record";

export function Waiting({ error, again }: { error: unknown; again: () => void }): JSX.Element {
  if (error instanceof Problem && [400, 404].includes(error.status)) return <Missing />;
  return <div class="page">{error === null ? <Skeleton /> : <Failure error={error} retry={again} />}</div>;
}

function Missing(): JSX.Element {
  const heading = usePage(s.missing, "meeting missing");
  return (
    <div class="page">
      <h1 ref={heading} tabIndex={-1}>
        {s.missing}
      </h1>
      <section class="notice">
        <p>{record.notFoundHint}</p>
        <a class="button primary" href={href(["meetings"])}>
          {s.heading}
        </a>
      </section>
    </div>
  );
}
