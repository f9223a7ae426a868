// Light or dark: as the system says, unless the user chose. The choice is the attribute
// data-theme of the root element; the style sheet does the rest.
import { recall, remember } from "./storage";
import { createStore } from "./store";

export const themes = ["auto", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

function recalled(): Theme {
  const value = recall("theme");
  return value === "light" || value === "dark" ? value : "auto";
}

export const theme = createStore<Theme>(recalled());

export function applyTheme(): void {
  const chosen = theme.get();
  if (chosen === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

export function chooseTheme(chosen: Theme): void {
  theme.set(chosen);
  remember("theme", chosen === "auto" ? null : chosen);
  applyTheme();
}
