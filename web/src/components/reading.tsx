// What is seen until something has been read: that it is on its way, or why it did not come.
import type { JSX } from "preact";
import type { Resource } from "../resource";
import { Failure } from "./failure";
import { Skeleton } from "./skeleton";

interface ReadingProps {
  of: Resource<unknown>;
  again: () => void;
  /** What was read before is still shown. */
  kept?: boolean;
  rows?: number;
}

export function Reading({ of, again, kept = false, ...rows }: ReadingProps): JSX.Element | null {
  if (of.state === "failed") return <Failure error={of.error} retry={again} />;
  return of.state === "loading" && !kept ? <Skeleton {...rows} /> : null;
}
