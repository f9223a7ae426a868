// Only the rows near the screen are in the document. Every row of a kind is equally high, so where each
// is follows from its number.
import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

/** Rows beyond the screen's edges, so that scrolling meets finished rows. */
const spare = 12;
/** On paper there are so many at most. */
const printed = 2000;

export interface Shown {
  first: number;
  /** Beyond the last. */
  end: number;
}

/** `tops` has the place of each row and, last, the height of all. */
export function findRow(tops: readonly number[], y: number): number {
  let low = 0;
  let high = tops.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tops[middle] ?? 0) <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}

export function useWindow(place: RefObject<HTMLElement | null>, tops: readonly number[]): Shown {
  const [shown, setShown] = useState<Shown>({ first: 0, end: 40 });
  useLayoutEffect(() => {
    let printing = false;
    const look = (): void => {
      const element = place.current;
      if (!element) return;
      const top = -element.getBoundingClientRect().top;
      const from = printing ? 0 : Math.max(0, findRow(tops, top) - spare);
      const to = printing ? printed : findRow(tops, top + innerHeight) + spare;
      // By steps, so that most scrolling changes nothing here.
      const first = from - (from % 4);
      const end = Math.min(tops.length - 1, to + 4 - (to % 4));
      setShown((now) => (now.first === first && now.end === end ? now : { first, end }));
    };
    const print = (event: Event): void => {
      printing = event.type === "beforeprint";
      look();
    };
    look();
    // Whatever it is that scrolls.
    addEventListener("scroll", look, { capture: true, passive: true });
    addEventListener("resize", look);
    addEventListener("beforeprint", print);
    addEventListener("afterprint", print);
    return () => {
      removeEventListener("scroll", look, { capture: true });
      removeEventListener("resize", look);
      removeEventListener("beforeprint", print);
      removeEventListener("afterprint", print);
    };
  }, [tops]);
  return shown;
}
