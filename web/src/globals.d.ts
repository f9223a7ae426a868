// What build.mjs puts in: the names of files that have been built before.
declare const WORKER_FILE: string;
/** The style of each page by its name, without ".css". */
declare const STYLE_FILES: Record<string, string>;
