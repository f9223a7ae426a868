// Something of the server that is asked again when there is news, while the last answer stays in sight.
import { useEffect, useRef, useState } from "preact/hooks";
import { tryLater } from "../../resource";

/** `news` asks again for the same; another `name` is for something else. */
export function useLatest<T>(
  name: string,
  news: number,
  ask: () => Promise<T>,
): [value: T | null, error: unknown, retry: () => void] {
  const [answer, setAnswer] = useState<{ name: string; value: T | null; error: unknown }>({
    name,
    value: null,
    error: null,
  });
  const [tries, setTries] = useState(0);
  const turn = useRef(0);
  const retry = (): void => setTries((n) => n + 1);
  useEffect(() => {
    const mine = (turn.current += 1);
    ask().then(
      (value) => {
        if (mine === turn.current) setAnswer({ name, value, error: null });
      },
      (error: unknown) => {
        if (mine !== turn.current) return;
        if (!tryLater(error, () => mine === turn.current && retry()))
          setAnswer((last) => ({ name, value: last.name === name ? last.value : null, error }));
      },
    );
    return () => {
      turn.current += 1;
    };
  }, [name, news, tries]);
  return [answer.value, answer.error, retry];
}
