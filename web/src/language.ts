// The language of the interface. The app is built once for each (build.mjs), with its words as plain constants;
// first.ts loads the one that was chosen here, or else the first of the browser's that there is.
import { recall, remember } from "./storage";

export const languages = { en: "English", nl: "Nederlands" } as const;
export type Language = keyof typeof languages;

function isLanguage(name: string | null | undefined): name is Language {
  return name === "en" || name === "nl";
}

export const chosenLanguage: Language | null = ((chosen) => (isLanguage(chosen) ? chosen : null))(recall("language"));

/** Where the browser asks for neither it is the server's, in which the page comes. */
export const wantedLanguage = (): Language =>
  chosenLanguage ??
  navigator.languages.map((tag) => tag.split("-", 1)[0]).find(isLanguage) ??
  (document.documentElement.lang as Language);

/** The one that this is built for. */
export const language: Language = LANGUAGE;

/** For Intl: the browser's own variety of the language (en-GB, nl-BE) if it has one. */
export const locale: string =
  navigator.languages.find((tag) => tag.startsWith(`${language}-`)) ?? (language === "nl" ? "nl-NL" : "en-GB");

/** The words in the language of the interface; both have the same shape. The build leaves one of them. */
export function inLanguage<T>(en: T, nl: NoInfer<T>): T {
  return language === "nl" ? nl : en;
}

/** Null: as the browser says. */
export function chooseLanguage(chosen: Language | null): void {
  remember("language", chosen);
  location.reload();
}
