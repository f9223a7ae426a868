// How the records of a stand-up are grouped.
import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import { groups, type Group } from "../../api/meetings";
import { s } from "../../strings/meetings";

interface GroupChoiceProps {
  chosen: Group;
  choose: (by: Group) => void;
  children?: ComponentChildren;
}

export function GroupChoice({ chosen, choose, children }: GroupChoiceProps): JSX.Element {
  const name = useId();
  return (
    <fieldset class="line">
      <legend>{s.form.groupBy}</legend>
      {groups.map((by) => (
        <label key={by} class="pill">
          <input type="radio" name={name} checked={by === chosen} onChange={() => choose(by)} />
          <span>{s.groups[by]}</span>
        </label>
      ))}
      {children}
    </fieldset>
  );
}
