// What the keyboard can do.
import type { JSX, RefObject } from "preact";
import { enableLetters, lettersEnabled } from "../shortcuts";
import { useStore } from "../store";
import { strings } from "../strings";
import { Icon } from "./icon";

const s = strings.help;
const keys: [keys: string[], does: string][] = [
  [["j", "↓"], s.moveDown],
  [["k", "↑"], s.moveUp],
  [["Enter"], s.open],
  [["/"], s.filter],
  [["u"], s.list],
  [["c"], s.copy],
  [["?"], s.help],
];

interface HelpDialogProps {
  dialog: RefObject<HTMLDialogElement | null>;
  version: string;
}

export function HelpDialog({ dialog, version }: HelpDialogProps): JSX.Element {
  const letters = useStore(lettersEnabled);
  const close = (): void => dialog.current?.close();
  return (
    <dialog
      ref={dialog}
      class="help"
      aria-labelledby="help-heading"
      // A click beside the dialog closes it.
      onClick={(event) => event.target === dialog.current && close()}
    >
      <div class="help-inside">
        <div class="help-head">
          <h2 id="help-heading">{s.heading}</h2>
          <button type="button" class="button icon-only" aria-label={s.close} title={s.close} onClick={close}>
            <Icon name="close" />
          </button>
        </div>
        <dl class="keys">
          {keys.map(([names, does]) => (
            <div key={does}>
              <dt>
                {names.map((name) => (
                  <kbd key={name}>{name}</kbd>
                ))}
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
        <label class="switch">
          <input type="checkbox" checked={letters} onChange={(event) => enableLetters(event.currentTarget.checked)} />
          <span>{s.enabled}</span>
        </label>
        {version !== "" && <p class="hint">{s.version(version)}</p>}
      </div>
    </dialog>
  );
}
