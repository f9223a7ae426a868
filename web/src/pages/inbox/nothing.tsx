// Nothing is in this part of the inbox: since when, and what is worth doing now.
import type { JSX } from "preact";
import type { Account } from "../../api";
import { Icon } from "../../components/icon";
import { formatNear, formatTime } from "../../format";
import { inboxCounts, nextReturn } from "../../inbox";
import { href } from "../../router";
import { manages } from "../../routes";
import { useStore } from "../../store";
import { s } from "../../strings/inbox";
import type { Tab } from "./list";

export function Nothing({ tab, at, account }: { tab: Tab; at: number; account: Account }): JSX.Element {
  const counts = useStore(inboxCounts);
  const next = useStore(nextReturn);
  const text = {
    me: `${s.doneText} ${s.comes}`,
    mentions: `${s.noMentions} ${s.comes}`,
    new: manages(account) ? `${s.noNew} ${s.comes}` : s.noNewNever,
    checks: `${s.noChecks} ${s.comes}`,
    snoozed: s.noSnoozed,
  }[tab];
  const link = (to: "new" | "checks"): JSX.Element | false =>
    to !== tab &&
    !!counts[to] && (
      <a href={href(["inbox"], { tab: to })}>
        {s.tabs[to]}: {counts[to]}
      </a>
    );
  return (
    <section class="stack inbox-nothing">
      {tab !== "snoozed" && (
        <h2>
          <Icon name="check" />
          {s.allDone}{" "}
          <time dateTime={new Date(at).toISOString()}>{s.asOf(formatTime(at))}</time>
        </h2>
      )}
      <p>{text}</p>
      {tab !== "snoozed" && next !== null && <p class="hint">{s.nextReturn(formatNear(next))}</p>}
      <p class="line">
        {link("new")}
        {link("checks")}
        <a href={href(["todo"], { open: "true" })}>{s.goOpen}</a>
      </p>
    </section>
  );
}
