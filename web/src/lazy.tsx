// Pages that are loaded when somebody comes to them.
import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Account } from "./api";
import { Failure } from "./components/failure";
import { Skeleton } from "./components/skeleton";

/** What every page gets from its address. */
export interface PageProps {
  /** The parts of the path after the first: [key] at #/todo/KEY. */
  rest: string[];
  query: URLSearchParams;
  /** What is to be shown: empty for everything, or the key of a domain or workspace. */
  scope: string;
  account: Account;
}

/** The file was there when the app was loaded: it is not since the server was updated. */
export class NewVersion extends Error {}

export interface LazyPages<M> {
  /** One of them, as a component. */
  page<P extends object = PageProps>(pick: (loaded: M) => ComponentType<P>): ComponentType<P>;
  /** Loads them, before somebody comes. */
  begin(): void;
}

/** Pages of one file, loaded at the first visit of one of them: lazyPages(() => import("./pages/desk")). */
export function lazyPages<M>(load: () => Promise<M>): LazyPages<M> {
  let loaded: M | null = null;
  let loading: Promise<void> | null = null;
  const begin = (): Promise<void> =>
    (loading ??= load().then(
      (pages) => {
        loaded = pages;
      },
      (error: unknown) => {
        loading = null;
        throw error;
      },
    ));
  function page<P extends object>(pick: (loaded: M) => ComponentType<P>): ComponentType<P> {
    return function LazyPage(props: P): JSX.Element {
      const [failed, setFailed] = useState(false);
      const [, redraw] = useState(0);
      const missing = loaded === null;
      useEffect(() => {
        if (!missing) return;
        begin().then(
          () => redraw((n) => n + 1),
          () => setFailed(true),
        );
      }, []);
      if (loaded !== null) {
        const Loaded = pick(loaded);
        return <Loaded {...props} />;
      }
      return (
        <div class="page">
          {failed ? <Failure error={new NewVersion()} retry={() => location.reload()} /> : <Skeleton />}
        </div>
      );
    };
  }
  return { page, begin: () => void begin().catch(() => {}) };
}
