// Incidents by category, cause and source, with the measures that were taken and what came after them.
import type { Task } from "../../api";

export interface Measure {
  task: Task;
  /** Once it is done: the incidents that came after it, of the same cause, and of the same category. */
  after: { cause: Task[]; category: Task[] } | null;
}

export interface CauseGroup {
  /** As it is written; empty while nobody has named it. */
  cause: string;
  incidents: Task[];
  /** Those incidents by the account that reported them, the most first. */
  sources: [source: string, incidents: Task[]][];
  measures: Measure[];
}

export interface CategoryGroup {
  /** Empty for incidents without one. */
  category: string;
  incidents: Task[];
  causes: CauseGroup[];
}

export const causeOf = (task: Task): string => (task.cause ?? "").trim();

function groupBy<T>(all: readonly T[], namesOf: (one: T) => readonly string[]): [name: string, members: T[]][] {
  const groups = new Map<string, T[]>();
  for (const one of all) for (const name of new Set(namesOf(one))) groups.set(name, [...(groups.get(name) ?? []), one]);
  // What has no name comes last.
  return [...groups].sort(
    ([a, as], [b, bs]) => Number(a === "") - Number(b === "") || bs.length - as.length || (a < b ? -1 : 1),
  );
}

const categoriesOf = (task: Task): readonly string[] => {
  const categories = task.category ?? [];
  return categories.length === 0 ? [""] : categories;
};

/**
 * `incidents` are those of the period; `since` those and all later ones. An incident with several
 * categories is in each of them.
 */
export function clusterIncidents(
  incidents: readonly Task[],
  since: readonly Task[],
  measures: ReadonlyMap<string, Task[]>,
): CategoryGroup[] {
  return groupBy(incidents, categoriesOf).map(([category, members]) => ({
    category,
    incidents: members,
    causes: groupBy(members, (task) => [causeOf(task)]).map(([cause, own]) => {
      const taken = new Map(own.flatMap(({ key }) => measures.get(key) ?? []).map((task) => [task.key, task]));
      return {
        cause,
        incidents: own,
        sources: groupBy(own, ({ source }) => [source ?? ""]),
        measures: [...taken.values()].map((task): Measure => {
          const { closedAt } = task;
          if (!closedAt) return { task, after: null };
          const later = since.filter((one) => one.createdAt > closedAt);
          return {
            task,
            after: {
              cause: cause === "" ? [] : later.filter((one) => causeOf(one) === cause),
              category: category === "" ? [] : later.filter((one) => categoriesOf(one).includes(category)),
            },
          };
        }),
      };
    }),
  }));
}
