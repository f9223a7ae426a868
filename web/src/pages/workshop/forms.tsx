// The forms of a workspace; and, at an address below, one of them.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { listForms } from "../../api/places";
import { EmptyState } from "../../components/empty-state";
import { Entry, Select } from "../../components/entry";
import { FormDialog } from "../../components/form-dialog";
import { Failure } from "../../components/failure";
import { Icon } from "../../components/icon";
import { Skeleton } from "../../components/skeleton";
import type { PageProps } from "../../lazy";
import { useResource } from "../../resource";
import { go, href } from "../../router";
import { s as words } from "../../strings/workshop";
import { s } from "../../strings/workshop-forms";
import { FormPage } from "./form-page";
import { managedWorkspaces, WorkspaceSelect } from "./parts";
import { Adding, Rows } from "./rows";
import { SectionHead } from "./sectioned";

function MakeDialog({
  workspace,
  names,
  close,
}: {
  workspace: string;
  names: readonly string[];
  close: () => void;
}): JSX.Element {
  const [name, setName] = useState("");
  const [from, setFrom] = useState("");
  const [fault, setFault] = useState<string>();
  const begin = (): void => {
    const chosen = name.trim();
    if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(chosen)) return setFault(s.nameHint);
    if (names.includes(chosen) && chosen !== "default") return setFault(s.nameTaken);
    go(href(["workshop", "forms", workspace, chosen], { from }));
  };
  return (
    <FormDialog heading={s.make} button={s.begin} send={begin} sent={() => {}} close={close}>
        <Entry
          label={s.name}
          value={name}
          change={setName}
          {...(fault === undefined && { hint: s.nameHint })}
          fault={fault}
          code
          first
        />
        <Select
          label={s.from}
          value={from}
          change={setFrom}
          options={[["", s.fromNothing], ...names.filter((one) => one !== "default").map((one) => [one, one] as const)]}
        />
    </FormDialog>
  );
}

function FormList({ workspace, keys }: { workspace: string; keys: readonly string[] }): JSX.Element {
  const [forms, reload] = useResource(`forms ${workspace}`, () => listForms(workspace));
  const [making, setMaking] = useState(false);
  return (
    <>
      <SectionHead of={words.sections.forms}>
        <Adding name={s.make} act={() => setMaking(true)} />
      </SectionHead>
      <div class="line-form">
        <WorkspaceSelect
          label={s.workspace}
          keys={keys}
          value={workspace}
          change={(key) => go(href(["workshop", "forms", key]))}
        />
      </div>
      <Rows key={workspace} of={forms} again={reload} label={words.sections.forms[0]}>
        {(form) => (
          <li key={form.name}>
            <a class="admin-row" href={href(["workshop", "forms", workspace, form.name])}>
              <Icon name="records" />
              <span class="row-main">
                <strong class="clamp">{form.name}</strong>
              </span>
              <span class="row-facts hint">{s.version(form.version)}</span>
              <span class="row-marks">
                {form.default && <span class="badge accent">{s.isDefault}</span>}
                {form.name === "default" && form.version === 1 && <span class="badge">{s.builtIn}</span>}
                {form.disabled && <span class="badge red">{s.outOfUse}</span>}
              </span>
            </a>
          </li>
        )}
      </Rows>
      {making && (
        <MakeDialog
          workspace={workspace}
          names={forms.state === "ready" ? forms.value.map(({ name }) => name) : []}
          close={() => setMaking(false)}
        />
      )}
    </>
  );
}

function Chosen({ rest: [asked, name], query, scope, account }: PageProps): JSX.Element {
  const [keys, reload] = useResource("managed workspaces", () => managedWorkspaces(account));
  if (keys.state === "failed") return <Failure error={keys.error} retry={reload} />;
  if (keys.state === "loading") return <Skeleton />;
  const first = keys.value.find((key) => key === scope) ?? keys.value.find((key) => key.startsWith(scope));
  const workspace = asked ?? first ?? keys.value[0];
  if (workspace === undefined) return <EmptyState title={s.noWorkspace} text={words.askRole} />;
  if (name !== undefined)
    return <FormPage key={`${workspace} ${name}`} workspace={workspace} name={name} query={query} />;
  return <FormList workspace={workspace} keys={keys.value} />;
}

export default Chosen;
