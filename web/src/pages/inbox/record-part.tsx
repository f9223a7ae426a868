// The record beside the list: its own page, as a part of this one.
import type { JSX } from "preact";
import type { Account } from "../../api";
import { PageInside } from "../../page";
import RecordPage from "../record";
import type { AskProps } from "./dialogs";

const asItIs = new URLSearchParams();

interface RecordPartProps {
  taskKey: string;
  account: Account;
  act: AskProps["act"];
}

export function RecordPart({ taskKey, account, act }: RecordPartProps): JSX.Element {
  return (
    <PageInside.Provider value={act}>
      <RecordPage key={taskKey} rest={[taskKey]} query={asItIs} scope="" account={account} />
    </PageInside.Provider>
  );
}
