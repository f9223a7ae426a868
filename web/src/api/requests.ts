// The log of requests: what was sent, how it was answered, and whether it would be accepted now.
import { address, call } from "../api";
import type { components } from "../generated/schema";

type Schemas = components["schemas"];

export type LoggedRequest = Schemas["Request"];
export type Verdict = Schemas["Verdict"];

export interface RequestFilter {
  account: string;
  workspace: string;
  status: string;
}

export const listRequests = ({ account, workspace, status }: RequestFilter, cursor?: string) =>
  call("GET", "/requests", {
    query: {
      limit: 50,
      ...(account !== "" && { account }),
      ...(workspace !== "" && { workspace }),
      ...(status !== "" && { status }),
      ...(cursor !== undefined && { cursor }),
    },
  });

export const judgeRequest = (id: string): Promise<Verdict> =>
  call("POST", "/requests/{id}/judge", { path: { id } });

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** A line for a shell that sends it again, with the token that $TOKEN holds. Null: the log has not all of it. */
export function curlOf(request: LoggedRequest): string | null {
  if (request.body !== null && !request.bodyWhole) return null;
  const root = address("/").href.replace("/bzctrl-core-api/api/v1/", "");
  const query = new URLSearchParams();
  if (request.askedForm !== null) query.set("form", request.askedForm);
  if (request.dryRun) query.set("dryRun", "true");
  const url = `${root}${request.path}${query.size > 0 ? `?${query}` : ""}`;
  const { body } = request;
  return [
    `curl -X ${request.method} -H "Authorization: Bearer $TOKEN"`,
    ...(request.idempotencyKey !== null ? [`-H ${quoted(`Idempotency-Key: "${request.idempotencyKey}"`)}`] : []),
    ...(body !== null ? ["-H 'Content-Type: application/json'", `--data-raw ${quoted(body)}`] : []),
    quoted(url),
  ].join(" ");
}
