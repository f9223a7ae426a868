// Changing many records at once: what to change, what would become of each, and the way back.
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { levels, statuses } from "../../api";
import type { Chosen, Patch, Verdict } from "../../api/records";
import { isProposed, useBulk } from "../../bulk";
import { DateField } from "../../components/date-field";
import { Dialog } from "../../components/dialog";
import { Entry, Select } from "../../components/entry";
import { PersonPicker } from "../../components/picker";
import { Person } from "../../components/person";
import { readList } from "../../format";
import { longName, type ScopeNode } from "../../scope";
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
const lists = ["category", "subCategory", "tags"];

/** Null: nothing is chosen yet. */
type Value = string | null;

function patchOf(field: Field, value: string, reason: string): Patch {
  const members: Record<string, unknown> = {
    [field]: lists.includes(field) ? readList(value) : value.trim() === "" ? null : value.trim(),
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
          <Select
            label={s.bulkField}
            first
            value={field}
            change={(name) => {
              setField(name as Field);
              setValue(null);
            }}
            options={fields.map((name) => [name, columnName(name)])}
          />
          <ValueField
            field={field}
            value={value}
            change={setValue}
            workspace={workspace}
            workspaces={workspaces}
          />
        </div>
        {field === "dueDate" && (
          <Entry label={s.bulkReason} maxLength={1000} value={reason} change={setReason} hint={s.bulkReasonHint} />
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
            {busy ? s.bulkChecking : s.bulkTitle(will.length)}
          </button>
          <button type="button" class="button" onClick={close}>
            {shared.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Line({ item }: { item: Verdict }): JSX.Element {
  const verdict = isProposed(item)
    ? s.bulkVerdict.proposed
    : "changed" in item && (item.changed.length > 0 ? s.bulkVerdict.will : s.bulkVerdict.same);
  if (verdict)
    return (
      <li>
        <span class="key">{item.key}</span> {verdict}
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
  field: Field;
  value: Value;
  change: (value: Value) => void;
  workspace: string;
  workspaces: readonly ScopeNode[];
}

function ValueField({ field, value, change, workspace, workspaces }: ValueFieldProps): JSX.Element {
  const select = (options: readonly (readonly [value: string, name: string])[]): JSX.Element => (
    <Select
      label={s.bulkValue}
      value={value ?? "?"}
      change={(chosen) => change(chosen === "?" ? null : chosen)}
      options={[["?", "…"], ...options]}
    />
  );
  switch (field) {
    case "status":
      return select(statuses.map((one) => [one, statusName(one)]));
    case "priority":
    case "impact":
    case "likelihood":
      return select([...levels.map((one) => [one, levelName(one)] as const), ["", s.emptyValue]]);
    case "workspace":
      return select(workspaces.map((one) => [one.key, longName(one)]));
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
        <Entry
          label={s.bulkValue}
          maxLength={1000}
          value={value ?? ""}
          change={change}
          hint={lists.includes(field) ? `${s.bulkReplaces} ${shared.commas}` : undefined}
        />
      );
  }
}
