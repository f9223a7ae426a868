// How much of the inbox there is, for the rail and the inbox's own tabs: counted again when something
// happens anywhere, when something that was put off returns, and every minute, since days end.
import { useContext, useEffect } from "preact/hooks";
import { listInbox, type InboxQuery, type Reason } from "./api/inbox";
import { onChanges } from "./live";
import { PageActive } from "./page";
import { session } from "./session";
import { createStore } from "./store";

export type Box = "me" | "new" | "checks" | "snoozed";

export const reasonsOf: Record<Exclude<Box, "snoozed"> | "mentions", Reason[]> = {
  me: ["assigned", "due", "overdue", "mentioned"],
  mentions: ["mentioned"],
  new: ["new"],
  checks: ["confirm"],
};

/** Null while it is not known. */
export type Counts = Record<Box, number | null>;
const unknown: Counts = { me: null, new: null, checks: null, snoozed: null };

/** All that needs the person now, each record once. */
export const inboxCount = createStore<number | null>(null);
export const inboxCounts = createStore<Counts>(unknown);
/** When the next of what was put off returns, as RFC 3339. */
export const nextReturn = createStore<string | null>(null);

const listeners = new Set<() => void>();
const gap = 3000;
const everyMinute = 60_000;
let timer: number | undefined;
let last = 0;
let returning: number | undefined;
/** Pages that show the number of each tab. */
let watchers = 0;
let turn = 0;

async function count(query: InboxQuery): Promise<number | null> {
  try {
    return (await listInbox({ ...query, total: true, limit: 1 })).total ?? null;
  } catch {
    return null; // the index is being built, or there is no connection: no number is better than a wrong one
  }
}

async function countSnoozed(): Promise<number | null> {
  try {
    const { items, total } = await listInbox({ snoozed: true, total: true, limit: 1 });
    const next = items[0]?.snooze ?? null;
    nextReturn.set(next);
    clearTimeout(returning);
    const wait = next === null ? Infinity : Date.parse(next) - Date.now();
    if (wait < 86_400_000) returning = setTimeout(refreshInbox, Math.max(0, wait) + 50);
    return total ?? null;
  } catch {
    return null;
  }
}

async function readCounts(): Promise<void> {
  const of = (box: Exclude<Box, "snoozed">): Promise<number | null> | null =>
    watchers > 0 ? count({ reason: reasonsOf[box] }) : null;
  turn += 1;
  const mine = turn;
  const [all, snoozed, me, fresh, checks] = await Promise.all([
    count({}),
    countSnoozed(),
    of("me"),
    of("new"),
    of("checks"),
  ]);
  if (mine !== turn || session.get().state === "signed-out") return;
  inboxCount.set(all);
  inboxCounts.set({ me, new: fresh, checks, snoozed });
}

/** Reads everything again that is shown of the inbox, at once. */
export function refreshInbox(): void {
  clearTimeout(timer);
  timer = undefined;
  if (session.get().state !== "signed-in") return;
  last = Date.now();
  void readCounts();
  for (const refresh of [...listeners]) refresh();
}

/** The same soon, however much happens. */
function happened(): void {
  if (document.visibilityState !== "visible") return;
  timer ??= setTimeout(refreshInbox, Math.max(250, last + gap - Date.now()));
}

/** Once, at the start of the app. */
export function startInbox(): void {
  onChanges(happened, happened);
  document.addEventListener("visibilitychange", happened);
  setInterval(happened, everyMinute);
  session.watch(({ state }) => {
    if (state === "signed-in") return refreshInbox();
    if (state !== "signed-out") return;
    clearTimeout(returning);
    inboxCount.set(null);
    inboxCounts.set(unknown);
    nextReturn.set(null);
  });
}

/** Calls `refresh` whenever the inbox may have changed, and has each tab counted. */
export function useInboxNews(refresh: () => void): void {
  const active = useContext(PageActive);
  useEffect(() => {
    if (!active) return;
    watchers += 1;
    listeners.add(refresh);
    void readCounts();
    return () => {
      watchers -= 1;
      listeners.delete(refresh);
    };
  }, [active, refresh]);
}
