// The record that a page is about, for its parts.
import { createContext } from "preact";
import type { Account, Task } from "../../api";
import type { FormDocument } from "../../api/record";
import type { Field } from "./fields";

export interface May {
  /** Change it, comment on it, attach to it. */
  write: boolean;
  manage: boolean;
}

export interface OnRecordValue {
  task: Task;
  account: Account;
  may: May;
  /** Null as long as it is not known, or if it cannot be read. */
  form: FormDocument | null;
  fields: ReadonlyMap<string, Field>;
  /** Reads the record and its history again. */
  refresh: () => void;
  /** The record has another key since this change. */
  moved: (now: Task) => void;
  /** A field says how it is opened, so that a key can do that. */
  opener: (name: string, open: (() => void) | null) => void;
}

export const OnRecord = createContext<OnRecordValue>(null as unknown as OnRecordValue);
