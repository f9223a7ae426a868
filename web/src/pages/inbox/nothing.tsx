// Nothing is in this part of the inbox: since when, and what is worth doing now.
import type { JSX } from "preact";
import type { Account } from "../../api";
import { Icon } from "../../components/icon";
import { formatNear, formatTime } from "../../format";
import { inboxCounts, nextReturn } from "../../inbox";
import { href } from "../../router";
import { useStore } from "../../store";
import { s } from "../../strings/inbox";
import type { Tab } from "./list";

export function Nothing({ tab, at, account }: { tab: Tab; at: number; account: Account }): JSX.Element {
  const counts = useStore(inboxCounts);
  const next = useStore(nextReturn);
  const text = {
    me: s.doneText,
    mentions: s.noMentions,
    new: account.admin || account.roles.some(({ role }) => role === "manager") ? s.noNew : s.noNewNever,
    checks: s.noChecks,
    snoozed: s.noSnoozed,
  }[tab];
  const link = (to: Tab, words: (n: number) => string, n: number | null): JSX.Element | false =>
    to !== tab && n !== null && n > 0 && <a href={href(["inbox"], { tab: to })}>{words(n)}</a>;
  return (
    <section class="stack inbox-nothing">
      {tab !== "snoozed" && (
        <h2>
          <Icon name="check" />
          {s.allDone}
          <time dateTime={new Date(at).toISOString()}>{s.asOf(formatTime(at))}</time>
        </h2>
      )}
      <p>{text}</p>
      {tab !== "snoozed" && next !== null && <p class="hint">{s.nextReturn(formatNear(next))}</p>}
      <p class="line">
        {link("new", s.goNew, counts.new)}
        {link("checks", s.goChecks, counts.checks)}
        <a href={href(["todo"], { open: "true" })}>{s.goOpen}</a>
      </p>
    </section>
  );
}
