// The calls of a record's page.
import { address, call, callTagged, type Page, type Task } from "../api";
import type { components } from "../generated/schema";

type Schemas = components["schemas"];
export type Attachment = Schemas["Attachment"];
export type Comment = Schemas["Comment"];
export type Event = Schemas["Event"];
export type FormDocument = Schemas["FormDocument"];
export type Label = Schemas["Label"];
export type Related = Schemas["Related"];
export type LinkKind = Schemas["LinkRequest"]["kind"];

/** As it was after the event of that `seq`, or as it is. */
export const readRecord = (key: string, at?: string): Promise<Task> =>
  call("GET", "/tasks/{key}", { path: { key }, query: at === undefined ? {} : new URLSearchParams({ at }) });

export const listEvents = (key: string, cursor?: string): Promise<Page<Event>> =>
  call("GET", "/tasks/{key}/events", { path: { key }, query: { limit: 50, ...(cursor !== undefined && { cursor }) } });

// ---- comments ----

export const addComment = (key: string, text: string, internal: boolean, idempotencyKey: string): Promise<Comment> =>
  call("POST", "/tasks/{key}/comments", { path: { key }, body: { text, internal }, idempotencyKey });

export async function readComment(key: string, id: string): Promise<{ text: string; etag: string }> {
  const { value, etag } = await callTagged("GET", "/tasks/{key}/comments/{id}", { path: { key, id } });
  return { text: value.text ?? "", etag };
}

export const changeComment = (key: string, id: string, text: string, etag: string): Promise<Comment> =>
  call("PATCH", "/tasks/{key}/comments/{id}", { path: { key, id }, body: { text }, ifMatch: etag });

export const deleteComment = (key: string, id: string): Promise<null> =>
  call("DELETE", "/tasks/{key}/comments/{id}", { path: { key, id } });

// ---- files ----

export const listAttachments = (key: string, cursor?: string): Promise<Page<Attachment>> =>
  call("GET", "/tasks/{key}/attachments", {
    path: { key },
    query: { limit: 200, ...(cursor !== undefined && { cursor }) },
  });

export const deleteAttachment = (key: string, id: string): Promise<null> =>
  call("DELETE", "/tasks/{key}/attachments/{id}", { path: { key, id } });

const under = (key: string, rest: string): string => address(`/tasks/${encodeURIComponent(key)}/${rest}`).href;

export const attachmentHref = (key: string, id?: string): string =>
  under(key, id === undefined ? "attachments" : `attachments/${encodeURIComponent(id)}`);

export const evidenceHref = (key: string): string => under(key, "evidence");

// ---- what it has to do with ----

export const listRelated = (key: string, cursor?: string): Promise<Page<Related>> =>
  call("GET", "/tasks/{key}/related", { path: { key }, query: { limit: 50, ...(cursor !== undefined && { cursor }) } });

export const linkRecord = (key: string, other: string, kind: LinkKind): Promise<Related> =>
  call("POST", "/tasks/{key}/related", { path: { key }, body: { key: other, kind } });

export const unlinkRecord = (key: string, other: string, kind: Schemas["LinkKind"]): Promise<null> =>
  call("DELETE", "/tasks/{key}/related/{other}", { path: { key, other }, query: { kind } });

/** Of all that one may see, by key, identifier or words. */
export async function findRecords(query: object): Promise<Task[]> {
  return (await call("GET", "/tasks", { query })).items;
}

// ---- followers and closing ----

export const follow = (key: string, on: boolean): Promise<null> =>
  call(on ? "PUT" : "DELETE", "/tasks/{key}/followers/me", { path: { key } });

export const proposeClosing = (key: string, body: Schemas["Proposal"], ifMatch?: number): Promise<Task> =>
  call("POST", "/tasks/{key}/closing", { path: { key }, body, ...(ifMatch !== undefined && { ifMatch }) });

export const acceptClosing = (key: string): Promise<Task> =>
  call("POST", "/tasks/{key}/closing/accept", { path: { key }, body: {} });

export const withdrawClosing = (key: string): Promise<Task> =>
  call("DELETE", "/tasks/{key}/closing", { path: { key } });

export const returnClosing = (key: string, note = ""): Promise<Task> =>
  call("POST", "/tasks/{key}/closing/return", { path: { key }, body: note.trim() === "" ? {} : { note } });

// ---- its form and its domain ----

export async function readForm(workspace: string, name: string): Promise<FormDocument> {
  return (await call("GET", "/workspaces/{key}/forms/{name}", { path: { key: workspace, name } })).form;
}

export async function readTimezone(workspace: string): Promise<string> {
  return (await call("GET", "/workspaces/{key}", { path: { key: workspace } })).timezone;
}
