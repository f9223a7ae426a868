// What the filter line offers while somebody types: names of filters, and values of the one at hand.
import { levels, statuses, todoTypes } from "../../api";
import { countRecords } from "../../api/records";
import { monthFirst } from "../../dates";
import { findPeople, type Person } from "../../people";
import { session } from "../../session";
import { columnName, s } from "../../strings/records";
import { levelName, statusName, typeName } from "../../strings/shared";
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

/** The word that the caret is in or at the end of, and where it begins; quotes hold it together. */
export function wordAt(text: string, caret: number): { start: number; text: string } {
  for (const { index, 0: word } of text.matchAll(/(?:"[^"]*(?:"|$)|[^\s"])+/g))
    if (index <= caret && caret <= index + word.length) return { start: index, text: word };
  return { start: caret, text: "" };
}

/** Can it be asked as it is, or is the last word still being written? */
export function isFinished(text: string): boolean {
  return !/(^|\s)-?[A-Za-z]+:(\S*,)?[<>=]*$/.test(text) && text.split('"').length % 2 === 1;
}

/** As the server reads it: an order after # needs no quotes, and a day begins with the day of the month. */
export function asAsked(text: string): string {
  return text
    .replace(/(?<=^|\s)#([A-Za-z]+ \d[^"\s]*|[^"\s]+)/g, (_, order: string) => word("order", order) ?? order)
    .replace(/(?<=:[<>=]*)(\d\d?)\/(\d\d?)(?=\/)/g, monthFirst ? "$2/$1" : "$&");
}

/** What there are filters for. The server knows each by the name of its member, or the beginning of that. */
const members = (
  "status assignee priority dueDate category todoType workspace reporter tags orderID LRN financialImpact impact " +
  "likelihood createdAt updatedAt closedAt reminderDate subCategory source followers domain dueMoves parent form"
).split(" ");

/** What the filter is called here: the first word of its column. */
const nameOf = (member: string): string => /^\S+/.exec(columnName(member).replace("-", ""))![0].toLowerCase();

/** The words of a text, each with a blank before it. */
const wordsOf = (text: string): string =>
  ` ${text}`
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[\s@.\-_<>=:"]+/g, " ");

/** Do words of the text begin with what is typed? */
const begins = (text: string, typed: string): boolean => wordsOf(text).includes(wordsOf(typed));

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
    // The domain is nobody's name.
    if (active && (begins(name ?? "", typed) || begins(typed.includes("@") ? email : email.replace(/@.*/, ""), typed)))
      found.set(email, { value: email, label: name || email, hint: name ? email : "" });
  };
  sources.people().forEach(add);
  // Who takes part in a workspace is known of that workspace.
  const [first] = sources.workspaces;
  if (found.size < 8 && first !== undefined && typed !== "") (await findPeople(first.key, typed)).forEach(add);
  return [
    { value: s.me },
    ...[...found.values()].sort((a, b) => (a.label ?? "").localeCompare(b.label ?? "")),
  ];
}

const plain = (values: readonly string[]): Value[] => values.map((value) => ({ value }));
const orNone = (values: readonly string[]): Value[] => plain([...values, s.none]);

async function valuesOf(name: string, typed: string, sources: Sources): Promise<Value[]> {
  const member = members.find((one) => one.toLowerCase().startsWith(name) || nameOf(one) === name);
  switch (member) {
    case "status":
      return plain(statuses.map(statusName));
    case "todoType":
      return plain(todoTypes.map(typeName));
    case "priority":
    case "impact":
    case "likelihood":
      return orNone(levels.map(levelName));
    case "assignee":
    case "reporter":
    case "followers":
    case "source":
      return peopleOf(sources, typed);
    case "workspace":
      return sources.workspaces.map(({ key, name: label }) => ({ value: key, hint: label ?? "" }));
    case "domain":
      return plain(sources.domains);
    case "category":
      return categoriesOf(sources);
    case "subCategory":
    case "tags":
    case "orderID":
      return plain(sources.seen(member));
    case "dueDate":
    case "reminderDate":
      return orNone([`<${today}`, today, s.thisWeek]);
    case "createdAt":
    case "updatedAt":
    case "closedAt":
      return plain([today, s.thisMonth, s.lastMonth]);
    case "financialImpact":
      return plain([">=1000", ">=10000", ">=100000"]);
    case "dueMoves":
      return plain([">0", ">2"]);
    default:
      return plain(
        s.states
          .filter((state) => state.startsWith(`${name}:`))
          .map((state) => state.slice(name.length + 1).replace(/"/g, "")),
      );
  }
}

const today = s.today.toLowerCase();
const most = 10;

/** What can come in place of the word. */
export async function offersFor(word: string, sources: Sources): Promise<Offer[]> {
  const [, sign = "", name, given = ""] = /^(-?)(?:([A-Za-z]+):)?(.*)$/s.exec(word) ?? [];
  if (name === undefined) {
    if (given.includes('"')) return [];
    const heads = [...s.states.map((state) => [state, ""]), ...members.map((member) => [`${nameOf(member)}:`, member])];
    return heads
      .filter((names) => begins(names.join(" "), given))
      .map(([label = "", member]) => ({ text: sign + label, label, hint: "", open: member !== "" }))
      .slice(0, most);
  }
  const before = given.slice(0, given.lastIndexOf(",") + 1);
  const typed = given.slice(before.length).replace(/^"|"$/g, "");
  const values = await valuesOf(name.toLowerCase(), typed.replace(/^[<>=]+/, ""), sources);
  return values
    .flatMap(({ value, label = value, hint = "" }) => {
      const written = /^[<>]/.test(value) ? value : wordValue(value);
      return written === null || before.includes(`${written},`) || !begins(`${label} ${value}`, typed)
        ? []
        : [{ text: `${sign}${name}:${before}${written}`, label, hint, open: false }];
    })
    .slice(0, most);
}
