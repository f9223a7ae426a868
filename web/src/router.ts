// The address: the part after the # is the state of the page. routes.tsx has the table of pages.
//
//   #/todo                          the list, with its filter as a query
//   #/todo/EXA-CON-BUS-WOR-03       one record; this is where the links of the API lead
//   #/reset/bzpr_…                  a new password, by a link that somebody has made
//   #/first-run/bzfr_…              the first administrator, by a link that the server has printed
import { createStore } from "./store";

export interface Route {
  /** The first part of the path; empty at the start, "?" if nobody could have meant it. */
  name: string;
  /** The parts after it. */
  rest: string[];
  query: URLSearchParams;
}

export function readRoute(hash: string): Route {
  const [path = "", words = ""] = hash.replace(/^#/, "").split(/\?(.*)/s);
  const query = new URLSearchParams(words);
  try {
    const [name = "", ...rest] = path
      .split("/")
      .filter(Boolean)
      .map((part) => decodeURIComponent(part).trim());
    return { name, rest, query };
  } catch {
    return { name: "?", rest: [], query };
  }
}

/** The address of a page: href(["todo", key]) is "#/todo/KEY". */
export function href(path: readonly string[], query?: URLSearchParams | Record<string, string>): string {
  const words = new URLSearchParams(query).toString();
  return `#/${path.map(encodeURIComponent).join("/")}${words === "" ? "" : `?${words}`}`;
}

export const recordHref = (key: string): string => href(["todo", key]);

export const route = createStore<Route>(readRoute(location.hash));

addEventListener("hashchange", () => route.set(readRoute(location.hash)));

/** Goes there, as a click on a link does. */
export function go(to: string): void {
  location.hash = to;
}

/** Corrects the address of the page that is shown, without a step in the browser's history. */
export function correct(to: string): void {
  if (to === location.hash) return;
  history.replaceState(history.state, "", to);
  route.set(readRoute(to));
}
