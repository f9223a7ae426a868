// The forms of a workspace; and, at an address below, one of them.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useActions } from "../../actions";
import { listForms } from "../../api/places";
import { Dialog } from "../../components/dialog";
import { EmptyState } from "../../components/empty-state";
import { Entry, Select } from "../../components/entry";
import { Failure } from "../../components/failure";
import { Icon } from "../../components/icon";
import { Skeleton } from "../../components/skeleton";
import { AddButton, PageHead } from "../../components/page-head";
import { Reading } from "../../components/reading";
import type { PageProps } from "../../lazy";
import { usePage } from "../../page";
import { useResource } from "../../resource";
import { go, href } from "../../router";
import { s as words } from "../../strings/workshop";
import { s } from "../../strings/workshop-forms";
import { FormPage } from "./form-page";
import { managedWorkspaces, WorkspaceSelect } from "./parts";

const formHref = (workspace: string, name: string): string => href(["workshop", "forms", workspace, name]);

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
  const begin = (event: SubmitEvent): void => {
    event.preventDefault();
    const chosen = name.trim();
    if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(chosen)) return setFault(s.nameWrong);
    if (names.includes(chosen) && chosen !== "default") return setFault(s.nameTaken);
    go(href(["workshop", "forms", workspace, chosen], { from }));
  };
  return (
    <Dialog heading={s.make} close={close}>
      <form class="stack" noValidate onSubmit={begin}>
        <Entry label={s.name} value={name} change={setName} hint={s.nameHint} fault={fault} code first />
        <Select
          label={s.from}
          value={from}
          change={setFrom}
          options={[["", s.fromNothing], ...names.filter((one) => one !== "default").map((one) => [one, one] as const)]}
        />
        <button type="submit" class="button primary">
          {s.begin}
        </button>
      </form>
    </Dialog>
  );
}

function FormList({ workspace, keys }: { workspace: string; keys: readonly string[] }): JSX.Element {
  const heading = usePage(s.heading, "workshop forms");
  const [forms, reload] = useResource(`forms ${workspace}`, () => listForms(workspace));
  const [making, setMaking] = useState(false);
  useActions(words.keys, [{ does: s.make, keys: ["a"], act: () => setMaking(true) }]);
  return (
    <>
      <PageHead at={heading} title={s.heading} lead={s.lead}>
        <AddButton name={s.make} act={() => setMaking(true)} />
      </PageHead>
      <div class="line-form">
        <WorkspaceSelect
          label={s.workspace}
          keys={keys}
          value={workspace}
          change={(key) => go(href(["workshop", "forms", key]))}
        />
      </div>
      <Reading of={forms} again={reload} rows={3} />
      {forms.state === "ready" && (
        <ul class="rows admin-rows" aria-label={s.list}>
          {forms.value.map((form) => (
            <li key={form.name}>
              <a class="admin-row" href={formHref(workspace, form.name)}>
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
          ))}
        </ul>
      )}
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
  if (workspace === undefined) return <EmptyState title={s.noWorkspace} text={s.noWorkspaceHint} />;
  if (name !== undefined)
    return <FormPage key={`${workspace} ${name}`} workspace={workspace} name={name} query={query} />;
  return <FormList workspace={workspace} keys={keys.value} />;
}

export default Chosen;
