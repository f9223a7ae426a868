// Where the app starts; first.ts has set theme and language before. A module runs once the page is read.
import { render } from "preact";
import { App } from "./app";
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

const place = document.getElementById("app");
if (place) render(<App />, place);
