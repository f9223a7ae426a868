// Dragging by pointer events: what is dragged follows the pointer as a picture of itself, and the place
// under the pointer takes it. A finger scrolls; it drags what it has first rested on.
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

const beginsAfter = 6;
const edge = 48;
const rest = 400;

/** Returns the key (data-card) of what is being dragged, or "". */
export function useDrag(
  place: RefObject<HTMLElement | null>,
  things: string,
  targets: string,
  dropped: (thing: HTMLElement, target: HTMLElement) => void,
): string {
  const [dragged, setDragged] = useState("");
  const drop = useRef(dropped);
  drop.current = dropped;
  useEffect(() => {
    const root = place.current;
    if (!root) return;
    let thing: HTMLElement | null = null;
    let picture: HTMLElement | null = null;
    let over: HTMLElement | null = null;
    let from = { x: 0, y: 0 };
    let at = from;
    let resting: number | undefined;
    let pulling: number | undefined;

    const lift = (): void => {
      if (!thing) return;
      const box = thing.getBoundingClientRect();
      picture = thing.cloneNode(true) as HTMLElement;
      picture.classList.add("drag-picture");
      picture.setAttribute("aria-hidden", "true");
      Object.assign(picture.style, { left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px` });
      document.body.append(picture);
      getSelection()?.removeAllRanges();
      setDragged(thing.dataset["card"] ?? "");
      pulling = setInterval(pull, 16);
    };
    const look = (): void => {
      const under = document.elementFromPoint(at.x, at.y)?.closest<HTMLElement>(targets) ?? null;
      if (under === over) return;
      over?.classList.remove("drop-here");
      under?.classList.add("drop-here");
      over = under;
    };
    // At an edge what is beyond it comes into sight.
    const pull = (): void => {
      const by = (now: number, most: number): number => (now < edge ? -9 : now > most - edge ? 9 : 0);
      scrollBy(0, by(at.y, innerHeight));
      root.scrollBy(by(at.x, innerWidth), 0);
      look();
    };
    const end = (): void => {
      clearTimeout(resting);
      clearInterval(pulling);
      picture?.remove();
      over?.classList.remove("drop-here");
      thing = picture = over = null;
      setDragged("");
      removeEventListener("pointermove", moved);
      removeEventListener("pointerup", up);
      removeEventListener("pointercancel", end);
      removeEventListener("keydown", keyed, true);
    };
    const keyed = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      end();
    };
    const moved = (event: PointerEvent): void => {
      if (!thing) return;
      const x = event.clientX - from.x;
      const y = event.clientY - from.y;
      if (!picture) {
        if (Math.hypot(x, y) < beginsAfter) return;
        // A finger that moves before it has rested scrolls.
        if (event.pointerType === "touch") return end();
        lift();
      }
      event.preventDefault();
      picture!.style.transform = `translate(${x}px, ${y}px)`;
      at = { x: event.clientX, y: event.clientY };
      look();
    };
    const up = (): void => {
      const [what, where, was] = [thing, over, picture !== null];
      end();
      if (!was || !what) return;
      // The click that ends a drag opens nothing.
      addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => removeEventListener("click", swallow, { capture: true }));
      if (where) drop.current(what, where);
    };
    const swallow = (event: Event): void => {
      event.preventDefault();
      event.stopPropagation();
    };
    const down = (event: PointerEvent): void => {
      if (thing || event.button !== 0 || !(event.target instanceof Element)) return;
      if (event.target.closest("button, input, [role=menu]")) return;
      thing = event.target.closest<HTMLElement>(things);
      if (!thing) return;
      from = at = { x: event.clientX, y: event.clientY };
      if (event.pointerType === "touch")
        resting = setTimeout(() => {
          lift();
          navigator.vibrate?.(10);
        }, rest);
      addEventListener("pointermove", moved);
      addEventListener("pointerup", up);
      addEventListener("pointercancel", end);
      addEventListener("keydown", keyed, true);
    };
    // While something is dragged the browser neither scrolls nor offers what it has for a long press.
    const hold = (event: Event): void => {
      if (picture) event.preventDefault();
    };
    root.addEventListener("pointerdown", down);
    root.addEventListener("touchmove", hold, { passive: false });
    root.addEventListener("contextmenu", hold);
    return () => {
      root.removeEventListener("pointerdown", down);
      root.removeEventListener("touchmove", hold);
      root.removeEventListener("contextmenu", hold);
      end();
    };
  }, [place.current]);
  return dragged;
}
