// Systems that call the API, and their secrets.
import { call, callAll } from "../api";
import type { components } from "../generated/schema";

type Schemas = components["schemas"];

export type Client = Schemas["Client"];
export type ClientCreated = Schemas["ClientCreated"];
export type ClientChanges = Schemas["ClientPatch"];
export type Scope = Schemas["Scopes"][number];
export type Secret = Schemas["ClientSecret"];
export type SecretCreated = Schemas["ClientSecretCreated"];

export const scopes: readonly Scope[] = ["task:create", "task:read", "task:write"];

export const listClients = () =>
  callAll((cursor) => call("GET", "/clients", { query: { limit: 200, ...(cursor !== undefined && { cursor }) } }));

const of = (clientId: string) => ({ path: { clientId } });

export const readClient = (clientId: string) => call("GET", "/clients/{clientId}", of(clientId));
export const addClient = (body: Schemas["ClientRequest"]) => call("POST", "/clients", { body });

export const changeClient = (client: Client, body: ClientChanges): Promise<Client> =>
  call("PATCH", "/clients/{clientId}", { ...of(client.clientId), ifMatch: client.version, body });

export const listSecrets = async (clientId: string): Promise<Secret[]> =>
  (await call("GET", "/clients/{clientId}/secrets", of(clientId))).items;

export const addSecret = (clientId: string, expiresAt: string | null): Promise<SecretCreated> =>
  call("POST", "/clients/{clientId}/secrets", { ...of(clientId), body: { expiresAt } });

export const revokeSecret = (clientId: string, id: string) =>
  call("DELETE", "/clients/{clientId}/secrets/{id}", { path: { clientId, id } });
