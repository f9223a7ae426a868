// What is remembered in this browser. A browser may refuse (private windows, a policy): then
// nothing is remembered, and nothing breaks.
export function recall(name: string): string | null {
  try {
    return localStorage.getItem(`bzctrl.${name}`);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`bzctrl.${name}`);
    else localStorage.setItem(`bzctrl.${name}`, value);
  } catch {
    // see above
  }
}
