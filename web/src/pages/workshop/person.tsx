// One person: name, roles, rights, a link for a new password, and what is to be done when they leave.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { announce } from "../../announce";
import type { Account } from "../../api";
import {
  changePerson,
  countOpen,
  erasePerson,
  handOver,
  listPeople,
  makeLink,
  readPerson,
  roleNames,
  rolesOf,
  takeBack,
  type HandedOver,
  type Person,
  type PersonChanges,
  type RoleName,
} from "../../api/people";
import { managedDomains } from "../../api/places";
import type { Choice } from "../../components/choices";
import { CopyButton } from "../../components/copy-button";
import { EmptyState } from "../../components/empty-state";
import { Check, Entry, Select } from "../../components/entry";
import { Failure } from "../../components/failure";
import { FormDialog } from "../../components/form-dialog";
import { Icon } from "../../components/icon";
import { Avatar } from "../../components/person";
import { Picker } from "../../components/picker";
import { usePage } from "../../page";
import { nameOf } from "../../people";
import { useKept, useResource } from "../../resource";
import { href, recordHref } from "../../router";
import { useTyped } from "../../saving";
import { s as shared } from "../../strings/shared";
import { roleName, s } from "../../strings/workshop-people";
import { s as sso } from "../../strings/workshop-sso";
import { LinkShown, PersonMarks, type Link } from "./people";
import { Absent, Crumb } from "./parts";
import { sayRefused, useDeed, useOne } from "./refused";

interface PartProps {
  person: Person;
  account: Account;
  /** The last argument is what takes it back. */
  change: (changes: PersonChanges, said: string, back: PersonChanges) => Promise<boolean>;
}

const called = (person: Person): string => person.name || person.email;

function NamePart({ person, change }: PartProps): JSX.Element {
  const [{ name }, type, forget] = useTyped({ name: person.name ?? "" });
  const same = name.trim() === (person.name ?? "");
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!same && (await change({ name: name.trim() || null }, s.changedName, { name: person.name }))) forget({ name });
  };
  return (
    <form class="line-form" noValidate onSubmit={(event) => void submit(event)}>
      <Entry label={s.name} value={name} change={(to) => type({ name: to })} />
      <button type="submit" class="button" aria-disabled={same}>
        {shared.save}
      </button>
    </form>
  );
}

function RolesPart({ person, account, change }: PartProps): JSX.Element {
  const [domains] = useResource("domains", () => managedDomains(account));
  const free = (domains.state === "ready" ? domains.value : []).filter(
    (key) => !person.roles.some(({ domain }) => domain === key),
  );
  const [domain, setDomain] = useState("");
  const [role, setRole] = useState<RoleName>("member");
  const next = domain !== "" && free.includes(domain) ? domain : (free[0] ?? "");
  const set = (roles: Person["roles"]): Promise<boolean> =>
    change({ roles }, s.changedRole(called(person)), { roles: person.roles });
  return (
    <section class="stack part">
      <h2>{s.rolesHeading}</h2>
      {rolesOf(person).length === 0 && <p class="hint">{s.noRoles}</p>}
      <ul class="rows role-rows">
        {person.roles.map((one) => (
          <li key={one.domain}>
            <code>{one.domain}</code>
            <Select
              label={s.roleOn(one.domain)}
              bare
              value={one.role}
              change={(to) =>
                void set(person.roles.map((each) => (each === one ? { ...each, role: to as RoleName } : each)))
              }
              options={roleNames.map((each) => [each, roleName(each)])}
            />
            <button
              type="button"
              class="button icon-only"
              aria-label={s.removeRole(one.domain)}
              title={s.removeRole(one.domain)}
              onClick={() => void set(person.roles.filter((each) => each !== one))}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
        {person.groupRoles.map((one) => (
          <li key={`group ${one.domain}`}>
            <code>{one.domain}</code>
            <span>
              {roleName(one.role)} ({sso.byGroup})
            </span>
          </li>
        ))}
      </ul>
      {free.length > 0 && (
        <form
          class="line-form"
          onSubmit={(event) => {
            event.preventDefault();
            void set([...person.roles, { domain: next, role }]);
          }}
        >
          <Select label={s.domain} value={next} change={setDomain} options={free.map((key) => [key, key])} />
          <Select
            label={s.role}
            value={role}
            change={(to) => setRole(to as RoleName)}
            options={roleNames.map((each) => [each, roleName(each)])}
          />
          <button type="submit" class="button">
            <Icon name="plus" />
            {s.addRole}
          </button>
        </form>
      )}
      {!account.admin && <p class="hint">{s.rolesHint}</p>}
    </section>
  );
}

function RightsPart({ person, account, change }: PartProps): JSX.Element {
  const said = s.changedRights(called(person));
  return (
    <section class="stack part">
      <h2>{s.rights}</h2>
      {account.admin && (
        <Check
          label={s.makeAdmin}
          hint={s.adminHint}
          checked={person.admin}
          change={(admin) => void change({ admin }, said, { admin: !admin })}
        />
      )}
      <Check
        label={s.grant}
        hint={s.grantHint}
        checked={person.passwordGrant}
        change={(passwordGrant) => void change({ passwordGrant }, said, { passwordGrant: !passwordGrant })}
      />
    </section>
  );
}

function SignInPart({ person, account }: PartProps): JSX.Element {
  const [made, setMade] = useState<Link | null>(null);
  const act = useDeed();
  const make = async (): Promise<void> => setMade(await makeLink(person.email));
  return (
    <section class="stack part">
      <h2>{s.signIn}</h2>
      {person.email === account.email ? (
        <p class="hint">
          {s.ownSignIn} <a href={href(["me", "password"])}>{s.ownPassword}</a>
        </p>
      ) : made !== null ? (
        <LinkShown name={called(person)} made={made} close={() => setMade(null)} />
      ) : (
        <>
          <p class="hint">{s.signInHint}</p>
          <button type="button" class="button" onClick={() => act(make)}>
            <Icon name="link" />
            {s.makeLink}
          </button>
        </>
      )}
    </section>
  );
}

/** The open records of who leaves go to somebody else, with progress, and back if that was a slip. */
function HandOver({ person }: { person: Person }): JSX.Element {
  const [count, recount] = useResource(`open ${person.email}`, () => countOpen(person.email));
  const [progress, setProgress] = useState<{ done: number; total: number } | null>(null);
  const [outcome, setOutcome] = useState<{ to: string; handed: HandedOver } | null>(null);
  const [back, setBack] = useState<string | null>(null);
  const open = useKept(count);

  const find = async (text: string): Promise<Choice[]> => {
    const typed = text.trim().toLowerCase();
    return (await listPeople())
      .filter((one) => {
        const { email, name, disabled, admin } = one;
        const able = !disabled && (admin || rolesOf(one).some(({ role }) => role !== "viewer"));
        return able && email !== person.email && `${name ?? ""} ${email}`.toLowerCase().includes(typed);
      })
      .slice(0, 50)
      .map(({ email, name }) => ({ id: email, name: name || email, ...(name && { hint: email }) }));
  };
  const hand = async (to: string): Promise<void> => {
    let last: HandedOver = { bulkIds: [], done: 0, refused: [] };
    setBack(null);
    setOutcome(null);
    setProgress({ done: 0, total: open ?? 0 });
    try {
      await handOver(person.email, to, (handed, total) => {
        last = handed;
        setProgress({ done: handed.done + handed.refused.length, total });
      });
    } catch (error) {
      sayRefused(error);
    }
    // What came about can be taken back, also when the rest did not.
    if (last.bulkIds.length > 0) {
      setOutcome({ to, handed: last });
      announce(s.handed(last.done, nameOf(to)));
    }
    setProgress(null);
    recount();
  };
  const undo = async (): Promise<void> => {
    if (outcome === null) return;
    setProgress({ done: 0, total: outcome.handed.done });
    try {
      const number = await takeBack(outcome.handed);
      setBack(s.takenBack(number));
      announce(s.takenBack(number));
      setOutcome(null);
    } catch (error) {
      sayRefused(error);
    }
    setProgress(null);
    recount();
  };

  if (count.state === "failed") return <Failure error={count.error} retry={recount} />;
  return (
    <>
      {back !== null && <p class="good">{back}</p>}
      {outcome !== null && (
        <div class="good">
          <p>
            {s.handed(outcome.handed.done, nameOf(outcome.to))}{" "}
            {outcome.handed.done > 0 && (
              <button type="button" class="button quiet" onClick={() => void undo()} aria-disabled={progress !== null}>
                {shared.undo}
              </button>
            )}
          </p>
          {outcome.handed.refused.length > 0 && (
            <>
              <p>{s.refused(outcome.handed.refused.length)}</p>
              <ul>
                {outcome.handed.refused.slice(0, 20).map(({ key, why }) => (
                  <li key={key}>
                    <a href={recordHref(key)}>{key}</a> {why}
                  </li>
                ))}
              </ul>
              {outcome.handed.refused.length > 20 && <p>{s.more(outcome.handed.refused.length - 20)}</p>}
            </>
          )}
        </div>
      )}
      {progress !== null ? (
        <p role="status">
          <progress value={progress.done} max={Math.max(progress.total, 1)} aria-label={s.handOver} />{" "}
          {s.handing(progress.done, progress.total)}
        </p>
      ) : (
        <p class="line">
          <span>{open === null ? s.counting : s.open(open)}</span>
          {open !== null && open > 0 && (
            <>
              <Picker
                label={s.handLabel}
                button={s.handTo}
                look="button"
                choices={[]}
                find={find}
                choose={(to) => void hand(to)}
              />
              <a href={href(["todo"], { q: `assignee:${person.email} is:open` })}>{s.look}</a>
            </>
          )}
        </p>
      )}
    </>
  );
}

function EraseDialog({
  person,
  close,
  erased,
}: {
  person: Person;
  close: () => void;
  erased: (pseudonym: string) => void;
}): JSX.Element {
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState(false);
  const send = async (): Promise<void> => {
    const right = typed.trim().toLowerCase() === person.email.toLowerCase();
    setWrong(!right);
    if (right) erased((await erasePerson(person.email)).email);
  };
  return (
    <FormDialog
      heading={s.eraseHeading(called(person))}
      button={s.eraseDo}
      danger
      send={send}
      sent={() => {}}
      close={close}
    >
      <ul class="points">
        {s.eraseWhat.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      <p>
        <strong>{s.eraseNever}</strong>
      </p>
        <Entry
          label={s.eraseType(person.email)}
          value={typed}
          change={setTyped}
          fault={wrong ? s.eraseMismatch : undefined}
          code
          first
        />
    </FormDialog>
  );
}

function LeavingPart({
  person,
  account,
  change,
  erased,
}: PartProps & { erased: (pseudonym: string) => void }): JSX.Element {
  const [erasing, setErasing] = useState(false);
  const name = called(person);
  const { disabled } = person;
  const able = (): void =>
    void change({ disabled: !disabled }, (disabled ? s.nowActive : s.nowInactive)(name), { disabled });
  return (
    <section class="stack part">
      <h2>{s.leaving(name)}</h2>
      <ol class="steps">
        <li>
          <h3>{s.handOver}</h3>
          <HandOver person={person} />
        </li>
        <li>
          <h3>{disabled ? s.activate : s.deactivate}</h3>
          <p class="hint">{disabled ? s.activateHint : s.deactivateHint}</p>
          <button type="button" class="button" onClick={able}>
            {disabled ? s.activate : s.deactivate}
          </button>
        </li>
        {account.admin && (
          <li>
            <h3>{s.eraseStep}</h3>
            <p class="hint">{s.eraseHint}</p>
            <button type="button" class="button danger" onClick={() => setErasing(true)}>
              {s.erase}
            </button>
          </li>
        )}
      </ol>
      {erasing && <EraseDialog person={person} close={() => setErasing(false)} erased={erased} />}
    </section>
  );
}

export function PersonPage({ email, account }: { email: string; account: Account }): JSX.Element {
  const [cleared, setCleared] = useState(false);
  const [erased, setErased] = useState<string | null>(null);
  const send = async (of: Person, changes: PersonChanges): Promise<Person> => {
    const now = await changePerson(of, changes);
    if (now.passwordCleared) setCleared(true);
    return now;
  };
  const { one: person, read, again, change } = useOne(`person ${email}`, () => readPerson(email), send);
  const heading = usePage(person === null ? email : called(person), `workshop person ${email}`);

  const back = <Crumb of="people" />;
  if (erased !== null || person === null)
    return (
      <>
        {back}
        {erased !== null ? <EmptyState title={s.erased(erased)} /> : <Absent of={read} again={again} />}
      </>
    );
  const part: PartProps = { person, account, change };
  const own = person.email === account.email;
  return (
    <>
      {back}
      <div class="page-head person-head">
        <Avatar email={person.email} />
        <h1 ref={heading} tabIndex={-1} dir="auto">
          {called(person)}
        </h1>
        <PersonMarks person={person} account={account} />
      </div>
      <p class="line">
        <code>{person.email}</code>
        <CopyButton text={person.email} label={s.copyEmail(person.email)} class="button tiny" />
      </p>
      {cleared && <p class="note">{s.passwordCleared}</p>}
      <div class="stack parts">
        <NamePart {...part} />
        <RolesPart {...part} />
        <RightsPart {...part} />
        <SignInPart {...part} />
        {!own && <LeavingPart {...part} erased={setErased} />}
      </div>
    </>
  );
}
