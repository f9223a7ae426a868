// One record, whole: read first, each field changed in its place, with everything that was said about
// it and happened to it. This is where the links of the API lead.
import type { ComponentChildren, JSX } from "preact";
import { useContext, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { useActions, type Action } from "../actions";
import { announce } from "../announce";
import { callAll, Problem, type Account, type Task } from "../api";
import { listAttachments, listRelated, readForm, readRecord } from "../api/record";
import { copyAndSay } from "../components/copy-button";
import { Failure, wordsOf } from "../components/failure";
import { Icon, type IconName } from "../components/icon";
import { Skeleton } from "../components/skeleton";
import { moveDrafts } from "../drafts";
import type { PageProps } from "../lazy";
import { useChanges } from "../live";
import { markRead } from "../notifications";
import { PageInside, usePage } from "../page";
import { learnPeople } from "../people";
import { putRecord, useRecord } from "../records";
import { mayManage, mayWrite } from "../rights";
import { correct, go, href, recordHref } from "../router";
import { s } from "../strings/record";
import { s as shared } from "../strings/shared";
import { toast } from "../toast";
import { onUploaded } from "../upload";
import { dialogs, type Asking, type AskProps } from "./inbox/dialogs";
import { say, tried, type Deed } from "./inbox/handle";
import { rowOutside } from "./inbox/list";
import { OnRecord, type OnRecordValue } from "./record/context";
import { ExtraFields, Side } from "./record/facts";
import { TextField } from "./record/field-view";
import { fieldsOf } from "./record/fields";
import { Files } from "./record/files";
import { Head, useNext, type Ways } from "./record/head";
import { lastListHref, neighbours } from "./record/neighbours";
import { useHistory } from "./record/load";
import { RelatedRecords, TasksFromIt } from "./record/related";
import { Stream } from "./record/stream-view";
import { useLatest } from "./records/latest";

/** "." copies the key, ".." key and title, "..." the link: each within so many milliseconds of the last. */
const ladder = 700;

function useCopyKeys(task: Task): Action {
  const pressed = useRef({ times: 0, at: 0 });
  return {
    does: s.actions.copyKey,
    keys: ["."],
    keyOnly: true,
    act: () => {
      const now = Date.now();
      const times = now - pressed.current.at < ladder ? (pressed.current.times % 3) + 1 : 1;
      pressed.current = { times, at: now };
      void copyAndSay([task.key, `${task.key} ${task.title}`, task.taskLink][times - 1]!);
    },
  };
}

/** The field that the focus is in, or else the pointer. */
function fieldAtHand(): string {
  const holder = document.activeElement?.closest("[data-field]") ?? document.querySelector("[data-field]:hover");
  return holder instanceof HTMLElement ? (holder.dataset.field ?? "description") : "description";
}

interface ViewProps {
  task: Task;
  account: Account;
  reload: () => void;
  marked: string | null;
  heading: ReturnType<typeof usePage>;
  /** What the history said at some point: to be read only. */
  past: boolean;
}

function View({ task, account, reload, marked, heading, past }: ViewProps): JSX.Element {
  const may = {
    write: !past && mayWrite(account, task.workspace),
    manage: !past && mayManage(account, task.workspace),
  };
  const [adding, setAdding] = useState(false);
  const [linking, setLinking] = useState(false);
  const openers = useRef(new Map<string, () => void>());

  const [form] = useLatest(`${task.workspace} ${task.form}`, 0, () => readForm(task.workspace, task.form));
  const history = useHistory(task.key, task.version);
  // What was new is seen then. Not what comes later: a page that is merely open must keep back no mail.
  useEffect(() => void markRead({ key: task.key }).catch(() => {}), [task.key]);
  const [files, filesError, reloadFiles] = useLatest(task.key, task.version, () =>
    callAll((cursor) => listAttachments(task.key, cursor)),
  );
  const [most, setMost] = useState(50);
  const [related, relatedError, reloadRelated] = useLatest(task.key, task.version + most, () =>
    callAll((cursor) => listRelated(task.key, cursor), most),
  );
  // What it has to do with is shown with its status, which others change.
  useChanges((events) => {
    if (events.some((event) => related?.some(({ record }) => record.key === event.key))) reloadRelated();
  }, reloadRelated);
  useEffect(() => onUploaded((key) => key === task.key && reload()), [task.key]);
  useEffect(() => learnPeople(task.workspace), [task.workspace]);

  const fields = useMemo(() => fieldsOf(task, form), [task.todoType, form]);
  const value: OnRecordValue = {
    task,
    account,
    may,
    form,
    fields,
    // Its new version brings the rest along.
    refresh: reload,
    moved: (now) => {
      moveDrafts(task.key, now.key);
      putRecord(now);
      toast(s.movedTo(now.key));
      correct(recordHref(now.key));
    },
    opener: (name, open) => {
      if (open) openers.current.set(name, open);
      else openers.current.delete(name);
    },
  };
  const openField = (name: string): boolean => {
    const open = openers.current.get(name);
    if (!open) return false;
    open();
    const place = document.querySelector(`[data-field="${CSS.escape(name)}"]`);
    place?.scrollIntoView({ block: "nearest" });
    return true;
  };
  const print = (): void => {
    // Paper cannot load on.
    void (async () => {
      while (await history.older());
      requestAnimationFrame(() => window.print());
    })();
  };

  return (
    <OnRecord.Provider value={value}>
      <Inside
        add={{ task: () => setAdding(true), link: () => setLinking(true) }}
        heading={heading}
        openField={openField}
        print={print}
        past={past}
      >
        <div class="record">
          <div class="record-main">
            <div class="record-texts">
              <TextField name="description" />
              <TextField name="result" {...(task.todoType === "TASK" && { empty: s.noResult })} />
              <TextField name="cause" />
            </div>
            <ExtraFields />
            {!past && (
              <>
                <TasksFromIt all={related} reload={reloadRelated} adding={adding} setAdding={setAdding} />
                <Files files={files} error={filesError} retry={reloadFiles} />
                <Stream from={history} marked={marked} />
              </>
            )}
          </div>
          <Side>
            {!past && (
              <RelatedRecords
                all={related}
                error={relatedError}
                retry={reloadRelated}
                more={related !== null && related.length >= most && (() => setMost(most + 50))}
                linking={linking}
                setLinking={setLinking}
              />
            )}
          </Side>
        </div>
      </Inside>
    </OnRecord.Provider>
  );
}

interface InsideProps {
  add: Pick<Ways, "task" | "link">;
  heading: ViewProps["heading"];
  openField: (name: string) => boolean;
  print: () => void;
  past: boolean;
  children: ComponentChildren;
}

function Inside({ add, heading, openField, print, past, children }: InsideProps): JSX.Element {
  const { task, may } = useContext(OnRecord);
  const [asking, ask] = useState<Asking | null>(null);
  // In the inbox the next one comes.
  const inbox = useContext(PageInside) as AskProps["act"] | null;
  const alone = async (_: boolean, work: () => Promise<Deed>): Promise<void> => say(await tried(task.key, work));
  const act = inbox ?? alone;
  const now = (work: () => Promise<Deed>): void =>
    void act(false, work).catch((error: unknown) => toast(wordsOf(error)));
  const { offered, likely, more } = useNext({ ...add, ask, now }, openField, print);
  const Asked = asking && dialogs[asking];
  const around = neighbours(task.key);
  const field = (does: string, key: string, name: string): Action => ({
    does,
    keys: [key],
    act: () => openField(name),
  });
  const to = (key: string | undefined) => (): boolean => {
    if (key === undefined) return false;
    go(recordHref(key));
    return true;
  };
  useActions(s.actions.heading, [
    ...offered
      .filter((one) => one.keys !== undefined || likely.includes(one))
      .map(({ name, act, keys }) => ({ does: name, act, ...(keys !== undefined && { keys: [keys] }) })),
    ...(may.write
      ? [
          { does: s.actions.edit, keys: ["e"], keyOnly: true, act: () => openField(fieldAtHand()) },
          field(s.actions.assignee, "g", "assignee"),
          field(s.actions.status, "s", "status"),
          field(s.actions.dueDate, "t", "dueDate"),
          field(s.actions.priority, "p", "priority"),
          field(s.comment.write, "m", "comment"),
        ]
      : []),
    { does: s.previous, keys: ["["], keyOnly: true, act: to(around?.previous) },
    { does: s.next, keys: ["]"], keyOnly: true, act: to(around?.next) },
    useCopyKeys(task),
    { does: s.actions.copyKeyTitle, keys: [".."], keyOnly: true, act: () => false },
    { does: s.copyLink, keys: ["..."], keyOnly: true, act: () => false },
  ]);
  return (
    <>
      {around && (
        <nav class="neighbours" aria-label={s.list}>
          <Neighbour to={around.previous} name={s.previous} icon="up" />
          <span class="hint">{s.listPlace(around.at, around.of)}</span>
          <Neighbour to={around.next} name={s.next} icon="down" />
        </nav>
      )}
      <Head heading={heading} likely={likely} more={more} comment={() => openField("comment")} past={past} />
      {children}
      {Asked && (
        <Asked
          task={task}
          row={rowOutside(task.key)}
          snoozed={false}
          close={() => ask(null)}
          then={ask}
          act={act}
          now={(_, work) => now(work)}
        />
      )}
    </>
  );
}

/** Its room is kept where the list ends. */
function Neighbour({ to, name, icon }: { to: string | undefined; name: string; icon: IconName }): JSX.Element {
  return (
    <a
      class="button icon-only"
      {...(to === undefined ? { "aria-disabled": true } : { href: recordHref(to), "aria-label": name, title: name })}
    >
      <Icon name={icon} />
    </a>
  );
}

/** As it was after an event: nothing in it can be changed. */
function PastView({
  taskKey,
  at,
  account,
  heading,
}: {
  taskKey: string;
  at: string;
  account: Account;
  heading: ViewProps["heading"];
}): JSX.Element {
  const [past, error, reload] = useLatest(at, 0, () => readRecord(taskKey, at));
  if (past) {
    return (
      <>
        <p class="note past">
          {s.past.heading(at)} <a href={recordHref(taskKey)}>{s.past.back}</a>
        </p>
        <View task={past} account={account} reload={reload} marked={null} heading={heading} past />
      </>
    );
  }
  const known =
    error instanceof Problem && (error.status === 404 ? s.past.gone : error.status === 410 && s.erased);
  return (
    <>
      <div class="page-head record-head">
        <h1 ref={heading} tabIndex={-1}>
          {taskKey}
        </h1>
      </div>
      {error === null && <Skeleton />}
      {known && (
        <p class="note past">
          {known} <a href={recordHref(taskKey)}>{s.past.back}</a>
        </p>
      )}
      {error !== null && !known && <Failure error={error} retry={reload} />}
    </>
  );
}

export default function RecordPage({ rest, query, account }: PageProps): JSX.Element {
  const [taskKey = "", part = ""] = rest;
  const { record: task, error, reload } = useRecord(taskKey);
  const at = query.get("at");
  const shownKey = (task?.key ?? taskKey).toUpperCase();
  const missing = !task && error instanceof Problem && [400, 404].includes(error.status);
  const heading = usePage(missing ? s.notFoundPage : s.page(shownKey, task?.title ?? ""), `record ${taskKey}`);
  const loaded = task !== undefined;
  // Who came to the page is at its heading, which is another element once the record is there.
  const atHeading = heading.current !== null && document.activeElement === heading.current;
  useLayoutEffect(() => {
    if (atHeading) heading.current?.focus();
  }, [loaded]);

  useEffect(() => {
    if (task) {
      announce(s.page(task.key, task.title));
      // Any spelling of a key leads here; the address then shows the one that is written.
      const asked = taskKey.toUpperCase();
      // It may have been moved by somebody else; what was typed goes with it.
      if (task.key !== asked) moveDrafts(asked, task.key);
      if (task.key !== taskKey) correct(href(["todo", task.key, ...rest.slice(1)], query));
    } else if (missing) {
      announce(s.notFound(shownKey));
    }
  }, [loaded, missing, task?.key]);
  useActions(s.actions.heading, [{ does: s.back, keys: ["u"], act: () => go(lastListHref()) }]);

  return (
    <div class="page record-page">
      <nav class="crumbs" aria-label={s.back}>
        <a href={lastListHref()}>
          <Icon name="back" />
          {s.back}
        </a>
      </nav>
      {task && at !== null && <PastView key={at} taskKey={task.key} at={at} account={account} heading={heading} />}
      {task && at === null && (
        <View
          task={task}
          account={account}
          reload={reload}
          marked={/^c\d+$/.test(part) ? part.slice(1) : null}
          heading={heading}
          past={false}
        />
      )}
      {!task && (
        <div class="page-head record-head">
          {!missing && (
            <p class="line record-key">
              <code>{shownKey}</code>
            </p>
          )}
          <h1 ref={heading} tabIndex={-1} dir="auto">
            {missing ? s.notFound(shownKey) : error ? shownKey : shared.loading}
          </h1>
        </div>
      )}
      {!task && error === null && <Skeleton />}
      {missing && (
        <section class="notice">
          <p>{s.notFoundHint}</p>
          <p class="hint">{s.notFoundSignedIn(account.email)}</p>
        </section>
      )}
      {error !== null && !missing && <Failure error={error} retry={reload} />}
    </div>
  );
}
