// Above the list: saved views, how it is shown, and the list as a file.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { address, Problem, type Account } from "../../api";
import { changeView, createView, deleteView, type View } from "../../api/records";
import { grouped } from "../../components/choices";
import { Entry, Select } from "../../components/entry";
import { wordsOf } from "../../components/failure";
import { FormDialog } from "../../components/form-dialog";
import { Icon } from "../../components/icon";
import { Menu, type MenuItem } from "../../components/menu";
import { Popover } from "../../components/popover";
import { changePreferences, preferences } from "../../preferences";
import { mayManage } from "../../rights";
import { go, href as hrefOf } from "../../router";
import { useStore } from "../../store";
import { columnName, s } from "../../strings/records";
import { s as frame } from "../../strings/shared";
import { toast } from "../../toast";
import {
  askSort,
  chosenSort,
  columns,
  groups,
  sortColumns,
  sortOf,
  sorts,
  storeView,
  usualColumns,
  writeQuery,
} from "./query";
import type { Column, Query } from "./query";
import { dropView, loadViews, putView, views } from "./views";

interface ToolsProps {
  account: Account;
  query: Query;
  base: Query;
  view: View | null;
  differs: boolean;
  filter: string;
  change: (to: Partial<Query>) => void;
  isWorkspace: (key: string) => boolean;
}

const viewHref = (id: string): string => hrefOf(["todo"], { view: id });

export function Tools(props: ToolsProps): JSX.Element {
  return (
    <>
      <Views {...props} />
      <Display {...props} />
      <Export {...props} />
    </>
  );
}

/* ---- saved views ---- */

function Views({ account, query, view, differs, isWorkspace }: ToolsProps): JSX.Element {
  const all = useStore(views) ?? [];
  const pins = useStore(preferences)?.pins;
  const [dialog, setDialog] = useState<"save" | "rename" | null>(null);
  const mayChange = view !== null && (view.domain === null || mayManage(account, view.domain));
  const stored = storeView(query, isWorkspace);

  const failed = (error: unknown): void => {
    const status = error instanceof Problem ? error.status : 0;
    if (status === 412 || status === 404) void loadViews(true);
    toast(status === 412 ? s.viewStale : wordsOf(error));
  };
  const save = (): void => {
    if (view === null) return;
    changeView(view, stored).then((saved) => {
      putView(saved);
      go(viewHref(saved.id));
      toast(s.viewSaved(saved.name));
    }, failed);
  };
  const remove = (): void => {
    if (view === null) return;
    deleteView(view).then(() => {
      dropView(view.id);
      go(hrefOf(["todo"], writeQuery(query)));
      const { name, domain, query: filter, layout, columns: cols, sort } = view;
      toast(s.viewDeleted(name), async () => {
        const again = await createView({
          name,
          query: filter,
          layout,
          columns: cols,
          sort,
          ...(domain !== null && { domain }),
        });
        putView(again);
        go(viewHref(again.id));
      });
    }, failed);
  };
  const own = all.filter(({ domain }) => domain === null);
  const shared = all.filter(({ domain }) => domain !== null);
  const domains = [...new Set(shared.map(({ domain }) => domain ?? ""))].sort();
  const itemOf = ({ id, name }: View): MenuItem => ({ name, checked: id === view?.id, href: viewHref(id) });
  const items: MenuItem[] = [
    { name: s.allRecords, href: "#/todo", checked: view === null && !differs },
    ...grouped(s.ownViews, own.map(itemOf)),
    ...domains.flatMap((domain) =>
      grouped(s.sharedViews(domain), shared.filter((one) => one.domain === domain).map(itemOf)),
    ),
    { name: s.saveAs, icon: "star", group: "", act: () => setDialog("save") },
    ...(view !== null && pins !== undefined
      ? [
          {
            name: pins.includes(view.id) ? s.unpin : s.pin,
            icon: "pin" as const,
            act: () =>
              changePreferences({
                pins: pins.includes(view.id) ? pins.filter((id) => id !== view.id) : [...pins, view.id],
              }),
          },
        ]
      : []),
    ...(mayChange
      ? [
          { name: s.rename, icon: "edit" as const, act: () => setDialog("rename") },
          { name: s.remove, icon: "close" as const, act: remove },
        ]
      : []),
  ];
  return (
    <>
      <Menu
        button={
          <>
            <Icon name="star" />
            <span class={view === null ? "" : "cut view-name"}>{view?.name ?? s.views}</span>
          </>
        }
        label={view === null ? s.views : `${s.views}: ${view.name}`}
        head={all.length === 0 ? <p class="hint menu-note">{s.noViews}</p> : null}
        items={items}
      />
      {view !== null && differs && (
        <span class="line" role="group" aria-label={s.changed}>
          <span class="hint">{s.changed}</span>
          {mayChange && (
            <button type="button" class="button quiet" onClick={save}>
              {frame.save}
            </button>
          )}
          <button type="button" class="button quiet" onClick={() => setDialog("save")}>
            {s.saveMine}
          </button>
          <a class="button quiet" href={viewHref(view.id)}>
            {s.reset}
          </a>
        </span>
      )}
      {dialog !== null && (
        <NameDialog
          heading={dialog === "save" ? s.saveAs : s.rename}
          name={dialog === "rename" ? (view?.name ?? "") : ""}
          domains={dialog === "rename" ? [] : shareable(account, query.in)}
          close={() => setDialog(null)}
          send={async (name, domain) => {
            const saved =
              dialog === "rename" && view !== null
                ? await changeView(view, { name })
                : await createView({ ...stored, name, ...(domain !== "" && { domain }) });
            putView(saved);
            if (dialog === "save") go(viewHref(saved.id));
            toast(s.viewSaved(saved.name));
          }}
        />
      )}
    </>
  );
}

/** The domains that one can share a view with: those that one manages, and the one in sight below them. */
function shareable(account: Account, within: string): string[] {
  const own = account.roles.filter(({ role }) => role === "manager").map(({ domain }) => domain);
  return [...new Set([...own, ...(within !== "" && mayManage(account, within) ? [within] : [])])].sort();
}

interface NameDialogProps {
  heading: string;
  name: string;
  domains: string[];
  close: () => void;
  send: (name: string, domain: string) => Promise<void>;
}

function NameDialog({ heading, name, domains, close, send }: NameDialogProps): JSX.Element {
  const [text, setText] = useState(name);
  const [domain, setDomain] = useState("");
  return (
    <FormDialog
      heading={heading.replace("…", "")}
      close={close}
      may={text.trim() !== ""}
      send={() => send(text.trim(), domain)}
    >
      <Entry label={s.viewName} first maxLength={255} value={text} change={setText} />
      {domains.length > 0 && (
        <Select
          label={s.viewFor}
          value={domain}
          change={setDomain}
          options={[["", s.viewForMe], ...domains.map((one) => [one, s.viewForDomain(one)] as const)]}
        />
      )}
    </FormDialog>
  );
}

/* ---- how it is shown ---- */

function Display({ query, change }: ToolsProps): JSX.Element {
  const sorted = sortOf(query);
  const descending = sorted.startsWith("-");
  const by = sorted.replace("-", "");
  const sort = (to: string): void => change({ sort: chosenSort(query.q, to) });
  const toggle = (column: Column): void => {
    const chosen = query.cols.includes(column) ? query.cols.filter((one) => one !== column) : [...query.cols, column];
    // In the order that all columns have, so that the same choice is the same address.
    change({ cols: columns.filter((one) => chosen.includes(one)) });
  };
  return (
    <Popover
      button={
        <>
          <Icon name="settings" />
          <span>{s.display}</span>
        </>
      }
      label={s.display}
      kind="dialog"
      panel="display-panel"
    >
      {() => (
        <div class="stack" role="group" aria-label={s.display}>
          <div class="display-sort">
            <Select
              label={s.sort}
              value={by}
              change={sort}
              options={sorts.map((name) => [name, columnName(sortColumns[name])] as const)}
            />
            <button type="button" class="button" onClick={() => sort(descending ? by : `-${by}`)}>
              {descending ? s.descending : s.ascending}
            </button>
          </div>
          <Select
            label={s.group}
            value={query.group}
            change={(group) => change({ group: group as Query["group"] })}
            options={[["", s.groupNone], ...groups.map((name) => [name, columnName(name)] as const)]}
          />
          <fieldset class="field-row">
            <legend>{s.shownColumns}</legend>
            {columns.map((column) => (
              <label key={column} class="switch">
                <input
                  type="checkbox"
                  checked={query.cols.includes(column)}
                  disabled={column === "title"}
                  onChange={() => toggle(column)}
                />
                <span>{columnName(column)}</span>
              </label>
            ))}
          </fieldset>
          <button type="button" class="button quiet" onClick={() => change({ cols: usualColumns })}>
            {s.usualColumns}
          </button>
        </div>
      )}
    </Popover>
  );
}

/* ---- as a file ---- */

/** A link, since the browser saves files by itself; the cookie suffices for it. */
function Export({ query, filter }: ToolsProps): JSX.Element {
  const link = (format: string): string => {
    const url = address(`/export/tasks.${format}`);
    url.search = filter + askSort(query);
    return url.href;
  };
  return (
    <Menu
      button={
        <>
          <Icon name="download" />
          <span>{s.exported}</span>
        </>
      }
      label={s.exported}
      head={<p class="hint menu-note">{s.exportHint}</p>}
      items={[
        { name: s.exportXlsx, href: link("xlsx"), icon: "download" },
        { name: s.exportCsv, href: link("csv"), icon: "download" },
      ]}
    />
  );
}
