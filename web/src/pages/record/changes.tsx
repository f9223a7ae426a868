// What one event changed: each member before and after.
import type { JSX } from "preact";
import type { Level, Status, TodoType } from "../../api";
import { Diff } from "../../components/diff";
import { Person } from "../../components/person";
import { formatDay, formatMoment, formatMoney } from "../../format";
import { nameOf } from "../../people";
import { recordHref } from "../../router";
import { memberName } from "../../strings/members";
import { s } from "../../strings/record";
import { levelName, s as shared, statusName, typeName } from "../../strings/shared";
import type { Event } from "../../api/record";
import { formatSize } from "./files";

const days = ["dueDate", "firstDueDate", "reminderDate"];
const moments = ["occurredAt", "createdAt", "updatedAt", "closedAt"];
const unsaid = ["rule", "awaits"];
const people = ["assignee", "reporter", "source", "closedBy"];

/** A value as a text; "" for none. */
export function valueText(member: string, value: unknown): string {
  if (value === null || value === undefined || value === "") return "";
  if (typeof value === "boolean") return value ? s.yes : s.no;
  if (typeof value === "string") {
    if (days.includes(member)) return formatDay(value);
    if (moments.includes(member)) return formatMoment(value);
    if (member === "financialImpact") return formatMoney(value, "EUR");
    if (member === "todoType") return typeName(value as TodoType);
    if (member === "status") return statusName(value as Status);
    if (["priority", "impact", "likelihood"].includes(member)) return levelName(value as Level);
    return value;
  }
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) {
    return (member === "followers" ? value.map(nameOf) : value).join(", ");
  }
  if (typeof value !== "object") return String(value);
  const held = value as Record<string, unknown>;
  switch (member) {
    case "comment":
      return String(held.text ?? "");
    case "awaits":
      return nameOf(String(held.by));
    case "undoes":
      return `#${String(held.seq)}`;
    case "attachment":
      return held.name ? `${String(held.name)} (${formatSize(Number(held.size))})` : "";
    case "notice": /* whom, of which date, and by which rule */
      return [held.ruleName, formatDay(String(held.date)), (held.for as string[]).map(nameOf).join(", ")]
        .filter((part) => part !== null && part !== "")
        .join(" · ");
    case "link":
      return `${s.kinds[String(held.kind)] ?? String(held.kind)} ${String(held.key)}`;
    default:
      return Object.keys(held).length === 0 ? "" : JSON.stringify(value, null, 2);
  }
}

/** Too long to read as one line with what it became. */
function isLong(text: string): boolean {
  return text.length > 120 || text.includes("\n");
}

function Value({ member, value, text }: { member: string; value: unknown; text: string }): JSX.Element {
  if (text === "") return <span class="none">{shared.none}</span>;
  if (people.includes(member) && typeof value === "string") return <Person email={value} />;
  if (member === "link") {
    const key = String((value as { key: unknown }).key);
    return <a href={recordHref(key)}>{text}</a>;
  }
  return <bdi>{text}</bdi>;
}

export function Changes({ event }: { event: Event }): JSX.Element | null {
  if (event.changes === null || event.changes === undefined) return <p class="hint">{s.erased}</p>;
  const rows = Object.entries(event.changes)
    // A proposal is said in words.
    .filter((change): change is [string, [unknown, unknown]] => Array.isArray(change[1]) && !unsaid.includes(change[0]))
    .map(([member, [before, after]]) => {
      const texts = [valueText(member, before), valueText(member, after)] as const;
      return { member, before, after, texts, long: texts.some(isLong) };
    })
    // A report's assignee can be confirmed: then both are the same.
    .filter(({ member, texts }) => texts[0] !== texts[1] || member === "assignee");
  if (rows.length === 0) return null;
  return (
    <dl class="changes">
      {rows.map(({ member, before, after, texts, long }) => (
        <div key={member}>
          <dt>{memberName(member)}</dt>
          <dd class={long ? "long" : undefined}>
            {long ? (
              <Diff before={texts[0]} after={texts[1]} />
            ) : (
              <>
                {!["", texts[1]].includes(texts[0]) && (
                  <>
                    <span class="unseen">{s.before} </span>
                    <del>
                      <Value member={member} value={before} text={texts[0]} />
                    </del>
                    <span aria-hidden="true"> → </span>
                    <span class="unseen"> {s.after} </span>
                  </>
                )}
                <ins>
                  <Value member={member} value={after} text={texts[1]} />
                </ins>
              </>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
