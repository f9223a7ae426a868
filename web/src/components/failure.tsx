// What went wrong, in words, and a way on.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Problem, Unreachable, type Fault } from "../api";
import { announce } from "../announce";
import { NewVersion } from "../lazy";
import { faultText, s } from "../strings/failure";
import { Icon } from "./icon";

/** What went wrong: in short, and what to do. */
export function failureWords(error: unknown): [title: string, text: string] {
  if (error instanceof Unreachable) return [s.unreachableTitle, s.unreachable];
  if (error instanceof NewVersion) return [s.newVersionTitle, s.newVersion];
  if (error instanceof Problem) {
    if (error.status === 503 || error.status === 429) return [s.busyTitle, error.detail || s.busy];
    const own = s.statuses[error.status];
    if (own !== undefined) return [s.refusedTitle, own];
    if (error.status === 412) return [error.title, s.changed];
    return [error.title || s.refusedTitle, error.detail || s.status(error.status)];
  }
  return [s.refusedTitle, s.unexpected];
}

/** The same as one text, and what is wrong with each member that was sent. */
export function wordsOf(error: unknown): string {
  return (error instanceof Problem && faultWords(error.faults)) || failureWords(error)[1];
}

/** What is wrong with each member; empty if nothing is said of any. */
export const faultWords = (faults: readonly Fault[] = []): string => faults.map((fault) => faultText(fault)).join(" ");

export function Failure({ error, retry }: { error: unknown; retry: () => void }): JSX.Element {
  const [title, text] = failureWords(error);
  useEffect(() => announce(title), [error]);
  return (
    <section class="notice failure">
      <h2>{title}</h2>
      <p>{text}</p>
      <button type="button" class="button primary" onClick={retry}>
        <Icon name="refresh" />
        {error instanceof NewVersion ? s.reload : s.retry}
      </button>
    </section>
  );
}
