// The rules of a workspace and the days that they count; and, at an address below, one of them.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { listWorkspaces } from "../../api/places";
import { changeWorkdays, listRules, readWorkdays, weekdays, type Rule, type Workdays } from "../../api/rules";
import { EmptyState } from "../../components/empty-state";
import { Check, Entry } from "../../components/entry";
import { FormDialog } from "../../components/form-dialog";
import { Failure } from "../../components/failure";
import { Icon } from "../../components/icon";
import { Skeleton } from "../../components/skeleton";
import { formatDay } from "../../format";
import type { PageProps } from "../../lazy";
import { learnPeople, peopleKnown } from "../../people";
import { useKept, useResource } from "../../resource";
import { mayManage } from "../../rights";
import { go } from "../../router";
import { useSaving, useTyped } from "../../saving";
import { useStore } from "../../store";
import { s as words } from "../../strings/workshop";
import { s } from "../../strings/workshop-rules";
import { LinesArea, WorkspaceSelect } from "./parts";
import { sayUndo } from "./refused";
import { RuleMarks, RulePage, rulesHref } from "./rule";
import { listed, sentenceOf, weekdayName } from "./rule-words";
import { Adding, Rows } from "./rows";
import { SectionHead } from "./sectioned";

function WorkdaysDialog({
  now,
  close,
  changed,
}: {
  now: Workdays;
  close: () => void;
  changed: () => void;
}): JSX.Element {
  const [{ weekdays: days, holidays, remindAt }, type] = useTyped(now);
  const saving = useSaving();
  // Refused, they may be others by now: what was typed is for those.
  const send = async (): Promise<void> => {
    const changes = { weekdays: days, holidays, remindAt: remindAt.trim() };
    const stored = await changeWorkdays(now, changes).finally(changed);
    const before = { weekdays: now.weekdays, holidays: now.holidays, remindAt: now.remindAt };
    sayUndo(s.workdays.changed, () => changeWorkdays(stored, before), changed);
  };
  const fields = ["/weekdays", "/remindAt", "/holidays"];
  const fault = saving.faultOf("/weekdays");
  return (
    <FormDialog heading={s.workdays.heading} close={close} saving={saving} fields={fields} send={send}>
        <fieldset class="checks">
          <legend>{s.workdays.weekdays}</legend>
          {weekdays.map((day) => (
            <Check
              key={day}
              label={weekdayName(day)}
              checked={days.includes(day)}
              change={() => type({ weekdays: weekdays.filter((one) => (one === day) !== days.includes(one)) })}
            />
          ))}
          {fault !== undefined && (
            <p class="hint fault-text" role="alert">
              {fault}
            </p>
          )}
        </fieldset>
        <Entry
          label={s.workdays.remindAt}
          value={remindAt}
          change={(at) => type({ remindAt: at })}
          hint={now.timezone}
          fault={saving.faultOf("/remindAt")}
        />
        <LinesArea
          label={s.workdays.list}
          lines={holidays}
          change={(lines) => type({ holidays: lines })}
          hint={s.workdays.listHint}
          fault={saving.faultOf("/holidays")}
          rows={6}
        />
    </FormDialog>
  );
}

const holidaysShown = 6;

function WorkdaysPart({ workspace, may }: { workspace: string; may: boolean }): JSX.Element {
  const [read, reload] = useResource(`workdays ${workspace}`, () => readWorkdays(workspace));
  const [changing, setChanging] = useState(false);
  const now = useKept(read);
  const today = new Date().toISOString().slice(0, 10);
  const coming = (now?.holidays ?? []).filter((day) => day >= today);
  const further = coming.length - holidaysShown;
  const shown = [
    ...coming.slice(0, holidaysShown).map(formatDay),
    ...(further > 0 ? [s.workdays.further(further)] : []),
  ];
  return (
    <section class="stack part">
      <h2>{s.workdays.heading}</h2>
      <p class="hint">{s.workdays.hint}</p>
      {read.state === "failed" && <Failure error={read.error} retry={reload} />}
      {now !== null && (
        <p>
          {s.workdays.days(listed(now.weekdays.map(weekdayName)), now.remindAt, now.timezone)}{" "}
          {coming.length > 0 ? s.workdays.holidays(listed(shown)) : s.workdays.noHolidays}
        </p>
      )}
      {now !== null && may && (
        <button type="button" class="button" onClick={() => setChanging(true)}>
          {s.workdays.change}
        </button>
      )}
      {changing && now !== null && <WorkdaysDialog now={now} close={() => setChanging(false)} changed={reload} />}
    </section>
  );
}

function RuleRow({ rule }: { rule: Rule }): JSX.Element {
  return (
    <li>
      <a href={rulesHref(rule.workspace, rule.id)} class="admin-row">
        <Icon name="clock" />
        <span class="row-main">
          <strong class="clamp" dir="auto">{rule.name}</strong>
          <span class="hint" dir="auto">
            {sentenceOf(rule)}
          </span>
        </span>
        <span class="row-facts hint">{s.kinds[rule.kind]}</span>
        <span class="row-marks">
          <RuleMarks rule={rule} />
        </span>
      </a>
    </li>
  );
}

function RuleList({ workspace, keys, may }: { workspace: string; keys: readonly string[]; may: boolean }): JSX.Element {
  const [read, reload] = useResource(`rules ${workspace}`, () => listRules(workspace));
  useStore(peopleKnown);
  learnPeople(workspace);
  return (
    <>
      <SectionHead of={words.sections.rules} hint={!may && s.readOnly}>
        {may && <Adding name={s.add} act={() => go(rulesHref(workspace, "new"))} />}
      </SectionHead>
      <div class="line-form">
        <WorkspaceSelect label={s.workspace} keys={keys} value={workspace} change={(key) => go(rulesHref(key))} />
      </div>
      <div class="stack parts">
        <Rows of={read} again={reload} label={words.sections.rules[0]} empty={s.empty}>
          {(rule) => <RuleRow key={rule.id} rule={rule} />}
        </Rows>
        <WorkdaysPart workspace={workspace} may={may} />
      </div>
    </>
  );
}

export default function RulesPage({ rest: [asked, id], scope, account }: PageProps): JSX.Element {
  const [all, reload] = useResource("workspaces", async () => (await listWorkspaces()).map(({ key }) => key).sort());
  if (all.state === "failed") return <Failure error={all.error} retry={reload} />;
  if (all.state === "loading") return <Skeleton />;
  const keys = all.value;
  const near = keys.find((key) => `${key}-`.startsWith(`${scope}-`));
  const workspace = asked ?? near ?? keys.find((key) => mayManage(account, key)) ?? keys[0];
  if (workspace === undefined) return <EmptyState title={s.noWorkspace} text={words.askRole} />;
  if (id !== undefined) return <RulePage key={id} workspace={workspace} id={id} account={account} />;
  return <RuleList key={workspace} workspace={workspace} keys={keys} may={mayManage(account, workspace)} />;
}
