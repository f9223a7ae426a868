// A secret or a link that the server shows this once.
import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { s } from "../strings/workshop";
import { CopyButton } from "./copy-button";
import { Icon } from "./icon";

interface ShownOnceProps {
  heading: string;
  text: string;
  /** What is copied: "Copy the secret". */
  copy: string;
  close: () => void;
  children?: ComponentChildren;
}

export function ShownOnce({ heading, text, copy, close, children }: ShownOnceProps): JSX.Element {
  const title = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => title.current?.focus(), [text]);
  return (
    <section class="stack once">
      <h3 ref={title} tabIndex={-1}>
        {heading}
      </h3>
      <p class="once-text">
        <code>{text}</code>
      </p>
      <div class="line">
        <CopyButton text={text} class="button primary">
          {copy}
        </CopyButton>
        <button type="button" class="button quiet" onClick={close}>
          <Icon name="check" />
          {s.onceDone}
        </button>
      </div>
      <p class="once-warning">{s.onceWarning}</p>
      {children}
    </section>
  );
}
