// Why a change went back, in the server's words.
import { Problem } from "../../api";
import { faultWords, wordsOf } from "../../components/failure";
import { s } from "../../strings/records";

export function refusal(key: string, error: unknown): string {
  if (!(error instanceof Problem)) return wordsOf(error);
  if (error.code === "needs_second_person") return s.needsSecond(key);
  if (error.status !== 422) return error.detail || error.title;
  return `${s.needsMore(key)} ${faultWords(error.faults)}`;
}
