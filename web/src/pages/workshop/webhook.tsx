// One webhook: how it goes, what was sent, and its secret.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import {
  changeWebhook,
  listDeliveries,
  readDelivery,
  readWebhook,
  removeWebhook,
  resend,
  resendSince,
  rotateSecret,
  testWebhook,
  type Delivery,
  type Webhook,
} from "../../api/webhooks";
import { Ask } from "../../components/ask";
import { Failure } from "../../components/failure";
import { ShownOnce } from "../../components/shown-once";
import { Skeleton } from "../../components/skeleton";
import { Person } from "../../components/person";
import { Moment } from "../../components/when";
import { usePage } from "../../page";
import { useKept, useResource } from "../../resource";
import { go, href } from "../../router";
import { s } from "../../strings/workshop-webhooks";
import { toast } from "../../toast";
import { Absent, Crumb } from "./parts";
import { useDeed, useOne } from "./refused";
import { WebhookMarks } from "./webhooks";

/** What was sent, and what came back, once somebody wants to see it. */
function DeliveryTexts({ hook, delivery }: { hook: Webhook; delivery: Delivery }): JSX.Element {
  const [read, reload] = useResource(`delivery ${delivery.id} ${delivery.attempts}`, () =>
    readDelivery(hook.id, delivery.id),
  );
  if (read.state === "failed") return <Failure error={read.error} retry={reload} />;
  if (read.state === "loading") return <Skeleton />;
  const { request, answer } = read.value;
  return (
    <>
      <h3>{s.request}</h3>
      {request == null ? <p class="hint">{s.blanked}</p> : <pre class="once-text" tabIndex={0}>{request}</pre>}
      {answer !== null && answer !== "" && (
        <>
          <h3>{s.answer}</h3>
          <pre class="once-text" tabIndex={0}>{answer}</pre>
        </>
      )}
    </>
  );
}

function DeliveryRow({ hook, delivery, sent }: { hook: Webhook; delivery: Delivery; sent: () => void }): JSX.Element {
  const [open, setOpen] = useState(false);
  const act = useDeed();
  const again = async (): Promise<void> => {
    await resend(hook.id, delivery.id);
    toast(s.resent);
    sent();
  };
  const name =
    delivery.type === "webhook.test"
      ? s.test
      : `${s.names[delivery.type as keyof typeof s.names]} ${delivery.key ?? ""}`;
  return (
    <li>
      <span>
        <strong>{name}</strong> <Moment at={delivery.createdAt} />
      </span>
      <span class={delivery.state === "delivered" ? "badge" : "badge red"}>{s.states[delivery.state]}</span>
      <span class="hint">
        {delivery.attempts > 0 && s.attempts(delivery.attempts)} {delivery.status ?? ""}
      </span>
      <span class="hint">
        {delivery.nextAttemptAt !== null && delivery.attempts > 0 && (
          <>
            {s.next}: <Moment at={delivery.nextAttemptAt} />
          </>
        )}
      </span>
      <button
        type="button"
        class="button quiet"
        aria-expanded={open}
        aria-label={`${s.show}: ${name}`}
        onClick={() => setOpen(!open)}
      >
        {s.show}
      </button>
      <button type="button" class="button quiet" aria-label={`${s.resend}: ${name}`} onClick={() => act(again)}>
        {s.resend}
      </button>
      {delivery.error !== null && <p class="hint fault-text">{delivery.error}</p>}
      {open && <DeliveryTexts hook={hook} delivery={delivery} />}
    </li>
  );
}

function Deliveries({ hook }: { hook: Webhook }): JSX.Element {
  const [read, reload] = useResource(`deliveries ${hook.id}`, () => listDeliveries(hook.id));
  const all = useKept(read);
  const act = useDeed();
  const day = async (): Promise<void> => {
    const { deliveries } = await resendSince(hook.id, new Date(Date.now() - 86_400_000).toISOString());
    toast(s.resentSome(deliveries));
    reload();
  };
  const test = async (): Promise<void> => {
    await testWebhook(hook.id);
    toast(s.testSent);
    setTimeout(reload, 1000);
  };
  return (
    <section class="stack part">
      <h2>{s.deliveries}</h2>
      <p class="hint">{s.deliveriesHint}</p>
      <div class="line">
        <button type="button" class="button" onClick={() => act(test)}>
          {s.sendTest}
        </button>
        <button type="button" class="button quiet" onClick={() => act(day)}>
          {s.resendDay}
        </button>
        <button type="button" class="button quiet" onClick={reload}>
          {s.refresh}
        </button>
      </div>
      {read.state === "failed" && <Failure error={read.error} retry={reload} />}
      {all !== null && all.length === 0 && <p>{s.noDeliveries}</p>}
      {all !== null && all.length > 0 && (
        <ul class="rows secret-rows" aria-label={s.deliveries}>
          {all.map((delivery) => (
            <DeliveryRow key={delivery.id} hook={hook} delivery={delivery} sent={reload} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Secret({ hook, rotated }: { hook: Webhook; rotated: () => void }): JSX.Element {
  const [made, setMade] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const act = useDeed();
  const rotate = async (keepOldHours?: number): Promise<void> => {
    setMade((await rotateSecret(hook.id, keepOldHours)).secret);
    rotated();
  };
  // Read anew: somebody may have made one since.
  const ask = async (): Promise<void> => {
    if ((await readWebhook(hook.id)).oldSecretUntil !== null) setAsking(true);
    else await rotate();
  };
  return (
    <section class="stack part">
      <h2>{s.secretHeading}</h2>
      <p class="hint">{s.rotateHint}</p>
      {hook.oldSecretUntil !== null && (
        <p class="hint">
          {s.oldUntil} <Moment at={hook.oldSecretUntil} />
        </p>
      )}
      {made !== null ? (
        <ShownOnce heading={s.secretHeading} text={made} copy={s.copySecret} close={() => setMade(null)} />
      ) : (
        <button type="button" class="button" onClick={() => act(ask)}>
          {s.rotate}
        </button>
      )}
      {asking && (
        <Ask heading={s.rotate} yes={s.rotate} act={() => act(() => rotate(0))} close={() => setAsking(false)}>
          <p>{s.rotateSoon}</p>
        </Ask>
      )}
    </section>
  );
}

export function WebhookPage({ id }: { id: string }): JSX.Element {
  const { one: hook, read, again, change } = useOne(`webhook ${id}`, () => readWebhook(id), changeWebhook);
  const [removing, setRemoving] = useState(false);
  const heading = usePage(hook?.url ?? id, `workshop webhook ${id}`);
  const act = useDeed();
  const remove = async (): Promise<void> => {
    await removeWebhook(id);
    toast(s.removed);
    go(href(["workshop", "webhooks"]));
  };
  const back = <Crumb of="webhooks" />;
  if (hook === null)
    return (
      <>
        {back}
        <Absent of={read} again={again} />
      </>
    );
  const { paused } = hook;
  const pause = (): Promise<boolean> => change({ paused: !paused }, paused ? s.nowResumed : s.nowPaused, { paused });
  return (
    <>
      {back}
      <div class="page-head">
        <h1 ref={heading} tabIndex={-1} dir="ltr">
          {hook.url}
        </h1>
        <WebhookMarks hook={hook} />
      </div>
      {hook.problem !== null && <p class="note">{hook.problem}</p>}
      <p class="hint">
        {hook.workspace ?? hook.domain}
        {hook.owner !== null && (
          <>
            {" · "}
            {s.owner} <Person email={hook.owner} />
          </>
        )}
        {hook.succeededAt !== null && (
          <>
            {" · "}
            {s.lastSuccess}: <Moment at={hook.succeededAt} />
          </>
        )}
        {hook.failingSince !== null && (
          <>
            {" · "}
            {s.since} <Moment at={hook.failingSince} />
          </>
        )}
      </p>
      <div class="stack parts">
        <Deliveries hook={hook} />
        <Secret hook={hook} rotated={again} />
        <section class="stack part">
          <p class="hint">{s.pauseHint}</p>
          <div class="line">
            <button type="button" class="button" onClick={() => act(pause)}>
              {paused ? s.resume : s.pause}
            </button>
            <button type="button" class="button quiet" onClick={() => setRemoving(true)}>
              {s.remove}
            </button>
          </div>
        </section>
      </div>
      {removing && (
        <Ask heading={s.removeOne} yes={s.remove} act={() => act(remove)} close={() => setRemoving(false)}>
          <p>{s.removeHint}</p>
        </Ask>
      )}
    </>
  );
}
