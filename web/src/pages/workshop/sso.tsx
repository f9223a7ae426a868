// Single sign-on: how it is set, which groups give which roles, and a test of it.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Account } from "../../api";
import { roleNames, type RoleName } from "../../api/people";
import { managedDomains } from "../../api/places";
import {
  addRule,
  listRules,
  readSettings,
  readTest,
  removeRule,
  startTest,
  type Rule,
  type Settings,
  type Test,
} from "../../api/single-sign-on";
import { Ask } from "../../components/ask";
import { CopyButton } from "../../components/copy-button";
import { Dialog } from "../../components/dialog";
import { EmptyState } from "../../components/empty-state";
import { Entry, Select, Send } from "../../components/entry";
import { FormDialog } from "../../components/form-dialog";
import { Fact, Facts } from "../../components/facts";
import { Failure } from "../../components/failure";
import { Reading } from "../../components/reading";
import { locale } from "../../language";
import type { PageProps } from "../../lazy";
import { useKept, useResource } from "../../resource";
import { useSaving } from "../../saving";
import { s as words } from "../../strings/workshop";
import { roleName, s as people } from "../../strings/workshop-people";
import { s } from "../../strings/workshop-sso";
import { toast } from "../../toast";
import { sayUndo, useDeed } from "./refused";
import { Adding } from "./rows";
import { SectionHead } from "./sectioned";

/** Seconds in the greatest unit that they fill: 3600 is an hour. */
function duration(seconds: number): string {
  const units = [
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
    ["second", 1],
  ] as const;
  const [unit, size] = units.find(([, size]) => seconds >= size && seconds % size === 0) ?? ["second", 1];
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(seconds / size);
}

function SettingsPart({ settings }: { settings: Settings }): JSX.Element {
  return (
    <Facts heading={s.settings}>
      <Fact label={s.issuer}>{settings.issuer}</Fact>
      <Fact label={s.clientId}>{settings.clientId}</Fact>
      <Fact label={s.scopes}>{settings.scopes}</Fact>
      <Fact label={s.groupsClaim}>{settings.groupsClaim}</Fact>
      <Fact label={s.redirectUri}>
        <code>{settings.redirectUri}</code>{" "}
        <CopyButton text={settings.redirectUri} label={s.copyRedirect} class="button tiny" />
      </Fact>
      <Fact label={s.check}>{duration(settings.checkSeconds)}</Fact>
      <Fact label={s.grace}>{duration(settings.graceSeconds)}</Fact>
      <Fact label={s.passwords}>{settings.localPasswords ? s.passwordsOn : s.passwordsOff}</Fact>
    </Facts>
  );
}

interface AddProps {
  domains: readonly string[];
  close: () => void;
  added: () => void;
}

function AddDialog({ domains, close, added }: AddProps): JSX.Element {
  const [group, setGroup] = useState("");
  const [domain, setDomain] = useState(domains[0] ?? "");
  const [role, setRole] = useState<RoleName>("member");
  const saving = useSaving();
  const send = async (): Promise<void> => {
    await addRule({ group: group.trim(), domain, role });
    toast(s.added(group.trim()));
    added();
  };
  if (domains.length === 0)
    return (
      <Dialog heading={s.add} close={close}>
        <p>{words.noDomain}</p>
      </Dialog>
    );
  const fields = ["/group", "/domain", "/role"];
  return (
    <FormDialog heading={s.add} button={s.add} close={close} saving={saving} fields={fields} send={send}>
          <Entry
            label={s.group}
            value={group}
            change={setGroup}
            hint={s.groupHint}
            fault={saving.faultOf("/group")}
            code
            first
          />
          <Select
            label={words.domain}
            value={domain}
            change={setDomain}
            options={domains.map((one) => [one, one])}
            fault={saving.faultOf("/domain")}
          />
          <Select
            label={people.role}
            value={role}
            change={(to) => setRole(to as RoleName)}
            options={roleNames.map((one) => [one, roleName(one)])}
            fault={saving.faultOf("/role")}
          />
    </FormDialog>
  );
}

function Rules({ account }: { account: Account }): JSX.Element {
  const [rules, reload] = useResource("group rules", listRules);
  const [domains] = useResource("domains", () => managedDomains(account));
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Rule | null>(null);
  const kept = useKept(rules);
  const act = useDeed();
  const remove = ({ id, group, domain, role }: Rule): void =>
    act(async () => {
      await removeRule(id).finally(reload);
      sayUndo(s.removed(group), () => addRule({ group, domain, role }), reload, `${s.added(group)}. ${s.fromNext}`);
    });
  return (
    <section class="stack part">
      <h2>{s.rules}</h2>
      <p class="hint">
        {s.fromNext} {s.atOnce}
      </p>
      <Reading of={rules} again={reload} kept={kept !== null} />
      {kept?.length === 0 && <EmptyState title={s.noRules} text={s.noRulesHint} />}
      {kept !== null && kept.length > 0 && (
        <ul class="rows setting-rows rule-rows" aria-label={s.rules}>
          {kept.map((rule) => (
            <li key={rule.id}>
              <bdi>{rule.group}</bdi>
              <span>
                {s.gives(roleName(rule.role), rule.domain)} <span class="hint">{s.people(rule.people)}</span>
              </span>
              <button
                type="button"
                class="button quiet"
                aria-label={s.remove(rule.group, rule.domain)}
                onClick={() => (rule.people > 0 ? setRemoving(rule) : remove(rule))}
              >
                {words.remove}
              </button>
            </li>
          ))}
        </ul>
      )}
      <Adding name={s.add} act={() => setAdding(true)} look="button" />
      {removing !== null && (
        <Ask
          heading={s.remove(removing.group, removing.domain)}
          yes={words.remove}
          act={() => remove(removing)}
          close={() => setRemoving(null)}
        >
          <p>
            {s.atOnce} {s.fromNext}
          </p>
        </Ask>
      )}
      {adding && domains.state === "ready" && (
        <AddDialog domains={domains.value} close={() => setAdding(false)} added={reload} />
      )}
    </section>
  );
}

function Found({ test }: { test: Test }): JSX.Element {
  return (
    <>
      <p class={test.outcome === "right" ? "good" : "note"}>{s.outcomes[test.outcome]}</p>
      <Facts heading={s.found}>
        <Fact label={s.subject}>{test.subject}</Fact>
        <Fact label={s.email}>
          {test.email !== null && `${test.email} (${test.emailVerified ? s.verified : s.unverified})`}
        </Fact>
        <Fact label={s.account}>
          {test.account !== null && `${test.account}. ${test.newAccount ? s.newAccount : ""}`.replace(/\. $/, "")}
        </Fact>
        <Fact label={s.groups}>
          {test.groups.length === 0 ? (
            s.noGroups
          ) : (
            <ul aria-label={s.groups}>
              {test.groups.map((group) => (
                <li key={group}>
                  <bdi>{group}</bdi>
                </li>
              ))}
            </ul>
          )}
        </Fact>
        <Fact label={s.rolesThen}>
          {test.roles.length > 0 && (
            <ul aria-label={s.rolesThen}>
              {test.roles.map(({ domain, role, origin }) => (
                <li key={`${domain} ${origin}`}>
                  {s.gives(roleName(role), domain)} ({origin === "group" ? s.byGroup : s.byHand})
                </li>
              ))}
            </ul>
          )}
        </Fact>
        <Fact label={s.refresh}>{test.refreshToken ? s.yes : s.noRefresh}</Fact>
      </Facts>
    </>
  );
}

function TestPart(): JSX.Element {
  const [test, reload] = useResource("sign-in test", readTest);
  const saving = useSaving();
  const start = (event: SubmitEvent): void => {
    event.preventDefault();
    void saving.save(async () => location.assign(await startTest(location.hash.replace(/^#/, ""))));
  };
  return (
    <section class="stack part">
      <h2>{s.test}</h2>
      <form class="stack" onSubmit={start}>
        <Send saving={saving} fields={[]}>
          {saving.busy ? s.starting : s.startTest}
        </Send>
      </form>
      {test.state === "failed" && <Failure error={test.error} retry={reload} />}
      {test.state === "ready" && test.value !== null && <Found test={test.value} />}
    </section>
  );
}

export default function SsoPage({ account }: PageProps): JSX.Element {
  const [read, reload] = useResource("single sign-on", readSettings);
  const settings = useKept(read);
  return (
    <>
      <SectionHead of={words.sections["single-sign-on"]} />
      <Reading of={read} again={reload} kept={settings !== null} />
      {settings !== null && (
        <div class="stack parts">
          {settings.issuer === null ? <EmptyState title={s.off} text={s.offHint} /> : <TestPart />}
          <Rules account={account} />
          <SettingsPart settings={settings} />
        </div>
      )}
    </>
  );
}
