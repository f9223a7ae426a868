// What is remembered in this browser. A browser may refuse (private windows, a policy): then
// nothing is remembered, and nothing breaks. Signing out forgets all of it.

/** Where the server is, under a path of a proxy: empty on a host of its own. */
const under = new URL("../", location.href).pathname.slice(0, -1);

/** Before every name that a browser keeps for one host: another server of ours may be on it, under another path. */
export const prefix = under === "" ? "bzctrl." : `bzctrl(${under}).`;

export function recall(name: string): string | null {
  try {
    return localStorage.getItem(prefix + name);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(prefix + name);
    else localStorage.setItem(prefix + name, value);
  } catch {
    // see above
  }
}

/** The names that begin so. */
export function remembered(start = ""): string[] {
  try {
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(prefix + start))
      .map((name) => name.slice(prefix.length));
  } catch {
    return [];
  }
}

export function forgetAll(): void {
  for (const name of remembered()) remember(name, null);
}
