// The calls of the inbox.
import { call } from "../api";
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
