// Who changed what in the administration: in words, with before and after, and what proves it.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { TaskEvent } from "../../api";
import { listAdminEvents, receiptOf, type AdminPage } from "../../api/history";
import type { RoleName } from "../../api/people";
import { managedDomains } from "../../api/places";
import { CopyButton } from "../../components/copy-button";
import { EmptyState } from "../../components/empty-state";
import { Select } from "../../components/entry";
import { Failure } from "../../components/failure";
import { Icon } from "../../components/icon";
import { Person } from "../../components/person";
import { Skeleton } from "../../components/skeleton";
import { Moment } from "../../components/when";
import { formatCount } from "../../format";
import type { PageProps } from "../../lazy";
import { useResource } from "../../resource";
import { correct, href } from "../../router";
import { s as words } from "../../strings/workshop";
import { s } from "../../strings/workshop-history";
import { roleName } from "../../strings/workshop-people";
import { useDeed } from "./refused";
import { writeCsv } from "./csv";
import { download } from "./parts";
import { SectionHead } from "./sectioned";

const step = 100;

type Changes = Record<string, [unknown, unknown]>;

const changesOf = (event: TaskEvent): Changes => (event.changes ?? {}) as Changes;

/** Which of its members says what the event is about, the first that there is. */
const subjects: readonly string[] = ["person", "client", "form", "secret", "name", "host", "group"];
const subjectsOf: Partial<Record<string, readonly string[]>> = {
  client: ["name", "client"],
  view: ["name"],
  rule: ["name"],
  webhook: ["host"],
};

function subjectOf(event: TaskEvent): string {
  const changes = changesOf(event);
  const [, thing = ""] = event.action.split(".");
  if (thing === "workspace" || thing === "domain") return event.key;
  for (const name of subjectsOf[thing] ?? subjects) {
    const [before, after] = changes[name] ?? [];
    const value = after ?? before;
    if (typeof value === "string") return value;
  }
  return event.key;
}

function titleOf(event: TaskEvent): string {
  const [, thing = "", act = ""] = event.action.split(".");
  if (thing === "state") return s.state;
  if (thing === "erased") return s.erased;
  return [s.things[thing] ?? thing, subjectOf(event), s.acts[act] ?? act].join(" ");
}

function valueText(value: unknown, member: string): string {
  if (member === "role" && typeof value === "string") return roleName(value as RoleName) ?? value;
  // There is one, or another one than before: the history keeps no more of it.
  if (["set", "made", "changed", "rotated"].includes(String(value))) return s.set;
  if (member === "remindAtMinute" && typeof value === "number")
    return `${Math.floor(value / 60)}:${String(value % 60).padStart(2, "0")}`;
  if (value === null || value === undefined || value === "") return s.none;
  if (value === true) return s.yes;
  if (value === false) return s.no;
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.join(", ") || s.none;
  return typeof value === "string" ? value : JSON.stringify(value);
}

function Row({ event }: { event: TaskEvent }): JSX.Element {
  const changes = Object.entries(changesOf(event)).filter(
    ([, [before, after]]) => JSON.stringify(before) !== JSON.stringify(after),
  );
  const form = event.action.startsWith("admin.form.")
    ? href(["workshop", "forms", event.key, subjectOf(event)], { tab: "versions" })
    : null;
  return (
    <li class="admin-event">
      <div class="row-main">
        <strong dir="auto">
          {form === null ? titleOf(event) : <a href={form}>{titleOf(event)}</a>}
        </strong>
        <span class="hint">
          {event.actor === null ? s.operator : <Person email={event.actor} />} · <Moment at={event.at} /> ·{" "}
          <code>{event.key}</code>
        </span>
      </div>
      <CopyButton text={receiptOf(event)} label={s.receipt} class="button tiny" />
      {event.changes === null ? (
        <p class="hint">{s.contentErased}</p>
      ) : (
        <dl class="stack before-after">
          {changes.map(([name, [before, after]]) => (
            <div key={name}>
              <dt>{s.members[name] ?? s.things[name] ?? name}</dt>
              <dd>
                {before !== null && (
                  <>
                    <span class="unseen">{s.before} </span>
                    <del>
                      <bdi>{valueText(before, name)}</bdi>
                    </del>{" "}
                    →{" "}
                  </>
                )}
                <span class="unseen">{s.after} </span>
                <ins>
                  <bdi>{valueText(after, name)}</bdi>
                </ins>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}

const newestFirst = (events: readonly TaskEvent[]): TaskEvent[] =>
  [...events].sort((a, b) => (a.at === b.at ? b.seq - a.seq : a.at < b.at ? 1 : -1));

function exportEvents(events: readonly TaskEvent[]): void {
  const rows = events.map((event) => [
    event.at,
    event.actor ?? s.operator,
    event.action,
    titleOf(event),
    event.key,
    JSON.stringify(event.changes),
    receiptOf(event),
  ]);
  download(
    "administration.csv",
    "text/csv",
    writeCsv([["at", "actor", "action", "text", "key", "changes", "receipt"], ...rows]),
  );
}

function Events({ domain, kind }: { domain: string; kind: string }): JSX.Element {
  const [first, reload] = useResource(`admin ${domain} ${kind}`, () => listAdminEvents(domain, kind));
  const [more, setMore] = useState<AdminPage | null>(null);
  const [shown, setShown] = useState(step);
  const act = useDeed();
  if (first.state === "failed") return <Failure error={first.error} retry={reload} />;
  if (first.state === "loading") return <Skeleton />;
  const all = [...first.value.events, ...(more?.events ?? [])];
  const { next } = more ?? first.value;
  // What the proof needs says nothing to people; whoever wants it asks for it.
  const events = newestFirst(kind === "" ? all.filter(({ action }) => !action.startsWith("admin.state")) : all);
  const readOn = async (): Promise<void> => {
    const page = await listAdminEvents(domain, kind, next);
    setMore({ ...page, events: [...(more?.events ?? []), ...page.events] });
  };
  if (events.length === 0) return <EmptyState title={s.empty} />;
  return (
    <>
      <p class="line">
        <button type="button" class="button quiet" onClick={() => exportEvents(events)}>
          {s.export}
        </button>
        <span class="hint">{s.receiptHint}</span>
      </p>
      {next !== undefined && (
        <p class="note">
          {s.many(formatCount(all.length))}{" "}
          <button type="button" class="button quiet" onClick={() => act(readOn)}>
            {s.readOn}
          </button>
        </p>
      )}
      <ol class="rows admin-rows" aria-label={s.list}>
        {events.slice(0, shown).map((event) => (
          <Row key={`${event.domain} ${event.seq}`} event={event} />
        ))}
      </ol>
      {shown < events.length && (
        <button type="button" class="button" onClick={() => setShown(shown + step)}>
          <Icon name="down" />
          {s.more}
        </button>
      )}
    </>
  );
}

export default function HistoryPage({ query, account }: PageProps): JSX.Element {
  const [domains] = useResource("domains", () => managedDomains(account));
  const domain = query.get("domain") ?? "";
  const kind = query.get("what") ?? "";
  const set = (name: string, value: string): void => {
    const now = Object.entries({ domain, what: kind, [name]: value }).filter(([, one]) => one !== "");
    correct(href(["workshop", "history"], Object.fromEntries(now)));
  };
  return (
    <>
      <SectionHead of={words.sections.history} />
      <div class="line-form tool-filter">
        <Select
          label={s.domain}
          value={domain}
          change={(to) => set("domain", to)}
          options={[
            ["", s.everywhere],
            ...(domains.state === "ready" ? domains.value : []).map((one) => [one, one] as const),
          ]}
        />
        <Select
          label={s.what}
          value={kind}
          change={(to) => set("what", to)}
          options={[["", s.all], ...Object.entries(s.things), ["state", s.state]]}
        />
      </div>
      <Events key={`${domain} ${kind}`} domain={domain} kind={kind} />
    </>
  );
}
