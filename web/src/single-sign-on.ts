// Single sign-on: where it begins, where it ends, and what the way back says.

/** Begins at the provider, and ends at the page that is shown now. */
export function startAddress(): string {
  return `./sso/start?to=${encodeURIComponent(location.hash.replace(/^#/, ""))}`;
}

/** Signing out at the provider too. */
export const endAddress = "./sso/sign-out";

/** Why the way back has led to the sign-in page. It is said once: a reload does not repeat it. */
function takeOutcome(): string | null {
  const outcome = new URLSearchParams(location.search).get("sign-in");
  if (outcome !== null) history.replaceState(history.state, "", location.pathname + location.hash);
  return outcome;
}

export const outcome = takeOutcome();
