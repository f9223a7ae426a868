// Incidents and tasks, newest first, narrowed by filters that live in the address.
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useActions } from "../actions";
import { announce } from "../announce";
import { EmptyList } from "../components/empty-list";
import { Failure } from "../components/failure";
import { FilterBar } from "../components/filter-bar";
import { Icon } from "../components/icon";
import { Skeleton } from "../components/skeleton";
import { TaskTable } from "../components/task-table";
import { askFilter, listHref, readFilter, type Filter } from "../filter";
import type { PageProps } from "../lazy";
import { usePage } from "../page";
import { correct } from "../router";
import { s } from "../strings/list";
import { s as shared } from "../strings/shared";
import { rememberOpened, takeOpened, useTaskList } from "../task-list";

/** Moves the focus from record to record; false when it is busy elsewhere. */
function moveBy(table: HTMLTableElement | null, by: number, arrow: boolean): boolean {
  const links = [...(table?.querySelectorAll<HTMLAnchorElement>("a[data-key]") ?? [])];
  const active = document.activeElement;
  const at = links.findIndex((link) => link === active);
  // An arrow scrolls the page as ever when the focus is on some other control.
  const elsewhere = at < 0 && active !== document.body && active?.tagName !== "H1";
  if (links.length === 0 || (arrow && elsewhere)) return false;
  const to = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1);
  links[to]?.focus();
  return true;
}

export function ListPage({ query, scope, account }: PageProps): JSX.Element {
  const filter = { ...readFilter(query), in: scope };
  const { list, more, refresh } = useTaskList(askFilter(filter, account.email));
  const heading = usePage(s.page, "list");
  const table = useRef<HTMLTableElement>(null);
  const tagInput = useRef<HTMLInputElement>(null);
  const tagWanted = useRef(false);
  const [open, setOpen] = useState(false);

  useLayoutEffect(() => {
    if (open && tagWanted.current) tagInput.current?.focus();
    tagWanted.current = false;
  }, [open]);

  const change = (to: Filter): void => correct(listHref({ ...to, in: scope }));

  useActions(s.keys, [
    { does: s.moveDown, keys: ["j"], act: () => moveBy(table.current, 1, false), keyOnly: true },
    { does: s.moveUp, keys: ["k"], act: () => moveBy(table.current, -1, false), keyOnly: true },
    { does: s.moveDown, keys: ["ArrowDown"], act: () => moveBy(table.current, 1, true), keyOnly: true },
    { does: s.moveUp, keys: ["ArrowUp"], act: () => moveBy(table.current, -1, true), keyOnly: true },
    {
      does: s.filter,
      keys: ["f"],
      act: () => {
        tagInput.current?.focus();
        if (document.activeElement === tagInput.current) return;
        // The panel is folded: once it is not, and before the next key is typed.
        tagWanted.current = true;
        setOpen(true);
      },
    },
  ]);

  useLayoutEffect(() => {
    // Back from a record: the focus goes to where it was opened.
    const opened = takeOpened();
    if (opened === null) return;
    table.current?.querySelector<HTMLElement>(`a[data-key="${CSS.escape(opened)}"]`)?.focus();
  }, []);

  const count = list.tasks.length;
  const unfinished = list.next !== undefined;
  useEffect(() => {
    if (!list.loading && list.error === null) announce(s.announce(count, unfinished));
  }, [list]);

  // A button that goes away with the last page leaves the focus on the first record that it brought.
  const focusAt = useRef<number | null>(null);
  useEffect(() => {
    if (list.loading || focusAt.current === null) return;
    const links = table.current?.querySelectorAll<HTMLElement>("a[data-key]");
    if (document.activeElement === document.body) links?.[focusAt.current]?.focus();
    focusAt.current = null;
  }, [list]);

  const loadMore = (): void => {
    if (list.loading) return;
    focusAt.current = count;
    more();
  };

  return (
    <div class="page list-page">
      <div class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {s.heading}
        </h1>
        <p class="count">{count > 0 ? s.shown(count, unfinished) : list.loading && shared.loading}</p>
        <button
          type="button"
          class="button quiet"
          aria-disabled={list.loading}
          onClick={() => list.loading || refresh()}
        >
          <Icon name="refresh" />
          {s.refresh}
        </button>
      </div>
      <FilterBar filter={filter} change={change} tagInput={tagInput} open={open} setOpen={setOpen} />
      {count > 0 && <TaskTable tasks={list.tasks} busy={list.loading} table={table} opened={rememberOpened} />}
      {count === 0 && list.loading && <Skeleton />}
      {count === 0 && !list.loading && list.error === null && !unfinished && (
        <EmptyList account={account} filter={filter} change={change} />
      )}
      {list.error !== null && <Failure error={list.error} retry={more} />}
      {unfinished && list.error === null && (count > 0 || !list.loading) && (
        <div class="more">
          {count === 0 && <p>{s.paused}</p>}
          <button type="button" class="button" aria-disabled={list.loading} onClick={loadMore}>
            {list.loading ? s.searching : count === 0 ? s.searchOn : s.more}
          </button>
        </div>
      )}
    </div>
  );
}
