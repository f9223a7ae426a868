// Who has a role on the domains that the account manages; and, at an address below, one of them.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Account } from "../../api";
import {
  addPerson,
  listPeople,
  makeLink,
  mostPeople,
  roleNames,
  rolesOf,
  type Person,
  type RoleName,
} from "../../api/people";
import { managedDomains } from "../../api/places";
import { Dialog } from "../../components/dialog";
import { Check, Entry, Select } from "../../components/entry";
import { FormDialog } from "../../components/form-dialog";
import { Avatar } from "../../components/person";
import { ShownOnce } from "../../components/shown-once";
import { formatMoment } from "../../format";
import type { PageProps } from "../../lazy";
import { useKept, useResource } from "../../resource";
import { go, href } from "../../router";
import { useSaving } from "../../saving";
import { s as words } from "../../strings/workshop";
import { roleName, s } from "../../strings/workshop-people";
import { s as sso } from "../../strings/workshop-sso";
import { toast } from "../../toast";
import { PersonPage } from "./person";
import { Adding, Rows } from "./rows";
import { SectionHead } from "./sectioned";

export const personHref = (email: string): string => href(["workshop", "people", email]);

/** Badges that say what is special about somebody. */
export function PersonMarks({ person, account }: { person: Person; account: Account }): JSX.Element {
  return (
    <>
      {person.email === account.email && <span class="badge">{s.you}</span>}
      {person.admin && <span class="badge accent">{s.admin}</span>}
      {person.disabled && <span class="badge red">{s.inactive}</span>}
    </>
  );
}

export interface Link {
  link: string;
  expiresAt: string;
}

export function LinkShown({ name, made, close }: { name: string; made: Link; close: () => void }): JSX.Element {
  return (
    <ShownOnce heading={s.linkHeading(name)} text={made.link} copy={s.copyLink} close={close}>
      <p class="hint">{s.linkHint(formatMoment(made.expiresAt))}</p>
    </ShownOnce>
  );
}

function AddDialog({
  account,
  domains,
  close,
}: {
  account: Account;
  domains: readonly string[];
  close: () => void;
}): JSX.Element {
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [domain, setDomain] = useState(domains[0] ?? "");
  const [role, setRole] = useState<RoleName>("member");
  const [admin, setAdmin] = useState(false);
  const [made, setMade] = useState<{ name: string; link: Link } | null>(null);
  const saving = useSaving();
  const fields = ["/email", "/name", "/roles", "/admin"];

  const send = async (): Promise<void> => {
    const {
      email: address,
      name: called,
      existed,
    } = await addPerson({
      email: email.trim(),
      ...(name.trim() !== "" && { name: name.trim() }),
      ...(domain !== "" && { roles: [{ domain, role }] }),
      ...(admin && { admin }),
    });
    // Without a password nobody signs in, so the link comes with the person; its page makes another one.
    const link = existed ? null : await makeLink(address).catch(() => null);
    if (link !== null) return setMade({ name: called || address, link });
    close();
    go(personHref(address));
    toast((existed ? s.existed : s.added)(called || address));
  };
  if (made !== null)
    return (
      <Dialog heading={s.add} close={close} firm>
        <LinkShown name={made.name} made={made.link} close={close} />
      </Dialog>
    );
  return (
    <FormDialog
      heading={s.add}
      button={s.add}
      saving={saving}
      fields={fields}
      send={send}
      sent={() => {}}
      close={close}
    >
          <Entry
            label={s.email}
            type="email"
            value={email}
            change={setEmail}
            fault={saving.faultOf("/email")}
            code
            first
          />
          <Entry label={s.name} value={name} change={setName} hint={s.nameHint} fault={saving.faultOf("/name")} />
          <div class="field-row">
            <Select
              label={s.domain}
              value={domain}
              change={setDomain}
              options={[
                ...(account.admin ? [["", s.noDomain] as const] : []),
                ...domains.map((one) => [one, one] as const),
              ]}
              fault={saving.faultOf("/roles")}
            />
            <Select
              label={s.role}
              value={role}
              change={(to) => setRole(to as RoleName)}
              options={roleNames.map((one) => [one, roleName(one)])}
              disabled={domain === ""}
            />
          </div>
          {account.admin && <Check label={s.makeAdmin} checked={admin} change={setAdmin} />}
    </FormDialog>
  );
}

type Shown = "all" | "active" | "inactive";

/** Each word that was typed begins some word of name, address or domain. */
function fits(person: Person, typed: string): boolean {
  const domains = rolesOf(person).map(({ domain }) => domain);
  const text = [person.name ?? "", person.email, ...domains].join(" ").toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function PersonRow({ person, account }: { person: Person; account: Account }): JSX.Element {
  return (
    <li>
      <a href={personHref(person.email)} class="admin-row">
        <Avatar email={person.email} />
        <span class="row-main">
          <strong class="clamp" dir="auto">{person.name || person.email}</strong>
          {person.name && <span class="hint">{person.email}</span>}
        </span>
        <span class="row-facts hint">
          {rolesOf(person).map(({ domain, role }, i) => (
            <span key={i}>
              {roleName(role)} · {domain}
              {i >= person.roles.length && ` (${sso.byGroup})`}
            </span>
          ))}
          {rolesOf(person).length === 0 && !person.admin && s.noRoles}
        </span>
        <span class="row-marks">
          <PersonMarks person={person} account={account} />
        </span>
      </a>
    </li>
  );
}

function PeopleList({ account }: { account: Account }): JSX.Element {
  const [people, reload] = useResource("people", listPeople);
  const [domains] = useResource("domains", () => managedDomains(account));
  const [typed, setTyped] = useState("");
  const [show, setShow] = useState<Shown>("active");
  const [adding, setAdding] = useState(false);
  const all = useKept(people);
  const shown = (person: Person): boolean =>
    (show === "all" || person.disabled === (show === "inactive")) && fits(person, typed.trim());
  const close = (): void => {
    setAdding(false);
    reload();
  };
  return (
    <>
      <SectionHead of={words.sections.people} hint={all !== null && s.count(all.filter(shown).length)}>
        <Adding name={s.add} act={() => setAdding(true)} />
      </SectionHead>
      <Rows
        of={people}
        again={reload}
        label={words.sections.people[0]}
        empty={s.empty}
        emptyHint={s.emptyHint}
        filter={
          <>
            <Entry label={s.find} type="search" value={typed} change={setTyped} />
            <Select
              label={s.show}
              value={show}
              change={(to) => setShow(to as Shown)}
              options={[
                ["active", s.active],
                ["inactive", s.inactive],
                ["all", s.all],
              ]}
            />
          </>
        }
        fits={shown}
      >
        {(person) => <PersonRow key={person.email} person={person} account={account} />}
      </Rows>
      {all !== null && all.length >= mostPeople && <p class="hint">{words.some(mostPeople)}</p>}
      {adding && domains.state === "ready" && <AddDialog account={account} domains={domains.value} close={close} />}
    </>
  );
}

export default function PeoplePage({ rest, account }: PageProps): JSX.Element {
  const [email] = rest;
  return email === undefined ? (
    <PeopleList account={account} />
  ) : (
    <PersonPage key={email} email={email} account={account} />
  );
}
