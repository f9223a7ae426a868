// What has happened since last time: five numbers, each of which opens its list.
import type { ComponentChildren, JSX, RefObject } from "preact";
import { useState } from "preact/hooks";
import { overdueNow, type Meeting, type Note, type Session } from "../../api/meetings";
import { Reading } from "../../components/reading";
import { Day } from "../../components/when";
import { formatCount } from "../../format";
import { useResource } from "../../resource";
import { recordHref } from "../../router";
import { s } from "../../strings/meetings";
import { s as shared } from "../../strings/shared";
import { isCarried, sinceOf, tilesOf, type Tile } from "./words";

interface Row {
  key: string;
  title: string;
  more?: ComponentChildren;
}

export function Rows({ rows, count }: { rows: readonly Row[]; count: number }): JSX.Element {
  return (
    <>
      <ul class="lines since-rows">
        {rows.map(({ key, title, more }) => (
          <li key={key} class="line">
            <a href={recordHref(key)}>
              <code>{key}</code> <bdi>{title}</bdi>
            </a>
            {more !== undefined && <span class="hint">{more}</span>}
          </li>
        ))}
      </ul>
      {rows.length === 0 && <p class="hint">{shared.none}</p>}
      {rows.length > 0 && count > rows.length && <p class="hint">{s.onlyFirst(rows.length)}</p>}
    </>
  );
}

/** The number is that of the start; the list is what is overdue now. */
function Overdue({ meeting }: { meeting: Meeting }): JSX.Element {
  const [found, reload] = useResource(`overdue ${meeting.id}`, () => overdueNow(meeting));
  if (found.state !== "ready") return <Reading of={found} again={reload} rows={3} />;
  const rows = found.value.map(({ key, title, dueDate }) => ({ key, title, more: dueDate && <Day date={dueDate} /> }));
  return <Rows rows={rows} count={rows.length} />;
}

function listOf(session: Session, id: Tile["id"]): Row[] {
  const { since } = session.minutes;
  if (id === "overdue") return [];
  if (id !== "moved") return since[id].items;
  return since.moved.items.map(({ key, title, from, to }) => ({
    key,
    title,
    more: (
      <>
        <Day date={from} /> → {to === null ? shared.none : <Day date={to} />}
      </>
    ),
  }));
}

export function ParkedRows({ notes }: { notes: readonly Note[] }): JSX.Element {
  const rows = notes.map(({ key, title, text }) => ({ key: key ?? "", title: title ?? "", more: <bdi>{text}</bdi> }));
  return <Rows rows={rows} count={rows.length} />;
}

interface SinceProps {
  meeting: Meeting;
  session: Session;
  heading: RefObject<HTMLHeadingElement | null>;
  children: ComponentChildren;
}

export function Since({ meeting, session, heading, children }: SinceProps): JSX.Element {
  const [open, setOpen] = useState<Tile["id"] | null>(null);
  const { since, notes } = session.minutes;
  const parked = notes.filter((note) => isCarried(note, session));
  const tile = tilesOf(since).find(({ id }) => id === open);
  return (
    <section class="stack since">
      <h2 ref={heading} tabIndex={-1}>
        {sinceOf(since)}
      </h2>
      <div class="since-tiles">
        {tilesOf(since).map(({ id, count, more }) => (
          <button
            key={id}
            type="button"
            class={`tile since-tile tile-${id} ${id === "overdue" && count > 0 ? "late" : ""}`}
            aria-expanded={open === id}
            onClick={() => setOpen(open === id ? null : id)}
          >
            <strong>
              {formatCount(count)}
              {more !== "" && <small> {more}</small>}
            </strong>
            <span class="hint">{s.tiles[id]}</span>
          </button>
        ))}
      </div>
      {tile !== undefined && (
        <section class="card" aria-label={s.tiles[tile.id]}>
          <h3>{tile.id === "overdue" ? s.tiles.overdueNow : s.tiles[tile.id]}</h3>
          {tile.id === "overdue" ? (
            <Overdue meeting={meeting} />
          ) : (
            <Rows rows={listOf(session, tile.id)} count={tile.count} />
          )}
        </section>
      )}
      {parked.length > 0 && (
        <section class="card">
          <h3>{s.reasonNames.parked}</h3>
          <ParkedRows notes={parked} />
        </section>
      )}
      {children}
    </section>
  );
}
