// What a session was about: the minutes of a closed one, and what they will be of one that runs.
import type { ComponentChildren, JSX } from "preact";
import type { Minutes as Kept, Note, Session } from "../../api/meetings";
import { CopyButton } from "../../components/copy-button";
import { Icon } from "../../components/icon";
import { Person } from "../../components/person";
import { formatMomentDay, formatTime } from "../../format";
import { usePage } from "../../page";
import { href, recordHref } from "../../router";
import { s } from "../../strings/meetings";
import { s as record } from "../../strings/record";
import { s as shared } from "../../strings/shared";
import type { Change } from "./follow";
import { NoteText, Rows, rowsOf } from "./lists";
import { changeLines, namedMost, namedOf, sinceOf, storiesOf, talkedAbout, textOf, tilesOf, type Story } from "./words";

function StoryPart({ story }: { story: Story }): JSX.Element {
  return (
    <li class="stack story">
      <p class="line between">
        <a href={recordHref(story.key)}>
          <code>{story.key}</code> <bdi>{story.title}</bdi>
        </a>
        <span class="hint">
          {story.reason !== null && s.reasonNames[story.reason]}
          {story.seconds > 0 && ` · ${s.seconds(story.seconds)}`}
        </span>
      </p>
      <ChangeList changes={story.changes} />
      <NoteList notes={story.notes} />
    </li>
  );
}

function Stories({ stories }: { stories: readonly Story[] }): JSX.Element {
  return (
    <ol class="lines">
      {stories.map((story) => (
        <StoryPart key={story.key} story={story} />
      ))}
    </ol>
  );
}

interface NoteListProps {
  notes: readonly Note[];
  /** What can be done with one. */
  tools?: (note: Note) => ComponentChildren;
}

export function NoteList({ notes, tools }: NoteListProps): JSX.Element {
  return (
    <ul class="stack meeting-notes">
      {notes.map((note) => (
        <li key={note.id} class={note.parked ? "meeting-note parked" : "meeting-note"}>
          <p>
            {note.parked && <span class="badge amber parked-mark">{s.parked}</span>}{" "}
            <NoteText note={note} />{" "}
            <span class="hint">
              <Person email={note.author} />
            </span>
          </p>
          {tools?.(note)}
        </li>
      ))}
    </ul>
  );
}

/** People under a heading, as in the minutes and on the page of a series. */
export function PeopleFact({ label, people }: { label: string; people: readonly string[] }): JSX.Element {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {people.length === 0 && shared.none}
        {people.map((email) => (
          <Person key={email} email={email} />
        ))}
      </dd>
    </div>
  );
}

export function ChangeList({ changes }: { changes: readonly Change[] }): JSX.Element {
  return (
    <>
      {changes.map((change) => (
        <p key={`${change.at} ${change.action}`} class="outcome">
          <Icon name="check" />
          <span>
            {changeLines(change).map(({ text, title }) => (
              <bdi key={text} title={title}>
                {text}
              </bdi>
            ))}{" "}
            {change.actor !== null && (
              <span class="hint">
                <Person email={change.actor} />
              </span>
            )}
          </span>
        </p>
      ))}
    </>
  );
}

function Numbers({ since }: { since: Kept["since"] }): JSX.Element {
  return (
    <section>
      <h2>{sinceOf(since)}</h2>
      <p class="line">
        {tilesOf(since).map(({ id, count, more }) => (
          <span key={id}>
            {s.tiles[id]} <strong>{count}</strong>
            {more !== "" && ` (${more})`}
          </span>
        ))}
      </p>
      {tilesOf(since).map(
        ({ id, count }) =>
          namedOf(since, id).length > 0 && (
            <section key={id} aria-label={s.tiles[id]}>
              <h3>{s.tiles[id]}</h3>
              <Rows rows={rowsOf(since, id)} count={count} most={namedMost} />
            </section>
          ),
      )}
    </section>
  );
}

/** All of it but its head; `live` has the changes while it runs. */
export function MinutesBody({ session, live }: { session: Session; live: Map<string, Change[]> }): JSX.Element {
  const { minutes } = session;
  const stories = storiesOf(minutes, live);
  const walked = stories.filter((story) => story.reason !== null && talkedAbout(story, session));
  const others = stories.filter((story) => story.reason === null);
  const silent = stories.filter((story) => story.reason !== null && !talkedAbout(story, session));
  const parked = silent.filter((story) => story.notes.length > 0);
  const untalked = silent.length - parked.length;
  const general = minutes.notes.filter(({ key }) => key === null);
  return (
    <div class="stack minutes">
      <dl class="line summary">
        <PeopleFact label={s.present} people={minutes.present.map(({ email }) => email)} />
        {minutes.absent.length > 0 && <PeopleFact label={s.absent} people={minutes.absent} />}
      </dl>
      <Numbers since={minutes.since} />
      <section>
        <h2>{s.wentThrough}</h2>
        {walked.length === 0 && <p class="hint">{shared.none}</p>}
        <Stories stories={walked} />
        {untalked > 0 && <p class="hint">{s.untalked(untalked)}</p>}
      </section>
      {parked.length > 0 && (
        <section>
          <h2>{s.stillParked}</h2>
          <Stories stories={parked} />
        </section>
      )}
      {general.length > 0 && (
        <section>
          <h2>{s.generalNotes}</h2>
          <NoteList notes={general} />
        </section>
      )}
      {others.length > 0 && (
        <section>
          <h2>{s.otherChanges}</h2>
          <Stories stories={others} />
        </section>
      )}
      {minutes.changes !== null && minutes.changes.created > 0 && (
        <p class="hint">{s.created(minutes.changes.created)}</p>
      )}
      {minutes.changes?.more && <p class="hint">{s.moreChanges}</p>}
    </div>
  );
}

/** A mail with as much as mail programs take from a link. */
function mailHref(session: Session): string {
  const { minutes } = session;
  const people = [...new Set([...minutes.present.map(({ email }) => email), ...minutes.absent])];
  const text = textOf(session);
  const body = `${location.href}\n\n${text.length > 1200 ? `${text.slice(0, 1200)}…` : text}`;
  const subject = `${s.minutesOf(minutes.name)}, ${formatMomentDay(session.startedAt)}`;
  const words = [`subject=${encodeURIComponent(subject)}`, `body=${encodeURIComponent(body)}`];
  return `mailto:${people.map(encodeURIComponent).join(",")}?${words.join("&")}`;
}

export function MinutesPage({ session }: { session: Session }): JSX.Element {
  const { minutes } = session;
  const heading = usePage(s.minutesOf(minutes.name), `minutes ${session.id}`);
  const took = Math.max(1, Math.round((Date.parse(session.closedAt ?? "") - Date.parse(session.startedAt)) / 60_000));
  return (
    <div class="page minutes-page">
      <nav class="crumbs" aria-label={s.back}>
        <a href={href(["meetings", session.meeting])}>
          <Icon name="back" />
          <bdi>{minutes.name}</bdi>
        </a>
      </nav>
      <div class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          <bdi>{minutes.name}</bdi>
        </h1>
        <p class="hint">
          {s.number(session.number)} · {formatMomentDay(session.startedAt)},{" "}
          {s.fromTo(formatTime(session.startedAt), formatTime(session.closedAt ?? session.startedAt))} ·{" "}
          {s.minutes(took)} · {s.ledBy} <Person email={session.leader} />
        </p>
        <div class="line minutes-tools">
          <button type="button" class="button quiet" onClick={() => print()}>
            <Icon name="records" />
            {s.print}
          </button>
          <CopyButton text={textOf(session)}>{s.copyText}</CopyButton>
          <a class="button quiet" href={mailHref(session)}>
            <Icon name="out" />
            {s.mail}
          </a>
        </div>
      </div>
      <div class="card">
        <MinutesBody session={session} live={new Map()} />
        {session.receipt !== null && (
          <footer class="receipt">
            <h2>{s.receipt}</h2>
            <p>
              <code>{session.receipt}</code>
              <CopyButton text={session.receipt} label={record.proof.copy} class="button tiny" />
            </p>
            <p class="hint">{s.receiptHint}</p>
          </footer>
        )}
      </div>
    </div>
  );
}
