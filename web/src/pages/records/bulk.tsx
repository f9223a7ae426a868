// Changing many records at once: what to change, what would become of each, and the way back.
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { levels, statuses } from "../../api";
import type { Chosen, Patch } from "../../api/records";
import { BulkForm } from "../../components/bulk-form";
import { DateField } from "../../components/date-field";
import { Entry, Select } from "../../components/entry";
import { PersonPicker } from "../../components/picker";
import { Person } from "../../components/person";
import { readList } from "../../format";
import { plainAmount } from "../record/fields";
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
  const typed = field === "financialImpact" ? plainAmount(value) : value.trim();
  const members: Record<string, unknown> = {
    [field]: lists.includes(field) ? readList(value) : typed === "" ? null : typed,
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
  return (
    <BulkForm
      heading={s.bulkTitle(count)}
      chosen={chosen}
      patch={patch}
      close={close}
      done={done}
      said={(changed, failed) => (failed === 0 ? s.bulkDone(changed) : s.bulkPartly(changed, failed))}
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
    </BulkForm>
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
