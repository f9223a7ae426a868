// The top of every page.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { announce } from "../announce";
import { listHref } from "../router";
import { endSession, session } from "../session";
import { useStore } from "../store";
import { strings } from "../strings";
import { chooseTheme, nextTheme, theme } from "../theme";
import { Icon } from "./icon";

function ThemeButton(): JSX.Element {
  const chosen = useStore(theme);
  const label = strings.header.theme[chosen];
  const choose = (): void => {
    const next = nextTheme();
    chooseTheme(next);
    announce(strings.header.theme[next]);
  };
  return (
    <button type="button" class="button icon-only" aria-label={label} title={label} onClick={choose}>
      <Icon name={chosen} />
    </button>
  );
}

function SignOutButton(): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const label = failed ? strings.header.signOutAgain : strings.header.signOut;
  const leave = async (): Promise<void> => {
    setBusy(true);
    try {
      await endSession();
    } catch {
      setBusy(false);
      setFailed(true);
      announce(strings.header.signOutAgain);
    }
  };
  return (
    <button
      type="button"
      class="button quiet"
      aria-label={label}
      title={label}
      aria-disabled={busy}
      onClick={() => void (busy || leave())}
    >
      <Icon name="out" />
      <span class={failed ? "" : "wide-only"}>{label}</span>
    </button>
  );
}

export function Header({ showHelp }: { showHelp: () => void }): JSX.Element {
  const now = useStore(session);
  const account = now.state === "signed-in" ? now.account : null;
  return (
    <header class="top">
      <a class="brand" href={listHref()} aria-label={strings.header.home}>
        <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
          <rect width="32" height="32" rx="8" class="brand-tile" />
          <path d="M9 16.5l5 5L23.5 11" class="brand-tick" />
        </svg>
        <span>{strings.product}</span>
      </a>
      <div class="top-tools">
        {account && (
          <span class="who" title={`${strings.header.signedInAs} ${account.email}`}>
            <span class="unseen">{strings.header.signedInAs} </span>
            {account.name || account.email}
          </span>
        )}
        <button
          type="button"
          class="button icon-only"
          aria-label={strings.header.help}
          title={strings.header.help}
          onClick={showHelp}
        >
          <Icon name="help" />
        </button>
        <ThemeButton />
        {account && <SignOutButton />}
      </div>
    </header>
  );
}
