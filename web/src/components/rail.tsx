// The places of the app, at the left, or at the bottom of a phone.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Account } from "../api";
import { formatCount } from "../format";
import { loadViews, views } from "../pages/records/views";
import { preferences } from "../preferences";
import { places, placeHref, routeOf } from "../routes";
import { href, route } from "../router";
import { scope } from "../scope";
import { useStore, type Store } from "../store";
import { s } from "../strings/frame";
import { Icon } from "./icon";

export function Brand(): JSX.Element {
  return (
    <a class="brand" href="#/" aria-label={s.home}>
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
        <rect width="32" height="32" rx="8" class="brand-tile" />
        <path d="M9 16.5l5 5L23.5 11" class="brand-tick" />
      </svg>
    </a>
  );
}

const most = 99;

function Waiting({ count }: { count: Store<number | null> }): JSX.Element | null {
  const now = useStore(count);
  if (now === null || now === 0) return null;
  return (
    <>
      <span class="rail-count" aria-hidden="true">
        {now > most ? `${most}+` : now}
      </span>
      <span class="unseen">{s.places.waiting(formatCount(now))}</span>
    </>
  );
}

/** The saved views that somebody has pinned, under the records. */
function Pins({ chosen }: { chosen: string | null }): JSX.Element | null {
  const pins = useStore(preferences)?.pins ?? [];
  const all = useStore(views) ?? [];
  useEffect(() => {
    if (pins.length > 0) void loadViews().catch(() => {});
  }, [pins.length > 0]);
  const shown = pins.flatMap((id) => all.filter((view) => view.id === id));
  if (shown.length === 0) return null;
  return (
    <ul class="pins" aria-label={s.places.pins}>
      {shown.map(({ id, name }) => (
        <li key={id}>
          <a href={href(["todo"], { view: id })} title={name} aria-current={id === chosen ? "page" : undefined}>
            <bdi class="clamp">{name}</bdi>
          </a>
        </li>
      ))}
    </ul>
  );
}

export function Rail({ account }: { account: Account }): JSX.Element {
  const where = useStore(route);
  const now = routeOf(where, account);
  const within = useStore(scope);
  return (
    <nav class="rail" aria-label={s.places.label}>
      <Brand />
      <ul>
        {places(account).map((one) => (
          <li key={one.name}>
            <a href={placeHref(one, within)} aria-current={one.name === now?.name ? "page" : undefined}>
              <Icon name={one.place!.icon} />
              <span>{one.place!.title}</span>
              {one.place!.count && <Waiting count={one.place!.count} />}
            </a>
            {one.name === "todo" && <Pins chosen={where.query.get("view")} />}
          </li>
        ))}
      </ul>
    </nav>
  );
}
