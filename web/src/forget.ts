// Machines are shared: after signing out, nothing of what was seen or typed is left, in no tab.
import { announcement } from "./announce";
import { forgetPeople } from "./people";
import { forgetRecords } from "./records";
import { forgetScopes } from "./scope";
import { session } from "./session";
import { forgetAll, prefix } from "./storage";
import { forgetLists } from "./pages/records/lists";
import { forgetViews } from "./pages/records/views";
import { clearToast } from "./toast";
import { uploads } from "./unsent";

const channel = new BroadcastChannel(`${prefix}session`);

function forget(): void {
  forgetAll();
  forgetLists();
  forgetPeople();
  forgetRecords();
  forgetScopes();
  forgetViews();
  clearToast();
  uploads.set([]);
  announcement.set("");
}

/** Once, at the start of the app. */
export function startForgetting(): void {
  let was = session.get().state;
  let who = "";
  session.watch((now) => {
    const { state } = now;
    if (state === "signed-out" && (was === "signed-in" || was === "expired")) {
      forget();
      channel.postMessage("signed-out");
    }
    if (state === "signed-in") {
      // Where one session has ended somebody else can sign in.
      if (who !== "" && who !== now.account.email) forget();
      who = now.account.email;
    }
    was = state;
  });
  // The session was of all tabs: signing out in one of them ends it for the others at once.
  channel.onmessage = () => {
    if (["signed-in", "expired"].includes(session.get().state)) session.set({ state: "signed-out" });
  };
}
