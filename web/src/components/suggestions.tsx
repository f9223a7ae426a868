// A list of suggestions under a text that somebody is typing: moved through with the arrows, taken
// with Enter or Tab or a click, put away with Escape. The text itself keeps the focus.
import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

export interface Suggesting<T> {
  items: readonly T[];
  active: number;
  /** Of the text that is typed into. */
  attributes: {
    "aria-autocomplete": "list";
    "aria-controls": string | undefined;
    "aria-activedescendant": string | undefined;
  };
  id: string;
  take: (item: T) => void;
  /** True if the key was for the list. */
  key: (event: KeyboardEvent) => boolean;
}

/** Asked for when typing pauses. */
const pause = 120;
let lists = 0;

/** `query` is null while nothing is suggested. */
export function useSuggestions<T>(
  query: string | null,
  load: (query: string) => Promise<readonly T[]>,
  take: (item: T) => void,
): Suggesting<T> {
  const [items, setItems] = useState<readonly T[]>([]);
  const [active, setActive] = useState(0);
  const [away, setAway] = useState<string | null>(null);
  const id = useRef("");
  if (id.current === "") id.current = `suggestions-${(lists += 1)}`;
  // Before a key can come: after painting, the first arrow would be undone.
  useLayoutEffect(() => {
    setActive(0);
    if (query === null) {
      setItems([]);
      setAway(null);
      return;
    }
    let current = true;
    const timer = setTimeout(() => {
      load(query).then(
        (found) => current && setItems(found),
        () => current && setItems([]),
      );
    }, pause);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [query]);

  const shown = query === null || away === query ? [] : items;
  const at = Math.min(active, Math.max(0, shown.length - 1));
  return {
    items: shown,
    active: at,
    id: id.current,
    take,
    attributes: {
      "aria-autocomplete": "list",
      "aria-controls": shown.length > 0 ? id.current : undefined,
      "aria-activedescendant": shown.length > 0 ? `${id.current}-${at}` : undefined,
    },
    key: (event) => {
      if (shown.length === 0 || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return false;
      switch (event.key) {
        case "ArrowDown":
          setActive((at + 1) % shown.length);
          break;
        case "ArrowUp":
          setActive((at + shown.length - 1) % shown.length);
          break;
        case "Enter":
        case "Tab":
          if (event.shiftKey) return false;
          take(shown[at]!);
          break;
        case "Escape":
          setAway(query);
          break;
        default:
          return false;
      }
      event.preventDefault();
      event.stopPropagation();
      return true;
    },
  };
}

interface SuggestionsProps<T> {
  from: Suggesting<T>;
  label: string;
  children: (item: T) => ComponentChildren;
}

export function Suggestions<T>({ from, label, children }: SuggestionsProps<T>): JSX.Element | null {
  if (from.items.length === 0) return null;
  return (
    <ul class="suggestions" role="listbox" id={from.id} aria-label={label}>
      {from.items.map((item, i) => (
        <li
          key={i}
          id={`${from.id}-${i}`}
          role="option"
          aria-selected={i === from.active}
          // The text keeps the focus.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => from.take(item)}
        >
          {children(item)}
        </li>
      ))}
    </ul>
  );
}
