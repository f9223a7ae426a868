// The calls of the records page.
import { call, callAll, type Task, type TaskPage } from "../api";
import type { components } from "../generated/schema";

type Schemas = components["schemas"];
export type View = Schemas["View"];
export type Cell = Schemas["Stats"]["cells"][number];
export type Verdict = Schemas["BulkChanged"]["items"][number];
export type BulkAnswer = Schemas["BulkChanged"];
export type Patch = Schemas["TaskPatch"];
export type { Task };

export interface Asked {
  cursor?: string | undefined;
  limit: number;
  total: boolean;
  /** Words that must hold as well. */
  also?: readonly string[];
}

/** `filter` is a query string of GET /tasks, with `sort` if it has one. */
export function listRecords(filter: string, { cursor, limit, total, also = [] }: Asked): Promise<TaskPage> {
  const query = new URLSearchParams(filter);
  if (also.length > 0) query.set("q", [query.get("q") ?? "", ...also].join(" ").trim());
  query.set("limit", String(limit));
  if (total) query.set("total", "true");
  if (cursor !== undefined) query.set("cursor", cursor);
  return call("GET", "/tasks", { query });
}

export async function countRecords(filter: string, by: string): Promise<Cell[]> {
  const query = new URLSearchParams(filter);
  query.delete("sort");
  query.set("by", by);
  return (await call("GET", "/stats", { query })).cells;
}

/** The list that a cell counts, as a query string. */
export const cellFilter = (cell: Cell): string => new URL(cell.href).search.slice(1);

/** `version` is the one that the change is made to; null: whichever there is. */
export const changeRecord = (key: string, version: number | null, body: Patch): Promise<Task> =>
  call("PATCH", "/tasks/{key}", { path: { key }, body, ifMatch: version ?? "*" }) as Promise<Task>;

/* ---- many at once ---- */

export const bulkAtMost = 1000;

export type Chosen = { keys: string[] } | { filter: string };

export const previewChange = (chosen: Chosen, patch: Patch): Promise<BulkAnswer> =>
  call("POST", "/tasks/bulk", { query: { dryRun: true }, body: { ...chosen, patch } });

export const changeRecords = (
  versions: Record<string, number>,
  patch: Patch,
  idempotencyKey: string,
): Promise<BulkAnswer> =>
  call("POST", "/tasks/bulk", { body: { keys: Object.keys(versions), versions, patch }, idempotencyKey });

export const undoChange = (id: string): Promise<BulkAnswer> => call("POST", "/bulk/{id}/undo", { path: { id } });

/* ---- saved views ---- */

export const listViews = (): Promise<View[]> =>
  callAll((cursor) => call("GET", "/views", { query: { limit: 200, ...(cursor !== undefined && { cursor }) } }));

export const createView = (body: Schemas["ViewRequest"]): Promise<View> => call("POST", "/views", { body });

export const changeView = (view: View, body: Schemas["ViewPatch"]): Promise<View> =>
  call("PATCH", "/views/{id}", { path: { id: view.id }, body, ifMatch: view.version });

export const deleteView = async (view: View): Promise<void> =>
  void (await call("DELETE", "/views/{id}", { path: { id: view.id } }));

/* ---- new records ---- */

export type Report = Record<string, unknown>;

/** The key of the new one. */
export async function addRecord(task: Report, idempotencyKey: string, form = ""): Promise<string> {
  const { taskLink } = (await call("POST", "/task/add-task", {
    query: form === "" ? {} : { form },
    body: task as Schemas["TaskRequest"],
    idempotencyKey,
  })) as Schemas["TaskCreated"];
  return decodeURIComponent(taskLink.split("/").at(-1) ?? "");
}

/** Judges it as add-task would, and stores nothing. */
export const checkRecord = async (form: string, task: Report): Promise<void> =>
  void (await call("POST", "/task/add-task", {
    query: { ...(form !== "" && { form }), dryRun: true },
    body: task as Schemas["TaskRequest"],
  }));

/** The part of JSON Schema that schemas of forms are made of. */
export interface Schema {
  title?: string;
  description?: string;
  type?: string;
  format?: string;
  enum?: (string | boolean)[];
  const?: string;
  oneOf?: Schema[];
  anyOf?: Schema[];
  items?: Schema;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  default?: unknown;
  readOnly?: boolean;
  deprecated?: boolean;
  required?: string[];
  properties?: Record<string, Schema>;
  allOf?: { if?: Schema; then?: Schema }[];
  $ref?: string;
}

export const readSchema = async (key: string, name: string, language: string): Promise<Schema> =>
  (await call("GET", "/workspaces/{key}/forms/{name}/schema", {
    path: { key, name },
    query: { language },
  })) as unknown as Schema;
