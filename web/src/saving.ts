// Sending what was filled in: busy meanwhile, and what the server says about each member if it refuses.
import { useRef, useState } from "preact/hooks";
import { Problem } from "./api";
import { failureWords, faultWords } from "./components/failure";

export interface Saving {
  busy: boolean;
  /** Sends it; true when that worked. A second call while the first is on its way does nothing. */
  save: (send: () => Promise<void>) => Promise<boolean>;
  /** What is wrong with the member that this JSON pointer names, or with a part of it. */
  faultOf: (pointer: string) => string | undefined;
  /** What is wrong, but for what fields say themselves. */
  faultBeside: (pointers: readonly string[]) => string | undefined;
  clear: () => void;
}

const within = (pointer: string, of: string): boolean => pointer === of || pointer.startsWith(`${of}/`);

export function useSaving(): Saving {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const sending = useRef(false);
  const faults = error instanceof Problem ? error.faults : [];
  return {
    busy,
    save: async (send) => {
      if (sending.current) return false;
      sending.current = true;
      setBusy(true);
      setError(null);
      try {
        await send();
        return true;
      } catch (thrown) {
        setError(thrown);
        return false;
      } finally {
        sending.current = false;
        setBusy(false);
      }
    },
    faultOf: (pointer) => faultWords(faults.filter((fault) => within(fault.pointer, pointer)).slice(0, 1)) || undefined,
    faultBeside: (pointers) => {
      if (error === null) return undefined;
      if (faults.length === 0) return failureWords(error)[1];
      const rest = faults.filter((fault) => !pointers.some((pointer) => within(fault.pointer, pointer)));
      return faultWords(rest) || undefined;
    },
    clear: () => setError(null),
  };
}

type Typed<T> = [now: T, type: (to: Partial<T>) => void, forget: (sent: T) => void];

/**
 * What is stored with what is typed over it; the rest is as it is stored, also when that is read again. Once it is
 * sent, `forget` leaves what was typed since.
 */
export function useTyped<T extends object>(stored: T): Typed<T> {
  const [typed, setTyped] = useState<Partial<T>>({});
  const forget = (sent: T): void =>
    setTyped((now) => {
      const since = Object.entries(now).filter(([name, value]) => value !== sent[name as keyof T]);
      return Object.fromEntries(since) as Partial<T>;
    });
  return [{ ...stored, ...typed }, (to) => setTyped((before) => ({ ...before, ...to })), forget];
}
