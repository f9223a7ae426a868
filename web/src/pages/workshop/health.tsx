// How the server is, and how it is configured: for admins, to read.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { call } from "../../api";
import { listMailAddresses, readMail } from "../../api/mail";
import { Entry } from "../../components/entry";
import { Fact, Facts } from "../../components/facts";
import { Icon } from "../../components/icon";
import { Moment } from "../../components/when";
import { Reading } from "../../components/reading";
import { formatCount } from "../../format";
import type { components } from "../../generated/schema";
import { locale } from "../../language";
import { useKept, useResource } from "../../resource";
import { s as shared } from "../../strings/shared";
import { s as words } from "../../strings/workshop";
import { s } from "../../strings/workshop-health";
import { Mail } from "./mail";
import { SectionHead } from "./sectioned";

type Health = components["schemas"]["ServerHealth"];
type Setting = components["schemas"]["SettingList"]["items"][number];

const megabytes = new Intl.NumberFormat(locale, { style: "unit", unit: "megabyte", maximumSignificantDigits: 3 });

/* The server counts jobs so far. */
const COUNTED = 1000;

const inTrouble = ({ failing, givenUp }: Health["jobs"][number]): boolean => failing > 0 || givenUp > 0;

function Jobs({ jobs }: { jobs: Health["jobs"] }): JSX.Element {
  return (
    <section class="stack part">
      <h2>{s.jobs}</h2>
      <ul class="rows setting-rows" aria-label={s.jobs}>
        {jobs.map((job) => (
          <li key={job.kind}>
            <strong>{job.kind}</strong>
            <span class={inTrouble(job) ? "fault-text" : undefined}>
              {[
                job.running > 0 && s.jobRunning(job.running),
                job.failing > 0 && s.jobFailing(job.failing),
                job.givenUp > 0 && s.jobGivenUp(job.givenUp),
              ]
                .filter(Boolean)
                .join(", ") || s.jobFine}
            </span>
            <span class="hint">
              {job.count > 1 && `${s.jobCount} ${formatCount(job.count)}${job.count < COUNTED ? "" : "+"} · `}
              {s.jobNext} <Moment at={job.nextAt} />
            </span>
            {job.reason !== null && <p class="hint given">{job.reason}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Now({ health, mailFails }: { health: Health; mailFails: boolean }): JSX.Element {
  const { database, index, writes, nodes } = health;
  const troubles = health.jobs.filter(inTrouble).length;
  return (
    <>
      <p class={troubles > 0 || mailFails ? "note" : "good"}>
        {troubles > 0 ? s.troubles(troubles) : mailFails ? s.mailFails : s.good}
      </p>
      <Facts heading={s.now}>
        <Fact label={s.asOf}>
          <Moment at={health.at} />
        </Fact>
        <Fact label={s.version}>{health.version}</Fact>
        <Fact label={s.environment}>{health.environment}</Fact>
        <Fact label={s.since}>
          <Moment at={health.startedAt} />
        </Fact>
        <Fact label={s.database}>{database.engine}</Fact>
        <Fact label={s.size}>{megabytes.format(database.size / 1e6)}</Fact>
        <Fact label={s.schema}>{database.schema}</Fact>
        <Fact label={s.index}>
          {!index.ready ? s.indexBuilding : index.behind > 0 ? s.behind(formatCount(index.behind)) : s.indexReady}
        </Fact>
        <Fact label={s.writes}>{s.writesOf(formatCount(writes.changes), formatCount(writes.transactions))}</Fact>
      </Facts>
      {nodes.length > 0 && (
        <Facts heading={s.nodes}>
          {nodes.map(({ number, leaseUntil }) => (
            <Fact key={number} label={s.node(number)}>
              {s.lease} <Moment at={leaseUntil} />
            </Fact>
          ))}
        </Facts>
      )}
      <Jobs jobs={health.jobs} />
    </>
  );
}

function Settings({ items }: { items: readonly Setting[] }): JSX.Element {
  const [typed, setTyped] = useState("");
  const found = items.filter(({ name, help }) => `${name} ${help}`.toLowerCase().includes(typed.trim().toLowerCase()));
  return (
    <section class="stack part">
      <h2>{s.settings}</h2>
      <div class="line-form">
        <Entry label={s.find} type="search" value={typed} change={setTyped} />
      </div>
      <ul class="rows setting-rows" aria-label={s.settings}>
        {found.map(({ name, value, origin, help }) => (
          <li key={name}>
            <strong>
              <code>{name}</code>
            </strong>
            <span class="given">{value === "" ? <span class="hint">{s.empty}</span> : <code>{value}</code>}</span>
            <span class={origin === "default" ? "hint" : "badge"}>{s.origins[origin] ?? origin}</span>
            <p class="hint">{help}</p>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="hint">{shared.nothingFound}</p>}
    </section>
  );
}

export default function HealthPage(): JSX.Element {
  const [read, reload] = useResource("health", () =>
    Promise.all([call("GET", "/health"), call("GET", "/settings"), readMail(), listMailAddresses()]),
  );
  const kept = useKept(read);
  return (
    <>
      <SectionHead of={words.sections.health}>
        <button type="button" class="button quiet" aria-disabled={read.state === "loading"} onClick={reload}>
          <Icon name="refresh" />
          {s.refresh}
        </button>
      </SectionHead>
      <Reading of={read} again={reload} kept={kept !== null} />
      {kept !== null && (
        <div class="stack parts">
          <Now health={kept[0]} mailFails={kept[2].failing.length > 0} />
          <Mail mail={kept[2]} addresses={kept[3]} reload={reload} />
          <Settings items={kept[1].items} />
        </div>
      )}
    </>
  );
}
