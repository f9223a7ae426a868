// The tree of domains and workspaces that the account manages.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Account } from "../../api";
import {
  addDomain,
  addWorkspace,
  changeWorkspace,
  chooseDefaultForm,
  listDomains,
  listForms,
  listWorkspaces,
  type Workspace,
} from "../../api/places";
import { CopyButton } from "../../components/copy-button";
import { EmptyState } from "../../components/empty-state";
import { Entry, ownZone, Select, ZoneSelect } from "../../components/entry";
import { FormDialog } from "../../components/form-dialog";
import { Icon } from "../../components/icon";
import { Menu } from "../../components/menu";
import { AddButton } from "../../components/page-head";
import { Reading } from "../../components/reading";
import type { PageProps } from "../../lazy";
import { useKept, useResource } from "../../resource";
import { href } from "../../router";
import { mayManage } from "../../rights";
import { useSaving, useTyped } from "../../saving";
import { reloadScopes } from "../../scope";
import { createStore, useStore } from "../../store";
import { s as words } from "../../strings/workshop";
import { s } from "../../strings/workshop-places";
import { toast } from "../../toast";
import { sayRefused, sayUndo } from "./refused";
import { Adding } from "./rows";
import { SectionHead } from "./sectioned";

interface Node {
  key: string;
  depth: number;
  workspace: Workspace | null;
}

function treeOf(domains: readonly string[], workspaces: readonly Workspace[]): Node[] {
  const known = new Set(domains);
  const depthOf = (key: string): number =>
    key.split("-").filter((_, i, parts) => i > 0 && known.has(parts.slice(0, i).join("-"))).length;
  return [
    ...domains.map((key) => ({ key, depth: depthOf(key), workspace: null })),
    ...workspaces.map((workspace) => ({ key: workspace.key, depth: depthOf(workspace.key), workspace })),
  ].sort((a, b) => (a.key < b.key ? -1 : 1));
}

async function loadTree(account: Account): Promise<Node[]> {
  const [domains, workspaces] = await Promise.all([listDomains(), listWorkspaces()]);
  return treeOf(
    domains.map(({ key }) => key).filter((key) => mayManage(account, key)),
    workspaces.filter(({ key }) => mayManage(account, key)),
  );
}

/** What is being made or changed. */
type Open = { make: "domain" | "workspace"; within: string | null } | { change: string };

const clean = (key: string): string => key.trim().toUpperCase();

function MakeDialog({
  make,
  within,
  domains,
  close,
  made,
}: {
  make: "domain" | "workspace";
  within: string | null;
  domains: readonly string[];
  close: () => void;
  made: () => void;
}): JSX.Element {
  const [domain, setDomain] = useState(within ?? domains[0] ?? "");
  const [last, setLast] = useState("");
  const [name, setName] = useState("");
  const [timezone, setZone] = useState(ownZone());
  const saving = useSaving();
  const whole = make === "domain" && within === null;
  const key = whole ? clean(last) : `${domain}-${clean(last)}`;
  const send = async (): Promise<void> => {
    if (make === "domain") await addDomain(key);
    else await addWorkspace({ key, timezone, ...(name.trim() !== "" && { name: name.trim() }) });
    toast(s.added(key));
    made();
  };
  const heading = make === "domain" ? s.addDomain : s.addWorkspace;
  const fields = ["/key", "/name", "/timezone"];
  return (
    <FormDialog heading={heading} button={heading} close={close} saving={saving} fields={fields} send={send}>
        {make === "workspace" && within === null && (
          <Select label={words.domain} value={domain} change={setDomain} options={domains.map((one) => [one, one])} />
        )}
        <Entry
          label={whole ? s.key : s.lastPart}
          value={last}
          change={setLast}
          hint={whole ? s.domainHint : s.lastPartHint(`${domain}-${clean(last) || "…"}`)}
          fault={saving.faultOf("/key")}
          code
          first
        />
        {make === "workspace" && (
          <>
            <Entry label={s.name} value={name} change={setName} hint={s.nameHint} fault={saving.faultOf("/name")} />
            <ZoneSelect
              label={s.zone}
              value={timezone}
              change={setZone}
              hint={s.zoneHint}
              fault={saving.faultOf("/timezone")}
            />
          </>
        )}
    </FormDialog>
  );
}

/** Counts what was chosen: an undo may arrive when the dialog is another one. */
const choices = createStore(0);

/** Which form judges what names none: changed at once. */
function DefaultForm({ workspace }: { workspace: Workspace }): JSX.Element | null {
  const [read] = useResource(`forms ${workspace.key} ${useStore(choices)}`, () => listForms(workspace.key));
  const forms = useKept(read);
  if (forms === null) return null;
  const reload = (): void => choices.set(choices.get() + 1);
  const now = forms.find((one) => one.default)?.name ?? "default";
  const choose = async (name: string, undo?: string): Promise<void> => {
    try {
      await chooseDefaultForm(workspace.key, name);
      reload();
      toast(s.changed(workspace.key), undo === undefined ? undefined : () => choose(undo));
    } catch (error) {
      sayRefused(error);
      reload();
    }
  };
  const names = forms.filter(({ disabled, name }) => !disabled || name === now).map(({ name }) => name);
  return (
    <Select
      label={s.defaultForm}
      value={now}
      change={(name) => void choose(name, now)}
      options={names.map((name) => [name, name])}
      hint={s.defaultFormHint}
    />
  );
}

function ChangeDialog({
  workspace,
  close,
  changed,
}: {
  workspace: Workspace;
  close: () => void;
  changed: () => void;
}): JSX.Element {
  const [{ name, timezone }, type] = useTyped(workspace);
  const saving = useSaving();
  // Refused, it may be another by now: what was typed is for that.
  const send = async (): Promise<void> => {
    const now = await changeWorkspace(workspace, { name: name.trim(), timezone }).finally(changed);
    const before = { name: workspace.name, timezone: workspace.timezone };
    sayUndo(s.changed(workspace.key), () => changeWorkspace(now, before), changed);
  };
  const fields = ["/name", "/timezone"];
  return (
    <FormDialog heading={s.change(workspace.key)} close={close} saving={saving} fields={fields} send={send}>
      <Entry
        label={s.name}
        value={name}
        change={(to) => type({ name: to })}
        fault={saving.faultOf("/name")}
        first
      />
      <ZoneSelect
        label={s.zone}
        value={timezone}
        change={(zone) => type({ timezone: zone })}
        hint={s.zoneHint}
        fault={saving.faultOf("/timezone")}
      />
      <DefaultForm workspace={workspace} />
    </FormDialog>
  );
}

function Row({ node, open }: { node: Node; open: (what: Open) => void }): JSX.Element {
  const { key, depth, workspace } = node;
  return (
    <li class={`line tree-row depth-${Math.min(depth, 5)}`}>
      <Icon name={workspace ? "workspace" : "domain"} />
      <span class="tree-name">
        {workspace && workspace.name !== key && <bdi>{workspace.name}</bdi>}
        <code>{key}</code>
      </span>
      <CopyButton text={key} label={s.copyKey(key)} class="button tiny" />
      {workspace ? (
        <>
          <span class="tree-zone hint">{workspace.timezone}</span>
          <a class="button quiet" href={href(["workshop", "forms", key])} aria-label={s.formsOf(key)}>
            {words.sections.forms[0]}
          </a>
          <button
            type="button"
            class="button quiet"
            aria-label={s.change(key)}
            onClick={() => open({ change: key })}
          >
            {words.edit}
          </button>
        </>
      ) : (
        <span class="tree-menu">
          <Menu
            label={s.addBelow(key)}
            look="button icon-only"
            button={<Icon name="plus" />}
            items={[
              { name: s.workspaceHere, icon: "workspace", act: () => open({ make: "workspace", within: key }) },
              { name: s.domainHere, icon: "domain", act: () => open({ make: "domain", within: key }) },
            ]}
          />
        </span>
      )}
    </li>
  );
}

export default function PlacesPage({ account }: PageProps): JSX.Element {
  const [tree, reload] = useResource("places", () => loadTree(account));
  const shown = useKept(tree);
  const [open, setOpen] = useState<Open | null>(null);
  const nodes = shown ?? [];
  const changing = nodes.find((one) => open !== null && "change" in open && one.workspace?.key === open.change);
  const domains = nodes.filter(({ workspace }) => workspace === null).map(({ key }) => key);
  const again = (): void => {
    reloadScopes();
    reload();
  };

  return (
    <>
      <SectionHead of={words.sections.workspaces}>
        {account.admin && (
          <AddButton name={s.addDomain} act={() => setOpen({ make: "domain", within: null })} look="button" />
        )}
        {domains.length > 0 && (
          <Adding name={s.addWorkspace} act={() => setOpen({ make: "workspace", within: null })} />
        )}
      </SectionHead>
      <Reading of={tree} again={reload} kept={shown !== null} />
      {shown !== null && nodes.length === 0 && (
        <EmptyState
          title={account.admin ? words.noDomain : s.noDomain}
          text={account.admin ? s.emptyHint : words.askRole}
        />
      )}
      {nodes.length > 0 && (
        <ul class="rows tree" aria-label={words.sections.workspaces[0]}>
          {nodes.map((node) => (
            <Row key={node.key} node={node} open={setOpen} />
          ))}
        </ul>
      )}
      {open !== null && "make" in open && (
        <MakeDialog {...open} domains={domains} close={() => setOpen(null)} made={again} />
      )}
      {changing?.workspace && (
        <ChangeDialog workspace={changing.workspace} close={() => setOpen(null)} changed={again} />
      )}
    </>
  );
}
