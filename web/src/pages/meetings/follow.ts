// A session as it is now: read once, then followed through the change feed, so that everybody's page is
// where the one who leads is.
import { useEffect, useRef, useState } from "preact/hooks";
import { listEvents, type Task, type TaskEvent } from "../../api";
import {
  readSession,
  readWalk,
  stepSession,
  type Group,
  type Reason,
  type Session,
  type SessionId,
  type Step,
} from "../../api/meetings";
import { wordsOf } from "../../components/failure";
import { useChanges } from "../../live";
import { nameOf } from "../../people";
import { prefetchRecord, putRecords, recordOf, useRecords } from "../../records";
import { useResource, type Resource } from "../../resource";
import { toast } from "../../toast";
import { noteOf } from "./words";

export interface Followed {
  session: Session | null;
  state: Resource<unknown>;
  reload: () => void;
  /** The records to go through, as they are now. */
  taskOf: (key: string) => Task | undefined;
  /** Goes there at once; the server hears of it in its turn. */
  step: (to: Step) => void;
  /** Does something that answers with the session; null, and said, if it did not work. */
  act: (what: () => Promise<Session>) => Promise<Session | null>;
}

export function sayFailure(error: unknown): void {
  toast(wordsOf(error));
}

/** What a step says of the session, before the server has answered. */
function stepped(session: Session, step: Step, me: string): Session {
  return {
    ...session,
    ...(step.lead && { leader: me }),
    ...(step.groupBy !== undefined && { groupBy: step.groupBy }),
    ...(step.current !== undefined && {
      current: step.current,
      stage: "walk" as const,
      currentSince: new Date().toISOString(),
    }),
    ...(step.stage !== undefined && { stage: step.stage }),
  };
}

/** The members of a session that an event has, as they are after it. */
function eventStep(event: TaskEvent): Partial<Session> {
  const after: Record<string, unknown> = {};
  for (const member of ["current", "stage", "leader", "groupBy"]) {
    const change = event.changes?.[member];
    if (Array.isArray(change)) after[member] = change[1];
  }
  if ("current" in after) after.currentSince = event.at;
  return after as Partial<Session>;
}

export function useSession(path: SessionId, me: string): Followed {
  const name = `meeting ${path.id} ${path.session}`;
  const [state, reload] = useResource(name, async () => {
    const first = await readSession(path);
    return { first, walk: first.running ? (await readWalk(path)).items : [] };
  });
  const [session, setSession] = useState<Session | null>(null);
  const [pending, setPending] = useState<Step[]>([]);
  const tasks = useRef(new Map<string, Task>());
  const queue = useRef<Promise<unknown>>(Promise.resolve());
  const reading = useRef<"no" | "yes" | "again">("no");

  const take = (next: Session): void =>
    setSession((now) => (now === null || next.version >= now.version ? next : now));
  const keep = (walk: { task: Task }[]): void => {
    for (const { task } of walk) tasks.current.set(task.key, task);
    putRecords(walk.map(({ task }) => task));
  };
  useEffect(() => {
    if (state.state !== "ready") return;
    keep(state.value.walk);
    take(state.value.first);
  }, [state]);

  const refresh = async (): Promise<void> => {
    if (reading.current !== "no") {
      reading.current = "again";
      return;
    }
    do {
      reading.current = "yes";
      try {
        const next = await readSession(path);
        if (next.running && next.minutes.walk.some(({ key }) => !tasks.current.has(key)))
          keep((await readWalk(path)).items);
        take(next);
      } catch {
        // The banner says that there is no connection; the next event tries again.
      }
    } while ((reading.current as string) === "again");
    reading.current = "no";
  };
  useChanges(
    (events) => {
      const mine = events.filter(
        ({ action, changes }) => action.startsWith("meeting.") && changes?.session?.[1] === path.session,
      );
      if (mine.length === 0) return;
      // Whoever leads is ahead of the feed.
      setSession((now) =>
        now === null || now.leader === me ? now : mine.reduce((one, event) => ({ ...one, ...eventStep(event) }), now),
      );
      void refresh();
    },
    () => void refresh(),
  );

  const act = async (what: () => Promise<Session>): Promise<Session | null> => {
    try {
      const next = await what();
      take(next);
      return next;
    } catch (error) {
      sayFailure(error);
      void refresh();
      return null;
    }
  };
  const step = (to: Step): void => {
    setPending((all) => [...all, to]);
    queue.current = queue.current
      .then(() => act(() => stepSession(path, to)))
      .then(() => setPending((all) => all.filter((one) => one !== to)));
  };
  // New tasks are not gone through, but the minutes say whose they are.
  const made = session?.minutes.notes.map((note) => noteOf(note).action).filter(Boolean) ?? [];
  useEffect(() => made.forEach(prefetchRecord), [made.join()]);
  useRecords([...made, ...(session?.minutes.walk.map(({ key }) => key) ?? [])]);
  return {
    session: session && pending.reduce((now, one) => stepped(now, one, me), session),
    state,
    reload,
    taskOf: (key) => recordOf(key) ?? tasks.current.get(key),
    step,
    act,
  };
}

// ---- the walk ----

export interface WalkItem {
  key: string;
  title: string;
  reason: Reason;
  seconds: number;
}

export interface WalkGroup {
  name: string;
  items: WalkItem[];
}

/** The agenda, or round by person or workspace; whose it was first decides until the page is read again. */
export function useWalk(session: Session | null, taskOf: (key: string) => Task | undefined): WalkGroup[] {
  const first = useRef(new Map<string, string>());
  const by: Group = session?.groupBy ?? "none";
  const all = session?.minutes.walk ?? [];
  if (by === "none") return [{ name: "", items: all }];
  const groups = new Map<string, WalkItem[]>();
  for (const item of all) {
    const task = taskOf(item.key);
    const place = `${by} ${item.key}`;
    if (task !== undefined && !first.current.has(place))
      first.current.set(place, by === "person" ? task.assignee : task.workspace);
    const group = first.current.get(place) ?? "";
    groups.set(group, [...(groups.get(group) ?? []), item]);
  }
  const title = (group: string): string => (by === "person" ? nameOf(group) : group);
  return [...groups]
    .map(([group, items]) => ({ name: title(group), items }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

// ---- what came out of it so far ----

/** A change of a record: of minutes, or of a record's history. */
export interface Change {
  key: string;
  at: string;
  actor: string | null;
  action: string;
  changes: Record<string, unknown> | null;
}

/** The changes of these records since the session began: each edit is an outcome. */
export function useOutcomes(session: Session | null, taskOf: (key: string) => Task | undefined): Map<string, Change[]> {
  const [known, setKnown] = useState(new Map<string, { version: number; changes: Change[] }>());
  const asking = useRef(false);
  const from = session?.startedAt ?? "";
  const wanted = (session?.running ? session.minutes.walk : [])
    .map(({ key }) => taskOf(key))
    .find(
      (task) =>
        task !== undefined &&
        task.version > 1 &&
        Date.parse(task.updatedAt) >= Date.parse(from) &&
        known.get(task.key)?.version !== task.version,
    );
  useEffect(() => {
    if (wanted === undefined || asking.current) return;
    asking.current = true;
    const done = (changes: Change[]): void => {
      asking.current = false;
      setKnown((now) => new Map(now).set(wanted.key, { version: wanted.version, changes }));
    };
    listEvents(wanted.key).then(
      ({ items }) =>
        done(
          items
            .filter(({ at }) => Date.parse(at) >= Date.parse(from))
            .reverse()
            .map(({ at, actor, action, changes }) => ({
              key: wanted.key,
              at,
              actor: actor ?? null,
              action,
              changes: changes ?? null,
            })),
        ),
      () => done(known.get(wanted.key)?.changes ?? []),
    );
  });
  return new Map([...known].map(([key, { changes }]) => [key, changes]));
}
