// A list of what is looked after, each row a link to it.
import type { ComponentChildren, JSX } from "preact";
import { useRef } from "preact/hooks";
import { useActions, walk } from "../../actions";
import { EmptyState } from "../../components/empty-state";
import { AddButton } from "../../components/page-head";
import { Reading } from "../../components/reading";
import { useKept, type Resource } from "../../resource";
import { s as shared } from "../../strings/shared";
import { s } from "../../strings/workshop";

interface RowsProps<T> {
  of: Resource<readonly T[]>;
  again: () => void;
  label: string;
  /** What is said where there is none, if that can be. */
  empty?: string;
  emptyHint?: string;
  /** Above the rows, and which of them it leaves. */
  filter?: ComponentChildren;
  fits?: (one: T) => boolean;
  children: (one: T) => JSX.Element;
}

/** The rows, walked by key; before they are there, that they come or why they do not. */
export function Rows<T>({
  of,
  again,
  label,
  empty = "",
  emptyHint,
  filter,
  fits = () => true,
  children,
}: RowsProps<T>): JSX.Element {
  const list = useRef<HTMLUListElement>(null);
  const all = useKept(of);
  const found = (all ?? []).filter(fits);
  const move = (by: number): boolean => walk(list.current, ":scope > li > a", by);
  useActions(s.keys, [
    { does: s.moveDown, keys: ["j"], act: () => move(1), keyOnly: true },
    { does: s.moveUp, keys: ["k"], act: () => move(-1), keyOnly: true },
  ]);
  return (
    <>
      <Reading of={of} again={again} kept={all !== null} />
      {all?.length === 0 && <EmptyState title={empty}>{emptyHint && <p>{emptyHint}</p>}</EmptyState>}
      {all !== null && all.length > 0 && (
        <>
          {filter && <div class="line-form">{filter}</div>}
          <ul class="rows admin-rows" aria-label={label} ref={list}>
            {found.map(children)}
          </ul>
          {found.length === 0 && <p class="hint">{shared.nothingFound}</p>}
        </>
      )}
    </>
  );
}

/** The button that adds one, and its key. */
export function Adding(props: Parameters<typeof AddButton>[0]): JSX.Element {
  useActions(s.keys, [{ does: props.name, keys: ["a"], act: props.act }]);
  return <AddButton {...props} />;
}
