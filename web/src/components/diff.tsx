// Two texts as one: what went out of the first, and what came in.
import type { JSX } from "preact";
import { diffLines } from "../line-diff";
import { s } from "../strings/record";

export function Diff({ before, after }: { before: string; after: string }): JSX.Element {
  return (
    <div class="diff" tabIndex={0} role="group" aria-label={s.conflict.difference}>
      {diffLines(before, after).map((line, i) => {
        const text = line.text === "" ? "\u00a0" : line.text;
        if (line.kind === "same")
          return (
            <p key={i}>
              <bdi>{text}</bdi>
            </p>
          );
        return (
          <p key={i} class={line.kind}>
            <span class="unseen">{line.kind === "removed" ? s.conflict.removed : s.conflict.added} </span>
            {line.kind === "removed" ? (
              <del>
                <bdi>{text}</bdi>
              </del>
            ) : (
              <ins>
                <bdi>{text}</bdi>
              </ins>
            )}
          </p>
        );
      })}
    </div>
  );
}
