// A switch or a choice that could not be changed.
import { Problem } from "../../api";
import { failureWords } from "../../components/failure";
import { s } from "../../strings/workshop";
import { toast } from "../../toast";

/** Says why. */
export function sayRefused(error: unknown): void {
  const stale = error instanceof Problem && error.status === 412;
  toast(stale ? s.changedMeanwhile : failureWords(error)[1]);
}
