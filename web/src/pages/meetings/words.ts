// A stand-up in words: why a record is gone through, what was changed, and the minutes as a text.
import type { Task } from "../../api";
import type { Meeting, Minutes, Note, Reason, Session } from "../../api/meetings";
import { formatDay, formatMomentDay, formatMoneyRound } from "../../format";
import { nameOf } from "../../people";
import { s as inbox } from "../../strings/inbox";
import { s } from "../../strings/meetings";
import { memberName } from "../../strings/members";
import { s as record } from "../../strings/record";
import { s as shared } from "../../strings/shared";
import { valueText } from "../record/changes";
import type { Change } from "./follow";

const day = 86_400_000;

export function rhythmOf(meeting: Meeting): string {
  const rhythm = s.everyWeeks(meeting.everyWeeks);
  return meeting.weekday === null || meeting.everyWeeks === 0 ? rhythm : s.on(rhythm, s.weekdays[meeting.weekday]);
}

/** "3:07" of seconds. */
export function clockOf(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Why it is gone through, with what that means for this record, as it was when the session began. */
export function reasonOf(reason: Reason, task: Task | undefined, session: Session): string {
  const began = Date.parse(session.startedAt);
  const since = (from: string): number => Math.max(1, Math.floor((began - Date.parse(from)) / day));
  switch (reason) {
    case "overdue":
      return task?.dueDate && task.overdue ? inbox.overdueDays(since(task.dueDate)) : s.reasonNames.overdue;
    case "promised":
      return task?.dueDate ? inbox.due(formatDay(task.dueDate)) : s.reasonNames.promised;
    default:
      return s.reasonNames[reason];
  }
}

export const awaitsOf = ({ awaits }: Task): string => `${memberName("awaits")} ${nameOf(awaits?.by ?? "")}.`;

export function sinceOf({ from, first }: Minutes["since"]): string {
  return first ? s.sinceFirst(formatMomentDay(from)) : s.since(formatMomentDay(from));
}

/** Parked by a session before, and still. */
export const isCarried = (note: Note, session: Session): boolean =>
  note.parked && Date.parse(note.createdAt) < Date.parse(session.startedAt);

// What the app itself notes is worded when it is read, since each reader has a language. Older notes of actions have
// words.

/** Of what is parked without a text. */
export const parkedNote = "…";

/** What a note says; of an action its key and title. */
export function noteOf({ text, parked }: Note): { action: string; text: string } {
  const [, action = "", title = text] = /^(?:\+|New action|Nieuwe actie) (\S+-\d+): ([^]*)$/.exec(text) ?? [];
  return { action, text: parked && text === parkedNote ? s.pane.parkText : title };
}

/** A number of a session, and more about it. */
export interface Figure {
  name: string;
  count: number | string;
  more?: string;
}

export interface Tile extends Figure {
  id: "closed" | "new" | "moved" | "overdue" | "awaiting";
  count: number;
}

export function tilesOf(since: Minutes["since"]): Tile[] {
  const { closed, overdue } = since;
  const change = overdue.change ?? 0;
  const euros = Number(closed.financialImpact);
  const without = closed.items.some(({ duplicate }) => duplicate) ? s.withoutDuplicates : "";
  const more = {
    closed: euros > 0 && formatMoneyRound(euros) + without,
    overdue: overdue.change !== null && `${change < 0 ? "−" : "+"}${Math.abs(change)}`,
  } as Record<Tile["id"], string>;
  return (["closed", "new", "moved", "overdue", "awaiting"] as const).map((id) => ({
    id,
    name: s.tiles[id],
    count: since[id].count,
    more: more[id],
  }));
}

/** How many records of a number minutes name at once. */
export const namedMost = 20;

/** A record that is counted since last time; of one that was moved, from which date to which. */
interface Named {
  key: string;
  title: string;
  from?: string;
  to?: string | null;
  duplicate?: boolean;
  by?: string | null;
}

export const namedOf = (since: Minutes["since"], id: Tile["id"]): Named[] => (id === "overdue" ? [] : since[id].items);

export function saidOf({ from, to, duplicate }: Named): string {
  if (from) return `${formatDay(from)} → ${to ? formatDay(to) : shared.none}`;
  return duplicate ? inbox.actions.duplicate : "";
}

const hidden = ["closedAt", "closedBy", "firstDueDate", "dueMoves", "overdue", "open"];

/** A value as a text; people by their names. */
const worded = (member: string, value: unknown): string =>
  member === "assignee" && typeof value === "string" ? nameOf(value) : valueText(member, value);

/** What changes did together: "Due date: 1 Dec 2026 → 12 Dec 2026". What was taken back is not in it. */
export function netOf(changes: readonly Change[]): {
  lines: string[];
  /** The members that are not as they were, and what they are now. */
  members: Map<string, unknown>;
} {
  const before = new Map<string, unknown>();
  const members = new Map<string, unknown>();
  const lines: string[] = [];
  for (const { action, changes: all } of changes) {
    if (all === null) lines.push(record.erased);
    // Minutes say that there is a comment or a file, and not what is in it.
    const part = { "task.commented": "comment", "task.attached": "attachment" }[action];
    if (part) lines.push(memberName(part));
    for (const [member, change] of Object.entries(all ?? {})) {
      if (!Array.isArray(change) || hidden.includes(member)) continue;
      if (!before.has(member)) before.set(member, change[0]);
      members.set(member, change[1]);
    }
  }
  for (const [member, value] of members) {
    const [from = "", to] = [before.get(member), value].map((one) => worded(member, one));
    if (from === to) members.delete(member);
    else if (value === "Done") lines.unshift(s.do.done);
    else
      lines.push(
        `${memberName(member)}: ${from && (from + to).length < 80 ? `${from} → ` : ""}${to || shared.none}`,
      );
  }
  return { lines, members };
}

/** What the list of records says of one that something was done with. */
export function outcomeOf(changes: readonly Change[]): string {
  const { lines, members } = netOf(changes);
  for (const member of ["status", "dueDate", "assignee"])
    if (members.has(member)) return worded(member, members.get(member)) || shared.none;
  if (members.get("awaits")) return record.closing.proposed;
  return lines.length > 0 ? "✓" : "";
}

/** Everything that belongs to one record of a session. */
interface Story {
  key: string;
  title: string;
  reason?: Reason;
  seconds: number;
  changes: Change[];
  notes: Note[];
  /** Of a new task: the record that it came out of. */
  from?: string;
  /** Something was said or done about it. */
  decided?: boolean;
}

/** What a session that runs knows of its records; minutes keep it. */
export interface Live {
  outcomes?: Map<string, Change[]>;
  taskOf?: (key: string) => Task | undefined;
}

/** The records in the order of the walk, and after them others that a note is about or that were changed. */
function storiesOf(session: Session, { outcomes }: Live): Story[] {
  const { walk, notes, changes } = session.minutes;
  const stories = new Map<string, Story>();
  const of = (key: string, title: string | null): Story => {
    const known = { key, title: title ?? "", seconds: 0, changes: outcomes?.get(key) ?? [], notes: [] };
    const story = stories.get(key) ?? known;
    stories.set(key, story);
    return story;
  };
  for (const item of walk) Object.assign(of(item.key, item.title), item);
  for (const note of notes) {
    const { action, text } = noteOf(note);
    const story = of(note.key ?? "", note.title ?? s.generalNotes);
    story.decided ||= !isCarried(note, session);
    if (action === "") story.notes.push(note);
    else Object.assign(of(action, text), { from: note.key, decided: true });
  }
  for (const change of changes?.items ?? []) of(change.key, change.title).changes.push(change);
  return [...stories.values()];
}

/** A record in minutes: what was decided, whose it is, and until when. */
interface Row {
  key: string;
  title: string;
  lines: string[];
  assignee: string | null | undefined;
  dueDate: string | null | undefined;
}

interface Summary {
  figures: Figure[];
  /** Under their headings, what was agreed first. */
  sections: [heading: string, rows: Row[]][];
}

const noteLine = (note: Note): string =>
  `${note.parked ? s.parked : s.do.note}: ${noteOf(note).text} (${nameOf(note.author)})`;

/** What minutes begin with: the session in figures, and what was agreed. */
export function summaryOf(session: Session, live: Live = {}): Summary {
  const { minutes, startedAt, closedAt } = session;
  const { plannedMinutes, changes } = minutes;
  const records = new Map(changes?.records?.map((one) => [one.key, one]));
  const stateOf = (key: string) => records.get(key) ?? { duplicate: false, ...live.taskOf?.(key) };
  const stories = storiesOf(session, live).map((story) => {
    const net = netOf(story.from ? [] : story.changes);
    return { ...story, ...net, decided: story.decided || net.lines.length > 0 };
  });
  const walk = stories.filter(({ reason }) => reason);
  const decided = walk.filter((story) => story.decided);
  const changed = (member: string): typeof walk => decided.filter(({ members }) => members.has(member));
  const closed = changed("status").filter(({ members }) => members.get("status") === "Done");
  const untalked = walk.filter((story) => !story.decided && story.seconds === 0);
  const euros = closed
    .map(({ key }) => stateOf(key))
    .reduce((sum, { duplicate, financialImpact }) => sum + (duplicate ? 0 : Number(financialImpact)), 0);
  const took = Math.ceil((Number(new Date(closedAt ?? Date.now())) - Date.parse(startedAt)) / 60_000);
  const section = (heading: string, some: typeof walk): [string, Row[]] => [
    heading,
    some.map(({ key, title, from, lines, notes }) => ({
      ...stateOf(key),
      key,
      title,
      lines: [
        ...(from ? [`${s.do.action} (${from})`] : lines),
        ...stories.filter((other) => other.from === key).map((other) => `${s.do.action}: ${other.title}`),
        ...notes.map(noteLine),
      ],
    })) as Row[],
  ];
  const figure = (name: string, { length }: readonly unknown[], more = ""): Figure => ({ name, count: length, more });
  return {
    figures: [
      figure(s.wentThrough, walk),
      figure(s.decided, decided),
      figure(s.tiles.closed, closed, euros > 0 ? formatMoneyRound(euros) : ""),
      figure(s.tiles.moved, changed("dueDate")),
      figure(s.handedOver, changed("assignee")),
      figure(s.parked, walk.filter(({ notes }) => notes.some(({ parked }) => parked))),
      figure(s.untalked, untalked),
      { name: s.tiles.new, count: changes?.created ?? 0 },
      { name: s.form.minutes, count: plannedMinutes ? record.listPlace(took, plannedMinutes) : took },
    ],
    sections: [
      section(s.agreed, stories.filter((story) => story.decided && (story.reason || story.from || !story.key))),
      section(s.otherChanges, stories.filter((story) => story.decided && !story.reason && !story.from && story.key)),
      section(s.undecided, walk.filter(({ decided, seconds, notes }) => !decided && (seconds > 0 || notes.length > 0))),
    ],
  };
}

/** The minutes as they are shown, as a text for a mail or a document. */
export function textOf(page: HTMLElement): string {
  const parts = page.querySelectorAll<HTMLElement>(
    "h1, h2, h3, .page-head .hint, .figures-line, tbody th, td p, td + td, dl > div, li, summary, .receipt code",
  );
  return [...parts]
    .filter((part) => part.checkVisibility() && part.innerText !== "")
    .map(({ tagName, innerText }) => {
      const begin = /H[23]|TH/.test(tagName) ? "\n" : /P|L|TD/.test(tagName) ? "- " : "";
      return begin + innerText.trim().replaceAll(/[\s·]*\n[\s·]*/g, " · ");
    })
    .join("\n");
}
