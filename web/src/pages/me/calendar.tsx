// The address at which a calendar program reads what one has due. The server shows it once.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { call } from "../../api";
import { Ask } from "../../components/ask";
import { ShownOnce } from "../../components/shown-once";
import { Moment } from "../../components/when";
import { Reading } from "../../components/reading";
import { useKept, useResource } from "../../resource";
import { s } from "../../strings/me";
import { toast } from "../../toast";
import { useDeed } from "../workshop/refused";
import { SectionHead } from "../workshop/sectioned";

const words = s.calendar;

export function CalendarPage(): JSX.Element {
  const [read, reload] = useResource("calendar", () => call("GET", "/me/calendar"));
  const [made, setMade] = useState<string | null>(null);
  const [revoking, setRevoking] = useState(false);
  const now = useKept(read);
  const act = useDeed();
  const make = async (): Promise<void> => {
    setMade((await call("POST", "/me/calendar")).url);
    reload();
  };
  const revoke = async (): Promise<void> => {
    await call("DELETE", "/me/calendar").finally(reload);
    setMade(null);
    toast(words.revoked);
  };
  return (
    <>
      <SectionHead of={s.sections.calendar} />
      <Reading of={read} again={reload} kept={now !== null} />
      {now !== null && (
        <div class="stack parts">
          <section class="stack part">
            <h2>{words.address}</h2>
            {made !== null && (
              <ShownOnce heading={words.heading} text={made} copy={words.copy} close={() => setMade(null)}>
                <p class="hint">{words.secret}</p>
              </ShownOnce>
            )}
            {now.createdAt === null ? (
              <p>{words.none}</p>
            ) : (
              <p>
                {words.since} <Moment at={now.createdAt} />. {made === null && words.lost}
              </p>
            )}
            <div class="line">
              <button
                type="button"
                class={now.createdAt === null ? "button primary" : "button"}
                onClick={() => act(make)}
              >
                {now.createdAt === null ? words.make : words.again}
              </button>
              {now.createdAt !== null && (
                <button type="button" class="button quiet" onClick={() => setRevoking(true)}>
                  {words.revoke}
                </button>
              )}
            </div>
          </section>
        </div>
      )}
      {revoking && (
        <Ask heading={words.revokeOne} yes={words.revoke} act={() => act(revoke)} close={() => setRevoking(false)}>
          <p>{words.revokeHint}</p>
        </Ask>
      )}
    </>
  );
}
