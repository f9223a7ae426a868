// Many reports in one call, as an import sends them.
import { call, type Fault } from "../api";

export interface BulkItem {
  idempotencyKey: string;
  task: Record<string, unknown>;
}

export interface BulkVerdict {
  status: number;
  task?: { key: string };
  replayed?: boolean;
  problem?: { detail?: string; errors?: Fault[] };
}

/** The verdicts in the order of the items. */
export async function sendItems(items: readonly BulkItem[], form: string, dryRun: boolean): Promise<BulkVerdict[]> {
  // The contract asks for what every report has; whether these have it is what the answer says.
  const body = items as never;
  const answer = await call("POST", "/task/add-tasks", { query: { form, dryRun }, body });
  return answer.items as BulkVerdict[];
}
