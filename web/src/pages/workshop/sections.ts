// The sections of the Workshop. One that is not in this table does not exist anywhere.
import type { ComponentType } from "preact";
import type { Account } from "../../api";
import type { SectionLink } from "../../components/sections";
import type { PageProps } from "../../lazy";
import { s } from "../../strings/workshop";
import ClientsPage from "./clients";
import HealthPage from "./health";
import PeoplePage from "./people";
import PlacesPage from "./places";

export interface WorkshopSection extends SectionLink {
  page: ComponentType<PageProps>;
  /** Who has it, of those who have the Workshop; everybody, if left out. */
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
  { name: "clients", ...words(s.sections.clients), icon: "link", page: ClientsPage },
  {
    name: "health",
    ...words(s.sections.health),
    icon: "settings",
    page: HealthPage,
    who: ({ admin }) => admin,
  },
];
