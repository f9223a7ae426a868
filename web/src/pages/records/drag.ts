// Dragging by pointer events: what is dragged follows the pointer as a picture of itself, and the place
// under the pointer takes it. Fingers scroll; for them there are menus.
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

const beginsAfter = 6;
const edge = 48;

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

    const end = (): void => {
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
        const box = thing.getBoundingClientRect();
        picture = thing.cloneNode(true) as HTMLElement;
        picture.classList.add("drag-picture");
        picture.setAttribute("aria-hidden", "true");
        Object.assign(picture.style, { left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px` });
        document.body.append(picture);
        getSelection()?.removeAllRanges();
        setDragged(thing.dataset["card"] ?? "");
      }
      event.preventDefault();
      picture.style.transform = `translate(${x}px, ${y}px)`;
      const under = document.elementFromPoint(event.clientX, event.clientY)?.closest<HTMLElement>(targets) ?? null;
      if (under !== over) {
        over?.classList.remove("drop-here");
        under?.classList.add("drop-here");
        over = under;
      }
      if (event.clientY < edge) scrollBy(0, -12);
      else if (event.clientY > innerHeight - edge) scrollBy(0, 12);
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
      if (event.button !== 0 || event.pointerType === "touch" || !(event.target instanceof Element)) return;
      if (event.target.closest("button, input, [role=menu]")) return;
      thing = event.target.closest<HTMLElement>(things);
      if (!thing) return;
      from = { x: event.clientX, y: event.clientY };
      addEventListener("pointermove", moved);
      addEventListener("pointerup", up);
      addEventListener("pointercancel", end);
      addEventListener("keydown", keyed, true);
    };
    root.addEventListener("pointerdown", down);
    return () => {
      root.removeEventListener("pointerdown", down);
      end();
    };
  }, [place.current]);
  return dragged;
}
