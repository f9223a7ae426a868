// What the keyboard can do on this page: every action that has a key.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { currentActions, enableLetters, lettersEnabled } from "../actions";
import { useStore } from "../store";
import { s as frame } from "../strings/frame";
import { Dialog } from "./dialog";

const s = frame.help;
const drawn: Record<string, string> = {
  ArrowDown: "↓",
  ArrowUp: "↑",
  ArrowLeft: "←",
  ArrowRight: "→",
  " ": "␣",
  "Ctrl+k": "Ctrl K",
  "Ctrl+z": "Ctrl Z",
};

interface HelpProps {
  close: () => void;
  version: string;
  /** Shows somebody around; null while nobody is signed in. */
  look: (() => void) | null;
}

export function HelpDialog({ close, version, look }: HelpProps): JSX.Element {
  const letters = useStore(lettersEnabled);
  // As it was before the dialog came: the page's own first.
  const [groups] = useState(() => {
    const named = new Map<string, [keys: readonly string[], does: string][]>();
    for (const { name, actions } of currentActions().reverse()) {
      const rows = named.get(name) ?? [];
      named.set(name, rows);
      for (const { keys, does } of actions) if (keys && !rows.some((row) => row[1] === does)) rows.push([keys, does]);
    }
    return [...named].filter(([, rows]) => rows.length > 0);
  });
  return (
    <Dialog heading={s.heading} close={close} look="help">
      {groups.map(([name, rows]) => (
        <section key={name}>
          <h3>{name}</h3>
          <dl class="keys">
            {rows.map(([keys, does]) => (
              <div key={does}>
                <dt>
                  {keys.map((key) => (
                    <kbd key={key}>{drawn[key] ?? key}</kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <label class="switch">
        <input type="checkbox" checked={letters} onChange={(event) => enableLetters(event.currentTarget.checked)} />
        <span>{s.enabled}</span>
      </label>
      {look && (
        <p>
          <button
            type="button"
            class="button"
            onClick={() => {
              close();
              look();
            }}
          >
            {s.look}
          </button>
        </p>
      )}
      {version !== "" && <p class="hint">{s.version(version)}</p>}
    </Dialog>
  );
}
