// What a record has to do with: the tasks that were made from it, what people have linked, and what
// has the same order or LRN.
import type { JSX } from "preact";
import { useContext, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { newKey, type Status, type Task, type TodoType } from "../../api";
import {
  findRecords,
  linkRecord,
  listRelated,
  patchRecord,
  unlinkRecord,
  type LinkKind,
  type Related as RelatedRecord,
} from "../../api/record";
import { addRecord } from "../../api/records";
import { OverdueMark, StatusBadge, TypeBadge } from "../../components/badge";
import { Failure, wordsOf } from "../../components/failure";
import { Icon } from "../../components/icon";
import { Person } from "../../components/person";
import { Suggestions, useSuggestions } from "../../components/suggestions";
import { Day } from "../../components/when";
import { recordHref } from "../../router";
import { s } from "../../strings/record";
import { s as shared } from "../../strings/shared";
import { toast } from "../../toast";
import { linkDuplicate } from "../inbox/handle";
import { OnRecord } from "./context";
import { useDraft } from "./draft";
import type { Loaded } from "./load";

export interface RelatedPart {
  items: readonly RelatedRecord[];
  next: string | null;
}

const linkKinds: readonly LinkKind[] = ["relates", "duplicates", "causedBy", "causes"];

function isLink(kind: string): boolean {
  return kind === "duplicatedBy" || (linkKinds as readonly string[]).includes(kind);
}

function Row({
  from,
  children,
}: {
  from: RelatedRecord;
  children?: JSX.Element | JSX.Element[] | undefined;
}): JSX.Element {
  const { record, why } = from;
  const reasons = why
    .filter(({ kind }) => kind !== "child")
    .map(({ kind, value }) => (value === undefined ? (s.kinds[kind] ?? kind) : `${s.kinds[kind] ?? kind}: ${value}`));
  return (
    <li class={record.open ? "related-row" : "related-row closed"}>
      <p class="related-title">
        <a href={recordHref(record.key)} dir="auto">
          {record.title}
        </a>
      </p>
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
function LinkForm({ close, done }: { close: () => void; done: () => void }): JSX.Element {
  const { task } = useContext(OnRecord);
  const [kind, setKind] = useState<LinkKind>("relates");
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState("");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  useLayoutEffect(() => input.current?.focus(), []);
  const take = (record: Task): void => {
    setText(record.key);
    setChosen(record.key);
  };
  const load = async (words: string): Promise<Task[]> =>
    (await findRecords(words)).filter(({ key }) => key !== task.key);
  const found = useSuggestions<Task>(text.trim().length < 2 || text === chosen ? null : text.trim(), load, take);
  const link = async (): Promise<void> => {
    const other = text.trim();
    if (busy || other === "") return;
    setBusy(true);
    setFault("");
    try {
      let undo = (): Promise<unknown> => unlinkRecord(task.key, other, kind);
      if (kind === "duplicates") undo = await linkDuplicate(task, other);
      else await linkRecord(task.key, other, kind);
      toast(s.related.linked(other.toUpperCase()), async () => {
        const said = await undo().then(
          () => shared.undone,
          () => shared.notUndone,
        );
        toast(said);
        done();
      });
      done();
      close();
    } catch (error) {
      setFault(wordsOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void link();
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
      }}
    >
      <label>
        <span>{s.related.kind}</span>
        <select value={kind} onChange={(event) => setKind(event.currentTarget.value as LinkKind)}>
          {linkKinds.map((one) => (
            <option key={one} value={one}>
              {s.kinds[one]}
            </option>
          ))}
        </select>
      </label>
      <label class="suggesting">
        <span>{s.related.other}</span>
        <input
          ref={input}
          role="combobox"
          aria-expanded={found.items.length > 0}
          autocomplete="off"
          spellcheck={false}
          placeholder={s.related.otherHint}
          value={text}
          aria-invalid={fault !== "" || undefined}
          aria-describedby={fault === "" ? undefined : id}
          {...found.attributes}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => void found.key(event)}
        />
        <Suggestions from={found} label={s.related.search}>
          {(record) => (
            <>
              <code>{record.key}</code> <bdi>{record.title}</bdi>
            </>
          )}
        </Suggestions>
      </label>
      {kind === "duplicates" && <p class="hint">{s.related.duplicateHint}</p>}
      {fault !== "" && (
        <p class="fault-text" id={id} role="alert">
          {fault}
        </p>
      )}
      <p class="line">
        <button type="submit" class="button primary small" aria-disabled={busy}>
          {s.related.link}
        </button>
        <button type="button" class="button quiet small" onClick={close}>
          {shared.cancel}
        </button>
      </p>
    </form>
  );
}

interface PartProps {
  part: Loaded<RelatedPart>;
  reload: () => void;
}

export function RelatedRecords({
  part,
  reload,
  linking,
  setLinking,
}: PartProps & { linking: boolean; setLinking: (on: boolean) => void }): JSX.Element | null {
  const { task, may, refresh } = useContext(OnRecord);
  const [more, setMore] = useState<RelatedPart | null>(null);
  useEffect(() => setMore(null), [part.value]);
  const all = [...(part.value?.items ?? []), ...(more?.items ?? [])];
  // A part of it is among its tasks, unless it is linked as well.
  const items = all.filter(
    ({ why }) => why.some(({ kind }) => isLink(kind)) || !why.some(({ kind }) => kind === "child"),
  );
  const next = more ? more.next : (part.value?.next ?? null);
  const load = async (): Promise<void> => {
    if (next === null) return;
    const page = await listRelated(task.key, next).catch(() => null);
    if (page) setMore({ items: [...(more?.items ?? []), ...page.items], next: page.next ?? null });
  };
  const unlink = async (other: string, kind: string): Promise<void> => {
    try {
      await unlinkRecord(task.key, other, kind as LinkKind);
      const back = linkKinds.find((one) => one === kind);
      toast(
        s.related.unlinked(other),
        back && back !== "duplicates"
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
  if (!may.write && items.length === 0 && part.error === null) return null;
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
      {linking && <LinkForm close={() => setLinking(false)} done={refresh} />}
      {part.error !== null && <Failure error={part.error} retry={reload} />}
      {part.value !== null && items.length === 0 && !linking && <p class="hint">{s.related.none}</p>}
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
      {next !== null && (
        <button type="button" class="button quiet small" onClick={() => void load()}>
          {s.related.more}
        </button>
      )}
    </section>
  );
}

/** The tasks below this record, and a line to make another one. */
export function TasksFromIt({
  part,
  reload,
  adding,
  setAdding,
}: PartProps & { adding: boolean; setAdding: (on: boolean) => void }): JSX.Element | null {
  const { task, account, may } = useContext(OnRecord);
  const draft = useDraft("task");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const once = useMemo(newKey, [draft.text]);
  const open = adding || draft.text !== "";
  useLayoutEffect(() => {
    if (adding) input.current?.focus();
  }, [adding]);
  const children = (part.value?.items ?? []).filter(({ why }) => why.some(({ kind }) => kind === "child"));
  if (children.length === 0 && !open) return null;

  const close = (): void => {
    draft.forget();
    setFault("");
    setAdding(false);
  };
  const make = async (): Promise<void> => {
    if (busy || draft.text.trim() === "") return;
    setBusy(true);
    setFault("");
    let made = "";
    try {
      made = await addRecord(
        {
          todoType: "TASK",
          domainWorkSpace: task.workspace,
          title: draft.text.trim(),
          description: s.tasks.madeFrom(task.key, task.title),
          status: "To do",
          reporter: account.email,
          orderID: task.orderID,
          ...(task.LRN !== null && { LRN: task.LRN }),
        },
        once,
      );
      draft.forget();
      await patchRecord(made, { parent: task.key }, 1);
      toast(s.tasks.made(made));
      input.current?.focus();
    } catch (error) {
      setFault(made === "" ? wordsOf(error) : `${s.tasks.half(made)} ${wordsOf(error)}`);
    } finally {
      setBusy(false);
      reload();
    }
  };
  return (
    <section class="card tasks-from">
      <div class="line between">
        <h2>{s.tasks.heading}</h2>
        {may.write && !open && (
          <button type="button" class="button quiet small" onClick={() => setAdding(true)}>
            {s.tasks.add}
          </button>
        )}
      </div>
      {children.length > 0 && (
        <ul class="stack related-list">
          {children.map((item) => (
            <Row key={item.record.key} from={item} />
          ))}
        </ul>
      )}
      {open && may.write && (
        <form
          class="task-form"
          onSubmit={(event) => {
            event.preventDefault();
            void make();
          }}
        >
          <input
            ref={input}
            aria-label={s.tasks.title}
            placeholder={s.tasks.title}
            maxLength={255}
            value={draft.text}
            dir="auto"
            onInput={(event) => draft.change(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Escape") close();
            }}
          />
          <button type="submit" class="button primary" aria-disabled={busy}>
            {s.tasks.create}
          </button>
          <button type="button" class="button quiet" onClick={close}>
            {shared.cancel}
          </button>
          {fault !== "" && (
            <p class="fault-text" role="alert">
              {fault}
            </p>
          )}
        </form>
      )}
    </section>
  );
}
