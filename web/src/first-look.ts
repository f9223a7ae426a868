// The first look around: it is offered until somebody has taken it or does not want it, and can be had again.
import type { ComponentType } from "preact";
import { changePreferences, preferences } from "./preferences";
import { createStore, useStore } from "./store";

const name = "first look";

/** What shows it, while it is shown. */
export const firstLook = createStore<{ Show: ComponentType } | null>(null);

export function openFirstLook(): void {
  import("./pages/desk").then(
    ({ FirstLook }) => firstLook.set({ Show: FirstLook }),
    () => location.reload(), // the file was there before the server was updated
  );
}

export function endFirstLook(): void {
  firstLook.set(null);
  const seen = preferences.get()?.seen ?? [];
  if (!seen.includes(name)) changePreferences({ seen: [...seen, name] });
}

/** Has this person never been asked? */
export function useIsNew(): boolean {
  const known = useStore(preferences);
  const open = useStore(firstLook);
  return known !== null && open === null && !known.seen.includes(name);
}
