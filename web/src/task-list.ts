// A list as far as it has been loaded. The server may give short or empty pages while it looks
// through many records, so one step asks on a few times by itself.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { listTasks, Problem, type Task } from "./api";
import { putPeople } from "./people";
import { whenSignedIn } from "./resource";
import { scopeQuery } from "./scope";

export interface TaskList {
  tasks: Task[];
  next: string | undefined;
  loading: boolean;
  error: unknown;
}

/** One step ends when so many records came, or after so many calls. */
const stepRecords = 25;
const stepCalls = 8;

/** The list that was seen last: going back to it shows it at once, as it was. */
interface Remembered {
  name: string;
  list: TaskList;
  at: number;
  /** The record that was opened from it. */
  opened: string | null;
}
let remembered: Remembered | null = null;
const rememberFor = 5 * 60_000;

export function rememberOpened(key: string): void {
  if (remembered) remembered.opened = key;
}

/** The key of the record that was opened from the list, once. */
export function takeOpened(): string | null {
  const opened = remembered?.opened ?? null;
  if (remembered) remembered.opened = null;
  return opened;
}

export function forgetLists(): void {
  remembered = null;
}

const empty: TaskList = { tasks: [], next: undefined, loading: true, error: null };

export function useTaskList(query: URLSearchParams): { list: TaskList; more: () => void; refresh: () => void } {
  const name = query.toString();
  const kept = remembered?.name === name && Date.now() - remembered.at < rememberFor ? remembered.list : null;
  const [list, setList] = useState<TaskList>(kept ?? empty);
  const turn = useRef(0);

  const step = useCallback(
    (from: TaskList): void => {
      turn.current += 1;
      const mine = turn.current;
      const current = (): boolean => mine === turn.current;
      let state: TaskList = { ...from, loading: true, error: null };
      const run = async (): Promise<void> => {
        // What is on the screen stays, marked as busy, until there is something newer to show.
        setList((shown) => ({ ...shown, loading: true, error: null }));
        let gained = 0;
        for (let call = 0; call < stepCalls; call += 1) {
          const query = new URLSearchParams(name);
          const within = await scopeQuery(query.get("in") ?? "");
          query.delete("in");
          for (const [member, keys] of Object.entries(within)) query.set(member, keys[0] ?? "");
          const page = await listTasks(query, state.next);
          putPeople(page.people);
          if (!current()) return;
          gained += page.items.length;
          const seen = new Set(state.tasks.map((task) => task.key));
          const fresh = page.items.filter((task) => !seen.has(task.key));
          state = { ...state, tasks: [...state.tasks, ...fresh], next: page.next };
          if (page.next === undefined || gained >= stepRecords) break;
          setList(state);
        }
        state = { ...state, loading: false };
        setList(state);
        remembered = { name, list: state, at: Date.now(), opened: null };
      };
      run().catch((error: unknown) => {
        if (!current()) return;
        if (error instanceof Problem && error.status === 401) {
          whenSignedIn(() => {
            if (current()) step(from);
          });
          return;
        }
        setList({ ...state, loading: false, error });
      });
    },
    [name],
  );

  const first = useRef(true);
  useEffect(() => {
    if (!first.current || kept === null) step(empty);
    first.current = false;
    return () => {
      turn.current += 1;
    };
  }, [step]);

  return {
    list,
    more: () => step(list),
    refresh: () => step(empty),
  };
}
