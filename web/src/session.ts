// Who is signed in. The session itself is a cookie that no script can read; this only knows what
// the server said about it.
import { onUnauthorized, readSession, signIn, signOut, type Account } from "./api";
import { putPeople } from "./people";
import { endAddress } from "./single-sign-on";
import { createStore } from "./store";

export type Session =
  | { state: "unknown" }
  | { state: "unreachable"; error: unknown }
  | { state: "signed-out"; /** Who is expected to sign in, if that is known. */ email?: string }
  /** It ended while `account` was at work: the page stays as it is until they sign in again. */
  | { state: "expired"; account: Account }
  | { state: "signed-in"; account: Account; /** Greater at every sign-in. */ epoch: number };

export const session = createStore<Session>({ state: "unknown" });

let epoch = 0;

function signedIn(account: Account): void {
  epoch += 1;
  session.set({ state: "signed-in", account, epoch });
  putPeople([{ email: account.email, name: account.name, active: true }]);
}

/** Finds out who is signed in; if nobody is, `email` is expected to sign in. */
export async function openSession(email = ""): Promise<void> {
  session.set({ state: "unknown" });
  try {
    const account = await readSession();
    if (account) signedIn(account);
    else session.set({ state: "signed-out", email });
  } catch (error) {
    session.set({ state: "unreachable", error });
  }
}

export async function beginSession(email: string, password: string): Promise<void> {
  signedIn(await signIn(email, password));
}

/** Somebody was signed in by a link: their cookie has come with the answer. */
export function enterSession(account: Account): void {
  signedIn(account);
}

export async function endSession(): Promise<void> {
  const now = session.get();
  await signOut();
  session.set({ state: "signed-out" });
  if (now.state === "signed-in" && now.account.singleSignOn) location.assign(endAddress);
}

onUnauthorized(() => {
  const now = session.get();
  if (now.state === "signed-in") session.set({ state: "expired", account: now.account });
});
