// The top of a record: what it is called, how it stands, and what is likely to be done next.
import type { JSX, RefObject } from "preact";
import { useContext } from "preact/hooks";
import type { Task } from "../../api";
import { evidenceHref, follow } from "../../api/record";
import { LevelMark, OverdueMark, StatusBadge, TypeBadge } from "../../components/badge";
import { CopyButton } from "../../components/copy-button";
import { wordsOf } from "../../components/failure";
import { Icon } from "../../components/icon";
import { Menu, type MenuItem } from "../../components/menu";
import { Person } from "../../components/person";
import { Day, Moment } from "../../components/when";
import { formatMoney } from "../../format";
import { PageInside } from "../../page";
import { loadRecord } from "../../records";
import { s as inbox } from "../../strings/inbox";
import { memberName } from "../../strings/members";
import { s } from "../../strings/record";
import { toast } from "../../toast";
import type { Asking } from "../inbox/dialogs";
import * as handle from "../inbox/handle";
import type { Deed } from "../inbox/handle";
import { useLatest } from "../records/latest";
import { OnRecord } from "./context";
import { Title } from "./field-view";
import { By } from "./value";

const day = 86_400_000;

export interface Ways {
  /** Opens a dialog about it. */
  ask: (asking: Asking) => void;
  /** Does it, and says so. */
  now: (work: () => Promise<Deed>) => void;
  task: () => void;
  link: () => void;
}

/** Managers at any time, and for a day whoever closed it. */
export function mayReopen(task: Task, me: string, manage: boolean): boolean {
  if (task.open) return false;
  return manage || (task.closedBy === me && task.closedAt !== null && Date.now() - Date.parse(task.closedAt) < day);
}

/** A second person is neither who proposed it nor the assignee. */
export function mayConfirm(task: Task, me: string, write: boolean): boolean {
  return write && task.awaits !== null && task.awaits.by !== me && task.assignee !== me;
}

interface Next {
  name: string;
  act: () => void;
  keys?: string;
}

/** What can be done with it, the likely first; with the keys of the inbox. */
export function useNext(
  { ask, now, task: addTask, link }: Ways,
  openField: (name: string) => void,
  print: () => void,
): { offered: Next[]; likely: Next[]; more: MenuItem[] } {
  const { task, account, may } = useContext(OnRecord);
  const inside = useContext(PageInside) !== null;
  const me = account.email;
  // What has a key is in the bar of the inbox already.
  const offer = (all: [may: boolean, name: string, act: () => void, keys?: string][]): Next[] =>
    all
      .filter(([now, , , keys]) => may.write && now && !(inside && keys))
      .map(([, name, act, keys]) => ({ name, act, ...(keys && { keys }) }));
  const goOn = (): void => now(() => handle.setStatus(task, "In Progress"));
  const confirms = mayConfirm(task, me, may.write);
  const proposable = task.open && task.awaits === null;
  const likely = offer([
    [confirms, s.actions.accept, () => now(() => handle.accept(task)), "a"],
    [confirms, s.actions.return, () => ask("sendBack"), "x"],
    [task.awaits?.by === me, s.actions.withdraw, () => now(() => handle.withdraw(task))],
    [
      task.open && task.assignee !== me,
      inbox.actions.take,
      () => now(() => handle.take(task, me)),
      confirms ? "" : "a",
    ],
    [task.status === "To do", s.actions.start, goOn],
    [task.status === "Expired", s.actions.resume, goOn],
    [proposable, inbox.actions.finish, () => ask("finish"), "f"],
    [mayReopen(task, me, may.manage), s.actions.reopen, goOn],
    [task.open && task.dueDate === null, s.actions.due, () => openField("dueDate")],
    [true, s.actions.newTask, addTask],
  ]);
  const rare = offer([
    [true, s.related.add, link],
    [proposable, inbox.does.duplicate, () => ask("duplicate"), "d"],
    [proposable && task.todoType === "INCIDENT", inbox.does.noIncident, () => ask("noIncident"), "x"],
  ]);
  return {
    offered: [...likely, ...rare],
    likely: likely.slice(0, 3),
    more: [
      ...likely.slice(3),
      ...rare,
      { name: s.actions.print, act: print },
      { name: s.actions.evidence, href: evidenceHref(task.key) },
    ],
  };
}

function FollowButton(): JSX.Element {
  const { task, account, refresh } = useContext(OnRecord);
  const on = task.followers.includes(account.email);
  const turn = (): void => {
    follow(task.key, !on).then(refresh, (error: unknown) => toast(wordsOf(error)));
  };
  return (
    <button type="button" class="button quiet" aria-pressed={on} onClick={turn}>
      <Icon name={on ? "check" : "bell"} />
      {on ? s.actions.following : s.actions.follow}
    </button>
  );
}

/** Whose it is, until when, how much: where the facts are further down. */
function Gist({ task }: { task: Task }): JSX.Element {
  return (
    <p class="line gist">
      <Person email={task.assignee} avatar />
      {task.dueDate && (
        <span>
          <span class="hint">{memberName("dueDate")}</span> <Day date={task.dueDate} />
        </span>
      )}
      {task.financialImpact && (
        <strong>{formatMoney(task.financialImpact, task.financialImpactCurrency ?? "EUR")}</strong>
      )}
      {task.priority && (
        <span>
          <span class="hint">{memberName("priority")}</span> <LevelMark level={task.priority} />
        </span>
      )}
    </p>
  );
}

interface HeadProps {
  heading: RefObject<HTMLHeadingElement | null>;
  likely: readonly Next[];
  more: readonly MenuItem[];
  comment: () => void;
  /** There is nothing to do about the past. */
  past: boolean;
}

export function Head({ heading, likely, more, comment, past }: HeadProps): JSX.Element {
  const { task, account, may } = useContext(OnRecord);
  const confirms = mayConfirm(task, account.email, may.write);
  const of = task.awaits?.duplicateOf;
  const [original] = useLatest(of ?? "", 0, async () => (of ? loadRecord(of) : null));
  // Who has proposed it waits.
  const plain = useContext(PageInside) !== null || (task.awaits !== null && !confirms);
  return (
    <>
      <div class="page-head record-head">
        <p class="line record-key">
          <code>{task.key}</code>
          <CopyButton text={task.taskLink} icon="link">
            {s.copyLink}
          </CopyButton>
        </p>
        <Title heading={heading} />
        <p class="line">
          <TypeBadge type={task.todoType} />
          <StatusBadge status={task.status} />
          {task.overdue && <OverdueMark />}
        </p>
        <Gist task={task} />
      </div>
      {task.awaits && (
        <p class="note">
          {memberName("awaits")} <By email={task.awaits.by} />, <Moment at={task.awaits.at} />.{" "}
          {original && `${inbox.did.duplicate(task.key, `${original.key} · ${original.title}`)}. `}
          {confirms ? s.closing.waitsForYou : s.closing.waitsForOther}
        </p>
      )}
      {!past && (
        <div class="line record-actions">
          {likely.map((one, i) => (
            <button
              key={one.name}
              type="button"
              class={i === 0 && !plain ? "button primary" : "button"}
              onClick={one.act}
            >
              {one.name}
            </button>
          ))}
          {may.write && (
            <button
              type="button"
              class="button icon-only"
              aria-label={s.comment.write}
              title={s.comment.write}
              onClick={comment}
            >
              <Icon name="comment" />
            </button>
          )}
          <FollowButton />
          <Menu button={<Icon name="more" />} label={s.actions.more} look="button icon-only" items={more} />
        </div>
      )}
    </>
  );
}
