// Records that are looked for, as one types.
import { useEffect, useState } from "preact/hooks";
import { call, type Task } from "./api";
import { putRecords } from "./records";

const typingPause = 120;

/** The records that fit, as they are found; null while nothing was looked for. */
export function useSearch(text: string, limit = 8): { found: Task[]; searching: boolean; failed: boolean } {
  const [state, setState] = useState<{ found: Task[]; searching: boolean; failed: boolean }>({
    found: [],
    searching: false,
    failed: false,
  });
  const words = text.trim();
  useEffect(() => {
    if (words.length < 2) return setState({ found: [], searching: false, failed: false });
    const stop = new AbortController();
    setState((last) => ({ ...last, searching: true }));
    const timer = setTimeout(() => {
      call("GET", "/tasks", { query: { q: words, limit }, signal: stop.signal }).then(
        ({ items }) => {
          putRecords(items);
          setState({ found: items, searching: false, failed: false });
        },
        () => stop.signal.aborted || setState({ found: [], searching: false, failed: true }),
      );
    }, typingPause);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [words]);
  return state;
}
