// One comment in the stream: its author changes or deletes it for a quarter of an hour.
import type { JSX } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { announce } from "../../announce";
import { changeComment, deleteComment, readComment } from "../../api/record";
import { Markdown } from "../../components/markdown";
import { TextEditor } from "../../components/text-editor";
import { Moment } from "../../components/when";
import { recordHref } from "../../router";
import { useSaving } from "../../saving";
import { s } from "../../strings/record";
import { OnRecord } from "./context";
import { Delete } from "./delete";
import { Fault, Foot } from "./foot";
import { Proof } from "./proof";
import type { Entry } from "./stream";
import { By } from "./value";

export const regret = 15 * 60_000;

type CommentEntry = Extract<Entry, { kind: "comment" }>;

export function Comment({ entry, marked }: { entry: CommentEntry; marked: boolean }): JSX.Element {
  const { task, account, may, refresh } = useContext(OnRecord);
  const { event, comment, now } = entry;
  const [draft, setDraft] = useState<{ text: string; etag: string } | null>(null);
  const saving = useSaving();
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!marked) return;
    place.current?.scrollIntoView({ block: "center" });
    place.current?.focus();
  }, [marked]);

  const mine = event.actor === account.email && may.write && Date.now() - Date.parse(event.at) < regret;
  const save = (): void =>
    void saving.save(async () => {
      if (draft === null) return;
      await changeComment(task.key, comment.id, draft.text, draft.etag);
      setDraft(null);
      announce(s.comment.changed);
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
            submit={save}
            cancel={() => setDraft(null)}
            workspace={task.workspace}
            focused
          />
          <Foot saving={saving} name={s.save} send={save} cancel={() => setDraft(null)} />
        </>
      ) : (
        <>
          {now.text === null ? <p class="hint gone">{s.comment.gone}</p> : <Markdown text={now.text} />}
          <Fault saving={saving} />
          {now.text !== null && (mine || may.manage) && (
            <p class="line">
              {mine && (
                <button
                  type="button"
                  class="button quiet small"
                  onClick={() => void saving.save(async () => setDraft(await readComment(task.key, comment.id)))}
                >
                  {s.edit}
                </button>
              )}
              <Delete
                saving={saving}
                act={async () => {
                  await deleteComment(task.key, comment.id);
                  announce(s.comment.gone);
                  refresh();
                }}
              >
                {s.delete}
              </Delete>
            </p>
          )}
        </>
      )}
    </article>
  );
}
