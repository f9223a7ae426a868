// The table: rows of records, and heads of groups between them. Only what is near the screen is in the
// document; a table that is laid out in another way needs its roles written out.
import type { JSX } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Task } from "../../api";
import { Icon } from "../../components/icon";
import { formatCount } from "../../format";
import { useMedia } from "../../media";
import { prefetchRecord, recordOf, useRecords } from "../../records";
import { go, recordHref } from "../../router";
import { columnName, s } from "../../strings/records";
import { cellOf } from "./cells";
import { sortColumns, sorts, type Column } from "./query";
import { useWindow } from "./window";

export type Item =
  | { kind: "task"; task: Task; fresh?: boolean; gone?: boolean }
  | {
      kind: "head";
      id: string;
      label: JSX.Element;
      count: number;
      eur: string;
      open: boolean;
      toggle: () => void;
    }
  | { kind: "more"; id: string; label: string; load: () => void; busy: boolean };

/** In rem: a row of the table, a card on a narrow screen, and a head of a group. */
const heights = { row: 2.75, card: 5.75, head: 2.75 };

const widths: Partial<Record<Column, string>> = {
  title: "minmax(14rem, 3fr)",
  todoType: "3.75rem",
  status: "9.25rem",
  priority: "6.25rem",
  impact: "6.25rem",
  likelihood: "6.25rem",
  dueDate: "9.5rem",
  createdAt: "7.5rem",
  updatedAt: "7.5rem",
  closedAt: "7.5rem",
  reminderDate: "7.5rem",
  financialImpact: "8.5rem",
  commentCount: "6.5rem",
};

/** How a column is sorted: what comes first is usual for it, the next days that are due and else the most. */
function sortsOf(column: Column): string[] {
  const name = sorts.find((one) => sortColumns[one] === column);
  const both = name === undefined ? [] : [name, `-${name}`];
  return name === "dueDate" ? both : both.reverse();
}

interface HeadProps {
  columns: readonly Column[];
  sort: string;
  setSort: (sort: string) => void;
  all: boolean;
  selectAll: () => void;
  may: boolean;
}

function Head({ columns, sort, setSort, all, selectAll, may }: HeadProps): JSX.Element {
  return (
    <thead role="rowgroup">
      <tr role="row" aria-rowindex={1}>
        <th role="columnheader" scope="col" class="cell-select">
          {may && (
            <input type="checkbox" aria-label={s.selectAll} title={s.selectAll} checked={all} onChange={selectAll} />
          )}
        </th>
        {columns.map((column) => {
          const [first, second] = sortsOf(column);
          const name = columnName(column);
          const sorted = sort === first || sort === second;
          const direction = !sorted ? undefined : sort.startsWith("-") ? "descending" : "ascending";
          return (
            <th
              key={column}
              role="columnheader"
              scope="col"
              class={`cell-${column}`}
              {...(direction && { "aria-sort": direction })}
            >
              {first !== undefined && second !== undefined ? (
                <button
                  type="button"
                  class="sorter"
                  title={s.sortBy(name)}
                  onClick={() => setSort(sort === first ? second : first)}
                >
                  {name}
                  {direction && <Icon name={direction === "ascending" ? "up" : "down"} />}
                </button>
              ) : (
                name
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

interface RowProps {
  item: Extract<Item, { kind: "task" }>;
  index: number;
  top: number;
  columns: readonly Column[];
  selected: boolean;
  active: boolean;
  may: boolean;
  select: (index: number, range: boolean) => void;
  opened: (key: string) => void;
  activate: (index: number) => void;
}

function Row({ item, index, top, columns, selected, active, may, select, opened, activate }: RowProps): JSX.Element {
  // What somebody changes shows at once, here as everywhere.
  useRecords([item.task.key]);
  const kept = recordOf(item.task.key);
  const task = kept !== undefined && kept.version >= item.task.version ? kept : item.task;
  const timer = useRef(0);
  const prefetch = (): void => {
    timer.current = window.setTimeout(() => prefetchRecord(task.key), 65);
  };
  const clicked = (event: MouseEvent): void => {
    // The whole row leads to its record; selecting text in it does not, nor does a control in it.
    if (event.target instanceof Element && event.target.closest("a, input, label")) return;
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (getSelection()?.toString()) return;
    opened(task.key);
    go(recordHref(task.key));
  };
  const look = ["row", selected && "selected", active && "active", item.gone && "gone"].filter(Boolean).join(" ");
  return (
    <tr
      role="row"
      class={look}
      aria-rowindex={index + 2}
      style={{ transform: `translateY(${top}px)` }}
      title={item.gone ? s.goneHint : undefined}
      onClick={clicked}
      onPointerEnter={prefetch}
      onPointerLeave={() => clearTimeout(timer.current)}
    >
      <td role="cell" class="cell-select">
        {may && (
          <label>
            <input
              type="checkbox"
              aria-label={s.select(task.key)}
              checked={selected}
              onClick={(event) => select(index, event.shiftKey)}
            />
          </label>
        )}
      </td>
      {columns.map((column) =>
        column === "title" ? (
          <th key={column} role="rowheader" scope="row" class="cell-title">
            <a
              class="clamp"
              href={recordHref(task.key)}
              data-key={task.key}
              dir="auto"
              title={task.title}
              onClick={() => opened(task.key)}
              onFocus={() => {
                activate(index);
                prefetch();
              }}
              onBlur={() => clearTimeout(timer.current)}
            >
              {task.title}
            </a>
          </th>
        ) : (
          <td key={column} role="cell" class={`cell-${column}${hasValue(task, column) ? "" : " cell-empty"}`}>
            <span class="cell-label">{columnName(column)} </span>
            {cellOf(task, column)}
          </td>
        ),
      )}
    </tr>
  );
}

function hasValue(task: Task, column: Column): boolean {
  const value: unknown = task[column];
  return value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
}

export interface RowsHandle {
  /** Brings a row onto the screen and gives its link the focus. */
  focus: (index: number) => void;
  table: HTMLTableElement | null;
}

interface RowsProps {
  items: readonly Item[];
  columns: readonly Column[];
  busy: boolean;
  /** How many rows there are in all, loaded or not; -1 if that is not known. */
  count: number;
  sort: string;
  setSort: (sort: string) => void;
  selected: (key: string) => boolean;
  /** May some of them be selected? */
  may: boolean;
  select: (index: number, range: boolean) => void;
  selectAll: () => void;
  opened: (key: string) => void;
  active: number;
  activate: (index: number) => void;
  /** The end of what is loaded is near the screen. */
  end: () => void;
  handle: { current: RowsHandle | null };
}

export function Rows(props: RowsProps): JSX.Element {
  const { items, columns, selected } = props;
  const table = useRef<HTMLTableElement>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const cards = useMedia("(width < 66rem)");
  const rem = useMemo(() => parseFloat(getComputedStyle(document.documentElement).fontSize) || 16, []);
  const tops = useMemo(() => {
    const all = [0];
    let top = 0;
    for (const { kind } of items) {
      top += rem * (kind !== "task" ? heights.head : cards ? heights.card : heights.row);
      all.push(top);
    }
    return all;
  }, [items, cards, rem]);
  const shown = useWindow(body, tops);
  const wanted = useRef<string | null>(null);

  const keyAt = (index: number): string => {
    const item = items[index];
    return item === undefined ? "" : item.kind === "task" ? item.task.key : item.id;
  };
  props.handle.current = {
    table: table.current,
    focus: (index) => {
      const top = tops[index];
      const element = body.current;
      if (top === undefined || !element) return;
      wanted.current = keyAt(index);
      props.activate(index);
      const box = element.getBoundingClientRect();
      const height = (tops[index + 1] ?? top) - top;
      const above = box.top + top - 8 * rem;
      const below = box.top + top + height + 5 * rem - innerHeight;
      if (above < 0) scrollBy(0, above);
      else if (below > 0) scrollBy(0, below);
      focusWanted();
    },
  };
  const focusWanted = (): void => {
    if (wanted.current === null) return;
    const row = body.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(wanted.current)}"]`);
    if (!row) return;
    wanted.current = null;
    row.focus({ preventScroll: true });
  };
  useLayoutEffect(focusWanted);
  useLayoutEffect(() => {
    if (shown.end >= items.length - 1) props.end();
  }, [shown, items]);

  // The row with the focus stays in the document, however far one scrolls, or the focus would be lost.
  const indexes = [];
  for (let index = shown.first; index < Math.min(shown.end, items.length); index += 1) indexes.push(index);
  if (props.active >= 0 && props.active < items.length && !indexes.includes(props.active)) indexes.push(props.active);

  // Of a key every letter counts, its last ones most.
  const letters = useMemo(
    () =>
      Math.min(
        32,
        items.reduce((n, item) => (item.kind === "task" ? Math.max(n, item.task.key.length) : n), 8),
      ),
    [items],
  );
  const widthOf = (column: Column): string =>
    column === "key" ? `${letters * 0.5 + 1.25}rem` : (widths[column] ?? "minmax(8rem, 1fr)");
  const template = ["2.25rem", ...columns.map(widthOf)].join(" ");
  const all = items.length > 0 && items.every((item) => item.kind !== "task" || selected(item.task.key));
  return (
    <div class="rows-frame">
      <table
        role="table"
        class="tasks"
        ref={table}
        aria-label={s.table}
        aria-busy={props.busy}
        aria-rowcount={props.count < 0 ? -1 : props.count + 1}
        style={cards ? {} : { "--columns": template }}
      >
        <Head
          columns={columns}
          sort={props.sort}
          setSort={props.setSort}
          all={all}
          selectAll={props.selectAll}
          may={props.may}
        />
        <tbody role="rowgroup" ref={body} style={{ height: `${tops.at(-1) ?? 0}px` }}>
          {indexes.map((index) => {
            const item = items[index];
            const top = tops[index] ?? 0;
            if (item === undefined) return null;
            if (item.kind === "task")
              return (
                <Row
                  key={item.task.key}
                  item={item}
                  index={index}
                  top={top}
                  columns={columns}
                  selected={selected(item.task.key)}
                  active={index === props.active}
                  may={props.may}
                  select={props.select}
                  opened={props.opened}
                  activate={props.activate}
                />
              );
            return (
              <tr
                key={item.id}
                role="row"
                class={item.kind}
                aria-rowindex={index + 2}
                style={{ transform: `translateY(${top}px)` }}
              >
                <td role="cell" colSpan={columns.length + 1}>
                  {item.kind === "head" ? (
                    <button
                      type="button"
                      class="group-head"
                      data-key={item.id}
                      aria-expanded={item.open}
                      onClick={item.toggle}
                      onFocus={() => props.activate(index)}
                    >
                      <Icon name={item.open ? "down" : "right"} />
                      <span class="cut">{item.label}</span>
                      <span class="count">{formatCount(item.count)}</span>
                      {item.eur !== "" && <span class="group-eur">{item.eur}</span>}
                    </button>
                  ) : (
                    <button
                      type="button"
                      class="button quiet"
                      data-key={item.id}
                      aria-disabled={item.busy}
                      onClick={item.load}
                    >
                      {item.label}
                    </button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
