// Search and commands in one list: records by key, order or words, places, and what the page can do.
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { currentActions, type Action } from "../actions";
import type { Account } from "../api";
import { go, href, recordHref } from "../router";
import { placeHref, places } from "../routes";
import { scope } from "../scope";
import { useSearch } from "../search";
import { createStore, useStore } from "../store";
import { s as frame } from "../strings/frame";
import { s as shared, statusName } from "../strings/shared";
import { Choices, grouped, matches, type Choice } from "./choices";

const s = frame.palette;
export const paletteOpen = createStore(false);

const keyShape = /^[a-z0-9]+(-[a-z0-9]+)+-\d+$/i;

function Inside({ account, close }: { account: Account; close: () => void }): JSX.Element {
  const [text, setText] = useState("");
  const { found, meant, searching, failed } = useSearch(text);
  const typed = text.trim();
  // As they were when the palette was opened: by then the page had registered them.
  const [actions] = useState<Action[]>(() =>
    currentActions()
      .reverse()
      .flatMap((group) => [...group.actions]),
  );

  const doing = new Map<string, () => unknown>();
  const going = (id: string, to: string): void => void doing.set(id, () => go(to));

  const records: Choice[] = found.map((task) => {
    going(`record-${task.key}`, recordHref(task.key));
    return {
      id: `record-${task.key}`,
      name: task.title,
      hint: `${task.key} · ${statusName(task.status)}`,
      icon: task.todoType === "TASK" ? "task" : "incident",
    };
  });
  if (keyShape.test(typed) && !found.some(({ key }) => key === typed.toUpperCase())) {
    going("key", recordHref(typed.toUpperCase()));
    records.unshift({ id: "key", name: s.openKey(typed.toUpperCase()), icon: "records" });
  }
  if (typed.length > 1 && !failed)
    for (const q of [...(meant ?? []).map((one) => one.q), typed]) {
      going(`all-${q}`, href(["todo"], { ...(scope.get() !== "" && { in: scope.get() }), q }));
      records.push({ id: `all-${q}`, name: s.all(q), icon: "search" });
    }
  const towards: Choice[] = places(account)
    .filter(({ place, name }) => matches(`${place!.title} ${s.also[name] ?? ""}`, typed))
    .map((one) => {
      going(`place-${one.name}`, placeHref(one, scope.get()));
      return { id: `place-${one.name}`, name: one.place!.title, icon: one.place!.icon };
    });
  const possible: Choice[] = actions
    .filter(({ does, keyOnly }) => !keyOnly && matches(does, typed))
    .map(({ does, keys, act }, i) => {
      doing.set(`action-${i}`, act);
      return { id: `action-${i}`, name: does, ...(keys?.[0] !== undefined && { keys: keys[0] }) };
    });
  const choices = [...grouped(s.records, records), ...grouped(s.places, towards), ...grouped(s.actions, possible)];
  return (
    <Choices
      label={s.label}
      placeholder={s.placeholder}
      text={text}
      type={setText}
      choices={choices}
      choose={({ id }) => {
        close();
        doing.get(id)?.();
      }}
      note={searching ? shared.searching : failed ? s.failed : s.nothing}
    />
  );
}

export function Palette({ account }: { account: Account }): JSX.Element | null {
  const open = useStore(paletteOpen);
  const dialog = useRef<HTMLDialogElement>(null);
  const close = (): void => dialog.current?.close();
  useLayoutEffect(() => {
    if (!open) return;
    dialog.current?.showModal();
    dialog.current?.querySelector("input")?.focus();
  }, [open]);
  if (!open) return null;
  return (
    <dialog
      ref={dialog}
      class="dialog palette"
      aria-label={s.label}
      onClose={() => paletteOpen.set(false)}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <Inside account={account} close={close} />
    </dialog>
  );
}
