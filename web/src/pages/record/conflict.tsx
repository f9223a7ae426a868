// Two people have changed the same field: what each wrote, what was there before, and the choice.
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { announce } from "../../announce";
import { Diff } from "../../components/diff";
import { None } from "../../components/none";
import { Moment } from "../../components/when";
import { s } from "../../strings/record";
import type { Editing } from "./editing";
import { draftOf, type Field } from "./fields";
import { By, Shown } from "./value";

export interface Clash {
  base: unknown;
  mine: unknown;
  /** What is sent with it. */
  more: Record<string, unknown>;
  theirs: unknown;
  by: string | null;
  at: string;
  /** Of the record with their value. */
  version: number;
}

export function Conflict({ field, editing }: { field: Field; editing: Editing }): JSX.Element {
  const clash = editing.clash!;
  const place = useRef<HTMLDivElement>(null);
  const texts = field.kind === "long";
  useLayoutEffect(() => {
    announce(s.conflict.heading(field.label));
    place.current?.focus();
  }, []);
  const value = (one: unknown): JSX.Element => (draftOf(one) === "" ? <None /> : <Shown field={field} value={one} />);
  const against = (one: unknown): JSX.Element =>
    texts ? <Diff before={draftOf(clash.base)} after={draftOf(one)} /> : value(one);
  return (
    <div class="stack conflict" ref={place} tabIndex={-1} role="group" aria-label={s.conflict.heading(field.label)}>
      <p class="note">
        {s.conflict.heading(field.label)} {s.conflict.why}
      </p>
      <dl class={texts ? "sides" : "sides short"}>
        <div>
          <dt>{s.conflict.mine}</dt>
          <dd>{against(clash.mine)}</dd>
        </div>
        <div>
          <dt>
            {s.conflict.theirs}{" "}
            <span class="hint">
              <By email={clash.by} />, <Moment at={clash.at} />
            </span>
          </dt>
          <dd>{against(clash.theirs)}</dd>
        </div>
        <div class="base">
          <dt>{s.conflict.base}</dt>
          <dd>{against(clash.base)}</dd>
        </div>
      </dl>
      <p class="line">
        <button type="button" class="button primary" onClick={editing.keep}>
          {s.conflict.keep}
        </button>
        <button type="button" class="button" onClick={editing.discard}>
          {s.conflict.take}
        </button>
        <button type="button" class="button quiet" onClick={editing.edit}>
          {s.conflict.edit}
        </button>
      </p>
    </div>
  );
}
