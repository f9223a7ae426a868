// What the records page shows, and how it is written in the address. Everything that narrows the list is
// written in the words of `q`, so that the line above the list, the address and the API say the same.

export type Layout = "list" | "board" | "calendar" | "matrix";
export const layouts: readonly Layout[] = ["list", "board", "calendar", "matrix"];

/** What lists can be sorted by, and the columns that show it. */
export const sortColumns = {
  created: "createdAt",
  updated: "updatedAt",
  dueDate: "dueDate",
  priority: "priority",
  financialImpact: "financialImpact",
} as const;
export const sorts = Object.keys(sortColumns) as (keyof typeof sortColumns)[];
export const groups = [
  "status",
  "priority",
  "todoType",
  "assignee",
  "workspace",
  "category",
  "impact",
  "likelihood",
] as const;
export type Group = (typeof groups)[number];

export const columns = [
  "key",
  "title",
  "todoType",
  "status",
  "priority",
  "assignee",
  "dueDate",
  "createdAt",
  "updatedAt",
  "workspace",
  "reporter",
  "source",
  "category",
  "tags",
  "financialImpact",
  "impact",
  "likelihood",
  "reminderDate",
  "closedAt",
  "commentCount",
] as const;
export type Column = (typeof columns)[number];
export const usualColumns: readonly Column[] = [
  "key",
  "title",
  "todoType",
  "status",
  "priority",
  "assignee",
  "dueDate",
];

export interface Query {
  /** The key of a domain or workspace; empty: everything that one may see. */
  in: string;
  q: string;
  /** Parameters of the API that have no words in `q`. */
  rest: [name: string, value: string][];
  layout: Layout;
  group: Group | "";
  sort: string;
  cols: readonly Column[];
  /** The month that the calendar shows; empty: this one. */
  at: string;
}

export const emptyQuery: Query = {
  in: "",
  q: "",
  rest: [],
  layout: "list",
  group: "",
  sort: "",
  cols: usualColumns,
  at: "",
};

/* ---- words ---- */

/** A value as it is written after the colon; null if no word can have it. */
export function wordValue(value: string): string | null {
  if (value === "" || value.includes('"')) return null;
  return /[\s,]/.test(value) || /^[<>=]/.test(value) ? `"${value}"` : value;
}

/** "status:todo", for values of which either may hold. */
export function word(name: string, ...values: string[]): string | null {
  const written = values.map(wordValue);
  return written.length === 0 || written.includes(null) ? null : `${name}:${written.join(",")}`;
}

export function withWord(q: string, added: string): string {
  return q === "" ? added : `${q} ${added}`;
}

const lists = (
  "todoType status priority impact likelihood assignee reporter source follower tag orderID LRN category subCategory " +
  "form parent workspace domain domainOnly month"
).split(" ");
const compared: Record<string, string> = {
  dueBefore: "due:<",
  dueAfter: "due:>",
  createdBefore: "created:<",
  createdAfter: "created:>",
  updatedAfter: "updated:>",
  closedBefore: "closed:<",
  closedAfter: "closed:>",
  minFinancialImpact: "eur:>=",
};
const states: Record<string, string> = {
  "open=true": "is:open",
  "open=false": "is:closed",
  "overdue=true": "is:overdue",
  "overdue=false": "-is:overdue",
  "mine=true": "is:mine",
};

/** One parameter of the API as words; null if there are none for it. */
function wordsOf(name: string, values: string[]): string | null {
  if (name === "alsoCategory") {
    const each = values.map((value) => word("category", value));
    return each.includes(null) ? null : each.join(" ");
  }
  if (lists.includes(name)) return word(name, ...values);
  const [value = ""] = values;
  if (values.length !== 1 || /[\s,"]/.test(value) || value === "") return null;
  const comparison = compared[name];
  // "createdAfter=2026-01-01" begins with that day, "created:>2026-01-01" after it.
  if (comparison !== undefined) {
    const whole = comparison.endsWith(">") && name !== "dueAfter" && /^\d{4}-\d\d-\d\d$/.test(value);
    return `${comparison}${whole ? "=" : ""}${value}`;
  }
  return states[`${name}=${value}`] ?? null;
}

/** Parameters of GET /tasks: a saved view's, a cell's of /stats, or an older address's. */
function readFilter(given: URLSearchParams, place: string): Pick<Query, "in" | "q" | "rest"> {
  const words: string[] = [];
  const rest: [string, string][] = [];
  let within = place;
  for (const name of new Set(given.keys())) {
    const values = given.getAll(name);
    if (name === "q") continue;
    if ((name === "workspace" || name === "domain") && within === "" && values.length === 1 && values[0] !== "") {
      within = values[0] ?? "";
      continue;
    }
    const written = wordsOf(name, values);
    if (written !== null) words.push(written);
    else rest.push(...values.map((value): [string, string] => [name, value]));
  }
  const q = (given.get("q") ?? "").trim();
  return { in: within, q: [...words, ...(q === "" ? [] : [q])].join(" "), rest };
}

/* ---- the address ---- */

const own = ["in", "layout", "group", "sort", "cols", "view", "at"];

function one<T extends string>(all: readonly T[], given: string | null): T | undefined {
  return all.find((other) => other === given);
}

/** What the address says of the query; what it leaves out is as in `base`, a saved view's query. */
export function readQuery(given: URLSearchParams, base: Query = emptyQuery): Query {
  const filters = new URLSearchParams(given);
  for (const name of own) filters.delete(name);
  const at = given.get("at") ?? "";
  const read = readFilter(filters, given.get("in") ?? "");
  const filtered = given.has("q") || [...filters.keys()].length > 0;
  return {
    in: given.has("in") || read.in !== "" ? read.in : base.in,
    q: filtered ? read.q : base.q,
    rest: filtered ? read.rest : base.rest,
    layout: one(layouts, given.get("layout")) ?? base.layout,
    group: given.has("group") ? (one(groups, given.get("group")) ?? "") : base.group,
    sort: given.has("sort") ? readSort(given.get("sort") ?? "") : base.sort,
    cols: given.has("cols") ? readColumns(given.get("cols") ?? "") : base.cols,
    at: /^\d{4}-\d\d$/.test(at) ? at : "",
  };
}

const due = /(^|\s)(is:overdue|is:"?te ?laat|(due|einddatum|vervaldatum):)/;

/** The order of the list: what is chosen, or else by date where due dates are looked for, and else the newest first. */
export function sortOf({ q, sort }: Pick<Query, "q" | "sort">): string {
  return sort || (due.test(q) ? "dueDate" : "-created");
}

/** As a parameter of the API, after others. It puts the newest first by itself. */
export function askSort(query: Query): string {
  const sort = sortOf(query);
  return sort === "-created" ? "" : `&sort=${sort}`;
}

/** An order as it is kept: empty if it is the usual one. */
export const chosenSort = (q: string, sort: string): string => (sort === sortOf({ q, sort: "" }) ? "" : sort);

export function readSort(sort: string): string {
  return sorts.some((name) => sort === name || sort === `-${name}`) ? sort : "";
}

/** The title is always there: it is what one opens. */
function readColumns(text: string): readonly Column[] {
  const chosen = text.split(",").filter((name): name is Column => columns.some((other) => other === name));
  if (chosen.length === 0) return usualColumns;
  return chosen.includes("title") ? chosen : ["title", ...chosen];
}

/** The same query always gives the same address; only what differs from `base` is in it. */
export function writeQuery(query: Query, base: Query = emptyQuery, view = ""): URLSearchParams {
  const written = new URLSearchParams();
  if (view !== "") written.set("view", view);
  if (query.in !== base.in) written.set("in", query.in);
  if (!sameFilter(query, base)) {
    for (const [name, value] of query.rest) written.append(name, value);
    if (query.q !== "" || query.rest.length === 0) written.set("q", query.q);
  }
  for (const name of ["layout", "group", "sort", "at"] as const)
    if (query[name] !== base[name]) written.set(name, query[name]);
  if (query.cols.join() !== base.cols.join()) written.set("cols", query.cols.join());
  return written;
}

function sameFilter(a: Query, b: Query): boolean {
  return a.q === b.q && JSON.stringify(a.rest) === JSON.stringify(b.rest);
}

export function sameQuery(a: Query, b: Query): boolean {
  return writeQuery({ ...a, at: "" }, { ...b, at: "" }).toString() === "";
}

/* ---- the API ---- */

/** The filters for the API; `isWorkspace` says what the place is. */
export function askQuery(query: Query, isWorkspace: (key: string) => boolean): URLSearchParams {
  const asked = new URLSearchParams();
  if (query.in !== "") asked.set(isWorkspace(query.in) ? "workspace" : "domain", query.in);
  for (const [name, value] of query.rest) asked.append(name, value);
  if (query.q !== "") asked.set("q", query.q);
  return asked;
}

/** The same with more words, which must hold as well. */
export function askAlso(asked: URLSearchParams, ...words: string[]): URLSearchParams {
  const also = new URLSearchParams(asked);
  also.set("q", words.reduce(withWord, also.get("q") ?? ""));
  return also;
}

/* ---- saved views ---- */

export interface Stored {
  query: string;
  layout: string;
  columns: string[];
  sort: string | null;
}

/** A view keeps how it is grouped among its columns. */
const grouped = "group:";

export function readView(view: Stored): Query {
  const [group] = view.columns.filter((name) => name.startsWith(grouped)).map((name) => name.slice(grouped.length));
  const cols = view.columns.filter((name) => !name.startsWith(grouped));
  return {
    ...readFilter(new URLSearchParams(view.query), ""),
    layout: one(layouts, view.layout) ?? "list",
    group: one(groups, group ?? "") ?? "",
    sort: readSort(view.sort ?? ""),
    cols: cols.length === 0 ? usualColumns : readColumns(cols.join()),
    at: "",
  };
}

export function storeView(query: Query, isWorkspace: (key: string) => boolean): Stored {
  return {
    query: askQuery(query, isWorkspace).toString(),
    layout: query.layout,
    columns: [...query.cols, ...(query.group === "" ? [] : [`${grouped}${query.group}`])],
    sort: query.sort === "" ? null : query.sort,
  };
}
