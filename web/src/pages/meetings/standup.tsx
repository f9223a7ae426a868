// A stand-up that runs: since last time, the walk, the close. The address says only what differs from
// where the one who leads is (`at`), so a reload comes back to the same place.
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { lettersEnabled, useActions, type Action } from "../../actions";
import { announce } from "../../announce";
import type { Account } from "../../api";
import { closeSession, discardSession, groups, putGuest, type Group, type Meeting } from "../../api/meetings";
import { Ask } from "../../components/ask";
import { Icon } from "../../components/icon";
import { Person } from "../../components/person";
import { Popover } from "../../components/popover";
import { hasDraft } from "../../drafts";
import { formatMomentDay } from "../../format";
import { usePage } from "../../page";
import { nameOf } from "../../people";
import { correct, go, href, recordHref } from "../../router";
import { mayManage } from "../../rights";
import { s as inbox } from "../../strings/inbox";
import { s } from "../../strings/meetings";
import { s as record } from "../../strings/record";
import { useStore } from "../../store";
import { toast } from "../../toast";
import { dialogs, type Asking, type AskProps } from "../inbox/dialogs";
import * as handle from "../inbox/handle";
import { Card, Notes } from "./card";
import { sayFailure, useOutcomes, useSession, useWalk, type Followed, type WalkGroup } from "./follow";
import { MinutesBody, MinutesPage } from "./minutes";
import { DecideDialog, NotePane, Pane, paneKinds, type Editing, type PaneKind } from "./panes";
import { GroupChoice } from "./group-choice";
import { Since } from "./since";
import { Waiting } from "./waiting";
import { clockOf, isCarried, noteOf, outcomeOf, sinceOf } from "./words";

const letters: Record<PaneKind, string> = {
  done: "d",
  date: "t",
  assign: "a",
  status: "s",
  note: "c",
  park: "p",
  action: "n",
};

// Where the inbox does the same, in the same words.
const names: Record<PaneKind, string> = { ...inbox.actions, ...s.do };
const does: Record<PaneKind, string> = { ...inbox.does, ...s.do };

/** The letter of a button, unless letters are switched off. */
function Letter({ children }: { children: string }): JSX.Element | null {
  return useStore(lettersEnabled) ? <kbd aria-hidden="true">{children}</kbd> : null;
}

interface StandupProps {
  meeting: Meeting;
  id: string;
  query: URLSearchParams;
  account: Account;
  /** It is no more. */
  gone: () => void;
}

/** Seconds that pass while it is shown. */
function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

interface TimeBarProps {
  minutes: number;
  startedAt: string;
  /** The record that is talked about, how long before, and since when now. */
  current: string | null;
  currentSince: string | null;
  seconds: number;
  /** How many records are still to come, with the current one. */
  left: number;
}

function TimeBar({ minutes, startedAt, current, currentSince, seconds, left }: TimeBarProps): JSX.Element {
  const now = useNow();
  const budget = minutes * 60;
  const used = Math.max(0, (now - Date.parse(startedAt)) / 1000);
  const over = used > budget;
  const each = left === 0 ? 0 : Math.max(0, Math.floor((budget - used) / left));
  const here = seconds + (currentSince === null ? 0 : Math.max(0, (now - Date.parse(currentSince)) / 1000));
  return (
    <div class={over ? "time over" : "time"} role="timer" aria-label={s.time.label}>
      <progress max={budget} value={Math.min(used, budget)} aria-hidden="true" />
      <p class="line">
        <strong>{over ? s.time.over(clockOf(used - budget)) : s.time.left(clockOf(budget - used))}</strong>
        {left > 0 && !over && <span>{s.time.each(left, s.seconds(each))}</span>}
        {current !== null && <span class="time-here">{s.time.here(clockOf(here))}</span>}
      </p>
    </div>
  );
}

function People({ meeting, session, me, act }: { meeting: Meeting; me: string } & Pick<Followed, "act"> & {
  session: NonNullable<Followed["session"]>;
}): JSX.Element {
  const path = { id: meeting.id, session: session.id };
  const present = session.minutes.present.map(({ email }) => email);
  const { absent } = session.minutes;
  const here = present.includes(me);
  return (
    <div class="line">
      <Popover
        kind="dialog"
        look="button quiet"
        title={s.people}
        button={s.peopleCount(present.length, absent.length)}
      >
        {() => (
          <ul class="stack people-list" aria-label={s.people}>
            {[...present, ...absent].map((email) => (
              <li key={email}>
                <label class="switch">
                  <input
                    type="checkbox"
                    checked={present.includes(email)}
                    disabled={!meeting.mayHold && email !== me}
                    onChange={(event) => void act(() => putGuest(path, event.currentTarget.checked, email))}
                  />
                  <Person email={email} avatar />
                  {!present.includes(email) && <span class="badge">{s.absent}</span>}
                </label>
              </li>
            ))}
          </ul>
        )}
      </Popover>
      {!here && (
        <button type="button" class="button primary" onClick={() => void act(() => putGuest(path, true))}>
          <Icon name="check" />
          {s.here}
        </button>
      )}
    </div>
  );
}

interface AgendaProps {
  walk: readonly WalkGroup[];
  place: string;
  led: string;
  outcome: (key: string) => string;
  groupBy: Group;
  goTo: (key: string) => void;
  group?: ((by: Group) => void) | undefined;
}

function Agenda({ walk, place, led, outcome, groupBy, goTo, group }: AgendaProps): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const now = list.current?.querySelector<HTMLElement>("[aria-current]");
    // Only the list moves, not the page.
    if (now && list.current) list.current.scrollTop = now.offsetTop - list.current.clientHeight / 2;
  }, [place]);
  return (
    <nav class="agenda" aria-label={s.wentThrough}>
      {group && (
        <GroupChoice chosen={groupBy} choose={group}>
          <Letter>g</Letter>
        </GroupChoice>
      )}
      <div class="agenda-list" ref={list} tabIndex={-1}>
        {walk.map(({ name, items }) => (
          <section key={name}>
            {name !== "" && <h3>{name}</h3>}
            <ol>
              {items.map(({ key, title, seconds }) => (
                <li key={key}>
                  <button
                    type="button"
                    class={seconds > 0 || outcome(key) !== "" ? "agenda-item seen" : "agenda-item"}
                    aria-current={key === place ? "step" : undefined}
                    onClick={() => goTo(key)}
                  >
                    <span>
                      {key === led && <span class="agenda-led" title={s.walk} />}
                      <bdi>{title}</bdi>
                    </span>
                    <span class="agenda-outcome">{outcome(key)}</span>
                  </button>
                </li>
              ))}
            </ol>
          </section>
        ))}
      </div>
    </nav>
  );
}

export function Standup({ meeting, id, query, account, gone }: StandupProps): JSX.Element {
  const me = account.email;
  const path = { id: meeting.id, session: id };
  const { session, state, reload, taskOf, step, act } = useSession(path, me);
  const walk = useWalk(session, taskOf);
  const outcomes = useOutcomes(session, taskOf);
  const [editing, setEditing] = useState<Editing | null>(null);
  const [closing, setClosing] = useState(false);
  const [discarding, setDiscarding] = useState(false);
  const heading = usePage(meeting.name, `stand-up ${id}`);
  const cardHeading = useRef<HTMLHeadingElement>(null);

  const running = session?.running ?? false;
  const keys = walk.flatMap(({ items }) => items.map(({ key }) => key));
  const mayHold = meeting.mayHold && running;
  const leads = mayHold && session?.leader === me;
  const at = query.get("at");
  const stage = session?.stage ?? "since";
  const led = stage === "walk" ? (session?.current ?? keys[0] ?? "walk") : stage;
  const known = at !== null && (["since", "close"].includes(at) || keys.includes(at));
  const elsewhere = known && !leads && at !== led ? at : null;
  // Who writes stays where they write.
  const place = (editing !== null && editing.key !== "" ? editing.key : null) ?? elsewhere ?? led;
  const item = walk.flatMap(({ items }) => items).find(({ key }) => key === place);
  const index = place === "since" ? -1 : place === "close" ? keys.length : keys.indexOf(place);

  const address = (where: string | null): string =>
    href(
      ["meetings", meeting.id, ...(location.hash.includes(`/${id}`) ? [id] : [])],
      where === null ? {} : { at: where },
    );
  // Two keys may come before the page is drawn again.
  const goal = useRef(place);
  goal.current = place;
  const goTo = (where: string): void => {
    goal.current = where;
    if (editing !== null && editing.key !== "" && editing.key !== where) setEditing(null);
    if (leads) {
      if (at !== null) correct(address(null));
      step(where === "since" || where === "close" ? { stage: where } : { current: where });
    } else {
      correct(address(where === led ? null : where));
    }
  };
  const follow = (): void => correct(address(null));
  const move = (by: number): void => {
    const now = goal.current === "since" ? -1 : goal.current === "close" ? keys.length : keys.indexOf(goal.current);
    const to = Math.min(keys.length, Math.max(-1, now + by));
    const where = to < 0 ? "since" : (keys[to] ?? "close");
    if (where !== goal.current) goTo(where);
  };
  const task = item && taskOf(item.key);
  const edit = (kind: PaneKind): void => {
    if (!mayHold) toast(s.reader);
    else if (task === undefined && kind === "note") setEditing({ kind, key: "" });
    else if (task === undefined) toast(s.noRecord);
    else if (kind === "done" && !task.open) toast(s.closedAlready);
    else setEditing({ kind, key: task.key });
  };
  const stop = (): void => {
    setEditing(null);
    cardHeading.current?.focus();
  };
  const group = (by: Group): void => {
    if (leads) step({ groupBy: by });
    else toast(s.notLeading);
  };
  const deed = async (work: () => Promise<handle.Deed>): Promise<void> =>
    handle.say(await handle.tried(place, work));
  const close = async (): Promise<void> => {
    if (closing) return;
    setClosing(true);
    if (await act(() => closeSession(path))) toast(s.closedSaid);
    setClosing(false);
  };

  const discard = (): void => void discardSession(path).then(gone, sayFailure);

  // Closed by whomever: the address is now that of its minutes.
  const wasRunning = useRef(false);
  useEffect(() => {
    if (wasRunning.current && !running && session !== null) {
      correct(href(["meetings", meeting.id, id]));
      announce(s.closedSaid);
    }
    wasRunning.current = running;
  }, [running]);

  // Everybody hears which record comes next; who walks by keyboard has the focus on it.
  const placeName = item?.title ?? (place === "close" ? s.close : place === "since" ? s.since("") : s.walk);
  useLayoutEffect(() => {
    if (session === null || !running) return;
    announce(placeName);
    const active = document.activeElement;
    if (active === document.body || active === null) cardHeading.current?.focus({ preventScroll: true });
    if (item !== undefined) scrollTo(0, 0);
  }, [place, running]);

  // What cannot be done just now says why, and is not in the palette.
  const action = (does: string, key: string, may: boolean, act: () => void): Action => ({
    does,
    keys: [key],
    act,
    keyOnly: !may,
  });
  const open = (): void => (item === undefined ? toast(s.noRecord) : go(recordHref(item.key)));
  useActions(
    s.heading,
    !running
      ? []
      : [
          { does: s.do.next, keys: ["ArrowRight", "j"], act: () => move(1) },
          { does: s.do.back, keys: ["ArrowLeft", "k"], act: () => move(-1) },
          ...paneKinds.map((kind) =>
            action(does[kind], letters[kind], mayHold && (item !== undefined || kind === "note"), () => edit(kind)),
          ),
          action(inbox.open, "o", item !== undefined, open),
          action(s.form.groupBy, "g", leads, () =>
            group(groups[(groups.indexOf(session?.groupBy ?? "none") + 1) % groups.length] ?? "none"),
          ),
          action(s.follow, "f", elsewhere !== null, () => (elsewhere === null ? toast(s.follows) : follow())),
        ],
  );

  if (session === null) return <Waiting error={state.state === "failed" ? state.error : null} again={reload} />;
  if (!session.running) return <MinutesPage session={session} />;

  const { minutes } = session;
  const outcome = (key: string): string => {
    const found = outcomeOf(outcomes.get(key) ?? []);
    if (found !== "") return found;
    const notes = minutes.notes.filter((note) => note.key === key && !isCarried(note, session));
    if (notes.some((note) => note.parked)) return s.parked;
    if (notes.some((note) => noteOf(note).action)) return s.do.action;
    return notes.length > 0 ? s.do.note : "";
  };
  const ledItem = minutes.walk.find(({ key }) => key === led);
  const ledName = ledItem ? ledItem.key : led === "close" ? s.close : sinceOf(minutes.since);
  const ledIndex = led === "since" ? 0 : keys.indexOf(led);
  const steps = [
    { id: "since", name: s.since(formatMomentDay(minutes.since.from)) },
    { id: "walk", name: item ? `${s.walk} ${record.listPlace(index + 1, keys.length)}` : s.walk },
    { id: "close", name: s.close },
  ];
  // Closing that is proposed is decided in a pane.
  const edited = editing?.key === task?.key ? task : undefined;
  const kind = edited && editing?.kind;
  const asked: AskProps | undefined = edited && {
    task: edited,
    row: { key: edited.key, reasons: [], snooze: null, gone: false, kept: false },
    snoozed: false,
    close: stop,
    then: (asking) => setEditing({ kind: asking === "finish" ? "done" : asking, key: edited.key }),
    act: (_, work) => deed(work),
    now: (_, work) => void deed(work).catch(sayFailure),
  };
  const decides = kind === "done" && edited?.awaits;
  const Asked = kind && !decides ? dialogs[(kind === "done" ? "finish" : kind) as Asking] : undefined;
  const inPane = kind && !decides && !Asked;
  const noteButton = mayHold && editing?.key !== "" && (
    <button type="button" class="button" onClick={() => edit("note")}>
      {s.do.note} <Letter>c</Letter>
    </button>
  );
  const stageShown = item !== undefined || place === "walk" ? "walk" : place;

  return (
    <div class="page standup">
      <header class="standup-head">
        <div class="line">
          <h1 ref={heading} tabIndex={-1}>
            <bdi>{meeting.name}</bdi>
          </h1>
          <p class="hint">
            {s.number(session.number)} · {formatMomentDay(session.startedAt)} ·{" "}
            {leads ? s.youLead : s.leads(nameOf(session.leader))}
          </p>
          {mayHold && !leads && (
            <button type="button" class="button quiet" onClick={() => step({ lead: true })}>
              {s.takeLead}
            </button>
          )}
        </div>
        <People meeting={meeting} session={session} me={me} act={act} />
        <nav aria-label={s.steps} class="standup-steps">
          <div class="segments">
            {steps.map((one) => (
              <button
                key={one.id}
                type="button"
                aria-current={one.id === stageShown ? "step" : undefined}
                onClick={() => goTo(one.id === "walk" ? (session.current ?? keys[0] ?? "close") : one.id)}
              >
                {one.name}
              </button>
            ))}
          </div>
        </nav>
        <TimeBar
          minutes={meeting.minutes}
          startedAt={session.startedAt}
          current={session.stage === "walk" ? session.current : null}
          currentSince={session.currentSince}
          seconds={ledItem?.seconds ?? 0}
          left={led === "close" ? 0 : keys.length - Math.max(0, ledIndex)}
        />
      </header>
      {!meeting.mayHold && <p class="hint">{s.reader}</p>}
      {place !== led && (
        <p class="note line" role="status">
          {s.elsewhere(ledName)}
          {elsewhere !== null && (
            <button type="button" class="button" onClick={follow}>
              {s.follow} <Letter>f</Letter>
            </button>
          )}
        </p>
      )}
      {editing?.key === "" && <NotePane about={null} path={path} act={act} close={() => setEditing(null)} />}
      {place === "since" && (
        <Since meeting={meeting} session={session} heading={cardHeading}>
          <Notes
            notes={minutes.notes.filter(({ key }) => key === null)}
            session={session}
            me={me}
            mayHold={mayHold}
            act={act}
          />
          {noteButton}
          {minutes.more && <p class="note">{s.more}</p>}
          {keys.length === 0 && <p>{s.nothing}</p>}
          {(leads || (keys.length > 0 && (elsewhere !== null || !mayHold))) && (
            <button type="button" class="button primary standup-go" onClick={() => move(1)}>
              {keys.length > 0 ? s.toWalk(keys.length) : s.close} <kbd>→</kbd>
            </button>
          )}
        </Since>
      )}
      {stageShown === "walk" && (
        <div class="walk">
          {item === undefined ? (
            <p class="notice">{s.nothing}</p>
          ) : (
            <Card
              item={item}
              task={task}
              changes={outcomes.get(item.key) ?? []}
              position={record.listPlace(index + 1, keys.length)}
              heading={cardHeading}
              session={session}
              me={me}
              mayHold={mayHold}
              act={act}
            >
              {edited && inPane && (
                <Pane
                  key={`${kind} ${edited.key}`}
                  kind={kind}
                  task={edited}
                  path={path}
                  account={account}
                  act={act}
                  close={stop}
                />
              )}
              <div class="walk-bar">
                {mayHold && !inPane && (
                  <div class="walk-do" role="group" aria-label={inbox.actions.label}>
                    {paneKinds.map((kind) => (
                      <button key={kind} type="button" class="button" onClick={() => edit(kind)} title={does[kind]}>
                        {names[kind]} <Letter>{letters[kind]}</Letter>
                        {kind === "note" && hasDraft(item.key, "meeting.note") && (
                          <span class="badge">{s.pane.draft}</span>
                        )}
                      </button>
                    ))}
                    <button type="button" class="button" onClick={open} title={inbox.open}>
                      {s.do.open} <Letter>o</Letter>
                    </button>
                  </div>
                )}
                <div class="between walk-move">
                  <button type="button" class="button" onClick={() => move(-1)}>
                    <kbd aria-hidden="true">←</kbd> {s.do.back}
                  </button>
                  <button type="button" class="button primary" onClick={() => move(1)}>
                    {index + 1 === keys.length ? s.close : s.do.next} <kbd aria-hidden="true">→</kbd>
                  </button>
                </div>
              </div>
            </Card>
          )}
          <Agenda
            walk={walk}
            place={place}
            led={led}
            outcome={outcome}
            groupBy={session.groupBy}
            goTo={goTo}
            group={leads ? group : undefined}
          />
        </div>
      )}
      {asked && decides && <DecideDialog {...asked} mine={decides.by === me} />}
      {asked && Asked && <Asked {...asked} />}
      {place === "close" && (
        <section class="stack standup-close">
          <h2 ref={cardHeading} tabIndex={-1}>
            {s.closeStep}
          </h2>
          <p class="hint">{s.closeHint}</p>
          {noteButton}
          {mayHold &&
            (leads ? (
              <button
                type="button"
                class="button primary standup-go"
                aria-disabled={closing}
                onClick={() => void close()}
              >
                <Icon name="check" />
                {s.closeNow}
              </button>
            ) : (
              <p class="hint">{s.notLeading}</p>
            ))}
          {mayHold && (leads || mayManage(account, meeting.domain)) && (
            <button type="button" class="button quiet" onClick={() => setDiscarding(true)}>
              {s.discard}
            </button>
          )}
          {discarding && (
            <Ask heading={s.discard} yes={s.discardYes} act={discard} close={() => setDiscarding(false)}>
              <p>{s.discardHint}</p>
            </Ask>
          )}
          <div class="card">
            <MinutesBody session={session} live={{ outcomes, taskOf }} />
          </div>
        </section>
      )}
    </div>
  );
}
