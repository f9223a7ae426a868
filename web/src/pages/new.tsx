// A new record by the form of its workspace: every field that the form has, and each fault at its field.
import type { JSX } from "preact";
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { announce } from "../announce";
import { newKey, Problem, todoTypes, type Account, type Fault, type TodoType } from "../api";
import { listForms } from "../api/places";
import { readForm } from "../api/record";
import { addRecord, checkRecord, readSchema } from "../api/records";
import { DateField } from "../components/date-field";
import { EmptyState } from "../components/empty-state";
import { Failure, wordsOf } from "../components/failure";
import { Person } from "../components/person";
import { PersonPicker } from "../components/picker";
import { Skeleton } from "../components/skeleton";
import { useDraft } from "../drafts";
import { formatMoment } from "../format";
import { language } from "../language";
import type { PageProps } from "../lazy";
import { usePage } from "../page";
import { learnPeople } from "../people";
import { useResource } from "../resource";
import { mayWrite } from "../rights";
import { correct, go, href, recordHref } from "../router";
import { loadScopes, scope, type ScopeNode } from "../scope";
import { s } from "../strings/records";
import { choiceName, s as shared, typeName } from "../strings/shared";
import { toast } from "../toast";
import { fieldsOf, reportOf, type Field, type Known, type Values } from "./new-fields";

export default function NewPage({ query, account }: PageProps): JSX.Element {
  const heading = usePage(s.fullTitle, "new");
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
        {s.fullTitle}
      </h1>
      {scopes.state === "loading" && <Skeleton />}
      {scopes.state === "failed" && <Failure error={scopes.error} retry={retry} />}
      {scopes.state === "ready" && workspaces.length === 0 && <EmptyState title={s.fullNone} />}
      {workspaces.length > 0 && (
        <>
          <div class="field new-where">
            <label for="new-workspace">{s.fullWhere}</label>
            <select
              id="new-workspace"
              value={workspace?.key ?? ""}
              onChange={(event) => set("workspace", event.currentTarget.value)}
            >
              {workspace === undefined && <option value="">{s.fullChoose}</option>}
              {workspaces.map(({ key, name }) => (
                <option key={key} value={key}>
                  {name === "" || name === key ? key : `${name} (${key})`}
                </option>
              ))}
            </select>
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
  if (loaded.state === "loading") return <Skeleton />;
  if (loaded.state === "failed") return <Failure error={loaded.error} retry={retry} />;
  const { forms, name, schema, known } = loaded.value;
  const types = todoTypes.filter((type) => schema.properties?.["todoType"]?.enum?.includes(type) ?? true);
  const preset = schema.properties?.["todoType"]?.default;
  const type =
    types.find((one) => one === (query.get("type") ?? preset)?.toString().toUpperCase()) ?? types[0] ?? "INCIDENT";
  return (
    <>
      <div class="line new-choices">
        {forms.length > 1 && (
          <div class="field">
            <label for="new-form">{s.fullForm}</label>
            <select id="new-form" value={name} onChange={(event) => set("form", event.currentTarget.value)}>
              {forms.map((form) => (
                <option key={form.name} value={form.name}>
                  {form.name === "default" ? s.fullUsual : (form.title ?? form.name)}
                </option>
              ))}
            </select>
          </div>
        )}
        {types.length > 1 && (
          <fieldset>
            <legend>{s.fullType}</legend>
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

const own = ["workspace", "type", "form", "check", "in"];

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
  const [since, setSince] = useState(draft.at);
  const summary = useRef<HTMLDivElement>(null);
  const key = useMemo(newKey, []);
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
        const of = fields.find(({ name: member }) => member === memberOf(fault));
        return of && fault.detail.startsWith(`${of.name} `)
          ? { ...fault, detail: of.label + fault.detail.slice(of.name.length) }
          : fault;
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
    draft.change(JSON.stringify(filled));
    setSince("");
    if (since !== "") toast(s.fullReplaced, () => draft.change(draft.text));
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
      {since !== "" && (
        <p class="note">
          {s.fullDraft} {formatMoment(since)}.{" "}
          <button
            type="button"
            class="button quiet"
            onClick={() => {
              draft.discard();
              setSince("");
              focusField(fields[0]?.name ?? "");
            }}
          >
            {s.fullDiscard}
          </button>
        </p>
      )}
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
          {s.cancel}
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
  const place = document.getElementById(`new-${name}`);
  const control = place?.matches("input, textarea, select, button")
    ? place
    : place?.querySelector<HTMLElement>("input, textarea, select, button");
  control?.focus();
}

interface FormFieldProps {
  field: Field;
  value: string;
  change: (value: string) => void;
  faults: Fault[];
  workspace: string;
}

function FormField({ field, value, change, faults, workspace }: FormFieldProps): JSX.Element {
  const hints = useId();
  const { name, label, help, required, control, maxLength } = field;
  const id = `new-${name}`;
  const common = {
    id,
    "aria-invalid": faults.length > 0,
    "aria-describedby": hints,
    "aria-required": required,
    ...(maxLength > 0 && { maxLength }),
  };
  const type = (event: { currentTarget: { value: string } }): void => change(event.currentTarget.value);
  const title = (
    <>
      {label} {!required && <span class="hint">({s.fullOptional})</span>}
    </>
  );
  const under = (
    <div id={hints}>
      {faults.map((fault) => (
        <p key={fault.code} class="fault-text">
          {fault.detail}
        </p>
      ))}
      {help !== "" && <p class="hint">{help}</p>}
      {control.kind === "list" && <p class="hint">{s.fullList}</p>}
    </div>
  );
  if (control.kind === "date")
    return (
      <div id={id} class={faults.length > 0 ? "new-field wrong" : "new-field"}>
        <DateField label={title} value={value === "" ? null : value} change={(day) => change(day ?? "")} />
        {under}
      </div>
    );
  if (control.kind === "person")
    return (
      <div id={id} class="new-field field">
        <span class="field-name">{title}</span>
        <PersonPicker
          label={label}
          look="button"
          button={value === "" ? shared.choose : <Person email={value} />}
          workspace={workspace}
          chosen={value}
          choose={change}
        />
        {under}
      </div>
    );
  if (control.kind === "choices") {
    const chosen = value
      .split(",")
      .map((one) => one.trim())
      .filter(Boolean);
    return (
      <fieldset id={id} class="new-field field" aria-describedby={hints}>
        <legend>{title}</legend>
        <div class="line">
          {control.options.map((option) => (
            <label key={option.value} class="pill">
              <input
                type="checkbox"
                checked={chosen.includes(option.value)}
                onChange={(event) =>
                  change(
                    (event.currentTarget.checked
                      ? [...chosen, option.value]
                      : chosen.filter((one) => one !== option.value)
                    ).join(", "),
                  )
                }
              />
              <span>{option.label}</span>
            </label>
          ))}
        </div>
        {under}
      </fieldset>
    );
  }
  const options =
    control.kind === "choice"
      ? control.options
      : [
          { value: "true", label: s.yes },
          { value: "false", label: s.no },
        ];
  return (
    <div class={control.kind === "long" ? "new-field field long" : "new-field field"}>
      <label for={id}>{title}</label>
      {control.kind === "long" ? (
        <textarea {...common} rows={name === "description" ? 6 : 3} value={value} onInput={type} />
      ) : control.kind === "choice" || control.kind === "boolean" ? (
        <select {...common} value={value} onChange={type}>
          <option value="">–</option>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {choiceName(option.label)}
            </option>
          ))}
        </select>
      ) : control.kind === "time" ? (
        <input {...common} type="datetime-local" value={value} onInput={type} />
      ) : (
        <input
          {...common}
          {...((control.kind === "money" || control.kind === "number") && { inputMode: "decimal" as const })}
          autocomplete="off"
          value={value}
          onInput={type}
        />
      )}
      {under}
    </div>
  );
}
