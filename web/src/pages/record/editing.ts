// A field of a record while it is changed: what is typed is a draft from the first letter; what
// somebody else has changed meanwhile is merged, or both are shown.
import { useContext, useLayoutEffect, useRef, useState } from "preact/hooks";
import { wordsOf } from "../../components/failure";
import { patchRecord } from "../../records";
import { s } from "../../strings/record";
import { toast } from "../../toast";
import type { Clash } from "./conflict";
import { OnRecord } from "./context";
import { useDraft, type Draft } from "./draft";
import { draftOf, fieldValue, sameValue, valueOf, type Field } from "./fields";
import { Clashed, saveRecord, sayUndo } from "./save";

export interface Editing {
  open: boolean;
  begin: () => void;
  text: string;
  change: (text: string) => void;
  /** Saves what is typed, or the value that is given. */
  save: (value?: unknown, more?: Record<string, unknown>) => Promise<void>;
  /** Closes it; a long text stays as a draft. */
  cancel: () => void;
  draft: Draft;
  saving: boolean;
  fault: string;
  clash: Clash | null;
  mine: unknown;
  keep: () => void;
  take: () => void;
  /** Back to the text, with theirs as what it is compared with. */
  edit: () => void;
  /** Somebody has changed this very field since it was opened. */
  overtaken: boolean;
}

/** Choices of the record itself; a text waits for the server. */
function shownAtOnce(field: Field): boolean {
  return !field.extra && (field.kind === "choice" || field.kind === "person");
}

export function useEditing(field: Field): Editing {
  const { task, opener, may, moved } = useContext(OnRecord);
  const value = fieldValue(task, field);
  const draft = useDraft(field.name);
  const [open, setOpen] = useState(false);
  const [saving, setSaving] = useState(false);
  const [fault, setFault] = useState("");
  const [clash, setClash] = useState<Clash | null>(null);
  /** What was there when it was opened, and in which version of the record. */
  const base = useRef<{ value: unknown; version: number }>({ value, version: task.version });
  const sent = useRef<{ value: unknown; more: Record<string, unknown> }>({ value: null, more: {} });
  const here = useRef(true);
  const editable = may.write && !field.locked;

  const begin = (): void => {
    if (!editable || open) return;
    const left = draft.held();
    base.current = left
      ? { value: valueOf(field, left.base), version: left.version }
      : { value, version: task.version };
    if (!left) draft.begin(draftOf(value), task.version);
    setFault("");
    setClash(null);
    setOpen(true);
  };
  // A draft that was left opens its field again.
  useLayoutEffect(() => {
    if (draft.held()) begin();
  }, []);
  useLayoutEffect(() => {
    if (!editable) return;
    opener(field.name, begin);
    return () => opener(field.name, null);
  });
  useLayoutEffect(
    () => () => {
      here.current = false;
    },
    [],
  );

  const close = (): void => {
    setOpen(false);
    setClash(null);
    setFault("");
  };
  const send = async (next: unknown, more: Record<string, unknown>): Promise<void> => {
    if (saving) return;
    sent.current = { value: next, more };
    if (sameValue(next, base.current.value) && Object.keys(more).length === 0) {
      draft.forget();
      close();
      return;
    }
    setSaving(true);
    setFault("");
    const before = base.current.value;
    const { key } = task;
    try {
      if (shownAtOnce(field) && Object.keys(more).length === 0) {
        // What is picked is shown before the server has it.
        close();
        const outcome = await patchRecord(key, { [field.name]: next }, s.changedField(field.label));
        if (outcome.state === "conflict")
          throw new Clashed(outcome.conflict.current, outcome.conflict.by, outcome.conflict.at);
        draft.forget();
      } else {
        const now = await saveRecord(
          key,
          { [field.name]: next, ...more },
          { [field.name]: before },
          base.current.version,
        );
        draft.forget();
        close();
        if (now.key === key) sayUndo(s.changedField(field.label), now, field.name, before);
        else moved(now);
      }
    } catch (error) {
      if (error instanceof Clashed) {
        setOpen(true);
        setClash({
          base: before,
          theirs: fieldValue(error.current, field),
          by: error.by,
          at: error.at,
          version: error.current.version,
        });
        return;
      }
      // Who has left the page still has to know; the draft waits for them.
      if (!here.current) toast(s.notSaved(key, field.label));
      setOpen(true);
      setFault(wordsOf(error));
    } finally {
      setSaving(false);
    }
  };
  // The newest text, also of the event that is just going on.
  const typed = (): unknown => valueOf(field, draft.held()?.text ?? draft.text);

  return {
    open,
    begin,
    text: draft.text,
    change: draft.change,
    save: (next = typed(), more = {}) => send(next, more),
    cancel: () => {
      if (field.kind !== "long" || sameValue(typed(), base.current.value)) draft.forget();
      close();
    },
    draft,
    saving,
    fault,
    clash,
    mine: sent.current.value,
    keep: () => {
      if (!clash) return;
      base.current = { value: clash.theirs, version: clash.version };
      setClash(null);
      void send(sent.current.value, sent.current.more);
    },
    take: () => {
      draft.forget();
      close();
    },
    edit: () => {
      if (!clash) return;
      base.current = { value: clash.theirs, version: clash.version };
      draft.rebase(draftOf(clash.theirs), clash.version);
      setClash(null);
    },
    overtaken: open && clash === null && !sameValue(value, base.current.value) && !saving,
  };
}
