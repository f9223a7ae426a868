// Why a list is empty, and what to do about it.
import type { JSX } from "preact";
import type { Account } from "../api";
import { countFilter, emptyFilter, type Filter } from "../filter";
import { s } from "../strings/list";
import { Command } from "./command";
import { Icon } from "./icon";

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function tokenCommand(email: string): string {
  return [
    `read -rs PASSWORD`,
    `printf %s "$PASSWORD" | curl ${location.origin}/bzctrl-core-api/oauth/token \\`,
    `  -d grant_type=password --data-urlencode ${quoted(`username=${email}`)} \\`,
    `  --data-urlencode password@-`,
  ].join("\n");
}

function postCommand(email: string, account: Account): string {
  const workspace = `${account.roles[0]?.domain ?? "EXA-CON-BUS"}-WOR`;
  const report = {
    todoType: "INCIDENT",
    domainWorkSpace: workspace,
    title: "Potential Customs claim",
    description: "Operation started without proper approvals",
    status: "In Progress",
    reporter: email,
    orderID: ["ORDER 777"],
  };
  const members = Object.entries(report).map(([name, value]) => `  "${name}": ${JSON.stringify(value)}`);
  return [
    `ACCESS_TOKEN=bzat_…`,
    `curl ${location.origin}/bzctrl-core-api/api/v1/task/add-task \\`,
    `  -H "Authorization: Bearer $ACCESS_TOKEN" -H "Content-Type: application/json" \\`,
    `  -d ${quoted(`{\n${members.join(",\n")}\n}`)}`,
  ].join("\n");
}

interface EmptyListProps {
  account: Account;
  filter: Filter;
  change: (filter: Filter) => void;
}

export function EmptyList({ account, filter, change }: EmptyListProps): JSX.Element {
  if (countFilter(filter) > 0) {
    return (
      <section class="notice">
        <h2>{s.noMatch}</h2>
        <p>{s.noMatchHint}</p>
        <button type="button" class="button primary" onClick={() => change(emptyFilter)}>
          <Icon name="close" />
          {s.clear}
        </button>
      </section>
    );
  }
  if (account.roles.length === 0 && !account.admin) {
    return (
      <section class="notice">
        <h2>{s.noRole}</h2>
        <p>{s.noRoleHint(account.email)}</p>
      </section>
    );
  }
  return (
    <section class="notice wide">
      <h2>{s.empty}</h2>
      <p>{s.emptyHint}</p>
      <Command heading={s.emptyToken} hint={s.emptyTokenHint} text={tokenCommand(account.email)} />
      <Command heading={s.emptyPost} hint={s.emptyPostHint} text={postCommand(account.email, account)} />
      <p>{s.emptyThen}</p>
    </section>
  );
}
