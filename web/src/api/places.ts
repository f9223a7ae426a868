// Domains and workspaces as who manages them sees them.
import { call, callAll, callTagged, type Account } from "../api";
import type { components } from "../generated/schema";
import { language } from "../language";
import { mayManage } from "../rights";

type Schemas = components["schemas"];

export type Workspace = Schemas["Workspace"];
export type WorkspaceChanges = Schemas["WorkspacePatch"];

const page = (cursor: string | undefined) => ({ query: { limit: 200, ...(cursor !== undefined && { cursor }) } });

export const listDomains = () => callAll((cursor) => call("GET", "/domains", page(cursor)));
export const listWorkspaces = () => callAll((cursor) => call("GET", "/workspaces", page(cursor)));

export const addDomain = (key: string) => call("POST", "/domains", { body: { key } });
export const addWorkspace = (body: Schemas["WorkspaceRequest"]) => call("POST", "/workspaces", { body });

export const changeWorkspace = (of: Workspace, body: WorkspaceChanges): Promise<Workspace> =>
  call("PATCH", "/workspaces/{key}", { path: { key: of.key }, ifMatch: of.version, body });

export const listForms = async (key: string) =>
  (await call("GET", "/workspaces/{key}/forms", { path: { key }, query: { language } })).items;

/** Another form judges what names no form. */
export async function chooseDefaultForm(key: string, name: string): Promise<void> {
  const put = async (of: string, isDefault: boolean): Promise<void> => {
    const { value, etag } = await callTagged("GET", "/workspaces/{key}/forms/{name}", { path: { key, name: of } });
    const body = { ...value.form, default: isDefault };
    await call("PUT", "/workspaces/{key}/forms/{name}", { path: { key, name: of }, ifMatch: etag, body });
  };
  const forms = await listForms(key);
  const before = forms.find((one) => one.default)?.name;
  if (before === name) return;
  const chosen = await call("GET", "/workspaces/{key}/forms/{name}", { path: { key, name } });
  const builtIn = chosen.changedAt === null && chosen.changedBy === null && name === "default";
  // The built-in one judges when no other does.
  if (!builtIn) await put(name, true);
  else if (before !== undefined) await put(before, false);
}

/** The keys of the domains that it may manage, in their order. */
export async function managedDomains(account: Account): Promise<string[]> {
  const keys = (await listDomains()).map(({ key }) => key);
  return keys.filter((key) => mayManage(account, key)).sort();
}
