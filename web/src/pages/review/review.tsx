// What keeps coming back: the incidents of a period by category, cause and source, the measures that
// were taken, and what came after them. Printed, it is a page for the AEO file.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useActions } from "../../actions";
import { address, type Account, type Task } from "../../api";
import { incidentsAtMost, linksAtMost, listIncidents, listMeasures } from "../../api/review";
import { OverdueMark, StatusBadge } from "../../components/badge";
import { EmptyState } from "../../components/empty-state";
import { Failure } from "../../components/failure";
import { Icon } from "../../components/icon";
import { Menu } from "../../components/menu";
import { PageHead } from "../../components/page-head";
import { Person } from "../../components/person";
import { Skeleton } from "../../components/skeleton";
import { Day, Moment, MomentDay } from "../../components/when";
import { addDays, todayIn } from "../../dates";
import { formatCount, formatDay, formatMoneyRound } from "../../format";
import type { PageProps } from "../../lazy";
import { useNews } from "../../news";
import { usePage } from "../../page";
import { quarterOf, readPeriod, readQuarter, within, type Period } from "../../period";
import { writesAnywhere } from "../../rights";
import { href, recordHref } from "../../router";
import { scopeQuery, useScope } from "../../scope";
import { s as picture } from "../../strings/picture";
import { s } from "../../strings/review";
import { useLatest } from "../records/latest";
import { CauseDialog } from "./cause-dialog";
import { causeOf, clusterIncidents, type CategoryGroup, type CauseGroup, type Measure } from "./clusters";
import { LessonDialog } from "./lesson-dialog";
import { MeasureDialog } from "./measure-dialog";

interface Review {
  at: string;
  place: Record<string, string[]>;
  incidents: Task[];
  groups: CategoryGroup[];
  /** There are more incidents than can be shown, or asked for their links. */
  tooMany: boolean;
  someLinks: boolean;
}

async function loadReview(scope: string, period: Period): Promise<Review> {
  const place = { ...(await scopeQuery(scope)) };
  const since = await listIncidents(place, period.from);
  const end = `${addDays(period.to, 1)}T00:00:00`;
  const incidents = since.filter(({ createdAt }) => createdAt < end);
  return {
    at: new Date().toISOString(),
    place,
    incidents,
    groups: clusterIncidents(incidents, since, await listMeasures(incidents)),
    tooMany: since.length >= incidentsAtMost,
    someLinks: incidents.length > linksAtMost,
  };
}

/** The period of the address: a quarter, or days as in the picture. */
function reviewed(query: URLSearchParams, today: string): Period {
  return readQuarter(query.get("q") ?? "") ?? readPeriod(query, today);
}

const sumOf = (incidents: readonly Task[]): string =>
  formatMoneyRound(incidents.reduce((sum, { financialImpact }) => sum + Number(financialImpact ?? 0), 0));

export default function ReviewPage({ query, scope, account }: PageProps): JSX.Element {
  const today = todayIn("UTC");
  const period = reviewed(query, today);
  const quarter = quarterOf(period.from);
  const { from, to } = readQuarter(quarter) ?? period;
  const whole = from === period.from && to === period.to;
  const before = addDays(period.from, -1);
  const after = addDays(period.to, 1);
  const heading = usePage(s.page, "review");
  const news = useNews();
  useScope(scope);
  const [own, setOwn] = useState(0);
  const [review, error, retry] = useLatest(`${scope} ${period.from} ${period.to}`, news + own, () =>
    loadReview(scope, period),
  );
  const place: Record<string, string> = scope === "" ? {} : { in: scope };
  const quarterHref = (day: string): string => href(["review"], { ...place, q: quarterOf(day) });
  const list = (filter: Record<string, string>): string => href(["todo"], { ...place, ...filter });
  const ofPeriod = { todoType: "INCIDENT", ...within("created", period) };

  // What is folded on the screen is all there on paper.
  useEffect(() => {
    const unfold = (): void => {
      for (const one of document.querySelectorAll<HTMLDetailsElement>(".review-page details")) one.open = true;
    };
    addEventListener("beforeprint", unfold);
    return () => removeEventListener("beforeprint", unfold);
  }, []);
  useActions(s.keys, [
    { does: s.earlier, keys: ["["], act: () => void (location.hash = quarterHref(before)) },
    { does: s.later, keys: ["]"], act: () => void (location.hash = quarterHref(after)) },
    { does: picture.print, act: () => print() },
  ]);

  return (
    <div class="page review-page">
      <PageHead
        at={heading}
        title={s.heading(whole ? quarter : s.days(formatDay(period.from), formatDay(period.to)))}
        hint={
          <>
            <bdi>{scope === "" ? picture.everything : scope}</bdi>
            {review && (
              <>
                {" · "}
                {picture.asOf} <Moment at={review.at} />
              </>
            )}
          </>
        }
      >
        <a class="button icon-only" href={quarterHref(before)} aria-label={s.earlier} title={s.earlier}>
          <Icon name="left" />
        </a>
        <a class="button icon-only" href={quarterHref(after)} aria-label={s.later} title={s.later}>
          <Icon name="right" />
        </a>
        {review && review.incidents.length > 0 && (
          <>
            {(["csv", "xlsx"] as const).map((kind) => (
              <a key={kind} class="button" href={exportOf(kind, review.place, ofPeriod)}>
                <Icon name="download" />
                {kind.toUpperCase()}
              </a>
            ))}
            <button type="button" class="button" onClick={() => print()}>
              {picture.print}
            </button>
          </>
        )}
      </PageHead>
      {error !== null && <Failure error={error} retry={retry} />}
      {review === null && error === null && <Skeleton />}
      {review !== null && review.incidents.length === 0 && (
        <EmptyState title={s.empty} text={s.emptyHint}>
          <a class="button" href={quarterHref(before)}>
            {s.earlier}
          </a>
        </EmptyState>
      )}
      {review !== null && review.incidents.length > 0 && (
        <>
          <p>
            <a href={list(ofPeriod)} data-total={review.tooMany ? undefined : review.incidents.length}>
              {s.incidents(review.incidents.length)}
            </a>
            {" · "}
            {sumOf(review.incidents)}
            {" · "}
            {s.unnamed(review.incidents.filter((task) => causeOf(task) === "").length)}
          </p>
          {review.tooMany && <p class="note">{s.tooMany(formatCount(incidentsAtMost))}</p>}
          {review.someLinks && <p class="note">{s.someLinks(linksAtMost)}</p>}
          <Causes
            review={review}
            account={account}
            list={list}
            ofPeriod={ofPeriod}
            done={() => setOwn((n) => n + 1)}
          />
        </>
      )}
    </div>
  );
}

function exportOf(kind: "csv" | "xlsx", place: Record<string, string[]>, filter: Record<string, string>): string {
  const url = address(`/export/tasks.${kind}`);
  url.search = new URLSearchParams({
    ...filter,
    ...Object.fromEntries(Object.entries(place).map(([name, [key]]) => [name, key ?? ""])),
  }).toString();
  return url.href;
}

interface CausesProps {
  review: Review;
  account: Account;
  list: (filter: Record<string, string>) => string;
  ofPeriod: Record<string, string>;
  done: () => void;
}

const idOf = (category: CategoryGroup, { cause }: CauseGroup): string => JSON.stringify([category.category, cause]);

function Causes({ review, account, list, ofPeriod, done }: CausesProps): JSX.Element {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [naming, setNaming] = useState<CauseGroup[] | null>(null);
  const [lesson, setLesson] = useState<CauseGroup | null>(null);
  const [measure, setMeasure] = useState<CauseGroup | null>(null);
  const mayChange = writesAnywhere(account);
  const groups = review.groups.flatMap((category) =>
    category.causes.filter((group) => chosen.has(idOf(category, group))),
  );
  const named = (naming ?? []).flatMap((group) => group.incidents);
  const incidents = [...new Map(named.map((one) => [one.key, one])).values()];
  const causes = [...new Set(review.incidents.map(causeOf))].filter(Boolean).sort();
  const toggle = (id: string): void => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  return (
    <>
      {review.groups.map((category) => (
        <section key={category.category} class="card">
          <h2 class="line between">
            <bdi>{category.category || s.noCategory}</bdi>
            <span class="review-figures">
              <a
                href={list({ ...ofPeriod, category: category.category })}
                data-total={review.tooMany ? undefined : category.incidents.length}
              >
                {s.incidents(category.incidents.length)}
              </a>
              {" · "}
              {sumOf(category.incidents)}
            </span>
          </h2>
          {category.causes.map((group) => {
            const id = idOf(category, group);
            return (
              <section key={id} class="review-cause">
                <div class="line">
                  <h3>
                    {mayChange ? (
                      <label class="switch">
                        <input type="checkbox" checked={chosen.has(id)} onChange={() => toggle(id)} />
                        <CauseName group={group} />
                      </label>
                    ) : (
                      <CauseName group={group} />
                    )}
                  </h3>
                  <span class="review-figures">
                    {s.incidents(group.incidents.length)} · {sumOf(group.incidents)}
                  </span>
                  {mayChange && (
                    <div class="head-actions">
                      <Menu
                        label={s.actionsOf(group.cause || s.noCause)}
                        look="button quiet"
                        button={
                          <>
                            {s.actions}
                            <Icon name="down" />
                          </>
                        }
                        items={[
                          {
                            name: group.cause === "" ? s.name : s.rename,
                            icon: "edit",
                            act: () => setNaming([group]),
                          },
                          { name: s.writeLesson, icon: "records", act: () => setLesson(group) },
                          { name: s.newMeasure, icon: "plus", act: () => setMeasure(group) },
                        ]}
                      />
                    </div>
                  )}
                </div>
                <Measures group={group} list={list} category={category.category} />
                <details class="created" open={group.incidents.length <= 5}>
                  <summary>{s.incidents(group.incidents.length)}</summary>
                  {group.sources.map(([source, own]) => (
                    <div key={source} class="review-source">
                      <p class="hint">
                        {s.from} {source === "" ? s.noSource : <Person email={source} />}
                      </p>
                      <ul class="stack">
                        {own.map((task) => (
                          <Incident key={task.key} task={task} />
                        ))}
                      </ul>
                    </div>
                  ))}
                </details>
              </section>
            );
          })}
        </section>
      ))}
      {groups.length > 0 && (
        <div class="selection-bar" role="region" aria-label={s.selected(groups.length)}>
          <strong>{s.selected(groups.length)}</strong>
          <button type="button" class="button primary" onClick={() => setNaming(groups)}>
            {s.merge}
          </button>
          <button type="button" class="button quiet" onClick={() => setChosen(new Set())}>
            {s.clear}
          </button>
        </div>
      )}
      {naming !== null && (
        <CauseDialog
          incidents={incidents}
          first={naming.find(({ cause }) => cause !== "")?.cause ?? ""}
          causes={causes}
          close={() => setNaming(null)}
          done={() => {
            setChosen(new Set());
            done();
          }}
        />
      )}
      {measure !== null && (
        <MeasureDialog
          incident={measure.incidents[0]!}
          cause={measure.cause}
          account={account}
          close={() => setMeasure(null)}
          done={done}
        />
      )}
      {lesson !== null && <LessonDialog incidents={lesson.incidents} close={() => setLesson(null)} done={done} />}
    </>
  );
}

function CauseName({ group }: { group: CauseGroup }): JSX.Element {
  return group.cause === "" ? <span class="none">{s.noCause}</span> : <bdi>{group.cause}</bdi>;
}

function Measures({
  group,
  list,
  category,
}: {
  group: CauseGroup;
  list: (filter: Record<string, string>) => string;
  category: string;
}): JSX.Element {
  if (group.measures.length === 0) return <p class="hint">{s.noMeasures}</p>;
  return (
    <ul class="stack review-measures" aria-label={s.measures}>
      {group.measures.map(({ task, after }) => (
        <li key={task.key}>
          <StatusBadge status={task.status} /> <a href={recordHref(task.key)}>{task.title || task.key}</a>
          <span class="hint">
            {task.assignee && (
              <>
                {" · "}
                <Person email={task.assignee} />
              </>
            )}
            {task.closedAt ? (
              <>
                {" · "}
                {s.doneOn} <MomentDay at={task.closedAt} />
              </>
            ) : (
              task.dueDate && (
                <>
                  {" · "}
                  {s.due} <Day date={task.dueDate} />
                </>
              )
            )}
          </span>{" "}
          {task.overdue && <OverdueMark />}
          <After after={after} task={task} list={list} category={category} named={group.cause !== ""} />
        </li>
      ))}
    </ul>
  );
}

interface AfterProps extends Measure {
  list: (filter: Record<string, string>) => string;
  category: string;
  named: boolean;
}

/** Did it help? */
function After({ after, task, list, category, named }: AfterProps): JSX.Element | null {
  if (after === null || !task.closedAt) return null;
  const ofCategory =
    after.category.length > 0 ? (
      <a
        href={list({ todoType: "INCIDENT", category, createdAfter: task.closedAt })}
        data-total={after.category.length}
      >
        {s.againCategory(after.category.length)}
      </a>
    ) : null;
  if (!named) return <p class="review-after">{ofCategory ?? s.notAgainCategory}</p>;
  return (
    <p class={after.cause.length > 0 ? "review-after again" : "review-after"}>
      {after.cause.length > 0 ? (
        <>
          {s.again(after.cause.length)}{" "}
          {after.cause.slice(0, 5).map(({ key }) => (
            <a key={key} href={recordHref(key)}>
              {key}
            </a>
          ))}
        </>
      ) : (
        s.notAgain
      )}{" "}
      {ofCategory}
    </p>
  );
}

function Incident({ task }: { task: Task }): JSX.Element {
  return (
    <li>
      <p>
        <code>{task.key}</code> <a href={recordHref(task.key)}>{task.title || task.key}</a>{" "}
        <StatusBadge status={task.status} />
        <span class="hint">
          {" "}
          <MomentDay at={task.createdAt} />
          {task.financialImpact && ` · ${formatMoneyRound(task.financialImpact)}`}
        </span>
      </p>
      {task.result && <p class="review-result">{task.result}</p>}
    </li>
  );
}
