// The address at which a calendar program reads what one has due. The server shows it once.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { call } from "../../api";
import { Dialog } from "../../components/dialog";
import { ShownOnce } from "../../components/shown-once";
import { Moment } from "../../components/when";
import { Reading } from "../../components/reading";
import { useKept,useResource } from "../../resource";
import { s } from "../../strings/me";
import { s as shared } from "../../strings/shared";
import { toast } from "../../toast";
import { sayRefused } from "../workshop/refused";
import { SectionHead } from "../workshop/sectioned";

const words = s.calendar;

export function CalendarPage(): JSX.Element {
  const [read, reload] = useResource("calendar", () => call("GET", "/me/calendar"));
  const [made, setMade] = useState<string | null>(null);
  const [revoking, setRevoking] = useState(false);
  const now = useKept(read);
  const make = (): void =>
    void call("POST", "/me/calendar").then(({ url }) => {
      setMade(url);
      reload();
    }, sayRefused);
  const revoke = async (): Promise<void> => {
    setRevoking(false);
    try {
      await call("DELETE", "/me/calendar");
      setMade(null);
      toast(words.revoked);
    } catch (error) {
      sayRefused(error);
    }
    reload();
  };
  return (
    <>
      <SectionHead of={s.sections.calendar} />
      <Reading of={read} again={reload} kept={now !== null} />
      {now !== null && (
        <div class="parts">
          <section class="part">
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
            <div class="line-actions">
              <button type="button" class={now.createdAt === null ? "button primary" : "button"} onClick={make}>
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
        <Dialog heading={words.revokeOne} close={() => setRevoking(false)}>
          <p>{words.revokeHint}</p>
          <div class="line-actions">
            <button type="button" class="button primary" onClick={() => void revoke()}>
              {words.revoke}
            </button>
            <button type="button" class="button" onClick={() => setRevoking(false)}>
              {shared.cancel}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
