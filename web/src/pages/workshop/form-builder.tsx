// The document of a form, filled in by hand. Members that are left empty are left out, so that the
// document says only what differs from the built-in form; what it does not know stays as it is.
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { announce } from "../../announce";
import { levels, type Fault } from "../../api";
import type { FormDocument, FormField, Label } from "../../api/forms";
import { Check, Entry, Select } from "../../components/entry";
import { fieldName } from "../../strings/members";
import { levelName } from "../../strings/shared";
import { s } from "../../strings/workshop-forms";
import { toast } from "../../toast";
import { FieldEditor, FieldMarks } from "./form-field";
import { fieldTitle, isMember, memberKinds } from "./form-words";
import { LinesArea } from "./parts";

/** The document without that member, or with it. */
export function withMember<T extends object, K extends keyof T>(of: T, member: K, value: T[K] | undefined): T {
  const { [member]: _, ...rest } = of;
  return (value === undefined ? rest : { ...of, [member]: value }) as T;
}

const within = (fault: Fault, pointer: string): boolean =>
  fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`);

export const faultAt = (faults: readonly Fault[], pointer: string): string | undefined =>
  faults.find((fault) => within(fault, pointer))?.detail;

/** A label in both languages of the interface; others that it has stay. */
export function LabelEntries({
  what,
  label,
  change,
  fault,
}: {
  what: string;
  label: Label | undefined;
  change: (label: Label | undefined) => void;
  fault?: string | undefined;
}): JSX.Element {
  const texts: Record<string, string> = typeof label === "string" ? { en: label } : (label ?? {});
  const set = (language: string, text: string): void => {
    const { [language]: _, ...others } = texts;
    const next = text === "" ? others : { ...texts, [language]: text };
    const names = Object.keys(next);
    if (names.length === 0) change(undefined);
    else if (names.length === 1 && names[0] === "en" && typeof label !== "object") change(next["en"] as string);
    else change(next);
  };
  return (
    <div class="field-row">
      <Entry
        label={`${what} ${s.english}`}
        value={texts["en"] ?? ""}
        change={(text) => set("en", text)}
        fault={fault}
      />
      <Entry label={`${what} ${s.dutch}`} value={texts["nl"] ?? ""} change={(text) => set("nl", text)} />
    </div>
  );
}

interface BuilderProps {
  document: FormDocument;
  change: (document: FormDocument) => void;
  faults: readonly Fault[];
}

/** Several names of a list. */
function NameChecks({
  legend,
  names,
  chosen,
  change,
  fault,
}: {
  legend: string;
  names: readonly (readonly [name: string, title: string])[];
  chosen: readonly string[];
  change: (chosen: string[]) => void;
  fault?: string | undefined;
}): JSX.Element {
  // What is chosen and not in the list can be taken away.
  const others = chosen.filter((one) => !names.some(([name]) => name === one));
  const all = [...names, ...others.map((one) => [one, one] as const)];
  return (
    <fieldset class="line">
      <legend>{legend}</legend>
      {all.map(([name, title]) => (
        <label key={name} class="pill">
          <input
            type="checkbox"
            checked={chosen.includes(name)}
            onChange={() => change(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name])}
          />
          <span>{title}</span>
        </label>
      ))}
      {fault !== undefined && <p class="hint fault-text">{fault}</p>}
    </fieldset>
  );
}

export const listOrNone = <T,>(list: T[]): T[] | undefined => (list.length === 0 ? undefined : list);

function General({ document, change, faults }: BuilderProps): JSX.Element {
  const set = <K extends keyof FormDocument>(member: K, value: FormDocument[K] | undefined): void =>
    change(withMember(document, member, value));
  const inviting = typeof document.unknownReporter === "object" ? document.unknownReporter.invite : [];
  return (
    <details class="card builder-part">
      <summary>{s.general}</summary>
      <div class="stack">
        <LabelEntries
          what={s.title}
          label={document.title}
          change={(to) => set("title", to)}
          fault={faultAt(faults, "/title")}
        />
        <LabelEntries
          what={s.help}
          label={document.help}
          change={(to) => set("help", to)}
          fault={faultAt(faults, "/help")}
        />
        <Select
          label={s.type}
          value={document.todoType ?? ""}
          change={(to) => set("todoType", (to || undefined) as FormDocument["todoType"])}
          options={[["", s.typeFree], ["INCIDENT", s.incidents], ["TASK", s.tasks]]}
          fault={faultAt(faults, "/todoType")}
        />
        <Check
          label={s.asDefault}
          checked={document.default === true}
          change={(to) => set("default", to || undefined)}
        />
        <Check
          label={s.disabled}
          checked={document.disabled === true}
          change={(to) => set("disabled", to || undefined)}
        />
        {faultAt(faults, "/default") !== undefined && <p class="fault-text">{faultAt(faults, "/default")}</p>}
        <div class="field-row">
          <Select
            label={s.unknown}
            value={document.unknownMembers ?? "keep"}
            change={(to) => set("unknownMembers", to === "keep" ? undefined : "refuse")}
            options={[["keep", s.unknownKeep], ["refuse", s.unknownRefuse]]}
          />
          <Select
            label={s.other}
            value={document.otherType ?? "accept"}
            change={(to) => set("otherType", to === "accept" ? undefined : "refuse")}
            options={[["accept", s.otherAccept], ["refuse", s.otherRefuse]]}
            hint={s.otherHint}
          />
        </div>
        <LinesArea
          label={s.accounts}
          lines={document.accounts ?? []}
          change={(lines) => set("accounts", listOrNone(lines))}
          hint={s.accountsHint}
          fault={faultAt(faults, "/accounts")}
        />
        <LinesArea
          label={s.invite}
          lines={inviting}
          change={(invite) => set("unknownReporter", invite.length === 0 ? undefined : { invite })}
          hint={s.inviteHint}
          fault={faultAt(faults, "/unknownReporter")}
        />
      </div>
    </details>
  );
}

function fieldNames(document: FormDocument, also: readonly string[]): (readonly [string, string])[] {
  const added = (document.fields ?? []).filter(({ name }) => name !== "" && !isMember(name));
  return [
    ...also.map((name) => [name, fieldName(name)] as const),
    ...added.map((field) => [field.name, fieldTitle(field)] as const),
  ];
}

function Repeats({ document, change, faults }: BuilderProps): JSX.Element {
  const { dedup } = document;
  type Dedup = NonNullable<typeof dedup>;
  const set = (next: Dedup | undefined): void => change(withMember(document, "dedup", next));
  return (
    <details class="card builder-part">
      <summary>{s.dedup}</summary>
      <div class="stack">
        <Select
          label={s.dedupThen}
          value={dedup?.then ?? ""}
          change={(to) =>
            set(to === "" ? undefined : { ...(dedup ?? { by: ["orderID"] }), then: to as Dedup["then"] })
          }
          options={[
            ["", s.dedupOff],
            ["answer", s.dedupAnswer],
            ["occurrence", s.dedupOccurrence],
            ["refuse", s.dedupRefuse],
          ]}
          fault={faultAt(faults, "/dedup/then")}
        />
        {dedup && (
          <>
            <NameChecks
              legend={s.dedupBy}
              names={fieldNames(document, ["title", "orderID", "LRN", "category", "subCategory", "reporter"])}
              chosen={dedup.by}
              change={(by) => set({ ...dedup, by })}
              fault={faultAt(faults, "/dedup/by")}
            />
            <Check
              label={s.across}
              checked={dedup.acrossSources === true}
              change={(to) => set(withMember(dedup, "acrossSources", to || undefined))}
            />
          </>
        )}
      </div>
    </details>
  );
}

function Closing({ document, change, faults }: BuilderProps): JSX.Element {
  const { needToClose = [], confirmClose } = document;
  const some = typeof confirmClose === "object" ? confirmClose : null;
  const [choosing, setChoosing] = useState(false);
  const set = (next: FormDocument["confirmClose"] | undefined): void =>
    change(withMember(document, "confirmClose", next));
  const setSome = (amount: string, priority: NonNullable<NonNullable<typeof some>["priority"]>): void => {
    const next = { ...(amount !== "" && { financialImpact: amount }), ...(priority.length > 0 && { priority }) };
    setChoosing(true);
    set(Object.keys(next).length > 0 ? next : undefined);
  };
  const amount = some?.financialImpact === undefined ? "" : String(some.financialImpact);
  const priority = some?.priority ?? [];
  return (
    <details class="card builder-part">
      <summary>{s.closing}</summary>
      <div class="stack">
        <NameChecks
          legend={s.needToClose}
          names={fieldNames(document, ["result", "cause", "category", "financialImpact", "impact", "likelihood"])}
          chosen={needToClose}
          change={(list) => change(withMember(document, "needToClose", listOrNone(list)))}
          fault={faultAt(faults, "/needToClose")}
        />
        <Select
          label={s.confirm}
          value={confirmClose === "always" ? "always" : some || choosing ? "some" : "never"}
          change={(to) => {
            setChoosing(to === "some");
            if (to !== "some" || confirmClose === "always") set(to === "always" ? "always" : undefined);
          }}
          options={[["never", s.confirmNever], ["always", s.confirmAlways], ["some", s.confirmSome]]}
        />
        {confirmClose !== "always" && (some !== null || choosing) && (
          <>
            <Entry
              label={s.confirmAmount}
              value={amount}
              change={(text) => setSome(text.trim(), priority)}
              fault={faultAt(faults, "/confirmClose/financialImpact")}
            />
            <NameChecks
              legend={s.confirmPriority}
              names={levels.map((level) => [level, levelName(level)])}
              chosen={priority}
              change={(list) => setSome(amount, list as typeof priority)}
              fault={faultAt(faults, "/confirmClose/priority")}
            />
          </>
        )}
      </div>
    </details>
  );
}

export function FormBuilder(props: BuilderProps): JSX.Element {
  const { document, change, faults } = props;
  const fields = document.fields ?? [];
  const [open, setOpen] = useState<number | null>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const setFields = (next: FormField[]): void => change(withMember(document, "fields", listOrNone(next)));

  const move = (from: number, to: number): void => {
    if (to < 0 || to >= fields.length || to === from) return;
    const next = [...fields];
    const [field] = next.splice(from, 1) as [FormField];
    next.splice(to, 0, field);
    setFields(next);
    if (open !== null) {
      const order = fields.map((_, i) => i);
      order.splice(to, 0, ...order.splice(from, 1));
      setOpen(order.indexOf(open));
    }
    announce(s.moved(fieldTitle(field), to + 1, fields.length));
    // The keys go on where the field is now.
    queueMicrotask(() =>
      requestAnimationFrame(() =>
        list.current?.querySelectorAll<HTMLElement>(":scope > li > .field-head > .field-open")[to]?.focus(),
      ),
    );
  };
  const remove = (at: number): void => {
    const before = document;
    const field = fields[at] as FormField;
    setOpen(null);
    setFields(fields.filter((_, i) => i !== at));
    toast(s.removed(fieldTitle(field) || s.fieldName), () => change(before));
  };
  const add = (field: FormField): void => {
    setFields([...fields, field]);
    setOpen(fields.length);
  };
  const dropLook = (at: number): string => (dragged === null ? "" : dragged < at ? "drop-after" : "drop-before");
  const newName = (): string => {
    for (let n = 1; ; n += 1) if (!fields.some(({ name }) => name === `field${n}`)) return `field${n}`;
  };
  const free = Object.keys(memberKinds).filter((name) => !fields.some((field) => field.name === name));

  return (
    <>
      <section class="stack" aria-labelledby="builder-fields">
        <h2 id="builder-fields">{s.fields}</h2>
        <p class="hint">
          {fields.length > 1 && s.fieldsHint} {s.noFields}
        </p>
        {fields.length > 0 && (
          <ol class="stack field-list" ref={list}>
            {fields.map((field, i) => {
              const mine = faults.filter((fault) => within(fault, `/fields/${i}`));
              const title = fieldTitle(field) || "?";
              return (
                <li
                  key={i}
                  class={dragged === i ? "dragged" : over === i ? dropLook(i) : ""}
                  onDragOver={(event) => {
                    if (dragged === null) return;
                    event.preventDefault();
                    setOver(i);
                  }}
                  onDrop={(event) => {
                    event.preventDefault();
                    if (dragged !== null) move(dragged, i);
                    setDragged(null);
                  }}
                >
                  <div
                    class="field-head"
                    draggable
                    onDragStart={(event) => {
                      event.dataTransfer?.setData("text/plain", field.name);
                      setDragged(i);
                    }}
                    onDragEnd={() => setDragged(null)}
                  >
                    <span class="field-grip" aria-hidden="true">
                      ⠿
                    </span>
                    <button
                      type="button"
                      class="field-open"
                      aria-expanded={open === i}
                      onClick={() => setOpen(open === i ? null : i)}
                      onKeyDown={(event) => {
                        if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
                        event.preventDefault();
                        move(i, event.key === "ArrowUp" ? i - 1 : i + 1);
                      }}
                    >
                      <strong dir="auto">{title}</strong>
                      <FieldMarks field={field} />
                      {mine.length > 0 && <span class="badge red">{mine.length}!</span>}
                    </button>
                    <button
                      type="button"
                      class="button icon-only"
                      aria-label={s.up(title)}
                      aria-disabled={i === 0}
                      onClick={() => move(i, i - 1)}
                    >
                      ↑
                    </button>
                    <button
                      type="button"
                      class="button icon-only"
                      aria-label={s.down(title)}
                      aria-disabled={i === fields.length - 1}
                      onClick={() => move(i, i + 1)}
                    >
                      ↓
                    </button>
                    <button
                      type="button"
                      class="button icon-only"
                      aria-label={s.remove(title)}
                      onClick={() => remove(i)}
                    >
                      ×
                    </button>
                  </div>
                  {open !== i && mine[0] !== undefined && <p class="hint fault-text field-fault">{mine[0].detail}</p>}
                  {open === i && (
                    <FieldEditor
                      field={field}
                      change={(next) => setFields(fields.map((one, at) => (at === i ? next : one)))}
                      fault={(member) => faultAt(faults, `/fields/${i}/${member}`)}
                    />
                  )}
                </li>
              );
            })}
          </ol>
        )}
        <div class="line">
          <button type="button" class="button" onClick={() => add({ name: newName(), type: "text" })}>
            {s.addField}
          </button>
          <Select
            label={s.addMember}
            bare
            value=""
            change={(name) => name !== "" && add({ name })}
            options={[["", `${s.addMember}…`], ...free.map((name) => [name, fieldName(name)] as const)]}
          />
        </div>
        {faultAt(faults, "/fields") !== undefined && fields.length === 0 && (
          <p class="fault-text">{faultAt(faults, "/fields")}</p>
        )}
      </section>
      <General {...props} />
      <Repeats {...props} />
      <Closing {...props} />
    </>
  );
}
