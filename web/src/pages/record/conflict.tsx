// Two people have changed the same field: what each wrote, what was there before, and the choice.
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { announce } from "../../announce";
import { Diff } from "../../components/diff";
import { None } from "../../components/none";
import { Moment } from "../../components/when";
import { s } from "../../strings/record";
import { draftOf, type Field } from "./fields";
import { By, Shown } from "./value";

export interface Clash {
  base: unknown;
  theirs: unknown;
  by: string | null;
  at: string;
  /** Of the record with their value. */
  version: number;
}

interface ConflictProps {
  field: Field;
  clash: Clash;
  mine: unknown;
  keep: () => void;
  take: () => void;
  edit: () => void;
}

export function Conflict({ field, clash, mine, keep, take, edit }: ConflictProps): JSX.Element {
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
      <dl class="sides">
        <div>
          <dt>{s.conflict.mine}</dt>
          <dd>{against(mine)}</dd>
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
          <dd>
            {texts ? (
              <div class="diff" tabIndex={0}>
                {draftOf(clash.base)
                  .split("\n")
                  .map((line, i) => (
                    <p key={i}>
                      <bdi>{line || "\u00a0"}</bdi>
                    </p>
                  ))}
              </div>
            ) : (
              value(clash.base)
            )}
          </dd>
        </div>
      </dl>
      <p class="line">
        <button type="button" class="button primary" onClick={keep}>
          {s.conflict.keep}
        </button>
        <button type="button" class="button" onClick={take}>
          {s.conflict.take}
        </button>
        <button type="button" class="button quiet" onClick={edit}>
          {s.conflict.edit}
        </button>
      </p>
    </div>
  );
}
