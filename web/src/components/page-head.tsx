// The head of a page: what it is called, what it is for, and what can be done there.
import type { ComponentChildren, JSX, RefObject } from "preact";
import { Icon } from "./icon";

interface PageHeadProps {
  /** From usePage(). */
  at: RefObject<HTMLHeadingElement | null>;
  title: ComponentChildren;
  lead?: ComponentChildren;
  /** Beside the title. */
  hint?: ComponentChildren;
  /** Buttons. */
  children?: ComponentChildren;
}

export function PageHead({ at, title, lead, hint, children }: PageHeadProps): JSX.Element {
  return (
    <>
      <div class="page-head">
        <h1 ref={at} tabIndex={-1}>
          {title}
        </h1>
        {hint && <p class="hint">{hint}</p>}
        {children && <div class="head-actions">{children}</div>}
      </div>
      {lead && <p class="section-lead">{lead}</p>}
    </>
  );
}

interface AddButtonProps {
  name: string;
  act: () => void;
  look?: string;
}

export function AddButton({ name, act, look = "button primary" }: AddButtonProps): JSX.Element {
  return (
    <button type="button" class={look} onClick={act}>
      <Icon name="plus" />
      {name}
    </button>
  );
}
