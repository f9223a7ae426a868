// The series of stand-ups, and one of them while none of its sessions runs.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useActions } from "../../actions";
import { announce } from "../../announce";
import { Problem, type Account } from "../../api";
import {
  archiveMeeting,
  listMeetings,
  listSessions,
  readMeeting,
  readSession,
  startSession,
  type Meeting,
  type Session,
  type SessionHead,
} from "../../api/meetings";
import { EmptyState } from "../../components/empty-state";
import { Failure } from "../../components/failure";
import { Icon } from "../../components/icon";
import { Person } from "../../components/person";
import { Skeleton } from "../../components/skeleton";
import { MomentDay } from "../../components/when";
import { AddButton } from "../../components/page-head";
import { Reading } from "../../components/reading";
import { formatTime } from "../../format";
import { useChanges } from "../../live";
import { usePage } from "../../page";
import { useResource } from "../../resource";
import { go, href } from "../../router";
import { s } from "../../strings/meetings";
import { toast } from "../../toast";
import { sayFailure } from "./follow";
import { MeetingForm } from "./form";
import { rhythmOf } from "./words";

/** The newest session that is closed, whole. */
async function lastSession(id: string): Promise<Session | null> {
  const { items } = await listSessions(id, 2);
  const closed = items.find(({ running }) => !running);
  return closed ? readSession({ id, session: closed.id }) : null;
}

/** Starts it, or leads to the session that somebody has just started. */
async function start(meeting: Meeting): Promise<void> {
  try {
    await startSession(meeting.id);
  } catch (error) {
    if (!(error instanceof Problem && error.status === 409)) return sayFailure(error);
  }
  go(href(["meetings", meeting.id]));
}

const mayMake = (account: Account): boolean =>
  account.admin || account.roles.some(({ role }) => role === "member" || role === "manager");

function Last({ meeting }: { meeting: Meeting }): JSX.Element {
  const [last] = useResource(`last ${meeting.id} ${meeting.running ?? ""} ${meeting.lastAt ?? ""}`, () =>
    lastSession(meeting.id),
  );
  if (last.state !== "ready") return <p class="hint">&nbsp;</p>;
  if (last.value === null) return <p class="hint">{s.never}</p>;
  const { minutes, startedAt, id } = last.value;
  const parked = minutes.notes.filter((note) => note.parked).length;
  return (
    <p>
      {s.last}:{" "}
      <a href={href(["meetings", meeting.id, id])}>
        <MomentDay at={startedAt} />
      </a>{" "}
      <span class="hint">
        · {s.closedCount(minutes.since.closed.count)} · {s.parkedCount(parked)}
      </span>
    </p>
  );
}

export function SeriesList({ scope, account }: { scope: string; account: Account }): JSX.Element {
  const heading = usePage(s.page, "meetings");
  const [resource, reload] = useResource("meetings", listMeetings);
  const [all, setAll] = useState<Meeting[] | null>(null);
  const [making, setMaking] = useState<string | null>(null);
  useEffect(() => {
    if (resource.state === "ready") setAll(resource.value);
  }, [resource]);
  const again = (): void => void listMeetings().then(setAll, () => {});
  useChanges((events) => {
    const known = /^meeting\.(created|started|changed|closed|archived|discarded)$/;
    if (events.some(({ action }) => known.test(action))) again();
  }, again);
  const may = mayMake(account);
  const home = scope || (account.roles.find(({ role }) => role !== "viewer")?.domain ?? "");
  useActions(s.keys, may ? [{ does: s.create, act: () => setMaking(home) }] : []);
  const inside = (key: string): boolean => key === scope || key.startsWith(`${scope}-`) || scope.startsWith(`${key}-`);
  const shown = all?.filter(
    ({ domain, workspaces }) => scope === "" || inside(domain) || workspaces.some(inside),
  );
  return (
    <div class="page meetings-page">
      <div class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {s.heading}
        </h1>
        {may && shown !== undefined && shown.length > 0 && (
          <div class="head-actions">
            <AddButton name={s.create} act={() => setMaking(home)} />
          </div>
        )}
      </div>
      <Reading of={resource} again={reload} kept={all !== null} rows={3} />
      {shown?.length === 0 && (
        <EmptyState title={s.emptyTitle}>
          <ol class="points empty-lines">
            {s.empty.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ol>
          {may ? (
            <button type="button" class="button primary" onClick={() => setMaking(home)}>
              {home === "" ? s.create : s.makeFor(home)}
            </button>
          ) : (
            <p class="hint">{s.emptyReader}</p>
          )}
        </EmptyState>
      )}
      <ul class="stack">
        {shown?.map((meeting) => (
          <li key={meeting.id} class={`card line between series ${meeting.running === null ? "" : "series-running"}`}>
            <div>
              <h2>
                <a href={href(["meetings", meeting.id])}>
                  <bdi>{meeting.name}</bdi>
                </a>
              </h2>
              <p class="hint">
                {rhythmOf(meeting)} · {s.minutes(meeting.minutes)} ·{" "}
                {meeting.workspaces.length > 0 ? meeting.workspaces.join(", ") : meeting.domain}
              </p>
              <Last meeting={meeting} />
            </div>
            {meeting.running !== null ? (
              <a class="button primary" href={href(["meetings", meeting.id])}>
                <span class="live-dot" />
                {s.running}: {s.join}
              </a>
            ) : (
              meeting.mayHold && (
                <button type="button" class="button" onClick={() => void start(meeting)}>
                  {s.start}
                </button>
              )
            )}
          </li>
        ))}
      </ul>
      {making !== null && (
        <MeetingForm
          meeting={null}
          scope={making}
          close={() => setMaking(null)}
          saved={(meeting) => {
            setMaking(null);
            toast(s.saved(meeting.name));
            go(href(["meetings", meeting.id]));
          }}
        />
      )}
    </div>
  );
}

function Past({ meeting }: { meeting: Meeting }): JSX.Element {
  const [first, reload] = useResource(`past ${meeting.id} ${meeting.lastAt ?? ""}`, () => listSessions(meeting.id, 20));
  const [older, setOlder] = useState<{ items: SessionHead[]; next: string | undefined } | null>(null);
  if (first.state === "loading") return <Skeleton rows={3} />;
  if (first.state === "failed") return <Failure error={first.error} retry={reload} />;
  const items = [...first.value.items, ...(older?.items ?? [])];
  const next = older === null ? first.value.next : older.next;
  const more = async (): Promise<void> => {
    try {
      const page = await listSessions(meeting.id, 20, next);
      setOlder({ items: [...(older?.items ?? []), ...page.items], next: page.next });
      announce(s.older);
    } catch (error) {
      sayFailure(error);
    }
  };
  if (items.length === 0) return <p class="hint">{s.noPast}</p>;
  return (
    <>
      <ul class="lines past-sessions">
        {items.map((one) => (
          <li key={one.id} class="line">
            <a href={href(["meetings", meeting.id, one.id])}>
              {s.number(one.number)} · <MomentDay at={one.startedAt} />
            </a>
            <span class="hint">
              {one.closedAt === null
                ? s.running
                : s.fromTo(formatTime(one.startedAt), formatTime(one.closedAt))}{" "}
              · {s.ledBy} <Person email={one.leader} />
            </span>
          </li>
        ))}
      </ul>
      {next !== undefined && (
        <button type="button" class="button" onClick={() => void more()}>
          {s.older}
        </button>
      )}
    </>
  );
}

function Parked({ meeting }: { meeting: Meeting }): JSX.Element | null {
  const [last] = useResource(`parked ${meeting.id} ${meeting.lastAt ?? ""}`, () => lastSession(meeting.id));
  const parked = last.state === "ready" ? (last.value?.minutes.notes ?? []).filter((note) => note.parked) : [];
  if (parked.length === 0) return null;
  return (
    <section class="card">
      <h2>{s.opens}</h2>
      <ul class="stack meeting-notes">
        {parked.map((note) => (
          <li key={note.id} class="meeting-note parked">
            <p>
              {note.key !== null && (
                <a href={href(["todo", note.key])}>
                  <code>{note.key}</code> <bdi>{note.title}</bdi>
                </a>
              )}{" "}
              <bdi class="note-text">{note.text}</bdi>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface SeriesPageProps {
  meeting: Meeting;
  account: Account;
  changed: (meeting: Meeting) => void;
}

export function SeriesPage({ meeting, changed }: SeriesPageProps): JSX.Element {
  const heading = usePage(meeting.name, `meeting ${meeting.id}`);
  const [changing, setChanging] = useState(false);
  const holds = meeting.mayHold && !meeting.archived;
  const archive = async (): Promise<void> => {
    try {
      await archiveMeeting(meeting.id);
      toast(s.archivedSaid(meeting.name));
      changed(await readMeeting(meeting.id));
    } catch (error) {
      sayFailure(error);
    }
  };
  useActions(s.keys, holds ? [{ does: s.startNow, act: () => void start(meeting) }] : []);
  return (
    <div class="page meetings-page">
      <nav class="crumbs" aria-label={s.back}>
        <a href={href(["meetings"])}>
          <Icon name="back" />
          {s.back}
        </a>
      </nav>
      <div class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          <bdi>{meeting.name}</bdi>
        </h1>
        {meeting.archived && <span class="badge">{s.archived}</span>}
      </div>
      <div class="line">
        {holds && (
          <button type="button" class="button primary" onClick={() => void start(meeting)}>
            {s.startNow}
          </button>
        )}
        {holds && (
          <button type="button" class="button quiet" onClick={() => setChanging(true)}>
            <Icon name="settings" />
            {s.change}
          </button>
        )}
        {holds && (
          <button type="button" class="button quiet" onClick={() => void archive()}>
            {s.archive}
          </button>
        )}
      </div>
      <dl class="line summary">
        <div>
          <dt>{s.form.rhythm}</dt>
          <dd>
            {rhythmOf(meeting)}, {s.minutes(meeting.minutes)}
          </dd>
        </div>
        <div>
          <dt>{s.covers}</dt>
          <dd>{(meeting.workspaces.length > 0 ? meeting.workspaces : [meeting.domain]).join(", ")}</dd>
        </div>
        {meeting.people.length > 0 && (
          <div>
            <dt>{s.expected}</dt>
            <dd>
              {meeting.people.map((email) => (
                <Person key={email} email={email} />
              ))}
            </dd>
          </div>
        )}
      </dl>
      <Parked meeting={meeting} />
      <section class="card">
        <h2>{s.past}</h2>
        <Past meeting={meeting} />
      </section>
      {changing && (
        <MeetingForm
          meeting={meeting}
          scope={meeting.domain}
          close={() => setChanging(false)}
          saved={(now) => {
            setChanging(false);
            changed(now);
            toast(s.saved(now.name));
          }}
        />
      )}
    </div>
  );
}
