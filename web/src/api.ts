// The server as this app sees it: one typed call for everything in the API, and how it fails. The
// types are made from api/openapi.yaml (`npm run types`); a call that the contract does not know
// does not compile.
import type { components, paths } from "./generated/schema";

type Schemas = components["schemas"];

export type Task = Schemas["Task"];
export type TodoType = Task["todoType"];
export type Status = Task["status"];
export type Level = NonNullable<Schemas["Level"]>;
export type TaskPatch = Schemas["TaskPatch"];
export type TaskPage = Schemas["TaskPage"];
export type TaskEvent = Schemas["Event"];
export type Account = Schemas["Session"];
export type Role = Account["roles"][number];
export type Config = Schemas["AppConfig"];
export type People = Schemas["PeopleMap"];
/** One thing that is wrong with what was sent. */
export type Fault = Schemas["Fault"];

export const todoTypes: readonly TodoType[] = ["INCIDENT", "TASK"];
export const statuses: readonly Status[] = ["To do", "In Progress", "Done", "Expired"];
export const levels: readonly Level[] = ["High", "Medium", "Low"];

export interface Page<T> {
  items: T[];
  next?: string;
}

// ---- how a call fails ----

/** The server answered, and said no (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    /** Seconds until it is worth another try; 0 when the server named none. */
    readonly retryAfter: number,
    /** With status 422. */
    readonly faults: readonly Fault[],
    /** Which problem it is, where a status has several. */
    readonly code = "",
  ) {
    super(detail || title);
  }
}

/** What the app itself refuses, in words, as the server would. */
export const refused = (words: string): Problem => new Problem(422, "", words, 0, []);

/** Somebody else changed the record since the version that the call named (status 412). */
export class Stale extends Problem {
  constructor(
    problem: Problem,
    readonly current: Task,
    /** The members that differ from that version. */
    readonly changed: readonly string[],
    readonly by: string | null,
    readonly at: string,
  ) {
    super(problem.status, problem.title, problem.detail, 0, []);
  }
}

/** No answer came, or one that is not ours: whether it works later is unknown, so it can be tried. */
export class Unreachable extends Error {}

let unauthorized: () => void = () => {};

/** Names what is to happen when the server no longer knows the session. */
export function onUnauthorized(happen: () => void): void {
  unauthorized = happen;
}

let unreachable: () => void = () => {};

/** Names what is to happen when a request got no answer. */
export function onUnreachable(happen: () => void): void {
  unreachable = happen;
}

function noAnswer(): Unreachable {
  unreachable();
  return new Unreachable();
}

async function problemOf(response: Response): Promise<Problem> {
  let body: Partial<Schemas["Problem"]> = {};
  if ((response.headers.get("content-type") ?? "").includes("json")) {
    try {
      body = (await response.json()) as typeof body;
    } catch {
      // The status says enough.
    }
  }
  const after = Number(response.headers.get("retry-after"));
  const problem = new Problem(
    response.status,
    typeof body.title === "string" ? body.title : response.statusText,
    typeof body.detail === "string" ? body.detail : "",
    Number.isFinite(after) && after > 0 ? Math.ceil(after) : 0,
    Array.isArray(body.errors) ? body.errors : [],
    typeof body.code === "string" ? body.code : "",
  );
  if (response.status !== 412 || body.current === undefined) return problem;
  return new Stale(problem, body.current, body.changed ?? [], body.by ?? null, body.at ?? "");
}

// ---- addresses ----

/** Where the app is served: the API is beside it, also under a path of a proxy. */
const appAddress = new URL("./", location.href);
const apiAddress = new URL("../bzctrl-core-api/api/v1/", appAddress);
type Api = "/bzctrl-core-api/api/v1";

/** The address of a path of the API, or of the app's own calls ("/app/session"). */
export function address(path: string): URL {
  return path.startsWith("/app/")
    ? new URL(path.slice("/app/".length), appAddress)
    : new URL(path.slice(1), apiAddress);
}

// ---- one request ----

const deadline = 20_000;

export interface Sending {
  headers?: Record<string, string>;
  /** Sent as JSON, or as it is if it is a Blob. */
  body?: unknown;
  signal?: AbortSignal;
  /** How long it may take; 0 for a stream, which takes as long as it takes. */
  milliseconds?: number;
}

/** Sends a request as the app; the answer is a good one, or this throws Problem or Unreachable. */
export async function request(method: string, url: URL, sending: Sending = {}): Promise<Response> {
  const { body, signal, milliseconds = deadline } = sending;
  const headers: Record<string, string> = {
    Accept: "application/json",
    // What is wrong with a filter is said in it.
    "Accept-Language": LANGUAGE,
    "X-Bzctrl-App": "1",
    ...sending.headers,
  };
  if (body !== undefined && !(body instanceof Blob)) headers["Content-Type"] ??= "application/json";
  const signals = [signal, milliseconds > 0 && AbortSignal.timeout(milliseconds)].filter(
    (one) => one instanceof AbortSignal,
  );
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers,
      body: body === undefined ? null : body instanceof Blob ? body : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.any(signals),
    });
  } catch {
    signal?.throwIfAborted();
    throw noAnswer();
  }
  if (response.ok) return response;
  if (response.status === 502 || response.status === 504) throw noAnswer();
  if (response.status === 401 && url.href.startsWith(apiAddress.href)) unauthorized();
  throw await problemOf(response);
}

// ---- typed calls ----

/** The paths of the contract, without what all of them begin with. */
type Routes = { [P in keyof paths as P extends `${Api}${infer Rest}` ? Rest : P]: paths[P] };
type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
type Operation<M extends Method, P extends keyof Routes> =
  Lowercase<M> extends keyof Routes[P] ? NonNullable<Routes[P][Lowercase<M>]> : never;
type PathsOf<M extends Method> = {
  [P in keyof Routes]: [Operation<M, P>] extends [never] ? never : P;
}[keyof Routes];

type JsonOf<C> = C extends { content: { "application/json": infer T } } ? T : null;
type AnswerOf<O> = O extends { responses: infer R }
  ? { [S in keyof R]: S extends 200 | 201 | 202 | 204 ? JsonOf<R[S]> : never }[keyof R]
  : never;
type ParameterOf<O, K extends string> = O extends { parameters: { [k in K]?: infer T } } ? T : undefined;
type BodyOf<O> = O extends { requestBody?: { content: infer C } } ? C[keyof C] : undefined;

interface Options<O> {
  /** What goes into the braces of the path. */
  path?: ParameterOf<O, "path">;
  query?: ParameterOf<O, "query"> | URLSearchParams;
  body?: BodyOf<O>;
  /** The ETag that was read, or a version; only then is it changed. */
  ifMatch?: string | number;
  /** The same key makes the same call once, however often it is sent. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** An `idempotencyKey`; also where the page came without TLS. */
export const newKey = (): string => crypto.getRandomValues(new Uint32Array(4)).join("-");

/** A list is one parameter several times; undefined is left out. */
function queryOf(query: object): URLSearchParams {
  if (query instanceof URLSearchParams) return query;
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) if (one !== undefined) words.append(name, String(one));
  }
  return words;
}

export interface Tagged<T> {
  value: T;
  /** The version of what was answered, for `ifMatch`. */
  etag: string;
}

/** call(), where the ETag of the answer is wanted too. */
export async function callTagged<M extends Method, P extends PathsOf<M>>(
  method: M,
  path: P,
  options: Options<Operation<M, P>> = {},
): Promise<Tagged<AnswerOf<Operation<M, P>>>> {
  const { path: parts = {}, query = {}, body, ifMatch, idempotencyKey, signal } = options;
  const filled = String(path).replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String((parts as Record<string, unknown>)[name])),
  );
  const url = address(filled);
  url.search = queryOf(query as object).toString();
  const headers: Record<string, string> = {};
  if (ifMatch !== undefined) headers["If-Match"] = typeof ifMatch === "number" ? `"${ifMatch}"` : ifMatch;
  if (idempotencyKey !== undefined) headers["Idempotency-Key"] = `"${idempotencyKey}"`;
  const response = await request(method, url, { headers, body, ...(signal && { signal }) });
  const etag = response.headers.get("etag") ?? "";
  if (response.status === 204) return { value: null as AnswerOf<Operation<M, P>>, etag };
  try {
    return { value: await response.json(), etag };
  } catch {
    throw new Unreachable();
  }
}

/** Calls the API: call("GET", "/tasks/{key}", { path: { key } }) is the record of that key. */
export async function call<M extends Method, P extends PathsOf<M>>(
  method: M,
  path: P,
  options: Options<Operation<M, P>> = {},
): Promise<AnswerOf<Operation<M, P>>> {
  return (await callTagged(method, path, options)).value;
}

/** Every item of a list, page after page, up to a bound. */
export async function callAll<T>(page: (cursor: string | undefined) => Promise<Page<T>>, most = 2000): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  do {
    const { items, next } = await page(cursor);
    all.push(...items);
    cursor = next;
  } while (cursor !== undefined && all.length < most);
  return all;
}

// ---- the session, and what the first pages need ----

export const signIn = (email: string, password: string): Promise<Account> =>
  call("POST", "/app/session", { body: { email, password } });

/** Null when nobody is signed in. */
export async function readSession(): Promise<Account | null> {
  try {
    return await call("GET", "/app/session");
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

export const signOut = async (): Promise<void> => void (await call("DELETE", "/app/session"));

export type ResetPerson = Schemas["PasswordResetPerson"];

/** Whose password a link sets; null when the link is no longer valid. `token` is what the link ends with. */
export async function readResetPerson(token: string): Promise<ResetPerson | null> {
  try {
    return await call("POST", "/app/password-reset/person", { body: { token } });
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

/** Sets the password that a link is for. */
export const takePasswordReset = async (token: string, password: string): Promise<void> =>
  void (await call("POST", "/app/password-reset", { body: { token, password } }));

export const readConfig = (): Promise<Config> => call("GET", "/app/config.json");

export async function listTasks(filter: URLSearchParams, cursor?: string): Promise<TaskPage> {
  const query = new URLSearchParams(filter);
  if (cursor !== undefined) query.set("cursor", cursor);
  return call("GET", "/tasks", { query });
}

export const readTask = (key: string): Promise<Task> => call("GET", "/tasks/{key}", { path: { key } });

export const listEvents = (key: string, cursor?: string): Promise<Page<TaskEvent>> =>
  call("GET", "/tasks/{key}/events", { path: { key }, query: cursor === undefined ? {} : { cursor } });
