// What the filter line offers while somebody types: names of filters, and values of the one at hand.
import { levels, statuses, todoTypes } from "../../api";
import { countRecords } from "../../api/records";
import { addDays, parseDay, todayIn } from "../../dates";
import { findPeople, type Person } from "../../people";
import { session } from "../../session";
import { columnName, s } from "../../strings/records";
import { word, wordValue } from "./query";

export interface Offer {
  /** What the word becomes. */
  text: string;
  /** What people read first. */
  label: string;
  hint: string;
  /** The word is not finished with it: its value follows. */
  open: boolean;
}

export interface Word {
  start: number;
  end: number;
  text: string;
}

/** The word that the caret is in or at the end of; quotes hold it together. */
export function wordAt(text: string, caret: number): Word {
  let start = 0;
  let quoted = false;
  for (let i = 0; i < caret; i += 1) {
    if (text[i] === '"') quoted = !quoted;
    else if (!quoted && /\s/.test(text[i] ?? "")) start = i + 1;
  }
  let end = caret;
  while (end < text.length && (quoted || !/\s/.test(text[end] ?? ""))) {
    if (text[end] === '"') quoted = !quoted;
    end += 1;
  }
  return { start, end, text: text.slice(start, end) };
}

/** Can it be asked as it is, or is the last word still being written? */
export function isFinished(text: string): boolean {
  return !/(^|\s)-?[A-Za-z]+:(\S*,)?[<>=]*$/.test(text) && (text.match(/"/g)?.length ?? 0) % 2 === 0;
}

const dayNames = "due|reminder|created|updated|closed|einddatum|vervaldatum|herinnering|gemeld|gewijzigd|afgerond";
const daysOfFilters = new RegExp(`(?<=(?:^|\\s)-?(?:${dayNames}):\\S*?)("?)([^\\s,:"<>=]+)\\1`, "g");

/**
 * As the server reads it: days as people write them (31/12, tomorrow, +7d) are days of the calendar, and an order
 * after # needs no quotes.
 */
export function asAsked(text: string): string {
  return text
    .replace(/(?<=^|\s)#([A-Za-z]+ \d[^"\s]*|[^"\s]+)/g, (_, order: string) => word("order", order) ?? order)
    .replace(daysOfFilters, (given, _, day: string) => parseDay(day, todayIn()) ?? given);
}

const states = ["is:open", "is:mine", "is:overdue", "is:closed", "has:attachment"];
/** The names of filters, and the members that they are about. */
const members: Record<string, string> = {
  status: "status",
  assignee: "assignee",
  priority: "priority",
  due: "dueDate",
  category: "category",
  todoType: "todoType",
  workspace: "workspace",
  reporter: "reporter",
  tag: "tags",
  order: "orderID",
  LRN: "LRN",
  eur: "financialImpact",
  impact: "impact",
  likelihood: "likelihood",
  created: "createdAt",
  updated: "updatedAt",
  closed: "closedAt",
  reminder: "reminderDate",
  subCategory: "subCategory",
  source: "source",
  follower: "followers",
  domain: "domain",
  moved: "dueMoves",
  parent: "parent",
  form: "form",
};

const folded = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Begins one of the words of the text with what is typed? */
function begins(text: string, typed: string): boolean {
  const begin = folded(typed);
  return (
    folded(text)
      .split(/[\s@.\-_]+/)
      .some((part) => part.startsWith(begin)) || folded(text).startsWith(begin)
  );
}

const dayAfter = (days: number): string => addDays(todayIn(), days);

interface Value {
  value: string;
  label?: string;
  hint?: string;
}

/** What the values are taken from. */
export interface Sources {
  /** The filters of the place, without words. */
  filter: string;
  workspaces: readonly { key: string; name: string | null }[];
  domains: readonly string[];
  /** People whom lists have named. */
  people: () => Person[];
  seen: (member: "tags" | "orderID" | "subCategory") => string[];
}

const categories = new Map<string, Promise<Value[]>>();
session.watch(() => categories.clear());

function categoriesOf({ filter }: Sources): Promise<Value[]> {
  const known = categories.get(filter);
  if (known) return known;
  const asked = countRecords(filter, "category").then((cells) =>
    cells
      .filter((cell) => typeof cell["category"] === "string")
      .sort((a, b) => b.count - a.count)
      .map((cell) => ({ value: String(cell["category"]), hint: s.count(cell.count) })),
  );
  asked.catch(() => categories.delete(filter));
  categories.set(filter, asked);
  return asked;
}

async function peopleOf(sources: Sources, typed: string): Promise<Value[]> {
  const found = new Map<string, Value>();
  const add = ({ email, name, active }: Person): void => {
    if (active && (begins(name ?? "", typed) || begins(email, typed)))
      found.set(email, { value: email, label: name || email, hint: name ? email : "" });
  };
  sources.people().forEach(add);
  // Who takes part in a workspace is known of that workspace.
  const [first] = sources.workspaces;
  if (found.size < 8 && first !== undefined && typed !== "") (await findPeople(first.key, typed)).forEach(add);
  return [
    { value: "me", hint: s.me },
    ...[...found.values()].sort((a, b) => (a.label ?? "").localeCompare(b.label ?? "")),
  ];
}

const plain = (values: readonly string[]): Value[] => values.map((value) => ({ value }));
const orNone = (values: readonly string[]): Value[] => [...plain(values), { value: "none", hint: s.noValue }];

async function valuesOf(name: string, typed: string, sources: Sources): Promise<Value[]> {
  switch (name.toLowerCase()) {
    case "status":
      return plain(statuses);
    case "todotype":
      return plain(todoTypes);
    case "priority":
    case "impact":
    case "likelihood":
      return orNone(levels);
    case "is":
      return states.slice(0, 4).map((state) => ({ value: state.slice(3), hint: s.words[state] ?? "" }));
    case "has":
      return [{ value: "attachment", hint: s.words["has:attachment"] ?? "" }];
    case "assignee":
    case "reporter":
    case "follower":
    case "source":
      return peopleOf(sources, typed);
    case "workspace":
      return sources.workspaces.map(({ key, name: label }) => ({ value: key, hint: label ?? "" }));
    case "domain":
      return plain(sources.domains);
    case "category":
      return categoriesOf(sources);
    case "subcategory":
      return plain(sources.seen("subCategory"));
    case "tag":
      return plain(sources.seen("tags"));
    case "order":
      return plain(sources.seen("orderID"));
    case "due":
    case "reminder":
      return [
        { value: `<${dayAfter(0)}`, hint: s.beforeToday },
        { value: dayAfter(0), hint: s.today },
        { value: `<=${dayAfter(7)}`, hint: s.untilAWeek },
        { value: "none", hint: s.noDate },
      ];
    case "created":
    case "updated":
    case "closed":
      return [
        { value: dayAfter(0).slice(0, 7), hint: s.thisMonth },
        { value: dayAfter(-new Date().getDate()).slice(0, 7), hint: s.lastMonth },
        { value: `>=${dayAfter(-7)}`, hint: `${dayAfter(-7)} –` },
      ];
    case "eur":
      return plain([">=1000", ">=10000", ">=100000"]);
    case "moved":
      return plain([">0", ">2"]);
    default:
      return [];
  }
}

const most = 10;

/** What can come in place of the word. */
export async function offersFor(word: string, sources: Sources): Promise<Offer[]> {
  const [, minus = "", name, given] = /^(-?)([A-Za-z]+):(.*)$/s.exec(word) ?? [];
  if (name === undefined || given === undefined) {
    const typed = word.replace(/^-/, "");
    const sign = word.startsWith("-") ? "-" : "";
    if (typed.includes('"')) return [];
    const heads = [...states, ...Object.keys(members).map((one) => `${one}:`)];
    return heads
      .map((head) => ({
        text: `${sign}${head}`,
        label: head,
        hint: s.words[head] ?? columnName(members[head.slice(0, -1)] ?? ""),
        open: head.endsWith(":"),
      }))
      .filter(
        ({ label, hint, open }) =>
          begins(label, typed) ||
          (open && begins(hint, typed)) ||
          (typed !== "" && label.includes(`:${typed.toLowerCase()}`)),
      )
      .slice(0, most);
  }
  const before = given.slice(0, given.lastIndexOf(",") + 1);
  const typed = given.slice(before.length).replace(/^"|"$/g, "");
  const values = await valuesOf(name, typed.replace(/^[<>=]+/, ""), sources);
  const offers: Offer[] = [];
  for (const { value, label = value, hint = "" } of values) {
    const compared = /^[<>]=?|^=/.exec(value)?.[0] ?? "";
    const written = compared === "" ? wordValue(value) : value;
    if (written === null || !(begins(label, typed) || begins(value, typed) || folded(value).startsWith(folded(typed))))
      continue;
    if (before.includes(`${written},`)) continue;
    offers.push({ text: `${minus}${name}:${before}${written}`, label, hint, open: false });
    if (offers.length === most) break;
  }
  return offers;
}
