// Where the system is set up: its sections at the side, only those that the account may use.
import type { JSX } from "preact";
import type { PageProps } from "../../lazy";
import { s } from "../../strings/workshop";
import { Sectioned } from "./sectioned";
import { sectionsOf } from "./sections";

export default function WorkshopPage(props: PageProps): JSX.Element {
  return (
    <Sectioned
      root="workshop"
      title={s.title}
      lead={s.lead}
      sections={sectionsOf(props.account)}
      words={s.sections}
      {...props}
    />
  );
}
