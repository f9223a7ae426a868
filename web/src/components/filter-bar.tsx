// The filters of the list. Each is a checkbox that looks like a pill; the tag is typed.
import type { JSX, RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { levels, statuses, todoTypes } from "../api";
import { countFilter, emptyFilter, type Filter } from "../filter";
import { s } from "../strings/list";
import { levelName, statusName, typeName } from "../strings/shared";
import { Icon } from "./icon";

function toggled<T>(all: T[], one: T): T[] {
  return all.includes(one) ? all.filter((other) => other !== one) : [...all, one];
}

interface PillProps {
  label: string;
  checked: boolean;
  change: () => void;
}

function Pill({ label, checked, change }: PillProps): JSX.Element {
  return (
    <label class="pill">
      <input type="checkbox" checked={checked} onChange={change} />
      <span>{label}</span>
    </label>
  );
}

function Choice<T extends string>(props: {
  legend: string;
  all: readonly T[];
  chosen: T[];
  label: (one: T) => string;
  choose: (chosen: T[]) => void;
}): JSX.Element {
  return (
    <fieldset>
      <legend>{props.legend}</legend>
      {props.all.map((one) => (
        <Pill
          key={one}
          label={props.label(one)}
          checked={props.chosen.includes(one)}
          change={() => props.choose(toggled(props.chosen, one))}
        />
      ))}
    </fieldset>
  );
}

/** Typing waits this long before the list follows. */
const typingPause = 350;

function TagField(props: {
  tag: string;
  input: RefObject<HTMLInputElement | null>;
  choose: (tag: string) => void;
}): JSX.Element {
  const [text, setText] = useState(props.tag);
  const said = useRef(props.tag);
  const choose = useRef(props.choose);
  choose.current = props.choose;
  useEffect(() => {
    // The address changed by itself (back, a link, "clear"): the field follows.
    if (props.tag !== said.current) setText(props.tag);
    said.current = props.tag;
  }, [props.tag]);
  const say = (tag: string): void => {
    if (tag === said.current) return;
    said.current = tag;
    choose.current(tag);
  };
  useEffect(() => {
    const timer = setTimeout(() => say(text.trim()), typingPause);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div class="field">
      <label for="filter-tag">{s.tag}</label>
      <input
        id="filter-tag"
        ref={props.input}
        type="search"
        value={text}
        maxLength={255}
        autocomplete="off"
        spellcheck={false}
        placeholder={s.tagExample}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Enter" && say(text.trim())}
      />
    </div>
  );
}

interface FilterBarProps {
  filter: Filter;
  change: (filter: Filter) => void;
  tagInput: RefObject<HTMLInputElement | null>;
  open: boolean;
  setOpen: (open: boolean) => void;
}

export function FilterBar({ filter, change, tagInput, open, setOpen }: FilterBarProps): JSX.Element {
  const count = countFilter(filter);
  // What was typed and has not been asked for yet goes with the rest.
  const [clearings, setClearings] = useState(0);
  const clear = (): void => {
    setClearings(clearings + 1);
    change(emptyFilter);
  };
  return (
    <search class="filters" aria-label={s.filters}>
      <button
        type="button"
        class="button filters-toggle"
        aria-expanded={open}
        aria-controls="filters-panel"
        onClick={() => setOpen(!open)}
      >
        <Icon name="filter" />
        {s.filtersCount(count)}
      </button>
      <div id="filters-panel" class={open ? "filters-panel open" : "filters-panel"}>
        <Choice
          legend={s.type}
          all={todoTypes}
          chosen={filter.todoType}
          label={typeName}
          choose={(todoType) => change({ ...filter, todoType })}
        />
        <Choice
          legend={s.status}
          all={statuses}
          chosen={filter.status}
          label={statusName}
          choose={(status) => change({ ...filter, status })}
        />
        <Choice
          legend={s.priority}
          all={levels}
          chosen={filter.priority}
          label={levelName}
          choose={(priority) => change({ ...filter, priority })}
        />
        <fieldset>
          <legend>{s.only}</legend>
          <Pill label={s.mine} checked={filter.mine} change={() => change({ ...filter, mine: !filter.mine })} />
          <Pill
            label={s.overdue}
            checked={filter.overdue}
            change={() => change({ ...filter, overdue: !filter.overdue })}
          />
        </fieldset>
        <TagField key={clearings} tag={filter.tag} input={tagInput} choose={(tag) => change({ ...filter, tag })} />
        {count > 0 && (
          <button type="button" class="button quiet" onClick={clear}>
            <Icon name="close" />
            {s.clear}
          </button>
        )}
      </div>
    </search>
  );
}
