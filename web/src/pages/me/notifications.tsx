// What one hears of, and how.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { call } from "../../api";
import { Select } from "../../components/entry";
import { Moment } from "../../components/when";
import { Reading } from "../../components/reading";
import type { components } from "../../generated/schema";
import { languages, type Language } from "../../language";
import { useResource } from "../../resource";
import { href } from "../../router";
import { s } from "../../strings/me";
import { sayRefused } from "../workshop/refused";
import { SectionHead } from "../workshop/sectioned";

type Settings = components["schemas"]["NotificationSettings"];
type Change = components["schemas"]["NotificationSettingsChange"];

const words = s.notifications;
const reasons = Object.keys(words.reasons) as (keyof typeof words.reasons)[];
const bundles = Object.keys(words.bundles) as Settings["bundle"][];

export function NotificationsPage(): JSX.Element {
  const [read, reload] = useResource("notification settings", () => call("GET", "/me/notifications/settings"));
  const [now, setNow] = useState<Settings | null>(null);
  useEffect(() => {
    if (read.state === "ready") setNow(read.value);
  }, [read]);
  // One after another, and only the last answer is shown: an earlier one would take back what was set after it.
  const saves = useRef({ last: Promise.resolve(), n: 0 });
  const save = (body: Change): void => {
    const n = ++saves.current.n;
    saves.current.last = saves.current.last
      .then(() => call("PATCH", "/me/notifications/settings", { body }))
      .then(
        (value) => {
          if (n === saves.current.n) setNow(value);
        },
        (error: unknown) => {
          sayRefused(error);
          reload();
        },
      );
  };
  return (
    <>
      <SectionHead of={s.sections.notifications} />
      <Reading of={read} again={reload} kept={now !== null} />
      {now !== null && (
        <>
          {!now.sendsMail && <p class="hint">{words.noMail}</p>}
          {now.suspended !== null && (
            <div class="fault-box" role="alert">
              <p>
                {words.suspended} <Moment at={now.suspended.at} />: <q>{now.suspended.reason}</q>
              </p>
              <button type="button" class="button" onClick={() => save({ suspended: null })}>
                {words.resume}
              </button>
            </div>
          )}
          <table class="card ways">
            <thead>
              <tr>
                <th scope="col">{words.what}</th>
                <th scope="col">{words.app}</th>
                <th scope="col">{words.mail}</th>
              </tr>
            </thead>
            <tbody>
              {reasons.map((reason) => (
                <tr key={reason}>
                  <th scope="row">{words.reasons[reason]}</th>
                  {(["app", "mail"] as const).map((way) => (
                    <td key={way}>
                      <input
                        type="checkbox"
                        aria-label={`${words.reasons[reason]}: ${words[way]}`}
                        checked={now.reasons[reason][way]}
                        onChange={(event) => save({ reasons: { [reason]: { [way]: event.currentTarget.checked } } })}
                      />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
          <p>
            <a href={href(["workshop", "rules"])}>{words.rules}</a>
          </p>
          <div class="card stack narrow">
            <Select
              label={words.bundle}
              hint={words.bundleHint}
              value={now.bundle}
              change={(to) => save({ bundle: to as Settings["bundle"] })}
              options={bundles.map((one) => [one, words.bundles[one]])}
            />
            <Select
              label={words.language}
              value={now.language}
              change={(to) => save({ language: to as Language })}
              options={Object.entries(languages)}
            />
          </div>
        </>
      )}
    </>
  );
}
