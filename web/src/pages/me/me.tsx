// One's own things.
import type { JSX } from "preact";
import type { PageProps } from "../../lazy";
import { s } from "../../strings/me";
import { Sectioned, type Section } from "../workshop/sectioned";
import { CalendarPage } from "./calendar";
import { LookPage } from "./look";
import { NotificationsPage } from "./notifications";
import { PasswordPage } from "./password";
import { SignInsPage } from "./sign-ins";

const sections: readonly Section<keyof typeof s.sections>[] = [
  ["look", "auto", LookPage],
  ["notifications", "bell", NotificationsPage],
  ["calendar", "calendar", CalendarPage],
  ["password", "settings", PasswordPage],
  ["sessions", "out", SignInsPage],
];

export default function MePage(props: PageProps): JSX.Element {
  return <Sectioned root="me" title={s.title} lead={s.lead} sections={sections} words={s.sections} {...props} />;
}
