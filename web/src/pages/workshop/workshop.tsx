// Where the system is set up: its sections at the side, only those that the account may use.
import type { JSX } from "preact";
import { SectionOverview, Sections } from "../../components/sections";
import type { PageProps } from "../../lazy";
import { manages } from "../../routes";
import { s } from "../../strings/workshop";
import { NowherePage } from "../nowhere";
import { sections } from "./sections";

export default function WorkshopPage({ rest: [name, ...rest], ...props }: PageProps): JSX.Element {
  const own = sections.filter(({ who }) => (who ?? manages)(props.account));
  if (name === undefined) return <SectionOverview root="workshop" title={s.title} lead={s.lead} sections={own} />;
  const section = own.find((one) => one.name === name);
  if (section === undefined) return <NowherePage />;
  const { page: Section } = section;
  // Whoever has only this section gets no list of them.
  if (own.length === 1)
    return (
      <div class="page">
        <Section rest={rest} {...props} />
      </div>
    );
  return (
    <Sections root="workshop" title={s.title} sections={own} current={name}>
      <Section key={name} rest={rest} {...props} />
    </Sections>
  );
}
