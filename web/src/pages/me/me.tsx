// One's own things.
import type { ComponentType, JSX } from "preact";
import { SectionOverview, Sections, type SectionLink } from "../../components/sections";
import type { PageProps } from "../../lazy";
import { s } from "../../strings/me";
import { NowherePage } from "../nowhere";
import { CalendarPage } from "./calendar";
import { LookPage } from "./look";
import { NotificationsPage } from "./notifications";
import { PasswordPage } from "./password";
import { SignInsPage } from "./sign-ins";

const words = ([title, hint]: readonly [string, string]): { title: string; hint: string } => ({ title, hint });

const sections: readonly (SectionLink & { page: ComponentType<PageProps> })[] = [
  { name: "look", ...words(s.sections.look), icon: "auto", page: LookPage },
  { name: "notifications", ...words(s.sections.notifications), icon: "bell", page: NotificationsPage },
  { name: "calendar", ...words(s.sections.calendar), icon: "calendar", page: CalendarPage },
  { name: "password", ...words(s.sections.password), icon: "settings", page: PasswordPage },
  { name: "sessions", ...words(s.sections.sessions), icon: "out", page: SignInsPage },
];

export default function MePage(props: PageProps): JSX.Element {
  const [name] = props.rest;
  if (name === undefined) return <SectionOverview root="me" title={s.title} lead={s.lead} sections={sections} />;
  const section = sections.find((one) => one.name === name);
  if (section === undefined) return <NowherePage />;
  const { page: Section } = section;
  return (
    <Sections root="me" title={s.title} sections={sections} current={name}>
      <Section key={name} {...props} />
    </Sections>
  );
}
