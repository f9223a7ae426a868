// The page of entry that a form makes, from the schema of the server's dry run.
import type { JSX } from "preact";
import type { TodoType } from "../../api";
import type { FormDocument, FormPreview } from "../../api/forms";
import { labelText } from "../../labels";
import { fieldName } from "../../strings/members";
import { typeName } from "../../strings/shared";
import { s } from "../../strings/workshop-forms";
import { valueText } from "./form-words";
import { choicesOf, flat, isBoolean, isDay, listOf, type Schema } from "./schema";

// The server knows where the form is; these say so again.
const left = ["domainWorkSpace", "domain", "workspace", "occurredAt"];

function Input({ id, schema, preset }: { id: string; schema: Schema; preset: string }): JSX.Element {
  const kinds = flat(schema);
  const list = listOf(schema);
  const choices = choicesOf(schema);
  if (choices !== undefined) {
    return (
      <select id={id} multiple={list !== undefined} size={list === undefined ? 1 : Math.min(4, choices.length)}>
        {list === undefined && <option />}
        {choices.map(([one, title]) => (
          <option key={one} value={one} selected={preset !== "" && one === preset}>
            {title === one ? typeName(one as TodoType) : title}
          </option>
        ))}
      </select>
    );
  }
  if (isBoolean(schema)) return <input id={id} type="checkbox" checked={preset === "true"} />;
  if (kinds.some(({ maxLength = 0 }) => maxLength > 1000)) return <textarea id={id} rows={3} defaultValue={preset} />;
  if (isDay(schema) && preset === "") return <input id={id} type="date" />;
  return <input id={id} type="text" defaultValue={preset} />;
}

export function Preview({
  preview,
  document,
}: {
  preview: FormPreview | null;
  document: FormDocument;
}): JSX.Element {
  const schema = (preview?.schema ?? {}) as { properties?: Record<string, Schema>; required?: string[] };
  const of = (name: string) => document.fields?.find((field) => field.name === name);
  const order = Object.keys(schema.properties ?? {}).filter(
    (name) => !left.includes(name) && of(name)?.hidden !== true,
  );
  return (
    <section class="card stack" aria-labelledby="form-preview">
      <h2 id="form-preview">{s.preview}</h2>
      <p class="hint">{preview === null ? s.previewWrong : s.previewHint}</p>
      {document.title && <h3 dir="auto">{labelText(document.title)}</h3>}
      {document.help && <p class="hint">{labelText(document.help)}</p>}
      {order.map((name) => {
        const property = schema.properties?.[name] ?? {};
        const field = of(name);
        const id = `preview-${name}`;
        const title = labelText(field?.label) || (field?.type ? name : fieldName(name));
        const help = labelText(field?.help);
        const preset = field?.default ?? property.default;
        return (
          <div class="field" key={`${name} ${JSON.stringify(property)} ${JSON.stringify(preset)}`} data-preview={name}>
            {property.readOnly ? (
              <>
                <span class="field-name">{title}</span>
                <p class="hint">{s.filledIn(valueText(preset))}</p>
              </>
            ) : (
              <>
                <label for={id}>
                  {title}
                  {schema.required?.includes(name) && <span class="fault-text"> *</span>}
                </label>
                <Input
                  id={id}
                  schema={property}
                  preset={preset === undefined ? "" : Array.isArray(preset) ? preset.join(", ") : String(preset)}
                />
                {help && <p class="hint">{help}</p>}
              </>
            )}
          </div>
        );
      })}
    </section>
  );
}
