// What the server keeps for a person wherever they sign in: the views that they have pinned, and what need
// not be shown to them again.
import { call } from "./api";
import { failureWords } from "./components/failure";
import { session } from "./session";
import { createStore } from "./store";
import { toast } from "./toast";

export interface Preferences {
  /** Ids of views, in their order. */
  pins: string[];
  seen: string[];
}

/** Null while they are not known. */
export const preferences = createStore<Preferences | null>(null);

/** Shown at once; back as it was when the server does not take it. */
export function changePreferences(change: Partial<Preferences>): void {
  const before = preferences.get();
  if (before === null) return;
  preferences.set({ ...before, ...change });
  call("PATCH", "/me/preferences", { body: change }).catch((error: unknown) => {
    preferences.set(before);
    toast(failureWords(error)[1]);
  });
}

/** Once, at the start of the app. */
export function startPreferences(): void {
  let whose = "";
  session.watch((now) => {
    if (now.state === "signed-out") {
      whose = "";
      preferences.set(null);
    }
    if (now.state !== "signed-in" || now.account.email === whose) return;
    whose = now.account.email;
    // Without them nothing is pinned, and nobody is asked to look around.
    call("GET", "/me/preferences").then(preferences.set, () => {});
  });
}
