// One stream of comments and history, newest first, with the place to write the next comment on top.
import type { JSX } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { announce } from "../../announce";
import { recall, remember } from "../../storage";
import { Failure } from "../../components/failure";
import { Moment } from "../../components/when";
import { takeBack, undoOf } from "../../records";
import { s as shared } from "../../strings/shared";
import { s } from "../../strings/record";
import { Changes } from "./changes";
import { Comment } from "./comment";
import { Composer } from "./composer";
import { OnRecord } from "./context";
import type { useHistory } from "./load";
import { Proof } from "./proof";
import { By } from "./value";
import { entriesOf, isShown, type Entry, type Switch } from "./stream";

const switches: Switch[] = ["all", "comments", "changes"];

/** What is done to a comment or a file: `changes` has it before and after. */
function whatHappened(entry: Entry): "added" | "changed" | "removed" {
  const [before, after] = Object.values(entry.event.changes ?? {})[0] ?? [null, null];
  if (before === null) return "added";
  return after === null ? "removed" : "changed";
}

function sentence(entry: Entry): string {
  const { action, actor, changes } = entry.event;
  const [before, after] = (changes?.["awaits"] ?? []) as ({ by?: string } | null)[];
  if (/updated|linked/.test(action) && (before || after))
    return s.proposal[after ? "made" : before?.by === actor ? "withdrawn" : "returned"];
  const parts = s.did[action];
  if (parts === undefined) return s.didOther(action);
  return typeof parts === "string" ? parts : parts[whatHappened(entry)];
}

const undoable = ["task.updated", "task.assigned", "task.closed", "task.reopened", "task.expired"];
const DAY = 864e5;

function ChangeEntry({ entry, undone }: { entry: Entry; undone: boolean }): JSX.Element {
  const { task, account, may, refresh } = useContext(OnRecord);
  const { event } = entry;
  const { version, action } = event;
  const count = Object.keys(event.changes ?? {}).length;
  const mine =
    event.actor === account.email &&
    (undoable.includes(action) || event.changes?.["awaits"]) && Date.now() - Date.parse(event.at) < DAY;
  return (
    <div class="change">
      <p class="line">
        <strong>
          <By email={event.actor} />
        </strong>{" "}
        <span class="change-what">{sentence(entry)}</span> <Moment at={event.at} />
        <Proof event={event} />
        {mine && may.write && version && !undone && (
          <button
            type="button"
            class="button quiet"
            onClick={() => void takeBack(sentence(entry), undoOf({ key: task.key, version }, 0), refresh)}
          >
            {shared.undo}
          </button>
        )}
      </p>
      {entry.kind === "created" && event.changes ? (
        <details class="created">
          <summary>{s.values(count)}</summary>
          <Changes event={event} />
        </details>
      ) : (
        <Changes event={event} />
      )}
    </div>
  );
}

interface StreamProps {
  from: ReturnType<typeof useHistory>;
  /** The comment that the address names. */
  marked: string | null;
}

export function Stream({ from, marked }: StreamProps): JSX.Element {
  const { task, may } = useContext(OnRecord);
  const { history, older, retry } = from;
  const [which, setWhich] = useState<Switch>(() => switches.find((one) => one === recall("stream")) ?? "all");
  const looking = useRef(false);
  const entries = entriesOf(history.events);
  const undone = history.events.map(({ changes }) => (changes?.["undoes"]?.[1] as { seq: number } | undefined)?.seq);
  const shown = entries.filter((entry) => isShown(entry, marked !== null && which === "changes" ? "all" : which));
  const found = marked === null || entries.some((entry) => entry.kind === "comment" && entry.comment.id === marked);

  // A comment that was linked to may be far back; so may the comments among many changes.
  const wanted = !found || (which !== "all" && shown.length < 10);
  useEffect(() => {
    if (!wanted || history.loading || history.error !== null || history.next === null || looking.current) return;
    looking.current = true;
    void older().finally(() => {
      looking.current = false;
    });
  }, [wanted, history]);

  return (
    <section class="card record-stream">
      <div class="line between">
        <h2>{s.stream.heading}</h2>
        <div class="segments" role="group" aria-label={s.stream.show}>
          {switches.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={which === one}
              onClick={() => {
                setWhich(one);
                remember("stream", one === "all" ? null : one);
              }}
            >
              {s.stream[one]}
              {one === "comments" && task.commentCount > 0 && <span class="count"> {task.commentCount}</span>}
            </button>
          ))}
        </div>
      </div>
      {may.write && <Composer />}
      {shown.length > 0 && (
        <ol class="timeline">
          {shown.map((entry) => (
            <li key={`${entry.event.domain} ${entry.event.seq}`} class={`entry entry-${entry.kind}`}>
              {entry.kind === "comment" ? (
                <Comment entry={entry} marked={entry.comment.id === marked} />
              ) : (
                <ChangeEntry entry={entry} undone={undone.includes(entry.event.seq)} />
              )}
            </li>
          ))}
        </ol>
      )}
      {history.loading && <p class="hint">{shared.loading}</p>}
      {shown.length === 0 && !history.loading && history.error === null && <p class="hint">{s.stream.none}</p>}
      {history.error !== null && <Failure error={history.error} retry={retry} />}
      {history.next !== null && history.error === null && (
        <button
          type="button"
          class="button"
          aria-disabled={history.loading}
          onClick={() => {
            if (history.loading) return;
            void older().then(() => announce(s.stream.olderShown));
          }}
        >
          {s.stream.older}
        </button>
      )}
      {marked !== null && !found && history.next === null && !history.loading && (
        <p class="note">{s.stream.noSuchComment}</p>
      )}
    </section>
  );
}
