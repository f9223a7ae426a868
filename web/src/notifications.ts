// What has happened that concerns the person: how much of it is unread, for the bell. It is counted again when
// something happens anywhere; notifications are made a moment after the event, so a little later.
import { call } from "./api";
import type { components } from "./generated/schema";
import { onChanges } from "./live";
import { putPeople } from "./people";
import { session } from "./session";
import { createStore } from "./store";

export type Notification = components["schemas"]["Notification"];

export const unread = createStore(0);

const pause = 1500;
let timer: number | undefined;
let known = (): void => {};
const counted = new Promise<void>((resolve) => (known = resolve));

/** The newest ones; the number of all that are unread is kept. */
export async function listNotifications(limit: number): Promise<Notification[]> {
  const page = await call("GET", "/me/notifications", { query: { limit } });
  putPeople(page.people);
  unread.set(page.unread);
  known();
  return page.items;
}

export async function markRead(what: { ids: string[] } | { key: string } | { upTo: string }): Promise<void> {
  await counted;
  if (unread.get() === 0) return;
  unread.set((await call("POST", "/me/notifications/read", { body: what })).unread);
}

function count(): void {
  timer = undefined;
  if (session.get().state === "signed-in") listNotifications(1).catch(() => {});
}

function happened(): void {
  if (document.visibilityState === "visible") timer ??= window.setTimeout(count, pause);
}

/** Once, at the start of the app. */
export function startNotifications(): void {
  onChanges(happened, happened);
  document.addEventListener("visibilitychange", happened);
  session.watch(({ state }) => (state === "signed-in" ? count() : unread.set(0)));
}
