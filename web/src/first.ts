// Runs before anything is painted: the chosen theme, the language of the page, and the app in that language.
import { wantedLanguage } from "./language";
import { recall } from "./storage";

const root = document.documentElement;
const theme = recall("theme");
if (theme === "light" || theme === "dark") root.dataset.theme = theme;
const language = wantedLanguage();
root.lang = language;

const [entry = "", ...imported] = APP_FILES[language];
for (const name of imported) {
  const link = document.createElement("link");
  link.rel = "modulepreload";
  link.href = `./${name}`;
  document.head.append(link);
}
const script = document.createElement("script");
script.type = "module";
script.src = `./${entry}`;
document.head.append(script);
