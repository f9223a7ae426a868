// What build.mjs puts in: the language that the app is built for, and names of files that were built before.
declare const LANGUAGE: "en" | "nl";
declare const WORKER_FILE: string;
/** What starts the app in a language, and then what that imports. */
declare const APP_FILES: Record<typeof LANGUAGE, string[]>;
