import type { TodoType } from "../api";
import { inLanguage } from "../language";
import { typeName } from "./shared";

export const s = inLanguage(
  {
    empty: "No history yet.",
    older: "Show older",
    somebody: "Somebody",
    actions: {
      "task.created": "created",
      "task.changed": "changed",
      "task.updated": "changed",
      "task.assigned": "assigned",
      "task.closed": "closed",
      "task.reopened": "reopened",
      "task.expired": "marked as expired",
    } as Record<string, string>,
    parts: {
      "task.commented": { added: "commented on", changed: "changed a comment on", removed: "deleted a comment on" },
      "task.attached": { added: "attached a file to", changed: "changed a file of", removed: "deleted a file of" },
    } as Record<string, Record<"added" | "changed" | "removed", string>>,
    did: (action: string, type: TodoType): string => `${action} this ${typeName(type).toLowerCase()}`,
    other: (action: string): string => (action === "task.occurred" ? "reported again" : `did “${action}”`),
    values: (count: number): string => `${count} ${count === 1 ? "value" : "values"} set`,
    before: "Before",
    after: "After",
    erased: "The change was erased. The history is still intact.",
    nothing: "none",
    proof: (domain: string, seq: number): string => `Entry ${seq} of ${domain}`,
    copyReceipt: (seq: number): string => `Copy the receipt of entry ${seq}`,
    hash: "hash",
  },
  {
    empty: "Nog geen geschiedenis.",
    older: "Oudere tonen",
    somebody: "Iemand",
    actions: {
      "task.created": "gemeld",
      "task.changed": "gewijzigd",
      "task.updated": "gewijzigd",
      "task.assigned": "toegewezen",
      "task.closed": "afgerond",
      "task.reopened": "heropend",
      "task.expired": "als verlopen gemarkeerd",
    },
    parts: {
      "task.commented": {
        added: "van een opmerking voorzien",
        changed: "een opmerking gewijzigd bij",
        removed: "een opmerking verwijderd bij",
      },
      "task.attached": {
        added: "van een bestand voorzien",
        changed: "een bestand gewijzigd van",
        removed: "een bestand verwijderd van",
      },
    },
    did: (action, type) =>
      action.endsWith("bij") || action.endsWith("van")
        ? `heeft ${action} ${type === "TASK" ? "deze taak" : "dit incident"}`
        : `heeft ${type === "TASK" ? "deze taak" : "dit incident"} ${action}`,
    other: (action) => (action === "task.occurred" ? "heeft dit opnieuw gemeld" : `deed “${action}”`),
    values: (count) => `${count} ${count === 1 ? "waarde" : "waarden"} ingevuld`,
    before: "Voor",
    after: "Na",
    erased: "De wijziging is gewist. De geschiedenis is nog steeds volledig.",
    nothing: "geen",
    proof: (domain, seq) => `Regel ${seq} van ${domain}`,
    copyReceipt: (seq) => `Kopieer het bewijs van regel ${seq}`,
    hash: "hash",
  },
);
