// The place to write a comment: a draft from the first letter, kept until it is sent.
import type { JSX } from "preact";
import { useContext, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { announce } from "../../announce";
import { newKey } from "../../api";
import { addComment } from "../../api/record";
import { DraftNote } from "../../components/draft-note";
import { TextEditor } from "../../components/text-editor";
import { useDraft } from "../../drafts";
import { useSaving } from "../../saving";
import { s } from "../../strings/record";
import { OnRecord } from "./context";
import { Foot } from "./foot";

export function Composer(): JSX.Element {
  const { task, may, refresh, opener } = useContext(OnRecord);
  const draft = useDraft(task.key, "comment");
  const [internal, setInternal] = useState(false);
  const saving = useSaving();
  const area = useRef<HTMLTextAreaElement>(null);
  // The same for every try to send this text, so that a double click makes no second comment.
  const once = useMemo(newKey, [draft.text, internal]);
  useLayoutEffect(() => {
    opener("comment", () => area.current?.focus());
    return () => opener("comment", null);
  }, []);

  const send = (): void =>
    void saving.save(async () => {
      const { text } = draft;
      if (text.trim() === "") return;
      await addComment(task.key, text, internal, once);
      // Who types on has begun the next one; for others, the next key is a shortcut again.
      if (draft.held()?.text === text) {
        draft.discard();
        area.current?.blur();
      }
      setInternal(false);
      announce(s.comment.sent);
      refresh();
    });
  const wrong = saving.faultBeside([]) !== undefined;
  const begun = draft.text !== "";

  return (
    <div class={begun ? "stack composer begun" : "stack composer"}>
      <DraftNote draft={draft} />
      <TextEditor
        label={s.comment.write}
        placeholder={s.comment.write}
        value={draft.text}
        change={draft.change}
        submit={send}
        cancel={() => area.current?.blur()}
        workspace={task.workspace}
        area={area}
        lines={begun ? 3 : 1}
        invalid={wrong}
        describedBy={wrong ? "comment-fault" : undefined}
      />
      {begun && (
        <Foot saving={saving} name={s.comment.send} send={send} id="comment-fault">
          <label class="switch">
            <input type="checkbox" checked={internal} onChange={(event) => setInternal(event.currentTarget.checked)} />
            <span>{s.comment.makeInternal}</span>
          </label>
          <span class="hint keys-hint">{s.editor.keys}</span>
          {wrong && may.manage && draft.text.includes("@") && <a href="#/workshop/people">{s.comment.giveAccess}</a>}
        </Foot>
      )}
    </div>
  );
}
