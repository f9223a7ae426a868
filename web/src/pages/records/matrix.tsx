// Impact and likelihood: how many records each cell has and what they may cost. A cell opens its list.
import type { JSX } from "preact";
import { levels, type Level } from "../../api";
import { countRecords, type Cell } from "../../api/records";
import { Failure } from "../../components/failure";
import { weightOf } from "../../components/risk-matrix";
import { Skeleton } from "../../components/skeleton";
import { formatCount, formatMoneyRound } from "../../format";
import { locale } from "../../language";
import { memberName } from "../../strings/members";
import { s } from "../../strings/records";
import { levelName, s as shared } from "../../strings/shared";
import { useLatest } from "./latest";
import { withWord, type Query } from "./query";

type Place = Level | "none";

const narrow = matchMedia("(width < 46rem)");
const compact = new Intl.NumberFormat(locale, { style: "currency", currency: "EUR", notation: "compact" });

interface MatrixProps {
  query: Query;
  filter: string;
  href: (to: Partial<Query>) => string;
  news: number;
  empty: JSX.Element;
}

export function Matrix({ query, filter, href, news, empty }: MatrixProps): JSX.Element {
  const [cells, error, retry] = useLatest(filter, news, () => countRecords(filter, "impact,likelihood"));
  if (error !== null) return <Failure error={error} retry={retry} />;
  if (cells === null) return <Skeleton />;
  if (cells.length === 0) return empty;
  return (
    <div class="levels-frame">
      <p class="hint">{s.matrixHint}</p>
      <Levels
        label={s.matrixTitle}
        cells={cells}
        short={narrow.matches}
        listOf={(words) => href({ layout: "list", q: words.reduce(withWord, query.q) })}
      />
    </div>
  );
}

interface LevelsProps {
  label: string;
  cells: readonly Cell[];
  /** There is little room for amounts. */
  short: boolean;
  /** The address of the list that these words leave. */
  listOf: (words: string[]) => string;
}

export function Levels({ label, cells, short, listOf }: LevelsProps): JSX.Element {
  const placeOf = (cell: Cell, name: string): Place => (cell[name] ?? "none") as Place;
  // Rows and columns of those without a value only where there are some.
  const some = (name: string): boolean => cells.some((cell) => placeOf(cell, name) === "none");
  const impacts: Place[] = [...levels, ...(some("impact") ? (["none"] as const) : [])];
  const likelihoods: Place[] = [...[...levels].reverse(), ...(some("likelihood") ? (["none"] as const) : [])];
  const name = (place: Place): string => (place === "none" ? shared.none : levelName(place));
  /** The sum over the cells, as the list behind the link has them. */
  const box = (impact: Place | null, likelihood: Place | null): JSX.Element => {
    const own = cells.filter(
      (cell) =>
        (impact ?? placeOf(cell, "impact")) === placeOf(cell, "impact") &&
        (likelihood ?? placeOf(cell, "likelihood")) === placeOf(cell, "likelihood"),
    );
    const count = own.reduce((sum, cell) => sum + cell.count, 0);
    if (count === 0) return <span class="none">–</span>;
    const amount = own.reduce((sum, cell) => sum + Number(cell.financialImpact), 0);
    const eur = short ? compact.format(amount) : formatMoneyRound(amount);
    const words = [impact && `impact:${impact}`, likelihood && `likelihood:${likelihood}`].filter(
      (word) => word !== null,
    );
    return (
      <a href={listOf(words)} data-total={count}>
        <span class="unseen">
          {memberName("impact")} {impact ? name(impact) : s.matrixTotal}, {memberName("likelihood")}{" "}
          {likelihood ? name(likelihood) : s.matrixTotal}:{" "}
        </span>
        <strong>{formatCount(count)}</strong>
        <span>{eur}</span>
      </a>
    );
  };
  const weight = (impact: Place, likelihood: Place): string =>
    impact === "none" || likelihood === "none" ? "unknown" : weightOf(impact, likelihood);
  return (
    <table class="levels" aria-label={label}>
      <thead>
        <tr>
          <td class="levels-corner" />
          <th scope="colgroup" colSpan={likelihoods.length + 1}>
            {memberName("likelihood")}
          </th>
        </tr>
        <tr>
          <th scope="col" class="levels-axis">
            {memberName("impact")}
          </th>
          {likelihoods.map((likelihood) => (
            <th key={likelihood} scope="col">
              {name(likelihood)}
            </th>
          ))}
          <th scope="col">{s.matrixTotal}</th>
        </tr>
      </thead>
      <tbody>
        {impacts.map((impact) => (
          <tr key={impact}>
            <th scope="row">{name(impact)}</th>
            {likelihoods.map((likelihood) => (
              <td key={likelihood} class={weight(impact, likelihood)}>
                {box(impact, likelihood)}
              </td>
            ))}
            <td>{box(impact, null)}</td>
          </tr>
        ))}
        <tr>
          <th scope="row">{s.matrixTotal}</th>
          {likelihoods.map((likelihood) => (
            <td key={likelihood}>
              {box(null, likelihood)}
            </td>
          ))}
          <td>{box(null, null)}</td>
        </tr>
      </tbody>
    </table>
  );
}
