// The texts of a form, one for all or one for each of some languages.
import type { components } from "./generated/schema";
import { language } from "./language";

export type Label = components["schemas"]["Label"];

/** The text in the language of the interface, or else in any; undefined where the form has none. */
export function labelText(label: Label | undefined): string | undefined {
  if (label === undefined || typeof label === "string") return label;
  return label[language] ?? label["en"] ?? Object.values(label)[0];
}
