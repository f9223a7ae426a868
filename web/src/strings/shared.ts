// Words that many pages use, and those of the record's own choices.
import type { Level, Status, TodoType } from "../api";
import { inLanguage } from "../language";

export const s = inLanguage(
  {
    product: "BzCtrl",
    title: (page: string): string => `${page} · BzCtrl`,
    loading: "Loading…",
    none: "None",
    close: "Close",
    cancel: "Cancel",
    save: "Save",
    undo: "Undo",
    copy: { label: "Copy", done: "Copied", failed: "Your browser does not allow copying here" },
    types: { INCIDENT: "Incident", TASK: "Task" } as Record<TodoType, string>,
    statuses: { "To do": "To do", "In Progress": "In Progress", Done: "Done", Expired: "Expired" } as Record<
      Status,
      string
    >,
    levels: { High: "High", Medium: "Medium", Low: "Low" } as Record<Level, string>,
    overdue: "Overdue",
    /** Of somebody whose account is disabled. */
    left: "left",
    searching: "Searching…",
    nothingFound: "Nothing found.",
    commas: "Separate several with commas.",
    reason: "Reason",
    date: "Date",
    dateHint: "Such as 31 Dec, fri, +7d or eom (end of month).",
    dateUnknown: (text: string): string => `“${text}” is not a date.`,
    choose: "Choose…",
    pickDate: "Choose from the calendar",
    removeDate: "Remove the date",
    undone: (said: string): string => `Undone: ${said}`,
    nothingUndone: "Nothing left to undo.",
    notUndone: "That could not be undone. Somebody may have changed it since.",
    noKey: (key: string): string => `“${key}” does nothing here now.`,
  },
  {
    product: "BzCtrl",
    title: (page) => `${page} · BzCtrl`,
    loading: "Laden…",
    none: "Geen",
    close: "Sluiten",
    cancel: "Annuleren",
    save: "Opslaan",
    undo: "Ongedaan maken",
    copy: { label: "Kopiëren", done: "Gekopieerd", failed: "Uw browser staat kopiëren hier niet toe" },
    types: { INCIDENT: "Incident", TASK: "Taak" },
    statuses: { "To do": "Te doen", "In Progress": "In behandeling", Done: "Afgerond", Expired: "Verlopen" },
    levels: { High: "Hoog", Medium: "Middel", Low: "Laag" },
    overdue: "Te laat",
    left: "vertrokken",
    searching: "Zoeken…",
    nothingFound: "Niets gevonden.",
    commas: "Scheid meerdere met komma’s.",
    reason: "Reden",
    date: "Datum",
    dateHint: "Zoals 31 dec, vr, +7d of em (eind van de maand).",
    dateUnknown: (text) => `“${text}” is geen datum.`,
    choose: "Kiezen…",
    pickDate: "Kiezen uit de kalender",
    removeDate: "Datum verwijderen",
    undone: (said) => `Ongedaan gemaakt: ${said}`,
    nothingUndone: "Er is niets meer ongedaan te maken.",
    notUndone: "Dat kon niet meer: misschien is het intussen gewijzigd.",
    noKey: (key) => `“${key}” doet hier nu niets.`,
  },
);

export const typeName = (type: TodoType): string => s.types[type] ?? type;
export const statusName = (status: Status): string => s.statuses[status] ?? status;
export const levelName = (level: Level): string => s.levels[level] ?? level;

/** Of the built-in form's choices, which it says in English. */
export const choiceName = (value: string): string => s.levels[value as Level] ?? s.statuses[value as Status] ?? value;
