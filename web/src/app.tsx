// The frame around the pages: which page the address names, and whether somebody is signed in.
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useActions } from "./actions";
import { announcement } from "./announce";
import { readConfig, type Account, type Config } from "./api";
import { EnvironmentBanner, OfflineBanner } from "./components/banner";
import { Failure } from "./components/failure";
import { HelpDialog } from "./components/help-dialog";
import { Palette, paletteOpen } from "./components/palette";
import { Rail } from "./components/rail";
import { goNew, Top } from "./components/top";
import { firstLook, openFirstLook } from "./first-look";
import { PageActive } from "./page";
import { NowherePage } from "./pages/nowhere";
import { ResetPage } from "./pages/reset";
import { SignInPage } from "./pages/sign-in";
import { correct, route as currentRoute, type Route } from "./router";
import { admin, hasPage, home, placeHref, routeOf } from "./routes";
import { scope, scopeOf } from "./scope";
import { openSession, session } from "./session";
import { useStore } from "./store";
import { s } from "./strings/frame";
import { s as shared } from "./strings/shared";
import { chooseTheme, themes } from "./theme";
import { Toasts } from "./toast";

const FirstRunPage = admin.page(({ FirstRunPage }) => FirstRunPage);

function Page({ route, account }: { route: Route; account: Account }): JSX.Element {
  const found = routeOf(route, account);
  const first = home(account);
  useLayoutEffect(() => {
    // The start is the place that was chosen, with what was looked at last.
    if (route.name === "" && first) correct(placeHref(first, scope.get()));
  }, [route]);
  if (found === undefined) return <NowherePage />;
  const { page: Component, fresh = false, name } = found;
  const within = scopeOf(route) ?? (route.name === "" ? scope.get() : "");
  return (
    <Component
      key={fresh ? `${name} ${route.rest[0]}` : name}
      rest={route.rest}
      query={route.query}
      scope={within}
      account={account}
    />
  );
}

function Content({ config }: { config: Config | null }): JSX.Element {
  const route = useStore(currentRoute);
  const now = useStore(session);
  const [token] = route.rest;
  // Whoever is signed in.
  if (route.name === "reset" && token !== undefined) return <ResetPage key={token} token={token} />;
  if (route.name === "first-run" && token !== undefined) return <FirstRunPage key={token} token={token} />;
  switch (now.state) {
    case "unknown":
      return <p class="waiting">{shared.loading}</p>;
    case "unreachable":
      return (
        <div class="page">
          <h1 class="unseen">{shared.product}</h1>
          <Failure error={now.error} retry={() => void openSession()} />
        </div>
      );
    case "signed-out":
      return <SignInPage route={route} config={config} expired={null} expected={now.email} />;
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
  const [helping, setHelping] = useState(false);
  const said = useStore(announcement);
  const now = useStore(session);
  const look = useStore(firstLook);
  const main = useRef<HTMLElement>(null);
  const account = now.state === "signed-in" ? now.account : null;
  const showHelp = (): void => setHelping(true);

  const signedOut = now.state === "signed-out";
  useEffect(() => {
    // Only the banner, the look of the frame and a word at the sign-in need it: without it the app works as
    // well. Before a sign-in it is read again, since there is a first administrator some day.
    readConfig().then(
      (read) => {
        setConfig(read);
        document.documentElement.dataset.environment = read.environment;
      },
      () => {},
    );
  }, [signedOut]);
  useEffect(() => void openSession(), []);

  useActions(s.help.everywhere, [
    ...(account === null
      ? []
      : [
          { does: s.help.palette, keys: ["Ctrl+k", "/"], act: () => paletteOpen.set(true), keyOnly: true },
          ...(hasPage("new") ? [{ does: s.help.create, keys: ["n"], act: goNew }] : []),
          { does: s.help.look, act: openFirstLook },
        ]),
    ...themes.map((one) => ({
      does: `${s.account.theme}: ${s.account.themes[one]}`,
      act: () => chooseTheme(one),
    })),
    { does: s.help.help, keys: ["?"], act: showHelp },
  ]);

  return (
    <div class={account === null ? "frame" : "frame signed-in"}>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          // The part after the # names a page here.
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {s.skip}
      </a>
      <EnvironmentBanner config={config} />
      {account !== null && <Rail account={account} />}
      <Top account={account} showHelp={showHelp} />
      <main id="main" ref={main} tabIndex={-1}>
        <OfflineBanner />
        <Content config={config} />
      </main>
      <div class="unseen" role="status" aria-live="polite">
        {said}
      </div>
      <Toasts />
      {account !== null && <Palette account={account} />}
      {account !== null && look !== null && <look.Show />}
      {helping && (
        <HelpDialog
          close={() => setHelping(false)}
          version={config?.version ?? ""}
          look={account === null ? null : openFirstLook}
        />
      )}
    </div>
  );
}
