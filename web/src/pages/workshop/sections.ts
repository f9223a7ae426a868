// The sections of the Workshop. One that is not in this table does not exist anywhere.
import type { ComponentType } from "preact";
import type { Account } from "../../api";
import type { SectionLink } from "../../components/sections";
import type { PageProps } from "../../lazy";
import { s } from "../../strings/workshop";
import ClientsPage from "./clients";
import FormsPage from "./forms";
import HealthPage from "./health";
import HistoryPage from "./history";
import ImportsPage from "./imports";
import PeoplePage from "./people";
import PlacesPage from "./places";
import RequestsPage from "./requests";
import RulesPage from "./rules";
import SsoPage from "./sso";
import WebhooksPage from "./webhooks";

export interface WorkshopSection extends SectionLink {
  page: ComponentType<PageProps>;
  /** Who has it; those who have the Workshop, if left out. */
  who?: (account: Account) => boolean;
}

const words = ([title, hint]: readonly [string, string]): { title: string; hint: string } => ({ title, hint });

export const sections: readonly WorkshopSection[] = [
  {
    name: "workspaces",
    ...words(s.sections.workspaces),
    icon: "workspace",
    page: PlacesPage,
  },
  { name: "people", ...words(s.sections.people), icon: "meetings", page: PeoplePage },
  {
    name: "forms",
    ...words(s.sections.forms),
    icon: "records",
    page: FormsPage,
  },
  { name: "rules", ...words(s.sections.rules), icon: "flash", page: RulesPage, who: () => true },
  { name: "clients", ...words(s.sections.clients), icon: "link", page: ClientsPage },
  {
    name: "webhooks",
    ...words(s.sections.webhooks),
    icon: "send",
    page: WebhooksPage,
  },
  {
    name: "single-sign-on",
    ...words(s.sections.sso),
    icon: "key",
    page: SsoPage,
    who: ({ admin }) => admin,
  },
  {
    name: "requests",
    ...words(s.sections.requests),
    icon: "calls",
    page: RequestsPage,
  },
  {
    name: "imports",
    ...words(s.sections.imports),
    icon: "download",
    page: ImportsPage,
  },
  {
    name: "history",
    ...words(s.sections.history),
    icon: "clock",
    page: HistoryPage,
  },
  {
    name: "health",
    ...words(s.sections.health),
    icon: "settings",
    page: HealthPage,
    who: ({ admin }) => admin,
  },
];
