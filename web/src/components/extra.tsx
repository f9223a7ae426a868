// Members that no rule knows: shown as they came.
import type { JSX } from "preact";
import { Fact } from "./facts";

function Shown({ value }: { value: unknown }): JSX.Element {
  if (typeof value === "string") return <span class="given">{value}</span>;
  if (value === null || typeof value !== "object") return <code>{String(value)}</code>;
  return <pre tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>;
}

export function Extra({ extra }: { extra: Record<string, unknown> }): JSX.Element {
  return (
    <dl class="extra">
      {Object.entries(extra).map(([member, value]) => (
        <Fact key={member} label={member}>
          <Shown value={value} />
        </Fact>
      ))}
    </dl>
  );
}
