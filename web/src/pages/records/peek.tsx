// A record beside the list, to be read without leaving it.
import type { JSX } from "preact";
import { LevelMark, OverdueMark, StatusBadge, TypeBadge } from "../../components/badge";
import { Icon } from "../../components/icon";
import { Markdown } from "../../components/markdown";
import { Person } from "../../components/person";
import { Tags } from "../../components/tags";
import { Day, Moment } from "../../components/when";
import { formatMoney } from "../../format";
import { useRecord } from "../../records";
import { recordHref } from "../../router";
import { columnName, s } from "../../strings/records";
import { s as shared } from "../../strings/shared";

interface PeekProps {
  taskKey: string;
  close: () => void;
  opened: () => void;
}

export function Peek({ taskKey, close, opened }: PeekProps): JSX.Element {
  const { record } = useRecord(taskKey);
  const fact = (name: string, value: JSX.Element | null): JSX.Element | null =>
    value && (
      <div class="fact">
        <dt>{columnName(name)}</dt>
        <dd>{value}</dd>
      </div>
    );
  return (
    <aside class="peek stack" aria-label={s.peek}>
      <div class="between">
        <span class="key">{taskKey}</span>
        <button type="button" class="button icon-only" aria-label={shared.close} title={shared.close} onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      {record && (
        <>
          <h2 dir="auto">
            <a href={recordHref(taskKey)} onClick={opened}>
              {record.title}
            </a>
          </h2>
          <p class="line">
            <StatusBadge status={record.status} />
            <TypeBadge type={record.todoType} />
            {record.overdue && <OverdueMark />}
          </p>
          <dl class="stack">
            {fact("assignee", <Person email={record.assignee} />)}
            {fact("dueDate", record.dueDate ? <Day date={record.dueDate} /> : null)}
            {fact("priority", record.priority ? <LevelMark level={record.priority} /> : null)}
            {fact(
              "financialImpact",
              record.financialImpact ? <span>{formatMoney(record.financialImpact, "EUR")}</span> : null,
            )}
            {fact("createdAt", <Moment at={record.createdAt} />)}
            {fact("tags", record.tags.length > 0 ? <Tags tags={record.tags} /> : null)}
          </dl>
          <Markdown text={record.description} />
        </>
      )}
      <p class="hint wide-only">{s.peekHint}</p>
    </aside>
  );
}
