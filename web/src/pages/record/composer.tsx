// The place to write a comment: a draft from the first letter, kept until it is sent.
import type { JSX } from "preact";
import { useContext, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { announce } from "../../announce";
import { newKey } from "../../api";
import { addComment } from "../../api/record";
import { wordsOf } from "../../components/failure";
import { TextEditor } from "../../components/text-editor";
import { s } from "../../strings/record";
import { upload } from "../../upload";
import { OnRecord } from "./context";
import { DraftNote, useDraft } from "./draft";

export function Composer(): JSX.Element {
  const { task, may, refresh, opener } = useContext(OnRecord);
  const draft = useDraft("comment");
  const [internal, setInternal] = useState(false);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const area = useRef<HTMLTextAreaElement>(null);
  // The same for every try to send this text, so that a double click makes no second comment.
  const once = useMemo(newKey, [draft.text, internal]);
  useLayoutEffect(() => {
    opener("comment", () => area.current?.focus());
    return () => opener("comment", null);
  }, []);

  const send = async (): Promise<void> => {
    if (busy || draft.text.trim() === "") return;
    setBusy(true);
    setFault("");
    const { text } = draft;
    try {
      await addComment(task.key, text, internal, once);
      // Who types on has begun the next one.
      if (draft.held()?.text === text) draft.forget();
      setInternal(false);
      announce(s.comment.sent);
      refresh();
    } catch (error) {
      setFault(wordsOf(error));
    } finally {
      setBusy(false);
    }
  };
  const begun = draft.text !== "";

  return (
    <div class={begun ? "stack composer begun" : "stack composer"}>
      <DraftNote draft={draft} />
      <TextEditor
        label={s.comment.write}
        placeholder={s.comment.placeholder}
        value={draft.text}
        change={draft.change}
        submit={() => void send()}
        cancel={() => area.current?.blur()}
        workspace={task.workspace}
        area={area}
        lines={begun ? 3 : 1}
        invalid={fault !== ""}
        describedBy={fault === "" ? undefined : "comment-fault"}
        files={(files) => upload(task.key, files)}
      />
      {fault !== "" && (
        <p class="fault-text" id="comment-fault" role="alert">
          {fault} {may.manage && /@/.test(draft.text) && <a href="#/workshop/people">{s.comment.giveAccess}</a>}
        </p>
      )}
      {begun && (
        <p class="line">
          <button type="button" class="button primary" aria-disabled={busy} onClick={() => void send()}>
            {s.comment.send}
          </button>
          <label class="switch">
            <input type="checkbox" checked={internal} onChange={(event) => setInternal(event.currentTarget.checked)} />
            <span>{s.comment.makeInternal}</span>
          </label>
          <span class="hint keys-hint">{s.comment.keys}</span>
        </p>
      )}
    </div>
  );
}
