// The history of a record, from its newest event back as far as somebody looks.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { listEvents, type Event } from "../../api/record";
import { tryLater } from "../../resource";
import { joinEvents } from "./stream";

export interface History {
  events: readonly Event[];
  /** Where older ones are; null when all are here. */
  next: string | null;
  loading: boolean;
  error: unknown;
}

const nothing: History = { events: [], next: null, loading: true, error: null };

/** The events of a record, newest first; new ones come when `version` changes. */
export function useHistory(
  key: string,
  version: number,
): { history: History; older: () => Promise<boolean>; retry: () => void } {
  const [history, setHistory] = useState<History>(nothing);
  const now = useRef(history);
  now.current = history;
  const turn = useRef(0);

  const put = (next: History): void => {
    now.current = next;
    setHistory(next);
  };
  const failed = (error: unknown, again: () => void): void => {
    const mine = turn.current;
    if (!tryLater(error, () => mine === turn.current && again())) put({ ...now.current, loading: false, error });
  };
  const newest = useCallback(async (): Promise<void> => {
    turn.current += 1;
    const mine = turn.current;
    try {
      const page = await listEvents(key);
      if (mine !== turn.current) return;
      const before = now.current.events;
      const oldest = page.items.at(-1);
      const meets = before.some((event) => event.domain === oldest?.domain && event.seq === oldest.seq);
      // Without an event in common there may be a gap: begin again.
      if (meets) put({ ...now.current, events: joinEvents(page.items, before), loading: false, error: null });
      else put({ events: page.items, next: page.next ?? null, loading: false, error: null });
    } catch (error) {
      if (mine === turn.current) failed(error, () => void newest());
    }
  }, [key]);
  /** True while there is more to come. */
  const older = useCallback(async (): Promise<boolean> => {
    const from = now.current.next;
    if (from === null) return false;
    const mine = turn.current;
    put({ ...now.current, loading: true, error: null });
    try {
      const page = await listEvents(key, from);
      if (mine !== turn.current && now.current.next !== from) return now.current.next !== null;
      put({
        events: joinEvents(now.current.events, page.items),
        next: page.next ?? null,
        loading: false,
        error: null,
      });
    } catch (error) {
      failed(error, () => void older());
      return false;
    }
    return now.current.next !== null;
  }, [key]);

  useEffect(() => {
    void newest();
  }, [newest, version]);
  useEffect(
    () => () => {
      turn.current += 1;
    },
    [],
  );
  return { history, older, retry: () => void newest() };
}
