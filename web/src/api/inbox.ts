// The calls of the inbox.
import { call, type Task } from "../api";
import type { components } from "../generated/schema";

type Schemas = components["schemas"];
export type InboxRow = Schemas["InboxRow"];
export type InboxPage = Schemas["InboxPage"];
export type Reason = Schemas["InboxReasonName"];

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
