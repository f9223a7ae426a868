// One rule: what it does, what it would have done, and its switch.
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Account } from "../../api";
import {
  addRule,
  changeRule,
  kinds,
  readRule,
  removeRule,
  tryRule,
  type Past,
  type Rule,
  type RuleBody,
  type RuleKind,
} from "../../api/rules";
import { Select, Send } from "../../components/entry";
import { Moment } from "../../components/when";
import { usePage } from "../../page";
import { learnPeople } from "../../people";
import { useResource } from "../../resource";
import { mayManage } from "../../rights";
import { go, href, recordHref } from "../../router";
import { useSaving, useTyped } from "../../saving";
import { s as shared } from "../../strings/shared";
import { s } from "../../strings/workshop-rules";
import { toast } from "../../toast";
import { Absent, Crumb } from "./parts";
import { sayRefused, sayUndo, useDeed } from "./refused";
import { bodyOf, draftOf, type Draft } from "./rule-draft";
import { faultFields, RuleFields } from "./rule-fields";
import { listed, pastWords, sentenceOf, toldName } from "./rule-words";

export const rulesHref = (workspace: string, id?: string): string =>
  href(["workshop", "rules", workspace, ...(id === undefined ? [] : [id])]);

export function RuleMarks({ rule }: { rule: Rule }): JSX.Element {
  return (
    <>
      {rule.problem !== null && <span class="badge red">{s.problem}</span>}
      <span class={rule.active ? "badge accent" : "badge"}>{rule.active ? s.active : s.inactive}</span>
    </>
  );
}

const examples = 10;

function PastDeeds({ past }: { past: Past }): JSX.Element {
  const [all, setAll] = useState(false);
  const shown = all ? past.items : past.items.slice(0, examples);
  return (
    <>
      <p role="status">
        <strong>{pastWords(past)}</strong> <span class="hint">{s.past.hint}</span> {past.more && s.past.some}
      </p>
      {shown.length > 0 && (
        <ul class="rows setting-rows" aria-label={s.past.list}>
          {shown.map(({ at, key, title, people }, i) => (
            <li key={i}>
              <Moment at={at} />
              {key !== null && (
                <a href={recordHref(key)}>
                  {key} <bdi>{title}</bdi>
                </a>
              )}
              <span class="hint">{listed(people.map(toldName))}</span>
            </li>
          ))}
        </ul>
      )}
      {shown.length < past.items.length && (
        <button type="button" class="button quiet" onClick={() => setAll(true)}>
          {s.past.all(past.items.length - shown.length)}
        </button>
      )}
    </>
  );
}

const contentOf = (rule: Rule): RuleBody => ({ ...bodyOf(draftOf(rule.kind, rule)), position: rule.position });

/** What was typed into a new rule while it was being made: its own page goes on with it. */
let left: { id: string; draft: Draft } | null = null;

/** A rule that is stored, or a new one; `stored` says what it is now, `again` that it may be another. */
function RuleForm({
  workspace,
  rule,
  stored,
  again,
}: {
  workspace: string;
  rule: Rule | null;
  stored: (rule: Rule) => void;
  again?: () => void;
}): JSX.Element {
  const [draft, type, forget] = useTyped(draftOf(rule?.kind ?? "remind", rule ?? undefined));
  const [past, setPast] = useState<Past | null>(null);
  const saving = useSaving();
  const latest = useRef(draft);
  latest.current = draft;
  const edits = useRef(0);
  const change = (to: Partial<Draft>): void => {
    edits.current += 1;
    type(to);
    setPast(null);
  };
  const rehearse = async (): Promise<void> => {
    const asked = edits.current;
    await saving.save(async () => {
      const now = await tryRule(workspace, bodyOf(latest.current));
      if (asked === edits.current) setPast(now); // else it is about an older draft
    });
  };
  useLayoutEffect(() => {
    if (rule === null || rule.id !== left?.id) return;
    change(left.draft);
    left = null;
  }, []);
  useEffect(() => {
    if (rule !== null && !rule.active) void rehearse();
  }, [rule?.id]);
  const put = async (active?: boolean): Promise<void> => {
    const sent = edits.current;
    let now: Rule | undefined;
    await saving.save(async () => {
      const body = { ...bodyOf(draft), ...(active !== undefined && { active }) };
      now = rule === null ? await addRule(workspace, body) : await changeRule(rule, body);
    });
    if (now === undefined) return again?.();
    if (rule === null && sent !== edits.current) left = { id: now.id, draft: latest.current };
    stored(now);
    if (rule === null) return toast((now.active ? s.nowOn : s.savedOff)(now.name));
    const before = rule;
    const changed = now;
    forget(draft);
    const undo = async (): Promise<void> => {
      stored(await changeRule(changed, { ...contentOf(before), active: before.active }));
      setPast(null);
    };
    sayUndo((active === undefined ? s.saved : active ? s.nowOn : s.nowOff)(now.name), undo, again);
  };
  return (
    <div class="stack parts">
      <form
        class="card stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void put();
        }}
      >
        {rule === null && (
          <Select
            label={s.kind}
            value={draft.kind}
            change={(kind) => change({ ...draftOf(kind as RuleKind), name: draft.name })}
            options={kinds.map((one) => [one, s.kinds[one]])}
          />
        )}
        <RuleFields key={draft.kind} workspace={workspace} draft={draft} change={change} saving={saving} />
        <div class="line">
          <Send saving={saving} fields={faultFields[draft.kind]} look={rule?.active ? "button primary" : "button"}>
            {shared.save}
          </Send>
          <button
            type="button"
            class={past === null && !rule?.active ? "button primary" : "button"}
            onClick={() => void rehearse()}
          >
            {s.try}
          </button>
        </div>
      </form>
      {(past !== null || !rule?.active) && (
        <section class="stack part">
          <h2>{s.past.heading}</h2>
          {past === null ? (
            <p class="hint" id="rule-first">
              {s.past.first}
            </p>
          ) : (
            <PastDeeds past={past} />
          )}
          {!rule?.active && (
            <button
              type="button"
              class={past === null ? "button" : "button primary"}
              aria-disabled={past === null}
              aria-describedby={past === null ? "rule-first" : undefined}
              onClick={() => past !== null && void put(true)}
            >
              {s.switchOn}
            </button>
          )}
        </section>
      )}
    </div>
  );
}

function StoredRule({ rule: read, may }: { rule: Rule; may: boolean }): JSX.Element {
  const [rule, setRule] = useState(read);
  const heading = usePage(rule.name, `workshop rule ${rule.id}`);
  const again = (): void =>
    void readRule(rule.workspace, rule.id).then(
      (now) => setRule((held) => (held.version > now.version ? held : now)),
      () => {}, // it stays as it was shown
    );
  const act = useDeed();
  const remove = async (): Promise<void> => {
    await removeRule(rule);
    go(rulesHref(rule.workspace));
    toast(s.removed(rule.name), async () => {
      // As a new rule it would do once more what was due before.
      const active = rule.active && !rule.backlog;
      try {
        const back = await addRule(rule.workspace, { ...contentOf(rule), active });
        toast((active === rule.active ? s.restored : s.restoredOff)(rule.name));
        go(rulesHref(back.workspace, back.id));
      } catch (error) {
        sayRefused(error);
      }
    });
  };
  const off = async (): Promise<void> => {
    const now = await changeRule(rule, { active: false }).catch((error: unknown) => {
      again();
      throw error;
    });
    setRule(now);
    sayUndo(s.nowOff(rule.name), async () => setRule(await changeRule(now, { active: true })), again);
  };
  return (
    <>
      <div class="page-head">
        <h1 ref={heading} tabIndex={-1} dir="auto">
          {rule.name}
        </h1>
        <RuleMarks rule={rule} />
        {may && (
          <div class="head-actions">
            {rule.active && (
              <button type="button" class="button" onClick={() => act(off)}>
                {s.switchOff}
              </button>
            )}
            <button type="button" class="button quiet" onClick={() => act(remove)}>
              {s.remove}
            </button>
          </div>
        )}
      </div>
      <p class="section-lead" dir="auto">
        {sentenceOf(rule)}
      </p>
      {rule.problem !== null && <p class="fault-box">{rule.problem}</p>}
      <p class="hint">
        {s.kinds[rule.kind]}
        {rule.activeSince !== null && (
          <>
            {" · "}
            {s.since} <Moment at={rule.activeSince} />
          </>
        )}
      </p>
      {may ? (
        <RuleForm workspace={rule.workspace} rule={rule} stored={setRule} again={again} />
      ) : (
        <p class="note">{s.readOnly}</p>
      )}
    </>
  );
}

function NewRule({ workspace }: { workspace: string }): JSX.Element {
  const heading = usePage(s.add, "workshop rules new");
  return (
    <>
      <div class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {s.add}
        </h1>
      </div>
      <p class="hint">{workspace}</p>
      <RuleForm workspace={workspace} rule={null} stored={({ id }) => go(rulesHref(workspace, id))} />
    </>
  );
}

function ReadRule({ workspace, id, may }: { workspace: string; id: string; may: boolean }): JSX.Element {
  const [read, reload] = useResource(`rule ${workspace} ${id}`, () => readRule(workspace, id));
  if (read.state === "ready") return <StoredRule rule={read.value} may={may} />;
  return <Absent of={read} again={reload} />;
}

export function RulePage({ workspace, id, account }: { workspace: string; id: string; account: Account }): JSX.Element {
  const may = mayManage(account, workspace);
  learnPeople(workspace);
  return (
    <>
      <Crumb of="rules" at={workspace} />
      {id === "new" && may ? <NewRule workspace={workspace} /> : <ReadRule workspace={workspace} id={id} may={may} />}
    </>
  );
}
