// The frame around the pages: which page the address names, and whether somebody is signed in.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { announcement } from "./announce";
import { readConfig, type Account, type Config } from "./api";
import { EnvironmentBanner } from "./components/environment-banner";
import { Failure } from "./components/failure";
import { Header } from "./components/header";
import { HelpDialog } from "./components/help-dialog";
import { PageActive } from "./page";
import { ListPage } from "./pages/list";
import { NowherePage } from "./pages/nowhere";
import { RecordPage } from "./pages/record";
import { ResetPage } from "./pages/reset";
import { SignInPage } from "./pages/sign-in";
import { route as currentRoute, type Route } from "./router";
import { openSession, session } from "./session";
import { useShortcuts } from "./shortcuts";
import { useStore } from "./store";
import { strings } from "./strings";
import { forgetLists } from "./task-list";

function Page({ route, account }: { route: Exclude<Route, { page: "reset" }>; account: Account }): JSX.Element {
  switch (route.page) {
    case "list":
      return <ListPage filter={route.filter} account={account} />;
    case "record":
      return <RecordPage key={route.key} taskKey={route.key} account={account} />;
    case "nowhere":
      return <NowherePage />;
  }
}

function Content({ config }: { config: Config | null }): JSX.Element {
  const route = useStore(currentRoute);
  const now = useStore(session);
  if (route.page === "reset") return <ResetPage key={route.token} token={route.token} />; // whoever is signed in
  switch (now.state) {
    case "unknown":
      return <p class="waiting">{strings.loading}</p>;
    case "unreachable":
      return (
        <div class="page">
          <h1 class="unseen">{strings.product}</h1>
          <Failure error={now.error} retry={() => void openSession()} />
        </div>
      );
    case "signed-out":
      return <SignInPage route={route} config={config} expired={null} />;
    case "expired":
    case "signed-in": {
      // The page outlives a session that ended, with all that was typed into it; it is another
      // page for another person.
      const active = now.state === "signed-in";
      return (
        <>
          {!active && <SignInPage route={route} config={config} expired={now.account.email} />}
          <div key={now.account.email} hidden={!active}>
            <PageActive.Provider value={active}>
              <Page route={route} account={now.account} />
            </PageActive.Provider>
          </div>
        </>
      );
    }
  }
}

export function App(): JSX.Element {
  const [config, setConfig] = useState<Config | null>(null);
  const said = useStore(announcement);
  const now = useStore(session);
  const main = useRef<HTMLElement>(null);
  const help = useRef<HTMLDialogElement>(null);
  const showHelp = (): void => {
    if (!help.current?.open) help.current?.showModal();
  };

  useEffect(() => {
    // Only the banner needs it: without it the app works as well.
    readConfig().then(setConfig, () => {});
    void openSession();
  }, []);
  useEffect(() => {
    if (now.state === "signed-out") forgetLists();
  }, [now.state]);
  useShortcuts({ "?": showHelp });

  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          // The part after the # names a page here.
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {strings.skip}
      </a>
      <EnvironmentBanner config={config} />
      <Header showHelp={showHelp} />
      <main id="main" ref={main} tabIndex={-1}>
        <Content config={config} />
      </main>
      <div class="unseen" role="status" aria-live="polite">
        {said}
      </div>
      <HelpDialog dialog={help} version={config?.version ?? ""} />
    </>
  );
}
