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
  default?: unknown;
}

export const flat = (schema: Schema): Schema[] => [schema, ...(schema.anyOf ?? []).flatMap(flat)];

export const listOf = (schema: Schema): Schema | undefined => flat(schema).find(({ type }) => type === "array");

/** The values that it can have, if there are only some. */
export function choicesOf(schema: Schema): string[] | undefined {
  const list = listOf(schema);
  const found = flat(schema).find((one) => one.enum) ?? flat(list?.items ?? {}).find((one) => one.enum);
  return found?.enum?.map(String);
}

export const isDay = (schema: Schema): boolean => flat(schema).some(({ format }) => format === "date");
export const isNumber = (schema: Schema): boolean => flat(schema).some(({ type }) => type === "number");
export const isBoolean = (schema: Schema): boolean => flat(schema).some(({ type }) => type === "boolean");
