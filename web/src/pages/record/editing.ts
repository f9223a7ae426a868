// A field of a record while it is changed: what is typed is a draft from the first letter; what
// somebody else has changed meanwhile is merged, or both are shown.
import { useContext, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useDraft, type Draft } from "../../drafts";
import { patchRecord } from "../../records";
import { useSaving, type Saving } from "../../saving";
import { s } from "../../strings/record";
import { toast } from "../../toast";
import type { Clash } from "./conflict";
import { OnRecord } from "./context";
import { draftOf, fieldValue, sameValue, valueOf, type Field } from "./fields";
import { Clashed, saveRecord } from "./save";

export interface Editing {
  open: boolean;
  begin: () => void;
  text: string;
  change: (text: string) => void;
  /** Saves what is typed, or the value that is given; true when that worked. */
  save: (value?: unknown, more?: Record<string, unknown>) => Promise<boolean>;
  /** Closes it; a long text stays as a draft. */
  cancel: () => void;
  /** Closes it, and forgets what is typed. */
  discard: () => void;
  draft: Draft;
  saving: Saving;
  clash: Clash | null;
  /** Saves over theirs, which has been seen. */
  keep: () => void;
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
  const draft = useDraft(task.key, field.name);
  const [open, setOpen] = useState(false);
  const saving = useSaving();
  const [clash, setClash] = useState<Clash | null>(null);
  /** What was there when it was opened, and in which version of the record. */
  const base = useRef<{ value: unknown; version: number }>({ value, version: task.version });
  const here = useRef(true);
  const editable = may.write && !field.locked;

  const begin = (): void => {
    if (!editable || open) return;
    const left = draft.held();
    base.current = left
      ? { value: valueOf(field, left.base), version: left.version }
      : { value, version: task.version };
    if (!left) draft.rebase(draftOf(value), task.version);
    saving.clear();
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
    saving.clear();
  };
  const discard = (): void => {
    draft.discard();
    close();
  };
  const send = (next: unknown, more: Record<string, unknown>): Promise<boolean> =>
    saving.save(async () => {
      const alone = Object.keys(more).length === 0;
      const { value: before, version } = base.current;
      if (alone && sameValue(next, before)) return discard();
      const { key } = task;
      try {
        if (alone && shownAtOnce(field)) {
          // What is picked is shown before the server has it.
          close();
          const outcome = await patchRecord(key, { [field.name]: next }, s.changedField(field.label));
          if (outcome.state === "conflict")
            throw new Clashed(outcome.conflict.current, outcome.conflict.by, outcome.conflict.at);
          draft.discard();
        } else {
          const change = { [field.name]: next, ...more };
          const now = await saveRecord(key, change, { [field.name]: before }, version, s.changedField(field.label));
          discard();
          if (now.key !== key) moved(now);
        }
      } catch (error) {
        setOpen(true);
        if (error instanceof Clashed) {
          const { current, by, at } = error;
          const { version } = current;
          setClash({ base: before, mine: next, more, theirs: fieldValue(current, field), by, at, version });
          return;
        }
        // Who has left the page still has to know; the draft waits for them.
        if (!here.current) toast(s.notSaved(key, field.label));
        throw error;
      }
    });
  /** Theirs has been seen. */
  const settle = ({ theirs, version }: Clash): void => {
    base.current = { value: theirs, version };
    setClash(null);
  };
  // The newest text, also of the event that is just going on.
  const typed = (): unknown => valueOf(field, draft.held()?.text ?? draft.text);

  return {
    open,
    begin,
    text: draft.text,
    change: draft.change,
    save: (next = typed(), more = {}) => send(next, more),
    cancel: () => (field.kind !== "long" || sameValue(typed(), base.current.value) ? discard() : close()),
    discard,
    draft,
    saving,
    clash,
    keep: () => {
      if (!clash) return;
      settle(clash);
      void send(clash.mine, clash.more);
    },
    edit: () => {
      if (!clash) return;
      settle(clash);
      draft.rebase(draftOf(clash.theirs), clash.version);
    },
    overtaken: open && clash === null && !sameValue(value, base.current.value) && !saving.busy,
  };
}
