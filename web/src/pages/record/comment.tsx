// One comment in the stream: its author changes or deletes it for a quarter of an hour.
import type { JSX } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { announce } from "../../announce";
import { changeComment, deleteComment, readComment } from "../../api/record";
import { wordsOf } from "../../components/failure";
import { Markdown } from "../../components/markdown";
import { TextEditor } from "../../components/text-editor";
import { Moment } from "../../components/when";
import { recordHref } from "../../router";
import { s } from "../../strings/record";
import { s as shared } from "../../strings/shared";
import { OnRecord } from "./context";
import { Proof } from "./proof";
import type { Entry } from "./stream";
import { By } from "./value";

export const regret = 15 * 60_000;

type CommentEntry = Extract<Entry, { kind: "comment" }>;

export function Comment({ entry, marked }: { entry: CommentEntry; marked: boolean }): JSX.Element {
  const { task, account, may, refresh } = useContext(OnRecord);
  const { event, comment, now } = entry;
  const [draft, setDraft] = useState<{ text: string; etag: string } | null>(null);
  const [fault, setFault] = useState("");
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!marked) return;
    place.current?.scrollIntoView({ block: "center" });
    place.current?.focus();
  }, [marked]);

  const mine = event.actor === account.email && may.write && Date.now() - Date.parse(event.at) < regret;
  const doing = async (what: () => Promise<unknown>): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setFault("");
    try {
      await what();
    } catch (error) {
      setFault(wordsOf(error));
    } finally {
      setBusy(false);
    }
  };
  const begin = (): Promise<void> =>
    doing(async () => {
      setDraft(await readComment(task.key, comment.id));
    });
  const save = (): Promise<void> =>
    doing(async () => {
      if (draft === null) return;
      await changeComment(task.key, comment.id, draft.text, draft.etag);
      setDraft(null);
      announce(s.comment.changed);
      refresh();
    });
  const remove = (): Promise<void> =>
    doing(async () => {
      await deleteComment(task.key, comment.id);
      setAsking(false);
      announce(s.comment.deleted);
      refresh();
    });

  return (
    <article class={marked ? "comment marked" : "comment"} ref={place} tabIndex={-1} id={`c${comment.id}`}>
      <header class="line">
        <strong>
          <By email={event.actor} />
        </strong>
        <a href={`${recordHref(task.key)}/c${comment.id}`}>
          <Moment at={event.at} />
        </a>
        {now.editedAt !== null && <span class="hint">{s.comment.edited}</span>}
        {comment.internal && <span class="badge">{s.comment.internal}</span>}
        <Proof event={event} />
      </header>
      {draft !== null ? (
        <>
          <TextEditor
            label={s.comment.label}
            value={draft.text}
            change={(text) => setDraft({ ...draft, text })}
            submit={() => void save()}
            cancel={() => setDraft(null)}
            workspace={task.workspace}
            focused
          />
          <p class="line">
            <button type="button" class="button primary" aria-disabled={busy} onClick={() => void save()}>
              {s.save}
            </button>
            <button type="button" class="button quiet" onClick={() => setDraft(null)}>
              {shared.cancel}
            </button>
          </p>
        </>
      ) : now.text === null ? (
        <p class="hint gone">{s.comment.gone}</p>
      ) : (
        <Markdown text={now.text} />
      )}
      {fault !== "" && (
        <p class="fault-text" role="alert">
          {fault}
        </p>
      )}
      {draft === null && now.text !== null && (mine || may.manage) && (
        <p class="line">
          {mine && (
            <button type="button" class="button quiet small" onClick={() => void begin()}>
              {s.edit}
            </button>
          )}
          {asking ? (
            <>
              <button type="button" class="button quiet small danger" onClick={() => void remove()}>
                {s.comment.reallyDelete}
              </button>
              <button type="button" class="button quiet small" onClick={() => setAsking(false)}>
                {s.keep}
              </button>
            </>
          ) : (
            <button type="button" class="button quiet small" onClick={() => setAsking(true)}>
              {s.delete}
            </button>
          )}
        </p>
      )}
    </article>
  );
}
