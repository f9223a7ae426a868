// The server as this app sees it: the calls, what they answer, and how they fail.

export type TodoType = "INCIDENT" | "TASK";
export type Status = "To do" | "In Progress" | "Done" | "Expired";
export type Level = "High" | "Medium" | "Low";

export const todoTypes: readonly TodoType[] = ["INCIDENT", "TASK"];
export const statuses: readonly Status[] = ["To do", "In Progress", "Done", "Expired"];
export const levels: readonly Level[] = ["High", "Medium", "Low"];

export interface Task {
  key: string;
  todoType: TodoType;
  workspace: string;
  title: string;
  description: string;
  result: string | null;
  financialImpact: string | null;
  financialImpactCurrency: string | null;
  impact: Level | null;
  likelihood: Level | null;
  status: Status;
  priority: Level | null;
  assignee: string;
  reporter: string;
  source: string;
  category: string[];
  subCategory: string[];
  orderID: string[];
  LRN: string | null;
  tags: string[];
  dueDate: string | null;
  reminderDate: string | null;
  occurredAt: string | null;
  extra: Record<string, unknown>;
  form: string;
  formVersion: number;
  taskLink: string;
  createdAt: string;
  updatedAt: string;
  version: number;
  open: boolean;
  overdue: boolean;
  closedAt: string | null;
  closedBy: string | null;
  firstDueDate: string | null;
  dueMoves: number;
  parent: string | null;
  cause: string | null;
  followers: string[];
  awaits: { by: string | null; at: string } | null;
}

export interface TaskEvent {
  domain: string;
  seq: number;
  at: string;
  actor: string | null;
  action: string;
  key: string;
  /** Absent or null once a person's data was erased: the chain still holds, saying so. */
  changes?: Record<string, [unknown, unknown]> | null;
  hash: string;
}

export interface Page<T> {
  items: T[];
  next?: string;
}

export interface Role {
  domain: string;
  role: string;
}

export interface Account {
  email: string;
  name: string | null;
  admin?: boolean;
  roles: Role[];
  /** Signed in at the provider of single sign-on. */
  singleSignOn: boolean;
}

export interface Config {
  environment: string;
  version: string;
  publicUrl: string;
  /** False where people have none. */
  passwords: boolean;
  singleSignOn: { label: string | null; help: string | null } | null;
}

/** One thing that is wrong with what was sent. */
export interface Fault {
  pointer: string;
  code: string;
  detail: string;
}

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
  ) {
    super(detail || title);
  }
}

/** No answer came, or one that is not ours: whether it works later is unknown, so it can be tried. */
export class Unreachable extends Error {}

const api = "/bzctrl-core-api/api/v1";
const deadline = 20_000;

let unauthorized: () => void = () => {};

/** Names what is to happen when the server no longer knows the session. */
export function onUnauthorized(happen: () => void): void {
  unauthorized = happen;
}

async function problemOf(response: Response): Promise<Problem> {
  let title = response.statusText;
  let detail = "";
  let faults: Fault[] = [];
  if ((response.headers.get("content-type") ?? "").includes("json")) {
    try {
      const body = (await response.json()) as { title?: unknown; detail?: unknown; errors?: Fault[] };
      if (typeof body.title === "string") title = body.title;
      if (typeof body.detail === "string") detail = body.detail;
      if (Array.isArray(body.errors)) faults = body.errors;
    } catch {
      // The status says enough.
    }
  }
  const after = Number(response.headers.get("retry-after"));
  return new Problem(response.status, title, detail, Number.isFinite(after) && after > 0 ? Math.ceil(after) : 0, faults);
}

async function request(method: string, path: string, body?: unknown): Promise<unknown> {
  const headers: Record<string, string> = { Accept: "application/json", "X-Bzctrl-App": "1" };
  const init: RequestInit = {
    method,
    headers,
    credentials: "same-origin",
    cache: "no-store",
    redirect: "error",
    signal: AbortSignal.timeout(deadline),
  };
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new Unreachable();
  }
  if (!response.ok) {
    const problem = await problemOf(response);
    if (response.status === 502 || response.status === 504) throw new Unreachable();
    if (response.status === 401 && path.startsWith(api)) unauthorized();
    throw problem;
  }
  if (response.status === 204) return null;
  try {
    return await response.json();
  } catch {
    throw new Unreachable();
  }
}

export async function signIn(email: string, password: string): Promise<Account> {
  return (await request("POST", "/app/session", { email, password })) as Account;
}

/** Null when nobody is signed in. */
export async function readSession(): Promise<Account | null> {
  try {
    return (await request("GET", "/app/session")) as Account;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

export async function signOut(): Promise<void> {
  await request("DELETE", "/app/session");
}

/** Sets the password that a link is for; `token` is what the link ends with. */
export async function takePasswordReset(token: string, password: string): Promise<void> {
  await request("POST", "/app/password-reset", { token, password });
}

export async function readConfig(): Promise<Config> {
  return (await request("GET", "/app/config.json")) as Config;
}

export async function listTasks(filter: URLSearchParams, cursor?: string): Promise<Page<Task>> {
  const query = new URLSearchParams(filter);
  if (cursor !== undefined) query.set("cursor", cursor);
  return (await request("GET", `${api}/tasks?${query}`)) as Page<Task>;
}

export async function readTask(key: string): Promise<Task> {
  return (await request("GET", `${api}/tasks/${encodeURIComponent(key)}`)) as Task;
}

export async function listEvents(key: string, cursor?: string): Promise<Page<TaskEvent>> {
  const query = cursor === undefined ? "" : `?${new URLSearchParams({ cursor })}`;
  return (await request("GET", `${api}/tasks/${encodeURIComponent(key)}/events${query}`)) as Page<TaskEvent>;
}
