// What build.mjs puts in: the language that the app is built for, and names of files that were built before.
declare const LANGUAGE: "en" | "nl";
declare const WORKER_FILE: string;
/** The styles of pages that are loaded later, by their names without ".css". */
declare const STYLE_FILES: Record<string, string>;
/** What starts the app in a language, and then what that imports. */
declare const APP_FILES: Record<typeof LANGUAGE, string[]>;
