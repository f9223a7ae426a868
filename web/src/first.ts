// Runs before anything is painted: the chosen theme and the language of the page.
import { language } from "./language";
import { recall } from "./storage";

const root = document.documentElement;
const theme = recall("theme");
if (theme === "light" || theme === "dark") root.dataset.theme = theme;
root.lang = language;
