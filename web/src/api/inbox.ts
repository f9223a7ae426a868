// The calls of the inbox.
import { call, type Task } from "../api";
import type { components } from "../generated/schema";

type Schemas = components["schemas"];
export type InboxRow = Schemas["InboxRow"];
export type InboxPage = Schemas["InboxPage"];
export type Reason = Schemas["InboxReasonName"];
export type FormDocument = Schemas["FormDocument"];

export interface InboxQuery {
  reason?: Reason[];
  snoozed?: boolean;
  total?: boolean;
  limit?: number;
  cursor?: string;
}

export const listInbox = (query: InboxQuery): Promise<InboxPage> => call("GET", "/me/inbox", { query });

/** Puts a record away until something new happens, or until a time; `done: false` takes that back. */
export const answerInbox = async (key: string, answer: Schemas["InboxAnswer"]): Promise<void> =>
  void (await call("POST", "/me/inbox/{key}", { path: { key }, body: answer }));

/** Those that have an order or the LRN in common with it, or are linked to it. */
export const listRelated = async (key: string): Promise<Schemas["Related"][]> =>
  (await call("GET", "/tasks/{key}/related", { path: { key }, query: { limit: 20 } })).items;

export const findRecords = async (q: string, signal: AbortSignal): Promise<Task[]> =>
  (await call("GET", "/tasks", { query: { q, limit: 8 }, signal })).items;

export const proposeClosing = (key: string, result: string | undefined): Promise<Task> =>
  call("POST", "/tasks/{key}/closing", { path: { key }, body: result === undefined ? {} : { result } });

export const acceptClosing = (key: string): Promise<Task> =>
  call("POST", "/tasks/{key}/closing/accept", { path: { key }, body: {} });

export const returnClosing = (key: string, note: string): Promise<Task> =>
  call("POST", "/tasks/{key}/closing/return", { path: { key }, body: note.trim() === "" ? {} : { note } });

export const readForm = async (workspace: string, name: string): Promise<FormDocument> =>
  (await call("GET", "/workspaces/{key}/forms/{name}", { path: { key: workspace, name } })).form;
