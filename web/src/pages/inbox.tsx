// What needs the person now: the list at the left, the record at the right, and a key for each answer.
// On a phone it is the list, then the record.
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { lettersEnabled, useActions, type Action } from "../actions";
import type { Account } from "../api";
import { Failure, wordsOf } from "../components/failure";
import { Icon, type IconName } from "../components/icon";
import { Menu } from "../components/menu";
import { Skeleton } from "../components/skeleton";
import { formatCount } from "../format";
import { endFirstLook, openFirstLook, useIsNew } from "../first-look";
import { inboxCount, inboxCounts, refreshInbox, type Box } from "../inbox";
import type { PageProps } from "../lazy";
import { useMedia } from "../media";
import { usePage } from "../page";
import { prefetchRecord, recordOf, useRecords } from "../records";
import { useResource } from "../resource";
import { mayWrite } from "../rights";
import { correct, go, href } from "../router";
import { loadScopes } from "../scope";
import { useStore } from "../store";
import { s } from "../strings/inbox";
import { toast } from "../toast";
import { dialogs, type Asking } from "./inbox/dialogs";
import * as handle from "./inbox/handle";
import type { Deed } from "./inbox/handle";
import { rowOutside, useInboxList, type Tab } from "./inbox/list";
import { Nothing } from "./inbox/nothing";
import { RecordPart } from "./inbox/record-part";
import { Rows } from "./inbox/rows";
import { mayConfirm } from "./record/head";

const boxes: readonly Box[] = ["me", "new", "checks", "snoozed"];
const tabs: readonly Tab[] = [...boxes, "mentions"];
const inboxHref = (tab: Tab, key?: string | null): string => href(["inbox"], { tab, ...(key && { key }) });

/** What can be done with the record: a button and a key each. */
interface Answer {
  name: string;
  does: string;
  key: string;
  icon: IconName;
  act: () => void;
  /** Among the first. */
  likely: boolean;
}

function Tabs({ tab }: { tab: Tab }): JSX.Element {
  const counts = useStore(inboxCounts);
  return (
    <nav class="tabs inbox-tabs" aria-label={s.heading}>
      {boxes.map((box) => {
        const n = counts[box];
        const here = box === tab || (box === "me" && tab === "mentions");
        return (
          <a key={box} href={inboxHref(box)} aria-current={here ? "page" : undefined} title={s.tabs[box]}>
            {s.short[box]}
            {n !== null && (
              <span class={n === 0 ? "tab-count none" : "tab-count"} data-box={box}>
                {formatCount(n)}
              </span>
            )}
          </a>
        );
      })}
    </nav>
  );
}

function Toolbar({ answers, back }: { answers: readonly Answer[]; back: string | null }): JSX.Element {
  const letters = useStore(lettersEnabled);
  const more = answers.filter(({ likely }) => !likely);
  return (
    <div class="inbox-bar" role="toolbar" aria-label={s.actions.label}>
      {back !== null && (
        <a class="button icon-only" href={back} aria-label={s.back} title={s.back}>
          <Icon name="back" />
        </a>
      )}
      {answers
        .filter(({ likely }) => likely)
        .map(({ name, does, key, icon, act }) => (
          <button
            key={name}
            type="button"
            class="button"
            title={`${does} (${key})`}
            aria-keyshortcuts={key}
            // The second click of two would be for the next record, which has come in its place.
            onClick={(event) => event.detail < 2 && act()}
          >
            <Icon name={icon} />
            {name}
            {letters && <kbd aria-hidden="true">{key}</kbd>}
          </button>
        ))}
      {more.length > 0 && (
        <Menu
          button={
            <>
              <span>{s.actions.more}</span>
              <Icon name="down" />
            </>
          }
          look="button bar-more"
          items={more.map(({ does, key, icon, act }) => ({ name: does, keys: key, icon, act }))}
        />
      )}
    </div>
  );
}

export default function InboxPage({ query, account }: PageProps): JSX.Element {
  const named = query.get("tab") as Tab;
  const tab = tabs.includes(named) ? named : "me";
  // What was asked for or chosen belongs to the part that it was in.
  return <Part key={tab} tab={tab} named={query.get("key")} account={account} />;
}

function Part({ tab, named, account }: { tab: Tab; named: string | null; account: Account }): JSX.Element {
  const wide = useMedia("(width >= 62rem)");
  const count = useStore(inboxCount);
  const heading = usePage(s.page(count ?? 0), `inbox ${tab}`);
  const listed = useInboxList(tab);
  const { list } = listed;
  const [scopes] = useResource("scopes", loadScopes);
  const [asking, setAsking] = useState<Asking | null>(null);
  const rowsPlace = useRef<HTMLDivElement>(null);
  const recordPlace = useRef<HTMLDivElement>(null);
  const focusWanted = useRef(false);
  const scrolled = useRef(0);
  const here = useRef(true);
  useEffect(() => () => void (here.current = false), []);

  const chosen = named ?? (wide ? (list.rows.find(({ gone }) => !gone)?.key ?? null) : null);
  const rows = list.rows.filter(({ gone, key }) => !gone || key === chosen);
  const at = rows.findIndex(({ key }) => key === chosen);
  const row = rows[at] ?? (chosen === null ? undefined : rowOutside(chosen));
  const shownKey = useSettled(chosen);
  // What a dialog was opened about stays, also when the list moves on below it.
  const about = useRef(row);
  if (asking === null) about.current = row;
  const asked = about.current;
  const askedTask = asked && recordOf(asked.key);
  useRecords([chosen, asked?.key].filter((key) => typeof key === "string"));
  const task = chosen === null ? undefined : recordOf(chosen);
  const showList = wide || chosen === null;

  const focusRow = (key: string | null): void => {
    const link = key === null ? null : rowsPlace.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
    link?.focus();
    link?.scrollIntoView({ block: "nearest" });
  };
  useLayoutEffect(() => {
    // Below a dialog nothing takes the focus.
    if (!focusWanted.current || asking !== null) return;
    focusWanted.current = false;
    if (rows.length === 0) heading.current?.focus();
    else if (showList) focusRow(chosen);
    else recordPlace.current?.querySelector<HTMLElement>("h1")?.focus();
  });
  useLayoutEffect(() => {
    // On a phone the list comes back where it was left.
    if (wide) return;
    if (chosen === null) scrollTo(0, scrolled.current);
    else scrollTo(0, 0);
  }, [chosen === null, wide]);
  useEffect(() => {
    if (wide) scrollTo(0, 0);
    const next = rows[at + 1];
    if (next) prefetchRecord(next.key);
  }, [chosen]);

  const choose = (key: string | null): void => {
    focusWanted.current = true;
    correct(inboxHref(tab, key));
  };
  const open = (key: string, byKey: boolean): void => {
    if (!wide) {
      scrolled.current = scrollY;
      go(inboxHref(tab, key));
      return;
    }
    if (byKey && key === chosen) recordPlace.current?.querySelector<HTMLElement>("h1")?.focus();
    else correct(inboxHref(tab, key));
  };
  const move = (by: number, arrow: boolean): boolean => {
    // An arrow scrolls the record as ever, unless the focus is in the list.
    const active = document.activeElement;
    const elsewhere = !rowsPlace.current?.contains(active) && active !== document.body && active?.tagName !== "H1";
    if (arrow && elsewhere) return false;
    if (arrow && recordPlace.current?.contains(active)) return false;
    const held = active instanceof HTMLElement ? active.dataset.key : undefined;
    const from = chosen === null ? rows.findIndex(({ key }) => key === held) : at;
    const next = rows[from < 0 ? 0 : Math.min(Math.max(from + by, 0), rows.length - 1)];
    if (next === undefined) return false;
    // A phone shows either the list or a record: in the list, only the focus moves.
    if (chosen === null) focusRow(next.key);
    else choose(next.key);
    return true;
  };

  // ---- answers ----

  /** Takes the row away, and looks at the next one; what it returns brings it back. */
  const leave = (key: string): (() => void) => {
    const next = rows[at + 1] ?? rows[at - 1];
    const back = listed.remove(key);
    if (key === chosen) choose(next?.key ?? null);
    return () => {
      back();
      if (here.current) choose(key);
    };
  };
  const say = (key: string, deed: Deed, back?: () => void): void => {
    listed.settle(key);
    handle.say(deed, back);
  };
  /** At once, as if it were done; put back when the server refuses. */
  const doNow = (key: string, goes: boolean, work: () => Promise<Deed>): void => {
    const back = goes ? leave(key) : undefined;
    handle.tried(key, work).then(
      (deed) => say(key, deed, back),
      (error: unknown) => {
        back?.();
        toast(wordsOf(error));
        refreshInbox();
      },
    );
  };
  /** For dialogs: the row goes when the server has taken it. */
  const doAsked = async (key: string, goes: boolean, work: () => Promise<Deed>): Promise<void> => {
    const deed = await handle.tried(key, work);
    say(key, deed, goes ? leave(key) : undefined);
  };

  const answers: Answer[] = [];
  if (task !== undefined && row !== undefined) {
    const me = account.email;
    const writes = mayWrite(account, task.workspace) && task.open;
    const confirms = mayConfirm(task, me, writes);
    const changes = writes && !confirms;
    const mine = task.assignee === me && task.status === "In Progress" && !handle.isFor(row, "new");
    const possible: [what: keyof typeof s.does, key: string, IconName, may: boolean, likely: boolean][] = [
      ["confirm", "a", "check", confirms, true],
      ["sendBack", "x", "back", confirms, true],
      ["take", "a", "progress", changes && !mine, true],
      ["finish", "f", "done", changes && task.awaits === null, true],
      ["assign", "g", "meetings", changes, wide],
      ["status", "s", "todo", changes, false],
      ["snooze", "z", "clock", !row.gone, true],
      ["done", "e", "check", !row.gone, true],
      ["date", "t", "calendar", writes, false],
      ["duplicate", "d", "copy", changes, false],
      ["noIncident", "x", "close", changes && task.todoType === "INCIDENT", false],
    ];
    const act = {
      confirm: () => doNow(row.key, true, () => handle.accept(task)),
      // What a system sent is new until somebody takes it.
      take: () => doNow(row.key, tab === "new", () => handle.take(task, me)),
      done: () => doNow(row.key, true, () => handle.putAway(row)),
    };
    for (const [what, key, icon, may, likely] of possible)
      if (may)
        answers.push({
          name: s.actions[what],
          does: s.does[what],
          key,
          icon,
          likely,
          act: what in dialogs ? () => setAsking(what as Asking) : act[what as keyof typeof act],
        });
  }

  const actions: Action[] = [
    { does: s.down, keys: ["j"], act: () => move(1, false), keyOnly: true },
    { does: s.up, keys: ["k"], act: () => move(-1, false), keyOnly: true },
    { does: s.down, keys: ["ArrowDown"], act: () => move(1, true), keyOnly: true },
    { does: s.up, keys: ["ArrowUp"], act: () => move(-1, true), keyOnly: true },
    ...answers.map(({ does, key, act }) => ({ does, keys: [key], act })),
    ...boxes.map((box, i) => ({
      does: s.tabKey(s.tabs[box]),
      keys: [String(i + 1)],
      act: () => go(inboxHref(box)),
      keyOnly: true,
    })),
    ...(list.arrived.length > 0 ? [{ does: s.arrivedHint, keys: ["r"], act: () => showArrived() }] : []),
    {
      does: s.toList,
      keys: ["u", "Escape"],
      keyOnly: true,
      act: () => {
        if (wide) focusRow(chosen);
        else if (chosen !== null) go(inboxHref(tab));
        else return false;
        return true;
      },
    },
  ];
  useActions(s.heading, actions, true);
  useActions(s.heading, [
    {
      does: s.open,
      keys: ["Enter"],
      keyOnly: true,
      act: () => {
        const { activeElement } = document;
        if (chosen === null || (activeElement !== document.body && activeElement?.tagName !== "H1")) return false;
        open(chosen, true);
        return true;
      },
    },
  ]);

  const showArrived = (): void => {
    const [first] = list.arrived;
    listed.showArrived();
    if (first && wide) choose(first.key);
    else rowsPlace.current?.scrollTo(0, 0);
  };

  const isNew = useIsNew();
  const empty = rows.length === 0 && !list.loading && list.error === null;
  const Asked = asking && dialogs[asking];
  return (
    <div class={wide ? "inbox wide" : "inbox"}>
      <div class="inbox-list" hidden={!showList} ref={rowsPlace}>
        <div class="between inbox-head">
          <h1 ref={heading} tabIndex={-1}>
            {s.heading}
          </h1>
          {list.arrived.length > 0 && (
            <p role="status">
              <button
                type="button"
                class="button primary"
                title={s.arrivedHint}
                aria-keyshortcuts="r"
                onClick={showArrived}
              >
                {s.arrived(list.arrived.length)}
              </button>
            </p>
          )}
          {(tab === "me" || tab === "mentions") && (
            <label class="pill">
              <input
                type="checkbox"
                checked={tab === "mentions"}
                onChange={(event) => go(inboxHref(event.currentTarget.checked ? "mentions" : "me"))}
              />
              <span>{s.onlyMentions}</span>
            </label>
          )}
        </div>
        <Tabs tab={tab} />
        {rows.length > 0 && (
          <Rows
            rows={rows}
            chosen={chosen}
            me={account.email}
            hrefOf={(key) => inboxHref(tab, key)}
            choose={open}
            // Until the names are known, keys do as well.
            nameOf={(key) => (scopes.state === "ready" && scopes.value.find((node) => node.key === key)?.name) || key}
          />
        )}
        {rows.length === 0 && list.loading && <Skeleton />}
        {list.error !== null && <Failure error={list.error} retry={listed.reload} />}
        {empty && <Nothing tab={tab} at={list.at} account={account} />}
        {list.next !== undefined && rows.length > 0 && (
          <p class="more">
            <button type="button" class="button" aria-disabled={list.loading} onClick={listed.more}>
              {s.more}
            </button>
          </p>
        )}
        <p class="more">
          <a href={href(["todo"], { q: "is:open is:mine" })}>{s.goMine}</a>
        </p>
        {/* At the end, so that no row moves when it comes. */}
        {isNew && (
          <div class="line welcome">
            <p>{s.welcome}</p>
            <button type="button" class="button" onClick={openFirstLook}>
              {s.look}
            </button>
            <button type="button" class="link" onClick={endFirstLook}>
              {s.noLook}
            </button>
          </div>
        )}
      </div>
      {(wide ? !empty || named !== null : chosen !== null) && (
        <section class="inbox-record" aria-label={s.record} ref={recordPlace}>
          {(answers.length > 0 || !wide) && <Toolbar answers={answers} back={wide ? null : inboxHref(tab)} />}
          {shownKey !== null && (
            <RecordPart
              taskKey={shownKey}
              account={account}
              act={(goes, work) => doAsked(shownKey, goes, work)}
            />
          )}
        </section>
      )}
      {Asked && asked && askedTask && (
        <Asked
          task={askedTask}
          row={asked}
          snoozed={tab === "snoozed"}
          close={() => setAsking(null)}
          then={setAsking}
          act={(goes, work) => doAsked(asked.key, goes, work)}
          now={(goes, work) => doNow(asked.key, goes, work)}
        />
      )}
    </div>
  );
}

/** The key, but not of records that are only passed by. */
function useSettled(key: string | null): string | null {
  const [settled, setSettled] = useState(key);
  const last = useRef(0);
  useEffect(() => {
    const wait = Date.now() - last.current < 250 ? 200 : 0;
    last.current = Date.now();
    if (wait === 0) return setSettled(key);
    const timer = setTimeout(() => setSettled(key), wait);
    return () => clearTimeout(timer);
  }, [key]);
  return settled;
}
