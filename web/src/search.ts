// Records that are looked for, as one types.
import { useEffect, useState } from "preact/hooks";
import { call, type Task, type TaskPage } from "./api";
import { putRecords } from "./records";

const typingPause = 120;

interface Search {
  found: Task[];
  /** Other words, which find something where these do not. */
  meant?: TaskPage["didYouMean"];
  searching: boolean;
  failed: boolean;
}

const nothing: Search = { found: [], searching: false, failed: false };

/** The records that fit, as they are found. */
export function useSearch(text: string, limit = 8): Search {
  const [state, setState] = useState(nothing);
  const words = text.trim();
  useEffect(() => {
    if (words.length < 2) return setState(nothing);
    const stop = new AbortController();
    setState((last) => ({ ...last, searching: true }));
    const timer = setTimeout(() => {
      call("GET", "/tasks", { query: { q: words, limit }, signal: stop.signal }).then(
        ({ items, didYouMean }) => {
          putRecords(items);
          setState({ ...nothing, found: items, meant: didYouMean });
        },
        () => stop.signal.aborted || setState({ ...nothing, failed: true }),
      );
    }, typingPause);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [words]);
  return state;
}
