// What signing out would lose: texts that nobody has sent, and files on their way.
import type { Account } from "./api";
import { remembered } from "./storage";
import { createStore } from "./store";
import type { Upload } from "./upload";

export const uploads = createStore<readonly Upload[]>([]);

export interface Unsent {
  /** The records with drafts, and what else has one, under the names of drafts.ts. */
  drafts: string[];
  files: number;
}

export function unsent(account: Account): Unsent | null {
  const start = `draft.${account.email}.`;
  const drafts = [...new Set(remembered(start).map((name) => name.slice(start.length).split(".")[0] ?? ""))];
  const files = uploads.get().filter(({ failed }) => failed === "").length;
  return drafts.length + files === 0 ? null : { drafts, files };
}
