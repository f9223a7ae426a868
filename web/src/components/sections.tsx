// A page that has sections: a list of them at the side, and the one that is shown. On a phone the list is the
// page before it.
import type { ComponentChildren, JSX } from "preact";
import { usePage } from "../page";
import { href } from "../router";
import { Icon, type IconName } from "./icon";

export interface SectionLink {
  /** The part of the address after the page's own. */
  name: string;
  title: string;
  /** What one does there. */
  hint: string;
  icon: IconName;
}

interface SectionsProps {
  /** The first part of the address. */
  root: string;
  title: string;
  sections: readonly SectionLink[];
}

/** The start: all sections with what each is for. */
export function SectionOverview({ root, title, lead, sections }: SectionsProps & { lead: string }): JSX.Element {
  const heading = usePage(title, root);
  return (
    <div class="page">
      <div class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
      </div>
      <p class="section-lead">{lead}</p>
      <ul class="section-cards">
        {sections.map((one) => (
          <li key={one.name}>
            <a href={href([root, one.name])}>
              <Icon name={one.icon} />
              <strong>{one.title}</strong>
              <span class="hint">{one.hint}</span>
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function Sections({
  root,
  title,
  sections,
  current,
  children,
}: SectionsProps & { current: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="page sections">
      <nav class="section-nav" aria-label={title}>
        <a href={href([root])}>
          <Icon name="back" />
          {title}
        </a>
        <ul>
          {sections.map((one) => (
            <li key={one.name}>
              <a href={href([root, one.name])} aria-current={one.name === current ? "page" : undefined}>
                <Icon name={one.icon} />
                {one.title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="section">{children}</div>
    </div>
  );
}
