// Why a record is in the inbox, in words.
import type { InboxRow } from "../../api/inbox";
import { addDays, todayIn } from "../../dates";
import { formatDaysFrom } from "../../format";
import { nameOf } from "../../people";
import { s } from "../../strings/inbox";

type Why = InboxRow["reasons"][number];

/** What presses most comes first. */
const order = ["overdue", "confirm", "mentioned", "due", "assigned", "new"];

function words({ reason, since, by }: Why, dueDate: string | null): string {
  const who = by === null ? s.rule : nameOf(by);
  const today = todayIn();
  switch (reason) {
    case "overdue":
      // The first day over is one day; a browser in another zone may be a day behind.
      return s.overdueDays(Math.max(1, Math.round((Date.parse(today) - Date.parse(since)) / 86_400_000) + 1));
    case "due":
      return s.due(formatDaysFrom(dueDate ?? addDays(since, 3), today));
    case "assigned":
      return s.assigned(who);
    case "mentioned":
      return s.mentioned(who);
    case "confirm":
      return s.confirm(who);
    case "new":
      return s.fresh(who);
  }
}

export interface ReasonWords {
  text: string;
  urgent: boolean;
}

export function reasonWords({ reasons, task }: Pick<InboxRow, "reasons" | "task">): ReasonWords[] {
  // What is here for another reason can be overdue as well.
  const late = task.overdue && task.dueDate !== null && !reasons.some(({ reason }) => reason === "overdue");
  return [...reasons, ...(late ? [{ reason: "overdue", since: addDays(task.dueDate!, 1), by: null } as const] : [])]
    .filter(({ reason }) => task.open || reason === "mentioned")
    .sort((a, b) => order.indexOf(a.reason) - order.indexOf(b.reason))
    .map((why) => ({ text: words(why, task.dueDate), urgent: why.reason === "overdue" }));
}
