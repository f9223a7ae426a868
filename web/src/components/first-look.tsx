// The first look: what is where, one place after the other. A click elsewhere or Escape ends it.
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { announce } from "../announce";
import { endFirstLook } from "../first-look";
import { s } from "../strings/first-look";

const gap = 12;

/** Beside the place that it is about: at its right in the rail, else below or above it. */
function place(card: HTMLElement, target: Element): void {
  const box = target.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = card;
  const inside = (at: number, most: number): number => Math.max(gap, Math.min(at, most - gap));
  const beside = box.right < innerWidth / 3 && box.right + width + 2 * gap < innerWidth;
  const below = box.bottom + height + gap < innerHeight;
  const top = beside ? box.top : below ? box.bottom + gap : box.top - height - gap;
  const left = beside ? box.right + gap : box.left + box.width / 2 - width / 2;
  card.style.top = `${inside(top, innerHeight - height)}px`;
  card.style.left = `${inside(left, innerWidth - width)}px`;
}

export function FirstLook(): JSX.Element {
  // Only what this person has.
  const [steps] = useState(() => s.steps.filter(([at]) => document.querySelector(at) !== null));
  const [n, setN] = useState(0);
  const card = useRef<HTMLDivElement>(null);
  const next = useRef<HTMLButtonElement>(null);
  const [at, title, text] = steps[n] ?? ["body", "", ""];
  const last = n === steps.length - 1;

  useLayoutEffect(() => {
    const before = document.activeElement;
    card.current?.showPopover();
    next.current?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  useLayoutEffect(() => {
    const target = document.querySelector(at);
    if (target === null || card.current === null) return;
    const again = (): void => {
      if (card.current) place(card.current, target);
    };
    again();
    addEventListener("resize", again);
    target.classList.add("looked-at");
    if (n > 0) announce(`${title}. ${text}`);
    return () => {
      removeEventListener("resize", again);
      target.classList.remove("looked-at");
    };
  }, [n]);
  const go = (to: number): void => {
    if (to >= steps.length) card.current?.hidePopover();
    else setN(Math.max(0, to));
  };
  return (
    <div
      ref={card}
      popover="auto"
      class="popover first-look"
      role="dialog"
      aria-labelledby="look-title"
      aria-describedby="look-text"
      onToggle={(event) => (event as unknown as ToggleEvent).newState === "closed" && endFirstLook()}
      onKeyDown={({ key }) => {
        if (key === "ArrowRight") go(n + 1);
        if (key === "ArrowLeft") go(n - 1);
      }}
    >
      <h2 id="look-title">{title}</h2>
      <p id="look-text">{text}</p>
      <div class="line">
        <button type="button" class="button primary" ref={next} onClick={() => go(n + 1)}>
          {last ? s.done : s.next}
        </button>
        {n > 0 && (
          <button type="button" class="button quiet" onClick={() => go(n - 1)}>
            {s.back}
          </button>
        )}
        <span class="hint">{s.of(n + 1, steps.length)}</span>
        {!last && (
          <button type="button" class="link" onClick={() => go(steps.length)}>
            {s.end}
          </button>
        )}
      </div>
    </div>
  );
}
