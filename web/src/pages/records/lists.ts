// Lists as far as they have been loaded. The newest ones are remembered: going back to one shows it at
// once, as it was and where it was.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Problem, type Task, type TaskPage } from "../../api";
import { listRecords } from "../../api/records";
import { putPeople } from "../../people";
import { comeFrom, putRecords } from "../../records";
import { whenSignedIn } from "../../resource";
import { createStore } from "../../store";

export interface Listed {
  rows: Task[];
  next: string | undefined;
  /** Other texts for `q`, where this finds nothing. */
  meant: TaskPage["didYouMean"];
  /** How many there are, loaded or not; null while that is not known. */
  total: number | null;
  /** Nothing has been answered yet. */
  blank: boolean;
  loading: boolean;
  error: unknown;
  /** The newest change that is in it, by the server's clock; empty while nothing is. */
  seen: string;
  /** Keys that would be in it if it were loaded now. */
  fresh: ReadonlySet<string>;
  /** Keys that would not. */
  gone: ReadonlySet<string>;
}

const none: ReadonlySet<string> = new Set();
const blank: Listed = {
  rows: [],
  next: undefined,
  meant: undefined,
  total: null,
  blank: true,
  loading: false,
  error: null,
  seen: "",
  fresh: none,
  gone: none,
};

/** Of all pages but the first, which is wanted soon. */
const pageAtMost = 200;
/** One step ends when so many records came, or after so many calls: while the index is built, pages can be empty. */
const stepRecords = 50;
const stepCalls = 8;

/** What a list shows of a record; the texts are left out, since they may be 64 KiB each. */
function lean(task: Task): Task {
  return { ...task, description: "", result: null, cause: null, extra: {} };
}

export class RecordList {
  readonly state = createStore<Listed>(blank);
  private turn = 0;

  constructor(
    readonly filter: string,
    private readonly pageSize = 100,
  ) {}

  private change(to: Partial<Listed>): void {
    this.state.set({ ...this.state.get(), ...to });
  }

  /** Loads it from the start, and as far as it was; what is shown stays until there is something newer. */
  reload(): void {
    void this.step(true, Math.max(stepRecords, this.state.get().rows.length));
  }

  more(): void {
    const { loading, next } = this.state.get();
    if (!loading && next !== undefined) void this.step(false, stepRecords);
  }

  private async step(first: boolean, wanted: number): Promise<void> {
    const mine = (this.turn += 1);
    const current = (): boolean => mine === this.turn;
    const before = this.state.get();
    let rows = first ? [] : before.rows;
    let next = first ? undefined : before.next;
    let { meant, total } = before;
    let counted = first;
    this.change({ loading: true, error: null });
    try {
      let gained = 0;
      for (let call = 0; call < stepCalls; call += 1) {
        const ask = (): Promise<TaskPage> =>
          listRecords(this.filter, { cursor: next, limit: first ? this.pageSize : pageAtMost, total: counted });
        const page = await ask().catch((error: unknown) => {
          // Totals wait for the index; the list itself does not.
          if (!counted || !(error instanceof Problem) || error.status !== 503) throw error;
          counted = false;
          return ask();
        });
        if (!current()) return;
        putPeople(page.people);
        putRecords(page.items);
        const known = new Set(rows.map((task) => task.key));
        rows = [...rows, ...page.items.filter((task) => !known.has(task.key)).map(lean)];
        next = page.next;
        meant = page.didYouMean;
        gained += page.items.length;
        if (counted) total = page.total ?? null;
        if (next === undefined) total ??= rows.length;
        counted = false;
        if (next === undefined || gained >= wanted) break;
      }
      const seen = rows.reduce((newest, task) => (task.updatedAt > newest ? task.updatedAt : newest), "");
      this.change({
        rows,
        next,
        meant,
        total,
        seen,
        blank: false,
        loading: false,
        ...(first ? { fresh: none, gone: none } : {}),
      });
    } catch (error) {
      if (!current()) return;
      this.change({ loading: false, error });
      if (error instanceof Problem && error.status === 401)
        whenSignedIn(() => {
          if (current()) void this.step(first, wanted);
        });
    }
  }

  /** Puts newer versions of records in their rows. */
  update(tasks: readonly Task[]): void {
    const newer = new Map(tasks.map((task) => [task.key, lean(task)]));
    const { rows } = this.state.get();
    if (!rows.some((task) => newer.has(task.key))) return;
    this.change({
      rows: rows.map((task) => {
        const other = newer.get(task.key);
        return other !== undefined && other.version >= task.version ? other : task;
      }),
    });
  }

  /**
   * Looks for what has changed since it was loaded: rows change where they are, new ones are only
   * counted, so that nothing moves under the mouse. `changed` are keys that something happened to.
   */
  async look(changed: readonly string[], read: (key: string) => Promise<Task | null>): Promise<void> {
    const before = this.state.get();
    if (before.blank || before.loading) return;
    const mine = this.turn;
    const since = before.seen === "" ? [] : [`updated:>=${before.seen}`];
    const page = await listRecords(this.filter, { limit: 200, total: true, also: since });
    const whole = since.length === 0 ? page : await listRecords(this.filter, { limit: 1, total: true });
    if (mine !== this.turn) return;
    putPeople(page.people);
    putRecords(page.items);
    this.update(page.items);
    const now = this.state.get();
    const shown = new Set(now.rows.map((task) => task.key));
    const matching = new Set(page.items.map((task) => task.key));
    // Of a list that goes on, what is old and not shown is further down.
    const newest = before.rows.reduce((at, task) => (task.createdAt > at ? task.createdAt : at), "");
    const fresh = new Set(now.fresh);
    for (const task of page.items)
      if (!shown.has(task.key) && (now.next === undefined || task.createdAt > newest)) fresh.add(task.key);
    const gone = new Set(now.gone);
    // More than one answer holds: what it lacks says nothing.
    const others =
      page.next === undefined ? changed.filter((key) => shown.has(key) && !matching.has(key)).slice(0, 20) : [];
    const reread = await Promise.all(others.map(read));
    if (mine !== this.turn) return;
    this.update(reread.filter((task): task is Task => task !== null));
    for (const key of others) gone.add(key);
    for (const key of matching) gone.delete(key);
    const seen = page.items.reduce((at, task) => (task.updatedAt > at ? task.updatedAt : at), now.seen);
    this.change({ fresh, gone, seen, total: whole.total ?? now.total });
  }
}

/* ---- what was seen last ---- */

const remembered = new Map<string, RecordList>();
const rememberAtMost = 16;

/** The list of a filter: the one that is remembered, or a new one, which is loaded. */
export function openList(filter: string, pageSize?: number): RecordList {
  const known = remembered.get(filter);
  const list = known ?? new RecordList(filter, pageSize);
  remembered.delete(filter);
  remembered.set(filter, list);
  for (const name of remembered.keys()) if (remembered.size > rememberAtMost) remembered.delete(name);
  const { blank: empty, loading, error } = list.state.get();
  if ((empty || error !== null) && !loading) list.reload();
  return list;
}

/** The states of several lists, as they are now. */
export function useLists(lists: readonly RecordList[]): Listed[] {
  const [, redraw] = useState(0);
  useEffect(() => {
    const stops = lists.map((list) => list.state.watch(() => redraw((n) => n + 1)));
    redraw((n) => n + 1); // what came before this watched
    return () => stops.forEach((stop) => stop());
  }, [lists]);
  return lists.map((list) => list.state.get());
}

/**
 * Tells the page which lists its layout shows, as long as it does. One that comes back is shown as it was, and loaded
 * again: nobody has told it meanwhile what others did.
 */
export function useShown(show: (lists: readonly RecordList[]) => void, lists: readonly RecordList[]): void {
  const before = useRef<readonly RecordList[]>([]);
  useLayoutEffect(() => {
    show(lists);
    for (const list of lists) if (!before.current.includes(list) && !list.state.get().loading) list.reload();
    before.current = lists;
    return () => show([]);
  }, [lists]);
}

/** Where the page was scrolled to, and which record was opened. */
export interface Place {
  top: number;
  key: string;
}

let left: { name: string; place: Place } | null = null;

/** A record is opened from the list of that name, which has those records. */
export function rememberPlace(name: string, place: Place, keys: readonly string[]): void {
  left = { name, place };
  comeFrom(keys);
}

/** The place of the list of that name, if it was the last one to be left; once. */
export function takePlace(name: string): Place | null {
  const place = left?.name === name ? left.place : null;
  left = null;
  return place;
}

let headed = false;
let waiting: (() => void) | null = null;

/** Gives a place the focus: once the page's heading has had it, and before anything is painted. */
export function afterHeading(happen: () => void): void {
  if (headed) happen();
  else waiting = happen;
}

/** The page has come, or gone. */
export function setHeaded(is: boolean): void {
  headed = is;
  if (is) waiting?.();
  waiting = null;
}

export function forgetLists(): void {
  remembered.clear();
  left = null;
}
