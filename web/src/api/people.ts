// People as who manages them sees them, and the work that one hands to another.
import { call, callAll, newKey, Problem, Unreachable } from "../api";
import type { components } from "../generated/schema";
import { putPeople } from "../people";

type Schemas = components["schemas"];

export type Person = Schemas["Person"];
export type PersonChanges = Schemas["PersonPatch"];
export type RoleName = Schemas["Role"]["role"];

export const roleNames: readonly RoleName[] = ["viewer", "member", "manager"];

/** By hand, and then by groups. */
export const rolesOf = ({ roles, groupRoles }: Person): Person["roles"] => [...roles, ...groupRoles];

/** As many as are looked through at once. */
export const mostPeople = 2000;

const known = (people: readonly Person[]): void =>
  putPeople(people.map(({ email, name, disabled }) => ({ email, name, active: !disabled })));

export async function listPeople(): Promise<Person[]> {
  const people = await callAll(async (cursor) => {
    const query = { limit: 200, ...(cursor !== undefined && { cursor }) };
    // Without a workspace these are people with all that is known of them.
    return (await call("GET", "/people", { query })) as Schemas["PersonPage"];
  }, mostPeople);
  known(people);
  return people;
}

export async function readPerson(email: string): Promise<Person> {
  const person = await call("GET", "/people/{email}", { path: { email } });
  known([person]);
  return person;
}

export const addPerson = (body: Schemas["PersonRequest"]): Promise<Person> => call("POST", "/people", { body });

export async function changePerson(of: Person, body: PersonChanges): Promise<Person> {
  const person = await call("PATCH", "/people/{email}", { path: { email: of.email }, ifMatch: of.version, body });
  known([person]);
  return person;
}

export const makeLink = (email: string) => call("POST", "/people/{email}/password-reset", { path: { email } });

export const erasePerson = (email: string) => call("POST", "/people/{email}/erase", { path: { email } });

// ---- handing over ----

/** How many open records are assigned to somebody, as far as one may see them. */
export async function countOpen(email: string): Promise<number> {
  const query = { assignee: [email], open: [true], total: true, limit: 1 };
  return (await stubbornly(() => call("GET", "/tasks", { query }))).total ?? 0;
}

export interface HandedOver {
  /** For the undo, one for each part. */
  bulkIds: string[];
  done: number;
  /** Stayed as they were, each with the reason. */
  refused: { key: string; why: string }[];
}

const part = 200;

/**
 * Again when no answer came, and when the server asks for patience (it counts nothing while it builds its
 * index). What has a key of its own continues where it was cut off, and changes nothing twice.
 */
async function stubbornly<T>(send: () => Promise<T>): Promise<T> {
  for (let left = 5; ; left -= 1) {
    try {
      return await send();
    } catch (error) {
      const busy = error instanceof Problem && error.status === 503;
      if ((!busy && !(error instanceof Unreachable)) || left === 0) throw error;
      if (busy) await new Promise((resolve) => setTimeout(resolve, Math.min(error.retryAfter || 1, 5) * 1000));
    }
  }
}

/** Gives all open records of one to another, part by part; `progress` hears of each. */
export async function handOver(
  from: string,
  to: string,
  progress: (outcome: HandedOver, total: number) => void,
): Promise<HandedOver> {
  const query = { assignee: [from], open: [true], limit: part };
  const keys = (
    await callAll((cursor) => call("GET", "/tasks", { query: { ...query, ...(cursor && { cursor }) } }), Infinity)
  ).map(({ key }) => key);
  const outcome: HandedOver = { bulkIds: [], done: 0, refused: [] };
  for (let at = 0; at < keys.length; at += part) {
    const body = { keys: keys.slice(at, at + part), patch: { assignee: to } };
    const idempotencyKey = newKey();
    const { bulkId, items } = await stubbornly(() => call("POST", "/tasks/bulk", { body, idempotencyKey }));
    if (bulkId !== undefined) outcome.bulkIds.push(bulkId);
    for (const item of items) {
      if (item.status === 200) outcome.done += 1;
      else outcome.refused.push({ key: item.key, why: ("problem" in item && item.problem?.detail) || "" });
    }
    progress({ ...outcome }, keys.length);
  }
  return outcome;
}

/** Takes it back; who changed one of them since keeps that. The number that came back. */
export async function takeBack({ bulkIds }: HandedOver): Promise<number> {
  let back = 0;
  for (const id of bulkIds) {
    const { items } = await stubbornly(() => call("POST", "/bulk/{id}/undo", { path: { id } }));
    back += items.filter(({ status }) => status === 200).length;
  }
  return back;
}
