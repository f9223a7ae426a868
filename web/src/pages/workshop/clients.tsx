// The systems that call the API; and, at an address below, one of them.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { announce } from "../../announce";
import { address, type Account } from "../../api";
import { addClient, listClients, type Client, type ClientCreated, type Scope } from "../../api/clients";
import { listWorkspaces, managedDomains } from "../../api/places";
import { Command } from "../../components/command";
import { Dialog } from "../../components/dialog";
import { Entry, Select } from "../../components/entry";
import { FormDialog } from "../../components/form-dialog";
import { Icon } from "../../components/icon";
import { ShownOnce } from "../../components/shown-once";
import type { PageProps } from "../../lazy";
import { useResource } from "../../resource";
import { go, href } from "../../router";
import { useSaving } from "../../saving";
import { s as words } from "../../strings/workshop";
import { s } from "../../strings/workshop-clients";
import { ClientPage, ScopeChecks, Workspaces } from "./client";
import { Adding, Rows } from "./rows";
import { SectionHead } from "./sectioned";

export const clientHref = (id: string): string => href(["workshop", "clients", id]);

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** What sends a first report with the client's secret. */
function commandOf({ clientId, secret }: ClientCreated, workspace: string, reporter: string): string {
  const report = {
    todoType: "INCIDENT",
    domainWorkSpace: workspace,
    title: s.firstTitle,
    description: s.firstText,
    status: "To do",
    reporter,
    orderID: ["ORDER 777"],
  };
  return [
    `TOKEN=$(curl -s ${address("/../../oauth/token").href} \\`,
    `  -d grant_type=client_credentials -d client_id=${clientId} \\`,
    `  -d client_secret=${secret} |`,
    `  sed 's/.*"access_token": *"\\([^"]*\\)".*/\\1/')`,
    `curl ${address("/task/add-task").href} \\`,
    `  -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\`,
    `  -d ${quoted(JSON.stringify(report))}`,
  ].join("\n");
}

interface Known {
  domains: string[];
  workspaces: string[];
}

/** The domains that the account manages, and the workspaces in them. */
export async function loadKnown(account: Account): Promise<Known> {
  const [domains, workspaces] = await Promise.all([managedDomains(account), listWorkspaces()]);
  return { domains, workspaces: workspaces.map(({ key }) => key).sort() };
}

function AddDialog({ account, known, close }: { account: Account; known: Known; close: () => void }): JSX.Element {
  const [name, setName] = useState("");
  const [domain, setDomain] = useState(known.domains[0] ?? "");
  const [may, setMay] = useState<Scope[]>(["task:create", "task:read"]);
  const [only, setOnly] = useState<string[] | null>(null);
  const [made, setMade] = useState<ClientCreated | null>(null);
  const saving = useSaving();
  const within = known.workspaces.filter((key) => key.startsWith(`${domain}-`));
  const send = async (): Promise<void> => {
    const added = await addClient({ name: name.trim(), domain, scopes: may, workspaces: only });
    setMade(added);
    announce(s.added(added.name)); // a toast would be below the dialog
  };
  const leave = (): void => {
    if (saving.busy) return; // its secret is shown only here
    close();
    if (made !== null) go(clientHref(made.clientId));
  };
  const workspace = made?.workspaces?.[0] ?? within[0];
  if (domain === "" || made !== null)
    return (
      <Dialog heading={made?.name ?? s.add} close={leave} look="wide" firm>
        {made === null ? (
        <p>
          {words.noDomain}. <a href={href(["workshop", "workspaces"])}>{s.toPlaces}</a>
        </p>
        ) : (
        <ShownOnce heading={s.secretHeading} text={made.secret} copy={s.copySecret} close={leave}>
          {workspace !== undefined && may.includes("task:create") && (
            <Command heading={s.tryIt} hint={s.tryHint} text={commandOf(made, workspace, account.email)} />
          )}
        </ShownOnce>
        )}
      </Dialog>
    );
  return (
    <FormDialog
      heading={s.add}
      look="wide"
      button={s.add}
      saving={saving}
      fields={["/name", "/domain", "/workspaces"]}
      send={send}
      sent={() => {}}
      close={leave}
    >
          <Entry label={s.name} value={name} change={setName} hint={s.nameHint} fault={saving.faultOf("/name")} first />
          <Select
            label={s.domain}
            value={domain}
            change={(to) => {
              setDomain(to);
              setOnly(null);
            }}
            options={known.domains.map((one) => [one, one])}
            hint={s.domainHint}
            fault={saving.faultOf("/domain")}
          />
          <ScopeChecks chosen={may} choose={setMay} />
          <Workspaces all={within} chosen={only} choose={setOnly} fault={saving.faultOf("/workspaces")} />
    </FormDialog>
  );
}

export const scopeWords = (client: Client): string =>
  client.scopes.map((scope) => s.scopes[scope][0]).join(", ") || s.noScopes;

function ClientRow({ client }: { client: Client }): JSX.Element {
  return (
    <li>
      <a href={clientHref(client.clientId)} class="admin-row">
        <Icon name="link" />
        <span class="row-main">
          <strong class="clamp" dir="auto">{client.name}</strong>
          <code class="hint">{client.clientId}</code>
        </span>
        <span class="row-facts hint">
          <span>{client.workspaces === null ? client.domain : client.workspaces.join(", ")}</span>
          <span>{scopeWords(client)}</span>
        </span>
        <span class="row-marks">{client.disabled && <span class="badge red">{s.disabled}</span>}</span>
      </a>
    </li>
  );
}

function ClientList({ account }: { account: Account }): JSX.Element {
  const [clients, reload] = useResource("clients", listClients);
  const [known] = useResource("known", () => loadKnown(account));
  const [typed, setTyped] = useState("");
  const [adding, setAdding] = useState(false);
  return (
    <>
      <SectionHead of={words.sections.clients}>
        <Adding name={s.add} act={() => setAdding(true)} />
      </SectionHead>
      <Rows
        of={clients}
        again={reload}
        label={words.sections.clients[0]}
        empty={s.empty}
        filter={<Entry label={s.find} type="search" value={typed} change={setTyped} />}
        fits={({ name, clientId, domain }) =>
          `${name} ${clientId} ${domain}`.toLowerCase().includes(typed.trim().toLowerCase())
        }
      >
        {(client) => <ClientRow key={client.clientId} client={client} />}
      </Rows>
      {adding && known.state === "ready" && (
        <AddDialog
          account={account}
          known={known.value}
          close={() => {
            setAdding(false);
            reload();
          }}
        />
      )}
    </>
  );
}

export default function ClientsPage({ rest, account }: PageProps): JSX.Element {
  const [id] = rest;
  return id === undefined ? <ClientList account={account} /> : <ClientPage key={id} id={id} />;
}
