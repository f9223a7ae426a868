// The rows of one part of the inbox. They stay where they are while somebody looks at them: what comes
// waits until it is asked for, and what is no longer needed goes when nobody looks at it.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../../api";
import { listInbox, type InboxPage, type InboxRow } from "../../api/inbox";
import { reasonsOf, useInboxNews } from "../../inbox";
import { putPeople } from "../../people";
import { putRecords, recordOf } from "../../records";
import { whenSignedIn } from "../../resource";
import { session } from "../../session";

export type Tab = "me" | "mentions" | "new" | "checks" | "snoozed";

export interface Row {
  key: string;
  reasons: InboxRow["reasons"];
  /** Until when it is put off. */
  snooze: string | null;
  /** The server has it no longer: it needs nothing any more. */
  gone: boolean;
  /** Its answer was taken back here: it stays, whatever the server makes of it. */
  kept: boolean;
}

export interface InboxList {
  rows: Row[];
  /** What came since, newest first. */
  arrived: Row[];
  next: string | undefined;
  loading: boolean;
  error: unknown;
  /** When it was read last. */
  at: number;
}

export interface Listed {
  list: InboxList;
  more: () => void;
  reload: () => void;
  showArrived: () => void;
  /** Takes a row away at once; what it returns puts it back. */
  remove: (key: string) => () => void;
  /** The server has heard of it: from now on it decides again. */
  settle: (key: string) => void;
}

const pageSize = 50;
const most = 200;
const nothing: InboxList = { rows: [], arrived: [], next: undefined, loading: true, error: null, at: 0 };

/** As they were seen last, for coming back. */
const seen = new Map<Tab, InboxList>();
session.watch(({ state }) => {
  if (state === "signed-out") seen.clear();
});

const rowOf = ({ task, reasons, snooze }: InboxRow): Row => ({
  key: task.key,
  reasons,
  snooze,
  gone: false,
  kept: false,
});

/** What is not in the list needs nothing. */
export const rowOutside = (key: string): Row => ({ key, reasons: [], snooze: null, gone: true, kept: false });

async function read(tab: Tab, limit: number, cursor?: string): Promise<InboxPage> {
  const page = await listInbox({
    limit,
    ...(tab === "snoozed" ? { snoozed: true } : { reason: reasonsOf[tab] }),
    ...(cursor !== undefined && { cursor }),
  });
  putPeople(page.people);
  putRecords(page.items.map(({ task }) => task));
  return page;
}

function merge(old: InboxList, page: InboxPage, inOrder: boolean, hidden: ReadonlySet<string>): InboxList {
  const read = page.items.filter(({ task }) => !hidden.has(task.key)).map(rowOf);
  const fresh = new Map(read.map((row) => [row.key, row]));
  const state = { loading: false, error: null, at: Date.now() };
  const held = old.rows.filter((row) => fresh.has(row.key) || row.kept || page.next !== undefined || !row.gone);
  if (inOrder || held.length === 0) {
    const kept = held.filter((row) => row.kept && !fresh.has(row.key));
    return { ...state, rows: [...kept, ...read], arrived: [], next: page.next };
  }
  const rows = held.map((row) => {
    const now = fresh.get(row.key);
    if (now) return now;
    // Further down than was read, or really gone.
    return { ...row, gone: !row.kept && page.next === undefined };
  });
  const known = new Set(rows.map(({ key }) => key));
  const last = read.map(({ key }) => known.has(key)).lastIndexOf(true);
  const unknown = (row: Row): boolean => !known.has(row.key);
  return {
    ...state,
    // What is older than all that is shown was only not read before.
    rows: [...rows, ...(last < 0 ? [] : read.slice(last + 1).filter(unknown))],
    arrived: (last < 0 ? read : read.slice(0, last)).filter(unknown),
    next: old.rows.length > pageSize && page.next !== undefined ? old.next : page.next,
  };
}

export function useInboxList(tab: Tab): Listed {
  const current = useRef<{ tab: Tab; list: InboxList }>({ tab, list: nothing });
  const [, redraw] = useState(0);
  const hidden = useRef(new Set<string>());
  const turn = useRef(0);
  if (current.current.tab !== tab || current.current.list === nothing) {
    const before = seen.get(tab);
    const usable = before?.rows.every(({ key }) => recordOf(key) !== undefined) ? before : undefined;
    current.current = { tab, list: usable ? { ...usable, loading: true } : { ...nothing } };
  }
  const put = (change: Partial<InboxList>): void => {
    current.current.list = { ...current.current.list, ...change };
    seen.set(tab, current.current.list);
    redraw((n) => n + 1);
  };

  const load = useCallback(
    (inOrder: boolean): void => {
      turn.current += 1;
      const mine = turn.current;
      const many = Math.min(most, Math.max(pageSize, current.current.list.rows.length));
      read(tab, many).then(
        (page) => {
          if (mine === turn.current) put(merge(current.current.list, page, inOrder, hidden.current));
        },
        (error: unknown) => {
          if (mine !== turn.current) return;
          if (error instanceof Problem && error.status === 401) whenSignedIn(() => load(inOrder));
          // What is shown stays; the banner says that there is no connection.
          else if (current.current.list.rows.length === 0) put({ loading: false, error });
        },
      );
    },
    [tab],
  );
  useEffect(() => {
    load(true);
    return () => {
      turn.current += 1;
    };
  }, [load]);
  const refresh = useCallback(() => load(tab === "snoozed"), [load]);
  useInboxNews(refresh);

  return {
    list: current.current.list,
    more: () => {
      const { next, loading } = current.current.list;
      if (next === undefined || loading) return;
      put({ loading: true });
      turn.current += 1;
      const mine = turn.current;
      read(tab, pageSize, next).then(
        (page) => {
          if (mine !== turn.current) return;
          const { rows } = current.current.list;
          const known = new Set(rows.map(({ key }) => key));
          const read = page.items
            .filter(({ task }) => !known.has(task.key) && !hidden.current.has(task.key))
            .map(rowOf);
          put({ rows: [...rows, ...read], next: page.next, loading: false, error: null });
        },
        () => mine === turn.current && put({ loading: false }),
      );
    },
    reload: () => {
      put({ loading: true, error: null });
      load(true);
    },
    showArrived: () => {
      const { rows, arrived } = current.current.list;
      put({ rows: [...arrived, ...rows], arrived: [] });
    },
    remove: (key) => {
      const at = current.current.list.rows.findIndex((row) => row.key === key);
      const row = current.current.list.rows[at];
      hidden.current.add(key);
      turn.current += 1; // what is being read still has it
      put({ rows: current.current.list.rows.filter((one) => one.key !== key) });
      return () => {
        hidden.current.delete(key);
        const { rows } = current.current.list;
        if (row === undefined || current.current.tab !== tab || rows.some((one) => one.key === key)) return;
        put({ rows: [...rows.slice(0, at), { ...row, kept: true, gone: false }, ...rows.slice(at)] });
      };
    },
    settle: (key) => void hidden.current.delete(key),
  };
}
