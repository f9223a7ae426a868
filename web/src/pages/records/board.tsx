// The board: a column for each status, its cards ordered by rule. Nobody orders cards by hand, so nobody
// undoes somebody else's order. Cards move by pointer, by Shift with the arrow keys, and by a menu.
import type { JSX } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { useActions } from "../../actions";
import { levels, type Account, type Status, type Task } from "../../api";
import { countRecords } from "../../api/records";
import { LevelMark, StatusBadge, statusIcons, TypeBadge } from "../../components/badge";
import { grouped } from "../../components/choices";
import { Failure } from "../../components/failure";
import { Icon } from "../../components/icon";
import { Menu, type MenuItem } from "../../components/menu";
import { Person } from "../../components/person";
import { formatCount } from "../../format";
import { patchRecord, prefetchRecord, recordOf, useRecords } from "../../records";
import { mayWrite } from "../../rights";
import { recordHref } from "../../router";
import { s } from "../../strings/records";
import { s as shared, statusName } from "../../strings/shared";
import { toast } from "../../toast";
import { DueDay } from "./cells";
import { useDrag } from "./drag";
import { refusal } from "./refusal";
import { afterHeading, openList, rememberPlace, takePlace, useLists, useShown, type RecordList } from "./lists";
import { askAlso, type Query } from "./query";
import { useLatest } from "./latest";

/** Open ones first, as they go on. */
const columnsOf: readonly Status[] = ["To do", "In Progress", "Expired", "Done"];
const closedAtMost = 50;

/** Overdue, then the next due date, then the priority. */
function order(a: Task, b: Task): number {
  const rank = (task: Task): number => (task.priority === null ? levels.length : levels.indexOf(task.priority));
  return (
    Number(b.overdue) - Number(a.overdue) ||
    (a.dueDate ?? "9").localeCompare(b.dueDate ?? "9") ||
    rank(a) - rank(b) ||
    b.createdAt.localeCompare(a.createdAt)
  );
}

interface BoardProps {
  account: Account;
  query: Query;
  filter: string;
  href: (to: Partial<Query>) => string;
  /** Greater whenever something has happened. */
  news: number;
  show: (lists: readonly RecordList[]) => void;
}

export function Board({ account, query, filter, href, news, show }: BoardProps): JSX.Element {
  const lists = useMemo(
    () =>
      columnsOf.map((status) => {
        const column = askAlso(new URLSearchParams(filter), `status:"${status}"`);
        column.set("sort", status === "Done" ? "-updated" : "dueDate");
        return openList(column.toString(), status === "Done" ? closedAtMost : undefined);
      }),
    [filter],
  );
  useShown(show, lists);
  const states = useLists(lists);
  const [counts] = useLatest(filter, news, () => countRecords(filter, "status"));
  const loaded = states.flatMap(({ rows }) => rows);
  useRecords(loaded.map(({ key }) => key));
  // A card is where its record says, also while the change is on its way.
  const cards = new Map<string, Task>();
  for (const task of loaded) cards.set(task.key, recordOf(task.key) ?? task);
  const columns = columnsOf.map((status) => {
    const own = [...cards.values()].filter((task) => task.status === status).sort(order);
    return status === "Done"
      ? own.sort((a, b) => (b.closedAt ?? "9").localeCompare(a.closedAt ?? "9")).slice(0, closedAtMost)
      : own;
  });
  const may = (task: Task): boolean => mayWrite(account, task.workspace);
  const place = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState("");
  /** The card that takes the focus once it is in its column. */
  const wanted = useRef({ key: "", status: "" });

  const focusWanted = (): void => {
    // A card that moved takes the focus along.
    const { key, status } = wanted.current;
    const within = status === "" ? "" : `[data-status="${status}"] `;
    const link =
      key === "" ? null : place.current?.querySelector<HTMLElement>(`${within}a[data-key="${CSS.escape(key)}"]`);
    if (!link) return;
    wanted.current = { key: "", status: "" };
    link.focus();
    link.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  useLayoutEffect(() => {
    const back = takePlace(`board ${filter}`);
    if (back === null) return;
    afterHeading(() => {
      scrollTo(0, back.top);
      wanted.current = { key: back.key, status: "" };
      focusWanted();
    });
  }, []);
  useLayoutEffect(focusWanted);

  const move = async (key: string, status: Status): Promise<void> => {
    const task = cards.get(key);
    if (!task || !may(task) || task.status === status) return;
    wanted.current = { key, status };
    try {
      const outcome = await patchRecord(key, { status }, s.moved(key, statusName(status)));
      if (outcome.state === "done") return;
      wanted.current = { key, status: "" };
      toast(s.movedBack(key, statusName(outcome.conflict.current.status)));
    } catch (error) {
      wanted.current = { key, status: "" };
      toast(refusal(key, error));
    }
  };
  const dragging = useDrag(
    place,
    "[data-card]",
    "[data-status]",
    (card, target) => void move(card.dataset["card"] ?? "", (target.dataset["status"] ?? "") as Status),
  );

  const step = (column: number, row: number): boolean => {
    const keys = columns.map((own) => own.map(({ key }) => key));
    const from = keys.findIndex((own) => own.includes(at));
    if (!place.current?.contains(document.activeElement) && document.activeElement !== document.body) return false;
    const first = keys.find((own) => own.length > 0)?.[0] ?? "";
    let to = first;
    if (from >= 0 && column === 0) {
      const own = keys[from] ?? [];
      to = own[Math.min(Math.max(own.indexOf(at) + row, 0), own.length - 1)] ?? first;
    } else if (from >= 0) {
      // The next column with cards, at the same height.
      let next = from + column;
      while (keys[next]?.length === 0) next += column;
      const own = keys[next] ?? keys[from] ?? [];
      to = own[Math.min(keys[from]?.indexOf(at) ?? 0, own.length - 1)] ?? first;
    }
    place.current?.querySelector<HTMLElement>(`a[data-key="${CSS.escape(to)}"]`)?.focus();
    return true;
  };
  const shift = (by: number): boolean => {
    const task = cards.get(at);
    if (!task || document.activeElement?.getAttribute("data-key") !== at) return false;
    const status = columnsOf[columnsOf.indexOf(task.status) + by];
    if (status !== undefined) void move(at, status);
    return true;
  };
  const openMenu = (): boolean => {
    const card = document.activeElement?.closest("[data-card]");
    card?.querySelector<HTMLElement>("[popovertarget]")?.click();
    return card !== null;
  };
  useActions(s.layouts.board, [
    { does: s.keys.down, keys: ["j", "ArrowDown"], keyOnly: true, act: () => step(0, 1) },
    { does: s.keys.up, keys: ["k", "ArrowUp"], keyOnly: true, act: () => step(0, -1) },
    { does: s.keys.left, keys: ["h", "ArrowLeft"], keyOnly: true, act: () => step(-1, 0) },
    { does: s.keys.right, keys: ["l", "ArrowRight"], keyOnly: true, act: () => step(1, 0) },
    { does: s.keys.status, keys: ["s"], act: openMenu },
  ]);

  const failed = states.find(({ error, rows }) => error !== null && rows.length === 0);
  if (failed) return <Failure error={failed.error} retry={() => lists.forEach((list) => list.reload())} />;
  return (
    <div class="stack">
      {loaded.some(may) && <p class="hint wide-only">{s.boardHint}</p>}
      <div
        class="board"
        ref={place}
        onKeyDown={(event) => {
          if (!event.shiftKey || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
          if (shift(event.key === "ArrowLeft" ? -1 : 1)) event.preventDefault();
        }}
      >
        {columnsOf.map((status, i) => {
          const state = states[i];
          const own = columns[i] ?? [];
          const count =
            counts?.find((cell) => cell["status"] === status)?.count ?? (counts ? 0 : (state?.total ?? null));
          const hidden = (count ?? 0) > own.length;
          return (
            <section key={status} class="board-column" data-status={status} aria-label={statusName(status)}>
              <h2 class="line">
                <StatusBadge status={status} />{" "}
                <span class="count">{count === null ? "" : formatCount(count)}</span>
              </h2>
              <ul>
                {own.map((task) => (
                  <Card
                    key={task.key}
                    task={task}
                    may={may(task)}
                    move={(to) => void move(task.key, to)}
                    focused={() => setAt(task.key)}
                    opened={() =>
                      rememberPlace(
                        `board ${filter}`,
                        { top: scrollY, key: task.key },
                        own.map(({ key }) => key),
                      )
                    }
                    dragging={dragging === task.key}
                  />
                ))}
              </ul>
              {own.length === 0 && <p class="hint">{state?.blank ? shared.loading : s.boardEmpty}</p>}
              {hidden && (
                <p class="line hint">
                  <span>{s.boardMore(own.length, count ?? 0)}</span>
                  {status !== "Done" && state?.next !== undefined && (
                    <button
                      type="button"
                      class="button quiet"
                      aria-disabled={state.loading}
                      onClick={() => lists[i]?.more()}
                    >
                      {s.more}
                    </button>
                  )}
                  <a
                    href={href({
                      layout: "list",
                      q: askAlso(new URLSearchParams({ q: query.q }), `status:"${status}"`).get("q") ?? "",
                    })}
                  >
                    {s.boardAll}
                  </a>
                </p>
              )}
            </section>
          );
        })}
      </div>
    </div>
  );
}

interface CardProps {
  task: Task;
  may: boolean;
  move: (to: Status) => void;
  focused: () => void;
  opened: () => void;
  dragging: boolean;
}

function Card({ task, may, move, focused, opened, dragging }: CardProps): JSX.Element {
  return (
    <li
      class={dragging ? "board-card dragged" : "board-card"}
      data-card={may ? task.key : undefined}
      onPointerEnter={() => prefetchRecord(task.key)}
    >
      <p class="key between">
        <span>{task.key}</span>
        {may && (
          <Menu
            button={<Icon name="more" />}
            label={s.moveCard(task.key)}
            look="button tiny"
            items={grouped<MenuItem>(
              s.moveTo,
              columnsOf
                .filter((status) => status !== task.status)
                .map((status) => ({ name: statusName(status), icon: statusIcons[status], act: () => move(status) })),
            )}
          />
        )}
      </p>
      <a
        href={recordHref(task.key)}
        data-key={task.key}
        class="clamp"
        dir="auto"
        draggable={false}
        onFocus={focused}
        onClick={opened}
        title={task.title}
      >
        {task.title}
      </a>
      <p class="line hint">
        <TypeBadge type={task.todoType} />
        {task.priority && <LevelMark level={task.priority} />}
        {task.dueDate && <DueDay task={task} />}
        <span class="cut">
          <Person email={task.assignee} />
        </span>
      </p>
    </li>
  );
}
