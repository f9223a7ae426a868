// What every page does: it has a title, and its heading takes the focus when somebody comes to it.
import { createContext, type RefObject } from "preact";
import { useContext, useLayoutEffect, useRef } from "preact/hooks";
import { announce } from "./announce";
import { s } from "./strings/shared";

/** False while a page waits, hidden, for the sign-in. */
export const PageActive = createContext(true);

/** Of a page that is shown as part of another one, which has the title and the focus: the other one's own value. */
export const PageInside = createContext<unknown>(null);

let firstPage = true;

/** Something else was shown before any page: the first one is come to like every other. */
export function endFirstPage(): void {
  firstPage = false;
}

/** Returns the ref for the page's h1 (with tabIndex -1). `place` differs from page to page. */
export function usePage(title: string, place: string): RefObject<HTMLHeadingElement | null> {
  const inside = useContext(PageInside) !== null;
  const active = useContext(PageActive) && !inside;
  const heading = useRef<HTMLHeadingElement>(null);
  // Before anything is painted: who reads or types at once already finds title and focus there.
  useLayoutEffect(() => {
    if (active) document.title = s.title(title);
  }, [title, active]);
  useLayoutEffect(() => {
    if (!active) return;
    // At the first page of a visit the browser's own start of the document is the right place.
    if (!firstPage) heading.current?.focus();
    firstPage = false;
  }, [place, active]);
  return heading;
}

/** What an h1 has that says what came of something, in the place of the form: the focus, and it is read out. */
export function useOutcome(text: string): { ref: RefObject<HTMLHeadingElement | null>; tabIndex: number } {
  const ref = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    ref.current?.focus();
    announce(text);
  }, []);
  return { ref, tabIndex: -1 };
}
