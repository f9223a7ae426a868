// Where one is signed in.
import type { JSX } from "preact";
import { call, callAll } from "../../api";
import { Icon } from "../../components/icon";
import { Moment } from "../../components/when";
import { Reading } from "../../components/reading";
import type { components } from "../../generated/schema";
import { useKept, useResource } from "../../resource";
import { s } from "../../strings/me";
import { toast } from "../../toast";
import { useDeed } from "../workshop/refused";
import { SectionHead } from "../workshop/sectioned";

type SignIn = components["schemas"]["SignInPage"]["items"][number];

const listSignIns = () =>
  callAll((cursor) =>
    call("GET", "/people/me/sessions", { query: { limit: 200, ...(cursor !== undefined && { cursor }) } }),
  );

const browsers = /(Edg|OPR|Firefox|Chrome|Safari)\/\d+/;
const systems = /(Windows|Android|iPhone|iPad|Mac OS X|CrOS|Linux)/;
const called: Record<string, string> = { Edg: "Edge", OPR: "Opera", "Mac OS X": "macOS", CrOS: "ChromeOS" };

/** "Firefox, Windows" where the long name of a browser says so; otherwise the name of the program. */
function programOf({ kind, client, userAgent }: SignIn): string {
  const own = client === null ? (kind === "app" ? s.app : s.token) : s.client(client);
  if (userAgent === null) return own;
  const found = [browsers.exec(userAgent)?.[1], systems.exec(userAgent)?.[1]].flatMap((name) =>
    name === undefined ? [] : [called[name] ?? name],
  );
  return kind === "app" && found.length > 0 ? found.join(", ") : `${own}: ${userAgent}`;
}

export function SignInsPage(): JSX.Element {
  const [read, reload] = useResource("sign-ins", listSignIns);
  const all = useKept(read);
  const others = (all ?? []).filter(({ current }) => !current);
  const act = useDeed();
  const end = (ending: () => Promise<unknown>, said: string): void =>
    act(async () => {
      await ending().finally(reload);
      toast(said);
    });
  return (
    <>
      <SectionHead of={s.sections.sessions} />
      <Reading of={read} again={reload} kept={all !== null} />
      {all !== null && (
        <>
          <ul class="rows setting-rows sign-ins" aria-label={s.sections.sessions[0]}>
            {[...all]
              .sort((a, b) => Number(b.current) - Number(a.current))
              .map((one) => (
                <li key={one.id}>
                  <strong title={one.userAgent ?? undefined}>{programOf(one)}</strong>
                  <span class="hint">
                    {s.from} {one.address ?? s.unknownAddress}
                    {" · "}
                    {s.begun} <Moment at={one.createdAt} />
                    {" · "}
                    {s.used} <Moment at={one.lastUsedAt} />
                  </span>
                  {one.current ? (
                    <span class="badge accent">{s.here}</span>
                  ) : (
                    <button
                      type="button"
                      class="button"
                      aria-label={s.endOne(programOf(one))}
                      onClick={() =>
                        end(() => call("DELETE", "/people/me/sessions/{id}", { path: { id: one.id } }), s.ended)
                      }
                    >
                      {s.end}
                    </button>
                  )}
                </li>
              ))}
          </ul>
          {others.length === 0 ? (
            <p class="hint">{s.onlyThis}</p>
          ) : (
            <p class="line">
              <button
                type="button"
                class="button"
                onClick={() => end(() => call("DELETE", "/people/me/sessions"), s.othersEnded)}
              >
                <Icon name="out" />
                {s.others}
              </button>
              <span class="hint">{s.othersHint}</span>
            </p>
          )}
        </>
      )}
    </>
  );
}
