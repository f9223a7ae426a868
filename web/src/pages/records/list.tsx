// The list, in groups if one wants: each group is a list of its own, which is loaded when it is opened.
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { useActions } from "../../actions";
import { announce } from "../../announce";
import { levels, statuses, todoTypes, type Task } from "../../api";
import { cellFilter, countRecords, type Cell } from "../../api/records";
import { Failure } from "../../components/failure";
import { LevelMark, StatusBadge, TypeBadge } from "../../components/badge";
import { Person } from "../../components/person";
import { Skeleton } from "../../components/skeleton";
import { formatMoney } from "../../format";
import { useStore } from "../../store";
import { s } from "../../strings/records";
import { s as shared } from "../../strings/shared";
import { useLatest } from "./latest";
import { afterHeading, openList, rememberPlace, takePlace, useLists, useShown } from "./lists";
import type { Listed, RecordList } from "./lists";
import { askSort, chosenSort, sortOf, type Group, type Query } from "./query";
import { Rows, type Item, type RowsHandle } from "./rows";
import type { Selection } from "./selection";

/** A group with no more is opened by itself, until so many records are shown. */
const openUpTo = 40;

const orders: Partial<Record<Group, readonly string[]>> = {
  status: statuses,
  priority: levels,
  impact: levels,
  likelihood: levels,
  todoType: todoTypes,
};

/** By their own order if they have one, else the largest first; without a value last. */
function sortCells(cells: Cell[], group: Group): Cell[] {
  const order = orders[group];
  const rank = (cell: Cell): number => {
    const value = cell[group];
    if (value === null || value === undefined) return Infinity;
    return order ? order.indexOf(String(value)) : -cell.count;
  };
  return [...cells].sort((a, b) => rank(a) - rank(b));
}

function groupLabel(group: Group, value: string | null): JSX.Element {
  if (value === null) return <span class="none">{group === "assignee" ? s.nobody : s.none}</span>;
  switch (group) {
    case "status":
      return <StatusBadge status={value as Task["status"]} />;
    case "todoType":
      return <TypeBadge type={value as Task["todoType"]} />;
    case "priority":
    case "impact":
    case "likelihood":
      return <LevelMark level={value as (typeof levels)[number]} />;
    case "assignee":
      return <Person email={value} />;
    default:
      return <span dir="auto">{value}</span>;
  }
}

export interface ListProps {
  query: Query;
  /** The filters of GET /tasks. */
  filter: string;
  change: (to: Partial<Query>) => void;
  selection: Selection;
  /** May some of them be changed? Only then they are selected. */
  may: boolean;
  empty: JSX.Element;
  peek: (task: Task | null) => void;
  peeking: boolean;
  /** Greater whenever something has happened. */
  news: number;
  /** Tells the page which lists are shown. */
  show: (lists: readonly RecordList[]) => void;
}

export function ListLayout(props: ListProps): JSX.Element {
  const { query, filter, selection } = props;
  const asked = filter + askSort(query);
  return query.group === "" ? (
    <Flat {...props} asked={asked} />
  ) : (
    <Grouped key={query.group} {...props} asked={asked} group={query.group} selection={selection} />
  );
}

function Flat(props: ListProps & { asked: string }): JSX.Element {
  const { asked, show, empty } = props;
  const list = useMemo(() => openList(asked), [asked]);
  const state = useStore(list.state);
  // What was shown stays on the screen until there is an answer to what is asked now.
  const before = useRef<Listed | null>(null);
  if (!state.blank) before.current = state;
  const seen = state.blank ? before.current : state;
  useShown(show, useMemo(() => [list], [list]));
  const items = useMemo(
    (): Item[] => (seen?.rows ?? []).map((task) => ({ kind: "task", task, gone: seen?.gone.has(task.key) ?? false })),
    [seen?.rows, seen?.gone],
  );
  useEffect(() => {
    if (!state.loading && !state.blank) announce(s.loaded(state.rows.length));
  }, [state.rows.length, state.loading]);

  if (state.error !== null && state.rows.length === 0)
    return <Failure error={state.error} retry={() => list.reload()} />;
  if (seen === null) return <Skeleton />;
  if (seen.rows.length === 0 && seen.next === undefined) return empty;
  const left = seen.total === null ? null : seen.total - seen.rows.length;
  return (
    <>
      <Table
        {...props}
        items={items}
        busy={state.blank && state.loading}
        count={seen.total ?? -1}
        end={() => list.more()}
        name={asked}
      />
      {state.error !== null && <Failure error={state.error} retry={() => list.more()} />}
      {seen.next !== undefined && state.error === null && (
        <div class="more">
          {seen.rows.length === 0 && <p>{s.paused}</p>}
          <button type="button" class="button" aria-disabled={state.loading} onClick={() => list.more()}>
            {state.loading
              ? shared.loading
              : seen.rows.length === 0
                ? s.searchOn
                : left === null
                  ? s.more
                  : s.moreOf(left)}
          </button>
        </div>
      )}
    </>
  );
}

function Grouped(props: ListProps & { asked: string; group: Group }): JSX.Element {
  const { asked, filter, group, news, show, empty, query } = props;
  const [cells, error, retry] = useLatest(`${group} ${filter}`, news, () => countRecords(filter, group));
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const sorted = useMemo(() => sortCells(cells ?? [], group), [cells, group]);
  let shown = 0;
  const opened = sorted.map((cell) => {
    const byItself = shown < openUpTo;
    const open = toggled.get(cell.href) ?? byItself;
    if (open) shown += cell.count;
    return open;
  });
  const sort = askSort(query);
  const lists = useMemo(
    () => sorted.map((cell, i) => (opened[i] ? openList(`${cellFilter(cell)}${sort}`) : null)),
    [sorted, opened.join(), sort],
  );
  const open = useMemo(() => lists.filter((list): list is RecordList => list !== null), [lists]);
  const states = useLists(open);
  useShown(show, open);

  const items: Item[] = [];
  sorted.forEach((cell, i) => {
    const value = (cell[group] ?? null) as string | null;
    items.push({
      kind: "head",
      id: `group ${cell.href}`,
      label: groupLabel(group, value),
      count: cell.count,
      eur: cell.financialImpact === "0.00" ? "" : formatMoney(cell.financialImpact, "EUR"),
      open: opened[i] ?? false,
      toggle: () => setToggled(new Map(toggled).set(cell.href, !opened[i])),
    });
    const list = lists[i];
    if (!list) return;
    const state = states[open.indexOf(list)];
    for (const task of state?.rows ?? []) items.push({ kind: "task", task, gone: state?.gone.has(task.key) ?? false });
    if (state !== undefined && (state.next !== undefined || state.loading))
      items.push({
        kind: "more",
        id: `more ${cell.href}`,
        label: state.loading ? shared.loading : s.moreOf(cell.count - state.rows.length),
        load: () => list.more(),
        busy: state.loading,
      });
  });
  if (error !== null && cells === null) return <Failure error={error} retry={retry} />;
  if (cells === null) return <Skeleton />;
  if (sorted.length === 0) return empty;
  return <Table {...props} items={items} busy={false} count={items.length} end={() => {}} name={`${group} ${asked}`} />;
}

interface TableProps extends ListProps {
  items: readonly Item[];
  busy: boolean;
  count: number;
  end: () => void;
  /** Of the list, to come back to. */
  name: string;
}

/** Walking the rows by keyboard, and coming back to where one was. */
function Table({ items, query, change, selection, may, peek, peeking, name, ...props }: TableProps): JSX.Element {
  const handle = useRef<RowsHandle | null>(null);
  const [active, setActive] = useState(-1);
  const current = items[active];
  const task = current?.kind === "task" ? current.task : null;

  useLayoutEffect(() => {
    // Back from a record: the same rows, and the focus where it was opened.
    const place = takePlace(name);
    if (place === null) return;
    const at = items.findIndex((item) => item.kind === "task" && item.task.key === place.key);
    afterHeading(() => {
      scrollTo(0, place.top);
      if (at >= 0) handle.current?.focus(at);
    });
  }, [name]);
  useEffect(() => {
    if (peeking) peek(task);
  }, [task]);

  const opened = (key: string): void => {
    const keys = items.flatMap((item) => (item.kind === "task" ? [item.task.key] : []));
    rememberPlace(name, { top: scrollY, key }, keys);
  };
  const moveBy = (by: number, arrow: boolean): boolean => {
    const focus = document.activeElement;
    const inTable = focus instanceof Element && handle.current?.table?.contains(focus) === true;
    // An arrow scrolls the page as ever when the focus is on some other control.
    const elsewhere = !inTable && focus !== document.body && focus?.tagName !== "H1";
    if (items.length === 0 || (arrow && elsewhere)) return false;
    const to = active < 0 ? (by > 0 ? 0 : items.length - 1) : Math.min(Math.max(active + by, 0), items.length - 1);
    handle.current?.focus(to);
    return true;
  };
  const rangeTo = (index: number): string[] => {
    const from = items.findIndex((item) => item.kind === "task" && item.task.key === selection.last);
    const [low, high] = from < 0 ? [index, index] : [Math.min(from, index), Math.max(from, index)];
    return items.slice(low, high + 1).flatMap((item) => (item.kind === "task" ? [item.task.key] : []));
  };
  const select = (index: number, range: boolean): void => {
    const item = items[index];
    if (item?.kind !== "task") return;
    if (range) selection.add(rangeTo(index), item.task.key);
    else selection.toggle(item.task.key);
  };

  const escape = (): boolean => {
    if (peeking) peek(null);
    else if (selection.count > 0) selection.clear();
    else return false;
    return true;
  };
  const look = (): boolean => {
    // On a check box or a button the key does what it always does.
    if (!task || document.activeElement?.tagName !== "A") return false;
    peek(peeking ? null : task);
    return true;
  };
  useActions(s.table, [
    { does: s.keys.down, keys: ["j"], keyOnly: true, act: () => moveBy(1, false) },
    { does: s.keys.up, keys: ["k"], keyOnly: true, act: () => moveBy(-1, false) },
    { does: s.keys.down, keys: ["ArrowDown"], keyOnly: true, act: () => moveBy(1, true) },
    { does: s.keys.up, keys: ["ArrowUp"], keyOnly: true, act: () => moveBy(-1, true) },
    ...(may
      ? [
          { does: s.keys.select, keys: ["x"], keyOnly: true, act: () => (task ? select(active, false) : false) },
          { does: s.keys.selectRange, keys: ["X"], keyOnly: true, act: () => (task ? select(active, true) : false) },
        ]
      : []),
    { does: s.keys.peek, keys: [" "], keyOnly: true, act: look },
    { does: s.keys.leave, keys: ["Escape"], keyOnly: true, act: escape },
  ]);

  return (
    <Rows
      items={items}
      columns={query.cols}
      busy={props.busy}
      count={props.count}
      sort={sortOf(query)}
      setSort={(sort) => change({ sort: chosenSort(query.q, sort) })}
      may={may}
      selected={(key) => selection.has(key)}
      select={select}
      selectAll={() => {
        const keys = items.flatMap((item) => (item.kind === "task" ? [item.task.key] : []));
        if (keys.every((key) => selection.has(key))) selection.clear();
        else selection.add(keys, keys.at(-1) ?? "");
      }}
      opened={opened}
      active={active}
      activate={setActive}
      end={props.end}
      handle={handle}
    />
  );
}
