// The sections of the Workshop. One that is not in this table does not exist anywhere.
import type { Account } from "../../api";
import { manages } from "../../routes";
import type { s } from "../../strings/workshop";
import ClientsPage from "./clients";
import FormsPage from "./forms";
import HealthPage from "./health";
import HistoryPage from "./history";
import ImportsPage from "./imports";
import PeoplePage from "./people";
import PlacesPage from "./places";
import RequestsPage from "./requests";
import RulesPage from "./rules";
import type { Section } from "./sectioned";
import SsoPage from "./sso";
import WebhooksPage from "./webhooks";

type Name = keyof typeof s.sections;

const all: readonly Section<Name>[] = [
  ["workspaces", "workspace", PlacesPage],
  ["people", "meetings", PeoplePage],
  ["forms", "records", FormsPage],
  ["rules", "flash", RulesPage],
  ["clients", "link", ClientsPage],
  ["webhooks", "send", WebhooksPage],
  ["single-sign-on", "key", SsoPage],
  ["requests", "calls", RequestsPage],
  ["imports", "download", ImportsPage],
  ["history", "clock", HistoryPage],
  ["health", "settings", HealthPage],
];

const admins: readonly Name[] = ["single-sign-on", "health"];

/** Those that the account has: rules can be read by everybody. */
export const sectionsOf = (account: Account): readonly Section<Name>[] =>
  all.filter(([name]) => name === "rules" || (admins.includes(name) ? account.admin : manages(account)));
