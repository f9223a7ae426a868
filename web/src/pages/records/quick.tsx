// A record in one line: what happened, "@workspace", "#order", Enter. Where its form needs more, the full form opens
// with all that was typed, and says what is missing.
import type { JSX } from "preact";
import { useId, useMemo, useRef, useState } from "preact/hooks";
import { announce } from "../../announce";
import { newKey, Problem, todoTypes, type Account, type TodoType } from "../../api";
import { addRecord } from "../../api/records";
import { wordsOf } from "../../components/failure";
import { Icon } from "../../components/icon";
import { go, href } from "../../router";
import type { ScopeNode } from "../../scope";
import { recall, remember } from "../../storage";
import { memberName } from "../../strings/members";
import { s } from "../../strings/records";
import { typeName } from "../../strings/shared";
import { toast } from "../../toast";

interface Line {
  title: string;
  orders: string[];
  /** The workspace's name as it was typed after "@"; null if none was. */
  at: string | null;
}

const signed = /(^|\s)([@#])(?:"([^"]+)"|((?<=#)[A-Za-z]+ \d\S*|\S+))/g;

/**
 * "Seal broken @WOR #ORDER 777": a sign counts at the beginning of a word. Quotes hold words together; an order
 * such as this one needs none.
 */
export function readLine(text: string): Line {
  const orders: string[] = [];
  let at: string | null = null;
  const title = text
    .replace(signed, (_, before: string, sign: string, quoted?: string, plain?: string) => {
      const word = quoted ?? plain ?? "";
      if (sign === "@") at = word;
      else orders.push(word);
      return before;
    })
    .replace(/\s+/g, " ")
    .trim();
  return { title, orders, at };
}

/** The workspaces that a word can mean: its key, the end of the key, or the beginning of a part or of the name. */
export function findWorkspaces(all: readonly ScopeNode[], typed: string): readonly ScopeNode[] {
  const word = typed.toUpperCase();
  const exact = all.filter(({ key }) => key === word || key.endsWith(`-${word}`));
  if (exact.length > 0) return exact;
  return all.filter(
    ({ key, name }) =>
      key.split("-").at(-1)?.startsWith(word) || key.startsWith(word) || name.toUpperCase().startsWith(word),
  );
}

interface QuickProps {
  account: Account;
  /** The workspaces in sight in which one may report. */
  workspaces: readonly ScopeNode[];
  added: () => void;
}

export function Quick({ account, workspaces, added }: QuickProps): JSX.Element {
  const id = useId();
  const [type, setType] = useState<TodoType>(recall("quick.type") === "TASK" ? "TASK" : "INCIDENT");
  const [text, setText] = useState("");
  const [fault, setFault] = useState<{ text: string; full: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const line = readLine(text);
  const [only] = workspaces;
  const found = line.at !== null ? findWorkspaces(workspaces, line.at) : workspaces.length === 1 && only ? [only] : [];
  const workspace = found.length === 1 ? found[0] : undefined;
  // The same line sent again after a lost answer makes no second record.
  const once = useMemo(newKey, [text, type, workspace?.key]);
  const typing = /(?:^|\s)@(\S*)$/.exec(text)?.[1];
  const offered =
    typing === undefined || (workspace !== undefined && typing.toUpperCase() === workspace.key)
      ? []
      : findWorkspaces(workspaces, typing).slice(0, 6);

  const full = (): string =>
    href(["new"], {
      ...(workspace && { workspace: workspace.key }),
      type,
      ...(line.title !== "" && { title: line.title }),
      ...(line.title !== "" && { description: line.title, check: "true" }),
      ...(line.orders.length > 0 && { orderID: line.orders.join(", ") }),
    });
  const refuse = (what: string): void => {
    setFault({ text: what, full: full() });
    announce(what);
  };
  const send = async (): Promise<void> => {
    if (busy) return;
    if (line.title === "") return refuse(s.quickTitle);
    if (workspace === undefined) {
      if (line.at === null) return refuse(s.quickWhereMissing);
      return refuse(
        found.length === 0 ? s.quickUnknown(line.at) : s.quickSeveral(line.at, found.map(({ key }) => key).join(", ")),
      );
    }
    setBusy(true);
    try {
      const key = await addRecord(
        {
          todoType: type,
          domainWorkSpace: workspace.key,
          title: line.title,
          // A form wants one; until somebody writes more, what is known is the title.
          description: line.title,
          reporter: account.email,
          ...(line.orders.length > 0 && { orderID: line.orders }),
        },
        once,
      );
      // Who types on has begun the next one.
      setText((now) => (now === text ? "" : now));
      setFault(null);
      toast(s.quickDone(key));
      added();
    } catch (error) {
      if (error instanceof Problem && error.faults.length > 0) return go(full());
      refuse(wordsOf(error));
    } finally {
      setBusy(false);
      input.current?.focus();
    }
  };
  return (
    <form
      class="quick"
      aria-label={s.quick}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div class="quick-line">
        <Icon name="plus" />
        <select
          aria-label={memberName("todoType")}
          value={type}
          onChange={(event) => {
            const chosen = event.currentTarget.value as TodoType;
            setType(chosen);
            remember("quick.type", chosen);
          }}
        >
          {todoTypes.map((one) => (
            <option key={one} value={one}>
              {typeName(one)}
            </option>
          ))}
        </select>
        <input
          ref={input}
          aria-label={s.quick}
          aria-invalid={fault !== null}
          aria-describedby={`${id}-say`}
          placeholder={s.quickExample}
          maxLength={600}
          autocomplete="off"
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setFault(null);
          }}
        />
        {workspace && text !== "" && <span class="hint cut quick-where">{s.quickWhere(workspace.key)}</span>}
        {text !== "" && (
          <button type="submit" class="button" aria-disabled={busy}>
            {s.add}
          </button>
        )}
      </div>
      {offered.length > 0 && (
        <p class="line">
          {offered.map(({ key, name }) => (
            <button
              key={key}
              type="button"
              class="chip"
              title={name}
              onClick={() => {
                setText(text.replace(/@\S*$/, `@${key} `));
                input.current?.focus();
              }}
            >
              {key}
            </button>
          ))}
        </p>
      )}
      <div id={`${id}-say`} class="line" role={fault ? "alert" : undefined}>
        {fault && (
          <>
            <p class="fault-text">{fault.text}</p>
            <a class="button" href={fault.full}>
              {s.quickFull}
            </a>
          </>
        )}
      </div>
    </form>
  );
}
