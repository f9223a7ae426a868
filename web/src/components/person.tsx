// A person by name; the address is on hover. Who is not known by name is shown by the address.
import type { JSX } from "preact";
import { nameOf, peopleKnown, personOf } from "../people";
import { useStore } from "../store";
import { s } from "../strings/shared";

/** Two letters on a colour that is the same for the same person everywhere. */
export function Avatar({ email }: { email: string }): JSX.Element {
  useStore(peopleKnown);
  const words = nameOf(email)
    .replace(/@.*/, "")
    .split(/[\s._-]+/)
    .filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => word?.[0] ?? "").join("");
  const colour = [...email].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 6, 0);
  return (
    <span class={`avatar avatar-${colour}`} aria-hidden="true">
      {letters.toUpperCase()}
    </span>
  );
}

export function Person({ email, avatar = false }: { email: string; avatar?: boolean }): JSX.Element {
  useStore(peopleKnown);
  const inactive = personOf(email)?.active === false;
  return (
    <span class={inactive ? "person inactive" : "person"} title={email}>
      {avatar && <Avatar email={email} />}
      <bdi>{nameOf(email)}</bdi>
      {inactive && ` (${s.left})`}
    </span>
  );
}
