// The webhooks of the domains that the account manages; and, at an address below, one of them.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { announce } from "../../announce";
import type { Account } from "../../api";
import { addWebhook, events, listWebhooks, type Webhook, type WebhookEvent } from "../../api/webhooks";
import { Dialog } from "../../components/dialog";
import { Check, Entry, Select } from "../../components/entry";
import { FormDialog } from "../../components/form-dialog";
import { Icon } from "../../components/icon";
import { ShownOnce } from "../../components/shown-once";
import type { PageProps } from "../../lazy";
import { useResource } from "../../resource";
import { go, href } from "../../router";
import { useSaving } from "../../saving";
import { s as words } from "../../strings/workshop";
import { s } from "../../strings/workshop-webhooks";
import { loadKnown } from "./clients";
import { WebhookPage } from "./webhook";
import { Adding, Rows } from "./rows";
import { SectionHead } from "./sectioned";

const webhookHref = (id: string): string => href(["workshop", "webhooks", id]);

/** All events, or some of them: one at least, so the last one stays. */
function EventChecks({
  chosen,
  choose,
}: {
  chosen: readonly WebhookEvent[];
  choose: (to: WebhookEvent[]) => void;
}): JSX.Element {
  const toggle = (one: WebhookEvent): void => {
    const some = events.filter((each) => (each === one) !== chosen.includes(each));
    if (some.length > 0) choose(some);
  };
  return (
    <fieldset class="checks">
      <legend>{s.events}</legend>
      <div class="key-checks">
        {events.map((one) => (
          <Check key={one} label={s.names[one]} checked={chosen.includes(one)} change={() => toggle(one)} />
        ))}
      </div>
    </fieldset>
  );
}

function AddDialog({ account, close }: { account: Account; close: () => void }): JSX.Element {
  const [known] = useResource("known", () => loadKnown(account));
  const places = known.state === "ready" ? [...known.value.domains, ...known.value.workspaces] : [];
  const [url, setUrl] = useState("");
  const [place, setPlace] = useState("");
  const [chosen, setChosen] = useState(events);
  const [made, setMade] = useState<{ id: string; secret: string } | null>(null);
  const saving = useSaving();
  const where = place === "" ? (places[0] ?? "") : place;
  const send = async (): Promise<void> => {
    const isDomain = known.state === "ready" && known.value.domains.includes(where);
    setMade(
      await addWebhook({
        url: url.trim(),
        ...(isDomain ? { domain: where } : { workspace: where }),
        ...(chosen.length < events.length && { events: [...chosen] }),
      }),
    );
    announce(s.added); // a toast would be below the dialog
  };
  const leave = (): void => {
    if (saving.busy) return; // its secret is shown only here
    close();
    if (made !== null) go(webhookHref(made.id));
  };
  if (made !== null)
    return (
      <Dialog heading={s.add} close={leave} look="wide" firm>
        <ShownOnce heading={s.secretHeading} text={made.secret} copy={s.copySecret} close={leave} />
      </Dialog>
    );
  return (
    <FormDialog
      heading={s.add}
      look="wide"
      button={s.add}
      saving={saving}
      fields={["/url", "/workspace", "/domain"]}
      send={send}
      sent={() => {}}
      close={leave}
    >
          <Entry label={s.url} value={url} change={setUrl} hint={s.urlHint} fault={saving.faultOf("/url")} code first />
          <Select
            label={s.where}
            value={where}
            change={setPlace}
            options={places.map((one) => [one, one])}
            hint={s.whereHint}
            fault={saving.faultOf("/workspace") ?? saving.faultOf("/domain")}
          />
          <EventChecks chosen={chosen} choose={setChosen} />
    </FormDialog>
  );
}

export function WebhookMarks({ hook }: { hook: Webhook }): JSX.Element {
  return (
    <>
      {hook.paused && <span class="badge red">{s.paused}</span>}
      {!hook.paused && hook.failingSince !== null && <span class="badge red">{s.failing}</span>}
    </>
  );
}

function WebhookRow({ hook }: { hook: Webhook }): JSX.Element {
  const all = hook.events.length === events.length;
  return (
    <li>
      <a href={webhookHref(hook.id)} class="admin-row">
        <Icon name="link" />
        <span class="row-main">
          <strong class="clamp" dir="ltr">{hook.url}</strong>
        </span>
        <span class="row-facts hint">
          <span>{hook.workspace ?? hook.domain}</span>
          <span>{all ? s.allEvents : hook.events.map((one) => s.names[one]).join(", ")}</span>
        </span>
        <span class="row-marks">
          <WebhookMarks hook={hook} />
        </span>
      </a>
    </li>
  );
}

function WebhookList({ account }: { account: Account }): JSX.Element {
  const [read, reload] = useResource("webhooks", listWebhooks);
  const [adding, setAdding] = useState(false);
  return (
    <>
      <SectionHead of={words.sections.webhooks}>
        <Adding name={s.add} act={() => setAdding(true)} />
      </SectionHead>
      <Rows of={read} again={reload} label={words.sections.webhooks[0]} empty={s.empty} emptyHint={s.emptyHint}>
        {(hook) => <WebhookRow key={hook.id} hook={hook} />}
      </Rows>
      {adding && (
        <AddDialog
          account={account}
          close={() => {
            setAdding(false);
            reload();
          }}
        />
      )}
    </>
  );
}

export default function WebhooksPage({ rest: [id], account }: PageProps): JSX.Element {
  return id === undefined ? <WebhookList account={account} /> : <WebhookPage id={id} />;
}
