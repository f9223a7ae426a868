// Where the app starts; first.ts has set theme and language before.
import { render } from "preact";
import { App } from "./app";
import "./both";
import { dropOldDrafts } from "./drafts";
import { startForgetting } from "./forget";
import { startInbox } from "./inbox";
import { startLive } from "./live";
import { startNotifications } from "./notifications";
import { startPreferences } from "./preferences";

startForgetting();
startLive();
startInbox();
startNotifications();
startPreferences();
dropOldDrafts();

function show(): void {
  const place = document.getElementById("app");
  if (place) render(<App />, place);
}
// A browser that has all files may be here before it has read the page.
if (document.readyState === "loading") addEventListener("DOMContentLoaded", show);
else show();

