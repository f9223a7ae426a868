// Something that is loaded from the server, and what is known of it.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Problem, Unreachable } from "./api";
import { whenBack } from "./live";
import { session } from "./session";

export type Resource<T> =
  | { state: "loading" }
  | { state: "ready"; value: T }
  | { state: "failed"; error: unknown };

/**
 * Loads at once and again whenever `name` changes; after a session that ended, when the next begins, and when there is
 * a connection again.
 */
export function useResource<T>(name: string, load: () => Promise<T>): [Resource<T>, () => void] {
  const [resource, setResource] = useState<Resource<T>>({ state: "loading" });
  const turn = useRef(0);
  const start = useCallback((): void => {
    turn.current += 1;
    const mine = turn.current;
    setResource({ state: "loading" });
    load().then(
      (value) => {
        if (mine === turn.current) setResource({ state: "ready", value });
      },
      (error: unknown) => {
        if (mine !== turn.current) return;
        if (!tryLater(error, () => mine === turn.current && start())) setResource({ state: "failed", error });
      },
    );
  }, [name]);
  useEffect(() => {
    start();
    return () => {
      turn.current += 1;
    };
  }, [start]);
  return [resource, start];
}

/** Once, when a session begins. */
export function whenSignedIn(happen: () => void): void {
  const stop = session.watch((now) => {
    if (now.state !== "signed-in") return;
    stop();
    happen();
  });
}

/** Tries again when a session begins, or there is a connection again. True if the page need not show the error. */
export function tryLater(error: unknown, again: () => void): boolean {
  if (error instanceof Unreachable) whenBack(again);
  if (!(error instanceof Problem) || error.status !== 401) return false;
  whenSignedIn(again);
  return true;
}

/** The value that was read last, also while it is read again. */
export function useKept<T>(resource: Resource<T>): T | null {
  const kept = useRef<T | null>(null);
  if (resource.state === "ready") kept.current = resource.value;
  return kept.current;
}
