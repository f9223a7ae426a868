// Webhooks: systems that hear of what happens, and what was sent to them.
import { call, callAll } from "../api";
import type { components } from "../generated/schema";

type Schemas = components["schemas"];

export type Webhook = Schemas["Webhook"];
export type WebhookWithSecret = Schemas["WebhookWithSecret"];
export type WebhookEvent = Schemas["WebhookEvent"];
export type WebhookChanges = Schemas["WebhookPatch"];
export type Delivery = Schemas["WebhookDelivery"];

export const events: readonly WebhookEvent[] = [
  "task.created",
  "task.updated",
  "task.assigned",
  "task.closed",
  "task.reopened",
  "task.expired",
  "task.commented",
  "task.attached",
];

const of = (id: string) => ({ path: { id } });

export const listWebhooks = () =>
  callAll((cursor) => call("GET", "/webhooks", { query: { limit: 200, ...(cursor !== undefined && { cursor }) } }));

export const readWebhook = (id: string) => call("GET", "/webhooks/{id}", of(id));
export const addWebhook = (body: Schemas["WebhookRequest"]) => call("POST", "/webhooks", { body });

export const changeWebhook = (hook: Webhook, body: WebhookChanges) =>
  call("PATCH", "/webhooks/{id}", { ...of(hook.id), ifMatch: hook.version, body });

export const removeWebhook = (id: string) => call("DELETE", "/webhooks/{id}", of(id));

/** The old secret signs as well for a day, or for the hours named. */
export const rotateSecret = (id: string, keepOldHours?: number) =>
  call("POST", "/webhooks/{id}/secret", { ...of(id), body: { ...(keepOldHours !== undefined && { keepOldHours }) } });

export const testWebhook = (id: string) => call("POST", "/webhooks/{id}/test", of(id));

export const listDeliveries = async (id: string): Promise<Delivery[]> =>
  (await call("GET", "/webhooks/{id}/deliveries", { ...of(id), query: { limit: 50 } })).items;

export const readDelivery = (id: string, delivery: string) =>
  call("GET", "/webhooks/{id}/deliveries/{delivery}", { path: { id, delivery } });

export const resend = (id: string, delivery: string) =>
  call("POST", "/webhooks/{id}/deliveries/{delivery}/resend", { path: { id, delivery } });

export const resendSince = (id: string, since: string) =>
  call("POST", "/webhooks/{id}/resend", { ...of(id), body: { since } });
