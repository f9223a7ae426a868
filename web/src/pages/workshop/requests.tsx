// What systems sent and how it was answered, for those who connect them.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Fault } from "../../api";
import { listClients } from "../../api/clients";
import { listPeople } from "../../api/people";
import {
  curlOf,
  judgeRequest,
  listRequests,
  type LoggedRequest,
  type RequestFilter,
  type Verdict,
} from "../../api/requests";
import { CopyButton } from "../../components/copy-button";
import { EmptyState } from "../../components/empty-state";
import { Check, Select } from "../../components/entry";
import { Failure } from "../../components/failure";
import { Skeleton } from "../../components/skeleton";
import { Moment } from "../../components/when";
import type { PageProps } from "../../lazy";
import { useResource } from "../../resource";
import { correct, href, recordHref } from "../../router";
import { useSaving } from "../../saving";
import { s as words } from "../../strings/workshop";
import { s } from "../../strings/workshop-requests";
import { managedWorkspaces } from "./parts";
import { useDeed } from "./refused";
import { SectionHead } from "./sectioned";

const every = 4000;
/** So many are shown, and so many pages looked through for what is new. */
const most = 1000;
const mostPages = 5;

export function Faults({ faults }: { faults: readonly Fault[] }): JSX.Element {
  return (
    <ul class="points">
      {faults.map((fault) => (
        <li key={fault.pointer + fault.code + fault.detail}>
          {fault.detail} {fault.pointer !== "" && <code class="hint">{fault.pointer}</code>}
          {fault.allowed && (
            <span class="hint">
              {" "}
              {s.allowed} {fault.allowed.join(", ")}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

function Judge({ request }: { request: LoggedRequest }): JSX.Element {
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const saving = useSaving();
  const fault = saving.faultBeside([]);
  if (request.path.endsWith("add-tasks")) return <p class="hint">{s.bulk}</p>;
  const judge = (): void =>
    void saving.save(async () => {
      setVerdict(null);
      setVerdict(await judgeRequest(request.id));
    });
  return (
    <>
      <button type="button" class="button" aria-disabled={saving.busy} onClick={judge}>
        {saving.busy ? s.judging : s.judge}
      </button>
      <div class="verdict" role="status">
        {fault !== undefined && <p class="fault-text">{fault}</p>}
        {verdict?.valid && <p class="good-text">{s.wouldDo(verdict.form, verdict.formVersion)}</p>}
        {verdict?.valid === false && (
          <>
            <p class="fault-text">{s.wouldNot(verdict.form, verdict.formVersion)}</p>
            {verdict.problem?.errors ? <Faults faults={verdict.problem.errors} /> : <p>{verdict.problem?.detail}</p>}
          </>
        )}
        {verdict?.warnings?.map((one) => (
          <p key={one.pointer + one.detail} class="hint">
            {s.warning} {one.detail} <code>{one.pointer}</code>
          </p>
        ))}
      </div>
    </>
  );
}

function Detail({ request }: { request: LoggedRequest }): JSX.Element {
  const curl = curlOf(request);
  return (
    <div class="stack request-detail">
      <dl class="stack before-after">
        <div>
          <dt>{s.account}</dt>
          <dd>
            <bdi>{request.account}</bdi>
          </dd>
        </div>
        <div>
          <dt>{s.form}</dt>
          <dd>
            {request.form !== null && request.workspace !== null ? (
              <a href={href(["workshop", "forms", request.workspace, request.form])}>{request.form}</a>
            ) : (
              "–"
            )}
          </dd>
        </div>
        {request.idempotencyKey !== null && (
          <div>
            <dt>{s.key}</dt>
            <dd>
              <code>{request.idempotencyKey}</code>
            </dd>
          </div>
        )}
      </dl>
      {request.problem !== null && (
        <section>
          <h2>{s.what}</h2>
          {request.problem.errors ? <Faults faults={request.problem.errors} /> : <p>{request.problem.detail}</p>}
        </section>
      )}
      <div class="line">
        {curl !== null && (
          <CopyButton text={curl} class="button">
            {s.curl}
          </CopyButton>
        )}
        {curl !== null && request.body !== null && <Judge request={request} />}
        {request.key !== null && <a href={recordHref(request.key)}>{s.toRecord}</a>}
      </div>
      {curl === null && <p class="hint">{s.part}</p>}
      {curl !== null && (
        <details>
          <summary>{s.curlShow}</summary>
          <pre tabIndex={0}>
            <code>{curl}</code>
          </pre>
        </details>
      )}
      <section>
        <h2>{s.body}</h2>
        {request.body === null ? (
          <p class="hint">{s.noBody}</p>
        ) : (
          <pre tabIndex={0}>
            <code>{pretty(request.body)}</code>
          </pre>
        )}
      </section>
    </div>
  );
}

function outcome(request: LoggedRequest): JSX.Element | string {
  if (request.problem !== null) {
    const { errors = [], detail = "" } = request.problem;
    return s.faults(errors[0]?.detail ?? detail, errors.length - 1);
  }
  return request.key === null ? s.fine : s.created(request.key);
}

function Row({ request, open, toggle }: { request: LoggedRequest; open: boolean; toggle: () => void }): JSX.Element {
  const good = request.status < 400;
  return (
    <li>
      <button type="button" class="admin-row request-row" aria-expanded={open} onClick={toggle}>
        <span class={good ? "badge green" : "badge red"}>{request.status}</span>
        <span class="row-main">
          <strong>
            {request.method} {request.path.split("/").pop()}
            {request.workspace !== null && <span class="hint"> · {request.workspace}</span>}
          </strong>
          <span class={request.problem === null ? "hint" : "hint fault-text"}>
            <bdi>{outcome(request)}</bdi>
          </span>
        </span>
        <span class="row-facts hint">
          <Moment at={request.at} />
          <span>
            {[s.took(request.durationMs), request.dryRun && s.trial, request.replayed && s.again]
              .filter(Boolean)
              .join(" · ")}
          </span>
        </span>
      </button>
      {open && <Detail request={request} />}
    </li>
  );
}

/** The accounts that one may ask for; without the rights there are none but one's own. */
async function senders(own: string): Promise<(readonly [string, string])[]> {
  const [clients, people] = await Promise.all([
    listClients().catch(() => []),
    listPeople().catch(() => []),
  ]);
  return [
    ["", s.own],
    ...clients.map(({ clientId, name }) => [clientId, name || clientId] as const),
    ...people.filter(({ email }) => email !== own).map(({ email, name }) => [email, name || email] as const),
  ];
}

interface Read {
  items: LoggedRequest[];
  /** Where older ones are. */
  next?: string;
}

/** With what came since, page after page down to what is known; anew where that is further than a few pages. */
async function readNew(filter: RequestFilter, before: Read | null): Promise<Read> {
  const first = await listRequests(filter);
  if (before === null) return first;
  const known = new Set(before.items.map(({ id }) => id));
  const fresh: LoggedRequest[] = [];
  let page: Read = first;
  for (let pages = 1; ; pages += 1) {
    fresh.push(...page.items.filter(({ id }) => !known.has(id)));
    if (page.next === undefined || page.items.some(({ id }) => known.has(id)))
      return { ...before, items: [...fresh, ...before.items].slice(0, most) };
    if (pages === mostPages) return first;
    page = await listRequests(filter, page.next);
  }
}

/** With older ones. */
async function readOlder(filter: RequestFilter, { items, next }: Read): Promise<Read> {
  const page = await listRequests(filter, next);
  const known = new Set(items.map(({ id }) => id));
  return { ...page, items: [...items, ...page.items.filter(({ id }) => !known.has(id))].slice(0, most) };
}

function Log({ filter, live }: { filter: RequestFilter; live: boolean }): JSX.Element {
  const [log, setLog] = useState<Read | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [open, setOpen] = useState<string | null>(null);
  const act = useDeed();
  const latest = useRef<Read | null>(null);
  // One at a time: what two read at once would be there twice.
  const reading = useRef<Promise<void> | null>(null);
  const read = (load: (before: Read | null) => Promise<Read>): Promise<void> =>
    (reading.current ??= load(latest.current)
      .then((now) => {
        latest.current = now;
        setLog(now);
        setError(null);
      })
      .finally(() => {
        reading.current = null;
      }));
  const refresh = (): void =>
    void read((before) => readNew(filter, before)).catch((failed: unknown) => {
      // In between, the next time tells; what is shown stays.
      if (latest.current === null) setError(failed);
    });
  const older = async (): Promise<void> => {
    await reading.current?.catch(() => {});
    await read((before) => readOlder(filter, before!));
  };
  useEffect(() => {
    refresh();
    if (!live) return;
    const timer = setInterval(() => document.visibilityState === "visible" && refresh(), every);
    return () => clearInterval(timer);
  }, [live]);

  if (error !== null) return <Failure error={error} retry={refresh} />;
  if (log === null) return <Skeleton />;
  if (log.items.length === 0) return <EmptyState title={s.empty} />;
  return (
    <>
      <ul class="rows admin-rows" aria-label={s.list}>
        {log.items.map((request) => (
          <Row
            key={request.id}
            request={request}
            open={open === request.id}
            toggle={() => setOpen(open === request.id ? null : request.id)}
          />
        ))}
      </ul>
      {log.items.length === most ? (
        <p class="hint">{words.some(most)}</p>
      ) : (
        log.next !== undefined && (
          <button type="button" class="button" onClick={() => act(older)}>
            {s.more}
          </button>
        )
      )}
    </>
  );
}

export default function RequestsPage({ query, account }: PageProps): JSX.Element {
  const [live, setLive] = useState(true);
  const [choices] = useResource("senders", () => senders(account.email));
  const [keys] = useResource("managed workspaces", () => managedWorkspaces(account));
  const filter: RequestFilter = {
    account: query.get("account") ?? "",
    workspace: query.get("workspace") ?? "",
    status: query.get("status") ?? "",
  };
  const set = (name: keyof RequestFilter, value: string): void => {
    const now = Object.entries({ ...filter, [name]: value }).filter(([, one]) => one !== "");
    correct(href(["workshop", "requests"], Object.fromEntries(now)));
  };
  const known = choices.state === "ready" ? choices.value : [["", s.own] as const];
  const named = known.some(([id]) => id === filter.account);
  return (
    <>
      <SectionHead of={words.sections.requests} />
      <div class="line-form tool-filter">
        <Select
          label={s.account}
          value={filter.account}
          change={(to) => set("account", to)}
          options={named ? known : [...known, [filter.account, filter.account]]}
        />
        <Select
          label={s.workspace}
          value={filter.workspace}
          change={(to) => set("workspace", to)}
          options={[
            ["", s.everywhere],
            ...(keys.state === "ready" ? keys.value : []).map((key) => [key, key] as const),
          ]}
        />
        <Select
          label={s.status}
          value={filter.status}
          change={(to) => set("status", to)}
          options={[["", s.all], ["accepted", s.accepted], ["refused", s.refused]]}
        />
        <Check label={s.live} checked={live} change={setLive} />
      </div>
      <Log key={JSON.stringify(filter)} filter={filter} live={live} />
    </>
  );
}
