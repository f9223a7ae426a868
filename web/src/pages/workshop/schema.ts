// What the JSON Schema of a form says about one member.
export interface Schema {
  title?: string;
  readOnly?: boolean;
  deprecated?: boolean;
  type?: string;
  enum?: unknown[];
  format?: string;
  maxLength?: number;
  items?: Schema;
  anyOf?: Schema[];
  /** Options with labels. */
  oneOf?: { const?: unknown; title?: string }[];
  default?: unknown;
}

export const flat = (schema: Schema): Schema[] => [schema, ...(schema.anyOf ?? []).flatMap(flat)];

export const listOf = (schema: Schema): Schema | undefined => flat(schema).find(({ type }) => type === "array");

export const isBoolean = (schema: Schema): boolean => flat(schema).some((one) => one.enum?.includes(true));

/** The values that it can have, with what people read, if there are only some. */
export function choicesOf(schema: Schema): (readonly [value: string, title: string])[] | undefined {
  if (isBoolean(schema)) return undefined;
  const all = [...flat(schema), ...flat(listOf(schema)?.items ?? {})];
  const found = all.find((one) => one.enum ?? one.oneOf);
  if (found?.enum) return found.enum.map((one) => [String(one), String(one)]);
  return found?.oneOf?.map((one) => [String(one.const), one.title ?? String(one.const)]);
}

export const isDay = (schema: Schema): boolean => flat(schema).some(({ format }) => format === "date");
export const isNumber = (schema: Schema): boolean => flat(schema).some(({ type }) => type === "number");
