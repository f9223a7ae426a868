// Nothing is here: why, and the next step.
import type { ComponentChildren, JSX } from "preact";

interface EmptyStateProps {
  title: string;
  text?: string;
  /** What to do now: a button or a link. */
  children?: ComponentChildren;
}

export function EmptyState({ title, text, children }: EmptyStateProps): JSX.Element {
  return (
    <section class="notice">
      <h2>{title}</h2>
      {text !== undefined && <p>{text}</p>}
      {children}
    </section>
  );
}
