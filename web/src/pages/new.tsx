// A new record by the form of its workspace: every field that the form has, and each fault at its field.
import type { JSX } from "preact";
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { announce } from "../announce";
import { newKey, Problem, todoTypes, type Account, type Fault, type TodoType } from "../api";
import { noteAction } from "../api/meetings";
import { listForms } from "../api/places";
import { readForm } from "../api/record";
import { addRecord, changeRecord, checkRecord, readSchema } from "../api/records";
import { DateField } from "../components/date-field";
import { DraftNote } from "../components/draft-note";
import { EmptyState } from "../components/empty-state";
import { Entry, Notes, Select } from "../components/entry";
import { wordsOf } from "../components/failure";
import { Person } from "../components/person";
import { PersonPicker } from "../components/picker";
import { Reading } from "../components/reading";
import { useDraft } from "../drafts";
import { readList } from "../format";
import { language } from "../language";
import type { PageProps } from "../lazy";
import { usePage } from "../page";
import { learnPeople } from "../people";
import { useResource } from "../resource";
import { mayWrite } from "../rights";
import { correct, go, href, recordHref } from "../router";
import { loadScopes, longName, scope, type ScopeNode } from "../scope";
import { faultText } from "../strings/failure";
import { memberName } from "../strings/members";
import { s } from "../strings/records";
import { choiceName, s as shared, typeName } from "../strings/shared";
import { toast } from "../toast";
import { fieldsOf, reportOf, type Field, type Known, type Values } from "./new-fields";

const yesOrNo = [
  { value: "true", label: s.yes },
  { value: "false", label: s.no },
];

export default function NewPage({ query, account }: PageProps): JSX.Element {
  const heading = usePage(s.quick, "new");
  const [scopes, retry] = useResource("scopes", loadScopes);
  const all = scopes.state === "ready" ? scopes.value : [];
  const workspaces = all.filter(({ kind, key }) => kind === "workspace" && mayWrite(account, key));
  const within = workspaces.filter(({ key }) => scope.get() === "" || `${key}-`.startsWith(`${scope.get()}-`));
  const asked = query.get("workspace")?.toUpperCase() ?? "";
  const workspace =
    workspaces.find(({ key }) => key === asked) ?? (asked === "" && within.length === 1 ? within[0] : undefined);
  const set = (name: string, value: string): void => {
    const to = new URLSearchParams(query);
    to.set(name, value);
    if (name === "workspace") to.delete("form");
    correct(href(["new"], to));
  };
  return (
    <div class="page new-page">
      <h1 ref={heading} tabIndex={-1}>
        {s.quick}
      </h1>
      <Reading of={scopes} again={retry} />
      {scopes.state === "ready" && workspaces.length === 0 && <EmptyState title={s.fullNone} />}
      {workspaces.length > 0 && (
        <>
          <div class="new-where">
            <Select
              label={memberName("workspace")}
              value={workspace?.key ?? ""}
              change={(key) => set("workspace", key)}
              options={[
                ...(workspace === undefined ? [["", s.fullChoose] as const] : []),
                ...workspaces.map((one) => [one.key, longName(one)] as const),
              ]}
            />
          </div>
          {workspace && <ByForm key={workspace.key} workspace={workspace} account={account} query={query} set={set} />}
        </>
      )}
    </div>
  );
}

interface ByFormProps {
  workspace: ScopeNode;
  account: Account;
  query: URLSearchParams;
  set: (name: string, value: string) => void;
}

/** The form that was asked for, or the one that judges what names none. */
function ByForm({ workspace, account, query, set }: ByFormProps): JSX.Element {
  const asked = query.get("form") ?? "";
  const [loaded, retry] = useResource(`${workspace.key} ${asked}`, async () => {
    const forms = (await listForms(workspace.key)).filter(({ disabled }) => !disabled);
    const name =
      forms.find((form) => form.name === asked)?.name ?? forms.find((form) => form.default)?.name ?? "default";
    const [schema, { fields = [] }] = await Promise.all([
      readSchema(workspace.key, name, language),
      readForm(workspace.key, name),
    ]);
    return { forms, name, schema, known: fields as Known[] };
  });
  useEffect(() => learnPeople(workspace.key), [workspace.key]);
  if (loaded.state !== "ready") return <Reading of={loaded} again={retry} />;
  const { forms, name, schema, known } = loaded.value;
  const types = todoTypes.filter((type) => schema.properties?.["todoType"]?.enum?.includes(type) ?? true);
  const preset = schema.properties?.["todoType"]?.default;
  const type =
    types.find((one) => one === (query.get("type") ?? preset)?.toString().toUpperCase()) ?? types[0] ?? "INCIDENT";
  return (
    <>
      <div class="line new-choices">
        {forms.length > 1 && (
          <Select
            label={memberName("form")}
            value={name}
            change={(form) => set("form", form)}
            options={forms.map(({ name: one, title }) => [one, one === "default" ? s.fullUsual : (title ?? one)])}
          />
        )}
        {types.length > 1 && (
          <fieldset>
            <legend>{memberName("todoType")}</legend>
            <div class="line">
              {types.map((one) => (
                <label key={one} class="pill">
                  <input type="radio" name="new-type" checked={one === type} onChange={() => set("type", one)} />
                  <span>{typeName(one)}</span>
                </label>
              ))}
            </div>
          </fieldset>
        )}
      </div>
      <FullForm
        key={name}
        workspace={workspace}
        form={forms.find((one) => one.name === name)?.default === true ? "" : name}
        name={name}
        type={type}
        fields={fieldsOf(schema, known, type)}
        account={account}
        query={query}
      />
    </>
  );
}

interface FullFormProps {
  workspace: ScopeNode;
  /** Empty: the workspace's default. */
  form: string;
  name: string;
  type: TodoType;
  fields: Field[];
  account: Account;
  query: URLSearchParams;
}

const own = ["workspace", "type", "form", "check", "in", "parent", "session"];

function readValues(text: string): Values {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null ? (read as Values) : {};
  } catch {
    return {};
  }
}

function FullForm({ workspace, form, name, type, fields, account, query }: FullFormProps): JSX.Element {
  const draft = useDraft(`new ${workspace.key}`, name, "{}");
  const [faults, setFaults] = useState<readonly Fault[]>([]);
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);
  const summary = useRef<HTMLDivElement>(null);
  // What was changed since is another report.
  const key = useMemo(newKey, [draft.text, type]);
  const values: Values = { reporter: account.email, ...readValues(draft.text) };
  const report = (from: Values): Record<string, unknown> => ({
    ...reportOf(fields, from),
    todoType: type,
    domainWorkSpace: workspace.key,
  });
  const failed = (error: unknown): void => {
    if (!(error instanceof Problem)) return setFailure(wordsOf(error));
    // By the label, where the server says the member's name.
    setFaults(
      error.faults.map((fault) => {
        const label = fields.find(({ name: member }) => member === memberOf(fault))?.label;
        return { ...fault, detail: faultText(fault, label) };
      }),
    );
    setFailure(error.faults.length === 0 ? error.detail || error.title : "");
    announce(s.fullFaults(error.faults.length));
  };

  // Before a key can come: after painting, what is typed first would be undone.
  useLayoutEffect(() => {
    // What came with the address is a draft from now on, and what it still lacks is shown at once.
    const given = [...query].filter(([member]) => !own.includes(member));
    if (given.length === 0) return;
    const filled: Values = { reporter: account.email, ...Object.fromEntries(given) };
    draft.discard();
    draft.change(JSON.stringify(filled));
    if (draft.from !== null) toast(s.fullReplaced, () => draft.change(draft.text));
    const left = new URLSearchParams([...query].filter(([member]) => own.includes(member) && member !== "check"));
    correct(href(["new"], left));
    if (query.get("check") === "true") checkRecord(form, report(filled)).catch(failed);
  }, []);

  const change = (member: string, value: string): void => {
    draft.change(JSON.stringify({ ...values, [member]: value }));
    // What is being corrected is no longer said to be wrong.
    setFaults(faults.filter((fault) => memberOf(fault) !== member));
  };
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    // An unreadable date says so in its field.
    if (busy || !(event.currentTarget as HTMLFormElement).checkValidity()) return;
    setBusy(true);
    setFailure("");
    try {
      const made = await addRecord(report(values), key, form);
      // Sent again after a lost answer, both come to the same.
      const parent = query.get("parent");
      if (parent !== null) await changeRecord(made, null, { parent });
      // Of a stand-up, whose minutes name it. One that is over has been told all it can be.
      const [id, session] = query.get("session")?.split("/") ?? [];
      if (id && session) await noteAction({ id, session }, parent, made, String(values.title)).catch(() => {});
      draft.discard();
      go(recordHref(made));
      toast(s.quickDone(made));
    } catch (error) {
      failed(error);
      setBusy(false);
      requestAnimationFrame(() => summary.current?.focus());
    }
  };
  const shown = new Set(fields.map((field) => field.name));
  const first = fields.filter(({ required }) => required);
  const more = fields.filter(({ required }) => !required);
  const row = (field: Field): JSX.Element => (
    <FormField
      key={field.name}
      field={field}
      value={values[field.name] ?? field.preset}
      change={(value) => change(field.name, value)}
      faults={faults.filter((fault) => memberOf(fault) === field.name)}
      workspace={workspace.key}
    />
  );
  return (
    <form class="stack new-form" noValidate onSubmit={(event) => void send(event)}>
      <DraftNote
        draft={draft}
        discard={() => {
          draft.discard();
          focusField(fields[0]?.name ?? "");
        }}
      />
      {(faults.length > 0 || failure !== "") && (
        <div ref={summary} class="fault-box stack" tabIndex={-1} role="alert">
          <p>{failure || s.fullFaults(faults.length)}</p>
          {faults.length > 0 && (
            <ul class="points">
              {faults.map((fault) => (
                <li key={`${fault.pointer} ${fault.code}`}>
                  {shown.has(memberOf(fault)) ? (
                    <button type="button" class="link" onClick={() => focusField(memberOf(fault))}>
                      {fault.detail}
                    </button>
                  ) : (
                    fault.detail
                  )}
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
      <div class="card stack">{first.map(row)}</div>
      <div class="card stack two">{more.map(row)}</div>
      <div class="line">
        <button type="submit" class="button primary" aria-disabled={busy}>
          {busy ? s.fullSending : s.fullSend}
        </button>
        <a class="button" href="#/todo">
          {shared.cancel}
        </a>
      </div>
    </form>
  );
}

/** "/orderID/2" is about orderID. */
function memberOf({ pointer }: Fault): string {
  return (pointer.split("/")[1] ?? "").replace(/~1/g, "/").replace(/~0/g, "~");
}

function focusField(name: string): void {
  document.querySelector<HTMLElement>(`#new-${CSS.escape(name)} :is(input, textarea, select, button)`)?.focus();
}

interface FormFieldProps {
  field: Field;
  value: string;
  change: (value: string) => void;
  faults: Fault[];
  workspace: string;
}

function FormField({ field, value, change, faults, workspace }: FormFieldProps): JSX.Element {
  const id = useId();
  const { name, label, help, required, control } = field;
  const { kind } = control;
  const title = (
    <>
      {label} {!required && <span class="hint">({s.fullOptional})</span>}
    </>
  );
  const hint = [help, kind === "list" && shared.commas].filter(Boolean).join(" ") || undefined;
  const fault = faults.map(({ detail }) => detail).join(" ") || undefined;
  const typed = { label: title, hint, fault, value, change, "aria-required": required };
  const inside = (): JSX.Element => {
    switch (kind) {
      case "date":
        return <DateField label={title} value={value === "" ? null : value} change={(day) => change(day ?? "")} />;
      case "person":
        return (
          <div class="field">
            <span class="field-name">{title}</span>
            <PersonPicker
              label={label}
              look="button"
              button={value === "" ? shared.choose : <Person email={value} />}
              workspace={workspace}
              chosen={value}
              choose={change}
            />
          </div>
        );
      case "choices": {
        const chosen = readList(value);
        return (
          <fieldset class="field" aria-describedby={hint && `${id}-hint`}>
            <legend>{title}</legend>
            <div class="line">
              {control.options.map((option) => (
                <label key={option.value} class="pill">
                  <input
                    type="checkbox"
                    checked={chosen.includes(option.value)}
                    onChange={(event) => {
                      const others = chosen.filter((one) => one !== option.value);
                      change([...others, ...(event.currentTarget.checked ? [option.value] : [])].join(", "));
                    }}
                  />
                  <span>{option.label}</span>
                </label>
              ))}
            </div>
          </fieldset>
        );
      }
      case "choice":
      case "boolean": {
        const options = kind === "choice" ? control.options : yesOrNo;
        const named = options.map((option) => [option.value, choiceName(option.label)] as const);
        return <Select {...typed} options={[["", "–"], ...named]} />;
      }
      default:
        return (
          <Entry
            {...typed}
            type={kind === "time" ? "datetime-local" : "text"}
            rows={kind !== "long" ? undefined : name === "description" ? 6 : 3}
            inputMode={kind === "money" || kind === "number" ? "decimal" : undefined}
          />
        );
    }
  };
  const noted = ["date", "person", "choices"].includes(kind);
  return (
    <div id={`new-${name}`} class={`new-field${kind === "long" ? " long" : ""}${fault ? " wrong" : ""}`}>
      {inside()}
      {noted && <Notes id={id} hint={hint} fault={fault} />}
    </div>
  );
}
