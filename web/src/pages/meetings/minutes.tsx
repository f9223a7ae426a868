// What a session was about: the minutes of a closed one, and what they will be of one that runs.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Note, Session } from "../../api/meetings";
import { CopyButton } from "../../components/copy-button";
import { Icon } from "../../components/icon";
import { Person } from "../../components/person";
import { formatDay, formatMomentDay, formatTime } from "../../format";
import { usePage } from "../../page";
import { href, recordHref } from "../../router";
import { s } from "../../strings/meetings";
import { memberName } from "../../strings/members";
import { s as record } from "../../strings/record";
import { s as shared } from "../../strings/shared";
import type { Change } from "./follow";
import { NoteText, Rows, rowsOf } from "./lists";
import { namedMost, namedOf, netOf, sinceOf, summaryOf, textOf, tilesOf, type Figure, type Live } from "./words";

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

export function Detail({ label, children }: { label: string; children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** People under a heading, as in the minutes and on the page of a series. */
export function PeopleFact({ label, people }: { label: string; people: readonly string[] }): JSX.Element {
  return (
    <Detail label={label}>
      {people.length === 0 && shared.none}
      {people.map((email) => (
        <Person key={email} email={email} />
      ))}
    </Detail>
  );
}

/** What changes did together. */
export function Outcome({ changes }: { changes: readonly Change[] }): JSX.Element {
  return (
    <>
      {netOf(changes).lines.map((line) => (
        <p key={line} class="outcome">
          <Icon name="check" />
          <bdi>{line}</bdi>
        </p>
      ))}
    </>
  );
}

function Figures({ of }: { of: readonly Figure[] }): JSX.Element {
  return (
    <div class="line figures-line">
      {of.map(({ name, count, more }) => (
        <span key={name}>
          {name} <strong>{count}</strong>
          {more && ` (${more})`}
        </span>
      ))}
    </div>
  );
}

/** All of it but its head. */
export function MinutesBody({ session, live }: { session: Session; live?: Live }): JSX.Element {
  const { since, present, absent, changes } = session.minutes;
  const { figures, sections } = summaryOf(session, live);
  return (
    <div class="stack minutes">
      <Figures of={figures} />
      {sections.map(
        ([heading, rows]) =>
          rows.length > 0 && (
            <table key={heading} class="agreed">
              <caption>
                <h2>{heading}</h2>
              </caption>
              {rows.some(({ lines }) => lines.length > 0) && (
                <thead>
                  <tr>
                    <th>{record.actions.heading}</th>
                    <th>{s.outcome}</th>
                    <th>{memberName("assignee")}</th>
                    <th>{memberName("dueDate")}</th>
                  </tr>
                </thead>
              )}
              <tbody>
                {rows.map(({ key, title, lines, assignee, dueDate }) => (
                  <tr key={key}>
                    <th scope="row">
                      {key === "" ? (
                        title
                      ) : (
                        <a href={recordHref(key)}>
                          <code>{key}</code> <bdi>{title}</bdi>
                        </a>
                      )}
                    </th>
                    <td>
                      {lines.map((line) => (
                        <p key={line} dir="auto">
                          {line}
                        </p>
                      ))}
                    </td>
                    <td>{assignee && <Person email={assignee} />}</td>
                    <td>{dueDate && formatDay(dueDate)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          ),
      )}
      <dl class="line summary">
        <PeopleFact label={s.present} people={present.map(({ email }) => email)} />
        {absent.length > 0 && <PeopleFact label={s.absent} people={absent} />}
      </dl>
      <section>
        <h2>{sinceOf(since)}</h2>
        <Figures of={tilesOf(since)} />
        {tilesOf(since).map(
          ({ id, name, count }) =>
            namedOf(since, id).length > 0 && (
              <section key={id} aria-label={name}>
                <h3>{name}</h3>
                <Rows rows={rowsOf(since, id)} count={count} most={namedMost} />
              </section>
            ),
        )}
      </section>
      {changes?.more && <p class="hint">{s.more}</p>}
    </div>
  );
}

/** A mail with as much as mail programs take from a link. */
function mailHref({ minutes, startedAt }: Session, text: string): string {
  const people = [...new Set([...minutes.present.map(({ email }) => email), ...minutes.absent])];
  const body = `${location.href}\n\n${text.length > 1200 ? `${text.slice(0, 1200)}…` : text}`;
  const subject = `${s.minutesOf(minutes.name)}, ${formatMomentDay(startedAt)}`;
  return `mailto:${people.map(encodeURIComponent).join()}?${new URLSearchParams({ subject, body })
    .toString()
    .replaceAll("+", "%20")}`;
}

export function MinutesPage({ session }: { session: Session }): JSX.Element {
  const { minutes } = session;
  const heading = usePage(s.minutesOf(minutes.name), `minutes ${session.id}`);
  const page = useRef<HTMLDivElement>(null);
  const [text, setText] = useState("");
  useEffect(() => setText(page.current ? textOf(page.current) : ""));
  return (
    <div class="page minutes-page" ref={page}>
      <nav class="crumbs" aria-label={s.heading}>
        <a href={href(["meetings", session.meeting])}>
          <Icon name="back" />
          <bdi>{minutes.name}</bdi>
        </a>
      </nav>
      <div class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          <bdi>{minutes.name}</bdi>
        </h1>
        <div class="hint">
          {s.number(session.number)} · {formatMomentDay(session.startedAt)},{" "}
          {s.fromTo(formatTime(session.startedAt), formatTime(session.closedAt ?? session.startedAt))} · {s.ledBy}{" "}
          <Person email={session.leader} />
        </div>
        <div class="line minutes-tools">
          <button type="button" class="button quiet" onClick={() => print()}>
            <Icon name="records" />
            {record.actions.print}
          </button>
          <CopyButton text={text}>{s.copyText}</CopyButton>
          <a class="button quiet" href={mailHref(session, text)}>
            <Icon name="out" />
            {s.mail}
          </a>
        </div>
      </div>
      <div class="card">
        <MinutesBody session={session} />
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
