// Something of the server that is asked again when there is news, while the last answer stays in sight.
import { useRef } from "preact/hooks";
import { useResource } from "../../resource";

/** `news` asks again for the same; another `name` is for something else. */
export function useLatest<T>(
  name: string,
  news: number,
  ask: () => Promise<T>,
): [value: T | null, error: unknown, retry: () => void] {
  const [read, retry] = useResource(`${name}\n${news}`, async () => ({ name, value: await ask() }));
  const kept = useRef<{ name: string; value: T } | null>(null);
  if (read.state === "ready") kept.current = read.value;
  const failed = read.state === "failed";
  // What was answered before stays, but not in the place of something else.
  if (failed && kept.current?.name !== name) kept.current = null;
  return [kept.current?.value ?? null, failed ? read.error : null, retry];
}
