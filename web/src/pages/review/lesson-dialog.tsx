// What was learnt from a cause: kept with one of its incidents, as its result or as a comment.
import type { JSX } from "preact";
import { useId, useMemo, useState } from "preact/hooks";
import { newKey, type Task } from "../../api";
import { addComment } from "../../api/record";
import { Dialog } from "../../components/dialog";
import { Select } from "../../components/entry";
import { useDraft } from "../../drafts";
import { loadRecord, patchRecord } from "../../records";
import { useSaving } from "../../saving";
import { s as record } from "../../strings/record";
import { s } from "../../strings/review";
import { toast } from "../../toast";
import { Foot } from "../record/foot";

interface LessonDialogProps {
  incidents: readonly Task[];
  close: () => void;
  done: () => void;
}

export function LessonDialog({ incidents, close, done }: LessonDialogProps): JSX.Element {
  const [key, setKey] = useState(incidents[0]!.key);
  const incident = incidents.find((one) => one.key === key) ?? incidents[0]!;
  return (
    <Dialog heading={s.lessonTitle} close={close} look="wide">
      <Lesson key={key} incident={incident} incidents={incidents} choose={setKey} close={close} done={done} />
    </Dialog>
  );
}

interface LessonProps extends LessonDialogProps {
  incident: Task;
  choose: (key: string) => void;
}

function Lesson({ incident, incidents, choose, close, done }: LessonProps): JSX.Element {
  const id = useId();
  const [place, setPlace] = useState<"result" | "comment">("result");
  const draft = useDraft(incident.key, "lesson");
  const saving = useSaving();
  const lesson = draft.text.trim();
  const once = useMemo(newKey, [lesson]);

  const save = async (): Promise<void> => {
    if (lesson === "") return;
    try {
      if (place === "comment") {
        await addComment(incident.key, lesson, false, once);
        toast(s.lessonAdded(incident.key));
      } else {
        // What is there stays, also what somebody has just written.
        for (let now: Task | null = await loadRecord(incident.key); now !== null; ) {
          const result = [now.result?.trim() ?? "", lesson].filter(Boolean).join("\n\n");
          const outcome = await patchRecord(now.key, { result }, s.lessonAdded(now.key), now.version);
          now = outcome.state === "done" ? null : outcome.conflict.current;
        }
      }
      draft.discard();
      close();
    } finally {
      done();
    }
  };

  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void saving.save(save);
      }}
    >
      <div class="field">
        <label for={id}>{s.lesson}</label>
        <textarea
          id={id}
          data-first
          rows={5}
          value={draft.text}
          onInput={(event) => draft.change(event.currentTarget.value)}
        />
        <p class="hint">{s.lessonHint}</p>
      </div>
      <Select
        label={s.lessonWith}
        value={incident.key}
        change={choose}
        options={incidents.map(({ key, title }) => [key, `${key} ${title}`])}
      />
      <fieldset class="checks">
        <legend>{s.lessonAs}</legend>
        {(["result", "comment"] as const).map((one) => (
          <label key={one} class="switch">
            <input type="radio" name={id} checked={place === one} onChange={() => setPlace(one)} />
            {s.lessonPlaces[one]}
          </label>
        ))}
      </fieldset>
      <Foot saving={saving} name={record.save} disabled={lesson === ""} cancel={close} />
    </form>
  );
}
