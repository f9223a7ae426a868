// Something to run in a terminal, with a button that copies it.
import type { JSX } from "preact";
import { s as shared } from "../strings/shared";
import { CopyButton } from "./copy-button";

export function Command({ heading, hint, text }: { heading: string; hint: string; text: string }): JSX.Element {
  return (
    <div class="command">
      <h3>{heading}</h3>
      <CopyButton text={text} label={`${shared.copy.label} ${heading}`} />
      <p class="hint">{hint}</p>
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </div>
  );
}
