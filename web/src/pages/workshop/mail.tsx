// Mail that waits or fails, and people whom it does not reach: a part of the page about the server's health.
import type { JSX } from "preact";
import { resumeMailAddress, type MailAddress, type MailQueue } from "../../api/mail";
import { Fact, Facts } from "../../components/facts";
import { Moment } from "../../components/when";
import { formatCount } from "../../format";
import { href } from "../../router";
import { s } from "../../strings/workshop-mail";
import { toast } from "../../toast";
import { useDeed } from "./refused";

const Person = ({ email }: { email: string }): JSX.Element => (
  <a href={href(["workshop", "people", email])}>
    <bdi>{email}</bdi>
  </a>
);

function Failing({ items }: { items: MailQueue["failing"] }): JSX.Element {
  return (
    <section class="stack part">
      <h2>{s.failing}</h2>
      <p class="hint">{s.failingLead}</p>
      <ul class="rows setting-rows" aria-label={s.failing}>
        {items.map(({ email, attempts, failingSince, nextAt, reason }) => (
          <li key={email}>
            <Person email={email} />
            <span class="given">{reason}</span>
            <span class="hint">
              {attempts > 0 && `${s.attempts(attempts)}, `}
              {s.first} <Moment at={failingSince} />, {s.next} <Moment at={nextAt} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Address({ address, reload }: { address: MailAddress; reload: () => void }): JSX.Element {
  const { email, suspendedAt, givenUpAt, reason } = address;
  const act = useDeed();
  const resume = async (): Promise<void> => {
    await resumeMailAddress(email);
    toast(s.resumed(email));
    reload();
  };
  const at = suspendedAt ?? givenUpAt;
  return (
    <li>
      <Person email={email} />
      <span class="given">{reason}</span>
      <span class={suspendedAt !== null ? "fault-text" : "hint"}>
        {suspendedAt !== null ? s.suspended : s.givenUp} {at !== null && <Moment at={at} />}
      </span>
      {suspendedAt !== null && (
        <button type="button" class="button" aria-label={s.resumeOf(email)} onClick={() => act(resume)}>
          {s.resume}
        </button>
      )}
    </li>
  );
}

interface MailProps {
  mail: MailQueue;
  addresses: readonly MailAddress[];
  reload: () => void;
}

export function Mail({ mail, addresses, reload }: MailProps): JSX.Element {
  return (
    <>
      <Facts heading={s.heading}>
        <Fact label={s.waiting}>{mail.sendsMail ? formatCount(mail.waiting) : s.none}</Fact>
        {mail.lateSince !== null && (
          <Fact label={s.late}>
            {s.since(formatCount(mail.late))} <Moment at={mail.lateSince} />
          </Fact>
        )}
      </Facts>
      {mail.failing.length > 0 && <Failing items={mail.failing} />}
      {addresses.length > 0 && (
        <section class="stack part">
          <h2>{s.addresses}</h2>
          <p class="hint">{s.addressesLead}</p>
          <ul class="rows setting-rows" aria-label={s.addresses}>
            {addresses.map((address) => (
              <Address key={address.email} address={address} reload={reload} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
