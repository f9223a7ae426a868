// Incidents and tasks: one query, which the address has, in four layouts.
import { Fragment, type JSX } from "preact";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { useActions } from "../../actions";
import { Problem, type Account, type Task, type TaskPage } from "../../api";
import { listRecords } from "../../api/records";
import { EmptyState } from "../../components/empty-state";
import { Failure } from "../../components/failure";
import { Icon, type IconName } from "../../components/icon";
import { Skeleton } from "../../components/skeleton";
import type { PageProps } from "../../lazy";
import { useChanges } from "../../live";
import { usePage } from "../../page";
import { knownPeople } from "../../people";
import { loadRecord } from "../../records";
import { mayWrite, writesAnywhere } from "../../rights";
import { tryLater } from "../../resource";
import { correct, href as hrefOf } from "../../router";
import { loadScopes, useScope, type ScopeNode } from "../../scope";
import { useStore } from "../../store";
import { s } from "../../strings/records";
import { Board } from "./board";
import { BulkDialog } from "./bulk";
import { Calendar } from "./calendar";
import { FilterLine } from "./filter-line";
import type { Sources } from "./filter-words";
import { useLatest } from "./latest";
import { ListLayout } from "./list";
import { setHeaded, useLists, type RecordList } from "./lists";
import { Matrix } from "./matrix";
import { Peek } from "./peek";
import {
  askQuery,
  emptyQuery,
  layouts,
  readQuery,
  readView,
  sameQuery,
  writeQuery,
  type Layout,
  type Query,
} from "./query";
import { Quick } from "./quick";
import { useSelection, type Selection } from "./selection";
import { Tools } from "./tools";
import { loadViews, views } from "./views";

const bulkAtMost = 1000;
const noScopes: readonly ScopeNode[] = [];
/** What happens within this time is looked at together. */
const newsPause = 400;

const icons: Record<Layout, IconName> = { list: "records", board: "board", calendar: "calendar", matrix: "matrix" };

export default function RecordsPage({ query: given, account }: PageProps): JSX.Element {
  const [scopes, setScopes] = useState<readonly ScopeNode[] | null>(null);
  const [scopeFailure, setScopeFailure] = useState<unknown>(null);
  const viewId = given.get("view") ?? "";
  const saved = useStore(views);
  const needsViews = viewId !== "" && saved === null;
  const load = (): void => {
    setScopeFailure(null);
    loadScopes().then(setScopes, (error: unknown) => {
      setScopeFailure(error);
      tryLater(error, load);
    });
    loadViews().catch((error: unknown) => needsViews && setScopeFailure(error));
  };
  useEffect(load, []);
  const heading = usePage(s.page, "records");
  useLayoutEffect(() => {
    setHeaded(true);
    return () => setHeaded(false);
  }, []);

  // What a place is must be known before its records can be asked for.
  const waits = needsViews || (scopes === null && (given.get("in") ?? "") !== "");
  return (
    <div class="page records-page">
      <h1 ref={heading} tabIndex={-1} class="unseen">
        {s.page}
      </h1>
      {scopeFailure !== null && waits && <Failure error={scopeFailure} retry={load} />}
      {waits ? (
        scopeFailure === null && <Skeleton />
      ) : (
        <Records given={given} account={account} known={scopes} viewId={viewId} />
      )}
    </div>
  );
}

interface RecordsProps {
  given: URLSearchParams;
  account: Account;
  /** Null while the places are not known. */
  known: readonly ScopeNode[] | null;
  viewId: string;
}

function Records({ given, account, known, viewId }: RecordsProps): JSX.Element {
  const scopes = known ?? noScopes;
  const saved = useStore(views);
  const view = saved?.find(({ id }) => id === viewId) ?? null;
  const base = useMemo(() => (view ? readView(view) : emptyQuery), [view]);
  const query = useMemo(() => {
    const read = readQuery(given, base);
    return { ...read, in: read.in.toUpperCase() };
  }, [given, base]);
  const isWorkspace = useCallback(
    (key: string): boolean => scopes.some((node) => node.key === key && node.kind === "workspace"),
    [scopes],
  );
  useScope(query.in);
  const filter = askQuery(query, isWorkspace).toString();
  const href = (to: Partial<Query>): string =>
    hrefOf(["todo"], writeQuery({ ...query, ...to }, base, view ? viewId : ""));
  const change = (to: Partial<Query>): void => correct(href(to));

  const flat = query.layout === "list" && query.group === "";
  /** What the layout shows. */
  const [lists, setLists] = useState<readonly RecordList[]>([]);
  const states = useLists(lists);
  const [news, setNews] = useState(0);
  const [counted, countError] = useLatest(flat ? "" : filter, flat ? 0 : news, async () =>
    flat ? null : listRecords(filter, { limit: 1, total: true }),
  );
  const state = flat ? states[0] : undefined;
  const total = (flat ? state?.total : counted?.total) ?? null;
  const error = flat ? (state?.error ?? null) : countError;
  const wrong = error instanceof Problem && error.status === 400;

  const selection = useSelection(`${query.layout} ${query.group} ${filter}`);
  const [bulk, setBulk] = useState(false);
  const [peeked, setPeeked] = useState<Task | null>(null);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setPeeked(null), [query.layout]);

  const waiting = useRef<{ keys: Set<string>; timer: number }>({ keys: new Set(), timer: 0 });
  const look = (keys: readonly string[]): void => {
    setNews((n) => n + 1);
    const read = (key: string): Promise<Task | null> => loadRecord(key).catch(() => null);
    for (const one of lists) one.look(keys, read).catch(() => {});
  };
  useChanges(
    (events) => {
      for (const { key, action } of events) if (action.startsWith("task.")) waiting.current.keys.add(key);
      if (waiting.current.keys.size === 0) return;
      clearTimeout(waiting.current.timer);
      waiting.current.timer = window.setTimeout(() => {
        const keys = [...waiting.current.keys];
        waiting.current.keys.clear();
        look(keys);
      }, newsPause);
    },
    () => loadAgain(),
  );
  useEffect(() => () => clearTimeout(waiting.current.timer), []);

  useActions(s.table, [
    { does: s.keys.filter, keys: ["f"], act: () => input.current?.focus() },
    ...layouts.map((layout) => ({
      does: `${s.layout}: ${s.layouts[layout]}`,
      act: () => void (location.hash = href({ layout })),
    })),
  ]);

  const within = scopes.filter(
    ({ kind, key }) => kind === "workspace" && (query.in === "" || `${key}-`.startsWith(`${query.in}-`)),
  );
  const reported = within.filter(({ key }) => mayWrite(account, key));
  const sources: Sources = {
    filter: askQuery({ ...query, q: "", rest: [] }, isWorkspace).toString(),
    workspaces: within,
    domains: scopes.filter(({ kind }) => kind === "domain").map(({ key }) => key),
    people: knownPeople,
    seen: (member) => [...new Set(states.flatMap(({ rows }) => rows.flatMap((task) => task[member])))],
  };
  const differs = !sameQuery(query, base);
  /** The list says itself that there is nothing; what is wrong is said by the filter line. */
  const layout = wrong || query.layout === "list" ? null : total === 0 ? "" : query.layout;
  const narrowed = query.q !== "" || query.rest.length > 0;
  // What has only gone from one list to another is shown already.
  const fresh = new Set(states.flatMap((one) => [...one.fresh]));
  if (fresh.size > 0) for (const { rows } of states) for (const { key } of rows) fresh.delete(key);
  const meant = flat ? state?.meant : counted?.didYouMean;
  const empty = <Empty account={account} narrowed={narrowed} meant={meant} change={change} />;
  const loadAgain = (): void => {
    for (const one of lists) one.reload();
    setNews((n) => n + 1);
  };

  return (
    <>
      <div class="line records-head">
        <nav class="segments" aria-label={s.layout}>
          {layouts.map((layout) => (
            <a
              key={layout}
              href={href({ layout })}
              aria-current={layout === query.layout ? "page" : undefined}
              title={s.layouts[layout]}
            >
              <Icon name={icons[layout]} />
              <span>{s.layouts[layout]}</span>
            </a>
          ))}
        </nav>
        <p class="count" role="status">
          {total !== null
            ? s.count(total)
            : state && !state.blank && state.rows.length > 0
              ? `≥ ${s.count(state.rows.length)}`
              : ""}
        </p>
        <div class="head-actions">
          <Tools
            account={account}
            query={query}
            base={base}
            view={view}
            differs={differs}
            filter={filter}
            change={change}
            isWorkspace={isWorkspace}
          />
        </div>
      </div>
      <FilterLine query={query} change={change} input={input} sources={sources} error={error} />
      {viewId !== "" && view === null && <p class="note">{s.viewGone}</p>}
      {view !== null && view.problem !== null && <p class="note">{s.viewProblem(view.problem)}</p>}
      {/* It keeps its place until the workspaces are known, so that nothing moves when they are. */}
      {known === null && query.layout !== "matrix" && writesAnywhere(account) && <div class="quick" />}
      {query.layout !== "matrix" && reported.length > 0 && (
        <Quick account={account} workspaces={reported} added={loadAgain} />
      )}
      {fresh.size > 0 && (
        <button
          type="button"
          class="fresh"
          onClick={() => {
            loadAgain();
            scrollTo(0, 0);
          }}
        >
          <Icon name="up" />
          {s.fresh(fresh.size)}
        </button>
      )}
      {query.layout === "list" && (
        <div hidden={wrong}>
          <ListLayout
            query={query}
            filter={filter}
            change={change}
            selection={selection}
            may={known === null ? writesAnywhere(account) : reported.length > 0}
            empty={empty}
            peek={setPeeked}
            peeking={peeked !== null}
            news={news}
            show={setLists}
          />
          {peeked && <Peek key={peeked.key} taskKey={peeked.key} close={() => setPeeked(null)} opened={() => {}} />}
        </div>
      )}
      {layout === "" && empty}
      {layout === "board" && (
        <Board account={account} query={query} filter={filter} href={href} news={news} show={setLists} />
      )}
      {layout === "calendar" && (
        <Calendar account={account} query={query} filter={filter} change={change} news={news} />
      )}
      {layout === "matrix" && (
        <Matrix query={query} filter={filter} href={href} news={news} empty={empty} />
      )}
      {selection.count > 0 && query.layout === "list" && (
        <SelectionBar selection={selection} total={total} change={() => setBulk(true)} />
      )}
      {bulk && (
        <BulkDialog
          chosen={
            selection.all ? { filter: filter === "" ? "open=true&open=false" : filter } : { keys: [...selection.keys] }
          }
          count={selection.count}
          workspace={
            within.find(({ key }) => [...selection.keys].some((one) => one.startsWith(`${key}-`)))?.key ??
            within[0]?.key ??
            ""
          }
          workspaces={reported}
          close={() => setBulk(false)}
          done={loadAgain}
        />
      )}
    </>
  );
}

interface EmptyProps {
  account: Account;
  narrowed: boolean;
  /** What finds something instead. */
  meant: TaskPage["didYouMean"];
  change: (to: Partial<Query>) => void;
}

function Empty({ account, narrowed, meant, change }: EmptyProps): JSX.Element {
  if (narrowed)
    return (
      <EmptyState title={s.noMatch}>
        {meant?.map(({ q }) => (
          <Fragment key={q}>
            <button type="button" class="button primary" onClick={() => change({ q })}>
              {s.use(q)}
            </button>{" "}
          </Fragment>
        ))}
        <button type="button" class="button" onClick={() => change({ q: "", rest: [] })}>
          <Icon name="close" />
          {s.clearFilter}
        </button>
      </EmptyState>
    );
  if (account.roles.length === 0 && !account.admin)
    return <EmptyState title={s.noRole} text={s.noRoleHint(account.email)} />;
  return (
    <EmptyState title={s.empty}>
      {writesAnywhere(account) && (
        <a class="button primary" href="#/new">
          {s.emptyNew}
        </a>
      )}{" "}
      <a class="button" href="../docs">
        {s.emptyApi}
      </a>
    </EmptyState>
  );
}

function SelectionBar({
  selection,
  total,
  change,
}: {
  selection: Selection;
  total: number | null;
  change: () => void;
}): JSX.Element {
  const many = selection.count > bulkAtMost;
  return (
    <div class="selection-bar" role="region" aria-label={s.selected(selection.count)}>
      <strong>{s.selected(selection.count)}</strong>
      {!selection.all && total !== null && total > selection.count && (
        <button type="button" class="button quiet" onClick={() => selection.takeAll(total)}>
          {s.selectMatching(total)}
        </button>
      )}
      {many && <span class="fault-text">{s.tooMany(bulkAtMost)}</span>}
      <button type="button" class="button primary" aria-disabled={many} onClick={() => many || change()}>
        {s.change}
      </button>
      <button type="button" class="button quiet" onClick={() => selection.clear()}>
        {s.clearSelection}
      </button>
    </div>
  );
}
