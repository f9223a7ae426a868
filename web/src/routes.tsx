// The table of pages: what each address shows, and which of them are places in the rail. A page that
// is not in this table does not exist anywhere: not in the rail, the palette or behind a key.
import type { ComponentType } from "preact";
import type { Account } from "./api";
import type { IconName } from "./components/icon";
import { inboxCount } from "./inbox";
import { lazyPages, type PageProps } from "./lazy";
import { href, type Route } from "./router";
import { recall, remember } from "./storage";
import type { Store } from "./store";
import { s } from "./strings/frame";

export interface PageRoute {
  /** The first part of its addresses. */
  name: string;
  /** What may come after it, without the first slash. */
  rest: RegExp;
  page: ComponentType<PageProps>;
  /** The address says with `in` what is shown. */
  scoped?: boolean;
  /** Another part of the path is another page, which begins afresh. */
  fresh?: boolean;
  /** A place in the rail, in the order of the table. */
  place?: { title: string; icon: IconName; /** How much waits there. */ count?: Store<number | null> };
  /** Who has it; everybody, if left out. */
  who?: (account: Account) => boolean;
}

const desk = lazyPages(() => import("./pages/desk"));
const meetings = desk.page(({ MeetingsPage }) => MeetingsPage);
export const admin = lazyPages(() => import("./pages/admin"));
// While somebody signs in, or looks at another page.
addEventListener("load", () => setTimeout(desk.begin, 1000));

/** For managers and admins. */
export const manages = (account: Account): boolean =>
  account.admin || account.roles.some(({ role }) => role === "manager");

export const routes: readonly PageRoute[] = [
  {
    name: "inbox",
    rest: /^$/,
    page: desk.page(({ InboxPage }) => InboxPage),
    place: { title: s.places.inbox, icon: "inbox", count: inboxCount },
    who: (account) => account.admin || account.roles.length > 0,
  },
  {
    name: "todo",
    rest: /^$/,
    page: desk.page(({ RecordsPage }) => RecordsPage),
    scoped: true,
    place: { title: s.places.records, icon: "records" },
  },
  { name: "new", rest: /^$/, page: desk.page(({ NewPage }) => NewPage) },
  { name: "todo", rest: /^[^/]+(\/c\d+)?$/, page: desk.page(({ RecordPage }) => RecordPage), fresh: true },
  {
    name: "meetings",
    rest: /^$/,
    page: meetings,
    scoped: true,
    place: { title: s.places.meetings, icon: "meetings" },
  },
  { name: "meetings", rest: /^\d+(\/\d+)?$/, page: meetings },
  {
    name: "picture",
    rest: /^$/,
    page: desk.page(({ PicturePage }) => PicturePage),
    scoped: true,
    place: { title: s.places.picture, icon: "picture" },
  },
  { name: "review", rest: /^$/, page: desk.page(({ ReviewPage }) => ReviewPage), scoped: true },
  {
    name: "workshop",
    rest: /^/,
    page: admin.page(({ WorkshopPage }) => WorkshopPage),
    place: { title: s.places.workshop, icon: "workshop" },
    who: manages,
  },
  // What happens by itself everybody may read.
  { name: "workshop", rest: /^rules(\/|$)/, page: admin.page(({ WorkshopPage }) => WorkshopPage) },
  { name: "me", rest: /^[a-z]*$/, page: admin.page(({ MePage }) => MePage) },
];

export function places(account: Account): PageRoute[] {
  return routes.filter(({ place, who }) => place !== undefined && (who?.(account) ?? true));
}

/** Where the app begins: the place that was chosen here, or the first. */
export function home(account: Account): PageRoute | undefined {
  const all = places(account);
  return all.find(({ name }) => name === recall("home")) ?? all[0];
}

/** Null: the first place. */
export function chooseHome(name: string | null): void {
  remember("home", name);
}

/** The page of an address; the start is where the app begins. */
export function routeOf(route: Route, account: Account): PageRoute | undefined {
  if (route.name === "") return home(account);
  const rest = route.rest.join("/");
  return routes.find((one) => one.name === route.name && one.rest.test(rest) && (one.who?.(account) ?? true));
}

/** The address of a place, for what is looked at now. */
export function placeHref({ name, scoped }: PageRoute, scope: string): string {
  return href([name], scoped && scope !== "" ? { in: scope } : {});
}

/** Is there such a page? Links to pages that may not be there ask first. */
export function hasPage(name: string): boolean {
  return routes.some((one) => one.name === name);
}
