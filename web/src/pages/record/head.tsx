// The top of a record: what it is called, how it stands, and what is likely to be done next.
import type { JSX, RefObject } from "preact";
import { useContext, useId } from "preact/hooks";
import type { Status, Task } from "../../api";
import { acceptClosing, evidenceHref, follow } from "../../api/record";
import { LevelMark, OverdueMark, StatusBadge, TypeBadge } from "../../components/badge";
import { CopyButton } from "../../components/copy-button";
import { wordsOf } from "../../components/failure";
import { Icon } from "../../components/icon";
import { Menu, type MenuItem } from "../../components/menu";
import { Person } from "../../components/person";
import { Day, Moment } from "../../components/when";
import { formatMoney } from "../../format";
import { patchRecord, putRecord } from "../../records";
import { memberName } from "../../strings/members";
import { s } from "../../strings/record";
import { s as shared, statusName } from "../../strings/shared";
import { toast } from "../../toast";
import { Conflict } from "./conflict";
import { OnRecord } from "./context";
import { DraftNote } from "./draft";
import { useEditing } from "./editing";
import { By } from "./value";

const day = 86_400_000;

export interface Panels {
  close: () => void;
  return: () => void;
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
}

export function useNext(
  panels: Panels,
  openField: (name: string) => void,
  print: () => void,
): { likely: Next[]; more: MenuItem[] } {
  const { task, account, may } = useContext(OnRecord);
  const me = account.email;
  const change = (changes: Parameters<typeof patchRecord>[1], said: string): void => {
    patchRecord(task.key, changes, said).then(
      (outcome) => {
        if (outcome.state === "conflict") toast(s.actions.overtaken);
      },
      (error: unknown) => toast(wordsOf(error)),
    );
  };
  const to = (status: Status): void => change({ status }, s.actions.statusIs(statusName(status)));
  const accept = (): void => {
    acceptClosing(task.key).then(
      (now) => {
        putRecord(now);
        toast(s.closing.accepted);
      },
      (error: unknown) => toast(wordsOf(error)),
    );
  };

  const all: (Next | false)[] = may.write
    ? [
        mayConfirm(task, me, may.write) && { name: s.actions.accept, act: accept },
        mayConfirm(task, me, may.write) && { name: s.actions.return, act: panels.return },
        task.open &&
          task.assignee !== me && {
            name: s.actions.take,
            act: () => change({ assignee: me, status: "In Progress" }, s.actions.taken),
          },
        task.status === "To do" && { name: s.actions.start, act: () => to("In Progress") },
        task.status === "Expired" && { name: s.actions.resume, act: () => to("In Progress") },
        task.open && task.awaits === null && { name: s.actions.done, act: panels.close },
        mayReopen(task, me, may.manage) && { name: s.actions.reopen, act: () => to("In Progress") },
        task.open && task.dueDate === null && { name: s.actions.due, act: () => openField("dueDate") },
        { name: s.actions.newTask, act: panels.task },
        { name: s.actions.comment, act: () => openField("comment") },
      ]
    : [];
  const offered = all.filter((one): one is Next => one !== false);
  const rest = offered.slice(3).map(({ name, act }): MenuItem => ({ name, act }));
  return {
    likely: offered.slice(0, 3),
    more: [
      ...rest,
      ...(may.write ? [{ name: s.actions.link, act: panels.link }] : []),
      { name: s.actions.print, act: print },
      { name: s.actions.evidence, href: evidenceHref(task.key) },
    ],
  };
}

export function FollowButton(): JSX.Element {
  const { task, account, refresh } = useContext(OnRecord);
  const on = task.followers.includes(account.email);
  const turn = (): void => {
    follow(task.key, !on).then(refresh, (error: unknown) => toast(wordsOf(error)));
  };
  return (
    <button type="button" class="button quiet" aria-pressed={on} onClick={turn}>
      <Icon name={on ? "check" : "follow"} />
      {on ? s.actions.following : s.actions.follow}
    </button>
  );
}

function Title({ heading }: { heading: RefObject<HTMLHeadingElement | null> }): JSX.Element {
  const { task, fields, may } = useContext(OnRecord);
  const field = fields.get("title")!;
  const editing = useEditing(field);
  const fault = useId();
  if (editing.clash) {
    return (
      <Conflict
        field={field}
        clash={editing.clash}
        mine={editing.mine}
        keep={editing.keep}
        take={editing.take}
        edit={editing.edit}
      />
    );
  }
  if (editing.open) {
    return (
      <div class="stack" data-field="title">
        <DraftNote draft={editing.draft} discard={editing.cancel} />
        <input
          aria-label={field.label}
          class="title-input"
          maxLength={255}
          value={editing.text}
          dir="auto"
          ref={(input) => {
            if (input && document.activeElement === document.body) input.focus();
          }}
          aria-invalid={editing.fault !== "" || undefined}
          aria-describedby={editing.fault === "" ? undefined : fault}
          onInput={(event) => editing.change(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.isComposing) void editing.save();
            if (event.key === "Escape") editing.cancel();
          }}
        />
        {editing.fault !== "" && (
          <p class="fault-text" id={fault} role="alert">
            {editing.fault}
          </p>
        )}
        <p class="line">
          <button type="button" class="button primary small" onClick={() => void editing.save()}>
            {s.save}
          </button>
          <button type="button" class="button quiet small" onClick={editing.cancel}>
            {shared.cancel}
          </button>
        </p>
      </div>
    );
  }
  return (
    <div class="title" data-field="title">
      <h1 ref={heading} tabIndex={-1} dir="auto">
        {task.title}
      </h1>
      {may.write && !field.locked && (
        <button
          type="button"
          class="button tiny edit-here"
          aria-label={s.editField(field.label)}
          title={s.editField(field.label)}
          onClick={editing.begin}
        >
          <Icon name="edit" />
        </button>
      )}
    </div>
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
  /** There is nothing to do about the past. */
  past: boolean;
}

export function Head({ heading, likely, more, past }: HeadProps): JSX.Element {
  const { task, account, may } = useContext(OnRecord);
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
          <By email={task.awaits.by} /> {s.closing.awaits} <Moment at={task.awaits.at} />.{" "}
          {mayConfirm(task, account.email, may.write) ? s.closing.waitsForYou : s.closing.waitsForOther}
        </p>
      )}
      {!past && (
        <div class="line record-actions">
          {likely.map((one, i) => (
            <button key={one.name} type="button" class={i === 0 ? "button primary" : "button"} onClick={one.act}>
              {one.name}
            </button>
          ))}
          <FollowButton />
          <Menu button={<Icon name="more" />} label={s.actions.more} look="button icon-only" items={more} />
        </div>
      )}
    </>
  );
}
