// What several tools of the Workshop are made of.
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Problem, type Account } from "../../api";
import { listWorkspaces } from "../../api/places";
import { EmptyState } from "../../components/empty-state";
import { Entry, Select, type EntryProps } from "../../components/entry";
import { Icon } from "../../components/icon";
import { Reading } from "../../components/reading";
import { useKept, useResource, type Resource } from "../../resource";
import { mayManage } from "../../rights";
import { href } from "../../router";
import { loadScopes, longName } from "../../scope";
import { s } from "../../strings/workshop";

/** A text of lines as a list while it is typed: what is typed stays as it is, empty lines too. */
export function LinesArea({
  lines,
  change,
  ...more
}: Pick<EntryProps, "label" | "hint" | "fault" | "rows"> & {
  lines: readonly string[];
  change: (lines: string[]) => void;
}): JSX.Element {
  const [typed, setTyped] = useState(lines.join("\n"));
  const listOf = (text: string): string[] =>
    text
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean);
  const own = useRef(false);
  useLayoutEffect(() => {
    // Changed from elsewhere; before a key can come.
    if (!own.current && listOf(typed).join("\n") !== lines.join("\n")) setTyped(lines.join("\n"));
  }, [lines.join("\n")]);
  useLayoutEffect(() => {
    own.current = false;
  });
  return (
    <Entry
      rows={3}
      code
      {...more}
      value={typed}
      change={(text) => {
        own.current = true;
        setTyped(text);
        change(listOf(text));
      }}
    />
  );
}

/** The views of one thing, each at its address. */
export function Tabs({
  label,
  tabs,
  current,
}: {
  label: string;
  tabs: readonly (readonly [name: string, title: string, to: string])[];
  current: string;
}): JSX.Element {
  return (
    <div class="line-form">
      <nav class="segments" aria-label={label}>
        {tabs.map(([name, title, to]) => (
          <a key={name} href={to} aria-current={name === current ? "page" : undefined}>
            {title}
          </a>
        ))}
      </nav>
    </div>
  );
}

/** From one thing to the list that it is in: a section's, or a workspace's in it. */
export function Crumb({ of, at }: { of: keyof typeof s.sections; at?: string }): JSX.Element {
  return (
    <p class="crumbs">
      <a href={href(["workshop", of, ...(at === undefined ? [] : [at])])}>
        <Icon name="back" />
        {s.sections[of][0]}
        {at !== undefined && ` · ${at}`}
      </a>
    </p>
  );
}

/** In the place of one thing while it is read, where there is none, and where it could not be read. */
export function Absent({ of, again }: { of: Resource<unknown>; again: () => void }): JSX.Element {
  // An address that cannot be that of such a thing is malformed.
  const unknown = of.state === "failed" && of.error instanceof Problem && [400, 404].includes(of.error.status);
  return unknown ? <EmptyState title={s.unknown} text={s.unknownHint} /> : <Reading of={of} again={again} />;
}

/** Gives a file to the browser's downloads. */
export function download(name: string, type: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export async function managedWorkspaces(account: Account): Promise<string[]> {
  return (await listWorkspaces())
    .map(({ key }) => key)
    .filter((key) => mayManage(account, key))
    .sort();
}

export function WorkspaceSelect({
  label,
  keys,
  value,
  change,
}: {
  label: string;
  keys: readonly string[];
  value: string;
  change: (key: string) => void;
}): JSX.Element {
  const [read] = useResource("scopes", loadScopes);
  const names = useKept(read) ?? [];
  const nameOf = (key: string): string => {
    const node = names.find((one) => one.key === key);
    return node ? longName(node) : key;
  };
  return <Select label={label} value={value} change={change} options={keys.map((key) => [key, nameOf(key)])} />;
}
