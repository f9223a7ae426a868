// Members of a record with their labels.
import type { ComponentChildren, JSX } from "preact";
import { None } from "./none";

export function Facts({ heading, children }: { heading: string; children: ComponentChildren }): JSX.Element {
  return (
    <section class="facts">
      <h2>{heading}</h2>
      <dl>{children}</dl>
    </section>
  );
}

interface FactProps {
  label: string;
  /** The value is below its label. */
  tall?: boolean;
  children?: ComponentChildren;
}

/** Without a value it says so, since that is information too. */
export function Fact({ label, tall = false, children }: FactProps): JSX.Element {
  const nothing = children === null || children === undefined || children === "" || children === false;
  return (
    <div class={tall ? "fact tall" : "fact"}>
      <dt>{label}</dt>
      <dd>{nothing ? <None /> : children}</dd>
    </div>
  );
}
