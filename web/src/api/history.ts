// The events of administration, in the order of the chains.
import { call, type TaskEvent } from "../api";

export interface AdminPage {
  events: TaskEvent[];
  /** Where more is; absent at the end. */
  next?: string;
}

const pages = 50;

/** Up to 10,000 of them from there on. */
export async function listAdminEvents(domain: string, kind: string, cursor?: string): Promise<AdminPage> {
  const events: TaskEvent[] = [];
  let at = cursor;
  for (let page = 0; page < pages; page += 1) {
    const answer = await call("GET", "/changes", {
      query: {
        action: [kind === "" ? "admin.*" : `admin.${kind}*`],
        limit: 200,
        ...(domain !== "" && { domain: [domain] }),
        ...(at !== undefined && { cursor: at }),
      },
    });
    events.push(...answer.items);
    if (answer.items.length === 0 || answer.next === undefined) return { events };
    at = answer.next;
  }
  return { events, ...(at !== undefined && { next: at }) };
}

export const receiptOf = ({ domain, seq, hash }: TaskEvent): string => `${domain}:${seq}:${hash}`;
