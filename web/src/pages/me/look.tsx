// How the app looks in this browser, and what its keys do.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { enableLetters, lettersEnabled } from "../../actions";
import { Check, Select } from "../../components/entry";
import { chooseDateFormat, dateFormat, dateFormats } from "../../dates";
import { chooseLanguage, chosenLanguage, languages, type Language } from "../../language";
import type { PageProps } from "../../lazy";
import { chooseHome, places } from "../../routes";
import { recall } from "../../storage";
import { useStore } from "../../store";
import { s as frame } from "../../strings/frame";
import { s } from "../../strings/me";
import { chooseTheme, theme, themes, type Theme } from "../../theme";
import { SectionHead } from "../workshop/sectioned";

export function LookPage({ account }: PageProps): JSX.Element {
  const chosenTheme = useStore(theme);
  const letters = useStore(lettersEnabled);
  const [home, setHome] = useState(recall("home") ?? "");
  const words = frame.account;
  return (
    <>
      <SectionHead of={s.sections.look} />
      <div class="card stack narrow">
        <Select
          label={words.theme}
          value={chosenTheme}
          change={(to) => chooseTheme(to as Theme)}
          options={themes.map((one) => [one, words.themes[one]])}
        />
        <Select
          label={s.language}
          value={chosenLanguage ?? ""}
          change={(to) => chooseLanguage(to === "" ? null : (to as Language))}
          options={[["", words.languageAuto], ...Object.entries(languages)]}
        />
        <Select
          label={s.dates}
          value={dateFormat}
          change={(to) => chooseDateFormat(dateFormats.find((one) => one === to) ?? "auto")}
          options={dateFormats.map((one) => [one, words.dateFormats[one]])}
        />
        <Select
          label={s.home}
          value={home}
          change={(to) => {
            chooseHome(to || null);
            setHome(to);
          }}
          options={[["", s.homeFirst], ...places(account).map((one) => [one.name, one.place!.title] as const)]}
        />
        <Check label={s.letters} hint={s.lettersHint} checked={letters} change={enableLetters} />
      </div>
    </>
  );
}
