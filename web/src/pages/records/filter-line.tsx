// The line in which the list is narrowed, in the words of `q`. What is typed offers what could come next;
// what the server does not understand is shown where it is, with what it might have been.
import type { JSX, RefObject } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { announce } from "../../announce";
import { Problem } from "../../api";
import { Icon } from "../../components/icon";
import { s } from "../../strings/records";
import { asAsked, isFinished, offersFor, wordAt, type Offer, type Sources } from "./filter-words";
import type { Query } from "./query";

/** Typing waits this long before the list follows. */
const typingPause = 300;

interface FilterLineProps {
  query: Query;
  change: (to: Partial<Query>) => void;
  input: RefObject<HTMLInputElement | null>;
  sources: Sources;
  /** What the server said of the filter, if it refused it. */
  error: unknown;
}

export function FilterLine({ query, change, input, sources, error }: FilterLineProps): JSX.Element {
  const id = useId();
  const [text, setText] = useState(query.q);
  const [offers, setOffers] = useState<{ list: Offer[]; at: number } | null>(null);
  const said = useRef(query.q);
  const timer = useRef(0);
  const turn = useRef(0);

  useLayoutEffect(() => {
    // Before a key can come. The address changed by itself (back, a view, "clear"): the line follows.
    if (query.q !== said.current) setText(query.q);
    said.current = query.q;
  }, [query.q]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const say = (q: string): void => {
    clearTimeout(timer.current);
    const asked = asAsked(q.trim());
    if (asked === said.current) return;
    said.current = asked;
    change({ q: asked });
  };
  const offer = async (typed: string): Promise<void> => {
    const mine = (turn.current += 1);
    const caret = input.current?.selectionStart ?? typed.length;
    const list = await offersFor(wordAt(typed, caret).text, sources).catch(() => []);
    // Somebody has typed on, or gone elsewhere.
    if (mine !== turn.current || document.activeElement !== input.current) return;
    setOffers((before) => {
      if (list.length === 0) return null;
      // What was chosen with the arrows stays chosen, should more be found meanwhile.
      const chosen = before?.list[before.at]?.text;
      return { list, at: chosen === undefined ? -1 : list.findIndex((one) => one.text === chosen) };
    });
    if (list.length > 0) announce(s.matches(list.length));
  };
  const typed = (value: string): void => {
    setText(value);
    void offer(value);
    clearTimeout(timer.current);
    if (isFinished(value)) timer.current = window.setTimeout(() => say(value), typingPause);
  };
  const close = (): void => {
    turn.current += 1;
    setOffers(null);
  };
  const take = ({ text: word, open }: Offer): void => {
    const field = input.current;
    if (!field) return;
    const old = wordAt(text, field.selectionStart ?? text.length);
    const after = text.slice(old.start + old.text.length).replace(/^\s*/, open ? "" : " ");
    const value = text.slice(0, old.start) + word + after;
    const caret = old.start + word.length + (open ? 0 : 1);
    setText(value);
    close();
    field.value = value;
    field.focus();
    field.setSelectionRange(caret, caret);
    if (open) void offer(value);
    else say(value);
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    const [first, second] = offers?.list ?? [];
    const chosen = offers?.list[offers.at];
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp": {
        event.preventDefault();
        if (offers === null) return void offer(text);
        const n = offers.list.length;
        return setOffers({
          ...offers,
          at: event.key === "ArrowDown" ? (offers.at + 1) % n : (offers.at > 0 ? offers.at : n) - 1,
        });
      }
      case "Tab":
        if (chosen && !event.shiftKey) {
          event.preventDefault();
          take(chosen);
        }
        return;
      case "Enter":
        event.preventDefault();
        // Of a name's beginning that is one person's, the person.
        if (chosen) take(chosen);
        else if (first && !second && first.text.includes("@")) take(first);
        else {
          close();
          say(text);
        }
        return;
      case "Escape":
        event.preventDefault();
        if (offers !== null) close();
        else input.current?.blur();
        return;
    }
  };
  const fault = error instanceof Problem && error.status === 400 ? readFault(error.detail, query.q) : null;
  const list = `${id}-list`;
  return (
    <search class="filter-line" aria-label={s.filter}>
      <div class={fault ? "filter-box wrong" : "filter-box"}>
        <Icon name="filter" />
        {query.rest.map((one) => {
          const shown = `${one[0]}: ${one[1] || s.none}`;
          return (
            <button
              key={shown}
              type="button"
              class="chip"
              aria-label={s.removeFilter(shown)}
              onClick={() => change({ rest: query.rest.filter((other) => other !== one) })}
            >
              {shown}
              <Icon name="close" />
            </button>
          );
        })}
        <input
          ref={input}
          id={id}
          type="text"
          role="combobox"
          aria-label={s.filter}
          aria-autocomplete="list"
          aria-expanded={offers !== null}
          aria-controls={list}
          aria-activedescendant={offers !== null && offers.at >= 0 ? `${list}-${offers.at}` : undefined}
          aria-invalid={fault !== null}
          aria-describedby={fault ? `${id}-fault` : undefined}
          value={text}
          maxLength={1000}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          enterkeyhint="search"
          placeholder={s.filterExample}
          onInput={(event) => typed(event.currentTarget.value)}
          onKeyDown={pressed}
          onFocus={() => void offer(text)}
          onBlur={() => {
            close();
            say(text);
          }}
        />
        {(text !== "" || query.rest.length > 0) && (
          <button
            type="button"
            class="button icon-only"
            aria-label={s.clearFilter}
            title={s.clearFilter}
            onClick={() => {
              setText("");
              clearTimeout(timer.current);
              said.current = "";
              change({ q: "", rest: [] });
              input.current?.focus();
            }}
          >
            <Icon name="close" />
          </button>
        )}
      </div>
      <ul id={list} class="offers" role="listbox" aria-label={s.filter} hidden={offers === null}>
        {offers?.list.map((one, i) => (
          <li
            key={one.text}
            id={`${list}-${i}`}
            role="option"
            aria-selected={i === offers.at}
            // Before the field loses the focus.
            onPointerDown={(event) => {
              event.preventDefault();
              take(one);
            }}
          >
            <span class="offer-label" dir="auto">
              {one.label}
            </span>
            {one.hint !== "" && (
              <span class="hint cut" dir="auto">
                {one.hint}
              </span>
            )}
          </li>
        ))}
      </ul>
      {fault && (
        <div id={`${id}-fault`} class="line filter-fault" role="alert">
          {fault.wrong !== "" && (
            <p class="key filter-place" aria-hidden="true">
              {fault.before}
              <mark>{fault.wrong}</mark>
              {fault.after}
            </p>
          )}
          <p>{fault.sentence}</p>
          {fault.meant !== undefined && (
            <button
              type="button"
              class="button quiet"
              onClick={() => {
                setText(fault.mended);
                say(fault.mended);
              }}
            >
              {s.use(fault.meant)}
            </button>
          )}
        </div>
      )}
    </search>
  );
}

interface FaultPlace {
  sentence: string;
  /** The word that is wrong, between what is before and after it; empty if the fault is of no word. */
  before: string;
  wrong: string;
  after: string;
  meant: string | undefined;
  mended: string;
}

/** "q, character 7: there is no filter "staus"; did you mean "status"? …", held against what was asked. */
function readFault(detail: string, q: string): FaultPlace {
  const [, place, sentence = detail] = /^q, \w+ (\d+): (.*)$/s.exec(detail) ?? [];
  const letters = [...q];
  const at = Number(place ?? Infinity) - 1;
  const before = letters.slice(0, at).join("");
  const rest = letters.slice(at).join("");
  const [wrong = ""] = /^\S*/.exec(rest) ?? [];
  const meant = /; [a-z ]+"(\w+)"/.exec(sentence)?.[1];
  return {
    sentence: sentence.charAt(0).toUpperCase() + sentence.slice(1),
    before,
    wrong,
    after: rest.slice(wrong.length),
    meant,
    mended: before + meant + rest.slice(rest.indexOf(":")),
  };
}
