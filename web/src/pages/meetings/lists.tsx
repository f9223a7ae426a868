// Records by their names: what a number counts, and what is parked.
import type { ComponentChildren, JSX } from "preact";
import type { Minutes, Note } from "../../api/meetings";
import { Person } from "../../components/person";
import { recordHref } from "../../router";
import { s } from "../../strings/meetings";
import { s as shared } from "../../strings/shared";
import { namedOf, noteOf, saidOf, type Tile } from "./words";

interface Row {
  key: string;
  title: string;
  more?: ComponentChildren;
}

interface RowsProps {
  rows: readonly Row[];
  /** Of all, also those that are not named. */
  count: number;
  /** So many at once, the others when asked for. */
  most?: number;
}

export function Rows({ rows, count, most = rows.length }: RowsProps): JSX.Element {
  const list = (some: readonly Row[]): JSX.Element => (
    <ul class="lines since-rows">
      {some.map(({ key, title, more }) => (
        <li key={key} class="line">
          <a href={recordHref(key)}>
            <code>{key}</code> <bdi>{title}</bdi>
          </a>
          {more !== undefined && <span class="hint">{more}</span>}
        </li>
      ))}
    </ul>
  );
  return (
    <>
      {list(rows.slice(0, most))}
      {rows.length > most && (
        <details>
          <summary>{s.andMore(count - most)}</summary>
          {list(rows.slice(most))}
        </details>
      )}
      {rows.length === 0 && <p class="hint">{shared.none}</p>}
      {rows.length > 0 && count > rows.length && <p class="hint">{s.andMore(count - rows.length)}</p>}
    </>
  );
}

export const rowsOf = (since: Minutes["since"], id: Tile["id"]): Row[] =>
  namedOf(since, id).map((one) => ({
    ...one,
    more: (
      <>
        {saidOf(one)}
        {saidOf(one) && one.by && " · "}
        {one.by && <Person email={one.by} />}
      </>
    ),
  }));

export function NoteText({ note }: { note: Note }): JSX.Element {
  const { action, text } = noteOf(note);
  return (
    <>
      {action !== "" && (
        <>
          {s.do.action} <a href={recordHref(action)}>{action}</a>:{" "}
        </>
      )}
      <bdi class="note-text">{text}</bdi>
    </>
  );
}

export function ParkedRows({ notes }: { notes: readonly Note[] }): JSX.Element {
  const rows = notes.map((note) => ({ key: note.key ?? "", title: note.title ?? "", more: <NoteText note={note} /> }));
  return <Rows rows={rows} count={rows.length} />;
}
