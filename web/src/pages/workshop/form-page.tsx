// One form: built, compared with its older versions, used.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Problem, type Fault } from "../../api";
import { readForm, readSample, saveForm, tryForm, type FormDocument, type FormPreview } from "../../api/forms";
import { listForms } from "../../api/places";
import { Command } from "../../components/command";
import { Failure, failureWords } from "../../components/failure";
import { Skeleton } from "../../components/skeleton";
import { useDraft } from "../../drafts";
import { usePage } from "../../page";
import { nameOf } from "../../people";
import { useKept, useResource } from "../../resource";
import { href } from "../../router";
import { useSaving } from "../../saving";
import { s as shared } from "../../strings/shared";
import { s } from "../../strings/workshop-forms";
import { toast } from "../../toast";
import { FormBuilder } from "./form-builder";
import { Preview } from "./form-preview";
import { Versions } from "./form-versions";
import { differences } from "./form-words";
import { Crumb, download, Tabs } from "./parts";

interface Kept {
  document: FormDocument;
  /** Of the version that it was made from. */
  etag: string;
  base: FormDocument;
}

interface Loaded {
  document: FormDocument;
  /** Empty when there is no such form yet. */
  etag: string;
  version: number;
  by: string | null;
}

async function load(workspace: string, name: string, from: string | null): Promise<Loaded> {
  // One that is being begun need not be there yet.
  const begins = from !== null && !(await listForms(workspace)).some((one) => one.name === name);
  const found = begins ? null : await readForm(workspace, name);
  // The built-in form is replaced by the first one of its name.
  if (found !== null && !(name === "default" && found.value.changedAt === null)) {
    const { form, version, changedBy } = found.value;
    return { document: form, etag: found.etag, version, by: changedBy };
  }
  const model = from ? await readForm(workspace, from) : null;
  const { name: _, default: __, ...document } = model?.value.form ?? {};
  return { document, etag: "", version: 0, by: null };
}

type Verdict =
  | { state: "wait" }
  | { state: "fine"; preview: FormPreview }
  | { state: "wrong"; faults: Fault[] }
  | { state: "failed"; text: string };

/** What the server says of the form as it is now, a moment after the last change. */
function useVerdict(workspace: string, name: string, document: FormDocument | null): Verdict {
  const [verdict, setVerdict] = useState<Verdict>({ state: "wait" });
  const text = JSON.stringify(document);
  useEffect(() => {
    if (document === null) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      tryForm(workspace, name, document, stop.signal).then(
        (preview) => setVerdict({ state: "fine", preview }),
        (error: unknown) => {
          if (stop.signal.aborted) return;
          if (error instanceof Problem && error.faults.length > 0)
            setVerdict({ state: "wrong", faults: [...error.faults] });
          else setVerdict({ state: "failed", text: failureWords(error)[1] });
        },
      );
    }, 300);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [workspace, name, text]);
  return verdict;
}

function Differences({ lead, list }: { lead: string; list: readonly string[] }): JSX.Element {
  return (
    <div>
      <p>{lead}</p>
      <ul class="points">
        {list.map((one) => (
          <li key={one}>{one}</li>
        ))}
        {list.length === 0 && <li>{s.same}</li>}
      </ul>
    </div>
  );
}

function Use({ workspace, name, version }: { workspace: string; name: string; version: number }): JSX.Element {
  const [sample, reload] = useResource(`sample ${workspace} ${name} ${version}`, () => readSample(workspace, name));
  if (sample.state === "loading") return <Skeleton />;
  if (sample.state === "failed") return <Failure error={sample.error} retry={reload} />;
  return (
    <div class="stack parts">
      <h2 class="unseen">{s.tabs.use}</h2>
      <Command heading={s.curl} hint={s.curlHint} text={sample.value.curl} />
      <Command heading={s.sample} hint="" text={JSON.stringify(sample.value.body, null, 2)} />
    </div>
  );
}

interface FormPageProps {
  workspace: string;
  name: string;
  query: URLSearchParams;
}

export function FormPage({ workspace, name, query }: FormPageProps): JSX.Element {
  const from = query.get("from");
  const tab = query.get("tab") ?? "build";
  const [read, reload] = useResource(`form ${workspace} ${name}`, () => load(workspace, name, from));
  const stored = useKept(read);
  const draft = useDraft(`form ${workspace}`, name);
  const kept = useMemo(() => (draft.text === "" ? null : (JSON.parse(draft.text) as Kept)), [draft.text]);
  const document = kept?.document ?? stored?.document ?? null;
  const latest = useRef(document);
  latest.current = document;
  const verdict = useVerdict(workspace, name, document);
  const saving = useSaving();
  const refused = saving.faultBeside([]);
  const heading = usePage(name, `form ${workspace} ${name}`);
  const file = useRef<HTMLInputElement>(null);

  if (read.state === "failed" && stored === null) return <Failure error={read.error} retry={reload} />;
  if (stored === null || document === null) return <Skeleton />;

  const keep = (now: Kept): void => draft.change(JSON.stringify(now));
  const change = (next: FormDocument): void => {
    saving.clear();
    keep({ base: stored.document, etag: stored.etag, ...kept, document: next });
  };
  const overtaken = kept !== null && kept.etag !== stored.etag && read.state === "ready";
  const faults = verdict.state === "wrong" ? verdict.faults : [];

  const save = (next: FormDocument, etag: string): Promise<unknown> =>
    saving.save(async () => {
      const { name: _, ...body } = next;
      try {
        const saved = await saveForm(workspace, name, body, etag);
        // What was typed meanwhile is a change of what is stored now.
        if (latest.current === document) draft.discard();
        else keep({ document: latest.current!, etag: saved.etag, base: next });
        toast(s.saved(saved.value.version));
        reload();
      } catch (error) {
        // Somebody was first: what they saved is read, and both are shown.
        if (error instanceof Problem && (error.status === 412 || error.status === 428)) reload();
        else throw error;
      }
    });
  const discard = (): void => {
    const text = draft.text;
    draft.discard();
    saving.clear();
    toast(s.discarded, () => draft.change(text));
  };
  const upload = async (): Promise<void> => {
    const [chosen] = file.current?.files ?? [];
    if (file.current) file.current.value = "";
    if (chosen === undefined) return;
    try {
      const parsed: unknown = chosen.size > 2_000_000 ? null : JSON.parse(await chosen.text());
      if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw new Error();
      const { name: _, ...next } = parsed as FormDocument;
      if (next.fields !== undefined && !Array.isArray(next.fields)) throw new Error();
      change(next);
      toast(s.uploaded);
    } catch {
      toast(s.uploadWrong);
    }
  };
  const tabHref = (to: string): string =>
    href(["workshop", "forms", workspace, name], to === "build" ? (from === null ? {} : { from }) : { tab: to });

  return (
    <>
      <Crumb of="forms" at={workspace} />
      <div class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {name}
        </h1>
        <p class="hint">{stored.version === 0 ? s.notStored : s.version(stored.version)}</p>
        {document.default && <span class="badge accent">{s.isDefault}</span>}
        {document.disabled && <span class="badge red">{s.outOfUse}</span>}
      </div>
      <Tabs
        label={s.tabs.label}
        current={tab}
        tabs={(["build", "versions", "use"] as const).map((one) => [one, s.tabs[one], tabHref(one)])}
      />
      {overtaken && (
        <section class="fault-box stack conflict-box" role="alert">
          <h2>{s.conflict(stored.by === null ? s.somebody : nameOf(stored.by))}</h2>
          <Differences lead={s.conflictTheirs} list={differences(kept.base, stored.document)} />
          <Differences lead={s.conflictMine} list={differences(kept.base, kept.document)} />
          <div class="line">
            <button type="button" class="button" onClick={() => void save(kept.document, stored.etag)}>
              {s.keepMine}
            </button>
            <button type="button" class="button" onClick={discard}>
              {s.takeTheirs}
            </button>
          </div>
        </section>
      )}
      {tab === "versions" && (
        <Versions
          workspace={workspace}
          name={name}
          version={stored.version}
          restore={(older) => {
            // What it is used for is about today.
            const { default: _, disabled: __, ...document } = older;
            const { default: isDefault, disabled } = stored.document;
            const next = {
              ...document,
              ...(isDefault !== undefined && { default: isDefault }),
              ...(disabled !== undefined && { disabled }),
            };
            return save(next, stored.etag);
          }}
        />
      )}
      {tab === "use" &&
        (stored.version === 0 ? (
          <p class="hint">{s.saveFirst}</p>
        ) : (
          <Use workspace={workspace} name={name} version={stored.version} />
        ))}
      {tab === "build" && (
        <div class="form-work">
          <div class="stack">
            <FormBuilder document={document} change={change} faults={faults} />
          </div>
          <div class="stack form-side">
            <section class="stack form-save" aria-live="polite">
              {verdict.state === "wait" && <p class="hint">{s.previewWait}</p>}
              {verdict.state === "fine" && <p class="good-text">{s.fine}</p>}
              {verdict.state === "failed" && <p class="fault-text">{verdict.text}</p>}
              {faults.length > 0 && (
                <div class="fault-box">
                  <p>{s.wrong(faults.length)}</p>
                  <ul class="points">
                    {faults.map((fault) => (
                      <li key={fault.pointer + fault.detail}>{fault.detail}</li>
                    ))}
                  </ul>
                </div>
              )}
              {refused !== undefined && <p class="fault-text">{refused}</p>}
              {kept !== null && <p class="hint">{s.draft}</p>}
              <div class="line">
                <button
                  type="button"
                  class="button primary"
                  aria-disabled={saving.busy || (kept === null && stored.version > 0) || overtaken}
                  onClick={() => {
                    if (!overtaken && (kept !== null || stored.version === 0))
                      void save(document, kept?.etag ?? stored.etag);
                  }}
                >
                  {shared.save}
                </button>
                {kept !== null && (
                  <button type="button" class="button quiet" onClick={discard}>
                    {s.discard}
                  </button>
                )}
              </div>
              <div class="line">
                <button
                  type="button"
                  class="button quiet"
                  onClick={() =>
                    download(`${name}.json`, "application/json", `${JSON.stringify({ name, ...document }, null, 2)}\n`)
                  }
                >
                  {s.download}
                </button>
                <button type="button" class="button quiet" onClick={() => file.current?.click()}>
                  {s.upload}
                </button>
                <input
                  ref={file}
                  type="file"
                  accept=".json,application/json"
                  hidden
                  aria-label={s.upload}
                  onChange={() => void upload()}
                />
              </div>
            </section>
            <Preview preview={verdict.state === "fine" ? verdict.preview : null} document={document} />
          </div>
        </div>
      )}
    </>
  );
}
