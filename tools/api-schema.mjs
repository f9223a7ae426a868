// What a schema of api/openapi.yaml says: as one object without "allOf", and as an example.

/** `resolve(node)` follows "$ref"; `merged(schema)` has the members of all its parts; `sample(schema)` fits it. */
export function schemasOf(document) {
  const lookUp = (pointer) => pointer.slice(2).split('/').reduce((value, name) => value[name], document);
  const resolve = (node) => (node?.$ref === undefined ? node : resolve(lookUp(node.$ref)));

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

  const { byMember, bySchema, texts } = allExamples(document);

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
      return Array.from({ length: Math.max(1, it.minItems ?? 1) },
        () => sample(it.items ?? {}, { name, request, depth: depth + 1 }));
    }
    if (type === 'object' || Object.keys(it.properties).length > 0) {
      const all = [...new Set([...it.required, ...Object.keys(it.properties)])];
      const few = it.required.length > 0 ? it.required : all.slice(0, 2);
      return Object.fromEntries((request || depth > 6 ? few : all).map((member) =>
        [member, sample(it.properties[member] ?? {}, { name: member, request, depth: depth + 1 })]));
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
  const integer = Number.isInteger(value) && types.includes('integer');
  if (types.length > 0 && !types.includes(type) && !integer) return false;
  if (types.length === 0 && (schema.oneOf ?? schema.anyOf) && schema.examples === undefined) return false;
  if (type === 'object' || (type === 'array' && value.some((entry) => typeof entry === 'object')))
    return schema.examples?.includes(value) ?? false;
  if (schema.enum !== undefined && !schema.enum.includes(value)) return false;
  if (schema.const !== undefined && schema.const !== value) return false;
  const between = (number, low = -Infinity, high = Infinity) => number >= low && number <= high;
  if (type === 'number') return between(value, schema.minimum, schema.maximum);
  if (type !== 'string') return true;
  if (schema.format === 'date-time' || schema.format === 'date') if (Number.isNaN(Date.parse(value))) return false;
  return new RegExp(schema.pattern ?? '', 'u').test(value) && between(value.length, schema.minLength, schema.maxLength);
}

/* The examples that the document has: of each schema; of each member, by its name; and every text in them. */
function allExamples(document) {
  const byMember = new Map();
  const bySchema = new Map();
  const texts = new Set();
  const note = (value) => {
    /* Also what colons join: a receipt has a hash in it. */
    if (typeof value === 'string') for (const text of [value, ...value.split(':')]) texts.add(text);
    if (value === null || typeof value !== 'object') return;
    for (const [name, of] of Object.entries(value)) {
      if (!Array.isArray(value)) byMember.set(name, [...(byMember.get(name) ?? []), of]);
      note(of);
    }
  };
  (function walk(node) {
    if (node === null || typeof node !== 'object') return;
    for (const { schema, ...media } of Object.values(node.content ?? {})) {
      const [example] = examplesOf(media);
      if (example === undefined) continue;
      note(example.value);
      if (schema?.$ref !== undefined && !bySchema.has(schema.$ref)) bySchema.set(schema.$ref, example.value);
    }
    if (node.in !== undefined && node.name !== undefined)
      for (const { value } of examplesOf(node)) note({ [node.name]: value });
    if (node.schema !== undefined) note(node.example);
    if (Array.isArray(node.examples)) note(node.examples);
    Object.values(node).forEach(walk);
  })(document);
  return { byMember, bySchema, texts };
}

/** The examples of a parameter or of a media type: [{summary, value}]. */
export function examplesOf(node) {
  if (node.example !== undefined) return [{ value: node.example }];
  return Object.entries(node.examples ?? {}).map(([name, example]) => ({ summary: name, ...example }));
}

/** JSON as people write it: what is short stays on one line. */
export function pretty(value, indent = '') {
  const flat = JSON.stringify(value);
  const short = flat.length < 60 && !flat.includes('{');
  if (value === null || typeof value !== 'object' || short || flat === '{}') return flat.replace(/","/g, '", "');
  const inner = `${indent}  `;
  if (Array.isArray(value)) return `[\n${value.map((entry) => inner + pretty(entry, inner)).join(',\n')}\n${indent}]`;
  const members = Object.entries(value).map(([name, of]) => `${inner}${JSON.stringify(name)}: ${pretty(of, inner)}`);
  return `{\n${members.join(',\n')}\n${indent}}`;
}

/** The fields of a form, before they are encoded. */
export const formBody = (value) => Object.entries(value).map(([name, text]) => `${name}=${text}`);
