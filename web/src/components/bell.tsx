// The bell: how much is unread, and what it is.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { listNotifications, markRead, unread, type Notification } from "../notifications";
import { nameOf } from "../people";
import { recordHref } from "../router";
import { useKept, useResource } from "../resource";
import { useStore } from "../store";
import { s as frame } from "../strings/frame";
import { s as shared } from "../strings/shared";
import { Failure } from "./failure";
import { Icon } from "./icon";
import { Popover } from "./popover";
import { Moment } from "./when";

const s = frame.bell;
const shown = 20;

function Row({ item, close }: { item: Notification; close: () => void }): JSX.Element {
  const open = (): void => {
    void markRead({ ids: [item.id] }).catch(() => {});
    close();
  };
  return (
    <li class={item.read ? undefined : "unread"}>
      <a href={recordHref(item.key)} onClick={open}>
        {!item.read && <span class="unseen">{s.unread}</span>}
        <strong>{item.title}</strong>
        <span class="hint">
          {s.reasons[item.reason](item.by === null ? null : nameOf(item.by))}
          {item.events > 1 && ` (${item.events}×)`}
          {" · "}
          {item.key}
          {" · "}
          <Moment at={item.at} />
        </span>
      </a>
    </li>
  );
}

function List({ close }: { close: () => void }): JSX.Element {
  const count = useStore(unread);
  // What is news while it is open comes in, too.
  const [resource, load] = useResource(`notifications ${count}`, () => listNotifications(shown));
  const items = useKept(resource);
  const [failed, setFailed] = useState<unknown>(null);
  const error = resource.state === "failed" ? resource.error : failed;
  const all = (): void => {
    setFailed(null);
    markRead({ upTo: items![0]!.id }).then(load, setFailed);
  };
  return (
    <>
      <div class="line">
        <strong>{s.title}</strong>
        {count > 0 && items !== null && items.length > 0 && (
          <button type="button" class="button quiet" onClick={all}>
            {s.readAll}
          </button>
        )}
        <a
          class="button icon-only quiet"
          href="#/me/notifications"
          aria-label={s.settings}
          title={s.settings}
          onClick={close}
        >
          <Icon name="settings" />
        </a>
      </div>
      {error !== null && <Failure error={error} retry={failed === null ? load : all} />}
      {items === null && error === null && <p class="hint">{shared.loading}</p>}
      {items?.length === 0 && <p class="hint">{s.nothing}</p>}
      {items !== null && items.length > 0 && (
        <ul aria-label={s.title}>
          {items.map((item) => (
            <Row key={item.id} item={item} close={close} />
          ))}
        </ul>
      )}
    </>
  );
}

export function Bell(): JSX.Element {
  const count = useStore(unread);
  return (
    <Popover
      kind="dialog"
      look="button icon-only bell"
      panel="bell-panel"
      label={s.label(count)}
      button={
        <>
          <Icon name="bell" />
          {count > 0 && <span class="rail-count" data-count={count > 9 ? "9+" : count} />}
        </>
      }
    >
      {(close) => <List close={close} />}
    </Popover>
  );
}
