// ApiForms as managers make them: read, try, save, and their versions.
import { call, callAll, callTagged, Problem, type Tagged } from "../api";
import type { components } from "../generated/schema";

type Schemas = components["schemas"];

export type FormDocument = Schemas["FormDocument"];
export type FormField = Schemas["FormField"];
export type Form = Schemas["Form"];
export type FormPreview = Schemas["FormPreview"];
export type FormHead = Schemas["FormHead"];
export type FormVersion = Schemas["FormVersionPage"]["items"][number];
export type Label = Schemas["Label"];

const one = "/workspaces/{key}/forms/{name}";

/** Null where there is none of this name yet. */
export async function readForm(key: string, name: string): Promise<Tagged<Form> | null> {
  try {
    return await callTagged("GET", one, { path: { key, name } });
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

export const readFormVersion = (key: string, name: string, version: number): Promise<Form> =>
  call("GET", one, { path: { key, name }, query: { version } });

/** What reports would look like, or a Problem with all that is wrong; nothing is stored. */
export const tryForm = async (key: string, name: string, body: FormDocument, signal: AbortSignal) =>
  (await call("PUT", one, { path: { key, name }, query: { dryRun: true }, body, signal })) as FormPreview;

/** `etag` is that of the version which was changed; empty for a new form. */
export const saveForm = async (key: string, name: string, body: FormDocument, etag: string) =>
  (await callTagged("PUT", one, { path: { key, name }, body, ...(etag !== "" && { ifMatch: etag }) })) as Tagged<Form>;

export const listFormVersions = (key: string, name: string): Promise<FormVersion[]> =>
  callAll(
    (cursor) =>
      call("GET", "/workspaces/{key}/forms/{name}/versions", {
        path: { key, name },
        query: { limit: 200, ...(cursor !== undefined && { cursor }) },
      }),
    1000,
  );

export const readSample = (key: string, name: string) =>
  call("GET", "/workspaces/{key}/forms/{name}/sample", { path: { key, name } });

export const readFormSchema = async (key: string, name: string) =>
  (await call("GET", "/workspaces/{key}/forms/{name}/schema", { path: { key, name } })) as unknown as {
    properties?: Record<string, object>;
    required?: string[];
  };
