// Records from a CSV file: what it is, where each column goes, what the server says of it, and then all of it
// in calls of some rows. Each row has a key that is made of the file and its place, so the same file can be
// imported again after anything that went wrong, and doubles nothing.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Problem, Unreachable, type Account } from "../../api";
import { readFormSchema } from "../../api/forms";
import { sendItems, type BulkVerdict } from "../../api/imports";
import { listForms } from "../../api/places";
import { EmptyState } from "../../components/empty-state";
import { Check, Entry, Select } from "../../components/entry";
import { Failure, failureWords, faultWords } from "../../components/failure";
import { Reading } from "../../components/reading";
import { formatCount } from "../../format";
import type { PageProps } from "../../lazy";
import { useKept, useResource } from "../../resource";
import { href } from "../../router";
import { recall, remember } from "../../storage";
import { s as shared } from "../../strings/shared";
import { s as words } from "../../strings/members";
import { s as workshop } from "../../strings/workshop";
import { s as forms } from "../../strings/workshop-forms";
import { s } from "../../strings/workshop-imports";
import { decode, delimiters, guessDelimiter, parseCsv, writeCsv, type Delimiter, type Encoding } from "./csv";
import {
  guessColumns,
  keyStart,
  readCell,
  reportOf,
  type AmountStyle,
  type DayStyle,
  type Mapping,
  type Members,
} from "./import-map";
import { download, managedWorkspaces, WorkspaceSelect } from "./parts";
import { choicesOf, isDay, isNumber } from "./schema";
import { SectionHead } from "./sectioned";

const mostBytes = 20_000_000;
const mostRows = 100_000;
const previewed = 20;
const shownRefused = 200;
const chunkRows = 200;
const chunkBytes = 900_000;
const left = ["domainWorkSpace", "domain", "workspace"];

interface Source {
  name: string;
  bytes: Uint8Array;
}

const memberTitle = (member: string, members: Members): string =>
  words.fields[member] ?? members[member]?.title ?? member;

// ---- sending ----

type Outcome = BulkVerdict | undefined;

interface Run {
  dryRun: boolean;
  outcomes: Outcome[];
  done: number;
  state: "running" | "finished" | { ended: string };
}

/** Ends of the chunks that begin at each place: not too many rows, not too many bytes. */
function chunkEnd(reports: readonly string[], start: number): number {
  let bytes = 0;
  let end = start;
  while (end < reports.length && end - start < chunkRows) {
    bytes += (reports[end] as string).length;
    if (bytes > chunkBytes && end > start) break;
    end += 1;
  }
  return end;
}

const later = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

const refused = (outcome: Outcome): boolean => outcome !== undefined && outcome.status >= 400;

function verdictText(outcome: Outcome): string {
  if (outcome === undefined) return s.waiting;
  const { status, task, replayed, problem } = outcome;
  if (status === 503) return s.again;
  if (status >= 400) return faultWords(problem?.errors) || (problem?.detail ?? "");
  if (task === undefined) return s.good;
  return replayed || status === 200 ? s.before(task.key) : s.stored(task.key);
}

// ---- what is shown ----

/** The rows at these places, and what the server says of each. */
function Verdicts({ at, rows, outcomes, titleAt, numberOf }: {
  at: readonly number[];
  rows: readonly (readonly string[])[];
  outcomes: readonly Outcome[];
  titleAt: number;
  numberOf: (i: number) => number;
}): JSX.Element {
  return (
    <div class="import-rows" tabIndex={0} role="group" aria-label={s.verdict}>
      <table>
        <thead>
          <tr>
            <th>{s.row}</th>
            <th>{s.title}</th>
            <th>{s.verdict}</th>
          </tr>
        </thead>
        <tbody>
          {at.map((i) => (
            <tr key={i}>
              <td>{numberOf(i)}</td>
              <td dir="auto">{(rows[i]?.[titleAt] ?? rows[i]?.[0] ?? "").slice(0, 80)}</td>
              <td class={refused(outcomes[i]) ? "fault-text" : outcomes[i] ? "good-text" : "hint"}>
                {verdictText(outcomes[i])}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Choose({ chosen }: { chosen: (source: Source) => void }): JSX.Element {
  const [pasted, setPasted] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const [drop, setDrop] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const take = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    if (file.size > mostBytes) return setWrong(s.tooBig);
    chosen({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
  };
  return (
    <div
      class={drop ? "stack parts over" : "stack parts"}
      onDragOver={(event) => {
        event.preventDefault();
        setDrop(true);
      }}
      onDragLeave={() => setDrop(false)}
      onDrop={(event) => {
        event.preventDefault();
        setDrop(false);
        void take(event.dataTransfer?.files[0]);
      }}
    >
      <p class="line">
        <button type="button" class="button primary" onClick={() => input.current?.click()}>
          {s.choose}
        </button>
        <input
          ref={input}
          type="file"
          accept=".csv,.txt,.tsv,text/csv"
          hidden
          aria-label={s.choose}
          onChange={(event) => void take(event.currentTarget.files?.[0])}
        />
      </p>
      {wrong !== null && <p class="fault-text">{wrong}</p>}
      <Entry label={s.paste} value={pasted} change={setPasted} rows={6} code />
      {pasted.trim() !== "" && (
        <p>
          <button
            type="button"
            class="button"
            onClick={() => chosen({ name: s.pasted, bytes: new TextEncoder().encode(pasted) })}
          >
            {s.pasteUse}
          </button>
        </p>
      )}
    </div>
  );
}

function Fixed({ fixed, change, members, taken }: {
  fixed: Readonly<Record<string, string>>;
  change: (fixed: Record<string, string>) => void;
  members: Members;
  taken: readonly string[];
}): JSX.Element {
  const rest = Object.keys(members).filter((member) => fixed[member] === undefined && !taken.includes(member));
  return (
    <section class="stack part">
      <h2>{s.fixed}</h2>
      <div class="tool-filter">
        {Object.entries(fixed)
          .filter(([member]) => !taken.includes(member))
          .map(([member, value]) => {
            const title = memberTitle(member, members);
            const choices = choicesOf(members[member] ?? {});
            const set = (to: string): void => change({ ...fixed, [member]: to });
            return choices ? (
              <Select
                key={member}
                label={title}
                value={value}
                change={set}
                options={[["", shared.none], ...choices]}
              />
            ) : (
              <Entry key={member} label={title} value={value} change={set} />
            );
          })}
        <Select
          label={s.fixedAdd}
          bare
          value=""
          change={(member) => member !== "" && change({ ...fixed, [member]: "" })}
          options={[["", s.fixedAdd], ...rest.map((member) => [member, memberTitle(member, members)] as const)]}
        />
      </div>
    </section>
  );
}

interface Left {
  file: string;
  done: number;
}

function leftImport(): Left | null {
  try {
    return JSON.parse(recall("import.running") ?? "null") as Left | null;
  } catch {
    return null;
  }
}

function Import({ source, account, keys, scope, again }: {
  source: Source;
  account: Account;
  keys: readonly string[];
  scope: string;
  again: () => void;
}): JSX.Element {
  const [encoding, setEncoding] = useState<Encoding>();
  const decoded = useMemo(() => decode(source.bytes, encoding), [source, encoding]);
  const [delimiter, setDelimiter] = useState<Delimiter>(() => guessDelimiter(decoded.text));
  const table = useMemo(() => parseCsv(decoded.text, delimiter), [decoded, delimiter]);
  const [header, setHeader] = useState(true);
  const rows = useMemo(() => (header ? table.slice(1) : table), [table, header]);
  const width = Math.min(200, table.reduce((most, row) => Math.max(most, row.length), 0));
  const names = Array.from({ length: width }, (_, i) => (header && table[0]?.[i]?.trim()) || s.column(i + 1));

  const [workspace, setWorkspace] = useState(keys.find((key) => key === scope) ?? keys[0] ?? "");
  const [form, setForm] = useState("");
  const [known] = useResource(`forms ${workspace}`, () => listForms(workspace));
  const formList = known.state === "ready" ? known.value.filter(({ disabled }) => !disabled) : [];
  const judge = form || (formList.find((one) => one.default)?.name ?? "default");
  const [schema, reload] = useResource(`schema ${workspace} ${judge}`, () => readFormSchema(workspace, judge));
  const read = useKept(schema);
  const members = useMemo<Members>(() => {
    const all = Object.entries((read?.properties ?? {}) as Members);
    return Object.fromEntries(all.filter(([name, { readOnly }]) => !left.includes(name) && readOnly !== true));
  }, [read]);

  const [columns, setColumns] = useState<string[] | null>(null);
  const [fixed, setFixed] = useState<Record<string, string>>({ todoType: "INCIDENT", reporter: account.email });
  const [days, setDays] = useState<DayStyle>("iso");
  const [amounts, setAmounts] = useState<AmountStyle>("plain");
  const guessed = useMemo(() => guessColumns(names, members), [names.join("\n"), members]);
  const mapping: Mapping = { columns: columns ?? guessed, fixed, days, amounts };
  const reportAt = (row: readonly string[]): Record<string, unknown> => reportOf(row, mapping, members, workspace);
  const numberOf = (i: number): number => i + (header ? 2 : 1);
  const shown = { rows, titleAt: Math.max(0, mapping.columns.indexOf("title")), numberOf };

  // ---- the first rows ----
  const [first, setFirst] = useState<Outcome[]>([]);
  const [refusal, setRefusal] = useState<string | null>(null);
  const reports = JSON.stringify(read === null ? null : rows.slice(0, previewed).map(reportAt));
  const [run, setRun] = useState<Run | null>(null);
  useEffect(() => {
    setRun(null);
    if (reports === "null" || reports === "[]") return;
    let gone = false;
    const timer = setTimeout(() => {
      const items = (JSON.parse(reports) as Record<string, unknown>[]).map((task) => ({ task }));
      sendItems(items as never, judge, true).then(
        (verdicts) => {
          if (gone) return;
          setFirst(verdicts);
          setRefusal(null);
        },
        (error: unknown) => {
          if (!gone) setRefusal(failureWords(error)[1]);
        },
      );
    }, 400);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [reports, judge, rows]);

  // ---- all rows ----
  const stop = useRef(false);
  const busy = run?.state === "running";
  useEffect(() => {
    if (!busy) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [busy]);
  useEffect(
    () => () => {
      stop.current = true;
    },
    [],
  );

  const send = async (dryRun: boolean, from: Run | null): Promise<void> => {
    stop.current = false;
    const outcomes: Outcome[] = from?.outcomes ?? [];
    let done = from?.done ?? 0;
    const say = (state: Run["state"]): void => setRun({ dryRun, outcomes, done, state });
    say("running");
    try {
      const start = await keyStart(source.bytes, workspace);
      const texts = rows.map((row, i) =>
        JSON.stringify({ idempotencyKey: `${start}-${numberOf(i)}`, task: reportAt(row) }),
      );
      for (let tries = 0; done < texts.length; ) {
        if (stop.current) return say({ ended: `${s.stopped} ${s.safe}` });
        const end = chunkEnd(texts, done);
        try {
          const items = texts.slice(done, end).map((text) => JSON.parse(text) as never);
          const verdicts = await sendItems(items, judge, dryRun);
          for (const verdict of verdicts) outcomes.push(verdict);
          done = end;
          tries = 0;
          if (!dryRun) remember("import.running", JSON.stringify({ file: source.name, done } satisfies Left));
          say("running");
        } catch (error) {
          const passing =
            error instanceof Unreachable || (error instanceof Problem && [429, 503].includes(error.status));
          tries += 1;
          if (!passing) throw error;
          if (tries > 4) return say({ ended: `${s.broken} ${s.safe}` });
          await later(error instanceof Problem && error.retryAfter > 0 ? error.retryAfter * 1000 : 500 * 2 ** tries);
        }
      }
      if (!dryRun) remember("import.running", null);
      say("finished");
    } catch (error) {
      say({ ended: failureWords(error)[1] });
    }
  };

  if (rows.length === 0 || rows.length > mostRows)
    return (
      <EmptyState title={rows.length === 0 ? s.nothing : s.tooMany}>
        <button type="button" class="button" onClick={again}>
          {s.other}
        </button>
      </EmptyState>
    );
  if (schema.state === "failed" && read === null) return <Failure error={schema.error} retry={reload} />;

  const outcomes = run?.outcomes ?? [];
  const count = (fits: (one: BulkVerdict) => boolean): string =>
    formatCount(outcomes.filter((one) => one !== undefined && fits(one)).length);
  const bad = outcomes.flatMap((one, i) => (refused(one) ? [i] : []));
  const example = (i: number): string => rows.find((row) => (row[i] ?? "").trim() !== "")?.[i] ?? "";
  const used = mapping.columns.map((member) => members[member] ?? {});
  const saveRefused = (): void => {
    const head = [...names, s.rowColumn, s.faultsColumn];
    const lines = bad.map((i) => {
      const row = rows[i] as string[];
      const cells = Array.from({ length: width }, (_, at) => row[at] ?? "");
      return [...cells, String(numberOf(i)), verdictText(outcomes[i])];
    });
    download("refused.csv", "text/csv", writeCsv([head, ...lines]));
  };

  return (
    <div class="stack parts">
      <section class="stack part">
        <h2>{s.file}</h2>
        <p class="line">
          <bdi>{s.rows(formatCount(rows.length), source.name)}</bdi>
          <button type="button" class="button quiet" onClick={again} aria-disabled={busy}>
            {s.other}
          </button>
        </p>
        <div class="tool-filter">
          <Select
            label={s.delimiter}
            value={delimiter}
            change={(to) => {
              setColumns(null);
              setDelimiter(to as Delimiter);
            }}
            options={delimiters.map((one) => [one, s.delimiters[one] ?? one])}
          />
          <Select
            label={s.encoding}
            value={decoded.encoding}
            change={(to) => setEncoding(to as Encoding)}
            options={[["utf-8", "UTF-8"], ["windows-1252", "Windows-1252"]]}
          />
          <Check label={s.header} checked={header} change={setHeader} />
        </div>
      </section>
      <section class="stack part">
        <h2>{s.target}</h2>
        <div class="tool-filter">
          <WorkspaceSelect
            label={s.workspace}
            keys={keys}
            value={workspace}
            change={(key) => {
              setForm("");
              setWorkspace(key);
            }}
          />
          <Select
            label={s.form}
            value={form}
            change={setForm}
            options={[["", s.formDefault], ...formList.map(({ name }) => [name, name] as const)]}
          />
        </div>
      </section>
      <section class="stack part">
        <h2>{s.columns}</h2>
        <ul class="stack import-map">
          {names.map((name, i) => {
            const member = mapping.columns[i] ?? "";
            const cell = example(i);
            const value = readCell(cell, members[member] ?? {}, mapping);
            return (
              <li key={i}>
                <span>
                  <bdi>{name}</bdi>
                </span>
                <span class="hint cut" title={cell.slice(0, 300)}>
                  <bdi>{cell.slice(0, 60)}</bdi>
                  {member !== "" && String(value) !== cell && <strong> {s.read(String(value))}</strong>}
                </span>
                <Select
                  label={s.into(name)}
                  bare
                  value={member}
                  change={(to) => setColumns(mapping.columns.map((one, at) => (at === i ? to : one)))}
                  options={[
                    ["", s.ignore],
                    ...Object.keys(members).map((one) => [one, memberTitle(one, members)] as const),
                  ]}
                />
              </li>
            );
          })}
        </ul>
      </section>
      {(used.some(isDay) || used.some(isNumber)) && (
        <div class="tool-filter">
          {used.some(isDay) && (
            <Select
              label={s.days}
              value={days}
              change={(to) => setDays(to as DayStyle)}
              options={Object.entries(s.dayStyles)}
            />
          )}
          {used.some(isNumber) && (
            <Select
              label={s.amounts}
              value={amounts}
              change={(to) => setAmounts(to as AmountStyle)}
              options={Object.entries(s.amountStyles)}
            />
          )}
        </div>
      )}
      <Fixed fixed={fixed} change={setFixed} members={members} taken={mapping.columns} />
      {run === null && (
        <section class="stack part" aria-live="polite">
          <h2>{s.preview}</h2>
          {refusal !== null && <p class="fault-text">{refusal}</p>}
          <Verdicts {...shown} at={[...rows.slice(0, previewed).keys()]} outcomes={first} />
        </section>
      )}
      {run !== null && (
        <section class="stack part">
          <h2>{run.dryRun ? s.checked : s.finished}</h2>
          <p role="status">
            {s.progress(formatCount(run.done), formatCount(rows.length))}
            {run.done > 0 && (
              <>
                {": "}
                {run.dryRun
                  ? s.right(count((one) => one.status < 400))
                  : `${s.made(count((one) => one.status === 201 && !one.replayed))}, ${s.found(
                      count((one) => one.status < 400 && (one.status === 200 || one.replayed === true)),
                    )}`}
                , {s.refused(count((one) => one.status >= 400))}
              </>
            )}
          </p>
          <progress value={run.done} max={rows.length} aria-label={run.dryRun ? s.checked : s.finished} />
          {typeof run.state === "object" && <p class="fault-text">{run.state.ended}</p>}
          {run.state === "finished" && !run.dryRun && (
            <p>
              <a href={href(["todo"], { in: workspace })}>{s.toList}</a>
            </p>
          )}
        </section>
      )}
      {bad.length > 0 && (
        <section class="stack part">
          <h2>{s.refusedRows}</h2>
          <p class="hint">
            {s.refusedHint} {bad.length > shownRefused && s.onlySome(formatCount(shownRefused))}
          </p>
          <p>
            <button type="button" class="button" onClick={saveRefused}>
              {s.refusedFile}
            </button>
          </p>
          <Verdicts {...shown} at={bad.slice(0, shownRefused)} outcomes={outcomes} />
        </section>
      )}
      <div class="line">
        {busy ? (
          <button type="button" class="button" onClick={() => (stop.current = true)}>
            {s.stop}
          </button>
        ) : (
          <>
            {run !== null && run.state !== "finished" && (
              <button type="button" class="button" onClick={() => void send(run.dryRun, run)}>
                {s.goOn}
              </button>
            )}
            <button type="button" class="button" onClick={() => void send(true, null)}>
              {s.check}
            </button>
            <button type="button" class="button primary" onClick={() => void send(false, null)}>
              {s.start(formatCount(rows.length))}
            </button>
          </>
        )}
      </div>
    </div>
  );
}

export default function ImportsPage({ account, scope }: PageProps): JSX.Element {
  const [source, setSource] = useState<Source | null>(null);
  const [keys, reload] = useResource("managed workspaces", () => managedWorkspaces(account));
  const [before, setBefore] = useState(leftImport);
  return (
    <>
      <SectionHead of={workshop.sections.imports} />
      {!isSecureContext && <p class="note">{s.insecure}</p>}
      {before !== null && source === null && (
        <p class="note">
          {s.left(before.file, formatCount(before.done))} {s.safe}{" "}
          <button
            type="button"
            class="button quiet"
            onClick={() => {
              remember("import.running", null);
              setBefore(null);
            }}
          >
            {s.leftForget}
          </button>
        </p>
      )}
      <Reading of={keys} again={reload} />
      {isSecureContext && keys.state === "ready" && keys.value.length === 0 && (
        <EmptyState title={forms.noWorkspace} text={workshop.askRole} />
      )}
      {isSecureContext && keys.state === "ready" && keys.value.length > 0 && (
        source === null ? (
          <Choose chosen={setSource} />
        ) : (
          <Import source={source} account={account} keys={keys.value} scope={scope} again={() => setSource(null)} />
        )
      )}
    </>
  );
}
