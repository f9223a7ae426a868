// One record on the big screen: what it is, why it is looked at, what came of it; and below it what can
// be done with it.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Task } from "../../api";
import { changeNote, dropNote, lastComment, type Comment, type Note, type Session } from "../../api/meetings";
import { LevelMark, StatusBadge, TypeBadge } from "../../components/badge";
import { Icon } from "../../components/icon";
import { Markdown } from "../../components/markdown";
import { Person } from "../../components/person";
import { Moment } from "../../components/when";
import { formatMoney } from "../../format";
import { useChanges } from "../../live";
import { s } from "../../strings/meetings";
import { memberName } from "../../strings/members";
import { s as record } from "../../strings/record";
import { Due } from "../record/value";
import type { Change, Followed, WalkItem } from "./follow";
import { Detail, NoteList, Outcome } from "./minutes";
import { awaitsOf, isCarried, noteOf, reasonOf } from "./words";

/** The newest comment of a record, as long as it is shown. */
function LastComment({ taskKey }: { taskKey: string }): JSX.Element | null {
  const [comment, setComment] = useState<Comment | null>(null);
  const read = (): void => void lastComment(taskKey).then(setComment, () => {});
  useEffect(read, [taskKey]);
  useChanges((events) => {
    if (events.some(({ key, action }) => key === taskKey && action === "task.commented")) read();
  }, read);
  if (comment === null) return null;
  return (
    <blockquote class="last-comment">
      <p class="hint">
        {s.lastComment} · {comment.author !== null && <Person email={comment.author} />} ·{" "}
        <Moment at={comment.createdAt} />
      </p>
      <div class="clamp">
        <Markdown text={comment.text ?? ""} />
      </div>
    </blockquote>
  );
}

interface NotesProps {
  notes: readonly Note[];
  session: Session;
  me: string;
  mayHold: boolean;
  act: Followed["act"];
}

export function Notes({ notes, session, me, mayHold, act }: NotesProps): JSX.Element {
  const path = { id: session.meeting, session: session.id };
  return (
    <NoteList
      notes={notes}
      tools={(note) =>
        mayHold && (
          <>
            {note.parked && (
              <button
                type="button"
                class="button quiet"
                onClick={() => void act(() => changeNote(path, note.id, { parked: false }))}
              >
                {s.unpark}
              </button>
            )}
            {(note.author === me || session.leader === me) && (
              <button
                type="button"
                class="button tiny"
                aria-label={record.remove(noteOf(note).text.slice(0, 60))}
                title={record.delete}
                onClick={() => void act(() => dropNote(path, note.id))}
              >
                <Icon name="close" />
              </button>
            )}
          </>
        )
      }
    />
  );
}

interface CardProps extends Omit<NotesProps, "notes"> {
  item: WalkItem;
  task: Task | undefined;
  changes: readonly Change[];
  position: string;
  heading: preact.RefObject<HTMLHeadingElement | null>;
  children: ComponentChildren;
}

export function Card({ item, task, changes, position, heading, children, ...rest }: CardProps): JSX.Element {
  const { session } = rest;
  const all = session.minutes.notes.filter(({ key }) => key === item.key);
  // What is done, or has another date, is not overdue any more.
  const holds = task === undefined || (item.reason === "overdue" ? task.overdue : task.open);
  const carried = all.filter((note) => isCarried(note, session));
  const notes = all.filter((note) => !carried.includes(note));
  return (
    <article class="stack walk-card card">
      <p class="line">
        {holds && (
          <span class={`badge walk-reason ${item.reason === "overdue" ? "overdue" : ""}`}>
            {reasonOf(item.reason, task, session)}
          </span>
        )}
        <code>{item.key}</code>
        <span class="walk-position">{position}</span>
      </p>
      <h2 ref={heading} tabIndex={-1} dir="auto">
        {task?.title ?? item.title}
      </h2>
      {task && (
        <>
          <p class="line">
            <StatusBadge status={task.status} />
            <TypeBadge type={task.todoType} />
            {task.priority && <LevelMark level={task.priority} />}
          </p>
          <dl class="line summary">
            <Detail label={memberName("assignee")}>
              <Person email={task.assignee} avatar />
              {session.minutes.absent.includes(task.assignee) && <span class="badge">{s.absent}</span>}
            </Detail>
            <Detail label={memberName("dueDate")}>
              <Due task={task} />
            </Detail>
            {task.financialImpact && (
              <Detail label={memberName("impact")}>
                <strong>{formatMoney(task.financialImpact, task.financialImpactCurrency ?? "EUR")}</strong>
              </Detail>
            )}
          </dl>
          {task.awaits && <p class="note">{awaitsOf(task)}</p>}
        </>
      )}
      {carried.length > 0 && (
        <section class="walk-outcome" aria-label={s.reasonNames.parked}>
          <h3>{s.reasonNames.parked}</h3>
          <Notes notes={carried} {...rest} />
        </section>
      )}
      {(changes.length > 0 || notes.length > 0) && (
        <section class="walk-outcome" aria-label={s.outcome}>
          <h3>{s.outcome}</h3>
          <Outcome changes={changes} />
          <Notes notes={notes} {...rest} />
        </section>
      )}
      {task && (
        <div class="clamp">
          <Markdown text={task.description} />
        </div>
      )}
      <LastComment taskKey={item.key} />
      {children}
    </article>
  );
}
