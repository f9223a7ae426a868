// The record beside the list: its own page, as a part of this one.
import type { JSX } from "preact";
import type { Account } from "../../api";
import { PageInside } from "../../page";
import RecordPage from "../record";

const asItIs = new URLSearchParams();

export function RecordPart({ taskKey, account }: { taskKey: string; account: Account }): JSX.Element {
  return (
    <PageInside.Provider value={true}>
      <RecordPage key={taskKey} rest={[taskKey]} query={asItIs} scope="" account={account} />
    </PageInside.Provider>
  );
}
