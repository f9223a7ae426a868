// What a schema of api/openapi.yaml says: as one object without "allOf", and as an example.

/** `resolve(node)` follows "$ref"; `merged(schema)` has the members of all its parts; `sample(schema)` fits it. */
export function schemasOf(document) {
  const resolve = (node) =>
    node?.$ref === undefined ? node : resolve(node.$ref.slice(2).split('/').reduce((value, name) => value[name], document));

  function merged(schema) {
    const { allOf = [], ...own } = resolve(schema);
    const parts = [...allOf.map(merged), own];
    return {
      ...Object.assign({}, ...parts),
      required: [...new Set(parts.flatMap((part) => part.required ?? []))],
      properties: Object.assign({}, ...parts.map((part) => part.properties)),
      description: own.description ?? parts.find((part) => part.description)?.description,
    };
  }

  const { byMember, bySchema, texts } = examplesOf(document);

  /** A value that fits. Of a request: only what must be in it; of an answer: everything. */
  function sample(schema, { name, request = false, depth = 0 } = {}) {
    if (schema.$ref !== undefined && !request && bySchema.has(schema.$ref)) return bySchema.get(schema.$ref);
    const it = merged(schema);
    const elsewhere = it.type === 'boolean' ? [] : byMember.get(name) ?? [];
    const known = [...(it.examples ?? []), it.example, it.default, it.const, ...elsewhere, ...(it.enum ?? [])];
    const found = known.find((value) => value !== undefined && fits(value, it));
    if (found !== undefined) return found;
    if (it.oneOf ?? it.anyOf) {
      const choices = it.oneOf ?? it.anyOf;
      if (Object.keys(it.properties).length === 0) return sample(choices[0], { name, request, depth });
    }
    const type = [it.type].flat()[0];
    if (type === 'array') {
      if (depth > 6 || it.maxItems === 0) return [];
      return [sample(it.items ?? {}, { name, request, depth: depth + 1 })];
    }
    if (type === 'object' || Object.keys(it.properties).length > 0) {
      const all = [...new Set([...it.required, ...Object.keys(it.properties)])];
      const wanted = !request ? all : it.required.length > 0 ? it.required : all.slice(0, 2);
      return Object.fromEntries(wanted.map((member) => [member, sample(it.properties[member] ?? {}, { name: member, request, depth: depth + 1 })]));
    }
    return scalar(it, type, texts);
  }

  return { resolve, merged, sample };
}

const formats = {
  email: 'example@example.com', date: '2026-11-23', 'date-time': '2026-11-23T20:15:04.123Z',
  uri: 'https://www.bzctrl.com/', 'uri-reference': '/', password: 'correct horse battery',
};

function scalar(schema, type, texts) {
  if (type === 'integer' || type === 'number') return schema.minimum ?? 1;
  if (type === 'boolean') return false;
  if (type === 'null') return null;
  const any = formats[schema.format] ?? '…'.repeat(schema.minLength ?? 1);
  return schema.pattern ? (['1', ...texts].find((text) => fits(text, schema)) ?? any) : any;
}

/* Good enough to tell whether an example of elsewhere can be used; a test checks the result. */
function fits(value, schema) {
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.includes(type) && !(Number.isInteger(value) && types.includes('integer'))) return false;
  if (types.length === 0 && (schema.oneOf ?? schema.anyOf) && schema.examples === undefined) return false;
  if (type === 'object' || (type === 'array' && value.some((entry) => typeof entry === 'object'))) return schema.examples?.includes(value) ?? false;
  if (schema.enum !== undefined && !schema.enum.includes(value)) return false;
  if (schema.const !== undefined && schema.const !== value) return false;
  if (type !== 'string') return true;
  if (schema.format === 'date-time' || schema.format === 'date') if (Number.isNaN(Date.parse(value))) return false;
  return new RegExp(schema.pattern ?? '', 'u').test(value) && value.length >= (schema.minLength ?? 0) && value.length <= (schema.maxLength ?? Infinity);
}

/* The examples that the document has: of each schema; of each member, by its name; and every text in them. */
function examplesOf(document) {
  const byMember = new Map();
  const bySchema = new Map();
  const texts = new Set();
  const note = (value) => {
    if (typeof value === 'string') for (const text of [value, ...value.split(':')]) texts.add(text); /* also the hash in a receipt */
    if (value === null || typeof value !== 'object') return;
    for (const [name, of] of Object.entries(value)) {
      if (!Array.isArray(value)) byMember.set(name, [...(byMember.get(name) ?? []), of]);
      note(of);
    }
  };
  (function walk(node) {
    if (node === null || typeof node !== 'object') return;
    for (const media of Object.values(node.content ?? {})) {
      const example = exampleOf(media);
      if (example === undefined) continue;
      note(example);
      if (media.schema?.$ref !== undefined && !bySchema.has(media.schema.$ref)) bySchema.set(media.schema.$ref, example);
    }
    if (node.in !== undefined && node.name !== undefined && exampleOf(node) !== undefined) note({ [node.name]: exampleOf(node) });
    if (node.schema !== undefined) note(node.example);
    if (Array.isArray(node.examples)) note(node.examples);
    Object.values(node).forEach(walk);
  })(document);
  return { byMember, bySchema, texts };
}

/** The example of a parameter or of a media type; undefined if it has none. */
export function exampleOf(node) {
  return node.example ?? Object.values(node.examples ?? {})[0]?.value;
}
