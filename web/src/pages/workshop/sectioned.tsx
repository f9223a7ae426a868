// A page of sections: all of them with what each is for, or one with the others at its side.
import type { ComponentType, JSX } from "preact";
import type { IconName } from "../../components/icon";
import { PageHead } from "../../components/page-head";
import { SectionOverview, Sections } from "../../components/sections";
import type { PageProps } from "../../lazy";
import { usePage } from "../../page";
import { NowherePage } from "../nowhere";

/** What a section is called, and what one does there. */
type SectionWords = readonly [title: string, hint: string];

export type Section<Name extends string> = readonly [name: Name, icon: IconName, page: ComponentType<PageProps>];

interface SectionedProps<Name extends string> extends PageProps {
  root: string;
  title: string;
  lead: string;
  sections: readonly Section<Name>[];
  words: Readonly<Record<Name, SectionWords>>;
}

export function Sectioned<Name extends string>({
  root,
  title,
  lead,
  sections,
  words,
  rest: [current, ...rest],
  ...props
}: SectionedProps<Name>): JSX.Element {
  const links = sections.map(([name, icon]) => ({ name, icon, title: words[name][0], hint: words[name][1] }));
  const all = { root, title, sections: links };
  if (current === undefined) return <SectionOverview {...all} lead={lead} />;
  const section = sections.find(([name]) => name === current);
  if (section === undefined) return <NowherePage />;
  const [, , Page] = section;
  const page = <Page key={current} rest={rest} {...props} />;
  // Whoever has only this section gets no list of them.
  if (links.length === 1) return <div class="page">{page}</div>;
  return (
    <Sections {...all} current={current}>
      {page}
    </Sections>
  );
}

type HeadProps = Partial<Parameters<typeof PageHead>[0]> & { of: SectionWords };

/** The head of a section. */
export function SectionHead({ of: [title, lead], ...more }: HeadProps): JSX.Element {
  const at = usePage(title, title);
  return <PageHead at={at} title={title} lead={lead} {...more} />;
}
