// Which records are chosen to be changed together: some keys, or all that match.
import { useMemo, useState } from "preact/hooks";

export interface Selection {
  count: number;
  /** All that match, however many are loaded. */
  all: boolean;
  keys: ReadonlySet<string>;
  /** Where a range begins. */
  last: string;
  has: (key: string) => boolean;
  toggle: (key: string) => void;
  add: (keys: readonly string[], last: string) => void;
  takeAll: (total: number) => void;
  clear: () => void;
}

interface State {
  keys: ReadonlySet<string>;
  last: string;
  /** Null: the keys; else how many match. */
  total: number | null;
}

const none: State = { keys: new Set(), last: "", total: null };

/** `place` names the list: of another list nothing is chosen. */
export function useSelection(place: string): Selection {
  const [kept, setState] = useState({ place, state: none });
  const state = kept.place === place ? kept.state : none;
  return useMemo(() => {
    const set = (to: State): void => setState({ place, state: to });
    return {
      count: state.total ?? state.keys.size,
      all: state.total !== null,
      keys: state.keys,
      last: state.last,
      has: (key) => state.total !== null || state.keys.has(key),
      toggle: (key) => {
        const keys = new Set(state.total === null ? state.keys : []);
        if (!keys.delete(key)) keys.add(key);
        set({ keys, last: key, total: null });
      },
      add: (added, last) => set({ keys: new Set([...state.keys, ...added]), last, total: null }),
      takeAll: (total) => set({ ...state, total }),
      clear: () => set(none),
    };
  }, [place, state]);
}
