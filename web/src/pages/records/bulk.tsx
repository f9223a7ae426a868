// Changing many records at once: what to change, what would become of each, and the way back.
import type { JSX } from "preact";
import { useId, useMemo, useState } from "preact/hooks";
import { levels, statuses } from "../../api";
import type { Chosen, Patch, Verdict } from "../../api/records";
import { useBulk } from "../../bulk";
import { DateField } from "../../components/date-field";
import { Dialog } from "../../components/dialog";
import { PersonPicker } from "../../components/picker";
import { Person } from "../../components/person";
import type { ScopeNode } from "../../scope";
import { memberName } from "../../strings/members";
import { columnName, s } from "../../strings/records";
import { levelName, s as shared, statusName } from "../../strings/shared";

const fields = [
  "status",
  "assignee",
  "dueDate",
  "priority",
  "reminderDate",
  "category",
  "subCategory",
  "tags",
  "impact",
  "likelihood",
  "financialImpact",
  "result",
  "cause",
  "workspace",
] as const;
type Field = (typeof fields)[number];

/** Null: nothing is chosen yet. */
type Value = string | null;

function patchOf(field: Field, value: string, reason: string): Patch {
  const list = value
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);
  const members: Record<string, unknown> = {
    [field]: ["category", "subCategory", "tags"].includes(field) ? list : value.trim() === "" ? null : value.trim(),
  };
  if (field === "dueDate" && reason.trim() !== "") members["dueReason"] = reason.trim();
  return members as Patch;
}

interface BulkDialogProps {
  chosen: Chosen;
  count: number;
  /** Whose people can be chosen; of several workspaces, one of them. */
  workspace: string;
  workspaces: readonly ScopeNode[];
  close: () => void;
  done: () => void;
}

export function BulkDialog({ chosen, count, workspace, workspaces, close, done }: BulkDialogProps): JSX.Element {
  const id = useId();
  const [field, setField] = useState<Field>("status");
  const [value, setValue] = useState<Value>(null);
  const [reason, setReason] = useState("");
  const patch = useMemo(() => (value === null ? null : patchOf(field, value, reason)), [field, value, reason]);
  const { preview, will, refused, fault, busy, apply } = useBulk(chosen, patch, close, done, (changed, failed) =>
    failed === 0 ? s.bulkDone(changed) : s.bulkPartly(changed, failed),
  );
  const same = preview?.filter((item) => "changed" in item && item.changed.length === 0) ?? [];

  return (
    <Dialog heading={s.bulkTitle(count)} close={close} look="wide">
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void apply();
        }}
      >
        <div class="field-row">
          <div class="field">
            <label for={`${id}-field`}>{s.bulkField}</label>
            <select
              id={`${id}-field`}
              data-first
              value={field}
              onChange={(event) => {
                setField(event.currentTarget.value as Field);
                setValue(null);
              }}
            >
              {fields.map((name) => (
                <option key={name} value={name}>
                  {columnName(name)}
                </option>
              ))}
            </select>
          </div>
          <ValueField
            id={`${id}-value`}
            field={field}
            value={value}
            change={setValue}
            workspace={workspace}
            workspaces={workspaces}
          />
        </div>
        {field === "dueDate" && (
          <div class="field">
            <label for={`${id}-reason`}>{s.bulkReason}</label>
            <input
              id={`${id}-reason`}
              maxLength={1000}
              value={reason}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
            <p class="hint">{s.bulkReasonHint}</p>
          </div>
        )}
        <div class="bulk-preview" aria-live="polite">
          {patch === null && <p class="hint">{s.bulkNone}</p>}
          {patch !== null && preview === null && fault === "" && <p class="hint">{s.bulkChecking}</p>}
          {fault !== "" && (
            <p class="fault-text" role="alert">
              {fault}
            </p>
          )}
          {preview !== null && (
            <>
              <p>
                <strong>{s.bulkWill(will.length)}</strong>
                {same.length > 0 && <span> · {s.bulkSame(same.length)}</span>}
                {refused.length > 0 && <span class="fault-text"> · {s.bulkRefused(refused.length)}</span>}
              </p>
              <ul class="bulk-list" tabIndex={0} aria-label={s.bulkVerdicts}>
                {[...refused, ...will, ...same].map((item) => (
                  <Line key={item.key} item={item} />
                ))}
              </ul>
            </>
          )}
        </div>
        <div class="line">
          <button type="submit" class="button primary" aria-disabled={busy || will.length === 0}>
            {busy ? s.bulkChecking : s.bulkApply(will.length)}
          </button>
          <button type="button" class="button" onClick={close}>
            {s.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Line({ item }: { item: Verdict }): JSX.Element {
  if ("changed" in item)
    return (
      <li>
        <span class="key">{item.key}</span> {item.changed.length > 0 ? s.bulkVerdict.will : s.bulkVerdict.same}
      </li>
    );
  const problem = "problem" in item ? item.problem : undefined;
  const faults = problem !== undefined && "errors" in problem ? (problem.errors ?? []) : [];
  return (
    <li class="fault-text">
      <span class="key">{item.key}</span>{" "}
      {faults.length > 0
        ? faults.map(({ detail }) => detail).join(" ")
        : (problem?.detail ?? problem?.title ?? String(item.status))}
    </li>
  );
}

interface ValueFieldProps {
  id: string;
  field: Field;
  value: Value;
  change: (value: Value) => void;
  workspace: string;
  workspaces: readonly ScopeNode[];
}

function ValueField({ id, field, value, change, workspace, workspaces }: ValueFieldProps): JSX.Element {
  const select = (options: readonly [value: string, name: string][], empty: boolean): JSX.Element => (
    <div class="field">
      <label for={id}>{s.bulkValue}</label>
      <select
        id={id}
        value={value ?? "?"}
        onChange={(event) => change(event.currentTarget.value === "?" ? null : event.currentTarget.value)}
      >
        <option value="?">…</option>
        {options.map(([one, name]) => (
          <option key={one} value={one}>
            {name}
          </option>
        ))}
        {empty && <option value="">{s.emptyValue}</option>}
      </select>
    </div>
  );
  switch (field) {
    case "status":
      return select(
        statuses.map((one) => [one, statusName(one)]),
        false,
      );
    case "priority":
    case "impact":
    case "likelihood":
      return select(
        levels.map((one) => [one, levelName(one)]),
        true,
      );
    case "workspace":
      return select(
        workspaces.map(({ key, name }) => [key, name === "" || name === key ? key : `${key} · ${name}`]),
        false,
      );
    case "assignee":
      return (
        <div class="field">
          <span class="field-name">{s.bulkValue}</span>
          <PersonPicker
            label={memberName("assignee")}
            look="button"
            button={value === null || value === "" ? shared.choose : <Person email={value} />}
            workspace={workspace}
            chosen={value}
            choose={change}
          />
        </div>
      );
    case "dueDate":
    case "reminderDate":
      return (
        <div>
          <DateField label={s.bulkValue} value={value === "" ? null : value} change={(day) => change(day ?? "")} />
          <button type="button" class="button quiet" onClick={() => change("")}>
            {shared.removeDate}
          </button>
        </div>
      );
    default:
      return (
        <div class="field">
          <label for={id}>{s.bulkValue}</label>
          <input
            id={id}
            maxLength={1000}
            autocomplete="off"
            value={value ?? ""}
            onInput={(event) => change(event.currentTarget.value)}
          />
          {["category", "subCategory", "tags"].includes(field) && <p class="hint">{s.bulkReplaces}</p>}
        </div>
      );
  }
}
