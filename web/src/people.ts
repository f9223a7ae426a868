// The names of people by their address, as far as any answer has given them.
import { call, type People } from "./api";
import { createStore } from "./store";

export interface Person {
  email: string;
  name: string | null;
  active: boolean;
}

const known = new Map<string, Person>();
/** Changes whenever a name came. */
export const peopleKnown = createStore(0);

export function putPeople(people: People | readonly Person[]): void {
  const all = Array.isArray(people)
    ? (people as readonly Person[])
    : Object.entries(people as People).map(([email, person]) => ({ email, ...person }));
  let news = false;
  for (const { email, name, active } of all) {
    const old = known.get(email);
    if (old?.name === name && old.active === active) continue;
    known.set(email, { email, name, active });
    news = true;
  }
  if (news) peopleKnown.set(peopleKnown.get() + 1);
}

export function personOf(email: string): Person | undefined {
  return known.get(email);
}

/** Everybody whom an answer has named. */
export const knownPeople = (): Person[] => [...known.values()];

/** The name, or the address while no name is known. */
export function nameOf(email: string): string {
  return known.get(email)?.name || email;
}

/** Who can be chosen in a workspace, by the beginning of any word in name or address. */
export async function findPeople(workspace: string, text = "", signal?: AbortSignal): Promise<Person[]> {
  const query = { workspace, limit: 20, ...(text.trim() === "" ? {} : { q: text.trim() }) };
  const { items } = await call("GET", "/people", { query, ...(signal && { signal }) });
  const people = items.map((one) => ({
    email: one.email,
    name: one.name,
    active: "active" in one ? one.active : !one.disabled,
  }));
  putPeople(people);
  return people;
}

const asked = new Set<string>();

/** Makes the names of a workspace's people known, once; a page without a list of its own calls it. */
export function learnPeople(workspace: string): void {
  if (asked.has(workspace)) return;
  asked.add(workspace);
  call("GET", "/people", { query: { workspace, inactive: true, limit: 200 } }).then(
    ({ items }) => putPeople(items.map((one) => ({ ...one, active: "active" in one ? one.active : !one.disabled }))),
    () => asked.delete(workspace), // addresses do as well
  );
}

export function forgetPeople(): void {
  known.clear();
  asked.clear();
}
