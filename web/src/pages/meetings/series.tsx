// The series of stand-ups, and one of them while none of its sessions runs.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useActions } from "../../actions";
import { callAll, Problem, type Account, type TaskEvent } from "../../api";
import {
  archiveMeeting,
  listMeetings,
  listSessions,
  readSession,
  startSession,
  type Meeting,
} from "../../api/meetings";
import { EmptyState } from "../../components/empty-state";
import { Failure } from "../../components/failure";
import { Icon } from "../../components/icon";
import { Person } from "../../components/person";
import { Skeleton } from "../../components/skeleton";
import { MomentDay } from "../../components/when";
import { AddButton, PageHead } from "../../components/page-head";
import { formatTime } from "../../format";
import { useChanges } from "../../live";
import { usePage } from "../../page";
import { useResource } from "../../resource";
import { writesAnywhere } from "../../rights";
import { go, href } from "../../router";
import { useScope } from "../../scope";
import { s as inbox } from "../../strings/inbox";
import { s } from "../../strings/meetings";
import { toast } from "../../toast";
import { useLatest } from "../records/latest";
import { sayFailure } from "./follow";
import { MeetingForm } from "./form";
import { PeopleFact } from "./minutes";
import { ParkedRows } from "./lists";
import { rhythmOf } from "./words";

/** Of a series itself, and not of what is done in a session. */
export const changesSeries = ({ action }: TaskEvent): boolean =>
  /^meeting\.(created|started|changed|closed|archived|discarded)$/.test(action);

/** Starts it, or leads to the session that somebody has just started. */
async function start(meeting: Meeting): Promise<void> {
  try {
    await startSession(meeting.id);
  } catch (error) {
    if (!(error instanceof Problem && error.status === 409)) return sayFailure(error);
  }
  go(href(["meetings", meeting.id]));
}

export function SeriesList({ scope, account }: { scope: string; account: Account }): JSX.Element {
  const heading = usePage(s.heading, "meetings");
  useScope(scope);
  const [making, setMaking] = useState<string | null>(null);
  const [all, error, again] = useLatest("meetings", 0, listMeetings);
  useChanges((events) => {
    if (events.some(changesSeries)) again();
  }, again);
  const may = writesAnywhere(account);
  const home = scope || (account.roles.find(({ role }) => role !== "viewer")?.domain ?? "");
  useActions(s.heading, may ? [{ does: s.create, act: () => setMaking(home) }] : []);
  const inside = (key: string): boolean => key === scope || key.startsWith(`${scope}-`) || scope.startsWith(`${key}-`);
  const shown = all?.filter(
    ({ domain, workspaces }) => scope === "" || inside(domain) || workspaces.some(inside),
  );
  return (
    <div class="page meetings-page">
      <PageHead at={heading} title={s.heading}>
        {may && shown !== undefined && shown.length > 0 && <AddButton name={s.create} act={() => setMaking(home)} />}
      </PageHead>
      {error !== null && <Failure error={error} retry={again} />}
      {all === null && error === null && <Skeleton rows={3} />}
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
          <li key={meeting.id} class={`card line between series${meeting.running === null ? "" : " series-running"}`}>
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
              <p class="hint">
                {meeting.lastAt === null ? (
                  s.never
                ) : (
                  <>
                    {s.last}: <MomentDay at={meeting.lastAt} />
                  </>
                )}
              </p>
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

const pageSize = 20;

function Past({ meeting }: { meeting: Meeting }): JSX.Element {
  const [most, setMost] = useState(pageSize);
  const [all, error, retry] = useLatest(`${meeting.id} ${meeting.lastAt ?? ""}`, most, () =>
    callAll((cursor) => listSessions(meeting.id, pageSize, cursor), most),
  );
  if (error !== null) return <Failure error={error} retry={retry} />;
  if (all === null) return <Skeleton rows={3} />;
  if (all.length === 0) return <p class="hint">{s.never}</p>;
  return (
    <>
      <ul class="lines since-rows past-sessions">
        {all.map((one) => (
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
      {all.length >= most && (
        <button type="button" class="button" onClick={() => setMost(most + pageSize)}>
          {inbox.more}
        </button>
      )}
    </>
  );
}

/** What the next one opens with: what the newest that is closed has left. */
function Parked({ meeting: { id, lastAt } }: { meeting: Meeting }): JSX.Element | null {
  const [last] = useResource(`last ${id} ${lastAt ?? ""}`, async () => {
    const closed = (await listSessions(id, 2)).items.find(({ running }) => !running);
    return closed ? (await readSession({ id, session: closed.id })).minutes.notes : [];
  });
  const parked = last.state === "ready" ? last.value.filter((note) => note.parked) : [];
  if (parked.length === 0) return null;
  return (
    <section class="card">
      <h2>{s.reasonNames.parked}</h2>
      <ParkedRows notes={parked} />
    </section>
  );
}

interface SeriesPageProps {
  meeting: Meeting;
  changed: () => void;
}

export function SeriesPage({ meeting, changed }: SeriesPageProps): JSX.Element {
  const heading = usePage(meeting.name, `meeting ${meeting.id}`);
  const [changing, setChanging] = useState(false);
  const holds = meeting.mayHold && !meeting.archived;
  const archive = async (): Promise<void> => {
    try {
      await archiveMeeting(meeting.id);
      toast(s.archived);
      changed();
    } catch (error) {
      sayFailure(error);
    }
  };
  useActions(s.heading, holds ? [{ does: s.startNow, act: () => void start(meeting) }] : []);
  return (
    <div class="page meetings-page">
      <nav class="crumbs" aria-label={s.heading}>
        <a href={href(["meetings"])}>
          <Icon name="back" />
          {s.heading}
        </a>
      </nav>
      <PageHead at={heading} title={<bdi>{meeting.name}</bdi>}>
        {meeting.archived && <span class="badge">{s.archived}</span>}
      </PageHead>
      {holds && (
        <div class="line record-actions">
          <button type="button" class="button primary" onClick={() => void start(meeting)}>
            {s.startNow}
          </button>
          <button type="button" class="button quiet" onClick={() => setChanging(true)}>
            <Icon name="settings" />
            {s.change}
          </button>
          <button type="button" class="button quiet" onClick={() => void archive()}>
            {s.archive}
          </button>
        </div>
      )}
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
        {meeting.people.length > 0 && <PeopleFact label={s.form.people} people={meeting.people} />}
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
            changed();
            toast(s.saved(now.name));
          }}
        />
      )}
    </div>
  );
}
