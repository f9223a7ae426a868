// What the pages show: everything that one may see, or what is below one domain or workspace. The
// scope is in the address as `in`, so that a link means the same to everybody; the one that was
// chosen last is remembered for the next visit.
import { useLayoutEffect } from "preact/hooks";
import { call, callAll } from "./api";
import { route, type Route } from "./router";
import { recall, remember } from "./storage";
import { createStore } from "./store";

export interface ScopeNode {
  key: string;
  kind: "domain" | "workspace";
  /** What people call it: the name of a workspace, the last part of a domain. */
  name: string;
  /** How far below the first domain that one may see. */
  depth: number;
}

/** How people tell it from others: its name and its key. */
export const longName = ({ key, name }: ScopeNode): string => (name === "" || name === key ? key : `${name} (${key})`);

/** The scope that an address names. */
export const scopeOf = ({ query }: Route): string | undefined => query.get("in")?.trim().toUpperCase();

/** Empty for everything. */
export const scope = createStore(scopeOf(route.get()) ?? recall("scope") ?? "");

/** A page is of one place, or of all: whatever it was opened by, the scope is what it shows. */
export function useScope(shown: string): void {
  useLayoutEffect(() => scope.set(shown), [shown]);
}

export function chooseScope(key: string): void {
  remember("scope", key === "" ? null : key);
  scope.set(key);
}

let loading: Promise<ScopeNode[]> | null = null;

/** Every domain and workspace that one may see, as a tree from top to bottom. */
export function loadScopes(): Promise<ScopeNode[]> {
  loading ??= Promise.all([
    callAll((cursor) => call("GET", "/domains", { query: { limit: 200, ...(cursor !== undefined && { cursor }) } })),
    callAll((cursor) => call("GET", "/workspaces", { query: { limit: 200, ...(cursor !== undefined && { cursor }) } })),
  ]).then(
    ([domains, workspaces]) => treeOf(domains, workspaces),
    (error: unknown) => {
      loading = null; // the next who asks tries again
      throw error;
    },
  );
  return loading;
}

function treeOf(domains: { key: string }[], workspaces: { key: string; name: string }[]): ScopeNode[] {
  const parents = new Set(domains.map(({ key }) => key));
  const depthOf = (key: string): number =>
    key.split("-").filter((_, i, parts) => i > 0 && parents.has(parts.slice(0, i).join("-"))).length;
  const nodes: ScopeNode[] = [
    ...domains.map(({ key }) => ({ key, kind: "domain" as const, name: key, depth: depthOf(key) })),
    ...workspaces.map(({ key, name }) => ({ key, kind: "workspace" as const, name, depth: depthOf(key) })),
  ];
  return nodes.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Domains or workspaces were added or renamed: the next who asks reads them again. */
export function reloadScopes(): void {
  loading = null;
}

export function forgetScopes(): void {
  loading = null;
  scope.set("");
}

/** The scope as the API asks for it: a filter of lists, numbers and the change feed. */
export async function scopeQuery(key: string): Promise<{ domain?: string[]; workspace?: string[] }> {
  if (key === "") return {};
  const node = (await loadScopes()).find((one) => one.key === key);
  return node?.kind === "workspace" ? { workspace: [key] } : { domain: [key] };
}
