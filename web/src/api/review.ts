// What the review of causes asks for: incidents, and the measures that were taken.
import { call, callAll, type Task } from "../api";
import { putPeople } from "../people";
import { loadRecord } from "../records";

export const incidentsAtMost = 2000;
/** Links are asked for one incident at a time. */
export const linksAtMost = 100;
const parentsAtOnce = 50;
const atOnce = 4;

function listAll(filter: Record<string, string | string[]>): Promise<Task[]> {
  const query = new URLSearchParams({ limit: "200", sort: "-created" });
  for (const [name, values] of Object.entries(filter)) for (const one of [values].flat()) query.append(name, one);
  return callAll(async (cursor) => {
    const page = new URLSearchParams(query);
    if (cursor !== undefined) page.set("cursor", cursor);
    const answer = await call("GET", "/tasks", { query: page });
    putPeople(answer.people);
    return answer;
  }, incidentsAtMost);
}

/** The incidents since a day, the newest first. */
export const listIncidents = (place: Record<string, string[]>, from: string): Promise<Task[]> =>
  listAll({ ...place, todoType: "INCIDENT", createdAfter: from });

/** The tasks that were made out of incidents, and those that people have linked with them, by incident. */
export async function listMeasures(incidents: readonly Task[]): Promise<Map<string, Task[]>> {
  const found = new Map<string, Map<string, Task>>();
  const put = (incident: string, task: Task): void => {
    const all = found.get(incident) ?? new Map<string, Task>();
    found.set(incident, all.set(task.key, task));
  };
  const keys = incidents.map(({ key }) => key);
  for (let i = 0; i < keys.length; i += parentsAtOnce) {
    const children = await listAll({ todoType: "TASK", parent: keys.slice(i, i + parentsAtOnce) });
    for (const task of children) if (task.parent) put(task.parent, task);
  }
  const waiting = keys.slice(0, linksAtMost);
  const linked = async (): Promise<void> => {
    for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
      const { items } = await call("GET", "/tasks/{key}/related", { path: { key }, query: { limit: 100 } });
      for (const { record, why } of items) {
        const meant = why.some(({ kind }) => ["relates", "causes", "causedBy"].includes(kind));
        if (record.todoType === "TASK" && meant && !found.get(key)?.has(record.key))
          put(key, await loadRecord(record.key));
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, linked));
  return new Map([...found].map(([key, tasks]) => [key, [...tasks.values()]]));
}
