// The address: which page the part after the # names.
//
//   #/todo                          the list, with its filter as a query
//   #/todo/EXA-CON-BUS-WOR-03       one record; this is where the links of the API lead
//   #/reset/bzpr_…                  a new password, by a link that somebody has made
import { readFilter, writeFilter, type Filter } from "./filter";
import { createStore } from "./store";

export type Route =
  | { page: "list"; filter: Filter }
  | { page: "record"; key: string }
  | { page: "reset"; token: string }
  | { page: "nowhere" };

export function readRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#/, "").split(/\?(.*)/s);
  const segments = path.split("/").filter((segment) => segment !== "");
  if (segments.length === 0) return { page: "list", filter: readFilter(new URLSearchParams(query)) };
  if (segments[0] === "reset" && segments.length === 2) return { page: "reset", token: segments[1] ?? "" };
  if (segments[0] !== "todo") return { page: "nowhere" };
  if (segments.length === 1) return { page: "list", filter: readFilter(new URLSearchParams(query)) };
  if (segments.length > 2) return { page: "nowhere" };
  try {
    return { page: "record", key: decodeURIComponent(segments[1] ?? "").trim() };
  } catch {
    return { page: "nowhere" };
  }
}

export function listHref(filter?: Filter): string {
  const query = filter ? writeFilter(filter).toString() : "";
  return query === "" ? "#/todo" : `#/todo?${query}`;
}

export function recordHref(key: string): string {
  return `#/todo/${encodeURIComponent(key)}`;
}

export const route = createStore<Route>(readRoute(location.hash));

addEventListener("hashchange", () => route.set(readRoute(location.hash)));

/** Goes there, as a click on a link does. */
export function go(href: string): void {
  location.hash = href;
}

/** Mends the address of the page that is shown, without a step in the browser's history. */
export function mend(href: string): void {
  if (href === location.hash) return;
  history.replaceState(history.state, "", href);
  route.set(readRoute(href));
}
