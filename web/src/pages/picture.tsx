// Where we stand: numbers that each open the list that they count.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useActions } from "../actions";
import { countBy, sumCount, sumEur, totalOf, type Cell, type Filter, type Stats } from "../api/stats";
import { Bars, type BarNumber, type BarRow } from "../components/bars";
import { DateField } from "../components/date-field";
import { Select } from "../components/entry";
import { EmptyState } from "../components/empty-state";
import { Failure } from "../components/failure";
import { Flow, type FlowPart } from "../components/flow";
import { PageHead } from "../components/page-head";
import { Person } from "../components/person";
import { Skeleton } from "../components/skeleton";
import { Moment } from "../components/when";
import { addDays, todayIn } from "../dates";
import { formatCount, formatDay, formatMoneyRound } from "../format";
import type { PageProps } from "../lazy";
import { locale } from "../language";
import { useNews } from "../news";
import { usePage } from "../page";
import {
  isPreset,
  partsOf,
  presetPeriod,
  presets,
  quarterOf,
  readPeriod,
  within,
  type Period,
  type Preset,
  type Unit,
} from "../period";
import { correct, go, href } from "../router";
import { scopeQuery, useScope } from "../scope";
import { s } from "../strings/picture";
import { useLatest } from "./records/latest";
import { Levels } from "./records/matrix";
import { usualColumns, type Column } from "./records/query";

// ---- what is asked ----

const open = { open: "true" } as const;
const overdue = { overdue: "true" } as const;
const withAmount = { open: "true", minFinancialImpact: "0.01" } as const;
const movedFilters = ["moved:1", "moved:2", "moved:>2"].map((q) => ({ open: "true", q }));
const soonFilter = (today: string): Filter => ({ open: "true", overdue: "false", dueBefore: addDays(today, 8) });

/** Days ago, from the youngest; the last one has no end. */
function ageFilters(today: string): Filter[] {
  const ends = [7, 30, 90, 365].map((days) => addDays(today, 1 - days));
  return [...ends, null].map((after, i) => ({
    ...open,
    ...(after !== null && { createdAfter: after }),
    ...(i > 0 && { createdBefore: ends[i - 1]! }),
  }));
}

interface Now {
  asOf: string;
  people: Cell[];
  late: Cell[];
  soon: number;
  amounts: Cell[];
  categories: Cell[];
  workspaces: Cell[];
  matrix: Cell[];
  ages: Cell[][];
  moves: Cell[][];
}

async function loadNow(scope: string, today: string): Promise<Now> {
  const place = await scopeQuery(scope);
  const count = (by: string, filter: Filter): Promise<Stats> => countBy(by, { ...place, ...filter });
  const cells = async (by: string, filter: Filter = open): Promise<Cell[]> => (await count(by, filter)).cells;
  const each = (filters: readonly Filter[]): Promise<Cell[][]> =>
    Promise.all(filters.map((filter) => cells("todoType", filter)));
  const [people, late, soon, amounts, categories, workspaces, matrix, ages, moves] = await Promise.all([
    count("assignee", open),
    cells("assignee", overdue),
    totalOf({ ...place, ...soonFilter(today) }),
    cells("todoType", withAmount),
    cells("category"),
    cells("workspace"),
    cells("impact,likelihood"),
    each(ageFilters(today)),
    each(movedFilters),
  ]);
  return { asOf: people.asOf, people: people.cells, late, soon, amounts, categories, workspaces, matrix, ages, moves };
}

interface Then {
  closed: Cell | undefined;
  sources: Cell[];
  unit: Unit;
  parts: (Period & { reported: number; closed: number })[];
}

async function loadThen(scope: string, period: Period, today: string): Promise<Then> {
  const place = await scopeQuery(scope);
  const { unit, parts } = partsOf(period, today);
  const [closed, sources, ...counts] = await Promise.all([
    countBy("status", { ...place, ...within("closed", period) }),
    countBy("source", { ...place, ...within("created", period) }),
    ...parts.map(async (part) => ({
      ...part,
      reported: await totalOf({ ...place, ...within("created", part) }),
      closed: await totalOf({ ...place, ...within("closed", part) }),
    })),
  ]);
  return { closed: closed.cells[0], sources: sources.cells, unit, parts: counts };
}

// ---- how it is shown ----

const text = (cell: Cell, member: string): string => {
  const value = (cell as Record<string, unknown>)[member];
  return typeof value === "string" ? value : "";
};
const byEur = (a: Cell, b: Cell): number => Number(b.financialImpact) - Number(a.financialImpact) || b.count - a.count;
const byCount = (a: Cell, b: Cell): number => b.count - a.count;
const dayShort = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" });
const monthShort = new Intl.DateTimeFormat(locale, { month: "short", timeZone: "UTC" });

/** Days to a tenth: nobody plans by less. */
const daysOf = (days: number | null | undefined): string =>
  days == null ? "–" : formatCount(Math.round(days * 10) / 10);

function shortOf(unit: Unit, day: string): string {
  const time = Date.parse(day);
  return unit === "year" ? day.slice(0, 4) : unit === "month" ? monthShort.format(time) : dayShort.format(time);
}

export default function PicturePage({ query, scope }: PageProps): JSX.Element {
  const today = todayIn("UTC");
  const period = readPeriod(query, today);
  const table = query.get("as") === "tables";
  const heading = usePage(s.page, "picture");
  const news = useNews();
  useScope(scope);
  const [now, nowError, askNow] = useLatest(scope, news, () => loadNow(scope, today));
  const [then, thenError, askThen] = useLatest(`${scope} ${period.from} ${period.to}`, news, () =>
    loadThen(scope, period, today),
  );
  const address = (changes: Record<string, string>): string => {
    const words = new URLSearchParams(query);
    for (const [name, value] of Object.entries(changes)) {
      if (value === "") words.delete(name);
      else words.set(name, value);
    }
    return href(["picture"], words);
  };
  const change = (changes: Record<string, string>): void => correct(address(changes));

  const reviewed = quarterOf(period.to < today ? period.to : today);
  const review = href(["review"], { ...(scope !== "" && { in: scope }), q: reviewed });

  useActions(s.keys, [
    {
      does: `${s.show}: ${table ? s.charts : s.tables}`,
      keys: ["t"],
      act: () => change({ as: table ? "" : "tables" }),
    },
    { does: s.print, act: () => print() },
    { does: s.review, act: () => go(review) },
  ]);

  const error = nowError ?? thenError;
  return (
    <div class="page picture-page">
      <PageHead
        at={heading}
        title={s.page}
        hint={
          <>
            <bdi>{scope === "" ? s.everything : scope}</bdi>
            {now && (
              <>
                {" · "}
                {s.asOf} <Moment at={now.asOf} />
              </>
            )}
          </>
        }
      >
        <nav class="segments" aria-label={s.show}>
          <a href={address({ as: "" })} aria-current={table ? undefined : "page"}>
            {s.charts}
          </a>
          <a href={address({ as: "tables" })} aria-current={table ? "page" : undefined}>
            {s.tables}
          </a>
        </nav>
        <button type="button" class="button" onClick={() => print()}>
          {s.print}
        </button>
        <a class="button" href={review}>
          {s.review}
        </a>
      </PageHead>
      {error !== null && (
        <Failure
          error={error}
          retry={() => {
            askNow();
            askThen();
          }}
        />
      )}
      {(now === null || then === null) && error === null && <Skeleton />}
      {now !== null && then !== null && (
        <Figures
          now={now}
          then={then}
          scope={scope}
          today={today}
          period={period}
          table={table}
          choice={<PeriodChoice period={period} today={today} change={change} />}
        />
      )}
    </div>
  );
}

function PeriodChoice({
  period,
  today,
  change,
}: {
  period: Period;
  today: string;
  change: (changes: Record<string, string>) => void;
}): JSX.Element {
  const preset = isPreset(period, today);
  const [custom, setCustom] = useState(false);
  const own = custom || preset === undefined;
  return (
    <div class="line period">
      <Select
        label={s.period}
        bare
        value={own ? "custom" : preset}
        change={(chosen) => {
          setCustom(chosen === "custom");
          if (chosen !== "custom") change({ ...presetPeriod(chosen as Preset, today) });
        }}
        options={[...presets.map((one) => [one, s.presets[one]] as const), ["custom", s.custom]]}
      />
      {own && (
        <div class="field-row period-days">
          <DateField label={s.from} value={period.from} change={(day) => change({ ...period, from: day ?? "" })} />
          <DateField label={s.to} value={period.to} change={(day) => change({ ...period, to: day ?? "" })} />
          <p class="hint">{s.utc}</p>
        </div>
      )}
    </div>
  );
}

interface FiguresProps {
  now: Now;
  then: Then;
  scope: string;
  today: string;
  period: Period;
  table: boolean;
  choice: JSX.Element;
}

function Figures({ now, then, scope, today, period, table, choice }: FiguresProps): JSX.Element {
  /** The address of a list, with the columns that say what is counted. */
  const list = (filter: Filter, ...more: Column[]): string => {
    const words = new URLSearchParams(scope === "" ? {} : { in: scope });
    for (const [name, values] of Object.entries(filter)) for (const one of [values].flat()) words.append(name, one);
    if (more.length > 0) words.set("cols", [...usualColumns, ...more].join());
    return href(["todo"], words);
  };
  /** That of the list that a cell counts, where the scope is what it is here. */
  const cellList = (cell: Cell): string => {
    const words = new URLSearchParams(scope === "" ? {} : { in: scope });
    for (const [name, value] of new URL(cell.href).searchParams)
      if (!(["domain", "workspace"].includes(name) && value === scope)) words.append(name, value);
    if (cell.financialImpact !== "0.00") words.set("cols", [...usualColumns, "financialImpact"].join());
    return href(["todo"], words);
  };
  const number = (total: number, to: string): BarNumber => ({ text: formatCount(total), href: to, total });
  const euros = (cell: Cell): BarNumber => ({ text: formatMoneyRound(cell.financialImpact) });
  const counted = (cells: readonly Cell[], filter: Filter): BarNumber =>
    cells.length === 0 ? { text: "0" } : number(sumCount(cells), list(filter));

  const openCount = sumCount(now.people);
  const overdueCount = sumCount(now.late);
  const amount = sumEur(now.amounts);
  const closed = then.closed;
  const closedList = list(within("closed", period), "createdAt", "closedAt");
  const tiles: { name: string; value: string; hint?: string; href: string; total: number; look?: string }[] = [
    { name: s.open, value: formatCount(openCount), href: list(open), total: openCount },
    {
      name: s.overdue,
      value: formatCount(overdueCount),
      href: list(overdue),
      total: overdueCount,
      ...(overdueCount > 0 && { look: "late" }),
    },
    { name: s.soon, value: formatCount(now.soon), hint: s.soonHint, href: list(soonFilter(today)), total: now.soon },
    {
      name: s.eurOpen,
      value: formatMoneyRound(amount),
      hint: s.ofRecords(sumCount(now.amounts), formatCount(sumCount(now.amounts))),
      href: list(withAmount, "financialImpact"),
      total: sumCount(now.amounts),
    },
    {
      name: s.closedIn,
      value: formatCount(closed?.count ?? 0),
      hint: s.closedHint,
      href: closedList,
      total: closed?.count ?? 0,
    },
    {
      name: s.median,
      value: daysOf(closed?.medianDaysToClose),
      hint: closed ? s.medianHint : s.noMedian,
      href: closedList,
      total: closed?.count ?? 0,
    },
  ];

  const named = (cell: Cell, member: string): JSX.Element =>
    text(cell, member) === "" ? <span class="none">{s.none}</span> : <bdi>{text(cell, member)}</bdi>;
  const who = (cell: Cell, member: string): JSX.Element =>
    text(cell, member) === "" ? named(cell, member) : <Person email={text(cell, member)} />;
  const byAmount = (cells: readonly Cell[], member: string): BarRow[] =>
    [...cells].sort(byEur).map((cell) => ({
      id: text(cell, member),
      name: named(cell, member),
      size: Number(cell.financialImpact),
      numbers: [euros(cell), number(cell.count, cellList(cell))],
    }));
  const ages = ageFilters(today).map((filter, i): BarRow => {
    const cells = now.ages[i] ?? [];
    return {
      id: String(i),
      name: s.ages[i],
      size: sumCount(cells),
      numbers: [counted(cells, filter), { text: formatMoneyRound(sumEur(cells)) }],
    };
  });
  const people = [...now.people].sort(byCount).map((cell): BarRow => {
    const late = now.late.find((other) => text(other, "assignee") === text(cell, "assignee"));
    return {
      id: text(cell, "assignee"),
      name: who(cell, "assignee"),
      size: cell.count,
      marked: late?.count ?? 0,
      numbers: [number(cell.count, cellList(cell)), late ? number(late.count, cellList(late)) : { text: "0" }],
    };
  });
  const sources = [...then.sources].sort(byCount).map((cell): BarRow => ({
    id: text(cell, "source"),
    name: who(cell, "source"),
    size: cell.count,
    numbers: [number(cell.count, cellList(cell)), { text: daysOf(cell.medianDaysToClose) }],
  }));
  const moves = movedFilters.map((filter, i): BarRow => {
    const cells = now.moves[i] ?? [];
    return {
      id: filter.q,
      name: s.movedOften[i],
      size: sumCount(cells),
      numbers: [
        counted(cells, filter),
        { text: formatCount(cells.reduce((sum, { dueMoves }) => sum + dueMoves, 0)) },
      ],
    };
  });
  const parts = then.parts.map((part): FlowPart => ({
    id: part.from,
    short: shortOf(then.unit, part.from),
    name: part.from === part.to ? formatDay(part.from) : `${formatDay(part.from)} – ${formatDay(part.to)}`,
    reported: part.reported,
    closed: part.closed,
    reportedHref: list(within("created", part)),
    closedHref: list(within("closed", part)),
  }));
  const empty = openCount === 0 && closed === undefined && then.sources.length === 0;
  return (
    <>
      <ul class="tiles" aria-label={s.numbers}>
        {tiles.map((tile) => (
          <li key={tile.name}>
            <a class={`tile ${tile.look ?? ""}`} href={tile.href} data-total={tile.total}>
              <span class="hint">{tile.name}</span>
              <strong class={tile.value.length > 8 ? "long" : ""}>{tile.value}</strong>
              <span class="hint">{tile.hint}</span>
            </a>
          </li>
        ))}
      </ul>
      {empty && (
        <EmptyState title={s.empty} text={s.emptyHint}>
          <a class="button" href={list({})}>
            {s.allRecords}
          </a>
        </EmptyState>
      )}
      <section class="picture-part">
        <div class="line between">
          <h2>{s.inPeriod(formatDay(period.from), formatDay(period.to))}</h2>
          {choice}
        </div>
        <div class="figures">
          <Flow title={s.flow[then.unit]} parts={parts} table={table} />
          <Bars
            title={s.bySource}
            heads={[s.source, s.records, s.days]}
            rows={sources}
            table={table}
          />
        </div>
      </section>
      <section class="picture-part">
        <div class="line between">
          <h2>{s.now}</h2>
        </div>
        <div class="figures">
          <section class="card figure">
            <h3>{s.matrix}</h3>
            <Levels
              label={s.matrix}
              cells={now.matrix}
              short
              listOf={(words) => list({ ...open, ...(words.length > 0 && { q: words.join(" ") }) })}
            />
          </section>
          <Bars title={s.byAge} heads={[s.age, s.records, s.eur]} rows={ages} table={table} />
          <Bars
            title={s.byCategory}
            hint={s.byCategoryHint}
            heads={[s.category, s.eur, s.records]}
            rows={byAmount(now.categories, "category")}
            table={table}
          />
          <Bars
            title={s.byWorkspace}
            heads={[s.workspace, s.eur, s.records]}
            rows={byAmount(now.workspaces, "workspace")}
            table={table}
          />
          <Bars
            title={s.byPerson}
            hint={s.byPersonHint}
            heads={[s.person, s.open, s.overdue]}
            rows={people}
            table={table}
          />
          <Bars
            title={s.byMoves}
            heads={[s.moved, s.records, s.moves]}
            rows={moves}
            table={table}
          />
        </div>
      </section>
    </>
  );
}
