// For pages that count: when it is time to count again.
import { useEffect, useRef, useState } from "preact/hooks";
import { useChanges } from "./live";

/** What happens within this time is counted together. */
const newsPause = 3000;

/** Grows by one after changes. */
export function useNews(): number {
  const [news, setNews] = useState(0);
  const timer = useRef(0);
  const later = (): void => {
    if (timer.current !== 0) return;
    timer.current = window.setTimeout(() => {
      timer.current = 0;
      setNews((n) => n + 1);
    }, newsPause);
  };
  useChanges((events) => events.some(({ action }) => action.startsWith("task.")) && later(), later);
  useEffect(() => () => clearTimeout(timer.current), []);
  return news;
}
