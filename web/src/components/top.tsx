// The top of every page: the scope, the search, what is new, the account.
import type { JSX } from "preact";
import type { Account } from "../api";
import { go, href } from "../router";
import { hasPage } from "../routes";
import { scope } from "../scope";
import { useStore } from "../store";
import { s } from "../strings/frame";
import { AccountMenu } from "./account-menu";
import { Bell } from "./bell";
import { Icon } from "./icon";
import { paletteOpen } from "./palette";
import { Brand } from "./rail";
import { ScopePicker } from "./scope-picker";

/** Where a new record is written; null while there is no such page. */
export function newHref(within: string): string | null {
  return hasPage("new") ? href(["new"], within === "" ? {} : { in: within }) : null;
}

export function goNew(): boolean {
  const to = newHref(scope.get());
  if (to !== null) go(to);
  return to !== null;
}

export function Top({ account, showHelp }: { account: Account | null; showHelp: () => void }): JSX.Element {
  const within = useStore(scope);
  const create = newHref(within);
  if (account === null) {
    return (
      <header class="top">
        <Brand />
        <AccountMenu account={null} showHelp={showHelp} />
      </header>
    );
  }
  return (
    <header class="top">
      <ScopePicker account={account} />
      <button type="button" class="search-button" onClick={() => paletteOpen.set(true)} aria-keyshortcuts="Control+K">
        <Icon name="search" />
        <span class="cut">{s.palette.open}</span>
        <kbd aria-hidden="true">Ctrl K</kbd>
      </button>
      <div class="top-tools">
        {create !== null && (
          <a class="button primary create" href={create} title={s.createHint}>
            <Icon name="plus" />
            <span>{s.create}</span>
          </a>
        )}
        <Bell />
        <AccountMenu account={account} showHelp={showHelp} />
      </div>
    </header>
  );
}
