// What went wrong, in words, and a way on.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Problem, Unreachable } from "../api";
import { announce } from "../announce";
import { strings } from "../strings";
import { Icon } from "./icon";

function words(error: unknown): [title: string, text: string] {
  const s = strings.failure;
  if (error instanceof Unreachable) return [s.unreachableTitle, s.unreachable];
  if (error instanceof Problem) {
    if (error.status === 503 || error.status === 429) return [s.busyTitle, error.detail || s.busy];
    return [error.title || s.refusedTitle, error.detail || s.status(error.status)];
  }
  return [s.refusedTitle, s.unexpected];
}

export function Failure({ error, retry }: { error: unknown; retry: () => void }): JSX.Element {
  const [title, text] = words(error);
  useEffect(() => announce(title), [error]);
  return (
    <section class="notice failure">
      <h2>{title}</h2>
      <p>{text}</p>
      <button type="button" class="button primary" onClick={retry}>
        <Icon name="refresh" />
        {strings.failure.retry}
      </button>
    </section>
  );
}
