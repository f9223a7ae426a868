// What has happened since last time: five numbers, each of which opens its list.
import type { ComponentChildren, JSX, RefObject } from "preact";
import { useState } from "preact/hooks";
import { overdueNow, type Meeting, type Session } from "../../api/meetings";
import { Reading } from "../../components/reading";
import { Day } from "../../components/when";
import { formatCount } from "../../format";
import { useResource } from "../../resource";
import { s } from "../../strings/meetings";
import { ParkedRows, Rows, rowsOf } from "./lists";
import { isCarried, sinceOf, tilesOf, type Tile } from "./words";

/** The number is that of the start; the list is what is overdue now. */
function Overdue({ meeting }: { meeting: Meeting }): JSX.Element {
  const [found, reload] = useResource(`overdue ${meeting.id}`, () => overdueNow(meeting));
  if (found.state !== "ready") return <Reading of={found} again={reload} rows={3} />;
  const rows = found.value.map(({ key, title, dueDate }) => ({ key, title, more: dueDate && <Day date={dueDate} /> }));
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
        {tilesOf(since).map(({ id, name, count, more }) => (
          <button
            key={id}
            type="button"
            class={`tile since-tile tile-${id} ${id === "overdue" && count > 0 ? "late" : ""}`}
            aria-expanded={open === id}
            onClick={() => setOpen(open === id ? null : id)}
          >
            <strong>
              {formatCount(count)}
              {more && <small> {more}</small>}
            </strong>
            <span class="hint">{name}</span>
          </button>
        ))}
      </div>
      {tile !== undefined && (
        <section class="card" aria-label={tile.name}>
          <h3>{tile.name}</h3>
          {tile.id === "overdue" ? (
            <Overdue meeting={meeting} />
          ) : (
            <Rows rows={rowsOf(since, tile.id)} count={tile.count} />
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
