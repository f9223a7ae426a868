// Says to a screen reader what happened, politely.
import { createStore } from "./store";

export const announcement = createStore("");

let odd = false;

export function announce(text: string): void {
  // The same words twice are still news: a trailing no-break space makes them differ.
  odd = !odd;
  announcement.set(odd ? text : `${text}\u00a0`);
}
