// Where the app starts. The theme comes first: this runs before anything is painted.
import { render } from "preact";
import { App } from "./app";
import { applyTheme } from "./theme";

applyTheme();

addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("app");
  if (place) render(<App />, place);
});
