// One client: what it may do and where, and its secrets.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import {
  addSecret,
  changeClient,
  listSecrets,
  readClient,
  revokeSecret,
  scopes,
  type Client,
  type ClientChanges,
  type Scope,
  type Secret,
} from "../../api/clients";
import { listWorkspaces } from "../../api/places";
import { CopyButton } from "../../components/copy-button";
import { Ask } from "../../components/ask";
import { Check, Entry, Send } from "../../components/entry";
import { Failure } from "../../components/failure";
import { Icon } from "../../components/icon";
import { ShownOnce } from "../../components/shown-once";
import { MomentDay, Moment } from "../../components/when";
import { usePage } from "../../page";
import { useKept, useResource } from "../../resource";
import { useSaving, useTyped } from "../../saving";
import { s as shared } from "../../strings/shared";
import { s as words } from "../../strings/workshop";
import { s } from "../../strings/workshop-clients";
import { toast } from "../../toast";
import { Absent, Crumb } from "./parts";
import { useDeed, useOne } from "./refused";

const toggled = <T,>(all: readonly T[], one: T): T[] =>
  all.includes(one) ? all.filter((each) => each !== one) : [...all, one];

export function ScopeChecks({
  chosen,
  choose,
}: {
  chosen: readonly Scope[];
  choose: (scopes: Scope[]) => void;
}): JSX.Element {
  return (
    <fieldset class="checks">
      <legend>{s.may}</legend>
      {scopes.map((scope) => (
        <Check
          key={scope}
          label={s.scopes[scope][0]}
          hint={s.scopes[scope][1]}
          checked={chosen.includes(scope)}
          change={() => choose(toggled(chosen, scope))}
        />
      ))}
    </fieldset>
  );
}

function KeyChecks({
  all,
  chosen,
  choose,
}: {
  all: readonly string[];
  chosen: readonly string[];
  choose: (keys: string[]) => void;
}): JSX.Element {
  return (
    <div class="key-checks">
      {[...new Set([...all, ...chosen])].map((key) => (
        <Check key={key} label={key} checked={chosen.includes(key)} change={() => choose(toggled(chosen, key))} />
      ))}
    </div>
  );
}

/** All workspaces, or some of them. */
export function Workspaces({
  all,
  chosen,
  choose,
  fault,
}: {
  all: readonly string[];
  chosen: string[] | null;
  choose: (keys: string[] | null) => void;
  fault?: string | undefined;
}): JSX.Element {
  return (
    <fieldset class="checks">
      <legend>{s.where}</legend>
      <label class="switch">
        <input type="radio" checked={chosen === null} onChange={() => choose(null)} />
        <span>{s.everywhere}</span>
      </label>
      {all.length === 0 && chosen === null ? (
        <p class="hint">{s.noWorkspaces}</p>
      ) : (
        <label class="switch">
          <input type="radio" checked={chosen !== null} onChange={() => choose(all.slice(0, 1))} />
          <span>{s.only}</span>
        </label>
      )}
      {chosen !== null && <KeyChecks all={all} chosen={chosen} choose={choose} />}
      {fault !== undefined && (
        <p class="hint fault-text" role="alert">
          {fault}
        </p>
      )}
    </fieldset>
  );
}

function Settings({
  client,
  change,
}: {
  client: Client;
  change: (changes: ClientChanges, said: string, back: ClientChanges) => Promise<boolean>;
}): JSX.Element {
  const [workspaces] = useResource("workspaces", listWorkspaces);
  const within = (useKept(workspaces) ?? [])
    .map(({ key }) => key)
    .filter((key) => key.startsWith(`${client.domain}-`))
    .sort();
  const [{ name }, type, forget] = useTyped({ name: client.name });
  const said = s.changed(client.name);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (name.trim() !== client.name && (await change({ name: name.trim() }, said, { name: client.name })))
      forget({ name });
  };
  // The server wants one workspace at least, so the last one stays.
  const limit = (keys: string[] | null): void => {
    if (keys?.length !== 0) void change({ workspaces: keys }, said, { workspaces: client.workspaces });
  };
  return (
    <>
      <form
        class="line-form"
        noValidate
        onSubmit={(event) => void submit(event)}
      >
        <Entry label={s.name} value={name} change={(to) => type({ name: to })} />
        <button type="submit" class="button" aria-disabled={name.trim() === client.name}>
          {shared.save}
        </button>
      </form>
      <ScopeChecks
        chosen={client.scopes}
        choose={(to) => void change({ scopes: to }, said, { scopes: client.scopes })}
      />
      <Workspaces all={within} chosen={client.workspaces} choose={limit} />
      {within.length > 0 && (
        <fieldset class="checks">
          <legend>{s.readAll}</legend>
          <KeyChecks
            all={within}
            chosen={client.readAll}
            choose={(readAll) => void change({ readAll }, said, { readAll: client.readAll })}
          />
          <p class="hint">{s.readAllHint}</p>
        </fieldset>
      )}
    </>
  );
}

const LastUsed = ({ of: { lastUsedAt } }: { of: Secret }): JSX.Element => (
  <>
    {s.lastUsed}: {lastUsedAt === null ? words.never : <Moment at={lastUsedAt} />}
  </>
);

/** The last moment of a day in this browser's time zone, as the server takes it. */
const endOf = (day: string): string => new Date(`${day}T23:59:59`).toISOString();

function Secrets({ client }: { client: Client }): JSX.Element {
  const [read, reload] = useResource(`secrets ${client.clientId}`, () => listSecrets(client.clientId));
  const [until, setUntil] = useState("");
  const [made, setMade] = useState<string | null>(null);
  const [revoking, setRevoking] = useState<Secret | null>(null);
  const saving = useSaving();
  const secrets = useKept(read);
  const act = useDeed();
  const revoke = async ({ id, hint }: Secret): Promise<void> => {
    await revokeSecret(client.clientId, id).finally(reload);
    toast(s.revoked(hint));
  };
  const make = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    await saving.save(async () => {
      setMade((await addSecret(client.clientId, until === "" ? null : endOf(until))).secret);
      setUntil("");
      reload();
    });
  };
  return (
    <section class="stack part">
      <h2>{s.secrets}</h2>
      <p class="hint">{s.secretsHint}</p>
      {read.state === "failed" && <Failure error={read.error} retry={reload} />}
      {secrets !== null && secrets.length === 0 && <p class="note">{s.noSecret}</p>}
      {secrets !== null && secrets.length > 0 && (
        <ul class="rows secret-rows" aria-label={s.secrets}>
          {secrets.map((secret) => (
            <li key={secret.id}>
              <span>
                <code>{secret.hint}…</code>
              </span>
              <span class="hint">
                {s.made} <MomentDay at={secret.createdAt} />
              </span>
              <span class="hint" title={s.lastUsedHint}>
                <LastUsed of={secret} />
              </span>
              <span class="hint">
                {secret.expiresAt === null ? (
                  s.noExpiry
                ) : (
                  <>
                    {s.expires} <Moment at={secret.expiresAt} />
                  </>
                )}
              </span>
              <button
                type="button"
                class="button quiet"
                aria-label={s.revokeOne(secret.hint)}
                onClick={() => setRevoking(secret)}
              >
                {s.revoke}
              </button>
            </li>
          ))}
        </ul>
      )}
      {made !== null ? (
        <ShownOnce heading={s.secretHeading} text={made} copy={s.copySecret} close={() => setMade(null)} />
      ) : (
        <form class="line-form" noValidate onSubmit={(event) => void make(event)}>
          <Entry
            label={s.until}
            type="date"
            value={until}
            change={setUntil}
            hint={s.untilHint}
            fault={saving.faultOf("/expiresAt")}
          />
          <Send saving={saving} fields={["/expiresAt"]} look="button">
            <Icon name="plus" />
            {s.makeSecret}
          </Send>
        </form>
      )}
      {revoking !== null && (
        <Ask
          heading={s.revokeOne(revoking.hint)}
          yes={s.revoke}
          act={() => act(() => revoke(revoking))}
          close={() => setRevoking(null)}
        >
          <p>{s.revokeWhat(client.name)}</p>
          <p>
            <LastUsed of={revoking} />
          </p>
        </Ask>
      )}
    </section>
  );
}

export function ClientPage({ id }: { id: string }): JSX.Element {
  const { one: client, read, again, change } = useOne(`client ${id}`, () => readClient(id), changeClient);
  const heading = usePage(client?.name ?? id, `workshop client ${id}`);

  const back = <Crumb of="clients" />;
  if (client === null)
    return (
      <>
        {back}
        <Absent of={read} again={again} />
      </>
    );
  const { name, disabled } = client;
  const able = (): void =>
    void change({ disabled: !disabled }, (disabled ? s.nowEnabled : s.nowDisabled)(name), { disabled });
  return (
    <>
      {back}
      <div class="page-head">
        <h1 ref={heading} tabIndex={-1} dir="auto">
          {name}
        </h1>
        {disabled && <span class="badge red">{s.disabled}</span>}
      </div>
      <p class="line">
        <span class="hint">{s.id}</span> <code>{client.clientId}</code>
        <CopyButton text={client.clientId} label={s.copyId} class="button tiny" />
        <span class="hint">
          · {s.domain} {client.domain}
        </span>
      </p>
      <div class="stack parts">
        <Secrets client={client} />
        <Settings client={client} change={change} />
        <section class="stack part">
          <p class="hint">{s.disableHint}</p>
          <button type="button" class="button" onClick={able}>
            {disabled ? s.enable : s.disable}
          </button>
        </section>
      </div>
    </>
  );
}
