// The fields of a rule, each with what the server says of it.
import type { JSX } from "preact";
import { levels, todoTypes } from "../../api";
import { weekdays, type RuleKind, type Schedule, type Weekday } from "../../api/rules";
import { Check, Entry, Select } from "../../components/entry";
import { Icon } from "../../components/icon";
import { Person } from "../../components/person";
import { PersonPicker } from "../../components/picker";
import type { Saving } from "../../saving";
import { memberName } from "../../strings/members";
import { s as shared } from "../../strings/shared";
import { s } from "../../strings/workshop-rules";
import { conditions, membersOf, templateTexts, type Draft } from "./rule-draft";
import { conditionName, monthOf, toldName, weekdayName } from "./rule-words";

interface FieldsProps {
  workspace: string;
  draft: Draft;
  change: (to: Partial<Draft>) => void;
  saving: Saving;
}

/** What the fields say themselves, if it is wrong. */
export const faultFields: Record<RuleKind, readonly string[]> = {
  assign: ["/name", "/filter", "/people"],
  remind: ["/name", "/filter", "/steps", "/notify"],
  expire: ["/name", "/filter", "/days"],
  escalate: ["/name", "/filter", "/days", "/notify"],
  recur: ["/name", "/schedule", "/template/title", "/template/description", "/template/orderID", "/template/dueDate"],
};

function Fault({ text }: { text: string | undefined }): JSX.Element | null {
  if (text === undefined) return null;
  return (
    <p class="hint fault-text" role="alert">
      {text}
    </p>
  );
}

interface PeopleProps {
  label: string;
  workspace: string;
  people: readonly string[];
  change: (people: string[]) => void;
  fault: string | undefined;
  hint?: string;
}

function PeopleField({ label, workspace, people, change, fault, hint }: PeopleProps): JSX.Element {
  return (
    <fieldset class="line">
      <legend>{label}</legend>
      {people.map((email) => (
        <button
          key={email}
          type="button"
          class="chip"
          aria-label={s.removePerson(toldName(email))}
          onClick={() => change(people.filter((one) => one !== email))}
        >
          {s.told[email] ?? <Person email={email} />}
          <Icon name="close" />
        </button>
      ))}
      <PersonPicker
        label={s.addPerson}
        button={
          <>
            <Icon name="plus" />
            {s.addPerson}
          </>
        }
        workspace={workspace}
        chosen={null}
        choose={(email) => change(people.includes(email) ? [...people] : [...people, email])}
      />
      <Fault text={fault} />
      {hint !== undefined && <p class="hint">{hint}</p>}
    </fieldset>
  );
}

function NotifyField({ workspace, draft, change, saving }: FieldsProps): JSX.Element {
  const { notify } = draft;
  const toggle = (one: string): void =>
    change({ notify: notify.includes(one) ? notify.filter((other) => other !== one) : [...notify, one] });
  return (
    <>
      <fieldset class="checks">
        <legend>{s.notify}</legend>
        {Object.keys(s.told).map((one) => (
          <Check key={one} label={s.told[one]!} checked={notify.includes(one)} change={() => toggle(one)} />
        ))}
      </fieldset>
      <PeopleField
        label={s.others}
        workspace={workspace}
        people={notify.filter((one) => !(one in s.told))}
        change={(people) => change({ notify: [...notify.filter((one) => one in s.told), ...people] })}
        fault={saving.faultOf("/notify")}
      />
    </>
  );
}

function Conditions({ draft, change, saving }: FieldsProps): JSX.Element {
  const set = (to: Draft["where"]): void => change({ where: { ...draft.where, ...to } });
  const choices = {
    todoType: todoTypes.map((one) => [one, shared.types[one]] as const),
    priority: levels.map((one) => [one, shared.levels[one]] as const),
  };
  return (
    <fieldset class="stack">
      <legend>{s.about}</legend>
      <p class="hint">{s.aboutHint}</p>
      <div class="field-row">
        {conditions.map((name) =>
          name === "todoType" || name === "priority" ? (
            <Select
              key={name}
              label={conditionName(name)}
              value={draft.where[name] ?? ""}
              change={(to) => set({ [name]: to })}
              options={[["", s.any], ...choices[name]]}
            />
          ) : (
            <Entry
              key={name}
              label={conditionName(name)}
              value={draft.where[name] ?? ""}
              change={(to) => set({ [name]: to })}
            />
          ),
        )}
      </div>
      <Entry
        label={s.more}
        value={draft.more}
        change={(more) => change({ more })}
        hint={s.moreHint}
        fault={saving.faultOf("/filter")}
        code
      />
    </fieldset>
  );
}

function ScheduleFields({ draft, change, saving }: FieldsProps): JSX.Element {
  const { schedule } = draft;
  const { every, weekdays: days = [] } = schedule;
  const set = (to: Partial<Draft["schedule"]>): void => change({ schedule: { ...schedule, ...to } });
  const toggle = (day: Weekday): void =>
    set({ weekdays: weekdays.filter((one) => (one === day) !== days.includes(one)) });
  return (
    <fieldset class="stack">
      <legend>{s.schedule}</legend>
      <div class="field-row">
        <Select
          label={s.rhythm}
          value={every}
          change={(to) => set({ every: to as Schedule["every"] })}
          options={Object.entries(s.units)}
        />
        <Entry label={s.interval} value={String(schedule.interval)} change={(interval) => set({ interval })} />
        {every === "year" && (
          <Select
            label={s.month}
            value={String(schedule.month ?? 1)}
            change={(month) => set({ month: Number(month) })}
            options={Array.from({ length: 12 }, (_, i) => [String(i + 1), monthOf(i + 1)] as const)}
          />
        )}
        <Entry label={s.time} value={schedule.time ?? ""} change={(time) => set({ time })} />
      </div>
      {every === "week" && (
        <fieldset class="checks">
          <legend>{s.onDays}</legend>
          {weekdays.map((day) => (
            <Check key={day} label={weekdayName(day)} checked={days.includes(day)} change={() => toggle(day)} />
          ))}
        </fieldset>
      )}
      {(every === "month" || every === "year") && (
        <Entry label={s.day} value={String(schedule.day)} change={(day) => set({ day })} hint={s.dayHint} />
      )}
      <Entry
        label={s.from}
        type="date"
        value={schedule.from ?? ""}
        change={(from) => set({ from })}
        hint={s.fromHint}
      />
      <Entry label={s.until} type="date" value={schedule.until ?? ""} change={(until) => set({ until })} />
      <Fault text={saving.faultOf("/schedule")} />
    </fieldset>
  );
}

function TemplateFields({ draft, change, saving }: FieldsProps): JSX.Element {
  const { template } = draft;
  const set = (name: string) => (value: string) => change({ template: { ...template, [name]: value } });
  const text = (name: string): string => String(template[name] ?? "");
  const field = (name: (typeof templateTexts)[number]) => ({
    label: memberName(name),
    value: text(name),
    change: set(name),
    fault: saving.faultOf(`/template/${name}`),
  });
  return (
    <fieldset class="stack">
      <legend>{s.template}</legend>
      <Entry {...field("title")} />
      <Entry rows={3} {...field("description")} />
      <div class="field-row">
        <Select
          label={memberName("todoType")}
          value={text("todoType")}
          change={set("todoType")}
          options={todoTypes.map((one) => [one, shared.types[one]])}
        />
        <Select
          label={memberName("priority")}
          value={text("priority")}
          change={set("priority")}
          options={[["", "–"], ...levels.map((one) => [one, shared.levels[one]] as const)]}
        />
        <Entry {...field("assignee")} type="email" />
        <Entry {...field("orderID")} />
        <Entry
          label={s.due}
          value={draft.due}
          change={(due) => change({ due })}
          fault={saving.faultOf("/template/dueDate")}
        />
      </div>
      <Entry
        rows={3}
        code
        label={s.other}
        value={draft.others}
        change={(others) => change({ others })}
        hint={s.otherHint}
        fault={membersOf(draft.others) === null ? s.otherFault : undefined}
      />
      <Select
        label={s.missed}
        value={draft.missed}
        change={(to) => change({ missed: to as Draft["missed"] })}
        options={Object.entries(s.misses)}
      />
    </fieldset>
  );
}

/** All but the kind. */
export function RuleFields(props: FieldsProps): JSX.Element {
  const { workspace, draft, change, saving } = props;
  const { kind } = draft;
  return (
    <>
      <Entry
        label={s.name}
        value={draft.name}
        change={(name) => change({ name })}
        hint={s.nameHint}
        fault={saving.faultOf("/name")}
      />
      {kind === "recur" ? (
        <>
          <ScheduleFields {...props} />
          <TemplateFields {...props} />
        </>
      ) : (
        <Conditions {...props} />
      )}
      {kind === "assign" && (
        <PeopleField
          label={s.people}
          hint={s.peopleHint}
          workspace={workspace}
          people={draft.people}
          change={(people) => change({ people })}
          fault={saving.faultOf("/people")}
        />
      )}
      {kind === "remind" && (
        <fieldset class="stack">
          <legend>{s.schedule}</legend>
          <div class="field-row">
            <Entry
              label={s.beforeDue}
              value={draft.before}
              change={(before) => change({ before })}
              hint={s.stepsHint}
            />
            <Entry label={s.afterDue} value={draft.after} change={(after) => change({ after })} />
          </div>
          <Check label={s.onDue} checked={draft.on} change={(on) => change({ on })} />
          <Fault text={saving.faultOf("/steps")} />
        </fieldset>
      )}
      {(kind === "expire" || kind === "escalate") && (
        <Entry
          label={s.days}
          value={draft.days}
          change={(days) => change({ days })}
          hint={s.daysHint[kind]}
          fault={saving.faultOf("/days")}
        />
      )}
      {(kind === "remind" || kind === "escalate") && <NotifyField {...props} />}
      {kind !== "assign" && kind !== "recur" && (
        <Check label={s.backlog} checked={draft.backlog} change={(backlog) => change({ backlog })} />
      )}
    </>
  );
}
