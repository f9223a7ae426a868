// Mail that waits, and people whom it does not reach.
import { call, callAll } from "../api";
import type { components } from "../generated/schema";

type Schemas = components["schemas"];

export type MailQueue = Schemas["MailQueue"];
export type MailAddress = Schemas["MailAddressPage"]["items"][number];

export const readMail = () => call("GET", "/mail");

export const listMailAddresses = () =>
  callAll((cursor) =>
    call("GET", "/mail/addresses", { query: { limit: 200, ...(cursor !== undefined && { cursor }) } }),
  );

export const resumeMailAddress = (email: string) =>
  call("DELETE", "/mail/addresses/{email}/suspension", { path: { email } });
