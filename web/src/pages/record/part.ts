// A task that comes out of a record, as a part of it.
import { Problem, type Task } from "../../api";
import { addRecord, changeRecord, type Report } from "../../api/records";
import { go, href } from "../../router";

/**
 * The key of the new one; sent again with the same key it is there once. Null where its form needs more: then the full
 * form is open, with all that is known, and says what is missing; its address has the parameters in `then`, too.
 */
export async function addPart(of: Task, report: Report, once: string, then = {}): Promise<string | null> {
  const { workspace, orderID, LRN } = of;
  const task = { status: "To do", orderID, ...(LRN !== null && { LRN }), ...report };
  try {
    const key = await addRecord({ todoType: "TASK", domainWorkSpace: workspace, ...task }, once);
    await changeRecord(key, null, { parent: of.key });
    return key;
  } catch (error) {
    if (!(error instanceof Problem) || error.faults.length === 0) throw error;
    const typed = Object.entries(task).map(([name, value]) => [name, [value].flat().join(", ")]);
    const told = { workspace, type: "TASK", check: "true", parent: of.key, ...then };
    go(href(["new"], { ...told, ...Object.fromEntries(typed) }));
    return null;
  }
}
