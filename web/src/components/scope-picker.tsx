// What is shown: everything, or one branch of the tree of domains and workspaces.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Account } from "../api";
import { routeOf, places, placeHref } from "../routes";
import { go, href, route } from "../router";
import { chooseScope, loadScopes, scope, type ScopeNode } from "../scope";
import { useStore } from "../store";
import { s } from "../strings/frame";
import { s as shared } from "../strings/shared";
import { Choices, matches, type Choice } from "./choices";
import { CopyButton } from "./copy-button";
import { Icon } from "./icon";
import { Popover } from "./popover";

function Tree({ chosen, choose }: { chosen: string; choose: (key: string) => void }): JSX.Element {
  const [text, setText] = useState("");
  const [nodes, setNodes] = useState<ScopeNode[] | null>(null);
  useEffect(() => void loadScopes().then(setNodes, () => setNodes([])), []);
  const all: Choice[] = [
    { id: "", name: s.scope.everything, chosen: chosen === "" },
    ...(nodes ?? []).map(({ key, kind, name, depth }) => ({
      id: key,
      name,
      depth: text === "" ? depth : 0,
      icon: kind,
      chosen: key === chosen,
      ...(name !== key && { hint: key }),
    })),
  ];
  const found = text === "" ? all : all.filter(({ id, name }) => id !== "" && matches(`${name} ${id}`, text));
  return (
    <>
      <Choices
        label={s.scope.search}
        text={text}
        type={setText}
        choices={found}
        choose={({ id }) => choose(id)}
        note={nodes === null ? shared.loading : shared.nothingFound}
      />
      {chosen !== "" && (
        <div class="line popover-foot">
          <CopyButton text={chosen}>{s.scope.copyKey}</CopyButton>
          <code>{chosen}</code>
        </div>
      )}
    </>
  );
}

export function ScopePicker({ account }: { account: Account }): JSX.Element {
  const chosen = useStore(scope);
  const now = useStore(route);
  const page = routeOf(now, account);
  const [unknown, setUnknown] = useState(false);
  useEffect(() => {
    setUnknown(false);
    if (chosen !== "") loadScopes().then((all) => setUnknown(!all.some(({ key }) => key === chosen)), () => {});
  }, [chosen]);
  const choose = (key: string): void => {
    chooseScope(key);
    if (!page?.scoped) {
      // A page without a scope, such as a record: the list of what was chosen.
      const list = places(account).find(({ scoped }) => scoped);
      if (list) go(placeHref(list, key));
      return;
    }
    const query = new URLSearchParams(now.query);
    if (key === "") query.delete("in");
    else query.set("in", key);
    go(href([page.name, ...now.rest], query));
  };
  // A record, the inbox or a tool of the Workshop is not of the place that one came from.
  const name = !page?.scoped
    ? s.scope.choose
    : chosen === ""
      ? s.scope.everything
      : unknown
        ? s.scope.unknown(chosen)
        : chosen;
  return (
    <Popover
      kind="dialog"
      look="button scope"
      label={s.scope.label(name)}
      title={s.scope.choose}
      panel="picker"
      button={
        <>
          <Icon name={chosen === "" ? "domain" : "scope"} />
          <span class="cut">{name}</span>
          <Icon name="down" />
        </>
      }
    >
      {(close) => (
        <Tree
          chosen={chosen}
          choose={(key) => {
            close();
            choose(key);
          }}
        />
      )}
    </Popover>
  );
}
