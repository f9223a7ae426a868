// What a record has to do with: the tasks that were made from it, what people have linked, and what
// has the same order or LRN.
import type { JSX } from "preact";
import { useContext, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { newKey, type Status, type TodoType } from "../../api";
import { linkRecord, unlinkRecord, type LinkKind, type Related } from "../../api/record";
import { OverdueMark, StatusBadge, TypeBadge } from "../../components/badge";
import { Failure, wordsOf } from "../../components/failure";
import { Icon } from "../../components/icon";
import { Person } from "../../components/person";
import { Day } from "../../components/when";
import { useDraft } from "../../drafts";
import { sayUndo } from "../../records";
import { recordHref } from "../../router";
import { useSaving } from "../../saving";
import { s } from "../../strings/record";
import { s as shared } from "../../strings/shared";
import { toast } from "../../toast";
import { OnRecord } from "./context";
import { Foot } from "./foot";
import { addPart } from "./part";
import { RecordField } from "./record-field";

/** Those that somebody links by hand: a duplicate is closed as such. */
const linkKinds: readonly LinkKind[] = ["relates", "causedBy", "causes"];

const isLink = (kind: string): boolean => [...linkKinds, "duplicates", "duplicatedBy"].includes(kind);

const kindName = (kind: string): string => s.kinds[kind] ?? kind;

export const isPart = ({ why }: Related): boolean => why.some(({ kind }) => kind === "child");

function Row({ from, children }: { from: Related; children?: JSX.Element[] | undefined }): JSX.Element {
  const { record, why } = from;
  const reasons = why
    .filter(({ kind }) => kind !== "child")
    .map(({ kind, value }) => (value === undefined ? kindName(kind) : `${kindName(kind)}: ${value}`));
  return (
    <li class={record.open ? "related-row" : "related-row closed"}>
      <a href={recordHref(record.key)} dir="auto">
        {record.title}
      </a>
      <p class="line hint">
        <TypeBadge type={record.todoType as TodoType} />
        <code>{record.key}</code>
        <StatusBadge status={record.status as Status} />
        {record.overdue && <OverdueMark />}
        {record.assignee !== null && <Person email={record.assignee} />}
        {record.dueDate !== null && <Day date={record.dueDate} />}
      </p>
      {reasons.length > 0 && (
        <p class="hint">
          <bdi>{reasons.join(", ")}</bdi>
        </p>
      )}
      {children}
    </li>
  );
}

/** Form to link another record by its key, or one that is found by words. */
function LinkForm({ close }: { close: () => void }): JSX.Element {
  const { task, refresh } = useContext(OnRecord);
  const [kind, setKind] = useState<LinkKind>("relates");
  const [text, setText] = useState("");
  const saving = useSaving();
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const wrong = saving.faultBeside([]) !== undefined;
  useLayoutEffect(() => input.current?.focus(), []);
  const link = async (): Promise<void> => {
    const other = text.trim();
    if (other === "") return;
    await linkRecord(task.key, other, kind);
    sayUndo(s.related.linked(other.toUpperCase()), () => unlinkRecord(task.key, other, kind), refresh);
    refresh();
    close();
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void saving.save(link);
      }}
      onKeyDown={({ key }) => {
        if (key === "Escape") close();
      }}
    >
      <label>
        <span>{s.related.kind}</span>
        <select value={kind} onChange={(event) => setKind(event.currentTarget.value as LinkKind)}>
          {linkKinds.map((one) => (
            <option key={one} value={one}>
              {kindName(one)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{s.related.other}</span>
        <RecordField
          task={task}
          label={s.related.other}
          value={text}
          change={setText}
          input={input}
          invalid={wrong}
          describedBy={wrong ? id : undefined}
        />
      </label>
      <Foot saving={saving} name={s.related.link} cancel={close} id={id} />
    </form>
  );
}

interface RelatedProps {
  all: readonly Related[] | null;
  error: unknown;
  retry: () => void;
  /** There are more than these. */
  more: (() => void) | false;
  linking: boolean;
  setLinking: (on: boolean) => void;
}

export function RelatedRecords({ all, error, retry, more, linking, setLinking }: RelatedProps): JSX.Element | null {
  const { task, may, refresh } = useContext(OnRecord);
  // A part of it is among its tasks, unless it is linked as well.
  const items = all?.filter((one) => one.why.some(({ kind }) => isLink(kind)) || !isPart(one)) ?? [];
  const unlink = async (other: string, kind: string): Promise<void> => {
    try {
      await unlinkRecord(task.key, other, kind as LinkKind);
      const back = linkKinds.find((one) => one === kind);
      toast(
        s.related.unlinked(other),
        back
          ? async () => {
              await linkRecord(task.key, other, back).catch(() => {});
              refresh();
            }
          : undefined,
      );
      refresh();
    } catch (error) {
      toast(wordsOf(error));
    }
  };
  if (!may.write && items.length === 0 && error === null) return null;
  return (
    <section class="facts">
      <div class="line between">
        <h2>{s.related.heading}</h2>
        {may.write && !linking && (
          <button type="button" class="button quiet small" onClick={() => setLinking(true)}>
            <Icon name="link" />
            {s.related.add}
          </button>
        )}
      </div>
      {linking && <LinkForm close={() => setLinking(false)} />}
      {error !== null && <Failure error={error} retry={retry} />}
      {all !== null && items.length === 0 && !linking && <p class="hint">{shared.none}</p>}
      {items.length > 0 && (
        <ul class="stack related-list">
          {items.map((item) => (
            <Row key={item.record.key} from={item}>
              {may.write
                ? item.why
                    .filter(({ kind }) => isLink(kind))
                    .map(({ kind }) => (
                      <button
                        key={kind}
                        type="button"
                        class="button tiny unlink"
                        aria-label={s.related.unlink(item.record.key)}
                        title={s.related.unlink(item.record.key)}
                        onClick={() => void unlink(item.record.key, kind)}
                      >
                        <Icon name="close" />
                      </button>
                    ))
                : undefined}
            </Row>
          ))}
        </ul>
      )}
      {more && (
        <button type="button" class="button quiet small" onClick={more}>
          {s.related.more}
        </button>
      )}
    </section>
  );
}

interface TasksProps {
  all: readonly Related[] | null;
  reload: () => void;
  adding: boolean;
  setAdding: (on: boolean) => void;
}

/** The tasks below this record, and a line to make another one. */
export function TasksFromIt({ all, reload, adding, setAdding }: TasksProps): JSX.Element | null {
  const { task, account, may } = useContext(OnRecord);
  const draft = useDraft(task.key, "task");
  const saving = useSaving();
  const input = useRef<HTMLInputElement>(null);
  const once = useMemo(newKey, [draft.text]);
  const open = adding || draft.text !== "";
  useLayoutEffect(() => {
    if (adding) input.current?.focus();
  }, [adding]);
  const parts = all?.filter(isPart) ?? [];
  if (parts.length === 0 && !open) return null;

  const close = (): void => {
    draft.discard();
    saving.clear();
    setAdding(false);
  };
  const make = async (): Promise<void> => {
    const title = draft.text.trim();
    if (title === "") return;
    try {
      const description = s.tasks.madeFrom(task.key, task.title);
      const made = await addPart(task, { title, description, reporter: account.email }, once);
      draft.discard();
      if (made === null) return;
      toast(s.tasks.made(made));
      input.current?.focus();
    } finally {
      reload();
    }
  };
  return (
    <section class="card tasks-from">
      <div class="line between">
        <h2>{s.tasks.heading}</h2>
        {may.write && !open && (
          <button type="button" class="button quiet small" onClick={() => setAdding(true)}>
            {s.actions.newTask}
          </button>
        )}
      </div>
      {parts.length > 0 && (
        <ul class="stack related-list">
          {parts.map((item) => (
            <Row key={item.record.key} from={item} />
          ))}
        </ul>
      )}
      {open && may.write && (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void saving.save(make);
          }}
        >
          <input
            ref={input}
            aria-label={s.tasks.title}
            placeholder={s.tasks.title}
            value={draft.text}
            dir="auto"
            onInput={(event) => draft.change(event.currentTarget.value)}
            onKeyDown={({ key }) => {
              if (key === "Escape") close();
            }}
          />
          <Foot saving={saving} name={s.tasks.create} cancel={close} />
        </form>
      )}
    </section>
  );
}
