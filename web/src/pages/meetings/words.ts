// A stand-up in words: why a record is gone through, what was changed, and the minutes as a text.
import type { Task } from "../../api";
import type { Meeting, Minutes, Note, Reason, Session } from "../../api/meetings";
import { formatDay, formatMomentDay, formatMoneyRound, formatTime } from "../../format";
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
      return task?.dueDate && task.overdue ? s.reasons.overdue(since(task.dueDate)) : s.reasonNames.overdue;
    case "promised":
      return task?.dueDate ? s.reasons.promised(formatDay(task.dueDate)) : s.reasonNames.promised;
    case "new":
      return s.reasons.new(formatMomentDay(session.minutes.since.from));
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

export interface Tile {
  id: "closed" | "new" | "moved" | "overdue" | "awaiting";
  count: number;
  more: string;
}

export function tilesOf(since: Minutes["since"]): Tile[] {
  const { closed, overdue } = since;
  const change = overdue.change ?? 0;
  const sign = change < 0 ? "−" : "+";
  const euros = Number(closed.financialImpact);
  const without = closed.items.some(({ duplicate }) => duplicate) ? s.withoutDuplicates : "";
  return [
    { id: "closed", count: closed.count, more: euros > 0 ? formatMoneyRound(euros) + without : "" },
    { id: "new", count: since.new.count, more: "" },
    { id: "moved", count: since.moved.count, more: "" },
    { id: "overdue", count: overdue.count, more: overdue.change === null ? "" : `${sign}${Math.abs(change)}` },
    { id: "awaiting", count: since.awaiting.count, more: "" },
  ];
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

const silent = ["closedAt", "closedBy", "firstDueDate", "dueMoves", "overdue", "open"];

/** A value as a text; people by their names. */
const worded = (member: string, value: unknown): string =>
  member === "assignee" && typeof value === "string" ? nameOf(value) : valueText(member, value);

/** What a change did, one line for each member: "Due date: 1 Dec 2026 → 12 Dec 2026". */
export function changeLines({ action, changes }: Change): { text: string; title?: string }[] {
  if (changes === null) return [{ text: record.erased }];
  const lines = Object.entries(changes).flatMap(([member, change]) => {
    if (!Array.isArray(change) || silent.includes(member)) return [];
    const [before, after] = change.map((value) => worded(member, value));
    if (before === after && member !== "assignee") return [];
    const label = memberName(member);
    const short = !["", after].includes(before) && String(before).length + String(after).length < 80;
    const text = `${label}: ${short ? `${before} → ` : ""}${after || shared.none}`;
    return [member === "assignee" ? { text, title: change.join(" → ") } : { text }];
  });
  // Minutes say that there is a comment or a file, and not what is in it.
  const part = { "task.commented": memberName("comment"), "task.attached": memberName("attachment") }[action];
  if (lines.length > 0) return lines;
  return [{ text: part ?? s.nothingChanged }];
}

/** What the list of the agenda says of a record that something was done with: the newest of it. */
export function outcomeOf(changes: readonly Change[]): string {
  for (const { action, changes: members } of [...changes].reverse()) {
    if (action === "task.closed") return s.do.done;
    const after = (member: string): string => {
      const change = members?.[member];
      return Array.isArray(change) ? worded(member, change[1]) : "";
    };
    for (const member of ["status", "dueDate", "assignee"]) if (after(member) !== "") return after(member);
    if (members?.awaits) return record.closing.proposed;
  }
  return changes.length > 0 ? "✓" : "";
}

/** Everything that belongs to one record of a session. */
export interface Story {
  key: string;
  title: string;
  reason: Reason | null;
  seconds: number;
  changes: Change[];
  notes: Minutes["notes"];
}

/** The records in the order of the walk, and after them others that a note is about or that were changed. */
export function storiesOf(minutes: Minutes, live: Map<string, Change[]>): Story[] {
  const stories = new Map<string, Story>();
  const of = (key: string, title: string): Story => {
    const story = stories.get(key) ?? { key, title, reason: null, seconds: 0, changes: live.get(key) ?? [], notes: [] };
    stories.set(key, story);
    return story;
  };
  for (const { key, title, reason, seconds } of minutes.walk) Object.assign(of(key, title), { reason, seconds });
  for (const note of minutes.notes) if (note.key !== null) of(note.key, note.title ?? "").notes.push(note);
  for (const change of minutes.changes?.items ?? []) of(change.key, change.title).changes.push(change);
  return [...stories.values()];
}

export const talkedAbout = (story: Story, session: Session): boolean =>
  story.seconds > 0 || story.changes.length > 0 || story.notes.some((note) => !isCarried(note, session));

export const whoWas = (minutes: Minutes): string[] => minutes.present.map(({ email }) => nameOf(email));

const by = (actor: string | null): string => (actor === null ? "" : `${nameOf(actor)}: `);

function noteLine(note: Note): string {
  const { action, text } = noteOf(note);
  const words = action === "" ? text : `${s.do.action} ${action}: ${text}`;
  return `  - ${by(note.author)}${words}${note.parked ? ` [${s.parked}]` : ""}`;
}


/** The minutes as a text for a mail or a document. */
export function textOf(session: Session, live: Map<string, Change[]> = new Map()): string {
  const { minutes } = session;
  const { since } = minutes;
  const lines = [
    `${minutes.name}, ${s.number(session.number)}, ${formatMomentDay(session.startedAt)}`,
    `${formatTime(session.startedAt)}${session.closedAt === null ? "" : `–${formatTime(session.closedAt)}`}, ` +
      s.leads(nameOf(session.leader)),
    `${s.present}: ${whoWas(minutes).join(", ") || shared.none}`,
    ...(minutes.absent.length > 0 ? [`${s.absent}: ${minutes.absent.map(nameOf).join(", ")}`] : []),
    "",
    `${sinceOf(since)}: ${tilesOf(since)
      .map(({ id, count, more }) => `${s.tiles[id].toLowerCase()} ${count}${more === "" ? "" : ` (${more})`}`)
      .join(" · ")}`,
  ];
  for (const story of storiesOf(minutes, live).filter((one) => talkedAbout(one, session))) {
    lines.push("", `${story.key}  ${story.title}`);
    for (const change of story.changes)
      lines.push(`  - ${by(change.actor)}${changeLines(change).map(({ text }) => text).join("; ")}`);
    for (const note of story.notes) lines.push(noteLine(note));
  }
  const general = minutes.notes.filter(({ key }) => key === null);
  if (general.length > 0) lines.push("", s.generalNotes);
  for (const note of general) lines.push(noteLine(note));
  // Last, since a mail has no room for all.
  for (const { id, count } of tilesOf(since)) {
    const named = namedOf(since, id).slice(0, namedMost);
    if (named.length > 0) lines.push("", s.tiles[id]);
    for (const one of named) {
      const parts = [`${one.key}  ${one.title}`, saidOf(one), one.by && nameOf(one.by)];
      lines.push(`  - ${parts.filter(Boolean).join(" · ")}`);
    }
    if (named.length > 0 && count > named.length) lines.push(`  - ${s.andMore(count - named.length)}`);
  }
  if (session.receipt !== null) lines.push("", `${s.receipt}: ${session.receipt}`);
  return `${lines.join("\n")}\n`;
}
