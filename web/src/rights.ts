// What somebody may do in a workspace, so that nothing is offered that would be refused. The server decides.
import type { Account } from "./api";

const ranks = ["viewer", "member", "manager"] as const;
type Rank = (typeof ranks)[number];

function has(account: Account, key: string, least: Rank): boolean {
  if (account.admin) return true;
  return account.roles.some(
    ({ domain, role }) => ranks.indexOf(role as Rank) >= ranks.indexOf(least) && `${key}-`.startsWith(`${domain}-`),
  );
}

/** Create, change, comment, attach. */
export const mayWrite = (account: Account, workspace: string): boolean => has(account, workspace, "member");

/** In any of them. */
export const writesAnywhere = ({ admin, roles }: Account): boolean =>
  admin || roles.some(({ role }) => role !== "viewer");

/** Of a workspace or a domain. */
export const mayManage = (account: Account, key: string): boolean => has(account, key, "manager");
