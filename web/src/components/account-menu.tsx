// The account, and how the app looks here. Before anybody has signed in, only the look.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Account } from "../api";
import { chooseDateFormat, dateFormat, dateFormats } from "../dates";
import { chooseLanguage, chosenLanguage, languages, type Language } from "../language";
import { hasPage } from "../routes";
import { endSession } from "../session";
import { useStore } from "../store";
import { s as frame } from "../strings/frame";
import { chooseTheme, theme, themes } from "../theme";
import { toast } from "../toast";
import { unsent, type Unsent } from "../unsent";
import { Ask } from "./ask";
import { grouped } from "./choices";
import { Icon } from "./icon";
import { Menu, type MenuItem } from "./menu";
import { Avatar } from "./person";

const s = frame.account;

export function AccountMenu({ account, showHelp }: { account: Account | null; showHelp: () => void }): JSX.Element {
  const chosen = useStore(theme);
  const [losing, setLosing] = useState<Unsent | null>(null);
  const leave = (): void => void endSession().catch(() => toast(s.signOutFailed));
  const items: MenuItem[] = [
    ...grouped<MenuItem>(
      s.theme,
      themes.map((one) => ({ name: s.themes[one], checked: one === chosen, act: () => chooseTheme(one) })),
    ),
    ...grouped<MenuItem>(s.language, [
      { name: s.languageAuto, checked: chosenLanguage === null, act: () => chooseLanguage(null) },
      ...(Object.keys(languages) as Language[]).map((one) => ({
        name: languages[one],
        checked: one === chosenLanguage,
        act: () => chooseLanguage(one),
      })),
    ]),
    ...grouped<MenuItem>(
      s.dates,
      dateFormats.map((one) => ({
        name: s.dateFormats[one],
        checked: one === dateFormat,
        act: () => chooseDateFormat(one),
      })),
    ),
    { name: s.keyboard, icon: "help", act: showHelp, keys: "?", group: "" },
  ];
  if (account !== null) {
    if (hasPage("me")) items.push({ name: s.settings, icon: "settings", href: "#/me" });
    const signOut = (): void => {
      const lost = unsent(account);
      if (lost === null) leave();
      else setLosing(lost);
    };
    items.push({ name: s.signOut, icon: "out", act: signOut });
  }
  const name = account === null ? s.settings : account.name || account.email;
  return (
    <>
    <Menu
      label={account === null ? s.settings : s.label(name)}
      look="button icon-only account"
      button={account === null ? <Icon name="settings" /> : <Avatar email={account.email} />}
      items={items}
      head={
        account && (
          <p class="menu-head">
            <span class="unseen">{s.signedInAs} </span>
            <strong>{account.name || account.email}</strong>
            {account.name && <span class="hint">{account.email}</span>}
          </p>
        )
      }
    />
    {losing && (
      <Ask heading={s.unsent.heading} yes={s.unsent.leave} no={s.unsent.stay} act={leave} close={() => setLosing(null)}>
        <ul>
          {[...new Set(losing.drafts)].map((of) => (
            <li key={of}>{/-\d+$/.test(of) ? s.unsent.draftOf(of) : s.unsent.draft}</li>
          ))}
          {losing.files > 0 && <li>{s.unsent.files(losing.files)}</li>}
        </ul>
        <p>{s.unsent.hint}</p>
      </Ask>
    )}
    </>
  );
}
